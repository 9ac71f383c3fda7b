/* Documents: what is read, what is refused and with which words, and equality. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/random.h"
#include "check.h"
#include "memory_search.h"
#include "json/document.h"

static th_json_parser_t *parser;

static int make_parser(void **state) {
    (void)state;
    parser = th_json_parser_new();
    return parser ? 0 : -1;
}

static int free_parser(void **state) {
    (void)state;
    th_json_parser_free(parser);
    return 0;
}

static th_json_document_t *parse(const char *text) {
    th_error_t error;
    th_error_clear(&error);
    th_json_document_t *document =
        th_json_parse(parser, th_slice_of(text), &th_json_limits_request, &error);
    if (!document) fail_msg("%s: %s", text, error.message);
    return document;
}

static th_json_document_t *parse_answer(const char *text) {
    return th_json_parse(parser, th_slice_of(text), &th_json_limits_answer, NULL);
}

static void assert_slice(th_slice_t slice, const char *text, size_t length) {
    assert_int_equal(slice.length, length);
    assert_memory_equal(slice.data, text, length);
}

/* <text> is refused with <code>, and the message holds <words>. */
static void assert_refused_bytes(th_slice_t text, const th_json_limits_t *limits, const char *code,
                                 const char *words) {
    th_error_t error;
    th_error_clear(&error);
    th_json_document_t *document = th_json_parse(parser, text, limits, &error);
    if (document) fail_msg("accepted: %.*s", (int)text.length, text.data);
    if (strcmp(error.code, code) != 0 || !strstr(error.message, words))
        fail_msg("%.60s: got %s: %s; wanted %s: %s", text.data, error.code, error.message, code,
                 words);
}

static void assert_refused(const char *text, const char *code, const char *words) {
    assert_refused_bytes(th_slice_of(text), &th_json_limits_request, code, words);
}

static char *repeat(const char *piece, size_t times, const char *tail) {
    th_buffer_t buffer;
    th_buffer_init(&buffer, 64 << 20);
    for (size_t i = 0; i < times; i++)
        assert_true(th_buffer_add_text(&buffer, piece));
    assert_true(th_buffer_add_text(&buffer, tail));
    size_t length;
    return th_buffer_take(&buffer, &length);
}

static void reads_every_kind(void **state) {
    (void)state;
    th_json_document_t *document = parse(
        " {\"n\":null,\"t\":true,\"f\":false,\"i\":-42,\"u\":18446744073709551615,"
        "\"r\":1.5,\"s\":\"x\\u0000y\\u00e9\\ud83d\\ude00\",\"a\":[1,[2],{}],\"o\":{\"\":[]}} ");
    th_json_value_t root = th_json_root(document);
    assert_int_equal(th_json_type(root), TH_JSON_OBJECT);
    assert_int_equal(th_json_count(root), 9);
    assert_int_equal(th_json_type(th_json_member(root, "n")), TH_JSON_NULL);
    bool truth = false;
    assert_true(th_json_boolean(th_json_member(root, "t"), &truth) && truth);
    assert_true(th_json_boolean(th_json_member(root, "f"), &truth) && !truth);
    int64_t integer;
    assert_true(th_json_integer(th_json_member(root, "i"), &integer));
    assert_int_equal(integer, -42);
    assert_int_equal(th_json_type(th_json_member(root, "u")), TH_JSON_UNSIGNED);
    assert_false(th_json_integer(th_json_member(root, "u"), &integer));
    double real;
    assert_true(th_json_number(th_json_member(root, "u"), &real) && real == 18446744073709551615.0);
    assert_true(th_json_number(th_json_member(root, "r"), &real) && real == 1.5);
    th_slice_t text;
    assert_true(th_json_string(th_json_member(root, "s"), &text));
    assert_slice(text, "x\0y\xc3\xa9\xf0\x9f\x98\x80", 9);
    th_json_value_t array = th_json_member(root, "a");
    assert_int_equal(th_json_count(array), 3);
    assert_int_equal(th_json_type(th_json_at(array, 1)), TH_JSON_ARRAY);
    assert_int_equal(th_json_type(th_json_at(array, 2)), TH_JSON_OBJECT);
    assert_int_equal(th_json_type(th_json_at(array, 3)), TH_JSON_ABSENT);
    assert_true(th_json_is_array(th_json_member(th_json_member(root, "o"), "")));
    th_json_unref(document);
}

static void top_level_scalars_are_fine(void **state) {
    (void)state;
    static const struct {
        const char *text;
        th_json_type_t type;
    } cases[] = {{"null", TH_JSON_NULL}, {" true\n", TH_JSON_TRUE},  {"false", TH_JSON_FALSE},
                 {"7", TH_JSON_INTEGER}, {"7.0", TH_JSON_REAL},      {"\"\"", TH_JSON_STRING},
                 {"[]", TH_JSON_ARRAY},  {"\t{ }\r", TH_JSON_OBJECT}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        th_json_document_t *document = parse(cases[i].text);
        assert_int_equal(th_json_type(th_json_root(document)), cases[i].type);
        th_json_unref(document);
    }
}

static void wrong_questions_get_no_answer(void **state) {
    (void)state;
    th_json_document_t *document = parse("{\"a\":[1],\"s\":\"x\"}");
    th_json_value_t root = th_json_root(document), absent = th_json_member(root, "none");
    int64_t integer;
    double real;
    bool truth;
    th_slice_t text;
    assert_int_equal(th_json_type(absent), TH_JSON_ABSENT);
    assert_int_equal(th_json_type(th_json_root(NULL)), TH_JSON_ABSENT);
    assert_int_equal(th_json_type(th_json_member(absent, "x")), TH_JSON_ABSENT);
    assert_int_equal(th_json_type(th_json_at(root, 0)), TH_JSON_ABSENT);
    assert_int_equal(th_json_type(th_json_member(th_json_member(root, "a"), "a")), TH_JSON_ABSENT);
    assert_int_equal(th_json_count(absent), 0);
    assert_int_equal(th_json_count(th_json_member(root, "s")), 0);
    assert_false(th_json_integer(absent, &integer) || th_json_number(root, &real) ||
                 th_json_boolean(root, &truth) || th_json_string(absent, &text));
    th_json_iterator_t none = th_json_iterate(th_json_member(root, "s"));
    assert_false(th_json_next(&none));
    none = th_json_iterate(absent);
    assert_false(th_json_next(&none));
    th_json_unref(document);
    th_json_unref(NULL);
}

static void integers_are_exact(void **state) {
    (void)state;
    th_json_document_t *document = parse("[9223372036854775807,-9223372036854775808,-0,3.0,3.5,"
                                         "9007199254740992.0,9007199254740994.0,1e2,-0.0]");
    th_json_value_t root = th_json_root(document);
    int64_t integer;
    assert_true(th_json_integer(th_json_at(root, 0), &integer) && integer == INT64_MAX);
    assert_true(th_json_integer(th_json_at(root, 1), &integer) && integer == INT64_MIN);
    assert_true(th_json_integer(th_json_at(root, 2), &integer) && integer == 0);
    assert_true(th_json_integer(th_json_at(root, 3), &integer) && integer == 3);
    assert_false(th_json_integer(th_json_at(root, 4), &integer));
    assert_true(th_json_integer(th_json_at(root, 5), &integer) && integer == 9007199254740992);
    assert_false(th_json_integer(th_json_at(root, 6), &integer));
    assert_true(th_json_integer(th_json_at(root, 7), &integer) && integer == 100);
    double real;
    assert_true(th_json_number(th_json_at(root, 8), &real) && real == 0 && signbit(real));
    th_json_unref(document);
}

static void iterates_in_document_order(void **state) {
    (void)state;
    th_json_document_t *document = parse("{\"z\":1,\"a\":{\"x\":[1,2]},\"m\":2.5,\"k\":\"s\"}");
    static const char keys[] = "zamk";
    th_json_iterator_t members = th_json_iterate(th_json_root(document));
    size_t i = 0;
    while (th_json_next(&members))
        assert_slice(members.key, &keys[i++], 1);
    assert_int_equal(i, 4);
    assert_false(th_json_next(&members));
    th_json_iterator_t elements =
        th_json_iterate(th_json_member(th_json_member(th_json_root(document), "a"), "x"));
    int64_t sum = 0, one;
    while (th_json_next(&elements) && th_json_integer(elements.value, &one))
        sum = sum * 10 + one;
    assert_int_equal(sum, 12);
    th_json_unref(document);
}

static void malformed_text_is_refused_with_its_place(void **state) {
    (void)state;
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"", "the text is empty"},
        {"  ", "line 1, column 3: the text ends where a value should be"},
        {"{\"a\":1,\n \"b\" 2}", "line 2, column 6: a ':' should be here"},
        {"{\"a\":1 \"b\":2}", "line 1, column 8: a ',' or '}' should be here"},
        {"[1,2", "line 1, column 5: the text ends inside an array"},
        {"{\"a\":{", "line 1, column 7: a key in double quotes"},
        {"{\"a\":1", "the text ends inside an object"},
        {"[1,]", "line 1, column 4: a value should be here"},
        {"{\"a\":1,}", "column 8: a key in double quotes should be here"},
        {"{a:1}", "a key in double quotes"},
        {"['x']", "strings need double quotes"},
        {"[1] 2", "line 1, column 5: nothing may follow the value"},
        {"[1]]", "nothing may follow"},
        {"[1}", "a ',' or ']' should be here"},
        {"tru", "unknown word"},
        {"nulL", "unknown word"},
        {"NaN", "a value should be here"},
        {"Infinity", "a value should be here"},
        {"// c\n1", "a value should be here"},
        {"\xef\xbb\xbf{}", "without a BOM"},
        {"\"abc", "line 1, column 1: a string is not closed"},
        {"[\"abc\\", "a string is not closed"},
        {"\"a\tb\"", "column 3: a control character in a string"},
        {"\"a\\x\"", "unknown escape"},
        {"\"\\u12g4\"", "four hexadecimal digits"},
        {"\"\\ud800\"", "half a surrogate pair"},
        {"\"\\udc00\"", "half a surrogate pair"},
        {"\"\\ud800\\u0041\"", "half a surrogate pair"},
        {"\"\\ud800\\ud800\"", "half a surrogate pair"},
        {"01", "superfluous 0"},
        {"-", "a digit behind its sign"},
        {"+1", "a value should be here"},
        {".5", "a value should be here"},
        {"1.", "a digit behind its point"},
        {"1e", "a digit in its exponent"},
        {"[1e400]", "column 2: number out of range"},
        {"-1e309", "number out of range"},
        {"18446744073709551616", "number out of range"},
        {"[-9223372036854775809]", "column 2: number out of range"},
        {"123456789012345678901234567890", "number out of range"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_refused(cases[i].text, "bad_json", cases[i].words);
}

static void bad_utf8_is_refused(void **state) {
    (void)state;
    static const char *const cases[] = {
        "\"\xff\"",
        "\"\xc0\xaf\"",
        "\"\xc3\"",
        "\"\xe2\x82\"",
        "\"\xed\xa0\x80\"",
        "\"\xe0\x80\x80\"",
        "\"\xf4\x90\x80\x80\"",
        "\"\x80\"",
        "\"\xf8\x88\x80\x80\x80\"",
        "{\"k\xff\":1}",
        "\"\xf0\x80\x80\x80\"",
        "\"\xc1\x81\"",
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_refused(cases[i], "bad_json", "not valid UTF-8");
}

static void raw_nul_is_refused(void **state) {
    (void)state;
    assert_refused_bytes(th_slice("\"a\0b\"", 5), &th_json_limits_request, "bad_json",
                         "control character");
    assert_refused_bytes(th_slice("1\0", 2), &th_json_limits_request, "bad_json", "column 2");
    assert_refused_bytes(th_slice("\"\\\0\"", 4), &th_json_limits_request, "bad_json",
                         "unknown escape");
}

/* Every prefix of a valid text that is not valid itself must be refused, and end the reading in
 * bounds. */
static void truncated_text_is_refused(void **state) {
    (void)state;
    const char *text = "{\"a\":[1,-2.5e3,true,null,\"x\\u00e9\\n\"],\"b\":{\"c\":\"\xc3\xa9\"}}";
    for (size_t length = 0; length < strlen(text); length++) {
        /* An exact copy, so that ASan sees a read past the end. */
        char *copy = malloc(length + 1);
        memcpy(copy, text, length);
        char *exact = realloc(copy, length ? length : 1);
        assert_refused_bytes(th_slice(exact, length), &th_json_limits_request, "bad_json", "");
        free(exact);
    }
}

static void depth_is_limited(void **state) {
    (void)state;
    char *open = repeat("[", 64, "");
    char *good = repeat("]", 64, "");
    char text[256];
    (void)snprintf(text, sizeof text, "%s%s", open, good);
    th_json_unref(parse(text));
    (void)snprintf(text, sizeof text, "[\n%s%s]", open, good);
    assert_refused(text, "too_deep", "line 2, column 64: nested deeper than the 64 levels");
    free(open);
    free(good);
    char *deep = repeat("{\"a\":", 60000, "");
    assert_refused(deep, "too_deep", "64 levels");
    free(deep);
    /* More than simdjson is prepared for, complete. */
    char *begin = repeat("[", 5000, ""), *whole = repeat("]", 5000, "");
    th_buffer_t buffer;
    th_buffer_init(&buffer, 20000);
    assert_true(th_buffer_add_text(&buffer, begin) && th_buffer_add_text(&buffer, whole));
    th_json_limits_t limits = {.bytes = 20000, .depth = 1000000, .nodes = 1000000};
    assert_refused_bytes(th_buffer_slice(&buffer), &limits, "too_deep", "1024 levels");
    th_buffer_reset(&buffer);
    free(begin);
    free(whole);
}

static void a_thousand_levels_work_where_allowed(void **state) {
    (void)state;
    th_buffer_t buffer;
    th_buffer_init(&buffer, 20000);
    for (int i = 0; i < 1024; i++)
        assert_true(th_buffer_add_byte(&buffer, '['));
    for (int i = 0; i < 1024; i++)
        assert_true(th_buffer_add_byte(&buffer, ']'));
    th_json_limits_t limits = {.bytes = 20000, .depth = 1024, .nodes = 2000};
    th_json_document_t *document = th_json_parse(parser, th_buffer_slice(&buffer), &limits, NULL);
    assert_non_null(document);
    th_json_document_t *other = th_json_parse(parser, th_buffer_slice(&buffer), &limits, NULL);
    assert_true(th_json_equal(th_json_root(document), th_json_root(other)));
    th_json_unref(document);
    th_json_unref(other);
    th_buffer_reset(&buffer);
}

static void bytes_and_nodes_are_limited(void **state) {
    (void)state;
    th_json_limits_t limits = {.bytes = 10, .depth = 3, .nodes = 4};
    assert_refused_bytes(TH_SLICE("[1,2,3,4,5]"), &limits, "too_large", "11 bytes; at most 10");
    assert_refused_bytes(TH_SLICE("[1,2,3,4]"), &limits, "too_large", "at most 4");
    limits.bytes = 100;
    assert_refused_bytes(TH_SLICE("{\"a\":1,\"b\":2}"), &limits, "too_large", "at most 4");
    limits.nodes = 10;
    assert_refused_bytes(TH_SLICE("[[[[1]]]]"), &limits, "too_deep", "3 levels");
    th_json_document_t *document = th_json_parse(parser, TH_SLICE("[1,2,3]"), &limits, NULL);
    assert_non_null(document);
    th_json_unref(document);
    char *many = repeat("[],", 100001, "[]]");
    many[0] = '[';
    many[1] = ' '; /* "[ ,": malformed on purpose in its first element only */
    assert_refused(many, "bad_json", "a value should be here");
    many[1] = '1';
    assert_refused(many, "too_large", "100000");
    free(many);
}

static void duplicates_are_refused_in_requests(void **state) {
    (void)state;
    assert_refused("{\"a\":1,\"b\":2,\"a\":3}", "duplicate_key", "\"a\" occurs twice");
    assert_refused("[{\"x\":{\"k\":1,\"k\":1}}]", "duplicate_key", "\"k\" occurs twice");
    assert_refused("{\"\":1,\"\":2}", "duplicate_key", "\"\" occurs twice");
    assert_refused("{\"a\":1,\"\\u0061\":2}", "duplicate_key", "\"a\" occurs twice");
    th_json_unref(parse("{\"a\":{\"a\":{\"a\":1}},\"A\":1,\"a\\u0000\":2}"));
}

/* Objects with many members are checked another way: same answers. */
static void duplicates_in_large_objects(void **state) {
    (void)state;
    th_buffer_t buffer;
    th_buffer_init(&buffer, 1 << 20);
    assert_true(th_buffer_add_text(&buffer, "{\"first\":0"));
    for (int i = 0; i < 40000; i++)
        assert_true(th_buffer_add_format(&buffer, ",\"key%d\":%d", i, i));
    size_t length = buffer.length;
    assert_true(th_buffer_add_text(&buffer, "}"));
    th_json_document_t *document =
        th_json_parse(parser, th_buffer_slice(&buffer), &th_json_limits_request, NULL);
    assert_non_null(document);
    int64_t last;
    assert_true(th_json_integer(th_json_member(th_json_root(document), "key39999"), &last));
    assert_int_equal(last, 39999);
    th_json_unref(document);
    buffer.length = length;
    assert_true(th_buffer_add_text(&buffer, ",\"first\":1}"));
    assert_refused_bytes(th_buffer_slice(&buffer), &th_json_limits_request, "duplicate_key",
                         "\"first\" occurs twice");
    th_buffer_reset(&buffer);
}

static void long_keys_are_cut_in_messages(void **state) {
    (void)state;
    char *key = repeat("\xc3\xa9", 200, "");
    th_buffer_t buffer;
    th_buffer_init(&buffer, 4096);
    assert_true(th_buffer_add_format(&buffer, "{\"x%s\":1,\"x%s\":2}", key, key));
    th_error_t error;
    assert_null(th_json_parse(parser, th_buffer_slice(&buffer), &th_json_limits_request, &error));
    assert_string_equal(error.code, "duplicate_key");
    /* 99 bytes: an x and 49 whole characters, not half a 50th */
    assert_non_null(strstr(error.message, "\xc3\xa9\" occurs twice"));
    assert_true(strlen(error.message) < 200);
    free(key);
    th_buffer_reset(&buffer);
}

static void the_last_duplicate_wins_in_answers(void **state) {
    (void)state;
    th_json_document_t *document = parse_answer("{\"a\":1,\"b\":2,\"a\":{\"c\":3}}");
    assert_non_null(document);
    assert_true(th_json_is_object(th_json_member(th_json_root(document), "a")));
    th_json_unref(document);
}

static void errors_may_be_ignored_and_never_quote_values(void **state) {
    (void)state;
    assert_null(th_json_parse(parser, TH_SLICE("[1"), &th_json_limits_request, NULL));
    th_error_t error;
    assert_null(th_json_parse(parser, TH_SLICE("{\"api_key\":\"hunter2\" x}"),
                              &th_json_limits_request, &error));
    assert_null(strstr(error.message, "hunter2"));
}

static void equality_is_by_value(void **state) {
    (void)state;
    static const struct {
        const char *a, *b;
        bool equal;
    } cases[] = {
        {"1", "1.0", true},
        {"1", "2", false},
        {"0", "-0.0", true},
        {"1", "\"1\"", false},
        {"true", "1", false},
        {"null", "false", false},
        {"18446744073709551615", "18446744073709551615", true},
        {"18446744073709551615", "1.8446744073709552e19", false},
        {"9223372036854775808", "9223372036854775808.0", true},
        {"9007199254740993", "9007199254740992.0", false},
        {"9223372036854775807", "9223372036854775808.0", false},
        {"9223372036854775807", "9223372036854775808", false},
        {"-9223372036854775808", "-9223372036854775808.0", true},
        {"\"a\\u0062\"", "\"ab\"", true},
        {"\"a\\u0000\"", "\"a\"", false},
        {"[1,2]", "[1,2]", true},
        {"[1,2]", "[2,1]", false},
        {"[1,2]", "[1,2,3]", false},
        {"[]", "{}", false},
        {"{\"a\":1,\"b\":[{}]}", "{\"b\":[{}],\"a\":1.0}", true},
        {"{\"a\":1}", "{\"a\":1,\"b\":2}", false},
        {"{\"a\":1,\"b\":2}", "{\"a\":1,\"c\":2}", false},
        {"{\"a\":null}", "{}", false},
        {"{}", "{}", true},
        {"{\"a\":{\"x\":1,\"y\":2}}", "{\"a\":{\"y\":2,\"x\":1}}", true},
        {"{\"a\":1,\"a\":2}", "{\"a\":2}", true},
        {"{\"a\":1,\"a\":2}", "{\"a\":3,\"a\":2}", true},
        {"{\"a\":1,\"a\":2}", "{\"a\":1}", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        th_json_document_t *a = parse_answer(cases[i].a), *b = parse_answer(cases[i].b);
        assert_non_null(a);
        assert_non_null(b);
        if (th_json_equal(th_json_root(a), th_json_root(b)) != cases[i].equal ||
            th_json_equal(th_json_root(b), th_json_root(a)) != cases[i].equal)
            fail_msg("%s and %s", cases[i].a, cases[i].b);
        th_json_unref(a);
        th_json_unref(b);
    }
    assert_true(th_json_equal(th_json_absent(), th_json_absent()));
}

/* Nested objects in different order: each level may be looked at once only, or this never ends. */
static void equality_of_nested_objects_is_not_exponential(void **state) {
    (void)state;
    th_buffer_t one, two;
    th_buffer_init(&one, 1 << 16);
    th_buffer_init(&two, 1 << 16);
    for (int i = 0; i < 60; i++) {
        assert_true(th_buffer_add_text(&one, "{\"a\":1,\"b\":"));
        assert_true(th_buffer_add_text(&two, "{\"b\":"));
    }
    assert_true(th_buffer_add_text(&one, "1") && th_buffer_add_text(&two, "2"));
    for (int i = 0; i < 60; i++) {
        assert_true(th_buffer_add_text(&one, "}"));
        assert_true(th_buffer_add_text(&two, ",\"a\":1}"));
    }
    th_json_document_t *a =
        th_json_parse(parser, th_buffer_slice(&one), &th_json_limits_answer, NULL);
    th_json_document_t *b =
        th_json_parse(parser, th_buffer_slice(&two), &th_json_limits_answer, NULL);
    assert_false(th_json_equal(th_json_root(a), th_json_root(b)));
    th_json_unref(a);
    th_json_unref(b);
    th_buffer_reset(&one);
    th_buffer_reset(&two);
}

static void a_document_outlives_parser_and_text(void **state) {
    (void)state;
    th_json_parser_t *own = th_json_parser_new();
    char text[] = "{\"name\":\"Ann\"}";
    th_json_document_t *document =
        th_json_parse(own, th_slice_of(text), &th_json_limits_request, NULL);
    memset(text, 'x', sizeof text);
    /* Larger, so that the scratch memory moves; and then gone. */
    char *large = repeat("[1],", 100000, "1]");
    large[0] = '[';
    large[1] = '2';
    large[2] = ' ';
    th_json_document_t *other =
        th_json_parse(own, th_slice_of(large), &th_json_limits_answer, NULL);
    assert_non_null(other);
    free(large);
    th_json_parser_free(own);
    th_slice_t name;
    assert_true(th_json_string(th_json_member(th_json_root(document), "name"), &name));
    assert_slice(name, "Ann", 3);
    assert_int_equal(th_json_count(th_json_root(other)), 100001);
    assert_ptr_equal(th_json_ref(document), document);
    th_json_unref(document);
    assert_int_equal(th_json_count(th_json_root(document)), 1);
    th_json_unref(document);
    th_json_unref(other);
}

/* A document holds what it needs, not simdjson's ten times of it. */
static void size_follows_content(void **state) {
    (void)state;
    th_json_document_t *small = parse("[]");
    assert_true(th_json_document_size(small) <= 96);
    char *text = repeat("a", 10000, "\"");
    text[0] = '"';
    th_json_document_t *large = parse(text);
    assert_in_range(th_json_document_size(large), 10000, 10200);
    free(text);
    th_json_unref(small);
    th_json_unref(large);
}

/* What a client sends may hold its credential: nothing of it stays, whether it was JSON or not. */
static void requests_leave_no_copy(void **state) {
    (void)state;
    th_json_parser_t *own = th_json_parser_new();
    char *secret = make_marker("key-");
    char text[200];
    for (int complete = 0; complete < 2; complete++) {
        int length =
            snprintf(text, sizeof text, "{\"api_key\":\"%s\"%s", secret, complete ? "}" : "");
        th_json_document_t *document =
            th_json_parse(own, th_slice(text, (size_t)length), &th_json_limits_request, NULL);
        assert_int_equal(document != NULL, complete);
        explicit_bzero(text, sizeof text);
        if (document) assert_int_equal(copies_in_memory(secret), 2); /* ours and the document's */
        th_json_unref(document);
        assert_int_equal(copies_in_memory(secret), 1);
    }
    free(secret);
    th_json_parser_free(own);
}

static void *read_and_release(void *arg) {
    th_json_document_t *document = arg;
    for (int i = 0; i < 2000; i++) {
        th_json_document_t *mine = th_json_ref(document);
        int64_t value;
        if (!th_json_integer(th_json_member(th_json_root(mine), "n"), &value) || value != 7)
            return mine;
        th_json_unref(mine);
    }
    th_json_unref(document);
    return NULL;
}

static void several_threads_share_a_document(void **state) {
    (void)state;
    th_json_document_t *document = parse("{\"m\":[],\"n\":7}");
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_and_release, th_json_ref(document)),
                         0);
    th_json_unref(document);
    for (int i = 0; i < 4; i++) {
        void *failed;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_kind),
        cmocka_unit_test(top_level_scalars_are_fine),
        cmocka_unit_test(wrong_questions_get_no_answer),
        cmocka_unit_test(integers_are_exact),
        cmocka_unit_test(iterates_in_document_order),
        cmocka_unit_test(malformed_text_is_refused_with_its_place),
        cmocka_unit_test(bad_utf8_is_refused),
        cmocka_unit_test(raw_nul_is_refused),
        cmocka_unit_test(truncated_text_is_refused),
        cmocka_unit_test(depth_is_limited),
        cmocka_unit_test(a_thousand_levels_work_where_allowed),
        cmocka_unit_test(bytes_and_nodes_are_limited),
        cmocka_unit_test(duplicates_are_refused_in_requests),
        cmocka_unit_test(duplicates_in_large_objects),
        cmocka_unit_test(long_keys_are_cut_in_messages),
        cmocka_unit_test(the_last_duplicate_wins_in_answers),
        cmocka_unit_test(errors_may_be_ignored_and_never_quote_values),
        cmocka_unit_test(equality_is_by_value),
        cmocka_unit_test(equality_of_nested_objects_is_not_exponential),
        cmocka_unit_test(a_document_outlives_parser_and_text),
        cmocka_unit_test(size_follows_content),
        cmocka_unit_test(requests_leave_no_copy),
        cmocka_unit_test(several_threads_share_a_document),
    };
    return cmocka_run_group_tests_name("json document", tests, make_parser, free_parser);
}
