/* deadline.c - a sorted list in front of one timer. */
#include "loop/deadline.h"

static th_deadline_t *deadline_at(th_list_t *node) {
    return TH_CONTAINER(node, th_deadline_t, link);
}

static void on_timer(uv_timer_t *timer);

/* Has the timer run for the first in the list; a timer that fires early finds nothing due. */
static void arm(th_deadlines_t *deadlines) {
    uint64_t now = uv_now(deadlines->timer.loop);

    if (deadlines->closed) return;
    if (th_list_is_empty(&deadlines->list)) {
        uv_timer_stop(&deadlines->timer);
        return;
    }
    uint64_t at = deadline_at(deadlines->list.next)->at;
    uv_timer_start(&deadlines->timer, on_timer, at > now ? at - now : 0, 0);
}

static void on_timer(uv_timer_t *timer) {
    th_deadlines_t *deadlines = timer->data;
    uint64_t now = uv_now(timer->loop);

    while (!th_list_is_empty(&deadlines->list)) {
        th_deadline_t *first = deadline_at(deadlines->list.next);
        if (first->at > now) break;
        th_list_remove(&first->link);
        first->passed(first);
    }
    arm(deadlines);
}

void th_deadlines_open(th_deadlines_t *deadlines, uv_loop_t *loop) {
    *deadlines = (th_deadlines_t){.closed = false};
    uv_timer_init(loop, &deadlines->timer); /* cannot fail */
    deadlines->timer.data = deadlines;
    th_list_init(&deadlines->list);
}

void th_deadlines_close(th_deadlines_t *deadlines) {
    if (deadlines->closed) return;
    deadlines->closed = true;
    uv_close((uv_handle_t *)&deadlines->timer, NULL);
}

void th_deadline_init(th_deadline_t *deadline, void (*passed)(th_deadline_t *deadline)) {
    th_list_init(&deadline->link);
    deadline->at = 0;
    deadline->passed = passed;
}

void th_deadline_set(th_deadlines_t *deadlines, th_deadline_t *deadline, uint64_t after) {
    th_deadline_clear(deadline);
    th_list_t *before = deadlines->list.prev;
    deadline->at = uv_now(deadlines->timer.loop) + after;
    while (before != &deadlines->list && deadline_at(before)->at > deadline->at)
        before = before->prev;
    th_list_add_tail(before->next, &deadline->link); /* in front of the one behind <before> */
    if (deadlines->list.next == &deadline->link) arm(deadlines);
}

void th_deadline_clear(th_deadline_t *deadline) {
    th_list_remove(&deadline->link);
}
