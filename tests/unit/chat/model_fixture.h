/* model_fixture.h - a worker, a provider, and a scripted model server: answer N of the script goes
 * to request N. What the handlers were told is kept for comparison. */
#ifndef TH_TESTS_CHAT_MODEL_FIXTURE_H
#define TH_TESTS_CHAT_MODEL_FIXTURE_H

#include "check.h"

#include "base/random.h"
#include "chat/provider.h"
#include "loop/fetch.h"
#include "loop/upstream.h"

#define ANSWERS_MAX 8
#define KEY "sk-test-0123456789"

/* One answer: a head (NULL: that of an event stream, to the end of the connection), a body, and how
 * it goes out. */
typedef struct answer {
    const char *head, *body;
    size_t piece; /* bytes per write; 0 = all at once */
    size_t cut;   /* close behind so many bytes of head and body; 0 = never */
    bool stalls;  /* behind the body nothing comes any more */
} answer_t;

typedef struct fixture {
    th_settings_t settings;
    th_worker_t worker;
    upstream_t *server;
    th_model_key_t *key;
    th_provider_t *provider;
    answer_t answers[ANSWERS_MAX];
    size_t answer_count;
    char *requests[ANSWERS_MAX]; /* written by the server's thread before it answers */
    atomic_uint request_count;

    const char *zone; /* of the person */
    th_completion_t *completion;
    unsigned done, texts, cancel_at_text, cancel_at_tool;
    bool cancelled;
    char text[8192];
    char tools[65536]; /* "id name input [unusable code];" each */
    char content[262144];
    th_stop_reason_t reason;
    th_usage_t usage;
    th_error_t error; /* no code: there was none */
} fixture_t;

/* ---- the server ---- */

#define STREAM_HEAD                                                         \
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n" \
    "Connection: close\r\n\r\n"

static inline bool play(upstream_request_t *request) {
    fixture_t *fixture = request->server->arg;
    if (request->number >= ANSWERS_MAX) return false;
    fixture->requests[request->number] = strdup(request->text);
    atomic_store(&fixture->request_count, request->number + 1);
    if (request->number >= fixture->answer_count) return false;
    const answer_t *answer = &fixture->answers[request->number];
    size_t length;
    char *all = NULL;
    FILE *out = open_memstream(&all, &length);
    fprintf(out, "%s%s", answer->head ? answer->head : STREAM_HEAD,
            answer->body ? answer->body : "");
    fclose(out);
    if (answer->cut && answer->cut < length) length = answer->cut;
    size_t piece = answer->piece ? answer->piece : length;
    for (size_t at = 0; at < length; at += piece)
        upstream_send_bytes(request->fd, all + at, length - at < piece ? length - at : piece);
    free(all);
    if (answer->stalls) upstream_never(request);
    return false;
}

/* ---- what comes back ---- */

static inline void on_text(void *arg, th_slice_t piece) {
    fixture_t *fixture = arg;
    size_t length = strlen(fixture->text);
    assert_false(fixture->cancelled);
    assert_true(length + piece.length < sizeof fixture->text);
    memcpy(fixture->text + length, piece.data, piece.length);
    if (++fixture->texts != fixture->cancel_at_text) return;
    fixture->cancelled = true;
    fixture->provider->operations->cancel(fixture->completion);
}

static inline void on_tool(void *arg, th_slice_t id, th_slice_t name, th_slice_t input,
                           const th_error_t *unusable) {
    fixture_t *fixture = arg;
    size_t length = strlen(fixture->tools);
    assert_false(fixture->cancelled);
    snprintf(fixture->tools + length, sizeof fixture->tools - length, "%.*s %.*s %.*s%s%s;",
             (int)id.length, id.data, (int)name.length, name.data, (int)input.length, input.data,
             unusable ? " " : "", unusable ? unusable->code : "");
    if (!fixture->cancel_at_tool || --fixture->cancel_at_tool) return;
    fixture->cancelled = true;
    fixture->provider->operations->cancel(fixture->completion);
}

static inline void on_completed(void *arg, th_stop_reason_t reason, th_slice_t content,
                                const th_usage_t *usage, const th_error_t *error) {
    fixture_t *fixture = arg;
    assert_false(fixture->cancelled);
    fixture->done++;
    fixture->reason = reason;
    snprintf(fixture->content, sizeof fixture->content, "%.*s", (int)content.length, content.data);
    fixture->usage = *usage;
    if (error) {
        fixture->error = *error;
        assert_true(error->code[0] && error->message[0]);
        assert_null(strstr(error->message, KEY));
    }
    uv_stop(&fixture->worker.loop); /* may come from a timer, ahead of the wait for sockets */
}

/* ---- opening and closing ---- */

static inline void open_fixture(fixture_t *fixture, th_chat_provider_t provider) {
    th_error_t error = {0};
    memset(fixture, 0, sizeof *fixture);
    fixture->settings = (th_settings_t){.worker_count = 1,
                                        .worker_inbox = 8,
                                        .fetch_concurrency = 8,
                                        .fetch_queue = 8,
                                        .chat_provider = provider,
                                        .chat_plain_http = true,
                                        .chat_connect_timeout = 5000,
                                        .chat_stall_timeout = 60000,
                                        .chat_answer_timeout = 60000,
                                        .chat_retries = 2,
                                        .chat_retry_wait = 30000,
                                        .chat_request_bytes = 1024 * 1024,
                                        .chat_answer_bytes = 256 * 1024,
                                        .chat_event_bytes = 64 * 1024,
                                        .chat_input_bytes = 4096};
    assert_true(th_random_start());
    fixture->server = upstream_start(play, fixture);
    snprintf(fixture->settings.chat_model, sizeof fixture->settings.chat_model, "test-model");
    snprintf(fixture->settings.chat_base_url, sizeof fixture->settings.chat_base_url,
             "http://127.0.0.1:%u/base", fixture->server->port);
    assert_true(th_worker_open(&fixture->worker, 0, &fixture->settings, NULL, &error));
    assert_true(th_model_key_make(TH_SLICE(KEY), &fixture->key, &error));
    fixture->provider = th_provider_open(&fixture->worker, fixture->key, &error);
    if (!fixture->provider) fail_msg("%s", error.message);
}

static inline void close_fixture(fixture_t *fixture) {
    th_worker_close(&fixture->worker); /* ends what still runs */
    fixture->provider->operations->close(fixture->provider);
    upstream_stop(fixture->server);
    th_model_key_free(fixture->key);
    for (size_t i = 0; i < ANSWERS_MAX; i++)
        free(fixture->requests[i]);
}

/* ---- asking ---- */

#define ASK "[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"hello\"}]}]"
#define TOOLS                                                                                      \
    "[{\"name\":\"get_task\",\"description\":\"Shows one\",\"inputSchema\":{\"type\":\"object\"}," \
    "\"effect\":\"read\"},{\"name\":\"notes.add\",\"inputSchema\":{\"type\":\"object\","           \
    "\"properties\":{\"text\":{\"type\":\"string\"}}},\"effect\":\"add\"}]"

static inline void start(fixture_t *fixture, const char *history, const char *tools) {
    static const th_completion_handlers_t handlers = {on_text, on_tool, on_completed};
    const th_completion_request_t request = {.system = TH_SLICE("Be kind."),
                                             .history_json = th_slice_of(history),
                                             .tools_json = th_slice_of(tools),
                                             .max_tokens = 1000,
                                             .zone = fixture->zone,
                                             .person = TH_SLICE("p1")};
    th_error_t error = {0};
    fixture->completion = fixture->provider->operations->start(fixture->provider, &request,
                                                               &handlers, fixture, &error);
    if (!fixture->completion) fail_msg("not started: %s", error.message);
    assert_int_equal(fixture->done, 0);
}

static inline void wait_until_done(fixture_t *fixture) {
    while (!fixture->done && !fixture->cancelled)
        uv_run(&fixture->worker.loop, UV_RUN_ONCE);
}

static inline void ask(fixture_t *fixture) {
    start(fixture, ASK, TOOLS);
    wait_until_done(fixture);
}

/* A whole question to a provider whose server has these answers. What was told stays readable. */
static inline void run_script(fixture_t *fixture, th_chat_provider_t provider,
                              const answer_t *answers, size_t count) {
    open_fixture(fixture, provider);
    memcpy(fixture->answers, answers, count * sizeof *answers);
    fixture->answer_count = count;
    ask(fixture);
    assert_int_equal(fixture->done, 1);
    close_fixture(fixture);
}

static inline const char *body_of(const fixture_t *fixture, size_t number) {
    const char *request = fixture->requests[number];
    return request ? strstr(request, "\r\n\r\n") + 4 : "";
}

static inline int start_client(void **state) {
    (void)state;
    return th_fetch_global_start(NULL) ? 0 : -1;
}

static inline int stop_client(void **state) {
    (void)state;
    th_fetch_global_stop();
    return 0;
}

#endif
