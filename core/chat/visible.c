/* visible.c - which characters hide something, and what is done with them. */
#include "chat/visible.h"

typedef struct range {
    uint32_t first, last;
} range_t;

/* In order. Unicode's Cf and Default_Ignorable_Code_Point, controls, private use, separators. */
static const range_t hidden[] = {
    {0x0000, 0x0008},    {0x000b, 0x001f}, {0x007f, 0x009f}, {0x00ad, 0x00ad},   {0x034f, 0x034f},
    {0x0600, 0x0605},    {0x061c, 0x061c}, {0x06dd, 0x06dd}, {0x070f, 0x070f},   {0x115f, 0x1160},
    {0x17b4, 0x17b5},    {0x180b, 0x180f}, {0x200b, 0x200f}, {0x2028, 0x202e},   {0x2060, 0x206f},
    {0x2800, 0x2800},    {0x3164, 0x3164}, {0xd800, 0xf8ff}, {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},
    {0xffa0, 0xffa0},    {0xfff0, 0xfffb}, {0xfffe, 0xffff}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a},
    {0xe0000, 0x10ffff},
};

bool th_char_is_hidden(uint32_t c) {
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
        if (c < hidden[i].first) return false;
        if (c <= hidden[i].last) return true;
    }
    return c > 0x10ffff;
}

/* The character at the front of <text> and its length; 0 = the first byte begins none. Overlong
 * forms and surrogates are none (RFC 3629). */
static size_t decode(th_slice_t text, uint32_t *c) {
    const unsigned char *s = (const unsigned char *)text.data;
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = s[0] < 0x80 ? 1 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : s[0] >= 0xc2 ? 2 : 0;
    if (s[0] > 0xf4 || length == 0 || length > text.length) return 0;
    if (length == 1) {
        *c = s[0];
        return 1;
    }
    uint32_t value = s[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xc0) != 0x80) return 0;
        value = value << 6 | (s[i] & 0x3f);
    }
    if (value < least[length] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return 0;
    *c = value;
    return length;
}

#define VARIATION_SELECTOR_16 0xfe0f
#define ZERO_WIDTH_JOINER 0x200d
#define PICTURES_BEGIN 0x2190

/* Is this one of those, or part of a picture? People's titles are full of emoji, so one selector
 * behind a picture and one joiner between two are no secret; any other is. */
static bool is_hidden(uint32_t before, uint32_t c, th_slice_t rest) {
    if (!th_char_is_hidden(c)) return false;
    if (before < PICTURES_BEGIN || th_char_is_hidden(before)) {
        bool joins = c == ZERO_WIDTH_JOINER && before == VARIATION_SELECTOR_16;
        if (!joins) return true;
    }
    if (c == VARIATION_SELECTOR_16) return false;
    uint32_t after = 0;
    if (c != ZERO_WIDTH_JOINER || rest.length == 0 || decode(rest, &after) == 0) return true;
    return after < PICTURES_BEGIN || th_char_is_hidden(after);
}

static th_slice_t behind(th_slice_t text, size_t at) {
    return th_slice(text.data + at, text.length - at);
}

bool th_text_show(th_buffer_t *out, th_slice_t text, bool *odd) {
    *odd = false;
    uint32_t before = 0;
    size_t plain = 0; /* where the stretch begins that is copied as it is */
    for (size_t at = 0; at < text.length;) {
        uint32_t c = 0;
        size_t length = decode(behind(text, at), &c);
        bool fine = length > 0 && !is_hidden(before, c, behind(text, at + length));
        before = c;
        if (fine) {
            at += length;
            continue;
        }
        *odd = true;
        (void)th_buffer_add(out, text.data + plain, at - plain);
        if (length > 0)
            (void)th_buffer_add_format(out, "\xe2\x9f\xa8U+%04X\xe2\x9f\xa9", (unsigned)c);
        else
            (void)th_buffer_add_format(out, "\xe2\x9f\xa8%02X\xe2\x9f\xa9",
                                       (unsigned)(unsigned char)text.data[at]);
        at += length > 0 ? length : 1;
        plain = at;
    }
    if (text.length > plain) (void)th_buffer_add(out, text.data + plain, text.length - plain);
    return !out->failed;
}

bool th_text_clean(th_buffer_t *out, th_slice_t text, size_t most, bool *cut) {
    uint32_t before = 0;
    size_t plain = 0, at = 0;
    while (at < text.length) {
        uint32_t c = 0;
        size_t length = decode(behind(text, at), &c);
        if (at + (length > 0 ? length : 1) > most) break;
        bool fine = length > 0 && !is_hidden(before, c, behind(text, at + length));
        before = c;
        if (fine) {
            at += length;
            continue;
        }
        (void)th_buffer_add(out, text.data + plain, at - plain);
        if (length == 0) (void)th_buffer_add_text(out, "\xef\xbf\xbd");
        at += length > 0 ? length : 1;
        plain = at;
    }
    *cut = at < text.length;
    if (at > plain) (void)th_buffer_add(out, text.data + plain, at - plain);
    return !out->failed;
}
