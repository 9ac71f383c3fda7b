/* events.h - a conversation's events: numbered, kept for those who come back, and its transcript.
 * The log holds the newest events, whatever they are; the transcript those that tell the story
 * (turn, tool_call, tool_result, answer, error of a turn), for snapshots. An event's text lives as
 * long as one of the two, or somebody with a reference, needs it. Bounded both ways. */
#ifndef TH_CHAT_EVENTS_H
#define TH_CHAT_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "base/slice.h"

typedef struct th_event {
    th_list_t in_log, in_transcript; /* unlinked when in neither */
    unsigned references;
    uint64_t seq;
    size_t length;
    char text[]; /* the whole message */
} th_event_t;

typedef struct th_events {
    th_list_t log, transcript; /* oldest first */
    uint64_t last;             /* seq of the newest; 0 = none yet */
    size_t log_count, log_bytes, transcript_bytes;
    size_t most_count, most_bytes; /* of each of the two */
} th_events_t;

void th_events_init(th_events_t *events, size_t most_count, size_t most_bytes);
void th_events_free(th_events_t *events);

/* Takes over the number that <text> was composed with: last + 1. The result is borrowed
 * (th_event_ref keeps it), alive until the next add; NULL: no memory, the number is not used up. */
th_event_t *th_events_add(th_events_t *events, th_slice_t text, bool tells);
th_event_t *th_event_ref(th_event_t *event);
void th_event_unref(th_event_t *event); /* NULL is fine */

/* Is everything behind <after> still there (or was there nothing)? */
bool th_events_have(const th_events_t *events, uint64_t after);
/* Calls <visit> for each event behind <after>, in order, until it returns false. */
void th_events_each(const th_events_t *events, uint64_t after,
                    bool (*visit)(void *arg, const th_event_t *event), void *arg);
void th_events_forget_transcript(th_events_t *events);

#endif
