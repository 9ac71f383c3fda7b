/* test_api.c - calls through a real socket: an upstream that plays a script, line by line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "loop/upstream.h"
#include "tallyfy/api.h"

#define KEY "key-0123456789abcdef"
#define ORG "0f1e2d3c4b5a69788796a5b4c3d2e1f0"

/* What the upstream does with request number i; the last line repeats. */
typedef struct line {
    enum { ANSWER, HANG_UP, NEVER, MIRROR, RAW } kind;
    int status;
    const char *headers, *body;
} line_t;

typedef struct fixture {
    th_settings_t settings;
    th_worker_t worker;
    upstream_t *server;
    th_api_t *api;
    const line_t *script;
    unsigned lines;
    bool signed_out;
    char last[4096]; /* the last request, whole; guarded by server->lock */
} fixture_t;

typedef struct result {
    fixture_t *fixture;
    unsigned done;
    bool failed;
    th_api_error_t error;
    int status;
    unsigned attempts;
    char name[256]; /* data.name of the document */
    bool has_document;
    char text[128];
    bool closes_api;
} result_t;

static bool play(upstream_request_t *request) {
    fixture_t *fixture = request->server->arg;
    unsigned number = request->number < fixture->lines ? request->number : fixture->lines - 1;
    const line_t *line = &fixture->script[number];
    pthread_mutex_lock(&request->server->lock);
    snprintf(fixture->last, sizeof fixture->last, "%s", request->text);
    pthread_mutex_unlock(&request->server->lock);
    const char *headers = line->headers ? line->headers : "Content-Type: application/json\r\n";
    switch (line->kind) {
    case ANSWER: return upstream_answer(request, line->status, headers, line->body);
    case MIRROR: return upstream_answer(request, line->status, headers, request->text);
    case NEVER: return upstream_never(request);
    case RAW: upstream_send(request, line->body); return false;
    case HANG_UP: break;
    }
    return false;
}

static size_t write_key(void *owner, char *out, size_t size) {
    const fixture_t *fixture = owner;
    if (fixture->signed_out) return 0;
    return (size_t)snprintf(out, size, "Authorization: Bearer %s", KEY);
}

static void open_fixture(fixture_t *fixture, const line_t *script, unsigned lines) {
    *fixture = (fixture_t){.script = script, .lines = lines};
    fixture->settings = (th_settings_t){.worker_count = 1,
                                        .worker_inbox = 8,
                                        .fetch_concurrency = 4,
                                        .fetch_queue = 4,
                                        .tallyfy_plain_http = true,
                                        .tallyfy_connect_timeout = 5000,
                                        .tallyfy_timeout = 60000,
                                        .tallyfy_retries = 4,
                                        .tallyfy_retry_base = 1,
                                        .tallyfy_retry_cap = 4,
                                        .tallyfy_retry_after_cap = 2000,
                                        .tallyfy_answer_bytes = 256 * 1024};
    fixture->server = upstream_start(play, fixture);
    snprintf(fixture->settings.tallyfy_base_url, TH_SETTING_TEXT_SIZE, "http://127.0.0.1:%u",
             fixture->server->port);
    snprintf(fixture->settings.tallyfy_client, TH_SETTING_TEXT_SIZE, "TestClient");
    th_error_t error = {0};
    assert_true(th_worker_open(&fixture->worker, 0, &fixture->settings, NULL, &error));
    fixture->api = th_api_open(&fixture->worker, TH_SLICE(ORG), write_key, fixture, &error);
    if (!fixture->api) fail_msg("%s", error.message);
}

static void close_fixture(fixture_t *fixture) {
    th_api_close(fixture->api);
    th_worker_close(&fixture->worker);
    upstream_stop(fixture->server);
}

static void on_done(void *arg, const th_api_answer_t *answer) {
    result_t *result = arg;
    uv_stop(&result->fixture->worker.loop);
    result->done++;
    result->failed = answer->error != NULL;
    if (answer->error) result->error = *answer->error;
    result->status = answer->status;
    result->attempts = answer->attempts;
    result->has_document = answer->document != NULL;
    th_slice_t name;
    if (th_json_string(
            th_json_member(th_json_member(th_json_root(answer->document), "data"), "name"),
            &name)) {
        snprintf(result->name, sizeof result->name, "%.*s", (int)name.length, name.data);
    }
    snprintf(result->text, sizeof result->text, "%.*s", (int)answer->text.length,
             answer->text.data ? answer->text.data : "");
    if (result->closes_api) {
        th_api_close(result->fixture->api);
        result->fixture->api = NULL;
    }
}

static th_api_call_t *start(fixture_t *fixture, th_http_method_t method, result_t *result) {
    result->fixture = fixture;
    static const th_api_pair_t segment = {TH_SLICE("run_id"), TH_SLICE("a/b")};
    static const th_api_pair_t query = {TH_SLICE("with"), TH_SLICE("tags,steps")};
    th_api_request_t request = {.method = method,
                                .path = TH_SLICE("/organizations/{org}/runs/{run_id}"),
                                .segments = &segment,
                                .segment_count = 1,
                                .query = &query,
                                .query_count = 1};
    if (method != TH_HTTP_GET && method != TH_HTTP_DELETE)
        request.body = TH_SLICE("{\"name\":\"x\"}");
    th_error_t error = {0};
    th_api_call_t *call = th_api_start(fixture->api, &request, on_done, result, &error);
    if (!call) fail_msg("%s", error.message);
    assert_int_equal(result->done, 0);
    return call;
}

static void wait_for(fixture_t *fixture, const result_t *result) {
    while (!result->done)
        uv_run(&fixture->worker.loop, UV_RUN_ONCE);
}

/* Opens, makes one call, closes; <requests> is how many the upstream must have seen. */
static void run(const line_t *script, unsigned lines, th_http_method_t method, result_t *result,
                unsigned requests) {
    fixture_t fixture;
    open_fixture(&fixture, script, lines);
    *result = (result_t){0};
    start(&fixture, method, result);
    wait_for(&fixture, result);
    assert_int_equal(result->done, 1);
    assert_int_equal(atomic_load(&fixture.server->requests), requests);
    close_fixture(&fixture);
}

#define RUN(script, method, result, requests) \
    run(script, sizeof(script) / sizeof *(script), method, result, requests)

static const char good[] = "{\"data\":{\"name\":\"Onboarding\"}}";

static void a_call_says_who_it_is_and_brings_a_document(void **state) {
    (void)state;
    static const line_t script[] = {{ANSWER, 200, NULL, good}};
    fixture_t fixture;
    open_fixture(&fixture, script, 1);
    result_t result = {0};
    start(&fixture, TH_HTTP_PUT, &result);
    wait_for(&fixture, &result);
    assert_false(result.failed);
    assert_string_equal(result.name, "Onboarding");
    assert_int_equal(result.attempts, 1);
    char expected[1024];
    snprintf(expected, sizeof expected,
             "PUT /organizations/" ORG "/runs/a%%2Fb?with=tags%%2Csteps HTTP/1.1\r\n"
             "Host: 127.0.0.1:%u\r\nAuthorization: Bearer " KEY "\r\nAccept: application/json\r\n"
             "X-Tallyfy-Client: TestClient\r\nContent-Type: application/json\r\n"
             "Content-Length: 12\r\n\r\n{\"name\":\"x\"}",
             fixture.server->port);
    pthread_mutex_lock(&fixture.server->lock);
    assert_string_equal(fixture.last, expected);
    pthread_mutex_unlock(&fixture.server->lock);
    assert_true(th_slice_is(th_api_org(fixture.api), ORG));
    close_fixture(&fixture);
}

static void reads_are_repeated_until_they_succeed(void **state) {
    (void)state;
    /* Closed, so that the second goes out on a fresh connection, where libcurl repeats nothing
     * itself. */
    static const line_t flaky[] = {{ANSWER, 503, "Connection: close\r\n", ""},
                                   {HANG_UP, 0, NULL, NULL},
                                   {ANSWER, 200, NULL, good}};
    result_t result;
    RUN(flaky, TH_HTTP_GET, &result, 3);
    assert_false(result.failed);
    assert_string_equal(result.name, "Onboarding");
    assert_int_equal(result.attempts, 3);

    static const line_t down[] = {{ANSWER, 503, NULL, "<html>down</html>"}};
    RUN(down, TH_HTTP_GET, &result, 5);
    assert_string_equal(result.error.code, "unavailable");
    assert_int_equal(result.attempts, 5);
    assert_null(strchr(result.error.message, '<'));
}

static void writes_are_sent_once(void **state) {
    (void)state;
    static const line_t scripts[][2] = {
        {{ANSWER, 503, NULL, ""}, {ANSWER, 200, NULL, good}},
        {{HANG_UP, 0, NULL, NULL}, {ANSWER, 200, NULL, good}},
        {{RAW, 0, NULL, "HTTP/1.1 200 OK\r\nContent-Le"}, {ANSWER, 200, NULL, good}}};
    static const th_http_method_t writes[] = {TH_HTTP_POST, TH_HTTP_PUT, TH_HTTP_PATCH,
                                              TH_HTTP_DELETE};
    for (unsigned i = 0; i < 3; i++) {
        for (unsigned m = 0; m < 4; m++) {
            result_t result;
            run(scripts[i], 2, writes[m], &result, 1);
            assert_string_equal(result.error.code, "unavailable");
            assert_true(result.error.maybe_done);
            assert_non_null(strstr(result.error.hint, "check whether it happened"));
        }
    }
}

static void a_429_is_waited_out_even_for_writes(void **state) {
    (void)state;
    static const line_t script[] = {
        {ANSWER, 429, "Retry-After: 0\r\n", "{\"message\":\"slow down\"}"},
        {ANSWER, 200, NULL, good}};
    result_t result;
    RUN(script, TH_HTTP_POST, &result, 2);
    assert_false(result.failed);

    static const line_t dated[] = {
        {ANSWER, 429, "Retry-After: Mon, 01 Jan 2001 00:00:00 GMT\r\n", ""},
        {ANSWER, 200, NULL, good}};
    RUN(dated, TH_HTTP_POST, &result, 2);
    assert_false(result.failed);

    static const line_t longer[] = {
        {ANSWER, 429, "Retry-After: 90\r\n", "{\"message\":\"slow down\"}"}};
    RUN(longer, TH_HTTP_GET, &result, 1);
    assert_string_equal(result.error.code, "rate_limited");
    assert_int_equal(result.error.retry_after_s, 90);
    assert_non_null(strstr(result.error.hint, "90 seconds"));
    assert_false(result.error.maybe_done);
}

static void retry_after_is_waited_for(void **state) {
    (void)state;
    static const line_t script[] = {{ANSWER, 429, "Retry-After: 1\r\n", ""},
                                    {ANSWER, 200, NULL, good}};
    fixture_t fixture;
    open_fixture(&fixture, script, 2);
    result_t result = {0};
    start(&fixture, TH_HTTP_GET, &result);
    uint64_t before = uv_hrtime();
    wait_for(&fixture, &result);
    assert_true(uv_hrtime() - before >
                990 * 1000 * 1000ull); /* a lower bound: sooner is a defect */
    assert_false(result.failed);
    close_fixture(&fixture);
}

static void answers_that_are_no_json_are_told_apart(void **state) {
    (void)state;
    result_t result;
    static const line_t html[] = {
        {ANSWER, 200, "Content-Type: text/html\r\n", "<html>login</html>"}};
    RUN(html, TH_HTTP_GET, &result, 1);
    assert_string_equal(result.error.code, "bad_answer");
    assert_non_null(strstr(result.error.message, "an HTML page"));
    static const line_t broken[] = {{ANSWER, 200, NULL, "{\"data\":"}};
    RUN(broken, TH_HTTP_GET, &result, 1);
    assert_string_equal(result.error.code, "bad_answer");
    RUN(broken, TH_HTTP_POST, &result, 1);
    assert_true(result.error.maybe_done);
    static const line_t text[] = {{ANSWER, 200, "Content-Type: text/plain\r\n", "done then"}};
    RUN(text, TH_HTTP_GET, &result, 1);
    assert_false(result.failed);
    assert_false(result.has_document);
    assert_string_equal(result.text, "done then");
    static const line_t nothing[] = {{RAW, 0, NULL, "HTTP/1.1 204 No Content\r\n\r\n"}};
    RUN(nothing, TH_HTTP_DELETE, &result, 1);
    assert_false(result.failed);
    assert_false(result.has_document);
    assert_int_equal(result.status, 204);
    static const line_t empty[] = {{ANSWER, 200, NULL, "  \r\n"}};
    RUN(empty, TH_HTTP_POST, &result, 1);
    assert_false(result.failed);
    assert_false(result.has_document);
    static const line_t untyped[] = {{ANSWER, 200, "", good}};
    RUN(untyped, TH_HTTP_GET, &result, 1);
    assert_string_equal(result.name, "Onboarding");
    static const line_t moved[] = {{ANSWER, 302, "Location: https://evil.example/\r\n", ""}};
    RUN(moved, TH_HTTP_GET, &result, 1);
    assert_string_equal(result.error.code, "bad_answer");
}

static void refusals_carry_the_words_of_the_api(void **state) {
    (void)state;
    static const line_t script[] = {
        {ANSWER, 422, "Content-Type: application/json\r\nX-Request-Id: r-77\r\n",
         "{\"message\":\"The given data was invalid.\",\"errors\":{\"name\":[\"Too long\"]}}"}};
    result_t result;
    RUN(script, TH_HTTP_POST, &result, 1);
    assert_string_equal(result.error.code, "validation");
    assert_string_equal(result.error.field, "name");
    assert_string_equal(result.error.request_id, "r-77");
    assert_int_equal(result.error.status, 422);
    assert_true(result.has_document); /* for who wants the details */
}

static void an_answer_over_the_limit_is_an_error(void **state) {
    (void)state;
    char *body = malloc(300 * 1024);
    assert_non_null(body);
    memset(body, 'x', 300 * 1024);
    memcpy(body, "{\"a\":\"", 6);
    memcpy(body + 300 * 1024 - 3, "\"}", 3);
    const line_t script[] = {{ANSWER, 200, NULL, body}};
    result_t result;
    RUN(script, TH_HTTP_GET, &result, 1);
    assert_string_equal(result.error.code, "too_large");
    assert_non_null(strstr(result.error.message, "256 KB"));
    free(body);
}

/* ---- files ---- */

static void start_form(fixture_t *fixture, result_t *result) {
    static const char form[] = "--b\r\n\r\nbytes\r\n--b--\r\n";
    result->fixture = fixture;
    th_api_request_t request = {.method = TH_HTTP_POST,
                                .path = TH_SLICE("/organizations/{org}/file"),
                                .body = TH_SLICE(form),
                                .content_type = "multipart/form-data; boundary=b"};
    th_error_t error = {0};
    if (!th_api_start(fixture->api, &request, on_done, result, &error))
        fail_msg("%s", error.message);
    wait_for(fixture, result);
}

static void another_body_says_its_type(void **state) {
    (void)state;
    static const line_t script[] = {{ANSWER, 429, "Retry-After: 0\r\n", ""},
                                    {ANSWER, 200, NULL, good}};
    fixture_t fixture;
    open_fixture(&fixture, script, 2);
    result_t result = {0};
    start_form(&fixture, &result);
    assert_false(result.failed);
    assert_int_equal(result.attempts, 2); /* refused unexecuted: the same body once more */
    assert_non_null(strstr(fixture.last, "\r\nContent-Type: multipart/form-data; boundary=b\r\n"));
    assert_null(strstr(fixture.last, "application/json\r\nContent-Type"));
    assert_non_null(strstr(fixture.last, "\r\n\r\n--b\r\n\r\nbytes\r\n--b--\r\n"));
    close_fixture(&fixture);
}

static void a_file_that_may_have_arrived_is_sent_once(void **state) {
    (void)state;
    static const line_t scripts[][1] = {{{HANG_UP, 0, NULL, NULL}},
                                        {{ANSWER, 503, NULL, ""}},
                                        {{ANSWER, 502, NULL, "<html>"}},
                                        {{RAW, 0, NULL, "HTTP/1.1 200 OK\r\nContent-Len"}}};
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        fixture_t fixture;
        open_fixture(&fixture, scripts[i], 1);
        result_t result = {0};
        start_form(&fixture, &result);
        assert_true(result.failed && result.error.maybe_done);
        assert_int_equal(atomic_load(&fixture.server->requests), 1);
        close_fixture(&fixture);
    }
}

static unsigned connections_of(upstream_t *server) {
    pthread_mutex_lock(&server->lock);
    unsigned count = server->connections;
    pthread_mutex_unlock(&server->lock);
    return count;
}

/* The bytes are not copied for an attempt: they must live until it is gone. */
static void a_large_file_can_be_cancelled_on_its_way(void **state) {
    (void)state;
    static const line_t script[] = {{NEVER, 0, NULL, NULL}};
    static char bytes[1500000];
    fixture_t fixture;
    open_fixture(&fixture, script, 1);
    result_t result = {.fixture = &fixture};
    th_api_request_t request = {.method = TH_HTTP_POST,
                                .path = TH_SLICE("/organizations/{org}/file"),
                                .body = th_slice(bytes, sizeof bytes),
                                .content_type = "multipart/form-data; boundary=b"};
    for (unsigned i = 1; i <= 2; i++) {
        th_error_t error = {0};
        th_api_call_t *call = th_api_start(fixture.api, &request, on_done, &result, &error);
        assert_non_null(call);
        while (connections_of(fixture.server) < i)
            uv_run(&fixture.worker.loop, UV_RUN_NOWAIT);
        uv_run(&fixture.worker.loop, UV_RUN_NOWAIT);
        if (i == 1) th_api_cancel(call); /* the other is left to th_api_close() */
    }
    close_fixture(&fixture);
    assert_int_equal(result.done, 0);
}

static void read_bytes(const char *headers, const char *body, result_t *result) {
    line_t line = {ANSWER, 200, headers, body};
    fixture_t fixture;
    open_fixture(&fixture, &line, 1);
    *result = (result_t){.fixture = &fixture};
    th_api_request_t request = {
        .method = TH_HTTP_GET, .path = TH_SLICE("/organizations/{org}/file/7/dl"), .bytes = true};
    th_error_t error = {0};
    assert_non_null(th_api_start(fixture.api, &request, on_done, result, &error));
    wait_for(&fixture, result);
    assert_non_null(strstr(fixture.last, "\r\nAccept: */*\r\n"));
    close_fixture(&fixture);
}

static void bytes_stay_as_they_are(void **state) {
    (void)state;
    static const char *const bodies[] = {"{\"a\": 1 }\n", "<p>", "[broken", " \r\n ", ""};
    static const char *const types[] = {"Content-Type: application/json\r\n",
                                        "Content-Type: text/html\r\n", "",
                                        "Content-Type: application/octet-stream\r\n"};
    result_t result;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        for (size_t k = 0; k < sizeof types / sizeof *types; k++) {
            read_bytes(types[k], bodies[i], &result);
            assert_false(result.failed || result.has_document);
            assert_string_equal(result.text, bodies[i]);
        }
    }
    read_bytes("", "the key " KEY, &result);
    assert_null(strstr(result.text, KEY));
}

static void silence_is_a_timeout(void **state) {
    (void)state;
    static const line_t script[] = {{NEVER, 0, NULL, NULL}};
    for (unsigned i = 0; i < 2; i++) {
        fixture_t fixture;
        open_fixture(&fixture, script, 1);
        fixture.settings.tallyfy_timeout = 50;
        result_t result = {0};
        start(&fixture, i ? TH_HTTP_POST : TH_HTTP_GET, &result);
        wait_for(&fixture, &result);
        assert_string_equal(result.error.code, "timeout");
        assert_non_null(strstr(result.error.message, "did not answer within 50 ms"));
        assert_int_equal(result.attempts, i ? 1 : 2);
        assert_int_equal(result.error.maybe_done, i == 1);
        close_fixture(&fixture);
    }
}

static void an_api_that_is_not_there_is_unavailable(void **state) {
    (void)state;
    static const line_t script[] = {{ANSWER, 200, NULL, good}};
    fixture_t fixture;
    open_fixture(&fixture, script, 1);
    unsigned port;
    close(upstream_listen(&port));
    snprintf(fixture.settings.tallyfy_base_url, TH_SETTING_TEXT_SIZE, "http://127.0.0.1:%u", port);
    result_t result = {0};
    start(&fixture, TH_HTTP_POST, &result);
    wait_for(&fixture, &result);
    assert_string_equal(result.error.code, "unavailable");
    assert_int_equal(result.attempts, 5); /* safe: nothing was sent */
    assert_false(result.error.maybe_done);
    close_fixture(&fixture);
}

static void without_a_credential_nothing_is_sent(void **state) {
    (void)state;
    static const line_t script[] = {{ANSWER, 200, NULL, good}};
    fixture_t fixture;
    open_fixture(&fixture, script, 1);
    fixture.signed_out = true;
    result_t result = {0};
    start(&fixture, TH_HTTP_GET, &result);
    wait_for(&fixture, &result);
    assert_string_equal(result.error.code, "unauthenticated");
    assert_int_equal(atomic_load(&fixture.server->requests), 0);
    close_fixture(&fixture);
}

static void an_echo_of_the_key_is_blotted_out(void **state) {
    (void)state;
    result_t result;
    static const line_t success[] = {
        {ANSWER, 200, NULL, "{\"data\":{\"name\":\"you sent " KEY " and " KEY "\"}}"}};
    RUN(success, TH_HTTP_GET, &result, 1);
    assert_string_equal(result.name, "you sent ******************** and ********************");
    static const line_t refusal[] = {
        {ANSWER, 400, "X-Request-Id: r-" KEY "\r\nContent-Type: application/json\r\n",
         "{\"message\":\"bad key " KEY "\"}"}};
    RUN(refusal, TH_HTTP_GET, &result, 1);
    assert_null(strstr(result.error.message, KEY));
    assert_null(strstr(result.error.request_id, KEY));
    static const line_t echo[] = {{MIRROR, 200, "Content-Type: text/plain\r\n", NULL}};
    RUN(echo, TH_HTTP_GET, &result, 1);
    assert_null(strstr(result.text, KEY));
}

static void calls_can_be_cancelled_while_running_and_while_waiting(void **state) {
    (void)state;
    static const line_t script[] = {{ANSWER, 503, NULL, ""}, {NEVER, 0, NULL, NULL}};
    fixture_t fixture;
    open_fixture(&fixture, script, 2);
    fixture.settings.tallyfy_retry_base = fixture.settings.tallyfy_retry_cap = 3600 * 1000;
    result_t waiting = {0}, running = {0}, fresh = {0};
    th_api_call_t *first = start(&fixture, TH_HTTP_GET, &waiting);
    while (atomic_load(&fixture.server->requests) < 1)
        uv_run(&fixture.worker.loop, UV_RUN_NOWAIT);
    th_api_call_t *second = start(&fixture, TH_HTTP_GET, &running);
    while (atomic_load(&fixture.server->requests) < 2)
        uv_run(&fixture.worker.loop, UV_RUN_NOWAIT);
    uv_run(&fixture.worker.loop, UV_RUN_NOWAIT);
    th_api_call_t *third = start(&fixture, TH_HTTP_GET, &fresh);
    th_api_cancel(first);
    th_api_cancel(second);
    th_api_cancel(third);
    start(&fixture, TH_HTTP_GET, &fresh); /* left to th_api_close() */
    close_fixture(&fixture);
    assert_int_equal(waiting.done + running.done + fresh.done, 0);
}

static void done_may_close_the_api(void **state) {
    (void)state;
    static const line_t script[] = {{ANSWER, 503, NULL, ""}, {ANSWER, 200, NULL, good}};
    fixture_t fixture;
    open_fixture(&fixture, script, 2);
    result_t result = {.closes_api = true}, other = {0};
    start(&fixture, TH_HTTP_GET, &result);
    start(&fixture, TH_HTTP_GET, &other);
    wait_for(&fixture, &result);
    assert_null(fixture.api);
    close_fixture(&fixture);
}

static void stopping_the_worker_ends_calls_as_cancelled(void **state) {
    (void)state;
    static const line_t script[] = {{NEVER, 0, NULL, NULL}};
    fixture_t fixture;
    open_fixture(&fixture, script, 1);
    result_t running = {0}, late = {0};
    start(&fixture, TH_HTTP_GET, &running);
    while (atomic_load(&fixture.server->requests) < 1)
        uv_run(&fixture.worker.loop, UV_RUN_NOWAIT);
    th_worker_stop(&fixture.worker);
    assert_int_equal(running.done, 1);
    assert_string_equal(running.error.code, "cancelled");
    start(&fixture, TH_HTTP_GET, &late);
    wait_for(&fixture, &late);
    assert_string_equal(late.error.code, "cancelled");
    close_fixture(&fixture);
}

static void unusable_requests_are_refused_at_once(void **state) {
    (void)state;
    static const line_t script[] = {{ANSWER, 200, NULL, good}};
    fixture_t fixture;
    open_fixture(&fixture, script, 1);
    th_error_t error = {0};
    th_api_request_t request = {.method = TH_HTTP_GET, .path = TH_SLICE("/runs/{run_id}")};
    assert_null(th_api_start(fixture.api, &request, on_done, NULL, &error));
    assert_string_equal(error.code, "bad_request");
    assert_non_null(strstr(error.message, "{run_id}"));
    request = (th_api_request_t){.method = TH_HTTP_OPTIONS, .path = TH_SLICE("/me")};
    assert_null(th_api_start(fixture.api, &request, on_done, NULL, &error));
    request =
        (th_api_request_t){.method = TH_HTTP_GET, .path = TH_SLICE("/me"), .body = TH_SLICE("{}")};
    assert_null(th_api_start(fixture.api, &request, on_done, NULL, &error));
    assert_null(th_api_open(&fixture.worker, TH_SLICE("a/../b"), write_key, &fixture, &error));
    assert_string_equal(error.code, "bad_request");
    fixture.settings.tallyfy_plain_http = false;
    assert_null(th_api_open(&fixture.worker, TH_SLICE(ORG), write_key, &fixture, &error));
    assert_string_equal(error.code, "bad_config");
    close_fixture(&fixture);
}

static int start_client(void **state) {
    (void)state;
    return th_fetch_global_start(NULL) && th_random_start() ? 0 : -1;
}

static int stop_client(void **state) {
    (void)state;
    th_fetch_global_stop();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_says_who_it_is_and_brings_a_document),
        cmocka_unit_test(reads_are_repeated_until_they_succeed),
        cmocka_unit_test(writes_are_sent_once),
        cmocka_unit_test(a_429_is_waited_out_even_for_writes),
        cmocka_unit_test(retry_after_is_waited_for),
        cmocka_unit_test(answers_that_are_no_json_are_told_apart),
        cmocka_unit_test(refusals_carry_the_words_of_the_api),
        cmocka_unit_test(an_answer_over_the_limit_is_an_error),
        cmocka_unit_test(another_body_says_its_type),
        cmocka_unit_test(a_file_that_may_have_arrived_is_sent_once),
        cmocka_unit_test(a_large_file_can_be_cancelled_on_its_way),
        cmocka_unit_test(bytes_stay_as_they_are),
        cmocka_unit_test(silence_is_a_timeout),
        cmocka_unit_test(an_api_that_is_not_there_is_unavailable),
        cmocka_unit_test(without_a_credential_nothing_is_sent),
        cmocka_unit_test(an_echo_of_the_key_is_blotted_out),
        cmocka_unit_test(calls_can_be_cancelled_while_running_and_while_waiting),
        cmocka_unit_test(done_may_close_the_api),
        cmocka_unit_test(stopping_the_worker_ends_calls_as_cancelled),
        cmocka_unit_test(unusable_requests_are_refused_at_once),
    };
    return cmocka_run_group_tests(tests, start_client, stop_client);
}
