/* tool_call.c - `tool call`: signs in, runs one tool the way every client's calls go, prints the
 * result. */
#include <stdio.h>

#include "base/log.h"
#include "cli/solo.h"
#include "cli/tool.h"
#include "json/writer.h"

#define OUTPUT_EXTRA ((size_t)1024 * 1024)

typedef struct tool_call {
    th_solo_t solo;
    const th_tool_t *tool;
    th_json_document_t *arguments; /* a reference */
} tool_call_t;

/* --- results --------------------------------------------------------------------------------- */

static void write_result(th_json_writer_t *writer, const th_call_result_t *result) {
    th_json_write_object(writer);
    th_json_write_member_boolean(writer, "ok", result->outcome == TH_CALL_OK);
    if (result->outcome == TH_CALL_OK) {
        th_json_write_member_string(writer, "text", result->text);
        if (result->data.length) {
            th_json_write_key(writer, TH_SLICE("data"));
            th_json_write_raw(writer, result->data);
        }
        if (result->content.length) {
            th_json_write_key(writer, TH_SLICE("content"));
            th_json_write_raw(writer, result->content);
        }
    } else {
        th_json_write_member_text(writer, "code", result->code);
        th_json_write_member_text(writer, "message", result->message);
        if (result->field && *result->field)
            th_json_write_member_text(writer, "field", result->field);
        if (result->hint && *result->hint) th_json_write_member_text(writer, "hint", result->hint);
    }
    th_json_write_member_integer(writer, "cpu_us", (int64_t)result->cpu_us);
    th_json_write_end(writer);
}

static bool print_json(const th_solo_t *solo, const th_call_result_t *result) {
    th_buffer_t out;
    th_json_writer_t writer;
    th_error_t error;
    /* Escaping makes a byte six at worst. */
    th_buffer_init(&out, (size_t)solo->worker.settings->script_result_bytes * 8 + OUTPUT_EXTRA);
    th_json_writer_init(&writer, &out, 0);
    write_result(&writer, result);
    bool done = th_json_writer_finish(&writer, &error);
    if (done)
        done = fwrite(out.data, 1, out.length, stdout) == out.length && putchar('\n') != EOF;
    else
        th_program_fail(solo->program, &error, TH_EXIT_FAILURE);
    th_buffer_reset(&out);
    return done;
}

static bool print_text(const th_call_result_t *result) {
    if (result->outcome == TH_CALL_OK)
        return fwrite(result->text.data, 1, result->text.length, stdout) == result->text.length &&
               putchar('\n') != EOF;
    (void)fprintf(stderr, "%s: %s", result->code, result->message);
    if (result->field && *result->field) (void)fprintf(stderr, " [%s]", result->field);
    if (result->hint && *result->hint) (void)fprintf(stderr, " (%s)", result->hint);
    (void)fputc('\n', stderr);
    return true;
}

static void on_done(void *arg, const th_call_result_t *result) {
    tool_call_t *call = arg;
    bool printed = th_tool_wants_json(call->solo.program) ? print_json(&call->solo, result)
                                                          : print_text(result);
    bool good = printed && fflush(stdout) == 0 && result->outcome == TH_CALL_OK;
    th_solo_end(&call->solo, good ? TH_EXIT_OK : TH_EXIT_FAILURE);
}

/* --- what the tool says meanwhile ------------------------------------------------------------- */

static void on_progress(void *arg, double done, double total, th_slice_t message) {
    (void)arg;
    (void)fprintf(stderr, "progress %g", done);
    if (total >= 0) (void)fprintf(stderr, " of %g", total);
    (void)fprintf(stderr, " %.*s\n", (int)message.length, message.data ? message.data : "");
}

static void on_log(void *arg, th_log_level_t level, th_slice_t text) {
    tool_call_t *call = arg;
    th_log(call->solo.worker.log, level, "tool", "%.*s", (int)text.length,
           text.data ? text.data : "");
}

static const th_call_client_t client = {.progress = on_progress, .log = on_log};

/* --- the call -------------------------------------------------------------------------------- */

static void on_signed_in(void *arg, th_grant_t *grant) {
    tool_call_t *call = arg;
    th_error_t error;
    th_session_t *session = th_session_begin(call->solo.sessions, grant, &error);
    th_running_t *running =
        session ? th_session_call(session, grant, call->tool, th_json_root(call->arguments),
                                  &client, on_done, call, &error)
                : NULL;
    th_grant_unref(grant); /* the running call has its own reference */
    if (running) return;
    th_solo_end(&call->solo, th_program_fail(call->solo.program, &error, TH_EXIT_FAILURE));
}

int th_tool_call(th_program_t *program, th_catalogue_t *catalogue, const th_tool_t *tool) {
    th_error_t error;
    tool_call_t call = {.tool = tool};
    int code = TH_EXIT_FAILURE;
    if (!th_solo_open(&call.solo, program, catalogue, &error)) {
        th_program_fail(program, &error, code);
    } else if (!(call.arguments =
                     th_tool_arguments(program, tool, call.solo.worker.parser, &error))) {
        code = th_program_fail(program, &error, TH_EXIT_USAGE);
    } else {
        code = th_solo_sign_in(&call.solo, on_signed_in, &call);
        if (code == TH_EXIT_OK) code = th_solo_run(&call.solo);
    }
    th_solo_close(&call.solo);
    th_json_unref(call.arguments);
    return code;
}
