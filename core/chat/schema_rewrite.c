/* schema_rewrite.c - one walk over a schema, member by member, in its own order. */
#include "chat/schema_rewrite.h"

static bool is_one_of(th_slice_t word, const char *const *words) {
    for (; *words; words++)
        if (th_slice_is(word, *words)) return true;
    return false;
}

static const char *const branches[] = {"allOf", "anyOf", "oneOf", NULL};
static const char *const at_top[] = {"type",  "properties", "allOf", "anyOf", "oneOf",
                                     "enum",  "not",        "if",    "then",  "else",
                                     "const", "$schema",    "$id",   NULL};

/* What every server that speaks OpenAI's API is known to take. */
static const char *const plain_words[] = {
    "type",    "description", "title",     "default",  "enum",     "required", "minimum",
    "maximum", "minLength",   "maxLength", "minItems", "maxItems", "examples", NULL};
static const char *const formats[] = {"date-time", "date", "time",     "email", "uuid",
                                      "uri",       "ipv4", "hostname", "ipv6",  NULL};

static void write_schema(th_json_writer_t *writer, th_json_value_t schema);

static bool has_type(th_json_value_t schema, const char *type) {
    th_json_value_t types = th_json_member(schema, "type");
    th_slice_t word;
    if (th_json_string(types, &word)) return th_slice_is(word, type);
    if (!th_json_is_array(types)) return false;
    for (th_json_iterator_t it = th_json_iterate(types); th_json_next(&it);)
        if (th_json_string(it.value, &word) && th_slice_is(word, type)) return true;
    return false;
}

/* ---- OpenAI's taste ---- */

static void write_schemas_by_name(th_json_writer_t *writer, th_slice_t key, th_json_value_t map) {
    th_json_write_key(writer, key);
    th_json_write_object(writer);
    for (th_json_iterator_t it = th_json_iterate(map); th_json_next(&it);) {
        th_json_write_key(writer, it.key);
        write_schema(writer, it.value);
    }
    th_json_write_end(writer);
}

static void write_schema_list(th_json_writer_t *writer, const char *key, th_json_value_t list) {
    th_json_write_key(writer, th_slice_of(key));
    th_json_write_array(writer);
    for (th_json_iterator_t it = th_json_iterate(list); th_json_next(&it);)
        write_schema(writer, it.value);
    th_json_write_end(writer);
}

static void write_const(th_json_writer_t *writer, th_json_value_t value) {
    th_json_write_key(writer, TH_SLICE("enum"));
    th_json_write_array(writer);
    th_json_write_value(writer, value);
    th_json_write_end(writer);
}

static bool is_known_format(th_json_value_t value) {
    th_slice_t word;
    return th_json_string(value, &word) && is_one_of(word, formats);
}

static bool is_local_reference(th_json_value_t value) {
    th_slice_t text;
    return th_json_string(value, &text) && text.length > 0 && text.data[0] == '#';
}

static void write_keyword(th_json_writer_t *writer, th_json_value_t schema, th_slice_t key,
                          th_json_value_t value) {
    bool is_any = th_slice_is(key, "anyOf"), is_one = th_slice_is(key, "oneOf");
    th_json_type_t type = th_json_type(value);
    bool is_schema = type == TH_JSON_OBJECT || type == TH_JSON_TRUE || type == TH_JSON_FALSE;
    if (is_one_of(key, plain_words) || (th_slice_is(key, "format") && is_known_format(value)) ||
        (th_slice_is(key, "$ref") && is_local_reference(value))) {
        th_json_write_key(writer, key);
        th_json_write_value(writer, value);
    } else if ((th_slice_is(key, "properties") || th_slice_is(key, "$defs")) &&
               th_json_is_object(value)) {
        write_schemas_by_name(writer, key, value);
    } else if ((th_slice_is(key, "items") || th_slice_is(key, "additionalProperties")) &&
               is_schema) {
        th_json_write_key(writer, key);
        if (type == TH_JSON_OBJECT || th_slice_is(key, "items"))
            write_schema(writer, value);
        else
            th_json_write_value(writer, value);
    } else if ((is_any || (is_one && !th_json_is_array(th_json_member(schema, "anyOf")))) &&
               th_json_is_array(value)) {
        write_schema_list(writer, "anyOf", value);
    } else if (th_slice_is(key, "allOf") && th_json_is_array(value)) {
        write_schema_list(writer, "allOf", value);
    } else if (th_slice_is(key, "const") && !th_json_is_array(th_json_member(schema, "enum"))) {
        write_const(writer, value);
    }
}

/* true and false are schemas, too; servers want objects. */
static void write_schema(th_json_writer_t *writer, th_json_value_t schema) {
    th_json_write_object(writer);
    for (th_json_iterator_t it = th_json_iterate(schema);
         th_json_is_object(schema) && th_json_next(&it);)
        write_keyword(writer, schema, it.key, it.value);
    th_json_type_t items = th_json_type(th_json_member(schema, "items"));
    bool said = items == TH_JSON_OBJECT || items == TH_JSON_TRUE || items == TH_JSON_FALSE;
    if (has_type(schema, "array") && !said) {
        th_json_write_key(writer, TH_SLICE("items"));
        th_json_write_object(writer);
        th_json_write_end(writer);
    }
    th_json_write_end(writer);
}

/* ---- the top, for both ---- */

static void write_by_taste(th_json_writer_t *writer, th_json_value_t schema,
                           th_schema_taste_t taste) {
    if (taste == TH_SCHEMA_OPENAI)
        write_schema(writer, schema);
    else
        th_json_write_value(writer, schema);
}

/* Whether the top, or a branch before <branch>, has that property: the first one counts. */
static bool was_written(th_json_value_t schema, th_slice_t name, th_json_value_t until) {
    if (th_json_type(th_json_get(th_json_member(schema, "properties"), name)) != TH_JSON_ABSENT)
        return true;
    for (const char *const *word = branches; *word; word++) {
        th_json_iterator_t it = th_json_iterate(th_json_member(schema, *word));
        while (th_json_next(&it)) {
            if (it.value.index == until.index) return false;
            if (th_json_type(th_json_get(th_json_member(it.value, "properties"), name)) !=
                TH_JSON_ABSENT)
                return true;
        }
    }
    return false;
}

static void write_properties(th_json_writer_t *writer, th_json_value_t schema,
                             th_schema_taste_t taste) {
    th_json_write_key(writer, TH_SLICE("properties"));
    th_json_write_object(writer);
    th_json_value_t own = th_json_member(schema, "properties");
    th_json_iterator_t it = th_json_iterate(own);
    while (th_json_is_object(own) && th_json_next(&it)) {
        th_json_write_key(writer, it.key);
        write_by_taste(writer, it.value, taste);
    }
    for (const char *const *word = branches; *word; word++) {
        th_json_value_t list = th_json_member(schema, *word);
        if (!th_json_is_array(list)) continue;
        for (th_json_iterator_t branch = th_json_iterate(list); th_json_next(&branch);) {
            th_json_value_t more = th_json_member(branch.value, "properties");
            if (!th_json_is_object(more)) continue;
            for (th_json_iterator_t one = th_json_iterate(more); th_json_next(&one);) {
                if (was_written(schema, one.key, branch.value)) continue;
                th_json_write_key(writer, one.key);
                write_by_taste(writer, one.value, taste);
            }
        }
    }
    th_json_write_end(writer);
}

void th_schema_rewrite(th_json_writer_t *writer, th_json_value_t schema, th_schema_taste_t taste) {
    th_json_write_object(writer);
    th_json_write_member_text(writer, "type", "object");
    write_properties(writer, schema, taste);
    th_json_iterator_t it = th_json_iterate(schema);
    while (th_json_is_object(schema) && th_json_next(&it)) {
        if (is_one_of(it.key, at_top)) continue;
        if (taste == TH_SCHEMA_OPENAI) {
            write_keyword(writer, schema, it.key, it.value);
        } else {
            th_json_write_key(writer, it.key);
            th_json_write_value(writer, it.value);
        }
    }
    th_json_write_end(writer);
}
