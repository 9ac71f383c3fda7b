/* retry.c - see retry.h. */
#include "tallyfy/retry.h"

#include <string.h>
#include <time.h>

#define LONGEST_MS ((uint64_t)7 * 24 * 3600 * 1000) /* of a Retry-After: more is read as this */

static bool parse_seconds(th_slice_t value, uint64_t *wait_ms) {
    uint64_t seconds = 0;
    for (size_t i = 0; i < value.length; i++) {
        if (value.data[i] < '0' || value.data[i] > '9') return false;
        seconds = seconds * 10 + (uint64_t)(value.data[i] - '0');
        if (seconds > LONGEST_MS / 1000) seconds = LONGEST_MS / 1000;
    }
    *wait_ms = seconds * 1000;
    return value.length > 0;
}

bool th_retry_after_parse(th_slice_t value, int64_t now_ms, uint64_t *wait_ms) {
    if (parse_seconds(value, wait_ms)) return true;
    char text[40];
    if (value.length == 0 || value.length >= sizeof text) return false;
    memcpy(text, value.data, value.length);
    text[value.length] = '\0';
    struct tm time = {0};
    const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &time);
    if (!end || *end) return false;
    int64_t at_ms = (int64_t)timegm(&time) * 1000;
    *wait_ms = at_ms > now_ms ? (uint64_t)(at_ms - now_ms) : 0;
    if (*wait_ms > LONGEST_MS) *wait_ms = LONGEST_MS;
    return true;
}

static bool is_read(th_http_method_t method) {
    return method == TH_HTTP_GET || method == TH_HTTP_HEAD;
}

/* Whether another attempt can do no harm and some good. */
static bool is_worth_repeating(const th_retry_case_t *what) {
    switch (what->outcome) {
    case TH_FETCH_NO_CONNECT: return true;
    case TH_FETCH_BROKEN: return is_read(what->method);
    /* Somebody has waited the whole time limit already: once more, not five times. */
    case TH_FETCH_TIMEOUT: return is_read(what->method) && what->attempts == 1;
    case TH_FETCH_NO_SECRET:
    case TH_FETCH_TOO_LARGE: return false;
    case TH_FETCH_DONE: break;
    }
    if (what->status == 429) return true;
    return is_read(what->method) &&
           (what->status == 502 || what->status == 503 || what->status == 504);
}

static uint64_t backoff_ms(const th_retry_policy_t *policy, const th_retry_case_t *what) {
    uint64_t wait = policy->base_ms;
    for (unsigned i = 1; i < what->attempts && wait < policy->cap_ms; i++)
        wait *= 2;
    if (wait > policy->cap_ms) wait = policy->cap_ms;
    return wait * (800 + what->jitter) / 1000;
}

th_retry_decision_t th_retry_decide(const th_retry_policy_t *policy, const th_retry_case_t *what) {
    th_retry_decision_t decision = {0};
    uint64_t asked_ms = 0;
    bool asked = what->outcome == TH_FETCH_DONE && (what->status == 429 || what->status == 503) &&
                 th_retry_after_parse(what->retry_after, what->now_ms, &asked_ms);
    if (asked) decision.retry_after_s = (uint32_t)((asked_ms + 999) / 1000);
    if (!is_worth_repeating(what) || what->attempts > policy->retries) return decision;
    if (asked && asked_ms > policy->retry_after_cap_ms) return decision;
    uint64_t wait = backoff_ms(policy, what);
    decision.again = true;
    decision.wait_ms = asked_ms > 0 ? asked_ms : wait;
    return decision;
}
