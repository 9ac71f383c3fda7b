/* test_handlers.c - `on` handlers: whose state they run in, in which order, what they cannot do,
 * and the bounds around them. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "chat/handlers.h"
#include "config/config.h"
#include "loop/fetch.h"
#include "script/tool_folder.h"

typedef struct fixture {
    tool_folder_t folder;
    th_settings_t settings;
    th_log_t log;
    FILE *log_file;
    th_worker_t worker;
    th_catalogue_t *catalogue;
    th_handlers_t *handlers;
    char heard[2048]; /* "org/handler: text; " */
} fixture_t;

static fixture_t fixture;

static void on_said(void *arg, const th_happening_t *happening, const th_item_t *handler,
                    th_slice_t text, th_slice_t data) {
    assert_ptr_equal(arg, &fixture);
    size_t length = strlen(fixture.heard);
    (void)snprintf(fixture.heard + length, sizeof fixture.heard - length, "%s/%s: %.*s%.*s; ",
                   happening->org_id, handler->name, (int)text.length, text.data, (int)data.length,
                   data.data ? data.data : "");
}

static void on_changed(void *arg, const char *org_id, th_changed_t what, th_slice_t uri) {
    assert_ptr_equal(arg, &fixture);
    size_t length = strlen(fixture.heard);
    (void)snprintf(fixture.heard + length, sizeof fixture.heard - length, "%s changed %d %.*s; ",
                   org_id, (int)what, (int)uri.length, uri.data);
}

static const th_handlers_listener_t listener = {.said = on_said, .changed = on_changed};

static int open_fixture(void **state) {
    (void)state;
    memset(&fixture, 0, sizeof fixture);
    assert_int_equal(th_random_start(), 1);
    tool_folder_open(&fixture.folder);
    th_settings_defaults(&fixture.settings);
    (void)snprintf(fixture.settings.script_tools, sizeof fixture.settings.script_tools, "%s",
                   fixture.folder.path);
    fixture.settings.script_cpu = 200;
    fixture.settings.chat_webhook_events = 3;
    fixture.settings.chat_webhook_orgs = 2;
    fixture.log_file = tmpfile();
    fixture.log = (th_log_t){fileno(fixture.log_file), TH_LOG_DEBUG, TH_LOG_TEXT};
    th_error_t error = {"", ""};
    assert_true(th_worker_open(&fixture.worker, 0, &fixture.settings, &fixture.log, &error));
    fixture.handlers = th_handlers_open(&fixture.worker, &listener, &fixture, &error);
    assert_non_null(fixture.handlers);
    return 0;
}

static int close_fixture(void **state) {
    (void)state;
    th_worker_stop(&fixture.worker);
    th_worker_run(&fixture.worker);
    th_handlers_close(fixture.handlers);
    th_worker_close(&fixture.worker);
    th_catalogue_unref(fixture.catalogue);
    tool_folder_close(&fixture.folder);
    fclose(fixture.log_file);
    return 0;
}

static void handler(const char *name, const char *event, const char *body) {
    char file[64], text[1024];
    (void)snprintf(file, sizeof file, "%s.lua", name);
    (void)snprintf(
        text, sizeof text,
        "local count = 0\non \"%s\" { about = \"A\"; run = function (event, call) count = "
        "count + 1\n%s\nend }\n",
        event, body);
    tool_folder_write(&fixture.folder, file, text);
}

static void load(void) {
    th_problems_t problems = {0};
    th_catalogue_t *fresh = th_catalogue_load(&fixture.settings, NULL, &problems);
    if (!fresh) fail_msg("%s: %s", problems.list[0].file, problems.list[0].message);
    th_catalogue_unref(fixture.catalogue);
    fixture.catalogue = fresh;
}

/* "" when it was taken, else the code. */
static const char *happen(const char *org, const char *body) {
    static th_error_t error;
    error = (th_error_t){"", ""};
    th_happening_t *event =
        th_happening_read(fixture.worker.parser, th_slice_of(org), th_slice_of(body), &error);
    assert_non_null(event);
    bool taken = th_handlers_run(fixture.handlers, fixture.catalogue, event, &error);
    assert_int_equal(taken, !error.code[0]);
    th_happening_unref(event);
    return error.code;
}

static void settle(void) {
    while (th_handlers_pending(fixture.handlers) > 0)
        uv_run(&fixture.worker.loop, UV_RUN_NOWAIT);
}

#define DONE(id) "{\"this_task\":{\"id\":\"" id "\",\"title\":\"T\"}}"

static bool log_has(const char *text) {
    static char whole[1 << 16];
    rewind(fixture.log_file);
    size_t length = fread(whole, 1, sizeof whole - 1, fixture.log_file);
    whole[length] = '\0';
    return strstr(whole, text) != NULL;
}

static void an_organisation_has_a_state_of_its_own(void **state) {
    (void)state;
    handler("count", "task.completed",
            "return ('%d %s %s'):format(count, event.task.id, call.org.id)");
    load();
    assert_string_equal(happen("o1", DONE("a")), "");
    assert_string_equal(happen("o1", DONE("b")), "");
    assert_string_equal(happen("o2", DONE("c")), "");
    settle();
    assert_non_null(strstr(fixture.heard, "o1/count: 1 a o1; "));
    assert_non_null(strstr(fixture.heard, "o1/count: 2 b o1; "));
    assert_non_null(strstr(fixture.heard, "o2/count: 1 c o2; "));
    assert_true(strstr(fixture.heard, "2 b") > strstr(fixture.heard, "1 a"));
}

static void only_handlers_of_the_event_run_one_after_the_other(void **state) {
    (void)state;
    handler("a_first", "task.completed", "return 'one'");
    handler("b_second", "task.completed", "call.changed('x://y') return { data = { n = count } }");
    handler("c_quiet", "task.completed", "");
    handler("d_other", "process.launched", "return 'never'");
    load();
    assert_string_equal(happen("o1", DONE("a")), "");
    settle();
    assert_string_equal(fixture.heard, "o1/a_first: one; o1 changed 3 x://y; o1/b_second: {\"n\":1}"
                                       "{\"n\":1}; ");
    assert_string_equal(happen("o1", "{\"event\":\"task.assigned\"}"), ""); /* nobody's */
    assert_int_equal(th_handlers_pending(fixture.handlers), 0);
}

static void it_acts_for_nobody(void **state) {
    (void)state;
    handler("a_get", "task.completed", "return call.api:get('/organizations/{org}/me').data.id");
    handler("b_post", "task.completed", "call.api:post('/organizations/{org}/tasks', {}) ");
    handler("c_user", "task.completed",
            "return ('[%s %s %s]'):format(call.user.name, call.user.email, call.user.id)");
    handler("d_use", "task.completed", "return select(2, pcall(call.api.get, call.api, '/x'))");
    load();
    assert_string_equal(happen("o1", DONE("a")), "");
    settle();
    assert_true(log_has("handler=a_get outcome=bug"));
    assert_true(log_has("handler=b_post outcome=bug"));
    assert_true(log_has("call.api:get: a handler acts for nobody"));
    assert_non_null(strstr(fixture.heard, "o1/c_user: [nil nil 0]; "));
    assert_non_null(strstr(fixture.heard, "a handler acts for nobody"));
}

static void a_bad_one_stops_neither_others_nor_later_events(void **state) {
    (void)state;
    handler("a_spin", "task.completed", "while true do end");
    handler("b_fail", "task.completed", "return nil, { code = 'no', message = 'Not today.' }");
    handler("c_fine", "task.completed", "return event.task.id");
    load();
    assert_string_equal(happen("o1", DONE("a")), "");
    assert_string_equal(happen("o1", DONE("b")), "");
    settle();
    assert_true(log_has("handler=a_spin outcome=time_budget"));
    assert_true(log_has("handler=b_fail outcome=no: Not today."));
    assert_string_equal(fixture.heard, "o1/c_fine: a; o1/c_fine: b; ");
}

static void events_and_organisations_are_bounded(void **state) {
    (void)state;
    handler("count", "task.completed", "return tostring(count)");
    load();
    assert_string_equal(happen("o1", DONE("a")), "");
    assert_string_equal(happen("o2", DONE("a")), "");
    assert_string_equal(happen("o3", DONE("a")), "busy"); /* two organisations are at work */
    assert_string_equal(happen("o1", DONE("b")), "");
    assert_string_equal(happen("o1", DONE("c")), "busy"); /* three events wait */
    settle();
    assert_string_equal(happen("o3", DONE("a")), ""); /* the one longest quiet makes room: o2 */
    settle();
    fixture.heard[0] = '\0';
    assert_string_equal(happen("o1", DONE("d")), "");
    assert_string_equal(happen("o2", DONE("d")), "");
    settle();
    assert_non_null(strstr(fixture.heard, "o1/count: 3; "));
    assert_non_null(strstr(fixture.heard, "o2/count: 1; ")); /* made anew */
}

/* What waits is counted in bytes as well; one alone may be of any size. */
static void waiting_bytes_are_bounded(void **state) {
    (void)state;
    fixture.settings.chat_webhook_bytes = 64 * 1024;
    handler("count", "task.completed", "return tostring(count)");
    load();
    static char large[128 * 1024];
    (void)snprintf(large, sizeof large, "{\"this_task\":{\"id\":\"a\",\"title\":\"%0*d\"}}", 60000,
                   0);
    assert_string_equal(happen("o1", large), "");
    assert_string_equal(happen("o1", DONE("b")), "busy");
    settle();
    assert_string_equal(happen("o1", DONE("b")), "");
    assert_string_equal(happen("o1", large), "busy");
    assert_string_equal(happen("o1", DONE("c")), "");
    settle();
    assert_string_equal(happen("o1", large), ""); /* what was counted went */
    settle();
    assert_non_null(strstr(fixture.heard, "o1/count: 4; "));
}

static void a_quiet_state_is_closed(void **state) {
    (void)state;
    fixture.settings.session_state_idle = 1;
    handler("count", "task.completed", "return tostring(count)");
    load();
    assert_string_equal(happen("o1", DONE("a")), "");
    settle();
    uv_run(&fixture.worker.loop, UV_RUN_ONCE); /* nothing but its deadline is left to wait for */
    fixture.heard[0] = '\0';
    uint64_t until = uv_now(&fixture.worker.loop) + 2;
    while (uv_now(&fixture.worker.loop) < until)
        uv_run(&fixture.worker.loop, UV_RUN_NOWAIT);
    assert_string_equal(happen("o1", DONE("b")), "");
    settle();
    assert_string_equal(fixture.heard, "o1/count: 1; ");
}

static void new_tools_are_used_by_the_next_event(void **state) {
    (void)state;
    handler("say", "task.completed", "return 'old'");
    load();
    assert_string_equal(happen("o1", DONE("a")), "");
    handler("say", "task.completed", "return 'new'");
    load();
    assert_string_equal(happen("o1", DONE("b")), "");
    settle();
    assert_string_equal(fixture.heard, "o1/say: old; o1/say: new; ");
}

static void the_worker_may_stop_in_the_middle(void **state) {
    (void)state;
    handler("slow", "task.completed", "for i = 1, 1e9 do end");
    load();
    assert_string_equal(happen("o1", DONE("a")), "");
    assert_string_equal(happen("o1", DONE("b")), "");
    uv_run(&fixture.worker.loop, UV_RUN_NOWAIT);
    /* close_fixture stops it; LeakSanitizer tells the rest */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_organisation_has_a_state_of_its_own),
        TEST(only_handlers_of_the_event_run_one_after_the_other),
        TEST(it_acts_for_nobody),
        TEST(a_bad_one_stops_neither_others_nor_later_events),
        TEST(events_and_organisations_are_bounded),
        TEST(waiting_bytes_are_bounded),
        TEST(a_quiet_state_is_closed),
        TEST(new_tools_are_used_by_the_next_event),
        TEST(the_worker_may_stop_in_the_middle),
    };
    th_error_t error;
    if (!th_fetch_global_start(&error)) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    th_fetch_global_stop();
    return failed;
}
