/* problems.c - prints the problems of tool files in the form that editors jump to. */
#include "cli/problems.h"

#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "session/tool_list.h"

void th_problems_print(FILE *out, const th_problems_t *problems) {
    for (size_t i = 0; i < problems->count; i++) {
        const th_problem_t *problem = &problems->list[i];
        (void)fprintf(out, "%s:", problem->file);
        if (problem->line > 0) (void)fprintf(out, "%d:", problem->line);
        (void)fprintf(out, " %s", problem->message);
        if (*problem->hint) (void)fprintf(out, " (%s)", problem->hint);
        (void)fputc('\n', out);
    }
    if (problems->more) (void)fputs("there are more problems than are shown here\n", out);
}

th_catalogue_t *th_catalogue_load_or_print(const th_settings_t *settings, const char *path) {
    th_problems_t *problems = calloc(1, sizeof(*problems));
    if (!problems) {
        (void)fputs("tallyhost: out of memory\n", stderr);
        return NULL;
    }
    th_catalogue_t *catalogue = th_catalogue_load(settings, path, problems);
    if (!catalogue) th_problems_print(stderr, problems);
    free(problems);
    return catalogue;
}

size_t th_lists_check(const th_settings_t *settings, const th_catalogue_t *catalogue,
                      th_list_problem_t tell, void *arg) {
    size_t count = 0;
    for (size_t i = 0; i < th_setting_row_count; i++) {
        const th_setting_row_t *row = &th_setting_rows[i];
        char list[TH_SETTING_TEXT_SIZE];
        if (strncmp(row->name, "tools.", 6) != 0 || row->kind != TH_SETTING_TEXT) continue;
        th_setting_format(row, settings, list, sizeof(list));
        if (strcmp(list, row->initial) == 0) continue;
        th_slice_t word = th_tool_list_unknown(list, catalogue);
        if (word.length == 0) continue;
        tell(arg, row->name, word);
        count++;
    }
    return count;
}
