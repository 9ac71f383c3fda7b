/* state_memory.c - a state's memory: a counting allocator with a cap, JSON documents under the same
 * cap, and a collector that keeps pace with both. */
#include <stdlib.h>

#include "script/state_internal.h"

/* Failed allocations after which the run ends: a loop around pcall would otherwise go on for ever.
 */
#define REFUSALS_MAX 16
/* Allocations of this size and more are counted; after so many bytes the clock is looked at. */
#define TRAFFIC_BLOCK 65536u
#define TRAFFIC_PER_LOOK (1u << 20)
/* Bytes of new documents after which the collector is told of them. */
#define DOCUMENT_DEBT (256u << 10)

static size_t room_left(const th_state_t *state) {
    size_t held = state->used + state->documents;
    return held < state->limits.memory ? state->limits.memory - held : 0;
}

static void count_failure(th_state_t *state) {
    th_budget_t *budget = state->budget;
    if (budget && ++budget->refusals >= REFUSALS_MAX && !budget->stop)
        budget->stop = TH_STOP_MEMORY;
}

static void note_refusal(th_state_t *state, const void *block, size_t size) {
    bool again = state->refused_size == size && state->refused_block == block;
    state->refused_block = again ? NULL : block;
    state->refused_size = again ? 0 : size;
    if (again) count_failure(state);
    /* A refusal costs a full collection: let the clock be looked at before the next one. */
    if (state->running) th_state_poke(state->running);
}

/* Copying megabytes is one instruction: the clock must not wait for a thousand of them. */
static void note_traffic(th_state_t *state, size_t size) {
    state->large_traffic += size;
    if (state->large_traffic < TRAFFIC_PER_LOOK || !state->running) return;
    state->large_traffic = 0;
    state->interval = TICK_LARGE;
    th_state_poke(state->running);
}

static void account(th_state_t *state, size_t had, size_t size) {
    state->used = state->used - had + size;
    if (had >= LARGE_BLOCK) state->large_blocks -= had;
    if (size >= LARGE_BLOCK) state->large_blocks += size;
}

void *th_state_allocate(void *arg, void *block, size_t old_size, size_t size) {
    th_state_t *state = arg;
    size_t had = block ? old_size : 0; /* old_size is a type tag for new blocks */
    if (size == 0) {
        free(block);
        account(state, had, 0);
        return NULL;
    }
    if (size > had && size - had > room_left(state)) {
        note_refusal(state, block, size);
        return NULL;
    }
    if (size >= TRAFFIC_BLOCK) note_traffic(state, size);
    void *moved = realloc(block, size);
    if (!moved && size > had) return NULL;
    if (moved) account(state, had, size);
    return moved ? moved : block; /* Lua takes it that shrinking cannot fail */
}

/* The json folder's account: documents are outside Lua's allocator but under the state's cap. It
 * asks twice, like Lua, with a collection in between. */
static bool charge_document(void *arg, ptrdiff_t bytes) {
    th_state_t *state = arg;
    if (bytes <= 0) {
        state->documents -= (size_t)-bytes;
        return true;
    }
    if ((size_t)bytes > room_left(state)) {
        note_refusal(state, NULL, (size_t)bytes);
        return false;
    }
    state->documents += (size_t)bytes;
    state->document_debt += (size_t)bytes;
    return true;
}

static void charge_work(lua_State *L, void *arg, size_t instructions) {
    (void)arg;
    th_state_check(L, instructions * 5);
}

th_lua_json_account_t th_state_account(th_state_t *state) {
    return (th_lua_json_account_t){charge_document, charge_work, state};
}

void th_state_pace_collector(lua_State *L) {
    th_state_t *state = th_state_of(L);
    if (state->document_debt < DOCUMENT_DEBT) return;
    int kilobytes = (int)(state->document_debt >> 10);
    state->document_debt = 0;
    lua_gc(L, LUA_GCSTEP, kilobytes);
}

static int collect(lua_State *L) {
    lua_gc(L, LUA_GCCOLLECT);
    return 0;
}

void th_state_tidy(th_state_t *state) {
    size_t floor =
        state->limits.memory / 8 > 2 * state->tidied ? state->limits.memory / 8 : 2 * state->tidied;
    if (state->documents < 4 * DOCUMENT_DEBT && state->used + state->documents < floor) return;
    th_state_collect(state);
}

void th_state_collect(th_state_t *state) {
    th_state_protect(state, NULL, collect, NULL, NULL);
    state->tidied = state->used + state->documents;
}

size_t th_state_memory(const th_state_t *state) {
    return state->used + state->documents;
}

size_t th_state_string_max(lua_State *L) {
    return th_state_of(L)->limits.memory / 2;
}
