/* chat_ledger.c - a letter to each other worker for each answer of the model. */
#include "cli/chat_ledger.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

typedef struct entry {
    th_letter_t letter;
    const th_chat_sockets_t *to;
    char principal[TH_CHAT_PRINCIPAL_SIZE];
    int64_t tokens;
} entry_t;

static void drop_entry(th_letter_t *letter) {
    free(TH_CONTAINER(letter, entry_t, letter));
}

static void deliver_entry(th_worker_t *worker, th_worker_message_t *message) {
    entry_t *entry = TH_CONTAINER(message, entry_t, letter.base);
    if (!worker->stopping) th_chat_spent(entry->to->chat, entry->principal, entry->tokens);
    free(entry);
}

static void send_entry(th_chat_sockets_t *sockets, unsigned to, const char *principal,
                       int64_t tokens) {
    entry_t *entry = calloc(1, sizeof *entry);
    if (!entry) {
        th_log(sockets->worker->log, TH_LOG_ERROR, "chat",
               "what a person used is not told to a worker: out of memory");
        return;
    }
    th_list_init(&entry->letter.base.link);
    entry->to = sockets->peers[to];
    entry->letter.base.run = deliver_entry;
    entry->letter.to = entry->to->worker;
    entry->letter.drop = drop_entry;
    entry->tokens = tokens;
    (void)snprintf(entry->principal, sizeof entry->principal, "%s", principal);
    th_outbox_send(&sockets->outbox, &entry->letter);
}

static void on_spent(void *arg, const char *principal, int64_t tokens) {
    th_chat_sockets_t *sockets = arg;
    for (unsigned i = 0; i < sockets->worker->count; i++)
        if (i != sockets->worker->number) send_entry(sockets, i, principal, tokens);
}

void th_chat_ledger_open(th_chat_sockets_t *sockets) {
    th_chat_on_spent(sockets->chat, on_spent, sockets);
}
