/* fake_modern.h - requests of the 2026-07-28 wire over a recorded HTTP exchange. */
#ifndef TH_TESTS_MCP_FAKE_MODERN_H
#define TH_TESTS_MCP_FAKE_MODERN_H

#include "fake_http.h"

#define ALL_CAPABILITIES                                                                      \
    "{\"elicitation\":{\"form\":{},\"url\":{}},\"sampling\":{},\"roots\":{},\"extensions\":{" \
    "\"io.modelcontextprotocol/tasks\":{}}}"

/* POSTs <method> with <params> (members, each with a comma behind) as <key>'s holder. */
static void fake_modern(fake_host_t *host, fake_http_t *http, const char *key, const char *method,
                        const char *name, const char *params, const char *capabilities) {
    char body[8192], bearer[64];
    (void)snprintf(bearer, sizeof bearer, "Bearer %s", key);
    (void)snprintf(body, sizeof body,
                   "{\"jsonrpc\":\"2.0\",\"id\":\"r\",\"method\":\"%s\",\"params\":{%s\"_meta\":{"
                   "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
                   "\"io.modelcontextprotocol/clientCapabilities\":%s}}}",
                   method, params, capabilities);
    fake_client(http, NULL);
    http->header[http->header_count++] =
        (th_http_header_t){TH_SLICE("Authorization"), th_slice_of(bearer)};
    fake_header(http, "MCP-Protocol-Version", "2026-07-28");
    fake_header(http, "Mcp-Method", method);
    if (name) fake_header(http, "Mcp-Name", name);
    fake_send_request(host, http, TH_HTTP_POST, body);
}

/* The string member <key> of <json>, without any escapes in it. */
__attribute__((unused)) static const char *fake_member(const char *json, const char *key,
                                                       char *into, size_t size) {
    char pattern[64];
    (void)snprintf(pattern, sizeof pattern, "\"%s\":\"", key);
    const char *at = strstr(json, pattern);
    if (!at) fail_msg("no %s in %s", key, json);
    at += strlen(pattern);
    (void)snprintf(into, size, "%.*s", (int)strcspn(at, "\""), at);
    return into;
}

#endif
