/* websocket.c - WebSockets: messages both ways over sockets that libwebsockets adopted.
 * The library does framing, masking, UTF-8, ping and the closing handshake; the bounds are ours:
 * size and fragments of a message, unsent bytes, and that nothing is delivered behind a close. A
 * socket lives from prepare() until the library's CLOSED callback; `closed` is told exactly once.
 */
#include "net/websocket_room.h"

#include <libwebsockets.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "net/http_internal.h"

#define FRAGMENTS_MAX 1024
/* Above these our answers pile up: then nothing more is read from the peer until half is gone. */
#define PAUSE_MESSAGES 64
#define PAUSE_BYTES 65536
/* The place that enum lws_write_protocol leaves free for it; the library's own name is private. */
#define WRITE_CLOSE ((enum lws_write_protocol)4)
#define CLOSE_REASON_MAX 123 /* RFC 6455 5.5: a control frame holds 125 bytes, two are the code */

typedef struct outgoing {
    th_list_t link;
    size_t length;
    unsigned char bytes[]; /* LWS_PRE bytes of room for the frame header, then the text */
} outgoing_t;

struct th_websocket {
    th_list_t link; /* in its room */
    th_websocket_host_t *host;
    const th_websocket_endpoint_t *endpoint;
    void *user;
    th_peer_t *peer;
    struct lws *wsi; /* NULL before it is established */
    th_buffer_t message;
    unsigned fragments;
    th_list_t queue; /* outgoing_t, oldest first */
    unsigned queued;
    size_t unsent;
    bool receiving, paused;
    bool broken;       /* the library refused a write */
    bool peer_closing; /* a close frame came: what follows it is ignored */
    bool ending;       /* we close, with end_code and end_reason */
    bool end_sent;
    unsigned end_code;
    char end_reason[CLOSE_REASON_MAX + 1];
};

static const th_settings_t *settings_of(const th_websocket_t *socket) {
    return socket->host->room->worker->settings;
}

static void drop_queue(th_websocket_t *socket) {
    for (th_list_t *node; (node = th_list_take_first(&socket->queue));)
        free(TH_CONTAINER(node, outgoing_t, link));
    socket->queued = 0;
    socket->unsent = 0;
}

th_websocket_t *th_websocket_prepare(th_websocket_host_t *host,
                                     const th_websocket_endpoint_t *endpoint,
                                     const th_http_request_t *upgrade) {
    th_websocket_t *socket = calloc(1, sizeof *socket);
    if (!socket) return NULL;
    socket->host = host;
    socket->endpoint = endpoint;
    th_list_init(&socket->link);
    th_list_init(&socket->queue);
    th_buffer_init(&socket->message, (size_t)host->room->worker->settings->websocket_message_bytes);
    socket->user = endpoint->handlers->open(endpoint->arg, socket, upgrade);
    if (!socket->user) {
        drop_queue(socket);
        free(socket);
        return NULL;
    }
    th_list_add_tail(&host->room->sockets, &socket->link);
    return socket;
}

/* The end, however it came. */
static void leave(th_websocket_t *socket) {
    th_websocket_room_t *room = socket->host->room;
    th_list_remove(&socket->link);
    socket->wsi = NULL;
    socket->ending = true; /* so that closed() cannot send */
    socket->endpoint->handlers->closed(socket->user);
    drop_queue(socket);
    th_buffer_wipe(&socket->message);
    th_http_server_release(socket->host->server, socket->peer);
    free(socket);
    th_websocket_room_left(room);
}

static bool compose(const th_websocket_t *socket, th_slice_t key, th_slice_t glued,
                    th_buffer_t *text) {
    (void)th_buffer_add_text(text, "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                                   "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                   "Sec-WebSocket-Key: ");
    (void)th_buffer_add_slice(text, key);
    if (socket->endpoint->subprotocol) {
        (void)th_buffer_add_text(text, "\r\nSec-WebSocket-Protocol: ");
        (void)th_buffer_add_text(text, socket->endpoint->subprotocol);
    }
    (void)th_buffer_add_text(text, "\r\n\r\n");
    return th_buffer_add_slice(text, glued);
}

void th_websocket_adopt(th_websocket_t *socket, int fd, th_slice_t key, th_slice_t glued,
                        th_peer_t *peer) {
    th_websocket_room_t *room = socket->host->room;
    socket->peer = peer;
    th_buffer_t text;
    th_buffer_init(&text, 4096 + glued.length);
    if (fd < 0 || room->stopping || !compose(socket, key, glued, &text)) {
        if (fd >= 0) (void)close(fd);
        th_buffer_wipe(&text);
        leave(socket);
        return;
    }
    /* Everything up to RECEIVE for glued frames happens inside this call, so the callback learns
     * whose socket it is from the room. The descriptor is the library's in every case. */
    room->adopting = socket;
    struct lws *wsi =
        lws_adopt_socket_vhost_readbuf(socket->host->vhost, fd, text.data, text.length);
    th_buffer_wipe(&text);
    if (room->adopting != socket) return; /* established, and maybe gone again */
    room->adopting = NULL;
    if (wsi) lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
    leave(socket);
}

/* A peer that does not read, or does not answer our close, must not keep us from ending. */
static void begin_end(th_websocket_t *socket) {
    lws_callback_on_writable(socket->wsi);
    int64_t limit = settings_of(socket)->http_write_timeout;
    lws_set_timeout(socket->wsi, PENDING_TIMEOUT_USER_OK, (int)((limit + 999) / 1000));
}

static int on_established(th_websocket_room_t *room, struct lws *wsi) {
    th_websocket_t *socket = room->adopting;
    if (!socket) return -1;
    room->adopting = NULL;
    socket->wsi = wsi;
    lws_set_opaque_user_data(wsi, socket);
    if (socket->queued > 0) lws_callback_on_writable(wsi);
    if (socket->ending) begin_end(socket);
    return 0;
}

/* Ends the connection from inside a library callback: what it returns goes to the library. */
static int fail(th_websocket_t *socket, unsigned code, const char *reason) {
    socket->ending = true;
    drop_queue(socket);
    /* It only reads what it declares writable. */
    lws_close_reason(socket->wsi, (enum lws_close_status)code, (unsigned char *)reason,
                     strlen(reason));
    return -1;
}

static int deliver(th_websocket_t *socket, th_slice_t text) {
    socket->receiving = true;
    socket->endpoint->handlers->message(socket->user, text);
    socket->receiving = false;
    socket->fragments = 0;
    return socket->broken ? -1 : 0;
}

static int on_receive(th_websocket_t *socket, const char *data, size_t length) {
    if (socket->peer_closing || socket->ending) return 0;
    struct lws *wsi = socket->wsi;
    size_t announced = lws_remaining_packet_payload(wsi);
    if (lws_frame_is_binary(wsi)) return fail(socket, 1003, "Only text messages are taken");
    size_t room = socket->message.maximum - socket->message.length;
    if (length > room || announced > room - length)
        return fail(socket, 1009, "The message is too large");
    bool whole = lws_is_final_fragment(wsi);
    if (announced == 0 && ++socket->fragments > FRAGMENTS_MAX)
        return fail(socket, 1008, "The message has too many fragments");
    if (whole && socket->message.length == 0) return deliver(socket, th_slice(data, length));
    if (!th_http_keep_bytes(&socket->message, data, length))
        return fail(socket, 1011, "The host is out of memory");
    if (!whole) return 0;
    int result = deliver(socket, th_buffer_slice(&socket->message));
    th_buffer_wipe(&socket->message);
    return result;
}

/* Can the library take a frame without buffering? */
static bool can_write(struct lws *wsi) {
    return !lws_partial_buffered(wsi) && !lws_send_pipe_choked(wsi);
}

static bool write_out(th_websocket_t *socket, outgoing_t *message) {
    int written = lws_write(socket->wsi, message->bytes + LWS_PRE, message->length, LWS_WRITE_TEXT);
    free(message);
    if (written < 0) socket->broken = true;
    return written >= 0;
}

static void pause_reading(th_websocket_t *socket) {
    bool over = socket->queued > PAUSE_MESSAGES || socket->unsent > PAUSE_BYTES;
    bool under = socket->queued <= PAUSE_MESSAGES / 2 && socket->unsent <= PAUSE_BYTES / 2;
    if (!socket->wsi || (socket->paused ? !under : !over)) return;
    socket->paused = !socket->paused;
    (void)lws_rx_flow_control(socket->wsi, socket->paused ? 0 : 1);
}

/* Our close frame, written by ourselves: Debian's build of the library (its _DEBUG branch in
 * lws_service_fd_tsi) closes twice when SERVER_WRITEABLE returns -1, and the second time drops the
 * frame that lws_close_reason() prepared. Now the peer's close, or the time limit, ends it. */
static int send_close(th_websocket_t *socket) {
    unsigned char bytes[LWS_PRE + 2 + CLOSE_REASON_MAX];
    size_t length = strlen(socket->end_reason);
    bytes[LWS_PRE] = (unsigned char)(socket->end_code >> 8);
    bytes[LWS_PRE + 1] = (unsigned char)socket->end_code;
    memcpy(bytes + LWS_PRE + 2, socket->end_reason, length);
    socket->end_sent = true;
    return lws_write(socket->wsi, bytes + LWS_PRE, 2 + length, WRITE_CLOSE) < 0 ? -1 : 0;
}

static int on_writable(th_websocket_t *socket) {
    if (socket->peer_closing || socket->end_sent) return 0;
    while (!th_list_is_empty(&socket->queue)) {
        if (!can_write(socket->wsi)) {
            lws_callback_on_writable(socket->wsi);
            return 0;
        }
        th_list_t *node = th_list_take_first(&socket->queue);
        outgoing_t *oldest = TH_CONTAINER(node, outgoing_t, link);
        socket->queued--;
        socket->unsent -= oldest->length;
        if (!write_out(socket, oldest)) return -1;
    }
    pause_reading(socket);
    if (socket->broken) return -1;
    if (!socket->ending) return 0;
    if (lws_partial_buffered(socket->wsi)) {
        lws_callback_on_writable(socket->wsi);
        return 0;
    }
    return send_close(socket);
}

static int on_peer_closing(th_websocket_t *socket, size_t length) {
    socket->peer_closing = true;
    if (socket->end_sent) return -1; /* the answer to ours: both sides are done */
    /* RFC 6455 5.5.1: a body must begin with a code of two bytes. */
    if (length == 1) return fail(socket, 1002, "");
    return 0;
}

int th_websocket_callback(struct lws *wsi, enum lws_callback_reasons reason, void *session,
                          void *data, size_t length) {
    (void)session;
    th_websocket_room_t *room = lws_context_user(lws_get_context(wsi));
    if (reason == LWS_CALLBACK_ESTABLISHED) return on_established(room, wsi);
    if (reason == LWS_CALLBACK_HTTP) return -1; /* nothing but upgrades is ever adopted */
    th_websocket_t *socket = lws_get_opaque_user_data(wsi);
    if (!socket) return 0;
    int result = 0;
    switch (reason) {
    case LWS_CALLBACK_RECEIVE:
        result = on_receive(socket, data, length);
        /* A credential may have been in it. */
        if (data && length > 0) sodium_memzero(data, length);
        return result;
    case LWS_CALLBACK_SERVER_WRITEABLE: return on_writable(socket);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE: return on_peer_closing(socket, length);
    case LWS_CALLBACK_CLOSED:
        lws_set_opaque_user_data(wsi, NULL);
        leave(socket);
        return 0;
    default: return 0;
    }
}

bool th_websocket_send(th_websocket_t *socket, th_slice_t text) {
    if (socket->ending || socket->peer_closing || socket->broken) return false;
    size_t limit = (size_t)settings_of(socket)->websocket_unsent_bytes;
    if (text.length > limit || socket->unsent > limit - text.length) {
        drop_queue(socket);
        th_websocket_end(socket, 1013, "Too much is unsent: read faster");
        return false;
    }
    outgoing_t *message = malloc(sizeof *message + LWS_PRE + text.length);
    if (!message) {
        th_websocket_end(socket, 1011, "The host is out of memory");
        return false;
    }
    message->length = text.length;
    if (text.length > 0) memcpy(message->bytes + LWS_PRE, text.data, text.length);
    /* From inside a message callback with nothing queued: at once, which saves both changes of the
     * poll set and 40 % of the library's CPU time. */
    if (socket->receiving && socket->queued == 0 && can_write(socket->wsi))
        return write_out(socket, message);
    th_list_add_tail(&socket->queue, &message->link);
    socket->queued++;
    socket->unsent += text.length;
    pause_reading(socket);
    if (socket->wsi) lws_callback_on_writable(socket->wsi);
    return true;
}

void th_websocket_end(th_websocket_t *socket, unsigned code, const char *reason) {
    if (socket->ending || socket->peer_closing) return;
    socket->ending = true;
    socket->end_code = code;
    (void)snprintf(socket->end_reason, sizeof socket->end_reason, "%s", reason ? reason : "");
    if (socket->wsi) begin_end(socket); /* else on_established does */
}

void th_websocket_end_all(th_websocket_room_t *room) {
    for (th_list_t *node = room->sockets.next; node != &room->sockets; node = node->next)
        th_websocket_end(TH_CONTAINER(node, th_websocket_t, link), 1001, "The host is stopping");
}
