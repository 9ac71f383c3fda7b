/* test_http_body.c - fixed and chunked bodies: every shape, cut at every byte. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "net/http_body.h"

#define MAXIMUM 1000

/* Decodes in steps of <step> bytes; 0 = whole, -1 = more wanted, else the refusal's status. */
static int decode(th_http_body_t *body, const char *text, size_t length, size_t step,
                  th_buffer_t *out, size_t *used_up) {
    *used_up = 0;
    while (*used_up < length) {
        size_t here = length - *used_up < step ? length - *used_up : step;
        char *copy = malloc(here);
        memcpy(copy, text + *used_up, here);
        size_t used;
        th_slice_t piece;
        th_http_refusal_t refusal;
        th_http_body_verdict_t verdict =
            th_http_body_feed(body, copy, here, &used, &piece, &refusal);
        assert_true(used <= here);
        *used_up += used;
        if (verdict != TH_HTTP_BODY_REFUSED) assert_true(th_buffer_add_slice(out, piece));
        free(copy);
        if (verdict == TH_HTTP_BODY_REFUSED) return refusal.status;
        if (verdict == TH_HTTP_BODY_WHOLE) return 0;
        assert_true(used > 0);
    }
    return -1;
}

static void check_chunked(int status, const char *text, size_t length, const char *decoded) {
    for (size_t step = 1; step <= length; step++) {
        th_http_body_t body;
        th_buffer_t out;
        size_t used;
        th_buffer_init(&out, 1 << 20);
        th_http_body_start_chunked(&body, MAXIMUM);
        int result = decode(&body, text, length, step, &out, &used);
        if (result != status)
            fail_msg("step %zu: %d instead of %d for:\n%s", step, result, status, text);
        if (decoded) {
            assert_int_equal(out.length, strlen(decoded));
            assert_memory_equal(out.data ? out.data : "", decoded, out.length);
        }
        th_buffer_reset(&out);
    }
}

#define CHUNKED(status, text, decoded) check_chunked(status, text, sizeof(text) - 1, decoded)

static void test_good_chunks(void **state) {
    (void)state;
    CHUNKED(0, "0\r\n\r\n", "");
    CHUNKED(0, "3\r\nabc\r\n0\r\n\r\n", "abc");
    CHUNKED(0, "3\r\nabc\r\nA\r\n0123456789\r\n00000000\r\n\r\n", "abc0123456789");
    CHUNKED(0, "0a\r\n\r\n0\r\n\r\n\r\n\r\r\n0\r\n\r\n", "\r\n0\r\n\r\n\r\n\r");
    CHUNKED(-1, "3\r\nab", "ab");
    CHUNKED(-1, "3\r\nabc\r\n0\r\n\r", "abc");
}

static void test_bad_chunks(void **state) {
    (void)state;
    CHUNKED(400, "-1\r\n", NULL);
    CHUNKED(400, "0x3\r\nabc\r\n", NULL);
    CHUNKED(400, "\r\nabc", NULL);
    CHUNKED(400, " 3\r\nabc", NULL);
    CHUNKED(400, "3 \r\nabc", NULL);
    CHUNKED(400, "3 5\r\nabc", NULL);
    CHUNKED(400, "g\r\n", NULL);
    CHUNKED(400, "3\nabc\r\n", NULL);
    CHUNKED(400, "3\rXabc", NULL);
    CHUNKED(400, "3;x=y\r\nabc\r\n", NULL);
    CHUNKED(400, "3;x\ny\r\nabc", NULL);
    CHUNKED(400, "3;\0\r\nabc", NULL);
    CHUNKED(400, "3\r\nabcXX0\r\n\r\n", NULL);
    CHUNKED(400, "3\r\nabc\n0\r\n\r\n", NULL);
    CHUNKED(400, "3\r\nabc\r0\r\n\r\n", NULL);
    CHUNKED(400, "0\r\n\n", NULL);
    CHUNKED(400, "0\r\n\rX", NULL);
    CHUNKED(400, "0\r\nHost: evil\r\n\r\n", NULL);
}

/* Refused before a byte of the chunk is read. */
static void test_ceiling(void **state) {
    (void)state;
    CHUNKED(413, "100000000\r\n", "");
    CHUNKED(413, "00000000000000001\r\na", "");
    CHUNKED(413, "3e9\r\n", "");
    CHUNKED(413, "ffffffff\r\n", "");
    char text[1100];
    int length = sprintf(text, "3e8\r\n%01000d\r\n1\r\n", 0);
    check_chunked(413, text, (size_t)length, NULL);
}

static void test_fixed(void **state) {
    (void)state;
    static const char text[] = "abcdefGET / HTTP/1.1";
    for (size_t step = 1; step < sizeof text; step++) {
        th_http_body_t body;
        th_buffer_t out;
        size_t used;
        th_buffer_init(&out, 100);
        th_http_body_start_fixed(&body, 6);
        assert_int_equal(decode(&body, text, sizeof text - 1, step, &out, &used), 0);
        assert_int_equal(used, 6); /* what is behind is the next request's */
        assert_memory_equal(out.data, "abcdef", 6);
        th_buffer_reset(&out);
    }
    th_http_body_t empty;
    size_t used;
    th_slice_t piece;
    th_http_refusal_t refusal;
    th_http_body_start_fixed(&empty, 0);
    assert_int_equal(th_http_body_feed(&empty, text, 3, &used, &piece, &refusal),
                     TH_HTTP_BODY_WHOLE);
    assert_int_equal(used, 0);
}

/* Bytes behind the end of a chunked body stay for the next request. */
static void test_rest(void **state) {
    (void)state;
    static const char text[] = "1\r\na\r\n0\r\n\r\nGET / HTTP/1.1\r\n";
    th_http_body_t body;
    th_buffer_t out;
    size_t used;
    th_buffer_init(&out, 100);
    th_http_body_start_chunked(&body, MAXIMUM);
    assert_int_equal(decode(&body, text, sizeof text - 1, 100, &out, &used), 0);
    assert_string_equal(text + used, "GET / HTTP/1.1\r\n");
    th_buffer_reset(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_chunks), cmocka_unit_test(test_bad_chunks),
        cmocka_unit_test(test_ceiling),     cmocka_unit_test(test_fixed),
        cmocka_unit_test(test_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
