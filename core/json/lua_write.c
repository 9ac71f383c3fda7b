/* lua_write.c - a Lua value as JSON. Only raw access: no metamethod runs, so no script code runs
 * while a table is written and what it holds cannot change meanwhile (keys stay borrowed from the
 * table). Recursion is bounded by the writer's depth, work by its nodes. */
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>

#include "json/lua_private.h"
#include "json/text.h"

/* Keys of small tables are sorted on the C stack; 64 levels of it take 32 KB. */
#define FEW_KEYS 32

typedef struct job {
    lua_State *L;
    th_json_writer_t *writer;
    th_error_t *error;
    bool said; /* <error> is filled */
} job_t;

/* The way from the root to the value being written: a chain of frames on the C stack. */
typedef struct step {
    const struct step *up;
    th_slice_t key;     /* of objects */
    lua_Integer number; /* of arrays; 0 in objects */
} step_t;

/* The keys of one table. */
typedef struct keys {
    th_slice_t few[FEW_KEYS];
    th_slice_t *strings; /* few, or a userdata on the Lua stack */
    size_t string_count, capacity;
    size_t integer_count;
    lua_Integer least, most; /* of the integer keys */
    int other;               /* Lua type of a key that is neither; LUA_TNONE if there is none */
} keys_t;

/* --- saying where it went wrong
 * ------------------------------------------------------------------- */

#define PATH_SIZE 200

/* Appends to <path>, which is a string of PATH_SIZE bytes, as much as fits. */
static void add_to_path(char *path, const char *text, size_t length) {
    size_t used = strlen(path);
    for (size_t i = 0; i < length && used + 1 < PATH_SIZE; i++) {
        unsigned char byte = (unsigned char)text[i];
        path[used++] = byte < 0x20 || byte == 0x7f ? '?' : text[i];
    }
    path[used] = '\0';
}

static void describe_step(const step_t *step, char *path) {
    char number[32];
    if (step->number > 0) {
        int length = snprintf(number, sizeof number, "[%lld]", (long long)step->number);
        add_to_path(path, number, (size_t)length);
        return;
    }
    th_slice_t key = step->key;
    add_to_path(path, ".", 1);
    if (!th_json_utf8_valid(key)) {
        add_to_path(path, "(invalid UTF-8)", 15);
        return;
    }
    size_t shown = key.length > 40 ? 40 : key.length;
    while (shown > 0 && shown < key.length && (key.data[shown] & 0xc0) == 0x80)
        shown--;
    add_to_path(path, key.data, shown);
    if (shown < key.length) add_to_path(path, "\xe2\x80\xa6", 3);
}

/* "value.items[3].name"; of a deep place the last six steps. */
static void describe_place(const step_t *step, char *path) {
    const step_t *last[6];
    size_t count = 0;
    for (; step && count < 6; step = step->up)
        last[count++] = step;
    (void)snprintf(path, PATH_SIZE, "%s", step ? "\xe2\x80\xa6" : "value");
    while (count > 0)
        describe_step(last[--count], path);
    size_t length = strlen(path);
    if (length + 1 < PATH_SIZE) return;
    while (length > 0 && !th_json_utf8_valid(th_slice(path, length)))
        length--;
    path[length] = '\0';
}

static bool refuse(job_t *job, const step_t *at, const char *code, const char *reason) {
    if (!job->writer->failure) job->writer->failure = code;
    if (job->said) return false;
    job->said = true;
    char path[PATH_SIZE];
    describe_place(at, path);
    return th_error_set(job->error, code, "%s %s", path, reason);
}

static bool refuse_type(job_t *job, const step_t *at, int type) {
    char reason[80];
    (void)snprintf(reason, sizeof reason, "is a %s, which cannot be JSON",
                   lua_typename(job->L, type));
    return refuse(job, at, "bad_type", reason);
}

/* After a call of the writer: its failure becomes an error with a place. */
static bool wrote(job_t *job, const step_t *at) {
    const char *code = job->writer->failure;
    if (!code) return true;
    if (strcmp(code, "bad_utf8") == 0)
        return refuse(job, at, code, "is or has as key a string that is not valid UTF-8");
    if (strcmp(code, "bad_number") == 0)
        return refuse(job, at, code, "is NaN or infinite, which cannot be JSON");
    if (strcmp(code, "too_deep") == 0)
        return refuse(job, at, code,
                      "is nested too deeply (64 levels are allowed), or holds itself");
    if (strcmp(code, "too_large") == 0)
        return refuse(job, at, code, "is where the JSON becomes larger than is allowed");
    return refuse(job, at, code, "has no place in the JSON begun so far");
}

/* --- keys
 * ------------------------------------------------------------------------------------------ */

/* Room for one more key; <slot> is the stack slot that anchors the larger array. May raise. */
static void grow_keys(lua_State *L, keys_t *keys, int slot) {
    if (keys->string_count < keys->capacity) return;
    size_t capacity = keys->capacity * 2;
    th_slice_t *strings = lua_newuserdatauv(L, capacity * sizeof *strings, 0);
    memcpy(strings, keys->strings, keys->string_count * sizeof *strings);
    lua_replace(L, slot); /* the old array is garbage now, and no longer used */
    keys->strings = strings;
    keys->capacity = capacity;
}

static void note_integer(keys_t *keys, lua_Integer number) {
    if (keys->integer_count == 0 || number < keys->least) keys->least = number;
    if (keys->integer_count == 0 || number > keys->most) keys->most = number;
    keys->integer_count++;
}

/* Reads all keys of the table at <table>; stops early at <most> or at a key that JSON cannot have.
 * Leaves one slot on the stack that anchors them. False: more than <most>. */
static bool read_keys(lua_State *L, int table, size_t most, keys_t *keys) {
    keys->strings = keys->few;
    keys->capacity = FEW_KEYS;
    keys->string_count = keys->integer_count = 0;
    keys->other = LUA_TNONE;
    lua_pushnil(L);
    int slot = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, table)) {
        lua_pop(L, 1);
        bool full = keys->string_count + keys->integer_count >= most;
        if (!full && lua_isinteger(L, -1)) {
            note_integer(keys, lua_tointeger(L, -1));
        } else if (!full && lua_type(L, -1) == LUA_TSTRING) {
            grow_keys(L, keys, slot);
            size_t length;
            const char *text = lua_tolstring(L, -1, &length);
            keys->strings[keys->string_count++] = th_slice(text, length);
        } else {
            if (!full) keys->other = lua_type(L, -1);
            lua_pop(L, 1);
            return !full;
        }
    }
    return true;
}

static bool is_sequence(const keys_t *keys) {
    return keys->integer_count > 0 && keys->string_count == 0 && keys->other == LUA_TNONE &&
           keys->least == 1 && (size_t)keys->most == keys->integer_count;
}

static int compare_keys(const void *left, const void *right) {
    const th_slice_t *a = left, *b = right;
    size_t shorter = a->length < b->length ? a->length : b->length;
    int order = shorter > 0 ? memcmp(a->data, b->data, shorter) : 0;
    if (order != 0) return order;
    return a->length < b->length ? -1 : a->length > b->length;
}

/* --- values
 * ---------------------------------------------------------------------------------------- */

static bool write_any(job_t *job, int index, const step_t *at);

static bool write_items(job_t *job, int table, size_t count, const step_t *at) {
    th_json_write_array(job->writer);
    bool fine = wrote(job, at);
    step_t step = {.up = at};
    for (size_t i = 1; fine && i <= count; i++) {
        step.number = (lua_Integer)i;
        lua_rawgeti(job->L, table, step.number);
        fine = write_any(job, lua_gettop(job->L), &step);
        lua_pop(job->L, 1);
    }
    th_json_write_end(job->writer);
    return fine && wrote(job, at);
}

static bool write_members(job_t *job, int table, const keys_t *keys, const step_t *at) {
    lua_State *L = job->L;
    qsort(keys->strings, keys->string_count, sizeof *keys->strings, compare_keys);
    th_json_write_object(job->writer);
    bool fine = wrote(job, at);
    step_t step = {.up = at};
    for (size_t i = 0; fine && i < keys->string_count; i++) {
        step.key = keys->strings[i];
        th_json_write_key(job->writer, step.key);
        fine = wrote(job, &step);
        if (!fine) break;
        lua_pushlstring(L, step.key.data, step.key.length);
        lua_rawget(L, table);
        fine = write_any(job, lua_gettop(L), &step);
        lua_pop(L, 1);
    }
    th_json_write_end(job->writer);
    return fine && wrote(job, at);
}

/* Why a table with these keys is neither array nor object. */
static bool refuse_keys(job_t *job, const step_t *at, const keys_t *keys, th_lua_mark_t mark) {
    char reason[160];
    if (keys->other != LUA_TNONE)
        (void)snprintf(reason, sizeof reason,
                       "has a %s as key; keys must be strings, or 1, 2, 3 ... in a list",
                       lua_typename(job->L, keys->other));
    else if (keys->string_count > 0 && mark == TH_LUA_ARRAY)
        (void)snprintf(reason, sizeof reason, "is a json.array() and has keys that are strings");
    else if (keys->string_count > 0)
        (void)snprintf(reason, sizeof reason,
                       "has both numbers and strings as keys; make it a list or an object");
    else if (mark == TH_LUA_OBJECT)
        (void)snprintf(reason, sizeof reason,
                       "is a json.object() and has a number as key; write tostring(key)");
    else
        (void)snprintf(reason, sizeof reason,
                       "has the number %lld as key and is no list of 1 to %zu without holes; "
                       "write tostring(key) for an object",
                       (long long)(keys->least < 1 ? keys->least : keys->most),
                       keys->integer_count);
    return refuse(job, at, "bad_key", reason);
}

static bool write_table(job_t *job, int table, const step_t *at) {
    /* Before the keys are read: a chain of tables may be longer than the C stack. */
    if (job->writer->depth >= TH_JSON_WRITER_DEPTH) {
        job->writer->failure = "too_deep";
        return wrote(job, at);
    }
    keys_t keys;
    if (!read_keys(job->L, table, job->writer->nodes_left, &keys)) {
        lua_pop(job->L, 1);
        job->writer->failure = "too_large";
        return wrote(job, at);
    }
    th_lua_mark_t mark = th_lua_mark_of(job->L, table);
    bool empty = keys.integer_count == 0 && keys.string_count == 0 && keys.other == LUA_TNONE;
    bool array = empty ? mark == TH_LUA_ARRAY : is_sequence(&keys) && mark != TH_LUA_OBJECT;
    bool fine;
    if (array)
        fine = write_items(job, table, keys.integer_count, at);
    else if (keys.integer_count > 0 || keys.other != LUA_TNONE || (mark == TH_LUA_ARRAY && !empty))
        fine = refuse_keys(job, at, &keys, mark);
    else
        fine = write_members(job, table, &keys, at);
    lua_pop(job->L, 1); /* the anchor of the keys */
    return fine;
}

static bool write_userdata(job_t *job, int index, const step_t *at) {
    th_json_value_t value = th_lua_json_to_value(job->L, index);
    if (!value.document) return refuse_type(job, at, LUA_TUSERDATA);
    th_json_write_value(job->writer, value);
    return wrote(job, at);
}

/* <index> is absolute. */
static bool write_any(job_t *job, int index, const step_t *at) {
    lua_State *L = job->L;
    luaL_checkstack(L, 8, "too many values to write as JSON");
    size_t length;
    const char *text;
    switch (lua_type(L, index)) {
    case LUA_TNIL: th_json_write_null(job->writer); return wrote(job, at);
    case LUA_TBOOLEAN:
        th_json_write_boolean(job->writer, lua_toboolean(L, index));
        return wrote(job, at);
    case LUA_TNUMBER:
        if (lua_isinteger(L, index))
            th_json_write_integer(job->writer, lua_tointeger(L, index));
        else
            th_json_write_real(job->writer, lua_tonumber(L, index));
        return wrote(job, at);
    case LUA_TSTRING:
        text = lua_tolstring(L, index, &length);
        th_json_write_string(job->writer, th_slice(text, length));
        return wrote(job, at);
    case LUA_TLIGHTUSERDATA:
        if (lua_touserdata(L, index)) return refuse_type(job, at, LUA_TLIGHTUSERDATA);
        th_json_write_null(job->writer);
        return wrote(job, at);
    case LUA_TTABLE: return write_table(job, index, at);
    case LUA_TUSERDATA: return write_userdata(job, index, at);
    default: return refuse_type(job, at, lua_type(L, index));
    }
}

bool th_lua_json_write(lua_State *L, int index, th_json_writer_t *writer, th_error_t *error) {
    job_t job = {.L = L, .writer = writer, .error = error};
    return write_any(&job, lua_absindex(L, index), NULL);
}

bool th_lua_is_array(lua_State *L, int index) {
    index = lua_absindex(L, index);
    luaL_checkstack(L, 6, NULL);
    th_lua_mark_t mark = th_lua_mark_of(L, index);
    if (mark != TH_LUA_UNMARKED) return mark == TH_LUA_ARRAY;
    keys_t keys = {.other = LUA_TNONE};
    lua_pushnil(L);
    while (lua_next(L, index)) {
        lua_pop(L, 1);
        if (!lua_isinteger(L, -1)) {
            lua_pop(L, 1);
            return false;
        }
        note_integer(&keys, lua_tointeger(L, -1));
    }
    return is_sequence(&keys);
}
