/* test_peers.c - counting connections by address. */
#include "check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/random.h"
#include "net/peers.h"

typedef union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} address_t;

static address_t address_of(const char *text) {
    address_t address;
    memset(&address, 0, sizeof address);
    if (strchr(text, ':')) {
        address.v6.sin6_family = AF_INET6;
        assert_int_equal(inet_pton(AF_INET6, text, &address.v6.sin6_addr), 1);
    } else {
        address.v4.sin_family = AF_INET;
        assert_int_equal(inet_pton(AF_INET, text, &address.v4.sin_addr), 1);
    }
    return address;
}

static bool acquire(th_peers_t *peers, const char *text, th_peer_t **peer) {
    address_t address = address_of(text);
    return th_peers_acquire(peers, &address.any, peer);
}

static void test_counting(void **state) {
    (void)state;
    th_peers_t *peers = th_peers_new(10, 2);
    th_peer_t *held[3];
    assert_true(acquire(peers, "192.0.2.1", &held[0]));
    assert_true(acquire(peers, "192.0.2.1", &held[1]));
    assert_false(acquire(peers, "192.0.2.1", &held[2]));
    assert_true(acquire(peers, "192.0.2.2", &held[2]));
    th_peers_release(peers, held[0]);
    assert_true(acquire(peers, "192.0.2.1", &held[0]));
    for (int i = 0; i < 3; i++)
        th_peers_release(peers, held[i]);
    th_peers_free(peers);
}

/* One customer has a whole /64 of IPv6. */
static void test_networks(void **state) {
    (void)state;
    th_peers_t *peers = th_peers_new(10, 2);
    th_peer_t *held[3];
    assert_true(acquire(peers, "2001:db8:0:1::1", &held[0]));
    assert_true(acquire(peers, "2001:db8:0:1:ffff::2", &held[1]));
    assert_false(acquire(peers, "2001:db8:0:1::3", &held[2]));
    assert_true(acquire(peers, "2001:db8:0:2::1", &held[2]));
    for (int i = 0; i < 3; i++)
        th_peers_release(peers, held[i]);
    th_peers_free(peers);
}

static void test_loopback(void **state) {
    (void)state;
    th_peers_t *peers = th_peers_new(10, 1);
    th_peer_t *peer, *other;
    for (int i = 0; i < 5; i++) {
        assert_true(acquire(peers, "127.0.0.1", &peer));
        assert_null(peer);
        assert_true(acquire(peers, "::1", &peer));
        assert_null(peer);
    }
    th_peers_release(peers, NULL);
    assert_true(acquire(peers, "127.0.0.2", &peer));
    assert_false(acquire(peers, "127.0.0.2", &other));
    th_peers_release(peers, peer);
    th_peers_free(peers);
}

static void test_full_table(void **state) {
    (void)state;
    th_peers_t *peers = th_peers_new(2, 5);
    th_peer_t *held[2], *third;
    assert_true(acquire(peers, "192.0.2.1", &held[0]));
    assert_true(acquire(peers, "192.0.2.2", &held[1]));
    assert_false(acquire(peers, "192.0.2.3", &third));
    th_peers_release(peers, held[1]);
    assert_true(acquire(peers, "192.0.2.3", &held[1]));
    th_peers_release(peers, held[0]);
    th_peers_release(peers, held[1]);
    th_peers_free(peers);
}

int main(void) {
    (void)th_random_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counting),
        cmocka_unit_test(test_networks),
        cmocka_unit_test(test_loopback),
        cmocka_unit_test(test_full_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
