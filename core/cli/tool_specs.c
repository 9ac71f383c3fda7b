/* tool_specs.c - walks folders for NAME_spec.lua, and puts what it finds in order. */
#include "cli/tool_specs.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ENDING "_spec.lua"
#define DEPTH_MAX 4
#define SPEC_BYTES_MAX (1024 * 1024)

static bool is_spec(const char *file) {
    size_t length = strlen(file), end = strlen(ENDING);
    return length > end && file[0] != '.' && strcmp(file + length - end, ENDING) == 0;
}

static bool is_about(const char *file, const char *name) {
    size_t length = name ? strlen(name) : 0;
    return is_spec(file) &&
           (!name || (strncmp(file, name, length) == 0 && strcmp(file + length, ENDING) == 0));
}

static bool add(th_tool_specs_t *specs, const char *path) {
    char *copy = specs->count < TH_TOOL_SPECS_MAX ? strdup(path) : NULL;
    if (!copy) {
        errno = ENOMEM;
        return false;
    }
    specs->paths[specs->count++] = copy;
    return true;
}

static bool walk(th_tool_specs_t *specs, const char *folder, const char *name, int depth) {
    DIR *directory = opendir(folder);
    if (!directory) return false;
    bool fine = true;
    for (struct dirent *entry; fine && (entry = readdir(directory));) {
        char path[4096];
        struct stat status;
        (void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] == '.' || lstat(path, &status) != 0) continue;
        if (S_ISDIR(status.st_mode) && depth < DEPTH_MAX)
            fine = walk(specs, path, name, depth + 1);
        else if (S_ISREG(status.st_mode) && is_about(entry->d_name, name))
            fine = add(specs, path);
    }
    (void)closedir(directory);
    return fine;
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort(th_tool_specs_t *specs) {
    qsort(specs->paths, specs->count, sizeof(specs->paths[0]), by_name);
}

bool th_tool_specs_beside(th_tool_specs_t *specs, const char *tools, const char *name) {
    bool fine = walk(specs, tools, name, 0);
    sort(specs);
    return fine;
}

/* Does the file run the tool: does it hold `/NAME"`? */
static bool mentions(const char *path, const char *name) {
    char wanted[128];
    FILE *file = fopen(path, "re");
    char *text = file ? calloc(1, SPEC_BYTES_MAX + 1) : NULL;
    (void)snprintf(wanted, sizeof(wanted), "/%.100s\"", name);
    bool found = text && fread(text, 1, SPEC_BYTES_MAX, file) > 0 && strstr(text, wanted);
    free(text);
    if (file) (void)fclose(file);
    return found;
}

bool th_tool_specs_shipped(th_tool_specs_t *specs, const char *root, const char *name) {
    char folder[4096];
    (void)snprintf(folder, sizeof(folder), "%s/tests/spec", root);
    DIR *directory = opendir(folder);
    if (!directory) return true;
    bool fine = true;
    for (struct dirent *entry; fine && (entry = readdir(directory));) {
        char path[4400], inside[300];
        (void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        (void)snprintf(inside, sizeof(inside), "tests/spec/%s", entry->d_name);
        if (is_spec(entry->d_name) && (!name || mentions(path, name))) fine = add(specs, inside);
    }
    (void)closedir(directory);
    sort(specs);
    return fine;
}

void th_tool_specs_free(th_tool_specs_t *specs) {
    for (size_t i = 0; i < specs->count; i++)
        free(specs->paths[i]);
    specs->count = 0;
}
