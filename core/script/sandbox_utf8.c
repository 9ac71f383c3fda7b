/* sandbox_utf8.c - the utf8 library: Lua's own functions, each charged for the text it looks at.
 * They are linear in their subject, and codepoint is bounded by the stack. */
#include <lauxlib.h>
#include <lualib.h>

#include "script/sandbox.h"
#include "script/state.h"

static const char *const wrapped[] = {"char", "codepoint", "codes", "len", "offset"};

#define CODEPOINTS_MAX 4096

/* Upvalue 1: Lua's function, which uses no upvalues and runs in this very frame. */
static int charged(lua_State *L) {
    lua_CFunction function = lua_tocfunction(L, lua_upvalueindex(1));
    if (lua_type(L, 1) == LUA_TSTRING) th_state_charge(L, lua_rawlen(L, 1));
    return function(L);
}

static int charged_codepoint(lua_State *L) {
    luaL_checkstring(L, 1);
    lua_Integer from = luaL_optinteger(L, 2, 1), to = luaL_optinteger(L, 3, from);
    lua_Integer length = (lua_Integer)lua_rawlen(L, 1);
    if (from < 0) from += length + 1;
    if (to < 0) to += length + 1;
    if (to > from && (lua_Unsigned)to - (lua_Unsigned)from >= CODEPOINTS_MAX) {
        return luaL_error(L, "utf8.codepoint: at most %d bytes at once; utf8.codes walks any text",
                          CODEPOINTS_MAX);
    }
    return charged(L);
}

void th_sandbox_open_utf8(lua_State *L) {
    lua_createtable(L, 0, 8);
    lua_pushcfunction(L, luaopen_utf8);
    lua_call(L, 0, 1);
    for (size_t i = 0; i < sizeof wrapped / sizeof *wrapped; i++) {
        lua_getfield(L, -1, wrapped[i]);
        lua_pushcclosure(L, i == 1 ? charged_codepoint : charged, 1);
        lua_setfield(L, -3, wrapped[i]);
    }
    lua_getfield(L, -1, "charpattern");
    lua_setfield(L, -3, "charpattern");
    lua_pop(L, 1);
    th_sandbox_protect_table(L, "utf8", 0);
    lua_setfield(L, -2, "utf8");
}
