/* schema_regex.h - regular expressions of ECMA-262 (Unicode mode) on PCRE2, with bounded work.
 * A compiled expression is immutable and may be used by several threads, each with a scratch. */
#ifndef TH_JSON_SCHEMA_REGEX_H
#define TH_JSON_SCHEMA_REGEX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"

#define TH_REGEX_MAX_PATTERN 4096 /* bytes */

typedef struct th_regex {
    struct th_regex *next; /* for the owner's list */
    void *code;            /* pcre2_code */
} th_regex_t;

typedef struct th_regex_scratch th_regex_scratch_t; /* match memory and limits; one per thread */

/* NULL with <error>: "bad_pattern" says what is wrong and at which byte; "beyond_engine" is a
 * pattern of ECMA-262 that PCRE2 cannot search for (lookbehind of variable width). */
th_regex_t *th_regex_compile(th_slice_t pattern, th_error_t *error);
/* The same for a pattern in PCRE2's own syntax, from this program. */
th_regex_t *th_regex_compile_native(const char *pattern, th_error_t *error);
void th_regex_free(th_regex_t *regex); /* NULL is fine */

th_regex_scratch_t *th_regex_scratch_new(void); /* NULL: out of memory */
void th_regex_scratch_free(th_regex_scratch_t *scratch);

typedef enum th_regex_result { TH_REGEX_NO, TH_REGEX_YES, TH_REGEX_GAVE_UP } th_regex_result_t;
typedef enum th_regex_effort { TH_REGEX_SHORT, TH_REGEX_LONG } th_regex_effort_t;
/* Backtracking steps each effort may take. */
#define TH_REGEX_SHORT_STEPS 1000
#define TH_REGEX_LONG_STEPS 250000
/* Searches <text>, which must be valid UTF-8. Gives up when the effort's steps or memory are spent.
 */
th_regex_result_t th_regex_search(const th_regex_t *regex, th_regex_scratch_t *scratch,
                                  th_slice_t text, th_regex_effort_t effort);

/* ECMA-262 to PCRE2 syntax, appended to <out>; false with <error>. */
bool th_regex_translate(th_slice_t pattern, th_buffer_t *out, th_error_t *error);

#endif
