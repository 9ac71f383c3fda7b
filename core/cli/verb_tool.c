/* verb_tool.c - `tallyhost tool`: finds the word and the tool, resource or prompt. */
#include <stdio.h>
#include <string.h>

#include "cli/problems.h"
#include "cli/tool.h"
#include "config/nearest.h"

bool th_tool_wants_json(const th_program_t *program) {
    const char *output = th_arguments_value(program->arguments, "--output");
    return output && strcmp(output, "json") == 0;
}

/* A tool of that name, else a prompt, a resource or a handler; a resource also by its URI. */
static const th_item_t *find_item(const th_catalogue_t *catalogue, const char *name) {
    const th_item_t *item = th_catalogue_find(catalogue, th_slice_of(name));
    if (!item) item = th_catalogue_prompt_find(catalogue, th_slice_of(name));
    for (size_t i = 0; !item && i < th_catalogue_resource_count(catalogue); i++) {
        const th_resource_t *resource = th_catalogue_resource(catalogue, i);
        if (strcmp(resource->name, name) == 0) item = resource;
    }
    for (size_t i = 0; !item && i < th_catalogue_handler_count(catalogue); i++) {
        const th_item_t *handler = th_catalogue_handler(catalogue, i);
        if (strcmp(handler->name, name) == 0) item = handler;
    }
    return item ? item : th_catalogue_resource_of(catalogue, th_slice_of(name));
}

static int refuse_tool(const th_catalogue_t *catalogue, const char *name) {
    th_nearest_t nearest = {.word = name};
    for (size_t i = 0; i < th_catalogue_count(catalogue); i++)
        th_nearest_consider(&nearest, th_catalogue_tool(catalogue, i)->name);
    (void)fprintf(stderr,
                  "tallyhost: there is no tool %s%s%s%s\n`tallyhost tool list` shows them.\n", name,
                  nearest.best ? "; did you mean " : "", nearest.best ? nearest.best : "",
                  nearest.best ? "?" : "");
    return TH_EXIT_FAILURE;
}

static int run_with_catalogue(th_program_t *program, th_catalogue_t *catalogue, const char *word) {
    if (strcmp(word, "list") == 0)
        return th_arguments_has(program->arguments, "--tokens")
                   ? th_tool_print_tokens(program, catalogue)
                   : th_tool_print_list(program, catalogue);
    const char *name = program->arguments->operands[1];
    const th_item_t *item = find_item(catalogue, name);
    if (!item) return refuse_tool(catalogue, name);
    if (strcmp(word, "show") == 0) return th_tool_print_one(program, item);
    if (item->kind == TH_ITEM_HANDLER) return th_tool_call_handler(program, catalogue, item);
    return th_tool_call(program, catalogue, item, name);
}

static int run_word(th_program_t *program, const char *word) {
    const th_arguments_t *arguments = program->arguments;
    const char *operand = arguments->operand_count > 1 ? arguments->operands[1] : NULL;
    if (strcmp(word, "check") == 0) return th_tool_check(program, operand);
    if (strcmp(word, "new") == 0) return th_tool_new(program, operand);
    if (strcmp(word, "test") == 0) return th_tool_test(program, operand);
    if (strcmp(word, "stubs") == 0) return th_tool_stubs(program, operand);
    th_catalogue_t *catalogue = th_catalogue_load_or_print(&program->settings, NULL);
    if (!catalogue) return TH_EXIT_CONFIG;
    int code = run_with_catalogue(program, catalogue, word);
    th_catalogue_unref(catalogue);
    return code;
}

/* The words, and how many operands stand with each, itself included. */
static const struct {
    const char *word;
    size_t least, most;
} words[] = {{"list", 1, 1}, {"show", 2, 2}, {"check", 1, 2}, {"call", 2, 2},
             {"new", 2, 2},  {"test", 1, 2}, {"stubs", 1, 2}};

static bool check_words(th_arguments_t *arguments) {
    if (!th_arguments_expect(arguments, 1, TH_ARGUMENTS_MAX)) return false;
    const char *output = th_arguments_value(arguments, "--output");
    if (output && strcmp(output, "json") != 0 && strcmp(output, "text") != 0) {
        arguments->exit_code =
            th_arguments_refuse(arguments, "--output is \"%s\"; it must be text or json", output);
        return false;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(words[i].word, arguments->operands[0]) == 0)
            return th_arguments_expect(arguments, words[i].least, words[i].most);
    arguments->exit_code = th_arguments_refuse(
        arguments, "\"%s\" is none of list, show, check, call, new, test, stubs",
        arguments->operands[0]);
    return false;
}

int th_verb_tool(int argc, char **argv) {
    th_arguments_t arguments;
    if (!th_arguments_parse(&arguments, argc, argv) || !check_words(&arguments))
        return arguments.exit_code;
    th_program_t program;
    int code = th_program_open(&program, &arguments);
    if (code != TH_EXIT_OK) return code;
    bool is_call = strcmp(arguments.operands[0], "call") == 0;
    if (!is_call) th_program_forget_credential();
    code = is_call ? th_program_start_api(&program, th_arguments_has(&arguments, "--practice"))
                   : TH_EXIT_OK;
    if (code == TH_EXIT_OK) code = run_word(&program, arguments.operands[0]);
    th_program_close(&program);
    return code;
}
