/* test_practice_webhooks.c - webhooks really sent over HTTP: headers, order, once each, to this
 * machine only. What they carry in which case is the specs' business
 * (tests/spec/practice_webhooks_spec.lua). */
#include "practice_client.h"

#include "../loop/upstream.h"
#include "loop/fetch.h"
#include "practice/practice_internal.h"
#include "json/document.h"

#define RECEIVED_MAX 16

/* What came in; the test waits until enough did. */
typedef struct receiver {
    upstream_t *server;
    pthread_mutex_t lock;
    pthread_cond_t more;
    char *texts[RECEIVED_MAX];
    unsigned count;
    int status;  /* of every answer */
    bool silent; /* never answers */
} receiver_t;

static bool receive(upstream_request_t *request) {
    receiver_t *receiver = request->server->arg;
    pthread_mutex_lock(&receiver->lock);
    if (receiver->count < RECEIVED_MAX) receiver->texts[receiver->count] = strdup(request->text);
    receiver->count++;
    pthread_cond_signal(&receiver->more);
    pthread_mutex_unlock(&receiver->lock);
    if (receiver->silent) return upstream_never(request);
    return upstream_answer(request, receiver->status, "", "{}");
}

static void open_receiver(receiver_t *receiver) {
    *receiver = (receiver_t){.status = 200};
    pthread_mutex_init(&receiver->lock, NULL);
    pthread_cond_init(&receiver->more, NULL);
    receiver->server = upstream_start(receive, receiver);
}

static void wait_for(receiver_t *receiver, unsigned count) {
    pthread_mutex_lock(&receiver->lock);
    while (receiver->count < count)
        pthread_cond_wait(&receiver->more, &receiver->lock);
    pthread_mutex_unlock(&receiver->lock);
}

/* Closes it, after which no more can come, and returns how many came in all. */
static unsigned close_receiver(receiver_t *receiver) {
    upstream_stop(receiver->server);
    for (unsigned i = 0; i < receiver->count && i < RECEIVED_MAX; i++)
        free(receiver->texts[i]);
    pthread_cond_destroy(&receiver->more);
    pthread_mutex_destroy(&receiver->lock);
    return receiver->count;
}

/* data.id of an answer, or data[0].id of a list. */
static void id_of(const answer_t *answer, char *out, size_t size) {
    th_json_parser_t *parser = th_json_parser_new();
    th_error_t error;
    th_json_document_t *document = th_json_parse(parser, th_slice(answer->body, answer->body_size),
                                                 &th_json_limits_answer, &error);
    th_json_value_t data = th_json_member(th_json_root(document), "data");
    if (th_json_is_array(data)) data = th_json_at(data, 0);
    th_slice_t id;
    if (!th_json_string(th_json_member(data, "id"), &id)) fail_msg("%s", answer->body);
    (void)snprintf(out, size, "%.*s", (int)id.length, id.data);
    th_json_unref(document);
    th_json_parser_free(parser);
}

/* Sends a request as the administrator, expects <status>, and gives the id of the answer. */
static void act(const th_practice_t *practice, const char *method, const char *path,
                const char *body, int status, char *id, size_t size) {
    const th_practice_credential_t *admin = person(practice, "admin");
    char target[256];
    (void)snprintf(target, sizeof target, "/organizations/%s%s", admin->org_id, path);
    answer_t answer =
        call(practice, admin, method, target, "Content-Type: application/json\r\n", body);
    if (answer.status != status) fail_msg("%s %s: %s", method, path, answer.bytes);
    if (id) id_of(&answer, id, size);
    answer_free(&answer);
}

/* Makes a template of one step with <url> as its webhook and launches it. */
static void launch(const th_practice_t *practice, const char *url, char *run, size_t size) {
    char body[512], template[64];
    (void)snprintf(body, sizeof body,
                   "{\"title\":\"Told\",\"type\":\"procedure\",\"webhook\":\"%s\","
                   "\"steps\":[{\"title\":\"The only step\"}]}",
                   url);
    act(practice, "POST", "/checklists", body, 201, template, sizeof template);
    (void)snprintf(body, sizeof body, "{\"checklist_id\":\"%s\",\"name\":\"Caf\\u00e9\"}",
                   template);
    act(practice, "POST", "/runs", body, 201, run, size);
}

static void complete_first_task(const th_practice_t *practice, const char *run) {
    char path[128], body[128], task[64];
    (void)snprintf(path, sizeof path, "/runs/%s/tasks", run);
    act(practice, "GET", path, "", 200, task, sizeof task);
    (void)snprintf(path, sizeof path, "/runs/%s/completed-tasks", run);
    (void)snprintf(body, sizeof body, "{\"task_id\":\"%s\"}", task);
    act(practice, "POST", path, body, 200, NULL, 0);
}

static void url_of(const receiver_t *receiver, char *out, size_t size) {
    (void)snprintf(out, size, "http://127.0.0.1:%u/hook?x=1", receiver->server->port);
}

static void a_process_is_told_in_order_and_once(void **state) {
    (void)state;
    receiver_t receiver;
    open_receiver(&receiver);
    th_practice_t *practice = start();
    char url[64], run[64], org_header[96];
    url_of(&receiver, url, sizeof url);
    launch(practice, url, run, sizeof run);
    wait_for(&receiver, 1);
    complete_first_task(practice, run);
    wait_for(&receiver, 3);
    (void)snprintf(org_header, sizeof org_header, "\r\nX-Tallyfy-orgID: %s\r\n",
                   person(practice, "admin")->org_id);
    for (unsigned i = 0; i < 3; i++) {
        const char *text = receiver.texts[i];
        assert_int_equal(strncmp(text, "POST /hook?x=1 HTTP/1.1\r\n", 25), 0);
        assert_non_null(strstr(text, org_header));
        assert_non_null(strstr(text, "\r\nContent-Type: application/json\r\n"));
        assert_non_null(strstr(text, "Caf\xc3\xa9"));
        assert_null(strcasestr(text, "authorization"));
        assert_null(strstr(text, person(practice, "admin")->api_key));
    }
    assert_non_null(strstr(receiver.texts[0], "\"status\":\"active\"")); /* launched */
    assert_null(strstr(receiver.texts[0], "\"this_task\""));
    assert_non_null(strstr(receiver.texts[1], "\"this_task\""));
    assert_non_null(strstr(receiver.texts[1], "\"next_task\":[]"));
    assert_non_null(strstr(receiver.texts[2], "\"status\":\"complete\"")); /* completed */
    assert_null(strstr(receiver.texts[2], "\"this_task\""));
    th_practice_stop(practice);
    assert_int_equal(close_receiver(&receiver), 3);
}

static void a_refusal_is_not_tried_again(void **state) {
    (void)state;
    receiver_t receiver;
    open_receiver(&receiver);
    receiver.status = 503;
    th_practice_t *practice = start();
    char url[64], run[64];
    url_of(&receiver, url, sizeof url);
    launch(practice, url, run, sizeof run);
    wait_for(&receiver, 1);
    complete_first_task(practice, run);
    wait_for(&receiver, 3); /* a second try of the first would have come before these */
    assert_non_null(strstr(receiver.texts[1], "\"this_task\""));
    assert_non_null(strstr(receiver.texts[2], "\"status\":\"complete\""));
    th_practice_stop(practice);
    assert_int_equal(close_receiver(&receiver), 3);
}

static void nobody_listening_hurts_nobody(void **state) {
    (void)state;
    receiver_t receiver;
    open_receiver(&receiver);
    char url[64], run[64];
    url_of(&receiver, url, sizeof url);
    assert_int_equal(close_receiver(&receiver), 0);
    th_practice_t *practice = start();
    launch(practice, url, run, sizeof run);
    complete_first_task(practice, run);
    launch(practice, "http://203.0.113.9/hook", run,
           sizeof run); /* not of this machine: not sent */
    complete_first_task(practice, run);
    th_practice_stop(practice);
}

static void stopping_does_not_wait_for_a_silent_receiver(void **state) {
    (void)state;
    receiver_t receiver;
    open_receiver(&receiver);
    receiver.silent = true;
    th_practice_t *practice = start();
    char url[64], run[64];
    url_of(&receiver, url, sizeof url);
    launch(practice, url, run, sizeof run);
    wait_for(&receiver, 1);
    complete_first_task(practice, run); /* two more wait behind the first */
    th_practice_stop(practice);
    assert_int_equal(close_receiver(&receiver), 1);
}

/* --- the queue itself */

typedef struct fixture {
    th_settings_t settings;
    th_worker_t worker;
    th_practice_outbox_t outbox;
} fixture_t;

static void open_outbox(fixture_t *fixture) {
    th_error_t error;
    th_settings_defaults(&fixture->settings);
    assert_true(th_worker_open(&fixture->worker, 0, &fixture->settings, NULL, &error));
    th_practice_outbox_open(&fixture->outbox, &fixture->worker);
}

static void close_outbox(fixture_t *fixture) {
    th_worker_stop(&fixture->worker);
    th_worker_run(&fixture->worker);
    th_worker_close(&fixture->worker);
}

static const char *refusal(fixture_t *fixture, const char *url, size_t body, th_error_t *error) {
    char *text = calloc(1, body + 1);
    bool added = th_practice_outbox_add(&fixture->outbox, th_slice_of(url), NULL, 0,
                                        th_slice(text, body), error);
    free(text);
    return added ? NULL : error->code;
}

static void only_addresses_of_this_machine_are_taken(void **state) {
    (void)state;
    static const char *const others[] = {
        "http://203.0.113.9/",
        "http://127.0.0.1.evil.example/",
        "http://127.evil.example/",
        "http://127.0.0.1@evil.example/",
        "http://me:secret@127.0.0.1/",
        "http://localhost.example/",
        "http://0.0.0.0/",
        "http://[::2]/",
        "ftp://127.0.0.1/",
        "file:///etc/hostname",
        "127.0.0.1",
        "",
        "http://127.0.0.1\\@evil.example/",
        "http://evil.example#@127.0.0.1/",
    };
    fixture_t fixture;
    th_error_t error;
    open_outbox(&fixture);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        const char *code = refusal(&fixture, others[i], 2, &error);
        if (!code || strcmp(code, "bad_request") != 0) fail_msg("%s was taken", others[i]);
    }
    assert_non_null(strstr(error.message, "this machine"));
    assert_null(refusal(&fixture, "http://127.0.0.1:1/", 2, &error));
    assert_null(refusal(&fixture, "http://LOCALHOST:1/a", 2, &error));
    assert_null(refusal(&fixture, "https://[::1]:1/a?b", 2, &error));
    close_outbox(&fixture);
    assert_string_equal(refusal(&fixture, "http://127.0.0.1:1/", 2, &error), "stopping");
}

static void the_queue_has_an_end(void **state) {
    (void)state;
    receiver_t receiver;
    open_receiver(&receiver);
    receiver.silent = true;
    fixture_t fixture;
    th_error_t error;
    char url[64];
    url_of(&receiver, url, sizeof url);
    open_outbox(&fixture);
    for (int i = 0; i < TH_PRACTICE_WEBHOOKS; i++)
        assert_null(refusal(&fixture, url, 10, &error));
    assert_string_equal(refusal(&fixture, url, 10, &error), "busy");
    close_outbox(&fixture);
    close_receiver(&receiver);
}

static void a_body_has_a_largest_size(void **state) {
    (void)state;
    fixture_t fixture;
    th_error_t error;
    open_outbox(&fixture);
    assert_null(refusal(&fixture, "http://127.0.0.1:1/", TH_PRACTICE_WEBHOOK_BYTES, &error));
    assert_string_equal(
        refusal(&fixture, "http://127.0.0.1:1/", TH_PRACTICE_WEBHOOK_BYTES + 1, &error),
        "bad_request");
    close_outbox(&fixture);
}

static int start_client(void **state) {
    (void)state;
    return th_fetch_global_start(NULL) ? 0 : -1;
}

static int stop_client(void **state) {
    (void)state;
    th_fetch_global_stop();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_process_is_told_in_order_and_once),
        cmocka_unit_test(a_refusal_is_not_tried_again),
        cmocka_unit_test(nobody_listening_hurts_nobody),
        cmocka_unit_test(stopping_does_not_wait_for_a_silent_receiver),
        cmocka_unit_test(only_addresses_of_this_machine_are_taken),
        cmocka_unit_test(the_queue_has_an_end),
        cmocka_unit_test(a_body_has_a_largest_size),
    };
    return cmocka_run_group_tests(tests, start_client, stop_client);
}
