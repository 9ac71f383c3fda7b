/* schema_message.c - what a person or a model reads about a mistake: places, excerpts, lists of
 * allowed values, and "did you mean". Works only when something failed and someone wants to know.
 */
#include <stdarg.h>
#include <stdio.h>

#include "json/schema_internal.h"
#include "json/tape.h"
#include "json/writer.h"

#define EXCERPT_BYTES 100
#define NEAREST_WORD 64 /* longer words are never near */

bool th_schema_unrecorded(const th_schema_context_t *at) {
    if (at->run->report) at->run->report->more = true;
    return false;
}

bool th_schema_record(const th_schema_context_t *at, const char *keyword, const char *format, ...) {
    th_schema_report_t *report = at->run->report;
    th_schema_error_t *error = &report->errors[report->count++];
    th_schema_locate(at->run->root, at->instance, error->instance_path,
                     sizeof error->instance_path);
    (void)snprintf(error->keyword, sizeof error->keyword, "%s", keyword);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    th_text_trim(error->message, sizeof error->message);
    return false;
}

static th_excerpt_t from_buffer(th_buffer_t *buffer) {
    th_excerpt_t excerpt = {"..."};
    if (!buffer->failed) {
        size_t length =
            buffer->length < sizeof excerpt.text ? buffer->length : sizeof excerpt.text - 1;
        if (length > 0) memcpy(excerpt.text, buffer->data, length);
        excerpt.text[length] = '\0';
        th_text_trim(excerpt.text, sizeof excerpt.text);
    }
    th_buffer_reset(buffer);
    return excerpt;
}

th_excerpt_t th_excerpt(th_json_value_t value) {
    th_buffer_t buffer;
    th_buffer_init(&buffer, 4096);
    (void)th_json_write_excerpt(&buffer, value, EXCERPT_BYTES);
    return from_buffer(&buffer);
}

th_excerpt_t th_excerpt_name(th_slice_t name) {
    th_buffer_t buffer;
    th_buffer_init(&buffer, 4096);
    bool cut = name.length > EXCERPT_BYTES - 10;
    if (cut) {
        name.length = EXCERPT_BYTES - 10;
        while (name.length > 0 && ((unsigned char)name.data[name.length] & 0xc0) == 0x80)
            name.length--;
    }
    (void)th_json_escape(&buffer, name);
    if (cut && !buffer.failed) {
        buffer.length--; /* the closing quote */
        (void)th_buffer_add_text(&buffer, "...\"");
    }
    return from_buffer(&buffer);
}

/* ---- places ---- */

typedef struct th_place {
    char *out;
    size_t size, length;
    bool cut;
} th_place_t;

static void place_add(th_place_t *place, const char *data, size_t length) {
    if (place->cut) return;
    if (length >= place->size - place->length) {
        place->cut = true;
        return;
    }
    memcpy(place->out + place->length, data, length);
    place->length += length;
}

static void place_add_key(th_place_t *place, th_slice_t key) {
    place_add(place, "/", 1);
    for (size_t i = 0; i < key.length; i++) {
        char c = key.data[i] ? key.data[i] : '?'; /* the pointer is a C string */
        if (c == '~' || c == '/')
            place_add(place, c == '~' ? "~0" : "~1", 2);
        else
            place_add(place, &c, 1);
    }
}

/* The part of <container> that <target> lies in; false when it is the container or a key of it. */
static bool descend(th_place_t *place, th_json_value_t *container, uint64_t target) {
    bool array = th_json_is_array(*container);
    size_t position = 0;
    th_json_iterator_t it = th_json_iterate(*container);
    for (; th_json_next(&it); position++) {
        if (target >= it.next) continue;
        if (target < it.value.index) return false;
        if (array) {
            char number[24];
            int length = snprintf(number, sizeof number, "/%zu", position);
            place_add(place, number, (size_t)length);
        } else {
            place_add_key(place, it.key);
        }
        *container = it.value;
        return true;
    }
    return false;
}

void th_schema_locate(th_json_value_t root, th_json_value_t value, char *out, size_t size) {
    static const char ellipsis[] = "...";
    th_place_t place = {.out = out, .size = size - sizeof ellipsis, .length = 0};
    if (root.document == value.document)
        while (root.index != value.index && descend(&place, &root, value.index))
            continue;
    out[place.length] = '\0';
    if (!place.cut) return;
    th_text_trim(out, place.length + 1);
    memcpy(out + strlen(out), ellipsis, sizeof ellipsis);
}

/* ---- allowed values and near misses ---- */

void th_schema_list_values(th_json_value_t array, char *out, size_t size) {
    size_t left = th_json_count(array), length = 0;
    out[0] = '\0';
    th_json_iterator_t it = th_json_iterate(array);
    while (th_json_next(&it)) {
        th_excerpt_t excerpt = th_excerpt(it.value);
        size_t needed = strlen(excerpt.text) + 2;
        if (length + needed + 24 > size) { /* leaves room for how many are left */
            (void)snprintf(out + length, size - length, "%s... (%zu more)", length > 0 ? ", " : "",
                           left);
            return;
        }
        int written =
            snprintf(out + length, size - length, "%s%s", length > 0 ? ", " : "", excerpt.text);
        length += (size_t)written;
        left--;
    }
}

static unsigned least(unsigned a, unsigned b) {
    return a < b ? a : b;
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Changes needed to make <b> of <a>: letters put in, left out, replaced, or two neighbours swapped
 * (optimal string alignment), regardless of ASCII case. Both at most NEAREST_WORD bytes. */
static unsigned distance(th_slice_t a, th_slice_t b) {
    unsigned rows[3][NEAREST_WORD + 1];
    unsigned *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b.length; j++)
        above[j] = before[j] = (unsigned)j;
    for (size_t i = 0; i < a.length; i++) {
        row[0] = (unsigned)i + 1;
        for (size_t j = 0; j < b.length; j++) {
            char from = lower(a.data[i]), to = lower(b.data[j]);
            row[j + 1] = least(above[j] + (from != to), least(above[j + 1], row[j]) + 1);
            if (i > 0 && j > 0 && from == lower(b.data[j - 1]) && to == lower(a.data[i - 1]))
                row[j + 1] = least(row[j + 1], before[j - 1] + 1);
        }
        unsigned *oldest = before;
        before = above;
        above = row;
        row = oldest;
    }
    return above[b.length];
}

th_slice_t th_schema_nearest(th_slice_t word, th_json_value_t candidates) {
    th_slice_t best = {NULL, 0};
    if (word.length == 0 || word.length > NEAREST_WORD) return best;
    size_t third = word.length / 3;
    unsigned nearest = third < 1 ? 2 : (third > 3 ? 4 : (unsigned)third + 1);
    th_json_iterator_t it = th_json_iterate(candidates);
    for (size_t looked = 0; looked < 200 && th_json_next(&it); looked++) {
        th_slice_t name = it.key;
        if (th_json_is_array(candidates) && !th_json_string(it.value, &name)) continue;
        if (name.length == 0 || name.length > NEAREST_WORD) continue;
        unsigned changes = distance(word, name);
        if (changes >= nearest || changes >= word.length) continue;
        nearest = changes;
        best = name;
    }
    return best;
}
