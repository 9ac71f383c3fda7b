/* http_internal.h - the structures that the files of the HTTP front share; nobody else includes it.
 * Ownership: a server owns its connections, a connection owns the exchanges in its queue. The
 * oldest exchange is the one whose answer goes out; all others wait, so answers leave in request
 * order. Invariants: a handler is never called from inside respond/send/end_stream/abort (work that
 * this frees goes through server->resume); on_gone is only called from a connection's close
 * callback; any function that writes may close, so `closing` is looked at after each. */
#ifndef TH_NET_HTTP_INTERNAL_H
#define TH_NET_HTTP_INTERNAL_H

#include <uv.h>

#include "base/buffer.h"
#include "base/list.h"
#include "net/http.h"
#include "net/http_body.h"
#include "net/http_head.h"
#include "net/listener.h"
#include "net/peers.h"

#define TH_HTTP_READ_BYTES 65536
#define TH_HTTP_BATCH 32 /* answers in one writev at most */

typedef struct th_http_connection th_http_connection_t;
typedef struct th_http_answer th_http_answer_t;
struct th_websocket_host;

/* What a connection is waiting for; each kind has one limit, so its list is ordered by entry. */
typedef enum th_http_timer {
    TH_HTTP_TIMER_NONE, /* a handler has it: the call's own limit counts */
    TH_HTTP_TIMER_HEAD,
    TH_HTTP_TIMER_BODY,
    TH_HTTP_TIMER_IDLE,
    TH_HTTP_TIMER_WRITE,
    TH_HTTP_TIMER_LINGER,
    TH_HTTP_TIMER_COUNT,
} th_http_timer_t;

struct th_http_server {
    th_worker_part_t part;
    th_worker_t *worker;
    th_listener_t listeners[TH_LISTENERS_MAX];
    unsigned listener_count;
    unsigned handles; /* libuv handles not yet closed, connections included */
    bool draining, stopped, abandoned;
    bool local_only_hosts;

    th_http_route_t *routes; /* owned, paths too */
    size_t route_count;
    struct th_websocket_host *websockets; /* owned; NULL without endpoints */

    th_http_limits_t limits;
    char *read_buffer;        /* TH_HTTP_READ_BYTES, shared: libuv delivers what it read at once */
    th_http_header_t *fields; /* limits.head_fields: of the head in work */
    th_buffer_t head_out;     /* the answer head in work */
    char date[64];            /* "Date: ...\r\n" of second date_of */
    int64_t date_of;

    th_list_t connections;
    size_t connection_count; /* WebSockets that began here included */
    size_t exchange_count; /* answers not yet complete or not yet given to the kernel or a write */
    size_t write_count;    /* writes the kernel did not take at once */
    th_peers_t *peers;
    uint64_t refusal_logged; /* ms; so that a flood does not fill the log */

    uv_timer_t tick; /* runs while there are connections */
    uint64_t tick_ms;
    uint64_t timer_limits[TH_HTTP_TIMER_COUNT];
    th_list_t timers[TH_HTTP_TIMER_COUNT];
    th_list_t streams; /* event streams, least recently written first */
    th_list_t orphans; /* exchanges of gone clients whose users could not be told */

    uv_idle_t resumer; /* runs while <resume> is not empty */
    th_list_t resume;  /* connections with buffered input to go on with */
};

typedef enum th_http_phase {
    TH_HTTP_PHASE_HEAD, /* between requests, or inside a head */
    TH_HTTP_PHASE_BODY,
    TH_HTTP_PHASE_OVER, /* the last request was read: what follows is dropped */
} th_http_phase_t;

struct th_http_connection {
    uv_tcp_t tcp;
    th_http_server_t *server;
    th_list_t link;
    th_list_t timer_link;
    th_list_t resume_link;
    th_peer_t *peer;
    uint64_t timer_since; /* ms, loop time */
    uint64_t phase_since; /* first byte of this head, or end of this head for a body */
    size_t write_mark;    /* queue size when the write timer was last renewed */
    size_t discarded;
    th_http_timer_t timer;
    th_http_phase_t phase;
    bool loopback;         /* came in on a loopback listener */
    bool fresh;            /* no byte came yet */
    bool processing, hold; /* inside the input loop; more input follows: let answers gather */
    bool paused;           /* too much is unanswered or unsent: nothing is read or worked on */
    bool reading;          /* libuv delivers what comes */
    bool upgraded;         /* the socket went to libwebsockets, which releases the peer */
    bool last_sent;        /* the answer that ends the connection went out */
    bool aborted;          /* close as soon as what was sent is written */
    bool lingering, closing;

    th_http_scan_t scan;
    th_http_body_t decoder;
    char *head; /* owned copy while its body is arriving; wiped */
    size_t head_length;
    const th_http_route_t *route; /* of the request whose body is arriving */
    th_buffer_t input;            /* bytes not yet worked on; wiped */
    th_buffer_t body;             /* decoded bytes of the body in work; wiped */

    th_list_t queue; /* th_http_answer_t, oldest first */
    unsigned queued;
    size_t unsent; /* in libuv's write queue */
    size_t held;   /* in answers behind the oldest */
    uv_shutdown_t shutdown;
    char address[46];
};

/* Bytes to send. Borrowed memory is sent or copied before the call returns. */
typedef struct th_http_piece {
    uv_buf_t head, body, tail;
    char *block; /* owned memory of head and body; NULL = head, body and tail are borrowed */
    char *owned; /* owned memory of body alone */
} th_http_piece_t;

typedef enum th_http_cors {
    TH_HTTP_CORS_NONE,
    TH_HTTP_CORS_VARY,   /* the answer depends on Origin, but none came */
    TH_HTTP_CORS_ORIGIN, /* allowed: echoed */
    TH_HTTP_CORS_ANY,
} th_http_cors_t;

/* One request's answer: an exchange and what the front must know about it. */
struct th_http_answer {
    th_http_exchange_t exchange;
    th_http_server_t *server;
    th_http_connection_t *connection; /* NULL = the client is gone */
    th_list_t link;                   /* connection->queue or server->orphans */
    th_list_t stream_link;
    uint64_t stream_since;
    enum {
        TH_HTTP_ANSWER_WAITING,
        TH_HTTP_ANSWER_READY,     /* complete, in <stored> */
        TH_HTTP_ANSWER_STREAMING, /* head given out, pieces follow */
        TH_HTTP_ANSWER_GONE,      /* only while on_gone runs */
    } state;
    bool handed; /* a handler has it and must answer or be told */
    bool head_only, http10, keep_alive, chunked;
    bool expects_continue;
    bool over; /* a stream's last piece was given */
    th_http_cors_t cors;
    char *origin; /* owned; with TH_HTTP_CORS_ORIGIN */
    th_http_piece_t stored;
    th_buffer_t early; /* stream bytes given before this answer's turn */
};

/* http_connection.c */
void th_http_connection_accept(th_http_server_t *server, const th_listener_t *listener);
/* Marks and closes; memory goes in the close callback, which tells the users of open exchanges. */
void th_http_connection_close(th_http_connection_t *connection);
/* Sends what is ready, ends or resumes the connection, and sets its timer. */
void th_http_connection_settle(th_http_connection_t *connection);
void th_http_connection_expired(th_http_connection_t *connection, th_http_timer_t timer);
/* Goes on with buffered input; called from the loop only. */
void th_http_connection_resume(th_http_connection_t *connection);
bool th_http_connection_is_idle(const th_http_connection_t *connection);

/* http_request.c: from bytes to handlers */
/* Works through <data>; returns how many bytes were used up, the rest must be offered again. */
size_t th_http_request_feed(th_http_connection_t *connection, const char *data, size_t length);
/* The head or body did not come in time: 408. */
void th_http_request_timeout(th_http_connection_t *connection);
/* Wipes and frees what was kept of a request that is still arriving. */
void th_http_request_forget(th_http_connection_t *connection);
/* Appends to a buffer that may hold credentials: growing leaves no unwiped copy behind. */
bool th_http_keep_bytes(th_buffer_t *buffer, const char *data, size_t length);
/* Is so much unanswered or unsent that no further request may begin? Half of it is <resume>. */
bool th_http_request_is_busy(const th_http_connection_t *connection, bool resume);

/* http_exchange.c */
/* Adds an answer to the queue; NULL = out of memory. */
th_http_answer_t *th_http_answer_new(th_http_connection_t *connection);
void th_http_answer_free(th_http_answer_t *answer);
/* Answers with the built-in JSON error and nothing of the request echoed. */
void th_http_answer_refuse(th_http_answer_t *answer, const th_http_refusal_t *refusal,
                           const th_http_header_t *headers, size_t count);
void th_http_answer_respond(th_http_answer_t *answer, const th_http_response_t *response);
void th_http_exchange_flush(th_http_connection_t *connection);
/* The client is gone: tells the user of each open exchange, frees what is complete. */
void th_http_exchange_abandon(th_http_connection_t *connection);
void th_http_stream_comment(th_http_answer_t *answer);

/* http_serialise.c */
/* Writes status line and headers into server->head_out. <length> of the body, or SIZE_MAX for a
 * stream. False with a log line when the response is not valid. */
bool th_http_serialise(th_http_answer_t *answer, const th_http_response_t *response, size_t length);

/* http_output.c */
/* Sends the pieces in order, at once as far as the kernel takes them. Takes their memory over. */
void th_http_output_send(th_http_connection_t *connection, th_http_piece_t *pieces, unsigned count);

/* http_timeouts.c */
void th_http_timeouts_open(th_http_server_t *server);
void th_http_timeouts_enter(th_http_connection_t *connection, th_http_timer_t timer,
                            uint64_t since);
void th_http_timeouts_tick(uv_timer_t *tick);

/* http_server.c */
void th_http_server_resume_later(th_http_connection_t *connection);
/* A connection, or the WebSocket it became, ended. */
void th_http_server_release(th_http_server_t *server, th_peer_t *peer);
void th_http_server_handle_closed(th_http_server_t *server);

#endif
