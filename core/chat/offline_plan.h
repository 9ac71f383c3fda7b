/* offline_plan.h - the next step of the offline assistant: tool calls, or the last words of a turn.
 * A pure function of the history: the command is read anew each time, and the results that are
 * there tell how far it got. */
#ifndef TH_CHAT_OFFLINE_PLAN_H
#define TH_CHAT_OFFLINE_PLAN_H

#include "base/buffer.h"
#include "chat/offline_commands.h"
#include "chat/offline_render.h"
#include "chat/offline_view.h"
#include "json/writer.h"

#define TH_OFFLINE_CALLS_MAX TH_COMMAND_NUMBERS_MAX

typedef struct th_offline_call {
    char tool[128];
    th_buffer_t input; /* an object; owned */
} th_offline_call_t;

typedef struct th_offline_step {
    th_buffer_t text; /* Markdown; owned */
    th_offline_call_t calls[TH_OFFLINE_CALLS_MAX];
    size_t call_count; /* 0: the turn ends here */
} th_offline_step_t;

typedef struct th_offline_ask {
    const th_offline_view_t *view;
    const th_command_t *command;
    th_json_value_t tools; /* what may be called */
    th_json_parser_t *parser;
    th_offline_clock_t clock;
} th_offline_ask_t;

void th_offline_step_init(th_offline_step_t *step);
void th_offline_step_free(th_offline_step_t *step);
void th_offline_decide(const th_offline_ask_t *ask, th_offline_step_t *step);

/* ---- between offline_plan.c, offline_target.c, offline_change.c and offline_launch.c ---- */

/* Begins a call whose input object is open in <writer>; false, with the reason said, when there is
 * no such tool here. */
bool th_offline_begin(const th_offline_ask_t *ask, th_offline_step_t *step, const char *tool,
                      th_json_writer_t *writer);
void th_offline_end(th_offline_step_t *step, th_json_writer_t *writer);
/* Adds to the text; <title> may be empty. */
void th_offline_tell(th_offline_step_t *step, const char *before, th_slice_t title,
                     const char *after);
/* Tells what each result of <tool> in this turn brought; false when there is none. */
bool th_offline_report(const th_offline_ask_t *ask, th_offline_step_t *step, const char *tool,
                       const char *done);

typedef enum th_target {
    TH_TARGET_FOUND,
    TH_TARGET_ASKED, /* the step holds a call that will tell */
    TH_TARGET_NONE,  /* the step says why */
} th_target_t;

/* What the command's numbers or words mean: rows of the last list, or found by a search. <kind>
 * TH_ITEM_OTHER takes any. */
th_target_t th_offline_target(const th_offline_ask_t *ask, th_offline_step_t *step,
                              th_item_kind_t kind, th_offline_item_t *items, size_t *count);
/* A search brings tasks without their process: fills run_id in from get_standalone_task. It stays
 * empty for one-off tasks, which have none. */
th_target_t th_offline_place(const th_offline_ask_t *ask, th_offline_step_t *step,
                             th_offline_item_t *items, size_t count);

void th_offline_decide_change(const th_offline_ask_t *ask, th_offline_step_t *step);
void th_offline_decide_launch(const th_offline_ask_t *ask, th_offline_step_t *step);
void th_offline_decide_create(const th_offline_ask_t *ask, th_offline_step_t *step);

#endif
