/* call.h - a state per session, and one running call as a coroutine in it.
 * th_script_t is a session's Lua: made on the first call, closed when idle or with the session;
 * never handed to another session. th_call_t is one running tool, reading of a resource, making of
 * a prompt or completion of an argument: a coroutine, a budget, and one cancel slot for whatever it
 * waits for. Several calls of one session interleave. Nothing here
 * long-jumps out and nothing blocks: a long computation gives way to the loop every
 * settings->script_slice. */
#ifndef TH_SCRIPT_CALL_H
#define TH_SCRIPT_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "loop/worker.h"
#include "script/catalogue.h"
#include "tallyfy/api.h"
#include "json/document.h"

typedef struct th_script th_script_t;
typedef struct th_call th_call_t;

/* A state with the world but no tool in it yet. NULL with <error>. */
th_script_t *th_script_open(th_worker_t *worker, th_error_t *error);
/* Cancels all its calls (their done IS called, with TH_CALL_CANCELLED) and closes the state. */
void th_script_close(th_script_t *script);
size_t th_script_memory(const th_script_t *script); /* bytes in use now */
size_t th_script_running(const th_script_t *script);

typedef enum th_call_outcome {
    TH_CALL_OK,
    TH_CALL_FAILED,  /* `return nil, err`: expected; the error is for the model */
    TH_CALL_BUG,     /* raised, or returned nonsense: one sentence with the call's id; the
                        traceback is in the log */
    TH_CALL_NO_TIME, /* CPU budget spent, or wall limit reached */
    TH_CALL_NO_MEMORY,
    TH_CALL_TOO_LARGE, /* the result is over settings->script_result_bytes */
    TH_CALL_CANCELLED,
} th_call_outcome_t;

typedef enum th_call_kind {
    TH_CALL_TOOL,
    TH_CALL_RESOURCE, /* reads it */
    TH_CALL_PROMPT,   /* gets it */
    TH_CALL_COMPLETE, /* values for an argument of a prompt or resource */
    TH_CALL_PREVIEW,  /* what a tool would change, without changing it: its `preview` */
} th_call_kind_t;

/* Borrowed: valid during the callback. */
typedef struct th_call_result {
    th_call_outcome_t outcome;
    /* TH_CALL_OK of TH_CALL_TOOL: */
    th_slice_t text;    /* for the reader: made from <data> when the tool gave none; empty only when
                           it gave nothing but <content> */
    th_slice_t data;    /* JSON of structuredContent; empty when the tool gave no data */
    th_slice_t content; /* JSON array of further content blocks, checked, in the newest revision's
                           form (compact: no blanks), or empty */
    /* TH_CALL_OK of TH_CALL_RESOURCE: JSON array of { uri, mimeType?, text | blob, _meta? }; never
     * empty */
    th_slice_t contents;
    /* TH_CALL_OK of TH_CALL_PROMPT: JSON array of { role, content: one block }, checked, in the
     * newest revision's form; and a description for this answer, or empty. */
    th_slice_t messages;
    th_slice_t description;
    /* TH_CALL_OK of TH_CALL_COMPLETE: JSON array of at most 100 strings, best first. */
    th_slice_t values;
    int64_t total; /* how many there are in all; -1 = not known */
    bool has_more;
    /* TH_CALL_OK of TH_CALL_PREVIEW: <data> is an object with `target` (a text), `before` and
     * `after` (arrays of texts, a line each), all optional and of any length. */
    /* anything else: */
    const char *code;    /* "not_found", "time_budget", "memory_budget", "bug", "cancelled" ... */
    const char *message; /* a sentence or two, UTF-8; what happened and what to do */
    const char *field;   /* or "" */
    const char *hint;    /* or "" */
    uint64_t cpu_us;     /* CPU time used */
} th_call_result_t;

typedef void (*th_call_done_t)(void *arg, th_call_t *call, const th_call_result_t *result);

/* --- what a call says and asks while it runs ---------------------------------------------------
 */

/* The protocol's levels, in order. */
typedef enum th_note_level {
    TH_NOTE_DEBUG,
    TH_NOTE_INFO,
    TH_NOTE_NOTICE,
    TH_NOTE_WARNING,
    TH_NOTE_ERROR,
    TH_NOTE_CRITICAL,
    TH_NOTE_ALERT,
    TH_NOTE_EMERGENCY,
} th_note_level_t;
const char *th_note_level_name(th_note_level_t level); /* "debug" ... */
bool th_note_level_parse(th_slice_t name, th_note_level_t *level);

typedef struct th_note {
    th_note_level_t level;
    th_slice_t logger; /* or empty */
    th_slice_t data;   /* JSON, compact */
    th_slice_t text;   /* the same for people: the string itself, or the JSON */
} th_note_t;

typedef enum th_ask_kind {
    TH_ASK_FORM,   /* elicitation/create {message, requestedSchema} */
    TH_ASK_URL,    /* elicitation/create {mode:"url", message, url} */
    TH_ASK_SAMPLE, /* sampling/createMessage */
    TH_ASK_ROOTS,  /* roots/list */
} th_ask_kind_t;

/* One question. Borrowed: valid during the operation. */
typedef struct th_ask {
    th_ask_kind_t kind;
    th_slice_t key;    /* [A-Za-z0-9_.-]{1,64}, unique within the call and the same in a replay */
    th_slice_t params; /* JSON object in the 2026-07-28 form; "{}" for roots. A form has no `mode`
                          member. */
} th_ask_t;

/* What changed, for those who listen. */
typedef enum th_changed {
    TH_CHANGED_TOOLS,
    TH_CHANGED_PROMPTS,
    TH_CHANGED_RESOURCES, /* the list */
    TH_CHANGED_RESOURCE,  /* the one with <uri> */
} th_changed_t;

/* How a call reaches the one who asked. Any function may be NULL: the word then does nothing
 * (progress, log, changed, detach, become_task), fails as "cannot_ask" (ask), or allows (allows,
 * allows_route).
 * They are called while the script runs: they may cancel the call, and must not end its session. */
typedef struct th_call_client {
    void (*progress)(void *arg, double done, double total /* < 0: unknown */, th_slice_t message);
    void (*log)(void *arg, const th_note_t *note);
    /* Puts the questions to the client, all at once. True: th_call_answer comes later, or the call
     * is cancelled (possibly in here already). False with <error>: nothing was asked; code
     * "cannot_ask" when the client is not able to, and a message for the model. */
    bool (*ask)(void *arg, const th_ask_t *asks, size_t count, th_error_t *error);
    bool (*can_ask)(void *arg, th_ask_kind_t kind); /* NULL: where there is `ask` */
    void (*changed)(void *arg, th_changed_t what, th_slice_t uri);
    /* The client's connection may be let go: the answer is fetched later (2025-11-25 polling). */
    void (*detach)(void *arg);
    void (*become_task)(void *arg); /* of a TH_TASK_LATER tool: the answer may come as a task's */
    bool (*allows)(void *arg, const th_item_t *item); /* the policy, for call.host */
    /* The policy about a route of the raw API: its domain, and what the method does. */
    bool (*allows_route)(void *arg, const char *domain, th_effect_t effect, th_error_t *error);
} th_call_client_t;

/* Who the call acts as; copied. Shown to scripts as call.user and call.org. */
typedef struct th_call_person {
    int64_t user_id;
    char name[128];
    char email[160];
    char role[32];
    char org_id[64];
    char org_name[128];
    char timezone[64];     /* the person's own; "" = not known */
    char org_timezone[64]; /* the organisation's */
    bool day_first;        /* writes 3/4 for the 3rd of April */
    unsigned working_days; /* bit 0 = Monday ... bit 6 = Sunday; 0 = not known */
} th_call_person_t;

typedef struct th_call_request {
    th_catalogue_t *catalogue; /* a reference is taken */
    th_call_kind_t kind;
    const th_item_t *tool; /* tool, resource or prompt, as <kind> says */
    /* Already validated; the document is kept; absent = {}. Of a resource: the template's
     * variables; of a completion: the arguments known so far. */
    th_json_value_t arguments;
    th_slice_t uri;             /* TH_CALL_RESOURCE: as asked for; copied */
    th_slice_t argument, value; /* TH_CALL_COMPLETE: its name, and what was typed; copied */
    /* JSON object, key -> bare result of a question (as for th_call_answer): such a question is
     * answered without being put, which is how a replay works. Kept; may be absent. Useless ones
     * (of another shape, unknown keys) are ignored. */
    th_json_value_t answers;
    th_api_t *api; /* borrowed until done */
    const th_call_person_t *person;
    const th_call_client_t *client; /* static; or NULL */
    const char *call_id;            /* copied; for the log */
} th_call_request_t;

/* Starts the call. <done> is called exactly once and never from inside this function: the first
 * step runs on the next turn of the loop (cheap: an idle handle, no timer). NULL with <error> only
 * when nothing was started (no memory); <done> is not called then. */
th_call_t *th_call_start(th_script_t *script, const th_call_request_t *request, th_call_done_t done,
                         void *arg, th_error_t *error);
/* Answers the questions under way: <answers> is an object, key -> bare result: ElicitResult
 * {action, content?}, CreateMessageResult, ListRootsResult, or { "error": { "message"?, "code"? } }
 * for one that failed. All keys that were asked are taken from it; one that is missing counts as
 * not answered (code "no_answer"), one of another shape as "bad_answer". False when the call waits
 * for no answer (any more); nothing happens then. The document is kept as long as needed. */
bool th_call_answer(th_call_t *call, th_json_value_t answers);
/* True once it sent something that may change the organisation: it must not be replayed then. */
bool th_call_has_written(const th_call_t *call);

/* Asks it to stop: whatever it waits for is cancelled, and <done> is called with TH_CALL_CANCELLED
 * on a later turn of the loop. Idempotent. */
void th_call_cancel(th_call_t *call);

#endif
