/* names.c - learns names from results. Long ids are unique by themselves; small numbers are only
 * unique among people, who are told by their e-mail address. */
#include "chat/names.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "chat/visible.h"
#include "json/writer.h"

#define NAMES_MAX 256
#define DEPTH_MAX 6
#define NODES_MAX 4000
#define LONG_ID 16

#define VALUES_MAX 1024 /* bytes of one object's */
#define VALUE_MAX 200

/* In one block: the name, NUL, the values. */
typedef struct seen {
    size_t name_length, values_length;
    char text[];
} seen_t;

static bool forget_one(th_slice_t key, void *value, void *arg) {
    (void)key;
    (void)arg;
    free(value);
    return true;
}

void th_names_clear(th_names_t *names) {
    if (!names->table) return;
    th_table_each(names->table, forget_one, NULL);
    th_table_free(names->table);
    names->table = NULL;
}

/* A cut in the middle of a character takes that character along. */
static th_slice_t shorten(th_slice_t text) {
    if (text.length < TH_NAME_SIZE) return text;
    text.length = TH_NAME_SIZE - 1;
    while (text.length && ((unsigned char)text.data[text.length] & 0xc0) == 0x80)
        text.length--;
    return text;
}

static bool is_short(th_json_value_t value) {
    th_slice_t text;
    if (th_json_string(value, &text)) return text.length <= VALUE_MAX;
    return !th_json_is_object(value) && !th_json_is_array(value);
}

/* The object's short values, as far as they fit. */
static void write_values(th_buffer_t *out, th_json_value_t object) {
    size_t used = 2;
    th_json_writer_t json;
    th_json_writer_init(&json, out, 0);
    th_json_write_object(&json);
    th_json_iterator_t each = th_json_iterate(object);
    while (th_json_next(&each)) {
        th_slice_t text = {NULL, 24};
        (void)th_json_string(each.value, &text);
        size_t more = 6 * (each.key.length + text.length) + 8; /* at the worst */
        if (!is_short(each.value) || used + more > 6 * VALUES_MAX) continue;
        used += more;
        th_json_write_key(&json, each.key);
        th_json_write_value(&json, each.value);
    }
    th_json_write_end(&json);
    if (!th_json_writer_finish(&json, NULL)) th_buffer_clear(out);
}

static seen_t *seen_new(th_slice_t name, th_json_value_t object) {
    th_buffer_t shown, values;
    bool odd = false;
    th_buffer_init(&shown, (size_t)16 * TH_NAME_SIZE);
    th_buffer_init(&values, (size_t)8 * VALUES_MAX);
    write_values(&values, object);
    seen_t *seen = th_text_show(&shown, shorten(name), &odd) && shown.length
                       ? malloc(sizeof *seen + shown.length + 1 + values.length)
                       : NULL;
    if (seen) {
        seen->name_length = shown.length;
        seen->values_length = values.length;
        memcpy(seen->text, shown.data, shown.length);
        seen->text[shown.length] = '\0';
        if (values.length) memcpy(seen->text + shown.length + 1, values.data, values.length);
    }
    th_buffer_reset(&shown);
    th_buffer_reset(&values);
    return seen;
}

static void keep(th_names_t *names, th_slice_t key, th_slice_t name, th_json_value_t object) {
    if (names->table && th_table_count(names->table) >= NAMES_MAX &&
        !th_table_get(names->table, key))
        th_names_clear(names);
    if (!names->table) names->table = th_table_new(NAMES_MAX);
    seen_t *seen = names->table ? seen_new(name, object) : NULL;
    if (!seen) return;
    free(th_table_remove(names->table, key));
    if (!th_table_put(names->table, key, seen)) free(seen);
}

/* The key of a person with this number; false when it is none. */
static bool person_key(th_json_value_t id, char *out, size_t size) {
    int64_t number;
    if (!th_json_integer(id, &number)) return false;
    (void)snprintf(out, size, "person %" PRId64, number);
    return true;
}

static bool name_of(th_json_value_t object, th_slice_t *name) {
    static const char *const members[] = {"title", "name", "full_name", "label"};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (th_json_string(th_json_member(object, members[i]), name) && name->length) return true;
    return false;
}

static void learn_object(th_names_t *names, th_json_value_t object) {
    th_json_value_t id = th_json_member(object, "id");
    th_slice_t text, name, email;
    char key[32];
    if (th_json_string(id, &text) && text.length >= LONG_ID && text.length <= 64) {
        if (name_of(object, &name)) keep(names, text, name, object);
    } else if (th_json_string(th_json_member(object, "email"), &email) &&
               person_key(id, key, sizeof key)) {
        keep(names, th_slice_of(key), name_of(object, &name) ? name : email, object);
    }
}

static void learn(th_names_t *names, th_json_value_t value, unsigned depth, unsigned *nodes) {
    if (depth > DEPTH_MAX || *nodes == 0) return;
    if (th_json_is_object(value)) learn_object(names, value);
    th_json_iterator_t each = th_json_iterate(value);
    while (th_json_next(&each) && *nodes > 0) {
        (*nodes)--;
        if (th_json_is_object(each.value) || th_json_is_array(each.value))
            learn(names, each.value, depth + 1, nodes); // NOLINT(misc-no-recursion): bounded
    }
}

void th_names_learn(th_names_t *names, th_json_value_t data) {
    unsigned nodes = NODES_MAX;
    learn(names, data, 0, &nodes);
}

static bool speaks_of_people(th_slice_t member) {
    static const char *const words[] = {"user", "member", "assignee", "person", "people", "owner"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (member.length && memmem(member.data, member.length, words[i], strlen(words[i])))
            return true;
    return false;
}

static const seen_t *find(const th_names_t *names, th_slice_t member, th_json_value_t value) {
    th_slice_t text;
    char key[32];
    if (!names->table) return NULL;
    if (th_json_string(value, &text))
        return text.length >= LONG_ID && text.length <= 64 ? th_table_get(names->table, text)
                                                           : NULL;
    if (speaks_of_people(member) && person_key(value, key, sizeof key))
        return th_table_get(names->table, th_slice_of(key));
    return NULL;
}

const char *th_names_find(const th_names_t *names, th_slice_t member, th_json_value_t value) {
    const seen_t *seen = find(names, member, value);
    return seen ? seen->text : NULL;
}

th_slice_t th_names_values(const th_names_t *names, th_slice_t member, th_json_value_t value) {
    const seen_t *seen = find(names, member, value);
    if (!seen) return th_slice(NULL, 0);
    return th_slice(seen->text + seen->name_length + 1, seen->values_length);
}
