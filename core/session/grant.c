/* grant.c - one verified use of a credential; the last grant of an entry takes the secret with it.
 */
#include <stdlib.h>

#include "session/internal.h"
#include "session/policy.h"

th_grant_t *th_grant_new(th_entry_t *entry) {
    th_grant_t *grant = malloc(sizeof *grant);
    if (!grant) return NULL;
    *grant = (th_grant_t){entry, 1};
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

bool th_grant_allows(const th_grant_t *grant, const th_item_t *tool, th_error_t *error) {
    return th_policy_allows(grant->entry->scopes, tool, error);
}

bool th_grant_missing_scope(const th_grant_t *grant, const th_item_t *item, char *scope,
                            size_t size) {
    return th_policy_missing(grant->entry->scopes, item, scope, size);
}

const char *th_grant_scopes(const th_grant_t *grant) {
    return grant->entry->scopes;
}

bool th_grant_is_restricted(const th_grant_t *grant) {
    return grant->entry->scopes[0] != '\0';
}
