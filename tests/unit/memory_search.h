/* memory_search.h - how many copies of a secret are in this process's memory: the measure of
 * design.md 5. The needle is kept scrambled, so that searching does not find itself. */
#ifndef TH_TESTS_MEMORY_SEARCH_H
#define TH_TESTS_MEMORY_SEARCH_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A text that occurs nowhere else: the only copy, malloc'ed. */
static inline char *make_marker(const char *prefix) {
    char *marker = malloc(64);
    size_t length = strlen(prefix);
    memcpy(marker, prefix, length);
    for (size_t i = 0; i < 24; i++) {
        unsigned char byte;
        th_random_bytes(&byte, 1);
        marker[length + i] = (char)('a' + byte % 26);
    }
    marker[length + 24] = '\0';
    return marker;
}

#define SCRAMBLE 0x5a

/* Counts occurrences of a text, given scrambled, in all readable and writable memory. Memory is
 * read through /proc/self/mem, so that guarded pages fail instead of crashing. */
static inline int copies_of_scrambled(const unsigned char *scrambled, size_t length) {
    static unsigned char window[1 << 16];
    FILE *maps = fopen("/proc/self/maps", "r");
    int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC), found = 0;
    char line[512];
    while (maps && fgets(line, sizeof line, maps)) {
        unsigned long start, end;
        char rights[8];
        if (sscanf(line, "%lx-%lx %7s", &start, &end, rights) != 3 || rights[0] != 'r') continue;
        if (rights[1] != 'w') continue;
        if (end - start > 1ul << 30) continue; /* a sanitizer's shadow: terabytes, and not ours */
        for (unsigned long at = start; at < end; at += sizeof window - 128) {
            unsigned long want = end - at < sizeof window ? end - at : sizeof window;
            unsigned long own = (unsigned long)window;
            if (at < own + sizeof window && at + want > own)
                continue; /* not what is being read into */
            ssize_t got = pread(memory, window, want, (off_t)at);
            for (ssize_t i = 0; i + (ssize_t)length <= got; i++) {
                if (i >= (ssize_t)(sizeof window - 128)) break; /* seen by the next window */
                size_t same = 0;
                while (same < length && (window[i + (ssize_t)same] ^ SCRAMBLE) == scrambled[same])
                    same++;
                if (same == length) found++;
            }
            memset(window, 0, sizeof window);
        }
    }
    if (maps) fclose(maps);
    if (memory >= 0) close(memory);
    return found;
}

/* The same for a text as it is: its own copy counts. */
static inline int copies_in_memory(const char *marker) {
    unsigned char scrambled[128];
    size_t length = strlen(marker);
    for (size_t i = 0; i < length; i++)
        scrambled[i] = (unsigned char)marker[i] ^ SCRAMBLE;
    return copies_of_scrambled(scrambled, length);
}

#endif
