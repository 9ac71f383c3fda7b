/* turn.c - the loop between a person's question, the model and the tools. */
#include "chat/turn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "chat/tool_run.h"

#define HISTORY_SLACK ((size_t)4 * 1024 * 1024)

/* --- tools ----------------------------------------------------------------------------------- */

void th_turn_settle(th_turn_t *turn) {
    if (turn->starting || turn->open > 0 || turn->state != TH_TURN_TOOLS) return;
    if (turn->cancelled) {
        th_turn_finish(turn, "cancelled");
        return;
    }
    th_turn_next_round(turn);
}

void th_turn_run_done(th_turn_t *turn, th_tool_run_t *run) {
    th_conversation_t *conversation = turn->conversation;
    bool changing = run->item && run->item->effect != TH_EFFECT_READ;
    if (changing && run->began_at) run->changes = ++turn->changes;
    const th_history_result_t result = {
        .call = th_buffer_slice(&run->call),
        .text = th_buffer_slice(&run->text),
        .data = th_buffer_slice(&run->data),
        .is_error = !run->ok,
    };
    /* Without memory for it, the repair at the turn's end tries again with less. */
    (void)th_history_add_result(&conversation->history, turn->number, &result);
    th_buffer_reset(&run->data);
    turn->open--;
    th_turn_settle(turn);
}

/* Those that the last answer of the model asked for. */
static void start_calls(th_turn_t *turn) {
    turn->state = TH_TURN_TOOLS;
    turn->starting = true;
    th_buffer_clear(&turn->said);
    th_list_t *at = NULL;
    for (th_tool_run_t *run; (run = th_turn_next_run(turn, &at));) {
        if (run->state != TH_RUN_NEW) continue;
        turn->open++;
        th_tool_run_start(run);
    }
    turn->starting = false;
    if (!turn->conversation->ended) th_turn_settle(turn);
}

/* --- the model ------------------------------------------------------------------------------- */

static void tell_text(th_turn_t *turn, th_slice_t piece) {
    th_draft_t draft;
    th_event_begin(turn->conversation, &draft, "delta", NULL);
    th_json_write_member_text(&draft.json, "turn", turn->id);
    th_json_write_member_string(&draft.json, "text", piece);
    (void)th_event_end(turn->conversation, &draft, false);
}

/* In messages that a client takes, however much comes at once. */
static void on_text(void *arg, th_slice_t piece) {
    th_turn_t *turn = arg;
    size_t most = th_chat_room(turn->conversation->chat) / 16;
    (void)th_buffer_add_slice(&turn->said, piece);
    while (piece.length > 0) {
        th_slice_t part = th_text_front(piece, most);
        tell_text(turn, part);
        piece = th_slice(piece.data + part.length, piece.length - part.length);
    }
}

static void on_tool_use(void *arg, th_slice_t id, th_slice_t name, th_slice_t input,
                        const th_error_t *unusable) {
    th_turn_t *turn = arg;
    th_conversation_t *conversation = turn->conversation;
    th_json_limits_t limits = th_json_limits_answer;
    limits.refuse_duplicates = true; /* what is approved must be what runs */
    th_error_t error = {"", ""};
    th_json_document_t *document =
        th_json_parse(conversation->chat->worker->parser, input, &limits, &error);
    if (!document)
        document = th_json_parse(conversation->chat->worker->parser, TH_SLICE("{}"), &limits, NULL);
    th_tool_run_t *run =
        document ? th_tool_run_new(conversation, turn, name, th_json_root(document)) : NULL;
    th_json_unref(document);
    if (!run) return; /* the repair of the history answers it */
    if (unusable || error.code[0]) run->unusable = unusable ? *unusable : error;
    (void)th_buffer_add_slice(&run->call, id);
    turn->made++;
}

static bool is_nothing(th_slice_t content) {
    return content.length <= 2; /* [] */
}

bool th_turn_keep(th_turn_t *turn, th_slice_t content) {
    return is_nothing(content) ||
           th_history_add_model(&turn->conversation->history, turn->number, content);
}

/* Which call is new since the model was asked: are there any? */
static bool has_calls(th_turn_t *turn) {
    th_list_t *at = NULL;
    for (th_tool_run_t *run; (run = th_turn_next_run(turn, &at));)
        if (run->state == TH_RUN_NEW) return true;
    return false;
}

/* Stops to ask the person; th_turn_continue() hears the answer. */
static void ask_to_go_on(th_turn_t *turn, const char *question) {
    turn->state = TH_TURN_ASKING;
    if (!th_inquiry_continue(turn, question)) th_turn_fail_memory(turn);
}

static void run_tools(th_turn_t *turn) {
    const char *limit = th_turn_limit(turn);
    if (!has_calls(turn))
        th_turn_finish(turn, "end");
    else if (limit && turn->made > turn->calls_allowed)
        ask_to_go_on(turn, limit);
    else
        start_calls(turn);
}

/* The history is too long for this model, whatever the settings say: half of it, once. */
static void shorten(th_turn_t *turn) {
    th_history_t *history = &turn->conversation->history;
    th_error_t error;
    if (turn->compacted) {
        th_error_set(&error, "context",
                     "This chat is too long for the model. Forget its history, or sign in anew.");
        th_turn_fail(turn, &error);
        return;
    }
    turn->compacted = true;
    th_history_compact(history, history->bytes / 2);
    th_turn_next_round(turn);
}

static void on_failed(th_turn_t *turn, th_stop_reason_t reason, th_slice_t content,
                      const th_error_t *error) {
    if (reason == TH_STOP_REFUSAL)
        th_history_drop_turn(&turn->conversation->history, turn->number);
    else
        (void)th_turn_keep(turn, content);
    th_turn_fail(turn, error);
}

static void on_done(void *arg, th_stop_reason_t reason, th_slice_t content, const th_usage_t *usage,
                    const th_error_t *error) {
    th_turn_t *turn = arg;
    turn->completion = NULL;
    if (usage) th_turn_count(turn, usage);
    bool shortens = reason == TH_STOP_CONTEXT && !turn->compacted; /* that it is too long is said
                                                                      with an error or without */
    if (error && !shortens) {
        on_failed(turn, reason, content, error);
        return;
    }
    if (!th_turn_keep(turn, content)) {
        th_turn_fail_memory(turn);
        return;
    }
    switch (reason) {
    case TH_STOP_TOOLS: run_tools(turn); return;
    case TH_STOP_PAUSE: th_turn_next_round(turn); return;
    case TH_STOP_CONTEXT: shorten(turn); return;
    case TH_STOP_END: th_turn_finish(turn, "end"); return;
    case TH_STOP_LENGTH: th_turn_finish(turn, "length"); return;
    case TH_STOP_REFUSAL:
    case TH_STOP_OTHER: th_turn_finish(turn, "other"); return;
    }
}

static const th_completion_handlers_t handlers = {on_text, on_tool_use, on_done};

static bool write_history(const th_turn_t *turn, th_buffer_t *out) {
    const th_history_t *history = &turn->conversation->history;
    th_json_writer_t json;
    th_buffer_init(out, 6 * history->bytes + HISTORY_SLACK);
    th_json_writer_init(&json, out, 0);
    th_history_write(history, &json);
    return th_json_writer_finish(&json, NULL);
}

static void ask_model(th_turn_t *turn) {
    th_conversation_t *conversation = turn->conversation;
    th_provider_t *provider = conversation->chat->provider;
    const th_settings_t *settings = th_chat_settings(conversation->chat);
    th_buffer_t system, history;
    th_error_t error = {"", ""};
    const th_call_person_t *person = th_grant_person(conversation->grant);
    bool fine = th_prompt_system(conversation, &system);
    fine = write_history(turn, &history) && fine;
    const th_completion_request_t request = {
        .system = th_buffer_slice(&system),
        .history_json = th_buffer_slice(&history),
        .tools_json = th_prompt_tools(conversation),
        .max_tokens = settings->chat_max_tokens,
        .zone = person->timezone[0] ? person->timezone : person->org_timezone,
        .person = th_slice_of(th_grant_principal(conversation->grant)),
    };
    turn->state = TH_TURN_MODEL;
    turn->rounds++;
    if (fine)
        turn->completion = provider->operations->start(provider, &request, &handlers, turn, &error);
    th_buffer_reset(&system);
    th_buffer_reset(&history);
    if (turn->completion) return;
    if (error.code[0])
        th_turn_fail(turn, &error);
    else
        th_turn_fail_memory(turn);
}

void th_turn_next_round(th_turn_t *turn) {
    th_conversation_t *conversation = turn->conversation;
    const th_settings_t *settings = th_chat_settings(conversation->chat);
    const char *limit = th_turn_limit(turn);
    th_error_t error = {"", ""};
    if (!th_turn_within_budget(conversation, &error)) {
        th_turn_fail(turn, &error);
    } else if (limit) {
        ask_to_go_on(turn, limit);
    } else {
        th_history_compact(&conversation->history, (size_t)settings->chat_history_bytes);
        ask_model(turn);
    }
}

void th_turn_continue(th_turn_t *turn, bool go_on) {
    if (!go_on) {
        th_turn_finish(turn, "limit");
        return;
    }
    th_turn_allow(turn);
    if (has_calls(turn))
        start_calls(turn);
    else
        th_turn_next_round(turn);
}

/* --- beginning and stopping ------------------------------------------------------------------ */

static th_turn_t *turn_new(th_conversation_t *conversation) {
    th_turn_t *turn = calloc(1, sizeof *turn);
    if (!turn) return NULL;
    turn->conversation = conversation;
    turn->number = ++conversation->turn_count;
    (void)snprintf(turn->id, sizeof turn->id, "t%u", turn->number);
    th_buffer_init(&turn->said, (size_t)th_chat_settings(conversation->chat)->chat_answer_bytes);
    turn->began_at = th_chat_now(conversation->chat);
    th_turn_allow(turn);
    return turn;
}

static bool may_begin(const th_conversation_t *conversation, th_error_t *error) {
    if (conversation->chat->draining)
        return th_error_set(error, "busy", "The host is stopping. Try again in a minute.");
    if (conversation->turn)
        return th_error_set(error, "busy",
                            "The assistant is still working on %s. Wait for it, or cancel it.",
                            conversation->turn->id);
    return th_turn_within_budget(conversation, error);
}

void th_turn_begin(th_chat_connection_t *connection, const th_chat_message_t *message) {
    th_conversation_t *conversation = connection->conversation;
    th_error_t error = {"", ""};
    th_slice_t text = {"", 0};
    char re[TH_CHAT_ID_SIZE];
    (void)th_json_string(th_json_member(message->root, "text"), &text);
    (void)snprintf(re, sizeof re, "%.*s", (int)message->id.length, message->id.data);
    th_turn_t *turn = may_begin(conversation, &error) ? turn_new(conversation) : NULL;
    if (turn && !th_history_add_person(&conversation->history, turn->number, text)) {
        free(turn);
        turn = NULL;
    }
    if (!turn) {
        if (!error.code[0])
            th_error_set(&error, "no_memory", "The host is out of memory. Try again in a minute.");
        th_reply_error(connection, message->id, error.code, error.message);
        return;
    }
    conversation->turn = turn;
    th_draft_t draft;
    th_event_begin(conversation, &draft, "turn", re);
    th_json_write_member_text(&draft.json, "turn", turn->id);
    th_json_write_member_string(&draft.json, "text", text);
    (void)th_event_end(conversation, &draft, true);
    th_turn_next_round(turn);
}
