/* resolve_time.c - times of day: the hours of words, zones and their abbreviations, changing
 * clocks, and the day of a time that did not name one. */
#include <string.h>

#include "date/resolve.h"

/* The offset that an abbreviation stands for: the person's own zone decides when it uses it. */
static int label_offset(th_resolver_t *resolver, const th_zone_said_t *zone) {
    static const char *const shared[] = {"IST", "CST", "BST", "AST", "GST", "EST", "PST"};
    for (int quarter = 0; quarter < 4; quarter++) {
        const char *label = "";
        int offset = th_zone_offset_at(resolver->context->zone,
                                       resolver->now + quarter * 91 * 86400, &label);
        if (strcmp(label, zone->label) == 0) return offset;
    }
    static const struct {
        const char *label, *zone;
        int minutes;
    } local[] = {
        {"BST", "Asia/Dhaka", 360},          {"AST", "Asia/Riyadh", 180},
        {"AST", "Asia/Baghdad", 180},        {"AST", "Asia/Kuwait", 180},
        {"AST", "Asia/Qatar", 180},          {"EST", "Australia/Sydney", 600},
        {"EST", "Australia/Melbourne", 600}, {"EST", "Australia/Brisbane", 600},
        {"EST", "Australia/Hobart", 600},    {"CST", "Australia/Adelaide", 570},
        {"CST", "Australia/Darwin", 570},    {"WST", "Australia/Perth", 480},
    };
    for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++)
        if (strcmp(local[i].label, zone->label) == 0 &&
            strcmp(local[i].zone, th_zone_name(resolver->context->zone)) == 0)
            return local[i].minutes * 60;
    for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++)
        if (strcmp(shared[i], zone->label) == 0 && i < 5)
            th_resolver_note(resolver, "%s is read as UTC%+03d:%02d", zone->label,
                             zone->offset / 3600,
                             (zone->offset < 0 ? -zone->offset : zone->offset) / 60 % 60);
    return zone->offset;
}

void th_place_fix(th_resolver_t *resolver, th_place_t *place) {
    int64_t local = place->day * TH_SECONDS_PER_DAY + place->seconds, later;
    if (place->exact) {
        /* counted in elapsed time: the clock follows from the instant */
    } else if (!place->zone) {
        place->instant = local - place->offset;
    } else {
        th_local_kind_t kind = th_zone_instant_of(place->zone, local, &place->instant, &later);
        if (kind == TH_LOCAL_GAP && place->has_time)
            th_resolver_note(resolver, "that time is skipped when clocks go forward; moved on");
        if (kind == TH_LOCAL_OVERLAP && place->has_time)
            th_resolver_note(resolver,
                             "that time comes twice when clocks go back; the first is meant");
    }
    if (place->zone) place->offset = th_zone_offset_at(place->zone, place->instant, NULL);
}

/* Seconds from midnight of a time said; 24 hours is the next midnight. */
int th_time_seconds(th_resolver_t *resolver, const th_time_t *time) {
    const th_date_context_t *context = resolver->context;
    int hour = time->hour;
    switch (time->part) {
    case TH_PART_NONE: break;
    case TH_PART_MORNING: return context->hour_morning * 3600;
    case TH_PART_NOON:
    case TH_PART_LUNCH: return context->hour_noon * 3600;
    case TH_PART_AFTERNOON: return context->hour_afternoon * 3600;
    case TH_PART_EVENING: return context->hour_evening * 3600;
    case TH_PART_NIGHT: return context->hour_night * 3600;
    case TH_PART_MIDNIGHT: return 0;
    case TH_PART_END_OF_DAY: return context->minute_end_of_day * 60;
    case TH_PART_CLOSE: return context->minute_close * 60;
    case TH_PART_START_OF_DAY: return context->hour_morning * 3600;
    case TH_PART_SAME: {
        th_civil_t now;
        th_civil_from_local(resolver->now + th_zone_offset_at(context->zone, resolver->now, NULL),
                            &now);
        return now.hour * 3600 + now.minute * 60 + now.second;
    }
    }
    if (time->guess && hour >= 1 && hour <= 6) {
        hour += 12;
        th_resolver_note(resolver, "%d without am or pm is read as %d:%02d", time->hour, hour,
                         time->minute);
    }
    return hour * 3600 + time->minute * 60 + time->second;
}

/* The person's day, or the day in the zone that was said. */
static int64_t today_in(const th_resolver_t *resolver, const th_place_t *place) {
    int offset = place->zone ? th_zone_offset_at(place->zone, resolver->now, NULL) : place->offset;
    th_civil_t civil;
    th_civil_from_local(resolver->now + offset, &civil);
    return th_days_from_civil(civil.year, civil.month, civil.day);
}

/* A time without a day: the next (or last, or nearest) one. */
static void choose_day(th_resolver_t *resolver, const th_time_t *time, th_place_t *place) {
    place->day = today_in(resolver, place);
    if (time->part == TH_PART_MIDNIGHT && resolver->prefer != TH_PREFER_PAST) place->day++;
    th_place_t probe = *place;
    char ignored[TH_DATE_NOTE_SIZE] = "";
    th_resolver_t quiet = *resolver;
    quiet.note = ignored;
    th_place_fix(&quiet, &probe);
    int64_t ahead = probe.instant - resolver->now;
    if (resolver->prefer == TH_PREFER_FUTURE && ahead < 0) place->day++;
    if (resolver->prefer == TH_PREFER_PAST && ahead > 0) place->day--;
    if (resolver->prefer == TH_PREFER_NEAREST && ahead > 43200) place->day--;
    if (resolver->prefer == TH_PREFER_NEAREST && ahead < -43200) place->day++;
    if (time->part == TH_PART_CLOSE && resolver->prefer == TH_PREFER_FUTURE &&
        !th_is_working_day(resolver->context, place->day)) {
        place->day = th_add_working_days(resolver->context, place->day, 1);
        th_resolver_note(resolver, "the next working day");
    }
}

void th_apply_zone(th_resolver_t *resolver, const th_zone_said_t *zone, th_place_t *place) {
    switch (zone->kind) {
    case TH_ZONE_NONE: place->zone = resolver->context->zone; return;
    case TH_ZONE_NAMED: place->zone = zone->zone; break;
    case TH_ZONE_FIXED:
        place->zone = NULL;
        place->offset = zone->offset;
        break;
    case TH_ZONE_LABEL:
        place->zone = NULL;
        place->offset = label_offset(resolver, zone);
        break;
    }
    place->known |= TH_DATE_ZONE;
}

/* Midnight ends the day it is named with when that is a limit or today: "by midnight Friday". */
static bool midnight_is_end(const th_resolver_t *resolver, const th_node_t *node) {
    const th_node_t *child = &resolver->partial->nodes[node->child];
    bool today = child->kind == TH_NODE_DAY && child->number == 0;
    return node->time.part == TH_PART_MIDNIGHT && (today || resolver->partial->deadline);
}

/* "this time next week" is seven days on, not the week's first day. */
static void same_day(th_resolver_t *resolver, int child, th_place_t *place) {
    const th_node_t *node = &resolver->partial->nodes[child];
    if (node->kind != TH_NODE_PERIOD || node->child != TH_NO_NODE) return;
    if (node->unit == TH_UNIT_WEEK) place->day = resolver->today + node->number * 7;
    if (node->unit == TH_UNIT_MONTH)
        place->day = th_days_add_months(resolver->today, node->number, NULL);
    if (node->unit == TH_UNIT_YEAR)
        place->day = th_days_add_months(resolver->today, node->number * 12, NULL);
    place->end_day = place->day + 1;
}

bool th_place_moment(th_resolver_t *resolver, const th_node_t *node, th_place_t *place) {
    if (node->child == TH_NO_NODE) {
        th_place_days(place, resolver->today, resolver->today + 1, TH_GRAIN_DAY);
    } else if (!th_place_node(resolver, node->child, place)) {
        return false;
    }
    if (!node->time.said) {
        if (node->zone.kind != TH_ZONE_NONE && !place->has_time)
            th_apply_zone(resolver, &node->zone, place);
        return true;
    }
    if (place->has_time && node->child != TH_NO_NODE) { /* "in 3 hours at 5pm" */
        return th_error_set(resolver->error, "bad_date", "two times of day for one date");
    }
    if (node->time.part == TH_PART_SAME && node->child != TH_NO_NODE)
        same_day(resolver, node->child, place);
    unsigned known = place->known;
    place->has_time = true;
    place->grain = node->time.grain;
    place->seconds = th_time_seconds(resolver, &node->time);
    place->known = known;
    th_apply_zone(resolver, &node->zone, place);
    if (node->child == TH_NO_NODE)
        choose_day(resolver, &node->time, place);
    else if (midnight_is_end(resolver, node))
        place->day++;
    place->known |= TH_DATE_HOUR | (node->time.grain <= TH_GRAIN_MINUTE ? TH_DATE_MINUTE : 0) |
                    (node->time.grain == TH_GRAIN_SECOND ? TH_DATE_SECOND : 0);
    th_place_fix(resolver, place);
    return true;
}
