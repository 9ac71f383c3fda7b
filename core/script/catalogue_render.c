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

static void write_item(th_json_writer_t *writer, const th_item_t *item, th_list_kind_t kind,
                       th_tool_list_form_t form) {
    switch (kind) {
    case TH_LIST_TOOLS:
        if (item->kind == TH_ITEM_TOOL) write_tool(writer, item, form);
        return;
    case TH_LIST_RESOURCES:
    case TH_LIST_TEMPLATES:
        if (item->kind == TH_ITEM_RESOURCE && item->is_template == (kind == TH_LIST_TEMPLATES))
            write_resource(writer, item, form);
        return;
    case TH_LIST_PROMPTS:
        if (item->kind == TH_ITEM_PROMPT) write_prompt(writer, item, form);
        return;
    case TH_LISTS: return;
    }
}

static bool render(const th_catalogue_t *catalogue, th_list_kind_t kind, th_tool_list_form_t form,
                   th_buffer_t *text, th_error_t *error) {
    th_json_writer_t writer;
    th_json_writer_init(&writer, text, 0);
    th_json_write_array(&writer);
    for (size_t i = 0; i < catalogue->count; i++)
        write_item(&writer, &catalogue->entries[i].tool, kind, form);
    th_json_write_end(&writer);
    return th_json_writer_finish(&writer, error);
}

static bool is_as_before(const th_catalogue_t *catalogue, th_list_kind_t kind, int form,
                         th_slice_t text) {
    return form > 0 && th_slice_equal(text, th_slice(catalogue->lists[kind][form - 1],
                                                     catalogue->list_lengths[kind][form - 1]));
}

bool th_catalogue_render(th_catalogue_t *catalogue, th_error_t *error) {
    for (int kind = 0; kind < TH_LISTS; kind++) {
        for (int form = 0; form < TH_TOOL_LIST_FORMS; form++) {
            char **list = &catalogue->lists[kind][form];
            size_t *length = &catalogue->list_lengths[kind][form];
            th_buffer_t text;
            th_buffer_init(&text, TH_TOOL_LIST_BYTES);
            bool fine =
                render(catalogue, (th_list_kind_t)kind, (th_tool_list_form_t)form, &text, error);
            if (fine &&
                is_as_before(catalogue, (th_list_kind_t)kind, form, th_buffer_slice(&text))) {
                *list = catalogue->lists[kind][form - 1];
                *length = catalogue->list_lengths[kind][form - 1];
            } else if (fine) {
                *list = th_buffer_take(&text, length);
            }
            th_buffer_reset(&text);
            if (!fine) return false;
            if (!*list) return th_error_set(error, "no_memory", "out of memory");
        }
    }
    return true;
}

void th_catalogue_free_lists(th_catalogue_t *catalogue) {
    for (int kind = 0; kind < TH_LISTS; kind++)
        for (int form = TH_TOOL_LIST_FORMS - 1; form >= 0; form--)
            if (form == 0 || catalogue->lists[kind][form] != catalogue->lists[kind][form - 1])
                free(catalogue->lists[kind][form]);
}
