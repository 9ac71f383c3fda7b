/* entry.c - what the host remembers of one credential in one organisation: a keyed hash, whose it
 * is, and when it was last good. The secret itself is there only while a grant or a verification
 * needs it. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "session/internal.h"

th_slice_t th_digest_slice(const th_digest_t *digest) {
    return th_slice((const char *)digest->bytes, sizeof digest->bytes);
}

bool th_entry_is_pinned(const th_entry_t *entry) {
    return entry->grants > 0 || entry->state == ENTRY_VERIFYING;
}

void th_entry_drop(th_entry_t *entry) {
    (void)th_table_remove(entry->sessions->entries_by_digest, th_digest_slice(&entry->digest));
    th_list_remove(&entry->link);
    th_entry_release_secret(entry);
    if (entry->api) th_api_close(entry->api);
    free(entry);
}

void th_entry_release_secret(th_entry_t *entry) {
    th_vault_release(entry->sessions->vault, entry->secret);
    entry->secret = NULL;
}

void th_entry_unpinned(th_entry_t *entry) {
    if (!th_entry_is_pinned(entry)) th_entry_release_secret(entry);
}

void th_entry_forget(th_entry_t *entry) {
    if (entry->state != ENTRY_VERIFYING) entry->state = ENTRY_UNKNOWN;
}

void th_entry_touch(th_entry_t *entry) {
    entry->used_at = th_clock_monotonic_ms();
    th_list_remove(&entry->link);
    th_list_add_tail(&entry->sessions->entries, &entry->link);
}

/* Entries that nothing pins leave when they are old; under <pressure> the oldest of them leaves
 * anyhow. */
void th_entries_sweep(th_sessions_t *sessions, bool pressure) {
    uint64_t now = th_clock_monotonic_ms();
    uint64_t keep = (uint64_t)sessions->worker->settings->session_idle;
    th_list_t *at = sessions->entries.next;
    while (at != &sessions->entries) {
        th_entry_t *entry = TH_CONTAINER(at, th_entry_t, link);
        at = at->next;
        if (th_entry_is_pinned(entry)) continue;
        if (!pressure && now - entry->used_at < keep) break;
        th_entry_drop(entry);
        pressure = false;
    }
}

/* What the API client asks for at send time: nothing when the secret has been wiped. */
static size_t entry_authorization(void *owner, char *out, size_t size) {
    return th_secret_authorization(((th_entry_t *)owner)->secret, out, size);
}

th_entry_t *th_entry_new(th_sessions_t *sessions, const th_digest_t *digest, th_slice_t org,
                         th_error_t *error) {
    if (th_table_count(sessions->entries_by_digest) >= sessions->entry_maximum)
        th_entries_sweep(sessions, true);
    th_entry_t *entry = calloc(1, sizeof *entry);
    if (!entry) {
        th_error_set(error, "no_memory", "no memory for a credential");
        return NULL;
    }
    entry->sessions = sessions;
    entry->digest = *digest;
    memcpy(entry->org_id, org.data, org.length);
    th_list_init(&entry->link);
    th_list_init(&entry->waiting);
    entry->api = th_api_open(sessions->worker, org, entry_authorization, entry, error);
    if (!entry->api) {
        free(entry);
        return NULL;
    }
    if (!th_table_put(sessions->entries_by_digest, th_digest_slice(digest), entry)) {
        th_error_set(error, "busy", "too many people are signed in at the moment");
        th_api_close(entry->api);
        free(entry);
        return NULL;
    }
    th_list_add_tail(&sessions->entries, &entry->link);
    return entry;
}
