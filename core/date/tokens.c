/* tokens.c - the one pass over the bytes of a text. */
#include "date/tokens.h"

#include <string.h>

void th_tokens_open(th_tokens_t *tokens, th_slice_t text) {
    tokens->text = text;
    tokens->offset = tokens->read = tokens->base = 0;
    tokens->ended = false;
    memset(&tokens->end, 0, sizeof(tokens->end));
    tokens->end.start = tokens->end.end = text.length;
}

/* One character at <offset>: its length, and what it is folded to. 0 = skip as blank, 1 = other. */
#define FOLD_BLANK 0
#define FOLD_OTHER 1

typedef struct {
    size_t length;
    int folded; /* an ASCII character, FOLD_BLANK, FOLD_OTHER, or -thousandths for a fraction */
} character_t;

static int fold_wide(unsigned code) {
    if (code >= 0xff10 && code <= 0xff19) return '0' + (int)(code - 0xff10);
    if (code >= 0x2000 && code <= 0x200f) return FOLD_BLANK;
    if (code >= 0x2010 && code <= 0x2015) return '-';
    switch (code) {
    case 0x85:
    case 0xa0:
    case 0xad:
    case 0x1680:
    case 0x2028:
    case 0x2029:
    case 0x202f:
    case 0x205f:
    case 0x2060:
    case 0x3000:
    case 0xfeff: return FOLD_BLANK;
    case 0x2212:
    case 0xfe58:
    case 0xfe63:
    case 0xff0d: return '-';
    case 0x2018:
    case 0x2019:
    case 0x201b:
    case 0x2032:
    case 0xb4:
    case 0x2bc:
    case 0xff07: return '\'';
    case 0x201c:
    case 0x201d:
    case 0x201f:
    case 0x2033: return '"';
    case 0xff0c: return ',';
    case 0xff0f:
    case 0x2044:
    case 0x2215: return '/';
    case 0xff1a:
    case 0x2236: return ':';
    case 0xff0e: return '.';
    case 0xbd: return -500;
    case 0xbc: return -250;
    case 0xbe: return -750;
    default: return FOLD_OTHER;
    }
}

/* Bytes that are not UTF-8 are one OTHER each. */
static character_t character_at(th_slice_t text, size_t offset) {
    unsigned char first = (unsigned char)text.data[offset];
    if (first < 0x80) return (character_t){1, first <= ' ' || first == 0x7f ? FOLD_BLANK : first};
    size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1;
    unsigned code = first & (length == 4 ? 7 : length == 3 ? 15 : 31);
    if (length == 1 || offset + length > text.length) return (character_t){1, FOLD_OTHER};
    for (size_t i = 1; i < length; i++) {
        unsigned char next = (unsigned char)text.data[offset + i];
        if ((next & 0xc0) != 0x80) return (character_t){1, FOLD_OTHER};
        code = code << 6 | (next & 63);
    }
    return (character_t){length, fold_wide(code)};
}

static bool is_letter(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(int c) {
    return c >= '0' && c <= '9';
}

static void read_number(th_tokens_t *tokens, th_token_t *token) {
    token->kind = TH_TOKEN_NUMBER;
    while (tokens->offset < tokens->text.length) {
        character_t c = character_at(tokens->text, tokens->offset);
        if (!is_digit(c.folded)) break;
        if (token->digits < 18) token->number = token->number * 10 + (c.folded - '0');
        if (token->digits < 1000) token->digits++;
        tokens->offset += c.length;
    }
}

/* What the grammar asks for most, at hand. A word has two keys at most. */
static void note_senses(th_token_t *token) {
    int keys = 0;
    token->keys[0] = token->keys[1] = TH_KEY_NONE;
    for (const th_word_t *row = token->word;; row++) {
        token->senses |= 1u << row->sense;
        if (row->sense == TH_SENSE_KEY && keys < 2) token->keys[keys++] = (uint8_t)row->value;
        if (!(row->flags & TH_WORD_MORE)) break;
    }
}

/* Letters; "o'clock" is the one word with an apostrophe. Letters beyond ASCII make it a word that
 * means nothing. */
static void read_word(th_tokens_t *tokens, th_token_t *token) {
    size_t length = 0, capitals = 0;
    token->kind = TH_TOKEN_WORD;
    while (tokens->offset < tokens->text.length) {
        character_t c = character_at(tokens->text, tokens->offset);
        bool inner = c.folded == '\'' && length == 1 && token->text[0] == 'o' &&
                     tokens->offset + c.length < tokens->text.length &&
                     (tokens->text.data[tokens->offset + c.length] | 32) == 'c';
        bool foreign = c.folded == FOLD_OTHER && length > 0;
        if (!is_letter(c.folded) && !inner && !foreign) break;
        if (c.folded >= 'A' && c.folded <= 'Z') {
            capitals++;
            if (length == 0) token->capital = true;
            c.folded += 32;
        }
        if (foreign) length = TH_WORD_MAX;
        if (length < TH_WORD_MAX) token->text[length] = (char)c.folded;
        length++;
        tokens->offset += c.length;
    }
    token->upper = capitals == length;
    if (length > TH_WORD_MAX) {
        token->text[0] = '\0';
        return;
    }
    token->text[length] = '\0';
    token->length = (uint8_t)length;
    token->word = th_word_find(token->text);
    if (!token->word && length >= 5) {
        token->word = th_word_find_near(token->text, length);
        token->typo = token->word != NULL;
    }
    if (token->word) note_senses(token);
}

/* At the beginning of a run without blanks: true, and passed over, when it is an address. */
static bool read_address(th_tokens_t *tokens, th_token_t *token) {
    const char *data = tokens->text.data;
    size_t end = tokens->offset, at_sign = 0;
    bool url = false, mail = false;
    while (end < tokens->text.length && (unsigned char)data[end] > ' ') {
        if (data[end] == '@') at_sign = end;
        if (data[end] == '.' && at_sign && at_sign > tokens->offset && end > at_sign + 1)
            mail = true;
        if (data[end] == ':' && end + 2 < tokens->text.length && data[end + 1] == '/' &&
            data[end + 2] == '/')
            url = true;
        end++;
    }
    if (end - tokens->offset > 4 && (data[tokens->offset] | 32) == 'w' &&
        strncasecmp(data + tokens->offset, "www.", 4) == 0)
        url = true;
    if (!url && !mail) return false;
    token->kind = TH_TOKEN_OTHER;
    tokens->offset = end;
    return true;
}

static void read_token(th_tokens_t *tokens) {
    bool blank = tokens->offset == 0;
    character_t c = {0, FOLD_BLANK};
    while (tokens->offset < tokens->text.length) {
        c = character_at(tokens->text, tokens->offset);
        if (c.folded != FOLD_BLANK) break;
        tokens->offset += c.length;
        blank = true;
    }
    if (tokens->offset >= tokens->text.length) {
        tokens->ended = true;
        return;
    }
    th_token_t *token = &tokens->ring[tokens->read++ & (TH_TOKENS_WINDOW - 1)];
    memset(token, 0, sizeof(*token));
    token->start = tokens->offset;
    token->glued = !blank;
    if (blank && read_address(tokens, token)) {
        /* passed over */
    } else if (is_digit(c.folded)) {
        read_number(tokens, token);
    } else if (is_letter(c.folded)) {
        read_word(tokens, token);
    } else {
        token->kind = c.folded == FOLD_OTHER ? TH_TOKEN_OTHER
                      : c.folded < 0         ? TH_TOKEN_FRACTION
                                             : TH_TOKEN_MARK;
        if (c.folded < 0) token->number = -c.folded;
        if (c.folded > 0) token->mark = (char)c.folded;
        tokens->offset += c.length;
    }
    token->end = tokens->offset;
}

const th_token_t *th_tokens_read(th_tokens_t *tokens, size_t index) {
    if (index >= tokens->base + TH_TOKENS_AHEAD) return &tokens->end;
    while (index >= tokens->read && !tokens->ended)
        read_token(tokens);
    return index < tokens->read ? &tokens->ring[index & (TH_TOKENS_WINDOW - 1)] : &tokens->end;
}
