/* JSON and Lua: views, writing, the json table, and that too little memory is an error and never a
 * leak. */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "check.h"
#include "json/document.h"
#include "json/lua_json.h"
#include "json/writer.h"

/* An allocator with a ceiling, as a session's state has. */
typedef struct memory {
    size_t used, most;
} memory_t;

static void *allocate(void *arg, void *old, size_t old_size, size_t size) {
    memory_t *memory = arg;
    if (!old) old_size = 0;
    if (size > old_size && size - old_size > memory->most - memory->used) return NULL;
    memory->used = memory->used - old_size + size;
    if (size > 0) return realloc(old, size);
    free(old);
    return NULL;
}

static th_json_parser_t *parser;
static memory_t memory;
static lua_State *L;

static int open_libraries(lua_State *state) {
    luaL_requiref(state, "_G", luaopen_base, 1);
    luaL_requiref(state, "table", luaopen_table, 1);
    luaL_requiref(state, "string", luaopen_string, 1);
    luaL_requiref(state, "math", luaopen_math, 1);
    lua_settop(state, 0);
    th_lua_json_open(state, parser);
    lua_setglobal(state, "json");
    return 0;
}

static int set_up(void **state) {
    (void)state;
    parser = th_json_parser_new();
    memory = (memory_t){0, 256 << 20};
    L = lua_newstate(allocate, &memory);
    if (!parser || !L) return -1;
    lua_pushcfunction(L, open_libraries);
    return lua_pcall(L, 0, 0, 0) == LUA_OK ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    lua_close(L);
    th_json_parser_free(parser);
    return memory.used == 0 ? 0 : -1;
}

/* Runs Lua code that asserts for itself. */
static void run(const char *code) {
    if (luaL_dostring(L, code) != LUA_OK) fail_msg("%s", lua_tostring(L, -1));
    lua_settop(L, 0);
}

static th_json_document_t *parse(const char *text) {
    th_error_t error;
    th_json_document_t *document =
        th_json_parse(parser, th_slice_of(text), &th_json_limits_answer, &error);
    if (!document) fail_msg("%s: %s", text, error.message);
    return document;
}

/* Makes the document a global of that name. */
static void give(const char *name, const char *text) {
    th_json_document_t *document = parse(text);
    th_lua_json_push(L, th_json_root(document));
    th_json_unref(document); /* the view holds its own */
    lua_setglobal(L, name);
}

static void views_give_values(void **state) {
    (void)state;
    give("v",
         "{\"n\":null,\"t\":true,\"f\":false,\"i\":9007199254740993,\"r\":1.0,"
         "\"u\":18446744073709551615,\"s\":\"a\\u0000b\",\"a\":[10,[20],{\"k\":\"x\"}],\"o\":{}}");
    run("assert(v.n == json.null and v.t == true and v.f == false)\n"
        "assert(v.i == 9007199254740993 and math.type(v.i) == 'integer')\n"
        "assert(v.r == 1 and math.type(v.r) == 'float')\n"
        "assert(v.u == 2^64 and math.type(v.u) == 'float')\n"
        "assert(v.s == 'a\\0b' and #v.s == 3)\n"
        "assert(v.none == nil and v[1] == nil and v[v] == nil and v[true] == nil)\n"
        "assert(#v == 9 and #v.a == 3 and #v.o == 0)\n"
        "assert(v.a[1] == 10 and v.a[1.0] == 10 and v.a[2][1] == 20 and v.a[3].k == 'x')\n"
        "assert(v.a[0] == nil and v.a[4] == nil and v.a[-1] == nil and v.a[1.5] == nil)\n"
        "assert(v.a['1'] == nil and v.a[math.maxinteger] == nil and v.a[math.mininteger] == nil)\n"
        "assert(type(v) == 'userdata' and next(json.table(v.o)) == nil)");
}

static void scalars_and_absent_are_pushed_as_such(void **state) {
    (void)state;
    give("s", "\"text\"");
    give("n", "null");
    th_lua_json_push(L, th_json_absent());
    lua_setglobal(L, "none");
    run("assert(s == 'text' and n == json.null and none == nil)");
}

static void pairs_keeps_document_order(void **state) {
    (void)state;
    give("v", "{\"z\":1,\"a\":[1,2],\"m\":{\"x\":null},\"\":true}");
    run("local seen = {}\n"
        "for k, value in pairs(v) do seen[#seen + 1] = k .. '=' .. tostring(value) end\n"
        "assert(table.concat(seen, ';') == 'z=1;a=[1,2];m={\"x\":null};=true', table.concat(seen, "
        "';'))");
    run("local seen = ''\n"
        "for i, x in pairs(v.a) do seen = seen .. i .. ':' .. x .. ' ' end\n"
        "for i, x in ipairs(v.a) do seen = seen .. i .. ':' .. x .. ' ' end\n"
        "assert(seen == '1:1 2:2 1:1 2:2 ', seen)");
    run("for _ in pairs(json.decode('{}')) do error('not empty') end\n"
        "for _ in ipairs(v) do error('an object has no items') end");
    /* The iterator holds the document, whatever happens to the view. */
    run("local step = pairs(v); v = nil; collectgarbage(); collectgarbage()\n"
        "local key = step(); assert(key == 'z')\n"
        "for _ = 1, 5 do key = step() end; assert(key == nil)");
}

static void ipairs_over_a_large_array_is_linear(void **state) {
    (void)state;
    th_buffer_t text;
    th_buffer_init(&text, 16 << 20);
    assert_true(th_buffer_add_text(&text, "[0"));
    for (int i = 1; i < 100000; i++)
        assert_true(th_buffer_add_format(&text, ",{\"n\":[%d]}", i));
    assert_true(th_buffer_add_text(&text, "]"));
    assert_true(th_buffer_add(&text, "", 1));
    give("v", text.data);
    th_buffer_reset(&text);
    /* Quadratic, this would take minutes. */
    run("local n = 0; for i, x in ipairs(v) do n = i; if i > 1 then assert(x.n[1] == i - 1) end "
        "end\n"
        "assert(n == 100000)\n"
        "assert(v[50000].n[1] == 49999 and v[2].n[1] == 1 and v[100000].n[1] == 99999)");
}

static void views_are_equal_by_value(void **state) {
    (void)state;
    give("a", "{\"x\":[1,2],\"y\":1}");
    give("b", "{\"y\":1.0,\"x\":[1,2]}");
    run("assert(a == b and a.x == b.x and a ~= a.x and a ~= json.null and a ~= {} )\n"
        "assert(a ~= json.decode('{\"y\":2,\"x\":[1,2]}'))");
    lua_newuserdatauv(L, 1, 0);
    lua_setglobal(L, "stranger");
    run("assert(a ~= stranger and stranger ~= a)");
}

static void views_print_as_json(void **state) {
    (void)state;
    give("v", "{\"a\":[1,1.0,\"x\\n\"],\"b\":null}");
    run("assert(tostring(v) == '{\"a\":[1,1.0,\"x\\\\n\"],\"b\":null}', tostring(v))\n"
        "assert(tostring(v.a) == '[1,1.0,\"x\\\\n\"]')");
    run("local long = json.decode('[' .. ('1,'):rep(50000) .. '1]')\n"
        "local text = tostring(long)\n"
        "assert(#text < 66000 and #text > 65000 and text:sub(-3) == '\\u{2026}')\n"
        "local one = tostring(json.decode('[\"' .. ('\\\\u0001'):rep(100000) .. '\"]'))\n"
        "assert(#one < 400000 and one:sub(-3) == '\\u{2026}')");
}

static void views_are_read_only_and_closed(void **state) {
    (void)state;
    give("v", "{\"a\":[1]}");
    run("local ok, err = pcall(function () v.a = 1 end)\n"
        "assert(not ok and err:find('json.table', 1, true), err)\n"
        "ok = pcall(function () v.a[1] = 1 end); assert(not ok)\n"
        "assert(getmetatable(v) == false and not pcall(setmetatable, v, {}))\n"
        "assert(not pcall(function () return v + 1 end) and not pcall(function () return v < v "
        "end))\n"
        "assert(not pcall(function () return v() end) and not pcall(rawset, v, 1, 1))");
    /* A table that inherits from a view works; the view's functions accept nothing but views. */
    run("local t = setmetatable({}, { __index = v }); assert(t.a[1] == 1 and t.none == nil)");
}

static void views_outlive_what_they_came_from(void **state) {
    (void)state;
    give("v", "{\"a\":{\"b\":[{\"c\":\"deep\"}]}}");
    run("inner = v.a.b[1]; v = nil; collectgarbage(); collectgarbage(); assert(inner.c == 'deep')");
    lua_getglobal(L, "inner");
    th_json_value_t value = th_lua_json_to_value(L, -1);
    th_slice_t text;
    assert_true(th_json_string(th_json_member(value, "c"), &text));
    assert_memory_equal(text.data, "deep", 4);
    lua_settop(L, 0);
}

static void to_value_knows_views_only(void **state) {
    (void)state;
    lua_pushinteger(L, 1);
    lua_newtable(L);
    lua_newuserdatauv(L, 64, 0);
    lua_pushlightuserdata(L, &memory);
    lua_newuserdatauv(L, 64, 0);
    lua_newtable(L);
    lua_setmetatable(L, -2);
    for (int i = 1; i <= 7; i++) /* 6 and 7: none */
        assert_int_equal(th_json_type(th_lua_json_to_value(L, i)), TH_JSON_ABSENT);
    lua_settop(L, 0);
}

static void table_copies_whole(void **state) {
    (void)state;
    give("v", "{\"a\":[1,[],{}],\"n\":null,\"i\":9007199254740993,\"k\":1,\"k\":2}");
    run("local t = json.table(v)\n"
        "assert(type(t) == 'table' and t.a[1] == 1 and #t.a == 3 and t.n == json.null and t.k == "
        "2)\n"
        "assert(math.type(t.i) == 'integer')\n"
        "t.a[1] = 'changed'; t.more = { x = 1 }\n"
        "assert(json.encode(t) == "
        "'{\"a\":[\"changed\",[],{}],\"i\":9007199254740993,\"k\":2,\"more\":{\"x\":1},\"n\":null}'"
        ", "
        "json.encode(t))\n"
        "assert(v.a[1] == 1)\n"
        "assert(json.table('x') == 'x' and json.table(nil) == nil)\n"
        "table.remove(t.a); table.remove(t.a); table.remove(t.a); assert(json.encode(t.a) == "
        "'[]')");
}

static void lua_values_are_written(void **state) {
    (void)state;
    give("v", "{\"z\":[1.0,[],{}],\"a\":18446744073709551615}");
    run("local e = json.encode\n"
        "assert(e(nil) == 'null' and e(json.null) == 'null' and e(true) == 'true')\n"
        "assert(e(1) == '1' and e(1.0) == '1.0' and e(-0.0) == '-0.0' and e(math.mininteger) == "
        "'-9223372036854775808')\n"
        "assert(e('a\"\\n\\0') == '\"a\\\\\"\\\\n\\\\u0000\"')\n"
        "assert(e({}) == '{}' and e(json.array()) == '[]' and e(json.array({})) == '[]')\n"
        "assert(e({ 1, 2, 3 }) == '[1,2,3]' and e(json.array { 1, 'x' }) == '[1,\"x\"]')\n"
        "assert(e(json.object {}) == '{}' and e { json.null } == '[null]')\n"
        "assert(e({ b = 1, a = { c = {} }, B = 2, ab = 3 }) == "
        "'{\"B\":2,\"a\":{\"c\":{}},\"ab\":3,\"b\":1}')\n"
        "assert(e({ [1.0] = 'x' }) == '[\"x\"]')\n"
        "assert(e(v) == '{\"z\":[1.0,[],{}],\"a\":18446744073709551615}')\n"
        "assert(e({ inner = v.z, s = 1 }) == '{\"inner\":[1.0,[],{}],\"s\":1}')\n"
        "assert(e({ ['\\0'] = 1, ['\\0\\0'] = 2, [''] = 3 }) == "
        "'{\"\":3,\"\\\\u0000\":1,\"\\\\u0000\\\\u0000\":2}')");
}

static void many_keys_are_sorted(void **state) {
    (void)state;
    run("local t = {}\n"
        "for i = 1, 5000 do t[('key%05d'):format((i * 7919) % 5000)] = i end\n"
        "t[('long'):rep(30)] = 1\n"
        "local text = json.encode(t)\n"
        "local before, n = '', 0\n"
        "for key in text:gmatch('\"([^\"]+)\":') do assert(before < key); before = key; n = n + 1 "
        "end\n"
        "assert(n == 5001)\n"
        "for key, value in pairs(json.decode(text)) do assert(t[key] == value) end");
}

static void no_metamethod_runs(void **state) {
    (void)state;
    run("local bad = function () error('ran') end\n"
        "local t = setmetatable({ 1, 2 }, { __index = bad, __len = bad, __pairs = bad, __tostring "
        "= bad })\n"
        "assert(json.encode(t) == '[1,2]' and json.is_array(t))");
}

static void what_cannot_be_json_is_refused_with_its_place(void **state) {
    (void)state;
    run("local function refuse(value, words)\n"
        "  local ok, err = pcall(json.encode, value)\n"
        "  assert(not ok and err:find(words, 1, true), tostring(err) .. ' / ' .. words)\n"
        "end\n"
        "refuse(print, 'value is a function')\n"
        "refuse({ a = { 1, { b = print } } }, 'value.a[2].b is a function')\n"
        "refuse({ a = coroutine and coroutine.create(print) or print }, 'value.a is a ')\n"
        "refuse({ 1, 2, x = 3 }, 'value has both numbers and strings as keys')\n"
        "refuse({ 1, nil, 3 }, 'value has the number 3 as key and is no list of 1 to 2')\n"
        "refuse({ [0] = 1 }, 'value has the number 0 as key')\n"
        "refuse({ [10] = 1 }, 'value has the number 10 as key')\n"
        "refuse({ x = { [1e9] = 1 } }, 'value.x has the number 1000000000 as key')\n"
        "refuse({ [1.5] = 1 }, 'value has a number as key')\n"
        "refuse({ [true] = 1 }, 'value has a boolean as key')\n"
        "refuse({ [print] = 1 }, 'value has a function as key')\n"
        "refuse(json.array { x = 1 }, 'is a json.array() and has keys that are strings')\n"
        "refuse(json.array { 1, nil, 3 }, 'has the number 3')\n"
        "refuse(json.object { 1 }, 'is a json.object() and has a number as key')\n"
        "refuse({ a = 0/0 }, 'value.a is NaN or infinite')\n"
        "refuse({ a = { math.huge } }, 'value.a[1] is NaN or infinite')\n"
        "refuse({ a = { '\\xff' } }, 'value.a[1] is or has as key a string that is not valid "
        "UTF-8')\n"
        "refuse({ a = { ['\\xff'] = 1 } }, 'value.a.(invalid UTF-8) is or has as key')\n"
        "refuse('\\xed\\xa0\\x80', 'not valid UTF-8')\n"
        "local loop = {}; loop.me = loop; refuse(loop, 'holds itself')\n"
        "local list = {}; list[1] = list; refuse(list, 'holds itself')\n"
        "refuse(('x'):rep(5000000), 'larger than is allowed')\n"
        "refuse({ [('\\u{e9}'):rep(100)] = print }, '\\u{2026} is a function')");
}

static void depth_is_the_writers(void **state) {
    (void)state;
    run("local t = 1; for _ = 1, 64 do t = { t } end; assert(#json.encode(t) == 129)\n"
        "local ok, err = pcall(json.encode, { t }); assert(not ok and err:find('64 levels', 1, "
        "true), err)");
}

/* A table shared by its parents doubles at each level: the node budget ends it. */
static void shared_tables_do_not_explode(void **state) {
    (void)state;
    run("local t = 1; for _ = 1, 60 do t = { t, t } end\n"
        "local ok, err = pcall(json.encode, t)\n"
        "assert(not ok and err:find('larger than is allowed', 1, true), err)");
}

static void budgets_of_the_caller_hold(void **state) {
    (void)state;
    th_buffer_t buffer;
    th_json_writer_t writer;
    th_error_t error;
    luaL_dostring(L, "return { 1, 2, 3, { a = 'b' } }");
    th_buffer_init(&buffer, 1000);
    th_json_writer_init(&writer, &buffer, 7); /* two containers, four scalars, one key */
    assert_true(th_lua_json_write(L, -1, &writer, &error));
    assert_true(th_json_writer_finish(&writer, &error));
    assert_memory_equal(buffer.data, "[1,2,3,{\"a\":\"b\"}]", 17);
    for (uint32_t nodes = 1; nodes < 7; nodes++) {
        th_buffer_clear(&buffer);
        th_json_writer_init(&writer, &buffer, nodes);
        assert_false(th_lua_json_write(L, -1, &writer, &error));
        assert_string_equal(error.code, "too_large");
        assert_false(th_json_writer_finish(&writer, &error));
    }
    th_buffer_reset(&buffer);
    for (size_t maximum = 0; maximum < 17; maximum++) {
        th_buffer_init(&buffer, maximum);
        th_json_writer_init(&writer, &buffer, 0);
        assert_false(th_lua_json_write(L, -1, &writer, NULL));
        assert_false(th_json_writer_finish(&writer, &error));
        assert_string_equal(error.code, "too_large");
        th_buffer_reset(&buffer);
    }
    assert_int_equal(lua_gettop(L), 1); /* the stack is as it was, on every way */
    lua_pushcfunction(L, open_libraries);
    th_buffer_init(&buffer, 100);
    th_json_writer_init(&writer, &buffer, 0);
    assert_false(th_lua_json_write(L, -1, &writer, &error));
    assert_string_equal(error.code, "bad_type");
    assert_false(th_json_writer_finish(&writer, &error));
    assert_string_equal(error.code, "bad_type");
    th_buffer_reset(&buffer);
    lua_settop(L, 0);
}

static void types_are_named(void **state) {
    (void)state;
    give("v", "{\"a\":[]}");
    run("local t = json.type\n"
        "assert(t(v) == 'object' and t(v.a) == 'array' and t('') == 'string' and t(1) == "
        "'integer')\n"
        "assert(t(1.5) == 'number' and t(true) == 'boolean' and t(json.null) == 'null')\n"
        "assert(t({}) == 'object' and t({ 1 }) == 'array' and t({ x = 1 }) == 'object')\n"
        "assert(t({ 1, nil, 3 }) == 'object' and t({ [2] = 1 }) == 'object')\n"
        "assert(t(json.array()) == 'array' and t(json.object { 1 }) == 'object')\n"
        "assert(t(print) == nil and t(nil) == nil and not pcall(t))\n"
        "assert(json.is_array(v.a) and not json.is_array(v) and not json.is_array('x'))");
}

static void marks_are_kept_apart(void **state) {
    (void)state;
    give("v", "{\"a\":[]}");
    run("local t = {}; assert(json.array(t) == t and json.encode(t) == '[]')\n"
        "assert(json.object(t) == t and json.encode(t) == '{}')\n"
        "assert(not pcall(setmetatable, t, {}) and getmetatable(t) == false)\n"
        "assert(not pcall(json.array, setmetatable({}, {})) and not pcall(json.array, 'x'))\n"
        "assert(json.array(v.a) == v.a and json.object(v) == v and not pcall(json.object, v.a))");
}

static void decode_reads_text(void **state) {
    (void)state;
    run("assert(json.decode('[1,{\"a\":null}]')[2].a == json.null)\n"
        "assert(json.decode(' \"x\" ') == 'x' and json.decode('12') == 12 and json.decode('null') "
        "== json.null)\n"
        "assert(json.decode('{\"a\":1,\"a\":2}').a == 2)\n"
        "local value, err = json.decode('[1,\\n oops]')\n"
        "assert(value == nil and err:find('line 2, column 2', 1, true), err)\n"
        "value, err = json.decode(''); assert(value == nil and err:find('empty'), err)\n"
        "value, err = json.decode((' '):rep(2000000)); assert(value == nil and err:find('at "
        "most'), err)\n"
        "value, err = json.decode(('['):rep(1000)); assert(value == nil and err:find('deeper'), "
        "err)\n"
        "assert(not pcall(json.decode) and not pcall(json.decode, {}))");
}

/* --- the account
 * ---------------------------------------------------------------------------------- */

typedef struct purse {
    ptrdiff_t held, most;
    size_t work, most_work;
} purse_t;

static bool charge(void *arg, ptrdiff_t bytes) {
    purse_t *purse = arg;
    if (bytes > 0 && purse->held + bytes > purse->most) return false;
    purse->held += bytes;
    return true;
}

static void work(lua_State *state, void *arg, size_t instructions) {
    purse_t *purse = arg;
    purse->work += instructions;
    if (purse->work > purse->most_work) luaL_error(state, "time budget spent");
}

static void documents_are_charged_to_the_state(void **state) {
    (void)state;
    purse_t purse = {.most = 3 << 20, .most_work = SIZE_MAX};
    th_lua_json_set_account(L, &(th_lua_json_account_t){charge, work, &purse});
    run("keep = json.decode('[' .. ('1,'):rep(10000) .. '1]')\n"
        "for i = 1, 1000 do local _ = keep[i] end; views = { keep, keep }");
    assert_in_range(purse.held, 160000, 200000); /* once, however many views */
    assert_true(purse.work > 0);
    /* Garbage is collected when the purse is empty, although Lua sees only small views. */
    run("for i = 1, 200 do local doc = json.decode('[' .. ('1,'):rep(10000) .. '1]'); assert(#doc "
        "== 10001) end");
    run("local all = {}\n"
        "local ok, err = pcall(function () while true do all[#all + 1] = "
        "json.decode('[' .. ('1,'):rep(10000) .. '1]') end end)\n"
        "assert(not ok and err:find('not enough memory', 1, true) and #all > 10, err)");
    assert_true(purse.held <= purse.most);
    run("keep = nil; views = nil; collectgarbage(); collectgarbage()");
    assert_int_equal(purse.held, 0);
    run("last = json.decode('[1]')");
    lua_close(L); /* gives back too */
    assert_int_equal(purse.held, 0);
    L = lua_newstate(allocate, &memory);
    lua_pushcfunction(L, open_libraries);
    assert_int_equal(lua_pcall(L, 0, 0, 0), LUA_OK);
}

static void heavy_work_is_told_and_can_be_stopped(void **state) {
    (void)state;
    purse_t purse = {.most = PTRDIFF_MAX, .most_work = 50000000};
    th_lua_json_set_account(L, &(th_lua_json_account_t){charge, work, &purse});
    static const char *const loops[] = {
        "while true do json.table(v) end",     "while true do json.encode(v) end",
        "while true do json.decode(text) end", "while true do local _ = v == w end",
        "while true do tostring(v) end",
    };
    run("text = '[' .. ('1,'):rep(50000) .. '1]'; v = assert(json.decode(text)); w = "
        "json.decode(text)");
    for (size_t i = 0; i < sizeof loops / sizeof loops[0]; i++) {
        purse.work = purse.most_work - 2000000;
        assert_true(luaL_dostring(L, loops[i]));
        assert_non_null(strstr(lua_tostring(L, -1), "time budget spent"));
        lua_settop(L, 0);
    }
    lua_close(L);
    assert_int_equal(purse.held, 0);
    L = lua_newstate(allocate, &memory);
    lua_pushcfunction(L, open_libraries);
    assert_int_equal(lua_pcall(L, 0, 0, 0), LUA_OK);
}

/* --- too little memory
 * ----------------------------------------------------------------------------- */

static int work_with_everything(lua_State *state) {
    open_libraries(state);
    th_lua_json_push(state, th_json_root(lua_touserdata(state, lua_upvalueindex(1))));
    lua_setglobal(state, "v");
    const char *code =
        "local t = json.table(v)\n"
        "local n = 0; for k, x in pairs(v) do n = n + 1 end\n"
        "for i, x in ipairs(v.list) do n = n + 1 end\n"
        "local text = json.encode({ t = t, v = v, s = tostring(v), many = v.many })\n"
        "local back = json.decode(text)\n"
        "assert(back.v == v and #json.encode(json.table(back)) > 100)\n"
        "local big = {}; for i = 1, 100 do big['k' .. i] = i end\n"
        "assert(#json.encode(big) > 500)";
    if (luaL_loadstring(state, code) != LUA_OK) return lua_error(state);
    lua_call(state, 0, 0);
    return 0;
}

static void too_little_memory_is_an_error_and_no_leak(void **state) {
    (void)state;
    th_json_document_t *document = parse("{\"list\":[{\"a\":1},{\"a\":2},[],{}],\"s\":\"text\","
                                         "\"n\":null,\"many\":[1,2,3,4,5,6,7,8]}");
    size_t size = 0, completed = 0, refused = 0;
    for (size_t most = 1024; most < 96 * 1024; most += 256) {
        memory_t own = {0, most};
        lua_State *poor = lua_newstate(allocate, &own);
        if (poor) {
            /* One light value and one closure: pushed where raising is not fatal. */
            lua_pushlightuserdata(poor, document);
            size_t before = own.most;
            own.most = SIZE_MAX / 2; /* the closure itself is not what is tested */
            lua_pushcclosure(poor, work_with_everything, 1);
            own.most = before > own.used ? before : own.used;
            int result = lua_pcall(poor, 0, 0, 0);
            if (result != LUA_OK && !strstr(lua_tostring(poor, -1), "not enough memory"))
                fail_msg("%zu bytes: %s", most, lua_tostring(poor, -1));
            completed += result == LUA_OK;
            refused += result != LUA_OK;
            lua_close(poor);
        }
        assert_int_equal(own.used, 0);
    }
    assert_true(completed > 0 && refused > 0);
    /* The only reference left is ours; LeakSanitizer looks after the other documents. */
    size = th_json_document_size(document);
    assert_true(size > 0);
    th_json_unref(document);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(views_give_values),
        cmocka_unit_test(scalars_and_absent_are_pushed_as_such),
        cmocka_unit_test(pairs_keeps_document_order),
        cmocka_unit_test(ipairs_over_a_large_array_is_linear),
        cmocka_unit_test(views_are_equal_by_value),
        cmocka_unit_test(views_print_as_json),
        cmocka_unit_test(views_are_read_only_and_closed),
        cmocka_unit_test(views_outlive_what_they_came_from),
        cmocka_unit_test(to_value_knows_views_only),
        cmocka_unit_test(table_copies_whole),
        cmocka_unit_test(lua_values_are_written),
        cmocka_unit_test(many_keys_are_sorted),
        cmocka_unit_test(no_metamethod_runs),
        cmocka_unit_test(what_cannot_be_json_is_refused_with_its_place),
        cmocka_unit_test(depth_is_the_writers),
        cmocka_unit_test(shared_tables_do_not_explode),
        cmocka_unit_test(budgets_of_the_caller_hold),
        cmocka_unit_test(types_are_named),
        cmocka_unit_test(marks_are_kept_apart),
        cmocka_unit_test(decode_reads_text),
        cmocka_unit_test(documents_are_charged_to_the_state),
        cmocka_unit_test(heavy_work_is_told_and_can_be_stopped),
        cmocka_unit_test(too_little_memory_is_an_error_and_no_leak),
    };
    return cmocka_run_group_tests_name("json and lua", tests, set_up, tear_down);
}
