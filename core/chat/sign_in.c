/* sign_in.c - from `auth` to `session`: a new conversation, one's own lost one, or a shared one.
 * Only a person's own conversations are ever found: the principal behind the credential just
 * verified must be the conversation's. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "chat/chat_internal.h"

static void write_person(th_json_writer_t *json, const th_call_person_t *person) {
    th_json_write_key(json, TH_SLICE("user"));
    th_json_write_object(json);
    th_json_write_member_integer(json, "id", person->user_id);
    th_json_write_member_text(json, "name", person->name);
    th_json_write_member_text(json, "email", person->email);
    th_json_write_member_text(json, "role", person->role);
    th_json_write_member_text(json, "timezone",
                              person->timezone[0] ? person->timezone : person->org_timezone);
    th_json_write_end(json);
    th_json_write_key(json, TH_SLICE("org"));
    th_json_write_object(json);
    th_json_write_member_text(json, "id", person->org_id);
    th_json_write_member_text(json, "name", person->org_name);
    th_json_write_end(json);
}

static void write_life(th_json_writer_t *json, const th_conversation_t *conversation) {
    const th_settings_t *settings = th_chat_settings(conversation->chat);
    uint64_t age = th_chat_now(conversation->chat) - conversation->created_at;
    th_json_write_member_integer(json, "connections", conversation->connection_count);
    th_json_write_member_integer(json, "idle", settings->session_idle);
    th_write_time(json, "ends_at", th_clock_wall_ms() + settings->session_life - (int64_t)age);
    th_json_write_member_integer(json, "resume_for", settings->chat_resume);
    th_write_usage(json, conversation->chat, "usage", &conversation->usage);
}

static bool send_missed(void *arg, const th_event_t *event) {
    return th_chat_send(arg, th_slice(event->text, event->length));
}

static bool add_size(void *arg, const th_event_t *event) {
    *(size_t *)arg += event->length;
    return true;
}

/* Whether what was missed can be sent one by one. */
static bool can_replay(const th_chat_connection_t *connection) {
    const th_events_t *events = &connection->conversation->events;
    size_t size = 0;
    if (connection->after < 0 || !th_events_have(events, (uint64_t)connection->after)) return false;
    th_events_each(events, (uint64_t)connection->after, add_size, &size);
    return size <= th_chat_room(connection->chat) / 2;
}

static void tell(th_chat_connection_t *connection, bool resumed) {
    const th_conversation_t *conversation = connection->conversation;
    const th_chat_t *chat = connection->chat;
    const th_settings_t *settings = th_chat_settings(chat);
    bool replayed = resumed && can_replay(connection);
    char id[13];
    (void)snprintf(id, sizeof id, "%s", th_session_id(conversation->session)); /* the front of it */
    th_draft_t draft;
    th_reply_begin(connection, &draft, "session", th_slice_of(connection->auth_id));
    th_json_write_member_text(&draft.json, "session", id);
    th_json_write_member_text(&draft.json, "resume", connection->resume->key);
    th_json_write_member_boolean(&draft.json, "resumed", resumed);
    th_json_write_member_boolean(&draft.json, "replayed", replayed);
    write_person(&draft.json, th_grant_person(conversation->grant));
    th_json_write_member_text(&draft.json, "provider", chat->provider->operations->name);
    th_json_write_member_text(&draft.json, "model",
                              settings->chat_model[0] ? settings->chat_model
                                                      : chat->provider->operations->name);
    write_life(&draft.json, conversation);
    if (resumed && !replayed) {
        th_json_write_key(&draft.json, TH_SLICE("snapshot"));
        th_snapshot_write(conversation, &draft.json);
    }
    th_reply_end(connection, &draft);
    if (replayed)
        th_events_each(&conversation->events, (uint64_t)connection->after, send_missed, connection);
}

/* The same person, with the same rights: all connections of a conversation act with the newest
 * credential, so one that may less must not come in beside one that may more. */
static bool may_enter(const th_conversation_t *conversation, const th_grant_t *grant) {
    return strcmp(th_grant_principal(conversation->grant), th_grant_principal(grant)) == 0 &&
           strcmp(th_grant_scopes(conversation->grant), th_grant_scopes(grant)) == 0;
}

/* The conversation that its resume key opens, if it is this person's. */
static th_conversation_t *find_lost(th_chat_connection_t *connection, const th_grant_t *grant) {
    if (!connection->wanted_key[0]) return NULL;
    th_resume_t *resume = th_table_get(connection->chat->keys, th_slice_of(connection->wanted_key));
    if (!resume) return NULL;
    th_conversation_t *conversation = resume->conversation;
    if (may_enter(conversation, grant)) return conversation;
    bool own = strcmp(th_grant_principal(conversation->grant), th_grant_principal(grant)) == 0;
    th_log(connection->chat->worker->log, TH_LOG_WARNING, "chat",
           "principal=%s a resume key of %s was refused", th_grant_principal(grant),
           own ? "a sign-in with other rights" : "somebody else");
    return NULL;
}

/* The key is used up, and whoever still holds it is shown out. */
static void use_up(th_chat_connection_t *connection) {
    th_resume_t *resume = th_table_get(connection->chat->keys, th_slice_of(connection->wanted_key));
    th_chat_connection_t *other = resume ? resume->connection : NULL;
    if (other) {
        th_draft_t draft;
        th_reply_begin(other, &draft, "expired", th_slice(NULL, 0));
        th_json_write_member_text(&draft.json, "reason", "replaced");
        th_json_write_member_text(&draft.json, "message",
                                  "This chat goes on over another connection.");
        th_reply_end(other, &draft);
        th_conversation_leave(other);
        th_chat_end(other, 1000, "The chat goes on over another connection");
    }
    if (resume) th_resume_drop(resume);
}

static th_conversation_t *find_newest(th_chat_t *chat, const th_grant_t *grant) {
    unsigned most = (unsigned)th_chat_settings(chat)->chat_connections;
    for (th_list_t *at = chat->conversations.prev; at != &chat->conversations; at = at->prev) {
        th_conversation_t *conversation = TH_CONTAINER(at, th_conversation_t, link);
        if (may_enter(conversation, grant) && conversation->connection_count < most)
            return conversation;
    }
    return NULL;
}

static void refuse(th_chat_connection_t *connection, const char *code, const char *message,
                   bool later) {
    th_reply_error(connection, th_slice_of(connection->auth_id), code, message);
    th_chat_end(connection, later ? 1013 : 1008,
                later ? "Try again later" : "The sign-in is refused");
}

static const char *refusal_code(th_refusal_t refusal) {
    switch (refusal) {
    case TH_REFUSAL_NO_ORG: return "no_org";
    case TH_REFUSAL_FORBIDDEN: return "forbidden";
    case TH_REFUSAL_UNAVAILABLE: return "unavailable";
    case TH_REFUSAL_BUSY: return "busy";
    case TH_REFUSAL_NONE:
    case TH_REFUSAL_NO_CREDENTIAL:
    case TH_REFUSAL_BAD_CREDENTIAL: break;
    }
    return "bad_credential";
}

/* The person has shown the credential anew: it is the one to go on with. Takes <grant> over. */
static th_conversation_t *reopen(th_conversation_t *conversation, th_grant_t *grant) {
    th_grant_unref(conversation->grant);
    conversation->grant = grant;
    return conversation;
}

static void enter(th_chat_connection_t *connection, th_grant_t *grant) {
    th_chat_t *chat = connection->chat;
    th_error_t error = {"", ""};
    const char *principal = th_grant_principal(grant);
    th_conversation_t *found = find_lost(connection, grant);
    if (found) use_up(connection);
    if (!found && connection->join) found = find_newest(chat, grant);
    th_conversation_t *conversation =
        found ? reopen(found, grant) : th_conversation_new(chat, grant, &error);
    if (conversation && !th_conversation_join(conversation, connection))
        th_error_set(&error, "no_memory", "The host is out of memory. Try again in a minute.");
    if (!connection->conversation) {
        refuse(connection, strcmp(error.code, "no_memory") == 0 ? "no_memory" : "busy",
               error.message, true);
        if (conversation && !found) th_conversation_end(conversation, "shutdown");
        return;
    }
    th_log(chat->worker->log, TH_LOG_INFO, "chat", "principal=%s %s", principal,
           found ? "comes back" : "signs in");
    tell(connection, found != NULL);
}

static void on_verified(void *arg, th_grant_t *grant, th_refusal_t refusal, const th_error_t *why) {
    th_chat_connection_t *connection = arg;
    connection->verification = NULL;
    if (grant && !connection->chat->stopping && !connection->ended) {
        enter(connection, grant);
        return;
    }
    th_grant_unref(grant);
    const char *code = refusal_code(refusal);
    th_log(connection->chat->worker->log, TH_LOG_INFO, "chat", "a sign-in is refused: %s", code);
    refuse(connection, code,
           why && why->message[0] ? why->message : "This credential is not accepted.",
           refusal == TH_REFUSAL_UNAVAILABLE || refusal == TH_REFUSAL_BUSY);
}

static void copy_text(char *out, size_t size, th_json_value_t value) {
    th_slice_t text = {"", 0};
    (void)th_json_string(value, &text);
    (void)snprintf(out, size, "%.*s", (int)text.length, text.data);
}

void th_sign_in(th_chat_connection_t *connection, const th_chat_message_t *message) {
    th_slice_t key = {NULL, 0}, org = TH_SLICE("");
    (void)th_json_string(th_json_member(message->root, "api_key"), &key);
    (void)th_json_string(th_json_member(message->root, "org_id"), &org);
    copy_text(connection->auth_id, sizeof connection->auth_id, th_json_member(message->root, "id"));
    copy_text(connection->wanted_key, sizeof connection->wanted_key,
              th_json_member(message->root, "resume"));
    connection->after = -1;
    (void)th_json_integer(th_json_member(message->root, "after"), &connection->after);
    connection->join = false;
    (void)th_json_boolean(th_json_member(message->root, "join"), &connection->join);
    if (connection->chat->draining) {
        refuse(connection, "busy", "The host is stopping. Try again in a minute.", true);
        return;
    }
    th_verification_t *verification =
        th_sessions_verify(connection->chat->sessions, key, org, on_verified, connection);
    if (!connection->ended && !connection->conversation) connection->verification = verification;
}
