/* test_policy.c - which tools are there for whom: lists, roles, scopes, profiles, the raw API; and
 * that call_tool is no way around any of it. */
#include "sessions_fixture.h"

#include "session/consent.h"
#include "session/policy.h"
#include "session/tool_list.h"

static th_item_t tool_of(const char *domain, const char *name, th_effect_t effect) {
    return (th_item_t){.kind = TH_ITEM_TOOL, .name = name, .domain = domain, .effect = effect};
}

static void lists_hold_names_domains_and_effects(void **state) {
    (void)state;
    static const struct {
        const char *list;
        bool reads, removes; /* get_tag and delete_tag of tags */
    } rows[] = {
        {"", false, false},
        {"*", true, true},
        {"tags", true, true},
        {"tag", false, false},
        {"tags_", false, false},
        {"get_tag", true, false},
        {"tags:read", true, false},
        {"tags:write", false, true},
        {"tags:remove", false, true},
        {"tags:add tags:change", false, false},
        {"*:read", true, false},
        {"-get_tag *", false, true},
        {"* -get_tag", false, true},
        {"* -tags:write", true, false},
        {"  users   tags:read ", true, false},
        {"-tags", false, false},
        {"* -*", false, false},
    };
    const th_item_t reads = tool_of("tags", "get_tag", TH_EFFECT_READ),
                    removes = tool_of("tags", "delete_tag", TH_EFFECT_REMOVE);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (th_tool_list_holds(rows[i].list, &reads) != rows[i].reads ||
            th_tool_list_holds(rows[i].list, &removes) != rows[i].removes)
            fail_msg("\"%s\"", rows[i].list);
    }
}

static th_settings_t settings;

static int default_settings(void **state) {
    (void)state;
    th_settings_defaults(&settings);
    return 0;
}

static void set(char *field, const char *text) {
    (void)snprintf(field, TH_SETTING_TEXT_SIZE, "%s", text);
}

/* Refused with a sentence that holds <says>; NULL: allowed. */
static void expect(th_policy_t policy, const th_item_t *item, const th_item_t *relay,
                   const char *says) {
    th_error_t error = {{0}, {0}};
    bool allowed = th_policy_allows(&policy, item, relay, &error);
    if (allowed != !says) fail_msg("%s: %s", item->name, allowed ? "allowed" : error.message);
    if (!says) return;
    assert_string_equal(error.code, "forbidden");
    if (!strstr(error.message, says)) fail_msg("\"%s\" lacks \"%s\"", error.message, says);
}

static th_policy_t as(const char *role) {
    return (th_policy_t){.settings = &settings, .role = role, .profile = -1};
}

static void allow_deny_and_roles(void **state) {
    (void)state;
    const th_item_t removes = tool_of("templates", "delete_template", TH_EFFECT_REMOVE),
                    reads = tool_of("templates", "get_template", TH_EFFECT_READ),
                    upload = tool_of("forms", "upload_file", TH_EFFECT_ADD),
                    role = tool_of("users", "change_user_role", TH_EFFECT_CHANGE);
    expect(as("admin"), &removes, NULL, NULL);
    expect(as(""), &removes, NULL, NULL);
    expect(as("standard"), &removes, NULL, NULL);
    expect(as("light"), &removes, NULL, "not for light members");
    expect(as("Light"), &removes, NULL, "not for Light members");
    expect(as("light"), &reads, NULL, NULL);
    expect(as("light"), &upload, NULL, NULL);
    expect(as("standard"), &role, NULL, "not for standard members");
    set(settings.tools_deny, "templates:write");
    expect(as("admin"), &removes, NULL, "not offered");
    expect(as("admin"), &reads, NULL, NULL);
    set(settings.tools_deny, "");
    set(settings.tools_allow, "users");
    expect(as("admin"), &reads, NULL, "not offered");
    expect(as("admin"), &role, NULL, NULL);
}

static void profiles_only_narrow(void **state) {
    (void)state;
    const th_item_t users = tool_of("users", "change_user_role", TH_EFFECT_CHANGE),
                    tasks = tool_of("tasks", "get_task", TH_EFFECT_READ);
    th_item_t resource = tool_of("users", "organization", TH_EFFECT_READ);
    th_policy_t policy = as("admin");
    resource.kind = TH_ITEM_RESOURCE;
    expect(policy, &users, NULL, NULL);
    policy.profile = TH_PROFILE_OPERATOR;
    expect(policy, &users, NULL, "\"operator\"");
    expect(policy, &tasks, NULL, NULL);
    expect(policy, &resource, NULL, NULL); /* profiles are about tools */
    settings.tools_profile = TH_PROFILE_OPERATOR;
    policy.profile = TH_PROFILE_ALL; /* asks for more than there is */
    expect(policy, &users, NULL, "\"operator\"");
    settings.tools_profile = TH_PROFILE_ALL;
    policy.profile = -1;
    policy.scopes = "mcp.users.write mcp.profile.operator";
    expect(policy, &users, NULL, "\"operator\"");
    expect(policy, &tasks, NULL, "lacks the scope mcp.tasks.read");
    policy.scopes = "mcp.users.write mcp.profile.nonsense";
    expect(policy, &users, NULL, NULL);
    assert_int_equal(th_policy_profile(TH_SLICE("compact")), TH_PROFILE_COMPACT);
    assert_int_equal(th_policy_profile(TH_SLICE("Compact")), -1);
    assert_int_equal(th_policy_profile(TH_SLICE("")), -1);
}

static void the_relay_is_no_way_around(void **state) {
    (void)state;
    const th_item_t users = tool_of("users", "change_user_role", TH_EFFECT_CHANGE),
                    call = tool_of("finder", "call_tool", TH_EFFECT_REMOVE);
    th_policy_t policy = as("admin");
    expect(policy, &call, NULL, "\"all\"");
    expect(policy, &users, &call, "call_tool"); /* not listed, so not of use */
    policy.profile = TH_PROFILE_COMPACT;
    expect(policy, &call, NULL, NULL);
    expect(policy, &users, NULL, "call it through call_tool");
    expect(policy, &users, &call, NULL);
    settings.tools_profile = TH_PROFILE_OPERATOR; /* still the bound */
    expect(policy, &users, &call, "\"operator\"");
    settings.tools_profile = TH_PROFILE_COMPACT;
    policy.profile = -1;
    expect(policy, &users, &call, NULL);
    policy.role = "light";
    expect(policy, &users, &call, "light");
    policy.role = "admin";
    set(settings.tools_deny, "users");
    expect(policy, &users, &call, "not offered");
    set(settings.tools_deny, "call_tool");
    expect(policy, &users, &call, "call_tool is not offered");
    set(settings.tools_deny, "");
    policy.scopes = "mcp.users.read";
    expect(policy, &users, &call, "lacks the scope mcp.users.write");
}

static void the_raw_api_is_off_and_routes_obey_lists(void **state) {
    (void)state;
    const th_item_t reads = tool_of("api", "tallyfy_api_read", TH_EFFECT_READ),
                    writes = tool_of("api", "tallyfy_api_write", TH_EFFECT_REMOVE);
    th_policy_t policy = as("admin");
    th_error_t error;
    expect(policy, &reads, NULL, "switched off");
    settings.tools_raw_api = TH_RAW_API_READ;
    expect(policy, &reads, NULL, NULL);
    expect(policy, &writes, NULL, "switched off");
    settings.tools_raw_api = TH_RAW_API_ON;
    expect(policy, &writes, NULL, NULL);
    assert_true(th_policy_allows_route(&policy, "users", TH_EFFECT_CHANGE, &error));
    set(settings.tools_deny, "users:write");
    assert_false(th_policy_allows_route(&policy, "users", TH_EFFECT_CHANGE, &error));
    assert_true(th_policy_allows_route(&policy, "users", TH_EFFECT_READ, &error));
    policy.role = "light";
    assert_false(th_policy_allows_route(&policy, "tags", TH_EFFECT_ADD, &error));
    policy.role = "admin";
    policy.scopes = "mcp.tasks.write";
    assert_true(th_policy_allows_route(&policy, "comments", TH_EFFECT_ADD, &error));
    assert_false(th_policy_allows_route(&policy, "guests", TH_EFFECT_READ, &error));
    assert_non_null(strstr(error.message, "mcp.users.read"));
    set(settings.tools_allow, "tasks tallyfy_api_write"); /* a tool's name opens no other domain */
    policy.scopes = "";
    assert_false(th_policy_allows_route(&policy, "groups", TH_EFFECT_READ, &error));
}

/* ---- through the sessions ---- */

static int open_relay(void **state) {
    open_fixture(state);
    fixture_t *fixture = *state;
    tool_folder_write(
        &fixture->folder, "finder/call_tool.lua",
        "tool \"call_tool\" { title = \"T\"; about = \"A\"; effect = \"remove\"; relay "
        "= true;\ninput = { text \"name\" { \"N\" }; object \"arguments\" { \"A\", "
        "optional = true } };\nrun = function () error('never') end }");
    tool_folder_write(
        &fixture->folder, "users/greet.lua",
        "tool \"greet\" { title = \"T\"; about = \"A\"; effect = \"change\"; input = { "
        "text \"who\" { \"W\", max = 5 } };\nrun = function (args, call) return 'hi ' "
        ".. args.who .. #call.host.tools() .. (call.host.tool('hello') and 'y' or "
        "'n') end }");
    th_problems_t problems;
    th_catalogue_unref(fixture->catalogue);
    fixture->catalogue = th_catalogue_load(&fixture->settings, NULL, &problems);
    if (!fixture->catalogue) fail_msg("%s", problems.list[0].message);
    th_sessions_set_catalogue(fixture->sessions, fixture->catalogue);
    fixture->settings.tools_profile = TH_PROFILE_COMPACT;
    return 0;
}

static outcome_t call_tool(fixture_t *fixture, th_grant_t *grant, th_session_t *session,
                           const char *arguments) {
    outcome_t outcome = {0};
    th_error_t error = {0};
    th_json_document_t *document = th_json_parse(fixture->worker.parser, th_slice_of(arguments),
                                                 &th_json_limits_request, &error);
    assert_non_null(th_session_call(session, grant,
                                    th_catalogue_find(fixture->catalogue, TH_SLICE("call_tool")),
                                    th_json_root(document), NULL, on_result, &outcome, &error));
    th_json_unref(document);
    while (!outcome.told)
        pump(fixture);
    return outcome;
}

static void the_named_tool_runs_in_its_place(void **state) {
    fixture_t *fixture = *state;
    th_grant_t *grant = grant_of(fixture, "good-ann");
    th_error_t error = {0};
    th_session_t *session = th_session_begin(fixture->sessions, grant, &error);
    static const struct {
        const char *arguments, *code, *says;
    } rows[] = {
        {"{\"name\":\"greet\",\"arguments\":{\"who\":\"Bo\"}}", "", "hi Bo4y"},
        {"{\"name\":\"hello\"}", "", "hello Ann"},
        {"{\"name\":\"hello\",\"arguments\":null}", "", "hello Ann"},
        {"{\"name\":\"greet\",\"arguments\":{\"who\":\"Bobobo\"}}", "invalid_arguments", "greet"},
        {"{\"name\":\"greet\"}", "invalid_arguments", "who"},
        {"{\"name\":\"none\"}", "not_found", "search_tools"},
        {"{\"name\":\"call_tool\",\"arguments\":{\"name\":\"hello\"}}", "not_found", "call_tool"},
        {"{\"name\":7}", "invalid_arguments", "call_tool"},
        {"{\"name\":\"greet\",\"arguments\":[]}", "invalid_arguments", "call_tool"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        outcome_t outcome = call_tool(fixture, grant, session, rows[i].arguments);
        assert_string_equal(outcome.code, rows[i].code);
        if (!strstr(outcome.text, rows[i].says))
            fail_msg("%s: \"%s\" lacks \"%s\"", rows[i].arguments, outcome.text, rows[i].says);
    }
    th_grant_unref(grant);
}

/* The approval is the called tool's: one for call_tool opens nothing, and reading needs none. */
static void consent_is_about_the_named_tool(void **state) {
    fixture_t *fixture = *state;
    th_grant_t *grant = grant_of(fixture, "good-ann");
    th_error_t error = {0};
    th_session_t *session = th_session_begin(fixture->sessions, grant, &error);
    const th_consent_limits_t limits = {.pending = 4, .standing = 4, .life = 60000};
    assert_true(th_session_require_consent(session, &limits, &error));
    outcome_t outcome =
        call_tool(fixture, grant, session, "{\"name\":\"greet\",\"arguments\":{\"who\":\"Bo\"}}");
    assert_string_equal(outcome.code, "needs_approval");
    outcome = call_tool(fixture, grant, session, "{\"name\":\"hello\"}");
    assert_string_equal(outcome.text, "hello Ann");
    th_session_end(session);
    th_grant_unref(grant);
}

static void a_use_keeps_to_its_profile(void **state) {
    fixture_t *fixture = *state;
    th_grant_t *grant = grant_of(fixture, "good-ann"), *other = grant_of(fixture, "good-ann");
    th_error_t error = {0};
    const th_tool_t *greet = th_catalogue_find(fixture->catalogue, TH_SLICE("greet"));
    fixture->settings.tools_profile = TH_PROFILE_ALL;
    assert_true(th_grant_allows(grant, greet, &error));
    assert_false(th_grant_set_profile(grant, TH_SLICE("nobody"), &error));
    assert_non_null(strstr(error.message, "operator"));
    assert_true(th_grant_allows(grant, greet, &error));
    assert_true(th_grant_set_profile(grant, TH_SLICE("operator"), &error));
    assert_false(th_grant_allows(grant, greet, &error));
    assert_true(th_grant_allows(other, greet, &error)); /* the same person, another request */
    th_grant_unref(grant);
    th_grant_unref(other);
}

int main(void) {
    if (!th_random_start()) return 1;
    th_error_t error;
    if (!th_fetch_global_start(&error)) return 1;
    const struct CMUnitTest tests[] = {
#define PURE(name) cmocka_unit_test_setup(name, default_settings)
#define LIVE(name) cmocka_unit_test_setup_teardown(name, open_relay, close_fixture)
        PURE(lists_hold_names_domains_and_effects),
        PURE(allow_deny_and_roles),
        PURE(profiles_only_narrow),
        PURE(the_relay_is_no_way_around),
        PURE(the_raw_api_is_off_and_routes_obey_lists),
        LIVE(the_named_tool_runs_in_its_place),
        LIVE(consent_is_about_the_named_tool),
        LIVE(a_use_keeps_to_its_profile),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    th_fetch_global_stop();
    return failed;
}
