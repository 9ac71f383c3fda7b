/* sessions_fixture.h - one worker with sessions, a scripted Tallyfy, and two small tools. */
#ifndef TH_TESTS_SESSIONS_FIXTURE_H
#define TH_TESTS_SESSIONS_FIXTURE_H

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "config/config.h"
#include "loop/fetch.h"
#include "loop/upstream.h"
#include "script/tool_folder.h"
#include "session/session.h"

typedef struct fixture {
    tool_folder_t folder;
    th_settings_t settings;
    th_worker_t worker;
    th_catalogue_t *catalogue;
    th_sessions_t *sessions;
    upstream_t *server;
    atomic_uint verified; /* requests for /me */
    atomic_bool down, revoked;
} fixture_t;

/* Knows every key that begins with "good-"; "slow-tool" requests wait for the gate. */
static inline bool tallyfy(upstream_request_t *request) {
    fixture_t *fixture = request->server->arg;
    const char *json = "Content-Type: application/json\r\n";
    if (atomic_load(&fixture->down)) return upstream_answer(request, 500, json, "{}");
    bool known = upstream_has(request, "Authorization: Bearer good-");
    if (!known || atomic_load(&fixture->revoked))
        return upstream_answer(request, 401, json,
                               "{\"error\":true,\"message\":\"Unauthenticated.\"}");
    if (upstream_has(request, "/organizations/forbidden/"))
        return upstream_answer(request, 403, json, "{\"error\":true,\"message\":\"No.\"}");
    if (upstream_has(request, "/me HTTP")) {
        atomic_fetch_add(&fixture->verified, 1);
        const char *who = upstream_has(request, "good-ann")
                              ? "{\"data\":{\"id\":1,\"full_name\":\"Ann\"}}"
                              : "{\"data\":{\"id\":2,\"full_name\":\"Bob\"}}";
        return upstream_answer(request, 200, json, who);
    }
    if (upstream_has(request, "/slow HTTP")) upstream_wait_gate(request);
    return upstream_answer(request, 200, json,
                           "{\"data\":{\"name\":\"Org\",\"timezone\":\"Europe/Berlin\"}}");
}

static inline void pump(fixture_t *fixture) {
    assert_true(uv_run(&fixture->worker.loop, UV_RUN_ONCE) >= 0);
}

static inline int open_fixture(void **state) {
    static const unsigned char key[32] = {7};
    fixture_t *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    tool_folder_open(&fixture->folder);
    tool_folder_write_tool(&fixture->folder, "hello.lua", "return 'hello ' .. call.user.name");
    tool_folder_write_tool(&fixture->folder, "slow.lua",
                           "local ok, err = call.api:get('/organizations/{org}/slow') "
                           "if not ok then return nil, err end return 'slow done'");
    fixture->server = upstream_start(tallyfy, fixture);
    th_settings_t *settings = &fixture->settings;
    th_settings_defaults(settings);
    settings->tallyfy_plain_http = true;
    settings->tallyfy_retries = 0;
    (void)snprintf(settings->tallyfy_base_url, sizeof settings->tallyfy_base_url,
                   "http://127.0.0.1:%u", fixture->server->port);
    (void)snprintf(settings->script_tools, sizeof settings->script_tools, "%s",
                   fixture->folder.path);
    settings->session_sweep = 20; /* ms: wakes the loop, so that pump() never waits for nothing */
    settings->session_per_principal = 2;
    settings->session_calls = 2;
    settings->session_queue = 1;
    th_error_t error = {0};
    th_problems_t problems = {0};
    fixture->catalogue = th_catalogue_load(settings, NULL, &problems);
    assert_non_null(fixture->catalogue);
    assert_true(th_worker_open(&fixture->worker, 0, settings, NULL, &error));
    fixture->sessions = th_sessions_open(&fixture->worker, key, fixture->catalogue, &error);
    assert_non_null(fixture->sessions);
    *state = fixture;
    return 0;
}

static inline int close_fixture(void **state) {
    fixture_t *fixture = *state;
    atomic_store(&fixture->server->gate, true);
    th_worker_stop(&fixture->worker);
    th_worker_run(&fixture->worker);
    th_sessions_close(fixture->sessions);
    th_worker_close(&fixture->worker);
    th_catalogue_unref(fixture->catalogue);
    upstream_stop(fixture->server);
    tool_folder_close(&fixture->folder);
    free(fixture);
    return 0;
}

typedef struct verdict {
    bool told;
    th_grant_t *grant;
    th_refusal_t refusal;
    th_error_t why;
} verdict_t;

static inline void on_verified(void *arg, th_grant_t *grant, th_refusal_t refusal,
                               const th_error_t *why) {
    verdict_t *verdict = arg;
    assert_false(verdict->told);
    *verdict = (verdict_t){true, grant, refusal, *why};
}

static inline verdict_t verify(fixture_t *fixture, const char *key, const char *org) {
    verdict_t verdict = {0};
    (void)th_sessions_verify(fixture->sessions, th_slice_of(key), th_slice_of(org), on_verified,
                             &verdict);
    while (!verdict.told)
        pump(fixture);
    return verdict;
}

static inline th_grant_t *grant_of(fixture_t *fixture, const char *key) {
    verdict_t verdict = verify(fixture, key, "org");
    assert_int_equal(verdict.refusal, TH_REFUSAL_NONE);
    assert_non_null(verdict.grant);
    return verdict.grant;
}

typedef struct outcome {
    unsigned told;
    th_call_outcome_t outcome;
    char code[32];
    char text[1024]; /* the result's text, or the message */
} outcome_t;

static inline void on_result(void *arg, const th_call_result_t *result) {
    outcome_t *outcome = arg;
    outcome->told++;
    outcome->outcome = result->outcome;
    bool good = result->outcome == TH_CALL_OK;
    (void)snprintf(outcome->code, sizeof outcome->code, "%s", good ? "" : result->code);
    if (good)
        (void)snprintf(outcome->text, sizeof outcome->text, "%.*s", (int)result->text.length,
                       result->text.data);
    else
        (void)snprintf(outcome->text, sizeof outcome->text, "%s", result->message);
}

static inline th_running_t *start_call(fixture_t *fixture, th_session_t *session, th_grant_t *grant,
                                       const char *tool, outcome_t *outcome, th_error_t *error) {
    const th_tool_t *found = th_catalogue_find(fixture->catalogue, th_slice_of(tool));
    assert_non_null(found);
    return th_session_call(session, grant, found, th_json_absent(), NULL, on_result, outcome,
                           error);
}

#endif
