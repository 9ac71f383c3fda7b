/* pipe.c - messages over a pipe (stdio, WebSocket): one peer, its own credential, both eras side by
 * side. requirements.md c, "stdio": every request gets an answer; there are no headers to compare
 * with; notifications/cancelled stops a request of either era. */
#include "mcp/envelope.h"
#include "mcp/request.h"

#include <stdio.h>
#include <stdlib.h>

struct th_mcp_pipe {
    th_mcp_t *mcp;
    th_grant_t *grant; /* owned */
    const th_mcp_pipe_operations_t *operations;
    void *arg;
    th_peer_t peer;
    th_session_t *session; /* begun with the first call; NULL when it ended or before */
    th_listener_t listener;
};

/* The channel of one request. Freed with it. */
typedef struct pipe_channel {
    th_channel_t channel; /* first */
    th_mcp_pipe_t *pipe;
} pipe_channel_t;

static pipe_channel_t *channel_of(th_channel_t *channel) {
    return (pipe_channel_t *)(void *)channel;
}

static void answer(th_channel_t *channel, const th_reply_t *reply) {
    th_mcp_pipe_t *pipe = channel_of(channel)->pipe;

    pipe->operations->send(pipe->arg, th_slice(reply->text, reply->length));
    free(reply->text);
    free(channel_of(channel));
}

static void abandon(th_channel_t *channel) {
    free(channel_of(channel));
}

static bool notify(th_channel_t *channel, th_slice_t message) {
    th_mcp_pipe_t *pipe = channel_of(channel)->pipe;

    return pipe->operations->send(pipe->arg, message);
}

static void session_ended(void *attachment) {
    th_mcp_pipe_t *pipe = attachment;

    pipe->session = NULL; /* idle too long: the next call begins another */
}

static th_session_t *session(th_channel_t *channel, th_error_t *error) {
    th_mcp_pipe_t *pipe = channel_of(channel)->pipe;

    if (pipe->session) {
        /* Looking it up counts as use; NULL when its time is over, session_ended() was called then.
         */
        char id[TH_ID_SIZE];
        (void)snprintf(id, sizeof id, "%s", th_session_id(pipe->session));
        th_session_find(pipe->mcp->sessions, th_slice_of(id), pipe->grant);
    }
    if (pipe->session) return pipe->session;
    pipe->session = th_session_begin(pipe->mcp->sessions, pipe->grant, error);
    if (pipe->session) th_session_set_attachment(pipe->session, pipe, session_ended);
    return pipe->session;
}

static bool open_session(th_channel_t *channel, const th_revision_t *revision,
                         const char **session_id, th_error_t *error) {
    (void)session_id; /* the pipe is the session */
    (void)error;
    th_mcp_pipe_t *pipe = channel_of(channel)->pipe;
    pipe->peer.revision = revision;
    if (th_list_is_empty(&pipe->listener.link))
        th_list_add_tail(&pipe->mcp->listeners, &pipe->listener.link);
    return true;
}

static const th_channel_operations_t channel_operations = {.answer = answer,
                                                           .abandon = abandon,
                                                           .notify = notify,
                                                           .session = session,
                                                           .open = open_session};

static void tell(th_listener_t *listener, th_slice_t message) {
    th_mcp_pipe_t *pipe = TH_CONTAINER(listener, th_mcp_pipe_t, listener);

    pipe->operations->send(pipe->arg, message);
}

th_mcp_pipe_t *th_mcp_pipe_open(th_mcp_t *mcp, th_grant_t *grant,
                                const th_mcp_pipe_operations_t *operations, void *arg,
                                th_error_t *error) {
    th_mcp_pipe_t *pipe = calloc(1, sizeof *pipe);

    if (!pipe) {
        th_error_set(error, "no_memory", "out of memory");
        th_grant_unref(grant);
        return NULL;
    }
    pipe->mcp = mcp;
    pipe->grant = grant;
    pipe->operations = operations;
    pipe->arg = arg;
    th_peer_init(&pipe->peer);
    th_list_init(&pipe->listener.link);
    pipe->listener.tell = tell;
    return pipe;
}

static void send_fault(th_mcp_pipe_t *pipe, th_json_value_t id, bool null_id,
                       const th_rpc_fault_t *fault) {
    th_buffer_t out;

    th_buffer_init(&out, 8192 + 6 * TH_RPC_ID_MAX);
    if (th_rpc_write_fault(&out, id, null_id, fault))
        pipe->operations->send(pipe->arg, th_buffer_slice(&out));
    th_buffer_reset(&out);
}

/* Which revision serves this request; NULL fills <fault>. */
static const th_revision_t *revision_for(const th_mcp_pipe_t *pipe, const th_rpc_message_t *message,
                                         th_rpc_fault_t *fault) {
    const th_revision_t *latest = th_revision_at(TH_REVISION_2025_11_25);
    th_envelope_t envelope;

    if (th_envelope_is_present(message))
        return th_envelope_read(message, &envelope, fault) ? th_envelope_revision(&envelope, fault)
                                                           : NULL;
    if (pipe->peer.revision) return pipe->peer.revision;
    if (th_slice_is(message->method, "initialize") || th_slice_is(message->method, "ping") ||
        !th_method_find(message->method, latest))
        return latest; /* the last is answered -32601: a probing client must not wait in vain */
    th_rpc_fault_set(fault, 400, TH_RPC_INVALID_REQUEST,
                     "Send initialize first, or name a revision in params._meta");
    return NULL;
}

static void receive_request(th_mcp_pipe_t *pipe, th_json_document_t *document,
                            const th_rpc_message_t *message) {
    th_rpc_fault_t fault;
    const th_revision_t *revision = revision_for(pipe, message, &fault);
    pipe_channel_t *channel = revision ? malloc(sizeof *channel) : NULL;
    th_request_t *request = NULL;

    if (channel) {
        channel->channel.operations = &channel_operations;
        channel->pipe = pipe;
        request =
            th_request_new(pipe->mcp, revision, document, message, pipe->grant, &channel->channel);
    }
    if (request) {
        th_request_join(request, &pipe->peer);
        th_request_run(request, 200);
        return;
    }
    free(channel);
    if (revision)
        th_rpc_fault_set(&fault, 503, TH_RPC_INTERNAL_ERROR,
                         "The host is out of memory; try again");
    send_fault(pipe, message->id, false, &fault);
    th_json_unref(document);
}

void th_mcp_pipe_receive(th_mcp_pipe_t *pipe, th_slice_t text) {
    const th_revision_t *known = pipe->peer.revision;
    th_rpc_message_t message;
    th_rpc_fault_t fault;
    th_json_document_t *document = th_rpc_parse(pipe->mcp->worker->parser, text, &message, &fault);

    switch (message.kind) {
    case TH_RPC_REQUEST: receive_request(pipe, document, &message); return;
    case TH_RPC_NOTIFICATION: th_peer_notified(&pipe->peer, &message); break;
    case TH_RPC_RESPONSE: break; /* we have asked nothing */
    case TH_RPC_BATCH:
        th_rpc_fault_set(&fault, 400, TH_RPC_INVALID_REQUEST,
                         "Batches are not served; send one message per line");
        send_fault(pipe, th_json_absent(), known && known->null_error_id, &fault);
        break;
    case TH_RPC_INVALID: send_fault(pipe, message.id, known && known->null_error_id, &fault); break;
    }
    th_json_unref(document);
}

void th_mcp_pipe_close(th_mcp_pipe_t *pipe) {
    if (!pipe) return;
    th_list_remove(&pipe->listener.link);
    while (!th_list_is_empty(&pipe->peer.requests)) {
        th_request_t *request = TH_CONTAINER(pipe->peer.requests.next, th_request_t, link);
        free(channel_of(request->channel));
        th_request_part(request);
        th_request_detach(request, true);
    }
    if (pipe->session) {
        th_session_t *session = pipe->session;
        th_session_set_attachment(session, NULL, NULL);
        th_session_end(session);
    }
    th_grant_unref(pipe->grant);
    free(pipe);
}

size_t th_mcp_pipe_pending(const th_mcp_pipe_t *pipe) {
    return pipe->peer.count;
}
