/* webhook.h - what Tallyfy tells by webhook, read: which event, of which organisation, about what.
 * Pure: no clock, no sockets. Tallyfy signs nothing and sends each delivery once; only its watchers
 * name the event, the older payloads are told apart by their shape (api.md 21). Whatever is in here
 * was written by people somewhere and is data: texts are cut and cleaned, nothing is obeyed. */
#ifndef TH_CHAT_WEBHOOK_H
#define TH_CHAT_WEBHOOK_H

#include "base/error.h"
#include "base/hash.h"
#include "base/slice.h"
#include "json/document.h"
#include "json/writer.h"

#define TH_HAPPENING_ID 65
#define TH_HAPPENING_TEXT 257

/* A task or a process that an event is about; the id is "" when it is about none. */
typedef struct th_subject {
    char id[TH_HAPPENING_ID];
    char title[TH_HAPPENING_TEXT];
} th_subject_t;

/* One event. Counted, within one thread. */
typedef struct th_happening {
    unsigned references;
    const char *event; /* static: "process.launched" ... ; lua/words_items.lua has the same list */
    char org_id[TH_HAPPENING_ID];
    th_subject_t task, process;
    bool is_one_off;              /* the task belongs to no process */
    char by[TH_HAPPENING_TEXT];   /* who did it, or "" */
    char at[TH_HAPPENING_ID];     /* when, as the organisation writes it, or "" */
    char rule[TH_HAPPENING_TEXT]; /* rule.triggered: the alias of its webhook */
    th_digest_t key;              /* equal keys: the same event, told again */
    th_json_document_t *payload;  /* all that came; a reference */
} th_happening_t;

/* Reads <body>, sent for the organisation <org> (X-Tallyfy-orgID; may be empty when the body names
 * it). NULL with <error>: "bad_json" and the like (document.h), "no_org", "other_org" (the header
 * and the body disagree), "unknown_event" (harmless: there will be new ones), "no_memory". */
th_happening_t *th_happening_read(th_json_parser_t *parser, th_slice_t org, th_slice_t body,
                                  th_error_t *error);
th_happening_t *th_happening_ref(th_happening_t *happening);
void th_happening_unref(th_happening_t *happening); /* NULL is fine */

/* An organisation's id as a header carries it; false when it is none. */
bool th_happening_org_valid(th_slice_t org);

/* What handlers get as their first argument: the members of th_happening_write(), org and payload
 * (all that came). NULL: no memory. */
th_json_document_t *th_happening_document(const th_happening_t *happening,
                                          th_json_parser_t *parser);

/* "Task completed: Call the bank (Onboarding Jane), by Ada." - for people. */
void th_happening_sentence(const th_happening_t *happening, char *out, size_t size);
/* The members event, task {id, title}, process {id, title}, by, at, rule, as far as known, into the
 * object that is open in <writer>. */
void th_happening_write(const th_happening_t *happening, th_json_writer_t *writer);

#endif
