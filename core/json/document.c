/* document.c - reading a document: handles, members, iteration, scalars. No call here allocates. */
#include "json/document.h"

#include <math.h>
#include <stdlib.h>

#include "json/tape.h"

th_json_document_t *th_json_ref(const th_json_document_t *document) {
    th_json_document_t *counted = (th_json_document_t *)(uintptr_t)document;
    if (counted) __atomic_fetch_add(&counted->references, 1, __ATOMIC_RELAXED);
    return counted;
}

void th_json_unref(const th_json_document_t *document) {
    th_json_document_t *counted = (th_json_document_t *)(uintptr_t)document;
    /* Acquire and release: the last owner must see what the others read before it frees. */
    if (!counted || __atomic_sub_fetch(&counted->references, 1, __ATOMIC_ACQ_REL) > 0) return;
    if (counted->wipe) explicit_bzero(counted, th_json_document_size(counted));
    free(counted);
}

size_t th_json_document_size(const th_json_document_t *document) {
    return sizeof *document + document->words * sizeof(uint64_t) + document->string_bytes;
}

th_json_value_t th_json_root(const th_json_document_t *document) {
    return (th_json_value_t){document, document ? 1 : 0};
}

static uint64_t word_of(th_json_value_t value) {
    return th_tape(value.document)[value.index];
}

static bool is_kind(th_json_value_t value, char kind) {
    return value.document && th_tape_kind(word_of(value)) == kind;
}

th_json_type_t th_json_type(th_json_value_t value) {
    if (!value.document) return TH_JSON_ABSENT;
    switch (th_tape_kind(word_of(value))) {
    case 'n': return TH_JSON_NULL;
    case 'f': return TH_JSON_FALSE;
    case 't': return TH_JSON_TRUE;
    case 'l': return TH_JSON_INTEGER;
    case 'u': return TH_JSON_UNSIGNED;
    case 'd': return TH_JSON_REAL;
    case '"': return TH_JSON_STRING;
    case '[': return TH_JSON_ARRAY;
    default: return TH_JSON_OBJECT;
    }
}

const char *th_json_type_name(th_json_type_t type) {
    switch (type) {
    case TH_JSON_ABSENT: return "absent";
    case TH_JSON_NULL: return "null";
    case TH_JSON_FALSE:
    case TH_JSON_TRUE: return "boolean";
    case TH_JSON_INTEGER:
    case TH_JSON_UNSIGNED: return "integer";
    case TH_JSON_REAL: return "number";
    case TH_JSON_STRING: return "string";
    case TH_JSON_ARRAY: return "array";
    case TH_JSON_OBJECT: return "object";
    }
    return "absent";
}

th_json_value_t th_json_get(th_json_value_t object, th_slice_t key) {
    th_json_value_t found = th_json_absent();
    if (!is_kind(object, '{')) return found;
    const th_json_document_t *document = object.document;
    const uint64_t *tape = th_tape(document);
    const char *strings = th_tape_strings(document);
    uint64_t end = (uint32_t)tape[object.index] - 1;
    for (uint64_t at = object.index + 1; at < end;) {
        if (th_slice_equal(th_tape_string(strings, tape[at]), key)) {
            found = (th_json_value_t){document, at + 1};
            if (document->unique) return found;
        }
        at = th_tape_after(tape[at + 1], at + 1);
    }
    return found;
}

th_json_value_t th_json_at(th_json_value_t array, size_t index) {
    if (!is_kind(array, '[') || index >= th_tape_count(word_of(array))) return th_json_absent();
    const uint64_t *tape = th_tape(array.document);
    uint64_t at = array.index + 1;
    while (index-- > 0)
        at = th_tape_after(tape[at], at);
    return (th_json_value_t){array.document, at};
}

size_t th_json_count(th_json_value_t value) {
    if (!is_kind(value, '[') && !is_kind(value, '{')) return 0;
    return th_tape_count(word_of(value));
}

th_json_iterator_t th_json_iterate(th_json_value_t container) {
    th_json_iterator_t iterator = {.container = container};
    if (is_kind(container, '[') || is_kind(container, '{')) {
        iterator.next = container.index + 1;
        iterator.end = (uint32_t)word_of(container) - 1;
    }
    return iterator;
}

bool th_json_next(th_json_iterator_t *iterator) {
    if (iterator->next >= iterator->end) return false;
    const th_json_document_t *document = iterator->container.document;
    const uint64_t *tape = th_tape(document);
    uint64_t at = iterator->next;
    if (th_tape_kind(tape[iterator->container.index]) == '{')
        iterator->key = th_tape_string(th_tape_strings(document), tape[at++]);
    iterator->value = (th_json_value_t){document, at};
    iterator->next = th_tape_after(tape[at], at);
    return true;
}

bool th_json_string(th_json_value_t value, th_slice_t *out) {
    if (!is_kind(value, '"')) return false;
    *out = th_tape_string(th_tape_strings(value.document), word_of(value));
    return true;
}

static double real_at(th_json_value_t value) {
    double number;
    memcpy(&number, th_tape(value.document) + value.index + 1, sizeof number);
    return number;
}

bool th_json_integer(th_json_value_t value, int64_t *out) {
    if (is_kind(value, 'l')) {
        *out = (int64_t)th_tape(value.document)[value.index + 1];
        return true;
    }
    if (!is_kind(value, 'd')) return false;
    double number = real_at(value);
    /* Beyond 2^53 neighbouring integers share a double: not exact, so not an integer. */
    if (fabs(number) > 9007199254740992.0 || number != trunc(number)) return false;
    *out = (int64_t)number;
    return true;
}

bool th_json_number(th_json_value_t value, double *out) {
    if (is_kind(value, 'd'))
        *out = real_at(value);
    else if (is_kind(value, 'l'))
        *out = (double)(int64_t)th_tape(value.document)[value.index + 1];
    else if (is_kind(value, 'u'))
        *out = (double)th_tape(value.document)[value.index + 1];
    else
        return false;
    return true;
}

bool th_json_boolean(th_json_value_t value, bool *out) {
    if (!is_kind(value, 't') && !is_kind(value, 'f')) return false;
    *out = is_kind(value, 't');
    return true;
}
