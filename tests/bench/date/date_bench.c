/* date_bench.c - reads one text a line and prints the microseconds that th_date_find takes for one:
 * in the first pass, and as the median of rounds of at least 0.2 s. Built and run by date.sh,
 * beside chrono-node. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "date/date.h"

#define TEXTS_MAX 100000
#define ROUNDS 7

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* One pass over all texts; returns how many hold a date, so that nothing is optimised away. */
static size_t pass(char **texts, size_t count, const th_date_context_t *context,
                   th_zones_t *zones) {
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        th_date_t date;
        bool whole;
        found += th_date_find(th_slice_of(texts[i]), context, zones, &date, &whole, NULL);
    }
    return found;
}

static double round_of(char **texts, size_t count, const th_date_context_t *context,
                       th_zones_t *zones) {
    uint64_t began = th_clock_thread_cpu_ns(), spent = 0, passes = 0;
    while (spent < 200000000) {
        if (pass(texts, count, context, zones) == 0) exit(1);
        passes++;
        spent = th_clock_thread_cpu_ns() - began;
    }
    return (double)spent / 1000 / (double)(passes * count);
}

int main(void) {
    static char *texts[TEXTS_MAX];
    size_t count = 0, capacity = 0;
    char *line = NULL;
    double rounds[ROUNDS];
    ssize_t length;
    while (count < TEXTS_MAX && (length = getline(&line, &capacity, stdin)) > 0) {
        if (line[length - 1] == '\n') line[length - 1] = '\0';
        texts[count++] = strdup(line);
    }
    th_zones_t *zones = th_zones_open(NULL);
    th_date_context_t context;
    if (!zones || count == 0) return 1;
    th_date_context_defaults(&context);
    context.zone = th_zones_utc(zones);
    context.reference = 1795600800;
    uint64_t began = th_clock_thread_cpu_ns();
    pass(texts, count, &context, zones);
    double first = (double)(th_clock_thread_cpu_ns() - began) / 1000 / (double)count;
    for (int i = 0; i < ROUNDS; i++)
        rounds[i] = round_of(texts, count, &context, zones);
    qsort(rounds, ROUNDS, sizeof(rounds[0]), ascending);
    printf("%.3f %.3f\n", first, rounds[ROUNDS / 2]);
    th_zones_close(zones);
    for (size_t i = 0; i < count; i++)
        free(texts[i]);
    free(line);
    return 0;
}
