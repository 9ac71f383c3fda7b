/* deadline.h - many deadlines on one timer of the loop.
 * Questions to people, calls that wait for a retry, tasks and streams that are to be hung up all
 * end some day. Each carries a th_deadline_t; nothing is allocated, setting and clearing cannot
 * fail. Deadlines of equal length are set in order, so finding the place is short. */
#ifndef TH_LOOP_DEADLINE_H
#define TH_LOOP_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/list.h"

typedef struct th_deadline {
    th_list_t link; /* initialised; linked while set */
    uint64_t at;    /* the loop's milliseconds */
    /* Called once, from the loop; the deadline is no longer set and may be set anew or freed. */
    void (*passed)(struct th_deadline *deadline);
} th_deadline_t;

typedef struct th_deadlines {
    uv_timer_t timer; /* runs only while something is set */
    th_list_t list;   /* earliest first */
    bool closed;
} th_deadlines_t;

void th_deadlines_open(th_deadlines_t *deadlines, uv_loop_t *loop);
/* Closes the timer's handle; what is set never passes. The struct must live until the loop ran
 * dry. Idempotent. */
void th_deadlines_close(th_deadlines_t *deadlines);

void th_deadline_init(th_deadline_t *deadline, void (*passed)(th_deadline_t *deadline));
/* In <after> milliseconds; replaces what was set. */
void th_deadline_set(th_deadlines_t *deadlines, th_deadline_t *deadline, uint64_t after);
/* Safe on one that is not set. */
void th_deadline_clear(th_deadline_t *deadline);

#endif
