/* sandbox_table.c - the table library but sort: insert, remove, move, concat, pack, unpack.
 * Lengths are raw lengths and access is raw, so a lying __len cannot make a loop endless; concat
 * also reads JSON views. */
#include <string.h>

#include <lauxlib.h>

#include "script/sandbox.h"
#include "script/state.h"
#include "json/lua_json.h"

#define UNPACK_MAX 4096
/* Elements that one call may move: more than a state has room for. */
#define MOVE_MAX (1 << 24)

static int table_insert(lua_State *L) {
    th_sandbox_check_writable(L, 1, "table.insert");
    lua_Integer length = (lua_Integer)lua_rawlen(L, 1);
    switch (lua_gettop(L)) {
    case 2: lua_rawseti(L, 1, length + 1); return 0;
    case 3: break;
    default: return luaL_error(L, "table.insert takes a table, a position if wanted, and a value");
    }
    lua_Integer position = luaL_checkinteger(L, 2);
    luaL_argcheck(L, 1 <= position && position <= length + 1, 2, "position out of bounds");
    for (lua_Integer i = length + 1; i > position; i--) {
        lua_rawgeti(L, 1, i - 1);
        lua_rawseti(L, 1, i);
    }
    lua_rawseti(L, 1, position);
    th_state_charge(L, (uint64_t)(length - position + 1) * 8);
    return 0;
}

static int table_remove(lua_State *L) {
    th_sandbox_check_writable(L, 1, "table.remove");
    lua_Integer length = (lua_Integer)lua_rawlen(L, 1);
    lua_Integer position = luaL_optinteger(L, 2, length);
    if (lua_gettop(L) > 1) {
        luaL_argcheck(L,
                      (1 <= position && position <= length + 1) || (length == 0 && position == 0),
                      2, "position out of bounds");
    }
    lua_rawgeti(L, 1, position);
    for (lua_Integer i = position; i < length; i++) {
        lua_rawgeti(L, 1, i + 1);
        lua_rawseti(L, 1, i);
    }
    if (position <= length && length > 0) {
        lua_pushnil(L);
        lua_rawseti(L, 1, length);
    }
    th_state_charge(L, position < length ? (uint64_t)(length - position) * 8 : 1);
    return 1;
}

static int table_move(lua_State *L) {
    lua_Integer from = luaL_checkinteger(L, 2), to = luaL_checkinteger(L, 3);
    lua_Integer target = luaL_checkinteger(L, 4);
    int into = lua_isnoneornil(L, 5) ? 1 : 5;
    luaL_checktype(L, 1, LUA_TTABLE);
    th_sandbox_check_writable(L, into, "table.move");
    lua_settop(L, 5);
    if (to >= from) {
        luaL_argcheck(L, from > 0 || to < LUA_MAXINTEGER + from, 3, "too many elements to move");
        lua_Integer count = to - from + 1;
        luaL_argcheck(L, count <= MOVE_MAX, 3, "too many elements to move");
        luaL_argcheck(L, target <= LUA_MAXINTEGER - count + 1, 4, "destination wrap around");
        bool forward = target > to || target <= from || (into == 5 && !lua_rawequal(L, 1, 5));
        for (lua_Integer k = 0; k < count; k++) {
            lua_Integer i = forward ? k : count - 1 - k;
            lua_rawgeti(L, 1, from + i);
            lua_rawseti(L, into, target + i);
            th_state_check(L, 16);
        }
    }
    lua_pushvalue(L, into);
    return 1;
}

/* Pushes element <i> of the list at 1 (a table or a view). */
static void push_element(lua_State *L, bool view, lua_Integer i) {
    if (view) {
        lua_geti(L, 1, i);
    } else {
        lua_rawgeti(L, 1, i);
    }
}

typedef struct concat_plan {
    bool view;
    lua_Integer first, last;
    size_t separator_length;
} concat_plan_t;

/* The bytes of all elements and separators; raises at an element that is no text. */
static size_t measure(lua_State *L, const concat_plan_t *plan) {
    size_t total = 0;
    for (lua_Integer i = plan->first; i <= plan->last; i++) {
        push_element(L, plan->view, i);
        if (!lua_isstring(L, -1)) {
            luaL_error(L, "table.concat: element %I is a %s; strings and numbers can be joined", i,
                       luaL_typename(L, -1));
        }
        size_t length = 0;
        lua_tolstring(L, -1, &length);
        lua_pop(L, 1);
        total += length + (i < plan->last ? plan->separator_length : 0);
        th_sandbox_check_size(L, "table.concat", total);
        th_state_check(L, 32);
        if (i == LUA_MAXINTEGER) break;
    }
    return total;
}

static int table_concat(lua_State *L) {
    concat_plan_t plan = {.view = th_lua_json_to_value(L, 1).document != NULL};
    if (!plan.view) luaL_checktype(L, 1, LUA_TTABLE);
    const char *separator = luaL_optlstring(L, 2, "", &plan.separator_length);
    lua_Integer length = plan.view ? (lua_Integer)th_json_count(th_lua_json_to_value(L, 1))
                                   : (lua_Integer)lua_rawlen(L, 1);
    plan.first = luaL_optinteger(L, 3, 1);
    plan.last = luaL_optinteger(L, 4, length);
    if (plan.first > plan.last) {
        lua_pushliteral(L, "");
        return 1;
    }
    size_t total = measure(L, &plan);
    char *start = lua_newuserdatauv(L, total, 0), *out = start;
    for (lua_Integer i = plan.first; i <= plan.last; i++) {
        size_t part = 0;
        push_element(L, plan.view, i);
        const char *text = lua_tolstring(L, -1, &part);
        memcpy(out, text, part);
        out += part;
        lua_pop(L, 1);
        if (i == plan.last) break;
        memcpy(out, separator, plan.separator_length);
        out += plan.separator_length;
    }
    lua_pushlstring(L, start, total);
    th_state_charge(L, total / 4);
    return 1;
}

static int table_pack(lua_State *L) {
    int count = lua_gettop(L);
    lua_createtable(L, count, 1);
    lua_insert(L, 1);
    for (int i = count; i >= 1; i--)
        lua_rawseti(L, 1, i);
    lua_pushinteger(L, count);
    lua_setfield(L, 1, "n");
    return 1;
}

static int table_unpack(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer first = luaL_optinteger(L, 2, 1);
    lua_Integer last = luaL_optinteger(L, 3, (lua_Integer)lua_rawlen(L, 1));
    if (first > last) return 0;
    if ((lua_Unsigned)last - (lua_Unsigned)first >= UNPACK_MAX) {
        return luaL_error(L, "table.unpack: at most %d values at once", UNPACK_MAX);
    }
    luaL_checkstack(L, (int)(last - first) + 1, "table.unpack");
    int count = 0;
    for (lua_Integer i = first;; i++) {
        lua_rawgeti(L, 1, i);
        count++;
        if (i == last) return count;
    }
}

static const luaL_Reg table_functions[] = {
    {"insert", table_insert},
    {"remove", table_remove},
    {"move", table_move},
    {"concat", table_concat},
    {"pack", table_pack},
    {"unpack", table_unpack},
    {NULL, NULL},
};

void th_sandbox_open_table(lua_State *L) {
    lua_createtable(L, 0, 8);
    luaL_setfuncs(L, table_functions, 0);
    th_sandbox_add_sort(L);
    th_sandbox_protect_table(L, "table", 0);
    lua_setfield(L, -2, "table");
}
