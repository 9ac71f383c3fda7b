/* equal.c - JSON equality. Each pair of values is compared at most once, so the work is bounded by
 * the size of the smaller document, plus sorting where members stand in different order. */
#include <stdlib.h>

#include "json/tape.h"

/* A number as sign and exact value, so that int64, uint64 and double compare without rounding. */
static bool equal_integer_real(th_json_value_t integer, double real) {
    uint64_t bits = th_tape(integer.document)[integer.index + 1];
    if (th_json_type(integer) == TH_JSON_UNSIGNED)
        return real >= 9223372036854775808.0 && real < 18446744073709551616.0 &&
               (uint64_t)real == bits && (double)(uint64_t)real == real;
    return real >= -9223372036854775808.0 && real < 9223372036854775808.0 &&
           (int64_t)real == (int64_t)bits && (double)(int64_t)real == real;
}

static bool is_number(th_json_type_t type) {
    return type == TH_JSON_INTEGER || type == TH_JSON_UNSIGNED || type == TH_JSON_REAL;
}

static bool equal_numbers(th_json_value_t a, th_json_type_t type_a, th_json_value_t b,
                          th_json_type_t type_b) {
    double real;
    if (type_a == type_b) {
        if (type_a != TH_JSON_REAL)
            return th_tape(a.document)[a.index + 1] == th_tape(b.document)[b.index + 1];
        double other;
        return th_json_number(a, &real) && th_json_number(b, &other) && real == other;
    }
    if (type_a == TH_JSON_REAL) return th_json_number(a, &real) && equal_integer_real(b, real);
    if (type_b == TH_JSON_REAL) return th_json_number(b, &real) && equal_integer_real(a, real);
    return false; /* a fitting integer and one that does not fit */
}

static bool equal_arrays(th_json_value_t a, th_json_value_t b) {
    if (th_json_count(a) != th_json_count(b)) return false;
    th_json_iterator_t left = th_json_iterate(a), right = th_json_iterate(b);
    while (th_json_next(&left) && th_json_next(&right))
        if (!th_json_equal(left.value, right.value)) return false;
    return true;
}

/* Same keys at the same places? Looks at keys only: nothing is compared twice. */
static bool same_key_order(th_json_value_t a, th_json_value_t b) {
    if (th_json_count(a) != th_json_count(b)) return false;
    th_json_iterator_t left = th_json_iterate(a), right = th_json_iterate(b);
    while (th_json_next(&left) && th_json_next(&right))
        if (!th_slice_equal(left.key, right.key)) return false;
    return true;
}

/* The index behind the members with the key of <members>[at]; the last of them is the one that
 * counts. */
static size_t behind_key(const th_tape_member_t *members, size_t count, size_t at) {
    size_t next = at + 1;
    while (next < count && th_slice_equal(members[next].key, members[at].key))
        next++;
    return next;
}

static bool equal_sorted(const th_json_document_t *a, const th_tape_member_t *left,
                         size_t left_count, const th_json_document_t *b,
                         const th_tape_member_t *right, size_t right_count) {
    size_t i = 0, j = 0;
    while (i < left_count && j < right_count) {
        if (!th_slice_equal(left[i].key, right[j].key)) return false;
        i = behind_key(left, left_count, i);
        j = behind_key(right, right_count, j);
        th_json_value_t left_value = {a, left[i - 1].value}, right_value = {b, right[j - 1].value};
        if (!th_json_equal(left_value, right_value)) return false;
    }
    return i == left_count && j == right_count;
}

static bool equal_objects(th_json_value_t a, th_json_value_t b) {
    if (a.document->unique && b.document->unique) {
        if (th_json_count(a) != th_json_count(b)) return false;
        if (same_key_order(a, b)) return equal_arrays(a, b);
    }
    size_t left_count, right_count;
    th_tape_member_t *left = th_tape_sorted_members(
        th_tape(a.document), th_tape_strings(a.document), a.index, &left_count);
    th_tape_member_t *right = th_tape_sorted_members(
        th_tape(b.document), th_tape_strings(b.document), b.index, &right_count);
    bool enough = (left || left_count == 0) && (right || right_count == 0);
    bool equal =
        enough && equal_sorted(a.document, left, left_count, b.document, right, right_count);
    free(left);
    free(right);
    return equal;
}

bool th_json_equal(th_json_value_t a, th_json_value_t b) {
    th_json_type_t type_a = th_json_type(a), type_b = th_json_type(b);
    if (is_number(type_a) && is_number(type_b)) return equal_numbers(a, type_a, b, type_b);
    if (type_a != type_b) return false;
    if (a.document == b.document && a.index == b.index) return true;
    th_slice_t text_a, text_b;
    switch (type_a) {
    case TH_JSON_STRING:
        return th_json_string(a, &text_a) && th_json_string(b, &text_b) &&
               th_slice_equal(text_a, text_b);
    case TH_JSON_ARRAY: return equal_arrays(a, b);
    case TH_JSON_OBJECT: return equal_objects(a, b);
    default: return true;
    }
}
