/* inquiry.c - questions to the person: those of running tools (call.ask), and whether a turn that
 * met a limit is to go on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "chat/tool_run.h"
#include "chat/turn.h"
#include "chat/visible.h"
#include "json/schema.h"

#define ANSWER_MAX ((size_t)512 * 1024)
#define MESSAGE_MAX ((size_t)16 * 1024)

static th_inquiry_t *inquiry_at(const th_list_t *node) {
    return TH_CONTAINER(node, th_inquiry_t, link);
}

static void inquiry_free(th_inquiry_t *inquiry) {
    th_list_remove(&inquiry->link);
    th_deadline_clear(&inquiry->end);
    th_schema_free(inquiry->schema);
    th_event_unref(inquiry->event);
    th_buffer_wipe(&inquiry->answer);
    free(inquiry);
}

static void on_patience_lost(th_deadline_t *deadline);

/* NULL: no memory. Not yet open. */
static th_inquiry_t *inquiry_new(th_conversation_t *conversation, th_tool_run_t *run,
                                 th_turn_t *turn) {
    th_inquiry_t *inquiry = calloc(1, sizeof *inquiry);
    if (!inquiry) return NULL;
    inquiry->conversation = conversation;
    inquiry->run = run;
    inquiry->turn = turn;
    (void)snprintf(inquiry->id, sizeof inquiry->id, "q%u", ++conversation->inquiry_count);
    th_deadline_init(&inquiry->end, on_patience_lost);
    th_buffer_init(&inquiry->answer, ANSWER_MAX);
    th_list_init(&inquiry->link);
    return inquiry;
}

static void write_clean(th_json_writer_t *json, const char *key, th_slice_t text) {
    th_buffer_t clean;
    bool cut;
    th_buffer_init(&clean, 3 * MESSAGE_MAX);
    if (!th_text_clean(&clean, text, MESSAGE_MAX, &cut)) th_buffer_clear(&clean);
    th_json_write_member_string(json, key, th_buffer_slice(&clean));
    th_buffer_reset(&clean);
}

static void begin_question(th_inquiry_t *inquiry, th_draft_t *draft, const char *kind,
                           th_slice_t message, int64_t life) {
    const th_tool_run_t *run = inquiry->run;
    const th_turn_t *turn = run ? run->turn : inquiry->turn;
    th_event_begin(inquiry->conversation, draft, "question", NULL);
    if (turn) th_json_write_member_text(&draft->json, "turn", turn->id);
    if (run) th_json_write_member_text(&draft->json, "call", run->id);
    th_json_write_member_text(&draft->json, "question", inquiry->id);
    th_json_write_member_text(&draft->json, "kind", kind);
    write_clean(&draft->json, "message", message);
    th_write_time(&draft->json, "expires_at", th_clock_wall_ms() + life);
}

/* False: no memory, or more would be open than a client that comes back takes. */
static bool end_question(th_inquiry_t *inquiry, th_draft_t *draft) {
    th_conversation_t *conversation = inquiry->conversation;
    size_t most = th_chat_room(conversation->chat) / 4;
    /* Whether a turn goes on is short, and has to be asked. */
    if (inquiry->run && th_conversation_open_bytes(conversation) + draft->text.length > most) {
        th_buffer_reset(&draft->text);
        return false;
    }
    th_event_t *event = th_event_end(conversation, draft, false);
    if (!event) return false;
    inquiry->event = th_event_ref(event);
    th_list_add_tail(&conversation->inquiries, &inquiry->link);
    th_turn_t *turn = inquiry->run ? inquiry->run->turn : inquiry->turn;
    if (turn) th_turn_waits(turn);
    return true;
}

/* <outcome> NULL: without a word. */
static void close_one(th_inquiry_t *inquiry, const char *outcome) {
    th_conversation_t *conversation = inquiry->conversation;
    th_turn_t *turn = inquiry->run ? inquiry->run->turn : inquiry->turn;
    if (turn && !conversation->ended) th_turn_waited(turn);
    if (!outcome) return;
    th_draft_t draft;
    th_event_begin(conversation, &draft, "question_closed", NULL);
    th_json_write_member_text(&draft.json, "question", inquiry->id);
    th_json_write_member_text(&draft.json, "outcome", outcome);
    (void)th_event_end(conversation, &draft, false);
}

void th_inquiries_drop(th_conversation_t *conversation, const th_tool_run_t *run,
                       const th_turn_t *turn, const char *outcome) {
    th_list_t *at = conversation->inquiries.next;
    while (at != &conversation->inquiries) {
        th_inquiry_t *inquiry = inquiry_at(at);
        at = at->next;
        if (run ? inquiry->run != run : (inquiry->run || inquiry->turn != turn)) continue;
        if (!inquiry->answered) close_one(inquiry, outcome);
        inquiry_free(inquiry);
    }
}

/* --- asked by a call ------------------------------------------------------------------------- */

bool th_inquiry_can_ask(void *arg, th_ask_kind_t kind) {
    const th_tool_run_t *run = arg;
    return !run->ended && (kind == TH_ASK_FORM || kind == TH_ASK_URL);
}

/* Everything that can fail before a word is said. NULL with <error>. */
static th_inquiry_t *prepare(th_tool_run_t *run, const th_ask_t *ask, th_json_value_t params,
                             th_error_t *error) {
    th_inquiry_t *inquiry = inquiry_new(run->conversation, run, NULL);
    if (!inquiry) {
        th_error_set(error, "cannot_ask", "The question cannot be put: out of memory.");
        return NULL;
    }
    (void)snprintf(inquiry->key, sizeof inquiry->key, "%.*s", (int)ask->key.length, ask->key.data);
    inquiry->kind = ask->kind;
    if (ask->kind != TH_ASK_FORM) return inquiry;
    inquiry->schema = th_schema_compile(th_json_member(params, "requestedSchema"), error);
    if (inquiry->schema) return inquiry;
    inquiry_free(inquiry);
    th_error_set(error, "cannot_ask", "The form of the question cannot be read.");
    return NULL;
}

static bool open_one(th_tool_run_t *run, const th_ask_t *ask, th_error_t *error) {
    th_chat_t *chat = run->conversation->chat;
    th_json_document_t *document =
        th_json_parse(chat->worker->parser, ask->params, &th_json_limits_answer, error);
    th_json_value_t params = th_json_root(document);
    th_inquiry_t *inquiry = document ? prepare(run, ask, params, error) : NULL;
    if (!inquiry) {
        th_json_unref(document);
        return false;
    }
    th_slice_t message = {"", 0}, url = {"", 0};
    (void)th_json_string(th_json_member(params, "message"), &message);
    (void)th_json_string(th_json_member(params, "url"), &url);
    th_draft_t draft;
    begin_question(inquiry, &draft, ask->kind == TH_ASK_FORM ? "form" : "url", message,
                   th_chat_settings(chat)->script_ask_timeout);
    if (ask->kind == TH_ASK_FORM)
        th_json_write_member_value(&draft.json, "schema",
                                   th_json_member(params, "requestedSchema"));
    else
        th_json_write_member_string(&draft.json, "url", url);
    bool open = end_question(inquiry, &draft);
    th_json_unref(document);
    if (open) return true;
    inquiry_free(inquiry);
    return th_error_set(error, "cannot_ask",
                        "The question cannot be put: too much is asked already, or there is no "
                        "memory.");
}

bool th_inquiry_ask(void *arg, const th_ask_t *asks, size_t count, th_error_t *error) {
    th_tool_run_t *run = arg;
    for (size_t i = 0; i < count; i++)
        if (!th_inquiry_can_ask(run, asks[i].kind))
            return th_error_set(error, "cannot_ask",
                                "The person can be asked with forms and links only.");
    run->asked_at = th_chat_now(run->conversation->chat);
    for (size_t i = 0; i < count; i++) {
        if (open_one(run, &asks[i], error)) {
            run->open_questions++;
            continue;
        }
        th_inquiries_drop(run->conversation, run, NULL, "cancel");
        run->open_questions = 0;
        return false;
    }
    return true;
}

/* All answers of the run's questions, as th_running_answer() wants them. */
static th_json_document_t *collect(const th_tool_run_t *run) {
    const th_conversation_t *conversation = run->conversation;
    th_buffer_t text;
    th_json_writer_t json;
    th_buffer_init(&text, 8 * ANSWER_MAX);
    th_json_writer_init(&json, &text, 0);
    th_json_write_object(&json);
    for (const th_list_t *at = conversation->inquiries.next; at != &conversation->inquiries;
         at = at->next) {
        const th_inquiry_t *inquiry = inquiry_at(at);
        if (inquiry->run != run) continue;
        th_json_write_key(&json, th_slice_of(inquiry->key));
        th_json_write_raw(&json, th_buffer_slice(&inquiry->answer));
    }
    th_json_write_end(&json);
    th_json_document_t *document = NULL;
    if (th_json_writer_finish(&json, NULL))
        document = th_json_parse(conversation->chat->worker->parser, th_buffer_slice(&text),
                                 &th_json_limits_answer, NULL);
    th_buffer_wipe(&text);
    return document;
}

static void answer_run(th_tool_run_t *run) {
    th_json_document_t *answers = collect(run);
    run->asked_ms += th_chat_now(run->conversation->chat) - run->asked_at;
    th_inquiries_drop(run->conversation, run, NULL, NULL);
    if (!answers || !th_running_answer(run->running, th_json_root(answers)))
        th_running_cancel(run->running);
    th_json_unref(answers);
}

/* --- asked by a turn ------------------------------------------------------------------------- */

static void on_patience_lost(th_deadline_t *deadline) {
    th_inquiry_t *inquiry = TH_CONTAINER(deadline, th_inquiry_t, end);
    th_turn_t *turn = inquiry->turn;
    close_one(inquiry, "expired");
    inquiry_free(inquiry);
    th_turn_continue(turn, false);
}

bool th_inquiry_continue(th_turn_t *turn, const char *message) {
    th_conversation_t *conversation = turn->conversation;
    int64_t life = th_chat_settings(conversation->chat)->chat_approval_life;
    th_inquiry_t *inquiry = inquiry_new(conversation, NULL, turn);
    if (!inquiry) return false;
    th_draft_t draft;
    begin_question(inquiry, &draft, "continue", th_slice_of(message), life);
    if (!end_question(inquiry, &draft)) {
        inquiry_free(inquiry);
        return false;
    }
    th_deadline_set(&conversation->chat->deadlines, &inquiry->end, (uint64_t)life);
    return true;
}

/* --- answered -------------------------------------------------------------------------------- */

static th_inquiry_t *find(const th_conversation_t *conversation, th_slice_t id) {
    for (const th_list_t *at = conversation->inquiries.next; at != &conversation->inquiries;
         at = at->next)
        if (!inquiry_at(at)->answered && th_slice_is(id, inquiry_at(at)->id)) return inquiry_at(at);
    return NULL;
}

static bool check_content(const th_inquiry_t *inquiry, th_slice_t action, th_json_value_t content,
                          th_error_t *error) {
    if (inquiry->kind != TH_ASK_FORM || !inquiry->run || !th_slice_is(action, "accept"))
        return true;
    if (!th_json_is_object(content))
        return th_error_set(error, "invalid_answer", "The form was accepted without `content`.");
    th_schema_report_t report = {0};
    if (th_schema_validate(inquiry->schema, content, &report)) return true;
    const th_schema_error_t *first = &report.errors[0];
    return th_error_set(error, "invalid_answer", "The form is not filled in right: %s%s%s",
                        first->instance_path[0] ? first->instance_path + 1 : "",
                        first->instance_path[0] ? ": " : "", first->message);
}

static bool keep_answer(th_inquiry_t *inquiry, th_slice_t action, th_json_value_t content) {
    th_json_writer_t json;
    th_json_writer_init(&json, &inquiry->answer, 0);
    th_json_write_object(&json);
    th_json_write_member_string(&json, "action", action);
    if (inquiry->kind == TH_ASK_FORM && th_slice_is(action, "accept"))
        th_json_write_member_value(&json, "content", content);
    th_json_write_end(&json);
    if (th_json_writer_finish(&json, NULL)) return true;
    th_buffer_clear(&inquiry->answer);
    return false;
}

static void take(th_inquiry_t *inquiry, th_slice_t action) {
    char outcome[16];
    (void)snprintf(outcome, sizeof outcome, "%.*s", (int)action.length, action.data);
    th_tool_run_t *run = inquiry->run;
    th_turn_t *turn = inquiry->turn;
    close_one(inquiry, outcome);
    if (!run) {
        inquiry_free(inquiry);
        th_turn_continue(turn, strcmp(outcome, "accept") == 0);
        return;
    }
    inquiry->answered = true;
    if (--run->open_questions == 0) answer_run(run);
}

void th_inquiry_reply(th_chat_connection_t *connection, const th_chat_message_t *message) {
    th_slice_t id = {NULL, 0}, action = {NULL, 0};
    th_error_t error = {"", ""};
    (void)th_json_string(th_json_member(message->root, "question"), &id);
    (void)th_json_string(th_json_member(message->root, "action"), &action);
    th_json_value_t content = th_json_member(message->root, "content");
    th_inquiry_t *inquiry = find(connection->conversation, id);
    if (!inquiry) {
        th_reply_error(connection, message->id, "unknown_question",
                       "There is no such question: it was answered, or nobody waits for it any "
                       "more.");
        return;
    }
    bool fits = check_content(inquiry, action, content, &error);
    if (fits && !keep_answer(inquiry, action, content))
        fits = th_error_set(&error, "invalid_answer", "The answer is too large.");
    if (fits)
        take(inquiry, action);
    else
        th_reply_error(connection, message->id, error.code, error.message);
}
