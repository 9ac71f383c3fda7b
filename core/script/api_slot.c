/* api_slot.c - the cancel slot of a call: the API requests that it waits for, and their answers.
 * Everything acquired is owned by the slots, so that a raised error or a cancel leaks nothing. */
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script/script_internal.h"
#include "json/lua_json.h"

static const char error_key = 0;

static void clear_slot(th_call_slot_t *slot) {
    if (slot->request) {
        th_api_cancel(slot->request);
        th_call_slot_audit(slot, "cancelled"); /* it may have arrived */
    }
    free(slot->audit);
    th_json_unref(slot->document);
    free(slot->text);
    free(slot->error);
    *slot = (th_call_slot_t){.call = slot->call};
}

void th_call_drop_slots(th_call_t *call) {
    for (size_t i = 0; i < call->slot_count; i++)
        clear_slot(&call->slots[i]);
    if (call->slots != &call->one) free(call->slots);
    call->slots = NULL;
    call->slot_count = 0;
    call->in_flight = 0;
}

void th_call_make_slots(lua_State *L, th_call_t *call, size_t count) {
    th_call_drop_slots(call);
    if (count == 1) {
        memset(&call->one, 0, sizeof call->one);
        call->slots = &call->one;
    } else {
        call->slots = calloc(count ? count : 1, sizeof *call->slots);
        if (!call->slots) {
            luaL_error(L, "not enough memory");
            return; /* not reached */
        }
    }
    call->slot_count = count;
    for (size_t i = 0; i < count; i++)
        call->slots[i].call = call;
}

void th_call_slot_fail(th_call_slot_t *slot, const char *code, const char *message,
                       const char *hint) {
    slot->used = slot->done = true;
    slot->error = calloc(1, sizeof *slot->error);
    if (!slot->error) return; /* th_call_slot_push() says so */
    (void)snprintf(slot->error->code, sizeof slot->error->code, "%s", code);
    (void)snprintf(slot->error->message, sizeof slot->error->message, "%s", message);
    (void)snprintf(slot->error->hint, sizeof slot->error->hint, "%s", hint);
}

static void keep_answer(th_call_slot_t *slot, const th_api_answer_t *answer) {
    if (answer->error) {
        slot->error = malloc(sizeof *slot->error);
        if (slot->error) *slot->error = *answer->error;
    } else if (answer->document) {
        slot->document = th_json_ref(answer->document);
    } else if (answer->text.length > 0) {
        slot->text = malloc(answer->text.length);
        if (slot->text) {
            memcpy(slot->text, answer->text.data, answer->text.length);
            slot->text_length = answer->text.length;
        } else {
            th_call_slot_fail(slot, "unavailable", "There was no memory for the answer.", "");
        }
    }
}

void th_call_slot_done(void *arg, const th_api_answer_t *answer) {
    th_call_slot_t *slot = arg;
    slot->request = NULL; /* gone when this returns */
    slot->done = true;
    slot->status = answer->error ? answer->error->status : answer->status;
    th_call_slot_audit(slot, answer->error ? answer->error->code : "ok");
    keep_answer(slot, answer);
    /* An error that there was no memory for must not look like success. */
    if (answer->error && !slot->error) slot->used = false;
    slot->call->in_flight--;
    th_call_wake(slot->call);
}

/* ---- to Lua ---- */

static int error_text(lua_State *L) {
    lua_pushliteral(L, "message");
    lua_rawget(L, 1);
    if (lua_type(L, -1) != LUA_TSTRING) lua_pushliteral(L, "error");
    return 1;
}

/* So that print(err) and tostring(err) show the message. */
static void set_error_metatable(lua_State *L) {
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &error_key) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_createtable(L, 0, 2);
        lua_pushcfunction(L, error_text);
        lua_setfield(L, -2, "__tostring");
        lua_pushboolean(L, 0);
        lua_setfield(L, -2, "__metatable");
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &error_key);
    }
    lua_setmetatable(L, -2);
}

static void set_text(lua_State *L, const char *name, const char *text) {
    if (!text[0]) return;
    lua_pushstring(L, text);
    lua_setfield(L, -2, name);
}

void th_call_push_error(lua_State *L, const th_api_error_t *error) {
    lua_createtable(L, 0, 8);
    set_text(L, "code", error->code);
    set_text(L, "message", error->message);
    set_text(L, "field", error->field);
    set_text(L, "request_id", error->request_id);
    if (error->status) {
        lua_pushinteger(L, error->status);
        lua_setfield(L, -2, "status");
    }
    if (error->maybe_done) {
        lua_pushboolean(L, 1);
        lua_setfield(L, -2, "maybe_done");
    }
    set_text(L, "hint", error->hint);
    if (error->retry_after_s) {
        lua_pushinteger(L, error->retry_after_s);
        lua_setfield(L, -2, "retry_after");
        if (!error->hint[0]) {
            lua_pushfstring(L, "Try again in %d seconds.", (int)error->retry_after_s);
            lua_setfield(L, -2, "hint");
        }
    }
    set_error_metatable(L);
}

/* The answer without its `data` envelope, then the whole. Both views share one holder. */
static void push_document(lua_State *L, const th_json_document_t *document) {
    th_json_value_t root = th_json_root(document);
    th_lua_json_push(L, root);
    if (th_json_type(th_json_member(root, "data")) == TH_JSON_ABSENT) {
        lua_pushvalue(L, -1);
    } else {
        lua_getfield(L, -1, "data");
        lua_insert(L, -2);
    }
}

void th_call_slot_push(lua_State *L, th_call_slot_t *slot) {
    luaL_checkstack(L, 10, "no stack");
    if (slot->error) {
        lua_pushnil(L);
        th_call_push_error(L, slot->error);
    } else if (!slot->used) {
        static const th_api_error_t no_memory = {
            .code = "unavailable", .message = "There was no memory to say what went wrong."};
        lua_pushnil(L);
        th_call_push_error(L, &no_memory);
    } else if (slot->document) {
        push_document(L, slot->document);
        th_state_pace_collector(L);
    } else if (slot->text) {
        lua_pushlstring(L, slot->text, slot->text_length);
        lua_pushvalue(L, -1);
    } else {
        lua_pushboolean(L, 1); /* 204 */
        lua_pushboolean(L, 1);
    }
}
