/* verb_stdio.c - `tallyhost stdio`: MCP on standard input and output, as one person.
 * Standard output carries the protocol and nothing else: its descriptor is moved away first, so
 * that a stray print of any library lands on standard error. Ends with the input, once pending
 * answers are out or settings->mcp_drain is over. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/problems.h"
#include "cli/solo.h"
#include "mcp/mcp.h"
#include "net/stdio.h"
#include "script/reload.h"

#define DRAIN_TICK_MS 10

typedef struct talk {
    th_solo_t solo;
    th_mcp_t *mcp;
    th_mcp_pipe_t *pipe;
    th_stdio_t *stdio;
    th_reload_t *reload;
    int output;
    th_worker_part_t part;
    uv_timer_t drain_timer;
    uint64_t drain_until; /* monotonic ms */
    bool lost;            /* the client reads nothing any more */
    uv_signal_t signals[3];
} talk_t;

static void finish(talk_t *talk, int exit_code) {
    if (talk->pipe) th_mcp_pipe_close(talk->pipe);
    talk->pipe = NULL;
    th_solo_end(&talk->solo, exit_code);
}

/* --- the end --------------------------------------------------------------------------------- */

static void on_drain_tick(uv_timer_t *timer) {
    talk_t *talk = timer->data;
    if (talk->lost) {
        finish(talk, TH_EXIT_FAILURE);
        return;
    }
    bool done = th_mcp_pipe_pending(talk->pipe) == 0 && th_stdio_unsent(talk->stdio) == 0;
    if (done || th_clock_monotonic_ms() >= talk->drain_until) finish(talk, TH_EXIT_OK);
}

/* Never ends at once: it may be called from inside the protocol or the stream. */
static void begin_end(talk_t *talk) {
    if (talk->solo.worker.stopping || uv_is_active((uv_handle_t *)&talk->drain_timer)) return;
    talk->drain_until = th_clock_monotonic_ms() + (uint64_t)talk->solo.worker.settings->mcp_drain;
    uv_timer_start(&talk->drain_timer, on_drain_tick, 0, DRAIN_TICK_MS);
}

static void on_signal(uv_signal_t *signal, int number) {
    talk_t *talk = signal->data;
    if (number == SIGHUP)
        th_reload_now(talk->reload);
    else
        finish(talk, TH_EXIT_OK);
}

static void on_stop(th_worker_part_t *part) {
    talk_t *talk = TH_CONTAINER(part, talk_t, part);
    uv_close((uv_handle_t *)&talk->drain_timer, NULL);
    for (size_t i = 0; i < 3; i++)
        uv_close((uv_handle_t *)&talk->signals[i], NULL);
}

/* --- messages -------------------------------------------------------------------------------- */

static bool send_message(void *arg, th_slice_t message) {
    talk_t *talk = arg;
    if (talk->stdio && th_stdio_send(talk->stdio, message)) return true;
    talk->lost = true;
    begin_end(talk);
    return false;
}

static void on_line(void *arg, th_slice_t line) {
    talk_t *talk = arg;
    if (talk->pipe) th_mcp_pipe_receive(talk->pipe, line);
}

static void on_too_long(void *arg) {
    talk_t *talk = arg;
    th_log(talk->solo.worker.log, TH_LOG_WARNING, "cli",
           "a message was longer than stdio.line_bytes and was dropped");
    send_message(talk, TH_SLICE("{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,"
                                "\"message\":\"The message is too long\"}}"));
}

static void on_ended(void *arg) {
    begin_end(arg);
}

static const th_mcp_pipe_operations_t pipe_operations = {.send = send_message};
static const th_stdio_handlers_t stdio_handlers = {on_line, on_too_long, on_ended};

/* --- the start ------------------------------------------------------------------------------- */

static void on_signed_in(void *arg, th_grant_t *grant) {
    talk_t *talk = arg;
    th_error_t error;
    th_log(talk->solo.worker.log, TH_LOG_INFO, "cli", "signed in as principal %s",
           th_grant_principal(grant));
    talk->pipe = th_mcp_pipe_open(talk->mcp, grant, &pipe_operations, talk, &error);
    if (talk->pipe)
        talk->stdio = th_stdio_open(&talk->solo.worker, STDIN_FILENO, talk->output, &stdio_handlers,
                                    talk, &error);
    if (talk->stdio) return;
    th_program_fail(talk->solo.program, &error, TH_EXIT_FAILURE);
    finish(talk, TH_EXIT_FAILURE);
}

static void on_fresh(void *arg, th_catalogue_t *catalogue) {
    talk_t *talk = arg;
    if (!talk->solo.worker.stopping) {
        th_sessions_set_catalogue(talk->solo.sessions, catalogue);
        th_mcp_tools_changed(talk->mcp);
    }
    th_catalogue_unref(catalogue);
}

static void open_handles(talk_t *talk) {
    static const int numbers[3] = {SIGTERM, SIGINT, SIGHUP};
    uv_loop_t *loop = &talk->solo.worker.loop;
    uv_timer_init(loop, &talk->drain_timer); /* cannot fail */
    talk->drain_timer.data = talk;
    for (size_t i = 0; i < 3; i++) {
        /* Fails only for want of descriptors; the signal then does what it does by default. */
        uv_signal_init(loop, &talk->signals[i]);
        talk->signals[i].data = talk;
        uv_signal_start(&talk->signals[i], on_signal, numbers[i]);
    }
    talk->part.stop = on_stop;
    th_worker_add_part(&talk->solo.worker, &talk->part);
}

static int converse(th_program_t *program, talk_t *talk, th_catalogue_t *catalogue) {
    th_error_t error;
    bool is_open = th_solo_open(&talk->solo, program, catalogue, &error);
    if (is_open) {
        talk->mcp = th_mcp_open(&talk->solo.worker, talk->solo.sessions, &error);
        if (talk->mcp) open_handles(talk);
        talk->reload =
            talk->mcp ? th_reload_open(&talk->solo.worker, on_fresh, talk, &error) : NULL;
    }
    if (talk->reload) th_reload_use(talk->reload, catalogue);
    int code = talk->reload ? th_solo_sign_in(&talk->solo, on_signed_in, talk)
                            : th_program_fail(program, &error, TH_EXIT_FAILURE);
    if (code == TH_EXIT_OK) code = th_solo_run(&talk->solo);
    if (is_open) {
        th_worker_stop(&talk->solo.worker);
        th_worker_run(&talk->solo.worker);
    }
    if (talk->stdio) th_stdio_close(talk->stdio);
    if (talk->reload) th_reload_close(talk->reload);
    if (talk->mcp) th_mcp_close(talk->mcp);
    th_solo_close(&talk->solo);
    return code;
}

/* The descriptor for the protocol; 1 is standard error from here on. */
static int move_output(th_error_t *error) {
    int output = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    if (output >= 0 && dup2(STDERR_FILENO, STDOUT_FILENO) >= 0) return output;
    th_error_set(error, "no_output", "standard output cannot be used: %s", strerror(errno));
    return -1;
}

static int serve(th_program_t *program) {
    th_error_t error;
    talk_t talk = {.output = move_output(&error)};
    if (talk.output < 0) return th_program_fail(program, &error, TH_EXIT_FAILURE);
    int code = th_program_start_api(program, th_arguments_has(program->arguments, "--practice"));
    if (code != TH_EXIT_OK) return code;
    th_catalogue_t *catalogue = th_catalogue_load_or_print(&program->settings, NULL);
    if (!catalogue) return TH_EXIT_CONFIG;
    code = converse(program, &talk, catalogue);
    th_catalogue_unref(catalogue);
    return code;
}

int th_verb_stdio(int argc, char **argv) {
    th_arguments_t arguments;
    if (!th_arguments_parse(&arguments, argc, argv) || !th_arguments_expect(&arguments, 0, 0))
        return arguments.exit_code;
    th_program_t program;
    int code = th_program_open(&program, &arguments);
    if (code != TH_EXIT_OK) return code;
    code = serve(&program);
    th_program_close(&program);
    return code;
}
