/* script.c - the practice organisation's Lua state: its libraries, its modules, and the one call
 * into it. The state is trusted (its files are ours), so it has no budgets besides a memory cap; it
 * still gets no files, processes or loaders, because nothing in it needs them. Every entry is one
 * protected call, so that nothing can raise outside. */
#include "practice/practice_internal.h"

#include <ctype.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "script/library.h"
#include "json/lua_json.h"

#define MEMORY_MAX ((size_t)1 << 30)
#define MODULE_BYTES ((size_t)1 << 20) /* the largest file of script.library */

struct th_practice_script {
    lua_State *state;
    const th_settings_t *settings;
    th_json_parser_t *parser;
    th_practice_outbox_t *outbox;
    size_t used; /* bytes allocated by the state */
    int service; /* registry reference: the table that practice.service makes */
};

/* What one protected call is about; a light userdata on the stack. */
typedef struct call {
    th_practice_script_t *script;
    const th_http_request_t *request;
    th_practice_reply_t *reply;
    th_practice_credential_t *credentials;
    size_t *count;
} call_t;

static void *allocate(void *arg, void *block, size_t old_size, size_t new_size) {
    th_practice_script_t *script = arg;
    size_t had = block ? old_size : 0; /* without a block, old_size is a type tag */
    if (new_size == 0) {
        free(block);
        script->used -= had;
        return NULL;
    }
    if (new_size > had && new_size - had > MEMORY_MAX - script->used) return NULL;
    void *moved = realloc(block, new_size);
    if (moved) script->used += new_size - had;
    return moved;
}

/* --- modules
 * --------------------------------------------------------------------------------------- */

/* "practice.engine.launch" as "practice/engine/launch.lua"; false for anything but lower-case
 * words. */
static bool file_name(const char *module, char *out, size_t size) {
    size_t length = strlen(module);
    if (length == 0 || length + sizeof ".lua" > size) return false;
    for (size_t i = 0; i < length; i++) {
        char byte = module[i];
        bool word = islower((unsigned char)byte) || isdigit((unsigned char)byte) || byte == '_';
        bool dot = byte == '.' && i > 0 && i + 1 < length && module[i - 1] != '.';
        if (!word && !dot) return false;
        out[i] = dot ? '/' : byte;
    }
    memcpy(out + length, ".lua", sizeof ".lua");
    return true;
}

/* Reads a file of the library directory; false when it cannot be read whole. */
static bool read_file(const char *directory, const char *name, th_buffer_t *text) {
    char path[TH_SETTING_TEXT_SIZE + 128];
    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "re");
    if (!file) return false;
    char block[4096];
    size_t length;
    while ((length = fread(block, 1, sizeof block, file)) > 0)
        (void)th_buffer_add(text, block, length);
    bool whole = !ferror(file) && !text->failed;
    (void)fclose(file);
    return whole;
}

/* Loads the text of a module from the library directory, or from the built-in files. Pushes the
 * chunk or an error text. */
static int load_module(lua_State *L, const th_practice_script_t *script, const char *name) {
    char chunk[160];
    (void)snprintf(chunk, sizeof chunk, "@lua/%s", name);
    if (script->settings->script_library[0]) {
        th_buffer_t text;
        th_buffer_init(&text, MODULE_BYTES);
        int status = LUA_ERRFILE;
        if (read_file(script->settings->script_library, name, &text))
            status = luaL_loadbufferx(L, text.data, text.length, chunk, "t");
        else
            lua_pushfstring(L, "cannot read %s/%s", script->settings->script_library, name);
        th_buffer_reset(&text);
        return status;
    }
    const th_library_file_t *file = th_library_find(name);
    if (file) return luaL_loadbufferx(L, file->text.data, file->text.length, chunk, "t");
    lua_pushfstring(L, "no built-in file lua/%s", name);
    return LUA_ERRFILE;
}

/* The one searcher of require(). */
static int search_module(lua_State *L) {
    const th_practice_script_t *script = lua_touserdata(L, lua_upvalueindex(1));
    const char *module = luaL_checkstring(L, 1);
    char name[128];
    if (!file_name(module, name, sizeof name)) {
        lua_pushfstring(L, "'%s' is no module name", module);
        return 1;
    }
    if (load_module(L, script, name) != LUA_OK) {
        if (th_library_find(name) || script->settings->script_library[0])
            return luaL_error(L, "%s", lua_tostring(L, -1));
        return 1; /* the reason, which require() adds to its message */
    }
    lua_pushstring(L, name);
    return 2;
}

/* --- opening
 * --------------------------------------------------------------------------------------- */

static int seconds_now(lua_State *L) {
    lua_pushinteger(L, (lua_Integer)(th_clock_wall_ms() / 1000));
    return 1;
}

static void open_libraries(lua_State *L) {
    static const luaL_Reg libraries[] = {
        {LUA_GNAME, luaopen_base},        {LUA_LOADLIBNAME, luaopen_package},
        {LUA_STRLIBNAME, luaopen_string}, {LUA_TABLIBNAME, luaopen_table},
        {LUA_MATHLIBNAME, luaopen_math},  {LUA_UTF8LIBNAME, luaopen_utf8},
    };
    static const char *const removed[] = {"dofile", "loadfile", "load", "print", "package"};
    for (size_t i = 0; i < sizeof libraries / sizeof libraries[0]; i++) {
        luaL_requiref(L, libraries[i].name, libraries[i].func, 1);
        lua_pop(L, 1);
    }
    for (size_t i = 0; i < sizeof removed / sizeof removed[0]; i++) {
        lua_pushnil(L);
        lua_setglobal(L, removed[i]);
    }
}

/* require() finds our files and nothing else. */
static void open_modules(lua_State *L, th_practice_script_t *script) {
    lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    th_lua_json_open(L, script->parser);
    lua_setfield(L, -2, "json");
    lua_getfield(L, -1, LUA_LOADLIBNAME); /* loaded, package */
    lua_createtable(L, 1, 0);
    lua_pushlightuserdata(L, script);
    lua_pushcclosure(L, search_module, 1);
    lua_rawseti(L, -2, 1);
    lua_setfield(L, -2, "searchers");
    lua_pushnil(L);
    lua_setfield(L, -2, "loadlib");
    lua_pop(L, 2);
}

/* require("practice.service").new { seed = , scale = , now = , deliver = } */
static void open_service(lua_State *L, th_practice_script_t *script) {
    lua_getglobal(L, "require");
    lua_pushstring(L, "practice.service");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "new");
    lua_createtable(L, 0, 2);
    lua_pushinteger(L, (lua_Integer)script->settings->practice_seed);
    lua_setfield(L, -2, "seed");
    lua_pushstring(L, script->settings->practice_scale == TH_PRACTICE_LARGE ? "large" : "small");
    lua_setfield(L, -2, "scale");
    lua_pushcfunction(L, seconds_now);
    lua_setfield(L, -2, "now");
    lua_pushlightuserdata(L, script->outbox);
    lua_pushcclosure(L, th_practice_lua_deliver, 1);
    lua_setfield(L, -2, "deliver");
    lua_call(L, 1, 1);
    script->service = luaL_ref(L, LUA_REGISTRYINDEX);
}

static int protected_open(lua_State *L) {
    call_t *call = lua_touserdata(L, 1);
    open_libraries(L);
    open_modules(L, call->script);
    open_service(L, call->script);
    return 0;
}

static int with_traceback(lua_State *L) {
    const char *message = lua_tostring(L, 1);
    luaL_traceback(L, L, message ? message : "an error that is no text", 1);
    return 1;
}

/* The one door into Lua. */
static bool run(lua_CFunction function, call_t *call, th_error_t *error) {
    lua_State *L = call->script->state;
    lua_settop(L, 0);
    lua_pushcfunction(L, with_traceback);
    lua_pushcfunction(L, function);
    lua_pushlightuserdata(L, call);
    int status = lua_pcall(L, 1, 0, 1);
    if (status == LUA_OK) return true;
    const char *message = lua_tostring(L, -1);
    th_error_set(error, status == LUA_ERRMEM ? "no_memory" : "practice_script", "%s",
                 message ? message : "no message");
    lua_settop(L, 0);
    return false;
}

th_practice_script_t *th_practice_script_open(const th_settings_t *settings,
                                              th_json_parser_t *parser,
                                              th_practice_outbox_t *outbox, th_error_t *error) {
    th_practice_script_t *script = calloc(1, sizeof *script);
    if (script) {
        script->settings = settings;
        script->parser = parser;
        script->outbox = outbox;
        script->state = lua_newstate(allocate, script);
    }
    if (!script || !script->state) {
        th_error_set(error, "no_memory", "no memory for the practice organisation");
        free(script);
        return NULL;
    }
    call_t call = {.script = script};
    if (run(protected_open, &call, error)) return script;
    th_practice_script_close(script);
    return NULL;
}

void th_practice_script_close(th_practice_script_t *script) {
    if (!script) return;
    lua_close(script->state);
    free(script);
}

/* --- credentials
 * ------------------------------------------------------------------------------------- */

/* Copies a text field of the table on top; raises when it is none or too long. */
static void copy_field(lua_State *L, const char *name, char *out, size_t size) {
    size_t length;
    lua_getfield(L, -1, name);
    const char *text = lua_tolstring(L, -1, &length);
    if (text && length < size)
        memcpy(out, text, length + 1);
    else
        luaL_error(L, "%s is no text of under %d bytes", name, (int)size);
    lua_pop(L, 1);
}

static int protected_credentials(lua_State *L) {
    call_t *call = lua_touserdata(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, call->script->service);
    lua_getfield(L, -1, "credentials");
    lua_pushvalue(L, -2);
    lua_call(L, 1, 1);
    size_t most = *call->count;
    *call->count = 0;
    for (size_t i = 0; i < most && lua_rawgeti(L, -1, (lua_Integer)i + 1) == LUA_TTABLE; i++) {
        th_practice_credential_t *out = &call->credentials[i];
        copy_field(L, "name", out->name, sizeof out->name);
        copy_field(L, "role", out->role, sizeof out->role);
        copy_field(L, "api_key", out->api_key, sizeof out->api_key);
        copy_field(L, "org_id", out->org_id, sizeof out->org_id);
        copy_field(L, "org_name", out->org_name, sizeof out->org_name);
        lua_pop(L, 1);
        *call->count = i + 1;
    }
    return 0;
}

bool th_practice_script_credentials(th_practice_script_t *script, th_practice_credential_t *out,
                                    size_t *count, th_error_t *error) {
    call_t call = {.script = script, .credentials = out, .count = count};
    return run(protected_credentials, &call, error);
}

/* --- one request
 * --------------------------------------------------------------------------------------- */

static void set_slice(lua_State *L, const char *name, th_slice_t value) {
    lua_pushlstring(L, value.length ? value.data : "", value.length);
    lua_setfield(L, -2, name);
}

/* Lower-case names; of several headers of one name the first counts. */
static void push_headers(lua_State *L, const th_http_request_t *request) {
    lua_createtable(L, 0, (int)request->header_count);
    for (size_t i = request->header_count; i-- > 0;) {
        luaL_Buffer name;
        const th_http_header_t *header = &request->headers[i];
        char *text = luaL_buffinitsize(L, &name, header->name.length);
        for (size_t k = 0; k < header->name.length; k++)
            text[k] = (char)tolower((unsigned char)header->name.data[k]);
        luaL_pushresultsize(&name, header->name.length);
        lua_pushlstring(L, header->value.length ? header->value.data : "", header->value.length);
        lua_rawset(L, -3);
    }
}

static void push_request(lua_State *L, const th_http_request_t *request) {
    lua_createtable(L, 0, 5);
    lua_pushstring(L, th_http_method_name(request->method));
    lua_setfield(L, -2, "method");
    set_slice(L, "path", request->path);
    set_slice(L, "query", request->query);
    set_slice(L, "body", request->body);
    push_headers(L, request);
    lua_setfield(L, -2, "headers");
}

static int64_t whole_field(lua_State *L, const char *name, int64_t maximum) {
    lua_getfield(L, -1, name);
    lua_Integer number = luaL_optinteger(L, -1, 0);
    lua_pop(L, 1);
    if (number < 0 || number > maximum) luaL_error(L, "%s is out of range", name);
    return number;
}

static void read_headers(lua_State *L, th_practice_reply_t *reply) {
    if (lua_getfield(L, -1, "headers") == LUA_TTABLE) {
        lua_pushnil(L);
        while (lua_next(L, -2)) {
            if (reply->header_count == TH_PRACTICE_HEADERS) luaL_error(L, "too many headers");
            th_practice_header_t *header = &reply->headers[reply->header_count++];
            (void)snprintf(header->name, sizeof header->name, "%s", luaL_checkstring(L, -2));
            (void)snprintf(header->value, sizeof header->value, "%s", luaL_checkstring(L, -1));
            lua_pop(L, 1);
        }
    }
    lua_pop(L, 1);
}

/* body is written as JSON; text goes out as it is. */
static void read_body(lua_State *L, th_practice_reply_t *reply) {
    if (lua_getfield(L, -1, "body") != LUA_TNIL) {
        th_json_writer_t writer;
        th_error_t error;
        th_json_writer_init(&writer, &reply->body, 0);
        if (!th_lua_json_write(L, -1, &writer, &error) || !th_json_writer_finish(&writer, &error))
            luaL_error(L, "the answer cannot be written: %s", error.message);
        (void)snprintf(reply->content_type, sizeof reply->content_type, "application/json");
    }
    lua_pop(L, 1);
    size_t length;
    lua_getfield(L, -1, "text");
    const char *text = lua_tolstring(L, -1, &length);
    if (text && !th_buffer_add(&reply->body, text, length))
        luaL_error(L, "the answer is too large");
    lua_pop(L, 1);
    if (text) copy_field(L, "content_type", reply->content_type, sizeof reply->content_type);
}

static void read_delivery(lua_State *L, th_practice_reply_t *reply) {
    static const char *const words[] = {"whole", "hang", "cut", "drip", "huge", NULL};
    lua_getfield(L, -1, "delivery");
    reply->delivery = (th_practice_delivery_t)luaL_checkoption(L, -1, "whole", words);
    lua_pop(L, 1);
    reply->delay = (uint64_t)whole_field(L, "delay", 600000);
    reply->pause = (uint64_t)whole_field(L, "pause", 600000);
    reply->bytes = (size_t)whole_field(L, "bytes", (int64_t)TH_PRACTICE_HUGE_BYTES);
    if (reply->delivery == TH_PRACTICE_HUGE)
        (void)snprintf(reply->content_type, sizeof reply->content_type, "application/json");
}

static int protected_handle(lua_State *L) {
    call_t *call = lua_touserdata(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, call->script->service);
    lua_getfield(L, -1, "handle");
    lua_pushvalue(L, -2);
    push_request(L, call->request);
    lua_call(L, 2, 1);
    luaL_checktype(L, -1, LUA_TTABLE);
    call->reply->status = (int)whole_field(L, "status", 599);
    read_headers(L, call->reply);
    read_body(L, call->reply);
    read_delivery(L, call->reply);
    return 0;
}

bool th_practice_script_handle(th_practice_script_t *script, const th_http_request_t *request,
                               th_practice_reply_t *reply, th_error_t *error) {
    call_t call = {.script = script, .request = request, .reply = reply};
    return run(protected_handle, &call, error);
}
