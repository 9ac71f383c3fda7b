/* config_load.c - collects the settings from their sources, in order.
 * The file is Lua, evaluated in a world of its own: one assignment per setting (`http.body_bytes =
 * 1 * MB`), the units, env "NAME", and nothing else. An assignment is a call into us, so the line
 * of a bad value is always known. Text chunks only; memory and instructions are bounded. */
#include "config/config.h"

#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/nearest.h"
#include "config/setting_value.h"

#define FILE_MAX ((size_t)256 * 1024)
#define MEMORY_MAX ((size_t)16 * 1024 * 1024)
#define INSTRUCTIONS_MAX 5000000
#define WORD_SIZE 64
#define PATH_SIZE 4096

extern char **environ;

typedef struct loader {
    th_settings_t *settings;
    const char *file;
    th_error_t *error;
    bool failed; /* <error> is ours already, better than Lua's message */
    size_t memory;
} loader_t;

static const struct {
    const char *name;
    lua_Integer factor;
} units[] = {
    {"KB", 1 << 10}, {"MB", 1 << 20}, {"GB", 1 << 30},   {"ms", 1},
    {"s", 1000},     {"min", 60000},  {"hour", 3600000}, {"day", 86400000},
};

static loader_t *loader_of(lua_State *L) {
    return *(loader_t **)lua_getextraspace(L);
}

static void *allocate(void *user, void *block, size_t old_size, size_t new_size) {
    loader_t *loader = user;
    size_t had = block ? old_size : 0; /* old_size is a type tag when block is NULL */
    if (new_size == 0) {
        free(block);
        loader->memory -= had;
        return NULL;
    }
    if (new_size > had && new_size - had > MEMORY_MAX - loader->memory) return NULL;
    void *moved = realloc(block, new_size);
    if (moved) loader->memory += new_size - had;
    return moved;
}

static int line_of_caller(lua_State *L) {
    lua_Debug ar;
    if (!lua_getstack(L, 1, &ar) || !lua_getinfo(L, "l", &ar)) return 0;
    return ar.currentline;
}

/* Leaves Lua with <loader->error> as the reason. */
static int fail(lua_State *L) {
    loader_of(L)->failed = true;
    lua_pushnil(L);
    return lua_error(L);
}

static void stop_endless(lua_State *L, lua_Debug *ar) {
    loader_t *loader = loader_of(L);
    th_error_set(loader->error, "bad_file",
                 "%s:%d: this takes too long; a configuration must only assign settings",
                 loader->file, lua_getinfo(L, "l", ar) ? ar->currentline : 0);
    fail(L);
}

static bool set_from_lua(lua_State *L, int index, const char *name, const char *source) {
    loader_t *loader = loader_of(L);
    int is_whole = 0;
    lua_Integer number = lua_tointegerx(L, index, &is_whole);
    char shown[64];
    switch (lua_type(L, index)) {
    case LUA_TBOOLEAN:
        return th_settings_set(loader->settings, name, lua_toboolean(L, index) ? "true" : "false",
                               source, loader->error);
    case LUA_TNUMBER:
        if (is_whole)
            return th_settings_set_number(loader->settings, name, number, source, loader->error);
        (void)snprintf(shown, sizeof(shown), "%.14g, which is not whole", lua_tonumber(L, index));
        break;
    case LUA_TSTRING:
        if (strlen(lua_tostring(L, index)) == lua_rawlen(L, index))
            return th_settings_set(loader->settings, name, lua_tostring(L, index), source,
                                   loader->error);
        (void)snprintf(shown, sizeof(shown), "a text with NUL bytes");
        break;
    default: (void)snprintf(shown, sizeof(shown), "a %s value", luaL_typename(L, index)); break;
    }
    return th_setting_refuse(name, shown, source, loader->error);
}

/* __newindex of a group: (group, setting, value); the group's name is an upvalue. */
static int assign(lua_State *L) {
    char name[2 * WORD_SIZE], source[PATH_SIZE + 16];
    loader_t *loader = loader_of(L);
    (void)snprintf(source, sizeof(source), "%s:%d", loader->file, line_of_caller(L));
    (void)snprintf(name, sizeof(name), "%s.%.60s", lua_tostring(L, lua_upvalueindex(1)),
                   lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : luaL_typename(L, 2));
    return set_from_lua(L, 3, name, source) ? 0 : fail(L);
}

static int refuse_read(lua_State *L) {
    loader_t *loader = loader_of(L);
    th_error_set(loader->error, "bad_file",
                 "%s:%d: %s.%.60s is read here, but settings can only be assigned", loader->file,
                 line_of_caller(L), lua_tostring(L, lua_upvalueindex(1)),
                 lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : luaL_typename(L, 2));
    return fail(L);
}

/* __index and __newindex of the world: what is not there is a mistyped group or unit. */
static int refuse_word(lua_State *L) {
    loader_t *loader = loader_of(L);
    const char *word = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : luaL_typename(L, 2);
    th_nearest_t nearest = {.word = word};
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
        th_nearest_consider(&nearest, lua_tostring(L, -2)); /* the world's keys are all strings */
    th_error_set(loader->error, "unknown_setting",
                 "%s:%d: there is no %.60s%s%s%s; a setting is written as group.setting = value",
                 loader->file, line_of_caller(L), word, nearest.best ? " (did you mean " : "",
                 nearest.best ? nearest.best : "", nearest.best ? "?)" : "");
    return fail(L);
}

static int env(lua_State *L) {
    const char *value = getenv(luaL_checkstring(L, 1));
    if (value)
        lua_pushstring(L, value);
    else
        lua_pushnil(L);
    return 1;
}

static void set_handler(lua_State *L, const char *event, lua_CFunction handler, const char *group) {
    lua_pushstring(L, group);
    lua_pushcclosure(L, handler, 1);
    lua_setfield(L, -2, event);
}

/* Adds the group of one row's name to the world on the stack's top, unless it is there. */
static void add_group(lua_State *L, const char *name) {
    size_t length = strcspn(name, ".");
    const char *group = lua_pushlstring(L, name, length);
    lua_pushvalue(L, -1);
    if (lua_rawget(L, -3) == LUA_TNIL) {
        lua_newtable(L);
        lua_newtable(L);
        set_handler(L, "__newindex", assign, group);
        set_handler(L, "__index", refuse_read, group);
        lua_pushboolean(L, 0);
        lua_setfield(L, -2, "__metatable");
        lua_setmetatable(L, -2);
        lua_pushvalue(L, -3);
        lua_insert(L, -2);
        lua_rawset(L, -5);
    }
    lua_pop(L, 2);
}

static void open_world(lua_State *L) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        lua_pushinteger(L, units[i].factor);
        lua_setfield(L, -2, units[i].name);
    }
    lua_pushcfunction(L, env);
    lua_setfield(L, -2, "env");
    for (size_t i = 0; i < th_setting_row_count; i++)
        add_group(L, th_setting_rows[i].name);
    lua_newtable(L);
    set_handler(L, "__index", refuse_word, "");
    set_handler(L, "__newindex", refuse_word, "");
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
}

typedef struct source_text {
    const char *data;
    size_t length;
    const char *chunk_name;
} source_text_t;

/* Runs protected: any of this may raise. */
static int evaluate(lua_State *L) {
    const source_text_t *text = lua_touserdata(L, 1);
    open_world(L);
    if (luaL_loadbufferx(L, text->data, text->length, text->chunk_name, "t") != LUA_OK)
        return lua_error(L);
    lua_sethook(L, stop_endless, LUA_MASKCOUNT, INSTRUCTIONS_MAX);
    lua_call(L, 0, 0);
    return 0;
}

static bool run_text(loader_t *loader, source_text_t *text) {
    lua_State *L = lua_newstate(allocate, loader);
    if (!L) return th_error_set(loader->error, "no_memory", "%s: out of memory", loader->file);
    *(loader_t **)lua_getextraspace(L) = loader;
    lua_pushcfunction(L, evaluate);
    lua_pushlightuserdata(L, text);
    bool done = lua_pcall(L, 1, 0, 0) == LUA_OK;
    if (!done && !loader->failed) {
        const char *message = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
        th_error_set(loader->error, "bad_file", "%s", message ? message : "out of memory");
    }
    lua_close(L);
    return done;
}

static char *read_file(const char *path, size_t *length, th_error_t *error) {
    FILE *file = fopen(path, "re");
    char *text = file ? malloc(FILE_MAX + 1) : NULL;
    if (text) *length = fread(text, 1, FILE_MAX + 1, file);
    bool good = text && !ferror(file) && *length <= FILE_MAX;
    if (!good) {
        const char *reason = text && !ferror(file) ? "it is larger than 256 KB" : strerror(errno);
        th_error_set(error, "bad_file", "%s: %s", path, reason);
        free(text);
        text = NULL;
    }
    if (file) (void)fclose(file);
    return text;
}

static bool load_file(th_settings_t *settings, const char *path, th_error_t *error) {
    char chunk_name[PATH_SIZE + 1];
    size_t length = 0;
    char *text = read_file(path, &length, error);
    if (!text) return false;
    (void)snprintf(chunk_name, sizeof(chunk_name), "@%s", path);
    loader_t loader = {.settings = settings, .file = path, .error = error};
    bool done = run_text(&loader, &(source_text_t){text, length, chunk_name});
    free(text);
    return done;
}

/* A TALLYHOST_ variable that is no setting is a mistake that would otherwise pass unseen. */
static bool load_variable(th_settings_t *settings, const char *entry, th_error_t *error) {
    char name[WORD_SIZE + 16], expected[WORD_SIZE + 16];
    size_t length = strcspn(entry, "=");
    if (length >= sizeof(name))
        return th_error_set(error, "unknown_setting", "%.80s...: there is no such setting", entry);
    memcpy(name, entry, length);
    name[length] = '\0';
    const char *near = NULL;
    th_nearest_t nearest = {.word = name + strlen("TALLYHOST_")};
    for (size_t i = 0; i < th_setting_row_count; i++) {
        const th_setting_row_t *row = &th_setting_rows[i];
        if (!th_setting_environment_name(row, expected, sizeof(expected))) continue;
        if (strcmp(expected, name) == 0)
            return th_settings_set(settings, row->name, entry + length + 1, name, error);
        const char *best = nearest.best;
        th_nearest_consider(&nearest, expected + strlen("TALLYHOST_"));
        if (nearest.best != best) near = row->name;
        nearest.best = near; /* <expected> is overwritten; only whether and how near counts */
    }
    return th_error_set(
        error, "unknown_setting", "%s (environment): there is no such setting%s%s%s", name,
        near ? "; did you mean the variable of " : "", near ? near : "", near ? "?" : "");
}

static bool load_environment(th_settings_t *settings, th_error_t *error) {
    for (char **entry = environ; entry && *entry; entry++)
        if (strncmp(*entry, "TALLYHOST_", 10) == 0 && strchr(*entry, '=') &&
            !load_variable(settings, *entry, error))
            return false;
    return true;
}

void th_config_default_file(char *out, size_t size) {
    static const char name[] = "config/tallyhost.lua";
    char program[PATH_SIZE];
    (void)snprintf(out, size, "%s", name);
    if (access(out, R_OK) == 0) return;
    ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
    if (length > 0) {
        program[length] = '\0';
        char *slash = strrchr(program, '/');
        if (slash) {
            int used = snprintf(out, size, "%.*s/%s", (int)(slash - program), program, name);
            if (used > 0 && (size_t)used < size && access(out, R_OK) == 0) return;
        }
    }
    *out = '\0';
}

bool th_config_load(th_settings_t *settings, const char *file,
                    const th_setting_override_t *overrides, size_t override_count,
                    th_error_t *error) {
    char found[PATH_SIZE];
    if (!file) {
        th_config_default_file(found, sizeof(found));
        file = *found ? found : NULL;
    }
    th_settings_defaults(settings);
    if (file && !load_file(settings, file, error)) return false;
    if (!load_environment(settings, error)) return false;
    for (size_t i = 0; i < override_count; i++)
        if (!th_settings_set(settings, overrides[i].name, overrides[i].text, overrides[i].source,
                             error))
            return false;
    return th_settings_check(settings, error);
}
