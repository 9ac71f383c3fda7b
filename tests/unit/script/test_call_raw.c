/* test_call_raw.c - call.api:raw: what is sent is made of the route, the policy is asked about it,
 * and each request leaves a line, however it ends; and call.host.tool. */
#include "check.h"

#include "call_fixture.h"

static const char *fixture_answer(th_api_t *api, const char *asked) {
    (void)api;
    if (strstr(asked, "/users/99")) return "!not_found";
    if (strstr(asked, "DELETE")) return "";
    return "{\"data\":{\"id\":7}}";
}

static int open_all(void **state) {
    (void)state;
    fixture_open();
    snprintf(fixture.person.org_id, sizeof fixture.person.org_id,
             "0f1e2d3c4b5a69788796a5b4c3d2e1f0");
    return 0;
}

static int close_all(void **state) {
    (void)state;
    fixture_close();
    return 0;
}

static result_t r;

static void prepare(const char *effect, const char *body) {
    char text[2048];
    snprintf(text, sizeof text,
             "tool \"t\" { title = \"T\"; about = \"A\"; effect = \"%s\"; run = function (args, "
             "call)\n%s\nend; }\n",
             effect, body);
    tool_folder_write(&fixture.folder, "t.lua", text);
    fixture_load();
}

static void run_body(const char *effect, const char *body) {
    prepare(effect, body);
    fixture_call("t", NULL, &r);
}

static void gives(const char *effect, const char *body, const char *text) {
    run_body(effect, body);
    if (r.outcome != TH_CALL_OK) fail_msg("%s\n  failed: %s (%s)", body, r.message, r.code);
    assert_string_equal(r.text, text);
}

static bool asked(const char *line) {
    th_buffer_add_byte(&fixture.api.asked, '\0');
    fixture.api.asked.length--;
    return fixture.api.asked.data && strstr(fixture.api.asked.data, line);
}

static void the_route_is_what_is_sent(void **state) {
    (void)state;
    gives(
        "read",
        "local data, whole, status = call.api:raw('GET', '/ORGANIZATIONS/{org}/t%61gs/', { query = "
        "{ q = 'a&b' } }) return data.id .. ' ' .. status",
        "7 200");
    assert_true(asked("GET /organizations/ORG/tags?q=a&b\n"));
    assert_true(fixture_logged(
        "tool=t method=GET path=/organizations/0f1e2d3c4b5a69788796a5b4c3d2e1f0/tags "
        "outcome=ok status=200"));
    gives("remove",
          "local data, whole, status = call.api:raw('DELETE', '/organizations/{org}/tags/ab12', { "
          "body = { a = 1 } }) return tostring(data) .. status",
          "true204");
    assert_true(asked("DELETE /organizations/ORG/tags/ab12 {\"a\":1}\n"));
    assert_true(fixture_logged("destructive=yes"));
    assert_true(fixture_logged("user=42"));
}

static void failures_are_values_and_are_logged(void **state) {
    (void)state;
    gives("read",
          "local data, err, status = call.api:raw('GET', '/organizations/{org}/users/99') return "
          "tostring(data) .. err.code .. status",
          "nilnot_found404");
    assert_true(fixture_logged("outcome=not_found status=404"));
    gives("read",
          "local data, err = call.api:raw('GET', '/organizations/{org}/../oauth/token') return "
          "tostring(data) .. err.code",
          "nilbad_request");
    gives("read",
          "local data, err = call.api:raw('GET', '/oauth/token') return tostring(data) .. err.code",
          "nilnot_found");
    fixture.forbidden_domain = "tags";
    unsigned before = fixture.api.started;
    gives("read",
          "local data, err = call.api:raw('GET', '/organizations/{org}/tags') return err.message",
          "Not tags.");
    assert_int_equal(fixture.api.started, before); /* nothing was sent */
}

static void misuse_raises(void **state) {
    (void)state;
    static const struct {
        const char *body, *says;
    } rows[] = {
        {"return call.api:raw('get', '/me')", "the method is GET"},
        {"return call.api:raw('GET')", "string expected"},
        {"return call.api:raw('GET', '/me', {}, 1)", "takes a method"},
        {"return call.api.raw('GET', '/me')", "with a colon"},
        {"return call.api:raw('POST', '/organizations/{org}/tags')", "may only get"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        run_body("read", rows[i].body);
        assert_int_equal(r.outcome, TH_CALL_BUG);
        if (!fixture_logged(rows[i].says))
            fail_msg("%s: not logged: %s", rows[i].body, rows[i].says);
    }
}

/* It may have arrived, so it is written down. */
static void a_cancelled_request_is_logged(void **state) {
    (void)state;
    prepare("remove", "return call.api:raw('DELETE', '/organizations/{org}/runs/ab12')");
    memset(&r, 0, sizeof r);
    th_error_t error = {.code = ""};
    th_call_request_t request = {.catalogue = fixture.catalogue,
                                 .tool = th_catalogue_find(fixture.catalogue, TH_SLICE("t")),
                                 .api = &fixture.api,
                                 .person = &fixture.person,
                                 .client = &fixture_client};
    th_call_t *call = th_call_start(fixture.script, &request, on_done, &r, &error);
    assert_non_null(call);
    unsigned before = fixture.api.started;
    while (fixture.api.started == before) {
        uv_idle_stop(&fixture.api.turn); /* the API does not answer */
        fixture_run();
    }
    uv_idle_stop(&fixture.api.turn);
    th_call_cancel(call);
    while (!r.done)
        fixture_run();
    assert_int_equal(r.outcome, TH_CALL_CANCELLED);
    assert_true(fixture_logged("outcome=cancelled"));
}

static void host_tool_shows_one_tool(void **state) {
    (void)state;
    tool_folder_write(
        &fixture.folder, "other.lua",
        "tool \"other\" { title = \"O\"; about = \"Does.\"; effect = \"add\"; input = { "
        "text \"a\" { \"A\" } }; run = function () return 'x' end }");
    gives("read",
          "local o = call.host.tool('other') local i = json.decode(o.input) return o.title .. "
          "o.effect .. tostring(o.read_only) .. tostring(o.output) .. i.properties.a.type",
          "Oaddfalsenilstring");
    gives("read", "return tostring(call.host.tool('nothing'))", "nil");
    fixture.forbidden = "other";
    gives("read", "return tostring(call.host.tool('other'))", "nil");
}

static void modules_know_how_long_answers_may_be(void **state) {
    (void)state;
    fixture.settings.script_answer_bytes = 4096;
    gives("read", "return tostring(use('tallyfy.shape').budget)", "3496");
    gives("read", "return tostring(call.host.limits().answer_bytes)", "4096");
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)
        TEST(the_route_is_what_is_sent),
        TEST(failures_are_values_and_are_logged),
        TEST(misuse_raises),
        TEST(a_cancelled_request_is_logged),
        TEST(host_tool_shows_one_tool),
        TEST(modules_know_how_long_answers_may_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
