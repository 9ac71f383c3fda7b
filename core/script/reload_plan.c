/* reload_plan.c - finds the directories whose changes matter, as they are on the disk now. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "script/reload_parts.h"

/* Two roots, each with its folders and one directory above it. */
#define PLACES_MAX (2 * (TH_TOOL_FOLDERS_MAX + 1))

/* Takes over <path>; false when it is NULL (no memory) or the plan is full. */
static bool add_place(th_watch_plan_t *plan, char *path, dev_t device, ino_t inode,
                      const char *only) {
    if (!path || plan->count == PLACES_MAX) {
        free(path);
        return false;
    }
    th_watch_place_t *place = &plan->places[plan->count++];
    *place = (th_watch_place_t){.path = path, .device = device, .inode = inode};
    (void)snprintf(place->only, sizeof place->only, "%s", only);
    return true;
}

/* Cuts the last component off <path> and copies it to <name>; "" becomes "." or "/". */
static void cut_last(char *path, char *name, size_t size) {
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        path[--length] = '\0';
    char *slash = strrchr(path, '/');
    (void)snprintf(name, size, "%s", slash ? slash + 1 : path);
    if (!slash)
        memcpy(path, ".", 2); /* every path here has at least one character */
    else if (slash == path)
        path[1] = '\0';
    else
        *slash = '\0';
}

/* The nearest directory above <root> that exists, for the one name in it that leads to <root>. */
static bool add_above(th_watch_plan_t *plan, const char *root) {
    char *path = strdup(root);
    if (!path) return false;
    char name[256];
    struct stat status;
    do {
        cut_last(path, name, sizeof name);
    } while ((stat(path, &status) != 0 || !S_ISDIR(status.st_mode)) && strcmp(path, ".") != 0 &&
             strcmp(path, "/") != 0);
    return add_place(plan, path, status.st_dev, status.st_ino, name);
}

static bool add_root(th_watch_plan_t *plan, const char *root) {
    if (!root[0]) return true;
    if (!add_above(plan, root)) return false;
    th_tool_files_t found;
    bool fine = th_tool_files_find(root, &found, NULL);
    for (size_t i = 0; fine && i < found.folder_count; i++) {
        const th_tool_folder_t *folder = &found.folders[i];
        fine = add_place(plan, strdup(folder->path), folder->device, folder->inode, "");
    }
    th_tool_files_free(&found);
    return fine;
}

bool th_watch_plan_make(th_watch_plan_t *plan, const th_settings_t *settings) {
    plan->count = 0;
    plan->places = calloc(PLACES_MAX, sizeof *plan->places);
    if (plan->places && add_root(plan, settings->script_tools) &&
        add_root(plan, settings->script_library))
        return true;
    th_watch_plan_free(plan);
    return false;
}

void th_watch_plan_free(th_watch_plan_t *plan) {
    for (size_t i = 0; i < plan->count; i++)
        free(plan->places[i].path);
    free(plan->places);
    *plan = (th_watch_plan_t){NULL, 0};
}

bool th_watch_plan_equal(const th_watch_plan_t *a, const th_watch_plan_t *b) {
    if (a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++) {
        const th_watch_place_t *one = &a->places[i], *other = &b->places[i];
        if (one->device != other->device || one->inode != other->inode ||
            strcmp(one->path, other->path) != 0 || strcmp(one->only, other->only) != 0)
            return false;
    }
    return true;
}
