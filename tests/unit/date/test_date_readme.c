/* test_date_readme.c - every row of the table of readings in core/date/README.md. */
#include "check.h"

#include <stdlib.h>

#include "date_context.h"

#define COLUMNS 5

typedef struct {
    th_zones_t *zones;
    int rows, wrong;
} readme_t;

/* Splits "| a | b |" into its cells, trimmed, in place; returns how many. */
static int cells(char *line, char *out[COLUMNS]) {
    int count = 0;
    for (char *at = strchr(line, '|'); at && count < COLUMNS;) {
        char *begin = at + 1, *end = strchr(begin, '|');
        if (!end) break;
        *end = '\0';
        while (*begin == ' ')
            begin++;
        for (char *last = end - 1; last >= begin && *last == ' '; last--)
            *last = '\0';
        out[count++] = begin;
        at = end;
    }
    return count;
}

static void apply_options(th_date_context_t *context, const char *options) {
    if (strstr(options, "[d/m]")) context->day_first = true;
    if (strstr(options, "[nearest]")) context->prefer = TH_PREFER_NEAREST;
    if (strstr(options, "[past]")) context->prefer = TH_PREFER_PAST;
    if (strstr(options, "[coming]")) context->next_weekday_is_coming = true;
    if (strstr(options, "[sunday]")) context->week_start = 7;
    if (strstr(options, "[fy10]")) context->fiscal_year_start = 10;
}

static void check_row(readme_t *readme, char *line) {
    char *cell[COLUMNS], found[100];
    int year, month, day, hour, minute;
    if (strncmp(line, "| `", 3) != 0 || cells(line, cell) != COLUMNS) return;
    if (sscanf(cell[1], "%d-%d-%d %d:%d", &year, &month, &day, &hour, &minute) != 5) return;
    char *text = cell[0] + 1, *end = strchr(text, '`');
    assert_non_null(end);
    *end = '\0';
    th_date_context_t context = context_at(readme->zones, cell[2], year, month, day, hour, minute);
    apply_options(&context, end + 1);
    readme->rows++;
    if (strcmp(answer(&context, readme->zones, text, found), cell[3]) == 0) return;
    readme->wrong++;
    print_message("\"%s\" at %s in %s is %s; the README says %s\n", text, cell[1], cell[2], found,
                  cell[3]);
}

static void readings_are_as_documented(void **state) {
    (void)state;
    char path[512], line[1024];
    const char *source = getenv("TH_SOURCE");
    snprintf(path, sizeof(path), "%s/core/date/README.md", source ? source : ".");
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    readme_t readme = {.zones = th_zones_open(NULL)};
    while (fgets(line, sizeof(line), file))
        check_row(&readme, line);
    fclose(file);
    th_zones_close(readme.zones);
    assert_true(readme.rows >= 100);
    assert_int_equal(readme.wrong, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(readings_are_as_documented)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
