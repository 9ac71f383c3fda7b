/* offline.c - the offline assistant as a provider: one step, streamed piece by piece from the loop,
 * so that pages and tests see the same as with a model. */
#include "chat/offline.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/random.h"
#include "chat/offline_plan.h"

#define PIECE_BYTES 48 /* about that much text per turn of the loop */

typedef struct offline_call {
    th_worker_t *worker;
    th_completion_handlers_t handlers;
    void *arg;
    th_offline_step_t step;
    char ids[TH_OFFLINE_CALLS_MAX][TH_ID_SIZE + 8];
    size_t sent; /* of the text */
    uv_timer_t timer;
    th_worker_part_t part;
    bool ended;
} offline_call_t;

/* ---- the end ---- */

static void on_closed(uv_handle_t *handle) {
    offline_call_t *call = handle->data;
    th_offline_step_free(&call->step);
    free(call);
}

static void dispose(offline_call_t *call) {
    call->ended = true;
    th_worker_remove_part(&call->part);
    uv_close((uv_handle_t *)&call->timer, on_closed);
}

static bool write_content(const offline_call_t *call, th_buffer_t *content) {
    th_json_writer_t writer;
    th_json_writer_init(&writer, content, 0);
    th_json_write_array(&writer);
    if (call->sent > 0) {
        th_json_write_object(&writer);
        th_json_write_member_text(&writer, "type", "text");
        th_json_write_member_string(&writer, "text", th_slice(call->step.text.data, call->sent));
        th_json_write_end(&writer);
    }
    for (size_t i = 0; i < call->step.call_count; i++) {
        const th_offline_call_t *one = &call->step.calls[i];
        th_json_write_object(&writer);
        th_json_write_member_text(&writer, "type", "tool_use");
        th_json_write_member_text(&writer, "id", call->ids[i]);
        th_json_write_member_text(&writer, "name", one->tool);
        th_json_write_key(&writer, TH_SLICE("input"));
        th_json_write_raw(&writer, th_buffer_slice(&one->input));
        th_json_write_end(&writer);
    }
    th_json_write_end(&writer);
    return th_json_writer_finish(&writer, NULL);
}

static void finish(offline_call_t *call, const th_error_t *error) {
    static const th_usage_t nothing = {0};
    th_buffer_t content;
    if (error) { /* calls that are not reported must not stand in the content */
        while (call->step.call_count > 0)
            th_buffer_reset(&call->step.calls[--call->step.call_count].input);
    }
    for (size_t i = 0; i < call->step.call_count && !call->ended; i++)
        call->handlers.tool_use(call->arg, th_slice_of(call->ids[i]),
                                th_slice_of(call->step.calls[i].tool),
                                th_buffer_slice(&call->step.calls[i].input), NULL);
    if (call->ended) return;
    th_buffer_init(&content, 4 * 1024 * 1024);
    bool written = write_content(call, &content);
    th_stop_reason_t reason = error                       ? TH_STOP_OTHER
                              : call->step.call_count > 0 ? TH_STOP_TOOLS
                                                          : TH_STOP_END;
    call->ended = true;
    call->handlers.done(call->arg, reason, written ? th_buffer_slice(&content) : TH_SLICE("[]"),
                        &nothing, error);
    dispose(call);
    th_buffer_reset(&content);
}

/* ---- streaming ---- */

/* The end of the next piece: behind a blank where there is one, never inside a character. */
static size_t piece_end(const th_buffer_t *text, size_t from) {
    size_t end = from + PIECE_BYTES;
    if (end >= text->length) return text->length;
    while (end < text->length && text->data[end - 1] != ' ' && text->data[end - 1] != '\n' &&
           end < from + 2 * PIECE_BYTES)
        end++;
    while (end < text->length && ((unsigned char)text->data[end] & 0xc0) == 0x80)
        end++;
    return end;
}

static void on_turn(uv_timer_t *timer) {
    offline_call_t *call = timer->data;
    const th_buffer_t *text = &call->step.text;
    if (call->sent >= text->length) {
        finish(call, NULL);
        return;
    }
    size_t from = call->sent;
    call->sent = piece_end(text, from);
    uv_timer_start(timer, on_turn, 0, 0);
    call->handlers.text(call->arg, th_slice(text->data + from, call->sent - from));
}

static void on_worker_stops(th_worker_part_t *part) {
    th_error_t error;
    th_error_set(&error, "broken", "the host is stopping");
    finish(TH_CONTAINER(part, offline_call_t, part), &error);
}

/* ---- start ---- */

static const th_zone_t *zone_of(const offline_call_t *call,
                                const th_completion_request_t *request) {
    th_zones_t *zones = call->worker->zones;
    const th_zone_t *zone = request->zone && *request->zone
                                ? th_zones_find(zones, th_slice_of(request->zone), NULL)
                                : NULL;
    return zone ? zone : th_zones_utc(zones);
}

static bool decide(offline_call_t *call, const th_completion_request_t *request,
                   th_error_t *error) {
    const th_json_limits_t limits = {
        .bytes = (size_t)call->worker->settings->chat_request_bytes, .depth = 64, .nodes = 2000000};
    th_json_parser_t *parser = call->worker->parser;
    th_json_document_t *tools = NULL, *history = NULL;
    th_offline_view_t *view = calloc(1, sizeof *view);
    th_command_t *command = calloc(1, sizeof *command);
    bool decided = false;
    if (!view || !command) {
        th_error_set(error, "no_memory", "no memory for the assistant");
        goto end;
    }
    if (request->tools_json.length > 0 &&
        !(tools = th_json_parse(parser, request->tools_json, &limits, error)))
        goto end;
    history = th_json_parse(parser, request->history_json, &limits, error);
    if (!history) goto end;
    th_offline_view_read(view, th_json_root(history), parser);
    int64_t now = th_clock_wall_ms() / 1000;
    th_command_read(view->ask, call->worker->zones, now, command);
    (void)th_command_complete(view->ask, view->before, view->before_count, call->worker->zones, now,
                              command);
    const th_offline_ask_t ask = {.view = view,
                                  .command = command,
                                  .tools = th_json_root(tools),
                                  .parser = parser,
                                  .clock = {now, zone_of(call, request)}};
    th_offline_decide(&ask, &call->step);
    th_offline_view_free(view);
    decided = !call->step.text.failed ||
              th_error_set(error, "too_large", "the answer is too long for the assistant");
end:
    th_json_unref(tools);
    th_json_unref(history);
    free(view);
    free(command);
    return decided;
}

static th_completion_t *start(th_provider_t *provider, const th_completion_request_t *request,
                              const th_completion_handlers_t *handlers, void *arg,
                              th_error_t *error) {
    th_worker_t *worker = provider->worker;
    if (worker->stopping) {
        th_error_set(error, "stopping", "the host is stopping");
        return NULL;
    }
    offline_call_t *call = calloc(1, sizeof *call);
    if (!call) {
        th_error_set(error, "no_memory", "no memory for the assistant");
        return NULL;
    }
    call->worker = worker;
    call->handlers = *handlers;
    call->arg = arg;
    th_offline_step_init(&call->step);
    th_list_init(&call->part.link);
    call->part.stop = on_worker_stops;
    uv_timer_init(&worker->loop, &call->timer);
    call->timer.data = call;
    if (!decide(call, request, error)) {
        dispose(call);
        return NULL;
    }
    for (size_t i = 0; i < call->step.call_count; i++) {
        char id[TH_ID_SIZE];
        th_random_id(id);
        (void)snprintf(call->ids[i], sizeof call->ids[i], "call_%s", id);
    }
    uv_timer_start(&call->timer, on_turn, 0, 0);
    th_worker_add_part(worker, &call->part);
    return (th_completion_t *)(void *)call;
}

static void cancel(th_completion_t *completion) {
    offline_call_t *call = (offline_call_t *)(void *)completion;
    if (!call->ended) dispose(call);
}

static void close_provider(th_provider_t *provider) {
    free(provider);
}

th_provider_t *th_offline_open(th_worker_t *worker, th_error_t *error) {
    static const th_provider_operations_t operations = {
        .name = "offline", .start = start, .cancel = cancel, .close = close_provider};
    th_provider_t *provider = calloc(1, sizeof *provider);
    if (!provider) {
        th_error_set(error, "no_memory", "no memory for the assistant");
        return NULL;
    }
    *provider = (th_provider_t){.operations = &operations, .worker = worker};
    return provider;
}
