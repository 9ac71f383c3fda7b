/* commands.c - what a signed-in connection may say, and the replies that need no turn. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "chat/tool_run.h"
#include "chat/turn.h"
#include "session/consent.h"

static const char *const effects[] = {"read", "add", "change", "remove"};

/* --- tools and settings ---------------------------------------------------------------------- */

static void write_tool(const th_conversation_t *conversation, const th_tool_t *tool,
                       th_json_writer_t *json) {
    char digest[TH_DIGEST_HEX_SIZE];
    th_digest_hex(&tool->definition, digest);
    bool standing =
        tool->effect != TH_EFFECT_READ && !th_consent_needed(conversation->session, tool);
    th_json_write_object(json);
    th_json_write_member_text(json, "name", tool->name);
    th_json_write_member_text(json, "title", tool->title);
    th_json_write_member_text(json, "description", tool->description);
    th_json_write_member_text(json, "domain", tool->domain);
    th_json_write_member_text(json, "effect", effects[tool->effect]);
    th_json_write_member_value(json, "inputSchema", tool->input_schema);
    th_json_write_member_text(json, "definition", digest);
    th_json_write_member_boolean(json, "standing", standing);
    th_json_write_end(json);
}

static void reply_tools(th_chat_connection_t *connection, const th_chat_message_t *message) {
    const th_conversation_t *conversation = connection->conversation;
    const th_catalogue_t *catalogue = th_sessions_catalogue(connection->chat->sessions);
    th_draft_t draft;
    th_reply_begin(connection, &draft, "tools", message->id);
    th_json_write_key(&draft.json, TH_SLICE("tools"));
    th_json_write_array(&draft.json);
    for (size_t i = 0; i < th_catalogue_count(catalogue); i++) {
        const th_tool_t *tool = th_catalogue_tool(catalogue, i);
        if (th_grant_allows(conversation->grant, tool, NULL))
            write_tool(conversation, tool, &draft.json);
    }
    th_json_write_end(&draft.json);
    size_t room = th_chat_room(connection->chat);
    if (draft.text.length < room - room / 8) {
        th_reply_end(connection, &draft);
        return;
    }
    th_buffer_reset(&draft.text); /* it would end the connection */
    th_reply_error(connection, message->id, "too_large",
                   "There are more tools than one message can carry (websocket.unsent_bytes). They "
                   "can be called all the same; a profile makes the list shorter.");
}

static void write_standing(const th_conversation_t *conversation, th_json_writer_t *json) {
    const th_catalogue_t *catalogue = th_sessions_catalogue(conversation->chat->sessions);
    th_json_write_key(json, TH_SLICE("standing"));
    th_json_write_array(json);
    for (size_t i = 0; i < th_catalogue_count(catalogue); i++) {
        const th_tool_t *tool = th_catalogue_tool(catalogue, i);
        if (tool->effect == TH_EFFECT_READ || th_consent_needed(conversation->session, tool))
            continue;
        th_json_write_object(json);
        th_json_write_member_text(json, "tool", tool->name);
        th_json_write_member_text(json, "title", tool->title);
        th_json_write_member_text(json, "effect", effects[tool->effect]);
        th_json_write_end(json);
    }
    th_json_write_end(json);
}

static void reply_settings(th_chat_connection_t *connection, const th_chat_message_t *message) {
    const th_conversation_t *conversation = connection->conversation;
    const th_settings_t *settings = th_chat_settings(connection->chat);
    const char *provider = connection->chat->provider->operations->name;
    th_slice_t revoke;
    if (th_json_string(th_json_member(message->root, "revoke"), &revoke))
        (void)th_consent_revoke(conversation->session,
                                th_slice_is(revoke, "*") ? th_slice(NULL, 0) : revoke);
    th_draft_t draft;
    th_json_writer_t *json = &draft.json;
    th_reply_begin(connection, &draft, "settings", message->id);
    th_json_write_member_text(json, "provider", provider);
    th_json_write_member_text(json, "model",
                              settings->chat_model[0] ? settings->chat_model : provider);
    th_json_write_key(json, TH_SLICE("limits"));
    th_json_write_object(json);
    th_json_write_member_integer(json, "rounds", settings->chat_rounds);
    th_json_write_member_integer(json, "calls", settings->chat_calls);
    th_json_write_member_integer(json, "turn_time", settings->chat_turn_time);
    th_json_write_member_integer(json, "tokens_per_turn", settings->chat_tokens_per_turn);
    th_json_write_member_integer(json, "tokens_per_session", settings->chat_tokens_per_session);
    th_json_write_member_integer(json, "tokens_per_person", settings->chat_tokens_per_person);
    th_json_write_member_integer(json, "approval_life", settings->chat_approval_life);
    th_json_write_end(json);
    th_write_usage(json, connection->chat, "usage", &conversation->usage);
    write_standing(conversation, json);
    th_reply_end(connection, &draft);
}

/* --- history --------------------------------------------------------------------------------- */

static void reply_history(th_chat_connection_t *connection, const th_chat_message_t *message) {
    th_draft_t draft;
    th_reply_begin(connection, &draft, "history", message->id);
    th_json_write_key(&draft.json, TH_SLICE("events"));
    th_snapshot_write(connection->conversation, &draft.json);
    th_reply_end(connection, &draft);
}

static void forget(th_chat_connection_t *connection, const th_chat_message_t *message) {
    th_conversation_t *conversation = connection->conversation;
    th_slice_t what = TH_SLICE("history");
    char re[TH_CHAT_ID_SIZE];
    (void)th_json_string(th_json_member(message->root, "what"), &what);
    bool approvals = th_slice_is(what, "approvals");
    if (!approvals && conversation->turn) {
        th_reply_error(connection, message->id, "busy",
                       "The assistant is still working. Cancel it first.");
        return;
    }
    if (!th_slice_is(what, "history"))
        (void)th_consent_revoke(conversation->session, th_slice(NULL, 0));
    if (!approvals) {
        th_history_clear(&conversation->history);
        th_names_clear(&conversation->names);
        th_events_forget_transcript(&conversation->events);
    }
    (void)snprintf(re, sizeof re, "%.*s", (int)message->id.length, message->id.data);
    th_draft_t draft;
    th_event_begin(conversation, &draft, "forgotten", re);
    th_json_write_member_string(&draft.json, "what", what);
    (void)th_event_end(conversation, &draft, false);
}

/* --- calls ----------------------------------------------------------------------------------- */

static size_t count_direct(const th_conversation_t *conversation) {
    size_t count = 0;
    for (const th_list_t *at = conversation->runs.next; at != &conversation->runs; at = at->next)
        if (!TH_CONTAINER(at, th_tool_run_t, link)->turn) count++;
    return count;
}

static void call_directly(th_chat_connection_t *connection, const th_chat_message_t *message) {
    th_conversation_t *conversation = connection->conversation;
    const th_settings_t *settings = th_chat_settings(connection->chat);
    th_slice_t tool = {NULL, 0};
    (void)th_json_string(th_json_member(message->root, "tool"), &tool);
    if (connection->chat->draining ||
        count_direct(conversation) >= (size_t)settings->chat_direct_calls) {
        th_reply_error(connection, message->id, "busy",
                       "Too many calls are open here. Try again when some have ended.");
        return;
    }
    th_json_value_t arguments = th_json_member(message->root, "arguments");
    th_json_document_t *none = NULL;
    if (th_json_type(arguments) == TH_JSON_ABSENT) {
        none = th_json_parse(connection->chat->worker->parser, TH_SLICE("{}"),
                             &th_json_limits_request, NULL);
        arguments = th_json_root(none);
    }
    th_tool_run_t *run =
        arguments.document ? th_tool_run_new(conversation, NULL, tool, arguments) : NULL;
    th_json_unref(none);
    if (!run) {
        th_reply_error(connection, message->id, "no_memory",
                       "The host is out of memory. Try again in a minute.");
        return;
    }
    (void)snprintf(run->re, sizeof run->re, "%.*s", (int)message->id.length, message->id.data);
    th_tool_run_start(run);
}

static void cancel(th_chat_connection_t *connection, const th_chat_message_t *message) {
    th_conversation_t *conversation = connection->conversation;
    th_slice_t call;
    if (th_json_string(th_json_member(message->root, "call"), &call)) {
        th_tool_run_t *run = th_tool_run_find(conversation, call);
        if (run) {
            th_tool_run_cancel(run);
            return;
        }
    } else if (conversation->turn) {
        th_turn_cancel(conversation->turn);
        return;
    }
    th_reply_error(connection, message->id, "nothing_to_cancel",
                   "There is nothing of that kind under way.");
}

void th_command(th_chat_connection_t *connection, const th_chat_message_t *message) {
    th_conversation_touch(connection->conversation);
    switch (message->type) {
    case TH_CHAT_AUTH:
        th_reply_error(connection, message->id, "signed_in",
                       "This connection is signed in already. Use another one.");
        return;
    case TH_CHAT_ASK: th_turn_begin(connection, message); return;
    case TH_CHAT_APPROVE: th_card_approve(connection, message); return;
    case TH_CHAT_DENY: th_card_deny(connection, message); return;
    case TH_CHAT_REPLY: th_inquiry_reply(connection, message); return;
    case TH_CHAT_CANCEL: cancel(connection, message); return;
    case TH_CHAT_CALL: call_directly(connection, message); return;
    case TH_CHAT_TOOLS: reply_tools(connection, message); return;
    case TH_CHAT_HISTORY: reply_history(connection, message); return;
    case TH_CHAT_FORGET: forget(connection, message); return;
    case TH_CHAT_SETTINGS: reply_settings(connection, message); return;
    case TH_CHAT_SIGN_OUT: th_conversation_end(connection->conversation, "signed_out"); return;
    case TH_CHAT_MESSAGE_TYPES: return;
    }
}
