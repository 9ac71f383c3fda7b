/* auth.c - opening, closing, and the one question: is this credential good here? */
#include <cjose/util.h>
#include <jansson.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/auth_internal.h"
#include "auth/token.h"
#include "base/clock.h"

#define PEM_MAX (64 * 1024)

/* --- memory of the libraries ------------------------------------------------------------------ */

static void wiping_free(void *block) {
    if (!block) return;
    explicit_bzero(block, malloc_usable_size(block));
    free(block);
}

static void *wiping_realloc(void *block, size_t size) {
    void *moved = malloc(size);
    if (!moved || !block) return moved;
    size_t had = malloc_usable_size(block);
    memcpy(moved, block, size < had ? size : had);
    wiping_free(block);
    return moved;
}

void th_auth_global_start(void) {
    json_set_alloc_funcs(malloc, wiping_free);
    json_object_seed(0); /* from the system's randomness, before threads could race for it */
    cjose_set_alloc_funcs(malloc, wiping_realloc, wiping_free);
}

/* --- life ------------------------------------------------------------------------------------- */

static bool read_file(const char *path, th_buffer_t *out, th_error_t *error) {
    char block[4096];
    FILE *file = fopen(path, "re");
    if (!file)
        return th_error_set(error, "bad_setting", "auth.public_key: %.200s cannot be read: %m",
                            path);
    for (size_t got; (got = fread(block, 1, sizeof block, file)) > 0;)
        (void)th_buffer_add(out, block, got);
    bool fine = !ferror(file) && !out->failed;
    (void)fclose(file);
    if (fine) return true;
    return th_error_set(error, "bad_setting",
                        "auth.public_key: %.200s cannot be read, or is over %d bytes", path,
                        PEM_MAX);
}

/* At start, before the loop runs: reading a file may block. */
static bool pin_keys(th_auth_t *auth, const char *path, th_error_t *error) {
    th_error_t why;
    th_buffer_t pem;
    th_buffer_init(&pem, PEM_MAX);
    bool fine = read_file(path, &pem, error);
    if (fine && !th_keys_read_pem(&auth->keys, th_buffer_slice(&pem), &why))
        fine = th_error_set(error, "bad_setting", "auth.public_key: %.200s: %s", path, why.message);
    th_buffer_reset(&pem);
    auth->pinned = fine;
    return fine;
}

th_auth_t *th_auth_open(th_worker_t *worker, th_error_t *error) {
    th_auth_t *auth = calloc(1, sizeof *auth);
    if (!auth) {
        th_error_set(error, "no_memory", "no memory for authorization");
        return NULL;
    }
    auth->worker = worker;
    th_list_init(&auth->waiters);
    th_discovery_open(auth);
    const th_settings_t *settings = worker->settings;
    if (settings->auth_mode == TH_AUTH_MODE_KEYS || !settings->auth_public_key[0] ||
        pin_keys(auth, settings->auth_public_key, error))
        return auth;
    th_auth_close(auth);
    return NULL;
}

void th_auth_close(th_auth_t *auth) {
    if (!auth) return;
    th_discovery_close(auth);
    while (!th_list_is_empty(&auth->waiters)) /* whoever is left must not point at freed memory */
        th_list_remove(auth->waiters.next);
    th_keys_free(&auth->keys);
    free(auth);
}

/* --- the question ----------------------------------------------------------------------------- */

static th_auth_verdict_t unavailable(th_error_t *why) {
    th_error_set(why, "unavailable",
                 "The access token cannot be checked: its issuer's keys cannot be fetched. Try "
                 "again shortly.");
    return TH_AUTH_UNAVAILABLE;
}

/* No key here can have signed it. Newer ones might, but a made-up key id must not make this host
 * hammer the issuer: between two fetches it is refused. */
static th_auth_verdict_t seek_key(th_auth_t *auth, th_error_t *why) {
    if (auth->pinned) return TH_AUTH_IS_BAD;
    if (th_key_set_fetch(auth)) return TH_AUTH_WAIT;
    return auth->keys.count > 0 ? TH_AUTH_IS_BAD : unavailable(why);
}

static th_auth_verdict_t check_token(th_auth_t *auth, th_slice_t token, th_token_facts_t *facts,
                                     th_error_t *why) {
    const th_settings_t *settings = auth->worker->settings;
    const th_token_rules_t rules = {.issuer = settings->auth_issuer,
                                    .audience = settings->auth_audience,
                                    .resource = settings->mcp_resource_url,
                                    .now = th_clock_wall_ms() / 1000};
    uint64_t now = th_clock_monotonic_ms();
    th_keys_sweep(&auth->keys, now);
    /* A set that has grown old is renewed aside, so that a withdrawn key is noticed. */
    if (!auth->pinned && auth->keys.count > 0 && now >= auth->refresh_at)
        (void)th_key_set_fetch(auth);
    switch (th_token_verify(auth->worker->parser, &auth->keys, token, &rules, facts, why)) {
    case TH_TOKEN_GOOD: return TH_AUTH_IS_GOOD;
    case TH_TOKEN_BAD: return TH_AUTH_IS_BAD;
    case TH_TOKEN_UNKNOWN_KEY: return seek_key(auth, why);
    }
    return TH_AUTH_IS_BAD;
}

th_auth_verdict_t th_auth_check(th_auth_t *auth, th_slice_t credential, th_token_facts_t *facts,
                                th_error_t *why) {
    int64_t mode = auth->worker->settings->auth_mode;
    if (mode == TH_AUTH_MODE_KEYS) return TH_AUTH_IS_KEY;
    if (th_token_is_one(credential)) return check_token(auth, credential, facts, why);
    if (mode == TH_AUTH_MODE_BOTH) return TH_AUTH_IS_KEY;
    th_error_set(why, "invalid_token",
                 "This is not an access token. Sign in at the authorization server that this "
                 "host's metadata name; personal API keys are not accepted here.");
    return TH_AUTH_IS_BAD;
}

void th_auth_wait(th_auth_t *auth, th_auth_waiter_t *waiter) {
    th_list_add_tail(&auth->waiters, &waiter->link);
}
