/* peer.h - whoever is at the other end across messages: a legacy HTTP session, a pipe, a stream of
 * the oldest transport. What `initialize` settled, the requests under way (ids are unique only
 * within one peer), the questions put to it, and what it wants to hear of. */
#ifndef TH_MCP_PEER_H
#define TH_MCP_PEER_H

#include "mcp/client.h"
#include "mcp/jsonrpc.h"
#include "mcp/mcp_state.h"

typedef struct th_request th_request_t;
typedef struct th_peer th_peer_t;

typedef struct th_peer_operations {
    /* A notification that belongs to no request; copied. NULL: this peer hears none. It may unlink
     * the peer. */
    void (*tell)(th_peer_t *peer, th_slice_t message);
    /* The host stops: end what would stand for ever. May be NULL; may free the peer. */
    void (*finish)(th_peer_t *peer);
} th_peer_operations_t;

struct th_peer {
    th_list_t link; /* th_mcp_t.peers, once initialized */
    th_mcp_t *mcp;
    const th_peer_operations_t *operations;
    const th_revision_t *revision; /* what initialize settled on; NULL before */
    th_client_t client;            /* what it said then */
    char org[TH_ORG_SIZE];
    th_list_t requests; /* th_request_t.link: unanswered */
    size_t count;
    uint64_t asked;            /* questions put so far: ids "ask-<n>" */
    th_note_level_t log_level; /* logging/setLevel */
    th_list_t subscriptions;   /* of resources */
    size_t subscription_count;
};

void th_peer_init(th_peer_t *peer, th_mcp_t *mcp, const th_grant_t *grant,
                  const th_peer_operations_t *operations);
/* `initialize` succeeded. */
void th_peer_open(th_peer_t *peer, const th_revision_t *revision, const th_client_t *client);
/* The peer is going away: its requests go on without one. */
void th_peer_leave(th_peer_t *peer);
/* notifications/cancelled, and whatever else needs no answer. */
void th_peer_notified(th_peer_t *peer, const th_rpc_message_t *message);
/* A response to a question of ours; others are ignored. <root> is the message. */
void th_peer_answered(th_peer_t *peer, const th_rpc_message_t *message, th_json_value_t root);

/* resources/subscribe and unsubscribe. False: too many, or no memory. */
bool th_peer_subscribe(th_peer_t *peer, th_slice_t uri);
void th_peer_unsubscribe(th_peer_t *peer, th_slice_t uri);

/* Tells every peer of <org> (NULL: of all) that has that much to do with it. <uri> is set for
 * TH_CHANGED_RESOURCE. */
void th_peers_tell_changed(th_mcp_t *mcp, const char *org, th_changed_t what, th_slice_t uri);
/* The same for every subscribed resource whose address <mentions> finds one of <arguments> in. */
void th_peers_tell_written(th_mcp_t *mcp, const char *org, th_json_value_t arguments,
                           bool (*mentions)(th_slice_t uri, th_json_value_t arguments));
void th_peers_finish(th_mcp_t *mcp);

#endif
