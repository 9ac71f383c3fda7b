/* offline_table.h - the beginnings of sentences that the offline assistant knows. Pure. */
#ifndef TH_CHAT_OFFLINE_TABLE_H
#define TH_CHAT_OFFLINE_TABLE_H

#include "chat/offline_commands.h"

typedef enum th_follow {
    TH_FOLLOW_NOTHING, /* the sentence ends there */
    TH_FOLLOW_NAMED,   /* one thing or several, by number or name */
    TH_FOLLOW_LISTED,  /* the same; "show" may stand before it */
    TH_FOLLOW_DECIDED, /* the same, and perhaps why */
    TH_FOLLOW_STATUS,
    TH_FOLLOW_TEXT,
    TH_FOLLOW_REASON,
    TH_FOLLOW_COMMENT,
    TH_FOLLOW_CREATE,
    TH_FOLLOW_REMIND,
    TH_FOLLOW_LAUNCH,
    TH_FOLLOW_CALL,
    TH_FOLLOW_TASKS_OF,
    TH_FOLLOW_ASSIGN, /* a thing "to" somebody */
    TH_FOLLOW_DUE,    /* a thing "to" a date */
} th_follow_t;

typedef struct th_beginning {
    const char *words;
    th_command_kind_t kind;
    th_follow_t follow;
    const char *detail; /* the command's, where the row says it; NULL: none */
} th_beginning_t;

/* The row that <text> begins with, and what stands behind it; NULL: none. */
const th_beginning_t *th_beginning_find(th_slice_t text, th_slice_t *rest);
/* What <text>, which no row fits, may have meant: its words with those of the nearest row in place
 * of the first ones. Its length; 0: nothing is near. */
size_t th_beginning_guess(th_slice_t text, char *out, size_t size);

#endif
