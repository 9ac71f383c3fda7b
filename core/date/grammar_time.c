/* grammar_time.c - times of day: clocks of 12 and 24 hours in digits and words, and parts of the
 * day. */
#include <string.h>

#include "date/grammar.h"

/* am, pm, a.m., p. m., a, p. */
static bool read_meridiem(th_reader_t *reader, size_t *at, int *pm) {
    size_t p = *at;
    const th_token_t *token = th_at(reader, p);
    if (th_means(reader, p, TH_SENSE_MERIDIEM, pm)) {
        *at = p + 1;
        return true;
    }
    if (token->kind != TH_TOKEN_WORD || token->length != 1 ||
        (token->text[0] != 'a' && token->text[0] != 'p') ||
        (token->capital && !th_mark(reader, p + 1, '.')))
        return false;
    *pm = token->text[0] == 'p';
    p++;
    bool dotted = th_mark(reader, p, '.') && th_text(reader, p + 1, "m");
    if (dotted) {
        p += 2;
        if (th_glued_mark(reader, p, '.')) p++;
    } else if (!token->glued || th_at(reader, p)->glued) {
        return false; /* "5 a" is no time; "5p" is */
    }
    *at = p;
    return true;
}

/* What may follow a bare hour. "at 5 locations", "by 3 people": a plain word behind it counts
 * things. */
static bool ends_time(th_reader_t *reader, size_t index) {
    static const char *const functions[] = {"so",    "then",   "with",   "if", "but",
                                            "is",    "please", "we",     "i",  "sharp",
                                            "today", "when",   "because"};
    const th_token_t *next = th_at(reader, index);
    if (next->kind == TH_TOKEN_NUMBER && !next->glued) return false;
    if (next->glued && (next->kind == TH_TOKEN_WORD || next->kind == TH_TOKEN_OTHER)) return false;
    if (next->glued && next->mark && strchr("%/:+$*#", next->mark)) return false;
    if (next->glued && next->mark == '.' && th_at(reader, index + 1)->glued) return false;
    bool joint = th_mark(reader, index, '-') || th_key(reader, index, TH_KEY_TO) ||
                 th_key(reader, index, TH_KEY_AND);
    if (joint && th_at(reader, index + 1)->kind == TH_TOKEN_NUMBER)
        return false; /* "from 5 to 10 seats" */
    if (next->kind != TH_TOKEN_WORD) return true;
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
        if (strcmp(next->text, functions[i]) == 0) return true;
    if (next->upper && next->length >= 2) return true; /* a zone */
    return next->word && !th_means(reader, index, TH_SENSE_UNIT, NULL) &&
           !th_means(reader, index, TH_SENSE_TAKER, NULL) &&
           !th_key(reader, index, TH_KEY_BUSINESS);
}

static bool set_meridiem(th_time_t *time, int pm) {
    if (time->hour < 1 || time->hour > 12) /* "15:00 pm" says the same twice; "13 pm" is a slip */
        return time->hour >= 13 && time->hour <= 23 && pm && time->grain != TH_GRAIN_HOUR;
    time->hour = time->hour % 12 + (pm ? 12 : 0);
    time->guess = false;
    return true;
}

static bool read_fraction(th_reader_t *reader, size_t *at) {
    if ((th_glued_mark(reader, *at, '.') || th_glued_mark(reader, *at, ',')) &&
        th_at(reader, *at + 1)->glued && th_digits(reader, *at + 1, 1, 12, 0, NULL)) {
        *at += 2;
        return true;
    }
    return false;
}

/* 17:00, 5:30pm, 17:00:05.25, 5.30pm; the time behind the T of ISO 8601 too. */
static bool read_colon(th_reader_t *reader, size_t *at, bool clock, th_time_t *time) {
    size_t p = *at;
    int hour, minute, second = 0, pm;
    if (!th_digits(reader, p, 1, 2, 24, &hour)) return false;
    const th_token_t *joint = th_at(reader, p + 1);
    bool colon = joint->glued && joint->mark == ':';
    bool dot = joint->glued && joint->mark == '.';
    if ((!colon && !dot) || !th_at(reader, p + 2)->glued ||
        !th_digits(reader, p + 2, 2, 2, 59, &minute))
        return false;
    bool short_hour = th_at(reader, p)->digits == 1;
    p += 3;
    time->grain = TH_GRAIN_MINUTE;
    if (colon && th_glued_mark(reader, p, ':') && th_at(reader, p + 1)->glued &&
        th_digits(reader, p + 1, 2, 2, 60, &second)) {
        p += 2;
        time->grain = TH_GRAIN_SECOND;
        read_fraction(reader, &p);
    }
    if (colon && (th_text(reader, p, "hrs") || th_text(reader, p, "hours"))) p++;
    time->hour = hour;
    time->minute = minute;
    time->second = second == 60 ? 59 : second; /* a leap second has no instant of its own */
    time->guess = clock && short_hour && hour >= 1 && time->grain == TH_GRAIN_MINUTE;
    if (hour == 24 && (minute || second)) return false;
    bool marked = read_meridiem(reader, &p, &pm);
    if (marked && !set_meridiem(time, pm)) return false;
    if (dot &&
        !marked) { /* "2.30" is a time only where one is expected, and no decimal or version */
        bool day =
            th_key(reader, p, TH_KEY_ON) &&
            (th_means(reader, p + 1, TH_SENSE_WEEKDAY, NULL) || th_key(reader, p + 1, TH_KEY_THE));
        if ((!clock && !day) || th_glued_mark(reader, p, '.') || th_glued_mark(reader, p, '%'))
            return false;
    }
    *at = p;
    return true;
}

/* 1700 hrs, 0900h, and at 1700. */
static bool read_military(th_reader_t *reader, size_t *at, bool clock, th_time_t *time) {
    int value;
    if (!th_digits(reader, *at, 4, 4, 2400, &value) || value % 100 > 59) return false;
    const th_token_t *next = th_at(reader, *at + 1);
    bool unit = strcmp(next->text, "h") == 0 || strcmp(next->text, "hrs") == 0 ||
                strcmp(next->text, "hours") == 0 || strcmp(next->text, "hr") == 0;
    /* "by 2030" is a year, "at 2030" a time */
    bool year = value >= 1900 && value <= 2199 && !(*at > 0 && th_key(reader, *at - 1, TH_KEY_AT));
    if (!unit && (!clock || next->glued || year || !ends_time(reader, *at + 1))) return false;
    time->hour = value / 100;
    time->minute = value % 100;
    time->grain = TH_GRAIN_MINUTE;
    *at += unit ? 2 : 1;
    return true;
}

/* An hour in digits or words: 1..24. */
static bool read_hour(th_reader_t *reader, size_t *at, int *hour) {
    if (!th_digits(reader, *at, 1, 2, 24, hour) &&
        !(th_means(reader, *at, TH_SENSE_COUNT, hour) && *hour >= 1 && *hour <= 12))
        return false;
    ++*at;
    return true;
}

/* "three thirty", "nine forty-five" behind the hour in words. */
static bool read_minute_words(th_reader_t *reader, size_t *at, int *minute) {
    size_t p = *at;
    int64_t count;
    if (!th_means(reader, p, TH_SENSE_COUNT, minute) || *minute < 10 || *minute > 59) return false;
    if (!th_read_count(reader, &p, &count) || count / 1000 > 59) return false;
    *minute = (int)(count / 1000);
    *at = p;
    return true;
}

/* 5pm, 5 o'clock, 17h, 17h30, five pm, and at 5. */
static bool read_plain(th_reader_t *reader, size_t *at, bool clock, th_time_t *time) {
    size_t p = *at;
    int hour, pm, minute;
    bool digits = th_at(reader, p)->kind == TH_TOKEN_NUMBER;
    if (!read_hour(reader, &p, &hour)) return false;
    time->hour = hour;
    time->grain = TH_GRAIN_HOUR;
    time->guess = hour <= 12;
    if (!digits && read_minute_words(reader, &p, &minute)) {
        time->minute = minute;
        time->grain = TH_GRAIN_MINUTE;
    }
    if (read_meridiem(reader, &p, &pm)) {
        if (!set_meridiem(time, pm)) return false;
    } else if (th_key(reader, p, TH_KEY_OCLOCK)) {
        p++;
        if (read_meridiem(reader, &p, &pm) && !set_meridiem(time, pm)) return false;
    } else if (th_key(reader, p, TH_KEY_IN) && th_key(reader, p + 1, TH_KEY_THE) &&
               th_means(reader, p + 2, TH_SENSE_MERIDIEM, &pm)) {
        p += 3;
        if (!set_meridiem(time, pm)) return false;
    } else if (digits && th_at(reader, p)->glued && th_text(reader, p, "h") && hour < 24) {
        p++;
        time->guess = false;
        if (th_at(reader, p)->glued && th_digits(reader, p, 2, 2, 59, &minute)) {
            time->minute = minute;
            time->grain = TH_GRAIN_MINUTE;
            p++;
        } else if (!clock && th_at(reader, *at)->digits < 2) {
            return false;
        }
    } else if (th_at(reader, p)->glued && th_text(reader, p, "ish")) {
        p++;
    } else {
        size_t q = p;
        th_time_t part = {.said = false};
        bool parted =
            th_read_part(reader, &q, &part) &&
            (th_key(reader, p, TH_KEY_IN) ||
             (hour == 12 && (part.part == TH_PART_NOON || part.part == TH_PART_MIDNIGHT)));
        bool at_night = th_key(reader, p, TH_KEY_AT) && th_text(reader, p + 1, "night");
        bool tonight = th_key(reader, p, TH_KEY_TONIGHT) ||
                       ((th_text(reader, p, "this") || th_means(reader, p, TH_SENSE_DAY, NULL)) &&
                        th_means(reader, p + 1, TH_SENSE_PART, NULL));
        if (!clock && !parted && !at_night && !tonight) return false;
        if (!parted && !at_night && !tonight && !ends_time(reader, p)) return false;
        time->bare = !parted && !at_night && !tonight;
    }
    if (time->hour == 0 && hour != 12 && hour != 0) return false;
    *at = p;
    return true;
}

/* The minutes of "half past", "quarter to", "ten past", "five minutes to". */
static bool read_spoken_minutes(th_reader_t *reader, size_t *at, int *minutes) {
    size_t p = *at;
    int64_t count;
    int unit;
    th_skip_key(reader, &p, TH_KEY_A);
    if (th_key(reader, p, TH_KEY_HALF)) {
        *minutes = 30;
        p++;
    } else if (th_text(reader, p, "quarter")) {
        *minutes = 15;
        p++;
    } else if (th_read_count(reader, &p, &count) && count % 1000 == 0 && count >= 1000 &&
               count < 60000) {
        *minutes = (int)(count / 1000);
        if (th_means(reader, p, TH_SENSE_UNIT, &unit) && unit == TH_UNIT_MINUTE)
            p++;
        else if (*minutes % 5)
            return false;
    } else {
        return false;
    }
    *at = p;
    return true;
}

/* 1 for past, -1 for to. With digits in front only these two words are clear enough. */
static int read_spoken_direction(th_reader_t *reader, size_t *at, bool digits) {
    if (th_skip_key(reader, at, TH_KEY_PAST) || (!digits && th_skip_key(reader, at, TH_KEY_AFTER)))
        return 1;
    if (th_skip_key(reader, at, TH_KEY_TO)) return -1;
    if (digits) return 0;
    return th_skip_key(reader, at, TH_KEY_OF) || th_skip_key(reader, at, TH_KEY_UNTIL) ||
                   th_skip_key(reader, at, TH_KEY_BEFORE)
               ? -1
               : 0;
}

/* The hour behind: noon, midnight (24), or a number with or without am and pm. <sure>: the words in
 * front were no mere number, so that "9 to 5" stays a range and "5 to 10 people" nothing. */
static bool read_spoken_hour(th_reader_t *reader, size_t *at, bool sure, bool many,
                             th_time_t *time) {
    size_t p = *at;
    int part, pm;
    if (th_means(reader, p, TH_SENSE_PART, &part) &&
        (part == TH_PART_NOON || part == TH_PART_MIDNIGHT)) {
        time->hour = part == TH_PART_NOON ? 12 : 24;
        *at = p + 1;
        return true;
    }
    if (!read_hour(reader, &p, &time->hour)) return false;
    const th_token_t *next = th_at(reader, p);
    if (next->glued && next->mark && strchr(".:/", next->mark) && th_at(reader, p + 1)->glued)
        return false;
    time->guess = time->hour <= 12;
    bool marked = read_meridiem(reader, &p, &pm);
    if (marked && !set_meridiem(time, pm)) return false;
    if (!sure && !(marked && many)) return false;
    th_skip_key(reader, &p, TH_KEY_OCLOCK);
    *at = p;
    return true;
}

/* "half past 3", "quarter to five", "10 past 4", "five minutes to noon". */
static bool read_spoken(th_reader_t *reader, size_t *at, th_time_t *time) {
    size_t p = *at;
    int minutes;
    bool digits = th_at(reader, p)->kind == TH_TOKEN_NUMBER;
    if (!read_spoken_minutes(reader, &p, &minutes)) return false;
    bool unit = th_means(reader, p - 1, TH_SENSE_UNIT, NULL);
    int sign = read_spoken_direction(reader, &p, digits);
    if (sign == 0 || (minutes == 30 && sign < 0)) return false;
    if (!read_spoken_hour(reader, &p, !digits || sign > 0 || unit, minutes > 12, time))
        return false;
    if (sign < 0) {
        time->hour = time->hour == 0 ? 23 : time->hour - 1;
        if (time->guess && time->hour == 0) time->hour = 12;
        minutes = 60 - minutes;
    } else if (time->hour == 24) {
        time->hour = 0;
    }
    time->minute = minutes;
    time->grain = TH_GRAIN_MINUTE;
    *at = p;
    return true;
}

bool th_read_time(th_reader_t *reader, size_t *at, bool clock, th_time_t *time) {
    size_t p = *at;
    memset(time, 0, sizeof(*time));
    time->said = true;
    const th_token_t *token = th_at(reader, p);
    if (token->kind == TH_TOKEN_WORD && !token->word) return false;
    if (read_colon(reader, &p, clock, time) || read_spoken(reader, &p, time) ||
        read_military(reader, &p, clock, time)) {
        *at = p;
    } else {
        p = *at;
        memset(time, 0, sizeof(*time));
        time->said = true;
        if (!read_plain(reader, &p, clock, time)) {
            memset(time, 0, sizeof(*time));
            return false;
        }
        *at = p;
    }
    p = *at;
    if (th_key(reader, p, TH_KEY_OCLOCK)) *at = ++p;
    if (th_text(reader, p, "sharp") || th_text(reader, p, "exactly")) *at = p + 1;
    return true;
}

/* One end of a range of times: an hour that may be bare. */
static bool read_end(th_reader_t *reader, size_t *at, th_time_t *time, bool *marked) {
    size_t p = *at;
    int hour, pm;
    memset(time, 0, sizeof(*time));
    if (!read_colon(reader, &p, true, time)) {
        size_t q = p;
        th_time_t part;
        if (th_read_part(reader, &q, &part) &&
            (part.part == TH_PART_NOON || part.part == TH_PART_MIDNIGHT)) {
            *time = part;
            *marked = true;
            *at = q;
            return true;
        }
        memset(time, 0, sizeof(*time));
        if (!th_digits(reader, p, 1, 2, 24, &hour)) return false;
        p++;
        time->hour = hour;
        time->grain = TH_GRAIN_HOUR;
        time->guess = hour >= 1 && hour <= 12;
        *marked = read_meridiem(reader, &p, &pm);
        if (*marked && !set_meridiem(time, pm)) return false;
    } else {
        *marked = true;
    }
    time->said = true;
    *at = p;
    return true;
}

bool th_read_time_range(th_reader_t *reader, size_t *at, bool clock, th_time_t *begin,
                        th_time_t *end) {
    size_t p = *at;
    bool first_marked, second_marked, joined;
    if (!read_end(reader, &p, begin, &first_marked)) return false;
    joined = th_skip_mark(reader, &p, '-') || th_skip_key(reader, &p, TH_KEY_TO) ||
             th_skip_key(reader, &p, TH_KEY_UNTIL) || th_skip_key(reader, &p, TH_KEY_THROUGH) ||
             (reader->between && th_skip_key(reader, &p, TH_KEY_AND));
    bool word_to = joined && th_key(reader, p - 1, TH_KEY_TO);
    if (!joined || begin->grain == TH_GRAIN_SECOND || !read_end(reader, &p, end, &second_marked))
        return false;
    if (*at > 0 && th_at(reader, *at)->glued && th_text(reader, *at - 1, "t"))
        return false; /* an offset */
    /* "20 to 6 pm" is 17:40 */
    if (word_to && !first_marked && begin->hour > 12 && second_marked &&
        end->grain == TH_GRAIN_HOUR)
        return false;
    const th_token_t *next = th_at(reader, p);
    if (next->glued && (next->mark == '-' || next->mark == '/' || next->kind == TH_TOKEN_WORD))
        return false;
    if (th_means(reader, p, TH_SENSE_UNIT, NULL) || th_means(reader, p, TH_SENSE_MONTH, NULL) ||
        th_means(reader, p, TH_SENSE_SUFFIX, NULL))
        return false;
    if (!first_marked && !second_marked && (!clock || !ends_time(reader, p))) return false;
    begin->bare = end->bare = !first_marked && !second_marked;
    /* "2-4pm": both in the afternoon; "11-1pm": the first before noon */
    if (begin->guess && !end->guess && end->part == TH_PART_NONE) {
        int same = begin->hour % 12 + (end->hour >= 12 ? 12 : 0);
        bool later = same * 60 + begin->minute < end->hour * 60 + end->minute;
        begin->hour = later ? same : begin->hour % 12;
        begin->guess = false;
    } else if (begin->guess && end->part == TH_PART_NOON) {
        begin->hour %= 12;
        begin->guess = false;
    }
    if (!begin->guess && end->guess && end->hour <= 12) {
        int hour = end->hour % 12;
        if (hour * 60 + end->minute <= begin->hour * 60 + begin->minute) hour += 12;
        end->hour = hour;
        end->guess = false;
    }
    *at = p;
    return true;
}
