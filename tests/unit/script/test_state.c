/* test_state.c - the state itself: allocator, budgets, the two doors, pauses. */
#include "check.h"

#include <pthread.h>

#include "lua_run.h"

static void opens_and_closes_cheaply(void **state) {
    (void)state;
    lua_run_t run;
    lua_run_open(&run, 1 << 20, 1000);
    assert_true(th_state_memory(run.state) > 0);
    assert_true(th_state_memory(run.state) < 40000);
    assert_ptr_equal(th_state_of(th_state_lua(run.state)), run.state);
    lua_run_close(&run);
    th_state_close(NULL);
}

/* A state is opened, used and closed under every cap from nothing upwards: each time it works or
 * fails cleanly; the sanitizers see whether anything is left. */
static void every_memory_cap_ends_cleanly(void **state) {
    (void)state;
    th_json_parser_t *parser = th_json_parser_new();
    unsigned opened = 0, refused = 0, ended[4] = {0, 0, 0, 0};
    for (size_t cap = 512; cap < 320 * 1024; cap += cap < 64 * 1024 ? 256 : 2048) {
        th_state_limits_t limits = {.memory = cap, .pattern_steps = 10000};
        th_error_t error = {.code = ""};
        lua_run_t run = {.parser = parser, .state = th_state_open(&limits, parser, NULL, &error)};
        if (!run.state) {
            assert_string_equal(error.code, "no_memory");
            refused++;
            continue;
        }
        opened++;
        th_state_end_t end =
            lua_run_for(&run,
                        "local t = {} for i = 1, 200 do t[i] = { n = i, s = ('x'):rep(i) } end "
                        "table.sort(t, function (a, b) return a.n > b.n end) "
                        "local s = ('a b c d'):gsub('%a', function (c) return c .. c end) "
                        "local v = json.decode(json.encode { a = t, s = s }) "
                        "local ok = pcall(error, setmetatable({}, { __index = t })) "
                        "return string.format('%s %d %q', s, #v.a, tostring(ok))",
                        5000);
        ended[end]++;
        assert_true(end == TH_STATE_DONE || end == TH_STATE_NO_MEMORY);
        assert_true(th_state_memory(run.state) <= cap);
        th_state_close(run.state);
    }
    assert_true(opened > 0 && refused > 0 && ended[TH_STATE_DONE] > 0 &&
                ended[TH_STATE_NO_MEMORY] > 0);
    th_json_parser_free(parser);
}

static void a_state_survives_its_refusals(void **state) {
    (void)state;
    lua_run_t run;
    lua_run_open(&run, 1 << 20, 1000);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(lua_run_for(&run, "local t = {} while true do t[#t + 1] = {} end", 5000),
                         TH_STATE_NO_MEMORY);
        assert_string_equal(run.error.code, "no_memory");
        lua_run_gives(&run, "return 1", "1");
    }
    lua_run_close(&run);
}

/* A document is held by a view that Lua takes for a few bytes. */
static void documents_count_as_memory(void **state) {
    (void)state;
    lua_run_t run;
    lua_run_open(&run, 1 << 20, 1000);
    lua_run_gives(&run,
                  "local text = '[' .. ('1,'):rep(10000) .. '1]' "
                  "for i = 1, 100 do local v = json.decode(text) end return 'garbage goes'",
                  "garbage goes");
    th_state_end_t end = lua_run_for(&run,
                                     "local text, t = '[' .. ('1,'):rep(10000) .. '1]', {} "
                                     "for i = 1, 100 do t[i] = json.decode(text) end return #t",
                                     5000);
    assert_int_equal(end, TH_STATE_NO_MEMORY);
    assert_true(th_state_memory(run.state) <= 1 << 20);
    th_state_tidy(run.state);
    assert_true(th_state_memory(run.state) < 200000);
    lua_run_close(&run);
}

static void budgets_are_per_run(void **state) {
    (void)state;
    lua_run_t run;
    lua_run_open(&run, 1 << 20, 1000);
    assert_int_equal(lua_run_for(&run, "while true do end", 20), TH_STATE_NO_TIME);
    assert_int_equal(run.budget.stop, TH_STOP_TIME);
    assert_true(run.budget.cpu_used_ns >= 20 * 1000000u);
    lua_run_gives(&run, "for i = 1, 1e5 do end return 'again'", "again");
    assert_int_equal(run.budget.stop, TH_STOP_NONE);
    lua_run_close(&run);
}

static void keep_line(void *arg, th_slice_t line) {
    snprintf(arg, 64, "%.*s", (int)line.length, line.data);
}

static void print_and_its_bounds(void **state) {
    (void)state;
    lua_run_t run;
    char line[64] = "";
    lua_run_open(&run, 1 << 20, 1000);
    th_state_set_print(run.state, keep_line, line);
    lua_run_gives(&run, "print('a', 1, nil, {}, true)", "nil");
    assert_string_equal(line, "a\t1\tnil\ttable\ttrue");
    lua_run_gives(&run, "for i = 1, 1000 do print(i) end", "nil");
    assert_string_equal(line, "200");
    lua_run_gives(&run, "print(('x'):rep(100000))", "nil");
    lua_run_close(&run);
}

static int host_raises(lua_State *L) {
    return luaL_error(L, "from %s", (const char *)lua_touserdata(L, 1));
}

static int host_raises_a_table(lua_State *L) {
    lua_newtable(L);
    return lua_error(L);
}

static void protect_tells_what_was_raised(void **state) {
    (void)state;
    lua_run_t run;
    lua_run_open(&run, 1 << 20, 1000);
    char who[] = "the host";
    assert_int_equal(th_state_protect(run.state, NULL, host_raises, who, &run.error),
                     TH_STATE_RAISED);
    assert_string_equal(run.error.message, "from the host");
    assert_int_equal(th_state_protect(run.state, NULL, host_raises_a_table, NULL, &run.error),
                     TH_STATE_RAISED);
    assert_int_equal(th_state_protect(run.state, NULL, host_raises_a_table, NULL, NULL),
                     TH_STATE_RAISED);
    lua_run_close(&run);
}

/* ---- coroutines ---- */

typedef struct co_job {
    const char *source;
    lua_State *co;
} co_job_t;

static int make_co(lua_State *L) {
    co_job_t *job = lua_touserdata(L, 1);
    job->co = lua_newthread(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, job);
    if (luaL_loadstring(job->co, job->source) != LUA_OK)
        return luaL_error(L, "%s", lua_tostring(job->co, -1));
    return 0;
}

static th_state_t *open_sliced(th_json_parser_t *parser) {
    th_state_limits_t limits = {.memory = 8 << 20, .slice_ns = 1000000, .pattern_steps = 100000};
    th_state_t *opened = th_state_open(&limits, parser, NULL, NULL);
    assert_non_null(opened);
    return opened;
}

/* Resumes until the end; returns lua_resume's last status and counts the pauses. */
static int drive(th_state_t *opened, const char *source, uint64_t cpu_ms, th_budget_t *budget,
                 unsigned *pauses) {
    co_job_t job = {source, NULL};
    th_error_t error;
    assert_int_equal(th_state_protect(opened, NULL, make_co, &job, &error), TH_STATE_DONE);
    *budget = (th_budget_t){.cpu_limit_ns = cpu_ms * 1000000};
    *pauses = 0;
    for (;;) {
        bool paused = false;
        int status = th_state_resume(opened, job.co, budget, 0, &paused);
        if (status != LUA_YIELD) return status;
        assert_true(paused);
        ++*pauses;
    }
}

static void fair_pauses_in_every_kind_of_work(void **state) {
    (void)state;
    static const char *const works[] = {
        "for i = 1, 5e6 do end",
        "pcall(function () for i = 1, 5e6 do end end)",
        "xpcall(function () for i = 1, 5e6 do end end, print)",
        "('x'):gsub('.', function () for i = 1, 5e6 do end end)",
        "table.sort({ 2, 1 }, function () for i = 1, 5e6 do end end)",
        "tostring(setmetatable({}, { __tostring = function () for i = 1, 5e6 do end return '' end "
        "}))",
        "local t = setmetatable({}, { __index = function () for i = 1, 5e6 do end end }) local _ = "
        "t.x",
        "for k in pairs(setmetatable({}, { __pairs = function () for i = 1, 5e6 do end return "
        "next, {} end })) do end",
        "local t = {} for i = 1, 1e5 do t[i] = (i * 7919) % 100003 end table.sort(t)",
        "for i = 1, 300 do local s = ('a'):rep(10000) pcall(s.find, s, '.-b') end",
        "for i = 1, 3000 do local s = ('a'):rep(100000) .. i end",
    };
    th_json_parser_t *parser = th_json_parser_new();
    th_state_t *opened = open_sliced(parser);
    for (size_t i = 0; i < sizeof works / sizeof *works; i++) {
        th_budget_t budget;
        unsigned pauses = 0;
        int status = drive(opened, works[i], 60000, &budget, &pauses);
        if (status != LUA_OK || pauses < 3)
            fail_msg("%s\n  status %d, %u pauses", works[i], status, pauses);
    }
    th_state_close(opened);
    th_json_parser_free(parser);
}

static void results_are_right_across_pauses(void **state) {
    (void)state;
    static const char source[] =
        "local t = {} for i = 1, 30000 do t[i] = (i * 7919) % 30011 end "
        "table.sort(t, function (a, b) return a < b end) "
        "for i = 2, #t do if t[i - 1] > t[i] then error('unsorted') end end "
        "local n = 0 local s = ('ab'):rep(20000):gsub('a', function () n = n + 1 return '-' .. n "
        "end) "
        "if n ~= 20000 or not s:find('-20000b', 1, true) or s:sub(1, 8) ~= '-1b-2b-3' then "
        "error('wrong text') end ";
    th_json_parser_t *parser = th_json_parser_new();
    th_state_t *opened = open_sliced(parser);
    th_budget_t budget;
    unsigned pauses = 0;
    int status = drive(opened, source, 60000, &budget, &pauses);
    assert_int_equal(status, LUA_OK);
    assert_true(pauses > 3);
    th_state_close(opened);
    th_json_parser_free(parser);
}

/* The harshest schedule there is: a pause before every instruction, in every metamethod and
 * callback. */
static void pausing_at_every_instruction_changes_nothing(void **state) {
    (void)state;
    static const char *const works[] = {
        "local t={} for i=1,60 do t[i]=(i*37)%61 end table.sort(t,function(a,b) return "
        "a<b end) for i=1,59 do assert(t[i]<=t[i+1]) end",
        "local t={} for i=1,60 do t[i]=(i*37)%61 end table.sort(t) for i=1,59 do "
        "assert(t[i]<=t[i+1]) end",
        "local n=0 local s,c=('abcab'):rep(10):gsub('[ab]',function(x) n=n+1 return x..n "
        "end) assert(n==40 and c==40, n)",
        "local ok,e=pcall(function() local x=nil; return x.y end) assert(not ok and "
        "e:find('index'))",
        "local ok,a,b=pcall(function(...) return ... end,1,2) assert(ok and a==1 and b==2)",
        "local ok,e=xpcall(function() error('x',0) end,function(m) local s='' for i=1,3 "
        "do s=s..m end return s end) assert(e=='xxx')",
        "local mt={__index=function(t,k) local s=0 for i=1,10 do s=s+i end return s..k "
        "end,__add=function(a,b) local x=0 for i=1,5 do x=x+1 end return x "
        "end,__concat=function(a,b) return 'c' end,__eq=function() local z=1 z=z+1 return "
        "true end,__lt=function() local z=1 z=z+1 return true end,__le=function() local "
        "z=1 return false end,__len=function() local l=4 l=l+1 return l "
        "end,__call=function(self,a) local q=a q=q+1 return q end,__unm=function() local "
        "u=2 return u end,__newindex=function(t,k,v) local w=v rawset(t,k,w+1) end} local "
        "a,b=setmetatable({},mt),setmetatable({},mt) assert(a.z=='55z') assert(a+b==5) "
        "assert(a..b=='c') assert(a==b) assert(a<b) assert(not(a<=b)) assert(#a==5) "
        "assert(a(1)==2) assert(-a==2) a.k=1 assert(rawget(a,'k')==2)",
        "local s=0 for k,v in pairs(setmetatable({},{__pairs=function() local t={1,2,3} "
        "local function nx(_,i) i=(i or 0)+1 if t[i] then return i,t[i] end end return "
        "nx,t,nil end})) do s=s+v end assert(s==6)",
        "local function f(n) if n==0 then return 0 end return 1+f(n-1) end assert(f(50)==50)",
        "local function f(n,a) if n==0 then return a end return f(n-1,a+1) end "
        "assert(f(50,0)==50)",
        "local function v(...) local n=select('#',...) local t={...} local s=0 for i=1,n "
        "do s=s+t[i] end return s end assert(v(1,2,3)==6)",
        "local r={} for w in ('one two three'):gmatch('%a+') do r[#r+1]=w end "
        "assert(table.concat(r,',')=='one,two,three')",
        "local t=setmetatable({},{__tostring=function() local s='' for i=1,5 do s=s..i "
        "end return s end}) assert(tostring(t)=='12345')",
        "local v=json.decode('{\"a\":[1,2,{\"b\":3}]}') local s=0 for k,x in pairs(v) do "
        "for i,y in ipairs(x) do s=s+(type(y)=='number' and y or y.b) end end "
        "assert(s==6)",
        "goto a ::b:: do local x <const> = 1 return x end ::a:: goto b",
        "local c={} for i=1,3 do c[i]=function() i=i+1 return i end end assert(c[1]()==2 "
        "and c[1]()==3 and c[2]()==3)",
        "for i=3,1,-1 do local x=i/2//1 end for i=1.0,2.0,0.25 do end local x='a'..1 "
        "..2.0 assert(x=='a12.0')",
        "local ok=pcall(pcall,error) local ok2,ok3=pcall(pcall,function() error('z') end) "
        "assert(ok and ok2 and not ok3)",
        "local ok,e=pcall(table.sort,{3,1,2},function(a,b) error('in',0) end) assert(e=='in')",
        "local ok,e=pcall(string.gsub,'aaa','a',function() error('in2',0) end) assert(e=='in2')",
        "local s=('x'):rep(3):gsub('x',function(c) return (c:gsub('x',function() return "
        "'yy' end)) end) assert(s=='yyyyyy')",
        "assert(select(2,pcall(function() table.sort({2,1},function(a,b) return "
        "pcall(error) and a<b end) return 'fin' end))=='fin')",
    };
    th_json_parser_t *parser = th_json_parser_new();
    th_state_limits_t limits = {
        .memory = 8 << 20, .slice_ns = 1, .pattern_steps = 100000, .tick = 1};
    th_state_t *opened = th_state_open(&limits, parser, NULL, NULL);
    assert_non_null(opened);
    for (size_t i = 0; i < sizeof works / sizeof *works; i++) {
        th_budget_t budget;
        unsigned pauses = 0;
        int status = drive(opened, works[i], 60000, &budget, &pauses);
        if (status != LUA_OK || pauses == 0) fail_msg("%s\n  status %d", works[i], status);
    }
    th_state_close(opened);
    th_json_parser_free(parser);
}

static void unpausable_stretches_are_cut(void **state) {
    (void)state;
    static const char *const works[] = {
        "string.format('%s', setmetatable({}, { __tostring = function () while true do end end }))",
        "while true do pcall(print, setmetatable({}, { __tostring = function () while true do end "
        "end })) end",
        "table.sort({ setmetatable({}, { __lt = function () while true do end end }), {} })",
    };
    th_json_parser_t *parser = th_json_parser_new();
    th_state_t *opened = open_sliced(parser);
    for (size_t i = 0; i < sizeof works / sizeof *works; i++) {
        th_budget_t budget;
        unsigned pauses = 0;
        assert_int_equal(drive(opened, works[i], 3600000, &budget, &pauses), LUA_ERRRUN);
        assert_int_equal(budget.stop, TH_STOP_BURST);
    }
    th_state_close(opened);
    th_json_parser_free(parser);
}

static void a_stopped_run_cannot_go_on(void **state) {
    (void)state;
    static const char *const works[] = {
        "while true do pcall(function () while true do end end) end",
        "while true do xpcall(error, function (m) while true do end end) end",
        "local function again() pcall(again) again() end again()",
        "while true do ('x'):gsub('.', function () pcall(error) end) end",
        "while true do table.sort({ 2, 1 }, function () return pcall(error) end) end",
    };
    th_json_parser_t *parser = th_json_parser_new();
    th_state_t *opened = open_sliced(parser);
    for (size_t i = 0; i < sizeof works / sizeof *works; i++) {
        th_budget_t budget;
        unsigned pauses = 0;
        assert_int_equal(drive(opened, works[i], 30, &budget, &pauses), LUA_ERRRUN);
        assert_int_equal(budget.stop, TH_STOP_TIME);
    }
    th_state_close(opened);
    th_json_parser_free(parser);
}

/* ---- the C stack ---- */

/* A worker thread's stack; sanitizers make frames several times as large. */
#ifdef __SANITIZE_ADDRESS__
#define STACK_BYTES (4u << 20)
#else
#define STACK_BYTES (1u << 20)
#endif

static void *recurse_on_small_stack(void *arg) {
    static const char *const works[] = {
        "local function f() return pcall(f) end return f()",
        "local function f() return (('x'):gsub('x', f)) end return f()",
        "local function f() table.sort({ 2, 1 }, f) end return f()",
        "local t local function f() return tostring(t) end t = setmetatable({}, { __tostring = f "
        "}) return f()",
        "local t = setmetatable({}, {}) local function f() return string.format('%s', t) end "
        "t = setmetatable({}, { __tostring = f }) return tostring(t)",
        "local t = setmetatable({}, {}) setmetatable(t, { __index = function (_, k) return t[k .. "
        "'x'] end }) return t.x",
        "local function f() for _ in pairs(setmetatable({}, { __pairs = f })) do end end return "
        "f()",
        "local function f() return xpcall(f, f) end return f()",
        "local function f() error(setmetatable({}, { __tostring = f })) end return xpcall(f, "
        "tostring)",
        "return ('('):rep(31):find(('(%('):rep(31))",
        "return ('a'):rep(1000):find(('a?'):rep(1000))",
        "return json.encode(json.decode(('['):rep(60) .. (']'):rep(60)))",
        "local t = {} for i = 1, 1000 do t = { t } end return json.encode(t)",
    };
    lua_run_t *run = arg;
    for (size_t i = 0; i < sizeof works / sizeof *works; i++) {
        (void)lua_run_for(run, works[i], 2000); /* any end is fine, but it must be an end */
    }
    lua_run_gives(run, "return 'alive'", "alive");
    return NULL;
}

static void recursion_fits_a_thread_stack(void **state) {
    (void)state;
    lua_run_t run;
    lua_run_open(&run, 32 << 20, 1000000);
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    assert_int_equal(pthread_attr_setstacksize(&attributes, STACK_BYTES), 0);
    assert_int_equal(pthread_create(&thread, &attributes, recurse_on_small_stack, &run), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    pthread_attr_destroy(&attributes);
    lua_run_close(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_and_closes_cheaply),
        cmocka_unit_test(every_memory_cap_ends_cleanly),
        cmocka_unit_test(a_state_survives_its_refusals),
        cmocka_unit_test(documents_count_as_memory),
        cmocka_unit_test(budgets_are_per_run),
        cmocka_unit_test(print_and_its_bounds),
        cmocka_unit_test(protect_tells_what_was_raised),
        cmocka_unit_test(fair_pauses_in_every_kind_of_work),
        cmocka_unit_test(results_are_right_across_pauses),
        cmocka_unit_test(pausing_at_every_instruction_changes_nothing),
        cmocka_unit_test(unpausable_stretches_are_cut),
        cmocka_unit_test(a_stopped_run_cannot_go_on),
        cmocka_unit_test(recursion_fits_a_thread_stack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
