/* http_batch.c - starting the requests of a batch, each with a channel of its own. */
#include "mcp/http_batch.h"

#include <stdlib.h>

#include "mcp/batch.h"
#include "mcp/http_reply.h"

static void answer_fault(th_http_reply_t *reply, size_t member, th_json_value_t id,
                         const th_rpc_fault_t *fault) {
    th_buffer_t out;

    th_buffer_init(&out, 8192 + 6 * TH_RPC_ID_MAX);
    if (th_rpc_write_fault(&out, id, true, fault))
        th_http_reply_add(reply, member, th_buffer_slice(&out));
    th_buffer_reset(&out);
}

static void start_request(th_http_reply_t *reply, th_http_session_t *session, size_t member,
                          th_json_document_t *document, const th_rpc_message_t *message,
                          th_grant_t *grant) {
    th_request_t *request =
        th_request_new(session->mcp, session->peer.revision, th_json_ref(document), message, grant,
                       &reply->members[member].channel);
    th_rpc_fault_t fault;

    if (request) {
        th_request_join(request, &session->peer);
        th_request_run(request, 200);
        return;
    }
    th_json_unref(document);
    th_rpc_fault_set(&fault, 503, TH_RPC_INTERNAL_ERROR, "The host is out of memory; try again");
    answer_fault(reply, member, message->id, &fault);
}

static void start_all(th_http_entry_t *entry, th_http_session_t *session,
                      th_json_document_t *document, const th_batch_t *batch) {
    th_http_reply_t *reply =
        th_http_reply_new(entry, session, session->peer.revision, batch->requests, true);
    th_grant_t *grant = th_grant_ref(entry->grant);
    size_t member = 0;

    if (reply) th_http_entry_forget_request(entry);
    for (size_t i = 0; reply && i < batch->count; i++) {
        const th_rpc_message_t *message = &batch->element[i].message;
        switch (message->kind) {
        case TH_RPC_REQUEST:
            start_request(reply, session, member++, document, message, grant);
            break;
        case TH_RPC_NOTIFICATION: th_peer_notified(&session->peer, message); break;
        case TH_RPC_RESPONSE:
            th_peer_answered(&session->peer, message, batch->element[i].root);
            break;
        case TH_RPC_BATCH:
        case TH_RPC_INVALID:
            answer_fault(reply, member++, message->id, &batch->element[i].fault);
            break;
        }
    }
    th_grant_unref(grant);
    if (reply)
        th_http_reply_started(reply);
    else
        th_http_entry_refuse(entry, 503, "The host is out of memory; try again");
}

/* A token that may not do one of them may do none: 403 has to be a status of the whole. */
static bool permits_all(th_http_entry_t *entry, const th_batch_t *batch) {
    for (size_t i = 0; i < batch->count; i++)
        if (batch->element[i].message.kind == TH_RPC_REQUEST &&
            !th_http_scope_permits(entry, &batch->element[i].message))
            return false;
    return true;
}

void th_http_batch(th_http_entry_t *entry, th_http_session_t *session,
                   th_json_document_t *document) {
    th_batch_t *batch = session->peer.revision->batches ? malloc(sizeof *batch) : NULL;
    th_rpc_fault_t fault;

    if (!session->peer.revision->batches) {
        th_http_entry_refuse(entry, 400,
                             "The session's revision has no batches; send one message per POST");
    } else if (!batch) {
        th_http_entry_refuse(entry, 503, "The host is out of memory; try again");
    } else if (!th_batch_read(th_json_root(document), batch, &fault)) {
        th_http_entry_fault(entry, th_json_absent(), true, &fault);
    } else if (permits_all(entry, batch)) {
        if (batch->requests > 0) {
            start_all(entry, session, document, batch);
        } else {
            for (size_t i = 0; i < batch->count; i++) {
                if (batch->element[i].message.kind == TH_RPC_RESPONSE)
                    th_peer_answered(&session->peer, &batch->element[i].message,
                                     batch->element[i].root);
                else
                    th_peer_notified(&session->peer, &batch->element[i].message);
            }
            th_http_entry_status(entry, 202);
        }
    }
    free(batch);
    th_json_unref(document);
}
