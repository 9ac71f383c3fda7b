/* tape.h - how a document lies in memory; for the .c and .cpp files of this folder only.
 * One malloc'ed block: this header, then simdjson's tape, then the strings. The tape is one 64-bit
 * word per step, kind in the top byte and payload below (simdjson, doc/tape.md):
 *   'r'      root: word 0 (payload: number of words) and the last word
 *   '{' '['  payload: low 32 bits the index behind the matching end, next 24 bits the count
 *   '}' ']'  end
 *   '"'      payload: offset into the strings: length as uint32, the bytes, a NUL
 *   'l' 'u' 'd'  the number's 64 bits are the next word
 *   't' 'f' 'n'
 * In an object keys and values alternate. A value handle's index is the index of its first word.
 * Invariant: everything here was checked when the document was made; reading it needs no checks. */
#ifndef TH_JSON_TAPE_H
#define TH_JSON_TAPE_H

#include "json/document.h"

#ifdef __cplusplus
extern "C" {
#endif

struct th_json_document {
    uint32_t references; /* only through __atomic builtins, which C and C++ share */
    bool unique;         /* no object has the same key twice: the first match is the match */
    bool wipe;
    uint64_t words;
    uint64_t string_bytes;
};

#define TH_TAPE_PAYLOAD UINT64_C(0x00ffffffffffffff)
/* The count on the tape has 24 bits, so no document may have more nodes than it can say. */
#define TH_TAPE_MAX_NODES UINT32_C(0xfffffe)
#define TH_TAPE_MAX_DEPTH 1024

static inline const uint64_t *th_tape(const th_json_document_t *document) {
    return (const uint64_t *)(const void *)(document + 1);
}

static inline const char *th_tape_strings(const th_json_document_t *document) {
    return (const char *)(th_tape(document) + document->words);
}

static inline char th_tape_kind(uint64_t word) {
    return (char)(word >> 56);
}

static inline uint32_t th_tape_count(uint64_t word) {
    return (uint32_t)(word >> 32) & UINT32_C(0xffffff);
}

/* The index behind the value that starts with <word> at <index>. */
static inline uint64_t th_tape_after(uint64_t word, uint64_t index) {
    switch (th_tape_kind(word)) {
    case '{':
    case '[': return (uint32_t)word;
    case 'l':
    case 'u':
    case 'd': return index + 2;
    default: return index + 1;
    }
}

static inline th_slice_t th_tape_string(const char *strings, uint64_t word) {
    const char *start = strings + (word & TH_TAPE_PAYLOAD);
    uint32_t length;
    memcpy(&length, start, sizeof length);
    return th_slice(start + sizeof length, length);
}

/* Checks a finished tape against <limits> and finds how many bytes of <strings> it uses.
 * False with <error> set ("too_large", "too_deep", "duplicate_key", "no_memory"). */
bool th_tape_check(const uint64_t *tape, const char *strings, const th_json_limits_t *limits,
                   uint64_t *string_bytes, th_error_t *error);

/* Says where <text>, which was refused, stops being JSON within <depth>, and why: fills <error>.
 * <numbers>: numbers beyond 64 bits are a possible reason. False when nothing is found. */
bool th_json_explain(th_slice_t text, uint32_t depth, bool numbers, th_error_t *error);

/* Members of <object>, sorted by key and position. *<count> entries; the caller frees the array.
 * NULL with *<count> 0: empty; NULL with *<count> > 0: out of memory. */
typedef struct th_tape_member {
    th_slice_t key;
    uint64_t value; /* index */
} th_tape_member_t;
th_tape_member_t *th_tape_sorted_members(const uint64_t *tape, const char *strings, uint64_t object,
                                         size_t *count);

#ifdef __cplusplus
}
#endif

#endif
