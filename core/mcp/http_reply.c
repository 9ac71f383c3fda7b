/* http_reply.c - collecting, streaming and ending a POST's reply. */
#include "mcp/http_reply.h"

#include <stdlib.h>

#include "mcp/http_session.h"

/* All answers of one batch together. */
#define BATCH_BYTES ((size_t)8 * 1024 * 1024)

static th_http_member_t *member_of(th_channel_t *channel) {
    return (th_http_member_t *)(void *)channel;
}

/* --- the stream ------------------------------------------------------------------------------ */

static void let_go(th_http_reply_t *reply) {
    if (reply->entry) reply->entry->reply = NULL;
    reply->entry = NULL;
}

/* Sends <text> to the client if there is one. Losing it on the way is not the reply's end; a
 * connection that was cut may not be touched any more. */
static void pass_on(th_http_reply_t *reply, th_slice_t text) {
    if (reply->entry && !th_http_entry_send_text(reply->entry, text)) let_go(reply);
}

static bool send_event(th_http_reply_t *reply, th_slice_t message) {
    th_buffer_t out;
    bool done;

    th_buffer_init(&out, message.length + 160);
    if (reply->stream)
        done = th_event_add(reply->stream, message, &out);
    else
        done = th_buffer_add_text(&out, "event: message\ndata: ") &&
               th_buffer_add_slice(&out, message) && th_buffer_add_text(&out, "\n\n");
    bool reached = done && (reply->stream || reply->entry);
    if (done) pass_on(reply, th_buffer_slice(&out));
    th_buffer_reset(&out);
    return reached;
}

static void send_priming(th_http_reply_t *reply) {
    uint64_t retry = (uint64_t)reply->session->mcp->worker->settings->mcp_retry;
    th_buffer_t out;

    th_buffer_init(&out, 256);
    if (th_event_write_priming(reply->stream, retry, &out)) pass_on(reply, th_buffer_slice(&out));
    th_buffer_reset(&out);
}

/* From one JSON body to an event stream. False: the client is away or takes none. */
static bool begin(th_http_reply_t *reply) {
    if (reply->streaming) return true;
    if (!reply->entry || !reply->entry->accepted.stream) return false;
    reply->streaming = true;
    if (reply->session) reply->stream = th_event_stream_open(&reply->session->log, reply);
    if (!th_http_entry_begin_stream(reply->entry)) reply->entry = NULL; /* left at once */
    if (reply->session && reply->stream && reply->revision->priming) send_priming(reply);
    if (reply->collected.length) { /* answered before: as a batch of those, which is legal */
        th_buffer_t array;
        th_buffer_init(&array, reply->collected.length + 2);
        th_buffer_add_byte(&array, '[');
        th_buffer_add_slice(&array, th_buffer_slice(&reply->collected));
        if (th_buffer_add_byte(&array, ']')) send_event(reply, th_buffer_slice(&array));
        th_buffer_reset(&array);
        th_buffer_reset(&reply->collected);
    }
    return true;
}

/* --- the end --------------------------------------------------------------------------------- */

static void reply_free(th_http_reply_t *reply) {
    let_go(reply);
    if (reply->stream) th_event_stream_finish(reply->stream);
    th_list_remove(&reply->link);
    th_buffer_reset(&reply->collected);
    free(reply);
}

static void end_stream(th_http_reply_t *reply) {
    th_http_entry_t *entry = reply->entry;

    let_go(reply);
    if (entry) th_http_entry_end_stream(entry);
}

static void respond(th_http_reply_t *reply, int status, char *text, size_t length) {
    th_http_entry_t *entry = reply->entry;

    let_go(reply);
    if (entry)
        th_http_entry_respond(entry, status, text, length, NULL);
    else
        free(text);
}

/* All of a batch is answered and nothing was streamed. */
static void respond_batch(th_http_reply_t *reply) {
    th_buffer_t array;
    size_t length = 0;

    th_buffer_init(&array, reply->collected.length + 2);
    th_buffer_add_byte(&array, '[');
    th_buffer_add_slice(&array, th_buffer_slice(&reply->collected));
    th_buffer_add_byte(&array, ']');
    if (reply->entry && !reply->entry->accepted.json && !array.failed) {
        th_buffer_reset(&reply->collected);
        if (begin(reply)) send_event(reply, th_buffer_slice(&array));
        th_buffer_reset(&array);
        end_stream(reply);
        return;
    }
    char *text = th_buffer_take(&array, &length);
    th_buffer_reset(&array);
    respond(reply, text ? 200 : 503, text, length);
}

static void end_if_done(th_http_reply_t *reply) {
    if (reply->open > 0 || reply->busy) return;
    if (reply->collected.length)
        respond_batch(reply);
    else if (begin(reply)) /* of a cancelled request: a stream that holds no response */
        end_stream(reply);
    else
        respond(reply, 202, NULL, 0);
    reply_free(reply);
}

/* --- the members' channels ------------------------------------------------------------------- */

static void close_member(th_http_member_t *member) {
    if (member->open) member->reply->open--;
    member->open = false;
}

static void collect(th_http_reply_t *reply, th_slice_t text) {
    if (reply->collected.length) th_buffer_add_byte(&reply->collected, ',');
    th_buffer_add_slice(&reply->collected, text);
}

static void answer(th_channel_t *channel, const th_reply_t *given) {
    th_http_member_t *member = member_of(channel);
    th_http_reply_t *reply = member->reply;
    th_slice_t text = th_slice(given->text, given->length);
    bool as_json = reply->entry && (reply->entry->accepted.json || given->status != 200);

    close_member(member);
    if (!reply->streaming && !reply->batch && as_json) {
        respond(reply, given->status, given->text, given->length);
        reply->streaming = true; /* nothing is left to be said */
        end_if_done(reply);
        return;
    }
    if (reply->streaming || !reply->batch) {
        if (begin(reply)) send_event(reply, text);
    } else {
        collect(reply, text);
    }
    free(given->text);
    end_if_done(reply);
}

static void abandon(th_channel_t *channel) {
    th_http_member_t *member = member_of(channel);

    close_member(member);
    end_if_done(member->reply);
}

static bool notify(th_channel_t *channel, th_slice_t message) {
    th_http_reply_t *reply = member_of(channel)->reply;

    return begin(reply) && send_event(reply, message);
}

static bool can_stream(th_channel_t *channel) {
    const th_http_reply_t *reply = member_of(channel)->reply;

    return reply->streaming ? reply->stream || reply->entry
                            : reply->entry && reply->entry->accepted.stream;
}

/* Only a client that has an id to come back with can be let go. */
static void hang_up(th_channel_t *channel) {
    th_http_reply_t *reply = member_of(channel)->reply;

    if (!reply->revision->priming || !begin(reply) || !reply->stream) return;
    end_stream(reply);
}

static th_session_t *session(th_channel_t *channel, th_error_t *error) {
    const th_http_reply_t *reply = member_of(channel)->reply;

    if (reply->session) return reply->session->session;
    th_error_set(error, "busy", "This session is over.");
    return NULL;
}

static bool open_session(th_channel_t *channel, const th_revision_t *revision,
                         const th_client_t *client, const char **session_id, th_error_t *error) {
    (void)channel;
    (void)revision;
    (void)client;
    (void)session_id;
    return th_error_set(error, "busy", "This session is already initialized.");
}

static const th_channel_operations_t operations = {.answer = answer,
                                                   .abandon = abandon,
                                                   .notify = notify,
                                                   .can_stream = can_stream,
                                                   .hang_up = hang_up,
                                                   .session = session,
                                                   .open = open_session};

/* --- for the others -------------------------------------------------------------------------- */

th_http_reply_t *th_http_reply_new(th_http_entry_t *entry, th_http_session_t *http_session,
                                   const th_revision_t *revision, size_t count, bool batch) {
    th_http_reply_t *reply = calloc(1, sizeof *reply + count * sizeof *reply->members);

    if (!reply) return NULL;
    reply->session = http_session;
    reply->revision = revision;
    reply->entry = entry;
    reply->batch = batch;
    reply->busy = true;
    reply->open = reply->count = count;
    th_buffer_init(&reply->collected, BATCH_BYTES);
    for (size_t i = 0; i < count; i++)
        reply->members[i] = (th_http_member_t){{&operations}, reply, true};
    entry->reply = reply;
    th_list_init(&reply->link);
    th_list_add_tail(&http_session->replies, &reply->link);
    return reply;
}

void th_http_reply_add(th_http_reply_t *reply, size_t member, th_slice_t text) {
    close_member(&reply->members[member]);
    if (reply->streaming)
        send_event(reply, text);
    else
        collect(reply, text);
}

void th_http_reply_refuse(th_http_reply_t *reply, const char *sentence) {
    th_http_entry_t *entry = reply->entry;

    let_go(reply);
    if (entry && reply->streaming)
        th_http_entry_end_stream(entry);
    else if (entry)
        th_http_entry_refuse(entry, 503, sentence);
    reply_free(reply);
}

void th_http_reply_started(th_http_reply_t *reply) {
    reply->busy = false;
    end_if_done(reply);
}

void th_http_reply_client_gone(th_http_reply_t *reply) {
    reply->entry = NULL;
}

void th_http_reply_session_gone(th_http_reply_t *reply) {
    th_list_remove(&reply->link);
    reply->session = NULL;
    reply->stream = NULL; /* the log goes */
}

void th_http_reply_attach(th_http_reply_t *reply, th_http_entry_t *entry, th_slice_t missed) {
    end_stream(reply); /* a connection that still stands has been given up by its client */
    reply->entry = entry;
    entry->reply = reply;
    if (missed.length) pass_on(reply, missed);
}
