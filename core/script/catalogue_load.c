/* catalogue_load.c - from a directory to a whole generation, or to the list of everything that is
 * wrong. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script/catalogue_parts.h"

static int by_kind_and_name(const void *a, const void *b) {
    const th_item_t *one = &((const th_tool_entry_t *)a)->tool;
    const th_item_t *other = &((const th_tool_entry_t *)b)->tool;
    if (one->kind != other->kind) return one->kind < other->kind ? -1 : 1;
    int order = strcmp(one->name, other->name);
    return order != 0 ? order : strcmp(one->file, other->file);
}

/* Checks every file, also after the first problem, so that one look shows them all. */
static bool check_files(th_catalogue_t *catalogue, const th_tool_files_t *found,
                        const th_settings_t *settings, th_problems_t *problems) {
    th_checker_t *checker = th_checker_open(settings, &catalogue->modules, problems);
    catalogue->entries = calloc(found->count + 1, sizeof *catalogue->entries);
    bool fine = checker && catalogue->entries;
    for (size_t i = 0; fine && i < found->count && !problems->more; i++) {
        if (th_checker_check(checker, &found->files[i], &catalogue->entries[catalogue->count]))
            catalogue->count++;
    }
    th_checker_close(checker);
    return fine;
}

/* Puts the entries in order and notes where each kind begins. */
static void arrange(th_catalogue_t *catalogue) {
    qsort(catalogue->entries, catalogue->count, sizeof *catalogue->entries, by_kind_and_name);
    for (size_t i = 0; i < catalogue->count; i++)
        catalogue->first[catalogue->entries[i].tool.kind + 1]++;
    for (int kind = 0; kind < TH_ITEM_KINDS; kind++)
        catalogue->first[kind + 1] += catalogue->first[kind];
}

static void tell_twice(const th_item_t *first, const th_item_t *second, const char *what,
                       const char *value, th_problems_t *problems) {
    char message[320], hint[256];
    (void)snprintf(message, sizeof message, "%s \"%.200s\" exists twice", what, value);
    (void)snprintf(hint, sizeof hint, "it is also in %.200s", first->file);
    th_problems_add(problems, second->file, 0, message, hint);
}

static void find_duplicates(const th_catalogue_t *catalogue, th_problems_t *problems) {
    for (size_t i = 1; i < catalogue->count; i++) {
        const th_item_t *first = &catalogue->entries[i - 1].tool;
        const th_item_t *second = &catalogue->entries[i].tool;
        if (first->kind != second->kind || strcmp(first->name, second->name) != 0) continue;
        tell_twice(first, second, th_item_kind_name(second->kind), second->name, problems);
    }
    size_t from = catalogue->first[TH_ITEM_RESOURCE], to = catalogue->first[TH_ITEM_RESOURCE + 1];
    for (size_t i = from; i < to; i++) {
        const th_item_t *second = &catalogue->entries[i].tool;
        for (size_t j = from; j < i; j++) {
            const th_item_t *first = &catalogue->entries[j].tool;
            if (strcmp(first->uri, second->uri) == 0)
                tell_twice(first, second, "the uri", second->uri, problems);
        }
    }
}

static bool digest_content(th_catalogue_t *catalogue) {
    th_slice_t *parts = calloc(2 * catalogue->count + 1, sizeof *parts);
    if (!parts) return false;
    size_t count = 0;
    for (size_t i = 0; i < catalogue->count; i++) {
        const th_tool_t *tool = &catalogue->entries[i].tool;
        parts[count++] = th_slice((const char *)tool->definition.bytes, TH_DIGEST_SIZE);
        parts[count++] = th_slice_of(tool->file);
    }
    parts[count++] = th_slice((const char *)catalogue->modules.digest.bytes, TH_DIGEST_SIZE);
    catalogue->content = th_hash_parts(NULL, parts, count);
    free(parts);
    return true;
}

/* False when something is wrong; what is wrong with files is in <problems>, all else in <error>. */
static bool fill(th_catalogue_t *catalogue, const th_settings_t *settings, const char *path,
                 th_problems_t *problems, th_error_t *error) {
    if (!th_modules_load(&catalogue->modules, settings, problems)) return false;
    th_tool_files_t found;
    bool fine = th_tool_files_find(path, &found, problems) &&
                check_files(catalogue, &found, settings, problems);
    th_tool_files_free(&found);
    if (!fine) return th_error_set(error, "no_memory", "cannot be loaded: out of memory");
    arrange(catalogue);
    find_duplicates(catalogue, problems);
    if (problems->count > 0) return false;
    if (!digest_content(catalogue))
        return th_error_set(error, "no_memory", "cannot be loaded: out of memory");
    return th_catalogue_render(catalogue, error);
}

th_catalogue_t *th_catalogue_load(const th_settings_t *settings, const char *path,
                                  th_problems_t *problems) {
    problems->count = 0;
    problems->more = false;
    if (!path) path = settings->script_tools;
    th_error_t error = {{0}, {0}};
    th_catalogue_t *catalogue = th_catalogue_new();
    if (catalogue && fill(catalogue, settings, path, problems, &error)) return catalogue;
    if (!catalogue) th_error_set(&error, "no_memory", "cannot be loaded: out of memory");
    th_catalogue_unref(catalogue);
    if (error.message[0]) th_problems_add(problems, path, 0, error.message, NULL);
    th_problems_sort(problems);
    return NULL;
}
