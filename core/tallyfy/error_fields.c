/* error_fields.c - the `errors` of a 422 as one line. Values may be a string, a list of strings or
 * of objects, or objects again; all strings inside are taken, in order, to a bounded depth. */
#include <stdio.h>

#include "base/buffer.h"
#include "tallyfy/error_map.h"

#define DEPTH_MAX 4
#define TEXTS_MAX 8 /* of one field */

static void add_scalar(th_buffer_t *line, th_json_value_t value, unsigned *texts) {
    th_slice_t text;
    double number;
    char digits[32];
    if (th_json_string(value, &text)) {
        if (text.length == 0) return;
    } else if (th_json_number(value, &number)) {
        text = th_slice(digits, (size_t)snprintf(digits, sizeof digits, "%g", number));
    } else {
        return;
    }
    if ((*texts)++ > 0) th_buffer_add_text(line, "; ");
    th_buffer_add_slice(line, text);
}

static void add_texts(th_buffer_t *line, th_json_value_t value, unsigned depth, unsigned *texts) {
    if (*texts >= TEXTS_MAX) return;
    if (!th_json_is_array(value) && !th_json_is_object(value)) {
        add_scalar(line, value, texts);
        return;
    }
    if (depth >= DEPTH_MAX) return;
    th_json_iterator_t it = th_json_iterate(value);
    while (*texts < TEXTS_MAX && th_json_next(&it))
        add_texts(line, it.value, depth + 1, texts);
}

size_t th_error_fields(th_json_value_t errors, char *out, size_t size, char *first,
                       size_t first_size) {
    out[0] = first[0] = '\0';
    size_t count = th_json_count(errors);
    th_buffer_t line;
    th_buffer_init(&line, 64 * 1024);
    th_json_iterator_t it = th_json_iterate(errors);
    for (size_t shown = 0; shown < TH_ERROR_FIELDS_MAX && th_json_next(&it); shown++) {
        if (shown == 0) th_error_copy(first, first_size, it.key);
        if (shown > 0) th_buffer_add_text(&line, " | ");
        if (it.key.length) {
            th_buffer_add_slice(&line, it.key);
            th_buffer_add_text(&line, ": ");
        }
        unsigned texts = 0;
        add_texts(&line, it.value, 0, &texts);
        if (line.length > TH_ERROR_FIELDS_BYTES) break;
    }
    if (count > TH_ERROR_FIELDS_MAX) {
        th_buffer_add_format(&line, " (+%zu more)", count - TH_ERROR_FIELDS_MAX);
    }
    if (size > TH_ERROR_FIELDS_BYTES) size = TH_ERROR_FIELDS_BYTES;
    th_slice_t text = line.failed ? TH_SLICE("too many to show") : th_buffer_slice(&line);
    if (!th_error_copy(out, size - 3, text)) memcpy(out + strlen(out), "...", 4);
    th_buffer_reset(&line);
    return count;
}
