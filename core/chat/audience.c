/* audience.c - one queue per conversation; its head waits until it is known who may see it. */
#include "chat/audience.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "session/sight.h"

#define SUBJECT_SIZE 65
#define REMEMBERED 32

/* One event that waits. */
typedef struct item {
    th_list_t link;
    const char *name, *at, *about; /* into <texts>; <at> may be NULL */
    th_slice_t data;
    th_sight_of_t of;
    char subject[SUBJECT_SIZE];
    char texts[];
} item_t;

typedef struct memory {
    char subject[SUBJECT_SIZE]; /* "" = free */
    th_sight_of_t of;
    bool sees;
    uint64_t until; /* the loop's milliseconds */
} memory_t;

struct th_audience {
    th_conversation_t *conversation;
    th_list_t waiting; /* item_t, oldest first */
    size_t count;
    th_sight_t *sight;           /* about the first of them */
    memory_t memory[REMEMBERED]; /* the oldest is overwritten */
    unsigned next;
};

static item_t *first_of(th_audience_t *audience) {
    return TH_CONTAINER(audience->waiting.next, item_t, link);
}

static void drop_first(th_audience_t *audience) {
    th_list_t *node = th_list_take_first(&audience->waiting);
    audience->count--;
    free(TH_CONTAINER(node, item_t, link));
}

/* --- what is known --------------------------------------------------------------------------- */

static const memory_t *recall(const th_audience_t *audience, const item_t *item) {
    uint64_t now = th_chat_now(audience->conversation->chat);
    for (size_t i = 0; i < REMEMBERED; i++) {
        const memory_t *memory = &audience->memory[i];
        if (memory->of == item->of && memory->until > now &&
            strcmp(memory->subject, item->subject) == 0)
            return memory;
    }
    return NULL;
}

static void remember(th_audience_t *audience, const item_t *item, bool sees) {
    const th_chat_t *chat = audience->conversation->chat;
    memory_t *memory = &audience->memory[audience->next++ % REMEMBERED];
    memory->of = item->of;
    memory->sees = sees;
    memory->until = th_chat_now(chat) + (uint64_t)th_chat_settings(chat)->chat_sight;
    (void)snprintf(memory->subject, sizeof memory->subject, "%s", item->subject);
}

/* --- telling --------------------------------------------------------------------------------- */

static void tell(th_conversation_t *conversation, const item_t *item) {
    th_draft_t draft;
    th_event_begin(conversation, &draft, "event", NULL);
    th_json_write_member_text(&draft.json, "name", item->name);
    if (item->at)
        th_json_write_member_text(&draft.json, "at", item->at);
    else
        th_write_time(&draft.json, "at", th_clock_wall_ms());
    th_json_write_member_text(&draft.json, "about", item->about);
    th_json_write_key(&draft.json, TH_SLICE("data"));
    th_json_write_raw(&draft.json, item->data);
    (void)th_event_end(conversation, &draft, false);
}

static void on_sight(void *arg, th_sight_verdict_t verdict);

/* Tells what is known to be seen, up to the first that must be asked about. */
static void go_on(th_audience_t *audience) {
    th_conversation_t *conversation = audience->conversation;
    while (!th_list_is_empty(&audience->waiting) && !audience->sight) {
        item_t *item = first_of(audience);
        const memory_t *memory = recall(audience, item);
        th_error_t error = {"", ""};
        if (!memory) {
            audience->sight = th_sight_ask(conversation->grant, item->of,
                                           th_slice_of(item->subject), on_sight, audience, &error);
            if (audience->sight) return;
            th_log(conversation->chat->worker->log, TH_LOG_WARNING, "chat",
                   "principal=%s is not told of %s: %s", th_grant_principal(conversation->grant),
                   item->name, error.message);
        } else if (memory->sees) {
            tell(conversation, item);
        }
        drop_first(audience);
    }
}

static void on_sight(void *arg, th_sight_verdict_t verdict) {
    th_audience_t *audience = arg;
    audience->sight = NULL;
    th_conversation_t *conversation = audience->conversation;
    const item_t *item = first_of(audience);
    if (verdict == TH_SIGHT_UNKNOWN)
        th_log(conversation->chat->worker->log, TH_LOG_WARNING, "chat",
               "principal=%s is not told of %s: the API could not be asked whether they may see it",
               th_grant_principal(conversation->grant), item->name);
    else
        remember(audience, item, verdict == TH_SIGHT_SEES);
    if (verdict == TH_SIGHT_SEES) tell(conversation, item);
    drop_first(audience);
    go_on(audience);
}

/* --- news ------------------------------------------------------------------------------------ */

static char *copy(char **at, const char *text, size_t length) {
    char *to = *at;
    if (length) memcpy(to, text, length);
    to[length] = '\0';
    *at += length + 1;
    return to;
}

static item_t *item_new(const th_chat_news_t *news) {
    size_t name = strlen(news->name), about = strlen(news->about);
    size_t at = news->at ? strlen(news->at) : 0;
    item_t *item = malloc(sizeof *item + name + about + at + news->data.length + 4);
    if (!item) return NULL;
    char *to = item->texts;
    th_list_init(&item->link);
    item->name = copy(&to, news->name, name);
    item->about = copy(&to, news->about, about);
    item->at = news->at ? copy(&to, news->at, at) : NULL;
    item->data = th_slice(copy(&to, news->data.data, news->data.length), news->data.length);
    item->of = news->process_id[0] ? TH_SIGHT_PROCESS : TH_SIGHT_ONE_OFF;
    (void)snprintf(item->subject, sizeof item->subject, "%s",
                   news->process_id[0] ? news->process_id : news->task_id);
    return item;
}

static th_audience_t *audience_of(th_conversation_t *conversation) {
    if (conversation->audience) return conversation->audience;
    th_audience_t *audience = calloc(1, sizeof *audience);
    if (!audience) return NULL;
    audience->conversation = conversation;
    th_list_init(&audience->waiting);
    conversation->audience = audience;
    return audience;
}

/* False: it is not told. */
static bool queue(th_conversation_t *conversation, const th_chat_news_t *news) {
    const th_chat_t *chat = conversation->chat;
    th_audience_t *audience = audience_of(conversation);
    bool full = audience && audience->count >= (size_t)th_chat_settings(chat)->chat_news;
    item_t *item = audience && !full ? item_new(news) : NULL;
    if (!item) {
        th_log(chat->worker->log, TH_LOG_WARNING, "chat", "principal=%s is not told of %s: %s",
               th_grant_principal(conversation->grant), news->name,
               full ? "too many events wait (chat.news)" : "out of memory");
        return false;
    }
    th_list_add_tail(&audience->waiting, &item->link);
    audience->count++;
    go_on(audience);
    return true;
}

size_t th_chat_tell(th_chat_t *chat, const th_chat_news_t *news) {
    size_t count = 0;
    if (!news->process_id[0] && !news->task_id[0]) return 0; /* nobody could be asked about it */
    for (th_list_t *at = chat->conversations.next; at != &chat->conversations; at = at->next) {
        th_conversation_t *conversation = TH_CONTAINER(at, th_conversation_t, link);
        const th_call_person_t *person = th_grant_person(conversation->grant);
        const char *domain = news->process_id[0] ? "processes" : "tasks";
        if (strcmp(person->org_id, news->org_id) == 0 &&
            th_grant_allows_route(conversation->grant, domain, TH_EFFECT_READ, NULL) &&
            queue(conversation, news))
            count++;
    }
    return count;
}

void th_audience_free(th_audience_t *audience) {
    if (!audience) return;
    th_sight_cancel(audience->sight);
    for (th_list_t *node; (node = th_list_take_first(&audience->waiting));)
        free(TH_CONTAINER(node, item_t, link));
    free(audience);
}
