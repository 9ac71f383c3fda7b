/* state.h - one Lua state that a stranger's code may run in.
 * Built from nothing: a counting, capped allocator, a world of bounded functions (sandbox.h) as the
 * only globals, and one hook that counts CPU time in whatever runs. Needs no worker: sessions use
 * it through call.h, the catalogue uses it directly to check files.
 *
 * A run is anything that happens under one th_budget_t. When a budget is spent it carries the
 * reason in `stop`; from then on the hook raises at every instruction and pcall and xpcall pass the
 * error on, so no script can catch its own end. Several coroutines of a state have a budget each;
 * the state points at the one that is running now.
 *
 * Invariant: host code enters Lua only through th_state_protect() or lua_resume(); nothing
 * long-jumps out of this folder. Not for more than one thread at a time. */
#ifndef TH_SCRIPT_STATE_H
#define TH_SCRIPT_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lua.h>

#include "base/error.h"
#include "base/log.h"
#include "base/slice.h"
#include "config/settings.h"
#include "json/document.h"

typedef struct th_state th_state_t;

typedef enum th_stop {
    TH_STOP_NONE,
    TH_STOP_TIME,   /* the CPU budget is spent */
    TH_STOP_BURST,  /* too long in a stretch that cannot be paused (a metamethod called from C) */
    TH_STOP_MEMORY, /* went on asking for memory after it was refused many times */
    TH_STOP_CANCEL, /* somebody asked it to end */
} th_stop_t;

/* One run's budget; owned by whoever starts the run. Zero it, set cpu_limit_ns. */
typedef struct th_budget {
    uint64_t cpu_limit_ns;
    uint64_t cpu_used_ns; /* up to the last time it gave way */
    th_stop_t stop;
    unsigned refusals;  /* allocations that really failed */
    uint64_t random[2]; /* state of math.random; seeded on first use when zero */
    uint32_t printed;   /* lines given to print */
    uint64_t units;     /* work done inside C since the clock was last read */
} th_budget_t;

typedef struct th_state_limits {
    size_t memory;          /* bytes, the state itself included; documents that views hold too */
    uint64_t slice_ns;      /* CPU time after which a yieldable run gives way; 0 = never */
    uint64_t pattern_steps; /* of one string.find, match, gsub or gmatch step */
    int tick;               /* instructions between looks at the clock; 0 = 1000; tests use 1 */
    size_t answer_bytes;    /* what modules are told to keep answers to; 0 = nothing */
} th_state_limits_t;

/* The limits of a session's state. */
th_state_limits_t th_state_limits_of(const th_settings_t *settings);

/* What print and the state's own notes do with a line; may be NULL (then the log at info). */
typedef void (*th_state_print_t)(void *arg, th_slice_t line);

/* Bytecode of a library module ("tallyfy.people"), or an empty slice. Borrowed until the next call.
 */
typedef th_slice_t (*th_module_find_t)(void *arg, th_slice_t name);

/* A state with the world in it. <parser> and <log> are borrowed and outlive it; <log> may be NULL.
 * NULL with <error> ("no_memory"). */
th_state_t *th_state_open(const th_state_limits_t *limits, th_json_parser_t *parser,
                          const th_log_t *log, th_error_t *error);
/* Must not be called while something runs in it. NULL is fine. */
void th_state_close(th_state_t *state);

lua_State *
th_state_lua(th_state_t *state); /* the main thread: for pushing inside a protected run */
size_t th_state_memory(const th_state_t *state); /* bytes, documents included */
/* Collects garbage when a good part of the memory is in use; for the end of a run. */
void th_state_tidy(th_state_t *state);
void th_state_collect(th_state_t *state); /* in any case */
/* A pointer of whoever opened it; NULL at first. */
void th_state_set_owner(th_state_t *state, void *owner);
void *th_state_owner(lua_State *L);
/* The state that <L> or any coroutine of it belongs to. */
th_state_t *th_state_of(lua_State *L);

void th_state_set_print(th_state_t *state, th_state_print_t print, void *arg);
/* Where `use "name"` finds modules. What a module returned is cached under <generation>. */
void th_state_set_modules(th_state_t *state, th_module_find_t find, void *arg, uint64_t generation);
/* Forgets the modules of a generation. Call inside a protected run. */
void th_state_forget_modules(lua_State *L, uint64_t generation);
/* From now on the code of modules stays in the state, whatever is forgotten: for a state that runs
 * them again and again. It costs their size in memory. */
void th_state_keep_code(lua_State *L);

/* Pushes the table that holds the world's names (hidden from scripts), so that the host can add
 * words. */
void th_state_push_world(lua_State *L);

typedef enum th_state_end {
    TH_STATE_DONE,
    TH_STATE_RAISED, /* an error was raised; <error>'s message is its text ("file:line: ...") */
    TH_STATE_NO_TIME,
    TH_STATE_NO_MEMORY, /* the state survives */
} th_state_end_t;

/* Calls <function> with <arg> as a light userdata on the main thread, protected, under <budget>
 * (NULL: no time limit, for the host's own short work). Needs no memory before protection begins.
 * What it returns or leaves is dropped. */
th_state_end_t th_state_protect(th_state_t *state, th_budget_t *budget, lua_CFunction function,
                                void *arg, th_error_t *error);

/* Resumes the coroutine <co> (made in a protected run) under <budget>, with the <count> values on
 * its stack. Returns lua_resume's status; <*paused> tells a fair pause from a wait when that is
 * LUA_YIELD. */
int th_state_resume(th_state_t *state, lua_State *co, th_budget_t *budget, int count, bool *paused);

/* Does a run that ended with <status> and the error on top of <L>'s stack lack memory? */
bool th_state_lacks_memory(lua_State *L, int status, const th_budget_t *budget);

/* ---- for bindings and library functions, inside Lua ---- */

/* The running budget; NULL in the host's own work. */
th_budget_t *th_state_budget(lua_State *L);
const th_state_limits_t *th_state_limits(lua_State *L);
/* Bytes that one string may have: larger ones are refused with a clear error before they are made.
 */
size_t th_state_string_max(lua_State *L);
/* Work done in C, about a nanosecond or a byte looked at each: makes the hook look at the clock
 * soon. */
void th_state_charge(lua_State *L, uint64_t units);
/* The same in the middle of a long loop in C: raises when the budget is spent. Nothing may be held.
 */
void th_state_check(lua_State *L, uint64_t units);
/* The same; true when the slice is over and the function can give way by returning
 * th_state_pause(). */
bool th_state_pause_due(lua_State *L, uint64_t units);
/* Gives way to the loop; <next> goes on at the next turn. Only after th_state_pause_due() said so.
 */
int th_state_pause(lua_State *L, lua_KContext context, lua_KFunction next);
/* After documents were pushed: lets the collector keep pace with them. May raise. */
void th_state_pace_collector(lua_State *L);
/* Ends the running budget from within: raises, uncatchably. */
_Noreturn void th_state_raise_stop(lua_State *L);
/* After a caught error: passes it on when it is the end of the run. The error is on top of the
 * stack. */
void th_state_rethrow_stop(lua_State *L);
/* Makes the hook of the coroutine <co> fire at its next instruction (after setting budget->stop).
 */
void th_state_poke(lua_State *co);
/* A line for print's destination; at most TH_STATE_PRINT_LINES of them per budget get through. */
#define TH_STATE_PRINT_LINES 200
void th_state_print(lua_State *L, th_slice_t line);

/* Bytecode of a module, and the generation whose cache it belongs to (module.c). */
th_slice_t th_state_find_module(lua_State *L, th_slice_t name, uint64_t *generation);

#endif
