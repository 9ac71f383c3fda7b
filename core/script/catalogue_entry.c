/* catalogue_entry.c - one tool, resource or prompt of a generation: made from what the words said
 * of it (a JSON object, lowered by lua/words_check.lua and its siblings), and freed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script/catalogue_parts.h"

const th_json_limits_t th_tool_schema_limits = {
    .bytes = TH_TOOL_SCHEMA_BYTES, .depth = 64, .nodes = 100000, .refuse_duplicates = true};

/* What is being completed. */
typedef struct build {
    th_tool_entry_t *entry;
    const th_tool_texts_t *texts;
    th_json_value_t facts;
    th_error_t *error;
} build_t;

static bool no_memory(const build_t *build) {
    return th_error_set(build->error, "no_memory", "cannot be loaded: out of memory");
}

/* A copy that lives with the entry; NULL: no memory. */
static const char *keep(th_tool_entry_t *entry, th_slice_t text) {
    char **texts = realloc(entry->texts, (entry->text_count + 1) * sizeof *texts);
    if (!texts) return NULL;
    entry->texts = texts;
    char *copy = malloc(text.length + 1);
    if (!copy) return NULL;
    if (text.length > 0) memcpy(copy, text.data, text.length);
    copy[text.length] = '\0';
    return texts[entry->text_count++] = copy;
}

static th_slice_t fact(th_json_value_t object, const char *key) {
    th_slice_t text = {NULL, 0};
    th_json_string(th_json_member(object, key), &text);
    return text;
}

static const char *keep_fact(const build_t *build, th_json_value_t object, const char *key) {
    return keep(build->entry, fact(object, key));
}

static int64_t whole_fact(const build_t *build, const char *key, int64_t fallback) {
    int64_t number = fallback;
    th_json_integer(th_json_member(build->facts, key), &number);
    return number;
}

static bool flag_fact(th_json_value_t object, const char *key) {
    bool flag = false;
    th_json_boolean(th_json_member(object, key), &flag);
    return flag;
}

/* The place of a fact in a list of words; <fallback> when it is none of them. */
static int word_fact(const build_t *build, const char *key, const char *const *words, int count,
                     int fallback) {
    th_slice_t word = fact(build->facts, key);
    for (int i = 0; i < count; i++)
        if (th_slice_equal(word, th_slice_of(words[i]))) return i;
    return fallback;
}

/* ---- schemas ---- */

/* The document (the caller's) and the compiled schema, or neither. */
static th_json_document_t *compile_schema(const build_t *build, th_slice_t schema,
                                          const th_schema_t **compiled) {
    th_json_document_t *document =
        th_json_parse(build->texts->parser, schema, &th_tool_schema_limits, build->error);
    *compiled = document ? th_schema_compile(th_json_root(document), build->error) : NULL;
    if (*compiled) return document;
    th_json_unref(document);
    return NULL;
}

static bool take_schemas(const build_t *build) {
    th_tool_entry_t *entry = build->entry;
    entry->input_document = compile_schema(build, fact(build->facts, "input"), &entry->tool.input);
    if (!entry->input_document) return false;
    entry->tool.input_schema = th_json_root(entry->input_document);
    th_slice_t output = fact(build->facts, "output");
    if (!output.data) return true;
    entry->output_document = compile_schema(build, output, &entry->tool.output);
    if (!entry->output_document) return false;
    entry->tool.output_schema = th_json_root(entry->output_document);
    return true;
}

static bool take_forms(const build_t *build) {
    th_tool_entry_t *entry = build->entry;
    th_json_value_t list = th_json_member(build->facts, "forms");
    size_t count = th_json_count(list);
    if (count == 0) return true;
    entry->forms = calloc(count, sizeof *entry->forms);
    if (!entry->forms) return no_memory(build);
    th_json_iterator_t each = th_json_iterate(list);
    while (th_json_next(&each)) {
        th_form_entry_t *form = &entry->forms[entry->form_count];
        if (!th_json_string(each.value, &form->form.text)) continue;
        form->document = compile_schema(build, form->form.text, &form->form.schema);
        if (!form->document) return false;
        entry->form_count++;
    }
    return true;
}

/* ---- lists ---- */

static th_json_type_t header_type(th_json_value_t fact_of_header) {
    th_slice_t type = fact(fact_of_header, "type");
    if (th_slice_is(type, "integer")) return TH_JSON_INTEGER;
    return th_slice_is(type, "boolean") ? TH_JSON_TRUE : TH_JSON_STRING;
}

static bool take_headers(const build_t *build) {
    th_tool_entry_t *entry = build->entry;
    th_json_value_t list = th_json_member(build->facts, "headers");
    size_t count = th_json_count(list);
    if (count == 0) return true;
    entry->headers = calloc(count, sizeof *entry->headers);
    if (!entry->headers) return no_memory(build);
    entry->tool.headers = entry->headers;
    th_json_iterator_t each = th_json_iterate(list);
    while (th_json_next(&each)) {
        th_header_t *header = &entry->headers[entry->tool.header_count++];
        header->type = header_type(each.value);
        header->name = keep_fact(build, each.value, "name");
        if (!header->name) return no_memory(build);
        th_json_iterator_t step = th_json_iterate(th_json_member(each.value, "path"));
        while (th_json_next(&step) && header->depth < TH_HEADER_DEPTH) {
            th_slice_t name = {NULL, 0};
            th_json_string(step.value, &name);
            header->path[header->depth] = keep(entry, name);
            if (!header->path[header->depth++]) return no_memory(build);
        }
    }
    return true;
}

static bool take_arguments(const build_t *build) {
    th_tool_entry_t *entry = build->entry;
    th_json_value_t list = th_json_member(build->facts, "arguments");
    size_t count = th_json_count(list);
    if (count == 0) return true;
    entry->arguments = calloc(count, sizeof *entry->arguments);
    if (!entry->arguments) return no_memory(build);
    entry->tool.arguments = entry->arguments;
    th_json_iterator_t each = th_json_iterate(list);
    while (th_json_next(&each)) {
        th_argument_t *argument = &entry->arguments[entry->tool.argument_count++];
        argument->name = keep_fact(build, each.value, "name");
        argument->title = keep_fact(build, each.value, "title");
        argument->description = keep_fact(build, each.value, "about");
        argument->required = flag_fact(each.value, "required");
        argument->completes = flag_fact(each.value, "completes");
        if (!argument->name || !argument->title || !argument->description) return no_memory(build);
    }
    return true;
}

/* ---- the whole ---- */

static void take_plain(const build_t *build) {
    static const char *const kinds[] = {"tool", "resource", "prompt", "handler"};
    static const char *const effects[] = {"read", "add", "change", "remove"};
    static const char *const tasks[] = {"never", "may", "must", "later"};
    th_item_t *item = &build->entry->tool;
    item->kind = (th_item_kind_t)word_fact(build, "kind", kinds, 4, TH_ITEM_TOOL);
    /* The careful ones; the words let no other in. */
    item->effect = (th_effect_t)word_fact(build, "effect", effects, 4, TH_EFFECT_REMOVE);
    item->task = (th_task_support_t)word_fact(build, "task", tasks, 4, TH_TASK_NEVER);
    item->read_only = flag_fact(build->facts, "read_only");
    item->destructive = flag_fact(build->facts, "destructive");
    item->idempotent = flag_fact(build->facts, "idempotent");
    item->open_world = flag_fact(build->facts, "open_world");
    item->is_template = flag_fact(build->facts, "template");
    item->relay = flag_fact(build->facts, "relay");
    item->previews = flag_fact(build->facts, "previews");
    item->needs = (unsigned)whole_fact(build, "needs", 0);
    item->cpu_limit = (uint64_t)whole_fact(build, "cpu", 0);
    item->timeout = (uint64_t)whole_fact(build, "time", 0);
    item->size = whole_fact(build, "size", -1);
    item->icons = th_json_member(build->facts, "icons");
    item->annotations = th_json_member(build->facts, "annotations");
}

/* "task" of "task/get_task.lua". */
static th_slice_t domain_of(const char *relative) {
    const char *slash = strrchr(relative, '/');
    return th_slice(relative, slash ? (size_t)(slash - relative) : 0);
}

static bool take_texts(const build_t *build, const th_tool_file_t *file) {
    th_item_t *item = &build->entry->tool;
    item->name = keep_fact(build, build->facts, "name");
    item->title = keep_fact(build, build->facts, "title");
    item->description = keep_fact(build, build->facts, "about");
    item->uri = keep_fact(build, build->facts, "uri");
    item->mime = keep_fact(build, build->facts, "mime");
    item->event = keep_fact(build, build->facts, "event");
    item->domain = keep(build->entry, domain_of(file->relative));
    item->file = keep(build->entry, th_slice_of(file->path));
    return item->name && item->title && item->description && item->uri && item->mime &&
           item->event && item->domain && item->file;
}

/* What a person approves when they approve this tool: anything of it that changes changes this. */
static th_digest_t definition_of(const th_tool_texts_t *texts) {
    const th_slice_t parts[] = {texts->facts, texts->source};
    return th_hash_parts(NULL, parts, sizeof parts / sizeof *parts);
}

bool th_tool_entry_complete(th_tool_entry_t *entry, const th_tool_file_t *file,
                            const th_tool_texts_t *texts, th_error_t *error) {
    build_t build = {.entry = entry, .texts = texts, .error = error};
    if (!entry->chunk || !texts->facts.data) return no_memory(&build);
    entry->facts = th_json_parse(texts->parser, texts->facts, &th_tool_schema_limits, error);
    if (!entry->facts) return false;
    build.facts = th_json_root(entry->facts);
    if (!take_texts(&build, file)) return no_memory(&build);
    take_plain(&build);
    entry->tool.definition = definition_of(texts);
    return take_schemas(&build) && take_forms(&build) && take_headers(&build) &&
           take_arguments(&build);
}

void th_tool_entry_free(th_tool_entry_t *entry) {
    th_schema_free((th_schema_t *)entry->tool.input);
    th_schema_free((th_schema_t *)entry->tool.output);
    for (size_t i = 0; i < entry->form_count; i++) {
        th_schema_free((th_schema_t *)entry->forms[i].form.schema);
        th_json_unref(entry->forms[i].document);
    }
    th_json_unref(entry->input_document);
    th_json_unref(entry->output_document);
    th_json_unref(entry->facts);
    for (size_t i = 0; i < entry->text_count; i++)
        free(entry->texts[i]);
    free(entry->texts);
    free(entry->forms);
    free(entry->headers);
    free(entry->arguments);
    free(entry->chunk);
    memset(entry, 0, sizeof *entry);
}

/* ---- looking into an item ---- */

const th_form_t *th_item_form(const th_item_t *item, size_t number) {
    const th_tool_entry_t *entry = (const th_tool_entry_t *)(const void *)item; /* first member */
    return number >= 1 && number <= entry->form_count ? &entry->forms[number - 1].form : NULL;
}

const th_argument_t *th_item_argument(const th_item_t *item, th_slice_t name) {
    for (size_t i = 0; i < item->argument_count; i++)
        if (th_slice_is(name, item->arguments[i].name)) return &item->arguments[i];
    return NULL;
}

th_json_value_t th_header_value(const th_header_t *header, th_json_value_t arguments) {
    th_json_value_t value = arguments;
    for (size_t i = 0; i < header->depth; i++)
        value = th_json_member(value, header->path[i]);
    return value;
}

const char *th_item_kind_name(th_item_kind_t kind) {
    switch (kind) {
    case TH_ITEM_TOOL: return "tool";
    case TH_ITEM_RESOURCE: return "resource";
    case TH_ITEM_PROMPT: return "prompt";
    case TH_ITEM_HANDLER: return "handler";
    case TH_ITEM_KINDS: break;
    }
    return "item";
}
