/* http_auth.c - credentials in headers; 400, 401, 403 and 503 answers. The JSON shape is that of
 * RFC 6750: {error, error_description}. */
#include "mcp/http_auth.h"

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

static void write_body(th_buffer_t *out, const char *error, const char *sentence) {
    th_json_writer_t writer;

    th_json_writer_init(&writer, out, 0);
    th_json_write_object(&writer);
    th_json_write_member_text(&writer, "error", error);
    th_json_write_member_text(&writer, "error_description", sentence);
    th_json_write_end(&writer);
    th_json_writer_finish(&writer, NULL);
}

void th_http_auth_refuse(th_http_exchange_t *exchange, const th_settings_t *settings,
                         th_refusal_t refusal, const th_error_t *why) {
    const refusal_row_t *row = &rows[refusal == TH_REFUSAL_NONE ? TH_REFUSAL_UNAVAILABLE : refusal];
    bool told = why && why->message[0] && refusal != TH_REFUSAL_NO_CREDENTIAL;
    const char *sentence = told ? why->message : row->sentence;
    th_http_header_t headers[2];
    th_http_response_t response = {
        .status = row->status, .content_type = "application/json", .headers = headers};
    th_buffer_t challenge, body;

    th_buffer_init(&challenge, 4096);
    th_buffer_init(&body, 8192);
    if (row->challenge) {
        const char *realm =
            settings->mcp_resource_url[0] ? settings->mcp_resource_url : "tallyhost";
        add_quoted(&challenge, "Bearer realm", realm);
        if (row->challenge_error) {
            add_quoted(&challenge, ", error", row->error);
            add_quoted(&challenge, ", error_description", sentence);
        }
        headers[response.header_count++] =
            (th_http_header_t){TH_SLICE("WWW-Authenticate"), th_buffer_slice(&challenge)};
    }
    if (row->retry_after)
        headers[response.header_count++] =
            (th_http_header_t){TH_SLICE("Retry-After"), th_slice_of(row->retry_after)};
    write_body(&body, row->error, sentence);
    response.body = th_buffer_slice(&body);
    exchange->operations->respond(exchange, &response);
    th_buffer_reset(&challenge);
    th_buffer_reset(&body);
}

void th_http_auth_malformed(th_http_exchange_t *exchange, const char *problem) {
    th_buffer_t body;

    th_buffer_init(&body, 8192);
    write_body(&body, "invalid_request", problem);
    th_http_respond_json(exchange, 400, th_buffer_slice(&body));
    th_buffer_reset(&body);
}
