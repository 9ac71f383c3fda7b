/* test_websocket.c - upgrades and messages over real sockets: an echo endpoint, and everything that
 * must be refused before libwebsockets sees it or by what we put around it. */
#include "net_fixture.h"

#include "net/websocket.h"

#include "memory_search.h"

typedef struct fixture {
    th_settings_t settings;
    th_log_t log;
    int log_pipe[2];
    th_worker_t worker;
    th_http_server_t *server;
    const char *address;
    th_websocket_t *socket; /* the latest opened */
    unsigned opened, messages, closed, requests;
    bool refuse, mute, end_on_message, greet;
    char authorization[64];
} fixture_t;

static void *on_open(void *arg, th_websocket_t *socket, const th_http_request_t *upgrade) {
    fixture_t *f = arg;
    th_slice_t credential = th_http_request_header(upgrade, "authorization");
    (void)snprintf(f->authorization, sizeof f->authorization, "%.*s", (int)credential.length,
                   credential.data ? credential.data : "");
    if (f->refuse) return NULL;
    f->opened++;
    f->socket = socket;
    if (f->greet) assert_true(th_websocket_send(socket, TH_SLICE("welcome")));
    return f;
}

static void on_message(void *user, th_slice_t text) {
    fixture_t *f = user;
    f->messages++;
    if (!f->mute) (void)th_websocket_send(f->socket, text);
    if (f->end_on_message) th_websocket_end(f->socket, 4001, "enough");
}

static void on_closed(void *user) {
    fixture_t *f = user;
    f->closed++;
    f->socket = NULL;
}

static const th_websocket_handlers_t handlers = {
    .open = on_open, .message = on_message, .closed = on_closed};

static void on_hello(th_http_exchange_t *exchange, const th_http_request_t *request, void *arg) {
    (void)request;
    ((fixture_t *)arg)->requests++;
    th_http_response_t response = {.status = 200, .body = TH_SLICE("hello")};
    exchange->operations->respond(exchange, &response);
}

static fixture_t *fixture_new(void (*change)(th_settings_t *)) {
    fixture_t *f = calloc(1, sizeof *f);
    net_settings(&f->settings);
    if (change) change(&f->settings);
    assert_int_equal(pipe2(f->log_pipe, O_NONBLOCK | O_CLOEXEC), 0);
    f->log = (th_log_t){.fd = f->log_pipe[1], .threshold = TH_LOG_WARNING};
    th_error_t error;
    assert_true(th_worker_open(&f->worker, 0, &f->settings, &f->log, &error));
    th_http_route_t routes[] = {
        {.path = "/mixed",
         .methods = 1u << TH_HTTP_GET | 1u << TH_HTTP_POST,
         .handler = on_hello,
         .arg = f},
    };
    th_websocket_endpoint_t endpoints[] = {
        {.path = "/chat", .subprotocol = "echo.v1", .handlers = &handlers, .arg = f},
        {.path = "/plain", .handlers = &handlers, .arg = f},
        {.path = "/mixed", .subprotocol = "mcp", .handlers = &handlers, .arg = f},
    };
    th_http_server_config_t config = {.listen = "127.0.0.1:0",
                                      .local_only_hosts = true,
                                      .routes = routes,
                                      .route_count = 1,
                                      .websockets = endpoints,
                                      .websocket_count = 3};
    f->server = th_http_server_open(&f->worker, &config, &error);
    if (!f->server) fail_msg("%s", error.message);
    f->address = th_http_server_address(f->server);
    return f;
}

static void fixture_stop(fixture_t *f) {
    th_worker_stop(&f->worker);
    th_worker_run(&f->worker);
    th_http_server_close(f->server);
    th_worker_close(&f->worker);
}

static void fixture_free(fixture_t *f) {
    fixture_stop(f);
    assert_int_equal(f->opened, f->closed);
    char logged[2048] = "";
    if (read(f->log_pipe[0], logged, sizeof logged - 1) > 0) fail_msg("logged: %s", logged);
    close(f->log_pipe[0]);
    close(f->log_pipe[1]);
    free(f);
}

#define H "Host: localhost\r\n"
#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define UPGRADE "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
#define VERSION "Sec-WebSocket-Version: 13\r\n"
#define GOOD \
    "GET /chat HTTP/1.1\r\n" H UPGRADE KEY VERSION "Sec-WebSocket-Protocol: x, echo.v1\r\n\r\n"

/* A client frame: final bit and opcode in <first>, masked unless <bare>. */
static size_t frame(char *out, unsigned char first, const char *data, size_t length, bool bare) {
    size_t at = 0;
    unsigned char mask = bare ? 0 : 0x80;
    out[at++] = (char)first;
    if (length < 126) {
        out[at++] = (char)(mask | length);
    } else if (length < 65536) {
        out[at++] = (char)(mask | 126);
        out[at++] = (char)(length >> 8);
        out[at++] = (char)length;
    } else {
        out[at++] = (char)(mask | 127);
        for (int shift = 56; shift >= 0; shift -= 8)
            out[at++] = (char)((uint64_t)length >> shift);
    }
    static const unsigned char key[4] = {0x11, 0xa2, 0x33, 0xc4};
    if (!bare) {
        memcpy(out + at, key, 4);
        at += 4;
    }
    for (size_t i = 0; i < length; i++)
        out[at++] = (char)((unsigned char)data[i] ^ (bare ? 0 : key[i % 4]));
    return at;
}

static void say_frame(fixture_t *f, raw_client_t *client, unsigned char first, const char *data,
                      size_t length) {
    char *bytes = malloc(length + 16);
    size_t count = frame(bytes, first, data, length, false);
    client_send(&f->worker, client, bytes, count);
    free(bytes);
}

static void say_text(fixture_t *f, raw_client_t *client, const char *text) {
    say_frame(f, client, 0x81, text, strlen(text));
}

/* What came behind the handshake. */
static th_slice_t frames(const raw_client_t *client) {
    const char *end = client->received.length ? strstr(client->received.data, "\r\n\r\n") : NULL;
    if (!end) return th_slice(NULL, 0);
    return th_slice(end + 4, client->received.length - (size_t)(end + 4 - client->received.data));
}

static bool has_bytes(const raw_client_t *client, const char *bytes, size_t length) {
    th_slice_t all = frames(client);
    return all.length >= length && memmem(all.data, all.length, bytes, length) != NULL;
}

/* The code of the close frame that came last, 0 = none. */
static unsigned close_code(const raw_client_t *client) {
    th_slice_t all = frames(client);
    for (size_t i = 0; i + 4 <= all.length; i++)
        if ((unsigned char)all.data[i] == 0x88 && (unsigned char)all.data[i + 1] >= 2 &&
            i + 2 + (unsigned char)all.data[i + 1] == all.length)
            return (unsigned)(unsigned char)all.data[i + 2] << 8 | (unsigned char)all.data[i + 3];
    return 0;
}

static void open_socket(fixture_t *f, raw_client_t *client) {
    client_open(client, f->address);
    client_say(&f->worker, client, GOOD);
    WAIT_FOR(&f->worker, client, strstr(received(client), "\r\n\r\n"));
    if (strncmp(received(client), "HTTP/1.1 101 ", 13) != 0) fail_msg("%s", received(client));
}

static void test_echo(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    raw_client_t client;
    open_socket(f, &client);
    /* RFC 6455 1.3: the answer to this key. */
    assert_non_null(strcasestr(received(&client),
                               "\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
    assert_non_null(strcasestr(received(&client), "\r\nSec-WebSocket-Protocol: echo.v1\r\n"));
    say_text(f, &client, "hello");
    WAIT_FOR(&f->worker, &client, has_bytes(&client, "\x81\x05hello", 7));
    say_text(f, &client, "");
    WAIT_FOR(&f->worker, &client, has_bytes(&client, "\x81\x00", 2));
    /* From outside a callback too. */
    assert_true(th_websocket_send(f->socket, TH_SLICE("pushed")));
    WAIT_FOR(&f->worker, &client, has_bytes(&client, "\x81\x06pushed", 8));
    client_close(&client);
    raw_client_t *nobody = NULL;
    WAIT_FOR(&f->worker, nobody, f->closed == 1);
    fixture_free(f);
}

static void test_fragments(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    raw_client_t client;
    open_socket(f, &client);
    say_frame(f, &client, 0x01, "one ", 4);
    say_frame(f, &client, 0x00, "", 0);
    say_frame(f, &client, 0x89, "in between", 10); /* a ping between fragments */
    say_frame(f, &client, 0x00, "two ", 4);
    say_frame(f, &client, 0x80, "three", 5);
    WAIT_FOR(&f->worker, &client, has_bytes(&client, "\x81\x0done two three", 15));
    WAIT_FOR(&f->worker, &client, has_bytes(&client, "\x8a\x0ain between", 12));
    assert_int_equal(f->messages, 1);
    /* Larger than any receive buffer. */
    char *large = malloc(60000);
    memset(large, 'x', 60000);
    say_frame(f, &client, 0x81, large, 60000);
    WAIT_FOR(&f->worker, &client,
             has_bytes(&client, "\x81\x7e\xea\x60xxxx", 8) &&
                 frames(&client).length >= 15 + 12 + 60004);
    assert_int_equal(f->messages, 2);
    free(large);
    client_close(&client);
    fixture_free(f);
}

/* Frames in the same segment as the handshake. */
static void test_glued(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    f->greet = true;
    raw_client_t client;
    client_open(&client, f->address);
    char bytes[1024] = GOOD;
    size_t at = strlen(bytes);
    at += frame(bytes + at, 0x81, "first", 5, false);
    at += frame(bytes + at, 0x81, "second", 6, false);
    client_send(&f->worker, &client, bytes, at);
    WAIT_FOR(&f->worker, &client, has_bytes(&client, "\x81\x06second", 8));
    th_slice_t all = frames(&client);
    assert_memory_equal(all.data,
                        "\x81\x07welcome\x81\x05"
                        "first\x81\x06"
                        "second",
                        all.length);
    client_close(&client);
    /* Many kilobytes of them, in order. */
    f->greet = false;
    f->mute = true;
    client_open(&client, f->address);
    char *burst = malloc(1 << 18);
    at = (size_t)sprintf(burst, "%s", GOOD);
    for (int i = 0; i < 2000; i++)
        at += frame(burst + at, 0x81, "twenty bytes of text", 20, false);
    f->messages = 0;
    client_send(&f->worker, &client, burst, at);
    WAIT_FOR(&f->worker, &client, f->messages == 2000);
    free(burst);
    client_close(&client);
    fixture_free(f);
}

static void test_close_codes(void **state) {
    (void)state;
    static const struct {
        const char *data;
        size_t length;
        unsigned code;
        unsigned char first;
    } rows[] = {
        {"\x01\x02", 2, 1003, 0x82},     /* binary */
        {"\xff\xfe", 2, 1007, 0x81},     /* not UTF-8 */
        {"\xed\xa0\x80", 3, 1007, 0x81}, /* a surrogate */
        {"\x03\xe8", 2, 1000, 0x88},     /* close, echoed */
        {"x", 1, 1002, 0x88},            /* close with half a code */
        {"\x00\x01", 2, 1002, 0x88},     /* a code that may not be sent */
        {"", 0, 1002, 0x83},             /* reserved opcode */
        {"x", 1, 1002, 0xc1},            /* reserved bit */
        {"x", 1, 1002, 0x80},            /* continuation of nothing */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fixture_t *f = fixture_new(NULL);
        raw_client_t client;
        open_socket(f, &client);
        say_frame(f, &client, rows[i].first, rows[i].data, rows[i].length);
        WAIT_FOR(&f->worker, &client, client.ended || close_code(&client));
        if (close_code(&client) != rows[i].code)
            fail_msg("row %zu: closed with %u, wanted %u", i, close_code(&client), rows[i].code);
        assert_int_equal(f->messages, 0);
        client_close(&client);
        raw_client_t *nobody = NULL;
        WAIT_FOR(&f->worker, nobody, f->closed == 1);
        fixture_free(f);
    }
}

static void test_too_large(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    raw_client_t client;
    /* Announced only: refused without waiting for the bytes. */
    open_socket(f, &client);
    client_send(&f->worker, &client, "\x81\xff\x00\x00\x00\x01\x00\x00\x00\x00mask1234", 18);
    WAIT_FOR(&f->worker, &client, client.ended || close_code(&client));
    assert_int_equal(close_code(&client), 1009);
    client_close(&client);
    /* In fragments, each of them small. */
    open_socket(f, &client);
    char piece[4096];
    memset(piece, 'x', sizeof piece);
    say_frame(f, &client, 0x01, piece, sizeof piece);
    for (int i = 0; i < 17 && !client.ended; i++)
        say_frame(f, &client, 0x00, piece, sizeof piece);
    WAIT_FOR(&f->worker, &client, client.ended || close_code(&client));
    assert_int_equal(close_code(&client), 1009);
    client_close(&client);
    /* In fragments without end. */
    open_socket(f, &client);
    say_frame(f, &client, 0x01, "", 0);
    for (int i = 0; i < 1100 && !client.ended; i++)
        say_frame(f, &client, 0x00, "", 0);
    WAIT_FOR(&f->worker, &client, client.ended || close_code(&client));
    assert_int_equal(close_code(&client), 1008);
    client_close(&client);
    assert_int_equal(f->messages, 0);
    fixture_free(f);
}

/* Nothing behind a close is delivered, although it is in the same segment. */
static void test_message_behind_close(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    raw_client_t client;
    open_socket(f, &client);
    char bytes[64];
    size_t at = frame(bytes, 0x88, "\x03\xe8", 2, false);
    at += frame(bytes + at, 0x81, "late", 4, false);
    client_send(&f->worker, &client, bytes, at);
    WAIT_FOR(&f->worker, &client, f->closed == 1);
    assert_int_equal(f->messages, 0);
    client_close(&client);
    fixture_free(f);
}

/* The library cannot tell; harms the sender only. Shown, so that a change is noticed. */
static void test_unmasked(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    raw_client_t client;
    open_socket(f, &client);
    char bytes[16];
    client_send(&f->worker, &client, bytes, frame(bytes, 0x81, "bare", 4, true));
    WAIT_FOR(&f->worker, &client, f->messages == 1 || client.ended);
    client_close(&client);
    fixture_free(f);
}

static void expect_refused(fixture_t *f, const char *text, const char *status) {
    raw_client_t client;
    client_open(&client, f->address);
    client_say(&f->worker, &client, text);
    WAIT_FOR(&f->worker, &client, strstr(received(&client), "\r\n\r\n") || client.ended);
    char wanted[32];
    (void)snprintf(wanted, sizeof wanted, "HTTP/1.1 %s ", status);
    if (strncmp(received(&client), wanted, strlen(wanted)) != 0)
        fail_msg("wanted %s for:\n%s\ngot:\n%s", status, text, received(&client));
    if (strcmp(status, "426") == 0)
        assert_true(strstr(received(&client), "\r\nSec-WebSocket-Version: 13\r\n") ||
                    strstr(received(&client), "\r\nUpgrade: websocket\r\n"));
    assert_int_equal(f->opened, 0);
    client_close(&client);
}

static void test_bad_upgrades(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
#define P "Sec-WebSocket-Protocol: echo.v1\r\n"
#define LINE "GET /chat HTTP/1.1\r\n"
    const struct {
        const char *status, *text;
    } rows[] = {
        {"405", "POST /chat HTTP/1.1\r\n" H UPGRADE KEY VERSION P "Content-Length: 0\r\n\r\n"},
        {"400", "GET /chat HTTP/1.0\r\n" H UPGRADE KEY VERSION P "\r\n"},
        {"400", LINE UPGRADE KEY VERSION P "\r\n"},
        {"400", LINE H H UPGRADE KEY VERSION P "\r\n"},
        {"403", LINE "Host: evil.example\r\n" UPGRADE KEY VERSION P "\r\n"},
        {"403", LINE H "Origin: https://evil.example\r\n" UPGRADE KEY VERSION P "\r\n"},
        {"404", "GET /nothing HTTP/1.1\r\n" H UPGRADE KEY VERSION P "\r\n"},
        {"400", LINE H "Upgrade: websocket\r\nConnection: keep-alive\r\n" KEY VERSION P "\r\n"},
        {"400", LINE H "Upgrade: websocket, h2c\r\nConnection: Upgrade\r\n" KEY VERSION P "\r\n"},
        {"426", LINE H "Upgrade: h2c\r\nConnection: Upgrade\r\n" KEY VERSION P "\r\n"},
        {"426", LINE H "\r\n"},
        {"400", LINE H UPGRADE VERSION P "\r\n"},
        {"400", LINE H UPGRADE KEY KEY VERSION P "\r\n"},
        {"400", LINE H UPGRADE "Sec-WebSocket-Key: c2hvcnQ=\r\n" VERSION P "\r\n"},
        {"400", LINE H UPGRADE "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZ!==\r\n" VERSION P "\r\n"},
        {"400", LINE H UPGRADE "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZR==\r\n" VERSION P "\r\n"},
        {"426", LINE H UPGRADE KEY P "\r\n"},
        {"426", LINE H UPGRADE KEY "Sec-WebSocket-Version: 8\r\n" P "\r\n"},
        {"426", LINE H UPGRADE KEY VERSION VERSION P "\r\n"},
        {"400", LINE H UPGRADE KEY VERSION "\r\n"},
        {"400", LINE H UPGRADE KEY VERSION "Sec-WebSocket-Protocol: echo.v2, ECHO.V1\r\n\r\n"},
        {"413", LINE H UPGRADE KEY VERSION P "Content-Length: 3\r\n\r\nabc"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_refused(f, rows[i].text, rows[i].status);
    f->refuse = true;
    expect_refused(f, LINE H UPGRADE KEY VERSION P "Authorization: Bearer x\r\n\r\n", "403");
    assert_string_equal(f->authorization, "Bearer x");
    f->refuse = false;
    fixture_free(f);
}

static void test_good_variants(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    raw_client_t client;
    client_open(&client, f->address); /* no subprotocol asked, none chosen, but one offered */
    client_say(
        &f->worker, &client,
        "GET /plain HTTP/1.1\r\n" H "Origin: http://localhost:3000\r\n"
        "upgrade: WebSocket\r\nconnection: upgrade\r\n" KEY VERSION
        "Sec-WebSocket-Protocol: other\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n");
    WAIT_FOR(&f->worker, &client, strstr(received(&client), "\r\n\r\n"));
    assert_int_equal(strncmp(received(&client), "HTTP/1.1 101 ", 13), 0);
    assert_null(strcasestr(received(&client), "Sec-WebSocket-Protocol"));
    assert_null(strcasestr(received(&client), "Sec-WebSocket-Extensions"));
    say_text(f, &client, "hi");
    WAIT_FOR(&f->worker, &client, has_bytes(&client, "\x81\x02hi", 4));
    client_close(&client);
    /* One path for both: each gets what it asked for. */
    client_open(&client, f->address);
    client_say(&f->worker, &client,
               "GET /mixed HTTP/1.1\r\n" H "Upgrade: h2c\r\nConnection: Upgrade\r\n\r\n");
    WAIT_FOR(&f->worker, &client, strstr(received(&client), "hello"));
    client_say(&f->worker, &client,
               "POST /mixed HTTP/1.1\r\n" H UPGRADE KEY VERSION "Content-Length: 3\r\n\r\nabc");
    WAIT_FOR(&f->worker, &client, times(received(&client), "hello") == 2);
    client_say(&f->worker, &client,
               "GET /mixed HTTP/1.1\r\n" H UPGRADE KEY VERSION
               "Sec-WebSocket-Protocol: mcp\r\n\r\n");
    WAIT_FOR(&f->worker, &client, strstr(received(&client), "HTTP/1.1 101 "));
    client_close(&client);
    fixture_free(f);
}

/* An upgrade behind an unanswered request has nowhere to put that answer. */
static void test_upgrade_behind_request(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    raw_client_t client;
    client_open(&client, f->address);
    client_say(&f->worker, &client, "GET /mixed HTTP/1.1\r\n" H "\r\n" GOOD);
    WAIT_FOR(&f->worker, &client, client.ended);
    assert_non_null(strstr(strstr(received(&client), "hello"), "HTTP/1.1 400 "));
    assert_int_equal(f->opened, 0);
    client_close(&client);
    fixture_free(f);
}

static void test_server_ends(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    raw_client_t client;
    open_socket(f, &client);
    f->end_on_message = true;
    say_text(f, &client, "bye"); /* answered first, then closed */
    WAIT_FOR(&f->worker, &client, close_code(&client) == 4001);
    assert_true(has_bytes(&client,
                          "\x81\x03"
                          "bye\x88\x08\x0f\xa1"
                          "enough",
                          15));
    say_text(f, &client, "again");
    say_frame(f, &client, 0x88, "\x0f\xa1", 2);
    WAIT_FOR(&f->worker, &client, f->closed == 1);
    assert_int_equal(f->messages, 1);
    client_close(&client);
    fixture_free(f);
}

static void little_unsent(th_settings_t *settings) {
    settings->websocket_unsent_bytes = 200000;
    settings->http_write_timeout = 1000;
}

static void test_slow_reader(void **state) {
    (void)state;
    fixture_t *f = fixture_new(little_unsent);
    raw_client_t client;
    open_socket(f, &client);
    char *text = malloc(50000);
    memset(text, 'x', 50000);
    raw_client_t *nobody = NULL;
    unsigned sent = 0;
    while (sent < 2000 && th_websocket_send(f->socket, th_slice(text, 50000))) {
        sent++;
        turn(&f->worker, nobody); /* the kernel takes some; the client takes nothing */
    }
    assert_in_range(sent, 3, 1999);
    assert_false(th_websocket_send(f->socket, TH_SLICE("more")));
    WAIT_FOR(&f->worker, &client, f->closed == 1); /* it reads on, and finds out why */
    WAIT_FOR(&f->worker, &client, client.ended);
    assert_int_equal(close_code(&client), 1013);
    free(text);
    client_close(&client);
    fixture_free(f);
}

/* Messages that come faster than their answers go are not read until those went. */
static void test_flow_control(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    raw_client_t client;
    open_socket(f, &client);
    char *text = malloc(30000);
    memset(text, 'y', 30000);
    char *bytes = malloc(30016);
    size_t length = frame(bytes, 0x81, text, 30000, false);
    raw_client_t *nobody = NULL;
    size_t accepted = 0, total = 400 * length, stalled = 0;
    while (accepted < total && stalled < 50) {
        size_t offset = accepted % length;
        ssize_t count =
            send(client.fd, bytes + offset, length - offset, MSG_DONTWAIT | MSG_NOSIGNAL);
        stalled = count > 0 ? 0 : stalled + 1;
        if (count > 0) accepted += (size_t)count;
        turn(&f->worker, nobody);
    }
    assert_int_equal(stalled, 50); /* the kernel's buffers are full on both ways */
    assert_int_equal(f->closed, 0);
    size_t whole = accepted / length;
    size_t offset = accepted % length;
    if (offset > 0) {
        client_send(&f->worker, &client, bytes + offset, length - offset);
        whole++;
    }
    WAIT_FOR(&f->worker, &client, frames(&client).length == whole * 30004);
    assert_int_equal(f->messages, whole);
    free(text);
    free(bytes);
    client_close(&client);
    fixture_free(f);
}

static void quick_ping(th_settings_t *settings) {
    settings->websocket_ping = 1000;
    settings->websocket_pong_timeout = 1000;
}

static void test_ping(void **state) {
    (void)state;
    fixture_t *f = fixture_new(quick_ping);
    raw_client_t client;
    open_socket(f, &client);
    say_frame(f, &client, 0x89, "are you there", 13);
    WAIT_FOR(&f->worker, &client,
             has_bytes(&client,
                       "\x8a\x0d"
                       "are you there",
                       15));
    WAIT_FOR(&f->worker, &client, has_bytes(&client, "\x89\x00", 2)); /* ours */
    WAIT_FOR(&f->worker, &client, f->closed == 1);                    /* unanswered: dropped */
    client_close(&client);
    fixture_free(f);
}

static void test_many(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    raw_client_t client;
    open_socket(f, &client); /* warms up what stays open */
    client_close(&client);
    raw_client_t *nobody = NULL;
    WAIT_FOR(&f->worker, nobody, f->closed == 1);
    int before = open_descriptors();
    for (unsigned i = 0; i < 200; i++) {
        open_socket(f, &client);
        if (i % 3 == 0) {
            say_text(f, &client, "x");
            WAIT_FOR(&f->worker, &client, has_bytes(&client, "\x81\x01x", 3));
        } else if (i % 3 == 1) { /* reset */
            struct linger now = {.l_onoff = 1};
            assert_int_equal(setsockopt(client.fd, SOL_SOCKET, SO_LINGER, &now, sizeof now), 0);
        }
        client_close(&client);
        WAIT_FOR(&f->worker, nobody, f->closed == i + 2);
    }
    assert_int_equal(open_descriptors(), before);
    fixture_free(f);
}

static void test_stop(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    raw_client_t one, two;
    open_socket(f, &one);
    open_socket(f, &two);
    th_worker_stop(&f->worker);
    WAIT_FOR(&f->worker, &one, close_code(&one) == 1001);
    WAIT_FOR(&f->worker, &two, close_code(&two) == 1001);
    client_close(&one);
    client_close(&two);
    fixture_free(f);
}

static void one_per_address(th_settings_t *settings) {
    settings->http_connections_per_address = 1;
}

/* A WebSocket goes on counting as its address's connection. */
static void test_counted(void **state) {
    (void)state;
    fixture_t *f = fixture_new(one_per_address);
    raw_client_t first = {.fd = connect_to(f->address, "127.0.0.2", 0)};
    th_buffer_init(&first.received, 1 << 20);
    client_say(&f->worker, &first, GOOD);
    WAIT_FOR(&f->worker, &first, strstr(received(&first), " 101 "));
    raw_client_t second = {.fd = connect_to(f->address, "127.0.0.2", 0)};
    th_buffer_init(&second.received, 1 << 20);
    WAIT_FOR(&f->worker, &second, strstr(received(&second), " 503 "));
    client_close(&second);
    client_close(&first);
    char logged[2048] = "";
    assert_true(read(f->log_pipe[0], logged, sizeof logged - 1) > 0);
    assert_non_null(strstr(logged, "http.connections_per_address"));
    raw_client_t *nobody = NULL;
    WAIT_FOR(&f->worker, nobody, f->closed == 1);
    first.fd = connect_to(f->address, "127.0.0.2", 0);
    client_say(&f->worker, &first, GOOD);
    WAIT_FOR(&f->worker, &first, strstr(received(&first), " 101 "));
    client_close(&first);
    fixture_free(f);
}

/* Neither the upgrade's credential nor one in a message stays in memory. */
static void test_credentials_wiped(void **state) {
    (void)state;
    fixture_t *f = fixture_new(NULL);
    f->mute = true;
    char *marker = make_marker("secret-");
    char text[512];
    (void)snprintf(
        text, sizeof text,
        "GET /plain HTTP/1.1\r\n" H UPGRADE KEY VERSION "Authorization: Bearer %s\r\n\r\n", marker);
    raw_client_t client;
    client_open(&client, f->address);
    client_say(&f->worker, &client, text);
    WAIT_FOR(&f->worker, &client, strstr(received(&client), " 101 "));
    explicit_bzero(text, sizeof text);
    explicit_bzero(f->authorization, sizeof f->authorization);
    assert_int_equal(copies_in_memory(marker), 1);
    size_t length = strlen(marker);
    char bytes[128];
    for (unsigned part = 0; part < 3; part++) { /* in two fragments, then whole */
        size_t count = part == 0   ? frame(bytes, 0x01, marker, 20, false)
                       : part == 1 ? frame(bytes, 0x80, marker + 20, length - 20, false)
                                   : frame(bytes, 0x81, marker, length, false);
        client_send(&f->worker, &client, bytes, count);
        WAIT_FOR(&f->worker, &client, f->messages == part || part == 0);
        if (part > 0) assert_int_equal(copies_in_memory(marker), 1);
    }
    assert_int_equal(f->messages, 2);
    client_close(&client);
    free(marker);
    fixture_free(f);
}

int main(void) {
    (void)th_random_start();
    (void)signal(SIGPIPE, SIG_IGN); /* as the program does */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_echo),          cmocka_unit_test(test_fragments),
        cmocka_unit_test(test_glued),         cmocka_unit_test(test_close_codes),
        cmocka_unit_test(test_too_large),     cmocka_unit_test(test_message_behind_close),
        cmocka_unit_test(test_unmasked),      cmocka_unit_test(test_bad_upgrades),
        cmocka_unit_test(test_good_variants), cmocka_unit_test(test_upgrade_behind_request),
        cmocka_unit_test(test_server_ends),   cmocka_unit_test(test_slow_reader),
        cmocka_unit_test(test_flow_control),  cmocka_unit_test(test_ping),
        cmocka_unit_test(test_many),          cmocka_unit_test(test_stop),
        cmocka_unit_test(test_counted),       cmocka_unit_test(test_credentials_wiped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
