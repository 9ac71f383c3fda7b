/* handlers.h - runs the `on` handlers of an event, in a Lua state of the organisation's own.
 * A handler acts for nobody: there is no credential behind it, so call.api refuses, call.ask finds
 * nobody to ask, and call.user is empty; call.org has the organisation's id. What it can do is say
 * something (its text goes to the people who may see the event) and tell who listens that something
 * changed. States are made when needed, bounded, and closed after a quiet while. One th_handlers_t
 * per worker; an organisation's events all go to the same worker. */
#ifndef TH_CHAT_HANDLERS_H
#define TH_CHAT_HANDLERS_H

#include "chat/webhook.h"
#include "loop/worker.h"
#include "script/call.h"

typedef struct th_handlers th_handlers_t;

/* What handlers did, told from the loop. Everything is borrowed. */
typedef struct th_handlers_listener {
    /* <handler> said <text>, and <data> (a JSON object, or empty). */
    void (*said)(void *arg, const th_happening_t *happening, const th_item_t *handler,
                 th_slice_t text, th_slice_t data);
    /* call.changed in the organisation <org_id>. */
    void (*changed)(void *arg, const char *org_id, th_changed_t what, th_slice_t uri);
} th_handlers_listener_t;

/* Registers itself as a worker part. NULL with <error>. */
th_handlers_t *th_handlers_open(th_worker_t *worker, const th_handlers_listener_t *listener,
                                void *arg, th_error_t *error);
void th_handlers_close(th_handlers_t *handlers); /* after the loop ran dry; NULL is fine */

/* Has every handler of <catalogue> for this event run, one after the other. False with "busy" (too
 * many or too much wait, or too many organisations have running ones) or "no_memory": nothing was
 * begun. */
bool th_handlers_run(th_handlers_t *handlers, th_catalogue_t *catalogue, th_happening_t *happening,
                     th_error_t *error);
size_t th_handlers_pending(const th_handlers_t *handlers);

#endif
