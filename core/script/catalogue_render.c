/* catalogue_render.c - the JSON of the list methods, once per generation, for each of their forms:
 * `tools/list`, `resources/list`, `resources/templates/list`, `prompts/list`. What a revision does
 * not know is not in its form (requirements.md a). */
#include <stdlib.h>

#include "script/catalogue_parts.h"

/* ---- what several of them have ---- */

static void write_title(th_json_writer_t *writer, const th_item_t *item, th_tool_list_form_t form) {
    if (form >= TH_TOOL_LIST_2025_06_18) th_json_write_member_text(writer, "title", item->title);
}

static void write_icons(th_json_writer_t *writer, const th_item_t *item, th_tool_list_form_t form) {
    if (form >= TH_TOOL_LIST_2025_11_25 && th_json_is_array(item->icons))
        th_json_write_member_value(writer, "icons", item->icons);
}

/* ---- tools ---- */

/* All four hints are always there: clients take a missing one for the worse. The title lived here
 * in 2025-03-26, before it became a member of the tool itself. */
static void write_hints(th_json_writer_t *writer, const th_tool_t *tool, th_tool_list_form_t form) {
    th_json_write_key(writer, TH_SLICE("annotations"));
    th_json_write_object(writer);
    if (form == TH_TOOL_LIST_2025_03_26) th_json_write_member_text(writer, "title", tool->title);
    th_json_write_member_boolean(writer, "readOnlyHint", tool->read_only);
    th_json_write_member_boolean(writer, "destructiveHint", tool->destructive);
    th_json_write_member_boolean(writer, "idempotentHint", tool->idempotent);
    th_json_write_member_boolean(writer, "openWorldHint", tool->open_world);
    th_json_write_end(writer);
}

static void write_tool(th_json_writer_t *writer, const th_tool_t *tool, th_tool_list_form_t form) {
    th_json_write_object(writer);
    th_json_write_member_text(writer, "name", tool->name);
    write_title(writer, tool, form);
    th_json_write_member_text(writer, "description", tool->description);
    th_json_write_member_value(writer, "inputSchema", tool->input_schema);
    if (form >= TH_TOOL_LIST_2025_06_18 && tool->output)
        th_json_write_member_value(writer, "outputSchema", tool->output_schema);
    if (form >= TH_TOOL_LIST_2025_03_26) write_hints(writer, tool, form);
    write_icons(writer, tool, form);
    th_json_write_end(writer);
}

/* ---- resources ---- */

static void write_annotations(th_json_writer_t *writer, const th_resource_t *resource,
                              th_tool_list_form_t form) {
    if (!th_json_is_object(resource->annotations)) return;
    th_json_write_key(writer, TH_SLICE("annotations"));
    th_json_write_object(writer);
    th_json_iterator_t each = th_json_iterate(resource->annotations);
    while (th_json_next(&each)) {
        if (form < TH_TOOL_LIST_2025_06_18 && th_slice_is(each.key, "lastModified")) continue;
        th_json_write_key(writer, each.key);
        th_json_write_value(writer, each.value);
    }
    th_json_write_end(writer);
}

static void write_resource(th_json_writer_t *writer, const th_resource_t *resource,
                           th_tool_list_form_t form) {
    th_json_write_object(writer);
    th_json_write_member_text(writer, resource->is_template ? "uriTemplate" : "uri", resource->uri);
    th_json_write_member_text(writer, "name", resource->name);
    write_title(writer, resource, form);
    th_json_write_member_text(writer, "description", resource->description);
    if (resource->mime[0]) th_json_write_member_text(writer, "mimeType", resource->mime);
    if (!resource->is_template && resource->size >= 0)
        th_json_write_member_integer(writer, "size", resource->size);
    write_annotations(writer, resource, form);
    write_icons(writer, resource, form);
    th_json_write_end(writer);
}

/* ---- prompts ---- */

static void write_prompt(th_json_writer_t *writer, const th_prompt_t *prompt,
                         th_tool_list_form_t form) {
    th_json_write_object(writer);
    th_json_write_member_text(writer, "name", prompt->name);
    write_title(writer, prompt, form);
    th_json_write_member_text(writer, "description", prompt->description);
    th_json_write_key(writer, TH_SLICE("arguments"));
    th_json_write_array(writer);
    for (size_t i = 0; i < prompt->argument_count; i++) {
        const th_argument_t *argument = &prompt->arguments[i];
        th_json_write_object(writer);
        th_json_write_member_text(writer, "name", argument->name);
        if (form >= TH_TOOL_LIST_2025_06_18 && argument->title[0])
            th_json_write_member_text(writer, "title", argument->title);
        th_json_write_member_text(writer, "description", argument->description);
        th_json_write_member_boolean(writer, "required", argument->required);
        th_json_write_end(writer);
    }
    th_json_write_end(writer);
    write_icons(writer, prompt, form);
    th_json_write_end(writer);
}

/* ---- the whole ---- */

static bool belongs(const th_item_t *item, th_list_kind_t kind) {
    switch (kind) {
    case TH_LIST_TOOLS: return item->kind == TH_ITEM_TOOL;
    case TH_LIST_RESOURCES:
    case TH_LIST_TEMPLATES:
        return item->kind == TH_ITEM_RESOURCE && item->is_template == (kind == TH_LIST_TEMPLATES);
    case TH_LIST_PROMPTS: return item->kind == TH_ITEM_PROMPT;
    case TH_LISTS: break;
    }
    return false;
}

/* What is in the lists of that kind, whatever their form. */
static bool collect(th_catalogue_t *catalogue, th_list_kind_t kind) {
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): a list of pointers; + 1: never of nothing */
    const th_item_t **listed = calloc(catalogue->count + 1, sizeof *listed);
    size_t count = 0;

    if (!listed) return false;
    for (size_t i = 0; i < catalogue->count; i++)
        if (belongs(&catalogue->entries[i].tool, kind))
            listed[count++] = &catalogue->entries[i].tool;
    catalogue->listed[kind] = listed;
    catalogue->listed_count[kind] = count;
    return true;
}

static void write_item(th_json_writer_t *writer, const th_item_t *item, th_tool_list_form_t form) {
    switch (item->kind) {
    case TH_ITEM_TOOL: write_tool(writer, item, form); return;
    case TH_ITEM_RESOURCE: write_resource(writer, item, form); return;
    default: write_prompt(writer, item, form); return;
    }
}

/* Fills <list>, which is empty; what it holds then is the caller's. */
static bool render(const th_catalogue_t *catalogue, th_list_kind_t kind, th_tool_list_form_t form,
                   th_list_text_t *list, th_error_t *error) {
    th_json_writer_t writer;
    th_buffer_t text;

    list->ends = calloc(catalogue->listed_count[kind] + 1, sizeof *list->ends);
    if (!list->ends) return th_error_set(error, "no_memory", "out of memory");
    th_buffer_init(&text, TH_TOOL_LIST_BYTES);
    th_json_writer_init(&writer, &text, 0);
    th_json_write_array(&writer);
    for (size_t i = 0; i < catalogue->listed_count[kind]; i++) {
        write_item(&writer, catalogue->listed[kind][i], form);
        list->ends[i] = text.length;
    }
    th_json_write_end(&writer);
    bool fine = th_json_writer_finish(&writer, error);
    if (fine) {
        list->json = th_buffer_take(&text, &list->length);
        if (!list->json) fine = th_error_set(error, "no_memory", "out of memory");
    }
    th_buffer_reset(&text);
    return fine;
}

static void free_list(th_list_text_t *list) {
    free(list->json);
    free(list->ends);
}

static bool is_same(const th_list_text_t *a, const th_list_text_t *b) {
    return a->json && b->json &&
           th_slice_equal(th_slice(a->json, a->length), th_slice(b->json, b->length));
}

bool th_catalogue_render(th_catalogue_t *catalogue, th_error_t *error) {
    for (int kind = 0; kind < TH_LISTS; kind++) {
        th_list_text_t *lists = catalogue->lists[kind];
        if (!collect(catalogue, (th_list_kind_t)kind))
            return th_error_set(error, "no_memory", "out of memory");
        for (int form = 0; form < TH_TOOL_LIST_FORMS; form++) {
            if (!render(catalogue, (th_list_kind_t)kind, (th_tool_list_form_t)form, &lists[form],
                        error))
                return false;
            if (form == 0 || !is_same(&lists[form], &lists[form - 1])) continue;
            free_list(&lists[form]);
            lists[form] = lists[form - 1];
        }
    }
    return true;
}

void th_catalogue_free_lists(th_catalogue_t *catalogue) {
    for (int kind = 0; kind < TH_LISTS; kind++) {
        th_list_text_t *lists = catalogue->lists[kind];
        for (int form = TH_TOOL_LIST_FORMS - 1; form >= 0; form--)
            if (form == 0 || lists[form].ends != lists[form - 1].ends) free_list(&lists[form]);
        free(catalogue->listed[kind]);
    }
}
