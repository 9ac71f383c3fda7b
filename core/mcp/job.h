/* job.h - one running tool, read, prompt or completion, and whoever waits for it.
 * Usually a request waits. A job outlives it when it became a task, when it is held for a retry
 * (a modern client answers questions with a new request), or when the client went. All jobs are in
 * th_mcp_t.jobs and free themselves when their call has ended. The call's client operations come in
 * here; what a question looks like on each wire is job_ask.c. */
#ifndef TH_MCP_JOB_H
#define TH_MCP_JOB_H

#include "loop/deadline.h"
#include "mcp/questions.h"
#include "mcp/request.h"

typedef struct th_task th_task_t;

struct th_job {
    th_list_t link;
    th_mcp_t *mcp;
    th_request_t *request;     /* who waits now; NULL: nobody */
    th_task_t *task;           /* whose work this is; or NULL */
    th_running_t *running;     /* NULL once done */
    th_grant_t *grant;         /* owned */
    th_catalogue_t *catalogue; /* owned: keeps <item> */
    th_call_kind_t kind;
    const th_item_t *item;
    const th_revision_t *revision;
    th_client_t client;          /* what the one who asked for it can do */
    th_json_value_t arguments;   /* owned: a reference on its document */
    th_json_document_t *answers; /* owned: known when it started; or NULL */
    th_questions_t questions;    /* what it waits for right now */
    th_deadline_t deadline;      /* of those */
    char held[TH_ID_SIZE];       /* the id a retry finds it by; "" = not held */
};

/* Starts what <what> says (kind, item, arguments, uri, argument, value) for <request>, which it
 * owns from here on. On the modern wire it first sees whether the request continues an earlier one:
 * requestState and inputResponses. */
void th_job_start(th_request_t *request, const th_session_request_t *what);

/* The request does not want it any more (cancelled, or its client left a wire where that cancels).
 */
void th_job_cancel(th_job_t *job);

/* A response with <id> on a legacy wire; false: it is for no question of this job. */
bool th_job_response(th_job_t *job, th_slice_t id, th_json_value_t root);
/* Takes answers by key: of a task, or a held job's retry. Goes on when all are there. */
void th_job_take_answers(th_job_t *job, th_json_value_t responses);

/* job_ask.c: th_call_client_t.ask and .can_ask. */
bool th_job_ask(void *arg, const th_ask_t *asks, size_t count, th_error_t *error);
bool th_job_can_ask(void *arg, th_ask_kind_t kind);
/* Asks again for what the retry of a held job left out; the request is gone then. */
void th_job_ask_again(th_job_t *job);

/* The one held under that id for that principal, or NULL. */
th_job_t *th_job_find_held(th_mcp_t *mcp, th_slice_t id, const char *principal);

/* The results by kind: tools.c, resources.c, prompts.c, complete.c. Each ends the request. */
void th_tool_answer(th_request_t *request, const th_item_t *item, const th_call_result_t *result);
void th_resource_answer(th_request_t *request, const th_item_t *item,
                        const th_call_result_t *result);
void th_prompt_answer(th_request_t *request, const th_item_t *item, const th_call_result_t *result);
void th_completion_answer(th_request_t *request, const th_item_t *item,
                          const th_call_result_t *result);

#endif
