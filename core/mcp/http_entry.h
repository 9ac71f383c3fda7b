/* http_entry.h - one HTTP exchange inside this folder: from the handler's call to its last byte.
 * It is the channel of a modern request or an `initialize`; other legacy requests go by
 * http_reply.c. Freed when the answer is complete or the client is gone. Rooms: http.c (life,
 * authentication), http_post.c, http_session.c (GET, DELETE, sessions), http_old.c (the oldest
 * transport), http_channel.c (answers and streams). */
#ifndef TH_MCP_HTTP_ENTRY_H
#define TH_MCP_HTTP_ENTRY_H

#include <stdbool.h>

#include "base/http_message.h"
#include "mcp/channel.h"
#include "mcp/http_headers.h"
#include "mcp/mcp_state.h"
#include "mcp/request.h"

typedef struct th_http_session th_http_session_t;
typedef struct th_http_reply th_http_reply_t;
typedef struct th_old_stream th_old_stream_t;

typedef struct th_http_entry {
    th_channel_t channel; /* first: operations get a th_channel_t */
    th_mcp_t *mcp;
    th_http_exchange_t *exchange;
    const th_http_request_t *request; /* the caller's, or <kept>; NULL once the request runs */
    th_http_request_t *kept;          /* owned copy while the credential is being verified */
    size_t kept_size;
    th_verification_t *verification;
    th_grant_t *grant; /* owned */
    th_accepted_t accepted;
    /* What it waits for, at most one of these: */
    th_request_t *waiting;        /* modern, or initialize: whose answer goes here */
    th_http_reply_t *reply;       /* legacy: what that session's POST is owed */
    th_http_session_t *listening; /* this is the standing GET stream of that session */
    th_old_stream_t *old;         /* this is a stream of the oldest transport */
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
/* One JSON body, taken over; <text> NULL = none. */
void th_http_entry_respond(th_http_entry_t *entry, int status, char *text, size_t length,
                           const char *session_id);
/* Starts the event stream; the entry stays. False: the client left and the entry is freed. */
bool th_http_entry_begin_stream(th_http_entry_t *entry);
/* One event; begins the stream if need be; the entry stays. False when nothing could be sent: then
 * the entry is freed, or will be when the exchange says that the client is gone. */
bool th_http_entry_send_event(th_http_entry_t *entry, th_slice_t message);
/* The same for text that is whole events already. */
bool th_http_entry_send_text(th_http_entry_t *entry, th_slice_t events);
void th_http_entry_end_stream(th_http_entry_t *entry);

/* http_scope.c: false when the grant's token lacks the scope that the message needs: 403 was
 * answered and the entry freed. To be asked before a request is made or a stream begun. */
bool th_http_scope_permits(th_http_entry_t *entry, const th_rpc_message_t *message);

/* http_post.c, http_session.c: the three methods, after authentication. */
void th_http_post(th_http_entry_t *entry);
void th_http_get(th_http_entry_t *entry);
void th_http_delete(th_http_entry_t *entry);

#endif
