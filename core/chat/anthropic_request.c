/* anthropic_request.c - the body of POST /v1/messages.
 * Three places are marked for the cache: the last tool, the system text and the end of the last
 * message; nothing that changes stands in front of the first two. */
#include "chat/model_request.h"
#include "chat/schema_rewrite.h"

static void write_cache_mark(th_json_writer_t *writer) {
    th_json_write_key(writer, TH_SLICE("cache_control"));
    th_json_write_object(writer);
    th_json_write_member_text(writer, "type", "ephemeral");
    th_json_write_end(writer);
}

/* ---- tools ---- */

static void write_tool(th_json_writer_t *writer, th_json_value_t tool, bool last) {
    char name[TH_TOOL_NAME_MAX + 1];
    th_tool_name_map(th_block_text(tool, "name"), name);
    th_slice_t description = th_block_text(tool, "description");
    th_json_write_object(writer);
    th_json_write_member_text(writer, "name", name);
    if (description.length > 0) th_json_write_member_string(writer, "description", description);
    th_json_write_key(writer, TH_SLICE("input_schema"));
    th_schema_rewrite(writer, th_json_member(tool, "inputSchema"), TH_SCHEMA_ANTHROPIC);
    if (last) write_cache_mark(writer);
    th_json_write_end(writer);
}

static void write_tools(th_json_writer_t *writer, const th_model_parts_t *parts) {
    size_t count = th_json_count(parts->tools), number = 0;
    if (count == 0 && !th_history_has_tools(parts->history)) return;
    th_json_write_key(writer, TH_SLICE("tools"));
    th_json_write_array(writer);
    for (th_json_iterator_t it = th_json_iterate(parts->tools); th_json_next(&it);)
        write_tool(writer, it.value, ++number == count);
    if (count == 0) { /* a history with calls wants some tool to be there */
        th_json_write_object(writer);
        th_json_write_member_text(writer, "name", "none");
        th_json_write_member_text(writer, "description", "No tool can be called now.");
        th_json_write_key(writer, TH_SLICE("input_schema"));
        th_schema_rewrite(writer, th_json_absent(), TH_SCHEMA_ANTHROPIC);
        th_json_write_end(writer);
    }
    th_json_write_end(writer);
    if (count > 0) return;
    th_json_write_key(writer, TH_SLICE("tool_choice"));
    th_json_write_object(writer);
    th_json_write_member_text(writer, "type", "none");
    th_json_write_end(writer);
}

/* ---- messages ---- */

static bool is_own_opaque(th_json_value_t block) {
    return th_block_is(block, "opaque") &&
           th_slice_is(th_block_text(block, "provider"), "anthropic");
}

static bool is_sent(th_json_value_t block) {
    if (th_block_is(block, "text")) return !th_text_is_blank(th_block_text(block, "text"));
    return th_block_is(block, "tool_use") || th_block_is(block, "tool_result") ||
           is_own_opaque(block);
}

static void write_block(th_json_writer_t *writer, th_json_value_t block, bool mark) {
    if (is_own_opaque(block)) { /* unchanged: it is signed */
        th_json_write_value(writer, th_json_member(block, "value"));
        return;
    }
    th_json_write_object(writer);
    if (th_block_is(block, "text")) {
        th_json_write_member_text(writer, "type", "text");
        th_json_write_member_string(writer, "text", th_block_text(block, "text"));
    } else if (th_block_is(block, "tool_use")) {
        char name[TH_TOOL_NAME_MAX + 1];
        th_tool_name_map(th_block_text(block, "name"), name);
        th_json_write_member_text(writer, "type", "tool_use");
        th_json_write_member_string(writer, "id", th_block_text(block, "id"));
        th_json_write_member_text(writer, "name", name);
        th_json_write_member_value(writer, "input", th_json_member(block, "input"));
    } else {
        bool failed = false;
        th_slice_t text = th_block_text(block, "text");
        (void)th_json_boolean(th_json_member(block, "is_error"), &failed);
        th_json_write_member_text(writer, "type", "tool_result");
        th_json_write_member_string(writer, "tool_use_id", th_block_text(block, "tool_use_id"));
        if (!th_text_is_blank(text)) th_json_write_member_string(writer, "content", text);
        if (failed) th_json_write_member_boolean(writer, "is_error", true);
    }
    if (mark) write_cache_mark(writer);
    th_json_write_end(writer);
}

static size_t count_sent(th_json_value_t message) {
    size_t count = 0;
    for (th_json_iterator_t it = th_json_iterate(th_json_member(message, "content"));
         th_json_next(&it);)
        count += is_sent(it.value);
    return count;
}

/* Results come first in their message, in whatever order they are kept. */
static void write_message(th_json_writer_t *writer, th_json_value_t message, bool last) {
    size_t left = count_sent(message);
    if (left == 0) return; /* an empty content is refused */
    th_json_write_object(writer);
    th_json_write_member_string(writer, "role", th_block_text(message, "role"));
    th_json_write_key(writer, TH_SLICE("content"));
    th_json_write_array(writer);
    for (int results = 1; results >= 0; results--) {
        th_json_iterator_t it = th_json_iterate(th_json_member(message, "content"));
        while (th_json_next(&it)) {
            if (!is_sent(it.value) || th_block_is(it.value, "tool_result") != (results == 1))
                continue;
            write_block(writer, it.value, last && --left == 0);
        }
    }
    th_json_write_end(writer);
    th_json_write_end(writer);
}

static void write_messages(th_json_writer_t *writer, th_json_value_t history) {
    size_t last = 0, number = 0, at = 0;
    for (th_json_iterator_t it = th_json_iterate(history); th_json_next(&it); at++)
        if (count_sent(it.value) > 0) last = at;
    th_json_write_key(writer, TH_SLICE("messages"));
    th_json_write_array(writer);
    for (th_json_iterator_t it = th_json_iterate(history); th_json_next(&it); number++)
        write_message(writer, it.value, number == last);
    th_json_write_end(writer);
}

static void write_system(th_json_writer_t *writer, th_slice_t text) {
    if (th_text_is_blank(text)) return;
    th_json_write_key(writer, TH_SLICE("system"));
    th_json_write_array(writer);
    th_json_write_object(writer);
    th_json_write_member_text(writer, "type", "text");
    th_json_write_member_string(writer, "text", text);
    write_cache_mark(writer);
    th_json_write_end(writer);
    th_json_write_end(writer);
}

bool th_anthropic_body(const th_model_parts_t *parts, th_buffer_t *out, th_error_t *error) {
    th_json_writer_t writer;
    th_json_writer_init(&writer, out, 0);
    th_json_write_object(&writer);
    th_json_write_member_text(&writer, "model", parts->model);
    th_json_write_member_integer(&writer, "max_tokens", parts->request->max_tokens);
    th_json_write_member_boolean(&writer, "stream", true);
    write_tools(&writer, parts);
    write_system(&writer, parts->request->system);
    write_messages(&writer, parts->history);
    if (parts->request->person.length > 0) {
        th_json_write_key(&writer, TH_SLICE("metadata"));
        th_json_write_object(&writer);
        th_json_write_member_string(&writer, "user_id", parts->request->person);
        th_json_write_end(&writer);
    }
    th_json_write_end(&writer);
    return th_json_writer_finish(&writer, error);
}
