/* websocket_upgrade.h - the full check of a WebSocket opening handshake (RFC 6455 4.2.1).
 * Pure. libwebsockets accepts much of what is wrong, so nothing that fails here ever reaches it. */
#ifndef TH_NET_WEBSOCKET_UPGRADE_H
#define TH_NET_WEBSOCKET_UPGRADE_H

#include "net/http_head.h"
#include "net/websocket.h"

struct th_websocket_host;

typedef struct th_websocket_refusal {
    th_http_refusal_t refusal;
    const char *header, *value; /* one header the answer must carry, or NULL */
} th_websocket_refusal_t;

/* Does a GET ask for a WebSocket at all? Other Upgrade values (h2c) are ignored, as RFC 9110
 * allows. */
bool th_websocket_upgrade_wanted(const th_http_head_t *head);
/* The endpoint to serve it, borrowed from <host>, or NULL with <refusal>. */
const th_websocket_endpoint_t *th_websocket_upgrade_check(struct th_websocket_host *host,
                                                          const th_http_head_t *head,
                                                          th_websocket_refusal_t *refusal);

#endif
