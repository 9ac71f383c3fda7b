/* model_stream.c - what both streams have in common. */
#include "chat/model_stream.h"

#define EVENT_DEPTH 64
#define EVENT_NODES 200000
#define COUNT_MAX 1000000000000 /* tokens; more is nonsense */

void th_model_stream_init(th_model_stream_t *stream, size_t answer_bytes, size_t input_bytes,
                          size_t event_bytes, bool (*on_text)(void *arg, th_slice_t piece),
                          void *arg) {
    *stream = (th_model_stream_t){
        .reason = TH_STOP_OTHER, .event_bytes = event_bytes, .on_text = on_text, .arg = arg};
    th_answer_init(&stream->answer, answer_bytes, input_bytes);
}

void th_model_stream_reset(th_model_stream_t *stream) {
    th_answer_reset(&stream->answer);
    th_model_stream_init(stream, stream->answer.text_bytes, stream->answer.input_bytes,
                         stream->event_bytes, stream->on_text, stream->arg);
}

th_stream_step_t th_stream_broken(th_model_stream_t *stream, const char *what) {
    stream->failure = (th_model_failure_t){.reason = TH_STOP_OTHER};
    th_error_set(&stream->failure.error, "bad_answer",
                 "the model's provider sent something that cannot be understood (%s)", what);
    return TH_STREAM_FAILED;
}

th_stream_step_t th_stream_show(th_model_stream_t *stream, th_answer_block_t *block,
                                th_slice_t piece) {
    if (piece.length == 0) return TH_STREAM_GOES_ON;
    if (!th_answer_add(block, piece)) {
        stream->failure = (th_model_failure_t){.reason = TH_STOP_OTHER};
        th_error_set(&stream->failure.error, "too_large", "the model's answer is over %zu bytes",
                     stream->answer.text_bytes);
        return TH_STREAM_FAILED;
    }
    stream->shown = true;
    return stream->on_text(stream->arg, piece) ? TH_STREAM_GOES_ON : TH_STREAM_STOPPED;
}

th_json_document_t *th_stream_parse(th_model_stream_t *stream, th_json_parser_t *parser,
                                    th_slice_t data) {
    const th_json_limits_t limits = {
        .bytes = stream->event_bytes, .depth = EVENT_DEPTH, .nodes = EVENT_NODES};
    th_error_t error = {0};
    th_json_document_t *document = th_json_parse(parser, data, &limits, &error);
    if (document && th_json_is_object(th_json_root(document))) return document;
    th_stream_broken(stream, document ? "an event that is no object" : error.message);
    th_json_unref(document);
    return NULL;
}

void th_stream_count(th_json_value_t usage, const char *name, int64_t *out) {
    int64_t count;
    if (th_json_integer(th_json_member(usage, name), &count) && count >= 0 && count <= COUNT_MAX)
        *out = count;
}

void th_stream_decline(th_model_stream_t *stream, th_slice_t explanation) {
    char clean[300];
    th_model_text_clean(explanation, clean, sizeof clean);
    th_error_set(&stream->declined, "refused", "the model declined to answer this%s%s",
                 *clean ? ": " : "", clean);
}
