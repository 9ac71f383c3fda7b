/* request.c - the life of a request, and the list in which cancellations look. */
#include "mcp/request.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "mcp/envelope.h"
#include "mcp/identity.h"
#include "mcp/job.h"
#include "mcp/listen.h"
#include "mcp/notice.h"

/* What frame, identity and punctuation of a result need at most, the echoed id apart. */
#define FRAME_BYTES 2048

void th_request_part(th_request_t *request) {
    th_list_remove(&request->link);
    if (request->peer) request->peer->count--;
    request->peer = NULL;
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
    th_grant_unref(request->grant);
    free(request);
}

void th_request_run(th_request_t *request, int unknown_status) {
    const th_method_t *method = th_method_find(request->message.method, request->revision);

    th_rpc_fault_t fault;

    if (method && request->revision->modern && !th_request_read_envelope(request, &fault))
        th_request_fail_with(request, &fault);
    else if (method)
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
    if (request->job)
        th_job_cancel(request->job);
    else if (request->listen)
        th_listen_end(request->listen); /* which frees the request */
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

void th_request_fail_lacking(th_request_t *request, const th_client_t *lacking,
                             const char *sentence) {
    th_rpc_fault_t fault;
    th_json_writer_t writer;
    th_buffer_t data;

    th_rpc_fault_set(&fault, 400, TH_RPC_MISSING_CAPABILITY, "%s", sentence);
    th_buffer_init(&data, TH_RPC_DATA_SIZE - 1);
    th_json_writer_init(&writer, &data, 0);
    th_json_write_object(&writer);
    th_json_write_key(&writer, TH_SLICE("requiredCapabilities"));
    th_client_write(&writer, lacking);
    th_json_write_end(&writer);
    if (th_json_writer_finish(&writer, NULL)) {
        memcpy(fault.data, data.data, data.length);
        fault.data[data.length] = '\0';
    }
    th_buffer_reset(&data);
    th_request_fail_with(request, &fault);
}

bool th_request_read_envelope(th_request_t *request, th_rpc_fault_t *fault) {
    th_json_value_t level = th_json_member(request->message.meta, TH_META_LOG_LEVEL);
    th_slice_t name = {NULL, 0};

    request->client = th_client_read(th_json_member(request->message.meta, TH_META_CAPABILITIES),
                                     request->revision);
    request->wants_log = level.document != NULL;
    th_json_string(level, &name);
    if (!request->wants_log || th_note_level_parse(name, &request->log_level)) return true;
    return th_rpc_fault_set(fault, 200, TH_RPC_INVALID_PARAMS,
                            TH_META_LOG_LEVEL " must be one of debug, info, notice, warning, "
                                              "error, critical, alert, emergency");
}

th_json_value_t th_request_arguments(const th_request_t *request) {
    th_json_value_t arguments = th_json_member(request->message.params, "arguments");

    return th_json_type(arguments) == TH_JSON_NULL ? th_json_absent() : arguments;
}

void th_request_write_caching(const th_request_t *request, th_json_writer_t *writer,
                              int64_t ttl_ms) {
    if (!request->revision->modern) return;
    th_json_write_member_integer(writer, "ttlMs", ttl_ms);
    th_json_write_member_text(writer, "cacheScope", "private"); /* it depends on the person */
}

void th_request_begin_result(const th_request_t *request, th_json_writer_t *writer,
                             th_buffer_t *out, size_t maximum) {
    th_request_begin_typed(request, writer, out, maximum, "complete");
}

void th_request_begin_typed(const th_request_t *request, th_json_writer_t *writer, th_buffer_t *out,
                            size_t maximum, const char *type) {
    th_buffer_init(out, maximum + FRAME_BYTES + 6 * TH_RPC_ID_MAX);
    th_json_writer_init(writer, out, 0);
    th_rpc_write_head(writer, request->message.id, false);
    th_json_write_key(writer, TH_SLICE("result"));
    th_json_write_object(writer);
    if (request->revision->modern) th_json_write_member_text(writer, "resultType", type);
}

void th_request_end_result(th_request_t *request, th_json_writer_t *writer, th_buffer_t *out,
                           const char *session_id) {
    th_error_t error = {{0}, {0}};

    if (request->revision->modern) {
        th_json_write_key(writer, TH_SLICE("_meta"));
        th_json_write_object(writer);
        th_json_write_key(writer, TH_SLICE(TH_META_SERVER_INFO));
        th_identity_write(writer, request->revision);
        if (request->subscription)
            th_json_write_member_value(writer, TH_META_SUBSCRIPTION, request->message.id);
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
