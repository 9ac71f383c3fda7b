/* host.h - the running host: one server per worker, and what concerns all of them.
 * Worker 0 runs on the main thread and is the one that hears signals, watches the tools, reads
 * settings again, and tells the others by message. */
#ifndef TH_CLI_HOST_H
#define TH_CLI_HOST_H

#include <stdatomic.h>

#include "cli/outbox.h"
#include "cli/program.h"
#include "cli/server.h"
#include "script/catalogue.h"
#include "script/reload.h"

/* Settings that a HUP brought. Parts may keep pointers into any version, so all live until the end;
 * one is made only when something changed. */
typedef struct th_settings_version {
    struct th_settings_version *older;
    th_settings_t settings;
    th_log_t log;
} th_settings_version_t;

struct th_host {
    th_program_t *program; /* borrowed */
    unsigned count;
    th_server_t *servers;
    th_worker_t **workers;
    th_router_t **routers;
    th_chat_sockets_t **chat_sockets;
    th_webhooks_t **webhooks;
    unsigned char key[32];     /* of credential hashes; made at start, never stored */
    th_catalogue_t *catalogue; /* the first generation: a reference */
    th_reload_t *reload;
    th_outbox_t outbox; /* of worker 0 */
    th_worker_part_t part;
    uv_signal_t terminate, interrupt, hangup;
    atomic_bool draining;
    atomic_bool at_once; /* a second signal: do not wait for running calls */
    /* Reading settings again, on libuv's pool: */
    uv_work_t reading;
    bool is_reading, read_again;
    th_settings_version_t *fresh; /* the pool's while <is_reading> */
    bool fresh_is_good;
    th_error_t fresh_error;
    th_settings_version_t *versions; /* newest first */
};

/* Opens every server and starts the threads of all but worker 0. <catalogue> is taken over. Returns
 * 0 or an exit code after saying why; th_host_close() is due in both cases. */
int th_host_open(th_host_t *host, th_program_t *program, th_catalogue_t *catalogue);
/* Runs worker 0 until the host was told to stop, then waits for the others' threads. */
void th_host_run(th_host_t *host);
void th_host_close(th_host_t *host);

bool th_host_is_draining(th_host_t *host);
/* No server has an unanswered request, or nobody wants to wait any longer. Any worker's thread. */
bool th_host_is_idle(th_host_t *host);
/* A draining server wants to stop now. On its own thread. */
void th_host_finish(th_host_t *host, th_server_t *server);

/* The rest on worker 0's thread. */

/* Hears TERM, INT and HUP (host_signals.c). */
bool th_host_hear_signals(th_host_t *host, th_error_t *error);
/* th_reload_open()'s callback: every server gets the new generation (host_update.c). */
void th_host_publish_catalogue(void *host, th_catalogue_t *catalogue);
/* Reads the settings again, gives every server those that differ, then reads the tools
 * (host_update.c). */
void th_host_read_everything(th_host_t *host);

#endif
