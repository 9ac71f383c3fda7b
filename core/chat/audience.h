/* audience.h - what happened in an organisation, told to those of its people who may see it.
 * Whether a person may see the process (or one-off task) an event is about is asked of the API in
 * their own name, once in a while per process, and remembered with their conversation; what cannot
 * be asked is not told. Events of one conversation are told in the order in which they came. */
#ifndef TH_CHAT_AUDIENCE_H
#define TH_CHAT_AUDIENCE_H

#include "chat/chat_internal.h"

/* th_conversation_t.audience: NULL until something happened. The conversation ends: what waits is
 * dropped, and so is its hold on the credential. NULL is fine. */
void th_audience_free(th_audience_t *audience);

#endif
