/* model_request.h - what is sent to a model: the neutral history and tools in a provider's words.
 * Pure. Everything here is deterministic, byte for byte: providers cache by prefix. */
#ifndef TH_CHAT_MODEL_REQUEST_H
#define TH_CHAT_MODEL_REQUEST_H

#include "base/buffer.h"
#include "chat/provider.h"
#include "chat/tool_names.h"
#include "json/document.h"
#include "json/writer.h"

typedef struct th_model_parts {
    const char *model;
    const th_completion_request_t *request;
    th_json_value_t history, tools; /* absent: none */
    bool is_own_api;                /* the provider's own address, not one that imitates it */
} th_model_parts_t;

/* The body into <out>, whose ceiling bounds it. False: "too_large", "bad_history", "too_deep". */
bool th_anthropic_body(const th_model_parts_t *parts, th_buffer_t *out, th_error_t *error);
bool th_openai_body(const th_model_parts_t *parts, th_buffer_t *out, th_error_t *error);

/* ---- for the two bodies ---- */
bool th_block_is(th_json_value_t block, const char *type);
/* A member that is a text; the empty slice otherwise. */
th_slice_t th_block_text(th_json_value_t block, const char *member);
bool th_text_is_blank(th_slice_t text);
bool th_message_is(th_json_value_t message, const char *role);
bool th_message_has(th_json_value_t message, const char *type);
/* The tools' names in history, for a request without tools that has called some. */
bool th_history_has_tools(th_json_value_t history);

#endif
