/* test_fetch_tls.c - certificates are checked before anything is sent, and TLS leaves no copy of a
 * secret. The other side is `openssl s_server`; where that program is missing, the tests are
 * skipped. */
#include "loop/fetch_fixture.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include "loop/secret_marker.h"

extern char **environ;

/* The certificate that libcurl is to trust, or "": set before a fetcher makes its first handle. */
static char trusted[128];

/* libcurl's handles are made through here, so that a test can name an authority of its own; the
 * client itself has no such setting. */
CURL *curl_easy_init(void) {
    CURL *(*real)(void) = NULL;
    *(void **)&real = dlsym(RTLD_NEXT, "curl_easy_init");
    CURL *easy = real();
    if (easy && trusted[0]) curl_easy_setopt(easy, CURLOPT_CAINFO, trusted);
    return easy;
}

typedef struct tls_server {
    char folder[64];
    pid_t pid;
    FILE *says;
    unsigned port;
} tls_server_t;

static bool run_openssl(const char *const arguments[], int output, pid_t *pid) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, 1);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    bool started = posix_spawnp(pid, "openssl", &actions, NULL, (char *const *)(uintptr_t)arguments,
                                environ) == 0;
    posix_spawn_file_actions_destroy(&actions);
    return started;
}

/* A key and a certificate for <name> ("IP:127.0.0.1") in the server's folder. */
static bool make_certificate(const tls_server_t *server, const char *name) {
    char key[96], certificate[96], extension[96];
    snprintf(key, sizeof key, "%s/key", server->folder);
    snprintf(certificate, sizeof certificate, "%s/certificate", server->folder);
    snprintf(extension, sizeof extension, "subjectAltName=%s", name);
    const char *arguments[] = {
        "openssl", "req",   "-x509", "-newkey",   "ec",       "-pkeyopt", "ec_paramgen_curve:P-256",
        "-nodes",  "-days", "2",     "-subj",     "/CN=test", "-addext",  extension,
        "-keyout", key,     "-out",  certificate, NULL};
    pid_t pid;
    int status = -1;
    if (!run_openssl(arguments, 2, &pid)) return false;
    return waitpid(pid, &status, 0) == pid && status == 0;
}

static bool open_server(tls_server_t *server, const char *name) {
    *server = (tls_server_t){.folder = "/tmp/tallyhost-tls-XXXXXX"};
    assert_non_null(mkdtemp(server->folder));
    if (!make_certificate(server, name)) return false;
    char key[96], certificate[96];
    snprintf(key, sizeof key, "%s/key", server->folder);
    snprintf(certificate, sizeof certificate, "%s/certificate", server->folder);
    const char *arguments[] = {"openssl", "s_server", "-accept", "127.0.0.1:0", "-www",
                               "-key",    key,        "-cert",   certificate,   NULL};
    int pipes[2];
    assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
    bool started = run_openssl(arguments, pipes[1], &server->pid);
    close(pipes[1]);
    server->says = fdopen(pipes[0], "r");
    char line[256];
    while (started && fgets(line, sizeof line, server->says)) {
        const char *colon = strrchr(line, ':');
        if (strncmp(line, "ACCEPT", 6) == 0 && colon) server->port = (unsigned)atoi(colon + 1);
        if (server->port) return true;
    }
    return false;
}

static void close_server(tls_server_t *server) {
    if (server->pid > 0) {
        kill(server->pid, SIGTERM);
        waitpid(server->pid, NULL, 0);
    }
    if (server->says) fclose(server->says);
    char path[96];
    snprintf(path, sizeof path, "%s/key", server->folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/certificate", server->folder);
    unlink(path);
    rmdir(server->folder);
}

static unsigned secrets_written;

static size_t write_and_count(void *secret, char *out, size_t size) {
    secrets_written++;
    return write_marker(secret, out, size);
}

static int markers_at_done;

static void count_when_done(void *arg, th_fetch_t *fetch, const th_fetch_response_t *response) {
    markers_at_done = count_markers();
    on_done(arg, fetch, response);
}

/* One request with a secret to a server whose certificate is for <name>, trusted or not. */
static void fetch_from(const char *name, bool trust, result_t *result) {
    tls_server_t server;
    if (!open_server(&server, name)) {
        close_server(&server);
        skip();
    }
    prepare_marker();
    trusted[0] = '\0';
    if (trust) snprintf(trusted, sizeof trusted, "%s/certificate", server.folder);
    fixture_t fixture;
    open_fixture(&fixture, NULL, 2, 2);
    char url[64];
    snprintf(url, sizeof url, "https://127.0.0.1:%u/x", server.port);
    th_fetch_request_t request = plain_request(url);
    request.secret_header = write_and_count;
    result->fixture = &fixture;
    assert_non_null(
        th_fetch_start(fixture.worker.fetcher, &request, count_when_done, result, NULL));
    wait_for(&fixture, result);
#ifndef __SANITIZE_THREAD__ /* its shadow memory is too large to be searched */
    assert_int_equal(count_markers(), 0);
#endif
    close_fixture(&fixture);
    close_server(&server);
}

static void a_certificate_nobody_vouches_for_ends_it(void **state) {
    (void)state;
    result_t result = {0};
    fetch_from("IP:127.0.0.1", false, &result);
    assert_int_equal(result.outcome, TH_FETCH_NO_CONNECT);
    assert_non_null(strstr(result.message, "certificate"));
    free_result(&result);
}

static void a_certificate_for_another_host_ends_it(void **state) {
    (void)state;
    result_t result = {0};
    fetch_from("DNS:api.tallyfy.com", true, &result);
    assert_int_equal(result.outcome, TH_FETCH_NO_CONNECT);
    assert_non_null(strstr(result.message, "certificate"));
    free_result(&result);
}

static void over_tls_no_copy_of_a_secret_is_left_either(void **state) {
    (void)state;
    result_t result = {0};
    fetch_from("IP:127.0.0.1", true, &result);
    assert_int_equal(result.outcome, TH_FETCH_DONE);
    assert_int_equal(result.status, 200);
    assert_true(secrets_written > 0);
#ifndef __SANITIZE_THREAD__
    assert_true(markers_at_done > 0); /* else the search would look in the wrong places */
#endif
    free_result(&result);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_certificate_nobody_vouches_for_ends_it),
        cmocka_unit_test(a_certificate_for_another_host_ends_it),
        cmocka_unit_test(over_tls_no_copy_of_a_secret_is_left_either),
    };
    return cmocka_run_group_tests(tests, start_client, stop_client);
}
