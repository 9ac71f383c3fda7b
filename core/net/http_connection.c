/* http_connection.c - one connection's life: accept, read, pause, linger, close.
 * Closing is a state: marked here, told to the users of open exchanges and freed in libuv's
 * callback. */
#include "net/http_internal.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer) {
    (void)suggested;
    th_http_connection_t *connection = handle->data;
    *buffer = uv_buf_init(connection->server->read_buffer, TH_HTTP_READ_BYTES);
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer);

static void set_reading(th_http_connection_t *connection, bool wanted) {
    if (connection->closing || connection->reading == wanted) return;
    connection->reading = wanted;
    uv_stream_t *stream = (uv_stream_t *)&connection->tcp;
    if (!wanted)
        (void)uv_read_stop(stream);
    else if (uv_read_start(stream, on_alloc, on_read) != 0)
        th_http_connection_close(connection);
}

static void on_closed(uv_handle_t *handle) {
    th_http_connection_t *connection = handle->data;
    th_http_server_t *server = connection->server;
    th_http_exchange_abandon(connection);
    th_http_request_forget(connection);
    th_buffer_wipe(&connection->input);
    if (!connection->upgraded) th_http_server_release(server, connection->peer);
    free(connection);
    th_http_server_handle_closed(server);
}

void th_http_connection_close(th_http_connection_t *connection) {
    if (connection->closing) return;
    connection->closing = true;
    th_list_remove(&connection->link);
    th_list_remove(&connection->timer_link);
    th_list_remove(&connection->resume_link);
    uv_close((uv_handle_t *)&connection->tcp, on_closed);
}

bool th_http_connection_is_idle(const th_http_connection_t *connection) {
    return connection->phase == TH_HTTP_PHASE_HEAD && connection->queued == 0 &&
           connection->input.length == 0 && connection->unsent == 0 && !connection->lingering;
}

static void on_shut_down(uv_shutdown_t *request, int status) {
    th_http_connection_t *connection = TH_CONTAINER(request, th_http_connection_t, shutdown);
    if (status < 0) th_http_connection_close(connection);
}

/* Everything is said. Closing with unread bytes would make the kernel send a reset, and the client
 * might never see the answer: so our side ends, and what still comes is read and dropped. */
static void linger(th_http_connection_t *connection) {
    connection->lingering = true;
    connection->phase = TH_HTTP_PHASE_OVER;
    connection->discarded = 0;
    connection->paused = false;
    th_buffer_wipe(&connection->input);
    if (uv_shutdown(&connection->shutdown, (uv_stream_t *)&connection->tcp, on_shut_down) != 0)
        th_http_connection_close(connection);
}

static th_http_timer_t timer_of(const th_http_connection_t *connection) {
    if (connection->lingering) return TH_HTTP_TIMER_LINGER;
    if (connection->unsent > 0) return TH_HTTP_TIMER_WRITE;
    if (connection->phase == TH_HTTP_PHASE_BODY) return TH_HTTP_TIMER_BODY;
    bool begun = connection->input.length > 0 || connection->fresh;
    if (connection->phase == TH_HTTP_PHASE_HEAD && !connection->paused && begun)
        return TH_HTTP_TIMER_HEAD;
    return connection->queued > 0 ? TH_HTTP_TIMER_NONE : TH_HTTP_TIMER_IDLE;
}

static void update_timer(th_http_connection_t *connection) {
    th_http_timer_t timer = timer_of(connection);
    uint64_t now = uv_now(&connection->server->worker->loop);
    bool phased = timer == TH_HTTP_TIMER_HEAD || timer == TH_HTTP_TIMER_BODY;
    uint64_t since = phased ? connection->phase_since : now;
    /* Only idling begins anew with everything that happens. */
    if (timer == connection->timer && timer != TH_HTTP_TIMER_IDLE &&
        (!phased || since == connection->timer_since))
        return;
    if (timer == TH_HTTP_TIMER_WRITE)
        connection->write_mark = uv_stream_get_write_queue_size((uv_stream_t *)&connection->tcp);
    th_http_timeouts_enter(connection, timer, since);
}

void th_http_connection_settle(th_http_connection_t *connection) {
    if (connection->closing || connection->processing) return;
    th_http_exchange_flush(connection);
    if (connection->closing) return;
    th_http_server_t *server = connection->server;
    bool sent = connection->unsent == 0;
    if ((connection->aborted && sent) ||
        (server->draining && th_http_connection_is_idle(connection))) {
        th_http_connection_close(connection);
        return;
    }
    if (connection->last_sent && sent && !connection->lingering) linger(connection);
    if (connection->paused && !th_http_request_is_busy(connection, true))
        th_http_server_resume_later(connection);
    size_t limit = (size_t)server->worker->settings->http_linger_bytes;
    set_reading(connection, !connection->paused && connection->discarded <= limit);
    if (!connection->closing) update_timer(connection);
}

static void work_on_input(th_http_connection_t *connection) {
    size_t used =
        th_http_request_feed(connection, connection->input.data, connection->input.length);
    th_buffer_drop_front(&connection->input, used);
    if (connection->input.length == 0) th_buffer_wipe(&connection->input);
}

static void take(th_http_connection_t *connection, const char *data, size_t length) {
    connection->processing = true;
    if (connection->input.length > 0) {
        if (th_http_keep_bytes(&connection->input, data, length))
            work_on_input(connection);
        else
            th_http_connection_close(connection);
    } else {
        size_t used = th_http_request_feed(connection, data, length);
        if (used < length && !th_http_keep_bytes(&connection->input, data + used, length - used))
            th_http_connection_close(connection);
    }
    connection->processing = connection->hold = false;
    th_http_connection_settle(connection);
}

void th_http_connection_resume(th_http_connection_t *connection) {
    connection->paused = false;
    connection->processing = true;
    if (connection->input.length > 0) work_on_input(connection);
    connection->processing = connection->hold = false;
    th_http_connection_settle(connection);
}

/* What nobody will look at: counted, so that it does not go on for ever. */
static void discard(th_http_connection_t *connection, size_t length) {
    connection->discarded += length;
    th_http_connection_settle(connection);
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer) {
    th_http_connection_t *connection = stream->data;
    if (connection->closing || count == 0) return;
    /* The end of what a client sends counts as its leaving: nothing tells a half-closed
     * connection from a gone one, and what runs for it can be cancelled at once. */
    if (count < 0) {
        th_http_connection_close(connection);
        return;
    }
    connection->fresh = false;
    if (connection->phase == TH_HTTP_PHASE_OVER)
        discard(connection, (size_t)count);
    else
        take(connection, buffer->base, (size_t)count);
    /* An Authorization header may have been in it. */
    sodium_memzero(buffer->base, (size_t)count);
}

void th_http_connection_expired(th_http_connection_t *connection, th_http_timer_t timer) {
    switch (timer) {
    case TH_HTTP_TIMER_HEAD:
        if (connection->fresh) break; /* never said a word: gets none */
        /* fall through */
    case TH_HTTP_TIMER_BODY:
        th_http_request_timeout(connection);
        th_buffer_wipe(&connection->input);
        th_http_connection_settle(connection);
        return;
    case TH_HTTP_TIMER_WRITE:
        th_log(connection->server->worker->log, TH_LOG_INFO, "net",
               "%s took nothing for %lld ms: closed", connection->address,
               (long long)connection->server->worker->settings->http_write_timeout);
        break;
    case TH_HTTP_TIMER_IDLE:
    case TH_HTTP_TIMER_LINGER:
    case TH_HTTP_TIMER_NONE:
    case TH_HTTP_TIMER_COUNT: break;
    }
    th_http_connection_close(connection);
}

/* Too many already: says so, if the kernel takes it at once, and closes. */
static void turn_away(th_http_connection_t *connection) {
    static const char body[] =
        "{\"error\":\"too_many_connections\",\"message\":\"Try again in a few seconds.\"}";
    char text[512];
    int length = snprintf(text, sizeof text,
                          "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
                          "Content-Length: %zu\r\nRetry-After: 5\r\nConnection: close\r\n\r\n%s",
                          sizeof body - 1, body);
    uv_buf_t buffer = uv_buf_init(text, (unsigned)length);
    (void)uv_try_write((uv_stream_t *)&connection->tcp, &buffer, 1);
    th_http_server_t *server = connection->server;
    uint64_t now = uv_now(&server->worker->loop);
    if (now - server->refusal_logged >= 1000 || server->refusal_logged == 0) {
        server->refusal_logged = now;
        th_log(server->worker->log, TH_LOG_WARNING, "net",
               "connection from %s turned away: %zu connections are open; the limits are "
               "http.connections and http.connections_per_address",
               connection->address, server->connection_count);
    }
    th_http_connection_close(connection);
}

static bool admit(th_http_connection_t *connection) {
    th_http_server_t *server = connection->server;
    struct sockaddr_storage address;
    int size = sizeof address;
    if (uv_tcp_getpeername(&connection->tcp, (struct sockaddr *)&address, &size) != 0) return false;
    (void)uv_ip_name((struct sockaddr *)&address, connection->address, sizeof connection->address);
    return server->connection_count <= (size_t)server->worker->settings->http_connections &&
           th_peers_acquire(server->peers, (struct sockaddr *)&address, &connection->peer);
}

static void prepare(th_http_connection_t *connection, th_http_server_t *server, bool loopback) {
    const th_settings_t *settings = server->worker->settings;
    connection->server = server;
    connection->tcp.data = connection;
    connection->loopback = loopback;
    connection->fresh = true;
    connection->phase_since = uv_now(&server->worker->loop);
    th_list_init(&connection->timer_link);
    th_list_init(&connection->resume_link);
    th_list_init(&connection->queue);
    th_list_add_tail(&server->connections, &connection->link);
    th_buffer_init(&connection->input, (size_t)settings->http_head_bytes + TH_HTTP_READ_BYTES + 2);
    th_buffer_init(&connection->body, (size_t)settings->http_body_bytes);
}

void th_http_connection_accept(th_http_server_t *server, const th_listener_t *listener) {
    th_http_connection_t *connection = calloc(1, sizeof *connection);
    if (!connection || uv_tcp_init(&server->worker->loop, &connection->tcp) != 0) {
        th_log(server->worker->log, TH_LOG_ERROR, "net", "no memory for a connection");
        free(connection);
        return;
    }
    prepare(connection, server, listener->loopback);
    server->handles++;
    server->connection_count++;
    if (uv_accept((uv_stream_t *)&listener->tcp, (uv_stream_t *)&connection->tcp) != 0) {
        th_http_connection_close(connection);
        return;
    }
    if (!uv_is_active((uv_handle_t *)&server->tick))
        (void)uv_timer_start(&server->tick, th_http_timeouts_tick, server->tick_ms,
                             server->tick_ms);
    if (admit(connection))
        th_http_connection_settle(connection);
    else
        turn_away(connection);
}
