/* Formats: what obeys and what does not. The official suite has more of the ordinary kind; here are
 * the edges that it leaves out, and texts made to hurt. */
#include "schema_check.h"

#include "json/schema_format.h"
#include "json/writer.h"

typedef struct th_samples {
    const char *format;
    const char *good[12];
    const char *bad[14];
} th_samples_t;

static const th_samples_t samples[] = {
    {"date",
     {"2024-02-29", "0000-01-01", "9999-12-31"},
     {"2023-02-29", "1900-02-29", "2024-13-01", "2024-00-01", "2024-01-00", "2024-04-31",
      "2024-1-01", "20240101", "2024-01-01T", "", "2024-01-0\u0661"}},
    {"time",
     {"23:59:60Z", "08:29:60+08:30", "00:59:60+01:00", "10:00:00.123456789z", "10:00:00-23:59"},
     {"24:00:00Z", "10:60:00Z", "10:00:61Z", "22:59:60Z", "10:00:00", "10:00:00.Z", "10:00Z",
      "10:00:00+24:00", "10:00:00+0100", "1:00:00Z", "10:00:00Zz"}},
    {"date-time",
     {"2026-03-31T17:00:00Z", "2026-03-31t17:00:00.5-08:00", "1990-12-31T23:59:60Z"},
     {"2026-03-31 17:00:00Z", "2026-03-31T17:00:00", "2026-02-30T17:00:00Z", "2026-03-31",
      "1998-12-31T23:58:60Z"}},
    {"duration",
     {"P3D", "PT1H30M", "P1Y2M3DT4H5M6S", "P4W", "PT36H", "P1M"},
     {"P", "PT", "3D", "P1", "P1S", "PT1D", "P1Y2D", "PT1H2S", "P1W2D", "P1D1Y", "P1.5D", "p1d",
      "P1DT", "P-1D"}},
    {"email",
     {"a@b.example", "a.b+c@d", "\"a b\"@c.example", "\"a\\\"b\"@c", "a@[192.0.2.1]",
      "a@[IPv6:2001:db8::1]"},
     {"a", "@b", "a@", "a@b..c", ".a@b", "a.@b", "a..b@c", "a b@c", "\"a@b", "a@[1.2.3]", "a@-b.c",
      "\u00e4@b.c", "a@b@c"}},
    {"idn-email", {"\u00e4@b\u00fccher.example", "a@b"}, {"\u00e4", "a@\u0300b.c", "a b@c"}},
    {"hostname",
     {"a", "a-b.c1", "xn--bcher-kva.example", "1.2.3.4"},
     {"", ".", "a.", "-a", "a-", "a_b", "ab--c", "b\u00fccher", "xn--", "xn--a", "xn--bcher-kvA-",
      "a..b", "xn--zzzzzzzzzzzzzzzzz"}},
    {"idn-hostname",
     {"b\u00fccher.example", "\u4f8b\u3048", "stra\u00dfe", "l\u00b7l", "\u05d0\u05d1.example"},
     {"B\u00dcCHER\u0130", "a\u00b7b", "\u2603.example", "\uff41", "a\u200db", "\u05d0a", "-\u00fc",
      "\u0661\u06f1"}},
    {"ipv4",
     {"0.0.0.0", "255.255.255.255"},
     {"256.0.0.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.4 ", "1..2.3", "a.b.c.d", "",
      "\u0661.2.3.4", "0x1.2.3.4"}},
    {"ipv6",
     {"::", "::1", "1::", "2001:db8::1", "::ffff:192.0.2.1", "1:2:3:4:5:6:7:8",
      "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:7::"},
     {":", ":1", "1:", ":::", "1::2::3", "12345::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
      "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3", "fe80::1%eth0", "1:2:3:4:5:6:7:8::", "g::", ""}},
    {"uri",
     {"https://a.example/b?c#d", "urn:a:b", "http://u:p@[::1]:80/", "a:", "http://a%20b/",
      "file:///a", "http://[v1.a:b]/"},
     {"//a", "/a", "a", "", "http://a b", "http://a/\u00e4", "http://a/%zz", "1a://b", ":a",
      "http://[::1", "http://a/<>", "http://a:b:c/", "http://[::1]x/", "http://a/#b#c"}},
    {"uri-reference",
     {"", "a", "/a", "//a/b", "?a", "#a", "./a:b"},
     {"\\a", "a b", "#\u00e4", "%", "1:b", "#a\\b", "{a}"}},
    {"iri",
     {"https://b\u00fccher.example/\u00e4?\ue000#\u00e4"},
     {"/\u00e4", "http://a/\ue000", "http://a/\xc2\x80", "http://a/\ufdd0"}},
    {"iri-reference", {"\u00e4", "#\u00e4"}, {"\u00e4 b", "\\"}},
    {"uri-template",
     {"/users/{id}", "{+a,b*,c:3}", "{?a.b}", "{%41}", "\u00e4", ""},
     {"{", "}", "{}", "{a", "{a b}", "{a:}", "{a:0}", "{a:10000}", "{a,}", "{.a.}", "a b", "{{a}}",
      "%4"}},
    {"uuid",
     {"123e4567-e89b-12d3-a456-426614174000", "00000000-0000-0000-0000-000000000000",
      "ABCDEF00-0000-0000-0000-00000000000f"},
     {"123e4567e89b12d3a456426614174000", "123e4567-e89b-12d3-a456-42661417400", "",
      "123e4567-e89b-12d3-a456_426614174000", "{23e4567-e89b-12d3-a456-426614174000",
      "g23e4567-e89b-12d3-a456-426614174000"}},
    {"json-pointer", {"", "/", "/a~0b~1c/0", "/\u00e4"}, {"a", "/~", "/~2", "#/a"}},
    {"relative-json-pointer",
     {"0", "1/a", "12#", "0#"},
     {"", "01", "-1", "/a", "1##", "1#/a", "a", "1a"}},
    {"regex", {"", "^a$", "(?<=a+)b"}, {"(", "\\a", "a++"}},
    {"nobody-knows", {"", "anything"}, {NULL}},
};

static void assert_format(const char *format, const char *text, bool wanted) {
    char schema[80];
    th_buffer_t instance;
    th_buffer_init(&instance, 65536);
    assert_true(th_json_escape(&instance, th_slice_of(text)));
    assert_true(th_buffer_add_byte(&instance, '\0'));
    (void)snprintf(schema, sizeof schema, "{\"format\":\"%s\"}", format);
    assert_verdict(schema, instance.data, wanted);
    th_buffer_reset(&instance);
}

static void test_samples(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        for (size_t j = 0; j < 12 && samples[i].good[j]; j++)
            assert_format(samples[i].format, samples[i].good[j], true);
        for (size_t j = 0; j < 14 && samples[i].bad[j]; j++)
            assert_format(samples[i].format, samples[i].bad[j], false);
    }
}

/* Formats say nothing about other types, and a NUL is a character like any other. */
static void test_other_types_and_nul(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        char schema[80];
        (void)snprintf(schema, sizeof schema, "{\"format\":\"%s\"}", samples[i].format);
        assert_verdict(schema, "3", true);
        assert_verdict(schema, "[\"x\"]", true);
        bool open = strstr("json-pointer regex nobody-knows", samples[i].format) != NULL;
        if (!open) assert_verdict(schema, "\"\\u0000\"", false);
    }
}

/* Every prefix, and every single change of one byte, of every sample: no crash, whatever the
 * verdict (the sanitizers judge). */
static void test_damaged_samples(void **state) {
    (void)state;
    static const char bytes[] = "-.:/%[]{}@\"\\9aZ~\x01";
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        char schema_text[80];
        (void)snprintf(schema_text, sizeof schema_text, "{\"format\":\"%s\"}", samples[i].format);
        th_schema_t *schema = must_compile(schema_text);
        for (size_t j = 0; j < 12 && samples[i].good[j]; j++) {
            size_t length = strlen(samples[i].good[j]);
            for (size_t at = 0; at < length * sizeof bytes; at++) {
                char text[200], json[1300];
                th_buffer_t buffer;
                (void)snprintf(text, sizeof text, "%s", samples[i].good[j]);
                text[at / sizeof bytes] = bytes[at % sizeof bytes]; /* the last one cuts */
                th_buffer_init(&buffer, sizeof json);
                if (th_json_escape(&buffer, th_slice_of(text))) {
                    (void)snprintf(json, sizeof json, "%.*s", (int)buffer.length, buffer.data);
                    (void)validate_text(schema, json, NULL);
                }
                th_buffer_reset(&buffer);
            }
        }
        th_schema_free(schema);
    }
}

static void test_names_have_a_length(void **state) {
    (void)state;
    char label[70], name[600];
    memset(label, 'a', 63);
    label[63] = '\0';
    assert_format("hostname", label, true);
    assert_format("idn-hostname", label, true);
    memcpy(label + 63, "a", 2);
    assert_format("hostname", label, false);
    assert_format("idn-hostname", label, false);
    label[61] = '\0';
    (void)snprintf(name, sizeof name, "%s.%s.%s.%s.abcde", label, label, label, label);
    assert_int_equal(strlen(name), 253);
    assert_format("hostname", name, true);
    assert_format("idn-hostname", name, true);
    memcpy(name + 253, "f", 2);
    assert_format("hostname", name, false);
    assert_format("idn-hostname", name, false);
}

static void test_punycode(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint32_t code[12];
        size_t count;
    } rows[] = {
        {"bcher-kva", {'b', 0xfc, 'c', 'h', 'e', 'r'}, 6},
        {"ihqwcrb4cv8a8dqg056pqjye",
         {0x4ed6, 0x4eec, 0x4e3a, 0x4ec0, 0x4e48, 0x4e0d, 0x8bf4, 0x4e2d, 0x6587},
         9},
        {"e28h", {0x1f600}, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint32_t code[TH_IDN_MAX_LABEL];
        char text[TH_PUNYCODE_SIZE];
        size_t count;
        assert_true(th_punycode_decode(th_slice_of(rows[i].text), code, TH_IDN_MAX_LABEL, &count));
        assert_int_equal(count, rows[i].count);
        assert_memory_equal(code, rows[i].code, count * sizeof code[0]);
        size_t length = th_punycode_encode(code, count, text);
        assert_int_equal(length, strlen(rows[i].text));
        assert_memory_equal(text, rows[i].text, length);
    }
    uint32_t code[4];
    size_t count;
    static const char *const bad[] = {"99999999", "zzzzzzzzzzzzzzz", "!", "bcher-kva", "a-9"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(th_punycode_decode(th_slice_of(bad[i]), code, 4, &count));
    /* the largest code points at the largest length stay inside of the promised size */
    uint32_t large[TH_IDN_MAX_LABEL];
    char text[TH_PUNYCODE_SIZE];
    for (size_t i = 0; i < TH_IDN_MAX_LABEL; i++)
        large[i] = i % 2 ? 0x10ffff : (uint32_t)(0x80 + i * 0x4000);
    assert_true(th_punycode_encode(large, TH_IDN_MAX_LABEL, text) <= TH_PUNYCODE_SIZE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples),         cmocka_unit_test(test_other_types_and_nul),
        cmocka_unit_test(test_damaged_samples), cmocka_unit_test(test_names_have_a_length),
        cmocka_unit_test(test_punycode),
    };
    return cmocka_run_group_tests_name("schema_format", tests, NULL, NULL);
}
