/* test_sandbox.c - the world: what is there, what is not, and that every function in it is bounded.
 * Each row of the sandbox table of the threat model that can be shown in one state is a test here.
 */
#include "check.h"

#include <stdlib.h>

#include "lua_run.h"
#include "script/sandbox.h"

#define MEMORY (16u << 20)

static lua_run_t run;

static int open_run(void **state) {
    (void)state;
    lua_run_open(&run, MEMORY, 1000000);
    return 0;
}

static int close_run(void **state) {
    (void)state;
    lua_run_close(&run);
    return 0;
}

static void gives(const char *source, const char *expected) {
    lua_run_gives(&run, source, expected);
}

static void raises(const char *source, const char *part) {
    lua_run_raises(&run, source, part);
}

/* The script is ended by its time budget, however it tries to go on. */
static void runs_out_of_time(const char *source) {
    th_state_end_t end = lua_run_for(&run, source, 50);
    if (end != TH_STATE_NO_TIME)
        fail_msg("%s\n  ended with %d: %s", source, end, run.error.message);
    gives("return 'still fine'", "still fine");
}

static void runs_out_of_memory(const char *source) {
    th_state_end_t end = lua_run_for(&run, source, 20000);
    if (end != TH_STATE_NO_MEMORY)
        fail_msg("%s\n  ended with %d: %s", source, end, run.error.message);
    gives("return 'still fine'", "still fine");
    assert_true(th_state_memory(run.state) <= MEMORY);
}

/* ---- time ---- */

static void nothing_outlives_its_time(void **state) {
    (void)state;
    runs_out_of_time("while true do end");
    runs_out_of_time("repeat until false");
    runs_out_of_time("local function f() return f() end f()");
    runs_out_of_time("while true do pcall(function () while true do end end) end");
    runs_out_of_time("local function f() pcall(f) while true do end end f()");
    runs_out_of_time("while true do pcall(error) end");
    runs_out_of_time("while true do xpcall(error, function () while true do end end) end");
    runs_out_of_time(
        "xpcall(function () while true do end end, function () while true do end end)");
    runs_out_of_time(
        "local t = setmetatable({}, { __tostring = function () while true do end end }) "
        "while true do pcall(tostring, t) end");
    runs_out_of_time(
        "local t = setmetatable({}, { __index = function () while true do end end }) return t.x");
    runs_out_of_time(
        "local t = setmetatable({}, { __tostring = function () while true do end end }) print(t)");
    runs_out_of_time(
        "local t = setmetatable({}, { __tostring = function () while true do end end }) "
        "return string.format('%s', t)");
    runs_out_of_time("local t = {} for i = 1, 100 do t[i] = i end "
                     "while true do table.sort(t, function () return true end) end");
    runs_out_of_time("table.sort({ 1, 2 }, function () while true do end end)");
    runs_out_of_time("('x'):gsub('.', function () while true do end end)");
    runs_out_of_time("local s = ('x'):rep(1 << 20) while true do s:upper() end");
    runs_out_of_time("local s = ('x'):rep(1 << 20) local t = s .. 'y' s = s .. 'z' while true do "
                     "local _ = s < t end");
    runs_out_of_time("local s = ('a'):rep(1 << 20) while true do s:find('b', 1, true) end");
    runs_out_of_time(
        "local t = {} for i = 1, 50000 do t[i] = i end while true do table.insert(t, 1, 0) "
        "table.remove(t, 1) end");
    runs_out_of_time(
        "local t = {} for i = 1, 4000 do t[i] = i end while true do table.concat(t, ',') end");
    runs_out_of_time("local t = {} for i = 1, 50000 do t[i] = i end while true do table.move(t, 1, "
                     "50000, 2) end");
    runs_out_of_time("local s = ('x'):rep(1 << 19) while true do utf8.len(s) end");
    runs_out_of_time("local s = ('x'):rep(1 << 18) while true do json.encode(s) end");
    runs_out_of_time("local s = '[' .. ('1,'):rep(20000) .. '1]' while true do json.decode(s) end");
    runs_out_of_time(
        "local v = json.decode('[' .. ('1,'):rep(20000) .. '1]') while true do json.table(v) end");
    runs_out_of_time(
        "local v = json.decode('[' .. ('1,'):rep(20000) .. '1]') while true do tostring(v) end");
    runs_out_of_time("local a = json.decode('[' .. ('1,'):rep(20000) .. '1]') "
                     "local b = json.decode('[' .. ('1,'):rep(20000) .. '1]') while true do local "
                     "_ = a == b end");
    runs_out_of_time(
        "local big = ('x'):rep(1 << 20) local t = {} for i = 1, 2000 do t[i] = big end "
        "while true do table.sort(t) end");
}

/* ---- memory ---- */

static void nothing_outgrows_its_memory(void **state) {
    (void)state;
    runs_out_of_memory("local t = {} while true do t[#t + 1] = {} end");
    runs_out_of_memory("local s = 'x' while true do s = s .. s end");
    runs_out_of_memory("local t = {} for i = 1, 1e9 do t[i] = i end");
    runs_out_of_memory("local t = {} while true do pcall(function () t[#t + 1] = ('x'):rep(100000, "
                       "tostring(#t)) end) end");
    runs_out_of_memory(
        "local t = {} while true do pcall(function () while true do t[#t + 1] = {} end end) end");
    runs_out_of_memory(
        "local t = {} while true do t[#t + 1] = json.decode('[' .. ('1,'):rep(5000) .. '1]') end");
    runs_out_of_memory("local t = {} while true do pcall(function () t[#t + 1] = json.decode('[' "
                       ".. ('1,'):rep(5000) "
                       ".. '1]') end) end");
    runs_out_of_memory("local function f() return 1 + f() end local ok, e = pcall(f) "
                       "local t = {} while true do t[#t + 1] = e .. #t end");
}

static void deep_recursion_ends(void **state) {
    (void)state;
    th_state_end_t end =
        lua_run_for(&run, "local function f() return 1 + f() end return f()", 5000);
    assert_true(end == TH_STATE_RAISED || end == TH_STATE_NO_MEMORY);
    raises("local function f() return pcall(f) end local ok, a = f() error('ended')", "ended");
    raises("local s = ('('):rep(300) return ('x'):find(s)", "too many captures");
    raises("local t = setmetatable({}, {}) local function f() return tostring(t) end "
           "t = setmetatable({}, { __tostring = f }) return tostring(t)",
           "stack overflow");
    gives("return 'still fine'", "still fine");
}

static void rejected_memory_can_be_survived(void **state) {
    (void)state;
    gives(
        "local ok = pcall(function () local t = {} while true do t[#t + 1] = {} end end) return ok",
        "false");
    gives("local ok, e = pcall(string.rep, 'x', 1 << 30) return ok", "false");
}

/* ---- modules ---- */

static th_slice_t find_nothing(void *arg, th_slice_t name) {
    (void)arg;
    (void)name;
    return th_slice(NULL, 0);
}

static void unknown_modules_are_named(void **state) {
    (void)state;
    raises("use 'tallyfy.nothing'", "there is no module 'tallyfy.nothing'");
    th_state_set_modules(run.state, find_nothing, NULL, 1);
    raises("use 'tallyfy.nothing'", "there is no module 'tallyfy.nothing'");
    raises("use '../../etc/passwd'", "there is no module");
    raises("use(('x'):rep(1000))", "too long");
    raises("use {}", "string expected");
}

#define MODULE_COUNT 5

typedef struct module {
    char bytecode[4096];
    size_t length;
} module_t;

static const char *const module_names[MODULE_COUNT] = {"good", "circle", "silent", "broken",
                                                       "counted"};
static const char *const module_texts[MODULE_COUNT] = {
    "local m = { list = { 1, 2, 3 }, 'a', 'b' } function m.double(x) return 2 * x end return m",
    "return use 'circle'",
    "local x = 1",
    "error('broken module')",
    "return { n = math.random(1 << 60) }",
};

static int keep_bytes(lua_State *L, const void *data, size_t size, void *arg) {
    (void)L;
    module_t *module = arg;
    if (module->length + size > sizeof module->bytecode) return 1;
    memcpy(module->bytecode + module->length, data, size);
    module->length += size;
    return 0;
}

static int compile_modules(lua_State *L) {
    module_t *modules = lua_touserdata(L, 1);
    for (size_t i = 0; i < MODULE_COUNT; i++) {
        const char *text = module_texts[i];
        if (luaL_loadbufferx(L, text, strlen(text), module_names[i], "t")) return lua_error(L);
        if (lua_dump(L, keep_bytes, &modules[i], 0)) return luaL_error(L, "too long");
    }
    return 0;
}

static th_slice_t find_module(void *arg, th_slice_t name) {
    const module_t *modules = arg;
    for (size_t i = 0; i < MODULE_COUNT; i++) {
        if (th_slice_is(name, module_names[i]))
            return th_slice(modules[i].bytecode, modules[i].length);
    }
    return th_slice(NULL, 0);
}

static void modules_are_shared_and_read_only(void **state) {
    (void)state;
    module_t *modules = calloc(MODULE_COUNT, sizeof *modules);
    assert_non_null(modules);
    assert_int_equal(th_state_protect(run.state, NULL, compile_modules, modules, &run.error),
                     TH_STATE_DONE);
    th_state_set_modules(run.state, find_module, modules, 1);
    gives("return (use 'good').double(21)", "42");
    gives("local m = use 'good' return #m .. m[2] .. m.list[3]", "2b3");
    gives("local n = 0 for k, v in pairs(use 'good') do n = n + 1 end return n", "4");
    gives("return rawequal(use 'good', use 'good')", "true");
    raises("local m = use 'good' m.double = print", "'good' is read-only");
    raises("rawset(use 'good', 'double', print)", "read-only");
    raises("use 'circle'", "uses itself");
    raises("use 'circle'", "uses itself");
    raises("use 'silent'", "returns nothing");
    raises("use 'broken'", "broken module");
    raises("use 'broken'", "broken module");
    gives("return (use 'counted').n == (use 'counted').n", "true");
    lua_run_for(&run, "return (use 'counted').n", 1000);
    char first[512];
    strcpy(first, run.result);
    th_state_set_modules(run.state, find_module, modules, 2);
    lua_run_for(&run, "return (use 'counted').n", 1000);
    assert_string_not_equal(first, run.result); /* each generation has its own */
    free(modules);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_run, close_run)
        TEST(nothing_outlives_its_time), TEST(nothing_outgrows_its_memory),
        TEST(deep_recursion_ends),       TEST(rejected_memory_can_be_survived),
        TEST(unknown_modules_are_named), TEST(modules_are_shared_and_read_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
