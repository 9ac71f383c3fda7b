/* handlers.c - organisations' states, and a queue of events in front of each. */
#include "chat/handlers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/log.h"
#include "base/random.h"
#include "base/table.h"
#include "loop/deadline.h"

/* An organisation with a state. Its events run one after the other, handler by handler, so that a
 * handler sees them in the order in which they came. */
typedef struct place {
    th_list_t link; /* th_handlers.places: least recently used first */
    th_handlers_t *handlers;
    char org_id[TH_HAPPENING_ID];
    th_script_t *script;
    th_list_t jobs;  /* job_t, oldest first */
    th_call_t *call; /* of the first job; NULL between two */
    th_deadline_t quiet;
} place_t;

/* An event, and how far its handlers have got. */
typedef struct job {
    th_list_t link;
    th_happening_t *happening;
    th_catalogue_t *catalogue;
    th_json_document_t *document; /* the first argument of handlers */
    size_t bytes;                 /* of it, and of what came */
    size_t next;                  /* index of the next handler to look at */
    const th_item_t *running;
} job_t;

struct th_handlers {
    th_worker_t *worker;
    th_worker_part_t part;
    const th_handlers_listener_t *listener;
    void *arg;
    th_table_t *by_org;
    th_list_t places;
    size_t pending, pending_bytes; /* jobs */
    th_deadlines_t deadlines;
    bool stopping;
};

/* --- states ---------------------------------------------------------------------------------- */

static void place_free(place_t *place) {
    (void)th_table_remove(place->handlers->by_org, th_slice_of(place->org_id));
    th_list_remove(&place->link);
    th_deadline_clear(&place->quiet);
    th_script_close(place->script);
    free(place);
}

static void on_quiet(th_deadline_t *deadline) {
    place_free(TH_CONTAINER(deadline, place_t, quiet));
}

/* The one that has been quiet for longest makes room. */
static bool make_room(th_handlers_t *handlers, th_error_t *error) {
    const th_settings_t *settings = handlers->worker->settings;
    if (th_table_count(handlers->by_org) < (size_t)settings->chat_webhook_orgs) return true;
    for (th_list_t *at = handlers->places.next; at != &handlers->places; at = at->next) {
        place_t *place = TH_CONTAINER(at, place_t, link);
        if (!th_list_is_empty(&place->jobs)) continue;
        place_free(place);
        return true;
    }
    return th_error_set(error, "busy",
                        "handlers of %lld organisations are running (chat.webhook_orgs)",
                        (long long)settings->chat_webhook_orgs);
}

static place_t *place_new(th_handlers_t *handlers, const char *org_id, th_error_t *error) {
    place_t *place = calloc(1, sizeof *place);
    if (!place) {
        th_error_set(error, "no_memory", "no memory for an organisation's handlers");
        return NULL;
    }
    place->handlers = handlers;
    (void)snprintf(place->org_id, sizeof place->org_id, "%s", org_id);
    th_list_init(&place->link);
    th_list_init(&place->jobs);
    th_deadline_init(&place->quiet, on_quiet);
    place->script = th_script_open(handlers->worker, error);
    if (place->script && th_table_put(handlers->by_org, th_slice_of(org_id), place)) {
        th_list_add_tail(&handlers->places, &place->link);
        return place;
    }
    if (place->script) {
        th_error_set(error, "no_memory", "no memory for an organisation's handlers");
        th_script_close(place->script);
    }
    free(place);
    return NULL;
}

static place_t *place_of(th_handlers_t *handlers, const char *org_id, th_error_t *error) {
    place_t *place = th_table_get(handlers->by_org, th_slice_of(org_id));
    if (!place && make_room(handlers, error)) place = place_new(handlers, org_id, error);
    return place;
}

/* --- running --------------------------------------------------------------------------------- */

/* It is linked nowhere any more. */
static void job_free(th_handlers_t *handlers, job_t *job) {
    handlers->pending--;
    handlers->pending_bytes -= job->bytes;
    th_happening_unref(job->happening);
    th_catalogue_unref(job->catalogue);
    th_json_unref(job->document);
    free(job);
}

static job_t *first_of(place_t *place) {
    return TH_CONTAINER(place->jobs.next, job_t, link);
}

static void go_on(place_t *place);

static void on_changed(void *arg, th_changed_t what, th_slice_t uri) {
    const place_t *place = arg;
    const th_handlers_t *handlers = place->handlers;
    handlers->listener->changed(handlers->arg, place->org_id, what, uri);
}

static const th_call_client_t client = {.changed = on_changed};

static void on_done(void *arg, th_call_t *call, const th_call_result_t *result) {
    (void)call;
    place_t *place = arg;
    th_handlers_t *handlers = place->handlers;
    const job_t *job = first_of(place);
    bool good = result->outcome == TH_CALL_OK;
    th_log(handlers->worker->log, good ? TH_LOG_INFO : TH_LOG_WARNING, "chat",
           "org=%s event=%s handler=%s outcome=%s%s%s cpu_us=%llu", place->org_id,
           job->happening->event, job->running->name, good ? "ok" : result->code, good ? "" : ": ",
           good ? "" : result->message, (unsigned long long)result->cpu_us);
    place->call = NULL;
    if (handlers->stopping) return;
    /* One with nothing to say returns `true` as data and no text (lua/words.lua). */
    bool object = result->data.length > 1 && result->data.data[0] == '{';
    if (good && result->text.length && !th_slice_is(result->data, "true"))
        handlers->listener->said(handlers->arg, job->happening, job->running, result->text,
                                 object ? result->data : th_slice(NULL, 0));
    go_on(place);
}

static bool start(place_t *place, const job_t *job, const th_item_t *handler) {
    th_call_person_t nobody = {.user_id = 0};
    char id[TH_ID_SIZE];
    th_error_t error = {"", ""};
    th_random_id(id);
    id[12] = '\0'; /* enough to find a line in the log */
    (void)snprintf(nobody.org_id, sizeof nobody.org_id, "%.63s", place->org_id);
    const th_call_request_t request = {.catalogue = job->catalogue,
                                       .kind = TH_CALL_TOOL,
                                       .tool = handler,
                                       .arguments = th_json_root(job->document),
                                       .person = &nobody,
                                       .client = &client,
                                       .call_id = id};
    place->call = th_call_start(place->script, &request, on_done, place, &error);
    if (place->call) return true;
    th_log(place->handlers->worker->log, TH_LOG_ERROR, "chat", "org=%s event=%s handler=%s: %s",
           place->org_id, job->happening->event, handler->name, error.message);
    return false;
}

/* False: all handlers of the event have run. */
static bool start_next(place_t *place, job_t *job) {
    while (job->next < th_catalogue_handler_count(job->catalogue)) {
        job->running = th_catalogue_handler(job->catalogue, job->next++);
        if (strcmp(job->running->event, job->happening->event) == 0 &&
            start(place, job, job->running))
            return true;
    }
    return false;
}

/* The next handler of the first event, the next event, or quiet. */
static void go_on(place_t *place) {
    th_handlers_t *handlers = place->handlers;
    for (th_list_t *node; !th_list_is_empty(&place->jobs);) {
        if (start_next(place, first_of(place))) return;
        node = th_list_take_first(&place->jobs);
        job_free(handlers, TH_CONTAINER(node, job_t, link));
    }
    th_deadline_set(&handlers->deadlines, &place->quiet,
                    (uint64_t)handlers->worker->settings->session_state_idle);
}

/* --- events ---------------------------------------------------------------------------------- */

static bool has_handler(const th_catalogue_t *catalogue, const char *event) {
    for (size_t i = 0; i < th_catalogue_handler_count(catalogue); i++)
        if (strcmp(th_catalogue_handler(catalogue, i)->event, event) == 0) return true;
    return false;
}

/* What an event holds until its handlers are done: what came, and the same again for them. */
static size_t bytes_of(const th_happening_t *happening) {
    return 2 * th_json_document_size(happening->payload);
}

/* One alone is never too large: its bound is http.body_bytes. */
static bool has_room(const th_handlers_t *handlers, const th_happening_t *happening,
                     th_error_t *error) {
    const th_settings_t *settings = handlers->worker->settings;
    if (handlers->stopping || handlers->pending >= (size_t)settings->chat_webhook_events)
        return th_error_set(error, "busy",
                            "%zu events wait for their handlers (chat.webhook_events)",
                            handlers->pending);
    size_t most = (size_t)settings->chat_webhook_bytes, bytes = bytes_of(happening);
    if (handlers->pending > 0 && (bytes > most || handlers->pending_bytes > most - bytes))
        return th_error_set(error, "busy",
                            "%zu bytes of events wait for their handlers (chat.webhook_bytes)",
                            handlers->pending_bytes);
    return true;
}

static job_t *job_new(th_handlers_t *handlers, th_catalogue_t *catalogue, th_happening_t *happening,
                      th_error_t *error) {
    job_t *job = calloc(1, sizeof *job);
    th_json_document_t *document =
        job ? th_happening_document(happening, handlers->worker->parser) : NULL;
    if (!document) {
        free(job);
        th_error_set(error, "no_memory", "no memory for an event");
        return NULL;
    }
    th_list_init(&job->link);
    job->happening = th_happening_ref(happening);
    job->catalogue = th_catalogue_ref(catalogue);
    job->document = document;
    job->bytes = bytes_of(happening);
    return job;
}

bool th_handlers_run(th_handlers_t *handlers, th_catalogue_t *catalogue, th_happening_t *happening,
                     th_error_t *error) {
    if (!has_handler(catalogue, happening->event)) return true;
    if (!has_room(handlers, happening, error)) return false;
    place_t *place = place_of(handlers, happening->org_id, error);
    job_t *job = place ? job_new(handlers, catalogue, happening, error) : NULL;
    if (place && !job && th_list_is_empty(&place->jobs)) place_free(place);
    if (!job) return false;
    th_list_remove(&place->link); /* to the end: used last */
    th_list_add_tail(&handlers->places, &place->link);
    th_deadline_clear(&place->quiet);
    th_list_add_tail(&place->jobs, &job->link);
    handlers->pending++;
    handlers->pending_bytes += job->bytes;
    if (!place->call) go_on(place);
    return true;
}

size_t th_handlers_pending(const th_handlers_t *handlers) {
    return handlers->pending;
}

/* --- lifetime -------------------------------------------------------------------------------- */

static void on_stop(th_worker_part_t *part) {
    th_handlers_t *handlers = TH_CONTAINER(part, th_handlers_t, part);
    handlers->stopping = true;
    for (th_list_t *at; (at = th_list_take_first(&handlers->places));) {
        place_t *place = TH_CONTAINER(at, place_t, link);
        th_script_close(place->script); /* on_done is called in here */
        place->script = NULL;
        for (th_list_t *node; (node = th_list_take_first(&place->jobs));)
            job_free(handlers, TH_CONTAINER(node, job_t, link));
        place_free(place);
    }
    th_deadlines_close(&handlers->deadlines);
}

th_handlers_t *th_handlers_open(th_worker_t *worker, const th_handlers_listener_t *listener,
                                void *arg, th_error_t *error) {
    th_handlers_t *handlers = calloc(1, sizeof *handlers);
    if (handlers) handlers->by_org = th_table_new((size_t)worker->settings->chat_webhook_orgs);
    if (!handlers || !handlers->by_org) {
        free(handlers);
        th_error_set(error, "no_memory", "no memory for handlers of events");
        return NULL;
    }
    handlers->worker = worker;
    handlers->listener = listener;
    handlers->arg = arg;
    th_list_init(&handlers->places);
    th_deadlines_open(&handlers->deadlines, &worker->loop);
    handlers->part.stop = on_stop;
    th_worker_add_part(worker, &handlers->part);
    return handlers;
}

void th_handlers_close(th_handlers_t *handlers) {
    if (!handlers) return;
    th_table_free(handlers->by_org);
    free(handlers);
}
