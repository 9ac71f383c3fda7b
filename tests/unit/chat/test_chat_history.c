/* test_chat_history.c - what the model is told stays consistent, however turns end and however much
 * is left out. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/history.h"

static th_json_parser_t *parser;

static th_json_document_t *written(const th_history_t *history) {
    th_buffer_t text;
    th_json_writer_t json;
    th_error_t error = {{0}, {0}};
    th_buffer_init(&text, 1 << 24);
    th_json_writer_init(&json, &text, 0);
    th_history_write(history, &json);
    assert_true(th_json_writer_finish(&json, &error));
    th_json_document_t *document =
        th_json_parse(parser, th_buffer_slice(&text), &th_json_limits_answer, &error);
    if (!document) fail_msg("%s", error.message);
    th_buffer_reset(&text);
    return document;
}

static th_slice_t member(th_json_value_t value, const char *name) {
    th_slice_t text = {NULL, 0};
    (void)th_json_string(th_json_member(value, name), &text);
    return text;
}

/* Every call has exactly one result, in the very next message, in front of other blocks; no result
 * is without its call; roles alternate. */
static void check_consistent(const th_history_t *history) {
    th_json_document_t *document = written(history);
    th_json_value_t root = th_json_root(document), before = th_json_absent();
    th_json_iterator_t messages = th_json_iterate(root);
    while (th_json_next(&messages)) {
        th_json_value_t content = th_json_member(messages.value, "content");
        assert_true(th_json_count(content) > 0);
        assert_false(th_slice_equal(member(messages.value, "role"), member(before, "role")));
        size_t asked = 0, answered = 0;
        bool text = false;
        th_json_iterator_t blocks = th_json_iterate(th_json_member(before, "content"));
        while (th_json_next(&blocks))
            if (th_slice_is(member(blocks.value, "type"), "tool_use")) asked++;
        blocks = th_json_iterate(content);
        while (th_json_next(&blocks)) {
            bool result = th_slice_is(member(blocks.value, "type"), "tool_result");
            assert_false(result && text);
            if (!result) text = true;
            if (result) answered++;
        }
        assert_int_equal(asked, answered);
        before = messages.value;
    }
    th_json_iterator_t last = th_json_iterate(th_json_member(before, "content"));
    while (th_json_next(&last))
        assert_false(th_slice_is(member(last.value, "type"), "tool_use"));
    th_json_unref(document);
}

static void add_turn(th_history_t *history, unsigned turn, unsigned calls, size_t bytes,
                     unsigned results) {
    char content[2048] = "[", *text = malloc(bytes + 1);
    memset(text, 'x', bytes);
    assert_true(th_history_add_person(history, turn, TH_SLICE("question")));
    for (unsigned i = 0; i < calls; i++) {
        char block[96];
        (void)snprintf(block, sizeof block,
                       "%s{\"type\":\"tool_use\",\"id\":\"t%uc%u\",\"name\":\"n\",\"input\":{}}",
                       i ? "," : "", turn, i);
        strcat(content, block);
    }
    strcat(content, "]");
    if (calls) assert_true(th_history_add_model(history, turn, th_slice_of(content)));
    for (unsigned i = 0; i < results; i++) {
        char id[24];
        (void)snprintf(id, sizeof id, "t%uc%u", turn, i);
        th_history_result_t result = {.call = th_slice_of(id), .text = th_slice(text, bytes)};
        assert_true(th_history_add_result(history, turn, &result));
    }
    free(text);
}

static void answer(th_history_t *history, unsigned turn) {
    assert_true(
        th_history_add_model(history, turn, TH_SLICE("[{\"type\":\"text\",\"text\":\"answer\"}]")));
}

static void test_repair_answers_what_was_cancelled(void **state) {
    (void)state;
    th_history_t history;
    th_history_init(&history);
    add_turn(&history, 1, 3, 10, 1);
    assert_true(th_history_repair(&history, parser, "stopped"));
    check_consistent(&history);
    add_turn(&history, 2, 0, 0, 0); /* the next question joins the results' message */
    check_consistent(&history);
    th_history_clear(&history);
    assert_int_equal(history.bytes, 0);
}

static void test_repair_of_nothing(void **state) {
    (void)state;
    th_history_t history;
    th_history_init(&history);
    assert_true(th_history_repair(&history, parser, "stopped"));
    add_turn(&history, 1, 2, 10, 2);
    size_t bytes = history.bytes;
    assert_true(th_history_repair(&history, parser, "stopped"));
    assert_int_equal(history.bytes, bytes);
    th_history_clear(&history);
}

static void test_repair_drops_what_it_cannot_read(void **state) {
    (void)state;
    th_history_t history;
    th_history_init(&history);
    assert_true(th_history_add_person(&history, 1, TH_SLICE("question")));
    assert_true(th_history_add_model(&history, 1, TH_SLICE("[{\"type\":\"tool_use\"")));
    assert_false(th_history_repair(&history, parser, "stopped"));
    check_consistent(&history);
    th_history_clear(&history);
}

static void test_compaction_never_separates(void **state) {
    (void)state;
    for (size_t most = 1000; most < 60000; most += 1700) {
        th_history_t history;
        th_history_init(&history);
        for (unsigned turn = 1; turn <= 8; turn++) {
            add_turn(&history, turn, 3, 2000, 3);
            answer(&history, turn);
        }
        add_turn(&history, 9, 3, 2000, 3);
        th_history_compact(&history, most);
        check_consistent(&history);
        th_json_document_t *document = written(&history);
        assert_true(th_json_count(th_json_root(document)) >= 3); /* the newest turn is there */
        th_json_unref(document);
        th_history_clear(&history);
    }
}

static void test_compaction_takes_the_oldest_first(void **state) {
    (void)state;
    th_history_t history;
    th_history_init(&history);
    for (unsigned turn = 1; turn <= 4; turn++) {
        add_turn(&history, turn, 1, 3000, 1);
        answer(&history, turn);
    }
    size_t before = history.bytes;
    th_history_compact(&history, before);
    assert_int_equal(history.bytes, before); /* it fits: nothing is touched */
    th_history_compact(&history, before - 1);
    assert_true(history.bytes <= before / 2 + 1000);
    th_json_document_t *document = written(&history);
    size_t count = th_json_count(th_json_root(document));
    th_json_value_t last = th_json_at(th_json_root(document), count - 2);
    th_slice_t text = member(th_json_at(th_json_member(last, "content"), 0), "text");
    assert_int_equal(text.length, 3000); /* the newest result is whole */
    th_json_unref(document);
    th_history_clear(&history);
}

static void test_one_huge_turn_is_shortened_too(void **state) {
    (void)state;
    th_history_t history;
    th_history_init(&history);
    assert_true(th_history_add_person(&history, 1, TH_SLICE("question")));
    for (unsigned round = 0; round < 20; round++) {
        char content[128], id[16], text[2001];
        (void)snprintf(id, sizeof id, "r%u", round);
        (void)snprintf(content, sizeof content,
                       "[{\"type\":\"tool_use\",\"id\":\"%s\",\"name\":\"n\",\"input\":{}}]", id);
        memset(text, 'y', sizeof text);
        assert_true(th_history_add_model(&history, 1, th_slice_of(content)));
        th_history_result_t result = {.call = th_slice_of(id), .text = th_slice(text, 2000)};
        assert_true(th_history_add_result(&history, 1, &result));
    }
    th_history_compact(&history, 20000);
    assert_true(history.bytes < 20000);
    check_consistent(&history);
    th_history_clear(&history);
}

static void test_dropping_a_turn(void **state) {
    (void)state;
    th_history_t history;
    th_history_init(&history);
    add_turn(&history, 1, 1, 10, 1);
    answer(&history, 1);
    add_turn(&history, 2, 1, 10, 0);
    th_history_drop_turn(&history, 2);
    check_consistent(&history);
    th_history_drop_turn(&history, 1);
    assert_int_equal(history.bytes, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_repair_answers_what_was_cancelled),
        cmocka_unit_test(test_repair_of_nothing),
        cmocka_unit_test(test_repair_drops_what_it_cannot_read),
        cmocka_unit_test(test_compaction_never_separates),
        cmocka_unit_test(test_compaction_takes_the_oldest_first),
        cmocka_unit_test(test_one_huge_turn_is_shortened_too),
        cmocka_unit_test(test_dropping_a_turn),
    };
    parser = th_json_parser_new();
    if (!parser) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    th_json_parser_free(parser);
    return failed;
}
