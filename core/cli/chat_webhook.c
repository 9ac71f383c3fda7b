/* chat_webhook.c - a delivery in: checked, answered, sent home; and what its home does with it. */
#include "cli/chat_webhook.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cli/chat_bulletin.h"
#include "config/dotenv.h"

#define SECRET_MIN 24
#define SECRET_MAX 256
#define STRANGER_PAUSE_MS 1000

/* --- the secret ------------------------------------------------------------------------------ */

static th_digest_t digest_of(th_slice_t secret) {
    const th_slice_t parts[] = {TH_SLICE("tallyfy webhook"), secret};
    return th_hash_parts(NULL, parts, 2);
}

static bool is_usable(const char *secret) {
    size_t length = strlen(secret);
    return length >= SECRET_MIN && length <= SECRET_MAX &&
           strspn(secret, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
               length;
}

bool th_webhook_secret_take(th_webhook_secret_t *secret, th_error_t *error) {
    char bytes[SECRET_MAX + 2];
    const char *there = getenv(TH_WEBHOOK_SECRET_VARIABLE);
    bool given = there && *there;
    *secret = (th_webhook_secret_t){.is_set = false};
    bool taken = th_environment_take(TH_WEBHOOK_SECRET_VARIABLE, bytes, sizeof bytes);
    if (!given) return true;
    if (taken && is_usable(bytes)) {
        secret->is_set = true;
        secret->digest = digest_of(th_slice_of(bytes));
    }
    explicit_bzero(bytes, sizeof bytes);
    return secret->is_set ||
           th_error_set(error, "bad_setting",
                        TH_WEBHOOK_SECRET_VARIABLE
                        " must be %d to %d letters, digits, '-' or '_', hard to guess: it is all "
                        "that protects the address",
                        SECRET_MIN, SECRET_MAX);
}

/* --- in -------------------------------------------------------------------------------------- */

static bool has_secret(const th_webhooks_t *webhooks, th_slice_t path) {
    size_t front = strlen(TH_WEBHOOK_PATH) - 1;
    if (path.length <= front) return false;
    th_digest_t given = digest_of(th_slice(path.data + front, path.length - front));
    return th_digest_equal(&given, &webhooks->config.secret->digest);
}

/* Status and JSON of the answer for what stands against a delivery. */
static void refuse(th_http_exchange_t *exchange, const th_error_t *why) {
    char body[TH_ERROR_MESSAGE_SIZE + 64];
    bool ours = strcmp(why->code, "busy") == 0 || strcmp(why->code, "no_memory") == 0;
    /* Codes are ours and plain; messages may quote the body, so they stay in the log. */
    (void)snprintf(body, sizeof body, "{\"error\":\"%s\"}", why->code);
    th_http_respond_json(exchange, ours ? 503 : 400, th_slice_of(body));
}

/* Strangers may come as often as they like; the log is not theirs to fill. */
static void log_stranger(th_webhooks_t *webhooks, const th_http_request_t *request) {
    uint64_t now = uv_now(&webhooks->config.worker->loop);
    if (webhooks->stranger_logged && now - webhooks->stranger_logged < STRANGER_PAUSE_MS) return;
    webhooks->stranger_logged = now;
    th_log(webhooks->config.worker->log, TH_LOG_WARNING, "webhook",
           "a delivery from %s with a wrong secret", request->peer);
}

static void receive(th_http_exchange_t *exchange, const th_http_request_t *request, void *arg) {
    th_webhooks_t *webhooks = arg;
    const th_worker_t *worker = webhooks->config.worker;
    th_error_t error = {"", ""};
    if (!has_secret(webhooks, request->path)) {
        log_stranger(webhooks, request);
        th_http_respond_json(exchange, 404, TH_SLICE("{\"error\":\"not_found\"}"));
        return;
    }
    th_slice_t org = th_http_request_header(request, "X-Tallyfy-orgID");
    th_happening_t *happening = th_happening_read(worker->parser, org, request->body, &error);
    bool known = happening != NULL || strcmp(error.code, "unknown_event") != 0;
    if (happening)
        (void)th_webhooks_send_home(webhooks, th_slice_of(happening->org_id), request->body,
                                    &error);
    th_happening_unref(happening);
    if (error.code[0])
        th_log(worker->log, known ? TH_LOG_WARNING : TH_LOG_INFO, "webhook", "a delivery is %s: %s",
               known ? "refused" : "ignored", error.message);
    if (error.code[0] && known)
        refuse(exchange, &error);
    else
        th_http_respond_json(exchange, 202,
                             known ? TH_SLICE("{\"accepted\":true}")
                                   : TH_SLICE("{\"accepted\":false}"));
}

size_t th_webhooks_route(th_webhooks_t *webhooks, th_http_route_t *route) {
    if (!webhooks->config.secret->is_set) return 0;
    *route = (th_http_route_t){.path = TH_WEBHOOK_PATH,
                               .methods = 1u << TH_HTTP_POST,
                               .handler = receive,
                               .arg = webhooks};
    return 1;
}

/* --- at home --------------------------------------------------------------------------------- */

void th_webhooks_arrive(th_webhooks_t *webhooks, th_slice_t org, th_slice_t body) {
    const th_worker_t *worker = webhooks->config.worker;
    th_error_t error = {"", ""};
    th_happening_t *happening = th_happening_read(worker->parser, org, body, &error);
    if (!happening) {
        th_log(worker->log, TH_LOG_ERROR, "webhook", "an event is lost: %s", error.message);
        return;
    }
    bool fresh = th_deliveries_add(webhooks->deliveries, &happening->key);
    th_log(worker->log, TH_LOG_INFO, "webhook", "org=%s event=%s%s", happening->org_id,
           happening->event, fresh ? "" : " came before and is left out");
    if (fresh) {
        th_webhooks_tell(webhooks, happening, NULL, th_slice(NULL, 0));
        if (!th_handlers_run(webhooks->handlers, th_sessions_catalogue(webhooks->config.sessions),
                             happening, &error))
            th_log(worker->log, TH_LOG_WARNING, "webhook", "org=%s event=%s has no handler run: %s",
                   happening->org_id, happening->event, error.message);
    }
    th_happening_unref(happening);
}

static void on_said(void *arg, const th_happening_t *happening, const th_item_t *handler,
                    th_slice_t text, th_slice_t data) {
    (void)handler;
    char *about = malloc(text.length + 1);
    if (!about) return;
    memcpy(about, text.data, text.length);
    about[text.length] = '\0';
    th_webhooks_tell(arg, happening, about, data);
    free(about);
}

static void on_changed(void *arg, const char *org_id, th_changed_t what, th_slice_t uri) {
    th_webhooks_tell_changed(arg, org_id, what, uri);
}

static const th_handlers_listener_t listener = {.said = on_said, .changed = on_changed};

/* --- lifetime -------------------------------------------------------------------------------- */

th_webhooks_t *th_webhooks_open(const th_webhooks_config_t *config, th_error_t *error) {
    th_webhooks_t *webhooks = calloc(1, sizeof *webhooks);
    if (webhooks)
        webhooks->deliveries =
            th_deliveries_new((size_t)config->worker->settings->chat_webhook_memory);
    if (!webhooks || !webhooks->deliveries) {
        free(webhooks);
        th_error_set(error, "no_memory", "no memory for webhooks");
        return NULL;
    }
    webhooks->config = *config;
    atomic_init(&webhooks->travelling, 0);
    webhooks->handlers = th_handlers_open(config->worker, &listener, webhooks, error);
    if (!webhooks->handlers) {
        th_deliveries_free(webhooks->deliveries);
        free(webhooks);
        return NULL;
    }
    th_outbox_open(&webhooks->outbox, config->worker);
    return webhooks;
}

void th_webhooks_set_chat(th_webhooks_t *webhooks, th_chat_t *chat) {
    webhooks->chat = chat;
}

size_t th_webhooks_pending(const th_webhooks_t *webhooks) {
    return atomic_load(&webhooks->travelling) + th_handlers_pending(webhooks->handlers);
}

void th_webhooks_close(th_webhooks_t *webhooks) {
    if (!webhooks) return;
    th_handlers_close(webhooks->handlers);
    th_deliveries_free(webhooks->deliveries);
    free(webhooks);
}
