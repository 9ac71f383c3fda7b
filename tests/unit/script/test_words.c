/* test_words.c - lua/words.lua in a real state: what `run` sees of arguments that are views. The
 * same file with made-up tables is in tests/spec/words_spec.lua. */
#include "check.h"

#include <lauxlib.h>

#include "catalogue_fixture.h"
#include "script/state.h"
#include "json/lua_json.h"

typedef struct job {
    th_slice_t words, chunk;
    th_json_value_t arguments;
    char answer[512]; /* what run returned, as text */
} job_t;

/* As call.c does it: words into the world, then the tool's chunk, then run(args). */
static int run_tool(lua_State *L) {
    job_t *job = lua_touserdata(L, 1);
    assert_int_equal(luaL_loadbufferx(L, job->words.data, job->words.length, "words", "b"), LUA_OK);
    lua_pushliteral(L, "state");
    lua_newtable(L); /* the sink */
    lua_pushvalue(L, -1);
    lua_insert(L, 2);
    lua_call(L, 2, 1);
    th_state_push_world(L);
    lua_pushnil(L);
    while (lua_next(L, 3)) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, 4);
    }
    assert_int_equal(luaL_loadbufferx(L, job->chunk.data, job->chunk.length, "tool", "b"), LUA_OK);
    lua_call(L, 0, 0);
    lua_getfield(L, 2, "tool");
    lua_getfield(L, -1, "run");
    th_lua_json_push(L, job->arguments);
    lua_call(L, 1, 1);
    (void)snprintf(job->answer, sizeof job->answer, "%s", luaL_checkstring(L, -1));
    return 0;
}

/* Runs the tool "t" of the directory with <arguments> and compares what it returned. */
static void assert_run(fixture_t *fixture, const char *arguments, const char *expected) {
    th_catalogue_t *catalogue = load_fine(fixture);
    th_error_t error = {{0}, {0}};
    th_json_parser_t *parser = th_json_parser_new();
    th_json_document_t *document =
        th_json_parse(parser, th_slice_of(arguments), &th_json_limits_request, &error);
    assert_non_null(document);
    th_state_limits_t limits = th_state_limits_of(&fixture->settings);
    th_state_t *state = th_state_open(&limits, parser, NULL, &error);
    assert_non_null(state);
    job_t job = {.words = th_catalogue_module_chunk(catalogue, TH_SLICE("words")),
                 .chunk = th_catalogue_tool_chunk(catalogue, th_catalogue_tool(catalogue, 0)),
                 .arguments = th_json_root(document)};
    th_state_end_t end = th_state_protect(state, NULL, run_tool, &job, &error);
    if (end != TH_STATE_DONE) print_message("    %s\n", error.message);
    assert_int_equal(end, TH_STATE_DONE);
    assert_string_equal(job.answer, expected);
    th_state_close(state);
    th_json_unref(document);
    th_json_parser_free(parser);
    th_catalogue_unref(catalogue);
}

static void write_tool(fixture_t *fixture, const char *input, const char *body) {
    char text[2048];
    (void)snprintf(text, sizeof text,
                   "tool \"t\" { title = \"T\", about = \"A\", effect = \"read\",\n%s,\n"
                   "run = function (args)\n%s\nend }",
                   input, body);
    tool_folder_write(&fixture->folder, "t.lua", text);
}

static void null_and_absence_become_nil_or_the_default(void **state) {
    fixture_t *fixture = *state;
    write_tool(
        fixture,
        "input = { text \"a\" { \"A\", optional = true }, whole \"b\" { \"B\", default = 20 },"
        "flag \"c\" { \"C\", default = false } }",
        "return type(args) .. tostring(args.a) .. tostring(args.b) .. tostring(args.c)");
    assert_run(fixture, "{}", "tablenil20false");
    assert_run(fixture, "{\"a\":null,\"b\":null,\"c\":null}", "tablenil20false");
    assert_run(fixture, "{\"a\":\"x\",\"b\":1,\"c\":true}", "tablex1true");
}

static void lists_and_objects_are_views_in_a_plain_table(void **state) {
    fixture_t *fixture = *state;
    write_tool(
        fixture,
        "input = { list \"l\" { \"L\", of = \"whole\" }, object \"o\" { \"O\", fields = { text "
        "\"n\" { \"N\", optional = true } } } }",
        "local sum = 0 for _, n in ipairs(args.l) do sum = sum + n end\n"
        "return #args.l .. ' ' .. sum .. ' ' .. tostring(args.o.n == json.null)");
    assert_run(fixture, "{\"l\":[1,2,39],\"o\":{\"n\":null}}", "3 42 true");
}

static void a_single_value_is_seen_as_a_list(void **state) {
    fixture_t *fixture = *state;
    write_tool(fixture,
               "input = { list \"l\" { \"L\", of = \"text\", single = true, optional = true } }",
               "if not args.l then return 'none' end\n"
               "return #args.l .. args.l[1] .. json.encode(args.l)");
    assert_run(fixture, "{\"l\":\"x\"}", "1x[\"x\"]");
    assert_run(fixture, "{\"l\":[\"x\",\"y\"]}", "2x[\"x\",\"y\"]");
    assert_run(fixture, "{\"l\":null}", "none");
}

static void a_default_keeps_its_shape(void **state) {
    fixture_t *fixture = *state;
    write_tool(fixture,
               "input = { list \"l\" { \"L\", of = \"text\", default = { \"a\" } },"
               "object \"o\" { \"O\", default = {} } }",
               "args.l[2] = 'b' return json.encode(args.l) .. json.encode(args.o)");
    assert_run(fixture, "{}", "[\"a\",\"b\"]{}");
    write_tool(fixture, "input = { list \"l\" { \"L\", default = {} } }",
               "return json.encode(args.l)");
    assert_run(fixture, "{}", "[]");
}

static void a_plain_schema_gives_what_came_and_its_defaults(void **state) {
    fixture_t *fixture = *state;
    static const char body[] = "return tostring(args.a) .. tostring(args.b) .. tostring(args.z)";
    write_tool(fixture,
               "schema = { type = \"object\", properties = { a = { default = 3 }, b = {} } }",
               body);
    assert_run(fixture, "{\"z\":1,\"b\":null}", "3nil1");
    write_tool(fixture,
               "schema = json.decode [[{\"type\":\"object\",\"properties\":{\"a\":{\"default\":3},"
               "\"b\":{\"default\":null}}}]]",
               body);
    assert_run(fixture, "{\"z\":1,\"a\":4}", "4nil1");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(null_and_absence_become_nil_or_the_default),
        TEST(lists_and_objects_are_views_in_a_plain_table),
        TEST(a_single_value_is_seen_as_a_list),
        TEST(a_default_keeps_its_shape),
        TEST(a_plain_schema_gives_what_came_and_its_defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
