/* clock.h - the two clocks, named apart.
 * Monotonic milliseconds measure spans and deadlines; wall time is for people and protocols only.
 */
#ifndef TH_BASE_CLOCK_H
#define TH_BASE_CLOCK_H

#include <stdint.h>

uint64_t th_clock_monotonic_ms(void);
uint64_t th_clock_monotonic_ns(void);
/* CPU time this thread has used, in nanoseconds: what a script's time budget counts. */
uint64_t th_clock_thread_cpu_ns(void);
/* Milliseconds since 1970-01-01T00:00:00Z. */
int64_t th_clock_wall_ms(void);
/* Writes "2026-11-25T09:00:00Z" (20 bytes and NUL). */
void th_clock_format_utc(int64_t wall_ms, char out[static 21]);

#endif
