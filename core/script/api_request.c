/* api_request.c - from the arguments of call.api:get(path, params) to a th_api_request_t.
 * params: a value for each {placeholder} of the path, `query = {...}`, `body = ...`, and nothing
 * else. What is wrong with them is a fault of the tool's author: raised, with the function's and
 * the key's name. Slices of the request point into Lua strings that params or the anchor table
 * hold. */
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "script/script_internal.h"
#include "json/lua_json.h"

#define SEGMENTS_MAX 16
#define QUERY_MAX 64
#define LIST_MAX 100 /* members of a query value that is a list */

typedef struct plan {
    lua_State *L;
    const char *function; /* "call.api:get", for errors */
    int params;           /* stack index of the table, or 0 */
    int anchors;          /* stack index: converted values, so that they live */
    int anchored;
    th_slice_t path;
    th_api_pair_t segments[SEGMENTS_MAX];
    size_t segment_count;
    th_api_pair_t query[QUERY_MAX];
    size_t query_count;
} plan_t;

/* Takes the string at the top into the anchors and returns it. */
static th_slice_t anchor(plan_t *plan) {
    th_slice_t text;
    text.data = lua_tolstring(plan->L, -1, &text.length);
    lua_rawseti(plan->L, plan->anchors, ++plan->anchored);
    return text;
}

/* ---- placeholders ---- */

/* The next {name} behind <*at>; false when there is none. Unbalanced braces are left to the API
 * client. */
static bool next_placeholder(th_slice_t path, size_t *at, th_slice_t *name) {
    const char *open = memchr(path.data + *at, '{', path.length - *at);
    if (!open) return false;
    const char *end = path.data + path.length;
    const char *close = memchr(open, '}', (size_t)(end - open));
    if (!close) return false;
    *name = th_slice(open + 1, (size_t)(close - open - 1));
    *at = (size_t)(close + 1 - path.data);
    return true;
}

static bool is_reserved(th_slice_t name) {
    return th_slice_is(name, "query") || th_slice_is(name, "body");
}

/* Fills one segment from the value at the top, and pops it. */
static void add_segment(plan_t *plan, th_slice_t name) {
    lua_State *L = plan->L;
    lua_pushlstring(L, name.data, name.length);
    lua_insert(L, -2);
    const char *label = lua_tostring(L, -2);
    if (lua_isnil(L, -1)) {
        luaL_error(L, "%s: the path needs \"%s\", and params.%s is nil", plan->function, label,
                   label);
    }
    if (lua_type(L, -1) != LUA_TSTRING && !lua_isinteger(L, -1)) {
        luaL_error(
            L, "%s: params.%s must be a string or an integer, not a %s", plan->function, label,
            lua_type(L, -1) == LUA_TNUMBER ? "number with a fraction" : luaL_typename(L, -1));
    }
    if (plan->segment_count == SEGMENTS_MAX) {
        luaL_error(L, "%s: a path may have %d placeholders", plan->function, SEGMENTS_MAX);
    }
    th_slice_t value = anchor(plan);
    plan->segments[plan->segment_count++] = (th_api_pair_t){name, value};
    lua_pop(L, 1);
}

static void read_segments(plan_t *plan) {
    lua_State *L = plan->L;
    th_slice_t name;
    size_t at = 0;
    while (next_placeholder(plan->path, &at, &name)) {
        if (th_slice_is(name, "org")) continue;
        if (is_reserved(name)) {
            luaL_error(L, "%s: a placeholder cannot be called query or body", plan->function);
        }
        bool known = false;
        for (size_t i = 0; i < plan->segment_count; i++) {
            known = known || th_slice_equal(plan->segments[i].name, name);
        }
        if (known) continue;
        lua_pushlstring(L, name.data, name.length);
        if (plan->params) {
            lua_rawget(L, plan->params);
        } else {
            lua_pop(L, 1);
            lua_pushnil(L);
        }
        add_segment(plan, name);
    }
}

/* Every key of params must mean something. */
static void check_keys(plan_t *plan) {
    lua_State *L = plan->L;
    lua_pushnil(L);
    while (lua_next(L, plan->params)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) != LUA_TSTRING) {
            luaL_error(L, "%s: params must have names, not positions", plan->function);
        }
        th_slice_t key;
        key.data = lua_tolstring(L, -1, &key.length);
        if (th_slice_is(key, "org")) {
            luaL_error(L, "%s: {org} is always the person's own organisation; leave params.org out",
                       plan->function);
        }
        bool known = is_reserved(key);
        for (size_t i = 0; i < plan->segment_count; i++) {
            known = known || th_slice_equal(plan->segments[i].name, key);
        }
        if (!known) {
            luaL_error(L,
                       "%s: params.%s is neither a placeholder of \"%s\" nor query or body; "
                       "did you mean query = { %s = ... }?",
                       plan->function, key.data, plan->path.data, key.data);
        }
    }
}

/* ---- query ---- */

/* Replaces the scalar at the top by its text; false when it is no scalar. */
static bool scalar_to_text(lua_State *L) {
    switch (lua_type(L, -1)) {
    case LUA_TSTRING: return true;
    case LUA_TNUMBER: lua_tostring(L, -1); return true;
    case LUA_TBOOLEAN: {
        const char *text = lua_toboolean(L, -1) ? "true" : "false";
        lua_pop(L, 1);
        lua_pushstring(L, text);
        return true;
    }
    default: return false;
    }
}

/* Replaces the list (table or view) at the top by its members, joined by commas. */
static void list_to_text(plan_t *plan, const char *key) {
    lua_State *L = plan->L;
    int list = lua_gettop(L);
    th_json_value_t view = th_lua_json_to_value(L, list);
    size_t count = view.document ? th_json_count(view) : lua_rawlen(L, list);
    if (count > LIST_MAX) {
        luaL_error(L, "%s: query.%s has more than %d members", plan->function, key, LIST_MAX);
    }
    luaL_checkstack(L, LIST_MAX * 2 + 4, "no stack");
    int parts = 0;
    for (size_t i = 1; i <= count; i++) {
        if (i > 1) lua_pushliteral(L, ",");
        lua_geti(L, list, (lua_Integer)i);
        if (!scalar_to_text(L)) {
            luaL_error(L, "%s: query.%s[%d] is a %s; members must be strings, numbers or booleans",
                       plan->function, key, (int)i, luaL_typename(L, -1));
        }
        parts += i > 1 ? 2 : 1;
    }
    lua_concat(L, parts);
    lua_replace(L, list);
}

/* One entry: key and value are the two topmost; pops the value. */
static void add_query(plan_t *plan) {
    lua_State *L = plan->L;
    if (lua_type(L, -2) != LUA_TSTRING) {
        luaL_error(L, "%s: query must have names, not positions", plan->function);
    }
    th_slice_t key;
    key.data = lua_tolstring(L, -2, &key.length);
    if (lua_islightuserdata(L, -1)) { /* json.null: as if it was not there */
        lua_pop(L, 1);
        return;
    }
    bool is_list = lua_istable(L, -1) || th_json_is_array(th_lua_json_to_value(L, lua_gettop(L)));
    if (is_list) {
        list_to_text(plan, key.data);
    } else if (!scalar_to_text(L)) {
        luaL_error(L,
                   "%s: query.%s is a %s; it must be a string, number, boolean or a list of them",
                   plan->function, key.data, luaL_typename(L, -1));
    }
    if (plan->query_count == QUERY_MAX) {
        luaL_error(L, "%s: a query may have %d names", plan->function, QUERY_MAX);
    }
    plan->query[plan->query_count++] = (th_api_pair_t){key, anchor(plan)};
}

static int compare_pairs(const void *a, const void *b) {
    const th_api_pair_t *x = a, *y = b;
    size_t shorter = x->name.length < y->name.length ? x->name.length : y->name.length;
    int order = memcmp(x->name.data, y->name.data, shorter);
    if (order) return order;
    return (x->name.length > y->name.length) - (x->name.length < y->name.length);
}

/* Sorted by name: equal tables make equal requests. */
static void read_query(plan_t *plan) {
    lua_State *L = plan->L;
    lua_pushliteral(L, "query");
    if (lua_rawget(L, plan->params) == LUA_TNIL) {
        lua_pop(L, 1);
        return;
    }
    if (!lua_istable(L, -1)) {
        luaL_error(L, "%s: params.query must be a table, not a %s", plan->function,
                   luaL_typename(L, -1));
    }
    lua_pushnil(L);
    while (lua_next(L, -2))
        add_query(plan);
    lua_pop(L, 1);
    if (plan->query_count > 1) {
        qsort(plan->query, plan->query_count, sizeof *plan->query, compare_pairs);
    }
}

/* ---- body ---- */

static void read_body(plan_t *plan, th_call_t *call, th_http_method_t method) {
    lua_State *L = plan->L;
    th_buffer_clear(&call->body);
    if (!plan->params) return;
    lua_pushliteral(L, "body");
    if (lua_rawget(L, plan->params) == LUA_TNIL) {
        lua_pop(L, 1);
        return;
    }
    if (method == TH_HTTP_GET) luaL_error(L, "%s: a GET has no body; use query", plan->function);
    if (!lua_istable(L, -1) && !th_lua_json_to_value(L, -1).document) {
        luaL_error(L, "%s: params.body must be a table or a JSON view, not a %s", plan->function,
                   luaL_typename(L, -1));
    }
    th_json_writer_t writer;
    th_error_t error = {.code = ""};
    th_json_writer_init(&writer, &call->body, 0);
    if (!th_lua_json_write(L, lua_gettop(L), &writer, &error) ||
        !th_json_writer_finish(&writer, &error)) {
        luaL_error(L, "%s: params.body cannot be sent: %s", plan->function, error.message);
    }
    lua_pop(L, 1);
}

/* ---- start ---- */

static bool has_budget(th_call_t *call, th_call_slot_t *slot) {
    int64_t most = call->script->worker->settings->script_requests;
    if (call->requests < (uint64_t)most) return true;
    char message[128];
    (void)snprintf(message, sizeof message,
                   "This call has made %lld API requests, the most that one call may make.",
                   (long long)most);
    th_call_slot_fail(slot, "too_many_requests", message, "Ask for less in one call.");
    return false;
}

static bool start(plan_t *plan, th_call_t *call, th_call_slot_t *slot, th_http_method_t method,
                  th_api_form_t form) {
    th_api_request_t request = {.method = method,
                                .path = plan->path,
                                .segments = plan->segments,
                                .segment_count = plan->segment_count,
                                .query = plan->query,
                                .query_count = plan->query_count,
                                .body = {NULL, 0},
                                .content_type = form.content_type,
                                .bytes = form.bytes};
    if (call->body.length) request.body = th_buffer_slice(&call->body);
    th_error_t error = {.code = ""};
    slot->request = th_api_start(call->api, &request, th_call_slot_done, slot, &error);
    if (slot->request) {
        slot->used = true;
        call->written = call->written || method != TH_HTTP_GET;
        call->requests++;
        call->in_flight++;
        return true;
    }
    if (strcmp(error.code, "bad_request") == 0)
        luaL_error(plan->L, "%s: %s", plan->function, error.message);
    th_call_slot_fail(slot, error.code, error.message, "");
    return false;
}

/* What says that it reads, and what shows a person what they are asked about, is run without
 * anybody's yes (session/consent.h), so it can only read: here, where every request of a script
 * passes. */
void th_api_request_check(lua_State *L, const th_call_t *call, th_http_method_t method,
                          const char *function) {
    if (method == TH_HTTP_GET) return;
    if (call->kind == TH_CALL_PREVIEW)
        luaL_error(L, "%s: a preview may only get; it runs before the person has said yes",
                   function);
    if (call->kind == TH_CALL_TOOL && call->tool->effect != TH_EFFECT_READ) return;
    luaL_error(L,
               "%s: a %s with effect \"read\" may only get; say what it does: effect = \"add\", "
               "\"change\" or \"remove\"",
               function, th_item_kind_name(call->tool->kind));
}

bool th_api_request_start(lua_State *L, th_call_t *call, th_call_slot_t *slot,
                          th_http_method_t method, int path, int params, const char *function) {
    return th_api_request_start_as(L, call, slot, method, path, params, function,
                                   (th_api_form_t){.bytes = false});
}

bool th_api_request_start_as(lua_State *L, th_call_t *call, th_call_slot_t *slot,
                             th_http_method_t method, int path, int params, const char *function,
                             th_api_form_t form) {
    th_api_request_check(L, call, method, function);
    int top = lua_gettop(L);
    luaL_checkstack(L, 20, "no stack");
    plan_t plan = {.L = L, .function = function};
    if (lua_type(L, path) != LUA_TSTRING) {
        luaL_error(L, "%s: the path must be a string, not a %s", function, luaL_typename(L, path));
    }
    plan.path.data = lua_tolstring(L, path, &plan.path.length);
    if (!lua_isnoneornil(L, params)) {
        if (!lua_istable(L, params)) {
            luaL_error(L, "%s: params must be a table, not a %s", function,
                       luaL_typename(L, params));
        }
        plan.params = params;
    }
    lua_newtable(L);
    plan.anchors = lua_gettop(L);
    read_segments(&plan);
    if (plan.params) {
        check_keys(&plan);
        read_query(&plan);
    }
    if (!form.content_type) read_body(&plan, call, method);
    bool started = has_budget(call, slot) && start(&plan, call, slot, method, form);
    lua_settop(L, top);
    return started;
}
