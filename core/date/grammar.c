/* grammar.c - the top of the grammar: a date from its alternatives, a moment from dates and times
 * in any order, a range from two moments, and the words in front that introduce them. */
#include "date/grammar.h"

#include <string.h>

bool th_digits(th_reader_t *reader, size_t index, int least, int most, int maximum, int *value) {
    const th_token_t *token = th_at(reader, index);
    if (token->kind != TH_TOKEN_NUMBER || token->digits < least || token->digits > most)
        return false;
    if (!value) return true;
    if (token->number > maximum) return false;
    *value = (int)token->number;
    return true;
}

int th_node_new(th_reader_t *reader, th_node_kind_t kind) {
    th_partial_t *partial = reader->partial;
    if (partial->count == TH_NODES_MAX) return TH_NO_NODE;
    th_node_t *node = &partial->nodes[partial->count];
    memset(node, 0, sizeof(*node));
    node->kind = kind;
    node->child = TH_NO_NODE;
    return partial->count++;
}

#define SENSE(name) (1u << TH_SENSE_##name)
#define NUMBER (1u << 30) /* the token is a number */
#define MARK (1u << 31)   /* or a mark or fraction */

/* Alternatives in the order in which the more specific one wins, each with what its first token may
 * be. */
static const struct {
    int (*read)(th_reader_t *, size_t *);
    unsigned first;
} alternatives[] = {
    {th_read_numeric, NUMBER},
    {th_read_shift, NUMBER | MARK | SENSE(COUNT) | SENSE(WHICH) | SENSE(UNIT) | SENSE(KEY)},
    {th_read_edge, SENSE(LIMIT) | SENSE(EDGE) | SENSE(WHICH) | SENSE(UNIT) | SENSE(KEY) |
                       SENSE(MONTH) | NUMBER | SENSE(ORDINAL)},
    {th_read_nth, NUMBER | SENSE(ORDINAL) | SENSE(COUNT) | SENSE(KEY)},
    {th_read_calendar,
     NUMBER | SENSE(MONTH) | SENSE(WHICH) | SENSE(ORDINAL) | SENSE(COUNT) | SENSE(KEY)},
    {th_read_holiday, SENSE(HOLIDAY) | SENSE(WHICH) | SENSE(KEY) | SENSE(MONTH)},
    {th_read_day_of_month, NUMBER | SENSE(ORDINAL) | SENSE(COUNT) | SENSE(KEY)},
    {th_read_weekday,
     SENSE(WEEKDAY) | SENSE(WEEKDAYS) | SENSE(WHICH) | SENSE(COUNT) | NUMBER | SENSE(KEY)},
    {th_read_relative_day, SENSE(DAY) | SENSE(KEY) | NUMBER},
};

static unsigned first_of(const th_token_t *token) {
    switch (token->kind) {
    case TH_TOKEN_NUMBER: return NUMBER;
    case TH_TOKEN_MARK:
    case TH_TOKEN_FRACTION: return MARK;
    case TH_TOKEN_WORD: return token->senses;
    case TH_TOKEN_END:
    case TH_TOKEN_OTHER: return 0;
    }
    return 0;
}

int th_read_date(th_reader_t *reader, size_t *at) {
    unsigned first = first_of(th_at(reader, *at));
    if (!first || reader->depth >= TH_DEPTH_MAX || ++reader->steps > TH_STEPS_MAX)
        return TH_NO_NODE;
    reader->depth++;
    int index = TH_NO_NODE, count = reader->partial->count;
    for (size_t i = 0; index < 0 && i < sizeof(alternatives) / sizeof(alternatives[0]); i++) {
        if (!(alternatives[i].first & first)) continue;
        size_t p = *at;
        reader->partial->count = count; /* nodes of an attempt that failed */
        index = alternatives[i].read(reader, &p);
        if (index >= 0) *at = p;
    }
    if (index < 0) {
        size_t p = *at;
        reader->partial->count = count;
        index = th_read_period(reader, &p, false);
        if (index >= 0) *at = p;
    }
    reader->depth--;
    return index;
}
