/* jwt.c - the middle part of a token: base64url, then JSON. */
#include "session/jwt.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define PAYLOAD_MAX 8192

/* The part between the two dots; false when there are not exactly two. */
static bool payload_part(th_slice_t token, th_slice_t *part) {
    const char *first = memchr(token.data, '.', token.length);
    if (!first) return false;
    const char *end = token.data + token.length;
    const char *second = memchr(first + 1, '.', (size_t)(end - first - 1));
    if (!second || memchr(second + 1, '.', (size_t)(end - second - 1))) return false;
    *part = th_slice(first + 1, (size_t)(second - first - 1));
    return true;
}

static bool append(char *out, size_t size, size_t *length, th_json_value_t value) {
    th_slice_t text;
    if (!th_json_string(value, &text) || memchr(text.data, '\0', text.length)) return false;
    size_t blank = *length > 0;
    if (*length + blank + text.length >= size) return false;
    if (blank) out[(*length)++] = ' ';
    memcpy(out + *length, text.data, text.length);
    *length += text.length;
    return true;
}

static bool copy_claim(th_json_value_t claim, char *out, size_t size) {
    size_t length = 0;
    bool fits = true;
    if (th_json_is_array(claim)) {
        th_json_iterator_t words = th_json_iterate(claim);
        while (fits && th_json_next(&words))
            fits = append(out, size, &length, words.value);
    } else
        fits = append(out, size, &length, claim);
    out[fits ? length : 0] = '\0';
    return fits && length > 0;
}

/* Without <out>: only whether it is there. */
static bool read_claim(th_json_parser_t *parser, th_slice_t payload, const char *name, char *out,
                       size_t size) {
    th_json_document_t *document = th_json_parse(parser, payload, &th_json_limits_request, NULL);
    th_json_value_t claim = th_json_member(th_json_root(document), name);
    bool there = th_json_type(claim) != TH_JSON_ABSENT && th_json_type(claim) != TH_JSON_NULL;
    bool found = out ? copy_claim(claim, out, size) : there;
    th_json_unref(document);
    return found;
}

static bool find_claim(th_json_parser_t *parser, th_slice_t token, const char *name, char *out,
                       size_t size) {
    th_slice_t part;
    if (token.length > PAYLOAD_MAX || token.length == 0 || !payload_part(token, &part))
        return false;
    char *payload = malloc(PAYLOAD_MAX);
    if (!payload) return false;
    size_t length = 0;
    bool found =
        sodium_base642bin((unsigned char *)payload, PAYLOAD_MAX, part.data, part.length, NULL,
                          &length, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
        read_claim(parser, th_slice(payload, length), name, out, size);
    sodium_memzero(payload, PAYLOAD_MAX);
    free(payload);
    return found;
}

bool th_jwt_claim(th_json_parser_t *parser, th_slice_t token, const char *name, char *out,
                  size_t size) {
    return find_claim(parser, token, name, out, size);
}

bool th_jwt_has_claim(th_json_parser_t *parser, th_slice_t token, const char *name) {
    return find_claim(parser, token, name, NULL, 0);
}
