/* worker.h - one worker: a thread, a libuv loop, and what every part on that thread shares.
 * Everything that lives on a thread hangs off its th_worker_t; workers share nothing and speak by
 * messages (th_worker_post). The parts find each other's data through typed pointers set at start
 * by core/cli/serve.c; a pointer is NULL where the program runs without that part. Closing is a
 * state: th_worker_stop() starts it, parts registered with th_worker_on_stop() close their handles,
 * and the loop runs dry. */
#ifndef TH_LOOP_WORKER_H
#define TH_LOOP_WORKER_H

#include <stdbool.h>
#include <uv.h>

#include "base/list.h"
#include "base/log.h"
#include "config/settings.h"
#include "date/zone.h"
#include "json/document.h"

typedef struct th_fetcher th_fetcher_t;
typedef struct th_worker th_worker_t;

/* A part that must close its handles when the worker stops. Linked by the part, called once. */
typedef struct th_worker_part {
    th_list_t link;
    void (*stop)(struct th_worker_part *part);
} th_worker_part_t;

/* A message: made by the sender (malloc), run on the receiving worker, freed by <run>. */
typedef struct th_worker_message {
    th_list_t link;
    void (*run)(th_worker_t *worker, struct th_worker_message *message);
} th_worker_message_t;

struct th_worker {
    uv_loop_t loop;
    unsigned number;                       /* 0 .. count-1 */
    unsigned count;                        /* how many workers there are */
    th_worker_t **peers;                   /* borrowed: all workers by number, this one included */
    const th_settings_t *settings;         /* borrowed, immutable while the worker runs */
    const th_log_t *log;                   /* borrowed, immutable */
    th_json_parser_t *parser;              /* owned */
    th_zones_t *zones;                     /* owned: time zones read so far */
    th_fetcher_t *fetcher;                 /* owned: HTTP client */
    struct lws_context *websocket_context; /* owned by net/websocket; NULL until first needed */
    th_list_t parts;
    bool stopping;

    uv_async_t wake;
    uv_mutex_t inbox_lock; /* guards inbox only; never held while running anything */
    th_list_t inbox;
    unsigned inbox_count; /* bounded by settings->worker_inbox */
};

/* Opens the loop, parser and fetcher. False with <error>; nothing stays open then. */
bool th_worker_open(th_worker_t *worker, unsigned number, const th_settings_t *settings,
                    const th_log_t *log, th_error_t *error);
/* Runs until stopped and every handle is closed. <count> is 1 and <peers> NULL unless the caller
 * sets them between open and run. */
void th_worker_run(th_worker_t *worker);
/* After run returned (or instead of it): frees what open made. */
void th_worker_close(th_worker_t *worker);

/* Parts are stopped in the order they were added. Added to a stopping worker, a part is stopped at
 * once, from inside this call: add it when it is whole. */
void th_worker_add_part(th_worker_t *worker, th_worker_part_t *part);
/* Safe on a part that was stopped, or whose link is initialised and was never added. */
void th_worker_remove_part(th_worker_part_t *part);

/* From any thread. False when the inbox is full or the worker is stopping: the message still
 * belongs to the sender then. An accepted message is always run, at the latest while the worker
 * stops (then worker->stopping is set). Not after th_worker_close(). */
bool th_worker_post(th_worker_t *worker, th_worker_message_t *message);
/* From the worker's own thread: runs what is left in the inbox, stops all parts, ends all fetches,
 * closes own handles. Idempotent. */
void th_worker_stop(th_worker_t *worker);

#endif
