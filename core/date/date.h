/* date.h - English dates and times as people write them.
 * Two jobs: th_date_parse when the whole text is a date, th_date_extract when a sentence holds one
 * or more. Words become tokens, tokens a partial date by a small grammar, and that is resolved
 * against a context. No global state, no regular expressions, linear time, and no allocation but
 * for time zones, which are read from the system's tz database through th_zones_t. Knows nothing of
 * Lua. */
#ifndef TH_DATE_DATE_H
#define TH_DATE_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "date/zone.h"

typedef enum th_date_grain {
    TH_GRAIN_SECOND,
    TH_GRAIN_MINUTE,
    TH_GRAIN_HOUR,
    TH_GRAIN_DAY,
    TH_GRAIN_WEEK,
    TH_GRAIN_MONTH,
    TH_GRAIN_QUARTER,
    TH_GRAIN_YEAR,
} th_date_grain_t;
const char *th_date_grain_name(th_date_grain_t grain);

typedef enum th_date_prefer {
    TH_PREFER_FUTURE,
    TH_PREFER_NEAREST,
    TH_PREFER_PAST
} th_date_prefer_t;

/* A civil date and time in some zone; year -9999..9999. */
typedef struct th_civil {
    int year, month, day, hour, minute, second;
} th_civil_t;

typedef struct th_date_context {
    int64_t reference;           /* seconds since 1970-01-01T00:00:00Z: "now" */
    const th_zone_t *zone;       /* the person's; borrowed */
    bool day_first;              /* 3/4 is the 3rd of April (d/m) rather than March 4th (m/d) */
    th_date_prefer_t prefer;     /* for weekdays, months, times without a direction */
    bool next_weekday_is_coming; /* "next Friday" said mid-week: the coming one, not next week's */
    unsigned working_days;       /* bit 0 = Monday ... bit 6 = Sunday */
    const th_civil_t *holidays;  /* dates; borrowed; sorted */
    size_t holiday_count;
    int week_start;        /* 1 = Monday ... 7 = Sunday */
    int fiscal_year_start; /* month, 1..12 */
    int hour_morning, hour_noon, hour_afternoon, hour_evening, hour_night; /* 9 12 15 18 21 */
    int minute_end_of_day; /* minutes after midnight: 23*60+59; "end of day" */
    int minute_close;      /* 17*60: "close of business" */
} th_date_context_t;
/* Future, m/d, Monday to Friday, week from Monday, fiscal year from January, hours as above. */
void th_date_context_defaults(th_date_context_t *context);

#define TH_DATE_NOTE_SIZE 200

/* One date that was understood. */
typedef struct th_date {
    size_t start, length; /* the span in the text, in bytes */
    int64_t instant;      /* seconds since the epoch: the beginning of the value */
    int64_t end_instant;  /* the beginning of the end, when has_end */
    const th_zone_t
        *zone; /* it was read in: the text's own, or the context's; NULL: only <offset> */
    th_civil_t civil, end_civil; /* the same in the offsets */
    int offset, end_offset;      /* seconds east of UTC in force there */
    th_date_grain_t grain, end_grain;
    unsigned known; /* bits TH_DATE_YEAR ...: what the text said; the rest was assumed */
    int confidence; /* 0..100 */
    bool has_time;  /* a time of day was said (or follows from words such as "noon") */
    bool has_end;   /* a range, with its end as written ("Monday to Friday": Friday) */
    bool deadline;  /* "by", "before", "until", "no later than", "within": the value is a limit */
    char note[TH_DATE_NOTE_SIZE]; /* where the reading was a choice or something was moved; "" */
} th_date_t;

enum {
    TH_DATE_YEAR = 1,
    TH_DATE_MONTH = 2,
    TH_DATE_DAY = 4,
    TH_DATE_WEEKDAY = 8,
    TH_DATE_HOUR = 16,
    TH_DATE_MINUTE = 32,
    TH_DATE_SECOND = 64,
    TH_DATE_ZONE = 128,
    TH_DATE_RELATIVE = 256,
};

#define TH_DATE_TEXT_MAX (1024 * 1024)

/* True when the whole text (but for blanks and a closing full stop) is one date. Otherwise <error>
 * says why: "no_date", "not_a_date" (naming the part that does not belong), "bad_date" ("there is
 * no 30 February"), "too_long". <zones> finds zones named in the text. */
bool th_date_parse(th_slice_t text, const th_date_context_t *context, th_zones_t *zones,
                   th_date_t *date, th_error_t *error);

/* Finds up to <maximum> dates in a sentence, in order, not overlapping; returns how many. */
size_t th_date_extract(th_slice_t text, const th_date_context_t *context, th_zones_t *zones,
                       th_date_t *dates, size_t maximum);

#define TH_DATE_FIND_MAX 8
/* What a person who wrote <text> meant by it: the whole text as a date, or the deadline in the
 * sentence, or else the first date in it. <*whole> tells which. False: <error> as of th_date_parse.
 */
bool th_date_find(th_slice_t text, const th_date_context_t *context, th_zones_t *zones,
                  th_date_t *date, bool *whole, th_error_t *error);

/* The sentence without the span of <date> and the words that only introduce it ("by", "on", "at",
 * "due"), blanks and stray punctuation tidied. Writes at most <size> bytes with NUL; returns the
 * length. */
size_t th_date_rest(th_slice_t text, const th_date_t *date, char *out, size_t size);

/* ISO 8601: "2026-12-04" for civil days and coarser (first day), "2026-12-04T17:00:00+01:00" with a
 * time. */
void th_date_format_iso(const th_date_t *date, char out[static 40]);
/* Likewise the end of a range; "" when there is none. */
void th_date_format_end(const th_date_t *date, char out[static 40]);
#define TH_DATE_WORDS_SIZE 240
/* "Friday 4 December 2026, 17:00 Europe/Berlin"; parses back to the same value. */
void th_date_format_words(const th_date_t *date, char out[static TH_DATE_WORDS_SIZE]);

#endif
