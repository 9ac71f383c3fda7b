/* clock.c - reading clocks. */
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

static uint64_t read_ns(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t th_clock_monotonic_ms(void) {
    return read_ns(CLOCK_MONOTONIC) / 1000000u;
}

uint64_t th_clock_monotonic_ns(void) {
    return read_ns(CLOCK_MONOTONIC);
}

uint64_t th_clock_thread_cpu_ns(void) {
    return read_ns(CLOCK_THREAD_CPUTIME_ID);
}

int64_t th_clock_wall_ms(void) {
    return (int64_t)(read_ns(CLOCK_REALTIME) / 1000000u);
}

void th_clock_format_utc(int64_t wall_ms, char out[static 21]) {
    int64_t seconds = wall_ms / 1000 - (wall_ms % 1000 < 0);
    time_t when = (time_t)seconds;
    struct tm parts;
    if (!gmtime_r(&when, &parts) || strftime(out, 21, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
        (void)snprintf(out, 21, "0000-00-00T00:00:00Z");
}
