/* fake_host.h - stand-ins for what stands around core/mcp, for its unit tests: sessions that do as
 * told, a small catalogue. They define the functions of session.h and catalogue.h (and the few of
 * call.h that are pure), so the linker takes these instead of the real rooms. */
#ifndef TH_TESTS_MCP_FAKE_HOST_H
#define TH_TESTS_MCP_FAKE_HOST_H

#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/random.h"
#include "mcp/mcp.h"
#include "json/writer.h"

/* --- sessions -----------------------------------------------------------------------------------
 */

struct th_grant {
    int references;
    char principal[64];
    th_call_person_t person;
};

struct th_session {
    char id[TH_ID_SIZE];
    char principal[64];
    void *attachment;
    void (*drop)(void *);
    bool used;
};

struct th_running {
    th_call_kind_t kind;
    const th_item_t *item;
    char uri[128], argument[64], value[64];
    char answers[512]; /* JSON: known when it started, then what th_running_answer() brought */
    bool written;      /* what th_running_has_written() says */
    bool answered;
    const th_call_client_t *client;
    void (*done)(void *arg, const th_call_result_t *result);
    void *arg;
    th_session_t *session;
    th_json_document_t *document; /* of the arguments, kept as the real one does */
    char arguments[256];
    bool cancelled;
    bool active;
};

struct th_verification {
    th_verified_t done;
    void *arg;
    char key[64];
};

#define FAKE_SESSIONS 8
#define FAKE_CALLS 8

struct th_sessions {
    th_catalogue_t *catalogue;
    th_session_t session[FAKE_SESSIONS];
    th_running_t call[FAKE_CALLS];
    size_t calls;
    th_verification_t pending; /* when <defer> is set */
    bool defer, is_pending;
    bool busy, full;    /* refuse calls, sessions */
    const char *hide;   /* a tool the policy forbids */
    const char *scoped; /* a tool that nobody's token has the scope for */
    int grants;         /* alive */
    uint64_t generation;
    const char *prompt_list; /* instead of the usual one */
};

static struct th_sessions fake; /* one per test program: set_up() clears it */

static th_grant_t *fake_grant(const char *principal) {
    th_grant_t *grant = calloc(1, sizeof *grant);
    grant->references = 1;
    (void)snprintf(grant->principal, sizeof grant->principal, "%s", principal);
    (void)snprintf(grant->person.org_id, sizeof grant->person.org_id, "org");
    fake.grants++;
    return grant;
}

const th_call_person_t *th_grant_person(const th_grant_t *grant) {
    return &grant->person;
}

void th_sessions_derive_key(const th_sessions_t *sessions, const char *purpose,
                            unsigned char key[static 32]) {
    (void)sessions;
    memset(key, (unsigned char)purpose[0], 32);
}

th_grant_t *th_grant_ref(th_grant_t *grant) {
    grant->references++;
    return grant;
}

void th_grant_unref(th_grant_t *grant) {
    if (!grant || --grant->references > 0) return;
    fake.grants--;
    free(grant);
}

bool th_grant_allows(const th_grant_t *grant, const th_item_t *tool, th_error_t *error) {
    (void)grant;
    (void)error;
    return !fake.hide || strcmp(fake.hide, tool->name) != 0;
}

/* Another tool, one that the policy lets only tokens with a scope use. */
bool th_grant_set_profile(th_grant_t *grant, th_slice_t name, th_error_t *error) {
    (void)grant;
    if (th_slice_is(name, "operator")) return true;
    return th_error_set(error, "unknown_profile", "There is no such profile; there is operator.");
}

bool th_session_request_unwrap(const th_catalogue_t *catalogue, th_session_request_t *request,
                               th_error_t *error) {
    (void)catalogue, (void)request, (void)error; /* no tool here is a relay */
    return true;
}

bool th_grant_missing_scope(const th_grant_t *grant, const th_tool_t *tool, char *scope,
                            size_t size) {
    (void)grant;
    if (!fake.scoped || strcmp(fake.scoped, tool->name) != 0) return false;
    (void)snprintf(scope, size, "mcp.tasks.write");
    return true;
}

const char *th_grant_scopes(const th_grant_t *grant) {
    (void)grant;
    return "openid mcp.users.read";
}

const char *th_grant_principal(const th_grant_t *grant) {
    return grant->principal;
}

/* The key decides: "none" and the like are refused, any other key is its own principal. */
static void fake_verdict(th_verified_t done, void *arg, const char *key) {
    static const struct {
        const char *key;
        th_refusal_t refusal;
    } verdicts[] = {{"", TH_REFUSAL_NO_CREDENTIAL},      {"bad", TH_REFUSAL_BAD_CREDENTIAL},
                    {"homeless", TH_REFUSAL_NO_ORG},     {"foreign", TH_REFUSAL_FORBIDDEN},
                    {"offline", TH_REFUSAL_UNAVAILABLE}, {"busy", TH_REFUSAL_BUSY}};
    for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++) {
        if (strcmp(key, verdicts[i].key) != 0) continue;
        th_error_t why = {"refused", ""};
        done(arg, NULL, verdicts[i].refusal, &why);
        return;
    }
    done(arg, fake_grant(key), TH_REFUSAL_NONE, NULL);
}

th_verification_t *th_sessions_verify(th_sessions_t *sessions, th_slice_t api_key,
                                      th_slice_t org_id, th_verified_t done, void *arg) {
    char key[64];
    (void)org_id;
    (void)snprintf(key, sizeof key, "%.*s", (int)api_key.length, api_key.data ? api_key.data : "");
    if (!sessions->defer) {
        fake_verdict(done, arg, key);
        return NULL;
    }
    sessions->pending.done = done;
    sessions->pending.arg = arg;
    memcpy(sessions->pending.key, key, sizeof key);
    sessions->is_pending = true;
    return &sessions->pending;
}

void th_verification_cancel(th_verification_t *verification) {
    assert_ptr_equal(verification, &fake.pending);
    fake.is_pending = false;
}

__attribute__((unused)) static void fake_verify_now(void) {
    assert_true(fake.is_pending);
    fake.is_pending = false;
    fake_verdict(fake.pending.done, fake.pending.arg, fake.pending.key);
}

th_session_t *th_session_begin(th_sessions_t *sessions, const th_grant_t *grant,
                               th_error_t *error) {
    for (size_t i = 0; i < FAKE_SESSIONS && !sessions->full; i++) {
        th_session_t *session = &sessions->session[i];
        if (session->used) continue;
        *session = (th_session_t){.used = true};
        (void)snprintf(session->id, sizeof session->id, "session-%zu", i);
        memcpy(session->principal, grant->principal, sizeof session->principal);
        return session;
    }
    th_error_set(error, "too_many_sessions", "all sessions are busy");
    return NULL;
}

th_session_t *th_session_of_principal(th_sessions_t *sessions, const th_grant_t *grant,
                                      th_error_t *error) {
    return th_session_begin(sessions, grant, error);
}

th_session_t *th_session_find(th_sessions_t *sessions, th_slice_t id, const th_grant_t *grant) {
    for (size_t i = 0; i < FAKE_SESSIONS; i++) {
        th_session_t *session = &sessions->session[i];
        if (session->used && th_slice_is(id, session->id) &&
            strcmp(session->principal, grant->principal) == 0)
            return session;
    }
    return NULL;
}

const char *th_session_id(const th_session_t *session) {
    return session->id;
}

void th_session_end(th_session_t *session) {
    if (!session->used) return;
    session->used = false;
    if (session->drop) session->drop(session->attachment);
    for (size_t i = 0; i < fake.calls; i++)
        if (fake.call[i].active && fake.call[i].session == session) fake.call[i].cancelled = true;
}

void th_session_set_attachment(th_session_t *session, void *attachment, void (*drop)(void *)) {
    session->attachment = attachment;
    session->drop = drop;
}

void *th_session_attachment(const th_session_t *session) {
    return session->attachment;
}

static void fake_print(th_json_value_t value, char *into, size_t size) {
    th_json_writer_t writer;
    th_buffer_t text;

    th_buffer_init(&text, size - 1);
    th_json_writer_init(&writer, &text, 0);
    th_json_write_value(&writer, value);
    memset(into, 0, size);
    if (text.length) memcpy(into, text.data, text.length);
    th_buffer_reset(&text);
}

static void fake_copy(th_slice_t from, char *into, size_t size) {
    (void)snprintf(into, size, "%.*s", (int)from.length, from.data ? from.data : "");
}

th_running_t *th_session_start(th_session_t *session, th_grant_t *grant,
                               const th_session_request_t *request, th_error_t *error) {
    (void)grant;
    if (fake.busy || fake.calls == FAKE_CALLS) {
        th_error_set(error, "busy", "Too many calls at once.");
        return NULL;
    }
    th_running_t *running = &fake.call[fake.calls++];
    *running = (th_running_t){.kind = request->kind,
                              .item = request->item,
                              .client = request->client,
                              .done = request->done,
                              .arg = request->arg,
                              .session = session,
                              .active = true};
    fake_print(request->arguments, running->arguments, sizeof running->arguments);
    fake_print(request->answers, running->answers, sizeof running->answers);
    fake_copy(request->uri, running->uri, sizeof running->uri);
    fake_copy(request->argument, running->argument, sizeof running->argument);
    fake_copy(request->value, running->value, sizeof running->value);
    return running;
}

bool th_running_answer(th_running_t *running, th_json_value_t answers) {
    assert_true(running->active);
    running->answered = true;
    fake_print(answers, running->answers, sizeof running->answers);
    return true;
}

bool th_running_has_written(const th_running_t *running) {
    return running->written;
}

void th_running_cancel(th_running_t *running) {
    assert_true(running->active);
    running->cancelled = true;
}

/* Ends the <index>th call that was started: as cancelled, if someone asked for that. */
static void fake_finish(size_t index, const th_call_result_t *result) {
    th_call_result_t cancelled = {
        .outcome = TH_CALL_CANCELLED, .code = "cancelled", .message = "The call was cancelled."};
    assert_in_range(index, 0, fake.calls - 1);
    th_running_t *running = &fake.call[index];
    assert_true(running->active);
    running->active = false;
    running->done(running->arg, running->cancelled ? &cancelled : result);
}

/* --- catalogue ----------------------------------------------------------------------------------
 */

struct th_catalogue {
    int references;
};
static struct th_catalogue fake_catalogue;
static const th_header_t fake_headers[] = {
    {.name = "Region", .path = {"region"}, .depth = 1, .type = TH_JSON_STRING},
    {.name = "Count", .path = {"page", "count"}, .depth = 2, .type = TH_JSON_INTEGER},
};
static th_tool_t fake_tools[] = {
    {.name = "get_task", .read_only = true},
    {.name = "count_tasks", .read_only = true},
    {.name = "slow", .task = TH_TASK_MAY},
    {.name = "very_slow", .task = TH_TASK_MUST},
    {.name = "sampler", .needs = TH_NEED_SAMPLE, .read_only = true},
    {.name = "routed", .headers = fake_headers, .header_count = 2, .read_only = true},
};
static const th_argument_t fake_arguments[] = {
    {.name = "name", .title = "", .description = "", .required = true, .completes = true},
    {.name = "tone", .title = "", .description = ""},
};
static th_resource_t fake_resources[] = {
    {.kind = TH_ITEM_RESOURCE, .name = "board", .uri = "test://board"},
    {.kind = TH_ITEM_RESOURCE,
     .name = "run",
     .uri = "test://runs/{run_id}",
     .is_template = true,
     .arguments = fake_arguments,
     .argument_count = 2},
};
static th_prompt_t fake_prompts[] = {
    {.kind = TH_ITEM_PROMPT,
     .name = "greet",
     .description = "Greets",
     .arguments = fake_arguments,
     .argument_count = 2},
};

th_catalogue_t *th_sessions_catalogue(const th_sessions_t *sessions) {
    return sessions->catalogue;
}

th_catalogue_t *th_catalogue_ref(th_catalogue_t *catalogue) {
    catalogue->references++;
    return catalogue;
}

void th_catalogue_unref(th_catalogue_t *catalogue) {
    if (catalogue) catalogue->references--;
}

size_t th_catalogue_count(const th_catalogue_t *catalogue) {
    (void)catalogue;
    return sizeof fake_tools / sizeof fake_tools[0];
}

const th_tool_t *th_catalogue_tool(const th_catalogue_t *catalogue, size_t index) {
    (void)catalogue;
    return &fake_tools[index];
}

const th_tool_t *th_catalogue_find(const th_catalogue_t *catalogue, th_slice_t name) {
    (void)catalogue;
    for (size_t i = 0; i < sizeof fake_tools / sizeof fake_tools[0]; i++)
        if (th_slice_is(name, fake_tools[i].name)) return &fake_tools[i];
    return NULL;
}

uint64_t th_catalogue_generation(const th_catalogue_t *catalogue) {
    (void)catalogue;
    return fake.generation;
}

size_t th_catalogue_resource_count(const th_catalogue_t *catalogue) {
    (void)catalogue;
    return sizeof fake_resources / sizeof fake_resources[0];
}

const th_resource_t *th_catalogue_resource(const th_catalogue_t *catalogue, size_t index) {
    (void)catalogue;
    return &fake_resources[index];
}

const th_resource_t *th_catalogue_resource_of(const th_catalogue_t *catalogue, th_slice_t uri) {
    (void)catalogue;
    if (th_slice_is(uri, "test://board")) return &fake_resources[0];
    if (uri.length > 12 && memcmp(uri.data, "test://runs/", 12) == 0) return &fake_resources[1];
    return NULL;
}

const th_resource_t *th_catalogue_resource_declared(const th_catalogue_t *catalogue,
                                                    th_slice_t uri) {
    (void)catalogue;
    for (size_t i = 0; i < 2; i++)
        if (th_slice_is(uri, fake_resources[i].uri)) return &fake_resources[i];
    return NULL;
}

size_t th_catalogue_prompt_count(const th_catalogue_t *catalogue) {
    (void)catalogue;
    return 1;
}

const th_prompt_t *th_catalogue_prompt(const th_catalogue_t *catalogue, size_t index) {
    (void)catalogue;
    return &fake_prompts[index];
}

const th_prompt_t *th_catalogue_prompt_find(const th_catalogue_t *catalogue, th_slice_t name) {
    (void)catalogue;
    return th_slice_is(name, "greet") ? &fake_prompts[0] : NULL;
}

const th_argument_t *th_item_argument(const th_item_t *item, th_slice_t name) {
    for (size_t i = 0; i < item->argument_count; i++)
        if (th_slice_is(name, item->arguments[i].name)) return &item->arguments[i];
    return NULL;
}

th_json_value_t th_header_value(const th_header_t *header, th_json_value_t arguments) {
    for (size_t i = 0; i < header->depth; i++)
        arguments = th_json_member(arguments, header->path[i]);
    return arguments;
}

static const char *const fake_levels[] = {"debug", "info",     "notice", "warning",
                                          "error", "critical", "alert",  "emergency"};

const char *th_note_level_name(th_note_level_t level) {
    return fake_levels[level];
}

bool th_note_level_parse(th_slice_t name, th_note_level_t *level) {
    for (size_t i = 0; i < 8; i++) {
        if (!th_slice_is(name, fake_levels[i])) continue;
        *level = (th_note_level_t)i;
        return true;
    }
    return false;
}

th_slice_t th_catalogue_list(const th_catalogue_t *catalogue, th_list_kind_t kind,
                             th_tool_list_form_t form) {
    static const char *const tools[TH_TOOL_LIST_FORMS] = {
        "[{\"name\":\"count_tasks\",\"form\":2024},{\"name\":\"get_task\",\"form\":2024}]",
        "[{\"name\":\"count_tasks\",\"form\":2503},{\"name\":\"get_task\",\"form\":2503}]",
        "[{\"name\":\"count_tasks\",\"form\":2506},{\"name\":\"get_task\",\"form\":2506}]",
        "[{\"name\":\"count_tasks\",\"form\":2511},{\"name\":\"get_task\",\"form\":2511}]"};
    (void)catalogue;
    switch (kind) {
    case TH_LIST_TOOLS: return th_slice_of(tools[form]);
    case TH_LIST_RESOURCES: return th_slice_of("[{\"uri\":\"test://board\",\"name\":\"board\"}]");
    case TH_LIST_TEMPLATES:
        return th_slice_of("[{\"uriTemplate\":\"test://runs/{run_id}\",\"name\":\"run\"}]");
    default: return th_slice_of(fake.prompt_list ? fake.prompt_list : "[{\"name\":\"greet\"}]");
    }
}

size_t th_catalogue_listed_count(const th_catalogue_t *catalogue, th_list_kind_t kind) {
    (void)catalogue;
    return kind == TH_LIST_TOOLS ? 2 : 1;
}

const th_item_t *th_catalogue_listed(const th_catalogue_t *catalogue, th_list_kind_t kind,
                                     th_tool_list_form_t form, size_t index, th_slice_t *json) {
    th_slice_t list = th_catalogue_list(catalogue, kind, form);
    const char *at = list.data + 1, *end = strstr(at, "},{");
    for (size_t i = 0; i < index; i++, end = strstr(at, "},{"))
        at = end + 2;
    *json = th_slice(at, (size_t)((end ? end + 1 : list.data + list.length - 1) - at));
    switch (kind) {
    case TH_LIST_TOOLS: return th_catalogue_tool(catalogue, 1 - index); /* by name */
    case TH_LIST_PROMPTS: return th_catalogue_prompt(catalogue, index);
    default: return th_catalogue_resource(catalogue, kind == TH_LIST_TEMPLATES);
    }
}

/* --- worker, and all of it together -------------------------------------------------------------
 */

typedef struct fake_host {
    th_settings_t settings;
    th_worker_t worker;
    th_mcp_t *mcp;
} fake_host_t;

static int set_up(void **state) {
    fake_host_t *host = calloc(1, sizeof *host);
    th_error_t error;

    th_random_start();
    memset(&fake, 0, sizeof fake);
    fake_catalogue.references = 0;
    fake.catalogue = &fake_catalogue;
    host->settings.mcp_list_ttl = 60000;
    host->settings.mcp_page = 250;
    host->settings.mcp_ask_timeout = 60000;
    host->settings.mcp_held_calls = 2;
    host->settings.mcp_listens = 4;
    host->settings.mcp_listens_per_principal = 3;
    host->settings.mcp_subscriptions = 4;
    host->settings.mcp_resume_bytes = 4096;
    host->settings.mcp_resume_total = 1 << 20;
    host->settings.mcp_task_bytes = 1 << 16;
    host->settings.mcp_retry = 500;
    host->settings.mcp_tasks_per_principal = 3;
    host->settings.mcp_task_life = 60000;
    (void)snprintf(host->settings.mcp_instructions, sizeof host->settings.mcp_instructions,
                   "Look first.");
    host->worker.settings = &host->settings;
    th_list_init(&host->worker.parts);
    uv_loop_init(&host->worker.loop);
    host->worker.parser = th_json_parser_new();
    host->mcp = th_mcp_open(&host->worker, &fake, &error);
    assert_non_null(host->mcp);
    *state = host;
    return 0;
}

/* Every grant and catalogue reference was given back, whatever the test did. */
static int tear_down(void **state) {
    fake_host_t *host = *state;

    for (size_t i = 0; i < FAKE_SESSIONS; i++)
        th_session_end(&fake.session[i]);
    for (size_t i = 0; i < fake.calls; i++) {
        fake.call[i].cancelled = true;
        if (fake.call[i].active) fake_finish(i, NULL);
    }
    while (!th_list_is_empty(&host->worker.parts)) {
        th_worker_part_t *part = TH_CONTAINER(host->worker.parts.next, th_worker_part_t, link);
        th_list_remove(&part->link);
        part->stop(part);
    }
    uv_run(&host->worker.loop, UV_RUN_DEFAULT);
    th_mcp_close(host->mcp);
    th_json_parser_free(host->worker.parser);
    assert_int_equal(uv_loop_close(&host->worker.loop), 0);
    free(host);
    assert_int_equal(fake.grants, 0);
    assert_int_equal(fake_catalogue.references, 0);
    return 0;
}

/* A finished call with that text and data. */
__attribute__((unused)) static th_call_result_t fake_result(const char *text, const char *data) {
    return (th_call_result_t){
        .outcome = TH_CALL_OK, .text = th_slice_of(text), .data = th_slice_of(data)};
}

#endif
