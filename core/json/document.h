/* document.h - JSON parsed once (simdjson), immutable, shared by reference count.
 * A value is a 16-byte handle into its document: copy it freely, it lives as long as the document.
 * Parsing is strict: UTF-8 checked, duplicate keys refused when asked (requests: what is approved
 * must be what runs), depth, nodes and bytes bounded, nothing after the value.
 * Reference counts are atomic: a document may be read by several threads at once. */
#ifndef TH_JSON_DOCUMENT_H
#define TH_JSON_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct th_json_parser th_json_parser_t;     /* reusable scratch; one per thread */
typedef struct th_json_document th_json_document_t; /* reference-counted */

typedef struct th_json_value {
    const th_json_document_t *document; /* borrowed; NULL = no value ("absent") */
    uint64_t index;                     /* opaque */
} th_json_value_t;

typedef enum th_json_type {
    TH_JSON_ABSENT, /* the handle holds nothing */
    TH_JSON_NULL,
    TH_JSON_FALSE,
    TH_JSON_TRUE,
    TH_JSON_INTEGER,  /* fits int64 */
    TH_JSON_UNSIGNED, /* fits uint64 but not int64 */
    TH_JSON_REAL,
    TH_JSON_STRING,
    TH_JSON_ARRAY,
    TH_JSON_OBJECT,
} th_json_type_t;

typedef struct th_json_limits {
    size_t bytes;
    uint32_t depth;         /* at most 1024 whatever is asked for */
    uint32_t nodes;         /* values and keys, in all */
    bool refuse_duplicates; /* two members of one object with the same key */
    bool wipe; /* may hold a credential: overwrite every copy of it when done with it */
} th_json_limits_t;

/* 1 MB, depth 64, 100,000 nodes, duplicates refused, wiped: for what clients send. */
extern const th_json_limits_t th_json_limits_request;
/* 8 MB, depth 64, 2,000,000 nodes, last duplicate wins: for what upstreams answer. */
extern const th_json_limits_t th_json_limits_answer;

th_json_parser_t *th_json_parser_new(void); /* NULL: out of memory */
void th_json_parser_free(th_json_parser_t *parser);

/* Parses <text> (copied). The caller owns the returned reference. NULL: <error> has code
 * "bad_json", "too_large", "too_deep", "duplicate_key" or "no_memory", and the message says where.
 */
th_json_document_t *th_json_parse(th_json_parser_t *parser, th_slice_t text,
                                  const th_json_limits_t *limits, th_error_t *error);

th_json_document_t *th_json_ref(const th_json_document_t *document);
void th_json_unref(const th_json_document_t *document); /* NULL is fine */
/* Bytes of memory the document holds. */
size_t th_json_document_size(const th_json_document_t *document);
th_json_value_t th_json_root(const th_json_document_t *document); /* of NULL: absent */

static inline th_json_value_t th_json_absent(void) {
    th_json_value_t value = {NULL, 0};
    return value;
}

th_json_type_t th_json_type(th_json_value_t value);
const char *th_json_type_name(th_json_type_t type); /* JSON Schema's words: "integer", "object" */

/* Member of an object; absent when <object> is none or lacks it. The last duplicate wins. */
th_json_value_t th_json_get(th_json_value_t object, th_slice_t key);
static inline th_json_value_t th_json_member(th_json_value_t object, const char *key) {
    return th_json_get(object, th_slice_of(key));
}
/* Element of an array, from 0; linear time. */
th_json_value_t th_json_at(th_json_value_t array, size_t index);
/* Elements or members; 0 for anything else. */
size_t th_json_count(th_json_value_t value);

/* Iteration over an array or object (anything else: no steps), in document order:
 *   th_json_iterator_t it = th_json_iterate(value);
 *   while (th_json_next(&it)) use(it.key, it.value); */
typedef struct th_json_iterator {
    th_json_value_t container;
    uint64_t next, end; /* opaque */
    th_slice_t key;     /* of objects; borrowed from the document */
    th_json_value_t value;
} th_json_iterator_t;
th_json_iterator_t th_json_iterate(th_json_value_t container);
bool th_json_next(th_json_iterator_t *iterator);

/* True and the value when it has that type. Strings are borrowed from the document and may hold
 * NUL. */
bool th_json_string(th_json_value_t value, th_slice_t *out);
bool th_json_integer(th_json_value_t value,
                     int64_t *out); /* also a real without fraction, |x| <= 2^53 */
bool th_json_number(th_json_value_t value, double *out);
bool th_json_boolean(th_json_value_t value, bool *out);
static inline bool th_json_is_string(th_json_value_t value) {
    return th_json_type(value) == TH_JSON_STRING;
}
static inline bool th_json_is_object(th_json_value_t value) {
    return th_json_type(value) == TH_JSON_OBJECT;
}
static inline bool th_json_is_array(th_json_value_t value) {
    return th_json_type(value) == TH_JSON_ARRAY;
}

/* JSON equality: numbers by value (1 == 1.0), objects regardless of order and with the last
 * duplicate. Objects in different order cost n log n and some memory; false when that is lacking.
 */
bool th_json_equal(th_json_value_t a, th_json_value_t b);

#ifdef __cplusplus
}
#endif

#endif
