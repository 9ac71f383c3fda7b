/* openai.c - OpenAI's chat completions, and every server that speaks them: local models too. */
#include "chat/model_call.h"

static const th_provider_operations_t operations = {
    .name = "openai",
    .start = th_model_start,
    .cancel = th_model_cancel,
    .close = th_model_close,
    .spent = th_model_spent,
};

const th_model_wire_t th_openai_wire = {
    .name = "openai",
    .own_url = "https://api.openai.com/v1",
    .path = "/chat/completions",
    .headers = {TH_SLICE("Content-Type: application/json"), TH_SLICE("Accept: text/event-stream")},
    .header_count = 2,
    .key_header = th_model_key_bearer,
    .body = th_openai_body,
    .take = th_openai_take,
    .ended = th_openai_ended,
    .operations = &operations,
};
