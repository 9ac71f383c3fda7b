/* test_call_date.c - call.date: the person's zone and habits, the API's form, and refusals. The
 * reading itself is tests/date's matter. */
#include "check.h"

#include "base/random.h"
#include "call_fixture.h"

static const char *fixture_answer(th_api_t *api, const char *asked) {
    (void)api, (void)asked;
    return "{\"data\":{}}";
}

static int open_all(void **state) {
    (void)state;
    fixture_open();
    return 0;
}

static int close_all(void **state) {
    (void)state;
    fixture_close();
    return 0;
}

/* Wednesday 25 November 2026, 09:00 UTC. */
#define AT "{ reference = 1795597200 }"

static void gives(const char *body, const char *text) {
    result_t r;
    fixture_tool("t", body);
    fixture_load();
    fixture_call("t", NULL, &r);
    if (r.outcome != TH_CALL_OK) fail_msg("%s\n  failed: %s (%s)", body, r.message, r.code);
    assert_string_equal(r.text, text);
}

static void reads_in_the_persons_zone(void **state) {
    (void)state;
    gives("return call.date.find('next Friday at 3pm', " AT ").iso", "2026-12-04T15:00:00+01:00");
}

static void without_a_zone_the_organisations_is_taken(void **state) {
    (void)state;
    fixture.person.timezone[0] = '\0';
    (void)snprintf(fixture.person.org_timezone, sizeof fixture.person.org_timezone,
                   "America/New_York");
    gives("return call.date.find('tomorrow at noon', " AT ").iso", "2026-11-26T12:00:00-05:00");
}

static void an_unknown_zone_is_utc(void **state) {
    (void)state;
    (void)snprintf(fixture.person.timezone, sizeof fixture.person.timezone, "Mars/Olympus");
    gives("return call.date.find('tomorrow at noon', " AT ").iso", "2026-11-26T12:00:00+00:00");
}

static void a_day_is_over_at_its_end(void **state) {
    (void)state;
    gives("return call.date.find('by Friday', " AT ").due", "2026-11-27 22:59:00");
}

static void a_month_is_over_with_its_last_day(void **state) {
    (void)state;
    gives("return call.date.find('December 2026', " AT ").due", "2026-12-31 22:59:00");
}

static void a_year_is_over_with_its_last_day(void **state) {
    (void)state;
    gives("return call.date.find('next year', " AT ").due", "2027-12-31 22:59:00");
}

static void habits_of_writing(void **state) {
    (void)state;
    fixture.person.day_first = true;
    gives("return call.date.find('3/12/2026', " AT ").iso .. ' ' .. call.date.find('3/12/2026', "
          "{ reference = 1795597200, day_first = false }).iso",
          "2026-12-03 2026-03-12");
}

static void working_days_are_the_organisations(void **state) {
    (void)state;
    fixture.person.working_days = 0x0f; /* Monday to Thursday */
    gives("return call.date.find('in 2 business days', " AT ").iso", "2026-11-30");
}

static void holidays_are_everybodys_or_one_organisations(void **state) {
    (void)state;
    (void)snprintf(fixture.settings.date_holidays, sizeof fixture.settings.date_holidays,
                   "other:2026-11-27 org1:2026-11-30 2026-11-26");
    gives("return call.date.find('in 1 business day', " AT ").iso .. ' ' .. "
          "call.date.find('in 2 business days', " AT ").iso",
          "2026-11-27 2026-12-01");
}

static void hours_are_the_settings(void **state) {
    (void)state;
    fixture.settings.date_close = INT64_C(18) * 3600000;
    fixture.settings.date_next_weekday = 1;
    gives("return call.date.find('close of business tomorrow', " AT ").iso .. ' ' .. "
          "call.date.find('next Friday', " AT ").iso",
          "2026-11-26T18:00:00+01:00 2026-11-27");
}

static void extracts_all_dates_of_a_sentence(void **state) {
    (void)state;
    gives("local all = call.date.extract('Call Ben on 4 December 2026 and Eva on 7 December "
          "2026', " AT ") return #all .. ' ' .. all[1].text .. ' ' .. all[2].iso",
          "2 4 December 2026 2026-12-07");
}

static void what_is_no_date_is_refused(void **state) {
    (void)state;
    gives("local due, err = call.date.find('version 2.5') return tostring(due) .. ' ' .. err.code",
          "nil no_date");
}

static void misuse_is_a_bug_of_the_tool(void **state) {
    (void)state;
    static const char *const bodies[] = {"return call.date.find()",
                                         "return call.date.find('today', { prefer = 'soon' })",
                                         "return call.date.find('today', { zone = 'No/Where' })",
                                         "return call.date.find('today', 7)"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        result_t r;
        fixture_tool("t", bodies[i]);
        fixture_load();
        fixture_call("t", NULL, &r);
        assert_int_equal(r.outcome, TH_CALL_BUG);
    }
}

int main(void) {
    if (!th_random_start()) return 1;
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)
        TEST(reads_in_the_persons_zone),
        TEST(without_a_zone_the_organisations_is_taken),
        TEST(an_unknown_zone_is_utc),
        TEST(a_day_is_over_at_its_end),
        TEST(a_month_is_over_with_its_last_day),
        TEST(a_year_is_over_with_its_last_day),
        TEST(habits_of_writing),
        TEST(working_days_are_the_organisations),
        TEST(holidays_are_everybodys_or_one_organisations),
        TEST(hours_are_the_settings),
        TEST(extracts_all_dates_of_a_sentence),
        TEST(what_is_no_date_is_refused),
        TEST(misuse_is_a_bug_of_the_tool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
