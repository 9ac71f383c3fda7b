/* date_habits.c - date.* settings to a context. Their form was checked when they were read. */
#include "script/date_habits.h"

#include <stdlib.h>
#include <string.h>

#define HOUR_MS INT64_C(3600000)
#define MINUTE_MS INT64_C(60000)

static int digits(const char *text, int count) {
    int number = 0;
    for (int i = 0; i < count; i++)
        number = number * 10 + (text[i] - '0');
    return number;
}

static int compare_dates(const void *a, const void *b) {
    const th_civil_t *one = a, *other = b;
    if (one->year != other->year) return one->year - other->year;
    if (one->month != other->month) return one->month - other->month;
    return one->day - other->day;
}

/* "2026-12-25" is everybody's, "ORGANISATION:2026-12-25" only theirs. */
static size_t read_holidays(const char *text, const char *org_id, th_civil_t *holidays) {
    size_t count = 0;
    const char *word = text + strspn(text, " ");
    while (*word && count < TH_DATE_HOLIDAYS_MAX) {
        size_t length = strcspn(word, " ");
        const char *date = word + length - 10;
        size_t owner = length > 10 ? length - 11 : 0;
        bool ours = owner == 0 || (strlen(org_id) == owner && strncmp(word, org_id, owner) == 0);
        if (ours)
            holidays[count++] = (th_civil_t){
                .year = digits(date, 4), .month = digits(date + 5, 2), .day = digits(date + 8, 2)};
        word += length;
        word += strspn(word, " ");
    }
    qsort(holidays, count, sizeof *holidays, compare_dates);
    return count;
}

void th_date_habits(const th_settings_t *settings, const char *org_id,
                    th_civil_t holidays[static TH_DATE_HOLIDAYS_MAX], th_date_context_t *context) {
    th_date_context_defaults(context);
    context->holidays = holidays;
    context->holiday_count = read_holidays(settings->date_holidays, org_id, holidays);
    context->week_start = (int)settings->date_week_start + 1;
    context->fiscal_year_start = (int)settings->date_fiscal_year_start;
    context->next_weekday_is_coming = settings->date_next_weekday == 1;
    context->hour_morning = (int)(settings->date_morning / HOUR_MS);
    context->hour_noon = (int)(settings->date_noon / HOUR_MS);
    context->hour_afternoon = (int)(settings->date_afternoon / HOUR_MS);
    context->hour_evening = (int)(settings->date_evening / HOUR_MS);
    context->hour_night = (int)(settings->date_night / HOUR_MS);
    context->minute_end_of_day = (int)(settings->date_end_of_day / MINUTE_MS);
    context->minute_close = (int)(settings->date_close / MINUTE_MS);
}
