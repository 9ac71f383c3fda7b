/* chat.c - one worker's chat: opening, what concerns all conversations, closing. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "chat/conversation.h"
#include "chat/tool_run.h"
#include "chat/turn.h"

static void on_reap(th_deadline_t *deadline) {
    th_chat_reap(TH_CONTAINER(deadline, th_chat_t, reap));
}

/* Conversations first (their calls end with the sessions'), then those who never signed in. */
static void on_stop(th_worker_part_t *part) {
    th_chat_t *chat = TH_CONTAINER(part, th_chat_t, part);
    chat->stopping = true;
    while (!th_list_is_empty(&chat->conversations))
        th_conversation_end(TH_CONTAINER(chat->conversations.next, th_conversation_t, link),
                            "shutdown");
    for (th_list_t *at = chat->connections.next, *next; at != &chat->connections; at = next) {
        th_chat_connection_t *connection = TH_CONTAINER(at, th_chat_connection_t, link);
        next = at->next;
        if (connection->verification) th_verification_cancel(connection->verification);
        connection->verification = NULL;
        th_chat_end(connection, 1001, "The host is stopping");
    }
    th_deadlines_close(&chat->deadlines);
}

static bool open_parts(th_chat_t *chat, const th_model_key_t *key, th_error_t *error) {
    size_t sessions = (size_t)th_chat_settings(chat)->session_count;
    size_t connections = (size_t)th_chat_settings(chat)->chat_connections;
    /* Room for all that all may have: nobody can take it from the others. */
    chat->keys = th_table_new(sessions * (TH_LOST_KEYS_MAX + connections));
    if (!chat->keys || !th_budget_open(&chat->budget, sessions * chat->worker->count))
        return th_error_set(error, "no_memory", "no memory for the chat");
    chat->protocol = th_chat_protocol_open(error);
    if (!chat->protocol) return false;
    chat->provider = th_provider_open(chat->worker, key, error);
    return chat->provider != NULL;
}

th_chat_t *th_chat_open(th_worker_t *worker, th_sessions_t *sessions, const th_model_key_t *key,
                        th_error_t *error) {
    th_chat_t *chat = calloc(1, sizeof *chat);
    if (!chat) {
        th_error_set(error, "no_memory", "no memory for the chat");
        return NULL;
    }
    chat->worker = worker;
    chat->sessions = sessions;
    th_list_init(&chat->connections);
    th_list_init(&chat->conversations);
    th_list_init(&chat->ended);
    th_deadline_init(&chat->reap, on_reap);
    th_buffer_init(&chat->tools.json, TH_TOOLS_JSON_MAX);
    if (!open_parts(chat, key, error)) {
        if (chat->keys) th_table_free(chat->keys);
        th_budget_close(&chat->budget);
        th_chat_protocol_close(chat->protocol);
        free(chat);
        return NULL;
    }
    th_deadlines_open(&chat->deadlines, &worker->loop);
    chat->part.stop = on_stop;
    th_worker_add_part(worker, &chat->part);
    return chat;
}

void th_chat_close(th_chat_t *chat) {
    if (!chat) return;
    th_chat_reap(chat);
    while (!th_list_is_empty(&chat->connections))
        th_chat_disconnect(TH_CONTAINER(chat->connections.next, th_chat_connection_t, link));
    chat->provider->operations->close(chat->provider);
    th_chat_protocol_close(chat->protocol);
    th_table_free(chat->keys);
    th_budget_close(&chat->budget);
    th_buffer_reset(&chat->tools.json);
    free(chat);
}

static void recheck_cards(th_conversation_t *conversation) {
    th_list_t *at = conversation->runs.next;
    while (at != &conversation->runs) {
        th_tool_run_t *run = TH_CONTAINER(at, th_tool_run_t, link);
        at = at->next;
        if (run->state != TH_RUN_ASKED && run->state != TH_RUN_LOOKS) continue;
        th_turn_t *turn = run->turn;
        if (turn) turn->starting = true; /* so that no run of it goes while this walks the list */
        th_card_recheck(run);
        if (turn) turn->starting = false;
    }
}

void th_chat_tools_changed(th_chat_t *chat) {
    th_buffer_clear(&chat->tools.json); /* settings may have changed what people are offered */
    for (th_list_t *at = chat->conversations.next; at != &chat->conversations; at = at->next) {
        th_conversation_t *conversation = TH_CONTAINER(at, th_conversation_t, link);
        th_buffer_clear(&conversation->tools.json);
        recheck_cards(conversation);
        if (conversation->turn) th_turn_settle(conversation->turn);
        th_draft_t draft;
        th_event_begin(conversation, &draft, "tools_changed", NULL);
        (void)th_event_end(conversation, &draft, false);
    }
}

void th_chat_drain(th_chat_t *chat) {
    chat->draining = true;
}

size_t th_chat_pending(const th_chat_t *chat) {
    size_t count = 0;
    for (const th_list_t *at = chat->conversations.next; at != &chat->conversations;
         at = at->next) {
        const th_conversation_t *conversation = TH_CONTAINER(at, th_conversation_t, link);
        const th_list_t *runs = &conversation->runs;
        if (conversation->turn && conversation->turn->state == TH_TURN_MODEL) count++;
        for (const th_list_t *run = runs->next; run != runs; run = run->next)
            if (TH_CONTAINER(run, th_tool_run_t, link)->state == TH_RUN_GOING) count++;
    }
    return count;
}
