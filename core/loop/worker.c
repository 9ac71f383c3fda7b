/* worker.c - opening, running and closing one worker, and its inbox.
 * The inbox is the only thing another thread touches. `stopping` is written by the worker's own
 * thread while it holds the inbox lock, so the owner reads it freely and others under the lock. */
#include "loop/worker.h"

#include "loop/fetch.h"

/* Takes the oldest message out of the inbox, or NULL. */
static th_worker_message_t *take_message(th_worker_t *worker) {
    th_worker_message_t *message = NULL;
    uv_mutex_lock(&worker->inbox_lock);
    if (!th_list_is_empty(&worker->inbox)) {
        message = TH_CONTAINER(worker->inbox.next, th_worker_message_t, link);
        th_list_remove(&message->link);
        worker->inbox_count--;
    }
    uv_mutex_unlock(&worker->inbox_lock);
    return message;
}

/* Runs at most as many messages as were waiting when it began: what they post themselves waits for
 * the next turn, so that two workers cannot keep each other from their sockets. */
static void on_wake(uv_async_t *wake) {
    th_worker_t *worker = wake->data;
    uv_mutex_lock(&worker->inbox_lock);
    unsigned waiting = worker->inbox_count;
    uv_mutex_unlock(&worker->inbox_lock);
    for (; waiting > 0; waiting--) {
        th_worker_message_t *message = take_message(worker);
        if (!message) return; /* a message stopped the worker, which ran the rest */
        message->run(worker, message);
    }
    uv_mutex_lock(&worker->inbox_lock);
    if (worker->inbox_count > 0 && !worker->stopping) uv_async_send(&worker->wake);
    uv_mutex_unlock(&worker->inbox_lock);
}

static bool open_inbox(th_worker_t *worker, th_error_t *error) {
    int failure = uv_mutex_init(&worker->inbox_lock);
    if (failure) {
        return th_error_set(error, "no_worker", "worker %u cannot make a lock: %s", worker->number,
                            uv_strerror(failure));
    }
    failure = uv_async_init(&worker->loop, &worker->wake, on_wake);
    if (failure) {
        uv_mutex_destroy(&worker->inbox_lock);
        return th_error_set(error, "no_worker", "worker %u cannot make its wake-up handle: %s",
                            worker->number, uv_strerror(failure));
    }
    worker->wake.data = worker;
    return true;
}

bool th_worker_open(th_worker_t *worker, unsigned number, const th_settings_t *settings,
                    const th_log_t *log, th_error_t *error) {
    memset(worker, 0, sizeof *worker);
    worker->number = number;
    worker->count = 1;
    worker->settings = settings;
    worker->log = log;
    th_list_init(&worker->parts);
    th_list_init(&worker->inbox);
    int failure = uv_loop_init(&worker->loop);
    if (failure) {
        return th_error_set(error, "no_worker", "worker %u cannot open its event loop: %s", number,
                            uv_strerror(failure));
    }
    worker->loop.data = worker;
    if (!open_inbox(worker, error)) {
        uv_loop_close(&worker->loop);
        return false;
    }
    worker->parser = th_json_parser_new();
    worker->zones = th_zones_open(NULL);
    if (!worker->parser || !worker->zones) {
        th_error_set(error, "no_memory", "worker %u: no memory for its JSON parser and zones",
                     number);
        th_worker_close(worker);
        return false;
    }
    if (!th_fetcher_open(worker, error)) {
        th_worker_close(worker);
        return false;
    }
    return true;
}

void th_worker_run(th_worker_t *worker) {
    while (uv_run(&worker->loop, UV_RUN_DEFAULT) != 0) {
        /* someone called uv_stop(); this loop ends when it runs dry */
    }
}

void th_worker_close(th_worker_t *worker) {
    th_worker_stop(worker);
    th_worker_run(worker); /* for a worker that was never run; else nothing is left */
    th_fetcher_close(worker->fetcher);
    worker->fetcher = NULL;
    th_json_parser_free(worker->parser);
    worker->parser = NULL;
    th_zones_close(worker->zones);
    worker->zones = NULL;
    if (uv_loop_close(&worker->loop) != 0) {
        th_log(worker->log, TH_LOG_ERROR, "loop",
               "worker %u: a part left an unreferenced handle open; its loop is not freed",
               worker->number);
    }
    uv_mutex_destroy(&worker->inbox_lock);
}

void th_worker_add_part(th_worker_t *worker, th_worker_part_t *part) {
    if (worker->stopping) {
        th_list_init(&part->link);
        part->stop(part);
        return;
    }
    th_list_add_tail(&worker->parts, &part->link);
}

void th_worker_remove_part(th_worker_part_t *part) {
    th_list_remove(&part->link);
}

bool th_worker_post(th_worker_t *worker, th_worker_message_t *message) {
    uv_mutex_lock(&worker->inbox_lock);
    bool accepted = !worker->stopping && worker->inbox_count < worker->settings->worker_inbox;
    if (accepted) {
        th_list_add_tail(&worker->inbox, &message->link);
        worker->inbox_count++;
        /* Inside the lock: stop() closes the handle once it has set `stopping` under the same lock.
         */
        uv_async_send(&worker->wake);
    }
    uv_mutex_unlock(&worker->inbox_lock);
    return accepted;
}

void th_worker_stop(th_worker_t *worker) {
    if (worker->stopping) return;
    uv_mutex_lock(&worker->inbox_lock);
    worker->stopping = true;
    uv_mutex_unlock(&worker->inbox_lock);

    /* What was accepted is run, for only <run> can free it; what it starts is stopped below. */
    for (th_worker_message_t *message; (message = take_message(worker));) {
        message->run(worker, message);
    }
    while (!th_list_is_empty(&worker->parts)) {
        th_worker_part_t *part = TH_CONTAINER(worker->parts.next, th_worker_part_t, link);
        th_list_remove(&part->link);
        part->stop(part);
    }
    if (worker->fetcher) th_fetcher_stop(worker->fetcher);
    uv_close((uv_handle_t *)&worker->wake, NULL);
}
