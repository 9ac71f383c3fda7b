/* test_auth.c - keys fetched from an issuer on loopback: when, how often, and what happens while
 * they are not to be had; the modes; the two documents. */
#include "auth/token_maker.h"

#include "auth/auth.h"
#include "base/clock.h"
#include "base/random.h"
#include "config/config.h"
#include "loop/fetch.h"
#include "loop/upstream.h"

#define SETS 8

typedef struct fixture {
    th_settings_t settings;
    th_worker_t worker;
    th_auth_t *auth;
    upstream_t *server;
    cjose_jwk_t *key[2];
    _Atomic(char *) set; /* what the issuer serves; NULL: 503 */
    char *sets[SETS];    /* owned: all that were served */
    size_t made;
    atomic_uint fetched;
    atomic_bool gated, other_issuer, openid_only;
    th_token_facts_t facts;
    th_error_t why;
} fixture_t;

static bool issuer(upstream_request_t *request) {
    fixture_t *fixture = request->server->arg;
    const char *json = "Content-Type: application/json\r\n";
    char body[1024];
    if (upstream_has(request, "GET /.well-known/jwks.json ")) {
        atomic_fetch_add(&fixture->fetched, 1);
        if (atomic_load(&fixture->gated)) upstream_wait_gate(request);
        char *set = atomic_load(&fixture->set);
        return upstream_answer(request, set ? 200 : 503, json, set ? set : "{}");
    }
    atomic_fetch_add(&fixture->fetched, 1);
    bool openid = upstream_has(request, "GET /.well-known/openid-configuration ");
    if (atomic_load(&fixture->openid_only) != openid)
        return upstream_answer(request, 404, json, "{}");
    (void)snprintf(body, sizeof body, "{\"issuer\":\"%s\",\"token_endpoint\":\"x\"}",
                   atomic_load(&fixture->other_issuer) ? "https://evil.example"
                                                       : fixture->settings.auth_issuer);
    return upstream_answer(request, 200, json, body);
}

static void serve_keys(fixture_t *fixture, size_t first, size_t count) {
    char *set = count ? make_set(&fixture->key[first], count) : NULL;
    assert_in_range(fixture->made, 0, SETS - 1);
    fixture->sets[fixture->made++] = set; /* the issuer's threads may still read an older one */
    atomic_store(&fixture->set, set);
}

static int set_up(void **state) {
    fixture_t *fixture = calloc(1, sizeof *fixture);
    th_error_t error;
    th_random_start();
    fixture->server = upstream_start(issuer, fixture);
    th_settings_t *settings = &fixture->settings;
    th_settings_defaults(settings);
    settings->auth_mode = TH_AUTH_MODE_TOKENS;
    settings->auth_plain_http = true;
    settings->auth_key_pause = 60000;
    (void)snprintf(settings->auth_issuer, sizeof settings->auth_issuer, "http://127.0.0.1:%u",
                   fixture->server->port);
    (void)snprintf(settings->auth_audience, sizeof settings->auth_audience, "mcp-host");
    assert_true(th_settings_check(settings, &error));
    assert_true(th_worker_open(&fixture->worker, 0, settings, NULL, &error));
    fixture->auth = th_auth_open(&fixture->worker, &error);
    assert_non_null(fixture->auth);
    fixture->key[0] = make_key("k0", 2048);
    fixture->key[1] = make_key("k1", 2048);
    serve_keys(fixture, 0, 1);
    *state = fixture;
    return 0;
}

static int tear_down(void **state) {
    fixture_t *fixture = *state;
    atomic_store(&fixture->server->gate, true);
    th_worker_stop(&fixture->worker);
    th_worker_run(&fixture->worker);
    th_auth_close(fixture->auth);
    th_worker_close(&fixture->worker);
    upstream_stop(fixture->server);
    for (size_t i = 0; i < fixture->made; i++)
        free(fixture->sets[i]);
    (void)cjose_jwk_release(fixture->key[0]);
    (void)cjose_jwk_release(fixture->key[1]);
    free(fixture);
    return 0;
}

static void turn(fixture_t *fixture) {
    uv_run(&fixture->worker.loop, UV_RUN_ONCE);
}

static th_auth_verdict_t ask(fixture_t *fixture, const char *credential) {
    th_error_clear(&fixture->why);
    return th_auth_check(fixture->auth, th_slice_of(credential), &fixture->facts, &fixture->why);
}

/* --- keys ------------------------------------------------------------------------------------- */

typedef struct waiter {
    th_auth_waiter_t base;
    fixture_t *fixture;
    bool told;
} waiter_t;

static void on_ready(th_auth_waiter_t *base) {
    waiter_t *waiter = TH_CONTAINER(base, waiter_t, base);
    waiter->told = true;
    uv_stop(&waiter->fixture->worker.loop);
}

static void wait_for_keys(fixture_t *fixture) {
    waiter_t waiter = {.base.ready = on_ready, .fixture = fixture};
    th_list_init(&waiter.base.link);
    th_auth_wait(fixture->auth, &waiter.base);
    while (!waiter.told)
        turn(fixture);
}

/* The caller frees it. */
static char *token_of(fixture_t *fixture, size_t key) {
    char claims[128];
    (void)snprintf(claims, sizeof claims, "{\"mcp_resource\":\"mcp-host\",\"exp\":%lld}",
                   (long long)(th_clock_wall_ms() / 1000 + 300));
    return make_token(fixture->key[key], key ? "k1" : "k0", claims);
}

static void keys_are_fetched_when_first_needed(void **state) {
    fixture_t *fixture = *state;
    char *token = token_of(fixture, 0);
    assert_int_equal(atomic_load(&fixture->fetched), 0);
    assert_int_equal(ask(fixture, token), TH_AUTH_WAIT);
    assert_int_equal(ask(fixture, token), TH_AUTH_WAIT); /* one fetch for all */
    wait_for_keys(fixture);
    assert_int_equal(ask(fixture, token), TH_AUTH_IS_GOOD);
    assert_int_equal(atomic_load(&fixture->fetched), 1);
    free(token);
}

static void a_new_key_is_found_but_not_too_often(void **state) {
    fixture_t *fixture = *state;
    char *old = token_of(fixture, 0), *new = token_of(fixture, 1);
    assert_int_equal(ask(fixture, old), TH_AUTH_WAIT);
    wait_for_keys(fixture);
    serve_keys(fixture, 1, 1);
    assert_int_equal(ask(fixture, new), TH_AUTH_IS_BAD); /* too soon after the last fetch */
    assert_non_null(strstr(fixture->why.message, "does not publish"));
    assert_int_equal(atomic_load(&fixture->fetched), 1);
    fixture->settings.auth_key_pause = 0;
    assert_int_equal(ask(fixture, new), TH_AUTH_WAIT);
    wait_for_keys(fixture);
    assert_int_equal(ask(fixture, new), TH_AUTH_IS_GOOD);
    assert_int_equal(ask(fixture, old), TH_AUTH_IS_GOOD); /* signed before the rotation */
    fixture->settings.auth_key_pause = 60000;
    free(old);
    free(new);
}

static void a_wrong_signature_fetches_nothing(void **state) {
    fixture_t *fixture = *state;
    char *token = token_of(fixture, 0);
    assert_int_equal(ask(fixture, token), TH_AUTH_WAIT);
    wait_for_keys(fixture);
    fixture->settings.auth_key_pause = 0;
    char *forged = make_token(fixture->key[1], "k0", "{}");
    assert_int_equal(ask(fixture, forged), TH_AUTH_IS_BAD);
    assert_int_equal(atomic_load(&fixture->fetched), 1);
    free(token);
    free(forged);
}

static void an_issuer_that_is_down(void **state) {
    fixture_t *fixture = *state;
    char *token = token_of(fixture, 0);
    serve_keys(fixture, 0, 0);
    assert_int_equal(ask(fixture, token), TH_AUTH_WAIT);
    wait_for_keys(fixture);
    assert_int_equal(ask(fixture, token), TH_AUTH_UNAVAILABLE);
    assert_string_equal(fixture->why.code, "unavailable");
    serve_keys(fixture, 0, 1);
    fixture->settings.auth_key_pause = 0;
    assert_int_equal(ask(fixture, token), TH_AUTH_WAIT);
    wait_for_keys(fixture);
    assert_int_equal(ask(fixture, token), TH_AUTH_IS_GOOD);
    free(token);
}

static void a_worker_that_stops_tells_who_waits(void **state) {
    fixture_t *fixture = *state;
    char *token = token_of(fixture, 0);
    waiter_t waiter = {.base.ready = on_ready, .fixture = fixture};
    th_list_init(&waiter.base.link);
    atomic_store(&fixture->gated, true);
    assert_int_equal(ask(fixture, token), TH_AUTH_WAIT);
    th_auth_wait(fixture->auth, &waiter.base);
    th_worker_stop(&fixture->worker);
    assert_true(waiter.told);
    free(token);
}

static void modes(void **state) {
    fixture_t *fixture = *state;
    char *none = make_raw("{\"alg\":\"none\"}", "{}", "");
    assert_int_equal(ask(fixture, "a-personal-key"), TH_AUTH_IS_BAD);
    assert_int_equal(ask(fixture, none), TH_AUTH_IS_BAD);
    fixture->settings.auth_mode = TH_AUTH_MODE_BOTH;
    assert_int_equal(ask(fixture, "a-personal-key"), TH_AUTH_IS_KEY);
    assert_int_equal(ask(fixture, none), TH_AUTH_IS_BAD);
    fixture->settings.auth_mode = TH_AUTH_MODE_KEYS;
    assert_int_equal(ask(fixture, none), TH_AUTH_IS_KEY);
    assert_int_equal(atomic_load(&fixture->fetched), 0);
    free(none);
}

/* --- settings --------------------------------------------------------------------------------- */

static void settings_that_would_accept_anything(void **state) {
    th_settings_t settings;
    th_error_t error;
    (void)state;
    th_settings_defaults(&settings);
    assert_true(th_settings_check_auth(&settings, &error));
    settings.auth_mode = TH_AUTH_MODE_BOTH;
    assert_false(th_settings_check_auth(&settings, &error));
    assert_non_null(strstr(error.message, "auth.issuer"));
    (void)strcpy(settings.auth_issuer, "https://login.example");
    assert_false(th_settings_check_auth(&settings, &error));
    assert_non_null(strstr(error.message, "auth.audience"));
    (void)strcpy(settings.auth_audience, "  ");
    assert_false(th_settings_check_auth(&settings, &error));
    (void)strcpy(settings.auth_audience, "mcp-host");
    assert_true(th_settings_check_auth(&settings, &error));
    const char *const plain[] = {"http://login.example", "http://127.0.0.1:8080",
                                 "http://127.evil.example", "http://localhost.evil.example"};
    for (size_t i = 0; i < 4; i++) {
        (void)strcpy(settings.auth_jwks_uri, plain[i]);
        settings.auth_plain_http = false;
        assert_false(th_settings_check_auth(&settings, &error));
        settings.auth_plain_http = true;
        assert_int_equal(th_settings_check_auth(&settings, &error), i == 1);
    }
}

static void a_pinned_key_file_that_is_wrong(void **state) {
    fixture_t *fixture = *state;
    th_error_t error;
    (void)strcpy(fixture->settings.auth_public_key, "/nonexistent/key.pem");
    assert_null(th_auth_open(&fixture->worker, &error));
    assert_non_null(strstr(error.message, "/nonexistent/key.pem"));
    (void)strcpy(fixture->settings.auth_public_key, "/dev/null");
    assert_null(th_auth_open(&fixture->worker, &error));
    assert_non_null(strstr(error.message, "BEGIN PUBLIC KEY"));
}

/* --- documents -------------------------------------------------------------------------------- */

typedef struct exchange {
    th_http_exchange_t base;
    fixture_t *fixture;
    int status;
    char body[4096], location[512];
} exchange_t;

static void on_respond(th_http_exchange_t *base, const th_http_response_t *response) {
    exchange_t *exchange = TH_CONTAINER(base, exchange_t, base);
    assert_int_equal(exchange->status, 0);
    exchange->status = response->status;
    (void)snprintf(exchange->body, sizeof exchange->body, "%.*s", (int)response->body.length,
                   response->body.length ? response->body.data : "");
    for (size_t i = 0; i < response->header_count; i++)
        if (th_slice_is(response->headers[i].name, "Location"))
            (void)snprintf(exchange->location, sizeof exchange->location, "%.*s",
                           (int)response->headers[i].value.length, response->headers[i].value.data);
    uv_stop(&exchange->fixture->worker.loop);
}

static const th_http_exchange_operations_t operations = {.respond = on_respond};

static void get(fixture_t *fixture, exchange_t *exchange, th_http_handler_t handler,
                const char *path) {
    const th_http_header_t host = {TH_SLICE("Host"), TH_SLICE("127.0.0.1:9000")};
    const th_http_request_t request = {
        .method = TH_HTTP_GET, .path = th_slice_of(path), .headers = &host, .header_count = 1};
    *exchange = (exchange_t){.base.operations = &operations, .fixture = fixture};
    handler(&exchange->base, &request, fixture->auth);
}

static void the_resource_document(void **state) {
    fixture_t *fixture = *state;
    exchange_t exchange;
    const char *const root = "/.well-known/oauth-protected-resource";
    char wanted[1024];
    (void)snprintf(fixture->settings.auth_scopes, sizeof fixture->settings.auth_scopes,
                   " mcp.tasks.read  x ");
    (void)snprintf(wanted, sizeof wanted,
                   "{\"resource\":\"http://127.0.0.1:9000/mcp\",\"authorization_servers\":[\"%s\"],"
                   "\"scopes_supported\":[\"mcp.tasks.read\",\"x\"],"
                   "\"bearer_methods_supported\":[\"header\"],\"resource_name\":\"Tallyfy\"}",
                   fixture->settings.auth_issuer);
    get(fixture, &exchange, th_auth_resource_document, root);
    assert_int_equal(exchange.status, 200);
    assert_string_equal(exchange.body, wanted);
    get(fixture, &exchange, th_auth_resource_document, "/.well-known/oauth-protected-resource/mcp");
    assert_string_equal(exchange.body, wanted);
    get(fixture, &exchange, th_auth_resource_document, "/.well-known/oauth-protected-resource/x");
    assert_int_equal(exchange.status, 404);
    (void)strcpy(fixture->settings.mcp_resource_url, "https://mcp.example/tallyfy/mcp");
    get(fixture, &exchange, th_auth_resource_document,
        "/.well-known/oauth-protected-resource/tallyfy/mcp");
    assert_non_null(strstr(exchange.body, "\"resource\":\"https://mcp.example/tallyfy/mcp\""));
    fixture->settings.auth_mode = TH_AUTH_MODE_KEYS; /* no OAuth, no promise of it */
    get(fixture, &exchange, th_auth_resource_document, root);
    assert_int_equal(exchange.status, 404);
}

static void the_metadata_url(void **state) {
    fixture_t *fixture = *state;
    const struct {
        const char *resource, *url;
    } rows[] = {
        {"", "http://h:1/.well-known/oauth-protected-resource/mcp"},
        {"https://m.example/mcp", "https://m.example/.well-known/oauth-protected-resource/mcp"},
        {"https://m.example/a/mcp/",
         "https://m.example/.well-known/oauth-protected-resource/a/mcp"},
        {"https://m.example", "https://m.example/.well-known/oauth-protected-resource"},
    };
    th_buffer_t url;
    th_buffer_init(&url, 1024);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)strcpy(fixture->settings.mcp_resource_url, rows[i].resource);
        assert_true(th_auth_metadata_url(&fixture->settings, TH_SLICE("h:1"), &url));
        assert_true(th_slice_is(th_buffer_slice(&url), rows[i].url));
        th_buffer_clear(&url);
    }
    fixture->settings.auth_mode = TH_AUTH_MODE_KEYS;
    assert_false(th_auth_metadata_url(&fixture->settings, TH_SLICE("h:1"), &url));
    th_buffer_reset(&url);
}

static void get_server_document(fixture_t *fixture, exchange_t *exchange) {
    get(fixture, exchange, th_auth_server_document, "/.well-known/oauth-authorization-server");
    while (!exchange->status)
        turn(fixture);
}

static void the_issuers_document_is_handed_on(void **state) {
    fixture_t *fixture = *state;
    exchange_t one, other;
    get(fixture, &one, th_auth_server_document, "/.well-known/oauth-authorization-server");
    get_server_document(fixture, &other);
    assert_int_equal(one.status, 200);
    assert_non_null(strstr(one.body, "\"token_endpoint\":\"x\""));
    assert_string_equal(one.body, other.body);
    get_server_document(fixture, &one);
    assert_int_equal(one.status, 200);
    assert_int_equal(atomic_load(&fixture->fetched), 1); /* remembered */
}

static void an_issuer_with_openid_connect_only(void **state) {
    fixture_t *fixture = *state;
    exchange_t exchange;
    atomic_store(&fixture->openid_only, true);
    get_server_document(fixture, &exchange);
    assert_int_equal(exchange.status, 200);
    assert_int_equal(atomic_load(&fixture->fetched), 2);
}

static void a_document_of_another_issuer_is_not(void **state) {
    fixture_t *fixture = *state;
    exchange_t exchange;
    atomic_store(&fixture->other_issuer, true);
    get_server_document(fixture, &exchange);
    assert_int_equal(exchange.status, 502);
    atomic_store(&fixture->other_issuer, false);
    get_server_document(fixture, &exchange); /* nobody signed in to ask: the failure is kept */
    assert_int_equal(exchange.status, 502);
    assert_int_equal(atomic_load(&fixture->fetched), 1);
}

static void a_client_that_left(void **state) {
    fixture_t *fixture = *state;
    exchange_t gone, stayed;
    get(fixture, &gone, th_auth_server_document, "/.well-known/oauth-authorization-server");
    gone.base.on_gone(&gone.base, gone.base.user);
    get_server_document(fixture, &stayed);
    assert_int_equal(stayed.status, 200);
    assert_int_equal(gone.status, 0);
}

static void redirect_and_off(void **state) {
    fixture_t *fixture = *state;
    exchange_t exchange;
    char wanted[1024];
    fixture->settings.auth_discovery = TH_AUTH_DISCOVERY_REDIRECT;
    (void)snprintf(wanted, sizeof wanted, "%s/.well-known/oauth-authorization-server",
                   fixture->settings.auth_issuer);
    get_server_document(fixture, &exchange);
    assert_int_equal(exchange.status, 307);
    assert_string_equal(exchange.location, wanted);
    fixture->settings.auth_discovery = TH_AUTH_DISCOVERY_OFF;
    get_server_document(fixture, &exchange);
    assert_int_equal(exchange.status, 404);
    assert_int_equal(atomic_load(&fixture->fetched), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(keys_are_fetched_when_first_needed),
        TEST(a_new_key_is_found_but_not_too_often),
        TEST(a_wrong_signature_fetches_nothing),
        TEST(an_issuer_that_is_down),
        TEST(a_worker_that_stops_tells_who_waits),
        TEST(modes),
        cmocka_unit_test(settings_that_would_accept_anything),
        TEST(a_pinned_key_file_that_is_wrong),
        TEST(the_resource_document),
        TEST(the_metadata_url),
        TEST(the_issuers_document_is_handed_on),
        TEST(an_issuer_with_openid_connect_only),
        TEST(a_document_of_another_issuer_is_not),
        TEST(a_client_that_left),
        TEST(redirect_and_off),
    };
    th_auth_global_start();
    if (!th_fetch_global_start(NULL)) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    th_fetch_global_stop();
    return failed;
}
