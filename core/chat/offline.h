/* offline.h - the built-in assistant: plain commands become tool calls, results become Markdown.
 * It is a provider like any other (provider.h): it reads the history, and emits text and tool_use;
 * it never does anything itself. It keeps nothing between requests: the person's last sentence and
 * the results behind it tell which step comes next, and numbers refer to the last list in the
 * history. It speaks no wire and needs no key. */
#ifndef TH_CHAT_OFFLINE_H
#define TH_CHAT_OFFLINE_H

#include "chat/provider.h"

th_provider_t *th_offline_open(th_worker_t *worker, th_error_t *error);

#endif
