/* sandbox_math.c - the math library, with chance that belongs to the call and not to the state.
 * The functions are Lua's own: none loops or allocates. random is ours: its seed is in the budget,
 * so that the host can seed a call (replay), and no call can predict another. */
#include <lauxlib.h>
#include <lualib.h>

#include "base/random.h"
#include "script/sandbox.h"
#include "script/state.h"

static const char *const kept[] = {
    "abs",  "acos", "asin", "atan", "ceil",       "cos",  "deg",        "exp",  "floor",
    "fmod", "huge", "log",  "max",  "maxinteger", "min",  "mininteger", "modf", "pi",
    "rad",  "sin",  "sqrt", "tan",  "tointeger",  "type", "ult",
};

/* xorshift128+; a zero state is seeded from the system. */
static uint64_t next_random(th_budget_t *budget) {
    while (budget->random[0] == 0 && budget->random[1] == 0) {
        th_random_bytes(budget->random, sizeof budget->random);
    }
    uint64_t a = budget->random[0], b = budget->random[1];
    budget->random[0] = b;
    a ^= a << 23;
    budget->random[1] = a ^ b ^ (a >> 17) ^ (b >> 26);
    return budget->random[1] + b;
}

/* Uniform in [0, limit], without the bias of a remainder. */
static uint64_t random_up_to(th_budget_t *budget, uint64_t limit) {
    uint64_t mask = limit;
    for (unsigned shift = 1; shift < 64; shift *= 2)
        mask |= mask >> shift;
    uint64_t value = next_random(budget) & mask;
    while (value > limit)
        value = next_random(budget) & mask; /* half of the tries succeed, at least */
    return value;
}

static int math_random(lua_State *L) {
    th_budget_t own = {.random = {0, 0}};
    th_budget_t *budget = th_state_budget(L);
    if (!budget) budget = &own;
    lua_Integer low = 1, high = 0;
    switch (lua_gettop(L)) {
    case 0: lua_pushnumber(L, (lua_Number)(next_random(budget) >> 11) * 0x1p-53); return 1;
    case 1: high = luaL_checkinteger(L, 1); break;
    case 2:
        low = luaL_checkinteger(L, 1);
        high = luaL_checkinteger(L, 2);
        break;
    default: return luaL_error(L, "math.random takes at most two numbers");
    }
    luaL_argcheck(L, low <= high, lua_gettop(L), "interval is empty");
    uint64_t number = (uint64_t)low + random_up_to(budget, (uint64_t)high - (uint64_t)low);
    lua_pushinteger(L, (lua_Integer)number);
    return 1;
}

void th_sandbox_open_math(lua_State *L) {
    lua_createtable(L, 0, 32);
    lua_pushcfunction(L, luaopen_math);
    lua_call(L, 0, 1);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        lua_getfield(L, -1, kept[i]);
        lua_setfield(L, -3, kept[i]);
    }
    lua_pop(L, 1);
    lua_pushcfunction(L, math_random);
    lua_setfield(L, -2, "random");
    th_sandbox_protect_table(L, "math", 0);
    lua_setfield(L, -2, "math");
}
