/* test_sse_reader.c - events out of bytes, however they are cut. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>

#include "chat/sse_reader.h"

typedef struct log {
    char text[4096]; /* "name=data;" each */
    size_t length;
    unsigned stop_after; /* events; 0 = never */
    unsigned events;
    th_sse_reader_t *gone; /* reset inside the callback */
} log_t;

static bool on_event(void *arg, th_slice_t name, th_slice_t data) {
    log_t *log = arg;
    log->length +=
        (size_t)snprintf(log->text + log->length, sizeof log->text - log->length, "%.*s=%.*s;",
                         (int)name.length, name.data ? name.data : "", (int)data.length, data.data);
    log->events++;
    if (log->gone) th_sse_reader_reset(log->gone);
    return !log->stop_after || log->events < log->stop_after;
}

static th_sse_verdict_t feed_in_pieces(const char *text, size_t piece, log_t *log) {
    th_sse_reader_t reader;
    size_t length = strlen(text);
    th_sse_verdict_t verdict = TH_SSE_MORE;
    th_sse_reader_init(&reader, 1024, on_event, log);
    for (size_t at = 0; at < length && verdict == TH_SSE_MORE; at += piece) {
        size_t size = length - at < piece ? length - at : piece;
        char *copy = malloc(size); /* its end is watched */
        memcpy(copy, text + at, size);
        verdict = th_sse_reader_feed(&reader, th_slice(copy, size));
        free(copy);
    }
    th_sse_reader_reset(&reader);
    return verdict;
}

static void expect(const char *text, const char *wanted) {
    for (size_t piece = 1; piece <= strlen(text); piece++) {
        log_t log = {0};
        assert_int_equal(feed_in_pieces(text, piece, &log), TH_SSE_MORE);
        assert_string_equal(log.text, wanted);
    }
}

static void an_event_is_the_same_however_it_is_cut(void **state) {
    (void)state;
    expect("event: a\ndata: 1\n\ndata: 2\n\n", "a=1;=2;");
    expect("event: a\r\ndata: 1\r\n\r\ndata: 2\r\n\r\n", "a=1;=2;");
    expect("event: a\rdata: 1\r\rdata: 2\r\r", "a=1;=2;");
    expect("event: a\r\ndata: 1\n\rdata: 2\r\n\n", "a=1;=2;");
    expect("data: gr\xc3\xbc\xc3\x9f\xf0\x9f\x98\x80\n\n", "=gr\xc3\xbc\xc3\x9f\xf0\x9f\x98\x80;");
}

static void lines_of_data_are_joined_and_one_blank_is_dropped(void **state) {
    (void)state;
    expect("data: a\ndata:b\ndata:  c\ndata\n\n", "=a\nb\n c\n;");
    expect("data: a:b\n\n", "=a:b;");
    expect("data:\n\n", "=;");
}

static void comments_and_unknown_fields_are_skipped(void **state) {
    (void)state;
    expect(": ping\n:\n\nid: 7\nretry: 10\nwhat: ever\ndata: x\n: in between\n\n", "=x;");
    expect("event: lost\n\ndata: x\n\n", "=x;"); /* no data: no event, and the name is forgotten */
    expect("\xef\xbb\xbf"
           "data: marked\n\n",
           "=marked;");
}

static void an_event_that_does_not_end_is_none(void **state) {
    (void)state;
    expect("data: 1\n\ndata: half", "=1;");
    expect("data: 1\n\ndata: half\n", "=1;");
}

static void a_long_name_counts_as_none(void **state) {
    (void)state;
    char text[200];
    snprintf(text, sizeof text, "event: %0100d\ndata: x\n\n", 0);
    expect(text, "=x;");
}

static void nothing_over_the_maximum_is_kept(void **state) {
    (void)state;
    char text[3000];
    for (size_t piece = 1; piece < 1500; piece = piece * 3 + 1) {
        log_t log = {0};
        snprintf(text, sizeof text, "data: %01500d\n\n", 0);
        assert_int_equal(feed_in_pieces(text, piece, &log), TH_SSE_TOO_LARGE);
        snprintf(text, sizeof text, "data: %0600d\ndata: %0600d\n\n", 0, 0);
        assert_int_equal(feed_in_pieces(text, piece, &log), TH_SSE_TOO_LARGE);
        snprintf(text, sizeof text, "data: %0600d\n\ndata: %0600d\n\n", 0, 0);
        assert_int_equal(feed_in_pieces(text, piece, &log), TH_SSE_MORE);
        assert_int_equal(log.events, 2);
    }
}

static void the_callback_can_stop_or_free_the_reader(void **state) {
    (void)state;
    log_t log = {.stop_after = 2};
    assert_int_equal(feed_in_pieces("data: 1\n\ndata: 2\n\ndata: 3\n\n", 100, &log),
                     TH_SSE_STOPPED);
    assert_string_equal(log.text, "=1;=2;");

    th_sse_reader_t reader;
    log_t last = {.stop_after = 1, .gone = &reader};
    th_sse_reader_init(&reader, 1024, on_event, &last);
    assert_int_equal(th_sse_reader_feed(&reader, TH_SLICE("data: 1")), TH_SSE_MORE);
    assert_int_equal(th_sse_reader_feed(&reader, TH_SLICE("\n\ndata: 2\n\n")), TH_SSE_STOPPED);
    assert_string_equal(last.text, "=1;");
    th_sse_reader_reset(&reader);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_is_the_same_however_it_is_cut),
        cmocka_unit_test(lines_of_data_are_joined_and_one_blank_is_dropped),
        cmocka_unit_test(comments_and_unknown_fields_are_skipped),
        cmocka_unit_test(an_event_that_does_not_end_is_none),
        cmocka_unit_test(a_long_name_counts_as_none),
        cmocka_unit_test(nothing_over_the_maximum_is_kept),
        cmocka_unit_test(the_callback_can_stop_or_free_the_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
