/* request.h - one JSON-RPC request on its way to its answer.
 * Life: th_request_new -> th_request_run -> exactly one of th_request_answer, th_request_fail,
 * th_request_abandon, which frees it. While something goes on for it (a job, a subscription) the
 * request waits in its peer's list, where a cancellation finds it. The channel may leave first
 * (th_request_detach): then the answer goes nowhere. Owns its references on document and grant. */
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
#include "mcp/peer.h"
#include "mcp/revision.h"
#include "json/writer.h"

typedef struct th_job th_job_t;

struct th_request {
    th_list_t link;
    th_peer_t *peer; /* NULL: none, or gone */
    th_mcp_t *mcp;
    const th_revision_t *revision;
    th_json_document_t *document; /* owned */
    th_rpc_message_t message;
    th_channel_t *channel; /* NULL: nobody listens any more */
    th_grant_t *grant;     /* owned */

    /* What goes on for it, at most one; a cancellation stops it: */
    th_job_t *job;
    struct th_listen *listen;
    bool cancelled; /* by the client: no answer may follow */

    th_client_t client; /* modern: what this request says its client can do */
    bool subscription;  /* a listen: its result carries its id in _meta */
    bool wants_log;     /* modern: it has a logLevel */
    th_note_level_t log_level;
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
/* The same with another resultType on the modern wire: "input_required", "task". */
void th_request_begin_typed(const th_request_t *request, th_json_writer_t *writer, th_buffer_t *out,
                            size_t maximum, const char *type);
/* params.arguments; null, which some clients send for none, counts as absent. */
th_json_value_t th_request_arguments(const th_request_t *request);
/* ttlMs and cacheScope "private" into the open result, on the modern wire. */
void th_request_write_caching(const th_request_t *request, th_json_writer_t *writer,
                              int64_t ttl_ms);
/* Closes the result (with the server's identity on the modern wire) and sends it:
 * th_request_answer. */
void th_request_end_result(th_request_t *request, th_json_writer_t *writer, th_buffer_t *out,
                           const char *session_id);

void th_request_fail(th_request_t *request, int status, int code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void th_request_fail_with(th_request_t *request, const th_rpc_fault_t *fault);
/* -32021: what the client would have to declare (2026-07-28). */
void th_request_fail_lacking(th_request_t *request, const th_client_t *lacking,
                             const char *sentence);
void th_request_abandon(th_request_t *request);

/* A modern request's client capabilities and logLevel into the request. False fills <fault>. */
bool th_request_read_envelope(th_request_t *request, th_rpc_fault_t *fault);

#endif
