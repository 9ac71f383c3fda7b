/* nearest.c - edit distance with swaps of neighbours, over short words. */
#include "config/nearest.h"

#include <string.h>

#define WORD_MAX 64

static unsigned least(unsigned a, unsigned b) {
    return a < b ? a : b;
}

/* Optimal string alignment: insert, drop, replace and swap each cost one. */
static unsigned distance_of(const char *a, size_t a_length, const char *b, size_t b_length) {
    unsigned rows[3][WORD_MAX + 1];
    unsigned *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b_length; j++)
        above[j] = (unsigned)j;
    for (size_t i = 1; i <= a_length; i++) {
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_length; j++) {
            unsigned cost = a[i - 1] != b[j - 1];
            row[j] = least(least(above[j] + 1, row[j - 1] + 1), above[j - 1] + cost);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
        }
        unsigned *spare = before;
        before = above;
        above = row;
        row = spare;
    }
    return above[b_length];
}

void th_nearest_consider(th_nearest_t *nearest, const char *candidate) {
    size_t typed = strlen(nearest->word), length = strlen(candidate);
    if (typed > WORD_MAX || length > WORD_MAX) return;
    unsigned allowed = typed < 6 ? 1 : typed < 9 ? 2 : 3;
    unsigned distance = distance_of(nearest->word, typed, candidate, length);
    if (distance > allowed || (nearest->best && distance >= nearest->distance)) return;
    nearest->best = candidate;
    nearest->distance = distance;
}
