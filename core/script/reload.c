/* reload.c - watches, waits until it is quiet, loads on libuv's pool, and hands the result over.
 * One load at a time: a change during a load is followed by another load. The watches are set anew
 * when the set of directories (by path and inode) is not the one that is watched, and then it is
 * loaded once more, since something may have changed between looking and watching. On the loop's
 * thread, but for load_in_pool(), which touches only `load_settings`, `planned`, `loaded` and
 * `problems` while `loading` is true, when nobody else does. */
#include "script/reload.h"

#include <stdlib.h>
#include <string.h>

#include "script/reload_parts.h"

/* Changes that never stop cannot put a load off for longer than this many settle times. */
#define SETTLE_TIMES_MAX 10

typedef struct th_watch {
    uv_fs_event_t handle;
    th_list_t link;
    th_reload_t *reload;
    char only[256];
} th_watch_t;

struct th_reload {
    th_worker_part_t part;
    th_worker_t *worker;
    void (*fresh)(void *arg, th_catalogue_t *catalogue);
    void *arg;
    uv_timer_t settle;
    uint64_t first_change; /* uv_now of the first change not loaded yet */
    uv_work_t work;
    th_list_t watches;
    th_watch_plan_t watched; /* what the watches stand for */
    th_watch_plan_t planned;
    const th_settings_t *load_settings; /* of this load: the worker may get others meanwhile */
    th_catalogue_t *loaded;
    th_problems_t problems;
    th_catalogue_t *current; /* a reference, or NULL */
    th_digest_t told;        /* of the problems last logged, so that they are not told again */
    bool broken;             /* the last load had problems */
    bool loading, again, stopping;
    bool asked, asked_again; /* by th_reload_now(), for this load and for the next one */
};

static void on_settled(uv_timer_t *timer);

/* ---- watches ---- */

static void touch(th_reload_t *reload) {
    if (reload->stopping) return;
    uint64_t settle = (uint64_t)reload->worker->settings->script_reload_settle;
    uint64_t now = uv_now(&reload->worker->loop);
    if (!uv_is_active((uv_handle_t *)&reload->settle))
        reload->first_change = now;
    else if (now - reload->first_change > SETTLE_TIMES_MAX * settle)
        return; /* the timer that runs is the last one */
    uv_timer_start(&reload->settle, on_settled, settle, 0);
}

static void on_change(uv_fs_event_t *handle, const char *name, int events, int status) {
    th_watch_t *watch = handle->data;
    (void)events;
    if (status == 0 && name) {
        if (watch->only[0] ? strcmp(name, watch->only) != 0 : th_tool_name_ignored(name)) return;
    }
    touch(watch->reload);
}

static void on_watch_closed(uv_handle_t *handle) {
    free(handle->data);
}

static void close_watches(th_list_t *watches) {
    while (!th_list_is_empty(watches)) {
        th_watch_t *watch = TH_CONTAINER(watches->next, th_watch_t, link);
        th_list_remove(&watch->link);
        uv_close((uv_handle_t *)&watch->handle, on_watch_closed);
    }
}

static void open_watch(th_reload_t *reload, const th_watch_place_t *place) {
    th_watch_t *watch = calloc(1, sizeof *watch);
    int failure = watch ? uv_fs_event_init(&reload->worker->loop, &watch->handle) : UV_ENOMEM;
    if (failure == 0) {
        watch->reload = reload;
        watch->handle.data = watch;
        memcpy(watch->only, place->only, sizeof watch->only);
        th_list_add_tail(&reload->watches, &watch->link);
        failure = uv_fs_event_start(&watch->handle, on_change, place->path, 0);
    } else {
        free(watch);
    }
    if (failure != 0 && failure != UV_ENOENT) /* gone already: the one above it tells */
        th_log(reload->worker->log, TH_LOG_WARNING, "script",
               "tools: cannot watch %s: %s; a change there needs a HUP", place->path,
               uv_strerror(failure));
}

/* Takes over <plan>. True when it differs from what was watched. The old watches close after the
 * new ones opened: libuv keeps one kernel watch per directory, so no change is missed. */
static bool watch_plan(th_reload_t *reload, th_watch_plan_t *plan) {
    if (th_watch_plan_equal(&reload->watched, plan)) {
        th_watch_plan_free(plan);
        return false;
    }
    th_list_t old;
    th_list_init(&old);
    while (!th_list_is_empty(&reload->watches)) {
        th_list_t *node = reload->watches.next;
        th_list_remove(node);
        th_list_add_tail(&old, node);
    }
    for (size_t i = 0; i < plan->count; i++)
        open_watch(reload, &plan->places[i]);
    close_watches(&old);
    th_watch_plan_free(&reload->watched);
    reload->watched = *plan;
    *plan = (th_watch_plan_t){NULL, 0};
    return true;
}

/* ---- loading ---- */

static void load_in_pool(uv_work_t *work) {
    th_reload_t *reload = work->data;
    const th_settings_t *settings = reload->load_settings;
    if (settings->script_reload) (void)th_watch_plan_make(&reload->planned, settings);
    reload->loaded = th_catalogue_load(settings, NULL, &reload->problems);
}

static void publish(th_reload_t *reload, bool asked) {
    const th_log_t *log = reload->worker->log;
    th_catalogue_t *loaded = reload->loaded;
    reload->loaded = NULL;
    if (reload->current && th_catalogue_same(reload->current, loaded)) {
        th_log(log, asked || reload->broken ? TH_LOG_NOTICE : TH_LOG_DEBUG, "script",
               "tools: nothing changed, generation %llu stays",
               (unsigned long long)th_catalogue_generation(reload->current));
        th_catalogue_unref(loaded);
    } else {
        th_reload_report_fresh(log, reload->current, loaded);
        th_catalogue_unref(reload->current);
        reload->current = th_catalogue_ref(loaded);
        reload->fresh(reload->arg, loaded);
    }
    reload->broken = false;
}

static void refuse(th_reload_t *reload, bool asked) {
    const th_slice_t list = {(const char *)reload->problems.list,
                             reload->problems.count * sizeof *reload->problems.list};
    th_digest_t digest = th_hash_parts(NULL, &list, 1);
    if (asked || !reload->broken || !th_digest_equal(&digest, &reload->told))
        th_reload_report_problems(reload->worker->log, &reload->problems, reload->current);
    reload->told = digest;
    reload->broken = true;
}

static void on_loaded(uv_work_t *work, int status) {
    th_reload_t *reload = work->data;
    reload->loading = false;
    if (reload->stopping || status != 0) { /* cancelled, or of no use any more */
        th_catalogue_unref(reload->loaded);
        reload->loaded = NULL;
        th_watch_plan_free(&reload->planned);
        return;
    }
    bool asked = reload->asked, again = reload->again;
    reload->asked = reload->asked_again;
    reload->again = reload->asked_again = false;
    if (reload->planned.count > 0 && watch_plan(reload, &reload->planned)) again = true;
    if (reload->loaded)
        publish(reload, asked);
    else
        refuse(reload, asked);
    if (again) touch(reload);
}

static void start_load(th_reload_t *reload) {
    if (reload->stopping) return;
    uv_timer_stop(&reload->settle);
    if (reload->loading) {
        reload->again = true;
        return;
    }
    reload->work.data = reload;
    reload->load_settings = reload->worker->settings;
    int failure = uv_queue_work(&reload->worker->loop, &reload->work, load_in_pool, on_loaded);
    reload->loading = failure == 0;
    if (failure != 0)
        th_log(reload->worker->log, TH_LOG_ERROR, "script", "tools: cannot start loading: %s",
               uv_strerror(failure));
}

static void on_settled(uv_timer_t *timer) {
    start_load(timer->data);
}

/* ---- life ---- */

static void stop(th_worker_part_t *part) {
    th_reload_t *reload = TH_CONTAINER(part, th_reload_t, part);
    if (reload->stopping) return;
    reload->stopping = true;
    close_watches(&reload->watches);
    uv_close((uv_handle_t *)&reload->settle, NULL);
    if (reload->loading) uv_cancel((uv_req_t *)&reload->work); /* else it ends by itself, bounded */
}

th_reload_t *th_reload_open(th_worker_t *worker,
                            void (*fresh)(void *arg, th_catalogue_t *catalogue), void *arg,
                            th_error_t *error) {
    th_reload_t *reload = calloc(1, sizeof *reload);
    if (!reload || uv_timer_init(&worker->loop, &reload->settle) != 0) {
        free(reload);
        th_error_set(error, "no_memory", "no memory for watching the tools directory");
        return NULL;
    }
    reload->worker = worker;
    reload->fresh = fresh;
    reload->arg = arg;
    reload->settle.data = reload;
    th_list_init(&reload->watches);
    th_watch_plan_t plan;
    if (worker->settings->script_reload && th_watch_plan_make(&plan, worker->settings))
        (void)watch_plan(reload, &plan);
    reload->part.stop = stop;
    th_worker_add_part(worker, &reload->part);
    return reload;
}

void th_reload_use(th_reload_t *reload, th_catalogue_t *current) {
    th_catalogue_t *before = reload->current;
    reload->current = current ? th_catalogue_ref(current) : NULL;
    th_catalogue_unref(before);
}

void th_reload_now(th_reload_t *reload) {
    if (reload->loading)
        reload->asked_again = true;
    else
        reload->asked = true;
    start_load(reload);
}

void th_reload_close(th_reload_t *reload) {
    if (!reload) return;
    th_worker_remove_part(&reload->part);
    th_catalogue_unref(reload->current);
    th_watch_plan_free(&reload->watched);
    free(reload);
}
