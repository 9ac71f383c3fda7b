/* catalogue_library.c - compiles lua/ once per generation: the word files and the modules of `use`.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

#include "script/catalogue_parts.h"
#include "script/library.h"
#include "script/state.h"

/* A compiled file is about as large as its text; this only stops nonsense. */
#define CHUNK_BYTES (2 * 1024 * 1024)

static int add_piece(lua_State *L, const void *piece, size_t length, void *arg) {
    (void)L;
    return th_buffer_add(arg, piece, length) ? 0 : 1;
}

bool th_chunk_compile(lua_State *L, th_slice_t source, const char *chunk_name, th_buffer_t *out) {
    if (luaL_loadbufferx(L, source.data, source.length, chunk_name, "t") != LUA_OK) return false;
    if (lua_dump(L, add_piece, out, 0) == 0) return true;
    lua_pop(L, 1);
    lua_pushliteral(L, "the compiled file is too large");
    return false;
}

void th_chunk_load(lua_State *L, th_slice_t code, const char *chunk_name) {
    if (luaL_loadbufferx(L, code.data, code.length, chunk_name, "b") != LUA_OK) lua_error(L);
}

typedef struct th_library_load {
    th_modules_t *modules;
    th_problems_t *problems;
    th_state_t *state;
    th_slice_t *parts; /* names and sources, for the digest; borrowed */
    size_t part_count;
} th_library_load_t;

typedef struct th_compile_job {
    th_slice_t source;
    const char *chunk_name;
    th_buffer_t code;
} th_compile_job_t;

static int compile_protected(lua_State *L) {
    th_compile_job_t *job = lua_touserdata(L, 1);
    if (!th_chunk_compile(L, job->source, job->chunk_name, &job->code)) return lua_error(L);
    return 0;
}

/* "tallyfy/people.lua" -> "tallyfy.people"; owned by the caller. */
static char *module_name(const char *file) {
    char *name = strndup(file, strlen(file) - 4);
    for (char *at = name; at && *at; at++)
        if (*at == '/') *at = '.';
    return name;
}

/* The line in "lua/tallyfy/people.lua:12: message", and the message behind it. */
static const char *split_position(const char *message, int *line) {
    const char *colon = strstr(message, ".lua:");
    char *end = NULL;
    *line = colon ? (int)strtol(colon + 5, &end, 10) : 0;
    return end && end[0] == ':' && end[1] == ' ' ? end + 2 : message;
}

/* Compiles <text> as <file> (relative to lua/). False only when memory ran out. */
static bool add_module(th_library_load_t *load, const char *file, th_slice_t text) {
    char shown[320];
    (void)snprintf(shown, sizeof shown, "@lua/%s", file);
    th_compile_job_t job = {text, shown, {0}};
    th_buffer_init(&job.code, CHUNK_BYTES);
    th_error_t error;
    th_state_end_t end = th_state_protect(load->state, NULL, compile_protected, &job, &error);
    if (end != TH_STATE_DONE) {
        int line = 0;
        const char *message = end == TH_STATE_RAISED
                                  ? split_position(error.message, &line)
                                  : "needs more memory than script.memory allows";
        th_problems_add(load->problems, shown + 1, line, message, NULL);
        th_buffer_reset(&job.code);
        return true;
    }
    th_module_t *module = &load->modules->list[load->modules->count];
    module->name = module_name(file);
    module->code = th_buffer_take(&job.code, &module->length);
    module->is_public = strncmp(file, "words", 5) != 0;
    if (!module->name || !module->code) {
        free(module->name);
        free(module->code);
        return false;
    }
    load->modules->count++;
    load->parts[load->part_count++] = th_slice_of(file);
    load->parts[load->part_count++] = text;
    return true;
}

static bool is_for_scripts(const char *file) {
    return strncmp(file, "practice/", 9) != 0 && strncmp(file, "testing/", 8) != 0 &&
           strncmp(file, "manual/", 7) != 0;
}

/* Room for <count> files, then the digest of what was added. */
static bool start_modules(th_library_load_t *load, size_t count) {
    load->modules->list = calloc(count + 1, sizeof *load->modules->list);
    load->parts = calloc(2 * count + 1, sizeof *load->parts);
    return load->modules->list && load->parts;
}

static void finish_modules(th_library_load_t *load) {
    load->modules->digest = th_hash_parts(NULL, load->parts, load->part_count);
}

static bool load_built_in(th_library_load_t *load) {
    if (!start_modules(load, th_library_file_count)) return false;
    for (size_t i = 0; i < th_library_file_count; i++) {
        const th_library_file_t *file = &th_library_files[i];
        if (is_for_scripts(file->name) && !add_module(load, file->name, file->text)) return false;
    }
    finish_modules(load);
    return true;
}

/* The texts must live until the digest is made. */
static bool load_files(th_library_load_t *load, const th_tool_files_t *found, char **texts) {
    for (size_t i = 0; i < found->count; i++) {
        const th_tool_file_t *file = &found->files[i];
        if (!is_for_scripts(file->relative)) continue;
        th_error_t error;
        size_t length = 0;
        texts[i] = th_tool_file_read(file->path, TH_TOOL_FILE_BYTES, &length, &error);
        if (!texts[i])
            th_problems_add(load->problems, file->path, 0, error.message, NULL);
        else if (!add_module(load, file->relative, th_slice(texts[i], length)))
            return false;
    }
    finish_modules(load);
    return true;
}

static bool load_directory(th_library_load_t *load, const char *directory) {
    th_tool_files_t found;
    bool fine = th_tool_files_find(directory, &found, load->problems);
    char **texts = fine ? calloc(found.count + 1, sizeof *texts) : NULL;
    fine = texts && start_modules(load, found.count) && load_files(load, &found, texts);
    for (size_t i = 0; texts && i < found.count; i++)
        free(texts[i]);
    free(texts);
    th_tool_files_free(&found);
    return fine;
}

static void require_words(th_library_load_t *load) {
    static const char *const needed[] = {"words",         "words_check", "words_fields",
                                         "words_headers", "words_items", "words_parts",
                                         "words_schema"};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        if (th_modules_find(load->modules, th_slice_of(needed[i]), false).length > 0) continue;
        char file[64];
        (void)snprintf(file, sizeof file, "lua/%s.lua", needed[i]);
        th_problems_add(load->problems, file, 0, "is missing: without it no tool can be read",
                        "copy it from the program's own lua/, or unset script.library");
    }
}

bool th_modules_load(th_modules_t *modules, const th_settings_t *settings,
                     th_problems_t *problems) {
    memset(modules, 0, sizeof *modules);
    size_t before = problems->count;
    th_library_load_t load = {.modules = modules, .problems = problems};
    th_state_limits_t limits = th_state_limits_of(settings);
    th_json_parser_t *parser = th_json_parser_new();
    load.state = parser ? th_state_open(&limits, parser, NULL, NULL) : NULL;
    bool fine =
        load.state && (settings->script_library[0] ? load_directory(&load, settings->script_library)
                                                   : load_built_in(&load));
    th_state_close(load.state);
    th_json_parser_free(parser);
    free(load.parts);
    if (!fine)
        th_problems_add(problems, "lua", 0, "cannot be loaded: out of memory", NULL);
    else if (problems->count == before)
        require_words(&load);
    if (problems->count == before) return true;
    th_modules_free(modules);
    return false;
}

void th_modules_free(th_modules_t *modules) {
    for (size_t i = 0; i < modules->count; i++) {
        free(modules->list[i].name);
        free(modules->list[i].code);
    }
    free(modules->list);
    memset(modules, 0, sizeof *modules);
}

th_slice_t th_modules_find(const th_modules_t *modules, th_slice_t name, bool only_public) {
    for (size_t i = 0; i < modules->count; i++) {
        const th_module_t *module = &modules->list[i];
        if ((module->is_public || !only_public) && th_slice_is(name, module->name))
            return th_slice(module->code, module->length);
    }
    return th_slice(NULL, 0);
}
