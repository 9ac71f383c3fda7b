/* call.h - a state per session, and one running tool as a coroutine in it.
 * th_script_t is a session's Lua: made on the first call, closed when idle or with the session;
 * never handed to another session. th_call_t is one running tool: a coroutine, a budget, and one
 * cancel slot for whatever it waits for. Several calls of one session interleave. Nothing here
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

/* Borrowed: valid during the callback. */
typedef struct th_call_result {
    th_call_outcome_t outcome;
    /* TH_CALL_OK: */
    th_slice_t text;    /* for the reader; never empty: made from <data> when the tool gave none */
    th_slice_t data;    /* JSON of structuredContent; empty when the tool gave no data */
    th_slice_t content; /* JSON array of further content blocks as the tool gave them, or empty */
    /* anything else: */
    const char *code;    /* "not_found", "time_budget", "memory_budget", "bug", "cancelled" ... */
    const char *message; /* a sentence or two, UTF-8; what happened and what to do */
    const char *field;   /* or "" */
    const char *hint;    /* or "" */
    uint64_t cpu_us;     /* CPU time used */
} th_call_result_t;

typedef void (*th_call_done_t)(void *arg, th_call_t *call, const th_call_result_t *result);

/* How a call reaches the one who asked. Any function may be NULL: the word then does nothing
 * (progress, log) or fails with a clear error (ask, which a later issue adds here). */
typedef struct th_call_client {
    void (*progress)(void *arg, double done, double total /* < 0: unknown */, th_slice_t message);
    void (*log)(void *arg, th_log_level_t level, th_slice_t text);
} th_call_client_t;

/* Who the call acts as; copied. Shown to scripts as call.user and call.org. */
typedef struct th_call_person {
    int64_t user_id;
    char name[128];
    char email[160];
    char role[32];
    char org_id[64];
    char org_name[128];
    char timezone[64];
} th_call_person_t;

typedef struct th_call_request {
    th_catalogue_t *catalogue; /* a reference is taken */
    const th_tool_t *tool;
    th_json_value_t arguments; /* already validated; the document is kept; absent = {} */
    th_api_t *api;             /* borrowed until done */
    const th_call_person_t *person;
    const th_call_client_t *client; /* static; or NULL */
    const char *call_id;            /* copied; for the log */
} th_call_request_t;

/* Starts the tool. <done> is called exactly once and never from inside this function: the first
 * step runs on the next turn of the loop (cheap: an idle handle, no timer). NULL with <error> only
 * when nothing was started (no memory); <done> is not called then. */
th_call_t *th_call_start(th_script_t *script, const th_call_request_t *request, th_call_done_t done,
                         void *arg, th_error_t *error);
/* Asks it to stop: whatever it waits for is cancelled, and <done> is called with TH_CALL_CANCELLED
 * on a later turn of the loop. Idempotent. */
void th_call_cancel(th_call_t *call);

#endif
