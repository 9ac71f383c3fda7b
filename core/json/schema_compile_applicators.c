/* schema_compile_applicators.c - compiles the keywords that hold subschemas. Keywords that are
 * judged together share one rule: whichever comes first makes it. */
#include <stdlib.h>

#include "json/schema_keywords.h"

/* The shared rule of the keywords with the same check; its part of <size> bytes is made zeroed. */
static void *shared_part(th_schema_compiler_t *compiler, th_schema_node_t *node,
                         const th_schema_keyword_t *keyword, th_json_value_t value, size_t size) {
    for (size_t i = 0; i < node->rule_count; i++)
        if (node->rules[i].keyword->check == keyword->check)
            return node->rules[i].as.members; /* all parts are pointers at the same place */
    void *part = th_schema_allocate(compiler, 1, size);
    if (part) th_schema_rule_add(node, keyword, value)->as.members = part;
    return part;
}

static int compare_names(const void *a, const void *b) {
    const th_schema_named_t *left = a, *right = b;
    if (left->name.length != right->name.length)
        return left->name.length < right->name.length ? -1 : 1;
    if (left->name.length == 0) return 0;
    return memcmp(left->name.data, right->name.data, left->name.length);
}

static int compare_entries(const void *a, const void *b) {
    const th_schema_named_t *left = a, *right = b;
    int names = compare_names(a, b);
    if (names != 0) return names;
    return left->value.index < right->value.index ? -1 : left->value.index > right->value.index;
}

/* By name; of entries with the same name the last in the document stays. */
static void sort_named(th_schema_named_list_t *list) {
    if (list->count == 0) return;
    qsort(list->entries, list->count, sizeof *list->entries, compare_entries);
    size_t kept = 0;
    for (size_t i = 1; i < list->count; i++) {
        if (!th_slice_equal(list->entries[kept].name, list->entries[i].name)) kept++;
        list->entries[kept] = list->entries[i];
    }
    list->count = kept + 1;
}

const th_schema_named_t *th_schema_named_find(const th_schema_named_list_t *list, th_slice_t name) {
    if (list->count == 0) return NULL;
    th_schema_named_t wanted = {.name = name};
    return bsearch(&wanted, list->entries, list->count, sizeof *list->entries, compare_names);
}

static bool make_named(th_schema_compiler_t *compiler, const th_schema_node_t *node,
                       const th_schema_keyword_t *keyword, th_json_value_t value,
                       th_schema_named_list_t *list) {
    if (!th_json_is_object(value))
        return th_schema_refuse_type(compiler, keyword, value, "an object of schemas");
    size_t count = th_json_count(value);
    if (count == 0) return true;
    list->entries = th_schema_allocate(compiler, count, sizeof *list->entries);
    if (!list->entries) return false;
    th_json_iterator_t it = th_json_iterate(value);
    while (th_json_next(&it)) {
        th_schema_named_t *entry = &list->entries[list->count++];
        entry->name = it.key;
        entry->value = it.value;
        entry->node = th_schema_node_make(compiler, it.value, node->resource);
        if (!entry->node) return false;
    }
    sort_named(list);
    return true;
}

TH_SCHEMA_COMPILE(th_compile_definitions) {
    if (!th_json_is_object(value))
        return th_schema_refuse_type(compiler, keyword, value, "an object of schemas");
    th_json_iterator_t it = th_json_iterate(value);
    while (th_json_next(&it))
        if (!th_schema_node_make(compiler, it.value, node->resource)) return false;
    return true;
}

TH_SCHEMA_COMPILE(th_compile_content_schema) {
    (void)keyword;
    return th_schema_node_make(compiler, value, node->resource) != NULL;
}

TH_SCHEMA_COMPILE(th_compile_node) {
    const th_schema_node_t *inner = th_schema_node_make(compiler, value, node->resource);
    if (!inner) return false;
    th_schema_rule_add(node, keyword, value)->as.node = inner;
    return true;
}

static bool make_list(th_schema_compiler_t *compiler, const th_schema_node_t *node,
                      const th_schema_keyword_t *keyword, th_json_value_t value,
                      th_schema_list_t *list) {
    if (!th_json_is_array(value) || th_json_count(value) == 0)
        return th_schema_refuse(compiler, value, "`%s` must be an array of at least one schema",
                                keyword->name);
    list->nodes = th_schema_allocate(compiler, th_json_count(value), sizeof(th_schema_node_t *));
    if (!list->nodes) return false;
    th_json_iterator_t it = th_json_iterate(value);
    while (th_json_next(&it)) {
        const th_schema_node_t *inner = th_schema_node_make(compiler, it.value, node->resource);
        if (!inner) return false;
        list->nodes[list->count++] = inner;
    }
    return true;
}

TH_SCHEMA_COMPILE(th_compile_list) {
    th_schema_list_t list = {NULL, 0};
    if (!make_list(compiler, node, keyword, value, &list)) return false;
    th_schema_rule_add(node, keyword, value)->as.list = list;
    return true;
}

TH_SCHEMA_COMPILE(th_compile_named_nodes) {
    th_schema_named_list_t list = {NULL, 0};
    if (!make_named(compiler, node, keyword, value, &list)) return false;
    th_schema_rule_add(node, keyword, value)->as.named = list;
    return true;
}

/* The older form: each member is a schema or an array of property names. */
TH_SCHEMA_COMPILE(th_compile_dependencies) {
    if (!th_json_is_object(value))
        return th_schema_refuse_type(compiler, keyword, value, "an object");
    th_schema_named_list_t list = {NULL, 0};
    list.entries = th_schema_allocate(compiler, th_json_count(value), sizeof *list.entries);
    if (!list.entries) return false;
    th_json_iterator_t it = th_json_iterate(value);
    while (th_json_next(&it)) {
        th_schema_named_t *entry = &list.entries[list.count++];
        *entry = (th_schema_named_t){.name = it.key, .value = it.value};
        if (th_json_is_array(it.value)) {
            th_json_iterator_t names = th_json_iterate(it.value);
            while (th_json_next(&names))
                if (!th_json_is_string(names.value))
                    return th_schema_refuse_type(compiler, keyword, names.value,
                                                 "an array of property names");
            continue;
        }
        entry->node = th_schema_node_make(compiler, it.value, node->resource);
        if (!entry->node) return false;
    }
    th_schema_rule_add(node, keyword, value)->as.named = list;
    return true;
}

TH_SCHEMA_COMPILE(th_compile_properties) {
    th_schema_named_list_t list = {NULL, 0};
    if (!make_named(compiler, node, keyword, value, &list)) return false;
    th_schema_members_t *members =
        shared_part(compiler, node, keyword, value, sizeof(th_schema_members_t));
    if (!members) return false;
    members->named = list;
    members->names = value;
    return true;
}

TH_SCHEMA_COMPILE(th_compile_pattern_properties) {
    if (!th_json_is_object(value))
        return th_schema_refuse_type(compiler, keyword, value, "an object of schemas");
    th_schema_members_t *members =
        shared_part(compiler, node, keyword, value, sizeof(th_schema_members_t));
    if (!members) return false;
    members->patterns =
        th_schema_allocate(compiler, th_json_count(value), sizeof *members->patterns);
    if (!members->patterns) return false;
    th_json_iterator_t it = th_json_iterate(value);
    while (th_json_next(&it)) {
        th_error_t error;
        th_regex_t *regex = th_regex_compile(it.key, &error);
        if (!regex) return th_schema_refuse(compiler, it.value, "%s", error.message);
        regex->next = compiler->schema->regexes;
        compiler->schema->regexes = regex;
        const th_schema_node_t *inner = th_schema_node_make(compiler, it.value, node->resource);
        if (!inner) return false;
        members->patterns[members->pattern_count++] = (th_schema_pattern_t){regex, it.key, inner};
    }
    return true;
}

TH_SCHEMA_COMPILE(th_compile_additional) {
    const th_schema_node_t *inner = th_schema_node_make(compiler, value, node->resource);
    th_schema_members_t *members =
        inner ? shared_part(compiler, node, keyword, value, sizeof(th_schema_members_t)) : NULL;
    if (!members) return false;
    members->additional = inner;
    return true;
}

TH_SCHEMA_COMPILE(th_compile_prefix_items) {
    th_schema_list_t list = {NULL, 0};
    if (!make_list(compiler, node, keyword, value, &list)) return false;
    th_schema_items_t *items =
        shared_part(compiler, node, keyword, value, sizeof(th_schema_items_t));
    if (!items) return false;
    items->prefix = list;
    return true;
}

TH_SCHEMA_COMPILE(th_compile_items) {
    if (th_json_is_array(value))
        return th_schema_refuse(compiler, value,
                                "`items` must be one schema; for a schema per position write "
                                "`prefixItems`");
    const th_schema_node_t *inner = th_schema_node_make(compiler, value, node->resource);
    th_schema_items_t *items =
        inner ? shared_part(compiler, node, keyword, value, sizeof(th_schema_items_t)) : NULL;
    if (!items) return false;
    items->rest = inner;
    return true;
}

TH_SCHEMA_COMPILE(th_compile_condition) {
    const th_schema_node_t *inner = th_schema_node_make(compiler, value, node->resource);
    th_schema_condition_t *condition =
        inner ? shared_part(compiler, node, keyword, value, sizeof(th_schema_condition_t)) : NULL;
    if (!condition) return false;
    if (strcmp(keyword->name, "if") == 0)
        condition->test = inner;
    else if (strcmp(keyword->name, "then") == 0)
        condition->then = inner;
    else
        condition->otherwise = inner;
    return true;
}
