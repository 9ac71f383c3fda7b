/* test_mcp_pipe.c - messages over a pipe: both eras side by side, every request answered. */
#include "fake_host.h"

#define META                                                                 \
    "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"," \
    "\"io.modelcontextprotocol/clientCapabilities\":{}}"
#define INITIALIZE(revision)                                                                   \
    "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":" \
    "\"" revision "\",\"capabilities\":{},\"clientInfo\":{\"name\":\"t\",\"version\":\"1\"}}}"
#define CALL(id, more)                \
    "{\"jsonrpc\":\"2.0\",\"id\":" id \
    ",\"method\":\"tools/call\",\"params\":{\"name\":\"get_task\"" more "}}"

static char sent[8192]; /* messages, a line each */
static bool peer_is_slow;

static bool record(void *arg, th_slice_t message) {
    size_t have = strlen(sent);
    assert_ptr_equal(arg, sent);
    if (peer_is_slow) return false;
    assert_true(have + message.length + 2 < sizeof sent);
    assert_null(memchr(message.data, '\n', message.length));
    memcpy(sent + have, message.data, message.length);
    memcpy(sent + have + message.length, "\n", 2);
    return true;
}

static const th_mcp_pipe_operations_t operations = {.send = record};

static th_mcp_pipe_t *open_pipe(void **state) {
    fake_host_t *host = *state;
    th_error_t error;
    sent[0] = '\0';
    peer_is_slow = false;
    th_mcp_pipe_t *pipe = th_mcp_pipe_open(host->mcp, fake_grant("ann"), &operations, sent, &error);
    assert_non_null(pipe);
    return pipe;
}

/* What came back for <message>. */
static const char *told(th_mcp_pipe_t *pipe, const char *message) {
    char *copy = strdup(message);
    sent[0] = '\0';
    th_mcp_pipe_receive(pipe, th_slice(copy, strlen(copy)));
    memset(copy, 'x', strlen(message));
    free(copy);
    return sent;
}

static void check(th_mcp_pipe_t *pipe, const char *message, const char *part) {
    const char *answer = told(pipe, message);
    if (part[0] ? !strstr(answer, part) : answer[0]) fail_msg("%s: %s", message, answer);
}

static void every_request_is_answered_before_initialize(void **state) {
    th_mcp_pipe_t *pipe = open_pipe(state);
    static const char *const rows[][2] = {
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"server/discover\"}",
         "\"id\":1,\"error\":{\"code\":-32601"},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"no/such\"}", "-32601"},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}", "-32600"},
        {CALL("1", ""), "initialize first"},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}",
         "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n"},
        {"{\"jsonrpc\":\"2.0\",\"method\":\"no/such\"}", ""},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}", ""},
        {"[]", "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600"},
        {"nonsense", "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32700"},
        {"{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}", "-32600"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check(pipe, rows[i][0], rows[i][1]);
    assert_int_equal(th_mcp_pipe_pending(pipe), 0);
    th_mcp_pipe_close(pipe);
}

static void both_eras_share_a_pipe(void **state) {
    th_mcp_pipe_t *pipe = open_pipe(state);
    check(pipe,
          "{\"jsonrpc\":\"2.0\",\"id\":\"d\",\"method\":\"server/discover\",\"params\":{" META "}}",
          "\"supportedVersions\":[\"2026-07-28\"]");
    check(pipe, INITIALIZE("2025-03-26"), "\"protocolVersion\":\"2025-03-26\"");
    check(pipe, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}", "");
    check(pipe, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}", "\"form\":2503");
    check(pipe, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{" META "}}",
          "\"resultType\":\"complete\",\"tools\":[{\"name\":\"count_tasks\",\"form\":2511");
    check(pipe, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{" META "}}",
          "-32601");
    check(pipe,
          "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"_meta\":{"
          "\"io.modelcontextprotocol/protocolVersion\":\"v9\","
          "\"io.modelcontextprotocol/clientCapabilities\":{}}}}",
          "\"code\":-32022");
    check(pipe,
          "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"_meta\":{"
          "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"}}}",
          "\"code\":-32602");
    check(pipe, "nonsense", "\"id\":null"); /* 2025-03-26 was negotiated */
    th_mcp_pipe_close(pipe);
}

static void calls_run_and_finish_in_any_order(void **state) {
    th_mcp_pipe_t *pipe = open_pipe(state);
    th_call_result_t one = fake_result("one", ""), two = fake_result("two", "");
    told(pipe, INITIALIZE("2025-11-25"));
    check(pipe, CALL("1", ",\"_meta\":{\"progressToken\":\"p\"}"), "");
    check(pipe, CALL("\"b\"", "," META), "");
    assert_int_equal(th_mcp_pipe_pending(pipe), 2);
    assert_ptr_equal(fake.call[0].session, fake.call[1].session);
    fake_finish(1, &two);
    assert_non_null(strstr(sent, "{\"jsonrpc\":\"2.0\",\"id\":\"b\",\"result\":{\"resultType\""));
    sent[0] = '\0';
    fake.call[0].client->progress(fake.call[0].arg, 1, 2, th_slice(NULL, 0));
    fake_finish(0, &one);
    assert_string_equal(
        sent, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{"
              "\"progressToken\":\"p\",\"progress\":1,\"total\":2}}\n"
              "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"text\",\"text\":"
              "\"one\"}],\"isError\":false}}\n");
    assert_int_equal(th_mcp_pipe_pending(pipe), 0);
    th_mcp_pipe_close(pipe);
}

static void cancellation_works_in_both_eras(void **state) {
    th_mcp_pipe_t *pipe = open_pipe(state);
    told(pipe, INITIALIZE("2025-11-25"));
    told(pipe, CALL("1", ""));
    told(pipe, CALL("2", "," META));
    for (int id = 1; id <= 2; id++) {
        char text[120];
        (void)snprintf(text, sizeof text,
                       "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{"
                       "\"requestId\":%d}}",
                       id);
        check(pipe, text, "");
        assert_true(fake.call[id - 1].cancelled);
        fake_finish((size_t)id - 1, NULL);
        assert_string_equal(sent, "");
    }
    assert_int_equal(th_mcp_pipe_pending(pipe), 0);
    th_mcp_pipe_close(pipe);
}

static void closing_cancels_and_says_nothing_more(void **state) {
    th_mcp_pipe_t *pipe = open_pipe(state);
    told(pipe, INITIALIZE("2025-11-25"));
    told(pipe, CALL("1", ",\"_meta\":{\"progressToken\":1}"));
    th_mcp_pipe_close(pipe);
    assert_true(fake.call[0].cancelled);
    assert_false(fake.session[0].used);
    fake.call[0].client->progress(fake.call[0].arg, 1, -1, th_slice(NULL, 0));
    fake_finish(0, NULL);
    assert_string_equal(sent, "");
}

static void an_ended_session_is_begun_anew(void **state) {
    th_mcp_pipe_t *pipe = open_pipe(state);
    th_call_result_t done = fake_result("ok", "");
    told(pipe, INITIALIZE("2025-11-25"));
    told(pipe, CALL("1", ""));
    fake_finish(0, &done);
    th_session_end(&fake.session[0]); /* idle too long */
    told(pipe, CALL("2", ""));
    assert_true(fake.call[1].session->used);
    fake_finish(1, &done);
    assert_non_null(strstr(sent, "\"id\":2,\"result\""));
    fake.full = true;
    th_session_end(&fake.session[0]);
    check(pipe, CALL("3", ""), "all sessions are busy");
    th_mcp_pipe_close(pipe);
}

static void pipes_hear_of_new_tools_once_initialized(void **state) {
    fake_host_t *host = *state;
    th_mcp_pipe_t *pipe = open_pipe(state);
    th_mcp_tools_changed(host->mcp);
    assert_string_equal(sent, "");
    told(pipe, INITIALIZE("2024-11-05"));
    sent[0] = '\0';
    th_mcp_tools_changed(host->mcp);
    assert_string_equal(
        sent,
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\",\"params\":{}}\n");
    peer_is_slow = true;
    th_mcp_tools_changed(host->mcp);
    th_mcp_pipe_close(pipe);
    th_mcp_tools_changed(host->mcp);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(every_request_is_answered_before_initialize), CASE(both_eras_share_a_pipe),
        CASE(calls_run_and_finish_in_any_order),           CASE(cancellation_works_in_both_eras),
        CASE(closing_cancels_and_says_nothing_more),       CASE(an_ended_session_is_begun_anew),
        CASE(pipes_hear_of_new_tools_once_initialized),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
