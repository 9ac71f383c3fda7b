/* api.h - the Tallyfy REST API as one organisation's member sees it.
 * A th_api_t binds a base URL, an organisation and a credential (reached only through a function,
 * so that this folder never stores it). A request names a path template; its `{placeholders}` are
 * filled with strictly encoded single segments, `{org}` always with the bound organisation: no
 * caller can reach another organisation or host. GET is retried as settings say, writes only when
 * they cannot have arrived (connect failure) or were refused unexecuted (429). Knows nothing of Lua
 * or MCP. */
#ifndef TH_TALLYFY_API_H
#define TH_TALLYFY_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/http_message.h"
#include "base/slice.h"
#include "loop/fetch.h"
#include "loop/worker.h"
#include "tallyfy/url.h"
#include "json/document.h"

typedef struct th_api th_api_t;
typedef struct th_api_call th_api_call_t;

/* Writes "Authorization: Bearer <key>" into <out>; returns its length, 0 when there is no
 * credential any more. Called for each attempt, and once more when an answer comes, to blot out any
 * echo of the key in it. */
typedef size_t (*th_api_credential_t)(void *owner, char *out, size_t size);

/* <org> copied. <owner> must outlive the th_api_t. NULL with <error>: "bad_config" (the base URL is
 * not https, nor http to loopback where settings allow that), "bad_request" (<org> cannot be a path
 * segment), "no_memory". */
th_api_t *th_api_open(th_worker_t *worker, th_slice_t org, th_api_credential_t credential,
                      void *owner, th_error_t *error);
/* Cancels all running calls (their done is not called) and frees. Allowed inside a done. NULL is
 * fine. */
void th_api_close(th_api_t *api);
th_slice_t th_api_org(const th_api_t *api);

typedef struct th_api_request {
    th_http_method_t method;       /* GET, POST, PUT, PATCH, DELETE */
    th_slice_t path;               /* template: "/organizations/{org}/runs/{run_id}" */
    const th_api_pair_t *segments; /* values of the placeholders but {org} */
    size_t segment_count;
    const th_api_pair_t *query; /* in order; percent-encoded here */
    size_t query_count;
    th_slice_t body;          /* JSON text, or data NULL for none; copied */
    const char *content_type; /* of another body: "multipart/form-data; boundary=..."; copied */
    bool bytes; /* a file: a successful answer is text, whatever it looks like (but for the key) */
} th_api_request_t;

/* Why a call failed, for a person or a model: never the API's internals (behaviour.md 3). */
typedef struct th_api_error {
    char code[40];       /* "not_found", "forbidden", "unauthenticated", "validation", "conflict",
                            "rate_limited", "unavailable", "timeout", "bad_answer", "too_large",
                            "bad_request", "refused" (business rule), "cancelled" */
    int status;          /* HTTP status, 0 when there was none */
    char message[1024];  /* UTF-8 */
    char field[128];     /* first field named by a 422, or "" */
    char hint[256];      /* what to do about it, or "" */
    char request_id[80]; /* the API's X-Request-Id, or "" */
    uint32_t retry_after_s; /* 0 = unknown */
    bool maybe_done;        /* a write whose outcome is not known */
} th_api_error_t;

typedef struct th_api_answer {
    const th_api_error_t *error; /* NULL = success */
    int status;
    th_json_document_t *document; /* borrowed during the callback (ref to keep); NULL for 204, empty
                                     or non-JSON text bodies */
    th_slice_t text;              /* the raw body of a successful non-JSON answer */
    unsigned attempts;
} th_api_answer_t;

typedef void (*th_api_done_t)(void *arg, const th_api_answer_t *answer);

/* NULL with <error> (code "bad_request": the message names the placeholder or character;
 * "no_memory") when the request itself is unusable. Never calls <done> before returning: whatever
 * else goes wrong (no credential any more, too many requests, the host is stopping) is an answer
 * with an error. */
th_api_call_t *th_api_start(th_api_t *api, const th_api_request_t *request, th_api_done_t done,
                            void *arg, th_error_t *error);
/* <done> will not be called. Inside the call's own done it does nothing. */
void th_api_cancel(th_api_call_t *call);

#endif
