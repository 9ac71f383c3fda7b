/* websocket_room.c - the libwebsockets context of a worker, made when a server first offers
 * WebSockets, and the virtual host of each such server. None of them listens: sockets are only
 * adopted. */
#include "net/websocket_room.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "config/settings.h"

/* The largest piece that RECEIVE gets, allocated per WebSocket: half of what an idle one costs. */
#define RECEIVE_BYTES 2048
/* The most one send() gets; left alone, it would be RECEIVE_BYTES. */
#define SEND_BYTES (1u << 20)
/* Heads are taken and given back inside one call; a few more than one cost nothing. */
#define HEAD_POOL 4

/* The library has one log level and one log function per process, which gets no argument: the one
 * place where the logger cannot come from a worker. */
static _Atomic(const th_log_t *) library_log;

static void on_library_log(int level, const char *line) {
    char text[256];
    (void)snprintf(text, sizeof text, "%s", line);
    text[strcspn(text, "\r\n")] = '\0';
    th_log(atomic_load(&library_log), level == LLL_ERR ? TH_LOG_ERROR : TH_LOG_WARNING, "net",
           "libwebsockets: %s", text);
}

/* The library speaks only while contexts and virtual hosts are made, before the workers' threads
 * run: its formatter uses one static buffer (a data race between workers), and afterwards it logs
 * an "error" at every hand-over that is none. */
static void let_library_speak(const th_log_t *log) {
    atomic_store(&library_log, log);
    lws_set_log_level(log ? LLL_ERR | LLL_WARN : 0, on_library_log);
}

/* With a foreign loop the library is destroyed in two halves: the first closes sockets and, over
 * the next turns, its own handles; the second frees the context, once the loop ran dry. */
static void on_deadline(uv_timer_t *timer) {
    th_websocket_room_t *room = timer->data;
    room->destroyed = true;
    room->worker->websocket_context = NULL;
    uv_close((uv_handle_t *)timer, NULL);
    lws_context_destroy(room->context);
}

static void free_host(th_websocket_host_t *host) {
    for (size_t i = 0; i < host->endpoint_count; i++) {
        free((char *)host->endpoints[i].path);
        free((char *)host->endpoints[i].subprotocol);
    }
    free(host->endpoints);
    free(host->protocols);
    free(host);
}

static void leave_room(th_websocket_room_t *room, th_websocket_host_t *host) {
    th_list_add_tail(&room->closed_hosts, &host->link);
    if (--room->hosts > 0 || !room->destroyed) return;
    lws_context_destroy(room->context);
    for (th_list_t *node; (node = th_list_take_first(&room->closed_hosts));)
        free_host(TH_CONTAINER(node, th_websocket_host_t, link));
    free(room);
}

void th_websocket_room_left(th_websocket_room_t *room) {
    /* Never destroyed here: this runs inside a callback of the library. */
    if (room->stopping && !room->destroyed && th_list_is_empty(&room->sockets))
        (void)uv_timer_start(&room->deadline, on_deadline, 0, 0);
}

static void on_stop(th_worker_part_t *part) {
    th_websocket_room_t *room = TH_CONTAINER(part, th_websocket_room_t, part);
    room->stopping = true;
    uint64_t limit = (uint64_t)room->worker->settings->http_linger_timeout;
    bool empty = th_list_is_empty(&room->sockets);
    th_websocket_end_all(room);
    (void)uv_timer_start(&room->deadline, on_deadline, empty ? 0 : limit, 0);
}

static bool make_context(th_websocket_room_t *room, th_error_t *error) {
    th_worker_t *worker = room->worker;
    room->loops[0] = &worker->loop;
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_LIBUV |
                   LWS_SERVER_OPTION_VALIDATE_UTF8,
        .foreign_loops = room->loops,
        .count_threads = 1,
        .max_http_header_pool = HEAD_POOL,
        .max_http_header_data = 2048,
        .user = room,
    };
    room->context = lws_create_context(&info);
    if (room->context) {
        worker->websocket_context = room->context;
        return true;
    }
    return th_error_set(error, "no_websockets",
                        "libwebsockets could not start on libuv; is the Debian package "
                        "libwebsockets-evlib-uv installed?");
}

static th_websocket_room_t *room_of(th_worker_t *worker, th_error_t *error) {
    if (worker->websocket_context) return lws_context_user(worker->websocket_context);
    th_websocket_room_t *room = calloc(1, sizeof *room);
    if (!room) {
        (void)th_error_set(error, "no_memory", "no memory for WebSockets");
        return NULL;
    }
    room->worker = worker;
    room->part.stop = on_stop;
    th_list_init(&room->sockets);
    th_list_init(&room->closed_hosts);
    if (!make_context(room, error)) {
        free(room);
        return NULL;
    }
    (void)uv_timer_init(&worker->loop, &room->deadline); /* cannot fail */
    room->deadline.data = room;
    th_worker_add_part(worker, &room->part);
    return room;
}

static bool copy_endpoints(th_websocket_host_t *host, const th_websocket_endpoint_t *endpoints,
                           size_t count) {
    host->endpoints = calloc(count, sizeof *endpoints);
    if (!host->endpoints) return false;
    for (size_t i = 0; i < count; i++) {
        th_websocket_endpoint_t *copy = &host->endpoints[i];
        *copy = endpoints[i];
        copy->path = strdup(endpoints[i].path);
        if (endpoints[i].subprotocol) copy->subprotocol = strdup(endpoints[i].subprotocol);
        host->endpoint_count++;
        if (!copy->path || (endpoints[i].subprotocol && !copy->subprotocol)) return false;
    }
    return true;
}

/* The first protocol serves endpoints without a subprotocol; a NULL name ends the list. */
static bool make_protocols(th_websocket_host_t *host) {
    host->protocols = calloc(host->endpoint_count + 2, sizeof *host->protocols);
    if (!host->protocols) return false;
    const struct lws_protocols plain = {.name = "tallyhost-none",
                                        .callback = th_websocket_callback,
                                        .rx_buffer_size = RECEIVE_BYTES,
                                        .tx_packet_size = SEND_BYTES};
    size_t used = 0;
    host->protocols[used++] = plain;
    for (size_t i = 0; i < host->endpoint_count; i++) {
        const char *name = host->endpoints[i].subprotocol;
        bool known = name == NULL;
        for (size_t k = 0; k < used && !known; k++)
            known = strcmp(host->protocols[k].name, name) == 0;
        if (known) continue;
        host->protocols[used] = plain;
        host->protocols[used++].name = name;
    }
    return true;
}

static bool make_vhost(th_websocket_host_t *host, th_error_t *error) {
    const th_settings_t *settings = host->room->worker->settings;
    int64_t ping = (settings->websocket_ping + 999) / 1000;
    int64_t pong = (settings->websocket_pong_timeout + 999) / 1000;
    /* Both are counted from the last sign of life, and the library asserts that they differ. */
    host->policy.secs_since_valid_ping = (uint16_t)(ping < 30000 ? ping : 30000);
    host->policy.secs_since_valid_hangup =
        (uint16_t)(host->policy.secs_since_valid_ping + (pong < 30000 ? pong : 30000));
    (void)snprintf(host->name, sizeof host->name, "server-%u", host->room->hosts);
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .options = LWS_SERVER_OPTION_VALIDATE_UTF8,
        .protocols = host->protocols,
        .vhost_name = host->name,
        .retry_and_idle_policy = &host->policy,
        .timeout_secs = 10,
    };
    host->vhost = lws_create_vhost(host->room->context, &info);
    return host->vhost ||
           th_error_set(error, "no_websockets", "libwebsockets could not make a virtual host");
}

th_websocket_host_t *th_websocket_host_open(th_http_server_t *server, th_worker_t *worker,
                                            const th_websocket_endpoint_t *endpoints, size_t count,
                                            th_error_t *error) {
    th_websocket_host_t *host = calloc(1, sizeof *host);
    if (!host || !copy_endpoints(host, endpoints, count) || !make_protocols(host)) {
        (void)th_error_set(error, "no_memory", "no memory for WebSockets");
        th_websocket_host_close(host);
        return NULL;
    }
    host->server = server;
    let_library_speak(worker->log);
    th_websocket_room_t *room = room_of(worker, error);
    bool good = room != NULL;
    if (good) {
        host->room = room;
        room->hosts++;
        good = make_vhost(host, error);
    }
    let_library_speak(NULL);
    if (good) return host;
    th_websocket_host_close(host);
    return NULL;
}

void th_websocket_host_close(th_websocket_host_t *host) {
    if (!host) return;
    if (host->room)
        leave_room(host->room, host);
    else
        free_host(host);
}

const th_websocket_endpoint_t *th_websocket_host_endpoints(const th_websocket_host_t *host,
                                                           size_t *count) {
    *count = host->endpoint_count;
    return host->endpoints;
}

bool th_websocket_host_has_path(const th_websocket_host_t *host, th_slice_t path) {
    for (size_t i = 0; i < host->endpoint_count; i++)
        if (th_slice_is(path, host->endpoints[i].path)) return true;
    return false;
}
