/* mcp_socket.c - a WebSocket in front of a pipe. */
#include "cli/mcp_socket.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

/* Before the credential is verified. */
#define EARLY_MESSAGES 16

typedef struct early {
    th_list_t link;
    size_t length;
    char text[];
} early_t;

typedef struct mcp_socket {
    th_list_t link;
    th_mcp_sockets_t *sockets;
    th_websocket_t *socket;
    th_verification_t *verification; /* while it runs */
    th_mcp_pipe_t *pipe;             /* once verified */
    th_list_t early;                 /* early_t, oldest first */
    size_t early_count, early_bytes;
    char profile[16]; /* of tools, that the upgrade asked for; "" = none */
} mcp_socket_t;

void th_mcp_sockets_open(th_mcp_sockets_t *sockets, th_worker_t *worker, th_sessions_t *sessions,
                         th_mcp_t *mcp) {
    *sockets = (th_mcp_sockets_t){.worker = worker, .sessions = sessions, .mcp = mcp};
    th_list_init(&sockets->list);
}

size_t th_mcp_sockets_pending(const th_mcp_sockets_t *sockets) {
    size_t count = 0;
    for (th_list_t *at = sockets->list.next; at != &sockets->list; at = at->next) {
        const mcp_socket_t *socket = TH_CONTAINER(at, mcp_socket_t, link);
        if (socket->pipe) count += th_mcp_pipe_pending(socket->pipe);
    }
    return count;
}

static bool send_message(void *arg, th_slice_t message) {
    mcp_socket_t *socket = arg;
    return th_websocket_send(socket->socket, message);
}

static const th_mcp_pipe_operations_t pipe_operations = {.send = send_message};

static void drop_early(mcp_socket_t *socket) {
    for (th_list_t *node; (node = th_list_take_first(&socket->early));) {
        early_t *early = TH_CONTAINER(node, early_t, link);
        explicit_bzero(early->text, early->length);
        free(early);
    }
    socket->early_count = socket->early_bytes = 0;
}

static void deliver_early(mcp_socket_t *socket) {
    for (th_list_t *node; (node = th_list_take_first(&socket->early));) {
        early_t *early = TH_CONTAINER(node, early_t, link);
        th_mcp_pipe_receive(socket->pipe, th_slice(early->text, early->length));
        explicit_bzero(early->text, early->length);
        free(early);
    }
}

static void on_verified(void *arg, th_grant_t *grant, th_refusal_t refusal, const th_error_t *why) {
    mcp_socket_t *socket = arg;
    th_error_t error = {"", ""};
    (void)refusal;
    socket->verification = NULL;
    if (grant && *socket->profile &&
        !th_grant_set_profile(grant, th_slice_of(socket->profile), &error)) {
        th_grant_unref(grant);
        drop_early(socket);
        th_websocket_end(socket->socket, 1008, "There is no profile of that name");
        return;
    }
    if (grant)
        socket->pipe =
            th_mcp_pipe_open(socket->sockets->mcp, grant, &pipe_operations, socket, &error);
    if (socket->pipe) {
        deliver_early(socket);
        return;
    }
    th_log(socket->sockets->worker->log, TH_LOG_INFO, "mcp", "WebSocket refused: %s",
           why && why->code[0] ? why->code : "no credential");
    drop_early(socket);
    /* RFC 6455: 1008 is a policy's no, 1013 "try again later". */
    bool later = grant || refusal == TH_REFUSAL_UNAVAILABLE || refusal == TH_REFUSAL_BUSY;
    th_websocket_end(socket->socket, later ? 1013 : 1008,
                     later ? "The credential could not be checked" : "The credential is refused");
}

static void *on_open(void *arg, th_websocket_t *websocket, const th_http_request_t *upgrade) {
    th_mcp_sockets_t *sockets = arg;
    th_slice_t api_key, org_id;
    th_mcp_http_credential(upgrade, &api_key, &org_id);
    mcp_socket_t *socket = api_key.length ? calloc(1, sizeof *socket) : NULL;
    if (!socket) return NULL;
    socket->sockets = sockets;
    socket->socket = websocket;
    th_slice_t profile = th_mcp_http_profile(upgrade);
    (void)snprintf(socket->profile, sizeof socket->profile, "%.*s", (int)profile.length,
                   profile.length ? profile.data : "");
    th_list_init(&socket->early);
    th_list_add_tail(&sockets->list, &socket->link);
    socket->verification =
        th_sessions_verify(sockets->sessions, api_key, org_id, on_verified, socket);
    return socket;
}

static void on_message(void *user, th_slice_t text) {
    mcp_socket_t *socket = user;
    size_t most = (size_t)socket->sockets->worker->settings->websocket_message_bytes;
    if (socket->pipe) {
        th_mcp_pipe_receive(socket->pipe, text);
        return;
    }
    if (!socket->verification) return; /* refused: it is being closed */
    early_t *early =
        socket->early_count < EARLY_MESSAGES && socket->early_bytes + text.length <= most
            ? malloc(sizeof *early + text.length)
            : NULL;
    if (!early) {
        th_websocket_end(socket->socket, 1008, "Too much was sent before the sign-in");
        return;
    }
    early->length = text.length;
    if (text.length) memcpy(early->text, text.data, text.length);
    th_list_add_tail(&socket->early, &early->link);
    socket->early_count++;
    socket->early_bytes += text.length;
}

static void on_closed(void *user) {
    mcp_socket_t *socket = user;
    if (socket->verification) th_verification_cancel(socket->verification);
    if (socket->pipe) th_mcp_pipe_close(socket->pipe);
    drop_early(socket);
    th_list_remove(&socket->link);
    free(socket);
}

const th_websocket_handlers_t th_mcp_socket_handlers = {on_open, on_message, on_closed};
