/* test_token.c - which tokens are good, and that every other one is refused, with a reason. */
#include "auth/token_maker.h"

#include "auth/token.h"
#include "base/random.h"
#include "memory_search.h"

#define NOW INT64_C(1800000000)

typedef struct fixture {
    th_json_parser_t *parser;
    cjose_jwk_t *key, *other;
    th_keys_t keys; /* holds <key> as "k1" */
    th_token_rules_t rules;
    th_token_facts_t facts;
    th_error_t why;
} fixture_t;

static int set_up(void **state) {
    fixture_t *fixture = calloc(1, sizeof *fixture);
    th_random_start();
    th_auth_global_start();
    fixture->parser = th_json_parser_new();
    fixture->key = make_key("k1", 2048);
    fixture->other = make_key("k2", 2048);
    fixture->rules = (th_token_rules_t){.issuer = "https://login.example",
                                        .audience = "mcp-host 1",
                                        .resource = "https://mcp.example/mcp",
                                        .now = NOW};
    char *set = make_set(&fixture->key, 1);
    th_json_document_t *document =
        th_json_parse(fixture->parser, th_slice_of(set), &th_json_limits_request, NULL);
    assert_true(th_keys_take_set(&fixture->keys, th_json_root(document), 0, 1000, &fixture->why));
    th_json_unref(document);
    free(set);
    *state = fixture;
    return 0;
}

static int tear_down(void **state) {
    fixture_t *fixture = *state;
    th_keys_free(&fixture->keys);
    (void)cjose_jwk_release(fixture->key);
    (void)cjose_jwk_release(fixture->other);
    th_json_parser_free(fixture->parser);
    free(fixture);
    return 0;
}

static th_token_result_t verify(fixture_t *fixture, const char *token) {
    memset(&fixture->facts, 'x', sizeof fixture->facts);
    th_error_clear(&fixture->why);
    return th_token_verify(fixture->parser, &fixture->keys, th_slice_of(token), &fixture->rules,
                           &fixture->facts, &fixture->why);
}

/* Frees <token>. <reason> is part of the sentence. */
static void refused(fixture_t *fixture, char *token, const char *reason) {
    th_token_result_t result = verify(fixture, token);
    if (result != TH_TOKEN_BAD) fail_msg("accepted, or unknown: %s", token);
    assert_string_equal(fixture->why.code, "invalid_token");
    if (!strstr(fixture->why.message, reason))
        fail_msg("\"%s\" lacks \"%s\"", fixture->why.message, reason);
    assert_null(strstr(fixture->why.message, "eyJ")); /* nothing of the token in the sentence */
    free(token);
}

static void claims_refused(fixture_t *fixture, const char *claims, const char *reason) {
    refused(fixture, make_token(fixture->key, "k1", claims), reason);
}

static void claims_accepted(fixture_t *fixture, const char *claims) {
    char *token = make_token(fixture->key, "k1", claims);
    if (verify(fixture, token) != TH_TOKEN_GOOD) fail_msg("%s: %s", claims, fixture->why.message);
    free(token);
}

#define GOOD "\"aud\":\"https://mcp.example/mcp\",\"exp\":1800000300"

static void good_tokens(void **state) {
    fixture_t *fixture = *state;
    claims_accepted(fixture, "{" GOOD ",\"iss\":\"https://login.example\",\"scope\":\"a b\"}");
    assert_string_equal(fixture->facts.scopes, "a b");
    assert_int_equal(fixture->facts.expires_at, 1800000300);
    char *token = make_token(fixture->key, NULL, "{" GOOD "}"); /* no kid: every key is tried */
    assert_int_equal(verify(fixture, token), TH_TOKEN_GOOD);
    free(token);
    token = make_token_as(fixture->key, "RS256", "k1", "typ", "\"at+jwt\"", "{" GOOD "}");
    assert_int_equal(verify(fixture, token), TH_TOKEN_GOOD);
    free(token);
}

static void audiences(void **state) {
    fixture_t *fixture = *state;
    claims_accepted(fixture, "{\"exp\":1800000300,\"aud\":[\"x\",\"HTTPS://MCP.example/mcp/\"]}");
    claims_accepted(fixture, "{\"exp\":1800000300,\"aud\":1}");
    claims_accepted(fixture, "{\"exp\":1800000300,\"aud\":\"1\"}");
    claims_accepted(fixture, "{\"exp\":1800000300,\"aud\":7,\"mcp_resource\":\"mcp-host\"}");
    const char *const wrong[] = {"\"aud\":\"https://other.example/mcp\"",
                                 "\"aud\":\"https://mcp.example/MCP\"",
                                 "\"aud\":\"https://mcp.example\"",
                                 "\"aud\":\"https://mcp.example/mcp/more\"",
                                 "\"aud\":[]",
                                 "\"aud\":\"\"",
                                 "\"aud\":11",
                                 "\"aud\":1.5",
                                 "\"aud\":\"mcp-host 1\"",
                                 "\"aud\":{\"mcp-host\":1}",
                                 "\"mcp_resource\":\"mcp\"",
                                 "\"sub\":\"1\""};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char claims[256];
        (void)snprintf(claims, sizeof claims, "{\"exp\":1800000300,%s}", wrong[i]);
        claims_refused(fixture, claims, "another server");
    }
    fixture->rules.resource = "";
    claims_refused(fixture, "{\"exp\":1800000300,\"aud\":\"\"}", "another server");
}

static void times(void **state) {
    fixture_t *fixture = *state;
    const char *const aud = "\"aud\":1";
    const struct {
        const char *claims, *reason; /* NULL: accepted */
    } rows[] = {
        {"\"exp\":1799999941", NULL}, /* within the skew */
        {"\"exp\":1799999940", "expired"},
        {"\"exp\":1800000300.25", NULL}, /* Passport writes fractions */
        {"\"exp\":0", "expired"},
        {"\"exp\":-5", "expired"},
        {"\"exp\":1e300", NULL},
        {"\"exp\":\"1800000300\"", "exp"},
        {"\"exp\":null", "exp"},
        {"\"sub\":\"x\"", "exp"},
        {"\"exp\":1800000300,\"nbf\":1800000060", NULL},
        {"\"exp\":1800000300,\"nbf\":1800000061", "not valid yet"},
        {"\"exp\":1800000300,\"nbf\":\"soon\"", "nbf"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char claims[256];
        (void)snprintf(claims, sizeof claims, "{%s,%s}", aud, rows[i].claims);
        if (rows[i].reason)
            claims_refused(fixture, claims, rows[i].reason);
        else
            claims_accepted(fixture, claims);
    }
}

static void issuers(void **state) {
    fixture_t *fixture = *state;
    claims_accepted(fixture, "{" GOOD "}"); /* Tallyfy's have none */
    claims_refused(fixture, "{" GOOD ",\"iss\":\"https://login.example/\"}", "another issuer");
    claims_refused(fixture, "{" GOOD ",\"iss\":\"https://evil.example\"}", "another issuer");
    claims_refused(fixture, "{" GOOD ",\"iss\":[\"https://login.example\"]}", "another issuer");
    claims_refused(fixture, "{" GOOD ",\"iss\":null}", "another issuer");
}

static void scopes(void **state) {
    fixture_t *fixture = *state;
    const struct {
        const char *claims, *scopes;
    } rows[] = {
        {"\"sub\":\"1\"", ""},
        {"\"scope\":\"\"", " "},
        {"\"mcp_scopes\":[]", " "},
        {"\"mcp_scopes\":[\"mcp.tasks.read\",\"mcp.users.read\"],\"scope\":\"x\"",
         "mcp.tasks.read mcp.users.read"},
        {"\"scp\":[\"a\"]", "a"},
        {"\"scope\":\"a b\",\"scp\":\"c\"", "a b"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char claims[256];
        (void)snprintf(claims, sizeof claims, "{" GOOD ",%s}", rows[i].claims);
        claims_accepted(fixture, claims);
        assert_string_equal(fixture->facts.scopes, rows[i].scopes);
    }
    claims_refused(fixture, "{" GOOD ",\"scope\":7}", "scopes");
    claims_refused(fixture, "{" GOOD ",\"scope\":null}", "scopes");
    claims_refused(fixture, "{" GOOD ",\"mcp_scopes\":[\"a\",1]}", "scopes");
    claims_refused(fixture, "{" GOOD ",\"scope\":\"a\\u0000b\"}", "scopes");
    char many[1200] = "{" GOOD ",\"scope\":\"";
    memset(many + strlen(many), 'a', TH_TOKEN_SCOPES);
    strcat(many, "\"}");
    claims_refused(fixture, many, "too many");
}

/* What an attacker without the private key can send. */
static void forgeries(void **state) {
    fixture_t *fixture = *state;
    char *good = make_token(fixture->key, "k1", "{" GOOD "}");
    char *pem = make_set(&fixture->key, 1);
    const char *signature = strrchr(good, '.') + 1;
    cjose_jwk_t *secret = cjose_jwk_create_oct_spec((const uint8_t *)pem, strlen(pem), NULL);

    refused(fixture, make_raw("{\"alg\":\"none\"}", "{" GOOD "}", ""), "RS256");
    refused(fixture, make_raw("{\"alg\":\"None\",\"kid\":\"k1\"}", "{" GOOD "}", signature),
            "RS256");
    refused(fixture, make_raw("{\"alg\":\"RS256\",\"kid\":\"k1\"}", "{" GOOD "}", ""), "signature");
    refused(fixture, make_token_as(secret, "HS256", "k1", NULL, NULL, "{" GOOD "}"), "RS256");
    refused(fixture, make_token_as(fixture->key, "RS512", "k1", NULL, NULL, "{" GOOD "}"), "RS256");
    refused(fixture, make_token_as(fixture->key, "PS256", "k1", NULL, NULL, "{" GOOD "}"), "RS256");
    refused(fixture, make_raw("{\"alg\":\"rs256\",\"kid\":\"k1\"}", "{" GOOD "}", signature),
            "RS256");
    refused(fixture, make_raw("{\"kid\":\"k1\"}", "{" GOOD "}", signature), "RS256");
    /* The right key id, another's key; and other claims under a good signature. */
    refused(fixture, make_token(fixture->other, "k1", "{" GOOD "}"), "signature");
    refused(fixture,
            make_raw("{\"alg\":\"RS256\",\"kid\":\"k1\"}", "{" GOOD ",\"a\":1}", signature),
            "signature");
    /* A key that the token brings along, or an address of one, counts for nothing. */
    char *own = cjose_jwk_to_json(fixture->other, false, NULL);
    refused(fixture, make_token_as(fixture->other, "RS256", "k1", "jwk", own, "{" GOOD "}"),
            "signature");
    refused(fixture,
            make_token_as(fixture->other, "RS256", "k1", "jku", "\"https://evil.example/jwks\"",
                          "{" GOOD "}"),
            "signature");
    cjose_get_dealloc()(own);
    (void)cjose_jwk_release(secret);
    free(pem);
    free(good);
}

static void shapes(void **state) {
    fixture_t *fixture = *state;
    char *good = make_token(fixture->key, "k1", "{" GOOD "}");
    const char *signature = strrchr(good, '.') + 1;
    refused(fixture, strdup(""), "three parts");
    refused(fixture, strdup("a-personal-key"), "three parts");
    refused(fixture, strdup("a.b"), "three parts");
    refused(fixture, strdup("a.b.c.d.e"), "three parts");
    refused(fixture, strdup("..c"), "three parts");
    refused(fixture, strdup("!!.!!.c2ln"), "header");
    refused(fixture, make_raw("[]", "{" GOOD "}", signature), "header");
    refused(fixture, make_raw("{\"alg\":\"RS256\",\"alg\":\"none\"}", "{" GOOD "}", signature),
            "header");
    refused(fixture, make_token_as(fixture->key, "RS256", "k1", "crit", "[\"b64\"]", "{" GOOD "}"),
            "crit");
    refused(fixture,
            make_token_as(fixture->key, "RS256", "k1", "typ", "\"logout+jwt\"", "{" GOOD "}"),
            "another type");
    refused(fixture, make_token_as(fixture->key, "RS256", NULL, "kid", "7", "{" GOOD "}"), "kid");
    claims_refused(fixture, "[]", "claims");
    claims_refused(fixture, "{" GOOD ",\"exp\":1900000000}", "claims"); /* said twice */
    /* Another spelling of the same signature, and padding. */
    char *padded = malloc(strlen(good) + 2);
    (void)sprintf(padded, "%s=", good);
    refused(fixture, padded, "three parts");
    char *stray = strdup(good);
    char *last = stray + strlen(stray) - 1;
    *last = *last == 'A' ? 'B' : *last == 'Q' ? 'R' : *last == 'g' ? 'h' : 'x';
    refused(fixture, stray, "three parts");
    char *large = malloc(TH_TOKEN_MAX + 2);
    memset(large, 'a', TH_TOKEN_MAX + 1);
    large[TH_TOKEN_MAX + 1] = '\0';
    refused(fixture, large, "over 8192");
    free(good);
}

static void unknown_keys(void **state) {
    fixture_t *fixture = *state;
    char *token = make_token(fixture->other, "k2", "{" GOOD "}");
    assert_int_equal(verify(fixture, token), TH_TOKEN_UNKNOWN_KEY);
    free(token);
    token = make_token(fixture->other, NULL, "{" GOOD "}");
    assert_int_equal(verify(fixture, token), TH_TOKEN_UNKNOWN_KEY);
    free(token);
    token = make_token(fixture->other, "../../etc/passwd", "{" GOOD "}");
    assert_int_equal(verify(fixture, token), TH_TOKEN_UNKNOWN_KEY);
    free(token);
}

static void what_is_a_token(void **state) {
    fixture_t *fixture = *state;
    char *good = make_token(fixture->key, "k1", "{}");
    char *none = make_raw("{ \"alg\":\"none\"}", "{}", "");
    assert_true(th_token_is_one(th_slice_of(good)));
    assert_true(th_token_is_one(th_slice_of(none)));
    free(good);
    free(none);
    const char *const keys[] = {"", "a", "a.b.c", "practice.admin.key", "eyJ", "eyJ.b", "e..", "."};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        assert_false(th_token_is_one(th_slice_of(keys[i])));
}

/* After a verification no copy of the token, or of what it says, is left anywhere. */
static void nothing_stays_in_memory(void **state) {
    fixture_t *fixture = *state;
    char *marker = make_marker("sub-");
    char claims[256];
    (void)snprintf(claims, sizeof claims, "{" GOOD ",\"sub\":\"%s\"}", marker);
    char *token = make_token(fixture->key, "k1", claims);
    char tail[65]; /* of the signature */
    memcpy(tail, token + strlen(token) - 64, 65);
    explicit_bzero(claims, sizeof claims);
    assert_int_equal(verify(fixture, token), TH_TOKEN_GOOD);
    explicit_bzero(token, strlen(token));
    free(token);
    assert_int_equal(copies_in_memory(marker), 1); /* the marker itself */
    assert_int_equal(copies_in_memory(tail), 1);
    free(marker);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(good_tokens),     TEST(audiences),
        TEST(times),           TEST(issuers),
        TEST(scopes),          TEST(forgeries),
        TEST(shapes),          TEST(unknown_keys),
        TEST(what_is_a_token), TEST(nothing_stays_in_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
