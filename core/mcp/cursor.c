/* cursor.c - letter, generation and place, in hexadecimal, in base64. */
#include "mcp/cursor.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>

#define PLAIN_SIZE 40

void th_cursor_write(const th_cursor_t *cursor, char out[static TH_CURSOR_SIZE]) {
    char plain[PLAIN_SIZE];
    int length = snprintf(plain, sizeof plain, "%c%" PRIx64 ".%zx", cursor->list,
                          cursor->generation, cursor->place);

    sodium_bin2base64(out, TH_CURSOR_SIZE, (const unsigned char *)plain, (size_t)length,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool th_cursor_read(th_slice_t text, th_cursor_t *cursor) {
    unsigned char plain[PLAIN_SIZE];
    char again[TH_CURSOR_SIZE];
    size_t length = 0;

    if (text.length == 0 || text.length >= TH_CURSOR_SIZE) return false;
    if (sodium_base642bin(plain, sizeof plain - 1, text.data, text.length, NULL, &length, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return false;
    plain[length] = '\0';
    if (sscanf((const char *)plain, "%c%" SCNx64 ".%zx", &cursor->list, &cursor->generation,
               &cursor->place) != 3)
        return false;
    th_cursor_write(cursor, again); /* one spelling only */
    return th_slice_is(text, again);
}
