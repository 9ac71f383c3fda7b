/* fetch.h - HTTP requests to upstreams, asynchronous, on a worker's curl multi handle.
 * One request = one th_fetch_t, alive from start until its done callback returned or until cancel.
 * Hardened as security.md says: no redirects, cookies, netrc, proxies, decompression, or protocols
 * but http(s); https verified; NOSIGNAL; response bytes counted and bounded. The buffers that
 * carried the headers are wiped after use. Knows nothing of Tallyfy or of retries. */
#ifndef TH_LOOP_FETCH_H
#define TH_LOOP_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "loop/worker.h"

typedef struct th_fetch th_fetch_t;

typedef enum th_fetch_outcome {
    TH_FETCH_DONE,       /* an HTTP answer arrived whole, whatever its status */
    TH_FETCH_NO_CONNECT, /* resolve, connect or TLS failed, or no turn came within the time: nothing
                            of the request was sent */
    TH_FETCH_NO_SECRET,  /* secret_header refused: nothing was sent */
    TH_FETCH_BROKEN,     /* connection lost or nonsense after sending began: it may have arrived */
    TH_FETCH_TIMEOUT,    /* total or stall limit after sending began: it may have arrived */
    TH_FETCH_TOO_LARGE,  /* the answer went over max_response_bytes, or its head over 64 KB */
} th_fetch_outcome_t;

typedef struct th_fetch_request {
    const char *method; /* "GET" ... */
    const char *url;    /* absolute; copied */
    /* Whole lines "Name: value", copied and checked: the name a token, the value visible ASCII,
     * spaces and tabs. Not those that describe the message itself (Host, Content-Length, ...). */
    const th_slice_t *headers;
    size_t header_count;
    /* The one secret header, composed at send time into memory that is wiped afterwards: writes the
     * line "Authorization: Bearer ..." into <out>, returns its length, 0 = refuse to send. May be
     * NULL. Called once, from inside start or when a queued request gets its turn. */
    size_t (*secret_header)(void *secret, char *out, size_t size);
    void *secret;
    th_slice_t body;    /* copied; empty data NULL = no body */
    bool body_borrowed; /* not copied: it must stay until done is called, or until cancel */
    uint64_t connect_timeout_ms;
    uint64_t timeout_ms; /* in all, waiting for a turn included */
    uint64_t
        stall_timeout_ms; /* no byte for this long ends it; whole seconds, rounded up; 0 = none */
    size_t max_response_bytes;
    /* When set, body bytes go here as they come instead of being collected (streaming models);
     * false ends the request as TH_FETCH_BROKEN. The callback may cancel its own fetch; the piece
     * is gone then. max_response_bytes still bounds the sum. */
    bool (*on_data)(void *arg, th_slice_t piece);
} th_fetch_request_t;

typedef struct th_fetch_response {
    th_fetch_outcome_t outcome;
    int status;      /* 0 unless an HTTP status was seen */
    th_slice_t body; /* borrowed: valid during the callback */
    const char
        *message; /* for people, when outcome is not DONE; never holds a secret or a URL query */
    uint64_t elapsed_ms;
} th_fetch_response_t;

typedef void (*th_fetch_done_t)(void *arg, th_fetch_t *fetch, const th_fetch_response_t *response);

/* Once per process, before any thread: gives libcurl an allocator that overwrites what it frees,
 * and ignores SIGPIPE (a peer that closes would end the process). False with <error>. */
bool th_fetch_global_start(th_error_t *error);
void th_fetch_global_stop(void);

bool th_fetcher_open(th_worker_t *worker, th_error_t *error); /* sets worker->fetcher */
/* Ends every request (its done is called: BROKEN, or NO_CONNECT if it had not begun), so that each
 * start sees exactly one done or cancel. Closes connections and handles. Later starts fail. */
void th_fetcher_stop(th_fetcher_t *fetcher);
void th_fetcher_close(th_fetcher_t *fetcher); /* after the loop ran dry; NULL is fine */

/* NULL with <error> when it could not be started: "bad_request" (URL, method or header), "busy"
 * (over settings->fetch_concurrency + fetch_queue), "no_secret", "stopping", "no_memory". Never
 * calls <done> before returning. A GET or HEAD whose kept connection died before any answer is sent
 * once more by libcurl; every other method is sent at most once. */
th_fetch_t *th_fetch_start(th_fetcher_t *fetcher, const th_fetch_request_t *request,
                           th_fetch_done_t done, void *arg, th_error_t *error);
/* <done> will not be called. Not allowed inside its own done. */
void th_fetch_cancel(th_fetch_t *fetch);
/* Inside <done> or <on_data>: a response header (the first of that name), or an empty slice with
 * data NULL. Name case is ignored. */
th_slice_t th_fetch_response_header(th_fetch_t *fetch, const char *name);
/* Inside <on_data>: the HTTP status of the answer these bytes belong to. */
int th_fetch_status(const th_fetch_t *fetch);

#endif
