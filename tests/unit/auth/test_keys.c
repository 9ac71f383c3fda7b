/* test_keys.c - which keys get in, how long they stay, and keys from a PEM file. */
#include "auth/token_maker.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "auth/auth.h"
#include "auth/keys.h"
#include "base/random.h"

static th_json_parser_t *parser;

static bool take(th_keys_t *keys, const char *set, uint64_t now, uint64_t life) {
    th_error_t error;
    th_json_document_t *document =
        th_json_parse(parser, th_slice_of(set), &th_json_limits_request, &error);
    assert_non_null(document);
    bool taken = th_keys_take_set(keys, th_json_root(document), now, life, &error);
    if (!taken) assert_string_equal(error.code, "bad_key_set");
    th_json_unref(document);
    return taken;
}

static bool has(const th_keys_t *keys, const char *id) {
    for (size_t i = 0; i < keys->count; i++)
        if (strcmp(keys->key[i].id, id) == 0) return true;
    return false;
}

static void rotation(void **state) {
    (void)state;
    th_keys_t keys = {0};
    cjose_jwk_t *made[] = {make_key("old", 2048), make_key("new", 2048)};
    char *old = make_set(&made[0], 1), *both = make_set(made, 2), *new = make_set(&made[1], 1);
    assert_true(take(&keys, old, 1000, 500));
    assert_true(take(&keys, both, 2000, 500));
    assert_int_equal(keys.count, 2); /* the known one is not there twice */
    assert_true(take(&keys, new, 3000, 500));
    th_keys_sweep(&keys, 3499);
    assert_true(has(&keys, "old"));           /* its tokens live out their time */
    assert_true(take(&keys, new, 3400, 500)); /* seen missing again: that does not prolong it */
    th_keys_sweep(&keys, 3500);
    assert_false(has(&keys, "old"));
    assert_true(has(&keys, "new"));
    assert_true(take(&keys, old, 4000, 500)); /* it may come back */
    assert_true(has(&keys, "old") && has(&keys, "new"));
    /* A set without a key of use changes nothing. */
    assert_false(take(&keys, "{\"keys\":[]}", 5000, 0));
    th_keys_sweep(&keys, 5000);
    assert_true(has(&keys, "old"));
    assert_false(has(&keys, "new")); /* not listed since 4000 */
    th_keys_free(&keys);
    for (size_t i = 0; i < 2; i++)
        (void)cjose_jwk_release(made[i]);
    free(old);
    free(both);
    free(new);
}

/* One modulus under many names: the ring has an end, and the oldest that left makes room. */
static void bounds(void **state) {
    (void)state;
    th_keys_t keys = {0};
    cjose_jwk_t *made = make_key(NULL, 2048);
    char *json = cjose_jwk_to_json(made, false, NULL);
    char *set = malloc(1 << 20);
    size_t at = (size_t)sprintf(set, "{\"keys\":[");
    for (int i = 0; i < TH_KEYS_MAX + 5; i++)
        at += (size_t)sprintf(set + at, "%s{\"kid\":\"k%d\",%s", i ? "," : "", i, json + 1);
    (void)sprintf(set + at, "]}");
    assert_true(take(&keys, set, 0, 1000));
    assert_int_equal(keys.count, TH_KEYS_MAX);
    assert_false(has(&keys, "k32"));
    (void)sprintf(set, "{\"keys\":[{\"kid\":\"fresh\",%s]}", json + 1);
    assert_true(take(&keys, set, 1, 1000));
    assert_int_equal(keys.count, TH_KEYS_MAX);
    assert_true(has(&keys, "fresh"));
    th_keys_free(&keys);
    cjose_get_dealloc()(json);
    (void)cjose_jwk_release(made);
    free(set);
}

static void unfit_keys(void **state) {
    (void)state;
    th_keys_t keys = {0};
    cjose_jwk_t *weak = make_key("weak", 1024), *good = make_key(NULL, 2048);
    char *set = make_set(&weak, 1), *json = cjose_jwk_to_json(good, false, NULL);
    assert_false(take(&keys, set, 0, 0));
    const char *const wrong[] = {"{\"use\":\"enc\",%s", "{\"alg\":\"RS512\",%s", "{\"kid\":7,%s",
                                 "{\"kid\":\"a\\u0000b\",%s", "{\"alg\":7,%s"};
    char text[4096];
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        size_t at = (size_t)sprintf(text, "{\"keys\":[");
        at += (size_t)snprintf(text + at, sizeof text - at, wrong[i], json + 1);
        (void)sprintf(text + at, "]}");
        if (take(&keys, text, 0, 0)) fail_msg("taken: %s", wrong[i]);
    }
    const char *const nonsense[] = {
        "{}",
        "[]",
        "{\"keys\":{}}",
        "{\"keys\":[null,1,\"x\",[],{}]}",
        "{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}]}",
        "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQ\",\"e\":\"AQAB\"}]}",
        "{\"keys\":[{\"kty\":\"RSA\",\"n\":5,\"e\":\"AQAB\"}]}",
        "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQ\",\"y\":\"AQ\"}]}"};
    for (size_t i = 0; i < sizeof nonsense / sizeof nonsense[0]; i++)
        if (take(&keys, nonsense[i], 0, 0)) fail_msg("taken: %s", nonsense[i]);
    assert_int_equal(keys.count, 0);
    cjose_get_dealloc()(json);
    (void)cjose_jwk_release(weak);
    (void)cjose_jwk_release(good);
    free(set);
}

/* The caller frees it. */
static char *pem_of(EVP_PKEY *key) {
    BIO *bio = BIO_new(BIO_s_mem());
    char *data;
    assert_int_equal(PEM_write_bio_PUBKEY(bio, key), 1);
    long length = BIO_get_mem_data(bio, &data);
    char *pem = strndup(data, (size_t)length);
    BIO_free(bio);
    EVP_PKEY_free(key);
    return pem;
}

static void pem(void **state) {
    (void)state;
    th_keys_t keys = {0};
    th_error_t error;
    char *one = pem_of(EVP_RSA_gen(2048)), *other = pem_of(EVP_RSA_gen(3072));
    char *curve = pem_of(EVP_EC_gen("P-256")), *weak = pem_of(EVP_RSA_gen(1024));
    char *two = malloc(strlen(one) + strlen(other) + 1);
    (void)sprintf(two, "%s%s", one, other);
    assert_true(th_keys_read_pem(&keys, th_slice_of(two), &error));
    assert_int_equal(keys.count, 2);
    assert_string_equal(keys.key[0].id, "");
    assert_false(th_keys_read_pem(&keys, th_slice_of(curve), &error));
    assert_non_null(strstr(error.message, "not an RSA key"));
    assert_false(th_keys_read_pem(&keys, th_slice_of(weak), &error));
    assert_non_null(strstr(error.message, "2048"));
    assert_false(th_keys_read_pem(&keys, TH_SLICE("nonsense"), &error));
    assert_non_null(strstr(error.message, "BEGIN PUBLIC KEY"));
    th_keys_free(&keys);
    free(one);
    free(other);
    free(two);
    free(curve);
    free(weak);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rotation),
        cmocka_unit_test(bounds),
        cmocka_unit_test(unfit_keys),
        cmocka_unit_test(pem),
    };
    th_random_start();
    th_auth_global_start();
    parser = th_json_parser_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    th_json_parser_free(parser);
    return failed;
}
