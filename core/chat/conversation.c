/* conversation.c - a signed-in person's place: begun with a credential, shared by connections, and
 * ended once, with everything it holds. */
#include "chat/conversation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "chat/audience.h"
#include "chat/tool_run.h"
#include "chat/turn.h"
#include "session/consent.h"

#define STANDING_MAX 256

/* The table of sessions dropped it: expired there, made room, or the host stops. */
static void on_session_dropped(void *attachment) {
    th_conversation_t *conversation = attachment;
    const th_chat_t *chat = conversation->chat;
    const th_settings_t *settings = th_chat_settings(chat);
    uint64_t now = th_chat_now(chat);
    conversation->session = NULL;
    const char *reason = "replaced";
    if (chat->worker->stopping)
        reason = "shutdown";
    else if (now - conversation->created_at >= (uint64_t)settings->session_life)
        reason = "life";
    else if (now - conversation->used_at >= (uint64_t)settings->session_idle)
        reason = "idle";
    th_conversation_end(conversation, reason);
}

static bool begin_session(th_conversation_t *conversation, th_error_t *error) {
    th_chat_t *chat = conversation->chat;
    const th_settings_t *settings = th_chat_settings(chat);
    /* A turn's calls and the direct ones may all wait for a yes at once. */
    const th_consent_limits_t limits = {
        .pending = (unsigned)(settings->chat_calls + settings->chat_direct_calls),
        .standing = STANDING_MAX,
        .life = settings->chat_approval_life,
    };
    conversation->session = th_session_begin(chat->sessions, conversation->grant, error);
    if (!conversation->session) return false;
    if (th_session_require_consent(conversation->session, &limits, error)) {
        th_session_set_attachment(conversation->session, conversation, on_session_dropped);
        return true;
    }
    th_session_end(conversation->session);
    conversation->session = NULL;
    return false;
}

th_conversation_t *th_conversation_new(th_chat_t *chat, th_grant_t *grant, th_error_t *error) {
    const th_settings_t *settings = th_chat_settings(chat);
    th_conversation_t *conversation = calloc(1, sizeof *conversation);
    if (!conversation) {
        th_error_set(error, "no_memory", "The host is out of memory. Try again in a minute.");
        th_grant_unref(grant);
        return NULL;
    }
    conversation->chat = chat;
    conversation->grant = grant;
    th_list_init(&conversation->link);
    th_list_init(&conversation->connections);
    th_list_init(&conversation->resumes);
    th_list_init(&conversation->runs);
    th_list_init(&conversation->inquiries);
    th_history_init(&conversation->history);
    th_events_init(&conversation->events, (size_t)settings->chat_events_kept,
                   (size_t)settings->chat_events_bytes);
    th_buffer_init(&conversation->tools.json, TH_TOOLS_JSON_MAX);
    if (!begin_session(conversation, error)) {
        th_grant_unref(grant);
        free(conversation);
        return NULL;
    }
    th_list_add_tail(&chat->conversations, &conversation->link);
    th_life_begin(conversation);
    return conversation;
}

/* --- connections ----------------------------------------------------------------------------- */

void th_resume_drop(th_resume_t *resume) {
    th_conversation_t *conversation = resume->conversation;
    if (resume->connection) resume->connection->resume = NULL;
    (void)th_table_remove(conversation->chat->keys, th_slice_of(resume->key));
    th_list_remove(&resume->link);
    conversation->resume_count--;
    explicit_bzero(resume->key, sizeof resume->key);
    free(resume);
}

/* The oldest key whose connection is lost; a conversation that somebody joins over and over must
 * not collect them. */
static void drop_oldest_lost(th_conversation_t *conversation) {
    for (th_list_t *at = conversation->resumes.next; at != &conversation->resumes; at = at->next) {
        th_resume_t *resume = TH_CONTAINER(at, th_resume_t, link);
        if (resume->connection) continue;
        th_resume_drop(resume);
        return;
    }
}

static th_resume_t *make_key(th_conversation_t *conversation) {
    th_resume_t *resume = calloc(1, sizeof *resume);
    if (!resume) return NULL;
    if (conversation->resume_count - conversation->connection_count >= TH_LOST_KEYS_MAX)
        drop_oldest_lost(conversation);
    th_random_id(resume->key);
    resume->conversation = conversation;
    th_list_init(&resume->link);
    if (!th_table_put(conversation->chat->keys, th_slice_of(resume->key), resume)) {
        free(resume);
        return NULL;
    }
    th_list_add_tail(&conversation->resumes, &resume->link);
    conversation->resume_count++;
    return resume;
}

bool th_conversation_join(th_conversation_t *conversation, th_chat_connection_t *connection) {
    th_resume_t *resume = make_key(conversation);
    if (!resume) return false;
    resume->connection = connection;
    connection->resume = resume;
    connection->conversation = conversation;
    th_deadline_clear(&connection->auth);
    th_list_add_tail(&conversation->connections, &connection->in_conversation);
    conversation->connection_count++;
    th_conversation_touch(conversation);
    th_life_update(conversation);
    return true;
}

void th_conversation_leave(th_chat_connection_t *connection) {
    th_conversation_t *conversation = connection->conversation;
    th_list_remove(&connection->in_conversation);
    conversation->connection_count--;
    connection->conversation = NULL;
    if (connection->resume) connection->resume->connection = NULL;
    connection->resume = NULL;
    conversation->left_at = th_chat_now(conversation->chat);
    th_life_update(conversation);
}

void th_conversation_touch(th_conversation_t *conversation) {
    conversation->used_at = th_chat_now(conversation->chat);
    conversation->warned_idle = false;
    if (conversation->session) th_session_touch(conversation->session);
}

/* --- the end --------------------------------------------------------------------------------- */

static const char *farewell(const char *reason) {
    if (strcmp(reason, "idle") == 0) return "This chat was not used for a long time, so it ended.";
    if (strcmp(reason, "life") == 0) return "This chat reached its longest life. Sign in again.";
    if (strcmp(reason, "credential") == 0)
        return "Tallyfy no longer accepts the credential. Sign in again.";
    if (strcmp(reason, "signed_out") == 0) return "Signed out. The key is forgotten.";
    if (strcmp(reason, "shutdown") == 0) return "The host is stopping.";
    return "Another session of this person took this one's place.";
}

static void show_out(th_conversation_t *conversation, const char *reason) {
    bool orderly = strcmp(reason, "signed_out") == 0;
    bool going = strcmp(reason, "shutdown") == 0;
    while (!th_list_is_empty(&conversation->connections)) {
        th_chat_connection_t *connection =
            TH_CONTAINER(conversation->connections.next, th_chat_connection_t, in_conversation);
        th_draft_t draft;
        th_reply_begin(connection, &draft, "expired", th_slice(NULL, 0));
        th_json_write_member_text(&draft.json, "reason", reason);
        th_json_write_member_text(&draft.json, "message", farewell(reason));
        th_reply_end(connection, &draft);
        th_conversation_leave(connection);
        th_chat_end(connection, going ? 1001 : orderly ? 1000 : 1008, farewell(reason));
    }
}

/* Calls of tools that run are told to stop; their end comes later, and settles the rest. */
static void abandon_work(th_conversation_t *conversation) {
    if (conversation->turn) th_turn_abandon(conversation->turn);
    th_list_t *at = conversation->runs.next;
    while (at != &conversation->runs) {
        th_tool_run_t *run = TH_CONTAINER(at, th_tool_run_t, link);
        at = at->next;
        th_tool_run_abandon(run);
    }
}

void th_conversation_end(th_conversation_t *conversation, const char *reason) {
    if (conversation->ended) return;
    th_chat_t *chat = conversation->chat;
    conversation->ended = true;
    th_log(chat->worker->log, TH_LOG_INFO, "chat", "principal=%s conversation ends: %s",
           th_grant_principal(conversation->grant), reason);
    abandon_work(conversation);
    show_out(conversation, reason);
    for (th_list_t *node; (node = th_list_take_first(&conversation->resumes));)
        th_resume_drop(TH_CONTAINER(node, th_resume_t, link));
    th_deadline_clear(&conversation->end);
    if (conversation->session) {
        th_session_t *session = conversation->session;
        conversation->session = NULL;
        th_session_set_attachment(session, NULL, NULL);
        th_session_end(session);
    }
    th_audience_free(conversation->audience);
    conversation->audience = NULL;
    th_grant_unref(conversation->grant); /* with the last running call the key is wiped */
    conversation->grant = NULL;
    th_history_clear(&conversation->history);
    th_names_clear(&conversation->names);
    th_buffer_reset(&conversation->tools.json);
    th_list_remove(&conversation->link);
    th_list_add_tail(&chat->ended, &conversation->link);
    th_conversation_settle(conversation);
}

void th_conversation_settle(th_conversation_t *conversation) {
    th_chat_t *chat = conversation->chat;
    if (conversation->ended && th_list_is_empty(&conversation->runs))
        th_deadline_set(&chat->deadlines, &chat->reap, 0);
}

void th_chat_reap(th_chat_t *chat) {
    th_list_t *at = chat->ended.next;
    while (at != &chat->ended) {
        th_conversation_t *conversation = TH_CONTAINER(at, th_conversation_t, link);
        at = at->next;
        if (!th_list_is_empty(&conversation->runs)) continue;
        th_list_remove(&conversation->link);
        th_events_free(&conversation->events);
        free(conversation);
    }
}
