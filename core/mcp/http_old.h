/* http_old.h - the transport of 2024-11-05: a GET opens the stream on which every answer comes, and
 * messages are POSTed to the address that its first event names (requirements.md b.2). Behind it
 * is an ordinary pipe. The stream belongs to the principal that opened it; each POST brings its own
 * credential. */
#ifndef TH_MCP_HTTP_OLD_H
#define TH_MCP_HTTP_OLD_H

#include "mcp/http_entry.h"

/* On its own path, or (the rule of b.2) a bare GET of the endpoint: an event stream is accepted,
 * and nothing of the later revisions is there. */
bool th_http_old_is_meant(const th_http_entry_t *entry);
/* Both answer or take over the entry. */
void th_http_old_open(th_http_entry_t *entry);
void th_http_old_post(th_http_entry_t *entry);
/* The stream's client left. */
void th_http_old_gone(th_old_stream_t *stream);
/* The host stops: ends all of them. */
void th_http_old_finish(th_mcp_t *mcp);

#define TH_HTTP_OLD_STREAM "/sse"
#define TH_HTTP_OLD_MESSAGES "/messages"

#endif
