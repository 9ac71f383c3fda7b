/* tool_test.c - `tool test [NAME]`: runs specs with busted. A spec beside its tool (NAME_spec.lua)
 * gets a practice organisation of its own and calls tools through this very program
 * (lua/testing/spec_helper.lua). In a checkout, tools without such a spec are covered by
 * tests/spec, which runs without the host. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/tool.h"
#include "cli/tool_specs.h"
#include "script/library.h"
#include "json/writer.h"

#define ENVIRONMENT_MAX 512
#define PEOPLE_MAX ((size_t)256 * 1024)
#define DEPTH 4

extern char **environ;

/* One run of busted. */
typedef struct run {
    const char *runner; /* path of busted */
    const char *helper; /* "--helper=..."; NULL = none */
    const char *directory;
    char **environment;
} run_t;

/* ---- busted ---- */

static bool find_runner(char *out, size_t size) {
    const char *at = getenv("PATH");
    while (at && *at) {
        size_t length = strcspn(at, ":");
        (void)snprintf(out, size, "%.*s/busted", (int)length, at);
        if (length > 0 && access(out, X_OK) == 0) return true;
        at += length + (at[length] == ':');
    }
    (void)fputs("tallyhost: busted is not installed, which runs the specs: apt install lua-busted "
                "lua5.4\n",
                stderr);
    return false;
}

/* 0 when all tests of <file> passed. */
static int run_file(const run_t *run, const char *file) {
    char here[4096];
    const char *arguments[] = {"lua5.4",    run->runner, "--output=TAP", "--pattern=_spec", file,
                               run->helper, NULL};
    pid_t child;
    int status = 0;
    (void)fflush(stdout);
    if (!getcwd(here, sizeof(here)) || chdir(run->directory) != 0) {
        (void)fprintf(stderr, "tallyhost: %s: %s\n", run->directory, strerror(errno));
        return TH_EXIT_FAILURE;
    }
    int failed = posix_spawnp(&child, "lua5.4", NULL, NULL, (char *const *)arguments,
                              run->environment ? run->environment : environ);
    if (chdir(here) != 0) failed = errno;
    if (failed) {
        (void)fprintf(stderr, "tallyhost: lua5.4 cannot be started: %s; apt install lua5.4\n",
                      strerror(failed));
        return TH_EXIT_FAILURE;
    }
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return TH_EXIT_FAILURE;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? TH_EXIT_OK : TH_EXIT_FAILURE;
}

/* ---- what the child is told ---- */

static bool write_people(const th_practice_t *practice, th_buffer_t *out, th_error_t *error) {
    size_t count = 0;
    const th_practice_credential_t *people = th_practice_credentials(practice, &count);
    th_json_writer_t writer;
    th_json_writer_init(&writer, out, 0);
    th_json_write_array(&writer);
    for (size_t i = 0; i < count; i++) {
        th_json_write_object(&writer);
        th_json_write_member_text(&writer, "name", people[i].name);
        th_json_write_member_text(&writer, "role", people[i].role);
        th_json_write_member_text(&writer, "api_key", people[i].api_key);
        th_json_write_member_text(&writer, "org_id", people[i].org_id);
        th_json_write_end(&writer);
    }
    th_json_write_end(&writer);
    return th_json_writer_finish(&writer, error);
}

static bool add_variable(char **list, size_t *count, const char *name, const char *value) {
    size_t size = strlen(name) + strlen(value) + 2;
    char *text = *count + 1 < ENVIRONMENT_MAX ? malloc(size) : NULL;
    if (!text) return false;
    (void)snprintf(text, size, "%s=%s", name, value);
    list[(*count)++] = text;
    return true;
}

/* The environment of a run, on top of ours. <owned> of them, from the front, are to be freed. */
static bool build_environment(const th_program_t *program, char **list, size_t *owned) {
    char own[4096] = "", tools[4096] = "";
    th_buffer_t people;
    th_error_t error;
    ssize_t length = readlink("/proc/self/exe", own, sizeof(own) - 1);
    th_buffer_init(&people, PEOPLE_MAX);
    bool fine = length > 0 && realpath(program->settings.script_tools, tools) &&
                write_people(program->practice, &people, &error) &&
                th_buffer_add_byte(&people, '\0');
    const char *const variables[][2] = {
        {"TH_TEST_PROGRAM", own},
        {"TH_TEST_CONFIG", program->config_file},
        {"TH_TEST_PEOPLE", fine ? people.data : ""},
        {"TALLYHOST_TALLYFY_BASE_URL", th_practice_url(program->practice)},
        {"TALLYHOST_TALLYFY_PLAIN_HTTP", "true"},
        {"TALLYHOST_SCRIPT_TOOLS", tools},
        {"TALLYHOST_LOG_LEVEL", "warning"},
    };
    for (size_t i = 0; fine && i < sizeof(variables) / sizeof(variables[0]); i++)
        fine = add_variable(list, owned, variables[i][0], variables[i][1]);
    th_buffer_reset(&people);
    size_t count = *owned;
    for (char **at = environ; fine && *at && count + 1 < ENVIRONMENT_MAX; at++)
        if (strncmp(*at, "TALLYHOST_LOG_LEVEL=", 20) != 0) list[count++] = *at;
    list[count] = NULL;
    return fine;
}

/* ---- specs beside tools ---- */

static bool write_helper(char directory[static 64], char helper[static 128]) {
    const th_library_file_t *file = th_library_find("testing/spec_helper.lua");
    (void)snprintf(directory, 64, "/tmp/tallyhost-test-XXXXXX");
    if (!file || !mkdtemp(directory)) return false;
    (void)snprintf(helper, 128, "--helper=%s/spec_helper.lua", directory);
    FILE *out = fopen(helper + strlen("--helper="), "we");
    bool done = out && fwrite(file->text.data, 1, file->text.length, out) == file->text.length;
    if (out && fclose(out) != 0) done = false;
    return done;
}

static int with_practice(th_program_t *program, run_t *run, const char *file) {
    char *environment[ENVIRONMENT_MAX];
    size_t owned = 0;
    int code = th_program_start_api(program, true);
    if (code == TH_EXIT_OK && build_environment(program, environment, &owned)) {
        run->environment = environment;
        code = run_file(run, file);
        run->environment = NULL;
    } else if (code == TH_EXIT_OK) {
        (void)fputs("tallyhost: the specs cannot be given what they need\n", stderr);
        code = TH_EXIT_FAILURE;
    }
    for (size_t i = 0; i < owned; i++)
        free(environment[i]);
    th_program_close(program); /* the next file begins with a fresh organisation */
    return code;
}

static int run_beside(th_program_t *program, const char *runner, const th_tool_specs_t *specs) {
    char directory[64] = "", helper[128] = "";
    int code = TH_EXIT_OK;
    run_t run = {.runner = runner, .helper = helper, .directory = "."};
    if (!write_helper(directory, helper)) {
        (void)fprintf(stderr, "tallyhost: %s: %s\n", directory, strerror(errno));
        return TH_EXIT_FAILURE;
    }
    for (size_t i = 0; i < specs->count; i++)
        if (with_practice(program, &run, specs->paths[i]) != TH_EXIT_OK) code = TH_EXIT_FAILURE;
    (void)unlink(helper + strlen("--helper="));
    (void)rmdir(directory);
    return code;
}

static int run_in_checkout(const char *root, const char *runner, const th_tool_specs_t *specs) {
    const run_t run = {.runner = runner, .directory = root};
    int code = TH_EXIT_OK;
    (void)setenv("LUA_PATH", "lua/?.lua;;", 1); /* no other thread runs here */
    for (size_t i = 0; i < specs->count; i++)
        if (run_file(&run, specs->paths[i]) != TH_EXIT_OK) code = TH_EXIT_FAILURE;
    return code;
}

int th_tool_test(th_program_t *program, const char *name) {
    const char *tools = program->settings.script_tools;
    th_tool_specs_t beside = {.count = 0}, shipped = {.count = 0};
    char runner[4096], root[4096];
    (void)snprintf(root, sizeof(root), "%s/..", tools);
    if (!find_runner(runner, sizeof(runner))) return TH_EXIT_FAILURE;
    bool found = th_tool_specs_beside(&beside, tools, name);
    if (found && beside.count == 0) found = th_tool_specs_shipped(&shipped, root, name);
    int code = TH_EXIT_FAILURE;
    if (!found)
        (void)fprintf(stderr, "tallyhost: %s: %s\n", tools, strerror(errno));
    else if (beside.count > 0)
        code = run_beside(program, runner, &beside);
    else if (shipped.count > 0)
        code = run_in_checkout(root, runner, &shipped);
    else
        (void)fprintf(stderr,
                      "tallyhost: there is no spec %s_spec.lua in %s; write one beside the tool: "
                      "`tallyhost tool new ANOTHER` shows how\n",
                      name ? name : "NAME", tools);
    th_tool_specs_free(&beside);
    th_tool_specs_free(&shipped);
    return code;
}
