/* schema_keywords.h - what the rows of the keyword table (schema_keywords.c) point at: how each
 * value is compiled (schema_compile_*.c, schema_reference.c, schema_format.c), and how an instance
 * is judged (schema_assertions.c, schema_applicators.c, schema_unevaluated.c and others). */
#ifndef TH_JSON_SCHEMA_KEYWORDS_H
#define TH_JSON_SCHEMA_KEYWORDS_H

#include "json/schema_internal.h"

#define TH_SCHEMA_COMPILE(name)                                       \
    bool name(th_schema_compiler_t *compiler, th_schema_node_t *node, \
              const th_schema_keyword_t *keyword, th_json_value_t value)
#define TH_SCHEMA_CHECK(name) bool name(const th_schema_context_t *at, const th_schema_rule_t *rule)

TH_SCHEMA_COMPILE(th_compile_nothing); /* any value; no rule */
TH_SCHEMA_COMPILE(th_compile_text);    /* must be a string; no rule */
TH_SCHEMA_COMPILE(th_compile_flag);    /* must be a boolean; no rule */
TH_SCHEMA_COMPILE(th_compile_array);   /* must be an array; no rule */
TH_SCHEMA_COMPILE(th_compile_reference);
TH_SCHEMA_COMPILE(th_compile_definitions);
TH_SCHEMA_COMPILE(th_compile_types);
TH_SCHEMA_COMPILE(th_compile_enum);
TH_SCHEMA_COMPILE(th_compile_value); /* const */
TH_SCHEMA_COMPILE(th_compile_number);
TH_SCHEMA_COMPILE(th_compile_divisor);
TH_SCHEMA_COMPILE(th_compile_count);
TH_SCHEMA_COMPILE(th_compile_unique);
TH_SCHEMA_COMPILE(th_compile_pattern);
TH_SCHEMA_COMPILE(th_compile_names);
TH_SCHEMA_COMPILE(th_compile_dependent_required);
TH_SCHEMA_COMPILE(th_compile_dependencies);
TH_SCHEMA_COMPILE(th_compile_format);
TH_SCHEMA_COMPILE(th_compile_node);
TH_SCHEMA_COMPILE(th_compile_list);
TH_SCHEMA_COMPILE(th_compile_named_nodes);
TH_SCHEMA_COMPILE(th_compile_properties);
TH_SCHEMA_COMPILE(th_compile_pattern_properties);
TH_SCHEMA_COMPILE(th_compile_additional);
TH_SCHEMA_COMPILE(th_compile_prefix_items);
TH_SCHEMA_COMPILE(th_compile_items);
TH_SCHEMA_COMPILE(th_compile_contains);
TH_SCHEMA_COMPILE(th_compile_contains_count);
TH_SCHEMA_COMPILE(th_compile_condition);
TH_SCHEMA_COMPILE(th_compile_content_schema);

TH_SCHEMA_CHECK(th_check_types);
TH_SCHEMA_CHECK(th_check_enum);
TH_SCHEMA_CHECK(th_check_const);
TH_SCHEMA_CHECK(th_check_minimum);
TH_SCHEMA_CHECK(th_check_maximum);
TH_SCHEMA_CHECK(th_check_exclusive_minimum);
TH_SCHEMA_CHECK(th_check_exclusive_maximum);
TH_SCHEMA_CHECK(th_check_multiple_of);
TH_SCHEMA_CHECK(th_check_min_length);
TH_SCHEMA_CHECK(th_check_max_length);
TH_SCHEMA_CHECK(th_check_pattern);
TH_SCHEMA_CHECK(th_check_format);
TH_SCHEMA_CHECK(th_check_min_items);
TH_SCHEMA_CHECK(th_check_max_items);
TH_SCHEMA_CHECK(th_check_unique_items);
TH_SCHEMA_CHECK(th_check_min_properties);
TH_SCHEMA_CHECK(th_check_max_properties);
TH_SCHEMA_CHECK(th_check_required);
TH_SCHEMA_CHECK(th_check_dependent_required);
TH_SCHEMA_CHECK(th_check_reference);
TH_SCHEMA_CHECK(th_check_members);
TH_SCHEMA_CHECK(th_check_property_names);
TH_SCHEMA_CHECK(th_check_items);
TH_SCHEMA_CHECK(th_check_contains);
TH_SCHEMA_CHECK(th_check_all_of);
TH_SCHEMA_CHECK(th_check_any_of);
TH_SCHEMA_CHECK(th_check_one_of);
TH_SCHEMA_CHECK(th_check_not);
TH_SCHEMA_CHECK(th_check_condition);
TH_SCHEMA_CHECK(th_check_dependent_schemas);
TH_SCHEMA_CHECK(th_check_unevaluated_properties);
TH_SCHEMA_CHECK(th_check_unevaluated_items);

#endif
