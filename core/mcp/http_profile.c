/* http_profile.c - which profile of tools an HTTP request asks for: `/mcp?profile=operator`, or the
 * header X-Tallyhost-Profile for clients that cannot change their address. */
#include "mcp/mcp.h"

static th_slice_t in_query(th_slice_t query) {
    static const th_slice_t name = {"profile=", 8};

    while (query.length > 0) {
        const char *end = memchr(query.data, '&', query.length);
        size_t length = end ? (size_t)(end - query.data) : query.length;
        if (length >= name.length && memcmp(query.data, name.data, name.length) == 0)
            return th_slice(query.data + name.length, length - name.length);
        if (!end) break;
        query = th_slice(end + 1, query.length - length - 1);
    }
    return th_slice(NULL, 0);
}

th_slice_t th_mcp_http_profile(const th_http_request_t *request) {
    th_slice_t profile = in_query(request->query);

    return profile.data ? profile : th_http_request_header(request, "X-Tallyhost-Profile");
}
