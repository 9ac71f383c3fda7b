/* schema_regex_translate.h - the state of a translation, for schema_regex_translate.c (groups,
 * classes, quantifiers) and schema_regex_escape.c. */
#ifndef TH_JSON_SCHEMA_REGEX_TRANSLATE_H
#define TH_JSON_SCHEMA_REGEX_TRANSLATE_H

#include <stdint.h>

#include "json/schema_regex.h"

typedef struct th_translation {
    th_slice_t pattern;
    size_t at;
    th_buffer_t *out;
    th_error_t *error;
    unsigned groups; /* capturing groups in the whole pattern */
    bool can_repeat; /* the last token may be followed by a quantifier */
} th_translation_t;

/* Sets the error, with the place. Returns false. */
bool th_translation_refuse(th_translation_t *t, const char *why);
void th_translation_put(th_translation_t *t, const char *text);
/* A character by its number, so that it means nothing to PCRE2. */
void th_translation_put_code(th_translation_t *t, uint32_t code);

/* The byte <ahead> of the place; NUL at the end. */
static inline char th_translation_peek(const th_translation_t *t, size_t ahead) {
    return t->at + ahead < t->pattern.length ? t->pattern.data[t->at + ahead] : '\0';
}

/* At the backslash, outside of a class. */
bool th_translation_escape(th_translation_t *t);
/* At the letter behind it, anywhere; *known is false when the escape is of another kind. The first
 * writes nothing but tells the character, the second writes a set like \d. */
bool th_translation_character_escape(th_translation_t *t, uint32_t *code, bool *known);
bool th_translation_class_escape(th_translation_t *t, bool in_class, bool *known);

static inline bool th_is_digit(char c) {
    return c >= '0' && c <= '9';
}

static inline bool th_is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

#endif
