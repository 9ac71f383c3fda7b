/* schema_unique.c - uniqueItems without comparing each element with each other: elements are sorted
 * by a hash that equal values share, and only neighbours with the same hash are compared. */
#include <stdlib.h>

#include "base/hash.h"
#include "json/schema_keywords.h"

typedef struct th_hashed {
    uint64_t hash;
    size_t position;
    th_json_value_t value;
} th_hashed_t;

static const unsigned char no_key[16]; /* collisions cost work, which is bounded, not correctness */

static uint64_t hash_number(th_json_value_t value) {
    double number = 0;
    (void)th_json_number(value, &number);
    if (number == 0) number = 0; /* -0 is 0 */
    return th_hash_short(no_key, &number, sizeof number);
}

/* Equal values (th_json_equal) have equal hashes. */
static uint64_t hash_value(th_json_value_t value) {
    th_slice_t text;
    uint64_t hash = 0;
    th_json_iterator_t it = th_json_iterate(value);
    switch (th_json_type(value)) {
    case TH_JSON_INTEGER:
    case TH_JSON_UNSIGNED:
    case TH_JSON_REAL: return hash_number(value);
    case TH_JSON_STRING:
        return th_json_string(value, &text) ? ~th_hash_short(no_key, text.data, text.length) : 0;
    case TH_JSON_ARRAY:
        while (th_json_next(&it))
            hash = (hash + hash_value(it.value)) * UINT64_C(0x9e3779b97f4a7c15) + 1;
        return hash + 5;
    case TH_JSON_OBJECT:
        while (th_json_next(&it)) { /* in any order, so a sum */
            uint64_t key = th_hash_short(no_key, it.key.data, it.key.length);
            hash += (key ^ (hash_value(it.value) >> 3)) * UINT64_C(0xff51afd7ed558ccd);
        }
        return hash + 6;
    default: return (uint64_t)th_json_type(value);
    }
}

static int compare_hashes(const void *a, const void *b) {
    const th_hashed_t *left = a, *right = b;
    if (left->hash != right->hash) return left->hash < right->hash ? -1 : 1;
    return left->position < right->position ? -1 : left->position > right->position;
}

static bool fail_twice(const th_schema_context_t *at, const th_hashed_t *a, const th_hashed_t *b) {
    return th_schema_fail(at, "uniqueItems", "elements %zu and %zu are the same: %s", a->position,
                          b->position, th_excerpt(a->value).text);
}

/* Compares within runs of the same hash. */
static bool check_runs(const th_schema_context_t *at, const th_hashed_t *elements, size_t count) {
    for (size_t i = 0; i < count; i++) {
        for (size_t j = i + 1; j < count && elements[j].hash == elements[i].hash; j++) {
            if (!th_schema_spend(at->run, 1 + th_schema_weight(elements[i].value))) return false;
            if (th_json_equal(elements[i].value, elements[j].value))
                return fail_twice(at, &elements[i], &elements[j]);
        }
    }
    return true;
}

TH_SCHEMA_CHECK(th_check_unique_items) {
    (void)rule;
    size_t count = th_json_count(at->instance);
    if (count < 2) return true;
    if (!th_schema_spend(at->run, th_schema_weight(at->instance))) return false;
    th_hashed_t *elements = malloc(count * sizeof *elements);
    if (!elements) return th_schema_stop(at->run, "memory ran out");
    th_json_iterator_t it = th_json_iterate(at->instance);
    for (size_t i = 0; th_json_next(&it); i++)
        elements[i] = (th_hashed_t){hash_value(it.value), i, it.value};
    qsort(elements, count, sizeof *elements, compare_hashes);
    bool valid = check_runs(at, elements, count);
    free(elements);
    return valid;
}
