/* call_fixture.h - for tests: a worker, a catalogue made of tool bodies, a fake API, and calls
 * whose results are kept. Include once per test program. */
#ifndef TH_TESTS_CALL_FIXTURE_H
#define TH_TESTS_CALL_FIXTURE_H

#include <fcntl.h>

#include "config/config.h"
#include "fake_api.h"
#include "script/call.h"
#include "tool_folder.h"

typedef struct result {
    bool done;
    unsigned order; /* of all calls that are done */
    th_call_outcome_t outcome;
    char text[2048], data[2048], content[512];
    size_t data_length;
    char code[64], message[2048], field[128], hint[2048];
    unsigned progress;
    double last_done, last_total;
    char log[256];
    char answer[2048]; /* contents, messages or values */
    char description[256];
    int64_t total;
    bool has_more;
    unsigned asks, signals; /* how often it asked; detach and become_task */
    size_t asked;           /* questions the last time, and all of them: "key=params key=params" */
    char ask[4096];
    char changed[256];
    th_call_t *call;
    void (*then)(struct result *result); /* called at the end of done */
    void *then_arg;
} result_t;

typedef struct fixture {
    th_settings_t settings;
    th_log_t log;
    FILE *log_file; /* a temporary file */
    th_worker_t worker;
    tool_folder_t folder;
    th_catalogue_t *catalogue;
    th_api_t api;
    th_script_t *script, *other;
    th_call_person_t person;
    unsigned done_count;
    /* Of the next call: */
    th_call_kind_t kind;
    const char *uri, *argument, *value, *answers;
    /* How the client behaves: */
    bool refuse_asks, cancel_on_ask;
    unsigned deaf;                /* bits of th_ask_kind_t that it cannot be asked */
    const char *forbidden;        /* an item that the policy forbids */
    const char *forbidden_domain; /* of routes, likewise */
} fixture_t;

static fixture_t fixture;

static const char *fixture_answer(th_api_t *api, const char *asked);

static inline void fixture_open(void) {
    memset(&fixture, 0, sizeof fixture);
    th_settings_defaults(&fixture.settings);
    fixture.settings.script_memory = 8 << 20;
    fixture.settings.script_cpu = 200;
    fixture.settings.script_slice = 2;
    fixture.settings.script_call_timeout = 60000;
    fixture.settings.script_result_bytes = 64 * 1024;
    fixture.settings.script_pattern_steps = 100000;
    fixture.settings.script_requests = 20;
    fixture.settings.script_parallel = 4;
    fixture.log_file = tmpfile();
    assert_non_null(fixture.log_file);
    fixture.log = (th_log_t){fileno(fixture.log_file), TH_LOG_DEBUG, TH_LOG_TEXT};
    tool_folder_open(&fixture.folder);
    snprintf(fixture.settings.script_tools, sizeof fixture.settings.script_tools, "%s",
             fixture.folder.path);
    th_error_t error = {.code = ""};
    assert_true(th_worker_open(&fixture.worker, 0, &fixture.settings, &fixture.log, &error));
    fake_api_open(&fixture.api, &fixture.worker, fixture_answer);
    fixture.person = (th_call_person_t){.user_id = 42,
                                        .name = "Ann",
                                        .email = "ann@example.com",
                                        .role = "admin",
                                        .org_id = "org1",
                                        .org_name = "Org One",
                                        .timezone = "Europe/Oslo"};
}

static inline void fixture_run(void) {
    uv_run(&fixture.worker.loop, UV_RUN_NOWAIT);
}

static inline void fixture_close(void) {
    th_script_close(fixture.script);
    th_script_close(fixture.other);
    fake_api_close(&fixture.api);
    th_catalogue_unref(fixture.catalogue);
    th_worker_stop(&fixture.worker);
    th_worker_run(&fixture.worker);
    th_worker_close(&fixture.worker);
    tool_folder_close(&fixture.folder);
    fclose(fixture.log_file);
}

/* A tool without checked arguments whose `run` is <body>. */
static inline void fixture_tool(const char *name, const char *body) {
    char file[96], text[4096];
    snprintf(file, sizeof file, "%s.lua", name);
    snprintf(text, sizeof text,
             "tool \"%s\" { title = \"T\"; about = \"A\"; effect = \"%s\"; schema = { type = "
             "\"object\" };\n"
             "run = function (args, call)\n%s\nend; }\n",
             name, tool_folder_effect(body), body);
    tool_folder_write(&fixture.folder, file, text);
}

/* Reads the folder into a new generation and opens two states, if they are not open. */
static inline void fixture_load(void) {
    th_problems_t problems;
    th_error_t error = {.code = ""};
    th_catalogue_t *fresh = th_catalogue_load(&fixture.settings, NULL, &problems);
    if (!fresh) fail_msg("%s: %s", problems.list[0].file, problems.list[0].message);
    th_catalogue_unref(fixture.catalogue);
    fixture.catalogue = fresh;
    if (!fixture.script) fixture.script = th_script_open(&fixture.worker, &error);
    if (!fixture.other) fixture.other = th_script_open(&fixture.worker, &error);
    assert_non_null(fixture.script);
    assert_non_null(fixture.other);
}

static inline void copy_slice(char *out, size_t size, th_slice_t slice) {
    snprintf(out, size, "%.*s", (int)slice.length, slice.data ? slice.data : "");
}

static inline void on_done(void *arg, th_call_t *call, const th_call_result_t *result) {
    result_t *kept = arg;
    assert_false(kept->done); /* exactly once */
    kept->done = true;
    kept->order = ++fixture.done_count;
    kept->outcome = result->outcome;
    copy_slice(kept->text, sizeof kept->text, result->text);
    copy_slice(kept->data, sizeof kept->data, result->data);
    copy_slice(kept->content, sizeof kept->content, result->content);
    kept->data_length = result->data.length;
    if (result->outcome == TH_CALL_OK) {
        if (fixture.kind == TH_CALL_TOOL)
            assert_true(result->text.length > 0 || result->content.length > 2);
        copy_slice(kept->answer, sizeof kept->answer,
                   result->contents.data   ? result->contents
                   : result->messages.data ? result->messages
                                           : result->values);
        copy_slice(kept->description, sizeof kept->description, result->description);
        kept->total = result->total;
        kept->has_more = result->has_more;
    } else {
        assert_true(result->code[0] && result->message[0]);
        snprintf(kept->code, sizeof kept->code, "%s", result->code);
        snprintf(kept->message, sizeof kept->message, "%s", result->message);
        snprintf(kept->field, sizeof kept->field, "%s", result->field);
        snprintf(kept->hint, sizeof kept->hint, "%s", result->hint);
    }
    kept->call = call;
    if (kept->then) kept->then(kept);
    kept->call = NULL;
}

static inline void on_progress(void *arg, double done, double total, th_slice_t message) {
    result_t *kept = arg;
    kept->progress++;
    kept->last_done = done;
    kept->last_total = total;
    copy_slice(kept->log, sizeof kept->log, message);
}

static inline void on_log(void *arg, const th_note_t *note) {
    copy_slice(((result_t *)arg)->log, sizeof((result_t *)arg)->log, note->text);
}

/* Keeps what was asked, and refuses or cancels as the test wants. */
static inline bool on_ask(void *arg, const th_ask_t *asks, size_t count, th_error_t *error) {
    result_t *kept = arg;
    kept->asked = count;
    kept->asks++;
    kept->ask[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        char line[1024];
        snprintf(line, sizeof line, "%s%.*s=%.*s", i ? " " : "", (int)asks[i].key.length,
                 asks[i].key.data, (int)asks[i].params.length, asks[i].params.data);
        strncat(kept->ask, line, sizeof kept->ask - strlen(kept->ask) - 1);
    }
    if (fixture.refuse_asks) return th_error_set(error, "cannot_ask", "Not on this wire.");
    if (fixture.cancel_on_ask) th_call_cancel(kept->call);
    return true;
}

static inline bool on_can_ask(void *arg, th_ask_kind_t kind) {
    (void)arg;
    return !(fixture.deaf & (1u << kind));
}

static inline void on_changed(void *arg, th_changed_t what, th_slice_t uri) {
    result_t *kept = arg;
    snprintf(kept->changed, sizeof kept->changed, "%d %.*s", (int)what, (int)uri.length,
             uri.data ? uri.data : "");
}

static inline void on_signal(void *arg) {
    ((result_t *)arg)->signals++;
}

static inline bool on_allows(void *arg, const th_item_t *item) {
    (void)arg;
    return !fixture.forbidden || strcmp(fixture.forbidden, item->name) != 0;
}

static inline bool on_allows_route(void *arg, const char *domain, th_effect_t effect,
                                   th_error_t *error) {
    (void)arg, (void)effect;
    if (!fixture.forbidden_domain || strcmp(fixture.forbidden_domain, domain) != 0) return true;
    return th_error_set(error, "forbidden", "Not %s.", domain);
}

static const th_call_client_t fixture_client = {.progress = on_progress,
                                                .log = on_log,
                                                .ask = on_ask,
                                                .can_ask = on_can_ask,
                                                .changed = on_changed,
                                                .detach = on_signal,
                                                .become_task = on_signal,
                                                .allows = on_allows,
                                                .allows_route = on_allows_route};

static inline const th_item_t *fixture_item(const char *name) {
    th_slice_t key = th_slice_of(name);
    const th_item_t *item = th_catalogue_find(fixture.catalogue, key);
    if (!item) item = th_catalogue_prompt_find(fixture.catalogue, key);
    for (size_t i = 0; !item && i < th_catalogue_resource_count(fixture.catalogue); i++) {
        const th_item_t *resource = th_catalogue_resource(fixture.catalogue, i);
        if (strcmp(resource->name, name) == 0) item = resource;
    }
    return item;
}

static inline th_json_document_t *fixture_json(const char *text) {
    th_error_t error = {.code = ""};
    if (!text) return NULL;
    th_json_document_t *document =
        th_json_parse(fixture.worker.parser, th_slice_of(text), &th_json_limits_request, &error);
    assert_non_null(document);
    return document;
}

/* Starts the tool <name> in <script> with <arguments> (JSON, or NULL). */
static inline void fixture_start(th_script_t *script, const char *name, const char *arguments,
                                 result_t *result) {
    void (*then)(result_t *) = result->then;
    void *then_arg = result->then_arg;
    memset(result, 0, sizeof *result);
    result->then = then;
    result->then_arg = then_arg;
    th_error_t error = {.code = ""};
    th_json_document_t *document = fixture_json(arguments);
    th_json_document_t *answers = fixture_json(fixture.answers);
    th_call_request_t request = {.catalogue = fixture.catalogue,
                                 .kind = fixture.kind,
                                 .tool = fixture_item(name),
                                 .arguments = th_json_root(document),
                                 .uri = th_slice_of(fixture.uri),
                                 .argument = th_slice_of(fixture.argument),
                                 .value = th_slice_of(fixture.value),
                                 .answers = th_json_root(answers),
                                 .api = &fixture.api,
                                 .person = &fixture.person,
                                 .client = &fixture_client,
                                 .call_id = "c0ffee"};
    assert_non_null(request.tool);
    result->call = th_call_start(script, &request, on_done, result, &error);
    th_json_unref(document);
    th_json_unref(answers);
    assert_non_null(result->call);
    assert_false(result->done); /* never from inside start */
}

/* Turns the loop until the call is done. */
static inline void fixture_finish(const result_t *result) {
    while (!result->done)
        uv_run(&fixture.worker.loop, UV_RUN_ONCE);
}

static inline void fixture_call(const char *name, const char *arguments, result_t *result) {
    fixture_start(fixture.script, name, arguments, result);
    fixture_finish(result);
}

/* Does the log have <part> in it? */
static inline bool fixture_logged(const char *part) {
    static char text[1 << 20];
    ssize_t length = pread(fileno(fixture.log_file), text, sizeof text - 1, 0);
    assert_true(length >= 0);
    text[length] = '\0';
    return strstr(text, part) != NULL;
}

#endif
