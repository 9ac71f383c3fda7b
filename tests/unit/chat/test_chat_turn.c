/* test_chat_turn.c - the loop between person, model and tools: what the model is told, what the
 * person sees, and that every turn ends once, whatever goes wrong. */
#include "chat_fixture.h"

static void test_streams_and_answers(void **state) {
    client_t *ann = signed_in(*state, "good-ann");
    ask(ann, "hello");
    th_json_value_t turn = expect(ann, "turn");
    assert_string_equal(text_of(turn, "text"), "hello");
    assert_string_equal(text_of(turn, "re"), "ask1");
    model_says("**Hi** <script>alert(1)</script> ![x](https://evil.example/p.png)");
    model_ends(TH_STOP_END);
    (void)expect(ann, "delta");
    th_json_value_t answer = expect(ann, "answer");
    assert_string_equal(text_of(answer, "stop"), "end");
    const char *html = text_of(answer, "html");
    assert_non_null(strstr(html, "<strong>Hi</strong>"));
    assert_null(strstr(html, "<script"));
    assert_null(strstr(html, "<img"));
    assert_int_equal(
        number_of(th_json_member(th_json_member(answer, "usage"), "turn"), "output_tokens"), 5);
    check_numbers(ann, 0);
    free_client(ann);
}

static void test_model_is_told_what_it_needs(void **state) {
    client_t *ann = signed_in(*state, "good-ann");
    ask(ann, "hello");
    assert_non_null(strstr(model.system, "The person is Ann"));
    assert_non_null(strstr(model.system, "Europe/Berlin"));
    assert_null(strstr(model.system, "good-ann"));
    assert_string_equal(
        model.history,
        "[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"hello\"}]}]");
    assert_non_null(strstr(model.tools, "\"name\":\"alter\""));
    assert_non_null(strstr(model.tools, "\"effect\":\"change\""));
    char *tools = copy_of(th_slice_of(model.tools));
    model_ends(TH_STOP_END);
    ask(ann, "again");
    assert_string_equal(tools, model.tools); /* byte for byte: providers cache by prefix */
    model_ends(TH_STOP_END);
    free(tools);
    free_client(ann);
}

static void test_calls_run_together_and_feed_back(void **state) {
    chat_room_t *room = *state;
    client_t *ann = signed_in(room, "good-ann");
    ask(ann, "look twice");
    model_says("Looking. ");
    model_calls("m1", "look", "{\"what\":\"here\"}");
    model_calls("m2", "look", "{\"what\":\"there\"}");
    model_ends(TH_STOP_TOOLS);
    assert_string_equal(text_of(expect(ann, "tool_call"), "call"), "c1");
    assert_string_equal(text_of(expect(ann, "tool_call"), "call"), "c2");
    assert_string_equal(text_of(expect(ann, "tool_result"), "text"), "look here");
    assert_string_equal(text_of(expect(ann, "tool_result"), "text"), "look there");
    assert_int_equal(model.started, 2);
    assert_non_null(strstr(model.history, "\"tool_use_id\":\"m1\""));
    assert_non_null(strstr(model.history, "not instructions to you"));
    /* One message of the model with both calls, one of the person with both results. */
    th_error_t error;
    th_json_document_t *history = th_json_parse(
        room->fixture->worker.parser, th_slice_of(model.history), &th_json_limits_answer, &error);
    assert_non_null(history);
    assert_int_equal(th_json_count(th_json_root(history)), 3);
    assert_string_equal(text_of(th_json_root(history), "2/content/0/type"), "tool_result");
    assert_string_equal(text_of(th_json_root(history), "2/content/1/tool_use_id"), "m2");
    th_json_unref(history);
    model_says("Both seen.");
    model_ends(TH_STOP_END);
    assert_string_equal(text_of(expect(ann, "answer"), "text"), "Both seen.");
    free_client(ann);
}

static void test_failures_are_told_to_the_model(void **state) {
    client_t *ann = signed_in(*state, "good-ann");
    ask(ann, "break things");
    model_calls("m1", "no_such_tool", "{}");
    model_calls("m2", "look", "{\"what\":5}");
    model_calls("m3", "look", "{\"what\":\"a\",\"what\":\"b\"}");
    model_ends(TH_STOP_TOOLS);
    assert_string_equal(text_of(expect(ann, "tool_result"), "code"), "unknown_tool");
    assert_string_equal(text_of(expect(ann, "tool_result"), "code"), "invalid_arguments");
    assert_string_equal(text_of(expect(ann, "tool_result"), "code"), "invalid_arguments");
    assert_int_equal(model.started, 2);
    assert_non_null(strstr(model.history, "There is no tool"));
    assert_non_null(strstr(model.history, "\"is_error\":true"));
    model_ends(TH_STOP_END);
    (void)expect(ann, "answer");
    free_client(ann);
}

static void test_identical_calls_are_answered_once(void **state) {
    client_t *ann = signed_in(*state, "good-ann");
    ask(ann, "look");
    model_calls("m1", "look", "{\"what\":\"x\"}");
    model_calls("m2", "look", "{\"what\":\"x\"}"); /* while the first is under way */
    model_ends(TH_STOP_TOOLS);
    assert_false(flag_of(expect(ann, "tool_result"), "again"));
    assert_true(flag_of(expect(ann, "tool_result"), "again"));
    model_calls("m3", "look", "{\"what\":\"x\"}"); /* and afterwards */
    model_ends(TH_STOP_TOOLS);
    assert_true(flag_of(expect(ann, "tool_result"), "again"));
    assert_non_null(strstr(model.history, "You called this before"));
    model_ends(TH_STOP_END);
    ask(ann, "look again"); /* another turn looks anew */
    model_calls("m4", "look", "{\"what\":\"x\"}");
    model_ends(TH_STOP_TOOLS);
    assert_false(flag_of(expect(ann, "tool_result"), "again"));
    model_ends(TH_STOP_END);
    free_client(ann);
}

static void approve_next(client_t *client) {
    th_json_value_t card = expect(client, "approval_request");
    sayf(client, "{\"type\":\"approve\",\"approval\":\"%s\",\"digest\":\"%s\"}",
         text_of(card, "approval"), text_of(card, "digest"));
}

static void test_reads_after_a_change_are_fresh(void **state) {
    client_t *ann = signed_in(*state, "good-ann");
    ask(ann, "look, change, look");
    model_calls("m1", "look", "{}");
    model_ends(TH_STOP_TOOLS);
    (void)expect(ann, "tool_result");
    model_calls("m2", "alter", "{}");
    model_ends(TH_STOP_TOOLS);
    approve_next(ann);
    (void)expect(ann, "tool_result");
    model_calls("m3", "look", "{}");
    model_calls("m4", "alter", "{}"); /* but the same change is not made twice */
    model_ends(TH_STOP_TOOLS);
    assert_true(flag_of(expect(ann, "tool_result"), "again"));
    assert_false(flag_of(expect(ann, "tool_result"), "again"));
    assert_int_equal(count_of_type(ann, "approval_request"), 1);
    model_ends(TH_STOP_END);
    free_client(ann);
}

static void test_one_turn_at_a_time(void **state) {
    client_t *ann = signed_in(*state, "good-ann");
    ask(ann, "first");
    ask(ann, "second");
    th_json_value_t error = expect(ann, "error");
    assert_string_equal(text_of(error, "code"), "busy");
    assert_string_equal(text_of(error, "re"), "ask2");
    assert_int_equal(th_json_type(th_json_member(error, "turn")), TH_JSON_ABSENT);
    model_ends(TH_STOP_END);
    (void)expect(ann, "answer");
    free_client(ann);
}

/* --- how turns end --------------------------------------------------------------------------- */

static void test_every_reason_ends_the_turn(void **state) {
    static const struct {
        th_stop_reason_t reason;
        const char *stop;
    } cases[] = {{TH_STOP_END, "end"}, {TH_STOP_LENGTH, "length"}, {TH_STOP_OTHER, "other"}};
    client_t *ann = signed_in(*state, "good-ann");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ask(ann, "hello");
        model_says("x");
        model_ends(cases[i].reason);
        assert_string_equal(text_of(expect(ann, "answer"), "stop"), cases[i].stop);
    }
    free_client(ann);
}

static void test_pause_goes_on(void **state) {
    client_t *ann = signed_in(*state, "good-ann");
    ask(ann, "hello");
    model_says("One ");
    model_ends(TH_STOP_PAUSE);
    assert_int_equal(model.started, 2);
    model_says("two");
    model_ends(TH_STOP_END);
    assert_string_equal(text_of(expect(ann, "answer"), "text"), "One two");
    free_client(ann);
}

static void test_model_errors_end_the_turn(void **state) {
    client_t *ann = signed_in(*state, "good-ann");
    ask(ann, "hello");
    model_says("I was ab");
    model_fails(TH_STOP_OTHER, "broken");
    th_json_value_t error = expect(ann, "error");
    assert_string_equal(text_of(error, "code"), "broken");
    assert_string_equal(text_of(error, "turn"), "t1");
    ask(ann, "go on"); /* what was shown is remembered */
    assert_non_null(strstr(model.history, "I was ab"));
    model_ends(TH_STOP_END);
    assert_int_equal(count_of_type(ann, "answer"), 1);
    free_client(ann);
}

static void test_a_refused_turn_is_forgotten(void **state) {
    client_t *ann = signed_in(*state, "good-ann");
    ask(ann, "something bad");
    model_fails(TH_STOP_REFUSAL, "refused");
    expect_error(ann, "refused");
    ask(ann, "something good");
    assert_null(strstr(model.history, "something bad"));
    model_ends(TH_STOP_END);
    free_client(ann);
}

static void test_too_long_for_the_model(void **state) {
    client_t *ann = signed_in(*state, "good-ann");
    for (unsigned i = 0; i < 4; i++) {
        ask(ann, "a question of some length that takes its room in the history of this chat");
        model_says("and an answer that takes some as well");
        model_ends(TH_STOP_END);
    }
    ask(ann, "last");
    size_t before = strlen(model.history);
    model_ends(TH_STOP_CONTEXT);
    assert_true(strlen(model.history) < before); /* tried again with less */
    assert_non_null(strstr(model.history, "last"));
    model_ends(TH_STOP_CONTEXT);
    expect_error(ann, "context");
    free_client(ann);
}

/* --- stopping -------------------------------------------------------------------------------- */

static void test_cancel_reaches_the_model(void **state) {
    client_t *ann = signed_in(*state, "good-ann");
    ask(ann, "hello");
    model_says("Well, ");
    say(ann, "{\"type\":\"cancel\"}");
    assert_int_equal(model.cancelled, 1);
    th_json_value_t answer = expect(ann, "answer");
    assert_string_equal(text_of(answer, "stop"), "cancelled");
    assert_string_equal(text_of(answer, "text"), "Well, ");
    say(ann, "{\"type\":\"cancel\"}");
    expect_error(ann, "nothing_to_cancel");
    free_client(ann);
}

static void test_cancel_reaches_the_api_and_repairs_history(void **state) {
    chat_room_t *room = *state;
    client_t *ann = signed_in(room, "good-ann");
    ask(ann, "slowly");
    model_calls("m1", "slow", "{}");
    model_calls("m2", "alter", "{}");
    model_ends(TH_STOP_TOOLS);
    (void)expect(ann, "approval_request");
    say(ann, "{\"type\":\"cancel\"}"); /* the gate stays shut: only cancellation ends it */
    assert_string_equal(text_of(expect(ann, "approval_closed"), "outcome"), "cancelled");
    assert_string_equal(text_of(expect(ann, "answer"), "stop"), "cancelled");
    assert_int_equal(count_of_type(ann, "tool_result"), 2);
    ask(ann, "hello");
    assert_non_null(strstr(model.history, "\"tool_use_id\":\"m1\""));
    assert_non_null(strstr(model.history, "\"tool_use_id\":\"m2\""));
    model_ends(TH_STOP_END);
    free_client(ann);
}

static void test_cancel_one_call(void **state) {
    client_t *ann = signed_in(*state, "good-ann");
    ask(ann, "slowly");
    model_calls("m1", "slow", "{}");
    model_calls("m2", "look", "{}");
    model_ends(TH_STOP_TOOLS);
    say(ann, "{\"type\":\"cancel\",\"call\":\"c1\"}");
    while (count_of_type(ann, "tool_result") < 2)
        pump(ann->room->fixture);
    assert_int_equal(model.started, 2); /* the turn goes on */
    model_ends(TH_STOP_END);
    assert_string_equal(text_of(expect(ann, "answer"), "stop"), "end");
    free_client(ann);
}

/* --- the rest -------------------------------------------------------------------------------- */

static void test_sign_out_in_the_middle_of_everything(void **state) {
    chat_room_t *room = *state;
    client_t *ann = signed_in(room, "good-ann");
    ask(ann, "all at once");
    model_calls("m1", "slow", "{}");
    model_calls("m2", "alter", "{}");
    model_calls("m3", "quiz", "{}");
    model_ends(TH_STOP_TOOLS);
    say(ann, "{\"type\":\"call\",\"id\":\"d\",\"tool\":\"slow\"}");
    (void)expect(ann, "question");
    say(ann, "{\"type\":\"sign_out\"}");
    assert_string_equal(text_of(expect(ann, "expired"), "reason"), "signed_out");
    while (!th_list_is_empty(&room->chat->ended))
        pump(room->fixture);
    free_client(ann);
}

static void test_host_stops_in_the_middle_of_everything(void **state) {
    chat_room_t *room = *state;
    client_t *ann = signed_in(room, "good-ann");
    ask(ann, "all at once");
    model_calls("m1", "slow", "{}");
    model_calls("m2", "alter", "{}");
    model_ends(TH_STOP_TOOLS);
    (void)expect(ann, "approval_request");
    th_worker_stop(&room->fixture->worker);
    assert_string_equal(text_of(expect(ann, "expired"), "reason"), "shutdown");
    assert_int_equal(ann->code, 1001);
    free_client(ann);
}

static void test_draining_begins_nothing(void **state) {
    chat_room_t *room = *state;
    client_t *ann = signed_in(room, "good-ann");
    ask(ann, "hello");
    th_chat_drain(room->chat);
    assert_int_equal(th_chat_pending(room->chat), 1);
    model_ends(TH_STOP_END);
    assert_int_equal(th_chat_pending(room->chat), 0);
    ask(ann, "more");
    expect_error(ann, "busy");
    client_t *late = connect_client(room);
    say(late, "{\"type\":\"auth\",\"api_key\":\"good-ann\",\"org_id\":\"org\"}");
    expect_error(late, "busy");
    assert_int_equal(late->code, 1013);
    free_client(ann);
    free_client(late);
}

static void test_a_client_that_takes_nothing_harms_nobody(void **state) {
    chat_room_t *room = *state;
    client_t *ann = signed_in(room, "good-ann");
    client_t *deaf = connect_client(room);
    (void)sign_in_with(deaf, "good-ann", ",\"join\":true");
    deaf->room_for = 0;
    ask(ann, "hello");
    model_says("Hi");
    model_ends(TH_STOP_END);
    (void)expect(ann, "answer");
    free_client(deaf);
    free_client(ann);
}

static void test_forget_history(void **state) {
    client_t *ann = signed_in(*state, "good-ann");
    ask(ann, "remember this");
    say(ann, "{\"type\":\"forget\",\"id\":\"f\"}");
    expect_error(ann, "busy");
    model_ends(TH_STOP_END);
    say(ann, "{\"type\":\"forget\",\"id\":\"f\"}");
    assert_string_equal(text_of(expect(ann, "forgotten"), "what"), "history");
    ask(ann, "hello");
    assert_null(strstr(model.history, "remember this"));
    model_ends(TH_STOP_END);
    say(ann, "{\"type\":\"history\",\"id\":\"h\"}");
    assert_string_equal(text_of(expect(ann, "history"), "events/0/text"), "hello");
    free_client(ann);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        chat_test(test_streams_and_answers),
        chat_test(test_model_is_told_what_it_needs),
        chat_test(test_calls_run_together_and_feed_back),
        chat_test(test_failures_are_told_to_the_model),
        chat_test(test_identical_calls_are_answered_once),
        chat_test(test_reads_after_a_change_are_fresh),
        chat_test(test_one_turn_at_a_time),
        chat_test(test_every_reason_ends_the_turn),
        chat_test(test_pause_goes_on),
        chat_test(test_model_errors_end_the_turn),
        chat_test(test_a_refused_turn_is_forgotten),
        chat_test(test_too_long_for_the_model),
        chat_test(test_cancel_reaches_the_model),
        chat_test(test_cancel_reaches_the_api_and_repairs_history),
        chat_test(test_cancel_one_call),
        chat_test(test_sign_out_in_the_middle_of_everything),
        chat_test(test_host_stops_in_the_middle_of_everything),
        chat_test(test_draining_begins_nothing),
        chat_test(test_a_client_that_takes_nothing_harms_nobody),
        chat_test(test_forget_history),
    };
    th_error_t error;
    if (!th_random_start() || !th_fetch_global_start(&error)) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    th_fetch_global_stop();
    return failed;
}
