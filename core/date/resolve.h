/* resolve.h - from a partial date to a place in time: shared by resolve*.c, date.c and extract.c.
 * A place is a span of whole days, or an instant. Everything is decided by the context alone. */
#ifndef TH_DATE_RESOLVE_H
#define TH_DATE_RESOLVE_H

#include "date/civil.h"
#include "date/partial.h"

typedef struct th_place {
    int64_t day, end_day; /* days since 1970: [day, end_day) */
    th_date_grain_t grain;
    bool has_time;
    int seconds; /* local, from midnight of <day>, when has_time */
    bool exact;  /* <instant> is known: elapsed time was counted */
    int64_t instant;
    const th_zone_t *zone; /* NULL: <offset> is fixed */
    int offset;
    int months; /* length of a period of months; 0 otherwise */
    bool weekend;
    bool workday; /* the day ends with the working day */
    bool free;    /* the text left open which one: it may move on when it has passed */
    unsigned known;
} th_place_t;

typedef struct th_resolver {
    const th_partial_t *partial;
    const th_date_context_t *context;
    th_date_prefer_t prefer;
    int64_t now;   /* instant */
    int64_t today; /* the person's day */
    int64_t base;  /* the day from which open dates are looked for: today, or a range's beginning */
    int depth;
    char *note; /* of TH_DATE_NOTE_SIZE bytes */
    th_error_t *error;
} th_resolver_t;

/* False with <error> when there is no such date. */
bool th_place_node(th_resolver_t *resolver, int index, th_place_t *place);
bool th_place_period(th_resolver_t *resolver, const th_node_t *node, th_place_t *place);
bool th_place_section(th_resolver_t *resolver, const th_node_t *node, th_place_t *place);
bool th_place_edge(th_resolver_t *resolver, const th_node_t *node, th_place_t *place);
bool th_place_nth(th_resolver_t *resolver, const th_node_t *node, th_place_t *place);
bool th_place_nth_after(th_resolver_t *resolver, const th_node_t *node, th_place_t *place);
bool th_place_calendar(th_resolver_t *resolver, const th_node_t *node, th_place_t *place);
bool th_place_iso_week(th_resolver_t *resolver, const th_node_t *node, th_place_t *place);
bool th_place_day_of(th_resolver_t *resolver, const th_node_t *node, th_place_t *place);
bool th_place_weekday(th_resolver_t *resolver, const th_node_t *node, th_place_t *place);
bool th_place_weekend(th_resolver_t *resolver, const th_node_t *node, th_place_t *place);
bool th_place_holiday(th_resolver_t *resolver, const th_node_t *node, th_place_t *place);
bool th_place_shift(th_resolver_t *resolver, const th_node_t *node, th_place_t *place);
bool th_place_moment(th_resolver_t *resolver, const th_node_t *node, th_place_t *place);

/* Helpers. */
void th_place_days(th_place_t *place, int64_t day, int64_t end_day, th_date_grain_t grain);
/* The months from <year>, <month> on, as a period. */
void th_place_months(th_place_t *place, int64_t year, int month, int months, th_date_grain_t grain);
bool th_is_working_day(const th_date_context_t *context, int64_t day);
int64_t th_add_working_days(const th_date_context_t *context, int64_t day, int64_t count);
/* Adds a sentence to the note, while there is room. */
void th_resolver_note(th_resolver_t *resolver, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Instant and offset of a place with a time; notes gaps and overlaps of clocks. */
void th_place_fix(th_resolver_t *resolver, th_place_t *place);

/* Seconds from midnight of a time said; 24 hours is the next midnight. */
int th_time_seconds(th_resolver_t *resolver, const th_time_t *time);
void th_apply_zone(th_resolver_t *resolver, const th_zone_said_t *zone, th_place_t *place);

/* Everything but the span. False: <error>. */
bool th_resolve(const th_partial_t *partial, const th_date_context_t *context, th_date_t *date,
                th_error_t *error);

#endif
