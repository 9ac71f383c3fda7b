/* resources.c - resources/read, and the subscriptions of legacy clients. */
#include "mcp/content.h"
#include "mcp/fault.h"
#include "mcp/job.h"
#include "mcp/progress.h"

/* Longer ones are nobody's. */
#define URI_MAX 1024

/* False: answered. */
static bool read_uri(th_request_t *request, th_slice_t *uri) {
    if (th_json_string(th_json_member(request->message.params, "uri"), uri) && uri->length &&
        uri->length <= URI_MAX)
        return true;
    th_request_fail(request, 200, TH_RPC_INVALID_PARAMS,
                    "params.uri must be a string of at most %d bytes: the address of a resource",
                    URI_MAX);
    return false;
}

/* NULL: answered. What this person may not read is not there for them. */
static const th_resource_t *find(th_request_t *request, th_slice_t uri) {
    const th_resource_t *resource =
        th_catalogue_resource_of(th_sessions_catalogue(request->mcp->sessions), uri);

    if (resource && th_grant_allows(request->grant, resource, NULL)) return resource;
    th_request_fail_no_resource(request, uri);
    return NULL;
}

void th_resource_answer(th_request_t *request, const th_item_t *item,
                        const th_call_result_t *result) {
    th_json_writer_t writer;
    th_buffer_t out;
    th_slice_t uri = {NULL, 0};

    (void)item;
    th_json_string(th_json_member(request->message.params, "uri"), &uri);
    if (result->outcome != TH_CALL_OK) {
        th_request_fail_call(request, result, uri);
        return;
    }
    th_request_begin_result(request, &writer, &out, result->contents.length + 256);
    th_json_write_key(&writer, TH_SLICE("contents"));
    th_content_write_resources(&writer, request->revision, request->mcp->worker->parser,
                               result->contents);
    th_request_write_caching(request, &writer, 0); /* it may be another one in a moment */
    th_request_end_result(request, &writer, &out, NULL);
}

void th_method_resources_read(th_request_t *request) {
    th_session_request_t what = {.kind = TH_CALL_RESOURCE};

    if (!read_uri(request, &what.uri) || !th_progress_read_token(request)) return;
    what.item = find(request, what.uri);
    if (what.item) th_job_start(request, &what);
}

static void answer_empty(th_request_t *request) {
    th_json_writer_t writer;
    th_buffer_t out;

    th_request_begin_result(request, &writer, &out, 0);
    th_request_end_result(request, &writer, &out, NULL);
}

void th_method_resources_subscribe(th_request_t *request) {
    th_slice_t uri;

    if (!read_uri(request, &uri) || !find(request, uri)) return;
    if (request->peer && !th_peer_subscribe(request->peer, uri))
        th_request_fail(request, 200, TH_RPC_INTERNAL_ERROR,
                        "Too many subscriptions in this session; unsubscribe from some");
    else
        answer_empty(request);
}

void th_method_resources_unsubscribe(th_request_t *request) {
    th_slice_t uri;

    if (!read_uri(request, &uri)) return;
    if (request->peer) th_peer_unsubscribe(request->peer, uri);
    answer_empty(request);
}
