/* chat_bulletin.c - letters written, delivered and dropped. */
#include "cli/chat_bulletin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "chat/visible.h"
#include "json/writer.h"

#define ABOUT_MAX ((size_t)2 * 1024)
#define DATA_MAX ((size_t)64 * 1024)

/* --- a delivery, to its home ----------------------------------------------------------------- */

typedef struct delivery {
    th_letter_t letter;
    th_webhooks_t *from, *to;
    th_slice_t org, body;
    char bytes[];
} delivery_t;

static void drop_delivery(th_letter_t *letter) {
    delivery_t *delivery = TH_CONTAINER(letter, delivery_t, letter);
    atomic_fetch_sub(&delivery->from->travelling_bytes,
                     delivery->org.length + delivery->body.length);
    atomic_fetch_sub(&delivery->from->travelling, 1);
    free(delivery);
}

static void deliver_delivery(th_worker_t *worker, th_worker_message_t *message) {
    delivery_t *delivery = TH_CONTAINER(message, delivery_t, letter.base);
    if (!worker->stopping) th_webhooks_arrive(delivery->to, delivery->org, delivery->body);
    drop_delivery(&delivery->letter);
}

bool th_webhooks_send_home(th_webhooks_t *webhooks, th_slice_t org, th_slice_t body,
                           th_error_t *error) {
    const th_settings_t *settings = webhooks->config.worker->settings;
    size_t bytes = org.length + body.length;
    unsigned home = th_sessions_home(webhooks->config.sessions, TH_SLICE("webhooks"), org);
    if (home == webhooks->config.worker->number) {
        th_webhooks_arrive(webhooks, org, body);
        return true;
    }
    size_t under_way = atomic_load(&webhooks->travelling);
    if (under_way >= (size_t)settings->chat_webhook_events ||
        (under_way > 0 &&
         atomic_load(&webhooks->travelling_bytes) + bytes > (size_t)settings->chat_webhook_bytes))
        return th_error_set(error, "busy", "too many events are under way");
    delivery_t *delivery = malloc(sizeof *delivery + bytes);
    if (!delivery) return th_error_set(error, "no_memory", "out of memory");
    *delivery = (delivery_t){.from = webhooks, .to = webhooks->config.peers[home]};
    th_list_init(&delivery->letter.base.link);
    delivery->letter.base.run = deliver_delivery;
    delivery->letter.to = delivery->to->config.worker;
    delivery->letter.drop = drop_delivery;
    memcpy(delivery->bytes, org.data, org.length);
    memcpy(delivery->bytes + org.length, body.data, body.length);
    delivery->org = th_slice(delivery->bytes, org.length);
    delivery->body = th_slice(delivery->bytes + org.length, body.length);
    atomic_fetch_add(&webhooks->travelling, 1);
    atomic_fetch_add(&webhooks->travelling_bytes, bytes);
    th_outbox_send(&webhooks->outbox, &delivery->letter);
    return true;
}

/* --- a bulletin, to everybody ---------------------------------------------------------------- */

typedef struct bulletin {
    th_letter_t letter;
    th_webhooks_t *to;
    const char *event; /* static; NULL: only that something changed */
    th_changed_t what;
    char org_id[TH_HAPPENING_ID], process_id[TH_HAPPENING_ID], task_id[TH_HAPPENING_ID];
    const char *about; /* into <texts> */
    th_slice_t data;   /* a JSON object; or, of a change, the uri */
    size_t size;
    char texts[];
} bulletin_t;

/* Resources whose address has one of the ids in it may read differently now. */
static void tell_subscribers(const bulletin_t *bulletin) {
    const th_webhooks_config_t *config = &bulletin->to->config;
    th_buffer_t text;
    th_json_writer_t writer;
    th_buffer_init(&text, 1024);
    th_json_writer_init(&writer, &text, 0);
    th_json_write_object(&writer);
    th_json_write_member_text(&writer, "process", bulletin->process_id);
    th_json_write_member_text(&writer, "task", bulletin->task_id);
    th_json_write_end(&writer);
    th_json_document_t *document =
        th_json_writer_finish(&writer, NULL)
            ? th_json_parse(config->worker->parser, th_buffer_slice(&text), &th_json_limits_request,
                            NULL)
            : NULL;
    if (document) th_mcp_happened(config->mcp, bulletin->org_id, th_json_root(document));
    th_json_unref(document);
    th_buffer_reset(&text);
}

static void tell(const bulletin_t *bulletin) {
    th_webhooks_t *webhooks = bulletin->to;
    if (!bulletin->event) {
        th_mcp_changed(webhooks->config.mcp, bulletin->org_id, bulletin->what, bulletin->data);
        return;
    }
    tell_subscribers(bulletin);
    const th_chat_news_t news = {.org_id = bulletin->org_id,
                                 .name = bulletin->event,
                                 .about = bulletin->about,
                                 .process_id = bulletin->process_id,
                                 .task_id = bulletin->task_id,
                                 .data = bulletin->data};
    if (webhooks->chat) (void)th_chat_tell(webhooks->chat, &news);
}

static void drop_bulletin(th_letter_t *letter) {
    free(TH_CONTAINER(letter, bulletin_t, letter));
}

static void deliver_bulletin(th_worker_t *worker, th_worker_message_t *message) {
    bulletin_t *bulletin = TH_CONTAINER(message, bulletin_t, letter.base);
    if (!worker->stopping) tell(bulletin);
    free(bulletin);
}

static bulletin_t *bulletin_new(const char *org_id, th_slice_t about, th_slice_t data) {
    size_t size = sizeof(bulletin_t) + about.length + data.length + 2;
    bulletin_t *bulletin = calloc(1, size);
    if (!bulletin) return NULL;
    bulletin->size = size;
    (void)snprintf(bulletin->org_id, sizeof bulletin->org_id, "%s", org_id);
    if (about.length) memcpy(bulletin->texts, about.data, about.length);
    if (data.length) memcpy(bulletin->texts + about.length + 1, data.data, data.length);
    bulletin->data.length = data.length;
    return bulletin;
}

/* A copy for the worker <to>. */
static void address(bulletin_t *bulletin, th_webhooks_t *to) {
    bulletin->to = to;
    bulletin->about = bulletin->texts;
    bulletin->data.data = bulletin->texts + strlen(bulletin->texts) + 1;
    th_list_init(&bulletin->letter.base.link);
    bulletin->letter.base.run = deliver_bulletin;
    bulletin->letter.to = to->config.worker;
    bulletin->letter.drop = drop_bulletin;
}

/* To the others by letter, here at once. Takes it over; NULL: no memory. */
static void publish(th_webhooks_t *webhooks, bulletin_t *bulletin) {
    const th_worker_t *here = webhooks->config.worker;
    bool lost = !bulletin;
    for (unsigned i = 0; bulletin && i < here->count; i++) {
        if (i == here->number) continue;
        bulletin_t *copy = malloc(bulletin->size);
        if (!copy) {
            lost = true;
            continue;
        }
        memcpy(copy, bulletin, bulletin->size);
        address(copy, webhooks->config.peers[i]);
        th_outbox_send(&webhooks->outbox, &copy->letter);
    }
    if (lost) th_log(here->log, TH_LOG_ERROR, "webhook", "an event is not told: out of memory");
    if (!bulletin) return;
    address(bulletin, webhooks);
    tell(bulletin);
    free(bulletin);
}

/* What a handler said about an event comes as an object's members with the event's own. */
static bool write_data(th_buffer_t *out, const th_happening_t *happening, th_slice_t said) {
    th_json_writer_t writer;
    th_json_writer_init(&writer, out, 0);
    th_json_write_object(&writer);
    th_happening_write(happening, &writer);
    if (said.length && said.length <= DATA_MAX) {
        th_json_write_key(&writer, TH_SLICE("said"));
        th_json_write_raw(&writer, said);
    }
    th_json_write_end(&writer);
    return th_json_writer_finish(&writer, NULL);
}

void th_webhooks_tell(th_webhooks_t *webhooks, const th_happening_t *happening, const char *about,
                      th_slice_t data) {
    char sentence[3 * TH_HAPPENING_TEXT + 64];
    bool cut;
    th_buffer_t text, json;
    if (!about) {
        th_happening_sentence(happening, sentence, sizeof sentence);
        about = sentence;
    }
    th_buffer_init(&text, 4 * ABOUT_MAX);
    th_buffer_init(&json, DATA_MAX + 64 * (size_t)1024);
    bulletin_t *bulletin = NULL;
    if (th_text_clean(&text, th_slice_of(about), ABOUT_MAX, &cut) &&
        write_data(&json, happening, data))
        bulletin = bulletin_new(happening->org_id, th_buffer_slice(&text), th_buffer_slice(&json));
    if (bulletin) {
        bulletin->event = happening->event;
        memcpy(bulletin->process_id, happening->process.id, sizeof bulletin->process_id);
        memcpy(bulletin->task_id, happening->task.id, sizeof bulletin->task_id);
    }
    publish(webhooks, bulletin);
    th_buffer_reset(&text);
    th_buffer_reset(&json);
}

void th_webhooks_tell_changed(th_webhooks_t *webhooks, const char *org_id, th_changed_t what,
                              th_slice_t uri) {
    bulletin_t *bulletin = bulletin_new(org_id, th_slice(NULL, 0), uri);
    if (bulletin) bulletin->what = what;
    publish(webhooks, bulletin);
}
