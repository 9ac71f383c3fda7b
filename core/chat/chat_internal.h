/* chat_internal.h - what the rooms of the chat share.
 * Ownership: th_chat_t owns connections and conversations. A conversation owns its grant, its
 * session, its runs (calls of tools), its inquiries (questions to the person) and its turn. A
 * conversation that ended leaves the tables at once; its memory goes, from the loop, when the last
 * of its running calls has told its end. */
#ifndef TH_CHAT_CHAT_INTERNAL_H
#define TH_CHAT_CHAT_INTERNAL_H

#include "base/hash.h"
#include "base/list.h"
#include "base/random.h"
#include "base/table.h"
#include "chat/budget.h"
#include "chat/chat.h"
#include "chat/events.h"
#include "chat/history.h"
#include "chat/names.h"
#include "chat/protocol.h"
#include "chat/provider.h"
#include "loop/deadline.h"
#include "json/writer.h"

typedef struct th_conversation th_conversation_t;
typedef struct th_turn th_turn_t;
typedef struct th_tool_run th_tool_run_t;
typedef struct th_inquiry th_inquiry_t;
typedef struct th_audience th_audience_t;

#define TH_CHAT_ID_SIZE 65 /* a message's id and NUL */
/* Keys of lost connections that a conversation remembers; the oldest goes first. */
#define TH_LOST_KEYS_MAX 8
#define TH_CHAT_WORD_SIZE 25 /* "t1", "c1", "q1" */

/* The tools that some are offered, as the model is told of them. */
typedef struct th_tools_view {
    uint64_t generation;
    th_digest_t whose;
    th_buffer_t json; /* empty: not made yet */
} th_tools_view_t;

struct th_chat {
    th_worker_t *worker;
    th_sessions_t *sessions;
    th_provider_t *provider;
    th_chat_protocol_t *protocol;
    th_deadlines_t deadlines;
    th_worker_part_t part;
    th_list_t connections;
    th_list_t conversations; /* oldest first */
    th_list_t ended;         /* conversations whose calls have not all told their end */
    th_deadline_t reap;
    th_table_t *keys; /* resume key -> th_resume_t */
    th_budget_t budget;
    void (*spent)(void *arg, const char *principal, int64_t tokens); /* or NULL */
    void *spent_arg;
    th_tools_view_t tools;
    bool draining, stopping;
};

/* One connection's key to its conversation. It outlives the connection. */
typedef struct th_resume {
    th_list_t link; /* th_conversation_t.resumes, oldest first */
    th_conversation_t *conversation;
    th_chat_connection_t *connection; /* NULL: lost */
    char key[TH_ID_SIZE];
} th_resume_t;

struct th_chat_connection {
    th_list_t link;            /* th_chat_t.connections */
    th_list_t in_conversation; /* th_conversation_t.connections */
    th_chat_t *chat;
    const th_chat_wire_t *wire;
    void *arg;
    th_deadline_t auth; /* runs until it is signed in */
    th_verification_t *verification;
    th_conversation_t *conversation; /* once it is signed in */
    th_resume_t *resume;
    bool ended; /* told to close: what still comes is ignored */
    double allowance;
    uint64_t counted_at;
    /* What its auth asked for, until the credential is verified: */
    char auth_id[TH_CHAT_ID_SIZE], wanted_key[TH_ID_SIZE];
    int64_t after; /* -1: nothing was said */
    bool join;
};

struct th_conversation {
    th_list_t link; /* th_chat_t.conversations, or .ended */
    th_chat_t *chat;
    th_grant_t *grant;
    th_session_t *session; /* NULL once it ended */
    th_list_t connections; /* th_chat_connection_t.in_conversation */
    unsigned connection_count;
    th_list_t resumes;
    unsigned resume_count;
    th_events_t events;
    th_history_t history;
    th_names_t names;
    th_turn_t *turn;                               /* NULL: none under way */
    th_list_t runs;                                /* th_tool_run_t: of the turn, and direct ones */
    th_list_t inquiries;                           /* th_inquiry_t that are open */
    unsigned turn_count, run_count, inquiry_count; /* made so far: for ids */
    th_usage_t usage;
    uint64_t created_at, used_at, left_at; /* the loop's milliseconds */
    bool warned_idle, warned_life;
    th_deadline_t end;
    bool ended;
    th_audience_t *audience; /* audience.h; NULL until something happened in the organisation */
    th_tools_view_t tools;   /* when the shared one is of others */
};

static inline const th_settings_t *th_chat_settings(const th_chat_t *chat) {
    return chat->worker->settings;
}
static inline uint64_t th_chat_now(const th_chat_t *chat) {
    return uv_now(&chat->worker->loop);
}

/* --- messages out (send.c) ------------------------------------------------------------------- */

typedef struct th_draft {
    th_buffer_t text;
    th_json_writer_t json;
} th_draft_t;

/* An event: {"type", "seq", "re"? ... to all connections. Compose one at a time. */
void th_event_begin(th_conversation_t *conversation, th_draft_t *draft, const char *type,
                    const char *re);
/* <tells>: it belongs to the transcript. Borrowed; NULL: no memory (logged, no number used). */
th_event_t *th_event_end(th_conversation_t *conversation, th_draft_t *draft, bool tells);
/* A reply, to one connection. <re> may be empty. */
void th_reply_begin(th_chat_connection_t *connection, th_draft_t *draft, const char *type,
                    th_slice_t re);
void th_reply_end(th_chat_connection_t *connection, th_draft_t *draft);
void th_reply_error(th_chat_connection_t *connection, th_slice_t re, const char *code,
                    const char *message);
/* One text to one connection; false when it takes no more. */
bool th_chat_send(th_chat_connection_t *connection, th_slice_t text);
/* Nothing is taken from it any more; its wire closes. */
void th_chat_end(th_chat_connection_t *connection, unsigned code, const char *reason);
/* The most that one message may hold so that a client which reads gets it. */
size_t th_chat_room(const th_chat_t *chat);

/* The front, or the end, of <text> that takes at most <most> bytes as JSON; whole characters. */
th_slice_t th_text_front(th_slice_t text, size_t most);
th_slice_t th_text_end(th_slice_t text, size_t most);

/* A JSON value whose writing is cut to what fits, and helpers for members. */
void th_write_usage(th_json_writer_t *json, const th_chat_t *chat, const char *key,
                    const th_usage_t *usage);
void th_write_time(th_json_writer_t *json, const char *key, int64_t wall_ms);

/* --- connection.c, sign_in.c, commands.c ----------------------------------------------------- */

void th_sign_in(th_chat_connection_t *connection, const th_chat_message_t *message);
void th_command(th_chat_connection_t *connection, const th_chat_message_t *message);

/* --- conversation.c -------------------------------------------------------------------------- */

/* Takes over <grant>. NULL with <error>. */
th_conversation_t *th_conversation_new(th_chat_t *chat, th_grant_t *grant, th_error_t *error);
/* With a resume key of its own. False: no memory. */
bool th_conversation_join(th_conversation_t *conversation, th_chat_connection_t *connection);
void th_resume_drop(th_resume_t *resume);
void th_conversation_leave(th_chat_connection_t *connection);
/* <reason> as the protocol's `expired` has it. Idempotent. */
void th_conversation_end(th_conversation_t *conversation, const char *reason);
void th_conversation_touch(th_conversation_t *conversation);
/* Bytes of the cards and questions that are open. */
size_t th_conversation_open_bytes(const th_conversation_t *conversation);
/* Work of one that ended is over: it may go. */
void th_conversation_settle(th_conversation_t *conversation);
void th_chat_reap(th_chat_t *chat);

/* life.c: idle and absolute end, and how long it outlives its connections. */
void th_life_begin(th_conversation_t *conversation);
void th_life_update(th_conversation_t *conversation);

/* snapshot.c: the array of events that brings an empty client up to date. */
void th_snapshot_write(const th_conversation_t *conversation, th_json_writer_t *json);

#endif
