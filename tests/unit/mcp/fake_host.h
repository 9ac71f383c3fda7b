/* fake_host.h - stand-ins for what stands around core/mcp, for its unit tests: an HTTP exchange
 * that records, sessions that do as told, a catalogue of two tools. They define the functions of
 * session.h and catalogue.h, so the linker takes these instead of the real rooms. */
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
};

struct th_session {
    char id[TH_ID_SIZE];
    char principal[64];
    void *attachment;
    void (*drop)(void *);
    bool used;
};

struct th_running {
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
    bool busy, full;  /* refuse calls, sessions */
    const char *hide; /* a tool the policy forbids */
    int grants;       /* alive */
};

static struct th_sessions fake; /* one per test program: set_up() clears it */

static th_grant_t *fake_grant(const char *principal) {
    th_grant_t *grant = calloc(1, sizeof *grant);
    grant->references = 1;
    (void)snprintf(grant->principal, sizeof grant->principal, "%s", principal);
    fake.grants++;
    return grant;
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

bool th_grant_allows(const th_grant_t *grant, const th_tool_t *tool, th_error_t *error) {
    (void)grant;
    (void)error;
    return !fake.hide || strcmp(fake.hide, tool->name) != 0;
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

th_running_t *th_session_call(th_session_t *session, th_grant_t *grant, const th_tool_t *tool,
                              th_json_value_t arguments, const th_call_client_t *client,
                              void (*done)(void *arg, const th_call_result_t *result), void *arg,
                              th_error_t *error) {
    th_json_writer_t writer;
    th_buffer_t text;

    (void)grant;
    (void)tool;
    if (fake.busy || fake.calls == FAKE_CALLS) {
        th_error_set(error, "busy", "Too many calls at once.");
        return NULL;
    }
    th_running_t *running = &fake.call[fake.calls++];
    *running = (th_running_t){
        .client = client, .done = done, .arg = arg, .session = session, .active = true};
    th_buffer_init(&text, sizeof running->arguments - 1);
    th_json_writer_init(&writer, &text, 0);
    th_json_write_value(&writer, arguments);
    if (text.length) memcpy(running->arguments, text.data, text.length);
    th_buffer_reset(&text);
    return running;
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
static th_tool_t fake_tools[] = {
    {.name = "get_task", .read_only = true},
    {.name = "count_tasks", .read_only = true},
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

th_slice_t th_catalogue_tool_list(const th_catalogue_t *catalogue, th_tool_list_form_t form) {
    static const char *const lists[TH_TOOL_LIST_FORMS] = {
        "[{\"name\":\"count_tasks\",\"form\":2024},{\"name\":\"get_task\",\"form\":2024}]",
        "[{\"name\":\"count_tasks\",\"form\":2503},{\"name\":\"get_task\",\"form\":2503}]",
        "[{\"name\":\"count_tasks\",\"form\":2506},{\"name\":\"get_task\",\"form\":2506}]"};
    (void)catalogue;
    return th_slice_of(lists[form]);
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
    for (size_t i = 0; i < fake.calls; i++)
        if (fake.call[i].active) fake_finish(i, NULL);
    th_mcp_close(host->mcp);
    th_json_parser_free(host->worker.parser);
    uv_loop_close(&host->worker.loop);
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
