/* deliveries.h - which events came already: the newest keys, as many as a setting says. */
#ifndef TH_CHAT_DELIVERIES_H
#define TH_CHAT_DELIVERIES_H

#include "base/hash.h"

typedef struct th_deliveries th_deliveries_t;

/* NULL: no memory. */
th_deliveries_t *th_deliveries_new(size_t most);
void th_deliveries_free(th_deliveries_t *deliveries); /* NULL is fine */
/* True the first time; also when memory ran out, since twice is better than never. */
bool th_deliveries_add(th_deliveries_t *deliveries, const th_digest_t *key);

#endif
