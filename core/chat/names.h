/* names.h - what ids stand for, as results of this conversation showed it: "a1b2..." is the task
 * "Call the bank", due on Friday. Only to help a person read a card: the id counts, and the card
 * shows it too; what is remembered may be old by now. Bounded; when full, it starts anew. */
#ifndef TH_CHAT_NAMES_H
#define TH_CHAT_NAMES_H

#include <stddef.h>

#include "base/table.h"
#include "json/document.h"

#define TH_NAME_SIZE 161

typedef struct th_names {
    th_table_t *table; /* NULL while empty */
} th_names_t;

void th_names_clear(th_names_t *names);
/* Learns from a tool's structured result: objects with an id, and a title or name. */
void th_names_learn(th_names_t *names, th_json_value_t data);
/* What the argument <member> with <value> stands for; NULL when it is not known. */
const char *th_names_find(const th_names_t *names, th_slice_t member, th_json_value_t value);
/* The short values of that object when it was last seen: a JSON object; empty when not known. */
th_slice_t th_names_values(const th_names_t *names, th_slice_t member, th_json_value_t value);

#endif
