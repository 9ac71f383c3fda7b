/* check.c - what simdjson does not check: depth, number of nodes, and keys that occur twice. */
#include <stdlib.h>

#include "json/tape.h"

/* Objects up to this size are compared pair by pair, larger ones are sorted. */
#define FEW_MEMBERS 12

static int compare_members(const void *left, const void *right) {
    const th_tape_member_t *a = left, *b = right;
    if (a->key.length != b->key.length) return a->key.length < b->key.length ? -1 : 1;
    int order = a->key.length > 0 ? memcmp(a->key.data, b->key.data, a->key.length) : 0;
    if (order != 0) return order;
    return a->value < b->value ? -1 : a->value > b->value;
}

/* Fills <members> with up to <count> members of the object at <object>. */
static void collect_members(const uint64_t *tape, const char *strings, uint64_t object,
                            th_tape_member_t *members, size_t count) {
    uint64_t at = object + 1;
    for (size_t i = 0; i < count; i++) {
        members[i] = (th_tape_member_t){th_tape_string(strings, tape[at]), at + 1};
        at = th_tape_after(tape[at + 1], at + 1);
    }
}

th_tape_member_t *th_tape_sorted_members(const uint64_t *tape, const char *strings, uint64_t object,
                                         size_t *count) {
    *count = th_tape_count(tape[object]);
    if (*count == 0) return NULL;
    th_tape_member_t *members = malloc(*count * sizeof *members);
    if (!members) return NULL;
    collect_members(tape, strings, object, members, *count);
    qsort(members, *count, sizeof *members, compare_members);
    return members;
}

static bool say_duplicate(th_slice_t key, th_error_t *error) {
    int length = key.length > 100 ? 100 : (int)key.length;
    while (length > 0 && (size_t)length < key.length && (key.data[length] & 0xc0) == 0x80)
        length--; /* not into the middle of a character */
    return th_error_set(error, "duplicate_key",
                        "the key \"%.*s\" occurs twice in one object; each key may occur once",
                        length, key.data);
}

static bool check_few(const uint64_t *tape, const char *strings, uint64_t object, size_t count,
                      th_error_t *error) {
    th_tape_member_t members[FEW_MEMBERS];
    collect_members(tape, strings, object, members, count);
    for (size_t i = 1; i < count; i++)
        for (size_t j = 0; j < i; j++)
            if (th_slice_equal(members[i].key, members[j].key))
                return say_duplicate(members[i].key, error);
    return true;
}

static bool check_duplicates(const uint64_t *tape, const char *strings, uint64_t object,
                             th_error_t *error) {
    size_t count = th_tape_count(tape[object]);
    if (count <= FEW_MEMBERS) return check_few(tape, strings, object, count, error);
    th_tape_member_t *members = th_tape_sorted_members(tape, strings, object, &count);
    if (!members)
        return th_error_set(error, "no_memory", "there is not enough memory to check this JSON");
    bool unique = true;
    for (size_t i = 1; i < count && unique; i++)
        if (th_slice_equal(members[i].key, members[i - 1].key))
            unique = say_duplicate(members[i].key, error);
    free(members);
    return unique;
}

static bool say_too_many(uint32_t most, th_error_t *error) {
    return th_error_set(error, "too_large",
                        "the JSON has more than %u values and keys; at most %u are accepted", most,
                        most);
}

/* Looks at the array or object at <at>, which is <depth> deep. */
static bool enter_container(const uint64_t *tape, const char *strings, uint64_t at, uint32_t depth,
                            const th_json_limits_t *limits, th_error_t *error) {
    uint32_t deepest = limits->depth < TH_TAPE_MAX_DEPTH ? limits->depth : TH_TAPE_MAX_DEPTH;
    if (depth > deepest)
        return th_error_set(error, "too_deep", "the JSON is nested deeper than %u levels", deepest);
    if (limits->refuse_duplicates && th_tape_kind(tape[at]) == '{')
        return check_duplicates(tape, strings, at, error);
    return true;
}

bool th_tape_check(const uint64_t *tape, const char *strings, const th_json_limits_t *limits,
                   uint64_t *string_bytes, th_error_t *error) {
    uint64_t end = (tape[0] & TH_TAPE_PAYLOAD) - 1, nodes = 0, last_string = 0;
    uint32_t depth = 0,
             most = limits->nodes < TH_TAPE_MAX_NODES ? limits->nodes : TH_TAPE_MAX_NODES;
    for (uint64_t at = 1; at < end; at++) {
        nodes++;
        switch (th_tape_kind(tape[at])) {
        case '"': last_string = at; break;
        case 'l':
        case 'u':
        case 'd': at++; break;
        case '{':
        case '[':
            /* Before its members are sorted: their number is an attacker's choice too. */
            if (nodes + th_tape_count(tape[at]) > most) return say_too_many(most, error);
            if (!enter_container(tape, strings, at, ++depth, limits, error)) return false;
            break;
        case '}':
        case ']':
            depth--;
            nodes--; /* an end is no node */
            break;
        default: break;
        }
    }
    if (nodes > most) return say_too_many(most, error);
    *string_bytes = 0;
    if (last_string) {
        th_slice_t text = th_tape_string(strings, tape[last_string]);
        *string_bytes = (uint64_t)(text.data - strings) + text.length + 1;
    }
    return true;
}
