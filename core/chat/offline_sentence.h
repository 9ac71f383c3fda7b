/* offline_sentence.h - readers for what stands behind the beginning of a sentence: between
 * offline_commands.c, offline_named.c and offline_new.c. Pure. */
#ifndef TH_CHAT_OFFLINE_SENTENCE_H
#define TH_CHAT_OFFLINE_SENTENCE_H

#include "chat/offline_commands.h"

/* Where dates are read: only the place of their words counts, not the moment. */
typedef struct th_sources {
    th_zones_t *zones;
    int64_t now_s;
} th_sources_t;

/* ---- of what is there: offline_named.c ---- */

/* "3", "tasks 1 and 2", "the template Onboarding"; what stands behind numbers is refused. */
void th_sentence_named(th_slice_t rest, th_command_t *command);
void th_sentence_status(th_slice_t rest, th_command_t *command);
void th_sentence_decided(th_slice_t rest, th_command_t *command);
/* "3: text"; <marks> may stand between, NULL ends them. */
void th_sentence_with_detail(th_slice_t rest, const char *const *marks, th_command_t *command);
void th_sentence_assign(th_slice_t rest, th_command_t *command);
void th_sentence_due(th_slice_t rest, const th_sources_t *sources, th_command_t *command);
/* "purchase request template" is called "purchase request". */
th_slice_t th_sentence_plain_name(th_slice_t name);

/* ---- of what is to be: offline_new.c ---- */

void th_sentence_create(th_slice_t rest, const th_sources_t *sources, th_command_t *command);
void th_sentence_remind(th_slice_t rest, const th_sources_t *sources, th_command_t *command);
void th_sentence_launch(th_slice_t rest, const th_sources_t *sources, th_command_t *command);

#endif
