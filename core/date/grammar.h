/* grammar.h - the readers of the grammar: each looks at tokens from <*at> and, when they form what
 * it is for, makes a node, moves <*at> behind them and returns the node's index. Otherwise it
 * returns TH_NO_NODE (or false) and leaves <*at> alone. Readers never look at the clock. Bounds: a
 * window of TH_TOKENS_AHEAD tokens, TH_NODES_MAX nodes, TH_DEPTH_MAX dates within dates, and
 * TH_STEPS_MAX readings of a date per place in the text, so that the whole is linear. */
#ifndef TH_DATE_GRAMMAR_H
#define TH_DATE_GRAMMAR_H

#include <string.h>

#include "date/partial.h"
#include "date/tokens.h"
#include "date/zone.h"

#define TH_DEPTH_MAX 5
#define TH_STEPS_MAX 48

typedef struct th_reader {
    th_tokens_t *tokens;
    th_zones_t *zones;
    th_partial_t *partial;
    bool day_first;
    bool whole;      /* the text is said to be a date: what is weak in a sentence counts */
    bool introduced; /* a word such as "by" or "on" is in front of the date */
    bool clock;      /* that word leads to a time too: "at 3" */
    bool between;    /* "between ... and ..." */
    int depth, steps;
} th_reader_t;

static inline const th_token_t *th_at(th_reader_t *reader, size_t index) {
    return th_tokens_at(reader->tokens, index);
}
static inline bool th_means(th_reader_t *reader, size_t index, th_sense_t sense, int *value) {
    const th_token_t *token = th_at(reader, index);
    if (!(token->senses >> sense & 1)) return false;
    const th_word_t *row = token->word;
    while (row->sense != sense)
        row++; /* the mask says that there is one */
    if (value) *value = row->value;
    return true;
}
/* True when the token is that word of the grammar. */
static inline bool th_key(th_reader_t *reader, size_t index, th_key_t key) {
    const th_token_t *token = th_at(reader, index);
    return token->keys[0] == key || token->keys[1] == key;
}
/* True when the token is that mark; glued: without a blank in front. */
static inline bool th_mark(th_reader_t *reader, size_t index, char mark) {
    return th_at(reader, index)->mark == mark;
}
static inline bool th_glued_mark(th_reader_t *reader, size_t index, char mark) {
    const th_token_t *token = th_at(reader, index);
    return token->mark == mark && token->glued;
}
/* True for a number of <least> to <most> digits with a value up to <maximum>. */
bool th_digits(th_reader_t *reader, size_t index, int least, int most, int maximum, int *value);
/* True when the token is that (lower-case) text. */
static inline bool th_text(th_reader_t *reader, size_t index, const char *text) {
    const th_token_t *token = th_at(reader, index);
    return token->text[0] == text[0] && text[0] && strcmp(token->text, text) == 0;
}
/* Moves over the word when it is there; true when it was. */
static inline bool th_skip_key(th_reader_t *reader, size_t *at, th_key_t key) {
    if (!th_key(reader, *at, key)) return false;
    ++*at;
    return true;
}
static inline bool th_skip_mark(th_reader_t *reader, size_t *at, char mark) {
    if (!th_mark(reader, *at, mark)) return false;
    ++*at;
    return true;
}
/* True when the token may begin a time of day, or a part of it: a quick look before the readers. */
static inline bool th_may_be_time(th_reader_t *reader, size_t index) {
    const th_token_t *token = th_at(reader, index);
    const unsigned senses = 1u << TH_SENSE_COUNT | 1u << TH_SENSE_PART | 1u << TH_SENSE_EDGE |
                            1u << TH_SENSE_LIMIT | 1u << TH_SENSE_KEY | 1u << TH_SENSE_ORDINAL |
                            1u << TH_SENSE_UNIT | 1u << TH_SENSE_MERIDIEM | 1u << TH_SENSE_WHICH;
    return token->kind == TH_TOKEN_NUMBER || (token->senses & senses);
}
/* A node of that kind, zeroed; TH_NO_NODE when there are too many. */
int th_node_new(th_reader_t *reader, th_node_kind_t kind);
static inline th_node_t *th_node(th_reader_t *reader, int index) {
    return &reader->partial->nodes[index];
}

/* grammar_number.c */
bool th_read_count(th_reader_t *reader, size_t *at, int64_t *thousandths);
/* "3rd", "twenty-first", "last" (-1), "second to last" (-2). */
bool th_read_ordinal(th_reader_t *reader, size_t *at, int *number);
bool th_read_unit(th_reader_t *reader, size_t *at, bool after_digits, th_unit_t *unit);
/* "2 weeks and 3 days", "an hour and a half", "1h30m". */
bool th_read_amount(th_reader_t *reader, size_t *at, th_amount_t *amount);
bool th_amount_add(th_amount_t *amount, th_unit_t unit, int64_t thousandths);
/* ISO 8601 duration: "P3D", "PT1H30M". */
bool th_read_iso_duration(th_reader_t *reader, size_t *at, th_amount_t *amount);

/* grammar_absolute.c */
int th_read_calendar(th_reader_t *reader, size_t *at);
/* A year: 2026, '26, and with <short_too> 26. */
bool th_read_year(th_reader_t *reader, size_t *at, bool short_too, int *year);
int th_read_day_of_month(th_reader_t *reader, size_t *at);
/* ", 2026", "of 2026", "-2026", "next year" behind a month or name, into <node>; nothing is fine.
 * <after_day>: two digits may be a year. */
void th_read_year_behind(th_reader_t *reader, size_t *at, bool after_day, th_node_t *node);
/* "4-8 December", "Dec 4 to 8, 2026": both ends at once. */
bool th_read_day_range(th_reader_t *reader, size_t *at, int *begin, int *end);
bool th_name_counts(th_reader_t *reader, size_t index, size_t next);

/* grammar_holiday.c */
int th_read_holiday(th_reader_t *reader, size_t *at);

/* grammar_numeric.c */
int th_read_numeric(th_reader_t *reader, size_t *at);
int th_full_year(int two_digits);

/* grammar_time.c */
bool th_read_time(th_reader_t *reader, size_t *at, bool clock, th_time_t *time);
/* "2-4pm": both ends; the first borrows the second's am or pm. */
bool th_read_time_range(th_reader_t *reader, size_t *at, bool clock, th_time_t *begin,
                        th_time_t *end);

/* grammar_part.c */
/* "in the morning", "noon", "end of day". */
bool th_read_part(th_reader_t *reader, size_t *at, th_time_t *time);
/* Makes 12-hour times out of "3" and "in the afternoon". False when they do not go together. */
bool th_time_apply_part(th_time_t *time, th_part_t part);

/* grammar_zone.c */
bool th_read_zone(th_reader_t *reader, size_t *at, th_zone_said_t *zone);

/* grammar_relative.c */
int th_read_shift(th_reader_t *reader, size_t *at);
int th_read_relative_day(th_reader_t *reader, size_t *at);

/* grammar_weekday.c */
int th_read_weekday(th_reader_t *reader, size_t *at);
int th_read_nth(th_reader_t *reader, size_t *at);
bool th_read_which(th_reader_t *reader, size_t *at, th_which_t *which);

/* grammar_period.c */
/* <bare>: "the month" counts too, as behind "end of". */
int th_read_period(th_reader_t *reader, size_t *at, bool bare);
int th_read_quarter(th_reader_t *reader, size_t *at);
int th_read_bare_year(th_reader_t *reader, size_t *at, bool bare);
int th_make_period(th_reader_t *reader, th_unit_t unit, int offset);
/* next 1, last -1 ... */
int th_which_offset(th_which_t which);

/* grammar_edge.c */
int th_read_edge(th_reader_t *reader, size_t *at);

/* grammar.c */
int th_read_date(th_reader_t *reader, size_t *at);

/* grammar_moment.c */
int th_read_moment(th_reader_t *reader, size_t *at, bool clock);
/* Likewise, but a range of times ("2-4pm") is fine: its end is in <end>, said or not. */
int th_read_moment_range(th_reader_t *reader, size_t *at, bool clock, th_time_t *end);
/* A date that lacks its year: one behind it belongs to it. */
bool th_takes_year(const th_node_t *node);

/* grammar_range.c */
/* A date, moment or range at <at>, with the words that introduce it; false when there is none. */
bool th_read_partial(th_reader_t *reader, size_t at, th_partial_t *partial);

#endif
