/* test_http_head.c - every row of the table in core/net/README.md that concerns a head. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/http_head.h"

static const th_http_limits_t limits = {.head_bytes = 16384,
                                        .head_fields = 64,
                                        .field_bytes = 8192,
                                        .target_bytes = 4096,
                                        .body_bytes = 1 << 20};

/* Scans and parses; 0 = good, -1 = not complete, else the status of the refusal. The bytes are
 * copied to memory of exactly their size, so that a sanitizer sees any look beyond. */
static int read_head(const char *bytes, size_t length, th_http_head_t *head,
                     th_http_header_t *fields, char **kept) {
    char *copy = malloc(length > 0 ? length : 1);
    memcpy(copy, bytes, length);
    th_http_scan_t scan = {0};
    th_http_refusal_t refusal = {0};
    size_t end = 0;
    int result = 0;
    switch (th_http_head_scan(&scan, copy, length, &limits, &end, &refusal)) {
    case TH_HTTP_SCAN_MORE: result = -1; break;
    case TH_HTTP_SCAN_REFUSED: result = refusal.status; break;
    case TH_HTTP_SCAN_WHOLE:
        assert_true(end <= length);
        if (!th_http_head_parse(copy + scan.begin, end - scan.begin, &limits, fields, head,
                                &refusal))
            result = refusal.status;
        break;
    }
    if (result > 0) {
        assert_non_null(refusal.code);
        assert_non_null(refusal.message);
    }
    if (kept)
        *kept = copy;
    else
        free(copy);
    return result;
}

static int status_of(const char *bytes, size_t length) {
    th_http_head_t head;
    th_http_header_t fields[64];
    return read_head(bytes, length, &head, fields, NULL);
}

typedef struct row {
    int status;
    const char *text;
    size_t length;
} row_t;

#define ROW(status, text) \
    { status, text, sizeof(text) - 1 }

static void check_rows(const row_t *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        int status = status_of(rows[i].text, rows[i].length);
        if (status != rows[i].status)
            fail_msg("row %zu: %d instead of %d for:\n%s", i, status, rows[i].status, rows[i].text);
    }
}
#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof *(rows))

#define POST "POST /mcp HTTP/1.1\r\nHost: a\r\n"
#define GET "GET /mcp HTTP/1.1\r\nHost: a\r\n"

static void test_lengths(void **state) {
    (void)state;
    static const row_t rows[] = {
        ROW(0, POST "Content-Length: 3\r\n\r\n"),
        ROW(0, POST "content-length:3\r\n\r\n"),
        ROW(0, POST "Content-Length: \t 0003 \t\r\n\r\n"),
        ROW(0, POST "Content-Length: 1048576\r\n\r\n"),
        ROW(400, POST "Content-Length: 3\r\nContent-Length: 3\r\n\r\n"),
        ROW(400, POST "Content-Length: 3\r\ncontent-length: 4\r\n\r\n"),
        ROW(400, POST "Content-Length: 3, 3\r\n\r\n"),
        ROW(400, POST "Content-Length: 0x3\r\n\r\n"),
        ROW(400, POST "Content-Length: +3\r\n\r\n"),
        ROW(400, POST "Content-Length: -3\r\n\r\n"),
        ROW(400, POST "Content-Length:\r\n\r\n"),
        ROW(400, POST "Content-Length: 3 5\r\n\r\n"),
        ROW(400, POST "Content-Length: 3.0\r\n\r\n"),
        ROW(400, POST "Content-Length: 3\x0b\r\n\r\n"),
        ROW(400, POST "Content-Length: \r\n 3\r\n\r\n"),
        ROW(400, POST "Content-Length: 18446744073709551617\r\n\r\n"),
        ROW(400, POST "Content-Length: 99999999999999999999999\r\n\r\n"),
        ROW(413, POST "Content-Length: 9223372036854775808\r\n\r\n"),
        ROW(413, POST "Content-Length: 1000000000\r\n\r\n"),
        ROW(413, POST "Content-Length: 1048577\r\n\r\n"),
        ROW(411, POST "\r\n"),
        ROW(411, "PUT / HTTP/1.1\r\nHost: a\r\n\r\n"),
        ROW(413, GET "Content-Length: 1\r\n\r\n"),
        ROW(0, GET "Content-Length: 0\r\n\r\n"),
        ROW(413, GET "Transfer-Encoding: chunked\r\n\r\n"),
        ROW(413, "HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n"),
        ROW(413, "DELETE / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n"),
    };
    CHECK_ROWS(rows);
}

static void test_transfer_encodings(void **state) {
    (void)state;
    static const row_t rows[] = {
        ROW(0, POST "Transfer-Encoding: chunked\r\n\r\n"),
        ROW(0, POST "transfer-encoding:ChUnKeD \r\n\r\n"),
        ROW(400, POST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"),
        ROW(400, POST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"),
        ROW(501, POST "Transfer-Encoding: xchunked\r\n\r\n"),
        ROW(501, POST "Transfer-Encoding: chunked, identity\r\n\r\n"),
        ROW(501, POST "Transfer-Encoding: chunked, chunked\r\n\r\n"),
        ROW(501, POST "Transfer-Encoding: \"chunked\"\r\n\r\n"),
        ROW(501, POST "Transfer-Encoding:\r\n\r\n"),
        ROW(501, POST "Transfer-Encoding: chunked;q=1\r\n\r\n"),
        ROW(501, POST "Transfer-Encoding: gzip, chunked\r\n\r\n"),
        ROW(501, POST "Transfer-Encoding: identity\r\n\r\n"),
        ROW(400, POST "Transfer-Encoding: chunked\x0b\r\n\r\n"),
        ROW(400, POST "Transfer-Encoding: chunked\0\r\n\r\n"),
        ROW(400, POST "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n"),
        ROW(400, POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"),
        ROW(400, POST "Transfer-Encoding:\r\n chunked\r\n\r\n"),
        ROW(400, "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"),
        ROW(400, POST "Transfer-Encoding : chunked\r\n\r\n"),
        ROW(400, POST "Content-Length : 3\r\n\r\n"),
        ROW(400, POST "Transfer\tEncoding: chunked\r\n\r\n"),
    };
    CHECK_ROWS(rows);
}

static void test_lines(void **state) {
    (void)state;
    static const row_t rows[] = {
        ROW(400, GET "X-A : b\r\n\r\n"),
        ROW(400, GET "X A: b\r\n\r\n"),
        ROW(400, "GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
        ROW(400, GET "X: a\r\n b\r\n\r\n"),
        ROW(400, GET "X: a\r\n\tb\r\n\r\n"),
        ROW(400, "GET / HTTP/1.1\nHost: a\r\n\r\n"),
        ROW(400, "GET / HTTP/1.1\r\nHost: a\n\r\n"),
        ROW(400, GET "\n"),
        ROW(400, "GET / HTTP/1.1\nHost: a\n\n"),
        ROW(400, GET "X: a\rb\r\n\r\n"),
        ROW(400, GET "X: a\r\r\n\r\n"),
        ROW(400, GET "X:\ra\r\n\r\n"),
        ROW(400, GET "\rX"),
        ROW(400, GET "\r\rX: a\r\n\r\n"),
        ROW(400, GET "X: a\0b\r\n\r\n"),
        ROW(400, GET "X\0: a\r\n\r\n"),
        ROW(400, GET "X: a\x01\r\n\r\n"),
        ROW(400, GET "X: a\x7f\r\n\r\n"),
        ROW(400, GET "X\x80: a\r\n\r\n"),
        ROW(0, GET "X: caf\xc3\xa9 \xff\r\n\r\n"),
        ROW(0, GET "X: a\tb\r\n\r\n"),
        ROW(0, GET "X:\r\n\r\n"),
        ROW(0, GET "!#$%&'*+-.^_`|~09Az: x\r\n\r\n"),
        ROW(400, GET "no colon\r\n\r\n"),
        ROW(400, GET "nocolon\r\n\r\n"),
        ROW(400, GET ": no name\r\n\r\n"),
        ROW(400, GET "X(: a\r\n\r\n"),
        ROW(400, GET "\"X\": a\r\n\r\n"),
        ROW(0, "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        ROW(400, "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        ROW(400, "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        ROW(400, "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        ROW(400, "\x16\x03\x01\x02"), /* TLS: refused at once, not after a time */
        ROW(400, " GET / HTTP/1.1\r\n"),
        ROW(400, "=\r\n"), /* complete or not, it is refused at once */
        ROW(400, "="),
    };
    CHECK_ROWS(rows);
}

static void test_request_lines(void **state) {
    (void)state;
#define REST "\r\nHost: a\r\n\r\n"
    static const row_t rows[] = {
        ROW(400, "GET /" REST),
        ROW(400, "GET" REST),
        ROW(505, "GET / HTTP/9.9" REST),
        ROW(505, "GET / HTTP/2.0" REST),
        ROW(505, "GET / HTTP/1.2" REST),
        ROW(505, "GET / HTTP/0.9" REST),
        ROW(400, "GET / HTXP/1.1" REST),
        ROW(400, "GET / http/1.1" REST),
        ROW(400, "GET / HTTP/1.1.1" REST),
        ROW(400, "GET / HTTP/11" REST),
        ROW(400, "GET / HTTP/1.1 " REST),
        ROW(400, "SOURCE / ICE/1.0" REST),
        ROW(400, "GET  / HTTP/1.1" REST),
        ROW(400, "GET /  HTTP/1.1" REST),
        ROW(400, "GET\t/ HTTP/1.1" REST),
        ROW(400, "GET /\tHTTP/1.1" REST),
        ROW(501, "get / HTTP/1.1" REST),
        ROW(501, "TRACE / HTTP/1.1" REST),
        ROW(501, "BREW / HTTP/1.1" REST),
        ROW(501, "GETX / HTTP/1.1" REST),
        ROW(400, "G@T / HTTP/1.1" REST),
        ROW(501, "CONNECT a:80 HTTP/1.1" REST),
        ROW(400, "GET a:80 HTTP/1.1" REST),
        ROW(505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        ROW(400, "GET /a\tb HTTP/1.1" REST),
        ROW(400, "GET /a\x0c HTTP/1.1" REST),
        ROW(400, "GET /caf\xc3\xa9 HTTP/1.1" REST),
        ROW(400, "GET /a\0b HTTP/1.1" REST),
        ROW(400, "GET /a#b HTTP/1.1" REST),
        ROW(400, "GET *abc HTTP/1.1" REST),
        ROW(400, "OPTIONS * HTTP/1.1" REST),
        ROW(400, "GET http://a/ HTTP/1.1" REST),
        ROW(0, "GET /a\\b<>{}\"^%zz HTTP/1.1" REST), /* no route is called that: 404 later */
        ROW(0, "GET / HTTP/1.0" REST),
        ROW(0, "PATCH / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"),
        ROW(0, "OPTIONS /mcp HTTP/1.1" REST),
    };
    CHECK_ROWS(rows);
}

static void test_hosts_and_expectations(void **state) {
    (void)state;
    static const row_t rows[] = {
        ROW(400, "GET / HTTP/1.1\r\n\r\n"),
        ROW(400, "GET / HTTP/1.0\r\n\r\n"),
        ROW(400, GET "Host: a\r\n\r\n"),
        ROW(400, GET "host: b\r\n\r\n"),
        ROW(400, "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
        ROW(400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
        ROW(400, "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"),
        ROW(400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
        ROW(400, "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n"),
        ROW(0, "GET / HTTP/1.1\r\nHost: [::1]:9000\r\n\r\n"),
        ROW(400, GET "Origin: http://a\r\nOrigin: http://b\r\n\r\n"),
        ROW(400, GET "Upgrade: a\r\nUpgrade: b\r\n\r\n"),
        ROW(417, POST "Content-Length: 1\r\nExpect: x\r\n\r\n"),
        ROW(417, POST "Content-Length: 1\r\nExpect: 100-continue\r\nExpect: 100-continue\r\n\r\n"),
        ROW(417, POST "Content-Length: 1\r\nExpect: 100-continue, x\r\n\r\n"),
        ROW(0, POST "Content-Length: 1\r\nExpect: 100-Continue\r\n\r\n"),
        ROW(0,
            "GET / HTTP/1.0\r\nHost: a\r\nExpect: x\r\n\r\n"), /* RFC 9110 10.1.1: ignored in 1.0 */
    };
    CHECK_ROWS(rows);
}

static void test_limits(void **state) {
    (void)state;
    char text[40000];
    int length = sprintf(text, "GET /%04094d HTTP/1.1\r\nHost: a\r\n\r\n", 0);
    assert_int_equal(status_of(text, (size_t)length), 0); /* 4,095 bytes of target */
    length = sprintf(text, "GET /%04097d HTTP/1.1\r\nHost: a\r\n\r\n", 0);
    assert_int_equal(status_of(text, (size_t)length), 414);
    length = sprintf(text, "GET /%05000d", 0);
    assert_int_equal(status_of(text, (size_t)length), 414); /* before the line is complete */
    length = sprintf(text, GET "X: %08192d\r\n\r\n", 0);
    assert_int_equal(status_of(text, (size_t)length), 0);
    length = sprintf(text, GET "X: %08193d\r\n\r\n", 0);
    assert_int_equal(status_of(text, (size_t)length), 431);
    length = sprintf(text, GET "X: %08000d\r\nY: %08000d\r\nZ: %0500d\r\n\r\n", 0, 0, 0);
    assert_int_equal(status_of(text, (size_t)length), 431);
    assert_int_equal(status_of(text, 16384), 431); /* before the head is complete */
    assert_int_equal(status_of(text, 16383), -1);
    length = sprintf(text, GET);
    for (int i = 0; i < 63; i++)
        length += sprintf(text + length, "a: b\r\n");
    int good = length + sprintf(text + length, "\r\n");
    assert_int_equal(status_of(text, (size_t)good), 0);
    length += sprintf(text + length, "a: b\r\n\r\n");
    assert_int_equal(status_of(text, (size_t)length), 431);
}

static void test_understood(void **state) {
    (void)state;
    static const char text[] = "\r\nPOST /mcp/x?a=1?b HTTP/1.1\r\nHost: a:1\r\n"
                               "X-Empty:\r\nX-Trim: \t two words \t \r\nOrigin: http://o\r\n"
                               "Connection: foo , close,Upgrade\r\nUpgrade: websocket\r\n"
                               "Content-Length: 12\r\nExpect: 100-continue\r\n\r\nrest of it";
    th_http_head_t head = {0};
    th_http_header_t fields[64];
    char *kept = NULL;
    assert_int_equal(read_head(text, sizeof text - 1, &head, fields, &kept), 0);
    assert_int_equal(head.request.method, TH_HTTP_POST);
    assert_true(th_slice_is(head.request.target, "/mcp/x?a=1?b"));
    assert_true(th_slice_is(head.request.path, "/mcp/x"));
    assert_true(th_slice_is(head.request.query, "a=1?b"));
    assert_int_equal(head.request.header_count, 8);
    assert_true(th_slice_is(th_http_request_header(&head.request, "x-trim"), "two words"));
    assert_non_null(th_http_request_header(&head.request, "x-empty").data);
    assert_null(th_http_request_header(&head.request, "x-none").data);
    assert_true(th_slice_is(head.host, "a:1"));
    assert_true(th_slice_is(head.origin, "http://o"));
    assert_true(th_slice_is(head.upgrade, "websocket"));
    assert_true(head.connection_upgrade);
    assert_true(head.expect_continue);
    assert_false(head.keep_alive);
    assert_false(head.chunked);
    assert_int_equal(head.content_length, 12);
    assert_int_equal(head.minor, 1);
    free(kept);
}

static bool keeps_alive(const char *text) {
    th_http_head_t head = {0};
    th_http_header_t fields[64];
    char *kept = NULL;
    assert_int_equal(read_head(text, strlen(text), &head, fields, &kept), 0);
    free(kept);
    return head.keep_alive;
}

static void test_keep_alive(void **state) {
    (void)state;
    assert_true(keeps_alive(GET "\r\n"));
    assert_false(keeps_alive(GET "Connection: CLOSE\r\n\r\n"));
    assert_false(keeps_alive(GET "Connection: a\r\nConnection: b,close\r\n\r\n"));
    assert_true(keeps_alive(GET "Connection: closed, close-not\r\n\r\n"));
    assert_true(keeps_alive(GET "Proxy-Connection: close\r\n\r\n"));
    assert_false(keeps_alive("GET / HTTP/1.0\r\nHost: a\r\n\r\n"));
    assert_true(keeps_alive("GET / HTTP/1.0\r\nHost: a\r\nConnection: Keep-Alive\r\n\r\n"));
    assert_false(keeps_alive("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive, close\r\n\r\n"));
}

/* Fed byte by byte the scan comes to the same end, and no byte is looked at twice. */
static void test_dripping(void **state) {
    (void)state;
    static const char text[] = "\r\nGET /mcp HTTP/1.1\r\nHost: a\r\nX-A: b\r\n\r\nGET";
    size_t whole = sizeof text - 1 - 3;
    th_http_scan_t scan = {0};
    th_http_refusal_t refusal;
    for (size_t have = 1; have <= whole; have++) {
        char *copy = malloc(have);
        memcpy(copy, text, have);
        if (have > 1) memset(copy, 'X', scan.line); /* lines that are complete need not be there */
        size_t end = 0;
        th_http_scan_verdict_t verdict =
            th_http_head_scan(&scan, copy, have, &limits, &end, &refusal);
        free(copy);
        if (have < whole) {
            assert_int_equal(verdict, TH_HTTP_SCAN_MORE);
            assert_int_equal(scan.seen, have);
        } else {
            assert_int_equal(verdict, TH_HTTP_SCAN_WHOLE);
            assert_int_equal(end, whole);
            assert_int_equal(scan.begin, 2);
        }
    }
}

static void test_lists(void **state) {
    (void)state;
    th_slice_t rest = TH_SLICE(" a ,, b,\t,c d ,"), item;
    const char *wanted[] = {"a", "b", "c d"};
    for (size_t i = 0; i < 3; i++) {
        assert_true(th_http_list_next(&rest, &item));
        assert_true(th_slice_is(item, wanted[i]));
    }
    assert_false(th_http_list_next(&rest, &item));
    rest = th_slice(NULL, 0);
    assert_false(th_http_list_next(&rest, &item));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_transfer_encodings),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_request_lines),
        cmocka_unit_test(test_hosts_and_expectations),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_understood),
        cmocka_unit_test(test_keep_alive),
        cmocka_unit_test(test_dripping),
        cmocka_unit_test(test_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
