/* bind_call.c - the `call` table: everything a tool has, besides its arguments.
 *   call.user   { id, name, email, role, timezone }     call.org   { id, name, timezone }
 *   call.api    (bind_api.c)                            call.json  the json table
 *   call.date   (bind_date.c)
 *   call.host   (bind_host.c)                           call.uri   the URI being read
 *   call.now()  seconds since 1970, UTC, an integer     call.today()  "2026-11-25", UTC
 *   call.wait(seconds or "50ms")                        call.base64(bytes)
 *   log, progress, changed ... (bind_note.c)            ask, sample, roots (bind_ask.c)
 * One object per state: it always speaks for the call that is running. It holds nothing itself. */
#include <lauxlib.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "script/sandbox.h"
#include "script/script_internal.h"
#include "script/script_turn.h"

static const char call_key = 0;

#define WAIT_MAX_MS ((lua_Integer)10 * 60 * 1000)

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

/* Seconds, or a text such as "50ms", "2s", "1min"; in ms. */
static lua_Integer duration_at(lua_State *L, int index) {
    lua_Integer ms = -1;
    if (lua_type(L, index) == LUA_TNUMBER) {
        lua_Number seconds = lua_tonumber(L, index);
        if (seconds >= 0 && seconds <= (lua_Number)WAIT_MAX_MS / 1000)
            ms = (lua_Integer)(seconds * 1000);
    } else {
        unsigned number = 0;
        char unit[4] = "", more = 0;
        if (sscanf(luaL_checkstring(L, index), "%9u%3[a-z]%c", &number, unit, &more) == 2) {
            lua_Integer factor = strcmp(unit, "ms") == 0    ? 1
                                 : strcmp(unit, "s") == 0   ? 1000
                                 : strcmp(unit, "min") == 0 ? 60000
                                                            : -1;
            ms = (lua_Integer)number * factor;
        }
    }
    luaL_argcheck(L, ms >= 0 && ms <= WAIT_MAX_MS, index,
                  "must be seconds, or a text such as \"50ms\" or \"2s\"; at most 10 minutes");
    return ms;
}

static int wait_over(lua_State *L, int status, lua_KContext context) {
    (void)status, (void)context;
    th_call_t *call = th_call_need(L, "call.wait");
    return call->wake_at != 0 ? lua_yieldk(L, 0, 0, wait_over) : 0;
}

static int call_wait(lua_State *L) {
    th_call_t *call = th_call_need(L, "call.wait");
    lua_Integer ms = duration_at(L, 1);
    if (!lua_isyieldable(L))
        return luaL_error(L, "call.wait cannot wait here: it is called from inside a metamethod");
    call->wake_at = uv_now(&call->script->worker->loop) + (uint64_t)ms;
    if (call->wake_at == 0) call->wake_at = 1;
    th_call_watch_deadline(call);
    return lua_yieldk(L, 0, 0, wait_over);
}

/* Bytes as the protocol carries them. */
static int call_base64(lua_State *L) {
    size_t length = 0;
    const char *bytes = luaL_checklstring(L, 1, &length);
    size_t size = sodium_base64_encoded_len(length, sodium_base64_VARIANT_ORIGINAL);
    th_sandbox_check_size(L, "call.base64", size);
    luaL_Buffer buffer;
    char *out = luaL_buffinitsize(L, &buffer, size);
    sodium_bin2base64(out, size, (const unsigned char *)bytes, length,
                      sodium_base64_VARIANT_ORIGINAL);
    luaL_pushresultsize(&buffer, size - 1);
    return 1;
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
    lua_createtable(L, 0, 3);
    set_text(L, "id", person->org_id);
    set_text(L, "name", person->org_name);
    set_text(L, "timezone", person->org_timezone);
}

/* Upvalue 1: what does not depend on the call. */
static int call_index(lua_State *L) {
    const char *name = luaL_checkstring(L, 2);
    if (strcmp(name, "user") == 0) {
        push_user(L, &th_call_need(L, "call.user")->person);
    } else if (strcmp(name, "org") == 0) {
        push_org(L, &th_call_need(L, "call.org")->person);
    } else if (strcmp(name, "uri") == 0) {
        const th_call_t *call = th_call_need(L, "call.uri");
        lua_pushlstring(L, call->uri.data, call->uri.length);
    } else {
        lua_pushvalue(L, 2);
        if (lua_rawget(L, lua_upvalueindex(1)) == LUA_TNIL) {
            return luaL_error(
                L,
                "call.%s does not exist; there are api, date, user, org, uri, now, today, "
                "wait, log, progress, ask, sample, roots, can_ask, changed, detach, "
                "become_task, host, base64 and json",
                name);
        }
    }
    return 1;
}

static int refuse_field(lua_State *L) {
    return luaL_error(L, "call is read-only: keep values in locals");
}

static const luaL_Reg call_functions[] = {
    {"now", call_now},       {"today", call_today}, {"wait", call_wait},
    {"base64", call_base64}, {NULL, NULL},
};

void th_bind_call_push(lua_State *L) {
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &call_key) == LUA_TTABLE) return;
    lua_pop(L, 1);
    luaL_checkstack(L, 8, "no stack");
    lua_newtable(L);
    lua_createtable(L, 0, 3);
    lua_createtable(L, 0, 20);
    luaL_setfuncs(L, call_functions, 0);
    th_bind_note_open(L);
    th_bind_ask_open(L);
    th_bind_host_push(L);
    lua_setfield(L, -2, "host");
    th_bind_api_push(L);
    lua_setfield(L, -2, "api");
    th_bind_date_push(L);
    lua_setfield(L, -2, "date");
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
