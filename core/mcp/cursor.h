/* cursor.h - the opaque cursors of the list methods. Pure.
 * A cursor names a list, a generation of the catalogue, and the place in it where the next page
 * begins. It is not signed: whoever makes one up gets a page of a list that is theirs to see
 * anyway. One of an older generation is dead, and the client starts again. */
#ifndef TH_MCP_CURSOR_H
#define TH_MCP_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

#define TH_CURSOR_SIZE 64

typedef struct th_cursor {
    char list; /* which list: a letter */
    uint64_t generation;
    size_t place;
} th_cursor_t;

/* URL-safe base64, NUL-terminated. */
void th_cursor_write(const th_cursor_t *cursor, char out[static TH_CURSOR_SIZE]);
/* False for anything th_cursor_write() cannot have made. */
bool th_cursor_read(th_slice_t text, th_cursor_t *cursor);

#endif
