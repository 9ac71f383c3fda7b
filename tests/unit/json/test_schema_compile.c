/* What does not compile, and how that is said; references, dialects, the built-in metaschemas. */
#include "schema_check.h"

static void test_values_that_the_metaschema_refuses(void **state) {
    (void)state;
    static const struct {
        const char *schema, *words;
    } rows[] = {
        {"3", "a schema must be an object, true or false, not integer"},
        {"{\"type\":\"strin\"}", "at /type: \"strin\" is no type"},
        {"{\"type\":[]}", "at least one type"},
        {"{\"type\":[3]}", "at /type/0"},
        {"{\"properties\":{\"a/b\":{\"minLength\":-1}}}", "at /properties/a~1b/minLength"},
        {"{\"properties\":[]}", "`properties` must be an object of schemas, not array"},
        {"{\"properties\":{\"a\":3}}", "at /properties/a: a schema must be"},
        {"{\"required\":\"a\"}", "`required` must be an array of property names"},
        {"{\"required\":[1]}", "at /required/0"},
        {"{\"enum\":1}", "`enum` must be an array"},
        {"{\"minimum\":\"1\"}", "`minimum` must be a number, not string"},
        {"{\"multipleOf\":0}", "`multipleOf` must be greater than 0"},
        {"{\"maxItems\":1.5}", "`maxItems` must be a whole number from 0"},
        {"{\"uniqueItems\":1}", "`uniqueItems` must be true or false"},
        {"{\"pattern\":\"(\"}", "at /pattern: the pattern is not a regular expression"},
        {"{\"patternProperties\":{\"[\":true}}", "a class without its closing ]"},
        {"{\"items\":[true]}", "for a schema per position write `prefixItems`"},
        {"{\"allOf\":[]}", "`allOf` must be an array of at least one schema"},
        {"{\"title\":1}", "`title` must be a string, not integer"},
        {"{\"readOnly\":1}", "`readOnly` must be true or false"},
        {"{\"examples\":1}", "`examples` must be an array"},
        {"{\"format\":1}", "`format` must be a string"},
        {"{\"dependentRequired\":{\"a\":\"b\"}}", "`dependentRequired` must be an array"},
        {"{\"$ref\":1}", "`$ref` must be a string"},
        {"{\"$id\":1}", "`$id` must be a string"},
        {"{\"$anchor\":\"1a\"}", "`$anchor` must be letters"},
        {"{\"$id\":\"http://a/b#c\"}", "`$id` must have no fragment"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_refused(rows[i].schema, "bad_schema", rows[i].words);
}

static void test_an_error_need_not_be_asked_for(void **state) {
    (void)state;
    assert_null(compile_text("{\"type\":1}", NULL));
    assert_null(compile_text("{\"$ref\":\"#/nowhere\"}", NULL));
    th_error_t error;
    assert_null(th_schema_compile(th_json_absent(), &error));
    assert_string_equal(error.code, "bad_schema");
    th_schema_free(NULL);
}

static void test_places_are_told_from_the_schema(void **state) {
    (void)state;
    th_json_document_t *document = document_of("{\"schema\":{\"not\":{\"type\":\"x\"}}}");
    th_error_t error;
    assert_null(th_schema_compile(th_json_member(th_json_root(document), "schema"), &error));
    assert_non_null(strstr(error.message, "at /not/type: "));
    th_json_unref(document);
}

static void test_references_that_lead_nowhere(void **state) {
    (void)state;
    static const struct {
        const char *schema, *words;
    } rows[] = {
        {"{\"$ref\":\"#/$defs/a\"}", "at /$ref: `$ref` \"#/$defs/a\": there is nothing"},
        {"{\"$ref\":\"#a\"}", "there is nothing at that place"},
        {"{\"$dynamicRef\":\"#a\"}", "`$dynamicRef` \"#a\": there is nothing"},
        {"{\"$ref\":\"#/a~2b\"}", "there is nothing"},
        {"{\"$ref\":\"#%zz\"}", "its fragment is malformed"},
        {"{\"$ref\":\"https://example.com/other\"}", "nothing is fetched"},
        {"{\"$ref\":\"file:///etc/passwd\"}", "nothing is fetched"},
        {"{\"$ref\":\"#/type\",\"type\":\"object\"}", "a schema must be an object"},
        {"{\"allOf\":[true],\"$ref\":\"#/allOf/1\"}", "there is nothing"},
        {"{\"allOf\":[true],\"$ref\":\"#/allOf/00\"}", "there is nothing"},
        {"{\"$ref\":\"https://json-schema.org/draft/2020-12/meta/nix\"}", "nothing is fetched"},
        {"{\"$defs\":{\"a\":{\"$id\":\"x\"},\"b\":{\"$id\":\"x\"}}}", "names another schema"},
        {"{\"$defs\":{\"a\":{\"$anchor\":\"x\"},\"b\":{\"$anchor\":\"x\"}}}", "is there twice"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_refused(rows[i].schema, "bad_schema", rows[i].words);
}

static void test_references(void **state) {
    (void)state;
    static const struct {
        const char *schema, *valid, *invalid;
    } rows[] = {
        {"{\"$ref\":\"#/$defs/a~1b%25\",\"$defs\":{\"a/b%\":{\"type\":\"integer\"}}}", "1", "\"\""},
        {"{\"$ref\":\"#x\",\"$defs\":{\"a\":{\"$anchor\":\"x\",\"type\":\"integer\"}}}", "1",
         "\"\""},
        {"{\"$id\":\"http://a/b/c\",\"$ref\":\"../d\",\"$defs\":{\"a\":{\"$id\":\"/d\",\"type\":"
         "\"integer\"}}}",
         "1", "\"\""},
        {"{\"$id\":\"urn:a:b\",\"$ref\":\"urn:a:b#/$defs/a\",\"$defs\":{\"a\":{\"type\":"
         "\"integer\"}}}",
         "1", "\"\""},
        /* a place where no keyword looks */
        {"{\"$ref\":\"#/x-mine/0\",\"x-mine\":[{\"$ref\":\"#/x-mine/1\"},{\"type\":\"integer\"}]}",
         "1", "\"\""},
        /* a tree, and the same with more demanded of each node, through the dynamic scope */
        {"{\"properties\":{\"next\":{\"$ref\":\"#\"}},\"required\":[\"v\"]}",
         "{\"v\":1,\"next\":{\"v\":2}}", "{\"v\":1,\"next\":{}}"},
        {"{\"$id\":\"http://x/strict\",\"$dynamicAnchor\":\"node\",\"$ref\":\"tree\","
         "\"unevaluatedProperties\":false,\"$defs\":{\"t\":{\"$id\":\"tree\",\"$dynamicAnchor\":"
         "\"node\",\"properties\":{\"v\":true,\"next\":{\"$dynamicRef\":\"#node\"}}}}}",
         "{\"v\":1,\"next\":{\"v\":2}}", "{\"v\":1,\"next\":{\"w\":2}}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_verdict(rows[i].schema, rows[i].valid, true);
        assert_verdict(rows[i].schema, rows[i].invalid, false);
    }
}

static void test_the_metaschema_judges_schemas_and_itself(void **state) {
    (void)state;
#define META "https://json-schema.org/draft/2020-12/"
    static const char *const parts[] = {
        "schema",          "meta/core",      "meta/applicator",        "meta/unevaluated",
        "meta/validation", "meta/meta-data", "meta/format-annotation", "meta/format-assertion",
        "meta/content"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        char schema[200];
        (void)snprintf(schema, sizeof schema, "{\"$ref\":\"" META "%s\"}", parts[i]);
        assert_verdict(schema, "{\"$defs\":{}}", true);
        assert_verdict(schema, "3", false);
    }
    assert_verdict("{\"$ref\":\"" META "schema\"}",
                   "{\"properties\":{\"a\":{\"type\":\"integer\"}}}", true);
    assert_verdict("{\"$ref\":\"" META "schema\"}",
                   "{\"properties\":{\"a\":{\"type\":\"integr\"}}}", false);
    assert_verdict("{\"$ref\":\"" META "schema\"}", "{\"not\":{\"allOf\":[{\"minLength\":\"1\"}]}}",
                   false);
    assert_verdict("{\"$ref\":\"" META "meta/validation#/$defs/stringArray\"}", "[\"a\",\"a\"]",
                   false);
}

static void test_dialects(void **state) {
    (void)state;
    assert_verdict("{\"$schema\":\"" META "schema#\",\"type\":\"integer\"}", "1", true);
    assert_refused("{\"$schema\":\"http://json-schema.org/draft-07/schema#\"}", "bad_schema",
                   "at /$schema: unsupported dialect \"http://json-schema.org/draft-07/schema#\"");
    assert_refused("{\"$schema\":\"https://example.com/mine\"}", "bad_schema",
                   "unsupported dialect");
    /* one that comes along says which vocabularies count */
    assert_verdict("{\"$schema\":\"urn:mine\",\"type\":\"integer\",\"properties\":{\"a\":false},"
                   "\"$defs\":{\"m\":{\"$id\":\"urn:mine\",\"$schema\":\"" META "schema\","
                   "\"$vocabulary\":{\"" META "vocab/applicator\":true,\"urn:unknown\":false}}}}",
                   "\"not an integer\"", true);
    assert_refused("{\"$schema\":\"urn:mine\",\"$defs\":{\"m\":{\"$id\":\"urn:mine\","
                   "\"$vocabulary\":{\"urn:unknown\":true}}}}",
                   "bad_schema", "the required vocabulary \"urn:unknown\" is not known here");
}

static void test_formats_can_be_annotations(void **state) {
    (void)state;
    th_json_document_t *document = document_of("{\"format\":\"date\"}");
    th_json_document_t *instance = document_of("\"tomorrow\"");
    th_schema_options_t options = {.formats_annotate = true};
    th_schema_t *relaxed = th_schema_compile_with(th_json_root(document), &options, NULL);
    th_schema_t *strict = th_schema_compile_with(th_json_root(document), NULL, NULL);
    assert_true(th_schema_validate(relaxed, th_json_root(instance), NULL));
    assert_false(th_schema_validate(strict, th_json_root(instance), NULL));
    th_schema_free(relaxed);
    th_schema_free(strict);
    th_json_unref(instance);
    th_json_unref(document);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_that_the_metaschema_refuses),
        cmocka_unit_test(test_an_error_need_not_be_asked_for),
        cmocka_unit_test(test_places_are_told_from_the_schema),
        cmocka_unit_test(test_references_that_lead_nowhere),
        cmocka_unit_test(test_references),
        cmocka_unit_test(test_the_metaschema_judges_schemas_and_itself),
        cmocka_unit_test(test_dialects),
        cmocka_unit_test(test_formats_can_be_annotations),
    };
    return cmocka_run_group_tests_name("schema_compile", tests, NULL, NULL);
}
