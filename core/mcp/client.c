/* client.c - reading and naming client capabilities. */
#include "mcp/client.h"

#include <stdio.h>

static bool declares(th_json_value_t object, const char *name) {
    return th_json_is_object(th_json_member(object, name));
}

th_client_t th_client_read(th_json_value_t capabilities, const th_revision_t *revision) {
    th_json_value_t elicitation = th_json_member(capabilities, "elicitation");
    th_json_value_t sampling = th_json_member(capabilities, "sampling");
    th_client_t client = {.form = false};

    if (th_json_is_object(elicitation) && revision->elicitation) {
        client.url = revision->elicitation_url && declares(elicitation, "url");
        /* `{}` means form; `{url:{}}` without form means no form. */
        client.form = !revision->elicitation_url || declares(elicitation, "form") || !client.url;
    }
    client.sampling = th_json_is_object(sampling);
    client.sampling_tools =
        client.sampling && revision->sampling_tools && declares(sampling, "tools");
    client.roots = declares(capabilities, "roots");
    client.tasks = revision->modern &&
                   declares(th_json_member(capabilities, "extensions"), TH_EXTENSION_TASKS);
    return client;
}

th_client_t th_client_lacks(const th_client_t *have, const th_client_t *need) {
    return (th_client_t){
        .form = need->form && !have->form,
        .url = need->url && !have->url,
        .sampling = need->sampling && !have->sampling,
        .sampling_tools = need->sampling_tools && !have->sampling_tools,
        .roots = need->roots && !have->roots,
        .tasks = need->tasks && !have->tasks,
    };
}

bool th_client_is_empty(const th_client_t *client) {
    return !client->form && !client->url && !client->sampling && !client->sampling_tools &&
           !client->roots && !client->tasks;
}

static void write_empty(th_json_writer_t *writer, const char *key) {
    th_json_write_key(writer, th_slice_of(key));
    th_json_write_object(writer);
    th_json_write_end(writer);
}

void th_client_write(th_json_writer_t *writer, const th_client_t *client) {
    th_json_write_object(writer);
    if (client->form || client->url) {
        th_json_write_key(writer, TH_SLICE("elicitation"));
        th_json_write_object(writer);
        if (client->form) write_empty(writer, "form");
        if (client->url) write_empty(writer, "url");
        th_json_write_end(writer);
    }
    if (client->sampling || client->sampling_tools) {
        th_json_write_key(writer, TH_SLICE("sampling"));
        th_json_write_object(writer);
        if (client->sampling_tools) write_empty(writer, "tools");
        th_json_write_end(writer);
    }
    if (client->roots) write_empty(writer, "roots");
    if (client->tasks) {
        th_json_write_key(writer, TH_SLICE("extensions"));
        th_json_write_object(writer);
        write_empty(writer, TH_EXTENSION_TASKS);
        th_json_write_end(writer);
    }
    th_json_write_end(writer);
}

void th_client_describe(const th_client_t *client, char *out, size_t size) {
    const struct {
        bool set;
        const char *words;
    } rows[] = {{client->form, "elicitation (form)"},
                {client->url, "elicitation (url)"},
                {client->sampling || client->sampling_tools, "sampling"},
                {client->roots, "roots"},
                {client->tasks, "the extension " TH_EXTENSION_TASKS}};
    size_t length = 0;

    if (size) out[0] = '\0';
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && length < size; i++) {
        if (!rows[i].set) continue;
        int written =
            snprintf(out + length, size - length, "%s%s", length ? ", " : "", rows[i].words);
        length += written > 0 ? (size_t)written : 0;
    }
}
