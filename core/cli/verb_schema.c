/* verb_schema.c - `tallyhost schema --jsonl`: one line in, one verdict out, in order. Meant for
 * test suites and for authors who want to try a schema; nothing is fetched or kept between lines.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli/arguments.h"
#include "json/schema.h"
#include "json/writer.h"

#define MAX_LINE ((size_t)4 << 20)     /* bytes */
#define MAX_ANSWER ((size_t)256 << 10) /* bytes */
#define MAX_ID ((size_t)1024)          /* bytes; longer ones are not echoed */

static const th_json_limits_t line_limits = {
    .bytes = MAX_LINE, .depth = 512, .nodes = 1000000, .refuse_duplicates = true};

typedef struct th_schema_lines {
    th_json_parser_t *parser;
    th_schema_options_t options;
    char *line; /* MAX_LINE bytes */
    size_t length;
    bool too_long;
} th_schema_lines_t;

/* Reads up to the next line feed; what is over MAX_LINE is dropped and remembered as too long.
 * False at the end of the input. */
static bool read_line(th_schema_lines_t *lines, FILE *input) {
    int c = getc_unlocked(input);
    if (c == EOF) return false;
    lines->length = 0;
    lines->too_long = false;
    for (; c != EOF && c != '\n'; c = getc_unlocked(input)) {
        if (lines->length == MAX_LINE)
            lines->too_long = true;
        else
            lines->line[lines->length++] = (char)c;
    }
    return true;
}

static bool is_blank(const th_schema_lines_t *lines) {
    for (size_t i = 0; i < lines->length; i++)
        if (!strchr(" \t\r", lines->line[i]) || lines->line[i] == '\0') return false;
    return !lines->too_long;
}

/* An id is echoed as it came; one that is no scalar, or very long, is not. */
static void write_id(th_json_writer_t *writer, th_json_value_t id) {
    th_slice_t text;
    th_json_write_key(writer, TH_SLICE("id"));
    bool container = th_json_is_array(id) || th_json_is_object(id);
    bool long_text = th_json_string(id, &text) && text.length > MAX_ID;
    if (container || long_text)
        th_json_write_null(writer);
    else
        th_json_write_value(writer, id);
}

static void write_report(th_json_writer_t *writer, bool valid, const th_schema_report_t *report) {
    th_json_write_member_boolean(writer, "valid", valid);
    th_json_write_key(writer, TH_SLICE("errors"));
    th_json_write_array(writer);
    for (size_t i = 0; i < report->count; i++) {
        th_json_write_object(writer);
        th_json_write_member_text(writer, "instance_path", report->errors[i].instance_path);
        th_json_write_member_text(writer, "keyword", report->errors[i].keyword);
        th_json_write_member_text(writer, "message", report->errors[i].message);
        th_json_write_end(writer);
    }
    th_json_write_end(writer);
    if (report->more) th_json_write_member_boolean(writer, "more", true);
    if (report->exhausted) th_json_write_member_boolean(writer, "exhausted", true);
}

/* Validates the line; false with <error> when it could not be tried. */
static bool try_line(const th_schema_lines_t *lines, th_json_value_t line, th_json_writer_t *writer,
                     th_error_t *error) {
    if (!th_json_is_object(line))
        return th_error_set(error, "bad_line",
                            "a line must be an object with id, schema, instance");
    th_json_value_t instance = th_json_member(line, "instance");
    if (th_json_type(th_json_member(line, "schema")) == TH_JSON_ABSENT ||
        th_json_type(instance) == TH_JSON_ABSENT)
        return th_error_set(error, "bad_line", "the line lacks \"%s\"",
                            th_json_type(instance) == TH_JSON_ABSENT ? "instance" : "schema");
    th_schema_t *schema =
        th_schema_compile_with(th_json_member(line, "schema"), &lines->options, error);
    if (!schema) return false;
    th_schema_report_t report;
    bool valid = th_schema_validate(schema, instance, &report);
    th_schema_free(schema);
    write_report(writer, valid, &report);
    return true;
}

static bool answer_line(const th_schema_lines_t *lines, FILE *output) {
    th_error_t error;
    th_error_clear(&error);
    th_buffer_t buffer;
    th_json_writer_t writer;
    th_buffer_init(&buffer, MAX_ANSWER);
    th_json_writer_init(&writer, &buffer, 0);
    th_json_document_t *document = NULL;
    if (lines->too_long)
        th_error_set(&error, "too_large", "the line is longer than %zu bytes", MAX_LINE);
    else
        document = th_json_parse(lines->parser, th_slice(lines->line, lines->length), &line_limits,
                                 &error);
    th_json_write_object(&writer);
    write_id(&writer, th_json_member(th_json_root(document), "id"));
    if (!document || !try_line(lines, th_json_root(document), &writer, &error)) {
        th_json_write_member_boolean(&writer, "valid", false);
        th_json_write_member_text(&writer, "error", error.message);
    }
    th_json_write_end(&writer);
    bool written = th_json_writer_finish(&writer, &error) && th_buffer_add_byte(&buffer, '\n') &&
                   fwrite(buffer.data, 1, buffer.length, output) == buffer.length;
    th_json_unref(document);
    th_buffer_reset(&buffer);
    return written;
}

static int answer_lines(th_schema_lines_t *lines) {
    (void)setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* whoever sends line by line gets line by line */
    while (read_line(lines, stdin)) {
        if (is_blank(lines)) continue;
        if (!answer_line(lines, stdout)) {
            (void)fprintf(stderr, "tallyhost schema: cannot write to standard output\n");
            return TH_EXIT_FAILURE;
        }
    }
    if (ferror(stdin) || fflush(stdout) != 0) {
        (void)fprintf(stderr, "tallyhost schema: reading or writing failed\n");
        return TH_EXIT_FAILURE;
    }
    return TH_EXIT_OK;
}

int th_verb_schema(int argc, char **argv) {
    th_arguments_t arguments;
    if (!th_arguments_parse(&arguments, argc, argv) || !th_arguments_expect(&arguments, 0, 0))
        return arguments.exit_code;
    if (!th_arguments_has(&arguments, "--jsonl"))
        return th_arguments_refuse(&arguments, "--jsonl is needed");
    const char *format = th_arguments_value(&arguments, "--format");
    if (format && strcmp(format, "annotation") != 0 && strcmp(format, "assertion") != 0)
        return th_arguments_refuse(&arguments, "--format must be annotation or assertion");
    th_schema_lines_t lines = {
        .parser = th_json_parser_new(),
        .options = {.formats_annotate = format && strcmp(format, "annotation") == 0},
        .line = malloc(MAX_LINE),
    };
    int code = TH_EXIT_FAILURE;
    if (lines.parser && lines.line)
        code = answer_lines(&lines);
    else
        (void)fprintf(stderr, "tallyhost schema: out of memory\n");
    th_json_parser_free(lines.parser);
    free(lines.line);
    return code;
}
