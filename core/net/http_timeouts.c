/* http_timeouts.c - every limit of time in the front, with one timer per server.
 * A connection is in at most one list; entering is linking at the tail, so the heads are the oldest
 * and a tick looks at nothing that has not expired. No system call per request. */
#include "net/http_internal.h"

#define TICK_MS 500
#define TICK_SHORTEST_MS 10

void th_http_timeouts_open(th_http_server_t *server) {
    const th_settings_t *settings = server->worker->settings;
    uint64_t *limits = server->timer_limits;
    limits[TH_HTTP_TIMER_HEAD] = (uint64_t)settings->http_head_timeout;
    limits[TH_HTTP_TIMER_BODY] = (uint64_t)settings->http_body_timeout;
    limits[TH_HTTP_TIMER_IDLE] = (uint64_t)settings->http_idle_timeout;
    limits[TH_HTTP_TIMER_WRITE] = (uint64_t)settings->http_write_timeout;
    limits[TH_HTTP_TIMER_LINGER] = (uint64_t)settings->http_linger_timeout;
    uint64_t shortest = (uint64_t)settings->http_stream_comment;
    for (int timer = TH_HTTP_TIMER_HEAD; timer < TH_HTTP_TIMER_COUNT; timer++)
        if (limits[timer] < shortest) shortest = limits[timer];
    /* A limit is met at most half of itself late. */
    server->tick_ms = shortest / 2 < TICK_MS ? shortest / 2 : TICK_MS;
    if (server->tick_ms < TICK_SHORTEST_MS) server->tick_ms = TICK_SHORTEST_MS;
    for (int timer = 0; timer < TH_HTTP_TIMER_COUNT; timer++)
        th_list_init(&server->timers[timer]);
    th_list_init(&server->streams);
}

void th_http_timeouts_enter(th_http_connection_t *connection, th_http_timer_t timer,
                            uint64_t since) {
    th_list_remove(&connection->timer_link);
    connection->timer = timer;
    connection->timer_since = since;
    if (timer == TH_HTTP_TIMER_NONE) return;
    /* A head interrupted by a write comes back with its first byte's time: it belongs before those
     * that began later, or it would gain time. */
    th_list_t *list = &connection->server->timers[timer];
    th_list_t *before = list;
    while (before->prev != list &&
           TH_CONTAINER(before->prev, th_http_connection_t, timer_link)->timer_since > since)
        before = before->prev;
    th_list_add_tail(before, &connection->timer_link);
}

/* A client that takes bytes, however slowly, is let go on; the limit is for no progress at all. */
static bool write_progressed(th_http_connection_t *connection) {
    size_t queue = uv_stream_get_write_queue_size((uv_stream_t *)&connection->tcp);
    if (queue == connection->write_mark) return false;
    connection->write_mark = queue;
    return true;
}

static void tick_timer(th_http_server_t *server, th_http_timer_t timer, uint64_t now) {
    th_list_t *list = &server->timers[timer];
    while (!th_list_is_empty(list)) {
        th_http_connection_t *oldest = TH_CONTAINER(list->next, th_http_connection_t, timer_link);
        if (now - oldest->timer_since < server->timer_limits[timer]) return;
        if (timer == TH_HTTP_TIMER_WRITE && write_progressed(oldest)) {
            th_http_timeouts_enter(oldest, timer, now);
            continue;
        }
        th_http_timeouts_enter(oldest, TH_HTTP_TIMER_NONE, now); /* so that this loop ends */
        th_http_connection_expired(oldest, timer);
    }
}

static void tick_streams(th_http_server_t *server, uint64_t now) {
    uint64_t pause = (uint64_t)server->worker->settings->http_stream_comment;
    while (!th_list_is_empty(&server->streams)) {
        th_http_answer_t *oldest =
            TH_CONTAINER(server->streams.next, th_http_answer_t, stream_link);
        if (now - oldest->stream_since < pause) return;
        oldest->stream_since = now;
        th_list_remove(&oldest->stream_link);
        th_list_add_tail(&server->streams, &oldest->stream_link);
        th_http_stream_comment(oldest);
    }
}

void th_http_timeouts_tick(uv_timer_t *tick) {
    th_http_server_t *server = tick->data;
    uint64_t now = uv_now(&server->worker->loop);
    for (int timer = TH_HTTP_TIMER_HEAD; timer < TH_HTTP_TIMER_COUNT; timer++)
        tick_timer(server, (th_http_timer_t)timer, now);
    tick_streams(server, now);
    /* An idle process need not wake; accepting starts it again. */
    if (th_list_is_empty(&server->connections)) (void)uv_timer_stop(tick);
}
