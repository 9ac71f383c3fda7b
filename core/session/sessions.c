/* sessions.c - the table of sessions: begin, find, expire, end, sweep; and the life of
 * th_sessions_t itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "session/internal.h"

/* --- ending and freeing
 * --------------------------------------------------------------------------- */

void th_sessions_wake(th_sessions_t *sessions) {
    if (!sessions->handles_closed) uv_idle_start(&sessions->turn, sessions->turn.idle_cb);
}

static th_session_t *session_at(th_list_t *node) {
    return TH_CONTAINER(node, th_session_t, link);
}

void th_session_touch(th_session_t *session) {
    session->used_at = th_clock_monotonic_ms();
    if (session->ending) return;
    th_list_remove(&session->link);
    th_list_add_tail(&session->sessions->by_use, &session->link);
}

static bool is_busy(const th_session_t *session) {
    return session->running_count > 0 || session->queued_count > 0;
}

void th_session_end(th_session_t *session) {
    if (session->ending) return;
    th_sessions_t *sessions = session->sessions;
    session->ending = true;
    if (session->shared)
        (void)th_table_remove(sessions->sessions_by_principal, th_slice_of(session->principal));
    else
        (void)th_table_remove(sessions->sessions_by_id, th_slice_of(session->id));
    th_list_remove(&session->link);
    th_list_add_tail(&sessions->ending, &session->link);
    if (session->drop) session->drop(session->attachment);
    session->attachment = NULL;
    session->drop = NULL;
    th_running_cancel_all(session);
    th_sessions_wake(sessions);
}

/* Frees the ended sessions whose calls are all gone: from the loop, never inside a call's callback.
 */
static void free_ended(th_sessions_t *sessions) {
    th_list_t *at = sessions->ending.next;
    while (at != &sessions->ending) {
        th_session_t *session = session_at(at);
        at = at->next;
        if (is_busy(session)) continue;
        th_list_remove(&session->link);
        if (session->script) th_script_close(session->script);
        th_consent_free(session->consent);
        sessions->session_count--;
        free(session);
    }
}

/* --- sweep --------------------------------------------------------------------------------------
 */

static bool has_expired(const th_session_t *session, uint64_t now) {
    const th_settings_t *settings = session->sessions->worker->settings;
    if (is_busy(session)) return false; /* work under way does not age */
    return now - session->used_at >= (uint64_t)settings->session_idle ||
           now - session->created_at >= (uint64_t)settings->session_life;
}

static void on_tick(uv_timer_t *timer) {
    th_sessions_t *sessions = timer->data;
    uint64_t now = th_clock_monotonic_ms();
    uint64_t state_idle = (uint64_t)sessions->worker->settings->session_state_idle;
    th_list_t *at = sessions->by_use.next;
    while (at != &sessions->by_use) {
        th_session_t *session = session_at(at);
        at = at->next;
        if (has_expired(session, now)) {
            th_session_end(session);
        } else if (session->script && !is_busy(session) && now - session->used_at >= state_idle) {
            th_script_close(session->script); /* made anew by the next call: 11 us */
            session->script = NULL;
        }
    }
    th_entries_sweep(sessions, false);
}

/* The tick must be fine enough for the shortest of the three spans it serves. */
static uint64_t tick_interval(const th_settings_t *settings) {
    int64_t shortest = settings->session_sweep;
    if (settings->session_state_idle / 2 < shortest) shortest = settings->session_state_idle / 2;
    if (settings->session_idle / 2 < shortest) shortest = settings->session_idle / 2;
    return shortest < 20 ? 20 : (uint64_t)shortest;
}

/* Ends the longest unused session that no call keeps busy; of one principal, or of anybody (NULL).
 */
static bool make_room(th_sessions_t *sessions, const char *principal) {
    for (th_list_t *at = sessions->by_use.next; at != &sessions->by_use; at = at->next) {
        th_session_t *session = session_at(at);
        if (is_busy(session)) continue;
        if (principal && (session->shared || strcmp(session->principal, principal) != 0)) continue;
        th_session_end(session); /* out of the tables at once; its memory goes on the next turn */
        return true;
    }
    return false;
}

/* --- begin and find -----------------------------------------------------------------------------
 */

static int64_t count_of(const th_sessions_t *sessions, const char *principal) {
    int64_t count = 0;
    for (th_list_t *at = sessions->by_use.next; at != &sessions->by_use; at = at->next) {
        const th_session_t *session = session_at(at);
        if (!session->shared && strcmp(session->principal, principal) == 0) count++;
    }
    return count;
}

static th_session_t *session_new(th_sessions_t *sessions, const th_grant_t *grant, bool shared,
                                 th_error_t *error) {
    size_t limit = (size_t)sessions->worker->settings->session_count;
    if (sessions->stopping || (sessions->session_count >= limit && !make_room(sessions, NULL))) {
        th_error_set(error, "too_many_sessions",
                     "All %zu sessions of this host are busy. Try again in a minute.", limit);
        return NULL;
    }
    th_session_t *session = calloc(1, sizeof *session);
    if (!session) {
        th_error_set(error, "no_memory", "no memory for a session");
        return NULL;
    }
    session->sessions = sessions;
    session->shared = shared;
    th_random_id(session->id);
    (void)snprintf(session->principal, sizeof session->principal, "%s", grant->entry->principal);
    (void)snprintf(session->org_id, sizeof session->org_id, "%s", grant->entry->org_id);
    th_list_init(&session->link);
    th_list_init(&session->running);
    session->created_at = session->used_at = th_clock_monotonic_ms();
    th_table_t *table = shared ? sessions->sessions_by_principal : sessions->sessions_by_id;
    if (!th_table_put(table, th_slice_of(shared ? session->principal : session->id), session)) {
        free(session);
        th_error_set(error, "no_memory", "no memory for a session");
        return NULL;
    }
    th_list_add_tail(&sessions->by_use, &session->link);
    sessions->session_count++;
    return session;
}

th_session_t *th_session_begin(th_sessions_t *sessions, const th_grant_t *grant,
                               th_error_t *error) {
    const char *principal = grant->entry->principal;
    int64_t limit = sessions->worker->settings->session_per_principal;
    /* Clients that crash never say goodbye: their longest unused session makes room. */
    if (count_of(sessions, principal) >= limit && !make_room(sessions, principal)) {
        th_error_set(error, "too_many_sessions",
                     "This person already has %lld sessions, and calls are running in all of them. "
                     "End one, or wait for a call to finish.",
                     (long long)limit);
        return NULL;
    }
    th_session_t *session = session_new(sessions, grant, false, error);
    if (session)
        th_log(sessions->worker->log, TH_LOG_INFO, "session", "principal=%s session begins",
               principal);
    return session;
}

th_session_t *th_session_of_principal(th_sessions_t *sessions, const th_grant_t *grant,
                                      th_error_t *error) {
    th_session_t *session =
        th_table_get(sessions->sessions_by_principal, th_slice_of(grant->entry->principal));
    if (!session) return session_new(sessions, grant, true, error);
    th_session_touch(session);
    return session;
}

th_session_t *th_session_find(th_sessions_t *sessions, th_slice_t id, const th_grant_t *grant) {
    th_session_t *session = th_table_get(sessions->sessions_by_id, id);
    if (!session || strcmp(session->principal, grant->entry->principal) != 0) return NULL;
    if (session->consent) return NULL; /* held by its owner, found by nobody (consent.h) */
    if (has_expired(session, th_clock_monotonic_ms())) {
        th_session_end(session);
        return NULL;
    }
    th_session_touch(session);
    return session;
}

const char *th_session_id(const th_session_t *session) {
    return session->id;
}

void th_session_set_attachment(th_session_t *session, void *attachment, void (*drop)(void *)) {
    session->attachment = attachment;
    session->drop = drop;
}

void *th_session_attachment(const th_session_t *session) {
    return session->attachment;
}

/* --- the life of it all -------------------------------------------------------------------------
 */

static void close_handles_when_done(th_sessions_t *sessions) {
    bool idle = th_list_is_empty(&sessions->ending) && th_list_is_empty(&sessions->finished);
    if (!sessions->stopping || sessions->handles_closed || !idle) return;
    sessions->handles_closed = true;
    uv_close((uv_handle_t *)&sessions->tick, NULL);
    uv_close((uv_handle_t *)&sessions->turn, NULL);
}

static void on_turn(uv_idle_t *idle) {
    th_sessions_t *sessions = idle->data;
    uv_idle_stop(idle); /* woken again by whatever needs another turn */
    th_running_turn(sessions);
    free_ended(sessions);
    close_handles_when_done(sessions);
}

static void on_stop(th_worker_part_t *part) {
    th_sessions_t *sessions = TH_CONTAINER(part, th_sessions_t, part);
    sessions->stopping = true;
    th_verifications_stop(sessions);
    while (!th_list_is_empty(&sessions->by_use))
        th_session_end(session_at(sessions->by_use.next));
    th_sessions_wake(sessions);
}

static bool make_tables(th_sessions_t *sessions) {
    const th_settings_t *settings = sessions->worker->settings;
    size_t limit = (size_t)settings->session_count;
    sessions->entry_maximum = limit * 2;
    sessions->entries_by_digest = th_table_new(sessions->entry_maximum);
    sessions->sessions_by_id = th_table_new(limit);
    sessions->sessions_by_principal = th_table_new(limit);
    return sessions->entries_by_digest && sessions->sessions_by_id &&
           sessions->sessions_by_principal;
}

static void free_sessions(th_sessions_t *sessions) {
    th_table_free(sessions->entries_by_digest);
    th_table_free(sessions->sessions_by_id);
    th_table_free(sessions->sessions_by_principal);
    th_vault_close(sessions->vault);
    th_json_unref(sessions->no_arguments);
    th_catalogue_unref(sessions->catalogue);
    explicit_bzero(sessions, sizeof *sessions); /* the hashing key */
    free(sessions);
}

th_sessions_t *th_sessions_open(th_worker_t *worker, const unsigned char key[static 32],
                                th_catalogue_t *catalogue, th_error_t *error) {
    th_sessions_t *sessions = calloc(1, sizeof *sessions);
    if (!sessions) {
        th_error_set(error, "no_memory", "no memory for sessions");
        return NULL;
    }
    sessions->worker = worker;
    memcpy(sessions->key, key, sizeof sessions->key);
    th_list_init(&sessions->entries);
    th_list_init(&sessions->by_use);
    th_list_init(&sessions->ending);
    th_list_init(&sessions->queue);
    th_list_init(&sessions->finished);
    th_list_init(&sessions->token_waits);
    unsigned workers = worker->count ? worker->count : 1;
    sessions->running_limit =
        ((unsigned)worker->settings->session_calls_total + workers - 1) / workers;
    sessions->catalogue = th_catalogue_ref(catalogue);
    bool made = make_tables(sessions);
    sessions->vault = made ? th_vault_open(sessions->entry_maximum, error) : NULL;
    sessions->no_arguments =
        th_json_parse(worker->parser, TH_SLICE("{}"), &th_json_limits_request, error);
    if (!sessions->vault || !sessions->no_arguments) {
        if (!made) th_error_set(error, "no_memory", "no memory for sessions");
        free_sessions(sessions);
        return NULL;
    }
    uv_timer_init(&worker->loop, &sessions->tick);
    uv_idle_init(&worker->loop, &sessions->turn);
    sessions->tick.data = sessions->turn.data = sessions;
    uint64_t interval = tick_interval(worker->settings);
    uv_timer_start(&sessions->tick, on_tick, interval, interval);
    sessions->turn.idle_cb = on_turn;
    sessions->part.stop = on_stop;
    th_worker_add_part(worker, &sessions->part);
    return sessions;
}

void th_sessions_close(th_sessions_t *sessions) {
    if (!sessions) return;
    while (!th_list_is_empty(&sessions->entries))
        th_entry_drop(TH_CONTAINER(sessions->entries.next, th_entry_t, link));
    free_sessions(sessions);
}

void th_sessions_set_auth(th_sessions_t *sessions, th_auth_t *auth) {
    sessions->auth = auth;
}

void th_sessions_set_catalogue(th_sessions_t *sessions, th_catalogue_t *catalogue) {
    th_catalogue_t *old = sessions->catalogue;
    sessions->catalogue = th_catalogue_ref(catalogue);
    th_catalogue_unref(old);
}

th_catalogue_t *th_sessions_catalogue(const th_sessions_t *sessions) {
    return sessions->catalogue;
}
