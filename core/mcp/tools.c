/* tools.c - tools/call and what its result looks like. Policy, validation of arguments and limits
 * are the session's. */
#include <stdio.h>

#include "base/random.h"
#include "mcp/job.h"
#include "mcp/progress.h"
#include "mcp/result.h"

static void answer_call(th_request_t *request, const th_item_t *tool,
                        const th_call_result_t *result) {
    th_json_writer_t writer;
    th_buffer_t out;

    th_request_begin_result(request, &writer, &out, th_result_bound(result));
    th_buffer_reserve(&out,
                      result->text.length + result->data.length + result->content.length + 512);
    th_result_write(&writer, request->revision, tool, request->mcp->worker->parser, result);
    th_request_end_result(request, &writer, &out, NULL);
}

/* An answer that breaks the tool's own promise is the tool's bug: the client would reject it
 * unseen. */
static void answer_broken_promise(th_request_t *request, const th_item_t *tool,
                                  const th_error_t *why) {
    char id[TH_ID_SIZE], message[256];

    th_random_id(id);
    th_log(request->mcp->worker->log, TH_LOG_ERROR, "mcp",
           "incident=%s tool=%s answered what its output schema does not allow: %s", id, tool->name,
           why->message);
    (void)snprintf(
        message, sizeof message,
        "The tool %s answered in a form it does not declare. This is a fault of the tool, not "
        "of the request; tell the operator incident %s.",
        tool->name, id);
    th_call_result_t broken = {.outcome = TH_CALL_BUG, .code = "bug", .message = message};
    answer_call(request, tool, &broken);
}

void th_tool_answer(th_request_t *request, const th_item_t *tool, const th_call_result_t *result) {
    th_error_t why = {{0}, {0}};

    if (th_result_conforms(tool, request->mcp->worker->parser, result, &why))
        answer_call(request, tool, result);
    else
        answer_broken_promise(request, tool, &why);
}

void th_method_tools_call(th_request_t *request) {
    th_json_value_t params = request->message.params;
    th_session_request_t what = {.kind = TH_CALL_TOOL, .arguments = th_request_arguments(request)};
    th_slice_t name;

    if (!th_json_string(th_json_member(params, "name"), &name)) {
        th_request_fail(request, 200, TH_RPC_INVALID_PARAMS,
                        "params.name must be a string: the name of a tool from tools/list");
        return;
    }
    if (what.arguments.document && !th_json_is_object(what.arguments)) {
        th_request_fail(request, 200, TH_RPC_INVALID_PARAMS,
                        "params.arguments must be an object with the tool's parameters");
        return;
    }
    if (!th_progress_read_token(request)) return;
    what.item = th_catalogue_find(th_sessions_catalogue(request->mcp->sessions), name);
    /* What call_tool names is called as if it had been named itself; what cannot be is told by the
     * session. */
    if (what.item)
        (void)th_session_request_unwrap(th_sessions_catalogue(request->mcp->sessions), &what, NULL);
    if (what.item)
        th_job_start(request, &what);
    else
        th_request_fail(request, 200, TH_RPC_INVALID_PARAMS, "Unknown tool: %.*s",
                        th_rpc_shown(name), name.data);
}
