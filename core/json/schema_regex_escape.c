/* schema_regex_escape.c - the part of translating ECMA-262 patterns that is about escapes: what may
 * stand behind a backslash, inside and outside of a class. */
#include "json/schema_regex_translate.h"

/* White space and line terminators (ECMA-262 12.2, 12.3), and all other code points. */
#define SPACES                                                                  \
    "\\x{9}-\\x{d}\\x{20}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}" \
    "\\x{202f}\\x{205f}\\x{3000}\\x{feff}"
#define NOT_SPACES                                                                   \
    "\\x{0}-\\x{8}\\x{e}-\\x{1f}\\x{21}-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}" \
    "\\x{200b}-\\x{2027}\\x{202a}-\\x{202e}\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}"   \
    "\\x{3001}-\\x{fefe}\\x{ff00}-\\x{10ffff}"

static int hex_digit(char c) {
    if (th_is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Exactly <count> hex digits from <ahead> on; false when they are not there. */
static bool read_hex(const th_translation_t *t, size_t ahead, size_t count, uint32_t *value) {
    *value = 0;
    for (size_t i = 0; i < count; i++) {
        int digit = hex_digit(th_translation_peek(t, ahead + i));
        if (digit < 0) return false;
        *value = *value * 16 + (uint32_t)digit;
    }
    return true;
}

/* At the `u` of \uXXXX, \uXXXX\uXXXX (a surrogate pair) or \u{X...}. */
static bool unicode_escape(th_translation_t *t, uint32_t *code) {
    if (th_translation_peek(t, 1) == '{') {
        size_t length = 0;
        *code = 0;
        for (; hex_digit(th_translation_peek(t, 2 + length)) >= 0 && *code <= 0x10ffff; length++)
            *code = *code * 16 + (uint32_t)hex_digit(th_translation_peek(t, 2 + length));
        if (length == 0 || th_translation_peek(t, 2 + length) != '}' || *code > 0x10ffff)
            return th_translation_refuse(t, "\\u{...} needs a code point in hex digits");
        t->at += length + 3;
        return true;
    }
    uint32_t low;
    if (!read_hex(t, 1, 4, code)) return th_translation_refuse(t, "\\u needs four hex digits");
    t->at += 5;
    if (*code >= 0xd800 && *code <= 0xdbff && th_translation_peek(t, 0) == '\\' &&
        th_translation_peek(t, 1) == 'u' && read_hex(t, 2, 4, &low) && low >= 0xdc00 &&
        low <= 0xdfff) {
        *code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
        t->at += 6;
    }
    if (*code >= 0xd800 && *code <= 0xdfff)
        return th_translation_refuse(t, "half a surrogate pair can match nothing");
    return true;
}

/* Escapes that stand for one character, the same inside and outside of a class. At the letter after
 * the backslash; <*known> is false when it is none of them. */
bool th_translation_character_escape(th_translation_t *t, uint32_t *code, bool *known) {
    static const char letters[] = "fnrtv", values[] = "\f\n\r\t\v";
    char c = th_translation_peek(t, 0);
    const char *letter = c ? strchr(letters, c) : NULL;
    *known = true;
    if (letter) {
        *code = (unsigned char)values[letter - letters];
        t->at++;
    } else if (c == 'c') {
        if (!th_is_letter(th_translation_peek(t, 1)))
            return th_translation_refuse(t, "\\c needs a letter");
        *code = (unsigned char)th_translation_peek(t, 1) % 32;
        t->at += 2;
    } else if (c == 'x') {
        if (!read_hex(t, 1, 2, code)) return th_translation_refuse(t, "\\x needs two hex digits");
        t->at += 3;
    } else if (c == 'u') {
        return unicode_escape(t, code);
    } else if (c == '0') {
        if (th_is_digit(th_translation_peek(t, 1)))
            return th_translation_refuse(t, "octal escapes are not known");
        *code = 0;
        t->at++;
    } else if ((unsigned char)c < 0x80 && c && !th_is_letter(c) && !th_is_digit(c) && c != '_') {
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
    char letter = th_translation_peek(t, 0);
    size_t length = 0;
    while (th_is_letter(th_translation_peek(t, 2 + length)) ||
           th_is_digit(th_translation_peek(t, 2 + length)) ||
           th_translation_peek(t, 2 + length) == '_' || th_translation_peek(t, 2 + length) == '=')
        length++;
    if (th_translation_peek(t, 1) != '{' || length == 0 ||
        th_translation_peek(t, 2 + length) != '}')
        return th_translation_refuse(t, "\\p needs a property in braces, like \\p{L}");
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
    th_translation_put(t, "}");
    t->at += length + 3;
    return true;
}

/* \d \w \s and \p with their opposites. At the letter; <*known> is false when it is none of them.
 */
bool th_translation_class_escape(th_translation_t *t, bool in_class, bool *known) {
    char c = th_translation_peek(t, 0);
    *known = true;
    switch (c) {
    case 'd':
    case 'D':
    case 'w':
    case 'W': (void)th_buffer_add_format(t->out, "\\%c", c); break;
    case 's': th_translation_put(t, in_class ? SPACES : "[" SPACES "]"); break;
    case 'S': th_translation_put(t, in_class ? NOT_SPACES : "[" NOT_SPACES "]"); break;
    case 'p':
    case 'P': return property_escape(t);
    default: *known = false; return true;
    }
    t->at++;
    return true;
}

static bool back_reference(th_translation_t *t) {
    unsigned number = 0;
    while (th_is_digit(th_translation_peek(t, 0)) && number <= t->groups)
        number = number * 10 + (unsigned)(t->pattern.data[t->at++] - '0');
    if (number > t->groups)
        return th_translation_refuse(t, "a reference to a group that is not there");
    (void)th_buffer_add_format(t->out, "\\g{%u}", number);
    t->can_repeat = true;
    return true;
}

static bool named_reference(th_translation_t *t) {
    size_t length = 0;
    while (th_translation_peek(t, 2 + length) && th_translation_peek(t, 2 + length) != '>')
        length++;
    if (th_translation_peek(t, 1) != '<' || length == 0 ||
        th_translation_peek(t, 2 + length) != '>')
        return th_translation_refuse(t, "\\k needs a group's name, like \\k<name>");
    th_translation_put(t, "\\k<");
    (void)th_buffer_add(t->out, t->pattern.data + t->at + 2, length);
    th_translation_put(t, ">");
    t->at += length + 3;
    t->can_repeat = true;
    return true;
}

/* At the backslash, outside of a class. */
bool th_translation_escape(th_translation_t *t) {
    uint32_t code = 0;
    bool known;
    t->at++;
    char c = th_translation_peek(t, 0);
    if (c >= '1' && c <= '9') return back_reference(t);
    if (c == 'k') return named_reference(t);
    if (c == 'b' || c == 'B') {
        (void)th_buffer_add_format(t->out, "\\%c", c);
        t->at++;
        t->can_repeat = false;
        return true;
    }
    t->can_repeat = true;
    if (!th_translation_class_escape(t, false, &known)) return false;
    if (known) return true;
    if (!th_translation_character_escape(t, &code, &known)) return false;
    if (!known) return th_translation_refuse(t, "an escape that does not exist");
    th_translation_put_code(t, code);
    return true;
}
