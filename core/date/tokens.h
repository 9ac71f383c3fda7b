/* tokens.h - text to tokens: words, numbers, marks; one pass, each byte looked at once.
 * Only a window of the last tokens is kept, so memory does not grow with the text. Unicode blanks,
 * dashes, quotes and full-width digits are folded to ASCII; e-mail addresses and URLs are one
 * opaque token each. */
#ifndef TH_DATE_TOKENS_H
#define TH_DATE_TOKENS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "date/words.h"

typedef enum th_token_kind {
    TH_TOKEN_END,
    TH_TOKEN_WORD,     /* letters; "'s" behind a word is a token of its own */
    TH_TOKEN_NUMBER,   /* digits */
    TH_TOKEN_FRACTION, /* one of the characters 1/2, 1/4, 3/4: <number> in thousandths */
    TH_TOKEN_MARK,     /* one punctuation character, folded */
    TH_TOKEN_OTHER,    /* anything else */
} th_token_kind_t;

typedef struct th_token {
    th_token_kind_t kind;
    bool glued;   /* no blank between this and the token before */
    bool capital; /* a word that begins with a capital */
    bool upper;   /* a word all in capitals */
    bool typo;    /* <word> was guessed */
    char mark;
    uint8_t length; /* of <text>; 0 when the word is too long to mean anything */
    int digits;     /* of a number; the value is only kept up to 18 digits */
    int64_t number;
    size_t start, end;          /* bytes of the text */
    const th_word_t *word;      /* the first of its rows; NULL: means nothing */
    uint8_t keys[2];            /* th_key_t of those that are words of the grammar */
    uint32_t senses;            /* bit per th_sense_t */
    char text[TH_WORD_MAX + 1]; /* lower case */
} th_token_t;

#define TH_TOKENS_WINDOW 128 /* a power of two */
#define TH_TOKENS_AHEAD 64   /* how far the grammar sees from <base> */

typedef struct th_tokens {
    th_slice_t text;
    size_t offset; /* of the byte to look at next */
    size_t read;   /* how many tokens there were so far */
    size_t base;   /* the index from which the grammar reads; grows only */
    bool ended;
    th_token_t ring[TH_TOKENS_WINDOW];
    th_token_t end;
} th_tokens_t;

void th_tokens_open(th_tokens_t *tokens, th_slice_t text);
/* Reads on to that token. */
const th_token_t *th_tokens_read(th_tokens_t *tokens, size_t index);
/* The token with that index. Behind the text, and further than TH_TOKENS_AHEAD from <base>, it is
 * END. */
static inline const th_token_t *th_tokens_at(th_tokens_t *tokens, size_t index) {
    if (index < tokens->read && index < tokens->base + TH_TOKENS_AHEAD)
        return &tokens->ring[index & (TH_TOKENS_WINDOW - 1)];
    if (tokens->ended) return &tokens->end;
    return th_tokens_read(tokens, index);
}

#endif
