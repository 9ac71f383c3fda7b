/* sandbox_base.c - the basic functions: errors, protected calls, iteration, conversion, raw access.
 * pcall and xpcall do not catch the end of a run; whatever calls back into Lua can be paused. */
#include <ctype.h>
#include <string.h>

#include <lauxlib.h>

#include "script/sandbox.h"
#include "script/state.h"
#include "json/lua_json.h"

static int base_assert(lua_State *L) {
    if (lua_toboolean(L, 1)) return lua_gettop(L);
    luaL_checkany(L, 1);
    if (lua_gettop(L) == 1) return luaL_error(L, "assertion failed!");
    lua_settop(L, 2);
    return lua_error(L);
}

static int base_error(lua_State *L) {
    int level = (int)luaL_optinteger(L, 2, 1);
    lua_settop(L, 1);
    if (lua_type(L, 1) == LUA_TSTRING && level > 0 && level < 200) {
        luaL_where(L, level);
        lua_pushvalue(L, 1);
        lua_concat(L, 2);
    }
    return lua_error(L);
}

/* ---- protected calls ---- */

static int finish_pcall(lua_State *L, int status, lua_KContext context) {
    (void)context;
    if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L);
    th_state_rethrow_stop(L);
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
}

static int base_pcall(lua_State *L) {
    luaL_checkany(L, 1);
    lua_pushboolean(L, 1);
    lua_insert(L, 1);
    int status = lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, finish_pcall);
    return finish_pcall(L, status, 0);
}

/* The handler has returned or raised; either value goes with false. */
static int finish_handler(lua_State *L, int status, lua_KContext context) {
    (void)context;
    if (status != LUA_OK && status != LUA_YIELD) th_state_rethrow_stop(L);
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
}

/* Stack: handler, then true and the results, or the error. */
static int finish_xpcall(lua_State *L, int status, lua_KContext context) {
    (void)context;
    if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L) - 1;
    th_state_rethrow_stop(L);
    if (status == LUA_ERRMEM) return finish_handler(L, LUA_OK, 0);
    lua_pushvalue(L, 1);
    lua_insert(L, -2);
    return finish_handler(L, lua_pcallk(L, 1, 1, 0, 0, finish_handler), 0);
}

/* The handler runs after the stack is unwound, not at the place of the error: so it can be paused,
 * and there is no traceback in the world that would show the difference. */
static int base_xpcall(lua_State *L) {
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_pushboolean(L, 1);
    lua_pushvalue(L, 1);
    lua_rotate(L, 3, 2); /* f, handler, true, f, args... */
    lua_remove(L, 1);
    int status = lua_pcallk(L, lua_gettop(L) - 3, LUA_MULTRET, 0, 0, finish_xpcall);
    return finish_xpcall(L, status, 0);
}

/* ---- iteration ---- */

static int base_next(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    if (lua_next(L, 1)) return 2;
    lua_pushnil(L);
    return 1;
}

static int finish_pairs(lua_State *L, int status, lua_KContext context) {
    (void)L, (void)status, (void)context;
    return 3;
}

static int base_pairs(lua_State *L) {
    luaL_checkany(L, 1);
    if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
        lua_pushvalue(L, 1);
        lua_callk(L, 1, 3, 0, finish_pairs);
        return 3;
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_pushcfunction(L, base_next);
    lua_pushvalue(L, 1);
    lua_pushnil(L);
    return 3;
}

static int step_ipairs(lua_State *L) {
    lua_Integer i = luaL_intop(+, luaL_checkinteger(L, 2), 1);
    lua_pushinteger(L, i);
    return lua_geti(L, 1, i) == LUA_TNIL ? 1 : 2;
}

static int base_ipairs(lua_State *L) {
    luaL_checkany(L, 1);
    lua_pushcfunction(L, step_ipairs);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
}

static int base_select(lua_State *L) {
    int n = lua_gettop(L);
    if (lua_type(L, 1) == LUA_TSTRING && *lua_tostring(L, 1) == '#') {
        lua_pushinteger(L, n - 1);
        return 1;
    }
    lua_Integer i = luaL_checkinteger(L, 1);
    if (i < 0) {
        i = n + i;
    } else if (i > n) {
        i = n;
    }
    luaL_argcheck(L, 1 <= i, 1, "index out of range");
    return n - (int)i;
}

/* ---- conversion ---- */

/* Base 2 to 36; blanks around and one sign are allowed. False when it is no such number. */
static bool parse_in_base(const char *text, size_t length, int base, lua_Integer *out) {
    const char *end = text + length;
    while (text < end && isspace((unsigned char)*text))
        text++;
    while (end > text && isspace((unsigned char)end[-1]))
        end--;
    bool negative = text < end && *text == '-';
    if (text < end && (*text == '-' || *text == '+')) text++;
    if (text == end) return false;
    lua_Unsigned number = 0;
    for (; text < end; text++) {
        int c = (unsigned char)*text;
        int digit = isdigit(c) ? c - '0' : isalpha(c) ? tolower(c) - 'a' + 10 : 99;
        if (digit >= base) return false;
        number = number * (lua_Unsigned)base + (lua_Unsigned)digit;
    }
    *out = (lua_Integer)(negative ? 0u - number : number);
    return true;
}

static int base_tonumber(lua_State *L) {
    if (lua_isnoneornil(L, 2)) {
        luaL_checkany(L, 1);
        if (lua_type(L, 1) == LUA_TNUMBER) {
            lua_settop(L, 1);
            return 1;
        }
        size_t length = 0;
        const char *text = lua_tolstring(L, 1, &length);
        if (text && lua_stringtonumber(L, text) == length + 1) return 1;
        lua_pushnil(L);
        return 1;
    }
    lua_Integer base = luaL_checkinteger(L, 2), number = 0;
    luaL_checktype(L, 1, LUA_TSTRING);
    luaL_argcheck(L, 2 <= base && base <= 36, 2, "base out of range");
    size_t length = 0;
    const char *text = lua_tolstring(L, 1, &length);
    if (parse_in_base(text, length, (int)base, &number)) {
        lua_pushinteger(L, number);
    } else {
        lua_pushnil(L);
    }
    return 1;
}

/* Pushes the text of a value that has no __tostring. */
static void push_plain_text(lua_State *L, int index) {
    switch (lua_type(L, index)) {
    case LUA_TNIL: lua_pushliteral(L, "nil"); return;
    case LUA_TBOOLEAN: lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false"); return;
    case LUA_TNUMBER:
        lua_pushvalue(L, index); /* a copy: the original stays a number */
        lua_tostring(L, -1);
        return;
    case LUA_TSTRING: lua_pushvalue(L, index); return;
    case LUA_TLIGHTUSERDATA: lua_pushliteral(L, "null"); return; /* json.null */
    default: lua_pushstring(L, luaL_typename(L, index));         /* never the address */
    }
}

static int finish_tostring(lua_State *L, int status, lua_KContext context) {
    (void)status, (void)context;
    if (lua_type(L, -1) != LUA_TSTRING) return luaL_error(L, "'__tostring' must return a string");
    return 1;
}

static int base_tostring(lua_State *L) {
    luaL_checkany(L, 1);
    if (luaL_getmetafield(L, 1, "__tostring") != LUA_TNIL) {
        lua_pushvalue(L, 1);
        lua_callk(L, 1, 1, 0, finish_tostring);
        return finish_tostring(L, LUA_OK, 0);
    }
    push_plain_text(L, 1);
    return 1;
}

const char *th_sandbox_push_text(lua_State *L, int index, size_t *length) {
    index = lua_absindex(L, index);
    if (luaL_getmetafield(L, index, "__tostring") != LUA_TNIL) {
        lua_pushvalue(L, index);
        lua_call(L, 1, 1);
        finish_tostring(L, LUA_OK, 0);
    } else {
        push_plain_text(L, index);
    }
    return lua_tolstring(L, -1, length);
}

static int base_type(lua_State *L) {
    int type = lua_type(L, 1);
    luaL_argcheck(L, type != LUA_TNONE, 1, "value expected");
    lua_pushstring(L, lua_typename(L, type));
    return 1;
}

/* One line to the log, parts joined by tabs, cut at the length of a log line. */
static int base_print(lua_State *L) {
    char line[1024];
    size_t used = 0;
    int n = lua_gettop(L);
    for (int i = 1; i <= n && used < sizeof line; i++) {
        size_t length = 0;
        const char *text = th_sandbox_push_text(L, i, &length);
        if (i > 1) line[used++] = '\t';
        size_t room = sizeof line - used;
        if (length > room) length = room;
        memcpy(line + used, text, length);
        used += length;
        lua_pop(L, 1);
    }
    th_state_print(L, th_slice(line, used));
    return 0;
}

/* ---- raw access ---- */

static int base_rawequal(lua_State *L) {
    luaL_checkany(L, 1);
    luaL_checkany(L, 2);
    lua_pushboolean(L, lua_rawequal(L, 1, 2));
    return 1;
}

static int base_rawlen(lua_State *L) {
    int type = lua_type(L, 1);
    luaL_argexpected(L, type == LUA_TTABLE || type == LUA_TSTRING, 1, "table or string");
    lua_pushinteger(L, (lua_Integer)lua_rawlen(L, 1));
    return 1;
}

static int base_rawget(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checkany(L, 2);
    lua_settop(L, 2);
    lua_rawget(L, 1);
    return 1;
}

static int base_rawset(lua_State *L) {
    th_sandbox_check_writable(L, 1, "rawset");
    luaL_checkany(L, 2);
    luaL_checkany(L, 3);
    lua_settop(L, 3);
    lua_rawset(L, 1);
    return 1;
}

static const luaL_Reg base_functions[] = {
    {"assert", base_assert},
    {"error", base_error},
    {"pcall", base_pcall},
    {"xpcall", base_xpcall},
    {"next", base_next},
    {"pairs", base_pairs},
    {"ipairs", base_ipairs},
    {"select", base_select},
    {"tonumber", base_tonumber},
    {"tostring", base_tostring},
    {"type", base_type},
    {"print", base_print},
    {"rawequal", base_rawequal},
    {"rawlen", base_rawlen},
    {"rawget", base_rawget},
    {"rawset", base_rawset},
    {NULL, NULL},
};

void th_sandbox_open_base(lua_State *L) {
    luaL_setfuncs(L, base_functions, 0);
    lua_pushliteral(L, "Lua 5.4");
    lua_setfield(L, -2, "_VERSION");
}
