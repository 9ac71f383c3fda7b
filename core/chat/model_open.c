/* model_open.c - a provider over HTTP out of the settings, all mistakes told at start. */
#include <stdio.h>
#include <stdlib.h>

#include "chat/model_provider.h"

static bool begins(const char *text, const char *with) {
    return strncasecmp(text, with, strlen(with)) == 0;
}

/* "http://HOST" where HOST is this machine, whatever follows. */
static bool is_loopback(const char *base) {
    static const char *const hosts[] = {"http://127.0.0.1", "http://localhost", "http://[::1]"};
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        size_t length = strlen(hosts[i]);
        if (begins(base, hosts[i]) && strchr(":/", base[length])) return true; /* or the end */
    }
    return false;
}

bool th_model_url(const char *base, const char *path, bool plain_http,
                  char out[static TH_MODEL_URL_SIZE], th_error_t *error) {
    bool is_https = begins(base, "https://") && base[8] && base[8] != '/';
    if (!is_https && !(plain_http && is_loopback(base)))
        return th_error_set(error, "bad_setting",
                            "chat.base_url must begin with https://%s; the model's key would "
                            "travel in the open otherwise",
                            plain_http ? ", or with http:// and name this machine" : "");
    if (strpbrk(base, "?#@ ") != NULL)
        return th_error_set(error, "bad_setting",
                            "chat.base_url must be an address and a path, without ?, #, @ and "
                            "blanks");
    size_t length = strlen(base);
    while (length > 0 && base[length - 1] == '/')
        length--;
    int written = snprintf(out, TH_MODEL_URL_SIZE, "%.*s%s", (int)length, base, path);
    if (written < 0 || written >= TH_MODEL_URL_SIZE)
        return th_error_set(error, "bad_setting", "chat.base_url is too long");
    return true;
}

th_provider_t *th_model_open(th_worker_t *worker, const th_model_wire_t *wire,
                             const th_model_key_t *key, th_error_t *error) {
    const th_settings_t *settings = worker->settings;
    const char *base = settings->chat_base_url[0] ? settings->chat_base_url : wire->own_url;
    char url[TH_MODEL_URL_SIZE];
    if (!th_model_url(base, wire->path, settings->chat_plain_http, url, error)) return NULL;
    bool is_own_api = begins(base, wire->own_url);
    if (!key && (is_own_api || wire == &th_anthropic_wire)) {
        th_error_set(error, "no_key", "the provider %s needs a key: set %s", wire->name,
                     TH_MODEL_KEY_VARIABLE);
        return NULL;
    }
    if (!settings->chat_model[0]) {
        th_error_set(error, "bad_setting",
                     "chat.model is empty; the provider %s needs the name "
                     "of a model",
                     wire->name);
        return NULL;
    }
    th_model_provider_t *made = calloc(1, sizeof *made);
    if (!made) {
        th_error_set(error, "no_memory", "no memory for the model's provider");
        return NULL;
    }
    made->provider = (th_provider_t){.operations = wire->operations, .worker = worker};
    made->wire = wire;
    made->key = key;
    made->is_own_api = is_own_api;
    memcpy(made->url, url, sizeof url);
    return &made->provider;
}

void th_model_close(th_provider_t *provider) {
    free(TH_CONTAINER(provider, th_model_provider_t, provider));
}
