/* error_map.h - what the API said, or failed to say, as an error for a person or a model.
 * Pure: status, body and circumstances in, th_api_error_t out. The API's own sentence is used when
 * there is one that is fit to be shown; its internals (SQL, PHP, stack traces, HTML) never are. */
#ifndef TH_TALLYFY_ERROR_MAP_H
#define TH_TALLYFY_ERROR_MAP_H

#include "tallyfy/api.h"

#define TH_ERROR_FIELDS_MAX 12 /* fields of a 422 that are named */
#define TH_ERROR_FIELDS_BYTES 900

/* An answer with an HTTP status of 300 or more. */
typedef struct th_error_answer {
    int status;
    th_http_method_t method;
    th_json_value_t body;  /* absent when it was no JSON */
    th_slice_t text;       /* the body as it came, for those that are no JSON */
    th_slice_t request_id; /* the header X-Request-Id; data NULL when absent */
    uint32_t retry_after_s;
} th_error_answer_t;

void th_error_map_answer(th_api_error_t *error, const th_error_answer_t *answer);

/* No usable answer. */
typedef struct th_error_failure {
    th_fetch_outcome_t outcome; /* not DONE */
    th_http_method_t method;
    const char *message; /* of the fetch, for NO_CONNECT and NO_SECRET; may be NULL */
    uint64_t timeout_ms;
    size_t answer_bytes; /* the limit */
} th_error_failure_t;

void th_error_map_failure(th_api_error_t *error, const th_error_failure_t *failure);

/* A 2xx whose body is not what it says. <what> is "an HTML page" or "broken JSON". */
void th_error_map_bad_answer(th_api_error_t *error, int status, th_http_method_t method,
                             const char *what, th_slice_t request_id);

/* error_fields.c: writes "field: text; text | field: text (+N more)" of an `errors` value into
 * <out> (NUL-terminated, at most TH_ERROR_FIELDS_BYTES, "..." where it was cut) and the first
 * field's name into <first>. Returns how many fields there are. */
size_t th_error_fields(th_json_value_t errors, char *out, size_t size, char *first,
                       size_t first_size);

/* error_scrub.c: cuts <text> (NUL-terminated UTF-8) before the first trace of the API's internals.
 * False when nothing worth showing is left; <text> is empty then. Also masks what looks like a
 * credential and turns control bytes into spaces. */
bool th_error_scrub(char *text);
/* Copies at most size-1 bytes, ends at a UTF-8 boundary. False when it had to cut. */
bool th_error_copy(char *out, size_t size, th_slice_t text);

#endif
