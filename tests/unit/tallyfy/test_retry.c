/* test_retry.c - the retry policy as a table: no write goes out twice when the first may have
 * arrived. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tallyfy/retry.h"

static const th_retry_policy_t policy = {
    .retries = 4, .base_ms = 500, .cap_ms = 8000, .retry_after_cap_ms = 30000};

/* Wed, 25 Nov 2026 09:00:00 GMT */
static const int64_t now_ms = (int64_t)1795597200 * 1000;

static th_retry_decision_t decide(th_http_method_t method, th_fetch_outcome_t outcome, int status,
                                  unsigned attempts, const char *retry_after, unsigned jitter) {
    th_retry_case_t what = {.method = method,
                            .outcome = outcome,
                            .status = status,
                            .attempts = attempts,
                            .retry_after = th_slice_of(retry_after),
                            .now_ms = now_ms,
                            .jitter = jitter};
    return th_retry_decide(&policy, &what);
}

static void what_is_repeated(void **state) {
    (void)state;
    static const struct {
        th_fetch_outcome_t outcome;
        int status;
        bool read, write;
    } rows[] = {
        {TH_FETCH_NO_CONNECT, 0, true, true},    {TH_FETCH_BROKEN, 0, true, false},
        {TH_FETCH_BROKEN, 200, true, false},     {TH_FETCH_TIMEOUT, 0, true, false},
        {TH_FETCH_TOO_LARGE, 200, false, false}, {TH_FETCH_NO_SECRET, 0, false, false},
        {TH_FETCH_DONE, 429, true, true},        {TH_FETCH_DONE, 502, true, false},
        {TH_FETCH_DONE, 503, true, false},       {TH_FETCH_DONE, 504, true, false},
        {TH_FETCH_DONE, 500, false, false},      {TH_FETCH_DONE, 501, false, false},
        {TH_FETCH_DONE, 200, false, false},      {TH_FETCH_DONE, 400, false, false},
        {TH_FETCH_DONE, 401, false, false},      {TH_FETCH_DONE, 404, false, false},
        {TH_FETCH_DONE, 408, false, false},      {TH_FETCH_DONE, 409, false, false},
        {TH_FETCH_DONE, 422, false, false},
    };
    static const th_http_method_t writes[] = {TH_HTTP_POST, TH_HTTP_PUT, TH_HTTP_PATCH,
                                              TH_HTTP_DELETE};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool again = decide(TH_HTTP_GET, rows[i].outcome, rows[i].status, 1, NULL, 200).again;
        if (again != rows[i].read) fail_msg("GET, row %zu", i);
        for (size_t m = 0; m < 4; m++) {
            again = decide(writes[m], rows[i].outcome, rows[i].status, 1, NULL, 200).again;
            if (again != rows[i].write) fail_msg("write %zu, row %zu", m, i);
        }
    }
}

static void it_ends(void **state) {
    (void)state;
    assert_true(decide(TH_HTTP_GET, TH_FETCH_DONE, 503, 4, NULL, 0).again);
    assert_false(decide(TH_HTTP_GET, TH_FETCH_DONE, 503, 5, NULL, 0).again);
    assert_true(decide(TH_HTTP_GET, TH_FETCH_TIMEOUT, 0, 1, NULL, 0).again);
    assert_false(decide(TH_HTTP_GET, TH_FETCH_TIMEOUT, 0, 2, NULL, 0).again);
}

static void waits_double_to_their_cap_and_spread(void **state) {
    (void)state;
    static const uint64_t middle[] = {500, 1000, 2000, 4000};
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(decide(TH_HTTP_GET, TH_FETCH_DONE, 503, i + 1, NULL, 200).wait_ms,
                         middle[i]);
        assert_int_equal(decide(TH_HTTP_GET, TH_FETCH_DONE, 503, i + 1, NULL, 0).wait_ms,
                         middle[i] * 8 / 10);
        assert_int_equal(decide(TH_HTTP_GET, TH_FETCH_DONE, 503, i + 1, NULL, 400).wait_ms,
                         middle[i] * 12 / 10);
    }
    th_retry_policy_t patient = policy;
    patient.retries = 100;
    th_retry_case_t what = {.outcome = TH_FETCH_DONE,
                            .status = 503,
                            .attempts = 90,
                            .jitter = 200,
                            .method = TH_HTTP_GET};
    assert_int_equal(th_retry_decide(&patient, &what).wait_ms, 8000);
}

static void retry_after_is_kept_up_to_its_cap(void **state) {
    (void)state;
    th_retry_decision_t decision = decide(TH_HTTP_POST, TH_FETCH_DONE, 429, 1, "7", 0);
    assert_true(decision.again);
    assert_int_equal(decision.wait_ms, 7000);
    assert_int_equal(decision.retry_after_s, 7);

    decision = decide(TH_HTTP_GET, TH_FETCH_DONE, 429, 1, "31", 0);
    assert_false(decision.again);
    assert_int_equal(decision.retry_after_s, 31);

    decision = decide(TH_HTTP_GET, TH_FETCH_DONE, 503, 1, "Wed, 25 Nov 2026 09:00:10 GMT", 0);
    assert_true(decision.again);
    assert_int_equal(decision.wait_ms, 10000);

    decision =
        decide(TH_HTTP_GET, TH_FETCH_DONE, 429, 1, "0", 200); /* "at once" would be a flood */
    assert_int_equal(decision.wait_ms, 500);

    decision = decide(TH_HTTP_GET, TH_FETCH_DONE, 429, 5, "7", 0); /* given up, but known */
    assert_false(decision.again);
    assert_int_equal(decision.retry_after_s, 7);
}

static void retry_after_is_read_strictly(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool good;
        uint64_t wait_ms;
    } rows[] = {{"0", true, 0},
                {"120", true, 120000},
                {"99999999999999999999999999", true, (uint64_t)7 * 24 * 3600 * 1000},
                {"Wed, 25 Nov 2026 09:00:01 GMT", true, 1000},
                {"Wed, 25 Nov 2026 08:00:00 GMT", true, 0},
                {"Fri, 01 Jan 2100 00:00:00 GMT", true, (uint64_t)7 * 24 * 3600 * 1000},
                {"", false, 0},
                {"-1", false, 0},
                {"1.5", false, 0},
                {"5s", false, 0},
                {"soon", false, 0},
                {"Wed, 25 Nov 2026 09:00:01 GMT and more", false, 0},
                {"Wed, 25 Nov 2026 09:00:01", false, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t wait = 0;
        bool good = th_retry_after_parse(th_slice_of(rows[i].text), now_ms, &wait);
        if (good != rows[i].good) fail_msg("\"%s\"", rows[i].text);
        if (good) assert_int_equal(wait, rows[i].wait_ms);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_repeated),
        cmocka_unit_test(it_ends),
        cmocka_unit_test(waits_double_to_their_cap_and_spread),
        cmocka_unit_test(retry_after_is_kept_up_to_its_cap),
        cmocka_unit_test(retry_after_is_read_strictly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
