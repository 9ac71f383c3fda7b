/* test_mcp_request_state.c - requestState: what it is bound to, and that nothing else opens it. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "mcp/cursor.h"
#include "mcp/request_state.h"

static const unsigned char key[32] = "0123456789abcdef0123456789abcde";
static const unsigned char other_key[32] = "0123456789abcdef0123456789abcdX";

typedef struct fixture {
    th_json_parser_t *parser;
    th_json_document_t *arguments;
    th_state_binding_t binding;
    th_buffer_t sealed;
} fixture_t;

static th_json_document_t *parse(th_json_parser_t *parser, const char *text) {
    th_json_document_t *document =
        th_json_parse(parser, th_slice_of(text), &th_json_limits_request, NULL);
    assert_non_null(document);
    return document;
}

static int set_up(void **state) {
    fixture_t *f = calloc(1, sizeof *f);
    th_random_start();
    f->parser = th_json_parser_new();
    f->arguments = parse(f->parser, "{\"a\":1,\"b\":[true,{\"c\":\"x\"}]}");
    f->binding = (th_state_binding_t){.key = key,
                                      .principal = TH_SLICE("ann"),
                                      .method = TH_SLICE("tools/call"),
                                      .name = TH_SLICE("lamps_off"),
                                      .arguments = th_json_root(f->arguments)};
    th_buffer_init(&f->sealed, TH_REQUEST_STATE_MAX);
    assert_true(th_request_state_seal(&f->binding, 1000, TH_SLICE("[\"sure\"]"),
                                      TH_SLICE("{\"first\":{\"action\":\"accept\"}}"),
                                      TH_SLICE("held-7"), &f->sealed));
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    fixture_t *f = *state;
    th_buffer_reset(&f->sealed);
    th_json_unref(f->arguments);
    th_json_parser_free(f->parser);
    free(f);
    return 0;
}

static bool opens(fixture_t *f, const th_state_binding_t *binding, th_slice_t text, int64_t now,
                  const char **problem) {
    th_request_state_t opened;
    bool good = th_request_state_open(binding, f->parser, text, now, &opened, problem);
    th_json_unref(opened.document);
    return good;
}

static void what_was_sealed_comes_back(void **state) {
    fixture_t *f = *state;
    th_request_state_t opened;
    const char *problem;
    th_slice_t text;
    assert_true(th_request_state_open(&f->binding, f->parser, th_buffer_slice(&f->sealed), 999,
                                      &opened, &problem));
    assert_true(th_slice_is(opened.held, "held-7"));
    assert_true(th_json_string(th_json_at(opened.asked, 0), &text) && th_slice_is(text, "sure"));
    assert_true(
        th_json_string(th_json_member(th_json_member(opened.answers, "first"), "action"), &text));
    th_json_unref(opened.document);
    for (size_t i = 0; i < f->sealed.length; i++) /* goes into JSON and headers as it is */
        assert_non_null(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.",
                               f->sealed.data[i]));
}

static void arguments_count_by_meaning(void **state) {
    static const struct {
        const char *text;
        bool same;
    } rows[] = {
        {"{\"b\":[true,{\"c\":\"x\"}],\"a\":1.0}", true},
        {"{ \"a\" : 1, \"b\" : [ true , { \"c\" : \"\\u0078\" } ] }", true},
        {"{\"a\":2,\"b\":[true,{\"c\":\"x\"}]}", false},
        {"{\"a\":1,\"b\":[{\"c\":\"x\"},true]}", false},
        {"{\"a\":1,\"b\":[true,{\"c\":\"x\"}],\"d\":null}", false},
        {"{\"a\":\"1\",\"b\":[true,{\"c\":\"x\"}]}", false},
        {"{}", false},
    };
    fixture_t *f = *state;
    const char *problem;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        th_json_document_t *document = parse(f->parser, rows[i].text);
        th_state_binding_t binding = f->binding;
        binding.arguments = th_json_root(document);
        if (opens(f, &binding, th_buffer_slice(&f->sealed), 1, &problem) != rows[i].same)
            fail_msg("%s", rows[i].text);
        th_json_unref(document);
    }
}

static void it_is_bound(void **state) {
    fixture_t *f = *state;
    th_state_binding_t bindings[4] = {f->binding, f->binding, f->binding, f->binding};
    const char *problem;
    bindings[0].key = other_key;
    bindings[1].principal = TH_SLICE("bob");
    bindings[2].method = TH_SLICE("prompts/get");
    bindings[3].name = TH_SLICE("lamps_on");
    for (size_t i = 0; i < 4; i++) {
        assert_false(opens(f, &bindings[i], th_buffer_slice(&f->sealed), 1, &problem));
        assert_non_null(strstr(problem, "not given out"));
    }
    assert_false(opens(f, &f->binding, th_buffer_slice(&f->sealed), 1000, &problem));
    assert_non_null(strstr(problem, "too old"));
}

/* Every single change of every byte, every cut, and anything behind it. */
static void no_change_survives(void **state) {
    fixture_t *f = *state;
    const char *problem;
    for (size_t i = 0; i < f->sealed.length; i++) {
        char was = f->sealed.data[i];
        f->sealed.data[i] = was == 'A' ? 'B' : 'A';
        if (opens(f, &f->binding, th_buffer_slice(&f->sealed), 1, &problem))
            fail_msg("byte %zu of %zu", i, f->sealed.length);
        f->sealed.data[i] = was;
        assert_false(opens(f, &f->binding, th_slice(f->sealed.data, i), 1, &problem));
    }
    static const char *const tails[] = {"-TAMPERED", "A", ".", "=", "\n", " "};
    size_t length = f->sealed.length;
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        th_buffer_add_text(&f->sealed, tails[i]);
        assert_false(opens(f, &f->binding, th_buffer_slice(&f->sealed), 1, &problem));
        f->sealed.length = length;
    }
    assert_false(opens(f, &f->binding, TH_SLICE(""), 1, &problem));
    assert_false(opens(f, &f->binding, TH_SLICE("v1.."), 1, &problem));
}

static void no_arguments_and_empty_ones_are_the_same(void **state) {
    fixture_t *f = *state;
    th_json_document_t *empty = parse(f->parser, "{}");
    th_buffer_t sealed;
    const char *problem;
    f->binding.arguments = th_json_absent();
    th_buffer_init(&sealed, TH_REQUEST_STATE_MAX);
    assert_true(th_request_state_seal(&f->binding, 1000, TH_SLICE("[]"), TH_SLICE("{}"),
                                      TH_SLICE(""), &sealed));
    f->binding.arguments = th_json_root(empty);
    assert_true(opens(f, &f->binding, th_buffer_slice(&sealed), 1, &problem));
    th_buffer_reset(&sealed);
    th_json_unref(empty);
}

static void cursors_read_back_and_nothing_else_does(void **state) {
    static const char *const bad[] = {"", "MTA", "abc", "dDE", "=", "dDEuMQ==", "dDEuMQ "};
    th_cursor_t cursor = {'t', 0xfedcba9876543210, 123456}, read;
    char text[TH_CURSOR_SIZE];
    (void)state;
    th_cursor_write(&cursor, text);
    assert_true(th_cursor_read(th_slice_of(text), &read));
    assert_int_equal(read.list, 't');
    assert_true(read.generation == cursor.generation);
    assert_int_equal(read.place, 123456);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (th_cursor_read(th_slice_of(bad[i]), &read)) fail_msg("%s", bad[i]);
    strcat(text, "A");
    assert_false(th_cursor_read(th_slice_of(text), &read));
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(what_was_sealed_comes_back),
        CASE(arguments_count_by_meaning),
        CASE(it_is_bound),
        CASE(no_change_survives),
        CASE(no_arguments_and_empty_ones_are_the_same),
        CASE(cursors_read_back_and_nothing_else_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
