/* problems.c - prints the problems of tool files in the form that editors jump to. */
#include "cli/problems.h"

#include <stdlib.h>

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
