/* fuzz_http_body.c - a chunked body decoded whole and in pieces must give the same bytes, never
 * more than its ceiling. The first byte chooses the size of the pieces. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/http_body.h"

#define MAXIMUM 300

typedef struct decoded {
    th_http_body_verdict_t verdict;
    size_t used, length;
    char bytes[MAXIMUM];
} decoded_t;

static void require(int condition) {
    if (!condition) abort();
}

static void decode(const uint8_t *data, size_t size, size_t step, decoded_t *out) {
    th_http_body_t body;
    th_http_body_start_chunked(&body, MAXIMUM);
    *out = (decoded_t){.verdict = TH_HTTP_BODY_MORE};
    while (out->used < size && out->verdict == TH_HTTP_BODY_MORE) {
        size_t here = size - out->used < step ? size - out->used : step, used;
        char *copy = malloc(here);
        memcpy(copy, data + out->used, here);
        th_slice_t piece;
        th_http_refusal_t refusal = {0};
        out->verdict = th_http_body_feed(&body, copy, here, &used, &piece, &refusal);
        require(used <= here);
        out->used += used;
        if (out->verdict == TH_HTTP_BODY_REFUSED) {
            require(refusal.status == 400 || refusal.status == 413);
        } else {
            require(used > 0 && piece.length <= MAXIMUM - out->length);
            memcpy(out->bytes + out->length, piece.data, piece.length);
            out->length += piece.length;
        }
        free(copy);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2 || size > 4000) return 0;
    decoded_t whole, pieces;
    decode(data + 1, size - 1, size, &whole);
    decode(data + 1, size - 1, data[0] % 16 + 1u, &pieces);
    require(whole.verdict == pieces.verdict && whole.used == pieces.used);
    if (whole.verdict == TH_HTTP_BODY_REFUSED) return 0;
    require(whole.length == pieces.length);
    require(memcmp(whole.bytes, pieces.bytes, whole.length) == 0);
    return 0;
}
