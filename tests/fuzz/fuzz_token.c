/* fuzz_token.c - what a stranger puts into Authorization, and what an issuer might serve.
 * Input: a first byte that chooses, then a token, the claims of a signed one, or a key set. Beyond
 * not crashing: no forgery is good, every refusal has a reason, and scopes are a bounded text. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cjose/cjose.h>

#include "auth/token.h"
#include "base/random.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const th_token_rules_t rules = {.issuer = "https://login.example",
                                       .audience = "mcp-host 1",
                                       .resource = "https://mcp.example/mcp",
                                       .now = 1800000000};

static th_json_parser_t *parser;
static th_keys_t keys;

/* A key whose private half nobody kept. */
static void start(void) {
    th_random_start();
    th_auth_global_start();
    parser = th_json_parser_new();
    cjose_jwk_t *key = cjose_jwk_create_RSA_random(2048, (const uint8_t *)"\x01\x00\x01", 3, NULL);
    if (!parser || !key) abort();
    keys.key[0] = (th_key_t){.id = "k", .jwk = key, .listed = true};
    keys.count = 1;
}

static void try_token(th_slice_t text) {
    th_token_facts_t facts;
    th_error_t why = {0};
    (void)th_token_is_one(text);
    if (th_token_verify(parser, &keys, text, &rules, &facts, &why) == TH_TOKEN_GOOD) abort();
    if (!why.code[0] || !why.message[0]) abort();
}

static void try_claims(th_json_value_t claims) {
    th_token_facts_t facts;
    th_error_t why = {0};
    bool good = th_claims_check(claims, &rules, &facts, &why);
    if (good && facts.expires_at + TH_TOKEN_SKEW_S <= rules.now) abort();
    if (good && !memchr(facts.scopes, '\0', sizeof facts.scopes)) abort();
    if (!good && !why.message[0]) abort();
}

static void try_set(th_json_value_t set) {
    th_keys_t taken = {0};
    th_error_t why = {0};
    bool any = th_keys_take_set(&taken, set, 0, 1000, &why);
    if (any != (taken.count > 0) || taken.count > TH_KEYS_MAX) abort();
    th_keys_free(&taken);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!parser) start();
    if (size == 0) return 0;
    th_slice_t text = th_slice((const char *)data + 1, size - 1);
    if (data[0] == 't') {
        try_token(text);
        return 0;
    }
    th_json_document_t *document = th_json_parse(parser, text, &th_json_limits_request, NULL);
    if (document && data[0] == 'c') try_claims(th_json_root(document));
    if (document && data[0] == 'k') try_set(th_json_root(document));
    th_json_unref(document);
    return 0;
}
