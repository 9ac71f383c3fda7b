/* catalogue_render.c - the JSON of `tools/list`, once per generation, for each of its three forms.
 */
#include <stdlib.h>

#include "script/catalogue_parts.h"

/* All four hints are always there: clients take a missing one for the worse. The title lived here
 * in 2025-03-26, before it became a member of the tool itself. */
static void write_annotations(th_json_writer_t *writer, const th_tool_t *tool,
                              th_tool_list_form_t form) {
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
    if (form >= TH_TOOL_LIST_2025_06_18) th_json_write_member_text(writer, "title", tool->title);
    th_json_write_member_text(writer, "description", tool->description);
    th_json_write_member_value(writer, "inputSchema", tool->input_schema);
    if (form >= TH_TOOL_LIST_2025_06_18 && tool->output)
        th_json_write_member_value(writer, "outputSchema", tool->output_schema);
    if (form >= TH_TOOL_LIST_2025_03_26) write_annotations(writer, tool, form);
    th_json_write_end(writer);
}

bool th_catalogue_render(th_catalogue_t *catalogue, th_error_t *error) {
    for (int form = 0; form < TH_TOOL_LIST_FORMS; form++) {
        th_buffer_t text;
        th_json_writer_t writer;
        th_buffer_init(&text, TH_TOOL_LIST_BYTES);
        th_json_writer_init(&writer, &text, 0);
        th_json_write_array(&writer);
        for (size_t i = 0; i < catalogue->count; i++)
            write_tool(&writer, &catalogue->entries[i].tool, (th_tool_list_form_t)form);
        th_json_write_end(&writer);
        bool fine = th_json_writer_finish(&writer, error);
        if (fine) catalogue->lists[form] = th_buffer_take(&text, &catalogue->list_lengths[form]);
        th_buffer_reset(&text);
        if (!fine) return false;
        if (!catalogue->lists[form]) return th_error_set(error, "no_memory", "out of memory");
    }
    return true;
}
