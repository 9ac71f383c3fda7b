/* tools.c - tools/list and tools/call. Policy, validation of arguments and limits are the
 * session's. */
#include <stdio.h>

#include "base/random.h"
#include "mcp/progress.h"
#include "mcp/request.h"
#include "mcp/result.h"

static bool may_use_all(const th_grant_t *grant, const th_catalogue_t *catalogue) {
    for (size_t i = 0; i < th_catalogue_count(catalogue); i++)
        if (!th_grant_allows(grant, th_catalogue_tool(catalogue, i), NULL)) return false;
    return true;
}

/* The entries whose tools this person may use: the same function decides as at the call. */
static void write_allowed(th_json_writer_t *writer, const th_grant_t *grant,
                          const th_catalogue_t *catalogue, th_json_document_t *all) {
    th_json_iterator_t each = th_json_iterate(th_json_root(all));

    th_json_write_array(writer);
    while (th_json_next(&each)) {
        th_slice_t name = {NULL, 0};
        th_json_string(th_json_member(each.value, "name"), &name);
        const th_tool_t *tool = th_catalogue_find(catalogue, name);
        if (tool && th_grant_allows(grant, tool, NULL)) th_json_write_value(writer, each.value);
    }
    th_json_write_end(writer);
}

static void answer_list(th_request_t *request, const th_catalogue_t *catalogue) {
    const th_revision_t *revision = request->revision;
    th_slice_t list = th_catalogue_tool_list(catalogue, revision->tool_list);
    th_json_document_t *document = NULL;
    th_json_writer_t writer;
    th_buffer_t out;

    if (!may_use_all(request->grant, catalogue)) {
        document = th_json_parse(request->mcp->worker->parser, list, &th_json_limits_answer, NULL);
        if (!document) {
            th_request_fail(request, 200, TH_RPC_INTERNAL_ERROR, "The list could not be filtered");
            return;
        }
    }
    th_request_begin_result(request, &writer, &out, list.length);
    th_buffer_reserve(&out, list.length + 512);
    th_json_write_key(&writer, TH_SLICE("tools"));
    if (document)
        write_allowed(&writer, request->grant, catalogue, document);
    else
        th_json_write_raw(&writer, list);
    if (revision->modern) {
        th_json_write_member_integer(&writer, "ttlMs",
                                     request->mcp->worker->settings->mcp_list_ttl);
        th_json_write_member_text(&writer, "cacheScope", "private"); /* it depends on the person */
    }
    th_json_unref(document);
    th_request_end_result(request, &writer, &out, NULL);
}

void th_method_tools_list(th_request_t *request) {
    /* All tools fit one page (clients often read only the first), so no cursor was ever given out.
     */
    if (th_json_member(request->message.params, "cursor").document)
        th_request_fail(request, 200, TH_RPC_INVALID_PARAMS,
                        "This cursor was not given out by this server; leave \"cursor\" out to "
                        "start at the first page");
    else
        answer_list(request, th_sessions_catalogue(request->mcp->sessions));
}

static void answer_call(th_request_t *request, const th_call_result_t *result) {
    th_json_writer_t writer;
    th_buffer_t out;

    th_request_begin_result(request, &writer, &out, th_result_bound(result));
    th_buffer_reserve(&out,
                      result->text.length + result->data.length + result->content.length + 512);
    th_result_write(&writer, request->revision, request->tool, request->mcp->worker->parser,
                    result);
    th_request_end_result(request, &writer, &out, NULL);
}

/* An answer that breaks the tool's own promise is the tool's bug: the client would reject it
 * unseen. */
static void answer_broken_promise(th_request_t *request, const th_error_t *why) {
    char id[TH_ID_SIZE], message[256];

    th_random_id(id);
    th_log(request->mcp->worker->log, TH_LOG_ERROR, "mcp",
           "incident=%s tool=%s answered what its output schema does not allow: %s", id,
           request->tool->name, why->message);
    (void)snprintf(
        message, sizeof message,
        "The tool %s answered in a form it does not declare. This is a fault of the tool, not "
        "of the request; tell the operator incident %s.",
        request->tool->name, id);
    th_call_result_t broken = {.outcome = TH_CALL_BUG, .code = "bug", .message = message};
    answer_call(request, &broken);
}

static void call_done(void *arg, const th_call_result_t *result) {
    th_request_t *request = arg;
    th_error_t why = {{0}, {0}};

    request->running = NULL;
    if (request->cancelled || !request->channel)
        th_request_abandon(request);
    else if (th_result_conforms(request->tool, request->mcp->worker->parser, result, &why))
        answer_call(request, result);
    else
        answer_broken_promise(request, &why);
}

static const th_call_client_t with_progress = {.progress = th_progress_report};
static const th_call_client_t without_progress = {.progress = NULL};

/* Over a limit: an answer the model can act on, by waiting. */
static void answer_refused(th_request_t *request, const th_error_t *error) {
    th_call_result_t refused = {.outcome = TH_CALL_FAILED,
                                .code = error->code,
                                .message = error->message,
                                .hint = "Nothing was done; try again in a moment."};
    answer_call(request, &refused);
}

static void start_call(th_request_t *request, th_json_value_t arguments) {
    th_error_t error = {{0}, {0}};
    th_session_t *session = request->channel->operations->session(request->channel, &error);

    if (session)
        request->running =
            th_session_call(session, request->grant, request->tool, arguments,
                            request->progress_token.document ? &with_progress : &without_progress,
                            call_done, request, &error);
    if (!request->running) answer_refused(request, &error);
}

void th_method_tools_call(th_request_t *request) {
    th_json_value_t params = request->message.params;
    th_json_value_t arguments = th_json_member(params, "arguments");
    th_slice_t name;

    if (!th_json_string(th_json_member(params, "name"), &name)) {
        th_request_fail(request, 200, TH_RPC_INVALID_PARAMS,
                        "params.name must be a string: the name of a tool from tools/list");
        return;
    }
    if (arguments.document && !th_json_is_object(arguments)) {
        th_request_fail(request, 200, TH_RPC_INVALID_PARAMS,
                        "params.arguments must be an object with the tool's parameters");
        return;
    }
    if (!th_progress_read_token(request)) {
        th_request_fail(request, 200, TH_RPC_INVALID_PARAMS,
                        "params._meta.progressToken must be a string or an integer");
        return;
    }
    request->catalogue = th_catalogue_ref(th_sessions_catalogue(request->mcp->sessions));
    request->tool = th_catalogue_find(request->catalogue, name);
    if (!request->tool) {
        th_request_fail(request, 200, TH_RPC_INVALID_PARAMS, "Unknown tool: %.*s",
                        th_rpc_shown(name), name.data);
        return;
    }
    start_call(request, arguments);
}
