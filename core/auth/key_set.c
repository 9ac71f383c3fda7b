/* key_set.c - fetching the issuer's key set (RFC 7517): seldom, bounded, and from the one address
 * that settings name; never from one that a token brings along. */
#include <stdio.h>
#include <string.h>

#include "auth/auth_internal.h"
#include "base/clock.h"

#define REFRESH_MS (UINT64_C(60) * 60 * 1000)

/* Tells everyone who waits. They may ask again from inside, so the list is emptied first. */
static void tell_waiters(th_auth_t *auth) {
    th_list_t waiting;
    th_list_init(&waiting);
    while (!th_list_is_empty(&auth->waiters)) {
        th_list_t *node = auth->waiters.next;
        th_list_remove(node);
        th_list_add_tail(&waiting, node);
    }
    while (!th_list_is_empty(&waiting)) {
        th_auth_waiter_t *waiter = TH_CONTAINER(waiting.next, th_auth_waiter_t, link);
        th_list_remove(&waiter->link);
        waiter->ready(waiter);
    }
}

static bool take_set(th_auth_t *auth, th_slice_t body, th_error_t *error) {
    uint64_t now = th_clock_monotonic_ms();
    th_json_document_t *set =
        th_json_parse(auth->worker->parser, body, &th_json_limits_request, error);
    bool taken = set && th_keys_take_set(&auth->keys, th_json_root(set), now,
                                         (uint64_t)auth->worker->settings->auth_key_life, error);
    th_json_unref(set);
    if (taken) auth->refresh_at = now + REFRESH_MS;
    return taken;
}

static void on_fetched(void *arg, th_fetch_t *fetch, const th_fetch_response_t *response) {
    th_auth_t *auth = arg;
    th_error_t why = {0};
    (void)fetch;
    auth->fetch = NULL;
    if (response->outcome != TH_FETCH_DONE)
        th_error_set(&why, "unavailable", "%s", response->message ? response->message : "");
    else if (response->status != 200)
        th_error_set(&why, "unavailable", "it answered with status %d", response->status);
    else if (take_set(auth, response->body, &why))
        th_log(auth->worker->log, TH_LOG_INFO, "auth", "the issuer's keys were fetched: %zu here",
               auth->keys.count);
    if (why.code[0])
        th_log(auth->worker->log, TH_LOG_ERROR, "auth", "the issuer's keys cannot be fetched: %s",
               why.message);
    tell_waiters(auth);
}

bool th_key_set_fetch(th_auth_t *auth) {
    const th_settings_t *settings = auth->worker->settings;
    uint64_t now = th_clock_monotonic_ms();
    char url[TH_AUTH_URL_MAX];
    th_error_t why;
    if (auth->fetch) return true;
    if (auth->has_tried && now - auth->tried_at < (uint64_t)settings->auth_key_pause) return false;
    auth->has_tried = true;
    auth->tried_at = now;
    if (settings->auth_jwks_uri[0]) {
        (void)snprintf(url, sizeof url, "%s", settings->auth_jwks_uri);
    } else {
        size_t length = strlen(settings->auth_issuer);
        bool slash = length > 0 && settings->auth_issuer[length - 1] == '/';
        (void)snprintf(url, sizeof url, "%.*s/.well-known/jwks.json", (int)(length - slash),
                       settings->auth_issuer);
    }
    auth->fetch = th_auth_fetch(auth, url, on_fetched, &why);
    if (!auth->fetch)
        th_log(auth->worker->log, TH_LOG_ERROR, "auth", "the issuer's keys cannot be fetched: %s",
               why.message);
    return auth->fetch != NULL;
}
