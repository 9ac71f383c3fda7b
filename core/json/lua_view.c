/* lua_view.c - a document seen from Lua. A view is a small userdata without a finalizer; its user
 * value is the holder, one per document and push, which has the reference and the finalizer. So
 * touching a thousand elements makes a thousand cheap objects and one finalizer. Invariant: a
 * view's holder holds the document that its value points into. Every userdata exists before what it
 * will own is acquired: an error raised in between leaks nothing. */
#include <lauxlib.h>
#include <stdint.h>

#include "json/lua_private.h"
#include "json/tape.h"

#define TOSTRING_MAX 65536

typedef struct view {
    th_json_value_t value;
    /* Of arrays: element number `number` starts at `place` of the tape. Makes ipairs linear. */
    lua_Integer number;
    uint64_t place;
} view_t;

typedef struct holder {
    const th_json_document_t *document; /* owned; NULL when released */
    size_t charged;                     /* bytes */
    bool (*charge)(void *arg, ptrdiff_t bytes);
    void *arg;
} holder_t;

/* Their addresses are registry keys. */
static const char view_key, holder_key, account_key, buffer_key;

/* --- account ------------------------------------------------------------------------------------
 */

void th_lua_json_set_account(lua_State *L, const th_lua_json_account_t *account) {
    luaL_checkstack(L, 1, NULL);
    th_lua_json_account_t *own = lua_newuserdatauv(L, sizeof *own, 0);
    *own = *account;
    lua_rawsetp(L, LUA_REGISTRYINDEX, &account_key);
}

static const th_lua_json_account_t *account_of(lua_State *L) {
    luaL_checkstack(L, 1, NULL);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &account_key);
    const th_lua_json_account_t *account = lua_touserdata(L, -1);
    lua_pop(L, 1); /* the registry keeps it */
    return account;
}

void th_lua_account_work(lua_State *L, size_t instructions) {
    const th_lua_json_account_t *account = account_of(L);
    if (account && account->work) account->work(L, account->arg, instructions);
}

/* --- holder and buffer: what the collector must free ---------------------------------------------
 */

static void release_holder(holder_t *holder) {
    th_json_unref(holder->document);
    holder->document = NULL;
    if (holder->charged > 0) (void)holder->charge(holder->arg, -(ptrdiff_t)holder->charged);
    holder->charged = 0;
}

static int holder_gc(lua_State *L) {
    release_holder(lua_touserdata(L, 1));
    return 0;
}

/* Pushes an empty holder. */
static holder_t *new_holder(lua_State *L) {
    luaL_checkstack(L, 8, NULL);
    holder_t *holder = lua_newuserdatauv(L, sizeof *holder, 0);
    *holder = (holder_t){NULL, 0, NULL, NULL};
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &holder_key) != LUA_TTABLE)
        luaL_error(L, "json is not open in this state");
    lua_setmetatable(L, -2);
    return holder;
}

/* Gives <document>, whose reference it takes over, to the holder on the stack, and charges it. */
static void fill_holder(lua_State *L, holder_t *holder, const th_json_document_t *document) {
    holder->document = document;
    const th_lua_json_account_t *account = account_of(L);
    if (!account || !account->charge) return;
    size_t bytes = th_json_document_size(document);
    if (!account->charge(account->arg, (ptrdiff_t)bytes)) {
        /* Lua does not know how heavy its small views are: garbage may hold what is missing. */
        lua_gc(L, LUA_GCCOLLECT);
        if (!account->charge(account->arg, (ptrdiff_t)bytes)) {
            release_holder(holder);
            luaL_error(L, "not enough memory for a JSON document of %I bytes", (LUAI_UACINT)bytes);
        }
    }
    holder->charge = account->charge;
    holder->arg = account->arg;
    holder->charged = bytes;
}

static int buffer_gc(lua_State *L) {
    th_buffer_reset(lua_touserdata(L, 1));
    return 0;
}

th_buffer_t *th_lua_buffer_new(lua_State *L, size_t maximum) {
    luaL_checkstack(L, 2, NULL);
    th_buffer_t *buffer = lua_newuserdatauv(L, sizeof *buffer, 0);
    th_buffer_init(buffer, maximum);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &buffer_key);
    lua_setmetatable(L, -2);
    return buffer;
}

/* --- pushing -------------------------------------------------------------------------------------
 */

bool th_lua_push_scalar(lua_State *L, th_json_value_t value) {
    th_slice_t text = {NULL, 0};
    int64_t integer = 0;
    double real = 0;
    switch (th_json_type(value)) {
    case TH_JSON_ABSENT: lua_pushnil(L); return true;
    case TH_JSON_NULL: lua_pushlightuserdata(L, NULL); return true;
    case TH_JSON_FALSE: lua_pushboolean(L, 0); return true;
    case TH_JSON_TRUE: lua_pushboolean(L, 1); return true;
    case TH_JSON_INTEGER:
        (void)th_json_integer(value, &integer);
        lua_pushinteger(L, integer);
        return true;
    case TH_JSON_UNSIGNED:
    case TH_JSON_REAL:
        (void)th_json_number(value, &real);
        lua_pushnumber(L, real);
        return true;
    case TH_JSON_STRING:
        (void)th_json_string(value, &text);
        lua_pushlstring(L, text.data, text.length);
        return true;
    case TH_JSON_ARRAY:
    case TH_JSON_OBJECT: return false;
    }
    return false;
}

/* Pushes <value>; <holder> and <metatable> are indices that stay valid while things are pushed. */
static void push_value(lua_State *L, th_json_value_t value, int holder, int metatable) {
    if (th_lua_push_scalar(L, value)) return;
    view_t *view = lua_newuserdatauv(L, sizeof *view, 1);
    *view = (view_t){value, 1, value.index + 1};
    lua_pushvalue(L, holder);
    lua_setiuservalue(L, -2, 1);
    lua_pushvalue(L, metatable);
    lua_setmetatable(L, -2);
}

/* Replaces the filled holder on top of the stack by <value>. */
static void holder_to_value(lua_State *L, th_json_value_t value) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &view_key);
    push_value(L, value, lua_gettop(L) - 1, lua_gettop(L));
    lua_replace(L, -3);
    lua_pop(L, 1);
}

void th_lua_json_push(lua_State *L, th_json_value_t value) {
    luaL_checkstack(L, 1, NULL);
    if (th_lua_push_scalar(L, value)) return;
    holder_t *holder = new_holder(L);
    fill_holder(L, holder, th_json_ref(value.document));
    holder_to_value(L, value);
}

bool th_lua_view_parse(lua_State *L, th_json_parser_t *parser, th_slice_t text,
                       const th_json_limits_t *limits, th_error_t *error) {
    holder_t *holder = new_holder(L);
    const th_json_document_t *document = th_json_parse(parser, text, limits, error);
    if (!document) {
        lua_pop(L, 1);
        return false;
    }
    fill_holder(L, holder, document);
    th_json_value_t root = th_json_root(document);
    if (th_lua_push_scalar(L, root)) {
        release_holder(holder); /* at once: a scalar needs no document */
        lua_replace(L, -2);
        return true;
    }
    holder_to_value(L, root);
    return true;
}

th_json_value_t th_lua_json_to_value(lua_State *L, int index) {
    view_t *view = lua_type(L, index) == LUA_TUSERDATA ? lua_touserdata(L, index) : NULL;
    if (!view || !lua_checkstack(L, 2) || !lua_getmetatable(L, index)) return th_json_absent();
    lua_rawgetp(L, LUA_REGISTRYINDEX, &view_key);
    bool is_view = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return is_view ? view->value : th_json_absent();
}

/* --- metamethods: upvalue 1 is the view metatable
 * ------------------------------------------------- */

#define METATABLE lua_upvalueindex(1)

static view_t *check_view(lua_State *L, int index) {
    view_t *view = lua_type(L, index) == LUA_TUSERDATA ? lua_touserdata(L, index) : NULL;
    if (view && lua_getmetatable(L, index)) {
        bool is_view = lua_rawequal(L, -1, METATABLE);
        lua_pop(L, 1);
        if (is_view) return view;
    }
    luaL_typeerror(L, index, "JSON view");
    return NULL;
}

static th_json_value_t element(view_t *view, lua_Integer number) {
    if (number < 1 || (uint64_t)number > th_json_count(view->value)) return th_json_absent();
    const uint64_t *tape = th_tape(view->value.document);
    if (number < view->number) {
        view->number = 1;
        view->place = view->value.index + 1;
    }
    while (view->number < number) {
        view->place = th_tape_after(tape[view->place], view->place);
        view->number++;
    }
    return (th_json_value_t){view->value.document, view->place};
}

static int view_index(lua_State *L) {
    view_t *view = check_view(L, 1);
    th_json_value_t value = th_json_absent();
    if (th_json_is_array(view->value)) {
        int whole = 0;
        lua_Integer number = lua_type(L, 2) == LUA_TNUMBER ? lua_tointegerx(L, 2, &whole) : 0;
        if (whole) value = element(view, number);
    } else if (lua_type(L, 2) == LUA_TSTRING) {
        size_t length;
        const char *key = lua_tolstring(L, 2, &length);
        value = th_json_get(view->value, th_slice(key, length));
    }
    if (th_lua_push_scalar(L, value)) return 1;
    lua_getiuservalue(L, 1, 1);
    push_value(L, value, lua_gettop(L), METATABLE);
    return 1;
}

static int view_newindex(lua_State *L) {
    check_view(L, 1);
    return luaL_error(L, "a JSON view cannot be changed; json.table(view) makes a copy that can");
}

static int view_len(lua_State *L) {
    lua_pushinteger(L, (lua_Integer)th_json_count(check_view(L, 1)->value));
    return 1;
}

/* Words on the tape: what walking it costs. */
static size_t weight(th_json_value_t value) {
    return (size_t)(th_tape_after(th_tape(value.document)[value.index], value.index) - value.index);
}

static int view_eq(lua_State *L) {
    th_json_value_t a = th_lua_json_to_value(L, 1), b = th_lua_json_to_value(L, 2);
    if (!a.document || !b.document) {
        lua_pushboolean(L, 0); /* a view and another kind of userdata */
        return 1;
    }
    th_lua_account_work(L, weight(a) < weight(b) ? weight(a) : weight(b));
    lua_pushboolean(L, th_json_equal(a, b));
    return 1;
}

static int view_tostring(lua_State *L) {
    view_t *view = check_view(L, 1);
    /* The excerpt ends after the token that crosses the line, and escapes are six times a byte. */
    th_buffer_t *buffer = th_lua_buffer_new(L, 8 * TOSTRING_MAX);
    if (!th_json_write_excerpt(buffer, view->value, TOSTRING_MAX))
        return luaL_error(L, "not enough memory");
    lua_pushlstring(L, buffer->data, buffer->length);
    th_buffer_reset(buffer);
    size_t length = lua_rawlen(L, -1);
    th_lua_account_work(L, length / 16);
    return 1;
}

/* --- pairs: a closure over (iterator, holder, metatable)
 * ------------------------------------------ */

typedef struct walk {
    th_json_iterator_t iterator;
    lua_Integer number; /* of the last element, in arrays */
    bool is_array;
} walk_t;

static int walk_step(lua_State *L) {
    walk_t *walk = lua_touserdata(L, lua_upvalueindex(1));
    if (!th_json_next(&walk->iterator)) {
        lua_pushnil(L);
        return 1;
    }
    if (walk->is_array)
        lua_pushinteger(L, ++walk->number);
    else
        lua_pushlstring(L, walk->iterator.key.data, walk->iterator.key.length);
    push_value(L, walk->iterator.value, lua_upvalueindex(2), lua_upvalueindex(3));
    return 2;
}

static int view_pairs(lua_State *L) {
    view_t *view = check_view(L, 1);
    walk_t *walk = lua_newuserdatauv(L, sizeof *walk, 0);
    *walk = (walk_t){th_json_iterate(view->value), 0, th_json_is_array(view->value)};
    lua_getiuservalue(L, 1, 1);
    lua_pushvalue(L, METATABLE);
    lua_pushcclosure(L, walk_step, 3);
    lua_pushvalue(L, 1);
    lua_pushnil(L);
    return 3;
}

static void new_metatable(lua_State *L, const char *name, const void *key, lua_CFunction gc) {
    lua_createtable(L, 0, 4);
    lua_pushstring(L, name);
    lua_setfield(L, -2, "__name");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable"); /* a script must not reach it */
    if (gc) {
        lua_pushcfunction(L, gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, key);
}

void th_lua_view_open(lua_State *L) {
    static const luaL_Reg metamethods[] = {
        {"__index", view_index},
        {"__newindex", view_newindex},
        {"__len", view_len},
        {"__eq", view_eq},
        {"__pairs", view_pairs},
        {"__tostring", view_tostring},
        {NULL, NULL},
    };
    luaL_checkstack(L, 6, NULL);
    new_metatable(L, "JSON document", &holder_key, holder_gc);
    lua_pop(L, 1);
    new_metatable(L, "buffer", &buffer_key, buffer_gc);
    lua_pop(L, 1);
    new_metatable(L, "JSON view", &view_key, NULL);
    lua_pushvalue(L, -1);
    luaL_setfuncs(L, metamethods, 1);
    lua_pop(L, 1);
}
