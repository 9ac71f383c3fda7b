/* http_session.h - a legacy session over HTTP: hangs on the session layer's session and goes with
 * it. */
#ifndef TH_MCP_HTTP_SESSION_H
#define TH_MCP_HTTP_SESSION_H

#include "mcp/event_log.h"
#include "mcp/http_entry.h"

struct th_http_session {
    th_peer_t peer;
    th_mcp_t *mcp;
    th_session_t *session; /* the session layer's, which owns this */
    th_list_t replies;     /* th_http_reply_t.link: POSTs whose answer is due */
    th_event_log_t log;
    th_event_stream_t *standing; /* what the GET stream carries; NULL before there was one */
    th_http_entry_t *stream;     /* the GET that is connected to it, or NULL */
};

/* The session the Mcp-Session-Id header names, if it is this principal's. False: answered (400,
 * 404). */
bool th_http_session_find(th_http_entry_t *entry, th_http_session_t **session);
bool th_http_session_open(th_http_entry_t *entry, const th_revision_t *revision,
                          const th_client_t *client, const char **session_id, th_error_t *error);
/* The entry that was its standing stream is going away. */
void th_http_session_stream_gone(th_http_session_t *session);
th_slice_t th_http_session_header(const th_http_request_t *request);

#endif
