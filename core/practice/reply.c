/* reply.c - sends replies: whole and at once as a rule, and on request late, in drops, cut off,
 * without end or never. A delivery that cannot be finished at once is a small object with a timer.
 * Ownership: a delivery owns its reply; its exchange is the server's and is NULL once it is gone.
 * It is freed by its timer's close callback, and by nothing else. */
#include <stdlib.h>

#include "practice/practice_internal.h"

#define DRIP_PIECES 20
#define HUGE_PAUSE 1 /* ms */

typedef struct delivery {
    th_list_t link;
    th_http_exchange_t *exchange;
    th_practice_reply_t reply;
    uv_timer_t timer;
    size_t sent; /* bytes of the body */
} delivery_t;

static const th_slice_t huge_head = {"{\"data\":[\"", 10};
static const th_slice_t huge_tail = {"\"]}", 3};

void th_practice_reply_init(th_practice_reply_t *reply) {
    memset(reply, 0, sizeof *reply);
    th_buffer_init(&reply->body, TH_PRACTICE_BODY_BYTES);
}

void th_practice_reply_reset(th_practice_reply_t *reply) {
    th_buffer_reset(&reply->body);
    reply->header_count = 0;
}

/* The head of an answer; <headers> has room for all and must outlive the use of the result. */
static th_http_response_t head_of(const th_practice_reply_t *reply, th_http_header_t *headers) {
    for (size_t i = 0; i < reply->header_count; i++) {
        headers[i].name = th_slice_of(reply->headers[i].name);
        headers[i].value = th_slice_of(reply->headers[i].value);
    }
    return (th_http_response_t){
        .status = reply->status,
        .content_type = reply->content_type[0] ? reply->content_type : NULL,
        .headers = headers,
        .header_count = reply->header_count,
    };
}

/* Gives the body away to the server instead of copying it. */
static void respond(th_http_exchange_t *exchange, th_practice_reply_t *reply) {
    th_http_header_t headers[TH_PRACTICE_HEADERS];
    th_http_response_t response = head_of(reply, headers);
    size_t length = 0;
    if (reply->body.length > 0) {
        response.body_owned = th_buffer_take(&reply->body, &length);
        response.body = th_slice(response.body_owned, response.body_owned ? length : 0);
    }
    exchange->operations->respond(exchange, &response);
    th_practice_reply_reset(reply);
}

static void begin_stream(delivery_t *delivery) {
    th_http_header_t headers[TH_PRACTICE_HEADERS];
    th_http_response_t head = head_of(&delivery->reply, headers);
    delivery->exchange->operations->begin_stream(delivery->exchange, &head);
}

static bool send_piece(delivery_t *delivery, th_slice_t piece) {
    return delivery->exchange->operations->send(delivery->exchange, piece);
}

static void on_closed(uv_handle_t *handle) {
    delivery_t *delivery = handle->data;
    th_practice_reply_reset(&delivery->reply);
    free(delivery);
}

/* The exchange is gone, or about to be told so: what is left is the timer. */
static void finish(delivery_t *delivery) {
    delivery->exchange = NULL;
    th_list_remove(&delivery->link);
    uv_close((uv_handle_t *)&delivery->timer, on_closed);
}

static void on_gone(th_http_exchange_t *exchange, void *user) {
    (void)exchange;
    finish(user);
}

static void on_drip(uv_timer_t *timer) {
    delivery_t *delivery = timer->data;
    th_slice_t body = th_buffer_slice(&delivery->reply.body);
    size_t piece = body.length / DRIP_PIECES + 1;
    if (piece > body.length - delivery->sent) piece = body.length - delivery->sent;
    if (piece > 0 && !send_piece(delivery, th_slice(body.data + delivery->sent, piece))) {
        uv_timer_stop(timer); /* on_gone follows */
        return;
    }
    delivery->sent += piece;
    if (delivery->sent < body.length) return;
    delivery->exchange->operations->end_stream(delivery->exchange);
    finish(delivery);
}

/* The next 256 KB of a huge answer, whose middle is one long string. */
static bool send_filler(delivery_t *delivery) {
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ--";
    char piece[(sizeof letters - 1) * 256];
    for (size_t i = 0; i < sizeof piece; i += sizeof letters - 1)
        memcpy(piece + i, letters, sizeof letters - 1);
    for (int i = 0; i < 16 && delivery->sent < delivery->reply.bytes; i++) {
        size_t left = delivery->reply.bytes - delivery->sent;
        size_t length = left < sizeof piece ? left : sizeof piece;
        if (!send_piece(delivery, th_slice(piece, length))) return false;
        delivery->sent += length;
    }
    return true;
}

static void on_huge(uv_timer_t *timer) {
    delivery_t *delivery = timer->data;
    bool alive = send_filler(delivery);
    if (alive && delivery->sent < delivery->reply.bytes) return;
    if (alive && send_piece(delivery, huge_tail)) {
        delivery->exchange->operations->end_stream(delivery->exchange);
        finish(delivery);
        return;
    }
    uv_timer_stop(timer); /* on_gone follows */
}

static void cut(delivery_t *delivery) {
    th_slice_t body = th_buffer_slice(&delivery->reply.body);
    begin_stream(delivery);
    if (body.length > 1) send_piece(delivery, th_slice(body.data, body.length / 2));
    delivery->exchange->operations->abort(delivery->exchange);
    finish(delivery);
}

/* The delay is over. */
static void set_off(uv_timer_t *timer) {
    delivery_t *delivery = timer->data;
    th_practice_reply_t *reply = &delivery->reply;
    switch (reply->delivery) {
    case TH_PRACTICE_WHOLE:
        respond(delivery->exchange, reply);
        finish(delivery);
        return;
    case TH_PRACTICE_HANG: return; /* until the client has had enough, or the thread stops */
    case TH_PRACTICE_CUT: cut(delivery); return;
    case TH_PRACTICE_DRIP:
        begin_stream(delivery);
        uv_timer_start(timer, on_drip, reply->pause, reply->pause > 0 ? reply->pause : 1);
        return;
    case TH_PRACTICE_HUGE:
        begin_stream(delivery);
        if (send_piece(delivery, huge_head)) uv_timer_start(timer, on_huge, 0, HUGE_PAUSE);
        return;
    }
}

/* At a stop no client waits for the rest: the connections are closed next. */
static void on_stop(th_worker_part_t *part) {
    th_practice_deliveries_t *deliveries = TH_CONTAINER(part, th_practice_deliveries_t, part);
    while (!th_list_is_empty(&deliveries->waiting)) {
        delivery_t *delivery = TH_CONTAINER(deliveries->waiting.next, delivery_t, link);
        delivery->exchange->operations->abort(delivery->exchange);
        finish(delivery);
    }
}

void th_practice_deliveries_open(th_practice_deliveries_t *deliveries, th_worker_t *worker) {
    deliveries->loop = &worker->loop;
    th_list_init(&deliveries->waiting);
    th_list_init(&deliveries->part.link);
    deliveries->part.stop = on_stop;
    th_worker_add_part(worker, &deliveries->part);
}

void th_practice_deliver(th_practice_deliveries_t *deliveries, th_http_exchange_t *exchange,
                         th_practice_reply_t *reply) {
    if (reply->delivery == TH_PRACTICE_WHOLE && reply->delay == 0) {
        respond(exchange, reply);
        return;
    }
    delivery_t *delivery = calloc(1, sizeof *delivery);
    if (!delivery) {
        exchange->operations->abort(exchange);
        th_practice_reply_reset(reply);
        return;
    }
    delivery->reply = *reply;
    th_practice_reply_init(reply);
    delivery->exchange = exchange;
    exchange->user = delivery;
    exchange->on_gone = on_gone;
    uv_timer_init(deliveries->loop, &delivery->timer); /* cannot fail */
    delivery->timer.data = delivery;
    th_list_add_tail(&deliveries->waiting, &delivery->link);
    if (delivery->reply.delay > 0)
        uv_timer_start(&delivery->timer, set_off, delivery->reply.delay, 0);
    else
        set_off(&delivery->timer);
}
