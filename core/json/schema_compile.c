/* schema_compile.c - from a document to a graph of nodes: memory, nodes, the order of rules, and
 * the two steps of compiling (all subschemas first, then the references between them). */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "json/schema_internal.h"

struct th_schema_block {
    struct th_schema_block *next;
    size_t used, size;
    max_align_t data[];
};

#define BLOCK_SIZE ((size_t)8192)

static th_schema_block_t *add_block(th_schema_t *schema, size_t size) {
    th_schema_block_t *block = malloc(sizeof *block + size);
    if (!block) return NULL;
    *block = (th_schema_block_t){.next = schema->blocks, .size = size};
    schema->blocks = block;
    schema->memory += size;
    return block;
}

void *th_schema_allocate(th_schema_compiler_t *compiler, size_t count, size_t size) {
    th_schema_t *schema = compiler->schema;
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) ||
        bytes > TH_SCHEMA_MAX_MEMORY - schema->memory) {
        th_error_set(compiler->error, "too_large", "the schema is too large to compile");
        return NULL;
    }
    const size_t align = _Alignof(max_align_t);
    bytes = (bytes + align - 1) / align * align;
    th_schema_block_t *block = schema->blocks;
    if (!block || block->size - block->used < bytes)
        block = add_block(schema, bytes > BLOCK_SIZE ? bytes : BLOCK_SIZE);
    if (!block) {
        th_error_set(compiler->error, "no_memory", "out of memory while compiling a schema");
        return NULL;
    }
    void *memory = (char *)block->data + block->used;
    block->used += bytes;
    return memset(memory, 0, bytes);
}

bool th_schema_refuse(th_schema_compiler_t *compiler, th_json_value_t value, const char *format,
                      ...) {
    char place[200], message[300];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    th_text_trim(message, sizeof message);
    bool ours = value.document == compiler->root.document;
    th_schema_locate(ours ? compiler->root : th_json_root(value.document), value, place,
                     sizeof place);
    return th_error_set(compiler->error, "bad_schema", "at %s: %s",
                        place[0] ? place : "the top of the schema", message);
}

bool th_schema_refuse_type(th_schema_compiler_t *compiler, const th_schema_keyword_t *keyword,
                           th_json_value_t value, const char *what) {
    return th_schema_refuse(compiler, value, "`%s` must be %s, not %s", keyword->name, what,
                            th_json_type_name(th_json_type(value)));
}

static th_slice_t key_of_value(const th_json_value_t *value) {
    return th_slice((const char *)value, sizeof *value);
}

th_schema_node_t *th_schema_node_find(const th_schema_compiler_t *compiler, th_json_value_t value) {
    return th_table_get(compiler->nodes, key_of_value(&value));
}

th_schema_rule_t *th_schema_rule_add(th_schema_node_t *node, const th_schema_keyword_t *keyword,
                                     th_json_value_t value) {
    /* Insertion keeps the table's order whatever the order of the document. */
    size_t at = node->rule_count++;
    for (; at > 0 && th_schema_keyword_before(keyword, node->rules[at - 1].keyword); at--)
        node->rules[at] = node->rules[at - 1];
    node->rules[at] = (th_schema_rule_t){.keyword = keyword, .value = value};
    if (keyword->last) node->has_unevaluated = true;
    return &node->rules[at];
}

static bool compile_keywords(th_schema_compiler_t *compiler, th_schema_node_t *node) {
    size_t known = 0;
    th_json_iterator_t it = th_json_iterate(node->source);
    while (th_json_next(&it))
        if (th_schema_keyword_find(it.key)) known++;
    if (known == 0) return true;
    node->rules = th_schema_allocate(compiler, known, sizeof *node->rules);
    if (!node->rules) return false;
    it = th_json_iterate(node->source);
    while (th_json_next(&it)) {
        const th_schema_keyword_t *keyword = th_schema_keyword_find(it.key);
        if (!keyword || !(keyword->vocabulary & node->resource->vocabularies)) continue;
        /* A document may have been read with "the last duplicate wins": so it is here. */
        if (th_json_get(node->source, it.key).index != it.value.index) continue;
        if (!keyword->compile(compiler, node, keyword, it.value)) return false;
    }
    return true;
}

static bool fill_node(th_schema_compiler_t *compiler, th_schema_node_t *node,
                      th_schema_resource_t *resource) {
    bool boolean;
    node->resource = resource;
    if (th_json_boolean(node->source, &boolean)) {
        node->shape = boolean ? TH_SHAPE_TRUE : TH_SHAPE_FALSE;
        return true;
    }
    if (!th_json_is_object(node->source))
        return th_schema_refuse(compiler, node->source,
                                "a schema must be an object, true or false, not %s",
                                th_json_type_name(th_json_type(node->source)));
    if (compiler->nesting >= TH_SCHEMA_MAX_NESTING)
        return th_error_set(compiler->error, "too_deep", "the schema is nested over %d deep",
                            TH_SCHEMA_MAX_NESTING);
    compiler->nesting++;
    bool fine = th_schema_identify(compiler, node, resource) && compile_keywords(compiler, node);
    compiler->nesting--;
    return fine;
}

th_schema_node_t *th_schema_node_make(th_schema_compiler_t *compiler, th_json_value_t value,
                                      th_schema_resource_t *resource) {
    th_schema_node_t *node = th_schema_node_find(compiler, value);
    if (node) return node;
    if (++compiler->node_count > TH_SCHEMA_MAX_NODES) {
        th_error_set(compiler->error, "too_large", "the schema has over %d subschemas",
                     TH_SCHEMA_MAX_NODES);
        return NULL;
    }
    node = th_schema_allocate(compiler, 1, sizeof *node);
    if (!node) return NULL;
    node->source = value;
    if (!th_table_put(compiler->nodes, key_of_value(&value), node)) {
        th_error_set(compiler->error, "no_memory", "out of memory while compiling a schema");
        return NULL;
    }
    return fill_node(compiler, node, resource) ? node : NULL;
}

static bool compile_root(th_schema_compiler_t *compiler, th_json_value_t value) {
    th_schema_resource_t *resource = th_schema_allocate(compiler, 1, sizeof *resource);
    if (!resource) return false;
    resource->vocabularies = TH_VOCABULARY_ALL;
    compiler->resources = resource;
    th_schema_node_t *root = th_schema_node_make(compiler, value, resource);
    if (!root) return false;
    if (!resource->root) resource->root = root;
    compiler->schema->root = root;
    return th_schema_resolve_all(compiler);
}

th_schema_t *th_schema_compile_with(th_json_value_t value, const th_schema_options_t *options,
                                    th_error_t *error) {
    static const th_schema_options_t defaults = {.formats_annotate = false};
    th_error_t unwanted;
    th_error_clear(&unwanted);
    if (!error) error = &unwanted;
    th_schema_compiler_t compiler = {
        .root = value, .options = options ? options : &defaults, .error = error};
    if (th_json_type(value) == TH_JSON_ABSENT) {
        th_error_set(error, "bad_schema", "there is no schema");
        return NULL;
    }
    compiler.schema = calloc(1, sizeof *compiler.schema);
    compiler.nodes = th_table_new(TH_SCHEMA_MAX_NODES);
    bool compiled = false;
    if (compiler.schema && compiler.nodes) {
        compiler.schema->documents[0] = th_json_ref(value.document);
        compiler.schema->document_count = 1;
        compiled = compile_root(&compiler, value);
    } else {
        th_error_set(error, "no_memory", "out of memory while compiling a schema");
    }
    th_table_free(compiler.nodes);
    if (compiled) return compiler.schema;
    th_schema_free(compiler.schema);
    return NULL;
}

th_schema_t *th_schema_compile(th_json_value_t value, th_error_t *error) {
    return th_schema_compile_with(value, NULL, error);
}

void th_schema_free(th_schema_t *schema) {
    if (!schema) return;
    while (schema->regexes) {
        th_regex_t *regex = schema->regexes;
        schema->regexes = regex->next;
        th_regex_free(regex);
    }
    while (schema->blocks) {
        th_schema_block_t *block = schema->blocks;
        schema->blocks = block->next;
        free(block);
    }
    for (size_t i = 0; i < schema->document_count; i++)
        th_json_unref(schema->documents[i]);
    free(schema);
}
