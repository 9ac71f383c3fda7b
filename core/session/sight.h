/* sight.h - whether a person may see a task or a process, asked of the API in their own name.
 * For news that came by another way than their own request (chat/audience.h): Tallyfy decides who
 * sees what, so Tallyfy is asked. One GET; nothing of the answer but yes or no is kept. */
#ifndef TH_SESSION_SIGHT_H
#define TH_SESSION_SIGHT_H

#include "session/session.h"

typedef struct th_sight th_sight_t;

typedef enum th_sight_of { TH_SIGHT_PROCESS, TH_SIGHT_ONE_OFF } th_sight_of_t;

typedef enum th_sight_verdict {
    TH_SIGHT_SEES,
    TH_SIGHT_BLIND,   /* not there, or not for them */
    TH_SIGHT_UNKNOWN, /* the API could not be asked */
} th_sight_verdict_t;

typedef void (*th_sight_told_t)(void *arg, th_sight_verdict_t verdict);

/* Asks about the process or one-off task <id> (copied). <told> is called once, never from inside;
 * the grant is kept until then. NULL with <error>. */
th_sight_t *th_sight_ask(th_grant_t *grant, th_sight_of_t of, th_slice_t id, th_sight_told_t told,
                         void *arg, th_error_t *error);
/* <told> will not be called; the grant is let go. NULL is fine; not inside <told>. */
void th_sight_cancel(th_sight_t *sight);

#endif
