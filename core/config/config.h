/* config.h - from rows, a Lua file, the environment and flags to th_settings_t.
 * One typed row per setting gives parsing, checking, `tallyhost config` output and documentation.
 * Later sources win: defaults, the file, TALLYHOST_<NAME> in the environment (dotenv.h may have
 * added to it at start), flags. An unknown setting or a bad value fails with source, line and the
 * allowed range. */
#ifndef TH_CONFIG_CONFIG_H
#define TH_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "config/settings.h"

typedef enum th_setting_kind {
    TH_SETTING_TEXT,
    TH_SETTING_WHOLE,
    TH_SETTING_BYTES, /* "8MB" in text, 8 * MB in Lua */
    TH_SETTING_TIME,  /* "60s", "5min" in text, 60 * s, 5 * min in Lua; kept in ms */
    TH_SETTING_FLAG,
    TH_SETTING_CHOICE, /* kept as the index of the word */
} th_setting_kind_t;

typedef struct th_setting_row {
    const char *name; /* "http.body_bytes" */
    th_setting_kind_t kind;
    size_t offset;            /* in th_settings_t */
    const char *initial;      /* the default, as text: "1MB" */
    int64_t minimum, maximum; /* bytes, ms, or the length of a text */
    const char *choices;      /* "text json" */
    /* A text's form: NULL when it is fine, otherwise what it must be ("addresses such as ..."). May
     * be NULL: any text. */
    const char *(*check)(const char *text);
    const char *about; /* one line */
} th_setting_row_t;

extern const th_setting_row_t th_setting_rows[];
extern const size_t th_setting_row_count;

/* NULL when there is none of that name. */
const th_setting_row_t *th_setting_find(const char *name);
/* The name of its environment variable: "TALLYHOST_HTTP_BODY_BYTES". False when <size> is too
 * small. */
bool th_setting_environment_name(const th_setting_row_t *row, char *out, size_t size);
/* The value as text that th_settings_set() reads back: "1MB", "true", "json". */
void th_setting_format(const th_setting_row_t *row, const th_settings_t *settings, char *out,
                       size_t size);
/* What values are allowed, in words: "between 1KB and 64MB". */
void th_setting_range(const th_setting_row_t *row, char *out, size_t size);
bool th_setting_equal(const th_setting_row_t *row, const th_settings_t *a, const th_settings_t *b);
void th_setting_copy(const th_setting_row_t *row, const th_settings_t *from, th_settings_t *to);

void th_settings_defaults(th_settings_t *settings);

/* Sets one by name from text; <source> says where it came from ("--workers",
 * "TALLYHOST_WORKER_COUNT"). */
bool th_settings_set(th_settings_t *settings, const char *name, const char *text,
                     const char *source, th_error_t *error);

/* The same from a number (Lua's): bytes, milliseconds or a count. */
bool th_settings_set_number(th_settings_t *settings, const char *name, int64_t number,
                            const char *source, th_error_t *error);
/* What holds between settings (a base delay below its cap): names both settings when it does not.
 */
bool th_settings_check(const th_settings_t *settings, th_error_t *error);
/* The part of it about authorization (settings_auth.c). */
bool th_settings_check_auth(const th_settings_t *settings, th_error_t *error);
/* And about the chat (settings_chat.c). */
bool th_settings_check_chat(const th_settings_t *settings, th_error_t *error);

typedef struct th_setting_override {
    const char *name, *text, *source;
} th_setting_override_t;

/* The file used when none is named: config/tallyhost.lua in the working directory or beside the
 * program, whichever is there first; "" when neither is. */
void th_config_default_file(char *out, size_t size);

/* Defaults, then <file> (NULL: th_config_default_file()), then the environment, then <overrides>,
 * then th_settings_check(). On failure <settings> holds nothing of use. */
bool th_config_load(th_settings_t *settings, const char *file,
                    const th_setting_override_t *overrides, size_t override_count,
                    th_error_t *error);

/* Appends every setting with value, unit, range and documentation, as a configuration file that
 * would give the same settings (`tallyhost config`). */
bool th_config_print(const th_settings_t *settings, th_buffer_t *out);

#endif
