/* test_call_result.c - what run returned and what comes of it; and what a tool has: arguments,
 * call, log. */
#include "check.h"

#include "call_fixture.h"

static const char *fixture_answer(th_api_t *api, const char *asked) {
    (void)api, (void)asked;
    return "{\"data\":{\"title\":\"Sign lease\",\"id\":7}}";
}

static int open_all(void **state) {
    (void)state;
    fixture_open();
    return 0;
}

static int close_all(void **state) {
    (void)state;
    fixture_close();
    return 0;
}

static result_t r;

/* One tool, one call. */
static void run_body(const char *body) {
    fixture_tool("t", body);
    fixture_load();
    fixture_call("t", NULL, &r);
}

static void gives_text(const char *body, const char *text) {
    run_body(body);
    if (r.outcome != TH_CALL_OK) fail_msg("%s\n  failed: %s (%s)", body, r.message, r.code);
    assert_string_equal(r.text, text);
}

static void gives_data(const char *body, const char *data) {
    run_body(body);
    if (r.outcome != TH_CALL_OK) fail_msg("%s\n  failed: %s (%s)", body, r.message, r.code);
    assert_string_equal(r.data, data);
}

static void is_bug(const char *body, const char *part) {
    run_body(body);
    if (r.outcome != TH_CALL_BUG) fail_msg("%s\n  ended with %d: %s", body, r.outcome, r.message);
    assert_string_equal(r.code, "bug");
    assert_non_null(strstr(r.message, "c0ffee"));
    if (!fixture_logged(part)) fail_msg("%s\n  the log lacks %s", body, part);
}

/* ---- results ---- */

static void results_of_every_kind(void **state) {
    (void)state;
    gives_text("return 'hello'", "hello");
    gives_text("return 42", "42");
    gives_text("return true", "Done.");
    gives_text("return {}", "{}");
    gives_text("return ''", "Done.");
    gives_text("return { text = 'hi', data = { a = 1 } }", "hi");
    assert_string_equal(r.data, "{\"a\":1}");
    gives_data("return { data = { b = 1, a = json.array() } }", "{\"a\":[],\"b\":1}");
    assert_string_equal(r.text, r.data);
    gives_data("return { id = 5, title = 'x' }", "{\"id\":5,\"title\":\"x\"}");
    gives_data("return json.decode '{\"z\":[1,2.0,null]}'", "{\"z\":[1,2.0,null]}");
    gives_data("return { data = json.decode '[1]' }", "[1]");
    gives_text("return { text = 'x', content = { { type = 'text', text = 'more' } } }", "x");
    assert_string_equal(r.content, "[{\"type\":\"text\",\"text\":\"more\"}]");
    gives_text("return { text = 7 }", "7");
    gives_text("return { content = json.array() }", "Done.");
    gives_text("return { content = { { type = 'text', text = 'x' } } }", "");
}

static void nonsense_is_a_bug_with_words(void **state) {
    (void)state;
    is_bug("return", "returned nothing");
    is_bug("return false", "returned false");
    is_bug("return print", "returned a function");
    is_bug("return json.null", "returned a null");
    is_bug("return { text = {} }", "`text` that is no text");
    is_bug("return { text = 'x', author = 'y' }", "other fields beside text, data and content");
    is_bug("return { content = { a = 1 } }", "no list of blocks");
    is_bug("return { content = { { type = 'text' } } }", "content[1]: text is missing");
    is_bug("return { data = { f = print } }", "cannot be JSON");
    is_bug("local t = {} t.t = t return t", "cannot be JSON");
    is_bug("return { data = 0/0 }", "cannot be JSON");
    is_bug("return '\\xff\\xfe'", "not UTF-8");
    is_bug("return { [1] = 1, a = 2 }", "cannot be JSON");
    is_bug("return { [1e9] = 1 }", "cannot be JSON");
    is_bug("error(('x'):rep(1000000))", "raised: t.lua:3: xxx");
    is_bug("return nil, {}", "an error without a message");
    is_bug("return nil, 5", "neither a text nor a table");
    is_bug("return nil, ''", "an empty error");
}

static void raised_errors_are_told_to_the_log_only(void **state) {
    (void)state;
    is_bug("local secretive = nil; return secretive.field",
           "attempt to index a nil value (local 'secretive')");
    assert_null(strstr(r.message, "secretive"));
    assert_true(fixture_logged("stack traceback"));
    assert_true(fixture_logged("t.lua:2"));
    is_bug("error({ code = 'x' })", "an error that is no text was raised");
    is_bug("return undefined_thing", "undefined name 'undefined_thing'");
    is_bug("return text", "undefined name 'text'"); /* the words are gone when run runs */
    is_bug("leak = 1", "'leak' is not declared");
}

static void failures_are_for_the_model(void **state) {
    (void)state;
    run_body("return nil, 'No such task.'");
    assert_int_equal(r.outcome, TH_CALL_FAILED);
    assert_string_equal(r.code, "failed");
    assert_string_equal(r.message, "No such task.");
    run_body("return nil, { code = 'not_found', message = 'm', field = 'f', hint = 'h' }");
    assert_int_equal(r.outcome, TH_CALL_FAILED);
    assert_string_equal(r.code, "not_found");
    assert_string_equal(r.field, "f");
    assert_string_equal(r.hint, "h");
    run_body("return nil, { code = 'Not A Code!', message = ('x'):rep(5000) }");
    assert_string_equal(r.code, "failed");
    assert_int_equal(strlen(r.message), 2047);
    assert_string_equal(r.message + 2043, " ..."); /* what was cut looks cut */
    run_body("return nil, { message = ('\xc3\xa9'):rep(3000) }");
    assert_int_equal(strlen(r.message), 2046); /* cut between characters */
    run_body("return nil, { message = 'm', hint = 'Choose: ' .. ('Chair (1), '):rep(90) }");
    assert_int_equal(strlen(r.hint), 8 + 90 * 11); /* candidates arrive whole */
}

static void results_have_a_ceiling(void **state) {
    (void)state;
    static const char *const bodies[] = {
        "return ('x'):rep(65 * 1024)",
        "return { data = ('x'):rep(65 * 1024) }",
        "return { text = ('x'):rep(40 * 1024), data = ('x'):rep(40 * 1024) }",
        "local t = {} for i = 1, 20000 do t[i] = i end return t",
        /* exponential: shared tables */
        "local t = { 'x' } for i = 1, 40 do t = { t, t } end return t",
        "return json.decode('[' .. ('1,'):rep(40000) .. '1]')",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        run_body(bodies[i]);
        if (r.outcome != TH_CALL_TOO_LARGE)
            fail_msg("%s\n  gave %d: %s", bodies[i], r.outcome, r.message);
        assert_string_equal(r.code, "too_large");
        assert_non_null(strstr(r.message, "64 KB"));
    }
}

/* ---- call ---- */

static void call_has_what_a_tool_needs(void **state) {
    (void)state;
    gives_text("return call.user.name .. call.user.id .. call.user.email .. call.user.role",
               "Ann42ann@example.comadmin");
    gives_text("return call.org.id .. call.org.name .. call.user.timezone",
               "org1Org OneEurope/Oslo");
    gives_text("return math.type(call.now()) .. #call.today()", "integer10");
    gives_data("return { data = call.json.array() }", "[]");
    is_bug("return call.nothing", "call.nothing does not exist");
    is_bug("call.api = nil", "call is read-only");
    is_bug("rawset(call, 'api', 1)", "read-only");
    is_bug("call.api.get = nil", "'call.api' is read-only");
    is_bug("return getmetatable(call).__index", "index a boolean value");
}

static void arguments_arrive_with_defaults(void **state) {
    (void)state;
    tool_folder_write(
        &fixture.folder, "greet.lua",
        "tool \"greet\" { title = \"T\"; about = \"A\"; effect = \"read\";\n"
        "input = { text \"name\" { \"Who\" }; whole \"times\" { \"How often\", default = 2 };\n"
        "  text \"note\" { \"Extra\", optional = true } };\n"
        "run = function (args, call)\n"
        "  return (args.name .. ';'):rep(args.times) .. tostring(args.note)\nend; }\n");
    fixture_load();
    fixture_call("greet", "{\"name\":\"Bo\",\"note\":null}", &r);
    assert_string_equal(r.text, "Bo;Bo;nil");
    fixture_call("greet", "{\"name\":\"Bo\",\"times\":1,\"note\":\"n\"}", &r);
    assert_string_equal(r.text, "Bo;n");
}

static void log_print_and_progress(void **state) {
    (void)state;
    gives_text("call.progress(1, 4, 'quarter') return 'x'", "x");
    assert_int_equal(r.progress, 1);
    assert_true(r.last_done == 1 && r.last_total == 4);
    assert_string_equal(r.log, "quarter");
    gives_text("call.progress(2) return 'x'", "x");
    assert_true(r.last_total < 0);
    gives_text("call.log('to the log') return 'x'", "x");
    assert_string_equal(r.log, "to the log");
    assert_true(fixture_logged("call=c0ffee tool=t to the log"));
    gives_text("print('printed', 1, nil, {}) return 'x'", "x");
    assert_true(fixture_logged("print: printed"));
    gives_text("for i = 1, 100000 do print(i) end return 'x'", "x");
    assert_true(fixture_logged("print: 200"));
    assert_false(fixture_logged("print: 201"));
    is_bug("call.log('x', 'loud')", "invalid option 'loud'");
    is_bug("call.progress('much')", "number expected");
    is_bug("call.progress(0/0)", "must be a number from 0");
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)
        TEST(results_of_every_kind),
        TEST(nonsense_is_a_bug_with_words),
        TEST(raised_errors_are_told_to_the_log_only),
        TEST(failures_are_for_the_model),
        TEST(results_have_a_ceiling),
        TEST(call_has_what_a_tool_needs),
        TEST(arguments_arrive_with_defaults),
        TEST(log_print_and_progress),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
