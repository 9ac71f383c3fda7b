/* schema_keywords.c - the table of keywords: the one place that says which there are, to which
 * vocabulary each belongs, how its value is compiled and which check judges instances.
 * The order is the order of judging and of errors: cheap and telling first, unevaluated* last. */
#include <string.h>

#include "json/schema_internal.h"

#define NUMBERS (TH_SCHEMA_NUMBER | TH_SCHEMA_INTEGER)

/* clang-format off */
static const th_schema_keyword_t keywords[] = {
    {"$schema", TH_VOCABULARY_CORE, 0, th_compile_text, NULL, false},
    {"$id", TH_VOCABULARY_CORE, 0, th_compile_text, NULL, false},
    {"$anchor", TH_VOCABULARY_CORE, 0, th_compile_text, NULL, false},
    {"$dynamicAnchor", TH_VOCABULARY_CORE, 0, th_compile_text, NULL, false},
    {"$vocabulary", TH_VOCABULARY_CORE, 0, th_compile_nothing, NULL, false},
    {"$comment", TH_VOCABULARY_CORE, 0, th_compile_text, NULL, false},
    {"$defs", TH_VOCABULARY_CORE, 0, th_compile_definitions, NULL, false},
    {"definitions", TH_VOCABULARY_CORE, 0, th_compile_definitions, NULL, false},
    {"title", TH_VOCABULARY_META_DATA, 0, th_compile_text, NULL, false},
    {"description", TH_VOCABULARY_META_DATA, 0, th_compile_text, NULL, false},
    {"default", TH_VOCABULARY_META_DATA, 0, th_compile_nothing, NULL, false},
    {"deprecated", TH_VOCABULARY_META_DATA, 0, th_compile_flag, NULL, false},
    {"readOnly", TH_VOCABULARY_META_DATA, 0, th_compile_flag, NULL, false},
    {"writeOnly", TH_VOCABULARY_META_DATA, 0, th_compile_flag, NULL, false},
    {"examples", TH_VOCABULARY_META_DATA, 0, th_compile_array, NULL, false},
    {"contentEncoding", TH_VOCABULARY_CONTENT, 0, th_compile_text, NULL, false},
    {"contentMediaType", TH_VOCABULARY_CONTENT, 0, th_compile_text, NULL, false},
    {"contentSchema", TH_VOCABULARY_CONTENT, 0, th_compile_content_schema, NULL, false},
    {"type", TH_VOCABULARY_VALIDATION, TH_SCHEMA_ANY, th_compile_types, th_check_types, false},
    {"const", TH_VOCABULARY_VALIDATION, TH_SCHEMA_ANY, th_compile_value, th_check_const, false},
    {"enum", TH_VOCABULARY_VALIDATION, TH_SCHEMA_ANY, th_compile_enum, th_check_enum, false},
    {"minimum", TH_VOCABULARY_VALIDATION, NUMBERS, th_compile_number, th_check_minimum, false},
    {"maximum", TH_VOCABULARY_VALIDATION, NUMBERS, th_compile_number, th_check_maximum, false},
    {"exclusiveMinimum", TH_VOCABULARY_VALIDATION, NUMBERS, th_compile_number, th_check_exclusive_minimum, false},
    {"exclusiveMaximum", TH_VOCABULARY_VALIDATION, NUMBERS, th_compile_number, th_check_exclusive_maximum, false},
    {"multipleOf", TH_VOCABULARY_VALIDATION, NUMBERS, th_compile_divisor, th_check_multiple_of, false},
    {"minLength", TH_VOCABULARY_VALIDATION, TH_SCHEMA_STRING, th_compile_count, th_check_min_length, false},
    {"maxLength", TH_VOCABULARY_VALIDATION, TH_SCHEMA_STRING, th_compile_count, th_check_max_length, false},
    {"pattern", TH_VOCABULARY_VALIDATION, TH_SCHEMA_STRING, th_compile_pattern, th_check_pattern, false},
    {"format", TH_VOCABULARY_FORMAT, TH_SCHEMA_STRING, th_compile_format, th_check_format, false},
    {"minItems", TH_VOCABULARY_VALIDATION, TH_SCHEMA_ARRAY, th_compile_count, th_check_min_items, false},
    {"maxItems", TH_VOCABULARY_VALIDATION, TH_SCHEMA_ARRAY, th_compile_count, th_check_max_items, false},
    {"uniqueItems", TH_VOCABULARY_VALIDATION, TH_SCHEMA_ARRAY, th_compile_unique, th_check_unique_items, false},
    {"minProperties", TH_VOCABULARY_VALIDATION, TH_SCHEMA_OBJECT, th_compile_count, th_check_min_properties, false},
    {"maxProperties", TH_VOCABULARY_VALIDATION, TH_SCHEMA_OBJECT, th_compile_count, th_check_max_properties, false},
    {"required", TH_VOCABULARY_VALIDATION, TH_SCHEMA_OBJECT, th_compile_names, th_check_required, false},
    {"dependentRequired", TH_VOCABULARY_VALIDATION, TH_SCHEMA_OBJECT, th_compile_dependent_required, th_check_dependent_required, false},
    {"properties", TH_VOCABULARY_APPLICATOR, TH_SCHEMA_OBJECT, th_compile_properties, th_check_members, false},
    {"patternProperties", TH_VOCABULARY_APPLICATOR, TH_SCHEMA_OBJECT, th_compile_pattern_properties, th_check_members, false},
    {"additionalProperties", TH_VOCABULARY_APPLICATOR, TH_SCHEMA_OBJECT, th_compile_additional, th_check_members, false},
    {"propertyNames", TH_VOCABULARY_APPLICATOR, TH_SCHEMA_OBJECT, th_compile_node, th_check_property_names, false},
    {"prefixItems", TH_VOCABULARY_APPLICATOR, TH_SCHEMA_ARRAY, th_compile_prefix_items, th_check_items, false},
    {"items", TH_VOCABULARY_APPLICATOR, TH_SCHEMA_ARRAY, th_compile_items, th_check_items, false},
    {"contains", TH_VOCABULARY_APPLICATOR, TH_SCHEMA_ARRAY, th_compile_contains, th_check_contains, false},
    {"minContains", TH_VOCABULARY_VALIDATION, TH_SCHEMA_ARRAY, th_compile_contains_count, th_check_contains, false},
    {"maxContains", TH_VOCABULARY_VALIDATION, TH_SCHEMA_ARRAY, th_compile_contains_count, th_check_contains, false},
    {"$ref", TH_VOCABULARY_CORE, TH_SCHEMA_ANY, th_compile_reference, th_check_reference, false},
    {"$dynamicRef", TH_VOCABULARY_CORE, TH_SCHEMA_ANY, th_compile_reference, th_check_reference, false},
    {"allOf", TH_VOCABULARY_APPLICATOR, TH_SCHEMA_ANY, th_compile_list, th_check_all_of, false},
    {"anyOf", TH_VOCABULARY_APPLICATOR, TH_SCHEMA_ANY, th_compile_list, th_check_any_of, false},
    {"oneOf", TH_VOCABULARY_APPLICATOR, TH_SCHEMA_ANY, th_compile_list, th_check_one_of, false},
    {"not", TH_VOCABULARY_APPLICATOR, TH_SCHEMA_ANY, th_compile_node, th_check_not, false},
    {"if", TH_VOCABULARY_APPLICATOR, TH_SCHEMA_ANY, th_compile_condition, th_check_condition, false},
    {"then", TH_VOCABULARY_APPLICATOR, TH_SCHEMA_ANY, th_compile_condition, th_check_condition, false},
    {"else", TH_VOCABULARY_APPLICATOR, TH_SCHEMA_ANY, th_compile_condition, th_check_condition, false},
    {"dependentSchemas", TH_VOCABULARY_APPLICATOR, TH_SCHEMA_OBJECT, th_compile_named_nodes, th_check_dependent_schemas, false},
    {"dependencies", TH_VOCABULARY_APPLICATOR, TH_SCHEMA_OBJECT, th_compile_dependencies, th_check_dependent_schemas, false},
    {"unevaluatedItems", TH_VOCABULARY_UNEVALUATED, TH_SCHEMA_ARRAY, th_compile_node, th_check_unevaluated_items, true},
    {"unevaluatedProperties", TH_VOCABULARY_UNEVALUATED, TH_SCHEMA_OBJECT, th_compile_node, th_check_unevaluated_properties, true},
};
/* clang-format on */

const th_schema_keyword_t *th_schema_keyword_find(th_slice_t name) {
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++)
        if (th_slice_is(name, keywords[i].name)) return &keywords[i];
    return NULL;
}

bool th_schema_keyword_before(const th_schema_keyword_t *a, const th_schema_keyword_t *b) {
    return a < b;
}
