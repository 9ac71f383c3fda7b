/* tool_stubs.c - `tool stubs`: what lua-language-server needs to know tool files: the words, `call`
 * and the modules' global names. Made by lua/manual/stubs.lua, built in, in a plain state: it is
 * our own text, not a script of anybody's. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <lauxlib.h>
#include <lualib.h>

#include "cli/tool.h"
#include "script/library.h"

static int fail(const char *path, const char *why) {
    (void)fprintf(stderr, "tallyhost: %s: %s\n", path, why);
    return TH_EXIT_FAILURE;
}

/* require "manual.words" of the built-in files. */
static int require_manual(lua_State *L) {
    char file[128];
    (void)snprintf(file, sizeof(file), "%.100s.lua", luaL_checkstring(L, 1));
    for (char *dot = file; (dot = strchr(dot, '.')) && strcmp(dot, ".lua") != 0;)
        *dot = '/';
    const th_library_file_t *found = th_library_find(file);
    if (!found) return luaL_error(L, "there is no %s", file);
    if (luaL_loadbufferx(L, found->text.data, found->text.length, file, "t") != LUA_OK)
        return lua_error(L);
    lua_call(L, 0, 1);
    return 1;
}

/* Leaves the text of the stubs, or an error message; true when it is the text. */
static bool make(lua_State *L) {
    luaL_openlibs(L);
    lua_pushcfunction(L, require_manual);
    lua_setglobal(L, "require");
    lua_pushcfunction(L, require_manual);
    lua_pushliteral(L, "manual.stubs");
    return lua_pcall(L, 1, 1, 0) == LUA_OK && lua_type(L, -1) == LUA_TSTRING;
}

static int write_file(const char *path, const char *text, size_t length) {
    FILE *file = fopen(path, "we");
    if (!file) return fail(path, strerror(errno));
    bool done = fwrite(text, 1, length, file) == length;
    if (fclose(file) != 0 || !done) return fail(path, strerror(errno));
    puts(path);
    return TH_EXIT_OK;
}

static const char settings_text[] =
    "{\n"
    "  \"runtime.version\": \"Lua 5.4\",\n"
    "  \"runtime.builtin\": { \"io\": \"disable\", \"os\": \"disable\", \"package\": \"disable\",\n"
    "    \"debug\": \"disable\", \"coroutine\": \"disable\" },\n"
    "  \"workspace.library\": [\".stubs\"],\n"
    "  \"workspace.checkThirdParty\": false,\n"
    "  \"diagnostics.disable\": [\"lowercase-global\"]\n"
    "}\n";

int th_tool_stubs(const th_program_t *program, const char *directory) {
    char folder[1024], path[1100];
    const char *root = directory ? directory : program->settings.script_tools;
    lua_State *L = luaL_newstate();
    if (!L) return fail("stubs", "out of memory");
    (void)snprintf(folder, sizeof(folder), "%s/.stubs", root);
    int code = TH_EXIT_FAILURE;
    if (!make(L)) {
        fail("stubs", lua_tostring(L, -1));
    } else if (mkdir(root, 0755) != 0 && errno != EEXIST) {
        fail(root, strerror(errno));
    } else if (mkdir(folder, 0755) != 0 && errno != EEXIST) {
        fail(folder, strerror(errno));
    } else {
        size_t length;
        const char *text = lua_tolstring(L, -1, &length);
        (void)snprintf(path, sizeof(path), "%s/tallyhost.lua", folder);
        code = write_file(path, text, length);
        (void)snprintf(path, sizeof(path), "%s/.luarc.json", root);
        if (code == TH_EXIT_OK) code = write_file(path, settings_text, strlen(settings_text));
    }
    lua_close(L);
    return fflush(stdout) == 0 ? code : TH_EXIT_FAILURE;
}
