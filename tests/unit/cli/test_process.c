/* The process around the host: hardening (in a child, which it changes for good) and the ready
 * file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/harden.h"
#include "cli/ready.h"

#if defined(__SANITIZE_ADDRESS__)
#define STAYS_DUMPABLE 1
#else
#define STAYS_DUMPABLE 0
#endif

/* Runs <check> in a child; the number of the first thing that was wrong, 0 for none. */
static int in_child(int (*check)(void)) {
    pid_t child = fork();
    if (child == 0) _exit(check());
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int check_hardened(void) {
    th_error_t error;
    struct rlimit core;
    struct sigaction pipe_action;
    int inherited = open("/dev/null", O_RDONLY); /* without O_CLOEXEC: a careless parent's */
    if (!th_harden(&error)) return 1;
    if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != STAYS_DUMPABLE) return 2;
    if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_cur != 0 || core.rlim_max != 0) return 3;
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) return 4;
    if (umask(0) != 077) return 5;
    if (fcntl(inherited, F_GETFD) != -1) return 6;
    if (sigaction(SIGPIPE, NULL, &pipe_action) != 0 || pipe_action.sa_handler != SIG_IGN) return 7;
    return fcntl(2, F_GETFD) == -1 ? 8 : 0;
}

static int check_descriptors(void) {
    struct rlimit limit;
    th_set_descriptor_limit(200);
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur != 200) return 1;
    th_set_descriptor_limit(300);
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur != 300) return 2;
    th_set_descriptor_limit(~0UL >> 1); /* over the hard limit: as far as it goes */
    return getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur != limit.rlim_max ? 3 : 0;
}

static void test_hardening(void **state) {
    (void)state;
    assert_int_equal(in_child(check_hardened), 0);
}

static void test_descriptor_limit(void **state) {
    (void)state;
    assert_int_equal(in_child(check_descriptors), 0);
}

/* --- the ready file -------------------------------------------------------------------------- */

static bool announce(const char *file, th_error_t *error) {
    static const th_option_t option = {"--ready-file", "FILE", NULL, ""};
    th_arguments_t arguments = {.given_count = 1};
    arguments.given[0].option = &option;
    arguments.given[0].value = file;
    th_program_t *program = calloc(1, sizeof(*program));
    assert_non_null(program);
    program->arguments = &arguments;
    program->log = (th_log_t){2, TH_LOG_NONE, TH_LOG_TEXT};
    bool done = th_ready_announce(program, "127.0.0.1:9000", "127.0.0.1:9001", error);
    free(program);
    return done;
}

static void test_ready_file(void **state) {
    (void)state;
    char folder[] = "/tmp/tallyhost-ready-XXXXXX", path[64], text[512], want[512];
    th_error_t error;
    struct stat status;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/ready.json", folder);
    for (int round = 0; round < 2; round++) { /* the second replaces the first */
        if (!announce(path, &error)) fail_msg("%s", error.message);
        FILE *file = fopen(path, "r");
        assert_non_null(file);
        text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
        fclose(file);
        snprintf(want, sizeof(want),
                 "{\"mcp\":\"http://127.0.0.1:9000/mcp\","
                 "\"websocket\":\"ws://127.0.0.1:9001/mcp\","
                 "\"chat\":\"ws://127.0.0.1:9001/chat\","
                 "\"page\":\"http://127.0.0.1:9001/\",\"pid\":%d}\n",
                 (int)getpid());
        assert_string_equal(text, want);
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 0777, 0600);
    }
    unlink(path);
    assert_int_equal(rmdir(folder), 0); /* nothing temporary is left */
}

static void test_ready_file_that_cannot_be(void **state) {
    (void)state;
    th_error_t error;
    assert_false(announce("/tmp/tallyhost-no-such-folder/ready.json", &error));
    assert_non_null(
        strstr(error.message, "--ready-file: /tmp/tallyhost-no-such-folder/ready.json"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hardening),
        cmocka_unit_test(test_descriptor_limit),
        cmocka_unit_test(test_ready_file),
        cmocka_unit_test(test_ready_file_that_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
