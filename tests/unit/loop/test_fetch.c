/* test_fetch.c - what goes out, what comes back, and how every kind of broken answer is told apart.
 */
#include "loop/fetch_fixture.h"

#include <dlfcn.h>
#include <netdb.h>

/* ---- names: libcurl's resolver comes here instead of to the C library ---- */

static atomic_bool lookups_may_end;

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **found) {
    if (name && strcmp(name, "unknown.test") == 0) return EAI_NONAME;
    if (name && strcmp(name, "slow.test") == 0) {
        while (!atomic_load(&lookups_may_end))
            poll(NULL, 0, 1);
        return EAI_NONAME;
    }
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) = NULL;
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    return real(name, service, hints, found);
}

/* ---- the server ---- */

static bool endless(upstream_request_t *request, const char *head, const char *piece) {
    upstream_send(request, head);
    for (int i = 0; i < 60 * 1024 * 1024; i += (int)strlen(piece)) {
        if (send(request->fd, piece, strlen(piece), MSG_NOSIGNAL) <= 0) return false;
    }
    return false;
}

static bool serve_trouble(upstream_request_t *request) {
    if (upstream_has(request, " /cut ")) {
        upstream_send(request, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
        return false;
    }
    if (upstream_has(request, " /cut-chunk ")) {
        upstream_send(request, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\nhalf");
        return false;
    }
    if (upstream_has(request, " /cut-head ")) {
        upstream_send(request, "HTTP/1.1 200 OK\r\nContent-Le");
        return false;
    }
    if (upstream_has(request, " /silent ")) return false;
    if (upstream_has(request, " /never ")) return upstream_never(request);
    if (upstream_has(request, " /stall ")) {
        upstream_send(request, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nand then");
        return upstream_never(request);
    }
    upstream_send(request, "220 mail.example.com ESMTP\r\n\r\n"); /* /nonsense */
    return false;
}

static bool serve(upstream_request_t *request) {
    if (upstream_has(request, " /ok "))
        return upstream_answer(request, 200, "X-Kind:  plain \r\n", "hello");
    if (upstream_has(request, " /echo")) return upstream_answer(request, 200, "", request->text);
    if (upstream_has(request, " /chunked ")) {
        upstream_send(request, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                               "3\r\nabc\r\n4\r\ndefg\r\n0\r\nX-Kind: trailer\r\n\r\n");
        return true;
    }
    if (upstream_has(request, " /to-close ")) {
        upstream_send(request, "HTTP/1.1 200 OK\r\n\r\nuntil the end");
        return false;
    }
    if (upstream_has(request, " /early ")) {
        upstream_send(request, "HTTP/1.1 103 Early Hints\r\nX-Kind: early\r\n\r\n");
        return upstream_answer(request, 200, "X-Kind: late\r\n", "");
    }
    if (upstream_has(request, " /empty ")) {
        upstream_send(request, "HTTP/1.1 204 No Content\r\n\r\n");
        return true;
    }
    if (upstream_has(request, " /redirect ")) {
        return upstream_answer(request, 302, "Location: /ok\r\nSet-Cookie: a=b\r\n", "elsewhere");
    }
    if (upstream_has(request, " /big ")) {
        return endless(request, "HTTP/1.1 200 OK\r\nContent-Length: 62914560\r\n\r\n",
                       "0123456789abcdef");
    }
    if (upstream_has(request, " /big-chunked ")) {
        return endless(request, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                       "10\r\n0123456789abcdef\r\n");
    }
    if (upstream_has(request, " /big-head ")) {
        return endless(request, "HTTP/1.1 200 OK\r\n", "X-Kind: 0123456789\r\n");
    }
    return serve_trouble(request);
}

static int open_all(void **state) {
    fixture_t *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    open_fixture(fixture, serve, 16, 16);
    *state = fixture;
    return 0;
}

static int close_all(void **state) {
    close_fixture(*state);
    free(*state);
    return 0;
}

/* ---- what goes out ---- */

static size_t write_secret(void *secret, char *out, size_t size) {
    return (size_t)snprintf(out, size, "Authorization: Bearer %s", (const char *)secret);
}

static void a_request_carries_its_headers_and_nothing_unasked(void **state) {
    fixture_t *fixture = *state;
    char url[256];
    url_of(fixture, "/echo?a=b%20c", url);
    const th_slice_t headers[] = {TH_SLICE("Accept: application/json"),
                                  TH_SLICE("X-Tallyfy-Client: T")};
    th_fetch_request_t request = plain_request(url);
    request.headers = headers;
    request.header_count = 2;
    request.secret_header = write_secret;
    request.secret = (void *)(uintptr_t) "key-1";
    result_t result = {0};
    start(fixture, &request, &result);
    wait_for(fixture, &result);
    char expected[512];
    snprintf(expected, sizeof expected,
             "GET /echo?a=b%%20c HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nAuthorization: Bearer key-1\r\n"
             "Accept: application/json\r\nX-Tallyfy-Client: T\r\n\r\n",
             fixture->server->port);
    assert_string_equal(result.body, expected);
    free_result(&result);
}

static void send_method(fixture_t *fixture, const char *method, th_slice_t body, result_t *result) {
    char url[256];
    url_of(fixture, "/echo", url);
    const th_slice_t headers[] = {TH_SLICE("Accept: x/y"),
                                  TH_SLICE("Content-Type: application/json")};
    th_fetch_request_t request = plain_request(url);
    request.method = method;
    request.body = body;
    request.headers = headers;
    request.header_count = body.data ? 2 : 1;
    request.max_response_bytes = 2 * 1024 * 1024;
    start(fixture, &request, result);
    wait_for(fixture, result);
    assert_int_equal(result->outcome, TH_FETCH_DONE);
}

static void every_method_is_framed_as_it_should_be(void **state) {
    fixture_t *fixture = *state;
    const char *const methods[] = {"POST", "PUT", "PATCH", "DELETE", "GET", "POST"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        result_t result = {0};
        send_method(fixture, methods[i], TH_SLICE("{\"a\":1}"), &result);
        assert_int_equal(strncmp(result.body, methods[i], strlen(methods[i])), 0);
        assert_non_null(strstr(result.body, "Content-Length: 7\r\n"));
        assert_non_null(strstr(result.body, "Content-Type: application/json\r\n"));
        assert_non_null(strstr(result.body, "\r\n\r\n{\"a\":1}"));
        free_result(&result);

        bool is_write = methods[i][0] == 'P';
        result = (result_t){0};
        send_method(fixture, methods[i], th_slice(NULL, 0), &result);
        assert_int_equal(strncmp(result.body, methods[i], strlen(methods[i])), 0);
        assert_int_equal(strstr(result.body, "Content-Length: 0\r\n") != NULL, is_write);
        assert_null(strstr(result.body, "Content-Type"));
        free_result(&result);
    }
    result_t result = {0};
    send_method(fixture, "HEAD", th_slice(NULL, 0), &result);
    assert_int_equal(result.status, 200);
    assert_int_equal(result.length, 0);
    free_result(&result);
}

static void a_large_body_goes_out_without_asking_first(void **state) {
    fixture_t *fixture = *state;
    size_t size = 1500 * 1000;
    char *body = malloc(size);
    assert_non_null(body);
    memset(body, 'x', size);
    result_t result = {0};
    send_method(fixture, "POST", th_slice(body, size), &result);
    assert_null(strstr(result.body, "Expect"));
    assert_true(result.length > size);
    free_result(&result);
    free(body);
}

static void check_refused(fixture_t *fixture, const th_fetch_request_t *request, const char *word) {
    th_error_t error = {0};
    result_t result = {0};
    assert_null(th_fetch_start(fixture->worker.fetcher, request, on_done, &result, &error));
    if (!strstr(error.message, word)) fail_msg("\"%s\" lacks \"%s\"", error.message, word);
    assert_int_equal(result.done, 0);
}

static void unsound_requests_are_refused_with_a_reason(void **state) {
    fixture_t *fixture = *state;
    static const char *const urls[] = {
        "ftp://a/",         "file:///etc/passwd", "http://", "http://u@host/",
        "http://a b/",      "http://a/\r\nX: y",  "//a/",    "",
        "http://a/\xc3\xa4"};
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        th_fetch_request_t request = plain_request(urls[i]);
        check_refused(fixture, &request, "URL");
    }
    const th_slice_t lines[] = {TH_SLICE("X: a\r\nY: b"),
                                TH_SLICE("X: a\0b"),
                                TH_SLICE("X:"),
                                TH_SLICE("X"),
                                TH_SLICE("X Y: a"),
                                TH_SLICE(": a"),
                                TH_SLICE("X: \x7f"),
                                TH_SLICE("X: \xc3\xa4"),
                                TH_SLICE("Host: evil.com"),
                                TH_SLICE("content-length: 3"),
                                TH_SLICE("Transfer-Encoding: chunked")};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        th_fetch_request_t request = plain_request("http://127.0.0.1:1/");
        request.headers = &lines[i];
        request.header_count = 1;
        check_refused(fixture, &request, "header 1");
    }
    th_fetch_request_t request = plain_request("http://127.0.0.1:1/");
    request.method = "GET /x HTTP/1.1\r\n";
    check_refused(fixture, &request, "method");
    request = plain_request("http://127.0.0.1:1/");
    request.timeout_ms = 0;
    check_refused(fixture, &request, "time limit");
}

static void a_credential_that_is_no_header_value_is_not_sent(void **state) {
    fixture_t *fixture = *state;
    char url[256];
    url_of(fixture, "/echo", url);
    unsigned before = atomic_load(&fixture->server->requests);
    th_fetch_request_t request = plain_request(url);
    request.secret_header = write_secret;
    request.secret = (void *)(uintptr_t) "key\r\nX-Evil: 1";
    th_error_t error = {0};
    result_t result = {0};
    assert_null(th_fetch_start(fixture->worker.fetcher, &request, on_done, &result, &error));
    assert_string_equal(error.code, "no_secret");
    assert_null(strstr(error.message, "Evil"));
    assert_int_equal(atomic_load(&fixture->server->requests), before);
}

/* ---- what comes back ---- */

static void an_answer_comes_whole_with_its_headers(void **state) {
    fixture_t *fixture = *state;
    result_t result = {0};
    get(fixture, "/ok", &result);
    assert_int_equal(result.outcome, TH_FETCH_DONE);
    assert_int_equal(result.status, 200);
    assert_string_equal(result.body, "hello");
    assert_string_equal(result.kind, "plain");
    free_result(&result);
}

static void all_framings_are_understood(void **state) {
    fixture_t *fixture = *state;
    static const struct {
        const char *target, *body, *kind;
        int status;
    } rows[] = {{"/chunked", "abcdefg", "", 200},
                {"/to-close", "until the end", "", 200},
                {"/early", "", "late", 200},
                {"/empty", "", "", 204}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        result_t result = {0};
        get(fixture, rows[i].target, &result);
        assert_int_equal(result.outcome, TH_FETCH_DONE);
        assert_int_equal(result.status, rows[i].status);
        assert_string_equal(result.body, rows[i].body);
        assert_string_equal(result.kind, rows[i].kind);
        free_result(&result);
    }
}

static void redirects_are_not_followed_and_cookies_not_kept(void **state) {
    fixture_t *fixture = *state;
    unsigned before = atomic_load(&fixture->server->requests);
    result_t result = {0};
    get(fixture, "/redirect", &result);
    assert_int_equal(result.status, 302);
    assert_int_equal(atomic_load(&fixture->server->requests), before + 1);
    free_result(&result);
    result = (result_t){0};
    get(fixture, "/echo", &result);
    assert_null(strstr(result.body, "Cookie"));
    free_result(&result);
}

static void connections_are_used_again(void **state) {
    fixture_t *fixture = *state;
    result_t result = {0};
    get(fixture, "/ok", &result);
    unsigned connections = upstream_connections(fixture->server);
    for (int i = 0; i < 20; i++) {
        result.done = 0;
        get(fixture, "/ok", &result);
    }
    assert_int_equal(upstream_connections(fixture->server), connections);
    free_result(&result);
}

static void broken_answers_are_told_apart(void **state) {
    fixture_t *fixture = *state;
    static const struct {
        const char *target, *message;
        int status;
    } rows[] = {{"/cut", "before the answer was complete", 200},
                {"/cut-chunk", "before the answer was complete", 200},
                {"/cut-head", "", 200},
                {"/silent", "without an answer", 0},
                {"/nonsense", "did not answer in HTTP", 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        result_t result = {0};
        get(fixture, rows[i].target, &result);
        if (result.outcome != TH_FETCH_BROKEN)
            fail_msg("%s: outcome %d", rows[i].target, result.outcome);
        assert_non_null(strstr(result.message, rows[i].message));
        assert_non_null(strstr(result.message, "127.0.0.1"));
        free_result(&result);
    }
}

static void silence_ends_by_the_time_limit(void **state) {
    fixture_t *fixture = *state;
    static const char *const targets[] = {"/never", "/stall"};
    for (size_t i = 0; i < 2; i++) {
        char url[256];
        url_of(fixture, targets[i], url);
        th_fetch_request_t request = plain_request(url);
        request.timeout_ms = 60;
        result_t result = {0};
        start(fixture, &request, &result);
        wait_for(fixture, &result);
        assert_int_equal(result.outcome, TH_FETCH_TIMEOUT);
        assert_non_null(strstr(result.message, "in time"));
        free_result(&result);
    }
}

static void a_stalled_answer_ends_before_the_total_limit(void **state) {
    fixture_t *fixture = *state;
    char url[256];
    url_of(fixture, "/stall", url);
    th_fetch_request_t request = plain_request(url);
    request.timeout_ms = 3600 * 1000;
    request.stall_timeout_ms = 1000;
    result_t result = {0};
    start(fixture, &request, &result);
    wait_for(fixture, &result);
    assert_int_equal(result.outcome, TH_FETCH_TIMEOUT);
    free_result(&result);
}

static void answers_over_the_limit_are_cut_off(void **state) {
    fixture_t *fixture = *state;
    static const char *const targets[] = {"/big", "/big-chunked", "/big-head"};
    for (size_t i = 0; i < 3; i++) {
        result_t result = {0};
        get(fixture, targets[i], &result);
        if (result.outcome != TH_FETCH_TOO_LARGE)
            fail_msg("%s: outcome %d", targets[i], result.outcome);
        assert_non_null(strstr(result.message, "larger than"));
        free_result(&result);
    }
    for (int over = 0; over < 2; over++) { /* exactly the limit is fine, one byte less is not */
        char url[256];
        url_of(fixture, "/chunked", url);
        th_fetch_request_t request = plain_request(url);
        request.max_response_bytes = 7 - (size_t)over;
        result_t result = {0};
        start(fixture, &request, &result);
        wait_for(fixture, &result);
        assert_int_equal(result.outcome, over ? TH_FETCH_TOO_LARGE : TH_FETCH_DONE);
        free_result(&result);
    }
}

/* ---- no connection ---- */

static void nothing_listening_is_no_connect(void **state) {
    fixture_t *fixture = *state;
    unsigned port;
    close(upstream_listen(&port)); /* free a moment ago, so nobody listens */
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", port);
    th_fetch_request_t request = plain_request(url);
    request.method = "POST";
    result_t result = {0};
    start(fixture, &request, &result);
    wait_for(fixture, &result);
    assert_int_equal(result.outcome, TH_FETCH_NO_CONNECT);
    assert_non_null(strstr(result.message, "does not accept connections"));
    free_result(&result);
}

static void names_are_looked_up_without_stopping_the_loop(void **state) {
    fixture_t *fixture = *state;
    th_fetch_request_t unknown = plain_request("http://unknown.test/?q=private");
    th_fetch_request_t slow = plain_request("http://slow.test/");
    th_fetch_request_t impatient = slow;
    impatient.timeout_ms = 50;
    result_t results[3] = {{0}, {0}, {0}};
    th_fetch_t *waiting = start(fixture, &slow, &results[0]);
    start(fixture, &impatient, &results[1]);
    start(fixture, &unknown, &results[2]);
    wait_for(fixture, &results[1]);
    wait_for(fixture, &results[2]);
    th_fetch_cancel(waiting); /* may not wait for its lookup, which goes on */
    assert_int_equal(results[0].done, 0);
    assert_int_equal(results[1].outcome, TH_FETCH_NO_CONNECT);
    assert_non_null(strstr(results[1].message, "time limit"));
    assert_int_equal(results[2].outcome, TH_FETCH_NO_CONNECT);
    assert_non_null(strstr(results[2].message, "unknown.test"));
    assert_null(strstr(results[2].message, "private"));
    atomic_store(&lookups_may_end, true);
    free_result(&results[1]);
    free_result(&results[2]);
}

static void tls_that_does_not_come_about_is_no_connect(void **state) {
    fixture_t *fixture = *state;
    char url[64];
    snprintf(url, sizeof url, "https://127.0.0.1:%u/ok", fixture->server->port);
    th_fetch_request_t request = plain_request(url);
    request.connect_timeout_ms = 100;
    result_t result = {0};
    start(fixture, &request, &result);
    wait_for(fixture, &result);
    assert_int_equal(result.outcome, TH_FETCH_NO_CONNECT);
    free_result(&result);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_carries_its_headers_and_nothing_unasked),
        cmocka_unit_test(every_method_is_framed_as_it_should_be),
        cmocka_unit_test(a_large_body_goes_out_without_asking_first),
        cmocka_unit_test(unsound_requests_are_refused_with_a_reason),
        cmocka_unit_test(a_credential_that_is_no_header_value_is_not_sent),
        cmocka_unit_test(an_answer_comes_whole_with_its_headers),
        cmocka_unit_test(all_framings_are_understood),
        cmocka_unit_test(redirects_are_not_followed_and_cookies_not_kept),
        cmocka_unit_test(connections_are_used_again),
        cmocka_unit_test(broken_answers_are_told_apart),
        cmocka_unit_test(silence_ends_by_the_time_limit),
        cmocka_unit_test(a_stalled_answer_ends_before_the_total_limit),
        cmocka_unit_test(answers_over_the_limit_are_cut_off),
        cmocka_unit_test(nothing_listening_is_no_connect),
        cmocka_unit_test(names_are_looked_up_without_stopping_the_loop),
        cmocka_unit_test(tls_that_does_not_come_about_is_no_connect),
    };
    int failed = start_client(NULL) ? 1 : cmocka_run_group_tests(tests, open_all, close_all);
    stop_client(NULL);
    return failed;
}
