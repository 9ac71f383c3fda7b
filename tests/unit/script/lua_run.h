/* lua_run.h - for tests: a state with chosen limits, and running a piece of Lua in it. */
#ifndef TH_TESTS_LUA_RUN_H
#define TH_TESTS_LUA_RUN_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <lauxlib.h>
#include <lua.h>

#include "check.h"
#include "script/state.h"

typedef struct lua_run {
    th_state_t *state;
    th_json_parser_t *parser;
    const char *source;
    size_t length;
    char result[512]; /* tostring of the first value that the chunk returned */
    th_error_t error;
    th_budget_t budget;
} lua_run_t;

static inline void lua_run_open(lua_run_t *run, size_t memory, uint64_t steps) {
    memset(run, 0, sizeof *run);
    run->parser = th_json_parser_new();
    assert_non_null(run->parser);
    th_state_limits_t limits = {.memory = memory, .slice_ns = 0, .pattern_steps = steps};
    run->state = th_state_open(&limits, run->parser, NULL, &run->error);
    assert_non_null(run->state);
}

static inline void lua_run_close(lua_run_t *run) {
    th_state_close(run->state);
    th_json_parser_free(run->parser);
}

static inline int lua_run_inside(lua_State *L) {
    lua_run_t *run = lua_touserdata(L, 1);
    if (luaL_loadbufferx(L, run->source, run->length, "=test", "t") != LUA_OK) return lua_error(L);
    lua_call(L, 0, 1);
    size_t length = 0;
    const char *text = luaL_tolstring(L, -1, &length);
    snprintf(run->result, sizeof run->result, "%s", text);
    return 0;
}

/* Runs <source> under <milliseconds> of CPU time. */
static inline th_state_end_t lua_run_for(lua_run_t *run, const char *source,
                                         unsigned milliseconds) {
    run->source = source;
    run->length = strlen(source);
    run->result[0] = '\0';
    th_error_clear(&run->error);
    run->budget = (th_budget_t){.cpu_limit_ns = milliseconds * UINT64_C(1000000)};
    return th_state_protect(run->state, &run->budget, lua_run_inside, run, &run->error);
}

/* The chunk must end well and return <expected>. */
static inline void lua_run_gives(lua_run_t *run, const char *source, const char *expected) {
    th_state_end_t end = lua_run_for(run, source, 5000);
    if (end != TH_STATE_DONE) fail_msg("%s\n  ended with %d: %s", source, end, run->error.message);
    if (strcmp(run->result, expected) != 0) {
        fail_msg("%s\n  gave      %s\n  and not   %s", source, run->result, expected);
    }
}

/* The chunk must raise an error that has <part> in it. */
static inline void lua_run_raises(lua_run_t *run, const char *source, const char *part) {
    th_state_end_t end = lua_run_for(run, source, 5000);
    if (end != TH_STATE_RAISED) fail_msg("%s\n  ended with %d: %s", source, end, run->result);
    if (!strstr(run->error.message, part)) {
        fail_msg("%s\n  raised    %s\n  without   %s", source, run->error.message, part);
    }
}

#endif
