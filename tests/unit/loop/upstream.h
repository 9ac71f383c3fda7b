/* upstream.h - a small HTTP server for tests: blocking sockets, one thread per connection, and a
 * function of the test that says (or breaks) every answer. Include once per test program. */
#ifndef TH_TESTS_LOOP_UPSTREAM_H
#define TH_TESTS_LOOP_UPSTREAM_H

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define UPSTREAM_CONNECTIONS 1024
#define UPSTREAM_REQUEST_MAX (2 * 1024 * 1024)

typedef struct upstream upstream_t;

typedef struct upstream_request {
    upstream_t *server;
    int fd;
    unsigned number;     /* of all requests to this server, from 0 */
    unsigned connection; /* of all connections, from 0 */
    char *text;          /* the whole request, NUL-terminated */
    const char *body;
    size_t body_length;
} upstream_request_t;

/* Writes the answer with upstream_send(); false closes the connection. */
typedef bool (*upstream_handler_t)(upstream_request_t *request);

struct upstream {
    int listener;
    unsigned port;
    upstream_handler_t handler;
    void *arg;
    pthread_t acceptor;
    pthread_mutex_t lock; /* guards fds, threads, connections */
    int fds[UPSTREAM_CONNECTIONS];
    pthread_t threads[UPSTREAM_CONNECTIONS];
    unsigned connections;
    atomic_uint requests;
    atomic_bool gate; /* for handlers that wait: see upstream_wait_gate() */
    atomic_bool stopping;
};

typedef struct upstream_visit {
    upstream_t *server;
    int fd;
    unsigned connection;
} upstream_visit_t;

static inline void upstream_send_bytes(int fd, const char *data, size_t length) {
    while (length > 0) {
        ssize_t sent = send(fd, data, length, MSG_NOSIGNAL);
        if (sent <= 0) return;
        data += sent;
        length -= (size_t)sent;
    }
}

static inline void upstream_send(upstream_request_t *request, const char *text) {
    upstream_send_bytes(request->fd, text, strlen(text));
}

/* A whole answer with a Content-Length; <headers> are whole lines with CRLF. */
static inline bool upstream_answer(upstream_request_t *request, int status, const char *headers,
                                   const char *body) {
    char head[1024];
    snprintf(head, sizeof head, "HTTP/1.1 %d X\r\n%sContent-Length: %zu\r\n\r\n", status, headers,
             strlen(body));
    upstream_send(request, head);
    if (strncmp(request->text, "HEAD ", 5) != 0) upstream_send(request, body);
    return true;
}

/* Waits until the client closes, so that a test decides how long "never" is. */
static inline bool upstream_never(upstream_request_t *request) {
    char byte;
    while (recv(request->fd, &byte, 1, 0) > 0) {
    }
    return false;
}

static inline void upstream_wait_gate(upstream_request_t *request) {
    while (!atomic_load(&request->server->gate) && !atomic_load(&request->server->stopping)) {
        poll(NULL, 0, 1);
    }
}

static inline bool upstream_has(const upstream_request_t *request, const char *needle) {
    return strstr(request->text, needle) != NULL;
}

static inline size_t upstream_body_length(const char *head) {
    const char *field = strcasestr(head, "\r\nContent-Length:");
    return field ? strtoul(field + 17, NULL, 10) : 0;
}

/* One request into request->text; false when the client went away. */
static inline bool upstream_read(upstream_request_t *request) {
    size_t length = 0, needed = 0;
    char *text = malloc(UPSTREAM_REQUEST_MAX); /* never moved: it may hold a test's secret */
    assert(text);
    while (needed == 0 || length < needed) {
        assert(length + 1 < UPSTREAM_REQUEST_MAX);
        ssize_t got = recv(request->fd, text + length, UPSTREAM_REQUEST_MAX - 1 - length, 0);
        if (got <= 0) {
            free(text);
            return false;
        }
        length += (size_t)got;
        text[length] = '\0';
        char *end = strstr(text, "\r\n\r\n");
        if (end && needed == 0) {
            needed = (size_t)(end - text) + 4 + upstream_body_length(text);
        }
    }
    request->text = text;
    request->body = strstr(text, "\r\n\r\n") + 4;
    request->body_length = length - (size_t)(request->body - text);
    return true;
}

static inline void *upstream_serve(void *arg) {
    upstream_visit_t visit = *(upstream_visit_t *)arg;
    free(arg);
    upstream_request_t request = {
        .server = visit.server, .fd = visit.fd, .connection = visit.connection};
    bool goes_on = true;
    while (goes_on && upstream_read(&request)) {
        request.number = atomic_fetch_add(&visit.server->requests, 1);
        goes_on = visit.server->handler(&request);
        explicit_bzero(request.text, strlen(request.text));
        free(request.text);
    }
    shutdown(visit.fd, SHUT_RDWR); /* closed by upstream_stop(), so that its number stays ours */
    return NULL;
}

static inline void *upstream_accept(void *arg) {
    upstream_t *server = arg;
    for (int fd; (fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0;) {
        int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        pthread_mutex_lock(&server->lock);
        assert(server->connections < UPSTREAM_CONNECTIONS);
        unsigned number = server->connections++;
        server->fds[number] = fd;
        upstream_visit_t *visit = malloc(sizeof *visit);
        assert(visit);
        *visit = (upstream_visit_t){server, fd, number};
        pthread_create(&server->threads[number], NULL, upstream_serve, visit);
        pthread_mutex_unlock(&server->lock);
    }
    return NULL;
}

static inline int upstream_listen(unsigned *port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int failed = bind(fd, (struct sockaddr *)&address, size) || listen(fd, 512) ||
                 getsockname(fd, (struct sockaddr *)&address, &size);
    assert(!failed);
    (void)failed;
    *port = ntohs(address.sin_port);
    return fd;
}

static inline upstream_t *upstream_start(upstream_handler_t handler, void *arg) {
    upstream_t *server = calloc(1, sizeof *server);
    assert(server);
    server->handler = handler;
    server->arg = arg;
    pthread_mutex_init(&server->lock, NULL);
    server->listener = upstream_listen(&server->port);
    pthread_create(&server->acceptor, NULL, upstream_accept, server);
    return server;
}

static inline unsigned upstream_connections(upstream_t *server) {
    pthread_mutex_lock(&server->lock);
    unsigned count = server->connections;
    pthread_mutex_unlock(&server->lock);
    return count;
}

static inline void upstream_stop(upstream_t *server) {
    atomic_store(&server->stopping, true);
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->acceptor, NULL);
    close(server->listener);
    for (unsigned i = 0; i < server->connections; i++)
        shutdown(server->fds[i], SHUT_RDWR);
    for (unsigned i = 0; i < server->connections; i++) {
        pthread_join(server->threads[i], NULL);
        close(server->fds[i]);
    }
    pthread_mutex_destroy(&server->lock);
    free(server);
}

#endif
