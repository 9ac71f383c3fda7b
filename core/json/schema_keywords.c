/* schema_keywords.c - the table of keywords: the one place that says which there are, to which
 * vocabulary each belongs, how its value is compiled and which check judges instances.
 * The order is the order of judging and of errors: cheap and telling first, unevaluated* last. */
#include <string.h>

#include "json/schema_keywords.h"

#define NUMBERS (TH_SCHEMA_NUMBER | TH_SCHEMA_INTEGER)

/* clang-format off */
static const th_schema_keyword_t keywords[] = {
    {"$schema", th_compile_text, NULL, TH_VOCABULARY_CORE, 0, false},
    {"$id", th_compile_text, NULL, TH_VOCABULARY_CORE, 0, false},
    {"$anchor", th_compile_text, NULL, TH_VOCABULARY_CORE, 0, false},
    {"$dynamicAnchor", th_compile_text, NULL, TH_VOCABULARY_CORE, 0, false},
    {"$vocabulary", th_compile_nothing, NULL, TH_VOCABULARY_CORE, 0, false},
    {"$comment", th_compile_text, NULL, TH_VOCABULARY_CORE, 0, false},
    {"$defs", th_compile_definitions, NULL, TH_VOCABULARY_CORE, 0, false},
    {"definitions", th_compile_definitions, NULL, TH_VOCABULARY_CORE, 0, false},
    {"title", th_compile_text, NULL, TH_VOCABULARY_META_DATA, 0, false},
    {"description", th_compile_text, NULL, TH_VOCABULARY_META_DATA, 0, false},
    {"default", th_compile_nothing, NULL, TH_VOCABULARY_META_DATA, 0, false},
    {"deprecated", th_compile_flag, NULL, TH_VOCABULARY_META_DATA, 0, false},
    {"readOnly", th_compile_flag, NULL, TH_VOCABULARY_META_DATA, 0, false},
    {"writeOnly", th_compile_flag, NULL, TH_VOCABULARY_META_DATA, 0, false},
    {"examples", th_compile_array, NULL, TH_VOCABULARY_META_DATA, 0, false},
    {"contentEncoding", th_compile_text, NULL, TH_VOCABULARY_CONTENT, 0, false},
    {"contentMediaType", th_compile_text, NULL, TH_VOCABULARY_CONTENT, 0, false},
    {"contentSchema", th_compile_content_schema, NULL, TH_VOCABULARY_CONTENT, 0, false},
    {"type", th_compile_types, th_check_types, TH_VOCABULARY_VALIDATION, TH_SCHEMA_ANY, false},
    {"const", th_compile_value, th_check_const, TH_VOCABULARY_VALIDATION, TH_SCHEMA_ANY, false},
    {"enum", th_compile_enum, th_check_enum, TH_VOCABULARY_VALIDATION, TH_SCHEMA_ANY, false},
    {"minimum", th_compile_number, th_check_minimum, TH_VOCABULARY_VALIDATION, NUMBERS, false},
    {"maximum", th_compile_number, th_check_maximum, TH_VOCABULARY_VALIDATION, NUMBERS, false},
    {"exclusiveMinimum", th_compile_number, th_check_exclusive_minimum, TH_VOCABULARY_VALIDATION, NUMBERS, false},
    {"exclusiveMaximum", th_compile_number, th_check_exclusive_maximum, TH_VOCABULARY_VALIDATION, NUMBERS, false},
    {"multipleOf", th_compile_divisor, th_check_multiple_of, TH_VOCABULARY_VALIDATION, NUMBERS, false},
    {"minLength", th_compile_count, th_check_min_length, TH_VOCABULARY_VALIDATION, TH_SCHEMA_STRING, false},
    {"maxLength", th_compile_count, th_check_max_length, TH_VOCABULARY_VALIDATION, TH_SCHEMA_STRING, false},
    {"pattern", th_compile_pattern, th_check_pattern, TH_VOCABULARY_VALIDATION, TH_SCHEMA_STRING, false},
    {"format", th_compile_format, th_check_format, TH_VOCABULARY_FORMAT, TH_SCHEMA_STRING, false},
    {"minItems", th_compile_count, th_check_min_items, TH_VOCABULARY_VALIDATION, TH_SCHEMA_ARRAY, false},
    {"maxItems", th_compile_count, th_check_max_items, TH_VOCABULARY_VALIDATION, TH_SCHEMA_ARRAY, false},
    {"uniqueItems", th_compile_unique, th_check_unique_items, TH_VOCABULARY_VALIDATION, TH_SCHEMA_ARRAY, false},
    {"minProperties", th_compile_count, th_check_min_properties, TH_VOCABULARY_VALIDATION, TH_SCHEMA_OBJECT, false},
    {"maxProperties", th_compile_count, th_check_max_properties, TH_VOCABULARY_VALIDATION, TH_SCHEMA_OBJECT, false},
    {"required", th_compile_names, th_check_required, TH_VOCABULARY_VALIDATION, TH_SCHEMA_OBJECT, false},
    {"dependentRequired", th_compile_dependent_required, th_check_dependent_required, TH_VOCABULARY_VALIDATION, TH_SCHEMA_OBJECT, false},
    {"properties", th_compile_properties, th_check_members, TH_VOCABULARY_APPLICATOR, TH_SCHEMA_OBJECT, false},
    {"patternProperties", th_compile_pattern_properties, th_check_members, TH_VOCABULARY_APPLICATOR, TH_SCHEMA_OBJECT, false},
    {"additionalProperties", th_compile_additional, th_check_members, TH_VOCABULARY_APPLICATOR, TH_SCHEMA_OBJECT, false},
    {"propertyNames", th_compile_node, th_check_property_names, TH_VOCABULARY_APPLICATOR, TH_SCHEMA_OBJECT, false},
    {"prefixItems", th_compile_prefix_items, th_check_items, TH_VOCABULARY_APPLICATOR, TH_SCHEMA_ARRAY, false},
    {"items", th_compile_items, th_check_items, TH_VOCABULARY_APPLICATOR, TH_SCHEMA_ARRAY, false},
    {"contains", th_compile_contains, th_check_contains, TH_VOCABULARY_APPLICATOR, TH_SCHEMA_ARRAY, false},
    {"minContains", th_compile_contains_count, th_check_contains, TH_VOCABULARY_VALIDATION, TH_SCHEMA_ARRAY, false},
    {"maxContains", th_compile_contains_count, th_check_contains, TH_VOCABULARY_VALIDATION, TH_SCHEMA_ARRAY, false},
    {"$ref", th_compile_reference, th_check_reference, TH_VOCABULARY_CORE, TH_SCHEMA_ANY, false},
    {"$dynamicRef", th_compile_reference, th_check_reference, TH_VOCABULARY_CORE, TH_SCHEMA_ANY, false},
    {"allOf", th_compile_list, th_check_all_of, TH_VOCABULARY_APPLICATOR, TH_SCHEMA_ANY, false},
    {"anyOf", th_compile_list, th_check_any_of, TH_VOCABULARY_APPLICATOR, TH_SCHEMA_ANY, false},
    {"oneOf", th_compile_list, th_check_one_of, TH_VOCABULARY_APPLICATOR, TH_SCHEMA_ANY, false},
    {"not", th_compile_node, th_check_not, TH_VOCABULARY_APPLICATOR, TH_SCHEMA_ANY, false},
    {"if", th_compile_condition, th_check_condition, TH_VOCABULARY_APPLICATOR, TH_SCHEMA_ANY, false},
    {"then", th_compile_condition, th_check_condition, TH_VOCABULARY_APPLICATOR, TH_SCHEMA_ANY, false},
    {"else", th_compile_condition, th_check_condition, TH_VOCABULARY_APPLICATOR, TH_SCHEMA_ANY, false},
    {"dependentSchemas", th_compile_named_nodes, th_check_dependent_schemas, TH_VOCABULARY_APPLICATOR, TH_SCHEMA_OBJECT, false},
    {"dependencies", th_compile_dependencies, th_check_dependent_schemas, TH_VOCABULARY_APPLICATOR, TH_SCHEMA_OBJECT, false},
    {"unevaluatedItems", th_compile_node, th_check_unevaluated_items, TH_VOCABULARY_UNEVALUATED, TH_SCHEMA_ARRAY, true},
    {"unevaluatedProperties", th_compile_node, th_check_unevaluated_properties, TH_VOCABULARY_UNEVALUATED, TH_SCHEMA_OBJECT, true},
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
