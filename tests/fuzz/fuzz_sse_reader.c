/* fuzz_sse_reader.c - event streams, cut anywhere. Input: a byte that says where to cut, then the
 * stream. Beyond not crashing: the events are the same however the bytes come, and none is over the
 * bound. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "chat/sse_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BOUND 300

typedef struct seen {
    th_digest_t digest; /* of all events */
    unsigned events;
    th_sse_verdict_t verdict;
} seen_t;

static bool on_event(void *arg, th_slice_t name, th_slice_t data) {
    seen_t *seen = arg;
    if (data.length > BOUND || name.length >= TH_SSE_NAME_SIZE) abort();
    const th_slice_t parts[] = {th_slice((const char *)seen->digest.bytes, TH_DIGEST_SIZE), name,
                                data};
    seen->digest = th_hash_parts(NULL, parts, 3);
    return ++seen->events < 50;
}

static seen_t read_all(th_slice_t text, size_t first, size_t piece) {
    seen_t seen = {.verdict = TH_SSE_MORE};
    th_sse_reader_t reader;
    th_sse_reader_init(&reader, BOUND, on_event, &seen);
    for (size_t at = 0; at < text.length && seen.verdict == TH_SSE_MORE;) {
        size_t want = at == 0 && first ? first : piece;
        size_t length = text.length - at < want ? text.length - at : want;
        char *copy = malloc(length);
        if (!copy) abort();
        memcpy(copy, text.data + at, length);
        seen.verdict = th_sse_reader_feed(&reader, th_slice(copy, length));
        free(copy);
        at += length;
    }
    th_sse_reader_reset(&reader);
    return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2) return 0;
    th_slice_t text = th_slice((const char *)data + 1, size - 1);
    seen_t whole = read_all(text, 0, text.length);
    seen_t bytes = read_all(text, 0, 1);
    seen_t cut = read_all(text, data[0] % text.length, text.length);
    if (whole.verdict != bytes.verdict || whole.verdict != cut.verdict) abort();
    if (whole.events != bytes.events || whole.events != cut.events ||
        !th_digest_equal(&whole.digest, &bytes.digest) ||
        !th_digest_equal(&whole.digest, &cut.digest))
        abort();
    return 0;
}
