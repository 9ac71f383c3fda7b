/* error.c - filling and cutting error values. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* How many bytes the character that begins with <lead> has. */
static size_t character_length(unsigned char lead) {
    return lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

void th_text_trim(char *text, size_t size) {
    size_t length = strnlen(text, size);
    if (length + 1 < size) return; /* it was not cut */
    size_t start = length;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
        start--;
    if (start > 0) start--; /* the lead byte, or an ASCII byte */
    if (start + character_length((unsigned char)text[start]) > length) text[start] = '\0';
}

bool th_error_set(th_error_t *error, const char *code, const char *format, ...) {
    if (!error) return false;
    (void)snprintf(error->code, sizeof error->code, "%s", code);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    th_text_trim(error->message, sizeof error->message);
    return false;
}

void th_error_clear(th_error_t *error) {
    if (!error) return;
    error->code[0] = '\0';
    error->message[0] = '\0';
}
