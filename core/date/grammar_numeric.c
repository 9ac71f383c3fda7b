/* grammar_numeric.c - dates in digits: ISO 8601 (calendar, week, ordinal, basic and extended),
 * d/m/y and m/d/y with slashes, dots or dashes. */
#include <string.h>

#include "date/civil.h"
#include "date/grammar.h"

/* POSIX reads 69 to 99 as 19xx. */
int th_full_year(int two_digits) {
    return two_digits + (two_digits < 69 ? 2000 : 1900);
}

static int make_calendar(th_reader_t *reader, int year, int month, int day) {
    int index = th_node_new(reader, TH_NODE_CALENDAR);
    if (index < 0) return index;
    th_node_t *node = th_node(reader, index);
    node->year = year;
    node->month = month;
    node->day = day;
    return index;
}

static int make_numbered(th_reader_t *reader, th_node_kind_t kind, int year, int number,
                         int weekday) {
    int index = th_node_new(reader, kind);
    if (index < 0) return index;
    th_node_t *node = th_node(reader, index);
    node->year = year;
    node->number = number;
    node->weekday = weekday;
    return index;
}

/* A year that stands for one in a sentence; 2026 and 1999 do, 0405 does not. */
static bool plausible(const th_reader_t *reader, int year) {
    return reader->whole ? year >= 1 : year >= 1900 && year <= 2199;
}

/* A glued number of exactly <digits> digits. */
static bool part(th_reader_t *reader, size_t index, int digits, int maximum, int *value) {
    return th_at(reader, index)->glued && th_digits(reader, index, digits, digits, maximum, value);
}

/* 20261204, 2026339: the whole date in one number. */
static int read_basic(th_reader_t *reader, size_t *at) {
    const th_token_t *token = th_at(reader, *at);
    int number = (int)token->number;
    if (token->digits == 8) {
        int year = number / 10000, month = number / 100 % 100, day = number % 100;
        if (!plausible(reader, year) || !th_civil_date_valid(year, month, day)) return TH_NO_NODE;
        ++*at;
        return make_calendar(reader, year, month, day);
    }
    if (token->digits == 10 && reader->whole) { /* seconds since 1970 */
        ++*at;
        int index = th_node_new(reader, TH_NODE_INSTANT);
        if (index >= 0) th_node(reader, index)->number = token->number;
        return index;
    }
    if (token->digits == 7 && reader->whole) {
        int year = number / 1000, day = number % 1000;
        if (year < 1 || day < 1 || day > 365 + th_leap_year(year)) return TH_NO_NODE;
        ++*at;
        return make_numbered(reader, TH_NODE_YEAR_DAY, year, day, 0);
    }
    return TH_NO_NODE;
}

/* 2026-W49, 2026-W49-5, 2026W495. */
static int read_iso_week(th_reader_t *reader, size_t *at, int year) {
    size_t p = *at + 1;
    int week, weekday = 0;
    bool dash = th_glued_mark(reader, p, '-');
    if (dash) p++;
    if (!th_at(reader, p)->glued || !th_text(reader, p, "w")) return TH_NO_NODE;
    p++;
    if (part(reader, p, 3, 537, &week)) {
        weekday = week % 10;
        week /= 10;
        if (weekday < 1 || weekday > 7) return TH_NO_NODE;
    } else if (!part(reader, p, 2, 53, &week)) {
        return TH_NO_NODE;
    }
    p++;
    if (weekday == 0 && th_glued_mark(reader, p, '-') && part(reader, p + 1, 1, 7, &weekday))
        p += 2;
    if (week < 1 || !plausible(reader, year)) return TH_NO_NODE;
    *at = p;
    return make_numbered(reader, TH_NODE_ISO_WEEK, year, week, weekday);
}

/* 2026-12-04, 2026/12/04, 2026.12.04, 2026-12, 2026-339. */
static int read_year_first(th_reader_t *reader, size_t *at) {
    size_t p = *at;
    int year, month, day;
    if (!th_digits(reader, p, 4, 4, 9999, &year) || !plausible(reader, year)) return TH_NO_NODE;
    int week = read_iso_week(reader, at, year);
    if (week >= 0) return week;
    char joint = th_at(reader, p + 1)->glued ? th_at(reader, p + 1)->mark : 0;
    if (joint != '-' && joint != '/' && joint != '.') return TH_NO_NODE;
    if (joint == '-' && (reader->whole || reader->introduced) &&
        part(reader, p + 2, 3, 366, &day) && day >= 1) {
        *at = p + 3;
        return make_numbered(reader, TH_NODE_YEAR_DAY, year, day, 0);
    }
    if (!th_at(reader, p + 2)->glued || !th_digits(reader, p + 2, 1, 2, 12, &month) || month < 1)
        return TH_NO_NODE;
    if (th_glued_mark(reader, p + 3, joint) && th_at(reader, p + 4)->glued &&
        th_digits(reader, p + 4, 1, 2, 31, &day) && day >= 1) {
        *at = p + 5;
        return make_calendar(reader, year, month, day);
    }
    if (joint == '.' || !part(reader, p + 2, 2, 12, &month)) return TH_NO_NODE;
    if (joint == '/' && !reader->whole && !reader->introduced) return TH_NO_NODE;
    *at = p + 3;
    return make_calendar(reader, year, month, 0);
}

/* Which of the two is the day: what cannot be a month; else the locale's order, and with dots
 * always the day first. False when neither way is possible. */
static bool order(const th_reader_t *reader, char joint, int a, int b, int *day, int *month) {
    bool first = reader->day_first || joint == '.';
    if (a > 12)
        first = true;
    else if (b > 12)
        first = false;
    *day = first ? a : b;
    *month = first ? b : a;
    return *month >= 1 && *month <= 12 && *day >= 1 && *day <= 31;
}

/* 4/12/2026, 4.12.2026, 4-12-26, and 4/12. */
static int read_short(th_reader_t *reader, size_t *at) {
    size_t p = *at;
    int a, b, day, month, year = 0;
    if (!th_digits(reader, p, 1, 2, 31, &a)) return TH_NO_NODE;
    char joint = th_at(reader, p + 1)->glued ? th_at(reader, p + 1)->mark : 0;
    if (joint != '-' && joint != '/' && joint != '.') return TH_NO_NODE;
    bool blank = !th_at(reader, p + 2)->glued; /* "25/ 4/2015": only with a whole year */
    if (blank && joint == '-') return TH_NO_NODE;
    if (!th_digits(reader, p + 2, 1, 2, 31, &b) || !order(reader, joint, a, b, &day, &month))
        return TH_NO_NODE;
    p += 3;
    const th_token_t *third = th_at(reader, p + 1);
    if (th_glued_mark(reader, p, joint) && (third->glued || joint == '.') &&
        th_digits(reader, p + 1, 4, 4, 9999, &year) && year >= 1000) {
        p += 2;
    } else if (th_glued_mark(reader, p, joint) && third->glued && third->digits == 2 &&
               th_digits(reader, p + 1, 2, 2, 99, &year)) {
        year = th_full_year(year);
        p += 2;
        if (blank) return TH_NO_NODE;
        if (joint != '/' && !reader->whole && !reader->introduced)
            return TH_NO_NODE; /* a version */
    } else {
        year = 0;
        if (joint != '/' || blank) return TH_NO_NODE;
        if (a == 24 && b == 7) return TH_NO_NODE;                        /* 24/7 */
        if (th_means(reader, p, TH_SENSE_UNIT, NULL)) return TH_NO_NODE; /* 1/4 hour */
        if (a <= 12 && b <= 12) reader->partial->weak = true;            /* or a fraction */
    }
    int index = make_calendar(reader, year, month, day);
    if (index >= 0) *at = p;
    return index;
}

/* 12/2026. */
static int read_month_year(th_reader_t *reader, size_t *at) {
    int month, year;
    if (!th_digits(reader, *at, 1, 2, 12, &month) || month < 1) return TH_NO_NODE;
    if (!th_glued_mark(reader, *at + 1, '/') &&
        !(reader->whole && th_glued_mark(reader, *at + 1, '-')))
        return TH_NO_NODE;
    if (!part(reader, *at + 2, 4, 2199, &year) || year < 1900) return TH_NO_NODE;
    *at += 3;
    return make_calendar(reader, year, month, 0);
}

int th_read_numeric(th_reader_t *reader, size_t *at) {
    if (th_at(reader, *at)->kind != TH_TOKEN_NUMBER) return TH_NO_NODE;
    int index = read_basic(reader, at);
    if (index < 0) index = read_year_first(reader, at);
    if (index < 0) index = read_short(reader, at);
    if (index < 0) index = read_month_year(reader, at);
    return index;
}
