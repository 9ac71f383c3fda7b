/* nearest.c - edit distance with swaps of neighbours, over short words. */
#include "config/nearest.h"

#include <limits.h>
#include <string.h>

#define WORD_MAX 64

static unsigned least(unsigned a, unsigned b) {
    return a < b ? a : b;
}

unsigned th_nearest_distance(th_slice_t a, th_slice_t b) {
    if (a.length > WORD_MAX || b.length > WORD_MAX) return UINT_MAX;
    unsigned rows[3][WORD_MAX + 1];
    unsigned *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b.length; j++)
        above[j] = (unsigned)j;
    for (size_t i = 1; i <= a.length; i++) {
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b.length; j++) {
            unsigned cost = a.data[i - 1] != b.data[j - 1];
            row[j] = least(least(above[j] + 1, row[j - 1] + 1), above[j - 1] + cost);
            if (i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] && a.data[i - 2] == b.data[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
        }
        unsigned *spare = before;
        before = above;
        above = row;
        row = spare;
    }
    return above[b.length];
}

void th_nearest_consider(th_nearest_t *nearest, const char *candidate) {
    size_t typed = strlen(nearest->word);
    unsigned allowed = typed < 6 ? 1 : typed < 9 ? 2 : 3;
    unsigned distance = th_nearest_distance(th_slice(nearest->word, typed), th_slice_of(candidate));
    if (distance > allowed || (nearest->best && distance >= nearest->distance)) return;
    nearest->best = candidate;
    nearest->distance = distance;
}
