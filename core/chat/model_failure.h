/* model_failure.h - why a request to a model failed, in words for the person, and whether and when
 * it may be sent again. Pure. The rules are the providers' documented errors; what they say about a
 * key is never passed on. */
#ifndef TH_CHAT_MODEL_FAILURE_H
#define TH_CHAT_MODEL_FAILURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "chat/model_key.h"
#include "chat/provider.h"
#include "loop/fetch.h"
#include "json/document.h"

typedef struct th_model_failure {
    th_error_t error;
    th_stop_reason_t reason; /* TH_STOP_CONTEXT where the history is too long, else TH_STOP_OTHER */
    bool may_retry;
    bool waits;       /* the provider said how long to wait */
    uint64_t wait_ms; /* then: so long */
} th_model_failure_t;

/* What is known of an answer that is no stream. Slices may be empty. */
typedef struct th_model_refusal {
    int status;
    th_slice_t content_type, content_encoding, body;
    th_slice_t retry_after, retry_after_ms, should_retry;
    int64_t now_s; /* wall clock, for a Retry-After that is a date */
} th_model_refusal_t;

/* <key> may be NULL. */
void th_model_failure_of_answer(th_model_failure_t *failure, const th_model_refusal_t *refusal,
                                const th_model_key_t *key, th_json_parser_t *parser);
/* Of an error object, from a body or an event: { type, message, code }. */
void th_model_failure_of_error(th_model_failure_t *failure, th_json_value_t error,
                               const th_model_key_t *key);
/* Of a request that got no whole answer. */
void th_model_failure_of_outcome(th_model_failure_t *failure, const th_fetch_response_t *response);

/* How long to wait before attempt <attempt> (1 = the first repetition): half a second doubling to
 * 8 s with jitter, or what the provider asked for. False: do not repeat. <left_ms>: of all waits.
 */
bool th_model_retry(const th_model_failure_t *failure, unsigned attempt, uint64_t left_ms,
                    uint64_t *wait_ms);

/* A provider's text for people: control characters become blanks, cut at a character. */
void th_model_text_clean(th_slice_t text, char *out, size_t size);

#endif
