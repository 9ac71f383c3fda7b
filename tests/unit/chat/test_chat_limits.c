/* test_chat_limits.c - how far a turn goes before the person is asked, and what tools ask. */
#include "chat_fixture.h"

/* --- limits ---------------------------------------------------------------------------------- */

static void answer_question(client_t *client, const char *action) {
    th_json_value_t question = expect(client, "question");
    sayf(client, "{\"type\":\"reply\",\"question\":\"%s\",\"action\":\"%s\"}",
         text_of(question, "question"), action);
    assert_string_equal(text_of(question, "kind"), "continue");
}

static void test_rounds_are_limited(void **state) {
    chat_room_t *room = *state;
    room->fixture->settings.chat_rounds = 1;
    client_t *ann = signed_in(room, "good-ann");
    ask(ann, "look");
    model_calls("m1", "look", "{}");
    model_ends(TH_STOP_TOOLS);
    answer_question(ann, "accept");
    assert_int_equal(model.started, 2);
    model_calls("m2", "look", "{\"what\":\"more\"}");
    model_ends(TH_STOP_TOOLS);
    answer_question(ann, "decline");
    assert_int_equal(model.started, 2);
    assert_string_equal(text_of(expect(ann, "answer"), "stop"), "limit");
    free_client(ann);
}

static void test_calls_are_limited_before_they_run(void **state) {
    chat_room_t *room = *state;
    room->fixture->settings.chat_calls = 1;
    client_t *ann = signed_in(room, "good-ann");
    ask(ann, "look");
    model_calls("m1", "look", "{}");
    model_calls("m2", "look", "{\"what\":\"more\"}");
    model_ends(TH_STOP_TOOLS);
    answer_question(ann, "decline");
    assert_string_equal(text_of(expect(ann, "answer"), "stop"), "limit");
    assert_int_equal(count_of_type(ann, "tool_call"), 0);
    ask(ann, "hello"); /* both calls have a result in the history */
    assert_non_null(strstr(model.history, "\"tool_use_id\":\"m1\""));
    assert_non_null(strstr(model.history, "\"tool_use_id\":\"m2\""));
    model_ends(TH_STOP_END);
    free_client(ann);
}

static void test_tokens_are_limited(void **state) {
    chat_room_t *room = *state;
    room->fixture->settings.chat_tokens_per_turn = 18; /* one answer of the scripted model */
    room->fixture->settings.chat_tokens_per_person = 30;
    client_t *ann = signed_in(room, "good-ann");
    ask(ann, "look");
    model_calls("m1", "look", "{}");
    model_ends(TH_STOP_TOOLS);
    answer_question(ann, "accept");
    model_ends(TH_STOP_END);
    (void)expect(ann, "answer");
    ask(ann, "more");
    expect_error(ann, "budget");
    client_t *again = signed_in(room, "good-ann"); /* it is the person's, not the session's */
    ask(again, "more");
    expect_error(again, "budget");
    client_t *bob = signed_in(room, "good-bob");
    ask(bob, "hello");
    model_ends(TH_STOP_END);
    (void)expect(bob, "answer");
    free_client(ann);
    free_client(again);
    free_client(bob);
}

static void test_continue_question_expires(void **state) {
    chat_room_t *room = *state;
    room->fixture->settings.chat_rounds = 1;
    room->fixture->settings.chat_approval_life = 100;
    client_t *ann = signed_in(room, "good-ann");
    ask(ann, "look");
    model_calls("m1", "look", "{}");
    model_ends(TH_STOP_TOOLS);
    assert_string_equal(text_of(expect(ann, "question_closed"), "outcome"), "expired");
    assert_string_equal(text_of(expect(ann, "answer"), "stop"), "limit");
    free_client(ann);
}

/* --- questions of tools ---------------------------------------------------------------------- */

static void test_a_tool_asks_the_person(void **state) {
    client_t *ann = signed_in(*state, "good-ann");
    say(ann, "{\"type\":\"call\",\"id\":\"d\",\"tool\":\"quiz\"}");
    th_json_value_t question = expect(ann, "question");
    assert_string_equal(text_of(question, "kind"), "form");
    assert_string_equal(text_of(question, "message"), "Which colour?");
    const char *id = text_of(question, "question");
    sayf(ann, "{\"type\":\"reply\",\"question\":\"%s\",\"action\":\"accept\",\"content\":{}}", id);
    expect_error(ann, "invalid_answer");
    say(ann, "{\"type\":\"reply\",\"question\":\"q99\",\"action\":\"cancel\"}");
    expect_error(ann, "unknown_question");
    sayf(ann,
         "{\"type\":\"reply\",\"question\":\"%s\",\"action\":\"accept\","
         "\"content\":{\"colour\":\"red\"}}",
         id);
    assert_string_equal(text_of(expect(ann, "tool_result"), "text"), "colour red");
    free_client(ann);
}

static void test_a_question_can_be_declined_or_outlived(void **state) {
    client_t *ann = signed_in(*state, "good-ann");
    say(ann, "{\"type\":\"call\",\"id\":\"d\",\"tool\":\"quiz\"}");
    sayf(ann, "{\"type\":\"reply\",\"question\":\"%s\",\"action\":\"decline\"}",
         text_of(expect(ann, "question"), "question"));
    assert_false(flag_of(expect(ann, "tool_result"), "ok"));
    say(ann, "{\"type\":\"call\",\"id\":\"e\",\"tool\":\"quiz\"}");
    (void)expect(ann, "question");
    say(ann, "{\"type\":\"cancel\",\"call\":\"c2\"}");
    (void)expect(ann, "question_closed");
    assert_string_equal(text_of(expect(ann, "tool_result"), "code"), "cancelled");
    free_client(ann);
}

/* A chat lends no model and no folders: a tool can do without, or says that it cannot. */
static void test_tools_that_ask_for_more_than_a_chat_has(void **state) {
    chat_room_t *room = *state;
    tool_folder_write(&room->fixture->folder, "wordy.lua",
                      "tool \"wordy\" { title = \"W\"; about = \"W\"; effect = \"read\";\n"
                      "run = function (_, call)\n"
                      "local said, why = call.sample { prompt = \"A word\", max_tokens = 10 }\n"
                      "local folders, err = call.roots {}\n"
                      "assert(not said and not folders and not call.can_ask \"sample\")\n"
                      "assert(not call.can_ask \"roots\" and call.can_ask \"form\")\n"
                      "return \"without: \" .. why.code .. \" \" .. err.code end }");
    tool_folder_write(&room->fixture->folder, "needy.lua",
                      "tool \"needy\" { title = \"N\"; about = \"N\"; effect = \"remove\";\n"
                      "needs = { \"sampling\" }; run = function () return \"no\" end }");
    tool_folder_write(&room->fixture->folder, "needy_too.lua",
                      "tool \"needy_too\" { title = \"N\"; about = \"N\"; effect = \"read\";\n"
                      "needs = { \"roots\" }; run = function () return \"no\" end }");
    reload_tools(room);
    client_t *ann = signed_in(room, "good-ann");
    say(ann, "{\"type\":\"call\",\"id\":\"d\",\"tool\":\"wordy\"}");
    assert_string_equal(text_of(expect(ann, "tool_result"), "text"),
                        "without: cannot_ask cannot_ask");
    say(ann, "{\"type\":\"call\",\"id\":\"e\",\"tool\":\"needy\"}");
    assert_string_equal(text_of(expect(ann, "tool_result"), "code"), "cannot_ask");
    say(ann, "{\"type\":\"call\",\"id\":\"f\",\"tool\":\"needy_too\"}");
    assert_string_equal(text_of(expect(ann, "tool_result"), "code"), "cannot_ask");
    assert_int_equal(count_of_type(ann, "approval_request"), 0);
    free_client(ann);
}

/* A list that is too long for a message is said to be so; it does not end the connection. */
static void test_a_list_of_tools_that_does_not_fit(void **state) {
    chat_room_t *room = *state;
    client_t *ann = signed_in(room, "good-ann");
    room->fixture->settings.websocket_unsent_bytes = 1024;
    say(ann, "{\"type\":\"tools\",\"id\":\"t\"}");
    expect_error(ann, "too_large");
    room->fixture->settings.websocket_unsent_bytes = 1 << 20;
    say(ann, "{\"type\":\"tools\",\"id\":\"t\"}");
    assert_true(th_json_count(th_json_member(expect(ann, "tools"), "tools")) > 5);
    free_client(ann);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        chat_test(test_a_list_of_tools_that_does_not_fit),
        chat_test(test_tools_that_ask_for_more_than_a_chat_has),
        chat_test(test_rounds_are_limited),
        chat_test(test_calls_are_limited_before_they_run),
        chat_test(test_tokens_are_limited),
        chat_test(test_continue_question_expires),
        chat_test(test_a_tool_asks_the_person),
        chat_test(test_a_question_can_be_declined_or_outlived),
    };
    th_error_t error;
    if (!th_random_start() || !th_fetch_global_start(&error)) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    th_fetch_global_stop();
    return failed;
}
