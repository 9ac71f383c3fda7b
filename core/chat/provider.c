/* provider.c - which provider the settings name. */
#include "chat/provider.h"

#include "chat/model_call.h"
#include "chat/offline.h"

th_provider_t *th_provider_open(th_worker_t *worker, const th_model_key_t *key, th_error_t *error) {
    switch ((th_chat_provider_t)worker->settings->chat_provider) {
    case TH_CHAT_PROVIDER_OFFLINE: return th_offline_open(worker, error);
    case TH_CHAT_PROVIDER_ANTHROPIC: return th_model_open(worker, &th_anthropic_wire, key, error);
    case TH_CHAT_PROVIDER_OPENAI: return th_model_open(worker, &th_openai_wire, key, error);
    }
    th_error_set(error, "bad_setting", "chat.provider is offline, anthropic or openai");
    return NULL;
}
