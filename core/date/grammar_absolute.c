/* grammar_absolute.c - dates with a named month ("4 December 2026", "Dec 4th", "March"), days of
 * the month ("the 15th"), and day ranges within a month. */
#include <string.h>

#include "date/grammar.h"

/* A sentence begins here: a capital says nothing. */
static bool begins_sentence(th_reader_t *reader, size_t index) {
    if (index == 0) return true;
    const th_token_t *before = th_at(reader, index - 1);
    return before->kind == TH_TOKEN_MARK && strchr(".!?:;\"'([*-", before->mark);
}

/* "May", "March", "Sun", "Sat" are also plain words: alone in a sentence they need a capital that
 * means something, or a word of time in front. */
bool th_name_counts(th_reader_t *reader, size_t index, size_t next) {
    const th_token_t *token = th_at(reader, index);
    if (token->typo && token->word && (token->word->flags & TH_WORD_NAME) && !reader->introduced)
        return false;
    if (reader->whole || reader->introduced || reader->depth > 1) return true;
    if (!token->word || !(token->word->flags & TH_WORD_NAME)) return true;
    if (th_at(reader, next)->kind == TH_TOKEN_NUMBER ||
        th_means(reader, next, TH_SENSE_PART, NULL) ||
        th_means(reader, next, TH_SENSE_MONTH, NULL) ||
        (th_mark(reader, next, ',') && (th_at(reader, next + 1)->kind == TH_TOKEN_NUMBER ||
                                        th_means(reader, next + 1, TH_SENSE_MONTH, NULL))))
        return true;
    return token->capital && !token->upper && !begins_sentence(reader, index);
}

bool th_read_year(th_reader_t *reader, size_t *at, bool short_too, int *year) {
    size_t p = *at;
    int value;
    if (th_mark(reader, p, '\'') && th_at(reader, p + 1)->glued &&
        th_digits(reader, p + 1, 2, 2, 99, &value)) {
        *year = th_full_year(value);
        *at = p + 2;
        return true;
    }
    bool four = th_digits(reader, p, 4, 4, 9999, &value);
    bool two = !four && short_too && th_digits(reader, p, 2, 2, 99, &value);
    if (!four && !two) return false;
    const th_token_t *next = th_at(reader, p + 1);
    bool clock = next->mark == ':' && th_at(reader, p + 2)->glued &&
                 th_at(reader, p + 2)->kind == TH_TOKEN_NUMBER;
    bool logged = four && p > 0 && th_glued_mark(reader, p - 1, '/'); /* 04/Dec/2026:17:00:00 */
    if (next->glued && ((clock && !logged) || next->kind == TH_TOKEN_WORD))
        return false; /* a time */
    if (next->glued && next->mark == '-' && th_at(reader, p + 2)->glued &&
        th_at(reader, p + 2)->kind == TH_TOKEN_NUMBER && two)
        return false;
    if (two && (th_means(reader, p + 1, TH_SENSE_MERIDIEM, NULL) ||
                th_means(reader, p + 1, TH_SENSE_UNIT, NULL)))
        return false;
    if (four && th_text(reader, p + 1, "hrs")) return false;
    if (value == 0 && four) return false;
    *year = four ? value : th_full_year(value);
    *at = p + 1;
    return true;
}

/* ", 2026", "of 2026", "-2026", "next year" behind a month. */
void th_read_year_behind(th_reader_t *reader, size_t *at, bool after_day, th_node_t *node) {
    size_t p = *at;
    th_which_t which;
    int unit;
    bool dot = th_glued_mark(reader, p, '.');
    if (dot) p++;
    bool comma = th_skip_mark(reader, &p, ',');
    bool of = !comma && th_skip_key(reader, &p, TH_KEY_OF);
    bool joined = !comma && !of && (th_glued_mark(reader, p, '-') || th_glued_mark(reader, p, '/'));
    if (joined) p++;
    size_t q = p;
    bool quoted = th_mark(reader, p, '\'');
    /* "Dec 4-2026" is a year; "4 Dec 26" too, but "Dec 26" is a day and was read before */
    if (th_read_year(reader, &q, after_day && !comma && !of, &node->year) &&
        (quoted || !joined || q == p + 1)) {
        *at = q;
        return;
    }
    node->year = 0;
    if (joined) return;
    th_skip_key(reader, &p, TH_KEY_THE);
    if (th_read_which(reader, &p, &which) && th_means(reader, p, TH_SENSE_UNIT, &unit) &&
        unit == TH_UNIT_YEAR && which <= TH_WHICH_LAST) {
        node->year_from_now = true;
        node->years = which == TH_WHICH_NEXT ? 1 : which == TH_WHICH_LAST ? -1 : 0;
        *at = p + 1;
    }
}

/* A day of the month in front of or behind its name: 4, 4th, fourth. */
static bool read_day(th_reader_t *reader, size_t *at, int *day) {
    size_t p = *at;
    if (th_read_ordinal(reader, &p, day)) {
        if (*day < 1 || *day > 31) return false;
    } else if (th_digits(reader, p, 1, 2, 31, day) && *day >= 1) {
        const th_token_t *next = th_at(reader, p + 1);
        bool clock = next->mark == ':' && th_at(reader, p + 2)->glued &&
                     th_at(reader, p + 2)->kind == TH_TOKEN_NUMBER;
        if (next->glued && (clock || next->mark == '%')) return false;
        p++;
    } else {
        return false;
    }
    *at = p;
    return true;
}

/* A mark or word between day and month: "4-Dec", "4/Dec", "4 of Dec", "4. Dec". */
static void skip_joint(th_reader_t *reader, size_t *at) {
    if (th_key(reader, *at, TH_KEY_OF) || th_glued_mark(reader, *at, '-') ||
        th_glued_mark(reader, *at, '/') || th_glued_mark(reader, *at, '.') ||
        th_mark(reader, *at, ','))
        ++*at;
}

static int read_day_month(th_reader_t *reader, size_t *at) {
    size_t p = *at;
    int day, month;
    th_skip_key(reader, &p, TH_KEY_THE);
    if (!read_day(reader, &p, &day)) return TH_NO_NODE;
    bool comma = th_mark(reader, p, ',');
    skip_joint(reader, &p);
    if (comma || !th_means(reader, p, TH_SENSE_MONTH, &month)) return TH_NO_NODE;
    int index = th_node_new(reader, TH_NODE_CALENDAR);
    if (index < 0) return index;
    th_node_t *node = th_node(reader, index);
    node->day = day;
    node->month = month;
    p++;
    th_read_year_behind(reader, &p, true, node);
    *at = p;
    return index;
}

/* Behind a month's name: a day that is not in truth an hour ("Dec 5pm"). */
static bool read_day_behind(th_reader_t *reader, size_t *at, int *day) {
    size_t p = *at;
    if (th_glued_mark(reader, p, '.') || th_glued_mark(reader, p, '-') ||
        th_glued_mark(reader, p, '/'))
        p++;
    th_skip_key(reader, &p, TH_KEY_THE);
    if (!read_day(reader, &p, day)) return false;
    const th_token_t *next = th_at(reader, p);
    if (th_means(reader, p, TH_SENSE_MERIDIEM, NULL)) return false;
    if (next->kind == TH_TOKEN_WORD && next->glued) return false;
    if (th_glued_mark(reader, p, '.') && th_at(reader, p + 1)->glued) return false;
    *at = p;
    return true;
}

/* A number in front that was no day: "32 December", "the 45th of March". */
static bool is_numbered(th_reader_t *reader, size_t index) {
    if (index == 0 || reader->depth > 1) return false;
    size_t p = index - 1;
    if (th_key(reader, p, TH_KEY_OF) && p > 0) p--;
    if (th_means(reader, p, TH_SENSE_SUFFIX, NULL) && p > 0) p--;
    return th_at(reader, p)->kind == TH_TOKEN_NUMBER && th_at(reader, p)->digits <= 2;
}

static int read_month_first(th_reader_t *reader, size_t *at) {
    size_t p = *at;
    int month, day;
    th_which_t which = TH_WHICH_NONE;
    th_read_which(reader, &p, &which);
    size_t name = p;
    if (!th_means(reader, p, TH_SENSE_MONTH, &month)) return TH_NO_NODE;
    if (th_at(reader, p + 1)->glued && th_at(reader, p + 1)->kind == TH_TOKEN_NUMBER &&
        th_at(reader, p)->length == 3 && !th_at(reader, p)->capital && !reader->whole)
        return TH_NO_NODE; /* an identifier: "mar12" */
    p++;
    int index = th_node_new(reader, TH_NODE_CALENDAR);
    if (index < 0) return index;
    th_node_t *node = th_node(reader, index);
    node->month = month;
    node->which = which;
    if (which == TH_WHICH_NONE && read_day_behind(reader, &p, &day)) {
        node->day = day;
        th_read_year_behind(reader, &p, true, node);
    } else {
        if (th_glued_mark(reader, p, '.') && th_at(reader, name)->length <= 4 &&
            th_at(reader, p + 1)->kind == TH_TOKEN_NUMBER)
            p++;
        th_read_year_behind(reader, &p, false, node);
        if (!node->year && !node->year_from_now && th_at(reader, p)->kind == TH_TOKEN_NUMBER &&
            !th_mark(reader, p + 1, ':') && !th_means(reader, p + 1, TH_SENSE_MERIDIEM, NULL) &&
            th_at(reader, p)->digits <= 3)
            return TH_NO_NODE; /* "December 32" */
        if (is_numbered(reader, *at)) return TH_NO_NODE;
        const th_token_t *next = th_at(reader, p); /* "Jan Novak", "to June Carter" */
        bool surname = next->kind == TH_TOKEN_WORD && next->capital && !next->upper && !next->word;
        if (surname && !node->year && which == TH_WHICH_NONE && !reader->introduced &&
            reader->depth <= 1)
            return TH_NO_NODE;
        bool dated = node->year || node->year_from_now || which != TH_WHICH_NONE;
        if (!dated && !th_name_counts(reader, name, p)) return TH_NO_NODE;
    }
    *at = p;
    return index;
}

/* "2026 December 4", "2026-Dec-04", "2026, March". */
static int read_year_first(th_reader_t *reader, size_t *at) {
    size_t p = *at;
    int year, month, day = 0;
    if (!th_digits(reader, p, 4, 4, 9999, &year) || year < 1) return TH_NO_NODE;
    p++;
    skip_joint(reader, &p);
    if (!th_means(reader, p, TH_SENSE_MONTH, &month)) return TH_NO_NODE;
    p++;
    if (!read_day_behind(reader, &p, &day)) day = 0;
    int index = th_node_new(reader, TH_NODE_CALENDAR);
    if (index < 0) return index;
    th_node(reader, index)->year = year;
    th_node(reader, index)->month = month;
    th_node(reader, index)->day = day;
    *at = p;
    return index;
}

int th_read_calendar(th_reader_t *reader, size_t *at) {
    int index = read_year_first(reader, at);
    if (index < 0) index = read_day_month(reader, at);
    if (index < 0) index = read_month_first(reader, at);
    return index;
}

/* What may stand behind "the 15th" when it is a date and not "the 15th floor". */
static bool ends_phrase(th_reader_t *reader, size_t index) {
    const th_token_t *token = th_at(reader, index);
    if (token->kind == TH_TOKEN_END || token->kind == TH_TOKEN_NUMBER) return true;
    if (token->kind == TH_TOKEN_MARK)
        return token->mark != '-' && token->mark != '/' && token->mark != '%';
    static const char *const words[] = {
        "and",    "at",     "so",      "then",      "to",      "with",    "for",
        "if",     "or",     "but",     "is",        "when",    "because", "please",
        "after",  "before", "by",      "in",        "from",    "through", "until",
        "till",   "noon",   "morning", "afternoon", "evening", "night",   "we",
        "i",      "they",   "you",     "he",        "she",     "it",      "midnight",
        "around", "about",  "due",     "latest",    "via",     "as",      "on"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(token->text, words[i]) == 0) return true;
    return false;
}

int th_read_day_of_month(th_reader_t *reader, size_t *at) {
    size_t p = *at;
    int day;
    bool article = th_skip_key(reader, &p, TH_KEY_THE);
    const th_token_t *first = th_at(reader, p);
    bool digits = first->kind == TH_TOKEN_NUMBER;
    size_t number = p;
    bool bare = false;
    if (!th_read_ordinal(reader, &p, &day)) {
        p = number;
        bare = digits && th_digits(reader, p, 1, 2, 31, &day);
        if (!bare) return TH_NO_NODE;
        p++;
    }
    if (day < 1 || day > 31) return TH_NO_NODE;
    if (!digits && !article && !reader->introduced && reader->depth <= 1) return TH_NO_NODE;
    size_t q = p;
    th_skip_mark(reader, &q, ',');
    bool of = th_skip_key(reader, &q, TH_KEY_OF) || th_skip_key(reader, &q, TH_KEY_IN);
    int child = TH_NO_NODE, unit;
    size_t period = q;
    if (of || th_means(reader, q, TH_SENSE_WHICH, NULL)) child = th_read_period(reader, &q, of);
    if (child >= 0 && (th_node(reader, child)->kind != TH_NODE_PERIOD ||
                       th_node(reader, child)->unit != TH_UNIT_MONTH))
        child = TH_NO_NODE;
    if (child < 0 && bare) return TH_NO_NODE;
    if (child < 0 && reader->depth <= 1 && !ends_phrase(reader, p)) return TH_NO_NODE;
    if (child < 0 && !reader->whole && reader->depth <= 1) {
        if (!article && !reader->introduced) return TH_NO_NODE;
        if (!digits && !reader->introduced) return TH_NO_NODE; /* "the first" */
    }
    int index = th_node_new(reader, TH_NODE_DAY_OF);
    if (index < 0) return index;
    th_node(reader, index)->day = day;
    th_node(reader, index)->child = child;
    if (child >= 0) { /* "the 15th of the month" says no more than "the 15th" */
        if (th_key(reader, period, TH_KEY_THE) &&
            th_means(reader, period + 1, TH_SENSE_UNIT, &unit) &&
            th_node(reader, child)->number == 0)
            th_node(reader, index)->child = TH_NO_NODE;
        p = q;
    }
    *at = p;
    return index;
}

static bool skip_to(th_reader_t *reader, size_t *at) {
    bool there = th_mark(reader, *at, '-') || th_key(reader, *at, TH_KEY_TO) ||
                 th_key(reader, *at, TH_KEY_THROUGH) || th_key(reader, *at, TH_KEY_UNTIL) ||
                 (reader->between && th_key(reader, *at, TH_KEY_AND));
    if (there) ++*at;
    if (there) th_skip_key(reader, at, TH_KEY_THE);
    return there;
}

bool th_read_day_range(th_reader_t *reader, size_t *at, int *begin, int *end) {
    size_t p = *at;
    int first, second, month;
    const unsigned may =
        1u << TH_SENSE_MONTH | 1u << TH_SENSE_ORDINAL | 1u << TH_SENSE_COUNT | 1u << TH_SENSE_KEY;
    if (th_at(reader, p)->kind != TH_TOKEN_NUMBER && !(th_at(reader, p)->senses & may))
        return false;
    th_skip_key(reader, &p, TH_KEY_THE);
    bool month_first = th_means(reader, p, TH_SENSE_MONTH, &month);
    if (month_first) {
        p++;
        if (th_glued_mark(reader, p, '.')) p++;
        if (!read_day(reader, &p, &first) || !skip_to(reader, &p) || !read_day(reader, &p, &second))
            return false;
        if (th_means(reader, p, TH_SENSE_MERIDIEM, NULL) ||
            th_means(reader, p, TH_SENSE_MONTH, NULL))
            return false;
    } else {
        if (!read_day(reader, &p, &first) || !skip_to(reader, &p) || !read_day(reader, &p, &second))
            return false;
        th_skip_key(reader, &p, TH_KEY_OF);
        if (!th_means(reader, p, TH_SENSE_MONTH, &month)) return false;
        p++;
    }
    if (second <= first) return false;
    *begin = th_node_new(reader, TH_NODE_CALENDAR);
    *end = th_node_new(reader, TH_NODE_CALENDAR);
    if (*begin < 0 || *end < 0) return false;
    th_node_t *last = th_node(reader, *end);
    last->month = month;
    last->day = second;
    th_read_year_behind(reader, &p, true, last);
    *th_node(reader, *begin) = *last;
    th_node(reader, *begin)->day = first;
    *at = p;
    return true;
}
