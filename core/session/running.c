/* running.c - the one place where calls start: policy, arguments, limits, the queue; and where they
 * end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/internal.h"

static th_running_t *running_at(th_list_t *node) {
    return TH_CONTAINER(node, th_running_t, link);
}

/* Leaves the session's books, tells the caller, lets the next one start. */
static void finish(th_running_t *running, const th_call_result_t *result) {
    th_session_t *session = running->session;
    th_sessions_t *sessions = session->sessions;
    th_list_remove(&running->link);
    if (running->state == RUNNING_STARTED) {
        session->running_count--;
        sessions->running_total--;
    } else {
        session->queued_count--;
    }
    if (strcmp(result->code ? result->code : "", "unauthenticated") == 0)
        th_entry_forget(running->grant->entry);
    th_session_touch(session);
    running->done(running->arg, result);
    th_grant_unref(running->grant);
    th_json_unref(running->arguments.document);
    th_catalogue_unref(running->catalogue);
    free(running);
    th_running_start_waiting(sessions);
    if (session->ending) th_sessions_wake(sessions);
}

/* The outcome is known before the tool ran: done is called on the next turn of the loop. */
static void finish_later(th_running_t *running, th_call_outcome_t outcome, const char *code,
                         const char *message) {
    th_sessions_t *sessions = running->session->sessions;
    running->state = RUNNING_FINISHED;
    running->outcome = outcome;
    (void)snprintf(running->code, sizeof running->code, "%s", code);
    if (message != running->message)
        (void)snprintf(running->message, sizeof running->message, "%s", message);
    th_list_remove(&running->link);
    th_list_add_tail(&sessions->finished, &running->link);
    th_sessions_wake(sessions);
}

void th_running_turn(th_sessions_t *sessions) {
    th_list_t due; /* what done() adds waits for the turn after */
    th_list_init(&due);
    while (!th_list_is_empty(&sessions->finished)) {
        th_list_t *node = sessions->finished.next;
        th_list_remove(node);
        th_list_add_tail(&due, node);
    }
    while (!th_list_is_empty(&due)) {
        th_running_t *running = running_at(due.next);
        th_call_result_t result = {.outcome = running->outcome,
                                   .code = running->code,
                                   .message = running->message,
                                   .field = "",
                                   .hint = ""};
        finish(running, &result);
    }
}

/* --- the running call's own voice: its client functions see the caller's argument
 * ------------------ */

static void on_progress(void *arg, double done, double total, th_slice_t message) {
    th_running_t *running = arg;
    const th_call_client_t *client = running->client;
    if (client && client->progress) client->progress(running->arg, done, total, message);
}

static void on_log(void *arg, th_log_level_t level, th_slice_t text) {
    th_running_t *running = arg;
    const th_call_client_t *client = running->client;
    if (client && client->log) client->log(running->arg, level, text);
}

static const th_call_client_t trampolines = {.progress = on_progress, .log = on_log};

static void on_done(void *arg, th_call_t *call, const th_call_result_t *result) {
    (void)call;
    th_running_t *running = arg;
    th_sessions_t *sessions = running->session->sessions;
    th_log(sessions->worker->log, TH_LOG_INFO, "call",
           "principal=%s tool=%s outcome=%s cpu_us=%llu", running->session->principal,
           running->tool->name, result->outcome == TH_CALL_OK ? "ok" : result->code,
           (unsigned long long)result->cpu_us);
    finish(running, result);
}

/* --- starting
 * ------------------------------------------------------------------------------------- */

static bool may_start(const th_session_t *session) {
    const th_sessions_t *sessions = session->sessions;
    return session->running_count < (unsigned)sessions->worker->settings->session_calls &&
           sessions->running_total < sessions->running_limit;
}

static bool open_script(th_session_t *session, th_error_t *error) {
    if (!session->script) session->script = th_script_open(session->sessions->worker, error);
    return session->script != NULL;
}

/* From queued to started; a failure becomes the call's result. */
static void start(th_running_t *running) {
    th_session_t *session = running->session;
    th_sessions_t *sessions = session->sessions;
    char id[TH_ID_SIZE];
    th_random_id(id);
    id[12] = '\0'; /* enough to find a line in the log */
    th_call_request_t request = {
        .catalogue = running->catalogue,
        .tool = running->tool,
        .arguments = running->arguments,
        .api = running->grant->entry->api,
        .person = &running->grant->entry->person,
        .client = &trampolines,
        .call_id = id,
    };
    th_error_t error = {0};
    running->call = open_script(session, &error)
                        ? th_call_start(session->script, &request, on_done, running, &error)
                        : NULL;
    if (!running->call) {
        finish_later(running, TH_CALL_NO_MEMORY, "no_memory", error.message);
        return;
    }
    running->state = RUNNING_STARTED;
    session->queued_count--;
    session->running_count++;
    sessions->running_total++;
    th_list_remove(&running->link);
    th_list_add_tail(&session->running, &running->link);
}

void th_running_start_waiting(th_sessions_t *sessions) {
    th_list_t *at = sessions->queue.next;
    while (at != &sessions->queue && sessions->running_total < sessions->running_limit) {
        th_running_t *running = running_at(at);
        at = at->next;
        if (may_start(running->session)) start(running);
    }
}

static th_running_t *running_new(th_session_t *session, th_grant_t *grant, const th_tool_t *tool,
                                 th_json_value_t arguments) {
    th_running_t *running = calloc(1, sizeof *running);
    if (!running) return NULL;
    th_sessions_t *sessions = session->sessions;
    if (th_json_type(arguments) == TH_JSON_ABSENT) arguments = th_json_root(sessions->no_arguments);
    th_list_init(&running->link);
    running->session = session;
    running->grant = th_grant_ref(grant);
    running->catalogue = th_catalogue_ref(sessions->catalogue);
    running->tool = tool;
    running->arguments = arguments;
    (void)th_json_ref(arguments.document);
    return running;
}

th_running_t *th_session_call(th_session_t *session, th_grant_t *grant, const th_tool_t *tool,
                              th_json_value_t arguments, const th_call_client_t *client,
                              void (*done)(void *arg, const th_call_result_t *result), void *arg,
                              th_error_t *error) {
    th_sessions_t *sessions = session->sessions;
    const th_settings_t *settings = sessions->worker->settings;
    if (session->ending || sessions->stopping) {
        th_error_set(error, "busy", "This session is ending.");
        return NULL;
    }
    bool start_now = may_start(session) && session->queued_count == 0;
    if (!start_now && session->queued_count >= (unsigned)settings->session_queue) {
        th_error_set(error, "busy",
                     "Too many calls at once: %u are running and %u waiting in this session. Try "
                     "again when some have finished.",
                     session->running_count, session->queued_count);
        return NULL;
    }
    th_running_t *running = running_new(session, grant, tool, arguments);
    if (!running) {
        th_error_set(error, "no_memory", "no memory for a call");
        return NULL;
    }
    running->client = client;
    running->done = done;
    running->arg = arg;
    session->queued_count++;
    th_session_touch(session);
    th_list_add_tail(&sessions->queue, &running->link);

    th_error_t refusal;
    if (!th_grant_allows(grant, tool, &refusal))
        finish_later(running, TH_CALL_FAILED, "forbidden", refusal.message);
    else if (!th_arguments_check(tool, running->arguments, running->message,
                                 sizeof running->message))
        finish_later(running, TH_CALL_FAILED, "invalid_arguments", running->message);
    else if (start_now)
        start(running);
    return running;
}

void th_running_cancel(th_running_t *running) {
    if (running->cancelled) return;
    running->cancelled = true;
    if (running->state == RUNNING_STARTED)
        th_call_cancel(running->call);
    else if (running->state == RUNNING_QUEUED)
        finish_later(running, TH_CALL_CANCELLED, "cancelled", "The call was cancelled.");
}

void th_running_cancel_all(th_session_t *session) {
    for (th_list_t *at = session->running.next; at != &session->running; at = at->next)
        th_running_cancel(running_at(at));
    th_list_t *at = session->sessions->queue.next;
    while (at != &session->sessions->queue) {
        th_running_t *running = running_at(at);
        at = at->next;
        if (running->session == session) th_running_cancel(running);
    }
}
