/* fetch_request.c - a request is checked and copied into one block, so that a queued request costs
 * one allocation and libcurl reads header lines where they lie, without copies of its own. */
#include "loop/fetch_internal.h"

#include <limits.h>
#include <stdlib.h>

static bool is_token_byte(unsigned char byte) { /* RFC 9110 5.6.2 */
    if (byte >= '0' && byte <= '9') return true;
    if ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') return true;
    return byte != '\0' && strchr("!#$%&'*+-.^_`|~", byte) != NULL;
}

bool th_fetch_header_is_sound(th_slice_t line) {
    const char *colon = line.length ? memchr(line.data, ':', line.length) : NULL;
    if (!colon || colon == line.data || line.length > TH_FETCH_HEADER_MAX - 1) return false;
    for (const char *at = line.data; at < colon; at++) {
        if (!is_token_byte((unsigned char)*at)) return false;
    }
    bool has_value = false; /* libcurl reads "Name:" as "leave that header out" */
    for (const char *at = colon + 1; at < line.data + line.length; at++) {
        unsigned char byte = (unsigned char)*at;
        if (byte != '\t' && (byte < 0x20 || byte > 0x7e)) return false;
        if (byte != '\t' && byte != ' ') has_value = true;
    }
    return has_value;
}

/* The fields that frame or route the message are libcurl's: two of them would be smuggling. */
static bool header_is_ours(th_slice_t line) {
    static const char *const names[] = {"Host",   "Content-Length", "Transfer-Encoding",
                                        "Expect", "Connection",     "Upgrade",
                                        "TE",     "Trailer"};
    const char *colon = memchr(line.data, ':', line.length);
    th_slice_t name = th_slice(line.data, (size_t)(colon - line.data));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (th_slice_equal_nocase(name, th_slice_of(names[i]))) return true;
    }
    return false;
}

static bool check_headers(const th_fetch_request_t *request, th_error_t *error) {
    if (request->header_count > TH_FETCH_HEADERS_MAX) {
        return th_error_set(error, "bad_request",
                            "the request has %zu headers; at most %d can be sent",
                            request->header_count, TH_FETCH_HEADERS_MAX);
    }
    for (size_t i = 0; i < request->header_count; i++) {
        th_slice_t line = request->headers[i];
        if (!th_fetch_header_is_sound(line)) {
            return th_error_set(
                error, "bad_request",
                "header %zu of the request must be \"Name: value\" in visible ASCII, "
                "at most %d bytes",
                i + 1, TH_FETCH_HEADER_MAX - 1);
        }
        if (header_is_ours(line)) {
            return th_error_set(error, "bad_request",
                                "header %zu of the request is set by the host itself", i + 1);
        }
    }
    return true;
}

static bool check_method(const char *method, th_error_t *error) {
    size_t length = method ? strlen(method) : 0;
    bool sound = length > 0 && length < TH_FETCH_METHOD_SIZE;
    for (size_t i = 0; sound && i < length; i++) {
        sound = method[i] >= 'A' && method[i] <= 'Z';
    }
    return sound ||
           th_error_set(error, "bad_request", "the method must be a word like GET or POST");
}

/* Writes "host[:port]" into <host>. The rest of the URL is libcurl's to read. */
static bool check_url(const char *url, char host[static TH_FETCH_HOST_SIZE], th_error_t *error) {
    size_t length = url ? strlen(url) : 0;
    if (length > TH_FETCH_URL_MAX) {
        return th_error_set(error, "bad_request",
                            "the URL is %zu bytes long; at most %d are allowed", length,
                            TH_FETCH_URL_MAX);
    }
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)url[i];
        if (byte <= 0x20 || byte >= 0x7f || byte == '#' || byte == '\\') {
            return th_error_set(error, "bad_request", "byte 0x%02x at %zu must be encoded in a URL",
                                byte, i);
        }
    }
    const char *authority = NULL;
    if (length && strncmp(url, "https://", 8) == 0) authority = url + 8;
    if (length && strncmp(url, "http://", 7) == 0) authority = url + 7;
    if (!authority) {
        return th_error_set(error, "bad_request", "the URL must begin with https:// or http://");
    }
    size_t size = strcspn(authority, "/?");
    if (size == 0 || size >= TH_FETCH_HOST_SIZE || memchr(authority, '@', size)) {
        return th_error_set(error, "bad_request",
                            "the URL must name a host of at most 253 bytes, and no user");
    }
    memcpy(host, authority, size);
    host[size] = '\0';
    return true;
}

static char *put_text(char **at, const char *data, size_t length) {
    char *text = *at;
    if (length) memcpy(text, data, length);
    text[length] = '\0';
    *at += length + 1;
    return text;
}

static bool has_header(const th_fetch_request_t *request, const char *name) {
    size_t length = strlen(name);
    for (size_t i = 0; i < request->header_count; i++) {
        th_slice_t line = request->headers[i];
        if (line.length > length && line.data[length] == ':' &&
            strncasecmp(line.data, name, length) == 0) {
            return true;
        }
    }
    return false;
}

/* Fields that libcurl would add on its own, switched off: it waits for 100 Continue on large
 * bodies, and calls a body without a type a form. */
static size_t unwanted_headers(const th_fetch_request_t *request, const char *lines[static 2]) {
    size_t count = 0;
    if (request->body.length > 0) lines[count++] = "Expect:";
    if (!has_header(request, "Content-Type")) lines[count++] = "Content-Type:";
    return count;
}

th_fetch_t *th_fetch_copy_request(const th_fetch_request_t *request, th_error_t *error) {
    char host[TH_FETCH_HOST_SIZE];
    if (!check_method(request->method, error) || !check_url(request->url, host, error) ||
        !check_headers(request, error)) {
        return NULL;
    }
    if (request->timeout_ms == 0 || request->timeout_ms > LONG_MAX ||
        request->connect_timeout_ms > LONG_MAX) {
        th_error_set(error, "bad_request", "the request needs a time limit");
        return NULL;
    }
    const char *unwanted[2];
    size_t unwanted_count = unwanted_headers(request, unwanted);
    size_t nodes = request->header_count + unwanted_count;
    bool copies_body = request->body.data && !request->body_borrowed;
    size_t size = sizeof(th_fetch_t) + nodes * sizeof(struct curl_slist) + strlen(request->url) +
                  1 + (copies_body ? request->body.length : 0) + 1;
    for (size_t i = 0; i < request->header_count; i++)
        size += request->headers[i].length + 1;
    for (size_t i = 0; i < unwanted_count; i++)
        size += strlen(unwanted[i]) + 1;

    th_fetch_t *fetch = malloc(size);
    if (!fetch) {
        th_error_set(error, "no_memory", "no memory for a request of %zu bytes", size);
        return NULL;
    }
    memset(fetch, 0, sizeof *fetch);
    struct curl_slist *lines = (struct curl_slist *)(fetch + 1);
    char *at = (char *)(lines + nodes);
    for (size_t i = 0; i < nodes; i++) {
        th_slice_t line = i < request->header_count
                              ? request->headers[i]
                              : th_slice_of(unwanted[i - request->header_count]);
        lines[i].data = put_text(&at, line.data, line.length);
        lines[i].next = i + 1 < nodes ? &lines[i + 1] : NULL;
    }
    fetch->headers = nodes ? lines : NULL;
    fetch->url = put_text(&at, request->url, strlen(request->url));
    fetch->body = request->body;
    if (copies_body) fetch->body.data = put_text(&at, request->body.data, request->body.length);
    memcpy(fetch->method, request->method, strlen(request->method) + 1);
    memcpy(fetch->host, host, strlen(host) + 1);
    fetch->repeatable = strcmp(fetch->method, "GET") == 0 || strcmp(fetch->method, "HEAD") == 0;
    fetch->on_data = request->on_data;
    fetch->secret_header = request->secret_header;
    fetch->secret = request->secret;
    fetch->connect_timeout_ms = request->connect_timeout_ms;
    fetch->timeout_ms = request->timeout_ms;
    fetch->stall_timeout_ms = request->stall_timeout_ms;
    fetch->max_response_bytes = request->max_response_bytes;
    return fetch;
}

void th_fetch_free_request(th_fetch_t *fetch) {
    free(fetch);
}
