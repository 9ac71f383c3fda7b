/* help.h - the help texts, printed from the rows of verbs.c. */
#ifndef TH_CLI_HELP_H
#define TH_CLI_HELP_H

#include <stdio.h>

#include "cli/verbs.h"

void th_help_overview(FILE *out);
void th_help_verb(FILE *out, const th_verb_t *verb);

#endif
