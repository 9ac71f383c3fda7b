/* catalogue.c - owns a generation: its tools, resources, prompts, chunks and rendered lists, and
 * the count of who uses it. Everything but the count is fixed once th_catalogue_load() returned, so
 * any thread may read it. */
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
    th_catalogue_free_lists(catalogue);
    free(catalogue);
}

uint64_t th_catalogue_generation(const th_catalogue_t *catalogue) {
    return catalogue->generation;
}

bool th_catalogue_same(const th_catalogue_t *a, const th_catalogue_t *b) {
    return th_digest_equal(&a->content, &b->content);
}

static size_t count_of(const th_catalogue_t *catalogue, th_item_kind_t kind) {
    return catalogue->first[kind + 1] - catalogue->first[kind];
}

static const th_item_t *item_at(const th_catalogue_t *catalogue, th_item_kind_t kind,
                                size_t index) {
    if (index >= count_of(catalogue, kind)) return NULL;
    return &catalogue->entries[catalogue->first[kind] + index].tool;
}

/* <0, 0, >0 as <name> comes before, is, or comes after <other>. */
static int compare_names(th_slice_t name, const char *other) {
    size_t length = strlen(other);
    size_t common = name.length < length ? name.length : length;
    int order = common > 0 ? memcmp(name.data, other, common) : 0;
    return order != 0 ? order : (name.length > length) - (name.length < length);
}

static const th_item_t *find_item(const th_catalogue_t *catalogue, th_item_kind_t kind,
                                  th_slice_t name) {
    size_t low = catalogue->first[kind], high = catalogue->first[kind + 1];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const th_item_t *item = &catalogue->entries[middle].tool;
        int order = compare_names(name, item->name);
        if (order == 0) return item;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

size_t th_catalogue_count(const th_catalogue_t *catalogue) {
    return count_of(catalogue, TH_ITEM_TOOL);
}

const th_tool_t *th_catalogue_tool(const th_catalogue_t *catalogue, size_t index) {
    return item_at(catalogue, TH_ITEM_TOOL, index);
}

const th_tool_t *th_catalogue_find(const th_catalogue_t *catalogue, th_slice_t name) {
    return find_item(catalogue, TH_ITEM_TOOL, name);
}

const th_tool_t *th_catalogue_relay(const th_catalogue_t *catalogue) {
    for (size_t i = 0; i < th_catalogue_count(catalogue); i++)
        if (th_catalogue_tool(catalogue, i)->relay) return th_catalogue_tool(catalogue, i);
    return NULL;
}

size_t th_catalogue_resource_count(const th_catalogue_t *catalogue) {
    return count_of(catalogue, TH_ITEM_RESOURCE);
}

const th_resource_t *th_catalogue_resource(const th_catalogue_t *catalogue, size_t index) {
    return item_at(catalogue, TH_ITEM_RESOURCE, index);
}

const th_resource_t *th_catalogue_resource_of(const th_catalogue_t *catalogue, th_slice_t uri) {
    const th_resource_t *found = NULL;
    for (size_t i = 0; i < th_catalogue_resource_count(catalogue); i++) {
        const th_resource_t *resource = th_catalogue_resource(catalogue, i);
        if (found && resource->is_template) continue; /* only a fixed one is better */
        if (!th_resource_matches(resource, uri)) continue;
        if (!resource->is_template) return resource;
        found = resource;
    }
    return found;
}

const th_resource_t *th_catalogue_resource_declared(const th_catalogue_t *catalogue,
                                                    th_slice_t uri) {
    for (size_t i = 0; i < th_catalogue_resource_count(catalogue); i++) {
        const th_resource_t *resource = th_catalogue_resource(catalogue, i);
        if (th_slice_is(uri, resource->uri)) return resource;
    }
    return NULL;
}

size_t th_catalogue_prompt_count(const th_catalogue_t *catalogue) {
    return count_of(catalogue, TH_ITEM_PROMPT);
}

const th_prompt_t *th_catalogue_prompt(const th_catalogue_t *catalogue, size_t index) {
    return item_at(catalogue, TH_ITEM_PROMPT, index);
}

const th_prompt_t *th_catalogue_prompt_find(const th_catalogue_t *catalogue, th_slice_t name) {
    return find_item(catalogue, TH_ITEM_PROMPT, name);
}

size_t th_catalogue_handler_count(const th_catalogue_t *catalogue) {
    return count_of(catalogue, TH_ITEM_HANDLER);
}

const th_item_t *th_catalogue_handler(const th_catalogue_t *catalogue, size_t index) {
    return item_at(catalogue, TH_ITEM_HANDLER, index);
}

th_digest_t th_catalogue_behaviour(const th_catalogue_t *catalogue, const th_item_t *item) {
    const th_digest_t *digests[] = {&item->definition, &catalogue->modules.digest};
    th_slice_t parts[2];
    for (size_t i = 0; i < 2; i++)
        parts[i] = th_slice((const char *)digests[i]->bytes, sizeof digests[i]->bytes);
    return th_hash_parts(NULL, parts, 2);
}

th_slice_t th_catalogue_list(const th_catalogue_t *catalogue, th_list_kind_t kind,
                             th_tool_list_form_t form) {
    return th_slice(catalogue->lists[kind][form].json, catalogue->lists[kind][form].length);
}

size_t th_catalogue_listed_count(const th_catalogue_t *catalogue, th_list_kind_t kind) {
    return catalogue->listed_count[kind];
}

const th_item_t *th_catalogue_listed(const th_catalogue_t *catalogue, th_list_kind_t kind,
                                     th_tool_list_form_t form, size_t index, th_slice_t *json) {
    const th_list_text_t *list = &catalogue->lists[kind][form];
    size_t start = index > 0 ? list->ends[index - 1] + 1 : 1; /* behind the comma or the bracket */
    *json = th_slice(list->json + start, list->ends[index] - start);
    return catalogue->listed[kind][index];
}

th_slice_t th_catalogue_tool_list(const th_catalogue_t *catalogue, th_tool_list_form_t form) {
    return th_catalogue_list(catalogue, TH_LIST_TOOLS, form);
}

th_slice_t th_catalogue_tool_chunk(const th_catalogue_t *catalogue, const th_item_t *tool) {
    (void)catalogue;
    const th_tool_entry_t *entry = (const th_tool_entry_t *)(const void *)tool; /* first member */
    return th_slice(entry->chunk, entry->chunk_length);
}

th_slice_t th_catalogue_module_chunk(const th_catalogue_t *catalogue, th_slice_t name) {
    /* "words" is for the host, which puts the words into each state; scripts gain nothing by it. */
    return th_modules_find(&catalogue->modules, name, !th_slice_is(name, "words"));
}
