/* server.h - what one worker serves: sessions, the protocol, the router and the HTTP front, in one
 * piece. Opened and closed on the main thread; in between everything happens on the worker's own.
 */
#ifndef TH_CLI_SERVER_H
#define TH_CLI_SERVER_H

#include <stdatomic.h>

#include "auth/auth.h"
#include "cli/chat_socket.h"
#include "cli/chat_webhook.h"
#include "cli/mcp_socket.h"
#include "cli/outbox.h"
#include "cli/route_home.h"
#include "mcp/mcp.h"
#include "net/http.h"
#include "session/session.h"

typedef struct th_host th_host_t;

#define TH_PENDING_UNKNOWN SIZE_MAX

typedef struct th_server {
    th_worker_t worker;
    th_host_t *host; /* borrowed */
    th_auth_t *auth;
    th_sessions_t *sessions;
    th_mcp_t *mcp;
    th_router_t *router;
    th_http_server_t *http;
    th_http_server_t *web; /* the WebSocket port; NULL when it is off */
    th_mcp_sockets_t sockets;
    th_chat_t *chat; /* NULL where there is no WebSocket port */
    th_chat_sockets_t chat_sockets;
    th_webhooks_t *webhooks;
    uv_thread_t thread;
    bool has_thread;
    /* the drain: */
    th_letter_t drain_letter; /* in here, so that telling it cannot fail; sent at most once */
    th_worker_part_t part;
    uv_timer_t drain_timer;
    uint64_t drain_until; /* monotonic ms; 0 = not draining */
    /* Unanswered requests as last counted while draining, for every server to read; unknown before.
     */
    atomic_size_t pending;
} th_server_t;

/* Opens worker <number> of the host and its parts, listening on <listen>, and for WebSockets on
 * <web> ("off" = not). False with <error>: what was opened is left for th_server_close(). */
bool th_server_open(th_server_t *server, th_host_t *host, unsigned number, const char *listen,
                    const char *web, th_error_t *error);
/* On the worker's own thread: accept nothing more, stop when no server of the host has anything
 * pending or when time is up. Idempotent. */
void th_server_drain(th_server_t *server);
/* In two steps, each for all servers before the next: parts may still speak to the routers of
 * others. */
void th_server_close_parts(th_server_t *server);
void th_server_close(th_server_t *server);

#endif
