/* http_request.c - from bytes to handlers: heads, bodies, and what the routing decision asks for.
 * A request that arrived whole is handed on where it lies in the read buffer; only what must wait
 * for more bytes is copied. Bytes that came from a client may hold credentials: every copy is
 * wiped. */
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#include "net/http_origin.h"
#include "net/http_route.h"
#include "net/websocket_host.h"

#define PREFLIGHT_AGE "600" /* seconds a browser may remember a preflight */

bool th_http_keep_bytes(th_buffer_t *buffer, const char *data, size_t length) {
    if (buffer->length + length <= buffer->capacity) return th_buffer_add(buffer, data, length);
    th_buffer_t larger;
    th_buffer_init(&larger, buffer->maximum);
    size_t wanted = buffer->length + length;
    if (wanted < buffer->capacity * 2 && buffer->capacity * 2 <= buffer->maximum)
        wanted = buffer->capacity * 2;
    bool good = th_buffer_reserve(&larger, wanted) &&
                th_buffer_add(&larger, buffer->data, buffer->length) &&
                th_buffer_add(&larger, data, length);
    th_buffer_wipe(buffer);
    *buffer = larger;
    return good;
}

void th_http_request_forget(th_http_connection_t *connection) {
    if (connection->head) sodium_memzero(connection->head, connection->head_length);
    free(connection->head);
    connection->head = NULL;
    connection->head_length = 0;
    th_buffer_wipe(&connection->body);
}

bool th_http_request_is_busy(const th_http_connection_t *connection, bool resume) {
    const th_settings_t *settings = connection->server->worker->settings;
    size_t requests = (size_t)settings->http_pipelined;
    size_t bytes = (size_t)settings->http_unsent_bytes;
    if (resume) {
        requests = requests / 2 + 1;
        bytes /= 2;
    }
    return connection->queued >= requests || connection->unsent + connection->held > bytes;
}

static void refuse_last(th_http_connection_t *connection, th_http_answer_t *answer,
                        const th_http_refusal_t *refusal) {
    connection->phase = TH_HTTP_PHASE_OVER;
    connection->hold = false;
    th_http_request_forget(connection);
    answer->keep_alive = false;
    answer->expects_continue = false;
    th_http_answer_refuse(answer, refusal, NULL, 0);
}

static bool set_cors(th_http_answer_t *answer, th_http_cors_t cors, th_slice_t origin) {
    answer->cors = cors;
    if (cors != TH_HTTP_CORS_ORIGIN) return true;
    answer->origin = strndup(origin.data, origin.length);
    return answer->origin != NULL;
}

/* What cannot be framed ends the connection, with a last answer behind the earlier ones.
 * <head> is what was understood, or NULL. */
static void refuse_connection(th_http_connection_t *connection, const th_http_refusal_t *refusal,
                              const th_http_head_t *head) {
    th_http_answer_t *answer = th_http_answer_new(connection);
    bool good = answer != NULL;
    if (good && head) {
        answer->head_only = head->request.method == TH_HTTP_HEAD;
        good = set_cors(answer, th_http_route_cors(connection->server, head), head->origin);
    }
    if (good)
        refuse_last(connection, answer, refusal);
    else
        th_http_connection_close(connection);
}

void th_http_request_timeout(th_http_connection_t *connection) {
    static const th_http_refusal_t late = {408, "timeout", "The request did not arrive in time."};
    if (connection->phase == TH_HTTP_PHASE_BODY)
        refuse_last(connection, TH_CONTAINER(connection->queue.prev, th_http_answer_t, link),
                    &late);
    else
        refuse_connection(connection, &late, NULL);
}

/* Hands a complete request on. <more>: bytes of a next request follow at once. */
static void dispatch(th_http_connection_t *connection, th_http_answer_t *answer,
                     const th_http_route_t *route, const th_http_head_t *head, th_slice_t body,
                     bool more) {
    th_http_request_t request = head->request;
    request.body = body;
    request.peer = connection->address;
    /* HEAD is GET without the body, which the answer leaves out. */
    if (request.method == TH_HTTP_HEAD && !(route->methods & (1u << TH_HTTP_HEAD)))
        request.method = TH_HTTP_GET;
    connection->phase = answer->keep_alive ? TH_HTTP_PHASE_HEAD : TH_HTTP_PHASE_OVER;
    connection->hold = more && answer->keep_alive;
    answer->handed = true;
    route->handler(&answer->exchange, &request, route->arg);
}

static void answer_options(th_http_answer_t *answer, const th_http_head_t *head,
                           const th_http_decision_t *decision) {
    th_buffer_t methods, names;
    th_buffer_init(&methods, 128);
    th_buffer_init(&names, 8192);
    th_http_route_methods(decision->allow, &methods);
    th_http_cors_headers(th_http_request_header(&head->request, "access-control-request-headers"),
                         &names);
    th_http_header_t headers[] = {
        {TH_SLICE("Allow"), th_buffer_slice(&methods)},
        {TH_SLICE("Access-Control-Allow-Methods"), th_buffer_slice(&methods)},
        {TH_SLICE("Access-Control-Allow-Headers"), th_buffer_slice(&names)},
        {TH_SLICE("Access-Control-Max-Age"), TH_SLICE(PREFLIGHT_AGE)},
    };
    th_http_response_t response = {
        .status = 204,
        .headers = headers,
        .header_count = decision->preflight ? 4 : 1,
    };
    th_http_answer_respond(answer, &response);
    th_buffer_reset(&methods);
    th_buffer_reset(&names);
}

static void answer_refusal(th_http_answer_t *answer, const th_http_decision_t *decision) {
    th_buffer_t methods;
    th_buffer_init(&methods, 128);
    th_http_header_t header;
    size_t count = 1;
    if (decision->refusal.status == 405) {
        th_http_route_methods(decision->allow, &methods);
        header = (th_http_header_t){TH_SLICE("Allow"), th_buffer_slice(&methods)};
    } else if (decision->refusal_header) {
        header = (th_http_header_t){th_slice_of(decision->refusal_header),
                                    th_slice_of(decision->refusal_value)};
    } else {
        count = 0;
    }
    th_http_answer_refuse(answer, &decision->refusal, &header, count);
    th_buffer_reset(&methods);
}

/* The socket leaves us: nothing may be unanswered or unsent on it. */
static void upgrade(th_http_connection_t *connection, const th_http_head_t *head,
                    const th_http_decision_t *decision, th_slice_t glued) {
    th_http_server_t *server = connection->server;
    static const th_http_refusal_t busy = {400, "bad_upgrade",
                                           "An upgrade must not follow unanswered requests."};
    static const th_http_refusal_t draining = {503, "draining", "The host is about to stop."};
    static const th_http_refusal_t refused = {403, "refused", "This WebSocket was refused."};
    if (connection->queued > 0 || connection->unsent > 0) {
        refuse_connection(connection, &busy, head);
        return;
    }
    if (server->draining) {
        refuse_connection(connection, &draining, head);
        return;
    }
    th_http_request_t request = head->request;
    request.peer = connection->address;
    th_websocket_t *socket = th_websocket_prepare(server->websockets, decision->endpoint, &request);
    if (!socket) {
        refuse_connection(connection, &refused, head);
        return;
    }
    /* The duplicate keeps the socket open while our handle leaves epoll and closes its own number.
     */
    uv_os_fd_t fd = -1;
    int duplicate = -1;
    if (uv_fileno((uv_handle_t *)&connection->tcp, &fd) == 0)
        duplicate = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    th_peer_t *peer = connection->peer;
    connection->peer = NULL;
    connection->upgraded = true;
    th_http_connection_close(connection);
    th_websocket_adopt(socket, duplicate, th_http_request_header(&request, "sec-websocket-key"),
                       glued, peer);
}

/* The body is not complete: keeps the head until it is. */
static bool await_body(th_http_connection_t *connection, th_http_answer_t *answer,
                       const th_http_head_t *head, const th_http_route_t *route, th_slice_t raw) {
    connection->head = malloc(raw.length);
    if (!connection->head) return false;
    memcpy(connection->head, raw.data, raw.length);
    connection->head_length = raw.length;
    connection->route = route;
    if (head->chunked)
        th_http_body_start_chunked(&connection->decoder, connection->server->limits.body_bytes);
    else
        th_http_body_start_fixed(&connection->decoder, head->content_length);
    connection->phase = TH_HTTP_PHASE_BODY;
    connection->phase_since = uv_now(&connection->server->worker->loop);
    answer->expects_continue = head->expect_continue;
    return true;
}

static th_http_answer_t *new_answer(th_http_connection_t *connection, const th_http_head_t *head,
                                    const th_http_decision_t *decision) {
    th_http_answer_t *answer = th_http_answer_new(connection);
    if (!answer || !set_cors(answer, decision->cors, head->origin)) return NULL;
    answer->head_only = head->request.method == TH_HTTP_HEAD;
    answer->http10 = head->minor == 0;
    answer->keep_alive = head->keep_alive;
    return answer;
}

/* One complete head at data[0 .. length); <rest> came behind it. Returns how much of <rest> was
 * used too. */
static size_t begin_request(th_http_connection_t *connection, th_slice_t raw, th_slice_t rest) {
    th_http_server_t *server = connection->server;
    th_http_head_t head;
    th_http_refusal_t refusal;
    if (!th_http_head_parse(raw.data, raw.length, &server->limits, server->fields, &head,
                            &refusal)) {
        refuse_connection(connection, &refusal, &head);
        return rest.length;
    }
    th_http_decision_t decision;
    th_http_route_decide(connection, &head, &decision);
    if (decision.kind == TH_HTTP_DECIDED_UPGRADE) {
        upgrade(connection, &head, &decision, rest);
        return rest.length;
    }
    th_http_answer_t *answer = new_answer(connection, &head, &decision);
    if (!answer) {
        th_http_connection_close(connection);
        return rest.length;
    }
    if (decision.kind != TH_HTTP_DECIDED_HANDLE) {
        /* A body that nobody wants is not read: the connection ends instead. */
        if (th_http_head_has_body(&head)) answer->keep_alive = false;
        connection->phase = answer->keep_alive ? TH_HTTP_PHASE_HEAD : TH_HTTP_PHASE_OVER;
        connection->hold = rest.length > 0 && answer->keep_alive;
        if (decision.kind == TH_HTTP_DECIDED_OPTIONS)
            answer_options(answer, &head, &decision);
        else
            answer_refusal(answer, &decision);
        return 0;
    }
    if (!head.chunked && head.content_length <= rest.length) {
        size_t length = (size_t)head.content_length;
        dispatch(connection, answer, decision.route, &head, th_slice(rest.data, length),
                 rest.length > length);
        return length;
    }
    if (!await_body(connection, answer, &head, decision.route, raw))
        th_http_connection_close(connection);
    return 0;
}

static size_t feed_head(th_http_connection_t *connection, const char *data, size_t length) {
    th_http_server_t *server = connection->server;
    th_http_scan_t *scan = &connection->scan;
    if (scan->seen == 0) connection->phase_since = uv_now(&server->worker->loop);
    size_t end;
    th_http_refusal_t refusal;
    switch (th_http_head_scan(scan, data, length, &server->limits, &end, &refusal)) {
    case TH_HTTP_SCAN_MORE:
        if (scan->begin != length) return 0;
        *scan = (th_http_scan_t){.blank = true}; /* a lone empty line does not begin a request */
        return length;
    case TH_HTTP_SCAN_REFUSED: refuse_connection(connection, &refusal, NULL); return length;
    case TH_HTTP_SCAN_WHOLE: break;
    }
    size_t begin = scan->begin;
    *scan = (th_http_scan_t){.blank = false};
    return end + begin_request(connection, th_slice(data + begin, end - begin),
                               th_slice(data + end, length - end));
}

static void finish_body(th_http_connection_t *connection, th_http_answer_t *answer, bool more) {
    th_http_server_t *server = connection->server;
    th_http_head_t head;
    th_http_refusal_t refusal;
    /* Parsed before with the same result: its slices must point into the kept copy now. */
    if (th_http_head_parse(connection->head, connection->head_length, &server->limits,
                           server->fields, &head, &refusal))
        dispatch(connection, answer, connection->route, &head, th_buffer_slice(&connection->body),
                 more);
    else
        th_http_connection_close(connection);
    th_http_request_forget(connection);
}

static size_t feed_body(th_http_connection_t *connection, const char *data, size_t length) {
    th_http_answer_t *answer = TH_CONTAINER(connection->queue.prev, th_http_answer_t, link);
    answer->expects_continue = false; /* the client did not wait for it */
    size_t used, done = 0;
    th_slice_t piece;
    th_http_refusal_t refusal;
    while (true) {
        th_http_body_verdict_t verdict = th_http_body_feed(&connection->decoder, data + done,
                                                           length - done, &used, &piece, &refusal);
        done += used;
        if (verdict == TH_HTTP_BODY_REFUSED) {
            refuse_last(connection, answer, &refusal);
            return length;
        }
        if (piece.length > 0 && !th_http_keep_bytes(&connection->body, piece.data, piece.length)) {
            static const th_http_refusal_t full = {503, "no_memory", "The host is out of memory."};
            refuse_last(connection, answer, &full);
            return length;
        }
        if (verdict == TH_HTTP_BODY_WHOLE) {
            finish_body(connection, answer, done < length);
            return done;
        }
        if (done == length) return done;
    }
}

size_t th_http_request_feed(th_http_connection_t *connection, const char *data, size_t length) {
    size_t used = 0;
    while (used < length && !connection->closing) {
        size_t step = 0;
        switch (connection->phase) {
        case TH_HTTP_PHASE_HEAD:
            if (th_http_request_is_busy(connection, false)) {
                connection->paused = true;
                return used;
            }
            step = feed_head(connection, data + used, length - used);
            break;
        case TH_HTTP_PHASE_BODY: step = feed_body(connection, data + used, length - used); break;
        case TH_HTTP_PHASE_OVER: return length;
        }
        if (step == 0) return used;
        used += step;
    }
    return used;
}
