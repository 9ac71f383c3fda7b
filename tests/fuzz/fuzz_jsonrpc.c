/* fuzz_jsonrpc.c - a client's message and its routing headers, from bytes to verdict.
 * Input: lines "version\nmethod\nname\n" for the headers (an empty line = absent), then the
 * message. Beyond not crashing: what is refused has a code, and every refusal can be written as
 * JSON. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "mcp/batch.h"
#include "mcp/envelope.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static th_slice_t take_line(th_slice_t *rest) {
    const char *end = rest->length ? memchr(rest->data, '\n', rest->length) : NULL;
    size_t length = end ? (size_t)(end - rest->data) : 0;
    th_slice_t line = th_slice(rest->data, length);
    if (end) *rest = th_slice(end + 1, rest->length - length - 1);
    return line;
}

static void must_write(const th_rpc_message_t *message, const th_rpc_fault_t *fault) {
    th_buffer_t out;
    th_buffer_init(&out, 16384);
    if (fault->code >= 0 || fault->status < 400) abort();
    if (!th_rpc_write_fault(&out, message->id, true, fault)) abort();
    th_buffer_reset(&out);
}

static void check_modern(const th_rpc_message_t *message, const th_routing_t *routing) {
    th_rpc_fault_t fault = {.code = 0};
    th_envelope_t envelope;
    const th_revision_t *revision = NULL;
    bool fine = th_envelope_read(message, &envelope, &fault) &&
                th_envelope_check_version_header(&envelope, routing, &fault) &&
                (revision = th_envelope_revision(&envelope, &fault)) != NULL &&
                th_envelope_check_routing(message, th_method_find(message->method, revision),
                                          routing, &fault);
    if (!fine) must_write(message, &fault);
}

/* Every element of an accepted batch is sorted, and what is none of them can be refused. */
static void check_batch(th_json_value_t root) {
    th_batch_t *batch = malloc(sizeof *batch);
    th_rpc_fault_t fault = {.code = 0};
    const th_rpc_message_t none = {.kind = TH_RPC_INVALID};
    if (!batch) abort();
    if (!th_batch_read(root, batch, &fault)) {
        must_write(&none, &fault);
    } else {
        for (size_t i = 0; i < batch->count; i++)
            if (batch->element[i].message.kind == TH_RPC_INVALID)
                must_write(&batch->element[i].message, &batch->element[i].fault);
    }
    free(batch);
}

static void check_message(th_json_parser_t *parser, th_slice_t text, th_slice_t version,
                          const th_routing_t *routing) {
    th_rpc_message_t message;
    th_rpc_fault_t fault = {.code = 0};
    th_json_document_t *document = th_rpc_parse(parser, text, &message, &fault);
    if (message.kind == TH_RPC_INVALID) {
        must_write(&message, &fault);
    } else {
        switch (th_envelope_era(&message, th_json_root(document), version, &fault)) {
        case TH_ERA_MODERN: check_modern(&message, routing); break;
        case TH_ERA_REFUSED: must_write(&message, &fault); break;
        case TH_ERA_LEGACY:
            if (message.kind == TH_RPC_BATCH) check_batch(th_json_root(document));
            break;
        }
    }
    th_json_unref(document);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const names[] = {"MCP-Protocol-Version", "Mcp-Method", "Mcp-Name"};
    static th_json_parser_t *parser;
    th_slice_t rest = th_slice((const char *)data, size), version = {NULL, 0};
    th_http_header_t headers[3];
    th_http_request_t request = {.method = TH_HTTP_POST, .headers = headers};
    th_routing_t routing;

    if (!parser) {
        th_random_start();
        parser = th_json_parser_new();
    }
    for (int i = 0; i < 3; i++) {
        th_slice_t line = take_line(&rest);
        if (!line.length) continue;
        if (i == 0) version = line;
        headers[request.header_count++] = (th_http_header_t){th_slice_of(names[i]), line};
        th_accept_read(line);
        th_media_type_is_json(line);
    }
    th_routing_read(&request, &routing);
    check_message(parser, rest, version, &routing);
    return 0;
}
