/* test_http_server.c - the front over real sockets: order, limits, times, refusals, streams, drain.
 */
#include "net_fixture.h"

#include <netinet/tcp.h>
#include <sys/resource.h>

#include "memory_search.h"

#define HELD_MAX 64

typedef struct fixture {
    th_settings_t settings;
    th_log_t log;
    th_worker_t worker;
    th_http_server_t *server;
    const char *address;
    th_http_exchange_t *held[HELD_MAX]; /* taken over by /hold and /stream, answered by the test */
    unsigned held_count;
    unsigned gone;
    unsigned handled;
    char last_body[128];
    char last_peer[64];
    th_http_method_t last_method;
    unsigned timers;
} fixture_t;

static void answer(th_http_exchange_t *exchange, int status, const char *text) {
    th_http_response_t response = {
        .status = status, .content_type = "text/plain", .body = th_slice_of(text)};
    exchange->operations->respond(exchange, &response);
}

static void on_echo(th_http_exchange_t *exchange, const th_http_request_t *request, void *arg) {
    fixture_t *f = arg;
    f->handled++;
    f->last_method = request->method;
    (void)snprintf(f->last_peer, sizeof f->last_peer, "%s", request->peer);
    (void)snprintf(f->last_body, sizeof f->last_body, "%.*s", (int)request->body.length,
                   request->body.data ? request->body.data : "");
    th_http_response_t response = {
        .status = 200, .content_type = "text/plain", .body = request->body};
    exchange->operations->respond(exchange, &response);
}

static void on_hello(th_http_exchange_t *exchange, const th_http_request_t *request, void *arg) {
    fixture_t *f = arg;
    f->handled++;
    f->last_method = request->method;
    answer(exchange, 200, "hello");
}

static void on_gone(th_http_exchange_t *exchange, void *user) {
    (void)exchange;
    ((fixture_t *)user)->gone++;
}

static void on_hold(th_http_exchange_t *exchange, const th_http_request_t *request, void *arg) {
    fixture_t *f = arg;
    f->handled++;
    if (!th_slice_is(request->query, "untold")) {
        exchange->on_gone = on_gone;
        exchange->user = f;
    }
    assert_true(f->held_count < HELD_MAX);
    f->held[f->held_count++] = exchange;
}

typedef struct delay {
    uv_timer_t timer;
    th_http_exchange_t *exchange;
    char text[32];
} delay_t;

static void on_delay_closed(uv_handle_t *handle) {
    free(handle->data);
}

static void on_delayed(uv_timer_t *timer) {
    delay_t *delay = timer->data;
    answer(delay->exchange, 200, delay->text);
    uv_close((uv_handle_t *)timer, on_delay_closed);
}

/* Answers with its query after that many milliseconds. */
static void on_later(th_http_exchange_t *exchange, const th_http_request_t *request, void *arg) {
    fixture_t *f = arg;
    delay_t *delay = calloc(1, sizeof *delay);
    delay->exchange = exchange;
    delay->timer.data = delay;
    (void)snprintf(delay->text, sizeof delay->text, "after-%.*s", (int)request->query.length,
                   request->query.data);
    uv_timer_init(&f->worker.loop, &delay->timer);
    uv_timer_start(&delay->timer, on_delayed, (uint64_t)atoi(request->query.data), 0);
}

static void on_big(th_http_exchange_t *exchange, const th_http_request_t *request, void *arg) {
    (void)arg;
    size_t length = (size_t)atoi(request->query.data) << 10;
    char *body = malloc(length);
    memset(body, 'b', length);
    th_http_response_t response = {.status = 200,
                                   .content_type = "text/plain",
                                   .body = th_slice(body, length),
                                   .body_owned = body};
    exchange->operations->respond(exchange, &response);
}

static void on_stream(th_http_exchange_t *exchange, const th_http_request_t *request, void *arg) {
    on_hold(exchange, request, arg);
    th_http_response_t head = {.status = 200, .content_type = "text/event-stream"};
    exchange->operations->begin_stream(exchange, &head);
}

static void on_split(th_http_exchange_t *exchange, const th_http_request_t *request, void *arg) {
    (void)request;
    (void)arg;
    th_http_header_t bad = {TH_SLICE("X-Name"), TH_SLICE("a\r\nSet-Cookie: b")};
    th_http_response_t response = {.status = 200, .headers = &bad, .header_count = 1};
    exchange->operations->respond(exchange, &response);
}

#define BIT(method) (1u << TH_HTTP_##method)

static void open_server(fixture_t *f, const char *listen, bool local_only) {
    th_http_route_t routes[] = {
        {.path = "/echo", .methods = BIT(POST) | BIT(PUT), .handler = on_echo, .arg = f},
        {.path = "/hello", .methods = BIT(GET), .handler = on_hello, .arg = f},
        {.path = "/hold", .methods = BIT(GET) | BIT(POST), .handler = on_hold, .arg = f},
        {.path = "/later", .methods = BIT(GET), .handler = on_later, .arg = f},
        {.path = "/big", .methods = BIT(GET), .handler = on_big, .arg = f},
        {.path = "/stream", .methods = BIT(GET), .handler = on_stream, .arg = f},
        {.path = "/split", .methods = BIT(GET), .handler = on_split, .arg = f},
        {.path = "/tree/*", .methods = BIT(GET) | BIT(DELETE), .handler = on_hello, .arg = f},
        {.path = "/mcp",
         .methods = BIT(GET) | BIT(POST) | BIT(DELETE),
         .handler = on_echo,
         .arg = f,
         .cross_origin = true},
        {.path = "/public",
         .methods = BIT(GET),
         .handler = on_hello,
         .arg = f,
         .cross_origin = true,
         .any_origin = true},
    };
    th_http_server_config_t config = {.listen = listen,
                                      .local_only_hosts = local_only,
                                      .routes = routes,
                                      .route_count = sizeof routes / sizeof *routes};
    th_error_t error;
    f->server = th_http_server_open(&f->worker, &config, &error);
    if (!f->server) fail_msg("%s", error.message);
    f->address = th_http_server_address(f->server);
}

static fixture_t *fixture_new(void (*change)(th_settings_t *)) {
    fixture_t *f = calloc(1, sizeof *f);
    net_settings(&f->settings);
    if (change) change(&f->settings);
    f->log = (th_log_t){.fd = 2, .threshold = TH_LOG_NONE};
    th_error_t error;
    assert_true(th_worker_open(&f->worker, 0, &f->settings, &f->log, &error));
    open_server(f, "127.0.0.1:0", true);
    return f;
}

static void fixture_free(fixture_t *f) {
    th_worker_stop(&f->worker);
    th_worker_run(&f->worker);
    th_http_server_close(f->server);
    th_worker_close(&f->worker);
    free(f);
}

/* Sends and waits until the server ended the connection; the caller closes. */
static void talk_to_end(fixture_t *f, raw_client_t *client, const char *text) {
    client_open(client, f->address);
    client_say(&f->worker, client, text);
    WAIT_FOR(&f->worker, client, client->ended);
}

static void expect_refusal(fixture_t *f, const char *text, const char *status) {
    raw_client_t client;
    talk_to_end(f, &client, text);
    char wanted[32];
    (void)snprintf(wanted, sizeof wanted, "HTTP/1.1 %s ", status);
    if (strncmp(received(&client), wanted, strlen(wanted)) != 0)
        fail_msg("wanted %s for:\n%s\ngot:\n%s", status, text, received(&client));
    assert_int_equal(times(received(&client), "\r\nDate: "), 1);
    client_close(&client);
}

static void expect_answer(fixture_t *f, const char *text, const char *wanted) {
    raw_client_t client;
    client_open(&client, f->address);
    client_say(&f->worker, &client, text);
    WAIT_FOR(&f->worker, &client, strstr(received(&client), "\r\n\r\n") || client.ended);
    if (!strstr(received(&client), wanted))
        fail_msg("wanted %s for:\n%s\ngot:\n%s", wanted, text, received(&client));
    client_close(&client);
}

#define H "Host: localhost\r\n"

static void test_simple(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    raw_client_t client;
    client_open(&client, f->address);
    client_say(&f->worker, &client, "POST /echo HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nabcde");
    WAIT_FOR(&f->worker, &client, strstr(received(&client), "abcde"));
    const char *text = received(&client);
    assert_non_null(strstr(text, "HTTP/1.1 200 OK\r\nDate: "));
    assert_non_null(strstr(text, " GMT\r\n"));
    assert_non_null(strstr(text, "\r\nContent-Length: 5\r\n"));
    assert_non_null(strstr(text, "\r\nContent-Type: text/plain\r\n"));
    assert_non_null(strstr(text, "\r\nX-Content-Type-Options: nosniff\r\n"));
    assert_null(strstr(text, "Connection:"));
    assert_string_equal(f->last_peer, "127.0.0.1");
    assert_false(client.ended);
    client_say(&f->worker, &client, "GET /hello HTTP/1.1\r\n" H "\r\n");
    WAIT_FOR(&f->worker, &client, strstr(received(&client), "hello"));
    client_close(&client);
    fixture_free(f);
}

static void test_pipelined_in_order(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    raw_client_t client;
    client_open(&client, f->address);
    client_say(&f->worker, &client,
               "GET /later?120 HTTP/1.1\r\n" H "\r\n"
               "GET /later?1 HTTP/1.1\r\n" H "\r\n"
               "GET /nothing HTTP/1.1\r\n" H "\r\n"
               "GET /later?40 HTTP/1.1\r\n" H "\r\n"
               "GET /hello HTTP/1.1\r\n" H "\r\n");
    WAIT_FOR(&f->worker, &client, strstr(received(&client), "hello"));
    const char *text = received(&client);
    const char *order[] = {"after-120", "after-1\0", "404 Not Found", "after-40", "hello"};
    for (size_t i = 0; i < 5; i++) {
        const char *found = strstr(text, order[i]);
        if (found) text = found;
        if (!found) fail_msg("%s is missing or out of order:\n%s", order[i], received(&client));
    }
    client_close(&client);
    fixture_free(f);
}

/* More requests than may be unanswered: reading pauses, and goes on where it stopped. */
static void test_pipeline_limit(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    raw_client_t client;
    client_open(&client, f->address);
    for (int i = 0; i < 45; i++)
        client_say(&f->worker, &client, "GET /hold HTTP/1.1\r\n" H "\r\n");
    WAIT_FOR(&f->worker, &client, f->held_count == 32);
    for (int i = 0; i < 5; i++) {
        rest(&f->worker, &client);
        turn(&f->worker, &client);
    }
    assert_int_equal(f->held_count, 32);
    assert_int_equal(th_http_server_pending(f->server), 32);
    for (unsigned i = 0; i < 32; i++)
        answer(f->held[i], 200, "held");
    WAIT_FOR(&f->worker, &client, f->held_count == 45);
    for (unsigned i = 45; i-- > 32;) /* answered backwards, sent forwards */
        answer(f->held[i], i == 44 ? 201 : 200, "held");
    WAIT_FOR(&f->worker, &client, times(received(&client), "HTTP/1.1 20") == 45);
    assert_non_null(strstr(received(&client), "HTTP/1.1 201"));
    assert_null(strstr(strstr(received(&client), "HTTP/1.1 201"), "HTTP/1.1 200"));
    assert_int_equal(th_http_server_pending(f->server), 0);
    client_close(&client);
    fixture_free(f);
}

static void test_burst(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    raw_client_t client;
    client_open(&client, f->address);
    th_buffer_t burst;
    th_buffer_init(&burst, 1 << 20);
    for (int i = 0; i < 500; i++)
        assert_true(th_buffer_add_format(
            &burst, "POST /echo HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nn%04d", i));
    client_send(&f->worker, &client, burst.data, burst.length);
    WAIT_FOR(&f->worker, &client, strstr(received(&client), "n0499"));
    const char *at = received(&client);
    for (int i = 0; i < 500; i++) {
        char wanted[16];
        (void)snprintf(wanted, sizeof wanted, "n%04d", i);
        at = strstr(at, wanted);
        assert_non_null(at);
    }
    th_buffer_reset(&burst);
    client_close(&client);
    fixture_free(f);
}

/* Shapes that two parsers could read differently: one answer, and the request behind is not run. */
static void test_smuggling(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
#define BEHIND "GET /hello HTTP/1.1\r\n" H "\r\n"
    const struct {
        const char *status, *text;
    } rows[] = {
        {"400",
         "POST /echo HTTP/1.1\r\n" H "Content-Length: 0\r\nContent-Length: 0\r\n\r\n" BEHIND},
        {"400",
         "POST /echo HTTP/1.1\r\n" H "Content-Length: 0\r\nContent-Length: 37\r\n\r\n" BEHIND},
        {"400", "POST /echo HTTP/1.1\r\n" H "Content-Length: 0x10\r\n\r\n" BEHIND},
        {"400", "POST /echo HTTP/1.1\r\n" H "Content-Length: +0\r\n\r\n" BEHIND},
        {"400", "POST /echo HTTP/1.1\r\n" H
                "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" BEHIND},
        {"400", "POST /echo HTTP/1.1\r\n" H
                "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n" BEHIND},
        {"501",
         "POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" BEHIND},
        {"400",
         "POST /echo HTTP/1.1\r\n" H
         "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" BEHIND},
        {"400", "POST /echo HTTP/1.1\r\n" H "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" BEHIND},
        {"400",
         "POST /echo HTTP/1.1\r\n" H "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" BEHIND},
        {"400", "POST /echo HTTP/1.0\r\n" H "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" BEHIND},
        {"400", "POST /echo HTTP/1.1\r\n" H
                "Transfer-Encoding: chunked\r\n\r\n1;x=y\r\na\r\n0\r\n\r\n" BEHIND},
        {"400",
         "POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n1\r\naXX0\r\n\r\n" BEHIND},
        {"400", "POST /echo HTTP/1.1\r\n" H
                "Transfer-Encoding: chunked\r\n\r\n0\r\nHost: evil\r\n\r\n" BEHIND},
        {"413", "GET /hello HTTP/1.1\r\n" H "Content-Length: 40\r\n\r\n" BEHIND},
        {"413", "GET /hello HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" BEHIND},
        {"400", "GET /hello HTTP/1.1\n" H "\r\n" BEHIND},
        {"400", "\r\n\r\n" BEHIND},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        expect_refusal(f, rows[i].text, rows[i].status);
        assert_int_equal(f->handled, 0);
    }
    fixture_free(f);
}

static void test_statuses(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    char text[20000];
    expect_refusal(f, "POST /echo HTTP/1.1\r\n" H "\r\n", "411");
    expect_refusal(f, "POST /echo HTTP/1.1\r\n" H "Content-Length: 1048577\r\n\r\n", "413");
    expect_refusal(f, "POST /echo HTTP/1.1\r\n" H "Content-Length: 1\r\nExpect: magic\r\n\r\n",
                   "417");
    expect_refusal(f, "BREW /echo HTTP/1.1\r\n" H "\r\n", "501");
    expect_refusal(f, "GET /hello HTTP/2.0\r\n" H "\r\n", "505");
    expect_refusal(f, "GET /hello HTTP/1.1\r\n\r\n", "400");
    expect_refusal(f, "GET /hello HTTP/1.1\r\n" H H "\r\n", "400");
    expect_answer(f, "GET /hello HTTP/1.1\r\nHost: evil.example\r\n\r\n", "HTTP/1.1 403 ");
    expect_answer(f, "GET /hello HTTP/1.1\r\nHost: LOCALHOST:99\r\n\r\n", "HTTP/1.1 200 ");
    expect_answer(f, "GET /hello HTTP/1.1\r\nHost: [::1]:1\r\n\r\n", "HTTP/1.1 200 ");
    expect_answer(f, "GET /nothing HTTP/1.1\r\n" H "\r\n", "HTTP/1.1 404 ");
    expect_answer(f, "GET /hello/ HTTP/1.1\r\n" H "\r\n", "HTTP/1.1 404 ");
    expect_answer(f, "GET /tree/a/b?c HTTP/1.1\r\n" H "\r\n", "HTTP/1.1 200 ");
    expect_answer(f, "DELETE /hello HTTP/1.1\r\n" H "\r\n", "\r\nAllow: GET, HEAD, OPTIONS\r\n");
    expect_answer(f, "GET /echo HTTP/1.1\r\n" H "\r\n", "\r\nAllow: POST, PUT, OPTIONS\r\n");
    expect_answer(f, "GET /echo HTTP/1.1\r\n" H "\r\n", "HTTP/1.1 405 ");
    expect_answer(f, "OPTIONS /hello HTTP/1.1\r\n" H "\r\n", "HTTP/1.1 204 ");
    expect_answer(f, "GET /split HTTP/1.1\r\n" H "\r\n", "HTTP/1.1 500 ");
    (void)snprintf(text, sizeof text, "GET /%05000d HTTP/1.1\r\n" H "\r\n", 0);
    expect_refusal(f, text, "414");
    (void)snprintf(text, sizeof text, "GET /hello HTTP/1.1\r\n" H "X: %09000d\r\n\r\n", 0);
    expect_refusal(f, text, "431");
    (void)snprintf(text, sizeof text,
                   "GET /hello HTTP/1.1\r\n" H "X: %08000d\r\nY: %08000d\r\nZ: %01000d", 0, 0, 0);
    expect_refusal(f, text, "431"); /* before the head is complete */
    expect_answer(f, "GET /nothing HTTP/1.1\r\n" H "\r\n",
                  "{\"error\":\"not_found\",\"message\":\"");
    fixture_free(f);
}

static void test_origin_and_cors(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    (void)snprintf(f->settings.http_allowed_origins, sizeof f->settings.http_allowed_origins,
                   "https://app.example https://two.example");
    expect_answer(f, "GET /hello HTTP/1.1\r\n" H "Origin: https://evil.example\r\n\r\n",
                  "HTTP/1.1 403 ");
    expect_answer(f, "GET /hello HTTP/1.1\r\n" H "Origin: null\r\n\r\n", "HTTP/1.1 403 ");
    expect_answer(f, "GET /nothing HTTP/1.1\r\n" H "Origin: http://evil.example\r\n\r\n",
                  "HTTP/1.1 403 ");
    expect_answer(f, "OPTIONS /mcp HTTP/1.1\r\n" H "Origin: http://localhost.evil.example\r\n\r\n",
                  "HTTP/1.1 403 ");
    expect_answer(f, "GET /hello HTTP/1.1\r\n" H "Origin: http://localhost@evil.example\r\n\r\n",
                  "HTTP/1.1 403 ");
    expect_answer(f, "GET /hello HTTP/1.1\r\n" H "Origin: https://two.example\r\n\r\n",
                  "HTTP/1.1 200 ");
    expect_answer(f, "GET /public HTTP/1.1\r\n" H "Origin: https://evil.example\r\n\r\n",
                  "\r\nAccess-Control-Allow-Origin: *\r\n");
    const char *local =
        "POST /mcp HTTP/1.1\r\n" H "Origin: http://127.0.0.1:5173\r\nContent-Length: 2\r\n\r\n{}";
    expect_answer(f, local, "\r\nAccess-Control-Allow-Origin: http://127.0.0.1:5173\r\n");
    expect_answer(f, local, "\r\nVary: Origin\r\n");
    expect_answer(f, local,
                  "\r\nAccess-Control-Expose-Headers: Mcp-Session-Id, WWW-Authenticate\r\n");
    const char *preflight = "OPTIONS /mcp HTTP/1.1\r\n" H "Origin: https://app.example\r\n"
                            "Access-Control-Request-Method: POST\r\n"
                            "Access-Control-Request-Headers: mcp-param-region, authorization, "
                            "x-other, Mcp-Param-a:b\r\n"
                            "\r\n";
    expect_answer(f, preflight, "HTTP/1.1 204 ");
    expect_answer(f, preflight,
                  "\r\nAccess-Control-Allow-Methods: GET, HEAD, POST, DELETE, OPTIONS\r\n");
    expect_answer(f, preflight, "Last-Event-ID, ");
    expect_answer(f, preflight, ", mcp-param-region\r\n");
    expect_answer(f, preflight, "\r\nAccess-Control-Allow-Origin: https://app.example\r\n");
    /* A refusal of a cross-origin route can be read by its page too. */
    expect_answer(f, "POST /mcp HTTP/1.1\r\n" H "Origin: https://app.example\r\n\r\n",
                  "\r\nAccess-Control-Allow-Origin: https://app.example\r\n");
    fixture_free(f);
}

/* A page of the host itself behind its proxy; a rebound name never becomes its own. */
static void test_own_origin(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
#define OWN "GET /hello HTTP/1.1\r\nHost: chat.example\r\nOrigin: "
    expect_answer(f, OWN "https://chat.example\r\n\r\n", "HTTP/1.1 403 ");
    (void)snprintf(f->settings.http_allowed_hosts, sizeof f->settings.http_allowed_hosts,
                   "chat.example");
    expect_answer(f, OWN "https://chat.example\r\n\r\n", "HTTP/1.1 200 ");
    expect_answer(f, OWN "https://CHAT.example\r\n\r\n", "HTTP/1.1 200 ");
    expect_answer(f, OWN "http://chat.example\r\n\r\n", "HTTP/1.1 403 ");
    expect_answer(f, OWN "https://chat.example:444\r\n\r\n", "HTTP/1.1 403 ");
    expect_answer(f, OWN "https://chat.example.evil\r\n\r\n", "HTTP/1.1 403 ");
    expect_answer(f, OWN "https://\r\n\r\n", "HTTP/1.1 403 ");
    expect_answer(
        f, "GET /hello HTTP/1.1\r\nHost: evil.example\r\nOrigin: https://evil.example\r\n\r\n",
        "HTTP/1.1 403 ");
#undef OWN
    fixture_free(f);
}

static void test_head(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    raw_client_t client;
    client_open(&client, f->address);
    client_say(&f->worker, &client,
               "HEAD /hello HTTP/1.1\r\n" H "\r\nHEAD /nothing HTTP/1.1\r\n" H "\r\n"
               "GET /hello HTTP/1.1\r\n" H "\r\n");
    WAIT_FOR(&f->worker, &client, strstr(received(&client), "hello"));
    assert_int_equal(times(received(&client), "Content-Length: 5\r\n"), 2);
    assert_int_equal(times(received(&client), "hello"), 1);
    assert_int_equal(times(received(&client), "not_found"), 0);
    assert_int_equal(f->last_method, TH_HTTP_GET);
    client_close(&client);
    fixture_free(f);
}

static void test_keep_alive(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    raw_client_t client;
    talk_to_end(f, &client, "GET /hello HTTP/1.0\r\n" H "\r\n" BEHIND);
    assert_int_equal(f->handled, 1);
    assert_non_null(strstr(received(&client), "\r\nConnection: close\r\n"));
    client_close(&client);

    talk_to_end(f, &client, "GET /hello HTTP/1.1\r\n" H "Connection: x, Close\r\n\r\n" BEHIND);
    assert_int_equal(f->handled, 2);
    client_close(&client);

    client_open(&client, f->address);
    client_say(&f->worker, &client, "GET /hello HTTP/1.0\r\n" H "Connection: keep-alive\r\n\r\n");
    WAIT_FOR(&f->worker, &client, strstr(received(&client), "hello"));
    assert_non_null(strstr(received(&client), "\r\nConnection: keep-alive\r\n"));
    client_say(&f->worker, &client, "GET /hello HTTP/1.1\r\n" H "\r\n");
    WAIT_FOR(&f->worker, &client, times(received(&client), "hello") == 2);
    client_close(&client);
    fixture_free(f);
}

/* The same requests, cut at every byte. */
static void test_any_cut(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    static const char text[] = "\r\nPOST /echo HTTP/1.1\r\n" H "Transfer-Encoding: Chunked\r\n\r\n"
                               "3\r\nabc\r\n0A\r\n0123456789\r\n000\r\n\r\n"
                               "POST /echo HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nxyz"
                               "GET /hello HTTP/1.1\r\n" H "Connection: close\r\n\r\n";
    for (size_t cut = 1; cut < sizeof text - 1; cut++) {
        raw_client_t client;
        client_open(&client, f->address);
        client_send(&f->worker, &client, text, cut);
        for (int i = 0; i < 3; i++)
            turn(&f->worker, &client);
        client_send(&f->worker, &client, text + cut, sizeof text - 1 - cut);
        WAIT_FOR(&f->worker, &client, client.ended);
        assert_non_null(strstr(received(&client), "\r\n\r\nabc0123456789HTTP/1.1 200"));
        assert_non_null(strstr(received(&client), "\r\n\r\nxyzHTTP/1.1 200"));
        assert_non_null(strstr(received(&client), "hello"));
        client_close(&client);
    }
    raw_client_t client; /* and byte by byte */
    client_open(&client, f->address);
    for (size_t i = 0; i < sizeof text - 1; i++) {
        client_send(&f->worker, &client, text + i, 1);
        turn(&f->worker, &client);
    }
    WAIT_FOR(&f->worker, &client, client.ended);
    assert_non_null(strstr(received(&client), "abc0123456789"));
    assert_non_null(strstr(received(&client), "hello"));
    client_close(&client);
    fixture_free(f);
}

static void short_times(th_settings_t *settings) {
    settings->http_head_timeout = 150;
    settings->http_body_timeout = 150;
    settings->http_idle_timeout = 150;
    settings->http_write_timeout = 200;
    settings->http_linger_timeout = 150;
    settings->http_stream_comment = 60;
}

static void test_times(void **state) {
    (void)state;
    fixture_t *f = fixture_new(short_times);
    expect_refusal(f, "GET /hello HTTP/1.1\r\nHost: lo", "408");
    expect_refusal(f, "POST /echo HTTP/1.1\r\n" H "Content-Length: 10\r\n\r\nabc", "408");
    raw_client_t client;
    talk_to_end(f, &client, ""); /* not a word: closed without one */
    assert_int_equal(client.received.length, 0);
    client_close(&client);
    talk_to_end(f, &client, "GET /hello HTTP/1.1\r\n" H "\r\n"); /* idle after an answer */
    assert_int_equal(times(received(&client), "HTTP/1.1"), 1);
    client_close(&client);
    /* A head that drips does not win time. */
    client_open(&client, f->address);
    client_say(&f->worker, &client, "GET /hello HTTP/1.1\r\nX: ");
    uint64_t guard = th_clock_monotonic_ms() + GUARD_MS, last = 0;
    while (!client.ended && th_clock_monotonic_ms() < guard) {
        if (uv_now(&f->worker.loop) - last >= 5) { /* few enough to stay under the size limit */
            client_say(&f->worker, &client, "a");
            last = uv_now(&f->worker.loop);
        }
        rest(&f->worker, &client);
        turn(&f->worker, &client);
    }
    assert_true(client.ended);
    assert_non_null(strstr(received(&client), "HTTP/1.1 408 "));
    client_close(&client);
    /* A call that takes longer than all of these is not cut. */
    client_open(&client, f->address);
    client_say(&f->worker, &client, "GET /later?700 HTTP/1.1\r\n" H "\r\n");
    WAIT_FOR(&f->worker, &client, strstr(received(&client), "after-700"));
    client_close(&client);
    /* Nor is a connection that idles less than its limit again and again. */
    client_open(&client, f->address);
    for (int i = 1; i <= 8; i++) {
        client_say(&f->worker, &client, "GET /later?50 HTTP/1.1\r\n" H "\r\n");
        WAIT_FOR(&f->worker, &client, times(received(&client), "after-50") == (size_t)i);
    }
    client_close(&client);
    fixture_free(f);
}

static void test_late_head_behind_pending(void **state) {
    (void)state;
    fixture_t *f = fixture_new(short_times);
    raw_client_t client;
    talk_to_end(f, &client, "GET /later?400 HTTP/1.1\r\n" H "\r\nGET /hel");
    const char *first = strstr(received(&client), "after-400");
    assert_non_null(first);
    assert_non_null(strstr(first, "HTTP/1.1 408 "));
    client_close(&client);
    fixture_free(f);
}

static void test_expect_continue(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    raw_client_t client;
    client_open(&client, f->address);
#define EXPECTS "POST /echo HTTP/1.1\r\n" H "Content-Length: 4\r\nExpect: 100-continue\r\n\r\n"
    client_say(&f->worker, &client, EXPECTS);
    WAIT_FOR(&f->worker, &client, client.received.length > 0);
    assert_string_equal(received(&client), "HTTP/1.1 100 Continue\r\n\r\n");
    client_say(&f->worker, &client, "body");
    WAIT_FOR(&f->worker, &client, strstr(received(&client), "\r\n\r\nbody"));
    client_say(&f->worker, &client, EXPECTS "more"); /* did not wait: gets none */
    WAIT_FOR(&f->worker, &client, strstr(received(&client), "\r\n\r\nmore"));
    assert_int_equal(times(received(&client), "100 Continue"), 1);
    client_say(&f->worker, &client, "GET /hold HTTP/1.1\r\n" H "\r\n" EXPECTS); /* not its turn */
    WAIT_FOR(&f->worker, &client, f->held_count == 1);
    turn(&f->worker, &client);
    assert_int_equal(times(received(&client), "100 Continue"), 1);
    answer(f->held[0], 200, "held");
    WAIT_FOR(&f->worker, &client, times(received(&client), "100 Continue") == 2);
    assert_non_null(strstr(strstr(received(&client), "held"), "100 Continue"));
    client_say(&f->worker, &client, "last");
    WAIT_FOR(&f->worker, &client, strstr(received(&client), "\r\n\r\nlast"));
    client_close(&client);
    /* A request that is refused is not asked for its body. */
    expect_refusal(
        f, "POST /nothing HTTP/1.1\r\n" H "Content-Length: 4\r\nExpect: 100-continue\r\n\r\n",
        "404");
    fixture_free(f);
}

static void test_slow_reader(void **state) {
    (void)state;
    fixture_t *f = fixture_new(short_times);
    raw_client_t slow = {.fd = connect_to(f->address, NULL, 4096)};
    th_buffer_init(&slow.received, 64 << 20);
    assert_true(slow.fd >= 0);
    client_say(&f->worker, &slow, "GET /big?16384 HTTP/1.1\r\n" H "\r\n");
    raw_client_t *nobody = NULL;
    WAIT_FOR(&f->worker, nobody, th_http_server_pending(f->server) > 0);
    WAIT_FOR(&f->worker, nobody, th_http_server_pending(f->server) == 0); /* given up */
    WAIT_FOR(&f->worker, &slow, slow.ended);
    assert_true(slow.received.length < 16u << 20);
    client_close(&slow);
    /* One that takes a little at a time is served whole. */
    raw_client_t steady = {.fd = connect_to(f->address, NULL, 4096)};
    th_buffer_init(&steady.received, 64 << 20);
    client_say(&f->worker, &steady, "GET /big?4096 HTTP/1.1\r\n" H "\r\n");
    WAIT_FOR(&f->worker, &steady, steady.received.length > 4u << 20 || steady.ended);
    assert_true(steady.received.length > 4u << 20);
    client_close(&steady);
    fixture_free(f);
}

static void test_client_gone(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    raw_client_t client;
    client_open(&client, f->address);
    client_say(&f->worker, &client,
               "GET /hold HTTP/1.1\r\n" H "\r\nGET /hold HTTP/1.1\r\n" H "\r\n");
    WAIT_FOR(&f->worker, &client, f->held_count == 2);
    client_close(&client);
    raw_client_t *nobody = NULL;
    WAIT_FOR(&f->worker, nobody, f->gone == 2);
    client_open(&client, f->address); /* ends its sending side only: the same */
    client_say(&f->worker, &client, "GET /hold HTTP/1.1\r\n" H "\r\n");
    WAIT_FOR(&f->worker, &client, f->held_count == 3);
    assert_int_equal(shutdown(client.fd, SHUT_WR), 0);
    WAIT_FOR(&f->worker, &client, f->gone == 3);
    client_close(&client);
    assert_int_equal(th_http_server_pending(f->server), 0);
    /* A user who cannot be told answers into the void. */
    client_open(&client, f->address);
    client_say(&f->worker, &client, "GET /hold?untold HTTP/1.1\r\n" H "\r\n");
    client_say(&f->worker, &client, "GET /hold?untold HTTP/1.1\r\n" H "\r\n");
    client_say(&f->worker, &client, "GET /hold HTTP/1.1\r\n" H "\r\n");
    WAIT_FOR(&f->worker, &client, f->held_count == 6);
    client_close(&client);
    WAIT_FOR(&f->worker, nobody, f->gone == 4);
    answer(f->held[3], 200, "nobody hears");
    assert_int_equal(th_http_server_pending(f->server), 1);
    fixture_free(f); /* the other orphan goes with the server */
}

/* The answer to an upload that is too large arrives although the upload goes on. */
static void test_linger(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    raw_client_t client;
    client_open(&client, f->address);
    client_say(&f->worker, &client,
               "POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n");
    char *chunk = malloc(65536 + 16);
    int head = sprintf(chunk, "10000\r\n");
    memset(chunk + head, 'x', 65536);
    chunk[head + 65536] = '\r';
    chunk[head + 65537] = '\n';
    bool refused = false;
    for (int i = 0; i < 32 && !refused; i++) { /* 2 MB, twice the cap */
        client_send(&f->worker, &client, chunk, (size_t)head + 65536 + 2);
        turn(&f->worker, &client);
        refused = strstr(received(&client), "HTTP/1.1 413 ") != NULL;
    }
    WAIT_FOR(&f->worker, &client, strstr(received(&client), "HTTP/1.1 413 "));
    assert_non_null(strstr(received(&client), "body_too_large\""));
    WAIT_FOR(&f->worker, &client, client.ended);
    raw_client_t *nobody = NULL;
    assert_false(client.reset); /* a clean end, although more comes in */
    for (int i = 0; i < 2; i++) {
        assert_true(send(client.fd, chunk, 65536, MSG_NOSIGNAL | MSG_DONTWAIT) > 0);
        turn(&f->worker, nobody);
    }
    free(chunk);
    client_close(&client);
    fixture_free(f);
}

static void test_drain(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    raw_client_t idle, running;
    client_open(&idle, f->address);
    client_say(&f->worker, &idle, "GET /hello HTTP/1.1\r\n" H "\r\n");
    WAIT_FOR(&f->worker, &idle, strstr(received(&idle), "hello"));
    client_open(&running, f->address);
    client_say(&f->worker, &running, "GET /hold HTTP/1.1\r\n" H "\r\n");
    WAIT_FOR(&f->worker, &running, f->held_count == 1);
    th_http_server_drain(f->server);
    WAIT_FOR(&f->worker, &idle, idle.ended);
    assert_int_equal(connect_to(f->address, NULL, 0), -1);
    assert_int_equal(th_http_server_pending(f->server), 1);
    assert_false(running.ended);
    answer(f->held[0], 200, "held");
    WAIT_FOR(&f->worker, &running, running.ended);
    assert_non_null(strstr(received(&running), "\r\nConnection: close\r\n"));
    assert_non_null(strstr(received(&running), "held"));
    assert_int_equal(th_http_server_pending(f->server), 0);
    client_close(&idle);
    client_close(&running);
    fixture_free(f);
}

static void test_stop_tells_users(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    raw_client_t client;
    client_open(&client, f->address);
    client_say(&f->worker, &client,
               "GET /hold HTTP/1.1\r\n" H "\r\nGET /stream HTTP/1.1\r\n" H "\r\n");
    WAIT_FOR(&f->worker, &client, f->held_count == 2);
    th_worker_stop(&f->worker);
    th_worker_run(&f->worker);
    assert_int_equal(f->gone, 2);
    client_close(&client);
    fixture_free(f);
}

static void few_connections(th_settings_t *settings) {
    settings->http_connections = 6;
    settings->http_connections_per_address = 2;
}

static void test_connection_limits(void **state) {
    (void)state;
    fixture_t *f = fixture_new(few_connections);
    raw_client_t client, clients[6];
    int first = connect_to(f->address, "127.0.0.2", 0);
    int second = connect_to(f->address, "127.0.0.2", 0);
    client = (raw_client_t){.fd = connect_to(f->address, "127.0.0.2", 0)};
    th_buffer_init(&client.received, 1 << 20);
    WAIT_FOR(&f->worker, &client, client.ended);
    assert_non_null(strstr(received(&client), "HTTP/1.1 503 "));
    assert_non_null(strstr(received(&client), "\r\nRetry-After: "));
    const char *body = strstr(received(&client), "\r\n\r\n") + 4;
    char length[64];
    (void)snprintf(length, sizeof length, "\r\nContent-Length: %zu\r\n", strlen(body));
    assert_non_null(strstr(received(&client), length));
    client_close(&client);
    close(first); /* one leaves, one may come */
    raw_client_t *nobody = NULL;
    for (int i = 0; i < 5; i++)
        turn(&f->worker, nobody);
    client = (raw_client_t){.fd = connect_to(f->address, "127.0.0.2", 0)};
    th_buffer_init(&client.received, 1 << 20);
    client_say(&f->worker, &client, "GET /hello HTTP/1.1\r\n" H "\r\n");
    WAIT_FOR(&f->worker, &client, strstr(received(&client), "hello"));
    client_close(&client);
    close(second);
    for (int i = 0; i < 5; i++)
        turn(&f->worker, nobody);
    /* 127.0.0.1 is limited by the total only. */
    for (int i = 0; i < 6; i++) {
        client_open(&clients[i], f->address);
        client_say(&f->worker, &clients[i], "GET /hello HTTP/1.1\r\n" H "\r\n");
        WAIT_FOR(&f->worker, &clients[i], strstr(received(&clients[i]), "hello"));
    }
    client_open(&client, f->address);
    WAIT_FOR(&f->worker, &client, client.ended);
    assert_non_null(strstr(received(&client), "HTTP/1.1 503 "));
    client_close(&client);
    for (int i = 0; i < 6; i++)
        client_close(&clients[i]);
    fixture_free(f);
}

/* No descriptor left: those who are in go on, nothing spins, and later there is room again. */
static void test_descriptors_used_up(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    raw_client_t inside, late;
    client_open(&inside, f->address);
    client_say(&f->worker, &inside, "GET /hello HTTP/1.1\r\n" H "\r\n");
    WAIT_FOR(&f->worker, &inside, strstr(received(&inside), "hello"));
    client_open(&late, f->address); /* in the backlog, not yet accepted */
    int hoard[512];
    int hoarded = 0;
    struct rlimit before, tight;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    tight = before;
    tight.rlim_cur = (rlim_t)open_descriptors() + 8;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
    while (hoarded < 512 && (hoard[hoarded] = dup(0)) >= 0)
        hoarded++;
    for (int i = 0; i < 10; i++)
        turn(&f->worker, &late);
    client_say(&f->worker, &inside, "GET /hello HTTP/1.1\r\n" H "\r\n");
    WAIT_FOR(&f->worker, &inside, times(received(&inside), "hello") == 2);
    while (hoarded > 0)
        close(hoard[--hoarded]);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    client_close(&late);
    client_open(&late, f->address);
    client_say(&f->worker, &late, "GET /hello HTTP/1.1\r\n" H "\r\n");
    WAIT_FOR(&f->worker, &late, strstr(received(&late), "hello"));
    client_close(&late);
    client_close(&inside);
    fixture_free(f);
}

static void test_stream(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    raw_client_t client;
    client_open(&client, f->address);
    client_say(&f->worker, &client,
               "GET /stream HTTP/1.1\r\n" H "\r\nGET /hello HTTP/1.1\r\n" H "\r\n");
    WAIT_FOR(&f->worker, &client, strstr(received(&client), "\r\n\r\n"));
    assert_non_null(strstr(received(&client), "\r\nTransfer-Encoding: chunked\r\n"));
    assert_null(strstr(received(&client), "Content-Length"));
    th_http_exchange_t *stream = f->held[0];
    assert_true(stream->operations->send(stream, TH_SLICE("data: one\n\n")));
    WAIT_FOR(&f->worker, &client, strstr(received(&client), "\r\n\r\nb\r\ndata: one\n\n\r\n"));
    assert_true(stream->operations->send(stream, th_slice(NULL, 0))); /* would end a chunked body */
    assert_true(stream->operations->send(stream, TH_SLICE("data: two\n\n")));
    stream->operations->end_stream(stream);
    WAIT_FOR(&f->worker, &client, strstr(received(&client), "hello"));
    assert_non_null(
        strstr(received(&client), "b\r\ndata: two\n\n\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n"));
    assert_int_equal(f->gone, 0);
    client_close(&client);
    fixture_free(f);
}

static void test_stream_variants(void **state) {
    (void)state;
    fixture_t *f = fixture_new(short_times);
    raw_client_t client;
    /* HTTP/1.0: no chunks, closing is the end. */
    client_open(&client, f->address);
    client_say(&f->worker, &client, "GET /stream HTTP/1.0\r\n" H "Connection: keep-alive\r\n\r\n");
    WAIT_FOR(&f->worker, &client, f->held_count == 1);
    assert_true(f->held[0]->operations->send(f->held[0], TH_SLICE("data: x\n\n")));
    f->held[0]->operations->end_stream(f->held[0]);
    WAIT_FOR(&f->worker, &client, client.ended);
    assert_non_null(strstr(received(&client), "\r\n\r\ndata: x\n\n"));
    assert_non_null(strstr(received(&client), "\r\nConnection: close\r\n"));
    assert_null(strstr(received(&client), "chunked"));
    client_close(&client);
    /* HEAD: the head alone; the user is told. */
    client_open(&client, f->address);
    client_say(&f->worker, &client, "HEAD /stream HTTP/1.1\r\n" H "\r\n");
    WAIT_FOR(&f->worker, &client, client.ended && f->gone == 1);
    assert_non_null(strstr(received(&client), "text/event-stream"));
    client_close(&client);
    /* Quiet streams get comments; the client leaving is seen at once. */
    client_open(&client, f->address);
    client_say(&f->worker, &client, "GET /stream HTTP/1.1\r\n" H "\r\n");
    WAIT_FOR(&f->worker, &client, times(received(&client), ": keepalive\n\n") == 3);
    client_close(&client);
    raw_client_t *nobody = NULL;
    WAIT_FOR(&f->worker, nobody, f->gone == 2);
    /* A stream that is not at its turn yet keeps its bytes until then. */
    client_open(&client, f->address);
    client_say(&f->worker, &client,
               "GET /hold HTTP/1.1\r\n" H "\r\nGET /stream HTTP/1.1\r\n" H "\r\n");
    WAIT_FOR(&f->worker, &client, f->held_count == 5);
    assert_true(f->held[4]->operations->send(f->held[4], TH_SLICE("data: early\n\n")));
    f->held[4]->operations->end_stream(f->held[4]);
    turn(&f->worker, &client);
    assert_int_equal(client.received.length, 0);
    answer(f->held[3], 200, "held");
    WAIT_FOR(&f->worker, &client, strstr(received(&client), "data: early\n\n\r\n0\r\n\r\n"));
    assert_true(strstr(received(&client), "held") < strstr(received(&client), "data: early"));
    client_close(&client);
    fixture_free(f);
}

static void test_stream_overflow(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    raw_client_t client = {.fd = connect_to(f->address, NULL, 4096)};
    th_buffer_init(&client.received, 64 << 20);
    client_say(&f->worker, &client, "GET /stream HTTP/1.1\r\n" H "\r\n");
    WAIT_FOR(&f->worker, &client, f->held_count == 1);
    char *piece = calloc(1, 100000);
    unsigned sent = 0;
    while (sent < 1000 && f->held[0]->operations->send(f->held[0], th_slice(piece, 100000)))
        sent++; /* nobody reads: the loop is not turned */
    assert_in_range(sent, 5, 999);
    raw_client_t *nobody = NULL;
    WAIT_FOR(&f->worker, nobody, f->gone == 1);
    free(piece);
    client_close(&client);
    fixture_free(f);
}

static void test_abort(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    raw_client_t client;
    client_open(&client, f->address);
    client_say(&f->worker, &client, "GET /hold HTTP/1.1\r\n" H "\r\n");
    WAIT_FOR(&f->worker, &client, f->held_count == 1);
    f->held[0]->operations->abort(f->held[0]);
    WAIT_FOR(&f->worker, &client, client.ended);
    assert_int_equal(client.received.length, 0);
    client_close(&client);
    client_open(&client, f->address);
    client_say(&f->worker, &client,
               "GET /stream HTTP/1.1\r\n" H "\r\nGET /hello HTTP/1.1\r\n" H "\r\n");
    WAIT_FOR(&f->worker, &client, f->held_count == 2);
    f->held[1]->operations->send(f->held[1], TH_SLICE("half of"));
    f->held[1]->operations->abort(f->held[1]);
    WAIT_FOR(&f->worker, &client, client.ended);
    assert_non_null(strstr(received(&client), "7\r\nhalf of\r\n"));
    assert_null(strstr(received(&client), "0\r\n\r\n"));
    assert_null(strstr(received(&client), "hello"));
    assert_int_equal(f->gone, 0);
    client_close(&client);
    fixture_free(f);
}

/* Answers of every size arrive whole, whatever the kernel takes at once. */
static void test_large_answers(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    raw_client_t client = {.fd = connect_to(f->address, NULL, 8192)};
    th_buffer_init(&client.received, 64 << 20);
    client_say(&f->worker, &client,
               "GET /big?1 HTTP/1.1\r\n" H "\r\nGET /big?3000 HTTP/1.1\r\n" H "\r\n"
               "GET /big?700 HTTP/1.1\r\n" H "\r\nGET /hello HTTP/1.1\r\n" H "\r\n");
    WAIT_FOR(&f->worker, &client, strstr(received(&client), "hello"));
    size_t bytes = 0;
    for (size_t i = 0; i < client.received.length; i++)
        if (client.received.data[i] == 'b') bytes++;
    assert_true(bytes >= (1 + 3000 + 700) * 1024);
    assert_non_null(strstr(received(&client), "Content-Length: 3072000\r\n"));
    assert_int_equal(times(received(&client), "HTTP/1.1 200"), 4);
    client_close(&client);
    fixture_free(f);
}

static void test_listening(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    th_http_server_config_t config = {.listen = f->address};
    th_error_t error;
    assert_null(th_http_server_open(&f->worker, &config, &error));
    assert_non_null(strstr(error.message, f->address));
    assert_non_null(strstr(error.message, "in use"));
    const char *bad[] = {"",
                         "9000",
                         "127.0.0.1:",
                         "127.0.0.1:70000",
                         "host.example:1",
                         "127.0.0.1:0 [::1",
                         "::1:9000",
                         "127.0.0.1:-1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        config.listen = bad[i];
        assert_null(th_http_server_open(&f->worker, &config, &error));
        assert_string_equal(error.code, "bad_address");
    }
    /* Nothing listens that was not asked for. */
    const char *port = strrchr(f->address, ':') + 1;
    char other[64];
    (void)snprintf(other, sizeof other, "[::1]:%s", port);
    assert_int_equal(connect_to(other, NULL, 0), -1);
    fixture_free(f);
}

static void test_ipv6_only(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    th_worker_stop(&f->worker);
    th_worker_run(&f->worker);
    th_http_server_close(f->server);
    th_worker_close(&f->worker);
    th_error_t error;
    assert_true(th_worker_open(&f->worker, 0, &f->settings, &f->log, &error));
    open_server(f, "[::1]:0", true);
    assert_non_null(strstr(f->address, "[::1]:"));
    char other[64];
    (void)snprintf(other, sizeof other, "127.0.0.1:%s", strrchr(f->address, ':') + 1);
    assert_int_equal(connect_to(other, NULL, 0), -1);
    raw_client_t client;
    client_open(&client, f->address);
    client_say(&f->worker, &client, "POST /echo HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\nv6");
    WAIT_FOR(&f->worker, &client, strstr(received(&client), "v6"));
    assert_string_equal(f->last_peer, "::1");
    client_close(&client);
    fixture_free(f);
}

/* What is set on the listening socket comes down to the accepted ones. */
static void test_no_delay(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    raw_client_t client;
    client_open(&client, f->address);
    client_say(&f->worker, &client, "GET /hold HTTP/1.1\r\n" H "\r\n");
    WAIT_FOR(&f->worker, &client, f->held_count == 1);
    struct sockaddr_in local = {0}, remote = {0};
    unsigned seen = 0;
    for (int fd = 3; fd < 200; fd++) {
        socklen_t size = sizeof local, remote_size = sizeof remote;
        if (getsockname(fd, (struct sockaddr *)&local, &size) != 0 ||
            getpeername(fd, (struct sockaddr *)&remote, &remote_size) != 0 ||
            ntohs(local.sin_port) != atoi(strrchr(f->address, ':') + 1))
            continue;
        int no_delay = 0, keep_alive = 0;
        socklen_t length = sizeof no_delay;
        assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &no_delay, &length), 0);
        assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &keep_alive, &length), 0);
        assert_true(no_delay && keep_alive);
        assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
        seen++;
    }
    assert_int_equal(seen, 1);
    client_close(&client);
    fixture_free(f);
}

static void test_shared_port(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    th_http_server_config_t config = {.listen = "127.0.0.1:0", .reuse_port = true};
    th_error_t error;
    th_http_server_t *first = th_http_server_open(&f->worker, &config, &error);
    assert_non_null(first);
    config.listen = th_http_server_address(first);
    th_http_server_t *second = th_http_server_open(&f->worker, &config, &error);
    if (!second) fail_msg("%s", error.message);
    th_worker_stop(&f->worker);
    th_worker_run(&f->worker);
    th_http_server_close(first);
    th_http_server_close(second);
    fixture_free(f);
}

#define PAD "01234567890123456789012345678901234567890123456789012345678901234567890123456789"

/* After a request was answered no copy of its credential is left, however it arrived. */
static void test_credentials_wiped(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    char *marker = make_marker("secret-");
    static const char *const shapes[] = {
        "GET /hello HTTP/1.1\r\n" H "Authorization: Bearer %s\r\n\r\n",
        "POST /echo HTTP/1.1\r\n" H "Content-Length: 2\r\nAuthorization: Bearer %s\r\n\r\nok",
        "POST /echo HTTP/1.1\r\n" H "X-Pad: 0123456789012345678901234567890123456789\r\n"
        "Authorization: Bearer %s\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        /* grows while the credential is in it */
        "GET /hello HTTP/1.1\r\n" H "Authorization: Bearer %s\r\nX-Pad: " PAD PAD PAD PAD
        "\r\n\r\n",
        "GET /nothing HTTP/1.1\r\n" H "Authorization: Bearer %s\r\n\r\n",
        "GET /hello HTTP/1.1\r\n" H "Authorization: Bearer %s\r\nBad Header\r\n\r\n",
        "GET /hello HTTP/1.1\r\n" H "\r\nPOST /hold HTTP/1.1\r\n" H
        "Content-Length: 3\r\nAuthorization: Bearer %s\r\n\r\nabc",
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        for (size_t step = 1; step < 400; step = step * 7 + 1) {
            char text[1024];
            int length = snprintf(text, sizeof text, shapes[i], marker);
            raw_client_t client;
            client_open(&client, f->address);
            for (int at = 0; at < length; at += (int)step) {
                client_send(&f->worker, &client, text + at,
                            (size_t)(length - at) < step ? (size_t)(length - at) : step);
                turn(&f->worker, &client);
            }
            explicit_bzero(text, sizeof text);
            WAIT_FOR(&f->worker, &client, strstr(received(&client), "\r\n\r\n"));
            if (i == 6) WAIT_FOR(&f->worker, &client, f->held_count > 0);
            assert_int_equal(copies_in_memory(marker), 1);
            client_close(&client);
            f->held_count = 0;
        }
    }
    free(marker);
    fixture_free(f);
}

int main(void) {
    (void)th_random_start();
    (void)signal(SIGPIPE, SIG_IGN); /* as the program does */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_simple),
        cmocka_unit_test(test_pipelined_in_order),
        cmocka_unit_test(test_pipeline_limit),
        cmocka_unit_test(test_burst),
        cmocka_unit_test(test_smuggling),
        cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_origin_and_cors),
        cmocka_unit_test(test_own_origin),
        cmocka_unit_test(test_head),
        cmocka_unit_test(test_keep_alive),
        cmocka_unit_test(test_any_cut),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_late_head_behind_pending),
        cmocka_unit_test(test_expect_continue),
        cmocka_unit_test(test_slow_reader),
        cmocka_unit_test(test_client_gone),
        cmocka_unit_test(test_linger),
        cmocka_unit_test(test_drain),
        cmocka_unit_test(test_stop_tells_users),
        cmocka_unit_test(test_connection_limits),
        cmocka_unit_test(test_descriptors_used_up),
        cmocka_unit_test(test_stream),
        cmocka_unit_test(test_stream_variants),
        cmocka_unit_test(test_stream_overflow),
        cmocka_unit_test(test_abort),
        cmocka_unit_test(test_large_answers),
        cmocka_unit_test(test_listening),
        cmocka_unit_test(test_ipv6_only),
        cmocka_unit_test(test_no_delay),
        cmocka_unit_test(test_shared_port),
        cmocka_unit_test(test_credentials_wiped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
