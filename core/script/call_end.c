/* call_end.c - what a finished coroutine means: the outcome, and the words for it. Details of a bug
 * go to the log with the call's id; the one who asked gets one sentence with that id. */
#include <lauxlib.h>
#include <stdarg.h>
#include <stdio.h>

#include "script/script_internal.h"

const char *th_call_subject(const th_call_t *call, char out[static TH_CALL_SUBJECT_SIZE]) {
    (void)snprintf(out, TH_CALL_SUBJECT_SIZE, "%s %s", th_item_kind_name(call->tool->kind),
                   call->tool->name);
    return out;
}

const char *th_call_function(const th_call_t *call) {
    if (call->kind == TH_CALL_COMPLETE) return "complete";
    return call->kind == TH_CALL_PREVIEW ? "preview" : "run";
}

void th_call_set_failure(th_call_t *call, th_call_outcome_t outcome, const char *code,
                         const char *format, ...) {
    call->outcome = outcome;
    (void)snprintf(call->code, sizeof call->code, "%s", code);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(call->message, sizeof call->message, format, arguments);
    va_end(arguments);
    call->field[0] = call->hint[0] = '\0';
}

static int log_bug(lua_State *L) {
    th_call_t *call = lua_touserdata(L, 1);
    const char *message = "an error that is no text was raised";
    if (lua_type(call->co, -1) == LUA_TSTRING) message = lua_tostring(call->co, -1);
    luaL_traceback(L, call->co, message, 0);
    th_log(call->script->worker->log, TH_LOG_ERROR, "script", "call=%s %s=%s raised: %s", call->id,
           th_item_kind_name(call->tool->kind), call->tool->name, lua_tostring(L, -1));
    return 0;
}

static void conclude_bug(th_call_t *call) {
    char subject[TH_CALL_SUBJECT_SIZE];
    th_call_subject(call, subject);
    if (th_state_protect(call->script->state, NULL, log_bug, call, NULL) != TH_STATE_DONE) {
        th_log(call->script->worker->log, TH_LOG_ERROR, "script",
               "call=%s %s=%s raised an error; no memory for its traceback", call->id,
               th_item_kind_name(call->tool->kind), call->tool->name);
    }
    th_call_set_failure(call, TH_CALL_BUG, "bug",
                        "The %s failed inside the host (call %s). This is a fault of the %s, not "
                        "of the request; the host's log has the details under that id.",
                        subject, call->id, th_item_kind_name(call->tool->kind));
}

static void conclude_memory(th_call_t *call) {
    char subject[TH_CALL_SUBJECT_SIZE];
    th_call_subject(call, subject);
    const th_settings_t *settings = call->script->worker->settings;
    th_log(call->script->worker->log, TH_LOG_WARNING, "script",
           "call=%s %s=%s stopped: over the memory limit of %lld bytes", call->id,
           th_item_kind_name(call->tool->kind), call->tool->name,
           (long long)settings->script_memory);
    th_call_set_failure(call, TH_CALL_NO_MEMORY, "memory_budget",
                        "The %s was stopped: it needed more memory than its memory budget of "
                        "%lld KB. Asking for less at once may help.",
                        subject, (long long)settings->script_memory / 1024);
}

static void conclude_time(th_call_t *call) {
    char subject[TH_CALL_SUBJECT_SIZE];
    th_call_subject(call, subject);
    bool burst = call->budget.stop == TH_STOP_BURST;
    unsigned long long used = call->budget.cpu_used_ns / 1000000u;
    unsigned long long limit = call->budget.cpu_limit_ns / 1000000u;
    th_log(call->script->worker->log, TH_LOG_WARNING, "script",
           "call=%s %s=%s stopped after %llu ms of processor time (limit %llu)%s", call->id,
           th_item_kind_name(call->tool->kind), call->tool->name, used, limit,
           burst ? " in a stretch that cannot be paused" : "");
    th_call_set_failure(call, TH_CALL_NO_TIME, "time_budget",
                        "The %s was stopped: it computed for %llu ms and its time budget is %llu "
                        "ms%s. Asking for less at once may help.",
                        subject, used, limit,
                        burst ? ", or less inside functions that the host calls back" : "");
}

void th_call_conclude(th_call_t *call, int status) {
    if (status == LUA_OK) return; /* script_result.c has filled in what there is to say */
    switch (call->budget.stop) {
    case TH_STOP_TIME:
    case TH_STOP_BURST: conclude_time(call); return;
    case TH_STOP_MEMORY: conclude_memory(call); return;
    case TH_STOP_CANCEL:
        th_call_set_failure(call, TH_CALL_CANCELLED, "cancelled", "The call was cancelled.");
        return;
    case TH_STOP_NONE: break;
    }
    if (th_state_lacks_memory(call->co, status, &call->budget)) {
        conclude_memory(call);
    } else {
        conclude_bug(call);
    }
}

void th_call_view_result(const th_call_t *call, th_call_result_t *result) {
    *result = (th_call_result_t){.outcome = call->outcome,
                                 .code = call->code,
                                 .message = call->message,
                                 .field = call->field,
                                 .hint = call->hint,
                                 .cpu_us = call->budget.cpu_used_ns / 1000};
    result->total = -1;
    if (call->outcome != TH_CALL_OK) return;
    switch (call->kind) {
    case TH_CALL_TOOL:
        result->data = th_buffer_slice(&call->data);
        result->content = th_buffer_slice(&call->content);
        result->text = call->text.length ? th_buffer_slice(&call->text) : result->data;
        return;
    case TH_CALL_RESOURCE: result->contents = th_buffer_slice(&call->content); return;
    case TH_CALL_PROMPT:
        result->messages = th_buffer_slice(&call->content);
        result->description = th_buffer_slice(&call->text);
        return;
    case TH_CALL_COMPLETE:
        result->values = th_buffer_slice(&call->content);
        result->total = call->total;
        result->has_more = call->has_more;
        return;
    case TH_CALL_PREVIEW: result->data = th_buffer_slice(&call->data); return;
    }
}
