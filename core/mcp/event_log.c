/* event_log.c - streams and their kept events. */
#include "mcp/event_log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A client that opens more streams than this at once has lost count itself. */
#define STREAMS_MAX 256

typedef struct event {
    th_list_t link;
    uint64_t number;
    size_t length;
    char text[];
} event_t;

static th_event_stream_t *stream_at(th_list_t *node) {
    return TH_CONTAINER(node, th_event_stream_t, link);
}

static event_t *event_at(th_list_t *node) {
    return TH_CONTAINER(node, event_t, link);
}

void th_event_log_init(th_event_log_t *log, th_event_budget_t *budget, size_t bytes_maximum) {
    *log = (th_event_log_t){.budget = budget, .bytes_maximum = bytes_maximum, .next_stream = 1};
    th_list_init(&log->streams);
}

/* False: there is none. */
static bool drop_first_event(th_event_stream_t *stream) {
    th_list_t *first = th_list_take_first(&stream->events);

    if (!first) return false;
    event_t *event = event_at(first);
    stream->lost = event->number;
    stream->log->bytes -= event->length;
    stream->log->budget->bytes -= event->length;
    free(event);
    return true;
}

void th_event_stream_drop(th_event_stream_t *stream) {
    while (drop_first_event(stream))
        ;
    th_list_remove(&stream->link);
    stream->log->count--;
    free(stream);
}

void th_event_log_clear(th_event_log_t *log) {
    for (th_list_t *first; (first = th_list_take_first(&log->streams));)
        th_event_stream_drop(stream_at(first));
}

/* Drops the oldest finished stream; false when there is none. */
static bool drop_finished(th_event_log_t *log) {
    for (th_list_t *at = log->streams.next; at != &log->streams; at = at->next) {
        /* The analyzer does not follow that a dropped stream left the list. */
        if (!stream_at(at)->finished) continue; // NOLINT(clang-analyzer-unix.Malloc)
        th_event_stream_drop(stream_at(at));
        return true;
    }
    return false;
}

static bool drop_oldest_event(th_event_log_t *log) {
    for (th_list_t *at = log->streams.next; at != &log->streams; at = at->next) {
        if (drop_first_event(stream_at(at))) return true;
    }
    return false;
}

/* Whether there is room, now or after dropping what this session kept. */
static bool make_room(th_event_log_t *log, size_t bytes) {
    while (log->bytes + bytes > log->bytes_maximum ||
           log->budget->bytes + bytes > log->budget->maximum)
        if (!drop_finished(log) && !drop_oldest_event(log)) return false;
    return true;
}

th_event_stream_t *th_event_stream_open(th_event_log_t *log, void *owner) {
    if (log->count >= STREAMS_MAX && !drop_finished(log)) return NULL;
    th_event_stream_t *stream = calloc(1, sizeof *stream);
    if (!stream) return NULL;
    stream->log = log;
    stream->number = log->next_stream++;
    stream->next = 1;
    stream->owner = owner;
    th_list_init(&stream->events);
    th_list_add_tail(&log->streams, &stream->link);
    log->count++;
    return stream;
}

bool th_event_write_priming(const th_event_stream_t *stream, uint64_t retry_ms, th_buffer_t *out) {
    return th_buffer_add_format(out, "id: %" PRIu64 "_0\nretry: %" PRIu64 "\ndata:\n\n",
                                stream->number, retry_ms);
}

bool th_event_add(th_event_stream_t *stream, th_slice_t message, th_buffer_t *out) {
    size_t before = out->length;

    if (!th_buffer_add_format(out, "id: %" PRIu64 "_%" PRIu64 "\nevent: message\ndata: ",
                              stream->number, stream->next) ||
        !th_buffer_add_slice(out, message) || !th_buffer_add_text(out, "\n\n"))
        return false;
    size_t length = out->length - before;
    event_t *event = make_room(stream->log, length) ? malloc(sizeof *event + length) : NULL;
    if (event) {
        event->number = stream->next;
        event->length = length;
        memcpy(event->text, out->data + before, length);
        th_list_init(&event->link);
        th_list_add_tail(&stream->events, &event->link);
        stream->log->bytes += length;
        stream->log->budget->bytes += length;
    } else { /* a hole: earlier ids cannot be resumed from either */
        while (drop_first_event(stream))
            ;
        stream->lost = stream->next;
    }
    stream->next++;
    return true;
}

void th_event_stream_finish(th_event_stream_t *stream) {
    stream->finished = true;
    stream->owner = NULL;
}

/* "12_34", no sign, no blank, no leading zero but for 0 itself. */
static bool read_id(th_slice_t id, uint64_t *stream, uint64_t *number) {
    char text[TH_EVENT_ID_SIZE], again[TH_EVENT_ID_SIZE];

    if (id.length == 0 || id.length >= sizeof text) return false;
    memcpy(text, id.data, id.length);
    text[id.length] = '\0';
    if (sscanf(text, "%" SCNu64 "_%" SCNu64, stream, number) != 2) return false;
    (void)snprintf(again, sizeof again, "%" PRIu64 "_%" PRIu64, *stream, *number);
    return strcmp(text, again) == 0;
}

th_event_stream_t *th_event_find(th_event_log_t *log, th_slice_t id, uint64_t *number) {
    uint64_t wanted;

    if (!read_id(id, &wanted, number)) return NULL;
    for (th_list_t *at = log->streams.next; at != &log->streams; at = at->next) {
        th_event_stream_t *stream = stream_at(at);
        if (stream->number != wanted) continue;
        return *number >= stream->lost && *number < stream->next ? stream : NULL;
    }
    return NULL;
}

bool th_event_write_after(const th_event_stream_t *stream, uint64_t number, th_buffer_t *out) {
    for (th_list_t *at = stream->events.next; at != &stream->events; at = at->next) {
        const event_t *event = event_at(at);
        if (event->number <= number) continue;
        if (!th_buffer_add(out, event->text, event->length)) return false;
    }
    return true;
}
