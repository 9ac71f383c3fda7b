/* sandbox_sort.c - table.sort as a merge sort that can be paused anywhere.
 * Always ends, whatever the comparator says; is stable; and the comparator may wait or be paused,
 * since all the state is in a userdata. Bottom-up: runs of `width` are merged from one list into
 * the other. */
#include <lauxlib.h>

#include "script/sandbox.h"
#include "script/state.h"

/* Stack: table, comparator or nil, spare table, run. The elements are merged from `source` to the
 * other. */
enum { SORT_TABLE = 1, SORT_COMPARATOR = 2, SORT_SPARE = 3, SORT_RUN = 4 };

/* What the continuation is told. */
enum { SORT_RESUMED = 0, SORT_ANSWERED = 1 };

typedef struct sort_run {
    lua_Integer length, width;
    lua_Integer low;              /* where the pair of runs being merged begins, from 1 */
    lua_Integer left, right, out; /* next elements of both runs, next place in the target */
    int source;                   /* SORT_TABLE or SORT_SPARE */
} sort_run_t;

static lua_Integer at_most(lua_Integer value, lua_Integer limit) {
    return value < limit ? value : limit;
}

static lua_Integer middle_of(const sort_run_t *run) {
    return at_most(run->low + run->width, run->length + 1);
}

static lua_Integer end_of(const sort_run_t *run) {
    return at_most(run->low + 2 * run->width, run->length + 1);
}

static void begin_pair(sort_run_t *run, lua_Integer low) {
    run->low = run->left = run->out = low;
    run->right = middle_of(run);
}

static void take(lua_State *L, sort_run_t *run, lua_Integer *from) {
    lua_rawgeti(L, run->source, (*from)++);
    lua_rawseti(L, run->source == SORT_TABLE ? SORT_SPARE : SORT_TABLE, run->out++);
}

/* A cost for comparing: two long equal strings are looked at to their end. */
static uint64_t cost_of(lua_State *L) {
    uint64_t cost = 32;
    if (lua_type(L, -1) == LUA_TSTRING && lua_type(L, -2) == LUA_TSTRING) {
        uint64_t a = lua_rawlen(L, -1), b = lua_rawlen(L, -2);
        cost += (a < b ? a : b) / 8;
    }
    return cost;
}

/* One pair of runs is merged: on to the next pair, or the next width. False when all is sorted. */
static bool next_pair(sort_run_t *run) {
    begin_pair(run, end_of(run));
    if (run->low <= run->length) return true;
    run->source = run->source == SORT_TABLE ? SORT_SPARE : SORT_TABLE;
    run->width *= 2;
    begin_pair(run, 1);
    return run->width < run->length;
}

static int sort_go_on(lua_State *L, int status, lua_KContext reason);

/* The right element goes first only if it is really less: that keeps the sort stable. */
static void answer(lua_State *L, sort_run_t *run) {
    bool right_first = lua_toboolean(L, -1);
    lua_pop(L, 1);
    take(L, run, right_first ? &run->right : &run->left);
}

static void compare(lua_State *L, sort_run_t *run) {
    bool custom = !lua_isnil(L, SORT_COMPARATOR);
    if (custom) lua_pushvalue(L, SORT_COMPARATOR);
    lua_rawgeti(L, run->source, run->right);
    lua_rawgeti(L, run->source, run->left);
    if (custom) {
        lua_callk(L, 2, 1, SORT_ANSWERED, sort_go_on);
    } else {
        bool less = lua_compare(L, -2, -1, LUA_OPLT);
        lua_pop(L, 2);
        lua_pushboolean(L, less);
    }
    answer(L, run);
}

static int finish(lua_State *L, sort_run_t *run) {
    if (run->source == SORT_SPARE) {
        for (lua_Integer i = 1; i <= run->length; i++) {
            lua_rawgeti(L, SORT_SPARE, i);
            lua_rawseti(L, SORT_TABLE, i);
        }
        th_state_charge(L, (uint64_t)run->length * 8);
    }
    return 0;
}

static int sort_go_on(lua_State *L, int status, lua_KContext reason) {
    (void)status;
    sort_run_t *run = lua_touserdata(L, SORT_RUN);
    if (reason == SORT_ANSWERED) answer(L, run);
    do {
        lua_Integer middle = middle_of(run), end = end_of(run);
        while (run->left < middle && run->right < end) {
            lua_rawgeti(L, run->source, run->right);
            lua_rawgeti(L, run->source, run->left);
            uint64_t cost = cost_of(L);
            lua_pop(L, 2);
            if (th_state_pause_due(L, cost)) return th_state_pause(L, SORT_RESUMED, sort_go_on);
            compare(L, run);
        }
        while (run->left < middle)
            take(L, run, &run->left);
        while (run->right < end)
            take(L, run, &run->right);
    } while (next_pair(run));
    return finish(L, run);
}

static int table_sort(lua_State *L) {
    th_sandbox_check_writable(L, 1, "table.sort");
    if (!lua_isnoneornil(L, 2)) luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_Integer length = (lua_Integer)lua_rawlen(L, 1);
    if (length < 2) return 0;
    luaL_argcheck(L, length < 1 << 24, 1, "too many elements to sort");
    lua_settop(L, 2);
    lua_createtable(L, (int)length, 0);
    sort_run_t *run = lua_newuserdatauv(L, sizeof *run, 0);
    *run = (sort_run_t){.length = length, .width = 1, .source = SORT_TABLE};
    begin_pair(run, 1);
    return sort_go_on(L, LUA_OK, SORT_RESUMED);
}

void th_sandbox_add_sort(lua_State *L) {
    lua_pushcfunction(L, table_sort);
    lua_setfield(L, -2, "sort");
}
