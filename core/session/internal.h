/* internal.h - what the files of this folder share.
 * Ownership: th_sessions_t owns entries and sessions. An entry (one credential in one organisation)
 * is pinned by grants and by a verification under way; a session by its running calls. Whatever
 * must not be freed inside somebody's callback goes onto a list that the next turn of the loop
 * works through. */
#ifndef TH_SESSION_INTERNAL_H
#define TH_SESSION_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/list.h"
#include "base/table.h"
#include "session/session.h"
#include "session/vault.h"

#define TH_ORG_ID_SIZE 64

typedef enum entry_state {
    ENTRY_UNKNOWN,   /* never verified, forgotten, or quiet for too long */
    ENTRY_VERIFYING, /* <verifier> runs */
    ENTRY_VERIFIED,
    ENTRY_REFUSED,
} entry_state_t;

typedef struct th_entry {
    th_list_t link; /* th_sessions.entries: least recently used first */
    th_sessions_t *sessions;
    th_digest_t digest; /* keyed hash of credential and organisation: the table's key */
    entry_state_t state;
    uint64_t used_at; /* monotonic ms: last verification or use */
    unsigned grants;
    th_secret_t *secret; /* only while there are grants or a verification */
    th_api_t *api;
    char org_id[TH_ORG_ID_SIZE];
    char scopes[TH_TOKEN_SCOPES]; /* of a token that carries them; "" = not restricted */
    int64_t expires_at;           /* of a token: Unix seconds; 0 = not known */
    th_call_person_t person;
    char principal[17];
    th_refusal_t refusal; /* when ENTRY_REFUSED */
    th_error_t why;
    struct verifier *verifier; /* when ENTRY_VERIFYING */
    th_list_t waiting;         /* th_verification_t */
} th_entry_t;

struct th_grant {
    th_entry_t *entry;
    unsigned references;
    int profile; /* th_profile_t that this use asked for; -1 = none */
};

typedef struct th_consent th_consent_t;

struct th_session {
    th_list_t link; /* th_sessions.by_use: least recently used first; or .ending */
    th_sessions_t *sessions;
    char id[TH_ID_SIZE];
    char principal[17];
    char org_id[64];
    bool shared;           /* of the principal, without an id on the wire */
    th_consent_t *consent; /* NULL: nobody is asked (consent.h) */
    bool ending;           /* out of the tables; freed when the last call is gone */
    uint64_t created_at, used_at;
    th_script_t *script; /* NULL until the first call and after a quiet while */
    th_list_t running;   /* th_running_t, state RUNNING */
    unsigned running_count, queued_count;
    void *attachment;
    void (*drop)(void *attachment);
};

typedef enum running_state {
    RUNNING_QUEUED,   /* in th_sessions.queue */
    RUNNING_STARTED,  /* in th_session.running */
    RUNNING_FINISHED, /* in th_sessions.finished: its outcome is known, done not called yet */
} running_state_t;

typedef struct th_running_text {
    char *text; /* owned; NULL = none */
    size_t length;
} th_running_text_t;

struct th_running {
    th_list_t link;
    th_session_t *session;
    running_state_t state;
    th_grant_t *grant;
    th_catalogue_t *catalogue; /* reference: keeps <tool> */
    th_call_kind_t kind;
    const th_item_t *tool;
    const th_item_t *relay;    /* through which it was asked for; or NULL */
    th_json_value_t arguments; /* reference on its document */
    th_json_value_t answers;   /* likewise, or absent */
    th_running_text_t uri, argument, value;
    const th_call_client_t *client;
    void (*done)(void *arg, const th_call_result_t *result);
    void *arg;
    th_call_t *call; /* when STARTED */
    bool cancelled;
    th_call_outcome_t outcome; /* when FINISHED */
    char code[32];
    char message[1024];
};

/* A question of who this is, before its answer. */
struct th_verification {
    th_list_t link; /* th_entry.waiting, or th_sessions.token_waits */
    th_verified_t done;
    void *arg;
    /* While it waits for the issuer's keys (token.c): */
    th_auth_waiter_t keys;
    th_sessions_t *sessions;
    th_secret_t *secret;
    char org_id[TH_ORG_ID_SIZE];
    bool names_org;
};

/* What th_sessions_verify was asked, borrowed. <handle> is there when it already waited once. */
typedef struct th_question {
    th_sessions_t *sessions;
    th_slice_t api_key, org_id;
    char claim[TH_ORG_ID_SIZE]; /* what org_id points into when the token says it */
    th_verified_t done;
    void *arg;
    th_verification_t *handle;
} th_question_t;

struct th_sessions {
    th_worker_t *worker;
    th_worker_part_t part;
    unsigned char key[32];
    th_catalogue_t *catalogue;
    th_vault_t *vault;
    th_auth_t *auth;                  /* borrowed; NULL = every credential is a key */
    th_list_t token_waits;            /* th_verification_t that wait for the issuer's keys */
    th_json_document_t *no_arguments; /* "{}" */

    th_table_t *entries_by_digest;
    th_list_t entries;
    size_t entry_maximum;

    th_table_t *sessions_by_id;
    th_table_t *sessions_by_principal; /* the shared ones */
    th_list_t by_use;
    th_list_t ending; /* waiting for their calls to end */
    size_t session_count;

    th_list_t queue;    /* calls waiting, oldest first */
    th_list_t finished; /* calls whose done is to be called on the next turn */
    unsigned running_total, running_limit;

    uv_timer_t tick; /* sweep */
    uv_idle_t turn;  /* runs while there is something on `finished` or `ending` */
    bool stopping, handles_closed;
};

/* entry.c */
th_slice_t th_digest_slice(const th_digest_t *digest);
/* <org> must be shorter than th_entry.org_id. NULL with <error>. */
th_entry_t *th_entry_new(th_sessions_t *sessions, const th_digest_t *digest, th_slice_t org,
                         th_error_t *error);
bool th_entry_is_pinned(const th_entry_t *entry);
void th_entry_touch(th_entry_t *entry);
void th_entry_drop(th_entry_t *entry); /* unpinned only: out of the table and freed */
void th_entry_release_secret(th_entry_t *entry);
/* A pin went: the last one takes the secret along. A verification under way is a pin as well. */
void th_entry_unpinned(th_entry_t *entry);
void th_entries_sweep(th_sessions_t *sessions, bool pressure);
/* The API said 401 to a call: the next use asks again. */
void th_entry_forget(th_entry_t *entry);

/* verify.c */
void th_verifications_stop(th_sessions_t *sessions);
/* Answers, or waits and returns the handle of the waiting. */
th_verification_t *th_question_ask(th_question_t *question);
/* Answers: <done> is called, the handle freed. */
void th_question_refuse(th_question_t *question, th_refusal_t refusal, const th_error_t *why);

/* token.c */
/* Until the issuer's keys are here; then the question is asked again. NULL: it was answered. */
th_verification_t *th_token_wait(th_question_t *question);
void th_token_waits_stop(th_sessions_t *sessions);

/* grant.c */
th_grant_t *th_grant_new(th_entry_t *entry); /* NULL: no memory */

/* running.c */
void th_running_cancel_all(th_session_t *session);
void th_running_turn(th_sessions_t *sessions);
/* Starts what waits, as far as the limits let. */
void th_running_start_waiting(th_sessions_t *sessions);

/* consent.c */
void th_consent_free(th_consent_t *consent); /* NULL is fine */
/* May this call start? Takes the approval <id> (or none: empty) with it. False with
 * "needs_approval", logged. */
bool th_consent_spend(th_session_t *session, const th_item_t *item, th_json_value_t arguments,
                      th_slice_t id, th_error_t *error);

/* sessions.c */
void th_sessions_wake(th_sessions_t *sessions); /* have the turn handle run */

/* arguments.c: false with the message for the caller (which rule, which path, what is allowed). */
bool th_arguments_check(const th_item_t *tool, th_json_value_t arguments, char *message,
                        size_t size);
/* The variables of a resource's template, taken from its uri, become the arguments. False with
 * <error>. */
bool th_arguments_of_uri(th_running_t *running, th_error_t *error);

#endif
