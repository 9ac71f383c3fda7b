/* test_url.c - one placeholder, one segment, one organisation: whatever the value tries to be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "tallyfy/url.h"

#define ORG TH_SLICE("0f1e2d3c4b5a69788796a5b4c3d2e1f0")
#define S(text) TH_SLICE(text)

static void expand(const char *path, th_slice_t org, const th_api_pair_t *segments, size_t count,
                   const char *expected) {
    th_buffer_t out;
    th_buffer_init(&out, 4096);
    th_error_t error = {0};
    if (!th_url_expand(&out, th_slice_of(path), org, segments, count, &error)) {
        fail_msg("%s: %s", path, error.message);
    }
    th_buffer_add_byte(&out, '\0');
    assert_string_equal(out.data, expected);
    th_buffer_reset(&out);
}

static void refuse(th_slice_t path, const th_api_pair_t *segments, size_t count, const char *word) {
    th_buffer_t out;
    th_buffer_init(&out, 4096);
    th_error_t error = {0};
    assert_false(th_url_expand(&out, path, ORG, segments, count, &error));
    assert_string_equal(error.code, "bad_request");
    if (!strstr(error.message, word)) {
        fail_msg("%.*s: \"%s\" lacks \"%s\"", (int)path.length, path.data, error.message, word);
    }
    th_buffer_reset(&out);
}

static void placeholders_become_one_encoded_segment(void **state) {
    (void)state;
    static const struct {
        const char *value, *encoded;
    } rows[] = {{"9a0c", "9a0c"},
                {"a b", "a%20b"},
                {"ann@example.com", "ann%40example.com"},
                {"a/b", "a%2Fb"},
                {"a\\b", "a%5Cb"},
                {"a?x=1", "a%3Fx%3D1"},
                {"a#b", "a%23b"},
                {"a;b=c", "a%3Bb%3Dc"},
                {"100%", "100%25"},
                {"%41", "%2541"},
                {"{org}", "%7Borg%7D"},
                {"...", "..."},
                {"a..b", "a..b"},
                {".well-known", ".well-known"},
                {"\xc3\xa4", "%C3%A4"},
                {"\xff", "%FF"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        th_api_pair_t pair = {S("run_id"), th_slice_of(rows[i].value)};
        char expected[128];
        snprintf(expected, sizeof expected,
                 "/organizations/0f1e2d3c4b5a69788796a5b4c3d2e1f0/runs/%s/tasks", rows[i].encoded);
        expand("/organizations/{org}/runs/{run_id}/tasks", ORG, &pair, 1, expected);
    }
}

static void templates_may_have_no_or_several_placeholders(void **state) {
    (void)state;
    expand("/me", ORG, NULL, 0, "/me");
    const th_api_pair_t pairs[] = {{S("b"), S("2")}, {S("a"), S("1")}};
    expand("/x/{a}/y/{b}/{a}", ORG, pairs, 2, "/x/1/y/2/1");
    expand("/organizations/{org}/me", S("a/b"), NULL, 0, "/organizations/a%2Fb/me");
}

static void values_that_would_leave_their_segment_are_refused(void **state) {
    (void)state;
    static const th_slice_t values[] = {S(""),
                                        S("."),
                                        S(".."),
                                        S("../x"),
                                        S("x/.."),
                                        S("x/../y"),
                                        S("x/./y"),
                                        S("/x"),
                                        S("x/"),
                                        S("x//y"),
                                        S("..\\x"),
                                        S("x\\.."),
                                        S("%2e%2e"),
                                        S("x%2F..%2fy"),
                                        S("a%5Cb"),
                                        S("a\nb"),
                                        S("a\0b"),
                                        S("a\x7f"),
                                        S("\r\nX-Evil: 1"),
                                        S("\t")};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        th_api_pair_t pair = {S("run_id"), values[i]};
        refuse(S("/organizations/{org}/runs/{run_id}"), &pair, 1, "run_id");
    }
    char long_value[TH_URL_VALUE_MAX + 1];
    memset(long_value, 'a', sizeof long_value);
    th_api_pair_t pair = {S("run_id"), th_slice(long_value, sizeof long_value)};
    refuse(S("/runs/{run_id}"), &pair, 1, "at most");
}

static void templates_that_are_no_plain_path_are_refused(void **state) {
    (void)state;
    static const struct {
        th_slice_t path;
        const char *word;
    } rows[] = {{S(""), "begin with"},
                {S("me"), "begin with"},
                {S("https://evil.example/"), "begin with"},
                {S("//evil.example/me"), "empty part"},
                {S("/a//b"), "empty part"},
                {S("/a/"), "empty part"},
                {S("/"), "empty part"},
                {S("/a/../b"), "dot part"},
                {S("/a/./b"), "dot part"},
                {S("/a?b=c"), "?"},
                {S("/a#b"), "#"},
                {S("/a%2fb"), "%"},
                {S("/a\\b"), "\\"},
                {S("/a b"), "0x20"},
                {S("/a\r\nb"), "0x0d"},
                {S("/a\0b"), "0x00"},
                {S("/\xc3\xa4"), "0xc3"},
                {S("/x{id}"), "whole part"},
                {S("/{id}.json"), "whole part"},
                {S("/{}"), "not a placeholder"},
                {S("/{a{b}"), "not a placeholder"},
                {S("/{id"), "whole part"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        refuse(rows[i].path, NULL, 0, rows[i].word);
}

static void missing_and_surplus_values_are_named(void **state) {
    (void)state;
    refuse(S("/runs/{run_id}"), NULL, 0, "{run_id}");
    const th_api_pair_t surplus = {S("task_id"), S("1")};
    refuse(S("/runs"), &surplus, 1, "{task_id}");
    const th_api_pair_t org = {S("org"), S("other")};
    refuse(S("/organizations/{org}/me"), &org, 1, "always the signed-in organization");
    const th_api_pair_t nameless = {S(""), S("1")};
    refuse(S("/runs"), &nameless, 1, "no placeholder");
}

static void a_query_is_encoded_in_order(void **state) {
    (void)state;
    const th_api_pair_t query[] = {
        {S("q"), S("Ann & Bob=\xc3\xa4+1%\n")}, {S("with"), S("steps,tags")}, {S("a[b]"), S("")}};
    th_buffer_t out;
    th_buffer_init(&out, 4096);
    assert_true(th_url_add_query(&out, query, 3, NULL));
    th_buffer_add_byte(&out, '\0');
    assert_string_equal(out.data,
                        "?q=Ann%20%26%20Bob%3D%C3%A4%2B1%25%0A&with=steps%2Ctags&a%5Bb%5D=");
    th_buffer_reset(&out);
    assert_true(th_url_add_query(&out, NULL, 0, NULL));
    assert_int_equal(out.length, 0);

    th_error_t error = {0};
    const th_api_pair_t nul = {S("q"), S("a\0b")}, nameless = {S(""), S("a")};
    assert_false(th_url_add_query(&out, &nul, 1, &error));
    assert_false(th_url_add_query(&out, &nameless, 1, &error));
    th_buffer_reset(&out);
}

static void urls_have_a_ceiling(void **state) {
    (void)state;
    th_buffer_t out;
    th_buffer_init(&out, 64);
    char value[100];
    memset(value, 'x', sizeof value);
    const th_api_pair_t pair = {S("q"), th_slice(value, sizeof value)};
    th_error_t error = {0};
    assert_false(th_url_add_query(&out, &pair, 1, &error));
    assert_non_null(strstr(error.message, "longer than 64"));
    th_buffer_reset(&out);
    const th_api_pair_t segment = {S("id"), th_slice(value, sizeof value)};
    assert_false(th_url_expand(&out, S("/x/{id}"), ORG, &segment, 1, &error));
    th_buffer_reset(&out);
}

static void base_urls_are_https_or_loopback(void **state) {
    (void)state;
    static const char *const good[] = {"https://api.tallyfy.com", "https://go.tallyfy.com/api",
                                       "https://[2001:db8::1]:8443"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(th_url_check_base(good[i], false, NULL));
    }
    static const char *const local[] = {"http://127.0.0.1:9123", "http://localhost:80",
                                        "http://[::1]:9", "http://127.0.0.1"};
    for (size_t i = 0; i < sizeof local / sizeof *local; i++) {
        assert_true(th_url_check_base(local[i], true, NULL));
        assert_false(th_url_check_base(local[i], false, NULL));
    }
    static const char *const bad[] = {"",
                                      "api.tallyfy.com",
                                      "ftp://api.tallyfy.com",
                                      "https://",
                                      "https:///x",
                                      "https://api.tallyfy.com/",
                                      "https://u:p@api.tallyfy.com",
                                      "https://api.tallyfy.com?x=1",
                                      "https://api.tallyfy.com/a/../b",
                                      "https://api.tallyfy.com#x",
                                      "http://api.tallyfy.com",
                                      "http://127.0.0.1.evil.example",
                                      "http://127.evil.example",
                                      "http://localhost.evil.example",
                                      "http://0.0.0.0:9"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        th_error_t error = {0};
        if (th_url_check_base(bad[i], true, &error)) fail_msg("%s was accepted", bad[i]);
        assert_non_null(strstr(error.message, "tallyfy.base_url"));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(placeholders_become_one_encoded_segment),
        cmocka_unit_test(templates_may_have_no_or_several_placeholders),
        cmocka_unit_test(values_that_would_leave_their_segment_are_refused),
        cmocka_unit_test(templates_that_are_no_plain_path_are_refused),
        cmocka_unit_test(missing_and_surplus_values_are_named),
        cmocka_unit_test(a_query_is_encoded_in_order),
        cmocka_unit_test(urls_have_a_ceiling),
        cmocka_unit_test(base_urls_are_https_or_loopback),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
