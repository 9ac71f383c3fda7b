/* complete.c - completion/complete: values for an argument of a prompt or a resource's template. */
#include "mcp/fault.h"
#include "mcp/job.h"

/* What was typed so far: longer is no beginning of a value. */
#define VALUE_MAX 1024

static void answer_values(th_request_t *request, th_slice_t values, int64_t total, bool has_more) {
    th_json_writer_t writer;
    th_buffer_t out;

    th_request_begin_result(request, &writer, &out, values.length + 256);
    th_json_write_key(&writer, TH_SLICE("completion"));
    th_json_write_object(&writer);
    th_json_write_key(&writer, TH_SLICE("values"));
    th_json_write_raw(&writer, values);
    if (total >= 0) th_json_write_member_integer(&writer, "total", total);
    th_json_write_member_boolean(&writer, "hasMore", has_more);
    th_json_write_end(&writer);
    th_request_end_result(request, &writer, &out, NULL);
}

void th_completion_answer(th_request_t *request, const th_item_t *item,
                          const th_call_result_t *result) {
    (void)item;
    if (result->outcome == TH_CALL_OK)
        answer_values(request, result->values, result->total, result->has_more);
    else
        th_request_fail_call(request, result, th_slice(NULL, 0));
}

/* What `ref` names; NULL fills <problem>. */
static const th_item_t *find(const th_request_t *request, th_json_value_t ref,
                             const char **problem) {
    const th_catalogue_t *catalogue = th_sessions_catalogue(request->mcp->sessions);
    th_slice_t type = {NULL, 0}, name = {NULL, 0};
    const th_item_t *item = NULL;

    *problem = "params.ref must be {\"type\":\"ref/prompt\",\"name\":...} or "
               "{\"type\":\"ref/resource\",\"uri\":...}";
    th_json_string(th_json_member(ref, "type"), &type);
    if (th_slice_is(type, "ref/prompt")) {
        if (!th_json_string(th_json_member(ref, "name"), &name)) return NULL;
        item = th_catalogue_prompt_find(catalogue, name);
    } else if (th_slice_is(type, "ref/resource")) {
        if (!th_json_string(th_json_member(ref, "uri"), &name)) return NULL;
        item = th_catalogue_resource_declared(catalogue, name);
    } else {
        return NULL;
    }
    *problem = "params.ref names no prompt or resource of this server";
    return item && th_grant_allows(request->grant, item, NULL) ? item : NULL;
}

static void fail(th_request_t *request, const char *problem) {
    th_request_fail(request, 200, TH_RPC_INVALID_PARAMS, "%s", problem);
}

void th_method_complete(th_request_t *request) {
    th_json_value_t params = request->message.params;
    th_json_value_t argument = th_json_member(params, "argument");
    th_json_value_t context = th_json_member(params, "context");
    th_session_request_t what = {.kind = TH_CALL_COMPLETE,
                                 .arguments = th_json_member(context, "arguments")};
    const th_argument_t *declared;
    const char *problem;

    what.item = find(request, th_json_member(params, "ref"), &problem);
    if (!what.item) {
        fail(request, problem);
        return;
    }
    if (!th_json_string(th_json_member(argument, "name"), &what.argument) ||
        !th_json_string(th_json_member(argument, "value"), &what.value) ||
        what.value.length > VALUE_MAX) {
        fail(request, "params.argument must be {\"name\":...,\"value\":...}, both strings");
        return;
    }
    if (what.arguments.document && !th_json_is_object(what.arguments)) {
        fail(request, "params.context.arguments must be an object of strings");
        return;
    }
    declared = th_item_argument(what.item, what.argument);
    if (!declared)
        fail(request, "params.argument.name is no argument of that prompt or resource");
    else if (!declared->completes)
        answer_values(request, TH_SLICE("[]"), 0, false);
    else
        th_job_start(request, &what);
}
