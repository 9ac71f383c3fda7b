/* ECMA-262 patterns on PCRE2: what means something else there, and what exists only there. */
#include "schema_check.h"

#include "json/schema_regex.h"

static bool matches(const char *pattern, th_slice_t text) {
    th_error_t error;
    th_error_clear(&error);
    th_regex_t *regex = th_regex_compile(th_slice_of(pattern), &error);
    if (!regex) fail_msg("%s: %s", pattern, error.message);
    th_regex_scratch_t *scratch = th_regex_scratch_new();
    assert_non_null(scratch);
    th_regex_result_t result = th_regex_search(regex, scratch, text, TH_REGEX_LONG);
    th_regex_scratch_free(scratch);
    th_regex_free(regex);
    assert_int_not_equal(result, TH_REGEX_GAVE_UP);
    return result == TH_REGEX_YES;
}

static void test_what_differs_is_read_as_ecma_262_means_it(void **state) {
    (void)state;
    static const struct {
        const char *pattern, *yes, *no;
    } rows[] = {
        {"^a$", "a", "a\n"},
        {"^.$", "\u00e9", "\n"},
        {"^.$", "\U0001f600", "\u2028"},
        {"^\\d$", "7", "\u0667"},
        {"^\\w+$", "aZ_9", "\u00e9"},
        {"^\\s$", "\ufeff", "\u200b"},
        {"^\\S$", "\u200b", "\u3000"},
        {"^[\\s]$", "\u2029", "a"},
        {"^[^\\s]$", "a", "\u00a0"},
        {"^[\\S]$", "a", "\u00a0"},
        {"^[\\d\\-]+$", "1-2", "a"},
        {"\\bfoo\\b", "a foo b", "foo_"},
        {"^[\\b]$", "\b", "b"},
        {"^\\cJ$", "\n", "J"},
        {"^\\x41\\u0042$", "AB", "ab"},
        {"^\\u{1F600}$", "\U0001f600", "u"},
        {"^\\ud83d\\ude00$", "\U0001f600", "u"},
        {"^[\\u{1F600}-\\u{1F610}]$", "\U0001f605", "\U0001f611"},
        {"^\\p{L}\\P{L}$",
         "\u00e9"
         "1",
         "1\u00e9"},
        {"^\\p{Letter}+$", "\u00e9", "1"},
        {"^\\p{Script=Greek}+$", "\u03b1", "a"},
        {"^\\p{gc=Lu}$", "\u00c9", "\u00e9"},
        {"^[^]$", "\n", ""},
        {"^(?:a|[])$", "a", ""},
        {"^[a[:]+$", "[:a", "b"},
        {"^a{2}$", "aa", "a"},
        {"^a{,2}$", "a{,2}", "a"},
        {"^{}$", "{}", ""},
        {"^x]$", "x]", "x"},
        {"^(a)?b\\1$",
         "ab"
         "a",
         "aba"
         "a"},
        {"^(a)?\\1b$", "b", "ab"},
        {"^(?<year>\\d+)-\\k<year>$", "20-20", "20-21"},
        {"^(?=a)(?!ab)a(?<=a)(?<!b)", "ac", "ab"},
        {"^a\\/\\-\\#\\ \\@$", "a/-# @", "a"},
        {"^a*?b+?c??$", "aab", "c"},
        {"(a|b)*c", "abac", "ab"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].yes && !matches(rows[i].pattern, th_slice_of(rows[i].yes)))
            fail_msg("%s should match %s", rows[i].pattern, rows[i].yes);
        if (rows[i].no && matches(rows[i].pattern, th_slice_of(rows[i].no)))
            fail_msg("%s should not match %s", rows[i].pattern, rows[i].no);
    }
    assert_true(matches("^\\0$", th_slice("", 1)));
    assert_true(matches("", th_slice(NULL, 0)));
}

static void test_what_is_no_ecma_262_is_refused(void **state) {
    (void)state;
    static const char *const patterns[] = {
        "(",           ")",       "[a",        "[b-a]",      "a**",       "a++",
        "a{2}+",       "*a",      "^*",        "(?:)|*",     "\\a",       "\\A",
        "\\Z",         "\\z",     "\\Qa\\E",   "\\h",        "\\R",       "\\K",
        "\\G",         "\\C",     "\\X",       "\\_",        "\\u12",     "\\u{}",
        "\\u{110000}", "\\ud800", "\\x1",      "\\c1",       "\\01",      "\\1",
        "(a)\\2",      "\\k<a>",  "\\k",       "\\p{Nix}",   "\\pL",      "\\p{^L}",
        "(?i)a",       "(?>a)",   "(?#a)",     "(?P<a>b)",   "(?<a",      "(?<1a>b)",
        "(?R)",        "(?1)",    "(*ACCEPT)", "(*COMMIT)a", "(?C1)",     "(?|a)",
        "[\\A]",       "a{3,2}",  "\\",        "[\\",        "(?(1)a|b)", "(?<a>b)(?<a>c)",
    };
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        th_error_t error;
        th_error_clear(&error);
        th_regex_t *regex = th_regex_compile(th_slice_of(patterns[i]), &error);
        if (regex) fail_msg("accepted: %s", patterns[i]);
        assert_string_equal(error.code, "bad_pattern");
        assert_true(strlen(error.message) > 20);
    }
}

static void test_what_the_engine_cannot_do_is_said_apart(void **state) {
    (void)state;
    th_error_t error;
    assert_null(th_regex_compile(TH_SLICE("(?<=a+)b"), &error));
    assert_string_equal(error.code, "beyond_engine");
}

/* PCRE2 starts a pattern with (*UTF) and the like: from outside these must stay text or errors. */
static void test_nothing_reaches_the_engines_own_settings(void **state) {
    (void)state;
    th_error_t error;
    assert_null(th_regex_compile(TH_SLICE("(*LIMIT_MATCH=1)a"), &error));
    assert_null(th_regex_compile(TH_SLICE("(*NO_START_OPT)"), &error));
    assert_null(th_regex_compile(TH_SLICE("\\C"), &error));
}

static void test_effort_is_bounded(void **state) {
    (void)state;
    th_error_t error;
    th_regex_t *regex = th_regex_compile(TH_SLICE("^(a+)+$"), &error);
    th_regex_scratch_t *scratch = th_regex_scratch_new();
    assert_non_null(regex);
    assert_non_null(scratch);
    th_slice_t dear = TH_SLICE("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab");
    assert_int_equal(th_regex_search(regex, scratch, TH_SLICE("aaa"), TH_REGEX_SHORT),
                     TH_REGEX_YES);
    assert_int_equal(th_regex_search(regex, scratch, TH_SLICE("aab"), TH_REGEX_SHORT), TH_REGEX_NO);
    assert_int_equal(th_regex_search(regex, scratch, dear, TH_REGEX_SHORT), TH_REGEX_GAVE_UP);
    assert_int_equal(th_regex_search(regex, scratch, dear, TH_REGEX_LONG), TH_REGEX_GAVE_UP);
    th_regex_scratch_free(scratch);
    th_regex_free(regex);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_differs_is_read_as_ecma_262_means_it),
        cmocka_unit_test(test_what_is_no_ecma_262_is_refused),
        cmocka_unit_test(test_what_the_engine_cannot_do_is_said_apart),
        cmocka_unit_test(test_nothing_reaches_the_engines_own_settings),
        cmocka_unit_test(test_effort_is_bounded),
    };
    return cmocka_run_group_tests_name("schema_regex", tests, NULL, NULL);
}
