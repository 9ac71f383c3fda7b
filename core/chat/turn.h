/* turn.h - a question and all that follows from it, until it is answered.
 * Rounds: the model is asked, its text streams out, its calls of tools run side by side, their
 * results go into the history, the model is asked again. Ends in exactly one `answer` or `error`,
 * whatever happens. Limits (rounds, calls, time, tokens) end in a question whether to go on. */
#ifndef TH_CHAT_TURN_H
#define TH_CHAT_TURN_H

#include "chat/chat_internal.h"

typedef enum th_turn_state {
    TH_TURN_MODEL, /* <completion> is there */
    TH_TURN_TOOLS, /* <open> of its calls are not done */
    TH_TURN_ASKING,
} th_turn_state_t;

struct th_turn {
    th_conversation_t *conversation;
    unsigned number;
    char id[TH_CHAT_WORD_SIZE];
    th_turn_state_t state;
    th_completion_t *completion;
    th_buffer_t said; /* by the model since its last call of a tool */
    bool starting;    /* calls are being started: their ends wait */
    bool cancelled;
    bool compacted;      /* the history was too long for the model once already */
    unsigned open, made; /* calls not done; calls asked for in all */
    unsigned changes;    /* calls done that may have changed something */
    unsigned rounds;
    th_usage_t usage;
    uint64_t began_at, waited_ms, waits_since; /* waited: for people */
    unsigned waits;                            /* cards and questions open */
    /* Above these the person is asked: */
    int64_t rounds_allowed, calls_allowed, time_allowed, tokens_allowed;
};

/* <connection> asked; whatever stands against a turn is a reply to it. */
void th_turn_begin(th_chat_connection_t *connection, const th_chat_message_t *message);
void th_turn_cancel(th_turn_t *turn);
/* Without a word: the conversation ended. Frees it; its runs are not touched. */
void th_turn_abandon(th_turn_t *turn);

/* From its runs and inquiries: */
void th_turn_run_done(th_turn_t *turn, th_tool_run_t *run);
void th_turn_continue(th_turn_t *turn, bool go_on);
void th_turn_settle(th_turn_t *turn); /* goes on, if nothing of it is open any more */
void th_turn_waits(th_turn_t *turn);  /* a card or question opened */
void th_turn_waited(th_turn_t *turn); /* and closed */

/* Among the files of a turn: */
void th_turn_next_round(th_turn_t *turn); /* asks the model, unless a limit is met */
/* Ends it with its answer (<stop> as the protocol has it), or an error; it is gone then. */
void th_turn_finish(th_turn_t *turn, const char *stop);
void th_turn_fail(th_turn_t *turn, const th_error_t *error);
void th_turn_fail_memory(th_turn_t *turn);
/* The model's blocks into the history. False: no memory. */
bool th_turn_keep(th_turn_t *turn, th_slice_t content);
/* The next of its runs from <*at> on (NULL: the first); NULL: no more. The one that is returned may
 * be freed. */
th_tool_run_t *th_turn_next_run(const th_turn_t *turn, th_list_t **at);

/* turn_limits.c */
void th_turn_allow(th_turn_t *turn); /* one more helping of everything */
/* NULL: go on. Otherwise which limit is met, as a question to the person; in a static text. */
const char *th_turn_limit(const th_turn_t *turn);
/* May this person begin another request to the model? False with "budget". */
bool th_turn_within_budget(const th_conversation_t *conversation, th_error_t *error);
void th_turn_count(th_turn_t *turn, const th_usage_t *usage);

/* prompt.c: what the model is told besides the history. */
bool th_prompt_system(const th_conversation_t *conversation, th_buffer_t *out);
/* The tools this person may use; an empty slice when memory ran out. */
th_slice_t th_prompt_tools(th_conversation_t *conversation);

#endif
