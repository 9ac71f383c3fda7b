/* tool_run.c - the life of one call. */
#include "chat/tool_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "chat/result_text.h"
#include "chat/turn.h"
#include "chat/visible.h"
#include "json/schema.h"

#define PROGRESS_PAUSE_MS 100
#define FAILURE_MAX ((size_t)32 * 1024)

size_t th_json_length(th_json_value_t value) {
    th_buffer_t text;
    th_json_writer_t json;
    th_buffer_init(&text, (size_t)64 * 1024 * 1024);
    th_json_writer_init(&json, &text, 0);
    th_json_write_value(&json, value);
    size_t length = th_json_writer_finish(&json, NULL) ? text.length : SIZE_MAX;
    th_buffer_reset(&text);
    return length;
}

th_tool_run_t *th_tool_run_new(th_conversation_t *conversation, th_turn_t *turn, th_slice_t tool,
                               th_json_value_t arguments) {
    th_tool_run_t *run = calloc(1, sizeof *run);
    if (!run) return NULL;
    const th_settings_t *settings = th_chat_settings(conversation->chat);
    run->conversation = conversation;
    run->turn = turn;
    (void)snprintf(run->id, sizeof run->id, "c%u", ++conversation->run_count);
    (void)snprintf(run->tool, sizeof run->tool, "%.*s", (int)(tool.length > 64 ? 64 : tool.length),
                   tool.data);
    th_text_trim(run->tool, sizeof run->tool);
    th_deadline_init(&run->card_end, th_card_expired);
    th_buffer_init(&run->call, 4096);
    th_buffer_init(&run->text, 4 * (size_t)settings->chat_result_bytes + FAILURE_MAX);
    th_buffer_init(&run->data, (size_t)settings->script_result_bytes);
    run->arguments = arguments;
    if (arguments.document) (void)th_json_ref(arguments.document);
    th_list_add_tail(&conversation->runs, &run->link);
    return run;
}

static void run_free(th_tool_run_t *run) {
    th_preview_drop(run);
    th_json_unref(run->seen);
    th_list_remove(&run->link);
    th_deadline_clear(&run->card_end);
    th_event_unref(run->card);
    th_json_unref(run->arguments.document);
    th_catalogue_unref(run->catalogue);
    th_buffer_reset(&run->call);
    th_buffer_reset(&run->text);
    th_buffer_reset(&run->data);
    free(run);
}

th_tool_run_t *th_tool_run_find(th_conversation_t *conversation, th_slice_t id) {
    for (th_list_t *at = conversation->runs.next; at != &conversation->runs; at = at->next) {
        th_tool_run_t *run = TH_CONTAINER(at, th_tool_run_t, link);
        if (run->announced && run->state != TH_RUN_DONE && th_slice_is(id, run->id)) return run;
    }
    return NULL;
}

bool th_tool_run_check(const th_item_t *item, th_json_value_t arguments, th_error_t *error) {
    th_schema_report_t report = {0};
    if (th_schema_validate(item->input, arguments, NULL)) return true;
    (void)th_schema_validate(item->input, arguments, &report);
    char text[TH_ERROR_MESSAGE_SIZE];
    size_t used =
        (size_t)snprintf(text, sizeof text, "The arguments of %s do not fit: ", item->name);
    for (size_t i = 0; i < report.count && i < 3 && used < sizeof text; i++) {
        const th_schema_error_t *first = &report.errors[i];
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s%s%s", i ? "; " : "",
                                 first->instance_path[0] ? first->instance_path + 1 : "",
                                 first->instance_path[0] ? ": " : "", first->message);
    }
    th_text_trim(text, sizeof text);
    return th_error_set(error, "invalid_arguments", "%s", text);
}

/* --- its end --------------------------------------------------------------------------------- */

/* What the person and the page get to see. */
typedef struct outcome {
    bool ok;
    const char *code;
    th_slice_t text, data;
    bool again;
} outcome_t;

static uint64_t worked_ms(const th_tool_run_t *run) {
    if (!run->began_at) return 0;
    uint64_t all = th_chat_now(run->conversation->chat) - run->began_at;
    return all > run->asked_ms ? all - run->asked_ms : 0;
}

static void write_text(th_tool_run_t *run, th_json_writer_t *json, th_slice_t text) {
    size_t most = (size_t)th_chat_settings(run->conversation->chat)->chat_result_bytes;
    th_buffer_t clean;
    bool cut = false;
    if (most > th_chat_room(run->conversation->chat) / 8)
        most = th_chat_room(run->conversation->chat) / 8;
    th_buffer_init(&clean, 3 * most + 16);
    if (!th_text_clean(&clean, text, most, &cut)) th_buffer_clear(&clean);
    th_json_write_member_string(json, "text", th_buffer_slice(&clean));
    th_json_write_member_boolean(json, "cut", cut);
    th_buffer_reset(&clean);
}

static void tell_result(th_tool_run_t *run, const outcome_t *outcome) {
    th_conversation_t *conversation = run->conversation;
    const th_chat_t *chat = conversation->chat;
    th_draft_t draft;
    th_event_begin(conversation, &draft, "tool_result", run->turn ? "" : run->re);
    if (run->turn) th_json_write_member_text(&draft.json, "turn", run->turn->id);
    th_json_write_member_text(&draft.json, "call", run->id);
    th_json_write_member_text(&draft.json, "tool", run->tool);
    th_json_write_member_boolean(&draft.json, "ok", outcome->ok);
    th_json_write_member_text(&draft.json, "code", outcome->code);
    write_text(run, &draft.json, outcome->text);
    size_t most = (size_t)th_chat_settings(chat)->chat_data_bytes;
    if (outcome->data.length && outcome->data.length <= most &&
        outcome->data.length <= th_chat_room(chat) / 4) {
        th_json_write_key(&draft.json, TH_SLICE("data"));
        th_json_write_raw(&draft.json, outcome->data);
    }
    th_json_write_member_boolean(&draft.json, "again", outcome->again);
    th_json_write_member_integer(&draft.json, "duration", (int64_t)worked_ms(run));
    (void)th_event_end(conversation, &draft, true);
}

static void finish(th_tool_run_t *run, const outcome_t *outcome);

/* Identical calls that waited for this one. They are the turn's, which is still starting or has
 * this run open, so none of this frees anything. */
static void answer_followers(th_tool_run_t *run, const outcome_t *outcome) {
    outcome_t same = *outcome;
    same.again = true;
    same.data = th_slice(NULL, 0);
    th_list_t *at = run->conversation->runs.next;
    while (at != &run->conversation->runs) {
        th_tool_run_t *other = TH_CONTAINER(at, th_tool_run_t, link);
        at = at->next;
        if (other->state != TH_RUN_FOLLOWS || other->leader != run) continue;
        (void)th_buffer_add_slice(&other->text, th_buffer_slice(&run->text));
        finish(other, &same); // NOLINT(misc-no-recursion): a follower has no followers
    }
}

/* run->text is there. Frees a direct run, and perhaps the turn with all its runs. */
static void finish(th_tool_run_t *run, const outcome_t *outcome) {
    th_conversation_t *conversation = run->conversation;
    run->state = TH_RUN_DONE;
    run->ok = outcome->ok;
    (void)snprintf(run->code, sizeof run->code, "%s", outcome->code);
    /* A follower leaves it to its leader, whose end is still under way. */
    bool refused = !outcome->again && strcmp(outcome->code, "unauthenticated") == 0;
    tell_result(run, outcome);
    answer_followers(run, outcome);
    if (run->turn)
        th_turn_run_done(run->turn, run);
    else
        run_free(run);
    if (refused) th_conversation_end(conversation, "credential");
}

void th_tool_run_fail(th_tool_run_t *run, const char *code, const char *message) {
    th_buffer_clear(&run->text);
    (void)th_failure_text(&run->text, code, message, NULL, NULL);
    finish(run, &(outcome_t){.ok = false, .code = code, .text = th_slice_of(message)});
}

static void learn(th_tool_run_t *run, th_slice_t data) {
    th_chat_t *chat = run->conversation->chat;
    if (data.length == 0) return;
    th_json_document_t *document =
        th_json_parse(chat->worker->parser, data, &th_json_limits_answer, NULL);
    th_names_learn(&run->conversation->names, th_json_root(document));
    th_json_unref(document);
}

/* Only the offline assistant reads a result's data: models get text. */
static void keep_data(th_tool_run_t *run, th_slice_t data) {
    if (run->turn && strcmp(run->conversation->chat->provider->operations->name, "offline") == 0)
        (void)th_buffer_add_slice(&run->data, data);
}

/* What the person changed before saying yes: the model must not believe its own arguments ran. */
static void add_edit(th_tool_run_t *run) {
    if (!run->edited) return;
    (void)th_buffer_add_text(&run->text,
                             "The person changed the arguments before approving. It ran "
                             "with: ");
    (void)th_json_write_excerpt(&run->text, run->arguments, 4096);
    (void)th_buffer_add_text(&run->text, "\n");
}

static void keep_failure(th_tool_run_t *run, const char *code, const th_call_result_t *result) {
    th_buffer_t failure;
    th_buffer_init(&failure, FAILURE_MAX / 2);
    (void)th_failure_text(&failure, code, result->message, result->field, result->hint);
    (void)th_failed_result_text(&run->text, run->tool, th_buffer_slice(&failure));
    th_buffer_reset(&failure);
}

static void on_done(void *arg, const th_call_result_t *result) {
    th_tool_run_t *run = arg;
    th_conversation_t *conversation = run->conversation;
    run->running = NULL;
    th_inquiries_drop(conversation, run, NULL, run->ended ? NULL : "expired");
    if (run->ended) {
        run_free(run);
        th_conversation_settle(conversation);
        return;
    }
    size_t most = (size_t)th_chat_settings(conversation->chat)->chat_result_bytes;
    outcome_t outcome = {.ok = result->outcome == TH_CALL_OK};
    add_edit(run);
    if (outcome.ok) {
        th_slice_t text = result->text.length ? result->text : result->content;
        outcome.code = "ok";
        outcome.text = text;
        outcome.data = result->data;
        (void)th_result_text(&run->text, run->tool, text, most);
        learn(run, result->data);
        keep_data(run, result->data);
    } else {
        outcome.code = result->code && *result->code ? result->code : "failed";
        outcome.text = th_slice_of(result->message);
        keep_failure(run, outcome.code, result);
    }
    finish(run, &outcome);
}

/* --- running --------------------------------------------------------------------------------- */

static void on_progress(void *arg, double done, double total, th_slice_t message) {
    th_tool_run_t *run = arg;
    uint64_t now = th_chat_now(run->conversation->chat);
    if (run->ended || now - run->progress_at < PROGRESS_PAUSE_MS) return;
    run->progress_at = now;
    th_buffer_t clean;
    bool cut;
    th_buffer_init(&clean, 4096);
    th_draft_t draft;
    th_event_begin(run->conversation, &draft, "progress", NULL);
    th_json_write_member_text(&draft.json, "call", run->id);
    th_json_write_key(&draft.json, TH_SLICE("done"));
    th_json_write_real(&draft.json, done);
    if (total >= 0) {
        th_json_write_key(&draft.json, TH_SLICE("total"));
        th_json_write_real(&draft.json, total);
    }
    if (message.length && th_text_clean(&clean, message, 1000, &cut))
        th_json_write_member_string(&draft.json, "message", th_buffer_slice(&clean));
    (void)th_event_end(run->conversation, &draft, false);
    th_buffer_reset(&clean);
}

static const th_call_client_t client = {
    .progress = on_progress,
    .ask = th_inquiry_ask,
    .can_ask = th_inquiry_can_ask,
};

void th_tool_run_go(th_tool_run_t *run, const char *approval) {
    th_conversation_t *conversation = run->conversation;
    th_error_t error = {"", ""};
    const th_session_request_t request = {
        .kind = TH_CALL_TOOL,
        .item = run->item,
        .relay = run->by,
        .arguments = run->arguments,
        .approval = th_slice_of(approval),
        .client = &client,
        .done = on_done,
        .arg = run,
    };
    run->state = TH_RUN_GOING;
    run->began_at = th_chat_now(conversation->chat);
    run->running = th_session_start(conversation->session, conversation->grant, &request, &error);
    /* A yes that was not spent by this start is for nothing else. */
    (void)th_consent_withdraw(conversation->session, request.approval);
    if (!run->running) th_tool_run_fail(run, error.code, error.message);
}

static void announce(th_tool_run_t *run) {
    th_conversation_t *conversation = run->conversation;
    static const char *const effects[] = {"read", "add", "change", "remove"};
    th_draft_t draft;
    run->announced = true;
    th_event_begin(conversation, &draft, "tool_call", run->re);
    if (run->turn) th_json_write_member_text(&draft.json, "turn", run->turn->id);
    th_json_write_member_text(&draft.json, "call", run->id);
    th_json_write_member_text(&draft.json, "tool", run->tool);
    th_json_write_member_text(&draft.json, "title", run->item ? run->item->title : run->tool);
    th_json_write_member_text(&draft.json, "effect",
                              run->item ? effects[run->item->effect] : "read");
    if (th_json_length(run->arguments) <= th_chat_room(conversation->chat) / 8)
        th_json_write_member_value(&draft.json, "arguments", run->arguments);
    else
        th_json_write_member_text(&draft.json, "arguments", "(too large to be shown)");
    (void)th_event_end(conversation, &draft, true);
}

/* The earlier call of the turn whose result is this one's as well: identical, good or still under
 * way, and nothing was changed since it was made. */
static th_tool_run_t *find_identical(const th_tool_run_t *run) {
    th_list_t *runs = &run->conversation->runs;
    for (th_list_t *at = run->link.prev; run->turn && at != runs; at = at->prev) {
        th_tool_run_t *other = TH_CONTAINER(at, th_tool_run_t, link);
        bool good = other->state != TH_RUN_DONE || other->ok;
        if (other->turn != run->turn || other->item != run->item || !good || other->edited ||
            other->leader || !other->announced)
            continue;
        bool fresh = other->changes == run->turn->changes || other->state != TH_RUN_DONE;
        if (fresh && th_json_equal(other->arguments, run->arguments)) return other;
    }
    return NULL;
}

static void repeat(th_tool_run_t *run, th_tool_run_t *leader) {
    run->leader = leader;
    run->state = TH_RUN_FOLLOWS;
    if (leader->state != TH_RUN_DONE) return;
    (void)th_buffer_add_text(&run->text, "You called this before in this turn, with the same "
                                         "arguments. The result was:\n");
    (void)th_buffer_add_slice(&run->text, th_buffer_slice(&leader->text));
    finish(run, &(outcome_t){.ok = true,
                             .code = "ok",
                             .text = TH_SLICE("The same call was made before in this turn; this is "
                                              "its result."),
                             .again = true});
}

/* What stands against it, in the order in which a person would want to hear. */
static bool may_run(th_tool_run_t *run, th_error_t *error) {
    if (!run->item)
        return th_error_set(error, "unknown_tool",
                            "There is no tool \"%s\". Use one of the list you were given.",
                            run->tool);
    if (!th_grant_allows_through(run->conversation->grant, run->item, run->by, error)) return false;
    if (run->item->needs & (TH_NEED_SAMPLE | TH_NEED_ROOTS))
        return th_error_set(error, "cannot_ask",
                            "%s needs a client with %s to lend, which a chat has not: it works "
                            "with other MCP clients only.",
                            run->item->name,
                            run->item->needs & TH_NEED_SAMPLE ? "a model" : "folders");
    if (run->unusable.code[0])
        return th_error_set(error, "invalid_arguments", "%s", run->unusable.message);
    return th_tool_run_check(run->item, run->arguments, error);
}

/* Finds the tool; behind a relay (call_tool), the one that is really meant: everything the person
 * sees and decides is about that one. What cannot be unwrapped is left to fail as it is. */
static void find_tool(th_tool_run_t *run) {
    run->catalogue = th_catalogue_ref(th_sessions_catalogue(run->conversation->chat->sessions));
    run->item = th_catalogue_find(run->catalogue, th_slice_of(run->tool));
    if (!run->item) return;
    th_session_request_t meant = {
        .kind = TH_CALL_TOOL, .item = run->item, .arguments = run->arguments};
    th_error_t error = {"", ""};
    if (!th_session_request_unwrap(run->catalogue, &meant, &error)) {
        if (!run->unusable.code[0]) run->unusable = error;
        return;
    }
    if (meant.item == run->item) return;
    run->item = meant.item;
    run->by = meant.relay;
    const th_json_document_t *kept = run->arguments.document;
    run->arguments = meant.arguments;
    if (meant.arguments.document)
        (void)th_json_ref(kept);
    else /* none were given: the schema decides about {} */
        run->arguments = th_json_root(th_json_parse(run->conversation->chat->worker->parser,
                                                    TH_SLICE("{}"), &th_json_limits_request, NULL));
    th_json_unref(kept);
    (void)snprintf(run->tool, sizeof run->tool, "%s", run->item->name);
}

void th_tool_run_start(th_tool_run_t *run) {
    th_conversation_t *conversation = run->conversation;
    th_error_t error = {"", ""};
    find_tool(run);
    if (run->turn) run->changes = run->turn->changes;
    announce(run);
    th_tool_run_t *leader = NULL;
    if (!may_run(run, &error))
        th_tool_run_fail(run, error.code, error.message);
    else if ((leader = find_identical(run)))
        repeat(run, leader);
    else if (!th_consent_needed(conversation->session, run->item))
        th_tool_run_go(run, "");
    else if (!th_preview_begin(run))
        th_card_open(run);
}

/* --- stopping -------------------------------------------------------------------------------- */

void th_tool_run_cancel(th_tool_run_t *run) {
    static const char stopped[] = "The person stopped this call.";
    switch (run->state) {
    case TH_RUN_LOOKS:
        th_preview_drop(run);
        th_tool_run_fail(run, "cancelled", stopped);
        return;
    case TH_RUN_ASKED: th_card_close(run, "cancelled", th_slice(NULL, 0)); /* fallthrough */
    case TH_RUN_FOLLOWS: th_tool_run_fail(run, "cancelled", stopped); return;
    case TH_RUN_GOING: th_running_cancel(run->running); return;
    case TH_RUN_NEW:
    case TH_RUN_DONE: return;
    }
}

void th_tool_run_abandon(th_tool_run_t *run) {
    run->turn = NULL;
    run->ended = true;
    th_inquiries_drop(run->conversation, run, NULL, NULL);
    th_deadline_clear(&run->card_end);
    if (run->state == TH_RUN_GOING && run->running)
        th_running_cancel(run->running); /* on_done frees it */
    else
        run_free(run);
}
