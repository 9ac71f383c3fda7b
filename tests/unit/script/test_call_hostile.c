/* test_call_hostile.c - tools that loop, grow, lie and trick: each gets its caller a clear outcome,
 * while calls of another session on the same loop go on undisturbed. */
#include "check.h"

#include "call_fixture.h"

static const char *fixture_answer(th_api_t *api, const char *asked) {
    if (!strstr(asked, "/big")) return "{\"data\":{\"title\":\"T\"}}";
    if (!api->scratch) { /* about 1 MB */
        enum { COUNT = 60000 };
        api->scratch = malloc(20 + COUNT * 18);
        assert_non_null(api->scratch);
        char *out = api->scratch + sprintf(api->scratch, "{\"data\":[0");
        for (int i = 0; i < COUNT; i++)
            out += sprintf(out, ",{\"n\":%d}", i);
        strcpy(out, "]}");
    }
    return api->scratch;
}

static int open_all(void **state) {
    (void)state;
    fixture_open();
    return 0;
}

static int close_all(void **state) {
    (void)state;
    fixture_close();
    return 0;
}

/* Runs <body> in one state while quick calls run in another, one after the other. Returns how many
 * of them were done before the hostile one. */
static unsigned beside_quick_calls(const char *body, result_t *hostile) {
    fixture_tool("hostile", body);
    fixture_tool("quick", "local t = call.api:get('/x') return 'quick ' .. t.title");
    fixture_load();
    result_t quick;
    memset(hostile, 0, sizeof *hostile);
    memset(&quick, 0, sizeof quick);
    unsigned before = 0;
    fixture_start(fixture.script, "hostile", NULL, hostile);
    while (!hostile->done) {
        fixture_start(fixture.other, "quick", NULL, &quick);
        fixture_finish(&quick);
        assert_int_equal(quick.outcome, TH_CALL_OK);
        assert_string_equal(quick.text, "quick T");
        if (!hostile->done) before++;
    }
    /* The state of the hostile call is as good as new. */
    fixture_start(fixture.script, "quick", NULL, &quick);
    fixture_finish(&quick);
    if (quick.outcome != TH_CALL_OK)
        fail_msg("%s\n  left a state that says: %s", body, quick.message);
    return before;
}

static void endless(const char *body) {
    result_t hostile;
    unsigned before = beside_quick_calls(body, &hostile);
    if (hostile.outcome != TH_CALL_NO_TIME || strcmp(hostile.code, "time_budget") != 0) {
        fail_msg("%s\n  ended with %d: %s", body, hostile.outcome, hostile.message);
    }
    assert_non_null(strstr(hostile.message, "time budget"));
    assert_true(fixture_logged("tool=hostile stopped after"));
    if (before < 1) fail_msg("%s\n  let only %u other calls through", body, before);
}

static void loops_leave_room_for_others(void **state) {
    (void)state;
    endless("while true do end");
    endless("while true do pcall(function () while true do end end) end");
    endless("while true do xpcall(error, function () while true do end end) end");
    endless("local function f() return f() end return f()");
    endless("table.sort({ 2, 1 }, function () while true do end end)");
    endless(
        "while true do table.sort({ 3, 2, 1 }, function () return math.random() < 0.5 end) end");
    endless("('x'):gsub('.', function () while true do end end)");
    endless("local t = setmetatable({}, { __index = function (t, k) return t[k + 1] and 1 end }) "
            "while true do pcall(function () return t[1] end) end");
    endless("local s = ('a'):rep(100000) while true do pcall(string.find, s, ('.-'):rep(10) .. "
            "'b') end");
    endless("local s = ('('):rep(2000000) while true do pcall(string.find, s, '%b()') end");
    endless("local s = ('x'):rep(1000000) while true do s:upper() end");
    endless("local s = ('x'):rep(1000000) while true do local _ = s .. 'y' end");
    endless("local t = {} for i = 1, 50000 do t[i] = i end while true do table.concat(t, ',') end");
    endless("while true do print('flood') end");
    endless("while true do call.log('flood') call.progress(1) end");
    endless(
        "while true do local v = json.decode('[' .. ('1,'):rep(1000) .. '1]') json.encode(v) end");
    endless("while true do for k in pairs(call.user) do end end");
    endless("while true do pcall(use, 'nothing') end");
    endless("while true do pcall(function () call.api:get() end) end");
    endless("while true do setmetatable({}, { __index = {} }) end");
    endless("repeat local ok, e = pcall(error, setmetatable({}, { __tostring = function () "
            "error('x') end })) "
            "pcall(tostring, e) until false");
}

/* A stretch that cannot be paused is cut sooner, so others wait for a moment only. */
static void unpausable_loops_are_cut(void **state) {
    (void)state;
    static const char *const bodies[] = {
        "return string.format('%s', setmetatable({}, { __tostring = function () while true do end "
        "end }))",
        "print(setmetatable({}, { __tostring = function () while true do end end }))",
        "call.log(setmetatable({}, { __tostring = function () while true do end end }))",
        "while true do pcall(print, setmetatable({}, { __tostring = function () while true do end "
        "end })) end",
    };
    fixture.settings.script_cpu = 60000;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        result_t hostile;
        beside_quick_calls(bodies[i], &hostile);
        assert_int_equal(hostile.outcome, TH_CALL_NO_TIME);
        assert_non_null(strstr(hostile.message, "functions that the host calls back"));
    }
}

static void growing(const char *body) {
    result_t hostile;
    fixture.settings.script_cpu = 60000;
    fixture.settings.script_call_timeout = 600000; /* a busy machine must not end it first */
    beside_quick_calls(body, &hostile);
    if (hostile.outcome != TH_CALL_NO_MEMORY || strcmp(hostile.code, "memory_budget") != 0) {
        fail_msg("%s\n  ended with %d: %s", body, hostile.outcome, hostile.message);
    }
    assert_non_null(strstr(hostile.message, "memory budget"));
    assert_true(th_script_memory(fixture.script) < 2 << 20);
}

static void growth_meets_the_cap(void **state) {
    (void)state;
    growing("local t = {} while true do t[#t + 1] = {} end");
    growing("local s = 'x' while true do s = s .. s end");
    growing(
        "local t = {} while true do pcall(function () while true do t[#t + 1] = {} end end) end");
    growing("local t = {} while true do t[#t + 1] = call.api:get('/big') end");
    growing(
        "local t = {} while true do t[#t + 1] = json.decode('[' .. ('1,'):rep(5000) .. '1]') end");
    growing("local function f(n) local a, b, c, d = n, n, n, n return f(n + 1) + a + b + c + d end "
            "local t = {} while true do t[#t + 1] = select(2, pcall(f, 1)) .. #t end");
    growing("local t = {} for i = 1, 1e7 do t[i] = i end");
}

/* What goes through the API and is dropped again must not add up. */
static void big_answers_are_collected(void **state) {
    (void)state;
    fixture.settings.script_cpu = 60000;
    fixture.settings.script_requests = 100;
    result_t result;
    beside_quick_calls("local n = 0 for i = 1, 40 do n = n + #call.api:get('/big') end return n",
                       &result);
    assert_string_equal(result.text, "2400040");
    assert_true(th_script_memory(fixture.script) < 4 << 20);
}

static void other_tricks(void **state) {
    (void)state;
    static const struct {
        const char *body, *logged;
    } tricks[] = {
        {"return string.dump(print)", "attempt to call a nil value"},
        {"return load('return 1')", "undefined name 'load'"},
        {"return os.execute('id')", "undefined name 'os'"},
        {"return require 'os'", "undefined name 'require'"},
        {"return debug.getregistry()", "undefined name 'debug'"},
        {"return coroutine.wrap(print)", "undefined name 'coroutine'"},
        {"string.upper = nil", "'string' is read-only"},
        {"getmetatable('').__index = nil", "attempt to index a boolean value"},
        {"setmetatable({}, { __gc = print })", "__gc is not available"},
        {"setmetatable({}, { __close = print })", "__close is not available"},
        {"local m = {} local t = setmetatable({}, m) m.__close = print local x <close> = t",
         "non-closable value"},
        {"getmetatable(json.decode '[1]').__gc()", "attempt to index a boolean value"},
        {"tool 'x' {}", "undefined name 'tool'"},
        {"rawset(_ENV, 'print', nil)", "read-only"},
        {"error(call.api)", "raised"},
        {"error(nil)", "raised"},
        {"local t = {} t[0/0] = 1", "index is NaN"},
        {"return #5", "attempt to get length of a number"},
        {"return ('x'):rep(1 << 50)", "would be over"},
    };
    for (size_t i = 0; i < sizeof tricks / sizeof *tricks; i++) {
        result_t result;
        beside_quick_calls(tricks[i].body, &result);
        if (result.outcome != TH_CALL_BUG || !fixture_logged(tricks[i].logged)) {
            fail_msg("%s\n  ended with %d: %s", tricks[i].body, result.outcome, result.message);
        }
    }
}

/* One tool cannot prepare anything for the next through what they share. */
static void tools_of_a_state_share_nothing_they_can_change(void **state) {
    (void)state;
    fixture_tool(
        "poisons",
        "local done = 0 "
        "for _, try in ipairs { function () string.upper = print end, function () json.encode = "
        "print end, "
        "function () call.api.get = print end, function () rawset(call, 'user', 1) end, "
        "function () x = 1 end, function () (use 'tallyfy.shape').count = print end, "
        "function () table.insert(call.api, 1) end, function () setmetatable(call, {}) end } do "
        "if pcall(try) then done = done + 1 end end return tostring(done)");
    fixture_tool("clean", "return ('x'):upper() .. json.encode { 1 } .. call.user.name .. "
                          "(use 'tallyfy.shape').count(2, 'task')");
    fixture_load();
    result_t result;
    memset(&result, 0, sizeof result);
    fixture_call("poisons", NULL, &result);
    assert_string_equal(result.text, "0");
    fixture_call("clean", NULL, &result);
    assert_string_equal(result.text, "X[1]Ann2 tasks");
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)
        TEST(loops_leave_room_for_others),
        TEST(unpausable_loops_are_cut),
        TEST(growth_meets_the_cap),
        TEST(big_answers_are_collected),
        TEST(other_tricks),
        TEST(tools_of_a_state_share_nothing_they_can_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
