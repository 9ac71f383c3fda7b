/* catalogue_check.c - evaluates one tool file, strictly.
 * The rules are Lua (lua/words_check.lua and what it stands on); this file gives them what they
 * cannot have themselves: the line that runs, the schema engine, a place for problems, memory and
 * time limits. The checker's state serves file after file (a state costs 200 us, a file less); what
 * a file could leave behind is made anew for the next: its words, and the modules that it used.
 * After a file with any problem the state is thrown away. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

#include "script/catalogue_parts.h"
#include "script/state.h"

#define CHUNK_BYTES (1024 * 1024)

struct th_checker {
    const th_settings_t *settings;
    const th_modules_t *modules;
    th_problems_t *problems;
    th_json_parser_t *parser;
    th_state_t *state; /* NULL until a file needs it */
};

/* One file being checked. */
typedef struct th_check {
    th_checker_t *checker;
    const th_tool_file_t *file;
    th_slice_t source;
    char name[80];        /* the file's, without ".lua" */
    char chunk_name[320]; /* "@task/get_task.lua" */
    th_buffer_t code;
    size_t problems; /* of this file */
    int raised_line; /* of this file, where the last error was raised; 0 = unknown */
    th_tool_entry_t *entry;
    char *facts; /* what the words made of it, as JSON; owned */
    size_t facts_length;
} th_check_t;

static void add_problem(th_check_t *check, int line, const char *message, const char *hint) {
    check->problems++;
    th_problems_add(check->checker->problems, check->file->path, line, message, hint);
}

/* ---- the host table of words_check.lua; each function has the check as its upvalue ---- */

static th_check_t *check_of(lua_State *L) {
    return lua_touserdata(L, lua_upvalueindex(1));
}

/* The line of the tool file's innermost running function, 0 when none runs. */
static int running_line(lua_State *L, const th_check_t *check) {
    lua_Debug frame;
    for (int level = 0; lua_getstack(L, level, &frame); level++) {
        lua_getinfo(L, "Sl", &frame);
        if (strcmp(frame.source, check->chunk_name) == 0) return frame.currentline;
    }
    return 0;
}

/* host.line() -> running_line */
static int host_line(lua_State *L) {
    lua_pushinteger(L, running_line(L, check_of(L)));
    return 1;
}

/* host.problem(line, message, hint) */
static int host_problem(lua_State *L) {
    add_problem(check_of(L), (int)luaL_checkinteger(L, 1), luaL_checkstring(L, 2),
                luaL_optstring(L, 3, ""));
    return 0;
}

/* Writes what is wrong into <error>; true = nothing. Takes no Lua: nothing here can be jumped over.
 */
static bool try_schema(th_json_parser_t *parser, th_slice_t schema, th_slice_t value,
                       th_error_t *error) {
    th_json_document_t *document = th_json_parse(parser, schema, &th_tool_schema_limits, error);
    if (!document) return false;
    th_schema_t *compiled = th_schema_compile(th_json_root(document), error);
    th_json_document_t *instance = NULL;
    bool fine = compiled != NULL;
    if (fine && value.data) {
        th_schema_report_t report = {0};
        instance = th_json_parse(parser, value, &th_tool_schema_limits, error);
        fine = instance != NULL;
        if (fine && !th_schema_validate(compiled, th_json_root(instance), &report)) {
            fine =
                th_error_set(error, "invalid", "%s",
                             report.count > 0 ? report.errors[0].message : "it cannot be checked");
        }
    }
    th_json_unref(instance);
    th_schema_free(compiled);
    th_json_unref(document);
    return fine;
}

/* host.check(schema, value) -> nil, or what is wrong with the schema or, when given, with the value
 */
static int host_check(lua_State *L) {
    const th_check_t *check = check_of(L);
    th_slice_t schema, value = {NULL, 0};
    schema.data = luaL_checklstring(L, 1, &schema.length);
    if (!lua_isnoneornil(L, 2)) value.data = luaL_checklstring(L, 2, &value.length);
    th_error_t error;
    if (try_schema(check->checker->parser, schema, value, &error)) return 0;
    lua_pushstring(L, error.message);
    return 1;
}

static void push_host(lua_State *L, th_check_t *check) {
    static const luaL_Reg functions[] = {
        {"line", host_line}, {"problem", host_problem}, {"check", host_check}, {NULL, NULL}};
    lua_createtable(L, 0, 6);
    lua_pushlightuserdata(L, check);
    luaL_setfuncs(L, functions, 1);
    lua_pushlstring(L, check->source.data, check->source.length);
    lua_setfield(L, -2, "source");
    lua_pushstring(L, check->name);
    lua_setfield(L, -2, "name");
    lua_pushstring(L, check->chunk_name + 1);
    lua_setfield(L, -2, "file");
}

/* ---- running the words and the file; stack indices are absolute, named here ---- */

enum { AT_CHECK = 1, AT_SHARED, AT_SINK, AT_WORDS, AT_FINISH };

/* In the order in which they run; the addresses of the names are the registry keys of the compiled
 * files. Each gets the mode and the table they share; the last gives the words and `finish`. */
static const char *const word_files[] = {"words_schema",  "words_fields", "words_parts",
                                         "words_headers", "words_items",  "words_check"};
#define WORD_FILES (sizeof word_files / sizeof *word_files)

/* Once per state: the functions of the word files. */
static int prepare_protected(lua_State *L) {
    const th_modules_t *modules = lua_touserdata(L, 1);
    th_state_keep_code(L);
    for (size_t i = 0; i < WORD_FILES; i++) {
        char chunk_name[64];
        (void)snprintf(chunk_name, sizeof chunk_name, "@lua/%s.lua", word_files[i]);
        th_slice_t code = th_modules_find(modules, th_slice_of(word_files[i]), false);
        th_chunk_load(L, code, chunk_name);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &word_files[i]);
    }
    return 0;
}

/* Leaves shared, sink, words and finish at their places. */
static void open_words(lua_State *L, th_check_t *check) {
    lua_createtable(L, 0, 8);
    push_host(L, check);
    lua_setfield(L, AT_SHARED, "host");
    lua_newtable(L);
    lua_setfield(L, AT_SHARED, "words");
    lua_createtable(L, 0, 4);
    lua_pushvalue(L, AT_SINK);
    lua_setfield(L, AT_SHARED, "sink");
    for (size_t i = 0; i < WORD_FILES; i++) {
        lua_rawgetp(L, LUA_REGISTRYINDEX, &word_files[i]);
        lua_pushliteral(L, "check");
        lua_pushvalue(L, AT_SHARED);
        lua_call(L, 2, i + 1 == WORD_FILES ? 2 : 0);
    }
    th_state_push_world(L);
    lua_pushnil(L);
    while (lua_next(L, AT_WORDS)) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, AT_FINISH + 1);
    }
    lua_settop(L, AT_FINISH);
}

/* The message handler: runs where the error is raised, before the stack is unwound. */
static int note_line(lua_State *L) {
    th_check_t *check = check_of(L);
    check->raised_line = running_line(L, check);
    return 1;
}

/* Runs the file; what it raised, or its syntax error, is then on the stack, or nil. The end of the
 * budget and of memory go on upwards: they are the whole state's. */
static void run_file(lua_State *L, th_check_t *check) {
    if (!th_chunk_compile(L, check->source, check->chunk_name, &check->code)) return;
    lua_pushlightuserdata(L, check);
    lua_pushcclosure(L, note_line, 1);
    lua_insert(L, -2);
    int status = lua_pcall(L, 0, 0, -2);
    if (status == LUA_OK) {
        lua_pushnil(L);
    } else {
        th_state_rethrow_stop(L);
        if (status == LUA_ERRMEM) lua_error(L);
        if (lua_type(L, -1) != LUA_TSTRING) {
            lua_pushfstring(L, "raised a %s", luaL_typename(L, -1));
            lua_remove(L, -2);
        }
    }
    lua_remove(L, -2); /* the handler */
}

/* A copy that C owns of the string on top; NULL when it is none or memory ran out. */
static char *take_text(lua_State *L, size_t *length) {
    size_t size = 0;
    const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &size) : NULL;
    char *copy = text ? malloc(size + 1) : NULL;
    if (copy) memcpy(copy, text, size + 1);
    *length = copy ? size : 0;
    return copy;
}

static int check_protected(lua_State *L) {
    th_check_t *check = lua_touserdata(L, AT_CHECK);
    luaL_checkstack(L, 32, NULL);
    th_state_forget_modules(L, 0);
    open_words(L, check);
    lua_pushvalue(L, AT_FINISH);
    run_file(L, check);
    lua_pushinteger(L, check->raised_line);
    lua_call(L, 2, 0);
    lua_getfield(L, AT_SINK, "facts");
    if (check->problems == 0) check->facts = take_text(L, &check->facts_length);
    return 0;
}

static void tell_end(th_check_t *check, th_state_end_t end, const th_error_t *error) {
    switch (end) {
    case TH_STATE_DONE: return;
    case TH_STATE_RAISED: add_problem(check, 0, error->message, NULL); return;
    case TH_STATE_NO_TIME:
        add_problem(check, check->raised_line,
                    "ran for half a second while it was loaded, and was stopped",
                    "outside `run` a file only declares; look for a loop without an end");
        return;
    case TH_STATE_NO_MEMORY:
        add_problem(check, 0, "needs more memory than script.memory allows while it is loaded",
                    "outside `run` a file only declares");
        return;
    }
}

/* ---- the checker ---- */

static th_slice_t find_module(void *arg, th_slice_t name) {
    const th_checker_t *checker = arg;
    return th_modules_find(checker->modules, name, true);
}

static void close_state(th_checker_t *checker) {
    th_state_close(checker->state);
    checker->state = NULL;
}

/* Makes the state if there is none. */
static bool open_state(th_checker_t *checker, th_error_t *error) {
    if (checker->state) return true;
    th_state_limits_t limits = th_state_limits_of(checker->settings);
    limits.slice_ns = 0; /* nothing else waits for this thread */
    checker->state = th_state_open(&limits, checker->parser, NULL, error);
    if (!checker->state) return false;
    th_state_set_modules(checker->state, find_module, checker, 0);
    if (th_state_protect(checker->state, NULL, prepare_protected, (void *)checker->modules,
                         error) == TH_STATE_DONE)
        return true;
    close_state(checker);
    return th_error_set(error, "no_memory", "script.memory is too small for checking tools");
}

static void run_check(th_check_t *check) {
    th_error_t error = {{0}, {0}};
    if (!open_state(check->checker, &error)) {
        add_problem(check, 0, error.message, NULL);
        return;
    }
    th_state_t *state = check->checker->state;
    th_budget_t budget = {.cpu_limit_ns = TH_TOOL_LOAD_CPU_MS * UINT64_C(1000000)};
    tell_end(check, th_state_protect(state, &budget, check_protected, check, &error), &error);
    if (check->problems > 0) close_state(check->checker);
}

static void complete_entry(th_check_t *check) {
    th_tool_entry_t *entry = check->entry;
    entry->chunk = th_buffer_take(&check->code, &entry->chunk_length);
    const th_tool_texts_t texts = {check->source, th_slice(check->facts, check->facts_length),
                                   check->checker->parser};
    th_error_t error;
    if (!th_tool_entry_complete(entry, check->file, &texts, &error))
        add_problem(check, 0, error.message, NULL);
}

th_checker_t *th_checker_open(const th_settings_t *settings, const th_modules_t *modules,
                              th_problems_t *problems) {
    th_checker_t *checker = calloc(1, sizeof *checker);
    if (!checker) return NULL;
    checker->settings = settings;
    checker->modules = modules;
    checker->problems = problems;
    checker->parser = th_json_parser_new();
    if (checker->parser) return checker;
    free(checker);
    return NULL;
}

void th_checker_close(th_checker_t *checker) {
    if (!checker) return;
    close_state(checker);
    th_json_parser_free(checker->parser);
    free(checker);
}

bool th_checker_check(th_checker_t *checker, const th_tool_file_t *file, th_tool_entry_t *entry) {
    memset(entry, 0, sizeof *entry);
    th_check_t check = {.checker = checker, .file = file, .entry = entry};
    th_error_t error;
    char *source = th_tool_file_read(file->path, TH_TOOL_FILE_BYTES, &check.source.length, &error);
    if (!source) {
        th_problems_add(checker->problems, file->path, 0, error.message, NULL);
        return false;
    }
    check.source.data = source;
    const char *slash = strrchr(file->relative, '/');
    (void)snprintf(check.name, sizeof check.name, "%s", slash ? slash + 1 : file->relative);
    char *extension = strrchr(check.name, '.');
    if (extension) *extension = '\0';
    (void)snprintf(check.chunk_name, sizeof check.chunk_name, "@%s", file->relative);
    th_buffer_init(&check.code, CHUNK_BYTES);
    run_check(&check);
    if (check.problems == 0) complete_entry(&check);
    th_buffer_reset(&check.code);
    free(check.facts);
    free(source);
    if (check.problems == 0) return true;
    th_tool_entry_free(entry);
    return false;
}
