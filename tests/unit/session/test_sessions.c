/* test_sessions.c - verification, ownership, limits, expiry, cancelling, and that no key stays
 * behind. */
#include "sessions_fixture.h"

#include <unistd.h>

#include "memory_search.h"

static void verified_once_and_remembered(void **state) {
    fixture_t *fixture = *state;
    verdict_t first = {0}, second = {0};
    (void)th_sessions_verify(fixture->sessions, TH_SLICE("good-ann"), TH_SLICE("org"), on_verified,
                             &first);
    assert_false(first.told);
    (void)th_sessions_verify(fixture->sessions, TH_SLICE("good-ann"), TH_SLICE("org"), on_verified,
                             &second);
    while (!first.told || !second.told)
        pump(fixture);
    assert_int_equal(atomic_load(&fixture->verified), 1);
    verdict_t third = verify(fixture, "good-ann", "org"); /* from memory, at once */
    assert_int_equal(atomic_load(&fixture->verified), 1);
    const th_call_person_t *person = th_grant_person(third.grant);
    assert_string_equal(person->name, "Ann");
    assert_string_equal(person->org_name, "Org");
    assert_string_equal(person->org_timezone, "Europe/Berlin");
    assert_int_equal(person->user_id, 1);
    th_grant_unref(first.grant);
    th_grant_unref(second.grant);
    th_grant_unref(third.grant);
}

static void refusals_are_told_apart(void **state) {
    fixture_t *fixture = *state;
    static const struct {
        const char *key, *org;
        th_refusal_t refusal;
    } cases[] = {
        {"", "org", TH_REFUSAL_NO_CREDENTIAL},
        {"bad-key", "org", TH_REFUSAL_BAD_CREDENTIAL},
        {"good-ann", "", TH_REFUSAL_NO_ORG},
        {"good-ann", "o/../x", TH_REFUSAL_NO_ORG},
        {"good-ann", "forbidden", TH_REFUSAL_FORBIDDEN},
        {"two words", "org", TH_REFUSAL_BAD_CREDENTIAL},
        /* {"org_id":"other"} as a token's payload: made for another organisation */
        {"e30.eyJvcmdfaWQiOiJvdGhlciJ9.x", "org", TH_REFUSAL_NO_ORG},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        verdict_t verdict = verify(fixture, cases[i].key, cases[i].org);
        assert_int_equal(verdict.refusal, cases[i].refusal);
        assert_null(verdict.grant);
        assert_true(verdict.why.message[0] != '\0');
    }
}

static void refused_is_remembered_but_unavailable_is_not(void **state) {
    fixture_t *fixture = *state;
    unsigned before = atomic_load(&fixture->server->requests);
    assert_int_equal(verify(fixture, "bad-key", "org").refusal, TH_REFUSAL_BAD_CREDENTIAL);
    unsigned asked = atomic_load(&fixture->server->requests);
    assert_true(asked > before);
    assert_int_equal(verify(fixture, "bad-key", "org").refusal, TH_REFUSAL_BAD_CREDENTIAL);
    assert_int_equal(atomic_load(&fixture->server->requests), asked);
    atomic_store(&fixture->down, true);
    assert_int_equal(verify(fixture, "good-ann", "org").refusal, TH_REFUSAL_UNAVAILABLE);
    atomic_store(&fixture->down, false);
    th_grant_unref(grant_of(fixture, "good-ann"));
}

static void a_revoked_key_is_noticed_by_a_call(void **state) {
    fixture_t *fixture = *state;
    th_grant_t *grant = grant_of(fixture, "good-ann");
    th_error_t error;
    th_session_t *session = th_session_begin(fixture->sessions, grant, &error);
    atomic_store(&fixture->revoked, true);
    outcome_t outcome = {0};
    assert_non_null(start_call(fixture, session, grant, "slow", &outcome, &error));
    while (!outcome.told)
        pump(fixture);
    assert_string_equal(outcome.code, "unauthenticated");
    th_grant_unref(grant);
    assert_int_equal(verify(fixture, "good-ann", "org").refusal, TH_REFUSAL_BAD_CREDENTIAL);
}

/* The key's entry has to be asked about again while <grant> still lives. */
static void make_forgotten(fixture_t *fixture, th_session_t *session, th_grant_t *grant) {
    th_error_t error;
    outcome_t outcome = {0};
    atomic_store(&fixture->revoked, true);
    assert_non_null(start_call(fixture, session, grant, "slow", &outcome, &error));
    while (!outcome.told)
        pump(fixture);
    assert_string_equal(outcome.code, "unauthenticated");
    atomic_store(&fixture->revoked, false);
}

static void a_grant_that_goes_leaves_the_secret_to_a_verification(void **state) {
    fixture_t *fixture = *state;
    th_grant_t *grant = grant_of(fixture, "good-ann");
    th_error_t error;
    th_session_t *session = th_session_begin(fixture->sessions, grant, &error);
    make_forgotten(fixture, session, grant);
    verdict_t verdict = {0};
    assert_non_null(th_sessions_verify(fixture->sessions, TH_SLICE("good-ann"), TH_SLICE("org"),
                                       on_verified, &verdict));
    th_grant_unref(grant);
    while (!verdict.told)
        pump(fixture);
    assert_non_null(verdict.grant);
    atomic_store(&fixture->server->gate, true);
    outcome_t outcome = {0};
    assert_non_null(start_call(fixture, session, verdict.grant, "slow", &outcome, &error));
    while (!outcome.told)
        pump(fixture);
    assert_string_equal(outcome.text, "slow done");
    th_grant_unref(verdict.grant);
}

static void a_verification_takes_nobodys_name_away(void **state) {
    fixture_t *fixture = *state;
    th_grant_t *grant = grant_of(fixture, "good-ann");
    th_error_t error;
    th_session_t *session = th_session_begin(fixture->sessions, grant, &error);
    make_forgotten(fixture, session, grant);
    verdict_t verdict = {0};
    assert_non_null(th_sessions_verify(fixture->sessions, TH_SLICE("good-ann"), TH_SLICE("org"),
                                       on_verified, &verdict));
    outcome_t outcome = {0};
    assert_non_null(start_call(fixture, session, grant, "hello", &outcome, &error));
    while (!outcome.told || !verdict.told)
        pump(fixture);
    assert_string_equal(outcome.text, "hello Ann");
    th_grant_unref(grant);
    th_grant_unref(verdict.grant);
}

/* {"mcp_scopes":...} of each, between two parts that nobody looks at. */
static void scopes_that_say_nothing_allow_nothing(void **state) {
    fixture_t *fixture = *state;
    static const struct {
        const char *token;
        bool restricted;
    } cases[] = {
        {"good-ann.e30.x", false},                        /* {} */
        {"good-ann.eyJtY3Bfc2NvcGVzIjpudWxsfQ.x", false}, /* null */
        {"good-ann.eyJtY3Bfc2NvcGVzIjpbXX0.x", true},     /* [] */
        {"good-ann.eyJtY3Bfc2NvcGVzIjoiIn0.x", true},     /* "" */
        {"good-ann.eyJtY3Bfc2NvcGVzIjpbN119.x", true},    /* [7] */
        {"good-ann.eyJtY3Bfc2NvcGVzIjp0cnVlfQ.x", true},  /* true */
        {"good-ann.eyJtY3Bfc2NvcGVzIjpbImEiXX0.x", true}, /* ["a"] */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        th_grant_t *grant = grant_of(fixture, cases[i].token);
        assert_int_equal(th_grant_scopes(grant)[0] != '\0', cases[i].restricted);
        th_grant_unref(grant);
    }
}

static void a_session_is_its_principals(void **state) {
    fixture_t *fixture = *state;
    th_grant_t *ann = grant_of(fixture, "good-ann"), *bob = grant_of(fixture, "good-bob");
    th_error_t error;
    th_session_t *session = th_session_begin(fixture->sessions, ann, &error);
    char id[TH_ID_SIZE];
    memcpy(id, th_session_id(session), sizeof id);
    assert_ptr_equal(th_session_find(fixture->sessions, th_slice_of(id), ann), session);
    assert_null(th_session_find(fixture->sessions, th_slice_of(id), bob));
    assert_null(th_session_find(fixture->sessions, TH_SLICE(""), ann));
    th_session_t *shared = th_session_of_principal(fixture->sessions, ann, &error);
    assert_ptr_equal(th_session_of_principal(fixture->sessions, ann, &error), shared);
    assert_ptr_not_equal(th_session_of_principal(fixture->sessions, bob, &error), shared);
    assert_null(th_session_find(fixture->sessions, th_slice_of(th_session_id(shared)), ann));
    th_session_end(session);
    assert_null(th_session_find(fixture->sessions, th_slice_of(id), ann));
    th_grant_unref(ann);
    th_grant_unref(bob);
}

static void the_longest_unused_session_makes_room(void **state) {
    fixture_t *fixture = *state;
    th_grant_t *grant = grant_of(fixture, "good-ann");
    th_error_t error;
    char first[TH_ID_SIZE], second[TH_ID_SIZE];
    memcpy(first, th_session_id(th_session_begin(fixture->sessions, grant, &error)), sizeof first);
    memcpy(second, th_session_id(th_session_begin(fixture->sessions, grant, &error)),
           sizeof second);
    assert_non_null(th_session_find(fixture->sessions, th_slice_of(first), grant)); /* used */
    th_session_t *third = th_session_begin(fixture->sessions, grant, &error);
    assert_non_null(third);
    assert_null(th_session_find(fixture->sessions, th_slice_of(second), grant));
    th_session_t *kept = th_session_find(fixture->sessions, th_slice_of(first), grant);
    assert_non_null(kept);

    outcome_t outcomes[2] = {0}; /* busy ones are not ended: then the new one is refused */
    assert_non_null(start_call(fixture, kept, grant, "slow", &outcomes[0], &error));
    assert_non_null(start_call(fixture, third, grant, "slow", &outcomes[1], &error));
    assert_null(th_session_begin(fixture->sessions, grant, &error));
    assert_string_equal(error.code, "too_many_sessions");
    atomic_store(&fixture->server->gate, true);
    while (!outcomes[0].told || !outcomes[1].told)
        pump(fixture);
    th_grant_unref(grant);
}

static void calls_queue_and_are_bounded(void **state) {
    fixture_t *fixture = *state;
    th_grant_t *grant = grant_of(fixture, "good-ann");
    th_error_t error;
    th_session_t *session = th_session_begin(fixture->sessions, grant, &error);
    outcome_t outcomes[4] = {0};
    for (size_t i = 0; i < 3; i++) /* two run, one waits */
        assert_non_null(start_call(fixture, session, grant, "slow", &outcomes[i], &error));
    assert_null(start_call(fixture, session, grant, "hello", &outcomes[3], &error));
    assert_string_equal(error.code, "busy");
    atomic_store(&fixture->server->gate, true);
    while (!outcomes[0].told || !outcomes[1].told || !outcomes[2].told)
        pump(fixture);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(outcomes[i].outcome, TH_CALL_OK);
        assert_string_equal(outcomes[i].text, "slow done");
        assert_int_equal(outcomes[i].told, 1);
    }
    assert_non_null(start_call(fixture, session, grant, "hello", &outcomes[3], &error));
    while (!outcomes[3].told)
        pump(fixture);
    assert_string_equal(outcomes[3].text, "hello Ann");
    th_grant_unref(grant);
}

static void ending_a_session_cancels_its_calls(void **state) {
    fixture_t *fixture = *state;
    th_grant_t *grant = grant_of(fixture, "good-ann");
    th_error_t error;
    th_session_t *session = th_session_begin(fixture->sessions, grant, &error);
    outcome_t outcomes[3] = {0};
    for (size_t i = 0; i < 3; i++)
        assert_non_null(start_call(fixture, session, grant, "slow", &outcomes[i], &error));
    th_grant_unref(grant); /* the calls keep it */
    th_session_end(session);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(outcomes[i].told, 0); /* never from inside */
    while (!outcomes[0].told || !outcomes[1].told || !outcomes[2].told)
        pump(fixture);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(outcomes[i].outcome, TH_CALL_CANCELLED);
}

static void bad_arguments_reach_no_tool(void **state) {
    fixture_t *fixture = *state;
    th_grant_t *grant = grant_of(fixture, "good-ann");
    th_error_t error;
    th_session_t *session = th_session_begin(fixture->sessions, grant, &error);
    th_json_document_t *arguments = th_json_parse(fixture->worker.parser, TH_SLICE("{\"nmae\":1}"),
                                                  &th_json_limits_request, &error);
    outcome_t outcome = {0};
    const th_tool_t *tool = th_catalogue_find(fixture->catalogue, TH_SLICE("hello"));
    assert_non_null(th_session_call(session, grant, tool, th_json_root(arguments), NULL, on_result,
                                    &outcome, &error));
    assert_int_equal(outcome.told, 0);
    while (!outcome.told)
        pump(fixture);
    assert_int_equal(outcome.outcome, TH_CALL_FAILED);
    assert_string_equal(outcome.code, "invalid_arguments");
    assert_non_null(strstr(outcome.text, "nmae"));
    th_json_unref(arguments);
    th_grant_unref(grant);
}

/* With settings of a few milliseconds everything idle goes by itself; the loop says when. */
static void idle_sessions_expire(void **state) {
    fixture_t *fixture = *state;
    th_grant_t *grant = grant_of(fixture, "good-ann");
    th_error_t error;
    char id[TH_ID_SIZE];
    memcpy(id, th_session_id(th_session_begin(fixture->sessions, grant, &error)), sizeof id);
    fixture->settings.session_idle = 1;
    uint64_t began = uv_hrtime();
    while (uv_hrtime() - began < 2000000) { /* until more than the idle time has gone by */
    }
    assert_null(th_session_find(fixture->sessions, th_slice_of(id), grant));
    th_grant_unref(grant);
}

/* design.md 5: after the last use no copy of the key is in memory. The marker itself is one. */
static void no_key_stays_behind(void **state) {
    fixture_t *fixture = *state;
    char *key = make_marker("good-ann-");
    verdict_t verdict = verify(fixture, key, "org");
    th_error_t error;
    th_session_t *session = th_session_begin(fixture->sessions, verdict.grant, &error);
    outcome_t outcome = {0};
    assert_non_null(start_call(fixture, session, verdict.grant, "slow", &outcome, &error));
    atomic_store(&fixture->server->gate, true);
    while (!outcome.told)
        pump(fixture);
    th_grant_unref(verdict.grant);
    th_session_end(session);
    pump(fixture);
    int copies = copies_in_memory(key);
    assert_int_equal(copies, 1);
    free(key);
}

int main(void) {
    if (!th_random_start()) return 1;
    th_error_t error;
    if (!th_fetch_global_start(&error)) return 1;
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)
        TEST(verified_once_and_remembered),
        TEST(refusals_are_told_apart),
        TEST(refused_is_remembered_but_unavailable_is_not),
        TEST(a_revoked_key_is_noticed_by_a_call),
        TEST(a_grant_that_goes_leaves_the_secret_to_a_verification),
        TEST(a_verification_takes_nobodys_name_away),
        TEST(scopes_that_say_nothing_allow_nothing),
        TEST(a_session_is_its_principals),
        TEST(the_longest_unused_session_makes_room),
        TEST(calls_queue_and_are_bounded),
        TEST(ending_a_session_cancels_its_calls),
        TEST(bad_arguments_reach_no_tool),
        TEST(idle_sessions_expire),
        TEST(no_key_stays_behind),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    th_fetch_global_stop();
    return failed;
}
