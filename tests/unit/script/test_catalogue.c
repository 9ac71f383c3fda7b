/* test_catalogue.c - from files to a generation: what is taken, rendered, shared, and the library.
 * What is refused is in test_catalogue_problems.c; the words themselves in
 * tests/spec/words_spec.lua. */
#include "check.h"

#include <pthread.h>
#include <unistd.h>

#include "catalogue_fixture.h"
#include "script/library.h"

/* ---- what is taken ---- */

static void loads_a_tool_whole(void **state) {
    fixture_t *fixture = *state;
    tool_folder_write(&fixture->folder, "task/complete_task.lua", full_tool);
    th_catalogue_t *catalogue = load_fine(fixture);
    assert_int_equal(th_catalogue_count(catalogue), 1);
    const th_tool_t *tool = th_catalogue_find(catalogue, TH_SLICE("complete_task"));
    assert_non_null(tool);
    assert_string_equal(tool->title, "Complete a task");
    assert_string_equal(tool->description, "Marks it as done.");
    assert_string_equal(tool->domain, "task");
    char path[512];
    assert_string_equal(tool->file,
                        tool_folder_path(&fixture->folder, "task/complete_task.lua", path));
    assert_int_equal(tool->effect, TH_EFFECT_CHANGE);
    assert_false(tool->read_only);
    assert_false(tool->destructive);
    assert_false(tool->idempotent);
    assert_true(tool->open_world);
    assert_int_equal(tool->cpu_limit, 2000);
    assert_int_equal(tool->timeout, 60000);
    assert_non_null(tool->input);
    assert_non_null(tool->output);
    assert_true(th_catalogue_tool_chunk(catalogue, tool).length > 0);
    th_catalogue_unref(catalogue);
}

static void renders_each_form(void **state) {
    fixture_t *fixture = *state;
    tool_folder_write(&fixture->folder, "complete_task.lua", full_tool);
    th_catalogue_t *catalogue = load_fine(fixture);
#define INPUT                                                                                \
    "\"inputSchema\":{\"type\":\"object\",\"properties\":{\"task_id\":{\"type\":\"string\"," \
    "\"description\":\"The task\",\"pattern\":\"^[a-f0-9]{32}$\"},\"approved\":{\"type\":["  \
    "\"boolean\",\"null\"],\"description\":\"Yes or no\"}},\"required\":[\"task_id\"],"      \
    "\"additionalProperties\":false}"
#define OUTPUT                                                                              \
    "\"outputSchema\":{\"type\":\"object\",\"properties\":{\"title\":{\"type\":\"string\"," \
    "\"description\":\"Its title\"}},\"required\":[\"title\"]}"
#define HINTS                                                                    \
    "\"readOnlyHint\":false,\"destructiveHint\":false,\"idempotentHint\":false," \
    "\"openWorldHint\":true"
    assert_text(th_catalogue_tool_list(catalogue, TH_TOOL_LIST_2024_11_05),
                "[{\"name\":\"complete_task\",\"description\":\"Marks it as done.\"," INPUT "}]");
    assert_text(th_catalogue_tool_list(catalogue, TH_TOOL_LIST_2025_03_26),
                "[{\"name\":\"complete_task\",\"description\":\"Marks it as done.\"," INPUT
                ",\"annotations\":{\"title\":\"Complete a task\"," HINTS "}}]");
    assert_text(th_catalogue_tool_list(catalogue, TH_TOOL_LIST_2025_06_18),
                "[{\"name\":\"complete_task\",\"title\":\"Complete a task\",\"description\":"
                "\"Marks it as done.\"," INPUT "," OUTPUT ",\"annotations\":{" HINTS "}}]");
    th_catalogue_unref(catalogue);
}

/* What a filtered list is put together from. */
static void entries_of_a_list_are_side_by_side(void **state) {
    fixture_t *fixture = *state;
    static const char *const names[] = {"a_tool", "b_tool", "c_tool"};
    for (size_t i = 0; i < 3; i++) {
        char text[256], file[32];
        snprintf(text, sizeof text,
                 "tool '%s' { title = 'T'; about = 'A.'; effect = 'read'; run = function() return "
                 "{ text = '' } end }",
                 names[i]);
        snprintf(file, sizeof file, "%s.lua", names[i]);
        tool_folder_write(&fixture->folder, file, text);
    }
    th_catalogue_t *catalogue = load_fine(fixture);
    for (int form = 0; form < TH_TOOL_LIST_FORMS; form++) {
        th_slice_t list = th_catalogue_tool_list(catalogue, (th_tool_list_form_t)form), json;
        const char *at = list.data + 1;
        assert_int_equal(th_catalogue_listed_count(catalogue, TH_LIST_TOOLS), 3);
        for (size_t i = 0; i < 3; i++) {
            const th_item_t *item =
                th_catalogue_listed(catalogue, TH_LIST_TOOLS, (th_tool_list_form_t)form, i, &json);
            assert_string_equal(item->name, names[i]);
            assert_ptr_equal(json.data, at);
            assert_int_equal(json.data[0], '{');
            assert_int_equal(json.data[json.length], i < 2 ? ',' : ']');
            assert_non_null(memmem(json.data, json.length, names[i], strlen(names[i])));
            at += json.length + 1;
        }
        assert_ptr_equal(at, list.data + list.length);
    }
    assert_int_equal(th_catalogue_listed_count(catalogue, TH_LIST_PROMPTS), 0);
    th_catalogue_unref(catalogue);
}

static void an_empty_directory_is_an_empty_list(void **state) {
    fixture_t *fixture = *state;
    th_catalogue_t *catalogue = load_fine(fixture);
    assert_int_equal(th_catalogue_count(catalogue), 0);
    assert_text(th_catalogue_tool_list(catalogue, TH_TOOL_LIST_2025_06_18), "[]");
    assert_null(th_catalogue_find(catalogue, TH_SLICE("x")));
    assert_null(th_catalogue_tool(catalogue, 0));
    th_catalogue_unref(catalogue);
}

static void tools_are_in_name_order_and_found(void **state) {
    fixture_t *fixture = *state;
    static const char *const files[] = {"z/aa.lua", "a/zz.lua", "mm.lua", "a/ma.lua",
                                        "b/c/d/e/m.lua"};
    static const char *const names[] = {"aa", "m", "ma", "mm", "zz"};
    for (size_t i = 0; i < 5; i++)
        tool_folder_write_tool(&fixture->folder, files[i], "return 'x'");
    th_catalogue_t *catalogue = load_fine(fixture);
    assert_int_equal(th_catalogue_count(catalogue), 5);
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(th_catalogue_tool(catalogue, i)->name, names[i]);
        assert_ptr_equal(th_catalogue_find(catalogue, th_slice_of(names[i])),
                         th_catalogue_tool(catalogue, i));
    }
    assert_string_equal(th_catalogue_find(catalogue, TH_SLICE("m"))->domain, "b/c/d/e");
    assert_null(th_catalogue_find(catalogue, TH_SLICE("")));
    assert_null(th_catalogue_find(catalogue, TH_SLICE("mmm")));
    assert_null(th_catalogue_find(catalogue, TH_SLICE("m\0")));
    th_catalogue_unref(catalogue);
}

static void what_is_no_tool_is_passed_over(void **state) {
    fixture_t *fixture = *state;
    tool_folder_write_tool(&fixture->folder, "task/ok.lua", "return 'x'");
    static const char *const others[] = {".hidden.lua", "task/.ok.lua.swp", "task/ok.lua~",
                                         "#ok.lua#",    "README.md",        "notes.txt",
                                         ".git/ok.lua", "task/4913",        "old~/ok.lua"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        tool_folder_write(&fixture->folder, others[i], "this is not Lua(");
    char path[512];
    assert_int_equal(symlink("/nowhere", tool_folder_path(&fixture->folder, ".#ok.lua", path)), 0);
    th_catalogue_t *catalogue = load_fine(fixture);
    assert_int_equal(th_catalogue_count(catalogue), 1);
    th_catalogue_unref(catalogue);
}

static void a_single_file_is_fine(void **state) {
    fixture_t *fixture = *state;
    char path[512];
    tool_folder_write_tool(&fixture->folder, "task/one.lua", "return 'x'");
    tool_folder_write(&fixture->folder, "task/broken.lua", "(");
    tool_folder_path(&fixture->folder, "task/one.lua", path);
    th_catalogue_t *catalogue = th_catalogue_load(&fixture->settings, path, &fixture->problems);
    assert_non_null(catalogue);
    assert_string_equal(th_catalogue_tool(catalogue, 0)->file, path);
    th_catalogue_unref(catalogue);
    tool_folder_path(&fixture->folder, "task/broken.lua", path);
    assert_null(th_catalogue_load(&fixture->settings, path, &fixture->problems));
    assert_string_equal(fixture->problems.list[0].file, path);
    assert_int_equal(fixture->problems.list[0].line, 1);
}

/* ---- identity ---- */

static th_digest_t definition_of(fixture_t *fixture, const char *text) {
    tool_folder_write(&fixture->folder, "complete_task.lua", text);
    th_catalogue_t *catalogue = load_fine(fixture);
    th_digest_t digest = th_catalogue_tool(catalogue, 0)->definition;
    th_catalogue_unref(catalogue);
    return digest;
}

static void a_definition_changes_with_the_text_only(void **state) {
    fixture_t *fixture = *state;
    th_digest_t first = definition_of(fixture, full_tool);
    th_digest_t again = definition_of(fixture, full_tool);
    assert_true(th_digest_equal(&first, &again));
    char changed[sizeof full_tool];
    memcpy(changed, full_tool, sizeof full_tool);
    memcpy(strstr(changed, "\"done\""), "\"DONE\"", 6);
    th_digest_t other = definition_of(fixture, changed);
    assert_false(th_digest_equal(&first, &other));
}

static void generations_grow_and_sameness_is_of_content(void **state) {
    fixture_t *fixture = *state;
    tool_folder_write_tool(&fixture->folder, "one.lua", "return 'x'");
    th_catalogue_t *first = load_fine(fixture), *second = load_fine(fixture);
    assert_true(th_catalogue_generation(second) > th_catalogue_generation(first));
    assert_true(th_catalogue_same(first, second));
    tool_folder_write_tool(&fixture->folder, "two.lua", "return 'x'");
    th_catalogue_t *third = load_fine(fixture);
    assert_false(th_catalogue_same(first, third));
    th_catalogue_unref(first);
    th_catalogue_unref(second);
    th_catalogue_unref(third);
}

static void *use_catalogue(void *arg) {
    for (int i = 0; i < 1000; i++) {
        th_catalogue_t *mine = th_catalogue_ref(arg);
        if (!th_catalogue_find(mine, TH_SLICE("one"))) return arg;
        th_catalogue_unref(mine);
    }
    th_catalogue_unref(arg);
    return NULL;
}

static void threads_share_a_generation(void **state) {
    fixture_t *fixture = *state;
    tool_folder_write_tool(&fixture->folder, "one.lua", "return 'x'");
    th_catalogue_t *catalogue = load_fine(fixture);
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, use_catalogue, th_catalogue_ref(catalogue)), 0);
    th_catalogue_unref(catalogue);
    for (size_t i = 0; i < 4; i++) {
        void *failed = NULL;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
}

/* ---- the library ---- */

static void copy_words(fixture_t *fixture) {
    static const char *const names[] = {"words.lua",         "words_check.lua", "words_fields.lua",
                                        "words_headers.lua", "words_items.lua", "words_parts.lua",
                                        "words_schema.lua"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char name[64];
        snprintf(name, sizeof name, "lib/%s", names[i]);
        const th_library_file_t *file = th_library_find(names[i]);
        assert_non_null(file);
        tool_folder_write_bytes(&fixture->folder, name, file->text.data, file->text.length);
    }
}

/* lib/ and tools/ side by side. */
static void use_own_library(fixture_t *fixture) {
    copy_words(fixture);
    tool_folder_write_tool(&fixture->folder, "tools/one.lua", "return 'x'");
    snprintf(fixture->settings.script_library, sizeof fixture->settings.script_library, "%s/lib",
             fixture->folder.path);
    snprintf(fixture->settings.script_tools, sizeof fixture->settings.script_tools, "%s/tools",
             fixture->folder.path);
}

static void modules_come_from_the_library(void **state) {
    fixture_t *fixture = *state;
    use_own_library(fixture);
    tool_folder_write(&fixture->folder, "lib/tallyfy/people.lua", "return { n = 7 }");
    tool_folder_write(&fixture->folder, "lib/practice/x.lua", "not Lua, and not looked at");
    tool_folder_write(&fixture->folder, "tools/two.lua",
                      "local people = use \"tallyfy.people\"\n"
                      "tool \"two\" { title = \"T\" .. people.n, about = \"A\", "
                      "effect = \"read\", "
                      "run = function () return people.n end }");
    th_catalogue_t *catalogue = load_fine(fixture);
    assert_string_equal(th_catalogue_find(catalogue, TH_SLICE("two"))->title, "T7");
    assert_true(th_catalogue_module_chunk(catalogue, TH_SLICE("tallyfy.people")).length > 0);
    assert_true(th_catalogue_module_chunk(catalogue, TH_SLICE("words")).length > 0);
    static const char *const hidden[] = {
        "words_check", "words_schema", "practice.x", "tallyfy", "", "tallyfy/people", "../secret"};
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
        assert_int_equal(th_catalogue_module_chunk(catalogue, th_slice_of(hidden[i])).length, 0);

    tool_folder_write(&fixture->folder, "lib/tallyfy/people.lua", "return { n = 7 } -- edited");
    th_catalogue_t *edited = load_fine(fixture);
    assert_false(th_catalogue_same(catalogue, edited));
    th_catalogue_unref(edited);
    th_catalogue_unref(catalogue);
}

/* Files are checked one after the other in one state; a module that one of them wrote to is made
 * anew for the next. */
static void files_do_not_share_what_a_module_returned(void **state) {
    fixture_t *fixture = *state;
    use_own_library(fixture);
    tool_folder_write(&fixture->folder, "lib/tallyfy/people.lua",
                      "local n = 6\n"
                      "return { n = 7, next = function () n = n + 1 return n end }");
    static const char *const names[] = {"aa", "bb"};
    for (size_t i = 0; i < 2; i++) {
        char file[32], text[512];
        (void)snprintf(file, sizeof file, "tools/%s.lua", names[i]);
        (void)snprintf(text, sizeof text,
                       "local people = use \"tallyfy.people\"\n"
                       "tool \"%s\" { title = \"T\" .. people.n .. people.next(), about = \"A\", "
                       "effect = \"read\", "
                       "run = function () end }\n"
                       "pcall(function () people.n = 8 end)",
                       names[i]);
        tool_folder_write(&fixture->folder, file, text);
    }
    th_catalogue_t *catalogue = load_fine(fixture);
    for (size_t i = 0; i < 2; i++)
        assert_string_equal(th_catalogue_find(catalogue, th_slice_of(names[i]))->title, "T77");
    th_catalogue_unref(catalogue);
}

static void a_broken_library_is_told(void **state) {
    fixture_t *fixture = *state;
    use_own_library(fixture);
    tool_folder_write(&fixture->folder, "lib/tallyfy/people.lua", "local a = 1\nreturn {{");
    assert_problem(fixture, "lua/tallyfy/people.lua", 2, "expected", "");
    tool_folder_remove(&fixture->folder, "lib/tallyfy/people.lua");
    tool_folder_remove(&fixture->folder, "lib/words_fields.lua");
    assert_problem(fixture, "lua/words_fields.lua", 0, "is missing", "script.library");
    snprintf(fixture->settings.script_library, sizeof fixture->settings.script_library, "/nowhere");
    assert_problem(fixture, "/nowhere", 0, "No such file", "");
}

static void a_module_that_raises_is_told_where_it_is_used(void **state) {
    fixture_t *fixture = *state;
    use_own_library(fixture);
    tool_folder_write(&fixture->folder, "lib/tallyfy/bad.lua", "\n\n\nerror('no luck')");
    tool_folder_write(&fixture->folder, "tools/two.lua", "\nlocal bad = use \"tallyfy.bad\"");
    assert_problem(fixture, "two.lua", 2, "bad.lua:4: no luck", "");
}

static void an_unknown_module_is_told(void **state) {
    fixture_t *fixture = *state;
    tool_folder_write(&fixture->folder, "one.lua", "\nuse \"tallyfy.nothing\"");
    assert_problem(fixture, "one.lua", 2, "tallyfy.nothing", "");
}

/* With too little memory a load fails with a sentence and leaks nothing; it never crashes. */
static void too_little_memory_is_an_answer(void **state) {
    fixture_t *fixture = *state;
    tool_folder_write(&fixture->folder, "complete_task.lua", full_tool);
    bool worked = false;
    for (int64_t memory = 4096; memory <= 512 * 1024; memory += memory < 65536 ? 3001 : 30011) {
        fixture->settings.script_memory = memory;
        th_catalogue_t *catalogue = th_catalogue_load(&fixture->settings, NULL, &fixture->problems);
        worked = worked || catalogue;
        if (!catalogue) {
            assert_true(fixture->problems.count > 0);
            assert_non_null(strstr(fixture->problems.list[0].message, "memory"));
        }
        th_catalogue_unref(catalogue);
    }
    assert_true(worked);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(loads_a_tool_whole),
        TEST(renders_each_form),
        TEST(entries_of_a_list_are_side_by_side),
        TEST(an_empty_directory_is_an_empty_list),
        TEST(tools_are_in_name_order_and_found),
        TEST(what_is_no_tool_is_passed_over),
        TEST(a_single_file_is_fine),
        TEST(a_definition_changes_with_the_text_only),
        TEST(generations_grow_and_sameness_is_of_content),
        TEST(threads_share_a_generation),
        TEST(modules_come_from_the_library),
        TEST(files_do_not_share_what_a_module_returned),
        TEST(a_broken_library_is_told),
        TEST(a_module_that_raises_is_told_where_it_is_used),
        TEST(an_unknown_module_is_told),
        TEST(too_little_memory_is_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
