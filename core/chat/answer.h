/* answer.h - the model's message while it comes in: blocks of the neutral form, whoever serves it.
 * Owns its blocks. Every buffer is bounded; what is over a bound makes that tool call unusable or
 * the answer fail, never the host. Knows no wire format. */
#ifndef TH_CHAT_ANSWER_H
#define TH_CHAT_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "chat/provider.h"
#include "chat/tool_names.h"
#include "json/document.h"

#define TH_ANSWER_BLOCKS_MAX 1024
#define TH_ANSWER_ID_SIZE 65 /* ids both APIs take: ^[a-zA-Z0-9_-]{1,64}$ */
#define TH_ANSWER_NAME_MAX 256
#define TH_ANSWER_INPUT_DEPTH 48 /* so that it still fits inside a history and an event */

typedef enum th_block_kind {
    TH_BLOCK_TEXT,
    TH_BLOCK_TOOL,
    TH_BLOCK_THINKING, /* <text> and, in <extra>, the signature without which it is dropped */
    TH_BLOCK_OPAQUE,   /* <text> is the JSON of the provider's block */
    TH_BLOCK_IGNORED,  /* of a kind that nobody knows */
} th_block_kind_t;

typedef struct th_answer_block {
    th_block_kind_t kind;
    int64_t key;       /* the provider's index of the block */
    bool closed;       /* the provider said that it is whole */
    bool too_large;    /* the tool's input went over its bound */
    th_buffer_t text;  /* text, or JSON of the input */
    th_buffer_t extra; /* the tool's name as the provider has it, or the signature */
    char id[TH_ANSWER_ID_SIZE];
    th_error_t unusable; /* after settling: why the input cannot be used; no code = it can */
} th_answer_block_t;

typedef struct th_answer {
    th_answer_block_t *blocks;
    size_t count, capacity;
    size_t text_bytes, input_bytes; /* bounds of one block */
} th_answer_t;

void th_answer_init(th_answer_t *answer, size_t text_bytes, size_t input_bytes);
void th_answer_reset(th_answer_t *answer); /* frees the blocks; can be used again */

/* NULL when there are too many or memory ran out. The pointer is good until the next open. */
th_answer_block_t *th_answer_open(th_answer_t *answer, th_block_kind_t kind, int64_t key);
/* The newest block with that key; NULL when there is none. */
th_answer_block_t *th_answer_find(th_answer_t *answer, int64_t key);
/* More of a block's text or input. False when the answer cannot go on (a text over its bound). */
bool th_answer_add(th_answer_block_t *block, th_slice_t piece);
bool th_answer_has_tools(const th_answer_t *answer);

/* Makes ids usable and unique, and checks the inputs of tools: an object, no duplicate keys, within
 * bounds. Once, at the end. */
void th_answer_settle(th_answer_t *answer, th_json_parser_t *parser);
/* The content array in the neutral form. <provider> labels opaque blocks. */
bool th_answer_write(const th_answer_t *answer, const char *provider, const th_tool_names_t *names,
                     bool with_tools, th_buffer_t *out, th_error_t *error);

#endif
