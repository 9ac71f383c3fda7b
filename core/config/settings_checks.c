/* settings_checks.c - the shape of texts among the settings, one rule after the other. */
#include "config/settings_checks.h"

#include <ctype.h>
#include <string.h>

#include "config/settings.h"

static bool port_is_valid(const char *port, size_t length) {
    unsigned number = 0;
    if (length == 0 || length > 5) return false;
    for (size_t i = 0; i < length; i++) {
        if (!isdigit((unsigned char)port[i])) return false;
        number = number * 10 + (unsigned)(port[i] - '0');
    }
    return number <= 65535;
}

/* "127.0.0.1:9000" or "[::1]:9000": the shape only; whether it can be bound is net's to find out.
 */
static bool address_is_valid(const char *word, size_t length) {
    const char *host = word, *colon = memrchr(word, ':', length);
    if (!colon) return false;
    size_t host_length = (size_t)(colon - word);
    bool brackets = host_length > 2 && host[0] == '[' && host[host_length - 1] == ']';
    const char *allowed = brackets ? "0123456789abcdefABCDEF:.%" : "0123456789.";
    if (brackets) host++, host_length -= 2;
    if (host_length == 0 || host_length > 64) return false;
    for (size_t i = 0; i < host_length; i++)
        if (!strchr(allowed, host[i])) return false;
    return port_is_valid(colon + 1, (size_t)(word + length - colon - 1));
}

const char *th_setting_check_addresses(const char *text) {
    static const char *const wanted =
        "one or more numeric addresses with port, such as 127.0.0.1:9000 or [::1]:9000, separated "
        "by spaces; port 0 picks a free one";
    const char *at = text + strspn(text, " ");
    if (!*at) return wanted;
    while (*at) {
        size_t length = strcspn(at, " ");
        if (!address_is_valid(at, length)) return wanted;
        at += length;
        at += strspn(at, " ");
    }
    return NULL;
}

const char *th_setting_check_addresses_or_off(const char *text) {
    if (strcmp(text, "off") == 0) return NULL;
    return th_setting_check_addresses(text);
}

const char *th_setting_check_address(const char *text) {
    if (th_setting_check_addresses(text) || strchr(text, ' '))
        return "one numeric address with port, such as 127.0.0.1:0";
    return NULL;
}

static bool has_only_url_bytes(const char *text) {
    for (; *text; text++)
        if (*text <= ' ' || *text == 0x7f || strchr("\"<>\\^`{|}", *text)) return false;
    return true;
}

static bool is_web_url(const char *text) {
    const char *rest = strncmp(text, "https://", 8) == 0  ? text + 8
                       : strncmp(text, "http://", 7) == 0 ? text + 7
                                                          : "";
    return *rest && *rest != '/' && has_only_url_bytes(text);
}

const char *th_setting_check_base_url(const char *text) {
    size_t length = strlen(text);
    if (is_web_url(text) && !strpbrk(text, "?#@") && text[length - 1] != '/') return NULL;
    return "a URL such as https://api.tallyfy.com, without user, query or a slash at its end";
}

const char *th_setting_check_base_url_or_empty(const char *text) {
    return *text ? th_setting_check_base_url(text) : NULL;
}

const char *th_setting_check_url_or_empty(const char *text) {
    if (!*text || (is_web_url(text) && !strpbrk(text, "#@"))) return NULL;
    return "empty or a URL such as https://mcp.example.com/mcp";
}

const char *th_setting_check_origins(const char *text) {
    const char *at = text + strspn(text, " ");
    while (*at) {
        char word[TH_SETTING_TEXT_SIZE];
        size_t length = strcspn(at, " ");
        if (length >= sizeof(word)) return "shorter";
        memcpy(word, at, length);
        word[length] = '\0';
        const char *host = strstr(word, "://");
        if (!is_web_url(word) || strpbrk(word, "?#@*") || !host || strchr(host + 3, '/'))
            return "exact origins such as https://chat.example.com, separated by spaces";
        at += length;
        at += strspn(at, " ");
    }
    return NULL;
}

const char *th_setting_check_hosts(const char *text) {
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && !strchr(" .-_:[]", *text))
            return "host names such as mcp.example.com, separated by spaces";
    return NULL;
}

/* It becomes an HTTP header value. */
const char *th_setting_check_header_word(const char *text) {
    static const char *const wanted = "one word of letters, digits, '-', '_', '.' and '/'";
    if (!*text) return wanted;
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && !strchr("-_./", *text)) return wanted;
    return NULL;
}

/* It is compared byte by byte with tokens, and metadata paths are made from it. */
const char *th_setting_check_issuer(const char *text) {
    if (!*text) return NULL;
    if (is_web_url(text) && !strpbrk(text, "?#@")) return NULL;
    return "empty or a URL such as https://account.example.com, without user, query or fragment";
}

/* Words that may stand in a quoted header parameter (RFC 6750 3: scope tokens). */
const char *th_setting_check_words(const char *text) {
    for (; *text; text++)
        if (*text < ' ' || *text >= 0x7f || *text == '"' || *text == '\\')
            return "words of visible ASCII without quotes and backslashes, separated by spaces";
    return NULL;
}

/* Words of session/policy.h: a tool, a domain or *, with an effect behind a colon, with - before
 * it.
 */
static bool tool_word_is_valid(const char *word, size_t length) {
    static const char *const effects[] = {"read", "add", "change", "remove", "write"};
    if (length > 0 && *word == '-') word++, length--;
    const char *colon = memchr(word, ':', length);
    size_t name = colon ? (size_t)(colon - word) : length;
    if (name == 0 || name > 64) return false;
    if (!(name == 1 && *word == '*'))
        for (size_t i = 0; i < name; i++)
            if (!islower((unsigned char)word[i]) && !isdigit((unsigned char)word[i]) &&
                word[i] != '_')
                return false;
    if (!colon) return true;
    for (size_t i = 0; i < sizeof(effects) / sizeof(effects[0]); i++)
        if (strlen(effects[i]) == length - name - 1 &&
            memcmp(colon + 1, effects[i], length - name - 1) == 0)
            return true;
    return false;
}

const char *th_setting_check_tool_list(const char *text) {
    const char *at = text + strspn(text, " ");
    while (*at) {
        size_t length = strcspn(at, " ");
        if (!tool_word_is_valid(at, length))
            return "tools, domains or *, separated by spaces, such as \"tasks users:read "
                   "-get_task\"; "
                   "effects are read, add, change, remove, and write for all but read";
        at += length;
        at += strspn(at, " ");
    }
    return NULL;
}

/* One word of date.holidays: "2026-12-25", or "ORGANISATION:2026-12-25". */
static bool holiday_is_valid(const char *word, size_t length) {
    static const char shape[] = "dddd-dd-dd";
    if (length < 10) return false;
    const char *date = word + length - 10;
    if (length > 10 && date[-1] != ':') return false;
    for (size_t i = 0; i < 10; i++) {
        bool digit = isdigit((unsigned char)date[i]) != 0;
        if (shape[i] == 'd' ? !digit : date[i] != shape[i]) return false;
    }
    int month = (date[5] - '0') * 10 + date[6] - '0', day = (date[8] - '0') * 10 + date[9] - '0';
    return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

const char *th_setting_check_holidays(const char *text) {
    for (const char *word = text + strspn(text, " "); *word; word += strspn(word, " ")) {
        size_t length = strcspn(word, " ");
        if (!holiday_is_valid(word, length))
            return "dates such as 2026-12-25, or ORGANISATION:2026-12-25 for one of them, "
                   "separated by spaces";
        word += length;
    }
    return NULL;
}

const char *th_setting_check_path(const char *text) {
    return *text ? NULL : "the path of a directory";
}
