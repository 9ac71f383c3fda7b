/* conversation.h - the bounds that conversation.c and the rooms of a turn share. */
#ifndef TH_CHAT_CONVERSATION_H
#define TH_CHAT_CONVERSATION_H

#include "chat/chat_internal.h"

/* All tools of one person as the model is told of them. */
#define TH_TOOLS_JSON_MAX ((size_t)16 * 1024 * 1024)

#endif
