/* grammar_period.c - weeks, months, quarters, halves and years as wholes ("next month", "Q3 2026",
 * "FY27", "week 49"), and their edges ("end of next quarter", "mid-March", "EOM"). */
#include <string.h>

#include "date/grammar.h"

int th_make_period(th_reader_t *reader, th_unit_t unit, int offset) {
    int index = th_node_new(reader, TH_NODE_PERIOD);
    if (index < 0) return index;
    th_node(reader, index)->unit = unit;
    th_node(reader, index)->number = offset;
    return index;
}

int th_which_offset(th_which_t which) {
    switch (which) {
    case TH_WHICH_NONE:
    case TH_WHICH_THIS: return 0;
    case TH_WHICH_NEXT:
    case TH_WHICH_COMING: return 1;
    case TH_WHICH_LAST: return -1;
    case TH_WHICH_AFTER_NEXT: return 2;
    case TH_WHICH_BEFORE_LAST: return -2;
    }
    return 0;
}

/* "this month", "next quarter", "the week after next", "next business day"; bare: "the month". */
static int read_which_unit(th_reader_t *reader, size_t *at, bool bare) {
    size_t p = *at;
    th_which_t which = TH_WHICH_NONE;
    int value;
    th_unit_t unit;
    bool article = th_skip_key(reader, &p, TH_KEY_THE);
    bool said = th_read_which(reader, &p, &which);
    bool fiscal = th_skip_key(reader, &p, TH_KEY_FISCAL);
    if (!fiscal) th_skip_key(reader, &p, TH_KEY_CALENDAR);
    if (th_means(reader, p, TH_SENSE_UNIT, &value) && value == TH_UNIT_WEEKEND) {
        unit = TH_UNIT_WEEKEND;
        p++;
    } else if (!th_read_unit(reader, &p, false, &unit)) {
        return TH_NO_NODE;
    }
    if (said && (unit == TH_UNIT_HOUR || (unit == TH_UNIT_MINUTE && which == TH_WHICH_NEXT)) &&
        (which == TH_WHICH_NEXT || which == TH_WHICH_LAST)) {
        int shift = th_node_new(reader, TH_NODE_SHIFT);
        if (shift < 0) return shift;
        th_node(reader, shift)->amount.finest = unit;
        th_node(reader, shift)->amount.seconds =
            th_which_offset(which) * (unit == TH_UNIT_HOUR ? 3600 : 60);
        *at = p;
        return shift;
    }
    if (unit < TH_UNIT_DAY || unit == TH_UNIT_DECADE) return TH_NO_NODE;
    if (unit == TH_UNIT_DAY && which == TH_WHICH_LAST && !th_text(reader, p - 2, "previous"))
        return TH_NO_NODE;
    int second;
    bool after = th_key(reader, p, TH_KEY_AFTER), before = th_key(reader, p, TH_KEY_BEFORE);
    if (!said && (after || before) && th_means(reader, p + 1, TH_SENSE_WHICH, &second) &&
        second == (after ? TH_WHICH_NEXT : TH_WHICH_LAST) &&
        !th_means(reader, p + 2, TH_SENSE_UNIT, NULL) &&
        !th_means(reader, p + 2, TH_SENSE_WEEKDAY, NULL) &&
        !th_means(reader, p + 2, TH_SENSE_MONTH, NULL)) {
        which = after ? TH_WHICH_AFTER_NEXT : TH_WHICH_BEFORE_LAST;
        said = true;
        p += 2;
    }
    bool weekend =
        unit == TH_UNIT_WEEKEND && !said && (article || reader->introduced || reader->whole);
    if (!said && !bare && !weekend) return TH_NO_NODE;
    if (!said && bare && (unit == TH_UNIT_DAY || unit == TH_UNIT_WORKDAY) && !article)
        return TH_NO_NODE;
    int index;
    if (unit == TH_UNIT_WEEKEND) {
        index = th_node_new(reader, TH_NODE_WEEKEND);
        if (index < 0) return index;
        th_node(reader, index)->which = which;
    } else {
        index = th_make_period(reader, unit, th_which_offset(which));
        if (index < 0) return index;
        th_node(reader, index)->fiscal = fiscal;
        th_node(reader, index)->which = which;
    }
    *at = p;
    return index;
}

/* The year of a quarter or half: "2026", "'26", "FY27", "of next year", "of fiscal year 2027". */
static void read_year_of(th_reader_t *reader, size_t *at, th_node_t *node, int self) {
    size_t p = *at;
    int year, unit;
    th_which_t which;
    if (!th_skip_key(reader, &p, TH_KEY_OF) && !th_skip_mark(reader, &p, ',') &&
        !th_skip_mark(reader, &p, '/') && !th_skip_mark(reader, &p, '-'))
        th_skip_key(reader, &p, TH_KEY_IN);
    bool article = th_skip_key(reader, &p, TH_KEY_THE);
    if (th_key(reader, p, TH_KEY_FY)) {
        if (!th_read_year(reader, &(size_t){p + 1}, true, &year)) return;
        p++;
        th_read_year(reader, &p, true, &node->year);
        node->fiscal = true;
        *at = p;
        return;
    }
    if (th_read_year(reader, &p, false, &year)) {
        node->year = year;
        *at = p;
        return;
    }
    bool said = th_read_which(reader, &p, &which);
    bool fiscal = th_skip_key(reader, &p, TH_KEY_FISCAL);
    if (!said && !fiscal && !article) return;
    if (th_means(reader, p, TH_SENSE_UNIT, &unit) && unit == TH_UNIT_YEAR)
        p++;
    else if (!fiscal)
        return;
    if (fiscal && th_read_year(reader, &p, false, &year)) {
        node->year = year;
    } else if (said) {
        node->year_from_now = true;
        node->years = th_which_offset(which);
    } else if (article) {
        node->year_from_now = true;
    }
    node->fiscal = node->fiscal || fiscal;
    (void)self;
    *at = p;
}

/* Q3, third quarter, H1, first half. */
static bool read_section(th_reader_t *reader, size_t *at, th_node_kind_t *kind, int *number,
                         bool *fiscal) {
    size_t p = *at;
    int unit;
    bool quarter = th_key(reader, p, TH_KEY_Q), half = th_text(reader, p, "h");
    if (quarter || half) {
        if (!th_at(reader, p + 1)->glued && !(quarter && reader->whole)) return false;
        if (!th_digits(reader, p + 1, 1, 1, quarter ? 4 : 2, number) || *number < 1) return false;
        *kind = quarter ? TH_NODE_QUARTER : TH_NODE_HALF;
        *at = p + 2;
        return true;
    }
    th_skip_key(reader, &p, TH_KEY_THE);
    if (th_skip_key(reader, &p, TH_KEY_FISCAL)) {
        *fiscal = true;
        if (th_key(reader, p, TH_KEY_Q))
            return read_section(reader, &p, kind, number, fiscal) && (*at = p);
    }
    if (!th_read_ordinal(reader, &p, number)) return false;
    th_skip_mark(reader, &p, '-');
    if (th_skip_key(reader, &p, TH_KEY_FISCAL)) *fiscal = true;
    if (th_means(reader, p, TH_SENSE_UNIT, &unit) && unit == TH_UNIT_QUARTER)
        *kind = TH_NODE_QUARTER;
    else if (th_key(reader, p, TH_KEY_HALF))
        *kind = TH_NODE_HALF;
    else
        return false;
    int most = *kind == TH_NODE_QUARTER ? 4 : 2;
    if (*number == -1) *number = most;
    *at = p + 1;
    return *number >= 1 && *number <= most;
}

/* 1Q27, 3Q 2027. */
static int read_bankers_quarter(th_reader_t *reader, size_t *at) {
    size_t p = *at;
    int number, year;
    if (!th_digits(reader, p, 1, 1, 4, &number) || number < 1) return TH_NO_NODE;
    if (!th_at(reader, p + 1)->glued || !th_key(reader, p + 1, TH_KEY_Q)) return TH_NO_NODE;
    p += 2;
    if (!th_read_year(reader, &p, th_at(reader, p)->glued, &year)) return TH_NO_NODE;
    int index = th_node_new(reader, TH_NODE_QUARTER);
    if (index < 0) return index;
    th_node(reader, index)->number = number;
    th_node(reader, index)->year = year;
    *at = p;
    return index;
}

/* Day 100 of 2027. */
static int read_year_day(th_reader_t *reader, size_t *at) {
    size_t p = *at;
    int day, year;
    th_skip_key(reader, &p, TH_KEY_THE);
    if (!th_text(reader, p, "day") || !th_digits(reader, p + 1, 1, 3, 366, &day) || day < 1)
        return TH_NO_NODE;
    p += 2;
    if (!th_skip_key(reader, &p, TH_KEY_OF) || !th_read_year(reader, &p, false, &year))
        return TH_NO_NODE;
    int index = th_node_new(reader, TH_NODE_YEAR_DAY);
    if (index < 0) return index;
    th_node(reader, index)->number = day;
    th_node(reader, index)->year = year;
    *at = p;
    return index;
}

/* "the second half of January", "of next month": the month becomes the half's child. */
static bool read_halved_month(th_reader_t *reader, size_t *at, int half) {
    size_t p = *at;
    if (!th_skip_key(reader, &p, TH_KEY_OF) || reader->depth >= TH_DEPTH_MAX) return false;
    int depth = reader->depth;
    reader->depth = depth + 2;
    int child = th_means(reader, p, TH_SENSE_MONTH, NULL) ? th_read_calendar(reader, &p)
                                                          : read_which_unit(reader, &p, true);
    reader->depth = depth;
    if (child < 0) return false;
    th_node_t *node = th_node(reader, child);
    bool month = node->kind == TH_NODE_PERIOD ? node->unit == TH_UNIT_MONTH
                                              : node->kind == TH_NODE_CALENDAR && !node->day;
    if (!month) return false;
    th_node(reader, half)->child = child;
    *at = p;
    return true;
}

int th_read_quarter(th_reader_t *reader, size_t *at) {
    size_t p = *at;
    int bankers = read_bankers_quarter(reader, at);
    if (bankers >= 0) return bankers;
    th_node_kind_t kind;
    int number, year = 0;
    bool fiscal = false, words;
    /* "2026 Q3", "FY27 Q3", "2026-Q3" */
    size_t q = p;
    bool fy = th_skip_key(reader, &q, TH_KEY_FY);
    if (th_read_year(reader, &q, fy, &year)) {
        if (th_mark(reader, q, '-') || th_mark(reader, q, ',')) q++;
        if (!th_key(reader, q, TH_KEY_Q) && !th_text(reader, q, "h")) return TH_NO_NODE;
        p = q;
    } else if (fy) {
        return TH_NO_NODE;
    } else if (th_digits(reader, p, 4, 4, 2199, &year) && th_at(reader, p + 1)->glued &&
               th_key(reader, p + 1, TH_KEY_Q)) {
        p++; /* 2026Q3 */
    } else {
        year = 0;
    }
    th_which_t which = TH_WHICH_NONE;
    if (!year && th_read_which(reader, &p, &which) && !th_key(reader, p, TH_KEY_Q))
        return TH_NO_NODE;
    words = !th_key(reader, p, TH_KEY_Q) && !th_text(reader, p, "h");
    if (!read_section(reader, &p, &kind, &number, &fiscal)) return TH_NO_NODE;
    int index = th_node_new(reader, kind);
    if (index < 0) return index;
    th_node_t *node = th_node(reader, index);
    node->number = number;
    node->year = year;
    node->which = which;
    node->fiscal = fiscal || fy;
    size_t behind = p;
    if (kind == TH_NODE_HALF && words && read_halved_month(reader, &behind, index)) {
        *at = behind;
        return index;
    }
    if (!year) read_year_of(reader, &behind, node, index);
    if (words && behind == p && !reader->whole && !reader->introduced && reader->depth <= 1)
        return TH_NO_NODE;
    if (words && behind == p && kind == TH_NODE_HALF) return TH_NO_NODE;
    *at = behind;
    return index;
}

/* FY27, FY 2027, fiscal year 2027, fiscal 2027. */
static int read_fiscal_year(th_reader_t *reader, size_t *at) {
    size_t p = *at;
    int year, unit;
    th_skip_key(reader, &p, TH_KEY_THE);
    bool fy = th_skip_key(reader, &p, TH_KEY_FY);
    if (!fy && !th_skip_key(reader, &p, TH_KEY_FISCAL)) return TH_NO_NODE;
    if (!fy && th_means(reader, p, TH_SENSE_UNIT, &unit) && unit == TH_UNIT_YEAR) p++;
    if (!th_read_year(reader, &p, fy, &year)) return TH_NO_NODE;
    int index = th_node_new(reader, TH_NODE_YEAR);
    if (index < 0) return index;
    th_node(reader, index)->year = year;
    th_node(reader, index)->fiscal = true;
    *at = p;
    return index;
}

/* Week 49, W49, CW 49, calendar week 49 of 2026. */
static int read_week_number(th_reader_t *reader, size_t *at) {
    size_t p = *at;
    int week, unit;
    th_skip_key(reader, &p, TH_KEY_THE);
    bool iso = th_skip_key(reader, &p, TH_KEY_CALENDAR) || th_text(reader, p, "iso");
    if (th_text(reader, p, "iso")) p++;
    bool word = th_means(reader, p, TH_SENSE_UNIT, &unit) && unit == TH_UNIT_WEEK &&
                th_at(reader, p)->length > 1;
    bool letter = th_text(reader, p, "w") || th_key(reader, p, TH_KEY_CW);
    if (!word && !letter) return TH_NO_NODE;
    if (letter && !th_at(reader, p)->upper && !reader->whole) return TH_NO_NODE;
    p++;
    if (th_text(reader, p, "no") || th_text(reader, p, "number")) p++;
    if (letter && th_text(reader, p - 1, "w") && !th_at(reader, p)->glued) return TH_NO_NODE;
    if (!th_digits(reader, p, 1, 2, 53, &week) || week < 1) return TH_NO_NODE;
    if (th_means(reader, p + 1, TH_SENSE_SUFFIX, NULL) && th_at(reader, p + 1)->glued)
        return TH_NO_NODE;
    p++;
    int index = th_node_new(reader, TH_NODE_ISO_WEEK);
    if (index < 0) return index;
    th_node(reader, index)->number = week;
    th_node(reader, index)->unit = TH_UNIT_WEEK;
    read_year_of(reader, &p, th_node(reader, index), index);
    (void)iso;
    *at = p;
    return index;
}

/* w/c 7 December. */
static int read_commencing(th_reader_t *reader, size_t *at) {
    size_t p = *at;
    if (th_key(reader, p, TH_KEY_WC))
        p++;
    else if (th_text(reader, p, "w") && th_glued_mark(reader, p + 1, '/') &&
             th_text(reader, p + 2, "c"))
        p += 3;
    else
        return TH_NO_NODE;
    int child = th_read_date(reader, &p);
    if (child < 0) return child;
    int index = th_make_period(reader, TH_UNIT_WEEK, 0);
    if (index < 0) return index;
    th_node(reader, index)->child = child;
    *at = p;
    return index;
}

/* A year alone: "in 2026", "the year 2026", or the whole text. */
int th_read_bare_year(th_reader_t *reader, size_t *at, bool bare) {
    size_t p = *at;
    int year, unit;
    th_skip_key(reader, &p, TH_KEY_THE);
    bool named = th_means(reader, p, TH_SENSE_UNIT, &unit) && unit == TH_UNIT_YEAR &&
                 th_at(reader, p)->length > 1;
    if (named) p++;
    if (!th_digits(reader, p, 4, 4, named ? 9999 : 2199, &year) || year < (named ? 1 : 1900))
        return TH_NO_NODE;
    const th_token_t *next = th_at(reader, p + 1);
    if (next->glued &&
        (next->kind != TH_TOKEN_MARK || strchr("-/:%'", next->mark) || th_at(reader, p + 2)->glued))
        return TH_NO_NODE;
    if (!named && !bare && !reader->whole && !reader->introduced) return TH_NO_NODE;
    if (p > 0 && th_key(reader, p - 1, TH_KEY_AT)) return TH_NO_NODE;
    if (!named && !bare && !reader->whole && next->kind == TH_TOKEN_WORD &&
        (th_means(reader, p + 1, TH_SENSE_UNIT, NULL) || !next->word))
        return TH_NO_NODE; /* "by 2026 employees" */
    int index = th_node_new(reader, TH_NODE_YEAR);
    if (index < 0) return index;
    th_node(reader, index)->year = year;
    *at = th_text(reader, p + 1, "ad") || th_text(reader, p + 1, "ce") ? p + 2 : p + 1;
    return index;
}

int th_read_period(th_reader_t *reader, size_t *at, bool bare) {
    int index = th_read_quarter(reader, at);
    if (index < 0) index = read_fiscal_year(reader, at);
    if (index < 0) index = read_year_day(reader, at);
    if (index < 0) index = read_week_number(reader, at);
    if (index < 0) index = read_commencing(reader, at);
    if (index < 0) index = read_which_unit(reader, at, bare);
    if (index < 0) index = th_read_bare_year(reader, at, bare);
    return index;
}
