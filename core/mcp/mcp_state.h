/* mcp_state.h - what all rooms of this folder share of th_mcp_t. */
#ifndef TH_MCP_MCP_STATE_H
#define TH_MCP_MCP_STATE_H

#include <stdbool.h>

#include "base/list.h"
#include "loop/worker.h"
#include "mcp/mcp.h"
#include "session/session.h"

struct th_mcp {
    th_worker_part_t part;
    th_worker_t *worker;     /* borrowed */
    th_sessions_t *sessions; /* borrowed */
    th_list_t listeners;     /* th_listener_t.link: whoever is told of changes of the tools */
    bool draining;           /* no new standing streams */
};

/* Someone who hears of changes without having asked for one thing: a GET stream, a pipe. */
typedef struct th_listener {
    th_list_t link;
    /* A JSON-RPC notification; copied. The listener may unlink itself meanwhile. */
    void (*tell)(struct th_listener *listener, th_slice_t message);
    /* The host stops: end the stream. May be NULL. */
    void (*finish)(struct th_listener *listener);
} th_listener_t;

/* HTTP statuses for "the host cannot take this now". */
#define TH_MCP_RETRY_AFTER "1"

#endif
