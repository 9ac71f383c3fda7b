/* test_mcp_calls.c - tools/call on the legacy wires: results by revision, progress, cancellation.
 */
#include "fake_http.h"

#define CALL(more)                                      \
    "{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"tools/" \
    "call\",\"params\":{\"name\":\"get_task\"" more "}}"
#define TOKEN ",\"_meta\":{\"progressToken\":7}"
#define ANSWER(result) "{\"jsonrpc\":\"2.0\",\"id\":4,\"result\":{" result "}}"
#define TEXT(text) "\"content\":[{\"type\":\"text\",\"text\":\"" text "\"}]"

/* Calls get_task in a new session of that revision, lets it end with <result>, gives the answer's
 * body. */
static void answer_of(fake_host_t *host, const char *revision, const th_call_result_t *result,
                      fake_http_t *http) {
    char session[64];
    fake_initialize(host, revision, session);
    fake_post(host, http, session, CALL(""));
    assert_int_equal(http->status, 0);
    fake_finish(fake.calls - 1, result);
    th_session_end(&fake.session[0]);
    assert_int_equal(http->status, 200);
    fake.calls = 0;
}

static void arguments_reach_the_session(void **state) {
    char session[64];
    fake_http_t http;
    th_call_result_t done = fake_result("ok", "");
    fake_initialize(*state, "2025-11-25", session);
    fake_post(*state, &http, session, CALL(",\"arguments\":{\"id\":\"a b\",\"n\":[1,2]}"));
    assert_string_equal(fake.call[0].arguments, "{\"id\":\"a b\",\"n\":[1,2]}");
    fake_finish(0, &done);
    assert_string_equal(http.body, ANSWER(TEXT("ok") ",\"isError\":false"));
    assert_string_equal(http.type, "application/json");
}

#define ONE_AND_DATA                                     \
    "\"content\":[{\"type\":\"text\",\"text\":\"one\"}," \
    "{\"type\":\"text\",\"text\":\"{\\\"a\\\":1}\"}]"

static void structured_content_by_revision(void **state) {
    th_call_result_t object = fake_result("one", "{\"a\":1}"), list = fake_result("[1]", "[1]");
    static const struct {
        const char *revision;
        bool structured;
    } rows[] = {
        {"2024-11-05", false}, {"2025-03-26", false}, {"2025-06-18", true}, {"2025-11-25", true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        fake_http_t http;
        answer_of(*state, rows[i].revision, &object, &http);
        /* the data is in the text too: many clients show their model nothing else */
        assert_string_equal(
            http.body,
            rows[i].structured
                ? ANSWER(ONE_AND_DATA ",\"structuredContent\":{\"a\":1},\"isError\":false")
                : ANSWER(ONE_AND_DATA ",\"isError\":false"));
        answer_of(*state, rows[i].revision, &list, &http); /* legacy: objects only */
        assert_string_equal(http.body, ANSWER(TEXT("[1]") ",\"isError\":false"));
    }
}

static void content_degrades_by_revision(void **state) {
    th_call_result_t result = fake_result("two", "");
    fake_http_t http;
    result.content = TH_SLICE(
        " [ {\"type\":\"audio\",\"data\":\"AA==\",\"mimeType\":\"audio/wav\"},"
        "{\"type\":\"resource_link\",\"uri\":\"x://y\",\"name\":\"why\",\"title\":\"t\"},"
        "{\"type\":\"resource\",\"resource\":{\"uri\":\"a:b\",\"text\":\"\",\"_meta\":{}},"
        "\"annotations\":{\"priority\":1,\"lastModified\":\"2025-01-01\"},\"_meta\":{\"k\":1}} ] ");
    answer_of(*state, "2025-11-25", &result, &http);
    assert_non_null(strstr(http.body, "\"text\":\"two\"},{\"type\":\"audio\",\"data\":\"AA==\""));
    assert_non_null(strstr(http.body, "lastModified"));
    answer_of(*state, "2025-03-26", &result, &http);
    assert_non_null(strstr(http.body, "{\"type\":\"audio\",\"data\":\"AA==\""));
    assert_non_null(strstr(http.body, "{\"type\":\"text\",\"text\":\"why: x://y\"}"));
    assert_non_null(strstr(http.body, "{\"type\":\"resource\",\"resource\":{\"uri\":\"a:b\","
                                      "\"text\":\"\"},\"annotations\":{\"priority\":1}}"));
    answer_of(*state, "2024-11-05", &result, &http);
    assert_null(strstr(http.body, "AA=="));
    assert_non_null(strstr(http.body, "audio of type audio/wav"));
    result.content = TH_SLICE("[ ]");
    answer_of(*state, "2025-11-25", &result, &http);
    assert_string_equal(http.body, ANSWER(TEXT("two") ",\"isError\":false"));
}

static void failures_can_be_acted_upon(void **state) {
    th_call_result_t failed = {.outcome = TH_CALL_FAILED,
                               .code = "not_found",
                               .message = "There is no task \"7\".",
                               .field = "task_id",
                               .hint = "List the tasks first."};
    fake_http_t http;
    answer_of(*state, "2025-11-25", &failed, &http);
    assert_string_equal(http.body,
                        ANSWER(TEXT("There is no task \\\"7\\\". (field: task_id)\\nList the tasks "
                                    "first.") ",\"structuredContent\":{\"error\":{\"code\":\"not_"
                                              "found\",\"message\":"
                                              "\"There is no task "
                                              "\\\"7\\\".\",\"field\":\"task_id\",\"hint\":"
                                              "\"List the tasks first.\"}},\"isError\":true"));
    answer_of(*state, "2024-11-05", &failed, &http);
    assert_null(strstr(http.body, "structuredContent"));
    assert_non_null(strstr(http.body, "\"isError\":true"));
    th_call_result_t bare = {.outcome = TH_CALL_NO_TIME};
    answer_of(*state, "2025-03-26", &bare, &http);
    assert_string_equal(http.body, ANSWER(TEXT("The call failed.") ",\"isError\":true"));
}

static void results_keep_what_they_promise(void **state) {
    fake_host_t *host = *state;
    th_tool_t *tool = &fake_tools[0];
    th_json_document_t *schema = th_json_parse(
        host->worker.parser,
        TH_SLICE("{\"type\":\"object\",\"required\":[\"n\"],\"properties\":{\"n\":{\"type\":"
                 "\"integer\"}}}"),
        &th_json_limits_request, NULL);
    th_schema_t *compiled = th_schema_compile(th_json_root(schema), NULL);
    th_call_result_t good = fake_result("{\"n\":1}", "{\"n\":1}"),
                     bad = fake_result("x", "{\"n\":\"x\"}");
    th_call_result_t none = fake_result("x", "");
    th_call_result_t failed = {.outcome = TH_CALL_FAILED, .code = "c", .message = "No."};
    fake_http_t http;

    assert_non_null(compiled);
    tool->output = compiled;
    answer_of(host, "2025-11-25", &good, &http);
    assert_string_equal(
        http.body,
        ANSWER(TEXT("{\\\"n\\\":1}") ",\"structuredContent\":{\"n\":1},\"isError\":false"));
    answer_of(host, "2025-11-25", &bad, &http);
    assert_non_null(strstr(http.body, "fault of the tool"));
    assert_non_null(strstr(http.body, "\"isError\":true"));
    assert_null(strstr(http.body, "structuredContent"));
    answer_of(host, "2025-11-25", &none, &http);
    assert_non_null(strstr(http.body, "\"isError\":true"));
    answer_of(host, "2025-11-25", &failed, &http); /* clients check structuredContent: none then */
    assert_string_equal(http.body, ANSWER(TEXT("No.") ",\"isError\":true"));
    tool->output = NULL;
    th_schema_free(compiled);
    th_json_unref(schema);
}

static void invalid_text_is_an_error_not_a_broken_answer(void **state) {
    th_call_result_t broken = fake_result("\xff\xfe", "");
    fake_http_t http;
    answer_of(*state, "2025-11-25", &broken, &http);
    assert_non_null(strstr(http.body, "\"id\":4,\"error\":{\"code\":-32603"));
}

static void limits_are_told_to_the_model(void **state) {
    char session[64];
    fake_http_t http;
    fake_initialize(*state, "2025-11-25", session);
    fake.busy = true;
    fake_post(*state, &http, session, CALL(""));
    assert_int_equal(http.status, 200);
    assert_non_null(strstr(http.body, "Too many calls at once.\\nNothing was done; try again"));
    assert_non_null(strstr(http.body, "\"isError\":true"));
}

static void report(size_t call, double done, double total, const char *message) {
    fake.call[call].client->progress(fake.call[call].arg, done, total, th_slice_of(message));
}

static size_t count(const char *text, const char *part) {
    size_t found = 0;
    for (const char *at = text; (at = strstr(at, part)); at++)
        found++;
    return found;
}

static void progress_upgrades_to_a_stream(void **state) {
    char session[64];
    fake_http_t http;
    th_call_result_t done = fake_result("ok", "");
    fake_initialize(*state, "2025-11-25", session);
    fake_post(*state, &http, session, CALL(TOKEN));
    report(0, 0, 100, NULL);
    assert_string_equal(http.type, "text/event-stream");
    report(0, 0.5, 100, "half");
    report(0, 0.5, 100, "again");  /* not more: dropped */
    report(0, 0.25, 100, "back");  /* less: dropped */
    report(0, 0.0 / 0.0, 100, ""); /* no number */
    fake_finish(0, &done);
    assert_string_equal(
        http.body,
        "id: 1_0\nretry: 500\ndata:\n\n"
        "id: 1_1\nevent: message\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\","
        "\"params\":{\"progressToken\":7,\"progress\":0,\"total\":100}}\n\n"
        "id: 1_2\nevent: message\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\","
        "\"params\":{\"progressToken\":7,\"progress\":0.5,\"total\":100,\"message\":\"half\"}}\n\n"
        "id: 1_3\nevent: message\ndata: " ANSWER(TEXT("ok") ",\"isError\":false") "\n\n");
    assert_true(http.complete);
}

static void progress_is_a_courtesy(void **state) {
    char session[64];
    fake_http_t http;
    th_call_result_t done = fake_result("ok", "");
    fake_initialize(*state, "2024-11-05", session);
    fake_post(*state, &http, session, CALL("")); /* no token: nothing is sent */
    report(0, 1, -1, "x");
    assert_int_equal(http.status, 0);
    fake_finish(0, &done);
    fake_client(&http, "Bearer ann"); /* a client that takes no streams */
    http.header[2].value = TH_SLICE("application/json");
    fake_header(&http, "Mcp-Session-Id", session);
    fake_send_request(*state, &http, TH_HTTP_POST, CALL(TOKEN));
    report(1, 1, -1, "x");
    assert_int_equal(http.status, 0);
    fake_finish(1, &done);
    assert_string_equal(http.type, "application/json");
    fake_post(*state, &http, session, CALL(TOKEN));
    for (int i = 1; i < 1000; i++) /* in no time: bounded */
        report(2, i, -1, "words that 2024-11-05 has no place for");
    assert_in_range(count(http.body, "progressToken"), 1, 20);
    assert_null(strstr(http.body, "words"));
    http.slow = true;
    fake_finish(2, &done);
    fake_leave(&http); /* a client too slow is cut by the transport */
}

static void cancel(fake_host_t *host, const char *session, const char *id) {
    fake_http_t http;
    char body[160];
    (void)snprintf(body, sizeof body,
                   "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{"
                   "\"requestId\":%s,\"reason\":\"no\"}}",
                   id);
    fake_post(host, &http, session, body);
    assert_int_equal(http.status, 202);
}

static void cancelled_requests_get_no_response(void **state) {
    char session[64], other[64];
    fake_http_t http, again;
    th_call_result_t done = fake_result("ok", "");
    fake_initialize(*state, "2025-11-25", session);
    fake_initialize(*state, "2025-11-25", other);
    fake_post(*state, &http, session, CALL(""));
    fake_post(*state, &again, other, CALL("")); /* the same id in another session */
    cancel(*state, session, "\"4\"");           /* not the same id */
    cancel(*state, session, "5");
    cancel(*state, session, "null");
    assert_false(fake.call[0].cancelled);
    cancel(*state, session, "4");
    cancel(*state, session, "4");
    assert_true(fake.call[0].cancelled);
    assert_false(fake.call[1].cancelled);
    fake_finish(0, &done);
    assert_int_equal(http.status, 200); /* a stream without a message */
    assert_string_equal(http.type, "text/event-stream");
    assert_null(strstr(http.body, "jsonrpc"));
    assert_true(http.complete);
    fake_finish(1, &done);
    assert_string_equal(again.body, ANSWER(TEXT("ok") ",\"isError\":false"));
}

static void cancelled_requests_end_without_a_stream_too(void **state) {
    char session[64];
    fake_http_t http;
    fake_initialize(*state, "2025-11-25", session);
    fake_client(&http, "Bearer ann");
    http.header[2].value = TH_SLICE("application/json");
    fake_header(&http, "Mcp-Session-Id", session);
    fake_send_request(*state, &http, TH_HTTP_POST, CALL(""));
    cancel(*state, session, "4");
    fake_finish(0, NULL);
    assert_int_equal(http.status, 202);
    assert_false(http.streamed);
    assert_string_equal(http.body, "");
}

/* Before 2026-07-28 a lost connection is no cancellation. */
static void leaving_does_not_cancel(void **state) {
    char session[64];
    fake_http_t http;
    th_call_result_t done = fake_result("ok", "");
    fake_initialize(*state, "2025-11-25", session);
    fake_post(*state, &http, session, CALL(TOKEN));
    fake_leave(&http);
    assert_false(fake.call[0].cancelled);
    report(0, 1, -1, NULL);
    fake_finish(0, &done);
    assert_int_equal(http.status, 0);
}

static void ending_the_session_ends_its_calls(void **state) {
    char session[64];
    fake_http_t http, end;
    fake_initialize(*state, "2025-11-25", session);
    fake_post(*state, &http, session, CALL(""));
    fake_client(&end, "Bearer ann");
    fake_header(&end, "Mcp-Session-Id", session);
    fake_send_request(*state, &end, TH_HTTP_DELETE, "");
    assert_int_equal(end.status, 204);
    assert_true(fake.call[0].cancelled);
    fake_finish(0, NULL);
    assert_non_null(strstr(http.body, "The call was cancelled."));
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(arguments_reach_the_session),
        CASE(structured_content_by_revision),
        CASE(content_degrades_by_revision),
        CASE(failures_can_be_acted_upon),
        CASE(results_keep_what_they_promise),
        CASE(invalid_text_is_an_error_not_a_broken_answer),
        CASE(limits_are_told_to_the_model),
        CASE(progress_upgrades_to_a_stream),
        CASE(progress_is_a_courtesy),
        CASE(cancelled_requests_get_no_response),
        CASE(cancelled_requests_end_without_a_stream_too),
        CASE(leaving_does_not_cancel),
        CASE(ending_the_session_ends_its_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
