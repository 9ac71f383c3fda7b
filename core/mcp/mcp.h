/* mcp.h - the Model Context Protocol, server side: messages in, messages out.
 * Two ways in: HTTP exchanges (th_mcp_http) and message pipes such as stdio and, later, WebSocket
 * (th_mcp_pipe_*). The core of it sees only a channel (channel.h): where a reply goes. Wires:
 * 2025-11-25 and the other handshake revisions ("legacy"), and 2026-07-28 ("modern"), told apart
 * per message as requirements.md b.5 says. Knows no sockets. */
#ifndef TH_MCP_MCP_H
#define TH_MCP_MCP_H

#include "base/http_message.h"
#include "loop/worker.h"
#include "session/session.h"

typedef struct th_mcp th_mcp_t;

th_mcp_t *th_mcp_open(th_worker_t *worker, th_sessions_t *sessions, th_error_t *error);
void th_mcp_close(th_mcp_t *mcp); /* after the loop ran dry */

/* The sessions use a new generation of tools: listening clients are told. */
void th_mcp_tools_changed(th_mcp_t *mcp);
/* Told from elsewhere, of organisation <org>: something happened to what the members of <about> (an
 * object of ids) name, so subscribed resources with one of them in their address may read
 * differently now; */
void th_mcp_happened(th_mcp_t *mcp, const char *org, th_json_value_t about);
/* or exactly this changed (<uri> is set for TH_CHANGED_RESOURCE). */
void th_mcp_changed(th_mcp_t *mcp, const char *org, th_changed_t what, th_slice_t uri);
/* Ends the standing streams, which would otherwise wait for ever, and opens no new ones; running
 * requests go on. Called before waiting for them; the worker's stop does it as well. */
void th_mcp_drain(th_mcp_t *mcp);

/* th_http_handler_t for the endpoint's paths; <arg> is the th_mcp_t. Host and Origin were checked
 * by net. */
void th_mcp_http(th_http_exchange_t *exchange, const th_http_request_t *request, void *arg);

/* The credential an HTTP request carries, borrowed from it; empty slices where absent. Shared with
 * the router, which needs it to find the home worker. */
void th_mcp_http_credential(const th_http_request_t *request, th_slice_t *api_key,
                            th_slice_t *org_id);

/* The profile of tools that it asks for, borrowed likewise; empty = none. For
 * th_grant_set_profile. */
th_slice_t th_mcp_http_profile(const th_http_request_t *request);

/* A pipe: one peer, messages both ways, its own credential for as long as it lives. */
typedef struct th_mcp_pipe th_mcp_pipe_t;
typedef struct th_mcp_pipe_operations {
    /* One JSON message without a line end; copied before it returns. False: the peer is too slow or
     * gone. */
    bool (*send)(void *arg, th_slice_t message);
} th_mcp_pipe_operations_t;
/* Takes over <grant>. */
th_mcp_pipe_t *th_mcp_pipe_open(th_mcp_t *mcp, th_grant_t *grant,
                                const th_mcp_pipe_operations_t *operations, void *arg,
                                th_error_t *error);
void th_mcp_pipe_receive(th_mcp_pipe_t *pipe, th_slice_t message);
/* Cancels what runs for it; nothing is sent afterwards. */
void th_mcp_pipe_close(th_mcp_pipe_t *pipe);
/* Requests still unanswered. */
size_t th_mcp_pipe_pending(const th_mcp_pipe_t *pipe);

#endif
