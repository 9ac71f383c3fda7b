/* http_route.c - the routing decision and the table of routes it is made from. */
#include "net/http_route.h"

#include <stdlib.h>

#include "net/http_origin.h"
#include "net/websocket_host.h"
#include "net/websocket_upgrade.h"

static unsigned bit(th_http_method_t method) {
    return 1u << method;
}

static bool path_matches(const char *pattern, th_slice_t path) {
    size_t length = strlen(pattern);
    if (length > 0 && pattern[length - 1] == '*')
        return path.length >= length - 1 && memcmp(path.data, pattern, length - 1) == 0;
    return th_slice_is(path, pattern);
}

/* An exact path wins over one that ends in '*', and the longer of those over the shorter. */
static const th_http_route_t *find_route(const th_http_server_t *server, th_slice_t path) {
    const th_http_route_t *best = NULL;
    size_t best_length = 0;
    for (size_t i = 0; i < server->route_count; i++) {
        const th_http_route_t *route = &server->routes[i];
        if (!path_matches(route->path, path)) continue;
        size_t length = strlen(route->path);
        if (route->path[length - 1] != '*') return route;
        if (length > best_length) best = route;
        if (best == route) best_length = length;
    }
    return best;
}

static bool refuse(th_http_decision_t *decision, int status, const char *code,
                   const char *message) {
    decision->kind = TH_HTTP_DECIDED_REFUSE;
    decision->refusal = (th_http_refusal_t){status, code, message};
    return false;
}

static th_http_cors_t cors_of(const th_http_server_t *server, const th_http_route_t *route,
                              const th_http_head_t *head) {
    if (!route || !route->cross_origin) return TH_HTTP_CORS_NONE;
    if (route->any_origin) return TH_HTTP_CORS_ANY;
    if (!head->origin.data) return TH_HTTP_CORS_VARY;
    return th_http_origin_is_allowed(head->origin, server->worker->settings->http_allowed_origins)
               ? TH_HTTP_CORS_ORIGIN
               : TH_HTTP_CORS_VARY;
}

th_http_cors_t th_http_route_cors(const th_http_server_t *server, const th_http_head_t *head) {
    if (head->request.path.length == 0) return TH_HTTP_CORS_NONE;
    return cors_of(server, find_route(server, head->request.path), head);
}

static bool check_host(const th_http_connection_t *connection, const th_http_head_t *head,
                       th_http_decision_t *decision) {
    const th_http_server_t *server = connection->server;
    if (!server->local_only_hosts || !connection->loopback ||
        th_http_host_is_local(head->host, server->worker->settings->http_allowed_hosts))
        return true;
    return refuse(decision, 403, "foreign_host",
                  "This Host is not served here; http.allowed_hosts lists more names.");
}

static bool check_origin(const th_http_connection_t *connection, const th_http_head_t *head,
                         th_http_decision_t *decision) {
    if (!head->origin.data || (decision->route && decision->route->any_origin)) return true;
    const th_settings_t *settings = connection->server->worker->settings;
    if (th_http_origin_is_allowed(head->origin, settings->http_allowed_origins) ||
        th_http_origin_is_own(head->origin, head->host, settings->http_allowed_hosts))
        return true;
    return refuse(decision, 403, "foreign_origin",
                  "Pages of this Origin may not call here; http.allowed_origins lists more.");
}

/* True when the request was a WebSocket upgrade or can only be one: <decision> is made. */
static bool decide_upgrade(const th_http_connection_t *connection, const th_http_head_t *head,
                           th_http_decision_t *decision) {
    struct th_websocket_host *host = connection->server->websockets;
    if (!host || !th_websocket_host_has_path(host, head->request.path)) return false;
    bool get = head->request.method == TH_HTTP_GET;
    if (get && th_websocket_upgrade_wanted(head)) {
        th_websocket_refusal_t refused;
        decision->endpoint = th_websocket_upgrade_check(host, head, &refused);
        decision->kind = TH_HTTP_DECIDED_UPGRADE;
        if (decision->endpoint) return true;
        (void)refuse(decision, refused.refusal.status, refused.refusal.code,
                     refused.refusal.message);
        decision->refusal_header = refused.header;
        decision->refusal_value = refused.value;
        return true;
    }
    if (decision->route) return false;
    if (get) {
        (void)refuse(decision, 426, "upgrade_required", "This path speaks WebSocket only.");
        decision->refusal_header = "Upgrade";
        decision->refusal_value = "websocket";
        return true;
    }
    (void)refuse(decision, 405, "method_not_allowed", "This path does not take this method.");
    decision->allow = bit(TH_HTTP_GET);
    return true;
}

static void decide_method(const th_http_head_t *head, th_http_decision_t *decision) {
    const th_http_route_t *route = decision->route;
    th_http_method_t method = head->request.method;
    if (method == TH_HTTP_OPTIONS) {
        decision->preflight =
            decision->cors != TH_HTTP_CORS_NONE && head->origin.data &&
            th_http_request_header(&head->request, "access-control-request-method").data;
        if (decision->preflight || !(route->methods & bit(TH_HTTP_OPTIONS))) {
            decision->kind = TH_HTTP_DECIDED_OPTIONS;
            decision->allow = route->methods;
            return;
        }
    }
    bool taken = route->methods & bit(method);
    if (method == TH_HTTP_HEAD && (route->methods & bit(TH_HTTP_GET))) taken = true;
    decision->kind = TH_HTTP_DECIDED_HANDLE;
    if (taken) return;
    (void)refuse(decision, 405, "method_not_allowed", "This path does not take this method.");
    decision->allow = route->methods;
}

void th_http_route_decide(const th_http_connection_t *connection, const th_http_head_t *head,
                          th_http_decision_t *decision) {
    *decision = (th_http_decision_t){.kind = TH_HTTP_DECIDED_REFUSE};
    if (!check_host(connection, head, decision)) return;
    decision->route = find_route(connection->server, head->request.path);
    if (!check_origin(connection, head, decision)) return;
    decision->cors = cors_of(connection->server, decision->route, head);
    if (decide_upgrade(connection, head, decision)) return;
    if (!decision->route)
        (void)refuse(decision, 404, "not_found", "There is nothing at this path.");
    else
        decide_method(head, decision);
}

void th_http_route_methods(unsigned methods, th_buffer_t *out) {
    if (methods & bit(TH_HTTP_GET)) methods |= bit(TH_HTTP_HEAD);
    methods |= bit(TH_HTTP_OPTIONS);
    for (int method = TH_HTTP_GET; method <= TH_HTTP_OPTIONS; method++) {
        if (!(methods & bit((th_http_method_t)method))) continue;
        if (out->length > 0) (void)th_buffer_add_text(out, ", ");
        (void)th_buffer_add_text(out, th_http_method_name((th_http_method_t)method));
    }
}

bool th_http_routes_copy(th_http_server_t *server, const th_http_route_t *routes, size_t count) {
    server->routes = calloc(count > 0 ? count : 1, sizeof *routes);
    if (!server->routes) return false;
    for (size_t i = 0; i < count; i++) {
        server->routes[i] = routes[i];
        server->routes[i].path = strdup(routes[i].path);
        if (!server->routes[i].path) return false;
        server->route_count++;
    }
    return true;
}

void th_http_routes_free(th_http_server_t *server) {
    for (size_t i = 0; i < server->route_count; i++)
        free((char *)server->routes[i].path);
    free(server->routes);
    server->routes = NULL;
    server->route_count = 0;
}
