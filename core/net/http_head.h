/* http_head.h - reads one HTTP/1.x request head, strictly (RFC 9112, narrowed by README.md's
 * table). Pure: no sockets, no allocation, no clock. Two steps: the scan finds the end of the head
 * while bytes drip in, without looking at any byte twice; the parse splits the complete head and
 * decides how the body is framed. What two parsers could read differently is refused, never
 * repaired. */
#ifndef TH_NET_HTTP_HEAD_H
#define TH_NET_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/http_message.h"

typedef struct th_http_limits {
    size_t head_bytes; /* request line and fields together, line ends included */
    size_t head_fields;
    size_t field_bytes; /* one value */
    size_t target_bytes;
    uint64_t body_bytes;
} th_http_limits_t;

/* Why a request is refused: literals, so nothing of the client's bytes is ever echoed. */
typedef struct th_http_refusal {
    int status;
    const char *code;
    const char *message;
} th_http_refusal_t;

/* Where the scan stands. All zero is the start of a head; offsets count from the first byte fed. */
typedef struct th_http_scan {
    size_t begin; /* first byte of the request line: 2 behind a skipped empty line, else 0 */
    size_t line;  /* first byte of the line that is not complete yet */
    size_t seen;  /* bytes already looked at */
    bool blank;   /* the one empty line allowed before a request was skipped */
} th_http_scan_t;

typedef enum th_http_scan_verdict {
    TH_HTTP_SCAN_MORE,
    TH_HTTP_SCAN_WHOLE,
    TH_HTTP_SCAN_REFUSED,
} th_http_scan_verdict_t;

/* <data> holds everything since the scan's start, old bytes included. WHOLE: the head is
 * data[scan->begin .. *end). */
th_http_scan_verdict_t th_http_head_scan(th_http_scan_t *scan, const char *data, size_t length,
                                         const th_http_limits_t *limits, size_t *end,
                                         th_http_refusal_t *refusal);

typedef struct th_http_head {
    th_http_request_t request; /* slices into the head; body empty, peer NULL */
    unsigned minor;            /* HTTP/1.<minor>: 0 or 1 */
    bool keep_alive;
    bool chunked;
    bool has_length;
    bool expect_continue;
    bool connection_upgrade; /* Connection names "upgrade" */
    uint64_t content_length;
    th_slice_t host;    /* exactly one, syntax checked, port included */
    th_slice_t origin;  /* data NULL when absent */
    th_slice_t upgrade; /* data NULL when absent */
} th_http_head_t;

/* <data> is one complete head, its empty line included; <fields> is room for limits->head_fields.
 * False with <refusal>; <head> then holds what was understood before (its minor is always set). */
bool th_http_head_parse(const char *data, size_t length, const th_http_limits_t *limits,
                        th_http_header_t *fields, th_http_head_t *head, th_http_refusal_t *refusal);

/* Does the request carry body bytes (or may it)? */
static inline bool th_http_head_has_body(const th_http_head_t *head) {
    return head->chunked || head->content_length > 0;
}

/* Walks a comma-separated list: takes the next non-empty item, trimmed; false at the end. */
bool th_http_list_next(th_slice_t *rest, th_slice_t *item);
bool th_http_is_token(th_slice_t text);       /* RFC 9110 5.6.2; not empty */
bool th_http_is_field_value(th_slice_t text); /* no control byte but tab; may be empty */

#endif
