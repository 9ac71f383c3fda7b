/* The router: requests handed to another worker and their answers back, over two real threads. The
 * client is a fake exchange on worker 0, the handler lives on worker 1. Run under ASan and TSan. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/route_home.h"
#include "config/config.h"
#include "loop/fetch.h"

#define CLIENTS_MAX 600

typedef struct pair pair_t;

/* A client on worker 0. */
typedef struct client {
    th_http_exchange_t exchange;
    pair_t *pair;
    int status;
    char type[64], header[64];
    char body[256];
    size_t body_length, pieces;
    bool begun, done, aborted, gone;
} client_t;

/* A request that the handler keeps, on worker 1. */
typedef struct kept {
    th_http_exchange_t *exchange;
    pair_t *pair;
    uv_timer_t timer;
} kept_t;

struct pair {
    th_settings_t settings;
    th_worker_t workers[2];
    th_worker_t *peers[2];
    th_router_t *routers[2];
    uv_thread_t thread;
    th_http_handler_t handler;
    unsigned home;
    client_t clients[CLIENTS_MAX];
    size_t client_count, finished;
    const char *path;
    void (*started)(pair_t *pair); /* on worker 0, after all requests went in */
    /* on worker 1: */
    kept_t kept[CLIENTS_MAX];
    size_t kept_count, told_gone, refused_pieces;
    bool saw_request;
};

/* --- messages for the test itself ------------------------------------------------------------ */

typedef struct errand {
    th_worker_message_t base;
    pair_t *pair;
    void (*run)(pair_t *pair);
} errand_t;

static void run_errand(th_worker_t *worker, th_worker_message_t *message) {
    (void)worker;
    errand_t *errand = TH_CONTAINER(message, errand_t, base);
    errand->run(errand->pair);
    free(errand);
}

static void send_errand(pair_t *pair, unsigned worker, void (*run)(pair_t *pair)) {
    errand_t *errand = calloc(1, sizeof(*errand));
    assert_non_null(errand);
    th_list_init(&errand->base.link);
    errand->base.run = run_errand;
    errand->pair = pair;
    errand->run = run;
    /* The inbox may be full on purpose; the receiver empties it. */
    while (!th_worker_post(&pair->workers[worker], &errand->base))
        uv_sleep(1);
}

static void stop_home(pair_t *pair) {
    th_worker_stop(&pair->workers[1]);
}

static void stop_both(pair_t *pair) {
    send_errand(pair, 1, stop_home);
    th_worker_stop(&pair->workers[0]);
}

/* --- the client ------------------------------------------------------------------------------ */

static void finish_client(client_t *client) {
    assert_false(client->done);
    client->done = true;
    if (++client->pair->finished == client->pair->client_count) stop_both(client->pair);
}

static void add_body(client_t *client, th_slice_t piece) {
    assert_true(client->body_length + piece.length < sizeof(client->body));
    if (piece.length) memcpy(client->body + client->body_length, piece.data, piece.length);
    client->body_length += piece.length;
}

static void note_head(client_t *client, const th_http_response_t *response) {
    client->status = response->status;
    snprintf(client->type, sizeof(client->type), "%s",
             response->content_type ? response->content_type : "");
    if (response->header_count)
        snprintf(client->header, sizeof(client->header), "%.*s=%.*s",
                 (int)response->headers[0].name.length, response->headers[0].name.data,
                 (int)response->headers[0].value.length, response->headers[0].value.data);
}

static void client_respond(th_http_exchange_t *exchange, const th_http_response_t *response) {
    client_t *client = TH_CONTAINER(exchange, client_t, exchange);
    note_head(client, response);
    add_body(client, response->body);
    free(response->body_owned);
    finish_client(client);
}

static void client_begin(th_http_exchange_t *exchange, const th_http_response_t *head) {
    client_t *client = TH_CONTAINER(exchange, client_t, exchange);
    assert_false(client->begun);
    client->begun = true;
    note_head(client, head);
}

static void leave(client_t *client) {
    client->gone = true;
    client->exchange.on_gone(&client->exchange, client->exchange.user);
}

static bool client_send(th_http_exchange_t *exchange, th_slice_t piece) {
    client_t *client = TH_CONTAINER(exchange, client_t, exchange);
    assert_true(client->begun);
    client->pieces++;
    add_body(client, piece.length < 64 ? piece : th_slice("#", 1));
    return true;
}

static void client_end(th_http_exchange_t *exchange) {
    finish_client(TH_CONTAINER(exchange, client_t, exchange));
}

static void client_abort(th_http_exchange_t *exchange) {
    client_t *client = TH_CONTAINER(exchange, client_t, exchange);
    client->aborted = true;
    finish_client(client);
}

static const th_http_exchange_operations_t client_operations = {
    client_respond, client_begin, client_send, client_end, client_abort};

/* --- the fixture ----------------------------------------------------------------------------- */

static unsigned home_of(void *arg, const th_http_request_t *request) {
    (void)request;
    return ((pair_t *)arg)->home;
}

static void handle(th_http_exchange_t *exchange, const th_http_request_t *request, void *arg) {
    ((pair_t *)arg)->handler(exchange, request, arg);
}

static void run_home(void *arg) {
    th_worker_run(&((pair_t *)arg)->workers[1]);
}

/* Everything the request points to dies with this function, as it does in the front. */
static void start_client(pair_t *pair, client_t *client) {
    char target[64], value[64], body[64];
    snprintf(target, sizeof(target), "%s?n=%zu", pair->path, (size_t)(client - pair->clients));
    snprintf(value, sizeof(value), "Bearer key-%zu", (size_t)(client - pair->clients));
    snprintf(body, sizeof(body), "body-%zu", (size_t)(client - pair->clients));
    th_http_header_t headers[] = {{TH_SLICE("Authorization"), th_slice_of(value)},
                                  {TH_SLICE("Empty"), TH_SLICE("")}};
    size_t path = strlen(pair->path);
    th_http_request_t request = {
        .method = TH_HTTP_POST,
        .target = th_slice_of(target),
        .path = th_slice(target, path),
        .query = th_slice(target + path + 1, strlen(target) - path - 1),
        .headers = headers,
        .header_count = 2,
        .body = th_slice_of(body),
        .peer = "127.0.0.1",
    };
    client->pair = pair;
    client->exchange.operations = &client_operations;
    th_router_http(&client->exchange, &request, pair->routers[0]);
    memset(target, 'x', sizeof(target));
    memset(value, 'x', sizeof(value));
    memset(body, 'x', sizeof(body));
}

static void start_clients(pair_t *pair) {
    for (size_t i = 0; i < pair->client_count; i++)
        start_client(pair, &pair->clients[i]);
    if (pair->started) pair->started(pair);
}

static pair_t *pair_new(const char *path, th_http_handler_t handler, size_t clients) {
    pair_t *pair = calloc(1, sizeof(*pair));
    assert_non_null(pair);
    th_settings_defaults(&pair->settings);
    pair->settings.log_level = TH_LOG_NONE;
    pair->settings.http_unsent_bytes = 64 * 1024;
    pair->path = path;
    pair->handler = handler;
    pair->home = 1;
    pair->client_count = clients;
    return pair;
}

static void pair_run(pair_t *pair) {
    th_error_t error;
    for (unsigned i = 0; i < 2; i++) {
        if (!th_worker_open(&pair->workers[i], i, &pair->settings, NULL, &error))
            fail_msg("%s", error.message);
        pair->peers[i] = &pair->workers[i];
        pair->workers[i].count = 2;
        pair->workers[i].peers = pair->peers;
        pair->routers[i] = th_router_open(&pair->workers[i], handle, home_of, pair, &error);
        assert_non_null(pair->routers[i]);
    }
    for (unsigned i = 0; i < 2; i++)
        th_router_connect(pair->routers[i], pair->routers);
    send_errand(pair, 0, start_clients);
    assert_int_equal(uv_thread_create(&pair->thread, run_home, pair), 0);
    th_worker_run(&pair->workers[0]);
    uv_thread_join(&pair->thread);
    for (unsigned i = 0; i < 2; i++)
        th_router_close(pair->routers[i]);
    for (unsigned i = 0; i < 2; i++)
        th_worker_close(&pair->workers[i]);
}

/* --- handlers, on worker 1 ------------------------------------------------------------------- */

static void respond_echo(th_http_exchange_t *exchange, const th_http_request_t *request,
                         void *arg) {
    pair_t *pair = arg;
    char text[256];
    th_slice_t key = th_http_request_header(request, "authorization");
    th_slice_t empty = th_http_request_header(request, "empty");
    pair->saw_request = empty.data != NULL && empty.length == 0 &&
                        request->method == TH_HTTP_POST && strcmp(request->peer, "127.0.0.1") == 0;
    int length = snprintf(text, sizeof(text), "%.*s|%.*s|%.*s|%.*s", (int)request->path.length,
                          request->path.data, (int)request->query.length, request->query.data,
                          (int)key.length, key.data, (int)request->body.length, request->body.data);
    th_http_header_t header = {TH_SLICE("X-Test"), TH_SLICE("yes")};
    th_http_response_t response = {.status = 201,
                                   .content_type = "text/plain",
                                   .headers = &header,
                                   .header_count = 1,
                                   .body = th_slice(text, (size_t)length)};
    exchange->operations->respond(exchange, &response);
    memset(text, 'x', sizeof(text));
}

static void respond_owned(th_http_exchange_t *exchange, const th_http_request_t *request,
                          void *arg) {
    (void)request;
    (void)arg;
    char *text = strdup("owned");
    assert_non_null(text);
    th_http_response_t response = {.status = 200, .body = th_slice_of(text), .body_owned = text};
    exchange->operations->respond(exchange, &response);
}

static void stream_three(th_http_exchange_t *exchange, const th_http_request_t *request,
                         void *arg) {
    (void)request;
    (void)arg;
    th_http_response_t head = {.status = 200, .content_type = "text/event-stream"};
    exchange->operations->begin_stream(exchange, &head);
    assert_true(exchange->operations->send(exchange, TH_SLICE("one,")));
    assert_true(exchange->operations->send(exchange, TH_SLICE("")));
    assert_true(exchange->operations->send(exchange, TH_SLICE("two")));
    exchange->operations->end_stream(exchange);
}

static void abort_stream(th_http_exchange_t *exchange, const th_http_request_t *request,
                         void *arg) {
    (void)request;
    (void)arg;
    th_http_response_t head = {.status = 200};
    exchange->operations->begin_stream(exchange, &head);
    assert_true(exchange->operations->send(exchange, TH_SLICE("half")));
    exchange->operations->abort(exchange);
}

static void answer_kept(uv_timer_t *timer) {
    kept_t *kept = timer->data;
    if (kept->exchange) th_http_respond_json(kept->exchange, 200, TH_SLICE("\"late\""));
    kept->exchange = NULL;
    uv_close((uv_handle_t *)timer, NULL);
}

static kept_t *keep(pair_t *pair, th_http_exchange_t *exchange, uint64_t delay) {
    kept_t *kept = &pair->kept[pair->kept_count++];
    kept->exchange = exchange;
    kept->pair = pair;
    uv_timer_init(&pair->workers[1].loop, &kept->timer);
    kept->timer.data = kept;
    uv_timer_start(&kept->timer, answer_kept, delay, 0);
    return kept;
}

static void respond_later(th_http_exchange_t *exchange, const th_http_request_t *request,
                          void *arg) {
    (void)request;
    keep(arg, exchange, 1);
}

/* Waits for the client to go, then ends the test. */
static void on_gone_ends(th_http_exchange_t *exchange, void *user) {
    kept_t *kept = user;
    assert_ptr_equal(exchange, kept->exchange);
    kept->exchange = NULL;
    uv_close((uv_handle_t *)&kept->timer, NULL);
    if (++kept->pair->told_gone == kept->pair->client_count) send_errand(kept->pair, 0, stop_both);
}

static void clients_leave(pair_t *pair) {
    for (size_t i = 0; i < pair->client_count; i++)
        leave(&pair->clients[i]);
}

static void wait_for_gone(th_http_exchange_t *exchange, const th_http_request_t *request,
                          void *arg) {
    (void)request;
    kept_t *kept = keep(arg, exchange, 1000000);
    exchange->on_gone = on_gone_ends;
    exchange->user = kept;
}

/* Did not ask to be told: answers into the void, which must be harmless. */
static void answer_void(uv_timer_t *timer) {
    kept_t *kept = timer->data;
    th_http_response_t head = {.status = 200};
    kept->exchange->operations->begin_stream(kept->exchange, &head);
    assert_true(kept->exchange->operations->send(kept->exchange, TH_SLICE("nobody reads this")));
    kept->exchange->operations->end_stream(kept->exchange);
    uv_close((uv_handle_t *)timer, NULL);
    send_errand(kept->pair, 0, stop_both);
}

static void ignore_gone(th_http_exchange_t *exchange, const th_http_request_t *request, void *arg) {
    (void)request;
    keep(arg, exchange, 1000000); /* answered by deaf_news */
    exchange->on_gone = NULL;
}

/* Runs behind the news that the client left, in the same inbox. */
static void deaf_news(pair_t *pair) {
    uv_timer_start(&pair->kept[0].timer, answer_void, 0, 0);
}

static void leave_and_tell(pair_t *pair) {
    clients_leave(pair);
    send_errand(pair, 1, deaf_news);
}

/* Sends without end: the receiving thread is held up, so the bound must be met. */
static void on_gone_after_flood(th_http_exchange_t *exchange, void *user) {
    (void)exchange;
    ((pair_t *)user)->told_gone++;
}

static void flood(th_http_exchange_t *exchange, const th_http_request_t *request, void *arg) {
    (void)request;
    pair_t *pair = arg;
    static const char piece[8192] = {'x'};
    th_http_response_t head = {.status = 200};
    exchange->on_gone = on_gone_after_flood;
    exchange->user = pair;
    exchange->operations->begin_stream(exchange, &head);
    size_t sent = 0;
    while (exchange->operations->send(exchange, th_slice(piece, sizeof(piece))) && sent < 1000000)
        sent++;
    assert_false(exchange->operations->send(exchange, TH_SLICE("more")));
    __atomic_store_n(&pair->refused_pieces, sent, __ATOMIC_RELEASE);
}

static void on_gone_any(th_http_exchange_t *exchange, void *user) {
    (void)exchange;
    kept_t *kept = user;
    kept->exchange = NULL;
    kept->pair->told_gone++;
}

static void race_with_gone(th_http_exchange_t *exchange, const th_http_request_t *request,
                           void *arg) {
    (void)request;
    kept_t *kept = keep(arg, exchange, 0);
    exchange->on_gone = on_gone_any;
    exchange->user = kept;
}

/* --- tests ----------------------------------------------------------------------------------- */

static void test_request_and_answer_arrive_whole(void **state) {
    (void)state;
    pair_t *pair = pair_new("/mcp", respond_echo, 3);
    pair_run(pair);
    assert_true(pair->saw_request);
    assert_int_equal(pair->finished, 3);
    assert_int_equal(pair->clients[2].status, 201);
    assert_string_equal(pair->clients[2].type, "text/plain");
    assert_string_equal(pair->clients[2].header, "X-Test=yes");
    assert_string_equal(pair->clients[2].body, "/mcp|n=2|Bearer key-2|body-2");
    assert_null(pair->clients[2].exchange.on_gone); /* nobody is told any more */
    free(pair);
}

static void test_at_home_nothing_is_handed_over(void **state) {
    (void)state;
    pair_t *pair = pair_new("/mcp", respond_echo, 1);
    pair->home = 0;
    pair_run(pair);
    assert_string_equal(pair->clients[0].body, "/mcp|n=0|Bearer key-0|body-0");
    free(pair);
}

static void test_owned_body_changes_hands(void **state) {
    (void)state;
    pair_t *pair = pair_new("/", respond_owned, 1);
    pair_run(pair);
    assert_string_equal(pair->clients[0].body, "owned");
    assert_string_equal(pair->clients[0].type, "");
    free(pair);
}

static void test_stream_keeps_its_order(void **state) {
    (void)state;
    pair_t *pair = pair_new("/", stream_three, 1);
    pair_run(pair);
    assert_int_equal(pair->clients[0].pieces, 3);
    assert_string_equal(pair->clients[0].body, "one,two");
    assert_string_equal(pair->clients[0].type, "text/event-stream");
    free(pair);
}

static void test_abort_reaches_the_client(void **state) {
    (void)state;
    pair_t *pair = pair_new("/", abort_stream, 1);
    pair_run(pair);
    assert_true(pair->clients[0].aborted);
    assert_string_equal(pair->clients[0].body, "half");
    free(pair);
}

static void test_late_answers(void **state) {
    (void)state;
    pair_t *pair = pair_new("/", respond_later, 50);
    pair_run(pair);
    assert_int_equal(pair->finished, 50);
    assert_string_equal(pair->clients[49].body, "\"late\"");
    free(pair);
}

static void test_small_inboxes_lose_nothing(void **state) {
    (void)state;
    pair_t *pair = pair_new("/mcp", respond_echo, CLIENTS_MAX);
    pair->settings.worker_inbox = 2;
    pair_run(pair);
    assert_int_equal(pair->finished, CLIENTS_MAX);
    for (size_t i = 0; i < CLIENTS_MAX; i++) {
        char want[64];
        snprintf(want, sizeof(want), "/mcp|n=%zu|Bearer key-%zu|body-%zu", i, i, i);
        assert_string_equal(pair->clients[i].body, want);
    }
    free(pair);
}

static void test_handler_hears_that_the_client_went(void **state) {
    (void)state;
    pair_t *pair = pair_new("/", wait_for_gone, 20);
    pair->started = clients_leave;
    pair_run(pair);
    assert_int_equal(pair->told_gone, 20);
    assert_int_equal(pair->finished, 0);
    free(pair);
}

static void test_handler_that_does_not_care_answers_into_the_void(void **state) {
    (void)state;
    pair_t *pair = pair_new("/", ignore_gone, 1);
    pair->started = leave_and_tell;
    pair_run(pair);
    assert_int_equal(pair->finished, 0);
    assert_false(pair->clients[0].begun);
    free(pair);
}

/* Holds worker 0 until the flood met its bound: only then are pieces taken. */
static void hold_until_flooded(pair_t *pair) {
    while (!__atomic_load_n(&pair->refused_pieces, __ATOMIC_ACQUIRE))
        uv_sleep(1);
}

static void test_slow_client_is_cut(void **state) {
    (void)state;
    pair_t *pair = pair_new("/", flood, 1);
    pair->started = hold_until_flooded;
    pair_run(pair);
    assert_true(pair->clients[0].aborted);
    assert_int_equal(pair->refused_pieces,
                     64 * 1024 / 8192); /* as many as http.unsent_bytes allows */
    assert_int_equal(pair->told_gone, 1);
    free(pair);
}

/* Every other client leaves while its answer is on its way. */
static void half_leave(pair_t *pair) {
    for (size_t i = 0; i < pair->client_count; i += 2)
        if (!pair->clients[i].done && pair->clients[i].exchange.on_gone) {
            leave(&pair->clients[i]);
            finish_client(&pair->clients[i]);
        }
}

static void test_answer_and_departure_may_cross(void **state) {
    (void)state;
    for (int round = 0; round < 20; round++) {
        pair_t *pair = pair_new("/", race_with_gone, 100);
        pair->started = half_leave;
        pair_run(pair);
        assert_int_equal(pair->finished, 100);
        for (size_t i = 1; i < 100; i += 2)
            assert_string_equal(pair->clients[i].body, "\"late\"");
        free(pair);
    }
}

/* Both workers stop with requests in every stage: handed over, waiting, in the outbox. */
static void keep_for_ever(th_http_exchange_t *exchange, const th_http_request_t *request,
                          void *arg) {
    (void)exchange;
    (void)request;
    (void)arg;
}

static void test_stopping_amid_requests_leaks_nothing(void **state) {
    (void)state;
    pair_t *pair = pair_new("/", keep_for_ever, CLIENTS_MAX);
    pair->settings.worker_inbox = 16;
    pair->started = stop_both;
    pair_run(pair);
    assert_int_equal(pair->finished, 0); /* LeakSanitizer says the rest */
    free(pair);
}

static int start(void **state) {
    (void)state;
    th_error_t error;
    return th_fetch_global_start(&error) ? 0 : -1;
}

static int stop(void **state) {
    (void)state;
    th_fetch_global_stop();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request_and_answer_arrive_whole),
        cmocka_unit_test(test_at_home_nothing_is_handed_over),
        cmocka_unit_test(test_owned_body_changes_hands),
        cmocka_unit_test(test_stream_keeps_its_order),
        cmocka_unit_test(test_abort_reaches_the_client),
        cmocka_unit_test(test_late_answers),
        cmocka_unit_test(test_small_inboxes_lose_nothing),
        cmocka_unit_test(test_handler_hears_that_the_client_went),
        cmocka_unit_test(test_handler_that_does_not_care_answers_into_the_void),
        cmocka_unit_test(test_slow_client_is_cut),
        cmocka_unit_test(test_answer_and_departure_may_cross),
        cmocka_unit_test(test_stopping_amid_requests_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
