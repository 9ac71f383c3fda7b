/* test_session_items.c - th_session_start beyond tools: resources by their URI, prompts,
 * completions; questions on the way and their answers; what call.host shows under the policy. */
#include "sessions_fixture.h"

typedef struct seen {
    unsigned told, asks;
    th_call_outcome_t outcome;
    char code[32];
    char text[1024]; /* contents, messages, values, the tool's text or the message */
    char key[80];
    bool can;
} seen_t;

static void on_end(void *arg, const th_call_result_t *result) {
    seen_t *seen = arg;
    seen->told++;
    seen->outcome = result->outcome;
    th_slice_t text = th_slice_of(result->message);
    if (result->outcome == TH_CALL_OK) {
        text = result->contents.length   ? result->contents
               : result->messages.length ? result->messages
               : result->values.length   ? result->values
                                         : result->text;
    } else {
        (void)snprintf(seen->code, sizeof seen->code, "%s", result->code);
    }
    (void)snprintf(seen->text, sizeof seen->text, "%.*s", (int)text.length, text.data);
}

static bool on_ask(void *arg, const th_ask_t *asks, size_t count, th_error_t *error) {
    seen_t *seen = arg;
    (void)error;
    assert_int_equal(count, 1);
    seen->asks++;
    (void)snprintf(seen->key, sizeof seen->key, "%.*s", (int)asks[0].key.length, asks[0].key.data);
    return true;
}

static const th_call_client_t asking = {.ask = on_ask};
static const th_call_client_t mute = {.progress = NULL};

static int open_items(void **state) {
    open_fixture(state);
    fixture_t *fixture = *state;
    tool_folder_write(&fixture->folder, "note.lua",
                      "resource \"note\" { title = \"T\"; about = \"A\"; uri = \"x://n/{id}\";\n"
                      "input = { id \"id\" { \"I\", complete = { \"one\" } } };\n"
                      "run = function (args, call) return call.uri .. args.id end }");
    tool_folder_write(&fixture->folder, "greet.lua",
                      "prompt \"greet\" { title = \"T\"; about = \"A\"; input = { text \"who\" { "
                      "\"W\" } };\nrun = function (args) return args.who end }");
    tool_folder_write(&fixture->folder, "asker.lua",
                      "local f = form { text \"n\" { \"N\" } }\n"
                      "tool \"asker\" { title = \"T\"; about = \"A\"; effect = \"change\";\n"
                      "run = function (_, call) local a, e = call.ask { key = \"k\", message = "
                      "\"M\", fields = f }\nif not a then return nil, e end\n"
                      "call.api:post(\"/organizations/{org}/slow\") return a.n end }");
    th_problems_t problems;
    th_catalogue_unref(fixture->catalogue);
    fixture->catalogue = th_catalogue_load(&fixture->settings, NULL, &problems);
    if (!fixture->catalogue) fail_msg("%s", problems.list[0].message);
    th_sessions_set_catalogue(fixture->sessions, fixture->catalogue);
    return 0;
}

typedef struct party {
    th_grant_t *grant;
    th_session_t *session;
} party_t;

static party_t sign_in(fixture_t *fixture) {
    th_error_t error = {0};
    party_t party = {.grant = grant_of(fixture, "good-ann")};
    party.session = th_session_begin(fixture->sessions, party.grant, &error);
    assert_non_null(party.session);
    return party;
}

static th_running_t *start(party_t *party, th_session_request_t request, seen_t *seen) {
    th_error_t error = {0};
    memset(seen, 0, sizeof *seen);
    request.done = on_end;
    request.arg = seen;
    th_running_t *running = th_session_start(party->session, party->grant, &request, &error);
    assert_non_null(running);
    assert_int_equal(seen->told, 0);
    return running;
}

static void finish(fixture_t *fixture, const seen_t *seen) {
    while (!seen->told)
        pump(fixture);
}

#define HEX "0123456789abcdef0123456789abcdef"

static void resources_are_read_by_uri(void **state) {
    fixture_t *fixture = *state;
    party_t ann = sign_in(fixture);
    seen_t seen;
    const th_resource_t *note =
        th_catalogue_resource_of(fixture->catalogue, TH_SLICE("x://n/" HEX));
    assert_non_null(note);
    char uri[] = "x://n/" HEX; /* copied: the caller's may go */
    start(&ann,
          (th_session_request_t){.kind = TH_CALL_RESOURCE, .item = note, .uri = th_slice_of(uri)},
          &seen);
    memset(uri, '?', sizeof uri - 1);
    finish(fixture, &seen);
    assert_int_equal(seen.outcome, TH_CALL_OK);
    assert_string_equal(seen.text, "[{\"uri\":\"x://n/" HEX "\",\"mimeType\":\"text/plain\","
                                   "\"text\":\"x://n/" HEX HEX "\"}]");
    static const char *const absent[] = {"x://n/short", "x://n/%00", "y://n", "x://n/" HEX "/x"};
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++) {
        start(&ann,
              (th_session_request_t){
                  .kind = TH_CALL_RESOURCE, .item = note, .uri = th_slice_of(absent[i])},
              &seen);
        finish(fixture, &seen);
        assert_int_equal(seen.outcome, TH_CALL_FAILED);
        assert_string_equal(seen.code, "not_found");
    }
    th_grant_unref(ann.grant);
}

static void prompts_and_completions_run(void **state) {
    fixture_t *fixture = *state;
    party_t ann = sign_in(fixture);
    seen_t seen;
    const th_prompt_t *greet = th_catalogue_prompt_find(fixture->catalogue, TH_SLICE("greet"));
    start(&ann, (th_session_request_t){.kind = TH_CALL_PROMPT, .item = greet}, &seen);
    finish(fixture, &seen);
    assert_string_equal(seen.code, "invalid_arguments");
    assert_non_null(strstr(seen.text, "who"));
    th_json_document_t *arguments = th_json_parse(
        fixture->worker.parser, TH_SLICE("{\"who\":\"Bo\"}"), &th_json_limits_request, NULL);
    start(&ann,
          (th_session_request_t){
              .kind = TH_CALL_PROMPT, .item = greet, .arguments = th_json_root(arguments)},
          &seen);
    th_json_unref(arguments);
    finish(fixture, &seen);
    assert_string_equal(seen.text,
                        "[{\"role\":\"user\",\"content\":{\"type\":\"text\",\"text\":\"Bo\"}}]");
    start(&ann,
          (th_session_request_t){.kind = TH_CALL_COMPLETE,
                                 .item = th_catalogue_resource(fixture->catalogue, 0),
                                 .argument = TH_SLICE("id"),
                                 .value = TH_SLICE("o")},
          &seen);
    finish(fixture, &seen);
    assert_string_equal(seen.text, "[\"one\"]");
    th_grant_unref(ann.grant);
}

static const th_tool_t *asker(const fixture_t *fixture) {
    return th_catalogue_find(fixture->catalogue, TH_SLICE("asker"));
}

static void questions_are_asked_answered_and_replayed(void **state) {
    fixture_t *fixture = *state;
    party_t ann = sign_in(fixture);
    seen_t seen;
    th_json_document_t *answers =
        th_json_parse(fixture->worker.parser,
                      TH_SLICE("{\"k\":{\"action\":\"accept\",\"content\":{\"n\":\"yes\"}}}"),
                      &th_json_limits_request, NULL);
    th_running_t *running =
        start(&ann, (th_session_request_t){.item = asker(fixture), .client = &asking}, &seen);
    while (seen.asks == 0)
        pump(fixture);
    assert_string_equal(seen.key, "k");
    assert_false(th_running_has_written(running));
    assert_true(th_running_answer(running, th_json_root(answers)));
    assert_false(th_running_answer(running, th_json_root(answers)));
    while (!seen.told && !th_running_has_written(running))
        pump(fixture);
    assert_int_equal(seen.told, 0);
    atomic_store(&fixture->server->gate, true);
    finish(fixture, &seen);
    assert_string_equal(seen.text, "yes");
    start(&ann,
          (th_session_request_t){
              .item = asker(fixture), .client = &mute, .answers = th_json_root(answers)},
          &seen);
    th_json_unref(answers);
    finish(fixture, &seen);
    assert_string_equal(seen.text, "yes");
    assert_int_equal(seen.asks, 0);
    th_grant_unref(ann.grant);
}

static void who_cannot_be_asked_is_told(void **state) {
    fixture_t *fixture = *state;
    party_t ann = sign_in(fixture);
    seen_t seen;
    start(&ann, (th_session_request_t){.item = asker(fixture), .client = &mute}, &seen);
    finish(fixture, &seen);
    assert_string_equal(seen.code, "cannot_ask");
    start(&ann, (th_session_request_t){.item = asker(fixture)}, &seen); /* no client at all */
    finish(fixture, &seen);
    assert_string_equal(seen.code, "cannot_ask");
    th_grant_unref(ann.grant);
}

static void asking_calls_end_with_their_session(void **state) {
    fixture_t *fixture = *state;
    party_t ann = sign_in(fixture);
    seen_t seen;
    start(&ann, (th_session_request_t){.item = asker(fixture), .client = &asking}, &seen);
    while (seen.asks == 0)
        pump(fixture);
    th_session_end(ann.session);
    finish(fixture, &seen);
    assert_int_equal(seen.outcome, TH_CALL_CANCELLED);
    th_grant_unref(ann.grant);
}

#define ITEM_TEST(name) cmocka_unit_test_setup_teardown(name, open_items, close_fixture)

int main(void) {
    if (!th_random_start()) return 1;
    th_error_t error;
    if (!th_fetch_global_start(&error)) return 1;
    const struct CMUnitTest tests[] = {
        ITEM_TEST(resources_are_read_by_uri),
        ITEM_TEST(prompts_and_completions_run),
        ITEM_TEST(questions_are_asked_answered_and_replayed),
        ITEM_TEST(who_cannot_be_asked_is_told),
        ITEM_TEST(asking_calls_end_with_their_session),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    th_fetch_global_stop();
    return failed;
}
