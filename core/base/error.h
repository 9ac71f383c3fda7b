/* error.h - an error a person can act on.
 * One fixed-size value that the caller owns (usually on the stack): nothing to free, nothing
 * shared. `message` says what is wrong and what would be right, in one sentence, and never holds a
 * secret. */
#ifndef TH_BASE_ERROR_H
#define TH_BASE_ERROR_H

#include <stdbool.h>
#include <stddef.h>

#define TH_ERROR_MESSAGE_SIZE 512

typedef struct th_error {
    char code[32]; /* machine word, snake_case: "too_large", "bad_json"; empty = no error */
    char message[TH_ERROR_MESSAGE_SIZE];
} th_error_t;

/* Fills <error> (which may be NULL: then nothing happens). Over-long messages are cut at a UTF-8
 * boundary. Always returns false, so that `return th_error_set(...)` reads well. */
bool th_error_set(th_error_t *error, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* For text that snprintf may have cut at <size>: removes a split multi-byte character at its end.
 */
void th_text_trim(char *text, size_t size);

void th_error_clear(th_error_t *error);

#endif
