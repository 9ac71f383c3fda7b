/* events.c - two bounded lists over shared texts. */
#include "chat/events.h"

#include <stdlib.h>

static th_event_t *in_log(const th_list_t *node) {
    return TH_CONTAINER(node, th_event_t, in_log);
}

static th_event_t *in_transcript(const th_list_t *node) {
    return TH_CONTAINER(node, th_event_t, in_transcript);
}

void th_events_init(th_events_t *events, size_t most_count, size_t most_bytes) {
    *events = (th_events_t){.most_count = most_count, .most_bytes = most_bytes};
    th_list_init(&events->log);
    th_list_init(&events->transcript);
}

th_event_t *th_event_ref(th_event_t *event) {
    event->references++;
    return event;
}

void th_event_unref(th_event_t *event) {
    if (event && --event->references == 0) free(event);
}

static void drop_oldest(th_events_t *events) {
    th_event_t *event = in_log(th_list_take_first(&events->log));
    events->log_count--;
    events->log_bytes -= event->length;
    th_event_unref(event);
}

static void drop_oldest_told(th_events_t *events) {
    th_event_t *event = in_transcript(th_list_take_first(&events->transcript));
    events->transcript_bytes -= event->length;
    th_event_unref(event);
}

void th_events_forget_transcript(th_events_t *events) {
    while (!th_list_is_empty(&events->transcript))
        drop_oldest_told(events);
}

void th_events_free(th_events_t *events) {
    th_events_forget_transcript(events);
    while (!th_list_is_empty(&events->log))
        drop_oldest(events);
}

/* The newest always stays, so that what was just added can be sent. */
static void trim(th_events_t *events) {
    while ((events->log_count > events->most_count || events->log_bytes > events->most_bytes) &&
           events->log.next != events->log.prev)
        drop_oldest(events);
    while (events->transcript_bytes > events->most_bytes &&
           events->transcript.next != events->transcript.prev)
        drop_oldest_told(events);
}

th_event_t *th_events_add(th_events_t *events, th_slice_t text, bool tells) {
    th_event_t *event = malloc(sizeof *event + text.length);
    if (!event) return NULL;
    event->references = 1;
    event->seq = ++events->last;
    event->length = text.length;
    memcpy(event->text, text.data, text.length);
    th_list_init(&event->in_transcript);
    th_list_add_tail(&events->log, &event->in_log);
    events->log_count++;
    events->log_bytes += event->length;
    if (tells) {
        (void)th_event_ref(event);
        th_list_add_tail(&events->transcript, &event->in_transcript);
        events->transcript_bytes += event->length;
    }
    trim(events);
    return event;
}

bool th_events_have(const th_events_t *events, uint64_t after) {
    if (after >= events->last) return after == events->last;
    return !th_list_is_empty(&events->log) && in_log(events->log.next)->seq <= after + 1;
}

void th_events_each(const th_events_t *events, uint64_t after,
                    bool (*visit)(void *arg, const th_event_t *event), void *arg) {
    for (const th_list_t *at = events->log.next; at != &events->log; at = at->next)
        if (in_log(at)->seq > after && !visit(arg, in_log(at))) return;
}
