/* format.c - dates back to text: ISO 8601, and words that parse back to the same value. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "date/civil.h"

/* "+01:00"; with seconds for the local mean times of long ago. */
static void format_offset(int offset, char out[static 12]) {
    int size = offset < 0 ? -offset : offset;
    int length =
        snprintf(out, 12, "%c%02d:%02d", offset < 0 ? '-' : '+', size / 3600 % 100, size / 60 % 60);
    if (size % 60 && length > 0)
        (void)snprintf(out + length, 12 - (size_t)length, ":%02d", size % 60);
}

static void format_iso(const th_civil_t *civil, int offset, bool has_time, char out[static 40]) {
    char zone[12];
    if (!has_time) {
        (void)snprintf(out, 40, "%04d-%02d-%02d", civil->year, civil->month, civil->day);
        return;
    }
    format_offset(offset, zone);
    (void)snprintf(out, 40, "%04d-%02d-%02dT%02d:%02d:%02d%s", civil->year, civil->month,
                   civil->day, civil->hour, civil->minute, civil->second, zone);
}

void th_date_format_iso(const th_date_t *date, char out[static 40]) {
    format_iso(&date->civil, date->offset, date->has_time, out);
}

void th_date_format_end(const th_date_t *date, char out[static 40]) {
    out[0] = '\0';
    if (date->has_end)
        format_iso(&date->end_civil, date->end_offset, date->end_grain <= TH_GRAIN_HOUR, out);
}

typedef struct {
    char *out;
    size_t size, used;
} writer_t;

__attribute__((format(printf, 2, 3))) static void add(writer_t *writer, const char *format, ...) {
    va_list values;
    va_start(values, format);
    int length = vsnprintf(writer->out + writer->used, writer->size - writer->used, format, values);
    va_end(values);
    if (length > 0) writer->used += (size_t)length;
    if (writer->used >= writer->size) writer->used = writer->size - 1;
}

static const char *const weekdays[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                       "Friday", "Saturday", "Sunday"};
static const char *const months[] = {"January",   "February", "March",    "April",
                                     "May",       "June",     "July",     "August",
                                     "September", "October",  "November", "December"};

static void add_day(writer_t *writer, const th_civil_t *civil) {
    int64_t day = th_days_from_civil(civil->year, civil->month, civil->day);
    add(writer, "%s %d %s %04d", weekdays[th_weekday_of_days(day) - 1], civil->day,
        months[civil->month - 1], civil->year);
}

/* The zone's name; but an offset where the name would not lead back: the later of two equal local
 * times, and names without a region. */
static void add_zone(writer_t *writer, const th_zone_t *zone, const th_civil_t *civil, int offset) {
    int64_t local = th_local_from_civil(civil), first = local - offset, later;
    bool named =
        zone && (strchr(th_zone_name(zone), '/') || strcmp(th_zone_name(zone), "UTC") == 0);
    if (named) {
        th_zone_instant_of(zone, local, &first, &later);
        named = first == local - offset;
    }
    if (named) {
        add(writer, " %s", th_zone_name(zone));
    } else {
        char text[12];
        format_offset(offset, text);
        add(writer, " UTC%s", text);
    }
}

static void add_moment(writer_t *writer, const th_date_t *date, th_date_grain_t grain,
                       const th_civil_t *civil, int offset) {
    add_day(writer, civil);
    if (grain > TH_GRAIN_HOUR) return;
    add(writer, ", %02d:%02d", civil->hour, civil->minute);
    if (civil->second) add(writer, ":%02d", civil->second);
    add_zone(writer, date->zone, civil, offset);
}

static void add_week(writer_t *writer, const th_civil_t *civil) {
    int64_t day = th_days_from_civil(civil->year, civil->month, civil->day);
    int year, week;
    if (th_weekday_of_days(day) == 1) {
        th_iso_week_of_days(day, &year, &week);
        add(writer, "week %d of %04d", week, year);
    } else {
        add(writer, "week of ");
        add_day(writer, civil);
    }
}

/* Quarters and years that are not the calendar's are named by their first day. */
static void add_value(writer_t *writer, const th_date_t *date, th_date_grain_t grain,
                      const th_civil_t *civil, int offset) {
    bool first = civil->day == 1;
    switch (grain) {
    case TH_GRAIN_WEEK: add_week(writer, civil); return;
    case TH_GRAIN_MONTH: add(writer, "%s %04d", months[civil->month - 1], civil->year); return;
    case TH_GRAIN_QUARTER:
        if (first && civil->month % 3 == 1)
            add(writer, "Q%d %04d", civil->month / 3 + 1, civil->year);
        else
            add(writer, "quarter from %d %s %04d", civil->day, months[civil->month - 1],
                civil->year);
        return;
    case TH_GRAIN_YEAR:
        if (first && civil->month == 1)
            add(writer, "year %04d", civil->year);
        else
            add(writer, "year from %d %s %04d", civil->day, months[civil->month - 1], civil->year);
        return;
    default: add_moment(writer, date, grain, civil, offset); return;
    }
}

void th_date_format_words(const th_date_t *date, char out[static TH_DATE_WORDS_SIZE]) {
    writer_t writer = {out, TH_DATE_WORDS_SIZE, 0};
    out[0] = '\0';
    add_value(&writer, date, date->grain, &date->civil, date->offset);
    if (!date->has_end) return;
    add(&writer, " to ");
    add_value(&writer, date, date->end_grain, &date->end_civil, date->end_offset);
}
