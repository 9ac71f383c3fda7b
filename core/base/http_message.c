/* http_message.c - looking into requests, and the shortest way to answer one. */
#include "base/http_message.h"

#include <string.h>

const char *th_http_method_name(th_http_method_t method) {
    switch (method) {
    case TH_HTTP_GET: return "GET";
    case TH_HTTP_HEAD: return "HEAD";
    case TH_HTTP_POST: return "POST";
    case TH_HTTP_PUT: return "PUT";
    case TH_HTTP_PATCH: return "PATCH";
    case TH_HTTP_DELETE: return "DELETE";
    case TH_HTTP_OPTIONS: return "OPTIONS";
    }
    return "";
}

th_slice_t th_http_request_header(const th_http_request_t *request, const char *name) {
    th_slice_t wanted = th_slice_of(name);
    for (size_t i = 0; i < request->header_count; i++)
        if (th_slice_equal_nocase(request->headers[i].name, wanted))
            return request->headers[i].value;
    return th_slice(NULL, 0);
}

size_t th_http_request_header_count(const th_http_request_t *request, const char *name) {
    th_slice_t wanted = th_slice_of(name);
    size_t count = 0;
    for (size_t i = 0; i < request->header_count; i++)
        if (th_slice_equal_nocase(request->headers[i].name, wanted)) count++;
    return count;
}

th_slice_t th_http_request_query(const th_http_request_t *request, const char *name) {
    th_slice_t left = request->query;
    size_t name_length = strlen(name);
    while (left.length > 0) {
        const char *end = memchr(left.data, '&', left.length);
        size_t length = end ? (size_t)(end - left.data) : left.length;
        if (length > name_length && memcmp(left.data, name, name_length) == 0 &&
            left.data[name_length] == '=')
            return th_slice(left.data + name_length + 1, length - name_length - 1);
        if (!end) break;
        left = th_slice(end + 1, left.length - length - 1);
    }
    return th_slice(NULL, 0);
}

void th_http_respond_json(th_http_exchange_t *exchange, int status, th_slice_t body) {
    th_http_response_t response = {
        .status = status, .content_type = "application/json", .body = body};
    exchange->operations->respond(exchange, &response);
}
