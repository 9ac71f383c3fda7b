/* test_base.c - error, buffer, table, hash, clock and log: limits first. */
#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/http_message.h"
#include "base/log.h"
#include "base/random.h"
#include "base/table.h"

static void error_is_cut_at_a_character(void **state) {
    (void)state;
    char text[TH_ERROR_MESSAGE_SIZE + 8];
    for (size_t shift = 0; shift < 3; shift++) {
        memset(text, 'x', shift);
        for (size_t i = shift; i + 3 < sizeof text; i += 3)
            memcpy(text + i, "\xe2\x82\xac", 4); /* the euro sign */
        th_error_t error;
        assert_false(th_error_set(&error, "code", "%s", text));
        size_t length = strlen(error.message);
        assert_in_range(length, TH_ERROR_MESSAGE_SIZE - 4, TH_ERROR_MESSAGE_SIZE - 1);
        assert_int_equal((length - shift) % 3, 0);
    }
    assert_false(th_error_set(NULL, "code", "nobody listens"));
}

static void buffer_stops_at_its_ceiling(void **state) {
    (void)state;
    th_buffer_t buffer;
    th_buffer_init(&buffer, 1000);
    for (int i = 0; i < 100; i++)
        assert_true(th_buffer_add(&buffer, "0123456789", 10));
    assert_int_equal(buffer.length, 1000);
    size_t length;
    char *taken = th_buffer_take(&buffer, &length);
    assert_non_null(taken);
    assert_int_equal(length, 1000);
    assert_int_equal(taken[1000], '\0');
    free(taken);
    assert_true(th_buffer_add(&buffer, "again", 5));
    assert_false(th_buffer_reserve(&buffer, 996));
    assert_true(buffer.failed);
    assert_null(buffer.data);
    assert_false(th_buffer_add_byte(&buffer, 'x')); /* stays failed */
    assert_null(th_buffer_take(&buffer, &length));
    th_buffer_clear(&buffer);
    assert_true(th_buffer_add_format(&buffer, "%d-%s", 7, "seven"));
    assert_true(th_slice_is(th_buffer_slice(&buffer), "7-seven"));
    th_buffer_drop_front(&buffer, 2);
    assert_true(th_slice_is(th_buffer_slice(&buffer), "seven"));
    th_buffer_wipe(&buffer);
    assert_null(buffer.data);
}

static bool drop_even(th_slice_t key, void *value, void *arg) {
    th_table_t *table = arg;
    if ((uintptr_t)value % 2 == 0) assert_ptr_equal(th_table_remove(table, key), value);
    return true;
}

static void table_keeps_what_it_was_given(void **state) {
    (void)state;
    th_table_t *table = th_table_new(500);
    char key[16];
    for (uintptr_t i = 1; i <= 500; i++) {
        int length = snprintf(key, sizeof key, "key-%u", (unsigned)i);
        assert_true(th_table_put(table, th_slice(key, (size_t)length), (void *)i));
    }
    assert_false(th_table_put(table, TH_SLICE("one more"), table));
    assert_true(th_table_put(table, TH_SLICE("key-1"), (void *)1)); /* replacing is not adding */
    th_table_each(table, drop_even, table);
    assert_int_equal(th_table_count(table), 250);
    for (uintptr_t i = 1; i <= 500; i++) {
        int length = snprintf(key, sizeof key, "key-%u", (unsigned)i);
        void *wanted = i % 2 ? (void *)i : NULL;
        assert_ptr_equal(th_table_get(table, th_slice(key, (size_t)length)), wanted);
    }
    assert_null(th_table_remove(table, TH_SLICE("key-2")));
    th_table_free(table);
}

static void hashes_keep_parts_apart(void **state) {
    (void)state;
    th_slice_t one[] = {TH_SLICE("ab"), TH_SLICE("c")}, other[] = {TH_SLICE("a"), TH_SLICE("bc")};
    unsigned char key[32] = {1};
    th_digest_t a = th_hash_parts(key, one, 2), b = th_hash_parts(key, other, 2);
    th_digest_t c = th_hash_parts(NULL, one, 2), again = th_hash_parts(key, one, 2);
    assert_false(th_digest_equal(&a, &b));
    assert_false(th_digest_equal(&a, &c));
    assert_true(th_digest_equal(&a, &again));
}

static void clock_formats_utc(void **state) {
    (void)state;
    char out[21];
    th_clock_format_utc(0, out);
    assert_string_equal(out, "1970-01-01T00:00:00Z");
    th_clock_format_utc(-1, out);
    assert_string_equal(out, "1969-12-31T23:59:59Z");
    th_clock_format_utc(INT64_C(1795597200999), out);
    assert_string_equal(out, "2026-11-25T09:00:00Z");
}

static void logged(th_log_format_t format, const char *text, char *out, size_t size) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    th_log_t log = {ends[1], TH_LOG_INFO, format};
    th_log(&log, TH_LOG_DEBUG, "test", "below the threshold");
    th_log(&log, TH_LOG_WARNING, "test", "%s", text);
    close(ends[1]);
    ssize_t length = read(ends[0], out, size - 1);
    close(ends[0]);
    assert_in_range(length, 1, TH_LOG_LINE_MAX);
    out[length] = '\0';
}

static void log_masks_and_escapes(void **state) {
    (void)state;
    char out[TH_LOG_LINE_MAX + 1];
    logged(TH_LOG_TEXT, "sent Authorization: Bearer s3cret-key and eyJhbGciOi.eyJzdWIi.sig\nnext",
           out, sizeof out);
    assert_null(strstr(out, "s3cret"));
    assert_null(strstr(out, "eyJ"));
    assert_non_null(strstr(out, "\\u000anext"));
    assert_ptr_equal(strchr(out, '\n'), out + strlen(out) - 1);
    logged(TH_LOG_JSON, "say \"hi\" \\ there", out, sizeof out);
    assert_non_null(strstr(out, "\"level\":\"warning\",\"group\":\"test\""));
    assert_non_null(strstr(out, "say \\\"hi\\\" \\\\ there\"}\n"));
}

static void log_lines_are_bounded(void **state) {
    (void)state;
    char text[3 * TH_LOG_LINE_MAX], out[TH_LOG_LINE_MAX + 1];
    memset(text, '\1', sizeof text - 1); /* every byte becomes six */
    text[sizeof text - 1] = '\0';
    logged(TH_LOG_JSON, text, out, sizeof out);
    assert_string_equal(out + strlen(out) - 3, "\"}\n");
}

static void ids_differ(void **state) {
    (void)state;
    char a[TH_ID_SIZE], b[TH_ID_SIZE];
    th_random_id(a);
    th_random_id(b);
    assert_int_equal(strlen(a), 32);
    assert_string_not_equal(a, b);
}

static void a_query_gives_its_values(void **state) {
    (void)state;
    const th_http_request_t request = {.query =
                                           TH_SLICE("xprofile=no&profile=admin&profile=all&e=&p")};
    assert_true(th_slice_is(th_http_request_query(&request, "profile"), "admin"));
    th_slice_t empty = th_http_request_query(&request, "e");
    assert_true(empty.data && empty.length == 0);
    assert_null(th_http_request_query(&request, "p").data);
    assert_null(th_http_request_query(&request, "prof").data);
    const th_http_request_t none = {.query = TH_SLICE("")};
    assert_null(th_http_request_query(&none, "profile").data);
}

int main(void) {
    if (!th_random_start()) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(error_is_cut_at_a_character),
        cmocka_unit_test(buffer_stops_at_its_ceiling),
        cmocka_unit_test(table_keeps_what_it_was_given),
        cmocka_unit_test(hashes_keep_parts_apart),
        cmocka_unit_test(clock_formats_utc),
        cmocka_unit_test(log_masks_and_escapes),
        cmocka_unit_test(log_lines_are_bounded),
        cmocka_unit_test(a_query_gives_its_values),
        cmocka_unit_test(ids_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
