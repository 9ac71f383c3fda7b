/* server.c - opens, drains and closes one worker's parts. */
#include "cli/server.h"

#include <string.h>

#include "base/clock.h"
#include "chat/protocol.h"
#include "cli/chat_page.h"
#include "cli/health.h"
#include "cli/host.h"

#define DRAIN_TICK_MS 10

static unsigned home_of(void *arg, const th_http_request_t *request) {
    th_server_t *server = arg;
    th_slice_t api_key, org_id;
    th_mcp_http_credential(request, &api_key, &org_id);
    /* Without a credential there is nothing to share: it is refused where it came in. */
    if (api_key.length == 0) return server->worker.number;
    return th_sessions_home(server->sessions, api_key, org_id);
}

static void answer(th_http_exchange_t *exchange, const th_http_request_t *request, void *arg) {
    th_server_t *server = arg;
    th_mcp_http(exchange, request, server->mcp);
}

#define MCP_METHODS (1u << TH_HTTP_GET | 1u << TH_HTTP_POST | 1u << TH_HTTP_DELETE)

static bool open_front(th_server_t *server, const char *listen, th_error_t *error) {
    const th_http_route_t mcp = {.path = "/mcp",
                                 .methods = MCP_METHODS,
                                 .handler = th_router_http,
                                 .arg = server->router,
                                 .cross_origin = true};
    const th_http_route_t health = {.path = "/healthz",
                                    .methods = 1u << TH_HTTP_GET,
                                    .handler = th_health_alive,
                                    .arg = server->host};
    /* Documents that anybody's page may read; a path with the endpoint's behind it as well. */
    const th_http_route_t resource = {.path = "/.well-known/oauth-protected-resource",
                                      .methods = 1u << TH_HTTP_GET,
                                      .handler = th_auth_resource_document,
                                      .arg = server->auth,
                                      .cross_origin = true,
                                      .any_origin = true};
    th_http_route_t routes[] = {mcp,      mcp,      health, health, resource, resource,
                                resource, resource, mcp,    mcp,    mcp};
    routes[1].path = "/";
    routes[3].path = "/readyz";
    routes[3].handler = th_health_ready;
    routes[5].path = "/.well-known/oauth-protected-resource/*";
    routes[6].path = "/.well-known/oauth-authorization-server";
    routes[6].handler = th_auth_server_document;
    routes[7].path = "/.well-known/openid-configuration";
    routes[7].handler = th_auth_server_document;
    routes[8].path = "/sse"; /* the transport of 2024-11-05 */
    routes[8].methods = 1u << TH_HTTP_GET;
    routes[9].path = "/messages";
    routes[9].methods = 1u << TH_HTTP_POST;
    size_t webhooks = th_webhooks_route(server->webhooks, &routes[10]);
    const th_http_server_config_t config = {
        .listen = listen,
        .reuse_port = server->worker.count > 1,
        .local_only_hosts = true,
        .routes = routes,
        .route_count = 10 + webhooks,
    };
    server->http = th_http_server_open(&server->worker, &config, error);
    return server->http != NULL;
}

/* The port of those who stay connected: the chat with its page, and MCP over WebSocket. */
static bool open_web(th_server_t *server, const char *listen, th_error_t *error) {
    const th_websocket_endpoint_t mcp = {.path = "/mcp",
                                         .subprotocol = "mcp",
                                         .handlers = &th_mcp_socket_handlers,
                                         .arg = &server->sockets};
    th_websocket_endpoint_t endpoints[] = {mcp,
                                           mcp,
                                           {.path = "/chat",
                                            .subprotocol = TH_CHAT_PROTOCOL,
                                            .handlers = &th_chat_socket_handlers,
                                            .arg = &server->chat_sockets}};
    endpoints[1].path = "/";
    th_http_route_t routes[TH_CHAT_PAGE_ROUTES_MAX + 1];
    size_t count = th_chat_page_routes(routes, server->host->program->practice);
    count += th_webhooks_route(server->webhooks, &routes[count]);
    const th_http_server_config_t config = {
        .listen = listen,
        .reuse_port = server->worker.count > 1,
        .local_only_hosts = true,
        .routes = routes,
        .route_count = count,
        .websockets = endpoints,
        .websocket_count = sizeof(endpoints) / sizeof(endpoints[0]),
    };
    if (strcmp(listen, "off") == 0) return true;
    server->chat =
        th_chat_open(&server->worker, server->sessions, server->host->program->model_key, error);
    if (!server->chat) return false;
    th_webhooks_set_chat(server->webhooks, server->chat);
    th_chat_sockets_open(&server->chat_sockets, &server->worker, server->chat,
                         server->host->chat_sockets);
    server->host->chat_sockets[server->worker.number] = &server->chat_sockets;
    server->web = th_http_server_open(&server->worker, &config, error);
    return server->web != NULL;
}

static bool open_webhooks(th_server_t *server, th_error_t *error) {
    const th_webhooks_config_t config = {.worker = &server->worker,
                                         .sessions = server->sessions,
                                         .mcp = server->mcp,
                                         .secret = &server->host->program->webhook_secret,
                                         .peers = server->host->webhooks};
    server->webhooks = th_webhooks_open(&config, error);
    server->host->webhooks[server->worker.number] = server->webhooks;
    return server->webhooks != NULL;
}

static void on_stop(th_worker_part_t *part) {
    th_server_t *server = TH_CONTAINER(part, th_server_t, part);
    uv_close((uv_handle_t *)&server->drain_timer, NULL);
}

bool th_server_open(th_server_t *server, th_host_t *host, unsigned number, const char *listen,
                    const char *web, th_error_t *error) {
    th_worker_t *worker = &server->worker;
    if (!th_worker_open(worker, number, &host->program->settings, &host->program->log, error))
        return false;
    server->host = host;
    worker->count = host->count;
    worker->peers = host->workers;
    host->workers[number] = worker;
    atomic_init(&server->pending, TH_PENDING_UNKNOWN);
    server->part.stop = on_stop;
    uv_timer_init(&worker->loop, &server->drain_timer); /* cannot fail */
    server->drain_timer.data = server;
    th_worker_add_part(worker, &server->part);
    server->auth = th_auth_open(worker, error);
    if (!server->auth) return false;
    server->sessions = th_sessions_open(worker, host->key, host->catalogue, error);
    if (!server->sessions) return false;
    if (worker->settings->auth_mode != TH_AUTH_MODE_KEYS)
        th_sessions_set_auth(server->sessions, server->auth);
    server->mcp = th_mcp_open(worker, server->sessions, error);
    if (!server->mcp) return false;
    th_mcp_sockets_open(&server->sockets, worker, server->sessions, server->mcp);
    server->router = th_router_open(worker, answer, home_of, server, error);
    if (!server->router) return false;
    host->routers[number] = server->router;
    th_router_connect(server->router, host->routers);
    return open_webhooks(server, error) && open_front(server, listen, error) &&
           open_web(server, web, error);
}

/* --- drain ----------------------------------------------------------------------------------- */

static void on_drain_tick(uv_timer_t *timer) {
    th_server_t *server = timer->data;
    atomic_store(&server->pending, th_http_server_pending(server->http) +
                                       th_mcp_sockets_pending(&server->sockets) +
                                       th_webhooks_pending(server->webhooks) +
                                       (server->chat ? th_chat_pending(server->chat) : 0));
    bool late = th_clock_monotonic_ms() >= server->drain_until;
    if (late || th_host_is_idle(server->host)) th_host_finish(server->host, server);
}

void th_server_drain(th_server_t *server) {
    if (server->drain_until) return;
    uint64_t allowed = (uint64_t)server->worker.settings->mcp_drain;
    server->drain_until = th_clock_monotonic_ms() + allowed;
    th_http_server_drain(server->http);
    if (server->web) th_http_server_drain(server->web);
    th_mcp_drain(server->mcp);
    if (server->chat) th_chat_drain(server->chat);
    uv_timer_start(&server->drain_timer, on_drain_tick, 0, DRAIN_TICK_MS);
}

void th_server_close_parts(th_server_t *server) {
    if (!server->host) return;
    th_worker_stop(&server->worker);
    th_worker_run(&server->worker); /* for one that never had a thread; otherwise nothing is left */
    if (server->http) th_http_server_close(server->http);
    if (server->web) th_http_server_close(server->web);
    th_chat_sockets_close(&server->chat_sockets);
    th_chat_close(server->chat);
    if (server->mcp) th_mcp_close(server->mcp);
    if (server->sessions) th_sessions_close(server->sessions);
    th_auth_close(server->auth);
}

void th_server_close(th_server_t *server) {
    if (!server->host) return;
    th_webhooks_close(server->webhooks);
    th_router_close(server->router);
    th_worker_close(&server->worker);
}
