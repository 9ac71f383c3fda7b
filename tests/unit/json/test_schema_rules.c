/* Each keyword, with an instance that obeys and one that does not. The official suite
 * (tests/conformance/schema) is wider; these are the cases that it lacks or that broke once. */
#include "schema_check.h"

typedef struct th_row {
    const char *schema, *valid, *invalid; /* NULL: none */
} th_row_t;

static void check(const th_row_t *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (rows[i].valid) assert_verdict(rows[i].schema, rows[i].valid, true);
        if (rows[i].invalid) assert_verdict(rows[i].schema, rows[i].invalid, false);
    }
}
#define CHECK(rows) check(rows, sizeof(rows) / sizeof((rows)[0]))

static void test_types(void **state) {
    (void)state;
    static const th_row_t rows[] = {
        {"true", "1", NULL},
        {"false", NULL, "1"},
        {"{}", "null", NULL},
        {"{\"type\":\"integer\"}", "1.0", "1.5"},
        {"{\"type\":\"integer\"}", "1e300", "\"1\""},
        {"{\"type\":\"integer\"}", "18446744073709551615", "true"},
        {"{\"type\":\"number\"}", "1", "null"},
        {"{\"type\":[\"null\",\"boolean\"]}", "false", "0"},
        {"{\"type\":\"object\"}", "{}", "[]"},
        {"{\"const\":1}", "1.0", "true"},
        {"{\"const\":{\"a\":1,\"b\":2}}", "{\"b\":2,\"a\":1}", "{\"a\":1}"},
        {"{\"enum\":[\"a\",1,null]}", "null", "false"},
        {"{\"enum\":[]}", NULL, "null"},
    };
    CHECK(rows);
}

static void test_numbers_do_not_round(void **state) {
    (void)state;
    static const th_row_t rows[] = {
        {"{\"minimum\":9007199254740993}", "9007199254740993", "9007199254740992"},
        {"{\"maximum\":9007199254740992.0}", "9007199254740992", "9007199254740993"},
        {"{\"exclusiveMinimum\":1.5}", "2", "1"},
        {"{\"exclusiveMaximum\":1.5}", "1", "1.5"},
        {"{\"exclusiveMaximum\":18446744073709551615}", "18446744073709551614",
         "18446744073709551615"},
        {"{\"minimum\":-9223372036854775808}", "-9223372036854775808", "-1e19"},
        {"{\"maximum\":1e300}", "18446744073709551615", "1.1e300"},
        {"{\"minimum\":-0.5}", "0", "-1"},
        {"{\"multipleOf\":0.0001}", "0.0075", "0.00751"},
        {"{\"multipleOf\":0.01}", "4.35", "4.355"},
        {"{\"multipleOf\":0.123456789}", NULL, "1e308"},
        {"{\"multipleOf\":0.5}", "1e308", "1e-308"},
        {"{\"multipleOf\":1e-8}", "12391239123", "1e-9"},
        {"{\"multipleOf\":3}", "18446744073709551615", "18446744073709551614"},
        {"{\"multipleOf\":1e10}", "-30000000000", "3"},
        {"{\"multipleOf\":7}", "0.0", "-8"},
    };
    CHECK(rows);
}

static void test_strings_count_characters(void **state) {
    (void)state;
    static const th_row_t rows[] = {
        {"{\"maxLength\":2}", "\"\\ud83d\\ude00\\u00e9\"", "\"abc\""},
        {"{\"minLength\":2}", "\"\\u00e9\\u00e9\"", "\"\\ud83d\\ude00\""},
        {"{\"minLength\":2.0}", "\"ab\"", "\"a\""},
        {"{\"minLength\":1}", "3", "\"\""},
        {"{\"pattern\":\"^a.c$\"}", "\"abc\"", "\"abc\\n\""},
        {"{\"pattern\":\"b\"}", "\"abc\"", "\"aac\""},
        {"{\"pattern\":\"^\\u0000$\"}", "\"\\u0000\"", "\"\""},
    };
    CHECK(rows);
}

static void test_objects(void **state) {
    (void)state;
    static const th_row_t rows[] = {
        {"{\"required\":[\"a\",\"b\"]}", "{\"b\":1,\"a\":null}", "{\"a\":1}"},
        {"{\"minProperties\":1,\"maxProperties\":1}", "{\"a\":1}", "{}"},
        {"{\"properties\":{\"a\":{\"type\":\"string\"},\"\":true,\"b\":false}}",
         "{\"a\":\"\",\"\":1}", "{\"b\":1}"},
        {"{\"additionalProperties\":false,\"properties\":{\"a\":true},"
         "\"patternProperties\":{\"^x_\":{\"type\":\"integer\"}}}",
         "{\"x_1\":2,\"a\":3}", "{\"y\":1}"},
        {"{\"patternProperties\":{\"^x_\":{\"type\":\"integer\"}}}", "{\"y\":\"\"}",
         "{\"x_1\":\"\"}"},
        {"{\"additionalProperties\":{\"type\":\"integer\"}}", "{\"a\":1}", "{\"a\":\"\"}"},
        {"{\"propertyNames\":{\"maxLength\":2}}", "{\"ab\":{\"abc\":1}}", "{\"abc\":1}"},
        {"{\"propertyNames\":{\"enum\":[\"a\",\"b\"]}}", "{\"b\":1,\"a\":1}", "{\"c\":1}"},
        {"{\"dependentRequired\":{\"a\":[\"b\"]}}", "{\"b\":1}", "{\"a\":1}"},
        {"{\"dependentSchemas\":{\"a\":{\"required\":[\"b\"]}}}", "{}", "{\"a\":1}"},
        {"{\"dependencies\":{\"a\":[\"b\"],\"c\":{\"minProperties\":2}}}", "{\"a\":1,\"b\":2}",
         "{\"c\":1}"},
    };
    CHECK(rows);
}

static void test_arrays(void **state) {
    (void)state;
    static const th_row_t rows[] = {
        {"{\"minItems\":1,\"maxItems\":2}", "[1,2]", "[1,2,3]"},
        {"{\"items\":{\"type\":\"integer\"}}", "[1,2]", "[1,\"\"]"},
        {"{\"prefixItems\":[{\"type\":\"integer\"}],\"items\":false}", "[1]", "[1,2]"},
        {"{\"prefixItems\":[{\"type\":\"integer\"},{\"type\":\"string\"}]}", "[1]", "[1,2]"},
        {"{\"contains\":{\"const\":1}}", "[0,1]", "[]"},
        {"{\"contains\":{\"const\":1},\"minContains\":0}", "[]", NULL},
        {"{\"contains\":{\"const\":1},\"minContains\":2,\"maxContains\":2}", "[1,1]", "[1,1,1]"},
        {"{\"minContains\":2}", "[1]", NULL},
        {"{\"uniqueItems\":true}", "[1,\"1\",true,[1],{\"a\":1},null]", "[1,1.0]"},
        {"{\"uniqueItems\":true}", "[0,false]", "[-0.0,0]"},
        {"{\"uniqueItems\":true}", "[{\"a\":1,\"b\":2},{\"a\":2,\"b\":1}]",
         "[{\"a\":1,\"b\":2},{\"b\":2,\"a\":1}]"},
        {"{\"uniqueItems\":false}", "[1,1]", NULL},
    };
    CHECK(rows);
}

static void test_combinations(void **state) {
    (void)state;
    static const th_row_t rows[] = {
        {"{\"allOf\":[{\"minimum\":1},{\"maximum\":3}]}", "2", "4"},
        {"{\"anyOf\":[{\"type\":\"string\"},{\"minimum\":3}]}", "4", "2"},
        {"{\"oneOf\":[{\"multipleOf\":2},{\"multipleOf\":3}]}", "4", "6"},
        {"{\"not\":{\"type\":\"string\"}}", "1", "\"\""},
        {"{\"if\":{\"minimum\":5},\"then\":{\"multipleOf\":5},\"else\":{\"multipleOf\":2}}", "10",
         "7"},
        {"{\"if\":{\"minimum\":5},\"then\":{\"multipleOf\":5},\"else\":{\"multipleOf\":2}}", "4",
         "3"},
        {"{\"then\":false,\"else\":false}", "1", NULL},
    };
    CHECK(rows);
}

static void test_unevaluated(void **state) {
    (void)state;
    static const th_row_t rows[] = {
        {"{\"allOf\":[{\"properties\":{\"a\":true}}],\"unevaluatedProperties\":false}", "{\"a\":1}",
         "{\"b\":1}"},
        /* a branch that does not hold gives nothing */
        {"{\"anyOf\":[{\"properties\":{\"a\":{\"const\":1}},\"required\":[\"a\"]},"
         "{\"properties\":{\"b\":true}}],\"unevaluatedProperties\":false}",
         "{\"a\":1,\"b\":1}", "{\"a\":2,\"b\":1}"},
        {"{\"if\":{\"properties\":{\"a\":{\"const\":1}},\"required\":[\"a\"]},\"then\":{"
         "\"properties\":{\"b\":true}},\"unevaluatedProperties\":false}",
         "{\"a\":1,\"b\":1}", "{\"a\":2}"},
        {"{\"$ref\":\"#/$defs/x\",\"unevaluatedProperties\":{\"type\":\"integer\"},"
         "\"$defs\":{\"x\":{\"patternProperties\":{\"^s\":true}}}}",
         "{\"s\":\"\",\"t\":1}", "{\"t\":\"\"}"},
        /* what is inside of `not` does not count */
        {"{\"not\":{\"not\":{\"properties\":{\"a\":true}}},\"unevaluatedProperties\":false}", "{}",
         "{\"a\":1}"},
        {"{\"dependentSchemas\":{\"a\":{\"properties\":{\"b\":true}}},\"properties\":{\"a\":true},"
         "\"unevaluatedProperties\":false}",
         "{\"a\":1,\"b\":1}", "{\"b\":1}"},
        {"{\"allOf\":[{\"unevaluatedProperties\":true}],\"unevaluatedProperties\":false}",
         "{\"a\":1}", NULL},
        {"{\"prefixItems\":[true],\"contains\":{\"const\":7},\"unevaluatedItems\":false}", "[1,7]",
         "[1,8,7]"},
        {"{\"oneOf\":[{\"prefixItems\":[true,true],\"minItems\":2},{\"maxItems\":1}],"
         "\"unevaluatedItems\":false}",
         "[1,2]", "[1]"},
    };
    CHECK(rows);
}

/* Sets larger than what fits inside of the structure. */
static void test_unevaluated_of_many(void **state) {
    (void)state;
    char text[16384];
    for (int extra = 0; extra < 2; extra++) {
        size_t length = (size_t)snprintf(text, sizeof text, "{");
        for (int i = 0; i < 700; i++)
            length += (size_t)snprintf(text + length, sizeof text - length, "\"p%d\":1,", i);
        (void)snprintf(text + length, sizeof text - length, "\"%s\":1}", extra ? "q" : "p");
        assert_verdict("{\"anyOf\":[{\"patternProperties\":{\"^p\":true}},false],"
                       "\"unevaluatedProperties\":false}",
                       text, !extra);
    }
}

static void test_duplicate_keys_take_the_last(void **state) {
    (void)state;
    static const th_row_t rows[] = {
        {"{\"type\":\"string\",\"type\":\"integer\"}", "1", "\"\""},
        {"{\"properties\":{\"a\":false,\"b\":true,\"a\":true}}", "{\"a\":1}", NULL},
        {"{\"properties\":{\"a\":true,\"b\":true,\"a\":false}}", NULL, "{\"a\":1}"},
    };
    CHECK(rows);
}

static void test_no_value_is_not_valid(void **state) {
    (void)state;
    th_schema_t *schema = must_compile("{\"title\":\"anything\"}");
    th_schema_report_t report;
    assert_false(th_schema_validate(schema, th_json_absent(), &report));
    assert_string_equal(report.errors[0].message, "there is no value");
    assert_false(th_schema_validate(schema, th_json_absent(), NULL));
    th_schema_free(schema);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_numbers_do_not_round),
        cmocka_unit_test(test_strings_count_characters),
        cmocka_unit_test(test_objects),
        cmocka_unit_test(test_arrays),
        cmocka_unit_test(test_combinations),
        cmocka_unit_test(test_unevaluated),
        cmocka_unit_test(test_unevaluated_of_many),
        cmocka_unit_test(test_duplicate_keys_take_the_last),
        cmocka_unit_test(test_no_value_is_not_valid),
    };
    return cmocka_run_group_tests_name("schema_rules", tests, NULL, NULL);
}
