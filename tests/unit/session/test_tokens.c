/* test_tokens.c - access tokens on their way to a grant: checked before the API is asked, waiting
 * for the issuer's keys, expiring, and what their scopes leave them. */
#include "auth/token_maker.h"

#include "base/clock.h"
#include "base/random.h"
#include "config/config.h"
#include "loop/fetch.h"
#include "loop/upstream.h"
#include "memory_search.h"
#include "script/tool_folder.h"
#include "session/session.h"

typedef struct fixture {
    tool_folder_t folder;
    th_settings_t settings;
    th_worker_t worker;
    th_catalogue_t *catalogue;
    th_auth_t *auth;
    th_sessions_t *sessions;
    upstream_t *server;
    cjose_jwk_t *key, *other;
    char *set;
    atomic_uint fetched, verified; /* requests for keys, for /me */
    atomic_bool gated;             /* the keys come when the gate opens */
} fixture_t;

/* The issuer and the API in one: it knows every credential. */
static bool upstream(upstream_request_t *request) {
    fixture_t *fixture = request->server->arg;
    const char *json = "Content-Type: application/json\r\n";
    if (upstream_has(request, "/.well-known/jwks.json")) {
        atomic_fetch_add(&fixture->fetched, 1);
        if (atomic_load(&fixture->gated)) upstream_wait_gate(request);
        if (upstream_has(request, "Authorization:")) return upstream_answer(request, 400, json, "");
        return upstream_answer(request, 200, json, fixture->set);
    }
    if (upstream_has(request, "/me HTTP")) atomic_fetch_add(&fixture->verified, 1);
    return upstream_answer(request, 200, json, "{\"data\":{\"id\":1,\"full_name\":\"Ann\"}}");
}

static int set_up(void **state) {
    static const unsigned char key[32] = {7};
    fixture_t *fixture = calloc(1, sizeof *fixture);
    th_error_t error = {0};
    th_problems_t problems = {0};
    fixture->key = make_key("k", 2048);
    fixture->other = make_key("k", 2048);
    fixture->set = make_set(&fixture->key, 1);
    tool_folder_open(&fixture->folder);
    tool_folder_write_tool(&fixture->folder, "hello.lua", "return 'hello'");
    fixture->server = upstream_start(upstream, fixture);
    th_settings_t *settings = &fixture->settings;
    th_settings_defaults(settings);
    settings->tallyfy_plain_http = settings->auth_plain_http = true;
    settings->tallyfy_retries = 0;
    settings->session_sweep = 20; /* ms: wakes the loop, which an answer from a timer may leave */
    settings->auth_mode = TH_AUTH_MODE_BOTH;
    (void)snprintf(settings->tallyfy_base_url, sizeof settings->tallyfy_base_url,
                   "http://127.0.0.1:%u", fixture->server->port);
    memcpy(settings->auth_issuer, settings->tallyfy_base_url, sizeof settings->auth_issuer);
    (void)strcpy(settings->auth_audience, "mcp-host");
    (void)snprintf(settings->script_tools, sizeof settings->script_tools, "%s",
                   fixture->folder.path);
    fixture->catalogue = th_catalogue_load(settings, NULL, &problems);
    if (!fixture->catalogue) fail_msg("%s", problems.list[0].message);
    assert_true(th_worker_open(&fixture->worker, 0, settings, NULL, &error));
    fixture->auth = th_auth_open(&fixture->worker, &error);
    fixture->sessions = th_sessions_open(&fixture->worker, key, fixture->catalogue, &error);
    assert_non_null(fixture->sessions);
    th_sessions_set_auth(fixture->sessions, fixture->auth);
    *state = fixture;
    return 0;
}

static int tear_down(void **state) {
    fixture_t *fixture = *state;
    atomic_store(&fixture->server->gate, true);
    th_worker_stop(&fixture->worker);
    th_worker_run(&fixture->worker);
    th_sessions_close(fixture->sessions);
    th_auth_close(fixture->auth);
    th_worker_close(&fixture->worker);
    th_catalogue_unref(fixture->catalogue);
    upstream_stop(fixture->server);
    tool_folder_close(&fixture->folder);
    (void)cjose_jwk_release(fixture->key);
    (void)cjose_jwk_release(fixture->other);
    free(fixture->set);
    free(fixture);
    return 0;
}

typedef struct outcome {
    fixture_t *fixture;
    th_verification_t *handle;
    bool done;
    th_grant_t *grant;
    th_refusal_t refusal;
    th_error_t why;
} outcome_t;

static void on_done(void *arg, th_grant_t *grant, th_refusal_t refusal, const th_error_t *why) {
    outcome_t *outcome = arg;
    assert_false(outcome->done);
    outcome->done = true;
    outcome->grant = grant;
    outcome->refusal = refusal;
    if (why) outcome->why = *why;
    uv_stop(&outcome->fixture->worker.loop);
}

static void begin(fixture_t *fixture, const char *token, const char *org, outcome_t *outcome) {
    *outcome = (outcome_t){.fixture = fixture};
    outcome->handle = th_sessions_verify(fixture->sessions, th_slice_of(token), th_slice_of(org),
                                         on_done, outcome);
    assert_int_equal(outcome->done, outcome->handle == NULL);
}

static void finish(outcome_t *outcome) {
    while (!outcome->done)
        uv_run(&outcome->fixture->worker.loop, UV_RUN_ONCE);
}

/* Asks for <org> (NULL: none), waits, gives the grant back. */
static th_refusal_t ask(fixture_t *fixture, const char *token, const char *org,
                        outcome_t *outcome) {
    begin(fixture, token, org, outcome);
    finish(outcome);
    th_grant_unref(outcome->grant);
    return outcome->refusal;
}

/* Expires <seconds> from now; <more> is further claims, each with a comma before it. */
static char *token_by(const cjose_jwk_t *key, int seconds, const char *more) {
    char claims[512];
    (void)snprintf(claims, sizeof claims, "{\"mcp_resource\":\"mcp-host\",\"exp\":%lld%s}",
                   (long long)(th_clock_wall_ms() / 1000 + seconds), more);
    return make_token(key, "k", claims);
}

static void a_good_token_waits_for_keys_and_is_then_asked_about(void **state) {
    fixture_t *fixture = *state;
    outcome_t first, second;
    char *token = token_by(fixture->key, 300, ",\"org_id\":\"org1\"");
    begin(fixture, token, NULL, &first);
    begin(fixture, token, NULL, &second);
    explicit_bzero(token, strlen(token)); /* the caller's copy is the caller's */
    free(token);
    finish(&first);
    finish(&second);
    assert_non_null(first.grant);
    assert_non_null(second.grant);
    assert_string_equal(th_grant_person(first.grant)->org_id, "org1");
    assert_int_equal(atomic_load(&fixture->fetched), 1);
    assert_int_equal(atomic_load(&fixture->verified), 1);
    th_grant_unref(first.grant);
    th_grant_unref(second.grant);
}

static void a_bad_token_never_reaches_the_api(void **state) {
    fixture_t *fixture = *state;
    outcome_t outcome;
    char *bad[] = {token_by(fixture->other, 300, ",\"org_id\":\"org1\""),
                   token_by(fixture->key, -100, ",\"org_id\":\"org1\""),
                   token_by(fixture->key, 300, ",\"iss\":\"https://evil.example\""),
                   make_raw("{\"alg\":\"none\"}", "{\"org_id\":\"org1\"}", "")};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(ask(fixture, bad[i], "org1", &outcome), TH_REFUSAL_BAD_CREDENTIAL);
        assert_string_equal(outcome.why.code, "invalid_token");
        /* 401 comes before 400: without an organisation it is the same */
        assert_int_equal(ask(fixture, bad[i], NULL, &outcome), TH_REFUSAL_BAD_CREDENTIAL);
        free(bad[i]);
    }
    assert_int_equal(atomic_load(&fixture->verified), 0);
}

static void the_organisation_of_a_good_token(void **state) {
    fixture_t *fixture = *state;
    outcome_t outcome;
    char *bound = token_by(fixture->key, 300, ",\"org_id\":\"org1\"");
    char *free_one = token_by(fixture->key, 300, "");
    char large[200];
    memset(large, 'a', sizeof large);
    large[sizeof large - 1] = '\0';
    assert_int_equal(ask(fixture, free_one, large, &outcome), TH_REFUSAL_NO_ORG);
    assert_int_equal(ask(fixture, free_one, NULL, &outcome), TH_REFUSAL_NO_ORG);
    assert_int_equal(ask(fixture, free_one, "org2", &outcome), TH_REFUSAL_NONE);
    assert_int_equal(ask(fixture, bound, "org2", &outcome), TH_REFUSAL_NO_ORG);
    assert_int_equal(ask(fixture, bound, "org1", &outcome), TH_REFUSAL_NONE);
    free(bound);
    free(free_one);
}

static void modes(void **state) {
    fixture_t *fixture = *state;
    outcome_t outcome;
    assert_int_equal(ask(fixture, "a-personal-key", "org1", &outcome), TH_REFUSAL_NONE);
    fixture->settings.auth_mode = TH_AUTH_MODE_TOKENS;
    assert_int_equal(ask(fixture, "other-personal-key", "org1", &outcome),
                     TH_REFUSAL_BAD_CREDENTIAL);
    assert_int_equal(atomic_load(&fixture->verified), 1);
    th_sessions_set_auth(fixture->sessions, NULL); /* as for stdio */
    assert_int_equal(ask(fixture, "other-personal-key", "org1", &outcome), TH_REFUSAL_NONE);
}

/* A token that is remembered as good is not good for longer than it says. */
static void expiry_is_noticed(void **state) {
    fixture_t *fixture = *state;
    outcome_t outcome;
    char *token = token_by(fixture->key, 1 - TH_TOKEN_SKEW_S, ",\"org_id\":\"org1\"");
    assert_int_equal(ask(fixture, token, NULL, &outcome), TH_REFUSAL_NONE);
    while (ask(fixture, token, NULL, &outcome) == TH_REFUSAL_NONE) {
    }
    assert_int_equal(outcome.refusal, TH_REFUSAL_BAD_CREDENTIAL);
    assert_non_null(strstr(outcome.why.message, "expired"));
    assert_int_equal(atomic_load(&fixture->verified), 1);
    free(token);
}

static void scopes(void **state) {
    fixture_t *fixture = *state;
    const struct {
        const char *more, *missing; /* NULL: nothing */
        th_effect_t effect;
    } rows[] = {
        {"", NULL, TH_EFFECT_REMOVE},
        {",\"scope\":\"\"", "mcp.tasks.read", TH_EFFECT_READ},
        {",\"scope\":\"mcp.tasks.read\"", NULL, TH_EFFECT_READ},
        {",\"scope\":\"mcp.tasks.read\"", "mcp.tasks.write", TH_EFFECT_CHANGE},
        {",\"scp\":[\"openid\",\"mcp.tasks.write\"]", NULL, TH_EFFECT_READ}, /* includes reading */
        {",\"mcp_scopes\":[\"mcp.users.write\"]", "mcp.tasks.write", TH_EFFECT_ADD},
        {",\"scope\":\"mcp.tasks.readonly\"", "mcp.tasks.read", TH_EFFECT_READ},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const th_item_t item = {.name = "x", .domain = "tasks", .effect = rows[i].effect};
        const th_item_t elsewhere = {.name = "y", .domain = "search", .effect = TH_EFFECT_READ};
        char more[128], scope[TH_SCOPE_SIZE] = "";
        outcome_t outcome;
        (void)snprintf(more, sizeof more, "%s,\"org_id\":\"org%zu\"", rows[i].more, i);
        char *token = token_by(fixture->key, 300, more);
        begin(fixture, token, NULL, &outcome);
        finish(&outcome);
        assert_non_null(outcome.grant);
        bool missing = th_grant_missing_scope(outcome.grant, &item, scope, sizeof scope);
        assert_int_equal(missing, rows[i].missing != NULL);
        if (missing) assert_string_equal(scope, rows[i].missing);
        assert_int_equal(th_grant_allows(outcome.grant, &item, NULL), !missing);
        assert_false(th_grant_missing_scope(outcome.grant, &elsewhere, scope, sizeof scope));
        th_grant_unref(outcome.grant);
        free(token);
    }
}

static void who_leaves_while_waiting(void **state) {
    fixture_t *fixture = *state;
    outcome_t gone, stays;
    char *token = token_by(fixture->key, 300, ",\"org_id\":\"org1\"");
    atomic_store(&fixture->gated, true);
    begin(fixture, token, NULL, &gone);
    begin(fixture, token, NULL, &stays);
    th_verification_cancel(gone.handle);
    atomic_store(&fixture->server->gate, true);
    finish(&stays);
    assert_false(gone.done);
    assert_int_equal(stays.refusal, TH_REFUSAL_NONE);
    th_grant_unref(stays.grant);
    free(token);
}

/* Waiting ones are told when the host stops: tear_down would hang or leak otherwise. */
static void the_host_stops_meanwhile(void **state) {
    fixture_t *fixture = *state;
    outcome_t outcome;
    char *token = token_by(fixture->key, 300, ",\"org_id\":\"org1\"");
    atomic_store(&fixture->gated, true);
    begin(fixture, token, NULL, &outcome);
    assert_false(outcome.done);
    th_worker_stop(&fixture->worker);
    assert_true(outcome.done);
    assert_int_equal(outcome.refusal, TH_REFUSAL_UNAVAILABLE);
    free(token);
}

/* Once nobody acts with it any more, nothing in this process holds the token. */
static void no_copy_is_left(void **state) {
    fixture_t *fixture = *state;
    outcome_t outcome;
    char *token = token_by(fixture->key, 300, ",\"org_id\":\"org1\"");
    unsigned char tail[64]; /* of its signature, scrambled */
    for (size_t i = 0; i < sizeof tail; i++)
        tail[i] = (unsigned char)token[strlen(token) - sizeof tail + i] ^ SCRAMBLE;
    begin(fixture, token, NULL, &outcome);
    explicit_bzero(token, strlen(token));
    free(token);
    finish(&outcome);
    assert_int_equal(outcome.refusal, TH_REFUSAL_NONE);
    assert_int_not_equal(copies_of_scrambled(tail, sizeof tail), 0); /* the vault's */
    th_grant_unref(outcome.grant);
    upstream_stop(fixture->server); /* its threads wipe what they read */
    assert_int_equal(copies_of_scrambled(tail, sizeof tail), 0);
    fixture->server = upstream_start(upstream, fixture);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_good_token_waits_for_keys_and_is_then_asked_about),
        TEST(a_bad_token_never_reaches_the_api),
        TEST(the_organisation_of_a_good_token),
        TEST(modes),
        TEST(expiry_is_noticed),
        TEST(scopes),
        TEST(who_leaves_while_waiting),
        TEST(the_host_stops_meanwhile),
        TEST(no_copy_is_left),
    };
    th_random_start();
    th_auth_global_start();
    if (!th_fetch_global_start(NULL)) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    th_fetch_global_stop();
    return failed;
}
