/* test_mcp_questions.c - call.ask on each wire: requests of ours on the legacy ones, rounds on
 * 2026-07-28; who may answer, what is held, and what ends the waiting. */
#include "fake_modern.h"

#define FORM "{\"message\":\"Who?\",\"requestedSchema\":{\"type\":\"object\",\"properties\":{}}}"

static const th_ask_t who = {TH_ASK_FORM, {"who", 3}, {FORM, sizeof FORM - 1}};
static const th_ask_t where = {TH_ASK_ROOTS, {"where", 5}, {"{}", 2}};

static bool ask(size_t call, const th_ask_t *asks, size_t count, th_error_t *error) {
    return fake.call[call].client->ask(fake.call[call].arg, asks, count, error);
}

static void initialize(fake_host_t *host, const char *revision, const char *capabilities,
                       char session[static 64]) {
    fake_http_t http;
    char body[512];
    (void)snprintf(body, sizeof body,
                   "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{"
                   "\"protocolVersion\":\"%s\",\"capabilities\":%s}}",
                   revision, capabilities);
    fake_post(host, &http, NULL, body);
    memcpy(session, http.session, 64);
}

#define CALL \
    "{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"tools/call\",\"params\":{\"name\":\"get_task\"}}"

static void legacy_asks_on_the_stream(void **state) {
    char session[64], other[64];
    fake_http_t http, post;
    th_error_t error;
    th_call_result_t done = fake_result("ok", "");
    initialize(*state, "2025-06-18", "{\"elicitation\":{},\"roots\":{}}", session);
    initialize(*state, "2025-06-18", "{\"elicitation\":{}}", other);
    fake_post(*state, &http, session, CALL);
    assert_true(fake.call[0].client->can_ask(fake.call[0].arg, TH_ASK_FORM));
    assert_false(fake.call[0].client->can_ask(fake.call[0].arg, TH_ASK_SAMPLE));
    const th_ask_t both[] = {who, where};
    assert_true(ask(0, both, 2, &error));
    assert_string_equal(
        http.body,
        "id: 1_1\nevent: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":\"ask-1\",\"method\":"
        "\"elicitation/create\",\"params\":" FORM "}\n\n"
        "id: 1_2\nevent: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":\"ask-2\",\"method\":"
        "\"roots/list\"}\n\n");
    /* Answers of another session, to nothing, or with another type of id. */
    fake_post(*state, &post, other, "{\"jsonrpc\":\"2.0\",\"id\":\"ask-1\",\"result\":{}}");
    fake_post(*state, &post, session, "{\"jsonrpc\":\"2.0\",\"id\":\"ask-9\",\"result\":{}}");
    fake_post(*state, &post, session, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}");
    fake_post(*state, &post, session,
              "{\"jsonrpc\":\"2.0\",\"id\":\"ask-1\",\"result\":{\"action\":\"decline\"}}");
    assert_int_equal(post.status, 202);
    assert_false(fake.call[0].answered);
    fake_post(
        *state, &post, session,
        "{\"jsonrpc\":\"2.0\",\"id\":\"ask-1\",\"result\":{\"action\":\"accept\"}}"); /* late */
    fake_post(
        *state, &post, session,
        "{\"jsonrpc\":\"2.0\",\"id\":\"ask-2\",\"error\":{\"code\":-32601,\"message\":\"no\"}}");
    assert_true(fake.call[0].answered);
    assert_string_equal(fake.call[0].answers,
                        "{\"who\":{\"action\":\"decline\"},"
                        "\"where\":{\"error\":{\"code\":\"client_error\",\"message\":\"no\"}}}");
    fake_finish(0, &done);
    assert_true(http.complete);
}

static void who_cannot_be_asked_is_told(void **state) {
    char session[64];
    fake_http_t http;
    th_error_t error;
    th_call_result_t done = fake_result("ok", "");
    initialize(*state, "2025-06-18", "{}", session);
    fake_post(*state, &http, session, CALL);
    assert_false(ask(0, &who, 1, &error));
    assert_string_equal(error.code, "cannot_ask");
    assert_non_null(strstr(error.message, "elicitation (form)"));
    fake_finish(0, &done);
    initialize(*state, "2025-03-26", "{\"elicitation\":{}}", session); /* had no such thing */
    fake_post(*state, &http, session, CALL);
    assert_false(ask(1, &who, 1, &error));
    fake_finish(1, &done);
    initialize(*state, "2025-06-18", "{\"elicitation\":{}}", session);
    fake_client(&http, "Bearer ann"); /* takes no streams */
    http.header[2].value = TH_SLICE("application/json");
    fake_header(&http, "Mcp-Session-Id", session);
    fake_send_request(*state, &http, TH_HTTP_POST, CALL);
    assert_false(ask(2, &who, 1, &error));
    assert_string_equal(error.code, "cannot_ask");
    fake_finish(2, &done);
    assert_string_equal(http.type, "application/json");
}

/* A person who never answers: the call goes on without. */
static void waiting_ends(void **state) {
    fake_host_t *host = *state;
    char session[64];
    fake_http_t http;
    th_error_t error;
    host->settings.mcp_ask_timeout = 5;
    initialize(host, "2025-06-18", "{\"elicitation\":{}}", session);
    fake_post(host, &http, session, CALL);
    assert_true(ask(0, &who, 1, &error));
    while (!fake.call[0].answered)
        uv_run(&host->worker.loop, UV_RUN_ONCE);
    assert_non_null(strstr(fake.call[0].answers, "{\"who\":{\"error\":{\"code\":\"timeout\""));
    assert_non_null(strstr(http.body, "\"method\":\"notifications/cancelled\",\"params\":{"
                                      "\"requestId\":\"ask-1\"}"));
    LEAVE(&http);
}

static void old_forms_are_said_in_old_words(void **state) {
    static const char params[] =
        "{\"message\":\"m\",\"requestedSchema\":{\"$schema\":\"x\",\"type\":\"object\","
        "\"properties\":"
        "{\"a\":{\"type\":\"string\",\"default\":\"d\"},\"b\":{\"type\":\"boolean\",\"default\":"
        "true},"
        "\"c\":{\"type\":\"string\",\"oneOf\":[{\"const\":\"1\",\"title\":\"One\"}]}}}}";
    static const char list[] = "{\"message\":\"m\",\"requestedSchema\":{\"type\":\"object\","
                               "\"properties\":{\"a\":{\"type\":"
                               "\"array\",\"items\":{\"type\":\"string\",\"enum\":[\"x\"]}}}}}";
    char session[64];
    fake_http_t first, http;
    th_error_t error;
    initialize(*state, "2025-06-18", "{\"elicitation\":{}}", session);
    fake_post(*state, &first, session, CALL);
    const th_ask_t old = {TH_ASK_FORM, TH_SLICE("k"), TH_SLICE(params)};
    assert_true(ask(0, &old, 1, &error));
    assert_non_null(strstr(
        first.body,
        "\"requestedSchema\":{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"},"
        "\"b\":{\"type\":\"boolean\",\"default\":true},\"c\":{\"type\":\"string\",\"enum\":[\"1\"],"
        "\"enumNames\":[\"One\"]}}}"));
    fake_post(*state, &http, session, CALL);
    const th_ask_t many = {TH_ASK_FORM, TH_SLICE("k"), TH_SLICE(list)};
    assert_false(ask(1, &many, 1, &error));
    assert_string_equal(error.code, "cannot_ask");
    LEAVE(&first, &http);
}

#define MODERN(http, key, params) \
    fake_modern(*state, http, key, "tools/call", "get_task", params, ALL_CAPABILITIES)

/* Nothing was changed: the call is dropped, and started anew with the answers. */
static void modern_asks_by_rounds(void **state) {
    fake_http_t http;
    th_error_t error;
    char sealed[2048], params[4096];
    th_call_result_t done = fake_result("ok", "");
    MODERN(&http, "ann", "\"name\":\"get_task\",\"arguments\":{\"id\":1},");
    assert_string_equal(fake.call[0].answers, "null");
    assert_true(ask(0, &who, 1, &error));
    assert_true(http.complete && fake.call[0].cancelled);
    assert_non_null(strstr(http.body,
                           "\"result\":{\"resultType\":\"input_required\",\"inputRequests\":{"
                           "\"who\":{\"method\":\"elicitation/create\",\"params\":" FORM "}},"
                           "\"requestState\":\"v1."));
    assert_null(strstr(http.body, "ttlMs"));
    fake_finish(0, NULL);
    fake_member(http.body, "requestState", sealed, sizeof sealed);
    (void)snprintf(params, sizeof params,
                   "\"name\":\"get_task\",\"arguments\":{\"id\":1},\"inputResponses\":{\"who\":{"
                   "\"action\":\"accept\"},\"extra\":7},\"requestState\":\"%s\",",
                   sealed);
    MODERN(&http, "bob", params); /* somebody else's */
    assert_non_null(strstr(http.body, "\"code\":-32602"));
    MODERN(&http, "ann", params);
    assert_string_equal(fake.call[1].answers, "{\"who\":{\"action\":\"accept\"}}");
    assert_true(ask(1, &where, 1, &error)); /* a second round keeps the first one's answer */
    fake_finish(1, NULL);
    fake_member(http.body, "requestState", sealed, sizeof sealed);
    (void)snprintf(
        params, sizeof params,
        "\"name\":\"get_task\",\"arguments\":{\"id\":1.0},\"inputResponses\":{\"where\":{"
        "\"roots\":[]}},\"requestState\":\"%s\",",
        sealed);
    MODERN(&http, "ann", params);
    assert_string_equal(fake.call[2].answers,
                        "{\"who\":{\"action\":\"accept\"},\"where\":{\"roots\":[]}}");
    fake_finish(2, &done);
    assert_non_null(strstr(http.body, "\"resultType\":\"complete\""));
    (void)snprintf(params, sizeof params,
                   "\"name\":\"get_task\",\"arguments\":{\"id\":2},\"requestState\":\"%s\",",
                   sealed);
    MODERN(&http, "ann", params); /* other arguments */
    assert_non_null(strstr(http.body, "\"code\":-32602"));
    MODERN(&http, "ann", "\"name\":\"get_task\",\"inputResponses\":null,");
    assert_non_null(strstr(http.body, "\"code\":-32602"));
    MODERN(&http, "ann", "\"name\":\"get_task\",\"requestState\":5,");
    assert_non_null(strstr(http.body, "\"code\":-32602"));
    MODERN(&http, "ann", "\"name\":\"get_task\",\"inputResponses\":{\"who\":12345},");
    assert_string_equal(fake.call[3].answers, "{}"); /* no state needed; no object, no answer */
    fake_finish(3, &done);
    assert_int_equal(fake.calls, 4);
}

/* Something was changed: the call waits, for its own person, once, and not for ever. */
static void written_calls_are_held(void **state) {
    fake_host_t *host = *state;
    fake_http_t http;
    th_error_t error;
    char sealed[2048], params[4096];
    th_call_result_t done = fake_result("ok", "");
    MODERN(&http, "ann", "\"name\":\"get_task\",");
    fake.call[0].written = true;
    const th_ask_t both[] = {who, where};
    assert_true(ask(0, both, 2, &error));
    assert_true(http.complete && !fake.call[0].cancelled);
    fake_member(http.body, "requestState", sealed, sizeof sealed);
    (void)snprintf(params, sizeof params,
                   "\"name\":\"get_task\",\"inputResponses\":{\"who\":{\"action\":\"cancel\"}},"
                   "\"requestState\":\"%s\",",
                   sealed);
    MODERN(&http, "ann", params); /* one is missing: asked again, for that one only */
    assert_false(fake.call[0].answered);
    assert_non_null(strstr(
        http.body, "\"inputRequests\":{\"where\":{\"method\":\"roots/list\",\"params\":{}}}"));
    MODERN(&http, "ann", params); /* the old state was used */
    assert_non_null(strstr(http.body, "\"code\":-32602"));
    MODERN(&http, "ann", "\"name\":\"get_task\",");
    fake.call[1].written = true;
    assert_true(ask(1, &who, 1, &error));
    MODERN(&http, "ann", "\"name\":\"get_task\",");
    fake.call[2].written = true;
    assert_false(ask(2, &who, 1, &error)); /* over mcp.held_calls */
    assert_string_equal(error.code, "cannot_ask");
    fake_finish(2, &done);
    host->settings.mcp_ask_timeout = 5;
    fake_finish(1, &done);
    MODERN(&http, "ann", "\"name\":\"get_task\",");
    fake.call[3].written = true;
    assert_true(ask(3, &who, 1, &error));
    while (!fake.call[3].cancelled) /* nobody comes back */
        uv_run(&host->worker.loop, UV_RUN_ONCE);
    assert_false(fake.call[0].cancelled);
}

static void the_retry_of_a_held_call_gets_its_result(void **state) {
    fake_http_t first, http;
    th_error_t error;
    char sealed[2048], params[4096];
    th_call_result_t done = fake_result("done", "");
    MODERN(&first, "ann", "\"name\":\"get_task\",");
    fake.call[0].written = true;
    assert_true(ask(0, &who, 1, &error));
    fake_member(first.body, "requestState", sealed, sizeof sealed);
    (void)snprintf(params, sizeof params,
                   "\"name\":\"get_task\",\"inputResponses\":{\"who\":{\"action\":\"accept\","
                   "\"content\":{}}},\"requestState\":\"%s\",",
                   sealed);
    MODERN(&http, "ann", params);
    assert_int_equal(fake.calls, 1);
    assert_string_equal(fake.call[0].answers, "{\"who\":{\"action\":\"accept\",\"content\":{}}}");
    fake_finish(0, &done);
    assert_non_null(strstr(http.body, "\"text\":\"done\""));
}

static void needs_are_seen_before_the_start(void **state) {
    char session[64];
    fake_http_t http;
    fake_modern(*state, &http, "ann", "tools/call", "sampler", "\"name\":\"sampler\",", "{}");
    assert_int_equal(http.status, 400);
    assert_non_null(
        strstr(http.body, "{\"jsonrpc\":\"2.0\",\"id\":\"r\",\"error\":{\"code\":-32021"));
    assert_non_null(strstr(http.body, "\"data\":{\"requiredCapabilities\":{\"sampling\":{}}}"));
    initialize(*state, "2025-11-25", "{}", session);
    fake_post(*state, &http, session,
              "{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"tools/call\",\"params\":{\"name\":"
              "\"sampler\"}}");
    assert_non_null(strstr(http.body, "\"isError\":true"));
    assert_int_equal(fake.calls, 0);
}

static void notes_reach_those_who_want_them(void **state) {
    char session[64];
    fake_http_t first, http;
    const th_note_t note = {TH_NOTE_NOTICE, TH_SLICE("l"), TH_SLICE("{\"n\":1}"), TH_SLICE("")};
    const th_note_t low = {TH_NOTE_DEBUG, TH_SLICE(""), TH_SLICE("1"), TH_SLICE("")};
    MODERN(&first, "ann", "\"name\":\"get_task\","); /* no logLevel: none at all */
    fake.call[0].client->log(fake.call[0].arg, &note);
    assert_int_equal(first.status, 0);
    initialize(*state, "2025-06-18", "{}", session);
    fake_post(*state, &http, session, CALL);
    fake.call[1].client->log(fake.call[1].arg, &low); /* under the usual level */
    assert_int_equal(http.status, 0);
    fake.call[1].client->log(fake.call[1].arg, &note);
    assert_non_null(strstr(http.body, "\"method\":\"notifications/message\",\"params\":{\"level\":"
                                      "\"notice\",\"logger\":\"l\",\"data\":{\"n\":1}}"));
    LEAVE(&first, &http);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(legacy_asks_on_the_stream),
        CASE(who_cannot_be_asked_is_told),
        CASE(waiting_ends),
        CASE(old_forms_are_said_in_old_words),
        CASE(modern_asks_by_rounds),
        CASE(written_calls_are_held),
        CASE(the_retry_of_a_held_call_gets_its_result),
        CASE(needs_are_seen_before_the_start),
        CASE(notes_reach_those_who_want_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
