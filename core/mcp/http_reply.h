/* http_reply.h - what a legacy session's POST is owed: the answer to one request, or to each of a
 * batch. It begins as one JSON body; the first notification or question makes it an event stream,
 * kept in the session's log, so that a client that lost the connection can come back for the rest
 * with a GET. A lost connection cancels nothing (requirements.md b.3). Frees itself when all is
 * answered. */
#ifndef TH_MCP_HTTP_REPLY_H
#define TH_MCP_HTTP_REPLY_H

#include "mcp/event_log.h"
#include "mcp/http_entry.h"

/* The channel of one request of it. */
typedef struct th_http_member {
    th_channel_t channel; /* first */
    th_http_reply_t *reply;
    bool open;
} th_http_member_t;

struct th_http_reply {
    th_list_t link;             /* th_http_session_t.replies; unlinked once that is over */
    th_http_session_t *session; /* NULL once it is over */
    const th_revision_t *revision;
    th_http_entry_t *entry;    /* where it goes now; NULL: the client is away */
    th_event_stream_t *stream; /* of the session's log; NULL before it streams, or when it cannot be
                                  kept */
    bool batch, streaming;
    bool busy;             /* inside something that may end it */
    th_buffer_t collected; /* of a batch: answers so far, by commas */
    size_t open;           /* members unanswered */
    size_t count;
    th_http_member_t members[];
};

/* For <count> requests that came by <entry>, which then belongs to the reply. NULL: no memory. */
th_http_reply_t *th_http_reply_new(th_http_entry_t *entry, th_http_session_t *session,
                                   const th_revision_t *revision, size_t count, bool batch);
/* An answer that needs no request: of a batch's element that is none. Copied. */
void th_http_reply_add(th_http_reply_t *reply, size_t member, th_slice_t text);
/* 503 instead of everything that is still open. */
void th_http_reply_refuse(th_http_reply_t *reply, const char *sentence);
/* While its requests are started the reply does not end itself; afterwards it may. */
void th_http_reply_started(th_http_reply_t *reply);

void th_http_reply_client_gone(th_http_reply_t *reply);
void th_http_reply_session_gone(th_http_reply_t *reply);
/* A GET brought the client back: what it missed, and what comes from now on, go to <entry>. */
void th_http_reply_attach(th_http_reply_t *reply, th_http_entry_t *entry, th_slice_t missed);

#endif
