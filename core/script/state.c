/* state.c - the hook, budgets and the two doors into Lua (protect, resume); opening and closing. */
#include "script/state.h"

#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

#include "base/clock.h"
#include "script/sandbox.h"
#include "script/state_internal.h"

/* A tick that took longer than this had slow instructions in it. */
#define TICK_SLOW_NS 1000000u
/* A stretch that cannot be paused (a metamethod called from C) may take this long. */
#define BURST_NS 100000000u
/* C work (bytes looked at, steps of a pattern) after which the clock is looked at. */
#define UNITS_PER_LOOK 50000u

/* Its address is the error value that ends a run; scripts never see it. */
static const char stop_mark = 0;

static void on_tick(lua_State *L, lua_Debug *activation);

th_state_limits_t th_state_limits_of(const th_settings_t *settings) {
    return (th_state_limits_t){.memory = (size_t)settings->script_memory,
                               .slice_ns = (uint64_t)settings->script_slice * 1000000u,
                               .pattern_steps = (uint64_t)settings->script_pattern_steps,
                               .answer_bytes = (size_t)settings->script_answer_bytes};
}

/* Only reached when host code enters Lua unprotected, which is a defect here. */
static int on_panic(lua_State *L) {
    th_state_t *state = th_state_of(L);
    const char *message = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "no message";
    th_log(state->log, TH_LOG_ERROR, "script", "unprotected error in a Lua state: %s", message);
    abort();
}

/* ---- time ---- */

_Noreturn void th_state_raise_stop(lua_State *L) {
    th_state_poke(L);
    lua_pushlightuserdata(L, (void *)&stop_mark);
    lua_error(L);
    abort(); /* lua_error does not return; it is declared as if it did */
}

void th_state_rethrow_stop(lua_State *L) {
    const th_budget_t *budget = th_state_of(L)->budget;
    if (budget && budget->stop) th_state_raise_stop(L);
}

void th_state_poke(lua_State *co) {
    lua_sethook(co, on_tick, LUA_MASKCOUNT, 1); /* as safe as from a signal handler */
}

static int longest_interval(const th_state_t *state) {
    bool shorter = state->large_blocks > 0 && state->limits.tick > TICK_BESIDE_LARGE;
    return shorter ? TICK_BESIDE_LARGE : state->limits.tick;
}

static bool can_pause(th_state_t *state, lua_State *L) {
    return L != state->main && lua_isyieldable(L);
}

/* Looks at the clock. True when the slice is over and the run can give way. May raise. */
static bool look_at_clock(th_state_t *state, lua_State *L) {
    th_budget_t *budget = state->budget;
    if (budget->stop) th_state_raise_stop(L);
    uint64_t now = th_clock_thread_cpu_ns();
    uint64_t turn = now - state->entered_ns;
    uint64_t since_tick = now - state->ticked_ns;
    state->ticked_ns = now;
    budget->units = 0;
    if (budget->cpu_used_ns + turn > budget->cpu_limit_ns) {
        budget->stop = TH_STOP_TIME;
        th_state_raise_stop(L);
    }
    if (since_tick > TICK_SLOW_NS) {
        state->interval = TICK_LARGE;
    } else {
        state->interval *= 2;
    }
    if (state->interval > longest_interval(state)) state->interval = longest_interval(state);
    if (state->limits.slice_ns == 0 || turn <= state->limits.slice_ns || L == state->main)
        return false;
    if (can_pause(state, L)) return true;
    if (turn > BURST_NS + state->limits.slice_ns) {
        budget->stop = TH_STOP_BURST;
        th_state_raise_stop(L);
    }
    return false;
}

static void on_tick(lua_State *L, lua_Debug *activation) {
    (void)activation;
    th_state_t *state = th_state_of(L);
    bool pause = state->budget && look_at_clock(state, L);
    lua_sethook(L, on_tick, LUA_MASKCOUNT, state->interval);
    if (pause) {
        state->paused = true;
        lua_yield(L, 0); /* in a hook this returns; the VM yields after it */
    }
}

void th_state_charge(lua_State *L, uint64_t units) {
    th_budget_t *budget = th_state_of(L)->budget;
    if (!budget) return;
    budget->units += units;
    if (budget->units >= UNITS_PER_LOOK) th_state_poke(L);
}

bool th_state_pause_due(lua_State *L, uint64_t units) {
    th_state_t *state = th_state_of(L);
    if (!state->budget) return false;
    state->budget->units += units;
    return state->budget->units >= UNITS_PER_LOOK && look_at_clock(state, L);
}

void th_state_check(lua_State *L, uint64_t units) {
    (void)th_state_pause_due(L, units);
}

int th_state_pause(lua_State *L, lua_KContext context, lua_KFunction next) {
    th_state_of(L)->paused = true;
    return lua_yieldk(L, 0, context, next);
}

/* ---- the two doors ---- */

typedef struct turn {
    th_budget_t *budget;
    lua_State *running;
    uint64_t entered_ns;
} turn_t;

static turn_t turn_begin(th_state_t *state, lua_State *L, th_budget_t *budget) {
    turn_t outer = {state->budget, state->running, state->entered_ns};
    state->budget = budget;
    state->running = L;
    state->interval = longest_interval(state);
    state->paused = false;
    state->refused_size = 0;
    if (budget) {
        budget->units = 0;
        state->entered_ns = state->ticked_ns = th_clock_thread_cpu_ns();
    }
    lua_sethook(L, on_tick, LUA_MASKCOUNT, budget && budget->stop ? 1 : state->interval);
    return outer;
}

static void turn_end(th_state_t *state, turn_t outer) {
    if (state->budget) {
        state->budget->cpu_used_ns += th_clock_thread_cpu_ns() - state->entered_ns;
    }
    state->budget = outer.budget;
    state->running = outer.running;
    state->entered_ns = outer.entered_ns;
}

/* Some of Lua's library, and views, report a refused allocation as an ordinary error. */
bool th_state_lacks_memory(lua_State *L, int status, const th_budget_t *budget) {
    if (status == LUA_ERRMEM) return true;
    if (!budget) return false;
    if (budget->stop == TH_STOP_MEMORY) return true;
    if (budget->refusals == 0 || lua_type(L, -1) != LUA_TSTRING) return false;
    const char *message = lua_tostring(L, -1);
    return strstr(message, "not enough memory") || strstr(message, "stack overflow");
}

static th_state_end_t end_of(lua_State *L, int status, const th_budget_t *budget,
                             th_error_t *error) {
    if (status == LUA_OK) return TH_STATE_DONE;
    if (budget && (budget->stop == TH_STOP_TIME || budget->stop == TH_STOP_BURST)) {
        th_error_set(error, "no_time", "it used more than its CPU time");
        return TH_STATE_NO_TIME;
    }
    if (th_state_lacks_memory(L, status, budget)) {
        th_error_set(error, "no_memory", "it asked for more memory than it may have");
        return TH_STATE_NO_MEMORY;
    }
    const char *message = "an error that is not text was raised";
    if (budget && budget->stop == TH_STOP_CANCEL) {
        message = "it was cancelled";
    } else if (lua_type(L, -1) == LUA_TSTRING) {
        message = lua_tostring(L, -1);
    }
    th_error_set(error, "raised", "%s", message);
    return TH_STATE_RAISED;
}

th_state_end_t th_state_protect(th_state_t *state, th_budget_t *budget, lua_CFunction function,
                                void *arg, th_error_t *error) {
    lua_State *L = state->main;
    int top = lua_gettop(L);
    turn_t outer = turn_begin(state, L, budget);
    lua_pushcfunction(L, function); /* light: nothing is allocated before pcall */
    lua_pushlightuserdata(L, arg);
    int status = lua_pcall(L, 1, 0, 0);
    turn_end(state, outer);
    th_state_end_t end = end_of(L, status, budget, error);
    lua_settop(L, top);
    return end;
}

int th_state_resume(th_state_t *state, lua_State *co, th_budget_t *budget, int count,
                    bool *paused) {
    int results = 0;
    turn_t outer = turn_begin(state, co, budget);
    int status = lua_resume(co, state->main, count, &results);
    if (status == LUA_YIELD) lua_pop(co, results);
    *paused = status == LUA_YIELD && state->paused;
    turn_end(state, outer);
    return status;
}

/* ---- life ---- */

static int build(lua_State *L) {
    th_state_t *state = th_state_of(L);
    th_sandbox_build(L, lua_touserdata(L, 1));
    th_lua_json_account_t account = th_state_account(state);
    th_lua_json_set_account(L, &account);
    return 0;
}

th_state_t *th_state_open(const th_state_limits_t *limits, th_json_parser_t *parser,
                          const th_log_t *log, th_error_t *error) {
    th_state_t *state = calloc(1, sizeof *state);
    if (!state) goto out_of_memory;
    state->limits = *limits;
    if (state->limits.tick <= 0) state->limits.tick = TICK_DEFAULT;
    state->parser = parser;
    state->log = log;
    state->interval = state->limits.tick;
    state->main = lua_newstate(th_state_allocate, state);
    if (!state->main) goto out_of_memory;
    *(th_state_t **)lua_getextraspace(state->main) = state;
    lua_atpanic(state->main, on_panic);
    lua_gc(state->main, LUA_GCINC, 150, 0,
           0); /* collect earlier than at twice the size: there is a cap */
    if (th_state_protect(state, NULL, build, parser, error) == TH_STATE_DONE) return state;
    th_state_close(state);
    return NULL;
out_of_memory:
    th_error_set(error, "no_memory", "no memory for a Lua state within %zu bytes", limits->memory);
    th_state_close(state);
    return NULL;
}

void th_state_close(th_state_t *state) {
    if (!state) return;
    if (state->main) lua_close(state->main);
    free(state);
}

lua_State *th_state_lua(th_state_t *state) {
    return state->main;
}

void th_state_set_owner(th_state_t *state, void *owner) {
    state->owner = owner;
}

void *th_state_owner(lua_State *L) {
    return th_state_of(L)->owner;
}

th_state_t *th_state_of(lua_State *L) {
    return *(th_state_t **)lua_getextraspace(L);
}

th_budget_t *th_state_budget(lua_State *L) {
    return th_state_of(L)->budget;
}

const th_state_limits_t *th_state_limits(lua_State *L) {
    return &th_state_of(L)->limits;
}

/* ---- print and modules ---- */

void th_state_set_print(th_state_t *state, th_state_print_t print, void *arg) {
    state->print = print;
    state->print_arg = arg;
}

void th_state_print(lua_State *L, th_slice_t line) {
    th_state_t *state = th_state_of(L);
    if (state->budget && ++state->budget->printed > TH_STATE_PRINT_LINES) return;
    if (state->print) {
        state->print(state->print_arg, line);
    } else {
        th_log(state->log, TH_LOG_INFO, "script", "print: %.*s", (int)line.length, line.data);
    }
}

void th_state_set_modules(th_state_t *state, th_module_find_t find, void *arg,
                          uint64_t generation) {
    state->find = find;
    state->find_arg = arg;
    state->generation = generation;
}

th_slice_t th_state_find_module(lua_State *L, th_slice_t name, uint64_t *generation) {
    th_state_t *state = th_state_of(L);
    *generation = state->generation;
    return state->find ? state->find(state->find_arg, name) : th_slice(NULL, 0);
}
