/* call_ask.c - questions of a running call: which are answered already, putting the rest to the
 * client, taking the answers, giving up. The call's own deadline stands still while it asks: people
 * take their time, and have script.ask_timeout. No Lua in here; bind_ask.c is the Lua side. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script/script_internal.h"
#include "script/script_turn.h"

void th_call_drop_questions(th_call_t *call) {
    for (size_t i = 0; i < call->question_count; i++) {
        th_question_t *question = &call->questions[i];
        th_buffer_reset(&question->params);
        th_schema_free(question->own_schema);
        th_json_unref(question->document);
        th_json_unref(question->answer.document);
    }
    free(call->questions);
    call->questions = NULL;
    call->question_count = 0;
    call->asking = false;
}

static void fail_question(th_question_t *question, const char *code, const char *message) {
    question->answered = true;
    (void)snprintf(question->code, sizeof question->code, "%s", code);
    (void)snprintf(question->message, sizeof question->message, "%s", message);
    th_text_trim(question->message, sizeof question->message);
}

/* ---- what an answer must look like ---- */

/* NULL when it fits, else why not. A declined form needs no content. */
static const char *fault_of_form(const th_question_t *question, th_json_value_t answer) {
    th_slice_t action = {NULL, 0};
    if (!th_json_string(th_json_member(answer, "action"), &action)) return "it has no action";
    if (th_slice_is(action, "decline") || th_slice_is(action, "cancel")) return NULL;
    if (!th_slice_is(action, "accept")) return "its action is unknown";
    if (question->kind == TH_ASK_URL) return NULL;
    th_json_value_t content = th_json_member(answer, "content");
    if (!th_json_is_object(content)) return "it was accepted without content";
    if (question->schema && !th_schema_validate(question->schema, content, NULL))
        return "its content is not what was asked for";
    return NULL;
}

static const char *fault_of(const th_question_t *question, th_json_value_t answer) {
    if (!th_json_is_object(answer)) return "it is no object";
    switch (question->kind) {
    case TH_ASK_FORM:
    case TH_ASK_URL: return fault_of_form(question, answer);
    case TH_ASK_SAMPLE:
        if (!th_json_is_string(th_json_member(answer, "role"))) return "it has no role";
        return th_json_type(th_json_member(answer, "content")) == TH_JSON_ABSENT
                   ? "it has no content"
                   : NULL;
    case TH_ASK_ROOTS:
        return th_json_is_array(th_json_member(answer, "roots")) ? NULL : "it has no list of roots";
    }
    return "it cannot be read";
}

/* An error that came in place of an answer. */
static void take_error(th_question_t *question, th_json_value_t error) {
    th_slice_t code = TH_SLICE("no_answer"), message = TH_SLICE("The client could not answer.");
    char word[32], text[256];
    th_json_string(th_json_member(error, "code"), &code);
    th_json_string(th_json_member(error, "message"), &message);
    (void)snprintf(word, sizeof word, "%.*s", (int)(code.length > 31 ? 31 : code.length),
                   code.data);
    (void)snprintf(text, sizeof text, "%.*s", (int)(message.length > 255 ? 255 : message.length),
                   message.data);
    bool is_word = word[0] && word[strspn(word, "abcdefghijklmnopqrstuvwxyz_")] == '\0';
    fail_question(question, is_word ? word : "no_answer", text);
}

static void take_answer(th_question_t *question, th_json_value_t answer, bool known) {
    th_json_value_t error = th_json_member(answer, "error");
    if (!known && th_json_is_object(error)) {
        take_error(question, error);
        return;
    }
    const char *fault = fault_of(question, answer);
    if (!fault) {
        question->answered = true;
        question->answer = answer;
        (void)th_json_ref(answer.document);
    } else if (!known) {
        char message[128];
        (void)snprintf(message, sizeof message, "The client's answer cannot be used: %s.", fault);
        fail_question(question, "bad_answer", message);
    }
}

bool th_call_take_answers(th_call_t *call, th_json_value_t answers, bool known) {
    bool all = true;
    for (size_t i = 0; i < call->question_count; i++) {
        th_question_t *question = &call->questions[i];
        if (question->answered) continue;
        th_json_value_t answer = th_json_member(answers, question->key);
        if (th_json_type(answer) != TH_JSON_ABSENT)
            take_answer(question, answer, known);
        else if (!known)
            fail_question(question, "no_answer", "The client gave no answer.");
        all = all && question->answered;
    }
    return all;
}

/* ---- putting them ---- */

static void fail_all(th_call_t *call, const char *code, const char *message) {
    for (size_t i = 0; i < call->question_count; i++)
        if (!call->questions[i].answered) fail_question(&call->questions[i], code, message);
}

/* The deadline runs again from where it stood. */
static void stop_asking(th_call_t *call) {
    call->asking = false;
    call->deadline = uv_now(&call->script->worker->loop) + call->time_left;
    th_call_watch_deadline(call);
}

/* Those that are open and that this client can be asked; the others fail. */
static size_t collect(th_call_t *call, th_ask_t *asks) {
    const th_call_client_t *client = call->client;
    size_t count = 0;
    for (size_t i = 0; i < call->question_count; i++) {
        th_question_t *question = &call->questions[i];
        if (question->answered) continue;
        if (client->can_ask && !client->can_ask(call->arg, question->kind))
            fail_question(question, "cannot_ask", "This client cannot be asked that.");
        else
            asks[count++] = (th_ask_t){.kind = question->kind,
                                       .key = th_slice_of(question->key),
                                       .params = th_buffer_slice(&question->params)};
    }
    return count;
}

bool th_call_put_questions(th_call_t *call) {
    const th_call_client_t *client = call->client;
    if (!client || !client->ask) {
        fail_all(call, "cannot_ask", "Nobody can be asked on this way of calling.");
        return false;
    }
    th_ask_t asks[TH_QUESTIONS_AT_ONCE];
    size_t count = collect(call, asks);
    if (count == 0) return false;
    uint64_t now = uv_now(&call->script->worker->loop);
    call->time_left = call->deadline > now ? call->deadline - now : 1;
    call->deadline = now + (uint64_t)call->script->worker->settings->script_ask_timeout;
    call->asking = true;
    th_error_t error = {{0}, {0}};
    if (client->ask(call->arg, asks, count, &error)) return true;
    stop_asking(call);
    fail_all(call, error.code[0] ? error.code : "cannot_ask",
             error.message[0] ? error.message : "This client cannot be asked.");
    return false;
}

bool th_call_answer(th_call_t *call, th_json_value_t answers) {
    if (!call->asking || call->cancelled) return false;
    (void)th_call_take_answers(call, answers, false);
    stop_asking(call);
    th_call_wake(call);
    return true;
}

void th_call_give_up_asking(th_call_t *call) {
    fail_all(call, "no_answer", "Nobody answered in time.");
    stop_asking(call);
    th_call_wake(call);
}

bool th_call_has_written(const th_call_t *call) {
    return call->written;
}
