/* send.c - messages out: numbered events to all connections of a conversation, replies to one. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "chat/chat_internal.h"

#define MESSAGE_MAX ((size_t)64 * 1024 * 1024)

size_t th_chat_room(const th_chat_t *chat) {
    return (size_t)th_chat_settings(chat)->websocket_unsent_bytes;
}

bool th_chat_send(th_chat_connection_t *connection, th_slice_t text) {
    return !connection->ended && connection->wire->send(connection->arg, text);
}

void th_chat_end(th_chat_connection_t *connection, unsigned code, const char *reason) {
    if (connection->ended) return;
    connection->ended = true;
    th_deadline_clear(&connection->auth);
    connection->wire->end(connection->arg, code, reason);
}

static void begin(th_draft_t *draft, const char *type, uint64_t seq, th_slice_t re) {
    th_buffer_init(&draft->text, MESSAGE_MAX);
    th_json_writer_init(&draft->json, &draft->text, 0);
    th_json_write_object(&draft->json);
    th_json_write_member_text(&draft->json, "type", type);
    th_json_write_member_integer(&draft->json, "seq", (int64_t)seq);
    if (re.length) th_json_write_member_string(&draft->json, "re", re);
}

static bool finish(th_draft_t *draft, const th_chat_t *chat) {
    th_error_t error = {"", ""};
    th_json_write_end(&draft->json);
    if (th_json_writer_finish(&draft->json, &error)) return true;
    th_log(chat->worker->log, TH_LOG_ERROR, "chat", "a message cannot be written: %s", error.code);
    return false;
}

void th_event_begin(th_conversation_t *conversation, th_draft_t *draft, const char *type,
                    const char *re) {
    begin(draft, type, conversation->events.last + 1, th_slice_of(re));
}

static void send_to_all(th_conversation_t *conversation, th_slice_t text) {
    for (th_list_t *at = conversation->connections.next, *next; at != &conversation->connections;
         at = next) {
        next = at->next;
        (void)th_chat_send(TH_CONTAINER(at, th_chat_connection_t, in_conversation), text);
    }
}

th_event_t *th_event_end(th_conversation_t *conversation, th_draft_t *draft, bool tells) {
    th_event_t *event = NULL;
    if (!conversation->ended && finish(draft, conversation->chat))
        event = th_events_add(&conversation->events, th_buffer_slice(&draft->text), tells);
    if (event) send_to_all(conversation, th_slice(event->text, event->length));
    th_buffer_reset(&draft->text);
    return event;
}

void th_reply_begin(th_chat_connection_t *connection, th_draft_t *draft, const char *type,
                    th_slice_t re) {
    uint64_t seq = connection->conversation ? connection->conversation->events.last : 0;
    begin(draft, type, seq, re);
}

void th_reply_end(th_chat_connection_t *connection, th_draft_t *draft) {
    if (finish(draft, connection->chat))
        (void)th_chat_send(connection, th_buffer_slice(&draft->text));
    th_buffer_reset(&draft->text);
}

void th_reply_error(th_chat_connection_t *connection, th_slice_t re, const char *code,
                    const char *message) {
    th_draft_t draft;
    th_reply_begin(connection, &draft, "error", re);
    th_json_write_member_text(&draft.json, "code", code);
    th_json_write_member_text(&draft.json, "message", message);
    th_reply_end(connection, &draft);
}

static size_t bytes_as_json(char c) {
    if (c == '"' || c == '\\' || c == '\n' || c == '\t' || c == '\r') return 2;
    return (unsigned char)c < 0x20 ? 6 : 1;
}

static bool is_inside(char c) {
    return ((unsigned char)c & 0xc0) == 0x80;
}

th_slice_t th_text_front(th_slice_t text, size_t most) {
    size_t used = 0, length = 0;
    while (length < text.length && (used += bytes_as_json(text.data[length])) <= most)
        length++;
    while (length > 0 && length < text.length && is_inside(text.data[length]))
        length--;
    return th_slice(text.data, length);
}

th_slice_t th_text_end(th_slice_t text, size_t most) {
    size_t used = 0, at = text.length;
    while (at > 0 && (used += bytes_as_json(text.data[at - 1])) <= most)
        at--;
    while (at > 0 && at < text.length && is_inside(text.data[at]))
        at++;
    return th_slice(text.data + at, text.length - at);
}

void th_write_usage(th_json_writer_t *json, const th_chat_t *chat, const char *key,
                    const th_usage_t *usage) {
    double cost = th_usage_cost(usage, th_chat_settings(chat));
    th_json_write_key(json, th_slice_of(key));
    th_json_write_object(json);
    th_json_write_member_integer(json, "input_tokens", usage->input_tokens);
    th_json_write_member_integer(json, "output_tokens", usage->output_tokens);
    th_json_write_member_integer(json, "cache_read_tokens", usage->cache_read_tokens);
    th_json_write_member_integer(json, "cache_write_tokens", usage->cache_write_tokens);
    if (cost >= 0) {
        th_json_write_key(json, TH_SLICE("cost"));
        th_json_write_real(json, cost);
    }
    th_json_write_end(json);
}

void th_write_time(th_json_writer_t *json, const char *key, int64_t wall_ms) {
    char text[21];
    th_clock_format_utc(wall_ms, text);
    th_json_write_member_text(json, key, text);
}
