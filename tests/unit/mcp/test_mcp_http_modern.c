/* test_mcp_http_modern.c - the 2026-07-28 wire over HTTP: requirements.md b.4, each row, in its
 * order. */
#include "fake_http.h"

#define VERSION "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\""
#define META "\"_meta\":{" VERSION ",\"io.modelcontextprotocol/clientCapabilities\":{}}"
#define SERVER                                                                             \
    "\"_meta\":{\"io.modelcontextprotocol/serverInfo\":{\"name\":\"tallyhost\",\"title\":" \
    "\"Tallyfy\",\"version\":\"" TH_VERSION "\"}}"
#define REQUEST(method, more) \
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" method "\",\"params\":{" more META "}}"

typedef struct modern_row {
    const char *about;
    const char *version, *method, *name; /* headers; NULL = absent */
    const char *body;
    int status;
    const char *answer; /* the body, or its beginning */
} modern_row_t;

#define CAPABILITIES                                                                      \
    "\"tools\":{\"listChanged\":true},\"resources\":{\"subscribe\":true,\"listChanged\":" \
    "true},\"prompts\":{\"listChanged\":true},\"logging\":{},\"completions\":{},"         \
    "\"extensions\":{\"io.modelcontextprotocol/tasks\":{}}"
#define ERROR(code) "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":" code
#define NOW "2026-07-28"

static const modern_row_t rows[] = {
    {"5 parse", NOW, "ping", NULL, "{", 400, "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32700"},
    {"6 batch", NOW, "ping", NULL, "[" REQUEST("ping", "") "]", 400,
     "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600"},
    {"6 response", NOW, NULL, NULL, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}", 400,
     "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32600"},
    {"7 no params", NOW, "server/discover", NULL,
     "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"server/discover\",\"params\":{}}", 400,
     ERROR("-32602")},
    {"7 no version", NOW, "server/discover", NULL,
     "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"server/discover\",\"params\":{\"_meta\":{"
     "\"io.modelcontextprotocol/clientCapabilities\":{}}}}",
     400, ERROR("-32602")},
    {"7 no capabilities", NOW, "server/discover", NULL,
     "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"server/discover\",\"params\":{\"_meta\":{" VERSION
     "}}}",
     400, ERROR("-32602")},
    {"7 before 8", NULL, NULL, NULL,
     "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\",\"params\":{\"_meta\":{" VERSION "}}}", 400,
     ERROR("-32602")},
    {"8 no header", NULL, "server/discover", NULL, REQUEST("server/discover", ""), 400,
     ERROR("-32020")},
    {"9 mismatch", "2025-11-25", "server/discover", NULL, REQUEST("server/discover", ""), 400,
     ERROR("-32020")},
    {"9 before 10", NOW, "server/discover", NULL,
     "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"server/discover\",\"params\":{\"_meta\":{"
     "\"io.modelcontextprotocol/protocolVersion\":\"v999.0.0\","
     "\"io.modelcontextprotocol/clientCapabilities\":{}}}}",
     400, ERROR("-32020")},
    {"10 unknown", "v999.0.0", "server/discover", NULL,
     "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"server/discover\",\"params\":{\"_meta\":{"
     "\"io.modelcontextprotocol/protocolVersion\":\"v999.0.0\","
     "\"io.modelcontextprotocol/clientCapabilities\":{}}}}",
     400, ERROR("-32022")},
    {"10 legacy in _meta", "2025-11-25", "ping", NULL,
     "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{\"_meta\":{"
     "\"io.modelcontextprotocol/protocolVersion\":\"2025-11-25\","
     "\"io.modelcontextprotocol/clientCapabilities\":{}}}}",
     400, ERROR("-32022")},
    {"11 no method header", NOW, NULL, NULL, REQUEST("tools/list", ""), 400, ERROR("-32020")},
    {"11 other method", NOW, "prompts/list", NULL, REQUEST("tools/list", ""), 400, ERROR("-32020")},
    {"11 case counts", NOW, "TOOLS/LIST", NULL, REQUEST("tools/list", ""), 400, ERROR("-32020")},
    {"11 before 13", NOW, "tools/list", NULL, REQUEST("unknown/method", ""), 400, ERROR("-32020")},
    {"11 blanks are trimmed", NOW, "  tools/list\t ", NULL, REQUEST("tools/list", ""), 200,
     "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"resultType\":\"complete\",\"tools\":["},
    {"12 no name header", NOW, "tools/call", NULL, REQUEST("tools/call", "\"name\":\"x\","), 400,
     ERROR("-32020")},
    {"12 other name", NOW, "tools/call", "y", REQUEST("tools/call", "\"name\":\"x\","), 400,
     ERROR("-32020")},
    {"12 bad base64", NOW, "tools/call", "=?base64?eA=?=", REQUEST("tools/call", "\"name\":\"x\","),
     400, ERROR("-32020")},
    {"12 base64", NOW, "tools/call",
     "=?base64?bMOkbXA=?=", REQUEST("tools/call", "\"name\":\"l\xc3\xa4mp\","), 200,
     ERROR("-32602,\"message\":\"Unknown tool: l\xc3\xa4mp\"")},
    {"12 raw bytes", NOW, "tools/call", "l\xc3\xa4mp",
     REQUEST("tools/call", "\"name\":\"l\xc3\xa4mp\","), 400, ERROR("-32020")},
    {"12 no name in the body: 15", NOW, "tools/call", NULL, REQUEST("tools/call", ""), 200,
     ERROR("-32602")},
    {"13 unknown", NOW, "unknown/method", NULL, REQUEST("unknown/method", ""), 404,
     ERROR("-32601")},
    {"13 initialize", NOW, "initialize", NULL, REQUEST("initialize", ""), 404, ERROR("-32601")},
    {"13 ping", NOW, "ping", NULL, REQUEST("ping", ""), 404, ERROR("-32601")},
    {"13 setLevel", NOW, "logging/setLevel", NULL, REQUEST("logging/setLevel", ""), 404,
     ERROR("-32601")},
    {"13 subscribe", NOW, "resources/subscribe", NULL, REQUEST("resources/subscribe", ""), 404,
     ERROR("-32601")},
    {"13 an older tasks method", NOW, "tasks/list", NULL, REQUEST("tasks/list", ""), 404,
     ERROR("-32601")},
    {"14 no header", NOW, "tools/call", "routed",
     REQUEST("tools/call", "\"name\":\"routed\",\"arguments\":{\"region\":\"eu\"},"), 400,
     ERROR("-32020,\"message\":\"The header Mcp-Param-Region is missing")},
    {"15 log level", NOW, "tools/list", NULL,
     "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"_meta\":{" VERSION
     ",\"io.modelcontextprotocol/clientCapabilities\":{},"
     "\"io.modelcontextprotocol/logLevel\":\"loud\"}}}",
     200, ERROR("-32602")},
    {"prompts", NOW, "prompts/list", NULL, REQUEST("prompts/list", ""), 200,
     "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"resultType\":\"complete\",\"prompts\":[{"
     "\"name\":\"greet\"}],\"ttlMs\":60000,\"cacheScope\":\"private\","},
    {"templates", NOW, "resources/templates/list", NULL, REQUEST("resources/templates/list", ""),
     200,
     "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"resultType\":\"complete\","
     "\"resourceTemplates\":[{\"uriTemplate\":"},
    {"unknown resource", NOW, "resources/read", "test://no",
     REQUEST("resources/read", "\"uri\":\"test://no\","), 200,
     ERROR("-32602,\"message\":\"There is no resource test://no\",\"data\":{\"uri\":\"test://"
           "no\"}")},
    {"unknown prompt", NOW, "prompts/get", "no", REQUEST("prompts/get", "\"name\":\"no\","), 200,
     ERROR("-32602")},
    {"15 unknown tool", NOW, "tools/call", "nope", REQUEST("tools/call", "\"name\":\"nope\","), 200,
     ERROR("-32602")},
    {"15 arguments", NOW, "tools/call", "get_task",
     REQUEST("tools/call", "\"name\":\"get_task\",\"arguments\":[],"), 200, ERROR("-32602")},
    {"15 token", NOW, "tools/call", "get_task",
     "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"get_task\","
     "\"_meta\":{" VERSION ",\"io.modelcontextprotocol/clientCapabilities\":{},"
     "\"progressToken\":1.5}}}",
     200, ERROR("-32602")},
    {"discover", NOW, "server/discover", NULL, REQUEST("server/discover", ""), 200,
     "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"resultType\":\"complete\","
     "\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{" CAPABILITIES "},\"instructions\":"
     "\"Look first.\",\"ttlMs\":60000,\"cacheScope\":\"public\"," SERVER "}}"},
    {"list", NOW, "tools/list", NULL, REQUEST("tools/list", ""), 200,
     "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"resultType\":\"complete\",\"tools\":[{\"name\":"
     "\"count_tasks\",\"form\":2511},{\"name\":\"get_task\",\"form\":2511}],\"ttlMs\":60000,"
     "\"cacheScope\":\"private\"," SERVER "}}"},
    {"notification", NOW, NULL, NULL, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"}", 202,
     ""},
};

static void posts_are_answered_by_the_table(void **state) {
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const modern_row_t *row = &rows[i];
        fake_http_t http;
        fake_client(&http, "Bearer ann");
        fake_header(&http, "Mcp-Session-Id", "ignored");
        if (row->version) fake_header(&http, "MCP-Protocol-Version", row->version);
        if (row->method) fake_header(&http, "MCP-METHOD", row->method);
        if (row->name) fake_header(&http, "mcp-name", row->name);
        fake_send_request(*state, &http, TH_HTTP_POST, row->body);
        if (http.status != row->status || strncmp(http.body, row->answer, strlen(row->answer)) != 0)
            fail_msg("%s: %d %s", row->about, http.status, http.body);
        assert_string_equal(http.session, "");
        assert_string_equal(http.type, http.body[0] ? "application/json" : "");
        assert_true(http.complete);
    }
    assert_int_equal(fake.calls, 0);
}

static void repeated_headers_are_refused(void **state) {
    static const char *const names[] = {"MCP-Protocol-Version", "Mcp-Method", "Mcp-Name"};
    static const char *const values[] = {NOW, "tools/call", "get_task"};
    for (size_t twice = 0; twice < 3; twice++) {
        fake_http_t http;
        fake_client(&http, "Bearer ann");
        for (size_t i = 0; i < 3; i++) {
            fake_header(&http, names[i], values[i]);
            if (i == twice) fake_header(&http, names[i], values[i]);
        }
        fake_send_request(*state, &http, TH_HTTP_POST,
                          REQUEST("tools/call", "\"name\":\"get_task\","));
        assert_int_equal(http.status, 400);
        assert_non_null(strstr(http.body, "-32020"));
        assert_non_null(strstr(http.body, names[twice]));
    }
}

static void call(fake_host_t *host, fake_http_t *http, const char *meta) {
    char body[600];
    (void)snprintf(
        body, sizeof body,
        "{\"jsonrpc\":\"2.0\",\"id\":1764062427000,\"method\":\"tools/call\",\"params\":{"
        "\"name\":\"get_task\",\"_meta\":{" VERSION
        ",\"io.modelcontextprotocol/clientCapabilities\":{}%s}}}",
        meta);
    fake_client(http, "Bearer ann");
    fake_header(http, "MCP-Protocol-Version", NOW);
    fake_header(http, "Mcp-Method", "tools/call");
    fake_header(http, "Mcp-Name", "get_task");
    fake_send_request(host, http, TH_HTTP_POST, body);
}

static void results_are_discriminated(void **state) {
    fake_http_t http;
    th_call_result_t list = fake_result("[1,2]", "[1,2]");
    call(*state, &http, "");
    assert_int_equal(http.status, 0);
    fake_finish(0, &list);
    assert_int_equal(http.status, 200);
    assert_string_equal(http.body,
                        "{\"jsonrpc\":\"2.0\",\"id\":1764062427000,\"result\":{\"resultType\":"
                        "\"complete\",\"content\":[{\"type\":\"text\",\"text\":\"[1,2]\"}],"
                        "\"structuredContent\":[1,2],\"isError\":false," SERVER "}}");
}

/* On this wire closing the connection is the cancellation. */
static void leaving_cancels(void **state) {
    fake_http_t http;
    th_call_result_t late = fake_result("late", "");
    call(*state, &http, "");
    fake_leave(&http);
    assert_true(fake.call[0].cancelled);
    fake_finish(0, &late);
    assert_int_equal(http.status, 0);
    /* and in the middle of a stream */
    call(*state, &http, ",\"progressToken\":5");
    fake.call[1].client->progress(fake.call[1].arg, 1, -1, th_slice(NULL, 0));
    assert_true(http.streamed);
    http.leave_on_send = true;
    fake.call[1].client->progress(fake.call[1].arg, 2, -1, th_slice(NULL, 0));
    assert_true(fake.call[1].cancelled);
    fake.call[1].client->progress(fake.call[1].arg, 3, -1, th_slice(NULL, 0));
    fake_finish(1, &late);
    assert_null(strstr(http.body, "late"));
}

/* Ids are chosen by clients: nobody may cancel by naming one here. */
static void posted_cancellations_are_dropped(void **state) {
    fake_http_t http, cancel;
    th_call_result_t done = fake_result("done", "");
    call(*state, &http, "");
    fake_client(&cancel, "Bearer ann");
    fake_header(&cancel, "MCP-Protocol-Version", NOW);
    fake_send_request(*state, &cancel, TH_HTTP_POST,
                      "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{"
                      "\"requestId\":1764062427000}}");
    assert_int_equal(cancel.status, 202);
    assert_false(fake.call[0].cancelled);
    fake_finish(0, &done);
    assert_int_equal(http.status, 200);
}

static void streams_end_with_the_result(void **state) {
    fake_http_t http;
    th_call_result_t done = fake_result("done", "");
    call(*state, &http, ",\"progressToken\":\"t-4\"");
    fake.call[0].client->progress(fake.call[0].arg, 1, 3, TH_SLICE("asking"));
    fake_finish(0, &done);
    assert_string_equal(http.type, "text/event-stream");
    assert_string_equal(
        http.body,
        "event: message\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\","
        "\"params\":{\"progressToken\":\"t-4\",\"progress\":1,\"total\":3,\"message\":\"asking\"}}"
        "\n\n"
        "event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":1764062427000,\"result\":{"
        "\"resultType\":\"complete\",\"content\":[{\"type\":\"text\",\"text\":\"done\"}],"
        "\"isError\":false," SERVER "}}\n\n");
    assert_true(http.complete);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(posts_are_answered_by_the_table),  CASE(repeated_headers_are_refused),
        CASE(results_are_discriminated),        CASE(leaving_cancels),
        CASE(posted_cancellations_are_dropped), CASE(streams_end_with_the_result),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
