/* auth.h - is this access token good: signed by the issuer, for this host, in its time?
 * The resource server's side of OAuth 2.1 as MCP asks for it (requirements.md f): JSON Web Tokens
 * signed with RS256 and nothing else, the issuer's keys from a file or fetched (RFC 7517), the two
 * metadata documents (RFC 9728, RFC 8414), and the URL that challenges point to. Knows neither the
 * API nor sessions: what a good token may do here is core/session's business. One th_auth_t per
 * worker, with keys of its own. */
#ifndef TH_AUTH_AUTH_H
#define TH_AUTH_AUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/http_message.h"
#include "base/list.h"
#include "base/slice.h"
#include "loop/worker.h"

#define TH_TOKEN_MAX 8192   /* bytes of a token */
#define TH_TOKEN_SKEW_S 60  /* how far two clocks may be apart */
#define TH_TOKEN_SCOPES 512 /* bytes of a token's scopes, with the NUL */

typedef struct th_auth th_auth_t;

/* What is taken from a token that was found good. */
typedef struct th_token_facts {
    int64_t expires_at; /* Unix seconds; the skew is not added */
    /* Separated by blanks, from mcp_scopes, scope or scp, whichever is there first. "" when the
     * token has none of them, which leaves it unrestricted; " " when it has an empty one, which
     * leaves it nothing. */
    char scopes[TH_TOKEN_SCOPES];
} th_token_facts_t;

typedef enum th_auth_verdict {
    TH_AUTH_IS_KEY,      /* not a token, and the mode takes keys: the API decides */
    TH_AUTH_IS_GOOD,     /* <facts> are filled */
    TH_AUTH_IS_BAD,      /* 401 */
    TH_AUTH_UNAVAILABLE, /* 503: the issuer's keys cannot be had */
    TH_AUTH_WAIT,        /* they are being fetched: th_auth_wait(), then ask again */
} th_auth_verdict_t;

/* Once per process, before any thread: gives cjose and jansson an allocator that overwrites what it
 * frees, since they copy tokens. */
void th_auth_global_start(void);

/* Reads the pinned keys, when settings name a file of them. NULL with <error>. */
th_auth_t *th_auth_open(th_worker_t *worker, th_error_t *error);
void th_auth_close(th_auth_t *auth); /* after the loop ran dry; NULL is fine */

/* Anything but IS_GOOD and IS_KEY comes with <why>: a sentence without a byte of the token. */
th_auth_verdict_t th_auth_check(th_auth_t *auth, th_slice_t credential, th_token_facts_t *facts,
                                th_error_t *why);

/* Someone who waits for the issuer's keys; inside the caller's own struct. */
typedef struct th_auth_waiter {
    th_list_t link;
    void (*ready)(struct th_auth_waiter *waiter); /* unlinked; called once, from the loop */
} th_auth_waiter_t;
/* Only right after TH_AUTH_WAIT. To stop waiting: th_list_remove(&waiter->link). */
void th_auth_wait(th_auth_t *auth, th_auth_waiter_t *waiter);

/* --- documents --------------------------------------------------------------------------------
 */

/* Where the RFC 9728 document is, for WWW-Authenticate. False when this host publishes none: with
 * personal keys only, OAuth would be a false promise. <host> is the request's Host header. */
bool th_auth_metadata_url(const th_settings_t *settings, th_slice_t host, th_buffer_t *out);
/* The canonical URL of the endpoint: mcp.resource_url, or http://<host>/mcp. */
void th_auth_resource_url(const th_settings_t *settings, th_slice_t host, th_buffer_t *out);

/* th_http_handler_t; <arg> is the th_auth_t. The RFC 9728 document, at its root path and with the
 * endpoint's path behind it. */
void th_auth_resource_document(th_http_exchange_t *exchange, const th_http_request_t *request,
                               void *arg);
/* th_http_handler_t; <arg> is the th_auth_t. The issuer's metadata (RFC 8414), as
 * settings->auth_discovery says. */
void th_auth_server_document(th_http_exchange_t *exchange, const th_http_request_t *request,
                             void *arg);

#endif
