/* schema_regex_translate.c - ECMA-262 patterns (Unicode mode) into PCRE2's syntax.
 * The two look alike and differ in detail: what `.`, `\s` and `\u` mean, which escapes exist,
 * possessive quantifiers and (*VERBS) that only PCRE2 has, `[` inside a class. Everything is read
 * token by token and written in the form that PCRE2 reads the same way; what ECMA-262 does not know
 * is refused. More lenient than Unicode mode in one thing: any punctuation may be escaped, and a
 * lone `]`, `{` or `}` stands for itself, as most authors expect. */
#include <stdio.h>

#include "json/schema_regex_translate.h"

bool th_translation_refuse(th_translation_t *t, const char *why) {
    return th_error_set(t->error, "bad_pattern",
                        "the pattern is not an ECMA-262 regular expression: %s (at byte %zu)", why,
                        t->at);
}

void th_translation_put(th_translation_t *t, const char *text) {
    (void)th_buffer_add_text(t->out, text);
}

void th_translation_put_code(th_translation_t *t, uint32_t code) {
    (void)th_buffer_add_format(t->out, "\\x{%x}", (unsigned)code);
}

/* A character as itself, whatever it means to PCRE2. */
static void put_literal(th_translation_t *t, char c) {
    if ((unsigned char)c < 0x80 && !th_is_letter(c) && !th_is_digit(c))
        th_translation_put_code(t, (unsigned char)c);
    else
        (void)th_buffer_add_byte(t->out, c);
}

static bool class_member(th_translation_t *t) {
    uint32_t code;
    bool known;
    char c = th_translation_peek(t, 0);
    if (c != '\\') {
        if (c == '-')
            th_translation_put(t, "-");
        else
            put_literal(t, c);
        t->at++;
        return true;
    }
    t->at++;
    if (th_translation_peek(t, 0) == 'b') {
        th_translation_put_code(t, 8);
        t->at++;
        return true;
    }
    if (!th_translation_class_escape(t, true, &known)) return false;
    if (known) return true;
    if (!th_translation_character_escape(t, &code, &known)) return false;
    if (!known) return th_translation_refuse(t, "an escape that does not exist in a class");
    th_translation_put_code(t, code);
    return true;
}

static bool character_class(th_translation_t *t) {
    bool negated = th_translation_peek(t, 1) == '^';
    size_t start = t->at + (negated ? 2 : 1);
    t->can_repeat = true;
    if (start < t->pattern.length && t->pattern.data[start] == ']') { /* nothing, or everything */
        th_translation_put(t, negated ? "[\\x{0}-\\x{10ffff}]" : "(?!)");
        t->at = start + 1;
        return true;
    }
    th_translation_put(t, negated ? "[^" : "[");
    t->at = start;
    while (t->at < t->pattern.length && th_translation_peek(t, 0) != ']')
        if (!class_member(t)) return false;
    if (t->at == t->pattern.length)
        return th_translation_refuse(t, "a class without its closing ]");
    th_translation_put(t, "]");
    t->at++;
    return true;
}

static bool group(th_translation_t *t) {
    static const char *const kinds[] = {"(?:", "(?=", "(?!", "(?<=", "(?<!"};
    t->can_repeat = false;
    if (th_translation_peek(t, 1) != '?') {
        th_translation_put(t, "(");
        t->at++;
        return true;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t length = strlen(kinds[i]);
        if (t->pattern.length - t->at < length ||
            memcmp(t->pattern.data + t->at, kinds[i], length) != 0)
            continue;
        th_translation_put(t, kinds[i]);
        t->at += length;
        return true;
    }
    size_t length = 0;
    while (th_translation_peek(t, 3 + length) && th_translation_peek(t, 3 + length) != '>')
        length++;
    if (th_translation_peek(t, 2) != '<' || length == 0 ||
        th_translation_peek(t, 3 + length) != '>')
        return th_translation_refuse(t, "(? that starts no group ECMA-262 knows");
    th_translation_put(t, "(?<");
    (void)th_buffer_add(t->out, t->pattern.data + t->at + 3, length);
    th_translation_put(t, ">");
    t->at += length + 4;
    return true;
}

/* The length of {n}, {n,} or {n,m} here; 0 when the brace is none of them. */
static size_t braces(const th_translation_t *t) {
    size_t length = 1;
    while (th_is_digit(th_translation_peek(t, length)))
        length++;
    if (length == 1) return 0;
    if (th_translation_peek(t, length) == ',') do
            length++;
        while (th_is_digit(th_translation_peek(t, length)));
    return th_translation_peek(t, length) == '}' ? length + 1 : 0;
}

static bool quantifier(th_translation_t *t, size_t length) {
    if (!t->can_repeat) return th_translation_refuse(t, "a quantifier with nothing to repeat");
    (void)th_buffer_add(t->out, t->pattern.data + t->at, length);
    t->at += length;
    if (th_translation_peek(t, 0) == '?') {
        th_translation_put(t, "?");
        t->at++;
    }
    t->can_repeat = false; /* so a++ and a{2}+ are refused: PCRE2 would read them as possessive */
    return true;
}

static bool token(th_translation_t *t) {
    char c = th_translation_peek(t, 0);
    size_t length = c == '{' ? braces(t) : 1;
    switch (c) {
    case '\\': return th_translation_escape(t);
    case '[': return character_class(t);
    case '(': return group(t);
    case '*':
    case '+':
    case '?': return quantifier(t, 1);
    case '{':
        if (length > 0) return quantifier(t, length);
        break;
    case '.':
        th_translation_put(t, "[^\\x{a}\\x{d}\\x{2028}\\x{2029}]");
        t->can_repeat = true;
        t->at++;
        return true;
    case '^':
    case '$':
    case '|':
    case ')':
        (void)th_buffer_add_byte(t->out, c);
        t->can_repeat = c == ')';
        t->at++;
        return true;
    default: break;
    }
    put_literal(t, c);
    t->can_repeat = true;
    t->at++;
    return true;
}

/* Capturing groups, for references that come before or after them. */
static unsigned count_groups(th_slice_t pattern) {
    unsigned groups = 0;
    bool in_class = false;
    for (size_t i = 0; i < pattern.length; i++) {
        char c = pattern.data[i];
        char next = i + 1 < pattern.length ? pattern.data[i + 1] : '\0';
        if (c == '\\') {
            i++;
        } else if (in_class) {
            in_class = c != ']';
        } else if (c == '[') {
            in_class = true;
        } else if (c == '(') {
            char kind = i + 2 < pattern.length ? pattern.data[i + 2] : '\0';
            char look = i + 3 < pattern.length ? pattern.data[i + 3] : '\0';
            groups += next != '?' || (kind == '<' && look != '=' && look != '!');
        }
    }
    return groups;
}

bool th_regex_translate(th_slice_t pattern, th_buffer_t *out, th_error_t *error) {
    th_translation_t translation = {.pattern = pattern, .out = out, .error = error};
    translation.groups = count_groups(pattern);
    while (translation.at < pattern.length)
        if (!token(&translation)) return false;
    return true;
}
