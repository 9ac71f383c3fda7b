/* schema_regex_translate.c - ECMA-262 patterns (Unicode mode) into PCRE2's syntax.
 * The two look alike and differ in detail: what `.`, `\s` and `\u` mean, which escapes exist,
 * possessive quantifiers and (*VERBS) that only PCRE2 has, `[` inside a class. Everything is read
 * token by token and written in the form that PCRE2 reads the same way; what ECMA-262 does not know
 * is refused. More lenient than Unicode mode in one thing: any punctuation may be escaped, and a
 * lone `]`, `{` or `}` stands for itself, as most authors expect. */
#include <stdio.h>

#include "json/schema_internal.h"

typedef struct th_translation {
    th_slice_t pattern;
    size_t at;
    th_buffer_t *out;
    th_error_t *error;
    unsigned groups; /* capturing groups in the whole pattern */
    bool can_repeat; /* the last token may be followed by a quantifier */
} th_translation_t;

/* White space and line terminators (ECMA-262 12.2, 12.3), and all other code points. */
#define SPACES                                                                  \
    "\\x{9}-\\x{d}\\x{20}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}" \
    "\\x{202f}\\x{205f}\\x{3000}\\x{feff}"
#define NOT_SPACES                                                                   \
    "\\x{0}-\\x{8}\\x{e}-\\x{1f}\\x{21}-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}" \
    "\\x{200b}-\\x{2027}\\x{202a}-\\x{202e}\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}"   \
    "\\x{3001}-\\x{fefe}\\x{ff00}-\\x{10ffff}"

static bool refuse(th_translation_t *t, const char *why) {
    return th_error_set(t->error, "bad_pattern",
                        "the pattern is not an ECMA-262 regular expression: %s (at byte %zu)", why,
                        t->at);
}

static char peek(const th_translation_t *t, size_t ahead) {
    return t->at + ahead < t->pattern.length ? t->pattern.data[t->at + ahead] : '\0';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void put(th_translation_t *t, const char *text) {
    (void)th_buffer_add_text(t->out, text);
}

static void put_code_point(th_translation_t *t, uint32_t code) {
    (void)th_buffer_add_format(t->out, "\\x{%x}", (unsigned)code);
}

/* A character as itself, whatever it means to PCRE2. */
static void put_literal(th_translation_t *t, char c) {
    if ((unsigned char)c < 0x80 && !is_letter(c) && !is_digit(c))
        put_code_point(t, (unsigned char)c);
    else
        (void)th_buffer_add_byte(t->out, c);
}

/* ---- escapes ---- */

static int hex_digit(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Exactly <count> hex digits from <ahead> on; false when they are not there. */
static bool read_hex(const th_translation_t *t, size_t ahead, size_t count, uint32_t *value) {
    *value = 0;
    for (size_t i = 0; i < count; i++) {
        int digit = hex_digit(peek(t, ahead + i));
        if (digit < 0) return false;
        *value = *value * 16 + (uint32_t)digit;
    }
    return true;
}

/* At the `u` of \uXXXX, \uXXXX\uXXXX (a surrogate pair) or \u{X...}. */
static bool unicode_escape(th_translation_t *t, uint32_t *code) {
    if (peek(t, 1) == '{') {
        size_t length = 0;
        *code = 0;
        for (; hex_digit(peek(t, 2 + length)) >= 0 && *code <= 0x10ffff; length++)
            *code = *code * 16 + (uint32_t)hex_digit(peek(t, 2 + length));
        if (length == 0 || peek(t, 2 + length) != '}' || *code > 0x10ffff)
            return refuse(t, "\\u{...} needs a code point in hex digits");
        t->at += length + 3;
        return true;
    }
    uint32_t low;
    if (!read_hex(t, 1, 4, code)) return refuse(t, "\\u needs four hex digits");
    t->at += 5;
    if (*code >= 0xd800 && *code <= 0xdbff && peek(t, 0) == '\\' && peek(t, 1) == 'u' &&
        read_hex(t, 2, 4, &low) && low >= 0xdc00 && low <= 0xdfff) {
        *code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
        t->at += 6;
    }
    if (*code >= 0xd800 && *code <= 0xdfff)
        return refuse(t, "half a surrogate pair can match nothing");
    return true;
}

/* Escapes that stand for one character, the same inside and outside of a class. At the letter after
 * the backslash; <*known> is false when it is none of them. */
static bool character_escape(th_translation_t *t, uint32_t *code, bool *known) {
    static const char letters[] = "fnrtv", values[] = "\f\n\r\t\v";
    char c = peek(t, 0);
    const char *letter = c ? strchr(letters, c) : NULL;
    *known = true;
    if (letter) {
        *code = (unsigned char)values[letter - letters];
        t->at++;
    } else if (c == 'c') {
        if (!is_letter(peek(t, 1))) return refuse(t, "\\c needs a letter");
        *code = (unsigned char)peek(t, 1) % 32;
        t->at += 2;
    } else if (c == 'x') {
        if (!read_hex(t, 1, 2, code)) return refuse(t, "\\x needs two hex digits");
        t->at += 3;
    } else if (c == 'u') {
        return unicode_escape(t, code);
    } else if (c == '0') {
        if (is_digit(peek(t, 1))) return refuse(t, "octal escapes are not known");
        *code = 0;
        t->at++;
    } else if ((unsigned char)c < 0x80 && c && !is_letter(c) && !is_digit(c) && c != '_') {
        *code = (unsigned char)c;
        t->at++;
    } else {
        *known = false;
    }
    return true;
}

/* General categories by their long names, which PCRE2 10.42 does not know. */
static const char *short_category(th_slice_t name) {
    static const char *const names[][2] = {
        {"Letter", "L"},
        {"Cased_Letter", "L&"},
        {"LC", "L&"},
        {"Uppercase_Letter", "Lu"},
        {"Lowercase_Letter", "Ll"},
        {"Titlecase_Letter", "Lt"},
        {"Modifier_Letter", "Lm"},
        {"Other_Letter", "Lo"},
        {"Mark", "M"},
        {"Combining_Mark", "M"},
        {"Nonspacing_Mark", "Mn"},
        {"Spacing_Mark", "Mc"},
        {"Enclosing_Mark", "Me"},
        {"Number", "N"},
        {"Decimal_Number", "Nd"},
        {"digit", "Nd"},
        {"Letter_Number", "Nl"},
        {"Other_Number", "No"},
        {"Punctuation", "P"},
        {"punct", "P"},
        {"Connector_Punctuation", "Pc"},
        {"Dash_Punctuation", "Pd"},
        {"Open_Punctuation", "Ps"},
        {"Close_Punctuation", "Pe"},
        {"Initial_Punctuation", "Pi"},
        {"Final_Punctuation", "Pf"},
        {"Other_Punctuation", "Po"},
        {"Symbol", "S"},
        {"Math_Symbol", "Sm"},
        {"Currency_Symbol", "Sc"},
        {"Modifier_Symbol", "Sk"},
        {"Other_Symbol", "So"},
        {"Separator", "Z"},
        {"Space_Separator", "Zs"},
        {"Line_Separator", "Zl"},
        {"Paragraph_Separator", "Zp"},
        {"Other", "C"},
        {"Control", "Cc"},
        {"cntrl", "Cc"},
        {"Format", "Cf"},
        {"Surrogate", "Cs"},
        {"Private_Use", "Co"},
        {"Unassigned", "Cn"},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (th_slice_is(name, names[i][0])) return names[i][1];
    return NULL;
}

/* At the `p` or `P` of \p{...}. */
static bool property_escape(th_translation_t *t) {
    static const char *const categories[] = {"General_Category=", "gc="};
    static const char *const scripts[][2] = {
        {"Script_Extensions=", "scx:"}, {"scx=", "scx:"}, {"Script=", "sc:"}, {"sc=", "sc:"}};
    char letter = peek(t, 0);
    size_t length = 0;
    while (is_letter(peek(t, 2 + length)) || is_digit(peek(t, 2 + length)) ||
           peek(t, 2 + length) == '_' || peek(t, 2 + length) == '=')
        length++;
    if (peek(t, 1) != '{' || length == 0 || peek(t, 2 + length) != '}')
        return refuse(t, "\\p needs a property in braces, like \\p{L}");
    th_slice_t name = th_slice(t->pattern.data + t->at + 2, length);
    const char *prefix = "";
    for (size_t i = 0; i < 2; i++) {
        size_t skip = strlen(categories[i]);
        if (name.length > skip && memcmp(name.data, categories[i], skip) == 0)
            name = th_slice(name.data + skip, name.length - skip);
    }
    for (size_t i = 0; i < 4; i++) {
        size_t skip = strlen(scripts[i][0]);
        if (name.length <= skip || memcmp(name.data, scripts[i][0], skip) != 0) continue;
        name = th_slice(name.data + skip, name.length - skip);
        prefix = scripts[i][1];
        break;
    }
    const char *category = prefix[0] ? NULL : short_category(name);
    (void)th_buffer_add_format(t->out, "\\%c{%s", letter, prefix);
    (void)th_buffer_add_slice(t->out, category ? th_slice_of(category) : name);
    put(t, "}");
    t->at += length + 3;
    return true;
}

/* \d \w \s and \p with their opposites. At the letter; <*known> is false when it is none of them.
 */
static bool class_escape(th_translation_t *t, bool in_class, bool *known) {
    char c = peek(t, 0);
    *known = true;
    switch (c) {
    case 'd':
    case 'D':
    case 'w':
    case 'W': (void)th_buffer_add_format(t->out, "\\%c", c); break;
    case 's': put(t, in_class ? SPACES : "[" SPACES "]"); break;
    case 'S': put(t, in_class ? NOT_SPACES : "[" NOT_SPACES "]"); break;
    case 'p':
    case 'P': return property_escape(t);
    default: *known = false; return true;
    }
    t->at++;
    return true;
}

static bool back_reference(th_translation_t *t) {
    unsigned number = 0;
    while (is_digit(peek(t, 0)) && number <= t->groups)
        number = number * 10 + (unsigned)(t->pattern.data[t->at++] - '0');
    if (number > t->groups) return refuse(t, "a reference to a group that is not there");
    (void)th_buffer_add_format(t->out, "\\g{%u}", number);
    t->can_repeat = true;
    return true;
}

static bool named_reference(th_translation_t *t) {
    size_t length = 0;
    while (peek(t, 2 + length) && peek(t, 2 + length) != '>')
        length++;
    if (peek(t, 1) != '<' || length == 0 || peek(t, 2 + length) != '>')
        return refuse(t, "\\k needs a group's name, like \\k<name>");
    put(t, "\\k<");
    (void)th_buffer_add(t->out, t->pattern.data + t->at + 2, length);
    put(t, ">");
    t->at += length + 3;
    t->can_repeat = true;
    return true;
}

/* At the backslash, outside of a class. */
static bool escape(th_translation_t *t) {
    uint32_t code;
    bool known;
    t->at++;
    char c = peek(t, 0);
    if (c >= '1' && c <= '9') return back_reference(t);
    if (c == 'k') return named_reference(t);
    if (c == 'b' || c == 'B') {
        (void)th_buffer_add_format(t->out, "\\%c", c);
        t->at++;
        t->can_repeat = false;
        return true;
    }
    t->can_repeat = true;
    if (!class_escape(t, false, &known)) return false;
    if (known) return true;
    if (!character_escape(t, &code, &known)) return false;
    if (!known) return refuse(t, "an escape that does not exist");
    put_code_point(t, code);
    return true;
}

/* ---- classes, groups, quantifiers ---- */

static bool class_member(th_translation_t *t) {
    uint32_t code;
    bool known;
    char c = peek(t, 0);
    if (c != '\\') {
        if (c == '-')
            put(t, "-");
        else
            put_literal(t, c);
        t->at++;
        return true;
    }
    t->at++;
    if (peek(t, 0) == 'b') {
        put_code_point(t, 8);
        t->at++;
        return true;
    }
    if (!class_escape(t, true, &known)) return false;
    if (known) return true;
    if (!character_escape(t, &code, &known)) return false;
    if (!known) return refuse(t, "an escape that does not exist in a class");
    put_code_point(t, code);
    return true;
}

static bool character_class(th_translation_t *t) {
    bool negated = peek(t, 1) == '^';
    size_t start = t->at + (negated ? 2 : 1);
    t->can_repeat = true;
    if (start < t->pattern.length && t->pattern.data[start] == ']') { /* nothing, or everything */
        put(t, negated ? "[\\x{0}-\\x{10ffff}]" : "(?!)");
        t->at = start + 1;
        return true;
    }
    put(t, negated ? "[^" : "[");
    t->at = start;
    while (t->at < t->pattern.length && peek(t, 0) != ']')
        if (!class_member(t)) return false;
    if (t->at == t->pattern.length) return refuse(t, "a class without its closing ]");
    put(t, "]");
    t->at++;
    return true;
}

static bool group(th_translation_t *t) {
    static const char *const kinds[] = {"(?:", "(?=", "(?!", "(?<=", "(?<!"};
    t->can_repeat = false;
    if (peek(t, 1) != '?') {
        put(t, "(");
        t->at++;
        return true;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t length = strlen(kinds[i]);
        if (t->pattern.length - t->at < length ||
            memcmp(t->pattern.data + t->at, kinds[i], length) != 0)
            continue;
        put(t, kinds[i]);
        t->at += length;
        return true;
    }
    size_t length = 0;
    while (peek(t, 3 + length) && peek(t, 3 + length) != '>')
        length++;
    if (peek(t, 2) != '<' || length == 0 || peek(t, 3 + length) != '>')
        return refuse(t, "(? that starts no group ECMA-262 knows");
    put(t, "(?<");
    (void)th_buffer_add(t->out, t->pattern.data + t->at + 3, length);
    put(t, ">");
    t->at += length + 4;
    return true;
}

/* The length of {n}, {n,} or {n,m} here; 0 when the brace is none of them. */
static size_t braces(const th_translation_t *t) {
    size_t length = 1;
    while (is_digit(peek(t, length)))
        length++;
    if (length == 1) return 0;
    if (peek(t, length) == ',') do
            length++;
        while (is_digit(peek(t, length)));
    return peek(t, length) == '}' ? length + 1 : 0;
}

static bool quantifier(th_translation_t *t, size_t length) {
    if (!t->can_repeat) return refuse(t, "a quantifier with nothing to repeat");
    (void)th_buffer_add(t->out, t->pattern.data + t->at, length);
    t->at += length;
    if (peek(t, 0) == '?') {
        put(t, "?");
        t->at++;
    }
    t->can_repeat = false; /* so a++ and a{2}+ are refused: PCRE2 would read them as possessive */
    return true;
}

static bool token(th_translation_t *t) {
    char c = peek(t, 0);
    size_t length = c == '{' ? braces(t) : 1;
    switch (c) {
    case '\\': return escape(t);
    case '[': return character_class(t);
    case '(': return group(t);
    case '*':
    case '+':
    case '?': return quantifier(t, 1);
    case '{':
        if (length > 0) return quantifier(t, length);
        break;
    case '.':
        put(t, "[^\\x{a}\\x{d}\\x{2028}\\x{2029}]");
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
