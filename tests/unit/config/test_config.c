/* Settings: rows against the struct and the shipped file, every source, every kind of mistake. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/config.h"
#include "config/nearest.h"

static const char *source_folder(void) {
    const char *folder = getenv("TH_SOURCE");
    return folder ? folder : ".";
}

static char *read_source(const char *name) {
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", source_folder(), name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char *text = calloc(1, 256 * 1024);
    assert_non_null(text);
    size_t length = fread(text, 1, 256 * 1024 - 1, file);
    assert_true(length > 0);
    fclose(file);
    return text;
}

/* A configuration file with this text; the name is valid until the next call. */
static const char *write_file(const char *text) {
    static char path[] = "/tmp/tallyhost-config-XXXXXX.lua";
    strcpy(path, "/tmp/tallyhost-config-XXXXXX.lua");
    int fd = mkstemps(path, 4);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    return path;
}

static bool load_text(const char *text, th_settings_t *settings, th_error_t *error) {
    const char *path = write_file(text);
    th_error_clear(error);
    bool done = th_config_load(settings, path, NULL, 0, error);
    unlink(path);
    return done;
}

static void assert_refused(const char *text, const char *line, const char *part) {
    th_settings_t settings;
    th_error_t error;
    assert_false(load_text(text, &settings, &error));
    if (!strstr(error.message, line) || !strstr(error.message, part))
        fail_msg("\"%s\" should be refused with \"%s\" and \"%s\", but: %s", text, line, part,
                 error.message);
}

static void assert_same(const th_settings_t *a, const th_settings_t *b) {
    for (size_t i = 0; i < th_setting_row_count; i++)
        if (!th_setting_equal(&th_setting_rows[i], a, b))
            fail_msg("%s differs", th_setting_rows[i].name);
}

/* --- rows, struct and shipped file -------------------------------------------------------------
 */

/* Finds the next "type name;" of the struct; NULL at its end. */
static char *next_field(char *at, char *end, th_setting_kind_t *kind, char *name, size_t size) {
    static const struct {
        const char *word;
        th_setting_kind_t kind;
    } types[] = {{"int64_t ", TH_SETTING_WHOLE},
                 {"bool ", TH_SETTING_FLAG},
                 {"th_setting_text_t ", TH_SETTING_TEXT}};
    for (; at && at < end; at = strchr(at, '\n')) {
        at += strspn(at, "\n ");
        for (size_t i = 0; i < 3; i++) {
            size_t length = strlen(types[i].word);
            if (strncmp(at, types[i].word, length) != 0) continue;
            *kind = types[i].kind;
            snprintf(name, size, "%.*s", (int)strcspn(at + length, ";"), at + length);
            return strchr(at, '\n');
        }
    }
    return NULL;
}

static void test_every_field_has_one_row(void **state) {
    (void)state;
    char *header = read_source("core/config/settings.h");
    char *at = strstr(header, "typedef struct th_settings {"),
         *end = strstr(header, "} th_settings_t;");
    assert_true(at && end);
    at = strchr(at, '\n');
    size_t fields = 0;
    char field[128];
    th_setting_kind_t kind;
    while ((at = next_field(at, end, &kind, field, sizeof(field))) != NULL) {
        *strchr(field, '_') = '.';
        const th_setting_row_t *row = th_setting_find(field);
        if (!row) fail_msg("settings.h has %s, but no row does", field);
        bool is_number = row->kind != TH_SETTING_TEXT && row->kind != TH_SETTING_FLAG;
        if (kind == TH_SETTING_WHOLE ? !is_number : row->kind != kind)
            fail_msg("%s: the row's kind does not fit the field's type", field);
        fields++;
    }
    assert_int_equal(fields, th_setting_row_count);
    free(header);
}

static void test_rows_do_not_overlap(void **state) {
    (void)state;
    static unsigned char covered[sizeof(th_settings_t)];
    memset(covered, 0, sizeof(covered));
    for (size_t i = 0; i < th_setting_row_count; i++) {
        const th_setting_row_t *row = &th_setting_rows[i];
        size_t size = row->kind == TH_SETTING_TEXT   ? TH_SETTING_TEXT_SIZE
                      : row->kind == TH_SETTING_FLAG ? sizeof(bool)
                                                     : sizeof(int64_t);
        assert_true(row->offset + size <= sizeof(covered));
        for (size_t j = 0; j < size; j++)
            if (covered[row->offset + j]++) fail_msg("%s shares its place with another", row->name);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(row->name, th_setting_rows[j].name);
    }
}

static void test_defaults_are_in_range(void **state) {
    (void)state;
    th_settings_t settings;
    th_error_t error;
    memset(&settings, 0, sizeof(settings));
    for (size_t i = 0; i < th_setting_row_count; i++) {
        const th_setting_row_t *row = &th_setting_rows[i];
        char back[TH_SETTING_TEXT_SIZE];
        if (!th_settings_set(&settings, row->name, row->initial, "default", &error))
            fail_msg("%s", error.message);
        th_setting_format(row, &settings, back, sizeof(back));
        th_settings_t again = settings;
        assert_true(th_settings_set(&again, row->name, back, "formatted", &error));
        assert_true(th_setting_equal(row, &settings, &again));
        assert_true(strlen(row->about) > 10 && strlen(row->about) < 120);
    }
    assert_true(th_settings_check(&settings, &error));
    assert_int_equal(settings.log_level, TH_LOG_INFO);
    assert_int_equal(settings.log_format, TH_LOG_TEXT);
    assert_int_equal(settings.http_body_bytes, 1 << 20);
    assert_int_equal(settings.session_idle, 60 * 60 * 1000);
    assert_int_equal(settings.script_cpu, 2000);
}

static void test_shipped_file_lists_every_default(void **state) {
    (void)state;
    char path[4096];
    th_settings_t settings, defaults;
    th_error_t error;
    snprintf(path, sizeof(path), "%s/config/tallyhost.lua", source_folder());
    if (!th_config_load(&settings, path, NULL, 0, &error)) fail_msg("%s", error.message);
    th_settings_defaults(&defaults);
    assert_same(&settings, &defaults);
    char *text = read_source("config/tallyhost.lua");
    for (size_t i = 0; i < th_setting_row_count; i++) {
        char start[128];
        snprintf(start, sizeof(start), "\n%s ", th_setting_rows[i].name);
        if (!strstr(text, start))
            fail_msg("config/tallyhost.lua lacks %s", th_setting_rows[i].name);
    }
    free(text);
}

static void test_printed_config_reads_back(void **state) {
    (void)state;
    th_settings_t settings, back;
    th_error_t error;
    th_buffer_t out;
    th_settings_defaults(&settings);
    assert_true(th_settings_set(&settings, "http.listen", "[::1]:0 127.0.0.1:1", "test", &error));
    assert_true(
        th_settings_set(&settings, "mcp.instructions", "say \"hi\\n\" \xc3\xa9", "test", &error));
    assert_true(th_settings_set(&settings, "http.linger_bytes", "0", "test", &error));
    assert_true(th_settings_set(&settings, "session.life", "2day", "test", &error));
    assert_true(th_settings_set(&settings, "session.idle", "36h", "test", &error));
    assert_true(th_settings_set(&settings, "log.format", "json", "test", &error));
    assert_true(th_settings_set(&settings, "script.reload", "off", "test", &error));
    th_buffer_init(&out, 256 * 1024);
    assert_true(th_config_print(&settings, &out));
    assert_true(th_buffer_add_byte(&out, '\0'));
    if (!load_text(out.data, &back, &error)) fail_msg("%s", error.message);
    assert_same(&settings, &back);
    assert_non_null(strstr(out.data, "session.idle = 36 * hour"));
    assert_non_null(strstr(out.data, "between 1KB and 64MB; default 1MB"));
    th_buffer_reset(&out);
    th_buffer_init(&out, 100); /* too small: said, not cut */
    assert_false(th_config_print(&settings, &out));
}

/* --- the file ----------------------------------------------------------------------------------
 */

static void test_file_units_env_and_text_values(void **state) {
    (void)state;
    th_settings_t settings;
    th_error_t error;
    setenv("TH_TEST_LISTEN", "127.0.0.1:1234", 1);
    unsetenv("TH_TEST_NONE");
    bool done = load_text("http.listen = env \"TH_TEST_LISTEN\"\n"
                          "http.body_bytes = 2 * MB + 512 * KB\n"
                          "session.idle = 0.5 * hour\n"
                          "script.cpu = \"750ms\"\n"
                          "script.tools = env 'TH_TEST_NONE' or 'elsewhere'\n"
                          "if env 'TH_TEST_LISTEN' then script.reload = false end\n"
                          "local n = 3; worker.count = n\n",
                          &settings, &error);
    if (!done) fail_msg("%s", error.message);
    assert_string_equal(settings.http_listen, "127.0.0.1:1234");
    assert_int_equal(settings.http_body_bytes, 5 << 19);
    assert_int_equal(settings.session_idle, 30 * 60 * 1000);
    assert_int_equal(settings.script_cpu, 750);
    assert_string_equal(settings.script_tools, "elsewhere");
    assert_false(settings.script_reload);
    assert_int_equal(settings.worker_count, 3);
}

static void test_mistakes_name_line_and_range(void **state) {
    (void)state;
    assert_refused("\n\nhttp.body_bytes = 9 * GB", ".lua:3: ", "between 1KB and 64MB");
    assert_refused("http.body_bytes = 9 * GB", ".lua:1: http.body_bytes is 9GB;", "default: 1MB");
    assert_refused("http.body_bytes =\n  -1\n", ".lua:2: ", "between 1KB and 64MB");
    assert_refused("-- [[\nsession.idle = 60 -- forgot the unit\n", ".lua:2: session.idle is 60ms",
                   "between 1s and 7day");
    assert_refused("worker.count = 1.5", ".lua:1: worker.count is 1.5, which is not whole",
                   "a whole number between 1 and 64");
    assert_refused("worker.count = 'many'", ":1: worker.count is \"many\"", "between 1 and 64");
    assert_refused("log.level = 'loud'", "log.level is \"loud\"", "\"debug\", \"info\"");
    assert_refused("log.level = 3", "log.level is the number 3", "one of");
    assert_refused("script.reload = 1", "script.reload is the number 1", "true or false");
    assert_refused("script.tools = {}", "script.tools is a table value", "a text");
    assert_refused("script.tools = nil", "script.tools is a nil value", "a text");
    assert_refused("script.tools = 'a\\0b'", "NUL", "a text");
    assert_refused("mcp.instructions = 'a\\nb'", ":1: ", "on one line");
    assert_refused("http.listen = 'localhost'", ":1: http.listen", "such as 127.0.0.1:9000");
    assert_refused("http.listen = '127.0.0.1:70000'", ":1: ", "port 0 picks a free one");
    assert_refused("tallyfy.base_url = 'https://api.example.com/'", ":1: ", "a URL such as");
    assert_refused("tallyfy.base_url = 'https://me:key@example.com'", ":1: ", "without user");
    assert_refused("http.allowed_origins = 'https://a.example.com/x'", ":1: ", "exact origins");
    assert_refused("tallyfy.client = 'A\\tB'", ":1: ", "tallyfy.client");
}

static void test_unknown_words_get_a_hint(void **state) {
    (void)state;
    assert_refused("\nhttp.body_byte = 1", ".lua:2: ", "did you mean http.body_bytes?");
    assert_refused("htpp.listen = 'x'", ".lua:1: there is no htpp", "did you mean http?");
    assert_refused("http.body_bytes = 1 * MiB", ".lua:1: there is no MiB", "did you mean MB?");
    assert_refused("zebra = 1", ".lua:1: there is no zebra", "group.setting = value");
    assert_refused("http.body_bytes = http.head_bytes", ".lua:1: http.head_bytes is read here",
                   "only be assigned");
    assert_refused("http[1] = 2", ".lua:1: ", "there is no setting http.");
}

static void test_the_world_is_small_and_bounded(void **state) {
    (void)state;
    static const char *const absent[] = {"os",     "io",    "load",   "require",
                                         "pcall",  "print", "next",   "debug",
                                         "rawset", "_G",    "string", "setmetatable"};
    for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
        char text[64], part[64];
        snprintf(text, sizeof(text), "local x = %s", absent[i]);
        snprintf(part, sizeof(part), "there is no %s", absent[i]);
        assert_refused(text, ".lua:1: ", part);
    }
    assert_refused("local x = ('x'):rep(10)", ".lua:1: ", "index a string value");
    assert_refused("while true do end", ".lua:1: ", "takes too long");
    assert_refused("local t = {} while true do t = {t, {}, {}, {}} end", "", "");
    assert_refused("local s = 'x' while true do s = s .. s end", "", "memory");
    assert_refused("\x1bLua nonsense", "", "binary");
    assert_refused("http.listen = ", ".lua:1: ", "unexpected symbol");
}

static void test_settings_are_checked_together(void **state) {
    (void)state;
    assert_refused("session.idle = 2 * day", "session.idle (2day)", "session.life (12h)");
    assert_refused("tallyfy.retry_base = 9 * s", "tallyfy.retry_base (9s)",
                   "tallyfy.retry_cap (8s)");
    assert_refused("tallyfy.base_url = 'http://127.0.0.1:1'", "tallyfy.base_url",
                   "tallyfy.plain_http is true");
    th_settings_t settings;
    th_error_t error;
    assert_true(load_text("tallyfy.base_url = 'http://127.0.0.1:1' tallyfy.plain_http = true",
                          &settings, &error));
}

static void test_missing_file_is_an_error(void **state) {
    (void)state;
    th_settings_t settings;
    th_error_t error;
    assert_false(th_config_load(&settings, "/tmp/tallyhost-there-is-none.lua", NULL, 0, &error));
    assert_non_null(strstr(error.message, "/tmp/tallyhost-there-is-none.lua: No such file"));
}

/* --- environment and flags ---------------------------------------------------------------------
 */

static void test_later_sources_win(void **state) {
    (void)state;
    th_settings_t settings;
    th_error_t error;
    th_setting_override_t flag = {"http.listen", "127.0.0.1:3", "--mcp"};
    const char *path = write_file("http.listen = '127.0.0.1:1' worker.count = 2");
    setenv("TALLYHOST_HTTP_LISTEN", "127.0.0.1:2", 1);
    assert_true(th_config_load(&settings, path, NULL, 0, &error));
    assert_string_equal(settings.http_listen, "127.0.0.1:2");
    assert_int_equal(settings.worker_count, 2);
    assert_true(th_config_load(&settings, path, &flag, 1, &error));
    assert_string_equal(settings.http_listen, "127.0.0.1:3");
    unsetenv("TALLYHOST_HTTP_LISTEN");
    flag = (th_setting_override_t){"worker.count", "0", "--workers"};
    assert_false(th_config_load(&settings, path, &flag, 1, &error));
    assert_non_null(
        strstr(error.message, "--workers: worker.count is 0; it must be a whole number"));
    unlink(path);
}

static void test_environment_mistakes(void **state) {
    (void)state;
    th_settings_t settings;
    th_error_t error;
    const char *path = write_file("");
    setenv("TALLYHOST_SCRIPT_CPU", "5", 1);
    assert_false(th_config_load(&settings, path, NULL, 0, &error));
    assert_non_null(
        strstr(error.message, "TALLYHOST_SCRIPT_CPU: script.cpu is \"5\"; it must be between"));
    unsetenv("TALLYHOST_SCRIPT_CPU");
    setenv("TALLYHOST_HTTP_LISTN", "x", 1);
    assert_false(th_config_load(&settings, path, NULL, 0, &error));
    assert_non_null(strstr(error.message, "TALLYHOST_HTTP_LISTN"));
    assert_non_null(strstr(error.message, "http.listen"));
    unsetenv("TALLYHOST_HTTP_LISTN");
    unlink(path);
}

static void test_text_values(void **state) {
    (void)state;
    th_settings_t settings;
    th_error_t error;
    static const struct {
        const char *name, *text;
        int64_t want; /* -1 = refused */
    } cases[] = {
        {"http.body_bytes", "1048576", 1048576},
        {"http.body_bytes", "2 MB", 2 << 20},
        {"http.body_bytes", "2mb", -1},
        {"http.body_bytes", "", -1},
        {"http.body_bytes", "-1", -1},
        {"http.body_bytes", "99999999999999999999", -1},
        {"http.body_bytes", "9223372036854775807GB", -1},
        {"session.idle", "90min", 5400000},
        {"session.idle", "2h", 7200000},
        {"session.idle", "2hour", 7200000},
        {"session.idle", "60", -1},
        {"session.idle", "60 s", 60000},
        {"session.idle", "1week", -1},
        {"worker.count", "4", 4},
        {"worker.count", "4s", -1},
        {"worker.count", "0x4", -1},
        {"http.linger_bytes", "0", 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        th_settings_defaults(&settings);
        const th_setting_row_t *row = th_setting_find(cases[i].name);
        bool done = th_settings_set(&settings, cases[i].name, cases[i].text, "test", &error);
        if (done != (cases[i].want >= 0)) fail_msg("%s = \"%s\"", cases[i].name, cases[i].text);
        int64_t got;
        memcpy(&got, (char *)&settings + row->offset, sizeof(got));
        if (done) assert_int_equal(got, cases[i].want);
    }
}

static void test_nearest(void **state) {
    (void)state;
    static const struct {
        const char *typed, *candidate;
        bool near;
    } cases[] = {{"sevre", "serve", true}, {"serv", "serve", true},
                 {"srv", "serve", false},  {"--worker", "--workers", true},
                 {"x", "tool", false},     {"--log-levle", "--log-level", true}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        th_nearest_t nearest = {.word = cases[i].typed};
        th_nearest_consider(&nearest, cases[i].candidate);
        if ((nearest.best != NULL) != cases[i].near) fail_msg("%s", cases[i].typed);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_field_has_one_row),
        cmocka_unit_test(test_rows_do_not_overlap),
        cmocka_unit_test(test_defaults_are_in_range),
        cmocka_unit_test(test_shipped_file_lists_every_default),
        cmocka_unit_test(test_printed_config_reads_back),
        cmocka_unit_test(test_file_units_env_and_text_values),
        cmocka_unit_test(test_mistakes_name_line_and_range),
        cmocka_unit_test(test_unknown_words_get_a_hint),
        cmocka_unit_test(test_the_world_is_small_and_bounded),
        cmocka_unit_test(test_settings_are_checked_together),
        cmocka_unit_test(test_missing_file_is_an_error),
        cmocka_unit_test(test_later_sources_win),
        cmocka_unit_test(test_environment_mistakes),
        cmocka_unit_test(test_text_values),
        cmocka_unit_test(test_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
