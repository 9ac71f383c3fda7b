/* revision.c - the table of revisions. requirements.md, section a, is its source. */
#include "mcp/revision.h"

static const th_revision_t revisions[TH_REVISION_COUNT] = {
    [TH_REVISION_2024_11_05] = {.number = TH_REVISION_2024_11_05,
                                .name = "2024-11-05",
                                .null_error_id = true,
                                .not_found = -32002,
                                .tool_list = TH_TOOL_LIST_2024_11_05},
    [TH_REVISION_2025_03_26] = {.number = TH_REVISION_2025_03_26,
                                .name = "2025-03-26",
                                .null_error_id = true,
                                .not_found = -32002,
                                .batches = true,
                                .audio = true,
                                .progress_message = true,
                                .tool_list = TH_TOOL_LIST_2025_03_26},
    [TH_REVISION_2025_06_18] = {.number = TH_REVISION_2025_06_18,
                                .name = "2025-06-18",
                                .null_error_id = true,
                                .not_found = -32002,
                                .elicitation = true,
                                .audio = true,
                                .resource_link = true,
                                .structured_content = true,
                                .titles = true,
                                .progress_message = true,
                                .tool_list = TH_TOOL_LIST_2025_06_18},
    [TH_REVISION_2025_11_25] = {.number = TH_REVISION_2025_11_25,
                                .name = "2025-11-25",
                                .not_found = -32002,
                                .elicitation = true,
                                .elicitation_url = true,
                                .sampling_tools = true,
                                .icons = true,
                                .priming = true,
                                .audio = true,
                                .resource_link = true,
                                .structured_content = true,
                                .titles = true,
                                .progress_message = true,
                                .tool_list = TH_TOOL_LIST_2025_11_25},
    [TH_REVISION_2026_07_28] = {.number = TH_REVISION_2026_07_28,
                                .name = "2026-07-28",
                                .modern = true,
                                .not_found = -32602,
                                .elicitation = true,
                                .elicitation_url = true,
                                .sampling_tools = true,
                                .icons = true,
                                .audio = true,
                                .resource_link = true,
                                .structured_content = true,
                                .structured_any = true,
                                .titles = true,
                                .progress_message = true,
                                .tool_list = TH_TOOL_LIST_2025_11_25},
};

const th_revision_t *th_revision_at(th_revision_number_t number) {
    return &revisions[number];
}

const th_revision_t *th_revision_find(th_slice_t name) {
    for (int number = TH_REVISION_COUNT - 1; number >= 0; number--)
        if (th_slice_is(name, revisions[number].name)) return &revisions[number];
    return NULL;
}

const th_revision_t *th_revision_negotiate(th_slice_t asked) {
    const th_revision_t *found = th_revision_find(asked);

    return found && !found->modern ? found : &revisions[TH_REVISION_2025_11_25];
}

bool th_revision_sounds_modern(th_slice_t name) {
    th_slice_t first = th_slice_of(revisions[TH_REVISION_2026_07_28].name);
    size_t common = name.length < first.length ? name.length : first.length;
    int order = common ? memcmp(name.data, first.data, common) : 0;

    return order > 0 || (order == 0 && name.length >= first.length);
}
