/* test_webhook.c - deliveries read: every shape Tallyfy sends, and what no one should send. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "chat/deliveries.h"
#include "chat/webhook.h"
#include "json/text.h"

static th_json_parser_t *parser;

static int open_parser(void **state) {
    (void)state;
    assert_int_equal(th_random_start(), 1);
    parser = th_json_parser_new();
    return parser ? 0 : -1;
}

static int close_parser(void **state) {
    (void)state;
    th_json_parser_free(parser);
    return 0;
}

static th_happening_t *read_for(const char *org, const char *body) {
    th_error_t error = {"", ""};
    th_happening_t *event = th_happening_read(parser, th_slice_of(org), th_slice_of(body), &error);
    if (!event) fail_msg("%s: %s", error.code, error.message);
    return event;
}

static const char *refusal(const char *org, const char *body) {
    static th_error_t error;
    error = (th_error_t){"", ""};
    assert_null(th_happening_read(parser, th_slice_of(org), th_slice_of(body), &error));
    return error.code;
}

static void assert_sentence(const th_happening_t *event, const char *expected) {
    char sentence[1024];
    th_happening_sentence(event, sentence, sizeof sentence);
    assert_string_equal(sentence, expected);
}

static void each_shape_is_told_apart(void **state) {
    (void)state;
    static const struct {
        const char *body, *event, *task, *process, *sentence;
    } cases[] = {
        {"{\"this_task\":{\"id\":\"t1\",\"title\":\"Call\",\"completed_at\":\"x\"},\"process\":"
         "{\"id\":\"p1\",\"name\":\"Jane\"},\"completer\":{\"full_name\":\"Ada\"}}",
         "task.completed", "t1", "p1", "Task completed: Call (Jane), by Ada."},
        {"{\"this_task\":{\"id\":\"t1\",\"title\":\"Call\"},\"process\":null,\"template\":null}",
         "task.completed", "t1", "", "Task completed: Call."},
        {"{\"id\":\"p1\",\"name\":\"Jane\",\"status\":\"active\",\"process-tasks\":{},"
         "\"launcher\":{\"full_name\":\"Bo\"}}",
         "process.launched", "", "p1", "Process launched: Jane, by Bo."},
        {"{\"id\":\"p1\",\"name\":\"Jane\",\"status\":\"complete\",\"process-tasks\":{}}",
         "process.completed", "", "p1", "Process completed: Jane."},
        {"{\"this_task\":{\"id\":\"t1\"},\"alias_name\":\"hook\"}", "rule.triggered", "t1", "",
         "Rule triggered."},
        {"{\"id\":\"p1\",\"process-tasks\":{},\"alias_name\":\"hook\"}", "rule.triggered", "", "p1",
         "Rule triggered."},
        {"{\"event\":\"task.assigned\",\"organization_id\":\"o1\",\"occurred_at\":\"now\",\"task\":"
         "{\"id\":\"t1\",\"title\":\"Call\",\"run_id\":\"p1\"}}",
         "task.assigned", "t1", "p1", "Task assigned: Call."},
        {"{\"event\":\"task.comment_added\",\"task\":{\"id\":\"t1\",\"run\":{\"data\":{\"id\":"
         "\"p1\",\"name\":\"Jane\"}},\"title\":\"Call\"}}",
         "task.comment_added", "t1", "p1", "New comment: Call (Jane)."},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        th_happening_t *event = read_for("o1", cases[i].body);
        assert_string_equal(event->event, cases[i].event);
        assert_string_equal(event->org_id, "o1");
        assert_string_equal(event->task.id, cases[i].task);
        assert_string_equal(event->process.id, cases[i].process);
        assert_sentence(event, cases[i].sentence);
        assert_int_equal(event->is_one_off, *cases[i].task && !*cases[i].process);
        th_happening_unref(event);
    }
}

static void the_organisation_must_be_clear(void **state) {
    (void)state;
    const char *named = "{\"event\":\"task.assigned\",\"organization_id\":\"o1\"}";
    const char *bare = "{\"event\":\"task.assigned\"}";
    th_happening_t *event = read_for("", named);
    assert_string_equal(event->org_id, "o1");
    th_happening_unref(event);
    assert_string_equal(refusal("o2", named), "other_org");
    assert_string_equal(refusal("", bare), "no_org");
    assert_string_equal(refusal("../o1", bare), "no_org");
    assert_string_equal(refusal("o 1", bare), "no_org");
    char longest[80];
    memset(longest, 'a', sizeof longest);
    longest[TH_HAPPENING_ID - 1] = '\0';
    th_happening_unref(read_for(longest, bare));
    longest[TH_HAPPENING_ID - 1] = 'a';
    longest[TH_HAPPENING_ID] = '\0';
    assert_string_equal(refusal(longest, bare), "no_org");
}

static void nonsense_is_refused(void **state) {
    (void)state;
    assert_string_equal(refusal("o1", ""), "bad_json");
    assert_string_equal(refusal("o1", "[]"), "bad_json");
    assert_string_equal(refusal("o1", "\"this_task\""), "bad_json");
    assert_string_equal(refusal("o1", "{}"), "unknown_event");
    assert_string_equal(refusal("o1", "{\"event\":\"moon.risen\",\"this_task\":{}}"),
                        "unknown_event");
    assert_string_equal(refusal("o1", "{\"this_task\":7}"), "unknown_event");
    char deep[300] = "{\"this_task\":";
    memset(deep + strlen(deep), '[', 100);
    assert_string_equal(refusal("o1", deep), "too_deep");
}

static void texts_are_cut_and_cleaned(void **state) {
    (void)state;
    char body[2048], longest[600];
    memset(longest, 'x', sizeof longest);
    longest[599] = '\0';
    memcpy(longest + 254, "\xC3\xA9", 2); /* a character across the end is left out whole */
    (void)snprintf(body, sizeof body,
                   "{\"this_task\":{\"id\":\"t/1\",\"title\":\"%s\"},\"process\":{\"id\":\"p1\","
                   "\"name\":\"a\\u202eb\\u0007c\\nd\\ud83d\\ude00\"}}",
                   longest);
    th_happening_t *event = read_for("o1", body);
    assert_string_equal(event->task.id, ""); /* no id that could be put into an address */
    assert_true(strlen(event->task.title) <= TH_HAPPENING_TEXT - 1);
    assert_true(th_json_utf8_valid(th_slice_of(event->task.title)));
    assert_string_equal(event->process.title, "abc d\xF0\x9F\x98\x80");
    th_happening_unref(event);
}

static bool same_key(const char *one, const char *other) {
    th_happening_t *first = read_for("o1", one), *second = read_for("o1", other);
    bool same = th_digest_equal(&first->key, &second->key);
    th_happening_unref(first);
    th_happening_unref(second);
    return same;
}

static void the_same_event_has_the_same_key(void **state) {
    (void)state;
    const char *legacy = "{\"this_task\":{\"id\":\"t1\",\"completed_at\":\"2026\"},\"x\":1}";
    const char *watcher =
        "{\"event\":\"task.completed\",\"task\":{\"id\":\"t1\",\"completed_at\":\"2026\"}}";
    assert_true(same_key(legacy, watcher)); /* told by the step's address and by a watcher */
    assert_false(same_key(legacy, "{\"this_task\":{\"id\":\"t2\",\"completed_at\":\"2026\"}}"));
    assert_false(same_key(legacy, "{\"this_task\":{\"id\":\"t1\",\"completed_at\":\"2027\"}}"));
    const char *comment = "{\"event\":\"task.comment_added\",\"task\":{\"id\":\"t1\"}}";
    assert_true(same_key(comment, comment));
    assert_false(
        same_key(comment, "{\"event\":\"task.comment_added\",\"task\":{\"id\":\"t1\"},\"a\":1}"));
}

static void handlers_get_it_whole(void **state) {
    (void)state;
    th_happening_t *event =
        read_for("o1", "{\"this_task\":{\"id\":\"t1\",\"title\":\"Call\"},\"deep\":[1,{\"a\":2}]}");
    th_json_document_t *document = th_happening_document(event, parser);
    assert_non_null(document);
    th_json_value_t root = th_json_root(document);
    th_slice_t text;
    assert_true(th_json_string(th_json_member(root, "event"), &text));
    assert_true(th_slice_is(text, "task.completed"));
    assert_true(th_json_string(th_json_member(root, "org"), &text));
    assert_true(th_slice_is(text, "o1"));
    th_json_value_t task = th_json_member(root, "task");
    assert_true(th_json_string(th_json_member(task, "title"), &text));
    assert_true(th_slice_is(text, "Call"));
    assert_true(th_json_is_array(th_json_member(th_json_member(root, "payload"), "deep")));
    th_json_unref(document);
    th_happening_unref(event);
}

static th_digest_t key_of(unsigned number) {
    const th_slice_t part = th_slice((const char *)&number, sizeof number);
    return th_hash_parts(NULL, &part, 1);
}

static void deliveries_are_remembered_up_to_a_limit(void **state) {
    (void)state;
    th_deliveries_t *deliveries = th_deliveries_new(100);
    for (unsigned i = 0; i < 100; i++) {
        th_digest_t key = key_of(i);
        assert_true(th_deliveries_add(deliveries, &key));
        assert_false(th_deliveries_add(deliveries, &key));
    }
    for (unsigned i = 100; i < 350; i++) {
        th_digest_t key = key_of(i), newest = key_of(i - 1), oldest = key_of(i - 99);
        assert_true(th_deliveries_add(deliveries, &key));
        assert_false(th_deliveries_add(deliveries, &newest));
        assert_false(th_deliveries_add(deliveries, &oldest));
    }
    th_digest_t forgotten = key_of(0);
    assert_true(th_deliveries_add(deliveries, &forgotten));
    th_deliveries_free(deliveries);
    th_deliveries_t *one = th_deliveries_new(1);
    th_digest_t first = key_of(1), second = key_of(2);
    assert_true(th_deliveries_add(one, &first));
    assert_false(th_deliveries_add(one, &first));
    assert_true(th_deliveries_add(one, &second));
    assert_true(th_deliveries_add(one, &first));
    th_deliveries_free(one);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_shape_is_told_apart),
        cmocka_unit_test(the_organisation_must_be_clear),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(texts_are_cut_and_cleaned),
        cmocka_unit_test(the_same_event_has_the_same_key),
        cmocka_unit_test(handlers_get_it_whole),
        cmocka_unit_test(deliveries_are_remembered_up_to_a_limit),
    };
    return cmocka_run_group_tests(tests, open_parser, close_parser);
}
