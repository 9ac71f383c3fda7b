/* route_answer.c - a proxy exchange: what its handler does on the home worker is done again, in the
 * same order, to the client's exchange on the worker where the request came in. */
#include <stdlib.h>
#include <string.h>

#include "cli/route_relay.h"

static th_relay_t *relay_of(th_http_exchange_t *proxy) {
    return TH_CONTAINER(proxy, th_relay_t, proxy);
}

/* --- on the origin's thread ------------------------------------------------------------------ */

static void deliver_respond(th_relay_message_t *message) {
    th_relay_t *relay = message->relay;
    th_http_exchange_t *origin = relay->origin;
    if (!origin) return;
    th_relay_close_origin(relay); /* the message keeps the relay */
    th_http_response_t response = message->response;
    message->response.body_owned = NULL; /* net frees it */
    origin->operations->respond(origin, &response);
}

static void deliver_begin(th_relay_message_t *message) {
    th_http_exchange_t *origin = message->relay->origin;
    if (origin) origin->operations->begin_stream(origin, &message->response);
}

static void deliver_piece(th_relay_message_t *message) {
    th_http_exchange_t *origin = message->relay->origin;
    atomic_fetch_sub_explicit(&message->relay->in_transit, message->length, memory_order_relaxed);
    /* False: the client is too slow, and its on_gone tells the home. */
    if (origin) origin->operations->send(origin, th_slice(message->block, message->length));
}

static void deliver_end(th_relay_message_t *message) {
    th_http_exchange_t *origin = message->relay->origin;
    if (!origin) return;
    th_relay_close_origin(message->relay);
    origin->operations->end_stream(origin);
}

static void deliver_abort(th_relay_message_t *message) {
    th_http_exchange_t *origin = message->relay->origin;
    if (!origin) return;
    th_relay_close_origin(message->relay);
    origin->operations->abort(origin);
}

/* The home could not keep up with a slow client: the stream ends here, and the home hears it as it
 * would hear of any client that went. */
static void deliver_cut(th_relay_message_t *message) {
    th_http_exchange_t *origin = message->relay->origin;
    if (!origin) return;
    th_relay_tell_gone(message->relay);
    th_relay_close_origin(message->relay);
    origin->operations->abort(origin);
}

/* --- on the home's thread -------------------------------------------------------------------- */

static size_t length_of_head(const th_http_response_t *response) {
    size_t length = response->header_count * sizeof(th_http_header_t);
    for (size_t i = 0; i < response->header_count; i++)
        length += response->headers[i].name.length + response->headers[i].value.length;
    if (response->content_type) length += strlen(response->content_type) + 1;
    return length + (response->body_owned ? 0 : response->body.length) + 1;
}

static th_slice_t copy_bytes(char **at, th_slice_t slice) {
    char *to = *at;
    if (slice.length) memcpy(to, slice.data, slice.length);
    *at += slice.length;
    return th_slice(to, slice.length);
}

/* Copies everything borrowed into one block; an owned body changes hands. */
static bool copy_response(th_relay_message_t *message, const th_http_response_t *response) {
    message->block = malloc(length_of_head(response));
    if (!message->block) return false;
    th_http_header_t *headers = (th_http_header_t *)(void *)message->block;
    char *at = message->block + response->header_count * sizeof(th_http_header_t);
    for (size_t i = 0; i < response->header_count; i++) {
        headers[i].name = copy_bytes(&at, response->headers[i].name);
        headers[i].value = copy_bytes(&at, response->headers[i].value);
    }
    message->response = *response;
    message->response.headers = headers;
    if (response->content_type) {
        const char *type = response->content_type;
        message->response.content_type = copy_bytes(&at, th_slice(type, strlen(type) + 1)).data;
    }
    if (!response->body_owned) message->response.body = copy_bytes(&at, response->body);
    return true;
}

/* NULL when nobody waits for it any more, or without memory: then the client is cut off. */
static th_relay_message_t *new_answer(th_relay_t *relay, void (*deliver)(th_relay_message_t *)) {
    return relay->deaf || relay->cut ? NULL
                                     : th_relay_message_new(relay, relay->origin_router, deliver);
}

static void cut(th_relay_t *relay) {
    if (relay->cut || relay->deaf) return;
    relay->cut = true;
    th_router_send(relay->home_router, th_relay_message_take(relay, &relay->spare_cut,
                                                             relay->origin_router, deliver_cut));
}

/* Sends the answer's last message, or cuts the client off when there is none, and ends the home's
 * half. */
static void finish(th_relay_t *relay, th_relay_message_t *message) {
    if (message)
        th_router_send(relay->home_router, message);
    else
        cut(relay);
    th_relay_close_home(relay);
}

static void on_respond(th_http_exchange_t *proxy, const th_http_response_t *response) {
    th_relay_t *relay = relay_of(proxy);
    th_relay_message_t *message = new_answer(relay, deliver_respond);
    if (message && !copy_response(message, response)) {
        th_relay_message_free(message);
        message = NULL;
    }
    if (!message) free(response->body_owned);
    finish(relay, message);
}

static void on_begin_stream(th_http_exchange_t *proxy, const th_http_response_t *head) {
    th_relay_t *relay = relay_of(proxy);
    th_relay_message_t *message = new_answer(relay, deliver_begin);
    if (message && copy_response(message, head)) {
        th_router_send(relay->home_router, message);
        return;
    }
    if (message) th_relay_message_free(message);
    free(head->body_owned);
    cut(relay);
}

static bool on_send(th_http_exchange_t *proxy, th_slice_t piece) {
    th_relay_t *relay = relay_of(proxy);
    size_t limit = (size_t)relay->home_router->worker->settings->http_unsent_bytes;
    if (relay->deaf) return true; /* into the void, as the exchange promises */
    if (relay->cut) return false;
    size_t waiting =
        atomic_fetch_add_explicit(&relay->in_transit, piece.length, memory_order_relaxed);
    th_relay_message_t *message =
        waiting + piece.length <= limit ? new_answer(relay, deliver_piece) : NULL;
    if (message) message->block = malloc(piece.length + 1);
    if (!message || !message->block) {
        if (message) th_relay_message_free(message);
        atomic_fetch_sub_explicit(&relay->in_transit, piece.length, memory_order_relaxed);
        cut(relay);
        return false;
    }
    if (piece.length) memcpy(message->block, piece.data, piece.length);
    message->length = piece.length;
    th_router_send(relay->home_router, message);
    return true;
}

static void on_end_stream(th_http_exchange_t *proxy) {
    th_relay_t *relay = relay_of(proxy);
    finish(relay, new_answer(relay, deliver_end));
}

static void on_abort(th_http_exchange_t *proxy) {
    th_relay_t *relay = relay_of(proxy);
    finish(relay, new_answer(relay, deliver_abort));
}

const th_http_exchange_operations_t th_relay_operations = {
    .respond = on_respond,
    .begin_stream = on_begin_stream,
    .send = on_send,
    .end_stream = on_end_stream,
    .abort = on_abort,
};
