/* problems.h - what is wrong with tool files, for people at a terminal. */
#ifndef TH_CLI_PROBLEMS_H
#define TH_CLI_PROBLEMS_H

#include <stdio.h>

#include "script/catalogue.h"

/* One line each: "FILE:LINE: message (hint)"; then how many, when there are more than were kept. */
void th_problems_print(FILE *out, const th_problems_t *problems);
/* Reads the tools; NULL after printing every problem on standard error. */
th_catalogue_t *th_catalogue_load_or_print(const th_settings_t *settings, const char *path);

/* Words in the lists tools.* that the operator wrote and that mean nothing: a slip in tools.deny
 * would deny nothing. The built-in lists may name tools that an operator's own directory does not
 * have. Calls <tell> with the first word of each such list; returns how many there are. */
typedef void (*th_list_problem_t)(void *arg, const char *setting, th_slice_t word);
size_t th_lists_check(const th_settings_t *settings, const th_catalogue_t *catalogue,
                      th_list_problem_t tell, void *arg);

#endif
