/* http_headers.c - routing fields, media types, Accept. */
#include "mcp/http_headers.h"

#include <sodium.h>
#include <stdlib.h>

static const char *const field_names[TH_ROUTING_FIELDS] = {
    [TH_ROUTING_VERSION] = "MCP-Protocol-Version",
    [TH_ROUTING_METHOD] = "Mcp-Method",
    [TH_ROUTING_NAME] = "Mcp-Name",
};

const char *th_routing_field_name(th_routing_field_t field) {
    return field_names[field];
}

static bool is_blank(char byte) {
    return byte == ' ' || byte == '\t';
}

th_slice_t th_header_trim(th_slice_t text) {
    while (text.length && is_blank(text.data[0]))
        text = th_slice(text.data + 1, text.length - 1);
    while (text.length && is_blank(text.data[text.length - 1]))
        text.length--;
    return text;
}

bool th_header_is_clean(th_slice_t value) {
    for (size_t i = 0; i < value.length; i++) {
        unsigned char byte = (unsigned char)value.data[i];
        if ((byte < 0x20 && byte != '\t') || byte > 0x7E) return false;
    }
    return true;
}

void th_routing_read(const th_http_request_t *request, th_routing_t *routing) {
    *routing = (th_routing_t){0};
    for (size_t i = 0; i < request->header_count; i++) {
        const th_http_header_t *header = &request->headers[i];
        if (header->name.length < 8 || (header->name.data[0] | 0x20) != 'm') continue;
        for (int field = 0; field < TH_ROUTING_FIELDS; field++) {
            if (!th_slice_equal_nocase(header->name, th_slice_of(field_names[field]))) continue;
            if (routing->value[field].data) routing->repeated[field] = true;
            routing->value[field] = th_header_trim(header->value);
            if (!routing->value[field].data) routing->value[field].data = "";
            if (!th_header_is_clean(header->value)) routing->unclean[field] = true;
        }
    }
}

bool th_routing_decode(th_slice_t value, th_buffer_t *out) {
    static const char prefix[] = "=?base64?", suffix[] = "?=";
    const size_t marks = sizeof prefix - 1 + sizeof suffix - 1;

    th_buffer_clear(out);
    if (value.length < marks || memcmp(value.data, prefix, sizeof prefix - 1) != 0 ||
        memcmp(value.data + value.length - 2, suffix, 2) != 0)
        return th_buffer_add_slice(out, value);
    size_t length = value.length - marks, decoded = 0;
    if (length == 0) return true;
    if (!th_buffer_reserve(out, length)) return false;
    if (sodium_base642bin((unsigned char *)out->data, length, value.data + sizeof prefix - 1,
                          length, NULL, &decoded, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
        return false;
    out->length = decoded;
    return true;
}

bool th_media_type_is_json(th_slice_t content_type) {
    const char *end =
        content_type.length ? memchr(content_type.data, ';', content_type.length) : NULL;

    if (end) content_type.length = (size_t)(end - content_type.data);
    return th_slice_equal_nocase(th_header_trim(content_type), TH_SLICE("application/json"));
}

/* `;q=0`, `;q=0.0` and so on: "not this one" (RFC 9110 12.4.2). */
static bool weight_is_zero(th_slice_t parameters) {
    while (parameters.length) {
        const char *end = memchr(parameters.data, ';', parameters.length);
        size_t length = end ? (size_t)(end - parameters.data) : parameters.length;
        th_slice_t one = th_header_trim(th_slice(parameters.data, length));
        if (one.length >= 3 && (one.data[0] | 0x20) == 'q' && one.data[1] == '=') {
            size_t i = 2;
            while (i < one.length && (one.data[i] == '0' || one.data[i] == '.'))
                i++;
            if (i == one.length) return true;
        }
        if (!end) break;
        parameters = th_slice(end + 1, parameters.length - length - 1);
    }
    return false;
}

/* One element of the list: the more specific range decides, so an exact type overrides a wildcard.
 */
static void accept_one(th_slice_t element, int *json, int *stream) {
    static const struct {
        th_slice_t range;
        int json, stream; /* how specific it is for each; 0 = says nothing of it */
    } ranges[] = {
        {{"*/*", 3}, 1, 1},
        {{"application/*", 13}, 2, 0},
        {{"text/*", 6}, 0, 2},
        {{"application/json", 16}, 3, 0},
        {{"text/event-stream", 17}, 0, 3},
    };
    const char *end = element.length ? memchr(element.data, ';', element.length) : NULL;
    size_t length = end ? (size_t)(end - element.data) : element.length;
    th_slice_t type = th_header_trim(th_slice(element.data, length));
    th_slice_t rest = end ? th_slice(end + 1, element.length - length - 1) : th_slice(NULL, 0);
    int sign = weight_is_zero(rest) ? -1 : 1;

    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (!th_slice_equal_nocase(type, ranges[i].range)) continue;
        if (ranges[i].json > abs(*json)) *json = sign * ranges[i].json;
        if (ranges[i].stream > abs(*stream)) *stream = sign * ranges[i].stream;
    }
}

th_accepted_t th_accept_read(th_slice_t accept) {
    int json = 0, stream = 0;

    if (!accept.data) return (th_accepted_t){true, true};
    while (accept.length) {
        const char *end = memchr(accept.data, ',', accept.length);
        size_t length = end ? (size_t)(end - accept.data) : accept.length;
        accept_one(th_slice(accept.data, length), &json, &stream);
        if (!end) break;
        accept = th_slice(end + 1, accept.length - length - 1);
    }
    return (th_accepted_t){json > 0, stream > 0};
}
