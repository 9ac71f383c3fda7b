/* model_call.c - attempts, one at a time: send, read the stream, decide what its end means. */
#include "chat/model_call.h"

#include <stdlib.h>

#include "base/clock.h"
#include "chat/model_provider.h"
#include "chat/sse_reader.h"
#include "loop/fetch.h"

#define REFUSAL_BYTES_MAX 65536
#define BYTES_PER_TOKEN 4 /* of JSON, about */
#define HISTORY_NODES 2000000
#define HISTORY_DEPTH 64
#define LINGER_MS 1000 /* for the end of a body whose last event was seen: keeps the connection */

typedef struct th_model_call {
    th_model_provider_t *owner;
    th_completion_handlers_t handlers;
    void *arg;
    th_tool_names_t *names;
    th_buffer_t body;    /* sent at every attempt */
    th_buffer_t refusal; /* what came instead of a stream */
    th_sse_reader_t reader;
    th_model_stream_t stream;
    th_fetch_t *fetch; /* NULL between attempts */
    uv_timer_t timer;  /* the pause before an attempt, or lingering */
    th_worker_part_t part;
    uint64_t deadline; /* monotonic ms: of all attempts together */
    uint64_t waited_ms;
    unsigned attempts;
    bool judged;    /* whether this attempt's answer is a stream is known */
    bool is_stream; /* it is */
    bool failed;    /* the stream's failure says why this attempt ends */
    bool complete;  /* the last event was seen */
    bool ended;     /* done was or is being called, or the call was cancelled */
} th_model_call_t;

static th_worker_t *worker_of(const th_model_call_t *call) {
    return call->owner->provider.worker;
}

/* ---- the end ---- */

static void on_closed(uv_handle_t *handle) {
    th_model_call_t *call = handle->data;
    th_tool_names_free(call->names);
    th_buffer_reset(&call->body);
    th_buffer_reset(&call->refusal);
    th_sse_reader_reset(&call->reader);
    th_model_stream_reset(&call->stream);
    free(call);
}

/* Nothing comes any more; the memory goes when the loop comes round. */
static void dispose(th_model_call_t *call) {
    call->ended = true;
    th_worker_remove_part(&call->part);
    if (call->fetch) th_fetch_cancel(call->fetch);
    call->fetch = NULL;
    uv_close((uv_handle_t *)&call->timer, on_closed);
}

/* False when a handler cancelled the call. */
static bool report_tools(th_model_call_t *call) {
    th_answer_t *answer = &call->stream.answer;
    for (size_t i = 0; i < answer->count; i++) {
        th_answer_block_t *block = &answer->blocks[i];
        if (block->kind != TH_BLOCK_TOOL) continue;
        th_slice_t name = th_tool_name_restore(call->names, th_buffer_slice(&block->extra));
        call->handlers.tool_use(call->arg, th_slice_of(block->id), name,
                                th_buffer_slice(&block->text),
                                block->unusable.code[0] ? &block->unusable : NULL);
        if (call->ended) return false;
    }
    return true;
}

/* What it must have been, where the provider has not said it (yet). */
static void estimate(const th_model_call_t *call, th_usage_t *usage) {
    const th_answer_t *answer = &call->stream.answer;
    size_t output = 0;
    for (size_t i = 0; i < answer->count; i++)
        output += answer->blocks[i].text.length;
    if (usage->input_tokens + usage->cache_read_tokens + usage->cache_write_tokens == 0)
        usage->input_tokens = (int64_t)(call->body.length / BYTES_PER_TOKEN);
    if (usage->output_tokens < (int64_t)(output / BYTES_PER_TOKEN))
        usage->output_tokens = (int64_t)(output / BYTES_PER_TOKEN);
}

/* The provider's word on a whole answer is good. Without one, and when it broke off, an answer is
 * estimated; a request that was refused before its first block costs nothing. */
static th_usage_t usage_of(const th_model_call_t *call, bool whole) {
    th_usage_t usage = call->stream.usage;
    bool told = usage.input_tokens + usage.output_tokens + usage.cache_read_tokens +
                    usage.cache_write_tokens >
                0;
    if (whole ? !told : call->stream.answer.count > 0) estimate(call, &usage);
    return usage;
}

static void finish(th_model_call_t *call, th_stop_reason_t reason, const th_error_t *error) {
    th_model_stream_t *stream = &call->stream;
    const th_usage_t usage = usage_of(call, !error);
    th_error_t problem = {0};
    th_buffer_t content;
    th_answer_settle(&stream->answer, worker_of(call)->parser);
    th_buffer_init(&content, stream->answer.text_bytes + 4096);
    if (!th_answer_write(&stream->answer, call->owner->wire->name, call->names,
                         reason == TH_STOP_TOOLS, &content, &problem)) {
        th_buffer_clear(&content);
        reason = TH_STOP_OTHER;
        if (!error) error = &problem;
    }
    if (reason != TH_STOP_TOOLS || report_tools(call)) {
        th_slice_t written = content.length ? th_buffer_slice(&content) : TH_SLICE("[]");
        call->ended = true; /* done is the last: a cancel inside it finds nothing to do */
        call->handlers.done(call->arg, reason, written, &usage, error);
        dispose(call);
    }
    th_buffer_reset(&content);
}

static void succeed(th_model_call_t *call) {
    const th_model_stream_t *stream = &call->stream;
    finish(call, stream->reason, stream->reason == TH_STOP_REFUSAL ? &stream->declined : NULL);
}

/* ---- one attempt ---- */

static void attempt(th_model_call_t *call);

static void on_pause_over(uv_timer_t *timer) {
    attempt(timer->data);
}

static void fail(th_model_call_t *call, const th_model_failure_t *failure, int status) {
    const th_worker_t *worker = worker_of(call);
    const th_settings_t *settings = worker->settings;
    uint64_t now = th_clock_monotonic_ms(), wait = 0, left = 0;
    if ((uint64_t)settings->chat_retry_wait > call->waited_ms)
        left = (uint64_t)settings->chat_retry_wait - call->waited_ms;
    bool again = !call->stream.shown && call->attempts <= (unsigned)settings->chat_retries &&
                 !worker->stopping && th_model_retry(failure, call->attempts, left, &wait) &&
                 now + wait < call->deadline;
    th_log(worker->log, again ? TH_LOG_NOTICE : TH_LOG_WARNING, "chat",
           "provider=%s attempt=%u status=%d failed: %s (%s)%s", call->owner->wire->name,
           call->attempts, status, failure->error.code, failure->error.message,
           again ? "; trying again" : "");
    if (!again) {
        finish(call, failure->reason, &failure->error);
        return;
    }
    call->waited_ms += wait;
    uv_timer_start(&call->timer, on_pause_over, wait, 0);
}

static bool on_text(void *arg, th_slice_t piece) {
    th_model_call_t *call = arg;
    call->handlers.text(call->arg, piece);
    return !call->ended;
}

static void on_lingered(uv_timer_t *timer) {
    succeed(timer->data);
}

static bool on_event(void *arg, th_slice_t name, th_slice_t data) {
    th_model_call_t *call = arg;
    (void)name;
    switch (call->owner->wire->take(&call->stream, worker_of(call)->parser, data)) {
    case TH_STREAM_GOES_ON: return true;
    case TH_STREAM_COMPLETE:
        call->complete = true;
        uv_timer_start(&call->timer, on_lingered, LINGER_MS, 0);
        return false;
    case TH_STREAM_FAILED: call->failed = true; return false;
    case TH_STREAM_STOPPED: return false;
    }
    return false;
}

static bool is_event_stream(th_slice_t type) {
    static const char wanted[] = "text/event-stream";
    return type.length >= sizeof wanted - 1 &&
           strncasecmp(type.data, wanted, sizeof wanted - 1) == 0;
}

static void judge(th_model_call_t *call) {
    th_slice_t coding = th_fetch_response_header(call->fetch, "content-encoding");
    call->judged = true;
    call->is_stream = th_fetch_status(call->fetch) == 200 &&
                      is_event_stream(th_fetch_response_header(call->fetch, "content-type")) &&
                      (coding.length == 0 || th_slice_equal_nocase(coding, TH_SLICE("identity")));
}

static bool on_data(void *arg, th_slice_t piece) {
    th_model_call_t *call = arg;
    if (!call->judged) judge(call);
    if (!call->is_stream) {
        size_t room = REFUSAL_BYTES_MAX - call->refusal.length;
        (void)th_buffer_add(&call->refusal, piece.data, piece.length < room ? piece.length : room);
        return true;
    }
    if (call->complete) return true; /* nothing behind the last event counts */
    if (th_sse_reader_feed(&call->reader, piece) == TH_SSE_TOO_LARGE) {
        call->failed = true;
        (void)th_stream_broken(&call->stream, "an event that is too large");
    }
    return !call->failed;
}

static void read_refusal(th_model_call_t *call, th_fetch_t *fetch, int status,
                         th_model_failure_t *failure) {
    const th_model_refusal_t refusal = {
        .status = status,
        .content_type = th_fetch_response_header(fetch, "content-type"),
        .content_encoding = th_fetch_response_header(fetch, "content-encoding"),
        .body = th_buffer_slice(&call->refusal),
        .retry_after = th_fetch_response_header(fetch, "retry-after"),
        .retry_after_ms = th_fetch_response_header(fetch, "retry-after-ms"),
        .should_retry = th_fetch_response_header(fetch, "x-should-retry"),
        .now_s = th_clock_wall_ms() / 1000,
    };
    th_slice_t id = th_fetch_response_header(fetch, "request-id");
    if (id.length > 0)
        th_log(worker_of(call)->log, TH_LOG_NOTICE, "chat", "provider=%s status=%d request-id=%.*s",
               call->owner->wire->name, status, (int)(id.length < 100 ? id.length : 100), id.data);
    th_model_failure_of_answer(failure, &refusal, call->owner->key, worker_of(call)->parser);
}

static void on_done(void *arg, th_fetch_t *fetch, const th_fetch_response_t *response) {
    th_model_call_t *call = arg;
    th_model_failure_t failure;
    call->fetch = NULL;
    uv_timer_stop(&call->timer);
    if (!call->judged && response->outcome == TH_FETCH_DONE) {
        call->fetch = fetch; /* an empty body: its head has still to be looked at */
        judge(call);
        call->fetch = NULL;
    }
    bool ended = response->outcome == TH_FETCH_DONE && call->is_stream && !call->failed &&
                 call->owner->wire->ended(&call->stream);
    if (call->complete || ended) {
        succeed(call);
        return;
    }
    if (call->failed)
        failure = call->stream.failure;
    else if (response->outcome != TH_FETCH_DONE || call->is_stream)
        th_model_failure_of_outcome(&failure, response);
    else
        read_refusal(call, fetch, response->status, &failure);
    fail(call, &failure, response->status);
}

static bool send_request(th_model_call_t *call, th_error_t *error) {
    const th_model_provider_t *owner = call->owner;
    const th_settings_t *settings = worker_of(call)->settings;
    uint64_t now = th_clock_monotonic_ms();
    const th_fetch_request_t request = {
        .method = "POST",
        .url = owner->url,
        .headers = owner->wire->headers,
        .header_count = owner->wire->header_count,
        .secret_header = owner->key ? owner->wire->key_header : NULL,
        .secret = (void *)(uintptr_t)owner->key,
        .body = th_buffer_slice(&call->body),
        .connect_timeout_ms = (uint64_t)settings->chat_connect_timeout,
        .timeout_ms = call->deadline > now ? call->deadline - now : 1,
        .stall_timeout_ms = (uint64_t)settings->chat_stall_timeout,
        .max_response_bytes = (size_t)settings->chat_answer_bytes,
        .on_data = on_data,
    };
    call->judged = call->is_stream = call->failed = call->complete = false;
    th_buffer_clear(&call->refusal);
    th_sse_reader_reset(&call->reader);
    th_model_stream_reset(&call->stream);
    call->attempts++;
    call->fetch = th_fetch_start(worker_of(call)->fetcher, &request, on_done, call, error);
    return call->fetch != NULL;
}

static void attempt(th_model_call_t *call) {
    th_model_failure_t failure = {.reason = TH_STOP_OTHER};
    if (send_request(call, &failure.error)) return;
    fail(call, &failure, 0);
}

/* ---- start and cancel ---- */

static bool write_body(th_model_call_t *call, const th_completion_request_t *request,
                       th_error_t *error) {
    const th_worker_t *worker = worker_of(call);
    const th_json_limits_t limits = {.bytes = (size_t)worker->settings->chat_request_bytes,
                                     .depth = HISTORY_DEPTH,
                                     .nodes = HISTORY_NODES};
    th_json_document_t *tools = NULL, *history = NULL;
    bool written = false;
    if (request->tools_json.length > 0 &&
        !(tools = th_json_parse(worker->parser, request->tools_json, &limits, error)))
        goto end;
    history = th_json_parse(worker->parser, request->history_json, &limits, error);
    if (!history || !(call->names = th_tool_names_new(th_json_root(tools), error))) goto end;
    const th_model_parts_t parts = {.model = worker->settings->chat_model,
                                    .request = request,
                                    .history = th_json_root(history),
                                    .tools = th_json_root(tools),
                                    .is_own_api = call->owner->is_own_api};
    written = call->owner->wire->body(&parts, &call->body, error);
end:
    th_json_unref(tools);
    th_json_unref(history);
    return written;
}

static void on_worker_stops(th_worker_part_t *part) {
    th_model_call_t *call = TH_CONTAINER(part, th_model_call_t, part);
    th_error_t error;
    if (call->fetch) th_fetch_cancel(call->fetch);
    call->fetch = NULL;
    if (call->complete) {
        succeed(call);
        return;
    }
    th_error_set(&error, "broken", "the host is stopping");
    finish(call, TH_STOP_OTHER, &error);
}

static th_model_call_t *make_call(th_model_provider_t *owner) {
    const th_settings_t *settings = owner->provider.worker->settings;
    th_model_call_t *call = calloc(1, sizeof *call);
    if (!call) return NULL;
    size_t answer = (size_t)settings->chat_answer_bytes, event = (size_t)settings->chat_event_bytes;
    call->owner = owner;
    call->deadline = th_clock_monotonic_ms() + (uint64_t)settings->chat_answer_timeout;
    th_buffer_init(&call->body, (size_t)settings->chat_request_bytes);
    th_buffer_init(&call->refusal, REFUSAL_BYTES_MAX);
    th_sse_reader_init(&call->reader, event, on_event, call);
    th_model_stream_init(&call->stream, answer, (size_t)settings->chat_input_bytes, event, on_text,
                         call);
    uv_timer_init(&owner->provider.worker->loop, &call->timer);
    call->timer.data = call;
    th_list_init(&call->part.link);
    call->part.stop = on_worker_stops;
    return call;
}

th_completion_t *th_model_start(th_provider_t *provider, const th_completion_request_t *request,
                                const th_completion_handlers_t *handlers, void *arg,
                                th_error_t *error) {
    if (provider->worker->stopping) {
        th_error_set(error, "stopping", "the host is stopping");
        return NULL;
    }
    th_model_call_t *call = make_call(TH_CONTAINER(provider, th_model_provider_t, provider));
    if (!call) {
        th_error_set(error, "no_memory", "no memory for a request to the model");
        return NULL;
    }
    call->handlers = *handlers;
    call->arg = arg;
    if (!write_body(call, request, error) || !send_request(call, error)) {
        dispose(call);
        return NULL;
    }
    th_worker_add_part(provider->worker, &call->part);
    return (th_completion_t *)(void *)call;
}

void th_model_cancel(th_completion_t *completion) {
    th_model_call_t *call = (th_model_call_t *)(void *)completion;
    if (call->ended) return;
    dispose(call);
}

void th_model_spent(const th_completion_t *completion, th_usage_t *usage) {
    const th_model_call_t *call = (const th_model_call_t *)(const void *)completion;
    *usage = call->stream.usage;
    if (call->fetch || call->complete) estimate(call, usage); /* else between two attempts */
}
