/* fuzz_date_parse.c - any text as a date, in a context made from its first four bytes.
 * Beyond not crashing: a date lies within the text and the years 1..9999, has a zone, does not end
 * before it begins, and its words parse back to the same instant. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "date/date.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {
    "UTC",          "Europe/Berlin",       "America/New_York", "Asia/Kolkata",
    "Pacific/Apia", "Australia/Lord_Howe", "Africa/Monrovia",  "America/St_Johns"};

static th_date_context_t make_context(th_zones_t *zones, const uint8_t *data) {
    th_date_context_t context;
    th_date_context_defaults(&context);
    context.zone = th_zones_find(zones, th_slice_of(names[data[0] & 7]), NULL);
    if (!context.zone) context.zone = th_zones_utc(zones);
    context.day_first = data[0] & 8;
    context.prefer = (th_date_prefer_t)((data[0] >> 4) % 3);
    context.next_weekday_is_coming = data[1] & 1;
    context.week_start = 1 + (data[1] >> 1) % 7;
    context.fiscal_year_start = 1 + (data[1] >> 4) % 12;
    context.reference = 1700000000 + ((int64_t)data[2] * 256 + data[3]) * 3607;
    return context;
}

static void check(const th_date_t *date, size_t size, const th_date_context_t *context,
                  th_zones_t *zones) {
    char words[TH_DATE_WORDS_SIZE], iso[40];
    th_date_t again;
    if (date->start + date->length > size || date->length == 0) abort();
    if (date->civil.year < 0 || date->civil.year > 10000) abort();
    if (date->confidence < 0 || date->confidence > 100) abort();
    if (date->has_end && date->end_instant < date->instant) abort();
    th_date_format_iso(date, iso);
    th_date_format_words(date, words);
    if (date->civil.year < 1000 || date->civil.year > 9998 || date->offset % 60) return;
    if (!th_date_parse(th_slice_of(words), context, zones, &again, NULL)) abort();
    if (again.instant != date->instant || again.has_end != date->has_end) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static th_zones_t *zones;
    th_date_t date;
    if (!zones) {
        th_random_start();
        zones = th_zones_open(NULL);
    }
    if (!zones || size < 4) return 0;
    th_date_context_t context = make_context(zones, data);
    th_slice_t text = th_slice((const char *)data + 4, size - 4);
    th_error_t error = {.code = ""};
    if (th_date_parse(text, &context, zones, &date, &error))
        check(&date, text.length, &context, zones);
    else if (!error.code[0] || !error.message[0])
        abort();
    return 0;
}
