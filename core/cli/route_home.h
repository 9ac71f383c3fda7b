/* route_home.h - takes each request to the worker where its credential lives.
 * One router per worker. A request that is at home goes straight to the handler. For any other, the
 * request is copied into one block (wiped after use: it holds a credential) and posted to the home
 * worker, where a proxy exchange stands for the client; its answer, and the news that the client
 * went away, travel as messages too. No lock is held and nothing is shared but a reference-counted
 * relay whose two halves belong to one thread each. Knows neither MCP nor sockets. */
#ifndef TH_CLI_ROUTE_HOME_H
#define TH_CLI_ROUTE_HOME_H

#include "base/http_message.h"
#include "loop/worker.h"

typedef struct th_router th_router_t;

/* Which worker serves this request: the same answer on every worker. */
typedef unsigned (*th_router_home_t)(void *arg, const th_http_request_t *request);

/* <handler> answers what is at home on <worker>; it and <home> get <arg>. Registers itself as a
 * worker part. NULL with <error>. */
th_router_t *th_router_open(th_worker_t *worker, th_http_handler_t handler, th_router_home_t home,
                            void *arg, th_error_t *error);
/* All routers by worker number, this one included; borrowed. Before any worker runs. */
void th_router_connect(th_router_t *router, th_router_t *const *peers);
/* th_http_handler_t; <arg> is the th_router_t. */
void th_router_http(th_http_exchange_t *exchange, const th_http_request_t *request, void *arg);
/* After every worker's loop ran dry: frees what was never finished. NULL is fine. */
void th_router_close(th_router_t *router);

#endif
