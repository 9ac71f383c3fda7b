/* resolve.c - the top of resolution: nodes to places, times of day, zones and changing clocks,
 * ranges. */
#include "date/resolve.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define DAY_MIN (-719162) /* 0001-01-01 */
#define DAY_MAX 2932896   /* 9999-12-31 */

void th_place_days(th_place_t *place, int64_t day, int64_t end_day, th_date_grain_t grain) {
    memset(place, 0, sizeof(*place));
    place->day = day;
    place->end_day = end_day;
    place->grain = grain;
}

void th_resolver_note(th_resolver_t *resolver, const char *format, ...) {
    char text[TH_DATE_NOTE_SIZE];
    size_t used = strlen(resolver->note);
    va_list values;
    va_start(values, format);
    (void)vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    /* a place may be fixed more than once: a note is made once */
    size_t length = strlen(text);
    if (strstr(resolver->note, text) || used + length + 3 > TH_DATE_NOTE_SIZE) return;
    if (used) {
        memcpy(resolver->note + used, "; ", 2);
        used += 2;
    }
    memcpy(resolver->note + used, text, length + 1);
}

/* Holidays are sorted. */
static bool is_holiday(const th_date_context_t *context, int64_t day) {
    size_t low = 0, high = context->holiday_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const th_civil_t *holiday = &context->holidays[middle];
        int64_t other = th_days_from_civil(holiday->year, holiday->month, holiday->day);
        if (other == day) return true;
        if (other < day)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

bool th_is_working_day(const th_date_context_t *context, int64_t day) {
    return (context->working_days >> (th_weekday_of_days(day) - 1) & 1) &&
           !is_holiday(context, day);
}

/* Whole weeks are jumped over when there are no holidays; otherwise the days are few enough to
 * walk. */
int64_t th_add_working_days(const th_date_context_t *context, int64_t day, int64_t count) {
    int per_week = __builtin_popcount(context->working_days & 127), step = count < 0 ? -1 : 1;
    int64_t left = count < 0 ? -count : count;
    if (per_week == 0) return day + count;
    if (context->holiday_count == 0 && left > per_week) {
        int64_t weeks = (left - 1) / per_week;
        day += step * weeks * 7;
        left -= weeks * per_week;
    }
    for (int64_t walked = 0; left > 0 && walked < 1000000; walked++) {
        day += step;
        if (th_is_working_day(context, day)) left--;
    }
    return day;
}

/* Local clock of an instant, in the zone of the place. */
static void set_instant(th_place_t *place, int64_t instant) {
    th_civil_t civil;
    place->exact = place->has_time = true;
    place->instant = instant;
    if (place->zone) place->offset = th_zone_offset_at(place->zone, instant, NULL);
    th_civil_from_local(instant + place->offset, &civil);
    place->day = th_days_from_civil(civil.year, civil.month, civil.day);
    place->end_day = place->day + 1;
    place->seconds = civil.hour * 3600 + civil.minute * 60 + civil.second;
}

static th_date_grain_t grain_of_unit(th_unit_t unit) {
    return unit == TH_UNIT_SECOND ? TH_GRAIN_SECOND
           : unit <= TH_UNIT_HOUR ? TH_GRAIN_MINUTE
                                  : TH_GRAIN_DAY;
}

/* Calendar units move the date, working days come next, elapsed seconds last. */
bool th_place_shift(th_resolver_t *resolver, const th_node_t *node, th_place_t *place) {
    const th_amount_t *amount = &node->amount;
    bool clamped = false;
    if (node->child != TH_NO_NODE) {
        if (!th_place_node(resolver, node->child, place)) return false;
        if (place->grain > TH_GRAIN_DAY) {
            /* "3 days after next week" counts from its end, "before" from its beginning */
            bool forward = amount->months + amount->days + amount->workdays + amount->seconds > 0;
            if (forward && place->grain >= TH_GRAIN_WEEK) place->day = place->end_day - 1;
            place->grain = TH_GRAIN_DAY;
        }
        if (place->has_time && !place->zone && !(place->known & TH_DATE_ZONE))
            place->zone = resolver->context->zone;
    } else {
        th_place_days(place, resolver->today, resolver->today + 1, TH_GRAIN_DAY);
    }
    bool timed = place->has_time;
    unsigned known = place->known;
    if (amount->seconds && !timed) {
        place->zone = resolver->context->zone;
        if (node->child == TH_NO_NODE) set_instant(place, resolver->now);
        place->has_time = true;
    }
    if (amount->months > 120000 || amount->months < -120000 || amount->days > 3700000 ||
        amount->days < -3700000)
        return th_error_set(resolver->error, "bad_date", "the year must be within 1 to 9999");
    if (amount->months || amount->days || amount->workdays) {
        int64_t day = th_days_add_months(place->day, amount->months, &clamped) + amount->days;
        if (day < DAY_MIN || day > DAY_MAX)
            return th_error_set(resolver->error, "bad_date", "the year must be within 1 to 9999");
        if (amount->workdays) day = th_add_working_days(resolver->context, day, amount->workdays);
        place->day = day;
        place->exact = false;
    }
    place->end_day = place->day + 1;
    place->weekend = false;
    place->months = 0;
    place->workday = amount->workdays != 0;
    if (clamped) th_resolver_note(resolver, "the month is shorter; its last day is taken");
    if (place->has_time) {
        bool named = place->zone != NULL;
        th_place_fix(resolver, place);
        if (amount->seconds) set_instant(place, place->instant + amount->seconds);
        (void)named;
    }
    if (amount->seconds || !timed) place->grain = grain_of_unit(amount->finest);
    place->known = known | TH_DATE_RELATIVE;
    return true;
}

static bool place_within(th_resolver_t *resolver, const th_node_t *node, th_place_t *place) {
    if (!th_place_node(resolver, node->child, place)) return false;
    int start = resolver->context->week_start;
    const th_node_t *child = &resolver->partial->nodes[node->child];
    if (child->kind == TH_NODE_ISO_WEEK) start = 1;
    int64_t day = th_week_begin(place->day, start) + (node->weekday - start + 7) % 7;
    th_place_days(place, day, day + 1, TH_GRAIN_DAY);
    place->known = TH_DATE_WEEKDAY | TH_DATE_RELATIVE;
    return true;
}

static bool place_kind(th_resolver_t *resolver, const th_node_t *node, th_place_t *place) {
    switch (node->kind) {
    case TH_NODE_NOW:
        th_place_days(place, resolver->today, resolver->today + 1, TH_GRAIN_SECOND);
        place->zone = resolver->context->zone;
        set_instant(place, resolver->now);
        place->known = TH_DATE_RELATIVE;
        return true;
    case TH_NODE_DAY:
        th_place_days(place, resolver->today + node->number, resolver->today + node->number + 1,
                      TH_GRAIN_DAY);
        place->known = TH_DATE_RELATIVE;
        return true;
    case TH_NODE_INSTANT:
        th_place_days(place, 0, 1, TH_GRAIN_SECOND);
        place->zone = resolver->context->zone;
        set_instant(place, node->number);
        return true;
    case TH_NODE_YEAR_DAY: {
        int64_t day = th_days_from_civil(node->year, 1, 1) + node->number - 1;
        if (node->number > 365 + th_leap_year(node->year))
            return th_error_set(resolver->error, "bad_date", "%d has 365 days", node->year);
        th_place_days(place, day, day + 1, TH_GRAIN_DAY);
        place->known = TH_DATE_YEAR | TH_DATE_DAY;
        return true;
    }
    case TH_NODE_CALENDAR: return th_place_calendar(resolver, node, place);
    case TH_NODE_WEEKDAY: return th_place_weekday(resolver, node, place);
    case TH_NODE_PERIOD: return th_place_period(resolver, node, place);
    case TH_NODE_QUARTER:
    case TH_NODE_HALF:
    case TH_NODE_YEAR: return th_place_section(resolver, node, place);
    case TH_NODE_ISO_WEEK: return th_place_iso_week(resolver, node, place);
    case TH_NODE_NTH: return th_place_nth(resolver, node, place);
    case TH_NODE_NTH_AFTER: return th_place_nth_after(resolver, node, place);
    case TH_NODE_WITHIN: return place_within(resolver, node, place);
    case TH_NODE_DAY_OF: return th_place_day_of(resolver, node, place);
    case TH_NODE_EDGE: return th_place_edge(resolver, node, place);
    case TH_NODE_SHIFT: return th_place_shift(resolver, node, place);
    case TH_NODE_WEEKEND: return th_place_weekend(resolver, node, place);
    case TH_NODE_HOLIDAY: return th_place_holiday(resolver, node, place);
    case TH_NODE_MOMENT: return th_place_moment(resolver, node, place);
    }
    return false;
}

bool th_place_node(th_resolver_t *resolver, int index, th_place_t *place) {
    memset(place, 0, sizeof(*place));
    if (++resolver->depth > TH_NODES_MAX)
        return th_error_set(resolver->error, "bad_date", "dates within dates, too many");
    bool placed = place_kind(resolver, &resolver->partial->nodes[index], place);
    resolver->depth--;
    if (placed && (place->day < DAY_MIN || place->day > DAY_MAX))
        return th_error_set(resolver->error, "bad_date", "the year must be within 1 to 9999");
    return placed;
}

/* Days have their beginning in the person's zone. */
static void finish(th_resolver_t *resolver, th_place_t *place) {
    if (!place->zone && !(place->known & TH_DATE_ZONE)) place->zone = resolver->context->zone;
    if (!place->has_time) place->seconds = 0;
    th_place_fix(resolver, place);
}

/* The end of a range lies behind its beginning: open dates are looked for from there. */
static bool place_end(th_resolver_t *outer, const th_place_t *begin, th_place_t *end) {
    char unread[TH_DATE_NOTE_SIZE] = ""; /* notes are about the beginning */
    th_resolver_t copy = *outer, *resolver = &copy;
    const th_node_t *first = &resolver->partial->nodes[resolver->partial->root];
    const th_node_t *last = &resolver->partial->nodes[resolver->partial->end_root];
    resolver->base = begin->day;
    resolver->prefer = TH_PREFER_FUTURE;
    resolver->note = unread;
    if (last->time.said && last->child == first->child) { /* one day, two times */
        *end = *begin;
        end->exact = false;
        end->seconds = th_time_seconds(resolver, &last->time);
        end->grain = last->time.grain;
        end->has_time = true;
        end->known &= ~(unsigned)TH_DATE_ZONE;
        th_apply_zone(resolver, &last->zone, end);
        if (end->seconds < begin->seconds ||
            (end->seconds == 0 && last->time.part == TH_PART_MIDNIGHT))
            end->day++;
        finish(resolver, end);
        return true;
    }
    if (!th_place_node(resolver, resolver->partial->end_root, end)) return false;
    finish(resolver, end);
    return true;
}

static int confidence_of(const th_partial_t *partial, const th_date_t *date) {
    const th_node_t *root = &partial->nodes[partial->root];
    int confidence = 95;
    if (date->known & TH_DATE_YEAR) confidence += 5;
    if (partial->vague) confidence -= 20;
    if (partial->weak) confidence -= 25;
    if (root->time.guess) confidence -= 15;
    if (date->note[0]) confidence -= 5;
    return confidence < 5 ? 5 : confidence;
}

bool th_resolve(const th_partial_t *partial, const th_date_context_t *context, th_date_t *date,
                th_error_t *error) {
    th_civil_t today;
    th_place_t place, end;
    th_resolver_t resolver = {.partial = partial,
                              .context = context,
                              .prefer = context->prefer,
                              .now = context->reference,
                              .note = date->note,
                              .error = error};
    date->note[0] = '\0';
    if (partial->past) resolver.prefer = TH_PREFER_PAST;
    th_civil_from_local(
        context->reference + th_zone_offset_at(context->zone, context->reference, NULL), &today);
    resolver.today = resolver.base = th_days_from_civil(today.year, today.month, today.day);
    if (!th_place_node(&resolver, partial->root, &place)) return false;
    finish(&resolver, &place);
    date->instant = place.instant;
    date->offset = place.offset;
    date->zone = place.zone;
    date->grain = place.grain;
    date->has_time = place.has_time;
    date->deadline = partial->deadline;
    date->known = place.known;
    date->has_end = false;
    th_civil_from_local(place.instant + place.offset, &date->civil);
    if (partial->end_root != TH_NO_NODE) {
        if (!place_end(&resolver, &place, &end)) return false;
        if (end.instant < place.instant)
            return th_error_set(error, "bad_date",
                                "the end of the range lies before its beginning");
        date->has_end = true;
        date->end_instant = end.instant;
        date->end_offset = end.offset;
        date->end_grain = end.grain;
        th_civil_from_local(end.instant + end.offset, &date->end_civil);
    }
    date->confidence = confidence_of(partial, date);
    return true;
}
