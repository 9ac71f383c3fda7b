/* explain.c - where a refused text stops being JSON, and why, in words for the person who sent it.
 * simdjson is fast because it does not keep positions; this second, slow reader runs only on texts
 * that were refused. It follows RFC 8259, without recursion. It never quotes what it read: the text
 * may hold a credential. */
#include <stdio.h>

#include "json/tape.h"

typedef struct reader {
    const unsigned char *start, *at, *end;
    const char *reason; /* set by the one that fails */
    uint32_t depth, deepest;
    bool numbers; /* look at the size of numbers too */
    bool too_deep;
    char closers[TH_TAPE_MAX_DEPTH + 1]; /* '}' or ']' per open level */
} reader_t;

static bool fail(reader_t *reader, const unsigned char *at, const char *reason) {
    reader->at = at;
    reader->reason = reason;
    return false;
}

static void skip_space(reader_t *reader) {
    while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\n' ||
                                        *reader->at == '\r' || *reader->at == '\t'))
        reader->at++;
}

static int hex_digit(unsigned char byte) {
    if (byte >= '0' && byte <= '9') return byte - '0';
    if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
    return -1;
}

/* The four digits behind "\u" at <at>; -1 if they are not there. */
static int read_unit(const reader_t *reader, const unsigned char *at) {
    if (reader->end - at < 6 || at[0] != '\\' || at[1] != 'u') return -1;
    int unit = 0;
    for (int i = 2; i < 6; i++) {
        int digit = hex_digit(at[i]);
        if (digit < 0) return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

static bool read_escape(reader_t *reader) {
    const unsigned char *at = reader->at;
    if (reader->end - at < 2) return fail(reader, at, "a string is not closed");
    if (at[1] != 'u') {
        if (!strchr("\"\\/bfnrt", at[1]) || at[1] == '\0')
            return fail(reader, at,
                        "unknown escape; only \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX exist");
        reader->at += 2;
        return true;
    }
    int unit = read_unit(reader, at);
    if (unit < 0) return fail(reader, at, "\\u needs four hexadecimal digits");
    reader->at += 6;
    if (unit < 0xd800 || unit > 0xdfff) return true;
    int low = read_unit(reader, at + 6);
    if (unit > 0xdbff || low < 0xdc00 || low > 0xdfff)
        return fail(reader, at, "half a surrogate pair; \\uD800 to \\uDFFF come in pairs only");
    reader->at += 6;
    return true;
}

/* Length of the UTF-8 sequence at <at>, 0 if there is no valid one (RFC 3629). */
static int utf8_length(const unsigned char *at, const unsigned char *end) {
    int length = at[0] < 0x80 ? 1 : at[0] < 0xc2 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
    if (length == 0 || at[0] > 0xf4 || end - at < length) return 0;
    for (int i = 1; i < length; i++)
        if ((at[i] & 0xc0) != 0x80) return 0;
    bool overlong = (at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xf0 && at[1] < 0x90);
    bool surrogate = at[0] == 0xed && at[1] > 0x9f;
    bool beyond = at[0] == 0xf4 && at[1] > 0x8f;
    return overlong || surrogate || beyond ? 0 : length;
}

static bool read_string(reader_t *reader) {
    const unsigned char *open = reader->at++;
    while (reader->at < reader->end) {
        unsigned char byte = *reader->at;
        if (byte == '"') {
            reader->at++;
            return true;
        }
        if (byte < 0x20)
            return fail(reader, reader->at,
                        "a control character in a string; write it as an escape");
        if (byte == '\\') {
            if (!read_escape(reader)) return false;
            continue;
        }
        int length = utf8_length(reader->at, reader->end);
        if (length == 0) return fail(reader, reader->at, "the text is not valid UTF-8");
        reader->at += length;
    }
    return fail(reader, open, "a string is not closed");
}

static size_t skip_digits(reader_t *reader) {
    const unsigned char *from = reader->at;
    while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9')
        reader->at++;
    return (size_t)(reader->at - from);
}

/* Is the integer with <count> digits at <digits> more than 64 bits can hold? */
static bool is_huge_integer(const unsigned char *digits, size_t count, bool negative) {
    const char *most = negative ? "9223372036854775808" : "18446744073709551615";
    size_t length = strlen(most);
    return count > length || (count == length && memcmp(digits, most, length) > 0);
}

/* Is a real with these parts surely over 1.8e308? */
static bool is_huge_real(const unsigned char *digits, size_t whole, bool negative_exponent,
                         const unsigned char *exponent, size_t exponent_digits) {
    if (negative_exponent) return false;
    size_t magnitude = digits[0] == '0' ? 0 : whole, power = 0;
    for (size_t i = 0; i < exponent_digits && power < 100000; i++)
        power = power * 10 + (size_t)(exponent[i] - '0');
    return magnitude + power > 308;
}

static bool read_number(reader_t *reader) {
    const unsigned char *start = reader->at;
    bool negative = *reader->at == '-', real = false, negative_exponent = false;
    if (negative) reader->at++;
    const unsigned char *digits = reader->at, *exponent = NULL;
    size_t whole = skip_digits(reader), exponent_digits = 0;
    if (whole == 0) return fail(reader, start, "a number needs a digit behind its sign");
    if (whole > 1 && digits[0] == '0')
        return fail(reader, start, "a number may not start with a superfluous 0");
    if (reader->at < reader->end && *reader->at == '.') {
        real = true;
        reader->at++;
        if (skip_digits(reader) == 0)
            return fail(reader, start, "a number needs a digit behind its point");
    }
    if (reader->at < reader->end && (*reader->at == 'e' || *reader->at == 'E')) {
        real = true;
        reader->at++;
        if (reader->at < reader->end && (*reader->at == '-' || *reader->at == '+'))
            negative_exponent = *reader->at++ == '-';
        exponent = reader->at;
        exponent_digits = skip_digits(reader);
        if (exponent_digits == 0)
            return fail(reader, start, "a number needs a digit in its exponent");
    }
    if (!reader->numbers) return true;
    bool huge = real ? is_huge_real(digits, whole, negative_exponent, exponent, exponent_digits)
                     : is_huge_integer(digits, whole, negative);
    if (huge) return fail(reader, start, "number out of range; send it as a string");
    return true;
}

static bool read_word(reader_t *reader, const char *word) {
    size_t length = strlen(word);
    if ((size_t)(reader->end - reader->at) < length || memcmp(reader->at, word, length) != 0)
        return fail(
            reader, reader->at,
            "unknown word; values are objects, arrays, strings, numbers, true, false and null");
    reader->at += length;
    return true;
}

static bool open_container(reader_t *reader, char closer) {
    if (reader->depth >= reader->deepest) {
        reader->too_deep = true;
        return fail(reader, reader->at, "nested too deeply");
    }
    reader->closers[reader->depth++] = closer;
    reader->at++;
    return true;
}

/* A scalar, or the opening of a container. */
static bool read_value(reader_t *reader) {
    if (reader->at >= reader->end)
        return fail(reader, reader->at, "the text ends where a value should be");
    unsigned char byte = *reader->at;
    if (byte == '{') return open_container(reader, '}');
    if (byte == '[') return open_container(reader, ']');
    if (byte == '"') return read_string(reader);
    if (byte == '-' || (byte >= '0' && byte <= '9')) return read_number(reader);
    if (byte == 't') return read_word(reader, "true");
    if (byte == 'f') return read_word(reader, "false");
    if (byte == 'n') return read_word(reader, "null");
    if (byte == 0xef)
        return fail(reader, reader->at, "a value should be here; send UTF-8 without a BOM");
    if (byte == '\'')
        return fail(reader, reader->at, "a value should be here; strings need double quotes");
    return fail(reader, reader->at, "a value should be here");
}

static bool read_key(reader_t *reader) {
    skip_space(reader);
    if (reader->at >= reader->end || *reader->at != '"')
        return fail(reader, reader->at, "a key in double quotes should be here");
    if (!read_string(reader)) return false;
    skip_space(reader);
    if (reader->at >= reader->end || *reader->at != ':')
        return fail(reader, reader->at, "a ':' should be here, behind the key");
    reader->at++;
    return true;
}

/* After a value: closes containers as far as they end. *<more> says that another value follows. */
static bool read_ends(reader_t *reader, bool *more) {
    *more = false;
    while (reader->depth > 0) {
        skip_space(reader);
        char closer = reader->closers[reader->depth - 1];
        if (reader->at >= reader->end)
            return fail(reader, reader->at,
                        closer == '}' ? "the text ends inside an object"
                                      : "the text ends inside an array");
        if (*reader->at == ',') {
            reader->at++;
            *more = true;
            return closer != '}' || read_key(reader);
        }
        if (*reader->at != (unsigned char)closer)
            return fail(reader, reader->at,
                        closer == '}' ? "a ',' or '}' should be here"
                                      : "a ',' or ']' should be here");
        reader->at++;
        reader->depth--;
    }
    return true;
}

static bool read_text(reader_t *reader) {
    bool more = true;
    while (more) {
        skip_space(reader);
        uint32_t before = reader->depth;
        if (!read_value(reader)) return false;
        if (reader->depth >
            before) { /* inside a new container: empty, or its first value follows */
            char closer = reader->closers[reader->depth - 1];
            skip_space(reader);
            bool empty = reader->at < reader->end && *reader->at == (unsigned char)closer;
            if (!empty) {
                if (closer == '}' && !read_key(reader)) return false;
                continue;
            }
        }
        if (!read_ends(reader, &more)) return false;
    }
    skip_space(reader);
    return reader->at == reader->end || fail(reader, reader->at, "nothing may follow the value");
}

bool th_json_explain(th_slice_t text, uint32_t depth, bool numbers, th_error_t *error) {
    reader_t reader = {.numbers = numbers, .deepest = depth};
    reader.start = reader.at = (const unsigned char *)text.data;
    reader.end = reader.start + text.length;
    if (read_text(&reader)) return false;
    size_t line = 1, column = 1;
    for (const unsigned char *at = reader.start; at < reader.at; at++) {
        if (*at == '\n') {
            line++;
            column = 1;
        } else if ((*at & 0xc0) != 0x80) { /* columns count characters */
            column++;
        }
    }
    if (reader.too_deep)
        (void)th_error_set(
            error, "too_deep",
            "line %zu, column %zu: nested deeper than the %u levels that are accepted", line,
            column, depth);
    else
        (void)th_error_set(error, "bad_json", "line %zu, column %zu: %s", line, column,
                           reader.reason);
    return true;
}
