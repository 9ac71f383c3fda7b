/* settings_rows.c - the one list of settings: name, kind, default, range and meaning.
 * A row gives parsing, checking, `tallyhost config` and documentation. config/tallyhost.lua repeats
 * every default with its reason; a unit test holds the two, and the struct, together. */
#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "config/config.h"

#define KB INT64_C(1024)
#define MB (1024 * KB)
#define GB (1024 * MB)
#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

#define ROW(group, name, kind, initial, minimum, maximum, choices, check, about)           \
    {                                                                                      \
#group "." #name, kind, offsetof(th_settings_t, group##_##name), initial, minimum, \
            maximum, choices, check, about                                                 \
    }
#define TEXT(group, name, initial, check, about) \
    ROW(group, name, TH_SETTING_TEXT, initial, 0, TH_SETTING_TEXT_SIZE - 1, NULL, check, about)
#define WHOLE(group, name, initial, minimum, maximum, about) \
    ROW(group, name, TH_SETTING_WHOLE, initial, minimum, maximum, NULL, NULL, about)
#define BYTES(group, name, initial, minimum, maximum, about) \
    ROW(group, name, TH_SETTING_BYTES, initial, minimum, maximum, NULL, NULL, about)
#define TIME(group, name, initial, minimum, maximum, about) \
    ROW(group, name, TH_SETTING_TIME, initial, minimum, maximum, NULL, NULL, about)
#define FLAG(group, name, initial, about) \
    ROW(group, name, TH_SETTING_FLAG, initial, 0, 1, NULL, NULL, about)
#define CHOICE(group, name, initial, choices, about) \
    ROW(group, name, TH_SETTING_CHOICE, initial, 0, 0, choices, NULL, about)

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

static const char *check_addresses(const char *text) {
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

static const char *check_addresses_or_off(const char *text) {
    if (strcmp(text, "off") == 0) return NULL;
    return check_addresses(text);
}

static const char *check_address(const char *text) {
    if (check_addresses(text) || strchr(text, ' '))
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

static const char *check_base_url(const char *text) {
    size_t length = strlen(text);
    if (is_web_url(text) && !strpbrk(text, "?#@") && text[length - 1] != '/') return NULL;
    return "a URL such as https://api.tallyfy.com, without user, query or a slash at its end";
}

static const char *check_url_or_empty(const char *text) {
    if (!*text || (is_web_url(text) && !strpbrk(text, "#@"))) return NULL;
    return "empty or a URL such as https://mcp.example.com/mcp";
}

static const char *check_origins(const char *text) {
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

static const char *check_hosts(const char *text) {
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && !strchr(" .-_:[]", *text))
            return "host names such as mcp.example.com, separated by spaces";
    return NULL;
}

/* It becomes an HTTP header value. */
static const char *check_header_word(const char *text) {
    static const char *const wanted = "one word of letters, digits, '-', '_', '.' and '/'";
    if (!*text) return wanted;
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && !strchr("-_./", *text)) return wanted;
    return NULL;
}

/* It is compared byte by byte with tokens, and metadata paths are made from it. */
static const char *check_issuer(const char *text) {
    if (!*text) return NULL;
    if (is_web_url(text) && !strpbrk(text, "?#@")) return NULL;
    return "empty or a URL such as https://account.example.com, without user, query or fragment";
}

/* Words that may stand in a quoted header parameter (RFC 6750 3: scope tokens). */
static const char *check_words(const char *text) {
    for (; *text; text++)
        if (*text < ' ' || *text >= 0x7f || *text == '"' || *text == '\\')
            return "words of visible ASCII without quotes and backslashes, separated by spaces";
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

static const char *check_holidays(const char *text) {
    for (const char *word = text + strspn(text, " "); *word; word += strspn(word, " ")) {
        size_t length = strcspn(word, " ");
        if (!holiday_is_valid(word, length))
            return "dates such as 2026-12-25, or ORGANISATION:2026-12-25 for one of them, "
                   "separated by spaces";
        word += length;
    }
    return NULL;
}

static const char *check_path(const char *text) {
    return *text ? NULL : "the path of a directory";
}

const th_setting_row_t th_setting_rows[] = {
    CHOICE(log, level, "info", "debug info notice warning error none",
           "The least serious lines that are written to standard error."),
    CHOICE(log, format, "text", "text json",
           "How a log line is written: for people, or one JSON object per line."),

    WHOLE(worker, count, "1", 1, 64,
          "Threads, each with its own loop, sessions and connections to the API."),
    WHOLE(worker, inbox, "4096", 16, 1000000,
          "Messages from other workers that may wait; more are held back by their sender."),

    TEXT(http, listen, "127.0.0.1:9000", check_addresses,
         "Where MCP is served: addresses with port, separated by spaces."),
    TEXT(http, allowed_hosts, "", check_hosts,
         "Host names that requests may carry besides loopback's, separated by spaces."),
    TEXT(http, allowed_origins, "", check_origins,
         "Web origins that may call besides loopback's, separated by spaces."),
    WHOLE(http, connections, "2000", 1, 100000, "Open connections of one worker."),
    WHOLE(http, connections_per_address, "256", 1, 100000,
          "Open connections from one address; a proxy in front counts as one address."),
    BYTES(http, head_bytes, "16KB", 1 * KB, 256 * KB,
          "The request line and all header fields together."),
    WHOLE(http, head_fields, "64", 8, 1000, "Header fields of one request."),
    BYTES(http, field_bytes, "8KB", 256, 64 * KB, "One header field's value."),
    BYTES(http, target_bytes, "4KB", 256, 64 * KB, "Path and query of a request."),
    BYTES(http, body_bytes, "1MB", 1 * KB, 64 * MB, "The body of a request."),
    TIME(http, head_timeout, "10s", 100, 10 * MINUTE, "From the first byte of a head to its end."),
    TIME(http, body_timeout, "20s", 100, 10 * MINUTE,
         "From the end of a head to the end of its body."),
    TIME(http, idle_timeout, "15s", 100, HOUR, "Between two requests of one connection."),
    TIME(http, write_timeout, "20s", 100, 10 * MINUTE,
         "Without the client taking a byte of its answer."),
    TIME(http, linger_timeout, "2s", 10, MINUTE,
         "Reading on after the last answer, so that the client gets to see it."),
    BYTES(http, linger_bytes, "256KB", 0, 64 * MB, "Read and thrown away at most while lingering."),
    WHOLE(http, pipelined, "32", 1, 1000, "Unanswered requests of one connection."),
    BYTES(http, unsent_bytes, "4MB", 64 * KB, 256 * MB,
          "Answers that one connection has not taken yet."),
    TIME(http, stream_comment, "15s", SECOND, 10 * MINUTE,
         "Silence after which an open event stream gets a comment line."),

    TEXT(websocket, listen, "127.0.0.1:9001", check_addresses_or_off,
         "Where WebSocket connections (MCP, and the chat) are served, or \"off\"."),
    BYTES(websocket, message_bytes, "256KB", 1 * KB, 64 * MB, "One WebSocket message."),
    TIME(websocket, ping, "30s", SECOND, 10 * MINUTE, "Silence after which a ping is sent."),
    TIME(websocket, pong_timeout, "10s", SECOND, 10 * MINUTE,
         "Time to answer a ping before the connection is dropped."),
    BYTES(websocket, unsent_bytes, "1MB", 64 * KB, 256 * MB,
          "Messages that one connection has not taken yet."),

    BYTES(stdio, line_bytes, "1MB", 1 * KB, 64 * MB, "One message on standard input."),

    WHOLE(fetch, concurrency, "256", 1, 10000, "Requests to the API under way, per worker."),
    WHOLE(fetch, queue, "1024", 0, 100000,
          "Requests to the API that wait behind them, per worker."),

    TEXT(tallyfy, base_url, "https://api.tallyfy.com", check_base_url, "Where the Tallyfy API is."),
    TEXT(tallyfy, client, "APIClient", check_header_word, "What the X-Tallyfy-Client header says."),
    FLAG(tallyfy, plain_http, "false",
         "Allow an http:// base_url on loopback: for the practice organisation and tests."),
    TIME(tallyfy, connect_timeout, "5s", 100, MINUTE, "To connect to the API."),
    TIME(tallyfy, timeout, "30s", 100, 10 * MINUTE, "One attempt of one API request, in all."),
    WHOLE(tallyfy, retries, "4", 0, 10, "Further attempts after a failure that is safe to retry."),
    TIME(tallyfy, retry_base, "500ms", 1, MINUTE, "Wait before the second attempt; it doubles."),
    TIME(tallyfy, retry_cap, "8s", 1, 10 * MINUTE, "The longest wait between two attempts."),
    TIME(tallyfy, retry_after_cap, "30s", 0, 10 * MINUTE,
         "The longest Retry-After that is waited for; a longer one is an error at once."),
    BYTES(tallyfy, answer_bytes, "8MB", 64 * KB, 256 * MB, "One answer of the API."),

    TIME(session, idle, "60min", SECOND, 7 * DAY, "A session unused for this long ends."),
    TIME(session, life, "12h", SECOND, 30 * DAY, "A session ends after this, used or not."),
    TIME(session, sweep, "5min", 100, HOUR, "How often expired sessions are looked for."),
    TIME(session, verify_again, "5min", SECOND, DAY,
         "Quiet while after which a credential is verified with the API again."),
    TIME(session, refusal_memory, "10s", 0, HOUR,
         "How long a refused credential is refused without asking the API."),
    TIME(session, state_idle, "3min", 100, DAY,
         "A Lua state unused for this long is closed; the session stays."),
    WHOLE(session, count, "10000", 1, 1000000, "Sessions of one worker."),
    WHOLE(session, per_principal, "16", 1, 10000, "Sessions of one person in one organisation."),
    WHOLE(session, calls, "16", 1, 1000, "Tool calls running at once in one session."),
    WHOLE(session, queue, "64", 0, 10000, "Tool calls waiting behind them in one session."),
    WHOLE(session, calls_total, "256", 1, 100000, "Tool calls running at once in all."),
    FLAG(session, credential_arguments, "false",
         "Accept api_key and org_id among a tool's arguments (an older habit)."),

    TEXT(script, tools, "tools.lua.d", check_path, "The directory of tool files."),
    TEXT(script, library, "", NULL,
         "A directory to use instead of the built-in lua/; for its authors."),
    BYTES(script, memory, "32MB", 256 * KB, 4 * GB, "What one session's Lua state may hold."),
    TIME(script, cpu, "2s", 10, 10 * MINUTE, "Processor time of one call; waiting is free."),
    TIME(script, slice, "5ms", 1, SECOND,
         "Processor time of a call before others on the loop get their turn."),
    TIME(script, call_timeout, "60s", 100, HOUR, "One call in all, waiting included."),
    TIME(script, ask_timeout, "10min", SECOND, 24 * HOUR,
         "How long a call waits for a person's answer; its own time stands still."),
    BYTES(script, result_bytes, "1MB", 1 * KB, 64 * MB, "The result of one call."),
    WHOLE(script, pattern_steps, "1000000", 1000, 1000000000,
          "Steps of one string.find, match, gmatch or gsub."),
    WHOLE(script, requests, "100", 1, 100000, "API requests of one call in all."),
    WHOLE(script, parallel, "6", 1, 100, "API requests of one call at once."),
    TIME(script, reload_settle, "100ms", 10, MINUTE,
         "Quiet time after a change before the tools are read again."),
    FLAG(script, reload, "true", "Read the tools again when a file changes."),

    TEXT(
        mcp, instructions,
        "Tools for Tallyfy, where teams run processes made from templates. Look things up by name "
        "with search_all before you need an id. Tasks of a process and one-off tasks are separate: "
        "pass the process when you have it. Times are ISO 8601.",
        NULL, "What clients tell the model about this server."),
    TEXT(mcp, resource_url, "", check_url_or_empty,
         "Public URL of the endpoint, for 401 answers; empty: as the request's Host says."),
    TIME(mcp, list_ttl, "60s", 0, DAY, "How long clients may keep the list of tools."),
    TIME(mcp, drain, "10s", 0, HOUR, "How long running calls may go on at shutdown."),
    WHOLE(mcp, page, "250", 1, 10000,
          "Entries of one page of a list; many clients read only the first."),
    TIME(mcp, ask_timeout, "10min", SECOND, DAY,
         "How long a running call waits for the person's answer to a question."),
    WHOLE(mcp, held_calls, "16", 0, 10000,
          "Calls of one person that changed something and wait for an answer brought by a retry."),
    WHOLE(mcp, listens, "1024", 1, 1000000, "Standing subscriptions open at once per worker."),
    WHOLE(mcp, listens_per_principal, "32", 1, 10000,
          "Standing subscriptions of one person in one organisation."),
    WHOLE(mcp, subscriptions, "256", 1, 10000,
          "Resources that one session or one subscription follows."),
    BYTES(mcp, resume_bytes, "256KB", 4 * KB, 256 * MB,
          "Events kept per session for a client that lost its connection and comes back."),
    BYTES(mcp, resume_total, "64MB", 64 * KB, 16 * GB,
          "The same of all sessions of one worker together."),
    TIME(mcp, retry, "500ms", 10, MINUTE,
         "How long a client is asked to wait before it comes back to a stream."),
    WHOLE(mcp, tasks_per_principal, "64", 1, 10000,
          "Tasks of one person in one organisation; the oldest that ended make room."),
    BYTES(mcp, task_bytes, "64MB", 64 * KB, 16 * GB,
          "Results of ended tasks kept by one worker; the oldest make room."),
    TIME(mcp, task_life, "15min", SECOND, 7 * DAY,
         "How long a task and its result are kept, from its creation."),

    CHOICE(
        auth, mode, "keys", "keys tokens both",
        "What signs people in over HTTP: personal API keys, the issuer's access tokens, or both."),
    TEXT(auth, issuer, "", check_issuer,
         "The authorization server whose access tokens are accepted; needed unless auth.mode is "
         "keys."),
    TEXT(auth, jwks_uri, "", check_url_or_empty,
         "Where the issuer publishes its keys; empty: its /.well-known/jwks.json."),
    TEXT(auth, public_key, "", NULL,
         "A PEM file with the issuer's public keys, instead of fetching them."),
    TEXT(auth, audience, "", check_words,
         "What a token's mcp_resource or aud may say, besides mcp.resource_url, separated by "
         "spaces."),
    TEXT(auth, scopes,
         "mcp.users.read mcp.tasks.read mcp.processes.read mcp.templates.read mcp.forms.read "
         "mcp.automation.read",
         check_words, "The scopes that clients are told to ask for first, separated by spaces."),
    TIME(auth, key_life, "1h", 0, 400 * DAY,
         "How long a key that the issuer no longer lists is still good: a token's longest life."),
    TIME(auth, key_pause, "60s", 10, DAY, "Between two fetches of the issuer's keys, at least."),
    CHOICE(auth, discovery, "proxy", "proxy redirect off",
           "How /.well-known/oauth-authorization-server answers: the issuer's document, a redirect "
           "to it, or 404."),
    FLAG(auth, plain_http, "false",
         "Allow http:// on loopback for the issuer and its keys: for tests."),

    TEXT(date, holidays, "", check_holidays,
         "Days that are no business days: 2026-12-25, or ORGANISATION:2026-12-25 for one of them."),
    CHOICE(date, week_start, "Monday", "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
           "The first day of a week."),
    WHOLE(date, fiscal_year_start, "1", 1, 12, "The month in which a fiscal year begins."),
    CHOICE(date, next_weekday, "week", "week coming",
           "\"next Friday\" said on a Monday: Friday of next week, or the coming one."),
    TIME(date, morning, "9h", 0, 23 * HOUR, "What \"in the morning\" means, after midnight."),
    TIME(date, noon, "12h", 0, 23 * HOUR, "What \"noon\" means."),
    TIME(date, afternoon, "15h", 0, 23 * HOUR, "What \"in the afternoon\" means."),
    TIME(date, evening, "18h", 0, 23 * HOUR, "What \"in the evening\" means."),
    TIME(date, night, "21h", 0, 23 * HOUR, "What \"at night\" means."),
    TIME(date, end_of_day, "1439min", 0, DAY - MINUTE,
         "What \"end of day\" means; when a day's deadline is over."),
    TIME(date, close, "17h", 0, DAY - MINUTE, "What \"close of business\" means."),

    TEXT(practice, listen, "127.0.0.1:0", check_address,
         "Where the practice organisation is served."),
    WHOLE(practice, seed, "1", 0, INT64_C(4294967295),
          "What the practice organisation's made-up data grows from."),
    CHOICE(practice, scale, "small", "small large",
           "How much of it: large is 500 people, 5,000 processes and 100,000 tasks."),
};
const size_t th_setting_row_count = sizeof(th_setting_rows) / sizeof(th_setting_rows[0]);
