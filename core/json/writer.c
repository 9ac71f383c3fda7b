/* writer.c - puts JSON into a buffer: punctuation, budgets, and documents straight from their tape.
 * Invariant: while `failure` is NULL, buffer->data holds the correct beginning of one JSON text. */
#include "json/writer.h"

#include <math.h>

#include "json/escape.h"
#include "json/tape.h"
#include "json/text.h"

#define DEFAULT_NODES 2000000

void th_json_writer_init(th_json_writer_t *writer, th_buffer_t *buffer, uint32_t nodes) {
    *writer = (th_json_writer_t){.buffer = buffer, .nodes_left = nodes ? nodes : DEFAULT_NODES};
}

static bool fail(th_json_writer_t *writer, const char *code) {
    if (!writer->failure) writer->failure = code;
    return false;
}

static bool inside_object(const th_json_writer_t *writer) {
    return writer->depth > 0 && (writer->is_object >> (writer->depth - 1)) & 1;
}

/* Takes one node off the budget, makes room for <size> bytes, and puts the comma before them. */
static bool begin_node(th_json_writer_t *writer, size_t size) {
    if (writer->nodes_left == 0) return fail(writer, "too_large");
    writer->nodes_left--;
    if (!th_json_room(writer->buffer, size + writer->need_comma)) return fail(writer, "too_large");
    if (writer->need_comma) writer->buffer->data[writer->buffer->length++] = ',';
    return true;
}

/* Before any value. A value stands behind a key, in an array, or alone and first. */
static bool begin_value(th_json_writer_t *writer, size_t size) {
    if (writer->failure) return false;
    if (writer->after_key)
        writer->after_key = false;
    else if (inside_object(writer) || (writer->depth == 0 && writer->need_comma))
        return fail(writer, "unbalanced");
    if (!begin_node(writer, size)) return false;
    writer->need_comma = true;
    return true;
}

static void put(th_json_writer_t *writer, const char *text, size_t length) {
    memcpy(writer->buffer->data + writer->buffer->length, text, length);
    writer->buffer->length += length;
}

static void open_container(th_json_writer_t *writer, char bracket) {
    if (!writer->failure && writer->depth >= TH_JSON_WRITER_DEPTH) fail(writer, "too_deep");
    if (!begin_value(writer, 1)) return;
    uint64_t bit = UINT64_C(1) << writer->depth;
    writer->is_object = bracket == '{' ? writer->is_object | bit : writer->is_object & ~bit;
    writer->depth++;
    writer->need_comma = false;
    put(writer, &bracket, 1);
}

void th_json_write_object(th_json_writer_t *writer) {
    open_container(writer, '{');
}

void th_json_write_array(th_json_writer_t *writer) {
    open_container(writer, '[');
}

void th_json_write_end(th_json_writer_t *writer) {
    if (writer->failure) return;
    if (writer->depth == 0 || writer->after_key) {
        fail(writer, "unbalanced");
        return;
    }
    char bracket = inside_object(writer) ? '}' : ']';
    if (!th_json_room(writer->buffer, 1)) {
        fail(writer, "too_large");
        return;
    }
    put(writer, &bracket, 1);
    writer->depth--;
    writer->need_comma = true;
}

/* A key that is known to be valid UTF-8. */
static void write_valid_key(th_json_writer_t *writer, th_slice_t key) {
    if (writer->failure) return;
    if (!inside_object(writer) || writer->after_key) {
        fail(writer, "unbalanced");
        return;
    }
    if (!begin_node(writer, key.length + 3)) return;
    if (!th_json_escape_valid(writer->buffer, key) || !th_json_room(writer->buffer, 1)) {
        fail(writer, "too_large");
        return;
    }
    put(writer, ":", 1);
    writer->need_comma = false;
    writer->after_key = true;
}

static void write_valid_string(th_json_writer_t *writer, th_slice_t text) {
    if (!begin_value(writer, text.length + 2)) return;
    if (!th_json_escape_valid(writer->buffer, text)) fail(writer, "too_large");
}

static bool check_text(th_json_writer_t *writer, th_slice_t text) {
    if (writer->failure) return false;
    return th_json_is_ascii(text) || th_json_utf8_valid(text) || fail(writer, "bad_utf8");
}

void th_json_write_key(th_json_writer_t *writer, th_slice_t key) {
    if (check_text(writer, key)) write_valid_key(writer, key);
}

void th_json_write_string(th_json_writer_t *writer, th_slice_t text) {
    if (check_text(writer, text)) write_valid_string(writer, text);
}

static void write_digits(th_json_writer_t *writer, uint64_t number, bool negative) {
    char digits[21];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    if (negative) digits[--at] = '-';
    if (begin_value(writer, sizeof digits - at)) put(writer, digits + at, sizeof digits - at);
}

void th_json_write_integer(th_json_writer_t *writer, int64_t number) {
    uint64_t size = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    write_digits(writer, size, number < 0);
}

void th_json_write_unsigned(th_json_writer_t *writer, uint64_t number) {
    write_digits(writer, number, false);
}

void th_json_write_real(th_json_writer_t *writer, double number) {
    if (!isfinite(number)) {
        fail(writer, "bad_number");
        return;
    }
    char digits[TH_JSON_REAL_SIZE];
    size_t length = th_json_format_real(number, digits);
    if (begin_value(writer, length)) put(writer, digits, length);
}

void th_json_write_boolean(th_json_writer_t *writer, bool value) {
    if (begin_value(writer, value ? 4 : 5)) put(writer, value ? "true" : "false", value ? 4 : 5);
}

void th_json_write_null(th_json_writer_t *writer) {
    if (begin_value(writer, 4)) put(writer, "null", 4);
}

void th_json_write_raw(th_json_writer_t *writer, th_slice_t json) {
    if (json.length == 0) {
        fail(writer, "unbalanced");
        return;
    }
    if (begin_value(writer, json.length)) put(writer, json.data, json.length);
}

/* One scalar or bracket of a tape; returns the index behind it. */
static uint64_t write_word(th_json_writer_t *writer, const uint64_t *tape, const char *strings,
                           uint64_t at) {
    uint64_t word = tape[at];
    double real;
    switch (th_tape_kind(word)) {
    case '{':
    case '[': open_container(writer, th_tape_kind(word)); return at + 1;
    case '}':
    case ']': th_json_write_end(writer); return at + 1;
    case '"':
        if (inside_object(writer) && !writer->after_key)
            write_valid_key(writer, th_tape_string(strings, word));
        else
            write_valid_string(writer, th_tape_string(strings, word));
        return at + 1;
    case 'l': th_json_write_integer(writer, (int64_t)tape[at + 1]); return at + 2;
    case 'u': th_json_write_unsigned(writer, tape[at + 1]); return at + 2;
    case 'd':
        memcpy(&real, tape + at + 1, sizeof real);
        th_json_write_real(writer, real);
        return at + 2;
    case 't':
    case 'f': th_json_write_boolean(writer, th_tape_kind(word) == 't'); return at + 1;
    default: th_json_write_null(writer); return at + 1;
    }
}

void th_json_write_value(th_json_writer_t *writer, th_json_value_t value) {
    if (!value.document) {
        th_json_write_null(writer);
        return;
    }
    const uint64_t *tape = th_tape(value.document);
    const char *strings = th_tape_strings(value.document);
    if (inside_object(writer) && !writer->after_key) {
        fail(writer, "unbalanced"); /* or a string would become a key */
        return;
    }
    uint64_t at = value.index, end = th_tape_after(tape[at], at);
    while (at < end && !writer->failure)
        at = write_word(writer, tape, strings, at);
}

bool th_json_write_excerpt(th_buffer_t *buffer, th_json_value_t value, size_t most) {
    static const char ellipsis[] = "\xe2\x80\xa6";
    if (!value.document) return th_buffer_add_text(buffer, "null");
    th_json_writer_t writer;
    th_json_writer_init(&writer, buffer, 0);
    size_t start = buffer->length;
    const uint64_t *tape = th_tape(value.document);
    const char *strings = th_tape_strings(value.document);
    uint64_t at = value.index, end = th_tape_after(tape[at], at);
    while (at < end && !writer.failure && buffer->length - start <= most) {
        /* A string longer than all that may come is cut before it is escaped. */
        th_slice_t text = {NULL, 0};
        if (th_tape_kind(tape[at]) == '"') text = th_tape_string(strings, tape[at]);
        if (text.length > most) {
            while (most > 0 && (text.data[most] & 0xc0) == 0x80)
                most--;
            text.length = most;
            if (!th_json_room(buffer, 1)) return false;
            if (writer.need_comma) put(&writer, ",", 1);
            return th_json_escape_valid(buffer, text) && th_buffer_add_text(buffer, ellipsis);
        }
        at = write_word(&writer, tape, strings, at);
    }
    if (at >= end && !writer.failure) return true;
    return !buffer->failed && th_buffer_add_text(buffer, ellipsis);
}

void th_json_write_member_string(th_json_writer_t *writer, const char *key, th_slice_t text) {
    th_json_write_key(writer, th_slice_of(key));
    th_json_write_string(writer, text);
}

void th_json_write_member_text(th_json_writer_t *writer, const char *key, const char *text) {
    th_json_write_member_string(writer, key, th_slice_of(text));
}

void th_json_write_member_integer(th_json_writer_t *writer, const char *key, int64_t number) {
    th_json_write_key(writer, th_slice_of(key));
    th_json_write_integer(writer, number);
}

void th_json_write_member_boolean(th_json_writer_t *writer, const char *key, bool value) {
    th_json_write_key(writer, th_slice_of(key));
    th_json_write_boolean(writer, value);
}

void th_json_write_member_value(th_json_writer_t *writer, const char *key, th_json_value_t value) {
    th_json_write_key(writer, th_slice_of(key));
    th_json_write_value(writer, value);
}

bool th_json_writer_finish(th_json_writer_t *writer, th_error_t *error) {
    if (!writer->failure && (writer->depth > 0 || writer->after_key || !writer->need_comma))
        writer->failure = "unbalanced";
    const char *code = writer->failure;
    if (!code) return true;
    if (strcmp(code, "too_deep") == 0)
        return th_error_set(error, code,
                            "the value is nested deeper than %d levels, or holds itself",
                            TH_JSON_WRITER_DEPTH);
    if (strcmp(code, "too_large") == 0)
        return th_error_set(error, code,
                            "the JSON would be larger than the %zu bytes or the number "
                            "of values that are allowed",
                            writer->buffer->maximum);
    if (strcmp(code, "bad_utf8") == 0)
        return th_error_set(error, code, "a string is not valid UTF-8, so it cannot be JSON");
    if (strcmp(code, "bad_number") == 0)
        return th_error_set(error, code, "a number is NaN or infinite, so it cannot be JSON");
    if (strcmp(code, "unbalanced") != 0) /* set by who uses the writer: "bad_type", "bad_key" */
        return th_error_set(error, code, "a value is of a kind that cannot be JSON");
    return th_error_set(error, code,
                        "JSON was begun and not completed; each value needs its place");
}
