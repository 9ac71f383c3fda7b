/* test_mcp_streams.c - legacy streams that are cut, resumed and let go; batches; the transport of
 * 2024-11-05. */
#include "fake_http.h"

#define CALL(id)                                                                         \
    "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"tools/call\",\"params\":{\"name\":" \
    "\"get_task\",\"_meta\":{\"progressToken\":" id "}}}"
#define PING(id) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"ping\"}"
#define PONG(id) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"result\":{}}"

static void report(size_t call, double progress) {
    fake.call[call].client->progress(fake.call[call].arg, progress, -1, TH_SLICE(""));
}

static void come_back(fake_host_t *host, fake_http_t *http, const char *key, const char *session,
                      const char *last) {
    fake_client(http, key);
    fake_header(http, "Mcp-Session-Id", session);
    fake_header(http, "Last-Event-ID", last);
    fake_send_request(host, http, TH_HTTP_GET, "");
}

static void a_cut_stream_is_resumed(void **state) {
    char session[64];
    fake_http_t http, back, again;
    th_call_result_t done = fake_result("ok", "");
    fake_initialize(*state, "2025-06-18", session);
    fake_post(*state, &http, session, CALL("4"));
    report(0, 1);
    report(0, 2);
    fake_leave(&http);
    assert_false(fake.call[0].cancelled); /* no cancellation */
    report(0, 3);
    come_back(*state, &back, "Bearer bob", session, "1_1");
    assert_int_equal(back.status, 404);
    come_back(*state, &back, "Bearer ann", session, "1_9");
    assert_int_equal(back.status, 400);
    come_back(*state, &back, "Bearer ann", session, "1_1");
    assert_int_equal(back.status, 200);
    assert_null(strstr(back.body, "\"progress\":1"));
    assert_non_null(strstr(back.body, "id: 1_2\nevent: message\n"));
    assert_non_null(strstr(back.body, "\"progress\":3"));
    come_back(*state, &again, "Bearer ann", session, "1_3"); /* displaces the one before */
    assert_true(back.complete);
    fake_finish(0, &done);
    assert_true(again.complete);
    assert_non_null(
        strstr(again.body, "id: 1_4\nevent: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":4"));
    come_back(*state, &again, "Bearer ann", session, "1_2"); /* over, and still there */
    assert_true(again.complete);
    assert_non_null(strstr(again.body, "id: 1_4\n"));
}

static void a_client_is_let_go_where_it_can_come_back(void **state) {
    char session[64], old[64];
    fake_http_t http, back;
    th_call_result_t done = fake_result("ok", "");
    fake_initialize(*state, "2025-06-18", old);
    fake_post(*state, &http, old, CALL("4"));
    fake.call[0].client->detach(fake.call[0].arg); /* this revision forbids it */
    assert_int_equal(http.status, 0);
    fake_finish(0, &done);
    fake_initialize(*state, "2025-11-25", session);
    fake_post(*state, &http, session, CALL("4"));
    fake.call[1].client->detach(fake.call[1].arg);
    assert_true(http.complete);
    assert_string_equal(http.body, "id: 1_0\nretry: 500\ndata:\n\n");
    report(1, 1);
    fake.call[1].client->detach(fake.call[1].arg); /* already gone */
    fake_finish(1, &done);
    come_back(*state, &back, "Bearer ann", session, "1_0");
    assert_true(back.complete);
    assert_non_null(strstr(back.body, "\"progress\":1"));
    assert_non_null(strstr(back.body, "\"id\":4,\"result\""));
}

static void standing_streams_are_resumed_too(void **state) {
    fake_host_t *host = *state;
    char session[64];
    fake_http_t stream, back;
    fake_initialize(host, "2025-06-18", session);
    fake_client(&stream, "Bearer ann");
    fake_header(&stream, "Mcp-Session-Id", session);
    fake_send_request(host, &stream, TH_HTTP_GET, "");
    th_mcp_tools_changed(host->mcp);
    fake_leave(&stream);
    th_mcp_tools_changed(host->mcp); /* heard of later */
    come_back(host, &back, "Bearer ann", session, "1_1");
    assert_string_equal(back.body, "id: 1_2\nevent: message\ndata: {\"jsonrpc\":\"2.0\",\"method\":"
                                   "\"notifications/tools/list_changed\",\"params\":{}}\n\n");
    th_mcp_tools_changed(host->mcp);
    assert_non_null(strstr(back.body, "id: 1_3\n"));
    th_session_end(&fake.session[0]);
    assert_true(back.complete);
}

/* The session ends while a call still runs for a stream of it. */
static void sessions_end_under_their_streams(void **state) {
    char session[64];
    fake_http_t http;
    th_call_result_t done = fake_result("ok", "");
    fake_initialize(*state, "2025-11-25", session);
    fake_post(*state, &http, session, CALL("4"));
    report(0, 1);
    th_session_end(&fake.session[0]);
    report(0, 2);
    fake.call[0].cancelled = false;
    fake_finish(0, &done);
    assert_true(http.complete);
    assert_non_null(strstr(http.body, "\"id\":4,\"result\""));
}

static void batches_are_answered_whole(void **state) {
    char session[64], newer[64];
    fake_http_t http;
    th_call_result_t done = fake_result("ok", "");
    fake_initialize(*state, "2025-03-26", session);
    fake_post(
        *state, &http, session,
        "[" PING("1") ",{\"jsonrpc\":\"2.0\",\"method\":\"n\"}," CALL("2") ",7," PING("\"x\"") "]");
    assert_false(http.complete);
    fake_finish(0, &done);
    assert_true(http.complete);
    assert_string_equal(http.type, "application/json");
    assert_string_equal(
        http.body,
        "[" PONG("1") ",{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,"
                      "\"message\":\"A message is a JSON object; this is of type integer\"}}," PONG(
                          "\"x\"") ",{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{\"content\":[{"
                                   "\"type\":\"text\","
                                   "\"text\":\"ok\"}],\"isError\":false}}]");
    fake_post(*state, &http, session, "[{\"jsonrpc\":\"2.0\",\"method\":\"n\"}]");
    assert_int_equal(http.status, 202);
    fake_post(*state, &http, session, "[]");
    assert_int_equal(http.status, 400);
    fake_post(*state, &http, session,
              "[" PING("1") ",{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{"
                            "\"protocolVersion\":\"2025-03-26\"}}]");
    assert_int_equal(http.status, 400);
    fake_initialize(*state, "2025-06-18", newer);
    fake_post(*state, &http, newer, "[" PING("1") "]");
    assert_int_equal(http.status, 400);
    assert_non_null(strstr(http.body, "no batches"));
}

static void batches_become_streams(void **state) {
    char session[64];
    fake_http_t http;
    th_call_result_t done = fake_result("ok", "");
    fake_initialize(*state, "2025-03-26", session);
    fake_post(*state, &http, session, "[" PING("1") "," CALL("2") "]");
    report(0, 1);
    fake_leave(&http);
    fake_finish(0, &done);
    fake_post(*state, &http, session, "[" PING("1") "," CALL("2") "]");
    report(1, 1);
    fake_finish(1, &done);
    assert_true(http.complete);
    assert_non_null(strstr(http.body, "data: [" PONG("1") "]\n"));
    assert_non_null(strstr(http.body, "\"id\":2,\"result\""));
}

/* --- 2024-11-05 ------------------------------------------------------------------------------ */

static void post_old(fake_host_t *host, fake_http_t *http, const char *key, const char *query,
                     const char *body) {
    fake_client(http, key);
    http->path = "/messages";
    http->query = query;
    fake_send_request(host, http, TH_HTTP_POST, body);
}

static void the_oldest_transport_works(void **state) {
    fake_host_t *host = *state;
    fake_http_t stream, http;
    char query[80];
    th_call_result_t done = fake_result("ok", "");
    fake_client(&stream, "Bearer ann");
    stream.path = "/sse";
    fake_send_request(host, &stream, TH_HTTP_GET, "");
    assert_string_equal(stream.type, "text/event-stream");
    assert_true(strncmp(stream.body, "event: endpoint\ndata: /messages?session_id=", 43) == 0);
    (void)snprintf(query, sizeof query, "x=1&session_id=%.32s", stream.body + 43);
    post_old(host, &http, "Bearer ann", query,
             "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{"
             "\"protocolVersion\":\"2024-11-05\"}}");
    assert_int_equal(http.status, 202);
    assert_string_equal(http.body, "");
    assert_non_null(strstr(stream.body, "event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":0,"));
    post_old(host, &http, "Bearer ann", query, CALL("4"));
    report(0, 1);
    fake_finish(0, &done);
    assert_non_null(strstr(stream.body, "notifications/progress"));
    assert_non_null(strstr(stream.body, "\"id\":4,\"result\""));
    post_old(host, &http, "Bearer bob", query, PING("5"));
    assert_int_equal(http.status, 404);
    post_old(host, &http, "Bearer ann", "session_id=0123", PING("5"));
    assert_int_equal(http.status, 404);
    post_old(host, &http, "Bearer ann", "", PING("5"));
    assert_int_equal(http.status, 400);
    post_old(host, &http, "Bearer ann", query, CALL("6"));
    fake_leave(&stream); /* ends the session and its work */
    uv_run(&host->worker.loop, UV_RUN_NOWAIT);
    assert_true(fake.call[1].cancelled);
    post_old(host, &http, "Bearer ann", query, PING("5"));
    assert_int_equal(http.status, 404);
}

static void the_oldest_transport_hides_behind_a_bare_get(void **state) {
    fake_host_t *host = *state;
    fake_http_t stream, http;
    fake_client(&stream, "Bearer ann");
    fake_send_request(host, &stream, TH_HTTP_GET, "");
    assert_true(strncmp(stream.body, "event: endpoint\n", 16) == 0);
    fake_client(&http, "Bearer ann");
    http.header[2].value = TH_SLICE("*/*;q=0");
    fake_send_request(host, &http, TH_HTTP_GET, "");
    assert_int_equal(http.status, 405);
    fake_client(&http, "Bearer ann");
    http.path = "/sse";
    fake_send_request(host, &http, TH_HTTP_POST, PING("1"));
    assert_int_equal(http.status, 405);
    th_mcp_drain(host->mcp);
    assert_true(stream.complete);
    fake_client(&http, "Bearer ann");
    http.path = "/sse";
    fake_send_request(host, &http, TH_HTTP_GET, "");
    assert_int_equal(http.status, 503);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(a_cut_stream_is_resumed),          CASE(a_client_is_let_go_where_it_can_come_back),
        CASE(standing_streams_are_resumed_too), CASE(sessions_end_under_their_streams),
        CASE(batches_are_answered_whole),       CASE(batches_become_streams),
        CASE(the_oldest_transport_works),       CASE(the_oldest_transport_hides_behind_a_bare_get),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
