/* test_reload.c - the tools directory changes while a loop runs: what becomes a new generation, and
 * what does not. Real files, real inotify; every wait is for an event, with a bound that only a
 * hang reaches. */
#include "check.h"

#include <fcntl.h>

#include "base/clock.h"
#include "config/config.h"
#include "loop/worker.h"
#include "script/library.h"
#include "script/reload.h"
#include "tool_folder.h"

#define GIVE_UP_MS 30000

typedef struct fixture {
    tool_folder_t folder; /* tools/ is in it, so that tools/ itself can go and come */
    th_settings_t settings;
    th_log_t log;
    th_worker_t worker;
    th_reload_t *reload;
    th_catalogue_t *catalogue; /* the newest; NULL = none came */
    unsigned fresh_count;
    uv_timer_t pulse; /* keeps the loop turning while a test waits */
    unsigned storm;   /* files written by the storm timer */
} fixture_t;

static void on_fresh(void *arg, th_catalogue_t *catalogue) {
    fixture_t *fixture = arg;
    th_catalogue_unref(fixture->catalogue);
    fixture->catalogue = catalogue;
    fixture->fresh_count++;
}

static void on_pulse(uv_timer_t *timer) {
    (void)timer;
}

static int open_fixture(void **state) {
    fixture_t *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    char path[512];
    tool_folder_open(&fixture->folder);
    th_settings_defaults(&fixture->settings);
    snprintf(fixture->settings.script_tools, sizeof fixture->settings.script_tools, "%s/tools",
             fixture->folder.path);
    fixture->settings.script_reload = true;
    fixture->settings.script_reload_settle = 20;
    fixture->log = (th_log_t){.threshold = TH_LOG_DEBUG, .format = TH_LOG_TEXT};
    tool_folder_path(&fixture->folder, "log", path);
    fixture->log.fd = open(path, O_CREAT | O_RDWR | O_APPEND | O_CLOEXEC, 0600);
    assert_true(fixture->log.fd >= 0);
    tool_folder_write_tool(&fixture->folder, "tools/task/one.lua", "return 'x'");
    *state = fixture;
    return 0;
}

/* Opens worker and reload, with what is in the directory as the generation in use. */
static void start(fixture_t *fixture) {
    th_error_t error;
    assert_true(th_worker_open(&fixture->worker, 0, &fixture->settings, &fixture->log, &error));
    assert_int_equal(uv_timer_init(&fixture->worker.loop, &fixture->pulse), 0);
    fixture->reload = th_reload_open(&fixture->worker, on_fresh, fixture, &error);
    assert_non_null(fixture->reload);
    th_problems_t *problems = malloc(sizeof *problems);
    assert_non_null(problems);
    fixture->catalogue = th_catalogue_load(&fixture->settings, NULL, problems);
    free(problems);
    th_reload_use(fixture->reload, fixture->catalogue);
}

static int close_fixture(void **state) {
    fixture_t *fixture = *state;
    uv_close((uv_handle_t *)&fixture->pulse, NULL);
    th_worker_stop(&fixture->worker);
    th_worker_run(&fixture->worker);
    th_reload_close(fixture->reload);
    th_worker_close(&fixture->worker);
    th_catalogue_unref(fixture->catalogue);
    close(fixture->log.fd);
    tool_folder_close(&fixture->folder);
    free(fixture);
    return 0;
}

/* How often <text> is in the log. */
static unsigned logged(fixture_t *fixture, const char *text) {
    off_t length = lseek(fixture->log.fd, 0, SEEK_END);
    char *log = calloc(1, (size_t)length + 1);
    assert_non_null(log);
    assert_int_equal(pread(fixture->log.fd, log, (size_t)length, 0), length);
    unsigned count = 0;
    for (const char *at = log; (at = strstr(at, text)); at++)
        count++;
    free(log);
    return count;
}

#define RUN_UNTIL(fixture, condition)                                  \
    do {                                                               \
        uint64_t began = th_clock_monotonic_ms();                      \
        uv_timer_start(&(fixture)->pulse, on_pulse, 1, 2);             \
        while (!(condition)) {                                         \
            assert_true(th_clock_monotonic_ms() - began < GIVE_UP_MS); \
            uv_run(&(fixture)->worker.loop, UV_RUN_ONCE);              \
        }                                                              \
        uv_timer_stop(&(fixture)->pulse);                              \
    } while (0)

static bool has(const fixture_t *fixture, const char *name) {
    return fixture->catalogue && th_catalogue_find(fixture->catalogue, th_slice_of(name));
}

static void a_new_file_is_a_new_generation(void **state) {
    fixture_t *fixture = *state;
    start(fixture);
    uint64_t generation = th_catalogue_generation(fixture->catalogue);
    tool_folder_write_tool(&fixture->folder, "tools/task/two.lua", "return 'x'");
    RUN_UNTIL(fixture, has(fixture, "two"));
    assert_true(has(fixture, "one"));
    assert_true(th_catalogue_generation(fixture->catalogue) > generation);
    assert_int_equal(logged(fixture, "2 tools (added: two)"), 1);
}

static void a_save_by_renaming_and_a_save_in_place_are_seen(void **state) {
    fixture_t *fixture = *state;
    start(fixture);
    tool_folder_write_tool(&fixture->folder, "tools/task/one.lua", "return 'renamed'");
    RUN_UNTIL(fixture, fixture->fresh_count == 1);
    assert_int_equal(logged(fixture, "1 tool (changed: one)"), 1);
    char path[512];
    FILE *file = fopen(tool_folder_path(&fixture->folder, "tools/task/one.lua", path), "a");
    assert_non_null(file);
    assert_true(fputs("-- in place\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    RUN_UNTIL(fixture, fixture->fresh_count == 2);
    assert_int_equal(logged(fixture, "1 tool (changed: one)"), 2);
}

static void a_deleted_file_disappears(void **state) {
    fixture_t *fixture = *state;
    tool_folder_write_tool(&fixture->folder, "tools/two.lua", "return 'x'");
    start(fixture);
    tool_folder_remove(&fixture->folder, "tools/two.lua");
    RUN_UNTIL(fixture, !has(fixture, "two"));
    assert_true(has(fixture, "one"));
    assert_int_equal(logged(fixture, "(removed: two)"), 1);
}

static void a_held_generation_outlives_the_next(void **state) {
    fixture_t *fixture = *state;
    start(fixture);
    th_catalogue_t *held = th_catalogue_ref(fixture->catalogue);
    const th_tool_t *tool = th_catalogue_find(held, TH_SLICE("one"));
    tool_folder_remove(&fixture->folder, "tools/task/one.lua");
    RUN_UNTIL(fixture, !has(fixture, "one"));
    assert_string_equal(tool->name, "one");
    assert_true(th_catalogue_tool_chunk(held, tool).length > 0);
    th_catalogue_unref(held);
}

static void a_broken_file_changes_nothing_and_is_told_once(void **state) {
    fixture_t *fixture = *state;
    start(fixture);
    tool_folder_write(&fixture->folder, "tools/task/bad.lua", "\nlocal x = (");
    RUN_UNTIL(fixture, logged(fixture, "stays in use"));
    assert_int_equal(fixture->fresh_count, 0);
    assert_int_equal(logged(fixture, "task/bad.lua:2: unexpected symbol"), 1);
    assert_int_equal(logged(fixture, "1 problem;"), 1);

    /* Something else happens: the same problem is not told again, but it is when asked for. */
    tool_folder_write_tool(&fixture->folder, "tools/task/two.lua", "return 'x'");
    th_reload_now(fixture->reload);
    RUN_UNTIL(fixture, logged(fixture, "task/bad.lua:2: unexpected symbol") == 2);
    assert_int_equal(fixture->fresh_count, 0);

    tool_folder_remove(&fixture->folder, "tools/task/bad.lua");
    RUN_UNTIL(fixture, has(fixture, "two"));
    assert_int_equal(logged(fixture, "task/bad.lua:2: unexpected symbol"), 2);
}

static void the_same_content_is_no_new_generation(void **state) {
    fixture_t *fixture = *state;
    start(fixture);
    tool_folder_write_tool(&fixture->folder, "tools/task/one.lua", "return 'x'"); /* as it was */
    RUN_UNTIL(fixture, logged(fixture, "nothing changed"));
    th_reload_now(fixture->reload);
    RUN_UNTIL(fixture, logged(fixture, "nothing changed") == 2);
    assert_int_equal(fixture->fresh_count, 0);
}

static void new_folders_are_watched_too(void **state) {
    fixture_t *fixture = *state;
    start(fixture);
    tool_folder_write_tool(&fixture->folder, "tools/people/in/two.lua", "return 'x'");
    RUN_UNTIL(fixture, has(fixture, "two"));
    tool_folder_write_tool(&fixture->folder, "tools/people/in/three.lua", "return 'x'");
    RUN_UNTIL(fixture, has(fixture, "three"));
}

static void a_missing_directory_may_appear(void **state) {
    fixture_t *fixture = *state;
    char path[512];
    snprintf(fixture->settings.script_tools, sizeof fixture->settings.script_tools,
             "%s/later/on/tools/", fixture->folder.path);
    start(fixture);
    assert_null(fixture->catalogue);
    assert_int_equal(mkdir(tool_folder_path(&fixture->folder, "later", path), 0755), 0);
    RUN_UNTIL(fixture, logged(fixture, "the tools in use stay"));
    tool_folder_write_tool(&fixture->folder, "later/on/tools/task/two.lua", "return 'x'");
    RUN_UNTIL(fixture, has(fixture, "two"));
    tool_folder_write_tool(&fixture->folder, "later/on/tools/task/three.lua", "return 'x'");
    RUN_UNTIL(fixture, has(fixture, "three"));
}

static void a_replaced_directory_is_seen_and_watched(void **state) {
    fixture_t *fixture = *state;
    char tools[512], old[512], next[512];
    tool_folder_write_tool(&fixture->folder, "next/task/two.lua", "return 'x'");
    start(fixture);
    tool_folder_path(&fixture->folder, "tools", tools);
    tool_folder_path(&fixture->folder, "old", old);
    tool_folder_path(&fixture->folder, "next", next);
    assert_int_equal(rename(tools, old), 0);
    assert_int_equal(rename(next, tools), 0);
    RUN_UNTIL(fixture, has(fixture, "two") && !has(fixture, "one"));
    tool_folder_write_tool(&fixture->folder, "tools/task/three.lua", "return 'x'");
    RUN_UNTIL(fixture, has(fixture, "three"));
    assert_int_equal(th_catalogue_count(fixture->catalogue), 2);
}

static void a_directory_behind_a_link_may_be_switched(void **state) {
    fixture_t *fixture = *state;
    char link[512], aside[512];
    tool_folder_write_tool(&fixture->folder, "v2/two.lua", "return 'x'");
    tool_folder_path(&fixture->folder, "current", link);
    tool_folder_path(&fixture->folder, "current.new", aside);
    assert_int_equal(symlink("tools", link), 0);
    assert_int_equal(symlink("v2", aside), 0);
    snprintf(fixture->settings.script_tools, sizeof fixture->settings.script_tools, "%s", link);
    start(fixture);
    assert_true(has(fixture, "one"));
    assert_int_equal(rename(aside, link), 0);
    RUN_UNTIL(fixture, has(fixture, "two") && !has(fixture, "one"));
}

static void a_single_file_is_watched(void **state) {
    fixture_t *fixture = *state;
    strcat(fixture->settings.script_tools, "/task/one.lua");
    start(fixture);
    tool_folder_write_tool(&fixture->folder, "tools/task/one.lua", "return 'other'");
    RUN_UNTIL(fixture, fixture->fresh_count == 1);
}

static void the_library_directory_is_watched(void **state) {
    fixture_t *fixture = *state;
    static const char *const names[] = {"words.lua",         "words_check.lua", "words_fields.lua",
                                        "words_headers.lua", "words_items.lua", "words_parts.lua",
                                        "words_schema.lua"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char name[64];
        snprintf(name, sizeof name, "lib/%s", names[i]);
        const th_library_file_t *file = th_library_find(names[i]);
        tool_folder_write_bytes(&fixture->folder, name, file->text.data, file->text.length);
    }
    snprintf(fixture->settings.script_library, sizeof fixture->settings.script_library, "%s/lib",
             fixture->folder.path);
    start(fixture);
    assert_non_null(fixture->catalogue);
    tool_folder_write(&fixture->folder, "lib/tallyfy/people.lua", "return {}");
    RUN_UNTIL(fixture, fixture->fresh_count > 0);
    assert_int_equal(logged(fixture, "the library changed"), 1);
}

static void on_storm(uv_timer_t *timer) {
    fixture_t *fixture = timer->data;
    char name[64];
    snprintf(name, sizeof name, "tools/task/noise%u.txt", fixture->storm++ % 8);
    tool_folder_write(&fixture->folder, name, "x");
}

static void changes_without_end_do_not_put_it_off_for_ever(void **state) {
    fixture_t *fixture = *state;
    fixture->settings.script_reload_settle = 60; /* longer than the storm ever pauses */
    start(fixture);
    uv_timer_t storm;
    assert_int_equal(uv_timer_init(&fixture->worker.loop, &storm), 0);
    storm.data = fixture;
    uv_timer_start(&storm, on_storm, 0, 1);
    tool_folder_write_tool(&fixture->folder, "tools/task/two.lua", "return 'x'");
    RUN_UNTIL(fixture, has(fixture, "two"));
    uv_close((uv_handle_t *)&storm, NULL);
    uv_run(&fixture->worker.loop, UV_RUN_NOWAIT);
}

static void count_watches(uv_handle_t *handle, void *count) {
    *(unsigned *)count += handle->type == UV_FS_EVENT;
}

static void without_watching_only_a_request_loads(void **state) {
    fixture_t *fixture = *state;
    fixture->settings.script_reload = false;
    start(fixture);
    tool_folder_write_tool(&fixture->folder, "tools/task/two.lua", "return 'x'");
    th_reload_now(fixture->reload);
    RUN_UNTIL(fixture, has(fixture, "two"));
    unsigned watches = 0;
    uv_walk(&fixture->worker.loop, count_watches, &watches);
    assert_int_equal(watches, 0);
}

static void requests_during_a_load_become_one_more(void **state) {
    fixture_t *fixture = *state;
    start(fixture);
    for (int i = 0; i < 50; i++)
        th_reload_now(fixture->reload);
    RUN_UNTIL(fixture, logged(fixture, "nothing changed") == 2);
    assert_int_equal(fixture->fresh_count, 0);
}

/* Closing while the pool still loads: the fixture's teardown must find nothing left (ASan,
 * loop_close). */
static void a_stop_during_a_load_drops_it(void **state) {
    fixture_t *fixture = *state;
    start(fixture);
    tool_folder_write_tool(&fixture->folder, "tools/task/two.lua", "return 'x'");
    th_reload_now(fixture->reload);
    th_worker_stop(&fixture->worker);
    th_reload_now(fixture->reload); /* of no effect any more */
    th_worker_run(&fixture->worker);
    assert_int_equal(fixture->fresh_count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_new_file_is_a_new_generation),
        TEST(a_save_by_renaming_and_a_save_in_place_are_seen),
        TEST(a_deleted_file_disappears),
        TEST(a_held_generation_outlives_the_next),
        TEST(a_broken_file_changes_nothing_and_is_told_once),
        TEST(the_same_content_is_no_new_generation),
        TEST(new_folders_are_watched_too),
        TEST(a_missing_directory_may_appear),
        TEST(a_replaced_directory_is_seen_and_watched),
        TEST(a_directory_behind_a_link_may_be_switched),
        TEST(a_single_file_is_watched),
        TEST(the_library_directory_is_watched),
        TEST(changes_without_end_do_not_put_it_off_for_ever),
        TEST(without_watching_only_a_request_loads),
        TEST(requests_during_a_load_become_one_more),
        TEST(a_stop_during_a_load_drops_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
