/* webhook.c - from the body of a delivery to an event. */
#include "chat/webhook.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/visible.h"

#define PAYLOAD_NODES 200000
#define DEPTH 63

/* ---- texts ---- */

/* <text> without what cannot be seen (visible.h), on one line, cut at a whole character. */
static void take(char *out, size_t size, th_slice_t text) {
    th_buffer_t clean;
    bool cut;
    out[0] = '\0';
    th_buffer_init(&clean, size + 8);
    if (th_text_clean(&clean, text, size - 1, &cut)) {
        th_slice_t kept = th_buffer_slice(&clean);
        if (kept.length) memcpy(out, kept.data, kept.length);
        out[kept.length] = '\0';
    }
    th_buffer_reset(&clean);
    for (char *at = out; *at; at++)
        if (*at == '\n' || *at == '\t') *at = ' ';
}

static void take_member(char *out, size_t size, th_json_value_t object, const char *key) {
    th_slice_t text;
    int64_t number;
    th_json_value_t value = th_json_member(object, key);
    if (th_json_string(value, &text))
        take(out, size, text);
    else if (th_json_integer(value, &number))
        (void)snprintf(out, size, "%lld", (long long)number);
}

static void take_subject(th_subject_t *subject, th_json_value_t object) {
    take_member(subject->id, sizeof subject->id, object, "id");
    take_member(subject->title, sizeof subject->title, object, "title");
    if (!subject->title[0]) take_member(subject->title, sizeof subject->title, object, "name");
    for (const char *at = subject->id; *at; at++)
        if (!isalnum((unsigned char)*at) && *at != '-' && *at != '_') subject->id[0] = '\0';
}

bool th_happening_org_valid(th_slice_t org) {
    if (org.length == 0 || org.length >= TH_HAPPENING_ID) return false;
    for (size_t i = 0; i < org.length; i++)
        if (!isalnum((unsigned char)org.data[i]) && org.data[i] != '-' && org.data[i] != '_')
            return false;
    return true;
}

/* ---- which event ---- */

static const char *const watched[] = {
    "process.launched",   "process.completed", "task.completed",      "task.assigned",
    "task.comment_added", "task.issue_raised", "task.issue_resolved",
};

static bool is_done(th_json_value_t process) {
    th_slice_t status;
    return th_json_string(th_json_member(process, "status"), &status) &&
           (th_slice_is(status, "complete") || th_slice_is(status, "completed"));
}

/* NULL: none that is known. */
static const char *event_of(th_json_value_t root) {
    th_slice_t name;
    if (th_json_string(th_json_member(root, "event"), &name)) {
        for (size_t i = 0; i < sizeof watched / sizeof *watched; i++)
            if (th_slice_is(name, watched[i])) return watched[i];
        return NULL;
    }
    bool is_task = th_json_is_object(th_json_member(root, "this_task"));
    if (!is_task && !th_json_member(root, "process-tasks").document) return NULL;
    if (th_json_is_string(th_json_member(root, "alias_name"))) return "rule.triggered";
    if (is_task) return "task.completed";
    return is_done(root) ? "process.completed" : "process.launched";
}

/* ---- what it is about ---- */

static void take_watched(th_happening_t *event, th_json_value_t root) {
    th_json_value_t task = th_json_member(root, "task");
    take_subject(&event->task, task);
    take_subject(&event->process, th_json_member(root, "process"));
    if (!event->process.id[0]) {
        take_member(event->process.id, sizeof event->process.id, task, "run_id");
        th_json_value_t run = th_json_member(task, "run");
        th_json_value_t inner = th_json_member(run, "data");
        take_subject(&event->process, th_json_is_object(inner) ? inner : run);
        if (!event->process.id[0])
            take_member(event->process.id, sizeof event->process.id, task, "run_id");
    }
    take_member(event->at, sizeof event->at, root, "occurred_at");
}

static void take_shaped(th_happening_t *event, th_json_value_t root) {
    th_json_value_t task = th_json_member(root, "this_task");
    if (th_json_is_object(task)) {
        take_subject(&event->task, task);
        take_subject(&event->process, th_json_member(root, "process"));
        take_member(event->by, sizeof event->by, th_json_member(root, "completer"), "full_name");
        take_member(event->at, sizeof event->at, task, "completed_at");
    } else {
        take_subject(&event->process, root);
        take_member(event->by, sizeof event->by, th_json_member(root, "launcher"), "full_name");
        take_member(event->at, sizeof event->at, root,
                    is_done(root) ? "completed_at" : "started_at");
    }
    take_member(event->rule, sizeof event->rule, root, "alias_name");
}

/* The same task's completion may be told by the template's address and by a watcher, in two shapes:
 * where the moment of the completion itself is there, it and the task say which one it is.
 * Everything else is the same only when it is the same to the byte. */
static void make_key(th_happening_t *event, th_json_value_t root, th_slice_t body) {
    char moment[TH_HAPPENING_ID] = "";
    th_json_value_t task = th_json_member(root, "this_task");
    if (!th_json_is_object(task)) task = th_json_member(root, "task");
    if (strcmp(event->event, "task.completed") == 0)
        take_member(moment, sizeof moment, task, "completed_at");
    if (strcmp(event->event, "process.launched") == 0 && event->process.id[0])
        (void)snprintf(moment, sizeof moment, "once");
    bool by_moment = moment[0] && (event->task.id[0] || event->process.id[0]);
    const th_slice_t parts[] = {
        th_slice_of(event->org_id), th_slice_of(event->event),
        by_moment ? th_slice_of(event->task.id[0] ? event->task.id : event->process.id)
                  : TH_SLICE(""),
        by_moment ? th_slice_of(moment) : body};
    event->key = th_hash_parts(NULL, parts, sizeof parts / sizeof *parts);
}

/* The organisation: of the header, of the body, or of both when they agree. */
static bool take_org(th_happening_t *event, th_slice_t org, th_json_value_t root,
                     th_error_t *error) {
    th_slice_t named = {NULL, 0};
    if (!th_json_string(th_json_member(root, "organization_id"), &named))
        th_json_string(th_json_member(th_json_member(root, "process"), "organization_id"), &named);
    if (org.length && named.length && !th_slice_equal(org, named))
        return th_error_set(error, "other_org",
                            "X-Tallyfy-orgID names another organisation than the body");
    if (!org.length) org = named;
    if (!th_happening_org_valid(org))
        return th_error_set(error, "no_org",
                            "which organisation this is about must be in X-Tallyfy-orgID");
    take(event->org_id, sizeof event->org_id, org);
    return true;
}

static bool fill(th_happening_t *event, th_slice_t org, th_slice_t body, th_error_t *error) {
    th_json_value_t root = th_json_root(event->payload);
    if (!th_json_is_object(root))
        return th_error_set(error, "bad_json", "the body must be a JSON object");
    if (!take_org(event, org, root, error)) return false;
    event->event = event_of(root);
    if (!event->event)
        return th_error_set(error, "unknown_event", "the body is no event that is known here");
    if (th_json_member(root, "event").document)
        take_watched(event, root);
    else
        take_shaped(event, root);
    event->is_one_off = event->task.id[0] && !event->process.id[0];
    make_key(event, root, body);
    return true;
}

th_happening_t *th_happening_read(th_json_parser_t *parser, th_slice_t org, th_slice_t body,
                                  th_error_t *error) {
    const th_json_limits_t limits = {.bytes = body.length, .depth = DEPTH, .nodes = PAYLOAD_NODES};
    th_happening_t *event = calloc(1, sizeof *event);
    if (!event) {
        th_error_set(error, "no_memory", "no memory for an event");
        return NULL;
    }
    event->references = 1;
    event->payload = th_json_parse(parser, body, &limits, error);
    if (event->payload && fill(event, org, body, error)) return event;
    th_happening_unref(event);
    return NULL;
}

th_happening_t *th_happening_ref(th_happening_t *happening) {
    happening->references++;
    return happening;
}

void th_happening_unref(th_happening_t *happening) {
    if (!happening || --happening->references > 0) return;
    th_json_unref(happening->payload);
    free(happening);
}

/* ---- telling ---- */

static const char *words_of(const char *event) {
    static const struct {
        const char *event, *words;
    } table[] = {
        {"process.launched", "Process launched"},  {"process.completed", "Process completed"},
        {"task.completed", "Task completed"},      {"task.assigned", "Task assigned"},
        {"task.comment_added", "New comment"},     {"task.issue_raised", "Problem reported"},
        {"task.issue_resolved", "Problem solved"}, {"rule.triggered", "Rule triggered"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].event, event) == 0) return table[i].words;
    return "Event";
}

void th_happening_sentence(const th_happening_t *happening, char *out, size_t size) {
    const th_subject_t *task = &happening->task, *process = &happening->process;
    const char *first = task->title[0] ? task->title : process->title;
    bool both = task->title[0] && process->title[0];
    (void)snprintf(out, size, "%s%s%s%s%s%s%s%s.", words_of(happening->event), first[0] ? ": " : "",
                   first, both ? " (" : "", both ? process->title : "", both ? ")" : "",
                   happening->by[0] ? ", by " : "", happening->by);
}

static void write_subject(th_json_writer_t *writer, const char *key, const th_subject_t *subject) {
    if (!subject->id[0]) return;
    th_json_write_key(writer, th_slice_of(key));
    th_json_write_object(writer);
    th_json_write_member_text(writer, "id", subject->id);
    if (subject->title[0]) th_json_write_member_text(writer, "title", subject->title);
    th_json_write_end(writer);
}

static void write_known(th_json_writer_t *writer, const char *key, const char *text) {
    if (text[0]) th_json_write_member_text(writer, key, text);
}

void th_happening_write(const th_happening_t *happening, th_json_writer_t *writer) {
    th_json_write_member_text(writer, "event", happening->event);
    write_subject(writer, "task", &happening->task);
    write_subject(writer, "process", &happening->process);
    write_known(writer, "by", happening->by);
    write_known(writer, "at", happening->at);
    write_known(writer, "rule", happening->rule);
}

th_json_document_t *th_happening_document(const th_happening_t *happening,
                                          th_json_parser_t *parser) {
    th_json_value_t root = th_json_root(happening->payload);
    th_buffer_t text;
    th_json_writer_t writer;
    th_json_document_t *document = NULL;
    th_buffer_init(&text, SIZE_MAX / 2); /* as long as what came, which was bounded */
    th_json_writer_init(&writer, &text, 0);
    th_json_write_object(&writer);
    th_happening_write(happening, &writer);
    th_json_write_member_text(&writer, "org", happening->org_id);
    th_json_write_member_value(&writer, "payload", root);
    th_json_write_end(&writer);
    const th_json_limits_t limits = {
        .bytes = SIZE_MAX / 2, .depth = DEPTH + 1, .nodes = PAYLOAD_NODES + 100};
    if (th_json_writer_finish(&writer, NULL))
        document = th_json_parse(parser, th_buffer_slice(&text), &limits, NULL);
    th_buffer_reset(&text);
    return document;
}
