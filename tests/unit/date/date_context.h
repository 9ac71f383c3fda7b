/* date_context.h - what the tests of dates share: zones, a context at a moment, one answer as text.
 */
#ifndef TH_TESTS_DATE_CONTEXT_H
#define TH_TESTS_DATE_CONTEXT_H

#include <stdio.h>
#include <string.h>

#include "date/civil.h"
#include "date/date.h"

static inline th_date_context_t context_at(th_zones_t *zones, const char *zone, int year, int month,
                                           int day, int hour, int minute) {
    th_date_context_t context;
    int64_t later;
    th_civil_t now = {year, month, day, hour, minute, 0};
    th_date_context_defaults(&context);
    context.zone = th_zones_find(zones, th_slice_of(zone), NULL);
    th_zone_instant_of(context.zone, th_local_from_civil(&now), &context.reference, &later);
    return context;
}

/* "2026-12-04", "... to ..." for ranges, "refused". */
static inline const char *answer(const th_date_context_t *context, th_zones_t *zones,
                                 const char *text, char out[static 100]) {
    th_date_t date;
    char end[40];
    if (!th_date_parse(th_slice_of(text), context, zones, &date, NULL)) {
        strcpy(out, "refused");
        return out;
    }
    th_date_format_iso(&date, out);
    if (date.has_end) {
        th_date_format_end(&date, end);
        snprintf(out + strlen(out), 100 - strlen(out), " to %s", end);
    }
    return out;
}

#endif
