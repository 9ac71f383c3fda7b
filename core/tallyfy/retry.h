/* retry.h - whether and when a request is tried again: one pure function.
 * A write goes out again only when it cannot have been carried out: nothing of it was sent, or the
 * API refused it unread (429). Reads also after 502, 503, 504 and broken connections, and once
 * after a timeout. Waits double from base to cap, +/-20 %; a Retry-After is kept, up to its own
 * cap. */
#ifndef TH_TALLYFY_RETRY_H
#define TH_TALLYFY_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/http_message.h"
#include "base/slice.h"
#include "loop/fetch.h"

#define TH_RETRY_JITTER 401 /* th_retry_case_t.jitter is th_random_below(TH_RETRY_JITTER) */

typedef struct th_retry_policy { /* times in milliseconds */
    unsigned retries;            /* attempts after the first */
    uint64_t base_ms, cap_ms, retry_after_cap_ms;
} th_retry_policy_t;

typedef struct th_retry_case {
    th_http_method_t method;
    th_fetch_outcome_t outcome;
    int status;             /* when outcome is DONE */
    unsigned attempts;      /* made so far, 1 after the first */
    th_slice_t retry_after; /* the header's value, data NULL when absent */
    int64_t now_ms;         /* wall clock, for a Retry-After that is a date */
    unsigned jitter;        /* 0 .. 400: 200 is the middle */
} th_retry_case_t;

typedef struct th_retry_decision {
    bool again;
    uint64_t wait_ms;       /* when again */
    uint32_t retry_after_s; /* what the API asked for, rounded up; 0 = nothing */
} th_retry_decision_t;

th_retry_decision_t th_retry_decide(const th_retry_policy_t *policy, const th_retry_case_t *what);

/* Reads seconds or an HTTP date (RFC 9110 10.2.3) into milliseconds from now; false for anything
 * else. The past is 0. */
bool th_retry_after_parse(th_slice_t value, int64_t now_ms, uint64_t *wait_ms);

#endif
