/* connection.c - one connection: greeting, the time it has to sign in, and its messages. */
#include <stdio.h>
#include <stdlib.h>

#include "chat/chat_internal.h"

static void on_late(th_deadline_t *deadline) {
    th_chat_connection_t *connection = TH_CONTAINER(deadline, th_chat_connection_t, auth);
    if (connection->verification) th_verification_cancel(connection->verification);
    connection->verification = NULL;
    th_reply_error(connection, th_slice_of(connection->auth_id), "not_signed_in",
                   "Nobody signed in on this connection in time, so it closes.");
    th_chat_end(connection, 1008, "Not signed in in time");
}

static void greet(th_chat_connection_t *connection) {
    th_draft_t draft;
    th_reply_begin(connection, &draft, "hello", th_slice(NULL, 0));
    th_json_write_member_text(&draft.json, "protocol", TH_CHAT_PROTOCOL);
    th_json_write_member_text(&draft.json, "version", TH_VERSION);
    th_json_write_member_integer(&draft.json, "auth_within",
                                 th_chat_settings(connection->chat)->chat_auth_timeout);
    th_reply_end(connection, &draft);
}

th_chat_connection_t *th_chat_connect(th_chat_t *chat, const th_chat_wire_t *wire, void *arg,
                                      bool hello) {
    th_chat_connection_t *connection = calloc(1, sizeof *connection);
    if (!connection) return NULL;
    connection->chat = chat;
    connection->wire = wire;
    connection->arg = arg;
    connection->counted_at = th_chat_now(chat);
    connection->allowance = 2.0 * (double)th_chat_settings(chat)->chat_messages;
    th_list_init(&connection->in_conversation);
    th_list_add_tail(&chat->connections, &connection->link);
    th_deadline_init(&connection->auth, on_late);
    th_deadline_set(&chat->deadlines, &connection->auth,
                    (uint64_t)th_chat_settings(chat)->chat_auth_timeout);
    if (hello) greet(connection);
    return connection;
}

void th_chat_disconnect(th_chat_connection_t *connection) {
    connection->ended = true;
    th_deadline_clear(&connection->auth);
    if (connection->verification) th_verification_cancel(connection->verification);
    if (connection->conversation) th_conversation_leave(connection);
    th_list_remove(&connection->link);
    free(connection);
}

/* A bucket that fills with chat.messages a second and holds twice as many. */
static bool is_too_fast(th_chat_connection_t *connection) {
    double rate = (double)th_chat_settings(connection->chat)->chat_messages;
    uint64_t now = th_chat_now(connection->chat);
    connection->allowance += rate * (double)(now - connection->counted_at) / 1000.0;
    connection->counted_at = now;
    if (connection->allowance > 2 * rate) connection->allowance = 2 * rate;
    if (connection->allowance < 1) return true;
    connection->allowance -= 1;
    return false;
}

/* Before sign-in, anything else ends the connection: nothing is owed to a stranger. */
static void receive_early(th_chat_connection_t *connection, const th_chat_message_t *message) {
    if (message->type == TH_CHAT_AUTH && !connection->verification) {
        th_sign_in(connection, message);
        return;
    }
    th_reply_error(connection, message->id, "not_signed_in",
                   connection->verification
                       ? "The credential is still being checked: wait for `session`."
                       : "The first message must be `auth`.");
    if (!connection->verification) th_chat_end(connection, 1008, "Sign in first");
}

void th_chat_receive(th_chat_connection_t *connection, th_slice_t text) {
    if (connection->ended) return;
    th_chat_t *chat = connection->chat;
    th_chat_message_t message;
    th_error_t error = {"", ""};
    if (is_too_fast(connection)) {
        th_reply_error(connection, th_slice(NULL, 0), "too_fast",
                       "Too many messages at once, so this connection closes. Connect again and "
                       "resume.");
        th_chat_end(connection, 1008, "Too many messages");
        return;
    }
    bool fine = th_chat_message_read(chat->protocol, chat->worker->parser, text, &message, &error);
    if (!fine) {
        th_reply_error(connection, message.id, error.code, error.message);
        if (!connection->conversation && !connection->verification)
            th_chat_end(connection, 1008, "Sign in first");
    } else if (connection->conversation) {
        th_command(connection, &message);
    } else {
        receive_early(connection, &message);
    }
    th_chat_message_free(&message);
}

unsigned th_chat_home(const th_chat_t *chat, th_slice_t text) {
    th_chat_message_t message;
    th_slice_t key = {NULL, 0}, org = TH_SLICE("");
    unsigned home = chat->worker->number;
    if (chat->worker->count < 2) return home;
    bool fine = th_chat_message_read(chat->protocol, chat->worker->parser, text, &message, NULL);
    if (fine && message.type == TH_CHAT_AUTH &&
        th_json_string(th_json_member(message.root, "api_key"), &key)) {
        (void)th_json_string(th_json_member(message.root, "org_id"), &org);
        home = th_sessions_home(chat->sessions, key, org);
    }
    th_chat_message_free(&message);
    return home;
}
