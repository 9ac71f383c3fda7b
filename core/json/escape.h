/* escape.h - strings as JSON writes them. For the files of this folder. */
#ifndef TH_JSON_ESCAPE_H
#define TH_JSON_ESCAPE_H

#include "base/buffer.h"

/* Room for <more> bytes; the usual case costs a comparison. */
static inline bool th_json_room(th_buffer_t *buffer, size_t more) {
    return buffer->capacity - buffer->length >= more || th_buffer_reserve(buffer, more);
}

/* Appends <text>, which must be valid UTF-8, in quotes. False when the buffer failed. */
bool th_json_escape_valid(th_buffer_t *buffer, th_slice_t text);
/* True when <text> has only bytes below 0x80. */
bool th_json_is_ascii(th_slice_t text);

#endif
