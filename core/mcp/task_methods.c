/* task_methods.c - tasks/get, tasks/update, tasks/cancel. */
#include "mcp/task.h"

/* Gates in their order: the extension, then the id. NULL: answered. */
static th_task_t *find(th_request_t *request) {
    const th_client_t need = {.tasks = true};
    th_slice_t id = {NULL, 0};
    th_task_t *task;

    if (!request->client.tasks) {
        th_request_fail_lacking(request, &need,
                                "Tasks need the extension " TH_EXTENSION_TASKS
                                " among this request's client capabilities");
        return NULL;
    }
    if (!th_json_string(th_json_member(request->message.params, "taskId"), &id)) {
        th_request_fail(request, 200, TH_RPC_INVALID_PARAMS,
                        "params.taskId must be a string: the id a tools/call gave");
        return NULL;
    }
    task = th_task_find(request->mcp, id, th_grant_principal(request->grant));
    if (!task)
        th_request_fail(request, 200, TH_RPC_INVALID_PARAMS,
                        "There is no such task (any more): %.*s", th_rpc_shown(id), id.data);
    return task;
}

static void acknowledge(th_request_t *request) {
    th_json_writer_t writer;
    th_buffer_t out;

    th_request_begin_result(request, &writer, &out, 0);
    th_request_end_result(request, &writer, &out, NULL);
}

void th_method_tasks_get(th_request_t *request) {
    const th_task_t *task = find(request);
    th_json_writer_t writer;
    th_buffer_t out;

    if (!task) return;
    th_request_begin_result(request, &writer, &out, th_task_bound(task));
    th_task_write(&writer, task);
    th_request_end_result(request, &writer, &out, NULL);
}

void th_method_tasks_update(th_request_t *request) {
    th_json_value_t responses = th_json_member(request->message.params, "inputResponses");
    th_task_t *task = find(request);

    if (!task) return;
    if (!th_json_is_object(responses)) {
        th_request_fail(request, 200, TH_RPC_INVALID_PARAMS,
                        "params.inputResponses must be an object with an answer for each key of "
                        "inputRequests");
        return;
    }
    if (task->status == TH_TASK_INPUT_REQUIRED) {
        th_job_take_answers(task->job, responses);
        if (task->job->questions.count == 0) th_task_answered(task);
    }
    acknowledge(request);
}

void th_method_tasks_cancel(th_request_t *request) {
    th_task_t *task = find(request);

    if (!task) return;
    if (task->job) th_job_cancel(task->job);
    acknowledge(request);
}
