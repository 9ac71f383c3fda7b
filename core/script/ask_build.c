/* ask_build.c - from the table that a script gave to a question of its call: its key, and its
 * parameters as the protocol has them. Raises what is wrong, naming the word; what is built belongs
 * to the call, so that nothing leaks then. */
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "script/script_internal.h"
#include "json/lua_json.h"

#define MESSAGE_MAX 4000
#define URL_MAX 2048
#define TOKENS_MAX 1000000

/* ---- reading the table of one question, at <index> ---- */

static bool has_field(lua_State *L, int index, const char *name) {
    lua_pushstring(L, name);
    bool has = lua_rawget(L, index) != LUA_TNIL;
    lua_pop(L, 1);
    return has;
}

static void check_names(lua_State *L, int index, const char *const *known, const char *word) {
    lua_pushnil(L);
    while (lua_next(L, index)) {
        lua_pop(L, 1);
        const char *name = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "?";
        size_t i = 0;
        while (known[i] && strcmp(known[i], name) != 0)
            i++;
        if (!known[i]) luaL_error(L, "%s: unknown field %s", word, name);
    }
}

/* A string member, left on the stack so that it lives; empty slice when absent. */
static th_slice_t text_field(lua_State *L, int index, const char *name, size_t most,
                             const char *word) {
    th_slice_t text = {NULL, 0};
    lua_pushstring(L, name);
    int type = lua_rawget(L, index);
    if (type == LUA_TNIL) return text;
    if (type != LUA_TSTRING) luaL_error(L, "%s: %s must be a string", word, name);
    text.data = lua_tolstring(L, -1, &text.length);
    if (text.length == 0 || text.length > most)
        luaL_error(L, "%s: %s must have 1 to %d bytes", word, name, (int)most);
    return text;
}

static bool key_is_used(const th_call_t *call, const char *key) {
    size_t at = 0;
    while (at < call->keys.length) {
        if (strcmp(call->keys.data + at, key) == 0) return true;
        at += strlen(call->keys.data + at) + 1;
    }
    return false;
}

/* The key: as given, or by the number of the question, which is the same in every run. */
static void take_key(lua_State *L, th_call_t *call, th_question_t *question, int index,
                     const char *word) {
    call->asked++;
    if (call->asked > TH_QUESTIONS_MAX)
        luaL_error(L, "%s: more than %d questions in one call", word, TH_QUESTIONS_MAX);
    th_slice_t key = text_field(L, index, "key", TH_QUESTION_KEY, word);
    if (key.data) {
        if (strspn(key.data, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-") !=
            key.length)
            luaL_error(L, "%s: key must be made of letters, digits, _, . and -", word);
        memcpy(question->key, key.data, key.length + 1);
    } else {
        (void)snprintf(question->key, sizeof question->key, "ask-%u", call->asked);
    }
    if (key_is_used(call, question->key))
        luaL_error(L, "%s: the key %s was used before in this call", word, question->key);
    if (!th_buffer_add(&call->keys, question->key, strlen(question->key) + 1))
        luaL_error(L, "not enough memory");
}

/* ---- composing its parameters ---- */

static void begin_params(th_question_t *question, th_json_writer_t *writer) {
    th_json_writer_init(writer, &question->params, 0);
    th_json_write_object(writer);
}

static void end_params(lua_State *L, th_json_writer_t *writer, const char *word) {
    th_error_t error = {.code = ""};
    th_json_write_end(writer);
    if (!th_json_writer_finish(writer, &error)) luaL_error(L, "%s: %s", word, error.message);
}

/* The Lua value on top as a document that the question owns. */
static th_json_value_t take_document(lua_State *L, th_call_t *call, th_question_t *question,
                                     const char *what) {
    th_json_writer_t writer;
    th_error_t error = {.code = ""};
    th_buffer_clear(&call->body);
    th_json_writer_init(&writer, &call->body, 0);
    if (!th_lua_json_write(L, lua_gettop(L), &writer, &error) ||
        !th_json_writer_finish(&writer, &error))
        luaL_error(L, "%s cannot be JSON: %s", what, error.message);
    th_json_unref(question->document);
    question->document = th_json_parse(call->script->worker->parser, th_buffer_slice(&call->body),
                                       &th_json_limits_request, &error);
    if (!question->document) luaL_error(L, "%s: %s", what, error.message);
    return th_json_root(question->document);
}

/* `schema = {...}`: a form that could not be declared outside `run`. */
static void take_schema(lua_State *L, th_call_t *call, th_question_t *question, int index,
                        th_json_writer_t *writer) {
    th_error_t error = {.code = ""};
    lua_pushliteral(L, "schema");
    lua_rawget(L, index);
    th_json_value_t schema = take_document(L, call, question, "call.ask: schema");
    if (!th_form_check(schema, &error)) luaL_error(L, "call.ask: schema: %s", error.message);
    question->own_schema = th_schema_compile(schema, &error);
    if (!question->own_schema) luaL_error(L, "call.ask: schema: %s", error.message);
    question->schema = question->own_schema;
    th_json_write_member_value(writer, "requestedSchema", schema);
}

static void take_declared_form(lua_State *L, th_call_t *call, th_question_t *question, int index,
                               th_json_writer_t *writer) {
    lua_pushliteral(L, "fields");
    const th_form_t *form = NULL;
    if (lua_rawget(L, index) == LUA_TTABLE) {
        lua_pushliteral(L, "form");
        lua_rawget(L, -2);
        if (lua_isinteger(L, -1)) form = th_item_form(call->tool, (size_t)lua_tointeger(L, -1));
    }
    if (!form) {
        luaL_error(L, "call.ask: fields must be a form declared outside run: "
                      "local who = form { text \"name\" { \"Your name\" } }");
        return; /* not reached: luaL_error does not return */
    }
    question->schema = form->schema;
    th_json_write_key(writer, TH_SLICE("requestedSchema"));
    th_json_write_raw(writer, form->text);
}

static void build_form(lua_State *L, th_call_t *call, th_question_t *question, int index) {
    static const char *const known[] = {"key", "message", "fields", "schema", NULL};
    th_json_writer_t writer;
    check_names(L, index, known, "call.ask");
    bool declared = has_field(L, index, "fields");
    if (declared == has_field(L, index, "schema"))
        luaL_error(L, "call.ask needs fields (a form), or url, or schema: one of them");
    th_slice_t message = text_field(L, index, "message", MESSAGE_MAX, "call.ask");
    if (!message.data) luaL_error(L, "call.ask needs a message: what the person reads");
    question->kind = TH_ASK_FORM;
    begin_params(question, &writer);
    th_json_write_member_string(&writer, "message", message);
    if (declared)
        take_declared_form(L, call, question, index, &writer);
    else
        take_schema(L, call, question, index, &writer);
    end_params(L, &writer, "call.ask");
}

static void build_url(lua_State *L, th_question_t *question, int index) {
    static const char *const known[] = {"key", "message", "url", NULL};
    th_json_writer_t writer;
    check_names(L, index, known, "call.ask");
    th_slice_t message = text_field(L, index, "message", MESSAGE_MAX, "call.ask");
    th_slice_t url = text_field(L, index, "url", URL_MAX, "call.ask");
    if (!message.data) luaL_error(L, "call.ask needs a message: why the page is to be opened");
    bool is_plain = true;
    for (size_t i = 0; i < url.length; i++)
        is_plain = is_plain && (unsigned char)url.data[i] > ' ' && (unsigned char)url.data[i] < 127;
    if (url.length < 9 || strncmp(url.data, "https://", 8) != 0 || !is_plain)
        luaL_error(L, "call.ask: url must be an https: address");
    question->kind = TH_ASK_URL;
    begin_params(question, &writer);
    th_json_write_member_text(&writer, "mode", "url");
    th_json_write_member_string(&writer, "message", message);
    th_json_write_member_string(&writer, "url", url);
    end_params(L, &writer, "call.ask");
}

static void write_text_message(th_json_writer_t *writer, th_slice_t text) {
    th_json_write_object(writer);
    th_json_write_member_text(writer, "role", "user");
    th_json_write_key(writer, TH_SLICE("content"));
    th_json_write_object(writer);
    th_json_write_member_text(writer, "type", "text");
    th_json_write_member_string(writer, "text", text);
    th_json_write_end(writer);
    th_json_write_end(writer);
}

/* `prompt = "..."`, or `messages` in the form that a prompt returns them. */
static void build_messages(lua_State *L, th_call_t *call, th_question_t *question, int index,
                           th_json_writer_t *writer) {
    th_slice_t prompt = text_field(L, index, "prompt", 100000, "call.sample");
    if ((prompt.data != NULL) == has_field(L, index, "messages"))
        luaL_error(L, "call.sample needs prompt (a text) or messages (a list): one of them");
    th_json_write_key(writer, TH_SLICE("messages"));
    th_json_write_array(writer);
    if (prompt.data) {
        write_text_message(writer, prompt);
    } else {
        th_error_t error = {.code = ""};
        lua_pushliteral(L, "messages");
        lua_rawget(L, index);
        th_json_value_t list = take_document(L, call, question, "call.sample: messages");
        if (!th_messages_write(writer, list, &error))
            luaL_error(L, "call.sample: %s", error.message);
    }
    th_json_write_end(writer);
}

static void copy_field(lua_State *L, int index, const char *name, const char *as,
                       th_json_writer_t *writer) {
    th_error_t error = {.code = ""};
    lua_pushstring(L, name);
    if (lua_rawget(L, index) != LUA_TNIL) {
        th_json_write_key(writer, th_slice_of(as));
        if (!th_lua_json_write(L, lua_gettop(L), writer, &error))
            luaL_error(L, "call.sample: %s: %s", name, error.message);
    }
    lua_pop(L, 1);
}

static void build_sample(lua_State *L, th_call_t *call, th_question_t *question, int index) {
    static const char *const known[] = {"key",         "prompt", "messages", "max_tokens", "system",
                                        "temperature", "stop",   "models",   "metadata",   NULL};
    th_json_writer_t writer;
    check_names(L, index, known, "call.sample");
    lua_pushliteral(L, "max_tokens");
    lua_rawget(L, index);
    lua_Integer tokens = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : 0;
    if (tokens < 1 || tokens > TOKENS_MAX)
        luaL_error(L, "call.sample needs max_tokens: a whole number from 1 to %d", TOKENS_MAX);
    question->kind = TH_ASK_SAMPLE;
    begin_params(question, &writer);
    build_messages(L, call, question, index, &writer);
    th_json_write_member_integer(&writer, "maxTokens", tokens);
    copy_field(L, index, "system", "systemPrompt", &writer);
    copy_field(L, index, "temperature", "temperature", &writer);
    copy_field(L, index, "stop", "stopSequences", &writer);
    copy_field(L, index, "models", "modelPreferences", &writer);
    copy_field(L, index, "metadata", "metadata", &writer);
    end_params(L, &writer, "call.sample");
}

static void build_roots(lua_State *L, th_question_t *question) {
    th_json_writer_t writer;
    question->kind = TH_ASK_ROOTS;
    begin_params(question, &writer);
    end_params(L, &writer, "call.roots");
}

/* One element of a list: a form, a url, { sample = {...} } or { roots = true }. */
void th_question_build(lua_State *L, th_call_t *call, th_question_t *question, int index) {
    static const char *const of_sample[] = {"key", "sample", NULL};
    static const char *const of_roots[] = {"key", "roots", NULL};
    if (lua_type(L, index) != LUA_TTABLE) luaL_error(L, "call.ask: each question is a table");
    take_key(L, call, question, index, "call.ask");
    if (has_field(L, index, "sample")) {
        check_names(L, index, of_sample, "call.ask");
        lua_pushliteral(L, "sample");
        if (lua_rawget(L, index) != LUA_TTABLE)
            luaL_error(L, "call.ask: sample must be a table, as call.sample takes it");
        build_sample(L, call, question, lua_gettop(L));
    } else if (has_field(L, index, "roots")) {
        check_names(L, index, of_roots, "call.ask");
        build_roots(L, question);
    } else if (has_field(L, index, "url")) {
        build_url(L, question, index);
    } else {
        build_form(L, call, question, index);
    }
}

void th_question_build_sample(lua_State *L, th_call_t *call, th_question_t *question, int index) {
    take_key(L, call, question, index, "call.sample");
    build_sample(L, call, question, index);
}

void th_question_build_roots(lua_State *L, th_call_t *call, th_question_t *question, int index) {
    static const char *const known[] = {"key", NULL};
    check_names(L, index, known, "call.roots");
    take_key(L, call, question, index, "call.roots");
    build_roots(L, question);
}
