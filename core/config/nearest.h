/* nearest.h - "did you mean ...?": the known word closest to a mistyped one. */
#ifndef TH_CONFIG_NEAREST_H
#define TH_CONFIG_NEAREST_H

#include <stddef.h>

#include "base/slice.h"

/* How many bytes must be put in, taken out, changed, or swapped with their neighbour to make one of
 * the other (optimal string alignment). UINT_MAX when one is over 64 bytes. */
unsigned th_nearest_distance(th_slice_t a, th_slice_t b);

/* Keeps the best candidate seen so far; start it as {.word = typed}. */
typedef struct th_nearest {
    const char *word; /* as typed; borrowed */
    const char *best; /* borrowed from the candidates; NULL = none is near */
    unsigned distance;
} th_nearest_t;

/* Candidates further away than a third of the typed word's letters (at least one, at most three
 * changes) are not near. Words over 64 bytes are never near. */
void th_nearest_consider(th_nearest_t *nearest, const char *candidate);

#endif
