/* snapshot.c - what an empty client needs to look like one that was there all along: the story so
 * far, then what is open right now. */
#include "chat/tool_run.h"
#include "chat/turn.h"

/* The newest part of the transcript that fits; a client that reads must be able to take it. */
static const th_list_t *first_that_fits(const th_conversation_t *conversation) {
    const th_list_t *list = &conversation->events.transcript;
    size_t room = th_chat_room(conversation->chat) / 2, used = 0;
    const th_list_t *at = list->prev;
    for (; at != list; at = at->prev) {
        used += TH_CONTAINER(at, th_event_t, in_transcript)->length + 1;
        if (used > room) break;
    }
    return at->next;
}

static void write_raw(th_json_writer_t *json, const th_event_t *event) {
    th_json_write_raw(json, th_slice(event->text, event->length));
}

static void write_open_text(const th_conversation_t *conversation, th_json_writer_t *json) {
    const th_turn_t *turn = conversation->turn;
    if (!turn || turn->said.length == 0) return;
    th_json_write_object(json);
    th_json_write_member_text(json, "type", "delta");
    th_json_write_member_integer(json, "seq", (int64_t)conversation->events.last);
    th_json_write_member_text(json, "turn", turn->id);
    /* The newest part of much: what comes is put behind it. */
    size_t most = th_chat_room(conversation->chat) / 16;
    th_json_write_member_string(json, "text", th_text_end(th_buffer_slice(&turn->said), most));
    th_json_write_end(json);
}

size_t th_conversation_open_bytes(const th_conversation_t *conversation) {
    const th_list_t *runs = &conversation->runs, *inquiries = &conversation->inquiries;
    size_t bytes = 0;
    for (const th_list_t *at = runs->next; at != runs; at = at->next) {
        const th_tool_run_t *run = TH_CONTAINER(at, th_tool_run_t, link);
        if (run->card) bytes += run->card->length;
    }
    for (const th_list_t *at = inquiries->next; at != inquiries; at = at->next) {
        const th_inquiry_t *inquiry = TH_CONTAINER(at, th_inquiry_t, link);
        if (inquiry->event) bytes += inquiry->event->length;
    }
    return bytes;
}

void th_snapshot_write(const th_conversation_t *conversation, th_json_writer_t *json) {
    const th_list_t *told = &conversation->events.transcript;
    th_json_write_array(json);
    for (const th_list_t *at = first_that_fits(conversation); at != told; at = at->next)
        write_raw(json, TH_CONTAINER(at, th_event_t, in_transcript));
    write_open_text(conversation, json);
    for (const th_list_t *at = conversation->runs.next; at != &conversation->runs; at = at->next) {
        const th_tool_run_t *run = TH_CONTAINER(at, th_tool_run_t, link);
        if (run->card) write_raw(json, run->card);
    }
    for (const th_list_t *at = conversation->inquiries.next; at != &conversation->inquiries;
         at = at->next) {
        const th_inquiry_t *inquiry = TH_CONTAINER(at, th_inquiry_t, link);
        if (!inquiry->answered && inquiry->event) write_raw(json, inquiry->event);
    }
    th_json_write_end(json);
}
