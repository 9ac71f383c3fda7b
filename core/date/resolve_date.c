/* resolve_date.c - places single days: calendar dates, weekdays, days of a month, weekends,
 * holidays. */
#include <stdio.h>

#include "date/resolve.h"

static const char *const month_names[] = {"January",   "February", "March",    "April",
                                          "May",       "June",     "July",     "August",
                                          "September", "October",  "November", "December"};

/* The year of a date that did not say it: <day_in_year> gives the day, or INT64_MIN when that year
 * has none. */
static int64_t choose_year(const th_resolver_t *resolver,
                           int64_t (*day_in_year)(int year, const void *arg), const void *arg,
                           int *year) {
    th_civil_t base;
    int64_t future = INT64_MIN, past = INT64_MIN;
    int future_year = 0, past_year = 0;
    th_civil_from_days(resolver->base, &base);
    for (int y = base.year; y <= base.year + 8 && future == INT64_MIN;
         y++) { /* leap days: 8 years at most */
        int64_t day = day_in_year(y, arg);
        if (day == INT64_MIN || day < resolver->base) continue;
        future = day;
        future_year = y;
    }
    for (int y = base.year; y >= base.year - 8 && past == INT64_MIN; y--) {
        int64_t day = day_in_year(y, arg);
        if (day == INT64_MIN || day > resolver->base) continue;
        past = day;
        past_year = y;
    }
    bool take_past = resolver->prefer == TH_PREFER_PAST;
    if (resolver->prefer == TH_PREFER_NEAREST && past != INT64_MIN && future != INT64_MIN)
        take_past = resolver->base - past < future - resolver->base;
    if ((take_past && past != INT64_MIN) || future == INT64_MIN) {
        *year = past_year;
        return past;
    }
    *year = future_year;
    return future;
}

static int64_t calendar_day(int year, const void *arg) {
    const th_node_t *node = arg;
    if (!th_civil_date_valid(year, node->month, node->day)) return INT64_MIN;
    return th_days_from_civil(year, node->month, node->day);
}

/* A month without a day counts until its last day. */
static int64_t month_end(int year, const void *arg) {
    const th_node_t *node = arg;
    return th_days_from_civil(year, node->month, th_days_in_month(year, node->month));
}

static int64_t month_begin(int year, const void *arg) {
    return th_days_from_civil(year, ((const th_node_t *)arg)->month, 1);
}

static int month_year(const th_resolver_t *resolver, const th_node_t *node) {
    th_civil_t today;
    int year = 0;
    th_civil_from_days(resolver->base, &today);
    switch (node->which) {
    case TH_WHICH_NEXT:
    case TH_WHICH_COMING: return today.year + (node->month <= today.month);
    case TH_WHICH_LAST: return today.year - (node->month >= today.month);
    default: break;
    }
    if (node->month == today.month) return today.year;
    choose_year(resolver, resolver->prefer == TH_PREFER_PAST ? month_begin : month_end, node,
                &year);
    return year;
}

static const char *month_name(const th_node_t *node) {
    return month_names[(node->month + 11) % 12];
}

static bool no_such_day(th_resolver_t *resolver, const th_node_t *node, int year) {
    if (year)
        return th_error_set(resolver->error, "bad_date", "there is no %d %s %d", node->day,
                            month_name(node), year);
    return th_error_set(resolver->error, "bad_date", "there is no %d %s", node->day,
                        month_name(node));
}

/* A weekday that fits only this, the last or the next year says which year is meant. */
static int64_t fit_weekday(const th_node_t *node, int this_year, int64_t chosen) {
    static const int others[] = {0, 1, -1};
    if (th_weekday_of_days(chosen) == node->weekday) return chosen;
    for (int i = 0; i < 3; i++) {
        int64_t day = calendar_day(this_year + others[i], node);
        if (day != INT64_MIN && th_weekday_of_days(day) == node->weekday) return day;
    }
    return chosen;
}

bool th_place_calendar(th_resolver_t *resolver, const th_node_t *node, th_place_t *place) {
    int year = node->year;
    th_civil_t today;
    th_civil_from_days(resolver->today, &today);
    if (node->year_from_now) year = today.year + node->years;
    bool said = year != 0;
    unsigned known = (said ? TH_DATE_YEAR : 0) | (node->month ? TH_DATE_MONTH : 0) |
                     (node->day ? TH_DATE_DAY : 0);
    if (year < 0 || year > 9999)
        return th_error_set(resolver->error, "bad_date", "the year must be within 1 to 9999");
    if (node->day == 0) {
        if (!said) year = month_year(resolver, node);
        th_place_months(place, year, node->month, 1, TH_GRAIN_MONTH);
        place->free = !said && node->which == TH_WHICH_NONE;
    } else {
        int length = node->month == 2 ? 29 : th_days_in_month(2000, node->month);
        if (node->day > length || (said && !th_civil_date_valid(year, node->month, node->day)))
            return no_such_day(resolver, node, said ? year : 0);
        int64_t day = said ? th_days_from_civil(year, node->month, node->day)
                           : choose_year(resolver, calendar_day, node, &year);
        if (day == INT64_MIN) return no_such_day(resolver, node, 0);
        if (!said && node->weekday) day = fit_weekday(node, today.year, day);
        th_place_days(place, day, day + 1, TH_GRAIN_DAY);
        if (node->weekday && th_weekday_of_days(day) != node->weekday)
            th_resolver_note(resolver, "the weekday does not fit the date; the date counts");
    }
    place->known = known | (node->weekday ? TH_DATE_WEEKDAY : 0);
    return true;
}

bool th_place_iso_week(th_resolver_t *resolver, const th_node_t *node, th_place_t *place) {
    int year = node->year, week;
    th_iso_week_of_days(resolver->base, &week, &(int){0});
    if (node->year_from_now) year = week + node->years;
    if (!year) {
        year = week;
        int64_t begin = th_days_from_iso_week(year, (int)node->number);
        if (resolver->prefer == TH_PREFER_FUTURE && begin + 7 <= resolver->base) year++;
        if (resolver->prefer == TH_PREFER_PAST && begin > resolver->base) year--;
        if (resolver->prefer == TH_PREFER_FUTURE && node->number > th_iso_weeks_in_year(year))
            year = week;
    }
    if (node->number > th_iso_weeks_in_year(year))
        return th_error_set(resolver->error, "bad_date", "%d has %d weeks", year,
                            th_iso_weeks_in_year(year));
    int64_t begin = th_days_from_iso_week(year, (int)node->number);
    if (node->weekday)
        th_place_days(place, begin + node->weekday - 1, begin + node->weekday, TH_GRAIN_DAY);
    else
        th_place_days(place, begin, begin + 7, TH_GRAIN_WEEK);
    place->known = (node->year ? TH_DATE_YEAR : 0) | (node->weekday ? TH_DATE_WEEKDAY : 0);
    return true;
}

/* The next (or last) month that has the day, and on the weekday if one was said: "Friday the 13th".
 */
static bool find_day(const th_resolver_t *resolver, const th_node_t *node, int direction,
                     int64_t *found) {
    th_civil_t base;
    th_civil_from_days(resolver->base, &base);
    int months = base.year * 12 + base.month - 1;
    for (int i = 0; i < 12 * 12; i++, months += direction) {
        int year = months / 12, month = months % 12 + 1;
        if (!th_civil_date_valid(year, month, node->day)) continue;
        int64_t day = th_days_from_civil(year, month, node->day);
        if (direction > 0 ? day < resolver->base : day > resolver->base) continue;
        if (node->weekday && th_weekday_of_days(day) != node->weekday) continue;
        *found = day;
        return true;
    }
    return false;
}

bool th_place_day_of(th_resolver_t *resolver, const th_node_t *node, th_place_t *place) {
    int64_t day;
    if (node->child != TH_NO_NODE) {
        th_place_t month;
        th_civil_t civil;
        if (!th_place_node(resolver, node->child, &month)) return false;
        th_civil_from_days(month.day, &civil);
        int length = th_days_in_month(civil.year, civil.month);
        if (node->day > length)
            th_resolver_note(resolver, "%s has %d days", month_names[civil.month - 1], length);
        day = month.day + (node->day > length ? length : node->day) - 1;
    } else {
        int64_t future = 0, past = 0;
        bool ahead = find_day(resolver, node, 1, &future),
             behind = find_day(resolver, node, -1, &past);
        bool take_past =
            resolver->prefer == TH_PREFER_PAST || (resolver->prefer == TH_PREFER_NEAREST &&
                                                   resolver->base - past < future - resolver->base);
        if (!ahead || !behind)
            return th_error_set(resolver->error, "bad_date", "no month has such a day");
        day = take_past ? past : future;
    }
    th_place_days(place, day, day + 1, TH_GRAIN_DAY);
    place->known = TH_DATE_DAY | (node->weekday ? TH_DATE_WEEKDAY : 0);
    return true;
}

bool th_place_weekday(th_resolver_t *resolver, const th_node_t *node, th_place_t *place) {
    int64_t base = resolver->base;
    int ahead = (node->weekday - th_weekday_of_days(base) + 6) % 7 + 1;  /* 1..7: strictly after */
    int behind = (th_weekday_of_days(base) - node->weekday + 6) % 7 + 1; /* 1..7: strictly before */
    int64_t week = th_week_begin(base, resolver->context->week_start);
    int64_t in_week = week + (node->weekday - resolver->context->week_start + 7) % 7;
    int64_t day = base + ahead;
    switch (node->which) {
    case TH_WHICH_NONE:
        if (resolver->prefer == TH_PREFER_PAST) day = base - behind;
        if (resolver->prefer == TH_PREFER_NEAREST)
            day = ahead == 7 ? base : ahead <= behind ? base + ahead : base - behind;
        if (resolver->prefer == TH_PREFER_FUTURE && ahead == 7)
            th_resolver_note(resolver, "a weekday named on that weekday is a week ahead");
        break;
    case TH_WHICH_THIS: day = in_week >= base ? in_week : base + ahead; break;
    case TH_WHICH_COMING: break;
    case TH_WHICH_LAST: day = base - behind; break;
    case TH_WHICH_NEXT:
        if (!resolver->context->next_weekday_is_coming) {
            day = in_week + 7;
            if (in_week > base) th_resolver_note(resolver, "\"next\" is read as of next week");
        }
        break;
    case TH_WHICH_AFTER_NEXT:
        day = (resolver->context->next_weekday_is_coming ? base + ahead : in_week + 7) + 7;
        break;
    case TH_WHICH_BEFORE_LAST: day = base - behind - 7; break;
    }
    th_place_days(place, day, day + 1, TH_GRAIN_DAY);
    place->known = TH_DATE_WEEKDAY | (node->which != TH_WHICH_NONE ? TH_DATE_RELATIVE : 0);
    return true;
}

/* "This weekend" is its Saturday; on a Sunday, the weekend that is passing is that Sunday. */
bool th_place_weekend(th_resolver_t *resolver, const th_node_t *node, th_place_t *place) {
    int64_t base = resolver->base;
    th_place_t child;
    if (node->child != TH_NO_NODE) {
        if (!th_place_node(resolver, node->child, &child)) return false;
        base = child.day;
    }
    int weekday = th_weekday_of_days(base);
    int64_t saturday = base + 6 - weekday; /* of the week from Monday */
    int64_t day = base;
    switch (node->which) {
    case TH_WHICH_NONE:
    case TH_WHICH_THIS:
        if (weekday != 7 || node->child != TH_NO_NODE) day = saturday;
        break;
    case TH_WHICH_COMING: day = weekday >= 6 ? saturday + 7 : saturday; break;
    case TH_WHICH_NEXT: day = saturday + 7; break;
    case TH_WHICH_AFTER_NEXT: day = saturday + 14; break;
    case TH_WHICH_LAST: day = saturday - 7; break;
    case TH_WHICH_BEFORE_LAST: day = saturday - 14; break;
    }
    th_place_days(place, day, saturday == day ? day + 2 : day + 1, TH_GRAIN_DAY);
    place->weekend = true;
    place->known = TH_DATE_RELATIVE;
    return true;
}

static int64_t nth_weekday(int year, int month, int weekday, int number) {
    int64_t first = th_days_from_civil(year, month, 1);
    return first + (weekday - th_weekday_of_days(first) + 7) % 7 + (int64_t)(number - 1) * 7;
}

static int64_t holiday_day(int year, const void *arg) {
    int64_t last_of_may = th_days_from_civil(year, 5, 31);
    switch ((th_holiday_t)((const th_node_t *)arg)->number) {
    case TH_HOLIDAY_CHRISTMAS: return th_days_from_civil(year, 12, 25);
    case TH_HOLIDAY_CHRISTMAS_EVE: return th_days_from_civil(year, 12, 24);
    case TH_HOLIDAY_BOXING_DAY: return th_days_from_civil(year, 12, 26);
    case TH_HOLIDAY_NEW_YEARS_EVE: return th_days_from_civil(year, 12, 31);
    case TH_HOLIDAY_NEW_YEAR: return th_days_from_civil(year, 1, 1);
    case TH_HOLIDAY_HALLOWEEN: return th_days_from_civil(year, 10, 31);
    case TH_HOLIDAY_VALENTINE: return th_days_from_civil(year, 2, 14);
    case TH_HOLIDAY_INDEPENDENCE_DAY: return th_days_from_civil(year, 7, 4);
    case TH_HOLIDAY_MAY_DAY: return th_days_from_civil(year, 5, 1);
    case TH_HOLIDAY_EASTER: return th_days_of_easter(year);
    case TH_HOLIDAY_GOOD_FRIDAY: return th_days_of_easter(year) - 2;
    case TH_HOLIDAY_EASTER_MONDAY: return th_days_of_easter(year) + 1;
    case TH_HOLIDAY_THANKSGIVING: return nth_weekday(year, 11, 4, 4);
    case TH_HOLIDAY_BLACK_FRIDAY: return nth_weekday(year, 11, 4, 4) + 1;
    case TH_HOLIDAY_LABOR_DAY: return nth_weekday(year, 9, 1, 1);
    case TH_HOLIDAY_MEMORIAL_DAY: return last_of_may - (th_weekday_of_days(last_of_may) - 1);
    }
    return INT64_MIN;
}

bool th_place_holiday(th_resolver_t *resolver, const th_node_t *node, th_place_t *place) {
    th_civil_t today;
    int year = node->year;
    th_civil_from_days(resolver->today, &today);
    if (node->year_from_now) year = today.year + node->years;
    th_resolver_t wish = *resolver;
    if (node->which == TH_WHICH_LAST) wish.prefer = TH_PREFER_PAST;
    if (node->which == TH_WHICH_NEXT || node->which == TH_WHICH_COMING)
        wish.prefer = TH_PREFER_FUTURE;
    int64_t day = year ? holiday_day(year, node) : choose_year(&wish, holiday_day, node, &year);
    th_place_days(place, day, day + 1, TH_GRAIN_DAY);
    place->known = TH_DATE_MONTH | TH_DATE_DAY | (node->year ? TH_DATE_YEAR : 0);
    return true;
}
