/* request.c - the life of a request, and the list in which cancellations look. */
#include "mcp/request.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "mcp/envelope.h"
#include "mcp/identity.h"

/* What frame, identity and punctuation of a result need at most, the echoed id apart. */
#define FRAME_BYTES 2048

void th_peer_init(th_peer_t *peer) {
    *peer = (th_peer_t){0};
    th_list_init(&peer->requests);
}

void th_request_part(th_request_t *request) {
    th_list_remove(&request->link);
    if (request->peer) request->peer->count--;
    request->peer = NULL;
}

void th_peer_leave(th_peer_t *peer) {
    while (!th_list_is_empty(&peer->requests))
        th_request_part(TH_CONTAINER(peer->requests.next, th_request_t, link));
}

void th_peer_notified(th_peer_t *peer, const th_rpc_message_t *message) {
    if (!th_slice_is(message->method, "notifications/cancelled")) return;
    th_json_value_t id = th_json_member(message->params, "requestId");
    if (!id.document) return;
    for (th_list_t *at = peer->requests.next; at != &peer->requests; at = at->next) {
        th_request_t *request = TH_CONTAINER(at, th_request_t, link);
        /* 1 and "1" are different ids. */
        if (!request->cancelled && th_json_equal(request->message.id, id)) {
            th_request_cancel(request);
            return;
        }
    }
}

th_request_t *th_request_new(th_mcp_t *mcp, const th_revision_t *revision,
                             th_json_document_t *document, const th_rpc_message_t *message,
                             th_grant_t *grant, th_channel_t *channel) {
    th_request_t *request = calloc(1, sizeof *request);

    if (!request) return NULL;
    th_list_init(&request->link);
    request->mcp = mcp;
    request->revision = revision;
    request->document = document;
    request->message = *message;
    request->grant = th_grant_ref(grant);
    request->channel = channel;
    return request;
}

void th_request_join(th_request_t *request, th_peer_t *peer) {
    request->peer = peer;
    th_list_add_tail(&peer->requests, &request->link);
    peer->count++;
}

static void request_free(th_request_t *request) {
    th_request_part(request);
    th_json_unref(request->document);
    th_catalogue_unref(request->catalogue);
    th_grant_unref(request->grant);
    free(request);
}

void th_request_run(th_request_t *request, int unknown_status) {
    const th_method_t *method = th_method_find(request->message.method, request->revision);

    if (method)
        method->run(request);
    else
        th_request_fail(request, unknown_status, TH_RPC_METHOD_NOT_FOUND, "Method not found: %.*s",
                        th_rpc_shown(request->message.method), request->message.method.data);
}

void th_request_detach(th_request_t *request, bool cancel) {
    request->channel = NULL;
    if (cancel) th_request_cancel(request);
}

void th_request_cancel(th_request_t *request) {
    request->cancelled = true;
    if (request->running) th_running_cancel(request->running);
}

/* Takes over the bytes of <out>. */
static void send_answer(th_request_t *request, int status, th_buffer_t *out,
                        const char *session_id) {
    th_channel_t *channel = request->channel;
    th_reply_t reply = {.status = status, .session_id = session_id};

    reply.text = th_buffer_take(out, &reply.length);
    th_buffer_reset(out);
    request->channel = NULL;
    if (!channel)
        free(reply.text);
    else if (!reply.text) /* no memory for an answer: at least the wait ends */
        channel->operations->abandon(channel);
    else
        channel->operations->answer(channel, &reply);
    request_free(request);
}

void th_request_fail_with(th_request_t *request, const th_rpc_fault_t *fault) {
    th_buffer_t out;

    if (request->cancelled) {
        th_request_abandon(request);
        return;
    }
    th_buffer_init(&out, 8192 + 6 * TH_RPC_ID_MAX);
    th_rpc_write_fault(&out, request->message.id, request->revision->null_error_id, fault);
    send_answer(request, fault->status, &out, NULL);
}

void th_request_fail(th_request_t *request, int status, int code, const char *format, ...) {
    th_rpc_fault_t fault;
    char message[TH_RPC_MESSAGE_SIZE * 2];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    th_rpc_fault_set(&fault, status, code, "%s", message);
    th_request_fail_with(request, &fault);
}

void th_request_abandon(th_request_t *request) {
    th_channel_t *channel = request->channel;

    request->channel = NULL;
    if (channel) channel->operations->abandon(channel);
    request_free(request);
}

void th_request_begin_result(const th_request_t *request, th_json_writer_t *writer,
                             th_buffer_t *out, size_t maximum) {
    th_buffer_init(out, maximum + FRAME_BYTES + 6 * TH_RPC_ID_MAX);
    th_json_writer_init(writer, out, 0);
    th_rpc_write_head(writer, request->message.id, false);
    th_json_write_key(writer, TH_SLICE("result"));
    th_json_write_object(writer);
    if (request->revision->modern) th_json_write_member_text(writer, "resultType", "complete");
}

void th_request_end_result(th_request_t *request, th_json_writer_t *writer, th_buffer_t *out,
                           const char *session_id) {
    th_error_t error = {{0}, {0}};

    if (request->revision->modern) {
        th_json_write_key(writer, TH_SLICE("_meta"));
        th_json_write_object(writer);
        th_json_write_key(writer, TH_SLICE(TH_META_SERVER_INFO));
        th_identity_write(writer, request->revision);
        th_json_write_end(writer);
    }
    th_json_write_end(writer);
    th_json_write_end(writer);
    if (th_json_writer_finish(writer, &error)) {
        send_answer(request, 200, out, session_id);
        return;
    }
    th_buffer_reset(out);
    th_log(request->mcp->worker->log, TH_LOG_ERROR, "mcp",
           "a result of %.*s could not be written: %s", th_rpc_shown(request->message.method),
           request->message.method.data, error.message);
    th_request_fail(request, 200, TH_RPC_INTERNAL_ERROR, "The result could not be written: %s",
                    error.message[0] ? error.message : "out of memory");
}
