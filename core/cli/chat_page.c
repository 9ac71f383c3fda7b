/* chat_page.c - the page's files over HTTP. What a browser may do with them is said in the headers
 * here: nothing but what this host serves, no inline script or style, no frame around it, no HTML
 * made from text except through the page's one sanitising parser (Trusted Types). nosniff is said
 * by net on every answer. */
#include "cli/chat_page.h"

#include <stdio.h>
#include <string.h>

#include "chat/page.h"
#include "json/writer.h"

#define HOST_MAX ((size_t)253 + 6)
#define POLICY_SIZE 1024
#define PEOPLE_MAX ((size_t)64 * 1024)

/* Older browsers do not count ws: as 'self', so the own address is named where it can be: the front
 * has checked that Host is one of ours; here only that it can not end the directive. */
static bool can_stand_in_policy(th_slice_t host) {
    if (host.length == 0 || host.length > HOST_MAX) return false;
    for (size_t i = 0; i < host.length; i++) {
        char c = host.data[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!plain && c != '.' && c != '-' && c != ':' && c != '[' && c != ']') return false;
    }
    return true;
}

static th_slice_t write_policy(const th_http_request_t *request, char *out, size_t size) {
    th_slice_t host = th_http_request_header(request, "host");
    char own[2 * HOST_MAX + 32] = "";
    if (can_stand_in_policy(host))
        (void)snprintf(own, sizeof own, " ws://%.*s wss://%.*s", (int)host.length, host.data,
                       (int)host.length, host.data);
    (void)snprintf(out, size,
                   "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
                   "connect-src 'self'%s; base-uri 'none'; form-action 'none'; "
                   "frame-ancestors 'none'; require-trusted-types-for 'script'; "
                   "trusted-types answer",
                   own);
    return th_slice_of(out);
}

static void respond(th_http_exchange_t *exchange, const th_http_request_t *request, int status,
                    const char *content_type, const char *etag, th_slice_t body) {
    char policy[POLICY_SIZE];
    const th_http_header_t headers[] = {
        {TH_SLICE("Content-Security-Policy"), write_policy(request, policy, sizeof policy)},
        {TH_SLICE("X-Frame-Options"), TH_SLICE("DENY")},
        {TH_SLICE("Referrer-Policy"), TH_SLICE("no-referrer")},
        {TH_SLICE("Cross-Origin-Opener-Policy"), TH_SLICE("same-origin")},
        {TH_SLICE("Cross-Origin-Resource-Policy"), TH_SLICE("same-origin")},
        {TH_SLICE("Permissions-Policy"),
         TH_SLICE("camera=(), microphone=(), geolocation=(), payment=(), usb=()")},
        {TH_SLICE("Cache-Control"), etag ? TH_SLICE("no-cache") : TH_SLICE("no-store")},
        {TH_SLICE("ETag"), th_slice_of(etag ? etag : "")},
    };
    const th_http_response_t response = {
        .status = status,
        .content_type = content_type,
        .headers = headers,
        .header_count = sizeof headers / sizeof *headers - (etag ? 0 : 1),
        .body = body,
    };
    exchange->operations->respond(exchange, &response);
}

/* If-None-Match: a list of tags, or '*'; a weak mark changes nothing for this comparison (RFC 9110
 * 13.1.2). A tag is 32 hexadecimal digits in quotes, so finding it anywhere is finding it. */
static bool is_known(const th_http_request_t *request, const char *etag) {
    th_slice_t known = th_http_request_header(request, "if-none-match");
    if (!known.data) return false;
    return th_slice_is(known, "*") || memmem(known.data, known.length, etag, strlen(etag));
}

void th_chat_page(th_http_exchange_t *exchange, const th_http_request_t *request, void *arg) {
    (void)arg;
    const th_page_file_t *file = th_page_find(request->path);
    if (!file)
        respond(exchange, request, 404, "text/plain; charset=utf-8", NULL,
                TH_SLICE("There is no such file of the page.\n"));
    else if (is_known(request, file->etag))
        respond(exchange, request, 304, NULL, file->etag, TH_SLICE(""));
    else
        respond(exchange, request, 200, file->content_type, file->etag, file->body);
}

void th_chat_page_people(th_http_exchange_t *exchange, const th_http_request_t *request,
                         void *arg) {
    size_t count = 0;
    const th_practice_credential_t *people = th_practice_credentials(arg, &count);
    th_error_t error;
    th_buffer_t out;
    th_json_writer_t writer;
    th_buffer_init(&out, PEOPLE_MAX);
    th_json_writer_init(&writer, &out, 0);
    th_json_write_array(&writer);
    for (size_t i = 0; i < count; i++) {
        th_json_write_object(&writer);
        th_json_write_member_text(&writer, "name", people[i].name);
        th_json_write_member_text(&writer, "role", people[i].role);
        th_json_write_member_text(&writer, "org_name", people[i].org_name);
        th_json_write_member_text(&writer, "org_id", people[i].org_id);
        th_json_write_member_text(&writer, "api_key", people[i].api_key);
        th_json_write_end(&writer);
    }
    th_json_write_end(&writer);
    if (th_json_writer_finish(&writer, &error))
        respond(exchange, request, 200, "application/json", NULL, th_buffer_slice(&out));
    else
        respond(exchange, request, 503, "application/json", NULL,
                TH_SLICE("{\"error\":\"no_memory\"}"));
    th_buffer_reset(&out);
}

size_t th_chat_page_routes(th_http_route_t routes[TH_CHAT_PAGE_ROUTES_MAX],
                           th_practice_t *practice) {
    const th_http_route_t page = {
        .path = "/", .methods = 1u << TH_HTTP_GET, .handler = th_chat_page};
    routes[0] = page;
    routes[1] = page;
    routes[1].path = "/app/*";
    if (!practice) return 2;
    routes[2] = page;
    routes[2].path = "/practice/people";
    routes[2].handler = th_chat_page_people;
    routes[2].arg = practice;
    return 3;
}
