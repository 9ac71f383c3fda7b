/* test_mcp_listen.c - subscriptions/listen, tasks, and the subscriptions of legacy sessions. */
#include "fake_modern.h"

#define LISTEN(http, key, filter)                                                                 \
    fake_modern(*state, http, key, "subscriptions/listen", NULL, "\"notifications\":" filter ",", \
                ALL_CAPABILITIES)
#define TAG "\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":\"r\"}"
#define EVENT(text) "event: message\ndata: " text "\n\n"

static void changed(size_t call, th_changed_t what, const char *uri) {
    fake.call[call].client->changed(fake.call[call].arg, what, th_slice_of(uri));
}

static void start_call(fake_host_t *host, fake_http_t *http, const char *name) {
    char params[128];
    (void)snprintf(params, sizeof params, "\"name\":\"%s\",\"arguments\":{\"run_id\":\"r7\"},",
                   name);
    fake_modern(host, http, "ann", "tools/call", name, params, "{}");
}

static void listens_hear_what_they_asked_for(void **state) {
    fake_host_t *host = *state;
    fake_http_t tools, prompts, board, call;
    th_call_result_t done = fake_result("ok", "");
    LISTEN(&tools, "ann", "{\"toolsListChanged\":true,\"promptsListChanged\":false}");
    LISTEN(&prompts, "ann", "{\"promptsListChanged\":true}");
    LISTEN(&board, "ann",
           "{\"resourceSubscriptions\":[\"test://board\",\"test://no\",\"test://runs/r7\"]}");
    assert_string_equal(
        tools.body,
        EVENT("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/subscriptions/acknowledged\","
              "\"params\":{\"notifications\":{\"toolsListChanged\":true}," TAG "}}"));
    assert_non_null(strstr(board.body, "\"notifications\":{\"resourceSubscriptions\":["
                                       "\"test://board\",\"test://runs/r7\"]}"));
    memset(tools.body, 0, sizeof tools.body);
    memset(prompts.body, 0, sizeof prompts.body);
    memset(board.body, 0, sizeof board.body);
    th_mcp_tools_changed(host->mcp);
    fake.prompt_list = "[{\"name\":\"other\"}]";
    th_mcp_tools_changed(host->mcp);
    start_call(host, &call, "slow");
    changed(0, TH_CHANGED_RESOURCE, "test://board");
    changed(0, TH_CHANGED_RESOURCE, "test://else");
    assert_string_equal(tools.body, EVENT("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/"
                                          "list_changed\",\"params\":{" TAG "}}")
                                        EVENT("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/"
                                              "tools/list_changed\",\"params\":{" TAG "}}"));
    assert_string_equal(prompts.body, EVENT("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/"
                                            "prompts/list_changed\",\"params\":{" TAG "}}"));
    assert_string_equal(
        board.body,
        EVENT("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/resources/updated\",\"params\":{"
              "\"uri\":\"test://board\"," TAG "}}"));
    fake_finish(0, &done); /* changed something about r7, it says */
    assert_non_null(strstr(board.body, "\"uri\":\"test://runs/r7\""));
    fake_leave(&tools);
    th_mcp_drain(host->mcp);
    assert_true(prompts.complete && board.complete);
    assert_non_null(strstr(prompts.body, "\"id\":\"r\",\"result\":{\"resultType\":\"complete\","
                                         "\"_meta\":{\"io.modelcontextprotocol/serverInfo\""));
    assert_non_null(strstr(prompts.body, "\"io.modelcontextprotocol/subscriptionId\":\"r\"}}"));
    LISTEN(&tools, "ann", "{}");
    assert_int_equal(tools.status, 503);
}

static void listens_are_checked_and_bounded(void **state) {
    static const char *const bad[] = {"5",
                                      "[]",
                                      "{\"toolsListChanged\":1}",
                                      "{\"resourceSubscriptions\":\"x\"}",
                                      "{\"resourceSubscriptions\":[1]}",
                                      "{\"taskIds\":[\"a\",\"b\",\"c\",\"d\",\"e\"]}"};
    fake_http_t http[5];
    char params[128];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        (void)snprintf(params, sizeof params, "\"notifications\":%s,", bad[i]);
        fake_modern(*state, &http[0], "ann", "subscriptions/listen", NULL, params,
                    ALL_CAPABILITIES);
        if (!strstr(http[0].body, "-32602")) fail_msg("%s: %s", bad[i], http[0].body);
    }
    fake_modern(*state, &http[0], "ann", "subscriptions/listen", NULL, "", "{}");
    assert_non_null(strstr(http[0].body, "-32602"));
    fake_modern(*state, &http[0], "ann", "subscriptions/listen", NULL,
                "\"notifications\":{\"taskIds\":[]},", "{}");
    assert_int_equal(http[0].status, 400);
    assert_non_null(strstr(http[0].body, "-32021"));
    for (size_t i = 0; i < 4; i++)
        LISTEN(&http[i], "ann", "{}");
    assert_non_null(strstr(http[2].body, "acknowledged"));
    assert_non_null(strstr(http[3].body, "-32603")); /* three of one person */
    LISTEN(&http[3], "bob", "{}");
    LISTEN(&http[4], "eve", "{}");
    assert_non_null(strstr(http[4].body, "-32603")); /* four in all */
    fake_leave(&http[0]);
    LISTEN(&http[4], "eve", "{}");
    assert_non_null(strstr(http[4].body, "acknowledged"));
    LEAVE(&http[1], &http[2], &http[3], &http[4]);
}

static void legacy_sessions_subscribe(void **state) {
    char session[64], body[200];
    fake_http_t http, stream, call;
    fake_initialize(*state, "2025-06-18", session);
    fake_client(&stream, "Bearer ann");
    fake_header(&stream, "Mcp-Session-Id", session);
    fake_send_request(*state, &stream, TH_HTTP_GET, "");
    for (int i = 0; i < 5; i++) {
        (void)snprintf(
            body, sizeof body,
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"resources/subscribe\",\"params\":{"
            "\"uri\":\"test://runs/%d\"}}",
            i);
        fake_post(*state, &http, session, body);
        assert_non_null(strstr(http.body, i < 4 ? "\"result\":{}" : "-32603")); /* bounded */
    }
    fake_post(
        *state, &http, session,
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"resources/unsubscribe\",\"params\":{\"uri\":"
        "\"test://runs/1\"}}");
    start_call(*state, &call, "get_task");
    changed(0, TH_CHANGED_RESOURCE, "test://runs/0");
    changed(0, TH_CHANGED_RESOURCE, "test://runs/1");
    assert_non_null(strstr(stream.body, "\"params\":{\"uri\":\"test://runs/0\"}"));
    assert_null(strstr(stream.body, "test://runs/1"));
    LEAVE(&stream, &call);
}

/* --- tasks ----------------------------------------------------------------------------------- */

static void task(fake_host_t *host, fake_http_t *http, const char *key, const char *method,
                 const char *id, const char *more) {
    char params[512];
    (void)snprintf(params, sizeof params, "\"taskId\":\"%s\",%s", id, more);
    fake_modern(host, http, key, method, id, params, ALL_CAPABILITIES);
}

static void begin_task(fake_host_t *host, fake_http_t *http, char id[static 64]) {
    fake_modern(host, http, "ann", "tools/call", "slow", "\"name\":\"slow\",", ALL_CAPABILITIES);
    assert_true(http->complete);
    fake_member(http->body, "taskId", id, 64);
}

static void slow_tools_become_tasks(void **state) {
    char id[64], filter[128];
    fake_http_t http, stream;
    th_call_result_t done = fake_result("at last", "");
    begin_task(*state, &http, id);
    assert_non_null(strstr(http.body, "\"result\":{\"resultType\":\"task\",\"taskId\":"));
    assert_non_null(strstr(http.body, "\"ttlMs\":60000,\"pollIntervalMs\":1000"));
    (void)snprintf(filter, sizeof filter, "\"notifications\":{\"taskIds\":[\"%s\",\"x\"]},", id);
    fake_modern(*state, &stream, "ann", "subscriptions/listen", NULL, filter, ALL_CAPABILITIES);
    assert_null(strstr(stream.body, "\"x\"")); /* not a task of this person */
    fake.call[0].client->progress(fake.call[0].arg, 2, 9, TH_SLICE("2 of 9 lamps"));
    task(*state, &http, "ann", "tasks/get", id, "");
    assert_non_null(strstr(http.body, "\"status\":\"working\",\"statusMessage\":\"2 of 9 lamps\""));
    task(*state, &http, "bob", "tasks/get", id, "");
    assert_non_null(strstr(http.body, "-32602"));
    task(*state, &http, "ann", "tasks/get", "unknown", "");
    assert_non_null(strstr(http.body, "-32602"));
    fake_modern(*state, &http, "ann", "tasks/get", id, "", "{}"); /* gate before the id */
    assert_int_equal(http.status, 400);
    fake_finish(0, &done);
    task(*state, &http, "ann", "tasks/get", id, "");
    assert_non_null(strstr(http.body, "\"resultType\":\"complete\",\"taskId\":"));
    assert_non_null(strstr(http.body,
                           "\"result\":{\"resultType\":\"complete\",\"content\":[{"
                           "\"type\":\"text\",\"text\":\"at last\"}],\"isError\":false}"));
    assert_non_null(
        strstr(stream.body, "\"method\":\"notifications/tasks\",\"params\":{\"taskId\":"));
    assert_non_null(strstr(stream.body, "\"status\":\"completed\""));
    task(*state, &http, "ann", "tasks/cancel", id, ""); /* over already: still fine */
    assert_non_null(strstr(http.body, "\"result\":{\"resultType\":\"complete\",\"_meta\":"));
    LEAVE(&stream);
}

static void tasks_ask_and_are_answered(void **state) {
    char id[64];
    fake_http_t http;
    th_error_t error;
    const th_ask_t asks[] = {{TH_ASK_FORM, TH_SLICE("a"), TH_SLICE("{\"message\":\"A?\"}")},
                             {TH_ASK_ROOTS, TH_SLICE("b"), TH_SLICE("{}")}};
    begin_task(*state, &http, id);
    assert_true(fake.call[0].client->ask(fake.call[0].arg, asks, 2, &error));
    task(*state, &http, "ann", "tasks/get", id, "");
    assert_non_null(strstr(http.body, "\"status\":\"input_required\""));
    assert_non_null(strstr(http.body, "\"inputRequests\":{\"a\":{\"method\":\"elicitation/create\","
                                      "\"params\":{\"message\":\"A?\"}},\"b\":{\"method\":"
                                      "\"roots/list\",\"params\":{}}}"));
    task(*state, &http, "bob", "tasks/update", id,
         "\"inputResponses\":{\"a\":{\"action\":\"accept\"}},");
    assert_non_null(strstr(http.body, "-32602"));
    task(*state, &http, "ann", "tasks/update", id, "");
    assert_non_null(strstr(http.body, "-32602"));
    task(*state, &http, "ann", "tasks/update", id,
         "\"inputResponses\":{\"unknown-key\":{\"ignored\":true},\"a\":{\"action\":\"accept\"}},");
    assert_non_null(strstr(http.body, "\"result\":{\"resultType\":\"complete\",\"_meta\":"));
    task(*state, &http, "ann", "tasks/get", id, "");
    assert_null(strstr(http.body, "\"a\":{\"method\""));
    assert_false(fake.call[0].answered);
    task(*state, &http, "ann", "tasks/update", id, "\"inputResponses\":{\"b\":{\"roots\":[]}},");
    assert_true(fake.call[0].answered);
    task(*state, &http, "ann", "tasks/get", id, "");
    assert_non_null(strstr(http.body, "\"status\":\"working\""));
}

static void tasks_end_in_every_way(void **state) {
    fake_host_t *host = *state;
    char id[4][64];
    fake_http_t http;
    th_call_result_t bug = {.outcome = TH_CALL_BUG, .code = "bug", .message = "relay crashed"};
    th_call_result_t no = {.outcome = TH_CALL_FAILED, .code = "x", .message = "no lamp"};
    begin_task(host, &http, id[0]);
    fake_finish(0, &bug);
    task(host, &http, "ann", "tasks/get", id[0], "");
    assert_non_null(strstr(http.body, "\"status\":\"failed\""));
    assert_non_null(strstr(http.body, "\"error\":{\"code\":-32603,\"message\":\"relay crashed\"}"));
    begin_task(host, &http, id[1]);
    fake_finish(1, &no); /* a tool's own no is an answer */
    task(host, &http, "ann", "tasks/get", id[1], "");
    assert_non_null(strstr(http.body, "\"status\":\"completed\""));
    assert_non_null(strstr(http.body, "\"isError\":true"));
    begin_task(host, &http, id[2]);
    task(host, &http, "bob", "tasks/cancel", id[2], "");
    assert_false(fake.call[2].cancelled);
    task(host, &http, "ann", "tasks/cancel", id[2], "");
    assert_true(fake.call[2].cancelled);
    fake_finish(2, NULL);
    task(host, &http, "ann", "tasks/get", id[2], "");
    assert_non_null(strstr(http.body, "\"status\":\"cancelled\""));
    begin_task(host, &http, id[3]); /* the oldest that ended makes room */
    task(host, &http, "ann", "tasks/get", id[0], "");
    assert_non_null(strstr(http.body, "-32602"));
    fake_modern(host, &http, "ann", "tools/call", "very_slow", "\"name\":\"very_slow\",", "{}");
    assert_int_equal(http.status, 400);
    assert_non_null(strstr(http.body, "\"requiredCapabilities\":{\"extensions\":{"
                                      "\"io.modelcontextprotocol/tasks\":{}}}"));
}

static void tasks_do_not_live_for_ever(void **state) {
    fake_host_t *host = *state;
    char id[64];
    fake_http_t http;
    host->settings.mcp_task_life = 5;
    begin_task(host, &http, id);
    while (!fake.call[0].cancelled)
        uv_run(&host->worker.loop, UV_RUN_ONCE);
    task(host, &http, "ann", "tasks/get", id, "");
    assert_non_null(strstr(http.body, "-32602"));
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(listens_hear_what_they_asked_for), CASE(listens_are_checked_and_bounded),
        CASE(legacy_sessions_subscribe),        CASE(slow_tools_become_tasks),
        CASE(tasks_ask_and_are_answered),       CASE(tasks_end_in_every_way),
        CASE(tasks_do_not_live_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
