/* http_entry.h - one HTTP exchange inside this folder: from the handler's call to its last byte.
 * It is the channel of at most one request. Freed when the answer is complete or the client is
 * gone. Rooms: http.c (life, authentication), http_post.c, http_session.c (GET, DELETE, sessions),
 * http_channel.c (answers and streams). */
#ifndef TH_MCP_HTTP_ENTRY_H
#define TH_MCP_HTTP_ENTRY_H

#include <stdbool.h>

#include "base/http_message.h"
#include "mcp/channel.h"
#include "mcp/http_headers.h"
#include "mcp/mcp_state.h"
#include "mcp/request.h"

typedef struct th_http_session th_http_session_t;

typedef struct th_http_entry {
    th_channel_t channel; /* first: operations get a th_channel_t */
    th_mcp_t *mcp;
    th_http_exchange_t *exchange;
    const th_http_request_t *request; /* the caller's, or <kept>; NULL once the request runs */
    th_http_request_t *kept;          /* owned copy while the credential is being verified */
    size_t kept_size;
    th_verification_t *verification;
    th_grant_t *grant;     /* owned */
    th_session_t *session; /* legacy: the one named; valid while the request is started */
    th_accepted_t accepted;
    th_request_t *waiting;        /* whose answer goes here */
    th_http_session_t *listening; /* this is the standing GET stream of that session; or NULL */
    bool modern;                  /* going away cancels */
    bool streaming;               /* the head of an event stream is out */
    bool busy;                    /* inside operations of the exchange: do not free */
    bool gone;                    /* the client left while busy */
} th_http_entry_t;

/* http.c */
void th_http_entry_free(th_http_entry_t *entry);
/* Wipes and frees the kept copy: nothing of the HTTP request is needed any more. */
void th_http_entry_forget_request(th_http_entry_t *entry);

/* Parts it from its request and its session: whatever happens to the exchange, they do not care. */
void th_http_entry_detach(th_http_entry_t *entry);

/* http_channel.c: each answers and frees the entry, unless it says otherwise. */
extern const th_channel_operations_t th_http_channel_operations;
void th_http_entry_fault(th_http_entry_t *entry, th_json_value_t id, bool null_id,
                         const th_rpc_fault_t *fault);
/* A JSON-RPC error without an id. */
void th_http_entry_refuse(th_http_entry_t *entry, int status, const char *sentence);
void th_http_entry_status(th_http_entry_t *entry, int status); /* no body: 202, 204 */
/* Starts the event stream; the entry stays. False: the client left and the entry is freed. */
bool th_http_entry_begin_stream(th_http_entry_t *entry);
/* One event; begins the stream if need be; the entry stays. False when nothing could be sent: then
 * the entry is freed, or will be when the exchange says that the client is gone. */
bool th_http_entry_send_event(th_http_entry_t *entry, th_slice_t message);
void th_http_entry_end_stream(th_http_entry_t *entry);

/* http_post.c, http_session.c: the three methods, after authentication. */
void th_http_post(th_http_entry_t *entry);
void th_http_get(th_http_entry_t *entry);
void th_http_delete(th_http_entry_t *entry);

/* http_session.c */
/* The session the Mcp-Session-Id header names, if it is this principal's. False: answered (400,
 * 404). */
bool th_http_session_find(th_http_entry_t *entry, th_http_session_t **session);
bool th_http_session_open(th_http_entry_t *entry, const th_revision_t *revision,
                          const char **session_id, th_error_t *error);
th_peer_t *th_http_session_peer(th_http_session_t *session);
/* The entry that was its standing stream is going away. */
void th_http_session_stream_gone(th_http_session_t *session);
th_slice_t th_http_session_header(const th_http_request_t *request);

#endif
