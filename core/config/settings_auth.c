/* settings_auth.c - what the settings of authorization demand of each other: a host that was told
 * to accept tokens must know whose, for whom, and how to check them, or it does not start. */
#include <ctype.h>
#include <string.h>

#include "config/setting_value.h"

/* The host of an http:// URL is this machine. "127.evil.example" is a name, not an address. */
static bool is_loopback(const char *url) {
    const char *host = url + strlen("http://");
    size_t length = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");
    if (length == 9 && strncasecmp(host, "localhost", 9) == 0) return true;
    if (length == 5 && strncmp(host, "[::1]", 5) == 0) return true;
    if (length < 9 || strncmp(host, "127.", 4) != 0) return false;
    for (size_t i = 0; i < length; i++)
        if (host[i] != '.' && !isdigit((unsigned char)host[i])) return false;
    return true;
}

bool th_setting_check_secure(const char *name, const char *url, const char *plain_http_name,
                             bool plain_http, th_error_t *error) {
    if (!*url || strncmp(url, "https://", 8) == 0 || (plain_http && is_loopback(url))) return true;
    return th_error_set(error, "bad_setting",
                        "%s is \"%.100s\"; it must begin with https:// (http:// is for loopback "
                        "addresses, with %s on)",
                        name, url, plain_http_name);
}

static bool check_secure(const char *name, const char *url, bool plain_http, th_error_t *error) {
    return th_setting_check_secure(name, url, "auth.plain_http", plain_http, error);
}

bool th_settings_check_auth(const th_settings_t *settings, th_error_t *error) {
    bool plain = settings->auth_plain_http;
    if (!check_secure("auth.issuer", settings->auth_issuer, plain, error) ||
        !check_secure("auth.jwks_uri", settings->auth_jwks_uri, plain, error))
        return false;
    if (settings->auth_mode == TH_AUTH_MODE_KEYS) return true;
    if (!settings->auth_issuer[0])
        return th_error_set(error, "bad_setting",
                            "auth.issuer is empty; with auth.mode tokens or both it must name the "
                            "authorization server, such as https://account.tallyfy.com");
    if (settings->mcp_resource_url[0] ||
        strspn(settings->auth_audience, " ") < strlen(settings->auth_audience))
        return true;
    return th_error_set(error, "bad_setting",
                        "with auth.mode tokens or both, mcp.resource_url (this host's public URL) "
                        "or auth.audience must be set: a token made for another server must not "
                        "work here");
}
