/* listener.h - listening sockets on a libuv loop: exactly the addresses asked for, nothing more.
 * An IPv6 address listens on IPv6 only; the two families are asked for one by one. */
#ifndef TH_NET_LISTENER_H
#define TH_NET_LISTENER_H

#include <stdbool.h>
#include <uv.h>

#include "base/error.h"

#define TH_LISTENERS_MAX 8
#define TH_ADDRESS_SIZE 56 /* "[" + 45 + "]:65535" and NUL */

typedef struct th_listener {
    uv_tcp_t tcp;
    int fd;                        /* until the handle owns it; else -1 */
    char address[TH_ADDRESS_SIZE]; /* as bound: "127.0.0.1:9000", "[::1]:9000" */
    bool loopback;                 /* reachable from this machine only */
    bool open;                     /* tcp is an active handle */
} th_listener_t;

/* Binds one listening socket per address of <list> (separated by blanks) into <listeners>, which
 * has room for TH_LISTENERS_MAX. All or nothing: false with <error> naming address and reason. */
bool th_listeners_bind(const char *list, bool reuse_port, th_listener_t *listeners, unsigned *count,
                       th_error_t *error);
/* Begins to accept on <loop>; the handle's data is <data>. On false (out of memory or descriptors)
 * the handle, if it is open, must be closed like any other. */
bool th_listener_start(th_listener_t *listener, uv_loop_t *loop, uv_connection_cb on_connection,
                       void *data, th_error_t *error);
/* Stops accepting: true when <closed> will be called. Idempotent. */
bool th_listener_close(th_listener_t *listener, uv_close_cb closed);

#endif
