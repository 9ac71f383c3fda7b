/* http_auth.c - credentials in headers; 400, 401, 403 and 503 answers. The JSON shape is that of
 * RFC 6750: {error, error_description}. */
#include "mcp/http_auth.h"

#include "auth/auth.h"
#include "base/buffer.h"
#include "mcp/mcp.h"
#include "json/writer.h"

/* Spellings in use: behaviour.md, section 2. */
static const char *const org_fields[] = {"X-Organization-ID", "X-Org-ID", "Organization-ID",
                                         "Org-ID", "X-Tallyfy-Org-ID"};

static bool is_org_field(th_slice_t name) {
    for (size_t i = 0; i < sizeof org_fields / sizeof org_fields[0]; i++)
        if (th_slice_equal_nocase(name, th_slice_of(org_fields[i]))) return true;
    return false;
}

/* The token behind `Bearer `; empty for another scheme or a blank token: both count as none. */
static th_slice_t bearer_token(th_slice_t value) {
    th_slice_t scheme = TH_SLICE("bearer");

    if (value.length <= scheme.length || value.data[scheme.length] != ' ' ||
        !th_slice_equal_nocase(th_slice(value.data, scheme.length), scheme))
        return th_slice(NULL, 0);
    value = th_slice(value.data + scheme.length, value.length - scheme.length);
    while (value.length && value.data[0] == ' ')
        value = th_slice(value.data + 1, value.length - 1);
    while (value.length && value.data[value.length - 1] == ' ')
        value.length--;
    return value;
}

bool th_http_credential_read(const th_http_request_t *request, th_http_credential_t *credential,
                             const char **problem) {
    bool authorized = false;

    *credential = (th_http_credential_t){{NULL, 0}, {NULL, 0}};
    for (size_t i = 0; i < request->header_count; i++) {
        const th_http_header_t *header = &request->headers[i];
        if (th_slice_equal_nocase(header->name, TH_SLICE("Authorization"))) {
            if (authorized) {
                *problem = "The Authorization header may be sent only once";
                return false;
            }
            authorized = true;
            credential->api_key = bearer_token(header->value);
        } else if (header->value.length && is_org_field(header->name)) {
            if (credential->org_id.length && !th_slice_equal(credential->org_id, header->value)) {
                *problem = "The headers name two different organizations; send one of them";
                return false;
            }
            credential->org_id = header->value;
        }
    }
    return true;
}

void th_mcp_http_credential(const th_http_request_t *request, th_slice_t *api_key,
                            th_slice_t *org_id) {
    th_http_credential_t credential;
    const char *problem;

    th_http_credential_read(request, &credential, &problem);
    *api_key = credential.api_key;
    *org_id = credential.org_id;
}

typedef struct refusal_row {
    const char *error;       /* RFC 6750 and RFC 6749 words */
    const char *sentence;    /* when the session layer gave none */
    const char *retry_after; /* seconds, or NULL */
    int status;
    bool challenge;       /* WWW-Authenticate */
    bool challenge_error; /* with error and description: only if a token was presented */
} refusal_row_t;

static const refusal_row_t rows[] = {
    [TH_REFUSAL_NO_CREDENTIAL] = {"invalid_token",
                                  "No credential was presented. Send your Tallyfy API key as "
                                  "`Authorization: Bearer <key>` and "
                                  "your organization as `X-Tallyfy-Org-ID: <id>`.",
                                  NULL, 401, true, false},
    [TH_REFUSAL_BAD_CREDENTIAL] =
        {"invalid_token",
         "Tallyfy does not accept this credential. Use a valid API key, or sign in again.", NULL,
         401, true, true},
    [TH_REFUSAL_NO_ORG] =
        {"invalid_request",
         "No organization was named. Send its id in the header X-Tallyfy-Org-ID (or "
         "X-Organization-ID), or use a token with an org_id claim.",
         NULL, 400, false, false},
    [TH_REFUSAL_FORBIDDEN] = {"insufficient_scope",
                              "This credential may not act in that organization. Check the "
                              "organization's id, or ask its "
                              "administrator for access.",
                              NULL, 403, true, true},
    [TH_REFUSAL_UNAVAILABLE] =
        {"temporarily_unavailable",
         "Tallyfy could not be asked whether this credential is valid. Try again shortly.", "5",
         503, false, false},
    [TH_REFUSAL_BUSY] = {"temporarily_unavailable", "The host is at its limit. Try again shortly.",
                         "1", 503, false, false},
};

/* Into a quoted-string (RFC 9110 5.6.4): quotes and backslashes escaped, anything but ASCII
 * replaced. */
static void add_quoted(th_buffer_t *out, const char *name, const char *text) {
    th_buffer_add_format(out, "%s=\"", name);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') th_buffer_add_byte(out, '\\');
        th_buffer_add_byte(out, *text >= 0x20 && *text < 0x7F ? *text : '?');
    }
    th_buffer_add_byte(out, '"');
}

/* One answer: what its header and its body say. */
typedef struct refusal {
    const char *error, *sentence;
    const char *scope; /* to ask for; "" = none */
    bool challenge_error;
} refusal_t;

/* RFC 6750 3, RFC 9728 5.1. <metadata> is empty where this host publishes none. */
static void write_challenge(th_buffer_t *out, const th_settings_t *settings, th_slice_t host,
                            const char *metadata, const refusal_t *refusal) {
    th_buffer_t realm;
    th_buffer_init(&realm, 1024);
    if (metadata[0])
        th_auth_resource_url(settings, host, &realm);
    else
        th_buffer_add_text(&realm, settings->mcp_resource_url[0] ? settings->mcp_resource_url
                                                                 : "tallyhost");
    add_quoted(out, "Bearer realm", th_buffer_add_byte(&realm, '\0') ? realm.data : "tallyhost");
    if (metadata[0]) add_quoted(out, ", resource_metadata", metadata);
    if (metadata[0] && refusal->scope[0]) add_quoted(out, ", scope", refusal->scope);
    if (refusal->challenge_error) {
        add_quoted(out, ", error", refusal->error);
        add_quoted(out, ", error_description", refusal->sentence);
    }
    th_buffer_reset(&realm);
}

/* With the challenge once more in _meta, for clients that only show their user the body
 * (behaviour.md 2). */
static void write_body(th_buffer_t *out, const refusal_t *refusal, const char *metadata) {
    th_json_writer_t writer;

    th_json_writer_init(&writer, out, 0);
    th_json_write_object(&writer);
    th_json_write_member_text(&writer, "error", refusal->error);
    th_json_write_member_text(&writer, "error_description", refusal->sentence);
    if (metadata[0]) {
        th_json_write_key(&writer, TH_SLICE("_meta"));
        th_json_write_object(&writer);
        th_json_write_key(&writer, TH_SLICE("mcp/www_authenticate"));
        th_json_write_object(&writer);
        th_json_write_member_text(&writer, "error", refusal->error);
        th_json_write_member_text(&writer, "error_description", refusal->sentence);
        th_json_write_member_text(&writer, "resource_metadata", metadata);
        th_json_write_end(&writer);
        th_json_write_end(&writer);
    }
    th_json_write_end(&writer);
    th_json_writer_finish(&writer, NULL);
}

/* 401 or 403 with a challenge. */
static void respond_challenge(th_http_exchange_t *exchange, const th_settings_t *settings,
                              th_slice_t host, int status, const refusal_t *refusal) {
    th_buffer_t challenge, body, url;

    th_buffer_init(&challenge, 8192);
    th_buffer_init(&body, 8192);
    th_buffer_init(&url, 1024);
    bool published = th_auth_metadata_url(settings, host, &url) && th_buffer_add_byte(&url, '\0');
    const char *metadata = published ? url.data : "";
    write_challenge(&challenge, settings, host, metadata, refusal);
    write_body(&body, refusal, metadata);
    const th_http_header_t header = {TH_SLICE("WWW-Authenticate"), th_buffer_slice(&challenge)};
    const th_http_response_t response = {.status = status,
                                         .content_type = "application/json",
                                         .headers = &header,
                                         .header_count = 1,
                                         .body = th_buffer_slice(&body)};
    exchange->operations->respond(exchange, &response);
    th_buffer_reset(&challenge);
    th_buffer_reset(&body);
    th_buffer_reset(&url);
}

/* Without one: 400 and 503. */
static void respond_plain(th_http_exchange_t *exchange, int status, const char *retry_after,
                          const refusal_t *refusal) {
    const th_http_header_t header = {TH_SLICE("Retry-After"), th_slice_of(retry_after)};
    th_buffer_t body;

    th_buffer_init(&body, 8192);
    write_body(&body, refusal, "");
    const th_http_response_t response = {.status = status,
                                         .content_type = "application/json",
                                         .headers = &header,
                                         .header_count = retry_after ? 1 : 0,
                                         .body = th_buffer_slice(&body)};
    exchange->operations->respond(exchange, &response);
    th_buffer_reset(&body);
}

/* Where tokens are wanted, "send your key" would mislead. */
static const char *sentence_of(const th_settings_t *settings, th_refusal_t refusal,
                               const th_error_t *why) {
    if (refusal != TH_REFUSAL_NO_CREDENTIAL)
        return why && why->message[0] ? why->message : rows[refusal].sentence;
    if (settings->auth_mode == TH_AUTH_MODE_KEYS) return rows[refusal].sentence;
    return "No access token was presented. Sign in at the authorization server named in this "
           "host's metadata (/.well-known/oauth-protected-resource) and send `Authorization: "
           "Bearer <token>`.";
}

void th_http_auth_refuse(th_http_exchange_t *exchange, const th_settings_t *settings,
                         th_slice_t host, th_refusal_t refusal, const th_error_t *why) {
    if (refusal == TH_REFUSAL_NONE) refusal = TH_REFUSAL_UNAVAILABLE;
    const refusal_row_t *row = &rows[refusal];
    const refusal_t said = {.error = row->error,
                            .sentence = sentence_of(settings, refusal, why),
                            .scope = row->status == 401 ? settings->auth_scopes : "",
                            .challenge_error = row->challenge_error};

    if (row->challenge)
        respond_challenge(exchange, settings, host, row->status, &said);
    else
        respond_plain(exchange, row->status, row->retry_after, &said);
}

void th_http_auth_refuse_scope(th_http_exchange_t *exchange, const th_settings_t *settings,
                               th_slice_t host, const char *scope, const char *sentence) {
    const refusal_t said = {.error = "insufficient_scope",
                            .sentence = sentence,
                            .scope = scope,
                            .challenge_error = true};

    respond_challenge(exchange, settings, host, 403, &said);
}

void th_http_auth_malformed(th_http_exchange_t *exchange, const char *problem) {
    const refusal_t said = {.error = "invalid_request", .sentence = problem, .scope = ""};

    respond_plain(exchange, 400, NULL, &said);
}
