/* error_map.c - see error_map.h. The rules are those of the API's observed behaviour: which of its
 * many error shapes carries the sentence, and when a refusal means "sign in again". */
#include "tallyfy/error_map.h"

#include <stdio.h>

static const char check_first[] =
    "It is not known whether this was done: check whether it happened before trying again.";
static const char sign_in_again[] = "Sign in to Tallyfy again and connect with the new key: this "
                                    "one may be expired, withdrawn or for "
                                    "another organization.";

static bool is_read(th_http_method_t method) {
    return method == TH_HTTP_GET || method == TH_HTTP_HEAD;
}

static void set_code(th_api_error_t *error, const char *code) {
    (void)snprintf(error->code, sizeof error->code, "%s", code);
}

static void set_hint(th_api_error_t *error, const char *hint) {
    (void)snprintf(error->hint, sizeof error->hint, "%s", hint);
}

/* What may have been carried out must not be tried again blindly: that advice beats any other. */
static void mark_maybe_done(th_api_error_t *error, th_http_method_t method) {
    if (is_read(method)) return;
    error->maybe_done = true;
    set_hint(error, check_first);
}

static void set_request_id(th_api_error_t *error, th_slice_t id) {
    size_t length = 0;
    for (size_t i = 0; i < id.length && length + 1 < sizeof error->request_id; i++) {
        if (id.data[i] > 0x20 && id.data[i] < 0x7f) error->request_id[length++] = id.data[i];
    }
    error->request_id[length] = '\0';
}

static bool string_member(th_json_value_t object, const char *key, th_slice_t *out) {
    return th_json_string(th_json_member(object, key), out) && out->length > 0;
}

/* The API's sentence, unscrubbed; false when there is none. `error` may be a flag, a word or an
 * object. */
static bool find_sentence(const th_error_answer_t *answer, th_slice_t *out) {
    th_json_value_t error = th_json_member(answer->body, "error");
    if (string_member(error, "message", out)) return true;
    if (string_member(answer->body, "message", out)) return true;
    if (string_member(answer->body, "error_description", out)) return true;
    if (th_json_string(error, out) && out->length > 0) return true;
    bool plain = th_json_type(answer->body) == TH_JSON_ABSENT && answer->text.length > 0 &&
                 answer->text.length < 2000 && !memchr(answer->text.data, '<', answer->text.length);
    if (plain) *out = answer->text;
    return plain;
}

static const char *fixed_sentence(int status) {
    if (status == 401) return "Tallyfy does not accept this key";
    if (status == 403) return "Tallyfy does not allow this";
    if (status == 404 || status == 410) return "Tallyfy has no such thing, or not for this person";
    if (status == 409)
        return "Tallyfy refused this because it conflicts with something that is there";
    if (status == 422) return "Tallyfy refused the input";
    if (status == 429) return "Tallyfy has had too many requests";
    if (status >= 502 && status <= 504) return "Tallyfy is not available at the moment";
    if (status >= 500) return "Tallyfy had an internal error";
    if (status < 400)
        return "Tallyfy answered with a redirect, which is not followed; "
               "check tallyfy.base_url";
    return "Tallyfy refused the request";
}

static bool has_auth_words(const char *message) {
    static const char *const words[] = {
        "unauthenticated",   "unauthorized",        "token",     "expired", "access denied",
        "permission denied", "invalid credentials", "forbidden", "audience"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcasestr(message, words[i])) return true;
    }
    return false;
}

static const char *code_of(int status, bool has_errors, bool about_auth) {
    switch (status) {
    case 401: return "unauthenticated";
    case 403: return about_auth ? "forbidden" : "refused";
    case 404:
    case 410: return "not_found";
    case 408: return "timeout";
    case 409: return "conflict";
    case 422: return has_errors ? "validation" : "refused";
    case 429: return "rate_limited";
    default: break;
    }
    if (status >= 500) return "unavailable";
    return status >= 400 ? "bad_request" : "bad_answer";
}

/* 409 SEAT_POOL_EXHAUSTED: which kind of seat ran out is in details.pool_type. */
static bool advise_on_seats(th_api_error_t *error, th_json_value_t body) {
    th_json_value_t detail = th_json_member(body, "error");
    th_slice_t code, pool;
    if (!string_member(detail, "code", &code) && !string_member(body, "code", &code)) return false;
    if (!th_slice_is(code, "SEAT_POOL_EXHAUSTED")) return false;
    bool known =
        string_member(th_json_member(detail, "details"), "pool_type", &pool) && pool.length <= 24;
    for (size_t i = 0; known && i < pool.length; i++) {
        char letter = pool.data[i];
        known = letter == '_' || (letter >= 'a' && letter <= 'z');
    }
    if (!known) pool = TH_SLICE("available");
    (void)snprintf(
        error->hint, sizeof error->hint,
        "No %.*s seat is left: free one by disabling a member or changing a role, or have an "
        "admin buy "
        "more seats.",
        (int)pool.length, pool.data);
    return true;
}

static void advise(th_api_error_t *error, const th_error_answer_t *answer, bool about_auth) {
    int status = answer->status;
    if (status == 401 || about_auth) {
        set_hint(error, sign_in_again);
    } else if (status == 409 && advise_on_seats(error, answer->body)) {
        return;
    } else if (status == 404 || status == 410) {
        set_hint(
            error,
            "The id may be wrong, archived, or not visible to this person: search or list first.");
    } else if (status == 429 && error->retry_after_s > 0) {
        (void)snprintf(error->hint, sizeof error->hint, "Wait %u seconds, then try again.",
                       error->retry_after_s);
    } else if (status == 429 || status == 408) {
        set_hint(error, "Wait a minute, then try again with fewer requests.");
    } else if (status >= 500) {
        set_hint(error, "Try again in a moment.");
        mark_maybe_done(error, answer->method);
    }
}

/* "<sentence>" or "<sentence> [<fields>]", either made of what survived the scrub. */
static void compose(th_api_error_t *error, const char *sentence, const char *fields) {
    int written = snprintf(error->message, sizeof error->message, "%s", sentence);
    if (fields[0] == '\0') return;
    size_t had =
        (size_t)written < sizeof error->message ? (size_t)written : sizeof error->message - 1;
    size_t needed =
        strlen(fields) + 3; /* the fields say more than a long sentence: they keep their room */
    if (had + needed >= sizeof error->message) {
        th_error_copy(error->message, sizeof error->message - needed,
                      th_slice(sentence, strlen(sentence)));
        had = strlen(error->message);
    }
    (void)snprintf(error->message + had, sizeof error->message - had, " [%s]", fields);
}

void th_error_map_answer(th_api_error_t *error, const th_error_answer_t *answer) {
    memset(error, 0, sizeof *error);
    error->status = answer->status;
    error->retry_after_s = answer->retry_after_s;
    set_request_id(error, answer->request_id);

    char sentence[sizeof error->message] = "", fields[TH_ERROR_FIELDS_BYTES + 1];
    th_slice_t text;
    bool has_sentence = find_sentence(answer, &text);
    if (has_sentence) th_error_copy(sentence, sizeof sentence, text);
    th_json_value_t errors = th_json_member(answer->body, "errors");
    bool has_errors =
        th_error_fields(errors, fields, sizeof fields, error->field, sizeof error->field) > 0;
    bool about_auth =
        answer->status == 403 && (has_sentence ? has_auth_words(sentence) : !has_errors);

    bool shown = th_error_scrub(sentence);
    if (has_errors) {
        th_error_scrub(fields);
        th_error_scrub(error->field);
    }
    compose(error, shown ? sentence : fixed_sentence(answer->status), fields);
    set_code(error, code_of(answer->status, has_errors, about_auth));
    advise(error, answer, about_auth);
}

static void say_timeout(th_api_error_t *error, uint64_t timeout_ms) {
    if (timeout_ms % 1000 == 0) {
        (void)snprintf(error->message, sizeof error->message,
                       "Tallyfy did not answer within %llu second%s",
                       (unsigned long long)(timeout_ms / 1000), timeout_ms == 1000 ? "" : "s");
    } else {
        (void)snprintf(error->message, sizeof error->message,
                       "Tallyfy did not answer within %llu ms", (unsigned long long)timeout_ms);
    }
}

void th_error_map_failure(th_api_error_t *error, const th_error_failure_t *failure) {
    memset(error, 0, sizeof *error);
    set_code(error, "unavailable");
    set_hint(error, "Try again in a moment.");
    const char *detail = failure->message ? failure->message : "no connection";
    switch (failure->outcome) {
    case TH_FETCH_DONE: return; /* not a failure: th_error_map_answer() */
    case TH_FETCH_NO_CONNECT:
        (void)snprintf(error->message, sizeof error->message, "Tallyfy cannot be reached: %s",
                       detail);
        if (!is_read(failure->method))
            set_hint(error, "Nothing was changed. Try again in a moment.");
        return;
    case TH_FETCH_NO_SECRET:
        set_code(error, "unauthenticated");
        (void)snprintf(error->message, sizeof error->message, "Not signed in to Tallyfy: %s",
                       detail);
        set_hint(error, "Sign in to Tallyfy again.");
        return;
    case TH_FETCH_BROKEN:
        (void)snprintf(error->message, sizeof error->message,
                       "The connection to Tallyfy broke before its answer was complete");
        break;
    case TH_FETCH_TIMEOUT:
        set_code(error, "timeout");
        say_timeout(error, failure->timeout_ms);
        break;
    case TH_FETCH_TOO_LARGE:
        set_code(error, "too_large");
        (void)snprintf(error->message, sizeof error->message,
                       "Tallyfy's answer is larger than the %zu KB that are read of one",
                       failure->answer_bytes / 1024);
        set_hint(error, "Ask for less at once: a smaller per_page, or fewer includes.");
        break;
    }
    mark_maybe_done(error, failure->method);
}

void th_error_map_bad_answer(th_api_error_t *error, int status, th_http_method_t method,
                             const char *what, th_slice_t request_id) {
    memset(error, 0, sizeof *error);
    error->status = status;
    set_code(error, "bad_answer");
    set_request_id(error, request_id);
    (void)snprintf(error->message, sizeof error->message,
                   "Tallyfy answered with %s where JSON was expected", what);
    set_hint(error, "Try again in a moment; if it stays so, check tallyfy.base_url.");
    mark_maybe_done(error, method);
}
