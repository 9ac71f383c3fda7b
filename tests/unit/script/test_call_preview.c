/* test_call_preview.c - a tool's `preview`: what it may give, that it can only read whatever the
 * tool itself may do, and that nothing of it reaches a client. */
#include "check.h"

#include "call_fixture.h"

static const char *fixture_answer(th_api_t *api, const char *asked) {
    (void)api, (void)asked;
    return "{\"data\":{\"title\":\"Call\",\"id\":7}}";
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

/* Calls the preview with <body> of a tool with this effect; its `run` would say so. */
static void look_with(const char *effect, const char *body) {
    char text[4096];
    snprintf(text, sizeof text,
             "tool \"i\" { title = \"T\"; about = \"A\"; effect = \"%s\";\n"
             "input = { text \"a\" { \"A\", default = \"given\" } };\n"
             "preview = function (args, call)\n%s\nend;\nrun = function () error('it ran') end }",
             effect, body);
    tool_folder_write(&fixture.folder, "i.lua", text);
    fixture_load();
    fixture.kind = TH_CALL_PREVIEW;
    fixture_call("i", "{}", &r);
    fixture.kind = TH_CALL_TOOL;
}

static void look(const char *body) {
    look_with("change", body);
}

static void it_gives_lines(void **state) {
    (void)state;
    look("local task = call.api:get('/tasks/1')\n"
         "return { target = task.title, before = { 'A: 1', 'B: 2' }, after = 'A: ' .. args.a }");
    if (r.outcome != TH_CALL_OK) fail_msg("%s", r.message);
    assert_non_null(strstr(r.data, "\"target\":\"Call\"")); /* in any order */
    assert_non_null(strstr(r.data, "\"before\":[\"A: 1\",\"B: 2\"]"));
    assert_non_null(strstr(r.data, "\"after\":[\"A: given\"]"));
    look("return { before = {}, after = {} }");
    assert_non_null(strstr(r.data, "\"before\":[]"));
    look("return {}");
    assert_string_equal(r.data, "{}");
}

static void bad_ones_are_a_bug(void **state) {
    (void)state;
    static const struct {
        const char *body, *part;
    } cases[] = {
        {"return 'text'", "a preview is a table"},
        {"return { 'a' }", "a preview is a table"},
        {"return { target = 5 }", "a preview has target"},
        {"return { before = 5 }", "before is a text or a list of texts"},
        {"return { after = { 'a', 5 } }", "after is a text or a list of texts"},
        {"return { after = { a = 'b' } }", "after is a text or a list of texts"},
        {"return { colour = 'x' }", "a preview has target"},
        {"return nil", "returned nothing"},
        {"error('oh')", "oh"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        look(cases[i].body);
        if (r.outcome != TH_CALL_BUG || !fixture_logged(cases[i].part))
            fail_msg("%s\n  gave %d %s", cases[i].body, r.outcome, r.data);
    }
    look("return nil, { code = 'not_found', message = 'No such task.' }");
    assert_int_equal(r.outcome, TH_CALL_FAILED);
    assert_string_equal(r.code, "not_found");
}

/* Whatever the effect: it runs before anybody was asked. */
static void it_can_only_get(void **state) {
    (void)state;
    static const char *const effects[] = {"add", "change", "remove"};
    static const char *const writes[] = {
        "call.api:post('/x')",
        "call.api:put('/x', { body = {} })",
        "call.api:patch('/x', { body = {} })",
        "call.api:delete('/x')",
        "call.api:all { { 'delete', '/x' } }",
        "call.api:raw('POST', '/organizations/{org}/tags', { body = {} })",
        "call.api:raw('DELETE', '/organizations/{org}/tags/0123456789abcdef0123456789abcdef')",
        "call.api:upload('/x', {}, { name = 'a', content = 'b' })",
        "pcall(call.api.post, call.api, '/x') error('a preview may only get')",
    };
    for (size_t effect = 0; effect < 3; effect++)
        for (size_t i = 0; i < sizeof writes / sizeof *writes; i++) {
            th_buffer_clear(&fixture.api.asked);
            look_with(effects[effect], writes[i]);
            if (r.outcome != TH_CALL_BUG || !fixture_logged("a preview may only get"))
                fail_msg("%s gave %d %s", writes[i], r.outcome, r.message);
            assert_int_equal(fixture.api.asked.length, 0);
        }
}

/* The words that reach people do, or say that they cannot; none of them waits. */
static void it_has_its_bounds(void **state) {
    (void)state;
    look("while true do end");
    assert_int_equal(r.outcome, TH_CALL_NO_TIME);
    look("local t = {} for i = 1, 1e6 do t[i] = ('x'):rep(100) .. i end return { before = t }");
    assert_int_not_equal(r.outcome, TH_CALL_OK);
    look("local t = {} for i = 1, 2000 do t[i] = ('x'):rep(100) end return { before = t }");
    assert_int_equal(r.outcome, TH_CALL_TOO_LARGE);
    fixture.refuse_asks = true;
    look("local _, err = call.ask { message = 'Sure?', schema = { type = 'object', properties = {\n"
         "sure = { type = 'boolean' } } } } return { target = err.code }");
    assert_string_equal(r.data, "{\"target\":\"cannot_ask\"}");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_gives_lines, open_all, close_all),
        cmocka_unit_test_setup_teardown(bad_ones_are_a_bug, open_all, close_all),
        cmocka_unit_test_setup_teardown(it_can_only_get, open_all, close_all),
        cmocka_unit_test_setup_teardown(it_has_its_bounds, open_all, close_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
