/* sandbox_string.c - the string library without patterns and format, and the locked string
 * metatable. Left out: dump (bytecode), pack, packsize, unpack. The metatable has no arithmetic:
 * "10" + 1 is an error that says so, tonumber("10") + 1 is meant. */
#include <ctype.h>
#include <string.h>

#include <lauxlib.h>

#include "script/sandbox.h"
#include "script/state.h"

/* Room for a result, as a userdata at the top: unlike luaL_Buffer it gets memory after a
 * collection, and a refusal is a memory error. */
static char *push_scratch(lua_State *L, size_t size) {
    return lua_newuserdatauv(L, size, 0);
}

/* Pushes a new string of the same length as argument 1, byte by byte through <change>. */
static int map_bytes(lua_State *L, int (*change)(int)) {
    size_t length = 0;
    const char *text = luaL_checklstring(L, 1, &length);
    char *out = push_scratch(L, length);
    for (size_t i = 0; i < length; i++)
        out[i] = (char)change((unsigned char)text[i]);
    lua_pushlstring(L, out, length);
    th_state_charge(L, length);
    return 1;
}

static int string_lower(lua_State *L) {
    return map_bytes(L, tolower);
}

static int string_upper(lua_State *L) {
    return map_bytes(L, toupper);
}

static int string_reverse(lua_State *L) {
    size_t length = 0;
    const char *text = luaL_checklstring(L, 1, &length);
    char *out = push_scratch(L, length);
    for (size_t i = 0; i < length; i++)
        out[i] = text[length - 1 - i];
    lua_pushlstring(L, out, length);
    th_state_charge(L, length);
    return 1;
}

static int string_len(lua_State *L) {
    size_t length = 0;
    luaL_checklstring(L, 1, &length);
    lua_pushinteger(L, (lua_Integer)length);
    return 1;
}

/* First and last byte (1-based, inclusive) of a range given with negative positions from the end.
 */
static void check_range(lua_State *L, size_t length, lua_Integer from, lua_Integer to,
                        size_t *first, size_t *last) {
    (void)L;
    lua_Integer all = (lua_Integer)length;
    if (from < 0) from = from < -all ? 1 : all + from + 1;
    if (from == 0) from = 1;
    if (to < 0) to = to < -all ? 0 : all + to + 1;
    if (to > all) to = all;
    *first = from > all ? length + 1 : (size_t)from;
    *last = (size_t)to;
}

static int string_sub(lua_State *L) {
    size_t length = 0, first, last;
    const char *text = luaL_checklstring(L, 1, &length);
    check_range(L, length, luaL_checkinteger(L, 2), luaL_optinteger(L, 3, -1), &first, &last);
    if (first > last) {
        lua_pushliteral(L, "");
    } else {
        lua_pushlstring(L, text + first - 1, last - first + 1);
        th_state_charge(L, (last - first) / 8);
    }
    return 1;
}

#define BYTES_MAX 4096 /* values that byte and char take or give at once */

static int string_byte(lua_State *L) {
    size_t length = 0, first, last;
    const char *text = luaL_checklstring(L, 1, &length);
    lua_Integer from = luaL_optinteger(L, 2, 1);
    check_range(L, length, from, luaL_optinteger(L, 3, from), &first, &last);
    if (first > last) return 0;
    size_t count = last - first + 1;
    if (count > BYTES_MAX) return luaL_error(L, "string.byte: at most %d bytes at once", BYTES_MAX);
    luaL_checkstack(L, (int)count, "string.byte");
    for (size_t i = 0; i < count; i++)
        lua_pushinteger(L, (unsigned char)text[first - 1 + i]);
    return (int)count;
}

static int string_char(lua_State *L) {
    int count = lua_gettop(L);
    luaL_Buffer buffer;
    char *out = luaL_buffinitsize(L, &buffer, (size_t)count);
    for (int i = 1; i <= count; i++) {
        lua_Integer byte = luaL_checkinteger(L, i);
        luaL_argcheck(L, 0 <= byte && byte <= 255, i, "value out of range");
        out[i - 1] = (char)byte;
    }
    luaL_pushresultsize(&buffer, (size_t)count);
    return 1;
}

static int string_rep(lua_State *L) {
    size_t length = 0, between = 0;
    const char *text = luaL_checklstring(L, 1, &length);
    lua_Integer count = luaL_checkinteger(L, 2);
    const char *separator = luaL_optlstring(L, 3, "", &between);
    if (count <= 0 || length + between == 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    size_t most = th_state_string_max(L) / (length + between);
    if ((lua_Unsigned)count > most + 1) th_sandbox_check_size(L, "string.rep", SIZE_MAX);
    size_t total = (size_t)count * length + (size_t)(count - 1) * between;
    th_sandbox_check_size(L, "string.rep", total);
    char *start = push_scratch(L, total), *out = start;
    for (lua_Integer i = 0; i < count; i++) {
        if (i > 0 && between) {
            memcpy(out, separator, between);
            out += between;
        }
        memcpy(out, text, length);
        out += length;
    }
    lua_pushlstring(L, start, total);
    th_state_charge(L, total / 4 + (uint64_t)count);
    return 1;
}

static const luaL_Reg string_functions[] = {
    {"byte", string_byte},   {"char", string_char},   {"len", string_len},
    {"lower", string_lower}, {"rep", string_rep},     {"reverse", string_reverse},
    {"sub", string_sub},     {"upper", string_upper}, {NULL, NULL},
};

/* Stack: library. Methods of strings are the same functions; the metatable shows nothing. */
static void lock_string_metatable(lua_State *L) {
    lua_pushliteral(L, "");
    lua_createtable(L, 0, 2);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
}

void th_sandbox_open_string(lua_State *L) {
    lua_createtable(L, 0, 16);
    luaL_setfuncs(L, string_functions, 0);
    th_sandbox_add_pattern(L);
    th_sandbox_add_format(L);
    lock_string_metatable(L);
    th_sandbox_protect_table(L, "string", 0);
    lua_setfield(L, -2, "string");
}
