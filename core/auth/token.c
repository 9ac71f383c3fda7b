/* token.c - the outside of a JSON Web Token (RFC 7515 compact form): shape, header, signature.
 * The algorithm is RS256 because this file says so, never because a token does: a header that says
 * anything else, `none` and HMAC among them, is refused before a key is looked at. */
#include "auth/token.h"

#include <cjose/header.h>
#include <cjose/jws.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

typedef struct parts {
    th_slice_t header, payload, signature;
} parts_t;

/* Three parts by two dots; the last may be empty, as in an unsigned token. */
static bool split(th_slice_t token, parts_t *parts) {
    const char *end = token.data + token.length;
    const char *first = token.length ? memchr(token.data, '.', token.length) : NULL;
    if (!first || first == token.data) return false;
    const char *second = memchr(first + 1, '.', (size_t)(end - first - 1));
    if (!second || memchr(second + 1, '.', (size_t)(end - second - 1))) return false;
    parts->header = th_slice(token.data, (size_t)(first - token.data));
    parts->payload = th_slice(first + 1, (size_t)(second - first - 1));
    parts->signature = th_slice(second + 1, (size_t)(end - second - 1));
    return true;
}

/* Only the one canonical spelling: no padding, no stray bits, nothing between. */
static bool decode(th_slice_t encoded, char *out, size_t size, size_t *length) {
    return sodium_base642bin((unsigned char *)out, size, encoded.data, encoded.length, NULL, length,
                             NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0;
}

/* The object in a part; duplicate members are refused, so no two readers can disagree. The caller
 * unrefs it. NULL: not one. */
static th_json_document_t *read_object(th_json_parser_t *parser, th_slice_t encoded) {
    char *text = malloc(TH_TOKEN_MAX);
    if (!text) return NULL;
    size_t length = 0;
    th_json_document_t *document = NULL;
    if (decode(encoded, text, TH_TOKEN_MAX, &length))
        document = th_json_parse(parser, th_slice(text, length), &th_json_limits_request, NULL);
    sodium_memzero(text, TH_TOKEN_MAX);
    free(text);
    if (document && !th_json_is_object(th_json_root(document))) {
        th_json_unref(document);
        document = NULL;
    }
    return document;
}

bool th_token_is_one(th_slice_t text) {
    parts_t parts;
    /* '{' in base64url: 'e', and a second character whose high bits are set. */
    return split(text, &parts) && parts.header.length > 1 && text.data[0] == 'e' &&
           strchr("wxyz0123456789-_", text.data[1]) != NULL;
}

static bool bad(th_error_t *why, const char *sentence) {
    return th_error_set(why, "invalid_token", "%s", sentence);
}

/* RFC 9068 2.1: at+jwt; Tallyfy's say JWT. Other kinds of statement that the issuer signs, such as
 * logout tokens, are no access tokens. */
static bool type_is_fine(th_json_value_t type) {
    static const char *const types[] = {"JWT", "at+jwt", "application/at+jwt"};
    th_slice_t text;
    if (th_json_type(type) == TH_JSON_ABSENT) return true;
    if (!th_json_string(type, &text)) return false;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (th_slice_equal_nocase(text, th_slice_of(types[i]))) return true;
    return false;
}

/* <kid> is borrowed from the header; empty when it has none. */
static bool check_header(th_json_value_t header, th_slice_t *kid, th_error_t *why) {
    th_slice_t algorithm;
    th_json_value_t named = th_json_member(header, "kid");
    *kid = TH_SLICE("");
    if (!th_json_string(th_json_member(header, "alg"), &algorithm) ||
        !th_slice_is(algorithm, "RS256"))
        return bad(why, "The access token is not signed with RS256, the one algorithm accepted.");
    if (th_json_type(th_json_member(header, "crit")) != TH_JSON_ABSENT)
        return bad(why, "The access token demands extensions (crit) that are not supported.");
    if (!type_is_fine(th_json_member(header, "typ")))
        return bad(why, "This is a signed statement of another type, not an access token.");
    if (th_json_type(named) != TH_JSON_ABSENT && !th_json_string(named, kid))
        return bad(why, "The access token's key id (kid) is not a string.");
    return true;
}

/* The key id is looked up and nothing else: it is never a path, a URL or a query. */
static bool may_have_signed(const th_key_t *key, th_slice_t kid) {
    return kid.length == 0 || key->id[0] == '\0' || th_slice_is(kid, key->id);
}

/* cjose hashes into the token's own memory, so each attempt gets a fresh one. */
static bool was_signed_by(th_slice_t token, const th_key_t *key) {
    cjose_jws_t *jws = cjose_jws_import(token.data, token.length, NULL);
    bool good = jws && cjose_jws_verify(jws, key->jwk, NULL);
    if (jws) cjose_jws_release(jws);
    return good;
}

static th_token_result_t check_signature(const th_keys_t *keys, th_slice_t token, th_slice_t kid,
                                         th_error_t *why) {
    bool known = false;
    for (size_t i = 0; i < keys->count; i++) {
        const th_key_t *key = &keys->key[i];
        if (!may_have_signed(key, kid)) continue;
        if (was_signed_by(token, key)) return TH_TOKEN_GOOD;
        if (kid.length > 0 && key->id[0] != '\0') known = true;
    }
    bad(why, known ? "The access token's signature is wrong."
                   : "The access token is signed with a key that its issuer does not publish.");
    return known ? TH_TOKEN_BAD : TH_TOKEN_UNKNOWN_KEY;
}

static bool check_claims(th_json_parser_t *parser, th_slice_t payload,
                         const th_token_rules_t *rules, th_token_facts_t *facts, th_error_t *why) {
    th_json_document_t *claims = read_object(parser, payload);
    bool good = claims ? th_claims_check(th_json_root(claims), rules, facts, why)
                       : bad(why, "The access token's claims are not a JSON object.");
    th_json_unref(claims);
    return good;
}

th_token_result_t th_token_verify(th_json_parser_t *parser, const th_keys_t *keys, th_slice_t token,
                                  const th_token_rules_t *rules, th_token_facts_t *facts,
                                  th_error_t *why) {
    parts_t parts;
    char signature[TH_TOKEN_MAX];
    size_t length;
    if (token.length > TH_TOKEN_MAX) {
        th_error_set(why, "invalid_token", "The access token is over %d bytes.", TH_TOKEN_MAX);
        return TH_TOKEN_BAD;
    }
    if (!split(token, &parts) || !decode(parts.signature, signature, sizeof signature, &length)) {
        bad(why, "This is not an access token: a JSON Web Token in three parts is wanted.");
        return TH_TOKEN_BAD;
    }
    th_json_document_t *header = read_object(parser, parts.header);
    th_slice_t kid;
    th_token_result_t result = TH_TOKEN_BAD;
    if (!header)
        bad(why, "The access token's header is not a JSON object.");
    else if (check_header(th_json_root(header), &kid, why))
        result = check_signature(keys, token, kid, why);
    th_json_unref(header);
    if (result != TH_TOKEN_GOOD) return result;
    return check_claims(parser, parts.payload, rules, facts, why) ? TH_TOKEN_GOOD : TH_TOKEN_BAD;
}
