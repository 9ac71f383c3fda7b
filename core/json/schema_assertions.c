/* schema_assertions.c - checks of one value by itself: type, const, enum, numbers, strings, sizes
 * and required names. */
#include <stdio.h>

#include "json/schema_keywords.h"

#define LIST_SIZE 200

/* ---- any value ---- */

static void name_types(uint32_t bits, char *out, size_t size) {
    static const struct {
        uint32_t bit;
        const char *name;
    } names[] = {
        {TH_SCHEMA_NULL, "null"},        {TH_SCHEMA_BOOLEAN, "true or false"},
        {TH_SCHEMA_NUMBER, "a number"},  {TH_SCHEMA_INTEGER, "a whole number"},
        {TH_SCHEMA_STRING, "a string"},  {TH_SCHEMA_ARRAY, "an array"},
        {TH_SCHEMA_OBJECT, "an object"},
    };
    if (bits & TH_SCHEMA_NUMBER) bits &= ~(uint32_t)TH_SCHEMA_INTEGER;
    size_t length = 0;
    out[0] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!(bits & names[i].bit) || length + 1 >= size) continue;
        int written =
            snprintf(out + length, size - length, "%s%s", length > 0 ? " or " : "", names[i].name);
        length += (size_t)written;
    }
}

TH_SCHEMA_CHECK(th_check_types) {
    if (rule->as.types & at->type) return true;
    if (!th_schema_wanted(at)) return th_schema_unrecorded(at);
    char allowed[120];
    name_types(rule->as.types, allowed, sizeof allowed);
    if (at->type & TH_SCHEMA_NUMBER && rule->as.types & TH_SCHEMA_INTEGER)
        return th_schema_fail(at, "type", "must be %s, not %s", allowed,
                              th_excerpt(at->instance).text);
    const char *is = th_json_type_name(th_json_type(at->instance));
    return th_schema_fail(at, "type", "must be %s, not %s%s", allowed,
                          strcmp(is, "null") == 0 ? "" : (strchr("aio", is[0]) ? "an " : "a "), is);
}

TH_SCHEMA_CHECK(th_check_const) {
    uint64_t weight = th_schema_weight(rule->value);
    if (!th_schema_spend(at->run, weight)) return false;
    return th_json_equal(at->instance, rule->value) ||
           th_schema_fail(at, "const", "must be %s", th_excerpt(rule->value).text);
}

static bool fail_enum(const th_schema_context_t *at, const th_schema_rule_t *rule) {
    if (!th_schema_wanted(at)) return th_schema_unrecorded(at);
    char allowed[LIST_SIZE];
    th_slice_t word, near = {NULL, 0};
    th_schema_list_values(rule->value, allowed, sizeof allowed);
    if (th_json_string(at->instance, &word)) near = th_schema_nearest(word, rule->value);
    bool guess = near.length > 0 && th_json_count(rule->value) > 2;
    return th_schema_fail(at, "enum", "%s is not one of the allowed values: %s%s%s%s",
                          th_excerpt(at->instance).text, allowed, guess ? "; did you mean " : "",
                          guess ? th_excerpt_name(near).text : "", guess ? "?" : "");
}

TH_SCHEMA_CHECK(th_check_enum) {
    th_json_iterator_t it = th_json_iterate(rule->value);
    while (th_json_next(&it)) {
        if (th_json_equal(at->instance, it.value)) return true;
        if (!th_schema_spend(at->run, th_schema_weight(it.value))) return false;
    }
    return fail_enum(at, rule);
}

/* ---- numbers ---- */

TH_SCHEMA_CHECK(th_check_minimum) {
    return th_schema_compare_numbers(at->instance, rule->value) >= 0 ||
           th_schema_fail(at, "minimum", "must be at least %s, not %s",
                          th_excerpt(rule->value).text, th_excerpt(at->instance).text);
}

TH_SCHEMA_CHECK(th_check_maximum) {
    return th_schema_compare_numbers(at->instance, rule->value) <= 0 ||
           th_schema_fail(at, "maximum", "must be at most %s, not %s", th_excerpt(rule->value).text,
                          th_excerpt(at->instance).text);
}

TH_SCHEMA_CHECK(th_check_exclusive_minimum) {
    return th_schema_compare_numbers(at->instance, rule->value) > 0 ||
           th_schema_fail(at, "exclusiveMinimum", "must be greater than %s, not %s",
                          th_excerpt(rule->value).text, th_excerpt(at->instance).text);
}

TH_SCHEMA_CHECK(th_check_exclusive_maximum) {
    return th_schema_compare_numbers(at->instance, rule->value) < 0 ||
           th_schema_fail(at, "exclusiveMaximum", "must be less than %s, not %s",
                          th_excerpt(rule->value).text, th_excerpt(at->instance).text);
}

TH_SCHEMA_CHECK(th_check_multiple_of) {
    return th_schema_is_multiple(at->instance, rule->value) ||
           th_schema_fail(at, "multipleOf", "must be a multiple of %s, not %s",
                          th_excerpt(rule->value).text, th_excerpt(at->instance).text);
}

/* ---- strings ---- */

/* Lengths count code points, not bytes. */
static uint64_t characters(th_json_value_t value) {
    th_slice_t text = {NULL, 0};
    uint64_t count = 0;
    (void)th_json_string(value, &text);
    for (size_t i = 0; i < text.length; i++)
        count += ((unsigned char)text.data[i] & 0xc0) != 0x80;
    return count;
}

static bool fail_size(const th_schema_context_t *at, const th_schema_rule_t *rule, const char *verb,
                      const char *bound, const char *one, const char *many, uint64_t size) {
    uint64_t limit = rule->as.limit;
    return th_schema_fail(at, rule->keyword->name, "%s %s %llu %s, not %llu", verb, bound,
                          (unsigned long long)limit, limit == 1 ? one : many,
                          (unsigned long long)size);
}

TH_SCHEMA_CHECK(th_check_min_length) {
    uint64_t length = characters(at->instance);
    if (length == 0 && rule->as.limit > 0)
        return th_schema_fail(at, "minLength", "must not be empty");
    return length >= rule->as.limit ||
           fail_size(at, rule, "must have", "at least", "character", "characters", length);
}

TH_SCHEMA_CHECK(th_check_max_length) {
    uint64_t length = characters(at->instance);
    return length <= rule->as.limit ||
           fail_size(at, rule, "must have", "at most", "character", "characters", length);
}

th_regex_scratch_t *th_schema_scratch(th_schema_run_t *run) {
    if (!run->scratch) run->scratch = th_regex_scratch_new();
    if (!run->scratch) (void)th_schema_stop(run, "memory ran out");
    return run->scratch;
}

bool th_schema_matches(th_schema_run_t *run, const th_regex_t *regex, th_slice_t text,
                       bool *failed) {
    *failed = true;
    if (!th_schema_scratch(run)) return false;
    if (!th_schema_spend(run, 10 + text.length / 32)) return false;
    th_regex_result_t result = th_regex_search(regex, run->scratch, text, TH_REGEX_SHORT);
    if (result == TH_REGEX_GAVE_UP) {
        /* The long effort is 250 times the short one, and priced so that its sum is bounded too. */
        if (!th_schema_spend(run, 8000)) return false;
        result = th_regex_search(regex, run->scratch, text, TH_REGEX_LONG);
        if (result == TH_REGEX_GAVE_UP)
            return th_schema_stop(run, "a pattern takes too many steps");
    }
    *failed = false;
    return result == TH_REGEX_YES;
}

TH_SCHEMA_CHECK(th_check_pattern) {
    th_slice_t text = {NULL, 0};
    bool failed;
    (void)th_json_string(at->instance, &text);
    if (th_schema_matches(at->run, rule->as.regex, text, &failed)) return true;
    if (failed) return false;
    return th_schema_fail(at, "pattern", "%s does not match the pattern %s",
                          th_excerpt(at->instance).text, th_excerpt(rule->value).text);
}

/* ---- arrays and objects ---- */

TH_SCHEMA_CHECK(th_check_min_items) {
    uint64_t count = th_json_count(at->instance);
    return count >= rule->as.limit ||
           fail_size(at, rule, "must have", "at least", "element", "elements", count);
}

TH_SCHEMA_CHECK(th_check_max_items) {
    uint64_t count = th_json_count(at->instance);
    return count <= rule->as.limit ||
           fail_size(at, rule, "must have", "at most", "element", "elements", count);
}

TH_SCHEMA_CHECK(th_check_min_properties) {
    uint64_t count = th_json_count(at->instance);
    return count >= rule->as.limit ||
           fail_size(at, rule, "must have", "at least", "property", "properties", count);
}

TH_SCHEMA_CHECK(th_check_max_properties) {
    uint64_t count = th_json_count(at->instance);
    return count <= rule->as.limit ||
           fail_size(at, rule, "must have", "at most", "property", "properties", count);
}

static bool has(th_json_value_t object, th_slice_t name) {
    return th_json_type(th_json_get(object, name)) != TH_JSON_ABSENT;
}

/* Finding a name looks at all members. */
static bool spend_lookup(const th_schema_context_t *at) {
    return th_schema_spend(at->run, 1 + th_json_count(at->instance) / 8);
}

TH_SCHEMA_CHECK(th_check_required) {
    bool valid = true;
    th_json_iterator_t it = th_json_iterate(rule->value);
    while (th_json_next(&it)) {
        th_slice_t name;
        if (!spend_lookup(at)) return false;
        if (!th_json_string(it.value, &name) || has(at->instance, name)) continue;
        valid = th_schema_fail(at, "required", "%s is missing", th_excerpt(it.value).text);
        if (!at->run->report) return false;
    }
    return valid;
}

static bool check_dependent(const th_schema_context_t *at, th_slice_t reason,
                            th_json_value_t names) {
    bool valid = true;
    th_json_iterator_t it = th_json_iterate(names);
    while (th_json_next(&it)) {
        th_slice_t name;
        if (!spend_lookup(at)) return false;
        if (!th_json_string(it.value, &name) || has(at->instance, name)) continue;
        valid = th_schema_fail(at, "dependentRequired", "has %s, so %s must be there too",
                               th_excerpt_name(reason).text, th_excerpt(it.value).text);
    }
    return valid;
}

TH_SCHEMA_CHECK(th_check_dependent_required) {
    bool valid = true;
    th_json_iterator_t it = th_json_iterate(rule->value);
    while (th_json_next(&it)) {
        if (!spend_lookup(at)) return false;
        if (!has(at->instance, it.key)) continue;
        if (!check_dependent(at, it.key, it.value)) valid = false;
        if (!valid && !at->run->report) return false;
    }
    return valid;
}
