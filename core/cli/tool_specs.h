/* tool_specs.h - which spec files are about a tool. Paths only; nothing is run. */
#ifndef TH_CLI_TOOL_SPECS_H
#define TH_CLI_TOOL_SPECS_H

#include <stdbool.h>
#include <stddef.h>

#define TH_TOOL_SPECS_MAX 1000

typedef struct th_tool_specs {
    char *paths[TH_TOOL_SPECS_MAX]; /* owned, in name order */
    size_t count;
} th_tool_specs_t;

/* NAME_spec.lua in the tools directory and its folders; all of them without <name>. False with
 * errno when the directory cannot be read or memory ran out. */
bool th_tool_specs_beside(th_tool_specs_t *specs, const char *tools, const char *name);
/* Those of <root>/tests/spec that run the tool <name>, as paths from <root>. None when there is no
 * such folder. */
bool th_tool_specs_shipped(th_tool_specs_t *specs, const char *root, const char *name);
void th_tool_specs_free(th_tool_specs_t *specs);

#endif
