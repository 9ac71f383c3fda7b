/* tool_event.c - `tool call` of a handler: has it run for one delivery, in a state of its own and
 * on behalf of nobody, as the host would (core/chat/handlers.c). Nobody signs in, nobody is told.
 */
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "chat/webhook.h"
#include "cli/solo.h"
#include "cli/tool.h"
#include "json/writer.h"

#define EVENT_MAX ((size_t)1024 * 1024)
#define NAMELESS_ORG "practice" /* where neither the delivery nor anybody says which one */

typedef struct event_call {
    th_solo_t solo;
    th_script_t *script;
    th_happening_t *happening;
    th_json_document_t *event; /* the handler's first argument */
} event_call_t;

/* What Tallyfy's watchers send of <event>, with made-up names: for a first try without a file. */
static bool write_sample(th_buffer_t *out, const char *event, th_error_t *error) {
    bool is_rule = strcmp(event, "rule.triggered") == 0;
    th_json_writer_t writer;
    th_json_writer_init(&writer, out, 0);
    th_json_write_object(&writer);
    if (is_rule)
        th_json_write_member_text(&writer, "alias_name", "a-rule");
    else
        th_json_write_member_text(&writer, "event", event);
    if (strncmp(event, "process.", 8) != 0) {
        th_json_write_key(&writer, is_rule ? TH_SLICE("this_task") : TH_SLICE("task"));
        th_json_write_object(&writer);
        th_json_write_member_text(&writer, "id", "a-task");
        th_json_write_member_text(&writer, "title", "Call the bank");
        th_json_write_end(&writer);
    }
    th_json_write_key(&writer, TH_SLICE("process"));
    th_json_write_object(&writer);
    th_json_write_member_text(&writer, "id", "a-process");
    th_json_write_member_text(&writer, "name", "Onboarding Jane");
    th_json_write_end(&writer);
    th_json_write_end(&writer);
    return th_json_writer_finish(&writer, error);
}

/* The delivery as text: what --json or --arg gave, or a sample. */
static bool write_delivery(event_call_t *call, const th_item_t *handler, th_buffer_t *out,
                           th_error_t *error) {
    th_json_writer_t writer;
    th_json_document_t *given =
        th_tool_arguments(call->solo.program, handler, call->solo.worker.parser, error);
    if (!given) return false;
    bool done;
    if (th_json_count(th_json_root(given)) == 0) {
        done = write_sample(out, handler->event, error);
    } else {
        th_json_writer_init(&writer, out, 0);
        th_json_write_value(&writer, th_json_root(given));
        done = th_json_writer_finish(&writer, error);
    }
    th_json_unref(given);
    return done;
}

/* The delivery must be of the event that the handler waits for. */
static bool read_event(event_call_t *call, const th_item_t *handler, th_error_t *error) {
    th_buffer_t text;
    th_json_parser_t *parser = call->solo.worker.parser;
    th_buffer_init(&text, EVENT_MAX);
    if (write_delivery(call, handler, &text, error)) {
        call->happening =
            th_happening_read(parser, th_slice(NULL, 0), th_buffer_slice(&text), error);
        if (!call->happening && strcmp(error->code, "no_org") == 0)
            call->happening =
                th_happening_read(parser, TH_SLICE(NAMELESS_ORG), th_buffer_slice(&text), error);
    }
    th_buffer_reset(&text);
    if (!call->happening && strcmp(error->code, "unknown_event") == 0)
        return th_error_set(error, "unknown_event",
                            "this is no event that is known here; %s waits for one such as "
                            "{\"event\":\"%s\",\"task\":{\"id\":\"1\",\"title\":\"Sign\"}}",
                            handler->name, handler->event);
    if (!call->happening) return false;
    if (strcmp(call->happening->event, handler->event) != 0)
        return th_error_set(error, "other_event", "this is %s, and %s waits for %s",
                            call->happening->event, handler->name, handler->event);
    call->event = th_happening_document(call->happening, parser);
    return call->event || th_error_set(error, "no_memory", "no memory for an event");
}

static void on_done(void *arg, th_call_t *running, const th_call_result_t *result) {
    (void)running;
    event_call_t *call = arg;
    th_call_result_t shown = *result;
    /* One with nothing to say returns `true` as data (lua/words.lua). */
    bool silent = result->outcome == TH_CALL_OK && th_slice_is(result->data, "true");
    if (silent) shown.text = shown.data = th_slice(NULL, 0);
    bool printed = true;
    if (silent && !th_tool_wants_json(call->solo.program))
        (void)fprintf(stderr, "it ran, and says nothing\n");
    else
        printed = th_tool_print_result(&call->solo, &shown);
    bool good = printed && result->outcome == TH_CALL_OK;
    th_solo_end(&call->solo, good ? TH_EXIT_OK : TH_EXIT_FAILURE);
}

static void on_changed(void *arg, th_changed_t what, th_slice_t uri) {
    static const char *const lists[] = {"tools", "prompts", "resources"};
    (void)arg;
    if (what == TH_CHANGED_RESOURCE)
        (void)fprintf(stderr, "changed %.*s\n", (int)uri.length, uri.data);
    else
        (void)fprintf(stderr, "changed %s\n", lists[what]);
}

static const th_call_client_t client = {.changed = on_changed};

static bool start(event_call_t *call, th_catalogue_t *catalogue, const th_item_t *handler,
                  th_error_t *error) {
    th_call_person_t nobody = {.user_id = 0};
    char id[TH_ID_SIZE];
    th_random_id(id);
    (void)snprintf(nobody.org_id, sizeof nobody.org_id, "%.63s", call->happening->org_id);
    const th_call_request_t request = {.catalogue = catalogue,
                                       .kind = TH_CALL_TOOL,
                                       .tool = handler,
                                       .arguments = th_json_root(call->event),
                                       .person = &nobody,
                                       .client = &client,
                                       .call_id = id};
    call->script = th_script_open(&call->solo.worker, error);
    return call->script && th_call_start(call->script, &request, on_done, call, error);
}

int th_tool_call_handler(th_program_t *program, th_catalogue_t *catalogue,
                         const th_item_t *handler) {
    event_call_t call = {.script = NULL};
    th_error_t error;
    int code = TH_EXIT_FAILURE;
    bool ready = th_solo_open(&call.solo, program, catalogue, &error);
    if (ready && !read_event(&call, handler, &error)) {
        code = TH_EXIT_USAGE;
        ready = false;
    }
    ready = ready && start(&call, catalogue, handler, &error);
    code = ready ? th_solo_run(&call.solo) : th_program_fail(program, &error, code);
    if (call.script) th_script_close(call.script);
    th_solo_close(&call.solo);
    th_happening_unref(call.happening);
    th_json_unref(call.event);
    return code;
}
