/* ready.c - composes and publishes the ready object. */
#include "cli/ready.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "json/writer.h"

#define READY_MAX ((size_t)256 * 1024)

static void write_credentials(th_json_writer_t *writer, const th_practice_t *practice) {
    size_t count = 0;
    const th_practice_credential_t *people = th_practice_credentials(practice, &count);
    th_json_write_key(writer, TH_SLICE("credentials"));
    th_json_write_array(writer);
    for (size_t i = 0; i < count; i++) {
        th_json_write_object(writer);
        th_json_write_member_text(writer, "name", people[i].name);
        th_json_write_member_text(writer, "role", people[i].role);
        th_json_write_member_text(writer, "api_key", people[i].api_key);
        th_json_write_member_text(writer, "org_id", people[i].org_id);
        th_json_write_member_text(writer, "org_name", people[i].org_name);
        th_json_write_end(writer);
    }
    th_json_write_end(writer);
}

/* Renders the object, NUL-terminated. */
static bool render(const th_program_t *program, const char *address, const char *web,
                   th_buffer_t *out, th_error_t *error) {
    th_json_writer_t writer;
    th_json_writer_init(&writer, out, 0);
    th_json_write_object(&writer);
    if (address) {
        char url[TH_SETTING_TEXT_SIZE];
        (void)snprintf(url, sizeof(url), "http://%s/mcp", address);
        th_json_write_member_text(&writer, "mcp", url);
    }
    if (web) {
        char url[TH_SETTING_TEXT_SIZE];
        (void)snprintf(url, sizeof(url), "ws://%s/mcp", web);
        th_json_write_member_text(&writer, "websocket", url);
        (void)snprintf(url, sizeof(url), "ws://%s/chat", web);
        th_json_write_member_text(&writer, "chat", url);
        (void)snprintf(url, sizeof(url), "http://%s/", web);
        th_json_write_member_text(&writer, "page", url);
    }
    if (program->practice)
        th_json_write_member_text(&writer, "practice", th_practice_url(program->practice));
    th_json_write_member_integer(&writer, "pid", getpid());
    if (program->practice) write_credentials(&writer, program->practice);
    th_json_write_end(&writer);
    if (!th_json_writer_finish(&writer, error)) return false;
    if (th_buffer_add_byte(out, '\0')) return true;
    return th_error_set(error, "no_memory", "no memory for the ready object");
}

static bool write_all(int fd, const char *text, size_t length) {
    while (length > 0) {
        ssize_t written = write(fd, text, length);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        text += written;
        length -= (size_t)written;
    }
    return true;
}

static bool write_line(int fd, const char *text) {
    return write_all(fd, text, strlen(text)) && write_all(fd, "\n", 1);
}

/* Whoever waits for the file sees it whole or not at all. */
static bool replace_file(const char *path, const char *text) {
    char temporary[4096];
    int length = snprintf(temporary, sizeof(temporary), "%s.%d.tmp", path, (int)getpid());
    if (length < 0 || (size_t)length >= sizeof(temporary)) {
        errno = ENAMETOOLONG;
        return false;
    }
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return false;
    bool done = write_line(fd, text);
    if (close(fd) != 0) done = false;
    if (done && rename(temporary, path) == 0) return true;
    int reason = errno;
    unlink(temporary);
    errno = reason;
    return false;
}

/* A pipe or a device, such as /dev/null or /dev/stdout, is written to: as root a rename would put a
 * file in its place. */
static bool write_into(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return false;
    bool done = write_line(fd, text);
    if (close(fd) != 0) done = false;
    return done;
}

static bool write_file(const char *path, const char *text, th_error_t *error) {
    struct stat there;
    bool special = stat(path, &there) == 0 && !S_ISREG(there.st_mode);
    if (special ? write_into(path, text) : replace_file(path, text)) return true;
    return th_error_set(error, "bad_path", "--ready-file: %s cannot be written: %s", path,
                        strerror(errno));
}

static void log_for_people(const th_program_t *program, const char *address, const char *web) {
    if (program->practice)
        th_log(&program->log, TH_LOG_NOTICE, "cli", "practice organisation at %s",
               th_practice_url(program->practice));
    if (address)
        th_log(&program->log, TH_LOG_NOTICE, "cli", "ready: MCP at http://%s/mcp", address);
    if (web)
        th_log(&program->log, TH_LOG_NOTICE, "cli",
               "ready: chat at http://%s/ (ws://%s/chat), MCP over WebSocket at ws://%s/mcp", web,
               web, web);
    if (web && program->settings.chat_provider != TH_CHAT_PROVIDER_OFFLINE)
        th_log(&program->log, TH_LOG_NOTICE, "cli", "chat with the model %s of %s, %s key",
               program->settings.chat_model,
               *program->settings.chat_base_url ? program->settings.chat_base_url
               : program->settings.chat_provider == TH_CHAT_PROVIDER_ANTHROPIC ? "Anthropic"
                                                                               : "OpenAI",
               program->model_key ? "with a" : "without a");
    if (program->webhook_secret.is_set)
        th_log(&program->log, TH_LOG_NOTICE, "cli", "webhooks at /webhooks/tallyfy/SECRET");
}

bool th_ready_announce(const th_program_t *program, const char *address, const char *web,
                       th_error_t *error) {
    const char *file = th_arguments_value(program->arguments, "--ready-file");
    th_buffer_t out;
    th_buffer_init(&out, READY_MAX);
    bool done =
        render(program, address, web, &out, error) && (!file || write_file(file, out.data, error));
    if (done && program->log.format == TH_LOG_JSON)
        th_log_json_line(&program->log, out.data);
    else if (done)
        log_for_people(program, address, web);
    th_buffer_reset(&out);
    return done;
}
