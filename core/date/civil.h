/* civil.h - the calendar: days, civil dates, weekdays, ISO 8601 weeks. Proleptic Gregorian, no
 * zones. A day is a count of days since 1970-01-01; weekdays are 1 = Monday ... 7 = Sunday. */
#ifndef TH_DATE_CIVIL_H
#define TH_DATE_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

#include "date/date.h"

#define TH_SECONDS_PER_DAY 86400

bool th_leap_year(int year);
/* 28..31; <month> is 1..12. */
int th_days_in_month(int year, int month);
bool th_civil_date_valid(int year, int month, int day);

/* The three fields are taken as they are: <month> must be 1..12, <day> may be any number. */
int64_t th_days_from_civil(int year, int month, int day);
/* Sets year, month and day; leaves the time alone. */
void th_civil_from_days(int64_t days, th_civil_t *civil);
int th_weekday_of_days(int64_t days);
/* Day of a year from 1. */
int th_year_day(int64_t days);

/* Local seconds: the civil time as if it were UTC. */
int64_t th_local_from_civil(const th_civil_t *civil);
void th_civil_from_local(int64_t local, th_civil_t *civil);

/* First day of the week that holds <days>, for weeks that begin on <week_start>. */
int64_t th_week_begin(int64_t days, int week_start);
/* ISO 8601: Monday of that week; weeks are 1..52 or 53. */
int64_t th_days_from_iso_week(int iso_year, int week);
int th_iso_weeks_in_year(int iso_year);
void th_iso_week_of_days(int64_t days, int *iso_year, int *week);

/* Adds months and clamps the day: 31 January and one month is 28 or 29 February. <*clamped> (may be
 * NULL) tells whether that happened. */
int64_t th_days_add_months(int64_t days, int64_t months, bool *clamped);
/* Western Easter Sunday. */
int64_t th_days_of_easter(int year);

#endif
