/* grammar_holiday.c - days with names: "Christmas Eve", "next Thanksgiving", "New Year's Day 2027".
 */
#include <string.h>

#include "date/grammar.h"

/* Names of more than one word; the first row that fits. */
static const struct {
    const char *words[3];
    th_holiday_t holiday;
} holiday_names[] = {
    {{"christmas", "eve", NULL}, TH_HOLIDAY_CHRISTMAS_EVE},
    {{"christmas", "day", NULL}, TH_HOLIDAY_CHRISTMAS},
    {{"xmas", "eve", NULL}, TH_HOLIDAY_CHRISTMAS_EVE},
    {{"boxing", "day", NULL}, TH_HOLIDAY_BOXING_DAY},
    {{"black", "friday", NULL}, TH_HOLIDAY_BLACK_FRIDAY},
    {{"good", "friday", NULL}, TH_HOLIDAY_GOOD_FRIDAY},
    {{"easter", "monday", NULL}, TH_HOLIDAY_EASTER_MONDAY},
    {{"easter", "sunday", NULL}, TH_HOLIDAY_EASTER},
    {{"labor", "day", NULL}, TH_HOLIDAY_LABOR_DAY},
    {{"labour", "day", NULL}, TH_HOLIDAY_LABOR_DAY},
    {{"memorial", "day", NULL}, TH_HOLIDAY_MEMORIAL_DAY},
    {{"independence", "day", NULL}, TH_HOLIDAY_INDEPENDENCE_DAY},
    {{"may", "day", NULL}, TH_HOLIDAY_MAY_DAY},
    {{"thanksgiving", "day", NULL}, TH_HOLIDAY_THANKSGIVING},
    {{"valentines", "day", NULL}, TH_HOLIDAY_VALENTINE},
    {{"valentine", "day", NULL}, TH_HOLIDAY_VALENTINE},
    {{"new", "years", "eve"}, TH_HOLIDAY_NEW_YEARS_EVE},
    {{"new", "year", "eve"}, TH_HOLIDAY_NEW_YEARS_EVE},
    {{"new", "years", "day"}, TH_HOLIDAY_NEW_YEAR},
    {{"new", "year", "day"}, TH_HOLIDAY_NEW_YEAR},
    {{"new", "years", NULL}, TH_HOLIDAY_NEW_YEAR},
    {{"new", "year", NULL}, TH_HOLIDAY_NEW_YEAR},
};

static void skip_possessive(th_reader_t *reader, size_t *at) {
    if (th_glued_mark(reader, *at, '\'')) {
        ++*at;
        if (th_at(reader, *at)->glued && th_text(reader, *at, "s")) ++*at;
    }
}

static bool read_holiday_name(th_reader_t *reader, size_t *at, int *holiday) {
    for (size_t i = 0; i < sizeof(holiday_names) / sizeof(holiday_names[0]); i++) {
        size_t p = *at;
        int words = 0;
        while (words < 3 && holiday_names[i].words[words] &&
               th_text(reader, p, holiday_names[i].words[words])) {
            p++;
            skip_possessive(reader, &p);
            words++;
        }
        if (words < 3 && holiday_names[i].words[words]) continue;
        *holiday = holiday_names[i].holiday;
        *at = p;
        return true;
    }
    if (!th_means(reader, *at, TH_SENSE_HOLIDAY, holiday)) return false;
    ++*at;
    return true;
}

int th_read_holiday(th_reader_t *reader, size_t *at) {
    size_t p = *at;
    th_which_t which = TH_WHICH_NONE;
    int holiday;
    th_read_which(reader, &p, &which);
    bool soft = th_key(reader, p, TH_KEY_NEW); /* "a new year of work" */
    if (!read_holiday_name(reader, &p, &holiday)) return TH_NO_NODE;
    soft = soft && holiday == TH_HOLIDAY_NEW_YEAR && !th_text(reader, p - 1, "day");
    if (soft && !reader->whole && !reader->introduced && reader->depth <= 1) return TH_NO_NODE;
    int index = th_node_new(reader, TH_NODE_HOLIDAY);
    if (index < 0) return index;
    th_node(reader, index)->number = holiday;
    th_node(reader, index)->which = which;
    th_read_year_behind(reader, &p, false, th_node(reader, index));
    *at = p;
    return index;
}
