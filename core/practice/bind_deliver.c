/* bind_deliver.c - deliver(url, headers, body): how the practice organisation's script sends a
 * webhook. The outbox is the function's upvalue, a light userdata; all it takes is copied. */
#include <lauxlib.h>
#include <lua.h>

#include "practice/practice_internal.h"

/* "Name: value" of each pair of the table at <index>, pushed onto the stack. Raises on anything but
 * texts, and on too many. */
static size_t push_header_lines(lua_State *L, int index, th_slice_t *lines) {
    size_t count = 0;
    lua_pushnil(L);
    while (lua_next(L, index)) {
        if (count == TH_PRACTICE_WEBHOOK_HEADERS) luaL_error(L, "too many headers");
        luaL_checktype(L, -2, LUA_TSTRING);
        const char *line =
            lua_pushfstring(L, "%s: %s", lua_tostring(L, -2), luaL_checkstring(L, -1));
        lines[count++] = th_slice_of(line);
        lua_insert(L, index + 1); /* the line stays alive below the pair */
        lua_pop(L, 1);            /* the value; the key goes on */
    }
    return count;
}

/* deliver(url, headers, body): queues a webhook. Returns true, or nil and why it is not sent; what
 * becomes of it afterwards nobody is told, as with the real service. */
int th_practice_lua_deliver(lua_State *L) {
    th_practice_outbox_t *outbox = lua_touserdata(L, lua_upvalueindex(1));
    th_slice_t url, body, lines[TH_PRACTICE_WEBHOOK_HEADERS];
    th_error_t error;
    url.data = luaL_checklstring(L, 1, &url.length);
    luaL_checktype(L, 2, LUA_TTABLE);
    body.data = luaL_checklstring(L, 3, &body.length);
    luaL_checkstack(L, TH_PRACTICE_WEBHOOK_HEADERS + 4, "headers");
    lua_settop(L, 3);
    size_t count = push_header_lines(L, 2, lines);
    if (!th_practice_outbox_add(outbox, url, lines, count, body, &error)) {
        th_log(outbox->worker->log, TH_LOG_WARNING, "practice", "a webhook was not sent: %s",
               error.message);
        lua_pushnil(L);
        lua_pushstring(L, error.message);
        return 2;
    }
    lua_pushboolean(L, 1);
    return 1;
}
