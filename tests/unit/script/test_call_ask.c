/* test_call_ask.c - call.ask, sample and roots: what is put to the client, what comes back, replay
 * with known answers, refusals, nonsense, time and cancellation. */
#include "check.h"

#include "call_fixture.h"

static const char *fixture_answer(th_api_t *api, const char *asked) {
    (void)api, (void)asked;
    return "{\"data\":{\"id\":7}}";
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

static const char name_form[] = "local who = form { text \"name\" { \"Your name\" } }\n";

/* A tool "t" whose file begins with <head> and whose run is <body>. */
static void write_tool(const char *head, const char *body) {
    char text[4096];
    snprintf(text, sizeof text,
             "%stool \"t\" { title = \"T\"; about = \"A\"; effect = \"change\"; schema = { type = "
             "\"object\" };\nrun = function (args, call)\n%s\nend; }\n",
             head, body);
    tool_folder_write(&fixture.folder, "t.lua", text);
    fixture_load();
}

/* Turns the loop until the tool has asked or is done. */
static void until_asked(void) {
    while (!r.done && r.asks == 0)
        uv_run(&fixture.worker.loop, UV_RUN_ONCE);
    for (int i = 0; i < 3; i++)
        fixture_run(); /* it waits now */
}

static bool answer_with(const char *json) {
    th_json_document_t *document = fixture_json(json);
    bool taken = th_call_answer(r.call, th_json_root(document));
    th_json_unref(document);
    return taken;
}

static void ask_once(const char *head, const char *body) {
    write_tool(head, body);
    fixture_start(fixture.script, "t", NULL, &r);
    until_asked();
}

/* Asks, answers, and compares the text of the result. */
static void gives(const char *head, const char *body, const char *answers, const char *expected) {
    ask_once(head, body);
    if (r.done)
        fail_msg("%s\n  did not ask: %s", body, r.outcome == TH_CALL_OK ? r.text : r.message);
    assert_true(answer_with(answers));
    fixture_finish(&r);
    if (r.outcome != TH_CALL_OK) fail_msg("%s\n  failed: %s", body, r.message);
    assert_string_equal(r.text, expected);
}

static const char ask_name[] =
    "local a, e = call.ask { key = 'n', message = 'Who?', fields = who }\n"
    "return a and a.name or e.code";

static void a_form_is_put_and_answered(void **state) {
    (void)state;
    gives(name_form, ask_name, "{\"n\":{\"action\":\"accept\",\"content\":{\"name\":\"Ann\"}}}",
          "Ann");
    assert_string_equal(r.ask, "n={\"message\":\"Who?\",\"requestedSchema\":{\"type\":\"object\","
                               "\"properties\":{\"name\":{\"type\":\"string\",\"description\":"
                               "\"Your name\"}},\"required\":[\"name\"]}}");
    gives(name_form, ask_name, "{\"n\":{\"action\":\"decline\"}}", "declined");
    gives(name_form, ask_name, "{\"n\":{\"action\":\"cancel\"}}", "cancelled");
    gives(name_form, ask_name, "{\"n\":{\"error\":{\"code\":\"rejected\",\"message\":\"No.\"}}}",
          "rejected");
    gives(name_form, ask_name, "{\"n\":{\"error\":{\"code\":\"-1 !\"}}}", "no_answer");
    gives(name_form, ask_name, "{\"other\":{\"action\":\"accept\"}}", "no_answer");
}

static void answers_of_another_shape_are_not_taken(void **state) {
    (void)state;
    static const char *const bad[] = {"12345",
                                      "null",
                                      "[]",
                                      "{}",
                                      "{\"action\":\"maybe\"}",
                                      "{\"action\":\"accept\"}",
                                      "{\"action\":\"accept\",\"content\":[]}",
                                      "{\"action\":\"accept\",\"content\":{}}",
                                      "{\"action\":\"accept\",\"content\":{\"name\":5}}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char answers[128];
        snprintf(answers, sizeof answers, "{\"n\":%s}", bad[i]);
        gives(name_form, ask_name, answers, "bad_answer");
    }
    /* More than was asked for is fine: the form is open. */
    gives(name_form, ask_name,
          "{\"n\":{\"action\":\"accept\",\"content\":{\"name\":\"A\",\"more\":1}}}", "A");
}

static void known_answers_are_used_without_asking(void **state) {
    (void)state;
    write_tool(name_form, ask_name);
    fixture.answers = "{\"n\":{\"action\":\"accept\",\"content\":{\"name\":\"Bo\"}},\"x\":3}";
    fixture_call("t", NULL, &r);
    assert_string_equal(r.text, "Bo");
    assert_int_equal(r.asks, 0);
    /* Of no use, so it is asked again: an error cannot be claimed either. */
    fixture.answers = "{\"n\":12345}";
    fixture_start(fixture.script, "t", NULL, &r);
    until_asked();
    assert_int_equal(r.asks, 1);
    assert_true(answer_with("{\"n\":{\"action\":\"decline\"}}"));
    fixture_finish(&r);
    fixture.answers = "{\"n\":{\"error\":{\"code\":\"forged\"}}}";
    fixture_start(fixture.script, "t", NULL, &r);
    until_asked();
    assert_int_equal(r.asks, 1);
    th_call_cancel(r.call);
    fixture_finish(&r);
    fixture.answers = NULL;
}

static void rounds_have_stable_keys(void **state) {
    (void)state;
    static const char body[] = "local a = call.ask { message = '1', fields = who }\n"
                               "local b = call.ask { message = '2', fields = who }\n"
                               "return a.name .. b.name";
    write_tool(name_form, body);
    fixture.answers = "{\"ask-1\":{\"action\":\"accept\",\"content\":{\"name\":\"x\"}}}";
    fixture_start(fixture.script, "t", NULL, &r);
    until_asked();
    assert_int_equal(r.asks, 1);
    assert_memory_equal(r.ask, "ask-2={\"message\":\"2\"", 20);
    assert_true(answer_with("{\"ask-2\":{\"action\":\"accept\",\"content\":{\"name\":\"y\"}}}"));
    fixture_finish(&r);
    assert_string_equal(r.text, "xy");
    fixture.answers = NULL;
}

static void several_are_asked_at_once(void **state) {
    (void)state;
    static const char body[] =
        "local l = call.ask { { key = 'a', message = 'm', fields = who },\n"
        "  { key = 'b', sample = { prompt = 'hi', max_tokens = 9 } }, { key = 'c', roots = true } "
        "}\n"
        "local t = {} for i, x in ipairs(l) do t[i] = x.error and x.error.code or "
        "json.encode(x.value) end\n"
        "return table.concat(t, ' ')";
    gives(
        name_form, body,
        "{\"a\":{\"action\":\"accept\",\"content\":{\"name\":\"n\"}},\"b\":{\"role\":\"assistant\","
        "\"content\":{\"type\":\"text\",\"text\":\"yo\"},\"model\":\"m\"},\"c\":{\"roots\":[]}}",
        "{\"name\":\"n\"} {\"role\":\"assistant\",\"content\":{\"type\":\"text\",\"text\":\"yo\"},"
        "\"model\":\"m\"} []");
    assert_int_equal(r.asked, 3);
    assert_non_null(strstr(r.ask, "b={\"messages\":[{\"role\":\"user\",\"content\":{\"type\":"
                                  "\"text\",\"text\":\"hi\"}}],\"maxTokens\":9} c={}"));
    /* Only what the client can be asked goes out. */
    fixture.deaf = 1u << TH_ASK_FORM;
    gives(name_form, body, "{\"c\":{\"roots\":[]}}", "cannot_ask no_answer []");
    assert_int_equal(r.asked, 2);
    fixture.deaf = 0;
}

static void other_questions_have_their_forms(void **state) {
    (void)state;
    gives("", "return tostring(call.ask { url = 'https://example.com/x', message = 'Look' })",
          "{\"ask-1\":{\"action\":\"accept\"}}", "true");
    assert_string_equal(r.ask, "ask-1={\"mode\":\"url\",\"message\":\"Look\",\"url\":"
                               "\"https://example.com/x\"}");
    gives("", "return #call.roots()", "{\"ask-1\":{\"roots\":[{\"uri\":\"file:///a\"}]}}", "1");
    gives("",
          "local m = call.sample { messages = { 'a', { role = 'assistant', text = 'b' } }, "
          "max_tokens = 5, system = 's', temperature = 0.5, stop = { 'x' } } return m.model",
          "{\"ask-1\":{\"role\":\"assistant\",\"content\":{},\"model\":\"gpt\"}}", "gpt");
    assert_string_equal(
        r.ask,
        "ask-1={\"messages\":[{\"role\":\"user\",\"content\":{\"type\":\"text\",\"text\":"
        "\"a\"}},{\"role\":\"assistant\",\"content\":{\"type\":\"text\",\"text\":\"b\"}}],"
        "\"maxTokens\":5,\"systemPrompt\":\"s\",\"temperature\":0.5,\"stopSequences\":[\"x\"]"
        "}");
    gives("",
          "local a = call.ask { message = 'm', schema = { type = 'object', properties = { n = { "
          "type = 'integer' } } } } return a.n",
          "{\"ask-1\":{\"action\":\"accept\",\"content\":{\"n\":4}}}", "4");
}

static void a_client_that_cannot_be_asked_is_an_error(void **state) {
    (void)state;
    static const char body[] = "local a, e = call.ask { message = 'm', fields = who }\n"
                               "return e.code .. ': ' .. e.message .. ' ' .. "
                               "tostring(call.can_ask 'form')";
    write_tool(name_form, body);
    fixture.refuse_asks = true;
    fixture_call("t", NULL, &r);
    assert_string_equal(r.text, "cannot_ask: Not on this wire. true");
    fixture.refuse_asks = false;
    fixture.deaf = 1u << TH_ASK_FORM;
    fixture_call("t", NULL, &r);
    assert_string_equal(r.text, "cannot_ask: This client cannot be asked that. false");
    fixture.deaf = 0;
}

static void misuse_is_told(void **state) {
    (void)state;
    static const struct {
        const char *body, *part;
    } cases[] = {
        {"call.ask { message = 'm' }", "needs fields (a form), or url, or schema"},
        {"call.ask { fields = who }", "needs a message"},
        {"call.ask { message = 'm', fields = { 'x' } }", "a form declared outside run"},
        {"call.ask { message = 'm', fields = { form = 2 } }", "a form declared outside run"},
        {"call.ask { message = 'm', fields = who, colour = 1 }", "unknown field colour"},
        {"call.ask { message = 'm', url = 'http://x.org' }", "must be an https: address"},
        {"call.ask { message = 'm', url = 'https://x.org/a b' }", "must be an https: address"},
        {"call.ask { key = 'a b', message = 'm', fields = who }", "key must be made of"},
        {"call.ask { { key = 'a', message = 'm', fields = who }, { key = 'a', roots = true } }",
         "the key a was used before"},
        {"call.ask { 5 }", "each question is a table"},
        {"call.sample { prompt = 'x' }", "needs max_tokens"},
        {"call.sample { max_tokens = 1 }", "needs prompt (a text) or messages"},
        {"call.sample { max_tokens = 1, messages = { { role = 'system', text = 'x' } } }",
         "role must be"},
        {"call.roots { name = 1 }", "unknown field name"},
        {"call.ask { message = 'm', schema = { type = 'object' } }", "properties"},
        {"call.ask { message = 'm', schema = { type = 'object', properties = { a = { type = "
         "'object' } } } }",
         "a needs a type"},
        {"call.ask { message = 'm', schema = { type = 'object', properties = { a = { type = "
         "'string', pattern = 'x' } } } }",
         "pattern is not for forms"},
        {"call.can_ask 'money'", "invalid option 'money'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_tool(name_form, cases[i].body);
        fixture_call("t", NULL, &r);
        if (r.outcome != TH_CALL_BUG || !fixture_logged(cases[i].part))
            fail_msg("%s\n  gave %d %s", cases[i].body, r.outcome, r.message);
        assert_int_equal(r.asks, 0);
    }
}

static void asking_has_an_end(void **state) {
    (void)state;
    write_tool(name_form, "for i = 1, 100 do call.ask { message = 'm', fields = who } end");
    fixture.refuse_asks = true;
    fixture_call("t", NULL, &r);
    assert_int_equal(r.outcome, TH_CALL_BUG);
    assert_true(fixture_logged("more than 64 questions in one call"));
    assert_int_equal(r.asks, 64);
    fixture.refuse_asks = false;
}

static void the_deadline_stands_still_while_it_asks(void **state) {
    (void)state;
    fixture.settings.script_call_timeout = 100;
    fixture.settings.script_ask_timeout = 250;
    write_tool(name_form, ask_name);
    fixture_start(fixture.script, "t", NULL, &r);
    fixture_finish(&r); /* nobody answers: the call goes on, and ends in its own way */
    assert_int_equal(r.outcome, TH_CALL_OK);
    assert_string_equal(r.text, "no_answer");
    fixture.settings.script_call_timeout = 60000;
}

static void a_late_answer_is_refused(void **state) {
    (void)state;
    ask_once(name_form, "call.ask { message = 'm', fields = who } call.wait(60) return 'x'");
    assert_true(answer_with("{}"));
    assert_false(answer_with("{}"));
    fixture_run();
    assert_false(answer_with("{}"));
    th_call_cancel(r.call);
    fixture_finish(&r);
    assert_int_equal(r.outcome, TH_CALL_CANCELLED);
}

static void cancelling_works_while_and_from_inside_asking(void **state) {
    (void)state;
    ask_once(name_form, ask_name);
    th_call_cancel(r.call);
    fixture_finish(&r);
    assert_int_equal(r.outcome, TH_CALL_CANCELLED);
    fixture.cancel_on_ask = true;
    write_tool(name_form, ask_name);
    fixture_call("t", NULL, &r);
    assert_int_equal(r.outcome, TH_CALL_CANCELLED);
    fixture.cancel_on_ask = false;
}

static void a_call_knows_whether_it_has_written(void **state) {
    (void)state;
    ask_once(name_form, "call.api:get('/me') call.ask { message = 'm', fields = who }\n"
                        "call.api:post('/x', { body = {} }) call.wait(60)");
    assert_false(th_call_has_written(r.call));
    assert_true(answer_with("{}"));
    while (!r.done && !th_call_has_written(r.call))
        uv_run(&fixture.worker.loop, UV_RUN_ONCE);
    assert_false(r.done);
    th_call_cancel(r.call);
    fixture_finish(&r);
}

static void a_closing_session_drops_questions(void **state) {
    (void)state;
    ask_once(name_form, ask_name);
    th_script_close(fixture.script);
    fixture.script = NULL;
    assert_int_equal(r.outcome, TH_CALL_CANCELLED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_form_is_put_and_answered),
        cmocka_unit_test(answers_of_another_shape_are_not_taken),
        cmocka_unit_test(known_answers_are_used_without_asking),
        cmocka_unit_test(rounds_have_stable_keys),
        cmocka_unit_test(several_are_asked_at_once),
        cmocka_unit_test(other_questions_have_their_forms),
        cmocka_unit_test(a_client_that_cannot_be_asked_is_an_error),
        cmocka_unit_test(misuse_is_told),
        cmocka_unit_test(asking_has_an_end),
        cmocka_unit_test(the_deadline_stands_still_while_it_asks),
        cmocka_unit_test(a_late_answer_is_refused),
        cmocka_unit_test(cancelling_works_while_and_from_inside_asking),
        cmocka_unit_test(a_call_knows_whether_it_has_written),
        cmocka_unit_test(a_closing_session_drops_questions),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
