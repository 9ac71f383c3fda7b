/* partial.h - what was read from the text and not yet placed in time: a small tree of nodes.
 * "the 2nd Friday of next month at 3pm" is MOMENT(NTH(2, Friday, PERIOD(next month)), 3pm). The
 * grammar makes the tree without looking at the clock; resolve.c places it. The nodes lie in one
 * fixed array. */
#ifndef TH_DATE_PARTIAL_H
#define TH_DATE_PARTIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "date/date.h"
#include "date/words.h"

#define TH_NODES_MAX 24
#define TH_NO_NODE (-1)

/* A length of time; each field may be negative. */
typedef struct th_amount {
    int64_t months, days, workdays, seconds;
    th_unit_t finest; /* unit of the smallest part that was said */
} th_amount_t;

typedef enum th_zone_kind {
    TH_ZONE_NONE,
    TH_ZONE_FIXED,
    TH_ZONE_NAMED,
    TH_ZONE_LABEL
} th_zone_kind_t;

typedef struct th_zone_said {
    th_zone_kind_t kind;
    int offset;            /* FIXED: seconds; LABEL: what the abbreviation usually means */
    const th_zone_t *zone; /* NAMED */
    char label[8];         /* LABEL: "IST" */
} th_zone_said_t;

typedef struct th_time {
    bool said;
    bool bare;  /* only a number said it: a count, unless a date or "at" stands beside it */
    bool guess; /* an hour of 1..12 said without am or pm: "at 3" */
    int hour, minute, second; /* hour 0..24 */
    th_date_grain_t grain;
    th_part_t part; /* "noon", "end of day": instead of hour and minute when not NONE */
} th_time_t;

typedef enum th_node_kind {
    TH_NODE_NOW,
    TH_NODE_DAY,      /* today and <number> days */
    TH_NODE_CALENDAR, /* year, month, day (0 = not said), weekday; <number> = years from this one */
    TH_NODE_WEEKDAY,  /* weekday, which */
    TH_NODE_PERIOD,   /* the <unit> that is <number> from the one that holds <child> (or today) */
    TH_NODE_QUARTER,  /* <number> 1..4 of <year> (0 = not said) or of <child>; fiscal */
    TH_NODE_HALF,     /* <number> 1..2, likewise */
    TH_NODE_YEAR,     /* <year>; fiscal */
    TH_NODE_ISO_WEEK, /* <number> of <year>, weekday (0 = the week) */
    TH_NODE_YEAR_DAY, /* day <number> of <year> */
    TH_NODE_NTH,      /* the <number>th (-1 = last) weekday or <unit> in <child> */
    TH_NODE_NTH_AFTER, /* the <number>th weekday after (< 0: before) <child> */
    TH_NODE_WITHIN,    /* the weekday of the week of <child> */
    TH_NODE_DAY_OF,    /* day <day> of the month <child>; no child: the next month that has one */
    TH_NODE_EDGE,      /* <edge> of <child> */
    TH_NODE_SHIFT,     /* <child> and <amount> */
    TH_NODE_WEEKEND,   /* <which>, or of the week of <child> */
    TH_NODE_HOLIDAY,   /* <number> in <year> (0 = not said), or years from this one in <years> */
    TH_NODE_INSTANT,   /* <number> seconds since 1970 */
    TH_NODE_MOMENT,    /* <child> (or no date) at <time> in <zone> */
} th_node_kind_t;

typedef struct th_node {
    th_node_kind_t kind;
    int child;
    int64_t number;
    int year, month, day, weekday;
    bool year_from_now; /* <years> counts from this year */
    int years;
    bool fiscal;
    bool counted; /* NTH: weekdays or units; the unit holds */
    th_which_t which;
    th_unit_t unit;
    th_edge_t edge;
    th_amount_t amount;
    th_time_t time;
    th_zone_said_t zone;
} th_node_t;

typedef struct th_partial {
    th_node_t nodes[TH_NODES_MAX];
    int count;
    int root, end_root; /* MOMENT nodes; end_root TH_NO_NODE when this is no range */
    bool deadline;
    bool vague;         /* "about", "early": the value is a reading of something soft */
    bool past;          /* a word said that it lies behind us: "since" */
    bool weak;          /* so little was said that it is a date only as a whole text */
    size_t first, next; /* tokens: of the span, and behind it */
} th_partial_t;

#endif
