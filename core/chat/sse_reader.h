/* sse_reader.h - server-sent events out of bytes that come in pieces of any size.
 * Pure: no sockets, no JSON. Lines end in LF, CRLF or CR; an event ends at an empty line; several
 * data lines are joined with LF; comments and unknown fields are skipped (WHATWG HTML 9.2.6, of
 * which `id` and `retry` are of no use here). Memory is bounded by the size of one event. */
#ifndef TH_CHAT_SSE_READER_H
#define TH_CHAT_SSE_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/slice.h"

#define TH_SSE_NAME_SIZE 64

typedef enum th_sse_verdict {
    TH_SSE_MORE,      /* all bytes were taken */
    TH_SSE_STOPPED,   /* the callback said stop, or freed the reader: it is not touched again */
    TH_SSE_TOO_LARGE, /* a line or an event is over the maximum */
} th_sse_verdict_t;

/* <name>: the event's name, empty when it had none ("message" by the standard; too long ones are
 * empty, too). <data>: borrowed for the call. False stops the reader, which may be gone then. */
typedef bool (*th_sse_event_t)(void *arg, th_slice_t name, th_slice_t data);

typedef struct th_sse_reader {
    th_buffer_t line; /* the line that is not complete yet; owned */
    th_buffer_t data; /* of the event so far, each line followed by LF; owned */
    char name[TH_SSE_NAME_SIZE];
    size_t name_length;
    bool has_data;     /* an event without data lines is none */
    bool after_return; /* the last byte was CR: a following LF belongs to it */
    bool begun;        /* past the place where a byte order mark may stand */
    th_sse_event_t on_event;
    void *arg;
} th_sse_reader_t;

/* <maximum> bytes of one line, and of the data of one event. */
void th_sse_reader_init(th_sse_reader_t *reader, size_t maximum, th_sse_event_t on_event,
                        void *arg);
void th_sse_reader_reset(th_sse_reader_t *reader); /* frees; can be used again */
/* Calls on_event for each event that became complete. After TOO_LARGE only reset is left. */
th_sse_verdict_t th_sse_reader_feed(th_sse_reader_t *reader, th_slice_t piece);

#endif
