/* token_maker.h - keys and tokens for tests: good ones, and every kind of bad one. */
#ifndef TH_TESTS_TOKEN_MAKER_H
#define TH_TESTS_TOKEN_MAKER_H

#include "check.h"

#include <cjose/cjose.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline cjose_jwk_t *make_key(const char *kid, size_t bits) {
    cjose_jwk_t *key = cjose_jwk_create_RSA_random(bits, (const uint8_t *)"\x01\x00\x01", 3, NULL);
    assert_non_null(key);
    if (kid) assert_true(cjose_jwk_set_kid(key, kid, strlen(kid), NULL));
    return key;
}

/* {"keys":[...]} of the public halves; the caller frees it. */
static inline char *make_set(cjose_jwk_t *const *keys, size_t count) {
    char *set = malloc(16384);
    size_t at = (size_t)snprintf(set, 16384, "{\"keys\":[");
    for (size_t i = 0; i < count; i++) {
        char *json = cjose_jwk_to_json(keys[i], false, NULL);
        assert_non_null(json);
        at += (size_t)snprintf(set + at, 16384 - at, "%s%s", i ? "," : "", json);
        cjose_get_dealloc()(json);
    }
    (void)snprintf(set + at, 16384 - at, "]}");
    return set;
}

/* Signs <claims> with <key> under <algorithm>; <kid> and <extra> ({"name": "value"}) may be NULL.
 * The caller frees the token. */
static inline char *make_token_as(const cjose_jwk_t *key, const char *algorithm, const char *kid,
                                  const char *extra_name, const char *extra, const char *claims) {
    cjose_header_t *header = cjose_header_new(NULL);
    const char *text = NULL;
    assert_true(cjose_header_set(header, "alg", algorithm, NULL));
    if (kid) assert_true(cjose_header_set(header, "kid", kid, NULL));
    json_t *value = extra_name ? json_loads(extra, JSON_DECODE_ANY, NULL) : NULL;
    if (value) assert_int_equal(json_object_set_new(header, extra_name, value), 0);
    cjose_jws_t *jws = cjose_jws_sign(key, header, (const uint8_t *)claims, strlen(claims), NULL);
    assert_non_null(jws);
    assert_true(cjose_jws_export(jws, &text, NULL));
    char *token = strdup(text);
    cjose_jws_release(jws);
    cjose_header_release(header);
    return token;
}

static inline char *make_token(const cjose_jwk_t *key, const char *kid, const char *claims) {
    return make_token_as(key, "RS256", kid, NULL, NULL, claims);
}

static inline void add_part(char *out, size_t size, const char *text) {
    size_t length = strlen(out);
    assert_non_null(sodium_bin2base64(out + length, size - length, (const unsigned char *)text,
                                      strlen(text), sodium_base64_VARIANT_URLSAFE_NO_PADDING));
}

/* <header> and <claims> as they are, with the signature of another token behind them. */
static inline char *make_raw(const char *header, const char *claims, const char *signature) {
    char *token = calloc(1, 16384);
    add_part(token, 16384, header);
    strcat(token, ".");
    add_part(token, 16384, claims);
    strcat(token, ".");
    strcat(token, signature);
    return token;
}

#endif
