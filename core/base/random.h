/* random.h - unpredictable bytes and the ids made of them. A failure of the system's source ends
 * the process: no id is better than a guessable one. Uses libsodium. */
#ifndef TH_BASE_RANDOM_H
#define TH_BASE_RANDOM_H

#include <stddef.h>

/* Must be called once per process before anything else here; false when libsodium cannot start. */
int th_random_start(void);
void th_random_bytes(void *out, size_t length);
/* 32 lower-case hex digits (128 bits) and NUL: session ids, request ids, call ids. */
#define TH_ID_SIZE 33
void th_random_id(char out[static TH_ID_SIZE]);
/* A uniformly random number in [0, bound). */
unsigned th_random_below(unsigned bound);

#endif
