/* test_mcp_event_log.c - kept events: ids, replay, bounds; and the deadlines' order. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "loop/deadline.h"
#include "mcp/event_log.h"

static char owner;
static th_event_budget_t budget = {0, 1 << 20};

static void add(th_event_stream_t *stream, const char *message) {
    th_buffer_t out;
    th_buffer_init(&out, 1 << 16);
    assert_true(th_event_add(stream, th_slice_of(message), &out));
    th_buffer_reset(&out);
}

static void events_have_ids_and_replay_after_one(void **state) {
    th_event_log_t log;
    th_buffer_t out;
    uint64_t number;
    (void)state;
    th_event_log_init(&log, &budget, 4096);
    th_event_stream_t *one = th_event_stream_open(&log, &owner);
    th_event_stream_t *two = th_event_stream_open(&log, &owner);
    th_buffer_init(&out, 1 << 16);
    assert_true(th_event_write_priming(one, 500, &out));
    add(one, "{\"a\":1}");
    add(two, "{\"b\":1}");
    add(one, "{\"a\":2}");
    assert_true(memcmp(out.data, "id: 1_0\nretry: 500\ndata:\n\n", 26) == 0);
    th_buffer_clear(&out);
    assert_ptr_equal(th_event_find(&log, TH_SLICE("1_1"), &number), one);
    assert_true(th_event_write_after(one, number, &out));
    th_buffer_add_byte(&out, '\0');
    assert_string_equal(out.data, "id: 1_2\nevent: message\ndata: {\"a\":2}\n\n");
    th_buffer_clear(&out);
    assert_ptr_equal(th_event_find(&log, TH_SLICE("1_2"), &number), one);
    assert_true(th_event_write_after(one, number, &out));
    assert_int_equal(out.length, 0);
    assert_ptr_equal(th_event_find(&log, TH_SLICE("2_0"), &number), two);
    th_buffer_reset(&out);
    th_event_log_clear(&log);
    assert_int_equal(log.bytes, 0);
}

static void unknown_ids_are_not_found(void **state) {
    static const char *const ids[] = {"",     "1",    "_",    "1_",   "_1",
                                      "1_3",  "3_0",  "1_-1", "+1_0", "01_0",
                                      "1_00", " 1_0", "1_0 ", "1_0x", "99999999999999999999999_0",
                                      "-1_0"};
    th_event_log_t log;
    uint64_t number;
    (void)state;
    th_event_log_init(&log, &budget, 4096);
    th_event_stream_t *one = th_event_stream_open(&log, &owner);
    add(one, "{}");
    add(one, "{}");
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        if (th_event_find(&log, th_slice_of(ids[i]), &number)) fail_msg("\"%s\"", ids[i]);
    th_event_log_clear(&log);
}

/* Finished streams go whole and first; then the oldest events, and their ids with them. */
static void the_log_is_bounded(void **state) {
    th_event_log_t log;
    uint64_t number;
    (void)state;
    th_event_log_init(&log, &budget, 400);
    th_event_stream_t *finished = th_event_stream_open(&log, &owner);
    th_event_stream_t *open = th_event_stream_open(&log, &owner);
    add(finished, "{\"first\":1}");
    th_event_stream_finish(finished);
    for (int i = 0; i < 20; i++) {
        add(open, "{\"filler\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxx\"}");
        assert_true(log.bytes <= 400);
    }
    assert_null(th_event_find(&log, TH_SLICE("1_0"), &number));
    assert_null(th_event_find(&log, TH_SLICE("2_0"), &number)); /* what came after it was lost */
    assert_non_null(th_event_find(&log, TH_SLICE("2_20"), &number));
    assert_non_null(th_event_find(&log, TH_SLICE("2_18"), &number));
    char large[600];
    memset(large, 'x', sizeof large);
    large[sizeof large - 1] = '\0';
    add(open, large); /* more than can ever be kept: a hole, never a wrong replay */
    assert_null(th_event_find(&log, TH_SLICE("2_20"), &number));
    assert_non_null(th_event_find(&log, TH_SLICE("2_21"), &number));
    for (int i = 0; i < 1000; i++) {
        th_event_stream_t *more = th_event_stream_open(&log, &owner);
        if (more) th_event_stream_finish(more);
    }
    assert_true(log.count <= 256);
    th_event_log_clear(&log);
    assert_int_equal(budget.bytes, 0);
}

/* One session cannot keep what others need: what it cannot keep it sends and forgets. */
static void all_logs_together_are_bounded(void **state) {
    th_event_budget_t small = {0, 300};
    th_event_log_t first, second;
    uint64_t number;
    (void)state;
    th_event_log_init(&first, &small, 4096);
    th_event_log_init(&second, &small, 4096);
    th_event_stream_t *one = th_event_stream_open(&first, &owner);
    th_event_stream_t *two = th_event_stream_open(&second, &owner);
    for (int i = 0; i < 20; i++)
        add(one, "{\"filler\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxx\"}");
    add(two, "{\"filler\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}");
    assert_true(small.bytes <= small.maximum);
    assert_non_null(th_event_find(&first, TH_SLICE("1_20"), &number));
    assert_null(th_event_find(&second, TH_SLICE("1_0"), &number));
    th_event_log_clear(&first);
    th_event_log_clear(&second);
    assert_int_equal(small.bytes, 0);
}

typedef struct due {
    th_deadline_t deadline;
    int id;
} due_t;
static int order[8], passed_count;

static void on_passed(th_deadline_t *deadline) {
    order[passed_count++] = TH_CONTAINER(deadline, due_t, deadline)->id;
}

static void deadlines_pass_in_order(void **state) {
    static const uint64_t after[] = {30, 10, 20, 10, 5000};
    th_deadlines_t deadlines;
    due_t due[5];
    uv_loop_t loop;
    (void)state;
    passed_count = 0;
    uv_loop_init(&loop);
    th_deadlines_open(&deadlines, &loop);
    for (int i = 0; i < 5; i++) {
        due[i].id = i;
        th_deadline_init(&due[i].deadline, on_passed);
        th_deadline_set(&deadlines, &due[i].deadline, after[i]);
    }
    th_deadline_set(&deadlines, &due[2].deadline, 40); /* later after all */
    th_deadline_clear(&due[4].deadline);
    uv_run(&loop, UV_RUN_DEFAULT); /* ends: nothing is set any more */
    assert_int_equal(passed_count, 4);
    assert_int_equal(order[0], 1);
    assert_int_equal(order[1], 3);
    assert_int_equal(order[2], 0);
    assert_int_equal(order[3], 2);
    th_deadlines_close(&deadlines);
    th_deadlines_close(&deadlines);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_have_ids_and_replay_after_one),
        cmocka_unit_test(unknown_ids_are_not_found),
        cmocka_unit_test(the_log_is_bounded),
        cmocka_unit_test(all_logs_together_are_bounded),
        cmocka_unit_test(deadlines_pass_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
