/* schema_compile_assertions.c - compiles the keywords that look at one value, without subschemas;
 * refuses values that the metaschema would refuse, in words. */
#include <math.h>

#include "json/schema_keywords.h"

TH_SCHEMA_COMPILE(th_compile_nothing) {
    (void)compiler, (void)node, (void)keyword, (void)value;
    return true;
}

TH_SCHEMA_COMPILE(th_compile_text) {
    (void)node;
    return th_json_is_string(value) || th_schema_refuse_type(compiler, keyword, value, "a string");
}

TH_SCHEMA_COMPILE(th_compile_flag) {
    (void)node;
    bool flag;
    return th_json_boolean(value, &flag) ||
           th_schema_refuse_type(compiler, keyword, value, "true or false");
}

TH_SCHEMA_COMPILE(th_compile_array) {
    (void)node;
    return th_json_is_array(value) || th_schema_refuse_type(compiler, keyword, value, "an array");
}

static const struct {
    const char *name;
    uint32_t bits;
} types[] = {
    {"null", TH_SCHEMA_NULL},       {"boolean", TH_SCHEMA_BOOLEAN},
    {"integer", TH_SCHEMA_INTEGER}, {"number", TH_SCHEMA_NUMBER | TH_SCHEMA_INTEGER},
    {"string", TH_SCHEMA_STRING},   {"array", TH_SCHEMA_ARRAY},
    {"object", TH_SCHEMA_OBJECT},
};

static bool add_type(th_schema_compiler_t *compiler, th_json_value_t value, uint32_t *bits) {
    th_slice_t name;
    if (!th_json_string(value, &name))
        return th_schema_refuse(compiler, value, "`type` must be a string or an array of strings");
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (th_slice_is(name, types[i].name)) {
            *bits |= types[i].bits;
            return true;
        }
    }
    return th_schema_refuse(compiler, value,
                            "%s is no type; the types are null, boolean, integer, number, string, "
                            "array and object",
                            th_excerpt(value).text);
}

TH_SCHEMA_COMPILE(th_compile_types) {
    uint32_t bits = 0;
    if (th_json_is_array(value)) {
        if (th_json_count(value) == 0)
            return th_schema_refuse(compiler, value, "`type` must name at least one type");
        th_json_iterator_t it = th_json_iterate(value);
        while (th_json_next(&it))
            if (!add_type(compiler, it.value, &bits)) return false;
    } else if (!add_type(compiler, value, &bits)) {
        return false;
    }
    th_schema_rule_add(node, keyword, value)->as.types = bits;
    return true;
}

TH_SCHEMA_COMPILE(th_compile_value) {
    (void)compiler;
    th_schema_rule_add(node, keyword, value);
    return true;
}

TH_SCHEMA_COMPILE(th_compile_enum) {
    if (!th_json_is_array(value))
        return th_schema_refuse_type(compiler, keyword, value, "an array");
    th_schema_rule_add(node, keyword, value);
    return true;
}

TH_SCHEMA_COMPILE(th_compile_number) {
    double number;
    if (!th_json_number(value, &number))
        return th_schema_refuse_type(compiler, keyword, value, "a number");
    th_schema_rule_add(node, keyword, value);
    return true;
}

TH_SCHEMA_COMPILE(th_compile_divisor) {
    double number;
    if (!th_json_number(value, &number))
        return th_schema_refuse_type(compiler, keyword, value, "a number");
    if (number <= 0)
        return th_schema_refuse(compiler, value, "`%s` must be greater than 0", keyword->name);
    th_schema_rule_add(node, keyword, value);
    return true;
}

/* A count: a non-negative integer, 2.0 included. Beyond int64 it is as good as endless. */
static bool read_count(th_schema_compiler_t *compiler, const th_schema_keyword_t *keyword,
                       th_json_value_t value, uint64_t *count) {
    int64_t integer;
    double number;
    if (th_json_integer(value, &integer)) {
        if (integer < 0)
            return th_schema_refuse(compiler, value, "`%s` must not be negative", keyword->name);
        *count = (uint64_t)integer;
        return true;
    }
    if (!th_json_number(value, &number) || number != trunc(number) || number < 0)
        return th_schema_refuse_type(compiler, keyword, value, "a whole number from 0");
    *count = UINT64_MAX;
    return true;
}

TH_SCHEMA_COMPILE(th_compile_count) {
    uint64_t count = 0;
    if (!read_count(compiler, keyword, value, &count)) return false;
    th_schema_rule_add(node, keyword, value)->as.limit = count;
    return true;
}

/* minContains and maxContains join the rule of contains. */
static th_schema_contains_t *contains_of(th_schema_compiler_t *compiler, th_schema_node_t *node,
                                         const th_schema_keyword_t *keyword,
                                         th_json_value_t value) {
    for (size_t i = 0; i < node->rule_count; i++)
        if (node->rules[i].keyword->check == th_check_contains) return node->rules[i].as.contains;
    th_schema_contains_t *contains = th_schema_allocate(compiler, 1, sizeof *contains);
    if (contains) th_schema_rule_add(node, keyword, value)->as.contains = contains;
    return contains;
}

TH_SCHEMA_COMPILE(th_compile_contains_count) {
    uint64_t count = 0;
    if (!read_count(compiler, keyword, value, &count)) return false;
    th_schema_contains_t *contains = contains_of(compiler, node, keyword, value);
    if (!contains) return false;
    if (strcmp(keyword->name, "minContains") == 0) {
        contains->least = count;
        contains->has_least = true;
    } else {
        contains->most = count;
        contains->has_most = true;
    }
    return true;
}

TH_SCHEMA_COMPILE(th_compile_contains) {
    const th_schema_node_t *inner = th_schema_node_make(compiler, value, node->resource);
    th_schema_contains_t *contains = inner ? contains_of(compiler, node, keyword, value) : NULL;
    if (!contains) return false;
    contains->node = inner;
    return true;
}

TH_SCHEMA_COMPILE(th_compile_unique) {
    bool flag;
    if (!th_json_boolean(value, &flag))
        return th_schema_refuse_type(compiler, keyword, value, "true or false");
    if (flag) th_schema_rule_add(node, keyword, value);
    return true;
}

TH_SCHEMA_COMPILE(th_compile_pattern) {
    th_slice_t text;
    th_error_t error;
    if (!th_json_string(value, &text))
        return th_schema_refuse_type(compiler, keyword, value, "a string");
    th_regex_t *regex = th_regex_compile(text, &error);
    if (!regex) return th_schema_refuse(compiler, value, "%s", error.message);
    regex->next = compiler->schema->regexes;
    compiler->schema->regexes = regex;
    th_schema_rule_add(node, keyword, value)->as.regex = regex;
    return true;
}

static bool check_names(th_schema_compiler_t *compiler, const th_schema_keyword_t *keyword,
                        th_json_value_t value) {
    if (!th_json_is_array(value))
        return th_schema_refuse_type(compiler, keyword, value, "an array of property names");
    th_json_iterator_t it = th_json_iterate(value);
    while (th_json_next(&it))
        if (!th_json_is_string(it.value))
            return th_schema_refuse_type(compiler, keyword, it.value, "an array of property names");
    return true;
}

TH_SCHEMA_COMPILE(th_compile_names) {
    if (!check_names(compiler, keyword, value)) return false;
    th_schema_rule_add(node, keyword, value);
    return true;
}

TH_SCHEMA_COMPILE(th_compile_dependent_required) {
    if (!th_json_is_object(value))
        return th_schema_refuse_type(compiler, keyword, value, "an object");
    th_json_iterator_t it = th_json_iterate(value);
    while (th_json_next(&it))
        if (!check_names(compiler, keyword, it.value)) return false;
    th_schema_rule_add(node, keyword, value);
    return true;
}
