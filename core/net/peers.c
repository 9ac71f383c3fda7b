/* peers.c - one counted entry per address that has connections right now. */
#include "net/peers.h"

#include <netinet/in.h>
#include <stdlib.h>

#include "base/table.h"

#define KEY_MAX 8

struct th_peer {
    char key[KEY_MAX];
    size_t key_length;
    size_t count;
};

struct th_peers {
    th_table_t *table; /* key -> th_peer_t, owned */
    size_t each;
};

th_peers_t *th_peers_new(size_t addresses, size_t each) {
    th_peers_t *peers = calloc(1, sizeof *peers);
    if (!peers) return NULL;
    peers->each = each;
    peers->table = th_table_new(addresses);
    if (peers->table) return peers;
    free(peers);
    return NULL;
}

void th_peers_free(th_peers_t *peers) {
    if (!peers) return;
    th_table_free(peers->table);
    free(peers);
}

/* False for an address that is not limited. */
static bool make_key(const struct sockaddr *address, th_peer_t *peer) {
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)address;
        peer->key_length = sizeof v4->sin_addr;
        memcpy(peer->key, &v4->sin_addr, peer->key_length);
        return v4->sin_addr.s_addr != htonl(INADDR_LOOPBACK);
    }
    if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)address;
        peer->key_length = KEY_MAX;
        memcpy(peer->key, &v6->sin6_addr, KEY_MAX);
        return !IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
    }
    return false;
}

bool th_peers_acquire(th_peers_t *peers, const struct sockaddr *address, th_peer_t **peer) {
    *peer = NULL;
    th_peer_t wanted = {.count = 1};
    if (!make_key(address, &wanted)) return true;
    th_slice_t key = th_slice(wanted.key, wanted.key_length);
    th_peer_t *known = th_table_get(peers->table, key);
    if (known) {
        if (known->count >= peers->each) return false;
        known->count++;
        *peer = known;
        return true;
    }
    known = malloc(sizeof *known);
    if (!known) return false;
    *known = wanted;
    if (!th_table_put(peers->table, key, known)) {
        free(known);
        return false;
    }
    *peer = known;
    return true;
}

void th_peers_release(th_peers_t *peers, th_peer_t *peer) {
    if (!peer || --peer->count > 0) return;
    (void)th_table_remove(peers->table, th_slice(peer->key, peer->key_length));
    free(peer);
}
