/* url.c - see url.h. Everything but RFC 3986's unreserved characters is percent-encoded. */
#include "tallyfy/url.h"

#include <ctype.h>

static bool is_unreserved(unsigned char byte) {
    return byte < 0x80 &&
           (isalnum(byte) || byte == '-' || byte == '.' || byte == '_' || byte == '~');
}

static bool add_encoded(th_buffer_t *out, th_slice_t text) {
    static const char digits[] = "0123456789ABCDEF";
    size_t plain = 0; /* where the run of bytes that need no encoding began */
    for (size_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        if (is_unreserved(byte)) continue;
        const char encoded[3] = {'%', digits[byte >> 4], digits[byte & 15]};
        th_buffer_add(out, text.data + plain, i - plain);
        th_buffer_add(out, encoded, sizeof encoded);
        plain = i + 1;
    }
    return th_buffer_add(out, text.data + plain, text.length - plain);
}

static int printable_length(th_slice_t text) {
    return text.length > 64 ? 64 : (int)text.length;
}

/* A part between slashes, as a server that decodes too early would see it. */
static bool is_dot_or_empty(th_slice_t part) {
    return part.length == 0 || th_slice_is(part, ".") || th_slice_is(part, "..");
}

static bool has_dot_segment(th_slice_t value) {
    size_t begin = 0;
    for (size_t i = 0; i <= value.length; i++) {
        if (i < value.length && value.data[i] != '/' && value.data[i] != '\\') continue;
        if (is_dot_or_empty(th_slice(value.data + begin, i - begin))) return true;
        begin = i + 1;
    }
    return false;
}

/* "%2e", "%2f" and "%5c" are harmless once encoded, unless someone behind decodes twice. */
static bool has_encoded_separator(th_slice_t value) {
    for (size_t i = 0; i + 2 < value.length; i++) {
        const char *at = value.data + i;
        if (at[0] != '%') continue;
        if (strncasecmp(at, "%2e", 3) == 0 || strncasecmp(at, "%2f", 3) == 0 ||
            strncasecmp(at, "%5c", 3) == 0) {
            return true;
        }
    }
    return false;
}

bool th_url_check_segment(th_slice_t name, th_slice_t value, th_error_t *error) {
    int shown = printable_length(name);
    if (value.length == 0) {
        return th_error_set(error, "bad_request", "%.*s is empty; it must have a value", shown,
                            name.data);
    }
    if (value.length > TH_URL_VALUE_MAX) {
        return th_error_set(error, "bad_request", "%.*s is %zu bytes long; at most %d are allowed",
                            shown, name.data, value.length, TH_URL_VALUE_MAX);
    }
    for (size_t i = 0; i < value.length; i++) {
        unsigned char byte = (unsigned char)value.data[i];
        if (byte >= 0x20 && byte != 0x7f) continue;
        return th_error_set(error, "bad_request",
                            "%.*s holds the control byte 0x%02x at position %zu; it must be text",
                            shown, name.data, byte, i);
    }
    if (has_dot_segment(value) || has_encoded_separator(value)) {
        return th_error_set(
            error, "bad_request",
            "%.*s must be one name or id, not a path with \".\", \"..\" or an empty part", shown,
            name.data);
    }
    return true;
}

/* Bytes that a template may hold outside of placeholders. */
static bool is_template_byte(unsigned char byte) {
    return is_unreserved(byte) || byte == '/' || byte == '{' || byte == '}' || byte == '@' ||
           byte == ':' || byte == ',' || byte == '+';
}

static bool check_template(th_slice_t path, th_error_t *error) {
    if (path.length == 0 || path.data[0] != '/') {
        return th_error_set(error, "bad_request", "the path must begin with \"/\"");
    }
    if (path.length > TH_URL_TEMPLATE_MAX) {
        return th_error_set(error, "bad_request",
                            "the path is %zu bytes long; at most %d are allowed", path.length,
                            TH_URL_TEMPLATE_MAX);
    }
    for (size_t i = 0; i < path.length; i++) {
        unsigned char byte = (unsigned char)path.data[i];
        if (is_template_byte(byte)) continue;
        if (byte > 0x20 && byte < 0x7f) {
            return th_error_set(
                error, "bad_request",
                "the path holds \"%c\" at position %zu; values go into {placeholders} "
                "and the query into its own table",
                byte, i);
        }
        return th_error_set(error, "bad_request", "the path holds the byte 0x%02x at position %zu",
                            byte, i);
    }
    return true;
}

static const th_slice_t *find_value(const th_api_pair_t *segments, size_t count, th_slice_t name) {
    for (size_t i = 0; i < count; i++) {
        if (th_slice_equal(segments[i].name, name)) return &segments[i].value;
    }
    return NULL;
}

/* <part> with its braces. */
static bool add_placeholder(th_buffer_t *out, th_slice_t part, th_slice_t org,
                            const th_api_pair_t *segments, size_t count, th_error_t *error) {
    th_slice_t name = th_slice(part.data + 1, part.length - 2);
    if (name.length == 0 || memchr(name.data, '{', name.length) ||
        memchr(name.data, '}', name.length)) {
        return th_error_set(error, "bad_request",
                            "\"%.*s\" in the path is not a placeholder like {id}",
                            printable_length(part), part.data);
    }
    if (th_slice_is(name, "org")) {
        add_encoded(out, org);
        return true; /* a full buffer shows in `failed` */
    }
    const th_slice_t *value = find_value(segments, count, name);
    if (!value) {
        return th_error_set(error, "bad_request", "the path needs a value for {%.*s}",
                            printable_length(name), name.data);
    }
    if (!th_url_check_segment(name, *value, error)) return false;
    add_encoded(out, *value);
    return true;
}

static bool add_part(th_buffer_t *out, th_slice_t part, th_slice_t org,
                     const th_api_pair_t *segments, size_t count, th_error_t *error) {
    if (is_dot_or_empty(part)) {
        return th_error_set(error, "bad_request",
                            "the path has an empty part or a dot part: \"%.*s\"",
                            printable_length(part), part.data);
    }
    th_buffer_add_byte(out, '/');
    if (part.length >= 2 && part.data[0] == '{' && part.data[part.length - 1] == '}') {
        return add_placeholder(out, part, org, segments, count, error);
    }
    if (memchr(part.data, '{', part.length) || memchr(part.data, '}', part.length)) {
        return th_error_set(
            error, "bad_request",
            "a placeholder must be a whole part of the path, not a piece of \"%.*s\"",
            printable_length(part), part.data);
    }
    th_buffer_add_slice(out, part);
    return true;
}

/* Whether "{<name>}" stands in <path>. */
static bool has_placeholder(th_slice_t path, th_slice_t name) {
    if (name.length == 0) return false;
    for (size_t i = 0; i + name.length + 2 <= path.length; i++) {
        if (path.data[i] == '{' && path.data[i + 1 + name.length] == '}' &&
            memcmp(path.data + i + 1, name.data, name.length) == 0) {
            return true;
        }
    }
    return false;
}

static bool check_names(th_slice_t path, const th_api_pair_t *segments, size_t count,
                        th_error_t *error) {
    for (size_t i = 0; i < count; i++) {
        th_slice_t name = segments[i].name;
        if (th_slice_is(name, "org")) {
            return th_error_set(error, "bad_request",
                                "{org} is always the signed-in organization; it takes no value");
        }
        if (!has_placeholder(path, name)) {
            return th_error_set(error, "bad_request", "the path has no placeholder {%.*s}",
                                printable_length(name), name.data ? name.data : "");
        }
    }
    return true;
}

bool th_url_expand(th_buffer_t *out, th_slice_t path, th_slice_t org, const th_api_pair_t *segments,
                   size_t count, th_error_t *error) {
    if (!check_template(path, error) || !check_names(path, segments, count, error)) return false;
    size_t begin = 1;
    for (size_t i = 1; i <= path.length; i++) {
        if (i < path.length && path.data[i] != '/') continue;
        th_slice_t part = th_slice(path.data + begin, i - begin);
        if (!add_part(out, part, org, segments, count, error)) return false;
        begin = i + 1;
    }
    if (!out->failed) return true;
    return th_error_set(error, "bad_request", "the URL would be longer than %zu bytes",
                        out->maximum);
}

bool th_url_add_query(th_buffer_t *out, const th_api_pair_t *query, size_t count,
                      th_error_t *error) {
    for (size_t i = 0; i < count; i++) {
        th_slice_t name = query[i].name, value = query[i].value;
        if (name.length == 0) {
            return th_error_set(error, "bad_request", "query parameter %zu has no name", i + 1);
        }
        if (memchr(name.data, '\0', name.length) ||
            (value.length && memchr(value.data, '\0', value.length))) {
            return th_error_set(error, "bad_request", "query parameter %.*s holds a NUL byte",
                                printable_length(name), name.data);
        }
        th_buffer_add_byte(out, i == 0 ? '?' : '&');
        add_encoded(out, name);
        th_buffer_add_byte(out, '=');
        if (value.length) add_encoded(out, value);
    }
    if (!out->failed) return true;
    return th_error_set(error, "bad_request",
                        "the URL would be longer than %zu bytes; the query must be shorter",
                        out->maximum);
}

static bool is_loopback(th_slice_t host) {
    if (th_slice_equal_nocase(host, TH_SLICE("localhost")) || th_slice_is(host, "[::1]"))
        return true;
    if (host.length < 9 || memcmp(host.data, "127.", 4) != 0) return false;
    for (size_t i = 0; i < host.length; i++) { /* "127.evil.com" is a name */
        if (host.data[i] != '.' && !isdigit((unsigned char)host.data[i])) return false;
    }
    return true;
}

/* The host of an authority: up to the port. */
static th_slice_t host_of(const char *authority, size_t length) {
    const char *end = authority[0] == '[' ? memchr(authority, ']', length) : NULL;
    if (end) return th_slice(authority, (size_t)(end - authority) + 1);
    const char *colon = memchr(authority, ':', length);
    return th_slice(authority, colon ? (size_t)(colon - authority) : length);
}

bool th_url_check_base(const char *base, bool plain_http, th_error_t *error) {
    bool secure = strncmp(base, "https://", 8) == 0;
    const char *authority = secure ? base + 8 : base + 7;
    if (!secure && strncmp(base, "http://", 7) != 0) {
        return th_error_set(
            error, "bad_config",
            "tallyfy.base_url must begin with https://, like https://api.tallyfy.com");
    }
    size_t length = strcspn(authority, "/");
    bool plain = length > 0 && strcspn(authority, "?#@\\ \t\r\n") == strlen(authority) &&
                 base[strlen(base) - 1] != '/' && !strstr(authority, "//") &&
                 !strstr(authority, "..");
    if (!plain) {
        return th_error_set(
            error, "bad_config",
            "tallyfy.base_url must be scheme, host and at most a path, without a user, "
            "a query or a slash at its end");
    }
    if (secure || (plain_http && is_loopback(host_of(authority, length)))) return true;
    return th_error_set(
        error, "bad_config",
        "tallyfy.base_url must begin with https://; http:// is for loopback addresses "
        "only, with tallyfy.plain_http on");
}
