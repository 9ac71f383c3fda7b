/* hash.h - keyed and plain hashes, and comparison in constant time (libsodium's BLAKE2b and
 * SipHash). */
#ifndef TH_BASE_HASH_H
#define TH_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

#define TH_DIGEST_SIZE 32
#define TH_DIGEST_HEX_SIZE 65

typedef struct th_digest {
    unsigned char bytes[TH_DIGEST_SIZE];
} th_digest_t;

/* BLAKE2b-256 over the parts in order, each preceded by its length (so "ab","c" != "a","bc").
 * <key> of 32 bytes, or NULL for an unkeyed hash. */
th_digest_t th_hash_parts(const unsigned char *key, const th_slice_t *parts, size_t count);
void th_digest_hex(const th_digest_t *digest, char out[static TH_DIGEST_HEX_SIZE]);
bool th_digest_equal(const th_digest_t *a, const th_digest_t *b); /* constant time */
/* Fast keyed hash for tables; <key> of 16 bytes. */
uint64_t th_hash_short(const unsigned char key[static 16], const void *data, size_t length);

#endif
