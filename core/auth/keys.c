/* keys.c - RSA public keys from PEM (OpenSSL) and from JWK (RFC 7517, 7518 6.3.1), kept as cjose
 * keys. */
#include "auth/keys.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define MODULUS_MIN 256 /* bytes: 2048 bits */
#define MODULUS_MAX 1024
#define EXPONENT_MAX 8

/* A key's two numbers, big-endian, without leading zeros. */
typedef struct numbers {
    unsigned char n[MODULUS_MAX], e[EXPONENT_MAX];
    size_t n_length, e_length;
} numbers_t;

static void remove_key(th_keys_t *keys, size_t index) {
    (void)cjose_jwk_release(keys->key[index].jwk);
    keys->count--;
    keys->key[index] = keys->key[keys->count];
    memset(&keys->key[keys->count], 0, sizeof keys->key[0]);
}

void th_keys_free(th_keys_t *keys) {
    while (keys->count > 0)
        remove_key(keys, keys->count - 1);
}

void th_keys_sweep(th_keys_t *keys, uint64_t now) {
    for (size_t i = keys->count; i > 0; i--)
        if (!keys->key[i - 1].listed && now >= keys->key[i - 1].leave_at) remove_key(keys, i - 1);
}

static bool numbers_are_sound(const numbers_t *numbers) {
    bool sized = numbers->n_length >= MODULUS_MIN && numbers->n_length <= MODULUS_MAX &&
                 numbers->e_length >= 1 && numbers->e_length <= EXPONENT_MAX;
    if (!sized || numbers->n[0] == 0 || numbers->e[0] == 0) return false;
    bool odd = (numbers->n[numbers->n_length - 1] & 1) && (numbers->e[numbers->e_length - 1] & 1);
    return odd && !(numbers->e_length == 1 && numbers->e[0] < 3);
}

static th_digest_t fingerprint_of(const numbers_t *numbers) {
    th_slice_t parts[] = {th_slice((const char *)numbers->n, numbers->n_length),
                          th_slice((const char *)numbers->e, numbers->e_length)};
    return th_hash_parts(NULL, parts, 2);
}

static th_key_t *find_key(th_keys_t *keys, const char *id, const th_digest_t *fingerprint) {
    for (size_t i = 0; i < keys->count; i++)
        if (strcmp(keys->key[i].id, id) == 0 &&
            th_digest_equal(&keys->key[i].fingerprint, fingerprint))
            return &keys->key[i];
    return NULL;
}

/* When the ring is full, the unlisted key that would leave first makes room. */
static bool make_room(th_keys_t *keys) {
    if (keys->count < TH_KEYS_MAX) return true;
    size_t first = TH_KEYS_MAX;
    for (size_t i = 0; i < keys->count; i++) {
        if (keys->key[i].listed) continue;
        if (first == TH_KEYS_MAX || keys->key[i].leave_at < keys->key[first].leave_at) first = i;
    }
    if (first == TH_KEYS_MAX) return false;
    remove_key(keys, first);
    return true;
}

/* Adds it, or marks the one that is there as listed. False: unsound, no room, no memory. */
static bool add_key(th_keys_t *keys, const char *id, numbers_t *numbers) {
    if (!numbers_are_sound(numbers)) return false;
    th_digest_t fingerprint = fingerprint_of(numbers);
    th_key_t *known = find_key(keys, id, &fingerprint);
    if (known) {
        known->listed = true;
        return true;
    }
    if (!make_room(keys)) return false;
    cjose_jwk_rsa_keyspec spec = {
        .n = numbers->n, .nlen = numbers->n_length, .e = numbers->e, .elen = numbers->e_length};
    cjose_jwk_t *jwk = cjose_jwk_create_RSA_spec(&spec, NULL);
    if (!jwk) return false;
    th_key_t *key = &keys->key[keys->count++];
    *key = (th_key_t){.jwk = jwk, .fingerprint = fingerprint, .listed = true};
    (void)snprintf(key->id, sizeof key->id, "%s", id);
    return true;
}

/* --- PEM -------------------------------------------------------------------------------------- */

static bool read_number(const EVP_PKEY *pkey, const char *name, unsigned char *out, size_t size,
                        size_t *length) {
    BIGNUM *number = NULL;
    bool fits =
        EVP_PKEY_get_bn_param(pkey, name, &number) == 1 && (size_t)BN_num_bytes(number) <= size;
    *length = fits ? (size_t)BN_bn2bin(number, out) : 0;
    BN_free(number);
    return fits;
}

static bool add_pem_key(th_keys_t *keys, const EVP_PKEY *pkey, th_error_t *error) {
    numbers_t numbers;
    if (!EVP_PKEY_is_a(pkey, "RSA"))
        return th_error_set(error, "bad_key", "a key in it is not an RSA key");
    if (read_number(pkey, OSSL_PKEY_PARAM_RSA_N, numbers.n, sizeof numbers.n, &numbers.n_length) &&
        read_number(pkey, OSSL_PKEY_PARAM_RSA_E, numbers.e, sizeof numbers.e, &numbers.e_length) &&
        add_key(keys, "", &numbers))
        return true;
    return th_error_set(error, "bad_key",
                        "a key in it cannot be used: RSA of 2048 to 8192 bits is wanted, at most "
                        "%d keys",
                        TH_KEYS_MAX);
}

bool th_keys_read_pem(th_keys_t *keys, th_slice_t pem, th_error_t *error) {
    BIO *bio = BIO_new_mem_buf(pem.length ? pem.data : "", (int)pem.length);
    if (!bio) return th_error_set(error, "no_memory", "no memory for a key");
    bool fine = true;
    size_t count = 0;
    for (EVP_PKEY *pkey; fine && (pkey = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL)); count++) {
        fine = add_pem_key(keys, pkey, error);
        EVP_PKEY_free(pkey);
    }
    BIO_free(bio);
    if (fine && count == 0)
        fine = th_error_set(error, "bad_key", "it holds no public key (BEGIN PUBLIC KEY)");
    return fine;
}

/* --- JWK -------------------------------------------------------------------------------------- */

/* Base64urlUInt: the minimal octets, no padding. */
static bool decode_number(th_json_value_t text, unsigned char *out, size_t size, size_t *length) {
    th_slice_t encoded;
    return th_json_string(text, &encoded) &&
           sodium_base642bin(out, size, encoded.data, encoded.length, NULL, length, NULL,
                             sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0;
}

/* Absent, or exactly this word. */
static bool is_or_lacks(th_json_value_t object, const char *member, const char *word) {
    th_json_value_t value = th_json_member(object, member);
    th_slice_t text;
    if (th_json_type(value) == TH_JSON_ABSENT) return true;
    return th_json_string(value, &text) && th_slice_is(text, word);
}

static bool add_jwk(th_keys_t *keys, th_json_value_t jwk) {
    th_slice_t kty, kid = TH_SLICE("");
    numbers_t numbers;
    if (!th_json_string(th_json_member(jwk, "kty"), &kty) || !th_slice_is(kty, "RSA") ||
        !is_or_lacks(jwk, "use", "sig") || !is_or_lacks(jwk, "alg", "RS256"))
        return false;
    th_json_value_t named = th_json_member(jwk, "kid");
    if (th_json_type(named) != TH_JSON_ABSENT && !th_json_string(named, &kid)) return false;
    if (kid.length >= TH_KEY_ID_MAX || memchr(kid.data, '\0', kid.length)) return false;
    char id[TH_KEY_ID_MAX];
    (void)snprintf(id, sizeof id, "%.*s", (int)kid.length, kid.data);
    return decode_number(th_json_member(jwk, "n"), numbers.n, sizeof numbers.n,
                         &numbers.n_length) &&
           decode_number(th_json_member(jwk, "e"), numbers.e, sizeof numbers.e,
                         &numbers.e_length) &&
           add_key(keys, id, &numbers);
}

bool th_keys_take_set(th_keys_t *keys, th_json_value_t set, uint64_t now, uint64_t life,
                      th_error_t *error) {
    bool was_listed[TH_KEYS_MAX];
    size_t had = keys->count, taken = 0;
    for (size_t i = 0; i < had; i++) {
        was_listed[i] = keys->key[i].listed;
        if (!was_listed[i]) continue;
        keys->key[i].listed = false;
        keys->key[i].leave_at = now + life;
    }
    th_json_iterator_t each = th_json_iterate(th_json_member(set, "keys"));
    while (taken < TH_KEYS_MAX && th_json_next(&each))
        if (add_jwk(keys, each.value)) taken++;
    if (taken > 0) {
        th_keys_sweep(keys, now);
        return true;
    }
    for (size_t i = 0; i < had; i++) /* nothing was added, so nobody moved */
        keys->key[i].listed = was_listed[i];
    return th_error_set(error, "bad_key_set",
                        "the issuer's key set holds no RSA key of 2048 bits or more for RS256");
}
