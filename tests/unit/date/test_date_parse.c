/* test_date_parse.c - what the cases of tests/date cannot show: the context's settings, the fields
 * of a result, errors, spans, several dates in a sentence, limits and hostile texts. */
#include "check.h"

#include <stdlib.h>

#include "date/words.h"
#include "date_context.h"

static int open_zones(void **state) {
    *state = th_zones_open(NULL);
    return *state ? 0 : -1;
}

static int close_zones(void **state) {
    th_zones_close(*state);
    return 0;
}

/* Wednesday 25 November 2026, 10:00 in Berlin. */
static th_date_context_t usual(void **state) {
    return context_at(*state, "Europe/Berlin", 2026, 11, 25, 10, 0);
}

static void expect(void **state, const th_date_context_t *context, const char *text,
                   const char *value) {
    char found[100];
    assert_string_equal(answer(context, *state, text, found), value);
}

static void holidays_are_not_worked(void **state) {
    static const th_civil_t holidays[] = {{.year = 2026, .month = 11, .day = 26},
                                          {.year = 2026, .month = 11, .day = 30}};
    th_date_context_t context = usual(state);
    context.holidays = holidays;
    context.holiday_count = 2;
    expect(state, &context, "in 2 business days", "2026-12-01");
    expect(state, &context, "next business day", "2026-11-27");
    expect(state, &context, "last working day of the month", "2026-11-27");
    expect(state, &context, "in 2 days", "2026-11-27");
}

static void working_days_are_the_organisations(void **state) {
    th_date_context_t context = usual(state);
    context.working_days = 0x4f; /* Monday to Thursday and Sunday */
    context.week_start = 7;
    expect(state, &context, "in 2 business days", "2026-11-29");
    expect(state, &context, "end of the week", "2026-11-26");
    expect(state, &context, "next week", "2026-11-29");
    context.working_days = 0; /* nobody works: days are counted */
    expect(state, &context, "in 2 business days", "2026-11-27");
}

static void hours_are_the_organisations(void **state) {
    th_date_context_t context = usual(state);
    context.hour_morning = 8;
    context.minute_close = 16 * 60 + 30;
    context.minute_end_of_day = 18 * 60;
    expect(state, &context, "tomorrow morning", "2026-11-26T08:00:00+01:00");
    expect(state, &context, "COB tomorrow", "2026-11-26T16:30:00+01:00");
    expect(state, &context, "EOD tomorrow", "2026-11-26T18:00:00+01:00");
}

static void many_working_days_cost_nothing(void **state) {
    static const th_civil_t holiday = {.year = 2027, .month = 1, .day = 1};
    th_date_context_t context = usual(state);
    expect(state, &context, "in 10000 business days", "2065-03-25");
    context.holidays = &holiday;
    context.holiday_count = 1;
    expect(state, &context, "in 10000 business days", "2065-03-26");
}

static th_date_t parse(void **state, const th_date_context_t *context, const char *text) {
    th_date_t date;
    th_error_t error = {.code = ""};
    if (!th_date_parse(th_slice_of(text), context, *state, &date, &error))
        fail_msg("%s: %s", text, error.message);
    return date;
}

static void fields_say_what_was_said(void **state) {
    th_date_context_t context = usual(state);
    th_date_t date = parse(state, &context, "by Friday 4 December 2026 at 5:30pm CET");
    assert_true(date.deadline);
    assert_true(date.has_time);
    assert_int_equal(date.grain, TH_GRAIN_MINUTE);
    assert_int_equal(date.offset, 3600);
    assert_int_equal(date.known & (TH_DATE_YEAR | TH_DATE_MONTH | TH_DATE_DAY | TH_DATE_WEEKDAY |
                                   TH_DATE_HOUR | TH_DATE_MINUTE | TH_DATE_ZONE),
                     TH_DATE_YEAR | TH_DATE_MONTH | TH_DATE_DAY | TH_DATE_WEEKDAY | TH_DATE_HOUR |
                         TH_DATE_MINUTE | TH_DATE_ZONE);
    assert_string_equal(date.note, "");
    th_date_t vague = parse(state, &context, "late March");
    assert_false(vague.deadline);
    assert_false(vague.known & TH_DATE_YEAR);
    assert_true(vague.confidence < date.confidence);
}

static void choices_are_noted(void **state) {
    static const struct {
        const char *text, *part;
    } notes[] = {
        {"Wednesday", "a week ahead"},          {"next Friday", "next week"},
        {"tomorrow at 3", "without am or pm"},  {"2:30am on 28 March 2027", "skipped"},
        {"2:30am on 31 October 2027", "twice"}, {"3 months from 30 November 2026", "last day"},
        {"Friday 5 December 2026", "weekday"},  {"tomorrow 3pm CST", "CST"},
    };
    th_date_context_t context = usual(state);
    for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
        th_date_t date = parse(state, &context, notes[i].text);
        const char *found = strstr(date.note, notes[i].part);
        if (!found || strstr(found + 1, notes[i].part)) /* once */
            fail_msg("%s: \"%s\"", notes[i].text, date.note);
    }
}

static void errors_say_why(void **state) {
    static const struct {
        const char *text, *code, *part;
    } errors[] = {
        {"", "no_date", "empty"},
        {"   ", "no_date", "empty"},
        {"lunch with Bob", "no_date", "no date was found"},
        {"30 February", "bad_date", "there is no 30 February"},
        {"29 February 2027", "bad_date", "29 February 2027"},
        {"Friday banana", "not_a_date", "banana"},
        {"fifth Monday of December 2026", "bad_date", "not that many"},
        {"in 99999 years", "bad_date", "1 to 9999"},
        {"2020-W54", "no_date", ""},
        {"8 December 2026 to 4 December 2026", "bad_date", "before its beginning"},
    };
    th_date_context_t context = usual(state);
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        th_date_t date;
        th_error_t error = {.code = ""};
        assert_false(th_date_parse(th_slice_of(errors[i].text), &context, *state, &date, &error));
        assert_string_equal(error.code, errors[i].code);
        if (!strstr(error.message, errors[i].part))
            fail_msg("%s: %s", errors[i].text, error.message);
    }
}

static void sentences_hold_several(void **state) {
    static const char text[] =
        "Meet on Monday at 9am, then again in 3 days, and close it by 2026-12-31.";
    th_date_context_t context = usual(state);
    th_date_t dates[4];
    char iso[40];
    assert_int_equal(th_date_extract(th_slice_of(text), &context, *state, dates, 4), 3);
    th_date_format_iso(&dates[0], iso);
    assert_string_equal(iso, "2026-11-30T09:00:00+01:00");
    assert_memory_equal(text + dates[0].start, "Monday at 9am", dates[0].length);
    assert_memory_equal(text + dates[1].start, "in 3 days", dates[1].length);
    assert_memory_equal(text + dates[2].start, "2026-12-31", dates[2].length);
    assert_true(dates[2].deadline);
    assert_int_equal(th_date_extract(th_slice_of(text), &context, *state, dates, 1), 1);
    assert_int_equal(th_date_extract(th_slice_of(text), &context, *state, dates, 0), 0);
}

static void the_rest_fits_its_buffer(void **state) {
    static const char text[] = "Review the contract by next Tuesday at 3pm, please";
    th_date_context_t context = usual(state);
    th_date_t date;
    char out[64];
    assert_int_equal(th_date_extract(th_slice_of(text), &context, *state, &date, 1), 1);
    size_t length = th_date_rest(th_slice_of(text), &date, out, sizeof(out));
    assert_string_equal(out, "Review the contract, please");
    assert_int_equal(length, strlen(out));
    for (size_t size = 1; size < 30; size++) {
        memset(out, '#', sizeof(out));
        length = th_date_rest(th_slice_of(text), &date, out, size);
        assert_true(length < size);
        assert_int_equal(out[length], '\0');
        assert_int_equal(out[size], '#');
    }
    assert_int_equal(th_date_rest(th_slice_of(text), &date, out, 0), 0);
}

/* A megabyte of one thing is answered; how fast is the benchmark's business, but quadratic would
 * not end here. */
static void monstrous_texts(void **state) {
    static const char *const parts[] = {"1",
                                        "next ",
                                        "next next next ",
                                        "the first of ",
                                        "1 day before ",
                                        "- ",
                                        "1/",
                                        "in ",
                                        "end of the ",
                                        "between 1 and ",
                                        "Monday ",
                                        "\xc2\xa0",
                                        "\xff",
                                        "a ",
                                        "half past ",
                                        "aaaaaa ",
                                        "1:",
                                        "''",
                                        "2 weeks and ",
                                        "mondya ",
                                        "(",
                                        "Europe/",
                                        "www.",
                                        "@",
                                        "T",
                                        "20261204T"};
    th_date_context_t context = usual(state);
    char *text = malloc(TH_DATE_TEXT_MAX + 1);
    assert_non_null(text);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        size_t length = strlen(parts[i]), at = 0;
        for (; at + length <= TH_DATE_TEXT_MAX; at += length)
            memcpy(text + at, parts[i], length);
        th_date_t dates[2];
        th_date_parse(th_slice(text, at), &context, *state, dates, NULL);
        th_date_extract(th_slice(text, at), &context, *state, dates, 2);
    }
    th_error_t error;
    th_date_t date;
    memset(text, '1', TH_DATE_TEXT_MAX + 1);
    assert_false(
        th_date_parse(th_slice(text, TH_DATE_TEXT_MAX + 1), &context, *state, &date, &error));
    assert_string_equal(error.code, "too_long");
    free(text);
}

/* Everything the grammar reads lies within the text: checked by the sanitizers on an exact copy. */
static void no_byte_behind_the_text(void **state) {
    static const char text[] =
        "Ship by Friday 4 December 2026 at 17:00:05 Europe/Berlin \xe2\x80\x93 or 2026-W49-5T10Z";
    th_date_context_t context = usual(state);
    for (size_t length = 0; length < sizeof(text); length++) {
        char *copy = malloc(length + 1);
        assert_non_null(copy);
        char *exact = realloc(copy, length ? length : 1);
        memcpy(exact, text, length);
        th_date_t dates[4];
        size_t count = th_date_extract(th_slice(exact, length), &context, *state, dates, 4);
        for (size_t i = 0; i < count; i++)
            assert_true(dates[i].start + dates[i].length <= length);
        free(exact);
    }
}

static void the_table_of_words_is_sorted(void **state) {
    (void)state;
    for (size_t i = 1; i < th_word_count; i++)
        if (strcmp(th_words[i - 1].text, th_words[i].text) > 0) fail_msg("%s", th_words[i].text);
    for (size_t i = 0; i < th_word_count; i++)
        assert_true(strlen(th_words[i].text) <= TH_WORD_MAX);
}

static void slips_are_near_and_other_words_are_not(void **state) {
    (void)state;
    static const char *const slips[][2] = {{"tomorow", "tomorrow"}, {"wendesday", "wednesday"},
                                           {"febuary", "february"}, {"otcober", "october"},
                                           {"firday", "friday"},    {"afternon", "afternoon"}};
    static const char *const others[] = {
        "money", "match",   "marsh", "house", "houses", "walking", "monitor", "fright",
        "angst", "quarrel", "mouth", "seats", "tomato", "sundry",  "friend",  "market"};
    for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
        const th_word_t *word = th_word_find_near(slips[i][0], strlen(slips[i][0]));
        assert_non_null(word);
        assert_string_equal(word->text, slips[i][1]);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (th_word_find_near(others[i], strlen(others[i]))) fail_msg("%s", others[i]);
}

#define WITH_ZONES(test) cmocka_unit_test_setup_teardown(test, open_zones, close_zones)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_ZONES(holidays_are_not_worked),
        WITH_ZONES(working_days_are_the_organisations),
        WITH_ZONES(hours_are_the_organisations),
        WITH_ZONES(many_working_days_cost_nothing),
        WITH_ZONES(fields_say_what_was_said),
        WITH_ZONES(choices_are_noted),
        WITH_ZONES(errors_say_why),
        WITH_ZONES(sentences_hold_several),
        WITH_ZONES(the_rest_fits_its_buffer),
        WITH_ZONES(monstrous_texts),
        WITH_ZONES(no_byte_behind_the_text),
        cmocka_unit_test(the_table_of_words_is_sorted),
        cmocka_unit_test(slips_are_near_and_other_words_are_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
