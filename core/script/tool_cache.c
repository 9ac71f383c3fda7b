/* tool_cache.c - the functions of a tool, resource or prompt in a state: compiled on its first
 * call, kept per generation. The words of tool files (lua/words.lua) are in the world only while a
 * tool file runs, so that a forgotten local named `id` or `text` inside run is found as what it is.
 */
#include <lauxlib.h>

#include "script/script_internal.h"

/* Registry: generation -> { words, sink, [address of the item] = { run =, preview =, complete = }
 * }.
 */
static const char cache_key = 0;
enum { ENTRY_WORDS = 1, ENTRY_SINK = 2 };

static void load_chunk(lua_State *L, th_slice_t chunk, const char *name) {
    if (!chunk.data) luaL_error(L, "'%s' is missing from the catalogue", name);
    /* Bytecode is safe here and in module.c only: the catalogue compiled it itself. */
    if (luaL_loadbufferx(L, chunk.data, chunk.length, name, "b") != LUA_OK) lua_error(L);
}

/* Stack: entry -> entry. Runs words.lua for this generation. */
static void make_words(lua_State *L, const th_catalogue_t *catalogue) {
    lua_newtable(L);
    load_chunk(L, th_catalogue_module_chunk(catalogue, TH_SLICE("words")), "words");
    lua_pushliteral(L, "state");
    lua_pushvalue(L, -3);
    lua_call(L, 2, 1);
    luaL_checktype(L, -1, LUA_TTABLE);
    lua_rawseti(L, -3, ENTRY_WORDS);
    lua_rawseti(L, -2, ENTRY_SINK);
}

/* Pushes the entry of a generation. */
static void push_entry(lua_State *L, const th_catalogue_t *catalogue) {
    lua_Integer generation = (lua_Integer)th_catalogue_generation(catalogue);
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &cache_key) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &cache_key);
    }
    if (lua_rawgeti(L, -1, generation) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_newtable(L);
        make_words(L, catalogue);
        lua_pushvalue(L, -1);
        lua_rawseti(L, -3, generation);
    }
    lua_remove(L, -2);
}

/* Puts the words of the entry at <entry> into the world, or takes them out. */
static void install_words(lua_State *L, int entry, bool install) {
    th_state_push_world(L);
    int world = lua_gettop(L);
    lua_rawgeti(L, entry, ENTRY_WORDS);
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2); /* name, name, word */
        if (!install) {
            lua_pop(L, 1);
            lua_pushnil(L);
        }
        lua_rawset(L, world);
    }
    lua_pop(L, 2);
}

/* Stack: entry -> entry, { run =, preview =, complete = }. */
static void compile(lua_State *L, const th_catalogue_t *catalogue, const th_item_t *item) {
    int entry = lua_gettop(L);
    lua_rawgeti(L, entry, ENTRY_SINK);
    lua_pushnil(L);
    lua_setfield(L, -2, "tool");
    lua_pushnil(L);
    lua_setfield(L, -2, "forms");
    load_chunk(L, th_catalogue_tool_chunk(catalogue, item), item->name);
    install_words(L, entry, true);
    int status = lua_pcall(L, 0, 0, 0);
    install_words(L, entry, false);
    if (status != LUA_OK) {
        th_state_rethrow_stop(L);
        lua_error(L);
    }
    if (lua_getfield(L, entry + 1, "tool") != LUA_TTABLE)
        luaL_error(L, "the file of %s '%s' made none", th_item_kind_name(item->kind), item->name);
    lua_pushnil(L);
    lua_setfield(L, entry + 1, "tool");
    lua_replace(L, entry + 1);
    lua_settop(L, entry + 1);
}

void th_tool_cache_push(lua_State *L, th_call_t *call) {
    luaL_checkstack(L, 12, "no stack");
    push_entry(L, call->catalogue);
    if (lua_rawgetp(L, -1, call->tool) != LUA_TTABLE) {
        lua_pop(L, 1);
        call->compiled = true;
        compile(L, call->catalogue, call->tool);
        lua_pushvalue(L, -1);
        lua_rawsetp(L, -3, call->tool);
    }
    lua_remove(L, -2);
    const char *name = th_call_function(call);
    if (lua_getfield(L, -1, name) != LUA_TFUNCTION)
        luaL_error(L, "%s '%s' has no function %s", th_item_kind_name(call->tool->kind),
                   call->tool->name, name);
    lua_remove(L, -2);
}

void th_tool_cache_forget(lua_State *L, uint64_t generation) {
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &cache_key) == LUA_TTABLE) {
        lua_pushnil(L);
        lua_rawseti(L, -2, (lua_Integer)generation);
    }
    lua_pop(L, 1);
    th_state_forget_modules(L, generation);
}
