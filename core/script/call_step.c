/* call_step.c - a call between its beginning and its end: steps on turns of the loop, waiting,
 * deadlines. */
#include "script/script_internal.h"
#include "script/script_turn.h"

static void on_turn(uv_idle_t *handle);
static void on_clock(uv_timer_t *handle);

void th_call_make_ready(th_call_t *call) {
    th_script_t *script = call->script;
    call->phase = TH_CALL_READY;
    th_list_add_tail(&script->ready, &call->ready_link);
    if (!script->closing) uv_idle_start(&script->turn, on_turn);
}

/* The timer stands at the earliest deadline or moment to wake, or earlier: it is not moved back
 * when a call ends. */
void th_call_watch_deadline(th_call_t *call) {
    th_script_t *script = call->script;
    uint64_t now = uv_now(&script->worker->loop);
    uint64_t due = call->deadline;
    if (call->wake_at != 0 && call->wake_at < due) due = call->wake_at;
    uint64_t wait = due > now ? due - now : 0;
    if (!uv_is_active((uv_handle_t *)&script->clock) ||
        uv_timer_get_due_in(&script->clock) > wait) {
        uv_timer_start(&script->clock, on_clock, wait, 0);
    }
}

static th_slice_t find_module(void *arg, th_slice_t name) {
    const th_call_t *call = arg;
    if (th_slice_is(name, "words")) return th_slice(NULL, 0); /* the host's, not a module */
    return th_catalogue_module_chunk(call->catalogue, name);
}

static void step(th_call_t *call) {
    th_script_t *script = call->script;
    if (call->cancelled) {
        th_call_end_cancelled(call);
        return;
    }
    if (call->timed_out) {
        th_call_end_timed_out(call);
        return;
    }
    call->phase = TH_CALL_RUNNING;
    script->current = call;
    th_state_set_modules(script->state, find_module, call,
                         th_catalogue_generation(call->catalogue));
    bool paused = false;
    int status = th_state_resume(script->state, call->co, &call->budget, 0, &paused);
    script->current = NULL;
    th_state_set_modules(script->state, NULL, NULL, 0);
    if (call->cancelled) {
        th_call_end_cancelled(call); /* even if it finished before the hook could stop it */
    } else if (status != LUA_YIELD) {
        th_call_conclude(call, status);
        th_call_end(call);
    } else if (paused || !th_call_waits(call)) {
        th_call_make_ready(call);
    } else {
        call->phase = TH_CALL_WAITING;
    }
}

/* Each call that is ready now gets one step; what becomes ready meanwhile waits for the next turn.
 */
static void on_turn(uv_idle_t *handle) {
    th_script_t *script = handle->data;
    th_script_enter(script);
    size_t count = 0;
    for (th_list_t *node = script->ready.next; node != &script->ready; node = node->next)
        count++;
    while (count-- > 0 && !script->closing && !th_list_is_empty(&script->ready)) {
        th_call_t *call = TH_CONTAINER(script->ready.next, th_call_t, ready_link);
        th_list_remove(&call->ready_link);
        step(call);
    }
    if (!script->closing && th_list_is_empty(&script->ready)) uv_idle_stop(&script->turn);
    th_script_leave(script);
}

static void stop_waiting(th_call_t *call) {
    th_call_drop_slots(call);
    call->asking = false;
    call->wake_at = 0;
    if (call->phase == TH_CALL_WAITING) th_call_make_ready(call);
}

/* A deadline or a moment that has come. */
static void look_at_clock(th_call_t *call, uint64_t now) {
    if (call->wake_at != 0 && call->wake_at <= now) {
        call->wake_at = 0;
        th_call_wake(call);
    }
    if (call->deadline > now) {
        th_call_watch_deadline(call);
    } else if (call->asking) {
        th_call_give_up_asking(call);
    } else {
        call->timed_out = true;
        stop_waiting(call);
    }
}

static void on_clock(uv_timer_t *handle) {
    th_script_t *script = handle->data;
    uint64_t now = uv_now(&script->worker->loop);
    for (th_list_t *node = script->calls.next; node != &script->calls; node = node->next) {
        th_call_t *call = TH_CONTAINER(node, th_call_t, link);
        if (!call->timed_out) look_at_clock(call, now);
    }
}

void th_call_wake(th_call_t *call) {
    if (call->phase == TH_CALL_WAITING) th_call_make_ready(call);
}

void th_call_cancel(th_call_t *call) {
    if (call->phase == TH_CALL_ENDED || call->cancelled) return;
    call->cancelled = true;
    if (call->phase == TH_CALL_RUNNING) {
        call->budget.stop = TH_STOP_CANCEL;
        th_state_poke(call->co);
    } else {
        stop_waiting(call);
    }
}
