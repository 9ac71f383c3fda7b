/* resolve_period.c - places weeks, months, quarters, halves and years, their edges, and the nth day
 * or weekday in or beside them. */
#include "date/resolve.h"

void th_place_months(th_place_t *place, int64_t year, int month, int months,
                     th_date_grain_t grain) {
    int64_t first = year * 12 + month - 1, last = first + months;
    th_place_days(place, th_days_from_civil((int)(first / 12), (int)(first % 12) + 1, 1),
                  th_days_from_civil((int)(last / 12), (int)(last % 12) + 1, 1), grain);
    place->months = months;
}

/* Months since year 0 of the beginning of the <length>-month section that holds <day>. */
static int64_t section_begin(int64_t day, int start_month, int length) {
    th_civil_t civil;
    th_civil_from_days(day, &civil);
    int64_t months = (int64_t)civil.year * 12 + civil.month - 1, shift = start_month - 1;
    int64_t from_start = months - shift;
    return from_start - from_start % length + shift;
}

static void place_section(th_place_t *place, int64_t months, int length, th_date_grain_t grain) {
    th_place_months(place, months / 12, (int)(months % 12) + 1, length, grain);
}

static bool in_range(th_resolver_t *resolver, int64_t months) {
    return (months >= 12 && months < 9999 * 12) ||
           th_error_set(resolver->error, "bad_date", "the year must be within 1 to 9999");
}

bool th_place_period(th_resolver_t *resolver, const th_node_t *node, th_place_t *place) {
    const th_date_context_t *context = resolver->context;
    int64_t day = resolver->today, months;
    th_place_t child;
    if (node->child != TH_NO_NODE) {
        if (!th_place_node(resolver, node->child, &child)) return false;
        day = child.day;
    }
    int fiscal = node->fiscal ? context->fiscal_year_start : 1;
    switch (node->unit) {
    case TH_UNIT_DAY:
        th_place_days(place, day + node->number, day + node->number + 1, TH_GRAIN_DAY);
        break;
    case TH_UNIT_WORKDAY:
        day = node->number == 0 && th_is_working_day(context, day)
                  ? day
                  : th_add_working_days(context, day, node->number ? node->number : 1);
        th_place_days(place, day, day + 1, TH_GRAIN_DAY);
        place->workday = true;
        break;
    case TH_UNIT_WEEK:
        day = th_week_begin(day, context->week_start) + node->number * 7;
        th_place_days(place, day, day + 7, TH_GRAIN_WEEK);
        break;
    case TH_UNIT_FORTNIGHT:
        day = th_week_begin(day, context->week_start) + node->number * 14;
        th_place_days(place, day, day + 14, TH_GRAIN_WEEK);
        break;
    default: {
        int length = node->unit == TH_UNIT_MONTH ? 1 : node->unit == TH_UNIT_QUARTER ? 3 : 12;
        th_date_grain_t grain = length == 1   ? TH_GRAIN_MONTH
                                : length == 3 ? TH_GRAIN_QUARTER
                                              : TH_GRAIN_YEAR;
        months = node->counted ? section_begin(day, 1, 1) : section_begin(day, fiscal, length);
        months += node->number * length;
        if (!in_range(resolver, months)) return false;
        place_section(place, months, length, grain);
        if (node->counted && day != place->day)
            th_place_days(place, day, th_days_add_months(day, length, NULL), grain);
        break;
    }
    }
    place->free = node->which == TH_WHICH_NONE && node->number == 0 && node->child == TH_NO_NODE;
    place->known = TH_DATE_RELATIVE;
    return true;
}

/* The month in which a year begins; a fiscal year is named by the calendar year in which it ends.
 */
static int64_t year_begin(const th_resolver_t *resolver, int year, bool fiscal) {
    int start = fiscal ? resolver->context->fiscal_year_start : 1;
    return (int64_t)year * 12 + start - 1 - (start > 1 ? 12 : 0);
}

static int year_of_base(const th_resolver_t *resolver, bool fiscal) {
    int start = fiscal ? resolver->context->fiscal_year_start : 1;
    int64_t begin = section_begin(resolver->base, start, 12);
    return (int)(begin / 12) + (start > 1);
}

/* Quarters, halves and years by number. */
bool th_place_section(th_resolver_t *resolver, const th_node_t *node, th_place_t *place) {
    if (node->child != TH_NO_NODE) { /* a half of a month begins on the 1st or the 16th */
        th_place_t month;
        if (!th_place_node(resolver, node->child, &month)) return false;
        int64_t day = month.day + (node->number == 2 ? 15 : 0);
        th_place_days(place, day, day + 1, TH_GRAIN_DAY);
        place->known = month.known;
        return true;
    }
    int length = node->kind == TH_NODE_QUARTER ? 3 : node->kind == TH_NODE_HALF ? 6 : 12;
    th_date_grain_t grain = length == 12 ? TH_GRAIN_YEAR : TH_GRAIN_QUARTER;
    int year = node->year, now = year_of_base(resolver, node->fiscal);
    int64_t within = length == 12 ? 0 : (node->number - 1) * length;
    if (node->year_from_now) year = now + node->years;
    bool said = year != 0;
    if (!said) year = now;
    int64_t months = year_begin(resolver, year, node->fiscal) + within;
    if (!in_range(resolver, months)) return false;
    place_section(place, months, length, grain);
    if (!said) {
        bool future = resolver->prefer == TH_PREFER_FUTURE || node->which == TH_WHICH_NEXT;
        int move = 0;
        if (future && place->end_day <= resolver->base) move = 12;
        if (node->which == TH_WHICH_NEXT && place->day <= resolver->base) move = 12;
        if (resolver->prefer == TH_PREFER_PAST && place->day > resolver->base) move = -12;
        if (node->which == TH_WHICH_LAST) move = place->end_day > resolver->base ? -12 : 0;
        if (move) place_section(place, months + move, length, grain);
        place->free = node->which == TH_WHICH_NONE;
    }
    place->known = said ? TH_DATE_YEAR : 0;
    return true;
}

/* The next period of the same kind, for one that has passed and was not named. */
static bool next_of_kind(const th_node_t *child, th_place_t *place) {
    if (!place->free) return false;
    int64_t begin = section_begin(place->day, 1, 1);
    if (child->kind == TH_NODE_PERIOD && place->months)
        place_section(place, begin + place->months, place->months, place->grain);
    else if (child->kind == TH_NODE_PERIOD)
        th_place_days(place, place->end_day, 2 * place->end_day - place->day, place->grain);
    else if (place->months)
        place_section(place, begin + 12, place->months, place->grain);
    else
        return false;
    place->free = true;
    return true;
}

static int64_t working_day_from(const th_date_context_t *context, int64_t day, int step) {
    for (int i = 0; i < 7 && !(context->working_days >> (th_weekday_of_days(day) - 1) & 1); i++)
        day += step;
    return day;
}

static int64_t week_edge(const th_date_context_t *context, th_edge_t edge, int64_t begin,
                         int64_t end) {
    switch (edge) {
    case TH_EDGE_START:
    case TH_EDGE_EARLY: return working_day_from(context, begin, 1);
    case TH_EDGE_MIDDLE: return begin + (3 - context->week_start + 7) % 7; /* Wednesday */
    case TH_EDGE_END: return working_day_from(context, end - 1, -1);
    case TH_EDGE_LATER:
    case TH_EDGE_LATE: return working_day_from(context, end - 1, -1) - 1;
    }
    return begin;
}

/* Middle and late are the usual thirds: the 15th and 21st of a month, and likewise for longer
 * periods. */
static int64_t months_edge(th_edge_t edge, const th_place_t *period) {
    int64_t begin = section_begin(period->day, 1, 1), third = period->months / 3;
    th_place_t part;
    switch (edge) {
    case TH_EDGE_START:
    case TH_EDGE_EARLY: return period->day;
    case TH_EDGE_END: return period->end_day - 1;
    case TH_EDGE_MIDDLE:
        if (period->months == 1) return period->day + 14;
        place_section(&part, begin + period->months / 2, 1, TH_GRAIN_MONTH);
        return part.day + (period->months == 3 ? 14 : 0);
    case TH_EDGE_LATER:
    case TH_EDGE_LATE:
        if (period->months == 1) return period->day + 20;
        place_section(&part, begin + period->months - third, 1, TH_GRAIN_MONTH);
        return part.day;
    }
    return period->day;
}

static bool day_edge(const th_resolver_t *resolver, th_edge_t edge, th_place_t *place) {
    const th_date_context_t *context = resolver->context;
    place->has_time = true;
    place->grain = TH_GRAIN_MINUTE;
    switch (edge) {
    case TH_EDGE_START: place->seconds = 0; break;
    case TH_EDGE_EARLY: place->seconds = context->hour_morning * 3600; break;
    case TH_EDGE_MIDDLE: place->seconds = context->hour_noon * 3600; break;
    case TH_EDGE_LATER:
    case TH_EDGE_LATE: place->seconds = context->hour_evening * 3600; break;
    case TH_EDGE_END:
        place->seconds = (place->workday ? context->minute_close : context->minute_end_of_day) * 60;
        break;
    }
    return true;
}

bool th_place_edge(th_resolver_t *resolver, const th_node_t *node, th_place_t *place) {
    const th_node_t *child = &resolver->partial->nodes[node->child];
    if (!th_place_node(resolver, node->child, place)) return false;
    if (place->has_time)
        return th_error_set(resolver->error, "bad_date", "a time of day has no beginning or end");
    if (place->weekend) {
        int64_t day = node->edge == TH_EDGE_END || node->edge == TH_EDGE_LATE ? place->end_day - 1
                                                                              : place->day;
        th_place_days(place, day, day + 1, TH_GRAIN_DAY);
        return true;
    }
    if (place->grain == TH_GRAIN_DAY) return day_edge(resolver, node->edge, place);
    unsigned known = place->known;
    for (int tries = 0; tries < 2; tries++) {
        int64_t day = place->months
                          ? months_edge(node->edge, place)
                          : week_edge(resolver->context, node->edge, place->day, place->end_day);
        if (day < resolver->base && tries == 0 && resolver->prefer == TH_PREFER_FUTURE &&
            place->free) {
            if (next_of_kind(child, place)) continue;
        }
        if (node->edge == TH_EDGE_LATER && day < resolver->today) day = place->end_day - 1;
        th_place_days(place, day, day + 1, TH_GRAIN_DAY);
        break;
    }
    place->known = known;
    return true;
}

/* The nth (from the end: negative) thing in [begin, end); INT64_MIN when there is none. */
static int64_t nth_in(const th_resolver_t *resolver, const th_node_t *node, int64_t begin,
                      int64_t end) {
    const th_date_context_t *context = resolver->context;
    int64_t n = node->number, day;
    int weekday = !node->counted                  ? node->weekday
                  : node->unit == TH_UNIT_WEEKEND ? 6
                  : node->unit == TH_UNIT_WEEK    ? context->week_start
                                                  : 0;
    if (weekday) {
        if (n > 0)
            day = begin + (weekday - th_weekday_of_days(begin) + 7) % 7 + (n - 1) * 7;
        else
            day = end - 1 - (th_weekday_of_days(end - 1) - weekday + 7) % 7 + (n + 1) * 7;
    } else if (node->unit == TH_UNIT_WORKDAY) {
        day = th_add_working_days(context, n > 0 ? begin - 1 : end, n);
    } else if (node->unit == TH_UNIT_DAY) {
        day = n > 0 ? begin + n - 1 : end + n;
    } else {
        int length = node->unit == TH_UNIT_MONTH ? 1 : 3;
        day = n > 0 ? th_days_add_months(begin, (n - 1) * length, NULL)
                    : th_days_add_months(end, n * length, NULL);
    }
    return day >= begin && day < end ? day : INT64_MIN;
}

static void place_counted(th_place_t *place, const th_node_t *node, int64_t day) {
    if (node->counted && node->unit == TH_UNIT_WEEK)
        th_place_days(place, day, day + 7, TH_GRAIN_WEEK);
    else if (node->counted && (node->unit == TH_UNIT_MONTH || node->unit == TH_UNIT_QUARTER))
        place_section(place, section_begin(day, 1, 1), node->unit == TH_UNIT_MONTH ? 1 : 3,
                      node->unit == TH_UNIT_MONTH ? TH_GRAIN_MONTH : TH_GRAIN_QUARTER);
    else
        th_place_days(place, day, day + 1, TH_GRAIN_DAY);
    place->workday = node->counted && node->unit == TH_UNIT_WORKDAY;
    if (node->counted && node->unit == TH_UNIT_WEEKEND) {
        place->weekend = true;
        place->end_day = day + 2;
    }
}

bool th_place_nth(th_resolver_t *resolver, const th_node_t *node, th_place_t *place) {
    const th_node_t *child = &resolver->partial->nodes[node->child];
    th_place_t period;
    if (!th_place_node(resolver, node->child, &period)) return false;
    int64_t day = nth_in(resolver, node, period.day, period.end_day);
    bool passed = day != INT64_MIN && day < resolver->base;
    if (passed && resolver->prefer == TH_PREFER_FUTURE && next_of_kind(child, &period))
        day = nth_in(resolver, node, period.day, period.end_day);
    if (day == INT64_MIN)
        return th_error_set(resolver->error, "bad_date", "there are not that many in the period");
    unsigned known = period.known;
    place_counted(place, node, day);
    place->known = known | TH_DATE_DAY;
    return true;
}

bool th_place_nth_after(th_resolver_t *resolver, const th_node_t *node, th_place_t *place) {
    th_place_t child;
    int64_t n = node->number, day = resolver->today;
    if (node->child != TH_NO_NODE) {
        if (!th_place_node(resolver, node->child, &child)) return false;
        day = n > 0 && child.grain >= TH_GRAIN_DAY ? child.end_day - 1 : child.day;
    }
    if (!node->counted && n > 0) {
        day += (node->weekday - th_weekday_of_days(day) + 6) % 7 + 1 + (n - 1) * 7;
    } else if (!node->counted) {
        day -= (th_weekday_of_days(day) - node->weekday + 6) % 7 + 1 + (-n - 1) * 7;
    } else if (node->unit == TH_UNIT_WORKDAY) {
        day = th_add_working_days(resolver->context, day, n);
    } else if (node->unit == TH_UNIT_WEEK) {
        day = th_week_begin(day, resolver->context->week_start) + n * 7;
    } else if (node->unit == TH_UNIT_MONTH || node->unit == TH_UNIT_QUARTER) {
        day = th_days_add_months(day, n * (node->unit == TH_UNIT_MONTH ? 1 : 3), NULL);
    } else {
        day += n;
    }
    place_counted(place, node, day);
    place->known = TH_DATE_RELATIVE;
    return true;
}
