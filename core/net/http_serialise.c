/* http_serialise.c - status line and headers of an answer, as bytes.
 * What frames the message (Content-Length, Transfer-Encoding, Connection) and Date are this file's;
 * a handler's headers of these names are left out. Its other headers are checked byte by byte, so
 * no value that came from outside can split an answer. */
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "net/http_internal.h"

static const struct {
    int status;
    const char *reason;
} reasons[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

static const char *reason_of(int status) {
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].status == status) return reasons[i].reason;
    return "Unknown";
}

/* IMF-fixdate (RFC 9110 5.6.7), made anew once a second; strftime would obey a locale. */
static th_slice_t date_line(th_http_server_t *server) {
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int64_t second = th_clock_wall_ms() / 1000;
    if (second != server->date_of) {
        time_t when = (time_t)second;
        struct tm utc;
        if (!gmtime_r(&when, &utc)) return th_slice(NULL, 0);
        (void)snprintf(server->date, sizeof server->date,
                       "Date: %.3s, %02d %.3s %04d %02d:%02d:%02d GMT\r\n", days + utc.tm_wday * 3,
                       utc.tm_mday, months + utc.tm_mon * 3, utc.tm_year + 1900, utc.tm_hour,
                       utc.tm_min, utc.tm_sec);
        server->date_of = second;
    }
    return th_slice_of(server->date);
}

static void add_number(th_buffer_t *out, size_t number) {
    char digits[24];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    (void)th_buffer_add(out, digits + at, sizeof digits - at);
}

static void add_status(th_http_answer_t *answer, int status) {
    th_buffer_t *out = &answer->server->head_out;
    if (status == 200) {
        (void)th_buffer_add_slice(out, TH_SLICE("HTTP/1.1 200 OK\r\n"));
    } else {
        (void)th_buffer_add_slice(out, TH_SLICE("HTTP/1.1 "));
        add_number(out, (size_t)status);
        (void)th_buffer_add_byte(out, ' ');
        (void)th_buffer_add_text(out, reason_of(status));
        (void)th_buffer_add_slice(out, TH_SLICE("\r\n"));
    }
    (void)th_buffer_add_slice(out, date_line(answer->server));
}

static void add_framing(th_http_answer_t *answer, int status, size_t length) {
    th_buffer_t *out = &answer->server->head_out;
    if (length == SIZE_MAX) {
        if (answer->chunked)
            (void)th_buffer_add_slice(out, TH_SLICE("Transfer-Encoding: chunked\r\n"));
    } else if (status != 204 && status != 304) {
        (void)th_buffer_add_slice(out, TH_SLICE("Content-Length: "));
        add_number(out, length);
        (void)th_buffer_add_slice(out, TH_SLICE("\r\n"));
    }
    if (!answer->keep_alive)
        (void)th_buffer_add_slice(out, TH_SLICE("Connection: close\r\n"));
    else if (answer->http10)
        (void)th_buffer_add_slice(out, TH_SLICE("Connection: keep-alive\r\n"));
}

static void add_cors(th_http_answer_t *answer) {
    th_buffer_t *out = &answer->server->head_out;
    if (answer->cors == TH_HTTP_CORS_NONE) return;
    if (answer->cors == TH_HTTP_CORS_ORIGIN || answer->cors == TH_HTTP_CORS_VARY)
        (void)th_buffer_add_slice(out, TH_SLICE("Vary: Origin\r\n"));
    if (answer->cors == TH_HTTP_CORS_VARY) return;
    (void)th_buffer_add_slice(out, TH_SLICE("Access-Control-Allow-Origin: "));
    (void)th_buffer_add_text(out, answer->cors == TH_HTTP_CORS_ANY ? "*" : answer->origin);
    (void)th_buffer_add_slice(
        out, TH_SLICE("\r\nAccess-Control-Expose-Headers: Mcp-Session-Id, WWW-Authenticate\r\n"));
}

static bool is_ours(th_slice_t name) {
    static const char *const ours[] = {"content-length", "transfer-encoding", "connection",
                                       "keep-alive", "date"};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (th_slice_equal_nocase(name, th_slice_of(ours[i]))) return true;
    return false;
}

static bool add_field(th_http_answer_t *answer, th_slice_t name, th_slice_t value) {
    if (!th_http_is_token(name) || !th_http_is_field_value(value)) {
        th_log(answer->server->worker->log, TH_LOG_ERROR, "net",
               "an answer has a header whose name or value is not valid; answered 500 instead");
        return false;
    }
    if (is_ours(name)) return true;
    th_buffer_t *out = &answer->server->head_out;
    (void)th_buffer_add_slice(out, name);
    (void)th_buffer_add_slice(out, TH_SLICE(": "));
    (void)th_buffer_add_slice(out, value);
    (void)th_buffer_add_slice(out, TH_SLICE("\r\n"));
    return true;
}

bool th_http_serialise(th_http_answer_t *answer, const th_http_response_t *response,
                       size_t length) {
    th_buffer_t *out = &answer->server->head_out;
    th_buffer_clear(out);
    if (response->status < 200 || response->status > 599) {
        th_log(answer->server->worker->log, TH_LOG_ERROR, "net",
               "an answer has status %d, which is not between 200 and 599; answered 500 instead",
               response->status);
        return false;
    }
    add_status(answer, response->status);
    if (response->content_type &&
        !add_field(answer, TH_SLICE("Content-Type"), th_slice_of(response->content_type)))
        return false;
    (void)th_buffer_add_slice(out, TH_SLICE("X-Content-Type-Options: nosniff\r\n"));
    for (size_t i = 0; i < response->header_count; i++)
        if (!add_field(answer, response->headers[i].name, response->headers[i].value)) return false;
    add_cors(answer);
    add_framing(answer, response->status, length);
    (void)th_buffer_add_slice(out, TH_SLICE("\r\n"));
    if (out->failed)
        th_log(answer->server->worker->log, TH_LOG_ERROR, "net",
               "an answer's headers are over %zu bytes; answered 500 instead", out->maximum);
    return !out->failed;
}
