/* api.c - the lives of API bindings and of their calls: attempts, waits, one done or one cancel.
 * A call is in api->calls from start until its done is called. Between attempts it waits on a timer
 * of its own; a first attempt that cannot begin takes the same way with no wait, so that done is
 * never called from inside start. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/random.h"
#include "tallyfy/api_internal.h"
#include "tallyfy/retry.h"

static void on_timer(uv_timer_t *timer);

th_api_t *th_api_open(th_worker_t *worker, th_slice_t org, th_api_credential_t credential,
                      void *owner, th_error_t *error) {
    const th_settings_t *settings = worker->settings;
    if (!th_url_check_base(settings->tallyfy_base_url, settings->tallyfy_plain_http, error) ||
        !th_url_check_segment(TH_SLICE("the organization id"), org, error)) {
        return NULL;
    }
    th_api_t *api = calloc(1, sizeof *api);
    if (api) {
        api->org = strndup(org.data, org.length);
        if (asprintf(&api->client_line, "X-Tallyfy-Client: %s", settings->tallyfy_client) < 0) {
            api->client_line = NULL;
        }
    }
    if (!api || !api->org || !api->client_line) {
        if (api) free(api->client_line);
        if (api) free(api->org);
        free(api);
        th_error_set(error, "no_memory", "no memory for one more connection to Tallyfy");
        return NULL;
    }
    api->worker = worker;
    api->credential = credential;
    api->owner = owner;
    th_list_init(&api->calls);
    return api;
}

void th_api_close(th_api_t *api) {
    if (!api) return;
    while (!th_list_is_empty(&api->calls)) {
        /* th_api_cancel() unlinks the call, which the analyzer cannot follow through the ring. */
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
        th_api_cancel(TH_CONTAINER(api->calls.next, th_api_call_t, link));
    }
    free(api->client_line);
    free(api->org);
    free(api);
}

th_slice_t th_api_org(const th_api_t *api) {
    return th_slice_of(api->org);
}

static void free_call(th_api_call_t *call) {
    free(call->path);
    free(call->url);
    free((char *)(uintptr_t)call->body.data);
    free(call);
}

static void on_timer_closed(uv_handle_t *handle) {
    free_call(handle->data);
}

/* The memory goes at once, or with the timer's close callback. */
static void release_call(th_api_call_t *call) {
    th_list_remove(&call->link);
    if (call->has_timer) {
        uv_close((uv_handle_t *)&call->timer, on_timer_closed);
    } else {
        free_call(call);
    }
}

void th_api_cancel(th_api_call_t *call) {
    if (call->finished) return;
    if (call->fetch) th_fetch_cancel(call->fetch);
    release_call(call);
}

static void log_failure(const th_api_call_t *call, const th_api_answer_t *answer) {
    const th_api_error_t *error = answer->error;
    bool expected = error->status >= 400 && error->status < 500;
    th_log(call->api->worker->log, expected ? TH_LOG_NOTICE : TH_LOG_WARNING, "tallyfy",
           "%s %s failed after %u attempt%s: %s, status %d%s%s", th_http_method_name(call->method),
           call->path, answer->attempts, answer->attempts == 1 ? "" : "s", error->code,
           error->status, error->request_id[0] ? ", request " : "", error->request_id);
}

/* The only place where done is called. */
static void finish(th_api_call_t *call, const th_api_answer_t *answer) {
    if (answer->error) log_failure(call, answer);
    th_list_remove(&call->link);
    call->finished = true;
    call->done(call->arg, answer);
    release_call(call);
}

static void wait_then_try(th_api_call_t *call, uint64_t wait_ms) {
    if (!call->has_timer) {
        uv_timer_init(&call->api->worker->loop, &call->timer);
        call->timer.data = call;
        call->has_timer = true;
    }
    uv_timer_start(&call->timer, on_timer, wait_ms, 0);
}

static th_retry_decision_t decide(const th_api_call_t *call, th_fetch_t *fetch,
                                  const th_fetch_response_t *response) {
    bool failed = response->outcome != TH_FETCH_DONE || response->status >= 400;
    if (!failed)
        return (th_retry_decision_t){0}; /* chance is a system call: not for each success */
    const th_settings_t *settings = call->api->worker->settings;
    th_retry_policy_t policy = {
        .retries = (unsigned)settings->tallyfy_retries,
        .base_ms = (uint64_t)settings->tallyfy_retry_base,
        .cap_ms = (uint64_t)settings->tallyfy_retry_cap,
        .retry_after_cap_ms = (uint64_t)settings->tallyfy_retry_after_cap,
    };
    th_retry_case_t what = {
        .method = call->method,
        .outcome = response->outcome,
        .status = response->status,
        .attempts = call->attempts,
        .now_ms = th_clock_wall_ms(),
        .jitter = th_random_below(TH_RETRY_JITTER),
    };
    if (response->outcome == TH_FETCH_DONE) {
        what.retry_after = th_fetch_response_header(fetch, "Retry-After");
    }
    th_retry_decision_t decision = th_retry_decide(&policy, &what);
    if (call->api->worker->stopping) decision.again = false;
    return decision;
}

static void on_fetched(void *arg, th_fetch_t *fetch, const th_fetch_response_t *response) {
    th_api_call_t *call = arg;
    call->fetch = NULL;
    call->attempts++;
    th_retry_decision_t decision = decide(call, fetch, response);
    if (decision.again) {
        th_log(call->api->worker->log, TH_LOG_INFO, "tallyfy",
               "%s %s: attempt %u brought status %d%s%s; again in %llu ms",
               th_http_method_name(call->method), call->path, call->attempts, response->status,
               response->message ? ", " : "", response->message ? response->message : "",
               (unsigned long long)decision.wait_ms);
        wait_then_try(call, decision.wait_ms);
        return;
    }
    th_api_answer_t answer;
    th_api_error_t error;
    th_api_read_answer(call, fetch, response, decision.retry_after_s, &answer, &error);
    th_json_document_t *document = answer.document; /* the caller of done may change its answer */
    finish(call, &answer);
    th_json_unref(document);
}

static size_t write_credential(void *secret, char *out, size_t size) {
    const th_api_t *api = secret;
    return api->credential(api->owner, out, size);
}

/* False with call->start_error when it could not begin. */
static bool try_once(th_api_call_t *call) {
    const th_settings_t *settings = call->api->worker->settings;
    th_slice_t headers[3] = {call->bytes ? TH_SLICE("Accept: */*")
                                         : TH_SLICE("Accept: application/json"),
                             th_slice_of(call->api->client_line), th_slice_of(call->content_type)};
    th_fetch_request_t request = {
        .method = th_http_method_name(call->method),
        .url = call->url,
        .headers = headers,
        .header_count = call->body.data ? 3 : 2,
        .secret_header = write_credential,
        .secret = call->api,
        .body = call->body,
        .body_borrowed = true, /* the call outlives its attempts */
        .connect_timeout_ms = (uint64_t)settings->tallyfy_connect_timeout,
        .timeout_ms = (uint64_t)settings->tallyfy_timeout,
        .max_response_bytes = (size_t)settings->tallyfy_answer_bytes,
    };
    th_error_clear(&call->start_error);
    call->fetch =
        th_fetch_start(call->api->worker->fetcher, &request, on_fetched, call, &call->start_error);
    return call->fetch != NULL;
}

static void on_timer(uv_timer_t *timer) {
    th_api_call_t *call = timer->data;
    if (call->start_error.code[0] == '\0' && try_once(call)) return;
    th_api_answer_t answer;
    th_api_error_t error;
    th_api_read_start_error(call, &answer, &error);
    finish(call, &answer);
}

/* Base URL, path and query in one owned string, or NULL with <error>. */
static char *compose_url(const th_api_t *api, const th_api_request_t *request, th_error_t *error) {
    th_buffer_t url;
    th_buffer_init(&url, TH_API_URL_MAX);
    th_buffer_add_text(&url, api->worker->settings->tallyfy_base_url);
    char *text = NULL;
    if (th_url_expand(&url, request->path, th_api_org(api), request->segments,
                      request->segment_count, error) &&
        th_url_add_query(&url, request->query, request->query_count, error)) {
        size_t length;
        text = th_buffer_take(&url, &length);
        if (!text) th_error_set(error, "no_memory", "no memory for a request to Tallyfy");
    }
    th_buffer_reset(&url);
    return text;
}

static bool is_known_method(th_http_method_t method) {
    return method != TH_HTTP_HEAD && method != TH_HTTP_OPTIONS;
}

th_api_call_t *th_api_start(th_api_t *api, const th_api_request_t *request, th_api_done_t done,
                            void *arg, th_error_t *error) {
    if (!is_known_method(request->method) ||
        (request->method == TH_HTTP_GET && request->body.data)) {
        th_error_set(error, "bad_request",
                     "the method must be GET (without a body), POST, PUT, PATCH or DELETE");
        return NULL;
    }
    char *url = compose_url(api, request, error);
    if (!url) return NULL;
    th_api_call_t *call = calloc(1, sizeof *call);
    char *path = call ? strndup(request->path.data, request->path.length) : NULL;
    char *body = path && request->body.data ? malloc(request->body.length + 1) : NULL;
    if (!path || (request->body.data && !body)) {
        free(path);
        free(call);
        free(url);
        th_error_set(error, "no_memory", "no memory for a request to Tallyfy");
        return NULL;
    }
    call->api = api;
    call->method = request->method;
    call->path = path;
    call->url = url;
    call->bytes = request->bytes;
    (void)snprintf(call->content_type, sizeof call->content_type, "Content-Type: %s",
                   request->content_type ? request->content_type : "application/json");
    if (body) {
        memcpy(body, request->body.data, request->body.length);
        call->body = th_slice(body, request->body.length);
    }
    call->done = done;
    call->arg = arg;
    th_list_add_tail(&api->calls, &call->link);
    if (!try_once(call)) wait_then_try(call, 0);
    return call;
}
