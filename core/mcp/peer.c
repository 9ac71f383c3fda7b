/* peer.c - a peer's requests, questions and subscriptions. */
#include "mcp/peer.h"

#include <stdio.h>
#include <stdlib.h>

#include "mcp/job.h"
#include "mcp/notice.h"
#include "mcp/request.h"

typedef struct subscription {
    th_list_t link;
    size_t length;
    char uri[];
} subscription_t;

static subscription_t *subscription_at(th_list_t *node) {
    return TH_CONTAINER(node, subscription_t, link);
}

void th_peer_init(th_peer_t *peer, th_mcp_t *mcp, const th_grant_t *grant,
                  const th_peer_operations_t *operations) {
    *peer = (th_peer_t){.mcp = mcp, .operations = operations, .log_level = TH_NOTE_INFO};
    (void)snprintf(peer->org, sizeof peer->org, "%s", th_grant_person(grant)->org_id);
    th_list_init(&peer->link);
    th_list_init(&peer->requests);
    th_list_init(&peer->subscriptions);
}

void th_peer_open(th_peer_t *peer, const th_revision_t *revision, const th_client_t *client) {
    peer->revision = revision;
    peer->client = *client;
    if (th_list_is_empty(&peer->link)) th_list_add_tail(&peer->mcp->peers, &peer->link);
}

static void drop_subscription(th_peer_t *peer, subscription_t *subscription) {
    th_list_remove(&subscription->link);
    peer->subscription_count--;
    free(subscription);
}

void th_peer_leave(th_peer_t *peer) {
    th_list_remove(&peer->link);
    while (!th_list_is_empty(&peer->requests))
        th_request_part(TH_CONTAINER(peer->requests.next, th_request_t, link));
    for (th_list_t *first; (first = th_list_take_first(&peer->subscriptions));)
        drop_subscription(peer, subscription_at(first));
}

void th_peer_notified(th_peer_t *peer, const th_rpc_message_t *message) {
    if (!th_slice_is(message->method, "notifications/cancelled")) return;
    th_json_value_t id = th_json_member(message->params, "requestId");
    if (!id.document) return;
    for (th_list_t *at = peer->requests.next; at != &peer->requests; at = at->next) {
        th_request_t *request = TH_CONTAINER(at, th_request_t, link);
        /* 1 and "1" are different ids. */
        if (!request->cancelled && th_json_equal(request->message.id, id)) {
            th_request_cancel(request);
            return;
        }
    }
}

void th_peer_answered(th_peer_t *peer, const th_rpc_message_t *message, th_json_value_t root) {
    th_slice_t id;

    if (!th_json_string(message->id, &id)) return;
    for (th_list_t *at = peer->requests.next; at != &peer->requests; at = at->next) {
        th_request_t *request = TH_CONTAINER(at, th_request_t, link);
        if (request->job && th_job_response(request->job, id, root)) return;
    }
}

static subscription_t *find(th_peer_t *peer, th_slice_t uri) {
    for (th_list_t *at = peer->subscriptions.next; at != &peer->subscriptions; at = at->next) {
        subscription_t *subscription = subscription_at(at);
        if (th_slice_equal(th_slice(subscription->uri, subscription->length), uri))
            return subscription;
    }
    return NULL;
}

bool th_peer_subscribe(th_peer_t *peer, th_slice_t uri) {
    if (find(peer, uri)) return true;
    if (peer->subscription_count >= (size_t)peer->mcp->worker->settings->mcp_subscriptions)
        return false;
    subscription_t *subscription = malloc(sizeof *subscription + uri.length + 1);
    if (!subscription) return false;
    th_list_init(&subscription->link);
    subscription->length = uri.length;
    if (uri.length) memcpy(subscription->uri, uri.data, uri.length);
    th_list_add_tail(&peer->subscriptions, &subscription->link);
    peer->subscription_count++;
    return true;
}

void th_peer_unsubscribe(th_peer_t *peer, th_slice_t uri) {
    subscription_t *subscription = find(peer, uri);

    if (subscription) drop_subscription(peer, subscription);
}

void th_peers_tell_changed(th_mcp_t *mcp, const char *org, th_changed_t what, th_slice_t uri) {
    th_buffer_t out;
    th_list_t *at = mcp->peers.next;

    th_buffer_init(&out, 256 + 6 * uri.length);
    if (!th_notice_changed(&out, what, uri, th_json_absent())) {
        th_buffer_reset(&out);
        return;
    }
    while (at != &mcp->peers) {
        th_peer_t *peer = TH_CONTAINER(at, th_peer_t, link);
        at = at->next; /* it may unlink itself */
        if (org && strcmp(org, peer->org) != 0) continue;
        if (what == TH_CHANGED_RESOURCE && !find(peer, uri)) continue;
        if (peer->operations->tell) peer->operations->tell(peer, th_buffer_slice(&out));
    }
    th_buffer_reset(&out);
}

static void tell_written(th_peer_t *peer, th_json_value_t arguments,
                         bool (*mentions)(th_slice_t, th_json_value_t)) {
    for (th_list_t *at = peer->subscriptions.next; at != &peer->subscriptions; at = at->next) {
        th_slice_t uri = th_slice(subscription_at(at)->uri, subscription_at(at)->length);
        th_buffer_t out;
        if (!mentions(uri, arguments)) continue;
        th_buffer_init(&out, 256 + 6 * uri.length);
        if (th_notice_changed(&out, TH_CHANGED_RESOURCE, uri, th_json_absent()))
            peer->operations->tell(peer, th_buffer_slice(&out));
        th_buffer_reset(&out);
    }
}

void th_peers_tell_written(th_mcp_t *mcp, const char *org, th_json_value_t arguments,
                           bool (*mentions)(th_slice_t uri, th_json_value_t arguments)) {
    for (th_list_t *at = mcp->peers.next; at != &mcp->peers; at = at->next) {
        th_peer_t *peer = TH_CONTAINER(at, th_peer_t, link);
        if (strcmp(org, peer->org) == 0 && peer->operations->tell)
            tell_written(peer, arguments, mentions);
    }
}

void th_peers_finish(th_mcp_t *mcp) {
    th_list_t *at = mcp->peers.next;

    while (at != &mcp->peers) {
        th_peer_t *peer = TH_CONTAINER(at, th_peer_t, link);
        at = at->next;
        if (peer->operations->finish) peer->operations->finish(peer);
    }
}
