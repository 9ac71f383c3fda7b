/* schema_format_idn.c - labels of internationalised names: Punycode (RFC 3492), which code points a
 * label may have and where (RFC 5891, RFC 5892), and the Bidi rule (RFC 5893). The properties of
 * characters come from PCRE2's Unicode tables: each rule is a pattern over one label. */
#include "json/schema_format.h"

/* ---- Punycode ---- */

enum { BASE = 36, TMIN = 1, TMAX = 26, SKEW = 38, DAMP = 700, FIRST_BIAS = 72, FIRST_CODE = 128 };

static uint32_t adapt(uint32_t delta, uint32_t points, bool first) {
    uint32_t k = 0;
    delta = first ? delta / DAMP : delta / 2;
    delta += delta / points;
    for (; delta > (BASE - TMIN) * TMAX / 2; k += BASE)
        delta /= BASE - TMIN;
    return k + (BASE - TMIN + 1) * delta / (delta + SKEW);
}

static uint32_t threshold(uint32_t k, uint32_t bias) {
    if (k <= bias) return TMIN;
    return k >= bias + TMAX ? TMAX : k - bias;
}

static int digit_of(char c) {
    if (c >= 'a' && c <= 'z') return c - 'a';
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= '0' && c <= '9') return c - '0' + 26;
    return -1;
}

/* One variable-length integer from text[*at] on. False when malformed or over 2^31. */
static bool decode_integer(th_slice_t text, size_t *at, uint32_t bias, uint32_t *value) {
    uint64_t result = 0, weight = 1;
    for (uint32_t k = BASE;; k += BASE) {
        int digit = *at < text.length ? digit_of(text.data[*at]) : -1;
        if (digit < 0) return false;
        ++*at;
        result += (uint64_t)digit * weight;
        if (result > INT32_MAX) return false;
        uint32_t limit = threshold(k, bias);
        if ((uint32_t)digit < limit) break;
        weight *= BASE - limit;
        if (weight > INT32_MAX) return false;
    }
    *value = (uint32_t)result;
    return true;
}

bool th_punycode_decode(th_slice_t text, uint32_t *code, size_t room, size_t *count) {
    uint32_t next = FIRST_CODE, bias = FIRST_BIAS;
    uint64_t position = 0;
    size_t basic = text.length, at = 0;
    *count = 0;
    while (basic > 0 && text.data[basic - 1] != '-')
        basic--;
    for (size_t i = 0; i + 1 < basic; i++) {
        if (*count == room) return false;
        code[(*count)++] = (unsigned char)text.data[i];
    }
    at = basic;
    while (at < text.length) {
        uint32_t step;
        if (*count == room || !decode_integer(text, &at, bias, &step)) return false;
        uint32_t points = (uint32_t)*count + 1;
        position += step;
        bias = adapt(step, points, *count == basic - (basic > 0));
        uint64_t wanted = next + position / points;
        position %= points;
        if (wanted > 0x10ffff || (wanted >= 0xd800 && wanted <= 0xdfff)) return false;
        next = (uint32_t)wanted;
        for (size_t i = *count; i > position; i--)
            code[i] = code[i - 1];
        code[position++] = next;
        ++*count;
    }
    return true;
}

/* Digits of one variable-length integer; written to <out>; returns how many. */
static size_t encode_integer(uint64_t value, uint32_t bias, char *out) {
    static const char digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    size_t length = 0;
    for (uint32_t k = BASE;; k += BASE) {
        uint32_t limit = threshold(k, bias);
        bool last = value < limit;
        uint64_t digit = last ? value : limit + (value - limit) % (BASE - limit);
        out[length++] = digits[digit];
        if (last) return length;
        value = (value - limit) / (BASE - limit);
    }
}

static uint32_t least_from(const uint32_t *code, size_t count, uint32_t from) {
    uint32_t least = UINT32_MAX;
    for (size_t i = 0; i < count; i++)
        if (code[i] >= from && code[i] < least) least = code[i];
    return least;
}

size_t th_punycode_encode(const uint32_t *code, size_t count, char *out) {
    size_t length = 0, done = 0;
    for (size_t i = 0; i < count; i++)
        if (code[i] < FIRST_CODE) out[length++] = (char)code[i];
    size_t basic = done = length;
    if (basic > 0) out[length++] = '-';
    uint32_t next = FIRST_CODE, bias = FIRST_BIAS;
    uint64_t delta = 0;
    for (; done < count; next++, delta++) {
        uint32_t wanted = least_from(code, count, next);
        delta += (uint64_t)(wanted - next) * (done + 1);
        next = wanted;
        for (size_t i = 0; i < count; i++) {
            if (code[i] < next) delta++;
            if (code[i] != next) continue;
            length += encode_integer(delta, bias, out + length);
            bias = adapt((uint32_t)delta, (uint32_t)done + 1, done == basic);
            delta = 0;
            done++;
        }
    }
    return length;
}

/* ---- the rules, as patterns ---- */

/* PVALID (RFC 5892 2): letters that are not upper case, marks and digits, without what changes
 * under compatibility mapping or is ignorable, with the exceptions of 2.6. */
#define VALID                                                                                  \
    "(?![\\x{aa}\\x{ba}\\x{2b0}-\\x{2b8}\\x{2e0}-\\x{2e4}\\x{340}\\x{341}\\x{343}\\x{344}"     \
    "\\x{34f}\\x{37a}\\x{640}\\x{7fa}\\x{1100}-\\x{11ff}\\x{17b4}\\x{17b5}\\x{180b}-\\x{180f}" \
    "\\x{1d2c}-\\x{1d6a}\\x{2071}\\x{207f}\\x{2090}-\\x{209c}\\x{20d0}-\\x{20ff}"              \
    "\\x{2100}-\\x{214d}\\x{302e}\\x{302f}\\x{3031}-\\x{3035}\\x{303b}\\x{3131}-\\x{318e}"     \
    "\\x{a960}-\\x{a97c}\\x{d7b0}-\\x{d7fb}\\x{f900}-\\x{fa0d}\\x{fa10}\\x{fa12}"              \
    "\\x{fa15}-\\x{fa1e}\\x{fa20}\\x{fa22}\\x{fa25}\\x{fa26}\\x{fa2a}-\\x{fdff}"               \
    "\\x{fe00}-\\x{fe0f}\\x{fe70}-\\x{feff}\\x{ff00}-\\x{ffef}\\x{1d400}-\\x{1d7ff}"           \
    "\\x{1ee00}-\\x{1eeff}\\x{2f800}-\\x{2fa1f}\\x{e0000}-\\x{e0fff}])"                        \
    "[-\\p{Ll}\\p{Lo}\\p{Lm}\\p{Mn}\\p{Mc}\\p{Nd}\\x{6fd}\\x{6fe}\\x{f0b}\\x{3007}]"

#define VIRAMA                                                                                  \
    "[\\x{94d}\\x{9cd}\\x{a4d}\\x{acd}\\x{b4d}\\x{bcd}\\x{c4d}\\x{ccd}\\x{d3b}\\x{d3c}\\x{d4d}" \
    "\\x{dca}\\x{e3a}\\x{eba}\\x{f84}\\x{1039}\\x{103a}\\x{1714}\\x{1715}\\x{1734}\\x{17d2}"    \
    "\\x{1a60}\\x{1b44}\\x{1baa}\\x{1bab}\\x{1bf2}\\x{1bf3}\\x{2d7f}\\x{a806}\\x{a82c}"         \
    "\\x{a8c4}\\x{a953}\\x{a9c0}\\x{aaf6}\\x{abed}]"

/* Letters that join to the next one: of the joining scripts all but those that never do. */
#define JOINS "[\\p{Arabic}\\p{Syriac}\\p{Nko}\\p{Mandaic}\\p{Mongolian}\\p{Phags_Pa}]"
#define JOINS_LEFT                                                                    \
    "(?![\\x{622}-\\x{625}\\x{627}\\x{629}\\x{62f}-\\x{632}\\x{648}\\x{671}-\\x{673}" \
    "\\x{675}-\\x{677}\\x{688}-\\x{699}\\x{6c0}\\x{6c3}-\\x{6cb}\\x{6cd}\\x{6cf}"     \
    "\\x{6d2}\\x{6d3}\\x{6d5}])" JOINS

const char th_idn_label_pattern[] =
    /* RFC 5891 4.2.3: no mark first, no hyphen at an end or in both third and fourth place */
    "^(?!\\p{M}|-|..--)(?!.*-$)"
    /* RFC 5892 A.7 to A.9: katakana middle dot, and the two sets of Arabic digits apart */
    "(?!(?=.*\\x{30fb})(?!.*[\\p{sc:Hiragana}\\p{sc:Katakana}\\p{sc:Han}]))"
    "(?!(?=.*[\\x{660}-\\x{669}]).*[\\x{6f0}-\\x{6f9}])"
    "(?:" VALID
    "|(?<=l)\\x{b7}(?=l)|\\x{375}(?=\\p{sc:Greek})|(?<=\\p{sc:Hebrew})[\\x{5f3}\\x{5f4}]"
    "|\\x{30fb}|(?<=" VIRAMA ")[\\x{200c}\\x{200d}]"
    "|(?:(?<=" JOINS_LEFT ")|(?<=" JOINS_LEFT "\\p{Mn})|(?<=" JOINS_LEFT "\\p{Mn}\\p{Mn}))"
    "\\x{200c}(?=\\p{Mn}*" JOINS ")"
    ")+$";

const char th_idn_right_to_left_pattern[] = "[\\p{bc:R}\\p{bc:AL}\\p{bc:AN}]";

#define EITHER "\\p{bc:EN}\\p{bc:ES}\\p{bc:CS}\\p{bc:ET}\\p{bc:ON}\\p{bc:BN}\\p{bc:NSM}"
const char th_idn_bidi_pattern[] =
    "^(?:(?=[\\p{bc:R}\\p{bc:AL}])(?!(?=.*\\p{bc:EN}).*\\p{bc:AN})"
    "[\\p{bc:R}\\p{bc:AL}\\p{bc:AN}" EITHER "]*"
    "[\\p{bc:R}\\p{bc:AL}\\p{bc:EN}\\p{bc:AN}]\\p{bc:NSM}*"
    "|(?=\\p{bc:L})[\\p{bc:L}" EITHER "]*[\\p{bc:L}\\p{bc:EN}]\\p{bc:NSM}*)$";

static th_regex_result_t search(const th_idn_t *idn, const th_regex_t *regex, const uint32_t *code,
                                size_t count) {
    char text[4 * TH_IDN_MAX_LABEL];
    size_t length = 0;
    for (size_t i = 0; i < count; i++)
        length += th_utf8_put(code[i], text + length);
    return th_regex_search(regex, idn->scratch, th_slice(text, length), TH_REGEX_LONG);
}

bool th_idn_label_valid(const th_idn_t *idn, const uint32_t *code, size_t count) {
    return search(idn, idn->label, code, count) == TH_REGEX_YES;
}

bool th_idn_is_right_to_left(const th_idn_t *idn, const uint32_t *code, size_t count) {
    return search(idn, idn->right_to_left, code, count) != TH_REGEX_NO;
}

bool th_idn_obeys_bidi(const th_idn_t *idn, const uint32_t *code, size_t count) {
    return search(idn, idn->bidi, code, count) == TH_REGEX_YES;
}
