/* tool_folder.h - a temporary tools directory for tests: made, written to, and removed whole. */
#ifndef TH_TESTS_TOOL_FOLDER_H
#define TH_TESTS_TOOL_FOLDER_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

/* A tool that reads; to be given its name and what `run` does. */
#define TOOL_FORMAT                                                                            \
    "tool \"%s\" {\n  title = \"T\";\n  about = \"A\";\n  effect = \"%s\";\n  run = function " \
    "(args, call)\n    %s\n  end;\n}\n"

/* What the body has to declare to be allowed to do what it does. */
static inline const char *tool_folder_effect(const char *body) {
    static const char *const writes[] = {"api:post",   "api:put",  "api:patch", "api:delete",
                                         "{ 'delete'", "{ 'post'", "api:upload"};
    for (size_t i = 0; i < sizeof writes / sizeof *writes; i++)
        if (strstr(body, writes[i])) return "change";
    return "read";
}

typedef struct tool_folder {
    char path[64];
} tool_folder_t;

static inline void tool_folder_open(tool_folder_t *folder) {
    strcpy(folder->path, "/tmp/th_tools_XXXXXX");
    assert_non_null(mkdtemp(folder->path));
}

static inline const char *tool_folder_path(const tool_folder_t *folder, const char *name,
                                           char *out) {
    snprintf(out, 512, "%s/%s", folder->path, name);
    return out;
}

/* Makes the folders on the way. Writes beside and renames, as editors do. */
static inline void tool_folder_write_bytes(const tool_folder_t *folder, const char *name,
                                           const char *data, size_t length) {
    char path[512], aside[600];
    tool_folder_path(folder, name, path);
    for (char *slash = path + strlen(folder->path) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        (void)mkdir(path, 0755);
        *slash = '/';
    }
    snprintf(aside, sizeof aside, "%s/.aside", folder->path);
    FILE *file = fopen(aside, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(rename(aside, path), 0);
}

static inline void tool_folder_write(const tool_folder_t *folder, const char *name,
                                     const char *text) {
    tool_folder_write_bytes(folder, name, text, strlen(text));
}

/* A whole tool named after the file, whose `run` is <body>. */
static inline void tool_folder_write_tool(const tool_folder_t *folder, const char *file,
                                          const char *body) {
    char name[80], text[4096];
    const char *slash = strrchr(file, '/');
    snprintf(name, sizeof name, "%s", slash ? slash + 1 : file);
    *strrchr(name, '.') = '\0';
    snprintf(text, sizeof text, TOOL_FORMAT, name, tool_folder_effect(body), body);
    tool_folder_write(folder, file, text);
}

static inline void tool_folder_remove(const tool_folder_t *folder, const char *name) {
    char path[512];
    assert_int_equal(remove(tool_folder_path(folder, name, path)), 0);
}

static inline int tool_folder_remove_one(const char *path, const struct stat *status, int kind,
                                         struct FTW *walk) {
    (void)status;
    (void)kind;
    (void)walk;
    return remove(path);
}

static inline void tool_folder_close(const tool_folder_t *folder) {
    (void)nftw(folder->path, tool_folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
