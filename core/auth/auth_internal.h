/* auth_internal.h - what the files of this folder share of th_auth_t. */
#ifndef TH_AUTH_INTERNAL_H
#define TH_AUTH_INTERNAL_H

#include "auth/auth.h"
#include "auth/keys.h"
#include "loop/fetch.h"

#define TH_AUTH_URL_MAX 1024             /* bytes of a URL made here */
#define TH_AUTH_DOCUMENT_MAX (64 * 1024) /* bytes of a key set or of the issuer's metadata */

/* The issuer's metadata, as last fetched (discovery.c). */
typedef struct th_discovery {
    th_buffer_t document; /* empty: none, or too old */
    uint64_t until;       /* monotonic ms: how long it, or its absence, is remembered */
    th_fetch_t *fetch;
    bool second;       /* the OpenID Connect spelling of the address is being tried */
    th_list_t waiting; /* discovery.c */
    size_t waiting_count;
} th_discovery_t;

struct th_auth {
    th_worker_t *worker; /* borrowed */
    th_keys_t keys;
    bool pinned; /* they come from a file: nothing is fetched */

    th_fetch_t *fetch;   /* of the key set */
    bool has_tried;      /* then <tried_at> counts */
    uint64_t tried_at;   /* monotonic ms: when the last fetch began */
    uint64_t refresh_at; /* monotonic ms: when a set that was had becomes old */
    th_list_t waiters;   /* th_auth_waiter_t */

    th_discovery_t discovery;
};

/* key_set.c */
/* Begins to fetch the key set, unless that is under way. False when it is too soon after the last
 * attempt, or cannot be started. */
bool th_key_set_fetch(th_auth_t *auth);

/* documents.c: one GET for a JSON document. NULL with <error>. */
th_fetch_t *th_auth_fetch(th_auth_t *auth, const char *url, th_fetch_done_t done,
                          th_error_t *error);
/* {"error": <code>, "error_description": <sentence>} */
void th_auth_respond_error(th_http_exchange_t *exchange, int status, const char *code,
                           const char *sentence);
/* Inserts <well_known> between the authority of <url> and its path (RFC 8414 3.1, RFC 9728 3.1). */
void th_auth_insert_path(const char *url, const char *well_known, th_buffer_t *out);

/* discovery.c */
void th_discovery_open(th_auth_t *auth);
void th_discovery_close(th_auth_t *auth);

#endif
