/* job.c - the life of a job: the way in, the call's voice, the end. */
#include "mcp/job.h"

#include <stdlib.h>

#include "mcp/continuation.h"
#include "mcp/listen.h"
#include "mcp/note.h"
#include "mcp/progress.h"
#include "mcp/task.h"

static void job_free(th_job_t *job) {
    th_list_remove(&job->link);
    th_deadline_clear(&job->deadline);
    th_questions_clear(&job->questions);
    th_json_unref(job->arguments.document);
    th_json_unref(job->answers);
    th_catalogue_unref(job->catalogue);
    th_grant_unref(job->grant);
    free(job);
}

static void answer(th_request_t *request, th_call_kind_t kind, const th_item_t *item,
                   const th_call_result_t *result) {
    switch (kind) {
    case TH_CALL_TOOL: th_tool_answer(request, item, result); return;
    case TH_CALL_RESOURCE: th_resource_answer(request, item, result); return;
    case TH_CALL_PROMPT: th_prompt_answer(request, item, result); return;
    case TH_CALL_COMPLETE: th_completion_answer(request, item, result); return;
    case TH_CALL_PREVIEW: return; /* no client can ask for one */
    }
}

static void on_done(void *arg, const th_call_result_t *result) {
    th_job_t *job = arg;
    th_request_t *request = job->request;

    job->running = NULL;
    if (result->outcome == TH_CALL_OK && job->kind == TH_CALL_TOOL && !job->item->read_only)
        th_listen_written(job);
    if (job->task) th_task_done(job->task, result);
    if (request) {
        request->job = NULL;
        job->request = NULL;
        if (request->cancelled || !request->channel)
            th_request_abandon(request);
        else
            answer(request, job->kind, job->item, result);
    }
    job_free(job);
}

/* --- the call's voice ------------------------------------------------------------------------ */

static void on_progress(void *arg, double done, double total, th_slice_t message) {
    th_job_t *job = arg;

    if (job->task)
        th_task_progress(job->task, done, total, message);
    else if (job->request)
        th_progress_report(job->request, done, total, message);
}

static void on_log(void *arg, const th_note_t *note) {
    th_job_t *job = arg;

    if (job->request && !job->task) th_note_send(job->request, note);
}

static void on_changed(void *arg, th_changed_t what, th_slice_t uri) {
    th_job_t *job = arg;

    th_mcp_tell(job->mcp, th_grant_person(job->grant)->org_id, what, uri);
}

static void on_detach(void *arg) {
    th_job_t *job = arg;
    th_channel_t *channel = job->request ? job->request->channel : NULL;

    if (channel) channel->operations->hang_up(channel);
}

static void on_become_task(void *arg) {
    th_job_t *job = arg;

    if (!job->task && job->request && job->client.tasks && job->kind == TH_CALL_TOOL)
        th_task_begin(job);
}

static const th_call_client_t voice = {.progress = on_progress,
                                       .log = on_log,
                                       .ask = th_job_ask,
                                       .can_ask = th_job_can_ask,
                                       .changed = on_changed,
                                       .detach = on_detach,
                                       .become_task = on_become_task};

/* --- the way in ------------------------------------------------------------------------------ */

static th_client_t client_of(const th_request_t *request) {
    if (request->revision->modern) return request->client;
    return request->peer ? request->peer->client : (th_client_t){.form = false};
}

static th_client_t needs_of(const th_item_t *item, bool modern) {
    return (th_client_t){
        .form = item->needs & TH_NEED_FORM,
        .url = item->needs & TH_NEED_URL,
        .sampling = item->needs & TH_NEED_SAMPLE,
        .roots = item->needs & TH_NEED_ROOTS,
        .tasks = modern && item->task == TH_TASK_MUST,
    };
}

/* Over a limit, or not possible for this client: an answer the model can act on. */
static void answer_failed(th_request_t *request, const th_session_request_t *what, const char *code,
                          const char *message, const char *hint) {
    th_call_result_t failed = {
        .outcome = TH_CALL_FAILED, .code = code, .message = message, .hint = hint, .field = ""};

    answer(request, what->kind, what->item, &failed);
}

/* False: answered. What the tool says it needs must be there before it starts. */
static bool check_needs(th_request_t *request, const th_session_request_t *what,
                        const th_client_t *client) {
    bool modern = request->revision->modern;
    th_client_t need = needs_of(what->item, modern), lacks = th_client_lacks(client, &need);
    char words[160], sentence[320];

    if (what->kind == TH_CALL_COMPLETE || th_client_is_empty(&lacks)) return true;
    th_client_describe(&lacks, words, sizeof words);
    (void)snprintf(sentence, sizeof sentence,
                   "%s needs a client that supports %s, which this one does not declare",
                   what->item->name, words);
    if (modern)
        th_request_fail_lacking(request, &lacks, sentence);
    else
        answer_failed(request, what, "cannot_ask", sentence, "Use a client that supports it.");
    return false;
}

static th_job_t *job_new(th_request_t *request, const th_session_request_t *what,
                         const th_client_t *client) {
    th_job_t *job = calloc(1, sizeof *job);

    if (!job) return NULL;
    job->mcp = request->mcp;
    job->grant = th_grant_ref(request->grant);
    job->catalogue = th_catalogue_ref(th_sessions_catalogue(request->mcp->sessions));
    job->kind = what->kind;
    job->item = what->item;
    job->revision = request->revision;
    job->client = *client;
    job->arguments = what->arguments;
    (void)th_json_ref(what->arguments.document);
    th_questions_init(&job->questions);
    th_deadline_init(&job->deadline, NULL);
    th_list_init(&job->link);
    th_list_add_tail(&request->mcp->jobs, &job->link);
    return job;
}

/* <answers> (may be NULL) is taken over. */
static void start(th_request_t *request, const th_session_request_t *what,
                  const th_client_t *client, th_json_document_t *answers) {
    th_error_t error = {"no_memory", "The host is out of memory."};
    th_session_request_t call = *what;
    th_session_t *session = NULL;
    th_job_t *job = job_new(request, what, client);

    if (job) {
        job->answers = answers;
        call.answers = th_json_root(answers);
        call.client = &voice;
        call.done = on_done;
        call.arg = job;
        session = request->channel->operations->session(request->channel, &error);
    } else {
        th_json_unref(answers);
    }
    if (session) job->running = th_session_start(session, request->grant, &call, &error);
    if (!session || !job->running) {
        if (job) job_free(job);
        answer_failed(request, what, error.code, error.message,
                      "Nothing was done; try again in a moment.");
        return;
    }
    job->request = request;
    request->job = job;
    bool as_task = what->item->task == TH_TASK_MAY || what->item->task == TH_TASK_MUST;
    if (what->kind == TH_CALL_TOOL && as_task && client->tasks) th_task_begin(job);
}

/* The retry of a call that could not be replayed. */
static void resume(th_request_t *request, th_job_t *job, th_json_value_t responses) {
    job->held[0] = '\0';
    th_deadline_clear(&job->deadline);
    job->request = request;
    request->job = job;
    th_questions_take(&job->questions, responses);
    if (job->questions.open)
        th_job_ask_again(job);
    else
        th_job_take_answers(job, th_json_absent());
}

void th_job_start(th_request_t *request, const th_session_request_t *what) {
    th_client_t client = client_of(request);
    th_continuation_t continuation = {.held = NULL};
    th_rpc_fault_t fault;

    if (!check_needs(request, what, &client)) return;
    if (request->revision->modern && what->kind != TH_CALL_COMPLETE &&
        !th_continuation_read(request, what, &continuation, &fault)) {
        th_request_fail_with(request, &fault);
        return;
    }
    if (continuation.held)
        resume(request, continuation.held, continuation.responses);
    else
        start(request, what, &client, continuation.answers);
}

/* --- the end --------------------------------------------------------------------------------- */

void th_job_cancel(th_job_t *job) {
    if (job->running) th_running_cancel(job->running);
}

th_job_t *th_job_find_held(th_mcp_t *mcp, th_slice_t id, const char *principal) {
    for (th_list_t *at = mcp->jobs.next; at != &mcp->jobs; at = at->next) {
        th_job_t *job = TH_CONTAINER(at, th_job_t, link);
        if (job->held[0] && th_slice_is(id, job->held) &&
            strcmp(th_grant_principal(job->grant), principal) == 0)
            return job;
    }
    return NULL;
}
