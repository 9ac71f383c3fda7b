/* `tool call` arguments: words typed by the schema, files, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/tool.h"
#include "json/writer.h"

static const th_option_t arg_option = {"--arg", "NAME=VALUE", NULL, ""};
static const th_option_t json_option = {"--json", "FILE", NULL, ""};

typedef struct fixture {
    th_program_t program;
    th_arguments_t arguments;
    th_json_parser_t *parser;
    th_json_document_t *schema;
    th_tool_t tool;
} fixture_t;

static int set_up(void **state) {
    static const char schema[] =
        "{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"string\"},\"page\":{\"type\":"
        "\"integer\"},"
        "\"open\":{\"type\":\"boolean\"},\"tags\":{\"type\":\"array\"},\"any\":{},"
        "\"maybe\":{\"type\":[\"string\",\"null\"]}}}";
    fixture_t *fixture = calloc(1, sizeof(*fixture));
    fixture->program.arguments = &fixture->arguments;
    fixture->parser = th_json_parser_new();
    fixture->schema =
        th_json_parse(fixture->parser, th_slice_of(schema), &th_json_limits_request, NULL);
    fixture->tool.input_schema = th_json_root(fixture->schema);
    *state = fixture;
    return fixture->schema ? 0 : -1;
}

static int tear_down(void **state) {
    fixture_t *fixture = *state;
    th_json_unref(fixture->schema);
    th_json_parser_free(fixture->parser);
    free(fixture);
    return 0;
}

static void give(fixture_t *fixture, const th_option_t *option, const char *value) {
    fixture->arguments.given[fixture->arguments.given_count].option = option;
    fixture->arguments.given[fixture->arguments.given_count++].value = value;
}

static void assert_arguments(fixture_t *fixture, const char *want) {
    th_error_t error;
    th_buffer_t out;
    th_json_writer_t writer;
    th_json_document_t *document =
        th_tool_arguments(&fixture->program, &fixture->tool, fixture->parser, &error);
    if (!document) fail_msg("%s", error.message);
    th_buffer_init(&out, 65536);
    th_json_writer_init(&writer, &out, 0);
    th_json_write_value(&writer, th_json_root(document));
    assert_true(th_json_writer_finish(&writer, &error));
    th_buffer_add_byte(&out, '\0');
    assert_string_equal(out.data, want);
    th_buffer_reset(&out);
    th_json_unref(document);
}

static void assert_refused(fixture_t *fixture, const char *part) {
    th_error_t error;
    assert_null(th_tool_arguments(&fixture->program, &fixture->tool, fixture->parser, &error));
    if (!strstr(error.message, part)) fail_msg("%s", error.message);
}

static const char *write_file(const char *text) {
    static char path[32];
    strcpy(path, "/tmp/tallyhost-json-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    return path;
}

static void test_no_arguments(void **state) {
    assert_arguments(*state, "{}");
}

static void test_words_are_typed_by_the_schema(void **state) {
    fixture_t *fixture = *state;
    static const char *const words[] = {"id=123",   "page=2", "open=true", "tags=[\"a\",1]",
                                        "any=null", "new=7",  "maybe=null"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        give(fixture, &arg_option, words[i]);
    assert_arguments(fixture, "{\"id\":\"123\",\"page\":2,\"open\":true,\"tags\":[\"a\",1],"
                              "\"any\":null,\"new\":\"7\",\"maybe\":null}");
}

/* What is no JSON goes on as text, for validation to name; a value may hold '=' and quotes. */
static void test_words_that_are_no_json(void **state) {
    fixture_t *fixture = *state;
    give(fixture, &arg_option, "page=many");
    give(fixture, &arg_option, "id=a=b \"c\"");
    give(fixture, &arg_option, "any=");
    assert_arguments(fixture, "{\"page\":\"many\",\"id\":\"a=b \\\"c\\\"\",\"any\":\"\"}");
}

static void test_words_that_are_wrong(void **state) {
    fixture_t *fixture = *state;
    give(fixture, &arg_option, "id");
    assert_refused(fixture, "it must be NAME=VALUE");
    fixture->arguments.given_count = 0;
    give(fixture, &arg_option, "=x");
    assert_refused(fixture, "it must be NAME=VALUE");
    fixture->arguments.given_count = 0;
    give(fixture, &arg_option, "id=1");
    give(fixture, &arg_option, "id=2");
    assert_refused(fixture, "id"); /* which of the two is meant? */
}

static void test_file(void **state) {
    fixture_t *fixture = *state;
    const char *path = write_file(" {\"id\": \"x\", \"page\": 1}\n");
    give(fixture, &json_option, path);
    assert_arguments(fixture, "{\"id\":\"x\",\"page\":1}");
    unlink(path);
    assert_refused(fixture, "No such file");
}

static void test_files_that_are_wrong(void **state) {
    fixture_t *fixture = *state;
    const char *path = write_file("[1]");
    give(fixture, &json_option, path);
    assert_refused(fixture, "must hold one JSON object");
    give(fixture, &arg_option, "id=1");
    assert_refused(fixture, "exclude each other");
    unlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_no_arguments, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_words_are_typed_by_the_schema, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_words_that_are_no_json, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_words_that_are_wrong, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_files_that_are_wrong, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
