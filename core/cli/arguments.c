/* arguments.c - parses a verb's command line; an unknown flag is answered with the nearest known
 * one. */
#include "cli/arguments.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/help.h"
#include "config/nearest.h"

int th_arguments_refuse(const th_arguments_t *arguments, const char *format, ...) {
    va_list values;
    (void)fprintf(stderr, "tallyhost %s: ", arguments->verb->name);
    va_start(values, format);
    (void)vfprintf(stderr, format, values);
    va_end(values);
    (void)fprintf(stderr, "\n`tallyhost help %s` shows what it takes.\n", arguments->verb->name);
    return TH_EXIT_USAGE;
}

static bool refuse_unknown(th_arguments_t *arguments, const char *name) {
    th_nearest_t nearest = {.word = name};
    for (const th_option_t *option = arguments->verb->options; option->name; option++)
        th_nearest_consider(&nearest, option->name);
    if (nearest.best)
        arguments->exit_code = th_arguments_refuse(
            arguments, "there is no flag %s; did you mean %s?", name, nearest.best);
    else
        arguments->exit_code = th_arguments_refuse(arguments, "there is no flag %s", name);
    return false;
}

/* The option whose name is <word> up to an '='; NULL when there is none. */
static const th_option_t *find_option(const th_verb_t *verb, const char *word) {
    size_t length = strcspn(word, "=");
    for (const th_option_t *option = verb->options; option->name; option++)
        if (strlen(option->name) == length && strncmp(option->name, word, length) == 0)
            return option;
    return NULL;
}

/* One flag at argv[*at]; moves <*at> over its value. */
static bool take_flag(th_arguments_t *arguments, int argc, char **argv, int *at) {
    const char *word = argv[*at], *equals = strchr(word, '=');
    const th_option_t *option = find_option(arguments->verb, word);
    if (!option) {
        char name[64];
        (void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "="), word);
        return refuse_unknown(arguments, name);
    }
    const char *value = "";
    if (option->value) {
        value = equals ? equals + 1 : *at + 1 < argc ? argv[++*at] : NULL;
        if (!value) {
            arguments->exit_code =
                th_arguments_refuse(arguments, "%s needs a value: %s", option->name, option->value);
            return false;
        }
    } else if (equals) {
        arguments->exit_code = th_arguments_refuse(arguments, "%s takes no value", option->name);
        return false;
    }
    arguments->given[arguments->given_count].option = option;
    arguments->given[arguments->given_count++].value = value;
    return true;
}

bool th_arguments_parse(th_arguments_t *arguments, int argc, char **argv) {
    memset(arguments, 0, sizeof(*arguments));
    arguments->verb = th_verb_find(argv[0]);
    if (!arguments->verb) {
        arguments->exit_code = th_verb_unknown(argv[0]);
        return false;
    }
    if (argc > TH_ARGUMENTS_MAX) {
        arguments->exit_code =
            th_arguments_refuse(arguments, "more than %d words", TH_ARGUMENTS_MAX);
        return false;
    }
    bool flags = true;
    for (int at = 1; at < argc; at++) {
        const char *word = argv[at];
        if (flags && strcmp(word, "--") == 0) {
            flags = false;
        } else if (flags && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)) {
            th_help_verb(stdout, arguments->verb);
            arguments->exit_code = TH_EXIT_OK;
            return false;
        } else if (flags && word[0] == '-' && word[1]) {
            if (!take_flag(arguments, argc, argv, &at)) return false;
        } else {
            arguments->operands[arguments->operand_count++] = word;
        }
    }
    return true;
}

bool th_arguments_expect(th_arguments_t *arguments, size_t least, size_t most) {
    if (arguments->operand_count < least)
        arguments->exit_code =
            th_arguments_refuse(arguments, "it needs: %s", arguments->verb->operands);
    else if (arguments->operand_count > most)
        arguments->exit_code = th_arguments_refuse(arguments, "nothing is known about \"%s\" here",
                                                   arguments->operands[most]);
    else
        return true;
    return false;
}

const char *th_arguments_value(const th_arguments_t *arguments, const char *name) {
    for (size_t i = arguments->given_count; i > 0; i--)
        if (strcmp(arguments->given[i - 1].option->name, name) == 0)
            return arguments->given[i - 1].value;
    return NULL;
}

size_t th_arguments_overrides(const th_arguments_t *arguments, th_setting_override_t *out) {
    size_t count = 0;
    for (size_t i = 0; i < arguments->given_count; i++) {
        const th_option_t *option = arguments->given[i].option;
        if (!option->setting) continue;
        out[count++] =
            (th_setting_override_t){option->setting, arguments->given[i].value, option->name};
    }
    return count;
}
