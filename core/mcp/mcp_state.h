/* mcp_state.h - what all rooms of this folder share of th_mcp_t. */
#ifndef TH_MCP_MCP_STATE_H
#define TH_MCP_MCP_STATE_H

#include <stdbool.h>

#include "base/hash.h"
#include "base/list.h"
#include "base/table.h"
#include "loop/deadline.h"
#include "loop/worker.h"
#include "mcp/event_log.h"
#include "mcp/mcp.h"
#include "session/session.h"

struct th_mcp {
    th_worker_part_t part;
    th_worker_t *worker;     /* borrowed */
    th_sessions_t *sessions; /* borrowed */
    unsigned char key[32];   /* of requestState; the same on all workers */
    th_deadlines_t deadlines;
    th_list_t peers;     /* th_peer_t.link: legacy sessions and pipes, told of what changes */
    th_list_t listens;   /* th_listen_t.link: subscriptions/listen under way */
    th_list_t jobs;      /* th_job_t.link: all */
    th_table_t *tasks;   /* id -> th_task_t */
    th_list_t task_list; /* th_task_t.link: oldest first */
    size_t task_bytes;   /* of results that are kept */
    th_event_budget_t events;
    th_table_t *old_streams;     /* session id -> th_old_stream_t: the transport of 2024-11-05 */
    th_digest_t lists[TH_LISTS]; /* as clients saw them last */
    bool draining;               /* no new standing streams */
};

#define TH_PRINCIPAL_SIZE 17
#define TH_ORG_SIZE 64

/* HTTP statuses for "the host cannot take this now". */
#define TH_MCP_RETRY_AFTER "1"

#endif
