/* websocket_host.h - between the HTTP front and websocket.c: taking over a checked upgrade. */
#ifndef TH_NET_WEBSOCKET_HOST_H
#define TH_NET_WEBSOCKET_HOST_H

#include "net/http.h"
#include "net/http_head.h"
#include "net/peers.h"
#include "net/websocket.h"

typedef struct th_websocket_host th_websocket_host_t;

/* The endpoints of one server, and its virtual host in the worker's libwebsockets context (which is
 * made here when it is the first). NULL with <error>. */
th_websocket_host_t *th_websocket_host_open(th_http_server_t *server, th_worker_t *worker,
                                            const th_websocket_endpoint_t *endpoints, size_t count,
                                            th_error_t *error);
/* After the loop ran dry. NULL is fine. */
void th_websocket_host_close(th_websocket_host_t *host);
const th_websocket_endpoint_t *th_websocket_host_endpoints(const th_websocket_host_t *host,
                                                           size_t *count);
bool th_websocket_host_has_path(const th_websocket_host_t *host, th_slice_t path);

/* Asks the endpoint's open(); NULL when it refused or memory ran out. */
th_websocket_t *th_websocket_prepare(th_websocket_host_t *host,
                                     const th_websocket_endpoint_t *endpoint,
                                     const th_http_request_t *upgrade);
/* Gives socket <fd> (owned from here on, -1 = it could not be duplicated) to libwebsockets, with
 * <key> of the checked handshake and the bytes that came behind it. Releases <peer> at the end. */
void th_websocket_adopt(th_websocket_t *socket, int fd, th_slice_t key, th_slice_t glued,
                        th_peer_t *peer);

#endif
