/* openai_stream.c - the chunks of OpenAI's chat completions, and of the servers that imitate them:
 * `index` or `id` missing, a whole call in one chunk, arguments as an object, `stop` in spite of
 * calls, no usage, no [DONE], errors with status 200. */
#include "chat/model_stream.h"
#include "json/writer.h"

#define TEXT_KEY (-1)
#define REASONING_KEY (-2)

static void take_usage(th_model_stream_t *stream, th_json_value_t usage) {
    if (!th_json_is_object(usage)) return;
    int64_t prompt = 0, cached = 0;
    th_stream_count(usage, "prompt_tokens", &prompt);
    th_stream_count(th_json_member(usage, "prompt_tokens_details"), "cached_tokens", &cached);
    th_stream_count(usage, "completion_tokens", &stream->usage.output_tokens);
    if (cached > prompt) cached = prompt;
    stream->usage.input_tokens = prompt - cached; /* the neutral count is without the cached */
    stream->usage.cache_read_tokens = cached;
}

static th_stream_step_t take_text(th_model_stream_t *stream, th_slice_t piece) {
    if (piece.length == 0) return TH_STREAM_GOES_ON;
    th_answer_block_t *block = th_answer_find(&stream->answer, TEXT_KEY);
    if (!block) block = th_answer_open(&stream->answer, TH_BLOCK_TEXT, TEXT_KEY);
    if (!block) return th_stream_broken(stream, "too many blocks");
    return th_stream_show(stream, block, piece);
}

/* ---- tool calls ---- */

static th_answer_block_t *newest_tool(th_model_stream_t *stream) {
    th_answer_t *answer = &stream->answer;
    for (size_t i = answer->count; i > 0; i--)
        if (answer->blocks[i - 1].kind == TH_BLOCK_TOOL) return &answer->blocks[i - 1];
    return NULL;
}

static bool id_differs(const th_answer_block_t *block, th_slice_t id) {
    return id.length > 0 && block->id[0] && !th_slice_is(id, block->id);
}

/* The call a piece belongs to. By index where there is one; some servers say 0 for every call, so
 * another id begins another call, and so does a name where there is no index. */
static th_answer_block_t *block_of(th_model_stream_t *stream, th_json_value_t call, th_slice_t id,
                                   th_slice_t name) {
    int64_t index = 0;
    bool indexed = th_json_integer(th_json_member(call, "index"), &index) && index >= 0;
    th_answer_block_t *block =
        indexed ? th_answer_find(&stream->answer, index) : newest_tool(stream);
    bool begins =
        !block || id_differs(block, id) || (!indexed && name.length > 0 && block->extra.length > 0);
    if (!begins) return block;
    if (!indexed) index = (int64_t)stream->answer.count;
    block = th_answer_open(&stream->answer, TH_BLOCK_TOOL, index);
    if (block) block->closed = true; /* the end reason decides; there is no event for it */
    return block;
}

static void take_arguments(th_answer_block_t *block, th_json_value_t arguments) {
    th_slice_t piece;
    if (th_json_string(arguments, &piece)) {
        (void)th_answer_add(block, piece); /* over the bound: that call is unusable */
        return;
    }
    if (!th_json_is_object(arguments) || block->too_large) return;
    th_json_writer_t writer;
    th_json_writer_init(&writer, &block->text, 0);
    th_json_write_value(&writer, arguments);
    if (!th_json_writer_finish(&writer, NULL)) block->too_large = true;
}

static th_stream_step_t take_call(th_model_stream_t *stream, th_json_value_t call) {
    th_json_value_t function = th_json_member(call, "function");
    th_slice_t id = {0}, name = {0};
    (void)th_json_string(th_json_member(call, "id"), &id);
    (void)th_json_string(th_json_member(function, "name"), &name);
    th_answer_block_t *block = block_of(stream, call, id, name);
    if (!block) return th_stream_broken(stream, "too many tool calls");
    if (!block->id[0] && id.length > 0 && id.length < sizeof block->id &&
        !memchr(id.data, '\0', id.length)) {
        memcpy(block->id, id.data, id.length);
        block->id[id.length] = '\0';
    }
    if (block->extra.length == 0 && name.length > 0)
        (void)th_buffer_add_slice(&block->extra, name); /* too long: empty, so unusable */
    take_arguments(block, th_json_member(function, "arguments"));
    return TH_STREAM_GOES_ON;
}

/* ---- chunks ---- */

static void take_finish(th_model_stream_t *stream, th_slice_t word) {
    stream->reason_known = true;
    stream->reason = TH_STOP_OTHER;
    if (th_slice_is(word, "stop") || th_slice_is(word, "tool_calls") ||
        th_slice_is(word, "function_call"))
        stream->reason = TH_STOP_END; /* whether tools were called shows at the end */
    if (th_slice_is(word, "length")) stream->reason = TH_STOP_LENGTH;
    if (th_slice_is(word, "content_filter")) {
        stream->reason = TH_STOP_REFUSAL;
        th_stream_decline(stream, TH_SLICE("the provider's content filter"));
    }
}

/* OpenAI's models may decline in a member of its own instead of an end reason. */
static bool take_refusal(th_model_stream_t *stream, th_slice_t piece) {
    if (piece.length == 0) return true;
    th_answer_block_t *block = th_answer_find(&stream->answer, REASONING_KEY);
    if (!block) block = th_answer_open(&stream->answer, TH_BLOCK_THINKING, REASONING_KEY);
    return block && th_answer_add(block, piece); /* without a signature it is never written */
}

static th_stream_step_t take_delta(th_model_stream_t *stream, th_json_value_t delta) {
    th_slice_t piece;
    th_stream_step_t step = TH_STREAM_GOES_ON;
    if (th_json_string(th_json_member(delta, "refusal"), &piece) && !take_refusal(stream, piece))
        return th_stream_broken(stream, "a refusal that is too long");
    if (th_json_string(th_json_member(delta, "content"), &piece)) step = take_text(stream, piece);
    th_json_iterator_t calls = th_json_iterate(th_json_member(delta, "tool_calls"));
    while (step == TH_STREAM_GOES_ON && th_json_next(&calls))
        step = take_call(stream, calls.value);
    return step;
}

static th_stream_step_t take_chunk(th_model_stream_t *stream, th_json_value_t chunk) {
    th_json_value_t error = th_json_member(chunk, "error");
    if (th_json_is_object(error) || th_json_is_string(error)) {
        th_model_failure_of_error(&stream->failure, error, NULL);
        return TH_STREAM_FAILED;
    }
    take_usage(stream, th_json_member(chunk, "usage"));
    th_json_value_t choice = th_json_at(th_json_member(chunk, "choices"), 0);
    if (!th_json_is_object(choice)) return TH_STREAM_GOES_ON;
    stream->begun = true;
    th_json_value_t delta = th_json_member(choice, "delta");
    if (!th_json_is_object(delta)) delta = th_json_member(choice, "message");
    th_stream_step_t step = take_delta(stream, delta);
    th_slice_t word;
    if (step == TH_STREAM_GOES_ON &&
        th_json_string(th_json_member(choice, "finish_reason"), &word) && word.length > 0)
        take_finish(stream, word);
    return step;
}

bool th_openai_ended(th_model_stream_t *stream) {
    if (!stream->reason_known) return false;
    th_answer_block_t *refusal = th_answer_find(&stream->answer, REASONING_KEY);
    if (stream->reason == TH_STOP_END && refusal) {
        stream->reason = TH_STOP_REFUSAL;
        th_stream_decline(stream, th_buffer_slice(&refusal->text));
    }
    if (stream->reason == TH_STOP_END && th_answer_has_tools(&stream->answer))
        stream->reason = TH_STOP_TOOLS;
    return true;
}

th_stream_step_t th_openai_take(th_model_stream_t *stream, th_json_parser_t *parser,
                                th_slice_t data) {
    if (th_slice_is(data, "[DONE]"))
        return th_openai_ended(stream) ? TH_STREAM_COMPLETE
                                       : th_stream_broken(stream, "an end without a reason");
    th_json_document_t *document = th_stream_parse(stream, parser, data);
    if (!document) return TH_STREAM_FAILED;
    th_stream_step_t step = take_chunk(stream, th_json_root(document));
    th_json_unref(document);
    return step;
}
