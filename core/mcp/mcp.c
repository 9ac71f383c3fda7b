/* mcp.c - opening, closing, and telling clients that the tools changed. */
#include "mcp/mcp.h"

#include <stdlib.h>

#include "mcp/mcp_state.h"

static void finish_listeners(th_mcp_t *mcp) {
    th_list_t *at = mcp->listeners.next;

    while (at != &mcp->listeners) {
        th_listener_t *listener = TH_CONTAINER(at, th_listener_t, link);
        at = at->next;
        if (listener->finish) listener->finish(listener);
    }
}

static void stop(th_worker_part_t *part) {
    th_mcp_drain(TH_CONTAINER(part, th_mcp_t, part));
}

th_mcp_t *th_mcp_open(th_worker_t *worker, th_sessions_t *sessions, th_error_t *error) {
    th_mcp_t *mcp = calloc(1, sizeof *mcp);

    if (!mcp) {
        th_error_set(error, "no_memory", "out of memory");
        return NULL;
    }
    mcp->worker = worker;
    mcp->sessions = sessions;
    th_list_init(&mcp->listeners);
    mcp->part.stop = stop;
    th_worker_add_part(worker, &mcp->part);
    return mcp;
}

void th_mcp_drain(th_mcp_t *mcp) {
    mcp->draining = true;
    finish_listeners(mcp);
}

void th_mcp_tools_changed(th_mcp_t *mcp) {
    static const char message[] =
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}";
    th_list_t *at = mcp->listeners.next;

    while (at != &mcp->listeners) {
        th_listener_t *listener = TH_CONTAINER(at, th_listener_t, link);
        at = at->next; /* the listener may unlink itself */
        listener->tell(listener, TH_SLICE(message));
    }
}

void th_mcp_close(th_mcp_t *mcp) {
    if (!mcp) return;
    th_worker_remove_part(&mcp->part);
    while (!th_list_is_empty(&mcp->listeners)) /* whoever is left must not point at freed memory */
        th_list_remove(mcp->listeners.next);
    free(mcp);
}
