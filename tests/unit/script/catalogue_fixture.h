/* catalogue_fixture.h - a tools directory, settings, and loading it: what the catalogue's tests
 * share. */
#ifndef TH_TESTS_CATALOGUE_FIXTURE_H
#define TH_TESTS_CATALOGUE_FIXTURE_H

#include "check.h"

#include "config/config.h"
#include "script/catalogue.h"
#include "tool_folder.h"

static const char full_tool[] = "tool \"complete_task\" {\n"
                                "  title = \"Complete a task\";\n"
                                "  about = \"Marks it as done.\";\n"
                                "  effect = \"change\";\n"
                                "  input = {\n"
                                "    id \"task_id\" { \"The task\" };\n"
                                "    flag \"approved\" { \"Yes or no\", optional = true };\n"
                                "  };\n"
                                "  output = { text \"title\" { \"Its title\" } };\n"
                                "  limits = { cpu = \"2s\", time = \"1min\" };\n"
                                "  annotations = { idempotent = false };\n"
                                "  run = function () return \"done\" end;\n"
                                "}\n";

typedef struct fixture {
    tool_folder_t folder;
    th_settings_t settings;
    th_problems_t problems;
} fixture_t;

static inline int open_fixture(void **state) {
    fixture_t *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    th_settings_defaults(&fixture->settings);
    tool_folder_open(&fixture->folder);
    snprintf(fixture->settings.script_tools, sizeof fixture->settings.script_tools, "%s",
             fixture->folder.path);
    *state = fixture;
    return 0;
}

static inline int close_fixture(void **state) {
    fixture_t *fixture = *state;
    tool_folder_close(&fixture->folder);
    free(fixture);
    return 0;
}

static inline th_catalogue_t *load(fixture_t *fixture) {
    th_catalogue_t *catalogue = th_catalogue_load(&fixture->settings, NULL, &fixture->problems);
    for (size_t i = 0; !catalogue && i < fixture->problems.count; i++)
        print_message("    %s:%d: %s (%s)\n", fixture->problems.list[i].file,
                      fixture->problems.list[i].line, fixture->problems.list[i].message,
                      fixture->problems.list[i].hint);
    return catalogue;
}

static inline th_catalogue_t *load_fine(fixture_t *fixture) {
    th_catalogue_t *catalogue = load(fixture);
    assert_non_null(catalogue);
    assert_int_equal(fixture->problems.count, 0);
    return catalogue;
}

/* The directory has exactly this one problem: in <file>, on <line>, saying <message> and <hint>. */
static inline void assert_problem(fixture_t *fixture, const char *file, int line,
                                  const char *message, const char *hint) {
    assert_null(load(fixture));
    assert_int_equal(fixture->problems.count, 1);
    const th_problem_t *problem = &fixture->problems.list[0];
    assert_non_null(strstr(problem->file, file));
    assert_int_equal(problem->line, line);
    assert_non_null(strstr(problem->message, message));
    assert_non_null(strstr(problem->hint, hint));
}

static inline void assert_text(th_slice_t text, const char *expected) {
    assert_int_equal(text.length, strlen(expected));
    assert_memory_equal(text.data, expected, text.length);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)

#endif
