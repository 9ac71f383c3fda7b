/* test_fetch_life.c - queueing, cancelling at every stage, streaming, repeating, stopping,
 * forgetting. */
#include "loop/fetch_fixture.h"

#include "loop/secret_marker.h"

/* ---- a server whose answers wait for the gate ---- */

static bool serve_at_gate(upstream_request_t *request) {
    if (upstream_has(request, " /never ")) return upstream_never(request);
    if (upstream_has(request, " /drip ")) {
        upstream_send(request,
                      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
        return upstream_never(request);
    }
    if (upstream_has(request, " /pieces ")) {
        upstream_send(request,
                      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
        upstream_wait_gate(request);
        upstream_send(request, "6\r\nsecond\r\n0\r\n\r\n");
        return true;
    }
    if (upstream_has(request, " /gate")) upstream_wait_gate(request);
    char order[32];
    snprintf(order, sizeof order, "X-Kind: %u\r\n", request->number);
    char target[128] = "";
    sscanf(request->text, "%*s %127s", target);
    return upstream_answer(request, 200, order, target);
}

static void open_gate(fixture_t *fixture) {
    atomic_store(&fixture->server->gate, true);
}

static void two_hundred_at_once_each_get_their_own_answer(void **state) {
    (void)state;
    fixture_t fixture;
    open_fixture(&fixture, serve_at_gate, 200, 0);
    enum { COUNT = 200 };
    result_t *results = calloc(COUNT, sizeof *results);
    assert_non_null(results);
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < COUNT; i++) {
            char target[32];
            snprintf(target, sizeof target, "/of-%u-%u", round, i);
            results[i].done = 0;
            start_get(&fixture, target, &results[i]);
        }
        for (unsigned i = 0; i < COUNT; i++) {
            wait_for(&fixture, &results[i]);
            char target[32];
            snprintf(target, sizeof target, "/of-%u-%u", round, i);
            assert_int_equal(results[i].outcome, TH_FETCH_DONE);
            assert_string_equal(results[i].body, target);
        }
    }
    for (unsigned i = 0; i < COUNT; i++)
        free_result(&results[i]);
    free(results);
    close_fixture(&fixture);
}

/* ---- the queue ---- */

static void more_than_allowed_wait_in_order_and_then_are_refused(void **state) {
    (void)state;
    fixture_t fixture;
    open_fixture(&fixture, serve_at_gate, 1, 3);
    result_t results[4] = {{0}};
    for (unsigned i = 0; i < 4; i++) {
        char target[32];
        snprintf(target, sizeof target, "/gate-%u", i);
        start_get(&fixture, target, &results[i]);
    }
    th_fetch_request_t request = plain_request("http://127.0.0.1:1/");
    th_error_t error = {0};
    result_t refused = {.fixture = &fixture};
    assert_null(th_fetch_start(fixture.worker.fetcher, &request, on_done, &refused, &error));
    assert_string_equal(error.code, "busy");
    open_gate(&fixture);
    for (unsigned i = 0; i < 4; i++) {
        wait_for(&fixture, &results[i]);
        char order[32];
        snprintf(order, sizeof order, "%u", i);
        assert_string_equal(results[i].kind, order);
        free_result(&results[i]);
    }
    close_fixture(&fixture);
}

static void a_queued_request_keeps_its_time_limit(void **state) {
    (void)state;
    fixture_t fixture;
    open_fixture(&fixture, serve_at_gate, 1, 3);
    result_t busy = {0}, waiting = {0};
    th_fetch_t *first = start_get(&fixture, "/never", &busy);
    char url[256];
    url_of(&fixture, "/ok", url);
    th_fetch_request_t request = plain_request(url);
    request.timeout_ms = 20;
    start(&fixture, &request, &waiting);
    wait_for(&fixture, &waiting);
    assert_int_equal(waiting.outcome, TH_FETCH_NO_CONNECT);
    assert_non_null(strstr(waiting.message, "no turn"));
    th_fetch_cancel(first);
    free_result(&waiting);
    close_fixture(&fixture);
}

static size_t gone_secret(void *secret, char *out, size_t size) {
    (void)secret;
    (void)out;
    (void)size;
    return 0;
}

static void a_credential_that_went_while_queued_stops_the_request(void **state) {
    (void)state;
    fixture_t fixture;
    open_fixture(&fixture, serve_at_gate, 1, 3);
    result_t results[3] = {{0}};
    start_get(&fixture, "/gate", &results[0]);
    char url[256];
    url_of(&fixture, "/ok", url);
    th_fetch_request_t request = plain_request(url);
    request.secret_header = gone_secret;
    start(&fixture, &request, &results[1]);
    start_get(&fixture, "/ok", &results[2]);
    open_gate(&fixture);
    wait_for(&fixture, &results[2]);
    assert_int_equal(results[1].outcome, TH_FETCH_NO_SECRET);
    assert_int_equal(results[2].outcome, TH_FETCH_DONE);
    assert_int_equal(atomic_load(&fixture.server->requests), 2);
    for (unsigned i = 0; i < 3; i++)
        free_result(&results[i]);
    close_fixture(&fixture);
}

/* ---- cancelling ---- */

static void a_request_can_be_cancelled_at_every_stage(void **state) {
    (void)state;
    fixture_t fixture;
    open_fixture(&fixture, serve_at_gate, 2, 4);
    result_t results[4] = {{0}};
    th_fetch_cancel(start_get(&fixture, "/never", &results[0])); /* before anything happened */

    th_fetch_t *sent = start_get(&fixture, "/never", &results[1]);
    while (atomic_load(&fixture.server->requests) == 0)
        uv_run(&fixture.worker.loop, UV_RUN_NOWAIT);
    th_fetch_t *other = start_get(&fixture, "/never", &results[2]);
    th_fetch_cancel(start_get(&fixture, "/ok", &results[3])); /* queued: both places are taken */
    result_t last = {0};
    start_get(&fixture, "/ok", &last); /* queued, and gets the place of: */
    th_fetch_cancel(sent);             /* waiting for its answer */
    wait_for(&fixture, &last);
    assert_int_equal(last.outcome, TH_FETCH_DONE);
    th_fetch_cancel(other);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(results[i].done, 0);
    free_result(&last);
    close_fixture(&fixture);
}

typedef struct chain {
    result_t result;
    th_fetch_t *victim;
} chain_t;

static void cancel_other_when_done(void *arg, th_fetch_t *fetch,
                                   const th_fetch_response_t *response) {
    chain_t *chain = arg;
    th_fetch_cancel(chain->victim);
    on_done(&chain->result, fetch, response);
}

static void done_may_cancel_another(void **state) {
    (void)state;
    fixture_t fixture;
    open_fixture(&fixture, serve_at_gate, 1, 4);
    chain_t chain = {.result.fixture = &fixture};
    result_t victim = {0}, last = {0};
    char url[256];
    url_of(&fixture, "/ok", url);
    th_fetch_request_t request = plain_request(url);
    assert_non_null(
        th_fetch_start(fixture.worker.fetcher, &request, cancel_other_when_done, &chain, NULL));
    chain.victim = start_get(&fixture, "/ok", &victim);
    start_get(&fixture, "/ok", &last);
    wait_for(&fixture, &last);
    assert_int_equal(chain.result.done, 1);
    assert_int_equal(victim.done, 0);
    free_result(&chain.result);
    free_result(&last);
    close_fixture(&fixture);
}

/* ---- streaming ---- */

typedef enum { GO_ON, REFUSE, CANCEL, STOP } reaction_t;

typedef struct stream {
    result_t result;
    th_fetch_t *fetch;
    reaction_t reaction;
    unsigned pieces;
    char text[64];
} stream_t;

static bool on_piece(void *arg, th_slice_t piece) {
    stream_t *stream = arg;
    stream->pieces++;
    size_t had = strlen(stream->text);
    snprintf(stream->text + had, sizeof stream->text - had, "%.*s", (int)piece.length, piece.data);
    uv_stop(&stream->result.fixture->worker.loop);
    if (stream->reaction == CANCEL) th_fetch_cancel(stream->fetch);
    if (stream->reaction == STOP) th_worker_stop(&stream->result.fixture->worker);
    return stream->reaction != REFUSE;
}

static void on_stream_done(void *arg, th_fetch_t *fetch, const th_fetch_response_t *response) {
    stream_t *stream = arg;
    on_done(&stream->result, fetch, response);
}

static void start_stream(fixture_t *fixture, const char *target, stream_t *stream) {
    char url[256];
    url_of(fixture, target, url);
    th_fetch_request_t request = plain_request(url);
    request.on_data = on_piece;
    stream->result.fixture = fixture;
    stream->fetch = th_fetch_start(fixture->worker.fetcher, &request, on_stream_done, stream, NULL);
    assert_non_null(stream->fetch);
}

static void pieces_come_as_they_arrive(void **state) {
    (void)state;
    fixture_t fixture;
    open_fixture(&fixture, serve_at_gate, 2, 4);
    stream_t stream = {.reaction = GO_ON};
    start_stream(&fixture, "/pieces", &stream);
    while (stream.pieces == 0)
        turn(&fixture);
    assert_string_equal(stream.text, "first"); /* long before the end, which waits for: */
    open_gate(&fixture);
    wait_for(&fixture, &stream.result);
    assert_string_equal(stream.text, "firstsecond");
    assert_int_equal(stream.result.outcome, TH_FETCH_DONE);
    assert_int_equal(stream.result.length, 0);
    free_result(&stream.result);
    close_fixture(&fixture);
}

static void a_receiver_can_end_its_stream(void **state) {
    (void)state;
    static const reaction_t reactions[] = {REFUSE, CANCEL, STOP};
    for (unsigned i = 0; i < 3; i++) {
        fixture_t fixture;
        open_fixture(&fixture, serve_at_gate, 2, 4);
        stream_t stream = {.reaction = reactions[i]};
        start_stream(&fixture, "/drip", &stream);
        while (stream.pieces == 0)
            turn(&fixture);
        assert_int_equal(stream.result.done, reactions[i] == CANCEL ? 0 : 1);
        if (reactions[i] != CANCEL) assert_int_equal(stream.result.outcome, TH_FETCH_BROKEN);
        free_result(&stream.result);
        close_fixture(&fixture);
    }
}

/* ---- kept connections that die ---- */

/* Answers the first request of each connection, reads the second of the first connection and hangs
 * up. */
static bool serve_then_hang_up(upstream_request_t *request) {
    if (request->connection == 0 && request->number == 1) return false;
    return upstream_answer(request, 200, "", "fine");
}

static void only_reads_are_repeated_when_a_kept_connection_dies(void **state) {
    (void)state;
    static const char *const methods[] = {"GET", "POST", "PUT", "DELETE"};
    for (unsigned i = 0; i < 4; i++) {
        fixture_t fixture;
        open_fixture(&fixture, serve_then_hang_up, 2, 4);
        result_t first = {0}, second = {0};
        get(&fixture, "/", &first);
        char url[256];
        url_of(&fixture, "/", url);
        th_fetch_request_t request = plain_request(url);
        request.method = methods[i];
        start(&fixture, &request, &second);
        wait_for(&fixture, &second);
        assert_int_equal(second.outcome, i == 0 ? TH_FETCH_DONE : TH_FETCH_BROKEN);
        assert_int_equal(atomic_load(&fixture.server->requests), i == 0 ? 3 : 2);
        free_result(&first);
        free_result(&second);
        close_fixture(&fixture);
    }
}

/* The second half comes when the connection is idle: the next request must not read it as its own.
 */
static bool serve_too_much(upstream_request_t *request) {
    if (request->connection > 0) return upstream_answer(request, 200, "", "mine");
    upstream_answer(request, 200, "", "first");
    upstream_wait_gate(request);
    upstream_answer(request, 200, "", "forged");
    atomic_store(&request->server->gate, false);
    return true;
}

static void an_answer_nobody_asked_for_is_given_to_nobody(void **state) {
    (void)state;
    fixture_t fixture;
    open_fixture(&fixture, serve_too_much, 2, 4);
    result_t result = {0};
    get(&fixture, "/", &result);
    open_gate(&fixture);
    while (atomic_load(&fixture.server->gate))
        poll(NULL, 0, 1);
    turn(&fixture); /* the idle connection has something to read */
    result.done = 0;
    get(&fixture, "/", &result);
    assert_string_equal(result.body, "mine");
    free_result(&result);
    close_fixture(&fixture);
}

/* ---- stopping ---- */

static void stopping_ends_every_request_with_a_word(void **state) {
    (void)state;
    fixture_t fixture;
    open_fixture(&fixture, serve_at_gate, 1, 2);
    result_t running = {0}, queued = {0};
    start_get(&fixture, "/never", &running);
    while (atomic_load(&fixture.server->requests) == 0)
        uv_run(&fixture.worker.loop, UV_RUN_NOWAIT);
    start_get(&fixture, "/ok", &queued);
    th_worker_stop(&fixture.worker);
    assert_int_equal(running.done, 1);
    assert_int_equal(running.outcome, TH_FETCH_BROKEN);
    assert_int_equal(queued.done, 1);
    assert_int_equal(queued.outcome, TH_FETCH_NO_CONNECT);
    assert_non_null(strstr(queued.message, "stopping"));
    th_fetch_request_t request = plain_request("http://127.0.0.1:1/");
    th_error_t error = {0};
    assert_null(th_fetch_start(fixture.worker.fetcher, &request, on_done, &queued, &error));
    assert_string_equal(error.code, "stopping");
    free_result(&running);
    free_result(&queued);
    close_fixture(&fixture);
}

static void stop_when_done(void *arg, th_fetch_t *fetch, const th_fetch_response_t *response) {
    result_t *result = arg;
    if (result->done == 0) th_worker_stop(&result->fixture->worker);
    on_done(result, fetch, response);
}

static void done_may_stop_the_worker(void **state) {
    (void)state;
    fixture_t fixture;
    open_fixture(&fixture, serve_at_gate, 2, 2);
    result_t first = {.fixture = &fixture}, other = {0};
    char url[256];
    url_of(&fixture, "/ok", url);
    th_fetch_request_t request = plain_request(url);
    assert_non_null(th_fetch_start(fixture.worker.fetcher, &request, stop_when_done, &first, NULL));
    start_get(&fixture, "/never", &other);
    th_worker_run(&fixture.worker);
    while (!first.done)
        turn(&fixture);
    assert_int_equal(first.outcome, TH_FETCH_DONE);
    assert_string_equal(first.body, "/ok");
    assert_int_equal(other.done, 1);
    free_result(&first);
    free_result(&other);
    close_fixture(&fixture);
}

/* ---- forgetting: no copy of a secret is left in this process ---- */

static int markers_at_done;

static void count_when_done(void *arg, th_fetch_t *fetch, const th_fetch_response_t *response) {
    markers_at_done = count_markers();
    on_done(arg, fetch, response);
}

static bool serve_plainly(upstream_request_t *request) {
    return upstream_answer(request, 200, "", "fine");
}

static void after_a_request_no_copy_of_its_secret_is_left(void **state) {
    (void)state;
#ifdef __SANITIZE_THREAD__
    skip(); /* its shadow memory is too large to be searched */
#endif
    prepare_marker();
    fixture_t fixture;
    open_fixture(&fixture, serve_plainly, 4, 4);
    assert_int_equal(count_markers(), 0);
    static const char *const methods[] = {"GET", "POST", "GET"};
    for (unsigned i = 0; i < 3; i++) {
        char url[256];
        url_of(&fixture, "/", url);
        th_fetch_request_t request = plain_request(url);
        request.method = methods[i];
        if (methods[i][0] == 'P') request.body = TH_SLICE("{}");
        request.secret_header = write_marker;
        result_t result = {.fixture = &fixture};
        assert_non_null(
            th_fetch_start(fixture.worker.fetcher, &request, count_when_done, &result, NULL));
        wait_for(&fixture, &result);
        assert_int_equal(result.outcome, TH_FETCH_DONE);
        assert_true(markers_at_done > 0); /* else this test would look in the wrong places */
        free_result(&result);
    }
    /* The server wipes its copy after it has answered; its thread says so by waiting for more. */
    for (unsigned tries = 0; count_markers() > 0 && tries < 2000; tries++)
        poll(NULL, 0, 1);
    assert_int_equal(count_markers(), 0);
    close_fixture(&fixture);
    assert_int_equal(count_markers(), 0);
}

/* ---- sockets of connections that never stood: libcurl closes them without a word ---- */

static void count_poll(uv_handle_t *handle, void *count) {
    if (handle->type == UV_POLL && !uv_is_closing(handle)) ++*(unsigned *)count;
}

static unsigned count_polls(fixture_t *fixture) {
    unsigned count = 0;
    uv_walk(&fixture->worker.loop, count_poll, &count);
    return count;
}

/* Listens, but its queue is full: a connection to it does not come about. */
typedef struct deaf_server {
    int listener, fillers[4];
    unsigned port;
} deaf_server_t;

static void open_deaf(deaf_server_t *deaf) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    deaf->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(deaf->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(deaf->listener, 0), 0);
    assert_int_equal(getsockname(deaf->listener, (struct sockaddr *)&address, &size), 0);
    deaf->port = ntohs(address.sin_port);
    for (unsigned i = 0; i < 4; i++) {
        deaf->fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        (void)connect(deaf->fillers[i], (struct sockaddr *)&address, size);
    }
}

static void close_deaf(deaf_server_t *deaf) {
    for (unsigned i = 0; i < 4; i++)
        close(deaf->fillers[i]);
    close(deaf->listener);
}

static void requests_cancelled_while_connecting_leave_no_handles(void **state) {
    (void)state;
    fixture_t fixture;
    open_fixture(&fixture, serve_plainly, 16, 16);
    deaf_server_t deaf;
    open_deaf(&deaf);
    char url[256];
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u/", deaf.port);
    th_fetch_request_t request = plain_request(url);
    result_t results[8] = {{0}};
    for (unsigned round = 0; round < 3; round++) {
        th_fetch_t *fetches[8];
        for (unsigned i = 0; i < 8; i++)
            fetches[i] = start(&fixture, &request, &results[i]);
        while (count_polls(&fixture) < 8)
            turn(&fixture);
        for (unsigned i = 0; i < 8; i++)
            th_fetch_cancel(fetches[i]);
        assert_int_equal(count_polls(&fixture), 0);
    }
    close_deaf(&deaf);
    close_fixture(&fixture);
}

/* Its descriptor's number is the next socket's: what still watched the old one would have that. */
static void a_request_cancelled_in_the_tls_handshake_does_not_harm_the_next(void **state) {
    (void)state;
    fixture_t fixture;
    open_fixture(&fixture, serve_plainly, 4, 4);
    unsigned port;
    int listener = upstream_listen(&port);
    char url[256];
    (void)snprintf(url, sizeof url, "https://127.0.0.1:%u/", port);
    th_fetch_request_t request = plain_request(url);
    result_t handshaking = {0}, next = {0};
    th_fetch_t *fetch = start(&fixture, &request, &handshaking);
    struct pollfd pending = {.fd = listener, .events = POLLIN};
    while (poll(&pending, 1, 1) < 1)
        uv_run(&fixture.worker.loop, UV_RUN_NOWAIT);
    struct pollfd hello = {.fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC), .events = POLLIN};
    while (poll(&hello, 1, 1) < 1)
        uv_run(&fixture.worker.loop, UV_RUN_NOWAIT);
    th_fetch_cancel(fetch);
    get(&fixture, "/", &next);
    assert_int_equal(next.outcome, TH_FETCH_DONE);
    assert_int_equal(next.status, 200);
    free_result(&next);
    close(hello.fd);
    close(listener);
    close_fixture(&fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_hundred_at_once_each_get_their_own_answer),
        cmocka_unit_test(more_than_allowed_wait_in_order_and_then_are_refused),
        cmocka_unit_test(a_queued_request_keeps_its_time_limit),
        cmocka_unit_test(a_credential_that_went_while_queued_stops_the_request),
        cmocka_unit_test(a_request_can_be_cancelled_at_every_stage),
        cmocka_unit_test(done_may_cancel_another),
        cmocka_unit_test(pieces_come_as_they_arrive),
        cmocka_unit_test(a_receiver_can_end_its_stream),
        cmocka_unit_test(only_reads_are_repeated_when_a_kept_connection_dies),
        cmocka_unit_test(an_answer_nobody_asked_for_is_given_to_nobody),
        cmocka_unit_test(stopping_ends_every_request_with_a_word),
        cmocka_unit_test(done_may_stop_the_worker),
        cmocka_unit_test(after_a_request_no_copy_of_its_secret_is_left),
        cmocka_unit_test(requests_cancelled_while_connecting_leave_no_handles),
        cmocka_unit_test(a_request_cancelled_in_the_tls_handshake_does_not_harm_the_next),
    };
    return cmocka_run_group_tests(tests, start_client, stop_client);
}
