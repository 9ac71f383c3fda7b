/* test_pattern.c - the bounded matcher: the same answers as Lua's, and an end to every pattern. */
#include "check.h"

#include <lualib.h>
#include <stdlib.h>

#include "lua_run.h"
#include "script/pattern.h"

static const char *first_match(const char *subject, const char *pattern, uint64_t steps,
                               th_pattern_t *m) {
    th_pattern_init(m, th_slice_of(subject), th_slice_of(pattern), steps);
    for (const char *at = subject; at <= m->subject_end && !m->failure; at++) {
        const char *end = th_pattern_match_at(m, at);
        if (end) return end;
    }
    return NULL;
}

static void matches_plain_items(void **state) {
    (void)state;
    th_pattern_t m;
    const char *subject = "hello 123 world";
    assert_ptr_equal(first_match(subject, "%d+", 1000, &m), subject + 9);
    assert_ptr_equal(first_match(subject, "l-o", 1000, &m), subject + 5);
    assert_null(first_match(subject, "xyz", 1000, &m));
    assert_null(m.failure);
}

static void says_what_is_malformed(void **state) {
    (void)state;
    static const struct {
        const char *pattern, *failure;
    } cases[] = {
        {"%", "ends with '%'"},
        {"[a", "missing ']'"},
        {"[", "missing ']'"},
        {"[^", "missing ']'"},
        {"[%", "missing ']'"},
        {"%b", "missing arguments"},
        {"%bx", "missing arguments"},
        {"%f", "missing '['"},
        {"%fa", "missing '['"},
        {"(a", "unfinished capture"},
        {"a)", "invalid pattern capture"},
        {"%1", "invalid capture index"},
        {"(%1)", "invalid capture index"},
        {"()%1", "invalid capture index"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        th_pattern_t m;
        assert_null(first_match("aaa", cases[i].pattern, 1000, &m));
        assert_non_null(m.failure);
        assert_non_null(strstr(m.failure, cases[i].failure));
    }
}

/* Patterns whose time is exponential or high polynomial in Lua's own matcher. */
static void every_bomb_runs_out_of_steps(void **state) {
    (void)state;
    static const char *const bombs[] = {".-.-.-.-.-.-.-.-b", "(.-)(.-)(.-)(.-)(.-)(.-)b",
                                        "a*a*a*a*a*a*a*a*a*b", "[^b]-[^b]-[^b]-[^b]-[^b]-b",
                                        "%b()"};
    size_t length = 4 << 20;
    char *subject = malloc(length + 1);
    assert_non_null(subject);
    memset(subject, 'a', length);
    subject[length] = '\0';
    memset(subject, '(', length / 2);
    for (size_t i = 0; i < sizeof bombs / sizeof *bombs; i++) {
        th_pattern_t m;
        assert_null(first_match(subject, bombs[i], 1000000, &m));
        assert_true(m.exhausted || strcmp(m.failure, "pattern too complex") == 0);
    }
    free(subject);
}

static void depth_is_bounded(void **state) {
    (void)state;
    char pattern[2 * 600 + 1];
    for (int i = 0; i < 600; i++)
        memcpy(pattern + 2 * i, "a?", 2);
    pattern[1200] = '\0';
    char subject[701];
    memset(subject, 'a', 700);
    subject[700] = '\0';
    th_pattern_t m;
    assert_null(first_match(subject, pattern, 1 << 30, &m));
    assert_string_equal(m.failure, "pattern too complex");
    char captures[33 * 2 + 1] = "";
    for (int i = 0; i < 33; i++)
        strcat(captures, "()");
    assert_null(first_match("a", captures, 1000, &m));
    assert_string_equal(m.failure, "too many captures");
}

/* ---- the same answers as Lua's own functions ---- */

/* What the state's own string library says, next to stock Lua's, as one comparable text. */
static const char describe[] =
    "local function describe(s, p)\n"
    "  local out = {}\n"
    "  local function add(...)\n"
    "    for i = 1, select('#', ...) do out[#out + 1] = tostring((select(i, ...))) end\n"
    "    out[#out + 1] = ';'\n"
    "  end\n"
    "  add(pcall(string.find, s, p))\n"
    "  add(pcall(string.find, s, p, 3))\n"
    "  add(pcall(string.find, s, p, -2))\n"
    "  add(pcall(string.match, s, p))\n"
    "  add(pcall(string.gsub, s, p, '<%0>'))\n"
    "  add(pcall(string.gsub, s, p, '%1', 2))\n"
    "  add(pcall(string.gsub, s, p, { a = 'T', ['1'] = 2, b = false }))\n"
    "  add(pcall(string.gsub, s, p, function (x) if x ~= 'a' then return '[' .. x .. ']' end "
    "end))\n"
    "  add(pcall(function () for a, b in string.gmatch(s, p) do add(a, b) end end))\n"
    "  for i, text in ipairs(out) do\n"
    "    if text:find('unfinished') then return 'unfinished' end\n" /* Lua tells only when asked for
                                                                       it */
    "    if text:find('malformed') or text:find('capture') or text:find('missing')\n"
    "      or text:find('invalid') then out[i] = 'E' end\n"
    "  end\n"
    "  return table.concat(out, ' ')\n"
    "end\n";

static void stock_describe(lua_State *stock, const char *call, char *out, size_t size) {
    char source[8192];
    snprintf(source, sizeof source, "%s return describe(%s)", describe, call);
    assert_int_equal(luaL_dostring(stock, source), LUA_OK);
    snprintf(out, size, "%s", lua_tostring(stock, -1));
    lua_settop(stock, 0);
}

static void compare(lua_run_t *run, lua_State *stock, const char *call) {
    char expected[512], source[8192];
    stock_describe(stock, call, expected, sizeof expected);
    snprintf(source, sizeof source, "%s return describe(%s)", describe, call);
    lua_run_gives(run, source, expected);
}

static void agrees_with_lua_on_chosen_patterns(void **state) {
    (void)state;
    static const char *const calls[] = {
        "'hello world', 'o'",
        "'hello', '^h'",
        "'hello', 'l+'",
        "'key = value', '(%w+)%s*=%s*(%w+)'",
        "'abc', ''",
        "'', ''",
        "'', '^$'",
        "'abc', '.-'",
        "'abc', '()'",
        "'a.b', '.'",
        "'a.b', '%.'",
        "'f(a(b)c)d', '%b()'",
        "'THE (quick) fox', '%f[%a]%a+'",
        "'abab', '(ab)%1'",
        "'x]y', '[]]'",
        "'x-y', '[a%-]'",
        "'x^y', '[x^]'",
        "'a-z', '[a-]'",
        "'abc', '[b-'",
        "'abc', '%'",
        "'abc', '(b'",
        "'abc', 'b)'",
        "'a\\0b', '%z'",
        "'a\\0b', '[%z]'",
        "'a\\0b', 'a.b'",
        "'\\255\\128', '[\\128-\\255]+'",
        "'aXbX', '(.-)X'",
        "'abc', '$'",
        "'a$c', 'a$c'",
        "'abc', '[^a]+'",
        "'aaa', 'a-$'",
        "'aaa', 'a?a?a?$'",
        "'1a1', '%d'",
        "'  trim  ', '^%s*(.-)%s*$'",
        "'abc', '((a)(b))'",
        "'ab', '[%a-z]'",
        "'ab', '%f[%z]'",
        "'a,b,,c', '[^,]*'",
        "'abc', '%9'",
        "'(1)', '%((%d)%)'",
        "'a+b', 'a+b'",
        "'^a', '^^a'",
        "'h\xc3\xa9llo', utf8.charpattern",
        "'a\\0b', '[\\0-\\31]'",
        "'a\\0b', '\\0'",
    };
    lua_run_t run;
    lua_run_open(&run, 8 << 20, 1000000);
    lua_State *stock = luaL_newstate();
    luaL_openlibs(stock);
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        compare(&run, stock, calls[i]);
    lua_close(stock);
    lua_run_close(&run);
}

static void agrees_with_lua_on_random_patterns(void **state) {
    (void)state;
    static const char letters[] = "ab1%()[]^$*+-?.wdfb ";
    lua_run_t run;
    lua_run_open(&run, 8 << 20, 1000000);
    lua_State *stock = luaL_newstate();
    luaL_openlibs(stock);
    unsigned seed = 12345;
    for (int round = 0; round < 3000; round++) {
        char subject[13], pattern[9], call[64];
        size_t subject_length = (size_t)(rand_r(&seed) % 12),
               pattern_length = (size_t)(rand_r(&seed) % 8);
        for (size_t i = 0; i < subject_length; i++)
            subject[i] = "ab1() "[rand_r(&seed) % 6];
        for (size_t i = 0; i < pattern_length; i++) {
            pattern[i] = letters[(size_t)rand_r(&seed) % (sizeof letters - 1)];
        }
        subject[subject_length] = pattern[pattern_length] = '\0';
        snprintf(call, sizeof call, "'%s', [==[%s ]==]", subject, pattern);
        /* A long bracket would swallow a leading line break only; the blank keeps a final ']'
         * apart. */
        compare(&run, stock, call);
    }
    lua_close(stock);
    lua_run_close(&run);
}

static void the_library_stops_bombs(void **state) {
    (void)state;
    lua_run_t run;
    lua_run_open(&run, 32 << 20, 100000);
    lua_run_raises(&run, "return ('a'):rep(100000):find(('.-'):rep(20) .. 'b')",
                   "needs more than 100000 steps");
    lua_run_raises(&run, "return ('('):rep(4000000):match('%b()')",
                   "steps on a subject of 4000000 bytes");
    lua_run_raises(&run, "return ('a'):rep(1000000):gsub('a-b', '')", "string.gsub");
    lua_run_raises(&run, "for w in ('a'):rep(1000000):gmatch('a-b') do end", "string.gmatch");
    lua_run_gives(&run, "return select(2, ('a'):rep(20000):gsub('a', 'bb'))", "20000");
    assert_int_equal(
        lua_run_for(&run, "local s = ('a'):rep(50000) while true do pcall(s.find, s, '.-b') end",
                    50),
        TH_STATE_NO_TIME);
    lua_run_close(&run);
}

static void replacing_keeps_its_limits(void **state) {
    (void)state;
    lua_run_t run;
    lua_run_open(&run, 4 << 20, 10000000);
    lua_run_raises(&run, "return ('a'):rep(10000):gsub('a', ('b'):rep(1000))", "would be over");
    lua_run_raises(&run, "return ('a'):gsub('a', function () return {} end)",
                   "invalid replacement value (a table)");
    lua_run_raises(&run, "return ('a'):gsub('a', '%2')", "invalid capture index");
    lua_run_raises(&run, "return ('a'):gsub('a', '%x')", "invalid use of '%'");
    lua_run_raises(&run, "return ('a'):gsub('a', true)", "string, function or table expected");
    lua_run_raises(&run, "return ('a'):gsub('a', function () error('from inside') end)",
                   "from inside");
    lua_run_close(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_plain_items),
        cmocka_unit_test(says_what_is_malformed),
        cmocka_unit_test(every_bomb_runs_out_of_steps),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(agrees_with_lua_on_chosen_patterns),
        cmocka_unit_test(agrees_with_lua_on_random_patterns),
        cmocka_unit_test(the_library_stops_bombs),
        cmocka_unit_test(replacing_keeps_its_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
