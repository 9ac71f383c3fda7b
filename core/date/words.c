/* words.c - looks words up: exactly by bisection, and mistyped ones by a bounded edit distance. */
#include "date/words.h"

#include <string.h>

/* Within the rows of the initial letter. */
const th_word_t *th_word_find(const char *text) {
    if (text[0] < 'a' || text[0] > 'z') return NULL;
    size_t low = th_word_initials[text[0] - 'a'], end = th_word_initials[text[0] - 'a' + 1],
           high = end;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(th_words[middle].text, text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < end && strcmp(th_words[low].text, text) == 0 ? &th_words[low] : NULL;
}

/* Real words that are one or two letters away from ours. */
static const char *const real_words[] = {
    "apiary",  "augusta",   "beforehand", "eventing", "forthright", "friary",    "fright",
    "frights", "hoarse",    "horse",      "hose",     "house",      "houses",    "junk",
    "knight",  "mandate",   "manic",      "marco",    "marsh",      "match",     "matches",
    "minor",   "minuet",    "minuets",    "moaning",  "money",      "monitor",   "monthly",
    "monty",   "moonlight", "mooring",    "morsel",   "moths",      "mourning",  "mouth",
    "mouths",  "octave",    "parking",    "quarrels", "saturate",   "saturated", "seats",
    "seeks",   "sundry",    "tomato",     "walking",  "warning",    "weekly",    "wording",
};

static bool is_real_word(const char *text) {
    for (size_t i = 0; i < sizeof(real_words) / sizeof(real_words[0]); i++)
        if (real_words[i][0] == text[0] && strcmp(real_words[i], text) == 0) return true;
    return false;
}

/* Edits (insert, drop, change, swap neighbours) from <a> to <b>, or more than <most>. Both are at
 * most TH_WORD_MAX long, so the work is bounded. */
static unsigned distance(const char *a, size_t a_length, const char *b, size_t b_length,
                         unsigned most) {
    unsigned rows[3][TH_WORD_MAX + 2];
    unsigned *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b_length; j++)
        above[j] = (unsigned)j;
    for (size_t i = 1; i <= a_length; i++) {
        unsigned best = row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_length; j++) {
            unsigned cost = above[j - 1] + (a[i - 1] != b[j - 1]);
            if (above[j] + 1 < cost) cost = above[j] + 1;
            if (row[j - 1] + 1 < cost) cost = row[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                before[j - 2] + 1 < cost)
                cost = before[j - 2] + 1;
            row[j] = cost;
            if (cost < best) best = cost;
        }
        if (best > most) return most + 1;
        unsigned *unused = before;
        before = above;
        above = row;
        row = unused;
    }
    return above[b_length];
}

/* A bit per letter. */
static unsigned letters_of(const char *text) {
    unsigned letters = 0;
    for (; *text; text++)
        letters |= 1u << (*text & 31);
    return letters;
}

typedef struct {
    const th_word_t *best;
    unsigned letters;
    unsigned distance; /* the best may not be further away than this */
} near_t;

/* Words of five to seven letters may have one mistake, longer ones two. */
static void consider(near_t *near, const th_word_t *row, const char *text, size_t length) {
    size_t row_length = strlen(row->text);
    if (row_length > length + 2 || length > row_length + 2 || row_length < 5) return;
    unsigned most = row_length >= 8 ? near->distance : 1;
    /* an edit changes the set of letters by two at most */
    if (__builtin_popcount(letters_of(row->text) ^ near->letters) > 2 * (int)most) return;
    unsigned found = distance(text, length, row->text, row_length, most);
    if (found > most || (near->best && found >= near->distance)) return;
    near->best = row;
    near->distance = found;
}

/* The first letter is right or has changed places with the second. */
const th_word_t *th_word_find_near(const char *text, size_t length) {
    if (length < 5 || length > 12) return NULL;
    near_t near = {NULL, letters_of(text), length >= 7 ? 2 : 1};
    for (int swapped = 0; swapped < 2; swapped++) {
        char initial = text[swapped];
        if (swapped && initial == text[0]) break;
        if (initial < 'a' || initial > 'z') break;
        size_t end = th_word_initials[initial - 'a' + 1];
        for (size_t i = th_word_initials[initial - 'a']; i < end; i++)
            if ((th_words[i].flags & TH_WORD_TYPO) && (!swapped || th_words[i].text[1] == text[0]))
                consider(&near, &th_words[i], text, length);
    }
    if (near.best && is_real_word(text)) return NULL;
    while (near.best && near.best > th_words && (near.best[-1].flags & TH_WORD_MORE))
        near.best--; /* its first sense */
    return near.best;
}
