/* test_call.c - the life of a call: interleaving, giving way, cancelling in every phase, closing,
 * deadlines, generations. Results are in test_call_result.c, the API in test_call_api.c, hostile
 * tools in test_call_hostile.c. */
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

static void is_bug(const char *body, const char *part) {
    run_body(body);
    if (r.outcome != TH_CALL_BUG) fail_msg("%s\n  ended with %d: %s", body, r.outcome, r.message);
    assert_string_equal(r.code, "bug");
    assert_non_null(strstr(r.message, "c0ffee"));
    if (!fixture_logged(part)) fail_msg("%s\n  the log lacks %s", body, part);
}

/* ---- several calls ---- */

static void calls_of_one_state_interleave(void **state) {
    (void)state;
    fixture_tool("first", "local a = call.api:get('/hold/1') return call.user.name .. a.title");
    fixture_tool("second", "local a = call.api:get('/x') return 'second ' .. a.title");
    fixture_load();
    result_t slow = {0}, quick[20];
    memset(quick, 0, sizeof quick);
    fixture_start(fixture.script, "first", NULL, &slow);
    for (int i = 0; i < 20; i++)
        fixture_start(fixture.script, "second", NULL, &quick[i]);
    assert_int_equal(th_script_running(fixture.script), 21);
    for (int i = 0; i < 20; i++)
        fixture_finish(&quick[i]);
    assert_false(slow.done);
    fake_api_release(&fixture.api);
    fixture_finish(&slow);
    assert_string_equal(slow.text, "AnnSign lease");
    assert_string_equal(quick[7].text, "second Sign lease");
    assert_int_equal(th_script_running(fixture.script), 0);
}

static void long_computations_give_way(void **state) {
    (void)state;
    fixture_tool(
        "busy",
        "local n = 0 while call.now() do n = n + 1 if n > 200000 then return 'counted' end end");
    fixture_tool("sorts", "local t = {} for i = 1, 20000 do t[i] = (i * 7919) % 20011 end "
                          "table.sort(t) return 'sorted'");
    fixture_tool("quick", "return 'quick'");
    fixture.settings.script_slice = 1;
    fixture.settings.script_cpu = 60000;
    fixture_load();
    static const char *const names[] = {"busy", "sorts"};
    for (int k = 0; k < 2; k++) {
        result_t slow = {0}, quick = {0};
        fixture_start(fixture.script, names[k], NULL, &slow);
        for (int i = 0; i < 3; i++) {
            fixture_start(fixture.other, "quick", NULL, &quick);
            fixture_finish(&quick);
            assert_string_equal(quick.text, "quick");
            assert_false(slow.done);
        }
        fixture_start(fixture.script, "quick", NULL, &quick); /* in the same state too */
        fixture_finish(&quick);
        assert_false(slow.done);
        fixture_finish(&slow);
        assert_int_equal(slow.outcome, TH_CALL_OK);
    }
}

/* ---- cancelling ---- */

static void assert_cancelled(const result_t *result) {
    assert_true(result->done);
    assert_int_equal(result->outcome, TH_CALL_CANCELLED);
    assert_string_equal(result->code, "cancelled");
}

static void cancel_before_the_first_step(void **state) {
    (void)state;
    fixture_tool("t", "return 'x'");
    fixture_load();
    fixture_start(fixture.script, "t", NULL, &r);
    th_call_cancel(r.call);
    th_call_cancel(r.call);
    assert_false(r.done);
    fixture_finish(&r);
    assert_cancelled(&r);
}

static void cancel_while_waiting(void **state) {
    (void)state;
    fixture_tool("t", "call.api:all { { 'get', '/hold/1' }, { 'get', '/hold/2' } } return 'x'");
    fixture_load();
    fixture_start(fixture.script, "t", NULL, &r);
    while (fixture.api.at_once < 2)
        fixture_run();
    th_call_cancel(r.call);
    assert_int_equal(fixture.api.cancelled, 2);
    assert_false(r.done);
    fixture_finish(&r);
    assert_cancelled(&r);
}

static void cancel_while_paused(void **state) {
    (void)state;
    fixture_tool("t",
                 "call.progress(1) while true do pcall(function () while true do end end) end");
    fixture.settings.script_cpu = 60000;
    fixture_load();
    fixture_start(fixture.script, "t", NULL, &r);
    while (r.progress == 0)
        fixture_run();
    th_call_cancel(r.call);
    fixture_finish(&r);
    assert_cancelled(&r);
}

/* The client's functions run inside Lua: cancelling from there must not pull the ground away. */
static void cancel_from_inside(void *arg, double done, double total, th_slice_t message) {
    (void)done, (void)total, (void)message;
    result_t *result = arg;
    th_call_cancel(result->call);
    assert_false(result->done);
}

static void close_from_inside(void *arg, double done, double total, th_slice_t message) {
    (void)arg, (void)done, (void)total, (void)message;
    th_script_close(fixture.script);
    fixture.script = NULL;
}

static void start_with_client(const char *name, const th_call_client_t *client, result_t *result) {
    th_error_t error;
    th_call_request_t request = {.catalogue = fixture.catalogue,
                                 .tool = th_catalogue_find(fixture.catalogue, th_slice_of(name)),
                                 .api = &fixture.api,
                                 .person = &fixture.person,
                                 .client = client,
                                 .call_id = "inside"};
    memset(result, 0, sizeof *result);
    result->call = th_call_start(fixture.script, &request, on_done, result, &error);
    assert_non_null(result->call);
}

static void cancel_from_within_a_binding(void **state) {
    (void)state;
    static const th_call_client_t client = {.progress = cancel_from_inside};
    fixture_tool("t",
                 "pcall(function () call.progress(1) while true do end end) while true do end");
    fixture_tool("u", "call.progress(1) return call.api:get('/hold')");
    fixture.settings.script_cpu = 60000;
    fixture_load();
    start_with_client("t", &client, &r);
    fixture_finish(&r);
    assert_cancelled(&r);
    start_with_client("u", &client, &r);
    fixture_finish(&r);
    assert_cancelled(&r);
}

static void close_from_within_a_binding(void **state) {
    (void)state;
    static const th_call_client_t client = {.progress = close_from_inside};
    fixture_tool("t", "call.progress(1) while true do end");
    fixture_tool("w", "return call.api:get('/hold')");
    fixture.settings.script_cpu = 60000;
    fixture_load();
    result_t waiting = {0};
    fixture_start(fixture.script, "w", NULL, &waiting);
    while (fixture.api.at_once == 0)
        fixture_run();
    start_with_client("t", &client, &r);
    fixture_finish(&r);
    assert_cancelled(&r);
    assert_cancelled(&waiting);
}

static void closing_ends_every_call(void **state) {
    (void)state;
    fixture_tool("t", "return call.api:get('/hold')");
    fixture_load();
    result_t calls[3];
    memset(calls, 0, sizeof calls);
    for (int i = 0; i < 3; i++)
        fixture_start(fixture.script, "t", NULL, &calls[i]);
    while (fixture.api.at_once < 3)
        fixture_run();
    th_script_close(fixture.script);
    fixture.script = NULL;
    for (int i = 0; i < 3; i++)
        assert_cancelled(&calls[i]);
    assert_int_equal(fixture.api.at_once, 0);
}

static void close_in_done(result_t *result) {
    (void)result;
    th_script_close(fixture.script);
    fixture.script = NULL;
}

static void start_in_done(result_t *result) {
    result_t *next = result->then_arg;
    fixture_start(fixture.script, "t", NULL, next);
}

static void done_may_do_anything(void **state) {
    (void)state;
    fixture_tool("t", "return 'x'");
    fixture_tool("h", "return call.api:get('/hold')");
    fixture_load();
    result_t next = {0}, first = {.then = start_in_done, .then_arg = &next};
    fixture_start(fixture.script, "t", NULL, &first);
    fixture_finish(&next);
    assert_string_equal(next.text, "x");
    result_t held = {0}, last = {.then = close_in_done};
    fixture_start(fixture.script, "h", NULL, &held);
    fixture_start(fixture.script, "t", NULL, &last);
    fixture_finish(&last);
    assert_cancelled(&held);
}

static void wall_time_is_limited(void **state) {
    (void)state;
    fixture.settings.script_call_timeout = 100;
    fixture_tool("t", "return call.api:get('/hold')");
    fixture_tool("patient", "return call.api:get('/hold')");
    tool_folder_write(&fixture.folder, "patient.lua",
                      "tool \"patient\" { title = \"T\"; about = \"A\"; effect = \"read\"; limits "
                      "= { time = \"60s\" };\n"
                      "run = function (args, call) return call.api:get('/hold').title end; }\n");
    fixture_load();
    result_t patient = {0};
    fixture_start(fixture.script, "patient", NULL, &patient);
    fixture_start(fixture.script, "t", NULL, &r);
    fixture_finish(&r);
    assert_int_equal(r.outcome, TH_CALL_NO_TIME);
    assert_string_equal(r.code, "timeout");
    assert_non_null(strstr(r.message, "0.1 seconds"));
    assert_false(patient.done);
    fake_api_release(&fixture.api);
    fixture_finish(&patient);
    assert_string_equal(patient.text, "Sign lease");
}

/* ---- generations ---- */

static void running_calls_finish_on_their_generation(void **state) {
    (void)state;
    fixture_tool("t", "local a = call.api:get('/hold') return 'old ' .. a.title");
    fixture_load();
    result_t old = {0};
    fixture_start(fixture.script, "t", NULL, &old);
    while (fixture.api.at_once == 0)
        fixture_run();
    fixture_tool("t", "return 'new'");
    fixture_load();
    fixture_call("t", NULL, &r);
    assert_string_equal(r.text, "new");
    assert_false(old.done);
    fake_api_release(&fixture.api);
    fixture_finish(&old);
    assert_string_equal(old.text, "old Sign lease");
    for (int i = 0; i < 50; i++) {
        char body[64], text[64];
        snprintf(body, sizeof body, "return 'generation %d'", i);
        snprintf(text, sizeof text, "generation %d", i);
        gives_text(body, text);
    }
    assert_true(th_script_memory(fixture.script) < 1 << 20); /* old generations are dropped */
}

/* ---- memory ---- */

/* Under every cap from nothing upwards a whole call works or fails cleanly, and nothing is left
 * behind. */
static void calls_end_cleanly_under_every_memory_cap(void **state) {
    (void)state;
    fixture_tool(
        "t",
        "local r = call.api:all { { 'get', '/x/{id}', { id = 'a', query = { b = { 1, 2 } } } }, "
        "{ 'post', '/y', { body = { n = 1 } } } } "
        "call.log(call.user.name) "
        "if not r[1].value then return nil, r[1].error end "
        "return { text = r[1].value.title, data = { r[2].whole, args } }");
    fixture_load();
    unsigned refused = 0, ok = 0, no_memory = 0;
    for (int64_t cap = 1024; cap < 128 * 1024; cap += 512) {
        fixture.settings.script_memory = cap;
        th_error_t error = {.code = ""};
        th_script_t *script = th_script_open(&fixture.worker, &error);
        if (!script) {
            assert_string_equal(error.code, "no_memory");
            refused++;
            continue;
        }
        for (int i = 0; i < 2; i++) {
            th_json_document_t *arguments = th_json_parse(
                fixture.worker.parser, TH_SLICE("{\"k\":[1,2]}"), &th_json_limits_request, &error);
            th_call_request_t request = {.catalogue = fixture.catalogue,
                                         .tool =
                                             th_catalogue_find(fixture.catalogue, TH_SLICE("t")),
                                         .arguments = th_json_root(arguments),
                                         .api = &fixture.api,
                                         .person = &fixture.person,
                                         .client = &fixture_client};
            memset(&r, 0, sizeof r);
            r.call = th_call_start(script, &request, on_done, &r, &error);
            th_json_unref(arguments);
            if (!r.call) {
                no_memory++;
                continue;
            }
            fixture_finish(&r);
            if (r.outcome != TH_CALL_OK && r.outcome != TH_CALL_NO_MEMORY) {
                fail_msg("with %lld bytes: %d: %s", (long long)cap, r.outcome, r.message);
            }
            ok += r.outcome == TH_CALL_OK;
            no_memory += r.outcome == TH_CALL_NO_MEMORY;
        }
        th_script_close(script);
        fixture_run();
    }
    assert_true(refused > 0 && ok > 0 && no_memory > 0);
    assert_int_equal(fixture.api.at_once, 0);
}

static void memory_does_not_drift(void **state) {
    (void)state;
    fixture_tool("t",
                 "local v = call.api:get('/x') return { text = v.title, data = { v, call.user } }");
    fixture_load();
    for (int i = 0; i < 200; i++)
        fixture_call("t", NULL, &r);
    size_t most = 0, later = 0;
    for (int i = 0; i < 200; i++) {
        fixture_call("t", NULL, &r);
        if (th_script_memory(fixture.script) > most) most = th_script_memory(fixture.script);
    }
    for (int i = 0; i < 5000; i++) {
        fixture_call("t", NULL, &r);
        th_buffer_clear(&fixture.api.asked);
        if (th_script_memory(fixture.script) > later) later = th_script_memory(fixture.script);
    }
    assert_true(later <= most + most / 10);
}

static void modules_of_the_library_can_be_used(void **state) {
    (void)state;
    gives_text("local shape = use 'tallyfy.shape' return type(shape)", "table");
    is_bug("use 'words'", "there is no module 'words'");
    is_bug("use 'practice.router'", "there is no module 'practice.router'");
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)
        TEST(calls_of_one_state_interleave),
        TEST(long_computations_give_way),
        TEST(cancel_before_the_first_step),
        TEST(cancel_while_waiting),
        TEST(cancel_while_paused),
        TEST(cancel_from_within_a_binding),
        TEST(close_from_within_a_binding),
        TEST(closing_ends_every_call),
        TEST(done_may_do_anything),
        TEST(wall_time_is_limited),
        TEST(running_calls_finish_on_their_generation),
        TEST(calls_end_cleanly_under_every_memory_cap),
        TEST(memory_does_not_drift),
        TEST(modules_of_the_library_can_be_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
