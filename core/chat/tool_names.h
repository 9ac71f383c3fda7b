/* tool_names.h - tool names as a provider takes them, and back.
 * Both APIs want ^[a-zA-Z0-9_-]{1,64}$; MCP allows dots, slashes and longer names. A name that fits
 * is its own; another has each foreign byte replaced by "_" and, cut where too long, ends in "_"
 * and eight hex digits of its hash, so that the same name maps alike in every request (a provider
 * caches by prefix). Two tools that map to the same name are refused. */
#ifndef TH_CHAT_TOOL_NAMES_H
#define TH_CHAT_TOOL_NAMES_H

#include <stdbool.h>

#include "base/error.h"
#include "base/slice.h"
#include "base/table.h"
#include "json/document.h"

#define TH_TOOL_NAME_MAX 64

typedef struct th_tool_names th_tool_names_t;

/* The names of <tools> (an array of objects with "name"; absent = none), copied. NULL with <error>
 * "name_clash" (naming both), "bad_tools" or "no_memory". */
th_tool_names_t *th_tool_names_new(th_json_value_t tools, th_error_t *error);
void th_tool_names_free(th_tool_names_t *names); /* NULL is fine */

/* The provider's name of any name, a tool of this list or not (history may hold removed ones).
 * NUL-terminated. */
void th_tool_name_map(th_slice_t name, char out[static TH_TOOL_NAME_MAX + 1]);
/* The tool's own name; <mapped> itself when no tool has it. Borrowed from <names> or <mapped>. */
th_slice_t th_tool_name_restore(const th_tool_names_t *names, th_slice_t mapped);

#endif
