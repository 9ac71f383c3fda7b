/* peers.h - how many connections each client address has.
 * IPv6 clients are counted by their /64, the smallest block one customer gets. 127.0.0.1 and ::1
 * are not limited: a proxy on the same machine speaks for everybody, and the total still holds. */
#ifndef TH_NET_PEERS_H
#define TH_NET_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

typedef struct th_peers th_peers_t;
typedef struct th_peer th_peer_t;

/* <addresses> different ones at most, <each> connections per address. NULL = out of memory. */
th_peers_t *th_peers_new(size_t addresses, size_t each);
/* All entries must have been released. NULL is fine. */
void th_peers_free(th_peers_t *peers);
/* Counts one more connection of <address>; false when that is too many. *peer is NULL for an
 * address that is not limited; give it to th_peers_release when the connection ends. */
bool th_peers_acquire(th_peers_t *peers, const struct sockaddr *address, th_peer_t **peer);
void th_peers_release(th_peers_t *peers, th_peer_t *peer); /* NULL is fine */

#endif
