/* outbox.c - sends, keeps and tries again. */
#include "cli/outbox.h"

#define RETRY_MS 5

static th_letter_t *take_oldest(th_outbox_t *outbox) {
    th_letter_t *letter = TH_CONTAINER(outbox->waiting.next, th_letter_t, base.link);
    th_list_remove(&letter->base.link);
    return letter;
}

static void on_retry(uv_timer_t *timer) {
    th_outbox_t *outbox = timer->data;
    while (!th_list_is_empty(&outbox->waiting)) {
        th_letter_t *letter = take_oldest(outbox);
        if (th_worker_post(letter->to, &letter->base)) continue;
        /* Back to the front: behind the head is before its first node. */
        th_list_add_tail(outbox->waiting.next, &letter->base.link);
        return;
    }
    uv_timer_stop(timer);
}

void th_outbox_send(th_outbox_t *outbox, th_letter_t *letter) {
    if (th_outbox_is_empty(outbox) && th_worker_post(letter->to, &letter->base)) return;
    if (outbox->stopped) { /* nobody would try again */
        letter->drop(letter);
        return;
    }
    th_list_add_tail(&outbox->waiting, &letter->base.link);
    if (!uv_is_active((uv_handle_t *)&outbox->retry))
        uv_timer_start(&outbox->retry, on_retry, RETRY_MS, RETRY_MS);
}

static void on_stop(th_worker_part_t *part) {
    th_outbox_t *outbox = TH_CONTAINER(part, th_outbox_t, part);
    outbox->stopped = true;
    while (!th_outbox_is_empty(outbox)) {
        th_letter_t *letter = take_oldest(outbox);
        letter->drop(letter);
    }
    uv_close((uv_handle_t *)&outbox->retry, NULL);
}

void th_outbox_open(th_outbox_t *outbox, th_worker_t *worker) {
    outbox->stopped = false;
    outbox->part.stop = on_stop;
    th_list_init(&outbox->waiting);
    uv_timer_init(&worker->loop, &outbox->retry); /* cannot fail */
    outbox->retry.data = outbox;
    th_worker_add_part(worker, &outbox->part);
}
