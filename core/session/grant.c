/* grant.c - one verified use of a credential; the last grant of an entry takes the secret with it.
 */
#include <stdlib.h>

#include "session/internal.h"
#include "session/policy.h"

th_grant_t *th_grant_new(th_entry_t *entry) {
    th_grant_t *grant = malloc(sizeof *grant);
    if (!grant) return NULL;
    *grant = (th_grant_t){.entry = entry, .references = 1, .profile = -1};
    entry->grants++;
    return grant;
}

th_grant_t *th_grant_ref(th_grant_t *grant) {
    grant->references++;
    return grant;
}

void th_grant_unref(th_grant_t *grant) {
    if (!grant || --grant->references > 0) return;
    grant->entry->grants--;
    th_entry_unpinned(grant->entry);
    free(grant);
}

const th_call_person_t *th_grant_person(const th_grant_t *grant) {
    return &grant->entry->person;
}

const char *th_grant_principal(const th_grant_t *grant) {
    return grant->entry->principal;
}

static th_policy_t policy_of(const th_grant_t *grant) {
    const th_entry_t *entry = grant->entry;
    return (th_policy_t){.settings = entry->sessions->worker->settings,
                         .scopes = entry->scopes,
                         .role = entry->person.role,
                         .profile = grant->profile};
}

bool th_grant_set_profile(th_grant_t *grant, th_slice_t name, th_error_t *error) {
    int profile = th_policy_profile(name);
    if (profile < 0)
        return th_error_set(error, "unknown_profile",
                            "There is no profile \"%.*s\"; there are all, operator, builder, admin "
                            "and compact.",
                            (int)(name.length > 40 ? 40 : name.length), name.data);
    grant->profile = profile;
    return true;
}

bool th_grant_allows(const th_grant_t *grant, const th_item_t *tool, th_error_t *error) {
    return th_grant_allows_through(grant, tool, NULL, error);
}

bool th_grant_allows_through(const th_grant_t *grant, const th_item_t *tool, const th_item_t *relay,
                             th_error_t *error) {
    th_policy_t policy = policy_of(grant);
    return th_policy_allows(&policy, tool, relay, error);
}

bool th_grant_allows_route(const th_grant_t *grant, const char *domain, th_effect_t effect,
                           th_error_t *error) {
    th_policy_t policy = policy_of(grant);
    return th_policy_allows_route(&policy, domain, effect, error);
}

bool th_grant_missing_scope(const th_grant_t *grant, const th_item_t *item, char *scope,
                            size_t size) {
    return th_policy_missing(grant->entry->scopes, item, scope, size);
}

const char *th_grant_scopes(const th_grant_t *grant) {
    return grant->entry->scopes;
}
