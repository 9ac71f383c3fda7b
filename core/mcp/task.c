/* task.c - the store of tasks and the life of one. */
#include "mcp/task.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/random.h"
#include "mcp/listen.h"
#include "mcp/result.h"

/* Clients may ask as often as they like; this is what is suggested to them. */
#define POLL_INTERVAL_MS 1000
#define FRAME_BYTES 2048
#define QUESTION_BYTES ((size_t)256 * 1024)

static th_task_t *task_at(th_list_t *node) {
    return TH_CONTAINER(node, th_task_t, link);
}

static bool is_final(const th_task_t *task) {
    return task->status >= TH_TASK_COMPLETED;
}

static void task_free(th_task_t *task) {
    th_deadline_clear(&task->deadline);
    (void)th_table_remove(task->mcp->tasks, th_slice_of(task->id));
    th_list_remove(&task->link);
    if (task->job) task->job->task = NULL;
    task->mcp->task_bytes -= task->result_length;
    free(task->result);
    free(task);
}

static void on_over(th_deadline_t *deadline) {
    th_task_t *task = TH_CONTAINER(deadline, th_task_t, deadline);
    th_job_t *job = task->job;

    task_free(task);
    if (job) th_job_cancel(job); /* nobody could fetch its result */
}

void th_tasks_clear(th_mcp_t *mcp) {
    for (th_list_t *first; (first = th_list_take_first(&mcp->task_list));)
        task_free(task_at(first));
}

th_task_t *th_task_find(const th_mcp_t *mcp, th_slice_t id, const char *principal) {
    th_task_t *task = th_table_get(mcp->tasks, id);

    return task && strcmp(task->principal, principal) == 0 ? task : NULL;
}

static void turn(th_task_t *task, th_task_status_t status) {
    task->status = status;
    task->updated = th_clock_wall_ms();
    th_listen_task(task->mcp, task);
}

/* --- beginning ------------------------------------------------------------------------------- */

/* Makes room by dropping the principal's oldest that has ended; false when all still run. */
static bool make_room(th_mcp_t *mcp, const char *principal) {
    int64_t count = 0;
    th_task_t *oldest = NULL;

    for (th_list_t *at = mcp->task_list.next; at != &mcp->task_list; at = at->next) {
        th_task_t *task = task_at(at);
        if (strcmp(task->principal, principal) != 0) continue;
        if (!oldest && is_final(task)) oldest = task;
        count++;
    }
    if (count < mcp->worker->settings->mcp_tasks_per_principal) return true;
    if (oldest) task_free(oldest);
    return oldest != NULL;
}

static th_task_t *task_new(th_job_t *job) {
    th_mcp_t *mcp = job->mcp;
    const char *principal = th_grant_principal(job->grant);
    th_task_t *task = make_room(mcp, principal) ? calloc(1, sizeof *task) : NULL;

    if (!task) return NULL;
    task->mcp = mcp;
    th_random_id(task->id);
    (void)snprintf(task->principal, sizeof task->principal, "%s", principal);
    task->created = task->updated = th_clock_wall_ms();
    task->ttl = mcp->worker->settings->mcp_task_life;
    th_list_init(&task->link);
    th_deadline_init(&task->deadline, on_over);
    if (!th_table_put(mcp->tasks, th_slice_of(task->id), task)) {
        free(task);
        return NULL;
    }
    th_list_add_tail(&mcp->task_list, &task->link);
    th_deadline_set(&mcp->deadlines, &task->deadline, (uint64_t)task->ttl);
    task->job = job;
    job->task = task;
    return task;
}

static void write_handle(th_json_writer_t *writer, const th_task_t *task) {
    static const char *const names[] = {
        [TH_TASK_WORKING] = "working",     [TH_TASK_INPUT_REQUIRED] = "input_required",
        [TH_TASK_COMPLETED] = "completed", [TH_TASK_FAILED] = "failed",
        [TH_TASK_CANCELLED] = "cancelled",
    };
    char time[21];

    th_json_write_member_text(writer, "taskId", task->id);
    th_json_write_member_text(writer, "status", names[task->status]);
    if (task->message[0]) th_json_write_member_text(writer, "statusMessage", task->message);
    th_clock_format_utc(task->created, time);
    th_json_write_member_text(writer, "createdAt", time);
    th_clock_format_utc(task->updated, time);
    th_json_write_member_text(writer, "lastUpdatedAt", time);
    th_json_write_member_integer(writer, "ttlMs", task->ttl);
    th_json_write_member_integer(writer, "pollIntervalMs", POLL_INTERVAL_MS);
}

void th_task_begin(th_job_t *job) {
    th_request_t *request = job->request;
    th_task_t *task = task_new(job);
    th_json_writer_t writer;
    th_buffer_t out;

    if (!task) return;
    job->request = NULL;
    request->job = NULL;
    th_request_begin_typed(request, &writer, &out, FRAME_BYTES, "task");
    write_handle(&writer, task);
    th_request_end_result(request, &writer, &out, NULL);
}

/* --- from its job ---------------------------------------------------------------------------- */

void th_task_progress(th_task_t *task, double done, double total, th_slice_t message) {
    if (message.length && message.length < sizeof task->message)
        (void)snprintf(task->message, sizeof task->message, "%.*s", (int)message.length,
                       message.data);
    else if (total > 0)
        (void)snprintf(task->message, sizeof task->message, "%g of %g", done, total);
    else
        (void)snprintf(task->message, sizeof task->message, "%g", done);
    task->updated = th_clock_wall_ms();
}

bool th_task_ask(th_task_t *task, th_error_t *error) {
    (void)error; /* the task's own life is the question's */
    turn(task, TH_TASK_INPUT_REQUIRED);
    return true;
}

void th_task_answered(th_task_t *task) {
    if (!is_final(task)) turn(task, TH_TASK_WORKING);
}

/* Results of all tasks are bounded: the oldest that ended go first. */
static bool make_room_for_result(th_mcp_t *mcp, size_t bytes) {
    size_t most = (size_t)mcp->worker->settings->mcp_task_bytes;
    th_list_t *at = mcp->task_list.next;

    while (mcp->task_bytes + bytes > most && at != &mcp->task_list) {
        th_task_t *task = task_at(at);
        at = at->next;
        if (is_final(task)) task_free(task);
    }
    return mcp->task_bytes + bytes <= most;
}

/* The CallToolResult, as tools/call would have answered. */
static bool keep_result(th_task_t *task, const th_item_t *tool, const th_call_result_t *result) {
    th_json_writer_t writer;
    th_buffer_t out;

    th_buffer_init(&out, th_result_bound(result) + FRAME_BYTES);
    th_json_writer_init(&writer, &out, 0);
    th_json_write_object(&writer);
    th_json_write_member_text(&writer, "resultType", "complete");
    th_result_write(&writer, task->job->revision, tool, task->mcp->worker->parser, result);
    th_json_write_end(&writer);
    size_t length = 0;
    if (th_json_writer_finish(&writer, NULL) && make_room_for_result(task->mcp, out.length))
        task->result = th_buffer_take(&out, &length);
    th_buffer_reset(&out);
    task->result_length = length;
    task->mcp->task_bytes += length;
    return task->result != NULL;
}

/* What in an ordinary call would be a fault of the host or the tool, not an answer. */
static bool is_fault(const th_call_result_t *result) {
    switch (result->outcome) {
    case TH_CALL_BUG:
    case TH_CALL_NO_TIME:
    case TH_CALL_NO_MEMORY:
    case TH_CALL_TOO_LARGE: return true;
    case TH_CALL_OK:
    case TH_CALL_FAILED:
    case TH_CALL_CANCELLED: return false;
    }
    return true;
}

static void fail(th_task_t *task, const char *message) {
    (void)snprintf(task->error, sizeof task->error, "%s", message);
    (void)snprintf(task->message, sizeof task->message, "%.*s", (int)sizeof task->message - 1,
                   th_rpc_shown(th_slice_of(message)) ? message : "");
}

void th_task_done(th_task_t *task, const th_call_result_t *result) {
    const th_item_t *tool = task->job->item;
    th_error_t why = {{0}, {0}};
    th_task_status_t status = TH_TASK_COMPLETED;

    if (is_final(task)) { /* cancelled before */
        task->job = NULL;
        return;
    }
    if (result->outcome == TH_CALL_CANCELLED) {
        status = TH_TASK_CANCELLED;
    } else if (is_fault(result)) {
        fail(task, result->message ? result->message : "The call failed.");
        status = TH_TASK_FAILED;
    } else if (!th_result_conforms(tool, task->mcp->worker->parser, result, &why) ||
               !keep_result(task, tool, result)) {
        fail(task, "The tool answered in a form it does not declare, or more than can be kept.");
        status = TH_TASK_FAILED;
    }
    task->job = NULL;
    turn(task, status);
}

/* --- writing --------------------------------------------------------------------------------- */

size_t th_task_bound(const th_task_t *task) {
    size_t questions = task->status == TH_TASK_INPUT_REQUIRED ? QUESTION_BYTES : 0;

    return FRAME_BYTES + 6 * (sizeof task->message + sizeof task->error) + task->result_length +
           questions;
}

void th_task_write(th_json_writer_t *writer, const th_task_t *task) {
    write_handle(writer, task);
    switch (task->status) {
    case TH_TASK_INPUT_REQUIRED:
        th_json_write_key(writer, TH_SLICE("inputRequests"));
        th_questions_write(&task->job->questions, writer);
        break;
    case TH_TASK_COMPLETED:
        th_json_write_key(writer, TH_SLICE("result"));
        th_json_write_raw(writer, th_slice(task->result, task->result_length));
        break;
    case TH_TASK_FAILED:
        th_json_write_key(writer, TH_SLICE("error"));
        th_json_write_object(writer);
        th_json_write_member_integer(writer, "code", TH_RPC_INTERNAL_ERROR);
        th_json_write_member_text(writer, "message", task->error);
        th_json_write_end(writer);
        break;
    case TH_TASK_WORKING:
    case TH_TASK_CANCELLED: break;
    }
}
