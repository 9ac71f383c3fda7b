/* documents.c - the protected resource's own metadata (RFC 9728), and what the documents share. */
#include <string.h>

#include "auth/auth_internal.h"
#include "json/writer.h"

#define RESOURCE_PATH "/.well-known/oauth-protected-resource"
#define CONNECT_TIMEOUT_MS 5000
#define TIMEOUT_MS 10000

th_fetch_t *th_auth_fetch(th_auth_t *auth, const char *url, th_fetch_done_t done,
                          th_error_t *error) {
    const th_slice_t accept = TH_SLICE("Accept: application/json");
    const th_fetch_request_t request = {.method = "GET",
                                        .url = url,
                                        .headers = &accept,
                                        .header_count = 1,
                                        .connect_timeout_ms = CONNECT_TIMEOUT_MS,
                                        .timeout_ms = TIMEOUT_MS,
                                        .max_response_bytes = TH_AUTH_DOCUMENT_MAX};
    return th_fetch_start(auth->worker->fetcher, &request, done, auth, error);
}

void th_auth_insert_path(const char *url, const char *well_known, th_buffer_t *out) {
    const char *authority = strstr(url, "://");
    authority = authority ? authority + 3 : url;
    size_t length = (size_t)(authority - url) + strcspn(authority, "/");
    const char *path = url + length;
    size_t path_length = strlen(path);
    if (path_length > 0 && path[path_length - 1] == '/') path_length--;
    (void)th_buffer_add(out, url, length);
    (void)th_buffer_add_text(out, well_known);
    (void)th_buffer_add(out, path, path_length);
}

void th_auth_resource_url(const th_settings_t *settings, th_slice_t host, th_buffer_t *out) {
    if (settings->mcp_resource_url[0]) {
        (void)th_buffer_add_text(out, settings->mcp_resource_url);
        return;
    }
    (void)th_buffer_add_text(out, "http://");
    (void)th_buffer_add_slice(out, host);
    (void)th_buffer_add_text(out, "/mcp");
}

static bool is_published(const th_settings_t *settings) {
    return settings->auth_mode != TH_AUTH_MODE_KEYS;
}

bool th_auth_metadata_url(const th_settings_t *settings, th_slice_t host, th_buffer_t *out) {
    th_buffer_t resource;
    if (!is_published(settings)) return false;
    th_buffer_init(&resource, TH_AUTH_URL_MAX);
    th_auth_resource_url(settings, host, &resource);
    if (th_buffer_add_byte(&resource, '\0')) th_auth_insert_path(resource.data, RESOURCE_PATH, out);
    bool made = !resource.failed && !out->failed;
    th_buffer_reset(&resource);
    return made;
}

void th_auth_respond_error(th_http_exchange_t *exchange, int status, const char *code,
                           const char *sentence) {
    th_buffer_t body;
    th_json_writer_t writer;
    th_buffer_init(&body, 4096);
    th_json_writer_init(&writer, &body, 0);
    th_json_write_object(&writer);
    th_json_write_member_text(&writer, "error", code);
    th_json_write_member_text(&writer, "error_description", sentence);
    th_json_write_end(&writer);
    (void)th_json_writer_finish(&writer, NULL);
    th_http_respond_json(exchange, status, th_buffer_slice(&body));
    th_buffer_reset(&body);
}

static void write_words(th_json_writer_t *writer, const char *words) {
    th_json_write_array(writer);
    for (const char *at = words; *at;) {
        size_t length = strcspn(at, " ");
        if (length > 0) th_json_write_string(writer, th_slice(at, length));
        at += length + (at[length] == ' ');
    }
    th_json_write_end(writer);
}

static void write_document(const th_settings_t *settings, th_slice_t host, th_buffer_t *out) {
    th_json_writer_t writer;
    th_buffer_t resource;
    th_buffer_init(&resource, TH_AUTH_URL_MAX);
    th_auth_resource_url(settings, host, &resource);
    th_json_writer_init(&writer, out, 0);
    th_json_write_object(&writer);
    th_json_write_member_string(&writer, "resource", th_buffer_slice(&resource));
    th_json_write_key(&writer, TH_SLICE("authorization_servers"));
    th_json_write_array(&writer);
    th_json_write_string(&writer, th_slice_of(settings->auth_issuer));
    th_json_write_end(&writer);
    th_json_write_key(&writer, TH_SLICE("scopes_supported"));
    write_words(&writer, settings->auth_scopes);
    th_json_write_key(&writer, TH_SLICE("bearer_methods_supported"));
    write_words(&writer, "header");
    th_json_write_member_text(&writer, "resource_name", "Tallyfy");
    th_json_write_end(&writer);
    (void)th_json_writer_finish(&writer, NULL);
    th_buffer_reset(&resource);
}

/* The root document, or the one with the endpoint's path: as it is here, or as the proxy in front
 * shows it. */
static bool is_ours(const th_settings_t *settings, th_slice_t path) {
    th_slice_t rest =
        th_slice(path.data + strlen(RESOURCE_PATH), path.length - strlen(RESOURCE_PATH));
    const char *authority = strstr(settings->mcp_resource_url, "://");
    const char *shown = authority ? strchr(authority + 3, '/') : NULL;
    return rest.length == 0 || th_slice_is(rest, "/") || th_slice_is(rest, "/mcp") ||
           (shown && th_slice_is(rest, shown));
}

void th_auth_resource_document(th_http_exchange_t *exchange, const th_http_request_t *request,
                               void *arg) {
    const th_auth_t *auth = arg;
    const th_settings_t *settings = auth->worker->settings;
    const th_http_header_t cache = {TH_SLICE("Cache-Control"), TH_SLICE("public, max-age=300")};
    th_buffer_t body;
    if (!is_published(settings)) {
        th_auth_respond_error(exchange, 404, "not_found",
                              "This host takes personal API keys in the Authorization header; it "
                              "has no authorization server (auth.mode).");
        return;
    }
    if (request->path.length < strlen(RESOURCE_PATH) || !is_ours(settings, request->path)) {
        th_auth_respond_error(exchange, 404, "not_found", "There is no such resource here.");
        return;
    }
    th_buffer_init(&body, TH_AUTH_DOCUMENT_MAX);
    write_document(settings, th_http_request_header(request, "Host"), &body);
    const th_http_response_t response = {.status = 200,
                                         .content_type = "application/json",
                                         .headers = &cache,
                                         .header_count = 1,
                                         .body = th_buffer_slice(&body)};
    exchange->operations->respond(exchange, &response);
    th_buffer_reset(&body);
}
