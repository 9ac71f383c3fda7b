/* main.c - hardens the process, finds the verb, runs it. */
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "cli/harden.h"
#include "cli/help.h"
#include "cli/verbs.h"

int main(int argc, char **argv) {
    th_error_t error;
    if (!th_harden(&error)) {
        (void)fprintf(stderr, "tallyhost: %s\n", error.message);
        return TH_EXIT_FAILURE;
    }
    if (!th_random_start()) {
        (void)fprintf(stderr, "tallyhost: libsodium cannot start\n");
        return TH_EXIT_FAILURE;
    }
    if (argc < 2) {
        th_help_overview(stderr);
        return TH_EXIT_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) name = "help";
    if (strcmp(name, "--version") == 0) name = "version";
    const th_verb_t *verb = th_verb_find(name);
    if (!verb) return th_verb_unknown(name);
    argv[1] = (char *)verb->name; /* verbs do not write to argv */
    return verb->run(argc - 1, argv + 1);
}
