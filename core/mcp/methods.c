/* methods.c - the rows. A method that no row has is -32601 everywhere. */
#include "mcp/methods.h"

static const th_method_t methods[] = {
    {"tools/call", TH_REVISION_2024_11_05, TH_REVISION_2026_07_28, "name", th_method_tools_call},
    {"tools/list", TH_REVISION_2024_11_05, TH_REVISION_2026_07_28, NULL, th_method_tools_list},
    {"ping", TH_REVISION_2024_11_05, TH_REVISION_2025_11_25, NULL, th_method_ping},
    {"initialize", TH_REVISION_2024_11_05, TH_REVISION_2025_11_25, NULL, th_method_initialize},
    {"server/discover", TH_REVISION_2026_07_28, TH_REVISION_2026_07_28, NULL, th_method_discover},
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
    /* Modern clients hear of changes only by subscriptions/listen, which no row serves; their
     * ttlMs says when to look again. */
    return revision->modern ? TH_SLICE("{\"tools\":{}}")
                            : TH_SLICE("{\"tools\":{\"listChanged\":true}}");
}
