/* bind_call.c - the `call` table: everything a tool has, besides its arguments.
 *   call.user   { id, name, email, role, timezone }     call.org   { id, name }
 *   call.api    (bind_api.c)                            call.json  the json table
 *   call.now()  seconds since 1970, UTC, an integer     call.today()  "2026-11-25", UTC
 *   call.log(text [, level])                            call.progress(done [, total [, message]])
 * One object per state: it always speaks for the call that is running. It holds nothing itself. */
#include <lauxlib.h>
#include <string.h>

#include "base/clock.h"
#include "script/sandbox.h"
#include "script/script_internal.h"

static const char call_key = 0;

#define LOG_TEXT_MAX 1024
#define NOTES_MAX 1000 /* log lines and progress notes of one call, together */

static int call_now(lua_State *L) {
    th_call_need(L, "call.now");
    lua_pushinteger(L, th_clock_wall_ms() / 1000);
    return 1;
}

static int call_today(lua_State *L) {
    th_call_need(L, "call.today");
    char text[21];
    th_clock_format_utc(th_clock_wall_ms(), text);
    lua_pushlstring(L, text, 10);
    return 1;
}

/* Counts a note; false when the call has had its share (the rest is dropped, the tool goes on). */
static bool may_note(th_call_t *call) {
    return ++call->budget.printed <= NOTES_MAX;
}

static int call_log(lua_State *L) {
    static const char *const names[] = {"debug", "info", "notice", "warning", "error", NULL};
    static const th_log_level_t levels[] = {TH_LOG_DEBUG, TH_LOG_INFO, TH_LOG_NOTICE,
                                            TH_LOG_WARNING, TH_LOG_ERROR};
    th_call_t *call = th_call_need(L, "call.log");
    luaL_checkany(L, 1);
    th_log_level_t level = levels[luaL_checkoption(L, 2, "info", names)];
    th_slice_t text;
    text.data = th_sandbox_push_text(L, 1, &text.length);
    if (text.length > LOG_TEXT_MAX) text.length = LOG_TEXT_MAX;
    if (!may_note(call)) return 0;
    th_log(call->script->worker->log, level, "script", "call=%s tool=%s %.*s", call->id,
           call->tool->name, (int)text.length, text.data);
    if (call->client && call->client->log) call->client->log(call->arg, level, text);
    return 0;
}

static int call_progress(lua_State *L) {
    th_call_t *call = th_call_need(L, "call.progress");
    double done = luaL_checknumber(L, 1), total = luaL_optnumber(L, 2, -1);
    th_slice_t message = {NULL, 0};
    message.data = luaL_optlstring(L, 3, "", &message.length);
    if (message.length > LOG_TEXT_MAX) message.length = LOG_TEXT_MAX;
    luaL_argcheck(L, done == done && done >= 0 && done < 1e15, 1, "must be a number from 0");
    if (may_note(call) && call->client && call->client->progress) {
        call->client->progress(call->arg, done, total >= 0 ? total : -1, message);
    }
    return 0;
}

static void set_text(lua_State *L, const char *name, const char *text) {
    if (!text[0]) return;
    lua_pushstring(L, text);
    lua_setfield(L, -2, name);
}

static void push_user(lua_State *L, const th_call_person_t *person) {
    lua_createtable(L, 0, 5);
    lua_pushinteger(L, person->user_id);
    lua_setfield(L, -2, "id");
    set_text(L, "name", person->name);
    set_text(L, "email", person->email);
    set_text(L, "role", person->role);
    set_text(L, "timezone", person->timezone);
}

static void push_org(lua_State *L, const th_call_person_t *person) {
    lua_createtable(L, 0, 2);
    set_text(L, "id", person->org_id);
    set_text(L, "name", person->org_name);
}

/* Upvalue 1: what does not depend on the call. */
static int call_index(lua_State *L) {
    const char *name = luaL_checkstring(L, 2);
    if (strcmp(name, "user") == 0) {
        push_user(L, &th_call_need(L, "call.user")->person);
    } else if (strcmp(name, "org") == 0) {
        push_org(L, &th_call_need(L, "call.org")->person);
    } else {
        lua_pushvalue(L, 2);
        if (lua_rawget(L, lua_upvalueindex(1)) == LUA_TNIL) {
            return luaL_error(L,
                              "call.%s does not exist; there are api, user, org, now, today, log, "
                              "progress and json",
                              name);
        }
    }
    return 1;
}

static int refuse_field(lua_State *L) {
    return luaL_error(L, "call is read-only: keep values in locals");
}

static const luaL_Reg call_functions[] = {
    {"now", call_now},           {"today", call_today}, {"log", call_log},
    {"progress", call_progress}, {NULL, NULL},
};

void th_bind_call_push(lua_State *L) {
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &call_key) == LUA_TTABLE) return;
    lua_pop(L, 1);
    luaL_checkstack(L, 8, "no stack");
    lua_newtable(L);
    lua_createtable(L, 0, 3);
    lua_createtable(L, 0, 8);
    luaL_setfuncs(L, call_functions, 0);
    th_bind_api_push(L);
    lua_setfield(L, -2, "api");
    th_state_push_world(L);
    lua_getfield(L, -1, "json");
    lua_setfield(L, -3, "json");
    lua_pop(L, 1);
    lua_pushcclosure(L, call_index, 1);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, refuse_field);
    lua_setfield(L, -2, "__newindex");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &call_key);
}
