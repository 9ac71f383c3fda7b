/* catalogue.h - one checked, immutable set of tools: a generation.
 * A short-lived Lua state evaluates every file under the tools directory, checks it strictly,
 * renders what never changes and keeps compiled chunks. All or nothing: one problem and there is no
 * catalogue. Reference-counted (atomic); shared by all workers; running calls hold a reference to
 * theirs. */
#ifndef TH_SCRIPT_CATALOGUE_H
#define TH_SCRIPT_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/slice.h"
#include "config/settings.h"
#include "json/document.h"
#include "json/schema.h"

typedef enum th_effect {
    TH_EFFECT_READ,
    TH_EFFECT_ADD,
    TH_EFFECT_CHANGE,
    TH_EFFECT_REMOVE
} th_effect_t;

typedef struct th_tool {
    const char *name; /* [a-z0-9_]{1,64}, equals the file's name */
    const char *title;
    const char *description; /* `about` in the file */
    const char *domain;      /* the folder it is in, "" at the top */
    const char *file;        /* as given: "tools.lua.d/task/get_task.lua" */
    th_effect_t effect;
    bool read_only, destructive, idempotent, open_world; /* the four annotations, always all */
    th_json_value_t input_schema;                        /* object schema */
    th_json_value_t output_schema;                       /* absent when none was declared */
    const th_schema_t *input;                            /* compiled */
    const th_schema_t *output;                           /* NULL when none */
    uint64_t cpu_limit;                                  /* ms; 0 = the setting's */
    uint64_t timeout;                                    /* ms; 0 = the setting's */
    th_digest_t definition; /* of name, description, schemas, annotations and body */
} th_tool_t;

typedef struct th_catalogue th_catalogue_t;

typedef struct th_problem {
    char file[256];
    int line; /* 0 = the whole file */
    char message[512];
    char hint[256]; /* what would be right, or "" */
} th_problem_t;

#define TH_PROBLEMS_MAX 64
typedef struct th_problems {
    th_problem_t list[TH_PROBLEMS_MAX];
    size_t count;
    bool more;
} th_problems_t;

/* Reads settings->script_tools (or <directory> if not NULL; a single .lua file is fine too).
 * Blocking: for start-up, the command line and libuv's pool, never for a loop. NULL: <problems>
 * says why, all of them at once. The caller owns a reference. */
th_catalogue_t *th_catalogue_load(const th_settings_t *settings, const char *path,
                                  th_problems_t *problems);
th_catalogue_t *th_catalogue_ref(th_catalogue_t *catalogue);
void th_catalogue_unref(th_catalogue_t *catalogue); /* NULL is fine */
/* Process-wide unique, growing. */
uint64_t th_catalogue_generation(const th_catalogue_t *catalogue);
/* True when both hold the same tools from the same files over the same library. */
bool th_catalogue_same(const th_catalogue_t *a, const th_catalogue_t *b);
size_t th_catalogue_count(const th_catalogue_t *catalogue);
const th_tool_t *th_catalogue_tool(const th_catalogue_t *catalogue,
                                   size_t index); /* in name order */
const th_tool_t *th_catalogue_find(const th_catalogue_t *catalogue, th_slice_t name); /* or NULL */

/* The JSON array of tool entries of `tools/list`, rendered once per generation, by what the
 * revision knows: in name order. (requirements.md a: annotations since 2025-03-26, title and
 * outputSchema since 2025-06-18.) */
typedef enum th_tool_list_form {
    TH_TOOL_LIST_2024_11_05, /* name, description, inputSchema */
    TH_TOOL_LIST_2025_03_26, /* and annotations */
    TH_TOOL_LIST_2025_06_18, /* and title, outputSchema: this and all later revisions */
    TH_TOOL_LIST_FORMS,
} th_tool_list_form_t;
th_slice_t th_catalogue_tool_list(const th_catalogue_t *catalogue, th_tool_list_form_t form);

/* For states: the compiled chunk of a tool or of a library module ("tallyfy.people"); empty = none.
 */
th_slice_t th_catalogue_tool_chunk(const th_catalogue_t *catalogue, const th_tool_t *tool);
th_slice_t th_catalogue_module_chunk(const th_catalogue_t *catalogue, th_slice_t name);

#endif
