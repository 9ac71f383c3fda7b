/* slice.h - borrowed bytes: a pointer and a length, never owned, not NUL-terminated. */
#ifndef TH_BASE_SLICE_H
#define TH_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

typedef struct {
    const char *data;
    size_t length;
} th_slice_t;

/* For string literals only. */
#define TH_SLICE(literal) ((th_slice_t){(literal), sizeof(literal) - 1})

static inline th_slice_t th_slice(const char *data, size_t length) {
    return (th_slice_t){data, length};
}

/* NULL gives the empty slice. */
static inline th_slice_t th_slice_of(const char *text) {
    return (th_slice_t){text, text ? strlen(text) : 0};
}

static inline bool th_slice_equal(th_slice_t a, th_slice_t b) {
    return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

static inline bool th_slice_is(th_slice_t a, const char *text) {
    return th_slice_equal(a, th_slice_of(text));
}

/* ASCII only, as HTTP field names are compared (RFC 9110 5.1). */
static inline bool th_slice_equal_nocase(th_slice_t a, th_slice_t b) {
    return a.length == b.length && (a.length == 0 || strncasecmp(a.data, b.data, a.length) == 0);
}

#endif
