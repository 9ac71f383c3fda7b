/* test_chat_sign_in.c - who gets in, as whom, how they come back, and what is left when they go. */
#include <inttypes.h>

#include "chat_fixture.h"
#include "memory_search.h"

static void test_greets_and_signs_in(void **state) {
    chat_room_t *room = *state;
    client_t *ann = connect_client(room);
    assert_string_equal(text_of(expect(ann, "hello"), "protocol"), "tallyhost.chat.v1");
    th_json_value_t session = sign_in_with(ann, "good-ann", "");
    assert_string_equal(text_of(session, "user/name"), "Ann");
    assert_string_equal(text_of(session, "re"), "in");
    assert_false(flag_of(session, "resumed"));
    assert_int_equal(strlen(text_of(session, "resume")), 32);
    free_client(ann);
}

static void refuse(chat_room_t *room, const char *first, const char *code, unsigned close) {
    client_t *client = connect_client(room);
    say(client, first);
    expect_error(client, code);
    assert_int_equal(client->code, close);
    say(client, "{\"type\":\"tools\"}"); /* nothing is heard any more */
    assert_int_equal(client->seen, client->count);
    free_client(client);
}

static void test_refuses_strangers(void **state) {
    chat_room_t *room = *state;
    refuse(room, "{\"type\":\"tools\"}", "not_signed_in", 1008);
    refuse(room, "nonsense", "bad_json", 1008);
    refuse(room, "{\"type\":\"auth\",\"api_key\":5}", "bad_message", 1008);
    refuse(room, "{\"type\":\"auth\",\"api_key\":\"x\",\"admin\":true}", "bad_message", 1008);
    refuse(room, "{\"type\":\"auth\",\"api_key\":\"bad\",\"org_id\":\"org\"}", "bad_credential",
           1008);
    refuse(room, "{\"type\":\"auth\",\"api_key\":\"good-ann\"}", "no_org", 1008);
    refuse(room, "{\"type\":\"auth\",\"api_key\":\"good-ann\",\"org_id\":\"forbidden\"}",
           "forbidden", 1008);
    atomic_store(&room->fixture->down, true);
    refuse(room, "{\"type\":\"auth\",\"api_key\":\"good-zoe\",\"org_id\":\"org\"}", "unavailable",
           1013);
}

static void test_closes_when_nobody_signs_in(void **state) {
    chat_room_t *room = *state;
    room->fixture->settings.chat_auth_timeout = 100;
    client_t *client = connect_client(room);
    expect_error(client, "not_signed_in");
    assert_int_equal(client->code, 1008);
    free_client(client);
}

static void test_second_sign_in_is_refused(void **state) {
    client_t *ann = signed_in(*state, "good-ann");
    say(ann, "{\"type\":\"auth\",\"api_key\":\"good-bob\",\"org_id\":\"org\"}");
    expect_error(ann, "signed_in");
    assert_int_equal(ann->code, 0);
    free_client(ann);
}

static void test_too_many_messages(void **state) {
    chat_room_t *room = *state;
    client_t *ann = signed_in(room, "good-ann");
    for (unsigned i = 0; i < 2 * (unsigned)room->fixture->settings.chat_messages + 1; i++)
        say(ann, "{\"type\":\"settings\"}");
    expect_error(ann, "too_fast");
    assert_int_equal(ann->code, 1008);
    free_client(ann);
}

/* --- coming back ----------------------------------------------------------------------------- */

static void come_back(client_t *client, const char *key, const char *resume, int64_t after) {
    char more[128];
    (void)snprintf(more, sizeof more, ",\"resume\":\"%s\",\"after\":%" PRId64, resume, after);
    (void)sign_in_with(client, key, after < 0 ? "" : more);
}

static void test_resumes_in_the_middle_of_a_turn(void **state) {
    chat_room_t *room = *state;
    char key[33];
    client_t *ann = connect_client(room);
    (void)snprintf(key, sizeof key, "%s", text_of(sign_in_with(ann, "good-ann", ""), "resume"));
    ask(ann, "hello");
    model_says("One ");
    int64_t seen = number_of(expect(ann, "delta"), "seq");
    lose(ann);
    model_says("two "); /* nobody is there */
    client_t *again = connect_client(room);
    come_back(again, "good-ann", key, seen);
    model_says("three");
    model_ends(TH_STOP_END);
    assert_string_equal(text_of(expect(again, "delta"), "text"), "two ");
    assert_string_equal(text_of(expect(again, "delta"), "text"), "three");
    assert_string_equal(text_of(expect(again, "answer"), "text"), "One two three");
    /* The key opened once. */
    client_t *third = connect_client(room);
    come_back(third, "good-ann", key, seen);
    assert_false(flag_of(th_json_root(third->messages[1]), "resumed"));
    free_client(ann);
    free_client(again);
    free_client(third);
}

static void test_snapshot_when_too_much_was_missed(void **state) {
    chat_room_t *room = *state;
    char key[33];
    room->fixture->settings.chat_events_kept = 2;
    client_t *ann = connect_client(room);
    (void)snprintf(key, sizeof key, "%s", text_of(sign_in_with(ann, "good-ann", ""), "resume"));
    ask(ann, "hello");
    lose(ann);
    for (unsigned i = 0; i < 5; i++)
        model_says("word ");
    client_t *again = connect_client(room);
    come_back(again, "good-ann", key, 1);
    th_json_value_t session = th_json_root(again->messages[1]);
    assert_true(flag_of(session, "resumed"));
    assert_false(flag_of(session, "replayed"));
    th_json_value_t snapshot = th_json_member(session, "snapshot");
    assert_int_equal(th_json_count(snapshot), 2);
    assert_string_equal(text_of(snapshot, "0/text"), "hello");
    assert_string_equal(text_of(snapshot, "1/text"), "word word word word word ");
    free_client(ann);
    free_client(again);
}

static void test_nobody_resumes_somebody_elses(void **state) {
    chat_room_t *room = *state;
    char key[33];
    client_t *ann = connect_client(room);
    (void)snprintf(key, sizeof key, "%s", text_of(sign_in_with(ann, "good-ann", ""), "resume"));
    lose(ann);
    client_t *bob = connect_client(room);
    come_back(bob, "good-bob", key, 0);
    th_json_value_t session = th_json_root(bob->messages[1]);
    assert_false(flag_of(session, "resumed"));
    assert_string_equal(text_of(session, "user/name"), "Bob");
    client_t *again = connect_client(room); /* and the key still works for her */
    come_back(again, "good-ann", key, 0);
    assert_true(flag_of(th_json_root(again->messages[1]), "resumed"));
    free_client(ann);
    free_client(bob);
    free_client(again);
}

static void test_taken_over_while_the_old_connection_lives(void **state) {
    chat_room_t *room = *state;
    char key[33];
    client_t *old = connect_client(room);
    (void)snprintf(key, sizeof key, "%s", text_of(sign_in_with(old, "good-ann", ""), "resume"));
    client_t *fresh = connect_client(room);
    come_back(fresh, "good-ann", key, 0);
    assert_string_equal(text_of(expect(old, "expired"), "reason"), "replaced");
    assert_int_equal(old->code, 1000);
    free_client(old);
    ask(fresh, "still here"); /* the old one's end does not end the chat */
    model_ends(TH_STOP_END);
    (void)expect(fresh, "answer");
    free_client(fresh);
}

static void test_connections_share_when_they_ask_to(void **state) {
    chat_room_t *room = *state;
    client_t *first = signed_in(room, "good-ann");
    client_t *apart = signed_in(room, "good-ann");
    client_t *second = connect_client(room);
    th_json_value_t session = sign_in_with(second, "good-ann", ",\"join\":true");
    assert_true(flag_of(session, "resumed"));
    assert_int_equal(number_of(session, "connections"), 2); /* with the newest: <apart> */
    ask(apart, "hello");
    model_says("Hi");
    model_ends(TH_STOP_END);
    assert_string_equal(text_of(expect(second, "answer"), "text"), "Hi");
    assert_string_equal(text_of(expect(apart, "answer"), "text"), "Hi");
    assert_int_equal(count_of_type(first, "answer"), 0);
    free_client(first);
    free_client(apart);
    free_client(second);
}

static void test_bob_joins_nobody(void **state) {
    chat_room_t *room = *state;
    client_t *ann = signed_in(room, "good-ann");
    client_t *bob = connect_client(room);
    assert_false(flag_of(sign_in_with(bob, "good-bob", ",\"join\":true"), "resumed"));
    free_client(ann);
    free_client(bob);
}

/* --- the end --------------------------------------------------------------------------------- */

static void test_idle_ends_with_a_warning(void **state) {
    chat_room_t *room = *state;
    room->fixture->settings.session_idle = 1200;
    room->fixture->settings.chat_warning = 500;
    client_t *ann = signed_in(room, "good-ann");
    assert_string_equal(text_of(expect(ann, "expiring"), "reason"), "idle");
    assert_string_equal(text_of(expect(ann, "expired"), "reason"), "idle");
    assert_int_not_equal(ann->code, 0);
    free_client(ann);
}

static void test_life_ends_a_used_one(void **state) {
    chat_room_t *room = *state;
    room->fixture->settings.session_life = 600;
    room->fixture->settings.chat_warning = 300;
    client_t *ann = signed_in(room, "good-ann");
    assert_string_equal(text_of(expect(ann, "expiring"), "reason"), "life");
    assert_string_equal(text_of(expect(ann, "expired"), "reason"), "life");
    free_client(ann);
}

static void test_lost_ones_end_after_a_while(void **state) {
    chat_room_t *room = *state;
    room->fixture->settings.chat_resume = 100;
    client_t *ann = signed_in(room, "good-ann");
    ask(ann, "hello");
    lose(ann);
    assert_false(th_list_is_empty(&room->chat->conversations));
    while (!th_list_is_empty(&room->chat->conversations))
        pump(room->fixture);
    assert_int_equal(model.cancelled, 1); /* the model is told as well */
    free_client(ann);
}

static void test_sign_out_ends_all_and_leaves_no_key(void **state) {
    chat_room_t *room = *state;
    char *key = make_marker("good-ann-");
    client_t *ann = connect_client(room);
    client_t *other = connect_client(room);
    (void)sign_in_with(ann, key, "");
    (void)sign_in_with(other, key, ",\"join\":true");
    ask(ann, "look");
    model_calls("m1", "look", "{}");
    model_ends(TH_STOP_TOOLS);
    (void)expect(ann, "tool_result");
    say(ann, "{\"type\":\"sign_out\"}");
    assert_string_equal(text_of(expect(ann, "expired"), "reason"), "signed_out");
    assert_string_equal(text_of(expect(other, "expired"), "reason"), "signed_out");
    assert_int_equal(ann->code, 1000);
    while (!th_list_is_empty(&room->chat->ended))
        pump(room->fixture);
    assert_int_equal(copies_in_memory(key), 1);
    free_client(ann);
    free_client(other);
    free(key);
}

static void test_a_dead_credential_ends_the_chat(void **state) {
    chat_room_t *room = *state;
    client_t *ann = signed_in(room, "good-ann");
    atomic_store(&room->fixture->revoked, true);
    say(ann, "{\"type\":\"call\",\"id\":\"c\",\"tool\":\"slow\"}");
    atomic_store(&room->fixture->server->gate, true);
    assert_string_equal(text_of(expect(ann, "tool_result"), "code"), "unauthenticated");
    assert_string_equal(text_of(expect(ann, "expired"), "reason"), "credential");
    free_client(ann);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        chat_test(test_greets_and_signs_in),
        chat_test(test_refuses_strangers),
        chat_test(test_closes_when_nobody_signs_in),
        chat_test(test_second_sign_in_is_refused),
        chat_test(test_too_many_messages),
        chat_test(test_resumes_in_the_middle_of_a_turn),
        chat_test(test_snapshot_when_too_much_was_missed),
        chat_test(test_nobody_resumes_somebody_elses),
        chat_test(test_taken_over_while_the_old_connection_lives),
        chat_test(test_connections_share_when_they_ask_to),
        chat_test(test_bob_joins_nobody),
        chat_test(test_idle_ends_with_a_warning),
        chat_test(test_life_ends_a_used_one),
        chat_test(test_lost_ones_end_after_a_while),
        chat_test(test_sign_out_ends_all_and_leaves_no_key),
        chat_test(test_a_dead_credential_ends_the_chat),
    };
    th_error_t error;
    if (!th_random_start() || !th_fetch_global_start(&error)) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    th_fetch_global_stop();
    return failed;
}
