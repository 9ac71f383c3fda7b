/* Malice and sheer size: every budget is met with an answer, and threads may share a schema. */
#include <pthread.h>

#include "schema_check.h"

/* <head> <piece>*times <middle> <tail>*times; the caller frees it. */
static char *repeat(const char *head, const char *piece, size_t times, const char *middle,
                    const char *tail) {
    size_t size = strlen(head) + strlen(middle) + times * (strlen(piece) + strlen(tail)) + 1;
    char *text = malloc(size), *at = text;
    assert_non_null(text);
    at = stpcpy(at, head);
    for (size_t i = 0; i < times; i++)
        at = stpcpy(at, piece);
    at = stpcpy(at, middle);
    for (size_t i = 0; i < times; i++)
        at = stpcpy(at, tail);
    return text;
}

static void assert_exhausted(const char *schema_text, const char *instance, const char *words) {
    th_schema_report_t report;
    th_schema_t *schema = must_compile(schema_text);
    assert_false(validate_text(schema, instance, NULL));
    assert_false(validate_text(schema, instance, &report));
    assert_true(report.exhausted);
    const th_schema_error_t *last = &report.errors[report.count - 1];
    assert_string_equal(last->keyword, "limit");
    assert_non_null(strstr(last->message, words));
    th_schema_free(schema);
}

static void test_schemas_that_apply_themselves_end(void **state) {
    (void)state;
    assert_exhausted("{\"$ref\":\"#\"}", "1", "too deeply");
    assert_exhausted("{\"allOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"}]}", "1", "too deeply");
    assert_exhausted("{\"not\":{\"$ref\":\"#\"}}", "1", "too deeply");
    assert_exhausted("{\"$dynamicAnchor\":\"a\",\"$dynamicRef\":\"#a\"}", "1", "too deeply");
    assert_exhausted("{\"anyOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"}],\"unevaluatedItems\":false}",
                     "[1]", "too deeply");
    assert_exhausted("{\"if\":{\"$ref\":\"#\"},\"else\":false}", "1", "too deeply");
}

/* 2^40 evaluations if nobody counted. */
static void test_work_that_doubles_at_each_level_ends(void **state) {
    (void)state;
    char text[8192];
    size_t length = (size_t)snprintf(text, sizeof text, "{\"$ref\":\"#/$defs/d0\",\"$defs\":{");
    for (int i = 0; i < 40; i++)
        length += (size_t)snprintf(
            text + length, sizeof text - length,
            "\"d%d\":{\"allOf\":[{\"$ref\":\"#/$defs/d%d\"},{\"$ref\":\"#/$defs/d%d\"}]},", i,
            i + 1, i + 1);
    (void)snprintf(text + length, sizeof text - length, "\"d40\":true}}");
    assert_exhausted(text, "1", "too much work");
}

static void test_patterns_that_backtrack_for_ever_end(void **state) {
    (void)state;
    assert_exhausted("{\"pattern\":\"^(a+)+$\"}", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"",
                     "a pattern takes too many steps");
    assert_exhausted("{\"patternProperties\":{\"^(a|a)*$\":true}}",
                     "{\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\":1}",
                     "a pattern takes too many steps");
    /* not valid by way of `not` either */
    assert_exhausted("{\"not\":{\"pattern\":\"^(a+)+$\"}}",
                     "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"",
                     "a pattern takes too many steps");
}

/* Each match stays below the limit of one match; together they are too much. */
static void test_many_dear_matches_end(void **state) {
    (void)state;
    char *text = repeat("[0", ",\"aaaaaaaaaaaaaaab\"", 4000, "]", "");
    assert_exhausted("{\"items\":{\"pattern\":\"^(a+)+$\"}}", text, "too much work");
    free(text);
}

static void test_deep_instances(void **state) {
    (void)state;
    char *text = repeat("", "[", 200, "1", "]");
    assert_verdict("{\"anyOf\":[{\"type\":\"array\",\"items\":{\"$ref\":\"#\"}},"
                   "{\"type\":\"integer\"}]}",
                   "[[[1]]]", true);
    assert_verdict("{\"items\":{\"$ref\":\"#\"}}", text, true);
    free(text);
    text = repeat("", "[", 900, "1", "]");
    assert_exhausted("{\"items\":{\"$ref\":\"#\"}}", text, "too deeply");
    free(text);
}

static void test_deep_and_large_schemas_are_refused(void **state) {
    (void)state;
    char *text = repeat("", "{\"not\":", 255, "{}", "}");
    assert_verdict(text, "1", false); /* an odd number of nots */
    free(text);
    text = repeat("", "{\"not\":", 300, "{}", "}");
    assert_refused(text, "too_deep", "nested over 256 deep");
    free(text);
    text = repeat("{\"anyOf\":[{}", ",{}", 50000, "]}", "");
    assert_refused(text, "too_large", "over 50000 subschemas");
    free(text);
    char *names = malloc(1 << 20);
    assert_non_null(names);
    size_t length = (size_t)sprintf(names, "{\"$defs\":{");
    for (int i = 0; i < 2500; i++)
        length += (size_t)sprintf(names + length, "\"a%d\":{\"$anchor\":\"a%d\"},", i, i);
    (void)sprintf(names + length, "\"b\":true}}");
    assert_refused(names, "too_large", "over 2000 ids and anchors");
    free(names);
    text = repeat("{\"$ref\":\"", "/x", 1500, "\"}", "");
    assert_refused(text, "bad_schema", "it is too long");
    free(text);
    text = repeat("{\"pattern\":\"", "aa", 2500, "\"}", "");
    assert_refused(text, "bad_schema", "longer than 4096 bytes");
    free(text);
    text = repeat("{\"pattern\":\"", "(", 150, "", ")");
    char *closed = malloc(strlen(text) + 3);
    assert_non_null(closed);
    (void)sprintf(closed, "%s\"}", text);
    assert_refused(closed, "bad_schema", "parentheses are too deeply nested");
    free(closed);
    free(text);
    assert_refused("{\"pattern\":\"((a{1000}){1000}){1000}\"}", "bad_schema",
                   "regular expression is too large");
}

static void test_many_elements_are_compared_in_time(void **state) {
    (void)state;
    size_t size = 40000 * 16 + 16, length = 1;
    char *text = malloc(size);
    assert_non_null(text);
    text[0] = '[';
    for (int i = 0; i < 40000; i++)
        length += (size_t)sprintf(text + length, "[%d,\"x\"],", i);
    (void)sprintf(text + length, "0]");
    assert_verdict("{\"uniqueItems\":true}", text, true);
    (void)sprintf(text + length, "[7,\"x\"]]");
    assert_verdict("{\"uniqueItems\":true}", text, false);
    free(text);
}

static void test_many_required_names_of_many_members_end(void **state) {
    (void)state;
    size_t size = 60000 * 12, length;
    char *schema = malloc(size), *instance = malloc(size);
    assert_non_null(schema);
    assert_non_null(instance);
    length = (size_t)sprintf(schema, "{\"required\":[\"m0\"");
    for (int i = 0; i < 50000; i++)
        length += (size_t)sprintf(schema + length, ",\"m%d\"", i);
    (void)sprintf(schema + length, "]}");
    length = (size_t)sprintf(instance, "{\"m\":0");
    for (int i = 0; i < 50000; i++)
        length += (size_t)sprintf(instance + length, ",\"m%d\":0", i);
    (void)sprintf(instance + length, "}");
    assert_exhausted(schema, instance, "too much work");
    free(instance);
    free(schema);
}

typedef struct th_sharing {
    const th_schema_t *schema;
    th_json_value_t good, bad;
    size_t mistakes;
} th_sharing_t;

static void *validate_often(void *arg) {
    th_sharing_t *sharing = arg;
    for (int i = 0; i < 200; i++) {
        th_schema_report_t report;
        sharing->mistakes += !th_schema_validate(sharing->schema, sharing->good, &report);
        sharing->mistakes += th_schema_validate(sharing->schema, sharing->bad, &report);
    }
    return NULL;
}

static void test_threads_share_a_schema(void **state) {
    (void)state;
    th_schema_t *schema = must_compile(
        "{\"properties\":{\"a\":{\"pattern\":\"^[a-z]+$\"},\"h\":{\"format\":\"idn-hostname\"}},"
        "\"unevaluatedProperties\":{\"$ref\":\"https://json-schema.org/draft/2020-12/schema\"}}");
    th_json_document_t *good =
        document_of("{\"a\":\"abc\",\"h\":\"b\\u00fccher.example\",\"s\":{\"type\":\"null\"}}");
    th_json_document_t *bad = document_of("{\"a\":\"ABC\",\"h\":\"-\",\"s\":{\"type\":\"nix\"}}");
    pthread_t threads[4];
    th_sharing_t sharing[4];
    for (size_t i = 0; i < 4; i++) {
        sharing[i] = (th_sharing_t){schema, th_json_root(good), th_json_root(bad), 0};
        assert_int_equal(pthread_create(&threads[i], NULL, validate_often, &sharing[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(sharing[i].mistakes, 0);
    }
    th_json_unref(good);
    th_json_unref(bad);
    th_schema_free(schema);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_schemas_that_apply_themselves_end),
        cmocka_unit_test(test_work_that_doubles_at_each_level_ends),
        cmocka_unit_test(test_patterns_that_backtrack_for_ever_end),
        cmocka_unit_test(test_many_dear_matches_end),
        cmocka_unit_test(test_deep_instances),
        cmocka_unit_test(test_deep_and_large_schemas_are_refused),
        cmocka_unit_test(test_many_elements_are_compared_in_time),
        cmocka_unit_test(test_many_required_names_of_many_members_end),
        cmocka_unit_test(test_threads_share_a_schema),
    };
    return cmocka_run_group_tests_name("schema_limits", tests, NULL, NULL);
}
