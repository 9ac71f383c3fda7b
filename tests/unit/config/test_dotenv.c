/* `.env` files: every form of a line, precedence, refusals, and taking secrets out again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/dotenv.h"

static bool load_text(const char *text, mode_t mode, th_error_t *warning, th_error_t *error) {
    char path[] = "/tmp/tallyhost-env-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
    bool done = th_dotenv_load(path, warning, error);
    unlink(path);
    return done;
}

static void test_forms_of_a_line(void **state) {
    (void)state;
    th_error_t warning, error;
    static const char text[] = "# comment\n"
                               "\n"
                               "TE_PLAIN=one two  # not this\n"
                               "  export TE_EXPORT = x\r\n"
                               "TE_SINGLE='a \"b\" # c \\n'\n"
                               "TE_DOUBLE=\"a\\tb\\\"c\\\\\" # behind\n"
                               "TE_HASH=a#b\n"
                               "TE_EMPTY=\n"
                               "TE_LAST=end";
    static const char *const want[][2] = {
        {"TE_PLAIN", "one two"},    {"TE_EXPORT", "x"}, {"TE_SINGLE", "a \"b\" # c \\n"},
        {"TE_DOUBLE", "a\tb\"c\\"}, {"TE_HASH", "a#b"}, {"TE_EMPTY", ""},
        {"TE_LAST", "end"}};
    if (!load_text(text, 0600, &warning, &error)) fail_msg("%s", error.message);
    for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
        assert_non_null(getenv(want[i][0]));
        assert_string_equal(getenv(want[i][0]), want[i][1]);
    }
    assert_string_equal(warning.code, "");
}

static void test_never_overrides(void **state) {
    (void)state;
    th_error_t warning, error;
    setenv("TE_SET", "environment", 1);
    assert_true(load_text("TE_SET=file\n", 0644, &warning, &error));
    assert_string_equal(getenv("TE_SET"), "environment");
    assert_non_null(strstr(warning.message, "chmod 600")); /* and 0644 was noticed */
}

static void test_refusals_name_the_line(void **state) {
    (void)state;
    static const char *const bad[] = {"TE_A=1\nnonsense\n",    "TE_A=1\n1X=2\n",
                                      "TE_A=1\nTE_B=\"open\n", "TE_A=1\nTE_B='open\n",
                                      "TE_A=1\nTE_B='x' y\n",  "TE_A=1\n=x\n"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        th_error_t warning, error;
        assert_false(load_text(bad[i], 0600, &warning, &error));
        assert_non_null(strstr(error.message, ":2: expected NAME=VALUE"));
    }
}

static void test_files_that_are_none(void **state) {
    (void)state;
    th_error_t warning, error;
    assert_true(th_dotenv_load("/tmp/tallyhost-no-such-env", &warning, &error));
    assert_false(th_dotenv_load("/tmp", &warning, &error));
    char *huge = malloc(70000);
    assert_non_null(huge);
    memset(huge, '#', 69999);
    huge[69999] = '\0';
    assert_false(load_text(huge, 0600, &warning, &error));
    assert_non_null(strstr(error.message, "64 KB"));
    free(huge);
}

static void test_take_removes_and_overwrites(void **state) {
    (void)state;
    char out[32];
    setenv("TE_SECRET", "s3cret-value", 1);
    const char *original = getenv("TE_SECRET");
    assert_true(th_environment_take("TE_SECRET", out, sizeof(out)));
    assert_string_equal(out, "s3cret-value");
    assert_null(getenv("TE_SECRET"));
    assert_false(th_environment_take("TE_SECRET", out, sizeof(out)));
    /* glibc keeps the storage of a removed variable, so the old bytes can be looked at. */
    assert_int_equal(original[0], 0);
    setenv("TE_SECRET", "much too long for the place it should go to", 1);
    assert_false(th_environment_take("TE_SECRET", out, sizeof(out)));
    assert_null(getenv("TE_SECRET"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms_of_a_line),
        cmocka_unit_test(test_never_overrides),
        cmocka_unit_test(test_refusals_name_the_line),
        cmocka_unit_test(test_files_that_are_none),
        cmocka_unit_test(test_take_removes_and_overwrites),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
