/* http_scope.c - a call that the sign-in's token has no scope for: over HTTP that is 403 with a
 * challenge (requirements.md f, 3), decided before anything runs and before a stream begins. The
 * session layer would refuse it as well, but too late for a status. */
#include "mcp/http_auth.h"
#include "mcp/http_entry.h"

#include <stdio.h>
#include <string.h>

/* The tool behind call_tool, since its scope is the one that is needed. */
static const th_item_t *behind(th_catalogue_t *catalogue, const th_rpc_message_t *message,
                               const th_item_t *item) {
    th_session_request_t what = {.kind = TH_CALL_TOOL,
                                 .item = item,
                                 .arguments = th_json_member(message->params, "arguments")};

    if (item && item->kind == TH_ITEM_TOOL) (void)th_session_request_unwrap(catalogue, &what, NULL);
    return what.item;
}

/* What the message is about; NULL when nothing here needs a scope of its own. */
static const th_item_t *item_of(th_catalogue_t *catalogue, const th_rpc_message_t *message) {
    static const struct {
        const char *method, *member;
        const th_item_t *(*find)(const th_catalogue_t *catalogue, th_slice_t name);
    } rows[] = {
        {"tools/call", "name", th_catalogue_find},
        {"prompts/get", "name", th_catalogue_prompt_find},
        {"resources/read", "uri", th_catalogue_resource_of},
    };
    th_slice_t name;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (th_slice_is(message->method, rows[i].method))
            return th_json_string(th_json_member(message->params, rows[i].member), &name)
                       ? rows[i].find(catalogue, name)
                       : NULL;
    return NULL;
}

/* A client of 2025-11-25 asks for exactly what the challenge says, and would lose what it had: so
 * the granted scopes come first. Clients of 2026-07-28 add up by themselves. Only scopes of this
 * host: openid or offline_access are the client's own affair. */
static void add_granted(th_buffer_t *out, const char *granted) {
    for (const char *at = granted; *at;) {
        size_t length = strcspn(at, " ");
        if (length > 4 && strncmp(at, "mcp.", 4) == 0) {
            th_buffer_add(out, at, length);
            th_buffer_add_byte(out, ' ');
        }
        at += length + (at[length] == ' ');
    }
}

static void refuse(th_http_entry_t *entry, const th_item_t *item, const char *missing) {
    const th_mcp_t *mcp = entry->mcp;
    char sentence[512];
    th_buffer_t scopes;

    (void)snprintf(sentence, sizeof sentence,
                   "This sign-in may not use %s: its token lacks the scope %s. Nothing was done.",
                   item->name, missing);
    th_log(mcp->worker->log, TH_LOG_INFO, "mcp", "principal=%s lacks scope %s for %s",
           th_grant_principal(entry->grant), missing, item->name);
    th_buffer_init(&scopes, 1024);
    if (!entry->modern) add_granted(&scopes, th_grant_scopes(entry->grant));
    th_buffer_add_text(&scopes, missing);
    th_buffer_add_byte(&scopes, '\0');
    th_http_auth_refuse_scope(entry->exchange, mcp->worker->settings,
                              th_http_request_header(entry->request, "Host"),
                              scopes.failed ? missing : scopes.data, sentence);
    th_buffer_reset(&scopes);
    th_http_entry_free(entry);
}

bool th_http_scope_permits(th_http_entry_t *entry, const th_rpc_message_t *message) {
    th_catalogue_t *catalogue = th_sessions_catalogue(entry->mcp->sessions);
    const th_item_t *item = behind(catalogue, message, item_of(catalogue, message));
    char missing[TH_SCOPE_SIZE];

    if (!item || !th_grant_missing_scope(entry->grant, item, missing, sizeof missing)) return true;
    refuse(entry, item, missing);
    return false;
}
