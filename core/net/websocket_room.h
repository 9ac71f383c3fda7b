/* websocket_room.h - what the WebSockets of one worker share; for websocket.c and websocket_room.c
 * only. One room per worker holds its libwebsockets context; each server has a host, the virtual
 * host of its endpoints. The context must outlive no loop: it is destroyed on the worker's loop
 * when that stops. */
#ifndef TH_NET_WEBSOCKET_ROOM_H
#define TH_NET_WEBSOCKET_ROOM_H

#include <libwebsockets.h>

#include "base/list.h"
#include "net/websocket_host.h"

typedef struct th_websocket_room {
    th_worker_part_t part;
    th_worker_t *worker;
    struct lws_context *context;
    th_list_t sockets;
    th_websocket_t *adopting; /* the socket being handed over right now */
    unsigned hosts;           /* the last one that closes frees the room */
    th_list_t closed_hosts;   /* kept that long: the library reads their names to the end */
    bool stopping, destroyed; /* destroyed: the first half, see on_deadline */
    uv_timer_t deadline;      /* while stopping: how long peers may take to close */
    void *loops[1];
} th_websocket_room_t;

struct th_websocket_host {
    th_list_t link; /* in closed_hosts */
    th_websocket_room_t *room;
    th_http_server_t *server;
    th_websocket_endpoint_t *endpoints; /* owned copies, texts too */
    size_t endpoint_count;
    struct lws_protocols *protocols; /* one per subprotocol; the library keeps the pointer */
    struct lws_vhost *vhost;
    char name[32]; /* of the vhost: the library keeps the pointer and compares with it */
    lws_retry_bo_t policy;
};

int th_websocket_callback(struct lws *wsi, enum lws_callback_reasons reason, void *session,
                          void *data, size_t length);
/* A socket is gone: a stopping room may now be able to end. */
void th_websocket_room_left(th_websocket_room_t *room);
/* Starts the closing handshake of every socket with 1001, going away. */
void th_websocket_end_all(th_websocket_room_t *room);

#endif
