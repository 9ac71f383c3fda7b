/* grammar_part.c - parts of the day: "in the morning", "noon", "end of the day", "close of
 * business". */
#include <string.h>

#include "date/grammar.h"

bool th_time_apply_part(th_time_t *time, th_part_t part) {
    int hour = time->hour;
    if (hour > 12) return part != TH_PART_MORNING;
    time->guess = false;
    switch (part) {
    case TH_PART_MORNING: time->hour = hour % 12; return true;
    case TH_PART_NOON:
    case TH_PART_LUNCH:
    case TH_PART_AFTERNOON: time->hour = hour % 12 + 12; return true;
    case TH_PART_EVENING: time->hour = hour == 12 ? 24 : hour + 12; return hour > 0;
    case TH_PART_NIGHT:
        time->hour = hour == 12 || hour == 0 ? 24 : hour >= 5 ? hour + 12 : hour;
        return true;
    case TH_PART_MIDNIGHT:
        time->part = TH_PART_MIDNIGHT;
        return (hour == 12 || hour == 0) && time->minute == 0;
    case TH_PART_SAME:
    case TH_PART_NONE:
    case TH_PART_END_OF_DAY:
    case TH_PART_CLOSE:
    case TH_PART_START_OF_DAY: return false;
    }
    return false;
}

/* "end of the day", "close of business", "EOD", "start of business". */
static bool read_day_end(th_reader_t *reader, size_t *at, th_time_t *time) {
    size_t p = *at;
    int value = 0;
    if (th_means(reader, p, TH_SENSE_LIMIT, &value)) {
        if (value != TH_LIMIT_DAY && value != TH_LIMIT_CLOSE && value != TH_LIMIT_START)
            return false;
        time->part = value == TH_LIMIT_DAY     ? TH_PART_END_OF_DAY
                     : value == TH_LIMIT_CLOSE ? TH_PART_CLOSE
                                               : TH_PART_START_OF_DAY;
        *at = p + 1;
        return true;
    }
    th_skip_key(reader, &p, TH_KEY_THE);
    bool close = th_key(reader, p, TH_KEY_CLOSE);
    bool end = th_means(reader, p, TH_SENSE_EDGE, &value) && value == TH_EDGE_END;
    bool start = th_means(reader, p, TH_SENSE_EDGE, &value) && value == TH_EDGE_START;
    start = start || th_text(reader, p, "opening");
    if (!close && !end && !start) return false;
    p++;
    th_skip_mark(reader, &p, '-');
    if (!th_skip_key(reader, &p, TH_KEY_OF) && !th_text(reader, p, "day")) return false;
    th_skip_mark(reader, &p, '-');
    th_skip_key(reader, &p, TH_KEY_THE);
    bool business =
        th_skip_key(reader, &p, TH_KEY_BUSINESS) || th_skip_key(reader, &p, TH_KEY_PLAY);
    bool day = th_text(reader, p, "day") || (business && th_text(reader, p, "hours"));
    if (!business && th_text(reader, p, "workday")) business = day = true;
    if (day) p++;
    if (!business && !day) return false;
    if (day && !business && start && !close) { /* the day itself begins at midnight */
        time->part = TH_PART_NONE;
        time->hour = 0;
        time->grain = TH_GRAIN_HOUR;
    } else {
        time->part = start               ? TH_PART_START_OF_DAY
                     : business || close ? TH_PART_CLOSE
                                         : TH_PART_END_OF_DAY;
    }
    *at = p;
    return true;
}

/* "at the same time", "this time". */
static bool read_same_time(th_reader_t *reader, size_t *at) {
    size_t p = *at;
    th_skip_key(reader, &p, TH_KEY_AT);
    th_skip_key(reader, &p, TH_KEY_THE);
    if (!th_key(reader, p, TH_KEY_SAME) && !th_text(reader, p, "this")) return false;
    if (!th_key(reader, p + 1, TH_KEY_TIME)) return false;
    *at = p + 2;
    return true;
}

bool th_read_part(th_reader_t *reader, size_t *at, th_time_t *time) {
    size_t p = *at;
    int part;
    memset(time, 0, sizeof(*time));
    time->said = true;
    time->grain = TH_GRAIN_HOUR;
    if (read_day_end(reader, &p, time)) {
        if (time->part == TH_PART_END_OF_DAY) time->grain = TH_GRAIN_MINUTE;
        *at = p;
        return true;
    }
    if (read_same_time(reader, at)) {
        time->part = TH_PART_SAME;
        time->grain = TH_GRAIN_MINUTE;
        return true;
    }
    bool first = th_text(reader, p, "first") && th_key(reader, p + 1, TH_KEY_THING);
    if (first) {
        p += 2;
        time->part = TH_PART_MORNING;
        *at = p;
        size_t q = p;
        if (th_skip_key(reader, &q, TH_KEY_IN) && th_skip_key(reader, &q, TH_KEY_THE) &&
            th_text(reader, q, "morning"))
            *at = q + 1;
        return true;
    }
    int edge; /* "early afternoon", "late in the evening" */
    if (th_means(reader, p, TH_SENSE_EDGE, &edge) && edge >= TH_EDGE_EARLY) p++;
    if (th_skip_key(reader, &p, TH_KEY_IN) || th_skip_key(reader, &p, TH_KEY_DURING)) {
        if (!th_skip_key(reader, &p, TH_KEY_THE)) return false;
    } else {
        th_skip_key(reader, &p, TH_KEY_AT);
        if (th_key(reader, p, TH_KEY_THE) && th_means(reader, p + 1, TH_SENSE_PART, NULL) &&
            th_key(reader, p + 2, TH_KEY_OF))
            p++; /* "the afternoon of 4 December" */
        if (th_mark(reader, p, '-')) return false;
    }
    if (th_means(reader, p, TH_SENSE_EDGE, &edge) &&
        (edge == TH_EDGE_MIDDLE || edge >= TH_EDGE_EARLY)) {
        p++; /* "mid-morning" */
        th_skip_mark(reader, &p, '-');
    }
    bool after_day = p > 0 && (th_means(reader, p - 1, TH_SENSE_DAY, NULL) ||
                               th_means(reader, p - 1, TH_SENSE_WEEKDAY, NULL));
    int pm;
    if (after_day && th_means(reader, p, TH_SENSE_MERIDIEM, &pm)) { /* "tomorrow am" */
        time->part = pm ? TH_PART_AFTERNOON : TH_PART_MORNING;
        *at = p + 1;
        return true;
    }
    if (!th_means(reader, p, TH_SENSE_PART, &part)) return false;
    if (th_text(reader, p, "lunch") && !after_day && !(p > 0 && th_key(reader, p - 1, TH_KEY_AT)))
        return false;
    time->part = (th_part_t)part;
    *at = p + 1;
    return true;
}
