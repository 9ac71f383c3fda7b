/* http_channel.c - answers over HTTP: one JSON body as long as possible, an event stream from the
 * first notification on. A status can only be chosen before the stream begins. */
#include "mcp/http_session.h"

#include <stdlib.h>

static const char allow[] = "GET, POST, DELETE";

static th_http_entry_t *entry_of(th_channel_t *channel) {
    return (th_http_entry_t *)(void *)channel;
}

void th_http_entry_respond(th_http_entry_t *entry, int status, char *text, size_t length,
                           const char *session_id) {
    th_http_header_t headers[2];
    th_http_response_t response = {.status = status,
                                   .content_type = text ? "application/json" : NULL,
                                   .headers = headers,
                                   .body = th_slice(text, length),
                                   .body_owned = text};

    if (session_id)
        headers[response.header_count++] =
            (th_http_header_t){TH_SLICE("Mcp-Session-Id"), th_slice_of(session_id)};
    if (status == 405)
        headers[response.header_count++] = (th_http_header_t){TH_SLICE("Allow"), TH_SLICE(allow)};
    if (status == 503)
        headers[response.header_count++] =
            (th_http_header_t){TH_SLICE("Retry-After"), TH_SLICE(TH_MCP_RETRY_AFTER)};
    entry->exchange->operations->respond(entry->exchange, &response);
    th_http_entry_free(entry);
}

void th_http_entry_fault(th_http_entry_t *entry, th_json_value_t id, bool null_id,
                         const th_rpc_fault_t *fault) {
    th_buffer_t out;
    size_t length = 0;

    th_buffer_init(&out, 8192 + 6 * TH_RPC_ID_MAX);
    th_rpc_write_fault(&out, id, null_id, fault);
    char *text = th_buffer_take(&out, &length);
    th_http_entry_respond(entry, fault->status, text, length, NULL);
}

void th_http_entry_refuse(th_http_entry_t *entry, int status, const char *sentence) {
    th_rpc_fault_t fault;

    th_rpc_fault_set(&fault, status, status == 503 ? TH_RPC_INTERNAL_ERROR : TH_RPC_INVALID_REQUEST,
                     "%s", sentence);
    th_http_entry_fault(entry, th_json_absent(), false, &fault);
}

void th_http_entry_status(th_http_entry_t *entry, int status) {
    th_http_entry_respond(entry, status, NULL, 0, NULL);
}

bool th_http_entry_begin_stream(th_http_entry_t *entry) {
    static const th_http_header_t headers[] = {
        {{"Cache-Control", 13}, {"no-cache, no-transform", 22}},
        {{"X-Accel-Buffering", 17}, {"no", 2}},
    };
    th_http_response_t head = {.status = 200,
                               .content_type = "text/event-stream",
                               .headers = headers,
                               .header_count = sizeof headers / sizeof headers[0]};

    entry->streaming = true;
    entry->busy = true;
    entry->exchange->operations->begin_stream(entry->exchange, &head);
    entry->busy = false;
    if (!entry->gone) return true;
    th_http_entry_free(entry);
    return false;
}

bool th_http_entry_send_text(th_http_entry_t *entry, th_slice_t events) {
    bool sent;

    entry->busy = true;
    sent = entry->exchange->operations->send(entry->exchange, events);
    entry->busy = false;
    if (!entry->gone) return sent;
    th_http_entry_free(entry);
    return false;
}

bool th_http_entry_send_event(th_http_entry_t *entry, th_slice_t message) {
    th_buffer_t event;
    bool sent = false;

    if (!entry->streaming && !th_http_entry_begin_stream(entry)) return false;
    th_buffer_init(&event, message.length + 64);
    th_buffer_reserve(&event, message.length + 32);
    th_buffer_add_text(&event, "event: message\ndata: ");
    th_buffer_add_slice(&event, message);
    if (th_buffer_add_text(&event, "\n\n")) {
        sent = th_http_entry_send_text(entry, th_buffer_slice(&event));
    } else { /* a stream with a hole is worse than a cut one */
        th_http_entry_detach(entry);
        entry->exchange->operations->abort(entry->exchange);
        th_http_entry_free(entry);
    }
    th_buffer_reset(&event);
    return sent;
}

void th_http_entry_end_stream(th_http_entry_t *entry) {
    entry->exchange->operations->end_stream(entry->exchange);
    th_http_entry_free(entry);
}

static void answer(th_channel_t *channel, const th_reply_t *reply) {
    th_http_entry_t *entry = entry_of(channel);

    entry->waiting = NULL;
    if (!entry->streaming && (entry->accepted.json || reply->status != 200 || reply->session_id)) {
        th_http_entry_respond(entry, reply->status, reply->text, reply->length, reply->session_id);
        return;
    }
    /* When the client is too slow or gone, on_gone frees the entry. */
    if (th_http_entry_send_event(entry, th_slice(reply->text, reply->length)))
        th_http_entry_end_stream(entry);
    free(reply->text);
}

/* A cancelled request gets no response, but its exchange has to end: with a stream that holds none,
 * or for a client that takes no stream with an empty 202. */
static void abandon(th_channel_t *channel) {
    th_http_entry_t *entry = entry_of(channel);

    entry->waiting = NULL;
    if (!entry->streaming && !entry->accepted.stream)
        th_http_entry_status(entry, 202);
    else if (entry->streaming || th_http_entry_begin_stream(entry))
        th_http_entry_end_stream(entry);
}

static bool notify(th_channel_t *channel, th_slice_t message) {
    th_http_entry_t *entry = entry_of(channel);

    if (!entry->streaming && !entry->accepted.stream) return false;
    return th_http_entry_send_event(entry, message);
}

static bool can_stream(th_channel_t *channel) {
    const th_http_entry_t *entry = entry_of(channel);

    return entry->streaming || entry->accepted.stream;
}

/* Here leaving is cancelling: nobody could come back. */
static void hang_up(th_channel_t *channel) {
    (void)channel;
}

static th_session_t *session(th_channel_t *channel, th_error_t *error) {
    th_http_entry_t *entry = entry_of(channel);

    return th_session_of_principal(entry->mcp->sessions, entry->grant, error);
}

static bool open_session(th_channel_t *channel, const th_revision_t *revision,
                         const th_client_t *client, const char **session_id, th_error_t *error) {
    return th_http_session_open(entry_of(channel), revision, client, session_id, error);
}

const th_channel_operations_t th_http_channel_operations = {.answer = answer,
                                                            .abandon = abandon,
                                                            .notify = notify,
                                                            .can_stream = can_stream,
                                                            .hang_up = hang_up,
                                                            .session = session,
                                                            .open = open_session};
