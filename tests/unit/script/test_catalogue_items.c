/* test_catalogue_items.c - resources, prompts, forms, headers, icons: from files to a generation,
 * its lists and look-ups; URIs against templates; and what is refused. The words themselves are in
 * tests/spec/words_items_spec.lua. */
#include "check.h"

#include "catalogue_fixture.h"

static void write_resource(fixture_t *fixture, const char *name, const char *fields) {
    char file[96], text[2048];
    snprintf(file, sizeof file, "%s.lua", name);
    snprintf(text, sizeof text,
             "resource \"%s\" { title = \"T\"; about = \"A\"; %s; run = function () return \"x\" "
             "end }\n",
             name, fields);
    tool_folder_write(&fixture->folder, file, text);
}

/* ---- lists ---- */

static void resources_and_templates_are_listed_apart(void **state) {
    fixture_t *fixture = *state;
    write_resource(
        fixture, "fixed",
        "uri = \"x://a\"; mime = \"text/plain\"; size = 3; annotations = { audience = { "
        "\"user\" }, priority = 0.5, last_modified = \"2026-11-25\" }; icons = { { src = "
        "\"https://e.org/i.png\", mime = \"image/png\", sizes = \"any\" } }");
    write_resource(fixture, "open", "uri = \"x://b/{id}\"; input = { text \"id\" { \"I\" } }");
    th_catalogue_t *catalogue = load_fine(fixture);
    assert_int_equal(th_catalogue_count(catalogue), 0);
    assert_int_equal(th_catalogue_resource_count(catalogue), 2);
    assert_text(th_catalogue_list(catalogue, TH_LIST_RESOURCES, TH_TOOL_LIST_2024_11_05),
                "[{\"uri\":\"x://a\",\"name\":\"fixed\",\"description\":\"A\",\"mimeType\":"
                "\"text/plain\",\"size\":3,\"annotations\":{\"audience\":[\"user\"],\"priority\":"
                "0.5}}]");
    assert_text(th_catalogue_list(catalogue, TH_LIST_RESOURCES, TH_TOOL_LIST_2025_11_25),
                "[{\"uri\":\"x://a\",\"name\":\"fixed\",\"title\":\"T\",\"description\":\"A\","
                "\"mimeType\":\"text/plain\",\"size\":3,\"annotations\":{\"audience\":[\"user\"],"
                "\"lastModified\":\"2026-11-25\",\"priority\":0.5},\"icons\":[{\"mimeType\":"
                "\"image/png\",\"sizes\":[\"any\"],\"src\":\"https://e.org/i.png\"}]}]");
    assert_text(th_catalogue_list(catalogue, TH_LIST_TEMPLATES, TH_TOOL_LIST_2025_06_18),
                "[{\"uriTemplate\":\"x://b/{id}\",\"name\":\"open\",\"title\":\"T\","
                "\"description\":\"A\"}]");
    assert_text(th_catalogue_list(catalogue, TH_LIST_TOOLS, TH_TOOL_LIST_2025_06_18), "[]");
    const th_resource_t *resource = th_catalogue_resource(catalogue, 0);
    assert_int_equal(resource->size, 3);
    assert_int_equal(resource->effect, TH_EFFECT_READ);
    assert_false(resource->is_template);
    th_catalogue_unref(catalogue);
}

static void prompts_are_listed_with_their_arguments(void **state) {
    fixture_t *fixture = *state;
    tool_folder_write(&fixture->folder, "talk/p.lua",
                      "prompt \"p\" { title = \"T\"; about = \"A\"; needs = { \"sampling\" };\n"
                      "input = { text \"a\" { \"First\", title = \"One\" };\n"
                      "choice \"b\" { \"Second\", \"x\", \"y\", optional = true } };\n"
                      "run = function () return \"x\" end }");
    th_catalogue_t *catalogue = load_fine(fixture);
    assert_text(th_catalogue_list(catalogue, TH_LIST_PROMPTS, TH_TOOL_LIST_2025_03_26),
                "[{\"name\":\"p\",\"description\":\"A\",\"arguments\":[{\"name\":\"a\","
                "\"description\":\"First\",\"required\":true},{\"name\":\"b\",\"description\":"
                "\"Second\",\"required\":false}]}]");
    assert_text(th_catalogue_list(catalogue, TH_LIST_PROMPTS, TH_TOOL_LIST_2025_06_18),
                "[{\"name\":\"p\",\"title\":\"T\",\"description\":\"A\",\"arguments\":[{\"name\":"
                "\"a\",\"title\":\"One\",\"description\":\"First\",\"required\":true},{\"name\":"
                "\"b\",\"description\":\"Second\",\"required\":false}]}]");
    const th_prompt_t *prompt = th_catalogue_prompt_find(catalogue, TH_SLICE("p"));
    assert_non_null(prompt);
    assert_ptr_equal(prompt, th_catalogue_prompt(catalogue, 0));
    assert_string_equal(prompt->domain, "talk");
    assert_int_equal(prompt->needs, TH_NEED_SAMPLE);
    assert_false(th_item_argument(prompt, TH_SLICE("a"))->completes);
    assert_true(th_item_argument(prompt, TH_SLICE("b"))->completes);
    assert_null(th_item_argument(prompt, TH_SLICE("c")));
    assert_null(th_catalogue_find(catalogue, TH_SLICE("p")));
    th_catalogue_unref(catalogue);
}

static void tools_tell_tasks_needs_and_headers(void **state) {
    fixture_t *fixture = *state;
    tool_folder_write(
        &fixture->folder, "t.lua",
        "tool \"t\" { title = \"T\"; about = \"A\"; effect = \"read\"; task = \"required\";\n"
        "needs = { \"url\", \"roots\" };\n"
        "input = { text \"region\" { \"R\", header = \"Region\", optional = true };\n"
        "object \"o\" { \"O\", fields = { whole \"n\" { \"N\", header = \"Num\" } } } };\n"
        "run = function () return \"x\" end }");
    th_catalogue_t *catalogue = load_fine(fixture);
    const th_tool_t *tool = th_catalogue_tool(catalogue, 0);
    assert_int_equal(tool->task, TH_TASK_MUST);
    assert_int_equal(tool->needs, TH_NEED_URL | TH_NEED_ROOTS);
    assert_int_equal(tool->header_count, 2);
    assert_string_equal(tool->headers[0].name, "Region");
    assert_int_equal(tool->headers[0].type, TH_JSON_STRING);
    assert_int_equal(tool->headers[1].type, TH_JSON_INTEGER);
    assert_int_equal(tool->headers[1].depth, 2);
    th_slice_t list = th_catalogue_tool_list(catalogue, TH_TOOL_LIST_2025_11_25);
    static const char region[] = "\"region\":{\"type\":\"string\",\"description\":\"R\","
                                 "\"x-mcp-header\":\"Region\"}";
    assert_non_null(memmem(list.data, list.length, region, strlen(region)));
    th_json_parser_t *parser = th_json_parser_new();
    th_json_document_t *arguments =
        th_json_parse(parser, TH_SLICE("{\"o\":{\"n\":5}}"), &th_json_limits_request, NULL);
    int64_t number = 0;
    assert_true(
        th_json_integer(th_header_value(&tool->headers[1], th_json_root(arguments)), &number));
    assert_int_equal(number, 5);
    assert_int_equal(th_json_type(th_header_value(&tool->headers[0], th_json_root(arguments))),
                     TH_JSON_ABSENT);
    th_json_unref(arguments);
    th_json_parser_free(parser);
    th_catalogue_unref(catalogue);
}

static void headers_are_found_in_a_plain_schema(void **state) {
    fixture_t *fixture = *state;
    static const char form[] = "tool \"t\" { title = \"T\"; about = \"A\"; effect = \"read\"; "
                               "schema = json.decode [[%s]];\n"
                               "run = function () return \"x\" end }";
    char text[1024];
    snprintf(text, sizeof text, form,
             "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"boolean\",\"x-mcp-header\":"
             "\"A\",\"default\":{\"x-mcp-header\":5}}}}");
    tool_folder_write(&fixture->folder, "t.lua", text);
    th_catalogue_t *catalogue = load_fine(fixture);
    assert_int_equal(th_catalogue_tool(catalogue, 0)->header_count, 1);
    assert_int_equal(th_catalogue_tool(catalogue, 0)->headers[0].type, TH_JSON_TRUE);
    th_catalogue_unref(catalogue);
    static const struct {
        const char *properties, *part;
    } bad[] = {
        {"\"a\":{\"type\":\"number\",\"x-mcp-header\":\"A\"}", "needs the type string"},
        {"\"a\":{\"type\":[\"string\",\"null\"],\"x-mcp-header\":\"A\"}", "needs the type string"},
        {"\"a\":{\"type\":\"string\",\"x-mcp-header\":\"\"}", "is no name for a header"},
        {"\"a\":{\"type\":\"string\",\"x-mcp-header\":\"a b\"}", "is no name for a header"},
        {"\"a\":{\"type\":\"string\",\"x-mcp-header\":\"X\"},\"b\":{\"type\":\"string\",\"x-mcp-"
         "header\":\"x\"}",
         "have the same header"},
        {"\"a\":{\"type\":\"array\",\"items\":{\"type\":\"string\",\"x-mcp-header\":\"A\"}}",
         "stands where no argument is"},
        {"\"a\":{\"anyOf\":[{\"properties\":{\"b\":{\"type\":\"string\",\"x-mcp-header\":\"A\"}}}]"
         "}",
         "stands where no argument is"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char schema[512];
        snprintf(schema, sizeof schema, "{\"type\":\"object\",\"properties\":{%s}}",
                 bad[i].properties);
        snprintf(text, sizeof text, form, schema);
        tool_folder_write(&fixture->folder, "t.lua", text);
        assert_problem(fixture, "t.lua", 1, bad[i].part, "");
    }
}

static void forms_are_compiled(void **state) {
    fixture_t *fixture = *state;
    tool_folder_write(
        &fixture->folder, "t.lua",
        "local a = form { text \"x\" { \"X\" } }\nlocal b = form { flag \"y\" { \"Y\" "
        "} }\ntool \"t\" { title = \"T\"; about = \"A\"; effect = \"read\";\n"
        "run = function () return a, b end }");
    th_catalogue_t *catalogue = load_fine(fixture);
    const th_tool_t *tool = th_catalogue_tool(catalogue, 0);
    assert_null(th_item_form(tool, 0));
    assert_text(th_item_form(tool, 2)->text,
                "{\"type\":\"object\",\"properties\":{\"y\":{\"type\":\"boolean\",\"description\":"
                "\"Y\"}},\"required\":[\"y\"]}");
    assert_non_null(th_item_form(tool, 1)->schema);
    assert_null(th_item_form(tool, 3));
    th_catalogue_unref(catalogue);
}

/* ---- uris ---- */

static void the_best_resource_answers(void **state) {
    fixture_t *fixture = *state;
    write_resource(fixture, "any", "uri = \"x://r/{id}\"; input = { text \"id\" { \"I\" } }");
    write_resource(
        fixture, "deep",
        "uri = \"x://r/{id}/t/{task}\"; input = { text \"id\" { \"I\" }; text \"task\" { "
        "\"T\" } }");
    write_resource(fixture, "mine", "uri = \"x://r/mine\"");
    th_catalogue_t *catalogue = load_fine(fixture);
    static const struct {
        const char *uri, *name;
    } cases[] = {{"x://r/7", "any"},
                 {"x://r/mine", "mine"},
                 {"x://r/a%20b", "any"},
                 {"x://r/7/t/9", "deep"},
                 {"x://r/", NULL},
                 {"x://r", NULL},
                 {"x://r/7/", NULL},
                 {"x://r/7/t", NULL},
                 {"x://r/7?q=1", NULL},
                 {"y://r/7", NULL},
                 {"", NULL},
                 {"x://r/7/t/9/more", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const th_resource_t *found = th_catalogue_resource_of(catalogue, th_slice_of(cases[i].uri));
        if (!cases[i].name) {
            assert_null(found);
        } else {
            assert_non_null(found);
            assert_string_equal(found->name, cases[i].name);
        }
    }
    assert_non_null(th_catalogue_resource_declared(catalogue, TH_SLICE("x://r/{id}")));
    assert_null(th_catalogue_resource_declared(catalogue, TH_SLICE("x://r/7")));
    th_catalogue_unref(catalogue);
}

static void variables_are_decoded(void **state) {
    fixture_t *fixture = *state;
    write_resource(
        fixture, "deep",
        "uri = \"x://{a}?b={b}\"; input = { text \"a\" { \"A\" }; text \"b\" { \"B\" } }");
    th_catalogue_t *catalogue = load_fine(fixture);
    const th_resource_t *resource = th_catalogue_resource(catalogue, 0);
    th_json_parser_t *parser = th_json_parser_new();
    th_error_t error = {{0}, {0}};
    th_slice_t text = {NULL, 0};
    th_json_document_t *found =
        th_resource_variables(resource, TH_SLICE("x://a%2Fb?b=%C3%A9"), parser, &error);
    assert_non_null(found);
    assert_true(th_json_string(th_json_member(th_json_root(found), "a"), &text));
    assert_text(text, "a/b");
    assert_true(th_json_string(th_json_member(th_json_root(found), "b"), &text));
    assert_text(text, "\xc3\xa9");
    th_json_unref(found);
    static const char *const bad[] = {"x://a%0Ab?b=1", "x://a%zz?b=1", "x://a%2?b=1",
                                      "x://%00?b=1",   "x://%ff?b=1",  "x://a/b?b=1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_null(th_resource_variables(resource, th_slice_of(bad[i]), parser, &error));
        assert_string_equal(error.code, "not_found");
    }
    char *long_uri = malloc(5000);
    memset(long_uri, 'a', 5000);
    memcpy(long_uri, "x://", 4);
    assert_null(th_catalogue_resource_of(catalogue, th_slice(long_uri, 5000)));
    free(long_uri);
    th_json_parser_free(parser);
    th_catalogue_unref(catalogue);
}

/* ---- what is refused ---- */

static void one_uri_has_one_resource(void **state) {
    fixture_t *fixture = *state;
    write_resource(fixture, "a", "uri = \"x://same\"");
    write_resource(fixture, "b", "uri = \"x://same\"");
    assert_problem(fixture, "b.lua", 0, "the uri \"x://same\" exists twice", "a.lua");
}

static void kinds_have_names_of_their_own(void **state) {
    fixture_t *fixture = *state;
    tool_folder_write_tool(&fixture->folder, "a/same.lua", "return 1");
    tool_folder_write(&fixture->folder, "b/same.lua",
                      "prompt \"same\" { title = \"T\"; about = \"A\"; run = print }");
    th_catalogue_unref(load_fine(fixture));
    tool_folder_write(&fixture->folder, "c/same.lua",
                      "prompt \"same\" { title = \"T\"; about = \"A\"; run = print }");
    assert_problem(fixture, "c/same.lua", 0, "prompt \"same\" exists twice", "b/same.lua");
}

static void a_definition_includes_what_is_shown(void **state) {
    fixture_t *fixture = *state;
    write_resource(fixture, "a", "uri = \"x://a\"");
    th_catalogue_t *first = load_fine(fixture);
    write_resource(fixture, "a", "uri = \"x://b\"");
    th_catalogue_t *second = load_fine(fixture);
    assert_false(th_digest_equal(&th_catalogue_resource(first, 0)->definition,
                                 &th_catalogue_resource(second, 0)->definition));
    assert_false(th_catalogue_same(first, second));
    th_catalogue_unref(first);
    th_catalogue_unref(second);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(resources_and_templates_are_listed_apart),
        TEST(prompts_are_listed_with_their_arguments),
        TEST(tools_tell_tasks_needs_and_headers),
        TEST(headers_are_found_in_a_plain_schema),
        TEST(forms_are_compiled),
        TEST(the_best_resource_answers),
        TEST(variables_are_decoded),
        TEST(one_uri_has_one_resource),
        TEST(kinds_have_names_of_their_own),
        TEST(a_definition_includes_what_is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
