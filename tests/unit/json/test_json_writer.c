/* The writer: exact text, what it refuses, ceilings, and that what it writes reads back the same.
 */
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "check.h"
#include "json/document.h"
#include "json/writer.h"

static th_json_parser_t *parser;
static th_buffer_t buffer;
static th_json_writer_t writer;

static int set_up(void **state) {
    (void)state;
    parser = th_json_parser_new();
    return parser ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    th_json_parser_free(parser);
    return 0;
}

static void begin(size_t maximum, uint32_t nodes) {
    th_buffer_init(&buffer, maximum);
    th_json_writer_init(&writer, &buffer, nodes);
}

static void assert_wrote(const char *text) {
    th_error_t error;
    if (!th_json_writer_finish(&writer, &error)) fail_msg("%s: %s", error.code, error.message);
    if (buffer.length != strlen(text) || memcmp(buffer.data, text, buffer.length) != 0)
        fail_msg("wrote %.*s, wanted %s", (int)buffer.length, buffer.data, text);
    th_buffer_reset(&buffer);
}

static void assert_failed(const char *code) {
    th_error_t error;
    assert_false(th_json_writer_finish(&writer, &error));
    assert_string_equal(error.code, code);
    assert_true(strlen(error.message) > 10);
    th_buffer_reset(&buffer);
}

static th_json_document_t *parse(th_slice_t text) {
    th_error_t error;
    th_json_document_t *document = th_json_parse(parser, text, &th_json_limits_answer, &error);
    if (!document) fail_msg("%.*s: %s", (int)text.length, text.data, error.message);
    return document;
}

static void writes_every_kind(void **state) {
    (void)state;
    begin(4096, 0);
    th_json_write_object(&writer);
    th_json_write_member_text(&writer, "text", "a\"b\\c/\b\t\n\f\r\x01\x1f\x7f\xc3\xa9");
    th_json_write_member_string(&writer, "nul", th_slice("\0", 1));
    th_json_write_member_text(&writer, "none", NULL);
    th_json_write_member_integer(&writer, "i", -42);
    th_json_write_member_boolean(&writer, "yes", true);
    th_json_write_member_boolean(&writer, "no", false);
    th_json_write_member_value(&writer, "absent", th_json_absent());
    th_json_write_key(&writer, TH_SLICE("list"));
    th_json_write_array(&writer);
    th_json_write_unsigned(&writer, UINT64_MAX);
    th_json_write_real(&writer, 1.0);
    th_json_write_null(&writer);
    th_json_write_object(&writer);
    th_json_write_end(&writer);
    th_json_write_array(&writer);
    th_json_write_end(&writer);
    th_json_write_raw(&writer, TH_SLICE("{\"raw\":[1,2]}"));
    th_json_write_end(&writer);
    th_json_write_member_text(&writer, "k\n", "end");
    th_json_write_end(&writer);
    assert_wrote(
        "{\"text\":\"a\\\"b\\\\c/\\b\\t\\n\\f\\r\\u0001\\u001f\x7f\xc3\xa9\",\"nul\":\"\\u0000\","
        "\"none\":\"\",\"i\":-42,\"yes\":true,\"no\":false,\"absent\":null,"
        "\"list\":[18446744073709551615,1.0,null,{},[],{\"raw\":[1,2]}],\"k\\n\":\"end\"}");
}

static void integers_at_the_edges(void **state) {
    (void)state;
    static const struct {
        int64_t number;
        const char *text;
    } cases[] = {{0, "0"},
                 {-1, "-1"},
                 {10, "10"},
                 {INT64_MAX, "9223372036854775807"},
                 {INT64_MIN, "-9223372036854775808"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        begin(64, 0);
        th_json_write_integer(&writer, cases[i].number);
        assert_wrote(cases[i].text);
    }
}

static void reals_are_short_and_stay_reals(void **state) {
    (void)state;
    static const struct {
        double number;
        const char *text;
    } cases[] = {
        {0.0, "0.0"},
        {-0.0, "-0.0"},
        {1.0, "1.0"},
        {-3.0, "-3.0"},
        {0.1, "0.1"},
        {0.1 + 0.2, "0.30000000000000004"},
        {100000.0, "100000.0"},
        {123456.789, "123456.789"},
        {9007199254740992.0, "9007199254740992.0"},
        {0.00001, "0.00001"},
        {0.000001, "1e-06"},
        {1e17, "1e+17"},
        {1e300, "1e+300"},
        {DBL_MAX, "1.7976931348623157e+308"},
        {DBL_MIN, "2.2250738585072014e-308"},
        {4.9406564584124654e-324, "5e-324"},
        {-1.5e-5, "-0.000015"},
    };
    (void)setlocale(LC_NUMERIC, "de_DE.UTF-8"); /* where a comma stands for the point */
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        begin(64, 0);
        th_json_write_real(&writer, cases[i].number);
        assert_wrote(cases[i].text);
    }
    (void)setlocale(LC_NUMERIC, "C");
}

static void reals_read_back_exactly(void **state) {
    (void)state;
    uint64_t bits = 88172645463325252u; /* xorshift: the same numbers each time */
    for (int i = 0; i < 20000; i++) {
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        double number, back;
        memcpy(&number, &bits, sizeof number);
        if (!isfinite(number)) continue;
        begin(64, 0);
        th_json_write_real(&writer, number);
        th_json_document_t *document = parse(th_buffer_slice(&buffer));
        assert_int_equal(th_json_type(th_json_root(document)), TH_JSON_REAL);
        assert_true(th_json_number(th_json_root(document), &back));
        assert_memory_equal(&number, &back, sizeof number);
        th_json_unref(document);
        th_buffer_reset(&buffer);
    }
}

static void documents_are_written_as_they_are(void **state) {
    (void)state;
    static const char *const texts[] = {
        "null",
        "true",
        "-5",
        "18446744073709551615",
        "2.5",
        "\"\"",
        "[]",
        "{}",
        "{\"b\":[],\"a\":{},\"c\":[1,1.0,\"x\\u0000\\n\\\"\xc3\xa9\",null,false,[[[{\"\":[{}]}]]]]"
        "}",
        "[\"\\\\\",\"/\",{\"k\":\"v\",\"k\":\"w\"}]",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        th_json_document_t *document = parse(th_slice_of(texts[i]));
        begin(4096, 0);
        th_json_write_value(&writer, th_json_root(document));
        assert_wrote(texts[i]);
        th_json_unref(document);
    }
}

static void parts_of_documents_are_written(void **state) {
    (void)state;
    th_json_document_t *document = parse(TH_SLICE("{\"a\":[1,{\"b\":\"x\"}],\"c\":3}"));
    th_json_value_t a = th_json_member(th_json_root(document), "a");
    begin(4096, 0);
    th_json_write_array(&writer);
    th_json_write_value(&writer, a);
    th_json_write_value(&writer, th_json_member(th_json_at(a, 1), "b"));
    th_json_write_object(&writer);
    th_json_write_member_value(&writer, "again", th_json_at(a, 0));
    th_json_write_end(&writer);
    th_json_write_end(&writer);
    assert_wrote("[[1,{\"b\":\"x\"}],\"x\",{\"again\":1}]");
    th_json_unref(document);
}

/* Each byte value at each place of a string long enough for every path of the escaper. */
static void every_byte_at_every_place(void **state) {
    (void)state;
    for (int byte = 0; byte < 128; byte++) {
        for (size_t place = 0; place < 40; place++) {
            char text[40];
            memset(text, 'a', sizeof text);
            text[place] = (char)byte;
            begin(4096, 0);
            th_json_write_string(&writer, th_slice(text, sizeof text));
            th_json_document_t *document = parse(th_buffer_slice(&buffer));
            th_slice_t back;
            assert_true(th_json_string(th_json_root(document), &back));
            assert_int_equal(back.length, sizeof text);
            assert_memory_equal(back.data, text, sizeof text);
            th_json_unref(document);
            th_buffer_reset(&buffer);
        }
    }
}

static void bad_utf8_is_a_failure(void **state) {
    (void)state;
    static const char *const cases[] = {"\xff", "\xc3", "abc\xed\xa0\x80", "\xf4\x90\x80\x80",
                                        "0123456789abcdef\xc0\xaf"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        begin(4096, 0);
        th_json_write_string(&writer, th_slice_of(cases[i]));
        assert_failed("bad_utf8");
        begin(4096, 0);
        th_json_write_object(&writer);
        th_json_write_key(&writer, th_slice_of(cases[i]));
        assert_failed("bad_utf8");
        th_buffer_init(&buffer, 100);
        assert_false(th_json_escape(&buffer, th_slice_of(cases[i])));
        th_buffer_reset(&buffer);
    }
}

static void nan_and_infinity_are_failures(void **state) {
    (void)state;
    const double cases[] = {NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < 3; i++) {
        begin(100, 0);
        th_json_write_real(&writer, cases[i]);
        assert_failed("bad_number");
    }
}

static void misplaced_parts_are_failures(void **state) {
    (void)state;
    begin(100, 0);
    assert_failed("unbalanced"); /* nothing written */
    begin(100, 0);
    th_json_write_array(&writer);
    assert_failed("unbalanced"); /* not closed */
    begin(100, 0);
    th_json_write_end(&writer);
    assert_failed("unbalanced");
    begin(100, 0);
    th_json_write_null(&writer);
    th_json_write_null(&writer);
    assert_failed("unbalanced"); /* two values */
    begin(100, 0);
    th_json_write_object(&writer);
    th_json_write_null(&writer);
    assert_failed("unbalanced"); /* no key */
    begin(100, 0);
    th_json_write_object(&writer);
    th_json_write_key(&writer, TH_SLICE("a"));
    th_json_write_end(&writer);
    assert_failed("unbalanced"); /* no value */
    begin(100, 0);
    th_json_write_object(&writer);
    th_json_write_key(&writer, TH_SLICE("a"));
    th_json_write_key(&writer, TH_SLICE("b"));
    assert_failed("unbalanced");
    begin(100, 0);
    th_json_write_array(&writer);
    th_json_write_key(&writer, TH_SLICE("a"));
    assert_failed("unbalanced"); /* a key in an array */
    begin(100, 0);
    th_json_write_raw(&writer, TH_SLICE(""));
    assert_failed("unbalanced");
    th_json_document_t *document = parse(TH_SLICE("\"text\""));
    begin(100, 0);
    th_json_write_object(&writer);
    th_json_write_value(&writer, th_json_root(document)); /* must not become a key */
    assert_failed("unbalanced");
    th_json_unref(document);
}

static void the_first_failure_is_kept(void **state) {
    (void)state;
    begin(100, 0);
    th_json_write_array(&writer);
    th_json_write_real(&writer, NAN);
    th_json_write_string(&writer, TH_SLICE("\xff"));
    th_json_write_end(&writer);
    th_json_write_end(&writer);
    assert_failed("bad_number");
}

static void depth_and_nodes_are_limited(void **state) {
    (void)state;
    begin(1000, 0);
    for (int i = 0; i < 64; i++)
        th_json_write_array(&writer);
    for (int i = 0; i < 64; i++)
        th_json_write_end(&writer);
    assert_true(th_json_writer_finish(&writer, NULL));
    th_buffer_reset(&buffer);
    begin(1000, 0);
    for (int i = 0; i < 65; i++)
        th_json_write_array(&writer);
    assert_failed("too_deep");
    begin(1000, 4);
    th_json_write_object(&writer);
    th_json_write_member_text(&writer, "a", "b");
    th_json_write_key(&writer, TH_SLICE("c"));
    th_json_write_null(&writer);
    assert_failed("too_large");
    th_json_document_t *document = parse(TH_SLICE("[1,2,3]"));
    begin(1000, 3);
    th_json_write_value(&writer, th_json_root(document));
    assert_failed("too_large");
    begin(1000, 4);
    th_json_write_value(&writer, th_json_root(document));
    assert_wrote("[1,2,3]");
    th_json_unref(document);
}

/* The ceiling is exact: one byte less fails, whichever part would go over it. */
static void the_ceiling_is_exact(void **state) {
    (void)state;
    const char *text = "{\"a\\n\":[-12,1.5,true,false,null,\"x\\u0001y\\\"z\"],\"b\":{\"c\":{}}}";
    th_json_document_t *document = parse(th_slice_of(text));
    for (size_t maximum = 0; maximum < strlen(text); maximum++) {
        begin(maximum, 0);
        th_json_write_value(&writer, th_json_root(document));
        assert_failed("too_large");
    }
    begin(strlen(text), 0);
    th_json_write_value(&writer, th_json_root(document));
    assert_wrote(text);
    th_json_unref(document);
}

static void excerpts_are_cut(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t most;
        const char *excerpt;
    } cases[] = {
        {"{\"a\":[1,2]}", 100, "{\"a\":[1,2]}"},
        {"[1,2,3,4,5,6,7,8,9]", 5, "[1,2,3\xe2\x80\xa6"},
        {"[1,\"abcdefghij\"]", 4, "[1,\"abcd\"\xe2\x80\xa6"},
        {"\"\xc3\xa9\xc3\xa9\xc3\xa9\"", 3, "\"\xc3\xa9\"\xe2\x80\xa6"},
        {"7", 0, "7"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        th_json_document_t *document = parse(th_slice_of(cases[i].text));
        th_buffer_init(&buffer, 1000);
        assert_true(th_json_write_excerpt(&buffer, th_json_root(document), cases[i].most));
        assert_int_equal(buffer.length, strlen(cases[i].excerpt));
        assert_memory_equal(buffer.data, cases[i].excerpt, buffer.length);
        th_buffer_reset(&buffer);
        th_json_unref(document);
    }
    th_buffer_init(&buffer, 10);
    assert_true(th_json_write_excerpt(&buffer, th_json_absent(), 5));
    th_buffer_reset(&buffer);
}

/* The slow and obvious way, to compare with. */
static size_t escape_plainly(const char *text, size_t length, char *out) {
    size_t at = 0;
    out[at++] = '"';
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '"' || text[i] == '\\') out[at++] = '\\';
        if ((unsigned char)text[i] < 0x20)
            at += (size_t)sprintf(out + at, text[i] == '\n' ? "\\n" : "\\u%04x", text[i]);
        else
            out[at++] = text[i];
    }
    out[at++] = '"';
    return at;
}

/* JSON inside of a string: escapes every few bytes, over more than one chunk, at every alignment,
 * and right up to the buffer's ceiling. */
static void dense_text_is_escaped_as_plainly(void **state) {
    (void)state;
    enum { LONGEST = 9000 };
    char *text = malloc(LONGEST), *wanted = malloc(LONGEST * 6 + 2);
    assert_non_null(text);
    assert_non_null(wanted);
    static const char alphabet[] = "abc\"\\\n\x01{}:,\"\"9";
    uint32_t chance = 1;
    for (size_t i = 0; i < LONGEST; i++) {
        chance = chance * 1103515245 + 12345;
        text[i] = alphabet[(chance >> 16) % (sizeof alphabet - 1)];
    }
    for (size_t length = 0; length < LONGEST; length += length < 300 ? 1 : 997) {
        size_t size = escape_plainly(text + LONGEST - length, length, wanted);
        th_buffer_t out;
        th_buffer_init(&out, size); /* exactly enough */
        assert_true(th_json_escape(&out, th_slice(text + LONGEST - length, length)));
        assert_int_equal(out.length, size);
        assert_memory_equal(out.data, wanted, size);
        th_buffer_reset(&out);
        th_buffer_init(&out, size * 8 + 64); /* room for the wide way */
        assert_true(th_json_escape(&out, th_slice(text + LONGEST - length, length)));
        assert_int_equal(out.length, size);
        assert_memory_equal(out.data, wanted, size);
        th_buffer_reset(&out);
        th_buffer_init(&out, size - 1);
        assert_false(th_json_escape(&out, th_slice(text + LONGEST - length, length)));
    }
    free(text);
    free(wanted);
}

static void escape_alone(void **state) {
    (void)state;
    th_buffer_init(&buffer, 100);
    assert_true(th_json_escape(&buffer, TH_SLICE("a\"\xe2\x82\xac")));
    assert_int_equal(buffer.length, 8);
    assert_memory_equal(buffer.data, "\"a\\\"\xe2\x82\xac\"", 8);
    assert_true(th_json_escape(&buffer, th_slice(NULL, 0)));
    assert_memory_equal(buffer.data + 8, "\"\"", 2);
    th_buffer_reset(&buffer);
    th_buffer_init(&buffer, 4);
    assert_false(th_json_escape(&buffer, TH_SLICE("a\n\n")));
    th_buffer_reset(&buffer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_every_kind),
        cmocka_unit_test(integers_at_the_edges),
        cmocka_unit_test(reals_are_short_and_stay_reals),
        cmocka_unit_test(reals_read_back_exactly),
        cmocka_unit_test(documents_are_written_as_they_are),
        cmocka_unit_test(parts_of_documents_are_written),
        cmocka_unit_test(every_byte_at_every_place),
        cmocka_unit_test(bad_utf8_is_a_failure),
        cmocka_unit_test(nan_and_infinity_are_failures),
        cmocka_unit_test(misplaced_parts_are_failures),
        cmocka_unit_test(the_first_failure_is_kept),
        cmocka_unit_test(depth_and_nodes_are_limited),
        cmocka_unit_test(the_ceiling_is_exact),
        cmocka_unit_test(excerpts_are_cut),
        cmocka_unit_test(escape_alone),
        cmocka_unit_test(dense_text_is_escaped_as_plainly),
    };
    return cmocka_run_group_tests_name("json writer", tests, set_up, tear_down);
}
