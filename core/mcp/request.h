/* request.h - one JSON-RPC request on its way to its answer.
 * Life: th_request_new -> th_request_run -> exactly one of th_request_answer, th_request_fail,
 * th_request_abandon, which frees it. While a tool runs for it the request waits in its peer's
 * list, where a cancellation finds it. The channel may leave first (th_request_detach): then the
 * answer goes nowhere. Owns its document, grant and catalogue references. */
#ifndef TH_MCP_REQUEST_H
#define TH_MCP_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/list.h"
#include "mcp/channel.h"
#include "mcp/jsonrpc.h"
#include "mcp/mcp_state.h"
#include "mcp/methods.h"
#include "mcp/revision.h"
#include "json/writer.h"

/* Whoever is at the other end across messages: a legacy HTTP session or a pipe. Request ids are
 * unique only within one. */
typedef struct th_peer {
    const th_revision_t *revision; /* what initialize settled on; NULL before */
    th_list_t requests;            /* th_request_t.link: unanswered */
    size_t count;
} th_peer_t;

void th_peer_init(th_peer_t *peer);
/* The peer is going away: its requests go on without one. */
void th_peer_leave(th_peer_t *peer);
/* notifications/cancelled, and whatever else needs no answer. */
void th_peer_notified(th_peer_t *peer, const th_rpc_message_t *message);

struct th_request {
    th_list_t link;
    th_peer_t *peer; /* NULL: none, or gone */
    th_mcp_t *mcp;
    const th_revision_t *revision;
    th_json_document_t *document; /* owned */
    th_rpc_message_t message;
    th_channel_t *channel; /* NULL: nobody listens any more */
    th_grant_t *grant;     /* owned */

    /* tools/call only: */
    th_catalogue_t *catalogue; /* owned: keeps <tool> */
    const th_tool_t *tool;
    th_running_t *running;
    bool cancelled; /* by the client: no answer may follow */
    th_json_value_t progress_token;
    double progress_last;
    unsigned progress_sent;
    uint64_t progress_time; /* of the last one; the loop's milliseconds */
};

/* Takes over a reference on <document>, and takes one on <grant>. NULL: out of memory; nothing is
 * taken over. */
th_request_t *th_request_new(th_mcp_t *mcp, const th_revision_t *revision,
                             th_json_document_t *document, const th_rpc_message_t *message,
                             th_grant_t *grant, th_channel_t *channel);
/* Puts it into the peer's list; before it runs. */
void th_request_join(th_request_t *request, th_peer_t *peer);
/* Takes it out again; cancellations do not find it any more. */
void th_request_part(th_request_t *request);
/* Hands it to the method's row, or answers -32601 with <unknown_status>. */
void th_request_run(th_request_t *request, int unknown_status);

/* The channel is gone. With <cancel> the work is stopped as well. */
void th_request_detach(th_request_t *request, bool cancel);
/* The client does not want it any more: stops the work; no answer will be sent. */
void th_request_cancel(th_request_t *request);

/* `{"jsonrpc":..,"id":..,"result":{` and on the modern wire resultType; the caller adds members.
 * <out> gets a ceiling of <maximum> bytes for those on top of what the frame needs. */
void th_request_begin_result(const th_request_t *request, th_json_writer_t *writer,
                             th_buffer_t *out, size_t maximum);
/* Closes the result (with the server's identity on the modern wire) and sends it:
 * th_request_answer. */
void th_request_end_result(th_request_t *request, th_json_writer_t *writer, th_buffer_t *out,
                           const char *session_id);

void th_request_fail(th_request_t *request, int status, int code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void th_request_fail_with(th_request_t *request, const th_rpc_fault_t *fault);
void th_request_abandon(th_request_t *request);

#endif
