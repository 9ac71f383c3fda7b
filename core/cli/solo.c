/* solo.c - one worker, its sessions, and signing in. */
#include "cli/solo.h"

#include <string.h>

#include "base/random.h"

bool th_solo_open(th_solo_t *solo, th_program_t *program, th_catalogue_t *catalogue,
                  th_error_t *error) {
    memset(solo, 0, sizeof(*solo));
    solo->program = program;
    if (!th_worker_open(&solo->worker, 0, &program->settings, &program->log, error)) return false;
    solo->is_open = true;
    solo->peers[0] = &solo->worker;
    solo->worker.peers = solo->peers;
    th_random_bytes(solo->key, sizeof(solo->key));
    solo->sessions = th_sessions_open(&solo->worker, solo->key, catalogue, error);
    return solo->sessions != NULL;
}

void th_solo_end(th_solo_t *solo, int exit_code) {
    if (!solo->worker.stopping) solo->exit_code = exit_code;
    th_worker_stop(&solo->worker);
}

static void on_verified(void *arg, th_grant_t *grant, th_refusal_t refusal, const th_error_t *why) {
    th_solo_t *solo = arg;
    if (grant && !solo->worker.stopping) {
        solo->signed_in(solo->arg, grant);
        return;
    }
    if (grant)
        th_grant_unref(grant);
    else if (refusal != TH_REFUSAL_NONE && !solo->worker.stopping)
        th_program_fail(solo->program, why, TH_EXIT_FAILURE);
    th_solo_end(solo, TH_EXIT_FAILURE);
}

int th_solo_sign_in(th_solo_t *solo, void (*signed_in)(void *arg, th_grant_t *grant), void *arg) {
    th_clear_credential_t credential;
    int code = th_program_credential(solo->program, &credential);
    if (code == TH_EXIT_OK) {
        solo->signed_in = signed_in;
        solo->arg = arg;
        th_sessions_verify(solo->sessions, th_slice_of(credential.api_key),
                           th_slice_of(credential.org_id), on_verified, solo);
    }
    explicit_bzero(&credential, sizeof(credential));
    return code;
}

int th_solo_run(th_solo_t *solo) {
    th_worker_run(&solo->worker);
    return solo->exit_code;
}

void th_solo_close(th_solo_t *solo) {
    if (!solo->is_open) return;
    th_worker_stop(&solo->worker);
    th_worker_run(&solo->worker); /* when it never ran; otherwise nothing is left */
    if (solo->sessions) th_sessions_close(solo->sessions);
    th_worker_close(&solo->worker);
    explicit_bzero(solo->key, sizeof(solo->key));
}
