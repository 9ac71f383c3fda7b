/* event_log.h - what a legacy session's event streams have sent, for clients that come back.
 * Every event has an id `<stream>_<n>`; ids are unique in the session. A client that lost its
 * connection names the last id it saw and gets what came after it on that stream only. Bounded in
 * bytes and streams per session, and in bytes per worker: whole finished streams go first, then the
 * oldest events. Pure: knows no connection. (requirements.md b.3, "Streaming rules".) */
#ifndef TH_MCP_EVENT_LOG_H
#define TH_MCP_EVENT_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/list.h"
#include "base/slice.h"

#define TH_EVENT_ID_SIZE 48

/* What all logs of a worker share. */
typedef struct th_event_budget {
    size_t bytes, maximum;
} th_event_budget_t;

typedef struct th_event_log {
    th_event_budget_t *budget; /* borrowed */
    th_list_t streams;         /* th_event_stream_t.link, oldest first */
    size_t count;
    size_t bytes, bytes_maximum;
    uint64_t next_stream;
} th_event_log_t;

typedef struct th_event_stream {
    th_list_t link;
    th_event_log_t *log;
    th_list_t events; /* oldest first */
    uint64_t number;
    uint64_t next; /* the next event's number; the first is 1, 0 is the priming event */
    uint64_t lost; /* events up to this one are not here any more */
    bool finished; /* nothing will follow */
    void *owner;   /* whoever still writes to it; NULL when finished */
} th_event_stream_t;

void th_event_log_init(th_event_log_t *log, th_event_budget_t *budget, size_t bytes_maximum);
/* Frees all streams; owners must have let go of them. */
void th_event_log_clear(th_event_log_t *log);

/* NULL: out of memory, or too many unfinished streams. The log owns it. */
th_event_stream_t *th_event_stream_open(th_event_log_t *log, void *owner);
/* Keeps one event of <message> and appends its text to <out>: what goes to the client now. When it
 * cannot be kept it is still written, and cannot be resumed from. False when <out> failed. */
bool th_event_add(th_event_stream_t *stream, th_slice_t message, th_buffer_t *out);
/* An event without data that only gives an id to come back with, and when. */
bool th_event_write_priming(const th_event_stream_t *stream, uint64_t retry_ms, th_buffer_t *out);
/* Nothing follows any more; the stream may be dropped when room is needed. */
void th_event_stream_finish(th_event_stream_t *stream);
/* Drops it at once. */
void th_event_stream_drop(th_event_stream_t *stream);

/* The stream that event <id> is on, and its number; NULL when it is not known (any more), or
 * something behind it was lost. */
th_event_stream_t *th_event_find(th_event_log_t *log, th_slice_t id, uint64_t *number);
/* Appends the texts of all events behind <number>. False when <out> failed. */
bool th_event_write_after(const th_event_stream_t *stream, uint64_t number, th_buffer_t *out);

#endif
