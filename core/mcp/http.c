/* http.c - the way in over HTTP: who asks is settled here, before anything of the protocol is read.
 */
#include "mcp/http_auth.h"
#include "mcp/http_entry.h"
#include "mcp/http_old.h"
#include "mcp/http_reply.h"
#include "mcp/http_session.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

void th_http_entry_forget_request(th_http_entry_t *entry) {
    entry->request = NULL;
    if (!entry->kept) return;
    explicit_bzero(entry->kept, entry->kept_size);
    free(entry->kept);
    entry->kept = NULL;
}

void th_http_entry_free(th_http_entry_t *entry) {
    th_http_entry_forget_request(entry);
    th_grant_unref(entry->grant);
    free(entry);
}

void th_http_entry_detach(th_http_entry_t *entry) {
    if (entry->verification) th_verification_cancel(entry->verification);
    entry->verification = NULL;
    if (entry->listening) th_http_session_stream_gone(entry->listening);
    entry->listening = NULL;
    if (entry->old) th_http_old_gone(entry->old);
    entry->old = NULL;
    /* Legacy: a lost connection is no cancellation; the work goes on, and what it says is kept for
     * a client that comes back. */
    if (entry->reply) th_http_reply_client_gone(entry->reply);
    entry->reply = NULL;
    th_request_t *waiting = entry->waiting;
    entry->waiting = NULL;
    if (waiting) th_request_detach(waiting, entry->modern);
}

/* The client left before its answer was complete. */
static void on_gone(th_http_exchange_t *exchange, void *user) {
    th_http_entry_t *entry = user;

    (void)exchange;
    th_http_entry_detach(entry);
    entry->gone = true;
    if (!entry->busy) th_http_entry_free(entry);
}

static th_slice_t copy_bytes(char **at, th_slice_t from) {
    char *to = *at;

    if (from.length) memcpy(to, from.data, from.length);
    *at += from.length;
    return th_slice(to, from.length);
}

static bool is_secret(const th_http_header_t *header) {
    return th_slice_equal_nocase(header->name, TH_SLICE("Authorization"));
}

/* A copy in one block that outlives the handler, without the credential. */
static bool keep_request(th_http_entry_t *entry) {
    const th_http_request_t *from = entry->request;
    size_t size = sizeof *from + from->header_count * sizeof *from->headers + from->body.length +
                  from->path.length + from->query.length + 1;

    for (size_t i = 0; i < from->header_count; i++)
        size += from->headers[i].name.length + from->headers[i].value.length;
    th_http_request_t *kept = malloc(size);
    if (!kept) return false;
    th_http_header_t *headers = (th_http_header_t *)(kept + 1);
    char *at = (char *)(headers + from->header_count);
    *kept = (th_http_request_t){.method = from->method, .headers = headers, .peer = ""};
    for (size_t i = 0; i < from->header_count; i++) {
        if (is_secret(&from->headers[i])) continue;
        headers[kept->header_count].name = copy_bytes(&at, from->headers[i].name);
        headers[kept->header_count++].value = copy_bytes(&at, from->headers[i].value);
    }
    kept->path = copy_bytes(&at, from->path);
    kept->query = copy_bytes(&at, from->query);
    kept->body = copy_bytes(&at, from->body);
    entry->kept = kept;
    entry->kept_size = size;
    entry->request = kept;
    return true;
}

/* The two paths of the oldest transport. False: it is another one. */
static bool handle_old(th_http_entry_t *entry) {
    bool is_stream = th_slice_is(entry->request->path, TH_HTTP_OLD_STREAM);

    if (!is_stream && !th_slice_is(entry->request->path, TH_HTTP_OLD_MESSAGES)) return false;
    if (is_stream && entry->request->method == TH_HTTP_GET)
        th_http_old_open(entry);
    else if (!is_stream && entry->request->method == TH_HTTP_POST)
        th_http_old_post(entry);
    else
        th_http_entry_refuse(entry, 405, "Open a stream by GET, post messages to its address");
    return true;
}

static void handle(th_http_entry_t *entry) {
    if (handle_old(entry)) return;
    switch (entry->request->method) {
    case TH_HTTP_POST: th_http_post(entry); return;
    case TH_HTTP_GET: th_http_get(entry); return;
    case TH_HTTP_DELETE: th_http_delete(entry); return;
    case TH_HTTP_HEAD:
    case TH_HTTP_PUT:
    case TH_HTTP_PATCH:
    case TH_HTTP_OPTIONS: break;
    }
    th_http_entry_refuse(entry, 405, "Only POST, GET and DELETE are understood here");
}

/* False: answered. */
static bool take_profile(th_http_entry_t *entry) {
    th_slice_t profile = th_mcp_http_profile(entry->request);
    th_error_t why = {{0}, {0}};

    if (!profile.length || th_grant_set_profile(entry->grant, profile, &why)) return true;
    th_http_entry_refuse(entry, 400, why.message);
    return false;
}

static void on_verified(void *arg, th_grant_t *grant, th_refusal_t refusal, const th_error_t *why) {
    th_http_entry_t *entry = arg;

    entry->verification = NULL;
    if (grant) {
        entry->grant = grant;
        if (take_profile(entry)) handle(entry);
        return;
    }
    th_log(entry->mcp->worker->log, TH_LOG_INFO, "mcp", "request refused: %s",
           why && why->code[0] ? why->code : "no credential");
    th_http_auth_refuse(entry->exchange, entry->mcp->worker->settings,
                        th_http_request_header(entry->request, "Host"), refusal, why);
    th_http_entry_free(entry);
}

void th_mcp_http(th_http_exchange_t *exchange, const th_http_request_t *request, void *arg) {
    th_mcp_t *mcp = arg;
    th_http_credential_t credential;
    const char *problem = NULL;
    th_error_t busy = {"no_memory", "The host is out of memory. Try again shortly."};

    if (!th_http_credential_read(request, &credential, &problem)) {
        th_http_auth_malformed(exchange, problem);
        return;
    }
    th_http_entry_t *entry = calloc(1, sizeof *entry);
    if (!entry) {
        th_http_auth_refuse(exchange, mcp->worker->settings, TH_SLICE(""), TH_REFUSAL_BUSY, &busy);
        return;
    }
    entry->channel.operations = &th_http_channel_operations;
    entry->mcp = mcp;
    entry->exchange = exchange;
    entry->request = request;
    exchange->on_gone = on_gone;
    exchange->user = entry;
    th_verification_t *verification = th_sessions_verify(mcp->sessions, credential.api_key,
                                                         credential.org_id, on_verified, entry);
    if (!verification) return; /* answered from inside; the entry may be gone */
    entry->verification = verification;
    if (keep_request(entry)) return;
    th_verification_cancel(verification);
    th_http_auth_refuse(exchange, mcp->worker->settings, TH_SLICE(""), TH_REFUSAL_BUSY, &busy);
    th_http_entry_free(entry);
}
