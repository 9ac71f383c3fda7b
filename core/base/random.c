/* random.c - libsodium's generator (getrandom underneath). */
#include "base/random.h"

#include <sodium.h>

int th_random_start(void) {
    return sodium_init() >= 0;
}

void th_random_bytes(void *out, size_t length) {
    randombytes_buf(out, length); /* aborts when the system has no randomness */
}

void th_random_id(char out[static TH_ID_SIZE]) {
    unsigned char bytes[16];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2hex(out, TH_ID_SIZE, bytes, sizeof bytes);
}

unsigned th_random_below(unsigned bound) {
    return randombytes_uniform(bound);
}
