/* http_auth.h - the credential an HTTP request carries, and the answers to one that is missing or
 * refused. Decided before anything of the protocol is looked at (requirements.md b.1, 8 and f). */
#ifndef TH_MCP_HTTP_AUTH_H
#define TH_MCP_HTTP_AUTH_H

#include <stdbool.h>

#include "base/http_message.h"
#include "config/settings.h"
#include "session/session.h"

typedef struct th_http_credential {
    th_slice_t api_key; /* borrowed from the request; empty when absent */
    th_slice_t org_id;
} th_http_credential_t;

/* False when the request contradicts itself; <problem> (static) says how. */
bool th_http_credential_read(const th_http_request_t *request, th_http_credential_t *credential,
                             const char **problem);

/* Answers with status, {error, error_description} and, where due, WWW-Authenticate or Retry-After.
 * <host> is the request's Host header, for the address of the metadata. <why> may be NULL or empty.
 */
void th_http_auth_refuse(th_http_exchange_t *exchange, const th_settings_t *settings,
                         th_slice_t host, th_refusal_t refusal, const th_error_t *why);
/* 403 for a token that lacks <scope>, all that the operation needs: the client can ask its person
 * for it and come again. */
void th_http_auth_refuse_scope(th_http_exchange_t *exchange, const th_settings_t *settings,
                               th_slice_t host, const char *scope, const char *sentence);
/* 400 for a request whose credentials contradict each other. */
void th_http_auth_malformed(th_http_exchange_t *exchange, const char *problem);

#endif
