/* test_stdio.c - lines over pipes, sockets and files. */
#include "net_fixture.h"

#include "net/stdio.h"

typedef struct fixture {
    th_settings_t settings;
    th_worker_t worker;
    th_stdio_t *stdio;
    int to_host[2], from_host[2];
    unsigned lines, too_long, ended;
    char last[8192];
    size_t last_length;
    bool echo, stop_on_line;
} fixture_t;

static void on_line(void *arg, th_slice_t line) {
    fixture_t *f = arg;
    f->lines++;
    assert_true(line.length > 0 && line.length < sizeof f->last);
    memcpy(f->last, line.data, line.length);
    f->last[f->last_length = line.length] = '\0';
    if (f->echo) assert_true(th_stdio_send(f->stdio, line));
    if (f->stop_on_line) th_worker_stop(&f->worker);
}

static void on_too_long(void *arg) {
    ((fixture_t *)arg)->too_long++;
}

static void on_ended(void *arg) {
    ((fixture_t *)arg)->ended++;
}

static const th_stdio_handlers_t handlers = {
    .line = on_line, .too_long = on_too_long, .ended = on_ended};

static fixture_t *fixture_new(int input, int output) {
    fixture_t *f = calloc(1, sizeof *f);
    net_settings(&f->settings);
    th_error_t error;
    assert_true(th_worker_open(&f->worker, 0, &f->settings, NULL, &error));
    assert_int_equal(pipe2(f->to_host, O_CLOEXEC), 0);
    assert_int_equal(pipe2(f->from_host, O_CLOEXEC), 0);
    f->stdio = th_stdio_open(&f->worker, input >= 0 ? input : f->to_host[0],
                             output >= 0 ? output : f->from_host[1], &handlers, f, &error);
    if (!f->stdio) fail_msg("%s", error.message);
    return f;
}

static void fixture_free(fixture_t *f) {
    th_worker_stop(&f->worker);
    th_worker_run(&f->worker);
    th_stdio_close(f->stdio);
    th_worker_close(&f->worker);
    close(f->to_host[0]);
    if (f->to_host[1] >= 0) close(f->to_host[1]);
    if (f->from_host[0] >= 0) close(f->from_host[0]);
    close(f->from_host[1]);
    free(f);
}

static void say(fixture_t *f, const char *text) {
    size_t length = strlen(text);
    assert_int_equal(write(f->to_host[1], text, length), length);
}

static raw_client_t *const nobody = NULL;

static void test_lines(void **state) {
    (void)state;
    fixture_t *f = fixture_new(-1, -1);
    f->echo = true;
    say(f, "{\"a\":1}\n\n\r\nsecond\r\nthi");
    WAIT_FOR(&f->worker, nobody, f->lines == 2);
    assert_string_equal(f->last, "second");
    say(f, "rd\n");
    WAIT_FOR(&f->worker, nobody, f->lines == 3 && th_stdio_unsent(f->stdio) == 0);
    assert_string_equal(f->last, "third");
    char out[64] = "";
    assert_int_equal(read(f->from_host[0], out, sizeof out - 1), 21);
    assert_string_equal(out, "{\"a\":1}\nsecond\nthird\n");
    fixture_free(f);
}

static void test_end(void **state) {
    (void)state;
    fixture_t *f = fixture_new(-1, -1);
    say(f, "one\nlast without an end");
    close(f->to_host[1]);
    f->to_host[1] = -1;
    WAIT_FOR(&f->worker, nobody, f->ended == 1);
    assert_int_equal(f->lines, 2);
    assert_string_equal(f->last, "last without an end");
    assert_true(th_stdio_send(f->stdio, TH_SLICE("still answering")));
    WAIT_FOR(&f->worker, nobody, th_stdio_unsent(f->stdio) == 0);
    fixture_free(f);
}

static void test_too_long(void **state) {
    (void)state;
    fixture_t *f = fixture_new(-1, -1);
    char text[5000];
    memset(text, 'x', sizeof text);
    text[4096] = '\n'; /* exactly the limit */
    text[4097] = '\0';
    say(f, text);
    WAIT_FOR(&f->worker, nobody, f->lines == 1);
    assert_int_equal(f->last_length, 4096);
    text[4096] = 'x'; /* one more, in two reads */
    text[4097] = '\n';
    text[4098] = '\0';
    assert_int_equal(write(f->to_host[1], text, 1000), 1000);
    turn(&f->worker, nobody);
    say(f, text + 1000);
    WAIT_FOR(&f->worker, nobody, f->too_long == 1);
    text[4097] = text[4098] = 'x'; /* and in one */
    text[4998] = '\n';
    text[4999] = '\0';
    say(f, text);
    WAIT_FOR(&f->worker, nobody, f->too_long == 2);
    say(f, "good again\n");
    WAIT_FOR(&f->worker, nobody, f->lines == 2);
    assert_string_equal(f->last, "good again");
    fixture_free(f);
}

static void test_slow_reader(void **state) {
    (void)state;
    fixture_t *f = fixture_new(-1, -1);
    char text[4000];
    memset(text, 'y', sizeof text);
    unsigned sent = 0;
    while (sent < 1000 && th_stdio_send(f->stdio, th_slice(text, sizeof text))) {
        sent++;
        turn(&f->worker, nobody);
    }
    assert_in_range(sent, 4, 999); /* the pipe, and what may wait */
    assert_true(th_stdio_unsent(f->stdio) <= 4 * 4096);
    /* It reads on: everything that was accepted arrives whole. */
    size_t got = 0;
    assert_int_equal(fcntl(f->from_host[0], F_SETFL, O_NONBLOCK), 0);
    char out[65536];
    while (got < sent * 4001u) {
        ssize_t count = read(f->from_host[0], out, sizeof out);
        if (count > 0) got += (size_t)count;
        turn(&f->worker, nobody);
    }
    assert_int_equal(got, sent * 4001u);
    assert_true(th_stdio_send(f->stdio, TH_SLICE("more")));
    fixture_free(f);
}

static void test_reader_gone(void **state) {
    (void)state;
    fixture_t *f = fixture_new(-1, -1);
    close(f->from_host[0]);
    f->from_host[0] = -1;
    (void)th_stdio_send(f->stdio, TH_SLICE("nobody reads this"));
    WAIT_FOR(&f->worker, nobody, th_stdio_unsent(f->stdio) == 0);
    assert_false(th_stdio_send(f->stdio, TH_SLICE("nor this")));
    fixture_free(f);
}

static void test_files(void **state) {
    (void)state;
    char in_name[] = "/tmp/th-stdio-in-XXXXXX", out_name[] = "/tmp/th-stdio-out-XXXXXX";
    int in = mkstemp(in_name), out = mkstemp(out_name);
    assert_true(in >= 0 && out >= 0);
    for (int i = 0; i < 5000; i++)
        assert_int_equal(write(in, "a line from a file\n", 19), 19);
    assert_int_equal(lseek(in, 0, SEEK_SET), 0);
    fixture_t *f = fixture_new(in, out);
    WAIT_FOR(&f->worker, nobody, f->ended == 1);
    assert_int_equal(f->lines, 5000);
    assert_true(th_stdio_send(f->stdio, TH_SLICE("first")));
    assert_true(th_stdio_send(f->stdio, TH_SLICE("second")));
    WAIT_FOR(&f->worker, nobody, th_stdio_unsent(f->stdio) == 0);
    char text[64] = "";
    assert_int_equal(pread(out, text, sizeof text - 1, 0), 13);
    assert_string_equal(text, "first\nsecond\n");
    /* Stopped with a write under way: it is finished. */
    assert_true(th_stdio_send(f->stdio, TH_SLICE("third")));
    fixture_free(f);
    assert_int_equal(pread(out, text, sizeof text - 1, 13), 6);
    close(in);
    close(out);
    unlink(in_name);
    unlink(out_name);
}

static void test_sockets(void **state) {
    (void)state;
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    fixture_t *f = fixture_new(pair[0], pair[0]); /* one descriptor both ways, as under inetd */
    f->echo = true;
    assert_int_equal(write(pair[1], "hello\n", 6), 6);
    WAIT_FOR(&f->worker, nobody, f->lines == 1 && th_stdio_unsent(f->stdio) == 0);
    char text[16] = "";
    assert_int_equal(read(pair[1], text, sizeof text - 1), 6);
    assert_string_equal(text, "hello\n");
    fixture_free(f);
    close(pair[0]);
    close(pair[1]);
}

static void test_stop_inside(void **state) {
    (void)state;
    fixture_t *f = fixture_new(-1, -1);
    f->stop_on_line = true;
    say(f, "one\ntwo\n");
    th_worker_run(&f->worker);
    assert_int_equal(f->lines, 1);
    fixture_free(f);
}

static void test_bad_descriptor(void **state) {
    (void)state;
    th_settings_t settings;
    th_worker_t worker;
    th_error_t error;
    fixture_t unused = {0};
    net_settings(&settings);
    assert_true(th_worker_open(&worker, 0, &settings, NULL, &error));
    int pipes[2];
    assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
    assert_null(th_stdio_open(&worker, pipes[0], 9999, &handlers, &unused, &error));
    assert_non_null(strstr(error.message, "standard output"));
    assert_null(th_stdio_open(&worker, 9999, pipes[1], &handlers, &unused, &error));
    assert_non_null(strstr(error.message, "standard input"));
    close(pipes[0]);
    close(pipes[1]);
    th_worker_stop(&worker);
    th_worker_run(&worker);
    th_worker_close(&worker);
}

int main(void) {
    (void)th_random_start();
    (void)signal(SIGPIPE, SIG_IGN); /* as the program does */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),          cmocka_unit_test(test_end),
        cmocka_unit_test(test_too_long),       cmocka_unit_test(test_slow_reader),
        cmocka_unit_test(test_reader_gone),    cmocka_unit_test(test_files),
        cmocka_unit_test(test_sockets),        cmocka_unit_test(test_stop_inside),
        cmocka_unit_test(test_bad_descriptor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
