/* http_body.h - decodes a request body, of known length or chunked (RFC 9112 7.1, narrowed).
 * Pure: no sockets, no allocation. Refused: chunk extensions, trailers, sizes of more than 8
 * digits, anything but CRLF where CRLF belongs, and a chunk that would pass the ceiling, before it
 * is read. */
#ifndef TH_NET_HTTP_BODY_H
#define TH_NET_HTTP_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "net/http_head.h"

typedef enum th_http_body_state {
    TH_HTTP_BODY_FIXED,
    TH_HTTP_BODY_SIZE,    /* hex digits of a chunk's size */
    TH_HTTP_BODY_SIZE_LF, /* the LF behind them */
    TH_HTTP_BODY_DATA,    /* bytes of a chunk */
    TH_HTTP_BODY_DATA_CR, /* CR, then LF behind a chunk */
    TH_HTTP_BODY_DATA_LF,
    TH_HTTP_BODY_END_CR, /* CR, then LF behind the last chunk */
    TH_HTTP_BODY_END_LF,
    TH_HTTP_BODY_DONE,
} th_http_body_state_t;

typedef struct th_http_body {
    th_http_body_state_t state;
    unsigned digits;    /* of the size being read */
    uint64_t remaining; /* bytes of the fixed body or of this chunk; the size while it is read */
    uint64_t allowed;   /* how many more decoded bytes may come */
} th_http_body_t;

typedef enum th_http_body_verdict {
    TH_HTTP_BODY_MORE,  /* everything was used up */
    TH_HTTP_BODY_WHOLE, /* complete; bytes behind it belong to the next request */
    TH_HTTP_BODY_REFUSED,
} th_http_body_verdict_t;

void th_http_body_start_fixed(th_http_body_t *body, uint64_t length);
void th_http_body_start_chunked(th_http_body_t *body, uint64_t maximum);

/* Decodes from data[0 .. length) until a run of body bytes, the end or the end of input is reached.
 * *used says how far it came, *piece is the run (a slice of <data>, maybe empty). On MORE with
 * *used < length call again with the rest. */
th_http_body_verdict_t th_http_body_feed(th_http_body_t *body, const char *data, size_t length,
                                         size_t *used, th_slice_t *piece,
                                         th_http_refusal_t *refusal);

#endif
