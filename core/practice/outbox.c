/* outbox.c - webhooks on their way out: one at a time in the order they were queued, so that a
 * receiver sees them in that order, each sent once and never again. Only addresses of this machine
 * are taken: a stand-in with made-up data has nothing to say to anybody else.
 * Ownership: a webhook is one block of memory, in the queue or in <sending>; freed when its fetch
 * is done, or at the stop. Runs on the practice organisation's thread only. */
#include <ctype.h>
#include <curl/curl.h>
#include <stdlib.h>

#include "practice/practice_internal.h"

#define TIMEOUT_MS 10000 /* default chosen: how long the real service waits is not documented */
#define ANSWER_BYTES ((size_t)64 << 10)

typedef struct webhook {
    th_list_t link;
    th_practice_outbox_t *outbox;
    char *url; /* into this block, as the headers and the body are */
    th_slice_t headers[TH_PRACTICE_WEBHOOK_HEADERS];
    size_t header_count;
    th_slice_t body;
    char bytes[];
} webhook_t;

static bool is_loopback(const char *host) {
    if (strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0) return true;
    if (strncmp(host, "127.", 4) != 0) return false;
    for (const char *at = host; *at; at++) /* "127.evil.example" is a name */
        if (*at != '.' && !isdigit((unsigned char)*at)) return false;
    return true;
}

/* curl's own parser decides, so that what is checked is what would be connected to. */
static bool is_allowed(const char *url) {
    char *scheme = NULL, *host = NULL, *user = NULL;
    CURLU *parsed = curl_url();
    bool allowed = parsed && curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK &&
                   curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                   (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0) &&
                   curl_url_get(parsed, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
                   is_loopback(host) &&
                   curl_url_get(parsed, CURLUPART_USER, &user, 0) == CURLUE_NO_USER;
    curl_free(scheme);
    curl_free(host);
    curl_free(user);
    curl_url_cleanup(parsed);
    return allowed;
}

static void send_next(th_practice_outbox_t *outbox);

static void on_done(void *arg, th_fetch_t *fetch, const th_fetch_response_t *response) {
    (void)fetch;
    webhook_t *webhook = arg;
    th_practice_outbox_t *outbox = webhook->outbox;
    if (response->outcome != TH_FETCH_DONE)
        th_log(outbox->worker->log, TH_LOG_WARNING, "practice", "a webhook was not answered: %s",
               response->message);
    outbox->sending = false;
    outbox->count--;
    free(webhook);
    send_next(outbox);
}

static bool begin(webhook_t *webhook, th_error_t *error) {
    const th_fetch_request_t request = {
        .method = "POST",
        .url = webhook->url,
        .headers = webhook->headers,
        .header_count = webhook->header_count,
        .body = webhook->body,
        .connect_timeout_ms = TIMEOUT_MS,
        .timeout_ms = TIMEOUT_MS,
        .max_response_bytes = ANSWER_BYTES,
    };
    return th_fetch_start(webhook->outbox->worker->fetcher, &request, on_done, webhook, error) !=
           NULL;
}

/* Starts the first webhook that can be started; the others of its kind are dropped with a line in
 * the log. */
static void send_next(th_practice_outbox_t *outbox) {
    while (!outbox->sending && !outbox->stopped && !th_list_is_empty(&outbox->queue)) {
        webhook_t *webhook = TH_CONTAINER(th_list_take_first(&outbox->queue), webhook_t, link);
        th_error_t error;
        outbox->sending = begin(webhook, &error);
        if (outbox->sending) return;
        th_log(outbox->worker->log, TH_LOG_WARNING, "practice", "a webhook was not sent: %s",
               error.message);
        outbox->count--;
        free(webhook);
    }
}

/* The one in flight is ended by the fetcher, after this. */
static void on_stop(th_worker_part_t *part) {
    th_practice_outbox_t *outbox = TH_CONTAINER(part, th_practice_outbox_t, part);
    outbox->stopped = true;
    while (!th_list_is_empty(&outbox->queue))
        free(TH_CONTAINER(th_list_take_first(&outbox->queue), webhook_t, link));
}

void th_practice_outbox_open(th_practice_outbox_t *outbox, th_worker_t *worker) {
    *outbox = (th_practice_outbox_t){.worker = worker};
    th_list_init(&outbox->queue);
    th_list_init(&outbox->part.link);
    outbox->part.stop = on_stop;
    th_worker_add_part(worker, &outbox->part);
}

/* Copies a slice behind what <at> points to. */
static th_slice_t keep(char **at, th_slice_t text) {
    th_slice_t kept = th_slice(*at, text.length);
    if (text.length > 0) memcpy(*at, text.data, text.length);
    (*at)[text.length] = '\0';
    *at += text.length + 1;
    return kept;
}

static webhook_t *copy(th_practice_outbox_t *outbox, th_slice_t url, const th_slice_t *headers,
                       size_t count, th_slice_t body) {
    size_t size = url.length + body.length + 2;
    for (size_t i = 0; i < count; i++)
        size += headers[i].length + 1;
    webhook_t *webhook = calloc(1, sizeof *webhook + size);
    if (!webhook) return NULL;
    char *at = webhook->bytes;
    webhook->outbox = outbox;
    webhook->url = at;
    (void)keep(&at, url);
    for (size_t i = 0; i < count; i++)
        webhook->headers[i] = keep(&at, headers[i]);
    webhook->header_count = count;
    webhook->body = keep(&at, body);
    return webhook;
}

bool th_practice_outbox_add(th_practice_outbox_t *outbox, th_slice_t url, const th_slice_t *headers,
                            size_t count, th_slice_t body, th_error_t *error) {
    if (outbox->stopped) return th_error_set(error, "stopping", "it is stopping");
    if (outbox->count == TH_PRACTICE_WEBHOOKS)
        return th_error_set(error, "busy", "%d webhooks are waiting already", TH_PRACTICE_WEBHOOKS);
    if (body.length > TH_PRACTICE_WEBHOOK_BYTES || count > TH_PRACTICE_WEBHOOK_HEADERS)
        return th_error_set(error, "bad_request", "it is too large");
    webhook_t *webhook = copy(outbox, url, headers, count, body);
    if (!webhook) return th_error_set(error, "no_memory", "no memory for a webhook");
    if (strlen(webhook->url) != url.length || !is_allowed(webhook->url)) {
        free(webhook);
        return th_error_set(error, "bad_request",
                            "its address must be one of this machine (127.0.0.1, ::1, localhost)");
    }
    th_list_init(&webhook->link);
    th_list_add_tail(&outbox->queue, &webhook->link);
    outbox->count++;
    send_next(outbox);
    return true;
}
