/* reload_report.c - what the log says about a new generation, or about why there is none. */
#include <stdio.h>
#include <string.h>

#include "script/reload_parts.h"

#define NAMES_SHOWN 6

/* A few names, and the number of all. */
typedef struct th_name_list {
    const char *word;
    char text[NAMES_SHOWN * 68];
    size_t count;
} th_name_list_t;

static void add_name(th_name_list_t *list, const char *name) {
    if (list->count++ >= NAMES_SHOWN) return;
    size_t length = strlen(list->text);
    (void)snprintf(list->text + length, sizeof list->text - length, "%s%s", length ? ", " : "",
                   name);
}

static void add_list(char *out, size_t size, const th_name_list_t *list) {
    if (list->count == 0) return;
    size_t length = strlen(out);
    char more[48] = "";
    if (list->count > NAMES_SHOWN)
        (void)snprintf(more, sizeof more, " and %zu more", list->count - NAMES_SHOWN);
    (void)snprintf(out + length, size - length, "%s%s: %s%s", length ? "; " : " (", list->word,
                   list->text, more);
}

static bool is_changed(const th_tool_t *a, const th_tool_t *b) {
    return !th_digest_equal(&a->definition, &b->definition) || strcmp(a->file, b->file) != 0;
}

typedef const th_item_t *(*th_item_at_t)(const th_catalogue_t *catalogue, size_t index);

/* The items of one kind. Both are in name order: one pass over the two. */
static void compare(const th_catalogue_t *before, const th_catalogue_t *now, th_item_at_t item_at,
                    th_name_list_t *changed, th_name_list_t *added, th_name_list_t *removed) {
    size_t i = 0, j = 0;
    for (;;) {
        const th_item_t *old = item_at(before, i), *fresh = item_at(now, j);
        if (!old && !fresh) return;
        int order = !old ? 1 : !fresh ? -1 : strcmp(old->name, fresh->name);
        if (order < 0) add_name(removed, old->name);
        if (order > 0) add_name(added, fresh->name);
        if (order == 0 && is_changed(old, fresh)) add_name(changed, fresh->name);
        i += order <= 0;
        j += order >= 0;
    }
}

void th_reload_report_fresh(const th_log_t *log, const th_catalogue_t *before,
                            const th_catalogue_t *now) {
    th_name_list_t changed = {.word = "changed"}, added = {.word = "added"},
                   removed = {.word = "removed"};
    char details[3 * sizeof changed.text + 200] = "";
    static const th_item_at_t kinds[] = {th_catalogue_tool, th_catalogue_resource,
                                         th_catalogue_prompt, th_catalogue_handler};
    if (before) {
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
            compare(before, now, kinds[i], &changed, &added, &removed);
        add_list(details, sizeof details, &changed);
        add_list(details, sizeof details, &added);
        add_list(details, sizeof details, &removed);
        size_t length = strlen(details);
        (void)snprintf(details + length, sizeof details - length, "%s",
                       length ? ")" : " (the library changed)");
    }
    th_log(log, TH_LOG_NOTICE, "script", "tools: generation %llu, %zu tool%s%s",
           (unsigned long long)th_catalogue_generation(now), th_catalogue_count(now),
           th_catalogue_count(now) == 1 ? "" : "s", details);
}

void th_reload_report_problems(const th_log_t *log, const th_problems_t *problems,
                               const th_catalogue_t *current) {
    for (size_t i = 0; i < problems->count; i++) {
        const th_problem_t *problem = &problems->list[i];
        char line[24] = "";
        if (problem->line > 0) (void)snprintf(line, sizeof line, ":%d", problem->line);
        th_log(log, TH_LOG_ERROR, "script", "tools: %s%s: %s%s%s%s", problem->file, line,
               problem->message, problem->hint[0] ? " (" : "", problem->hint,
               problem->hint[0] ? ")" : "");
    }
    char kept[64] = "the tools in use stay";
    if (current)
        (void)snprintf(kept, sizeof kept, "generation %llu stays in use",
                       (unsigned long long)th_catalogue_generation(current));
    th_log(log, TH_LOG_ERROR, "script", "tools: not taken over, %s%zu problem%s; %s",
           problems->more ? "more than " : "", problems->count, problems->count == 1 ? "" : "s",
           kept);
}
