/* chat_webhook.h - POST /webhooks/tallyfy/SECRET: what happens in Tallyfy comes in here.
 * One th_webhooks_t per worker. Whoever receives a delivery checks it, answers at once, and hands
 * it to the organisation's home worker; there it is told apart from deliveries that came before,
 * its handlers run, and every worker hears of it for its chats and its MCP subscribers. The secret
 * is part of the address, as Tallyfy signs nothing. It is taken out of the environment; only its
 * hash is kept, and it never reaches a log. */
#ifndef TH_CLI_CHAT_WEBHOOK_H
#define TH_CLI_CHAT_WEBHOOK_H

#include "base/hash.h"
#include "chat/chat.h"
#include "mcp/mcp.h"
#include "net/http.h"

typedef struct th_webhooks th_webhooks_t;

#define TH_WEBHOOK_SECRET_VARIABLE "TALLYHOST_WEBHOOK_SECRET"
#define TH_WEBHOOK_PATH "/webhooks/tallyfy/*"

typedef struct th_webhook_secret {
    bool is_set;
    th_digest_t digest;
} th_webhook_secret_t;

/* Takes TALLYHOST_WEBHOOK_SECRET out of the environment; not set is fine. False with <error>
 * "bad_setting": shorter than 24 characters, longer than 256, or others than letters, digits, '-',
 * '_'. */
bool th_webhook_secret_take(th_webhook_secret_t *secret, th_error_t *error);

typedef struct th_webhooks_config {
    th_worker_t *worker;
    th_sessions_t *sessions;
    th_mcp_t *mcp;
    const th_webhook_secret_t *secret; /* borrowed */
    th_webhooks_t *const *peers; /* by worker number; filled before any worker runs; borrowed */
} th_webhooks_config_t;

/* NULL with <error>. */
th_webhooks_t *th_webhooks_open(const th_webhooks_config_t *config, th_error_t *error);
/* Where its people's chats are; NULL = there are none. */
void th_webhooks_set_chat(th_webhooks_t *webhooks, th_chat_t *chat);
/* Events that are not through yet. */
size_t th_webhooks_pending(const th_webhooks_t *webhooks);
/* After every worker's loop ran dry; NULL is fine. */
void th_webhooks_close(th_webhooks_t *webhooks);

/* The route; 0 when no secret is set, else 1. */
size_t th_webhooks_route(th_webhooks_t *webhooks, th_http_route_t *route);

#endif
