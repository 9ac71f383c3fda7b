/* consent.h - a person's yes to a change, asked for where calls start.
 * In a session that requires consent, th_session_start refuses every call whose effect is not
 * `read` (code "needs_approval") unless
 *   - it names an approval that th_consent_grant made: unspent, not expired, of the same tool
 *     definition and of equal arguments; it is spent by that start, whatever the call comes to; or
 *   - the person chose "for this session" for exactly this definition of the tool.
 * What runs without one is a preview (TH_CALL_PREVIEW), which can only read, so that there is
 * something to show the person. Both live in the session and end with it. A reload that changes a
 * tool changes its definition's digest, so nothing given before fits any more. Only core/chat calls
 * th_consent_grant, with what a signed-in person's own connection sent: there is no way here from a
 * model's output, from Lua or from MCP. What is refused is logged, with the principal and the
 * reason. */
#ifndef TH_SESSION_CONSENT_H
#define TH_SESSION_CONSENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "session/session.h"

typedef struct th_consent_limits {
    unsigned pending;  /* cards at once, shown or approved, not yet run */
    unsigned standing; /* tools approved for the session */
    int64_t life;      /* ms from the proposal to the start of the call */
} th_consent_limits_t;

typedef enum th_consent_scope { TH_CONSENT_ONCE, TH_CONSENT_SESSION } th_consent_scope_t;

/* From now on, for good. Such a session is also never found by th_session_find: an MCP client that
 * knows its id gets no hold of it. To be called before its first call. False: no memory. */
bool th_session_require_consent(th_session_t *session, const th_consent_limits_t *limits,
                                th_error_t *error);

/* Must the person be asked before <item> runs in this session? */
bool th_consent_needed(const th_session_t *session, const th_item_t *item);

typedef struct th_proposal {
    char id[TH_ID_SIZE];
    char digest[TH_DIGEST_HEX_SIZE]; /* of the tool's definition and the arguments: what the yes
                                        has to repeat */
    int64_t life;                    /* ms left */
} th_proposal_t;

/* What is about to be put before the person. <arguments> are kept (a reference on their document).
 * False with "too_many_approvals" or "no_memory". */
bool th_consent_propose(th_session_t *session, const th_item_t *item, th_json_value_t arguments,
                        th_proposal_t *proposal, th_error_t *error);

/* The person's yes to the card <id> with the <digest> that was shown. <edited> replaces the
 * arguments (absent = as shown): the call must then be started with exactly those. False with
 * "unknown_approval" (never proposed, already spent or denied), "expired", "changed" (another
 * digest), "given" (already said yes to), or "never_standing" (an effect of remove, or too many
 * standing ones): nothing was given then, and the card stands. */
bool th_consent_grant(th_session_t *session, th_slice_t id, th_slice_t digest,
                      th_json_value_t edited, th_consent_scope_t scope, th_error_t *error);

/* Denied, withdrawn, expired: the card is gone. False when there was none. */
bool th_consent_withdraw(th_session_t *session, th_slice_t id);

/* "For this session" taken back: of the tool of that name, or of all (empty). The number dropped.
 */
unsigned th_consent_revoke(th_session_t *session, th_slice_t tool);

#endif
