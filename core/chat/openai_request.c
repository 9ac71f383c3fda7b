/* openai_request.c - the body of POST {base}/chat/completions. */
#include "chat/model_request.h"
#include "chat/schema_rewrite.h"

/* ---- tools ---- */

static void write_tool(th_json_writer_t *writer, th_json_value_t tool) {
    char name[TH_TOOL_NAME_MAX + 1];
    th_tool_name_map(th_block_text(tool, "name"), name);
    th_slice_t description = th_block_text(tool, "description");
    th_json_write_object(writer);
    th_json_write_member_text(writer, "type", "function");
    th_json_write_key(writer, TH_SLICE("function"));
    th_json_write_object(writer);
    th_json_write_member_text(writer, "name", name);
    if (description.length > 0) th_json_write_member_string(writer, "description", description);
    th_json_write_key(writer, TH_SLICE("parameters"));
    th_schema_rewrite(writer, th_json_member(tool, "inputSchema"), TH_SCHEMA_OPENAI);
    th_json_write_end(writer);
    th_json_write_end(writer);
}

static void write_tools(th_json_writer_t *writer, th_json_value_t tools) {
    if (th_json_count(tools) == 0) return; /* an empty list is refused */
    th_json_write_key(writer, TH_SLICE("tools"));
    th_json_write_array(writer);
    for (th_json_iterator_t it = th_json_iterate(tools); th_json_next(&it);)
        write_tool(writer, it.value);
    th_json_write_end(writer);
}

/* ---- messages ---- */

/* All text blocks of a message as one string, a blank line between them. */
static void write_joined_text(th_json_writer_t *writer, th_json_value_t message,
                              th_buffer_t *scratch) {
    th_buffer_clear(scratch);
    for (th_json_iterator_t it = th_json_iterate(th_json_member(message, "content"));
         th_json_next(&it);) {
        th_slice_t text = th_block_text(it.value, "text");
        if (!th_block_is(it.value, "text") || th_text_is_blank(text)) continue;
        if (scratch->length > 0) (void)th_buffer_add_text(scratch, "\n\n");
        (void)th_buffer_add_slice(scratch, text);
    }
    if (scratch->failed)
        writer->failure = "too_large";
    else
        th_json_write_member_string(writer, "content", th_buffer_slice(scratch));
}

static void write_text_message(th_json_writer_t *writer, const char *role, th_slice_t text) {
    th_json_write_object(writer);
    th_json_write_member_text(writer, "role", role);
    th_json_write_member_string(writer, "content", text);
    th_json_write_end(writer);
}

/* Arguments are JSON inside a string. */
static void write_arguments(th_json_writer_t *writer, th_json_value_t input, th_buffer_t *scratch) {
    th_json_writer_t inner;
    th_buffer_clear(scratch);
    th_json_writer_init(&inner, scratch, 0);
    th_json_write_value(&inner, input);
    if (th_json_writer_finish(&inner, NULL))
        th_json_write_member_string(writer, "arguments", th_buffer_slice(scratch));
    else
        writer->failure = "too_large";
}

static void write_call(th_json_writer_t *writer, th_json_value_t block, th_buffer_t *scratch) {
    char name[TH_TOOL_NAME_MAX + 1];
    th_tool_name_map(th_block_text(block, "name"), name);
    th_json_write_object(writer);
    th_json_write_member_string(writer, "id", th_block_text(block, "id"));
    th_json_write_member_text(writer, "type", "function");
    th_json_write_key(writer, TH_SLICE("function"));
    th_json_write_object(writer);
    th_json_write_member_text(writer, "name", name);
    write_arguments(writer, th_json_member(block, "input"), scratch);
    th_json_write_end(writer);
    th_json_write_end(writer);
}

static bool has_text(th_json_value_t message) {
    for (th_json_iterator_t it = th_json_iterate(th_json_member(message, "content"));
         th_json_next(&it);)
        if (th_block_is(it.value, "text") && !th_text_is_blank(th_block_text(it.value, "text")))
            return true;
    return false;
}

static void write_assistant(th_json_writer_t *writer, th_json_value_t message,
                            th_buffer_t *scratch) {
    bool calls = th_message_has(message, "tool_use");
    if (!calls && !has_text(message)) return;
    th_json_write_object(writer);
    th_json_write_member_text(writer, "role", "assistant");
    if (has_text(message)) {
        write_joined_text(writer, message, scratch);
    } else {
        th_json_write_key(writer, TH_SLICE("content"));
        th_json_write_null(writer);
    }
    if (calls) {
        th_json_write_key(writer, TH_SLICE("tool_calls"));
        th_json_write_array(writer);
        for (th_json_iterator_t it = th_json_iterate(th_json_member(message, "content"));
             th_json_next(&it);)
            if (th_block_is(it.value, "tool_use")) write_call(writer, it.value, scratch);
        th_json_write_end(writer);
    }
    th_json_write_end(writer);
}

/* There is no flag for a failed call: its text says so. */
static void write_result(th_json_writer_t *writer, th_json_value_t block, th_buffer_t *scratch) {
    bool failed = false;
    (void)th_json_boolean(th_json_member(block, "is_error"), &failed);
    th_buffer_clear(scratch);
    if (failed) (void)th_buffer_add_text(scratch, "Error: ");
    (void)th_buffer_add_slice(scratch, th_block_text(block, "text"));
    if (scratch->failed) {
        writer->failure = "too_large";
        return;
    }
    th_json_write_object(writer);
    th_json_write_member_text(writer, "role", "tool");
    th_json_write_member_string(writer, "tool_call_id", th_block_text(block, "tool_use_id"));
    th_json_write_member_string(writer, "content", th_buffer_slice(scratch));
    th_json_write_end(writer);
}

/* Results are messages of their own and come right behind the calls; text follows them. */
static void write_user(th_json_writer_t *writer, th_json_value_t message, th_buffer_t *scratch) {
    for (th_json_iterator_t it = th_json_iterate(th_json_member(message, "content"));
         th_json_next(&it);)
        if (th_block_is(it.value, "tool_result")) write_result(writer, it.value, scratch);
    if (!has_text(message)) return;
    th_json_write_object(writer);
    th_json_write_member_text(writer, "role", "user");
    write_joined_text(writer, message, scratch);
    th_json_write_end(writer);
}

static void write_messages(th_json_writer_t *writer, const th_model_parts_t *parts,
                           th_buffer_t *scratch) {
    th_json_write_key(writer, TH_SLICE("messages"));
    th_json_write_array(writer);
    if (!th_text_is_blank(parts->request->system))
        write_text_message(writer, "system", parts->request->system);
    for (th_json_iterator_t it = th_json_iterate(parts->history); th_json_next(&it);) {
        if (th_message_is(it.value, "assistant"))
            write_assistant(writer, it.value, scratch);
        else
            write_user(writer, it.value, scratch);
    }
    th_json_write_end(writer);
}

bool th_openai_body(const th_model_parts_t *parts, th_buffer_t *out, th_error_t *error) {
    th_buffer_t scratch;
    th_json_writer_t writer;
    th_buffer_init(&scratch, out->maximum);
    th_json_writer_init(&writer, out, 0);
    th_json_write_object(&writer);
    th_json_write_member_text(&writer, "model", parts->model);
    th_json_write_member_boolean(&writer, "stream", true);
    th_json_write_key(&writer, TH_SLICE("stream_options"));
    th_json_write_object(&writer);
    th_json_write_member_boolean(&writer, "include_usage", true);
    th_json_write_end(&writer);
    /* OpenAI's newer models refuse the older name; servers that imitate it know only that. */
    th_json_write_member_integer(&writer,
                                 parts->is_own_api ? "max_completion_tokens" : "max_tokens",
                                 parts->request->max_tokens);
    if (parts->request->person.length > 0)
        th_json_write_member_string(&writer, "user", parts->request->person);
    write_tools(&writer, parts->tools);
    write_messages(&writer, parts, &scratch);
    th_json_write_end(&writer);
    th_buffer_reset(&scratch);
    return th_json_writer_finish(&writer, error);
}
