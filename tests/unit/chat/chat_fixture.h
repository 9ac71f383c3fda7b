/* chat_fixture.h - a chat over real sessions and a scripted Tallyfy (session/sessions_fixture.h),
 * with a model that says what the test makes it say. Every message that leaves the chat is checked
 * against protocol.schema.json. */
#ifndef TH_TESTS_CHAT_FIXTURE_H
#define TH_TESTS_CHAT_FIXTURE_H

#include "session/sessions_fixture.h"

#include <inttypes.h>

#include "chat/chat_internal.h"
#include "chat/turn.h"
#include "json/schema.h"

/* --- a model --------------------------------------------------------------------------------- */

struct th_completion {
    const th_completion_handlers_t *handlers;
    void *arg;
};

typedef struct model {
    th_provider_t provider; /* first */
    th_completion_t *open;  /* the request under way; at most one in these tests */
    unsigned started, cancelled;
    char *system, *history, *tools; /* of the newest request, owned */
    char content[8192];             /* the blocks of the answer so far */
} model_t;

static model_t model; /* one per test program; open_chat() clears it */

static char *copy_of(th_slice_t text) {
    char *copy = malloc(text.length + 1);
    assert_non_null(copy);
    if (text.length) memcpy(copy, text.data, text.length);
    copy[text.length] = '\0';
    return copy;
}

static void forget_request(void) {
    free(model.system);
    free(model.history);
    free(model.tools);
    model.system = model.history = model.tools = NULL;
}

static th_completion_t *model_start(th_provider_t *provider, const th_completion_request_t *request,
                                    const th_completion_handlers_t *handlers, void *arg,
                                    th_error_t *error) {
    (void)provider, (void)error;
    assert_null(model.open);
    forget_request();
    model.system = copy_of(request->system);
    model.history = copy_of(request->history_json);
    model.tools = copy_of(request->tools_json);
    model.content[0] = '\0';
    model.started++;
    model.open = malloc(sizeof *model.open);
    assert_non_null(model.open);
    *model.open = (th_completion_t){handlers, arg};
    return model.open;
}

static void model_cancel(th_completion_t *completion) {
    assert_ptr_equal(completion, model.open);
    model.cancelled++;
    free(model.open);
    model.open = NULL;
}

static void model_close(th_provider_t *provider) {
    (void)provider;
    assert_null(model.open);
    forget_request();
}

static const th_provider_operations_t model_operations = {"scripted", model_start, model_cancel,
                                                          model_close, NULL};

th_provider_t *th_provider_open(th_worker_t *worker, const th_model_key_t *key, th_error_t *error) {
    (void)key, (void)error;
    model = (model_t){.provider = {&model_operations, worker}};
    return &model.provider;
}

static inline void add_block(const char *block) {
    size_t used = strlen(model.content);
    (void)snprintf(model.content + used, sizeof model.content - used, "%s%s", used ? "," : "",
                   block);
}

static inline void model_says(const char *text) {
    char block[4096];
    assert_non_null(model.open);
    (void)snprintf(block, sizeof block, "{\"type\":\"text\",\"text\":\"%s\"}", text);
    add_block(block);
    model.open->handlers->text(model.open->arg, th_slice_of(text));
}

static inline void model_calls(const char *id, const char *tool, const char *input) {
    char block[4096];
    assert_non_null(model.open);
    (void)snprintf(block, sizeof block,
                   "{\"type\":\"tool_use\",\"id\":\"%s\",\"name\":\"%s\",\"input\":%s}", id, tool,
                   input);
    add_block(block);
    model.open->handlers->tool_use(model.open->arg, th_slice_of(id), th_slice_of(tool),
                                   th_slice_of(input), NULL);
}

static inline void model_fails(th_stop_reason_t reason, const char *code) {
    char content[8400];
    th_completion_t completion = *model.open;
    th_usage_t usage = {10, 5, 2, 1};
    th_error_t error = {{0}, {0}};
    (void)snprintf(content, sizeof content, "[%s]", model.content);
    if (code) th_error_set(&error, code, "The model says: %s.", code);
    free(model.open);
    model.open = NULL;
    completion.handlers->done(completion.arg, reason, th_slice_of(content), &usage,
                              code ? &error : NULL);
}

static inline void model_ends(th_stop_reason_t reason) {
    model_fails(reason, NULL);
}

/* --- a client -------------------------------------------------------------------------------- */

#define MESSAGES_MAX 512

typedef struct client {
    struct chat_room *room;
    th_chat_connection_t *connection; /* NULL once it went */
    th_json_document_t *messages[MESSAGES_MAX];
    size_t count, seen; /* received; looked at by expect() */
    unsigned code;      /* of the close, 0 = open */
    size_t room_for;    /* how many more are taken */
    unsigned ids;
} client_t;

typedef struct chat_room {
    fixture_t *fixture;
    th_chat_t *chat;
    th_schema_t *schema;
} chat_room_t;

static inline void check_schema(const chat_room_t *room, th_json_document_t *document,
                                th_slice_t text) {
    th_schema_report_t report = {0};
    if (th_schema_validate(room->schema, th_json_root(document), &report)) return;
    fail_msg("%s %s in %.*s", report.errors[0].instance_path, report.errors[0].message,
             (int)(text.length > 600 ? 600 : text.length), text.data);
}

static bool client_send(void *arg, th_slice_t text) {
    client_t *client = arg;
    th_error_t error = {{0}, {0}};
    if (client->room_for == 0) return false;
    client->room_for--;
    th_json_document_t *document =
        th_json_parse(client->room->fixture->worker.parser, text, &th_json_limits_answer, &error);
    assert_non_null(document);
    check_schema(client->room, document, text);
    assert_in_range(client->count, 0, MESSAGES_MAX - 1);
    client->messages[client->count++] = document;
    return true;
}

static void client_end(void *arg, unsigned code, const char *reason) {
    client_t *client = arg;
    assert_true(strlen(reason) < 124);
    assert_int_equal(client->code, 0);
    client->code = code;
}

static const th_chat_wire_t client_wire = {client_send, client_end};

static inline client_t *connect_client(chat_room_t *room) {
    client_t *client = calloc(1, sizeof *client);
    assert_non_null(client);
    client->room = room;
    client->room_for = SIZE_MAX;
    client->connection = th_chat_connect(room->chat, &client_wire, client, true);
    assert_non_null(client->connection);
    return client;
}

static inline void lose(client_t *client) {
    if (client->connection) th_chat_disconnect(client->connection);
    client->connection = NULL;
}

static inline void free_client(client_t *client) {
    lose(client);
    for (size_t i = 0; i < client->count; i++)
        th_json_unref(client->messages[i]);
    free(client);
}

static inline void say(client_t *client, const char *json) {
    char *text = copy_of(th_slice_of(json)); /* its owner wipes it */
    th_chat_receive(client->connection, th_slice_of(text));
    explicit_bzero(text, strlen(text));
    free(text);
}

__attribute__((format(printf, 2, 3))) static inline void sayf(client_t *client, const char *format,
                                                              ...) {
    char json[16384];
    va_list list;
    va_start(list, format);
    (void)vsnprintf(json, sizeof json, format, list);
    va_end(list);
    say(client, json);
    explicit_bzero(json, sizeof json);
}

/* --- what came ------------------------------------------------------------------------------- */

static inline bool is_type(th_json_value_t message, const char *type) {
    th_slice_t text;
    return th_json_string(th_json_member(message, "type"), &text) && th_slice_is(text, type);
}

/* A member's text, "" when it is none; "a/b" looks inside. Borrowed for a while. */
static inline const char *text_of(th_json_value_t message, const char *path) {
    static char texts[8][16384];
    static unsigned next;
    char *out = texts[next++ % 8];
    th_slice_t text = {"", 0};
    th_json_value_t value = message;
    while (*path) {
        size_t length = strcspn(path, "/");
        int64_t index;
        value = th_json_is_array(value) && sscanf(path, "%" SCNd64, &index) == 1
                    ? th_json_at(value, (size_t)index)
                    : th_json_get(value, th_slice(path, length));
        path += length + (path[length] == '/');
    }
    (void)th_json_string(value, &text);
    (void)snprintf(out, sizeof texts[0], "%.*s", (int)text.length, text.data);
    return out;
}

static inline int64_t number_of(th_json_value_t message, const char *member) {
    int64_t number = -1;
    (void)th_json_integer(th_json_member(message, member), &number);
    return number;
}

static inline bool flag_of(th_json_value_t message, const char *member) {
    bool flag = false;
    assert_true(th_json_boolean(th_json_member(message, member), &flag));
    return flag;
}

/* Waits for the next message of that type behind the last one that was looked at. */
static inline th_json_value_t expect(client_t *client, const char *type) {
    for (;;) {
        while (client->seen < client->count) {
            th_json_value_t message = th_json_root(client->messages[client->seen++]);
            if (is_type(message, type)) return message;
            if (is_type(message, "error") && getenv("TH_SHOW"))
                print_message("%s: %s\n", text_of(message, "code"), text_of(message, "message"));
        }
        pump(client->room->fixture);
    }
}

static inline void expect_error(client_t *client, const char *code) {
    assert_string_equal(text_of(expect(client, "error"), "code"), code);
}

static inline size_t count_of_type(const client_t *client, const char *type) {
    size_t count = 0;
    for (size_t i = 0; i < client->count; i++)
        if (is_type(th_json_root(client->messages[i]), type)) count++;
    return count;
}

/* Events are numbered 1, 2, 3 ... without gaps; replies carry the last one's number. */
static inline void check_numbers(const client_t *client, int64_t from) {
    for (size_t i = 0; i < client->count; i++) {
        int64_t seq = number_of(th_json_root(client->messages[i]), "seq");
        if (seq == from + 1) from = seq;
        assert_int_equal(seq, from);
    }
}

/* --- the room -------------------------------------------------------------------------------- */

#define ACTS(name, effect)                                                                         \
    "tool \"" name "\" { title = \"The " name "\"; about = \"About " name "\"; effect = \"" effect \
    "\";\ninput = { text \"what\" { \"What\", optional = true } };\n"                              \
    "run = function (args) return \"" name " \" .. (args.what or \"nothing\") end }"

static inline void write_chat_tools(fixture_t *fixture) {
    tool_folder_write(&fixture->folder, "look.lua", ACTS("look", "read"));
    tool_folder_write(&fixture->folder, "alter.lua", ACTS("alter", "change"));
    tool_folder_write(&fixture->folder, "make.lua", ACTS("make", "add"));
    tool_folder_write(&fixture->folder, "drop.lua", ACTS("drop", "remove"));
    tool_folder_write(
        &fixture->folder, "find.lua",
        "tool \"find\" { title = \"Find\"; about = \"Finds\"; effect = \"read\";\n"
        "run = function () return { text = \"found\", data = {\n"
        "id = \"0123456789abcdef0123456789abcdef\", title = \"Call\", note = \"old\" } }\n"
        "end }");
    tool_folder_write(&fixture->folder, "rename.lua",
                      "tool \"rename\" { title = \"Rename\"; about = \"R\"; effect = \"change\";\n"
                      "input = { text \"task_id\" { \"It\" }; text \"note\" { \"Note\" };\n"
                      "text \"title\" { \"Title\" } }; run = function () return \"renamed\" end }");
    tool_folder_write(&fixture->folder, "quiz.lua",
                      "local which = form { text \"colour\" { \"The colour\" } }\n"
                      "tool \"quiz\" { title = \"Quiz\"; about = \"Asks\"; effect = \"read\";\n"
                      "run = function (args, call)\n"
                      "local a, err = call.ask { message = \"Which colour?\", fields = which }\n"
                      "if not a then return nil, err end return \"colour \" .. a.colour end }");
}

/* A tool that shows what it would change: <preview> is the body of that function. */
static inline void write_previewer(fixture_t *fixture, const char *preview) {
    char text[2048];
    (void)snprintf(text, sizeof text,
                   "tool \"paint\" { title = \"Paint\"; about = \"Paints\"; effect = \"change\";\n"
                   "input = { text \"what\" { \"What\", max = 200000 } };\n"
                   "preview = function (args, call) %s end;\n"
                   "run = function (args) return \"painted \" .. args.what end }",
                   preview);
    tool_folder_write(&fixture->folder, "paint.lua", text);
}

static inline void reload_tools(chat_room_t *room) {
    fixture_t *fixture = room->fixture;
    th_problems_t problems = {0};
    th_catalogue_t *next = th_catalogue_load(&fixture->settings, NULL, &problems);
    if (!next) fail_msg("%s: %s", problems.list[0].file, problems.list[0].message);
    th_sessions_set_catalogue(fixture->sessions, next);
    th_catalogue_unref(fixture->catalogue);
    fixture->catalogue = next;
    if (room->chat) th_chat_tools_changed(room->chat);
}

static inline th_schema_t *compile_server_schema(th_json_parser_t *parser) {
    th_error_t error = {{0}, {0}};
    th_json_document_t *document =
        th_json_parse(parser, th_chat_protocol_schema, &th_json_limits_answer, &error);
    assert_non_null(document);
    th_buffer_t text;
    th_json_writer_t json;
    th_buffer_init(&text, 1 << 20);
    th_json_writer_init(&json, &text, 0);
    th_json_write_object(&json);
    th_json_write_member_text(&json, "$ref", "#/$defs/server");
    th_json_write_member_value(&json, "$defs", th_json_member(th_json_root(document), "$defs"));
    th_json_write_end(&json);
    assert_true(th_json_writer_finish(&json, &error));
    th_json_document_t *wrapped =
        th_json_parse(parser, th_buffer_slice(&text), &th_json_limits_answer, &error);
    th_schema_t *schema = th_schema_compile(th_json_root(wrapped), &error);
    if (!schema) fail_msg("%s", error.message);
    th_json_unref(wrapped);
    th_json_unref(document);
    th_buffer_reset(&text);
    return schema;
}

static inline int open_chat(void **state) {
    chat_room_t *room = calloc(1, sizeof *room);
    th_error_t error = {{0}, {0}};
    assert_non_null(room);
    open_fixture((void **)&room->fixture);
    room->fixture->settings.session_per_principal = 8;
    room->fixture->settings.session_calls = 8;
    room->fixture->settings.session_queue = 8;
    write_chat_tools(room->fixture);
    reload_tools(room);
    room->schema = compile_server_schema(room->fixture->worker.parser);
    room->chat = th_chat_open(&room->fixture->worker, room->fixture->sessions, NULL, &error);
    if (!room->chat) fail_msg("%s", error.message);
    *state = room;
    return 0;
}

static inline int close_chat(void **state) {
    chat_room_t *room = *state;
    fixture_t *fixture = room->fixture;
    atomic_store(&fixture->server->gate, true);
    th_worker_stop(&fixture->worker);
    th_worker_run(&fixture->worker);
    th_chat_close(room->chat);
    th_schema_free(room->schema);
    free(room);
    *state = fixture;
    return close_fixture(state);
}

/* Signs in and returns the session message. */
static inline th_json_value_t sign_in_with(client_t *client, const char *key, const char *more) {
    sayf(client, "{\"type\":\"auth\",\"id\":\"in\",\"api_key\":\"%s\",\"org_id\":\"org\"%s}", key,
         more);
    return expect(client, "session");
}

static inline client_t *signed_in(chat_room_t *room, const char *key) {
    client_t *client = connect_client(room);
    (void)sign_in_with(client, key, "");
    return client;
}

static inline void ask(client_t *client, const char *text) {
    sayf(client, "{\"type\":\"ask\",\"id\":\"ask%u\",\"text\":\"%s\"}", ++client->ids, text);
}

#define chat_test(function) cmocka_unit_test_setup_teardown(function, open_chat, close_chat)

#endif
