/* bind_api.c - call.api: requests to the Tallyfy API, as the person, in the person's organisation.
 *   local data, whole = call.api:get("/organizations/{org}/tasks/{id}", { id =, query = {}, body =
 * {} }) get post put patch delete: data without its envelope and the whole answer; true for an
 * empty one; nil, err when it failed (err.code, message, field, hint, status ...) all { {"get",
 * path, params}, ... }: at once; a list of { value =, whole =, error = } in order pages(path,
 * params, { max =, per_page = }): items, nil, complete; or nil, err; upload and download are in
 * bind_file.c, raw is in bind_raw.c. Each waits by yielding: start,
 * continue, and th_call_drop_slots() as the one way to cancel. */
#include <lauxlib.h>
#include <string.h>

#include "script/sandbox.h"
#include "script/script_internal.h"
#include "json/lua_json.h"

static const char api_key = 0;

/* Checks the receiver and that waiting is possible here. */
th_call_t *th_bind_api_begin(lua_State *L, const char *function) {
    th_call_t *call = th_call_need(L, "call.api");
    lua_rawgetp(L, LUA_REGISTRYINDEX, &api_key);
    if (!lua_rawequal(L, 1, -1)) luaL_error(L, "%s must be called with a colon", function);
    lua_pop(L, 1);
    /* A handler of events: nobody's key is behind it (lua/README.md, «A handler»). */
    if (!call->api)
        luaL_error(L,
                   "%s: a handler acts for nobody, so there is no key to ask Tallyfy with; what "
                   "happened is in its first argument",
                   function);
    if (!lua_isyieldable(L)) {
        luaL_error(L,
                   "%s cannot wait here: it is called from inside a metamethod or a module's body",
                   function);
    }
    return call;
}

/* ---- one request ---- */

static int one_done(lua_State *L, int status, lua_KContext context) {
    (void)status, (void)context;
    th_call_t *call = th_call_need(L, "call.api");
    th_call_slot_push(L, &call->slots[0]);
    th_call_drop_slots(call);
    return 2;
}

static int one(lua_State *L, th_http_method_t method, const char *function) {
    th_call_t *call = th_bind_api_begin(L, function);
    if (lua_gettop(L) > 3) luaL_error(L, "%s takes a path and params", function);
    lua_settop(L, 3);
    th_call_make_slots(L, call, 1);
    if (!th_api_request_start(L, call, &call->slots[0], method, 2, 3, function)) {
        return one_done(L, LUA_OK, 0);
    }
    return lua_yieldk(L, 0, 0, one_done);
}

static int api_get(lua_State *L) {
    return one(L, TH_HTTP_GET, "call.api:get");
}

static int api_post(lua_State *L) {
    return one(L, TH_HTTP_POST, "call.api:post");
}

static int api_put(lua_State *L) {
    return one(L, TH_HTTP_PUT, "call.api:put");
}

static int api_patch(lua_State *L) {
    return one(L, TH_HTTP_PATCH, "call.api:patch");
}

static int api_delete(lua_State *L) {
    return one(L, TH_HTTP_DELETE, "call.api:delete");
}

/* ---- several at once ---- */

#define ALL_MAX 1000

static th_http_method_t method_of(lua_State *L, int index, size_t number) {
    static const struct {
        const char *name;
        th_http_method_t method;
    } methods[] = {{"get", TH_HTTP_GET},
                   {"post", TH_HTTP_POST},
                   {"put", TH_HTTP_PUT},
                   {"patch", TH_HTTP_PATCH},
                   {"delete", TH_HTTP_DELETE}};
    const char *name = lua_type(L, index) == LUA_TSTRING ? lua_tostring(L, index) : "";
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (strcmp(methods[i].name, name) == 0) return methods[i].method;
    }
    luaL_error(L,
               "call.api:all: request %d must begin with \"get\", \"post\", \"put\", \"patch\" or "
               "\"delete\"",
               (int)number);
    return TH_HTTP_GET;
}

/* Starts request number <number>, from 1, of the list at 2. */
static void start_listed(lua_State *L, th_call_t *call, size_t number) {
    char function[48];
    (void)snprintf(function, sizeof function, "call.api:all, request %zu", number);
    if (lua_geti(L, 2, (lua_Integer)number) != LUA_TTABLE) {
        luaL_error(L, "%s must be a list { \"get\", path, params }", function);
    }
    int entry = lua_gettop(L);
    lua_rawgeti(L, entry, 1);
    lua_rawgeti(L, entry, 2);
    lua_rawgeti(L, entry, 3);
    th_http_method_t method = method_of(L, entry + 1, number);
    th_api_request_start(L, call, &call->slots[number - 1], method, entry + 2, entry + 3, function);
    lua_settop(L, entry - 1);
}

static int push_all(lua_State *L, th_call_t *call) {
    lua_createtable(L, (int)call->slot_count, 0);
    for (size_t i = 0; i < call->slot_count; i++) {
        lua_createtable(L, 0, 2);
        th_call_slot_push(L, &call->slots[i]);
        bool failed = lua_isnil(L, -2);
        lua_setfield(L, -3, failed ? "error" : "whole");
        lua_setfield(L, -2, "value");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    th_call_drop_slots(call);
    return 1;
}

/* <context> is how many were started. */
static int all_go_on(lua_State *L, int status, lua_KContext context) {
    (void)status;
    th_call_t *call = th_call_need(L, "call.api");
    size_t started = (size_t)context;
    size_t at_once = (size_t)call->script->worker->settings->script_parallel;
    while (started < call->slot_count && call->in_flight < at_once) {
        start_listed(L, call, ++started);
    }
    if (call->in_flight > 0) return lua_yieldk(L, 0, (lua_KContext)started, all_go_on);
    return push_all(L, call);
}

static int api_all(lua_State *L) {
    th_call_t *call = th_bind_api_begin(L, "call.api:all");
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    size_t count = lua_rawlen(L, 2);
    luaL_argcheck(L, count <= ALL_MAX, 2, "too many requests");
    th_call_make_slots(L, call, count);
    return all_go_on(L, LUA_OK, 0);
}

/* ---- walking a list ---- */

/* Stack: api, path, params (own copy), options, items. The context is the page asked for. */
enum { PAGES_PATH = 2, PAGES_PARAMS = 3, PAGES_OPTIONS = 4, PAGES_ITEMS = 5 };
#define PAGES_MAX_ITEMS 10000
#define PAGES_DEFAULT_ITEMS 1000

static lua_Integer option(lua_State *L, const char *name, lua_Integer fallback, lua_Integer most) {
    lua_getfield(L, PAGES_OPTIONS, name);
    lua_Integer value = fallback;
    if (!lua_isnil(L, -1)) {
        if (!lua_isinteger(L, -1) || lua_tointeger(L, -1) < 1 || lua_tointeger(L, -1) > most) {
            luaL_error(L, "call.api:pages: options.%s must be a whole number from 1 to %I", name,
                       most);
        }
        value = lua_tointeger(L, -1);
    }
    lua_pop(L, 1);
    return value;
}

static void check_options(lua_State *L) {
    lua_pushnil(L);
    while (lua_next(L, PAGES_OPTIONS)) {
        lua_pop(L, 1);
        const char *name = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "?";
        if (strcmp(name, "max") != 0 && strcmp(name, "per_page") != 0) {
            luaL_error(L, "call.api:pages: options.%s is unknown; there are max and per_page",
                       name);
        }
    }
}

/* Pushes a shallow copy of the table at <index>, or an empty one. */
static void push_copy(lua_State *L, int index) {
    lua_newtable(L);
    if (!lua_istable(L, index)) return;
    lua_pushnil(L);
    while (lua_next(L, index)) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, -4);
    }
}

static int pages_done(lua_State *L, int status, lua_KContext page);

static int ask_page(lua_State *L, th_call_t *call, lua_Integer page) {
    lua_getfield(L, PAGES_PARAMS, "query");
    lua_pushinteger(L, page);
    lua_setfield(L, -2, "page");
    lua_pop(L, 1);
    th_call_make_slots(L, call, 1);
    if (th_api_request_start(L, call, &call->slots[0], TH_HTTP_GET, PAGES_PATH, PAGES_PARAMS,
                             "call.api:pages")) {
        return lua_yieldk(L, 0, (lua_KContext)page, pages_done);
    }
    return pages_done(L, LUA_OK, (lua_KContext)page);
}

static int pages_finish(lua_State *L, th_call_t *call, bool complete) {
    th_call_drop_slots(call);
    lua_pushvalue(L, PAGES_ITEMS);
    lua_pushnil(L);
    lua_pushboolean(L, complete);
    return 3;
}

/* Is <page> the last one, by what the answer says? Without a word about pages it is. */
static bool is_last(th_json_value_t root, lua_Integer page) {
    th_json_value_t pagination = th_json_member(th_json_member(root, "meta"), "pagination");
    int64_t total = 0;
    return !th_json_integer(th_json_member(pagination, "total_pages"), &total) || page >= total;
}

/* Appends the elements of the view at the top; returns how many there were. Stops at <most> items.
 */
static lua_Integer append_items(lua_State *L, lua_Integer most) {
    lua_Integer have = (lua_Integer)lua_rawlen(L, PAGES_ITEMS);
    lua_Integer count = (lua_Integer)th_json_count(th_lua_json_to_value(L, -1));
    for (lua_Integer i = 1; i <= count && have < most; i++) {
        lua_geti(L, -1, i);
        lua_rawseti(L, PAGES_ITEMS, ++have);
    }
    th_state_charge(L, (uint64_t)count * 50);
    return count;
}

static int pages_done(lua_State *L, int status, lua_KContext context) {
    (void)status;
    th_call_t *call = th_call_need(L, "call.api");
    th_call_slot_t *slot = &call->slots[0];
    lua_Integer page = (lua_Integer)context;
    if (slot->error || !slot->used) {
        bool out_of_requests = slot->error && strcmp(slot->error->code, "too_many_requests") == 0;
        if (out_of_requests && page > 1) return pages_finish(L, call, false);
        th_call_slot_push(L, slot);
        th_call_drop_slots(call);
        return 2;
    }
    th_call_slot_push(L, slot); /* data, whole */
    lua_pop(L, 1);
    if (!th_json_is_array(th_lua_json_to_value(L, -1))) {
        return luaL_error(L, "call.api:pages: the answer of %s is no list; use call.api:get",
                          lua_tostring(L, PAGES_PATH));
    }
    lua_Integer most = option(L, "max", PAGES_DEFAULT_ITEMS, PAGES_MAX_ITEMS);
    lua_Integer before = (lua_Integer)lua_rawlen(L, PAGES_ITEMS);
    lua_Integer count = append_items(L, most);
    bool last = count == 0 || is_last(th_json_root(slot->document), page);
    bool cut = before + count > most;
    lua_settop(L, PAGES_ITEMS);
    if (last || cut || before + count >= most) return pages_finish(L, call, last && !cut);
    return ask_page(L, call, page + 1);
}

static int api_pages(lua_State *L) {
    th_call_t *call = th_bind_api_begin(L, "call.api:pages");
    luaL_argcheck(L, lua_isnoneornil(L, 3) || lua_istable(L, 3), 3, "params must be a table");
    luaL_argcheck(L, lua_isnoneornil(L, 4) || lua_istable(L, 4), 4, "options must be a table");
    lua_settop(L, 4);
    push_copy(L, 3);
    lua_replace(L, 3);
    push_copy(L, 4);
    lua_replace(L, 4);
    check_options(L);
    if (lua_getfield(L, PAGES_PARAMS, "query") != LUA_TNIL && !lua_istable(L, -1)) {
        return luaL_error(L, "call.api:pages: params.query must be a table");
    }
    push_copy(L, lua_gettop(L));
    lua_Integer per_page = option(L, "per_page", 0, 1000);
    if (per_page) {
        lua_pushinteger(L, per_page);
        lua_setfield(L, -2, "per_page");
    }
    lua_setfield(L, PAGES_PARAMS, "query");
    lua_settop(L, 4);
    th_state_push_world(L); /* json.array(): no items must be [] and not {} */
    lua_getfield(L, -1, "json");
    lua_getfield(L, -1, "array");
    lua_call(L, 0, 1);
    lua_replace(L, PAGES_ITEMS);
    lua_settop(L, PAGES_ITEMS);
    return ask_page(L, call, 1);
}

static const luaL_Reg api_functions[] = {
    {"get", api_get},
    {"post", api_post},
    {"put", api_put},
    {"patch", api_patch},
    {"delete", api_delete},
    {"all", api_all},
    {"pages", api_pages},
    {"raw", th_bind_raw},
    {"upload", th_bind_upload},
    {"download", th_bind_download},
    {NULL, NULL},
};

void th_bind_api_push(lua_State *L) {
    lua_createtable(L, 0, 10);
    luaL_setfuncs(L, api_functions, 0);
    th_sandbox_protect_table(L, "call.api", 0);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &api_key);
}
