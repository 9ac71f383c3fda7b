/* test_sandbox.c - the world: what is there, what is not, and that every function in it is bounded.
 * Each row of the sandbox table of the threat model that can be shown in one state is a test here.
 */
#include "check.h"

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

/* ---- the world ---- */

static void what_is_left_out_says_what_to_use(void **state) {
    (void)state;
    static const char *const absent[] = {
        "os",      "io",    "require",   "load", "loadstring",     "loadfile", "dofile",
        "package", "debug", "coroutine", "warn", "collectgarbage", "_G"};
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++) {
        char source[64], part[64];
        snprintf(source, sizeof source, "return %s", absent[i]);
        snprintf(part, sizeof part, "undefined name '%s'", absent[i]);
        raises(source, part);
    }
    raises("return os.time()", "call.now()");
    raises("return string.dump(print)", "attempt to call a nil value");
    raises("return string.pack('i', 1)", "attempt to call a nil value");
    raises("return math.randomseed(1)", "attempt to call a nil value");
}

static void stray_globals_are_refused(void **state) {
    (void)state;
    raises("counter = 1", "'counter' is not declared: write local counter");
    raises("function helper() end", "'helper' is not declared");
    raises("string = {}", "'string' belongs to the world");
    raises("return conut", "undefined name 'conut'");
    raises("rawset(_ENV, 'x', 1)", "read-only");
    raises("return getmetatable(_ENV).__index", "attempt to index a boolean value");
    raises("setmetatable(_ENV, nil)", "protected metatable");
    gives("local n = 0 for k in next, _ENV do n = n + 1 end return n", "0");
}

static void libraries_cannot_be_changed(void **state) {
    (void)state;
    raises("string.upper = print", "'string' is read-only");
    raises("math.pi = 3", "'math' is read-only");
    raises("json.encode = print", "'json' is read-only");
    raises("rawset(table, 'concat', print)", "read-only");
    raises("table.insert(utf8, 1)", "read-only");
    raises("setmetatable(string, {})", "protected metatable");
    raises("json.array(_ENV)", "has a metatable already");
    raises("json.array(string)", "has a metatable already");
    gives("return getmetatable(string)", "false");
    gives("return next(string)", "nil");
}

static void the_string_metatable_is_locked(void **state) {
    (void)state;
    gives("return getmetatable('')", "false");
    raises("getmetatable('').__index.upper = print", "attempt to index a boolean value");
    raises("setmetatable('', {})", "table expected");
    raises("return ('x').nothing()", "attempt to call a nil value");
    gives("return ('x'):upper()", "X");
    raises("return '10' + 1", "arithmetic on a string");
    raises("return ('x'):dump()", "attempt to call a nil value");
}

static void bytecode_is_refused(void **state) {
    (void)state;
    raises("\x1bLua", "attempt to load a binary chunk");
}

static void addresses_are_not_shown(void **state) {
    (void)state;
    gives("return tostring({})", "table");
    gives("return tostring(print)", "function");
    gives("return tostring(function () end)", "function");
    gives("return string.format('%s %s', {}, print)", "table function");
    raises("return string.format('%p', {})", "'%p' is not available");
    gives("local ok, e = pcall(error, {}) return tostring(e)", "table");
    gives("return tostring(json.null)", "null");
    gives("return tostring(json.decode('[1]'))", "[1]");
    raises("local t = {} t = t .. 'x'", "attempt to concatenate a table value (local 't')");
}

static void metatables_have_no_gc_close_or_mode(void **state) {
    (void)state;
    raises("setmetatable({}, { __gc = print })", "__gc is not available");
    raises("setmetatable({}, { __close = print })", "__close is not available");
    raises("setmetatable({}, { __mode = 'k' })", "__mode is not available");
    /* Added afterwards they have no effect: a copy was installed. */
    raises("local mt = {} local x = setmetatable({}, mt) mt.__close = print local y <close> = x",
           "variable 'y' got a non-closable value");
    gives("local mt = {} local hit = false local x = setmetatable({}, mt) mt.__gc = function () "
          "hit = true end "
          "x = nil local s = '' for i = 1, 2000 do s = s .. i end return hit",
          "false");
    gives("local mt = {} local w = setmetatable({}, mt) mt.__mode = 'v' w[1] = {} "
          "local s = '' for i = 1, 3000 do s = s .. i end return type(w[1])",
          "table");
}

static void metatables_work_otherwise(void **state) {
    (void)state;
    gives("local C = {} C.__index = C function C.hello(self) return self.n end "
          "local a = setmetatable({ n = 'a' }, C) local b = setmetatable({ n = 'b' }, C) "
          "return a:hello() .. b:hello() .. tostring(getmetatable(a) == C)",
          "abtrue");
    gives("local mt = {} local a = setmetatable({}, mt) mt.__index = { x = 1 } "
          "local b = setmetatable({}, mt) return tostring(a.x) .. tostring(b.x)",
          "nil1");
    gives("return tostring(setmetatable({}, { __tostring = function () return 'me' end }))", "me");
    raises("return tostring(setmetatable({}, { __tostring = function () return 1 end }))",
           "'__tostring' must return a string");
    gives("return getmetatable(setmetatable({}, { __metatable = 'mine' }))", "mine");
    raises("setmetatable(setmetatable({}, { __metatable = 1 }), {})", "protected metatable");
    gives("return getmetatable(setmetatable(setmetatable({}, {}), nil))", "nil");
    gives("return getmetatable(json.decode('{}'))", "false");
    gives("return setmetatable({}, { __add = function () return 7 end }) + 1", "7");
    gives("return #setmetatable({}, { __len = function () return 42 end })", "42");
}

/* ---- basic functions ---- */

static void protected_calls(void **state) {
    (void)state;
    gives("return select(2, pcall(error, 'x'))", "x");
    gives("return select('#', pcall(function () return 1, nil, 3 end))", "4");
    gives("return select(2, pcall(error))", "nil");
    gives(
        "return select(2, xpcall(function () error('x', 0) end, function (m) return m .. '!' end))",
        "x!");
    gives("return select(3, xpcall(function (...) return ... end, print, 1, 2))", "2");
    gives("return select('#', xpcall(function () end, print))", "1");
    raises("xpcall(print)", "function expected");
    raises("pcall()", "value expected");
    gives("return select(2, pcall(assert, false))", "assertion failed!");
    gives("return select(2, pcall(assert, nil, 'why'))", "why");
    gives("return select(3, assert(1, 2, 3))", "3");
    raises("error('a message')", "test:1: a message");
    raises("local function f() error('deep', 2) end\nf()", "test:2: deep");
}

static void conversions(void **state) {
    (void)state;
    gives("return tonumber('0x10')", "16");
    gives("return tonumber('  12  ')", "12");
    gives("return tonumber('1e1')", "10.0");
    gives("return tonumber('12a')", "nil");
    gives("return tonumber('')", "nil");
    gives("return tonumber({})", "nil");
    gives("return tonumber('ff', 16)", "255");
    gives("return tonumber(' -zz ', 36)", "-1295");
    gives("return tonumber('8', 8)", "nil");
    gives("return tonumber('-', 10)", "nil");
    raises("return tonumber('1', 99)", "base out of range");
    gives("return tostring(1) .. tostring(1.0) .. tostring(nil) .. tostring(true)", "11.0niltrue");
    gives("return select('#', select(2, 'a', 'b', 'c'))", "2");
    gives("return select(-1, 'a', 'b')", "b");
    raises("return select(0)", "index out of range");
    raises("return select(-5, 1)", "index out of range");
    gives("return rawlen({ 1, 2 }) .. rawlen('abc')", "23");
    gives("local t = setmetatable({}, { __index = { a = 1 } }) return rawget(t, 'a')", "nil");
    gives("return rawequal({}, {})", "false");
}

static void iteration(void **state) {
    (void)state;
    gives("local n = 0 for k, v in pairs({ a = 1, b = 2 }) do n = n + v end return n", "3");
    gives("local n = 0 for i, v in ipairs({ 1, 2, nil, 4 }) do n = n + v end return n", "3");
    gives("local s = '' for k, v in pairs(json.decode('{\"b\":1,\"a\":2}')) do s = s .. k .. v end "
          "return s",
          "b1a2");
    gives("local s = 0 for i, v in ipairs(json.decode('[1,2,3]')) do s = s + i * v end return s",
          "14");
    gives("local t = setmetatable({}, { __pairs = function (t) return function (_, k) if not k "
          "then return 1 "
          "end end, t end }) for k in pairs(t) do return k end",
          "1");
    raises("for k in pairs(nil) do end", "table expected");
}

/* ---- strings ---- */

static void strings(void **state) {
    (void)state;
    gives("return ('hello'):sub(2, -2)", "ell");
    gives("return ('hello'):sub(-100, 100)", "hello");
    gives("return ('hello'):sub(4, 2)", "");
    gives("return ('hello'):sub(math.mininteger, math.maxinteger)", "hello");
    gives("return ('abc'):byte(-1)", "99");
    gives("return select('#', ('abc'):byte(1, -1))", "3");
    gives("return select('#', ('abc'):byte(10))", "0");
    gives("return string.char(72, 105)", "Hi");
    raises("return string.char(256)", "value out of range");
    gives("return ('aBc'):upper() .. ('aBc'):lower() .. ('abc'):reverse() .. #('abc') .. "
          "('ab'):len()",
          "ABCabccba32");
    gives("return ('ab'):rep(3, '-')", "ab-ab-ab");
    gives("return ('ab'):rep(0) .. ('ab'):rep(-1) .. (''):rep(1e15)", "");
    gives("return ('a'):rep(1, ',')", "a");
}

static void string_sizes_are_capped(void **state) {
    (void)state;
    raises("return ('x'):rep(1 << 40)", "would be over");
    raises("return ('x'):rep(math.maxinteger, 'y')", "would be over");
    raises("return ('x'):rep(9 << 20)", "string.rep: the result would be over 8388608 bytes");
    raises("return ('x'):rep(100000):byte(1, -1)", "at most 4096 bytes at once");
    raises("local s = ('x'):rep(2 << 20) return string.format('%s%s%s%s%s', s, s, s, s, s)",
           "would be over");
    raises("return string.format('%1000d', 1)", "width or precision over 99");
    raises("return string.format('%.100f', 1)", "width or precision over 99");
    raises("local t = {} for i = 1, 100 do t[i] = ('x'):rep(100000) end return table.concat(t)",
           "would be over");
}

static void formats(void **state) {
    (void)state;
    gives("return string.format('%5d|%-5d|%05d|%+d', 42, 42, 42, 42)", "   42|42   |00042|+42");
    gives("return string.format('%.2f %5.1f %e %g', 1.005, 2.25, 1, 0.1)",
          "1.00   2.2 1.000000e+00 0.1");
    gives("return string.format('%x %X %o %c %i %u', 255, 255, 8, 65, 7, 9)", "ff FF 10 A 7 9");
    gives("return string.format('%s %10s|%-5s|%.2s', 'a', 'b', 'c', 'defg')",
          "a          b|c    |de");
    gives("return string.format('%q', 'say \"hi\"\\n\\\\')", "\"say \\\"hi\\\"\\n\\\\\"");
    gives("return string.format('100%%')", "100%");
    gives("return string.format('%s %s', nil, true)", "nil true");
    gives("return #string.format('%99.99f', -1.7e308)", "410");
    gives("return string.format('%d', 3.0)", "3");
    raises("return string.format('%d', 3.5)", "no integer representation");
    raises("return string.format('%d', 'x')", "number expected");
    raises("return string.format('%d')", "no value");
    raises("return string.format('%y', 1)", "'%y' is not available");
    raises("return string.format('%')", "is cut off");
    raises("return string.format('%-')", "is cut off");
    raises("return string.format('%n', 1)", "'%n' is not available");
    raises("return string.format('%-+ #0-d', 1)", "not available");
    raises("return string.format('%10s', 'a\\0b')", "contains zeros");
}

/* ---- tables ---- */

static void tables(void **state) {
    (void)state;
    gives("local t = { 1, 3 } table.insert(t, 2, 2) table.insert(t, 4) return table.concat(t, ',')",
          "1,2,3,4");
    gives("local t = { 1, 2, 3 } return table.remove(t, 1) .. table.remove(t) .. #t", "131");
    gives("return table.remove({})", "nil");
    raises("table.insert({}, 5, 1)", "position out of bounds");
    raises("table.remove({ 1 }, 7)", "position out of bounds");
    raises("table.insert({}, 1, 2, 3)", "table.insert takes");
    gives("return table.concat(table.move({ 1, 2, 3 }, 2, 3, 1), ',')", "2,3,3");
    gives("return table.concat(table.move({ 1, 2, 3 }, 1, 3, 2), ',')", "1,1,2,3");
    gives("return table.concat(table.move({ 1, 2 }, 1, 2, 1, { 9, 9, 9 }), ',')", "1,2,9");
    gives("return table.concat({ 1, 2.5, 'x' }, '-', 2, 3)", "2.5-x");
    gives("return table.concat(json.decode('[\"a\",\"b\"]'), '+')", "a+b");
    raises("return table.concat({ 1, {} })", "element 2 is a table");
    gives("local p = table.pack(1, nil, 3) return p.n .. tostring(p[2])", "3nil");
    gives("return select('#', table.unpack({ 1, 2, 3 }, 0, 5))", "6");
    gives("return select('#', table.unpack({}, math.maxinteger, math.maxinteger))", "1");
    raises("table.insert(json.decode('[1]'), 2)", "json.table(view) makes a table");
}

static void table_loops_are_bounded(void **state) {
    (void)state;
    raises("table.move({}, 1, 1 << 40, 2)", "too many elements to move");
    raises("table.move({}, math.mininteger, math.maxinteger, 2)", "too many elements to move");
    raises("table.unpack({}, 1, 1e6)", "at most 4096 values");
    raises("table.unpack({}, math.mininteger, math.maxinteger)", "at most 4096 values");
    /* A lying __len is not asked: raw lengths count. */
    gives("local t = setmetatable({}, { __len = function () return 1 << 50 end }) table.insert(t, "
          "'x') "
          "return rawlen(t)",
          "1");
    gives("local t = setmetatable({ 7 }, { __len = function () return 1 << 50 end }) return "
          "table.remove(t)",
          "7");
    gives("local t = setmetatable({}, { __len = function () return 1 << 50 end }) return "
          "table.concat(t)",
          "");
    raises("return table.concat({}, 'x', 1, math.maxinteger)", "element 1 is a nil");
    gives("table.sort(setmetatable({}, { __len = function () return 1 << 50 end })) return 1", "1");
}

static void sorting(void **state) {
    (void)state;
    gives("local t = { 3, 1, 2 } table.sort(t) return table.concat(t)", "123");
    gives("local t = { 'b', 'a' } table.sort(t, function (a, b) return a > b end) return "
          "table.concat(t)",
          "ba");
    gives("local t = {} for i = 1, 1000 do t[i] = (i * 7919) % 1009 end table.sort(t) "
          "for i = 2, 1000 do if t[i - 1] > t[i] then return 'unsorted' end end return #t",
          "1000");
    /* Stable. */
    gives("local t = {} for i = 1, 100 do t[i] = { key = i % 3, n = i } end "
          "table.sort(t, function (a, b) return a.key < b.key end) "
          "for i = 2, 100 do if t[i - 1].key == t[i].key and t[i - 1].n > t[i].n then return "
          "'unstable' end "
          "end return 'stable'",
          "stable");
    for (int n = 0; n < 9; n++) {
        char source[256];
        snprintf(source, sizeof source,
                 "local t = {} for i = 1, %d do t[i] = %d - i end table.sort(t) "
                 "for i = 1, %d do if t[i] ~= i - 1 then return 'wrong' end end return 'right'",
                 n, n, n);
        gives(source, "right");
    }
    raises("table.sort({ 1, {} })", "attempt to compare");
    raises("table.sort({ 1, 2 }, 5)", "function expected");
    raises("table.sort({ 3, 2, 1 }, function () error('in comparator') end)", "in comparator");
    /* Comparators that lie: always, never, and at random. It ends, and nothing is lost. */
    gives("local t = {} for i = 1, 500 do t[i] = i end table.sort(t, function () return true end) "
          "return #t",
          "500");
    gives("local t = {} for i = 1, 500 do t[i] = i end table.sort(t, function () return "
          "math.random() < 0.5 end) "
          "local n = 0 for _, v in ipairs(t) do n = n + v end return n",
          "125250");
    gives("local t = {} for i = 1, 50 do t[i] = i end "
          "pcall(table.sort, t, function (a, b) t[#t] = nil return a < b end) return 'ended'",
          "ended");
}

static void numbers_and_utf8(void **state) {
    (void)state;
    gives("return math.floor(2.5) .. math.max(1, 2) .. math.type(1) .. math.tointeger(3.0)",
          "22integer3");
    gives("for i = 1, 1000 do local r = math.random(3) if r < 1 or r > 3 then return r end end "
          "return 'in range'",
          "in range");
    gives("for i = 1, 1000 do local r = math.random(-5, 5) if r < -5 or r > 5 then return r end "
          "end return 'ok'",
          "ok");
    gives("for i = 1, 1000 do local r = math.random() if r < 0 or r >= 1 then return r end end "
          "return 'ok'",
          "ok");
    gives("return math.type(math.random(math.mininteger, math.maxinteger))", "integer");
    raises("return math.random(0)", "interval is empty");
    raises("return math.random(1, 2, 3)", "at most two");
    gives("return utf8.len('h\xc3\xa9llo') .. utf8.char(233) .. utf8.codepoint('\xc3\xa9')",
          "5\xc3\xa9"
          "233");
    gives("local n = 0 for p, c in utf8.codes('h\xc3\xa9') do n = n + c end return n", "337");
    gives("return utf8.offset('h\xc3\xa9llo', 3)", "4");
    gives("return utf8.len('\\xff')", "nil");
    raises("return utf8.codepoint(('x'):rep(100000), 1, -1)", "at most 4096");
    raises("for _ in utf8.codes('\\xff') do end", "invalid UTF-8");
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_run, close_run)
        TEST(what_is_left_out_says_what_to_use),
        TEST(stray_globals_are_refused),
        TEST(libraries_cannot_be_changed),
        TEST(the_string_metatable_is_locked),
        TEST(bytecode_is_refused),
        TEST(addresses_are_not_shown),
        TEST(metatables_have_no_gc_close_or_mode),
        TEST(metatables_work_otherwise),
        TEST(protected_calls),
        TEST(conversions),
        TEST(iteration),
        TEST(strings),
        TEST(string_sizes_are_capped),
        TEST(formats),
        TEST(tables),
        TEST(table_loops_are_bounded),
        TEST(sorting),
        TEST(numbers_and_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
