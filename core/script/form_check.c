/* form_check.c - which schemas a form may have: elicitation's requestedSchema is flat, and knows a
 * few keywords only (requirements.md d). Clients refuse the rest, or worse, show it wrong. */
#include "script/script_internal.h"

#define FIELDS_MAX 100

typedef struct rule {
    const char *type;
    const char *keywords; /* blank-separated, beside type, title, description and default */
} rule_t;

static const rule_t rules[] = {
    {"string", "minLength maxLength format enum enumNames oneOf"},
    {"number", "minimum maximum"},
    {"integer", "minimum maximum"},
    {"boolean", ""},
    {"array", "items minItems maxItems"},
};

/* Is <word> one of the blank-separated words of <list>? */
static bool has_word(const char *list, th_slice_t word) {
    while (*list) {
        size_t length = strcspn(list, " ");
        if (length == word.length && memcmp(list, word.data, length) == 0) return true;
        list += length;
        while (*list == ' ')
            list++;
    }
    return false;
}

static th_slice_t text_of(th_json_value_t object, const char *key) {
    th_slice_t text = {NULL, 0};
    th_json_string(th_json_member(object, key), &text);
    return text;
}

static bool has(th_json_value_t object, const char *key) {
    return th_json_type(th_json_member(object, key)) != TH_JSON_ABSENT;
}

/* [{const, title}], all of them texts. */
static bool is_titled(th_json_value_t list) {
    if (!th_json_is_array(list) || th_json_count(list) == 0) return false;
    th_json_iterator_t each = th_json_iterate(list);
    while (th_json_next(&each))
        if (!th_json_is_string(th_json_member(each.value, "const")) ||
            !th_json_is_string(th_json_member(each.value, "title")) ||
            th_json_count(each.value) != 2)
            return false;
    return true;
}

static bool is_texts(th_json_value_t list) {
    if (!th_json_is_array(list) || th_json_count(list) == 0) return false;
    th_json_iterator_t each = th_json_iterate(list);
    while (th_json_next(&each))
        if (!th_json_is_string(each.value)) return false;
    return true;
}

static bool is_choice_of_several(th_json_value_t items) {
    if (has(items, "anyOf"))
        return th_json_count(items) == 1 && is_titled(th_json_member(items, "anyOf"));
    return th_json_count(items) == 2 && th_slice_is(text_of(items, "type"), "string") &&
           is_texts(th_json_member(items, "enum"));
}

/* NULL, or what is wrong with the values of a field. */
static const char *fault_of_values(th_json_value_t field, const char *type) {
    if (strcmp(type, "array") == 0)
        return is_choice_of_several(th_json_member(field, "items"))
                   ? NULL
                   : "a list is a choice of several: items with enum, or anyOf of const and title";
    if (strcmp(type, "string") != 0) return NULL;
    if (has(field, "format") && !has_word("email uri date date-time", text_of(field, "format")))
        return "a format is email, uri, date or date-time";
    if (has(field, "oneOf"))
        return is_titled(th_json_member(field, "oneOf")) && !has(field, "enum")
                   ? NULL
                   : "oneOf is a list of const and title, without enum";
    if (has(field, "enum") && !is_texts(th_json_member(field, "enum")))
        return "enum is a list of texts";
    if (has(field, "enumNames") && th_json_count(th_json_member(field, "enumNames")) !=
                                       th_json_count(th_json_member(field, "enum")))
        return "enumNames has one text for each of enum";
    return NULL;
}

static bool check_field(th_slice_t name, th_json_value_t field, th_error_t *error) {
    int shown = (int)(name.length > 64 ? 64 : name.length);
    const rule_t *rule = NULL;
    th_slice_t type = text_of(field, "type");
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (th_slice_is(type, rules[i].type)) rule = &rules[i];
    if (!rule)
        return th_error_set(error, "bad_form",
                            "%.*s needs a type: string, number, integer, boolean, or array", shown,
                            name.data);
    th_json_iterator_t each = th_json_iterate(field);
    while (th_json_next(&each))
        if (!has_word("type title description default", each.key) &&
            !has_word(rule->keywords, each.key))
            return th_error_set(error, "bad_form", "%.*s: %.*s is not for forms", shown, name.data,
                                (int)(each.key.length > 64 ? 64 : each.key.length), each.key.data);
    const char *fault = fault_of_values(field, rule->type);
    if (!fault) return true;
    return th_error_set(error, "bad_form", "%.*s: %s", shown, name.data, fault);
}

bool th_form_check(th_json_value_t schema, th_error_t *error) {
    th_json_value_t properties = th_json_member(schema, "properties");
    if (!th_slice_is(text_of(schema, "type"), "object") || !th_json_is_object(properties))
        return th_error_set(error, "bad_form", "it needs type = \"object\" and properties");
    th_json_iterator_t each = th_json_iterate(schema);
    while (th_json_next(&each))
        if (!has_word("$schema type properties required", each.key))
            return th_error_set(error, "bad_form", "%.*s is not for forms",
                                (int)(each.key.length > 64 ? 64 : each.key.length), each.key.data);
    if (th_json_count(properties) == 0 || th_json_count(properties) > FIELDS_MAX)
        return th_error_set(error, "bad_form", "it needs 1 to %d properties", FIELDS_MAX);
    each = th_json_iterate(properties);
    while (th_json_next(&each))
        if (!check_field(each.key, each.value, error)) return false;
    return true;
}
