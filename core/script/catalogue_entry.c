/* catalogue_entry.c - one tool of a generation: completed from what the words made of it, and
 * freed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script/catalogue_parts.h"

const th_json_limits_t th_tool_schema_limits = {
    .bytes = TH_TOOL_SCHEMA_BYTES, .depth = 64, .nodes = 100000, .refuse_duplicates = true};

/* The document (the caller's) and the compiled schema, or neither. */
static th_json_document_t *compile_schema(const th_tool_texts_t *texts, th_slice_t schema,
                                          const th_schema_t **compiled, th_error_t *error) {
    th_json_document_t *document =
        th_json_parse(texts->parser, schema, &th_tool_schema_limits, error);
    *compiled = document ? th_schema_compile(th_json_root(document), error) : NULL;
    if (*compiled) return document;
    th_json_unref(document);
    return NULL;
}

/* What a person approves when they approve this tool: anything of it that changes changes this. */
static th_digest_t definition_of(const th_tool_entry_t *entry, const th_tool_texts_t *texts) {
    const th_tool_t *tool = &entry->tool;
    char hints[32];
    (void)snprintf(hints, sizeof hints, "%d%d%d%d%d", (int)tool->effect, tool->read_only,
                   tool->destructive, tool->idempotent, tool->open_world);
    const th_slice_t parts[] = {th_slice_of(entry->name),
                                th_slice_of(entry->title),
                                th_slice_of(entry->about),
                                th_slice_of(hints),
                                texts->input,
                                texts->output,
                                texts->source};
    return th_hash_parts(NULL, parts, sizeof parts / sizeof *parts);
}

/* "task" of "task/get_task.lua"; owned by the caller. */
static char *domain_of(const char *relative) {
    const char *slash = strrchr(relative, '/');
    return slash ? strndup(relative, (size_t)(slash - relative)) : strdup("");
}

bool th_tool_entry_complete(th_tool_entry_t *entry, const th_tool_file_t *file,
                            const th_tool_texts_t *texts, th_error_t *error) {
    entry->domain = domain_of(file->relative);
    entry->file = strdup(file->path);
    if (!entry->name || !entry->title || !entry->about || !entry->chunk || !entry->domain ||
        !entry->file || !texts->input.data)
        return th_error_set(error, "no_memory", "cannot be loaded: out of memory");
    th_tool_t *tool = &entry->tool;
    tool->name = entry->name;
    tool->title = entry->title;
    tool->description = entry->about;
    tool->domain = entry->domain;
    tool->file = entry->file;
    tool->definition = definition_of(entry, texts);
    entry->input_document = compile_schema(texts, texts->input, &tool->input, error);
    if (!entry->input_document) return false;
    tool->input_schema = th_json_root(entry->input_document);
    if (!texts->output.data) return true;
    entry->output_document = compile_schema(texts, texts->output, &tool->output, error);
    if (!entry->output_document) return false;
    tool->output_schema = th_json_root(entry->output_document);
    return true;
}

void th_tool_entry_free(th_tool_entry_t *entry) {
    th_schema_free((th_schema_t *)entry->tool.input);
    th_schema_free((th_schema_t *)entry->tool.output);
    th_json_unref(entry->input_document);
    th_json_unref(entry->output_document);
    free(entry->name);
    free(entry->title);
    free(entry->about);
    free(entry->domain);
    free(entry->file);
    free(entry->chunk);
    memset(entry, 0, sizeof *entry);
}
