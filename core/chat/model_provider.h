/* model_provider.h - inside of a provider over HTTP; for model_open.c and model_call.c only. */
#ifndef TH_CHAT_MODEL_PROVIDER_H
#define TH_CHAT_MODEL_PROVIDER_H

#include "base/list.h"
#include "chat/model_call.h"

typedef struct th_model_provider {
    th_provider_t provider;
    const th_model_wire_t *wire;
    const th_model_key_t *key; /* borrowed; NULL: requests carry none */
    bool is_own_api;
    char url[TH_MODEL_URL_SIZE];
} th_model_provider_t;

#endif
