/* provider.h - a language model, whoever serves it: one request of a turn, answered as a stream.
 * The loop (turn.c) knows only this; anthropic.c, openai.c and offline.c are its implementations.
 * The neutral form of history and tools is described here and is what conversations store; each
 * provider translates.
 *
 * History: a JSON array of { "role": "user"|"assistant", "content": [block...] }, blocks being
 *   { "type": "text", "text" }, { "type": "tool_use", "id", "name", "input": {...} },
 *   { "type": "tool_result", "tool_use_id", "text", "is_error", "data"? } and { "type": "opaque",
 * "provider", "value" } (what only the provider that made it understands, such as signed thinking;
 * given back to it unchanged). A result's "text" is what models read; its optional "data", the
 * tool's structured result uncapped, is read by the offline assistant alone and never sent
 * anywhere. Without it the offline assistant reads the JSON that stands in "text". Other members of
 * blocks are the loop's own and ignored. Tools: a JSON array of { "name", "description",
 * "inputSchema", "effect", "title"? }, in a fixed order: providers cache by prefix. */
#ifndef TH_CHAT_PROVIDER_H
#define TH_CHAT_PROVIDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "chat/model_key.h"
#include "loop/worker.h"

typedef struct th_provider th_provider_t;     /* one per worker; configuration and key inside */
typedef struct th_completion th_completion_t; /* one request under way */

typedef enum th_stop_reason {
    TH_STOP_END,     /* the turn is over */
    TH_STOP_TOOLS,   /* run the tool calls, come back with their results */
    TH_STOP_LENGTH,  /* max tokens: tool calls may be cut; none was reported */
    TH_STOP_PAUSE,   /* send the same again, answer appended */
    TH_STOP_REFUSAL, /* the model declined: the turn is dropped from history; comes with an error
                        "refused", whose message gives the provider's reason */
    TH_STOP_CONTEXT, /* the history is too long */
    TH_STOP_OTHER,
} th_stop_reason_t;

typedef struct th_usage {
    int64_t input_tokens, output_tokens, cache_read_tokens, cache_write_tokens;
} th_usage_t;

/* Borrowed: valid during the callback. None is called from inside start. Any of them may cancel the
 * completion. <tool_use> comes after all text, just before done, and only if the reason is
 * TH_STOP_TOOLS: content_json holds exactly the tool_use blocks that were reported, with the same
 * ids (made unique within the answer), and an unusable input as {}. */
typedef struct th_completion_handlers {
    void (*text)(void *arg, th_slice_t piece); /* whole UTF-8 characters */
    void (*tool_use)(void *arg, th_slice_t id, th_slice_t name,
                     th_slice_t input_json /* an object, checked */,
                     const th_error_t *unusable /* NULL, or why the input cannot be used */);
    /* Once, last. <content_json>: the assistant message's content array in the neutral form.
     * <error> NULL on success; otherwise code "overloaded", "rate_limited", "unauthenticated",
     * "refused", "timeout", "broken", "bad_answer", "too_large", "rejected" (the provider turned
     * the request down: 400, 402, 404 ...) and a sentence for the person; what was streamed before
     * stands in content_json. A history that is too long: TH_STOP_CONTEXT with "too_large". */
    void (*done)(void *arg, th_stop_reason_t reason, th_slice_t content_json,
                 const th_usage_t *usage, const th_error_t *error);
} th_completion_handlers_t;

typedef struct th_completion_request {
    th_slice_t system;
    th_slice_t history_json;
    th_slice_t tools_json; /* may be empty */
    int64_t max_tokens;
    const char *zone;  /* the person's time zone, "Europe/Berlin"; NULL or "" = not known. For the
                          offline assistant: models read of it in <system> */
    th_slice_t person; /* opaque hash for the provider's abuse detection; never personal data */
} th_completion_request_t;

typedef struct th_provider_operations {
    const char *name; /* "anthropic", "openai", "offline" */
    th_completion_t *(*start)(th_provider_t *provider, const th_completion_request_t *request,
                              const th_completion_handlers_t *handlers, void *arg,
                              th_error_t *error);
    void (*cancel)(th_completion_t *completion); /* done will not be called */
    void (*close)(th_provider_t *provider);
    /* What a completion that is about to be cancelled has cost so far: an estimate where the
     * provider tells only at the end. NULL: nothing. Stopping in time must not make it free. */
    void (*spent)(const th_completion_t *completion, th_usage_t *usage);
} th_provider_operations_t;

struct th_provider {
    const th_provider_operations_t *operations;
    th_worker_t *worker;
};

/* Opens the provider that settings->chat_provider names. <key> is borrowed and outlives the
 * provider; NULL: there is none. NULL with <error>: "no_key", "bad_setting", "no_memory". Close it
 * only when none of its completions is left. */
th_provider_t *th_provider_open(th_worker_t *worker, const th_model_key_t *key, th_error_t *error);

#endif
