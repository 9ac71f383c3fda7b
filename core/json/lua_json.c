/* lua_json.c - the `json` table of scripts. */
#include "json/lua_json.h"

#include <lauxlib.h>

#include "json/lua_private.h"
#include "json/tape.h"

/* Their addresses are registry keys. */
static const char array_key, object_key;

void th_lua_mark_push(lua_State *L, th_lua_mark_t mark) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, mark == TH_LUA_ARRAY ? &array_key : &object_key);
}

th_lua_mark_t th_lua_mark_of(lua_State *L, int index) {
    if (!lua_getmetatable(L, index)) return TH_LUA_UNMARKED;
    th_lua_mark_push(L, TH_LUA_ARRAY);
    bool array = lua_rawequal(L, -1, -2);
    lua_pop(L, 1);
    th_lua_mark_push(L, TH_LUA_OBJECT);
    bool object = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return array ? TH_LUA_ARRAY : object ? TH_LUA_OBJECT : TH_LUA_UNMARKED;
}

/* json.array([t]) and json.object([t]): marks and returns t, or a new table. */
static int mark_table(lua_State *L, th_lua_mark_t mark) {
    th_json_value_t value = th_lua_json_to_value(L, 1);
    if (value.document && (mark == TH_LUA_ARRAY) == th_json_is_array(value)) {
        lua_settop(L, 1); /* a view of that kind is what was asked for */
        return 1;
    }
    if (lua_isnoneornil(L, 1)) {
        lua_settop(L, 0);
        lua_createtable(L, 0, 0);
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    if (lua_getmetatable(L, 1)) {
        lua_pop(L, 1);
        if (th_lua_mark_of(L, 1) == TH_LUA_UNMARKED)
            return luaL_argerror(L, 1, "the table has a metatable already");
    }
    lua_settop(L, 1);
    th_lua_mark_push(L, mark);
    lua_setmetatable(L, 1);
    return 1;
}

static int json_array(lua_State *L) {
    return mark_table(L, TH_LUA_ARRAY);
}

static int json_object(lua_State *L) {
    return mark_table(L, TH_LUA_OBJECT);
}

/* The JSON type of any Lua value; NULL when it has none. */
static const char *type_of(lua_State *L, int index) {
    th_json_value_t value;
    switch (lua_type(L, index)) {
    case LUA_TBOOLEAN: return "boolean";
    case LUA_TNUMBER: return lua_isinteger(L, index) ? "integer" : "number";
    case LUA_TSTRING: return "string";
    case LUA_TLIGHTUSERDATA: return lua_touserdata(L, index) ? NULL : "null";
    case LUA_TTABLE: return th_lua_is_array(L, index) ? "array" : "object";
    case LUA_TUSERDATA:
        value = th_lua_json_to_value(L, index);
        return value.document ? th_json_type_name(th_json_type(value)) : NULL;
    default: return NULL;
    }
}

static int json_type(lua_State *L) {
    luaL_checkany(L, 1);
    lua_pushstring(L, type_of(L, 1)); /* NULL gives nil */
    return 1;
}

static int json_is_array(lua_State *L) {
    luaL_checkany(L, 1);
    const char *type = type_of(L, 1);
    lua_pushboolean(L, type && strcmp(type, "array") == 0);
    return 1;
}

/* Pushes a copy of <value>; <mark> is the stack index of the array mark. Recursion: a document's
 * depth. */
static void push_copy(lua_State *L, th_json_value_t value, int mark) {
    luaL_checkstack(L, 4, "JSON nested too deeply");
    if (th_lua_push_scalar(L, value)) return;
    th_json_iterator_t iterator = th_json_iterate(value);
    int count = (int)th_json_count(value); /* 24 bits */
    if (th_json_is_array(value)) {
        lua_createtable(L, count, 0);
        for (lua_Integer number = 1; th_json_next(&iterator); number++) {
            push_copy(L, iterator.value, mark);
            lua_rawseti(L, -2, number);
        }
        lua_pushvalue(L, mark);
        lua_setmetatable(L, -2);
        return;
    }
    lua_createtable(L, 0, count);
    while (th_json_next(&iterator)) {
        lua_pushlstring(L, iterator.key.data, iterator.key.length);
        push_copy(L, iterator.value, mark);
        lua_rawset(L, -3);
    }
}

/* json.table(view): anything else comes back as it is. */
static int json_table(lua_State *L) {
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    th_json_value_t value = th_lua_json_to_value(L, 1);
    if (!value.document) return 1;
    uint64_t words = th_tape_after(th_tape(value.document)[value.index], value.index) - value.index;
    th_lua_account_work(L, (size_t)words * 5);
    th_lua_mark_push(L, TH_LUA_ARRAY);
    push_copy(L, value, 2);
    return 1;
}

static int json_encode(lua_State *L) {
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    th_buffer_t *buffer = th_lua_buffer_new(L, TH_LUA_JSON_ENCODE_MAX);
    th_json_writer_t writer;
    th_error_t error;
    th_json_writer_init(&writer, buffer, 0);
    if (!th_lua_json_write(L, 1, &writer, &error) || !th_json_writer_finish(&writer, &error)) {
        th_buffer_reset(buffer);
        return luaL_error(L, "json.encode: %s", error.message);
    }
    size_t length = buffer->length;
    lua_pushlstring(L, buffer->data, length);
    th_buffer_reset(buffer);
    th_lua_account_work(L, length / 8);
    return 1;
}

static int json_decode(lua_State *L) {
    th_json_parser_t *parser = lua_touserdata(L, lua_upvalueindex(1));
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    th_json_limits_t limits = th_json_limits_request;
    limits.refuse_duplicates = false;
    th_lua_account_work(L, length / 16);
    th_error_t error;
    if (th_lua_view_parse(L, parser, th_slice(text, length), &limits, &error)) return 1;
    lua_pushnil(L);
    lua_pushstring(L, error.message);
    return 2;
}

/* A metatable that says nothing but which kind the table is. */
static void open_mark(lua_State *L, const char *name, const void *key) {
    lua_createtable(L, 0, 2);
    lua_pushstring(L, name);
    lua_setfield(L, -2, "__name");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_rawsetp(L, LUA_REGISTRYINDEX, key);
}

int th_lua_json_open(lua_State *L, th_json_parser_t *parser) {
    static const luaL_Reg functions[] = {
        {"array", json_array}, {"object", json_object}, {"is_array", json_is_array},
        {"type", json_type},   {"table", json_table},   {"encode", json_encode},
        {NULL, NULL},
    };
    luaL_checkstack(L, 6, NULL);
    th_lua_view_open(L);
    open_mark(L, "JSON array", &array_key);
    open_mark(L, "JSON object", &object_key);
    lua_createtable(L, 0, 8);
    luaL_setfuncs(L, functions, 0);
    lua_pushlightuserdata(L, parser);
    lua_pushcclosure(L, json_decode, 1);
    lua_setfield(L, -2, "decode");
    lua_pushlightuserdata(L, NULL);
    lua_setfield(L, -2, "null");
    return 1;
}
