/* tool.h - the parts of `tallyhost tool`, one function for each of its words. Each returns the exit
 * code. */
#ifndef TH_CLI_TOOL_H
#define TH_CLI_TOOL_H

#include "cli/solo.h"
#include "script/catalogue.h"

int th_tool_print_list(const th_program_t *program, const th_catalogue_t *catalogue);
/* What each profile costs a model (tool_tokens.c). */
int th_tool_print_tokens(const th_program_t *program, const th_catalogue_t *catalogue);
/* Writes a tool and its spec: <name> is "NAME" or "DOMAIN/NAME" (tool_new.c). */
int th_tool_new(const th_program_t *program, const char *name);
/* Runs the specs beside the tools, or that of <name> (NULL = all), with busted (tool_test.c). */
int th_tool_test(th_program_t *program, const char *name);
/* Writes the stubs for editors into <directory>, or the tools directory (tool_stubs.c). */
int th_tool_stubs(const th_program_t *program, const char *directory);
int th_tool_print_one(const th_program_t *program, const th_item_t *tool);
/* Reads <path>, or the tools directory when it is NULL. */
int th_tool_check(const th_program_t *program, const char *path);
/* Runs a tool, gets a prompt, or reads a resource: <name> is then its URI, or the name of a fixed
 * one. */
int th_tool_call(th_program_t *program, th_catalogue_t *catalogue, const th_item_t *tool,
                 const char *name);
/* Has a handler run for the delivery in --json or --arg, or for a made-up one (tool_event.c). */
int th_tool_call_handler(th_program_t *program, th_catalogue_t *catalogue,
                         const th_item_t *handler);
/* What a call gave, as --output wants it; false when it could not be written. */
bool th_tool_print_result(const th_solo_t *solo, const th_call_result_t *result);

/* The arguments of a call as a JSON object, from --arg or --json. The caller owns the returned
 * document; NULL with <error>. */
th_json_document_t *th_tool_arguments(const th_program_t *program, const th_tool_t *tool,
                                      th_json_parser_t *parser, th_error_t *error);

/* Was --output json asked for? */
bool th_tool_wants_json(const th_program_t *program);

#endif
