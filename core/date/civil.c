/* civil.c - calendar arithmetic on counted days; every function is total over years -9999..9999. */
#include "date/civil.h"

static int64_t floor_div(int64_t a, int64_t b) {
    int64_t quotient = a / b;
    return a % b < 0 ? quotient - 1 : quotient;
}

bool th_leap_year(int year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int th_days_in_month(int year, int month) {
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && th_leap_year(year) ? 29 : days[month - 1];
}

bool th_civil_date_valid(int year, int month, int day) {
    return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 &&
           day <= th_days_in_month(year, month);
}

/* Years counted from March put the leap day at the end, so that month lengths follow one formula.
 */
int64_t th_days_from_civil(int year, int month, int day) {
    int64_t shifted = month > 2 ? year : (int64_t)year - 1;
    int64_t era = floor_div(shifted, 400), year_of_era = shifted - era * 400;
    int64_t months = (month + 9) % 12;
    int64_t day_of_year = (153 * months + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

void th_civil_from_days(int64_t days, th_civil_t *civil) {
    int64_t shifted = days + 719468, era = floor_div(shifted, 146097);
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t months = (5 * day_of_year + 2) / 153;
    civil->day = (int)(day_of_year - (153 * months + 2) / 5 + 1);
    civil->month = (int)(months < 10 ? months + 3 : months - 9);
    civil->year = (int)(year_of_era + era * 400 + (civil->month <= 2));
}

int th_weekday_of_days(int64_t days) {
    int64_t since_monday = (days + 3) % 7; /* 1970-01-01 was a Thursday */
    return (int)(since_monday < 0 ? since_monday + 7 : since_monday) + 1;
}

int th_year_day(int64_t days) {
    th_civil_t civil;
    th_civil_from_days(days, &civil);
    return (int)(days - th_days_from_civil(civil.year, 1, 1)) + 1;
}

int64_t th_local_from_civil(const th_civil_t *civil) {
    return th_days_from_civil(civil->year, civil->month, civil->day) * TH_SECONDS_PER_DAY +
           civil->hour * 3600 + civil->minute * 60 + civil->second;
}

void th_civil_from_local(int64_t local, th_civil_t *civil) {
    int64_t days = floor_div(local, TH_SECONDS_PER_DAY);
    int rest = (int)(local - days * TH_SECONDS_PER_DAY);
    th_civil_from_days(days, civil);
    civil->hour = rest / 3600;
    civil->minute = rest / 60 % 60;
    civil->second = rest % 60;
}

int64_t th_week_begin(int64_t days, int week_start) {
    return days - (th_weekday_of_days(days) - week_start + 7) % 7;
}

int64_t th_days_from_iso_week(int iso_year, int week) {
    /* 4 January is always in week 1. */
    return th_week_begin(th_days_from_civil(iso_year, 1, 4), 1) + (int64_t)(week - 1) * 7;
}

int th_iso_weeks_in_year(int iso_year) {
    return (int)((th_days_from_iso_week(iso_year + 1, 1) - th_days_from_iso_week(iso_year, 1)) / 7);
}

void th_iso_week_of_days(int64_t days, int *iso_year, int *week) {
    th_civil_t thursday; /* the week belongs to the year of its Thursday */
    th_civil_from_days(th_week_begin(days, 1) + 3, &thursday);
    *iso_year = thursday.year;
    *week = (int)((th_week_begin(days, 1) - th_days_from_iso_week(thursday.year, 1)) / 7) + 1;
}

int64_t th_days_add_months(int64_t days, int64_t months, bool *clamped) {
    th_civil_t civil;
    th_civil_from_days(days, &civil);
    int64_t total = (int64_t)civil.year * 12 + civil.month - 1 + months;
    int year = (int)floor_div(total, 12), month = (int)(total - (int64_t)year * 12) + 1;
    int length = th_days_in_month(year, month);
    if (clamped) *clamped = civil.day > length;
    return th_days_from_civil(year, month, civil.day > length ? length : civil.day);
}

/* The Gregorian computus (Meeus, Astronomical Algorithms, chapter 8). */
int64_t th_days_of_easter(int year) {
    int golden = year % 19, century = year / 100, rest = year % 100;
    int skipped = century / 4, century_rest = century % 4;
    int correction = (century - (century + 8) / 25 + 1) / 3;
    int epact = (19 * golden + century - skipped - correction + 15) % 30;
    int weekday = (32 + 2 * century_rest + 2 * (rest / 4) - epact - rest % 4) % 7;
    int late = (golden + 11 * epact + 22 * weekday) / 451;
    int month = (epact + weekday - 7 * late + 114) / 31;
    int day = (epact + weekday - 7 * late + 114) % 31 + 1;
    return th_days_from_civil(year, month, day);
}
