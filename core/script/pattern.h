/* pattern.h - Lua patterns with a budget: a backtracking matcher that counts its steps.
 * Pure: knows nothing of Lua states, allocates nothing, never jumps. A step is one character of the
 * subject looked at by one item of the pattern (one per member for sets), so time is bounded by the
 * steps. */
#ifndef TH_SCRIPT_PATTERN_H
#define TH_SCRIPT_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

#define TH_PATTERN_CAPTURES 32
#define TH_PATTERN_DEPTH 200 /* nested backtracking points; each is a C call */

#define TH_PATTERN_OPEN (-1)     /* length of a capture that is not closed yet */
#define TH_PATTERN_POSITION (-2) /* length of a position capture */

typedef struct th_pattern_capture {
    const char *start;
    ptrdiff_t length;
} th_pattern_capture_t;

typedef struct th_pattern {
    const char *subject, *subject_end; /* borrowed */
    const char *pattern, *pattern_end; /* borrowed; an anchor is already taken off */
    uint64_t steps_left;
    unsigned depth;
    int captured; /* entries of captures, after a match */
    th_pattern_capture_t captures[TH_PATTERN_CAPTURES];
    const char *failure; /* NULL, or what is wrong with the pattern: a fixed text */
    bool exhausted;      /* the failure is that the steps ran out */
} th_pattern_t;

void th_pattern_init(th_pattern_t *matcher, th_slice_t subject, th_slice_t pattern, uint64_t steps);

/* Matches at <at> exactly; the end of the match, or NULL: no match, or `failure` is set. */
const char *th_pattern_match_at(th_pattern_t *matcher, const char *at);

/* Does the pattern hold any character with a meaning of its own? */
bool th_pattern_has_specials(th_slice_t pattern);

#endif
