/* call.c - the beginning and the end of a call. What is in between is in call_step.c. */
#include "script/call.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "script/script_internal.h"
#include "script/script_turn.h"
#include "json/lua_json.h"

/* ---- inside the coroutine ---- */

static int finish_main(lua_State *L, int status, lua_KContext context) {
    (void)status, (void)context;
    th_script_t *script = th_state_owner(L);
    th_script_result_take(L, script->current, 1);
    return 0;
}

static void push_arguments(lua_State *L, const th_call_t *call) {
    if (th_json_is_object(call->arguments)) {
        th_lua_json_push(L, call->arguments);
    } else {
        lua_newtable(L);
    }
}

/* The body of every call's coroutine: everything that may raise happens in here. */
static int call_main(lua_State *L) {
    th_script_t *script = th_state_owner(L);
    th_call_t *call = script->current;
    call->loading = true;
    th_tool_cache_push(L, call);
    call->loading = false;
    if (call->kind == TH_CALL_COMPLETE) {
        lua_pushlstring(L, call->argument.data, call->argument.length);
        lua_pushlstring(L, call->value.data, call->value.length);
    }
    push_arguments(L, call);
    th_bind_call_push(L);
    lua_callk(L, call->kind == TH_CALL_COMPLETE ? 4 : 2, 2, 0, finish_main);
    return finish_main(L, LUA_OK, 0);
}

th_call_t *th_call_need(lua_State *L, const char *what) {
    th_script_t *script = th_state_owner(L);
    th_call_t *call = script ? script->current : NULL;
    if (!call || call->loading) luaL_error(L, "%s works only while a call runs", what);
    return call;
}

static bool others_use_generation(const th_script_t *script, uint64_t generation) {
    for (th_list_t *node = script->calls.next; node != &script->calls; node = node->next) {
        const th_call_t *call = TH_CONTAINER(node, th_call_t, link);
        if (th_catalogue_generation(call->catalogue) == generation) return true;
    }
    return false;
}

/* ---- end ---- */

static int let_go(lua_State *L) {
    th_call_t *call = lua_touserdata(L, 1);
    luaL_unref(L, LUA_REGISTRYINDEX, call->co_reference);
    uint64_t generation = th_catalogue_generation(call->catalogue);
    if (generation != call->script->newest && !others_use_generation(call->script, generation)) {
        th_tool_cache_forget(L, generation);
    }
    return 0;
}

static void free_call(th_call_t *call) {
    th_call_drop_slots(call);
    th_call_drop_questions(call);
    th_buffer_reset(&call->keys);
    th_buffer_reset(&call->body);
    th_buffer_reset(&call->text);
    th_buffer_reset(&call->data);
    th_buffer_reset(&call->content);
    th_json_unref(call->arguments.document);
    th_json_unref(call->answers.document);
    th_catalogue_unref(call->catalogue);
    free(call->texts);
    free(call);
}

/* Takes the call off its script, tells the one who asked, and frees it. */
void th_call_end(th_call_t *call) {
    th_script_t *script = call->script;
    th_script_enter(script);
    call->phase = TH_CALL_ENDED;
    th_list_remove(&call->link);
    th_list_remove(&call->ready_link);
    script->running--;
    th_call_drop_slots(call);
    th_call_drop_questions(call);
    th_state_protect(script->state, NULL, let_go, call, NULL);
    if (script->running == 0) uv_timer_stop(&script->clock);
    th_call_result_t result;
    th_call_view_result(call, &result);
    call->done(call->arg, call, &result);
    bool compiled = call->compiled;
    free_call(call);
    if (script->current) {
        /* Ended from within another call's binding: no time for garbage. */
    } else if (compiled) {
        th_state_collect(script->state);
    } else {
        th_state_tidy(script->state);
    }
    th_script_leave(script);
}

void th_call_end_cancelled(th_call_t *call) {
    th_call_set_failure(call, TH_CALL_CANCELLED, "cancelled", "The call was cancelled.");
    th_call_end(call);
}

void th_call_end_timed_out(th_call_t *call) {
    const th_settings_t *settings = call->script->worker->settings;
    uint64_t limit =
        call->tool->timeout ? call->tool->timeout : (uint64_t)settings->script_call_timeout;
    char subject[TH_CALL_SUBJECT_SIZE];
    th_call_set_failure(call, TH_CALL_NO_TIME, "timeout",
                        "The %s did not finish within %.1f seconds and was stopped.",
                        th_call_subject(call, subject), (double)limit / 1000);
    th_call_end(call);
}

/* ---- start ---- */

static int make_coroutine(lua_State *L) {
    th_call_t *call = lua_touserdata(L, 1);
    call->co = lua_newthread(L);
    call->co_reference = luaL_ref(L, LUA_REGISTRYINDEX);
    lua_pushcfunction(call->co, call_main);
    return 0;
}

/* Copies the three texts of a request into one block. */
static bool take_texts(th_call_t *call, const th_call_request_t *request) {
    const th_slice_t from[] = {request->uri, request->argument, request->value};
    th_slice_t *const to[] = {&call->uri, &call->argument, &call->value};
    call->texts = malloc(from[0].length + from[1].length + from[2].length + 1);
    if (!call->texts) return false;
    char *at = call->texts;
    for (size_t i = 0; i < 3; i++) {
        if (from[i].length > 0) memcpy(at, from[i].data, from[i].length);
        *to[i] = th_slice(at, from[i].length);
        at += from[i].length;
    }
    return true;
}

static void take_request(th_call_t *call, const th_call_request_t *request) {
    const th_settings_t *settings = call->script->worker->settings;
    const th_item_t *tool = request->tool;
    call->catalogue = th_catalogue_ref(request->catalogue);
    call->kind = request->kind;
    call->tool = tool;
    call->arguments = request->arguments;
    if (call->arguments.document) th_json_ref(call->arguments.document);
    call->answers = request->answers;
    if (call->answers.document) th_json_ref(call->answers.document);
    call->total = -1;
    call->api = request->api;
    if (request->person) call->person = *request->person;
    call->client = request->client;
    (void)snprintf(call->id, sizeof call->id, "%s", request->call_id ? request->call_id : "-");
    size_t bytes = (size_t)settings->script_result_bytes;
    th_buffer_init(&call->body, bytes);
    th_buffer_init(&call->text, bytes);
    th_buffer_init(&call->data, bytes);
    th_buffer_init(&call->content, bytes);
    th_buffer_init(&call->keys, (size_t)TH_QUESTIONS_MAX * (TH_QUESTION_KEY + 1));
    uint64_t cpu = tool->cpu_limit ? tool->cpu_limit : (uint64_t)settings->script_cpu;
    uint64_t wall = tool->timeout ? tool->timeout : (uint64_t)settings->script_call_timeout;
    call->budget.cpu_limit_ns = cpu * 1000000u;
    call->deadline = uv_now(&call->script->worker->loop) + wall;
}

th_call_t *th_call_start(th_script_t *script, const th_call_request_t *request, th_call_done_t done,
                         void *arg, th_error_t *error) {
    if (script->closing) {
        th_error_set(error, "cancelled", "the session is closing");
        return NULL;
    }
    th_call_t *call = calloc(1, sizeof *call);
    if (!call) {
        th_error_set(error, "no_memory", "no memory for a call");
        return NULL;
    }
    th_list_init(&call->link);
    th_list_init(&call->ready_link);
    call->script = script;
    call->done = done;
    call->arg = arg;
    take_request(call, request);
    if (!take_texts(call, request)) {
        th_error_set(error, "no_memory", "no memory for a call");
        free_call(call);
        return NULL;
    }
    if (th_state_protect(script->state, NULL, make_coroutine, call, error) != TH_STATE_DONE) {
        free_call(call);
        return NULL;
    }
    uint64_t generation = th_catalogue_generation(call->catalogue);
    if (generation > script->newest) script->newest = generation;
    script->running++;
    th_list_add_tail(&script->calls, &call->link);
    th_call_watch_deadline(call);
    th_call_make_ready(call);
    return call;
}
