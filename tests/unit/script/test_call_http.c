/* test_call_http.c - a tool, the real API client, and a real HTTP server: the whole way of a call
 * below the session. What call.api does in detail is in test_call_api.c, over a fake client. */
#include "check.h"

#include "config/config.h"
#include "loop/fetch.h"
#include "loop/upstream.h"
#include "script/call.h"
#include "tool_folder.h"

typedef struct world {
    th_settings_t settings;
    th_worker_t worker;
    tool_folder_t folder;
    upstream_t *server;
    th_catalogue_t *catalogue;
    th_api_t *api;
    th_script_t *script;
} world_t;

typedef struct result {
    bool done;
    th_call_outcome_t outcome;
    char text[256], code[64], message[512];
} result_t;

static bool answer(upstream_request_t *request) {
    static const char json[] = "Content-Type: application/json\r\n";
    if (upstream_has(request, "/never")) return upstream_never(request);
    if (upstream_has(request, "/cut")) {
        upstream_send(request, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"data\":");
        return false;
    }
    if (upstream_has(request, "/absent")) {
        return upstream_answer(request, 404, json, "{\"message\":\"No such thing\"}");
    }
    if (upstream_has(request, "DELETE ")) return upstream_answer(request, 204, "", "");
    if (!upstream_has(request, "Authorization: Bearer key-1")) {
        return upstream_answer(request, 401, json, "{\"message\":\"Unauthenticated.\"}");
    }
    if (upstream_has(request, "POST ")) {
        return upstream_answer(request, 201, json,
                               request->body_length == 9 ? "{\"data\":{\"n\":9}}" : "{}");
    }
    bool right = upstream_has(request, "GET /organizations/org-1/tasks/a%20b?page=2&with=x%2Cy ");
    return upstream_answer(request, 200, json,
                           right ? "{\"data\":{\"n\":1}}" : "{\"data\":{\"n\":0}}");
}

static size_t credential(void *owner, char *out, size_t size) {
    (void)owner;
    return (size_t)snprintf(out, size, "Authorization: Bearer key-1");
}

static int open_world(void **state) {
    world_t *world = calloc(1, sizeof *world);
    assert_non_null(world);
    th_error_t error = {.code = ""};
    th_settings_defaults(&world->settings);
    world->server = upstream_start(answer, world);
    snprintf(world->settings.tallyfy_base_url, sizeof world->settings.tallyfy_base_url,
             "http://127.0.0.1:%u", world->server->port);
    world->settings.tallyfy_plain_http = true;
    world->settings.tallyfy_retries = 0;
    tool_folder_open(&world->folder);
    snprintf(world->settings.script_tools, sizeof world->settings.script_tools, "%s",
             world->folder.path);
    assert_true(th_worker_open(&world->worker, 0, &world->settings, NULL, &error));
    world->api = th_api_open(&world->worker, TH_SLICE("org-1"), credential, world, &error);
    assert_non_null(world->api);
    world->script = th_script_open(&world->worker, &error);
    assert_non_null(world->script);
    *state = world;
    return 0;
}

static int close_world(void **state) {
    world_t *world = *state;
    th_script_close(world->script);
    th_api_close(world->api);
    th_catalogue_unref(world->catalogue);
    th_worker_stop(&world->worker);
    th_worker_run(&world->worker);
    th_worker_close(&world->worker);
    upstream_stop(world->server);
    tool_folder_close(&world->folder);
    free(world);
    return 0;
}

static void on_done(void *arg, th_call_t *call, const th_call_result_t *result) {
    (void)call;
    result_t *kept = arg;
    kept->done = true;
    kept->outcome = result->outcome;
    snprintf(kept->text, sizeof kept->text, "%.*s", (int)result->text.length,
             result->text.data ? result->text.data : "");
    snprintf(kept->code, sizeof kept->code, "%s", result->code);
    snprintf(kept->message, sizeof kept->message, "%s", result->message);
}

static th_call_t *start(world_t *world, const char *body, result_t *result) {
    static th_problems_t problems;
    th_error_t error = {.code = ""};
    tool_folder_write_tool(&world->folder, "t.lua", body);
    th_catalogue_unref(world->catalogue);
    world->catalogue = th_catalogue_load(&world->settings, NULL, &problems);
    assert_non_null(world->catalogue);
    th_call_request_t request = {.catalogue = world->catalogue,
                                 .tool = th_catalogue_find(world->catalogue, TH_SLICE("t")),
                                 .api = world->api,
                                 .call_id = "c1"};
    memset(result, 0, sizeof *result);
    th_call_t *call = th_call_start(world->script, &request, on_done, result, &error);
    assert_non_null(call);
    return call;
}

static void finish(world_t *world, const result_t *result) {
    while (!result->done)
        uv_run(&world->worker.loop, UV_RUN_ONCE);
}

static void assert_text(world_t *world, const char *body, const char *text) {
    result_t result;
    start(world, body, &result);
    finish(world, &result);
    if (result.outcome != TH_CALL_OK) fail_msg("%s\n  failed: %s", body, result.message);
    assert_string_equal(result.text, text);
}

static void requests_go_out_and_answers_come_back(void **state) {
    world_t *world = *state;
    assert_text(
        world,
        "local t, whole = call.api:get('/organizations/{org}/tasks/{id}', "
        "{ id = 'a b', query = { with = { 'x', 'y' }, page = 2 } }) return t.n .. whole.data.n",
        "11");
    assert_text(world, "return call.api:post('/things', { body = { a = 123 } }).n", "9");
    assert_text(world, "return tostring(call.api:delete('/things/{id}', { id = 4 }))", "true");
    assert_text(
        world,
        "local list = {} for i = 1, 20 do list[i] = { 'get', '/organizations/{org}/tasks/{id}', "
        "{ id = 'a b', query = { page = 2, with = 'x,y' } } } end list[7] = { 'get', '/absent' } "
        "local n = 0 for i, r in ipairs(call.api:all(list)) do if r.value then n = n + r.value.n "
        "else n = n * 100 "
        "end end return n",
        "613");
}

static void failures_are_values(void **state) {
    world_t *world = *state;
    assert_text(world, "local v, err = call.api:get('/absent') return err.code .. err.status",
                "not_found404");
    assert_text(world,
                "local v, err = call.api:get('/cut') return tostring(v) .. type(err.message)",
                "nilstring");
    result_t result;
    start(world, "local v, err = call.api:get('/absent') return nil, err", &result);
    finish(world, &result);
    assert_int_equal(result.outcome, TH_CALL_FAILED);
    assert_string_equal(result.code, "not_found");
    start(world, "return call.api:get('/x/{id}', { id = '..' })", &result);
    finish(world, &result);
    assert_int_equal(result.outcome, TH_CALL_BUG);
}

static void wait_for_request(world_t *world, unsigned count) {
    while (atomic_load(&world->server->requests) < count)
        uv_run(&world->worker.loop, UV_RUN_NOWAIT);
}

static void a_waiting_call_can_be_cancelled(void **state) {
    world_t *world = *state;
    result_t result;
    th_call_t *call = start(
        world, "return call.api:all { { 'get', '/never/1' }, { 'get', '/never/2' } }", &result);
    wait_for_request(world, 2);
    th_call_cancel(call);
    finish(world, &result);
    assert_int_equal(result.outcome, TH_CALL_CANCELLED);
    assert_text(world, "return call.api:post('/things', { body = { a = 123 } }).n", "9");
}

static void closing_cancels_what_waits(void **state) {
    world_t *world = *state;
    result_t result;
    start(world, "return call.api:get('/never')", &result);
    wait_for_request(world, 1);
    th_script_close(world->script);
    world->script = NULL;
    assert_true(result.done);
    assert_int_equal(result.outcome, TH_CALL_CANCELLED);
}

static int start_http(void **state) {
    (void)state;
    return th_fetch_global_start(NULL) ? 0 : -1;
}

static int stop_http(void **state) {
    (void)state;
    th_fetch_global_stop();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
        TEST(requests_go_out_and_answers_come_back),
        TEST(failures_are_values),
        TEST(a_waiting_call_can_be_cancelled),
        TEST(closing_cancels_what_waits),
    };
    return cmocka_run_group_tests(tests, start_http, stop_http);
}
