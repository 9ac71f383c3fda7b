/* model_failure.c - statuses and error types to codes, sentences and waits. */
#include "chat/model_failure.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"

#define FIRST_WAIT_MS 500
#define LONGEST_WAIT_MS 8000

typedef struct kind {
    const char *word; /* in an error's type or code */
    const char *code;
    bool may_retry;
    const char *sentence;
} kind_t;

/* Both providers' words. The first that matches counts. */
static const kind_t kinds[] = {
    {"overloaded_error", "overloaded", true, "the model's provider is overloaded"},
    {"enforced_spend_limit_reached", "rejected", false,
     "the spend limit at the provider is used up"},
    {"insufficient_quota", "rejected", false, "the quota at the model's provider is used up"},
    {"rate_limit_error", "rate_limited", true, "the model's provider limits how often it is asked"},
    {"rate_limit_exceeded", "rate_limited", true,
     "the model's provider limits how often it is asked"},
    {"authentication_error", "unauthenticated", false,
     "the model's provider does not accept the host's key"},
    {"invalid_api_key", "unauthenticated", false,
     "the model's provider does not accept the host's key"},
    {"permission_error", "unauthenticated", false,
     "the host's key may not use this model or feature"},
    {"billing_error", "rejected", false, "the model's provider reports a problem with billing"},
    {"not_found_error", "rejected", false, "the model's provider does not know what was asked for"},
    {"model_not_found", "rejected", false, "the model's provider does not know this model"},
    {"context_length_exceeded", "too_large", false, "the conversation is too long for the model"},
    {"request_too_large", "too_large", false, "the conversation is too long for the model"},
    {"invalid_request_error", "rejected", false, "the model's provider turned the request down"},
    {"timeout_error", "timeout", true, "the model's provider took too long"},
    {"api_error", "broken", true, "the model's provider had an error of its own"},
    {"server_error", "broken", true, "the model's provider had an error of its own"},
};

static const kind_t *kind_of_word(th_slice_t word) {
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (th_slice_is(word, kinds[i].word)) return &kinds[i];
    return NULL;
}

static const kind_t *kind_of_status(int status) {
    switch (status) {
    case 401: return kind_of_word(TH_SLICE("authentication_error"));
    case 402: return kind_of_word(TH_SLICE("billing_error"));
    case 403: return kind_of_word(TH_SLICE("permission_error"));
    case 404: return kind_of_word(TH_SLICE("not_found_error"));
    case 413: return kind_of_word(TH_SLICE("request_too_large"));
    case 429: return kind_of_word(TH_SLICE("rate_limit_error"));
    case 503:
    case 529: return kind_of_word(TH_SLICE("overloaded_error"));
    case 408:
    case 504: return kind_of_word(TH_SLICE("timeout_error"));
    case 409: return kind_of_word(TH_SLICE("api_error"));
    default: break;
    }
    if (status >= 500) return kind_of_word(TH_SLICE("api_error"));
    return kind_of_word(TH_SLICE("invalid_request_error"));
}

void th_model_text_clean(th_slice_t text, char *out, size_t size) {
    size_t length = 0;
    bool blank = true; /* no blanks in front, none twice */
    for (size_t i = 0; i < text.length && length + 1 < size; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        bool is_blank = byte <= 0x20 || byte == 0x7f;
        if (is_blank && blank) continue;
        out[length++] = is_blank ? ' ' : text.data[i];
        blank = is_blank;
    }
    while (length > 0 && out[length - 1] == ' ')
        length--;
    out[length] = '\0';
    th_text_trim(out, size);
}

/* ---- error objects ---- */

static const kind_t *kind_of_error(th_json_value_t error) {
    th_slice_t word;
    const kind_t *kind = NULL;
    const th_json_value_t places[] = {
        th_json_member(th_json_member(error, "details"), "error_code"),
        th_json_member(error, "code"), th_json_member(error, "type")};
    for (size_t i = 0; i < 3 && !kind; i++)
        if (th_json_string(places[i], &word)) kind = kind_of_word(word);
    return kind;
}

static bool says(th_slice_t message, const char *words) {
    return message.length > 0 && memmem(message.data, message.length, words, strlen(words));
}

static void describe(th_model_failure_t *failure, const kind_t *kind, th_slice_t message,
                     const th_model_key_t *key) {
    char clean[300] = "";
    if (says(message, "prompt is too long") || says(message, "maximum context length"))
        kind = kind_of_word(TH_SLICE("context_length_exceeded"));
    bool about_key = strcmp(kind->code, "unauthenticated") == 0;
    if (!about_key && !th_model_key_occurs(key, message))
        th_model_text_clean(message, clean, sizeof clean);
    *failure = (th_model_failure_t){.may_retry = kind->may_retry, .reason = TH_STOP_OTHER};
    if (strcmp(kind->code, "too_large") == 0) failure->reason = TH_STOP_CONTEXT;
    th_error_set(&failure->error, kind->code, "%s%s%s", kind->sentence, *clean ? ": " : "", clean);
}

void th_model_failure_of_error(th_model_failure_t *failure, th_json_value_t error,
                               const th_model_key_t *key) {
    static const kind_t unknown = {"", "broken", false, "the model's provider reported an error"};
    th_slice_t message = {0};
    if (!th_json_string(error, &message)) /* some servers give a mere text */
        (void)th_json_string(th_json_member(error, "message"), &message);
    const kind_t *kind = kind_of_error(error);
    describe(failure, kind ? kind : &unknown, message, key);
}

/* ---- answers ---- */

static bool read_number(th_slice_t text, double *number) {
    char copy[32], *end;
    if (text.length == 0 || text.length >= sizeof copy) return false;
    memcpy(copy, text.data, text.length);
    copy[text.length] = '\0';
    *number = strtod(copy, &end);
    return end != copy && *end == '\0' && *number >= 0 && *number < 1e9;
}

static void take_wait(th_model_failure_t *failure, const th_model_refusal_t *refusal) {
    double number;
    if (read_number(refusal->retry_after_ms, &number)) {
        failure->waits = true;
        failure->wait_ms = (uint64_t)number;
    } else if (read_number(refusal->retry_after, &number)) {
        failure->waits = true;
        failure->wait_ms = (uint64_t)(number * 1000);
    } else if (refusal->retry_after.length > 0 && refusal->retry_after.length < 64) {
        char copy[64];
        memcpy(copy, refusal->retry_after.data, refusal->retry_after.length);
        copy[refusal->retry_after.length] = '\0';
        time_t at = curl_getdate(copy, NULL);
        if (at < 0) return;
        failure->waits = true;
        failure->wait_ms = at > refusal->now_s ? (uint64_t)(at - refusal->now_s) * 1000 : 0;
    }
}

static void no_stream(th_model_failure_t *failure, const th_model_refusal_t *refusal) {
    char kind[100];
    th_model_text_clean(refusal->content_type, kind, sizeof kind);
    *failure = (th_model_failure_t){.reason = TH_STOP_OTHER};
    if (refusal->status >= 300 && refusal->status < 400)
        th_error_set(&failure->error, "bad_answer",
                     "the model's provider redirects (%d), which is not followed with a key; set "
                     "chat.base_url to the final address",
                     refusal->status);
    else if (refusal->content_encoding.length > 0)
        th_error_set(&failure->error, "bad_answer",
                     "the model's provider answered in an encoding that was not asked for");
    else
        th_error_set(&failure->error, "bad_answer",
                     "the model's provider answered %d with %s instead of an event stream",
                     refusal->status, *kind ? kind : "nothing");
}

void th_model_failure_of_answer(th_model_failure_t *failure, const th_model_refusal_t *refusal,
                                const th_model_key_t *key, th_json_parser_t *parser) {
    const th_json_limits_t limits = {.bytes = 65536, .depth = 32, .nodes = 4096};
    th_json_document_t *document =
        refusal->body.length ? th_json_parse(parser, refusal->body, &limits, NULL) : NULL;
    th_json_value_t error = th_json_member(th_json_root(document), "error");
    bool explained = th_json_is_object(error) || th_json_is_string(error);
    if (refusal->status < 400 && !explained) {
        no_stream(failure, refusal);
    } else if (refusal->status < 400) {
        th_model_failure_of_error(failure, error, key);
    } else {
        const kind_t *of_status = kind_of_status(refusal->status);
        const kind_t *of_error = explained ? kind_of_error(error) : NULL;
        th_slice_t message = {0};
        if (explained && !th_json_string(error, &message))
            (void)th_json_string(th_json_member(error, "message"), &message);
        /* The status is the surer sign, but for what only the words tell apart. */
        bool words_count = of_error && (refusal->status == 400 || refusal->status == 429);
        describe(failure, words_count ? of_error : of_status, message, key);
        take_wait(failure, refusal);
        if (th_slice_is(refusal->should_retry, "true")) failure->may_retry = true;
        if (th_slice_is(refusal->should_retry, "false")) failure->may_retry = false;
    }
    th_json_unref(document);
}

void th_model_failure_of_outcome(th_model_failure_t *failure, const th_fetch_response_t *response) {
    *failure = (th_model_failure_t){.reason = TH_STOP_OTHER, .may_retry = true};
    const char *detail = response->message ? response->message : "";
    switch (response->outcome) {
    case TH_FETCH_DONE:
        th_error_set(&failure->error, "broken", "the model's answer broke off before its end");
        return;
    case TH_FETCH_NO_CONNECT:
        th_error_set(&failure->error, "broken", "the model's provider cannot be reached: %s",
                     detail);
        return;
    case TH_FETCH_BROKEN:
        th_error_set(&failure->error, "broken", "the model's answer broke off: %s", detail);
        return;
    case TH_FETCH_TIMEOUT:
        th_error_set(&failure->error, "timeout", "the model's provider took too long: %s", detail);
        return;
    case TH_FETCH_NO_SECRET:
        failure->may_retry = false;
        th_error_set(&failure->error, "unauthenticated",
                     "there is no key for the model's provider");
        return;
    case TH_FETCH_TOO_LARGE:
        failure->may_retry = false;
        th_error_set(&failure->error, "too_large", "the model's answer is too long: %s", detail);
        return;
    }
}

bool th_model_retry(const th_model_failure_t *failure, unsigned attempt, uint64_t left_ms,
                    uint64_t *wait_ms) {
    if (!failure->may_retry) return false;
    uint64_t wait = failure->wait_ms;
    if (!failure->waits) {
        wait = FIRST_WAIT_MS;
        for (unsigned i = 1; i < attempt && wait < LONGEST_WAIT_MS; i++)
            wait *= 2;
        wait -= th_random_below((unsigned)(wait / 4)); /* so that many do not come at once */
    }
    *wait_ms = wait;
    return wait <= left_ms;
}
