/* anthropic.c - Anthropic's Messages API, version 2023-06-01. */
#include "chat/model_call.h"

static const th_provider_operations_t operations = {
    .name = "anthropic",
    .start = th_model_start,
    .cancel = th_model_cancel,
    .close = th_model_close,
    .spent = th_model_spent,
};

const th_model_wire_t th_anthropic_wire = {
    .name = "anthropic",
    .own_url = "https://api.anthropic.com",
    .path = "/v1/messages",
    .headers = {TH_SLICE("Content-Type: application/json"), TH_SLICE("Accept: text/event-stream"),
                TH_SLICE("anthropic-version: 2023-06-01")},
    .header_count = 3,
    .key_header = th_model_key_header,
    .body = th_anthropic_body,
    .take = th_anthropic_take,
    .ended = th_anthropic_ended,
    .operations = &operations,
};
