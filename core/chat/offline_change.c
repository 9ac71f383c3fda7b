/* offline_change.c - changing tasks and processes. Each call that changes is shown to the person
 * before it is made; what comes of it is told from the tool's own words. */
#include <stdio.h>

#include "chat/offline_plan.h"
#include "chat/offline_render.h"

static void tell(th_offline_step_t *step, const char *text) {
    th_offline_tell(step, text, TH_SLICE(""), "");
}

static bool begins(th_slice_t text, const char *words) {
    size_t length = strlen(words);
    return text.length >= length && memcmp(text.data, words, length) == 0;
}

/* ---- completing ---- */

/* "Approved: Sign. Rules changed: Pay (active)." in the words of the tool: which of the two it was
 * depends on the task, not on the word that the person used. */
static void tell_completed(th_offline_step_t *step, const th_offline_result_t *result) {
    static const char rules[] = " Rules changed:";
    th_slice_t title = th_offline_text(result->data, "title");
    const char *end =
        result->text.length ? memchr(result->text.data, '\n', result->text.length) : NULL;
    th_slice_t line =
        end ? th_slice(result->text.data, (size_t)(end - result->text.data)) : result->text;
    const char *found =
        line.length ? memmem(line.data, line.length, rules, sizeof rules - 1) : NULL;
    th_offline_tell(step, "Done: **", title.length ? title : TH_SLICE("the task"), "** ");
    tell(step, begins(line, "Approved")   ? "is approved."
               : begins(line, "Rejected") ? "is rejected."
               : begins(line, "Your part")
                   ? "is done as far as you are concerned; others are still to complete it."
                   : "is completed.");
    if (found) {
        tell(step, " ");
        th_offline_say(&step->text, th_slice(found, line.length - (size_t)(found - line.data)),
                       800);
    }
    tell(step, "\n");
}

/* The reason is posted behind what was done. True: a call for it stands in the step. */
static bool comment_on_done(const th_offline_ask_t *ask, th_offline_step_t *step) {
    th_json_writer_t writer;
    if (!ask->command->detail[0] || th_offline_result_of(ask->view, "add_task_comment"))
        return false;
    for (size_t i = 0; i < ask->view->count; i++) {
        const th_offline_result_t *result = &ask->view->results[i];
        if (!th_slice_is(result->tool, "complete_task") || result->failed) continue;
        if (!th_offline_begin(ask, step, "add_task_comment", &writer)) break;
        for (th_json_iterator_t it = th_json_iterate(result->input); th_json_next(&it);) {
            if (!th_slice_is(it.key, "task_id") && !th_slice_is(it.key, "run_id")) continue;
            th_json_write_key(&writer, it.key);
            th_json_write_value(&writer, it.value);
        }
        th_json_write_member_text(&writer, "content", ask->command->detail);
        th_offline_end(step, &writer);
    }
    return step->call_count > 0;
}

static void tell_comment(th_offline_step_t *step, const th_offline_result_t *result) {
    if (result->failed)
        th_offline_render_failure(&step->text, result);
    else
        tell(step, "Done: your comment is there.\n");
}

static void tell_all_completed(const th_offline_ask_t *ask, th_offline_step_t *step) {
    const th_offline_result_t *last = th_offline_result_of(ask->view, "complete_task");
    for (size_t i = 0; i < ask->view->count; i++) {
        const th_offline_result_t *result = &ask->view->results[i];
        bool is_comment = th_slice_is(result->tool, "add_task_comment");
        if (!is_comment && !th_slice_is(result->tool, "complete_task")) continue;
        if (step->text.length > 0) tell(step, "\n");
        if (is_comment)
            tell_comment(step, result);
        else if (result->failed)
            th_offline_render_failure(&step->text, result);
        else
            tell_completed(step, result);
    }
    if (ask->command->kind == TH_COMMAND_COMPLETE && last->failed && last->text.length > 0 &&
        memmem(last->text.data, last->text.length, "approval", 8))
        tell(step, "\nSay `approve` or `reject` instead of `complete`.\n");
}

/* Completes, approves, rejects. */
static void decide_complete(const th_offline_ask_t *ask, th_offline_step_t *step) {
    th_command_kind_t kind = ask->command->kind;
    th_offline_item_t items[TH_COMMAND_NUMBERS_MAX];
    size_t count = TH_COMMAND_NUMBERS_MAX;
    th_json_writer_t writer;
    if (th_offline_result_of(ask->view, "complete_task")) {
        if (!comment_on_done(ask, step)) tell_all_completed(ask, step);
        return;
    }
    if (th_offline_target(ask, step, TH_ITEM_TASK, items, &count) != TH_TARGET_FOUND ||
        th_offline_place(ask, step, items, count) != TH_TARGET_FOUND)
        return;
    for (size_t i = 0; i < count; i++) {
        if (!th_offline_begin(ask, step, "complete_task", &writer)) return;
        if (items[i].run_id.length > 0)
            th_json_write_member_string(&writer, "run_id", items[i].run_id);
        th_json_write_member_string(&writer, "task_id", items[i].id);
        if (kind != TH_COMMAND_COMPLETE)
            th_json_write_member_boolean(&writer, "is_approved", kind == TH_COMMAND_APPROVE);
        th_offline_end(step, &writer);
    }
}

static void decide_reopen(const th_offline_ask_t *ask, th_offline_step_t *step) {
    th_offline_item_t item;
    size_t count = 1;
    th_json_writer_t writer;
    if (th_offline_report(ask, step, "reopen_task", "is open again.")) return;
    if (!ask->command->detail[0]) {
        tell(step, "Please say why: `reopen 3 because the amount was wrong`. It is posted as a "
                   "comment.\n");
        return;
    }
    if (th_offline_target(ask, step, TH_ITEM_TASK, &item, &count) != TH_TARGET_FOUND ||
        th_offline_place(ask, step, &item, count) != TH_TARGET_FOUND ||
        !th_offline_begin(ask, step, "reopen_task", &writer))
        return;
    if (item.run_id.length > 0) th_json_write_member_string(&writer, "run_id", item.run_id);
    th_json_write_member_string(&writer, "task_id", item.id);
    th_json_write_member_text(&writer, "reason", ask->command->detail);
    th_offline_end(step, &writer);
}

static void decide_comment(const th_offline_ask_t *ask, th_offline_step_t *step) {
    th_offline_item_t item;
    size_t count = 1;
    th_json_writer_t writer;
    const th_offline_result_t *result = th_offline_result_of(ask->view, "add_task_comment");
    if (result) {
        tell_comment(step, result);
        return;
    }
    if (!ask->command->detail[0]) {
        tell(step, "What shall I write? For example `comment on 2: please check`.\n");
        return;
    }
    if (th_offline_target(ask, step, TH_ITEM_TASK, &item, &count) != TH_TARGET_FOUND ||
        !th_offline_begin(ask, step, "add_task_comment", &writer))
        return;
    th_json_write_member_string(&writer, "task_id", item.id);
    if (item.run_id.length > 0) th_json_write_member_string(&writer, "run_id", item.run_id);
    th_json_write_member_text(&writer, "content", ask->command->detail);
    th_offline_end(step, &writer);
}

/* ---- several at once ---- */

/* What became of each task of reassign_tasks or set_task_deadlines. */
static void tell_each(th_offline_step_t *step, const th_offline_result_t *result, const char *done,
                      th_slice_t more) {
    if (result->failed) {
        th_offline_render_failure(&step->text, result);
        return;
    }
    th_json_iterator_t it = th_json_iterate(th_json_member(result->data, "results"));
    for (bool first = true; th_json_next(&it); first = false) {
        bool is_done = th_slice_is(th_offline_text(it.value, "status"), "done");
        th_slice_t name = th_offline_text(it.value, "name");
        if (!first) tell(step, "\n");
        th_offline_tell(step, is_done ? "Done: **" : "**",
                        name.length ? name : TH_SLICE("The task"), "**");
        if (is_done) {
            th_slice_t note = th_offline_text(it.value, "note");
            th_offline_tell(step, done, more.length ? more : note, ".\n");
        } else {
            th_slice_t message = th_offline_text(th_json_member(it.value, "error"), "message");
            th_offline_tell(step, " was not changed: ", message, "\n");
        }
    }
}

static bool begin_for_tasks(const th_offline_ask_t *ask, th_offline_step_t *step, const char *tool,
                            th_json_writer_t *writer) {
    th_offline_item_t items[TH_COMMAND_NUMBERS_MAX];
    size_t count = TH_COMMAND_NUMBERS_MAX;
    if (th_offline_target(ask, step, TH_ITEM_TASK, items, &count) != TH_TARGET_FOUND ||
        !th_offline_begin(ask, step, tool, writer))
        return false;
    th_json_write_key(writer, TH_SLICE("tasks"));
    th_json_write_array(writer);
    for (size_t i = 0; i < count; i++) {
        th_json_write_object(writer);
        th_json_write_member_string(writer, "task_id", items[i].id);
        if (items[i].run_id.length > 0)
            th_json_write_member_string(writer, "run_id", items[i].run_id);
        th_json_write_end(writer);
    }
    th_json_write_end(writer);
    return true;
}

/* Whom "me" means; false: the step asks, or says why not. */
static bool find_me(const th_offline_ask_t *ask, th_offline_step_t *step, th_slice_t *email) {
    const th_offline_result_t *me = th_offline_result_of(ask->view, "get_me");
    th_json_writer_t writer;
    if (!me) {
        if (th_offline_begin(ask, step, "get_me", &writer)) th_offline_end(step, &writer);
        return false;
    }
    *email = th_offline_text(me->data, "email");
    if (email->length > 0) return true;
    tell(step, "I could not find out who you are; please say your name instead of \"me\".\n");
    return false;
}

static void decide_assign(const th_offline_ask_t *ask, th_offline_step_t *step) {
    const th_command_t *command = ask->command;
    const th_offline_result_t *result = th_offline_result_of(ask->view, "reassign_tasks");
    th_slice_t who = th_slice_of(command->person);
    th_json_writer_t writer;
    if (result) {
        bool is_me = th_slice_equal_nocase(who, TH_SLICE("me"));
        tell_each(step, result, " is now with ", is_me ? TH_SLICE("you") : who);
        return;
    }
    if (who.length == 0) {
        tell(step, "To whom? For example `assign 3 to Ben`.\n");
        return;
    }
    if ((th_slice_equal_nocase(who, TH_SLICE("me")) && !find_me(ask, step, &who)) ||
        !begin_for_tasks(ask, step, "reassign_tasks", &writer))
        return;
    th_json_write_key(&writer, TH_SLICE("to"));
    th_json_write_object(&writer);
    th_json_write_key(&writer, command->detail[0] ? TH_SLICE("groups") : TH_SLICE("users"));
    th_json_write_array(&writer);
    th_json_write_string(&writer, who);
    th_json_write_end(&writer);
    th_json_write_end(&writer);
    th_offline_end(step, &writer);
}

static void decide_deadline(const th_offline_ask_t *ask, th_offline_step_t *step) {
    const th_offline_result_t *result = th_offline_result_of(ask->view, "set_task_deadlines");
    th_json_writer_t writer;
    if (result) {
        tell_each(step, result, ": ", th_slice("", 0));
    } else if (!ask->command->when[0]) {
        tell(step, "To when? For example `move the deadline of 2 to next Tuesday`.\n");
    } else if (begin_for_tasks(ask, step, "set_task_deadlines", &writer)) {
        th_json_write_member_text(&writer, "deadline", ask->command->when);
        th_offline_end(step, &writer);
    }
}

static void decide_archive(const th_offline_ask_t *ask, th_offline_step_t *step) {
    th_offline_item_t item;
    size_t count = 1;
    th_json_writer_t writer;
    if (th_offline_report(ask, step, "archive_process", "is archived.")) return;
    if (th_offline_target(ask, step, TH_ITEM_PROCESS, &item, &count) != TH_TARGET_FOUND ||
        !th_offline_begin(ask, step, "archive_process", &writer))
        return;
    th_json_write_member_string(&writer, "run_id", item.id);
    th_offline_end(step, &writer);
}

void th_offline_decide_change(const th_offline_ask_t *ask, th_offline_step_t *step) {
    switch (ask->command->kind) {
    case TH_COMMAND_REOPEN: decide_reopen(ask, step); return;
    case TH_COMMAND_COMMENT: decide_comment(ask, step); return;
    case TH_COMMAND_ASSIGN: decide_assign(ask, step); return;
    case TH_COMMAND_DEADLINE: decide_deadline(ask, step); return;
    case TH_COMMAND_ARCHIVE: decide_archive(ask, step); return;
    default: decide_complete(ask, step); return;
    }
}
