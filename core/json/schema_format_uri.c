/* schema_format_uri.c - the formats uri, iri, their references (RFC 3986, RFC 3987), and
 * uri-template (RFC 6570). */
#include "json/schema_format.h"

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* ucschar and iprivate (RFC 3987 2.2): all but surrogates, non-characters and specials. */
static bool is_international(uint32_t code, bool private) {
    if ((code & 0xfffe) == 0xfffe || code < 0xa0) return false;
    bool private_use = (code >= 0xe000 && code <= 0xf8ff) || code >= 0xf0000;
    if (private_use) return private;
    return code <= 0xd7ff || (code >= 0xf900 && code <= 0xfdcf) ||
           (code >= 0xfdf0 && code <= 0xffef) || code >= 0x10000;
}

/* unreserved, sub-delims, percent escapes, and <more>; beyond ASCII only if <international>. */
static bool all_of(th_slice_t text, const char *more, bool international, bool private) {
    for (size_t at = 0; at < text.length;) {
        char c = text.data[at];
        if ((unsigned char)c >= 0x80) {
            if (!international || !is_international(th_utf8_next(text, &at), private)) return false;
        } else if (c == '%') {
            if (text.length - at < 3 || !is_hex(text.data[at + 1]) || !is_hex(text.data[at + 2]))
                return false;
            at += 3;
        } else if (is_letter(c) || is_digit(c) ||
                   (c && (strchr("-._~!$&'()*+,;=", c) || strchr(more, c)))) {
            at++;
        } else {
            return false;
        }
    }
    return true;
}

static size_t find(th_slice_t text, const char *stops) {
    size_t at = 0;
    while (at < text.length && !(text.data[at] && strchr(stops, text.data[at])))
        at++;
    return at;
}

static th_slice_t rest(th_slice_t text, size_t from) {
    if (from == 0) return text; /* also of no text at all, where there is nothing to add to */
    return th_slice(text.data + from, text.length - from);
}

static bool ip_literal(th_slice_t text) {
    if (text.length < 2 || text.data[text.length - 1] != ']') return false;
    text = th_slice(text.data + 1, text.length - 2);
    if (text.length > 0 && (text.data[0] == 'v' || text.data[0] == 'V')) {
        size_t dot = find(text, ".");
        for (size_t i = 1; i < dot; i++)
            if (!is_hex(text.data[i])) return false;
        return dot > 1 && dot + 1 < text.length && !memchr(text.data, '%', text.length) &&
               all_of(rest(text, dot + 1), ":", false, false);
    }
    return th_format_ipv6(text);
}

static bool authority(th_slice_t text, bool international) {
    size_t sign = text.length;
    while (sign > 0 && text.data[sign - 1] != '@')
        sign--;
    if (sign > 0) {
        if (!all_of(th_slice(text.data, sign - 1), ":", international, false)) return false;
        text = rest(text, sign);
    }
    size_t colon = text.length;
    while (colon > 0 && is_digit(text.data[colon - 1]))
        colon--;
    if (colon > 0 && text.data[colon - 1] == ':') text.length = colon - 1;
    if (text.length > 0 && text.data[0] == '[') return ip_literal(text);
    return all_of(text, "", international, false);
}

static bool is_scheme(th_slice_t text) {
    if (text.length == 0 || !is_letter(text.data[0])) return false;
    for (size_t i = 1; i < text.length; i++)
        if (!is_letter(text.data[i]) && !is_digit(text.data[i]) && text.data[i] != '+' &&
            text.data[i] != '-' && text.data[i] != '.')
            return false;
    return true;
}

static bool reference(th_slice_t text, bool need_scheme, bool international) {
    size_t colon = find(text, ":/?#");
    bool scheme = colon < text.length && text.data[colon] == ':';
    /* A colon in the first segment of a relative path would read as a scheme: RFC 3986 4.2. */
    if (scheme ? !is_scheme(th_slice(text.data, colon)) : need_scheme) return false;
    if (scheme) text = rest(text, colon + 1);
    size_t hash = find(text, "#");
    if (hash < text.length && !all_of(rest(text, hash + 1), ":@/?", international, false))
        return false;
    text.length = hash;
    size_t mark = find(text, "?");
    if (mark < text.length && !all_of(rest(text, mark + 1), ":@/?", international, true))
        return false;
    text.length = mark;
    if (text.length >= 2 && text.data[0] == '/' && text.data[1] == '/') {
        text = rest(text, 2);
        size_t end = find(text, "/");
        if (!authority(th_slice(text.data, end), international)) return false;
        text = rest(text, end);
    }
    return all_of(text, ":@/", international, false);
}

bool th_format_uri(th_slice_t text) {
    return reference(text, true, false);
}

bool th_format_uri_reference(th_slice_t text) {
    return reference(text, false, false);
}

bool th_format_iri(th_slice_t text) {
    return reference(text, true, true);
}

bool th_format_iri_reference(th_slice_t text) {
    return reference(text, false, true);
}

/* ---- templates ---- */

/* varname = varchar *( ["."] varchar ), then ":" max-length or "*". */
static bool variable(th_slice_t text) {
    size_t at = 0;
    bool after_dot = true;
    for (; at < text.length && text.data[at] != ':' && text.data[at] != '*'; at++) {
        char c = text.data[at];
        if (c == '%') {
            if (text.length - at < 3 || !is_hex(text.data[at + 1]) || !is_hex(text.data[at + 2]))
                return false;
            at += 2;
        } else if (c == '.' ? after_dot : !is_letter(c) && !is_digit(c) && c != '_') {
            return false;
        }
        after_dot = c == '.';
    }
    if (after_dot) return false;
    if (at == text.length) return true;
    if (text.data[at] == '*') return at + 1 == text.length;
    size_t digits = text.length - at - 1;
    if (digits < 1 || digits > 4 || text.data[at + 1] == '0') return false;
    for (size_t i = at + 1; i < text.length; i++)
        if (!is_digit(text.data[i])) return false;
    return true;
}

static bool expression(th_slice_t text) {
    if (text.length > 0 && text.data[0] && strchr("+#./;?&=,!@|", text.data[0]))
        text = rest(text, 1);
    for (;;) {
        size_t comma = find(text, ",");
        if (!variable(th_slice(text.data, comma))) return false;
        if (comma == text.length) return true;
        text = rest(text, comma + 1);
    }
}

bool th_format_uri_template(th_slice_t text) {
    for (size_t at = 0; at < text.length;) {
        unsigned char c = (unsigned char)text.data[at];
        if (c == '{') {
            size_t length = find(rest(text, at + 1), "}");
            if (at + 1 + length == text.length) return false;
            if (!expression(th_slice(text.data + at + 1, length))) return false;
            at += length + 2;
        } else if (c >= 0x80) {
            if (!is_international(th_utf8_next(text, &at), true)) return false;
        } else if (c <= 0x20 || c == 0x7f || strchr("\"<>\\^`|}", c)) {
            return false;
        } else if (c == '%') {
            if (text.length - at < 3 || !is_hex(text.data[at + 1]) || !is_hex(text.data[at + 2]))
                return false;
            at += 3;
        } else {
            at++;
        }
    }
    return true;
}
