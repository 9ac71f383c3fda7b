/* test_worker.c - messages between threads, the inbox's bound, and closing as a state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "loop/fetch.h"
#include "loop/worker.h"

#define SENDERS 4
#define PER_SENDER 5000

typedef struct fixture {
    th_settings_t settings;
    th_worker_t worker;
    unsigned received;         /* by the worker's thread */
    unsigned next_of[SENDERS]; /* the next number expected from each sender */
    unsigned out_of_order;
    unsigned expected;
} fixture_t;

typedef struct note {
    th_worker_message_t message;
    fixture_t *fixture;
    unsigned sender, number;
} note_t;

typedef struct part {
    th_worker_part_t base;
    th_worker_t *worker;
    uv_timer_t timer;
    unsigned stopped;
    unsigned *order;
    unsigned stopped_as;
} part_t;

static void open_worker(fixture_t *fixture, int64_t inbox) {
    fixture->settings = (th_settings_t){
        .worker_count = 1, .worker_inbox = inbox, .fetch_concurrency = 4, .fetch_queue = 4};
    th_error_t error = {0};
    assert_true(th_worker_open(&fixture->worker, 0, &fixture->settings, NULL, &error));
}

static note_t *make_note(fixture_t *fixture, unsigned sender, unsigned number,
                         void (*run)(th_worker_t *, th_worker_message_t *)) {
    note_t *note = calloc(1, sizeof *note);
    assert_non_null(note);
    *note = (note_t){.message.run = run, .fixture = fixture, .sender = sender, .number = number};
    return note;
}

static void count_note(th_worker_t *worker, th_worker_message_t *message) {
    note_t *note = (note_t *)message;
    fixture_t *fixture = note->fixture;
    if (note->number != fixture->next_of[note->sender]++) fixture->out_of_order++;
    fixture->received++;
    free(note);
    if (fixture->received == fixture->expected) th_worker_stop(worker);
}

static void stop_note(th_worker_t *worker, th_worker_message_t *message) {
    free(message);
    th_worker_stop(worker);
}

typedef struct sender {
    fixture_t *fixture;
    unsigned number;
} sender_t;

static void *send_all(void *arg) {
    sender_t *sender = arg;
    for (unsigned i = 0; i < PER_SENDER; i++) {
        note_t *note = make_note(sender->fixture, sender->number, i, count_note);
        while (!th_worker_post(&sender->fixture->worker, &note->message))
            sched_yield();
    }
    return NULL;
}

static void messages_of_several_threads_arrive_once_and_in_order(void **state) {
    (void)state;
    fixture_t fixture = {.expected = SENDERS * PER_SENDER};
    open_worker(&fixture, 64);
    pthread_t threads[SENDERS];
    sender_t senders[SENDERS];
    for (unsigned i = 0; i < SENDERS; i++) {
        senders[i] = (sender_t){&fixture, i};
        assert_int_equal(pthread_create(&threads[i], NULL, send_all, &senders[i]), 0);
    }
    th_worker_run(&fixture.worker);
    for (unsigned i = 0; i < SENDERS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(fixture.received, SENDERS * PER_SENDER);
    assert_int_equal(fixture.out_of_order, 0);
    th_worker_close(&fixture.worker);
}

static void a_full_inbox_refuses_and_the_sender_keeps_the_message(void **state) {
    (void)state;
    fixture_t fixture = {.expected = 2};
    open_worker(&fixture, 2);
    for (unsigned i = 0; i < 2; i++) {
        assert_true(
            th_worker_post(&fixture.worker, &make_note(&fixture, 0, i, count_note)->message));
    }
    note_t *refused = make_note(&fixture, 0, 2, count_note);
    assert_false(th_worker_post(&fixture.worker, &refused->message));
    th_worker_run(&fixture.worker);
    assert_int_equal(fixture.received, 2);
    assert_false(th_worker_post(&fixture.worker, &refused->message)); /* now it has stopped */
    free(refused);
    th_worker_close(&fixture.worker);
}

static void messages_behind_a_stopping_one_are_still_run(void **state) {
    (void)state;
    fixture_t fixture = {0};
    open_worker(&fixture, 8);
    assert_true(th_worker_post(&fixture.worker, &make_note(&fixture, 0, 0, stop_note)->message));
    for (unsigned i = 0; i < 3; i++) {
        assert_true(
            th_worker_post(&fixture.worker, &make_note(&fixture, 0, i, count_note)->message));
    }
    th_worker_run(&fixture.worker);
    assert_int_equal(fixture.received, 3);
    th_worker_close(&fixture.worker);
}

static void close_part(th_worker_part_t *base) {
    part_t *part = (part_t *)base;
    part->stopped++;
    part->stopped_as = ++*part->order;
    uv_close((uv_handle_t *)&part->timer, NULL);
}

static void never(uv_timer_t *timer) {
    (void)timer;
    fail_msg("the timer of a stopped part ran");
}

static void open_part(part_t *part, th_worker_t *worker, unsigned *order) {
    *part = (part_t){.base.stop = close_part, .worker = worker, .order = order};
    uv_timer_init(&worker->loop, &part->timer);
    uv_timer_start(&part->timer, never, 3600 * 1000, 0);
    th_worker_add_part(worker, &part->base);
}

static void parts_are_stopped_once_and_in_order(void **state) {
    (void)state;
    fixture_t fixture = {0};
    open_worker(&fixture, 8);
    unsigned order = 0;
    part_t first, second, removed;
    open_part(&first, &fixture.worker, &order);
    open_part(&removed, &fixture.worker, &order);
    open_part(&second, &fixture.worker, &order);
    th_worker_remove_part(&removed.base);
    uv_close((uv_handle_t *)&removed.timer, NULL);
    assert_true(th_worker_post(&fixture.worker, &make_note(&fixture, 0, 0, stop_note)->message));
    th_worker_run(&fixture.worker);
    th_worker_stop(&fixture.worker); /* again: nothing */
    assert_int_equal(first.stopped, 1);
    assert_int_equal(second.stopped, 1);
    assert_int_equal(removed.stopped, 0);
    assert_true(first.stopped_as < second.stopped_as);
    th_worker_remove_part(&first.base); /* safe after stop */
    th_worker_close(&fixture.worker);
}

static void a_part_that_comes_too_late_is_stopped_at_once(void **state) {
    (void)state;
    fixture_t fixture = {0};
    open_worker(&fixture, 8);
    th_worker_stop(&fixture.worker);
    unsigned order = 0;
    part_t late;
    open_part(&late, &fixture.worker, &order);
    assert_int_equal(late.stopped, 1);
    th_worker_close(&fixture.worker);
}

static void a_worker_that_never_ran_can_be_closed(void **state) {
    (void)state;
    fixture_t fixture = {0};
    open_worker(&fixture, 8);
    assert_true(th_worker_post(&fixture.worker, &make_note(&fixture, 0, 0, count_note)->message));
    fixture.expected = 100;
    th_worker_close(&fixture.worker);
    assert_int_equal(fixture.received, 1);
}

static int start(void **state) {
    (void)state;
    return th_fetch_global_start(NULL) ? 0 : -1;
}

static int stop(void **state) {
    (void)state;
    th_fetch_global_stop();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_of_several_threads_arrive_once_and_in_order),
        cmocka_unit_test(a_full_inbox_refuses_and_the_sender_keeps_the_message),
        cmocka_unit_test(messages_behind_a_stopping_one_are_still_run),
        cmocka_unit_test(parts_are_stopped_once_and_in_order),
        cmocka_unit_test(a_part_that_comes_too_late_is_stopped_at_once),
        cmocka_unit_test(a_worker_that_never_ran_can_be_closed),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
