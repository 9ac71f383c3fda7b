/* model_key.c - the model's key in libsodium's guarded, locked memory. */
#include "chat/model_key.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "config/dotenv.h"

struct th_model_key {
    size_t length;
    char bytes[]; /* visible ASCII, checked */
};

static bool is_usable(th_slice_t bytes, th_error_t *error) {
    if (bytes.length == 0 || bytes.length > TH_MODEL_KEY_MAX)
        return th_error_set(error, "bad_credential",
                            "%s is %s; it must hold the key as the provider gave it, at most %d "
                            "bytes",
                            TH_MODEL_KEY_VARIABLE, bytes.length ? "too long" : "empty",
                            TH_MODEL_KEY_MAX);
    for (size_t i = 0; i < bytes.length; i++) {
        unsigned char byte = (unsigned char)bytes.data[i];
        if (byte < 0x21 || byte > 0x7e)
            return th_error_set(error, "bad_credential",
                                "%s holds a blank, a control byte or a non-ASCII byte; it must "
                                "hold the key alone",
                                TH_MODEL_KEY_VARIABLE);
    }
    return true;
}

bool th_model_key_make(th_slice_t bytes, th_model_key_t **key, th_error_t *error) {
    *key = NULL;
    if (!is_usable(bytes, error)) return false;
    size_t size = sizeof(th_model_key_t) + bytes.length;
    /* sodium_malloc wants sizes that keep its end aligned. */
    size = (size + 15) & ~(size_t)15;
    th_model_key_t *made = sodium_malloc(size);
    if (!made) return th_error_set(error, "no_memory", "no memory for the model's key");
    /* It locks too, but does not tell when that failed; locking again does. */
    if (sodium_mlock(made, size) != 0) {
        th_error_set(error, "cannot_lock",
                     "memory for the model's key cannot be locked (%s); raise the limit of locked "
                     "memory (ulimit -l, LimitMEMLOCK=)",
                     strerror(errno));
        sodium_free(made);
        return false;
    }
    made->length = bytes.length;
    memcpy(made->bytes, bytes.data, bytes.length);
    sodium_mprotect_readonly(made);
    *key = made;
    return true;
}

bool th_model_key_take(th_model_key_t **key, th_error_t *error) {
    *key = NULL;
    const char *there = getenv(TH_MODEL_KEY_VARIABLE);
    if (!there || !*there) {
        unsetenv(TH_MODEL_KEY_VARIABLE); /* set but empty: as good as not set */
        return true;
    }
    char bytes[TH_MODEL_KEY_MAX + 1];
    if (!th_environment_take(TH_MODEL_KEY_VARIABLE, bytes, sizeof bytes))
        return th_error_set(error, "bad_credential", "%s is longer than %d bytes",
                            TH_MODEL_KEY_VARIABLE, TH_MODEL_KEY_MAX);
    bool made = th_model_key_make(th_slice_of(bytes), key, error);
    explicit_bzero(bytes, sizeof bytes);
    return made;
}

void th_model_key_free(th_model_key_t *key) {
    sodium_free(key); /* wipes; NULL is fine */
}

static size_t compose(const th_model_key_t *key, const char *start, char *out, size_t size) {
    size_t before = strlen(start);
    if (!key || before + key->length >= size) return 0;
    memcpy(out, start, before);
    memcpy(out + before, key->bytes, key->length);
    out[before + key->length] = '\0';
    return before + key->length;
}

size_t th_model_key_header(void *secret, char *out, size_t size) {
    return compose(secret, "x-api-key: ", out, size);
}

size_t th_model_key_bearer(void *secret, char *out, size_t size) {
    return compose(secret, "Authorization: Bearer ", out, size);
}

bool th_model_key_occurs(const th_model_key_t *key, th_slice_t text) {
    return key && text.length > 0 && memmem(text.data, text.length, key->bytes, key->length);
}
