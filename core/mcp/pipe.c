/* pipe.c - messages over a pipe (stdio, WebSocket, the stream of the oldest transport): one peer,
 * its own credential, both eras side by side. requirements.md c, "stdio": every request gets an
 * answer; there are no headers to compare with; notifications/cancelled stops a request of either
 * era. */
#include "mcp/batch.h"
#include "mcp/envelope.h"
#include "mcp/listen.h"
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
    th_list_t batches;     /* pipe_batch_t.link: not answered whole yet */
};

/* A batch is answered by one array. Freed when the last of its requests is. */
typedef struct pipe_batch {
    th_list_t link;
    size_t open;
    th_buffer_t collected;
} pipe_batch_t;

/* All answers of one batch together. */
#define BATCH_BYTES ((size_t)8 * 1024 * 1024)

/* The channel of one request. Freed with it. */
typedef struct pipe_channel {
    th_channel_t channel; /* first */
    th_mcp_pipe_t *pipe;
    pipe_batch_t *batch; /* or NULL */
} pipe_channel_t;

static pipe_channel_t *channel_of(th_channel_t *channel) {
    return (pipe_channel_t *)(void *)channel;
}

static void batch_free(pipe_batch_t *batch) {
    th_list_remove(&batch->link);
    th_buffer_reset(&batch->collected);
    free(batch);
}

/* One less is due; <text> empty: it gets no answer. */
static void batch_add(th_mcp_pipe_t *pipe, pipe_batch_t *batch, th_slice_t text) {
    if (text.length) {
        th_buffer_add_byte(&batch->collected, batch->collected.length ? ',' : '[');
        th_buffer_add_slice(&batch->collected, text);
    }
    if (--batch->open > 0) return;
    if (batch->collected.length && th_buffer_add_byte(&batch->collected, ']'))
        pipe->operations->send(pipe->arg, th_buffer_slice(&batch->collected));
    batch_free(batch);
}

static void answer(th_channel_t *channel, const th_reply_t *reply) {
    th_mcp_pipe_t *pipe = channel_of(channel)->pipe;
    pipe_batch_t *batch = channel_of(channel)->batch;

    if (batch)
        batch_add(pipe, batch, th_slice(reply->text, reply->length));
    else
        pipe->operations->send(pipe->arg, th_slice(reply->text, reply->length));
    free(reply->text);
    free(channel_of(channel));
}

static void abandon(th_channel_t *channel) {
    if (channel_of(channel)->batch)
        batch_add(channel_of(channel)->pipe, channel_of(channel)->batch, th_slice(NULL, 0));
    free(channel_of(channel));
}

static bool can_stream(th_channel_t *channel) {
    (void)channel;
    return true;
}

static void hang_up(th_channel_t *channel) {
    (void)channel; /* nobody comes back to a pipe */
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
                         const th_client_t *client, const char **session_id, th_error_t *error) {
    (void)session_id; /* the pipe is the session */
    (void)error;
    th_peer_open(&channel_of(channel)->pipe->peer, revision, client);
    return true;
}

static const th_channel_operations_t channel_operations = {.answer = answer,
                                                           .abandon = abandon,
                                                           .notify = notify,
                                                           .can_stream = can_stream,
                                                           .hang_up = hang_up,
                                                           .session = session,
                                                           .open = open_session};

static void tell(th_peer_t *peer, th_slice_t message) {
    th_mcp_pipe_t *pipe = TH_CONTAINER(peer, th_mcp_pipe_t, peer);

    pipe->operations->send(pipe->arg, message);
}

static const th_peer_operations_t peer_operations = {.tell = tell};

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
    th_list_init(&pipe->batches);
    th_peer_init(&pipe->peer, mcp, grant, &peer_operations);
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

static void add_fault(th_mcp_pipe_t *pipe, pipe_batch_t *batch, th_json_value_t id,
                      const th_rpc_fault_t *fault) {
    th_buffer_t out;

    th_buffer_init(&out, 8192 + 6 * TH_RPC_ID_MAX);
    th_rpc_write_fault(&out, id, true, fault);
    batch_add(pipe, batch, th_buffer_slice(&out));
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

/* <document> is taken over. */
static void receive_request(th_mcp_pipe_t *pipe, th_json_document_t *document,
                            const th_rpc_message_t *message, pipe_batch_t *batch) {
    th_rpc_fault_t fault;
    const th_revision_t *revision = revision_for(pipe, message, &fault);
    pipe_channel_t *channel = revision ? malloc(sizeof *channel) : NULL;
    th_request_t *request = NULL;

    if (channel) {
        channel->channel.operations = &channel_operations;
        channel->pipe = pipe;
        channel->batch = batch;
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
    if (batch)
        add_fault(pipe, batch, message->id, &fault);
    else
        send_fault(pipe, message->id, false, &fault);
    th_json_unref(document);
}

static void receive_element(th_mcp_pipe_t *pipe, th_json_document_t *document, pipe_batch_t *reply,
                            const th_batch_t *batch, size_t i) {
    const th_rpc_message_t *message = &batch->element[i].message;

    switch (message->kind) {
    case TH_RPC_REQUEST: receive_request(pipe, th_json_ref(document), message, reply); break;
    case TH_RPC_NOTIFICATION: th_peer_notified(&pipe->peer, message); break;
    case TH_RPC_RESPONSE: th_peer_answered(&pipe->peer, message, batch->element[i].root); break;
    case TH_RPC_BATCH:
    case TH_RPC_INVALID: add_fault(pipe, reply, message->id, &batch->element[i].fault); break;
    }
}

/* False fills <fault>. */
static bool receive_batch(th_mcp_pipe_t *pipe, th_json_document_t *document,
                          th_rpc_fault_t *fault) {
    bool legal = pipe->peer.revision && pipe->peer.revision->batches;
    th_batch_t *batch = legal ? malloc(sizeof *batch) : NULL;
    pipe_batch_t *reply = batch ? calloc(1, sizeof *reply) : NULL;
    bool fine = reply && th_batch_read(th_json_root(document), batch, fault);

    if (!legal)
        th_rpc_fault_set(fault, 400, TH_RPC_INVALID_REQUEST,
                         "The revision in use has no batches; send one message at a time");
    else if (!reply)
        th_rpc_fault_set(fault, 503, TH_RPC_INTERNAL_ERROR, "The host is out of memory");
    if (fine) {
        th_buffer_init(&reply->collected, BATCH_BYTES);
        th_list_init(&reply->link);
        th_list_add_tail(&pipe->batches, &reply->link);
        reply->open = batch->requests + 1; /* this function's own hold on it */
        /* That hold keeps it alive, which the analyzer does not follow. */
        for (size_t i = 0; i < batch->count; i++)
            receive_element(pipe, document, reply, batch, i); // NOLINT(clang-analyzer-unix.Malloc)
        batch_add(pipe, reply, th_slice(NULL, 0));            // NOLINT(clang-analyzer-unix.Malloc)
    } else {
        free(reply);
    }
    free(batch);
    return fine;
}

void th_mcp_pipe_receive(th_mcp_pipe_t *pipe, th_slice_t text) {
    const th_revision_t *known = pipe->peer.revision;
    th_rpc_message_t message;
    th_rpc_fault_t fault;
    th_json_document_t *document = th_rpc_parse(pipe->mcp->worker->parser, text, &message, &fault);
    bool null_id = known && known->null_error_id;

    switch (message.kind) {
    case TH_RPC_REQUEST: receive_request(pipe, document, &message, NULL); return;
    case TH_RPC_NOTIFICATION: th_peer_notified(&pipe->peer, &message); break;
    case TH_RPC_RESPONSE: th_peer_answered(&pipe->peer, &message, th_json_root(document)); break;
    case TH_RPC_BATCH:
        if (!receive_batch(pipe, document, &fault))
            send_fault(pipe, th_json_absent(), null_id, &fault);
        break;
    case TH_RPC_INVALID: send_fault(pipe, message.id, null_id, &fault); break;
    }
    th_json_unref(document);
}

void th_mcp_pipe_close(th_mcp_pipe_t *pipe) {
    if (!pipe) return;
    th_list_remove(&pipe->peer.link);
    while (!th_list_is_empty(&pipe->peer.requests)) {
        th_request_t *request = TH_CONTAINER(pipe->peer.requests.next, th_request_t, link);
        free(channel_of(request->channel));
        th_request_part(request);
        th_request_detach(request, true);
    }
    for (th_list_t *first; (first = th_list_take_first(&pipe->batches));)
        batch_free(TH_CONTAINER(first, pipe_batch_t, link));
    th_peer_leave(&pipe->peer);
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
