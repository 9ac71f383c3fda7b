/* net_fixture.h - a worker with small limits, and raw clients that speak bytes to it.
 * Everything runs on one thread: while a client waits, the worker's loop is turned. Waiting ends
 * with the event waited for; the guard only turns a hang into a failure. */
#ifndef TH_TESTS_NET_FIXTURE_H
#define TH_TESTS_NET_FIXTURE_H

#include "check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/random.h"
#include "loop/fetch.h"
#include "loop/worker.h"
#include "net/http.h"

#define GUARD_MS 30000

static inline void net_settings(th_settings_t *settings) {
    *settings = (th_settings_t){
        .worker_count = 1,
        .worker_inbox = 16,
        .fetch_concurrency = 4,
        .fetch_queue = 4,
        .http_connections = 600,
        .http_connections_per_address = 50,
        .http_head_bytes = 16384,
        .http_head_fields = 64,
        .http_field_bytes = 8192,
        .http_target_bytes = 4096,
        .http_body_bytes = 1 << 20,
        .http_head_timeout = 10000,
        .http_body_timeout = 10000,
        .http_idle_timeout = 10000,
        .http_write_timeout = 10000,
        .http_linger_timeout = 2000,
        .http_linger_bytes = 256 << 10,
        .http_pipelined = 32,
        .http_unsent_bytes = 512 << 10,
        .http_stream_comment = 10000,
        .websocket_message_bytes = 64 << 10,
        .websocket_ping = 20000,
        .websocket_pong_timeout = 10000,
        .websocket_unsent_bytes = 1 << 20,
        .stdio_line_bytes = 4096,
    };
}

typedef struct raw_client {
    int fd;
    bool ended; /* the server closed or reset the connection */
    bool reset;
    th_buffer_t received;
} raw_client_t;

/* One turn of the loop and of the client; waits for an event of either, at most a moment. */
static inline void turn(th_worker_t *worker, raw_client_t *client) {
    uv_run(&worker->loop, UV_RUN_NOWAIT);
    if (client && !client->ended) {
        char bytes[65536];
        ssize_t count;
        while ((count = recv(client->fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
            assert_true(th_buffer_add(&client->received, bytes, (size_t)count));
        client->reset = count < 0 && errno != EAGAIN;
        client->ended = count == 0 || client->reset;
        if (client->received.length > 0) {
            assert_true(th_buffer_add_byte(&client->received, '\0'));
            client->received.length--;
        }
    }
}

static inline void rest(th_worker_t *worker, raw_client_t *client) {
    int wait = uv_backend_timeout(&worker->loop);
    if (wait < 0 || wait > 20) wait = 20;
    struct pollfd polled[2] = {{.fd = uv_backend_fd(&worker->loop), .events = POLLIN},
                               {.fd = client ? client->fd : -1, .events = POLLIN}};
    if (client && client->ended) polled[1].fd = -1;
    (void)poll(polled, 2, wait);
}

#define WAIT_FOR(worker, client, condition)                                                   \
    do {                                                                                      \
        uint64_t guard_ = th_clock_monotonic_ms() + GUARD_MS;                                 \
        turn(worker, client);                                                                 \
        while (!(condition)) {                                                                \
            if (th_clock_monotonic_ms() > guard_) fail_msg("waited in vain for " #condition); \
            rest(worker, client);                                                             \
            turn(worker, client);                                                             \
        }                                                                                     \
    } while (0)

static inline int connect_to(const char *address, const char *from, int receive_buffer) {
    const char *colon = strrchr(address, ':');
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6,
                              .sin6_port = htons((uint16_t)atoi(colon + 1))};
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = v6.sin6_port};
    bool six = address[0] == '[';
    char host[64];
    (void)snprintf(host, sizeof host, "%.*s", (int)(colon - address - (six ? 2 : 0)),
                   address + (six ? 1 : 0));
    assert_int_equal(inet_pton(six ? AF_INET6 : AF_INET, host,
                               six ? (void *)&v6.sin6_addr : (void *)&v4.sin_addr),
                     1);
    int fd = socket(six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    if (receive_buffer > 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    if (from) {
        struct sockaddr_in local = {.sin_family = AF_INET};
        assert_int_equal(inet_pton(AF_INET, from, &local.sin_addr), 1);
        assert_int_equal(bind(fd, (struct sockaddr *)&local, sizeof local), 0);
    }
    int failed = six ? connect(fd, (struct sockaddr *)&v6, sizeof v6)
                     : connect(fd, (struct sockaddr *)&v4, sizeof v4);
    if (failed) {
        close(fd);
        return -1;
    }
    return fd;
}

static inline void client_open(raw_client_t *client, const char *address) {
    *client = (raw_client_t){.fd = connect_to(address, NULL, 0)};
    th_buffer_init(&client->received, 64 << 20);
    assert_true(client->fd >= 0);
}

static inline void client_close(raw_client_t *client) {
    if (client->fd >= 0) close(client->fd);
    client->fd = -1;
    th_buffer_reset(&client->received);
}

/* Sends everything, turning the loop while the kernel takes no more. */
static inline void client_send(th_worker_t *worker, raw_client_t *client, const char *data,
                               size_t length) {
    uint64_t guard = th_clock_monotonic_ms() + GUARD_MS;
    while (length > 0) {
        ssize_t sent = send(client->fd, data, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN) return; /* the server closed: the test looks at that */
        if (sent > 0) {
            data += sent;
            length -= (size_t)sent;
            continue;
        }
        assert_true(th_clock_monotonic_ms() < guard);
        turn(worker, client);
    }
}

static inline void client_say(th_worker_t *worker, raw_client_t *client, const char *text) {
    client_send(worker, client, text, strlen(text));
}

static inline const char *received(const raw_client_t *client) {
    return client->received.length > 0 ? client->received.data : "";
}

static inline size_t times(const char *text, const char *part) {
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
        count++;
    return count;
}

static inline int open_descriptors(void) {
    int count = 0;
    for (int fd = 0; fd < 4096; fd++)
        if (fcntl(fd, F_GETFD) != -1) count++;
    return count;
}

#endif
