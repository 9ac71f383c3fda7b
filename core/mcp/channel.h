/* channel.h - where the answer to one request goes.
 * The protocol code sees only this; an HTTP exchange (http_channel.c) and a pipe (pipe.c) implement
 * it, and http_reply.c for what a legacy session's POST is owed. A channel belongs to one request
 * and is gone for it after answer() or abandon(). When the peer leaves first, the owner says so
 * with th_request_detach(). */
#ifndef TH_MCP_CHANNEL_H
#define TH_MCP_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"
#include "mcp/client.h"
#include "mcp/revision.h"
#include "session/session.h"

typedef struct th_channel th_channel_t;

typedef struct th_reply {
    int status; /* of HTTP, when the head has not been sent yet */
    char *text; /* one JSON message; malloc'ed, taken over */
    size_t length;
    const char *session_id; /* a session this answer opens; or NULL */
} th_reply_t;

typedef struct th_channel_operations {
    /* The one answer. */
    void (*answer)(th_channel_t *channel, const th_reply_t *reply);
    /* There will be no answer (the request was cancelled). */
    void (*abandon)(th_channel_t *channel);
    /* A notification of this request, before its answer; copied. False: the peer cannot take it.
     * The request may have been detached meanwhile. */
    bool (*notify)(th_channel_t *channel, th_slice_t message);
    /* Could notify() reach the peer, before or after the answer has begun? */
    bool (*can_stream)(th_channel_t *channel);
    /* The peer may be let go; it comes back for the answer. Nothing happens where it cannot. */
    void (*hang_up)(th_channel_t *channel);
    /* The session in which this channel's calls run; NULL with <error>. */
    th_session_t *(*session)(th_channel_t *channel, th_error_t *error);
    /* `initialize` settled on <revision>. <session_id> is set if the transport has ids. */
    bool (*open)(th_channel_t *channel, const th_revision_t *revision, const th_client_t *client,
                 const char **session_id, th_error_t *error);
} th_channel_operations_t;

struct th_channel {
    const th_channel_operations_t *operations;
};

#endif
