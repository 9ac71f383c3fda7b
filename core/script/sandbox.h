/* sandbox.h - the world: what a script can see, built from an allow list.
 * Every function here is bounded: by raw lengths, by size caps checked before work, by steps, and
 * by charging what it does in C to the running budget (state.h). The globals of the state are an
 * empty table in front of the world; reading an unknown name and writing any name raise. Library
 * tables are read-only views of hidden tables. Nothing shows an address.
 *
 * Left out on purpose: load, loadstring, loadfile, dofile, require, package, io, os, debug,
 * collectgarbage, warn, rawset on protected tables, string.dump, string.pack/unpack, the whole
 * coroutine library (call.api:all runs things at once), math.randomseed, and the metamethods
 * __gc, __close and __mode. */
#ifndef TH_SCRIPT_SANDBOX_H
#define TH_SCRIPT_SANDBOX_H

#include <lua.h>

#include "json/document.h"

/* Makes the world and installs it as the state's only globals. Raises (memory): run it protected.
 */
void th_sandbox_build(lua_State *L, th_json_parser_t *parser);

/* Each adds its names to the world table at the top of the stack. */
void th_sandbox_open_base(lua_State *L);
void th_sandbox_open_metatable(lua_State *L);
void th_sandbox_open_string(lua_State *L); /* and locks the string metatable */
void th_sandbox_open_table(lua_State *L);
void th_sandbox_open_math(lua_State *L);
void th_sandbox_open_utf8(lua_State *L);
void th_sandbox_open_module(lua_State *L); /* use "name" */

/* Adds functions to the library table on top. */
void th_sandbox_add_pattern(lua_State *L); /* find, match, gmatch, gsub */
void th_sandbox_add_format(lua_State *L);  /* format */
void th_sandbox_add_sort(lua_State *L);    /* sort */

/* Replaces the table on top by a read-only view of it: reads pass through, writes raise with
 * <name>. With <walkable>, # and pairs pass through as well. */
void th_sandbox_protect_table(lua_State *L, const char *name, int walkable);

/* Raises unless the value at <index> is a plain table that scripts may write to. */
void th_sandbox_check_writable(lua_State *L, int index, const char *function);

/* Pushes the text of the value at <index>, as tostring gives it: no addresses. Calls a __tostring
 * without letting it yield. */
const char *th_sandbox_push_text(lua_State *L, int index, size_t *length);

/* Raises when a result of <size> bytes is over th_state_string_max(). */
void th_sandbox_check_size(lua_State *L, const char *function, size_t size);

#endif
