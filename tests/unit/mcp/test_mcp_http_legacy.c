/* test_mcp_http_legacy.c - the handshake revisions over HTTP: authentication first, then
 * requirements.md b.3 row by row. */
#include "fake_http.h"
#include "mcp/cursor.h"

#include "mcp/http_entry.h"

#define LIST "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}"
#define INITIALIZE                                                                             \
    "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":" \
    "\"2025-11-25\",\"capabilities\":{},\"clientInfo\":{\"name\":\"t\",\"version\":\"1\"}}}"

static void refusals_come_before_the_protocol(void **state) {
    static const struct {
        const char *authorization;
        int status;
        const char *challenge, *error; /* parts */
    } rows[] = {
        {NULL, 401, "Bearer realm=\"tallyhost\"", "invalid_token"},
        {"Basic YTpi", 401, "Bearer realm=", "invalid_token"},
        {"Bearer ", 401, "Bearer realm=", "invalid_token"},
        {"Bearer", 401, "Bearer realm=", "invalid_token"},
        {"Bearer bad", 401, "error=\"invalid_token\", error_description=\"", "invalid_token"},
        {"bearer bad", 401, "error=\"invalid_token\"", "invalid_token"},
        {"Bearer homeless", 400, "", "X-Tallyfy-Org-ID"},
        {"Bearer foreign", 403, "error=\"insufficient_scope\"", "insufficient_scope"},
        {"Bearer offline", 503, "", "temporarily_unavailable"},
        {"Bearer busy", 503, "", "temporarily_unavailable"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        fake_http_t http;
        fake_client(&http, rows[i].authorization);
        fake_send_request(*state, &http, TH_HTTP_POST, "this is not even JSON");
        assert_int_equal(http.status, rows[i].status);
        assert_true(http.complete);
        if (!strstr(http.challenge, rows[i].challenge) || !strstr(http.body, rows[i].error))
            fail_msg("%s: %s, %s", rows[i].authorization, http.challenge, http.body);
        assert_int_equal(rows[i].challenge[0] == '\0', http.challenge[0] == '\0');
        assert_int_equal(rows[i].status == 503, http.retry_after[0] != '\0');
        assert_null(strstr(http.body, "jsonrpc"));
        assert_string_equal(http.type, "application/json");
        /* RFC 6750: no error code where nothing was presented */
        if (strstr(http.body, "No credential")) assert_null(strstr(http.challenge, "error"));
    }
}

static void contradicting_credentials_are_refused(void **state) {
    fake_http_t http;
    fake_client(&http, "Bearer ann");
    fake_header(&http, "Authorization", "Bearer bob");
    fake_send_request(*state, &http, TH_HTTP_POST, LIST);
    assert_int_equal(http.status, 400);
    assert_non_null(strstr(http.body, "only once"));
    fake_client(&http, "Bearer ann");
    fake_header(&http, "X-Org-ID", "one");
    fake_header(&http, "x-tallyfy-org-id", "two");
    fake_send_request(*state, &http, TH_HTTP_POST, LIST);
    assert_int_equal(http.status, 400);
    assert_non_null(strstr(http.body, "two different organizations"));
}

static void credentials_are_found(void **state) {
    (void)state;
    static const char *const spellings[] = {"x-organization-id", "X-Org-ID", "Organization-ID",
                                            "org-id", "X-TALLYFY-ORG-ID"};
    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++) {
        th_http_header_t headers[] = {{TH_SLICE("AUTHORIZATION"), TH_SLICE("bEARER  key ")},
                                      {th_slice_of(spellings[i]), TH_SLICE("org")}};
        th_http_request_t request = {.headers = headers, .header_count = 2};
        th_slice_t key, org;
        th_mcp_http_credential(&request, &key, &org);
        assert_true(th_slice_is(key, "key"));
        assert_true(th_slice_is(org, "org"));
    }
}

static void initialize_opens_a_session(void **state) {
    static const struct {
        const char *asked, *answered, *title;
    } rows[] = {
        {"2024-11-05", "2024-11-05", ""},
        {"2025-03-26", "2025-03-26", ""},
        {"2025-06-18", "2025-06-18", "\"title\":\"Tallyfy\","},
        {"2025-11-25", "2025-11-25", "\"title\":\"Tallyfy\","},
        {"2026-07-28", "2025-11-25", "\"title\":\"Tallyfy\","},
        {"1.0", "2025-11-25", "\"title\":\"Tallyfy\","},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        fake_http_t http;
        char body[300], expected[700];
        (void)snprintf(body, sizeof body,
                       "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{"
                       "\"protocolVersion\":\"%s\"}}",
                       rows[i].asked);
        fake_post(*state, &http, NULL, body);
        (void)snprintf(
            expected, sizeof expected,
            "{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":{\"protocolVersion\":\"%s\","
            "\"capabilities\":{\"tools\":{\"listChanged\":true},\"resources\":{\"subscribe\":true,"
            "\"listChanged\":true},\"prompts\":{\"listChanged\":true},\"logging\":{}%s},"
            "\"serverInfo\":{\"name\":"
            "\"tallyhost\",%s\"version\":\"" TH_VERSION "\"},"
            "\"instructions\":\"Look first.\"}}",
            rows[i].answered,
            strcmp(rows[i].answered, "2024-11-05") == 0 ? "" : ",\"completions\":{}",
            rows[i].title);
        assert_int_equal(http.status, 200);
        assert_string_equal(http.body, expected);
        (void)snprintf(expected, sizeof expected, "session-%zu", i);
        assert_string_equal(http.session, expected);
    }
}

static void bad_initializes_open_nothing(void **state) {
    static const char *const bodies[] = {
        "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":5}"
        "}",
        "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":"
        "\"2025-11-25\",\"capabilities\":[]}}",
        "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":"
        "\"2025-11-25\",\"clientInfo\":\"me\"}}",
    };
    fake_http_t http;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        fake_post(*state, &http, NULL, bodies[i]);
        assert_non_null(strstr(http.body, "-32602"));
        assert_string_equal(http.session, "");
    }
    fake.full = true;
    fake_post(*state, &http, NULL, INITIALIZE);
    assert_int_equal(http.status, 503);
    assert_string_equal(http.retry_after, "1");
    assert_string_equal(http.session, "");
    assert_false(fake.session[0].used);
}

typedef struct post_row {
    const char *session;      /* "live", or as it stands; NULL = no header */
    const char *name, *value; /* one more header; value NULL = none */
    const char *body;
    int status;
    const char *in_body;
} post_row_t;

static const post_row_t posts[] = {
    {"live", NULL, NULL, LIST, 200,
     "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tools\":[{\"name\":"},
    {"live", NULL, NULL, "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"ping\"}", 200,
     "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"result\":{}}"},
    {"live", NULL, NULL, INITIALIZE, 400, "already initialized"},
    {"dead", NULL, NULL, INITIALIZE, 404, "-32600"},
    {NULL, NULL, NULL, LIST, 400, "Mcp-Session-Id"},
    {"", NULL, NULL, LIST, 400, "Mcp-Session-Id"},
    {"dead", NULL, NULL, LIST, 404, "initialize"},
    {"dead", NULL, NULL, "{\"jsonrpc\":\"2.0\",\"method\":\"n\"}", 404, "initialize"},
    {"live", NULL, NULL, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}", 202, ""},
    {"live", NULL, NULL, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/unheard_of\"}", 202, ""},
    {"live", NULL, NULL, "{\"jsonrpc\":\"2.0\",\"id\":9,\"result\":{}}", 202, ""},
    {"live", NULL, NULL, "[" LIST "]", 400, "-32600"},
    {"live", NULL, NULL, "[]", 400, "-32600"},
    {"live", NULL, NULL, "{", 400, "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700"},
    {"live", "MCP-Protocol-Version", "2025-11-25", "{", 400, "{\"jsonrpc\":\"2.0\",\"error\":"},
    {"live", "MCP-Protocol-Version", "2025-06-18", "{", 400, "\"id\":null"},
    {"live", NULL, NULL, "{\"id\":4}", 400, "\"id\":4,\"error\":{\"code\":-32600"},
    {"live", "MCP-Protocol-Version", "2025-11-25", LIST, 200, "form\":2511"},
    {"live", "MCP-Protocol-Version", "2024-11-05", LIST, 200, "form\":2511"}, /* the session's */
    {"live", "MCP-Protocol-Version", "2025-11-24", LIST, 400, "MCP-Protocol-Version"},
    {"live", "MCP-Protocol-Version", "", LIST, 400, "MCP-Protocol-Version"},
    {"live", "MCP-Protocol-Version", "2026-07-28", LIST, 400, "-32602"},
    {NULL, "MCP-Protocol-Version", "2025-11-25", INITIALIZE, 200, "2025-11-25"},
    {NULL, "MCP-Protocol-Version", "1999-01-01", INITIALIZE, 200, "2025-11-25"},
    {NULL, "MCP-Protocol-Version", "2026-07-28", INITIALIZE, 400, "-32020"},
    {"live", NULL, NULL, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"server/discover\"}", 200,
     "\"id\":1,\"error\":{\"code\":-32601"},
    {"live", NULL, NULL, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"logging/setLevel\"}", 200,
     "-32602"},
    {"live", NULL, NULL,
     "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"logging/setLevel\",\"params\":{\"level\":"
     "\"alert\"}}",
     200, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}"},
    {"live", NULL, NULL,
     "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"resources/subscribe\",\"params\":{\"uri\":"
     "\"test://no\"}}",
     200, "\"code\":-32002,\"message\":\"There is no resource test://no\",\"data\":{\"uri\":"},
    {"live", NULL, NULL,
     "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"resources/read\",\"params\":{}}", 200, "-32602"},
    {"live", NULL, NULL,
     "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"prompts/get\",\"params\":{\"name\":\"greet\","
     "\"arguments\":{\"name\":7}}}",
     200, "params.arguments.name must be a string"},
    {"live", NULL, NULL,
     "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"completion/complete\",\"params\":{\"ref\":{"
     "\"type\":\"ref/none\"}}}",
     200, "-32602"},
    {"live", NULL, NULL,
     "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"completion/complete\",\"params\":{\"ref\":{"
     "\"type\":\"ref/prompt\",\"name\":\"greet\"},\"argument\":{\"name\":\"tone\",\"value\":"
     "\"w\"}}}",
     200, "{\"completion\":{\"values\":[],\"total\":0,\"hasMore\":false}}"},
    {"live", NULL, NULL,
     "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"cursor\":\"\"}}", 200,
     "-32602"},
    {"live", NULL, NULL,
     "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"cursor\":\"MTA\"}}",
     200, "-32602"},
};

static void posts_are_answered_by_the_table(void **state) {
    char session[64];
    for (size_t i = 0; i < sizeof posts / sizeof posts[0]; i++) {
        const post_row_t *row = &posts[i];
        fake_http_t http;
        memset(fake.session, 0, sizeof fake.session[0]);
        fake_initialize(*state, "2025-11-25", session);
        fake_client(&http, "Bearer ann");
        if (row->session)
            fake_header(&http, "Mcp-Session-Id",
                        strcmp(row->session, "live") == 0 ? session : row->session);
        if (row->value) fake_header(&http, row->name, row->value);
        fake_send_request(*state, &http, TH_HTTP_POST, row->body);
        if (http.status != row->status || !strstr(http.body, row->in_body))
            fail_msg("row %zu, %s: %d %s", i, row->body, http.status, http.body);
        if (!row->in_body[0]) assert_string_equal(http.body, "");
        assert_string_equal(http.type, http.body[0] ? "application/json" : "");
        for (size_t s = 0; s < FAKE_SESSIONS; s++)
            th_session_end(&fake.session[s]);
    }
}

static void media_types_are_checked(void **state) {
    static const struct {
        const char *content_type, *accept;
        int status;
    } rows[] = {
        {"text/plain", "application/json, text/event-stream", 415},
        {NULL, "application/json, text/event-stream", 415},
        {"application/json", "text/html", 406},
        {"application/json", "application/json", 200},
        {"application/json", "*/*", 200},
        {"application/json", NULL, 200},
    };
    char session[64];
    fake_initialize(*state, "2025-11-25", session);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        fake_http_t http = {.status = 0};
        fake_header(&http, "Authorization", "Bearer ann");
        fake_header(&http, "Mcp-Session-Id", session);
        if (rows[i].content_type) fake_header(&http, "Content-Type", rows[i].content_type);
        if (rows[i].accept) fake_header(&http, "Accept", rows[i].accept);
        fake_send_request(*state, &http, TH_HTTP_POST, LIST);
        assert_int_equal(http.status, rows[i].status);
    }
}

/* A client that takes only event streams gets one event. */
static void a_stream_when_nothing_else_is_accepted(void **state) {
    char session[64];
    fake_http_t http = {.status = 0};
    fake_initialize(*state, "2025-11-25", session);
    fake_header(&http, "Authorization", "Bearer ann");
    fake_header(&http, "Mcp-Session-Id", session);
    fake_header(&http, "Content-Type", "application/json");
    fake_header(&http, "Accept", "text/event-stream");
    fake_send_request(*state, &http, TH_HTTP_POST,
                      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}");
    assert_string_equal(http.type, "text/event-stream");
    assert_string_equal(http.body, "id: 1_0\nretry: 500\ndata:\n\n"
                                   "id: 1_1\nevent: message\n"
                                   "data: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n\n");
    assert_true(http.complete);
}

static void sessions_belong_to_their_principal(void **state) {
    char session[64];
    static const th_http_method_t methods[] = {TH_HTTP_POST, TH_HTTP_GET, TH_HTTP_DELETE};
    fake_initialize(*state, "2025-11-25", session);
    for (size_t i = 0; i < 3; i++) {
        fake_http_t http;
        fake_client(&http, "Bearer bob");
        fake_header(&http, "Mcp-Session-Id", session);
        fake_send_request(*state, &http, methods[i], LIST);
        assert_int_equal(http.status, 404);
    }
    assert_true(fake.session[0].used);
}

static void delete_ends_the_session(void **state) {
    char session[64];
    fake_http_t http;
    fake_initialize(*state, "2025-11-25", session);
    fake_client(&http, "Bearer ann");
    fake_send_request(*state, &http, TH_HTTP_DELETE, "");
    assert_int_equal(http.status, 400);
    fake_client(&http, "Bearer ann");
    fake_header(&http, "Mcp-Session-Id", session);
    fake_send_request(*state, &http, TH_HTTP_DELETE, "");
    assert_int_equal(http.status, 204);
    assert_string_equal(http.body, "");
    fake_post(*state, &http, session, LIST);
    assert_int_equal(http.status, 404);
}

static void open_stream(fake_host_t *host, fake_http_t *http, const char *session) {
    fake_client(http, "Bearer ann");
    fake_header(http, "Mcp-Session-Id", session);
    fake_send_request(host, http, TH_HTTP_GET, "");
}

static void gets_are_answered_by_the_table(void **state) {
    char session[64];
    fake_http_t http, stream;
    fake_initialize(*state, "2025-11-25", session);
    fake_client(&http, "Bearer ann");
    fake_header(&http, "MCP-Protocol-Version", "2025-11-25"); /* not the oldest transport then */
    fake_send_request(*state, &http, TH_HTTP_GET, "");
    assert_int_equal(http.status, 405);
    assert_string_equal(http.allow, "GET, POST, DELETE");
    open_stream(*state, &http, "dead");
    assert_int_equal(http.status, 404);
    http = (fake_http_t){.status = 0};
    fake_header(&http, "Authorization", "Bearer ann");
    fake_header(&http, "Mcp-Session-Id", session);
    fake_header(&http, "Accept", "application/json");
    fake_send_request(*state, &http, TH_HTTP_GET, "");
    assert_int_equal(http.status, 406);
    fake_client(&http, "Bearer ann");
    fake_header(&http, "Mcp-Session-Id", session);
    fake_header(&http, "Last-Event-ID", "1_2");
    fake_send_request(*state, &http, TH_HTTP_GET, "");
    assert_int_equal(http.status, 400);
    open_stream(*state, &stream, session);
    assert_int_equal(stream.status, 200);
    assert_string_equal(stream.type, "text/event-stream");
    open_stream(*state, &http, session);
    assert_int_equal(http.status, 409);
    fake_leave(&stream);
    open_stream(*state, &http, session);
    assert_int_equal(http.status, 200);
    fake_leave(&http);
    fake_client(&http, "Bearer ann");
    fake_send_request(*state, &http, TH_HTTP_PUT, "");
    assert_int_equal(http.status, 405);
}

static void streams_hear_of_new_tools(void **state) {
    fake_host_t *host = *state;
    char one[64], two[64];
    fake_http_t first, second;
    fake_initialize(host, "2025-11-25", one);
    fake_initialize(host, "2024-11-05", two);
    open_stream(host, &first, one);
    open_stream(host, &second, two);
    th_mcp_tools_changed(host->mcp);
#define EVENT                   \
    "id: 1_1\nevent: message\n" \
    "data: "                    \
    "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\",\"params\":{}}\n\n"
    assert_string_equal(first.body, "id: 1_0\nretry: 500\ndata:\n\n" EVENT);
    assert_string_equal(second.body, EVENT); /* no event without data before 2025-11-25 */
    first.leave_on_send = true;              /* on_gone from inside send() */
    second.slow = true;                      /* and from later on */
    th_mcp_tools_changed(host->mcp);
    fake_leave(&second);
    th_mcp_tools_changed(host->mcp);
    open_stream(host, &first, one);
    th_session_end(&fake.session[0]);
    assert_true(first.complete);
    open_stream(host, &second, two);
    th_mcp_drain(host->mcp);
    assert_true(second.complete);
    open_stream(host, &second, two);
    assert_int_equal(second.status, 503);
}

static void requests_wait_for_verification(void **state) {
    fake_http_t http;
    fake.defer = true;
    fake_post(*state, &http, NULL, INITIALIZE);
    assert_int_equal(http.status, 0);
    fake_verify_now(); /* the request's own memory is gone by now */
    assert_int_equal(http.status, 200);
    assert_string_equal(http.session, "session-0");
    fake_post(*state, &http, NULL, INITIALIZE);
    fake_leave(&http);
    assert_false(fake.is_pending);
    fake_client(&http, "Bearer offline");
    fake_send_request(*state, &http, TH_HTTP_POST, INITIALIZE);
    fake_verify_now();
    assert_int_equal(http.status, 503);
}

/* What waits for a verification waits without the credential: that is in the vault by now. */
static void kept_requests_hold_no_credential(void **state) {
    fake_http_t http;
    fake.defer = true;
    fake_post(*state, &http, "some-session", LIST);
    const th_http_entry_t *entry = fake.pending.arg;
    assert_ptr_equal(entry->request, entry->kept);
    assert_int_equal(entry->kept->header_count, 3);
    assert_null(th_http_request_header(entry->kept, "Authorization").data);
    assert_true(th_slice_is(th_http_request_header(entry->kept, "Mcp-Session-Id"), "some-session"));
    assert_null(memmem(entry->kept, entry->kept_size, "Bearer ann", 10));
    fake_verify_now();
    assert_int_equal(http.status, 404);
}

static void policy_filters_the_list(void **state) {
    char session[64];
    fake_http_t http;
    fake_initialize(*state, "2025-03-26", session);
    fake.hide = "get_task";
    fake_post(*state, &http, session, LIST);
    assert_string_equal(http.body, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tools\":[{\"name\":"
                                   "\"count_tasks\",\"form\":2503}]}}");
}

/* A page is of what the person may see; what is hidden takes no place in it. */
static void lists_come_in_pages(void **state) {
    fake_host_t *host = *state;
    char session[64], message[256], cursor[TH_CURSOR_SIZE];
    fake_http_t http;
    fake_initialize(*state, "2025-03-26", session);
    host->settings.mcp_page = 1;
    fake_post(*state, &http, session, LIST);
    const char *at = strstr(http.body, "\"form\":2503}],\"nextCursor\":\"");
    assert_non_null(at);
    assert_non_null(strstr(http.body, "\"tools\":[{\"name\":\"count_tasks\""));
    assert_int_equal(sscanf(at, "\"form\":2503}],\"nextCursor\":\"%63[^\"]", cursor), 1);
    snprintf(message, sizeof message,
             "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":"
             "{\"cursor\":\"%s\"}}",
             cursor);
    fake_post(*state, &http, session, message);
    assert_string_equal(http.body, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tools\":[{\"name\":"
                                   "\"get_task\",\"form\":2503}]}}");
    fake.hide = "count_tasks";
    fake_post(*state, &http, session, LIST);
    assert_string_equal(http.body, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tools\":[{\"name\":"
                                   "\"get_task\",\"form\":2503}]}}");
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(refusals_come_before_the_protocol),
        CASE(contradicting_credentials_are_refused),
        CASE(credentials_are_found),
        CASE(initialize_opens_a_session),
        CASE(bad_initializes_open_nothing),
        CASE(posts_are_answered_by_the_table),
        CASE(media_types_are_checked),
        CASE(a_stream_when_nothing_else_is_accepted),
        CASE(sessions_belong_to_their_principal),
        CASE(delete_ends_the_session),
        CASE(gets_are_answered_by_the_table),
        CASE(streams_hear_of_new_tools),
        CASE(requests_wait_for_verification),
        CASE(kept_requests_hold_no_credential),
        CASE(policy_filters_the_list),
        CASE(lists_come_in_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
