/* test_call_api.c - call.api: requests, answers, failures, misuse, several at once, walking lists.
 */
#include "check.h"

#include "call_fixture.h"

/* What the fake API answers, by what it was asked. */
static const char *fixture_answer(th_api_t *api, const char *asked) {
    (void)api;
    static char page[256];
    int number = 0;
    if (strstr(asked, "/pages")) {
        const char *at = strstr(asked, "page=");
        while (at && at > asked && at[-1] == '_')
            at = strstr(at + 1, "page="); /* not per_page= */
        assert_non_null(at);
        assert_int_equal(sscanf(at, "page=%d", &number), 1);
        if (strstr(asked, "/pages/failing") && number == 2) return "!unavailable";
        snprintf(
            page, sizeof page,
            "{\"data\":[{\"n\":%d},{\"n\":%d}],\"meta\":{\"pagination\":{\"total_pages\":%d}}}",
            2 * number - 1, 2 * number, strstr(asked, "/pages/endless") ? 1000000 : 3);
        return page;
    }
    if (strstr(asked, "/missing")) return "!not_found";
    if (strstr(asked, "/busy")) return "!rate_limited";
    if (strstr(asked, "/empty")) return "";
    if (strstr(asked, "/text")) return "~plain text";
    if (strstr(asked, "/bare")) return "[1,2,3]";
    if (strstr(asked, "/nolist")) return "{\"data\":[]}";
    return "{\"data\":{\"title\":\"Sign lease\",\"id\":7},\"meta\":{\"x\":1}}";
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

/* ---- the API ---- */

static bool asked(const char *line) {
    return memmem(fixture.api.asked.data, fixture.api.asked.length, line, strlen(line)) != NULL;
}

static void requests_say_what_was_meant(void **state) {
    (void)state;
    gives_text(
        "local t, whole = call.api:get('/organizations/{org}/tasks/{id}', { id = 'abc', query = "
        "{ z = true, page = 2, a = 'x y', with = { 'steps', 'form' }, none = json.null, real = 1.5 "
        "} }) "
        "return t.title .. t.id .. whole.meta.x",
        "Sign lease71");
    assert_true(
        asked("GET /organizations/ORG/tasks/abc?a=x y&page=2&real=1.5&with=steps,form&z=true\n"));
    gives_text(
        "return call.api:post('/things/{n}', { n = 5, body = { b = 1, a = { 1, 2 } } }).title",
        "Sign lease");
    assert_true(asked("POST /things/5 {\"a\":[1,2],\"b\":1}"));
    gives_text("return tostring(call.api:delete('/empty'))", "true");
    gives_text("return call.api:get('/text')", "plain text");
    gives_text("local v, whole = call.api:get('/bare') return #v + #whole", "6");
}

static void bodies_and_methods_reach_the_api(void **state) {
    (void)state;
    gives_text("call.api:put('/p', { body = json.decode '{\"x\":null}' }) call.api:patch('/q', { "
               "body = {} }) "
               "call.api:delete('/d') return 'x'",
               "x");
    assert_true(asked("PUT /p {\"x\":null}\nPATCH /q {}\nDELETE /d\n"));
}

static void failures_of_the_api_are_values(void **state) {
    (void)state;
    gives_text("local v, err = call.api:get('/missing') return tostring(v) .. err.code .. "
               "err.status .. err.message "
               ".. err.hint .. tostring(err)",
               "nilnot_found404It is not there.Look elsewhere.It is not there.");
    run_body("local v, err = call.api:get('/missing') if not v then return nil, err end");
    assert_int_equal(r.outcome, TH_CALL_FAILED);
    assert_string_equal(r.code, "not_found");
    assert_string_equal(r.message, "It is not there.");
    run_body("local v, err = call.api:get('/busy') return nil, err");
    assert_string_equal(r.hint, "Try again in 7 seconds.");
    fixture.api.refuse_start = "busy";
    run_body("return call.api:get('/x')");
    assert_string_equal(r.code, "busy");
    run_body("local r = call.api:all { { 'get', '/x' } } return r[1].error.code");
    assert_string_equal(r.text, "busy");
}

static void misuse_raises_with_the_name(void **state) {
    (void)state;
    is_bug("call.api.get('/x')", "must be called with a colon");
    is_bug("call.api:get()", "the path must be a string");
    is_bug("call.api:get('/x/{id}')", "the path needs \"id\"");
    is_bug("call.api:get('/x/{id}', { id = true })",
           "params.id must be a string or an integer, not a boolean");
    is_bug("call.api:get('/x/{id}', { id = 1.5 })", "number with a fraction");
    is_bug("call.api:get('/x', { page = 2 })", "did you mean query = { page = ... }");
    is_bug("call.api:get('/x', { org = 'other' })", "leave params.org out");
    is_bug("call.api:get('/x/{query}', { query = {} })", "cannot be called query or body");
    is_bug("call.api:get('/x', { query = 'a=1' })", "params.query must be a table");
    is_bug("call.api:get('/x', { query = { 1 } })", "query must have names");
    is_bug("call.api:get('/x', { query = { a = {{}} } })", "query.a[1] is a table");
    is_bug("call.api:get('/x', { query = { a = print } })", "query.a is a function");
    is_bug("call.api:get('/x', { 'positional' })", "params must have names");
    is_bug("call.api:get('/x', 'p')", "params must be a table");
    is_bug("call.api:get('/x', { body = {} })", "a GET has no body");
    is_bug("call.api:post('/x', { body = 'text' })", "params.body must be a table");
    is_bug("call.api:post('/x', { body = { f = print } })", "params.body cannot be sent");
    is_bug("local method = 'post' call.api[method](call.api, '/x')", "may only get");
    is_bug("call.api:all { { 'delete', '/x' } }", "may only get");
    is_bug("call.api:get('no-slash')", "a path begins with a slash");
    is_bug("call.api:get('/x', {}, 1)", "takes a path and params");
    is_bug("call.api:all('x')", "table expected");
    is_bug("call.api:all { { 'fetch', '/x' } }", "must begin with \"get\"");
    is_bug("call.api:all { '/x' }", "must be a list");
    is_bug("call.api:pages('/pages', nil, { limit = 1 })", "options.limit is unknown");
    is_bug("call.api:pages('/pages', nil, { max = 0 })", "options.max must be");
    is_bug("call.api:pages('/x')", "is no list");
    is_bug("local q = {} for i = 1, 65 do q['k' .. i] = i end call.api:get('/x', { query = q })",
           "may have 64 names");
    is_bug("print(setmetatable({}, { __tostring = function () call.api:get('/x') end }))",
           "cannot wait here");
    /* A caught mistake after some requests were started leaves nothing behind. */
    gives_text("local ok = pcall(function () call.api:all { { 'get', '/hold' }, { 'get', '/y/{id}' "
               "} } end) "
               "return tostring(ok)",
               "false");
    assert_int_equal(fixture.api.at_once, 0);
}

static void waiting_works_inside_pcall_gsub_and_sort(void **state) {
    (void)state;
    gives_text("local ok, t = pcall(function () return call.api:get('/x') end) return t.title",
               "Sign lease");
    gives_text(
        "local ok, t = xpcall(function () return call.api:get('/x').title end, print) return t",
        "Sign lease");
    gives_text("return (('a-b'):gsub('%a', function (c) return call.api:get('/' .. c).title end))",
               "Sign lease-Sign lease");
    gives_text("local t = { 3, 1, 2 } table.sort(t, function (a, b) call.api:get('/cmp') return a "
               "< b end) "
               "return table.concat(t)",
               "123");
    gives_text("local ok, e = pcall(function () call.api:get('/x') error('after', 0) end) return e",
               "after");
    gives_text("return tostring(setmetatable({}, { __tostring = function () return "
               "call.api:get('/x').title end }))",
               "Sign lease");
    gives_text("return setmetatable({}, { __index = function (_, k) return call.api:get('/' .. "
               "k).title end }).k",
               "Sign lease");
}

static void all_runs_at_once_within_bounds(void **state) {
    (void)state;
    gives_text("local list = {} for i = 1, 10 do list[i] = { 'get', '/n/{i}', { i = i } } end "
               "list[3] = { 'get', '/missing' } list[4] = { 'delete', '/empty' } "
               "local out = call.api:all(list) local s = #out "
               "for i, x in ipairs(out) do s = s .. (x.error and 'E' or x.value == true and 'T' or "
               "x.value.id) end "
               "return s .. out[3].error.code .. out[1].whole.meta.x",
               "1077ET777777not_found1");
    assert_int_equal(fixture.api.most_at_once, 4);
    gives_text("return #call.api:all {}", "0");
    gives_text("local list = {} for i = 1, 25 do list[i] = { 'get', '/n' } end "
               "local out = call.api:all(list) return (out[20].error and 'E' or 'ok') .. "
               "out[21].error.code",
               "oktoo_many_requests");
    gives_text(
        "for i = 1, 20 do call.api:get('/n') end local v, err = call.api:get('/n') return err.code",
        "too_many_requests");
}

static void pages_walks_lists(void **state) {
    (void)state;
    gives_text(
        "local items, err, complete = call.api:pages('/pages', { query = { q = 'x' } }, { per_page "
        "= 2 }) "
        "local s = tostring(complete) for _, i in ipairs(items) do s = s .. i.n end return s",
        "true123456");
    assert_true(asked("GET /pages?page=1&per_page=2&q=x\n"));
    gives_text("local items, err, complete = call.api:pages('/pages', nil, { max = 3 }) return "
               "#items .. tostring(complete)",
               "3false");
    gives_text("local items, err, complete = call.api:pages('/pages', nil, { max = 6 }) return "
               "#items .. tostring(complete)",
               "6true");
    gives_text("local items, err, complete = call.api:pages('/pages/endless') return #items .. "
               "tostring(complete)",
               "40false");
    gives_text(
        "local items, err = call.api:pages('/pages/failing') return tostring(items) .. err.code",
        "nilunavailable");
    gives_text(
        "local items, err, complete = call.api:pages('/bare') return #items .. tostring(complete)",
        "3true");
    gives_data("local items = call.api:pages('/nolist') return items", "[]");
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)
        TEST(requests_say_what_was_meant),
        TEST(bodies_and_methods_reach_the_api),
        TEST(failures_of_the_api_are_values),
        TEST(misuse_raises_with_the_name),
        TEST(waiting_works_inside_pcall_gsub_and_sort),
        TEST(all_runs_at_once_within_bounds),
        TEST(pages_walks_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
