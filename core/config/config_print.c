/* config_print.c - every setting as a configuration file that would give the same settings. */
#include <stdio.h>
#include <string.h>

#include "config/config.h"

static bool print_heading(const char *name, char *group, size_t size, th_buffer_t *out) {
    size_t length = strcspn(name, ".");
    if (strlen(group) == length && strncmp(group, name, length) == 0) return true;
    (void)snprintf(group, size, "%.*s", (int)length, name);
    return th_buffer_add_format(out, "%s--- %s\n", out->length ? "\n" : "", group);
}

/* Texts are one line without control bytes (setting_value.c), so two escapes are enough. */
static bool print_quoted(const char *text, th_buffer_t *out) {
    th_buffer_add_byte(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') th_buffer_add_byte(out, '\\');
        th_buffer_add_byte(out, *text);
    }
    return th_buffer_add_byte(out, '"');
}

/* "64KB" as the Lua that gives it: 64 * KB. */
static bool print_quantity(const char *text, th_buffer_t *out) {
    size_t digits = strspn(text, "0123456789");
    const char *unit = strcmp(text + digits, "h") == 0 ? "hour" : text + digits;
    if (!*unit || strcmp(unit, "B") == 0)
        return th_buffer_add_format(out, "%.*s", (int)digits, text);
    return th_buffer_add_format(out, "%.*s * %s", (int)digits, text, unit);
}

static bool print_row(const th_setting_row_t *row, const th_settings_t *settings,
                      th_buffer_t *out) {
    char value[TH_SETTING_TEXT_SIZE], range[256];
    th_setting_format(row, settings, value, sizeof(value));
    th_setting_range(row, range, sizeof(range));
    th_buffer_add_format(out, "-- %s\n-- %s", row->about, range);
    if (row->kind != TH_SETTING_TEXT)
        th_buffer_add_format(out, "; default %s", *row->initial ? row->initial : "empty");
    th_buffer_add_format(out, "\n%s = ", row->name);
    switch (row->kind) {
    case TH_SETTING_TEXT:
    case TH_SETTING_CHOICE: print_quoted(value, out); break;
    case TH_SETTING_FLAG:
    case TH_SETTING_WHOLE: th_buffer_add_text(out, value); break;
    case TH_SETTING_BYTES:
    case TH_SETTING_TIME: print_quantity(value, out); break;
    }
    return th_buffer_add_byte(out, '\n');
}

bool th_config_print(const th_settings_t *settings, th_buffer_t *out) {
    char group[32] = "";
    for (size_t i = 0; i < th_setting_row_count; i++)
        if (!print_heading(th_setting_rows[i].name, group, sizeof(group), out) ||
            !print_row(&th_setting_rows[i], settings, out))
            return false;
    return true;
}
