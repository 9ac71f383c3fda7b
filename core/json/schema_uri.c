/* schema_uri.c - resolving URI references against a base (RFC 3986 5.2), for $id and $ref. Nothing
 * here is ever fetched: URIs are names. */
#include "json/schema_internal.h"

typedef struct th_uri_parts {
    th_slice_t scheme, authority, path, query;
    bool has_authority, has_query;
} th_uri_parts_t;

static size_t find(th_slice_t text, const char *stops) {
    size_t at = 0;
    while (at < text.length && !(text.data[at] && strchr(stops, text.data[at])))
        at++;
    return at;
}

static th_slice_t rest(th_slice_t text, size_t from) {
    if (from == 0) return text; /* also of no text at all, where there is nothing to add to */
    return th_slice(text.data + from, text.length - from);
}

static bool is_scheme(th_slice_t text) {
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool other = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
        if (!letter && (i == 0 || !other)) return false;
    }
    return text.length > 0;
}

/* <text> without its fragment, which must have been cut off. */
static th_uri_parts_t split(th_slice_t text) {
    th_uri_parts_t parts = {0};
    size_t colon = find(text, ":/?");
    if (colon < text.length && text.data[colon] == ':' && is_scheme(th_slice(text.data, colon))) {
        parts.scheme = th_slice(text.data, colon);
        text = rest(text, colon + 1);
    }
    if (text.length >= 2 && text.data[0] == '/' && text.data[1] == '/') {
        text = rest(text, 2);
        parts.authority = th_slice(text.data, find(text, "/?"));
        parts.has_authority = true;
        text = rest(text, parts.authority.length);
    }
    parts.path = th_slice(text.data, find(text, "?"));
    text = rest(text, parts.path.length);
    if (text.length > 0) {
        parts.has_query = true;
        parts.query = rest(text, 1);
    }
    return parts;
}

static bool starts(th_slice_t text, const char *prefix) {
    size_t length = strlen(prefix);
    return text.length >= length && memcmp(text.data, prefix, length) == 0;
}

/* Drops the last segment of out[from..length) with its slash. */
static size_t drop_segment(const char *out, size_t from, size_t length) {
    while (length > from && out[length - 1] != '/')
        length--;
    return length > from ? length - 1 : from;
}

/* RFC 3986 5.2.4, appending to <out> at <length>. */
static size_t remove_dots(th_slice_t path, char *out, size_t length) {
    size_t from = length;
    while (path.length > 0) {
        if (starts(path, "../")) {
            path = rest(path, 3);
        } else if (starts(path, "./") || starts(path, "/./")) {
            path = rest(path, 2);
        } else if (th_slice_is(path, "/.")) {
            path = TH_SLICE("/");
        } else if (starts(path, "/../")) {
            path = rest(path, 3);
            length = drop_segment(out, from, length);
        } else if (th_slice_is(path, "/..")) {
            path = TH_SLICE("/");
            length = drop_segment(out, from, length);
        } else if (th_slice_is(path, ".") || th_slice_is(path, "..")) {
            break;
        } else {
            size_t segment = path.data[0] == '/' ? 1 + find(rest(path, 1), "/") : find(path, "/");
            memcpy(out + length, path.data, segment);
            length += segment;
            path = rest(path, segment);
        }
    }
    return length;
}

static size_t put(char *out, size_t length, th_slice_t text) {
    if (text.length > 0) memcpy(out + length, text.data, text.length);
    return length + text.length;
}

/* RFC 3986 5.2.3: the base's path up to its last slash, then <path>; dots removed. */
static size_t put_merged(const th_uri_parts_t *base, th_slice_t path, char *out, size_t length) {
    char merged[2 * TH_SCHEMA_MAX_URI + 1];
    size_t at = 0;
    if (base->has_authority && base->path.length == 0) {
        merged[at++] = '/';
    } else {
        size_t keep = base->path.length;
        while (keep > 0 && base->path.data[keep - 1] != '/')
            keep--;
        at = put(merged, at, th_slice(base->path.data, keep));
    }
    at = put(merged, at, path);
    return remove_dots(th_slice(merged, at), out, length);
}

static size_t compose(const th_uri_parts_t *base, const th_uri_parts_t *reference, char *out) {
    bool own = reference->scheme.length > 0, host = own || reference->has_authority;
    const th_uri_parts_t *scheme = own ? reference : base, *authority = host ? reference : base;
    bool same = !host && reference->path.length == 0;
    size_t length = 0;
    if (scheme->scheme.length > 0) {
        length = put(out, length, scheme->scheme);
        length = put(out, length, TH_SLICE(":"));
    }
    if (authority->has_authority) {
        length = put(out, length, TH_SLICE("//"));
        length = put(out, length, authority->authority);
    }
    if (same)
        length = put(out, length, base->path);
    else if (host || reference->path.data[0] == '/')
        length = remove_dots(reference->path, out, length);
    else
        length = put_merged(base, reference->path, out, length);
    const th_uri_parts_t *query = same && !reference->has_query ? base : reference;
    if (query->has_query) {
        length = put(out, length, TH_SLICE("?"));
        length = put(out, length, query->query);
    }
    return length;
}

bool th_schema_uri_resolve(th_slice_t base, th_slice_t reference, char *out, size_t *length,
                           th_slice_t *fragment) {
    size_t hash = find(reference, "#");
    *fragment = hash < reference.length ? rest(reference, hash + 1) : th_slice(NULL, 0);
    reference.length = hash;
    /* The result is never longer than both together and what compose() puts between the parts. */
    if (base.length + reference.length + 8 > TH_SCHEMA_MAX_URI) return false;
    th_uri_parts_t base_parts = split(base), parts = split(reference);
    *length = compose(&base_parts, &parts, out);
    return true;
}
