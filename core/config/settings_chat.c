/* settings_chat.c - what the settings of the chat demand of each other: a model needs a name, and
 * its key must not travel readable. */
#include "config/setting_value.h"

bool th_settings_check_chat(const th_settings_t *settings, th_error_t *error) {
    if (!th_setting_check_secure("chat.base_url", settings->chat_base_url, "chat.plain_http",
                                 settings->chat_plain_http, error))
        return false;
    if (settings->chat_provider == TH_CHAT_PROVIDER_OFFLINE || settings->chat_model[0]) return true;
    return th_error_set(error, "bad_setting",
                        "chat.model is empty; with chat.provider anthropic or openai it must name "
                        "the model, such as claude-sonnet-5");
}
