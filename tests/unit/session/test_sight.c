/* test_sight.c - may this person see it: what the API says in their name, and what is left when
 * nobody waits for the answer. */
#include "sessions_fixture.h"

#include "session/sight.h"

typedef struct told {
    unsigned times;
    th_sight_verdict_t verdict;
} told_t;

static void on_told(void *arg, th_sight_verdict_t verdict) {
    told_t *told = arg;
    told->times++;
    told->verdict = verdict;
}

static th_sight_t *ask(th_grant_t *grant, const char *id, told_t *told) {
    th_error_t error = {0};
    th_sight_t *sight =
        th_sight_ask(grant, TH_SIGHT_PROCESS, th_slice_of(id), on_told, told, &error);
    if (!sight) fail_msg("%s", error.message);
    assert_int_equal(told->times, 0); /* never from inside */
    return sight;
}

static th_sight_verdict_t verdict_of(fixture_t *fixture, th_grant_t *grant, const char *id) {
    told_t told = {0};
    (void)ask(grant, id, &told);
    while (!told.times)
        pump(fixture);
    assert_int_equal(told.times, 1);
    return told.verdict;
}

static void the_api_decides(void **state) {
    fixture_t *fixture = *state;
    th_grant_t *ann = grant_of(fixture, "good-ann");
    assert_int_equal(verdict_of(fixture, ann, "p1"), TH_SIGHT_SEES);
    atomic_store(&fixture->down, true);
    assert_int_equal(verdict_of(fixture, ann, "p1"), TH_SIGHT_UNKNOWN);
    atomic_store(&fixture->down, false);
    atomic_store(&fixture->revoked, true);
    assert_int_equal(verdict_of(fixture, ann, "p1"), TH_SIGHT_BLIND);
    th_grant_unref(ann);
}

static void a_refused_key_is_verified_anew(void **state) {
    fixture_t *fixture = *state;
    th_grant_t *ann = grant_of(fixture, "good-ann");
    unsigned before = atomic_load(&fixture->verified);
    th_grant_unref(grant_of(fixture, "good-ann"));
    assert_int_equal(atomic_load(&fixture->verified), before); /* remembered */
    atomic_store(&fixture->revoked, true);
    (void)verdict_of(fixture, ann, "p1");
    atomic_store(&fixture->revoked, false);
    th_grant_unref(grant_of(fixture, "good-ann"));
    assert_int_equal(atomic_load(&fixture->verified), before + 1);
    th_grant_unref(ann);
}

static void what_is_no_id_is_not_asked(void **state) {
    fixture_t *fixture = *state;
    th_grant_t *ann = grant_of(fixture, "good-ann");
    static const char *const bad[] = {"", "..", ".", "a\nb"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        told_t told = {0};
        th_error_t error = {0};
        assert_null(
            th_sight_ask(ann, TH_SIGHT_ONE_OFF, th_slice_of(bad[i]), on_told, &told, &error));
        assert_string_equal(error.code, "bad_request");
    }
    th_grant_unref(ann);
}

static void cancelled_it_tells_nothing(void **state) {
    fixture_t *fixture = *state;
    th_grant_t *ann = grant_of(fixture, "good-ann");
    told_t told = {0}, other = {0};
    th_sight_t *sight = ask(ann, "p1", &told);
    (void)ask(ann, "p2", &other);
    th_sight_cancel(sight);
    while (!other.times)
        pump(fixture);
    assert_int_equal(told.times, 0);
    th_sight_cancel(NULL);
    th_grant_unref(ann);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_api_decides),
        TEST(a_refused_key_is_verified_anew),
        TEST(what_is_no_id_is_not_asked),
        TEST(cancelled_it_tells_nothing),
    };
    th_error_t error;
    if (th_random_start() != 1 || !th_fetch_global_start(&error)) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    th_fetch_global_stop();
    return failed;
}
