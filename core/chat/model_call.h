/* model_call.h - one request to a model's API over HTTP: sent, streamed, repeated where that is
 * safe, cancelled at once. Anthropic and OpenAI differ only in what th_model_wire_t holds.
 * A request is repeated only while nothing of its answer was shown. The memory of a call is freed
 * when its timer's handle has closed, so every callback may cancel it. */
#ifndef TH_CHAT_MODEL_CALL_H
#define TH_CHAT_MODEL_CALL_H

#include "chat/model_request.h"
#include "chat/model_stream.h"
#include "chat/provider.h"

#define TH_MODEL_URL_SIZE 600

typedef struct th_model_wire {
    const char *name; /* of the provider: labels opaque blocks and the log */
    const char *own_url;
    const char *path; /* behind the base URL */
    th_slice_t headers[3];
    size_t header_count;
    size_t (*key_header)(void *key, char *out, size_t size);
    bool (*body)(const th_model_parts_t *parts, th_buffer_t *out, th_error_t *error);
    th_stream_step_t (*take)(th_model_stream_t *stream, th_json_parser_t *parser, th_slice_t data);
    bool (*ended)(th_model_stream_t *stream);
    const th_provider_operations_t *operations;
} th_model_wire_t;

extern const th_model_wire_t th_anthropic_wire;
extern const th_model_wire_t th_openai_wire;

/* A provider over HTTP, from the worker's settings. */
th_provider_t *th_model_open(th_worker_t *worker, const th_model_wire_t *wire,
                             const th_model_key_t *key, th_error_t *error);
/* th_provider_operations_t. */
th_completion_t *th_model_start(th_provider_t *provider, const th_completion_request_t *request,
                                const th_completion_handlers_t *handlers, void *arg,
                                th_error_t *error);
void th_model_cancel(th_completion_t *completion);
void th_model_spent(const th_completion_t *completion, th_usage_t *usage);
void th_model_close(th_provider_t *provider);

/* The URL of requests: checked base (https, or http to loopback where that is allowed) and path. */
bool th_model_url(const char *base, const char *path, bool plain_http,
                  char out[static TH_MODEL_URL_SIZE], th_error_t *error);

#endif
