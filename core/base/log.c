/* log.c - composing one line on the stack and writing it in one call. */
#include "base/log.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

static const char *const level_names[] = {"debug", "info", "notice", "warning", "error", "none"};

bool th_log_level_parse(const char *text, th_log_level_t *level) {
    for (int i = TH_LOG_DEBUG; i <= TH_LOG_NONE; i++) {
        if (strcmp(text, level_names[i]) != 0) continue;
        *level = (th_log_level_t)i;
        return true;
    }
    return false;
}

const char *th_log_level_name(th_log_level_t level) {
    return level_names[level];
}

static bool is_token_byte(char c) {
    return isalnum((unsigned char)c) || (c != '\0' && strchr("-._~+/=", c) != NULL);
}

/* Overwrites what looks like a credential: the word behind "Bearer ", and anything that begins like
 * a JWT ("eyJ", with a dot in it). Callers do not log credentials; this is the second net. */
static void mask_credentials(char *text) {
    for (char *p = text; *p; p++) {
        bool bearer = strncasecmp(p, "bearer ", 7) == 0;
        bool at_start = p == text || !is_token_byte(p[-1]);
        bool jwt = at_start && strncmp(p, "eyJ", 3) == 0;
        if (!bearer && !jwt) continue;
        char *start = bearer ? p + 7 : p;
        char *end = start;
        while (is_token_byte(*end))
            end++;
        if (jwt && !memchr(start, '.', (size_t)(end - start))) continue;
        if (end > start) memset(start, '*', (size_t)(end - start));
        p = end > p ? end - 1 : p;
    }
}

/* Appends <text> with control bytes, quotes and backslashes escaped as in JSON, and keeps <spare>
 * bytes free. */
static size_t append_escaped(char *line, size_t at, const char *text, size_t spare, bool json) {
    for (; *text && at + spare + 6 < TH_LOG_LINE_MAX; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 0x20 || c == 0x7f)
            at += (size_t)snprintf(line + at, 7, "\\u%04x", c);
        else {
            if (json && (c == '"' || c == '\\')) line[at++] = '\\';
            line[at++] = (char)c;
        }
    }
    while (at > 0 && *text && ((unsigned char)line[at - 1] & 0xc0) == 0x80)
        at--; /* never end inside a character that was cut */
    if (at > 0 && *text && (unsigned char)line[at - 1] >= 0xc0) at--;
    return at;
}

static void write_line(int fd, const char *line, size_t length) {
    ssize_t written = write(fd, line, length);
    (void)written; /* nowhere to report that the log is gone */
}

void th_log(const th_log_t *log, th_log_level_t level, const char *group, const char *format, ...) {
    if (!th_log_wants(log, level)) return;
    char message[TH_LOG_LINE_MAX];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    mask_credentials(message);

    char when[21];
    th_clock_format_utc(th_clock_wall_ms(), when);
    char line[TH_LOG_LINE_MAX];
    bool json = log->format == TH_LOG_JSON;
    int head = snprintf(line, sizeof line,
                        json ? "{\"time\":\"%s\",\"level\":\"%s\",\"group\":\"%s\",\"message\":\""
                             : "%s %-7s %-8s ",
                        when, level_names[level], group);
    size_t length = append_escaped(line, (size_t)head, message, 4, json);
    if (json) {
        line[length++] = '"';
        line[length++] = '}';
    }
    line[length++] = '\n';
    write_line(log->fd, line, length);
}

void th_log_json_line(const th_log_t *log, const char *json) {
    if (!log || log->format != TH_LOG_JSON) return;
    char line[16384];
    int length = snprintf(line, sizeof line, "%s\n", json);
    if (length > 0 && (size_t)length < sizeof line) write_line(log->fd, line, (size_t)length);
}
