/* buffer.h - a growing byte buffer that cannot be made without a ceiling.
 * Invariant: length <= capacity <= maximum. Going over the ceiling, or running out of memory, fails
 * the one call, releases the bytes and leaves the buffer in `failed`: later adds fail too, so a
 * chain of adds needs one check at its end. */
#ifndef TH_BASE_BUFFER_H
#define TH_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

typedef struct th_buffer {
    char *data; /* owned; NULL while empty */
    size_t length;
    size_t capacity;
    size_t maximum; /* bytes; the ceiling */
    bool failed;
} th_buffer_t;

void th_buffer_init(th_buffer_t *buffer, size_t maximum);
/* Frees the bytes; the buffer can be used again with the same ceiling. */
void th_buffer_reset(th_buffer_t *buffer);
/* Like reset, but overwrites the bytes first: for what held a secret. */
void th_buffer_wipe(th_buffer_t *buffer);
/* Forgets the content but keeps the memory, for reuse. Clears `failed`. */
void th_buffer_clear(th_buffer_t *buffer);

/* Makes room for <more> bytes behind the content; false when over the ceiling or out of memory. */
bool th_buffer_reserve(th_buffer_t *buffer, size_t more);
bool th_buffer_add(th_buffer_t *buffer, const void *data, size_t length);
bool th_buffer_add_slice(th_buffer_t *buffer, th_slice_t slice);
bool th_buffer_add_text(th_buffer_t *buffer, const char *text);
bool th_buffer_add_byte(th_buffer_t *buffer, char byte);
bool th_buffer_add_format(th_buffer_t *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Drops <count> bytes from the front, moving the rest. */
void th_buffer_drop_front(th_buffer_t *buffer, size_t count);

/* Gives the bytes away (the caller frees them with free()); the buffer is empty afterwards.
 * The result is NUL-terminated behind <*length>; NULL when the buffer failed or memory ran out. */
char *th_buffer_take(th_buffer_t *buffer, size_t *length);

static inline th_slice_t th_buffer_slice(const th_buffer_t *buffer) {
    return th_slice(buffer->data, buffer->length);
}

#endif
