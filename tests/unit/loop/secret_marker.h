/* secret_marker.h - a marker credential that a fetch sends and that nothing else in the program
 * holds in clear: kept scrambled, composed only into the header line. */
#ifndef TH_TESTS_LOOP_SECRET_MARKER_H
#define TH_TESTS_LOOP_SECRET_MARKER_H

#include "base/random.h"
#include "memory_search.h"

#define MARKER_LENGTH 32
static unsigned char masked[MARKER_LENGTH];

static inline void prepare_marker(void) {
    for (unsigned i = 0; i < MARKER_LENGTH; i++)
        masked[i] = (unsigned char)(('A' + i * 7 % 26) ^ SCRAMBLE);
}

static inline size_t write_marker(void *secret, char *out, size_t size) {
    (void)secret;
    size_t prefix = (size_t)snprintf(out, size, "Authorization: Bearer ");
    for (unsigned i = 0; i < MARKER_LENGTH; i++)
        out[prefix + i] = (char)(masked[i] ^ SCRAMBLE);
    return prefix + MARKER_LENGTH;
}

static inline int count_markers(void) {
    return copies_of_scrambled(masked, MARKER_LENGTH);
}

#endif
