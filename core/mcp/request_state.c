/* request_state.c - sealing and opening. */
#include "mcp/request_state.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "json/writer.h"

#define VERSION "v1"
#define TAG_TEXT 43 /* 32 bytes in unpadded base64 */
#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING

/* --- the meaning of a value ------------------------------------------------------------------ */

typedef struct member {
    th_slice_t key;
    th_digest_t digest;
} member_t;

static int by_key(const void *a, const void *b) {
    const member_t *left = a, *right = b;
    size_t common = left->key.length < right->key.length ? left->key.length : right->key.length;
    int order = common ? memcmp(left->key.data, right->key.data, common) : 0;

    if (order) return order;
    return (left->key.length > right->key.length) - (left->key.length < right->key.length);
}

static th_slice_t bytes_of(const th_digest_t *digest) {
    return th_slice((const char *)digest->bytes, sizeof digest->bytes);
}

/* One step of a chain: the digest so far, then a part. */
static void extend(th_digest_t *digest, th_slice_t part) {
    const th_slice_t parts[] = {bytes_of(digest), part};

    *digest = th_hash_parts(NULL, parts, 2);
}

/* Depth is bounded by the parser's limit. Without memory for the sorting the digest is that of no
 * value at all: a state sealed or opened so does not fit anything, which is an error, not a hole.
 */
static th_digest_t meaning_of_object(th_json_value_t object) {
    size_t count = th_json_count(object), i = 0;
    member_t *members = calloc(count ? count : 1, sizeof *members);
    th_json_iterator_t each = th_json_iterate(object);
    th_digest_t digest = th_hash_parts(NULL, &TH_SLICE("object"), 1);

    if (!members) {
        th_random_bytes(digest.bytes, sizeof digest.bytes);
        return digest;
    }
    while (i < count && th_json_next(&each)) {
        members[i].key = each.key;
        members[i++].digest = th_json_meaning(each.value);
    }
    qsort(members, i, sizeof *members, by_key);
    for (size_t at = 0; at < i; at++) {
        extend(&digest, members[at].key);
        extend(&digest, bytes_of(&members[at].digest));
    }
    free(members);
    return digest;
}

static th_digest_t meaning_of_array(th_json_value_t array) {
    th_json_iterator_t each = th_json_iterate(array);
    th_digest_t digest = th_hash_parts(NULL, &TH_SLICE("array"), 1);

    while (th_json_next(&each)) {
        th_digest_t one = th_json_meaning(each.value);
        extend(&digest, bytes_of(&one));
    }
    return digest;
}

th_digest_t th_json_meaning(th_json_value_t value) {
    th_slice_t parts[2] = {TH_SLICE(""), {NULL, 0}};
    char number[40];
    int64_t whole;
    double real;

    switch (th_json_type(value)) {
    case TH_JSON_OBJECT: return meaning_of_object(value);
    case TH_JSON_ARRAY: return meaning_of_array(value);
    case TH_JSON_ABSENT: parts[0] = TH_SLICE("absent"); break;
    case TH_JSON_NULL: parts[0] = TH_SLICE("null"); break;
    case TH_JSON_FALSE: parts[0] = TH_SLICE("false"); break;
    case TH_JSON_TRUE: parts[0] = TH_SLICE("true"); break;
    case TH_JSON_STRING:
        parts[0] = TH_SLICE("string");
        th_json_string(value, &parts[1]);
        break;
    case TH_JSON_INTEGER:
    case TH_JSON_UNSIGNED:
    case TH_JSON_REAL:
        parts[0] = TH_SLICE("number");
        if (th_json_integer(value, &whole))
            (void)snprintf(number, sizeof number, "%lld", (long long)whole);
        else if (th_json_number(value, &real))
            (void)snprintf(number, sizeof number, "%.17g", real);
        parts[1] = th_slice_of(number);
        break;
    }
    return th_hash_parts(NULL, parts, 2);
}

/* --- sealing and opening --------------------------------------------------------------------- */

static th_digest_t tag_of(const th_state_binding_t *binding, th_slice_t payload) {
    /* A call without arguments and one with {} are the same call. */
    bool none = th_json_count(binding->arguments) == 0;
    th_digest_t arguments = th_json_meaning(none ? th_json_absent() : binding->arguments);
    const th_slice_t parts[] = {TH_SLICE(VERSION), binding->principal,   binding->method,
                                binding->name,     bytes_of(&arguments), payload};

    return th_hash_parts(binding->key, parts, sizeof parts / sizeof parts[0]);
}

static bool add_base64(th_buffer_t *out, const void *bytes, size_t length) {
    size_t room = sodium_base64_encoded_len(length, VARIANT);

    if (!th_buffer_reserve(out, room)) return false;
    sodium_bin2base64(out->data + out->length, room, bytes, length, VARIANT);
    out->length += room - 1; /* without the NUL */
    return true;
}

bool th_request_state_seal(const th_state_binding_t *binding, int64_t expires_wall_ms,
                           th_slice_t asked, th_slice_t answers, th_slice_t held,
                           th_buffer_t *out) {
    th_json_writer_t writer;
    th_buffer_t payload;

    th_buffer_init(&payload, TH_REQUEST_STATE_MAX / 2);
    th_json_writer_init(&writer, &payload, 0);
    th_json_write_object(&writer);
    th_json_write_member_integer(&writer, "e", expires_wall_ms);
    th_json_write_key(&writer, TH_SLICE("k"));
    th_json_write_raw(&writer, asked);
    th_json_write_key(&writer, TH_SLICE("a"));
    th_json_write_raw(&writer, answers);
    if (held.length) th_json_write_member_string(&writer, "h", held);
    th_json_write_end(&writer);
    bool done = th_json_writer_finish(&writer, NULL);
    if (done) {
        th_digest_t tag = tag_of(binding, th_buffer_slice(&payload));
        done = th_buffer_add_text(out, VERSION ".") &&
               add_base64(out, payload.data, payload.length) && th_buffer_add_byte(out, '.') &&
               add_base64(out, tag.bytes, sizeof tag.bytes);
    }
    th_buffer_reset(&payload);
    return done;
}

/* Splits `v1.<payload>.<tag>` and decodes both parts; strict, nothing may be left over. */
static bool decode(th_slice_t text, th_buffer_t *payload, th_digest_t *tag) {
    size_t head = sizeof VERSION, length = 0; /* with the dot */

    if (text.length < head + TAG_TEXT + 1 || text.length > TH_REQUEST_STATE_MAX ||
        memcmp(text.data, VERSION ".", head) != 0)
        return false;
    const char *dot = text.data + text.length - TAG_TEXT - 1;
    if (*dot != '.' || dot < text.data + head) return false;
    if (sodium_base642bin(tag->bytes, sizeof tag->bytes, dot + 1, TAG_TEXT, NULL, &length, NULL,
                          VARIANT) != 0 ||
        length != sizeof tag->bytes)
        return false;
    size_t encoded = (size_t)(dot - text.data) - head;
    if (!th_buffer_reserve(payload, encoded + 1)) return false;
    if (sodium_base642bin((unsigned char *)payload->data, encoded + 1, text.data + head, encoded,
                          NULL, &payload->length, NULL, VARIANT) != 0)
        return false;
    return true;
}

bool th_request_state_open(const th_state_binding_t *binding, th_json_parser_t *parser,
                           th_slice_t text, int64_t now_wall_ms, th_request_state_t *state,
                           const char **problem) {
    th_buffer_t payload;
    th_digest_t tag;
    int64_t expires = 0;

    *state = (th_request_state_t){.document = NULL};
    *problem = "params.requestState was not given out by this server for this request; start again "
               "without it";
    th_buffer_init(&payload, TH_REQUEST_STATE_MAX);
    if (decode(text, &payload, &tag)) {
        th_digest_t right = tag_of(binding, th_buffer_slice(&payload));
        if (th_digest_equal(&tag, &right))
            state->document =
                th_json_parse(parser, th_buffer_slice(&payload), &th_json_limits_request, NULL);
    }
    th_buffer_wipe(&payload);
    if (!state->document) return false;
    th_json_value_t root = th_json_root(state->document);
    if (th_json_integer(th_json_member(root, "e"), &expires) && now_wall_ms < expires) {
        state->asked = th_json_member(root, "k");
        state->answers = th_json_member(root, "a");
        th_json_string(th_json_member(root, "h"), &state->held);
        return true;
    }
    *problem = "params.requestState is too old; start again without it";
    th_json_unref(state->document);
    state->document = NULL;
    return false;
}
