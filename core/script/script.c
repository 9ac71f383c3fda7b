/* script.c - a session's state on a worker: its handles, its turn, its end. */
#include "script/script_internal.h"

#include <stdlib.h>

#include "script/script_turn.h"

static void print_line(void *arg, th_slice_t line) {
    th_script_t *script = arg;
    const th_call_t *call = script->current;
    th_log(script->worker->log, TH_LOG_INFO, "script", "call=%s tool=%s print: %.*s",
           call ? call->id : "-", call ? call->tool->name : "-", (int)line.length, line.data);
}

static void on_closed(uv_handle_t *handle) {
    th_script_t *script = handle->data;
    if (--script->open_handles == 0) free(script);
}

/* The state goes at once; the struct when libuv has let go of the handles. */
static void release(th_script_t *script) {
    script->released = true;
    th_state_close(script->state);
    script->state = NULL;
    uv_close((uv_handle_t *)&script->turn, on_closed);
    uv_close((uv_handle_t *)&script->clock, on_closed);
}

th_script_t *th_script_open(th_worker_t *worker, th_error_t *error) {
    th_script_t *script = calloc(1, sizeof *script);
    if (!script) {
        th_error_set(error, "no_memory", "no memory for a script state");
        return NULL;
    }
    script->worker = worker;
    th_list_init(&script->calls);
    th_list_init(&script->ready);
    th_state_limits_t limits = th_state_limits_of(worker->settings);
    script->state = th_state_open(&limits, worker->parser, worker->log, error);
    if (!script->state) {
        free(script);
        return NULL;
    }
    th_state_set_owner(script->state, script);
    th_state_set_print(script->state, print_line, script);
    uv_idle_init(&worker->loop, &script->turn); /* these two cannot fail */
    uv_timer_init(&worker->loop, &script->clock);
    script->turn.data = script->clock.data = script;
    script->open_handles = 2;
    return script;
}

void th_script_enter(th_script_t *script) {
    script->entered++;
}

void th_script_leave(th_script_t *script) {
    if (--script->entered == 0 && script->closing && !script->released) release(script);
}

/* A call that is not inside Lua now, or NULL. */
static th_call_t *any_resting_call(th_script_t *script) {
    for (th_list_t *node = script->calls.next; node != &script->calls; node = node->next) {
        th_call_t *call = TH_CONTAINER(node, th_call_t, link);
        if (call != script->current) return call;
    }
    return NULL;
}

void th_script_close(th_script_t *script) {
    if (!script || script->closing) return;
    th_script_enter(script);
    script->closing = true;
    th_call_t *call;
    while ((call = any_resting_call(script)))
        th_call_end_cancelled(call);
    /* Closed from within a binding, further up this very stack: that call ends when it is out. */
    if (script->current) th_call_cancel(script->current);
    th_script_leave(script);
}

size_t th_script_memory(const th_script_t *script) {
    return script->state ? th_state_memory(script->state) : 0;
}

size_t th_script_running(const th_script_t *script) {
    return script->running;
}
