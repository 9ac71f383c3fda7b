/* buffer.c - the growing buffer: doubling up to its ceiling. */
#include "base/buffer.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define SMALLEST 256

void th_buffer_init(th_buffer_t *buffer, size_t maximum) {
    *buffer = (th_buffer_t){.maximum = maximum};
}

void th_buffer_reset(th_buffer_t *buffer) {
    free(buffer->data);
    *buffer = (th_buffer_t){.maximum = buffer->maximum};
}

void th_buffer_wipe(th_buffer_t *buffer) {
    if (buffer->data) sodium_memzero(buffer->data, buffer->capacity);
    th_buffer_reset(buffer);
}

void th_buffer_clear(th_buffer_t *buffer) {
    buffer->length = 0;
    buffer->failed = false;
}

static bool fail(th_buffer_t *buffer) {
    th_buffer_reset(buffer);
    buffer->failed = true;
    return false;
}

bool th_buffer_reserve(th_buffer_t *buffer, size_t more) {
    if (buffer->failed) return false;
    if (more > buffer->maximum - buffer->length) return fail(buffer);
    size_t needed = buffer->length + more;
    if (needed <= buffer->capacity) return true;
    size_t capacity = buffer->capacity ? buffer->capacity : SMALLEST;
    while (capacity < needed && capacity <= buffer->maximum / 2)
        capacity *= 2;
    if (capacity < needed || capacity > buffer->maximum) capacity = buffer->maximum;
    char *data = realloc(buffer->data, capacity);
    if (!data) return fail(buffer);
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

bool th_buffer_add(th_buffer_t *buffer, const void *data, size_t length) {
    if (!th_buffer_reserve(buffer, length)) return false;
    if (length > 0) memcpy(buffer->data + buffer->length, data, length);
    buffer->length += length;
    return true;
}

bool th_buffer_add_slice(th_buffer_t *buffer, th_slice_t slice) {
    return th_buffer_add(buffer, slice.data, slice.length);
}

bool th_buffer_add_text(th_buffer_t *buffer, const char *text) {
    return th_buffer_add(buffer, text, strlen(text));
}

bool th_buffer_add_byte(th_buffer_t *buffer, char byte) {
    return th_buffer_add(buffer, &byte, 1);
}

bool th_buffer_add_format(th_buffer_t *buffer, const char *format, ...) {
    if (buffer->failed) return false;
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    /* vsnprintf writes a NUL behind the text: room for it is needed only while writing. */
    bool fits = length >= 0 && th_buffer_reserve(buffer, (size_t)length + 1);
    if (fits) {
        (void)vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, again);
        buffer->length += (size_t)length;
    }
    va_end(again);
    return fits;
}

void th_buffer_drop_front(th_buffer_t *buffer, size_t count) {
    if (count >= buffer->length) {
        buffer->length = 0;
        return;
    }
    memmove(buffer->data, buffer->data + count, buffer->length - count);
    buffer->length -= count;
}

char *th_buffer_take(th_buffer_t *buffer, size_t *length) {
    *length = 0;
    if (buffer->failed) return NULL;
    if (buffer->length == buffer->capacity) { /* room for the NUL may be one over the ceiling */
        char *data = realloc(buffer->data, buffer->length + 1);
        if (!data) {
            (void)fail(buffer);
            return NULL;
        }
        buffer->data = data;
    }
    char *data = buffer->data;
    data[buffer->length] = '\0';
    *length = buffer->length;
    *buffer = (th_buffer_t){.maximum = buffer->maximum};
    return data;
}
