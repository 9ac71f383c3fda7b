/* schema_format_time.c - the formats date, time, date-time and duration (RFC 3339). */
#include "json/schema_format.h"

typedef struct th_cursor {
    th_slice_t text;
    size_t at;
} th_cursor_t;

static char peek(const th_cursor_t *cursor) {
    return cursor->at < cursor->text.length ? cursor->text.data[cursor->at] : '\0';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool eat(th_cursor_t *cursor, char c) {
    if (cursor->at >= cursor->text.length || peek(cursor) != c) return false;
    cursor->at++;
    return true;
}

/* Exactly <digits> digits. */
static bool number(th_cursor_t *cursor, int digits, int *value) {
    *value = 0;
    for (int i = 0; i < digits; i++) {
        if (!is_digit(peek(cursor))) return false;
        *value = *value * 10 + (peek(cursor) - '0');
        cursor->at++;
    }
    return true;
}

static bool date(th_cursor_t *cursor) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day;
    if (!number(cursor, 4, &year) || !eat(cursor, '-') || !number(cursor, 2, &month) ||
        !eat(cursor, '-') || !number(cursor, 2, &day))
        return false;
    if (month < 1 || month > 12 || day < 1) return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day <= days[month - 1] + (month == 2 && leap);
}

/* Z, or +hh:mm, -hh:mm as minutes ahead of UTC. */
static bool offset(th_cursor_t *cursor, int *minutes) {
    *minutes = 0;
    if (eat(cursor, 'Z') || eat(cursor, 'z')) return true;
    bool ahead = eat(cursor, '+');
    int hour, minute;
    if ((!ahead && !eat(cursor, '-')) || !number(cursor, 2, &hour) || !eat(cursor, ':') ||
        !number(cursor, 2, &minute) || hour > 23 || minute > 59)
        return false;
    *minutes = (ahead ? 1 : -1) * (hour * 60 + minute);
    return true;
}

static bool time_of_day(th_cursor_t *cursor) {
    int hour, minute, second, ahead;
    if (!number(cursor, 2, &hour) || !eat(cursor, ':') || !number(cursor, 2, &minute) ||
        !eat(cursor, ':') || !number(cursor, 2, &second))
        return false;
    if (eat(cursor, '.')) {
        if (!is_digit(peek(cursor))) return false;
        while (is_digit(peek(cursor)))
            cursor->at++;
    }
    if (!offset(cursor, &ahead) || hour > 23 || minute > 59 || second > 60) return false;
    if (second < 60) return true;
    /* A leap second is the last of a day in UTC. */
    int utc = ((hour * 60 + minute - ahead) % 1440 + 1440) % 1440;
    return utc == 23 * 60 + 59;
}

bool th_format_date(th_slice_t text) {
    th_cursor_t cursor = {text, 0};
    return date(&cursor) && cursor.at == text.length;
}

bool th_format_time(th_slice_t text) {
    th_cursor_t cursor = {text, 0};
    return time_of_day(&cursor) && cursor.at == text.length;
}

bool th_format_date_time(th_slice_t text) {
    th_cursor_t cursor = {text, 0};
    return date(&cursor) && (eat(&cursor, 'T') || eat(&cursor, 't')) && time_of_day(&cursor) &&
           cursor.at == text.length;
}

/* Some of the <units> in their order, none skipped between the first and the last: P1Y2D has no
 * months and is wrong (RFC 3339 appendix A). False when there is none. */
static bool amounts(th_cursor_t *cursor, const char *units) {
    const char *last = NULL;
    while (is_digit(peek(cursor))) {
        while (is_digit(peek(cursor)))
            cursor->at++;
        const char *unit = peek(cursor) ? strchr(units, peek(cursor)) : NULL;
        if (!unit || (last && unit != last + 1)) return false;
        last = unit;
        cursor->at++;
    }
    return last != NULL;
}

bool th_format_duration(th_slice_t text) {
    th_cursor_t cursor = {text, 0};
    if (!eat(&cursor, 'P')) return false;
    th_cursor_t weeks = cursor;
    if (amounts(&weeks, "W") && weeks.at == text.length) return true;
    bool some = false;
    if (peek(&cursor) != 'T') {
        if (!amounts(&cursor, "YMD")) return false;
        some = true;
    }
    if (eat(&cursor, 'T')) {
        if (!amounts(&cursor, "HMS")) return false;
        some = true;
    }
    return some && cursor.at == text.length;
}
