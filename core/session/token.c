/* token.c - a token that came before its issuer's keys did: it waits in the vault, and the question
 * is asked again when they are here. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/internal.h"

#define LINE_START "Authorization: Bearer "

static void stop_waiting(th_verification_t *verification) {
    th_list_remove(&verification->link);
    th_list_remove(&verification->keys.link);
    th_vault_release(verification->sessions->vault, verification->secret);
    verification->secret = NULL;
}

static th_question_t question_of(th_verification_t *verification) {
    return (th_question_t){.sessions = verification->sessions,
                           .done = verification->done,
                           .arg = verification->arg,
                           .handle = verification};
}

static void on_keys(th_auth_waiter_t *waiter) {
    th_verification_t *verification = TH_CONTAINER(waiter, th_verification_t, keys);
    char line[sizeof LINE_START + TH_SECRET_MAX], org_id[TH_ORG_ID_SIZE];
    th_question_t question = question_of(verification);
    size_t length = th_secret_authorization(verification->secret, line, sizeof line);
    stop_waiting(verification);
    memcpy(org_id, verification->org_id, sizeof org_id);
    if (length >= sizeof LINE_START)
        question.api_key = th_slice(line + sizeof LINE_START - 1, length - (sizeof LINE_START - 1));
    if (verification->names_org) question.org_id = th_slice_of(org_id);
    (void)th_question_ask(&question); /* a new wait keeps the handle that the asker has */
    sodium_memzero(line, sizeof line);
}

th_verification_t *th_token_wait(th_question_t *question) {
    th_sessions_t *sessions = question->sessions;
    th_error_t why = {0};
    th_verification_t *handle = question->handle ? question->handle : calloc(1, sizeof *handle);
    if (!handle) {
        th_error_set(&why, "no_memory", "no memory for a verification");
        th_question_refuse(question, TH_REFUSAL_BUSY, &why);
        return NULL;
    }
    question->handle = handle;
    th_list_init(&handle->link);
    th_list_init(&handle->keys.link);
    handle->done = question->done;
    handle->arg = question->arg;
    handle->sessions = sessions;
    handle->names_org = question->org_id.length > 0;
    (void)snprintf(handle->org_id, sizeof handle->org_id, "%.*s", (int)question->org_id.length,
                   question->org_id.length ? question->org_id.data : "");
    handle->secret = question->org_id.length < sizeof handle->org_id
                         ? th_vault_keep(sessions->vault, question->api_key, &why)
                         : NULL;
    if (!handle->secret) {
        th_question_refuse(question, TH_REFUSAL_BUSY, &why);
        return NULL;
    }
    handle->keys.ready = on_keys;
    th_list_add_tail(&sessions->token_waits, &handle->link);
    th_auth_wait(sessions->auth, &handle->keys);
    return handle;
}

void th_token_waits_stop(th_sessions_t *sessions) {
    th_error_t why;
    th_error_set(&why, "unavailable", "The host is shutting down.");
    while (!th_list_is_empty(&sessions->token_waits)) {
        th_verification_t *verification =
            TH_CONTAINER(sessions->token_waits.next, th_verification_t, link);
        th_question_t question = question_of(verification);
        stop_waiting(verification);
        th_question_refuse(&question, TH_REFUSAL_UNAVAILABLE, &why);
    }
}
