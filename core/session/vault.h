/* vault.h - the only place where credentials live.
 * Locked pages outside core dumps, guarded (libsodium), wiped on release. A secret is a handle; its
 * bytes come out only as the Authorization line written into memory that the caller wipes.
 * One vault per worker; not for more than one thread. */
#ifndef TH_SESSION_VAULT_H
#define TH_SESSION_VAULT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"

#define TH_SECRET_MAX 8192 /* bytes; a long JWT fits (security.md: 8 KB) */

typedef struct th_vault th_vault_t;
typedef struct th_secret th_secret_t;

/* At most <maximum> secrets at once. NULL with <error> when pages cannot be locked or guarded. */
th_vault_t *th_vault_open(size_t maximum, th_error_t *error);
void th_vault_close(th_vault_t *vault); /* wipes all */
size_t th_vault_count(const th_vault_t *vault);

/* Copies <key> in. NULL with <error> "vault_full", "too_large" or "bad_credential" (bytes outside
 * 0x21-0x7e). The caller then overwrites its own copy. */
th_secret_t *th_vault_keep(th_vault_t *vault, th_slice_t key, th_error_t *error);
void th_vault_release(th_vault_t *vault, th_secret_t *secret); /* wipes; NULL is fine */

/* th_api_credential_t: writes "Authorization: Bearer <key>" and returns its length, 0 if it does
 * not fit. */
size_t th_secret_authorization(void *secret, char *out, size_t size);

#endif
