/* bind_note.c - what a running call tells the one who asked, without waiting for anything:
 *   call.log(data [, level [, logger]])       a line in the log, and to clients that want it
 *   call.progress(done [, total [, message]])
 *   call.changed("tools" | "prompts" | "resources" | uri)   for those who listen
 *   call.detach()         the client's connection may be let go while this goes on
 *   call.become_task()    the answer may come later, as a task's
 * All of them are counted: a call that talks too much goes on unheard. */
#include <lauxlib.h>
#include <string.h>

#include "script/sandbox.h"
#include "script/script_internal.h"
#include "json/lua_json.h"
#include "json/text.h"

#define NOTE_TEXT_MAX 1024
#define NOTE_DATA_MAX ((size_t)64 * 1024)
#define NOTES_MAX 1000 /* of one call */

static const char *const level_names[] = {"debug", "info",     "notice", "warning",
                                          "error", "critical", "alert",  "emergency"};

const char *th_note_level_name(th_note_level_t level) {
    return level_names[level];
}

bool th_note_level_parse(th_slice_t name, th_note_level_t *level) {
    for (size_t i = 0; i < sizeof level_names / sizeof *level_names; i++) {
        if (!th_slice_is(name, level_names[i])) continue;
        *level = (th_note_level_t)i;
        return true;
    }
    return false;
}

/* Counts a note; false when the call has had its share (the rest is dropped, the tool goes on). */
static bool may_note(th_call_t *call) {
    return ++call->budget.printed <= NOTES_MAX;
}

static th_slice_t cut(th_slice_t text, size_t most) {
    if (text.length <= most) return text;
    text.length = most;
    while (text.length > 0 && ((unsigned char)text.data[text.length] & 0xC0) == 0x80)
        text.length--;
    return text;
}

static th_note_level_t level_at(lua_State *L, int index) {
    th_note_level_t level = TH_NOTE_INFO;
    if (lua_isnoneornil(L, index)) return level;
    th_slice_t name;
    name.data = luaL_checklstring(L, index, &name.length);
    if (!th_note_level_parse(name, &level))
        luaL_argerror(L, index,
                      lua_pushfstring(L,
                                      "invalid option '%s'; there are debug, info, notice, "
                                      "warning, error, critical, alert and emergency",
                                      name.data));
    return level;
}

/* The value at 1 as JSON, in the call's scratch buffer: writing may raise. */
static th_slice_t data_of(lua_State *L, th_call_t *call) {
    th_json_writer_t writer;
    th_error_t error = {.code = ""};
    th_buffer_clear(&call->body);
    th_json_writer_init(&writer, &call->body, 0);
    if (!th_lua_json_write(L, 1, &writer, &error) || !th_json_writer_finish(&writer, &error))
        luaL_error(L, "call.log: the data cannot be JSON: %s", error.message);
    if (call->body.length > NOTE_DATA_MAX)
        luaL_error(L, "call.log: the data is larger than %d KB", (int)(NOTE_DATA_MAX / 1024));
    return th_buffer_slice(&call->body);
}

/* Replaces the string at 1 by one that can be shown: not too long, and UTF-8. */
static th_slice_t make_showable(lua_State *L) {
    th_slice_t text;
    text.data = lua_tolstring(L, 1, &text.length);
    text = cut(text, NOTE_TEXT_MAX);
    char clean[NOTE_TEXT_MAX];
    bool valid = th_json_utf8_valid(text);
    for (size_t i = 0; i < text.length; i++)
        clean[i] = valid || (unsigned char)text.data[i] < 0x80 ? text.data[i] : '?';
    lua_pushlstring(L, clean, text.length);
    lua_replace(L, 1);
    text.data = lua_tolstring(L, 1, &text.length);
    return text;
}

static void tell_log(const th_call_t *call, const th_note_t *note) {
    th_log_level_t level = note->level < TH_NOTE_ERROR ? (th_log_level_t)note->level : TH_LOG_ERROR;
    th_slice_t text = cut(note->text, NOTE_TEXT_MAX);
    th_log(call->script->worker->log, level, "script", "call=%s %s=%s %.*s", call->id,
           th_item_kind_name(call->tool->kind), call->tool->name, (int)text.length, text.data);
}

static int call_log(lua_State *L) {
    th_call_t *call = th_call_need(L, "call.log");
    luaL_checkany(L, 1);
    th_note_t note = {.level = level_at(L, 2)};
    note.logger.data = luaL_optlstring(L, 3, "", &note.logger.length);
    luaL_argcheck(L, note.logger.length <= 64, 3, "must be a short name");
    lua_settop(L, 3);
    if (lua_istable(L, 1) && luaL_getmetafield(L, 1, "__tostring") != LUA_TNIL) {
        th_sandbox_push_text(L, 1, NULL); /* an error of the API and its like: its sentence */
        lua_replace(L, 1);
        lua_settop(L, 3);
    }
    if (lua_type(L, 1) == LUA_TSTRING) note.text = make_showable(L);
    note.data = data_of(L, call);
    if (!note.text.data) note.text = note.data;
    if (!may_note(call)) return 0;
    tell_log(call, &note);
    if (call->client && call->client->log) call->client->log(call->arg, &note);
    return 0;
}

static int call_progress(lua_State *L) {
    th_call_t *call = th_call_need(L, "call.progress");
    double done = luaL_checknumber(L, 1), total = luaL_optnumber(L, 2, -1);
    th_slice_t message = {NULL, 0};
    message.data = luaL_optlstring(L, 3, "", &message.length);
    message = cut(message, NOTE_TEXT_MAX);
    luaL_argcheck(L, done == done && done >= 0 && done < 1e15, 1, "must be a number from 0");
    if (may_note(call) && call->client && call->client->progress) {
        call->client->progress(call->arg, done, total >= 0 ? total : -1, message);
    }
    return 0;
}

static int call_changed(lua_State *L) {
    static const char *const lists[] = {"tools", "prompts", "resources"};
    th_call_t *call = th_call_need(L, "call.changed");
    th_changed_t what = TH_CHANGED_RESOURCE;
    th_slice_t name;
    name.data = luaL_checklstring(L, 1, &name.length);
    for (int i = 0; i < 3; i++)
        if (th_slice_is(name, lists[i])) what = (th_changed_t)i;
    bool is_uri = name.length <= 2048 && memchr(name.data, ':', name.length) != NULL;
    luaL_argcheck(L, what != TH_CHANGED_RESOURCE || is_uri, 1,
                  "must be \"tools\", \"prompts\", \"resources\" or the URI of a resource");
    if (may_note(call) && call->client && call->client->changed)
        call->client->changed(call->arg, what,
                              what == TH_CHANGED_RESOURCE ? name : th_slice(NULL, 0));
    return 0;
}

static int call_detach(lua_State *L) {
    th_call_t *call = th_call_need(L, "call.detach");
    if (call->client && call->client->detach) call->client->detach(call->arg);
    return 0;
}

static int call_become_task(lua_State *L) {
    th_call_t *call = th_call_need(L, "call.become_task");
    if (call->tool->kind != TH_ITEM_TOOL || call->tool->task != TH_TASK_LATER)
        return luaL_error(L, "call.become_task is for a tool that says task = \"later\"");
    if (call->client && call->client->become_task) call->client->become_task(call->arg);
    return 0;
}

void th_bind_note_open(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"log", call_log},       {"progress", call_progress},       {"changed", call_changed},
        {"detach", call_detach}, {"become_task", call_become_task}, {NULL, NULL},
    };
    luaL_setfuncs(L, functions, 0);
}
