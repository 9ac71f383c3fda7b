/* note.h - notifications/message: what a call says while it runs, for clients that want it. */
#ifndef TH_MCP_NOTE_H
#define TH_MCP_NOTE_H

#include "mcp/request.h"

/* Modern: only when this request asked, at or above its level. Legacy: at or above the session's
 * level. On the request's own stream, before its answer. */
void th_note_send(th_request_t *request, const th_note_t *note);

#endif
