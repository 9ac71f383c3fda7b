/* fuzz_mcp_headers.c - the HTTP fields that MCP gives a meaning to, and the other texts a client
 * sends for us to decode: routing headers, Mcp-Param-*, Accept, cursors, event ids, requestState.
 * Input: a header's name, its value twice, then a JSON object of arguments, by lines. Beyond not
 * crashing: what is refused has a code and can be written; a header that agrees with its argument
 * still agrees when it is encoded; nothing we did not seal opens. */
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "mcp/cursor.h"
#include "mcp/envelope.h"
#include "mcp/event_log.h"
#include "mcp/parameters.h"
#include "mcp/request_state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const th_header_t marked[] = {
    {.name = "Region", .path = {"region"}, .depth = 1, .type = TH_JSON_STRING},
    {.name = "Count", .path = {"page", "count"}, .depth = 2, .type = TH_JSON_INTEGER},
    {.name = "Dry", .path = {"dry"}, .depth = 1, .type = TH_JSON_TRUE},
};
static const th_tool_t tool = {.name = "t", .headers = marked, .header_count = 3};

static th_slice_t take_line(th_slice_t *rest) {
    const char *end = rest->length ? memchr(rest->data, '\n', rest->length) : NULL;
    size_t length = end ? (size_t)(end - rest->data) : rest->length;
    th_slice_t line = th_slice(rest->data, length);
    *rest =
        end ? th_slice(end + 1, rest->length - length - 1) : th_slice(rest->data + rest->length, 0);
    return line;
}

static void must_write(const th_rpc_fault_t *fault) {
    th_buffer_t out;
    th_buffer_init(&out, 16384);
    if (fault->code != TH_RPC_HEADER_MISMATCH || fault->status != 400) abort();
    if (!th_rpc_write_fault(&out, th_json_absent(), true, fault)) abort();
    th_buffer_reset(&out);
}

/* What agrees plainly agrees in base64 as well. */
static void must_agree_encoded(const th_http_request_t *request, th_json_value_t arguments) {
    char text[512];
    th_http_header_t header = request->headers[0];
    th_http_request_t again = {.headers = &header, .header_count = 1};
    th_slice_t value = th_header_trim(header.value);
    th_rpc_fault_t fault;
    if (value.length > 200 || (value.length > 2 && memcmp(value.data, "=?", 2) == 0)) return;
    strcpy(text, "=?base64?");
    sodium_bin2base64(text + 9, sizeof text - 16, (const unsigned char *)value.data, value.length,
                      sodium_base64_VARIANT_ORIGINAL);
    strcat(text, "?=");
    header.value = th_slice_of(text);
    if (!th_parameters_check(&again, &tool, arguments, &fault)) abort();
}

static void check_parameters(th_json_parser_t *parser, const th_http_request_t *request,
                             th_slice_t text) {
    th_json_document_t *document = th_json_parse(parser, text, &th_json_limits_request, NULL);
    th_json_value_t arguments = th_json_root(document);
    th_rpc_fault_t fault = {.code = 0};
    if (!th_parameters_check(request, &tool, arguments, &fault))
        must_write(&fault);
    else if (request->header_count == 1 && th_header_is_clean(request->headers[0].value))
        must_agree_encoded(request, arguments);
    th_json_unref(document);
}

static void check_state(th_json_parser_t *parser, th_slice_t text) {
    static const unsigned char key[32] = {1};
    const th_state_binding_t binding = {
        key, TH_SLICE("p"), TH_SLICE("m"), TH_SLICE("n"), {NULL, 0}};
    th_request_state_t state;
    const char *problem;
    if (th_request_state_open(&binding, parser, text, 0, &state, &problem)) abort();
}

static void check_ids(th_slice_t text) {
    th_event_budget_t budget = {0, 65536};
    th_event_log_t log;
    th_cursor_t cursor;
    uint64_t number;
    th_buffer_t out;
    th_event_log_init(&log, &budget, 65536);
    th_buffer_init(&out, 65536);
    th_event_stream_t *stream = th_event_stream_open(&log, &log);
    if (!stream || !th_event_add(stream, TH_SLICE("{}"), &out)) abort();
    if (th_event_find(&log, text, &number) && number > 1) abort();
    th_event_log_clear(&log);
    th_buffer_reset(&out);
    if (th_cursor_read(text, &cursor) && text.length < 4) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static th_json_parser_t *parser;
    th_slice_t rest = th_slice((const char *)data, size);
    th_http_header_t headers[2];
    th_http_request_t request = {.method = TH_HTTP_POST, .headers = headers};
    th_routing_t routing;

    if (!parser) {
        th_random_start();
        parser = th_json_parser_new();
    }
    th_slice_t name = take_line(&rest), first = take_line(&rest), second = take_line(&rest);
    if (name.length) headers[request.header_count++] = (th_http_header_t){name, first};
    if (name.length && second.length)
        headers[request.header_count++] = (th_http_header_t){name, second};
    th_routing_read(&request, &routing);
    th_accept_read(first);
    th_media_type_is_json(first);
    check_state(parser, first);
    check_ids(first);
    check_parameters(parser, &request, rest);
    return 0;
}
