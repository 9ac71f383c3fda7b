/* fetch.c - the life of a request: started or queued, delivered exactly once, or cancelled.
 * A fetch is in `running` while it holds a transfer, in `queue` before, and in neither while its
 * done runs. Everything that calls foreign code happens here, outside of libcurl, and looks at the
 * fetcher anew afterwards: the callback may have started, cancelled or stopped anything. */
#include "loop/fetch_internal.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

#define QUEUE_TICK_MS 100 /* how exactly a queued request keeps its time limit */

static void start_queued(th_fetcher_t *fetcher);
static void on_queue_timer(uv_timer_t *timer);

bool th_fetcher_open(th_worker_t *worker, th_error_t *error) {
    th_fetcher_t *fetcher = calloc(1, sizeof *fetcher);
    if (!fetcher) return th_error_set(error, "no_memory", "no memory for the HTTP client");
    fetcher->worker = worker;
    fetcher->running_max = (unsigned)worker->settings->fetch_concurrency;
    fetcher->queue_max = (unsigned)worker->settings->fetch_queue;
    th_list_init(&fetcher->running);
    th_list_init(&fetcher->queue);
    th_list_init(&fetcher->undelivered);
    th_list_init(&fetcher->idle_transfers);
    if (!th_fetch_sockets_open(fetcher, error)) {
        free(fetcher);
        return false;
    }
    uv_timer_init(&worker->loop, &fetcher->queue_timer);
    fetcher->queue_timer.data = fetcher;
    worker->fetcher = fetcher;
    return true;
}

/* Out of its list; frees nothing. */
static void unlink_fetch(th_fetch_t *fetch) {
    if (th_list_is_empty(&fetch->link)) return;
    th_list_remove(&fetch->link);
    if (fetch->transfer) {
        fetch->fetcher->running_count--;
    } else {
        fetch->fetcher->queue_count--;
    }
}

static void free_fetch(th_fetch_t *fetch) {
    th_fetcher_t *fetcher = fetch->fetcher;
    if (fetcher->delivering == fetch) fetcher->delivering = NULL;
    if (fetch->transfer) th_fetch_transfer_release(fetcher, fetch->transfer);
    th_fetch_buffer_give(fetcher, &fetch->answer);
    th_fetch_free_request(fetch);
}

/* The only place where done is called. Afterwards <fetch> is gone. */
static void complete(th_fetch_t *fetch, th_fetch_outcome_t outcome, const char *message) {
    unlink_fetch(fetch);
    th_fetch_response_t response = {
        .outcome = outcome,
        .message = outcome == TH_FETCH_DONE ? NULL : message,
        .elapsed_ms = th_clock_monotonic_ms() - fetch->started_ms,
    };
    response.status = th_fetch_status(fetch);
    if (!fetch->on_data) response.body = th_buffer_slice(&fetch->answer);
    fetch->done(fetch->arg, fetch, &response);
    free_fetch(fetch);
}

static void finish(th_fetch_t *fetch, CURLcode code) {
    char message[TH_FETCH_HOST_SIZE + 160];
    th_fetch_outcome_t outcome = th_fetch_transfer_outcome(fetch, code, message, sizeof message);
    curl_multi_remove_handle(fetch->fetcher->multi, fetch->transfer->easy);
    complete(fetch, outcome, message);
}

/* Gives <fetch>, which is in no list, a handle and hands it to libcurl. On failure it has none. */
static bool begin(th_fetch_t *fetch, th_error_t *error) {
    th_fetcher_t *fetcher = fetch->fetcher;
    uint64_t waited = th_clock_monotonic_ms() - fetch->started_ms;
    uint64_t left = waited < fetch->timeout_ms ? fetch->timeout_ms - waited : 1;
    th_fetch_transfer_t *transfer = th_fetch_transfer_take(fetcher);
    if (!transfer) return th_error_set(error, "no_memory", "no memory for a request");
    th_fetch_buffer_take(fetcher, &fetch->answer, fetch->max_response_bytes);
    if (!th_fetch_transfer_prepare(transfer, fetch, left, error)) {
        th_fetch_transfer_release(fetcher, transfer);
        return false;
    }
    CURLMcode code = curl_multi_add_handle(fetcher->multi, transfer->easy);
    if (code != CURLM_OK) {
        th_fetch_transfer_release(fetcher, transfer);
        return th_error_set(error, "no_memory", "the HTTP client cannot take a request: %s",
                            curl_multi_strerror(code));
    }
    fetch->transfer = transfer;
    th_list_add_tail(&fetcher->running, &fetch->link);
    fetcher->running_count++;
    return true;
}

static void enqueue(th_fetch_t *fetch) {
    th_fetcher_t *fetcher = fetch->fetcher;
    th_list_add_tail(&fetcher->queue, &fetch->link);
    if (fetcher->queue_count++ == 0) {
        uv_timer_start(&fetcher->queue_timer, on_queue_timer, QUEUE_TICK_MS, QUEUE_TICK_MS);
    }
}

th_fetch_t *th_fetch_start(th_fetcher_t *fetcher, const th_fetch_request_t *request,
                           th_fetch_done_t done, void *arg, th_error_t *error) {
    if (!fetcher->multi) {
        th_error_set(error, "stopping", "the host is stopping; no new request is sent");
        return NULL;
    }
    bool must_wait = fetcher->queue_count > 0 || fetcher->running_count >= fetcher->running_max;
    if (must_wait && fetcher->queue_count >= fetcher->queue_max) {
        th_error_set(error, "busy",
                     "%u requests are under way and %u wait already; try again in a moment",
                     fetcher->running_count, fetcher->queue_count);
        return NULL;
    }
    th_fetch_t *fetch = th_fetch_copy_request(request, error);
    if (!fetch) return NULL;
    th_list_init(&fetch->link);
    fetch->fetcher = fetcher;
    fetch->done = done;
    fetch->arg = arg;
    fetch->started_ms = th_clock_monotonic_ms();
    if (must_wait) {
        enqueue(fetch);
    } else if (!begin(fetch, error)) {
        free_fetch(fetch);
        return NULL;
    }
    return fetch;
}

void th_fetch_cancel(th_fetch_t *fetch) {
    th_fetcher_t *fetcher = fetch->fetcher;
    unlink_fetch(fetch);
    if (fetch->transfer) curl_multi_remove_handle(fetcher->multi, fetch->transfer->easy);
    free_fetch(fetch);
    /* The freed place is given away from the loop: a start that fails calls a done. */
    if (fetcher->queue_count > 0) {
        uv_timer_start(&fetcher->queue_timer, on_queue_timer, 0, QUEUE_TICK_MS);
    }
}

th_slice_t th_fetch_response_header(th_fetch_t *fetch, const char *name) {
    struct curl_header *header = NULL;
    if (!fetch->transfer ||
        curl_easy_header(fetch->transfer->easy, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK) {
        return th_slice(NULL, 0);
    }
    return th_slice_of(header->value);
}

int th_fetch_status(const th_fetch_t *fetch) {
    long status = 0;
    if (fetch->transfer) curl_easy_getinfo(fetch->transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    return (int)status;
}

static void deliver(th_fetcher_t *fetcher) {
    while (!th_list_is_empty(&fetcher->undelivered)) {
        th_fetch_transfer_t *transfer =
            TH_CONTAINER(fetcher->undelivered.next, th_fetch_transfer_t, undelivered);
        th_list_remove(&transfer->undelivered);
        th_fetch_t *fetch = transfer->fetch;
        fetcher->delivering = fetch;
        bool goes_on = fetch->on_data(fetch->arg, th_buffer_slice(&fetch->answer));
        if (!fetcher->delivering) continue; /* cancelled or stopped inside on_data */
        fetcher->delivering = NULL;
        th_buffer_clear(&fetch->answer);
        if (goes_on) continue;
        curl_multi_remove_handle(fetcher->multi, transfer->easy);
        complete(fetch, TH_FETCH_BROKEN, "the receiver of the answer ended the request");
    }
}

void th_fetch_after_action(th_fetcher_t *fetcher) {
    deliver(fetcher);
    int left;
    CURLMsg *report;
    while (fetcher->multi && (report = curl_multi_info_read(fetcher->multi, &left))) {
        if (report->msg != CURLMSG_DONE) continue;
        CURLcode code = report->data.result; /* <report> is gone once the handle is removed */
        th_fetch_transfer_t *transfer = NULL;
        curl_easy_getinfo(report->easy_handle, CURLINFO_PRIVATE, &transfer);
        finish(transfer->fetch, code);
    }
    start_queued(fetcher);
}

static void start_queued(th_fetcher_t *fetcher) {
    while (fetcher->multi && fetcher->queue_count > 0 &&
           fetcher->running_count < fetcher->running_max) {
        th_fetch_t *fetch = TH_CONTAINER(fetcher->queue.next, th_fetch_t, link);
        unlink_fetch(fetch);
        th_error_t error;
        if (begin(fetch, &error)) continue;
        bool no_secret = strcmp(error.code, "no_secret") == 0;
        complete(fetch, no_secret ? TH_FETCH_NO_SECRET : TH_FETCH_NO_CONNECT, error.message);
    }
    if (fetcher->multi && fetcher->queue_count == 0) uv_timer_stop(&fetcher->queue_timer);
}

/* A queued fetch whose time is up, or NULL. Looked for anew after each done: that may change the
 * queue. */
static th_fetch_t *find_overdue(const th_fetcher_t *fetcher, uint64_t now) {
    for (th_list_t *node = fetcher->queue.next; node != &fetcher->queue; node = node->next) {
        th_fetch_t *fetch = TH_CONTAINER(node, th_fetch_t, link);
        if (now - fetch->started_ms >= fetch->timeout_ms) return fetch;
    }
    return NULL;
}

static void on_queue_timer(uv_timer_t *timer) {
    th_fetcher_t *fetcher = timer->data;
    uint64_t now = th_clock_monotonic_ms();
    for (th_fetch_t *fetch; (fetch = find_overdue(fetcher, now));) {
        complete(fetch, TH_FETCH_NO_CONNECT,
                 "too many requests are under way; this one got no turn within its time limit");
    }
    start_queued(fetcher);
}

void th_fetcher_stop(th_fetcher_t *fetcher) {
    CURLM *multi = fetcher->multi;
    if (!multi) return;
    fetcher->multi = NULL; /* from here on nothing starts, and handles are freed, not kept */
    while (!th_list_is_empty(&fetcher->running)) {
        th_fetch_t *fetch = TH_CONTAINER(fetcher->running.next, th_fetch_t, link);
        curl_multi_remove_handle(multi, fetch->transfer->easy);
        complete(fetch, fetch->sends ? TH_FETCH_BROKEN : TH_FETCH_NO_CONNECT,
                 "the host is stopping");
    }
    while (!th_list_is_empty(&fetcher->queue)) {
        complete(TH_CONTAINER(fetcher->queue.next, th_fetch_t, link), TH_FETCH_NO_CONNECT,
                 "the host is stopping");
    }
    while (!th_list_is_empty(&fetcher->idle_transfers)) {
        th_fetch_transfer_t *transfer =
            TH_CONTAINER(fetcher->idle_transfers.next, th_fetch_transfer_t, link);
        th_list_remove(&transfer->link);
        th_fetch_transfer_free(transfer);
    }
    curl_multi_cleanup(multi); /* closes the kept connections */
    th_fetch_sockets_close(fetcher);
    uv_close((uv_handle_t *)&fetcher->queue_timer, NULL);
}

void th_fetcher_close(th_fetcher_t *fetcher) {
    if (!fetcher) return;
    while (fetcher->idle_buffer_count > 0) {
        th_buffer_reset(&fetcher->idle_buffers[--fetcher->idle_buffer_count]);
    }
    free(fetcher->sockets);
    free(fetcher);
}
