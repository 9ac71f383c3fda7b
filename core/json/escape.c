/* escape.c - copies runs that need no escape in one go, found 16 bytes at a time where SSE2 exists
 * (every x86-64), byte by byte elsewhere. Escapes are '"', '\' and the control characters, as RFC
 * 8259 asks; everything else stays as it is, DEL and U+2028 too. */
#include "json/escape.h"

#include <stdint.h>

#include "json/text.h"
#include "json/writer.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* What stands behind the backslash; 0: no escape; 'u': four hexadecimal digits follow. */
static const char escapes[256] = {
    ['\b'] = 'b',  ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r', ['"'] = '"',
    ['\\'] = '\\', [0] = 'u',    [1] = 'u',    [2] = 'u',    [3] = 'u',    [4] = 'u',
    [5] = 'u',     [6] = 'u',    [7] = 'u',    [11] = 'u',   [14] = 'u',   [15] = 'u',
    [16] = 'u',    [17] = 'u',   [18] = 'u',   [19] = 'u',   [20] = 'u',   [21] = 'u',
    [22] = 'u',    [23] = 'u',   [24] = 'u',   [25] = 'u',   [26] = 'u',   [27] = 'u',
    [28] = 'u',    [29] = 'u',   [30] = 'u',   [31] = 'u',
};

static size_t plain_run_bytewise(const char *text, size_t length) {
    size_t at = 0;
    while (at < length && !escapes[(unsigned char)text[at]])
        at++;
    return at;
}

#ifdef __SSE2__

/* A bit per byte that needs an escape. */
static unsigned special_mask(__m128i bytes) {
    /* min(b, 0x1f) == b says b <= 0x1f, without the sign that a plain comparison has */
    __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
    __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(control, _mm_or_si128(quote, backslash)));
}

/* How many bytes at the start of <text> need no escape. Ends that are shorter than a block are read
 * as a block that overlaps what was read before: never a byte outside of the text. */
static size_t plain_run(const char *text, size_t length) {
    unsigned mask;
    if (length < 8) return plain_run_bytewise(text, length);
    if (length < 16) { /* the first eight bytes and the last eight, side by side */
        __m128i first = _mm_loadl_epi64((const __m128i *)(const void *)text);
        __m128i last = _mm_loadl_epi64((const __m128i *)(const void *)(text + length - 8));
        mask = special_mask(_mm_unpacklo_epi64(first, last));
        if (!mask) return length;
        size_t bit = (size_t)__builtin_ctz(mask);
        return bit < 8 ? bit : length - 8 + (bit - 8);
    }
    for (size_t at = 0; at + 16 <= length; at += 16) {
        mask = special_mask(_mm_loadu_si128((const __m128i *)(const void *)(text + at)));
        if (mask) return at + (size_t)__builtin_ctz(mask);
    }
    mask = special_mask(_mm_loadu_si128((const __m128i *)(const void *)(text + length - 16)));
    return mask ? length - 16 + (size_t)__builtin_ctz(mask) : length;
}

#else

static size_t plain_run(const char *text, size_t length) {
    return plain_run_bytewise(text, length);
}

#endif

static size_t put_escape(char *out, unsigned char byte) {
    static const char digits[] = "0123456789abcdef";
    char kind = escapes[byte];
    out[0] = '\\';
    out[1] = kind;
    if (kind != 'u') return 2;
    out[2] = out[3] = '0';
    out[4] = digits[byte >> 4];
    out[5] = digits[byte & 15];
    return 6;
}

#ifdef __SSE2__

/* Text with an escape every few bytes (JSON inside of a string): a block of sixteen is looked at
 * once, and what stands between its escapes is stored sixteen bytes wide, each store overwriting
 * the surplus of the last. <out> has room for six times the <length> bytes and sixteen more. Stops
 * where a block would read behind the text; returns how many bytes were taken and moves <*out>. */
static size_t escape_blocks(char **out, const char *text, size_t length) {
    char *to = *out;
    size_t at = 0;
    for (; at + 32 <= length; at += 16) {
        unsigned mask = special_mask(_mm_loadu_si128((const __m128i *)(const void *)(text + at)));
        size_t done = 0;
        for (; mask; mask &= mask - 1) {
            size_t bit = (size_t)__builtin_ctz(mask);
            __m128i run = _mm_loadu_si128((const __m128i *)(const void *)(text + at + done));
            _mm_storeu_si128((__m128i *)(void *)to, run);
            to += bit - done;
            to += put_escape(to, (unsigned char)text[at + bit]);
            done = bit + 1;
        }
        __m128i run = _mm_loadu_si128((const __m128i *)(const void *)(text + at + done));
        _mm_storeu_si128((__m128i *)(void *)to, run);
        to += 16 - done;
    }
    *out = to;
    return at;
}

#else

static size_t escape_blocks(char **out, const char *text, size_t length) {
    (void)out;
    (void)text;
    (void)length;
    return 0;
}

#endif

/* Bytes of text for which room for the worst case is asked at once. */
#define ESCAPE_CHUNK 4096

/* As much as the blocks take, a chunk at a time; the ceiling is left to the exact way of the caller
 * when the worst case does not fit under it. */
static size_t escape_dense(th_buffer_t *buffer, const char *text, size_t length) {
    size_t at = 0;
    while (length - at >= 64) {
        size_t chunk = length - at < ESCAPE_CHUNK ? length - at : ESCAPE_CHUNK;
        if (buffer->maximum - buffer->length < chunk * 6 + 16) break;
        if (!th_json_room(buffer, chunk * 6 + 16)) break;
        char *out = buffer->data + buffer->length;
        size_t taken = escape_blocks(&out, text + at, chunk);
        if (taken == 0) break;
        buffer->length = (size_t)(out - buffer->data);
        at += taken;
    }
    return at;
}

/* After so many escapes in a row with little between them the text is taken for dense. */
#define DENSE_AFTER 8
#define DENSE_RUN 24

bool th_json_escape_valid(th_buffer_t *buffer, th_slice_t text) {
    /* Room for the text as it is; each escape asks for its own surplus. */
    if (!th_json_room(buffer, text.length + 2)) return false;
    buffer->data[buffer->length++] = '"';
    const char *at = text.data;
    size_t left = text.length;
    unsigned close_together = 0;
    while (left > 0) {
        size_t run = plain_run(at, left);
        if (run > 0) memcpy(buffer->data + buffer->length, at, run);
        buffer->length += run;
        at += run;
        left -= run;
        if (left == 0) break;
        size_t size = escapes[(unsigned char)*at] == 'u' ? 6 : 2;
        if (!th_json_room(buffer, size + left)) return false; /* left: the rest and the quote */
        buffer->length += put_escape(buffer->data + buffer->length, (unsigned char)*at);
        at++;
        left--;
        close_together = run < DENSE_RUN ? close_together + 1 : 0;
        if (close_together >= DENSE_AFTER) {
            size_t taken = escape_dense(buffer, at, left);
            at += taken;
            left -= taken;
            close_together = 0;
            if (!th_json_room(buffer, left + 1)) return false;
        }
    }
    buffer->data[buffer->length++] = '"'; /* there is room: asked for first and with each escape */
    return true;
}

bool th_json_is_ascii(th_slice_t text) {
    size_t at = 0;
    uint64_t any = 0;
    for (; at + 8 <= text.length; at += 8) {
        uint64_t bytes;
        memcpy(&bytes, text.data + at, 8);
        any |= bytes;
    }
    for (; at < text.length; at++)
        any |= (unsigned char)text.data[at];
    return (any & UINT64_C(0x8080808080808080)) == 0;
}

bool th_json_escape(th_buffer_t *buffer, th_slice_t text) {
    if (!th_json_is_ascii(text) && !th_json_utf8_valid(text)) return false;
    return th_json_escape_valid(buffer, text);
}
