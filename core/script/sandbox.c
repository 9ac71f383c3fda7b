/* sandbox.c - puts the world together: the empty globals table, the hidden table of names behind
 * it, and the read-only tables in it. */
#include "script/sandbox.h"

#include <string.h>

#include <lauxlib.h>

#include "script/state.h"
#include "json/lua_json.h"

/* Its address is the registry key of the table of names. */
static const char world_key = 0;

/* Names that people expect from Lua, and what to do without them. */
static const struct {
    const char *name, *hint;
} absent_names[] = {
    {"os", "call.now() and call.today() tell the time; tools have nothing else of the system"},
    {"io", "tools have no files; call.log(text) writes to the log"},
    {"require", "use \"tallyfy.people\" loads a library module"},
    {"load", "code comes from tool files only"},
    {"loadstring", "code comes from tool files only"},
    {"loadfile", "code comes from tool files only"},
    {"dofile", "code comes from tool files only"},
    {"package", "use \"tallyfy.people\" loads a library module"},
    {"coroutine", "call.api:all runs several requests at once"},
    {"debug", "tools do not look into the host"},
    {"collectgarbage", "memory is looked after by the host"},
    {"_G", "there is no table of globals; keep values in locals"},
    {"call", "call is the second argument of run: run = function (args, call)"},
};

/* "Pushes" a name for an error message: the key if it is text. */
static const char *name_of(lua_State *L, int index) {
    return lua_type(L, index) == LUA_TSTRING ? lua_tostring(L, index) : "?";
}

static int refuse_unknown(lua_State *L) {
    const char *name = name_of(L, 2);
    for (size_t i = 0; i < sizeof absent_names / sizeof *absent_names; i++) {
        if (strcmp(absent_names[i].name, name) == 0) {
            return luaL_error(L, "undefined name '%s': %s", name, absent_names[i].hint);
        }
    }
    return luaL_error(
        L, "undefined name '%s': it is neither a local here nor part of a tool's world", name);
}

static int refuse_global(lua_State *L) {
    const char *name = name_of(L, 2);
    th_state_push_world(L);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, -2) != LUA_TNIL) {
        return luaL_error(L, "'%s' belongs to the world and cannot be changed; use another name",
                          name);
    }
    return luaL_error(L, "'%s' is not declared: write local %s", name, name);
}

static int refuse_write(lua_State *L) {
    luaL_getmetafield(L, 1, "__name");
    return luaL_error(L, "'%s' is read-only: field '%s' cannot be set", lua_tostring(L, -1),
                      name_of(L, 2));
}

static int length_behind(lua_State *L) {
    lua_pushinteger(L, (lua_Integer)lua_rawlen(L, lua_upvalueindex(1)));
    return 1;
}

/* The hidden table itself must not get out: the step function holds it, the loop variable does not.
 */
static int step_behind(lua_State *L) {
    lua_settop(L, 2);
    if (lua_next(L, lua_upvalueindex(1))) return 2;
    lua_pushnil(L);
    return 1;
}

static int pairs_behind(lua_State *L) {
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushcclosure(L, step_behind, 1);
    lua_pushvalue(L, 1);
    lua_pushnil(L);
    return 3;
}

void th_sandbox_protect_table(lua_State *L, const char *name, int walkable) {
    lua_newtable(L);
    lua_createtable(L, 0, walkable ? 6 : 4);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, refuse_write);
    lua_setfield(L, -2, "__newindex");
    lua_pushstring(L, name);
    lua_setfield(L, -2, "__name");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    if (walkable) {
        lua_pushvalue(L, -3);
        lua_pushcclosure(L, length_behind, 1);
        lua_setfield(L, -2, "__len");
        lua_pushvalue(L, -3);
        lua_pushcclosure(L, pairs_behind, 1);
        lua_setfield(L, -2, "__pairs");
    }
    lua_setmetatable(L, -2);
    lua_remove(L, -2);
}

void th_sandbox_check_writable(lua_State *L, int index, const char *function) {
    if (!lua_istable(L, index)) {
        const char *hint = th_lua_json_to_value(L, index).document
                               ? "; json.table(view) makes a table of a JSON view"
                               : "";
        luaL_argerror(L, index,
                      lua_pushfstring(L, "%s needs a table, not a %s%s", function,
                                      luaL_typename(L, index), hint));
    }
    if (lua_getmetatable(L, index)) {
        /* A table of the host that refuses writes: its metatable is hidden and has a C function for
         * it. */
        lua_pushliteral(L, "__newindex");
        lua_rawget(L, -2);
        lua_pushliteral(L, "__metatable");
        lua_rawget(L, -3);
        if (lua_iscfunction(L, -2) && lua_isboolean(L, -1)) {
            luaL_argerror(L, index, "this table is read-only");
        }
        lua_pop(L, 3);
    }
}

void th_sandbox_check_size(lua_State *L, const char *function, size_t size) {
    size_t most = th_state_string_max(L);
    if (size > most) {
        luaL_error(L, "%s: the result would be over %I bytes, the most that a string may have here",
                   function, (LUAI_UACINT)most);
    }
}

void th_state_push_world(lua_State *L) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &world_key);
}

/* Stack: world. The globals table stays empty, so that every write and every miss is seen. */
static void install_globals(lua_State *L) {
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, refuse_unknown);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    lua_newtable(L);
    lua_createtable(L, 0, 4);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, refuse_global);
    lua_setfield(L, -2, "__newindex");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
}

void th_sandbox_build(lua_State *L, th_json_parser_t *parser) {
    luaL_checkstack(L, 20, "no stack");
    lua_createtable(L, 0, 48);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &world_key);
    th_sandbox_open_base(L);
    th_sandbox_open_metatable(L);
    th_sandbox_open_string(L);
    th_sandbox_open_table(L);
    th_sandbox_open_math(L);
    th_sandbox_open_utf8(L);
    th_sandbox_open_module(L);
    th_lua_json_open(L, parser);
    th_sandbox_protect_table(L, "json", 0);
    lua_setfield(L, -2, "json");
    install_globals(L);
    lua_pop(L, 1);
}
