/* test_chat_chaos.c - people, models, reloads and ends in any order, for thousands of steps: under
 * the sanitizers nothing may be touched after it went, every message fits the protocol and comes in
 * order, nobody hears of another's, every turn ends once, and nothing runs without a yes.
 * A step is chosen by a generator of the test's own, so a failure comes again with its seed
 * (TH_SEED, TH_STEPS). */
#include "chat_fixture.h"

#define CLIENTS 8
#define MODELS 64

/* --- chance ---------------------------------------------------------------------------------- */

static uint64_t chance_state;

static unsigned below(unsigned bound) {
    chance_state = chance_state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(chance_state >> 33) % bound;
}

/* --- models, any number at once -------------------------------------------------------------- */

typedef struct request {
    const th_completion_handlers_t *handlers;
    void *arg;
    bool open, calls;
    unsigned ids;
    char content[16384];
} request_t;

static request_t requests[MODELS];
static bool model_is_down;

static th_completion_t *chaos_start(th_provider_t *provider, const th_completion_request_t *request,
                                    const th_completion_handlers_t *handlers, void *arg,
                                    th_error_t *error) {
    (void)provider;
    th_json_parser_t *parser = th_json_parser_new();
    th_json_document_t *history =
        th_json_parse(parser, request->history_json, &th_json_limits_answer, NULL);
    assert_non_null(history); /* whatever happened before */
    th_json_unref(history);
    th_json_parser_free(parser);
    for (size_t i = 0; i < MODELS && !model_is_down; i++) {
        if (requests[i].open) continue;
        requests[i] = (request_t){.handlers = handlers, .arg = arg, .open = true};
        return (th_completion_t *)(void *)&requests[i];
    }
    (void)th_error_set(error, "broken", "The model is down.");
    return NULL;
}

static void chaos_cancel(th_completion_t *completion) {
    request_t *request = (request_t *)(void *)completion;
    assert_true(request->open);
    request->open = false;
}

static void chaos_close(th_provider_t *provider) {
    (void)provider;
    for (size_t i = 0; i < MODELS; i++)
        assert_false(requests[i].open);
}

static void chaos_spent(const th_completion_t *completion, th_usage_t *usage) {
    assert_true(((const request_t *)(const void *)completion)->open);
    usage->input_tokens = 7;
}

static const th_provider_operations_t chaos_operations = {"scripted", chaos_start, chaos_cancel,
                                                          chaos_close, chaos_spent};

static request_t *some_request(void) {
    unsigned from = below(MODELS);
    for (unsigned i = 0; i < MODELS; i++)
        if (requests[(from + i) % MODELS].open) return &requests[(from + i) % MODELS];
    return NULL;
}

static void put_block(request_t *request, const char *block) {
    size_t used = strlen(request->content);
    if (used + strlen(block) + 2 > sizeof request->content) return;
    (void)snprintf(request->content + used, sizeof request->content - used, "%s%s", used ? "," : "",
                   block);
}

static void model_talks(request_t *request) {
    if (request->calls) return; /* calls come last */
    put_block(request, "{\"type\":\"text\",\"text\":\"so\"}");
    request->handlers->text(request->arg, TH_SLICE("so"));
}

static void model_wants(request_t *request) {
    static const char *const tools[] = {"look", "alter", "make", "drop",  "find",
                                        "quiz", "slow",  "none", "paint", "paint"};
    static const char *const inputs[] = {"{}", "{\"what\":\"x\"}", "{\"what\":7}"};
    char block[512], id[32];
    if (request->ids >= 6) return;
    const char *tool = tools[below(10)], *input = inputs[below(3)];
    th_error_t unusable = {"bad_json", "It is cut."};
    (void)snprintf(id, sizeof id, "m%u", ++request->ids);
    (void)snprintf(block, sizeof block,
                   "{\"type\":\"tool_use\",\"id\":\"%s\",\"name\":\"%s\",\"input\":%s}", id, tool,
                   input);
    put_block(request, block);
    request->calls = true;
    request->handlers->tool_use(request->arg, th_slice_of(id), th_slice_of(tool),
                                th_slice_of(input), below(9) ? NULL : &unusable);
}

static void model_stops(request_t *request) {
    static const th_stop_reason_t reasons[] = {TH_STOP_END,     TH_STOP_LENGTH,  TH_STOP_PAUSE,
                                               TH_STOP_REFUSAL, TH_STOP_CONTEXT, TH_STOP_OTHER};
    char content[sizeof request->content + 3];
    th_usage_t usage = {3, 2, 1, 1};
    th_error_t error = {"broken", "It broke."};
    th_stop_reason_t reason = request->calls ? TH_STOP_TOOLS : reasons[below(6)];
    bool fails = !request->calls && below(6) == 0;
    (void)snprintf(content, sizeof content, "[%s]", request->content);
    request->open = false;
    request->handlers->done(request->arg, reason, th_slice_of(content), &usage,
                            fails || reason == TH_STOP_REFUSAL ? &error : NULL);
}

/* --- people ---------------------------------------------------------------------------------- */

typedef struct person {
    client_t *client;
    const char *key;
    char resume[33];
    int64_t after;
} person_t;

static person_t people[CLIENTS];
static size_t removals; /* that were seen to be done, with a yes */

static const char *someones_key(void) {
    static const char *const keys[] = {"good-ann", "good-bob", "good-ann-too", "bad-eve"};
    return keys[below(below(4) ? 3 : 4)];
}

/* The newest message of a type that this client saw; absent when none. */
static th_json_value_t newest(const client_t *client, const char *type) {
    unsigned skip = below(3);
    for (size_t i = client->count; i > 0; i--) {
        th_json_value_t message = th_json_root(client->messages[i - 1]);
        if (is_type(message, type) && skip-- == 0) return message;
    }
    return th_json_absent();
}

/* What was asked is the same person's, whichever of their keys they came with. */
static void check_whose(const person_t *person, th_json_value_t turn) {
    assert_memory_equal(text_of(turn, "text"), person->key, strlen("good-ann"));
}

/* Each removal that was done had its own yes; <to> is the place of its result. */
static void check_yes(const client_t *client, size_t to) {
    th_json_value_t result = th_json_root(client->messages[to]);
    bool called = false, approved = false;
    if (!flag_of(result, "ok") || flag_of(result, "again") ||
        strcmp(text_of(result, "tool"), "drop") != 0)
        return;
    for (size_t i = 0; i < to; i++) {
        th_json_value_t message = th_json_root(client->messages[i]);
        if (strcmp(text_of(message, "call"), text_of(result, "call")) != 0) continue;
        if (is_type(message, "tool_call")) called = true;
        if (is_type(message, "approval_closed"))
            approved = strcmp(text_of(message, "outcome"), "approved") == 0 ||
                       strcmp(text_of(message, "outcome"), "edited") == 0;
    }
    assert_true(approved || !called); /* not called here: it came later */
    removals += approved;
}

static void check_client(const person_t *person) {
    const client_t *client = person->client;
    int64_t last = -1;
    for (size_t i = 0; i < client->count; i++) {
        th_json_value_t message = th_json_root(client->messages[i]);
        int64_t seq = number_of(message, "seq");
        bool replays = is_type(message, "session") && flag_of(message, "replayed");
        if (is_type(message, "session")) last = -1; /* missed ones follow */
        if (last >= 0) assert_in_range(seq, last, last + 1);
        last = replays ? -1 : seq;
        if (is_type(message, "turn")) check_whose(person, message);
        if (is_type(message, "tool_result")) check_yes(client, i);
        th_json_iterator_t told = th_json_iterate(th_json_member(message, "snapshot"));
        while (is_type(message, "session") && th_json_next(&told))
            if (is_type(told.value, "turn")) check_whose(person, told.value);
    }
}

static void forget_client(person_t *person) {
    if (!person->client) return;
    check_client(person);
    free_client(person->client);
    person->client = NULL;
}

static void enter(chat_room_t *room, person_t *person) {
    char more[128] = "";
    forget_client(person);
    person->client = connect_client(room);
    if (!person->key || below(3) == 0) person->key = someones_key();
    if (below(8) == 0) return; /* and says nothing */
    if (person->resume[0] && below(3))
        (void)snprintf(more, sizeof more, ",\"resume\":\"%s\"", person->resume);
    if (person->resume[0] && below(3) == 0)
        (void)snprintf(more + strlen(more), sizeof more - strlen(more), ",\"after\":%u", below(40));
    if (below(4) == 0)
        (void)snprintf(more + strlen(more), sizeof more - strlen(more), ",\"join\":true");
    sayf(person->client, "{\"type\":\"auth\",\"id\":\"in\",\"api_key\":\"%s\",\"org_id\":\"%s\"%s}",
         person->key, below(10) ? "org" : "org2", more);
}

static void note_resume(person_t *person) {
    th_json_value_t session = newest(person->client, "session");
    if (*text_of(session, "resume"))
        (void)snprintf(person->resume, sizeof person->resume, "%s", text_of(session, "resume"));
}

static void answer_card(client_t *client, const char *verb) {
    static const char *const more[] = {"", "", ",\"scope\":\"session\"",
                                       ",\"arguments\":{\"what\":\"edited\"}",
                                       ",\"arguments\":{\"what\":5}"};
    th_json_value_t card = newest(client, "approval_request");
    if (!*text_of(card, "approval")) return;
    if (strcmp(verb, "deny") == 0)
        sayf(client, "{\"type\":\"deny\",\"approval\":\"%s\",\"reason\":\"no\"}",
             text_of(card, "approval"));
    else
        sayf(client, "{\"type\":\"approve\",\"approval\":\"%s\",\"digest\":\"%s\"%s}",
             text_of(card, "approval"), text_of(card, "digest"), more[below(5)]);
}

static void answer_question(client_t *client) {
    static const char *const actions[] = {"accept", "decline", "cancel"};
    th_json_value_t question = newest(client, "question");
    if (!*text_of(question, "question")) return;
    sayf(client, "{\"type\":\"reply\",\"question\":\"%s\",\"action\":\"%s\"%s}",
         text_of(question, "question"), actions[below(3)],
         below(3) ? ",\"content\":{\"colour\":\"red\"}" : "");
}

static void call_something(client_t *client) {
    static const char *const tools[] = {"look", "alter", "drop",  "quiz",
                                        "slow", "paint", "paint", "nothing"};
    const char *tool = tools[below(8)];
    sayf(client, "{\"type\":\"call\",\"id\":\"c\",\"tool\":\"%s\",\"arguments\":%s}", tool,
         strcmp(tool, "paint") == 0 ? "{\"what\":\"x\"}" : "{}");
}

static void say_something(person_t *person) {
    client_t *client = person->client;
    switch (below(24)) {
    case 0:
    case 1:
    case 2:
    case 3: ask(client, person->key); return;
    case 4:
    case 5:
    case 6:
    case 7: answer_card(client, "approve"); return;
    case 8: answer_card(client, "deny"); return;
    case 9:
    case 10: answer_question(client); return;
    case 11:
    case 12:
    case 13: call_something(client); return;
    case 14: say(client, "{\"type\":\"cancel\"}"); return;
    case 15: sayf(client, "{\"type\":\"cancel\",\"call\":\"c%u\"}", 1 + below(30)); return;
    case 16: say(client, "{\"type\":\"history\",\"id\":\"h\"}"); return;
    case 17: say(client, "{\"type\":\"tools\",\"id\":\"t\"}"); return;
    case 18: say(client, "{\"type\":\"settings\",\"id\":\"s\",\"revoke\":\"*\"}"); return;
    case 19: say(client, "{\"type\":\"forget\",\"what\":\"all\"}"); return;
    case 20:
        sayf(client, "{\"type\":\"auth\",\"api_key\":\"%s\",\"org_id\":\"org\"}", person->key);
        return;
    case 21: say(client, "{\"type\":\"nonsense\"}"); return;
    case 22: /* takes no more from some moment on: its owner ends it */
        if (client->room_for > MESSAGES_MAX && below(4) == 0) client->room_for = below(20);
        return;
    case 23:
        if (below(3) == 0) say(client, "{\"type\":\"sign_out\"}");
        return;
    }
}

/* --- the host -------------------------------------------------------------------------------- */

static void change_tools(chat_room_t *room) {
    static const char *const previews[] = {
        "return { target = 'x', before = 'a', after = { 'b' } }",
        "call.api:get('/organizations/{org}') return { target = 'y' }",
        "call.wait('20ms') return {}", "call.api:post('/organizations/{org}')"};
    char text[1024];
    (void)snprintf(text, sizeof text, "%s -- %u", ACTS("alter", "change"), below(2));
    tool_folder_write(&room->fixture->folder, "alter.lua", text);
    write_previewer(room->fixture, previews[below(4)]);
    reload_tools(room);
}

/* What the table of sessions does when it needs room, or finds one too old. */
static void end_some_session(chat_room_t *room) {
    th_list_t *all = &room->chat->conversations;
    if (th_list_is_empty(all)) return;
    th_conversation_t *conversation =
        TH_CONTAINER(below(2) ? all->next : all->prev, th_conversation_t, link);
    th_session_end(conversation->session);
}

static void something_happens(chat_room_t *room) {
    static const char *const ids[] = {"p1", "p2", "p3", ""};
    const th_chat_news_t news = {.org_id = "org",
                                 .name = "task.completed",
                                 .about = "A task was completed.",
                                 .process_id = ids[below(4)],
                                 .task_id = ids[below(4)],
                                 .data = TH_SLICE("{}")};
    (void)th_chat_tell(room->chat, &news);
}

static void host_does_something(chat_room_t *room) {
    fixture_t *fixture = room->fixture;
    switch (below(14)) {
    case 0: change_tools(room); return;
    case 1: end_some_session(room); return;
    case 2: atomic_store(&fixture->revoked, below(3) == 0); return;
    case 3: atomic_store(&fixture->down, below(3) == 0); return;
    case 4: model_is_down = below(4) == 0; return;
    case 5:
        fixture->settings.chat_approval_life = below(2) ? 100 : 600000;
        fixture->settings.chat_preview_time = below(2) ? 10 : 2000;
        return;
    case 6: fixture->settings.chat_rounds = 1 + below(4); return;
    case 7: fixture->settings.session_idle = below(4) ? 3600000 : 100; return;
    case 8: fixture->settings.chat_resume = below(3) ? 600000 : 50; return;
    case 9: something_happens(room); return;
    default: (void)uv_run(&fixture->worker.loop, UV_RUN_NOWAIT); return;
    }
}

static void model_does_something(void) {
    request_t *request = some_request();
    if (!request) return;
    switch (below(4)) {
    case 0: model_talks(request); return;
    case 1:
    case 2: model_wants(request); return;
    case 3: model_stops(request); return;
    }
}

static void step(chat_room_t *room) {
    person_t *person = &people[below(CLIENTS)];
    client_t *client = person->client;
    if (client && (client->code || client->count > MESSAGES_MAX - 80 ||
                   (client->room_for == 0 && below(8) == 0))) {
        forget_client(person);
        return;
    }
    switch (below(10)) {
    case 0:
        if (!client || below(6) == 0) enter(room, person);
        return;
    case 1:
        if (client && below(8) == 0) forget_client(person);
        return;
    case 2:
    case 3:
    case 4:
    case 5:
        if (!client) return;
        note_resume(person);
        say_something(person);
        return;
    case 6:
    case 7: model_does_something(); return;
    default: host_does_something(room); return;
    }
}

static void play(chat_room_t *room, uint64_t seed, unsigned steps) {
    chance_state = seed;
    model_is_down = false;
    memset(people, 0, sizeof people);
    static th_provider_t provider;
    provider = (th_provider_t){&chaos_operations, &room->fixture->worker};
    room->chat->provider = &provider;
    atomic_store(&room->fixture->server->gate, seed % 2 == 0); /* slow calls end, or do not */
    change_tools(room);
    for (unsigned i = 0; i < steps; i++)
        step(room);
    th_worker_stop(&room->fixture->worker); /* in the middle of it all */
    while (uv_run(&room->fixture->worker.loop, UV_RUN_NOWAIT) && below(3))
        ;
    for (size_t i = 0; i < CLIENTS; i++)
        forget_client(&people[i]);
    assert_true(th_list_is_empty(&room->chat->conversations));
    room->chat->provider = &model.provider;
    chaos_close(NULL);
}

static unsigned number_from(const char *name, unsigned otherwise) {
    const char *text = getenv(name);
    return text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

static void test_chaos(void **state) {
    static uint64_t seed;
    seed = seed ? seed + 1 : number_from("TH_SEED", 1);
    if (getenv("TH_SHOW")) print_message("seed %llu\n", (unsigned long long)seed);
    play(*state, seed, number_from("TH_STEPS", 2500));
    if (getenv("TH_SHOW")) print_message("%zu removals so far\n", removals);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        chat_test(test_chaos),
        chat_test(test_chaos),
        chat_test(test_chaos),
        chat_test(test_chaos),
    };
    th_error_t error;
    if (!th_random_start() || !th_fetch_global_start(&error)) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    th_fetch_global_stop();
    if (!failed && removals == 0) print_error("nothing was ever removed: this shows little\n");
    return failed || removals == 0;
}
