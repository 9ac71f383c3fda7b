/* script_answer.c - what the `run` of a resource and of a prompt, and a completion returned, as the
 * result of the call. The value is written as JSON once, then checked and written in its final
 * form.
 *   resource   a text; a table or view (as JSON); { text = | blob = | data =, mime =, uri = };
 *              { contents = { ... } }
 *   prompt     a text (the user's); a list of messages; { description =, messages = }
 *   complete   a list of texts, best first */
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "script/script_internal.h"
#include "json/lua_json.h"

#define VALUES_MAX 100 /* the protocol's */
#define VALUE_BYTES 1000

/* The JSON in <buffer> as a document (the caller's); NULL: the call has its outcome. */
static th_json_document_t *parse_buffer(th_call_t *call, th_buffer_t *buffer) {
    th_error_t error = {.code = ""};
    const th_json_limits_t limits = {
        .bytes = buffer->length, .depth = TH_JSON_WRITER_DEPTH, .nodes = 2000000};
    th_json_document_t *document =
        th_json_parse(call->script->worker->parser, th_buffer_slice(buffer), &limits, &error);
    if (!document) th_script_refuse_size(call);
    return document;
}

/* Ends a rewrite into call->content: <fine> and <error> say how it went. */
static void conclude(th_call_t *call, th_json_writer_t *writer, bool fine,
                     const th_error_t *error) {
    th_error_t failure = {.code = ""};
    char what[TH_ERROR_MESSAGE_SIZE + 32];
    if (fine && th_json_writer_finish(writer, &failure)) return;
    if (fine && strcmp(failure.code, "too_large") == 0) {
        th_script_refuse_size(call);
        return;
    }
    (void)snprintf(what, sizeof what, "returned what cannot be sent: %s",
                   fine ? failure.message : error->message);
    th_script_refuse(call, what);
}

/* ---- resources ---- */

/* `data = value` becomes the text of its JSON. */
static bool write_data(th_call_t *call, th_json_writer_t *writer, th_json_value_t value,
                       th_slice_t uri, const char *mime) {
    th_json_writer_t inner;
    th_buffer_clear(&call->body);
    th_json_writer_init(&inner, &call->body, 0);
    th_json_write_value(&inner, value);
    if (!th_json_writer_finish(&inner, NULL)) return false;
    th_json_write_object(writer);
    th_json_write_member_string(writer, "uri", uri);
    th_json_write_member_text(writer, "mimeType", mime);
    th_json_write_member_string(writer, "text", th_buffer_slice(&call->body));
    th_json_write_end(writer);
    return true;
}

static bool has(th_json_value_t object, const char *name) {
    return th_json_type(th_json_member(object, name)) != TH_JSON_ABSENT;
}

/* A table of the script's: contents, or data. A view is data whatever its members are called. */
static bool write_contents(th_call_t *call, th_json_writer_t *writer, th_json_value_t value,
                           bool is_view, th_error_t *error) {
    const char *mime = call->tool->mime;
    const char *text_mime = mime[0] ? mime : "text/plain";
    const char *data_mime = mime[0] ? mime : "application/json";
    if (is_view)
        return write_data(call, writer, value, call->uri, data_mime) ||
               th_error_set(error, "too_large", "the data is too large");
    th_json_value_t list = th_json_member(value, "contents");
    if (th_json_is_array(list) && th_json_count(value) == 1 && th_json_count(list) > 0) {
        th_json_iterator_t each = th_json_iterate(list);
        for (unsigned number = 1; th_json_next(&each); number++) {
            char where[32];
            (void)snprintf(where, sizeof where, "contents[%u]", number);
            if (!th_block_write_contents(writer, each.value, call->uri, mime, where, error))
                return false;
        }
        return true;
    }
    if (has(value, "blob"))
        return th_block_write_contents(writer, value, call->uri, mime, "it", error);
    if (has(value, "text"))
        return th_block_write_contents(writer, value, call->uri, text_mime, "it", error);
    bool wrapped = has(value, "data") && th_json_count(value) == (has(value, "mime") ? 2u : 1u);
    th_slice_t own = {NULL, 0};
    char own_mime[128];
    if (wrapped && th_json_string(th_json_member(value, "mime"), &own)) {
        (void)snprintf(own_mime, sizeof own_mime, "%.*s",
                       (int)(own.length > 127 ? 127 : own.length), own.data);
        data_mime = own_mime;
    }
    if (wrapped) value = th_json_member(value, "data");
    if (write_data(call, writer, value, call->uri, data_mime)) return true;
    return th_error_set(error, "too_large", "the data is too large");
}

void th_script_contents_take(lua_State *L, th_call_t *call, int index) {
    th_json_writer_t writer;
    th_error_t error = {.code = ""};
    int type = lua_type(L, index);
    bool is_text = type == LUA_TSTRING || type == LUA_TNUMBER;
    if (type == LUA_TBOOLEAN || type == LUA_TFUNCTION || lua_islightuserdata(L, index)) {
        th_script_refuse(call, "returned no text, table or view");
        return;
    }
    if (!th_script_take_json(L, call, index, &call->data, "contents")) return;
    th_json_document_t *document = parse_buffer(call, &call->data);
    if (!document) return;
    th_json_value_t value = th_json_root(document);
    th_json_writer_init(&writer, &call->content, 0);
    th_json_write_array(&writer);
    bool fine = true;
    if (is_text) {
        th_json_write_object(&writer);
        th_json_write_member_string(&writer, "uri", call->uri);
        th_json_write_member_text(&writer, "mimeType",
                                  call->tool->mime[0] ? call->tool->mime : "text/plain");
        th_json_write_key(&writer, TH_SLICE("text"));
        if (type == LUA_TSTRING)
            th_json_write_value(&writer, value);
        else
            th_json_write_string(&writer, th_buffer_slice(&call->data)); /* the number as text */
        th_json_write_end(&writer);
    } else {
        bool is_view = th_lua_json_to_value(L, index).document != NULL;
        fine = write_contents(call, &writer, value, is_view, &error);
    }
    th_json_write_end(&writer);
    conclude(call, &writer, fine, &error);
    th_json_unref(document);
}

/* ---- prompts ---- */

static bool take_description(th_call_t *call, th_json_value_t value, th_error_t *error) {
    th_slice_t text = {NULL, 0};
    th_json_value_t description = th_json_member(value, "description");
    if (th_json_type(description) == TH_JSON_ABSENT) return true;
    if (!th_json_string(description, &text))
        return th_error_set(error, "bad_content", "description must be a text");
    return th_buffer_add_slice(&call->text, text) ||
           th_error_set(error, "too_large", "description is too long");
}

static bool write_messages(th_call_t *call, th_json_writer_t *writer, th_json_value_t value,
                           th_error_t *error) {
    if (!th_json_is_object(value)) return th_messages_write(writer, value, error);
    th_json_iterator_t each = th_json_iterate(value);
    while (th_json_next(&each))
        if (!th_slice_is(each.key, "description") && !th_slice_is(each.key, "messages"))
            return th_error_set(error, "bad_content",
                                "a table has description and messages, or is a list of messages");
    return take_description(call, value, error) &&
           th_messages_write(writer, th_json_member(value, "messages"), error);
}

void th_script_messages_take(lua_State *L, th_call_t *call, int index) {
    th_json_writer_t writer;
    th_error_t error = {.code = ""};
    if (lua_type(L, index) == LUA_TSTRING) { /* the one message of a list */
        lua_createtable(L, 1, 0);
        lua_pushvalue(L, index);
        lua_rawseti(L, -2, 1);
        lua_replace(L, index);
    }
    if (lua_type(L, index) != LUA_TTABLE) {
        th_script_refuse(call, "returned no text and no list of messages");
        return;
    }
    if (!th_script_take_json(L, call, index, &call->data, "messages")) return;
    th_json_document_t *document = parse_buffer(call, &call->data);
    if (!document) return;
    th_json_writer_init(&writer, &call->content, 0);
    th_json_write_array(&writer);
    bool fine = write_messages(call, &writer, th_json_root(document), &error);
    th_json_write_end(&writer);
    conclude(call, &writer, fine, &error);
    th_json_unref(document);
}

/* ---- completions ---- */

static bool write_values(th_call_t *call, th_json_writer_t *writer, th_json_value_t list,
                         th_error_t *error) {
    th_json_iterator_t each = th_json_iterate(list);
    unsigned count = 0;
    while (th_json_next(&each)) {
        th_slice_t text = {NULL, 0};
        if (!th_json_string(each.value, &text) || text.length > VALUE_BYTES)
            return th_error_set(error, "bad_content", "each value is a text of at most %d bytes",
                                VALUE_BYTES);
        if (count++ < VALUES_MAX) th_json_write_string(writer, text);
    }
    call->total = count;
    call->has_more = count > VALUES_MAX;
    return true;
}

void th_script_values_take(lua_State *L, th_call_t *call, int index) {
    th_json_writer_t writer;
    th_error_t error = {.code = ""};
    if (!th_script_take_json(L, call, index, &call->data, "values")) return;
    th_json_document_t *document = parse_buffer(call, &call->data);
    if (!document) return;
    th_json_value_t list = th_json_root(document);
    bool is_empty_table = th_json_is_object(list) && th_json_count(list) == 0;
    th_json_writer_init(&writer, &call->content, 0);
    th_json_write_array(&writer);
    bool fine =
        (th_json_is_array(list) || is_empty_table) && write_values(call, &writer, list, &error);
    if (!fine && !error.code[0])
        th_error_set(&error, "bad_content", "a completion is a list of texts");
    th_json_write_end(&writer);
    conclude(call, &writer, fine, &error);
    th_json_unref(document);
}

/* ---- previews ---- */

/* A text, or a list of texts, as a list. {} is an empty list. */
static bool write_preview_lines(th_json_writer_t *writer, const char *name, th_json_value_t value,
                                th_error_t *error) {
    bool list = th_json_is_array(value) || (th_json_is_object(value) && th_json_count(value) == 0);
    if (!list && !th_json_is_string(value))
        return th_error_set(error, "bad_content", "%s is a text or a list of texts", name);
    th_json_write_key(writer, th_slice_of(name));
    th_json_write_array(writer);
    if (!list) th_json_write_value(writer, value);
    th_json_iterator_t each = th_json_iterate(value);
    while (list && th_json_next(&each)) {
        if (!th_json_is_string(each.value))
            return th_error_set(error, "bad_content", "%s is a text or a list of texts", name);
        th_json_write_value(writer, each.value);
    }
    th_json_write_end(writer);
    return true;
}

static bool write_preview(th_json_writer_t *writer, th_json_value_t preview, th_error_t *error) {
    th_json_iterator_t each = th_json_iterate(preview);
    while (th_json_next(&each)) {
        if (th_slice_is(each.key, "target") && th_json_is_string(each.value)) {
            th_json_write_key(writer, each.key);
            th_json_write_value(writer, each.value);
            continue;
        }
        const char *name = th_slice_is(each.key, "before")  ? "before"
                           : th_slice_is(each.key, "after") ? "after"
                                                            : NULL;
        if (!name)
            return th_error_set(error, "bad_content",
                                "a preview has target (a text), before and after");
        if (!write_preview_lines(writer, name, each.value, error)) return false;
    }
    return true;
}

void th_script_preview_take(lua_State *L, th_call_t *call, int index) {
    th_json_writer_t writer;
    th_error_t error = {.code = ""};
    if (!th_script_take_json(L, call, index, &call->content, "a preview")) return;
    th_json_document_t *document = parse_buffer(call, &call->content);
    if (!document) return;
    th_json_value_t preview = th_json_root(document);
    th_json_writer_init(&writer, &call->data, 0);
    th_json_write_object(&writer);
    bool fine = th_json_is_object(preview) ? write_preview(&writer, preview, &error)
                                           : th_error_set(&error, "bad_content",
                                                          "a preview is a table with target, "
                                                          "before and after");
    th_json_write_end(&writer);
    conclude(call, &writer, fine, &error);
    th_json_unref(document);
}
