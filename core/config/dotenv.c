/* dotenv.c - reads a `.env` file into the environment, and takes secrets out of it again. */
#include "config/dotenv.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX ((size_t)64 * 1024)

typedef struct line {
    char *name;
    char *value;
} line_t;

static char *skip_blanks(char *at) {
    return at + strspn(at, " \t");
}

/* Undoes the escapes of a double-quoted value in place; NULL when the closing quote is missing. */
static char *unquote_double(char *value) {
    char *to = value;
    for (char *from = value; *from; from++) {
        if (*from == '"') {
            *to = '\0';
            return skip_blanks(from + 1);
        }
        if (*from == '\\' && from[1] && strchr("nt\"\\$", from[1])) {
            from++;
            *to++ = *from == 'n' ? '\n' : *from == 't' ? '\t' : *from;
        } else {
            *to++ = *from;
        }
    }
    return NULL;
}

/* Cuts the value out of the rest of its line, in place. */
static bool split_value(char *at, char **value) {
    char *rest = NULL;
    if (*at == '"') {
        *value = at + 1;
        rest = unquote_double(at + 1);
    } else if (*at == '\'') {
        *value = at + 1;
        char *end = strchr(at + 1, '\'');
        if (end) {
            *end = '\0';
            rest = skip_blanks(end + 1);
        }
    } else {
        *value = at;
        for (char *end = at; *end; end++)
            if (*end == '#' && (end == at || isblank((unsigned char)end[-1]))) *end = '\0';
        for (size_t length = strlen(at); length && isblank((unsigned char)at[length - 1]); length--)
            at[length - 1] = '\0';
        return true;
    }
    return rest && (*rest == '\0' || *rest == '#');
}

/* False when the line is neither blank, nor a comment, nor an assignment. */
static bool split_line(char *text, line_t *line) {
    line->name = NULL;
    text = skip_blanks(text);
    if (!*text || *text == '#') return true;
    if (strncmp(text, "export", 6) == 0 && isblank((unsigned char)text[6]))
        text = skip_blanks(text + 6);
    char *end = text;
    while (isalnum((unsigned char)*end) || *end == '_')
        end++;
    char *equals = skip_blanks(end);
    if (end == text || isdigit((unsigned char)*text) || *equals != '=') return false;
    *end = '\0';
    if (!split_value(skip_blanks(equals + 1), &line->value)) return false;
    line->name = text;
    return true;
}

static bool apply(char *text, const char *path, th_error_t *error) {
    unsigned number = 1;
    for (char *next = text; next; number++) {
        char *start = next;
        next = strchr(start, '\n');
        if (next) *next++ = '\0';
        size_t length = strlen(start);
        if (length && start[length - 1] == '\r') start[length - 1] = '\0';
        line_t line;
        if (!split_line(start, &line))
            return th_error_set(error, "bad_file",
                                "%s:%u: expected NAME=VALUE, with quotes closed on the same line",
                                path, number);
        if (line.name && setenv(line.name, line.value, 0) != 0)
            return th_error_set(error, "no_memory", "%s:%u: out of memory", path, number);
    }
    return true;
}

static bool read_all(int fd, char *out, size_t size, size_t *length) {
    *length = 0;
    while (*length < size) {
        ssize_t got = read(fd, out + *length, size - *length);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return got == 0;
        *length += (size_t)got;
    }
    errno = EFBIG;
    return false;
}

static bool load_open_file(int fd, const char *path, th_error_t *error) {
    char *text = malloc(FILE_MAX + 1);
    size_t length = 0;
    if (!text) return th_error_set(error, "no_memory", "%s: out of memory", path);
    bool done = read_all(fd, text, FILE_MAX, &length);
    if (!done) {
        th_error_set(error, "bad_file", "%s: %s; it must be a file of less than 64 KB", path,
                     strerror(errno));
    } else if (memchr(text, '\0', length)) {
        done = th_error_set(error, "bad_file", "%s: it holds NUL bytes; it must be text", path);
    } else {
        text[length] = '\0';
        done = apply(text, path, error);
    }
    explicit_bzero(text, FILE_MAX + 1);
    free(text);
    return done;
}

bool th_dotenv_load(const char *path, th_error_t *warning, th_error_t *error) {
    th_error_clear(warning);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT) return true;
    if (fd < 0) return th_error_set(error, "bad_file", "%s: %s", path, strerror(errno));
    struct stat status;
    bool done = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    if (!done) {
        th_error_set(error, "bad_file", "%s: not a regular file", path);
    } else {
        if (status.st_mode & 077)
            th_error_set(warning, "open_to_others",
                         "%s can be read by others on this machine; chmod 600 keeps it private",
                         path);
        done = load_open_file(fd, path, error);
    }
    close(fd);
    return done;
}

bool th_environment_take(const char *name, char *out, size_t size) {
    char *value = getenv(name);
    if (!value) return false;
    size_t length = strlen(value);
    bool fits = length > 0 && length < size;
    if (fits) memcpy(out, value, length + 1);
    explicit_bzero(value, length);
    unsetenv(name);
    return fits;
}
