/* chat_socket.c - WebSockets in front of the chat of their worker, or of another. */
#include "cli/chat_socket.h"

#include <stdlib.h>

#include "cli/chat_ledger.h"
#include "cli/chat_relay.h"

typedef struct chat_socket {
    th_chat_sockets_t *sockets;
    th_websocket_t *socket;
    th_chat_connection_t *connection; /* here, or */
    th_chat_relay_t *relay;           /* elsewhere; neither once it is given up */
    bool placed;                      /* it is decided where */
} chat_socket_t;

static bool send_text(void *arg, th_slice_t text) {
    chat_socket_t *socket = arg;
    return th_websocket_send(socket->socket, text);
}

static void end_socket(void *arg, unsigned code, const char *reason) {
    chat_socket_t *socket = arg;
    th_websocket_end(socket->socket, code, reason);
}

static const th_chat_wire_t wire = {send_text, end_socket};
static const th_chat_relay_client_t relay_client = {send_text, end_socket};

static void *on_open(void *arg, th_websocket_t *websocket, const th_http_request_t *upgrade) {
    (void)upgrade; /* who it is comes in the first message */
    th_chat_sockets_t *sockets = arg;
    chat_socket_t *socket = calloc(1, sizeof *socket);
    if (!socket) return NULL;
    socket->sockets = sockets;
    socket->socket = websocket;
    socket->connection = th_chat_connect(sockets->chat, &wire, socket, true);
    if (socket->connection) return socket;
    free(socket);
    return NULL;
}

/* The first message decides, once: whoever is at home elsewhere moves there. */
static void place(chat_socket_t *socket, th_slice_t text) {
    th_chat_sockets_t *sockets = socket->sockets;
    unsigned home = th_chat_home(sockets->chat, text);
    socket->placed = true;
    if (home == sockets->worker->number || home >= sockets->worker->count) return;
    th_chat_disconnect(socket->connection);
    socket->connection = NULL;
    socket->relay = th_chat_relay_open(sockets, sockets->peers[home], &relay_client, socket);
    if (!socket->relay) end_socket(socket, 1013, "The host is out of memory");
}

static void on_message(void *user, th_slice_t text) {
    chat_socket_t *socket = user;
    if (!socket->placed) place(socket, text);
    if (socket->connection)
        th_chat_receive(socket->connection, text);
    else if (socket->relay && !th_chat_relay_receive(socket->relay, text))
        end_socket(socket, 1008, "Too many messages");
}

static void on_closed(void *user) {
    chat_socket_t *socket = user;
    if (socket->connection) th_chat_disconnect(socket->connection);
    if (socket->relay) th_chat_relay_leave(socket->relay);
    free(socket);
}

const th_websocket_handlers_t th_chat_socket_handlers = {on_open, on_message, on_closed};

void th_chat_sockets_open(th_chat_sockets_t *sockets, th_worker_t *worker, th_chat_t *chat,
                          th_chat_sockets_t *const *peers) {
    *sockets = (th_chat_sockets_t){.worker = worker, .chat = chat, .peers = peers};
    th_list_init(&sockets->homes);
    th_outbox_open(&sockets->outbox, worker);
    if (chat) th_chat_ledger_open(sockets);
}

void th_chat_sockets_close(th_chat_sockets_t *sockets) {
    if (!sockets->worker) return;
    while (!th_list_is_empty(&sockets->homes))
        th_chat_relay_close_home(sockets->homes.next);
}
