/* catalogue.h - one checked, immutable set of tools, resources and prompts: a generation.
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

/* What a file can declare. One struct serves all, so that policy, limits, calls and caches
 * treat them alike; th_tool_t, th_resource_t and th_prompt_t say which one is meant. */
typedef enum th_item_kind {
    TH_ITEM_TOOL,
    TH_ITEM_RESOURCE, /* with a fixed uri, or a template */
    TH_ITEM_PROMPT,
    TH_ITEM_HANDLER, /* on "task.completed": run by core/chat for an organisation, for no person */
    TH_ITEM_KINDS,
} th_item_kind_t;

const char *th_item_kind_name(th_item_kind_t kind); /* "tool", "resource", "prompt", "handler" */

/* May a tool run as a task (requirements.md g)? */
typedef enum th_task_support {
    TH_TASK_NEVER,
    TH_TASK_MAY,   /* task = true: where the client can, from the start */
    TH_TASK_MUST,  /* task = "required": a client without tasks is refused (-32021) */
    TH_TASK_LATER, /* task = "later": begins as a plain call, becomes one at call.become_task() */
} th_task_support_t;

/* What the client must be able to do, as bits: needs = { "sampling" } in the file. */
typedef enum th_need {
    TH_NEED_FORM = 1,   /* "elicitation": a form put to the person */
    TH_NEED_URL = 2,    /* "url": a page opened by the person */
    TH_NEED_SAMPLE = 4, /* "sampling" */
    TH_NEED_ROOTS = 8,  /* "roots" */
} th_need_t;

/* `header = "Region"` on a field, or x-mcp-header in a schema: checked when the file was loaded. */
#define TH_HEADER_DEPTH 8
typedef struct th_header {
    const char *name;                  /* "Region", to be sent as Mcp-Param-Region */
    const char *path[TH_HEADER_DEPTH]; /* names of properties from the root of the arguments */
    size_t depth;
    th_json_type_t type; /* of the property: TH_JSON_STRING, _INTEGER or _TRUE (a boolean) */
} th_header_t;

/* An argument of a prompt, or a variable of a resource's template, in declared order. */
typedef struct th_argument {
    const char *name;
    const char *title; /* or "" */
    const char *description;
    bool required;
    bool completes; /* has values to offer: completion/complete asks th_session_start */
} th_argument_t;

typedef struct th_item {
    th_item_kind_t kind;
    const char *name; /* [a-z0-9_]{1,64}, equals the file's name */
    const char *title;
    const char *description; /* `about` in the file */
    const char *domain;      /* the folder it is in, "" at the top */
    const char *file;        /* as given: "tools.lua.d/task/get_task.lua" */
    th_effect_t effect;      /* resources and prompts read */
    bool read_only, destructive, idempotent, open_world; /* the four annotations, always all */
    th_json_value_t input_schema;  /* object schema; of resources and prompts: their arguments */
    th_json_value_t output_schema; /* absent when none was declared */
    const th_schema_t *input;      /* compiled */
    const th_schema_t *output;     /* NULL when none */
    uint64_t cpu_limit;            /* ms; 0 = the setting's */
    uint64_t timeout;              /* ms; 0 = the setting's */
    th_digest_t
        definition;        /* of name, description, schemas, annotations, body, all that is shown */
    th_json_value_t icons; /* array as the protocol has it; absent when none */

    unsigned needs; /* th_need_t bits */

    bool relay; /* calls the tool that its argument `name` names (session.h): never runs itself */
    bool previews; /* has a `preview`: TH_CALL_PREVIEW says what a call would change */

    /* tools */
    th_task_support_t task;
    const th_header_t *headers;
    size_t header_count;

    /* resources and prompts */
    const th_argument_t *arguments;
    size_t argument_count;

    /* resources */
    const char *uri; /* RFC 3986, or RFC 6570 level 1 when is_template */
    bool is_template;
    const char *mime;            /* or "" */
    int64_t size;                /* bytes; -1 = not said */
    th_json_value_t annotations; /* { audience, priority, lastModified }; absent when none */

    /* handlers */
    const char *event; /* "task.completed"; "" for the others */
} th_item_t;

typedef th_item_t th_tool_t, th_resource_t, th_prompt_t;

/* The argument that <header> mirrors; absent when it was not given. */
th_json_value_t th_header_value(const th_header_t *header, th_json_value_t arguments);

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
/* Tools only; the others have their own below. All in name order. */
size_t th_catalogue_count(const th_catalogue_t *catalogue);
const th_tool_t *th_catalogue_tool(const th_catalogue_t *catalogue, size_t index);
const th_tool_t *th_catalogue_find(const th_catalogue_t *catalogue, th_slice_t name); /* or NULL */

/* The one tool with `relay`, or NULL. */
const th_tool_t *th_catalogue_relay(const th_catalogue_t *catalogue);

/* Resources, fixed ones and templates together. */
size_t th_catalogue_resource_count(const th_catalogue_t *catalogue);
const th_resource_t *th_catalogue_resource(const th_catalogue_t *catalogue, size_t index);
/* What answers a read of <uri>: the fixed one, else the first template in name order that it
 * matches; NULL = no such resource. */
const th_resource_t *th_catalogue_resource_of(const th_catalogue_t *catalogue, th_slice_t uri);
/* The one declared with exactly this uri or template (a completion's ref/resource), or NULL. */
const th_resource_t *th_catalogue_resource_declared(const th_catalogue_t *catalogue,
                                                    th_slice_t uri);

size_t th_catalogue_prompt_count(const th_catalogue_t *catalogue);
const th_prompt_t *th_catalogue_prompt(const th_catalogue_t *catalogue, size_t index);
const th_prompt_t *th_catalogue_prompt_find(const th_catalogue_t *catalogue, th_slice_t name);

/* Handlers of events, all of them; whoever has an event takes those whose `event` it is. */
size_t th_catalogue_handler_count(const th_catalogue_t *catalogue);
const th_item_t *th_catalogue_handler(const th_catalogue_t *catalogue, size_t index);

/* Of <item>'s definition and of the modules it can `use`: equal means that it does the same. What a
 * person approves is this. */
th_digest_t th_catalogue_behaviour(const th_catalogue_t *catalogue, const th_item_t *item);

/* The argument of that name of a resource or prompt, or NULL. */
const th_argument_t *th_item_argument(const th_item_t *item, th_slice_t name);

/* The JSON arrays of the list methods, rendered once per generation, by what the revision knows
 * (requirements.md a), each in name order. */
typedef enum th_tool_list_form {
    TH_TOOL_LIST_2024_11_05, /* tools: name, description, inputSchema */
    TH_TOOL_LIST_2025_03_26, /* and annotations of tools */
    TH_TOOL_LIST_2025_06_18, /* and title, outputSchema, annotations.lastModified */
    TH_TOOL_LIST_2025_11_25, /* and icons: this and all later revisions */
    TH_TOOL_LIST_FORMS,
} th_tool_list_form_t;

typedef enum th_list_kind {
    TH_LIST_TOOLS,
    TH_LIST_RESOURCES, /* uri, name, description, mimeType, size, annotations, title, icons */
    TH_LIST_TEMPLATES, /* the same with uriTemplate */
    TH_LIST_PROMPTS,
    TH_LISTS,
} th_list_kind_t;
th_slice_t th_catalogue_list(const th_catalogue_t *catalogue, th_list_kind_t kind,
                             th_tool_list_form_t form);
/* The entries of those arrays one by one, so that a part of a list costs no more than all of it:
 * what an entry is about, and in <json> its place in th_catalogue_list(). Exactly one byte, the
 * comma, is between two of them, so that a run of neighbours is one text. */
size_t th_catalogue_listed_count(const th_catalogue_t *catalogue, th_list_kind_t kind);
const th_item_t *th_catalogue_listed(const th_catalogue_t *catalogue, th_list_kind_t kind,
                                     th_tool_list_form_t form, size_t index, th_slice_t *json);
/* th_catalogue_list(TH_LIST_TOOLS). */
th_slice_t th_catalogue_tool_list(const th_catalogue_t *catalogue, th_tool_list_form_t form);

/* The variables of a template in <uri>, percent-decoded, as an object; empty for a fixed one. The
 * caller owns it. NULL with <error> "not_found" when they do not fit. */
th_json_document_t *th_resource_variables(const th_resource_t *resource, th_slice_t uri,
                                          th_json_parser_t *parser, th_error_t *error);

/* A form for the person, declared by the word `form`: elicitation's requestedSchema. */
typedef struct th_form {
    th_slice_t text; /* JSON */
    const th_schema_t *schema;
} th_form_t;
/* NULL when there is none with that number, from 1. */
const th_form_t *th_item_form(const th_item_t *item, size_t number);

/* For states: the compiled chunk of a tool or of a library module ("tallyfy.people"); empty = none.
 */
th_slice_t th_catalogue_tool_chunk(const th_catalogue_t *catalogue, const th_item_t *tool);
th_slice_t th_catalogue_module_chunk(const th_catalogue_t *catalogue, th_slice_t name);

#endif
