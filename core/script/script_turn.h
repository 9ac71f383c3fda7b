/* script_turn.h - between script.c and call.c: who may free a script, and how a call is ended
 * early. */
#ifndef TH_SCRIPT_SCRIPT_TURN_H
#define TH_SCRIPT_SCRIPT_TURN_H

#include "script/script_internal.h"

/* Around host code that works on a script and calls out: the last one out frees a closing script.
 */
void th_script_enter(th_script_t *script);
void th_script_leave(th_script_t *script);

/* To READY: a step on the next turn. */
void th_call_make_ready(th_call_t *call);
/* The timer stands at the earliest deadline, or earlier. */
void th_call_watch_deadline(th_call_t *call);

/* Takes a call that is not RUNNING off its script, tells the one who asked what its result says,
 * and frees it. */
void th_call_end(th_call_t *call);
void th_call_end_timed_out(th_call_t *call);
/* Ends a call that is not RUNNING with TH_CALL_CANCELLED: its done is called. */
void th_call_end_cancelled(th_call_t *call);

#endif
