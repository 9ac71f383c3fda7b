/* reload.h - watches the tools directory and makes a new generation when it has been quiet for
 * settings->script_reload_settle after a change. Loading happens on libuv's pool; the loop only
 * swaps. A directory with a problem changes nothing: the log names file, line and hint. What did
 * not really change (the same definitions) makes no new generation. Works when an editor saves by
 * renaming, and when the directory is replaced, or missing and comes back. script.library is
 * watched too. With settings->script_reload off only th_reload_now() loads. */
#ifndef TH_SCRIPT_RELOAD_H
#define TH_SCRIPT_RELOAD_H

#include "loop/worker.h"
#include "script/catalogue.h"

typedef struct th_reload th_reload_t;

/* <fresh> is called on <worker>'s thread with a new catalogue (a reference that it takes over).
 * Registers itself as a worker part. Looks at the directory once (blocking: for start-up) but loads
 * nothing. NULL with <error>. */
th_reload_t *th_reload_open(th_worker_t *worker,
                            void (*fresh)(void *arg, th_catalogue_t *catalogue), void *arg,
                            th_error_t *error);
/* Says which generation is in use (a reference is taken), so that an unchanged directory makes no
 * new one and the log can say what changed. Later generations are known by themselves. */
void th_reload_use(th_reload_t *reload, th_catalogue_t *current);
/* Load now, whatever changed (HUP). */
void th_reload_now(th_reload_t *reload);
/* After the worker's loop ran dry. NULL is fine. */
void th_reload_close(th_reload_t *reload);

#endif
