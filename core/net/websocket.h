/* websocket.h - WebSocket messages both ways; framing, ping, close and UTF-8 are libwebsockets'.
 * The upgrade is checked in full by the HTTP front; libwebsockets gets an adopted socket and a
 * request text that we composed (core/net/README.md). */
#ifndef TH_NET_WEBSOCKET_H
#define TH_NET_WEBSOCKET_H

#include "base/error.h"
#include "base/http_message.h"
#include "base/slice.h"
#include "loop/worker.h"

typedef struct th_websocket th_websocket_t;

typedef struct th_websocket_handlers {
    /* The upgrade request as it came (for credentials); return the user pointer, NULL refuses
     * (403). */
    void *(*open)(void *arg, th_websocket_t *socket, const th_http_request_t *upgrade);
    /* One whole text message, UTF-8 checked. Binary messages are refused with 1003 before this. */
    void (*message)(void *user, th_slice_t text);
    /* Called once; the socket is gone when it returns. */
    void (*closed)(void *user);
} th_websocket_handlers_t;

typedef struct th_websocket_endpoint {
    const char *path;        /* exact */
    const char *subprotocol; /* must be offered by the client and is chosen; NULL = none */
    const th_websocket_handlers_t *handlers;
    void *arg;
} th_websocket_endpoint_t;

/* Queues one text message (copied). False when over settings->websocket_unsent_bytes: the socket is
 * being closed with 1013 then. */
bool th_websocket_send(th_websocket_t *socket, th_slice_t text);
/* Starts the close handshake; <closed> is called later. */
void th_websocket_end(th_websocket_t *socket, unsigned code, const char *reason);

#endif
