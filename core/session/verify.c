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

/* The two questions to the API about one entry. */
typedef struct verifier {
    th_entry_t *entry;
    th_api_call_t *me, *organization; /* NULL once answered */
    th_call_person_t person;          /* the entry's is in use by calls until this one is known */
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
    entry->grants--;
    th_entry_unpinned(entry);
}

static void copy_text(th_json_value_t object, const char *key, char *out, size_t size) {
    th_slice_t text;
    if (!th_json_string(th_json_member(object, key), &text)) return;
    (void)snprintf(out, size, "%.*s", (int)(text.length < size ? text.length : size), text.data);
    th_text_trim(out, size);
}

/* The person as `GET me` describes them (api.md 7): the object is in `data`. */
static bool read_person(verifier_t *verifier, th_json_value_t root) {
    th_entry_t *entry = verifier->entry;
    th_json_value_t user = th_json_member(root, "data");
    if (!th_json_is_object(user)) user = root;
    th_call_person_t *person = &verifier->person;
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
    copy_text(user, "timezone", person->timezone, sizeof person->timezone);
    char format[32] = "";
    copy_text(user, "date_format", format, sizeof format);
    person->day_first = format[0] == 'd' || format[0] == 'D';
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
    if (refusal == TH_REFUSAL_NONE) entry->person = verifier->person;
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
    else if (!read_person(verifier, th_json_root(answer->document))) {
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

/* {"Monday": true, ...} as bits, Monday first (api.md 7); 0 when nothing usable is there. */
static unsigned working_days(th_json_value_t days) {
    static const char *const names[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                        "Friday", "Saturday", "Sunday"};
    unsigned bits = 0;
    for (unsigned i = 0; i < 7; i++) {
        bool works;
        if (th_json_boolean(th_json_member(days, names[i]), &works) && works) bits |= 1u << i;
    }
    return bits;
}

/* Only for its name and habits: `me` alone decides whether the person belongs to it. */
static void on_organization(void *arg, const th_api_answer_t *answer) {
    verifier_t *verifier = arg;
    verifier->organization = NULL;
    if (!answer->error) {
        th_json_value_t root = th_json_root(answer->document);
        th_json_value_t organization = th_json_member(root, "data");
        th_call_person_t *person = &verifier->person;
        copy_text(organization, "name", person->org_name, sizeof person->org_name);
        copy_text(organization, "timezone", person->org_timezone, sizeof person->org_timezone);
        person->working_days = working_days(th_json_member(organization, "working_days"));
    }
    if (!verifier->me) verifier_finish(verifier);
}

static bool verifier_start(th_entry_t *entry, th_error_t *error) {
    verifier_t *verifier = calloc(1, sizeof *verifier);
    if (!verifier) return th_error_set(error, "no_memory", "no memory for a verification");
    verifier->entry = entry;
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
    if (org.length == 0 || org.length >= TH_ORG_ID_SIZE) return false;
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

void th_sessions_derive_key(const th_sessions_t *sessions, const char *purpose,
                            unsigned char key[static 32]) {
    const th_slice_t parts[] = {TH_SLICE("derived"), th_slice_of(purpose)};
    th_digest_t digest = th_hash_parts(sessions->key, parts, 2);
    memcpy(key, digest.bytes, sizeof digest.bytes);
    explicit_bzero(&digest, sizeof digest);
}

/* A token that was good when it came is good no longer than it says. */
static bool has_expired(const th_entry_t *entry) {
    return entry->expires_at > 0 &&
           th_clock_wall_ms() / 1000 >= entry->expires_at + TH_TOKEN_SKEW_S;
}

static bool answer_is_known(const th_entry_t *entry) {
    uint64_t quiet = th_clock_monotonic_ms() - entry->used_at;
    const th_settings_t *settings = entry->sessions->worker->settings;
    if (has_expired(entry)) return false;
    if (entry->state == ENTRY_VERIFIED) return quiet < (uint64_t)settings->session_verify_again;
    return entry->state == ENTRY_REFUSED && quiet < (uint64_t)settings->session_refusal_memory;
}

static void answer(th_question_t *question, th_grant_t *grant, th_refusal_t refusal,
                   const th_error_t *why) {
    free(question->handle);
    question->handle = NULL;
    question->done(question->arg, grant, refusal, why);
}

void th_question_refuse(th_question_t *question, th_refusal_t refusal, const th_error_t *why) {
    answer(question, NULL, refusal, why);
}

/* Answers at once from memory. */
static void answer_now(th_entry_t *entry, th_question_t *question) {
    if (entry->state == ENTRY_REFUSED) {
        answer(question, NULL, entry->refusal, &entry->why);
        return;
    }
    th_entry_touch(entry);
    th_grant_t *grant = th_grant_new(entry);
    answer(question, grant, grant ? TH_REFUSAL_NONE : TH_REFUSAL_BUSY, &entry->why);
}

static void refuse_busy(th_entry_t *entry, const th_error_t *why, th_question_t *question) {
    if (entry && !th_entry_is_pinned(entry)) th_entry_release_secret(entry);
    bool malformed =
        strcmp(why->code, "bad_credential") == 0 || strcmp(why->code, "too_large") == 0;
    answer(question, NULL, malformed ? TH_REFUSAL_BAD_CREDENTIAL : TH_REFUSAL_BUSY, why);
}

static th_verification_t *wait_for(th_entry_t *entry, th_question_t *question) {
    th_verification_t *waiter =
        question->handle ? question->handle : calloc(1, sizeof *question->handle);
    if (!waiter) {
        th_error_t why;
        th_error_set(&why, "no_memory", "no memory for a verification");
        answer(question, NULL, TH_REFUSAL_BUSY, &why);
        return NULL;
    }
    *waiter = (th_verification_t){
        .done = question->done, .arg = question->arg, .sessions = question->sessions};
    th_list_init(&waiter->link);
    th_list_init(&waiter->keys.link);
    th_list_add_tail(&entry->waiting, &waiter->link);
    return waiter;
}

/* A token limited to scopes that cannot be read, or to none at all, may do nothing: blank is not
 * empty, which would be without limits. */
static void read_scopes(th_entry_t *entry, th_slice_t api_key) {
    th_json_parser_t *parser = entry->sessions->worker->parser;
    entry->scopes[0] = '\0';
    if (!th_jwt_claim(parser, api_key, "mcp_scopes", entry->scopes, sizeof entry->scopes) &&
        th_jwt_has_claim(parser, api_key, "mcp_scopes"))
        (void)snprintf(entry->scopes, sizeof entry->scopes, " ");
}

/* Answers from what is remembered, or joins those who wait. False when there is nothing to go by:
 * the clocks are read once, here, so that what was found stale is checked as if it were new. */
static bool recall(th_question_t *question, th_verification_t **handle) {
    th_sessions_t *sessions = question->sessions;
    th_error_t why = {0};
    th_digest_t digest = digest_of(sessions, question->api_key, question->org_id);
    th_entry_t *entry = th_table_get(sessions->entries_by_digest, th_digest_slice(&digest));
    *handle = NULL;
    if (!entry) return false;
    if (entry->state == ENTRY_VERIFYING && !has_expired(entry)) {
        *handle = wait_for(entry, question);
        return true;
    }
    if (!answer_is_known(entry)) return false;
    if (!entry->secret && entry->state != ENTRY_REFUSED)
        entry->secret = th_vault_keep(sessions->vault, question->api_key, &why);
    if (entry->secret || entry->state == ENTRY_REFUSED)
        answer_now(entry, question);
    else
        refuse_busy(entry, &why, question);
    return true;
}

/* A credential just found to be no token (<facts> NULL), or a good one: whose it is, the API says.
 */
static th_verification_t *ask_api(th_question_t *question, const th_token_facts_t *facts) {
    th_sessions_t *sessions = question->sessions;
    th_error_t why = {0};
    th_digest_t digest = digest_of(sessions, question->api_key, question->org_id);
    th_entry_t *entry = th_table_get(sessions->entries_by_digest, th_digest_slice(&digest));
    if (!entry) entry = th_entry_new(sessions, &digest, question->org_id, &why);
    if (!entry) {
        refuse_busy(entry, &why, question);
        return NULL;
    }
    if (entry->state == ENTRY_VERIFYING) return wait_for(entry, question);
    if (!entry->secret) entry->secret = th_vault_keep(sessions->vault, question->api_key, &why);
    entry->expires_at = facts ? facts->expires_at : 0;
    if (facts)
        memcpy(entry->scopes, facts->scopes, sizeof entry->scopes);
    else
        read_scopes(entry, question->api_key);
    if (!entry->secret || !verifier_start(entry, &why)) {
        refuse_busy(entry, &why, question);
        return NULL;
    }
    return wait_for(entry, question);
}

static void refuse_token(th_question_t *question, th_auth_verdict_t verdict,
                         const th_error_t *why) {
    bool bad = verdict == TH_AUTH_IS_BAD;
    if (bad)
        th_log(question->sessions->worker->log, TH_LOG_NOTICE, "session", "token refused: %s",
               why->message);
    answer(question, NULL, bad ? TH_REFUSAL_BAD_CREDENTIAL : TH_REFUSAL_UNAVAILABLE, why);
}

/* What is wrong with a token comes before what is wrong with the request. */
th_verification_t *th_question_ask(th_question_t *question) {
    th_sessions_t *sessions = question->sessions;
    th_slice_t named = question->org_id;
    th_error_t why = {0}, no_org = {0};
    th_token_facts_t facts = {0};
    th_verification_t *handle;
    if (sessions->stopping) {
        th_error_set(&why, "unavailable", "The host is shutting down.");
        answer(question, NULL, TH_REFUSAL_UNAVAILABLE, &why);
        return NULL;
    }
    th_refusal_t refusal = find_org(sessions, question->api_key, &question->org_id, question->claim,
                                    sizeof question->claim, &no_org);
    if (refusal == TH_REFUSAL_NONE && recall(question, &handle)) return handle;
    th_auth_verdict_t verdict = TH_AUTH_IS_KEY;
    if (sessions->auth) verdict = th_auth_check(sessions->auth, question->api_key, &facts, &why);
    if (verdict == TH_AUTH_IS_BAD || verdict == TH_AUTH_UNAVAILABLE) {
        refuse_token(question, verdict, &why);
        return NULL;
    }
    if (verdict == TH_AUTH_WAIT && named.length < TH_ORG_ID_SIZE) {
        question->org_id = named;
        return th_token_wait(question);
    }
    if (refusal != TH_REFUSAL_NONE) {
        answer(question, NULL, refusal, &no_org);
        return NULL;
    }
    return ask_api(question, verdict == TH_AUTH_IS_GOOD ? &facts : NULL);
}

th_verification_t *th_sessions_verify(th_sessions_t *sessions, th_slice_t api_key,
                                      th_slice_t org_id, th_verified_t done, void *arg) {
    th_question_t question = {
        .sessions = sessions, .api_key = api_key, .org_id = org_id, .done = done, .arg = arg};
    if (api_key.length > 0) return th_question_ask(&question);
    th_error_t why;
    th_error_set(&why, "invalid_request",
                 "No credential was sent. Send it in the header "
                 "Authorization: Bearer <your Tallyfy key>.");
    answer(&question, NULL, TH_REFUSAL_NO_CREDENTIAL, &why);
    return NULL;
}

void th_verification_cancel(th_verification_t *verification) {
    if (!verification) return;
    th_list_remove(
        &verification->link); /* the question itself goes on: the answer is worth keeping */
    th_list_remove(&verification->keys.link);
    th_vault_release(verification->sessions->vault, verification->secret);
    free(verification);
}

void th_verifications_stop(th_sessions_t *sessions) {
    th_token_waits_stop(sessions);
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
