/* fuzz_http_connection.c - a whole server, over loopback sockets: whatever a client sends, in
 * whatever pieces, and however its requests are answered. One server serves all inputs. Input:
 * records of a command byte and its argument. 0-199: that many bytes follow and are sent; 200-219:
 * answer the oldest held request (some with a stream); 220-239: read what came; 240-249: end the
 * sending side; 250-255: only turn the loop. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/random.h"
#include "loop/fetch.h"
#include "net/http.h"
#include "net/websocket.h"

#define HELD_MAX 64

typedef struct bench {
    th_settings_t settings;
    th_worker_t worker;
    th_http_server_t *server;
    th_http_exchange_t *held[HELD_MAX];
    bool streams[HELD_MAX]; /* which of them began one */
    unsigned held_count;
    th_websocket_t *socket;
    unsigned sockets;
} bench_t;

static void respond(th_http_exchange_t *exchange, th_slice_t body) {
    th_http_response_t response = {.status = 200, .content_type = "text/plain", .body = body};
    exchange->operations->respond(exchange, &response);
}

static void on_echo(th_http_exchange_t *exchange, const th_http_request_t *request, void *arg) {
    (void)arg;
    respond(exchange, request->body);
}

static void forget(bench_t *bench, unsigned i) {
    bench->held[i] = bench->held[--bench->held_count];
    bench->streams[i] = bench->streams[bench->held_count];
}

static void on_gone(th_http_exchange_t *exchange, void *user) {
    bench_t *bench = user;
    for (unsigned i = 0; i < bench->held_count; i++) {
        if (bench->held[i] != exchange) continue;
        forget(bench, i);
        return;
    }
    abort(); /* told twice, or of an exchange that was answered */
}

static void on_hold(th_http_exchange_t *exchange, const th_http_request_t *request, void *arg) {
    bench_t *bench = arg;
    if (bench->held_count == HELD_MAX) {
        respond(exchange, TH_SLICE("full"));
        return;
    }
    exchange->on_gone = on_gone;
    exchange->user = bench;
    bool stream = th_slice_is(request->query, "s");
    bench->streams[bench->held_count] = stream;
    bench->held[bench->held_count++] = exchange;
    if (!stream) return;
    th_http_response_t head = {.status = 200, .content_type = "text/event-stream"};
    exchange->operations->begin_stream(exchange, &head);
}

static void *on_open(void *arg, th_websocket_t *socket, const th_http_request_t *upgrade) {
    (void)upgrade;
    bench_t *bench = arg;
    bench->socket = socket;
    bench->sockets++;
    return bench;
}

static void on_message(void *user, th_slice_t text) {
    bench_t *bench = user;
    if (text.length == 3)
        th_websocket_end(bench->socket, 1000, "three");
    else
        (void)th_websocket_send(bench->socket, text);
}

static void on_closed(void *user) {
    ((bench_t *)user)->sockets--;
}

static void open_server(bench_t *bench) {
    static const th_websocket_handlers_t handlers = {on_open, on_message, on_closed};
    th_http_route_t routes[] = {
        {.path = "/e",
         .methods = 1u << TH_HTTP_POST | 1u << TH_HTTP_GET,
         .handler = on_echo,
         .cross_origin = true},
        {.path = "/h",
         .methods = 1u << TH_HTTP_GET | 1u << TH_HTTP_POST,
         .handler = on_hold,
         .arg = bench},
    };
    th_websocket_endpoint_t endpoint = {.path = "/w", .handlers = &handlers, .arg = bench};
    th_http_server_config_t config = {.listen = "127.0.0.1:0",
                                      .routes = routes,
                                      .route_count = 2,
                                      .websockets = &endpoint,
                                      .websocket_count = 1};
    th_error_t error;
    bench->server = th_http_server_open(&bench->worker, &config, &error);
    if (!bench->server) abort();
}

static bench_t *start(void) {
    bench_t *bench = calloc(1, sizeof *bench);
    bench->settings = (th_settings_t){
        .worker_inbox = 4,
        .fetch_concurrency = 1,
        .fetch_queue = 1,
        .http_connections = 100,
        .http_connections_per_address = 100,
        .http_head_bytes = 600,
        .http_head_fields = 12,
        .http_field_bytes = 300,
        .http_target_bytes = 100,
        .http_body_bytes = 400,
        .http_head_timeout = 10000,
        .http_body_timeout = 10000,
        .http_idle_timeout = 10000,
        .http_write_timeout = 10000,
        .http_linger_timeout = 1000,
        .http_linger_bytes = 300,
        .http_pipelined = 4,
        .http_unsent_bytes = 2000,
        .http_stream_comment = 10000,
        .websocket_message_bytes = 300,
        .websocket_ping = 20000,
        .websocket_pong_timeout = 10000,
        .websocket_unsent_bytes = 2000,
    };
    (void)th_random_start();
    (void)signal(SIGPIPE, SIG_IGN);
    th_error_t error;
    if (!th_worker_open(&bench->worker, 0, &bench->settings, NULL, &error)) abort();
    open_server(bench);
    return bench;
}

static int dial(const bench_t *bench) {
    struct sockaddr_in to = {.sin_family = AF_INET};
    to.sin_port = htons((uint16_t)atoi(strrchr(th_http_server_address(bench->server), ':') + 1));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0) abort();
    (void)fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static void turn(bench_t *bench) {
    for (int i = 0; i < 3; i++)
        (void)uv_run(&bench->worker.loop, UV_RUN_NOWAIT);
}

static void answer(bench_t *bench, unsigned how) {
    if (bench->held_count == 0) return;
    th_http_exchange_t *exchange = bench->held[0];
    const th_http_exchange_operations_t *does = exchange->operations;
    static const char filler[1500];
    bool stream = bench->streams[0];
    if (how % 4 == 1) {
        forget(bench, 0);
        does->abort(exchange);
    } else if (!stream) {
        forget(bench, 0);
        respond(exchange, th_slice(filler, how * 20));
    } else if (does->send(exchange, th_slice(filler, how * 70)) && how % 4 != 0) {
        forget(bench, 0); /* else the stream was cut, and on_gone comes, or it goes on */
        does->end_stream(exchange);
    }
}

static void run_record(bench_t *bench, int fd, const uint8_t **data, const uint8_t *end) {
    unsigned command = *(*data)++;
    char bytes[4096];
    if (command < 200) {
        size_t length = (size_t)(end - *data) < command ? (size_t)(end - *data) : command;
        (void)!send(fd, *data, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        *data += length;
    } else if (command < 220) {
        answer(bench, command - 200);
    } else if (command < 240) {
        (void)!recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    } else if (command < 250) {
        (void)shutdown(fd, SHUT_WR);
    }
    turn(bench);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bench_t *bench; /* the program's only one: libFuzzer gives no other place for it */
    if (!bench) bench = start();
    if (size > 4000) return 0;
    int fd = dial(bench);
    turn(bench);
    for (const uint8_t *end = data + size; data < end;)
        run_record(bench, fd, &data, end);
    struct linger reset = {.l_onoff = 1};
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    (void)close(fd);
    for (int i = 0; i < 1000 && (th_http_server_pending(bench->server) || bench->sockets); i++) {
        turn(bench);
        /* At the limit of unanswered requests nothing is read, so the client's leaving is only seen
         * when one of them is answered. */
        if (i >= 10) answer(bench, 2);
    }
    if (th_http_server_pending(bench->server) || bench->held_count || bench->sockets) abort();
    return 0;
}
