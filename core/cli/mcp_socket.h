/* mcp_socket.h - MCP over WebSocket: the subprotocol `mcp`, one JSON-RPC message in each text
 * message, the rules of stdio (core/mcp's pipe). Off the specification, which leaves it to custom
 * transports. The upgrade carries the credential; what arrives before it is verified waits,
 * bounded. A connection lives on the worker that accepted it. */
#ifndef TH_CLI_MCP_SOCKET_H
#define TH_CLI_MCP_SOCKET_H

#include "mcp/mcp.h"
#include "net/websocket.h"

/* The sockets of one worker. */
typedef struct th_mcp_sockets {
    th_worker_t *worker;
    th_sessions_t *sessions;
    th_mcp_t *mcp;
    th_list_t list;
} th_mcp_sockets_t;

void th_mcp_sockets_open(th_mcp_sockets_t *sockets, th_worker_t *worker, th_sessions_t *sessions,
                         th_mcp_t *mcp);
/* Requests of all of them that have no answer yet. */
size_t th_mcp_sockets_pending(const th_mcp_sockets_t *sockets);

/* For a th_websocket_endpoint_t whose arg is a th_mcp_sockets_t. */
extern const th_websocket_handlers_t th_mcp_socket_handlers;

#endif
