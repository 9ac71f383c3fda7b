/* turn_end.c - how turns end: answered, failed, stopped by the person, abandoned. Whatever happens,
 * the history is left so that the next turn can build on it. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "chat/markdown.h"
#include "chat/tool_run.h"
#include "chat/turn.h"

static const char stopped[] = "This did not run: the person stopped the assistant.";

th_tool_run_t *th_turn_next_run(const th_turn_t *turn, th_list_t **at) {
    th_list_t *end = &turn->conversation->runs;
    th_list_t *node = *at ? *at : end->next;
    while (node && node != end) {
        th_tool_run_t *run = TH_CONTAINER(node, th_tool_run_t, link);
        node = node->next;
        *at = node;
        if (run->turn == turn) return run;
    }
    *at = end;
    return NULL;
}

/* --- the end --------------------------------------------------------------------------------- */

/* Its calls are all done, or were never told of. */
static void turn_free(th_turn_t *turn) {
    th_conversation_t *conversation = turn->conversation;
    th_inquiries_drop(conversation, NULL, turn, NULL);
    th_list_t *at = NULL;
    for (th_tool_run_t *run; (run = th_turn_next_run(turn, &at));)
        th_tool_run_abandon(run);
    th_buffer_reset(&turn->said);
    if (conversation->turn == turn) conversation->turn = NULL;
    free(turn);
}

static void write_answer(th_turn_t *turn, th_json_writer_t *json) {
    const th_chat_t *chat = turn->conversation->chat;
    size_t room = th_chat_room(chat) / 8;
    /* The deltas had all of it. */
    th_slice_t text = th_text_front(th_buffer_slice(&turn->said), room);
    th_buffer_t html;
    th_buffer_init(&html, 2 * room);
    /* Markdown can be many times its text as HTML: then the text has to do. */
    if (!th_markdown_html(&html, text) ||
        th_text_front(th_buffer_slice(&html), 2 * room).length < html.length)
        th_buffer_clear(&html);
    th_json_write_member_string(json, "text", text);
    th_json_write_member_string(json, "html", th_buffer_slice(&html));
    th_buffer_reset(&html);
}

/* Ends the turn with its answer; it is gone then. */
void th_turn_finish(th_turn_t *turn, const char *stop) {
    th_conversation_t *conversation = turn->conversation;
    th_chat_t *chat = conversation->chat;
    (void)th_history_repair(&conversation->history, chat->worker->parser, stopped);
    th_draft_t draft;
    th_event_begin(conversation, &draft, "answer", NULL);
    th_json_write_member_text(&draft.json, "turn", turn->id);
    write_answer(turn, &draft.json);
    th_json_write_member_text(&draft.json, "stop", stop);
    th_json_write_key(&draft.json, TH_SLICE("usage"));
    th_json_write_object(&draft.json);
    th_write_usage(&draft.json, chat, "turn", &turn->usage);
    th_write_usage(&draft.json, chat, "session", &conversation->usage);
    th_json_write_end(&draft.json);
    th_json_write_member_integer(&draft.json, "duration",
                                 (int64_t)(th_chat_now(chat) - turn->began_at));
    (void)th_event_end(conversation, &draft, true);
    turn_free(turn);
}

/* Ends the turn with an error. */
void th_turn_fail(th_turn_t *turn, const th_error_t *error) {
    th_conversation_t *conversation = turn->conversation;
    th_chat_t *chat = conversation->chat;
    th_log(chat->worker->log, TH_LOG_INFO, "chat", "principal=%s %s fails: %s",
           th_grant_principal(conversation->grant), turn->id, error->code);
    (void)th_history_repair(&conversation->history, chat->worker->parser, stopped);
    th_draft_t draft;
    th_event_begin(conversation, &draft, "error", NULL);
    th_json_write_member_text(&draft.json, "turn", turn->id);
    th_json_write_member_text(&draft.json, "code", error->code);
    th_json_write_member_text(&draft.json, "message", error->message);
    (void)th_event_end(conversation, &draft, true);
    turn_free(turn);
}

void th_turn_fail_memory(th_turn_t *turn) {
    th_error_t error;
    th_error_set(&error, "no_memory", "The host is out of memory. Try again in a minute.");
    th_turn_fail(turn, &error);
}

/* --- stopped by the person ------------------------------------------------------------------- */

/* What was shown of a cut answer stays in the history, so that "go on" means something. */
static void keep_said(th_turn_t *turn) {
    th_buffer_t content;
    th_json_writer_t json;
    if (turn->said.length == 0) return;
    th_buffer_init(&content, 6 * turn->said.length + 64);
    th_json_writer_init(&json, &content, 0);
    th_json_write_array(&json);
    th_json_write_object(&json);
    th_json_write_member_text(&json, "type", "text");
    th_json_write_member_string(&json, "text", th_buffer_slice(&turn->said));
    th_json_write_end(&json);
    th_json_write_end(&json);
    if (th_json_writer_finish(&json, NULL)) (void)th_turn_keep(turn, th_buffer_slice(&content));
    th_buffer_reset(&content);
}

static void stop_model(th_turn_t *turn) {
    const th_provider_operations_t *operations = turn->conversation->chat->provider->operations;
    th_usage_t usage = {0, 0, 0, 0};
    if (!turn->completion) return;
    if (operations->spent) operations->spent(turn->completion, &usage);
    th_turn_count(turn, &usage);
    operations->cancel(turn->completion);
    turn->completion = NULL;
}

static void cancel_calls(th_turn_t *turn) {
    turn->starting = true; /* their ends wait for the last of them */
    th_list_t *at = NULL;
    for (th_tool_run_t *run; (run = th_turn_next_run(turn, &at));)
        th_tool_run_cancel(run);
    turn->starting = false;
    if (!turn->conversation->ended) th_turn_settle(turn);
}

void th_turn_cancel(th_turn_t *turn) {
    if (turn->cancelled) return;
    turn->cancelled = true;
    switch (turn->state) {
    case TH_TURN_MODEL:
        stop_model(turn);
        keep_said(turn);
        th_turn_finish(turn, "cancelled");
        return;
    case TH_TURN_ASKING:
        th_inquiries_drop(turn->conversation, NULL, turn, "cancel");
        th_turn_finish(turn, "cancelled");
        return;
    case TH_TURN_TOOLS: cancel_calls(turn); return;
    }
}

void th_turn_abandon(th_turn_t *turn) {
    th_conversation_t *conversation = turn->conversation;
    stop_model(turn);
    th_inquiries_drop(conversation, NULL, turn, NULL);
    th_list_t *at = NULL;
    for (th_tool_run_t *run; (run = th_turn_next_run(turn, &at));)
        run->turn = NULL;
    th_buffer_reset(&turn->said);
    conversation->turn = NULL;
    free(turn);
}
