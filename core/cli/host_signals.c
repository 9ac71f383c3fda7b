/* host_signals.c - TERM and INT drain and stop, a second one stops at once; HUP reads everything
 * again. */
#include <signal.h>

#include "base/log.h"
#include "cli/host.h"

static void deliver_drain(th_worker_t *worker, th_worker_message_t *message) {
    (void)worker;
    th_server_drain(TH_CONTAINER(message, th_server_t, drain_letter.base));
}

static void drop_drain(th_letter_t *letter) {
    (void)letter; /* part of its server */
}

static void tell_to_drain(th_host_t *host, th_server_t *server) {
    th_letter_t *letter = &server->drain_letter;
    th_list_init(&letter->base.link);
    letter->base.run = deliver_drain;
    letter->to = &server->worker;
    letter->drop = drop_drain;
    th_outbox_send(&host->outbox, letter);
}

static void on_end(uv_signal_t *signal, int number) {
    th_host_t *host = signal->data;
    const th_log_t *log = host->servers[0].worker.log;
    const char *name = number == SIGINT ? "INT" : "TERM";
    if (atomic_exchange(&host->draining, true)) {
        atomic_store(&host->at_once, true);
        th_log(log, TH_LOG_NOTICE, "cli", "%s again: stopping at once", name);
        return;
    }
    th_log(log, TH_LOG_NOTICE, "cli", "%s: accepting nothing more, waiting for running calls",
           name);
    for (unsigned i = 1; i < host->count; i++)
        tell_to_drain(host, &host->servers[i]);
    th_server_drain(&host->servers[0]);
}

static void on_hangup(uv_signal_t *signal, int number) {
    (void)number;
    th_host_t *host = signal->data;
    if (th_host_is_draining(host)) return;
    th_log(host->servers[0].worker.log, TH_LOG_NOTICE, "cli",
           "HUP: reading tools and settings again");
    th_host_read_everything(host);
}

static void on_stop(th_worker_part_t *part) {
    th_host_t *host = TH_CONTAINER(part, th_host_t, part);
    uv_close((uv_handle_t *)&host->terminate, NULL);
    uv_close((uv_handle_t *)&host->interrupt, NULL);
    uv_close((uv_handle_t *)&host->hangup, NULL);
    /* libuv puts the default back, which is death: a HUP during the last moments is nothing. */
    (void)signal(SIGHUP, SIG_IGN);
}

static int hear(th_host_t *host, uv_signal_t *signal, uv_signal_cb callback, int number) {
    signal->data = host;
    return uv_signal_start(signal, callback, number);
}

bool th_host_hear_signals(th_host_t *host, th_error_t *error) {
    uv_loop_t *loop = &host->servers[0].worker.loop;
    /* Cannot fail but for the loop's first signal handle; a handle that was not opened must not be
     * closed. */
    int failure = uv_signal_init(loop, &host->terminate);
    if (!failure) {
        uv_signal_init(loop, &host->interrupt);
        uv_signal_init(loop, &host->hangup);
        host->part.stop = on_stop;
        th_worker_add_part(&host->servers[0].worker, &host->part);
        failure = hear(host, &host->terminate, on_end, SIGTERM);
    }
    if (!failure) failure = hear(host, &host->interrupt, on_end, SIGINT);
    if (!failure) failure = hear(host, &host->hangup, on_hangup, SIGHUP);
    if (!failure) return true;
    return th_error_set(error, "no_signals", "signals cannot be heard: %s", uv_strerror(failure));
}
