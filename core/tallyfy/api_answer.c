/* api_answer.c - from an HTTP answer, or none, to what a caller of the API gets. */
#include <stdio.h>

#include "tallyfy/api_internal.h"
#include "tallyfy/error_map.h"

#define SHORTEST_SECRET \
    8 /* bytes: shorter "keys" are words, and blotting them out would harm data */

/* The API, or something between, may send the key back (an echo page, a debug message). It must not
 * get into Lua, a result or the log. The bytes are the fetch's own and may be overwritten. */
static void blot_out_credential(const th_api_t *api, char *data, size_t length) {
    char line[TH_API_SECRET_MAX];
    size_t size = api->credential(api->owner, line, sizeof line);
    const char *key = size && size < sizeof line ? memchr(line, ' ', size) : NULL;
    if (key) key = memchr(key + 1, ' ', size - (size_t)(key + 1 - line)); /* behind "Bearer " */
    if (key) {
        key++;
        size_t key_length = size - (size_t)(key - line);
        char *end = data + length;
        for (char *at = data; key_length >= SHORTEST_SECRET &&
                              (at = memmem(at, (size_t)(end - at), key, key_length));) {
            memset(at, '*', key_length);
            at += key_length;
        }
    }
    explicit_bzero(line, sizeof line);
}

typedef struct content {
    bool is_json; /* by its type, or by its first byte where no type is given */
    bool is_html;
    bool is_blank;
    bool may_be_json;
} content_t;

static content_t look_at(th_slice_t body, th_slice_t type) {
    size_t at = 0;
    while (at < body.length && strchr(" \t\r\n", body.data[at]) && body.data[at])
        at++;
    char first = at < body.length ? body.data[at] : '\0';
    bool json_type = type.length && memmem(type.data, type.length, "json", 4);
    bool opens = first == '{' || first == '[';
    return (content_t){
        .is_json = json_type || (type.length == 0 && opens),
        .is_html = first == '<' || (type.length && memmem(type.data, type.length, "html", 4)),
        .is_blank = at == body.length,
        .may_be_json = json_type || opens,
    };
}

static th_json_document_t *parse(const th_api_call_t *call, th_slice_t body, th_error_t *error) {
    th_json_limits_t limits = th_json_limits_answer;
    limits.bytes = (size_t)call->api->worker->settings->tallyfy_answer_bytes;
    return th_json_parse(call->api->worker->parser, body, &limits, error);
}

static void read_success(const th_api_call_t *call, const th_fetch_response_t *response,
                         content_t content, th_slice_t request_id, th_api_answer_t *answer,
                         th_api_error_t *error) {
    if (call->bytes) answer->text = response->body;
    if (response->status == 204 || content.is_blank || call->bytes) return;
    th_error_t problem;
    if (content.may_be_json) answer->document = parse(call, response->body, &problem);
    if (answer->document) return;
    if (content.is_json || content.is_html) {
        th_error_map_bad_answer(error, response->status, call->method,
                                content.is_json ? "broken JSON" : "an HTML page", request_id);
        answer->error = error;
        return;
    }
    answer->text = response->body;
}

static void read_refusal(const th_api_call_t *call, const th_fetch_response_t *response,
                         content_t content, th_slice_t request_id, uint32_t retry_after_s,
                         th_api_answer_t *answer, th_api_error_t *error) {
    th_error_t problem;
    if (content.may_be_json) answer->document = parse(call, response->body, &problem);
    th_error_answer_t what = {
        .status = response->status,
        .method = call->method,
        .body = th_json_root(answer->document),
        .text = content.is_html ? th_slice(NULL, 0) : response->body,
        .request_id = request_id,
        .retry_after_s = retry_after_s,
    };
    th_error_map_answer(error, &what);
    answer->error = error;
}

void th_api_read_answer(th_api_call_t *call, th_fetch_t *fetch, const th_fetch_response_t *response,
                        uint32_t retry_after_s, th_api_answer_t *answer, th_api_error_t *error) {
    const th_api_t *api = call->api;
    *answer = (th_api_answer_t){.attempts = call->attempts, .status = response->status};
    if (response->outcome != TH_FETCH_DONE) {
        th_error_failure_t failure = {
            .outcome = response->outcome,
            .method = call->method,
            .message = response->message,
            .timeout_ms = (uint64_t)api->worker->settings->tallyfy_timeout,
            .answer_bytes = (size_t)api->worker->settings->tallyfy_answer_bytes,
        };
        th_error_map_failure(error, &failure);
        error->status = response->status;
        if (api->worker->stopping) (void)snprintf(error->code, sizeof error->code, "cancelled");
        answer->error = error;
        return;
    }
    if (response->body.length) {
        blot_out_credential(api, (char *)(uintptr_t)response->body.data, response->body.length);
    }
    content_t content = look_at(response->body, th_fetch_response_header(fetch, "Content-Type"));
    th_slice_t request_id = th_fetch_response_header(fetch, "X-Request-Id");
    if (response->status >= 200 && response->status < 300) {
        read_success(call, response, content, request_id, answer, error);
    } else {
        read_refusal(call, response, content, request_id, retry_after_s, answer, error);
    }
    if (answer->error) blot_out_credential(api, error->request_id, strlen(error->request_id));
}

void th_api_read_start_error(const th_api_call_t *call, th_api_answer_t *answer,
                             th_api_error_t *error) {
    bool no_secret = strcmp(call->start_error.code, "no_secret") == 0;
    th_error_failure_t failure = {
        .outcome = no_secret ? TH_FETCH_NO_SECRET : TH_FETCH_NO_CONNECT,
        .method = call->method,
        .message = call->start_error.message,
    };
    th_error_map_failure(error, &failure);
    if (strcmp(call->start_error.code, "stopping") == 0) {
        (void)snprintf(error->code, sizeof error->code, "cancelled");
    }
    *answer = (th_api_answer_t){.error = error, .attempts = call->attempts};
}
