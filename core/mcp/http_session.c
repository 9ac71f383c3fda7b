/* http_session.c - legacy sessions over HTTP: the Mcp-Session-Id header, the standing GET stream,
 * coming back with Last-Event-ID, and DELETE. Which principal a session belongs to is the session
 * layer's business: a foreign id looks unknown from here. */
#include "mcp/http_session.h"

#include <stdlib.h>

#include "mcp/http_old.h"
#include "mcp/http_reply.h"

void th_http_session_stream_gone(th_http_session_t *session) {
    session->stream = NULL; /* what it carries is kept for a client that comes back */
}

/* False: the connection was cut, and may not be touched any more. */
static bool send_standing(th_http_session_t *session, th_slice_t events) {
    if (th_http_entry_send_text(session->stream, events)) return true;
    if (session->stream) session->stream->listening = NULL;
    session->stream = NULL;
    return false;
}

static th_http_session_t *session_of(th_peer_t *peer) {
    return TH_CONTAINER(peer, th_http_session_t, peer);
}

static void tell(th_peer_t *peer, th_slice_t message) {
    th_http_session_t *session = session_of(peer);
    th_buffer_t out;

    if (!session->standing) return;
    th_buffer_init(&out, message.length + 160);
    if (th_event_add(session->standing, message, &out) && session->stream)
        (void)send_standing(session, th_buffer_slice(&out));
    th_buffer_reset(&out);
}

static void finish(th_peer_t *peer) {
    th_http_session_t *session = session_of(peer);
    th_http_entry_t *stream = session->stream;

    if (!stream) return;
    th_http_entry_detach(stream);
    th_http_entry_end_stream(stream);
}

static const th_peer_operations_t peer_operations = {.tell = tell, .finish = finish};

/* The session ended. Its calls are being cancelled by the session layer and still answer. */
static void drop(void *attachment) {
    th_http_session_t *session = attachment;

    finish(&session->peer);
    th_peer_leave(&session->peer);
    while (!th_list_is_empty(&session->replies))
        th_http_reply_session_gone(TH_CONTAINER(session->replies.next, th_http_reply_t, link));
    th_event_log_clear(&session->log);
    free(session);
}

bool th_http_session_open(th_http_entry_t *entry, const th_revision_t *revision,
                          const th_client_t *client, const char **session_id, th_error_t *error) {
    th_http_session_t *attachment = calloc(1, sizeof *attachment);

    if (!attachment) return th_error_set(error, "no_memory", "the host is out of memory");
    th_session_t *session = th_session_begin(entry->mcp->sessions, entry->grant, error);
    if (!session) {
        free(attachment);
        return false;
    }
    attachment->mcp = entry->mcp;
    attachment->session = session;
    th_list_init(&attachment->replies);
    th_event_log_init(&attachment->log, &entry->mcp->events,
                      (size_t)entry->mcp->worker->settings->mcp_resume_bytes);
    th_peer_init(&attachment->peer, entry->mcp, entry->grant, &peer_operations);
    th_peer_open(&attachment->peer, revision, client);
    th_session_set_attachment(session, attachment, drop);
    *session_id = th_session_id(session);
    return true;
}

th_slice_t th_http_session_header(const th_http_request_t *request) {
    return th_http_request_header(request, "Mcp-Session-Id");
}

bool th_http_session_find(th_http_entry_t *entry, th_http_session_t **session) {
    th_slice_t id = th_http_session_header(entry->request);
    th_session_t *found;

    if (!id.length) {
        th_http_entry_refuse(
            entry, 400,
            "The Mcp-Session-Id header is missing; send initialize first and repeat "
            "the id its answer carries");
        return false;
    }
    found = th_session_find(entry->mcp->sessions, id, entry->grant);
    *session = found ? th_session_attachment(found) : NULL;
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

/* --- the standing stream --------------------------------------------------------------------- */

static void begin_standing(th_http_entry_t *entry, th_http_session_t *session) {
    uint64_t retry = (uint64_t)session->mcp->worker->settings->mcp_retry;
    th_buffer_t out;

    if (session->stream) {
        th_http_entry_refuse(entry, 409, "This session's stream is already open");
        return;
    }
    if (session->standing) th_event_stream_drop(session->standing); /* nobody came back for it */
    session->standing = th_event_stream_open(&session->log, session);
    if (!session->standing) {
        th_http_entry_refuse(entry, 503, "Too many streams of this session are open");
        return;
    }
    th_http_entry_forget_request(entry);
    if (!th_http_entry_begin_stream(entry)) return;
    entry->listening = session;
    session->stream = entry;
    if (!session->peer.revision->priming) return;
    th_buffer_init(&out, 256);
    if (th_event_write_priming(session->standing, retry, &out))
        (void)send_standing(session, th_buffer_slice(&out));
    th_buffer_reset(&out);
}

/* --- coming back ----------------------------------------------------------------------------- */

/* Hangs the entry on whoever still writes to the stream, after what it missed. */
static void attach(th_http_entry_t *entry, th_http_session_t *session, th_event_stream_t *stream,
                   th_slice_t missed) {
    if (stream == session->standing) {
        finish(&session->peer); /* a connection that still stands: its client gave it up */
        session->stream = entry;
        entry->listening = session;
        if (missed.length) (void)send_standing(session, missed);
    } else {
        th_http_reply_attach(stream->owner, entry, missed);
    }
}

static void resume(th_http_entry_t *entry, th_http_session_t *session, th_slice_t id) {
    uint64_t number = 0;
    th_event_stream_t *stream = th_event_find(&session->log, id, &number);
    th_buffer_t out;

    if (!stream) {
        th_http_entry_refuse(entry, 400,
                             "This event id is not known (any more); open a new stream and ask "
                             "again for what is missing");
        return;
    }
    th_buffer_init(&out, session->log.bytes_maximum + 1);
    if (!th_event_write_after(stream, number, &out)) {
        th_http_entry_refuse(entry, 503, "The host is out of memory; try again");
        return;
    }
    th_http_entry_forget_request(entry);
    if (!th_http_entry_begin_stream(entry))
        ; /* left again */
    else if (!stream->finished)
        attach(entry, session, stream, th_buffer_slice(&out));
    else if (out.length == 0 || th_http_entry_send_text(entry, th_buffer_slice(&out)))
        th_http_entry_end_stream(entry);
    th_buffer_reset(&out);
}

void th_http_get(th_http_entry_t *entry) {
    th_slice_t accept = th_http_request_header(entry->request, "Accept");
    th_slice_t last = th_http_request_header(entry->request, "Last-Event-ID");
    th_http_session_t *session;

    if (!th_http_session_header(entry->request).length) {
        if (th_http_old_is_meant(entry))
            th_http_old_open(entry);
        else
            th_http_entry_refuse(entry, 405,
                                 "A GET stream belongs to a session; send messages by POST");
        return;
    }
    if (!check_version(entry) || !th_http_session_find(entry, &session)) return;
    if (!accept.data || !th_accept_read(accept).stream)
        th_http_entry_refuse(entry, 406, "A GET here gives text/event-stream; accept that");
    else if (entry->mcp->draining)
        th_http_entry_refuse(entry, 503, "The host is stopping");
    else if (last.data)
        resume(entry, session, last);
    else
        begin_standing(entry, session);
}

void th_http_delete(th_http_entry_t *entry) {
    th_http_session_t *session;

    if (!check_version(entry) || !th_http_session_find(entry, &session)) return;
    th_session_end(session->session);
    th_http_entry_status(entry, 204);
}
