/* test_chat_relay.c - a chat whose socket is on one worker and whose home is another: what is said
 * arrives, nothing grows without bound, and either half may go first. Both loops run on this
 * thread. */
#include "chat/chat_fixture.h"

#include "cli/chat_relay.h"

typedef struct relay_room {
    chat_room_t *room; /* the home */
    th_worker_t worker;
    th_settings_t settings;
    th_chat_sockets_t origin, home, *peers[2];
    client_t client; /* only what came */
    th_chat_relay_t *relay;
} relay_room_t;

static const th_chat_relay_client_t relay_client = {client_send, client_end};

static int open_relay(void **state) {
    relay_room_t *all = calloc(1, sizeof *all);
    th_error_t error = {{0}, {0}};
    assert_non_null(all);
    open_chat((void **)&all->room);
    all->settings = all->room->fixture->settings;
    assert_true(th_worker_open(&all->worker, 1, &all->settings, NULL, &error));
    all->peers[0] = &all->home;
    all->peers[1] = &all->origin;
    all->room->fixture->worker.count = all->worker.count = 2;
    th_chat_sockets_open(&all->home, &all->room->fixture->worker, all->room->chat, all->peers);
    th_chat_sockets_open(&all->origin, &all->worker, NULL, all->peers);
    all->origin.chat = all->room->chat; /* stands for another: what is told there counts twice */
    all->client = (client_t){.room = all->room, .room_for = SIZE_MAX};
    all->relay = th_chat_relay_open(&all->origin, &all->home, &relay_client, &all->client);
    assert_non_null(all->relay);
    *state = all;
    return 0;
}

static void leave(relay_room_t *all) {
    if (all->relay) th_chat_relay_leave(all->relay);
    all->relay = NULL;
}

static void run_both(relay_room_t *all) {
    (void)uv_run(&all->worker.loop, UV_RUN_NOWAIT);
    pump(all->room->fixture);
}

static int close_relay(void **state) {
    relay_room_t *all = *state;
    th_worker_t *home = &all->room->fixture->worker;
    th_worker_stop(&all->worker);
    th_worker_run(&all->worker);
    leave(all); /* as a socket that closes while its worker stops */
    th_worker_stop(home);
    th_worker_run(home);
    th_chat_sockets_close(&all->origin);
    th_chat_sockets_close(&all->home);
    th_worker_close(&all->worker);
    for (size_t i = 0; i < all->client.count; i++)
        th_json_unref(all->client.messages[i]);
    chat_room_t *room = all->room;
    free(all);
    *state = room;
    return close_chat(state);
}

static th_json_value_t expect_relayed(relay_room_t *all, const char *type) {
    client_t *client = &all->client;
    for (;; run_both(all))
        while (client->seen < client->count) {
            th_json_value_t message = th_json_root(client->messages[client->seen++]);
            if (is_type(message, type)) return message;
        }
}

static bool say_relayed(relay_room_t *all, const char *text) {
    return th_chat_relay_receive(all->relay, th_slice_of(text));
}

static void sign_in_relayed(relay_room_t *all) {
    assert_true(
        say_relayed(all, "{\"type\":\"auth\",\"api_key\":\"good-ann\",\"org_id\":\"org\"}"));
    (void)expect_relayed(all, "session");
}

static void test_a_turn_over_a_relay(void **state) {
    relay_room_t *all = *state;
    sign_in_relayed(all);
    assert_true(say_relayed(all, "{\"type\":\"ask\",\"id\":\"a\",\"text\":\"hello\"}"));
    (void)expect_relayed(all, "turn");
    model_says("Hi");
    (void)expect_relayed(all, "delta");
    model_ends(TH_STOP_END);
    assert_string_equal(text_of(expect_relayed(all, "answer"), "text"), "Hi");
    check_numbers(&all->client, 0);
}

static void test_the_socket_goes_in_the_middle_of_a_turn(void **state) {
    relay_room_t *all = *state;
    sign_in_relayed(all);
    assert_true(say_relayed(all, "{\"type\":\"ask\",\"id\":\"a\",\"text\":\"hello\"}"));
    (void)expect_relayed(all, "turn");
    size_t heard = all->client.count;
    leave(all);
    while (!th_list_is_empty(&all->room->chat->connections))
        run_both(all);
    model_says("Hi"); /* the turn runs on; nobody hears */
    model_ends(TH_STOP_END);
    run_both(all);
    assert_int_equal(all->client.count, heard);
}

static void test_the_home_goes_first(void **state) {
    relay_room_t *all = *state;
    sign_in_relayed(all);
    th_worker_stop(&all->room->fixture->worker);
    while (!all->client.code)
        (void)uv_run(&all->worker.loop, UV_RUN_NOWAIT);
    assert_int_equal(all->client.code, 1001);
}

/* Nobody reads at home: what waits is bounded, also when each message is empty. */
static void test_what_is_under_way_is_bounded(void **state) {
    relay_room_t *all = *state;
    all->settings.websocket_message_bytes = 4096;
    unsigned taken = 0;
    while (taken < 100000 && say_relayed(all, ""))
        taken++;
    assert_in_range(taken, 1, 4 * 4096 / sizeof(th_letter_t));
}

/* A person's tokens count on all workers: they may come back with another key, to another home. */
static void test_what_is_used_is_told_to_the_others(void **state) {
    relay_room_t *all = *state;
    sign_in_relayed(all);
    assert_true(say_relayed(all, "{\"type\":\"ask\",\"id\":\"a\",\"text\":\"hello\"}"));
    (void)expect_relayed(all, "turn");
    th_chat_t *chat = all->room->chat;
    const th_conversation_t *ann = TH_CONTAINER(chat->conversations.next, th_conversation_t, link);
    const char *principal = th_grant_principal(ann->grant);
    model_ends(TH_STOP_END); /* 18 tokens */
    (void)expect_relayed(all, "answer");
    while (th_budget_spent(&chat->budget, principal, th_chat_now(chat), UINT64_MAX) < 36)
        run_both(all);
    all->room->fixture->settings.chat_tokens_per_person = 30;
    assert_true(say_relayed(all, "{\"type\":\"ask\",\"id\":\"b\",\"text\":\"more\"}"));
    assert_string_equal(text_of(expect_relayed(all, "error"), "code"), "budget");
}

#define relay_test(function) cmocka_unit_test_setup_teardown(function, open_relay, close_relay)

int main(void) {
    const struct CMUnitTest tests[] = {
        relay_test(test_a_turn_over_a_relay),
        relay_test(test_the_socket_goes_in_the_middle_of_a_turn),
        relay_test(test_the_home_goes_first),
        relay_test(test_what_is_used_is_told_to_the_others),
        relay_test(test_what_is_under_way_is_bounded),
    };
    th_error_t error;
    if (!th_random_start() || !th_fetch_global_start(&error)) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    th_fetch_global_stop();
    return failed;
}
