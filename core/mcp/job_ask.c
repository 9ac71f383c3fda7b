/* job_ask.c - a question of a running call, on each wire.
 * Legacy: JSON-RPC requests of ours on the stream of the client's request; the responses come as
 * messages. Modern: the request is answered with what is asked, and a signed state; the retry
 * brings the answers. A call that has sent nothing that changes anything is then dropped and
 * started anew by the retry; one that has is held, bounded in number and time. A task asks in its
 * own state. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/random.h"
#include "mcp/ask_params.h"
#include "mcp/continuation.h"
#include "mcp/job.h"
#include "mcp/notice.h"
#include "mcp/task.h"

/* A question's text may be long, a form has many fields. */
#define QUESTION_BYTES ((size_t)256 * 1024)

static th_job_t *job_of(th_deadline_t *deadline) {
    return TH_CONTAINER(deadline, th_job_t, deadline);
}

static uint64_t patience(const th_job_t *job) {
    return (uint64_t)job->mcp->worker->settings->mcp_ask_timeout;
}

/* --- going on -------------------------------------------------------------------------------- */

/* Gives the call its answers; what has none counts as not answered. */
static void go_on(th_job_t *job) {
    th_json_document_t *answers = th_questions_answers(&job->questions, job->mcp->worker->parser);

    th_deadline_clear(&job->deadline);
    th_questions_clear(&job->questions);
    if (!answers || !job->running)
        th_job_cancel(job);
    else
        (void)th_running_answer(job->running, th_json_root(answers));
    th_json_unref(answers);
}

void th_job_take_answers(th_job_t *job, th_json_value_t responses) {
    if (job->questions.count == 0) return;
    th_questions_take(&job->questions, responses);
    if (job->questions.open == 0) go_on(job);
}

static th_question_t *question_at(th_list_t *node) {
    return TH_CONTAINER(node, th_question_t, link);
}

/* --- legacy ---------------------------------------------------------------------------------- */

static void write_request(th_job_t *job, const th_question_t *question, th_buffer_t *out,
                          th_error_t *error) {
    th_json_writer_t writer;

    th_json_writer_init(&writer, out, 0);
    th_json_write_object(&writer);
    th_json_write_member_text(&writer, "jsonrpc", "2.0");
    th_json_write_member_text(&writer, "id", question->id);
    th_json_write_member_text(&writer, "method", th_ask_method(question->kind));
    if (question->kind != TH_ASK_ROOTS) {
        th_json_write_key(&writer, TH_SLICE("params"));
        th_ask_write_params(&writer, job->revision, job->mcp->worker->parser, question, error);
    }
    th_json_write_end(&writer);
    if (!th_json_writer_finish(&writer, error)) th_buffer_reset(out);
}

/* Takes back what was asked: nobody waits for it any more. */
static void withdraw(th_job_t *job) {
    th_channel_t *channel = job->request ? job->request->channel : NULL;

    for (th_list_t *at = job->questions.list.next; channel && at != &job->questions.list;
         at = at->next) {
        const th_question_t *question = question_at(at);
        th_json_writer_t writer;
        th_buffer_t out;
        if (question->answer || !question->id[0]) continue;
        th_buffer_init(&out, 1024);
        th_notice_begin(&writer, &out, "notifications/cancelled");
        th_json_write_member_text(&writer, "requestId", question->id);
        if (th_notice_end(&writer, th_json_absent()))
            channel->operations->notify(channel, th_buffer_slice(&out));
        th_buffer_reset(&out);
        channel = job->request ? job->request->channel : NULL;
    }
}

static void on_too_late(th_deadline_t *deadline) {
    th_job_t *job = job_of(deadline);

    withdraw(job);
    for (th_list_t *at = job->questions.list.next; at != &job->questions.list; at = at->next)
        (void)th_question_fail(&job->questions, question_at(at), "timeout",
                               TH_SLICE("Nobody answered in time."));
    go_on(job);
}

static bool send_questions(th_job_t *job, th_error_t *error) {
    for (th_list_t *at = job->questions.list.next; at != &job->questions.list; at = at->next) {
        th_question_t *question = question_at(at);
        th_channel_t *channel = job->request->channel;
        th_buffer_t out;
        (void)snprintf(question->id, sizeof question->id, "ask-%" PRIu64,
                       ++job->request->peer->asked);
        th_buffer_init(&out, QUESTION_BYTES);
        write_request(job, question, &out, error);
        bool sent =
            out.length && channel && channel->operations->notify(channel, th_buffer_slice(&out));
        if (out.length && !sent)
            th_error_set(error, "cannot_ask",
                         "The question could not be sent: the client's connection takes none.");
        th_buffer_reset(&out);
        if (!sent) {
            question->id[0] = '\0'; /* it never left */
            withdraw(job);
            return false;
        }
    }
    return true;
}

static bool ask_legacy(th_job_t *job, th_error_t *error) {
    if (!job->request->peer || !send_questions(job, error)) {
        if (!job->request->peer) th_error_set(error, "cannot_ask", "The client's session is over.");
        th_questions_clear(&job->questions);
        return false;
    }
    job->deadline.passed = on_too_late;
    th_deadline_set(&job->mcp->deadlines, &job->deadline, patience(job));
    return true;
}

/* What a client's error says, for the tool. */
static void fail_from(th_job_t *job, th_question_t *question, th_json_value_t error) {
    th_slice_t message = {NULL, 0};
    int64_t code = 0;

    th_json_string(th_json_member(error, "message"), &message);
    th_json_integer(th_json_member(error, "code"), &code);
    /* -1 is how clients say that their user rejected a sampling. */
    (void)th_question_fail(&job->questions, question, code == -1 ? "declined" : "client_error",
                           message);
}

bool th_job_response(th_job_t *job, th_slice_t id, th_json_value_t root) {
    for (th_list_t *at = job->questions.list.next; at != &job->questions.list; at = at->next) {
        th_question_t *question = question_at(at);
        if (!question->id[0] || !th_slice_is(id, question->id)) continue;
        th_json_value_t result = th_json_member(root, "result");
        if (th_json_is_object(result))
            (void)th_question_answer(&job->questions, question, result);
        else
            fail_from(job, question, th_json_member(root, "error"));
        if (job->questions.open == 0) go_on(job);
        return true;
    }
    return false;
}

/* --- modern ---------------------------------------------------------------------------------- */

static size_t held_by(const th_mcp_t *mcp, const char *principal) {
    size_t count = 0;

    for (th_list_t *at = mcp->jobs.next; at != &mcp->jobs; at = at->next) {
        const th_job_t *job = TH_CONTAINER(at, th_job_t, link);
        if (job->held[0] && strcmp(th_grant_principal(job->grant), principal) == 0) count++;
    }
    return count;
}

static void on_not_fetched(th_deadline_t *deadline) {
    th_job_t *job = job_of(deadline);

    job->held[0] = '\0';
    th_job_cancel(job);
}

/* {inputRequests, requestState} into the open result. */
static bool write_input(const th_job_t *job, th_json_writer_t *writer) {
    th_request_t *request = job->request;
    th_state_binding_t binding = th_continuation_binding(request, job->item);
    int64_t expires = th_clock_wall_ms() + (int64_t)patience(job);
    th_json_writer_t part;
    th_buffer_t keys, answers, state;
    bool done;

    th_buffer_init(&keys, 16384);
    th_json_writer_init(&part, &keys, 0);
    th_questions_write_keys(&job->questions, &part);
    done = th_json_writer_finish(&part, NULL);
    th_buffer_init(&answers, TH_REQUEST_STATE_MAX / 2);
    th_json_writer_init(&part, &answers, 0);
    if (job->answers && !job->held[0]) {
        th_json_write_value(&part, th_json_root(job->answers));
    } else {
        th_json_write_object(&part);
        th_json_write_end(&part);
    }
    done = th_json_writer_finish(&part, NULL) && done;
    th_buffer_init(&state, TH_REQUEST_STATE_MAX);
    done = done && th_request_state_seal(&binding, expires, th_buffer_slice(&keys),
                                         th_buffer_slice(&answers), th_slice_of(job->held), &state);
    if (done) {
        th_json_write_key(writer, TH_SLICE("inputRequests"));
        th_questions_write(&job->questions, writer);
        th_json_write_member_string(writer, "requestState", th_buffer_slice(&state));
    }
    th_buffer_reset(&keys);
    th_buffer_wipe(&answers);
    th_buffer_reset(&state);
    return done;
}

/* Answers the request with the questions; it is gone then. */
static void answer_with_questions(th_job_t *job) {
    th_request_t *request = job->request;
    th_json_writer_t writer;
    th_buffer_t out;

    th_request_begin_typed(request, &writer, &out, QUESTION_BYTES + TH_REQUEST_STATE_MAX,
                           "input_required");
    if (!write_input(job, &writer)) writer.failure = "too_large";
    job->request = NULL;
    request->job = NULL;
    th_request_end_result(request, &writer, &out, NULL);
}

static bool hold(th_job_t *job, th_error_t *error) {
    size_t most = (size_t)job->mcp->worker->settings->mcp_held_calls;

    if (held_by(job->mcp, th_grant_principal(job->grant)) >= most)
        return th_error_set(error, "cannot_ask",
                            "Too many calls of this person wait for an answer already (%zu).",
                            most);
    th_random_id(job->held);
    job->deadline.passed = on_not_fetched;
    th_deadline_set(&job->mcp->deadlines, &job->deadline, patience(job));
    return true;
}

void th_job_ask_again(th_job_t *job) {
    th_error_t ignored;

    if (hold(job, &ignored))
        answer_with_questions(job);
    else
        go_on(job);
}

static bool ask_modern(th_job_t *job, th_error_t *error) {
    bool drop = !th_running_has_written(job->running);

    if (!drop && !hold(job, error)) {
        th_questions_clear(&job->questions);
        return false;
    }
    answer_with_questions(job);
    if (drop) th_job_cancel(job); /* the retry starts it anew, with the answers */
    return true;
}

/* --- both ------------------------------------------------------------------------------------ */

static bool somebody_is_there(const th_job_t *job) {
    const th_request_t *request = job->request;

    if (job->task) return true;
    if (!request || request->cancelled || !request->channel) return false;
    return job->revision->modern ||
           (request->peer && request->channel->operations->can_stream(request->channel));
}

bool th_job_can_ask(void *arg, th_ask_kind_t kind) {
    const th_job_t *job = arg;
    th_client_t need = th_asks_need(&(th_ask_t){.kind = kind}, 1);
    th_client_t lacks = th_client_lacks(&job->client, &need);

    /* Completions have no rounds on any wire. */
    return job->kind != TH_CALL_COMPLETE && somebody_is_there(job) && th_client_is_empty(&lacks);
}

bool th_job_ask(void *arg, const th_ask_t *asks, size_t count, th_error_t *error) {
    th_job_t *job = arg;
    th_client_t need = th_asks_need(asks, count);
    th_client_t lacks = th_client_lacks(&job->client, &need);
    char words[160];

    if (job->kind == TH_CALL_COMPLETE || !somebody_is_there(job))
        return th_error_set(error, "cannot_ask",
                            "Nobody can be asked here: the client takes no questions.");
    if (!th_client_is_empty(&lacks)) {
        th_client_describe(&lacks, words, sizeof words);
        return th_error_set(error, "cannot_ask",
                            "The client cannot be asked: it does not support %s.", words);
    }
    if (!th_questions_put(&job->questions, asks, count, error)) return false;
    if (job->task) return th_task_ask(job->task, error);
    return job->revision->modern ? ask_modern(job, error) : ask_legacy(job, error);
}
