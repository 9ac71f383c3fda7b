/* Command lines: flags in every form, mistakes, overrides, and help that covers every verb and
 * flag. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/arguments.h"
#include "cli/help.h"

static int split(char *line, char *argv[static 64]) {
    char *rest = NULL;
    int argc = 0;
    for (char *word = strtok_r(line, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        argv[argc++] = word;
    argv[argc] = NULL;
    return argc;
}

/* From here to release() what is printed goes into a file. */
static FILE *catch_output(int saved[static 2]) {
    FILE *caught = tmpfile();
    assert_non_null(caught);
    fflush(stdout);
    saved[0] = dup(1);
    saved[1] = dup(2);
    dup2(fileno(caught), 1);
    dup2(fileno(caught), 2);
    return caught;
}

static void release(FILE *caught, const int saved[static 2], char said[static 4096]) {
    fflush(stdout);
    dup2(saved[0], 1);
    dup2(saved[1], 2);
    close(saved[0]);
    close(saved[1]);
    rewind(caught);
    said[fread(said, 1, 4095, caught)] = '\0';
    fclose(caught);
}

/* Parses the words of one line, with standard error and output caught in <said>. */
static bool parse(th_arguments_t *arguments, char *line, char said[static 4096]) {
    char *argv[64];
    int saved[2], argc = split(line, argv);
    FILE *caught = catch_output(saved);
    bool done = th_arguments_parse(arguments, argc, argv);
    release(caught, saved, said);
    return done;
}

static void test_forms_of_flags(void **state) {
    (void)state;
    th_arguments_t arguments;
    char said[4096];
    char line[] = "tool --tools=here call --arg a=1 name --arg b=x=y --practice -- --not-a-flag";
    assert_true(parse(&arguments, line, said));
    assert_string_equal(th_arguments_value(&arguments, "--tools"), "here");
    assert_string_equal(th_arguments_value(&arguments, "--arg"), "b=x=y");
    assert_true(th_arguments_has(&arguments, "--practice"));
    assert_false(th_arguments_has(&arguments, "--json"));
    assert_int_equal(arguments.given_count, 4);
    assert_int_equal(arguments.operand_count, 3);
    assert_string_equal(arguments.operands[0], "call");
    assert_string_equal(arguments.operands[2], "--not-a-flag");
}

static void test_a_dash_is_an_operand(void **state) {
    (void)state;
    th_arguments_t arguments;
    char said[4096];
    char line[] = "tool check -";
    assert_true(parse(&arguments, line, said));
    assert_string_equal(arguments.operands[1], "-");
}

static void test_mistakes(void **state) {
    (void)state;
    static const struct {
        const char *line, *part;
    } cases[] = {
        {"serve --worker 2", "there is no flag --worker; did you mean --workers?"},
        {"serve --log-levle=debug", "there is no flag --log-levle; did you mean --log-level?"},
        {"serve --zebra", "tallyhost serve: there is no flag --zebra\n"},
        {"serve -x", "there is no flag -x"},
        {"serve --mcp", "--mcp needs a value: ADDR:PORT"},
        {"serve --practice=yes", "--practice takes no value"},
        {"version --json", "there is no flag --json"},
        {"sevre", "there is no verb \"sevre\"; did you mean serve?"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        th_arguments_t arguments;
        char said[4096], line[128];
        snprintf(line, sizeof(line), "%s", cases[i].line);
        assert_false(parse(&arguments, line, said));
        assert_int_equal(arguments.exit_code, TH_EXIT_USAGE);
        if (!strstr(said, cases[i].part)) fail_msg("%s: %s", cases[i].line, said);
    }
}

static void test_overrides_keep_their_order_and_source(void **state) {
    (void)state;
    th_arguments_t arguments;
    th_setting_override_t overrides[TH_ARGUMENTS_MAX];
    char said[4096];
    char line[] = "serve --workers 2 --practice --mcp 127.0.0.1:0 --workers 3";
    assert_true(parse(&arguments, line, said));
    assert_int_equal(th_arguments_overrides(&arguments, overrides), 3);
    assert_string_equal(overrides[0].name, "worker.count");
    assert_string_equal(overrides[1].source, "--mcp");
    assert_string_equal(overrides[2].text, "3");
}

static void test_help_flag_ends_with_ok(void **state) {
    (void)state;
    th_arguments_t arguments;
    char said[4096];
    char line[] = "stdio --practice --help";
    assert_false(parse(&arguments, line, said));
    assert_int_equal(arguments.exit_code, TH_EXIT_OK);
    assert_non_null(strstr(said, "usage: tallyhost stdio"));
}

static char *printed(void (*print)(FILE *, const th_verb_t *), const th_verb_t *verb) {
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    if (print)
        print(out, verb);
    else
        th_help_overview(out);
    fclose(out);
    return text;
}

static void test_help_is_complete(void **state) {
    (void)state;
    char *overview = printed(NULL, NULL);
    for (size_t i = 0; i < th_verb_count; i++) {
        const th_verb_t *verb = &th_verbs[i];
        assert_non_null(strstr(overview, verb->name));
        char *text = printed(th_help_verb, verb);
        for (const th_option_t *option = verb->options; option->name; option++) {
            assert_non_null(strstr(text, option->name));
            assert_non_null(strstr(text, option->about));
            /* A flag that overrides a setting names one that exists. */
            if (option->setting) assert_non_null(th_setting_find(option->setting));
        }
        free(text);
    }
    assert_non_null(strstr(overview, "78 bad configuration"));
    free(overview);
}

static void test_help_knows_the_parts_of_a_verb(void **state) {
    (void)state;
    static const struct {
        const char *line, *said;
        int code;
    } cases[] = {
        {"help tool", "usage: tallyhost tool", TH_EXIT_OK},
        {"help tool new", "usage: tallyhost tool", TH_EXIT_OK},
        {"help tool stubs", "usage: tallyhost tool", TH_EXIT_OK},
        {"help tool NAME", "tool has no \"NAME\"", TH_EXIT_USAGE},
        {"help tool ne", "tool has no \"ne\"", TH_EXIT_USAGE},
        {"help serve list", "serve has no \"list\"", TH_EXIT_USAGE},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char line[64], said[4096], *argv[64];
        int saved[2];
        snprintf(line, sizeof(line), "%s", cases[i].line);
        int argc = split(line, argv);
        FILE *caught = catch_output(saved);
        int code = th_verb_help(argc, argv);
        release(caught, saved, said);
        assert_int_equal(code, cases[i].code);
        assert_non_null(strstr(said, cases[i].said));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms_of_flags),
        cmocka_unit_test(test_a_dash_is_an_operand),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_overrides_keep_their_order_and_source),
        cmocka_unit_test(test_help_flag_ends_with_ok),
        cmocka_unit_test(test_help_is_complete),
        cmocka_unit_test(test_help_knows_the_parts_of_a_verb),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
