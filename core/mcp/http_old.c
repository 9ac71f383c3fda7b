/* http_old.c - /sse and /messages. */
#include "mcp/http_old.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"

struct th_old_stream {
    th_mcp_t *mcp;
    th_http_entry_t *entry; /* NULL: the client left; it is closed on a later turn */
    th_mcp_pipe_t *pipe;
    th_deadline_t closing;
    char id[TH_ID_SIZE];
    char principal[TH_PRINCIPAL_SIZE];
};

bool th_http_old_is_meant(const th_http_entry_t *entry) {
    const th_http_request_t *request = entry->request;
    th_slice_t accept = th_http_request_header(request, "Accept");

    if (th_slice_is(request->path, TH_HTTP_OLD_STREAM)) return true;
    return accept.data && th_accept_read(accept).stream &&
           !th_http_request_header(request, "MCP-Protocol-Version").data &&
           !th_http_request_header(request, "Last-Event-ID").data;
}

static bool send_message(void *arg, th_slice_t message) {
    th_old_stream_t *stream = arg;

    if (!stream->entry) return false;
    if (th_http_entry_send_event(stream->entry, message)) return true;
    if (stream->entry) { /* cut: it may not be touched any more */
        stream->entry->old = NULL;
        th_http_old_gone(stream);
    }
    return false;
}

static const th_mcp_pipe_operations_t pipe_operations = {.send = send_message};

/* Never from inside the pipe or the exchange. */
static void on_closing(th_deadline_t *deadline) {
    th_old_stream_t *stream = TH_CONTAINER(deadline, th_old_stream_t, closing);
    th_http_entry_t *entry = stream->entry;

    th_deadline_clear(&stream->closing);
    (void)th_table_remove(stream->mcp->old_streams, th_slice_of(stream->id));
    th_mcp_pipe_close(stream->pipe);
    free(stream);
    if (!entry) return;
    entry->old = NULL;
    th_http_entry_detach(entry);
    th_http_entry_end_stream(entry);
}

void th_http_old_gone(th_old_stream_t *stream) {
    stream->entry = NULL;
    th_deadline_set(&stream->mcp->deadlines, &stream->closing, 0);
}

static bool close_one(th_slice_t id, void *value, void *arg) {
    th_old_stream_t *stream = value;

    (void)id;
    (void)arg;
    on_closing(&stream->closing); /* which removes the visited one: allowed */
    return true;
}

void th_http_old_finish(th_mcp_t *mcp) {
    th_table_each(mcp->old_streams, close_one, NULL);
}

/* The first event: where messages go. */
static bool send_endpoint(th_old_stream_t *stream) {
    th_buffer_t out;
    bool sent;

    th_buffer_init(&out, 256);
    th_buffer_add_format(&out, "event: endpoint\ndata: %s?session_id=%s\n\n", TH_HTTP_OLD_MESSAGES,
                         stream->id);
    sent = th_http_entry_send_text(stream->entry, th_buffer_slice(&out));
    th_buffer_reset(&out);
    return sent;
}

static th_old_stream_t *stream_new(th_http_entry_t *entry, th_error_t *error) {
    th_mcp_t *mcp = entry->mcp;
    th_old_stream_t *stream = calloc(1, sizeof *stream);

    th_error_set(error, "no_memory", "The host is out of memory; try again");
    if (!stream) return NULL;
    stream->mcp = mcp;
    stream->entry = entry;
    th_random_id(stream->id);
    (void)snprintf(stream->principal, sizeof stream->principal, "%s",
                   th_grant_principal(entry->grant));
    th_deadline_init(&stream->closing, on_closing);
    if (!th_table_put(mcp->old_streams, th_slice_of(stream->id), stream)) {
        th_error_set(error, "busy", "Too many streams of the old transport are open");
        free(stream);
        return NULL;
    }
    stream->pipe =
        th_mcp_pipe_open(mcp, th_grant_ref(entry->grant), &pipe_operations, stream, error);
    if (stream->pipe) return stream;
    (void)th_table_remove(mcp->old_streams, th_slice_of(stream->id));
    free(stream);
    return NULL;
}

void th_http_old_open(th_http_entry_t *entry) {
    th_slice_t accept = th_http_request_header(entry->request, "Accept");
    th_error_t error;

    if (accept.data && !th_accept_read(accept).stream) {
        th_http_entry_refuse(entry, 406, "A GET here gives text/event-stream; accept that");
        return;
    }
    if (entry->mcp->draining) {
        th_http_entry_refuse(entry, 503, "The host is stopping");
        return;
    }
    th_old_stream_t *stream = stream_new(entry, &error);
    if (!stream) {
        th_http_entry_refuse(entry, 503, error.message);
        return;
    }
    th_http_entry_forget_request(entry);
    entry->old = stream;
    if (th_http_entry_begin_stream(entry)) (void)send_endpoint(stream);
}

void th_http_old_post(th_http_entry_t *entry) {
    th_slice_t id = th_http_request_query(entry->request, "session_id"); /* hexadecimal */
    th_old_stream_t *stream;

    if (id.length == 0) {
        th_http_entry_refuse(entry, 400,
                             "The query lacks session_id; post to the address that the stream's "
                             "first event names");
        return;
    }
    if (!th_media_type_is_json(th_http_request_header(entry->request, "Content-Type"))) {
        th_http_entry_refuse(entry, 415, "The Content-Type must be application/json");
        return;
    }
    stream = th_table_get(entry->mcp->old_streams, id);
    if (!stream || !stream->entry ||
        strcmp(stream->principal, th_grant_principal(entry->grant)) != 0) {
        th_http_entry_refuse(entry, 404, "There is no such stream (any more); open a new one");
        return;
    }
    th_mcp_pipe_receive(stream->pipe, entry->request->body);
    th_http_entry_status(entry, 202);
}
