/* arguments.h - a verb's command line, parsed against its row.
 * `--name value` and `--name=value`; "--" ends the flags; everything else is an operand. Borrowed
 * from argv throughout. */
#ifndef TH_CLI_ARGUMENTS_H
#define TH_CLI_ARGUMENTS_H

#include <stdbool.h>

#include "cli/verbs.h"
#include "config/config.h"

#define TH_ARGUMENTS_MAX 128

typedef struct th_arguments {
    const th_verb_t *verb;
    struct {
        const th_option_t *option;
        const char *value; /* "" for a switch */
    } given[TH_ARGUMENTS_MAX];
    size_t given_count;
    const char *operands[TH_ARGUMENTS_MAX];
    size_t operand_count;
    int exit_code; /* when parsing said no */
} th_arguments_t;

/* False when the verb should end at once with <exit_code>: a mistake was reported on standard error
 * (TH_EXIT_USAGE), or --help was asked for and printed (TH_EXIT_OK). */
bool th_arguments_parse(th_arguments_t *arguments, int argc, char **argv);
/* False, and said so, when there are fewer or more operands than that. */
bool th_arguments_expect(th_arguments_t *arguments, size_t least, size_t most);
/* Reports a mistake in the words of the verb: "tallyhost tool: <message>". Returns TH_EXIT_USAGE.
 */
int th_arguments_refuse(const th_arguments_t *arguments, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The last value given, "" for a switch, NULL when absent. */
const char *th_arguments_value(const th_arguments_t *arguments, const char *name);
static inline bool th_arguments_has(const th_arguments_t *arguments, const char *name) {
    return th_arguments_value(arguments, name) != NULL;
}

/* The flags that override settings, in order; returns how many. <out> has TH_ARGUMENTS_MAX places.
 */
size_t th_arguments_overrides(const th_arguments_t *arguments, th_setting_override_t *out);

#endif
