/* route_relay.c - relays and their messages: memory and ownership. */
#include "cli/route_relay.h"

#include <stdlib.h>
#include <string.h>

static size_t length_of_copy(const th_http_request_t *request) {
    size_t length = request->header_count * sizeof(th_http_header_t);
    for (size_t i = 0; i < request->header_count; i++)
        length += request->headers[i].name.length + request->headers[i].value.length;
    return length + request->target.length + request->body.length +
           (request->peer ? strlen(request->peer) : 0) + 1;
}

/* Copies into the block at <*at> and moves it on. */
static th_slice_t copy_slice(char **at, th_slice_t slice) {
    char *to = *at;
    if (slice.length) memcpy(to, slice.data, slice.length);
    *at += slice.length;
    return th_slice(slice.data ? to : NULL, slice.length);
}

/* Path and query lie inside the target; a request made otherwise (a test's) gets them as they are
 * cut. */
static th_slice_t inside(th_slice_t copy, th_slice_t whole, th_slice_t part) {
    if (!part.data || part.data < whole.data || part.data > whole.data + whole.length)
        return th_slice(NULL, 0);
    return th_slice(copy.data + (part.data - whole.data), part.length);
}

static bool copy_request(th_relay_t *relay, const th_http_request_t *request) {
    relay->block_size = length_of_copy(request);
    relay->block = malloc(relay->block_size);
    if (!relay->block) return false;
    th_http_header_t *headers = (th_http_header_t *)(void *)relay->block;
    char *at = relay->block + request->header_count * sizeof(th_http_header_t);
    for (size_t i = 0; i < request->header_count; i++) {
        headers[i].name = copy_slice(&at, request->headers[i].name);
        headers[i].value = copy_slice(&at, request->headers[i].value);
    }
    th_slice_t target = copy_slice(&at, request->target);
    th_slice_t body = copy_slice(&at, request->body);
    th_slice_t peer = copy_slice(&at, th_slice_of(request->peer ? request->peer : ""));
    *at = '\0';
    relay->request = (th_http_request_t){
        .method = request->method,
        .target = target,
        .path = inside(target, request->target, request->path),
        .query = inside(target, request->target, request->query),
        .headers = headers,
        .header_count = request->header_count,
        .body = body,
        .peer = peer.data,
    };
    return true;
}

void th_relay_forget_request(th_relay_t *relay) {
    if (!relay->block) return;
    explicit_bzero(relay->block, relay->block_size);
    free(relay->block);
    relay->block = NULL;
}

static void free_relay(th_relay_t *relay) {
    th_relay_forget_request(relay);
    free(relay->spare_gone);
    free(relay->spare_cut);
    free(relay);
}

th_relay_t *th_relay_new(th_router_t *origin, th_router_t *home, th_http_exchange_t *exchange,
                         const th_http_request_t *request) {
    th_relay_t *relay = calloc(1, sizeof(*relay));
    if (!relay) return NULL;
    relay->spare_gone = calloc(1, sizeof(*relay->spare_gone));
    relay->spare_cut = calloc(1, sizeof(*relay->spare_cut));
    if (!relay->spare_gone || !relay->spare_cut || !copy_request(relay, request)) {
        free_relay(relay);
        return NULL;
    }
    atomic_init(&relay->references, 1);
    atomic_init(&relay->in_transit, 0);
    relay->origin_router = origin;
    relay->home_router = home;
    relay->origin = exchange;
    relay->proxy.operations = &th_relay_operations;
    th_list_init(&relay->origin_link);
    th_list_init(&relay->home_link);
    return relay;
}

void th_relay_ref(th_relay_t *relay) {
    atomic_fetch_add_explicit(&relay->references, 1, memory_order_relaxed);
}

void th_relay_unref(th_relay_t *relay) {
    /* Acquire and release: what either thread wrote is seen by the one that frees. */
    if (atomic_fetch_sub_explicit(&relay->references, 1, memory_order_acq_rel) > 1) return;
    free_relay(relay);
}

static void run_message(th_worker_t *worker, th_worker_message_t *base) {
    (void)worker;
    th_relay_message_t *message = TH_CONTAINER(base, th_relay_message_t, letter.base);
    message->deliver(message);
    th_relay_message_free(message);
}

static void drop_message(th_letter_t *letter) {
    th_relay_message_free(TH_CONTAINER(letter, th_relay_message_t, letter));
}

static th_relay_message_t *fill(th_relay_message_t *message, th_relay_t *relay, th_router_t *to,
                                void (*deliver)(th_relay_message_t *message)) {
    th_list_init(&message->letter.base.link);
    message->letter.base.run = run_message;
    message->letter.to = to->worker;
    message->letter.drop = drop_message;
    message->relay = relay;
    message->deliver = deliver;
    th_relay_ref(relay);
    return message;
}

th_relay_message_t *th_relay_message_new(th_relay_t *relay, th_router_t *to,
                                         void (*deliver)(th_relay_message_t *message)) {
    th_relay_message_t *message = calloc(1, sizeof(*message));
    return message ? fill(message, relay, to, deliver) : NULL;
}

th_relay_message_t *th_relay_message_take(th_relay_t *relay, th_relay_message_t **spare,
                                          th_router_t *to,
                                          void (*deliver)(th_relay_message_t *message)) {
    th_relay_message_t *message = *spare;
    *spare = NULL;
    return message ? fill(message, relay, to, deliver) : NULL;
}

void th_relay_message_free(th_relay_message_t *message) {
    free(message->response.body_owned);
    free(message->block);
    th_relay_unref(message->relay);
    free(message);
}
