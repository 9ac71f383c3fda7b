/* lua_private.h - what the three lua_*.c of this folder share. */
#ifndef TH_JSON_LUA_PRIVATE_H
#define TH_JSON_LUA_PRIVATE_H

#include "base/buffer.h"
#include "json/lua_json.h"

/* Makes the metatables of views and their helpers. May raise. */
void th_lua_view_open(lua_State *L);

/* Parses and pushes; false with <error> and nothing pushed. May raise (memory), without a leak. */
bool th_lua_view_parse(lua_State *L, th_json_parser_t *parser, th_slice_t text,
                       const th_json_limits_t *limits, th_error_t *error);

/* A scalar as Lua value; false and nothing pushed for containers. May raise. */
bool th_lua_push_scalar(lua_State *L, th_json_value_t value);

/* Tells the account. May raise. */
void th_lua_account_work(lua_State *L, size_t instructions);

/* Pushes a userdata that frees its buffer when collected, so that an error raised meanwhile leaks
 * nothing. Reset it when done. May raise. */
th_buffer_t *th_lua_buffer_new(lua_State *L, size_t maximum);

/* Tables marked by json.array() and json.object(): pushes the metatable that is the mark. */
typedef enum th_lua_mark { TH_LUA_UNMARKED, TH_LUA_ARRAY, TH_LUA_OBJECT } th_lua_mark_t;
void th_lua_mark_push(lua_State *L, th_lua_mark_t mark);
/* The mark of the table at <index>. Needs two stack slots; does not raise. */
th_lua_mark_t th_lua_mark_of(lua_State *L, int index);

/* What json.type() says of a table: would it be written as an array? Raw, linear time. */
bool th_lua_is_array(lua_State *L, int index);

#endif
