/* outbox.h - messages to other workers that must arrive, although an inbox may be full.
 * One per sending worker. A letter that its receiver's inbox refuses waits here and is tried again
 * on a timer; later ones queue behind it, so that order holds. What is still here when the worker
 * stops is dropped. */
#ifndef TH_CLI_OUTBOX_H
#define TH_CLI_OUTBOX_H

#include "loop/worker.h"

typedef struct th_letter {
    th_worker_message_t base; /* first: a letter is found by its base; <base.run> frees it */
    th_worker_t *to;          /* borrowed */
    void (*drop)(struct th_letter *letter); /* frees a letter that will not be delivered */
} th_letter_t;

typedef struct th_outbox {
    th_worker_part_t part;
    th_list_t waiting; /* oldest first */
    uv_timer_t retry;
    bool stopped;
} th_outbox_t;

/* Registers itself as a worker part. The outbox must live until the worker's loop ran dry. */
void th_outbox_open(th_outbox_t *outbox, th_worker_t *worker);
/* On the outbox's own worker. Takes over <letter>. */
void th_outbox_send(th_outbox_t *outbox, th_letter_t *letter);
static inline bool th_outbox_is_empty(const th_outbox_t *outbox) {
    return th_list_is_empty(&outbox->waiting);
}

#endif
