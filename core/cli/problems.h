/* problems.h - what is wrong with tool files, for people at a terminal. */
#ifndef TH_CLI_PROBLEMS_H
#define TH_CLI_PROBLEMS_H

#include <stdio.h>

#include "script/catalogue.h"

/* One line each: "FILE:LINE: message (hint)"; then how many, when there are more than were kept. */
void th_problems_print(FILE *out, const th_problems_t *problems);
/* Reads the tools; NULL after printing every problem on standard error. */
th_catalogue_t *th_catalogue_load_or_print(const th_settings_t *settings, const char *path);

#endif
