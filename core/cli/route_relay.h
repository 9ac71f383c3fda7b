/* route_relay.h - inside the router: a relay, and the messages that carry it between two workers.
 */
#ifndef TH_CLI_ROUTE_RELAY_H
#define TH_CLI_ROUTE_RELAY_H

#include <stdatomic.h>

#include "cli/outbox.h"
#include "cli/route_home.h"

struct th_router {
    th_worker_t *worker; /* borrowed */
    th_http_handler_t handler;
    th_router_home_t home;
    void *arg;
    th_router_t *const *peers; /* borrowed; by worker number */
    th_list_t origins;         /* relays whose client is here */
    th_list_t homes;           /* relays whose handler is here */
    th_outbox_t outbox;
};

/* One handed-over request. Each half is touched by its own thread only; <references> counts the
 * halves that are open and the messages under way. */
typedef struct th_relay {
    atomic_uint references;
    th_router_t *origin_router, *home_router;
    atomic_size_t in_transit; /* bytes of stream pieces posted and not yet delivered */

    /* the origin's half */
    th_list_t origin_link;
    th_http_exchange_t *origin; /* NULL once answered or gone */

    /* the home's half */
    th_list_t home_link;
    th_http_exchange_t proxy; /* what the handler sees */
    bool home_open;           /* the handler may still use the proxy */
    bool deaf;                /* the client went, the handler did not want to know */
    bool cut;                 /* the client is too slow: nothing more is sent */

    /* Messages that must not fail for want of memory, one for each half; NULL once used. */
    struct th_relay_message *spare_gone, *spare_cut;

    /* the copy of the request; NULL after the handler saw it */
    char *block;
    size_t block_size;
    th_http_request_t request;
} th_relay_t;

/* A relay whose origin's half is open (one reference), the request copied. NULL: no memory. */
th_relay_t *th_relay_new(th_router_t *origin, th_router_t *home, th_http_exchange_t *exchange,
                         const th_http_request_t *request);
void th_relay_ref(th_relay_t *relay);
void th_relay_unref(th_relay_t *relay);
/* Overwrites and frees the copy of the request. */
void th_relay_forget_request(th_relay_t *relay);

typedef struct th_relay_message {
    th_letter_t letter; /* first: a message is found by its letter */
    th_relay_t *relay;  /* a reference */
    /* What to do on the receiver's thread. */
    void (*deliver)(struct th_relay_message *message);
    /* of answers: */
    th_http_response_t response; /* points into <block> and body_owned */
    char *block;
    size_t length; /* of a stream piece in <block> */
} th_relay_message_t;

/* Takes a reference on <relay>. NULL: no memory. */
th_relay_message_t *th_relay_message_new(th_relay_t *relay, th_router_t *to,
                                         void (*deliver)(th_relay_message_t *message));
/* The same from a message set aside at the relay's start. NULL when it was used already. */
th_relay_message_t *th_relay_message_take(th_relay_t *relay, th_relay_message_t **spare,
                                          th_router_t *to,
                                          void (*deliver)(th_relay_message_t *message));
void th_relay_message_free(th_relay_message_t *message);
static inline void th_router_send(th_router_t *router, th_relay_message_t *message) {
    th_outbox_send(&router->outbox, &message->letter);
}

/* The operations of a proxy exchange (route_answer.c). */
extern const th_http_exchange_operations_t th_relay_operations;
/* On the home's thread: the handler is done with the proxy. Gives up the home's reference. */
void th_relay_close_home(th_relay_t *relay);
/* On the origin's thread: the client is gone or answered. Gives up the origin's reference. */
void th_relay_close_origin(th_relay_t *relay);
/* On the origin's thread: tells the home that the client went away. */
void th_relay_tell_gone(th_relay_t *relay);

#endif
