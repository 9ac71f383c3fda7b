/* consent.c - the approvals of a session: proposed, given, spent. */
#include "session/consent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "session/internal.h"
#include "json/writer.h"

typedef struct approval {
    th_list_t link;
    char id[TH_ID_SIZE];
    char tool[80]; /* for the log */
    th_digest_t definition;
    th_digest_t shown; /* of the definition and the arguments as they were proposed */
    th_effect_t effect;
    bool given;
    th_json_value_t arguments; /* reference on its document: what the call must carry */
    uint64_t expires_at;       /* monotonic ms */
} approval_t;

typedef struct standing {
    th_list_t link;
    char tool[80];
    th_digest_t definition;
} standing_t;

struct th_consent {
    th_consent_limits_t limits;
    th_list_t approvals, standing; /* oldest first */
    unsigned approval_count, standing_count;
};

static approval_t *approval_at(th_list_t *node) {
    return TH_CONTAINER(node, approval_t, link);
}

static standing_t *standing_at(th_list_t *node) {
    return TH_CONTAINER(node, standing_t, link);
}

/* --- the life of it ------------------------------------------------------------------------- */

bool th_session_require_consent(th_session_t *session, const th_consent_limits_t *limits,
                                th_error_t *error) {
    if (session->consent) return true;
    th_consent_t *consent = calloc(1, sizeof *consent);
    if (!consent) return th_error_set(error, "no_memory", "no memory for a session");
    consent->limits = *limits;
    th_list_init(&consent->approvals);
    th_list_init(&consent->standing);
    session->consent = consent;
    return true;
}

static void drop_approval(th_consent_t *consent, approval_t *approval) {
    th_list_remove(&approval->link);
    consent->approval_count--;
    th_json_unref(approval->arguments.document);
    free(approval);
}

static void drop_standing(th_consent_t *consent, standing_t *standing) {
    th_list_remove(&standing->link);
    consent->standing_count--;
    free(standing);
}

void th_consent_free(th_consent_t *consent) {
    if (!consent) return;
    th_list_t *node;
    while ((node = th_list_take_first(&consent->approvals)))
        drop_approval(consent, approval_at(node));
    while ((node = th_list_take_first(&consent->standing)))
        drop_standing(consent, standing_at(node));
    free(consent);
}

/* What a yes is about: the tool as this generation of the catalogue would run it. */
static th_digest_t behaviour(const th_session_t *session, const th_item_t *item) {
    return th_catalogue_behaviour(session->sessions->catalogue, item);
}

/* --- standing ------------------------------------------------------------------------------- */

static standing_t *find_standing(const th_session_t *session, const th_item_t *item) {
    const th_consent_t *consent = session->consent;
    th_digest_t definition = behaviour(session, item);
    th_list_t *end = (th_list_t *)&consent->standing;
    for (th_list_t *at = end->next; at != end; at = at->next)
        if (th_digest_equal(&standing_at(at)->definition, &definition)) return standing_at(at);
    return NULL;
}

bool th_consent_needed(const th_session_t *session, const th_item_t *item) {
    if (!session->consent || item->effect == TH_EFFECT_READ) return false;
    /* `remove` never gets to stand; asked again here because this is the door. */
    return item->effect == TH_EFFECT_REMOVE || !find_standing(session, item);
}

static bool stand(th_consent_t *consent, const approval_t *approval, th_error_t *error) {
    if (approval->effect == TH_EFFECT_REMOVE)
        return th_error_set(error, "never_standing",
                            "%s removes something, so it is asked about every time.",
                            approval->tool);
    if (consent->standing_count >= consent->limits.standing)
        return th_error_set(error, "never_standing",
                            "%u tools are approved for this session already, which is the limit. "
                            "Approve this call once instead.",
                            consent->standing_count);
    standing_t *standing = calloc(1, sizeof *standing);
    if (!standing) return th_error_set(error, "no_memory", "no memory for an approval");
    (void)snprintf(standing->tool, sizeof standing->tool, "%s", approval->tool);
    standing->definition = approval->definition;
    th_list_add_tail(&consent->standing, &standing->link);
    consent->standing_count++;
    return true;
}

unsigned th_consent_revoke(th_session_t *session, th_slice_t tool) {
    th_consent_t *consent = session->consent;
    unsigned dropped = 0;
    th_list_t *at = consent ? consent->standing.next : NULL;
    while (consent && at != &consent->standing) {
        standing_t *standing = standing_at(at);
        at = at->next;
        if (tool.length > 0 && !th_slice_equal(th_slice_of(standing->tool), tool)) continue;
        drop_standing(consent, standing);
        dropped++;
    }
    return dropped;
}

/* --- one card ------------------------------------------------------------------------------- */

/* NULL when none, or when it had expired (and is gone now). */
static approval_t *find(th_consent_t *consent, th_slice_t id, bool *expired) {
    for (th_list_t *at = consent->approvals.next; at != &consent->approvals; at = at->next) {
        approval_t *approval = approval_at(at);
        if (!th_slice_equal(th_slice_of(approval->id), id)) continue;
        *expired = th_clock_monotonic_ms() >= approval->expires_at;
        if (!*expired) return approval;
        drop_approval(consent, approval);
        return NULL;
    }
    return NULL;
}

/* Whoever shows cards withdraws them; what was forgotten must not fill the room for ever. */
static void drop_expired(th_consent_t *consent) {
    uint64_t now = th_clock_monotonic_ms();
    th_list_t *at = consent->approvals.next;
    while (at != &consent->approvals) {
        approval_t *approval = approval_at(at);
        at = at->next;
        if (now >= approval->expires_at) drop_approval(consent, approval);
    }
}

static bool digest_of(const th_digest_t *definition, th_json_value_t arguments, th_digest_t *digest,
                      th_error_t *error) {
    th_buffer_t text;
    th_buffer_init(&text, SIZE_MAX); /* <arguments> was within the limits of a request */
    th_json_writer_t writer;
    th_json_writer_init(&writer, &text, UINT32_MAX);
    th_json_write_value(&writer, arguments);
    bool written = th_json_writer_finish(&writer, error);
    if (written) {
        const th_slice_t parts[] = {
            th_slice((const char *)definition->bytes, sizeof definition->bytes),
            th_buffer_slice(&text),
        };
        *digest = th_hash_parts(NULL, parts, 2);
    }
    th_buffer_reset(&text);
    return written;
}

bool th_consent_propose(th_session_t *session, const th_item_t *item, th_json_value_t arguments,
                        th_proposal_t *proposal, th_error_t *error) {
    th_consent_t *consent = session->consent;
    if (!consent)
        return th_error_set(error, "not_asked", "Nobody is asked in this kind of session.");
    drop_expired(consent);
    if (th_json_type(arguments) == TH_JSON_ABSENT)
        arguments = th_json_root(session->sessions->no_arguments); /* as the start has it */
    if (consent->approval_count >= consent->limits.pending)
        return th_error_set(error, "too_many_approvals",
                            "%u changes wait for a yes or no already, which is the limit.",
                            consent->approval_count);
    approval_t *approval = calloc(1, sizeof *approval);
    if (!approval) return th_error_set(error, "no_memory", "no memory for an approval");
    approval->definition = behaviour(session, item);
    if (!digest_of(&approval->definition, arguments, &approval->shown, error)) {
        free(approval);
        return false;
    }
    th_random_id(approval->id);
    (void)snprintf(approval->tool, sizeof approval->tool, "%s", item->name);
    approval->effect = item->effect;
    approval->arguments = arguments;
    (void)th_json_ref(arguments.document);
    approval->expires_at = th_clock_monotonic_ms() + (uint64_t)consent->limits.life;
    th_list_add_tail(&consent->approvals, &approval->link);
    consent->approval_count++;
    (void)snprintf(proposal->id, sizeof proposal->id, "%s", approval->id);
    th_digest_hex(&approval->shown, proposal->digest);
    proposal->life = consent->limits.life;
    return true;
}

static bool refused(const th_session_t *session, const char *tool, const th_error_t *why) {
    th_log(session->sessions->worker->log, TH_LOG_WARNING, "consent",
           "principal=%s tool=%s approval refused: %s", session->principal, tool, why->code);
    return false;
}

/* What stands against a yes to this card. */
static bool check_yes(const approval_t *approval, th_slice_t digest, th_error_t *error) {
    char shown[TH_DIGEST_HEX_SIZE];
    th_digest_hex(&approval->shown, shown);
    if (!th_slice_equal(th_slice_of(shown), digest))
        return th_error_set(error, "changed",
                            "The card for %s that was approved is not the one that was shown: its "
                            "digest differs.",
                            approval->tool);
    if (approval->given)
        return th_error_set(error, "given", "This call of %s was approved already.",
                            approval->tool);
    return true;
}

bool th_consent_grant(th_session_t *session, th_slice_t id, th_slice_t digest,
                      th_json_value_t edited, th_consent_scope_t scope, th_error_t *error) {
    th_error_t why = {{0}, {0}};
    bool expired = false;
    approval_t *approval = session->consent ? find(session->consent, id, &expired) : NULL;
    if (!approval) {
        th_error_set(&why, expired ? "expired" : "unknown_approval",
                     expired ? "This card has expired. Ask again for the change."
                             : "There is no such card: it was answered, withdrawn or never shown.");
        if (error) *error = why;
        return refused(session, "?", &why);
    }
    if (!check_yes(approval, digest, &why) ||
        (scope == TH_CONSENT_SESSION && !stand(session->consent, approval, &why))) {
        if (error) *error = why;
        return refused(session, approval->tool, &why);
    }
    if (th_json_type(edited) != TH_JSON_ABSENT) {
        (void)th_json_ref(edited.document);
        th_json_unref(approval->arguments.document);
        approval->arguments = edited;
    }
    approval->given = true;
    th_log(session->sessions->worker->log, TH_LOG_INFO, "consent",
           "principal=%s tool=%s approved %s%s", session->principal, approval->tool,
           scope == TH_CONSENT_SESSION ? "for this session" : "once",
           th_json_type(edited) != TH_JSON_ABSENT ? ", edited" : "");
    return true;
}

bool th_consent_withdraw(th_session_t *session, th_slice_t id) {
    bool expired = false;
    approval_t *approval = session->consent ? find(session->consent, id, &expired) : NULL;
    if (approval) drop_approval(session->consent, approval);
    return approval != NULL || expired;
}

/* --- the door ------------------------------------------------------------------------------- */

/* Why this start may not spend the approval; NULL when it may. */
static const char *misfit(const approval_t *approval, const th_digest_t *definition,
                          th_json_value_t arguments) {
    if (!approval->given) return "nobody has said yes to it yet";
    if (!th_digest_equal(&approval->definition, definition))
        return "the tool has changed since, or it was given for another";
    if (!th_json_equal(approval->arguments, arguments)) return "it was given for other arguments";
    return NULL;
}

bool th_consent_spend(th_session_t *session, const th_item_t *item, th_json_value_t arguments,
                      th_slice_t id, th_error_t *error) {
    if (!th_consent_needed(session, item)) {
        (void)th_consent_withdraw(session, id); /* also spent when it was not needed in the end */
        return true;
    }
    bool expired = false;
    approval_t *approval = id.length > 0 ? find(session->consent, id, &expired) : NULL;
    const char *why = expired ? "its approval has expired" : "it has no approval";
    th_digest_t definition = behaviour(session, item);
    if (approval) why = misfit(approval, &definition, arguments);
    if (!why) {
        drop_approval(session->consent, approval);
        return true;
    }
    th_log(session->sessions->worker->log, TH_LOG_WARNING, "consent",
           "principal=%s tool=%s not started: %s", session->principal, item->name, why);
    return th_error_set(error, "needs_approval",
                        "%s changes things, so the person has to approve this call first: %s.",
                        item->name, why);
}
