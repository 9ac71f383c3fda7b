/* sandbox_metatable.c - setmetatable and getmetatable.
 * Why a copy is installed instead of the script's own table: Lua looks for __gc, __close and __mode
 * when it needs them, so refusing them in setmetatable is not enough: they could be added
 * afterwards. The copy holds the allowed metamethods as they were when setmetatable was called; no
 * script can reach it. __gc runs without hooks, __close can recurse in C (crashes 5.4.4), weak
 * tables can make a collection quadratic. */
#include <stdbool.h>

#include <lauxlib.h>

#include "script/sandbox.h"

/* In an installed copy: the script's own table. Tables without it belong to the host. */
static const char original_key = 0;
/* In the registry: the copy made last, so that a loop making objects of one class shares it. */
static const char last_copy_key = 0;

static const char *const allowed[] = {
    "__index", "__newindex", "__call",   "__tostring", "__name",      "__eq",  "__lt",
    "__le",    "__len",      "__concat", "__unm",      "__add",       "__sub", "__mul",
    "__div",   "__mod",      "__pow",    "__idiv",     "__band",      "__bor", "__bxor",
    "__shl",   "__shr",      "__bnot",   "__pairs",    "__metatable",
};
#define ALLOWED_COUNT (sizeof allowed / sizeof *allowed)

static const char *const refused[] = {"__gc", "__close", "__mode"};

static void get_raw(lua_State *L, int table, const char *key) {
    lua_pushstring(L, key);
    lua_rawget(L, table < 0 ? table - 1 : table);
}

/* Is the copy at the top still what the table at index 2 says? */
static bool is_current(lua_State *L) {
    lua_rawgetp(L, -1, &original_key);
    bool same = lua_rawequal(L, -1, 2);
    lua_pop(L, 1);
    for (size_t i = 0; same && i < ALLOWED_COUNT; i++) {
        get_raw(L, -1, allowed[i]);
        get_raw(L, 2, allowed[i]);
        same = lua_rawequal(L, -1, -2);
        lua_pop(L, 2);
    }
    return same;
}

/* Pushes what to install for the table at index 2. */
static void push_copy(lua_State *L) {
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &last_copy_key) == LUA_TTABLE && is_current(L)) return;
    lua_pop(L, 1);
    lua_createtable(L, 0, 4);
    for (size_t i = 0; i < ALLOWED_COUNT; i++) {
        lua_pushstring(L, allowed[i]);
        get_raw(L, 2, allowed[i]);
        if (lua_isnil(L, -1)) {
            lua_pop(L, 2);
        } else {
            lua_rawset(L, -3);
        }
    }
    lua_pushvalue(L, 2);
    lua_rawsetp(L, -2, &original_key);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &last_copy_key);
}

/* Is the metatable at the top one that a script may see and replace? */
static bool is_open(lua_State *L) {
    bool ours = lua_rawgetp(L, -1, &original_key) != LUA_TNIL;
    get_raw(L, -2, "__metatable");
    bool open = ours && lua_isnil(L, -1);
    lua_pop(L, 2);
    return open;
}

static int base_setmetatable(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    int type = lua_type(L, 2);
    luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table");
    lua_settop(L, 2);
    if (lua_getmetatable(L, 1)) {
        if (!is_open(L)) return luaL_error(L, "cannot change a protected metatable");
        lua_pop(L, 1);
    }
    if (type == LUA_TNIL) {
        lua_setmetatable(L, 1);
        return 1;
    }
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        get_raw(L, 2, refused[i]);
        if (!lua_isnil(L, -1)) {
            return luaL_error(L, "setmetatable: %s is not available to tools", refused[i]);
        }
        lua_pop(L, 1);
    }
    push_copy(L);
    lua_setmetatable(L, 1);
    lua_settop(L, 1);
    return 1;
}

static int base_getmetatable(lua_State *L) {
    luaL_checkany(L, 1);
    if (!lua_getmetatable(L, 1)) {
        lua_pushnil(L);
        return 1;
    }
    get_raw(L, -1, "__metatable");
    if (!lua_isnil(L, -1)) return 1;
    lua_pop(L, 1);
    if (lua_rawgetp(L, -1, &original_key) == LUA_TNIL) lua_pushboolean(L, 0); /* the host's */
    return 1;
}

void th_sandbox_open_metatable(lua_State *L) {
    lua_pushcfunction(L, base_setmetatable);
    lua_setfield(L, -2, "setmetatable");
    lua_pushcfunction(L, base_getmetatable);
    lua_setfield(L, -2, "getmetatable");
}
