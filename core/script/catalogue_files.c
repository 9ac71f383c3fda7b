/* catalogue_files.c - which files of a tools directory count, in a fixed order, and their bytes.
 * Bounded in files, folders, depth and entries; follows no symbolic link below the directory that
 * was named (a link could bring in files that nobody reviewed as tools). Blocking: never on a loop.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "script/catalogue_parts.h"

/* What `tallyhost tool test` runs stands beside the tool that it is about. */
static bool is_spec(const char *name, size_t length) {
    return length >= 9 && strcmp(name + length - 9, "_spec.lua") == 0;
}

bool th_tool_name_ignored(const char *name) {
    size_t length = strlen(name);
    return length == 0 || name[0] == '.' || name[0] == '#' || name[length - 1] == '~' ||
           is_spec(name, length);
}

static bool is_lua(const char *name) {
    size_t length = strlen(name);
    return length > 4 && strcmp(name + length - 4, ".lua") == 0;
}

static bool is_plain_name(const char *name) {
    return name[strspn(
               name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")] == '\0';
}

/* Grows <*array> for one more element; false when memory ran out. */
static bool grow(void **array, size_t count, size_t size) {
    if (count & (count - 1)) return true; /* grows at 0, 1, 2, 4, 8 ... */
    void *bigger = realloc(*array, (count ? count * 2 : 1) * size);
    if (!bigger) return false;
    *array = bigger;
    return true;
}

static bool add_file(th_tool_files_t *found, const char *path, size_t root_length) {
    if (!grow((void **)&found->files, found->count, sizeof *found->files)) return false;
    char *copy = strdup(path);
    if (!copy) return false;
    found->files[found->count++] = (th_tool_file_t){copy, copy + root_length};
    return true;
}

static bool add_folder(th_tool_files_t *found, const char *path, const struct stat *status) {
    if (!grow((void **)&found->folders, found->folder_count, sizeof *found->folders)) return false;
    char *copy = strdup(path);
    if (!copy) return false;
    found->folders[found->folder_count++] =
        (th_tool_folder_t){copy, status->st_dev, status->st_ino};
    return true;
}

typedef struct th_walk {
    th_tool_files_t *found;
    th_problems_t *problems;
    size_t root_length; /* of the path before "task/get_task.lua" */
    bool full;          /* a bound was met and told */
} th_walk_t;

/* Tells a bound once and ends the walk. */
static bool stop_full(th_walk_t *walk, const char *path, const char *message) {
    if (!walk->full) th_problems_add(walk->problems, path, 0, message, "remove what is no tool");
    walk->full = true;
    return true;
}

static bool walk_folder(th_walk_t *walk, const char *path, const struct stat *status, int depth);

/* One entry that is not ignored. False only when memory ran out. */
static bool walk_entry(th_walk_t *walk, const char *path, const char *name, int depth) {
    struct stat status;
    if (lstat(path, &status) != 0) return true; /* gone again: the next change brings us back */
    bool lua = is_lua(name);
    if (S_ISLNK(status.st_mode)) {
        struct stat target;
        if (lua || (stat(path, &target) == 0 && S_ISDIR(target.st_mode)))
            th_problems_add(walk->problems, path, 0, "is a symbolic link",
                            "put the file itself here");
        return true;
    }
    if (!S_ISDIR(status.st_mode) && !lua) return true;
    if (!is_plain_name(name)) {
        th_problems_add(walk->problems, path, 0, "has a name with unusual characters",
                        "letters, digits, '_', '-' and '.' only");
        return true;
    }
    if (S_ISDIR(status.st_mode)) return walk_folder(walk, path, &status, depth + 1);
    if (!S_ISREG(status.st_mode)) {
        th_problems_add(walk->problems, path, 0, "is not a plain file", "remove it");
        return true;
    }
    if (walk->found->count == TH_TOOL_FILES_MAX)
        return stop_full(walk, path, "is one file too many: at most 1000 tools");
    return add_file(walk->found, path, walk->root_length);
}

static int by_name(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int counts(const struct dirent *entry) {
    return !th_tool_name_ignored(entry->d_name);
}

static bool walk_entries(th_walk_t *walk, const char *path, struct dirent **entries, int count,
                         int depth) {
    for (int i = 0; i < count && !walk->full; i++) {
        if (walk->found->entries++ == TH_TOOL_ENTRIES_MAX)
            return stop_full(walk, path, "holds too many entries: at most 20000");
        char *inner = NULL;
        if (asprintf(&inner, "%s/%s", path, entries[i]->d_name) < 0) return false;
        bool fine = walk_entry(walk, inner, entries[i]->d_name, depth);
        free(inner);
        if (!fine) return false;
    }
    return true;
}

static bool walk_folder(th_walk_t *walk, const char *path, const struct stat *status, int depth) {
    if (depth > TH_TOOL_FOLDER_DEPTH) {
        th_problems_add(walk->problems, path, 0, "is nested too deep: at most 4 folders",
                        "move it up");
        return true;
    }
    if (walk->found->folder_count == TH_TOOL_FOLDERS_MAX)
        return stop_full(walk, path, "is one folder too many: at most 256");
    if (!add_folder(walk->found, path, status)) return false;
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, counts, by_name);
    if (count < 0) {
        if (errno == ENOMEM) return false;
        char message[128];
        (void)snprintf(message, sizeof message, "cannot be read: %s", strerror(errno));
        th_problems_add(walk->problems, path, 0, message, "check its permissions");
        return true;
    }
    bool fine = walk_entries(walk, path, entries, count, depth);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    return fine;
}

bool th_tool_files_find(const char *path, th_tool_files_t *found, th_problems_t *problems) {
    memset(found, 0, sizeof *found);
    char *root = strdup(path);
    if (!root) return false;
    size_t length = strlen(root);
    while (length > 1 && root[length - 1] == '/')
        root[--length] = '\0';
    struct stat status;
    bool fine = true;
    if (stat(root, &status) != 0) {
        char message[128];
        (void)snprintf(message, sizeof message, "cannot be opened: %s", strerror(errno));
        th_problems_add(problems, root, 0, message,
                        "create the directory, or say another with --tools or script.tools");
    } else if (S_ISDIR(status.st_mode)) {
        th_walk_t walk = {found, problems, length + 1, false};
        fine = walk_folder(&walk, root, &status, 0);
    } else if (S_ISREG(status.st_mode) && is_lua(root)) {
        const char *slash = strrchr(root, '/');
        fine = add_file(found, root, slash ? (size_t)(slash + 1 - root) : 0);
    } else {
        th_problems_add(problems, root, 0, "is neither a directory nor a .lua file",
                        "name a tools directory or one tool file");
    }
    free(root);
    return fine;
}

void th_tool_files_free(th_tool_files_t *found) {
    for (size_t i = 0; i < found->count; i++)
        free(found->files[i].path);
    for (size_t i = 0; i < found->folder_count; i++)
        free(found->folders[i].path);
    free(found->files);
    free(found->folders);
    memset(found, 0, sizeof *found);
}

static char *read_open(int fd, size_t maximum, size_t *length, th_error_t *error) {
    struct stat status;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        th_error_set(error, "bad_file", "is not a plain file");
        return NULL;
    }
    th_buffer_t bytes;
    th_buffer_init(&bytes, maximum);
    char piece[16384];
    ssize_t got;
    while ((got = read(fd, piece, sizeof piece)) > 0 || (got < 0 && errno == EINTR)) {
        if (got < 0) continue;
        if (bytes.length + (size_t)got > maximum) {
            th_buffer_reset(&bytes);
            th_error_set(error, "too_large", "is too large: at most %zu KB", maximum / 1024);
            return NULL;
        }
        if (!th_buffer_add(&bytes, piece, (size_t)got)) break;
    }
    int failure = errno;
    char *data = got < 0 ? NULL : th_buffer_take(&bytes, length);
    if (!data) {
        th_buffer_reset(&bytes);
        th_error_set(error, "bad_file", "cannot be read: %s",
                     got < 0 ? strerror(failure) : "out of memory");
    }
    return data;
}

char *th_tool_file_read(const char *path, size_t maximum, size_t *length, th_error_t *error) {
    /* NONBLOCK: opening a pipe that somebody put there must not wait for its other end. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) {
        th_error_set(error, "bad_file", "cannot be opened: %s", strerror(errno));
        return NULL;
    }
    char *data = read_open(fd, maximum, length, error);
    close(fd);
    return data;
}
