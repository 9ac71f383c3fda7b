/* test_practice.c - the practice organisation over real HTTP: its thread, its people, its faults.
 * What the API says is the specs' business (tests/spec/practice_*_spec.lua). */
#include "practice_client.h"

#include <sys/stat.h>

#include "loop/fetch.h"

static void people_of_every_role_can_sign_in(void **state) {
    (void)state;
    th_practice_t *practice = start();
    size_t count;
    const th_practice_credential_t *people = th_practice_credentials(practice, &count);
    assert_in_range(count, 4, 16);
    if (!people) return;
    bool other_organisation = false;
    for (size_t i = 0; i < count; i++) {
        answer_t answer = call(practice, &people[i], "GET", "/me", "", "");
        assert_int_equal(answer.status, 200);
        assert_true(answer.whole);
        assert_non_null(strstr(answer.bytes, people[i].name));
        assert_non_null(strcasestr(answer.bytes, "content-type: application/json"));
        answer_free(&answer);
        if (strcmp(people[i].org_id, people[0].org_id) != 0) other_organisation = true;
    }
    assert_true(other_organisation);
    person(practice, "admin");
    person(practice, "standard");
    person(practice, "light");
    th_practice_stop(practice);
}

static void strangers_and_unknown_paths_are_refused(void **state) {
    (void)state;
    th_practice_t *practice = start();
    answer_t answer = call(practice, NULL, "GET", "/me", "", "");
    assert_int_equal(answer.status, 401);
    assert_string_equal(answer.body, "{\"error\":true,\"message\":\"Unauthenticated.\"}");
    answer_free(&answer);
    answer = call(practice, person(practice, "admin"), "PATCH", "/nowhere", "", "");
    assert_int_equal(answer.status, 404);
    assert_non_null(strstr(answer.body, "ENDPOINT_NOT_FOUND"));
    answer_free(&answer);
    th_practice_stop(practice);
}

static void what_is_written_can_be_read_back(void **state) {
    (void)state;
    th_practice_t *practice = start();
    const th_practice_credential_t *admin = person(practice, "admin");
    char target[160];
    (void)snprintf(target, sizeof target, "/organizations/%s/tasks", admin->org_id);
    int fd = dial(practice);
    ask(fd, admin, "POST", target, "Content-Type: application/json\r\n",
        "{\"title\":\"Caf\\u00e9 "
        "\\\"Zw\\u00f6lf\\\"\",\"task_type\":\"task\",\"deadline\":\"2030-01-07\","
        "\"owners\":{\"users\":[41001],\"guests\":[]}}");
    answer_t answer = hear(fd);
    assert_int_equal(answer.status, 201);
    assert_non_null(strstr(answer.body, "Caf\xc3\xa9 \\\"Zw\xc3\xb6lf\\\""));
    assert_non_null(strstr(answer.body, "\"guests\":[]"));
    assert_non_null(strstr(answer.body, "\"completed_at\":null"));
    assert_non_null(strstr(answer.body, "\"users\":[41001]"));
    answer_free(&answer);
    (void)snprintf(target, sizeof target, "/organizations/%s/tasks?q=caf%%C3%%A9+zw",
                   admin->org_id);
    ask(fd, admin, "GET", target, "", ""); /* on the same connection */
    answer = hear(fd);
    assert_non_null(strstr(answer.body, "\"total\":1"));
    answer_free(&answer);
    close(fd);
    th_practice_stop(practice);
}

static void a_seed_decides_keys(void **state) {
    (void)state;
    th_settings_t settings;
    th_settings_defaults(&settings);
    th_practice_t *one = start_with(&settings), *same = start_with(&settings);
    settings.practice_seed++;
    th_practice_t *other = start_with(&settings);
    assert_string_equal(person(one, "light")->api_key, person(same, "light")->api_key);
    assert_string_not_equal(person(one, "light")->api_key, person(other, "light")->api_key);
    assert_string_not_equal(th_practice_url(one), th_practice_url(same));
    th_practice_stop(one);
    th_practice_stop(same);
    th_practice_stop(other);
}

static void get(const th_practice_t *practice, const char *path, const char *wanted) {
    const th_practice_credential_t *admin = person(practice, "admin");
    char target[256];
    (void)snprintf(target, sizeof target, "/organizations/%s/%s", admin->org_id, path);
    answer_t answer = call(practice, admin, "GET", target, "", "");
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(answer.body, wanted));
    answer_free(&answer);
}

static void a_large_organisation_has_its_size(void **state) {
    (void)state;
    th_settings_t settings;
    th_settings_defaults(&settings);
    settings.practice_scale = TH_PRACTICE_LARGE;
    th_practice_t *practice = start_with(&settings);
    get(practice, "users?per_page=1", "\"total\":500");
    get(practice, "runs?per_page=1&archived=true", "\"total\":5000");
    get(practice, "tasks?per_page=1&page=90000", "\"count\":1,");
    th_practice_stop(practice);
}

static void post(const th_practice_t *practice, const char *path, const char *body, int wanted) {
    answer_t answer = call(practice, person(practice, "admin"), "POST", path, "", body);
    assert_int_equal(answer.status, wanted);
    answer_free(&answer);
}

/* With the host's own JSON arrays in the world, which no spec has. */
static void a_snapshot_comes_back(void **state) {
    (void)state;
    th_practice_t *practice = start();
    const th_practice_credential_t *admin = person(practice, "admin");
    char tags[128];
    (void)snprintf(tags, sizeof tags, "/organizations/%s/tags", admin->org_id);
    post(practice, "/practice/snapshot", "{\"name\":\"here\"}", 201);
    post(practice, tags, "{\"title\":\"Later\"}", 201);
    get(practice, "tags?q=later", "\"total\":1");
    post(practice, "/practice/restore", "{\"name\":\"here\"}", 200);
    get(practice, "tags?q=later", "\"total\":0");
    get(practice, "groups?with=users", "\"guests\":[]");
    th_practice_stop(practice);
}

static answer_t with_fault(const th_practice_t *practice, const char *fault) {
    char header[128];
    (void)snprintf(header, sizeof header, "X-Practice-Fault: %s\r\n", fault);
    return call(practice, person(practice, "admin"), "GET", "/me", header, "");
}

static void faults_over_the_wire(void **state) {
    (void)state;
    th_practice_t *practice = start();
    answer_t answer = with_fault(practice, "429;retry-after=7");
    assert_int_equal(answer.status, 429);
    assert_non_null(strcasestr(answer.bytes, "retry-after: 7"));
    answer_free(&answer);
    answer = with_fault(practice, "latency=5ms");
    assert_int_equal(answer.status, 200);
    assert_true(answer.whole);
    answer_free(&answer);
    answer = with_fault(practice, "html");
    assert_non_null(strcasestr(answer.bytes, "content-type: text/html"));
    answer_free(&answer);
    answer = with_fault(practice, "garbage");
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer.body, "{\"data\": [{\"id\": ");
    answer_free(&answer);
    answer = with_fault(practice, "drip=1ms");
    assert_true(answer.whole);
    assert_int_equal(answer.body[answer.body_size - 1], '}');
    answer_free(&answer);
    answer = with_fault(practice, "latency=1ms, 502");
    assert_int_equal(answer.status, 502);
    answer_free(&answer);
    th_practice_stop(practice);
}

static void cut_ends_in_the_middle(void **state) {
    (void)state;
    th_practice_t *practice = start();
    answer_t whole = with_fault(practice, "latency=0ms"), cut = with_fault(practice, "cut");
    assert_int_equal(cut.status, 200);
    assert_false(cut.whole);
    assert_int_equal(cut.body_size, whole.body_size / 2);
    assert_memory_equal(cut.body, whole.body, cut.body_size);
    answer_free(&whole);
    answer_free(&cut);
    th_practice_stop(practice);
}

static void huge_is_as_huge_as_asked(void **state) {
    (void)state;
    th_practice_t *practice = start();
    answer_t answer = with_fault(practice, "huge=3MB");
    assert_true(answer.whole);
    assert_int_equal(answer.body_size, 3 * 1024 * 1024 + strlen("{\"data\":[\"\"]}"));
    assert_memory_equal(answer.body, "{\"data\":[\"abc", 13);
    assert_memory_equal(answer.body + answer.body_size - 3, "\"]}", 3);
    answer_free(&answer);
    th_practice_stop(practice);
}

static void clients_may_leave_at_any_time(void **state) {
    (void)state;
    static const char *const faults[] = {"hang", "latency=60s", "huge=60MB", "drip=1s", "503x2"};
    th_practice_t *practice = start();
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        char header[128];
        int fd = dial(practice);
        (void)snprintf(header, sizeof header, "X-Practice-Fault: %s\r\n", faults[i]);
        ask(fd, person(practice, "admin"), "GET", "/me", header, "");
        close(fd);
    }
    answer_t answer = with_fault(practice, "latency=0ms");
    assert_int_equal(answer.status, 200);
    answer_free(&answer);
    th_practice_stop(practice);
}

static void stopping_does_not_wait_for_the_hung(void **state) {
    (void)state;
    static const char *const faults[] = {"hang", "latency=100s", "drip=100s"};
    int fds[3];
    th_practice_t *practice = start();
    for (size_t i = 0; i < 3; i++) {
        char header[128];
        fds[i] = dial(practice);
        (void)snprintf(header, sizeof header, "X-Practice-Fault: %s\r\n", faults[i]);
        ask(fds[i], person(practice, "admin"), "GET", "/me", header, "");
    }
    for (;;) { /* until all three were received */
        answer_t log = call(practice, NULL, "GET", "/practice/requests", "", "");
        bool all = strstr(log.body, "\"total\":3") != NULL;
        answer_free(&log);
        if (all) break;
    }
    th_practice_stop(practice);
    for (size_t i = 0; i < 3; i++) {
        answer_t answer = hear(fds[i]);
        assert_false(answer.whole);
        answer_free(&answer);
        close(fds[i]);
    }
}

static void control_routes_ask_for_trouble_of_others(void **state) {
    (void)state;
    th_practice_t *practice = start();
    answer_t answer = call(practice, NULL, "POST", "/practice/faults", "",
                           "{\"fault\":\"hang\",\"path_prefix\":\"/me\",\"method\":\"GET\"}");
    assert_int_equal(answer.status, 201);
    answer_free(&answer);
    int hung = dial(practice);
    ask(hung, person(practice, "admin"), "GET", "/me", "", "");
    shutdown(hung, SHUT_WR);
    answer = hear(hung);
    assert_int_equal(answer.length, 0);
    answer_free(&answer);
    close(hung);
    answer = call(practice, person(practice, "admin"), "GET", "/me", "", "");
    assert_int_equal(answer.status, 200);
    answer_free(&answer);
    th_practice_stop(practice);
}

static void expect_no_start(const char *listen, const char *library, const char *complaint) {
    th_settings_t settings;
    th_error_t error = {.message = ""};
    th_settings_defaults(&settings);
    (void)snprintf(settings.practice_listen, sizeof settings.practice_listen, "%s", listen);
    (void)snprintf(settings.script_library, sizeof settings.script_library, "%s", library);
    assert_null(th_practice_start(&settings, NULL, &error));
    if (!strstr(error.message, complaint)) fail_msg("%s lacks %s", error.message, complaint);
}

static void write_file(const char *directory, const char *name, const char *text) {
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fputs(text, file);
    (void)fclose(file);
}

static void a_bad_start_says_why(void **state) {
    (void)state;
    th_practice_t *practice = start();
    expect_no_start(th_practice_url(practice) + strlen("http://"), "", "127.0.0.1");
    th_practice_stop(practice);
    expect_no_start("127.0.0.1:0", "/nonexistent", "/nonexistent/practice/service.lua");
}

/* The library can be read from a directory; what is wrong there is the answer's problem, not the
 * thread's. */
static void a_failing_script_is_a_500(void **state) {
    (void)state;
    char directory[] = "/tmp/practice-XXXXXX", folder[64], file[96];
    assert_non_null(mkdtemp(directory));
    (void)snprintf(folder, sizeof folder, "%s/practice", directory);
    (void)snprintf(file, sizeof file, "%s/service.lua", folder);
    (void)mkdir(folder, 0700);
    write_file(folder, "service.lua", "return { new = function () error('no world today') end }");
    expect_no_start("127.0.0.1:0", directory, "no world today");
    write_file(folder, "service.lua", "return {");
    expect_no_start("127.0.0.1:0", directory, "service.lua:1");
    write_file(
        folder, "service.lua",
        "local service = {}\n"
        "function service.new() return service end\n"
        "function service:credentials() return {} end\n"
        "function service:handle(request)\n"
        "  if request.path == '/raise' then error('defect') end\n"
        "  if request.path == '/nonsense' then return { status = 200, body = print or error } end\n"
        "  if request.path == '/world' then\n"
        "    return { status = 200, body = { os = os == nil, io = io == nil, load = load == nil } "
        "}\n"
        "  end\n"
        "  return 'nothing'\n"
        "end\n"
        "return service\n");
    th_settings_t settings;
    th_settings_defaults(&settings);
    (void)snprintf(settings.script_library, sizeof settings.script_library, "%s", directory);
    th_practice_t *practice = start_with(&settings);
    for (const char *const *path = (const char *const[]){"/raise", "/nonsense", "/", NULL}; *path;
         path++) {
        answer_t answer = call(practice, NULL, "GET", *path, "", "");
        assert_int_equal(answer.status, 500);
        assert_null(strstr(answer.bytes, "defect"));
        answer_free(&answer);
    }
    answer_t answer = call(practice, NULL, "GET", "/world", "", "");
    assert_string_equal(answer.body, "{\"io\":true,\"load\":true,\"os\":true}");
    answer_free(&answer);
    th_practice_stop(practice);
    (void)unlink(file);
    (void)rmdir(folder);
    (void)rmdir(directory);
}

static int start_client(void **state) {
    (void)state;
    return th_fetch_global_start(NULL) ? 0 : -1;
}

static int stop_client(void **state) {
    (void)state;
    th_fetch_global_stop();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_of_every_role_can_sign_in),
        cmocka_unit_test(strangers_and_unknown_paths_are_refused),
        cmocka_unit_test(what_is_written_can_be_read_back),
        cmocka_unit_test(a_seed_decides_keys),
        cmocka_unit_test(a_large_organisation_has_its_size),
        cmocka_unit_test(a_snapshot_comes_back),
        cmocka_unit_test(faults_over_the_wire),
        cmocka_unit_test(cut_ends_in_the_middle),
        cmocka_unit_test(huge_is_as_huge_as_asked),
        cmocka_unit_test(clients_may_leave_at_any_time),
        cmocka_unit_test(stopping_does_not_wait_for_the_hung),
        cmocka_unit_test(control_routes_ask_for_trouble_of_others),
        cmocka_unit_test(a_bad_start_says_why),
        cmocka_unit_test(a_failing_script_is_a_500),
    };
    return cmocka_run_group_tests(tests, start_client, stop_client);
}
