/* test_schema_rewrite.c - what each provider gets of a tool's schema, and names both ways. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>

#include "chat/schema_rewrite.h"
#include "chat/tool_names.h"

static th_json_parser_t *parser;

static char *rewrite(const char *schema, th_schema_taste_t taste) {
    th_error_t error = {0};
    th_buffer_t out;
    th_json_writer_t writer;
    size_t length;
    th_json_document_t *document =
        th_json_parse(parser, th_slice_of(schema), &th_json_limits_answer, &error);
    if (!document) fail_msg("%s: %s", schema, error.message);
    th_buffer_init(&out, 65536);
    th_json_writer_init(&writer, &out, 0);
    th_schema_rewrite(&writer, th_json_root(document), taste);
    assert_true(th_json_writer_finish(&writer, &error));
    th_json_unref(document);
    return th_buffer_take(&out, &length);
}

static void expect(const char *schema, th_schema_taste_t taste, const char *wanted) {
    char *written = rewrite(schema, taste);
    assert_string_equal(written, wanted);
    free(written);
}

static void expect_both(const char *schema, const char *wanted) {
    expect(schema, TH_SCHEMA_ANTHROPIC, wanted);
    expect(schema, TH_SCHEMA_OPENAI, wanted);
}

static void the_top_is_always_an_object_with_properties(void **state) {
    (void)state;
    expect_both("{}", "{\"type\":\"object\",\"properties\":{}}");
    expect_both("true", "{\"type\":\"object\",\"properties\":{}}");
    expect_both("{\"required\":[\"a\"],\"properties\":{\"a\":{\"type\":\"string\"}}}",
                "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}},"
                "\"required\":[\"a\"]}");
    expect_both("{\"$schema\":\"x\",\"$id\":\"y\",\"type\":[\"object\",\"null\"],\"not\":{},"
                "\"if\":{},\"then\":{},\"enum\":[{}]}",
                "{\"type\":\"object\",\"properties\":{}}");
}

static void branches_at_the_top_give_their_properties(void **state) {
    (void)state;
    expect_both("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}},"
                "\"oneOf\":[{\"properties\":{\"b\":{\"type\":\"integer\"}},\"required\":[\"b\"]},"
                "{\"properties\":{\"a\":{\"type\":\"null\"},\"b\":{\"type\":\"null\"},"
                "\"c\":{\"type\":\"boolean\"}}}],"
                "\"allOf\":[{\"properties\":{\"d\":{\"type\":\"number\"}}}],\"anyOf\":[true]}",
                "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"},"
                "\"d\":{\"type\":\"number\"},\"b\":{\"type\":\"integer\"},"
                "\"c\":{\"type\":\"boolean\"}}}");
}

static void anthropic_gets_the_rest_unchanged(void **state) {
    (void)state;
    const char *schema = "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\","
                         "\"pattern\":\"^x\",\"format\":\"iri\"},\"b\":{\"const\":1,\"oneOf\":"
                         "[{\"type\":\"integer\"}]}},\"additionalProperties\":false,"
                         "\"$defs\":{\"d\":{\"not\":{}}}}";
    expect(schema, TH_SCHEMA_ANTHROPIC, schema);
}

static void imitators_get_common_keywords_only(void **state) {
    (void)state;
    expect("{\"type\":\"object\",\"properties\":{"
           "\"a\":{\"type\":\"string\",\"pattern\":\"^x\",\"format\":\"iri\",\"minLength\":1},"
           "\"b\":{\"type\":\"string\",\"format\":\"date\"},"
           "\"c\":{\"const\":\"x\",\"description\":\"d\"},"
           "\"d\":{\"oneOf\":[{\"type\":\"integer\",\"multipleOf\":2},{\"type\":\"null\"}]},"
           "\"e\":{\"type\":\"object\",\"properties\":{\"f\":{\"not\":{}}},"
           "\"patternProperties\":{\"x\":{}},\"additionalProperties\":{\"pattern\":\"y\"}},"
           "\"g\":{\"$ref\":\"#/$defs/h\"},\"i\":{\"$ref\":\"https://elsewhere.example/x\"}},"
           "\"additionalProperties\":false,\"unevaluatedProperties\":false,"
           "\"$defs\":{\"h\":{\"type\":\"string\",\"contentMediaType\":\"text/html\"}}}",
           TH_SCHEMA_OPENAI,
           "{\"type\":\"object\",\"properties\":{"
           "\"a\":{\"type\":\"string\",\"minLength\":1},"
           "\"b\":{\"type\":\"string\",\"format\":\"date\"},"
           "\"c\":{\"enum\":[\"x\"],\"description\":\"d\"},"
           "\"d\":{\"anyOf\":[{\"type\":\"integer\"},{\"type\":\"null\"}]},"
           "\"e\":{\"type\":\"object\",\"properties\":{\"f\":{}},\"additionalProperties\":{}},"
           "\"g\":{\"$ref\":\"#/$defs/h\"},\"i\":{}},"
           "\"additionalProperties\":false,\"$defs\":{\"h\":{\"type\":\"string\"}}}");
}

static void every_array_says_what_its_items_are(void **state) {
    (void)state;
    expect("{\"properties\":{\"a\":{\"type\":\"array\"},"
           "\"b\":{\"type\":[\"object\",\"array\"]},"
           "\"c\":{\"type\":\"array\",\"items\":{\"type\":\"array\"}},"
           "\"d\":{\"type\":\"array\",\"prefixItems\":[{}],\"items\":false},"
           "\"e\":true}}",
           TH_SCHEMA_OPENAI,
           "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"array\",\"items\":{}},"
           "\"b\":{\"type\":[\"object\",\"array\"],\"items\":{}},"
           "\"c\":{\"type\":\"array\",\"items\":{\"type\":\"array\",\"items\":{}}},"
           "\"d\":{\"type\":\"array\",\"items\":{}},\"e\":{}}}");
}

static void nonsense_is_survived(void **state) {
    (void)state;
    const char *const schemas[] = {
        "{\"properties\":[],\"anyOf\":{},\"allOf\":[1,null]}",
        "{\"properties\":{\"a\":7,\"b\":{\"type\":7,\"items\":7,\"anyOf\":7,\"enum\":7}}}",
        "{\"properties\":{\"a\":{\"properties\":3,\"$defs\":4,\"$ref\":5,\"format\":6}}}",
        "[]",
        "null",
        "\"x\"",
    };
    for (size_t i = 0; i < sizeof schemas / sizeof schemas[0]; i++) {
        free(rewrite(schemas[i], TH_SCHEMA_ANTHROPIC));
        free(rewrite(schemas[i], TH_SCHEMA_OPENAI));
    }
}

/* ---- names ---- */

static th_tool_names_t *names_of(const char *tools, th_error_t *error) {
    th_json_document_t *document =
        th_json_parse(parser, th_slice_of(tools), &th_json_limits_answer, NULL);
    assert_non_null(document);
    th_tool_names_t *names = th_tool_names_new(th_json_root(document), error);
    th_json_unref(document);
    return names;
}

static bool fits_pattern(const char *name) {
    size_t length = strlen(name);
    return length >= 1 && length <= 64 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
               length;
}

static void names_come_back_as_they_were(void **state) {
    (void)state;
    const char *const own[] = {"get_task", "a.b/c", "a_b_c", "gr\xc3\xbc\xc3\x9f",
                               "a_very_long_name_that_goes_on_and_on_and_on_beyond_what_providers_"
                               "take_because_somebody_liked_it"};
    th_error_t error = {0};
    th_tool_names_t *names =
        names_of("[{\"name\":\"get_task\"},{\"name\":\"a.b/c\"},{\"name\":\"a_b_c\"},"
                 "{\"name\":\"gr\xc3\xbc\xc3\x9f\"},"
                 "{\"name\":\"a_very_long_name_that_goes_on_and_on_and_on_beyond_what_providers_"
                 "take_because_somebody_liked_it\"}]",
                 &error);
    assert_non_null(names);
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        char mapped[TH_TOOL_NAME_MAX + 1], again[TH_TOOL_NAME_MAX + 1];
        th_tool_name_map(th_slice_of(own[i]), mapped);
        th_tool_name_map(th_slice_of(own[i]), again);
        assert_string_equal(mapped, again);
        assert_true(fits_pattern(mapped));
        assert_true(th_slice_is(th_tool_name_restore(names, th_slice_of(mapped)), own[i]));
    }
    assert_true(th_slice_is(th_tool_name_restore(names, TH_SLICE("unknown")), "unknown"));
    th_tool_names_free(names);
}

static void two_tools_with_one_name_are_refused(void **state) {
    (void)state;
    char mapped[TH_TOOL_NAME_MAX + 1], tools[300];
    th_error_t error = {0};
    assert_null(names_of("[{\"name\":\"a\"},{\"name\":\"a\"}]", &error));
    assert_string_equal(error.code, "name_clash");
    th_tool_name_map(TH_SLICE("a.b"), mapped); /* a tool that is called like another's mapping */
    snprintf(tools, sizeof tools, "[{\"name\":\"a.b\"},{\"name\":\"%s\"}]", mapped);
    assert_null(names_of(tools, &error));
    assert_string_equal(error.code, "name_clash");
    assert_non_null(strstr(error.message, "a.b"));
}

static void tools_without_names_are_refused(void **state) {
    (void)state;
    const char *const wrong[] = {"[{}]", "[{\"name\":\"\"}]", "[{\"name\":7}]",
                                 "[{\"name\":\"a\\u0000b\"}]", "[1]"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        th_error_t error = {0};
        assert_null(names_of(wrong[i], &error));
        assert_string_equal(error.code, "bad_tools");
    }
}

static int open_parser(void **state) {
    (void)state;
    parser = th_json_parser_new();
    return parser ? 0 : -1;
}

static int close_parser(void **state) {
    (void)state;
    th_json_parser_free(parser);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_top_is_always_an_object_with_properties),
        cmocka_unit_test(branches_at_the_top_give_their_properties),
        cmocka_unit_test(anthropic_gets_the_rest_unchanged),
        cmocka_unit_test(imitators_get_common_keywords_only),
        cmocka_unit_test(every_array_says_what_its_items_are),
        cmocka_unit_test(nonsense_is_survived),
        cmocka_unit_test(names_come_back_as_they_were),
        cmocka_unit_test(two_tools_with_one_name_are_refused),
        cmocka_unit_test(tools_without_names_are_refused),
    };
    return cmocka_run_group_tests(tests, open_parser, close_parser);
}
