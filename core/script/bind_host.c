/* bind_host.c - call.host: what this host has, as the person who asks may use it.
 *   call.host.name, call.host.version
 *   call.host.tools(), .resources(), .prompts()   lists of { name, title, about, domain, effect,
 *                                                 uri? }, in name order
 *   call.host.tool(name)                          one of them, with input, output (JSON Schemas as
 *                                                 text) and hints; or nil
 *   call.host.limits()                            { requests, call_seconds, calls_at_once, ... }
 * Read-only; the policy is the one that guards the calls themselves. */
#include <lauxlib.h>

#include "script/sandbox.h"
#include "script/script_internal.h"

static bool may_use(const th_call_t *call, const th_item_t *item) {
    return !call->client || !call->client->allows || call->client->allows(call->arg, item);
}

static void set_text(lua_State *L, const char *name, const char *text) {
    lua_pushstring(L, text);
    lua_setfield(L, -2, name);
}

static void push_item(lua_State *L, const th_item_t *item) {
    static const char *const effects[] = {"read", "add", "change", "remove"};
    lua_createtable(L, 0, 6);
    set_text(L, "name", item->name);
    set_text(L, "title", item->title);
    set_text(L, "about", item->description);
    set_text(L, "domain", item->domain);
    set_text(L, "effect", effects[item->effect]);
    if (item->kind == TH_ITEM_RESOURCE) set_text(L, "uri", item->uri);
}

/* As text, not as a view: schemas are shared by all workers, and views count their documents. The
 * buffer is the call's, since Lua may raise. */
static void set_schema(lua_State *L, th_call_t *call, const char *name, th_json_value_t schema) {
    if (!th_json_is_object(schema)) return;
    th_json_writer_t writer;
    th_error_t error = {.code = ""};
    th_buffer_clear(&call->body);
    th_json_writer_init(&writer, &call->body, 0);
    th_json_write_value(&writer, schema);
    if (!th_json_writer_finish(&writer, &error)) luaL_error(L, "call.host.tool: %s", error.message);
    th_slice_t text = th_buffer_slice(&call->body);
    lua_pushlstring(L, text.data, text.length);
    lua_setfield(L, -2, name);
}

static void set_flag(lua_State *L, const char *name, bool flag) {
    lua_pushboolean(L, flag);
    lua_setfield(L, -2, name);
}

static int host_tool(lua_State *L) {
    th_call_t *call = th_call_need(L, "call.host");
    th_slice_t name;
    name.data = luaL_checklstring(L, 1, &name.length);
    const th_item_t *tool = th_catalogue_find(call->catalogue, name);
    if (!tool || !may_use(call, tool)) {
        lua_pushnil(L);
        return 1;
    }
    push_item(L, tool);
    set_schema(L, call, "input", tool->input_schema);
    set_schema(L, call, "output", tool->output_schema);
    set_flag(L, "read_only", tool->read_only);
    set_flag(L, "destructive", tool->destructive);
    set_flag(L, "idempotent", tool->idempotent);
    return 1;
}

typedef const th_item_t *(*item_at_t)(const th_catalogue_t *catalogue, size_t index);

static int push_items(lua_State *L, item_at_t item_at) {
    const th_call_t *call = th_call_need(L, "call.host");
    lua_newtable(L);
    lua_Integer count = 0;
    const th_item_t *item;
    for (size_t i = 0; (item = item_at(call->catalogue, i)) != NULL; i++) {
        if (!may_use(call, item)) continue;
        push_item(L, item);
        lua_rawseti(L, -2, ++count);
    }
    return 1;
}

static int host_tools(lua_State *L) {
    return push_items(L, th_catalogue_tool);
}

static int host_resources(lua_State *L) {
    return push_items(L, th_catalogue_resource);
}

static int host_prompts(lua_State *L) {
    return push_items(L, th_catalogue_prompt);
}

static void set_whole(lua_State *L, const char *name, int64_t number) {
    lua_pushinteger(L, number);
    lua_setfield(L, -2, name);
}

static int host_limits(lua_State *L) {
    const th_settings_t *settings = th_call_need(L, "call.host")->script->worker->settings;
    lua_createtable(L, 0, 6);
    set_whole(L, "requests", settings->script_requests);
    set_whole(L, "call_seconds", settings->script_call_timeout / 1000);
    set_whole(L, "result_kilobytes", settings->script_result_bytes / 1024);
    set_whole(L, "answer_bytes", settings->script_answer_bytes);
    set_whole(L, "calls_at_once", settings->session_calls);
    set_whole(L, "calls_waiting", settings->session_queue);
    set_whole(L, "session_idle_minutes", settings->session_idle / 60000);
    return 1;
}

void th_bind_host_push(lua_State *L) {
    static const luaL_Reg functions[] = {{"tools", host_tools},         {"tool", host_tool},
                                         {"resources", host_resources}, {"prompts", host_prompts},
                                         {"limits", host_limits},       {NULL, NULL}};
    lua_createtable(L, 0, 6);
    luaL_setfuncs(L, functions, 0);
    set_text(L, "name", "tallyhost");
    set_text(L, "version", TH_VERSION);
    th_sandbox_protect_table(L, "call.host", 0);
}
