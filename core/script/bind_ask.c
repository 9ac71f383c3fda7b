/* bind_ask.c - questions to the person, or to the client's model:
 *   call.ask { key =, message =, fields = form | schema = table }  the content, or nil, err
 *   call.ask { key =, url =, message = }                           true, or nil, err
 *   call.sample { key =, prompt = | messages =, max_tokens =, ...}  the model's message, or nil,
 * err call.roots { key = }                                           a list of { uri, name }
 *   call.ask { {...}, { key =, sample = {...} }, { key =, roots = true } }  at once: a list of
 *                                                                  { value = } or { error = }
 *   call.can_ask "form" | "url" | "sample" | "roots"               true or false
 * Which revision speaks, and whether the run is suspended or replayed, shows nowhere. What is built
 * here belongs to the call, so that a raised error leaks nothing. */
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "script/script_internal.h"
#include "json/lua_json.h"

/* ---- answers ---- */

static int push_failure(lua_State *L, const char *code, const char *message) {
    th_api_error_t error = {.status = 0};
    (void)snprintf(error.code, sizeof error.code, "%s", code);
    (void)snprintf(error.message, sizeof error.message, "%s", message);
    lua_pushnil(L);
    th_call_push_error(L, &error);
    return 2;
}

/* Pushes the value, or nil and the error; says how many. */
static int push_answer(lua_State *L, const th_question_t *question) {
    th_slice_t action = {NULL, 0};
    th_json_value_t answer = question->answer;
    if (question->code[0]) return push_failure(L, question->code, question->message);
    th_json_string(th_json_member(answer, "action"), &action);
    if (th_slice_is(action, "decline"))
        return push_failure(L, "declined", "The person declined to answer.");
    if (th_slice_is(action, "cancel"))
        return push_failure(L, "cancelled", "The person put the question away without an answer.");
    switch (question->kind) {
    case TH_ASK_FORM: th_lua_json_push(L, th_json_member(answer, "content")); return 1;
    case TH_ASK_URL: lua_pushboolean(L, 1); return 1;
    case TH_ASK_SAMPLE: th_lua_json_push(L, answer); return 1;
    case TH_ASK_ROOTS: th_lua_json_push(L, th_json_member(answer, "roots")); return 1;
    }
    return 0;
}

enum { AS_ONE, AS_LIST };

static int push_answers(lua_State *L, th_call_t *call, lua_KContext shape) {
    luaL_checkstack(L, 10, "no stack");
    if (shape == AS_ONE) {
        int count = push_answer(L, &call->questions[0]);
        th_call_drop_questions(call);
        return count;
    }
    lua_createtable(L, (int)call->question_count, 0);
    for (size_t i = 0; i < call->question_count; i++) {
        lua_createtable(L, 0, 1);
        int count = push_answer(L, &call->questions[i]);
        lua_setfield(L, -count - 1, count == 2 ? "error" : "value");
        if (count == 2) lua_pop(L, 1);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    th_call_drop_questions(call);
    return 1;
}

static int ask_go_on(lua_State *L, int status, lua_KContext shape) {
    (void)status;
    th_call_t *call = th_call_need(L, "call.ask");
    if (call->asking) return lua_yieldk(L, 0, shape, ask_go_on);
    return push_answers(L, call, shape);
}

/* ---- the words ---- */

static th_call_t *begin(lua_State *L, const char *word, size_t count) {
    th_call_t *call = th_call_need(L, word);
    if (call->kind == TH_CALL_COMPLETE)
        luaL_error(L, "%s: nobody is asked while a word is completed", word);
    if (!lua_isyieldable(L))
        luaL_error(L, "%s cannot wait here: it is called from inside a metamethod", word);
    luaL_checkstack(L, 40, "no stack");
    th_call_drop_questions(call);
    call->questions = calloc(count, sizeof *call->questions);
    if (!call->questions) luaL_error(L, "not enough memory");
    size_t most = (size_t)call->script->worker->settings->script_result_bytes;
    for (size_t i = 0; i < count; i++)
        th_buffer_init(&call->questions[i].params, most);
    call->question_count = count;
    return call;
}

static int put(lua_State *L, th_call_t *call, lua_KContext shape) {
    if (th_call_take_answers(call, call->answers, true) || !th_call_put_questions(call))
        return push_answers(L, call, shape);
    return lua_yieldk(L, 0, shape, ask_go_on);
}

static int call_ask(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    size_t count = lua_rawlen(L, 1);
    luaL_argcheck(L, count <= TH_QUESTIONS_AT_ONCE, 1, "asks too much at once: at most 16");
    th_call_t *call = begin(L, "call.ask", count ? count : 1);
    if (count == 0) {
        th_question_build(L, call, &call->questions[0], 1);
        return put(L, call, AS_ONE);
    }
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, 1, (lua_Integer)i + 1);
        th_question_build(L, call, &call->questions[i], lua_gettop(L));
        lua_settop(L, 1);
    }
    return put(L, call, AS_LIST);
}

static int call_sample(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    th_call_t *call = begin(L, "call.sample", 1);
    th_question_build_sample(L, call, &call->questions[0], 1);
    return put(L, call, AS_ONE);
}

static int call_roots(lua_State *L) {
    lua_settop(L, 1);
    if (lua_isnil(L, 1)) {
        lua_newtable(L);
        lua_replace(L, 1);
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    th_call_t *call = begin(L, "call.roots", 1);
    th_question_build_roots(L, call, &call->questions[0], 1);
    return put(L, call, AS_ONE);
}

static int call_can_ask(lua_State *L) {
    static const char *const names[] = {"form", "url", "sample", "roots", NULL};
    th_call_t *call = th_call_need(L, "call.can_ask");
    th_ask_kind_t kind = (th_ask_kind_t)luaL_checkoption(L, 1, NULL, names);
    const th_call_client_t *client = call->client;
    bool can = client && client->ask && (!client->can_ask || client->can_ask(call->arg, kind));
    lua_pushboolean(L, can);
    return 1;
}

void th_bind_ask_open(lua_State *L) {
    static const luaL_Reg functions[] = {{"ask", call_ask},
                                         {"sample", call_sample},
                                         {"roots", call_roots},
                                         {"can_ask", call_can_ask},
                                         {NULL, NULL}};
    luaL_setfuncs(L, functions, 0);
}
