/* http_route.h - what becomes of a well-framed request: refused, answered here, handed on,
 * upgraded. Order: Host, path, Origin, upgrade, preflight, method. Decides only; http_request.c
 * acts. */
#ifndef TH_NET_HTTP_ROUTE_H
#define TH_NET_HTTP_ROUTE_H

#include "net/http_internal.h"
#include "net/websocket.h"

typedef struct th_http_decision {
    enum {
        TH_HTTP_DECIDED_REFUSE,
        TH_HTTP_DECIDED_HANDLE,
        TH_HTTP_DECIDED_OPTIONS, /* answered with 204, Allow and, for a preflight, CORS headers */
        TH_HTTP_DECIDED_UPGRADE,
    } kind;
    th_http_refusal_t refusal;
    const th_http_route_t *route;               /* NULL where no route is concerned */
    const th_websocket_endpoint_t *endpoint;    /* UPGRADE */
    const char *refusal_header, *refusal_value; /* 426: one header that the refusal must carry */
    unsigned allow;                             /* 405 and OPTIONS: method bits */
    bool preflight;
    th_http_cors_t cors;
} th_http_decision_t;

void th_http_route_decide(const th_http_connection_t *connection, const th_http_head_t *head,
                          th_http_decision_t *decision);
/* Only the CORS part, for a request refused before a route was sought: NONE unless its path has a
 * cross-origin route and its Origin is allowed. */
th_http_cors_t th_http_route_cors(const th_http_server_t *server, const th_http_head_t *head);
/* "GET, HEAD, POST, OPTIONS" for method bits; HEAD comes with GET, OPTIONS always. */
void th_http_route_methods(unsigned methods, th_buffer_t *out);

bool th_http_routes_copy(th_http_server_t *server, const th_http_route_t *routes, size_t count);
void th_http_routes_free(th_http_server_t *server);

#endif
