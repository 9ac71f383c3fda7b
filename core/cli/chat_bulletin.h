/* chat_bulletin.h - the letters that webhooks send between workers: a delivery on its way to its
 * organisation's home, and what every worker is to tell. Everything in a letter is a copy. */
#ifndef TH_CLI_CHAT_BULLETIN_H
#define TH_CLI_CHAT_BULLETIN_H

#include <stdatomic.h>

#include "chat/deliveries.h"
#include "chat/handlers.h"
#include "cli/chat_webhook.h"
#include "cli/outbox.h"

struct th_webhooks {
    th_webhooks_config_t config;
    th_chat_t *chat;
    th_handlers_t *handlers;
    th_deliveries_t *deliveries;
    th_outbox_t outbox;
    atomic_size_t travelling; /* deliveries sent from here that have not arrived, and their bytes */
    atomic_size_t travelling_bytes;
    uint64_t stranger_logged; /* when one with a wrong secret was, by the loop's clock; 0 = never */
};

/* False: no memory, or too many or too much are under way. */
bool th_webhooks_send_home(th_webhooks_t *webhooks, th_slice_t org, th_slice_t body,
                           th_error_t *error);
/* chat_webhook.c: a delivery arrived at its organisation's home. */
void th_webhooks_arrive(th_webhooks_t *webhooks, th_slice_t org, th_slice_t body);

/* Every worker tells its people, and its subscribers, of an event. <about> and <data>: what a
 * handler said; NULL and empty: the event itself. */
void th_webhooks_tell(th_webhooks_t *webhooks, const th_happening_t *happening, const char *about,
                      th_slice_t data);
/* Every worker tells its subscribers that something changed. */
void th_webhooks_tell_changed(th_webhooks_t *webhooks, const char *org_id, th_changed_t what,
                              th_slice_t uri);

#endif
