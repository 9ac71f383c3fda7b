/* catalogue_uri.c - resource URIs against templates (RFC 6570, level 1: `{name}`).
 * Level 1 percent-encodes every reserved character of a value, so a value is a run of unreserved
 * characters, and what follows it in the template begins with a reserved one: one pass, no going
 * back. Anything else is simply another resource. */
#include <ctype.h>

#include "script/catalogue_parts.h"
#include "json/text.h"

#define URI_MAX 2048 /* bytes of an URI that is looked at */

/* Characters beyond ASCII are let in: careless clients do not encode them. */
static bool is_value_byte(unsigned char byte) {
    return isalnum(byte) || byte == '-' || byte == '.' || byte == '_' || byte == '~' ||
           byte == '%' || byte >= 0x80;
}

typedef struct walk {
    const char *at; /* in the template */
    th_slice_t rest;
    th_slice_t name, value; /* of the variable found last */
} walk_t;

static void skip(th_slice_t *slice, size_t count) {
    slice->data += count;
    slice->length -= count;
}

typedef enum step_result { STEP_VARIABLE, STEP_END, STEP_MISMATCH } step_result_t;

/* On to the next variable, or to the end. */
static step_result_t next_variable(walk_t *walk) {
    while (*walk->at && *walk->at != '{') {
        if (walk->rest.length == 0 || walk->rest.data[0] != *walk->at) return STEP_MISMATCH;
        skip(&walk->rest, 1);
        walk->at++;
    }
    if (!*walk->at) return walk->rest.length == 0 ? STEP_END : STEP_MISMATCH;
    const char *close = strchr(walk->at, '}');
    if (!close) return STEP_MISMATCH;
    walk->name = th_slice(walk->at + 1, (size_t)(close - walk->at - 1));
    walk->at = close + 1;
    size_t length = 0;
    while (length < walk->rest.length && is_value_byte((unsigned char)walk->rest.data[length]))
        length++;
    if (length == 0) return STEP_MISMATCH;
    walk->value = th_slice(walk->rest.data, length);
    skip(&walk->rest, length);
    return STEP_VARIABLE;
}

bool th_resource_matches(const th_resource_t *resource, th_slice_t uri) {
    if (!resource->is_template) return th_slice_is(uri, resource->uri);
    if (uri.length > URI_MAX) return false;
    walk_t walk = {.at = resource->uri, .rest = uri};
    step_result_t result = STEP_VARIABLE;
    while (result == STEP_VARIABLE)
        result = next_variable(&walk);
    return result == STEP_END;
}

static int hex_digit(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    digit = (char)tolower((unsigned char)digit);
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* <out> has URI_MAX bytes. False: a bad escape, a control character, or no UTF-8. */
static bool decode(th_slice_t value, char *out, size_t *length) {
    *length = 0;
    for (size_t i = 0; i < value.length; i++) {
        int byte = (unsigned char)value.data[i];
        if (byte == '%') {
            if (i + 2 >= value.length) return false;
            int high = hex_digit(value.data[i + 1]), low = hex_digit(value.data[i + 2]);
            if (high < 0 || low < 0) return false;
            byte = high * 16 + low;
            i += 2;
        }
        if (byte < 0x20 || byte == 0x7f) return false;
        out[(*length)++] = (char)byte;
    }
    return th_json_utf8_valid(th_slice(out, *length));
}

static bool write_variables(const th_resource_t *resource, th_slice_t uri,
                            th_json_writer_t *writer) {
    char decoded[URI_MAX];
    size_t length = 0;
    walk_t walk = {.at = resource->uri, .rest = uri};
    step_result_t result;
    th_json_write_object(writer);
    while ((result = next_variable(&walk)) == STEP_VARIABLE) {
        if (!decode(walk.value, decoded, &length)) return false;
        th_json_write_key(writer, walk.name);
        th_json_write_string(writer, th_slice(decoded, length));
    }
    th_json_write_end(writer);
    return result == STEP_END;
}

th_json_document_t *th_resource_variables(const th_resource_t *resource, th_slice_t uri,
                                          th_json_parser_t *parser, th_error_t *error) {
    if (!th_resource_matches(resource, uri)) {
        th_error_set(error, "not_found", "There is no such resource.");
        return NULL;
    }
    if (!resource->is_template)
        return th_json_parse(parser, TH_SLICE("{}"), &th_json_limits_request, error);
    th_buffer_t text;
    th_json_writer_t writer;
    th_json_document_t *document = NULL;
    th_buffer_init(&text, (size_t)8 * URI_MAX);
    th_json_writer_init(&writer, &text, 0);
    if (write_variables(resource, uri, &writer) && th_json_writer_finish(&writer, NULL))
        document = th_json_parse(parser, th_buffer_slice(&text), &th_json_limits_request, error);
    else
        th_error_set(error, "not_found",
                     "There is no such resource: its URI has a part that cannot be decoded.");
    th_buffer_reset(&text);
    return document;
}
