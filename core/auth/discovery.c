/* discovery.c - the authorization server's metadata, for clients that look for them here: those of
 * 2025-03-26, to whom the MCP server itself was the authorization base. The document is the
 * issuer's own, unchanged; this host is no authorization server and does not pose as one. */
#include <stdlib.h>
#include <string.h>

#include "auth/auth_internal.h"
#include "base/clock.h"
#include "json/document.h"

#define SERVER_PATH "/.well-known/oauth-authorization-server"
#define OPENID_PATH "/.well-known/openid-configuration"
#define KEEP_MS (UINT64_C(5) * 60 * 1000)
#define KEEP_FAILURE_MS \
    UINT64_C(10000) /* nobody signed in to ask: so a failure is remembered too */
#define WAITING_MAX 64

/* A client that waits for the document. */
typedef struct waiting {
    th_list_t link;
    th_discovery_t *discovery;
    th_http_exchange_t *exchange;
} waiting_t;

void th_discovery_open(th_auth_t *auth) {
    th_buffer_init(&auth->discovery.document, TH_AUTH_DOCUMENT_MAX + 1);
    th_list_init(&auth->discovery.waiting);
}

/* The loop ran dry: the exchanges are gone. */
void th_discovery_close(th_auth_t *auth) {
    th_discovery_t *discovery = &auth->discovery;
    for (th_list_t *node; (node = th_list_take_first(&discovery->waiting));)
        free(TH_CONTAINER(node, waiting_t, link));
    th_buffer_reset(&discovery->document);
}

static void answer(const th_discovery_t *discovery, th_http_exchange_t *exchange) {
    const th_http_header_t cache = {TH_SLICE("Cache-Control"), TH_SLICE("public, max-age=300")};
    if (discovery->document.length == 0) {
        th_auth_respond_error(exchange, 502, "server_error",
                              "The authorization server's metadata cannot be fetched. Try again "
                              "shortly.");
        return;
    }
    const th_http_response_t response = {.status = 200,
                                         .content_type = "application/json",
                                         .headers = &cache,
                                         .header_count = 1,
                                         .body = th_buffer_slice(&discovery->document)};
    exchange->operations->respond(exchange, &response);
}

static void answer_all(th_discovery_t *discovery) {
    for (th_list_t *node; (node = th_list_take_first(&discovery->waiting));) {
        waiting_t *waiting = TH_CONTAINER(node, waiting_t, link);
        th_http_exchange_t *exchange = waiting->exchange;
        discovery->waiting_count--;
        free(waiting);
        exchange->on_gone = NULL;
        answer(discovery, exchange);
    }
}

static void on_gone(th_http_exchange_t *exchange, void *user) {
    waiting_t *waiting = user;
    (void)exchange;
    th_list_remove(&waiting->link);
    waiting->discovery->waiting_count--;
    free(waiting);
}

/* Metadata are good when they are the issuer's own (RFC 8414 3.3). */
static bool is_genuine(th_auth_t *auth, th_slice_t body) {
    th_slice_t issuer;
    th_json_document_t *document =
        th_json_parse(auth->worker->parser, body, &th_json_limits_request, NULL);
    bool genuine = document &&
                   th_json_string(th_json_member(th_json_root(document), "issuer"), &issuer) &&
                   th_slice_is(issuer, auth->worker->settings->auth_issuer);
    th_json_unref(document);
    return genuine;
}

static bool start_fetch(th_auth_t *auth);

static void finish(th_auth_t *auth, const th_fetch_response_t *response) {
    th_discovery_t *discovery = &auth->discovery;
    uint64_t now = th_clock_monotonic_ms();
    bool good = response && response->outcome == TH_FETCH_DONE && response->status == 200 &&
                is_genuine(auth, response->body);
    th_buffer_clear(&discovery->document);
    if (good) (void)th_buffer_add_slice(&discovery->document, response->body);
    discovery->until = now + (good ? KEEP_MS : KEEP_FAILURE_MS);
    if (!good)
        th_log(auth->worker->log, TH_LOG_WARNING, "auth",
               "the authorization server's metadata cannot be fetched, or name another issuer");
    answer_all(discovery);
}

static void on_fetched(void *arg, th_fetch_t *fetch, const th_fetch_response_t *response) {
    th_auth_t *auth = arg;
    th_discovery_t *discovery = &auth->discovery;
    (void)fetch;
    discovery->fetch = NULL;
    bool absent = response->outcome == TH_FETCH_DONE && response->status == 404;
    if (absent && !discovery->second && !auth->worker->stopping) {
        discovery->second = true;
        if (start_fetch(auth)) return;
    }
    finish(auth, response);
}

/* RFC 8414 puts its path before the issuer's, OpenID Connect Discovery behind it. */
static bool start_fetch(th_auth_t *auth) {
    th_discovery_t *discovery = &auth->discovery;
    const char *issuer = auth->worker->settings->auth_issuer;
    th_buffer_t url;
    th_buffer_init(&url, TH_AUTH_URL_MAX);
    if (!discovery->second) {
        th_auth_insert_path(issuer, SERVER_PATH, &url);
    } else {
        size_t length = strlen(issuer);
        if (length > 0 && issuer[length - 1] == '/') length--;
        (void)th_buffer_add(&url, issuer, length);
        (void)th_buffer_add_text(&url, OPENID_PATH);
    }
    if (th_buffer_add_byte(&url, '\0'))
        discovery->fetch = th_auth_fetch(auth, url.data, on_fetched, NULL);
    th_buffer_reset(&url);
    return discovery->fetch != NULL;
}

static void wait_for(th_auth_t *auth, th_http_exchange_t *exchange) {
    th_discovery_t *discovery = &auth->discovery;
    waiting_t *waiting = discovery->waiting_count < WAITING_MAX ? calloc(1, sizeof *waiting) : NULL;
    if (!waiting) {
        th_auth_respond_error(exchange, 503, "temporarily_unavailable",
                              "Too many clients are waiting for this document.");
        return;
    }
    waiting->discovery = discovery;
    waiting->exchange = exchange;
    exchange->on_gone = on_gone;
    exchange->user = waiting;
    th_list_add_tail(&discovery->waiting, &waiting->link);
    discovery->waiting_count++;
    if (discovery->fetch) return;
    discovery->second = false;
    if (!start_fetch(auth)) finish(auth, NULL);
}

static void redirect(const th_auth_t *auth, th_http_exchange_t *exchange) {
    th_buffer_t url;
    th_buffer_init(&url, TH_AUTH_URL_MAX);
    th_auth_insert_path(auth->worker->settings->auth_issuer, SERVER_PATH, &url);
    const th_http_header_t location = {TH_SLICE("Location"), th_buffer_slice(&url)};
    const th_http_response_t response = {.status = 307, .headers = &location, .header_count = 1};
    exchange->operations->respond(exchange, &response);
    th_buffer_reset(&url);
}

void th_auth_server_document(th_http_exchange_t *exchange, const th_http_request_t *request,
                             void *arg) {
    th_auth_t *auth = arg;
    const th_settings_t *settings = auth->worker->settings;
    th_discovery_t *discovery = &auth->discovery;
    (void)request;
    if (settings->auth_mode == TH_AUTH_MODE_KEYS ||
        settings->auth_discovery == TH_AUTH_DISCOVERY_OFF)
        th_auth_respond_error(exchange, 404, "not_found",
                              "This host is no authorization server, and points to none.");
    else if (settings->auth_discovery == TH_AUTH_DISCOVERY_REDIRECT)
        redirect(auth, exchange);
    else if (th_clock_monotonic_ms() < discovery->until)
        answer(discovery, exchange);
    else
        wait_for(auth, exchange);
}
