/* help.c - `tallyhost help [VERB]`: the overview, and one verb with every flag. */
#include "cli/help.h"

#include <ctype.h>
#include <string.h>

#include "cli/arguments.h"

void th_help_overview(FILE *out) {
    (void)fputs(
        "tallyhost lets people use Tallyfy through AI assistants: a Model Context Protocol server\n"
        "whose tools are small Lua files.\n\n"
        "usage: tallyhost VERB [flags]\n\n",
        out);
    for (size_t i = 0; i < th_verb_count; i++)
        (void)fprintf(out, "  %-10s %s\n", th_verbs[i].name, th_verbs[i].summary);
    (void)fputs(
        "\n`tallyhost help VERB` shows a verb's flags. Exit codes: 0 ok, 1 failure, 2 wrong "
        "usage,\n"
        "78 bad configuration. Settings come from config/tallyhost.lua, then the environment\n"
        "(TALLYHOST_<GROUP>_<SETTING>, also from .env), then flags; `tallyhost config` prints "
        "them.\n",
        out);
}

static void print_option(FILE *out, const th_option_t *option) {
    char left[64];
    (void)snprintf(left, sizeof(left), "%s%s%s", option->name, option->value ? " " : "",
                   option->value ? option->value : "");
    (void)fprintf(out, "  %-30s %s\n", left, option->about);
    const th_setting_row_t *row = option->setting ? th_setting_find(option->setting) : NULL;
    if (row)
        (void)fprintf(out, "  %-30s (setting %s, default %s)\n", "", row->name,
                      *row->initial ? row->initial : "empty");
}

void th_help_verb(FILE *out, const th_verb_t *verb) {
    (void)fprintf(out, "usage: tallyhost %s%s%s%s\n\n%s\n", verb->name,
                  verb->options->name ? " [flags]" : "", *verb->operands ? " " : "", verb->operands,
                  verb->summary);
    if (*verb->notes) (void)fprintf(out, "\n%s", verb->notes);
    if (verb->options->name) (void)fputs("\nflags:\n", out);
    for (const th_option_t *option = verb->options; option->name; option++)
        print_option(out, option);
}

/* Is <word> one of the verb's own ("list" of `tool`)? Those are in small letters. */
static bool has_part(const th_verb_t *verb, const char *word) {
    size_t length = strlen(word);
    for (const char *at = verb->operands; *at; at += strcspn(at, " |[]")) {
        at += strspn(at, " |[]");
        if (length > 0 && strcspn(at, " |[]") == length && strncmp(at, word, length) == 0 &&
            islower((unsigned char)*at))
            return true;
    }
    return false;
}

int th_verb_help(int argc, char **argv) {
    th_arguments_t arguments;
    if (!th_arguments_parse(&arguments, argc, argv) || !th_arguments_expect(&arguments, 0, 2))
        return arguments.exit_code;
    if (arguments.operand_count == 0) {
        th_help_overview(stdout);
        return TH_EXIT_OK;
    }
    const th_verb_t *verb = th_verb_find(arguments.operands[0]);
    if (!verb) return th_verb_unknown(arguments.operands[0]);
    if (arguments.operand_count == 2 && !has_part(verb, arguments.operands[1])) {
        (void)fprintf(stderr, "tallyhost help: %s has no \"%s\"\n", verb->name,
                      arguments.operands[1]);
        return TH_EXIT_USAGE;
    }
    th_help_verb(stdout, verb);
    return TH_EXIT_OK;
}
