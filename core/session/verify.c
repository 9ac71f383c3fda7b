/* verify.c - is this credential good, and whose is it? The API is asked once; the answer is
 * remembered under a keyed hash. Several requests that bring the same credential meanwhile wait for
 * the one answer. */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "session/internal.h"
#include "session/jwt.h"

struct th_verification {
    th_list_t link; /* th_entry.waiting */
    th_verified_t done;
    void *arg;
};

/* The two questions to the API about one entry. */
typedef struct verifier {
    th_entry_t *entry;
    th_api_call_t *me, *organization; /* NULL once answered */
    th_refusal_t refusal;
    th_error_t why;
} verifier_t;

/* --- the answer ---------------------------------------------------------------------------------
 */

/* Tells everyone who waits. A waiter may start new work, so the list is emptied first. */
static void answer_all(th_entry_t *entry, th_refusal_t refusal, const th_error_t *why) {
    th_list_t waiting;
    th_list_init(&waiting);
    while (!th_list_is_empty(&entry->waiting)) {
        th_list_t *node = entry->waiting.next;
        th_list_remove(node);
        th_list_add_tail(&waiting, node);
    }
    entry->grants++; /* pins the entry and its secret until everyone has their own grant */
    while (!th_list_is_empty(&waiting)) {
        th_verification_t *waiter = TH_CONTAINER(waiting.next, th_verification_t, link);
        th_list_remove(&waiter->link);
        th_grant_t *grant = refusal == TH_REFUSAL_NONE ? th_grant_new(entry) : NULL;
        bool no_memory = refusal == TH_REFUSAL_NONE && !grant;
        waiter->done(waiter->arg, grant, no_memory ? TH_REFUSAL_BUSY : refusal, why);
        free(waiter);
    }
    if (--entry->grants == 0) th_entry_release_secret(entry);
}

static void copy_text(th_json_value_t object, const char *key, char *out, size_t size) {
    th_slice_t text;
    if (!th_json_string(th_json_member(object, key), &text)) return;
    (void)snprintf(out, size, "%.*s", (int)(text.length < size ? text.length : size), text.data);
    th_text_trim(out, size);
}

/* The person as `GET me` describes them (api.md 7): the object is in `data`. */
static bool read_person(th_entry_t *entry, th_json_value_t root) {
    th_json_value_t user = th_json_member(root, "data");
    if (!th_json_is_object(user)) user = root;
    th_call_person_t *person = &entry->person;
    if (!th_json_integer(th_json_member(user, "id"), &person->user_id)) return false;
    copy_text(user, "full_name", person->name, sizeof person->name);
    if (person->name[0] == '\0') {
        char first[64] = "", last[64] = "";
        copy_text(user, "first_name", first, sizeof first);
        copy_text(user, "last_name", last, sizeof last);
        (void)snprintf(person->name, sizeof person->name, "%s%s%s", first, *first ? " " : "", last);
    }
    copy_text(user, "email", person->email, sizeof person->email);
    copy_text(user, "role", person->role, sizeof person->role);
    if (person->timezone[0] == '\0')
        copy_text(user, "timezone", person->timezone, sizeof person->timezone);
    (void)snprintf(person->org_id, sizeof person->org_id, "%s", entry->org_id);

    char number[24];
    int length = snprintf(number, sizeof number, "%" PRId64, person->user_id);
    th_slice_t parts[] = {th_slice(number, (size_t)length), th_slice_of(entry->org_id)};
    th_digest_t digest = th_hash_parts(entry->sessions->key, parts, 2);
    char hex[TH_DIGEST_HEX_SIZE];
    th_digest_hex(&digest, hex);
    (void)snprintf(entry->principal, sizeof entry->principal, "%.16s", hex);
    return true;
}

static void refuse(verifier_t *verifier, const th_api_error_t *error) {
    if (error->status == 401 || strcmp(error->code, "unauthenticated") == 0) {
        verifier->refusal = TH_REFUSAL_BAD_CREDENTIAL;
        th_error_set(&verifier->why, "invalid_token",
                     "Tallyfy does not accept this credential: it is wrong, expired or revoked. "
                     "Get a new one in Tallyfy under Settings > Integrations > REST API.");
    } else if (error->status == 403 || error->status == 404) {
        verifier->refusal = TH_REFUSAL_FORBIDDEN;
        th_error_set(&verifier->why, "insufficient_scope",
                     "This credential is not a member's of organization %s. Check the "
                     "organization id (Tallyfy: Settings > Organization).",
                     verifier->entry->org_id);
    } else {
        verifier->refusal = TH_REFUSAL_UNAVAILABLE;
        th_error_set(&verifier->why, "unavailable", "The credential cannot be checked: %s",
                     error->message);
    }
}

static void verifier_finish(verifier_t *verifier) {
    th_entry_t *entry = verifier->entry;
    th_refusal_t refusal = verifier->refusal;
    entry->verifier = NULL;
    entry->why = verifier->why;
    entry->refusal = refusal;
    entry->state = refusal == TH_REFUSAL_NONE          ? ENTRY_VERIFIED
                   : refusal == TH_REFUSAL_UNAVAILABLE ? ENTRY_UNKNOWN
                                                       : ENTRY_REFUSED;
    th_entry_touch(entry);
    const th_log_t *log = entry->sessions->worker->log;
    if (refusal == TH_REFUSAL_NONE)
        th_log(log, TH_LOG_INFO, "session", "principal=%s verified", entry->principal);
    else
        th_log(log, TH_LOG_NOTICE, "session", "credential refused: %s", entry->why.code);
    th_error_t why = verifier->why;
    free(verifier);
    answer_all(entry, refusal, &why);
}

static void on_me(void *arg, const th_api_answer_t *answer) {
    verifier_t *verifier = arg;
    verifier->me = NULL;
    if (answer->error)
        refuse(verifier, answer->error);
    else if (!read_person(verifier->entry, th_json_root(answer->document))) {
        verifier->refusal = TH_REFUSAL_UNAVAILABLE;
        th_error_set(&verifier->why, "unavailable",
                     "The credential cannot be checked: Tallyfy's answer about the signed-in "
                     "person has no id.");
    }
    if (verifier->refusal != TH_REFUSAL_NONE && verifier->organization) {
        th_api_cancel(verifier->organization);
        verifier->organization = NULL;
    }
    if (!verifier->organization) verifier_finish(verifier);
}

/* Only for its name and time zone: `me` alone decides whether the person belongs to it. */
static void on_organization(void *arg, const th_api_answer_t *answer) {
    verifier_t *verifier = arg;
    verifier->organization = NULL;
    if (!answer->error) {
        th_json_value_t root = th_json_root(answer->document);
        th_json_value_t organization = th_json_member(root, "data");
        th_call_person_t *person = &verifier->entry->person;
        copy_text(organization, "name", person->org_name, sizeof person->org_name);
        copy_text(organization, "timezone", person->timezone, sizeof person->timezone);
    }
    if (!verifier->me) verifier_finish(verifier);
}

static bool verifier_start(th_entry_t *entry, th_error_t *error) {
    verifier_t *verifier = calloc(1, sizeof *verifier);
    if (!verifier) return th_error_set(error, "no_memory", "no memory for a verification");
    verifier->entry = entry;
    memset(&entry->person, 0, sizeof entry->person);
    th_api_request_t me = {.method = TH_HTTP_GET, .path = TH_SLICE("/organizations/{org}/me")};
    th_api_request_t organization = {.method = TH_HTTP_GET,
                                     .path = TH_SLICE("/organizations/{org}")};
    verifier->me = th_api_start(entry->api, &me, on_me, verifier, error);
    if (!verifier->me) {
        free(verifier);
        return false;
    }
    verifier->organization =
        th_api_start(entry->api, &organization, on_organization, verifier, NULL);
    entry->verifier = verifier;
    entry->state = ENTRY_VERIFYING;
    return true;
}

/* --- the question -------------------------------------------------------------------------------
 */

static bool is_org_id(th_slice_t org) {
    if (org.length == 0 || org.length >= sizeof((th_entry_t *)0)->org_id) return false;
    for (size_t i = 0; i < org.length; i++) {
        char c = org.data[i];
        bool good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                    c == '-' || c == '_';
        if (!good) return false;
    }
    return true;
}

/* The organisation: the token's own claim, or the one named; a contradiction is refused, never
 * resolved (behaviour.md 2). <claim> of at least 64 bytes is the memory behind the result. */
static th_refusal_t find_org(th_sessions_t *sessions, th_slice_t api_key, th_slice_t *org_id,
                             char *claim, size_t size, th_error_t *why) {
    if (th_jwt_claim(sessions->worker->parser, api_key, "org_id", claim, size)) {
        if (org_id->length > 0 && !th_slice_is(*org_id, claim)) {
            th_error_set(why, "invalid_request",
                         "The organization named in the request is not the one that the token was "
                         "made for. Leave it out, or sign in to the other organization.");
            return TH_REFUSAL_NO_ORG;
        }
        *org_id = th_slice_of(claim);
    }
    if (org_id->length == 0) {
        th_error_set(
            why, "invalid_request",
            "No organization was named. Send its id in the header X-Tallyfy-Org-Id, or set "
            "TALLYFY_ORG_ID (stdio), or use a token that carries org_id.");
        return TH_REFUSAL_NO_ORG;
    }
    if (!is_org_id(*org_id)) {
        th_error_set(
            why, "invalid_request",
            "The organization id is not one: it must be 1 to 63 letters, digits, '-' or '_' "
            "(usually 32 hexadecimal digits).");
        return TH_REFUSAL_NO_ORG;
    }
    return TH_REFUSAL_NONE;
}

static th_digest_t digest_of(const th_sessions_t *sessions, th_slice_t api_key, th_slice_t org_id) {
    th_slice_t parts[] = {api_key, org_id};
    return th_hash_parts(sessions->key, parts, 2);
}

unsigned th_sessions_home(const th_sessions_t *sessions, th_slice_t api_key, th_slice_t org_id) {
    if (sessions->worker->count <= 1) return 0;
    th_digest_t digest = digest_of(sessions, api_key, org_id);
    return (unsigned)(digest.bytes[0] | digest.bytes[1] << 8) % sessions->worker->count;
}

static bool answer_is_known(const th_entry_t *entry) {
    uint64_t quiet = th_clock_monotonic_ms() - entry->used_at;
    const th_settings_t *settings = entry->sessions->worker->settings;
    if (entry->state == ENTRY_VERIFIED) return quiet < (uint64_t)settings->session_verify_again;
    return entry->state == ENTRY_REFUSED && quiet < (uint64_t)settings->session_refusal_memory;
}

/* Answers at once from memory. */
static void answer_now(th_entry_t *entry, th_verified_t done, void *arg) {
    if (entry->state == ENTRY_REFUSED) {
        done(arg, NULL, entry->refusal, &entry->why);
        return;
    }
    th_entry_touch(entry);
    th_grant_t *grant = th_grant_new(entry);
    done(arg, grant, grant ? TH_REFUSAL_NONE : TH_REFUSAL_BUSY, &entry->why);
}

static void refuse_busy(th_entry_t *entry, const th_error_t *why, th_verified_t done, void *arg) {
    if (entry && !th_entry_is_pinned(entry)) th_entry_release_secret(entry);
    bool malformed =
        strcmp(why->code, "bad_credential") == 0 || strcmp(why->code, "too_large") == 0;
    done(arg, NULL, malformed ? TH_REFUSAL_BAD_CREDENTIAL : TH_REFUSAL_BUSY, why);
}

static th_verification_t *wait_for(th_entry_t *entry, th_verified_t done, void *arg) {
    th_verification_t *waiter = malloc(sizeof *waiter);
    if (!waiter) {
        th_error_t why;
        th_error_set(&why, "no_memory", "no memory for a verification");
        done(arg, NULL, TH_REFUSAL_BUSY, &why);
        return NULL;
    }
    *waiter = (th_verification_t){.done = done, .arg = arg};
    th_list_add_tail(&entry->waiting, &waiter->link);
    return waiter;
}

th_verification_t *th_sessions_verify(th_sessions_t *sessions, th_slice_t api_key,
                                      th_slice_t org_id, th_verified_t done, void *arg) {
    th_error_t why = {0};
    if (api_key.length == 0) {
        th_error_set(&why, "invalid_request",
                     "No credential was sent. Send it in the header "
                     "Authorization: Bearer <your Tallyfy key>.");
        done(arg, NULL, TH_REFUSAL_NO_CREDENTIAL, &why);
        return NULL;
    }
    char claim[64];
    th_refusal_t refusal = find_org(sessions, api_key, &org_id, claim, sizeof claim, &why);
    if (refusal != TH_REFUSAL_NONE) {
        done(arg, NULL, refusal, &why);
        return NULL;
    }
    th_digest_t digest = digest_of(sessions, api_key, org_id);
    th_entry_t *entry = th_table_get(sessions->entries_by_digest, th_digest_slice(&digest));
    if (!entry) entry = th_entry_new(sessions, &digest, org_id, &why);
    if (sessions->stopping) th_error_set(&why, "unavailable", "The host is shutting down.");
    if (!entry || sessions->stopping) {
        refuse_busy(entry, &why, done, arg);
        return NULL;
    }
    if (entry->state == ENTRY_VERIFYING) return wait_for(entry, done, arg);
    bool known = answer_is_known(entry);
    if (!entry->secret && !(known && entry->state == ENTRY_REFUSED))
        entry->secret = th_vault_keep(sessions->vault, api_key, &why);
    if (known && (entry->secret || entry->state == ENTRY_REFUSED)) {
        answer_now(entry, done, arg);
        return NULL;
    }
    (void)th_jwt_claim(sessions->worker->parser, api_key, "mcp_scopes", entry->scopes,
                       sizeof entry->scopes);
    if (!entry->secret || !verifier_start(entry, &why)) {
        refuse_busy(entry, &why, done, arg);
        return NULL;
    }
    return wait_for(entry, done, arg);
}

void th_verification_cancel(th_verification_t *verification) {
    if (!verification) return;
    th_list_remove(
        &verification->link); /* the question itself goes on: the answer is worth keeping */
    free(verification);
}

void th_verifications_stop(th_sessions_t *sessions) {
    th_list_t *at = sessions->entries.next;
    while (at != &sessions->entries) {
        th_entry_t *entry = TH_CONTAINER(at, th_entry_t, link);
        at = at->next;
        verifier_t *verifier = entry->verifier;
        if (!verifier) continue;
        if (verifier->me) th_api_cancel(verifier->me);
        if (verifier->organization) th_api_cancel(verifier->organization);
        verifier->refusal = TH_REFUSAL_UNAVAILABLE;
        th_error_set(&verifier->why, "unavailable", "The host is shutting down.");
        verifier_finish(verifier);
    }
}
