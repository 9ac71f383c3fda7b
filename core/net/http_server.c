/* http_server.c - opening, draining and closing one server, and what its connections share. */
#include <stdlib.h>

#include "base/log.h"
#include "net/http_internal.h"
#include "net/http_route.h"
#include "net/websocket_host.h"

/* An answer's status line and headers together, a handler's included. */
#define ANSWER_HEAD_BYTES 65536

static void on_connection(uv_stream_t *stream, int status) {
    th_http_server_t *server = stream->data;
    if (status < 0) {
        uint64_t now = uv_now(&server->worker->loop);
        if (now - server->refusal_logged < 1000 && server->refusal_logged > 0) return;
        server->refusal_logged = now;
        th_log(server->worker->log, TH_LOG_WARNING, "net", "a connection could not be accepted: %s",
               uv_strerror(status));
        return;
    }
    th_http_connection_accept(server, TH_CONTAINER(stream, th_listener_t, tcp));
}

static void on_resume(uv_idle_t *resumer) {
    th_http_server_t *server = resumer->data;
    /* Only those that waited when this turn began: one that pauses again waits for the next. */
    th_list_t batch;
    th_list_init(&batch);
    while (!th_list_is_empty(&server->resume)) {
        th_list_t *node = server->resume.next;
        th_list_remove(node);
        th_list_add_tail(&batch, node);
    }
    while (!th_list_is_empty(&batch)) {
        th_list_t *node = batch.next;
        th_list_remove(node);
        th_http_connection_resume(TH_CONTAINER(node, th_http_connection_t, resume_link));
    }
    if (th_list_is_empty(&server->resume)) (void)uv_idle_stop(resumer);
}

void th_http_server_resume_later(th_http_connection_t *connection) {
    th_http_server_t *server = connection->server;
    if (server->stopped || !th_list_is_empty(&connection->resume_link)) return;
    th_list_add_tail(&server->resume, &connection->resume_link);
    (void)uv_idle_start(&server->resumer, on_resume);
}

void th_http_server_release(th_http_server_t *server, th_peer_t *peer) {
    server->connection_count--;
    th_peers_release(server->peers, peer);
}

static void free_server(th_http_server_t *server) {
    while (!th_list_is_empty(&server->orphans))
        th_http_answer_free(TH_CONTAINER(server->orphans.next, th_http_answer_t, link));
    for (unsigned i = 0; i < server->listener_count; i++)
        (void)th_listener_close(&server->listeners[i], NULL);
    th_websocket_host_close(server->websockets);
    th_http_routes_free(server);
    th_peers_free(server->peers);
    th_buffer_reset(&server->head_out);
    free(server->read_buffer);
    free(server->fields);
    free(server);
}

void th_http_server_handle_closed(th_http_server_t *server) {
    if (--server->handles == 0 && server->abandoned) free_server(server);
}

static void on_handle_closed(uv_handle_t *handle) {
    th_http_server_handle_closed(handle->data);
}

static void stop_accepting(th_http_server_t *server) {
    server->draining = true;
    for (unsigned i = 0; i < server->listener_count; i++)
        (void)th_listener_close(&server->listeners[i], on_handle_closed);
}

/* Closing a connection takes it out of the list, so each round looks at the first that is left. */
static void close_connections(th_http_server_t *server, bool idle_only) {
    th_list_t *node = server->connections.next;
    while (node != &server->connections) {
        th_http_connection_t *connection = TH_CONTAINER(node, th_http_connection_t, link);
        node = node->next;
        if (!idle_only || th_http_connection_is_idle(connection))
            th_http_connection_close(connection);
    }
}

static void on_stop(th_worker_part_t *part) {
    th_http_server_t *server = TH_CONTAINER(part, th_http_server_t, part);
    server->stopped = true;
    stop_accepting(server);
    close_connections(server, false);
    uv_close((uv_handle_t *)&server->tick, on_handle_closed);
    uv_close((uv_handle_t *)&server->resumer, on_handle_closed);
}

static bool allocate(th_http_server_t *server, const th_http_server_config_t *config) {
    const th_settings_t *settings = server->worker->settings;
    server->limits = (th_http_limits_t){
        .head_bytes = (size_t)settings->http_head_bytes,
        .head_fields = (size_t)settings->http_head_fields,
        .field_bytes = (size_t)settings->http_field_bytes,
        .target_bytes = (size_t)settings->http_target_bytes,
        .body_bytes = (uint64_t)settings->http_body_bytes,
    };
    server->fields = calloc(server->limits.head_fields + 1, sizeof *server->fields);
    server->read_buffer = malloc(TH_HTTP_READ_BYTES);
    server->peers = th_peers_new((size_t)settings->http_connections,
                                 (size_t)settings->http_connections_per_address);
    return server->fields && server->read_buffer && server->peers &&
           th_http_routes_copy(server, config->routes, config->route_count);
}

static void open_handles(th_http_server_t *server) {
    uv_loop_t *loop = &server->worker->loop;
    (void)uv_timer_init(loop, &server->tick); /* neither of the two can fail */
    (void)uv_idle_init(loop, &server->resumer);
    server->tick.data = server->resumer.data = server;
    server->handles = 2;
}

static bool start(th_http_server_t *server, const th_http_server_config_t *config,
                  th_error_t *error) {
    if (config->websocket_count > 0) {
        server->websockets = th_websocket_host_open(server, server->worker, config->websockets,
                                                    config->websocket_count, error);
        if (!server->websockets) return false;
    }
    for (unsigned i = 0; i < server->listener_count; i++) {
        bool started = th_listener_start(&server->listeners[i], &server->worker->loop,
                                         on_connection, server, error);
        if (server->listeners[i].open) server->handles++;
        if (!started) return false;
    }
    return true;
}

th_http_server_t *th_http_server_open(th_worker_t *worker, const th_http_server_config_t *config,
                                      th_error_t *error) {
    th_http_server_t *server = calloc(1, sizeof *server);
    if (!server) {
        (void)th_error_set(error, "no_memory", "no memory for the HTTP server");
        return NULL;
    }
    server->worker = worker;
    server->part.stop = on_stop;
    server->local_only_hosts = config->local_only_hosts;
    server->date_of = -1;
    th_list_init(&server->part.link);
    th_list_init(&server->connections);
    th_list_init(&server->orphans);
    th_list_init(&server->resume);
    th_buffer_init(&server->head_out, ANSWER_HEAD_BYTES);
    th_http_timeouts_open(server);
    if (!allocate(server, config)) {
        (void)th_error_set(error, "no_memory", "no memory for the HTTP server");
        free_server(server);
        return NULL;
    }
    if (!th_listeners_bind(config->listen, config->reuse_port, server->listeners,
                           &server->listener_count, error)) {
        free_server(server);
        return NULL;
    }
    open_handles(server);
    if (!start(server, config, error)) {
        server->abandoned = true; /* freed when the loop has closed the handles */
        on_stop(&server->part);
        return NULL;
    }
    th_worker_add_part(worker, &server->part);
    return server;
}

const char *th_http_server_address(const th_http_server_t *server) {
    return server->listeners[0].address;
}

void th_http_server_drain(th_http_server_t *server) {
    stop_accepting(server);
    close_connections(server, true);
}

size_t th_http_server_pending(const th_http_server_t *server) {
    return server->exchange_count + server->write_count;
}

void th_http_server_close(th_http_server_t *server) {
    if (!server) return;
    th_worker_remove_part(&server->part);
    free_server(server);
}
