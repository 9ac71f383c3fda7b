/* catalogue_parts.h - what the files that make a catalogue share; for catalogue*.c and reload.c
 * only. The way: catalogue_files.c finds and reads files, catalogue_library.c compiles lua/,
 * catalogue_check.c evaluates one tool file into an entry (catalogue_entry.c), catalogue_load.c
 * puts the whole together, catalogue_render.c writes `tools/list`, catalogue.c owns the result. */
#ifndef TH_SCRIPT_CATALOGUE_PARTS_H
#define TH_SCRIPT_CATALOGUE_PARTS_H

#include <stdatomic.h>
#include <sys/types.h>

#include <lua.h>

#include "base/buffer.h"
#include "script/catalogue.h"
#include "json/writer.h"

/* ---- bounds of a tools directory ---- */
#define TH_TOOL_FILES_MAX 1000
#define TH_TOOL_FILE_BYTES (256 * 1024)
#define TH_TOOL_FOLDER_DEPTH 4    /* folders below the tools directory */
#define TH_TOOL_FOLDERS_MAX 256   /* also the number of watches */
#define TH_TOOL_ENTRIES_MAX 20000 /* directory entries looked at in all */
#define TH_TOOL_LOAD_CPU_MS 500   /* computing time of one file while it is checked */
#define TH_TOOL_SCHEMA_BYTES (1024 * 1024)
#define TH_TOOL_LIST_BYTES (64 * 1024 * 1024)

/* ---- problems ---- */

/* Adds one, or sets `more` when the list is full. Control bytes become '?'. <hint> may be NULL. */
void th_problems_add(th_problems_t *problems, const char *file, int line, const char *message,
                     const char *hint);
/* By file and line, keeping the order of equals. */
void th_problems_sort(th_problems_t *problems);

/* ---- files (catalogue_files.c) ---- */

typedef struct th_tool_file {
    char *path; /* as people see it: the directory as given, and what is below it; owned */
    const char *relative; /* inside path: "task/get_task.lua" */
} th_tool_file_t;

/* A folder as it was found: reload.c watches them, and compares. */
typedef struct th_tool_folder {
    char *path; /* owned */
    dev_t device;
    ino_t inode;
} th_tool_folder_t;

typedef struct th_tool_files {
    th_tool_file_t *files; /* in name order of their paths */
    size_t count;
    th_tool_folder_t *folders; /* the root first; empty when the root is a single file */
    size_t folder_count;
    size_t entries; /* looked at so far */
} th_tool_files_t;

/* Editors' backups, hidden files, specs: nothing that begins with '.' or '#', or ends in '~' or
 * "_spec.lua", counts. */
bool th_tool_name_ignored(const char *name);
/* Walks <path>, a directory or one .lua file. False when memory ran out; what is wrong with the
 * directory goes into <problems> (may be NULL). Free with th_tool_files_free() in any case.
 * Blocking. */
bool th_tool_files_find(const char *path, th_tool_files_t *found, th_problems_t *problems);
void th_tool_files_free(th_tool_files_t *found);
/* The bytes of a plain file of at most <maximum> bytes, never through a symbolic link; the caller
 * frees. NULL with <error>. Blocking. */
char *th_tool_file_read(const char *path, size_t maximum, size_t *length, th_error_t *error);

/* ---- the library (catalogue_library.c) ---- */

typedef struct th_module {
    char *name; /* "tallyfy.people"; owned */
    char *code; /* bytecode; owned */
    size_t length;
    bool is_public; /* for `use`; the word files are for the host only */
} th_module_t;

typedef struct th_modules {
    th_module_t *list; /* in name order */
    size_t count;
    th_digest_t digest; /* of names and sources */
} th_modules_t;

/* Compiles lua/ (built in, or of settings->script_library) but for lua/practice. False: <problems>.
 */
bool th_modules_load(th_modules_t *modules, const th_settings_t *settings, th_problems_t *problems);
void th_modules_free(th_modules_t *modules);
/* An empty slice when there is none. */
th_slice_t th_modules_find(const th_modules_t *modules, th_slice_t name, bool only_public);

/* Loads text only (never bytecode from outside) and leaves the function on the stack; its bytecode,
 * line numbers kept, goes to <out>. False with the message of the syntax error on the stack
 * instead. Run it protected. */
bool th_chunk_compile(lua_State *L, th_slice_t source, const char *chunk_name, th_buffer_t *out);
/* Pushes the function of a bytecode that th_chunk_compile() made. Raises. */
void th_chunk_load(lua_State *L, th_slice_t code, const char *chunk_name);

/* ---- one tool, resource or prompt ---- */

typedef struct th_form_entry {
    th_form_t form; /* its text is in the facts */
    th_json_document_t *document;
} th_form_entry_t;

/* Owns everything that its <tool> points at. */
typedef struct th_tool_entry {
    th_item_t tool;
    char **texts; /* behind the const pointers of <tool> */
    size_t text_count;
    th_json_document_t *facts; /* what the words made of the file */
    th_json_document_t *input_document, *output_document;
    th_form_entry_t *forms;
    size_t form_count;
    th_header_t *headers;
    th_argument_t *arguments;
    char *chunk; /* bytecode */
    size_t chunk_length;
} th_tool_entry_t;

/* What the words made of a file; all borrowed. */
typedef struct th_tool_texts {
    th_slice_t source;
    th_slice_t facts; /* JSON object: the lowered item of lua/words_check.lua, words_items.lua */
    th_json_parser_t *parser;
} th_tool_texts_t;

extern const th_json_limits_t th_tool_schema_limits;

/* Makes the whole of an entry that has only its chunk. False with <error>; the entry can only be
 * freed then. */
bool th_tool_entry_complete(th_tool_entry_t *entry, const th_tool_file_t *file,
                            const th_tool_texts_t *texts, th_error_t *error);
void th_tool_entry_free(th_tool_entry_t *entry); /* the contents; zeroed afterwards */

/* Evaluates tool files one after the other (catalogue_check.c). All arguments are borrowed. NULL:
 * no memory. */
typedef struct th_checker th_checker_t;
th_checker_t *th_checker_open(const th_settings_t *settings, const th_modules_t *modules,
                              th_problems_t *problems);
void th_checker_close(th_checker_t *checker); /* NULL is fine */
/* True and <entry> filled when the file has no problem; false otherwise, nothing to free. */
bool th_checker_check(th_checker_t *checker, const th_tool_file_t *file, th_tool_entry_t *entry);

/* ---- the whole ---- */

/* A rendered list. A form that is the same as the one before it shares its texts. */
typedef struct th_list_text {
    char *json;
    size_t length;
    size_t *ends; /* where each entry ends in it */
} th_list_text_t;

struct th_catalogue {
    atomic_uint references;
    uint64_t generation;
    th_tool_entry_t *entries; /* tools, resources, prompts; each in name order */
    size_t count;
    size_t first[TH_ITEM_KINDS + 1]; /* where each kind begins, and the end */
    th_modules_t modules;
    th_list_text_t lists[TH_LISTS][TH_TOOL_LIST_FORMS];
    const th_item_t **listed[TH_LISTS]; /* what is in them, in order; owned, the items are not */
    size_t listed_count[TH_LISTS];
    th_digest_t content; /* of all definitions and the library: equal = nothing changed */
};

/* An empty catalogue with one reference and its generation; NULL when memory ran out. */
th_catalogue_t *th_catalogue_new(void);
bool th_catalogue_render(th_catalogue_t *catalogue, th_error_t *error);
void th_catalogue_free_lists(th_catalogue_t *catalogue);

/* ---- uris (catalogue_uri.c) ---- */

/* Does <uri> fit the template, or equal the fixed uri? Linear: a variable takes what cannot be a
 * delimiter, and what follows it in the template is one (lua/words_items.lua sees to that). */
bool th_resource_matches(const th_resource_t *resource, th_slice_t uri);

#endif
