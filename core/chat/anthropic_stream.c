/* anthropic_stream.c - the events of Anthropic's Messages API (reference: the API's streaming
 * page). The `type` inside the data decides; the event's name only repeats it. */
#include "chat/model_stream.h"
#include "json/writer.h"

static bool is_type(th_json_value_t value, const char *type) {
    th_slice_t word;
    return th_json_string(th_json_member(value, "type"), &word) && th_slice_is(word, type);
}

static void take_usage(th_model_stream_t *stream, th_json_value_t usage) {
    th_stream_count(usage, "input_tokens", &stream->usage.input_tokens);
    th_stream_count(usage, "output_tokens", &stream->usage.output_tokens);
    th_stream_count(usage, "cache_read_input_tokens", &stream->usage.cache_read_tokens);
    th_stream_count(usage, "cache_creation_input_tokens", &stream->usage.cache_write_tokens);
}

/* ---- blocks ---- */

static bool keep_json(th_answer_block_t *block, th_json_value_t value) {
    th_json_writer_t writer;
    th_json_writer_init(&writer, &block->text, 0);
    th_json_write_value(&writer, value);
    return th_json_writer_finish(&writer, NULL);
}

static void start_tool(th_answer_block_t *block, th_json_value_t content) {
    th_slice_t text;
    if (th_json_string(th_json_member(content, "id"), &text) && text.length < sizeof block->id &&
        !memchr(text.data, '\0', text.length)) {
        memcpy(block->id, text.data, text.length);
        block->id[text.length] = '\0';
    }
    if (th_json_string(th_json_member(content, "name"), &text))
        (void)th_buffer_add_slice(&block->extra, text); /* too long: empty, so unusable */
    /* Compatible servers may give the whole input here; the real one gives {}. */
    th_json_value_t input = th_json_member(content, "input");
    if (th_json_is_object(input) && th_json_count(input) > 0 && !keep_json(block, input))
        block->too_large = true;
}

static th_stream_step_t start_text(th_model_stream_t *stream, th_answer_block_t *block,
                                   th_json_value_t content) {
    th_slice_t text;
    if (!th_json_string(th_json_member(content, "text"), &text)) return TH_STREAM_GOES_ON;
    return th_stream_show(stream, block, text);
}

static th_stream_step_t start_block(th_model_stream_t *stream, th_json_value_t event) {
    th_json_value_t content = th_json_member(event, "content_block");
    int64_t index;
    if (!th_json_integer(th_json_member(event, "index"), &index))
        return th_stream_broken(stream, "a block without an index");
    if (th_answer_find(&stream->answer, index))
        return th_stream_broken(stream, "two blocks with one index");
    th_block_kind_t kind = is_type(content, "text")                ? TH_BLOCK_TEXT
                           : is_type(content, "tool_use")          ? TH_BLOCK_TOOL
                           : is_type(content, "thinking")          ? TH_BLOCK_THINKING
                           : is_type(content, "redacted_thinking") ? TH_BLOCK_OPAQUE
                                                                   : TH_BLOCK_IGNORED;
    th_answer_block_t *block = th_answer_open(&stream->answer, kind, index);
    if (!block) return th_stream_broken(stream, "too many blocks");
    if (kind == TH_BLOCK_TOOL) start_tool(block, content);
    if (kind == TH_BLOCK_OPAQUE && !keep_json(block, content))
        return th_stream_broken(stream, "a block that is too large");
    return kind == TH_BLOCK_TEXT ? start_text(stream, block, content) : TH_STREAM_GOES_ON;
}

static th_stream_step_t add_thinking(th_model_stream_t *stream, th_answer_block_t *block,
                                     th_json_value_t delta) {
    th_slice_t piece;
    bool fits = true;
    if (is_type(delta, "thinking_delta") &&
        th_json_string(th_json_member(delta, "thinking"), &piece))
        fits = th_answer_add(block, piece);
    if (is_type(delta, "signature_delta") &&
        th_json_string(th_json_member(delta, "signature"), &piece))
        fits = th_buffer_add_slice(&block->extra, piece);
    return fits ? TH_STREAM_GOES_ON : th_stream_broken(stream, "thinking that is too long");
}

static th_stream_step_t add_delta(th_model_stream_t *stream, th_json_value_t event) {
    th_json_value_t delta = th_json_member(event, "delta");
    th_slice_t piece;
    int64_t index;
    th_answer_block_t *block = NULL;
    if (th_json_integer(th_json_member(event, "index"), &index))
        block = th_answer_find(&stream->answer, index);
    if (!block || block->closed) return th_stream_broken(stream, "a piece of no open block");
    if (block->kind == TH_BLOCK_TEXT && is_type(delta, "text_delta") &&
        th_json_string(th_json_member(delta, "text"), &piece))
        return th_stream_show(stream, block, piece);
    if (block->kind == TH_BLOCK_TOOL && is_type(delta, "input_json_delta") &&
        th_json_string(th_json_member(delta, "partial_json"), &piece))
        (void)th_answer_add(block, piece); /* over the bound: that call is unusable */
    if (block->kind == TH_BLOCK_THINKING) return add_thinking(stream, block, delta);
    return TH_STREAM_GOES_ON;
}

static th_stream_step_t stop_block(th_model_stream_t *stream, th_json_value_t event) {
    int64_t index;
    th_answer_block_t *block = NULL;
    if (th_json_integer(th_json_member(event, "index"), &index))
        block = th_answer_find(&stream->answer, index);
    if (!block) return th_stream_broken(stream, "the end of no block");
    block->closed = true;
    return TH_STREAM_GOES_ON;
}

/* ---- the message ---- */

static void take_stop(th_model_stream_t *stream, th_json_value_t delta) {
    static const struct {
        const char *word;
        th_stop_reason_t reason;
    } reasons[] = {
        {"end_turn", TH_STOP_END},
        {"stop_sequence", TH_STOP_END},
        {"tool_use", TH_STOP_TOOLS},
        {"max_tokens", TH_STOP_LENGTH},
        {"pause_turn", TH_STOP_PAUSE},
        {"refusal", TH_STOP_REFUSAL},
        {"model_context_window_exceeded", TH_STOP_CONTEXT},
    };
    th_slice_t word, explanation = {0};
    if (!th_json_string(th_json_member(delta, "stop_reason"), &word)) return;
    stream->reason_known = true;
    stream->reason = TH_STOP_OTHER;
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (th_slice_is(word, reasons[i].word)) stream->reason = reasons[i].reason;
    if (stream->reason != TH_STOP_REFUSAL) return;
    (void)th_json_string(th_json_member(th_json_member(delta, "stop_details"), "explanation"),
                         &explanation);
    th_stream_decline(stream, explanation);
}

static th_stream_step_t end_message(th_model_stream_t *stream) {
    if (!stream->reason_known) return th_stream_broken(stream, "an end without a reason");
    if (stream->reason == TH_STOP_TOOLS && !th_answer_has_tools(&stream->answer))
        return th_stream_broken(stream, "a call of no tool");
    return TH_STREAM_COMPLETE;
}

static th_stream_step_t take_event(th_model_stream_t *stream, th_json_value_t event) {
    if (is_type(event, "error")) {
        th_model_failure_of_error(&stream->failure, th_json_member(event, "error"), NULL);
        return TH_STREAM_FAILED;
    }
    if (is_type(event, "message_start")) {
        if (stream->begun) return th_stream_broken(stream, "a second beginning");
        stream->begun = true;
        take_usage(stream, th_json_member(th_json_member(event, "message"), "usage"));
        return TH_STREAM_GOES_ON;
    }
    bool is_block = is_type(event, "content_block_start") ||
                    is_type(event, "content_block_delta") || is_type(event, "content_block_stop");
    bool is_end = is_type(event, "message_delta") || is_type(event, "message_stop");
    if (!is_block && !is_end) return TH_STREAM_GOES_ON; /* ping, and what is new */
    if (!stream->begun) return th_stream_broken(stream, "an event before the beginning");
    if (is_type(event, "content_block_start")) return start_block(stream, event);
    if (is_type(event, "content_block_delta")) return add_delta(stream, event);
    if (is_type(event, "content_block_stop")) return stop_block(stream, event);
    if (is_type(event, "message_stop")) return end_message(stream);
    take_usage(stream, th_json_member(event, "usage"));
    take_stop(stream, th_json_member(event, "delta"));
    return TH_STREAM_GOES_ON;
}

th_stream_step_t th_anthropic_take(th_model_stream_t *stream, th_json_parser_t *parser,
                                   th_slice_t data) {
    th_json_document_t *document = th_stream_parse(stream, parser, data);
    if (!document) return TH_STREAM_FAILED;
    th_stream_step_t step = take_event(stream, th_json_root(document));
    th_json_unref(document);
    return step;
}

/* Without message_stop it is a failure, however whole the text looks. */
bool th_anthropic_ended(th_model_stream_t *stream) {
    (void)stream;
    return false;
}
