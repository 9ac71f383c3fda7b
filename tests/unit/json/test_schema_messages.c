/* What a person or a model is told: the place, the rule, what would be right. */
#include "schema_check.h"

static th_schema_report_t report_of(const char *schema_text, const char *instance) {
    th_schema_report_t report;
    th_schema_t *schema = must_compile(schema_text);
    assert_false(validate_text(schema, instance, &report));
    th_schema_free(schema);
    return report;
}

static void assert_message(const char *schema, const char *instance, const char *path,
                           const char *keyword, const char *message) {
    th_schema_report_t report = report_of(schema, instance);
    assert_int_equal(report.count, 1);
    assert_string_equal(report.errors[0].instance_path, path);
    assert_string_equal(report.errors[0].keyword, keyword);
    assert_string_equal(report.errors[0].message, message);
}

static void test_each_rule_names_what_would_be_right(void **state) {
    (void)state;
    static const struct {
        const char *schema, *instance, *path, *keyword, *message;
    } rows[] = {
        {"{\"properties\":{\"status\":{\"enum\":[\"open\",\"done\"]}}}", "{\"status\":\"opne\"}",
         "/status", "enum", "\"opne\" is not one of the allowed values: \"open\", \"done\""},
        {"{\"enum\":[\"open\",\"done\",\"late\"]}", "\"opne\"", "", "enum",
         "\"opne\" is not one of the allowed values: \"open\", \"done\", \"late\"; did you mean "
         "\"open\"?"},
        {"{\"type\":[\"integer\",\"null\"]}", "1.5", "", "type",
         "must be null or a whole number, not 1.5"},
        {"{\"type\":\"string\"}", "[]", "", "type", "must be a string, not an array"},
        {"{\"type\":\"object\"}", "null", "", "type", "must be an object, not null"},
        {"{\"const\":{\"a\":1}}", "2", "", "const", "must be {\"a\":1}"},
        {"{\"items\":{\"minimum\":1}}", "[1,0]", "/1", "minimum", "must be at least 1, not 0"},
        {"{\"exclusiveMaximum\":1.5}", "2", "", "exclusiveMaximum", "must be less than 1.5, not 2"},
        {"{\"multipleOf\":0.5}", "0.7", "", "multipleOf", "must be a multiple of 0.5, not 0.7"},
        {"{\"minLength\":3}", "\"ab\"", "", "minLength", "must have at least 3 characters, not 2"},
        {"{\"minLength\":3}", "\"\"", "", "minLength", "must not be empty"},
        {"{\"maxItems\":1}", "[1,2]", "", "maxItems", "must have at most 1 element, not 2"},
        {"{\"pattern\":\"^a\"}", "\"b\"", "", "pattern", "\"b\" does not match the pattern \"^a\""},
        {"{\"format\":\"date\"}", "\"31.3.2026\"", "", "format",
         "\"31.3.2026\" is not a date like 2026-03-31"},
        {"{\"required\":[\"run_id\"]}", "{}", "", "required", "\"run_id\" is missing"},
        {"{\"properties\":{\"run_id\":true},\"additionalProperties\":false}", "{\"run-id\":1}", "",
         "additionalProperties", "\"run-id\" is not a known property; did you mean \"run_id\"?"},
        {"{\"properties\":{\"run_id\":true},\"additionalProperties\":false}", "{\"title\":1}", "",
         "additionalProperties", "\"title\" is not a known property; there are run_id"},
        {"{\"properties\":{\"user_id\":true,\"user_name\":true},\"additionalProperties\":false}",
         "{\"who\":1}", "", "additionalProperties",
         "\"who\" is not a known property; there are user_id, user_name"},
        {"{\"additionalProperties\":false}", "{\"b\":1}", "", "additionalProperties",
         "\"b\" is not a known property"},
        {"{\"properties\":{\"a\":true},\"additionalProperties\":false}", "{\"b\":1}", "",
         "additionalProperties", "\"b\" is not a known property; there are a"},
        {"{\"unevaluatedProperties\":false}", "{\"b\":1}", "", "unevaluatedProperties",
         "\"b\" is not a known property"},
        {"{\"dependentRequired\":{\"a\":[\"b\"]}}", "{\"a\":1}", "", "dependentRequired",
         "has \"a\", so \"b\" must be there too"},
        {"{\"propertyNames\":{\"pattern\":\"^a\"}}", "{\"x\":{\"b\":1}}", "", "propertyNames",
         "\"x\" is not allowed as a property name"},
        {"{\"uniqueItems\":true}", "[1,2,1]", "", "uniqueItems",
         "elements 0 and 2 are the same: 1"},
        {"{\"contains\":{\"const\":1}}", "[2]", "", "contains",
         "has no element of the kind that `contains` asks for"},
        {"{\"prefixItems\":[true],\"items\":false}", "[1,2,3]", "", "items",
         "has more than the 1 elements that are expected"},
        {"{\"not\":{\"type\":\"string\"}}", "\"\"", "", "not",
         "must not fit {\"type\":\"string\"}"},
        {"{\"oneOf\":[true,false,true]}", "1", "", "oneOf",
         "fits forms 1 and 3 of the 3, but must fit exactly one"},
        {"{\"properties\":{\"x\":{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"},"
         "{\"properties\":{\"y\":{\"minimum\":2}}}]}}}",
         "{\"x\":{\"y\":1}}", "/x", "anyOf",
         "fits none of the 3 allowed forms: (1) must be a string, not an object; (2) must be null, "
         "not an object; (3) /x/y: must be at least 2, not 1"},
        {"{\"properties\":{\"x\":false}}", "{\"x\":1}", "/x", "false", "nothing is allowed here"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_message(rows[i].schema, rows[i].instance, rows[i].path, rows[i].keyword,
                       rows[i].message);
}

static void test_errors_come_in_a_steady_order(void **state) {
    (void)state;
    th_schema_report_t report =
        report_of("{\"additionalProperties\":false,\"required\":[\"b\",\"a\"],"
                  "\"properties\":{\"a\":{\"type\":\"string\"}},\"minProperties\":3}",
                  "{\"z\":1,\"a\":2}");
    assert_int_equal(report.count, 4);
    assert_string_equal(report.errors[0].keyword, "minProperties");
    assert_string_equal(report.errors[1].keyword, "required");
    assert_string_equal(report.errors[2].keyword, "additionalProperties");
    assert_string_equal(report.errors[3].instance_path, "/a");
}

static void test_what_is_left_over_is_told_only_when_the_rest_holds(void **state) {
    (void)state;
    th_schema_report_t report = report_of(
        "{\"anyOf\":[{\"properties\":{\"a\":{\"type\":\"string\"}}}],\"unevaluatedProperties\":"
        "false}",
        "{\"a\":1}");
    assert_int_equal(report.count, 1);
    assert_string_equal(report.errors[0].keyword, "anyOf");
}

static void test_places_are_pointers(void **state) {
    (void)state;
    th_schema_report_t report =
        report_of("{\"additionalProperties\":{\"items\":{\"additionalProperties\":{\"type\":"
                  "\"null\"}}}}",
                  "{\"a/b~c\":[{},{\"\":1,\"\\u00e4\":2}]}");
    assert_int_equal(report.count, 2);
    assert_string_equal(report.errors[0].instance_path, "/a~1b~0c/1/");
    assert_string_equal(report.errors[1].instance_path, "/a~1b~0c/1/\u00e4");
}

/* The instance may be a part of a larger document: places count from it. */
static void test_places_start_at_the_instance(void **state) {
    (void)state;
    th_json_document_t *document = document_of("{\"params\":{\"arguments\":{\"a\":1}}}");
    th_json_value_t arguments =
        th_json_member(th_json_member(th_json_root(document), "params"), "arguments");
    th_schema_t *schema = must_compile("{\"properties\":{\"a\":{\"type\":\"string\"}}}");
    th_schema_report_t report;
    assert_false(th_schema_validate(schema, arguments, &report));
    assert_string_equal(report.errors[0].instance_path, "/a");
    th_schema_free(schema);
    th_json_unref(document);
}

static void fill(char *text, size_t size, const char *piece, size_t times) {
    size_t length = 0;
    for (size_t i = 0; i < times; i++)
        length += (size_t)snprintf(text + length, size - length, "%s", piece);
}

static void test_long_values_and_places_are_cut(void **state) {
    (void)state;
    char piece[3000], text[8000];
    fill(piece, sizeof piece, "\u00e4", 600);
    (void)snprintf(text, sizeof text, "{\"%s\":\"%s\"}", piece, piece);
    th_schema_report_t report = report_of(
        "{\"additionalProperties\":{\"enum\":[\"a\"],\"pattern\":\"^b\",\"maxLength\":3}}", text);
    assert_int_equal(report.count, 3);
    assert_true(strlen(report.errors[0].instance_path) < sizeof report.errors[0].instance_path);
    assert_non_null(strstr(report.errors[0].instance_path, "..."));
    assert_true(strlen(report.errors[0].message) < 200);
    assert_non_null(strstr(report.errors[0].message, "is not one of the allowed values: \"a\""));
    report = report_of("{\"additionalProperties\":false}", text);
    assert_true(strlen(report.errors[0].message) < 150);
}

static void test_long_lists_of_allowed_values_say_how_many_more(void **state) {
    (void)state;
    char text[4000];
    size_t length = (size_t)snprintf(text, sizeof text, "{\"enum\":[\"first\"");
    for (int i = 0; i < 99; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, ",\"value%d\"", i);
    (void)snprintf(text + length, sizeof text - length, "]}");
    th_schema_report_t report = report_of(text, "1");
    assert_non_null(strstr(report.errors[0].message, "\"first\", \"value0\", "));
    assert_non_null(strstr(report.errors[0].message, " more)"));
}

static void test_errors_are_bounded(void **state) {
    (void)state;
    th_schema_report_t report = report_of("{\"items\":{\"type\":\"null\"}}",
                                          "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]");
    assert_int_equal(report.count, TH_SCHEMA_MAX_ERRORS);
    assert_true(report.more);
    report = report_of("{\"items\":{\"type\":\"null\"}}", "[1]");
    assert_false(report.more);
    /* branches of a fork do not leave traces */
    report =
        report_of("{\"anyOf\":[{\"required\":[\"a\",\"b\",\"c\"]},{\"type\":\"null\"}]}", "{}");
    assert_int_equal(report.count, 1);
    assert_false(report.more);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_rule_names_what_would_be_right),
        cmocka_unit_test(test_errors_come_in_a_steady_order),
        cmocka_unit_test(test_what_is_left_over_is_told_only_when_the_rest_holds),
        cmocka_unit_test(test_places_are_pointers),
        cmocka_unit_test(test_places_start_at_the_instance),
        cmocka_unit_test(test_long_values_and_places_are_cut),
        cmocka_unit_test(test_long_lists_of_allowed_values_say_how_many_more),
        cmocka_unit_test(test_errors_are_bounded),
    };
    return cmocka_run_group_tests_name("schema_messages", tests, NULL, NULL);
}
