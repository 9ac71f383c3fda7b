/* token.h - one token against keys and rules. Pure: no clock, no network, no state.
 * In this order: size, shape, header, key, signature, and only then what it claims. */
#ifndef TH_AUTH_TOKEN_H
#define TH_AUTH_TOKEN_H

#include "auth/auth.h"
#include "auth/keys.h"
#include "json/document.h"

typedef struct th_token_rules {
    const char *issuer;   /* a token with an `iss` must say this one */
    const char *audience; /* words; `mcp_resource` or one of `aud` must be among them ... */
    const char *resource; /* ... or be this URL; "" = none */
    int64_t now;          /* Unix seconds */
} th_token_rules_t;

typedef enum th_token_result {
    TH_TOKEN_GOOD,
    TH_TOKEN_BAD,
    TH_TOKEN_UNKNOWN_KEY, /* no key here can have signed it: newer keys may */
} th_token_result_t;

/* Is this meant to be a JWT: three parts, the first of them the beginning of an object? What is not
 * may be a key of another kind; what is has to be good, so the test is a loose one. */
bool th_token_is_one(th_slice_t text);

th_token_result_t th_token_verify(th_json_parser_t *parser, const th_keys_t *keys, th_slice_t token,
                                  const th_token_rules_t *rules, th_token_facts_t *facts,
                                  th_error_t *why);

/* claims.c: the claims of a payload whose signature was found good. False with <why>. */
bool th_claims_check(th_json_value_t claims, const th_token_rules_t *rules, th_token_facts_t *facts,
                     th_error_t *why);

#endif
