/* host_update.c - what changes while the host runs: generations of tools, and settings.
 * Worker 0 makes the new thing and sends it to each worker, which takes it up between two events.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cli/host.h"

typedef struct update_letter {
    th_letter_t letter;
    th_server_t *server;
    th_catalogue_t *catalogue;            /* a reference; NULL when it is about settings */
    const th_settings_version_t *version; /* the host's; lives until the end */
} update_letter_t;

/* Profiles, allowed and denied tools: what lists show changes with them. */
static bool offers_other_tools(const th_settings_t *old, const th_settings_t *fresh) {
    for (size_t i = 0; i < th_setting_row_count; i++)
        if (strncmp(th_setting_rows[i].name, "tools.", 6) == 0 &&
            !th_setting_equal(&th_setting_rows[i], old, fresh))
            return true;
    return false;
}

static void tell_of_tools(th_server_t *server) {
    th_mcp_tools_changed(server->mcp);
    if (server->chat) th_chat_tools_changed(server->chat);
}

/* On the server's own thread. */
static void take_up(const update_letter_t *update) {
    th_server_t *server = update->server;
    if (update->catalogue) {
        th_sessions_set_catalogue(server->sessions, update->catalogue);
        tell_of_tools(server);
        return;
    }
    /* Senders read the inbox's bound from the receiver's settings, under this lock. */
    bool other_tools = offers_other_tools(server->worker.settings, &update->version->settings);
    uv_mutex_lock(&server->worker.inbox_lock);
    server->worker.settings = &update->version->settings;
    uv_mutex_unlock(&server->worker.inbox_lock);
    server->worker.log = &update->version->log;
    if (other_tools) tell_of_tools(server);
}

static void drop_update(th_letter_t *letter) {
    update_letter_t *update = TH_CONTAINER(letter, update_letter_t, letter);
    th_catalogue_unref(update->catalogue);
    free(update);
}

static void deliver_update(th_worker_t *worker, th_worker_message_t *message) {
    update_letter_t *update = TH_CONTAINER(message, update_letter_t, letter.base);
    if (!worker->stopping) take_up(update);
    drop_update(&update->letter);
}

static void send_update(th_host_t *host, th_server_t *server, th_catalogue_t *catalogue,
                        const th_settings_version_t *version) {
    update_letter_t *update = calloc(1, sizeof(*update));
    if (!update) {
        th_log(host->servers[0].worker.log, TH_LOG_ERROR, "cli",
               "worker %u keeps its old %s: out of memory", server->worker.number,
               catalogue ? "tools" : "settings");
        return;
    }
    th_list_init(&update->letter.base.link);
    update->letter.base.run = deliver_update;
    update->letter.to = &server->worker;
    update->letter.drop = drop_update;
    update->server = server;
    update->catalogue = catalogue ? th_catalogue_ref(catalogue) : NULL;
    update->version = version;
    th_outbox_send(&host->outbox, &update->letter);
}

static void publish(th_host_t *host, th_catalogue_t *catalogue,
                    const th_settings_version_t *version) {
    for (unsigned i = 1; i < host->count; i++)
        send_update(host, &host->servers[i], catalogue, version);
    take_up(&(update_letter_t){
        .server = &host->servers[0], .catalogue = catalogue, .version = version});
}

void th_host_publish_catalogue(void *arg, th_catalogue_t *catalogue) {
    th_host_t *host = arg;
    if (!host->servers[0].worker.stopping) publish(host, catalogue, NULL);
    th_catalogue_unref(catalogue);
}

/* --- settings -------------------------------------------------------------------------------- */

/* Read once, when the part concerned is opened: a new value waits for the next start. */
static const char *const at_start[] = {
    "worker.count",        "http.listen",
    "http.connections",    "http.connections_per_address",
    "http.head_bytes",     "http.head_fields",
    "http.field_bytes",    "http.target_bytes",
    "http.body_bytes",     "http.head_timeout",
    "http.body_timeout",   "http.idle_timeout",
    "http.write_timeout",  "http.linger_timeout",
    "http.stream_comment", "websocket.listen",
    "websocket.ping",      "websocket.pong_timeout",
    "fetch.concurrency",   "fetch.queue",
    "session.sweep",       "mcp.resume_total",
    "auth.mode",           "auth.issuer",
    "auth.jwks_uri",       "auth.public_key",
    "chat.provider",       "chat.base_url",
    "chat.webhook_memory", "chat.webhook_orgs",
    "practice.listen",     "practice.seed",
};

static bool is_read_at_start(const char *name) {
    for (size_t i = 0; i < sizeof(at_start) / sizeof(at_start[0]); i++)
        if (strcmp(at_start[i], name) == 0) return true;
    return false;
}

/* Logs what differs, and puts back what cannot change now, so that settings always say what is in
 * force. False when there is nothing to take up. */
static bool adopt_changes(const th_log_t *log, const th_settings_t *old, th_settings_t *fresh) {
    size_t count = 0;
    for (size_t i = 0; i < th_setting_row_count; i++) {
        const th_setting_row_t *row = &th_setting_rows[i];
        if (th_setting_equal(row, old, fresh)) continue;
        char was[TH_SETTING_TEXT_SIZE], is[TH_SETTING_TEXT_SIZE];
        th_setting_format(row, old, was, sizeof(was));
        th_setting_format(row, fresh, is, sizeof(is));
        if (is_read_at_start(row->name)) {
            th_log(log, TH_LOG_WARNING, "config",
                   "%s stays \"%s\" until the next start; then \"%s\"", row->name, was, is);
            th_setting_copy(row, old, fresh);
        } else {
            th_log(log, TH_LOG_NOTICE, "config", "%s was \"%s\", is \"%s\"", row->name, was, is);
            count++;
        }
    }
    return count > 0;
}

static void read_in_pool(uv_work_t *work) {
    th_host_t *host = work->data;
    host->fresh_is_good =
        th_program_settings(host->program, &host->fresh->settings, &host->fresh_error);
}

/* Takes over host->fresh: as the newest version, or to the bin. */
static void use_fresh(th_host_t *host) {
    th_settings_version_t *fresh = host->fresh;
    th_worker_t *worker = &host->servers[0].worker;
    host->fresh = NULL;
    if (worker->stopping) {
        free(fresh);
    } else if (!host->fresh_is_good) {
        th_log(worker->log, TH_LOG_ERROR, "config", "%s; the settings stay as they were",
               host->fresh_error.message);
        free(fresh);
    } else if (!adopt_changes(worker->log, worker->settings, &fresh->settings)) {
        th_log(worker->log, TH_LOG_NOTICE, "config", "no setting changed");
        free(fresh);
    } else {
        fresh->log = (th_log_t){host->program->log.fd, (th_log_level_t)fresh->settings.log_level,
                                (th_log_format_t)fresh->settings.log_format};
        fresh->older = host->versions;
        host->versions = fresh;
        publish(host, NULL, fresh);
    }
}

static void on_read(uv_work_t *work, int status) {
    (void)status; /* never cancelled */
    th_host_t *host = work->data;
    host->is_reading = false;
    use_fresh(host);
    if (host->servers[0].worker.stopping) return;
    if (host->read_again)
        th_host_read_everything(host);
    else
        th_reload_now(host->reload); /* after the settings, which name the directory */
}

void th_host_read_everything(th_host_t *host) {
    th_worker_t *worker = &host->servers[0].worker;
    host->read_again = host->is_reading;
    if (host->is_reading) return;
    host->fresh = calloc(1, sizeof(*host->fresh));
    host->reading.data = host;
    if (!host->fresh || uv_queue_work(&worker->loop, &host->reading, read_in_pool, on_read) != 0) {
        th_log(worker->log, TH_LOG_ERROR, "config", "the settings cannot be read: out of memory");
        free(host->fresh);
        host->fresh = NULL;
        return;
    }
    host->is_reading = true;
}
