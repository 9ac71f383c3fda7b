/* memory_search.h - looks for copies of a secret in all writable memory of this process.
 * The secret is kept masked, so that neither the program nor the search holds a copy of its own. */
#ifndef TH_TESTS_LOOP_MEMORY_SEARCH_H
#define TH_TESTS_LOOP_MEMORY_SEARCH_H

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MASK 0x5a
#define MARKER_LENGTH 32
static unsigned char masked[MARKER_LENGTH];

static inline void make_marker(void) {
    for (unsigned i = 0; i < MARKER_LENGTH; i++)
        masked[i] = (unsigned char)(('A' + i * 7 % 26) ^ MASK);
}

static inline size_t write_marker(void *secret, char *out, size_t size) {
    (void)secret;
    size_t prefix = (size_t)snprintf(out, size, "Authorization: Bearer ");
    for (unsigned i = 0; i < MARKER_LENGTH; i++)
        out[prefix + i] = (char)(masked[i] ^ MASK);
    return prefix + MARKER_LENGTH;
}

static inline unsigned count_in(const unsigned char *data, size_t length) {
    unsigned count = 0;
    const unsigned char *end = data + length, *at = data;
    while ((at = memchr(at, masked[0] ^ MASK, (size_t)(end - at))) && end - at >= MARKER_LENGTH) {
        size_t same = 1;
        while (same < MARKER_LENGTH && (at[same] ^ MASK) == masked[same])
            same++;
        if (same == MARKER_LENGTH) count++;
        at++;
    }
    return count;
}

#define WINDOW (1 << 20)

/* How many copies of the marker all writable memory of this process holds (larger areas than 256 MB
 * are a sanitizer's own). */
static inline unsigned count_markers(void) {
    FILE *maps = fopen("/proc/self/maps", "re");
    int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    unsigned char *window = malloc(WINDOW);
    assert_non_null(maps);
    assert_true(memory >= 0);
    assert_non_null(window);
    unsigned count = 0;
    char line[512];
    while (fgets(line, sizeof line, maps)) {
        uint64_t from, to;
        char rights[8];
        if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s", &from, &to, rights) != 3) continue;
        if (rights[1] != 'w' || to - from > ((uint64_t)256 << 20)) continue;
        for (uint64_t at = from; at < to; at += WINDOW - MARKER_LENGTH) {
            size_t size = to - at < WINDOW ? (size_t)(to - at) : WINDOW;
            if (at <= (uintptr_t)window && (uintptr_t)window < at + size + WINDOW) continue;
            ssize_t got = pread(memory, window, size, (off_t)at);
            if (got > 0) count += count_in(window, (size_t)got);
        }
    }
    explicit_bzero(window, WINDOW);
    free(window);
    close(memory);
    fclose(maps);
    return count;
}

#endif
