/* test_net_workers.c - two workers on two threads share one port and nothing else: requests and
 * WebSockets at once, then both stop. Meant for the thread sanitizer as much as for itself. */
#include "net_fixture.h"

#include <stdatomic.h>

#include "net/websocket.h"

#define CLIENTS 8
#define ROUNDS 40

typedef struct site {
    th_worker_t worker;
    th_http_server_t *server;
    uv_thread_t thread;
    atomic_uint *requests, *messages;
} site_t;

typedef struct chat {
    site_t *site;
    th_websocket_t *socket;
} chat_t;

static void on_hello(th_http_exchange_t *exchange, const th_http_request_t *request, void *arg) {
    (void)request;
    atomic_fetch_add(((site_t *)arg)->requests, 1);
    th_http_response_t response = {.status = 200, .body = TH_SLICE("hello")};
    exchange->operations->respond(exchange, &response);
}

static void *on_open(void *arg, th_websocket_t *socket, const th_http_request_t *upgrade) {
    (void)upgrade;
    chat_t *chat = calloc(1, sizeof *chat);
    *chat = (chat_t){.site = arg, .socket = socket};
    return chat;
}

static void on_message(void *user, th_slice_t text) {
    chat_t *chat = user;
    atomic_fetch_add(chat->site->messages, 1);
    (void)th_websocket_send(chat->socket, text);
}

static void on_closed(void *user) {
    free(user);
}

static void run_worker(void *arg) {
    th_worker_run(&((site_t *)arg)->worker);
}

static void on_stop_message(th_worker_t *worker, th_worker_message_t *message) {
    free(message);
    th_worker_stop(worker);
}

/* Reads until <wanted> came; blocking, with a guard. */
static void expect(int fd, const char *wanted) {
    char text[2048];
    size_t have = 0;
    while (have < sizeof text - 1) {
        ssize_t count = recv(fd, text + have, sizeof text - 1 - have, 0);
        if (count <= 0) break;
        have += (size_t)count;
        text[have] = '\0';
        if (memmem(text, have, wanted, strlen(wanted))) return;
    }
    fail_msg("%s did not come", wanted);
}

static void talk(const char *address) {
    static const char get[] = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";
    static const char upgrade[] =
        "GET /chat HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    int fds[CLIENTS];
    struct timeval guard = {.tv_sec = GUARD_MS / 1000};
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = connect_to(address, NULL, 0);
        assert_true(fds[i] >= 0);
        (void)setsockopt(fds[i], SOL_SOCKET, SO_RCVTIMEO, &guard, sizeof guard);
        (void)!send(fds[i], get, sizeof get - 1, MSG_NOSIGNAL);
    }
    for (int i = 0; i < CLIENTS; i++) {
        expect(fds[i], "hello");
        (void)!send(fds[i], upgrade, sizeof upgrade - 1, MSG_NOSIGNAL);
    }
    for (int i = 0; i < CLIENTS; i++) {
        expect(fds[i], " 101 ");
        (void)!send(fds[i], "\x81\x82\0\0\0\0hi", 8, MSG_NOSIGNAL);
    }
    for (int i = 0; i < CLIENTS; i++) {
        expect(fds[i], "\x81\x02hi");
        close(fds[i]);
    }
}

static void open_site(site_t *site, const th_settings_t *settings, unsigned number,
                      const char *listen) {
    static const th_websocket_handlers_t handlers = {on_open, on_message, on_closed};
    th_error_t error;
    assert_true(th_worker_open(&site->worker, number, settings, NULL, &error));
    th_http_route_t route = {
        .path = "/hello", .methods = 1u << TH_HTTP_GET, .handler = on_hello, .arg = site};
    th_websocket_endpoint_t endpoint = {.path = "/chat", .handlers = &handlers, .arg = site};
    th_http_server_config_t config = {.listen = listen,
                                      .reuse_port = true,
                                      .routes = &route,
                                      .route_count = 1,
                                      .websockets = &endpoint,
                                      .websocket_count = 1};
    site->server = th_http_server_open(&site->worker, &config, &error);
    if (!site->server) fail_msg("%s", error.message);
}

static void test_two_workers(void **state) {
    (void)state;
    th_settings_t settings;
    net_settings(&settings);
    atomic_uint requests = 0, messages = 0;
    site_t *sites = calloc(2, sizeof *sites);
    for (unsigned i = 0; i < 2; i++) {
        sites[i].requests = &requests;
        sites[i].messages = &messages;
        open_site(&sites[i], &settings, i,
                  i == 0 ? "127.0.0.1:0" : th_http_server_address(sites[0].server));
    }
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(uv_thread_create(&sites[i].thread, run_worker, &sites[i]), 0);
    for (int round = 0; round < ROUNDS; round++)
        talk(th_http_server_address(sites[0].server));
    for (unsigned i = 0; i < 2; i++) {
        th_worker_message_t *stop = calloc(1, sizeof *stop);
        stop->run = on_stop_message;
        assert_true(th_worker_post(&sites[i].worker, stop));
    }
    for (unsigned i = 0; i < 2; i++)
        uv_thread_join(&sites[i].thread);
    for (unsigned i = 0; i < 2; i++) {
        th_http_server_close(sites[i].server);
        th_worker_close(&sites[i].worker);
    }
    assert_int_equal(atomic_load(&requests), CLIENTS * ROUNDS);
    assert_int_equal(atomic_load(&messages), CLIENTS * ROUNDS);
    free(sites);
}

int main(void) {
    (void)th_random_start();
    (void)signal(SIGPIPE, SIG_IGN); /* as the program does */
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_two_workers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
