/* sse_reader.c - splits bytes into lines, lines into fields, fields into events. */
#include "chat/sse_reader.h"

#include <string.h>

void th_sse_reader_init(th_sse_reader_t *reader, size_t maximum, th_sse_event_t on_event,
                        void *arg) {
    *reader = (th_sse_reader_t){.on_event = on_event, .arg = arg};
    th_buffer_init(&reader->line, maximum);
    th_buffer_init(&reader->data, maximum);
}

void th_sse_reader_reset(th_sse_reader_t *reader) {
    th_buffer_reset(&reader->line);
    th_buffer_reset(&reader->data);
    th_sse_reader_init(reader, reader->line.maximum, reader->on_event, reader->arg);
}

/* At an empty line. The reader is made ready for the next event before the callback may end it;
 * the data stay in the buffer until the next line is read. */
static bool dispatch(th_sse_reader_t *reader) {
    char name[TH_SSE_NAME_SIZE];
    size_t name_length = reader->name_length;
    memcpy(name, reader->name, name_length);
    bool has_data = reader->has_data;
    reader->name_length = 0;
    reader->has_data = false;
    if (!has_data) return true;
    th_slice_t data = th_slice(reader->data.data, reader->data.length - 1); /* the last LF */
    if (!reader->on_event(reader->arg, th_slice(name, name_length), data)) return false;
    th_buffer_clear(&reader->data);
    return true;
}

static bool field_is(th_slice_t line, size_t length, const char *name) {
    return th_slice_is(th_slice(line.data, length), name);
}

/* False when the event is over the maximum. */
static bool take_field(th_sse_reader_t *reader, th_slice_t line) {
    const char *colon = memchr(line.data, ':', line.length);
    size_t length = colon ? (size_t)(colon - line.data) : line.length;
    size_t from = colon ? length + 1 : length;
    if (from < line.length && line.data[from] == ' ') from++;
    th_slice_t value = th_slice(line.data + from, line.length - from);
    if (field_is(line, length, "data")) {
        reader->has_data = true;
        return th_buffer_add_slice(&reader->data, value) && th_buffer_add_byte(&reader->data, '\n');
    }
    if (field_is(line, length, "event")) {
        reader->name_length = value.length < TH_SSE_NAME_SIZE ? value.length : 0;
        if (reader->name_length) memcpy(reader->name, value.data, value.length);
    }
    return true;
}

static th_slice_t without_mark(th_sse_reader_t *reader, th_slice_t line) {
    bool marked = !reader->begun && line.length >= 3 && memcmp(line.data, "\xef\xbb\xbf", 3) == 0;
    reader->begun = true;
    return marked ? th_slice(line.data + 3, line.length - 3) : line;
}

static th_sse_verdict_t take_line(th_sse_reader_t *reader, th_slice_t line) {
    line = without_mark(reader, line);
    if (line.length == 0) return dispatch(reader) ? TH_SSE_MORE : TH_SSE_STOPPED;
    return take_field(reader, line) ? TH_SSE_MORE : TH_SSE_TOO_LARGE;
}

/* The line that ends at <rest>[length]: in place when it came whole, else joined first. */
static th_sse_verdict_t end_line(th_sse_reader_t *reader, th_slice_t rest) {
    if (reader->line.length == 0) {
        if (rest.length > reader->line.maximum) return TH_SSE_TOO_LARGE;
        return take_line(reader, rest);
    }
    if (!th_buffer_add_slice(&reader->line, rest)) return TH_SSE_TOO_LARGE;
    th_sse_verdict_t verdict = take_line(reader, th_buffer_slice(&reader->line));
    if (verdict == TH_SSE_MORE) th_buffer_clear(&reader->line);
    return verdict;
}

static size_t find_end(th_slice_t piece) {
    size_t at = 0;
    while (at < piece.length && piece.data[at] != '\n' && piece.data[at] != '\r')
        at++;
    return at;
}

th_sse_verdict_t th_sse_reader_feed(th_sse_reader_t *reader, th_slice_t piece) {
    while (piece.length > 0) {
        if (reader->after_return && piece.data[0] == '\n') {
            piece = th_slice(piece.data + 1, piece.length - 1);
            reader->after_return = false;
            continue;
        }
        reader->after_return = false;
        size_t end = find_end(piece);
        if (end == piece.length) {
            return th_buffer_add_slice(&reader->line, piece) ? TH_SSE_MORE : TH_SSE_TOO_LARGE;
        }
        reader->after_return = piece.data[end] == '\r';
        th_sse_verdict_t verdict = end_line(reader, th_slice(piece.data, end));
        if (verdict != TH_SSE_MORE) return verdict;
        piece = th_slice(piece.data + end + 1, piece.length - end - 1);
    }
    return TH_SSE_MORE;
}
