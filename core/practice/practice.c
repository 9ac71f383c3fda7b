/* practice.c - the practice organisation's thread and listener.
 * Everything is made on the caller's thread and handed to the new one whole: after
 * th_practice_start() returned, only that thread touches the worker, the script and the server,
 * until it was joined. */
#include "practice/practice.h"

#include <stdio.h>
#include <stdlib.h>

#include "net/http.h"
#include "practice/practice_internal.h"

/* The largest body: a file with its form. The real API takes 100 MB, the listener no more than
 * this. */
#define UPLOAD_BYTES ((int64_t)64 << 20)

struct th_practice {
    th_settings_t settings; /* the program's, with limits that suit a stand-in */
    th_worker_t worker;
    bool worker_open;
    th_practice_script_t *script;
    th_practice_deliveries_t deliveries;
    th_practice_outbox_t outbox;
    th_http_server_t *server;
    uv_thread_t thread;
    th_worker_message_t stop_message; /* part of this struct, so that stopping cannot fail */
    char url[128];
    th_practice_credential_t credentials[TH_PRACTICE_CREDENTIALS];
    size_t credential_count;
};

static void handle(th_http_exchange_t *exchange, const th_http_request_t *request, void *arg) {
    th_practice_t *practice = arg;
    th_practice_reply_t reply;
    th_error_t error;
    th_practice_reply_init(&reply);
    if (th_practice_script_handle(practice->script, request, &reply, &error)) {
        th_practice_deliver(&practice->deliveries, exchange, &reply);
        return;
    }
    th_practice_reply_reset(&reply);
    th_log(practice->worker.log, TH_LOG_ERROR, "practice", "%s %.*s failed: %s",
           th_http_method_name(request->method), (int)request->path.length, request->path.data,
           error.message);
    th_http_respond_json(
        exchange, 500,
        TH_SLICE("{\"error\":true,\"message\":\"The practice organisation failed.\"}"));
}

/* True for an address that only this machine reaches: the Host header can then be held to its
 * names. */
static bool is_loopback(const char *listen) {
    return strncmp(listen, "127.", 4) == 0 || strncmp(listen, "[::1]", 5) == 0 ||
           strncmp(listen, "localhost:", 10) == 0;
}

/* The limits that protect a real server from many clients would only hide what a stand-in is asked
 * to do: all its clients come from one address, and a huge answer is wanted. */
static void adapt_settings(th_settings_t *settings) {
    settings->http_connections_per_address = settings->http_connections;
    settings->http_body_bytes = UPLOAD_BYTES;
    settings->http_unsent_bytes = (int64_t)TH_PRACTICE_HUGE_BYTES * 5 / 4;
}

static bool open_server(th_practice_t *practice, th_error_t *error) {
    static const unsigned methods = 1u << TH_HTTP_GET | 1u << TH_HTTP_POST | 1u << TH_HTTP_PUT |
                                    1u << TH_HTTP_PATCH | 1u << TH_HTTP_DELETE;
    const th_http_route_t route = {
        .path = "/*", .methods = methods, .handler = handle, .arg = practice};
    const th_http_server_config_t config = {
        .listen = practice->settings.practice_listen,
        .local_only_hosts = is_loopback(practice->settings.practice_listen),
        .routes = &route,
        .route_count = 1,
    };
    practice->server = th_http_server_open(&practice->worker, &config, error);
    if (!practice->server) return false;
    (void)snprintf(practice->url, sizeof practice->url, "http://%s",
                   th_http_server_address(practice->server));
    return true;
}

static bool open_parts(th_practice_t *practice, const th_log_t *log, th_error_t *error) {
    if (!th_worker_open(&practice->worker, 0, &practice->settings, log, error)) return false;
    practice->worker_open = true;
    th_practice_outbox_open(&practice->outbox, &practice->worker);
    practice->script = th_practice_script_open(&practice->settings, practice->worker.parser,
                                               &practice->outbox, error);
    if (!practice->script) return false;
    practice->credential_count = TH_PRACTICE_CREDENTIALS;
    if (!th_practice_script_credentials(practice->script, practice->credentials,
                                        &practice->credential_count, error))
        return false;
    th_practice_deliveries_open(&practice->deliveries, &practice->worker);
    return open_server(practice, error);
}

/* After the thread ended, or before it began; half-made is fine. The server is closed once the loop
 * ran dry, the script before the parser it borrows. */
static void release(th_practice_t *practice) {
    if (practice->worker_open) {
        th_worker_stop(&practice->worker);
        th_worker_run(&practice->worker);
    }
    th_http_server_close(practice->server);
    th_practice_script_close(practice->script);
    if (practice->worker_open) th_worker_close(&practice->worker);
    for (size_t i = 0; i < practice->credential_count; i++)
        explicit_bzero(practice->credentials[i].api_key, sizeof practice->credentials[i].api_key);
    free(practice);
}

static void thread_main(void *arg) {
    th_practice_t *practice = arg;
    th_worker_run(&practice->worker);
}

th_practice_t *th_practice_start(const th_settings_t *settings, const th_log_t *log,
                                 th_error_t *error) {
    th_practice_t *practice = calloc(1, sizeof *practice);
    if (!practice) {
        th_error_set(error, "no_memory", "no memory for the practice organisation");
        return NULL;
    }
    practice->settings = *settings;
    adapt_settings(&practice->settings);
    if (!open_parts(practice, log, error)) {
        release(practice);
        return NULL;
    }
    int failure = uv_thread_create(&practice->thread, thread_main, practice);
    if (failure) {
        th_error_set(error, "no_thread", "the practice organisation cannot start its thread: %s",
                     uv_strerror(failure));
        release(practice);
        return NULL;
    }
    return practice;
}

const char *th_practice_url(const th_practice_t *practice) {
    return practice->url;
}

const th_practice_credential_t *th_practice_credentials(const th_practice_t *practice,
                                                        size_t *count) {
    *count = practice->credential_count;
    return practice->credentials;
}

static void on_stop(th_worker_t *worker, th_worker_message_t *message) {
    (void)message;
    th_worker_stop(worker);
}

void th_practice_stop(th_practice_t *practice) {
    if (!practice) return;
    practice->stop_message.run = on_stop;
    /* Nobody else posts to this worker, so its inbox has room. */
    if (th_worker_post(&practice->worker, &practice->stop_message))
        uv_thread_join(&practice->thread);
    release(practice);
}
