/* websocket_upgrade.c - the rules of the opening handshake, one after the other. */
#include "net/websocket_upgrade.h"

#include "net/websocket_host.h"

#define KEY_LENGTH 24 /* base64 of 16 bytes */

bool th_websocket_upgrade_wanted(const th_http_head_t *head) {
    th_slice_t rest = head->upgrade, item;
    while (th_http_list_next(&rest, &item))
        if (th_slice_equal_nocase(item, TH_SLICE("websocket"))) return true;
    return false;
}

static const th_websocket_endpoint_t *refuse(th_websocket_refusal_t *refusal, int status,
                                             const char *code, const char *message) {
    *refusal = (th_websocket_refusal_t){.refusal = {status, code, message}};
    return NULL;
}

/* Exactly 16 bytes in canonical base64: 22 digits, the last with its four unused bits zero, "==".
 */
static bool is_key(th_slice_t key) {
    if (key.length != KEY_LENGTH || key.data[22] != '=' || key.data[23] != '=') return false;
    for (size_t i = 0; i < 22; i++) {
        char c = key.data[i];
        bool digit = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                     c == '+' || c == '/';
        if (!digit) return false;
    }
    char last = key.data[21];
    return last == 'A' || last == 'Q' || last == 'g' || last == 'w';
}

/* Every Sec-WebSocket-Protocol header counts as one list. */
static bool offers(const th_http_request_t *request, const char *subprotocol) {
    for (size_t i = 0; i < request->header_count; i++) {
        if (!th_slice_equal_nocase(request->headers[i].name, TH_SLICE("sec-websocket-protocol")))
            continue;
        th_slice_t rest = request->headers[i].value, item;
        while (th_http_list_next(&rest, &item))
            if (th_slice_is(item, subprotocol)) return true;
    }
    return false;
}

static const th_websocket_endpoint_t *choose(struct th_websocket_host *host,
                                             const th_http_request_t *request) {
    size_t count;
    const th_websocket_endpoint_t *endpoints = th_websocket_host_endpoints(host, &count);
    for (size_t i = 0; i < count; i++)
        if (th_slice_is(request->path, endpoints[i].path) &&
            (!endpoints[i].subprotocol || offers(request, endpoints[i].subprotocol)))
            return &endpoints[i];
    return NULL;
}

const th_websocket_endpoint_t *th_websocket_upgrade_check(struct th_websocket_host *host,
                                                          const th_http_head_t *head,
                                                          th_websocket_refusal_t *refusal) {
    const th_http_request_t *request = &head->request;
    if (head->minor != 1) return refuse(refusal, 400, "bad_upgrade", "A WebSocket needs HTTP/1.1.");
    if (!th_slice_equal_nocase(head->upgrade, TH_SLICE("websocket")) || !head->connection_upgrade)
        return refuse(refusal, 400, "bad_upgrade",
                      "A WebSocket needs 'Upgrade: websocket' and 'Connection: Upgrade'.");
    if (th_http_request_header_count(request, "sec-websocket-key") != 1 ||
        !is_key(th_http_request_header(request, "sec-websocket-key")))
        return refuse(refusal, 400, "bad_upgrade",
                      "Sec-WebSocket-Key must be 16 bytes in base64, once.");
    if (th_http_request_header_count(request, "sec-websocket-version") != 1 ||
        !th_slice_is(th_http_request_header(request, "sec-websocket-version"), "13")) {
        (void)refuse(refusal, 426, "bad_version", "Only version 13 of WebSocket is spoken here.");
        refusal->header = "Sec-WebSocket-Version";
        refusal->value = "13";
        return NULL;
    }
    const th_websocket_endpoint_t *endpoint = choose(host, request);
    if (!endpoint)
        return refuse(refusal, 400, "bad_subprotocol",
                      "Sec-WebSocket-Protocol offers nothing that this path speaks.");
    return endpoint;
}
