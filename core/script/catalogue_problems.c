/* catalogue_problems.c - the bounded list of what is wrong with the tool files. */
#include <stdio.h>
#include <string.h>

#include "script/catalogue_parts.h"

/* Copies what fits, cut at a character's beginning, with control bytes made visible as '?'. */
static void copy_text(char *out, size_t size, const char *text) {
    size_t length = strlen(text);
    if (length >= size) {
        length = size - 1;
        while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
            length--;
    }
    for (size_t i = 0; i < length; i++)
        out[i] = (unsigned char)text[i] < 0x20 || text[i] == 0x7f ? '?' : text[i];
    out[length] = '\0';
}

void th_problems_add(th_problems_t *problems, const char *file, int line, const char *message,
                     const char *hint) {
    if (!problems) return;
    if (problems->count == TH_PROBLEMS_MAX) {
        problems->more = true;
        return;
    }
    th_problem_t *problem = &problems->list[problems->count++];
    memset(problem, 0, sizeof *problem); /* lists are compared by their bytes */
    copy_text(problem->file, sizeof problem->file, file);
    problem->line = line;
    copy_text(problem->message, sizeof problem->message, message);
    copy_text(problem->hint, sizeof problem->hint, hint ? hint : "");
}

static bool comes_before(const th_problem_t *a, const th_problem_t *b) {
    int order = strcmp(a->file, b->file);
    return order < 0 || (order == 0 && a->line < b->line);
}

/* Insertion sort: stable, and the list is short. */
void th_problems_sort(th_problems_t *problems) {
    for (size_t i = 1; i < problems->count; i++) {
        th_problem_t moving = problems->list[i];
        size_t at = i;
        for (; at > 0 && comes_before(&moving, &problems->list[at - 1]); at--)
            problems->list[at] = problems->list[at - 1];
        problems->list[at] = moving;
    }
}
