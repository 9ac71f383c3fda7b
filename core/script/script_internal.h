/* script_internal.h - what script.c, call.c and the bind_*.c files share: the insides of
 * th_script_t and th_call_t. Nobody outside core/script includes it.
 *
 * A call is in exactly one phase:
 *   READY    on script->ready; its next step comes on a turn of the loop
 *   RUNNING  inside Lua right now; script->current
 *   WAITING  for the API; its slots say what for; a completion makes it READY
 *   ENDED    its done has been or is being called; not in any list */
#ifndef TH_SCRIPT_SCRIPT_INTERNAL_H
#define TH_SCRIPT_SCRIPT_INTERNAL_H

#include <lua.h>
#include <uv.h>

#include "base/buffer.h"
#include "base/list.h"
#include "base/random.h"
#include "script/call.h"
#include "script/state.h"

struct th_script {
    th_worker_t *worker;
    th_state_t *state;
    uv_idle_t turn;   /* active while calls are ready */
    uv_timer_t clock; /* at the earliest deadline of its calls */
    th_list_t calls;  /* all, by start */
    th_list_t ready;
    size_t running;
    th_call_t *current;    /* inside Lua now, or NULL */
    uint64_t newest;       /* catalogue generation seen last */
    unsigned entered;      /* host functions working on it: it is not freed under them */
    unsigned open_handles; /* of the two above, until their close callbacks */
    bool closing, released;
};

typedef enum th_call_phase {
    TH_CALL_READY,
    TH_CALL_RUNNING,
    TH_CALL_WAITING,
    TH_CALL_ENDED,
} th_call_phase_t;

/* One API request of a call. */
typedef struct th_call_slot {
    th_call_t *call;
    th_api_call_t *request; /* NULL when not under way */
    bool used, done;
    th_json_document_t *document; /* reference */
    char *text;                   /* owned: a body that is no JSON */
    size_t text_length;
    th_api_error_t *error; /* owned; NULL = success */
} th_call_slot_t;

struct th_call {
    th_list_t link;       /* script->calls */
    th_list_t ready_link; /* script->ready */
    th_call_phase_t phase;
    th_script_t *script;
    th_catalogue_t *catalogue; /* reference */
    const th_tool_t *tool;
    th_json_value_t arguments; /* its document is referenced */
    th_api_t *api;             /* borrowed */
    th_call_person_t person;
    const th_call_client_t *client;
    char id[TH_ID_SIZE + 31];
    th_call_done_t done;
    void *arg;

    lua_State *co; /* anchored by co_reference */
    int co_reference;
    bool loading;  /* the tool is being compiled: `call` does not work yet */
    bool compiled; /* its tool was compiled for it: there is garbage to collect */
    bool cancelled, timed_out;
    th_budget_t budget;
    uint64_t deadline; /* loop time, ms */

    /* The cancel slot: what it waits for. */
    th_call_slot_t one;    /* of get, post ... */
    th_call_slot_t *slots; /* &one, or an owned list (all) */
    size_t slot_count, in_flight;
    unsigned requests; /* started so far */
    th_buffer_t body;  /* of the request being made; owned here, since Lua may raise */

    /* The result; the texts are filled by script_result.c or by call_end.c. */
    th_call_outcome_t outcome;
    th_buffer_t text, data, content;
    char code[40], message[1024], field[128], hint[256];
};

/* call_end.c: what a finished coroutine means. <status> is lua_resume's. */
void th_call_conclude(th_call_t *call, int status);
/* Sets outcome and texts; <format> as printf. */
void th_call_set_failure(th_call_t *call, th_call_outcome_t outcome, const char *code,
                         const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Fills in the result struct. */
void th_call_view_result(const th_call_t *call, th_call_result_t *result);

/* call.c */
/* The call that runs in <L>'s state; raises when there is none or its tool is still loading. <what>
 * is the name to complain about, "call.api". */
th_call_t *th_call_need(lua_State *L, const char *what);
/* A slot of it was answered (from the API's callback): READY if it was WAITING. */
void th_call_wake(th_call_t *call);

/* tool_cache.c: pushes the tool's run function, compiling the tool if need be. May raise. */
void th_tool_cache_push(lua_State *L, th_call_t *call);
/* Forgets a generation's tools and modules. Inside a protected run. */
void th_tool_cache_forget(lua_State *L, uint64_t generation);

/* bind_call.c: pushes the one `call` object of the state. */
void th_bind_call_push(lua_State *L);
/* bind_api.c: pushes the api table (read-only). */
void th_bind_api_push(lua_State *L);

/* api_request.c: starts what the arguments at <path> and <params> (stack indices) say, in <slot>.
 * True when it is under way; false when it failed as expected: the slot holds the error then.
 * Raises misuse. */
bool th_api_request_start(lua_State *L, th_call_t *call, th_call_slot_t *slot,
                          th_http_method_t method, int path, int params, const char *function);

/* api_slot.c */
/* Cancels and empties all slots; safe at any time. */
void th_call_drop_slots(th_call_t *call);
/* Drops what was there and makes <count> empty slots. Raises when memory is short. */
void th_call_make_slots(lua_State *L, th_call_t *call, size_t count);
/* For th_api_start. */
void th_call_slot_done(void *arg, const th_api_answer_t *answer);
/* Gives a slot an error that did not come from the API. */
void th_call_slot_fail(th_call_slot_t *slot, const char *code, const char *message,
                       const char *hint);
/* Pushes two values: data and whole answer, or nil and the error. */
void th_call_slot_push(lua_State *L, th_call_slot_t *slot);

/* script_result.c: turns the two values at <index> and <index>+1 that run returned into the result.
 * May raise (memory). */
void th_script_result_take(lua_State *L, th_call_t *call, int index);

#endif
