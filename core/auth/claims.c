/* claims.c - what a token says of itself, once its signature is known to be good: issuer, audience,
 * time, scopes (RFC 7519, 8707, 9068; Tallyfy's mcp_resource and mcp_scopes: behaviour.md 2). */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "auth/token.h"

static bool bad(th_error_t *why, const char *sentence) {
    return th_error_set(why, "invalid_token", "%s", sentence);
}

/* --- audience --------------------------------------------------------------------------------- */

static th_slice_t without_slash(th_slice_t url) {
    if (url.length > 0 && url.data[url.length - 1] == '/') url.length--;
    return url;
}

/* Two spellings of one resource: scheme and host in any case, a slash at the end or none. Words
 * that are no URLs are compared as they are. */
static bool is_same(th_slice_t a, th_slice_t b) {
    static const char mark[] = "://";
    const char *scheme = a.length ? memmem(a.data, a.length, mark, 3) : NULL;
    if (!scheme) return th_slice_equal(a, b);
    a = without_slash(a);
    b = without_slash(b);
    if (a.length != b.length) return false;
    const char *authority = scheme + 3, *end = a.data + a.length;
    const char *path = authority < end ? memchr(authority, '/', (size_t)(end - authority)) : NULL;
    size_t head = (size_t)((path ? path : end) - a.data);
    return strncasecmp(a.data, b.data, head) == 0 &&
           memcmp(a.data + head, b.data + head, a.length - head) == 0;
}

static bool is_for_us(th_slice_t audience, const th_token_rules_t *rules) {
    if (audience.length == 0) return false;
    if (rules->resource[0] && is_same(th_slice_of(rules->resource), audience)) return true;
    for (const char *at = rules->audience; *at;) {
        size_t length = strcspn(at, " ");
        if (length > 0 && is_same(th_slice(at, length), audience)) return true;
        at += length + (at[length] == ' ');
    }
    return false;
}

/* A string, or a whole number: Laravel Passport's client ids are numbers. */
static bool value_is_for_us(th_json_value_t value, const th_token_rules_t *rules) {
    th_slice_t text;
    int64_t number;
    char digits[24];
    if (th_json_string(value, &text)) return is_for_us(text, rules);
    if (th_json_type(value) != TH_JSON_INTEGER || !th_json_integer(value, &number)) return false;
    int length = snprintf(digits, sizeof digits, "%lld", (long long)number);
    return is_for_us(th_slice(digits, (size_t)length), rules);
}

static bool audience_is_fine(th_json_value_t claims, const th_token_rules_t *rules) {
    th_json_value_t audience = th_json_member(claims, "aud");
    if (value_is_for_us(th_json_member(claims, "mcp_resource"), rules)) return true;
    if (!th_json_is_array(audience)) return value_is_for_us(audience, rules);
    th_json_iterator_t each = th_json_iterate(audience);
    while (th_json_next(&each))
        if (value_is_for_us(each.value, rules)) return true;
    return false;
}

/* --- time ------------------------------------------------------------------------------------- */

/* A NumericDate, which may have a fraction: seconds, cut to what an integer holds. */
static bool read_time(th_json_value_t value, int64_t *seconds) {
    double number;
    if (!th_json_number(value, &number) || !isfinite(number)) return false;
    *seconds = number > 1e15 ? INT64_C(1000000000000000) : number < 0 ? 0 : (int64_t)number;
    return true;
}

static bool check_time(th_json_value_t claims, int64_t now, int64_t *expires_at, th_error_t *why) {
    th_json_value_t begins = th_json_member(claims, "nbf");
    int64_t not_before;
    if (!read_time(th_json_member(claims, "exp"), expires_at))
        return bad(why, "The access token does not say when it expires (exp).");
    if (now >= *expires_at + TH_TOKEN_SKEW_S)
        return bad(why, "The access token has expired. Sign in again, or refresh it.");
    if (th_json_type(begins) == TH_JSON_ABSENT) return true;
    if (!read_time(begins, &not_before))
        return bad(why, "The access token's nbf is not a time in seconds.");
    if (now < not_before - TH_TOKEN_SKEW_S)
        return bad(why, "The access token is not valid yet (nbf).");
    return true;
}

/* --- scopes ----------------------------------------------------------------------------------- */

static bool add_scope(char *out, size_t *length, th_json_value_t value) {
    th_slice_t text;
    if (!th_json_string(value, &text) || (text.length && memchr(text.data, '\0', text.length)))
        return false;
    size_t blank = *length > 0;
    if (*length + blank + text.length >= TH_TOKEN_SCOPES) return false;
    if (blank) out[(*length)++] = ' ';
    if (text.length) memcpy(out + *length, text.data, text.length);
    *length += text.length;
    out[*length] = '\0';
    return true;
}

static bool read_scopes(th_json_value_t claims, char *out, th_error_t *why) {
    static const char *const names[] = {"mcp_scopes", "scope", "scp"};
    th_json_value_t scopes = th_json_absent();
    for (size_t i = 0; i < 3 && th_json_type(scopes) == TH_JSON_ABSENT; i++)
        scopes = th_json_member(claims, names[i]);
    out[0] = '\0';
    if (th_json_type(scopes) == TH_JSON_ABSENT) return true;
    size_t length = 0;
    bool fine = true;
    if (th_json_is_array(scopes)) {
        th_json_iterator_t each = th_json_iterate(scopes);
        while (fine && th_json_next(&each))
            fine = add_scope(out, &length, each.value);
    } else {
        fine = add_scope(out, &length, scopes);
    }
    if (!fine) return bad(why, "The access token's scopes are not words, or too many.");
    if (length == 0) (void)snprintf(out, TH_TOKEN_SCOPES, " "); /* there, and empty: nothing */
    return true;
}

bool th_claims_check(th_json_value_t claims, const th_token_rules_t *rules, th_token_facts_t *facts,
                     th_error_t *why) {
    th_json_value_t issuer = th_json_member(claims, "iss");
    th_slice_t text;
    *facts = (th_token_facts_t){0};
    /* Tallyfy's tokens have none; the keys that signed them are one issuer's in any case. */
    if (th_json_type(issuer) != TH_JSON_ABSENT &&
        !(th_json_string(issuer, &text) && th_slice_is(text, rules->issuer)))
        return bad(why, "The access token comes from another issuer.");
    if (!audience_is_fine(claims, rules))
        return bad(why, "The access token was made for another server (audience).");
    return check_time(claims, rules->now, &facts->expires_at, why) &&
           read_scopes(claims, facts->scopes, why);
}
