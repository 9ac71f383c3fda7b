/* catalogue.c - owns a generation: its tools, chunks and rendered lists, and the count of who uses
 * it. Everything but the count is fixed once th_catalogue_load() returned, so any thread may read
 * it. */
#include "script/catalogue.h"

#include <stdlib.h>
#include <string.h>

#include "script/catalogue_parts.h"

th_catalogue_t *th_catalogue_new(void) {
    /* The one process-wide value here: generations are compared across threads (caches in states
     * are keyed by them), so no two may be equal. */
    static atomic_uint_fast64_t last_generation;
    th_catalogue_t *catalogue = calloc(1, sizeof *catalogue);
    if (!catalogue) return NULL;
    atomic_init(&catalogue->references, 1);
    catalogue->generation = atomic_fetch_add(&last_generation, 1) + 1;
    return catalogue;
}

th_catalogue_t *th_catalogue_ref(th_catalogue_t *catalogue) {
    atomic_fetch_add_explicit(&catalogue->references, 1, memory_order_relaxed);
    return catalogue;
}

void th_catalogue_unref(th_catalogue_t *catalogue) {
    if (!catalogue) return;
    if (atomic_fetch_sub_explicit(&catalogue->references, 1, memory_order_acq_rel) != 1) return;
    for (size_t i = 0; i < catalogue->count; i++)
        th_tool_entry_free(&catalogue->entries[i]);
    free(catalogue->entries);
    th_modules_free(&catalogue->modules);
    for (int form = 0; form < TH_TOOL_LIST_FORMS; form++)
        free(catalogue->lists[form]);
    free(catalogue);
}

uint64_t th_catalogue_generation(const th_catalogue_t *catalogue) {
    return catalogue->generation;
}

bool th_catalogue_same(const th_catalogue_t *a, const th_catalogue_t *b) {
    return th_digest_equal(&a->content, &b->content);
}

size_t th_catalogue_count(const th_catalogue_t *catalogue) {
    return catalogue->count;
}

const th_tool_t *th_catalogue_tool(const th_catalogue_t *catalogue, size_t index) {
    return index < catalogue->count ? &catalogue->entries[index].tool : NULL;
}

/* <0, 0, >0 as <name> comes before, is, or comes after <other>. */
static int compare_names(th_slice_t name, const char *other) {
    size_t length = strlen(other);
    size_t common = name.length < length ? name.length : length;
    int order = common > 0 ? memcmp(name.data, other, common) : 0;
    return order != 0 ? order : (name.length > length) - (name.length < length);
}

const th_tool_t *th_catalogue_find(const th_catalogue_t *catalogue, th_slice_t name) {
    size_t low = 0, high = catalogue->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const th_tool_t *tool = &catalogue->entries[middle].tool;
        int order = compare_names(name, tool->name);
        if (order == 0) return tool;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

th_slice_t th_catalogue_tool_list(const th_catalogue_t *catalogue, th_tool_list_form_t form) {
    return th_slice(catalogue->lists[form], catalogue->list_lengths[form]);
}

th_slice_t th_catalogue_tool_chunk(const th_catalogue_t *catalogue, const th_tool_t *tool) {
    (void)catalogue;
    const th_tool_entry_t *entry = (const th_tool_entry_t *)(const void *)tool; /* first member */
    return th_slice(entry->chunk, entry->chunk_length);
}

th_slice_t th_catalogue_module_chunk(const th_catalogue_t *catalogue, th_slice_t name) {
    /* "words" is for the host, which puts the words into each state; scripts gain nothing by it. */
    return th_modules_find(&catalogue->modules, name, !th_slice_is(name, "words"));
}
