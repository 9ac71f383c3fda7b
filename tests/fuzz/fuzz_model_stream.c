/* fuzz_model_stream.c - what a model's server may stream. Input: a byte that chooses the provider
 * and how the stream is cut, then the stream. Beyond not crashing: text is whole UTF-8, what is
 * kept is JSON that can be parsed and sent back to both providers, tool calls have usable ids and
 * objects as input, and every failure has words. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "chat/model_request.h"
#include "chat/model_stream.h"
#include "chat/sse_reader.h"
#include "json/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct run {
    th_model_stream_t stream;
    th_json_parser_t *parser;
    bool is_anthropic;
    th_stream_step_t step;
} run_t;

static th_json_parser_t *parser;
static th_tool_names_t *names;

static void start(void) {
    th_random_start();
    parser = th_json_parser_new();
    th_json_document_t *tools = th_json_parse(
        parser, TH_SLICE("[{\"name\":\"a.b\"},{\"name\":\"c\"}]"), &th_json_limits_answer, NULL);
    names = th_tool_names_new(th_json_root(tools), NULL);
    th_json_unref(tools);
    if (!parser || !names) abort();
}

static bool on_text(void *arg, th_slice_t piece) {
    (void)arg;
    if (piece.length == 0 || !th_json_utf8_valid(piece)) abort();
    return true;
}

static bool on_event(void *arg, th_slice_t name, th_slice_t data) {
    run_t *run = arg;
    (void)name;
    run->step = run->is_anthropic ? th_anthropic_take(&run->stream, run->parser, data)
                                  : th_openai_take(&run->stream, run->parser, data);
    if (run->step == TH_STREAM_FAILED &&
        (!run->stream.failure.error.code[0] || !run->stream.failure.error.message[0]))
        abort();
    return run->step == TH_STREAM_GOES_ON;
}

static void send_back(th_slice_t content) {
    th_buffer_t history, body;
    th_buffer_init(&history, 1 << 20);
    th_buffer_init(&body, 1 << 22);
    th_buffer_add_text(&history, "[{\"role\":\"assistant\",\"content\":");
    th_buffer_add_slice(&history, content);
    th_buffer_add_text(&history, "}]");
    th_json_document_t *document =
        th_json_parse(parser, th_buffer_slice(&history), &th_json_limits_answer, NULL);
    if (!document) abort();
    const th_completion_request_t request = {.max_tokens = 1};
    const th_model_parts_t parts = {
        .model = "m", .request = &request, .history = th_json_root(document)};
    if (!th_anthropic_body(&parts, &body, NULL)) abort();
    th_buffer_clear(&body);
    if (!th_openai_body(&parts, &body, NULL)) abort();
    th_json_unref(document);
    th_buffer_reset(&history);
    th_buffer_reset(&body);
}

static void check_calls(th_json_value_t content) {
    for (th_json_iterator_t it = th_json_iterate(content); th_json_next(&it);) {
        if (!th_block_is(it.value, "tool_use")) continue;
        size_t length = th_block_text(it.value, "id").length;
        if (length == 0 || length > 64) abort();
        if (!th_json_is_object(th_json_member(it.value, "input"))) abort();
    }
}

static void finish(run_t *run) {
    th_buffer_t content;
    th_error_t error = {0};
    th_buffer_init(&content, 1 << 20);
    th_answer_settle(&run->stream.answer, parser);
    if (!th_answer_write(&run->stream.answer, "anthropic", names, true, &content, &error)) abort();
    th_json_document_t *document =
        th_json_parse(parser, th_buffer_slice(&content), &th_json_limits_answer, &error);
    if (!document) abort();
    check_calls(th_json_root(document));
    th_json_unref(document);
    send_back(th_buffer_slice(&content));
    th_buffer_reset(&content);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!parser) start();
    if (size < 2 || size > 100000) return 0;
    run_t run = {.parser = parser, .is_anthropic = data[0] & 1};
    size_t piece = (data[0] >> 1) + 1u;
    th_sse_reader_t reader;
    th_model_stream_init(&run.stream, 65536, 4096, 65536, on_text, &run);
    th_sse_reader_init(&reader, 65536, on_event, &run);
    th_sse_verdict_t verdict = TH_SSE_MORE;
    for (size_t at = 1; at < size && verdict == TH_SSE_MORE; at += piece)
        verdict = th_sse_reader_feed(
            &reader, th_slice((const char *)data + at, size - at < piece ? size - at : piece));
    if (verdict == TH_SSE_MORE && !run.is_anthropic) (void)th_openai_ended(&run.stream);
    finish(&run);
    th_sse_reader_reset(&reader);
    th_model_stream_reset(&run.stream);
    return 0;
}
