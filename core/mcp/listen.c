/* listen.c - open subscriptions: acknowledging, telling, ending. */
#include "mcp/listen.h"

#include <stdio.h>
#include <stdlib.h>

#include "mcp/envelope.h"
#include "mcp/job.h"
#include "mcp/notice.h"
#include "mcp/task.h"

/* The filter is read from the request's own document, which lives as long as the subscription. */
struct th_listen {
    th_list_t link; /* th_mcp_t.listens */
    th_request_t *request;
    bool tools, prompts, resources;
    th_json_value_t uris, tasks; /* arrays, or absent */
};

static th_listen_t *listen_at(th_list_t *node) {
    return TH_CONTAINER(node, th_listen_t, link);
}

static void listen_free(th_listen_t *listen) {
    listen->request->listen = NULL;
    th_list_remove(&listen->link);
    free(listen);
}

/* --- what is honoured ------------------------------------------------------------------------ */

static bool may_subscribe(const th_request_t *request, th_slice_t uri) {
    const th_resource_t *resource =
        th_catalogue_resource_of(th_sessions_catalogue(request->mcp->sessions), uri);

    return resource && th_grant_allows(request->grant, resource, NULL);
}

static bool is_own_task(const th_request_t *request, th_slice_t id) {
    return th_task_find(request->mcp, id, th_grant_principal(request->grant)) != NULL;
}

static void write_honoured(th_json_writer_t *writer, const th_request_t *request, const char *key,
                           th_json_value_t list,
                           bool (*honours)(const th_request_t *, th_slice_t)) {
    th_json_iterator_t each = th_json_iterate(list);
    th_slice_t text;

    if (!list.document) return;
    th_json_write_key(writer, th_slice_of(key));
    th_json_write_array(writer);
    while (th_json_next(&each))
        if (th_json_string(each.value, &text) && honours(request, text))
            th_json_write_string(writer, text);
    th_json_write_end(writer);
}

/* Sends the acknowledgement; the listen may be gone when this returns (the client left). */
static void acknowledge(th_listen_t *listen) {
    th_request_t *request = listen->request;
    th_json_writer_t writer;
    th_buffer_t out;

    th_buffer_init(&out, (size_t)256 * 1024);
    th_notice_begin(&writer, &out, "notifications/subscriptions/acknowledged");
    th_json_write_key(&writer, TH_SLICE("notifications"));
    th_json_write_object(&writer);
    if (listen->tools) th_json_write_member_boolean(&writer, "toolsListChanged", true);
    if (listen->prompts) th_json_write_member_boolean(&writer, "promptsListChanged", true);
    if (listen->resources) th_json_write_member_boolean(&writer, "resourcesListChanged", true);
    write_honoured(&writer, request, "resourceSubscriptions", listen->uris, may_subscribe);
    write_honoured(&writer, request, "taskIds", listen->tasks, is_own_task);
    th_json_write_end(&writer);
    if (th_notice_end(&writer, request->message.id))
        request->channel->operations->notify(request->channel, th_buffer_slice(&out));
    th_buffer_reset(&out);
}

/* --- opening --------------------------------------------------------------------------------- */

static bool read_list(th_json_value_t filter, const char *name, size_t most, th_json_value_t *list,
                      th_rpc_fault_t *fault) {
    th_json_iterator_t each;

    *list = th_json_member(filter, name);
    if (!list->document) return true;
    if (!th_json_is_array(*list) || th_json_count(*list) > most)
        return th_rpc_fault_set(fault, 200, TH_RPC_INVALID_PARAMS,
                                "params.notifications.%s must be a list of at most %zu strings",
                                name, most);
    each = th_json_iterate(*list);
    while (th_json_next(&each))
        if (!th_json_is_string(each.value))
            return th_rpc_fault_set(fault, 200, TH_RPC_INVALID_PARAMS,
                                    "params.notifications.%s must hold strings only", name);
    return true;
}

static bool read_flag(th_json_value_t filter, const char *name, bool *flag, th_rpc_fault_t *fault) {
    th_json_value_t value = th_json_member(filter, name);

    *flag = false;
    if (!value.document || th_json_boolean(value, flag)) return true;
    return th_rpc_fault_set(fault, 200, TH_RPC_INVALID_PARAMS,
                            "params.notifications.%s must be true or false", name);
}

static bool read_filter(const th_request_t *request, th_listen_t *listen, th_rpc_fault_t *fault) {
    th_json_value_t filter = th_json_member(request->message.params, "notifications");
    size_t most = (size_t)request->mcp->worker->settings->mcp_subscriptions;

    if (!th_json_is_object(filter))
        return th_rpc_fault_set(fault, 200, TH_RPC_INVALID_PARAMS,
                                "params.notifications must be an object that says what to listen "
                                "for, such as {\"toolsListChanged\":true}");
    return read_flag(filter, "toolsListChanged", &listen->tools, fault) &&
           read_flag(filter, "promptsListChanged", &listen->prompts, fault) &&
           read_flag(filter, "resourcesListChanged", &listen->resources, fault) &&
           read_list(filter, "resourceSubscriptions", most, &listen->uris, fault) &&
           read_list(filter, "taskIds", most, &listen->tasks, fault);
}

/* Whether there is room for one more; false fills <fault>. */
static bool has_room(const th_request_t *request, th_rpc_fault_t *fault) {
    const th_mcp_t *mcp = request->mcp;
    const th_settings_t *settings = mcp->worker->settings;
    const char *principal = th_grant_principal(request->grant);
    int64_t all = 0, own = 0;

    for (th_list_t *at = mcp->listens.next; at != &mcp->listens; at = at->next, all++)
        if (strcmp(th_grant_principal(listen_at(at)->request->grant), principal) == 0) own++;
    if (mcp->draining)
        return th_rpc_fault_set(fault, 503, TH_RPC_INTERNAL_ERROR, "The host is stopping");
    if (all < settings->mcp_listens && own < settings->mcp_listens_per_principal) return true;
    return th_rpc_fault_set(fault, 200, TH_RPC_INTERNAL_ERROR,
                            "Too many subscriptions are open (%lld of yours, %lld in all); end one "
                            "first",
                            (long long)own, (long long)all);
}

void th_method_listen(th_request_t *request) {
    th_listen_t listen = {.tools = false};
    th_rpc_fault_t fault;
    const th_client_t need = {.tasks = true};

    if (!request->channel->operations->can_stream(request->channel)) {
        th_request_fail(request, 406, TH_RPC_INVALID_REQUEST,
                        "Subscriptions are an event stream; accept text/event-stream");
        return;
    }
    if (!read_filter(request, &listen, &fault)) {
        th_request_fail_with(request, &fault);
        return;
    }
    if (listen.tasks.document && !request->client.tasks) {
        th_request_fail_lacking(request, &need,
                                "Listening for tasks needs the extension " TH_EXTENSION_TASKS);
        return;
    }
    if (!has_room(request, &fault)) {
        th_request_fail_with(request, &fault);
        return;
    }
    th_listen_t *kept = malloc(sizeof *kept);
    if (!kept) {
        th_request_fail(request, 503, TH_RPC_INTERNAL_ERROR, "The host is out of memory");
        return;
    }
    *kept = listen;
    th_list_init(&kept->link);
    th_list_add_tail(&request->mcp->listens, &kept->link);
    kept->request = request;
    request->listen = kept;
    acknowledge(kept);
}

/* --- ending ---------------------------------------------------------------------------------- */

void th_listen_end(th_listen_t *listen) {
    th_request_t *request = listen->request;

    listen_free(listen);
    th_request_abandon(request);
}

static void finish(th_listen_t *listen) {
    th_request_t *request = listen->request;
    th_json_writer_t writer;
    th_buffer_t out;

    listen_free(listen);
    if (request->peer) { /* a pipe stays open: there the end is said in words as well */
        th_buffer_init(&out, 1024 + 6 * TH_RPC_ID_MAX);
        th_notice_begin(&writer, &out, "notifications/cancelled");
        th_json_write_member_value(&writer, "requestId", request->message.id);
        th_json_write_member_text(&writer, "reason", "The host is stopping");
        if (th_notice_end(&writer, th_json_absent()) && request->channel)
            request->channel->operations->notify(request->channel, th_buffer_slice(&out));
        th_buffer_reset(&out);
    }
    th_request_begin_result(request, &writer, &out, 0);
    request->subscription = true; /* its id goes into the result's _meta */
    th_request_end_result(request, &writer, &out, NULL);
}

void th_listens_finish(th_mcp_t *mcp) {
    for (th_list_t *first; (first = th_list_take_first(&mcp->listens));)
        finish(listen_at(first));
}

/* --- telling --------------------------------------------------------------------------------- */

static bool has(th_json_value_t list, th_slice_t wanted) {
    th_json_iterator_t each = th_json_iterate(list);
    th_slice_t text;

    while (th_json_next(&each))
        if (th_json_string(each.value, &text) && th_slice_equal(text, wanted)) return true;
    return false;
}

static bool wants(const th_listen_t *listen, th_changed_t what, th_slice_t uri) {
    switch (what) {
    case TH_CHANGED_TOOLS: return listen->tools;
    case TH_CHANGED_PROMPTS: return listen->prompts;
    case TH_CHANGED_RESOURCES: return listen->resources;
    case TH_CHANGED_RESOURCE: return has(listen->uris, uri) && may_subscribe(listen->request, uri);
    }
    return false;
}

static void tell_listen(const th_listen_t *listen, th_changed_t what, th_slice_t uri) {
    th_request_t *request = listen->request;
    th_buffer_t out;

    th_buffer_init(&out, 1024 + 6 * (TH_RPC_ID_MAX + uri.length));
    if (th_notice_changed(&out, what, uri, request->message.id))
        request->channel->operations->notify(request->channel, th_buffer_slice(&out));
    th_buffer_reset(&out);
}

void th_mcp_tell(th_mcp_t *mcp, const char *org, th_changed_t what, th_slice_t uri) {
    th_list_t *at = mcp->listens.next;

    while (at != &mcp->listens) {
        th_listen_t *listen = listen_at(at);
        at = at->next; /* it may go while it is told */
        if (org && strcmp(org, th_grant_person(listen->request->grant)->org_id) != 0) continue;
        if (wants(listen, what, uri)) tell_listen(listen, what, uri);
    }
    th_peers_tell_changed(mcp, org, what, uri);
}

/* One of the path's segments is <word>. */
static bool has_segment(th_slice_t uri, th_slice_t word) {
    for (size_t at = 0; word.length && at + word.length < uri.length; at++) {
        if (uri.data[at] != '/') continue;
        const char *segment = uri.data + at + 1, *end = segment + word.length;
        if (memcmp(segment, word.data, word.length) == 0 &&
            (end == uri.data + uri.length || *end == '/' || *end == '?'))
            return true;
    }
    return false;
}

static bool mentions(th_slice_t uri, th_json_value_t arguments) {
    th_json_iterator_t each = th_json_iterate(arguments);
    char number[24];
    th_slice_t word;
    int64_t whole;

    while (th_json_next(&each)) {
        if (th_json_integer(each.value, &whole)) {
            (void)snprintf(number, sizeof number, "%lld", (long long)whole);
            word = th_slice_of(number);
        } else if (!th_json_string(each.value, &word)) {
            continue;
        }
        if (has_segment(uri, word)) return true;
    }
    return false;
}

static void tell_written(const th_listen_t *listen, th_json_value_t arguments) {
    th_json_iterator_t each = th_json_iterate(listen->uris);
    th_slice_t uri;

    while (th_json_next(&each))
        if (th_json_string(each.value, &uri) && mentions(uri, arguments) &&
            may_subscribe(listen->request, uri)) {
            tell_listen(listen, TH_CHANGED_RESOURCE, uri);
            return; /* one is enough to look again, and the listen may have gone */
        }
}

void th_mcp_happened(th_mcp_t *mcp, const char *org, th_json_value_t about) {
    th_list_t *at = mcp->listens.next;

    while (at != &mcp->listens) {
        th_listen_t *listen = listen_at(at);
        at = at->next;
        if (strcmp(org, th_grant_person(listen->request->grant)->org_id) == 0)
            tell_written(listen, about);
    }
    th_peers_tell_written(mcp, org, about, mentions);
}

void th_mcp_changed(th_mcp_t *mcp, const char *org, th_changed_t what, th_slice_t uri) {
    th_mcp_tell(mcp, org, what, uri);
}

void th_listen_written(const th_job_t *job) {
    th_mcp_happened(job->mcp, th_grant_person(job->grant)->org_id, job->arguments);
}

void th_listen_task(th_mcp_t *mcp, const th_task_t *task) {
    th_list_t *at = mcp->listens.next;

    while (at != &mcp->listens) {
        th_listen_t *listen = listen_at(at);
        th_request_t *request = listen->request;
        th_json_writer_t writer;
        th_buffer_t out;
        at = at->next;
        if (!has(listen->tasks, th_slice_of(task->id)) ||
            !is_own_task(request, th_slice_of(task->id)))
            continue;
        th_buffer_init(&out, th_task_bound(task) + 6 * TH_RPC_ID_MAX);
        th_notice_begin(&writer, &out, "notifications/tasks");
        th_task_write(&writer, task);
        if (th_notice_end(&writer, request->message.id))
            request->channel->operations->notify(request->channel, th_buffer_slice(&out));
        th_buffer_reset(&out);
    }
}
