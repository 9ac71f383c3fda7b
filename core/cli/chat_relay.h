/* chat_relay.h - a chat whose socket is on one worker and whose person is at home on another.
 * Texts travel as messages; each half belongs to one thread, the relay itself to whoever comes last
 * (references). Bounded both ways: what is under way counts like what is unsent. A text of the
 * client may hold its credential and is wiped behind its delivery. */
#ifndef TH_CLI_CHAT_RELAY_H
#define TH_CLI_CHAT_RELAY_H

#include "cli/chat_socket.h"

typedef struct th_chat_relay th_chat_relay_t;

/* What the socket's half tells its owner. */
typedef struct th_chat_relay_client {
    bool (*send)(void *arg, th_slice_t text);
    void (*end)(void *arg, unsigned code, const char *reason);
} th_chat_relay_client_t;

/* On the socket's worker. NULL: no memory. */
th_chat_relay_t *th_chat_relay_open(th_chat_sockets_t *origin, th_chat_sockets_t *home,
                                    const th_chat_relay_client_t *client, void *arg);
/* One message of the client. False: too much is under way, or no memory; it is to be closed. */
bool th_chat_relay_receive(th_chat_relay_t *relay, th_slice_t text);
/* The socket is gone; its owner hears nothing any more. */
void th_chat_relay_leave(th_chat_relay_t *relay);

/* On the home's worker, when its loop is over: frees the home's half. */
void th_chat_relay_close_home(th_list_t *node);

#endif
