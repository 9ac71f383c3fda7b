/* offline_plan.c - from a command and this turn's results to the next step. */
#include "chat/offline_plan.h"

#include <stdio.h>

#include "chat/offline_render.h"

#define TEXT_MAX (256 * 1024)
#define INPUT_MAX (64 * 1024)
#define TITLE_MOST 200

/* ---- steps ---- */

void th_offline_step_init(th_offline_step_t *step) {
    step->call_count = 0;
    th_buffer_init(&step->text, TEXT_MAX);
}

void th_offline_step_free(th_offline_step_t *step) {
    th_buffer_reset(&step->text);
    for (size_t i = 0; i < step->call_count; i++)
        th_buffer_reset(&step->calls[i].input);
    step->call_count = 0;
}

static bool has_tool(const th_offline_ask_t *ask, const char *name) {
    for (th_json_iterator_t it = th_json_iterate(ask->tools); th_json_next(&it);)
        if (th_slice_is(th_offline_text(it.value, "name"), name)) return true;
    return false;
}

bool th_offline_begin(const th_offline_ask_t *ask, th_offline_step_t *step, const char *tool,
                      th_json_writer_t *writer) {
    if (!has_tool(ask, tool)) {
        th_offline_tell(step, "I would need the tool **", th_slice_of(tool),
                        "** for that, and it is not available to you here.\n");
        return false;
    }
    if (step->call_count >= TH_OFFLINE_CALLS_MAX) return false;
    th_offline_call_t *call = &step->calls[step->call_count++];
    (void)snprintf(call->tool, sizeof call->tool, "%s", tool);
    th_buffer_init(&call->input, INPUT_MAX);
    th_json_writer_init(writer, &call->input, 0);
    th_json_write_object(writer);
    return true;
}

void th_offline_end(th_offline_step_t *step, th_json_writer_t *writer) {
    th_json_write_end(writer);
    if (th_json_writer_finish(writer, NULL)) return;
    th_buffer_reset(&step->calls[--step->call_count].input);
    th_offline_tell(step, "That is too long for me.\n", TH_SLICE(""), "");
}

void th_offline_tell(th_offline_step_t *step, const char *before, th_slice_t title,
                     const char *after) {
    (void)th_buffer_add_text(&step->text, before);
    th_offline_say(&step->text, title, TITLE_MOST);
    (void)th_buffer_add_text(&step->text, after);
}

static void tell(th_offline_step_t *step, const char *text) {
    th_offline_tell(step, text, TH_SLICE(""), "");
}

bool th_offline_report(const th_offline_ask_t *ask, th_offline_step_t *step, const char *tool,
                       const char *done) {
    bool any = false;
    for (size_t i = 0; i < ask->view->count; i++) {
        const th_offline_result_t *result = &ask->view->results[i];
        if (!th_slice_is(result->tool, tool)) continue;
        th_slice_t title = th_offline_text(result->data, "title");
        if (title.length == 0) title = th_offline_text(result->data, "name");
        any = true;
        if (result->failed) {
            th_offline_render_failure(&step->text, result);
        } else if (title.length > 0) {
            th_offline_tell(step, "Done: **", title, "**");
            th_offline_tell(step, " ", TH_SLICE(""), done);
        } else {
            th_offline_say(&step->text, result->text, 800);
        }
        tell(step, "\n");
    }
    return any;
}

/* ---- reading ---- */

static void render_results(const th_offline_ask_t *ask, th_offline_step_t *step) {
    for (size_t i = 0; i < ask->view->count; i++) {
        if (i > 0) tell(step, "\n");
        th_offline_render(&step->text, &ask->view->results[i], &ask->clock);
    }
}

/* One call with that status, then its result. */
static void decide_my_tasks(const th_offline_ask_t *ask, th_offline_step_t *step) {
    th_json_writer_t writer;
    if (ask->view->count > 0) {
        render_results(ask, step);
    } else if (th_offline_begin(ask, step, "get_my_tasks", &writer)) {
        th_json_write_member_text(&writer, "status",
                                  ask->command->detail[0] ? ask->command->detail : "incomplete");
        th_offline_end(step, &writer);
    }
}

/* One call without arguments, then its result. */
static void decide_read(const th_offline_ask_t *ask, th_offline_step_t *step, const char *tool) {
    th_json_writer_t writer;
    if (ask->view->count > 0)
        render_results(ask, step);
    else if (th_offline_begin(ask, step, tool, &writer))
        th_offline_end(step, &writer);
}

static void decide_search(const th_offline_ask_t *ask, th_offline_step_t *step) {
    th_json_writer_t writer;
    if (ask->view->count > 0) {
        render_results(ask, step);
    } else if (!ask->command->subject[0]) {
        tell(step, "What shall I look for? For example `search onboarding`.\n");
    } else if (th_offline_begin(ask, step, "search_all", &writer)) {
        th_json_write_member_text(&writer, "query", ask->command->subject);
        th_offline_end(step, &writer);
    }
}

static void decide_tasks_of(const th_offline_ask_t *ask, th_offline_step_t *step) {
    const char *who = ask->command->subject;
    th_json_writer_t writer;
    if (ask->view->count > 0) {
        render_results(ask, step);
    } else if (!*who) {
        tell(step, "Whose tasks? For example `Ben's tasks` or `tasks of process 2`.\n");
    } else if (strcasecmp(who, "me") == 0) {
        decide_my_tasks(ask, step);
    } else if (th_offline_begin(ask, step, "get_user_tasks", &writer)) {
        th_json_write_member_text(&writer, strchr(who, '@') ? "user_email" : "user_name", who);
        th_json_write_member_text(&writer, "status",
                                  ask->command->detail[0] ? ask->command->detail : "incomplete");
        th_offline_end(step, &writer);
    }
}

static void decide_process_tasks(const th_offline_ask_t *ask, th_offline_step_t *step) {
    th_offline_item_t item;
    size_t count = 1;
    th_json_writer_t writer;
    const th_offline_result_t *result = th_offline_result_of(ask->view, "get_tasks_for_process");
    if (result) {
        th_offline_render(&step->text, result, &ask->clock);
        return;
    }
    if (th_offline_target(ask, step, TH_ITEM_PROCESS, &item, &count) != TH_TARGET_FOUND) return;
    if (!th_offline_begin(ask, step, "get_tasks_for_process", &writer)) return;
    th_json_write_member_string(&writer, "process_id", item.id);
    th_offline_end(step, &writer);
}

static void show_item(const th_offline_ask_t *ask, th_offline_step_t *step,
                      const th_offline_item_t *item) {
    th_json_writer_t writer;
    if (item->kind == TH_ITEM_TEMPLATE) {
        if (!th_offline_begin(ask, step, "get_template", &writer)) return;
        th_json_write_member_string(&writer, "template_id", item->id);
    } else if (item->kind == TH_ITEM_PROCESS) {
        if (!th_offline_begin(ask, step, "get_process", &writer)) return;
        th_json_write_member_string(&writer, "run_id", item->id);
    } else if (item->kind == TH_ITEM_TASK && item->run_id.length > 0) {
        if (!th_offline_begin(ask, step, "get_task", &writer)) return;
        th_json_write_member_string(&writer, "run_id", item->run_id);
        th_json_write_member_string(&writer, "task_id", item->id);
    } else if (item->kind == TH_ITEM_TASK) {
        if (!th_offline_begin(ask, step, "get_standalone_task", &writer)) return;
        th_json_write_member_string(&writer, "task_id", item->id);
    } else {
        th_offline_tell(step, "I can show tasks, processes and templates; **", item->title,
                        "** is none of them.\n");
        return;
    }
    th_offline_end(step, &writer);
}

static th_item_kind_t kind_of_noun(th_noun_t noun) {
    return noun == TH_NOUN_TASK       ? TH_ITEM_TASK
           : noun == TH_NOUN_PROCESS  ? TH_ITEM_PROCESS
           : noun == TH_NOUN_TEMPLATE ? TH_ITEM_TEMPLATE
                                      : TH_ITEM_OTHER;
}

static void decide_show(const th_offline_ask_t *ask, th_offline_step_t *step) {
    static const char *const shown[] = {"get_template", "get_process", "get_task",
                                        "get_standalone_task"};
    th_offline_item_t items[TH_COMMAND_NUMBERS_MAX];
    size_t count = TH_COMMAND_NUMBERS_MAX;
    bool any = false;
    for (size_t i = 0; i < ask->view->count; i++) {
        const th_offline_result_t *result = &ask->view->results[i];
        for (size_t j = 0; j < sizeof shown / sizeof shown[0]; j++) {
            if (!th_slice_is(result->tool, shown[j])) continue;
            any = true;
            th_offline_render(&step->text, result, &ask->clock);
            tell(step, "\n");
        }
    }
    if (any || th_offline_target(ask, step, kind_of_noun(ask->command->noun), items, &count) !=
                   TH_TARGET_FOUND)
        return;
    for (size_t i = 0; i < count; i++)
        show_item(ask, step, &items[i]);
}

/* How a process stands: itself, and its tasks. */
static void decide_status(const th_offline_ask_t *ask, th_offline_step_t *step) {
    th_offline_item_t item;
    size_t count = 1;
    th_json_writer_t writer;
    if (th_offline_result_of(ask->view, "get_process")) {
        for (size_t i = 0; i < ask->view->count; i++)
            if (!th_slice_is(ask->view->results[i].tool, "search_all")) {
                if (step->text.length > 0) tell(step, "\n");
                th_offline_render(&step->text, &ask->view->results[i], &ask->clock);
            }
        return;
    }
    if (th_offline_target(ask, step, TH_ITEM_PROCESS, &item, &count) != TH_TARGET_FOUND) return;
    if (!th_offline_begin(ask, step, "get_process", &writer)) return;
    th_json_write_member_string(&writer, "run_id", item.id);
    th_offline_end(step, &writer);
    if (!th_offline_begin(ask, step, "get_tasks_for_process", &writer)) return;
    th_json_write_member_string(&writer, "process_id", item.id);
    th_offline_end(step, &writer);
}

static void decide_who_is(const th_offline_ask_t *ask, th_offline_step_t *step) {
    th_json_writer_t writer;
    if (ask->view->count > 0) {
        render_results(ask, step);
    } else if (!ask->command->subject[0]) {
        tell(step, "Who is who? For example `who is Ben`; `people` lists everybody.\n");
    } else if (th_offline_begin(ask, step, "get_user", &writer)) {
        th_json_write_member_text(&writer, "user_id", ask->command->subject);
        th_offline_end(step, &writer);
    }
}

static void decide_comments(const th_offline_ask_t *ask, th_offline_step_t *step) {
    th_offline_item_t item;
    size_t count = 1;
    th_json_writer_t writer;
    const th_offline_result_t *result = th_offline_result_of(ask->view, "get_task_comments");
    if (result) {
        th_offline_render(&step->text, result, &ask->clock);
        return;
    }
    if (th_offline_target(ask, step, TH_ITEM_TASK, &item, &count) != TH_TARGET_FOUND ||
        !th_offline_begin(ask, step, "get_task_comments", &writer))
        return;
    th_json_write_member_string(&writer, "task_id", item.id);
    if (item.run_id.length > 0) th_json_write_member_string(&writer, "run_id", item.run_id);
    th_offline_end(step, &writer);
}

static void decide_more(const th_offline_ask_t *ask, th_offline_step_t *step) {
    const th_offline_result_t *list = &ask->view->list;
    int64_t page = 0, pages = 0;
    th_json_writer_t writer;
    char tool[128];
    if (ask->view->count > 0) {
        render_results(ask, step);
        return;
    }
    th_json_value_t meta = th_json_member(list->data, "meta");
    (void)th_json_integer(th_json_member(meta, "page"), &page);
    (void)th_json_integer(th_json_member(meta, "total_pages"), &pages);
    if (list->tool.length == 0 || page >= pages || list->tool.length >= sizeof tool) {
        tell(step, "There is no more: the last list was whole.\n");
        return;
    }
    memcpy(tool, list->tool.data, list->tool.length);
    tool[list->tool.length] = '\0';
    if (!th_offline_begin(ask, step, tool, &writer)) return;
    for (th_json_iterator_t it = th_json_iterate(list->input); th_json_next(&it);) {
        if (th_slice_is(it.key, "page")) continue;
        th_json_write_key(&writer, it.key);
        th_json_write_value(&writer, it.value);
    }
    th_json_write_member_integer(&writer, "page", page + 1);
    th_offline_end(step, &writer);
}

/* ---- any tool ---- */

/* Any tool, by name and JSON. */
static void decide_call(const th_offline_ask_t *ask, th_offline_step_t *step) {
    const th_json_limits_t limits = {
        .bytes = INPUT_MAX, .depth = 40, .nodes = 20000, .refuse_duplicates = true};
    th_error_t problem = {0};
    th_json_writer_t writer;
    if (ask->view->count > 0) {
        render_results(ask, step);
        return;
    }
    th_json_document_t *input =
        th_json_parse(ask->parser, th_slice_of(ask->command->detail), &limits, &problem);
    if (!ask->command->subject[0]) {
        tell(step, "Which tool? For example `call get_my_tasks {\"page\": 2}`.\n");
    } else if (!input || !th_json_is_object(th_json_root(input))) {
        th_offline_tell(step, "The arguments must be a JSON object: ",
                        th_slice_of(input ? "this is none" : problem.message), ".\n");
    } else if (th_offline_begin(ask, step, ask->command->subject, &writer)) {
        for (th_json_iterator_t it = th_json_iterate(th_json_root(input)); th_json_next(&it);) {
            th_json_write_key(&writer, it.key);
            th_json_write_value(&writer, it.value);
        }
        th_offline_end(step, &writer);
    }
    th_json_unref(input);
}

/* ---- all of them ---- */

static void tell_unknown(th_offline_step_t *step, th_slice_t ask) {
    char guess[1200];
    th_offline_tell(step, "I did not understand \"", ask, "\". ");
    if (th_command_guess(ask, guess, sizeof guess) > 0) {
        th_offline_tell(step, "Did you mean **", th_slice_of(guess), "**? Say `yes` if so.\n");
        return;
    }
    tell(step, "I am the built-in assistant and know plain commands in English only, such as "
               "`my tasks`, `search onboarding`, `complete 3` or `launch onboarding for Jane by "
               "Friday`. `help` lists them all.\n");
}

void th_offline_decide(const th_offline_ask_t *ask, th_offline_step_t *step) {
    switch (ask->command->kind) {
    case TH_COMMAND_UNKNOWN: tell_unknown(step, ask->view->ask); return;
    case TH_COMMAND_HELP: th_offline_render_help(&step->text); return;
    case TH_COMMAND_GREETING:
        tell(step, "Hello! Try `my tasks`, or `help` for everything I understand.\n");
        return;
    case TH_COMMAND_THANKS: tell(step, "You are welcome.\n"); return;
    case TH_COMMAND_WHO_AM_I: decide_read(ask, step, "get_me"); return;
    case TH_COMMAND_MY_TASKS: decide_my_tasks(ask, step); return;
    case TH_COMMAND_TASKS_OF: decide_tasks_of(ask, step); return;
    case TH_COMMAND_PROCESS_TASKS: decide_process_tasks(ask, step); return;
    case TH_COMMAND_PROCESSES: decide_read(ask, step, "get_organization_runs"); return;
    case TH_COMMAND_TEMPLATES: decide_read(ask, step, "get_all_templates"); return;
    case TH_COMMAND_PEOPLE: decide_read(ask, step, "get_organization_users"); return;
    case TH_COMMAND_GUESTS: decide_read(ask, step, "get_organization_guests"); return;
    case TH_COMMAND_GROUPS: decide_read(ask, step, "get_groups"); return;
    case TH_COMMAND_TAGS: decide_read(ask, step, "get_tags"); return;
    case TH_COMMAND_SEARCH: decide_search(ask, step); return;
    case TH_COMMAND_SHOW: decide_show(ask, step); return;
    case TH_COMMAND_WHO_IS: decide_who_is(ask, step); return;
    case TH_COMMAND_STATUS: decide_status(ask, step); return;
    case TH_COMMAND_COMMENTS: decide_comments(ask, step); return;
    case TH_COMMAND_COMPLETE:
    case TH_COMMAND_APPROVE:
    case TH_COMMAND_REJECT:
    case TH_COMMAND_REOPEN:
    case TH_COMMAND_COMMENT:
    case TH_COMMAND_ASSIGN:
    case TH_COMMAND_DEADLINE:
    case TH_COMMAND_ARCHIVE: th_offline_decide_change(ask, step); return;
    case TH_COMMAND_YES:
        tell(step, "Nothing is waiting for a yes here. Before anything is changed a card shows "
                   "what exactly: the answer is given there.\n");
        return;
    case TH_COMMAND_SAY: th_offline_tell(step, ask->command->detail, TH_SLICE(""), "\n"); return;
    case TH_COMMAND_TOO_MUCH:
        th_offline_tell(step,
                        "One thing at a time, please: I did nothing, since I do not know what "
                        "to do with \"",
                        th_slice_of(ask->command->detail), "\".\n");
        return;
    case TH_COMMAND_CREATE: th_offline_decide_create(ask, step); return;
    case TH_COMMAND_LAUNCH: th_offline_decide_launch(ask, step); return;
    case TH_COMMAND_MORE: decide_more(ask, step); return;
    case TH_COMMAND_CALL: decide_call(ask, step); return;
    }
}
