/* http_exchange.c - answers: taking them from handlers at any time, sending them in request order.
 * The oldest answer of a connection is written straight from its user's memory; the others are kept
 * until their turn. */
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "net/http_internal.h"

/* Room for one piece on top of settings->http_unsent_bytes, before a stream's turn has come. */
#define EARLY_EXTRA_BYTES (64u << 20)

static th_http_answer_t *answer_of(th_http_exchange_t *exchange) {
    return TH_CONTAINER(exchange, th_http_answer_t, exchange);
}

static void on_respond(th_http_exchange_t *exchange, const th_http_response_t *response) {
    th_http_answer_t *answer = answer_of(exchange);
    if (answer->state == TH_HTTP_ANSWER_WAITING)
        th_http_answer_respond(answer, response);
    else
        free(response->body_owned);
}

static void on_begin_stream(th_http_exchange_t *exchange, const th_http_response_t *head);
static bool on_send(th_http_exchange_t *exchange, th_slice_t piece);
static void on_end_stream(th_http_exchange_t *exchange);
static void on_abort(th_http_exchange_t *exchange);

static const th_http_exchange_operations_t operations = {
    .respond = on_respond,
    .begin_stream = on_begin_stream,
    .send = on_send,
    .end_stream = on_end_stream,
    .abort = on_abort,
};

th_http_answer_t *th_http_answer_new(th_http_connection_t *connection) {
    th_http_answer_t *answer = calloc(1, sizeof *answer);
    if (!answer) return NULL;
    answer->exchange.operations = &operations;
    answer->server = connection->server;
    answer->connection = connection;
    answer->keep_alive = true;
    th_list_init(&answer->stream_link);
    th_buffer_init(&answer->early, (size_t)connection->server->worker->settings->http_unsent_bytes +
                                       EARLY_EXTRA_BYTES);
    th_list_add_tail(&connection->queue, &answer->link);
    connection->queued++;
    connection->server->exchange_count++;
    return answer;
}

/* Takes <answer> out of its connection's queue. */
static void leave_queue(th_http_answer_t *answer) {
    th_list_remove(&answer->link);
    th_list_remove(&answer->stream_link);
    if (!answer->connection) return;
    answer->connection->queued--;
    answer->connection->held -= answer->early.length;
    if (answer->state == TH_HTTP_ANSWER_READY)
        answer->connection->held -= answer->stored.head.len + answer->stored.body.len;
    answer->connection = NULL;
}

void th_http_answer_free(th_http_answer_t *answer) {
    leave_queue(answer);
    answer->server->exchange_count--;
    free(answer->origin);
    free(answer->stored.block);
    free(answer->stored.owned);
    th_buffer_reset(&answer->early);
    free(answer);
}

static bool is_oldest(const th_http_answer_t *answer) {
    return answer->connection->queue.next == &answer->link;
}

static bool is_newest(const th_http_answer_t *answer) {
    return answer->connection->queue.prev == &answer->link;
}

/* May this answer's bytes go to the socket now? */
static bool has_turn(const th_http_answer_t *answer) {
    return is_oldest(answer) && !answer->connection->hold && answer->early.length == 0;
}

static bool is_lost(const th_http_answer_t *answer) {
    return !answer->connection || answer->connection->closing;
}

/* Decided when the head is written: after this answer nothing more is read if it closes. */
static void decide_keep_alive(th_http_answer_t *answer) {
    if (answer->server->draining && is_newest(answer)) answer->keep_alive = false;
    if (!answer->keep_alive) answer->connection->phase = TH_HTTP_PHASE_OVER;
}

/* A response that could not be written down is our own defect: its client gets a plain 500.
 * False when <*body> was replaced by that. */
static bool serialise_or_500(th_http_answer_t *answer, const th_http_response_t *response,
                             size_t length, th_slice_t *body) {
    if (th_http_serialise(answer, response, length)) return true;
    *body = TH_SLICE("{\"error\":\"internal\",\"message\":\"The answer could not be sent.\"}");
    th_http_response_t plain = {.status = 500, .content_type = "application/json"};
    if (!th_http_serialise(answer, &plain, body->length)) {
        th_buffer_clear(&answer->server->head_out);
        answer->keep_alive = false;
        answer->connection->phase = TH_HTTP_PHASE_OVER;
    }
    return false;
}

/* libuv only reads what it writes out. */
static uv_buf_t buffer_of(th_slice_t slice) {
    return (uv_buf_t){.base = (char *)slice.data, .len = slice.length};
}

/* Keeps the whole answer until its turn. */
static bool store(th_http_answer_t *answer, th_slice_t head, th_slice_t body, char *owned) {
    size_t copied = owned ? 0 : body.length;
    char *block = malloc(head.length + copied + 1);
    if (!block) {
        free(owned);
        return false;
    }
    memcpy(block, head.data, head.length);
    if (copied > 0) memcpy(block + head.length, body.data, copied);
    answer->stored = (th_http_piece_t){
        .head = buffer_of(th_slice(block, head.length + copied)),
        .body = buffer_of(owned ? body : th_slice(NULL, 0)),
        .block = block,
        .owned = owned,
    };
    answer->state = TH_HTTP_ANSWER_READY;
    answer->connection->held += answer->stored.head.len + answer->stored.body.len;
    return true;
}

void th_http_answer_respond(th_http_answer_t *answer, const th_http_response_t *response) {
    th_http_connection_t *connection = answer->connection;
    answer->handed = false;
    if (is_lost(answer)) {
        free(response->body_owned);
        th_http_answer_free(answer);
        return;
    }
    th_slice_t body = response->body;
    decide_keep_alive(answer);
    bool own = serialise_or_500(answer, response, body.length, &body);
    bool bodiless =
        answer->head_only || (own && (response->status == 204 || response->status == 304));
    char *owned = response->body_owned;
    if (!own || bodiless) {
        free(owned);
        owned = NULL;
    }
    if (bodiless) body.length = 0;
    th_slice_t head = th_buffer_slice(&answer->server->head_out);
    if (!has_turn(answer)) {
        if (!store(answer, head, body, owned)) th_http_connection_close(connection);
        return;
    }
    th_http_piece_t piece = {.head = buffer_of(head), .body = buffer_of(body), .owned = owned};
    if (!answer->keep_alive) connection->last_sent = true;
    th_http_answer_free(answer);
    th_http_output_send(connection, &piece, 1);
    th_http_connection_settle(connection);
}

void th_http_answer_refuse(th_http_answer_t *answer, const th_http_refusal_t *refusal,
                           const th_http_header_t *headers, size_t count) {
    char text[512];
    int length = snprintf(text, sizeof text, "{\"error\":\"%s\",\"message\":\"%s\"}", refusal->code,
                          refusal->message);
    th_http_response_t response = {
        .status = refusal->status,
        .content_type = "application/json",
        .headers = headers,
        .header_count = count,
        .body = th_slice(text, length > 0 ? (size_t)length : 0),
    };
    if (answer->connection)
        th_log(answer->server->worker->log, TH_LOG_DEBUG, "net", "refused %s: %d %s",
               answer->connection->address, refusal->status, refusal->code);
    th_http_answer_respond(answer, &response);
}

/* Writes stream bytes now or keeps them until this answer's turn. */
static bool stream_bytes(th_http_answer_t *answer, th_slice_t head, th_slice_t body,
                         th_slice_t tail) {
    th_http_connection_t *connection = answer->connection;
    if (has_turn(answer)) {
        th_http_piece_t piece = {
            .head = buffer_of(head), .body = buffer_of(body), .tail = buffer_of(tail)};
        th_http_output_send(connection, &piece, 1);
        return !connection->closing;
    }
    size_t before = answer->early.length;
    bool kept = th_buffer_add_slice(&answer->early, head) &&
                th_buffer_add_slice(&answer->early, body) &&
                th_buffer_add_slice(&answer->early, tail);
    connection->held += answer->early.length;
    connection->held -= before;
    if (!kept) th_http_connection_close(connection);
    return kept;
}

static bool stream_piece(th_http_answer_t *answer, th_slice_t piece) {
    char size[24];
    if (!answer->chunked) return stream_bytes(answer, piece, th_slice(NULL, 0), th_slice(NULL, 0));
    int length = snprintf(size, sizeof size, "%zx\r\n", piece.length);
    return stream_bytes(answer, th_slice(size, (size_t)length), piece, TH_SLICE("\r\n"));
}

static void watch_stream(th_http_answer_t *answer, const char *content_type) {
    static const char events[] = "text/event-stream";
    if (!content_type || strncasecmp(content_type, events, sizeof events - 1) != 0) return;
    answer->stream_since = uv_now(&answer->server->worker->loop);
    th_list_add_tail(&answer->server->streams, &answer->stream_link);
}

static void on_begin_stream(th_http_exchange_t *exchange, const th_http_response_t *head) {
    th_http_answer_t *answer = answer_of(exchange);
    free(head->body_owned); /* a stream's head has no body; owned memory is freed all the same */
    if (answer->state != TH_HTTP_ANSWER_WAITING) return;
    answer->state = TH_HTTP_ANSWER_STREAMING;
    if (is_lost(answer)) return;
    answer->chunked = !answer->http10 && !answer->head_only;
    /* Without chunks only closing tells the end. A HEAD is answered by the head alone, and its
     * stream would never end: closing tells the user, who is told as of any client that left. */
    if (!answer->chunked) answer->keep_alive = false;
    decide_keep_alive(answer);
    th_slice_t replaced = {NULL, 0};
    (void)serialise_or_500(answer, head, SIZE_MAX, &replaced);
    if (!stream_bytes(answer, th_buffer_slice(&answer->server->head_out), replaced,
                      th_slice(NULL, 0)))
        return;
    if (answer->head_only || replaced.length > 0) {
        answer->connection->phase = TH_HTTP_PHASE_OVER;
        answer->connection->aborted = true;
        th_http_connection_settle(answer->connection);
    } else {
        watch_stream(answer, head->content_type);
    }
}

static bool on_send(th_http_exchange_t *exchange, th_slice_t piece) {
    th_http_answer_t *answer = answer_of(exchange);
    if (answer->state != TH_HTTP_ANSWER_STREAMING || is_lost(answer)) return false;
    th_http_connection_t *connection = answer->connection;
    if (connection->aborted) return false;
    if (piece.length == 0) return true;
    size_t limit = (size_t)answer->server->worker->settings->http_unsent_bytes;
    if (connection->unsent + connection->held >= limit) {
        th_log(answer->server->worker->log, TH_LOG_NOTICE, "net",
               "%s reads too slowly: %zu bytes unsent, stream cut", connection->address,
               connection->unsent + connection->held);
        th_http_connection_close(connection);
        return false;
    }
    if (!stream_piece(answer, piece)) return false;
    if (!th_list_is_empty(&answer->stream_link)) {
        answer->stream_since = uv_now(&answer->server->worker->loop);
        th_list_remove(&answer->stream_link);
        th_list_add_tail(&answer->server->streams, &answer->stream_link);
    }
    th_http_connection_settle(connection);
    return true;
}

static void on_end_stream(th_http_exchange_t *exchange) {
    th_http_answer_t *answer = answer_of(exchange);
    if (answer->state != TH_HTTP_ANSWER_STREAMING) return;
    answer->handed = false;
    if (is_lost(answer)) {
        th_http_answer_free(answer);
        return;
    }
    th_http_connection_t *connection = answer->connection;
    th_list_remove(&answer->stream_link);
    if (answer->chunked &&
        !stream_bytes(answer, TH_SLICE("0\r\n\r\n"), th_slice(NULL, 0), th_slice(NULL, 0)))
        return;
    answer->over = true;
    th_http_connection_settle(connection);
}

/* The answer stays incomplete for the client: the connection ends behind what was sent so far. */
static void on_abort(th_http_exchange_t *exchange) {
    th_http_answer_t *answer = answer_of(exchange);
    if (answer->state == TH_HTTP_ANSWER_GONE) return;
    th_http_connection_t *connection = answer->connection;
    bool lost = is_lost(answer);
    answer->handed = false;
    if (lost || !has_turn(answer)) {
        th_http_answer_free(answer);
        if (!lost) th_http_connection_close(connection);
        return;
    }
    th_http_answer_free(answer);
    connection->phase = TH_HTTP_PHASE_OVER;
    connection->aborted = true;
    th_http_connection_settle(connection);
}

void th_http_stream_comment(th_http_answer_t *answer) {
    if (is_lost(answer) || !has_turn(answer)) return;
    if (answer->connection->unsent > 0) return; /* the client is slow: the write limit decides */
    if (stream_piece(answer, TH_SLICE(": keepalive\n\n")))
        th_http_connection_settle(answer->connection);
}

/* Sends complete answers from the front of the queue, as many as one writev takes. */
static void flush_ready(th_http_connection_t *connection) {
    th_http_piece_t pieces[TH_HTTP_BATCH];
    unsigned count = 0;
    while (count < TH_HTTP_BATCH && !th_list_is_empty(&connection->queue)) {
        th_http_answer_t *answer = TH_CONTAINER(connection->queue.next, th_http_answer_t, link);
        /* What was freed has left the queue, which the analyzer does not follow. */
        if (answer->state != TH_HTTP_ANSWER_READY) break; // NOLINT(clang-analyzer-unix.Malloc)
        pieces[count++] = answer->stored;
        if (!answer->keep_alive) connection->last_sent = true;
        (void)th_list_take_first(&connection->queue);
        leave_queue(answer);
        answer->stored = (th_http_piece_t){.block = NULL};
        th_http_answer_free(answer);
        if (connection->last_sent) break;
    }
    th_http_output_send(connection, pieces, count);
}

/* False when the stream is not over: what is behind it goes on waiting. */
static bool flush_stream(th_http_answer_t *answer) {
    th_http_connection_t *connection = answer->connection;
    if (answer->early.length > 0) {
        connection->held -= answer->early.length;
        size_t length;
        char *data = th_buffer_take(&answer->early, &length);
        if (!data) {
            th_http_connection_close(connection);
            return false;
        }
        th_http_piece_t piece = {.head = buffer_of(th_slice(data, length)), .block = data};
        th_http_output_send(connection, &piece, 1);
    }
    if (!answer->over || connection->closing) return false;
    if (!answer->keep_alive) connection->last_sent = true;
    th_http_answer_free(answer);
    return true;
}

static void send_continue(th_http_answer_t *answer) {
    if (!answer->expects_continue) return;
    answer->expects_continue = false;
    th_http_piece_t piece = {.head = buffer_of(TH_SLICE("HTTP/1.1 100 Continue\r\n\r\n"))};
    th_http_output_send(answer->connection, &piece, 1);
}

void th_http_exchange_flush(th_http_connection_t *connection) {
    while (!connection->closing && !connection->last_sent && !connection->aborted &&
           !connection->hold && !th_list_is_empty(&connection->queue)) {
        th_http_answer_t *answer = TH_CONTAINER(connection->queue.next, th_http_answer_t, link);
        switch (answer->state) { // NOLINT(clang-analyzer-unix.Malloc): as in flush_ready
        case TH_HTTP_ANSWER_READY: flush_ready(connection); break;
        case TH_HTTP_ANSWER_STREAMING:
            if (!flush_stream(answer)) return;
            break;
        case TH_HTTP_ANSWER_WAITING: send_continue(answer); return;
        case TH_HTTP_ANSWER_GONE: return;
        }
    }
}

void th_http_exchange_abandon(th_http_connection_t *connection) {
    for (th_list_t *node; (node = th_list_take_first(&connection->queue));) {
        th_http_answer_t *answer = TH_CONTAINER(node, th_http_answer_t, link);
        leave_queue(answer);
        if (!answer->handed) {
            th_http_answer_free(answer);
        } else if (answer->exchange.on_gone) {
            answer->state = TH_HTTP_ANSWER_GONE;
            answer->exchange.on_gone(&answer->exchange, answer->exchange.user);
            th_http_answer_free(answer);
        } else {
            /* Its user still holds it and will answer into the void. */
            th_list_add_tail(&connection->server->orphans, &answer->link);
        }
    }
}
