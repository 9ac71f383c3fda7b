/* bind_file.c - files of any bytes, which JSON cannot carry.
 *   call.api:upload(path, params, file)  a POST as multipart/form-data: the members of params.body
 * are its text parts, file = { name =, content = bytes or base64 = text, type =, field = } is the
 * one with the bytes. Gives what call.api:post gives. Sent again only when it cannot have arrived.
 *   call.api:download(path, params)      a GET whose answer is the bytes as they are; or nil, err
 * What is wrong with the file itself (its size, its name, its base64) is an expected failure, since
 * a model wrote it; all else is a fault of the tool's author and raised. */
#include <lauxlib.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "script/script_internal.h"
#include "tallyfy/multipart.h"
#include "json/lua_json.h"

#define UPLOAD "call.api:upload"
enum { PATH = 2, PARAMS = 3, FILE_TABLE = 4 };

typedef struct upload {
    char name[TH_MULTIPART_NAME_MAX + 1];
    th_slice_t field, type;
    th_slice_t content; /* bytes, or base64 */
    bool is_base64;
    const char *fault; /* the member of file that an error is about */
    th_multipart_t form;
} upload_t;

/* The text file.<key>; it stays at its place on the stack, so that it lives. */
static bool text_of_file(lua_State *L, const char *key, th_slice_t *text) {
    lua_pushstring(L, key);
    int type = lua_rawget(L, FILE_TABLE);
    if (type == LUA_TNIL) return false;
    if (type != LUA_TSTRING)
        luaL_error(L, UPLOAD ": file.%s must be a string, not a %s", key, luaL_typename(L, -1));
    text->data = lua_tolstring(L, -1, &text->length);
    return true;
}

static void check_keys(lua_State *L) {
    static const char *const known[] = {"name", "content", "base64", "type", "field"};
    lua_pushnil(L);
    while (lua_next(L, FILE_TABLE)) {
        lua_pop(L, 1);
        const char *key = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "?";
        bool is_known = false;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            is_known = is_known || strcmp(known[i], key) == 0;
        if (!is_known)
            luaL_error(
                L, UPLOAD ": file.%s is unknown; there are name, content, base64, type and field",
                key);
    }
}

/* False with <error>: the name cannot be used. */
static bool read_file(lua_State *L, upload_t *upload, th_error_t *error) {
    th_slice_t name = {NULL, 0};
    luaL_checkstack(L, 10, "no stack");
    check_keys(L);
    if (!text_of_file(L, "name", &name)) luaL_error(L, UPLOAD ": file.name is missing");
    bool plain = text_of_file(L, "content", &upload->content);
    upload->is_base64 = text_of_file(L, "base64", &upload->content);
    if (plain == upload->is_base64)
        luaL_error(L, UPLOAD ": file needs one of content (bytes) and base64");
    upload->type = TH_SLICE("application/octet-stream");
    (void)text_of_file(L, "type", &upload->type);
    upload->field = TH_SLICE("name"); /* as Tallyfy calls the part */
    (void)text_of_file(L, "field", &upload->field);
    upload->fault = "content";
    if (th_multipart_filename(name, upload->name) > 0) return true;
    upload->fault = "name";
    return th_error_set(error, "invalid_value",
                        "The name of the file has nothing in it that a name may have.");
}

/* ---- the body ---- */

/* Adds params.body's members, sorted by nobody: their order does not matter to a form. */
static void add_texts(lua_State *L, upload_t *upload) {
    if (!lua_istable(L, PARAMS)) return;
    lua_pushliteral(L, "body");
    if (lua_rawget(L, PARAMS) == LUA_TNIL) return;
    if (!lua_istable(L, -1))
        luaL_error(L, UPLOAD ": params.body must be a table, not a %s", luaL_typename(L, -1));
    int body = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, body)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            luaL_error(L, UPLOAD ": params.body must have names, not positions");
        th_slice_t name, value;
        name.data = lua_tolstring(L, -2, &name.length);
        if (lua_type(L, -1) != LUA_TSTRING && lua_type(L, -1) != LUA_TNUMBER)
            luaL_error(L, UPLOAD ": params.body.%s is a %s; a part is a string or a number",
                       name.data, luaL_typename(L, -1));
        lua_pushvalue(L, -1); /* so that a number's text is not the table's own */
        value.data = lua_tolstring(L, -1, &value.length);
        th_error_t error = {.code = ""};
        if (!th_multipart_text(&upload->form, name, value, &error))
            luaL_error(L, UPLOAD ": params.body: %s", error.message);
        lua_pop(L, 2);
    }
}

static int variant_of(th_slice_t text) {
    bool url = memchr(text.data, '-', text.length) || memchr(text.data, '_', text.length);
    bool padded = memchr(text.data, '=', text.length) != NULL;
    if (url)
        return padded ? sodium_base64_VARIANT_URLSAFE : sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    return padded ? sodium_base64_VARIANT_ORIGINAL : sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
}

static bool say_size(size_t most, th_error_t *error) {
    return th_error_set(error, "too_large",
                        "The file has more than %zu bytes, the most that can be uploaded here.",
                        most);
}

/* Decodes straight into <body>: a file should not be in memory more often than it must. */
static bool add_base64(th_slice_t text, size_t most, th_buffer_t *body, th_error_t *error) {
    size_t room = text.length / 4 * 3 + 3, length = 0;
    if (room > most + most / 8 + 1024) return say_size(most, error); /* line ends are not counted */
    if (!th_buffer_reserve(body, room)) return say_size(most, error);
    const char *end = NULL;
    int failed = sodium_base642bin((unsigned char *)body->data + body->length, room, text.data,
                                   text.length, " \r\n\t", &length, &end, variant_of(text));
    if (failed || end != text.data + text.length)
        return th_error_set(error, "invalid_value", "The content of the file is no base64.");
    if (length > most) return say_size(most, error);
    body->length += length;
    return true;
}

static bool add_content(const upload_t *upload, size_t most, th_buffer_t *body, th_error_t *error) {
    if (upload->is_base64) return add_base64(upload->content, most, body, error);
    if (upload->content.length > most) return say_size(most, error);
    th_buffer_add_slice(body, upload->content);
    return true;
}

/* The whole body into call->body. Raises misuse; false with <error> when the file is at fault. */
static bool build(lua_State *L, th_call_t *call, upload_t *upload, th_error_t *error) {
    size_t most = (size_t)call->script->worker->settings->tallyfy_upload_bytes;
    if (!read_file(L, upload, error)) return false;
    th_buffer_reset(&call->body);
    call->body.maximum = most + most / 8 + 2048 + TH_MULTIPART_OVERHEAD; /* see add_base64() */
    th_multipart_begin(&upload->form, &call->body);
    add_texts(L, upload);
    if (!th_multipart_file(&upload->form, upload->field, th_slice_of(upload->name), upload->type,
                           error))
        luaL_error(L, UPLOAD ": %s", error->message);
    if (!add_content(upload, most, &call->body, error) || !th_multipart_end(&upload->form, error))
        return false;
    th_state_charge(L, call->body.length / 64);
    return true;
}

/* ---- upload ---- */

static int upload_done(lua_State *L, int status, lua_KContext context) {
    (void)status, (void)context;
    th_call_t *call = th_call_need(L, "call.api");
    th_call_slot_push(L, &call->slots[0]);
    th_call_drop_slots(call);
    return 2;
}

int th_bind_upload(lua_State *L) {
    th_call_t *call = th_bind_api_begin(L, UPLOAD);
    th_api_request_check(L, call, TH_HTTP_POST, UPLOAD);
    if (lua_gettop(L) != FILE_TABLE || !lua_istable(L, FILE_TABLE))
        luaL_error(L, UPLOAD " takes a path, params and a file: { name =, content = }");
    upload_t upload = {.is_base64 = false};
    th_error_t error = {.code = ""};
    th_call_make_slots(L, call, 1);
    th_call_slot_t *slot = &call->slots[0];
    bool built = build(L, call, &upload, &error), started = false;
    if (built) {
        started = th_api_request_start_as(L, call, slot, TH_HTTP_POST, PATH, PARAMS, UPLOAD,
                                          (th_api_form_t){.content_type = upload.form.type});
    } else {
        th_call_slot_fail(slot, error.code, error.message, "");
        if (slot->error)
            (void)snprintf(slot->error->field, sizeof slot->error->field, "%s", upload.fault);
    }
    /* The client has its own copy; the next body is JSON again, under its own ceiling. */
    th_buffer_reset(&call->body);
    call->body.maximum = (size_t)call->script->worker->settings->script_result_bytes;
    lua_settop(L, FILE_TABLE);
    return started ? lua_yieldk(L, 0, 0, upload_done) : upload_done(L, LUA_OK, 0);
}

/* ---- download ---- */

static int download_done(lua_State *L, int status, lua_KContext context) {
    (void)status, (void)context;
    th_call_t *call = th_call_need(L, "call.api");
    th_call_slot_t *slot = &call->slots[0];
    if (slot->error || !slot->used) {
        th_call_slot_push(L, slot);
    } else {
        lua_pushlstring(L, slot->text ? slot->text : "", slot->text_length);
        lua_pushnil(L);
    }
    th_call_drop_slots(call);
    th_state_pace_collector(L);
    return 2;
}

int th_bind_download(lua_State *L) {
    th_call_t *call = th_bind_api_begin(L, "call.api:download");
    if (lua_gettop(L) > PARAMS) luaL_error(L, "call.api:download takes a path and params");
    lua_settop(L, PARAMS);
    th_call_make_slots(L, call, 1);
    if (!th_api_request_start_as(L, call, &call->slots[0], TH_HTTP_GET, PATH, PARAMS,
                                 "call.api:download", (th_api_form_t){.bytes = true}))
        return download_done(L, LUA_OK, 0);
    return lua_yieldk(L, 0, 0, download_done);
}
