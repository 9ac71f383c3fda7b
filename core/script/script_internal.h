/* script_internal.h - what script.c, call.c and the bind_*.c files share: the insides of
 * th_script_t and th_call_t. Nobody outside core/script includes it.
 *
 * A call is in exactly one phase:
 *   READY    on script->ready; its next step comes on a turn of the loop
 *   RUNNING  inside Lua right now; script->current
 *   WAITING  for the API (its slots say what for), for answers of people (asking), or for a moment
 *            (wake_at); a completion makes it READY
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
#include "json/writer.h"

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

#define TH_QUESTION_KEY 64
#define TH_QUESTIONS_AT_ONCE 16
#define TH_QUESTIONS_MAX 64 /* of one call in all */

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
    int status;            /* of the answer; 0 = none */
    /* A raw request leaves a line for whoever audits, however it ends (bind_raw.c): */
    char *audit; /* its path; owned; NULL = it is none */
    th_http_method_t method;
} th_call_slot_t;

/* One question of a call (bind_ask.c, call_ask.c). */
typedef struct th_question {
    th_ask_kind_t kind;
    char key[TH_QUESTION_KEY + 1];
    th_buffer_t params;           /* JSON */
    const th_schema_t *schema;    /* of a form: what an answer must satisfy */
    th_schema_t *own_schema;      /* owned, when it is not one of the item's forms */
    th_json_document_t *document; /* scratch of its making */
    bool answered;
    th_json_value_t answer; /* its document is referenced; absent when it failed */
    char code[32];          /* of a failure */
    char message[256];
} th_question_t;

struct th_call {
    th_list_t link;       /* script->calls */
    th_list_t ready_link; /* script->ready */
    th_call_phase_t phase;
    th_script_t *script;
    th_catalogue_t *catalogue; /* reference */
    th_call_kind_t kind;
    const th_item_t *tool;
    th_json_value_t arguments; /* its document is referenced */
    th_json_value_t answers;   /* likewise: those known before the start; or absent */
    char *texts;               /* owned: what the three below point into */
    th_slice_t uri, argument, value;
    th_api_t *api; /* borrowed */
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
    bool written;      /* one of them may have changed something */
    uint64_t wake_at;  /* loop time, ms; 0 = waits for no moment */

    /* The questions of the running call.ask. */
    th_question_t *questions; /* owned */
    size_t question_count;
    bool asking;        /* the client was asked and has not answered */
    uint64_t time_left; /* until its own deadline, which stands still while it asks; ms */
    unsigned asked;     /* questions so far; their keys, NUL-terminated one after the other: */
    th_buffer_t keys;

    th_buffer_t body; /* of the request being made; owned here, since Lua may raise */

    /* The result; the texts are filled by script_result.c or by call_end.c. */
    th_call_outcome_t outcome;
    th_buffer_t text, data, content;
    int64_t total; /* of a completion */
    bool has_more;
    /* A hint may list what there is, with ids: half of it would send the reader astray. */
    char code[40], message[2048], field[128], hint[2048];
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

/* "tool get_task", "resource my_tasks": how messages name it. Valid until the next call. */
#define TH_CALL_SUBJECT_SIZE 80
const char *th_call_subject(const th_call_t *call, char out[static TH_CALL_SUBJECT_SIZE]);
/* Which function of its file it runs: "run", "complete" or "preview". */
const char *th_call_function(const th_call_t *call);
/* Waits for something besides API answers? */
static inline bool th_call_waits(const th_call_t *call) {
    return call->in_flight > 0 || call->asking || call->wake_at != 0;
}

/* tool_cache.c: pushes the function that the call runs, compiling its file if need be. May raise.
 */
void th_tool_cache_push(lua_State *L, th_call_t *call);
/* Forgets a generation's tools and modules. Inside a protected run. */
void th_tool_cache_forget(lua_State *L, uint64_t generation);

/* bind_call.c: pushes the one `call` object of the state. */
void th_bind_call_push(lua_State *L);
/* bind_api.c: pushes the api table (read-only). */
void th_bind_api_push(lua_State *L);
void th_bind_date_push(lua_State *L); /* bind_date.c */
/* bind_api.c: checks the receiver at 1 and that waiting is possible here. Raises. */
th_call_t *th_bind_api_begin(lua_State *L, const char *function);
/* bind_file.c: call.api:upload and call.api:download. */
int th_bind_upload(lua_State *L);
int th_bind_download(lua_State *L);
/* bind_raw.c: call.api:raw. */
int th_bind_raw(lua_State *L);
/* <outcome>: "ok", the error's code, "cancelled". */
void th_call_slot_audit(const th_call_slot_t *slot, const char *outcome);

/* api_request.c: starts what the arguments at <path> and <params> (stack indices) say, in <slot>.
 * True when it is under way; false when it failed as expected: the slot holds the error then.
 * Raises misuse. */
bool th_api_request_start(lua_State *L, th_call_t *call, th_call_slot_t *slot,
                          th_http_method_t method, int path, int params, const char *function);
/* What is different where it is no JSON that goes out or comes back. */
typedef struct th_api_form {
    const char *content_type; /* call->body is there already, and of this type; or NULL */
    bool bytes;               /* the answer is taken as a text, whatever it looks like */
} th_api_form_t;
bool th_api_request_start_as(lua_State *L, th_call_t *call, th_call_slot_t *slot,
                             th_http_method_t method, int path, int params, const char *function,
                             th_api_form_t form);
/* Raises when what runs may not send a <method>. */
void th_api_request_check(lua_State *L, const th_call_t *call, th_http_method_t method,
                          const char *function);

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
/* Pushes the table that scripts see of an error. */
void th_call_push_error(lua_State *L, const th_api_error_t *error);
/* Pushes two values: data and whole answer, or nil and the error. */
void th_call_slot_push(lua_State *L, th_call_slot_t *slot);

/* call_ask.c: the state of questions; no Lua in it. */
/* Forgets the questions of the last call.ask; safe at any time. */
void th_call_drop_questions(th_call_t *call);
/* Takes from <answers> what fits; <known> = from before the start, where what does not fit is
 * ignored and put again. True when nothing is left to be asked. */
bool th_call_take_answers(th_call_t *call, th_json_value_t answers, bool known);
/* Puts what is not answered to the client. False when nothing was put: all have failed then. */
bool th_call_put_questions(th_call_t *call);
/* Nobody answered in time: the questions fail and the call goes on. */
void th_call_give_up_asking(th_call_t *call);
/* ask_build.c: fill in a question from the table at <index>: as an element of call.ask, as
 * call.sample and call.roots take it. Raise misuse. */
void th_question_build(lua_State *L, th_call_t *call, th_question_t *question, int index);
void th_question_build_sample(lua_State *L, th_call_t *call, th_question_t *question, int index);
void th_question_build_roots(lua_State *L, th_call_t *call, th_question_t *question, int index);
/* bind_ask.c: adds ask, sample, roots and can_ask to the table on top. */
void th_bind_ask_open(lua_State *L);
/* bind_host.c: pushes call.host. */
void th_bind_host_push(lua_State *L);
/* bind_note.c: adds log, progress, changed, detach, become_task to the table on top. */
void th_bind_note_open(lua_State *L);

/* form_check.c: may a form have this schema? False with <error>, a sentence without a subject. */
bool th_form_check(th_json_value_t schema, th_error_t *error);

/* script_result.c: turns the two values at <index> and <index>+1 that run returned into the result.
 * May raise (memory). */
void th_script_result_take(lua_State *L, th_call_t *call, int index);
/* The same for the other kinds; the value at <index> is not nil (script_answer.c). */
void th_script_contents_take(lua_State *L, th_call_t *call, int index);
void th_script_messages_take(lua_State *L, th_call_t *call, int index);
void th_script_values_take(lua_State *L, th_call_t *call, int index);
void th_script_preview_take(lua_State *L, th_call_t *call, int index);
/* For those: writes the value as JSON into <buffer>; false: the call has its outcome. */
bool th_script_take_json(lua_State *L, th_call_t *call, int index, th_buffer_t *buffer,
                         const char *name);
/* It is a bug of the file: says <what> it returned. */
void th_script_refuse(th_call_t *call, const char *what);
void th_script_refuse_size(th_call_t *call);

/* script_block.c: content blocks. Each checks a value as a script gave it and writes it in the
 * newest revision's form; false with <error>: a sentence that begins with <where> ("content[1]").
 * The words' short names (mime, about, meta, last_modified) and the protocol's are both taken. */
bool th_block_write(th_json_writer_t *writer, th_json_value_t block, const char *where,
                    th_error_t *error);
/* The messages of a prompt or for a model, inside an array that is open. */
bool th_messages_write(th_json_writer_t *writer, th_json_value_t list, th_error_t *error);
/* The contents of a resource: { uri, mime, text | blob }; <uri> and <mime> where it has none. */
bool th_block_write_contents(th_json_writer_t *writer, th_json_value_t contents, th_slice_t uri,
                             const char *mime, const char *where, th_error_t *error);

#endif
