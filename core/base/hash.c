/* hash.c - libsodium's BLAKE2b and SipHash-2-4. */
#include "base/hash.h"

#include <sodium.h>

th_digest_t th_hash_parts(const unsigned char *key, const th_slice_t *parts, size_t count) {
    crypto_generichash_state state;
    crypto_generichash_init(&state, key, key ? 32 : 0, TH_DIGEST_SIZE);
    for (size_t i = 0; i < count; i++) {
        uint64_t length = parts[i].length;
        crypto_generichash_update(&state, (const unsigned char *)&length, sizeof length);
        crypto_generichash_update(&state, (const unsigned char *)parts[i].data, parts[i].length);
    }
    th_digest_t digest;
    crypto_generichash_final(&state, digest.bytes, sizeof digest.bytes);
    sodium_memzero(&state, sizeof state); /* a part may have been a credential */
    return digest;
}

void th_digest_hex(const th_digest_t *digest, char out[static TH_DIGEST_HEX_SIZE]) {
    sodium_bin2hex(out, TH_DIGEST_HEX_SIZE, digest->bytes, sizeof digest->bytes);
}

bool th_digest_equal(const th_digest_t *a, const th_digest_t *b) {
    return sodium_memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

uint64_t th_hash_short(const unsigned char key[static 16], const void *data, size_t length) {
    uint64_t hash;
    crypto_shorthash((unsigned char *)&hash, data, length, key);
    return hash;
}
