/* module.c - use "tallyfy.people": a library module, run once per state and generation.
 * What a module returns is shared by the tools of the state: a table is handed out read-only. */
#include <lauxlib.h>

#include "script/sandbox.h"
#include "script/state.h"

/* Registry: generation -> name -> value. */
static const char cache_key = 0;
/* While a module is being loaded its value is the thread that does it: meeting one's own is a
 * circle; another call's (paused, or long dead) is not waited for, the module is loaded twice then.
 */

/* Registry: name -> function, in states that run the same modules again and again. */
static const char code_key = 0;

#define MODULE_NAME_MAX 128

/* Pushes the cache of a generation. */
static void push_cache(lua_State *L, uint64_t generation) {
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &cache_key) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &cache_key);
    }
    if (lua_rawgeti(L, -1, (lua_Integer)generation) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_rawseti(L, -3, (lua_Integer)generation);
    }
    lua_remove(L, -2);
}

/* The module has returned or raised: stack is name, cache, value or error. */
static int finish(lua_State *L, int status, lua_KContext context) {
    (void)context;
    lua_pushvalue(L, 1);
    if (status != LUA_OK && status != LUA_YIELD) {
        lua_pushnil(L);
        lua_rawset(L, 2);
        th_state_rethrow_stop(L);
        return lua_error(L);
    }
    if (lua_isnil(L, 3)) {
        lua_pushnil(L);
        lua_rawset(L, 2);
        return luaL_error(L, "module '%s' returns nothing", lua_tostring(L, 1));
    }
    lua_pushvalue(L, 3);
    if (lua_istable(L, 3)) th_sandbox_protect_table(L, lua_tostring(L, 1), 1);
    lua_copy(L, -1, 3);
    lua_rawset(L, 2);
    lua_settop(L, 3);
    return 1;
}

/* Pushes the module's function, kept from before or made of <chunk>; or the error. Running one
 * again is as good as a fresh one: the only upvalue of a chunk is the state's world. */
static int push_function(lua_State *L, th_slice_t chunk, const char *name) {
    bool keeps = lua_rawgetp(L, LUA_REGISTRYINDEX, &code_key) == LUA_TTABLE;
    if (keeps && lua_getfield(L, -1, name) == LUA_TFUNCTION) {
        lua_remove(L, -2);
        return LUA_OK;
    }
    lua_settop(L, 2);
    int status = luaL_loadbufferx(L, chunk.data, chunk.length, name, "b");
    if (!keeps || status != LUA_OK) return status;
    (void)lua_rawgetp(L, LUA_REGISTRYINDEX, &code_key);
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, name);
    lua_pop(L, 1);
    return LUA_OK;
}

static int module_use(lua_State *L) {
    size_t length = 0;
    const char *name = luaL_checklstring(L, 1, &length);
    luaL_argcheck(L, length <= MODULE_NAME_MAX, 1, "module name is too long");
    uint64_t generation = 0;
    th_slice_t chunk = th_state_find_module(L, th_slice(name, length), &generation);
    lua_settop(L, 1);
    push_cache(L, generation);
    lua_pushvalue(L, 1);
    lua_rawget(L, 2);
    if (lua_tothread(L, 3) == L) {
        return luaL_error(L, "module '%s' uses itself, directly or through another", name);
    }
    if (!lua_isnil(L, 3) && !lua_isthread(L, 3)) return 1;
    lua_settop(L, 2);
    if (!chunk.data) {
        return luaL_error(L,
                          "there is no module '%s'; modules are the files of the library, "
                          "as in use \"tallyfy.people\"",
                          name);
    }
    lua_pushvalue(L, 1);
    lua_pushthread(L);
    lua_rawset(L, 2);
    /* Bytecode is safe here and only here: the catalogue compiled it itself. */
    int status = push_function(L, chunk, name);
    if (status == LUA_OK) {
        /* Its argument: how long answers should be at most (tallyfy/shape.lua). */
        size_t answer_bytes = th_state_limits(L)->answer_bytes;
        if (answer_bytes > 0) lua_pushinteger(L, (lua_Integer)answer_bytes);
        status = lua_pcallk(L, answer_bytes > 0, 1, 0, 0, finish);
    }
    return finish(L, status, 0);
}

void th_state_forget_modules(lua_State *L, uint64_t generation) {
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &cache_key) == LUA_TTABLE) {
        lua_pushnil(L);
        lua_rawseti(L, -2, (lua_Integer)generation);
    }
    lua_pop(L, 1);
}

void th_state_keep_code(lua_State *L) {
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &code_key);
}

void th_sandbox_open_module(lua_State *L) {
    lua_pushcfunction(L, module_use);
    lua_setfield(L, -2, "use");
}
