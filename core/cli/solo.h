/* solo.h - one worker for one person: what stdio and `tool call` run on.
 * Everything happens on the main thread. */
#ifndef TH_CLI_SOLO_H
#define TH_CLI_SOLO_H

#include "cli/program.h"
#include "script/catalogue.h"
#include "session/session.h"

typedef struct th_solo {
    th_program_t *program; /* borrowed */
    th_worker_t worker;
    th_worker_t *peers[1];
    bool is_open;
    unsigned char key[32];
    th_sessions_t *sessions;
    void (*signed_in)(void *arg, th_grant_t *grant);
    void *arg;
    int exit_code; /* of th_solo_run() */
} th_solo_t;

/* False with <error>; th_solo_close() is due in both cases. */
bool th_solo_open(th_solo_t *solo, th_program_t *program, th_catalogue_t *catalogue,
                  th_error_t *error);
/* Gets the credential, verifies it with the API, wipes it, and calls <signed_in> (now or while
 * running), which takes over the grant. When the credential is refused the run ends with an exit
 * code and a message on standard error instead. Returns 0 or the exit code when there is no
 * credential. */
int th_solo_sign_in(th_solo_t *solo, void (*signed_in)(void *arg, th_grant_t *grant), void *arg);
/* Ends the run with that code. */
void th_solo_end(th_solo_t *solo, int exit_code);
/* Runs until the end; returns the exit code. */
int th_solo_run(th_solo_t *solo);
/* Between th_solo_run() and th_solo_close() others close what they opened on the worker. */
void th_solo_close(th_solo_t *solo);

#endif
