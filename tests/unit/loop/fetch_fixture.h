/* fetch_fixture.h - one worker with an HTTP client, and results that remember what they were told.
 */
#ifndef TH_TESTS_LOOP_FETCH_FIXTURE_H
#define TH_TESTS_LOOP_FETCH_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loop/fetch.h"
#include "loop/upstream.h"

typedef struct fixture {
    th_settings_t settings;
    th_worker_t worker;
    upstream_t *server;
} fixture_t;

typedef struct result {
    fixture_t *fixture;
    unsigned done;
    th_fetch_outcome_t outcome;
    int status;
    char *body; /* NUL-terminated; owned */
    size_t length;
    char message[512];
    char kind[64]; /* the header X-Kind, "" when absent */
} result_t;

static inline void open_fixture(fixture_t *fixture, upstream_handler_t handler, int64_t concurrency,
                                int64_t queue) {
    *fixture = (fixture_t){.settings = {.worker_count = 1,
                                        .worker_inbox = 8,
                                        .fetch_concurrency = concurrency,
                                        .fetch_queue = queue}};
    th_error_t error = {0};
    assert_true(th_worker_open(&fixture->worker, 0, &fixture->settings, NULL, &error));
    fixture->server = handler ? upstream_start(handler, fixture) : NULL;
}

static inline void close_fixture(fixture_t *fixture) {
    th_worker_close(&fixture->worker);
    if (fixture->server) upstream_stop(fixture->server);
}

static inline void free_result(result_t *result) {
    free(result->body);
    result->body = NULL;
}

static inline void on_done(void *arg, th_fetch_t *fetch, const th_fetch_response_t *response) {
    result_t *result = arg;
    result->done++;
    /* Done may come from a timer, ahead of this turn's wait for sockets: do not wait any more. */
    uv_stop(&result->fixture->worker.loop);
    result->outcome = response->outcome;
    result->status = response->status;
    result->length = response->body.length;
    free(result->body);
    result->body = calloc(1, response->body.length + 1);
    assert_non_null(result->body);
    if (result->length) memcpy(result->body, response->body.data, result->length);
    if (response->message)
        snprintf(result->message, sizeof result->message, "%s", response->message);
    th_slice_t kind = th_fetch_response_header(fetch, "x-kind");
    snprintf(result->kind, sizeof result->kind, "%.*s", (int)kind.length,
             kind.data ? kind.data : "");
}

static inline void url_of(const fixture_t *fixture, const char *target, char out[static 256]) {
    snprintf(out, 256, "http://127.0.0.1:%u%s", fixture->server ? fixture->server->port : 1,
             target);
}

static inline th_fetch_request_t plain_request(const char *url) {
    return (th_fetch_request_t){.method = "GET",
                                .url = url,
                                .connect_timeout_ms = 5000,
                                .timeout_ms = 60000,
                                .max_response_bytes = 1024 * 1024};
}

static inline th_fetch_t *start(fixture_t *fixture, const th_fetch_request_t *request,
                                result_t *result) {
    th_error_t error = {0};
    result->fixture = fixture;
    th_fetch_t *fetch = th_fetch_start(fixture->worker.fetcher, request, on_done, result, &error);
    if (!fetch) fail_msg("not started: %s", error.message);
    assert_int_equal(result->done, 0); /* never before start returned */
    return fetch;
}

static inline th_fetch_t *start_get(fixture_t *fixture, const char *target, result_t *result) {
    char url[256];
    url_of(fixture, target, url);
    th_fetch_request_t request = plain_request(url);
    return start(fixture, &request, result);
}

static inline void turn(fixture_t *fixture) {
    uv_run(&fixture->worker.loop, UV_RUN_ONCE);
}

static inline void wait_for(fixture_t *fixture, const result_t *result) {
    while (!result->done)
        turn(fixture);
}

static inline void get(fixture_t *fixture, const char *target, result_t *result) {
    start_get(fixture, target, result);
    wait_for(fixture, result);
}

static inline int start_client(void **state) {
    (void)state;
    return th_fetch_global_start(NULL) ? 0 : -1;
}

static inline int stop_client(void **state) {
    (void)state;
    th_fetch_global_stop();
    return 0;
}

#endif
