/* state_internal.h - the insides of a state, shared by state.c (time, doors, life) and
 * state_memory.c. */
#ifndef TH_SCRIPT_STATE_INTERNAL_H
#define TH_SCRIPT_STATE_INTERNAL_H

#include "script/state.h"
#include "json/lua_json.h"

/* The count hook looks at the clock this often; less far apart while instructions turn out slow. */
#define TICK_DEFAULT 1000
#define TICK_LARGE 50
/* While a block of LARGE_BLOCK bytes is alive, one instruction may take milliseconds (comparing
 * strings, next on an emptied table): then the clock is looked at this often. */
#define TICK_BESIDE_LARGE 100
#define LARGE_BLOCK (1u << 20)

struct th_state {
    lua_State *main;
    lua_State *running; /* the thread that host code entered last; NULL = nothing runs */
    th_state_limits_t limits;
    size_t used;
    size_t documents;     /* bytes of JSON documents that views hold: under the same cap */
    size_t document_debt; /* of them, what the collector has not been told about */
    size_t tidied;        /* bytes that were left after the last collection at the end of a run */
    void *owner;
    /* Lua asks again after a full collection: only the second refusal of one request is a failure.
     */
    const void *refused_block;
    size_t refused_size;
    size_t large_blocks;  /* bytes in blocks of LARGE_BLOCK or more */
    size_t large_traffic; /* bytes asked for in large blocks since the last tick */
    th_budget_t *budget;  /* of what runs now */
    uint64_t entered_ns;  /* thread CPU clock when it got its turn */
    uint64_t ticked_ns;
    int interval;
    bool paused;
    th_json_parser_t *parser;
    const th_log_t *log;
    th_state_print_t print;
    void *print_arg;
    th_module_find_t find;
    void *find_arg;
    uint64_t generation;
};

/* For lua_newstate(), with the state as its argument. */
void *th_state_allocate(void *arg, void *block, size_t old_size, size_t size);
/* What the json folder is told about documents and work. */
th_lua_json_account_t th_state_account(th_state_t *state);

#endif
