/* zone_rule.c - the POSIX TZ string that says what holds after a zone's last transition. */
#include <string.h>

#include "date/civil.h"
#include "date/zone_parts.h"

typedef struct {
    const char *at, *end;
} cursor_t;

static bool take(cursor_t *cursor, char byte) {
    if (cursor->at == cursor->end || *cursor->at != byte) return false;
    cursor->at++;
    return true;
}

static bool number(cursor_t *cursor, int maximum, int *out) {
    int value = 0, digits = 0;
    while (cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9' && digits < 4) {
        value = value * 10 + (*cursor->at++ - '0');
        digits++;
    }
    *out = value;
    return digits > 0 && value <= maximum;
}

static bool name(cursor_t *cursor, char out[TH_ZONE_ABBREVIATION_MAX]) {
    bool quoted = take(cursor, '<');
    size_t length = 0;
    while (cursor->at < cursor->end && length + 1 < TH_ZONE_ABBREVIATION_MAX) {
        char c = *cursor->at;
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!letter && !(quoted && (c == '+' || c == '-' || (c >= '0' && c <= '9')))) break;
        out[length++] = c;
        cursor->at++;
    }
    out[length] = '\0';
    return length >= 3 && (!quoted || take(cursor, '>'));
}

/* [+-]hh[:mm[:ss]] in seconds. */
static bool clock_time(cursor_t *cursor, int *seconds) {
    int sign = 1, hours, minutes = 0, rest = 0;
    if (take(cursor, '-'))
        sign = -1;
    else
        take(cursor, '+');
    if (!number(cursor, 167, &hours)) return false;
    if (take(cursor, ':') && !number(cursor, 59, &minutes)) return false;
    if (cursor->at < cursor->end && *cursor->at == ':') {
        cursor->at++;
        if (!number(cursor, 59, &rest)) return false;
    }
    *seconds = sign * (hours * 3600 + minutes * 60 + rest);
    return true;
}

static bool change(cursor_t *cursor, th_zone_change_t *out) {
    if (!take(cursor, ',')) return false;
    out->seconds = 2 * 3600;
    if (take(cursor, 'M')) {
        out->kind = 'M';
        if (!number(cursor, 12, &out->month) || out->month < 1 || !take(cursor, '.') ||
            !number(cursor, 5, &out->week) || out->week < 1 || !take(cursor, '.') ||
            !number(cursor, 6, &out->day))
            return false;
    } else if (take(cursor, 'J')) {
        out->kind = 'J';
        if (!number(cursor, 365, &out->day) || out->day < 1) return false;
    } else {
        out->kind = '0';
        if (!number(cursor, 365, &out->day)) return false;
    }
    return !take(cursor, '/') || clock_time(cursor, &out->seconds);
}

bool th_zone_rule_parse(th_zone_rule_t *rule, const char *text, size_t length) {
    cursor_t cursor = {text, text + length};
    memset(rule, 0, sizeof(*rule));
    if (!name(&cursor, rule->name) || !clock_time(&cursor, &rule->offset)) return false;
    rule->offset = -rule->offset; /* POSIX counts west */
    if (cursor.at < cursor.end) {
        rule->has_summer = true;
        if (!name(&cursor, rule->summer_name)) return false;
        rule->summer_offset = rule->offset + 3600;
        if (cursor.at < cursor.end && *cursor.at != ',') {
            if (!clock_time(&cursor, &rule->summer_offset)) return false;
            rule->summer_offset = -rule->summer_offset;
        }
        if (!change(&cursor, &rule->begin) || !change(&cursor, &rule->end)) return false;
    }
    rule->present = cursor.at == cursor.end;
    return rule->present;
}

/* Local seconds at which a change falls in <year>. */
static int64_t change_in_year(const th_zone_change_t *when, int year) {
    int64_t day;
    if (when->kind == 'M') {
        int64_t first = th_days_from_civil(year, when->month, 1);
        int weekday = th_weekday_of_days(first) % 7; /* POSIX: 0 = Sunday */
        int date = 1 + (when->day - weekday + 7) % 7 + (when->week - 1) * 7;
        int length = th_days_in_month(year, when->month);
        while (date > length)
            date -= 7;
        day = first + date - 1;
    } else if (when->kind == 'J') { /* never counts 29 February */
        day = th_days_from_civil(year, 1, 1) + when->day - 1;
        if (th_leap_year(year) && when->day >= 60) day++;
    } else {
        day = th_days_from_civil(year, 1, 1) + when->day;
    }
    return day * TH_SECONDS_PER_DAY + when->seconds;
}

int th_zone_rule_offset_at(const th_zone_rule_t *rule, int64_t instant, const char **label) {
    bool summer = false;
    if (rule->has_summer) {
        th_civil_t civil;
        th_civil_from_local(instant + rule->offset, &civil);
        int64_t begin = change_in_year(&rule->begin, civil.year) - rule->offset;
        int64_t end = change_in_year(&rule->end, civil.year) - rule->summer_offset;
        summer =
            begin < end ? instant >= begin && instant < end : instant >= begin || instant < end;
    }
    if (label) *label = summer ? rule->summer_name : rule->name;
    return summer ? rule->summer_offset : rule->offset;
}
