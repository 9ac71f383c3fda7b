/* grammar_moment.c - a moment: dates and times in any order ("3pm on Friday", "Friday, 4 December
 * at 3pm"), with two dates of one moment made one. */
#include <string.h>

#include "date/grammar.h"

static bool is_week(const th_node_t *node) {
    return (node->kind == TH_NODE_PERIOD && node->unit == TH_UNIT_WEEK) ||
           (node->kind == TH_NODE_ISO_WEEK && node->weekday == 0) ||
           (node->kind == TH_NODE_SHIFT &&
            (node->amount.finest == TH_UNIT_WEEK || node->amount.finest == TH_UNIT_FORTNIGHT));
}

/* A weekday beside another date: says the same again, or picks a day of that week. */
static int merge_weekday(th_reader_t *reader, int weekday, int other) {
    th_node_t *day = th_node(reader, weekday), *node = th_node(reader, other);
    if (day->which != TH_WHICH_NONE && !(node->kind == TH_NODE_CALENDAR && node->day))
        return TH_NO_NODE;
    if ((node->kind == TH_NODE_CALENDAR && node->day) || node->kind == TH_NODE_DAY_OF) {
        node->weekday = day->weekday;
        return other;
    }
    if (node->kind == TH_NODE_DAY || node->kind == TH_NODE_HOLIDAY) return other;
    if (is_week(node)) {
        int index = th_node_new(reader, TH_NODE_WITHIN);
        if (index < 0) return index;
        th_node(reader, index)->weekday = day->weekday;
        th_node(reader, index)->child = other;
        return index;
    }
    return TH_NO_NODE;
}

bool th_takes_year(const th_node_t *node) {
    return ((node->kind == TH_NODE_CALENDAR && node->month && node->which == TH_WHICH_NONE) ||
            node->kind == TH_NODE_HOLIDAY || node->kind == TH_NODE_QUARTER ||
            node->kind == TH_NODE_HALF) &&
           !node->year && !node->year_from_now;
}

/* Two dates of one moment as one: "Friday" + "4 December", "December 4" + "2026". */
static int merge_dates(th_reader_t *reader, int first, int second) {
    th_node_t *a = th_node(reader, first), *b = th_node(reader, second);
    if (a->kind == TH_NODE_WEEKDAY && b->kind != TH_NODE_WEEKDAY)
        return merge_weekday(reader, first, second);
    if (b->kind == TH_NODE_WEEKDAY && a->kind != TH_NODE_WEEKDAY)
        return merge_weekday(reader, second, first);
    if (a->kind == TH_NODE_YEAR || (a->kind == TH_NODE_PERIOD && a->unit == TH_UNIT_YEAR)) {
        int swap = first;
        first = second;
        second = swap;
        a = th_node(reader, first);
        b = th_node(reader, second);
    }
    if (th_takes_year(a) && b->kind == TH_NODE_YEAR && !b->fiscal) {
        a->year = b->year;
        return first;
    }
    if (th_takes_year(a) && b->kind == TH_NODE_PERIOD && b->unit == TH_UNIT_YEAR && b->child < 0) {
        a->year_from_now = true;
        a->years = (int)b->number;
        return first;
    }
    if (a->kind == TH_NODE_PERIOD && a->unit == TH_UNIT_MONTH && b->kind == TH_NODE_DAY_OF &&
        b->child < 0) {
        b->child = first;
        return second;
    }
    /* "tomorrow in 2 weeks" */
    if (a->kind == TH_NODE_DAY && b->kind == TH_NODE_SHIFT && b->child < 0 &&
        b->amount.finest >= TH_UNIT_WEEK) {
        b->child = first;
        return second;
    }
    /* "tomorrow, 4 December": said twice */
    if (a->kind == TH_NODE_DAY && b->kind == TH_NODE_CALENDAR && b->day) return second;
    if (b->kind == TH_NODE_DAY && a->kind == TH_NODE_CALENDAR && a->day) return first;
    return TH_NO_NODE;
}

/* "this morning", "last night", "tonight": a day and a part of it in one. */
static int read_day_part(th_reader_t *reader, size_t *at, th_time_t *time) {
    size_t p = *at;
    int part, offset = 0;
    int edge;
    if (th_means(reader, p, TH_SENSE_EDGE, &edge) && edge >= TH_EDGE_EARLY) p++;
    bool tonight = th_key(reader, p, TH_KEY_TONIGHT);
    memset(time, 0, sizeof(*time));
    time->said = true;
    time->grain = TH_GRAIN_HOUR;
    if (tonight) {
        time->part = TH_PART_NIGHT;
    } else {
        bool later = th_key(reader, p, TH_KEY_LATER);
        if (later) p++;
        if (th_text(reader, p, "last"))
            offset = -1;
        else if (!th_text(reader, p, "this")) {
            if (!later || !th_text(reader, p, "today")) return TH_NO_NODE;
        }
        if (th_text(reader, p, "today")) return TH_NO_NODE;
        p++;
        if (th_means(reader, p, TH_SENSE_EDGE, &edge) && edge >= TH_EDGE_EARLY) p++;
        if (!th_means(reader, p, TH_SENSE_PART, &part) || part == TH_PART_NOON ||
            part == TH_PART_LUNCH)
            return TH_NO_NODE;
        time->part = (th_part_t)part;
    }
    int index = th_node_new(reader, TH_NODE_DAY);
    if (index < 0) return index;
    th_node(reader, index)->number = offset;
    *at = p + 1;
    return index;
}

/* The time of a moment, or a second word on it: "3" and "in the afternoon". */
static bool add_time(th_node_t *moment, const th_time_t *time) {
    if (!moment->time.said) {
        moment->time = *time;
        return true;
    }
    if (time->part != TH_PART_NONE && time->part == moment->time.part)
        return true; /* "first thing in the morning" */
    th_time_t merged = moment->time;
    if (merged.part != TH_PART_NONE && time->part == TH_PART_NONE) {
        th_part_t part = merged.part;
        merged = *time;
        if (!th_time_apply_part(&merged, part)) return false;
    } else if (merged.part == TH_PART_NONE && time->part != TH_PART_NONE) {
        if (!th_time_apply_part(&merged, time->part)) return false;
    } else if (merged.part == TH_PART_MIDNIGHT && time->part == TH_PART_NIGHT) {
        /* "midnight tonight" */
    } else if (merged.part == TH_PART_NIGHT && time->part == TH_PART_MIDNIGHT) {
        merged = *time; /* "tonight at midnight" */
    } else {
        return false;
    }
    moment->time = merged;
    return true;
}

/* A bare "morning" is no date without a day, "in the" or "at" in front. */
static bool part_counts(th_reader_t *reader, const th_node_t *moment, size_t index,
                        const th_time_t *time) {
    if (moment->child >= 0 || moment->time.said || reader->whole || reader->introduced) return true;
    if (time->part == TH_PART_NOON || time->part == TH_PART_MIDNIGHT ||
        time->part == TH_PART_END_OF_DAY || time->part == TH_PART_CLOSE ||
        time->part == TH_PART_START_OF_DAY || time->part == TH_PART_NONE)
        return true;
    return th_key(reader, index, TH_KEY_IN) || th_key(reader, index, TH_KEY_AT) ||
           th_text(reader, index, "first");
}

static bool try_time(th_reader_t *reader, size_t *at, bool clock, th_node_t *moment,
                     th_time_t *end) {
    th_time_t time;
    size_t p = *at;
    if (!th_may_be_time(reader, p)) return false;
    if ((!moment->time.said || moment->time.part != TH_PART_NONE) && !end->said) {
        th_time_t last;
        if (th_read_time_range(reader, &p, clock, &time, &last)) {
            if (add_time(moment, &time)) {
                if (moment->time.part == TH_PART_NONE && last.guess && moment->time.hour >= 12 &&
                    last.hour < 12) {
                    last.hour += 12;
                    last.guess = false;
                }
                *end = last;
                *at = p;
                return true;
            }
        }
        p = *at;
        if (th_read_time(reader, &p, clock, &time) && add_time(moment, &time)) {
            *at = p;
            return true;
        }
    }
    p = *at;
    if (th_read_part(reader, &p, &time) && part_counts(reader, moment, *at, &time) &&
        (!moment->time.said || time.part <= TH_PART_LUNCH) && add_time(moment, &time)) {
        if (end->said && end->guess) th_time_apply_part(end, time.part);
        *at = p;
        return true;
    }
    return false;
}

static bool try_date(th_reader_t *reader, size_t *at, int index) {
    th_node_t *moment = th_node(reader, index);
    size_t p = *at;
    th_time_t time;
    int date = moment->child < 0 ? read_day_part(reader, &p, &time) : TH_NO_NODE;
    if (date >= 0) {
        if (!add_time(moment, &time)) return false;
        moment->child = date;
        *at = p;
        return true;
    }
    int count = reader->partial->count;
    bool weak = reader->partial->weak, introduced = reader->introduced;
    if (moment->child >= 0 || moment->time.said)
        reader->introduced = true; /* a date beside a date is one */
    date = th_read_date(reader, &p);
    reader->introduced = introduced;
    if (date >= 0 && moment->child >= 0) date = merge_dates(reader, moment->child, date);
    if (date < 0) {
        reader->partial->count = count;
        reader->partial->weak = weak;
        return false;
    }
    if (moment->time.said || moment->child >= 0) reader->partial->weak = weak;
    moment->child = date;
    *at = p;
    return true;
}

/* A word or mark that joins without leading to a bare hour: "on", "of", "for 9am", the T of ISO
 * 8601, and the colon in a web server's 04/Dec/2026:17:00:00. */
static bool is_joint(th_reader_t *reader, size_t at) {
    const th_token_t *next = th_at(reader, at + 1);
    if (th_key(reader, at, TH_KEY_ON) || th_key(reader, at, TH_KEY_OF)) return true;
    if (th_key(reader, at, TH_KEY_FOR)) return next->kind == TH_TOKEN_NUMBER;
    if (!th_at(reader, at)->glued || at == 0) return false;
    if (th_mark(reader, at, ':'))
        return th_digits(reader, at + 1, 2, 2, 24, NULL) && th_at(reader, at - 1)->digits == 4;
    return th_text(reader, at, "t") && next->glued;
}

/* Words and marks between the parts of a moment; <*clock> when an hour may follow. */
static void skip_between(th_reader_t *reader, size_t *at, bool *clock) {
    size_t p = *at;
    *clock = false;
    if (th_mark(reader, p, ',') || th_mark(reader, p, '@') || th_glued_mark(reader, p, '_')) {
        *clock = th_mark(reader, p, '@');
        p++;
    } else if (th_glued_mark(reader, p, '\'') && th_at(reader, p + 1)->glued &&
               th_text(reader, p + 1, "s")) {
        p += 2; /* "Friday's 3pm" */
    }
    if (th_mark(reader, p, '(') && th_at(reader, p + 1)->kind != TH_TOKEN_NUMBER) p++;
    if (th_key(reader, p, TH_KEY_AT) || th_key(reader, p, TH_KEY_AROUND) ||
        th_key(reader, p, TH_KEY_ABOUT) || th_key(reader, p, TH_KEY_BY) ||
        th_mark(reader, p, '@')) {
        *clock = true;
        p++;
        if (th_key(reader, p, TH_KEY_AROUND) || th_key(reader, p, TH_KEY_ABOUT)) p++;
    } else if (th_key(reader, p, TH_KEY_FROM) || th_key(reader, p, TH_KEY_BETWEEN)) {
        *clock = true;
        reader->between = reader->between || th_key(reader, p, TH_KEY_BETWEEN);
        p++;
    } else if (is_joint(reader, p)) {
        p++;
    }
    *at = p;
}

/* hhmm[ss] behind the T of the basic format. */
static bool try_basic_time(th_reader_t *reader, size_t *at, th_node_t *moment) {
    size_t p = *at;
    int value;
    bool behind_t = p > 0 && th_at(reader, p)->glued && th_text(reader, p - 1, "t");
    bool behind_day = p > 0 && moment->child >= 0 && !th_at(reader, p)->glued &&
                      th_at(reader, p - 1)->digits == 8;
    if (moment->time.said || !(behind_t || (behind_day && th_at(reader, p)->digits >= 4)))
        return false;
    th_time_t time = {.said = true, .grain = TH_GRAIN_MINUTE};
    if (th_digits(reader, p, 6, 6, 240000, &value)) {
        time.hour = value / 10000;
        time.minute = value / 100 % 100;
        time.second = value % 100;
        time.grain = TH_GRAIN_SECOND;
    } else if (th_digits(reader, p, 4, 4, 2400, &value)) {
        time.hour = value / 100;
        time.minute = value % 100;
    } else if (th_digits(reader, p, 2, 2, 24, &value) && !th_glued_mark(reader, p + 1, ':')) {
        time.hour = value;
        time.grain = TH_GRAIN_HOUR;
    } else {
        return false;
    }
    if (time.minute > 59 || time.second > 60 || (time.hour == 24 && (time.minute || time.second)))
        return false;
    if (time.second == 60) time.second = 59;
    moment->time = time;
    p++;
    if ((th_glued_mark(reader, p, '.') || th_glued_mark(reader, p, ',')) &&
        th_at(reader, p + 1)->glued && th_digits(reader, p + 1, 1, 12, 0, NULL))
        p += 2;
    *at = p;
    return true;
}

int th_read_moment_range(th_reader_t *reader, size_t *at, bool clock, th_time_t *end) {
    size_t p = *at;
    int index = th_node_new(reader, TH_NODE_MOMENT);
    bool any = false, deadline = reader->partial->deadline;
    end->said = false;
    if (index < 0) return index;
    if (th_text(reader, p, "t") && th_at(reader, p + 1)->glued &&
        th_at(reader, p + 1)->kind == TH_TOKEN_NUMBER && (reader->whole || reader->introduced))
        p++;  /* T17:00 */
    int edge; /* "early tomorrow morning" */
    if (th_means(reader, p, TH_SENSE_EDGE, &edge) && edge >= TH_EDGE_EARLY &&
        th_means(reader, p + 2, TH_SENSE_PART, NULL) &&
        (th_means(reader, p + 1, TH_SENSE_DAY, NULL) ||
         th_means(reader, p + 1, TH_SENSE_WEEKDAY, NULL)))
        p++;
    for (int parts = 0; parts < 8; parts++) {
        size_t q = p;
        th_node_t *moment = th_node(reader, index);
        bool after = clock && !any;
        if (any && moment->time.said && moment->zone.kind == TH_ZONE_NONE &&
            th_read_zone(reader, &q, &moment->zone)) {
            p = q;
            continue;
        }
        q = p;
        if (any) skip_between(reader, &q, &after);
        /* "by 4 December", "by 3 days from now": a date before a bare hour */
        bool date_first =
            moment->child < 0 && (th_at(reader, q)->kind == TH_TOKEN_NUMBER ||
                                  (after && th_means(reader, q, TH_SENSE_COUNT, NULL)));
        bool read = try_basic_time(reader, &q, moment);
        if (!read && date_first) read = try_date(reader, &q, index);
        bool by =
            any && q > p && (th_key(reader, q - 1, TH_KEY_BY) || th_key(reader, q - 1, TH_KEY_FOR));
        if (!read) read = try_time(reader, &q, after, moment, end);
        if (read && by && th_key(reader, p, TH_KEY_BY)) deadline = true;
        if (!read && !date_first && !(by && moment->child >= 0)) read = try_date(reader, &q, index);
        if (!read) break;
        if (any && p != q && th_mark(reader, p, '(')) th_skip_mark(reader, &q, ')');
        p = q;
        any = true;
    }
    if (!any) return TH_NO_NODE;
    reader->partial->deadline = reader->partial->deadline || deadline;
    *at = p;
    return index;
}

int th_read_moment(th_reader_t *reader, size_t *at, bool clock) {
    th_time_t end;
    if (reader->depth >= TH_DEPTH_MAX) return TH_NO_NODE;
    reader->depth++;
    int index = th_read_moment_range(reader, at, clock, &end);
    reader->depth--;
    return end.said ? TH_NO_NODE : index;
}
