/* http_origin.c - comparing Host and Origin with what is allowed, without resolving or decoding
 * anything. */
#include "net/http_origin.h"

#include "net/http_head.h"

#define PARAMETER_HEADERS_MAX 32
#define PARAMETER_HEADER_BYTES 128

static const th_slice_t loopback_names[] = {
    {"localhost", 9},
    {"127.0.0.1", 9},
    {"[::1]", 5},
};

/* Splits "name:port", where the name may be a bracketed IPv6 address; false for a bad port. */
static bool split_port(th_slice_t text, th_slice_t *name) {
    size_t end = 0;
    while (end < text.length && text.data[end] != ':') {
        if (text.data[end] == '[')
            while (end < text.length && text.data[end] != ']')
                end++;
        if (end < text.length) end++;
    }
    *name = th_slice(text.data, end);
    if (end == text.length) return true;
    for (size_t i = end + 1; i < text.length; i++)
        if (text.data[i] < '0' || text.data[i] > '9') return false;
    return text.length - end <= 6;
}

static bool is_loopback_name(th_slice_t name) {
    for (size_t i = 0; i < sizeof loopback_names / sizeof *loopback_names; i++)
        if (th_slice_equal_nocase(name, loopback_names[i])) return true;
    return false;
}

/* Is <text> one of the blank-separated words of <list>? */
static bool is_listed(th_slice_t text, const char *list) {
    while (text.length > 0 && list && *list) {
        size_t length = strcspn(list, " ");
        if (th_slice_equal_nocase(text, th_slice(list, length))) return true;
        list += length;
        list += strspn(list, " ");
    }
    return false;
}

bool th_http_host_is_local(th_slice_t host, const char *allowed) {
    th_slice_t name;
    if (!split_port(host, &name)) return false;
    return is_loopback_name(name) || is_listed(name, allowed) || is_listed(host, allowed);
}

bool th_http_origin_is_allowed(th_slice_t origin, const char *allowed) {
    if (is_listed(origin, allowed)) return true;
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < 2; i++) {
        size_t length = strlen(schemes[i]);
        th_slice_t name;
        if (origin.length > length && strncasecmp(origin.data, schemes[i], length) == 0 &&
            split_port(th_slice(origin.data + length, origin.length - length), &name))
            return is_loopback_name(name);
    }
    return false;
}

bool th_http_origin_is_own(th_slice_t origin, th_slice_t host, const char *allowed_hosts) {
    static const char scheme[] = "https://";
    size_t length = sizeof scheme - 1;
    return host.length > 0 && origin.length == length + host.length &&
           strncasecmp(origin.data, scheme, length) == 0 &&
           th_slice_equal_nocase(th_slice(origin.data + length, host.length), host) &&
           th_http_host_is_local(host, allowed_hosts);
}

void th_http_cors_headers(th_slice_t requested, th_buffer_t *out) {
    static const char prefix[] = "mcp-param-";
    (void)th_buffer_add_text(out, "Content-Type, Accept, Authorization, MCP-Protocol-Version, "
                                  "Mcp-Method, Mcp-Name, Mcp-Session-Id, Last-Event-ID, "
                                  "X-Tallyfy-Org-Id, X-Organization-ID, X-Org-ID, Organization-ID, "
                                  "Org-ID");
    th_slice_t name;
    for (unsigned count = 0;
         count < PARAMETER_HEADERS_MAX && th_http_list_next(&requested, &name);) {
        if (name.length <= sizeof prefix - 1 || name.length > PARAMETER_HEADER_BYTES ||
            strncasecmp(name.data, prefix, sizeof prefix - 1) != 0 || !th_http_is_token(name))
            continue;
        (void)th_buffer_add_text(out, ", ");
        (void)th_buffer_add_slice(out, name);
        count++;
    }
}
