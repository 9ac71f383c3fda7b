/* log.h - one line per event, to one file descriptor, as text or JSON.
 * A logger is made once at start and then only read, so every thread may use it: a line is composed
 * on the caller's stack and leaves in one write(2). Lines are at most TH_LOG_LINE_MAX bytes.
 * Control bytes are escaped; credentials must not be passed in (the vault never gives them out as
 * text), and as a second net anything that looks like a bearer token or JWT is masked. */
#ifndef TH_BASE_LOG_H
#define TH_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#define TH_LOG_LINE_MAX 2048

typedef enum th_log_level {
    TH_LOG_DEBUG,
    TH_LOG_INFO,
    TH_LOG_NOTICE,
    TH_LOG_WARNING,
    TH_LOG_ERROR,
    TH_LOG_NONE, /* as a threshold only: nothing is logged */
} th_log_level_t;

typedef enum th_log_format { TH_LOG_TEXT, TH_LOG_JSON } th_log_format_t;

typedef struct th_log {
    int fd; /* borrowed; usually 2 */
    th_log_level_t threshold;
    th_log_format_t format;
} th_log_t;

/* Reads "debug", "info", "notice", "warning", "error", "none". */
bool th_log_level_parse(const char *text, th_log_level_t *level);
const char *th_log_level_name(th_log_level_t level);

static inline bool th_log_wants(const th_log_t *log, th_log_level_t level) {
    return log && level >= log->threshold;
}

/* <group> names the folder or part that speaks ("net", "script", "tallyfy"). <log> may be NULL. */
void th_log(const th_log_t *log, th_log_level_t level, const char *group, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Writes an object already rendered as JSON as a line of its own (the ready line). */
void th_log_json_line(const th_log_t *log, const char *json);

#endif
