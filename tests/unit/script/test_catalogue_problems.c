/* test_catalogue_problems.c - what a tools directory can have wrong, and what is said about it:
 * files, limits, schemas, malice. The words themselves are in tests/spec/words_spec.lua. */
#include "check.h"

#include <unistd.h>

#include "catalogue_fixture.h"
#include "script/catalogue_parts.h"

/* ---- what is wrong with files ---- */

static void a_missing_directory_is_told(void **state) {
    fixture_t *fixture = *state;
    strcat(fixture->settings.script_tools, "/absent");
    assert_problem(fixture, "/absent", 0, "No such file or directory", "--tools");
}

static void something_else_as_directory_is_told(void **state) {
    fixture_t *fixture = *state;
    tool_folder_write(&fixture->folder, "notes.txt", "x");
    strcat(fixture->settings.script_tools, "/notes.txt");
    assert_problem(fixture, "notes.txt", 0, "neither a directory nor a .lua file", "");
}

static void links_are_refused(void **state) {
    fixture_t *fixture = *state;
    char path[512];
    tool_folder_path(&fixture->folder, "x.lua", path);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    assert_problem(fixture, "x.lua", 0, "is a symbolic link", "itself");
    assert_int_equal(unlink(path), 0);
    tool_folder_path(&fixture->folder, "loop", path);
    assert_int_equal(symlink(".", path), 0);
    assert_problem(fixture, "loop", 0, "is a symbolic link", "itself");
}

static void a_pipe_in_place_of_a_file_is_told(void **state) {
    fixture_t *fixture = *state;
    char path[512];
    tool_folder_path(&fixture->folder, "x.lua", path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_problem(fixture, "x.lua", 0, "is not a plain file", "");
}

static void unusual_names_are_told(void **state) {
    fixture_t *fixture = *state;
    tool_folder_write(&fixture->folder, "a\nb.lua", "x");
    assert_problem(fixture, "a?b.lua", 0, "unusual characters", "letters");
}

static void depth_is_bounded(void **state) {
    fixture_t *fixture = *state;
    tool_folder_write_tool(&fixture->folder, "a/b/c/d/e/x.lua", "return 'x'");
    assert_problem(fixture, "a/b/c/d/e", 0, "nested too deep", "move it up");
}

static void size_is_bounded(void **state) {
    fixture_t *fixture = *state;
    size_t length = TH_TOOL_FILE_BYTES + 1;
    char *text = malloc(length);
    assert_non_null(text);
    memset(text, '\n', length);
    memcpy(text + length - sizeof full_tool + 1, full_tool, sizeof full_tool - 1);
    tool_folder_write_bytes(&fixture->folder, "complete_task.lua", text, length);
    assert_problem(fixture, "complete_task.lua", 0, "too large: at most 256 KB", "");
    tool_folder_write_bytes(&fixture->folder, "complete_task.lua", text + 1, length - 1);
    th_catalogue_unref(load_fine(fixture));
    free(text);
}

static void the_number_of_files_is_bounded(void **state) {
    fixture_t *fixture = *state;
    for (int i = 0; i <= TH_TOOL_FILES_MAX; i++) {
        char name[32];
        snprintf(name, sizeof name, "%04d.lua", i);
        tool_folder_write(&fixture->folder, name, "");
    }
    th_tool_files_t found;
    assert_true(th_tool_files_find(fixture->folder.path, &found, &fixture->problems));
    assert_int_equal(found.count, TH_TOOL_FILES_MAX);
    assert_int_equal(fixture->problems.count, 1);
    assert_non_null(strstr(fixture->problems.list[0].message, "at most 1000"));
    th_tool_files_free(&found);
}

static void a_tool_twice_is_told(void **state) {
    fixture_t *fixture = *state;
    tool_folder_write_tool(&fixture->folder, "a/same.lua", "return 'x'");
    tool_folder_write_tool(&fixture->folder, "b/same.lua", "return 'y'");
    assert_problem(fixture, "b/same.lua", 0, "tool \"same\" exists twice", "a/same.lua");
}

static void all_problems_of_all_files_come_at_once(void **state) {
    fixture_t *fixture = *state;
    tool_folder_write(&fixture->folder, "b.lua", "local x = (");
    tool_folder_write(&fixture->folder, "a.lua",
                      "tool \"a\" {\n  about = \"A\";\n  effect = \"raed\";\n"
                      "  input = {\n    text \"x\" { \"X\", mx = 1 };\n  };\n  run = 1;\n}\n");
    tool_folder_write_tool(&fixture->folder, "c.lua", "return 'fine'");
    assert_null(load(fixture));
    static const struct {
        const char *file;
        int line;
        const char *message;
    } expected[] = {{"a.lua", 1, "title is missing"},
                    {"a.lua", 3, "effect is \"raed\""},
                    {"a.lua", 5, "unknown option \"mx\""},
                    {"a.lua", 7, "run is 1"},
                    {"b.lua", 1, "unexpected symbol"}};
    assert_int_equal(fixture->problems.count, 5);
    assert_false(fixture->problems.more);
    for (size_t i = 0; i < 5; i++) {
        assert_non_null(strstr(fixture->problems.list[i].file, expected[i].file));
        assert_int_equal(fixture->problems.list[i].line, expected[i].line);
        assert_non_null(strstr(fixture->problems.list[i].message, expected[i].message));
    }
}

static void the_list_of_problems_is_bounded(void **state) {
    fixture_t *fixture = *state;
    for (int i = 0; i < TH_PROBLEMS_MAX + 5; i++) {
        char name[32];
        snprintf(name, sizeof name, "t%03d.lua", i);
        tool_folder_write(&fixture->folder, name, "");
    }
    assert_null(th_catalogue_load(&fixture->settings, NULL, &fixture->problems));
    assert_int_equal(fixture->problems.count, TH_PROBLEMS_MAX);
    assert_true(fixture->problems.more);
}

/* ---- the schema engine behind the words ---- */

static void write_input(fixture_t *fixture, const char *input) {
    char text[2048];
    snprintf(text, sizeof text,
             "tool \"t\" { title = \"T\", about = \"A\", effect = \"read\",\n"
             "run = function () end,\n%s }",
             input);
    tool_folder_write(&fixture->folder, "t.lua", text);
}

static void defaults_and_examples_must_fit_their_fields(void **state) {
    fixture_t *fixture = *state;
    static const char *const wrong[] = {
        "input = { whole \"x\" { \"X\", max = 5, default = 6 } }",
        "input = { text \"x\" { \"X\", min = 2, default = \"a\" } }",
        "input = { text \"x\" { \"X\", pattern = \"^[0-9]+$\", default = \"a\" } }",
        "input = { choice \"x\" { \"X\", \"a\", \"b\", default = \"c\" } }",
        "input = { flag \"x\" { \"X\", default = \"yes\" } }",
        "input = { id \"x\" { \"X\", default = \"12\" } }",
        "input = { list \"x\" { \"X\", of = \"text\", default = { 1 } } }",
        "input = { list \"x\" { \"X\", items = choice { \"a\" }, default = { \"b\" } } }",
        "input = { object \"x\" { \"X\", fields = { text \"a\" { \"A\" } }, default = {} } }",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        write_input(fixture, wrong[i]);
        assert_problem(fixture, "t.lua", 3, "its own default does not fit", "");
    }
    write_input(fixture, "input = { whole \"x\" { \"X\", max = 5, example = 6 } }");
    assert_problem(fixture, "t.lua", 3, "its own example does not fit", "");
    write_input(fixture,
                "input = { list \"x\" { \"X\", of = \"text\", single = true, default = \"a\" },"
                "choice \"y\" { \"Y\", \"a\", default = \"a\" } }");
    th_catalogue_unref(load_fine(fixture));
}

static void schemas_that_do_not_compile_are_told(void **state) {
    fixture_t *fixture = *state;
    static const char *const wrong[] = {
        "input = { text \"x\" { \"X\", pattern = \"(\" } }",
        "schema = { type = \"object\", properties = { x = { type = \"strnig\" } } }",
        "schema = { type = \"object\", [\"$ref\"] = \"https://example.com/schema\" }",
        "schema = json.decode [[{ \"type\": \"object\", \"required\": 3 }]]",
        "output = { type = \"object\", minProperties = -1 }",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        write_input(fixture, wrong[i]);
        assert_null(load(fixture));
        assert_int_equal(fixture->problems.count, 1);
        assert_int_equal(fixture->problems.list[0].line, 3);
    }
}

static void a_pasted_schema_keeps_its_order(void **state) {
    fixture_t *fixture = *state;
    write_input(fixture,
                "schema = json.decode [[{\"type\":\"object\",\"properties\":{\"z\":{},\"a\":"
                "{\"enum\":[]}},\"required\":[]}]]");
    th_catalogue_t *catalogue = load_fine(fixture);
    assert_non_null(strstr(th_catalogue_tool_list(catalogue, TH_TOOL_LIST_2025_06_18).data,
                           "{\"type\":\"object\",\"properties\":{\"z\":{},\"a\":{\"enum\":[]}},"
                           "\"required\":[]}"));
    th_catalogue_unref(catalogue);
}

/* ---- malice and mishap in a file ---- */

static void a_file_without_end_is_stopped(void **state) {
    fixture_t *fixture = *state;
    tool_folder_write_tool(&fixture->folder, "ok.lua", "return 'x'");
    static const char *const bodies[] = {
        "while true do end",
        "while true do pcall(function () while true do end end) end",
        "local s = setmetatable({}, { __index = function (t, k) return t[k + 1] end })\n"
        "while true do pcall(function () return s[1] end) end",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        tool_folder_write(&fixture->folder, "loops.lua", bodies[i]);
        assert_problem(fixture, "loops.lua", i == 2 ? 2 : 1, "ran for half a second", "run");
    }
}

static void a_file_without_measure_is_stopped(void **state) {
    fixture_t *fixture = *state;
    tool_folder_write_tool(&fixture->folder, "ok.lua", "return 'x'");
    tool_folder_write(&fixture->folder, "grows.lua",
                      "local t = {}\nfor i = 1, 1e9 do t[i] = { i } end");
    assert_problem(fixture, "grows.lua", 0, "more memory", "");
}

static void files_cannot_reach_each_other(void **state) {
    fixture_t *fixture = *state;
    tool_folder_write(&fixture->folder, "a.lua", "shared = 1");
    assert_problem(fixture, "a.lua", 1, "'shared'", "");
    tool_folder_write(&fixture->folder, "a.lua", "string.upper = nil");
    assert_problem(fixture, "a.lua", 1, "read-only", "");
    tool_folder_write(&fixture->folder, "a.lua", "tool = nil");
    assert_problem(fixture, "a.lua", 1, "'tool'", "");
}

static void bytecode_is_refused(void **state) {
    fixture_t *fixture = *state;
    tool_folder_write(&fixture->folder, "x.lua", "\x1bLuaT\0rest");
    assert_problem(fixture, "x.lua", 0, "binary", "");
}

static void a_raised_value_is_told_with_its_line(void **state) {
    fixture_t *fixture = *state;
    tool_folder_write(&fixture->folder, "x.lua", "\n\nerror(\"my words\")");
    assert_problem(fixture, "x.lua", 3, "my words", "");
    tool_folder_write(&fixture->folder, "x.lua", "error({})");
    assert_problem(fixture, "x.lua", 1, "raised a table", "");
    tool_folder_write(&fixture->folder, "x.lua", "error(setmetatable({}, { __tostring = error }))");
    assert_problem(fixture, "x.lua", 1, "raised a table", "");
    tool_folder_write(&fixture->folder, "x.lua", "os.exit()");
    assert_problem(fixture, "x.lua", 1, "undefined name 'os'", "");
    tool_folder_write(&fixture->folder, "x.lua", "local t = { txt \"a\" { \"A\" } }");
    assert_problem(fixture, "x.lua", 1, "undefined name 'txt'", "did you mean \"text\"?");
}

static void hostile_text_stays_text(void **state) {
    fixture_t *fixture = *state;
    tool_folder_write(&fixture->folder, "t.lua",
                      "tool \"t\" { title = \"\\\"},{\\\"\", about = \"a\\nb\", effect = \"read\", "
                      "run = function () end }");
    th_catalogue_t *catalogue = load_fine(fixture);
    assert_text(
        th_catalogue_tool_list(catalogue, TH_TOOL_LIST_2025_06_18),
        "[{\"name\":\"t\",\"title\":\"\\\"},{\\\"\",\"description\":\"a\\nb\",\"inputSchema\":"
        "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false},"
        "\"annotations\":{\"readOnlyHint\":true,\"destructiveHint\":false,\"idempotentHint\":"
        "true,\"openWorldHint\":true}}]");
    th_catalogue_unref(catalogue);
    tool_folder_write(&fixture->folder, "t.lua",
                      "tool \"t\" { title = \"a\\0b\", about = \"A\", effect = \"read\", "
                      "run = function () end }");
    assert_problem(fixture, "t.lua", 1, "control character", "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_missing_directory_is_told),
        TEST(something_else_as_directory_is_told),
        TEST(links_are_refused),
        TEST(a_pipe_in_place_of_a_file_is_told),
        TEST(unusual_names_are_told),
        TEST(depth_is_bounded),
        TEST(size_is_bounded),
        TEST(the_number_of_files_is_bounded),
        TEST(a_tool_twice_is_told),
        TEST(all_problems_of_all_files_come_at_once),
        TEST(the_list_of_problems_is_bounded),
        TEST(defaults_and_examples_must_fit_their_fields),
        TEST(schemas_that_do_not_compile_are_told),
        TEST(a_pasted_schema_keeps_its_order),
        TEST(a_file_without_end_is_stopped),
        TEST(a_file_without_measure_is_stopped),
        TEST(files_cannot_reach_each_other),
        TEST(bytecode_is_refused),
        TEST(a_raised_value_is_told_with_its_line),
        TEST(hostile_text_stays_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
