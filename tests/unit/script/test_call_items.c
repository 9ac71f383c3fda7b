/* test_call_items.c - reading resources, getting prompts, completing arguments: what `run` returned
 * and what comes of it; content blocks of every kind; and what call tells others. */
#include "check.h"

#include "call_fixture.h"

static const char *fixture_answer(th_api_t *api, const char *asked) {
    (void)api, (void)asked;
    return "{\"data\":{\"text\":\"of the API\",\"id\":7}}";
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

static result_t r;

static void write_item(const char *kind, const char *fields, const char *body) {
    char text[4096];
    snprintf(
        text, sizeof text,
        "%s \"i\" { title = \"T\"; about = \"A\"; %s\nrun = function (args, call)\n%s\nend; }\n",
        kind, fields, body);
    tool_folder_write(&fixture.folder, "i.lua", text);
    fixture_load();
}

/* ---- resources ---- */

static void read_it(const char *fields, const char *uri, const char *arguments, const char *body) {
    write_item("resource", fields, body);
    fixture.kind = TH_CALL_RESOURCE;
    fixture.uri = uri;
    fixture_call("i", arguments, &r);
    fixture.kind = TH_CALL_TOOL;
}

static void reads(const char *body, const char *contents) {
    read_it("uri = \"x://a\";", "x://a", NULL, body);
    if (r.outcome != TH_CALL_OK) fail_msg("%s\n  failed: %s", body, r.message);
    assert_string_equal(r.answer, contents);
}

static void contents_come_in_every_form(void **state) {
    (void)state;
    reads("return 'hi'", "[{\"uri\":\"x://a\",\"mimeType\":\"text/plain\",\"text\":\"hi\"}]");
    reads("return 42", "[{\"uri\":\"x://a\",\"mimeType\":\"text/plain\",\"text\":\"42\"}]");
    reads("return { a = 1 }",
          "[{\"uri\":\"x://a\",\"mimeType\":\"application/json\",\"text\":\"{\\\"a\\\":1}\"}]");
    reads("return { 1, 2 }",
          "[{\"uri\":\"x://a\",\"mimeType\":\"application/json\",\"text\":\"[1,2]\"}]");
    /* A view is data, whatever its members are called. */
    reads("return call.api:get('/me')",
          "[{\"uri\":\"x://a\",\"mimeType\":\"application/json\","
          "\"text\":\"{\\\"text\\\":\\\"of the API\\\",\\\"id\\\":7}\"}]");
    reads("return { text = 't', mime = 'text/markdown' }",
          "[{\"uri\":\"x://a\",\"mimeType\":\"text/markdown\",\"text\":\"t\"}]");
    reads("return { blob = 'aGk=', mime = 'image/png', meta = { k = 1 } }",
          "[{\"uri\":\"x://a\",\"mimeType\":\"image/png\",\"blob\":\"aGk=\",\"_meta\":{\"k\":1}}]");
    reads("return { data = { text = 1 } }",
          "[{\"uri\":\"x://a\",\"mimeType\":\"application/json\",\"text\":\"{\\\"text\\\":1}\"}]");
    reads("return { contents = { { uri = 'x://b', text = 'b' }, { blob = call.base64('hi') } } }",
          "[{\"uri\":\"x://b\",\"text\":\"b\"},{\"uri\":\"x://a\",\"blob\":\"aGk=\"}]");
    reads("return call.uri",
          "[{\"uri\":\"x://a\",\"mimeType\":\"text/plain\",\"text\":\"x://a\"}]");
    read_it("uri = \"x://{id}\"; mime = \"text/x\"; input = { text \"id\" { \"D\" } };", "x://7",
            "{\"id\":\"7\"}", "return 'no ' .. args.id");
    assert_string_equal(r.answer,
                        "[{\"uri\":\"x://7\",\"mimeType\":\"text/x\",\"text\":\"no 7\"}]");
}

static void bad_contents_are_a_bug(void **state) {
    (void)state;
    static const struct {
        const char *body, *part;
    } cases[] = {
        {"return true", "no text, table or view"},
        {"return json.null", "no text, table or view"},
        {"return", "returned nothing"},
        {"return { text = 'a', blob = 'aGk=' }", "needs text or blob"},
        {"return { blob = 'no base64!' }", "blob must be base64 text"},
        {"return { text = 5 }", "text must be a text"},
        {"return { text = 'a', colour = 1 }", "colour is unknown here"},
        {"return { text = 'a', uri = 'nothing' }", "uri must be a URI"},
        {"return { contents = { { uri = 'x://b' } } }", "contents[1] needs text or blob"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        read_it("uri = \"x://a\";", "x://a", NULL, cases[i].body);
        if (r.outcome != TH_CALL_BUG || !fixture_logged(cases[i].part))
            fail_msg("%s\n  gave %d %s", cases[i].body, r.outcome, r.answer);
        assert_non_null(strstr(r.message, "resource i"));
    }
    read_it("uri = \"x://a\";", "x://a", NULL,
            "return nil, { code = 'not_found', message = 'No.' }");
    assert_int_equal(r.outcome, TH_CALL_FAILED);
    assert_string_equal(r.code, "not_found");
    read_it("uri = \"x://a\";", "x://a", NULL, "return ('x'):rep(70000)");
    assert_int_equal(r.outcome, TH_CALL_TOO_LARGE);
}

/* ---- prompts ---- */

static void get(const char *body) {
    write_item("prompt", "input = { text \"a\" { \"D\", optional = true } };", body);
    fixture.kind = TH_CALL_PROMPT;
    fixture_call("i", "{\"a\":\"x\"}", &r);
    fixture.kind = TH_CALL_TOOL;
}

#define USER(text) "{\"role\":\"user\",\"content\":{\"type\":\"text\",\"text\":\"" text "\"}}"

static void messages_come_in_every_form(void **state) {
    (void)state;
    get("return 'say ' .. args.a");
    assert_string_equal(r.answer, "[" USER("say x") "]");
    assert_string_equal(r.description, "");
    get("return { 'one', { role = 'assistant', text = 'two' }, { content = 'three' } }");
    assert_string_equal(r.answer,
                        "[" USER("one") ",{\"role\":\"assistant\",\"content\":{\"type\":\"text\","
                                        "\"text\":\"two\"}}," USER("three") "]");
    get("return { description = 'About', messages = { 'one' } }");
    assert_string_equal(r.answer, "[" USER("one") "]");
    assert_string_equal(r.description, "About");
    get("return { { content = { type = 'image', data = 'aGk=', mime = 'image/png' } } }");
    assert_string_equal(r.answer, "[{\"role\":\"user\",\"content\":{\"type\":\"image\",\"data\":"
                                  "\"aGk=\",\"mimeType\":\"image/png\"}}]");
}

static void bad_messages_are_a_bug(void **state) {
    (void)state;
    static const struct {
        const char *body, *part;
    } cases[] = {
        {"return 5", "no text and no list of messages"},
        {"return {}", "a list of at least one"},
        {"return { messages = {} }", "a list of at least one"},
        {"return { messages = { 'a' }, colour = 1 }", "has description and messages"},
        {"return { { role = 'system', text = 'x' } }", "role must be"},
        {"return { { text = 'x', colour = 1 } }", "message 1 has role, and text or content"},
        {"return { { content = { { type = 'text', text = 'x' } } } }", "is no content block"},
        {"return { description = 5, messages = { 'a' } }", "description must be a text"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        get(cases[i].body);
        if (r.outcome != TH_CALL_BUG || !fixture_logged(cases[i].part))
            fail_msg("%s\n  gave %d %s", cases[i].body, r.outcome, r.answer);
    }
}

/* ---- completions ---- */

static void complete(const char *field, const char *value) {
    char input[1024];
    snprintf(input, sizeof input, "input = { %s };", field);
    write_item("prompt", input, "return 'x'");
    fixture.kind = TH_CALL_COMPLETE;
    fixture.argument = "a";
    fixture.value = value;
    fixture_call("i", "{\"other\":\"o\"}", &r);
    fixture.kind = TH_CALL_TOOL;
}

static void completions_are_filtered_counted_and_cut(void **state) {
    (void)state;
    static const char list[] =
        "text \"a\" { \"D\", complete = { \"Oslo\", \"Paris\", \"Carlo\" } }";
    complete(list, "");
    assert_string_equal(r.answer, "[\"Oslo\",\"Paris\",\"Carlo\"]");
    assert_int_equal(r.total, 3);
    assert_false(r.has_more);
    complete(list, "LO"); /* in the middle comes behind the beginning */
    assert_string_equal(r.answer, "[\"Oslo\",\"Carlo\"]");
    complete(list, "zz");
    assert_string_equal(r.answer, "[]");
    complete("choice \"a\" { \"D\", \"open\", \"done\" }", "d");
    assert_string_equal(r.answer, "[\"done\"]");
    complete("text \"a\" { \"D\", complete = function (value, args, call) return { value .. "
             "args.other .. call.user.id } end }",
             "v");
    assert_string_equal(r.answer, "[\"vo42\"]");
    complete("text \"a\" { \"D\", complete = function () local t = {} for i = 1, 150 do t[i] = "
             "tostring(i) end return t end }",
             "");
    assert_int_equal(r.total, 150);
    assert_true(r.has_more);
    assert_non_null(strstr(r.answer, "\"100\"]"));
    complete("text \"a\" { \"D\", complete = function () return {} end }", "");
    assert_string_equal(r.answer, "[]");
}

static void bad_completions_fail(void **state) {
    (void)state;
    static const char *const bodies[] = {
        "return 'x'",         "return { 5 }",
        "return { a = 'x' }", "return { ('x'):rep(1001) }",
        "error('no')",        "call.ask { message = 'm', fields = {} }"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        char field[256];
        snprintf(field, sizeof field,
                 "text \"a\" { \"D\", complete = function (value, args, call) %s end }", bodies[i]);
        complete(field, "");
        if (r.outcome != TH_CALL_BUG) fail_msg("%s\n  gave %d %s", bodies[i], r.outcome, r.answer);
    }
    complete("text \"a\" { \"D\", complete = function () return nil, 'busy' end }", "");
    assert_int_equal(r.outcome, TH_CALL_FAILED);
}

/* ---- content blocks of a tool ---- */

static void block(const char *lua, const char *json) {
    char body[1024];
    snprintf(body, sizeof body, "return { content = { %s } }", lua);
    fixture_tool("t", body);
    fixture_load();
    fixture_call("t", NULL, &r);
    if (r.outcome != TH_CALL_OK) fail_msg("%s\n  failed: %s", lua, r.message);
    assert_int_equal(strlen(r.text), 0); /* nothing is put beside them */
    assert_memory_equal(r.content + 1, json, strlen(json));
    assert_int_equal(strlen(r.content), strlen(json) + 2);
}

static void blocks_are_brought_into_the_newest_form(void **state) {
    (void)state;
    block("{ type = 'audio', data = 'aGk=', mimeType = 'audio/wav' }",
          "{\"type\":\"audio\",\"data\":\"aGk=\",\"mimeType\":\"audio/wav\"}");
    block("{ type = 'resource', resource = { uri = 'x://a', mime = 'text/plain', text = 'b' } }",
          "{\"type\":\"resource\",\"resource\":{\"uri\":\"x://a\",\"mimeType\":\"text/plain\","
          "\"text\":\"b\"}}");
    block("{ type = 'resource_link', uri = 'x://a', name = 'n', about = 'd', size = 3 }",
          "{\"type\":\"resource_link\",\"uri\":\"x://a\",\"name\":\"n\",\"description\":\"d\","
          "\"size\":3}");
    block(
        "{ type = 'text', text = 'a', annotations = { audience = { 'user' }, priority = 1, "
        "last_modified = '2026-11-25' }, meta = { k = 1 } }",
        "{\"type\":\"text\",\"text\":\"a\",\"annotations\":{\"audience\":[\"user\"],\"priority\":1,"
        "\"lastModified\":\"2026-11-25\"},\"_meta\":{\"k\":1}}");
}

static void bad_blocks_are_a_bug(void **state) {
    (void)state;
    static const struct {
        const char *block, *part;
    } cases[] = {
        {"{ type = 'film' }", "its type must be text, image"},
        {"5", "is no content block"},
        {"{ type = 'image', data = 'x', mime = 'image/png' }", "data must be base64"},
        {"{ type = 'image', data = 'aGk=' }", "mimeType is missing"},
        {"{ type = 'resource', uri = 'x://a' }", "uri is unknown here"},
        {"{ type = 'resource', resource = { text = 'a' } }", "uri is missing"},
        {"{ type = 'resource_link', uri = 'a b:c', name = 'n' }", "uri must be a URI"},
        {"{ type = 'text', text = 'a', annotations = { priority = 2 } }", "from 0 to 1"},
        {"{ type = 'text', text = 'a', annotations = { audience = { 'me' } } }", "is made of"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char body[512];
        snprintf(body, sizeof body, "return { content = { %s } }", cases[i].block);
        fixture_tool("t", body);
        fixture_load();
        fixture_call("t", NULL, &r);
        if (r.outcome != TH_CALL_BUG || !fixture_logged(cases[i].part))
            fail_msg("%s\n  gave %d %s", cases[i].block, r.outcome, r.content);
    }
}

/* ---- what call tells ---- */

static void run_tool(const char *body) {
    fixture_tool("t", body);
    fixture_load();
    fixture_call("t", NULL, &r);
}

static void changes_are_announced(void **state) {
    (void)state;
    run_tool("call.changed('prompts')");
    assert_string_equal(r.changed, "1 ");
    run_tool("call.changed('x://a/b')");
    assert_string_equal(r.changed, "3 x://a/b");
    run_tool("call.changed('nothing')");
    assert_true(fixture_logged("or the URI of a resource"));
    run_tool("call.detach() return 'x'");
    assert_int_equal(r.signals, 1);
    run_tool("call.become_task()");
    assert_true(fixture_logged("says task = \"later\""));
    assert_int_equal(r.signals, 0);
}

static void waiting_is_bounded(void **state) {
    (void)state;
    run_tool("call.wait('20ms') call.wait(0) call.wait(0.01) return 'x'");
    assert_string_equal(r.text, "x");
    static const char *const bad[] = {"-1", "'5 parsecs'", "'2h'", "601", "{}", "0/0", "''"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char body[64];
        snprintf(body, sizeof body, "call.wait(%s)", bad[i]);
        run_tool(body);
        if (r.outcome != TH_CALL_BUG) fail_msg("%s was taken", bad[i]);
    }
    fixture.settings.script_call_timeout = 100;
    run_tool("call.wait(60)");
    assert_int_equal(r.outcome, TH_CALL_NO_TIME);
    assert_string_equal(r.code, "timeout");
    fixture.settings.script_call_timeout = 60000;
}

static void host_shows_what_the_person_may_use(void **state) {
    (void)state;
    tool_folder_write_tool(&fixture.folder, "task/hidden.lua", "return 1");
    fixture.forbidden = "hidden";
    run_tool("local n = {} for _, t in ipairs(call.host.tools()) do n[#n + 1] = t.name end\n"
             "return table.concat(n, ' ') .. ' ' .. call.host.name .. ' ' .. "
             "call.host.limits().requests .. ' ' .. #call.host.prompts()");
    assert_string_equal(r.text, "t tallyhost 20 1"); /* the prompt "i" is still there */
    fixture.forbidden = NULL;
    run_tool("call.host.x = 1");
    assert_int_equal(r.outcome, TH_CALL_BUG);
}

static void notes_carry_any_data(void **state) {
    (void)state;
    run_tool("call.log({ a = 1 }, 'critical', 'db')");
    assert_string_equal(r.log, "{\"a\":1}");
    run_tool("call.log('\\xff!')");
    assert_string_equal(r.log, "?!");
    run_tool("call.log({ print })");
    assert_int_equal(r.outcome, TH_CALL_BUG);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contents_come_in_every_form),
        cmocka_unit_test(bad_contents_are_a_bug),
        cmocka_unit_test(messages_come_in_every_form),
        cmocka_unit_test(bad_messages_are_a_bug),
        cmocka_unit_test(completions_are_filtered_counted_and_cut),
        cmocka_unit_test(bad_completions_fail),
        cmocka_unit_test(blocks_are_brought_into_the_newest_form),
        cmocka_unit_test(bad_blocks_are_a_bug),
        cmocka_unit_test(changes_are_announced),
        cmocka_unit_test(waiting_is_bounded),
        cmocka_unit_test(host_shows_what_the_person_may_use),
        cmocka_unit_test(notes_carry_any_data),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
