/* http_head.c - scan and parse of one request head. Every rule that refuses a byte is here, in the
 * order of README.md's table: line structure in the scan, bytes and framing in the parse. */
#include "net/http_head.h"

#include <string.h>

/* Longest text around a target: the longest method, two spaces, the version, the line end. */
#define REQUEST_LINE_EXTRA 32

/* Letters, digits and !#$%&'*+-.^_`|~ as RFC 9110 lists them. */
static const bool token_bytes[256] = {
    ['!'] = true,         ['#'] = true, ['$'] = true,         ['%'] = true, ['&'] = true,
    ['\''] = true,        ['*'] = true, ['+'] = true,         ['-'] = true, ['.'] = true,
    ['0' ... '9'] = true, ['^'] = true, ['_'] = true,         ['`'] = true, ['|'] = true,
    ['A' ... 'Z'] = true, ['~'] = true, ['a' ... 'z'] = true,
};

/* Visible bytes, space, tab, and everything above 0x7f (kept as bytes, never interpreted). */
static const bool value_bytes[256] = {
    ['\t'] = true,
    [0x20 ... 0x7e] = true,
    [0x80 ... 0xff] = true,
};

/* What a host may consist of: name, IPv4, [IPv6], port. No user part, no path, no percent. */
static const bool host_bytes[256] = {
    ['-'] = true, ['.'] = true, ['0' ... '9'] = true, [':'] = true,         ['A' ... 'Z'] = true,
    ['['] = true, [']'] = true, ['_'] = true,         ['a' ... 'z'] = true,
};

static const char not_http[] = "This is not an HTTP request.";

static bool refuse(th_http_refusal_t *refusal, int status, const char *code, const char *message) {
    *refusal = (th_http_refusal_t){status, code, message};
    return false;
}

static th_http_scan_verdict_t scan_refused(th_http_refusal_t *refusal, int status, const char *code,
                                           const char *message) {
    (void)refuse(refusal, status, code, message);
    return TH_HTTP_SCAN_REFUSED;
}

static th_http_scan_verdict_t scan_too_long(const th_http_scan_t *scan,
                                            th_http_refusal_t *refusal) {
    if (scan->line == scan->begin)
        return scan_refused(refusal, 414, "target_too_long", "The request target is too long.");
    return scan_refused(refusal, 431, "head_too_large",
                        "The request's header section is too large.");
}

/* Judges one complete line data[scan->line .. line_end), its CRLF included. */
static th_http_scan_verdict_t scan_line(th_http_scan_t *scan, const char *data, size_t line_end,
                                        const th_http_limits_t *limits,
                                        th_http_refusal_t *refusal) {
    const char *line = data + scan->line;
    size_t length = line_end - scan->line;
    if (length < 2 || memchr(line, '\r', length) != line + length - 2)
        return scan_refused(refusal, 400, "bad_line_end",
                            "Header lines must end in CRLF and hold no CR or LF of their own.");
    bool first = scan->line == scan->begin;
    if (length == 2 && first) {
        if (scan->blank)
            return scan_refused(refusal, 400, "empty_line",
                                "Only one empty line may precede a request.");
        scan->blank = true;
        scan->begin = scan->line = line_end;
        return TH_HTTP_SCAN_MORE;
    }
    if (length == 2) return TH_HTTP_SCAN_WHOLE;
    if (first && !token_bytes[(unsigned char)line[0]])
        return scan_refused(refusal, 400, "bad_request_line", not_http);
    if (first && length > limits->target_bytes + REQUEST_LINE_EXTRA)
        return scan_too_long(scan, refusal);
    if (line[0] == ' ' || line[0] == '\t')
        return scan_refused(refusal, 400, "folded_header",
                            "A header line must not start with a blank (obsolete folding).");
    scan->line = line_end;
    return TH_HTTP_SCAN_MORE;
}

/* Refuses early what no further byte can mend, so that it does not wait for a timeout. */
static th_http_scan_verdict_t scan_partial(const th_http_scan_t *scan, const char *data,
                                           size_t length, const th_http_limits_t *limits,
                                           th_http_refusal_t *refusal) {
    const char *line = data + scan->line;
    size_t have = length - scan->line;
    const char *carriage = have > 0 ? memchr(line, '\r', have) : NULL;
    if (carriage && carriage != line + have - 1)
        return scan_refused(refusal, 400, "bad_line_end", "CR must be followed by LF.");
    bool first = scan->line == scan->begin;
    if (first && have > 0 && line[0] != '\r' && !token_bytes[(unsigned char)line[0]])
        return scan_refused(refusal, 400, "bad_request_line", not_http);
    if (first && have > limits->target_bytes + REQUEST_LINE_EXTRA)
        return scan_too_long(scan, refusal);
    if (length - scan->begin >= limits->head_bytes) return scan_too_long(scan, refusal);
    return TH_HTTP_SCAN_MORE;
}

th_http_scan_verdict_t th_http_head_scan(th_http_scan_t *scan, const char *data, size_t length,
                                         const th_http_limits_t *limits, size_t *end,
                                         th_http_refusal_t *refusal) {
    while (scan->seen < length) {
        const char *feed = memchr(data + scan->seen, '\n', length - scan->seen);
        if (!feed) break;
        size_t line_end = (size_t)(feed - data) + 1;
        if (line_end - scan->begin > limits->head_bytes) return scan_too_long(scan, refusal);
        th_http_scan_verdict_t verdict = scan_line(scan, data, line_end, limits, refusal);
        scan->seen = line_end;
        if (verdict == TH_HTTP_SCAN_WHOLE) *end = line_end;
        if (verdict != TH_HTTP_SCAN_MORE) return verdict;
    }
    scan->seen = length;
    return scan_partial(scan, data, length, limits, refusal);
}

bool th_http_is_token(th_slice_t text) {
    for (size_t i = 0; i < text.length; i++)
        if (!token_bytes[(unsigned char)text.data[i]]) return false;
    return text.length > 0;
}

bool th_http_is_field_value(th_slice_t text) {
    for (size_t i = 0; i < text.length; i++)
        if (!value_bytes[(unsigned char)text.data[i]]) return false;
    return true;
}

static th_slice_t trim(th_slice_t text) {
    while (text.length > 0 && (text.data[0] == ' ' || text.data[0] == '\t'))
        text = th_slice(text.data + 1, text.length - 1);
    while (text.length > 0 &&
           (text.data[text.length - 1] == ' ' || text.data[text.length - 1] == '\t'))
        text.length--;
    return text;
}

bool th_http_list_next(th_slice_t *rest, th_slice_t *item) {
    while (rest->length > 0) {
        const char *comma = memchr(rest->data, ',', rest->length);
        size_t length = comma ? (size_t)(comma - rest->data) : rest->length;
        size_t taken = comma ? length + 1 : length;
        *item = trim(th_slice(rest->data, length));
        *rest = th_slice(rest->data + taken, rest->length - taken);
        if (item->length > 0) return true;
    }
    return false;
}

static bool parse_method(th_slice_t text, th_http_method_t *method) {
    for (int m = TH_HTTP_GET; m <= TH_HTTP_OPTIONS; m++) {
        if (th_slice_is(text, th_http_method_name((th_http_method_t)m))) {
            *method = (th_http_method_t)m;
            return true;
        }
    }
    return false;
}

/* Sets head->minor; "HTTP/" digit "." digit only. */
static bool parse_version(th_slice_t text, th_http_head_t *head, th_http_refusal_t *refusal) {
    if (th_slice_is(text, "HTTP/1.1")) {
        head->minor = 1;
        return true;
    }
    if (th_slice_is(text, "HTTP/1.0")) {
        head->minor = 0;
        return true;
    }
    if (text.length == 8 && memcmp(text.data, "HTTP/", 5) == 0 && text.data[6] == '.' &&
        text.data[5] >= '0' && text.data[5] <= '9' && text.data[7] >= '0' && text.data[7] <= '9')
        return refuse(refusal, 505, "bad_version", "Only HTTP/1.1 and HTTP/1.0 are spoken here.");
    return refuse(refusal, 400, "bad_request_line",
                  "A request line is METHOD, one space, target, one space, HTTP/1.1.");
}

/* Origin-form only: absolute-form and authority-form are for proxies. */
static bool parse_target(th_slice_t target, const th_http_limits_t *limits, th_http_head_t *head,
                         th_http_refusal_t *refusal) {
    if (target.length > limits->target_bytes)
        return refuse(refusal, 414, "target_too_long", "The request target is too long.");
    if (target.length == 0 || target.data[0] != '/')
        return refuse(refusal, 400, "bad_target", "The request target must start with '/'.");
    for (size_t i = 0; i < target.length; i++) {
        unsigned char byte = (unsigned char)target.data[i];
        if (byte < 0x21 || byte > 0x7e || byte == '#')
            return refuse(refusal, 400, "bad_target",
                          "The request target holds a byte that must be percent-encoded.");
    }
    const char *mark = memchr(target.data, '?', target.length);
    size_t path = mark ? (size_t)(mark - target.data) : target.length;
    head->request.target = target;
    head->request.path = th_slice(target.data, path);
    if (mark) head->request.query = th_slice(mark + 1, target.length - path - 1);
    return true;
}

static bool parse_request_line(th_slice_t line, const th_http_limits_t *limits,
                               th_http_head_t *head, th_http_refusal_t *refusal) {
    static const char shape[] = "A request line is METHOD, one space, target, one space, HTTP/1.1.";
    const char *first = memchr(line.data, ' ', line.length);
    if (!first) return refuse(refusal, 400, "bad_request_line", shape);
    th_slice_t method = th_slice(line.data, (size_t)(first - line.data));
    th_slice_t rest = th_slice(first + 1, line.length - method.length - 1);
    const char *second = memchr(rest.data, ' ', rest.length);
    if (!second || !th_http_is_token(method))
        return refuse(refusal, 400, "bad_request_line", shape);
    th_slice_t target = th_slice(rest.data, (size_t)(second - rest.data));
    th_slice_t version = th_slice(second + 1, rest.length - target.length - 1);
    if (!parse_version(version, head, refusal)) return false;
    if (!parse_method(method, &head->request.method))
        return refuse(refusal, 501, "unknown_method", "This method is not known here.");
    return parse_target(target, limits, head, refusal);
}

/* What the fields say about framing, collected while they are split and judged afterwards. */
typedef struct framing {
    unsigned hosts, origins, lengths, encodings, expects, upgrades;
    bool close, keep_alive, upgrade;
    th_slice_t length, encoding, expect;
} framing_t;

static void note_connection(framing_t *framing, th_slice_t value) {
    th_slice_t option;
    while (th_http_list_next(&value, &option)) {
        if (th_slice_equal_nocase(option, TH_SLICE("close"))) framing->close = true;
        if (th_slice_equal_nocase(option, TH_SLICE("keep-alive"))) framing->keep_alive = true;
        if (th_slice_equal_nocase(option, TH_SLICE("upgrade"))) framing->upgrade = true;
    }
}

static void note_field(framing_t *framing, th_http_head_t *head, th_slice_t name,
                       th_slice_t value) {
    if (th_slice_equal_nocase(name, TH_SLICE("host"))) {
        framing->hosts++;
        head->host = value;
    } else if (th_slice_equal_nocase(name, TH_SLICE("origin"))) {
        framing->origins++;
        head->origin = value;
    } else if (th_slice_equal_nocase(name, TH_SLICE("content-length"))) {
        framing->lengths++;
        framing->length = value;
    } else if (th_slice_equal_nocase(name, TH_SLICE("transfer-encoding"))) {
        framing->encodings++;
        framing->encoding = value;
    } else if (th_slice_equal_nocase(name, TH_SLICE("connection"))) {
        note_connection(framing, value);
    } else if (th_slice_equal_nocase(name, TH_SLICE("expect"))) {
        framing->expects++;
        framing->expect = value;
    } else if (th_slice_equal_nocase(name, TH_SLICE("upgrade"))) {
        framing->upgrades++;
        head->upgrade = value;
    }
}

static bool parse_field(th_slice_t line, const th_http_limits_t *limits, th_http_header_t *field,
                        th_http_refusal_t *refusal) {
    size_t i = 0;
    while (i < line.length && token_bytes[(unsigned char)line.data[i]])
        i++;
    if (i == 0 || i == line.length || line.data[i] != ':')
        return refuse(refusal, 400, "bad_header_name",
                      "A header line is a name of token characters, a colon and a value.");
    field->name = th_slice(line.data, i);
    field->value = trim(th_slice(line.data + i + 1, line.length - i - 1));
    if (field->value.length > limits->field_bytes)
        return refuse(refusal, 431, "header_too_large", "One header value is too large.");
    if (!th_http_is_field_value(field->value))
        return refuse(refusal, 400, "bad_header_value", "A header value holds a control byte.");
    return true;
}

static bool judge_host(const framing_t *framing, const th_http_head_t *head,
                       th_http_refusal_t *refusal) {
    if (framing->hosts != 1 || head->host.length == 0)
        return refuse(refusal, 400, "bad_host", "A request must carry exactly one Host header.");
    for (size_t i = 0; i < head->host.length; i++)
        if (!host_bytes[(unsigned char)head->host.data[i]])
            return refuse(refusal, 400, "bad_host", "The Host header is not a host name and port.");
    return true;
}

static bool judge_length(th_slice_t text, const th_http_limits_t *limits, th_http_head_t *head,
                         th_http_refusal_t *refusal) {
    static const char shape[] = "Content-Length must be one decimal number.";
    if (text.length == 0) return refuse(refusal, 400, "bad_content_length", shape);
    uint64_t value = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return refuse(refusal, 400, "bad_content_length", shape);
        if (i < 19) value = value * 10 + (uint64_t)(text.data[i] - '0');
    }
    if (text.length > 19) return refuse(refusal, 400, "bad_content_length", shape);
    head->has_length = true;
    head->content_length = value;
    if (value > limits->body_bytes)
        return refuse(refusal, 413, "body_too_large", "The request body is larger than allowed.");
    return true;
}

/* RFC 9112 6.3, without its leniencies: at most one of the two, each at most once. */
static bool judge_body(const framing_t *framing, const th_http_limits_t *limits,
                       th_http_head_t *head, th_http_refusal_t *refusal) {
    if (framing->lengths > 1)
        return refuse(refusal, 400, "bad_content_length", "Content-Length came more than once.");
    if (framing->encodings > 0) {
        if (framing->lengths > 0)
            return refuse(refusal, 400, "ambiguous_length",
                          "Content-Length and Transfer-Encoding exclude each other.");
        if (framing->encodings > 1 || head->minor == 0)
            return refuse(refusal, 400, "bad_transfer_encoding",
                          "Transfer-Encoding may come once, and only in HTTP/1.1.");
        if (!th_slice_equal_nocase(framing->encoding, TH_SLICE("chunked")))
            return refuse(refusal, 501, "bad_transfer_encoding",
                          "The only Transfer-Encoding understood is chunked.");
        head->chunked = true;
    }
    if (framing->lengths == 1 && !judge_length(framing->length, limits, head, refusal))
        return false;
    th_http_method_t method = head->request.method;
    bool takes_body = method == TH_HTTP_POST || method == TH_HTTP_PUT || method == TH_HTTP_PATCH;
    if (takes_body && !head->chunked && !head->has_length)
        return refuse(refusal, 411, "length_required",
                      "This method needs Content-Length or Transfer-Encoding: chunked.");
    if (!takes_body && th_http_head_has_body(head))
        return refuse(refusal, 413, "unexpected_body", "This method must not carry a body.");
    return true;
}

static bool judge(const framing_t *framing, const th_http_limits_t *limits, th_http_head_t *head,
                  th_http_refusal_t *refusal) {
    head->keep_alive = !framing->close && (head->minor == 1 || framing->keep_alive);
    head->connection_upgrade = framing->upgrade;
    if (!judge_host(framing, head, refusal)) return false;
    if (framing->origins > 1)
        return refuse(refusal, 400, "bad_origin", "Origin came more than once.");
    if (!judge_body(framing, limits, head, refusal)) return false;
    if (framing->upgrades > 1)
        return refuse(refusal, 400, "bad_upgrade", "Upgrade came more than once.");
    if (framing->expects > 0 && head->minor == 1) {
        if (framing->expects > 1 ||
            !th_slice_equal_nocase(framing->expect, TH_SLICE("100-continue")))
            return refuse(refusal, 417, "bad_expectation",
                          "The only expectation understood is 100-continue.");
        head->expect_continue = th_http_head_has_body(head);
    }
    return true;
}

bool th_http_head_parse(const char *data, size_t length, const th_http_limits_t *limits,
                        th_http_header_t *fields, th_http_head_t *head,
                        th_http_refusal_t *refusal) {
    *head = (th_http_head_t){.minor = 1};
    framing_t framing = {0};
    size_t count = 0;
    const char *end = data + length;
    for (const char *line = data; line < end;) {
        const char *feed = memchr(line, '\n', (size_t)(end - line));
        if (!feed || feed == line || feed[-1] != '\r')
            return refuse(refusal, 400, "bad_line_end", "Header lines must end in CRLF.");
        th_slice_t text = th_slice(line, (size_t)(feed - 1 - line));
        if (line == data) {
            if (!parse_request_line(text, limits, head, refusal)) return false;
        } else if (text.length > 0) {
            if (count == limits->head_fields)
                return refuse(refusal, 431, "too_many_headers",
                              "The request has too many headers.");
            if (!parse_field(text, limits, &fields[count], refusal)) return false;
            note_field(&framing, head, fields[count].name, fields[count].value);
            count++;
        }
        line = feed + 1;
    }
    head->request.headers = fields;
    head->request.header_count = count;
    return judge(&framing, limits, head, refusal);
}
