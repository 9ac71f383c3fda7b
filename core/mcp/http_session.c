/* http_session.c - legacy sessions over HTTP: the Mcp-Session-Id header, the standing GET stream,
 * and DELETE. Which principal a session belongs to is the session layer's business: a foreign id
 * looks unknown from here. */
#include "mcp/http_entry.h"

#include <stdlib.h>

struct th_http_session {
    th_peer_t peer;
    th_mcp_t *mcp;
    th_listener_t listener;  /* linked while <stream> is set */
    th_http_entry_t *stream; /* the standing GET stream, or NULL */
};

th_peer_t *th_http_session_peer(th_http_session_t *session) {
    return &session->peer;
}

void th_http_session_stream_gone(th_http_session_t *session) {
    th_list_remove(&session->listener.link);
    session->stream = NULL;
}

static void tell(th_listener_t *listener, th_slice_t message) {
    th_http_session_t *session = TH_CONTAINER(listener, th_http_session_t, listener);

    th_http_entry_send_event(session->stream, message);
}

static void finish(th_listener_t *listener) {
    th_http_session_t *session = TH_CONTAINER(listener, th_http_session_t, listener);
    th_http_entry_t *stream = session->stream;

    th_http_entry_detach(stream);
    th_http_entry_end_stream(stream);
}

/* The session ended. Its calls are being cancelled by the session layer and still answer. */
static void drop(void *attachment) {
    th_http_session_t *session = attachment;

    if (session->stream) finish(&session->listener);
    th_peer_leave(&session->peer);
    free(session);
}

bool th_http_session_open(th_http_entry_t *entry, const th_revision_t *revision,
                          const char **session_id, th_error_t *error) {
    th_http_session_t *attachment = calloc(1, sizeof *attachment);

    if (!attachment) return th_error_set(error, "no_memory", "the host is out of memory");
    th_session_t *session = th_session_begin(entry->mcp->sessions, entry->grant, error);
    if (!session) {
        free(attachment);
        return false;
    }
    th_peer_init(&attachment->peer);
    attachment->peer.revision = revision;
    attachment->mcp = entry->mcp;
    attachment->listener.tell = tell;
    attachment->listener.finish = finish;
    th_list_init(&attachment->listener.link);
    th_session_set_attachment(session, attachment, drop);
    *session_id = th_session_id(session);
    return true;
}

th_slice_t th_http_session_header(const th_http_request_t *request) {
    return th_http_request_header(request, "Mcp-Session-Id");
}

bool th_http_session_find(th_http_entry_t *entry, th_http_session_t **session) {
    th_slice_t id = th_http_session_header(entry->request);

    if (!id.length) {
        th_http_entry_refuse(
            entry, 400,
            "The Mcp-Session-Id header is missing; send initialize first and repeat "
            "the id its answer carries");
        return false;
    }
    entry->session = th_session_find(entry->mcp->sessions, id, entry->grant);
    *session = entry->session ? th_session_attachment(entry->session) : NULL;
    if (*session) return true;
    th_http_entry_refuse(entry, 404,
                         "There is no such session (any more); send initialize to begin a new one");
    return false;
}

/* The header of the later legacy revisions; GET and DELETE exist in none but those. */
static bool check_version(th_http_entry_t *entry) {
    th_slice_t version = th_http_request_header(entry->request, "MCP-Protocol-Version");

    if (!version.data || th_revision_find(version)) return true;
    th_http_entry_refuse(entry, 400, "The MCP-Protocol-Version header names an unknown revision");
    return false;
}

void th_http_get(th_http_entry_t *entry) {
    th_slice_t accept = th_http_request_header(entry->request, "Accept");
    th_http_session_t *session;

    if (!th_http_session_header(entry->request).length) {
        th_http_entry_refuse(entry, 405,
                             "A GET stream belongs to a session; send messages by POST");
        return;
    }
    if (!check_version(entry) || !th_http_session_find(entry, &session)) return;
    if (!accept.data || !th_accept_read(accept).stream) {
        th_http_entry_refuse(entry, 406, "A GET here gives text/event-stream; accept that");
        return;
    }
    if (th_http_request_header(entry->request, "Last-Event-ID").data) {
        th_http_entry_refuse(entry, 400,
                             "This event id is not known: streams here have none to resume from");
        return;
    }
    if (session->stream) {
        th_http_entry_refuse(entry, 409, "This session's stream is already open");
        return;
    }
    if (entry->mcp->draining) {
        th_http_entry_refuse(entry, 503, "The host is stopping");
        return;
    }
    th_http_entry_forget_request(entry);
    if (!th_http_entry_begin_stream(entry)) return;
    entry->listening = session;
    session->stream = entry;
    th_list_add_tail(&entry->mcp->listeners, &session->listener.link);
}

void th_http_delete(th_http_entry_t *entry) {
    th_http_session_t *session;

    if (!check_version(entry) || !th_http_session_find(entry, &session)) return;
    th_session_end(entry->session);
    th_http_entry_status(entry, 204);
}
