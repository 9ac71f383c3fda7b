/* tool_arguments.c - the arguments of `tool call`: NAME=VALUE words typed by the tool's schema, or
 * a file. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/tool.h"
#include "json/writer.h"

/* Does the property take strings and nothing else? Then its value is never read as JSON: "123"
 * stays text. */
static bool is_text(const th_tool_t *tool, th_slice_t name) {
    th_json_value_t properties = th_json_member(tool->input_schema, "properties");
    th_json_value_t property = th_json_get(properties, name);
    th_slice_t type;
    if (th_json_type(property) == TH_JSON_ABSENT) return true; /* validation names it as unknown */
    return th_json_string(th_json_member(property, "type"), &type) && th_slice_is(type, "string");
}

/* A value that is no JSON goes as text: validation then says what it should have been. */
static void write_value(th_json_writer_t *writer, const th_tool_t *tool, th_json_parser_t *parser,
                        th_slice_t name, th_slice_t text) {
    th_json_document_t *document =
        is_text(tool, name) ? NULL : th_json_parse(parser, text, &th_json_limits_request, NULL);
    th_json_write_key(writer, name);
    if (document)
        th_json_write_value(writer, th_json_root(document));
    else
        th_json_write_string(writer, text);
    th_json_unref(document);
}

static bool write_words(const th_program_t *program, const th_tool_t *tool,
                        th_json_parser_t *parser, th_buffer_t *out, th_error_t *error) {
    const th_arguments_t *arguments = program->arguments;
    th_json_writer_t writer;
    th_json_writer_init(&writer, out, 0);
    th_json_write_object(&writer);
    for (size_t i = 0; i < arguments->given_count; i++) {
        const char *word = arguments->given[i].value, *equals = strchr(word, '=');
        if (strcmp(arguments->given[i].option->name, "--arg") != 0) continue;
        if (!equals || equals == word)
            return th_error_set(
                error, "bad_argument",
                "--arg \"%.100s\": it must be NAME=VALUE, such as --arg task_id=ab12", word);
        write_value(&writer, tool, parser, th_slice(word, (size_t)(equals - word)),
                    th_slice_of(equals + 1));
    }
    th_json_write_end(&writer);
    return th_json_writer_finish(&writer, error);
}

static bool read_file(const char *path, th_buffer_t *out, th_error_t *error) {
    bool is_input = strcmp(path, "-") == 0;
    FILE *file = is_input ? stdin : fopen(path, "re");
    if (!file) return th_error_set(error, "bad_file", "--json: %s: %s", path, strerror(errno));
    char piece[4096];
    size_t got;
    bool done = true;
    while (done && (got = fread(piece, 1, sizeof(piece), file)) > 0)
        done = th_buffer_add(out, piece, got);
    if (!done)
        th_error_set(error, "too_large", "--json: %s is larger than 1 MB", path);
    else if (ferror(file))
        done = th_error_set(error, "bad_file", "--json: %s: read error", path);
    if (!is_input) (void)fclose(file);
    return done;
}

th_json_document_t *th_tool_arguments(const th_program_t *program, const th_tool_t *tool,
                                      th_json_parser_t *parser, th_error_t *error) {
    const char *file = th_arguments_value(program->arguments, "--json");
    th_json_document_t *document = NULL;
    th_buffer_t text;
    if (file && th_arguments_has(program->arguments, "--arg")) {
        th_error_set(error, "bad_argument", "--arg and --json exclude each other");
        return NULL;
    }
    th_buffer_init(&text, th_json_limits_request.bytes);
    if (file ? read_file(file, &text, error) : write_words(program, tool, parser, &text, error))
        document = th_json_parse(parser, th_buffer_slice(&text), &th_json_limits_request, error);
    th_buffer_reset(&text);
    if (document && !th_json_is_object(th_json_root(document))) {
        th_json_unref(document);
        document = NULL;
        th_error_set(error, "bad_argument", "--json: %s must hold one JSON object", file);
    }
    return document;
}
