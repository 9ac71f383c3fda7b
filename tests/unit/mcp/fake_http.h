/* fake_http.h - an HTTP exchange that records what is done with it. */
#ifndef TH_TESTS_MCP_FAKE_HTTP_H
#define TH_TESTS_MCP_FAKE_HTTP_H

#include "fake_host.h"

#define FAKE_HEADERS 12

typedef struct fake_http {
    th_http_exchange_t exchange;           /* first */
    th_http_header_t header[FAKE_HEADERS]; /* of the request */
    size_t header_count;
    const char *path, *query; /* NULL = "/mcp", "" */
    /* what came: */
    int status;
    char type[40], session[64], allow[40], challenge[600], retry_after[8];
    char body[16384]; /* or the pieces of the stream */
    bool streamed, complete;
    bool slow;          /* send() fails from now on */
    bool leave_on_send; /* and tells on_gone from inside */
} fake_http_t;

static void fake_note(char *into, size_t size, const th_http_response_t *response,
                      const char *name) {
    for (size_t i = 0; i < response->header_count; i++)
        if (th_slice_equal_nocase(response->headers[i].name, th_slice_of(name)))
            (void)snprintf(into, size, "%.*s", (int)response->headers[i].value.length,
                           response->headers[i].value.data);
}

static void fake_head(fake_http_t *http, const th_http_response_t *response) {
    assert_int_equal(http->status, 0); /* only one answer */
    http->status = response->status;
    (void)snprintf(http->type, sizeof http->type, "%s",
                   response->content_type ? response->content_type : "");
    fake_note(http->session, sizeof http->session, response, "Mcp-Session-Id");
    fake_note(http->allow, sizeof http->allow, response, "Allow");
    fake_note(http->challenge, sizeof http->challenge, response, "WWW-Authenticate");
    fake_note(http->retry_after, sizeof http->retry_after, response, "Retry-After");
}

static void fake_respond(th_http_exchange_t *exchange, const th_http_response_t *response) {
    fake_http_t *http = (fake_http_t *)(void *)exchange;
    fake_head(http, response);
    assert_true(response->body.length < sizeof http->body);
    if (response->body.length) memcpy(http->body, response->body.data, response->body.length);
    http->body[response->body.length] = '\0';
    free(response->body_owned);
    http->complete = true;
}

static void fake_begin_stream(th_http_exchange_t *exchange, const th_http_response_t *head) {
    fake_http_t *http = (fake_http_t *)(void *)exchange;
    fake_head(http, head);
    http->streamed = true;
}

static void fake_leave(fake_http_t *http) {
    assert_false(http->complete);
    http->complete = true;
    http->exchange.on_gone(&http->exchange, http->exchange.user);
}

/* A test's exchanges lie on its stack: those that still stand have to go before it ends. */
__attribute__((unused)) static void fake_leave_all(fake_http_t *const http[], size_t count) {
    for (size_t i = 0; i < count; i++)
        if (http[i]->status == 0 || !http[i]->complete) fake_leave(http[i]);
}
#define LEAVE(...)                                      \
    fake_leave_all((fake_http_t *const[]){__VA_ARGS__}, \
                   sizeof((fake_http_t *const[]){__VA_ARGS__}) / sizeof(fake_http_t *))

static bool fake_send(th_http_exchange_t *exchange, th_slice_t piece) {
    fake_http_t *http = (fake_http_t *)(void *)exchange;
    size_t have = strlen(http->body);
    assert_true(http->streamed && !http->complete);
    if (http->leave_on_send) fake_leave(http);
    if (http->slow || http->leave_on_send) return false;
    assert_true(have + piece.length < sizeof http->body);
    memcpy(http->body + have, piece.data, piece.length);
    http->body[have + piece.length] = '\0';
    return true;
}

static void fake_end_stream(th_http_exchange_t *exchange) {
    fake_http_t *http = (fake_http_t *)(void *)exchange;
    assert_true(http->streamed && !http->complete);
    http->complete = true;
}

static void fake_abort(th_http_exchange_t *exchange) {
    ((fake_http_t *)(void *)exchange)->complete = true;
}

static const th_http_exchange_operations_t fake_operations = {
    fake_respond, fake_begin_stream, fake_send, fake_end_stream, fake_abort};

static void fake_header(fake_http_t *http, const char *name, const char *value) {
    assert_true(http->header_count < FAKE_HEADERS);
    http->header[http->header_count++] = (th_http_header_t){th_slice_of(name), th_slice_of(value)};
}

/* Sends a request with the headers set so far; its memory is gone when this returns, as net's is.
 */
static void fake_send_request(fake_host_t *host, fake_http_t *http, th_http_method_t method,
                              const char *body) {
    char *copy = strdup(body);
    th_http_request_t request = {.method = method,
                                 .target = TH_SLICE("/mcp"),
                                 .headers = http->header,
                                 .header_count = http->header_count,
                                 .path = th_slice_of(http->path ? http->path : "/mcp"),
                                 .query = th_slice_of(http->query ? http->query : ""),
                                 .body = th_slice(copy, strlen(copy)),
                                 .peer = "127.0.0.1"};
    http->exchange.operations = &fake_operations;
    th_mcp_http(&http->exchange, &request, host->mcp);
    memset(copy, 'x', strlen(copy));
    free(copy);
}

static void fake_client(fake_http_t *http, const char *authorization) {
    *http = (fake_http_t){.status = 0};
    if (authorization) fake_header(http, "authorization", authorization);
    fake_header(http, "Content-Type", "application/json; charset=utf-8");
    fake_header(http, "Accept", "application/json, text/event-stream");
}

/* The usual POST of Ann, in a session or (NULL) without. */
static void fake_post(fake_host_t *host, fake_http_t *http, const char *session, const char *body) {
    fake_client(http, "Bearer ann");
    if (session) fake_header(http, "mcp-session-id", session);
    fake_send_request(host, http, TH_HTTP_POST, body);
}

/* Opens a legacy session of Ann's with that revision; its id goes to <session>. */
__attribute__((unused)) static void fake_initialize(fake_host_t *host, const char *revision,
                                                    char session[static 64]) {
    fake_http_t http;
    char body[256];
    (void)snprintf(body, sizeof body,
                   "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{"
                   "\"protocolVersion\":\"%s\",\"capabilities\":{},\"clientInfo\":{\"name\":\"t\","
                   "\"version\":\"1\"}}}",
                   revision);
    fake_post(host, &http, NULL, body);
    assert_int_equal(http.status, 200);
    memcpy(session, http.session, 64);
}

#endif
