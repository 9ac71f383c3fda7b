/* vault.c - slabs of fixed slots in libsodium's guarded, locked memory; one slot per secret.
 * Two slot sizes, so that thousands of short keys do not lock megabytes and a long JWT still fits.
 * Slabs are made when needed and kept until the vault closes: their count is bounded by `maximum`.
 */
#include "session/vault.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/list.h"

#define SHORT_SLOT 512
#define LONG_SLOT TH_SECRET_MAX
#define SHORT_SLOTS 64
#define LONG_SLOTS 4

typedef struct slab {
    th_list_t link;
    unsigned char *bytes; /* slot_size * slots, guarded and locked */
    size_t slot_size;
    unsigned slots;
    uint64_t taken; /* bit per slot */
} slab_t;

struct th_vault {
    th_list_t slabs;
    size_t maximum;
    size_t count;
};

struct th_secret {
    slab_t *slab;
    unsigned slot;
    size_t length;
};

th_vault_t *th_vault_open(size_t maximum, th_error_t *error) {
    th_vault_t *vault = calloc(1, sizeof *vault);
    if (!vault) {
        th_error_set(error, "no_memory", "no memory for the vault");
        return NULL;
    }
    th_list_init(&vault->slabs);
    vault->maximum = maximum;
    return vault;
}

void th_vault_close(th_vault_t *vault) {
    if (!vault) return;
    th_list_t *first;
    while ((first = th_list_take_first(&vault->slabs))) {
        slab_t *slab = TH_CONTAINER(first, slab_t, link);
        sodium_free(slab->bytes); /* wipes */
        free(slab);
    }
    free(vault);
}

size_t th_vault_count(const th_vault_t *vault) {
    return vault->count;
}

/* sodium_malloc locks the pages and keeps them out of core dumps, but does not say when locking
 * failed: locking again does. A credential in swappable memory is refused, not tolerated. */
static slab_t *slab_add(th_vault_t *vault, size_t slot_size, unsigned slots, th_error_t *error) {
    slab_t *slab = calloc(1, sizeof *slab);
    unsigned char *bytes = slab ? sodium_malloc(slot_size * slots) : NULL;
    if (!bytes) {
        free(slab);
        th_error_set(error, "no_memory", "no memory for the vault");
        return NULL;
    }
    if (sodium_mlock(bytes, slot_size * slots) != 0) {
        th_error_set(error, "cannot_lock",
                     "memory for credentials cannot be locked (%s); raise the limit of locked "
                     "memory (ulimit -l, LimitMEMLOCK=) to at least 64 MB",
                     strerror(errno));
        sodium_free(bytes);
        free(slab);
        return NULL;
    }
    uintptr_t page = (uintptr_t)bytes & ~(uintptr_t)4095;
    (void)madvise((void *)page, (uintptr_t)bytes + slot_size * slots - page,
                  MADV_WIPEONFORK); /* a second line: the program never forks with secrets */
    *slab = (slab_t){.bytes = bytes, .slot_size = slot_size, .slots = slots};
    th_list_add_tail(&vault->slabs, &slab->link);
    return slab;
}

static slab_t *slab_with_room(th_vault_t *vault, size_t length, th_error_t *error) {
    size_t slot_size = length <= SHORT_SLOT ? SHORT_SLOT : LONG_SLOT;
    unsigned slots = slot_size == SHORT_SLOT ? SHORT_SLOTS : LONG_SLOTS;
    for (th_list_t *at = vault->slabs.next; at != &vault->slabs; at = at->next) {
        slab_t *slab = TH_CONTAINER(at, slab_t, link);
        uint64_t full = slab->slots == 64 ? UINT64_MAX : (UINT64_C(1) << slab->slots) - 1;
        if (slab->slot_size == slot_size && slab->taken != full) return slab;
    }
    return slab_add(vault, slot_size, slots, error);
}

static bool is_usable(th_slice_t key, th_error_t *error) {
    if (key.length == 0) return th_error_set(error, "bad_credential", "the credential is empty");
    if (key.length > TH_SECRET_MAX)
        return th_error_set(error, "too_large", "the credential is longer than %d bytes",
                            TH_SECRET_MAX);
    for (size_t i = 0; i < key.length; i++) {
        unsigned char c = (unsigned char)key.data[i];
        if (c < 0x21 || c > 0x7e)
            return th_error_set(error, "bad_credential",
                                "the credential holds a blank, a control byte or a non-ASCII byte");
    }
    return true;
}

th_secret_t *th_vault_keep(th_vault_t *vault, th_slice_t key, th_error_t *error) {
    if (!is_usable(key, error)) return NULL;
    if (vault->count >= vault->maximum) {
        th_error_set(error, "vault_full", "%zu credentials are in use, the most allowed",
                     vault->count);
        return NULL;
    }
    th_secret_t *secret = calloc(1, sizeof *secret);
    slab_t *slab = secret ? slab_with_room(vault, key.length, error) : NULL;
    if (!slab) {
        if (!secret) th_error_set(error, "no_memory", "no memory for a credential");
        free(secret);
        return NULL;
    }
    unsigned slot = (unsigned)__builtin_ctzll(~slab->taken);
    slab->taken |= UINT64_C(1) << slot;
    memcpy(slab->bytes + slot * slab->slot_size, key.data, key.length);
    *secret = (th_secret_t){slab, slot, key.length};
    vault->count++;
    return secret;
}

static unsigned char *bytes_of(const th_secret_t *secret) {
    return secret->slab->bytes + secret->slot * secret->slab->slot_size;
}

void th_vault_release(th_vault_t *vault, th_secret_t *secret) {
    if (!secret) return;
    sodium_memzero(bytes_of(secret), secret->slab->slot_size);
    secret->slab->taken &= ~(UINT64_C(1) << secret->slot);
    vault->count--;
    free(secret);
}

size_t th_secret_authorization(void *secret_pointer, char *out, size_t size) {
    static const char scheme[] = "Authorization: Bearer ";
    const th_secret_t *secret = secret_pointer;
    if (!secret) return 0;
    size_t length = sizeof scheme - 1 + secret->length;
    if (length >= size) return 0;
    memcpy(out, scheme, sizeof scheme - 1);
    memcpy(out + sizeof scheme - 1, bytes_of(secret), secret->length);
    out[length] = '\0';
    return length;
}
