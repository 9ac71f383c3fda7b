/* host.c - opening, running and closing all workers. */
#include "cli/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/random.h"
#include "cli/harden.h"

/* What a process needs besides clients and the API: listeners, libraries, files, the practice
 * organisation. */
#define OTHER_DESCRIPTORS 1024
#define OUTBOX_GRACE_MS 1000

bool th_host_is_draining(th_host_t *host) {
    return atomic_load(&host->draining);
}

bool th_host_is_idle(th_host_t *host) {
    if (atomic_load(&host->at_once)) return true;
    for (unsigned i = 0; i < host->count; i++)
        if (atomic_load(&host->servers[i].pending) != 0) return false;
    return true;
}

void th_host_finish(th_host_t *host, th_server_t *server) {
    /* Worker 0's outbox may hold the others' order to drain: it stays a little longer for them. */
    if (server->worker.number == 0 && !th_outbox_is_empty(&host->outbox) &&
        th_clock_monotonic_ms() < server->drain_until + OUTBOX_GRACE_MS)
        return;
    th_worker_stop(&server->worker);
}

static void raise_limits(const th_settings_t *settings, unsigned workers) {
    unsigned long each = (unsigned long)(settings->http_connections + settings->fetch_concurrency);
    th_set_descriptor_limit(each * workers + OTHER_DESCRIPTORS);
}

/* The first server may pick a port; the others join it there. With several addresses and a port to
 * pick there would be no telling which is which. */
static bool check_listen(const th_host_t *host, const char *name, const char *listen,
                         th_error_t *error) {
    bool picks = strstr(listen, ":0 ") ||
                 (strlen(listen) > 2 && strcmp(listen + strlen(listen) - 2, ":0") == 0);
    if (host->count == 1 || !picks || !strchr(listen, ' ')) return true;
    return th_error_set(
        error, "bad_setting",
        "%s is \"%.200s\"; with several workers, port 0 works with one address only", name, listen);
}

static bool check_listens(const th_host_t *host, th_error_t *error) {
    const th_settings_t *settings = &host->program->settings;
    return check_listen(host, "http.listen", settings->http_listen, error) &&
           check_listen(host, "websocket.listen", settings->websocket_listen, error);
}

/* What the others are to listen on: the first one's choice, where there was one to make. */
static void join(th_setting_text_t address, const th_http_server_t *first) {
    if (!first || strchr(address, ' ')) return;
    (void)snprintf(address, TH_SETTING_TEXT_SIZE, "%s", th_http_server_address(first));
}

static bool open_servers(th_host_t *host, th_error_t *error) {
    th_setting_text_t address, web;
    (void)snprintf(address, sizeof(address), "%s", host->program->settings.http_listen);
    (void)snprintf(web, sizeof(web), "%s", host->program->settings.websocket_listen);
    for (unsigned i = 0; i < host->count; i++) {
        if (!th_server_open(&host->servers[i], host, i, address, web, error)) return false;
        if (i > 0) continue;
        join(address, host->servers[0].http);
        join(web, host->servers[0].web);
    }
    return true;
}

static bool open_rest(th_host_t *host, th_error_t *error) {
    th_worker_t *first = &host->servers[0].worker;
    th_outbox_open(&host->outbox, first);
    host->reload = th_reload_open(first, th_host_publish_catalogue, host, error);
    if (!host->reload) return false;
    th_reload_use(host->reload, host->catalogue);
    return th_host_hear_signals(host, error);
}

static void run_worker(void *arg) {
    th_server_t *server = arg;
    th_worker_run(&server->worker);
}

static bool start_threads(th_host_t *host, th_error_t *error) {
    for (unsigned i = 1; i < host->count; i++) {
        th_server_t *server = &host->servers[i];
        int failure = uv_thread_create(&server->thread, run_worker, server);
        if (failure)
            return th_error_set(error, "no_thread", "worker %u cannot be started: %s", i,
                                uv_strerror(failure));
        server->has_thread = true;
    }
    return true;
}

/* What starting again would not mend, the service manager must not try (78). */
static int exit_code_of(const th_error_t *error) {
    bool is_setting = strcmp(error->code, "bad_setting") == 0 || strcmp(error->code, "no_key") == 0;
    return is_setting ? TH_EXIT_CONFIG : TH_EXIT_FAILURE;
}

int th_host_open(th_host_t *host, th_program_t *program, th_catalogue_t *catalogue) {
    th_error_t error;
    memset(host, 0, sizeof(*host));
    host->program = program;
    host->catalogue = catalogue;
    host->count = (unsigned)program->settings.worker_count;
    host->servers = calloc(host->count, sizeof(*host->servers));
    host->workers = calloc(host->count, sizeof(th_worker_t *));
    host->routers = calloc(host->count, sizeof(th_router_t *));
    host->chat_sockets = calloc(host->count, sizeof(th_chat_sockets_t *));
    host->webhooks = calloc(host->count, sizeof(th_webhooks_t *));
    if (!host->servers || !host->workers || !host->routers || !host->chat_sockets ||
        !host->webhooks) {
        th_error_set(&error, "no_memory", "no memory for %u workers", host->count);
        return th_program_fail(program, &error, TH_EXIT_FAILURE);
    }
    if (!check_listens(host, &error)) return th_program_fail(program, &error, TH_EXIT_CONFIG);
    raise_limits(&program->settings, host->count);
    th_random_bytes(host->key, sizeof(host->key));
    if (!open_servers(host, &error) || !open_rest(host, &error) || !start_threads(host, &error))
        return th_program_fail(program, &error, exit_code_of(&error));
    return TH_EXIT_OK;
}

static void join_threads(th_host_t *host) {
    for (unsigned i = 1; host->servers && i < host->count; i++)
        if (host->servers[i].has_thread) {
            uv_thread_join(&host->servers[i].thread);
            host->servers[i].has_thread = false;
        }
}

void th_host_run(th_host_t *host) {
    th_worker_run(&host->servers[0].worker);
    join_threads(host);
}

static void stop_now(th_worker_t *worker, th_worker_message_t *message) {
    free(message);
    th_worker_stop(worker);
}

/* For a host that failed to open: threads that run already are told to end. Their inboxes are
 * empty. */
static void stop_threads(th_host_t *host) {
    for (unsigned i = 1; host->servers && i < host->count; i++) {
        if (!host->servers[i].has_thread) continue;
        th_worker_message_t *message = calloc(1, sizeof(*message));
        if (!message) abort(); /* a thread that cannot be stopped must not outlive its memory */
        th_list_init(&message->link);
        message->run = stop_now;
        if (!th_worker_post(&host->servers[i].worker, message)) free(message);
    }
    join_threads(host);
}

void th_host_close(th_host_t *host) {
    stop_threads(host);
    for (unsigned i = 0; host->servers && i < host->count; i++)
        th_server_close_parts(&host->servers[i]);
    if (host->reload) th_reload_close(host->reload);
    for (unsigned i = 0; host->servers && i < host->count; i++)
        th_server_close(&host->servers[i]);
    th_catalogue_unref(host->catalogue);
    while (host->versions) {
        th_settings_version_t *older = host->versions->older;
        free(host->versions);
        host->versions = older;
    }
    explicit_bzero(host->key, sizeof(host->key));
    free(host->servers);
    free(host->workers);
    free(host->routers);
    free(host->chat_sockets);
    free(host->webhooks);
}
