/* offline_target.c - which thing a number or a name means. */
#include <stdio.h>

#include "chat/offline_plan.h"
#include "chat/offline_render.h"

static const char *noun_of(th_item_kind_t kind) {
    switch (kind) {
    case TH_ITEM_TASK: return "task";
    case TH_ITEM_PROCESS: return "process";
    case TH_ITEM_TEMPLATE: return "template";
    case TH_ITEM_OTHER: return "task, process or template";
    }
    return "";
}

static const char *list_command_of(th_item_kind_t kind) {
    switch (kind) {
    case TH_ITEM_PROCESS: return "`processes`";
    case TH_ITEM_TEMPLATE: return "`templates`";
    case TH_ITEM_TASK:
    case TH_ITEM_OTHER: break;
    }
    return "`my tasks`";
}

static bool fits(const th_offline_item_t *item, th_item_kind_t kind) {
    return kind == TH_ITEM_OTHER || item->kind == kind;
}

/* ---- numbers ---- */

static th_target_t by_number(const th_offline_ask_t *ask, th_offline_step_t *step,
                             th_item_kind_t kind, th_offline_item_t *items, size_t *count) {
    const th_command_t *command = ask->command;
    th_offline_item_t rows[TH_OFFLINE_ITEMS_MAX];
    size_t there = ask->view->list.tool.length > 0
                       ? th_offline_items(&ask->view->list, rows, TH_OFFLINE_ITEMS_MAX)
                       : 0;
    if (command->number_count > *count) {
        th_offline_tell(step, "One at a time, please.\n", TH_SLICE(""), "");
        return TH_TARGET_NONE;
    }
    *count = 0;
    for (size_t i = 0; i < command->number_count; i++) {
        int number = command->numbers[i];
        char text[160];
        if (there == 0)
            (void)snprintf(text, sizeof text,
                           "There is no list yet that %d could belong to. Say %s first.\n", number,
                           list_command_of(kind));
        else if ((size_t)number > there)
            (void)snprintf(text, sizeof text, "There is no %d: the last list has %zu.\n", number,
                           there);
        else if (!fits(&rows[number - 1], kind))
            (void)snprintf(text, sizeof text, "%d in the last list is no %s.\n", number,
                           noun_of(kind));
        else
            text[0] = '\0';
        if (text[0]) {
            th_offline_tell(step, text, TH_SLICE(""), "");
            return TH_TARGET_NONE;
        }
        items[(*count)++] = rows[number - 1];
    }
    return TH_TARGET_FOUND;
}

/* ---- names ---- */

/* Rows called so; else rows that hold these words. Returns how many, the first in <*found>. */
static size_t match(const th_offline_item_t *rows, size_t count, th_item_kind_t kind,
                    th_slice_t name, th_offline_item_t *found) {
    size_t exact = 0, partial = 0;
    th_offline_item_t first_partial = {0};
    char text[256], wanted[256];
    (void)snprintf(wanted, sizeof wanted, "%.*s", (int)name.length, name.data);
    for (size_t i = 0; i < count; i++) {
        if (!fits(&rows[i], kind)) continue;
        (void)snprintf(text, sizeof text, "%.*s",
                       (int)(rows[i].title.length < 255 ? rows[i].title.length : 255),
                       rows[i].title.data);
        if (th_slice_equal_nocase(rows[i].title, name)) {
            if (exact++ == 0) *found = rows[i];
        } else if (strcasestr(text, wanted)) {
            if (partial++ == 0) first_partial = rows[i];
        }
    }
    if (exact > 0) return exact;
    if (partial > 0) *found = first_partial;
    return partial;
}

static th_target_t search(const th_offline_ask_t *ask, th_offline_step_t *step,
                          th_item_kind_t kind) {
    static const char *const words[] = {"task", "process", "blueprint"};
    th_json_writer_t writer;
    if (!th_offline_begin(ask, step, "search_all", &writer)) return TH_TARGET_NONE;
    th_json_write_member_text(&writer, "query", ask->command->subject);
    th_json_write_key(&writer, TH_SLICE("types"));
    th_json_write_array(&writer);
    for (size_t i = 0; i < 3; i++)
        if (kind == TH_ITEM_OTHER || kind == (th_item_kind_t)i)
            th_json_write_string(&writer, th_slice_of(words[i]));
    th_json_write_end(&writer);
    th_offline_end(step, &writer);
    return step->call_count > 0 ? TH_TARGET_ASKED : TH_TARGET_NONE;
}

/* Whether each word of <name> is in the title: then it is meant, in another order. */
static bool has_all_words(th_slice_t title, th_slice_t name) {
    char text[256], word[256];
    (void)snprintf(text, sizeof text, "%.*s", (int)(title.length < 255 ? title.length : 255),
                   title.data);
    for (size_t at = 0, end; at < name.length; at = end + 1) {
        for (end = at; end < name.length && name.data[end] != ' ';)
            end++;
        (void)snprintf(word, sizeof word, "%.*s", (int)(end - at < 255 ? end - at : 255),
                       name.data + at);
        if (!strcasestr(text, word)) return false;
    }
    return true;
}

static th_target_t from_search(const th_offline_ask_t *ask, th_offline_step_t *step,
                               th_item_kind_t kind, const th_offline_result_t *result,
                               th_offline_item_t *item) {
    th_slice_t name = th_slice_of(ask->command->subject);
    th_offline_item_t rows[TH_OFFLINE_ITEMS_MAX];
    if (result->failed) {
        th_offline_render_failure(&step->text, result);
        return TH_TARGET_NONE;
    }
    size_t there = th_offline_items(result, rows, TH_OFFLINE_ITEMS_MAX);
    size_t matches = match(rows, there, kind, name, item);
    if (matches == 1) return TH_TARGET_FOUND;
    if (there == 1 && matches == 0 && fits(&rows[0], kind) && has_all_words(rows[0].title, name)) {
        *item = rows[0];
        return TH_TARGET_FOUND;
    }
    if (there == 0) {
        th_offline_tell(step, "I found no ", th_slice_of(noun_of(kind)), " called \"");
        th_offline_tell(step, "", name, "\". Say ");
        th_offline_tell(step, list_command_of(kind), TH_SLICE(""), " to see what there is.\n");
        return TH_TARGET_NONE;
    }
    th_offline_tell(step, there == 1 ? "Only this comes near \"" : "More than one fits \"", name,
                    "\":\n\n");
    th_offline_render(&step->text, result, &ask->clock);
    th_offline_tell(step, "\nPlease say it again with its number instead of the name.\n",
                    TH_SLICE(""), "");
    return TH_TARGET_NONE;
}

static th_target_t by_name(const th_offline_ask_t *ask, th_offline_step_t *step,
                           th_item_kind_t kind, th_offline_item_t *items, size_t *count) {
    th_offline_item_t rows[TH_OFFLINE_ITEMS_MAX];
    const th_offline_result_t *result = th_offline_result_of(ask->view, "search_all");
    *count = 1;
    if (result) return from_search(ask, step, kind, result, &items[0]);
    if (ask->view->list.tool.length > 0) {
        size_t there = th_offline_items(&ask->view->list, rows, TH_OFFLINE_ITEMS_MAX);
        if (match(rows, there, kind, th_slice_of(ask->command->subject), &items[0]) == 1)
            return TH_TARGET_FOUND;
    }
    return search(ask, step, kind);
}

/* "0", "-1", "100000": numbers that no list has, and no names to search for. */
static bool is_number(const char *text) {
    size_t length = strlen(text);
    return length > 0 && length < 10 && strspn(text, "0123456789#-+.,") == length;
}

th_target_t th_offline_target(const th_offline_ask_t *ask, th_offline_step_t *step,
                              th_item_kind_t kind, th_offline_item_t *items, size_t *count) {
    if (ask->command->number_count > 0) return by_number(ask, step, kind, items, count);
    if (is_number(ask->command->subject)) {
        th_offline_tell(step, "There is no number ", th_slice_of(ask->command->subject),
                        " in a list.\n");
        return TH_TARGET_NONE;
    }
    if (ask->command->subject[0]) return by_name(ask, step, kind, items, count);
    th_offline_tell(step, "Which ", th_slice_of(noun_of(kind)),
                    "? Say its number in the last list, "
                    "or its name.\n");
    return TH_TARGET_NONE;
}

/* ---- the process of a task ---- */

static const th_offline_result_t *details_of(const th_offline_view_t *view, th_slice_t id) {
    for (size_t i = 0; i < view->count; i++) {
        const th_offline_result_t *result = &view->results[i];
        if (th_slice_is(result->tool, "get_standalone_task") &&
            th_slice_equal(th_offline_text(result->input, "task_id"), id))
            return result;
    }
    return NULL;
}

th_target_t th_offline_place(const th_offline_ask_t *ask, th_offline_step_t *step,
                             th_offline_item_t *items, size_t count) {
    th_json_writer_t writer;
    for (size_t i = 0; i < count; i++) {
        th_offline_item_t *item = &items[i];
        if (item->run_id.length > 0 || item->is_one_off) continue;
        const th_offline_result_t *result = details_of(ask->view, item->id);
        if (result && result->failed) {
            th_offline_render_failure(&step->text, result);
            return TH_TARGET_NONE;
        }
        if (result) {
            item->run_id = th_offline_text(result->data, "run_id");
            continue;
        }
        if (!th_offline_begin(ask, step, "get_standalone_task", &writer)) return TH_TARGET_NONE;
        th_json_write_member_string(&writer, "task_id", item->id);
        th_offline_end(step, &writer);
    }
    return step->call_count > 0 ? TH_TARGET_ASKED : TH_TARGET_FOUND;
}
