/* result.c - rendering a tool call's outcome: requirements.md d, "Tools". */
#include "mcp/result.h"

#include <stdio.h>

#include "mcp/content.h"

/* Room for an error's sentence, field and hint as text. */
#define ERROR_TEXT_SIZE 4096

static size_t length_of(const char *text) {
    return text ? strlen(text) : 0;
}

size_t th_result_bound(const th_call_result_t *result) {
    /* Escaping makes a byte six at worst. Blocks are written as given, or shortened, except that a
     * degraded one may grow to a sentence: bounded by a factor. */
    return 6 * result->text.length + 7 * result->data.length + 8 * result->content.length +
           12 * (length_of(result->message) + length_of(result->hint) + length_of(result->field) +
                 length_of(result->code)) +
           1024;
}

static void write_text(th_json_writer_t *writer, th_slice_t text) {
    th_json_write_object(writer);
    th_json_write_member_text(writer, "type", "text");
    th_json_write_member_string(writer, "text", text);
    th_json_write_end(writer);
}

static char first_byte(th_slice_t json) {
    size_t i = 0;

    while (i < json.length && (json.data[i] == ' ' || json.data[i] == '\n' ||
                               json.data[i] == '\t' || json.data[i] == '\r'))
        i++;
    return i < json.length ? json.data[i] : '\0';
}

static void write_success(th_json_writer_t *writer, const th_revision_t *revision,
                          th_json_parser_t *parser, const th_call_result_t *result) {
    th_json_write_key(writer, TH_SLICE("content"));
    th_json_write_array(writer);
    if (result->text.length) write_text(writer, result->text);
    /* Many clients show their model the content only: what a tool says beside its data must not
     * hide the data (2025-06-18, tools: structured content should be given as text too). */
    if (result->data.length && !th_slice_equal(result->data, result->text))
        write_text(writer, result->data);
    th_content_write(writer, revision, parser, result->content);
    th_json_write_end(writer);
    /* Before 2026-07-28 only objects; a list is in the text anyway. */
    char first = first_byte(result->data);
    if (revision->structured_content && first && (first == '{' || revision->structured_any)) {
        th_json_write_key(writer, TH_SLICE("structuredContent"));
        th_json_write_raw(writer, result->data);
    }
    th_json_write_member_boolean(writer, "isError", false);
}

static void write_error_details(th_json_writer_t *writer, const th_call_result_t *result) {
    th_json_write_key(writer, TH_SLICE("structuredContent"));
    th_json_write_object(writer);
    th_json_write_key(writer, TH_SLICE("error"));
    th_json_write_object(writer);
    th_json_write_member_text(writer, "code",
                              result->code && *result->code ? result->code : "failed");
    th_json_write_member_text(writer, "message", result->message ? result->message : "");
    if (length_of(result->field)) th_json_write_member_text(writer, "field", result->field);
    if (length_of(result->hint)) th_json_write_member_text(writer, "hint", result->hint);
    th_json_write_end(writer);
    th_json_write_end(writer);
}

/* The model reads the text: sentence, field, hint. */
static void write_failure(th_json_writer_t *writer, const th_revision_t *revision,
                          const th_tool_t *tool, const th_call_result_t *result) {
    const char *message = length_of(result->message) ? result->message : "The call failed.";
    th_buffer_t text;

    th_buffer_init(&text, ERROR_TEXT_SIZE);
    th_buffer_add_text(&text, message);
    if (length_of(result->field) && !strstr(message, result->field))
        th_buffer_add_format(&text, " (field: %s)", result->field);
    if (length_of(result->hint)) th_buffer_add_format(&text, "\n%s", result->hint);
    th_json_write_key(writer, TH_SLICE("content"));
    th_json_write_array(writer);
    if (text.failed)
        write_text(writer, th_slice_of("The call failed, with more to say about it than fits."));
    else
        write_text(writer, th_buffer_slice(&text));
    th_json_write_end(writer);
    th_buffer_reset(&text);
    if (revision->structured_content && !tool->output) write_error_details(writer, result);
    th_json_write_member_boolean(writer, "isError", true);
}

void th_result_write(th_json_writer_t *writer, const th_revision_t *revision, const th_tool_t *tool,
                     th_json_parser_t *parser, const th_call_result_t *result) {
    if (result->outcome == TH_CALL_OK)
        write_success(writer, revision, parser, result);
    else
        write_failure(writer, revision, tool, result);
}

bool th_result_conforms(const th_tool_t *tool, th_json_parser_t *parser,
                        const th_call_result_t *result, th_error_t *why) {
    th_schema_report_t report = {.count = 0};
    th_json_document_t *document;

    if (!tool->output || result->outcome != TH_CALL_OK) return true;
    if (!result->data.length)
        return th_error_set(why, "no_data", "the tool declares an output schema but gave no data");
    document = th_json_parse(parser, result->data, &th_json_limits_answer, why);
    if (!document) return false;
    bool valid = th_schema_validate(tool->output, th_json_root(document), &report);
    th_json_unref(document);
    if (valid) return true;
    if (report.count == 0)
        return th_error_set(why, "schema",
                            "the data is too large to be checked against the output schema");
    return th_error_set(why, "schema", "%s: %s", report.errors[0].instance_path,
                        report.errors[0].message);
}
