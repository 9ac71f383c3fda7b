/* verbs.h - the verbs of the program: what each takes, says about itself, and does.
 * A verb's row in verbs.c is the only place its flags are written down: parsing, the list in
 * `tallyhost help VERB`, and the hint for a mistyped flag all read it. */
#ifndef TH_CLI_VERBS_H
#define TH_CLI_VERBS_H

#include <stddef.h>

/* Exit codes, the same for every verb. */
#define TH_EXIT_OK 0
#define TH_EXIT_FAILURE 1
#define TH_EXIT_USAGE 2
#define TH_EXIT_CONFIG 78 /* EX_CONFIG of sysexits.h */

typedef struct th_option {
    const char *name;    /* "--mcp"; NULL ends the list */
    const char *value;   /* "ADDR:PORT"; NULL = a switch */
    const char *setting; /* the setting it overrides, or NULL */
    const char *about;   /* one line */
} th_option_t;

typedef struct th_verb {
    const char *name;
    const char *operands; /* behind the flags: "NAME"; may be "" */
    const char *summary;  /* one line */
    const char *notes;    /* whole lines for `help VERB`, or "" */
    const th_option_t *options;
    /* argv[0] is the verb's name; returns the exit code. */
    int (*run)(int argc, char **argv);
} th_verb_t;

extern const th_verb_t th_verbs[];
extern const size_t th_verb_count;

/* NULL when there is none of that name. */
const th_verb_t *th_verb_find(const char *name);
/* Says on standard error that <name> is no verb, with the nearest one. Returns TH_EXIT_USAGE. */
int th_verb_unknown(const char *name);

int th_verb_serve(int argc, char **argv);
int th_verb_stdio(int argc, char **argv);
int th_verb_practice(int argc, char **argv);
int th_verb_tool(int argc, char **argv);
int th_verb_schema(int argc, char **argv);
int th_verb_date(int argc, char **argv);
int th_verb_config(int argc, char **argv);
int th_verb_version(int argc, char **argv);
int th_verb_help(int argc, char **argv);

#endif
