/* http.h - the HTTP/1.1 front: listens, reads requests strictly, hands them on, sends answers in
 * order. See reference table in README.md here. Only complete, unambiguous requests reach a
 * handler. */
#ifndef TH_NET_HTTP_H
#define TH_NET_HTTP_H

#include "base/error.h"
#include "base/http_message.h"
#include "loop/worker.h"

typedef struct th_http_server th_http_server_t;

/* A route is an exact path. The methods it takes give 405 + Allow for the others; HEAD is answered
 * by the GET handler without its body. */
typedef struct th_http_route {
    const char *path; /* "/mcp"; a path ending in '*' matches any continuation */
    th_http_handler_t handler;
    void *arg;
    unsigned methods;  /* bits: 1u << TH_HTTP_GET ... */
    bool cross_origin; /* answer CORS preflights and add CORS headers for allowed origins */
    bool any_origin;   /* no Origin check (well-known documents) */
} th_http_route_t;

/* An upgrade to WebSocket offered on a path with a subprotocol: see websocket.h. */
struct th_websocket_endpoint;

typedef struct th_http_server_config {
    const char *listen;    /* "127.0.0.1:9000 [::1]:9000"; port 0 picks a free one */
    bool reuse_port;       /* SO_REUSEPORT: several workers on one port */
    bool local_only_hosts; /* check Host against loopback names and settings->http_allowed_hosts */
    const th_http_route_t *routes; /* copied */
    size_t route_count;
    const struct th_websocket_endpoint *websockets; /* copied; may be NULL */
    size_t websocket_count;
} th_http_server_config_t;

/* Registers itself as a worker part. NULL with <error> naming address and reason. */
th_http_server_t *th_http_server_open(th_worker_t *worker, const th_http_server_config_t *config,
                                      th_error_t *error);
/* The first bound address as "127.0.0.1:9000" or "[::1]:9000". */
const char *th_http_server_address(const th_http_server_t *server);
/* Stops accepting and closes idle connections; running exchanges go on (drain). */
void th_http_server_drain(th_http_server_t *server);
/* Exchanges without a complete answer. */
size_t th_http_server_pending(const th_http_server_t *server);
/* After the loop ran dry. */
void th_http_server_close(th_http_server_t *server);

#endif
