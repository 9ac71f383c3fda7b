/* test_consent.c - no change without a yes: what is refused at the door, what a yes is bound to,
 * how long it holds. Every tool says "ran", so that what ran is counted where it happens. */
#include "sessions_fixture.h"

#include "session/consent.h"

typedef struct party {
    fixture_t *fixture;
    th_grant_t *grant;
    th_session_t *session;
    unsigned runs; /* of a changing tool: the tool says "ran" */
} party_t;

static const th_consent_limits_t limits = {.pending = 3, .standing = 1, .life = 60000};

#define TOOL(name, effect, reply)                                                  \
    "tool \"" name "\" { title = \"T\"; about = \"A\"; effect = \"" effect "\";\n" \
    "input = { text \"what\" { \"What\", optional = true } };\n"                   \
    "run = function (args) return \"" reply " \" .. (args.what or \"nothing\") end }"

static void write_tools(fixture_t *fixture) {
    tool_folder_write(&fixture->folder, "look.lua", TOOL("look", "read", "ran"));
    tool_folder_write(&fixture->folder, "alter.lua", TOOL("alter", "change", "ran"));
    tool_folder_write(&fixture->folder, "make.lua", TOOL("make", "add", "ran"));
    tool_folder_write(&fixture->folder, "drop.lua", TOOL("drop", "remove", "ran"));
}

static void reload(fixture_t *fixture) {
    th_problems_t problems = {0};
    th_catalogue_t *next = th_catalogue_load(&fixture->settings, NULL, &problems);
    if (!next) fail_msg("%s", problems.list[0].message);
    th_sessions_set_catalogue(fixture->sessions, next);
    th_catalogue_unref(fixture->catalogue);
    fixture->catalogue = next;
}

static int open_consent(void **state) {
    open_fixture(state);
    write_tools(*state);
    reload(*state);
    return 0;
}

static party_t sign_in_for(fixture_t *fixture, const th_consent_limits_t *some) {
    th_error_t error = {0};
    party_t party = {.fixture = fixture, .grant = grant_of(fixture, "good-ann")};
    party.session = th_session_begin(fixture->sessions, party.grant, &error);
    assert_non_null(party.session);
    assert_true(th_session_require_consent(party.session, some, &error));
    return party;
}

static party_t sign_in(fixture_t *fixture) {
    return sign_in_for(fixture, &limits);
}

static void sign_out(party_t *party) {
    th_session_end(party->session);
    th_grant_unref(party->grant);
}

static th_json_document_t *parse(const party_t *party, const char *json) {
    th_error_t error = {0};
    th_json_document_t *document = th_json_parse(party->fixture->worker.parser, th_slice_of(json),
                                                 &th_json_limits_request, &error);
    assert_non_null(document);
    return document;
}

static const th_item_t *tool_of(const party_t *party, const char *name) {
    const th_item_t *found = th_catalogue_find(party->fixture->catalogue, th_slice_of(name));
    assert_non_null(found);
    return found;
}

/* Starts with the approval <id> and waits for the end. */
static outcome_t run(party_t *party, const char *tool, const char *json, const char *id) {
    outcome_t outcome = {0};
    th_error_t error = {0};
    th_json_document_t *arguments = parse(party, json);
    const th_session_request_t request = {.kind = TH_CALL_TOOL,
                                          .item = tool_of(party, tool),
                                          .arguments = th_json_root(arguments),
                                          .approval = th_slice_of(id),
                                          .done = on_result,
                                          .arg = &outcome};
    assert_non_null(th_session_start(party->session, party->grant, &request, &error));
    th_json_unref(arguments);
    while (!outcome.told)
        pump(party->fixture);
    if (strncmp(outcome.text, "ran", 3) == 0) party->runs++;
    return outcome;
}

static void assert_refused(party_t *party, const char *tool, const char *json, const char *id) {
    unsigned before = party->runs;
    outcome_t outcome = run(party, tool, json, id);
    assert_int_equal(outcome.outcome, TH_CALL_FAILED);
    assert_string_equal(outcome.code, "needs_approval");
    assert_int_equal(party->runs, before);
}

static th_proposal_t propose(const party_t *party, const char *tool, const char *json) {
    th_proposal_t proposal;
    th_error_t error = {0};
    th_json_document_t *arguments = parse(party, json);
    if (!th_consent_propose(party->session, tool_of(party, tool), th_json_root(arguments),
                            &proposal, &error))
        fail_msg("%s", error.message);
    th_json_unref(arguments);
    return proposal;
}

/* "" when it was given, else the code. */
static const char *say_yes(const party_t *party, const th_proposal_t *proposal, const char *edited,
                           th_consent_scope_t scope) {
    static th_error_t error; /* the code outlives the call */
    memset(&error, 0, sizeof error);
    th_json_document_t *arguments = edited ? parse(party, edited) : NULL;
    (void)th_consent_grant(party->session, th_slice_of(proposal->id), th_slice_of(proposal->digest),
                           arguments ? th_json_root(arguments) : th_json_absent(), scope, &error);
    th_json_unref(arguments);
    return error.code;
}

static void only_reads_run_without_a_yes(void **state) {
    party_t ann = sign_in(*state);
    assert_false(th_consent_needed(ann.session, tool_of(&ann, "look")));
    assert_int_equal(run(&ann, "look", "{}", "").outcome, TH_CALL_OK);
    static const char *const changing[] = {"alter", "make", "drop"};
    for (size_t i = 0; i < 3; i++) {
        assert_true(th_consent_needed(ann.session, tool_of(&ann, changing[i])));
        assert_refused(&ann, changing[i], "{}", "");
        assert_refused(&ann, changing[i], "{}", "0123456789abcdef0123456789abcdef");
    }
    sign_out(&ann);
}

static void a_yes_runs_its_call_once(void **state) {
    party_t ann = sign_in(*state);
    th_proposal_t card = propose(&ann, "alter", "{\"what\":\"door\"}");
    assert_refused(&ann, "alter", "{\"what\":\"door\"}", card.id); /* shown is not approved */
    assert_string_equal(say_yes(&ann, &card, NULL, TH_CONSENT_ONCE), "");
    assert_string_equal(say_yes(&ann, &card, NULL, TH_CONSENT_ONCE), "given");
    assert_string_equal(run(&ann, "alter", "{\"what\":\"door\"}", card.id).text, "ran door");
    assert_refused(&ann, "alter", "{\"what\":\"door\"}", card.id);
    assert_string_equal(say_yes(&ann, &card, NULL, TH_CONSENT_ONCE), "unknown_approval");
    assert_int_equal(ann.runs, 1);
    sign_out(&ann);
}

static void a_yes_is_bound_to_tool_and_arguments(void **state) {
    party_t ann = sign_in(*state);
    th_proposal_t card = propose(&ann, "alter", "{\"what\":\"door\"}");
    assert_string_equal(say_yes(&ann, &card, NULL, TH_CONSENT_ONCE), "");
    assert_refused(&ann, "alter", "{\"what\":\"wall\"}", card.id);
    assert_refused(&ann, "alter", "{}", card.id);
    assert_refused(&ann, "drop", "{\"what\":\"door\"}", card.id);
    assert_int_equal(run(&ann, "alter", "{\"what\":7}", card.id).outcome, TH_CALL_FAILED);
    /* None of that spent it. */
    assert_string_equal(run(&ann, "alter", "{ \"what\" : \"door\" }", card.id).text, "ran door");
    sign_out(&ann);
}

static void an_edit_replaces_the_arguments(void **state) {
    party_t ann = sign_in(*state);
    th_proposal_t card = propose(&ann, "alter", "{\"what\":\"door\"}");
    assert_string_equal(say_yes(&ann, &card, "{\"what\":\"gate\"}", TH_CONSENT_ONCE), "");
    assert_refused(&ann, "alter", "{\"what\":\"door\"}", card.id);
    assert_string_equal(run(&ann, "alter", "{\"what\":\"gate\"}", card.id).text, "ran gate");
    sign_out(&ann);
}

static void a_yes_repeats_what_was_shown(void **state) {
    party_t ann = sign_in(*state);
    th_proposal_t one = propose(&ann, "alter", "{\"what\":\"door\"}");
    th_proposal_t other = propose(&ann, "alter", "{\"what\":\"wall\"}");
    assert_string_not_equal(one.digest, other.digest);
    th_proposal_t forged = one;
    memcpy(forged.digest, other.digest, sizeof forged.digest);
    assert_string_equal(say_yes(&ann, &forged, NULL, TH_CONSENT_ONCE), "changed");
    forged.digest[0] = '\0';
    assert_string_equal(say_yes(&ann, &forged, NULL, TH_CONSENT_ONCE), "changed");
    assert_refused(&ann, "alter", "{\"what\":\"door\"}", one.id);
    sign_out(&ann);
}

static void a_yes_belongs_to_its_session(void **state) {
    party_t ann = sign_in(*state), again = sign_in(*state);
    th_proposal_t card = propose(&ann, "alter", "{}");
    assert_string_equal(say_yes(&again, &card, NULL, TH_CONSENT_ONCE), "unknown_approval");
    assert_string_equal(say_yes(&ann, &card, NULL, TH_CONSENT_SESSION), "");
    assert_refused(&again, "alter", "{}", card.id);
    assert_refused(&again, "alter", "{}", "");
    sign_out(&again);
    sign_out(&ann);
}

static void a_denied_card_is_gone(void **state) {
    party_t ann = sign_in(*state);
    th_proposal_t card = propose(&ann, "alter", "{}");
    assert_string_equal(say_yes(&ann, &card, NULL, TH_CONSENT_ONCE), "");
    assert_true(th_consent_withdraw(ann.session, th_slice_of(card.id)));
    assert_false(th_consent_withdraw(ann.session, th_slice_of(card.id)));
    assert_refused(&ann, "alter", "{}", card.id);
    sign_out(&ann);
}

static void an_expired_yes_is_none(void **state) {
    static const th_consent_limits_t short_life = {.pending = 3, .standing = 1, .life = 0};
    party_t ann = sign_in_for(*state, &short_life);
    th_proposal_t card = propose(&ann, "alter", "{}");
    assert_string_equal(say_yes(&ann, &card, NULL, TH_CONSENT_ONCE), "expired");
    assert_string_equal(say_yes(&ann, &card, NULL, TH_CONSENT_ONCE), "unknown_approval");
    assert_refused(&ann, "alter", "{}", card.id);
    for (int i = 0; i < 10; i++)
        (void)propose(&ann, "alter", "{}"); /* expired ones make room */
    sign_out(&ann);
}

static void a_session_long_yes_is_for_one_tool(void **state) {
    party_t ann = sign_in(*state);
    th_proposal_t card = propose(&ann, "alter", "{\"what\":\"door\"}");
    assert_string_equal(say_yes(&ann, &card, NULL, TH_CONSENT_SESSION), "");
    assert_false(th_consent_needed(ann.session, tool_of(&ann, "alter")));
    assert_int_equal(run(&ann, "alter", "{\"what\":\"door\"}", card.id).outcome, TH_CALL_OK);
    assert_int_equal(run(&ann, "alter", "{\"what\":\"wall\"}", "").outcome, TH_CALL_OK);
    assert_refused(&ann, "make", "{}", "");
    th_proposal_t full = propose(&ann, "make", "{}");
    assert_string_equal(say_yes(&ann, &full, NULL, TH_CONSENT_SESSION), "never_standing");
    assert_string_equal(say_yes(&ann, &full, NULL, TH_CONSENT_ONCE), "");
    assert_int_equal(th_consent_revoke(ann.session, TH_SLICE("make")), 0);
    assert_int_equal(th_consent_revoke(ann.session, TH_SLICE("alter")), 1);
    assert_refused(&ann, "alter", "{\"what\":\"wall\"}", "");
    sign_out(&ann);
}

static void removing_is_asked_every_time(void **state) {
    party_t ann = sign_in(*state);
    th_proposal_t card = propose(&ann, "drop", "{}");
    assert_string_equal(say_yes(&ann, &card, NULL, TH_CONSENT_SESSION), "never_standing");
    assert_refused(&ann, "drop", "{}", card.id); /* that was no yes at all */
    assert_string_equal(say_yes(&ann, &card, NULL, TH_CONSENT_ONCE), "");
    assert_int_equal(run(&ann, "drop", "{}", card.id).outcome, TH_CALL_OK);
    assert_refused(&ann, "drop", "{}", "");
    sign_out(&ann);
}

static void a_changed_tool_is_asked_about_again(void **state) {
    fixture_t *fixture = *state;
    party_t ann = sign_in(fixture);
    th_proposal_t standing = propose(&ann, "alter", "{}");
    th_proposal_t once = propose(&ann, "make", "{}");
    assert_string_equal(say_yes(&ann, &standing, NULL, TH_CONSENT_SESSION), "");
    assert_string_equal(say_yes(&ann, &once, NULL, TH_CONSENT_ONCE), "");
    reload(fixture); /* nothing changed */
    assert_int_equal(run(&ann, "alter", "{}", "").outcome, TH_CALL_OK);
    tool_folder_write(&fixture->folder, "alter.lua", TOOL("alter", "change", "ran worse"));
    tool_folder_write(&fixture->folder, "make.lua", TOOL("make", "add", "ran worse"));
    reload(fixture);
    assert_true(th_consent_needed(ann.session, tool_of(&ann, "alter")));
    assert_refused(&ann, "alter", "{}", "");
    assert_refused(&ann, "alter", "{}", standing.id);
    assert_refused(&ann, "make", "{}", once.id);
    sign_out(&ann);
}

static void cards_are_bounded(void **state) {
    party_t ann = sign_in(*state);
    th_error_t error = {0};
    th_proposal_t proposal;
    for (unsigned i = 0; i < limits.pending; i++)
        (void)propose(&ann, "alter", "{}");
    assert_false(th_consent_propose(ann.session, tool_of(&ann, "alter"), th_json_absent(),
                                    &proposal, &error));
    assert_string_equal(error.code, "too_many_approvals");
    sign_out(&ann);
}

static void no_arguments_are_an_empty_object(void **state) {
    party_t ann = sign_in(*state);
    th_proposal_t card;
    th_error_t error = {0};
    assert_true(
        th_consent_propose(ann.session, tool_of(&ann, "alter"), th_json_absent(), &card, &error));
    assert_string_equal(say_yes(&ann, &card, NULL, TH_CONSENT_ONCE), "");
    assert_int_equal(run(&ann, "alter", "{}", card.id).outcome, TH_CALL_OK);
    sign_out(&ann);
}

/* The same person's MCP client, knowing the id, gets no hold of the chat's session. */
static void nobody_finds_such_a_session(void **state) {
    fixture_t *fixture = *state;
    party_t ann = sign_in(fixture);
    assert_null(
        th_session_find(fixture->sessions, th_slice_of(th_session_id(ann.session)), ann.grant));
    th_error_t error = {0};
    th_session_t *plain = th_session_begin(fixture->sessions, ann.grant, &error);
    th_proposal_t card;
    assert_false(
        th_consent_propose(plain, tool_of(&ann, "alter"), th_json_absent(), &card, &error));
    assert_string_equal(
        say_yes(&(party_t){.fixture = fixture, .session = plain}, &card, NULL, TH_CONSENT_ONCE),
        "unknown_approval");
    sign_out(&ann);
}

int main(void) {
    if (!th_random_start()) return 1;
    th_error_t error;
    if (!th_fetch_global_start(&error)) return 1;
#define CASE(name) cmocka_unit_test_setup_teardown(name, open_consent, close_fixture)
    const struct CMUnitTest tests[] = {
        CASE(only_reads_run_without_a_yes),
        CASE(a_yes_runs_its_call_once),
        CASE(a_yes_is_bound_to_tool_and_arguments),
        CASE(an_edit_replaces_the_arguments),
        CASE(a_yes_repeats_what_was_shown),
        CASE(a_yes_belongs_to_its_session),
        CASE(a_denied_card_is_gone),
        CASE(an_expired_yes_is_none),
        CASE(a_session_long_yes_is_for_one_tool),
        CASE(removing_is_asked_every_time),
        CASE(a_changed_tool_is_asked_about_again),
        CASE(cards_are_bounded),
        CASE(no_arguments_are_an_empty_object),
        CASE(nobody_finds_such_a_session),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    th_fetch_global_stop();
    return failed;
}
