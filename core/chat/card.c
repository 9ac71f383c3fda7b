/* card.c - what a person is shown before something is changed, and their yes or no to it.
 * A card says which tool, what it would be given, exactly, and what ids stand for. The yes itself
 * is kept and spent by core/session/consent.c; here is only what connections say. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "chat/tool_run.h"
#include "chat/turn.h"
#include "chat/visible.h"

#define LINES_MAX 400
#define PATH_MAX_BYTES 4096
#define LINE_MAX_BYTES ((size_t)16 * 1024 * 1024)

/* --- the lines ------------------------------------------------------------------------------- */

typedef struct lines {
    th_json_writer_t *json;
    const th_names_t *names;
    unsigned left;
    bool cut;           /* not everything has its line, or a path is not whole */
    const char *target; /* the first name that was found */
    th_buffer_t path;
} lines_t;

static void write_shown(th_json_writer_t *json, const char *key, th_slice_t text, bool *odd) {
    th_buffer_t shown;
    bool hides = false;
    th_buffer_init(&shown, LINE_MAX_BYTES);
    (void)th_text_show(&shown, text, &hides);
    th_json_write_member_string(json, key, th_buffer_slice(&shown));
    if (hides) *odd = true;
    th_buffer_reset(&shown);
}

/* A text as it is; anything else as JSON. */
static void write_value(th_json_writer_t *json, th_json_value_t value, bool *odd) {
    th_slice_t text;
    if (th_json_string(value, &text)) {
        write_shown(json, "text", text, odd);
        return;
    }
    th_buffer_t plain;
    th_json_writer_t part;
    th_buffer_init(&plain, LINE_MAX_BYTES);
    th_json_writer_init(&part, &plain, 0);
    th_json_write_value(&part, value);
    write_shown(json, "text", th_buffer_slice(&plain), odd);
    th_buffer_reset(&plain);
}

static void write_line(lines_t *lines, th_slice_t member, th_slice_t label, th_json_value_t value) {
    th_json_writer_t *json = lines->json;
    const char *name = th_names_find(lines->names, member, value);
    bool odd = false;
    th_json_write_object(json);
    write_shown(json, "path", th_buffer_slice(&lines->path), &odd);
    write_shown(json, "label", label, &odd);
    write_value(json, value, &odd);
    if (name) th_json_write_member_text(json, "name", name);
    if (odd) th_json_write_member_boolean(json, "odd", true);
    th_json_write_end(json);
    if (name && !lines->target) lines->target = name;
}

static void add_step(th_buffer_t *path, th_slice_t step) {
    (void)th_buffer_add_byte(path, '/');
    for (size_t i = 0; i < step.length; i++) {
        if (step.data[i] == '~')
            (void)th_buffer_add_text(path, "~0");
        else if (step.data[i] == '/')
            (void)th_buffer_add_text(path, "~1");
        else
            (void)th_buffer_add_byte(path, step.data[i]);
    }
}

/* One line for each value that holds no others; depth is that of a request: 64. */
static void write_lines(lines_t *lines, th_json_value_t schema, th_slice_t member, th_slice_t label,
                        th_json_value_t value) {
    bool is_object = th_json_is_object(value);
    if ((!is_object && !th_json_is_array(value)) || th_json_count(value) == 0) {
        if (lines->left == 0 || lines->path.failed) {
            lines->cut = true;
            return;
        }
        lines->left--;
        write_line(lines, member, label, value);
        return;
    }
    size_t before = lines->path.length, number = 0;
    th_json_iterator_t each = th_json_iterate(value);
    while (th_json_next(&each)) {
        char place[24];
        (void)snprintf(place, sizeof place, "%zu", number++);
        th_slice_t step = is_object ? each.key : th_slice_of(place);
        th_json_value_t part = is_object ? th_json_get(th_json_member(schema, "properties"), step)
                                         : th_json_member(schema, "items");
        th_slice_t title = is_object ? step : label;
        if (is_object) (void)th_json_string(th_json_member(part, "title"), &title);
        add_step(&lines->path, step);
        write_lines(lines, part, is_object ? step : member, title, // NOLINT(misc-no-recursion)
                    each.value);
        if (!lines->path.failed) lines->path.length = before;
    }
}

/* --- opening --------------------------------------------------------------------------------- */

/* False: the arguments have more parts than a card shows. */
static bool write_card(th_tool_run_t *run, th_draft_t *draft) {
    static const char *const effects[] = {"read", "add", "change", "remove"};
    th_json_writer_t *json = &draft->json;
    const th_item_t *item = run->item;
    lines_t lines = {.json = json, .names = &run->conversation->names, .left = LINES_MAX};
    th_buffer_init(&lines.path, PATH_MAX_BYTES);
    if (run->turn) th_json_write_member_text(json, "turn", run->turn->id);
    th_json_write_member_text(json, "call", run->id);
    th_json_write_member_text(json, "approval", run->proposal.id);
    th_json_write_member_text(json, "digest", run->proposal.digest);
    th_json_write_member_text(json, "tool", item->name);
    th_json_write_member_text(json, "title", item->title);
    th_json_write_member_text(json, "about", item->description);
    th_json_write_member_text(json, "effect", effects[item->effect]);
    th_json_write_member_value(json, "arguments", run->arguments);
    th_json_write_key(json, TH_SLICE("lines"));
    th_json_write_array(json);
    if (th_json_count(run->arguments) > 0)
        write_lines(&lines, item->input_schema, th_slice(NULL, 0), TH_SLICE(""), run->arguments);
    th_json_write_end(json);
    th_json_write_member_value(json, "schema", item->input_schema);
    th_card_write_change(run, json, lines.target);
    th_json_write_key(json, TH_SLICE("scopes"));
    th_json_write_array(json);
    th_json_write_string(json, TH_SLICE("once"));
    if (item->effect != TH_EFFECT_REMOVE) th_json_write_string(json, TH_SLICE("session"));
    th_json_write_end(json);
    th_write_time(json, "expires_at", th_clock_wall_ms() + run->proposal.life);
    th_buffer_reset(&lines.path);
    return !lines.cut;
}

static bool draft_card(th_tool_run_t *run, th_draft_t *draft) {
    th_event_begin(run->conversation, draft, "approval_request", NULL);
    return write_card(run, draft);
}

/* Gone without having been shown. */
static void give_up(th_tool_run_t *run, const char *code, const char *message) {
    (void)th_consent_withdraw(run->conversation->session, th_slice_of(run->proposal.id));
    th_tool_run_fail(run, code, message);
}

/* Composes and tells it; NULL when that cannot be, and the run is ended. Nothing may hide behind
 * the last line of a card; and all that is open must fit into what a client that comes back takes.
 */
static th_event_t *show(th_tool_run_t *run) {
    th_conversation_t *conversation = run->conversation;
    size_t most = th_chat_room(conversation->chat) / 4;
    th_draft_t draft;
    bool whole = draft_card(run, &draft);
    if (run->seen && draft.text.length > most) { /* it helps, but the arguments count */
        th_json_unref(run->seen);
        run->seen = NULL;
        th_buffer_reset(&draft.text);
        whole = draft_card(run, &draft);
    }
    size_t length = draft.text.length, open = th_conversation_open_bytes(conversation);
    if (!whole || length > most) {
        th_buffer_reset(&draft.text);
        give_up(run, "too_large",
                "These arguments are too large, or have too many parts, to be shown to the person, "
                "who has to approve them. Do it in smaller steps.");
        return NULL;
    }
    if (open + length > most) {
        th_buffer_reset(&draft.text);
        give_up(run, "too_many_approvals",
                "Too much waits for the person's yes or no already, so this was not asked. Call it "
                "again when that is answered.");
        return NULL;
    }
    th_event_t *card = th_event_end(conversation, &draft, false);
    if (!card) give_up(run, "no_memory", "The host is out of memory. Try again in a minute.");
    return card;
}

void th_card_open(th_tool_run_t *run) {
    th_conversation_t *conversation = run->conversation;
    th_chat_t *chat = conversation->chat;
    th_error_t error = {"", ""};
    if (th_json_length(run->arguments) > th_chat_room(chat) / 8) {
        th_tool_run_fail(run, "too_large",
                         "These arguments are too large to be shown to the person, who has to "
                         "approve them. Do it in smaller steps.");
        return;
    }
    if (!th_consent_propose(conversation->session, run->item, run->arguments, &run->proposal,
                            &error)) {
        th_tool_run_fail(run, error.code, error.message);
        return;
    }
    th_event_t *card = show(run);
    if (!card) return;
    run->card = th_event_ref(card);
    run->state = TH_RUN_ASKED;
    th_deadline_set(&chat->deadlines, &run->card_end, (uint64_t)run->proposal.life);
    if (run->turn) th_turn_waits(run->turn);
}

/* --- closing --------------------------------------------------------------------------------- */

void th_card_close(th_tool_run_t *run, const char *outcome, th_slice_t reason) {
    th_conversation_t *conversation = run->conversation;
    bool given = strcmp(outcome, "approved") == 0 || strcmp(outcome, "edited") == 0;
    if (!given) (void)th_consent_withdraw(conversation->session, th_slice_of(run->proposal.id));
    th_deadline_clear(&run->card_end);
    th_event_unref(run->card);
    run->card = NULL;
    if (run->turn) th_turn_waited(run->turn);
    th_log(conversation->chat->worker->log, TH_LOG_INFO, "consent",
           "principal=%s tool=%s card of %s is %s", th_grant_principal(conversation->grant),
           run->tool, run->id, outcome);
    th_draft_t draft;
    th_event_begin(conversation, &draft, "approval_closed", NULL);
    th_json_write_member_text(&draft.json, "approval", run->proposal.id);
    th_json_write_member_text(&draft.json, "call", run->id);
    th_json_write_member_text(&draft.json, "outcome", outcome);
    if (reason.length) th_json_write_member_string(&draft.json, "reason", reason);
    (void)th_event_end(conversation, &draft, false);
}

void th_card_expired(th_deadline_t *deadline) {
    th_tool_run_t *run = TH_CONTAINER(deadline, th_tool_run_t, card_end);
    th_card_close(run, "expired", th_slice(NULL, 0));
    th_tool_run_fail(run, "expired",
                     "Nobody approved this in time, so it was not done. Say what you wanted to do "
                     "and ask whether to try again.");
}

void th_card_recheck(th_tool_run_t *run) {
    th_catalogue_t *fresh = th_sessions_catalogue(run->conversation->chat->sessions);
    const th_item_t *item = th_catalogue_find(fresh, th_slice_of(run->tool));
    const th_item_t *by = run->by ? th_catalogue_find(fresh, th_slice_of(run->by->name)) : NULL;
    bool same = false;
    if (item && (by || !run->by)) {
        th_digest_t was = th_catalogue_behaviour(run->catalogue, run->item);
        th_digest_t is = th_catalogue_behaviour(fresh, item);
        same = th_digest_equal(&was, &is);
    }
    if (same) {
        (void)th_catalogue_ref(fresh);
        th_catalogue_unref(run->catalogue);
        run->catalogue = fresh;
        run->item = item;
        run->by = by;
        return;
    }
    if (run->state == TH_RUN_ASKED) th_card_close(run, "changed", th_slice(NULL, 0));
    th_preview_drop(run);
    th_tool_run_fail(run, "changed",
                     "This tool was changed while the person was being asked, so it was not run. "
                     "Look at it again before you call it.");
}

static th_tool_run_t *find_card(th_conversation_t *conversation, th_slice_t approval) {
    for (th_list_t *at = conversation->runs.next; at != &conversation->runs; at = at->next) {
        th_tool_run_t *run = TH_CONTAINER(at, th_tool_run_t, link);
        if (run->state == TH_RUN_ASKED && th_slice_is(approval, run->proposal.id)) return run;
    }
    return NULL;
}

/* The yes is given: the card's arguments, or what the person made of them, are what runs. */
static void approve(th_tool_run_t *run, th_json_value_t edited) {
    if (th_json_type(edited) != TH_JSON_ABSENT) {
        run->edited = !th_json_equal(run->arguments, edited);
        (void)th_json_ref(edited.document);
        th_json_unref(run->arguments.document);
        run->arguments = edited;
    }
    th_card_close(run, run->edited ? "edited" : "approved", th_slice(NULL, 0));
    th_tool_run_go(run, run->proposal.id);
}

void th_card_approve(th_chat_connection_t *connection, const th_chat_message_t *message) {
    th_conversation_t *conversation = connection->conversation;
    th_slice_t id = {NULL, 0}, digest = {NULL, 0}, scope = TH_SLICE("once");
    th_error_t error = {"", ""};
    (void)th_json_string(th_json_member(message->root, "approval"), &id);
    (void)th_json_string(th_json_member(message->root, "digest"), &digest);
    (void)th_json_string(th_json_member(message->root, "scope"), &scope);
    th_json_value_t edited = th_json_member(message->root, "arguments");
    th_tool_run_t *run = find_card(conversation, id);
    bool fits = !run || th_json_type(edited) == TH_JSON_ABSENT ||
                th_tool_run_check(run->item, edited, &error);
    /* Also when there is no such card: whoever forges one is refused, and logged, by the door. */
    bool given = fits && th_consent_grant(conversation->session, id, digest, edited,
                                          th_slice_is(scope, "session") ? TH_CONSENT_SESSION
                                                                        : TH_CONSENT_ONCE,
                                          &error);
    if (!given)
        th_reply_error(connection, message->id, error.code, error.message);
    else if (run)
        approve(run, edited);
}

void th_card_deny(th_chat_connection_t *connection, const th_chat_message_t *message) {
    th_slice_t id = {NULL, 0}, reason = {NULL, 0};
    char text[4096];
    (void)th_json_string(th_json_member(message->root, "approval"), &id);
    (void)th_json_string(th_json_member(message->root, "reason"), &reason);
    th_tool_run_t *run = find_card(connection->conversation, id);
    if (!run) {
        th_reply_error(connection, message->id, "unknown_approval",
                       "There is no such card: it was answered, withdrawn or never shown.");
        return;
    }
    (void)snprintf(text, sizeof text,
                   "The person said no%s%.*s. It was not done; do not try it again unless they ask "
                   "for it.",
                   reason.length ? ": " : "", (int)reason.length, reason.data ? reason.data : "");
    th_text_trim(text, sizeof text);
    th_card_close(run, "denied", reason);
    th_tool_run_fail(run, "denied", text);
}
