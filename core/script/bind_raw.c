/* bind_raw.c - call.api:raw(method, path, { query =, body = }): a request by a path that a model
 * wrote. Gives data, whole answer, status; or nil, err. The path is matched against the documented
 * routes (tallyfy/routes.h), the policy is asked about the route, and every request that was sent
 * leaves a line in the log, group "audit". */
#include <inttypes.h>
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "script/script_internal.h"
#include "tallyfy/routes.h"

void th_call_slot_audit(const th_call_slot_t *slot, const char *outcome) {
    if (!slot->audit) return;
    const th_call_t *call = slot->call;
    th_log(call->script->worker->log, slot->method == TH_HTTP_GET ? TH_LOG_INFO : TH_LOG_NOTICE,
           "audit",
           "tool=%s method=%s path=%s outcome=%s status=%d org=%s user=%" PRId64
           " destructive=%s call=%s",
           call->tool->name, th_http_method_name(slot->method), slot->audit, outcome, slot->status,
           call->person.org_id, call->person.user_id, slot->method == TH_HTTP_DELETE ? "yes" : "no",
           call->id);
}

static bool read_method(lua_State *L, th_http_method_t *method) {
    static const th_http_method_t methods[] = {TH_HTTP_GET, TH_HTTP_POST, TH_HTTP_PUT,
                                               TH_HTTP_PATCH, TH_HTTP_DELETE};
    const char *name = luaL_checkstring(L, 2);
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        *method = methods[i];
        if (strcmp(name, th_http_method_name(*method)) == 0) return true;
    }
    return false;
}

static th_effect_t effect_of(th_http_method_t method) {
    switch (method) {
    case TH_HTTP_GET: return TH_EFFECT_READ;
    case TH_HTTP_POST: return TH_EFFECT_ADD;
    case TH_HTTP_DELETE: return TH_EFFECT_REMOVE;
    default: return TH_EFFECT_CHANGE;
    }
}

static bool is_allowed(const th_call_t *call, const th_route_t *route, th_http_method_t method,
                       th_error_t *error) {
    return !call->client || !call->client->allows_route ||
           call->client->allows_route(call->arg, route->domain, effect_of(method), error);
}

/* Replaces the params at 4 by { query =, body =, <placeholder> = ... } and the path at 3 by the
 * route's template. Nothing but those two is taken over from the script. */
static void plan(lua_State *L, const th_raw_path_t *raw) {
    static const char *const kept[] = {"query", "body"};
    lua_newtable(L);
    for (size_t i = 0; i < sizeof kept / sizeof kept[0] && lua_istable(L, 4); i++) {
        lua_getfield(L, 4, kept[i]);
        lua_setfield(L, -2, kept[i]);
    }
    for (size_t i = 0; i < raw->value_count; i++) {
        lua_pushlstring(L, raw->values[i].name.data, raw->values[i].name.length);
        lua_pushlstring(L, raw->values[i].value.data, raw->values[i].value.length);
        lua_rawset(L, -3);
    }
    lua_replace(L, 4);
    lua_pushstring(L, raw->route->path);
    lua_replace(L, 3);
}

/* What the log shows of the path: the template with the values, without a query. */
static char *path_for_audit(const th_raw_path_t *raw, const th_call_t *call) {
    th_buffer_t out;
    th_error_t error = {.code = ""};
    size_t length;
    th_buffer_init(&out, (size_t)8 * TH_RAW_PATH_MAX);
    bool done = th_url_expand(&out, th_slice_of(raw->route->path), th_slice_of(call->person.org_id),
                              raw->values, raw->value_count, &error) &&
                th_buffer_add_byte(&out, '\0');
    char *text = done ? th_buffer_take(&out, &length) : NULL;
    th_buffer_reset(&out);
    return text;
}

static int raw_done(lua_State *L, int status, lua_KContext context) {
    (void)status, (void)context;
    th_call_t *call = th_call_need(L, "call.api");
    int answered = call->slots[0].status;
    th_call_slot_push(L, &call->slots[0]);
    th_call_drop_slots(call);
    lua_pushinteger(L, answered);
    return 3;
}

int th_bind_raw(lua_State *L) {
    th_call_t *call = th_bind_api_begin(L, "call.api:raw");
    th_http_method_t method;
    th_raw_path_t raw;
    th_error_t error = {.code = ""};
    th_slice_t path;
    if (lua_gettop(L) > 4) luaL_error(L, "call.api:raw takes a method, a path and params");
    lua_settop(L, 4);
    if (!read_method(L, &method))
        luaL_error(L, "call.api:raw: the method is GET, POST, PUT, PATCH or DELETE");
    path.data = luaL_checklstring(L, 3, &path.length);
    th_call_make_slots(L, call, 1);
    th_call_slot_t *slot = &call->slots[0];
    if (!th_raw_path_read(&raw, method, path, th_slice_of(call->person.org_id), &error) ||
        !is_allowed(call, raw.route, method, &error)) {
        th_call_slot_fail(slot, error.code, error.message, "");
        return raw_done(L, LUA_OK, 0);
    }
    plan(L, &raw);
    slot->method = method;
    slot->audit = path_for_audit(&raw, call);
    if (!slot->audit) luaL_error(L, "not enough memory");
    if (!th_api_request_start(L, call, slot, method, 3, 4, "call.api:raw"))
        return raw_done(L, LUA_OK, 0);
    return lua_yieldk(L, 0, 0, raw_done);
}
