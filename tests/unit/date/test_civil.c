/* test_civil.c - the calendar against a day-by-day walk, ISO weeks, clamping, Easter. */
#include "check.h"

#include "date/civil.h"

/* Walks every day of 1..9999 and counts along. */
static void every_day_there_and_back(void **state) {
    (void)state;
    int64_t day = th_days_from_civil(1, 1, 1);
    int weekday = th_weekday_of_days(day);
    assert_int_equal(day, -719162);
    for (int year = 1; year <= 9999; year++)
        for (int month = 1; month <= 12; month++)
            for (int date = 1; date <= th_days_in_month(year, month); date++, day++) {
                th_civil_t civil = {0};
                th_civil_from_days(day, &civil);
                if (civil.year != year || civil.month != month || civil.day != date ||
                    th_days_from_civil(year, month, date) != day ||
                    th_weekday_of_days(day) != weekday)
                    fail_msg("day %lld is %d-%d-%d", (long long)day, civil.year, civil.month,
                             civil.day);
                weekday = weekday % 7 + 1;
            }
    assert_int_equal(day - 1, th_days_from_civil(9999, 12, 31));
    assert_int_equal(th_weekday_of_days(0), 4); /* 1 January 1970 was a Thursday */
}

static void impossible_days_are_invalid(void **state) {
    (void)state;
    assert_true(th_civil_date_valid(2028, 2, 29));
    assert_true(th_civil_date_valid(2000, 2, 29));
    assert_false(th_civil_date_valid(2027, 2, 29));
    assert_false(th_civil_date_valid(2100, 2, 29));
    assert_false(th_civil_date_valid(2026, 4, 31));
    assert_false(th_civil_date_valid(2026, 13, 1));
    assert_false(th_civil_date_valid(2026, 1, 0));
    assert_false(th_civil_date_valid(0, 1, 1));
    assert_false(th_civil_date_valid(10000, 1, 1));
}

static void iso_weeks(void **state) {
    (void)state;
    static const struct {
        int year, month, day, iso_year, week;
    } facts[] = {
        {2026, 1, 1, 2026, 1},  {2025, 12, 29, 2026, 1}, {2026, 12, 31, 2026, 53},
        {2027, 1, 3, 2026, 53}, {2027, 1, 4, 2027, 1},   {2020, 12, 31, 2020, 53},
        {2021, 1, 1, 2020, 53}, {2024, 12, 30, 2025, 1}, {2023, 1, 1, 2022, 52},
        {1970, 1, 1, 1970, 1},
    };
    for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
        int year, week;
        th_iso_week_of_days(th_days_from_civil(facts[i].year, facts[i].month, facts[i].day), &year,
                            &week);
        assert_int_equal(year, facts[i].iso_year);
        assert_int_equal(week, facts[i].week);
    }
    assert_int_equal(th_iso_weeks_in_year(2026), 53);
    assert_int_equal(th_iso_weeks_in_year(2025), 52);
    assert_int_equal(th_days_from_iso_week(2026, 49), th_days_from_civil(2026, 11, 30));
}

static void months_clamp(void **state) {
    (void)state;
    bool clamped;
    int64_t end_of_january = th_days_from_civil(2027, 1, 31);
    assert_int_equal(th_days_add_months(end_of_january, 1, &clamped),
                     th_days_from_civil(2027, 2, 28));
    assert_true(clamped);
    assert_int_equal(th_days_add_months(end_of_january, 2, &clamped),
                     th_days_from_civil(2027, 3, 31));
    assert_false(clamped);
    assert_int_equal(th_days_add_months(end_of_january, -2, &clamped),
                     th_days_from_civil(2026, 11, 30));
    assert_int_equal(th_days_add_months(end_of_january, 13, NULL), th_days_from_civil(2028, 2, 29));
    assert_int_equal(th_days_add_months(end_of_january, -1, NULL),
                     th_days_from_civil(2026, 12, 31));
}

static void local_seconds_before_1970(void **state) {
    (void)state;
    th_civil_t civil;
    th_civil_from_local(-1, &civil);
    assert_int_equal(civil.year, 1969);
    assert_int_equal(civil.hour, 23);
    assert_int_equal(civil.second, 59);
    assert_int_equal(th_local_from_civil(&civil), -1);
}

static void weeks_begin_where_told(void **state) {
    (void)state;
    int64_t wednesday = th_days_from_civil(2026, 11, 25);
    assert_int_equal(th_week_begin(wednesday, 1), th_days_from_civil(2026, 11, 23));
    assert_int_equal(th_week_begin(wednesday, 7), th_days_from_civil(2026, 11, 22));
    assert_int_equal(th_week_begin(wednesday, 3), wednesday);
    assert_int_equal(th_week_begin(wednesday, 4), th_days_from_civil(2026, 11, 19));
}

static void easter(void **state) {
    (void)state;
    assert_int_equal(th_days_of_easter(2026), th_days_from_civil(2026, 4, 5));
    assert_int_equal(th_days_of_easter(2027), th_days_from_civil(2027, 3, 28));
    assert_int_equal(th_days_of_easter(2038), th_days_from_civil(2038, 4, 25));
    assert_int_equal(th_days_of_easter(1818), th_days_from_civil(1818, 3, 22));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_there_and_back),
        cmocka_unit_test(impossible_days_are_invalid),
        cmocka_unit_test(iso_weeks),
        cmocka_unit_test(months_clamp),
        cmocka_unit_test(local_seconds_before_1970),
        cmocka_unit_test(weeks_begin_where_told),
        cmocka_unit_test(easter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
