/* schema_format.c - the `format` keyword: the table of formats, and those that are plain ASCII
 * grammars. Unknown formats are annotations. */
#include "json/schema_format.h"

#include "json/schema_keywords.h"

struct th_schema_format {
    const char *name;
    bool (*check)(th_slice_t text);
    bool (*check_name)(th_slice_t text, const th_idn_t *idn); /* instead of check */
    const char *wanted;
};

static const th_schema_format_t formats[] = {
    {"date-time", th_format_date_time, NULL, "a date and time like 2026-03-31T17:00:00Z"},
    {"date", th_format_date, NULL, "a date like 2026-03-31"},
    {"time", th_format_time, NULL, "a time with offset like 17:00:00Z or 17:00:00+02:00"},
    {"duration", th_format_duration, NULL, "an ISO 8601 duration like P3D or PT1H30M"},
    {"email", NULL, th_format_email, "an email address"},
    {"idn-email", NULL, th_format_idn_email, "an email address"},
    {"hostname", NULL, th_format_hostname, "a host name"},
    {"idn-hostname", NULL, th_format_idn_hostname, "a host name"},
    {"ipv4", th_format_ipv4, NULL, "an IPv4 address like 192.0.2.1"},
    {"ipv6", th_format_ipv6, NULL, "an IPv6 address like 2001:db8::1"},
    {"uri", th_format_uri, NULL, "an absolute URI like https://example.com/path"},
    {"uri-reference", th_format_uri_reference, NULL, "a URI or relative reference"},
    {"iri", th_format_iri, NULL, "an absolute IRI like https://example.com/path"},
    {"iri-reference", th_format_iri_reference, NULL, "an IRI or relative reference"},
    {"uri-template", th_format_uri_template, NULL, "a URI template like /users/{id}"},
    {"uuid", th_format_uuid, NULL, "a UUID like 123e4567-e89b-12d3-a456-426614174000"},
    {"json-pointer", th_format_json_pointer, NULL, "a JSON pointer like /a/0"},
    {"relative-json-pointer", th_format_relative_json_pointer, NULL,
     "a relative JSON pointer like 1/a"},
    {"regex", th_format_regex, NULL, "an ECMA-262 regular expression"},
};

/* The patterns for names, once per schema. */
static bool need_idn(th_schema_compiler_t *compiler) {
    static const char *const patterns[] = {th_idn_label_pattern, th_idn_right_to_left_pattern,
                                           th_idn_bidi_pattern};
    const th_regex_t **places[] = {&compiler->schema->idn.label,
                                   &compiler->schema->idn.right_to_left,
                                   &compiler->schema->idn.bidi};
    for (size_t i = 0; i < 3 && !*places[i]; i++) {
        th_regex_t *regex = th_regex_compile_native(patterns[i], compiler->error);
        if (!regex) return false;
        regex->next = compiler->schema->regexes;
        compiler->schema->regexes = regex;
        *places[i] = regex;
    }
    return true;
}

TH_SCHEMA_COMPILE(th_compile_format) {
    th_slice_t name;
    if (!th_json_string(value, &name))
        return th_schema_refuse_type(compiler, keyword, value, "a string");
    bool demanded = node->resource->vocabularies & TH_VOCABULARY_FORMAT_ASSERTION;
    if (compiler->options->formats_annotate && !demanded) return true;
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (!th_slice_is(name, formats[i].name)) continue;
        if (formats[i].check_name && !need_idn(compiler)) return false;
        th_schema_rule_add(node, keyword, value)->as.format = &formats[i];
    }
    return true;
}

static bool obeys(const th_schema_context_t *at, const th_schema_format_t *format,
                  th_slice_t text) {
    /* Some formats look at a character several times, none more than a few. */
    if (!th_schema_spend(at->run, 1 + text.length / 8)) return false;
    if (!format->check_name) return format->check(text);
    th_idn_t idn = at->run->schema->idn;
    idn.scratch = th_schema_scratch(at->run);
    if (!idn.scratch) return false;
    /* Names are short, or refused as too long; matching labels is what costs. */
    return th_schema_spend(at->run, 200) && format->check_name(text, &idn);
}

TH_SCHEMA_CHECK(th_check_format) {
    th_slice_t text = {NULL, 0};
    (void)th_json_string(at->instance, &text);
    if (obeys(at, rule->as.format, text)) return true;
    if (at->run->stopped) return false;
    return th_schema_fail(at, "format", "%s is not %s", th_excerpt(at->instance).text,
                          rule->as.format->wanted);
}

/* ---- the plain ones ---- */

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool th_format_ipv4(th_slice_t text) {
    size_t at = 0;
    for (int part = 0; part < 4; part++) {
        unsigned number = 0;
        size_t start = at;
        if (part > 0 && (at >= text.length || text.data[at] != '.')) return false;
        if (part > 0) start = ++at;
        for (; at < text.length && is_digit(text.data[at]) && at - start < 3; at++)
            number = number * 10 + (unsigned)(text.data[at] - '0');
        /* No leading zeros: some programs read them as octal. */
        if (at == start || number > 255 || (at - start > 1 && text.data[start] == '0'))
            return false;
    }
    return at == text.length;
}

bool th_format_ipv6(th_slice_t text) {
    size_t at = 0, groups = 0;
    bool compressed = false;
    if (text.length >= 2 && text.data[0] == ':' && text.data[1] == ':') {
        compressed = true;
        at = 2;
    }
    while (at < text.length) {
        size_t start = at;
        while (at < text.length && is_hex(text.data[at]))
            at++;
        if (at < text.length && text.data[at] == '.') {
            if (groups > 6 || !th_format_ipv4(th_slice(text.data + start, text.length - start)))
                return false;
            groups += 2;
            return compressed ? groups < 8 : groups == 8;
        }
        if (at == start || at - start > 4 || ++groups > 8) return false;
        if (at == text.length) break;
        if (text.data[at++] != ':' || at == text.length) return false;
        if (text.data[at] != ':') continue;
        if (compressed) return false;
        compressed = true;
        at++;
    }
    return compressed ? groups < 8 : groups == 8;
}

bool th_format_uuid(th_slice_t text) {
    if (text.length != 36) return false;
    for (size_t i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text.data[i] != '-' : !is_hex(text.data[i])) return false;
    }
    return true;
}

bool th_format_json_pointer(th_slice_t text) {
    if (text.length > 0 && text.data[0] != '/') return false;
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] != '~') continue;
        char next = i + 1 < text.length ? text.data[i + 1] : '\0';
        if (next != '0' && next != '1') return false;
    }
    return true;
}

bool th_format_relative_json_pointer(th_slice_t text) {
    size_t at = 0;
    while (at < text.length && is_digit(text.data[at]))
        at++;
    if (at == 0 || (at > 1 && text.data[0] == '0')) return false;
    if (at + 1 == text.length && text.data[at] == '#') return true;
    return th_format_json_pointer(th_slice(text.data + at, text.length - at));
}

bool th_format_regex(th_slice_t text) {
    th_error_t error;
    th_regex_t *regex = th_regex_compile(text, &error);
    th_regex_free(regex);
    return regex || strcmp(error.code, "beyond_engine") == 0;
}

uint32_t th_utf8_next(th_slice_t text, size_t *at) {
    unsigned char lead = (unsigned char)text.data[(*at)++];
    if (lead < 0x80) return lead;
    uint32_t code = lead & (lead >= 0xf0 ? 0x07u : lead >= 0xe0 ? 0x0fu : 0x1fu);
    while (*at < text.length && ((unsigned char)text.data[*at] & 0xc0) == 0x80)
        code = code << 6 | ((unsigned char)text.data[(*at)++] & 0x3f);
    return code;
}

size_t th_utf8_put(uint32_t code, char *out) {
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char leads[] = {0, 0xc0, 0xe0, 0xf0};
    out[0] = (char)(leads[more] | code >> 6 * more);
    for (size_t i = 1; i <= more; i++)
        out[i] = (char)(0x80 | (code >> 6 * (more - i) & 0x3f));
    return more + 1;
}
