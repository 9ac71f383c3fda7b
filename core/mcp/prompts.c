/* prompts.c - prompts/get. */
#include "mcp/content.h"
#include "mcp/fault.h"
#include "mcp/job.h"
#include "mcp/progress.h"

void th_prompt_answer(th_request_t *request, const th_item_t *item,
                      const th_call_result_t *result) {
    th_json_writer_t writer;
    th_buffer_t out;

    if (result->outcome != TH_CALL_OK) {
        th_request_fail_call(request, result, th_slice(NULL, 0));
        return;
    }
    th_slice_t description =
        result->description.length ? result->description : th_slice_of(item->description);
    /* A block that degrades to text may grow a little. */
    th_request_begin_result(request, &writer, &out,
                            8 * result->messages.length + 6 * description.length + 256);
    if (description.length) th_json_write_member_string(&writer, "description", description);
    th_json_write_key(&writer, TH_SLICE("messages"));
    th_content_write_messages(&writer, request->revision, request->mcp->worker->parser,
                              result->messages);
    th_request_end_result(request, &writer, &out, NULL);
}

/* False: answered. The protocol has strings only. */
static bool check_arguments(th_request_t *request, th_json_value_t arguments) {
    th_json_iterator_t each = th_json_iterate(arguments);

    if (arguments.document && !th_json_is_object(arguments)) {
        th_request_fail(request, 200, TH_RPC_INVALID_PARAMS,
                        "params.arguments must be an object of strings");
        return false;
    }
    while (th_json_next(&each)) {
        if (th_json_is_string(each.value)) continue;
        th_request_fail(request, 200, TH_RPC_INVALID_PARAMS,
                        "params.arguments.%.*s must be a string", th_rpc_shown(each.key),
                        each.key.data);
        return false;
    }
    return true;
}

void th_method_prompts_get(th_request_t *request) {
    th_json_value_t params = request->message.params;
    th_session_request_t what = {.kind = TH_CALL_PROMPT,
                                 .arguments = th_request_arguments(request)};
    th_slice_t name = {NULL, 0};

    if (!th_json_string(th_json_member(params, "name"), &name)) {
        th_request_fail(request, 200, TH_RPC_INVALID_PARAMS,
                        "params.name must be a string: the name of a prompt from prompts/list");
        return;
    }
    if (!check_arguments(request, what.arguments) || !th_progress_read_token(request)) return;
    what.item = th_catalogue_prompt_find(th_sessions_catalogue(request->mcp->sessions), name);
    if (what.item && th_grant_allows(request->grant, what.item, NULL))
        th_job_start(request, &what);
    else
        th_request_fail(request, 200, TH_RPC_INVALID_PARAMS, "Unknown prompt: %.*s",
                        th_rpc_shown(name), name.data);
}
