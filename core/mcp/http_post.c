/* http_post.c - a POSTed message: which era it belongs to, and that era's rules in their order
 * (requirements.md b.3 legacy, b.4 modern). */
#include "mcp/envelope.h"
#include "mcp/http_batch.h"
#include "mcp/http_reply.h"
#include "mcp/http_session.h"
#include "mcp/parameters.h"

/* An error about a legacy message before a session is known: the version header is all there is to
 * go by, and without one a client is taken to speak 2025-03-26. */
static bool null_id_for(const th_routing_t *routing) {
    const th_revision_t *revision = th_revision_find(routing->value[TH_ROUTING_VERSION]);

    if (!routing->value[TH_ROUTING_VERSION].data) return true;
    return revision && revision->null_error_id;
}

static void refuse_memory(th_http_entry_t *entry) {
    th_http_entry_refuse(entry, 503, "The host is out of memory; try again");
}

/* Gives the document away to a request whose channel is the entry itself: modern ones, and
 * initialize. */
static void run(th_http_entry_t *entry, const th_revision_t *revision, th_json_document_t *document,
                const th_rpc_message_t *message) {
    if (!th_http_scope_permits(entry, message)) { /* answered: 403 */
        th_json_unref(document);
        return;
    }
    th_request_t *request =
        th_request_new(entry->mcp, revision, document, message, entry->grant, &entry->channel);

    if (!request) {
        th_json_unref(document);
        refuse_memory(entry);
        return;
    }
    entry->waiting = request;
    th_http_entry_forget_request(entry);
    th_request_run(request, revision->modern ? 404 : 200);
}

/* [14] The headers that mirror a tool's arguments. */
static bool check_parameters(const th_http_entry_t *entry, const th_rpc_message_t *message,
                             th_rpc_fault_t *fault) {
    const th_tool_t *tool;
    th_slice_t name;

    if (!th_slice_is(message->method, "tools/call") ||
        !th_json_string(th_json_member(message->params, "name"), &name))
        return true;
    tool = th_catalogue_find(th_sessions_catalogue(entry->mcp->sessions), name);
    return !tool || th_parameters_check(entry->request, tool,
                                        th_json_member(message->params, "arguments"), fault);
}

static void post_modern(th_http_entry_t *entry, th_json_document_t *document,
                        const th_rpc_message_t *message, const th_routing_t *routing) {
    th_envelope_t envelope;
    th_rpc_fault_t fault;
    const th_revision_t *revision = NULL;

    entry->modern = true;
    if (message->kind == TH_RPC_NOTIFICATION) { /* none is defined here; none may cancel anything */
        th_json_unref(document);
        th_http_entry_status(entry, 202);
        return;
    }
    bool fine = th_envelope_read(message, &envelope, &fault) &&
                th_envelope_check_version_header(&envelope, routing, &fault) &&
                (revision = th_envelope_revision(&envelope, &fault)) != NULL &&
                th_envelope_check_routing(message, th_method_find(message->method, revision),
                                          routing, &fault) &&
                check_parameters(entry, message, &fault);
    if (fine) {
        run(entry, revision, document, message);
        return;
    }
    th_http_entry_fault(entry, message->id, false, &fault);
    th_json_unref(document);
}

/* initialize opens a session, so it must not name one. */
static void post_initialize(th_http_entry_t *entry, th_json_document_t *document,
                            const th_rpc_message_t *message) {
    th_http_session_t *session;

    if (!th_http_session_header(entry->request).length) {
        run(entry, th_revision_at(TH_REVISION_2025_11_25), document, message);
        return;
    }
    if (th_http_session_find(entry, &session))
        th_http_entry_refuse(entry, 400, "This session is already initialized");
    th_json_unref(document);
}

/* One request in a session: by a reply, which outlives the connection. */
static void post_request(th_http_entry_t *entry, th_http_session_t *session,
                         th_json_document_t *document, const th_rpc_message_t *message) {
    th_http_reply_t *reply;
    th_request_t *request = NULL;

    if (!th_http_scope_permits(entry, message)) { /* answered: 403 */
        th_json_unref(document);
        return;
    }
    reply = th_http_reply_new(entry, session, session->peer.revision, 1, false);
    if (reply)
        request = th_request_new(entry->mcp, session->peer.revision, document, message,
                                 entry->grant, &reply->members[0].channel);
    if (!request) {
        th_json_unref(document);
        if (reply)
            th_http_reply_refuse(reply, "The host is out of memory; try again");
        else
            refuse_memory(entry);
        return;
    }
    th_request_join(request, &session->peer);
    th_http_entry_forget_request(entry);
    th_request_run(request, 200);
    th_http_reply_started(reply);
}

static void post_legacy(th_http_entry_t *entry, th_json_document_t *document,
                        const th_rpc_message_t *message, const th_routing_t *routing) {
    th_slice_t version = routing->value[TH_ROUTING_VERSION];
    th_http_session_t *session;

    if (message->kind == TH_RPC_REQUEST && th_slice_is(message->method, "initialize")) {
        post_initialize(entry, document, message);
        return;
    }
    if (version.data && !th_revision_find(version)) {
        th_http_entry_refuse(entry, 400,
                             "The MCP-Protocol-Version header names an unknown revision");
    } else if (!th_http_session_find(entry, &session)) {
        ; /* answered */
    } else if (message->kind == TH_RPC_REQUEST) {
        post_request(entry, session, document, message);
        return; /* the document went along */
    } else if (message->kind == TH_RPC_BATCH) {
        th_http_batch(entry, session, document);
        return;
    } else {
        if (message->kind == TH_RPC_RESPONSE)
            th_peer_answered(&session->peer, message, th_json_root(document));
        else
            th_peer_notified(&session->peer, message);
        th_http_entry_status(entry, 202);
    }
    th_json_unref(document);
}

/* What Accept fields allow together; several are one list. */
static th_accepted_t accepted_by(const th_http_request_t *request) {
    th_accepted_t all = th_accept_read(th_http_request_header(request, "Accept"));

    if (th_http_request_header_count(request, "Accept") < 2) return all;
    for (size_t i = 0; i < request->header_count; i++) {
        if (!th_slice_equal_nocase(request->headers[i].name, TH_SLICE("Accept"))) continue;
        th_accepted_t one = th_accept_read(request->headers[i].value);
        all.json |= one.json;
        all.stream |= one.stream;
    }
    return all;
}

void th_http_post(th_http_entry_t *entry) {
    th_rpc_message_t message;
    th_rpc_fault_t fault;
    th_routing_t routing;

    if (!th_media_type_is_json(th_http_request_header(entry->request, "Content-Type"))) {
        th_http_entry_refuse(entry, 415, "The Content-Type must be application/json");
        return;
    }
    entry->accepted = accepted_by(entry->request);
    if (!entry->accepted.json && !entry->accepted.stream) {
        th_http_entry_refuse(entry, 406, "Accept application/json and text/event-stream");
        return;
    }
    th_routing_read(entry->request, &routing);
    th_json_document_t *document =
        th_rpc_parse(entry->mcp->worker->parser, entry->request->body, &message, &fault);
    th_era_t era = message.kind == TH_RPC_INVALID
                       ? TH_ERA_REFUSED
                       : th_envelope_era(&message, th_json_root(document),
                                         routing.value[TH_ROUTING_VERSION], &fault);
    switch (era) {
    case TH_ERA_MODERN: post_modern(entry, document, &message, &routing); return;
    case TH_ERA_LEGACY: post_legacy(entry, document, &message, &routing); return;
    case TH_ERA_REFUSED: break;
    }
    th_http_entry_fault(entry, message.id, null_id_for(&routing), &fault);
    th_json_unref(document);
}
