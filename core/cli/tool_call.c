/* tool_call.c - `tool call`: signs in, runs one tool (gets a prompt, reads a resource) the way
 * every client's calls go, prints the result. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cli/solo.h"
#include "cli/tool.h"
#include "json/writer.h"

#define OUTPUT_EXTRA ((size_t)1024 * 1024)

typedef struct tool_call {
    th_solo_t solo;
    const th_item_t *tool;
    const char *uri;               /* of a resource */
    th_json_document_t *arguments; /* a reference */
} tool_call_t;

/* --- results --------------------------------------------------------------------------------- */

static void write_raw_member(th_json_writer_t *writer, const char *name, th_slice_t json) {
    if (json.length == 0) return;
    th_json_write_key(writer, th_slice_of(name));
    th_json_write_raw(writer, json);
}

static void write_result(th_json_writer_t *writer, const th_call_result_t *result) {
    th_json_write_object(writer);
    th_json_write_member_boolean(writer, "ok", result->outcome == TH_CALL_OK);
    if (result->outcome == TH_CALL_OK) {
        if (result->text.length) th_json_write_member_string(writer, "text", result->text);
        write_raw_member(writer, "data", result->data);
        write_raw_member(writer, "content", result->content);
        write_raw_member(writer, "contents", result->contents);
        if (result->description.length)
            th_json_write_member_string(writer, "description", result->description);
        write_raw_member(writer, "messages", result->messages);
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

#define EXCERPT_MAX 2000

static bool print_excerpt(th_json_value_t value) {
    th_buffer_t out;
    th_buffer_init(&out, (size_t)4 * EXCERPT_MAX);
    bool printed = th_json_write_excerpt(&out, value, EXCERPT_MAX) &&
                   fwrite(out.data, 1, out.length, stdout) == out.length && putchar('\n') != EOF;
    th_buffer_reset(&out);
    return printed;
}

static bool print_line(th_slice_t text) {
    return fwrite(text.data, 1, text.length, stdout) == text.length && putchar('\n') != EOF;
}

/* The texts of a resource's contents or a prompt's messages; what is no text, as its JSON. */
static bool print_parts(const th_solo_t *solo, th_slice_t list) {
    th_json_document_t *document =
        th_json_parse(solo->worker.parser, list, &th_json_limits_answer, NULL);
    th_json_iterator_t each = th_json_iterate(th_json_root(document));
    bool printed = document != NULL;
    while (printed && th_json_next(&each)) {
        th_slice_t text;
        th_json_value_t content = th_json_member(each.value, "content");
        if (th_json_string(th_json_member(each.value, "text"), &text) ||
            th_json_string(th_json_member(content, "text"), &text))
            printed = print_line(text);
        else
            printed = print_excerpt(each.value);
    }
    th_json_unref(document);
    return printed;
}

static bool print_text(const th_solo_t *solo, const th_call_result_t *result) {
    if (result->outcome == TH_CALL_OK) {
        th_slice_t parts = result->contents.length ? result->contents : result->messages;
        if (parts.length == 0 && result->text.length == 0) parts = result->content;
        return parts.length ? print_parts(solo, parts) : print_line(result->text);
    }
    (void)fprintf(stderr, "%s: %s", result->code, result->message);
    if (result->field && *result->field) (void)fprintf(stderr, " [%s]", result->field);
    if (result->hint && *result->hint) (void)fprintf(stderr, " (%s)", result->hint);
    (void)fputc('\n', stderr);
    return true;
}

bool th_tool_print_result(const th_solo_t *solo, const th_call_result_t *result) {
    bool printed =
        th_tool_wants_json(solo->program) ? print_json(solo, result) : print_text(solo, result);
    return fflush(stdout) == 0 && printed;
}

static void on_done(void *arg, const th_call_result_t *result) {
    tool_call_t *call = arg;
    bool good = th_tool_print_result(&call->solo, result) && result->outcome == TH_CALL_OK;
    th_solo_end(&call->solo, good ? TH_EXIT_OK : TH_EXIT_FAILURE);
}

/* --- what the tool says meanwhile ------------------------------------------------------------- */

static void on_progress(void *arg, double done, double total, th_slice_t message) {
    (void)arg;
    (void)fprintf(stderr, "progress %g", done);
    if (total >= 0) (void)fprintf(stderr, " of %g", total);
    (void)fprintf(stderr, " %.*s\n", (int)message.length, message.data ? message.data : "");
}

static void on_log(void *arg, const th_note_t *note) {
    tool_call_t *call = arg;
    th_log_level_t level = note->level < TH_NOTE_ERROR ? (th_log_level_t)note->level : TH_LOG_ERROR;
    th_log(call->solo.worker.log, level, "tool", "%.*s", (int)note->text.length,
           note->text.data ? note->text.data : "");
}

static const th_call_client_t client = {.progress = on_progress, .log = on_log};

/* --- the call -------------------------------------------------------------------------------- */

static void on_signed_in(void *arg, th_grant_t *grant) {
    tool_call_t *call = arg;
    th_error_t error;
    th_session_t *session = th_session_begin(call->solo.sessions, grant, &error);
    static const th_call_kind_t kinds[] = {TH_CALL_TOOL, TH_CALL_RESOURCE, TH_CALL_PROMPT};
    const th_session_request_t request = {.kind = kinds[call->tool->kind],
                                          .item = call->tool,
                                          .arguments = th_json_root(call->arguments),
                                          .uri = th_slice_of(call->uri),
                                          .client = &client,
                                          .done = on_done,
                                          .arg = call};
    th_running_t *running = session ? th_session_start(session, grant, &request, &error) : NULL;
    th_grant_unref(grant); /* the running call has its own reference */
    if (running) return;
    th_solo_end(&call->solo, th_program_fail(call->solo.program, &error, TH_EXIT_FAILURE));
}

/* A resource is read by the URI that named it, or by its own. */
static const char *uri_of(const th_item_t *item, const char *name) {
    return item->kind == TH_ITEM_RESOURCE && strcmp(item->name, name) == 0 ? item->uri : name;
}

int th_tool_call(th_program_t *program, th_catalogue_t *catalogue, const th_item_t *tool,
                 const char *name) {
    th_error_t error;
    tool_call_t call = {.tool = tool, .uri = uri_of(tool, name)};
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
