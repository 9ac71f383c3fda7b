/* script_result.c - what run returned, as the result of the call.
 *   a string                       text
 *   { text =, data =, content = }  each optional, nothing else beside them
 *   any other table, or a view     data
 *   true                           done, nothing to say (what a 204 gives)
 *   nil, err                       expected failure; err is a text or { code, message, field, hint
 * } Anything else is a bug of the tool, and says so. */
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "script/script_internal.h"
#include "json/lua_json.h"
#include "json/text.h"

void th_script_refuse(th_call_t *call, const char *what) {
    char subject[TH_CALL_SUBJECT_SIZE];
    th_call_subject(call, subject);
    th_log(call->script->worker->log, TH_LOG_ERROR, "script", "call=%s %s=%s: its %s %s", call->id,
           th_item_kind_name(call->tool->kind), call->tool->name, th_call_function(call), what);
    th_call_set_failure(call, TH_CALL_BUG, "bug",
                        "The %s failed inside the host (call %s): it %s. This is a fault of the "
                        "%s, not of the request.",
                        subject, call->id, what, th_item_kind_name(call->tool->kind));
}

void th_script_refuse_size(th_call_t *call) {
    long long most = call->script->worker->settings->script_result_bytes;
    th_call_set_failure(
        call, TH_CALL_TOO_LARGE, "too_large",
        "The answer of %s is larger than %lld KB. Ask for less: a narrower filter, fewer "
        "items per page, or one item at a time.",
        call->tool->name, most / 1024);
}

/* ---- success ---- */

static bool take_text(lua_State *L, th_call_t *call, int index) {
    th_slice_t text;
    text.data = lua_tolstring(L, index, &text.length);
    if (!th_json_utf8_valid(text)) {
        th_script_refuse(call, "returned text that is not UTF-8");
        return false;
    }
    if (!th_buffer_add_slice(&call->text, text)) {
        th_script_refuse_size(call);
        return false;
    }
    return true;
}

bool th_script_take_json(lua_State *L, th_call_t *call, int index, th_buffer_t *buffer,
                         const char *name) {
    th_json_writer_t writer;
    th_error_t error = {.code = ""};
    th_json_writer_init(&writer, buffer, 0);
    bool written = th_lua_json_write(L, index, &writer, &error);
    if (written) written = th_json_writer_finish(&writer, &error);
    if (written) return true;
    if (strcmp(error.code, "too_large") == 0) {
        th_script_refuse_size(call);
    } else {
        char what[TH_ERROR_MESSAGE_SIZE + 64];
        (void)snprintf(what, sizeof what, "returned %s that cannot be JSON: %s", name,
                       error.message);
        th_script_refuse(call, what);
    }
    return false;
}

/* Does the table at <index> have one of the three names, and nothing beside them? */
typedef enum table_kind { TABLE_RESULT, TABLE_DATA, TABLE_MIXED } table_kind_t;

static table_kind_t kind_of(lua_State *L, int index) {
    static const char *const names[] = {"text", "data", "content"};
    int known = 0, other = 0;
    lua_pushnil(L);
    while (lua_next(L, index)) {
        bool is_known = false;
        for (size_t i = 0; i < 3 && lua_type(L, -2) == LUA_TSTRING; i++) {
            is_known = is_known || strcmp(lua_tostring(L, -2), names[i]) == 0;
        }
        known += is_known;
        other += !is_known;
        lua_pop(L, 1);
        if (other > 1 && known > 0) break;
    }
    if (known == 0) return TABLE_DATA;
    return other == 0 ? TABLE_RESULT : TABLE_MIXED;
}

static void raw_field(lua_State *L, int index, const char *name) {
    lua_pushstring(L, name);
    lua_rawget(L, index);
}

/* Checks the blocks in <list> and writes them into call->content. */
static bool write_blocks(th_call_t *call, th_json_value_t list, th_error_t *error) {
    th_json_writer_t writer;
    if (!th_json_is_array(list))
        return th_error_set(error, "bad_content", "it is no list of blocks");
    th_json_writer_init(&writer, &call->content, 0);
    th_json_write_array(&writer);
    th_json_iterator_t each = th_json_iterate(list);
    for (unsigned number = 1; th_json_next(&each); number++) {
        char where[32];
        (void)snprintf(where, sizeof where, "content[%u]", number);
        if (!th_block_write(&writer, each.value, where, error)) return false;
    }
    th_json_write_end(&writer);
    return th_json_writer_finish(&writer, error);
}

static void take_blocks(lua_State *L, th_call_t *call, int index) {
    th_error_t error = {.code = ""};
    th_buffer_clear(&call->body);
    if (!th_script_take_json(L, call, index, &call->body, "`content`")) return;
    const th_json_limits_t limits = {
        .bytes = call->body.length, .depth = TH_JSON_WRITER_DEPTH, .nodes = 2000000};
    th_json_document_t *document =
        th_json_parse(call->script->worker->parser, th_buffer_slice(&call->body), &limits, &error);
    bool fine = document && write_blocks(call, th_json_root(document), &error);
    th_json_unref(document);
    if (fine) return;
    if (strcmp(error.code, "too_large") == 0) {
        th_script_refuse_size(call);
        return;
    }
    char what[TH_ERROR_MESSAGE_SIZE + 32];
    (void)snprintf(what, sizeof what, "returned a bad `content`: %s", error.message);
    th_script_refuse(call, what);
}

static void take_result_table(lua_State *L, th_call_t *call, int index) {
    raw_field(L, index, "text");
    if (!lua_isnil(L, -1)) {
        if (lua_type(L, -1) != LUA_TSTRING && lua_type(L, -1) != LUA_TNUMBER) {
            th_script_refuse(call, "returned a `text` that is no text");
            return;
        }
        if (!take_text(L, call, -1)) return;
    }
    raw_field(L, index, "data");
    if (!lua_isnil(L, -1) && !th_script_take_json(L, call, lua_gettop(L), &call->data, "`data`"))
        return;
    raw_field(L, index, "content");
    if (!lua_isnil(L, -1)) take_blocks(L, call, lua_gettop(L));
}

static void take_value(lua_State *L, th_call_t *call, int index) {
    char what[64];
    switch (lua_type(L, index)) {
    case LUA_TSTRING:
    case LUA_TNUMBER: take_text(L, call, index); return;
    case LUA_TBOOLEAN:
        if (lua_toboolean(L, index)) return; /* "Done." */
        th_script_refuse(call, "returned false; a failure is `return nil, err`");
        return;
    case LUA_TTABLE:
        switch (kind_of(L, index)) {
        case TABLE_RESULT: take_result_table(L, call, index); return;
        case TABLE_DATA: th_script_take_json(L, call, index, &call->data, "a table"); return;
        case TABLE_MIXED:
            th_script_refuse(call,
                             "returned a table with other fields beside text, data and content; "
                             "put them into data");
            return;
        }
        return;
    default:
        if (th_lua_json_to_value(L, index).document) {
            th_script_take_json(L, call, index, &call->data, "a view");
            return;
        }
        (void)snprintf(what, sizeof what, "returned a %s",
                       lua_islightuserdata(L, index) ? "null" : luaL_typename(L, index));
        th_script_refuse(call, what);
    }
}

/* ---- failure ---- */

/* A text member of the error at <index> (a table or a view), cut to <size>, which then shows. */
static void copy_member(lua_State *L, int index, const char *name, char *out, size_t size) {
    if (lua_istable(L, index)) {
        raw_field(L, index, name);
    } else {
        lua_getfield(L, index, name);
    }
    if (lua_isstring(L, -1)) {
        size_t length = 0;
        const char *text = lua_tolstring(L, -1, &length);
        if (th_json_utf8_valid(th_slice(text, length))) {
            const char *end = "";
            if (length >= size) {
                end = " ...";
                length = size - 5;
                while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
                    length--;
            }
            memcpy(out, text, length);
            memcpy(out + length, end, strlen(end) + 1);
        }
    }
    lua_pop(L, 1);
}

static bool is_code(const char *code) {
    return *code && code[strspn(code, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

static void take_error(lua_State *L, th_call_t *call, int index) {
    call->outcome = TH_CALL_FAILED;
    if (lua_istable(L, index) || th_lua_json_to_value(L, index).document) {
        copy_member(L, index, "code", call->code, sizeof call->code);
        copy_member(L, index, "message", call->message, sizeof call->message);
        copy_member(L, index, "field", call->field, sizeof call->field);
        copy_member(L, index, "hint", call->hint, sizeof call->hint);
        if (!call->message[0]) {
            th_script_refuse(call, "returned an error without a message");
            return;
        }
    } else if (lua_type(L, index) == LUA_TSTRING) {
        lua_createtable(L, 0, 1);
        lua_pushvalue(L, index);
        lua_setfield(L, -2, "message");
        copy_member(L, lua_gettop(L), "message", call->message, sizeof call->message);
        if (!call->message[0]) {
            th_script_refuse(call, "returned an empty error");
            return;
        }
    } else {
        th_script_refuse(call, lua_isnil(L, index)
                                   ? "returned nothing"
                                   : "returned an error that is neither a text nor a table");
        return;
    }
    if (!is_code(call->code)) (void)snprintf(call->code, sizeof call->code, "failed");
}

/* A tool without anything to say says that it is done. */
static void complete_tool(th_call_t *call) {
    if (call->text.length == 0 && call->data.length == 0 && call->content.length <= 2)
        if (!th_buffer_add_text(&call->text, "Done.")) th_script_refuse_size(call);
}

void th_script_result_take(lua_State *L, th_call_t *call, int index) {
    luaL_checkstack(L, 10, "no stack");
    call->outcome = TH_CALL_OK;
    if (lua_isnil(L, index)) {
        take_error(L, call, index + 1);
        return;
    }
    switch (call->kind) {
    case TH_CALL_TOOL: take_value(L, call, index); break;
    case TH_CALL_RESOURCE: th_script_contents_take(L, call, index); break;
    case TH_CALL_PROMPT: th_script_messages_take(L, call, index); break;
    case TH_CALL_COMPLETE: th_script_values_take(L, call, index); break;
    case TH_CALL_PREVIEW: th_script_preview_take(L, call, index); break;
    }
    if (call->outcome != TH_CALL_OK) return;
    size_t total = call->text.length + call->content.length;
    if (call->kind == TH_CALL_TOOL) total += call->data.length;
    if (total > (size_t)call->script->worker->settings->script_result_bytes)
        th_script_refuse_size(call);
    else if (call->kind == TH_CALL_TOOL)
        complete_tool(call);
}
