/* test_mcp_jsonrpc.c - sorting messages and framing errors. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mcp/jsonrpc.h"

static th_json_parser_t *parser;

typedef struct sorted_row {
    const char *text;
    th_rpc_kind_t kind;
    int status, code; /* of a fault */
    const char *id;   /* echoed; "" = none */
} sorted_row_t;

#define LONG_ID "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define LONG_ID_4 LONG_ID LONG_ID LONG_ID LONG_ID

static const sorted_row_t sorted[] = {
    {"{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"ping\"}", TH_RPC_REQUEST, 0, 0, "0"},
    {"{\"jsonrpc\":\"2.0\",\"id\":\"7\",\"method\":\"ping\"}", TH_RPC_REQUEST, 0, 0, "\"7\""},
    {"{\"jsonrpc\":\"2.0\",\"id\":1764062427000,\"method\":\"ping\"}", TH_RPC_REQUEST, 0, 0,
     "1764062427000"},
    {"{\"jsonrpc\":\"2.0\",\"id\":-5,\"method\":\"ping\"}", TH_RPC_REQUEST, 0, 0, "-5"},
    {"{\"jsonrpc\":\"2.0\",\"id\":18446744073709551615,\"method\":\"a\"}", TH_RPC_REQUEST, 0, 0,
     "18446744073709551615"},
    {"{\"jsonrpc\":\"2.0\",\"id\":\"\\u00e9\\n\",\"method\":\"a\"}", TH_RPC_REQUEST, 0, 0,
     "\"\xc3\xa9\\n\""},
    {"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}", TH_RPC_NOTIFICATION, 0, 0,
     ""},
    {"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}", TH_RPC_RESPONSE, 0, 0, "1"},
    {"{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":1,\"message\":\"\"}}", TH_RPC_RESPONSE,
     0, 0, ""},
    {"[]", TH_RPC_BATCH, 0, 0, ""},
    {"[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]", TH_RPC_BATCH, 0, 0, ""},
    /* refused */
    {"{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"a\"}", TH_RPC_INVALID, 400, -32600, ""},
    {"{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"a\"}", TH_RPC_INVALID, 400, -32600, ""},
    {"{\"jsonrpc\":\"2.0\",\"id\":true,\"method\":\"a\"}", TH_RPC_INVALID, 400, -32600, ""},
    {"{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"a\"}", TH_RPC_INVALID, 400, -32600, ""},
    {"{\"jsonrpc\":\"2.0\",\"id\":\"" LONG_ID_4 LONG_ID_4 LONG_ID_4 LONG_ID_4 "x\","
     "\"method\":\"a\"}",
     TH_RPC_INVALID, 400, -32600, ""},
    {"{\"jsonrpc\":\"1.0\",\"id\":3,\"method\":\"a\"}", TH_RPC_INVALID, 400, -32600, "3"},
    {"{\"jsonrpc\":2.0,\"id\":3,\"method\":\"a\"}", TH_RPC_INVALID, 400, -32600, "3"},
    {"{\"id\":3,\"method\":\"a\"}", TH_RPC_INVALID, 400, -32600, "3"},
    {"{\"jsonrpc\":\"2.0\",\"id\":3}", TH_RPC_INVALID, 400, -32600, "3"},
    {"{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":5}", TH_RPC_INVALID, 400, -32600, "3"},
    {"{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"a\",\"params\":[1]}", TH_RPC_INVALID, 400, -32602,
     "3"},
    {"{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"a\",\"params\":null}", TH_RPC_INVALID, 400, -32602,
     "3"},
    {"{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"a\",\"params\":{\"_meta\":4}}", TH_RPC_INVALID,
     400, -32602, "3"},
    {"{\"jsonrpc\":\"2.0\",\"id\":3,\"id\":4,\"method\":\"a\"}", TH_RPC_INVALID, 400, -32600, ""},
    {"5", TH_RPC_INVALID, 400, -32600, ""},
    {"\"text\"", TH_RPC_INVALID, 400, -32600, ""},
    {"null", TH_RPC_INVALID, 400, -32600, ""},
    {"", TH_RPC_INVALID, 400, -32700, ""},
    {"{", TH_RPC_INVALID, 400, -32700, ""},
    {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\"} x", TH_RPC_INVALID, 400, -32700, ""},
    {"{\"jsonrpc\":\"2.0\",\"id\":NaN,\"method\":\"a\"}", TH_RPC_INVALID, 400, -32700, ""},
    {"{\"jsonrpc\":\"2.0\",\"id\":\"\xff\",\"method\":\"a\"}", TH_RPC_INVALID, 400, -32700, ""},
};

static void check_id(th_json_value_t id, const char *expected) {
    th_buffer_t out;
    th_json_writer_t writer;

    if (!expected[0]) {
        assert_null(id.document);
        return;
    }
    th_buffer_init(&out, 4096);
    th_json_writer_init(&writer, &out, 0);
    th_json_write_value(&writer, id);
    assert_true(th_buffer_add_byte(&out, '\0'));
    assert_string_equal(out.data, expected);
    th_buffer_reset(&out);
}

static void messages_are_sorted(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof sorted / sizeof sorted[0]; i++) {
        const sorted_row_t *row = &sorted[i];
        th_rpc_message_t message;
        th_rpc_fault_t fault = {.code = 0};
        th_json_document_t *document =
            th_rpc_parse(parser, th_slice_of(row->text), &message, &fault);
        if (message.kind != row->kind || fault.code != row->code || fault.status != row->status)
            fail_msg("%s: kind %d, status %d, code %d, %s", row->text, message.kind, fault.status,
                     fault.code, fault.message);
        if (row->code) assert_true(strlen(fault.message) > 10);
        check_id(message.id, row->id);
        th_json_unref(document);
    }
}

static void deep_and_large_messages_are_refused(void **state) {
    (void)state;
    static char text[2 << 20];
    th_rpc_message_t message;
    th_rpc_fault_t fault;
    memset(text, '[', 200);
    memset(text + 200, ']', 200);
    assert_null(th_rpc_parse(parser, th_slice(text, 400), &message, &fault));
    assert_int_equal(fault.code, -32600);
    assert_int_equal(fault.status, 400);
    memset(text, ' ', sizeof text);
    assert_null(th_rpc_parse(parser, th_slice(text, sizeof text), &message, &fault));
    assert_int_equal(fault.status, 413);
    assert_int_equal(message.kind, TH_RPC_INVALID);
}

static const char *fault_text(th_buffer_t *out, th_json_value_t id, bool null_id,
                              const th_rpc_fault_t *fault) {
    th_buffer_init(out, 8192);
    assert_true(th_rpc_write_fault(out, id, null_id, fault));
    assert_true(th_buffer_add_byte(out, '\0'));
    return out->data;
}

static void errors_are_framed(void **state) {
    (void)state;
    th_rpc_fault_t fault;
    th_buffer_t out;
    assert_false(th_rpc_fault_set(&fault, 400, -32600, "say \"%s\"", "why"));
    assert_string_equal(
        fault_text(&out, th_json_absent(), false, &fault),
        "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600,\"message\":\"say \\\"why\\\"\"}}");
    th_buffer_reset(&out);
    memcpy(fault.data, "{\"supported\":[]}", sizeof "{\"supported\":[]}");
    assert_string_equal(fault_text(&out, th_json_absent(), true, &fault),
                        "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,\"message\":"
                        "\"say \\\"why\\\"\",\"data\":{\"supported\":[]}}}");
    th_buffer_reset(&out);
}

/* A client's text in the middle of a sentence must not make the answer invalid UTF-8. */
static void long_texts_are_cut_between_characters(void **state) {
    (void)state;
    char text[1000];
    for (size_t shift = 0; shift < 3; shift++) {
        th_rpc_fault_t fault;
        th_buffer_t out;
        memset(text, 'x', shift);
        for (size_t i = shift; i + 3 < sizeof text; i += 3)
            memcpy(text + i, "\xe2\x82\xac", 4);
        int shown = th_rpc_shown(th_slice_of(text));
        assert_in_range(shown, 70, 80);
        th_rpc_fault_set(&fault, 400, -32602, "%.*s", shown, text);
        fault_text(&out, th_json_absent(), false, &fault);
        th_buffer_reset(&out);
        th_rpc_fault_set(&fault, 400, -32602, "%s", text);
        fault_text(&out, th_json_absent(), false, &fault);
        th_buffer_reset(&out);
    }
    assert_int_equal(th_rpc_shown(TH_SLICE("short")), 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_sorted),
        cmocka_unit_test(deep_and_large_messages_are_refused),
        cmocka_unit_test(errors_are_framed),
        cmocka_unit_test(long_texts_are_cut_between_characters),
    };
    parser = th_json_parser_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    th_json_parser_free(parser);
    return failed;
}
