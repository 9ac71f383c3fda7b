/* chat_socket.h - the chat over WebSocket: the subprotocol tallyhost.chat.v1 in front of core/chat.
 * A connection is greeted by the worker that accepted it. Its first message says who it is; when
 * that person's home is another worker, everything from there on travels between the two
 * (chat_relay.h). */
#ifndef TH_CLI_CHAT_SOCKET_H
#define TH_CLI_CHAT_SOCKET_H

#include "chat/chat.h"
#include "cli/outbox.h"
#include "net/websocket.h"

/* The sockets of one worker, and its ends of relays. */
typedef struct th_chat_sockets {
    th_worker_t *worker;
    th_chat_t *chat;                      /* borrowed */
    struct th_chat_sockets *const *peers; /* by worker number; borrowed */
    th_list_t homes;                      /* th_chat_relay_t whose chat is here */
    th_outbox_t outbox;
} th_chat_sockets_t;

/* <peers> may be filled in later, before any worker runs. */
void th_chat_sockets_open(th_chat_sockets_t *sockets, th_worker_t *worker, th_chat_t *chat,
                          th_chat_sockets_t *const *peers);
/* After every loop ran dry, before the chat is closed. Safe on one that was never opened. */
void th_chat_sockets_close(th_chat_sockets_t *sockets);

/* For a th_websocket_endpoint_t whose arg is a th_chat_sockets_t. */
extern const th_websocket_handlers_t th_chat_socket_handlers;

#endif
