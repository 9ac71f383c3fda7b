/* running.c - the one place where calls start: policy, arguments, limits, the queue; and where they
 * end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/internal.h"

static th_running_t *running_at(th_list_t *node) {
    return TH_CONTAINER(node, th_running_t, link);
}

static void running_free(th_running_t *running) {
    th_grant_unref(running->grant);
    th_json_unref(running->arguments.document);
    th_json_unref(running->answers.document);
    th_catalogue_unref(running->catalogue);
    free(running->uri.text);
    free(running->argument.text);
    free(running->value.text);
    free(running);
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
    running_free(running);
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

/* The client of a running call, when it has the operation <name>. */
#define CLIENT_WITH(running, name) \
    ((running)->client && (running)->client->name ? (running)->client : NULL)

static void on_progress(void *arg, double done, double total, th_slice_t message) {
    th_running_t *running = arg;
    const th_call_client_t *client = CLIENT_WITH(running, progress);
    if (client) client->progress(running->arg, done, total, message);
}

static void on_log(void *arg, const th_note_t *note) {
    th_running_t *running = arg;
    const th_call_client_t *client = CLIENT_WITH(running, log);
    if (client) client->log(running->arg, note);
}

static bool on_ask(void *arg, const th_ask_t *asks, size_t count, th_error_t *error) {
    th_running_t *running = arg;
    const th_call_client_t *client = CLIENT_WITH(running, ask);
    if (client) return client->ask(running->arg, asks, count, error);
    return th_error_set(error, "cannot_ask", "Nobody can be asked on this way of calling.");
}

static bool on_can_ask(void *arg, th_ask_kind_t kind) {
    th_running_t *running = arg;
    const th_call_client_t *client = CLIENT_WITH(running, ask);
    return client && (!client->can_ask || client->can_ask(running->arg, kind));
}

static void on_changed(void *arg, th_changed_t what, th_slice_t uri) {
    th_running_t *running = arg;
    const th_call_client_t *client = CLIENT_WITH(running, changed);
    if (client) client->changed(running->arg, what, uri);
}

static void on_detach(void *arg) {
    th_running_t *running = arg;
    const th_call_client_t *client = CLIENT_WITH(running, detach);
    if (client) client->detach(running->arg);
}

static void on_become_task(void *arg) {
    th_running_t *running = arg;
    const th_call_client_t *client = CLIENT_WITH(running, become_task);
    if (client) client->become_task(running->arg);
}

/* What the person may use here: directly, or through a relay that the profile lists. */
static bool on_allows(void *arg, const th_item_t *item) {
    const th_running_t *running = arg;
    if (th_grant_allows(running->grant, item, NULL)) return true;
    const th_item_t *relay = th_catalogue_relay(running->catalogue);
    return relay && item->kind == TH_ITEM_TOOL &&
           th_grant_allows_through(running->grant, item, relay, NULL);
}

static bool on_allows_route(void *arg, const char *domain, th_effect_t effect, th_error_t *error) {
    const th_running_t *running = arg;
    return th_grant_allows_route(running->grant, domain, effect, error);
}

static const th_call_client_t trampolines = {
    .progress = on_progress,
    .log = on_log,
    .ask = on_ask,
    .can_ask = on_can_ask,
    .changed = on_changed,
    .detach = on_detach,
    .become_task = on_become_task,
    .allows = on_allows,
    .allows_route = on_allows_route,
};

static void on_done(void *arg, th_call_t *call, const th_call_result_t *result) {
    (void)call;
    th_running_t *running = arg;
    th_sessions_t *sessions = running->session->sessions;
    const char *what =
        running->kind == TH_CALL_PREVIEW ? "preview" : th_item_kind_name(running->tool->kind);
    th_log(sessions->worker->log, TH_LOG_INFO, "call", "principal=%s %s=%s outcome=%s cpu_us=%llu",
           running->session->principal, what, running->tool->name,
           result->outcome == TH_CALL_OK ? "ok" : result->code, (unsigned long long)result->cpu_us);
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
        .kind = running->kind,
        .tool = running->tool,
        .arguments = running->arguments,
        .uri = th_slice(running->uri.text, running->uri.length),
        .argument = th_slice(running->argument.text, running->argument.length),
        .value = th_slice(running->value.text, running->value.length),
        .answers = running->answers,
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

static bool keep_text(th_running_text_t *kept, th_slice_t text) {
    if (!text.data) return true;
    kept->text = malloc(text.length + 1);
    if (!kept->text) return false;
    memcpy(kept->text, text.data, text.length);
    kept->text[text.length] = '\0';
    kept->length = text.length;
    return true;
}

/* NULL: no memory. */
static th_running_t *running_new(th_session_t *session, th_grant_t *grant,
                                 const th_session_request_t *request) {
    th_running_t *running = calloc(1, sizeof *running);
    if (!running) return NULL;
    th_sessions_t *sessions = session->sessions;
    th_json_value_t arguments = request->arguments;
    if (th_json_type(arguments) == TH_JSON_ABSENT) arguments = th_json_root(sessions->no_arguments);
    th_list_init(&running->link);
    running->session = session;
    running->grant = th_grant_ref(grant);
    running->catalogue = th_catalogue_ref(sessions->catalogue);
    running->kind = request->kind;
    running->tool = request->item;
    running->relay = request->relay;
    running->arguments = arguments;
    (void)th_json_ref(arguments.document);
    running->answers = request->answers;
    if (running->answers.document) (void)th_json_ref(running->answers.document);
    running->client = request->kind == TH_CALL_PREVIEW ? NULL : request->client;
    running->done = request->done;
    running->arg = request->arg;
    if (keep_text(&running->uri, request->uri) &&
        keep_text(&running->argument, request->argument) &&
        keep_text(&running->value, request->value))
        return running;
    running_free(running);
    return NULL;
}

/* What stands against it, as the outcome of the call; true when nothing does. */
static bool check(th_running_t *running, th_slice_t approval) {
    th_error_t refusal = {{0}, {0}};
    if (!th_grant_allows_through(running->grant, running->tool, running->relay, &refusal)) {
        finish_later(running, TH_CALL_FAILED, "forbidden", refusal.message);
        return false;
    }
    if (running->kind == TH_CALL_COMPLETE) return true; /* what is known so far may be incomplete */
    bool fits = running->kind == TH_CALL_RESOURCE
                    ? th_arguments_of_uri(running, &refusal)
                    : th_arguments_check(running->tool, running->arguments, running->message,
                                         sizeof running->message);
    if (!fits && running->kind != TH_CALL_RESOURCE) {
        finish_later(running, TH_CALL_FAILED, "invalid_arguments", running->message);
        return false;
    }
    /* Unwrapping failed, or it would not be a relay any more: say why. */
    if (running->tool->relay) {
        th_session_request_t what = {
            .kind = running->kind, .item = running->tool, .arguments = running->arguments};
        (void)th_session_request_unwrap(running->catalogue, &what, &refusal);
        finish_later(running, TH_CALL_FAILED, refusal.code, refusal.message);
        return false;
    }
    if (running->kind == TH_CALL_PREVIEW) {
        if (running->tool->previews) return true;
        finish_later(running, TH_CALL_FAILED, "not_found", "This tool has no preview.");
        return false;
    }
    /* Last, so that an approval is not spent on a call that could not start. */
    if (fits &&
        th_consent_spend(running->session, running->tool, running->arguments, approval, &refusal))
        return true;
    finish_later(running, TH_CALL_FAILED, refusal.code, refusal.message);
    return false;
}

th_running_t *th_session_start(th_session_t *session, th_grant_t *grant,
                               const th_session_request_t *asked, th_error_t *error) {
    th_session_request_t unwrapped = *asked;
    const th_session_request_t *request = &unwrapped;
    (void)th_session_request_unwrap(session->sessions->catalogue, &unwrapped, NULL);
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
    th_running_t *running = running_new(session, grant, request);
    if (!running) {
        th_error_set(error, "no_memory", "no memory for a call");
        return NULL;
    }
    session->queued_count++;
    th_session_touch(session);
    th_list_add_tail(&sessions->queue, &running->link);
    if (check(running, request->approval) && start_now) start(running);
    return running;
}

th_running_t *th_session_call(th_session_t *session, th_grant_t *grant, const th_tool_t *tool,
                              th_json_value_t arguments, const th_call_client_t *client,
                              void (*done)(void *arg, const th_call_result_t *result), void *arg,
                              th_error_t *error) {
    const th_session_request_t request = {.kind = TH_CALL_TOOL,
                                          .item = tool,
                                          .arguments = arguments,
                                          .client = client,
                                          .done = done,
                                          .arg = arg};
    return th_session_start(session, grant, &request, error);
}

bool th_running_answer(th_running_t *running, th_json_value_t answers) {
    return running->state == RUNNING_STARTED && th_call_answer(running->call, answers);
}

bool th_running_has_written(const th_running_t *running) {
    return running->state == RUNNING_STARTED && th_call_has_written(running->call);
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
