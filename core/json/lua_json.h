/* lua_json.h - JSON and Lua, both ways.
 * To Lua a document is a view: a userdata that makes values only for the parts that are touched.
 *   view.key, view[1]   scalars as Lua values, objects and arrays as views; integers stay integers
 *   #view, pairs(view), ipairs(view), tostring(view) (JSON, cut after 64 KB), view == view (by
 * value) JSON null is json.null (the NULL light userdata, as in lua-cjson) absent members are nil;
 * views are read-only (assigning raises) an integer beyond int64 becomes a float (a view handed on
 * stays exact) From Lua a value is written as JSON: views go out without becoming tables; a table
 * made by json.array() or whose keys are exactly 1..n (n >= 1) is an array; an empty table is {}
 * unless made by json.array(); keys of other objects must be strings (integers are refused with a
 * clear error), and are written in sorted order, so that equal tables give equal bytes. Raw access
 * only: no metamethods run. Depth, nodes and bytes are bounded; a cycle is "too_deep". */
#ifndef TH_JSON_LUA_JSON_H
#define TH_JSON_LUA_JSON_H

#include <lua.h>

#include "base/error.h"
#include "json/document.h"
#include "json/writer.h"

/* Most bytes that json.encode makes. json.decode takes what th_json_limits_request allows, but
 * duplicate keys too (the last one wins). */
#define TH_LUA_JSON_ENCODE_MAX (4 << 20)

/* Opens the `json` table on the stack: json.null, json.array([t]), json.object([t]),
 * json.is_array(x), json.type(x), json.table(view) (a deep copy as tables; its arrays are made by
 * json.array()), json.encode(x) (raises what cannot be JSON), json.decode(text) (a view or a
 * scalar; nil and a message). <parser> is borrowed and must outlive the state. Must run once per
 * state, protected. Returns 1. */
int th_lua_json_open(lua_State *L, th_json_parser_t *parser);

/* What a state is made to pay for. Documents are outside Lua's allocator, and no hook runs inside
 * C. */
typedef struct th_lua_json_account {
    /* A document's bytes: positive when the state starts to hold it, negative when the collector
     * released it (the result is ignored then). False refuses: the script sees a memory error after
     * a full collection did not help. Must not call Lua. NULL: not counted. */
    bool (*charge)(void *arg, ptrdiff_t bytes);
    /* Called before or after work of about so many VM instructions; may raise to stop the script.
     * NULL: not counted. */
    void (*work)(lua_State *L, void *arg, size_t instructions);
    void *arg; /* borrowed; must outlive lua_close */
} th_lua_json_account_t;

/* Once, after th_lua_json_open and before documents are pushed. May raise (memory). */
void th_lua_json_set_account(lua_State *L, const th_lua_json_account_t *account);

/* Pushes the value (containers as views holding a reference on the document); absent is nil. May
 * raise (memory). */
void th_lua_json_push(lua_State *L, th_json_value_t value);

/* The value behind a view at <index>, absent if it is no view. It lives as long as the view. Does
 * not raise. Not from a finalizer. */
th_json_value_t th_lua_json_to_value(lua_State *L, int index);

/* Writes the Lua value at <index>; nil is null. False with <error> (path and reason) when it cannot
 * be JSON: "bad_type" (function, coroutine ...), "bad_key" (mixed or other keys, holes),
 * "bad_utf8", "bad_number", "too_deep", "too_large"; the writer has failed then too. May raise
 * (memory). */
bool th_lua_json_write(lua_State *L, int index, th_json_writer_t *writer, th_error_t *error);

#endif
