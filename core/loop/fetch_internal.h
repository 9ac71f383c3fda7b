/* fetch_internal.h - what the files of the HTTP client share; nobody else includes it.
 *   fetch.c           the life of a request: start, queue, deliver, cancel, stop
 *   fetch_request.c   checking a request and copying it into one block
 *   fetch_transfer.c  libcurl's easy handles: prepared once, filled per request, read at the end
 *   fetch_sockets.c   libcurl's sockets and timer on the loop
 * No callback that libcurl makes runs foreign code: they only note what happened, and fetch.c acts
 * on it after libcurl returned. So done and on_data may start, cancel and stop as they like. */
#ifndef TH_LOOP_FETCH_INTERNAL_H
#define TH_LOOP_FETCH_INTERNAL_H

#include <curl/curl.h>

#include "base/buffer.h"
#include "loop/fetch.h"

#define TH_FETCH_METHOD_SIZE 16
#define TH_FETCH_URL_MAX 16384
#define TH_FETCH_HEADERS_MAX 32
#define TH_FETCH_HEADER_MAX 8192 /* bytes of one line, the secret one included */
#define TH_FETCH_HEAD_MAX 65536  /* bytes of all response headers of one request */
#define TH_FETCH_HOST_SIZE 264   /* 253 of a name, "[" "]" ":65535", NUL */
#define TH_FETCH_IDLE_TRANSFERS 64
#define TH_FETCH_IDLE_BUFFERS 16
#define TH_FETCH_IDLE_BUFFER_MAX ((size_t)512 * 1024) /* larger ones go back to the heap */

typedef struct th_fetch_socket th_fetch_socket_t;
typedef struct th_fetch_transfer th_fetch_transfer_t;

struct th_fetcher {
    th_worker_t *worker; /* borrowed */
    CURLM *multi;        /* owned; NULL once stopped */
    uv_timer_t curl_timer;
    uv_timer_t queue_timer; /* runs while anything is queued */
    th_list_t running, queue;
    unsigned running_count, queue_count;
    unsigned running_max, queue_max;
    th_list_t undelivered;    /* transfers with bytes for on_data */
    th_fetch_t *delivering;   /* whose on_data is running; NULL when it was cancelled meanwhile */
    th_list_t idle_transfers; /* owned */
    unsigned idle_transfer_count;
    th_buffer_t idle_buffers[TH_FETCH_IDLE_BUFFERS]; /* owned; empty, with memory */
    unsigned idle_buffer_count;
    th_fetch_socket_t **sockets; /* by descriptor; owned, NULL where none */
    size_t socket_slots;
};

/* One easy handle with everything that is the same for all requests already set. */
struct th_fetch_transfer {
    th_list_t link;        /* in idle_transfers */
    th_list_t undelivered; /* in fetcher->undelivered */
    CURL *easy;
    th_fetch_t *fetch; /* whose request it carries; NULL while idle */
    /* What was set last: libcurl is told again only what changed. */
    uint64_t connect_timeout_ms, stall_timeout_ms;
    size_t max_response_bytes;
    struct curl_slist secret_line;
    char secret[TH_FETCH_HEADER_MAX]; /* wiped when the request ends */
};

/* One block: this struct, the header nodes, and the copied texts behind them. */
struct th_fetch {
    th_list_t link; /* in running or queue */
    th_fetcher_t *fetcher;
    th_fetch_transfer_t *transfer; /* NULL while queued */
    th_fetch_done_t done;
    void *arg;
    bool (*on_data)(void *arg, th_slice_t piece);
    size_t (*secret_header)(void *secret, char *out, size_t size);
    void *secret;

    char method[TH_FETCH_METHOD_SIZE];
    bool repeatable; /* GET, HEAD: libcurl may send it again on a fresh connection */
    const char *url;
    char host[TH_FETCH_HOST_SIZE]; /* for messages */
    th_slice_t body;               /* inside this block, or borrowed */
    struct curl_slist *headers;    /* nodes inside this block; NULL = none */
    uint64_t connect_timeout_ms, timeout_ms, stall_timeout_ms;
    uint64_t started_ms; /* monotonic */
    size_t max_response_bytes;

    th_buffer_t answer; /* collected, or not yet given to on_data */
    size_t received, head_received;
    unsigned sends;     /* how often sending began: 0 = nothing can have arrived */
    bool head_complete; /* the blank line behind the last status line came */
    bool too_large;
    bool out_of_memory;
};

/* fetch_request.c: a checked copy of <request>, not linked anywhere. */
th_fetch_t *th_fetch_copy_request(const th_fetch_request_t *request, th_error_t *error);
void th_fetch_free_request(th_fetch_t *fetch);
bool th_fetch_header_is_sound(th_slice_t line);

/* fetch_transfer.c */
th_fetch_transfer_t *th_fetch_transfer_take(th_fetcher_t *fetcher); /* NULL: no memory */
/* Wipes what was the request's and keeps the handle for the next one, or frees it. */
void th_fetch_transfer_release(th_fetcher_t *fetcher, th_fetch_transfer_t *transfer);
void th_fetch_transfer_free(th_fetch_transfer_t *transfer);
/* Fills the handle; composes the secret line. False with <error> "no_secret" or "no_memory". */
bool th_fetch_transfer_prepare(th_fetch_transfer_t *transfer, th_fetch_t *fetch,
                               uint64_t timeout_ms, th_error_t *error);
/* What <code> means for this request, with a sentence in <message> unless it is DONE. */
th_fetch_outcome_t th_fetch_transfer_outcome(const th_fetch_t *fetch, CURLcode code, char *message,
                                             size_t size);
void th_fetch_buffer_take(th_fetcher_t *fetcher, th_buffer_t *buffer, size_t maximum);
void th_fetch_buffer_give(th_fetcher_t *fetcher, th_buffer_t *buffer);

/* fetch_sockets.c */
bool th_fetch_sockets_open(th_fetcher_t *fetcher, th_error_t *error);
void th_fetch_sockets_prepare(th_fetcher_t *fetcher, CURL *easy);
void th_fetch_sockets_close(th_fetcher_t *fetcher); /* after the multi handle is gone */

/* fetch.c: what happened inside libcurl is acted upon. Called after each curl_multi_socket_action.
 */
void th_fetch_after_action(th_fetcher_t *fetcher);

#endif
