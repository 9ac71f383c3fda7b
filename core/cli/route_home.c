/* route_home.c - finds a request's home and hands it over; the two halves of a relay end here. */
#include "cli/route_home.h"

#include <stdlib.h>
#include <string.h>

#include "cli/route_relay.h"

/* --- the origin's half ----------------------------------------------------------------------- */

void th_relay_close_origin(th_relay_t *relay) {
    relay->origin->on_gone = NULL;
    relay->origin = NULL;
    th_list_remove(&relay->origin_link);
    th_relay_unref(relay);
}

static void deliver_gone(th_relay_message_t *message) {
    th_relay_t *relay = message->relay;
    if (!relay->home_open) return;
    if (!relay->proxy.on_gone) {
        relay->deaf = true;
        return;
    }
    void (*on_gone)(th_http_exchange_t *, void *) = relay->proxy.on_gone;
    th_relay_close_home(relay); /* the message keeps the relay */
    on_gone(&relay->proxy, relay->proxy.user);
}

void th_relay_tell_gone(th_relay_t *relay) {
    th_router_send(relay->origin_router, th_relay_message_take(relay, &relay->spare_gone,
                                                               relay->home_router, deliver_gone));
}

static void on_origin_gone(th_http_exchange_t *exchange, void *user) {
    (void)exchange;
    th_relay_t *relay = user;
    th_relay_tell_gone(relay);
    th_relay_close_origin(relay);
}

/* --- the home's half ------------------------------------------------------------------------- */

void th_relay_close_home(th_relay_t *relay) {
    relay->home_open = false;
    th_list_remove(&relay->home_link);
    th_relay_unref(relay);
}

static void deliver_request(th_relay_message_t *message) {
    th_relay_t *relay = message->relay;
    th_router_t *router = relay->home_router;
    th_relay_ref(relay); /* the home's */
    relay->home_open = true;
    th_list_add_tail(&router->homes, &relay->home_link);
    router->handler(&relay->proxy, &relay->request, router->arg);
    th_relay_forget_request(relay);
}

/* --- the way in ------------------------------------------------------------------------------ */

static void hand_over(th_router_t *router, th_router_t *home, th_http_exchange_t *exchange,
                      const th_http_request_t *request) {
    th_relay_t *relay = th_relay_new(router, home, exchange, request);
    th_relay_message_t *message = relay ? th_relay_message_new(relay, home, deliver_request) : NULL;
    if (!message) {
        if (relay) th_relay_unref(relay);
        th_http_respond_json(exchange, 503, TH_SLICE("{\"error\":\"no_memory\"}"));
        return;
    }
    exchange->on_gone = on_origin_gone;
    exchange->user = relay;
    th_list_add_tail(&router->origins, &relay->origin_link);
    th_router_send(router, message);
}

void th_router_http(th_http_exchange_t *exchange, const th_http_request_t *request, void *arg) {
    th_router_t *router = arg;
    if (router->worker->count > 1) {
        unsigned home = router->home(router->arg, request);
        if (home != router->worker->number && home < router->worker->count) {
            hand_over(router, router->peers[home], exchange, request);
            return;
        }
    }
    router->handler(exchange, request, router->arg);
}

/* --- lifetime -------------------------------------------------------------------------------- */

th_router_t *th_router_open(th_worker_t *worker, th_http_handler_t handler, th_router_home_t home,
                            void *arg, th_error_t *error) {
    th_router_t *router = calloc(1, sizeof(*router));
    if (!router) {
        th_error_set(error, "no_memory", "no memory for the router");
        return NULL;
    }
    router->worker = worker;
    router->handler = handler;
    router->home = home;
    router->arg = arg;
    th_list_init(&router->origins);
    th_list_init(&router->homes);
    th_outbox_open(&router->outbox, worker);
    return router;
}

void th_router_connect(th_router_t *router, th_router_t *const *peers) {
    router->peers = peers;
}

void th_router_close(th_router_t *router) {
    if (!router) return;
    while (!th_list_is_empty(&router->homes))
        th_relay_close_home(TH_CONTAINER(router->homes.next, th_relay_t, home_link));
    while (!th_list_is_empty(&router->origins)) {
        /* The front said goodbye to its exchanges before; nothing of theirs may be touched. */
        th_relay_t *relay = TH_CONTAINER(router->origins.next, th_relay_t, origin_link);
        relay->origin = NULL;
        th_list_remove(&relay->origin_link);
        th_relay_unref(relay);
    }
    free(router);
}
