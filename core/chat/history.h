/* history.h - what the model is told of a conversation, in the neutral form of provider.h.
 * Invariant: whatever is written out has a result for every tool call and no result without its
 * call, also after a turn was cancelled in its middle or shortened; turns leave whole. Bounded by
 * th_history_compact(). Owns all its texts. */
#ifndef TH_CHAT_HISTORY_H
#define TH_CHAT_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/list.h"
#include "base/slice.h"
#include "json/document.h"
#include "json/writer.h"

typedef struct th_history {
    th_list_t items;
    size_t bytes;
} th_history_t;

typedef struct th_history_result {
    th_slice_t call; /* the model's id of it */
    th_slice_t text;
    th_slice_t data; /* JSON, or empty */
    bool is_error;
} th_history_result_t;

void th_history_init(th_history_t *history);
void th_history_clear(th_history_t *history);

/* All copy; false: no memory, nothing was added. <turn> numbers turns, growing. */
bool th_history_add_person(th_history_t *history, unsigned turn, th_slice_t text);
/* <content>: the JSON array of the model's blocks. */
bool th_history_add_model(th_history_t *history, unsigned turn, th_slice_t content);
/* Results belong behind the model's message that asked for them. */
bool th_history_add_result(th_history_t *history, unsigned turn, const th_history_result_t *result);

/* Calls of the last message of the model that have no result get one that says <why>. False: no
 * memory; the message and its results are gone then, which is consistent as well. */
bool th_history_repair(th_history_t *history, th_json_parser_t *parser, const char *why);
void th_history_drop_turn(th_history_t *history, unsigned turn);

/* When it holds more than <most> bytes: brought to about half of it (in a big step, so that the
 * provider's cache of what stays is good for a while). First results of older turns are
 * shortened, then the oldest turns go, then results of the newest turn but for its last round. */
void th_history_compact(th_history_t *history, size_t most);

/* The array: neighbours of one role become one message. */
void th_history_write(const th_history_t *history, th_json_writer_t *writer);

#endif
