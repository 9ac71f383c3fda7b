/* fake_api.h - for tests: the Tallyfy API client's functions over a table of prepared answers.
 * Defining them here keeps the real client out of the program. Include once per test program. An
 * answer comes on a later turn of the loop; paths that begin with "/hold" are answered only by
 * fake_api_release(). What was asked is kept as text: "GET /x/1?page=2 {body}". */
#ifndef TH_TESTS_FAKE_API_H
#define TH_TESTS_FAKE_API_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "check.h"
#include "tallyfy/api.h"

struct th_api {
    th_worker_t *worker;
    uv_idle_t turn;
    th_list_t calls;
    unsigned started, cancelled, most_at_once, at_once;
    th_buffer_t asked; /* one request per line */
    /* Gives the answer to a request as JSON; or "!code" for an error; or "" for a 204; "~text" for
     * text. */
    const char *(*answer)(struct th_api *api, const char *asked);
    char *scratch;            /* for answers that are made up */
    const char *refuse_start; /* an error code that th_api_start() gives, or NULL */
};

struct th_api_call {
    th_list_t link;
    th_api_t *api;
    th_api_done_t done;
    void *arg;
    char asked[1024];
    bool held, bytes;
};

static inline void fake_api_finish(th_api_call_t *call) {
    th_api_t *api = call->api;
    const char *text = api->answer(api, call->asked);
    th_list_remove(&call->link);
    api->at_once--;
    th_api_error_t error = {
        .status = 404, .message = "It is not there.", .hint = "Look elsewhere."};
    th_api_answer_t answer = {.status = 200, .attempts = 1};
    th_json_document_t *document = NULL;
    if (text[0] == '!') {
        snprintf(error.code, sizeof error.code, "%s", text + 1);
        if (strcmp(error.code, "rate_limited") == 0) {
            error.retry_after_s = 7;
            error.hint[0] = '\0';
        }
        answer.error = &error;
    } else if (text[0] == '~' || call->bytes) {
        answer.text = th_slice_of(text[0] == '~' ? text + 1 : text);
    } else if (text[0]) {
        document =
            th_json_parse(api->worker->parser, th_slice_of(text), &th_json_limits_answer, NULL);
        assert_non_null(document);
        answer.document = document;
    } else {
        answer.status = 204;
    }
    call->done(call->arg, &answer);
    th_json_unref(document);
    free(call);
}

static inline void fake_api_turn(uv_idle_t *handle) {
    th_api_t *api = handle->data;
    for (th_list_t *node = api->calls.next; node != &api->calls; node = node->next) {
        th_api_call_t *call = TH_CONTAINER(node, th_api_call_t, link);
        if (call->held) continue;
        fake_api_finish(call);
        return; /* one per turn, from the oldest */
    }
    uv_idle_stop(handle);
}

static inline void fake_api_release(th_api_t *api) {
    for (th_list_t *node = api->calls.next; node != &api->calls; node = node->next) {
        TH_CONTAINER(node, th_api_call_t, link)->held = false;
    }
    uv_idle_start(&api->turn, fake_api_turn);
}

static inline void fake_api_open(th_api_t *api, th_worker_t *worker,
                                 const char *(*answer)(th_api_t *, const char *)) {
    memset(api, 0, sizeof *api);
    api->worker = worker;
    api->answer = answer;
    th_list_init(&api->calls);
    th_buffer_init(&api->asked, 1 << 20);
    uv_idle_init(&worker->loop, &api->turn);
    api->turn.data = api;
}

static inline void fake_api_close(th_api_t *api) {
    assert_true(th_list_is_empty(&api->calls)); /* nothing may be left under way */
    uv_close((uv_handle_t *)&api->turn, NULL);
    th_buffer_reset(&api->asked);
    free(api->scratch);
}

static inline void fake_api_describe(th_api_call_t *call, const th_api_request_t *request) {
    char *out = call->asked;
    size_t used = 0, size = sizeof call->asked;
    used += (size_t)snprintf(out, size, "%s ", th_http_method_name(request->method));
    th_slice_t path = request->path;
    for (size_t i = 0; i < path.length && used < size - 1; i++) {
        const char *close =
            path.data[i] == '{' ? memchr(path.data + i, '}', path.length - i) : NULL;
        if (!close) {
            out[used++] = path.data[i];
            out[used] = '\0';
            continue;
        }
        th_slice_t name = th_slice(path.data + i + 1, (size_t)(close - path.data) - i - 1);
        th_slice_t value = TH_SLICE("ORG");
        for (size_t k = 0; k < request->segment_count; k++) {
            if (th_slice_equal(request->segments[k].name, name)) value = request->segments[k].value;
        }
        used += (size_t)snprintf(out + used, size - used, "%.*s", (int)value.length, value.data);
        i += name.length + 1;
    }
    for (size_t k = 0; k < request->query_count; k++) {
        const th_api_pair_t *pair = &request->query[k];
        used += (size_t)snprintf(out + used, size - used, "%c%.*s=%.*s", k ? '&' : '?',
                                 (int)pair->name.length, pair->name.data, (int)pair->value.length,
                                 pair->value.data);
    }
    if (request->content_type)
        used += (size_t)snprintf(out + used, size - used, " [%s]", request->content_type);
    call->bytes = request->bytes;
    if (request->body.data) {
        snprintf(out + used, size - used, " %.*s", (int)request->body.length, request->body.data);
    }
}

th_api_call_t *th_api_start(th_api_t *api, const th_api_request_t *request, th_api_done_t done,
                            void *arg, th_error_t *error) {
    if (api->refuse_start) {
        th_error_set(error, api->refuse_start, "the request could not be started");
        return NULL;
    }
    if (request->path.length == 0 || request->path.data[0] != '/') {
        th_error_set(error, "bad_request", "a path begins with a slash");
        return NULL;
    }
    th_api_call_t *call = calloc(1, sizeof *call);
    assert_non_null(call);
    call->api = api;
    call->done = done;
    call->arg = arg;
    fake_api_describe(call, request);
    call->held = strstr(call->asked, " /hold") != NULL;
    th_buffer_add_text(&api->asked, call->asked);
    th_buffer_add_byte(&api->asked, '\n');
    th_list_add_tail(&api->calls, &call->link);
    api->started++;
    if (++api->at_once > api->most_at_once) api->most_at_once = api->at_once;
    uv_idle_start(&api->turn, fake_api_turn);
    return call;
}

void th_api_cancel(th_api_call_t *call) {
    call->api->cancelled++;
    call->api->at_once--;
    th_list_remove(&call->link);
    free(call);
}

#endif
