/* deliveries.c - a table of keys, and a ring that says which of them is the oldest. */
#include "chat/deliveries.h"

#include <stdlib.h>

#include "base/table.h"

struct th_deliveries {
    th_table_t *table;
    size_t most, count, next;
    th_digest_t *ring; /* grows up to <most> */
    size_t room;
};

static th_slice_t slice_of(const th_digest_t *key) {
    return th_slice((const char *)key->bytes, sizeof key->bytes);
}

th_deliveries_t *th_deliveries_new(size_t most) {
    th_deliveries_t *deliveries = calloc(1, sizeof *deliveries);
    if (!deliveries) return NULL;
    deliveries->most = most;
    deliveries->table = th_table_new(most);
    if (deliveries->table) return deliveries;
    free(deliveries);
    return NULL;
}

void th_deliveries_free(th_deliveries_t *deliveries) {
    if (!deliveries) return;
    th_table_free(deliveries->table);
    free(deliveries->ring);
    free(deliveries);
}

static bool grow(th_deliveries_t *deliveries) {
    size_t room = deliveries->room ? deliveries->room * 2 : 64;
    if (room > deliveries->most) room = deliveries->most;
    th_digest_t *ring = realloc(deliveries->ring, room * sizeof *ring);
    if (!ring) return false;
    deliveries->ring = ring;
    deliveries->room = room;
    return true;
}

bool th_deliveries_add(th_deliveries_t *deliveries, const th_digest_t *key) {
    if (th_table_get(deliveries->table, slice_of(key))) return false;
    if (deliveries->count == deliveries->room && deliveries->room < deliveries->most &&
        !grow(deliveries))
        return true;
    th_digest_t *place = &deliveries->ring[deliveries->next];
    if (deliveries->count == deliveries->most)
        (void)th_table_remove(deliveries->table, slice_of(place));
    else
        deliveries->count++;
    *place = *key;
    deliveries->next = (deliveries->next + 1) % deliveries->most;
    (void)th_table_put(deliveries->table, slice_of(key), deliveries);
    return true;
}
