/* mcp.c - opening, closing, and telling clients what changed. */
#include "mcp/mcp.h"

#include <stdlib.h>

#include "mcp/http_old.h"
#include "mcp/job.h"
#include "mcp/listen.h"
#include "mcp/mcp_state.h"
#include "mcp/task.h"

/* Per worker, whatever the limits per person. */
#define TASKS_MAX 100000
#define OLD_STREAMS_MAX 10000

static void stop(th_worker_part_t *part) {
    th_mcp_t *mcp = TH_CONTAINER(part, th_mcp_t, part);

    th_mcp_drain(mcp);
    th_deadlines_close(&mcp->deadlines);
}

/* What clients see of a list, to find out whether it changed. */
static th_digest_t digest_of(const th_catalogue_t *catalogue, th_list_kind_t kind) {
    th_slice_t list = th_catalogue_list(catalogue, kind, TH_TOOL_LIST_2025_11_25);

    return th_hash_parts(NULL, &list, 1);
}

static void remember_lists(th_mcp_t *mcp) {
    const th_catalogue_t *catalogue = th_sessions_catalogue(mcp->sessions);

    for (int kind = 0; kind < TH_LISTS; kind++)
        mcp->lists[kind] = digest_of(catalogue, (th_list_kind_t)kind);
}

th_mcp_t *th_mcp_open(th_worker_t *worker, th_sessions_t *sessions, th_error_t *error) {
    th_mcp_t *mcp = calloc(1, sizeof *mcp);

    if (mcp) {
        mcp->tasks = th_table_new(TASKS_MAX);
        mcp->old_streams = th_table_new(OLD_STREAMS_MAX);
    }
    if (!mcp || !mcp->tasks || !mcp->old_streams) {
        th_error_set(error, "no_memory", "out of memory");
        if (mcp) th_table_free(mcp->tasks);
        free(mcp);
        return NULL;
    }
    mcp->worker = worker;
    mcp->sessions = sessions;
    th_sessions_derive_key(sessions, "mcp requestState", mcp->key);
    th_deadlines_open(&mcp->deadlines, &worker->loop);
    mcp->events.maximum = (size_t)worker->settings->mcp_resume_total;
    th_list_init(&mcp->peers);
    th_list_init(&mcp->listens);
    th_list_init(&mcp->jobs);
    th_list_init(&mcp->task_list);
    remember_lists(mcp);
    mcp->part.stop = stop;
    th_worker_add_part(worker, &mcp->part);
    return mcp;
}

void th_mcp_drain(th_mcp_t *mcp) {
    mcp->draining = true;
    th_listens_finish(mcp);
    th_peers_finish(mcp);
    th_http_old_finish(mcp);
}

void th_mcp_tools_changed(th_mcp_t *mcp) {
    th_digest_t before[TH_LISTS];
    bool resources;

    memcpy(before, mcp->lists, sizeof before);
    remember_lists(mcp);
    resources = !th_digest_equal(&before[TH_LIST_RESOURCES], &mcp->lists[TH_LIST_RESOURCES]) ||
                !th_digest_equal(&before[TH_LIST_TEMPLATES], &mcp->lists[TH_LIST_TEMPLATES]);
    /* Tools always: what they do may have changed although what is listed has not. */
    th_mcp_tell(mcp, NULL, TH_CHANGED_TOOLS, th_slice(NULL, 0));
    if (!th_digest_equal(&before[TH_LIST_PROMPTS], &mcp->lists[TH_LIST_PROMPTS]))
        th_mcp_tell(mcp, NULL, TH_CHANGED_PROMPTS, th_slice(NULL, 0));
    if (resources) th_mcp_tell(mcp, NULL, TH_CHANGED_RESOURCES, th_slice(NULL, 0));
}

void th_mcp_close(th_mcp_t *mcp) {
    if (!mcp) return;
    th_worker_remove_part(&mcp->part);
    th_tasks_clear(mcp);
    /* Whoever is left must not point at freed memory. */
    while (!th_list_is_empty(&mcp->peers))
        th_list_remove(mcp->peers.next);
    while (!th_list_is_empty(&mcp->jobs))
        th_list_remove(mcp->jobs.next);
    th_table_free(mcp->tasks);
    th_table_free(mcp->old_streams);
    explicit_bzero(mcp->key, sizeof mcp->key);
    free(mcp);
}
