/* table.c - open addressing with linear probing and backward-shift deletion (no tombstones), at
 * most two thirds full. */
#include "base/table.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/random.h"

#define SMALLEST 16

typedef struct slot {
    char *key; /* owned; NULL = free */
    size_t key_length;
    uint64_t hash;
    void *value;
} slot_t;

struct th_table {
    slot_t *slots;
    size_t size; /* a power of two */
    size_t count;
    size_t maximum;
    unsigned char seed[16];
};

th_table_t *th_table_new(size_t maximum) {
    th_table_t *table = calloc(1, sizeof *table);
    if (!table) return NULL;
    table->size = SMALLEST;
    table->maximum = maximum;
    table->slots = calloc(table->size, sizeof *table->slots);
    if (!table->slots) {
        free(table);
        return NULL;
    }
    th_random_bytes(table->seed, sizeof table->seed);
    return table;
}

void th_table_free(th_table_t *table) {
    if (!table) return;
    for (size_t i = 0; i < table->size; i++)
        free(table->slots[i].key);
    free(table->slots);
    free(table);
}

size_t th_table_count(const th_table_t *table) {
    return table->count;
}

/* The slot that holds <key>, or the free one where it would go. */
static slot_t *find(const th_table_t *table, th_slice_t key, uint64_t hash) {
    size_t mask = table->size - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        slot_t *slot = &table->slots[i];
        if (!slot->key) return slot;
        if (slot->hash == hash && th_slice_equal(th_slice(slot->key, slot->key_length), key))
            return slot;
    }
}

static uint64_t hash_of(const th_table_t *table, th_slice_t key) {
    return th_hash_short(table->seed, key.data, key.length);
}

void *th_table_get(const th_table_t *table, th_slice_t key) {
    slot_t *slot = find(table, key, hash_of(table, key));
    return slot->key ? slot->value : NULL;
}

static bool grow(th_table_t *table) {
    slot_t *old = table->slots;
    size_t old_size = table->size;
    slot_t *slots = calloc(old_size * 2, sizeof *slots);
    if (!slots) return false;
    table->slots = slots;
    table->size = old_size * 2;
    for (size_t i = 0; i < old_size; i++)
        if (old[i].key) *find(table, th_slice(old[i].key, old[i].key_length), old[i].hash) = old[i];
    free(old);
    return true;
}

bool th_table_put(th_table_t *table, th_slice_t key, void *value) {
    uint64_t hash = hash_of(table, key);
    slot_t *slot = find(table, key, hash);
    if (slot->key) {
        slot->value = value;
        return true;
    }
    if (table->count >= table->maximum) return false;
    if ((table->count + 1) * 3 > table->size * 2) {
        if (!grow(table)) return false;
        slot = find(table, key, hash);
    }
    char *copy = malloc(key.length + 1);
    if (!copy) return false;
    if (key.length > 0) memcpy(copy, key.data, key.length);
    copy[key.length] = '\0';
    *slot = (slot_t){copy, key.length, hash, value};
    table->count++;
    return true;
}

/* Closes the gap at <hole>: every following entry that may move nearer to its home does. */
static void close_gap(th_table_t *table, size_t hole) {
    size_t mask = table->size - 1;
    for (size_t i = (hole + 1) & mask; table->slots[i].key; i = (i + 1) & mask) {
        size_t home = table->slots[i].hash & mask;
        if (((i - home) & mask) < ((i - hole) & mask)) continue;
        table->slots[hole] = table->slots[i];
        hole = i;
    }
    table->slots[hole] = (slot_t){0};
}

void *th_table_remove(th_table_t *table, th_slice_t key) {
    slot_t *slot = find(table, key, hash_of(table, key));
    if (!slot->key) return NULL;
    void *value = slot->value;
    free(slot->key);
    close_gap(table, (size_t)(slot - table->slots));
    table->count--;
    return value;
}

void th_table_each(th_table_t *table, bool (*visit)(th_slice_t key, void *value, void *arg),
                   void *arg) {
    size_t i = 0;
    while (i < table->size) {
        slot_t *slot = &table->slots[i];
        if (!slot->key) {
            i++;
            continue;
        }
        char *before = slot->key;
        if (!visit(th_slice(slot->key, slot->key_length), slot->value, arg)) return;
        if (slot->key == before)
            i++; /* otherwise it was removed and another moved in: look again */
    }
}
