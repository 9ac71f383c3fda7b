/* methods.c - the rows. A method that no row has is -32601 everywhere. */
#include "mcp/methods.h"

#include "mcp/client.h"

#define OLDEST TH_REVISION_2024_11_05
#define LAST_LEGACY TH_REVISION_2025_11_25
#define NEWEST TH_REVISION_2026_07_28

static const th_method_t methods[] = {
    {"tools/call", OLDEST, NEWEST, "name", th_method_tools_call},
    {"tools/list", OLDEST, NEWEST, NULL, th_method_tools_list},
    {"resources/read", OLDEST, NEWEST, "uri", th_method_resources_read},
    {"resources/list", OLDEST, NEWEST, NULL, th_method_resources_list},
    {"resources/templates/list", OLDEST, NEWEST, NULL, th_method_templates_list},
    {"prompts/get", OLDEST, NEWEST, "name", th_method_prompts_get},
    {"prompts/list", OLDEST, NEWEST, NULL, th_method_prompts_list},
    {"completion/complete", OLDEST, NEWEST, NULL, th_method_complete},
    {"ping", OLDEST, LAST_LEGACY, NULL, th_method_ping},
    {"initialize", OLDEST, LAST_LEGACY, NULL, th_method_initialize},
    {"logging/setLevel", OLDEST, LAST_LEGACY, NULL, th_method_set_level},
    {"resources/subscribe", OLDEST, LAST_LEGACY, NULL, th_method_resources_subscribe},
    {"resources/unsubscribe", OLDEST, LAST_LEGACY, NULL, th_method_resources_unsubscribe},
    {"server/discover", NEWEST, NEWEST, NULL, th_method_discover},
    {"subscriptions/listen", NEWEST, NEWEST, NULL, th_method_listen},
    {"tasks/get", NEWEST, NEWEST, "taskId", th_method_tasks_get},
    {"tasks/update", NEWEST, NEWEST, "taskId", th_method_tasks_update},
    {"tasks/cancel", NEWEST, NEWEST, "taskId", th_method_tasks_cancel},
};

const th_method_t *th_method_find(th_slice_t name, const th_revision_t *revision) {
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        const th_method_t *method = &methods[i];
        if (revision->number >= method->since && revision->number <= method->until &&
            th_slice_is(name, method->name))
            return method;
    }
    return NULL;
}

th_slice_t th_method_capabilities(const th_revision_t *revision) {
#define LISTS                                                                                   \
    "\"tools\":{\"listChanged\":true},\"resources\":{\"subscribe\":true,\"listChanged\":true}," \
    "\"prompts\":{\"listChanged\":true},\"logging\":{}"
    if (revision->modern)
        return TH_SLICE("{" LISTS ",\"completions\":{},\"extensions\":{\"" TH_EXTENSION_TASKS
                        "\":{}}}");
    if (revision->number == OLDEST) return TH_SLICE("{" LISTS "}"); /* had no word for them */
    return TH_SLICE("{" LISTS ",\"completions\":{}}");
#undef LISTS
}
