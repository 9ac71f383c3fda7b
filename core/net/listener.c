/* listener.c - sockets made and bound by hand, because libuv 1.44 knows no SO_REUSEPORT.
 * TCP_NODELAY and SO_KEEPALIVE are set on the listening socket: Linux hands both down to accepted
 * sockets, which saves two system calls per connection. */
#include "net/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Connections the kernel completes before we accept them; it caps this at net.core.somaxconn. */
#define BACKLOG 511

typedef union th_socket_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} th_socket_address_t;

static bool parse_port(const char *text, in_port_t *port) {
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno || value > 65535) return false;
    *port = htons((in_port_t)value);
    return true;
}

/* "127.0.0.1:9000", "localhost:9000", "[::1]:9000". Names are not resolved: that would block. */
static bool parse_address(const char *text, th_socket_address_t *address, th_error_t *error) {
    memset(address, 0, sizeof *address);
    const char *colon = strrchr(text, ':');
    char host[64];
    size_t length = colon ? (size_t)(colon - text) : sizeof host;
    if (length >= sizeof host)
        return th_error_set(error, "bad_address",
                            "cannot listen on '%s': write ADDRESS:PORT, for example 127.0.0.1:9000",
                            text);
    memcpy(host, text, length);
    host[length] = '\0';
    if (strcmp(host, "localhost") == 0) (void)snprintf(host, sizeof host, "127.0.0.1");
    in_port_t port;
    if (!parse_port(colon + 1, &port))
        return th_error_set(error, "bad_address",
                            "cannot listen on '%s': the port must be a number from 0 to 65535",
                            text);
    length = strlen(host);
    if (length > 2 && host[0] == '[' && host[length - 1] == ']') {
        host[length - 1] = '\0';
        address->v6.sin6_family = AF_INET6;
        address->v6.sin6_port = port;
        if (inet_pton(AF_INET6, host + 1, &address->v6.sin6_addr) == 1) return true;
    } else {
        address->v4.sin_family = AF_INET;
        address->v4.sin_port = port;
        if (inet_pton(AF_INET, host, &address->v4.sin_addr) == 1) return true;
    }
    return th_error_set(
        error, "bad_address",
        "cannot listen on '%s': the address must be numeric, like 127.0.0.1 or [::1]", text);
}

static bool is_loopback(const th_socket_address_t *address) {
    if (address->any.sa_family == AF_INET6) return IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr);
    return ntohl(address->v4.sin_addr.s_addr) >> 24 == 127;
}

static bool set_option(int fd, int level, int option) {
    int on = 1;
    return setsockopt(fd, level, option, &on, sizeof on) == 0;
}

/* A listening socket, or -1 with errno. It listens already here, so that an address in use fails
 * before any libuv handle exists. */
static int listen_on(const th_socket_address_t *address, bool reuse_port) {
    bool six = address->any.sa_family == AF_INET6;
    int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -1;
    bool good = set_option(fd, SOL_SOCKET, SO_REUSEADDR) &&
                (!reuse_port || set_option(fd, SOL_SOCKET, SO_REUSEPORT)) &&
                (!six || set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY)) &&
                set_option(fd, IPPROTO_TCP, TCP_NODELAY) &&
                set_option(fd, SOL_SOCKET, SO_KEEPALIVE) &&
                bind(fd, &address->any, six ? sizeof address->v6 : sizeof address->v4) == 0 &&
                listen(fd, BACKLOG) == 0;
    if (good) return fd;
    int saved = errno;
    (void)close(fd);
    errno = saved;
    return -1;
}

static bool name_listener(th_listener_t *listener) {
    th_socket_address_t bound = {.any = {0}};
    socklen_t size = sizeof bound;
    if (getsockname(listener->fd, &bound.any, &size) != 0) return false;
    char host[INET6_ADDRSTRLEN];
    bool six = bound.any.sa_family == AF_INET6;
    const void *raw = six ? (const void *)&bound.v6.sin6_addr : (const void *)&bound.v4.sin_addr;
    if (!inet_ntop(bound.any.sa_family, raw, host, sizeof host)) return false;
    unsigned port = ntohs(six ? bound.v6.sin6_port : bound.v4.sin_port);
    (void)snprintf(listener->address, sizeof listener->address, six ? "[%s]:%u" : "%s:%u", host,
                   port);
    listener->loopback = is_loopback(&bound);
    return true;
}

static bool bind_one(const char *text, bool reuse_port, th_listener_t *listener,
                     th_error_t *error) {
    memset(listener, 0, sizeof *listener);
    listener->fd = -1;
    th_socket_address_t address;
    if (!parse_address(text, &address, error)) return false;
    listener->fd = listen_on(&address, reuse_port);
    if (listener->fd >= 0 && name_listener(listener)) return true;
    (void)th_error_set(error, "cannot_listen", "cannot listen on %s: %s", text, strerror(errno));
    (void)th_listener_close(listener, NULL);
    return false;
}

bool th_listeners_bind(const char *list, bool reuse_port, th_listener_t *listeners, unsigned *count,
                       th_error_t *error) {
    *count = 0;
    while (true) {
        list += strspn(list, " ");
        size_t length = strcspn(list, " ");
        if (length == 0) break;
        char text[TH_ADDRESS_SIZE + 16];
        if (*count == TH_LISTENERS_MAX || length >= sizeof text) {
            (void)th_error_set(error, "bad_address",
                               "cannot listen on '%.80s': at most %d addresses, each ADDRESS:PORT",
                               list, TH_LISTENERS_MAX);
            goto fail;
        }
        memcpy(text, list, length);
        text[length] = '\0';
        if (!bind_one(text, reuse_port, &listeners[*count], error)) goto fail;
        (*count)++;
        list += length;
    }
    if (*count > 0) return true;
    return th_error_set(error, "bad_address",
                        "no address to listen on: give ADDRESS:PORT, for example 127.0.0.1:9000");
fail:
    while (*count > 0)
        (void)th_listener_close(&listeners[--*count], NULL);
    return false;
}

bool th_listener_start(th_listener_t *listener, uv_loop_t *loop, uv_connection_cb on_connection,
                       void *data, th_error_t *error) {
    int failure = uv_tcp_init(loop, &listener->tcp);
    if (!failure) {
        listener->open = true;
        listener->tcp.data = data;
        failure = uv_tcp_open(&listener->tcp, listener->fd);
    }
    if (!failure) {
        listener->fd = -1;
        failure = uv_listen((uv_stream_t *)&listener->tcp, BACKLOG, on_connection);
    }
    if (!failure) return true;
    return th_error_set(error, "cannot_listen", "cannot listen on %s: %s", listener->address,
                        uv_strerror(failure));
}

bool th_listener_close(th_listener_t *listener, uv_close_cb closed) {
    if (listener->fd >= 0) (void)close(listener->fd);
    listener->fd = -1;
    if (!listener->open) return false;
    listener->open = false;
    uv_close((uv_handle_t *)&listener->tcp, closed);
    return true;
}
