/* schema_format_name.c - the formats hostname, idn-hostname, email and idn-email. */
#include "json/schema_format.h"

#define MAX_NAME 253
#define MAX_LOCAL 64 /* RFC 5321 4.5.3.1.1 */

/* A name under examination, label by label. */
typedef struct th_name {
    const th_idn_t *idn;
    bool right_to_left; /* a label has characters that run that way: the Bidi rule holds for all */
    size_t length;      /* as A-labels with dots */
} th_name_t;

typedef struct th_label {
    uint32_t code[TH_IDN_MAX_LABEL];
    size_t count;
} th_label_t;

static bool is_alphanumeric(uint32_t c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_ascii(const th_label_t *label) {
    for (size_t i = 0; i < label->count; i++)
        if (label->code[i] >= 0x80) return false;
    return true;
}

/* Letters, digits and inner hyphens. */
static bool is_host_label(const th_label_t *label) {
    for (size_t i = 0; i < label->count; i++) {
        bool edge = i == 0 || i + 1 == label->count;
        if (!is_alphanumeric(label->code[i]) && (edge || label->code[i] != '-')) return false;
    }
    return label->count > 0;
}

/* Turns an A-label into its U-label; false unless it is the one Punycode of a label that needs it
 * (RFC 5891 5.4). */
static bool decode_label(th_label_t *label) {
    char text[TH_IDN_MAX_LABEL], again[TH_PUNYCODE_SIZE];
    size_t length = label->count - 4;
    for (size_t i = 0; i < length; i++)
        text[i] = (char)label->code[i + 4];
    if (!th_punycode_decode(th_slice(text, length), label->code, TH_IDN_MAX_LABEL, &label->count) ||
        is_ascii(label))
        return false;
    size_t encoded = th_punycode_encode(label->code, label->count, again);
    return th_slice_equal_nocase(th_slice(again, encoded), th_slice(text, length));
}

/* Judges one label, and adds it to what is known about the name. An A-label becomes a U-label. */
static bool check_label(th_name_t *name, th_label_t *label) {
    char encoded[TH_PUNYCODE_SIZE];
    if (is_ascii(label)) {
        name->length += label->count + 1;
        if (!is_host_label(label)) return false;
        bool hyphens = label->count >= 4 && label->code[2] == '-' && label->code[3] == '-';
        if (!hyphens) return true;
        /* No other kind of label may have hyphens there: RFC 5891 4.2.3.1. */
        if ((label->code[0] | 0x20) != 'x' || (label->code[1] | 0x20) != 'n') return false;
        if (!decode_label(label)) return false;
    } else {
        size_t length = 4 + th_punycode_encode(label->code, label->count, encoded);
        name->length += length + 1;
        if (length > TH_IDN_MAX_LABEL) return false;
    }
    if (th_idn_is_right_to_left(name->idn, label->code, label->count)) name->right_to_left = true;
    return th_idn_label_valid(name->idn, label->code, label->count);
}

/* The full stops that separate labels (RFC 3490 3.1). */
static bool is_dot(uint32_t code, bool international) {
    if (!international) return code == '.';
    return code == '.' || code == 0x3002 || code == 0xff0e || code == 0xff61;
}

/* Reads the label at text[*at]; *at is then behind its dot, or one more at the end of the text. */
static bool next_label(th_slice_t text, size_t *at, bool international, th_label_t *label) {
    label->count = 0;
    while (*at < text.length) {
        uint32_t code = th_utf8_next(text, at);
        if (is_dot(code, international)) return label->count > 0;
        if (label->count == TH_IDN_MAX_LABEL || (code >= 0x80 && !international)) return false;
        label->code[label->count++] = code;
    }
    ++*at;
    return label->count > 0;
}

static bool host_name(th_slice_t text, bool international, const th_idn_t *idn) {
    th_name_t name = {.idn = idn};
    th_label_t label;
    for (size_t at = 0; at <= text.length;)
        if (!next_label(text, &at, international, &label) || !check_label(&name, &label))
            return false;
    if (name.length - 1 > MAX_NAME) return false;
    if (!name.right_to_left) return true;
    th_name_t again = {.idn = idn};
    for (size_t at = 0; at <= text.length;)
        if (!next_label(text, &at, international, &label) || !check_label(&again, &label) ||
            !th_idn_obeys_bidi(idn, label.code, label.count))
            return false;
    return true;
}

bool th_format_hostname(th_slice_t text, const th_idn_t *idn) {
    return text.length <= MAX_NAME && host_name(text, false, idn);
}

bool th_format_idn_hostname(th_slice_t text, const th_idn_t *idn) {
    return text.length <= 4 * MAX_NAME && host_name(text, true, idn);
}

/* ---- email: RFC 5321 4.1.2, without comments and folding ---- */

static bool is_atom(char c, bool international) {
    if ((unsigned char)c >= 0x80) return international;
    return is_alphanumeric(c) || (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static bool dot_atom(th_slice_t text, bool international) {
    bool after_dot = true;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        if (c == '.' ? after_dot : !is_atom(c, international)) return false;
        after_dot = c == '.';
    }
    return !after_dot;
}

static bool quoted_string(th_slice_t text, bool international) {
    if (text.length < 2 || text.data[0] != '"' || text.data[text.length - 1] != '"') return false;
    for (size_t i = 1; i + 1 < text.length; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c == '\\' && ++i + 1 >= text.length) return false;
        if (c == '"' || c < 0x20 || c == 0x7f || (c >= 0x80 && !international)) return false;
    }
    return true;
}

static bool address_literal(th_slice_t text) {
    if (text.length < 2 || text.data[0] != '[' || text.data[text.length - 1] != ']') return false;
    text = th_slice(text.data + 1, text.length - 2);
    if (text.length > 5 && strncasecmp(text.data, "IPv6:", 5) == 0)
        return th_format_ipv6(th_slice(text.data + 5, text.length - 5));
    return th_format_ipv4(text);
}

static bool mailbox(th_slice_t text, bool international, const th_idn_t *idn) {
    size_t at = text.length;
    while (at > 0 && text.data[at - 1] != '@')
        at--;
    if (at == 0) return false;
    th_slice_t local = th_slice(text.data, at - 1);
    th_slice_t domain = th_slice(text.data + at, text.length - at);
    if (local.length > MAX_LOCAL || domain.length > 4 * MAX_NAME) return false;
    if (!dot_atom(local, international) && !quoted_string(local, international)) return false;
    return address_literal(domain) || host_name(domain, international, idn);
}

bool th_format_email(th_slice_t text, const th_idn_t *idn) {
    return mailbox(text, false, idn);
}

bool th_format_idn_email(th_slice_t text, const th_idn_t *idn) {
    return mailbox(text, true, idn);
}
