/* session.h - who acts, and their place in the host.
 * A credential is verified against the Tallyfy API (GET /organizations/{org}/me and the
 * organisation) before anything is stored; what is remembered of an HTTP client's key is a keyed
 * hash and when it was last verified. A session belongs to the principal that opened it; its id is
 * never a credential. One th_sessions_t per worker. All requests of one credential reach the same
 * worker (see th_sessions_home), so that limits per principal hold without sharing. */
#ifndef TH_SESSION_SESSION_H
#define TH_SESSION_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/auth.h"
#include "base/error.h"
#include "base/random.h"
#include "base/slice.h"
#include "loop/worker.h"
#include "script/call.h"
#include "script/catalogue.h"

typedef struct th_sessions th_sessions_t;
typedef struct th_session th_session_t;
typedef struct th_grant th_grant_t;
typedef struct th_running th_running_t;

/* <key> of 32 bytes, made at start, the same for all workers: credential hashes and routing. */
th_sessions_t *th_sessions_open(th_worker_t *worker, const unsigned char key[static 32],
                                th_catalogue_t *catalogue, th_error_t *error);
void th_sessions_close(th_sessions_t *sessions); /* after the loop ran dry */
/* From now on credentials are checked by <auth> (borrowed) before the API is asked about them.
 * Without it, as for stdio, every credential is a key that the API decides about. */
void th_sessions_set_auth(th_sessions_t *sessions, th_auth_t *auth);

/* Which worker serves this credential: the same answer on every worker. */
unsigned th_sessions_home(const th_sessions_t *sessions, th_slice_t api_key, th_slice_t org_id);
/* A key of its own for <purpose>, made of the one above: the same on every worker. */
void th_sessions_derive_key(const th_sessions_t *sessions, const char *purpose,
                            unsigned char key[static 32]);

/* The generation new calls use. A reference is taken; sessions are told through their on_tools. */
void th_sessions_set_catalogue(th_sessions_t *sessions, th_catalogue_t *catalogue);
th_catalogue_t *th_sessions_catalogue(const th_sessions_t *sessions); /* borrowed */

/* --- authentication ------------------------------------------------------------------------- */

/* A grant: one verified use of a credential. Holds the secret in the vault for as long as it lives:
 * an HTTP request's calls, or a stdio session. Reference-counted within the worker. */
th_grant_t *th_grant_ref(th_grant_t *grant);
void th_grant_unref(th_grant_t *grant); /* the last one wipes the secret */
const th_call_person_t *th_grant_person(const th_grant_t *grant);
/* First 16 hex digits of the keyed hash of user and organisation: how logs name a principal. */
const char *th_grant_principal(const th_grant_t *grant);

/* Asks the one policy function (policy.h): whether this grant may use the tool, resource or
 * prompt. */
bool th_grant_allows(const th_grant_t *grant, const th_item_t *tool, th_error_t *error);
/* The same for a tool that is reached through <relay> (the one with `relay`, or NULL), and for a
 * route of the raw API. */
bool th_grant_allows_through(const th_grant_t *grant, const th_item_t *tool, const th_item_t *relay,
                             th_error_t *error);
bool th_grant_allows_route(const th_grant_t *grant, const char *domain, th_effect_t effect,
                           th_error_t *error);
/* This use keeps to the tools of a profile ("operator"); it can only narrow. False with <error>
 * that lists the profiles. */
bool th_grant_set_profile(th_grant_t *grant, th_slice_t name, th_error_t *error);
/* For a 403 that is answered before anything runs: true when the grant's token lacks the scope that
 * the tool, resource or prompt needs; <scope> then names it. <size> of TH_SCOPE_SIZE is enough. */
#define TH_SCOPE_SIZE 64
bool th_grant_missing_scope(const th_grant_t *grant, const th_item_t *item, char *scope,
                            size_t size);
/* The scopes of its token, separated by blanks; "" or " " when it has none. Not more than a claim.
 */
const char *th_grant_scopes(const th_grant_t *grant);

typedef enum th_refusal {
    TH_REFUSAL_NONE,
    TH_REFUSAL_NO_CREDENTIAL,  /* 401 */
    TH_REFUSAL_BAD_CREDENTIAL, /* 401: the API does not know it */
    TH_REFUSAL_NO_ORG,         /* 400: no organisation was named */
    TH_REFUSAL_FORBIDDEN,      /* 403: not a member of that organisation */
    TH_REFUSAL_UNAVAILABLE,    /* 503: the API could not be asked */
    TH_REFUSAL_BUSY,           /* 503: over a limit */
} th_refusal_t;

typedef void (*th_verified_t)(void *arg, th_grant_t *grant /* taken over; NULL when refused */,
                              th_refusal_t refusal, const th_error_t *why);
typedef struct th_verification th_verification_t;

/* Verifies (or recalls the verification of) a credential. <api_key> and <org_id> are copied into
 * the vault; the caller wipes its own. When the answer is already known, <done> is called before
 * this returns and the result is NULL. Otherwise the handle can be cancelled until <done> is
 * called. Requests for the same credential while it is being verified wait for the same answer. */
th_verification_t *th_sessions_verify(th_sessions_t *sessions, th_slice_t api_key,
                                      th_slice_t org_id, th_verified_t done, void *arg);
void th_verification_cancel(th_verification_t *verification);

/* --- sessions ------------------------------------------------------------------------------- */

/* A new session of that principal: found again by its id. NULL with <error> "too_many_sessions".
 * The session belongs to the table: it ends by th_session_end, expiry or sweep. */
th_session_t *th_session_begin(th_sessions_t *sessions, const th_grant_t *grant, th_error_t *error);
/* The principal's shared session for requests without one on the wire (2026-07-28); made when
 * needed. */
th_session_t *th_session_of_principal(th_sessions_t *sessions, const th_grant_t *grant,
                                      th_error_t *error);
/* NULL when unknown, expired, of another principal, or one that asks for consent: the caller cannot
 * tell which. Counts as use. */
th_session_t *th_session_find(th_sessions_t *sessions, th_slice_t id, const th_grant_t *grant);
const char *th_session_id(const th_session_t *session);
/* Counts as use, for those who hold a session instead of finding it. */
void th_session_touch(th_session_t *session);
/* Cancels its calls, closes its state, forgets it. */
void th_session_end(th_session_t *session);

/* What the protocol layer hangs on a session (negotiated revision, streams); <drop> is called when
 * the session ends. One slot. */
void th_session_set_attachment(th_session_t *session, void *attachment, void (*drop)(void *));
void *th_session_attachment(const th_session_t *session);

/* --- calls ---------------------------------------------------------------------------------- */

/* Runs a tool in the session's state under the limits per session and in all, waiting in its queue
 * if need be. The one place where calls start: policy is asked here, arguments are validated here
 * (errors: outcome TH_CALL_FAILED with code "invalid_arguments" and a message naming path, rule and
 * allowed values), and consent is demanded here (consent.h; code "needs_approval"). <done> is
 * called exactly once, never from inside. NULL with <error> "busy". The running call keeps the
 * grant (a reference is taken) and the session alive until done. */
th_running_t *th_session_call(th_session_t *session, th_grant_t *grant, const th_tool_t *tool,
                              th_json_value_t arguments, const th_call_client_t *client,
                              void (*done)(void *arg, const th_call_result_t *result), void *arg,
                              th_error_t *error);

/* The same for everything that can be called. A TH_CALL_PREVIEW (of a tool with `previews`) needs
 * no approval, since it can only read (core/script refuses it anything else); it has no client:
 * nobody hears its progress, and it can ask nobody. The strings are copied, documents referenced.
 */
typedef struct th_session_request {
    th_call_kind_t kind;
    const th_item_t *item;     /* of th_sessions_catalogue(): tool, resource or prompt */
    const th_item_t *relay;    /* through which <item> was asked for; or NULL (unwrap sets it) */
    th_json_value_t arguments; /* of a tool or prompt; of a completion: context.arguments */
    th_slice_t uri; /* TH_CALL_RESOURCE: its variables are taken from it; code "not_found" when they
                       do not fit */
    th_slice_t argument, value;     /* TH_CALL_COMPLETE */
    th_json_value_t answers;        /* th_call_request_t.answers */
    th_slice_t approval;            /* id of the one to spend (consent.h), or empty */
    const th_call_client_t *client; /* static; its <allows> is not used: the policy is asked */
    void (*done)(void *arg, const th_call_result_t *result);
    void *arg;
} th_session_request_t;
th_running_t *th_session_start(th_session_t *session, th_grant_t *grant,
                               const th_session_request_t *request, th_error_t *error);

/* When the item is a relay (call_tool), replaces it and its arguments by the tool that it names and
 * the arguments for that, and notes the relay, so that everything that follows is about the tool
 * itself: effect, consent, schema, limits, tasks. th_session_start does it too. False with <error>:
 * the arguments do not say a tool, or name one that there is not. */
bool th_session_request_unwrap(const th_catalogue_t *catalogue, th_session_request_t *request,
                               th_error_t *error);

/* th_call_answer and th_call_has_written of a running call. */
bool th_running_answer(th_running_t *running, th_json_value_t answers);
bool th_running_has_written(const th_running_t *running);
void th_running_cancel(th_running_t *running); /* done is still called, with TH_CALL_CANCELLED */

#endif
