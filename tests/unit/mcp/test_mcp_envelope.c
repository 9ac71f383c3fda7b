/* test_mcp_envelope.c - eras told apart (requirements.md b.5), routing headers, revisions. */
#include "check.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "mcp/envelope.h"

static th_json_parser_t *parser;

#define V "\"io.modelcontextprotocol/protocolVersion\":"
#define C "\"io.modelcontextprotocol/clientCapabilities\":{}"
#define REQUEST(method, meta) \
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" method "\",\"params\":{\"_meta\":{" meta "}}}"

typedef struct era_row {
    const char *text;
    const char *header; /* MCP-Protocol-Version; NULL = absent */
    th_era_t era;
    int code;
} era_row_t;

static const era_row_t eras[] = {
    /* 2: arrays */
    {"[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]", NULL, TH_ERA_LEGACY, 0},
    {"[" REQUEST("ping", V "1") "]", NULL, TH_ERA_REFUSED, -32600},
    {"[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]", "2026-07-28", TH_ERA_REFUSED, -32600},
    /* 3: responses */
    {"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}", NULL, TH_ERA_LEGACY, 0},
    {"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}", "2025-11-25", TH_ERA_LEGACY, 0},
    {"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}", "2026-07-28", TH_ERA_REFUSED, -32600},
    /* 4: the key decides, whatever its value */
    {REQUEST("tools/list", V "\"2026-07-28\"," C), "2026-07-28", TH_ERA_MODERN, 0},
    {REQUEST("tools/list", V "\"2026-07-28\"," C), NULL, TH_ERA_MODERN, 0},
    {REQUEST("tools/list", V "\"2025-11-25\"," C), "2025-11-25", TH_ERA_MODERN, 0},
    {REQUEST("tools/list", V "5"), NULL, TH_ERA_MODERN, 0},
    {REQUEST("tools/list", V "null"), NULL, TH_ERA_MODERN, 0},
    /* 5: a modern header without the key */
    {REQUEST("tools/list", ""), "2026-07-28", TH_ERA_REFUSED, -32602},
    {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}", "2026-07-28", TH_ERA_REFUSED,
     -32602},
    {REQUEST("tools/list", C), "v999.0.0", TH_ERA_REFUSED, -32602},
    {REQUEST("tools/list", C), "2027-01-01", TH_ERA_REFUSED, -32602},
    /* 6: initialize */
    {REQUEST("initialize", ""), NULL, TH_ERA_LEGACY, 0},
    {REQUEST("initialize", ""), "2025-11-25", TH_ERA_LEGACY, 0},
    {REQUEST("initialize", ""), "2025-06-19", TH_ERA_LEGACY, 0},
    {REQUEST("initialize", ""), "2026-07-28", TH_ERA_REFUSED, -32020},
    {REQUEST("initialize", V "\"2026-07-28\""), "2026-07-28", TH_ERA_REFUSED, -32020},
    {REQUEST("initialize", V "\"2026-07-28\""), NULL, TH_ERA_LEGACY, 0},
    {REQUEST("initialize", V "\"2025-11-25\"," C), NULL, TH_ERA_LEGACY, 0},
    {REQUEST("initialize", V "\"2026-07-28\"," C), "2026-07-28", TH_ERA_MODERN, 0},
    /* 7: notifications */
    {"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\"}", NULL, TH_ERA_LEGACY, 0},
    {"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\"}", "2025-06-18", TH_ERA_LEGACY,
     0},
    {"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\"}", "2026-07-28", TH_ERA_MODERN,
     0},
    {"{\"jsonrpc\":\"2.0\",\"method\":\"n\",\"params\":{\"_meta\":{" V "\"x\"}}}", NULL,
     TH_ERA_MODERN, 0},
    /* 8: the rest */
    {REQUEST("tools/list", ""), NULL, TH_ERA_LEGACY, 0},
    {REQUEST("tools/list", "\"progressToken\":1"), "2025-03-26", TH_ERA_LEGACY, 0},
    {REQUEST("tools/list", ""), "", TH_ERA_LEGACY, 0},
    {REQUEST("tools/list", ""), "2026-07-2", TH_ERA_LEGACY, 0},
};

static void eras_are_told_apart(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof eras / sizeof eras[0]; i++) {
        const era_row_t *row = &eras[i];
        th_rpc_message_t message;
        th_rpc_fault_t fault = {.code = 0};
        th_json_document_t *document =
            th_rpc_parse(parser, th_slice_of(row->text), &message, &fault);
        assert_non_null(document);
        th_era_t era =
            th_envelope_era(&message, th_json_root(document), th_slice_of(row->header), &fault);
        if (era != row->era || fault.code != row->code || (fault.code && fault.status != 400))
            fail_msg("%s with %s: era %d, code %d", row->text, row->header, era, fault.code);
        th_json_unref(document);
    }
}

typedef struct envelope_row {
    const char *meta;
    const char *in_message; /* part of the refusal; NULL = fine */
} envelope_row_t;

static const envelope_row_t envelopes[] = {
    {V "\"2026-07-28\"," C, NULL},
    {V "\"2026-07-28\"," C ",\"io.modelcontextprotocol/clientInfo\":{\"name\":\"a\"}", NULL},
    {"", "protocolVersion"},
    {C, "protocolVersion"},
    {V "5," C, "must be a string"},
    {V "null," C, "must be a string"},
    {V "\"2026-07-28\"", "clientCapabilities"},
    {V "\"2026-07-28\",\"io.modelcontextprotocol/clientCapabilities\":[]", "must be an object"},
    {V "\"2026-07-28\",\"io.modelcontextprotocol/clientCapabilities\":null", "must be an object"},
    {V "\"0123456789012345678901234567890123456789012345678901234567890123456789\"," C,
     "must be a string"},
};

static void envelopes_are_checked(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof envelopes / sizeof envelopes[0]; i++) {
        char text[512];
        th_rpc_message_t message;
        th_rpc_fault_t fault = {.code = 0};
        th_envelope_t envelope;
        (void)snprintf(text, sizeof text, REQUEST("tools/list", "%s"), envelopes[i].meta);
        th_json_document_t *document = th_rpc_parse(parser, th_slice_of(text), &message, &fault);
        assert_non_null(document);
        bool fine = th_envelope_read(&message, &envelope, &fault);
        const char *refusal = envelopes[i].in_message;
        assert_int_equal(fine, refusal == NULL);
        if (refusal) {
            assert_int_equal(fault.code, -32602);
            assert_int_equal(fault.status, 400);
            assert_non_null(strstr(fault.message, refusal));
        }
        th_json_unref(document);
    }
}

static void unknown_versions_name_the_known(void **state) {
    (void)state;
    th_rpc_fault_t fault;
    th_envelope_t envelope = {.version = TH_SLICE("2026-07-28")};
    const th_revision_t *revision = th_envelope_revision(&envelope, &fault);
    assert_non_null(revision);
    assert_true(revision->modern);
    static const char *const refused[] = {"v999.0.0", "2025-11-25", "", "2026-07-28 ", "\"\\\x01"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        th_slice_t requested = {NULL, 0};
        envelope.version = th_slice_of(refused[i]);
        assert_null(th_envelope_revision(&envelope, &fault));
        assert_int_equal(fault.code, -32022);
        assert_int_equal(fault.status, 400);
        th_json_document_t *data =
            th_json_parse(parser, th_slice_of(fault.data), &th_json_limits_request, NULL);
        assert_non_null(data);
        th_json_value_t root = th_json_root(data);
        assert_true(th_json_string(th_json_member(root, "requested"), &requested));
        assert_true(th_slice_equal(requested, envelope.version));
        assert_int_equal(th_json_count(th_json_member(root, "supported")), 1);
        th_json_unref(data);
    }
}

static void routing_values_are_decoded(void **state) {
    (void)state;
    static const struct {
        const char *value, *decoded; /* NULL = refused */
    } rows[] = {
        {"lamp_state", "lamp_state"},
        {"=?base64?bMOkbXA=?=", "l\xc3\xa4mp"},
        {"=?base64?SGVsbG8=?=", "Hello"},
        {"=?base64?"
         "?=",
         ""},
        {"", ""},
        {"SGVsbG8=", "SGVsbG8="},
        {"=?base64?SGVsbG8=", "=?base64?SGVsbG8="}, /* only one marker: literal */
        {"SGVsbG8=?=", "SGVsbG8=?="},
        {"=?BASE64?SGVsbG8=?=", "=?BASE64?SGVsbG8=?="},
        {"=?base64?=", "=?base64?="},
        {"=?base64?SGVsbG8?=", NULL},
        {"=?base64?SGVs!!!bG8=?=", NULL},
        {"=?base64?SGVsbG9=?=", NULL}, /* bits behind the end */
        {"=?base64?SGVs bG8=?=", NULL},
        {"=?base64?SGVsbG8==?=", NULL},
        {"=?base64?SGVs_-8=?=", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        th_buffer_t out;
        th_buffer_init(&out, 100);
        bool fine = th_routing_decode(th_slice_of(rows[i].value), &out);
        if (fine != (rows[i].decoded != NULL)) fail_msg("%s", rows[i].value);
        if (fine) assert_true(th_slice_is(th_buffer_slice(&out), rows[i].decoded));
        th_buffer_reset(&out);
    }
}

static void accept_fields_are_read(void **state) {
    (void)state;
    static const struct {
        const char *value;
        bool json, stream;
    } rows[] = {
        {NULL, true, true},
        {"", false, false},
        {"application/json, text/event-stream", true, true},
        {"text/event-stream, application/json", true, true},
        {"application/json", true, false},
        {"APPLICATION/JSON;charset=utf-8", true, false},
        {"text/event-stream;q=0.5", false, true},
        {"*/*", true, true},
        {"application/*", true, false},
        {"text/*", false, true},
        {"text/html", false, false},
        {"text/html, */*;q=0.1", true, true},
        {"*/*, text/event-stream;q=0", true, false},
        {"text/event-stream;q=0, */*", true, false},
        {"application/json;q=0.0", false, false},
        {"application/json; q=0.001", true, false},
        {",, ,application/json,", true, false},
        {";", false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        th_accepted_t accepted = th_accept_read(th_slice_of(rows[i].value));
        if (accepted.json != rows[i].json || accepted.stream != rows[i].stream)
            fail_msg("%s", rows[i].value);
    }
    assert_true(th_media_type_is_json(TH_SLICE("application/json")));
    assert_true(th_media_type_is_json(TH_SLICE("Application/JSON ; charset=utf-8")));
    assert_false(th_media_type_is_json(TH_SLICE("application/jsonp")));
    assert_false(th_media_type_is_json(TH_SLICE("text/plain")));
    assert_false(th_media_type_is_json(th_slice(NULL, 0)));
}

static void revisions_are_negotiated(void **state) {
    (void)state;
    static const struct {
        const char *asked, *answered;
    } rows[] = {
        {"2024-11-05", "2024-11-05"}, {"2025-03-26", "2025-03-26"}, {"2025-06-18", "2025-06-18"},
        {"2025-11-25", "2025-11-25"}, {"2026-07-28", "2025-11-25"}, {"2023-01-01", "2025-11-25"},
        {"", "2025-11-25"},           {"v999", "2025-11-25"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_string_equal(th_revision_negotiate(th_slice_of(rows[i].asked))->name,
                            rows[i].answered);
    assert_null(th_revision_find(TH_SLICE("2025-11-26")));
    assert_true(th_revision_sounds_modern(TH_SLICE("2026-07-28")));
    assert_true(th_revision_sounds_modern(TH_SLICE("2026-07-28-beta")));
    assert_true(th_revision_sounds_modern(TH_SLICE("v1")));
    assert_false(th_revision_sounds_modern(TH_SLICE("2026-07-27")));
    assert_false(th_revision_sounds_modern(TH_SLICE("2025-11-25")));
    assert_false(th_revision_sounds_modern(TH_SLICE("")));
}

static void methods_live_in_their_revisions(void **state) {
    (void)state;
    const th_revision_t *modern = th_revision_at(TH_REVISION_2026_07_28);
    static const char *const everywhere[] = {"tools/list", "tools/call", "resources/read",
                                             "prompts/get", "completion/complete"};
    static const char *const old[] = {"initialize", "ping", "logging/setLevel",
                                      "resources/subscribe", "resources/unsubscribe"};
    for (int number = 0; number < TH_REVISION_COUNT; number++) {
        const th_revision_t *revision = th_revision_at((th_revision_number_t)number);
        for (size_t i = 0; i < 5; i++) {
            assert_non_null(th_method_find(th_slice_of(everywhere[i]), revision));
            assert_int_equal(th_method_find(th_slice_of(old[i]), revision) != NULL,
                             !revision->modern);
        }
        assert_int_equal(th_method_find(TH_SLICE("server/discover"), revision) != NULL,
                         revision == modern);
        assert_null(th_method_find(TH_SLICE("TOOLS/LIST"), revision));
        assert_int_equal(th_method_find(TH_SLICE("tasks/get"), revision) != NULL,
                         revision == modern);
        assert_null(th_method_find(TH_SLICE("tasks/list"), revision));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eras_are_told_apart),
        cmocka_unit_test(envelopes_are_checked),
        cmocka_unit_test(unknown_versions_name_the_known),
        cmocka_unit_test(routing_values_are_decoded),
        cmocka_unit_test(accept_fields_are_read),
        cmocka_unit_test(revisions_are_negotiated),
        cmocka_unit_test(methods_live_in_their_revisions),
    };
    if (sodium_init() < 0) return 1;
    parser = th_json_parser_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    th_json_parser_free(parser);
    return failed;
}
