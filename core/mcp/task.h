/* task.h - tasks: calls whose answer is fetched later (the extension io.modelcontextprotocol/tasks,
 * requirements.md g). A task belongs to the principal whose call became it; its id is unguessable
 * and still no credential: somebody else's task looks unknown. Bounded per principal; each goes
 * when its time is over, whatever its state. */
#ifndef TH_MCP_TASK_H
#define TH_MCP_TASK_H

#include "loop/deadline.h"
#include "mcp/job.h"

typedef enum th_task_status {
    TH_TASK_WORKING,
    TH_TASK_INPUT_REQUIRED,
    TH_TASK_COMPLETED,
    TH_TASK_FAILED,
    TH_TASK_CANCELLED,
} th_task_status_t;

struct th_task {
    th_list_t link; /* th_mcp_t.task_list */
    th_mcp_t *mcp;
    th_job_t *job; /* NULL once it has ended */
    char id[TH_ID_SIZE];
    char principal[TH_PRINCIPAL_SIZE];
    th_task_status_t status;
    char message[256];        /* statusMessage, or "" */
    int64_t created, updated; /* wall time, ms */
    int64_t ttl;
    th_deadline_t deadline;
    char *result; /* owned: the CallToolResult of a completed one */
    size_t result_length;
    char error[512]; /* message of a failed one */
};

/* The job's call becomes a task; its request is answered with the handle and gone. When that is not
 * possible (too many) the call just goes on as it was. */
void th_task_begin(th_job_t *job);
/* NULL when unknown, over, or of another principal. */
th_task_t *th_task_find(const th_mcp_t *mcp, th_slice_t id, const char *principal);

/* From its job: */
void th_task_progress(th_task_t *task, double done, double total, th_slice_t message);
bool th_task_ask(th_task_t *task, th_error_t *error); /* the job's questions are put */
void th_task_answered(th_task_t *task);               /* and now all answered */
void th_task_done(th_task_t *task, const th_call_result_t *result);

/* The DetailedTask's members into an open object, and how many bytes they take at most. */
void th_task_write(th_json_writer_t *writer, const th_task_t *task);
size_t th_task_bound(const th_task_t *task);

/* Frees all of them, at the end. */
void th_tasks_clear(th_mcp_t *mcp);

#endif
