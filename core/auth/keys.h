/* keys.h - the issuer's public keys: a small ring, filled from a PEM file or a JSON Web Key Set.
 * Only RSA keys of 2048 to 8192 bits get in; of a JWK only kid, n and e are looked at, so nothing
 * it names (URLs, certificates) is ever followed. A key that the newest set no longer lists stays
 * for a while: tokens it signed live on. */
#ifndef TH_AUTH_KEYS_H
#define TH_AUTH_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjose/jwk.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/slice.h"
#include "json/document.h"

#define TH_KEYS_MAX 32
#define TH_KEY_ID_MAX 256

typedef struct th_key {
    char id[TH_KEY_ID_MAX]; /* kid; "" = it has none, and may have signed any token */
    cjose_jwk_t *jwk;       /* owned */
    th_digest_t fingerprint;
    bool listed;       /* in the newest set */
    uint64_t leave_at; /* monotonic ms, when not listed */
} th_key_t;

typedef struct th_keys {
    th_key_t key[TH_KEYS_MAX];
    size_t count;
} th_keys_t;

/* Adds every public key of a PEM text. False with <error>, which says what is wrong with it. */
bool th_keys_read_pem(th_keys_t *keys, th_slice_t pem, th_error_t *error);
/* Takes a key set as the newest: adds its keys, and lets those it lacks leave after <life> ms.
 * False with <error>, and nothing changed, when it holds no key of use. */
bool th_keys_take_set(th_keys_t *keys, th_json_value_t set, uint64_t now, uint64_t life,
                      th_error_t *error);
/* Removes those whose time is over. */
void th_keys_sweep(th_keys_t *keys, uint64_t now);
void th_keys_free(th_keys_t *keys); /* leaves it empty */

#endif
