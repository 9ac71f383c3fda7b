/* table.h - a hash table from byte strings to pointers, with a ceiling on its entries.
 * Keys are copied; values are borrowed. Hashing is seeded per table, so keys chosen by clients
 * cannot collide on purpose. Not for more than one thread. */
#ifndef TH_BASE_TABLE_H
#define TH_BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

typedef struct th_table th_table_t;

/* <maximum> entries at most; NULL when memory ran out. */
th_table_t *th_table_new(size_t maximum);
/* Values are not touched. NULL is fine. */
void th_table_free(th_table_t *table);
size_t th_table_count(const th_table_t *table);
/* NULL when absent. */
void *th_table_get(const th_table_t *table, th_slice_t key);
/* Adds or replaces; false when full or out of memory. <value> must not be NULL. */
bool th_table_put(th_table_t *table, th_slice_t key, void *value);
/* Removes and returns the value, or NULL. */
void *th_table_remove(th_table_t *table, th_slice_t key);
/* Calls <visit> for each entry until it returns false. The table may not change meanwhile,
 * except that the entry being visited may be removed. */
void th_table_each(th_table_t *table, bool (*visit)(th_slice_t key, void *value, void *arg),
                   void *arg);

#endif
