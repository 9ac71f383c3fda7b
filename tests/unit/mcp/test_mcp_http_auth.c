/* test_mcp_http_auth.c - challenges: 401 and 403 where tokens are wanted, before anything runs. */
#include "fake_http.h"

#define URL "https://mcp.example/mcp"
#define METADATA "https://mcp.example/.well-known/oauth-protected-resource/mcp"

static const char modern_call[] =
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"get_task\","
    "\"arguments\":{},\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
    "\"io.modelcontextprotocol/clientCapabilities\":{}}}}";
static const char legacy_call[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\","
                                  "\"params\":{\"name\":\"get_task\",\"arguments\":{}}}";

static void want_tokens(fake_host_t *host) {
    host->settings.auth_mode = TH_AUTH_MODE_TOKENS;
    (void)strcpy(host->settings.mcp_resource_url, URL);
    (void)strcpy(host->settings.auth_scopes, "mcp.tasks.read mcp.users.read");
}

static void no_credential(void **state) {
    fake_host_t *host = *state;
    fake_http_t http;
    want_tokens(host);
    fake_client(&http, NULL);
    fake_send_request(host, &http, TH_HTTP_POST, "not JSON");
    assert_int_equal(http.status, 401);
    assert_string_equal(http.challenge, "Bearer realm=\"" URL "\", resource_metadata=\"" METADATA
                                        "\", scope=\"mcp.tasks.read mcp.users.read\"");
    assert_non_null(strstr(http.body, "\"mcp/www_authenticate\":{"));
    assert_non_null(strstr(http.body, "\"resource_metadata\":\"" METADATA "\""));
}

static void a_bad_token(void **state) {
    fake_host_t *host = *state;
    fake_http_t http;
    want_tokens(host);
    fake_client(&http, "Bearer bad");
    fake_send_request(host, &http, TH_HTTP_DELETE, "");
    assert_int_equal(http.status, 401);
    assert_non_null(strstr(http.challenge, "resource_metadata=\"" METADATA "\""));
    assert_non_null(strstr(http.challenge, "error=\"invalid_token\", error_description=\""));
}

static void the_address_follows_the_host(void **state) {
    fake_host_t *host = *state;
    fake_http_t http;
    want_tokens(host);
    host->settings.mcp_resource_url[0] = '\0';
    fake_client(&http, NULL);
    fake_header(&http, "Host", "localhost:9000\"");
    fake_send_request(host, &http, TH_HTTP_POST, "");
    assert_non_null(strstr(http.challenge, /* quoted, so that it cannot end the parameter */
                           "\"http://localhost:9000\\\"/.well-known/oauth-protected-resource/mcp"));
}

/* With keys, no document is there, so none is pointed to. */
static void keys_only(void **state) {
    fake_host_t *host = *state;
    fake_http_t http;
    want_tokens(host);
    host->settings.auth_mode = TH_AUTH_MODE_KEYS;
    fake_client(&http, NULL);
    fake_send_request(host, &http, TH_HTTP_POST, "");
    assert_int_equal(http.status, 401);
    assert_string_equal(http.challenge, "Bearer realm=\"" URL "\"");
    assert_null(strstr(http.body, "_meta"));
}

static void a_missing_scope(void **state) {
    fake_host_t *host = *state;
    fake_http_t http;
    char session[64];
    want_tokens(host);
    fake.scoped = "get_task";
    fake_client(&http, "Bearer ann");
    fake_header(&http, "MCP-Protocol-Version", "2026-07-28");
    fake_header(&http, "Mcp-Method", "tools/call");
    fake_header(&http, "Mcp-Name", "get_task");
    fake_send_request(host, &http, TH_HTTP_POST, modern_call);
    assert_int_equal(http.status, 403);
    assert_non_null(
        strstr(http.challenge, "scope=\"mcp.tasks.write\", error=\"insufficient_scope\""));
    assert_non_null(strstr(http.body, "get_task"));
    assert_null(strstr(http.body, "jsonrpc"));

    fake_initialize(host, "2025-11-25", session);
    fake_post(host, &http, session, legacy_call); /* what it has comes along */
    assert_int_equal(http.status, 403);
    assert_non_null(strstr(http.challenge, "scope=\"mcp.users.read mcp.tasks.write\""));
    assert_int_equal(fake.calls, 0);

    fake.scoped = "another_tool";
    fake_post(host, &http, session, legacy_call);
    assert_int_equal(fake.calls, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(no_credential), TEST(a_bad_token),     TEST(the_address_follows_the_host),
        TEST(keys_only),     TEST(a_missing_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
