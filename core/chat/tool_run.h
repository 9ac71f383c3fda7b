/* tool_run.h - one call of a tool in a conversation: from what was asked for, over the person's
 * yes where one is needed, to its one result.
 * States go one way: NEW -> ((LOOKS ->) ASKED -> | FOLLOWS ->) GOING -> DONE. A run of a turn stays
 * until the turn ends (an identical call is answered from it); a direct one goes when it is done.
 */
#ifndef TH_CHAT_TOOL_RUN_H
#define TH_CHAT_TOOL_RUN_H

#include "chat/chat_internal.h"
#include "session/consent.h"

typedef enum th_run_state {
    TH_RUN_NEW,     /* nothing was said of it yet */
    TH_RUN_LOOKS,   /* its tool looks at what it would change, for the card */
    TH_RUN_ASKED,   /* its card is open */
    TH_RUN_FOLLOWS, /* an identical one is under way: its result will be this one's */
    TH_RUN_GOING,   /* <running> is there */
    TH_RUN_DONE,
} th_run_state_t;

struct th_tool_run {
    th_list_t link; /* th_conversation_t.runs */
    th_conversation_t *conversation;
    th_turn_t *turn; /* NULL: called directly */
    char id[TH_CHAT_WORD_SIZE], re[TH_CHAT_ID_SIZE];
    char tool[TH_CHAT_ID_SIZE];
    th_buffer_t call; /* the model's own id of it */
    th_run_state_t state;
    bool announced, ended;     /* tool_call was sent; the conversation ended */
    th_catalogue_t *catalogue; /* reference: keeps <item> */
    const th_item_t *item;     /* NULL: there is no such tool */
    const th_item_t *by;       /* the relay that it was asked for through, or NULL */
    th_json_value_t arguments; /* reference on its document */
    th_error_t unusable;       /* what is wrong with the arguments before they are looked at */
    bool edited, approved;
    struct th_preview *preview; /* LOOKS: under way */
    th_json_document_t *seen;   /* reference: what the preview said; NULL = nothing */
    /* ASKED: */
    th_proposal_t proposal;
    th_event_t *card; /* reference */
    th_deadline_t card_end;
    /* GOING: */
    th_running_t *running;
    uint64_t began_at, asked_at, asked_ms; /* asked: while its own questions are open */
    unsigned open_questions;
    uint64_t progress_at;
    /* For identical calls: */
    unsigned changes; /* of the turn, when it began */
    th_tool_run_t *leader;
    /* DONE: */
    bool ok;
    char code[33];
    th_buffer_t text; /* as the model reads it */
    th_buffer_t data; /* JSON, until it is in the history */
};

/* <arguments>: its document is kept. NULL: no memory. <turn> may be NULL. */
th_tool_run_t *th_tool_run_new(th_conversation_t *conversation, th_turn_t *turn, th_slice_t tool,
                               th_json_value_t arguments);
/* Announces it and has it run, ask or fail. What follows may happen inside. */
void th_tool_run_start(th_tool_run_t *run);
/* The person or a limit stops it; its result follows, perhaps inside. */
void th_tool_run_cancel(th_tool_run_t *run);
/* Without a word: the conversation ended, or nothing of it was told. Frees it, at once or when its
 * call has told its end. */
void th_tool_run_abandon(th_tool_run_t *run);
/* By its id; NULL when there is none that is not done. */
th_tool_run_t *th_tool_run_find(th_conversation_t *conversation, th_slice_t id);

/* For card.c: the yes was given (<run> starts with the approval), or was not (it ends). */
void th_tool_run_go(th_tool_run_t *run, const char *approval);
void th_tool_run_fail(th_tool_run_t *run, const char *code, const char *message);
/* "" when the arguments fit the tool's schema; otherwise what is wrong, for people and models. */
bool th_tool_run_check(const th_item_t *item, th_json_value_t arguments, th_error_t *error);
/* Bytes of the arguments as JSON; SIZE_MAX when they cannot be written. */
size_t th_json_length(th_json_value_t value);

/* --- card.c ---------------------------------------------------------------------------------- */

/* Puts the card before the person, or ends the run when that cannot be. */
void th_card_open(th_tool_run_t *run);
/* card_change.c: target, before and after, as far as known; <named> is what the arguments name. */
void th_card_write_change(const th_tool_run_t *run, th_json_writer_t *json, const char *named);
void th_card_expired(th_deadline_t *deadline);
/* <outcome> as in approval_closed; NULL <reason> = none. The proposal is withdrawn unless given. */
void th_card_close(th_tool_run_t *run, const char *outcome, th_slice_t reason);
void th_card_approve(th_chat_connection_t *connection, const th_chat_message_t *message);
void th_card_deny(th_chat_connection_t *connection, const th_chat_message_t *message);
/* After new tools came: a card whose tool is another now is closed. */
void th_card_recheck(th_tool_run_t *run);

/* --- preview.c ------------------------------------------------------------------------------- */

/* True: the tool looks first, and th_card_open() follows from the loop, whatever comes of it. */
bool th_preview_begin(th_tool_run_t *run);
/* Nothing follows any more. Safe without one. */
void th_preview_drop(th_tool_run_t *run);

/* --- inquiry.c ------------------------------------------------------------------------------- */

/* A question to the person: of a running call, or whether a turn is to go on. */
struct th_inquiry {
    th_list_t link; /* th_conversation_t.inquiries while it is open; then th_tool_run's answers */
    th_conversation_t *conversation;
    th_tool_run_t *run; /* or */
    th_turn_t *turn;
    char id[TH_CHAT_WORD_SIZE];
    char key[TH_CHAT_ID_SIZE]; /* the call's own name of it */
    th_ask_kind_t kind;
    th_schema_t *schema; /* of a form */
    th_event_t *event;   /* reference */
    th_deadline_t end;   /* of `continue` only: a call's question ends with the call's patience */
    bool answered;
    th_buffer_t answer; /* {"action", "content"?} */
};

/* th_call_client_t.ask and .can_ask of a run. */
bool th_inquiry_ask(void *run, const th_ask_t *asks, size_t count, th_error_t *error);
bool th_inquiry_can_ask(void *run, th_ask_kind_t kind);
/* Whether the turn is to go on although a limit was met; th_turn_continue() hears the answer.
 * False: no memory. */
bool th_inquiry_continue(th_turn_t *turn, const char *message);
void th_inquiry_reply(th_chat_connection_t *connection, const th_chat_message_t *message);
/* All open ones of the run (or of the turn) close with <outcome>; quietly when it is NULL. */
void th_inquiries_drop(th_conversation_t *conversation, const th_tool_run_t *run,
                       const th_turn_t *turn, const char *outcome);

#endif
