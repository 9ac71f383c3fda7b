/* setting_value.c - one setting's value: from text, from a number, and back to text.
 * The units are the same everywhere: B KB MB GB for bytes, ms s min h (hour) day for times. */
#include "config/setting_value.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "config/nearest.h"

typedef struct unit {
    const char *name;
    int64_t factor;
} unit_t;

/* Largest first, as they are tried for printing; the names behind an equal factor are for reading.
 */
static const unit_t byte_units[] = {
    {"GB", INT64_C(1) << 30},
    {"MB", INT64_C(1) << 20},
    {"KB", INT64_C(1) << 10},
    {"B", 1},
    {NULL, 0},
};
static const unit_t time_units[] = {
    {"day", 86400000}, {"h", 3600000}, {"hour", 3600000}, {"min", 60000},
    {"s", 1000},       {"ms", 1},      {NULL, 0},
};

static const unit_t *units_of(th_setting_kind_t kind) {
    return kind == TH_SETTING_BYTES ? byte_units : kind == TH_SETTING_TIME ? time_units : NULL;
}

static void *field_of(const th_setting_row_t *row, th_settings_t *settings) {
    return (char *)settings + row->offset;
}

static const void *field_in(const th_setting_row_t *row, const th_settings_t *settings) {
    return (const char *)settings + row->offset;
}

static int64_t number_in(const th_setting_row_t *row, const th_settings_t *settings) {
    return *(const int64_t *)field_in(row, settings);
}

const th_setting_row_t *th_setting_find(const char *name) {
    for (size_t i = 0; i < th_setting_row_count; i++)
        if (strcmp(th_setting_rows[i].name, name) == 0) return &th_setting_rows[i];
    return NULL;
}

bool th_setting_environment_name(const th_setting_row_t *row, char *out, size_t size) {
    int length = snprintf(out, size, "TALLYHOST_%s", row->name);
    if (length < 0 || (size_t)length >= size) return false;
    for (char *at = out; *at; at++)
        *at = *at == '.' ? '_' : (char)toupper((unsigned char)*at);
    return true;
}

/* In the largest unit that gives a whole number: 65536 is "64KB". */
static void format_quantity(th_setting_kind_t kind, int64_t number, char *out, size_t size) {
    const unit_t *unit = units_of(kind);
    while (unit && unit->name && (number == 0 ? unit->factor != 1 : number % unit->factor != 0))
        unit++;
    (void)snprintf(out, size, "%" PRId64 "%s", number, unit && unit->name ? unit->name : "");
    if (unit && unit->name)
        (void)snprintf(out, size, "%" PRId64 "%s", number / unit->factor, unit->name);
}

static bool find_choice(const th_setting_row_t *row, const char *word, size_t length,
                        int64_t *index) {
    int64_t count = 0;
    for (const char *at = row->choices; *at; count++) {
        size_t choice = strcspn(at, " ");
        if (choice == length && memcmp(at, word, length) == 0) {
            *index = count;
            return true;
        }
        at += choice;
        at += strspn(at, " ");
    }
    return false;
}

static void format_choice(const th_setting_row_t *row, int64_t index, char *out, size_t size) {
    const char *at = row->choices;
    while (index-- > 0) {
        at += strcspn(at, " ");
        at += strspn(at, " ");
    }
    (void)snprintf(out, size, "%.*s", (int)strcspn(at, " "), at);
}

void th_setting_format(const th_setting_row_t *row, const th_settings_t *settings, char *out,
                       size_t size) {
    switch (row->kind) {
    case TH_SETTING_TEXT:
        (void)snprintf(out, size, "%s", (const char *)field_in(row, settings));
        return;
    case TH_SETTING_FLAG:
        (void)snprintf(out, size, "%s", *(const bool *)field_in(row, settings) ? "true" : "false");
        return;
    case TH_SETTING_CHOICE: format_choice(row, number_in(row, settings), out, size); return;
    case TH_SETTING_WHOLE:
    case TH_SETTING_BYTES:
    case TH_SETTING_TIME: format_quantity(row->kind, number_in(row, settings), out, size); return;
    }
}

static void format_choices(const th_setting_row_t *row, char *out, size_t size) {
    size_t used = (size_t)snprintf(out, size, "one of");
    for (const char *at = row->choices; *at && used < size;) {
        size_t length = strcspn(at, " ");
        used += (size_t)snprintf(out + used, size - used, "%s \"%.*s\"",
                                 at == row->choices ? "" : ",", (int)length, at);
        at += length;
        at += strspn(at, " ");
    }
}

void th_setting_range(const th_setting_row_t *row, char *out, size_t size) {
    char low[32], high[32];
    switch (row->kind) {
    case TH_SETTING_TEXT:
        (void)snprintf(out, size, "a text of at most %" PRId64 " bytes on one line", row->maximum);
        return;
    case TH_SETTING_FLAG: (void)snprintf(out, size, "true or false"); return;
    case TH_SETTING_CHOICE: format_choices(row, out, size); return;
    case TH_SETTING_WHOLE:
    case TH_SETTING_BYTES:
    case TH_SETTING_TIME:
        format_quantity(row->kind, row->minimum, low, sizeof(low));
        format_quantity(row->kind, row->maximum, high, sizeof(high));
        (void)snprintf(out, size, "%sbetween %s and %s",
                       row->kind == TH_SETTING_WHOLE ? "a whole number " : "", low, high);
        return;
    }
}

bool th_setting_equal(const th_setting_row_t *row, const th_settings_t *a, const th_settings_t *b) {
    switch (row->kind) {
    case TH_SETTING_TEXT: return strcmp(field_in(row, a), field_in(row, b)) == 0;
    case TH_SETTING_FLAG: return *(const bool *)field_in(row, a) == *(const bool *)field_in(row, b);
    case TH_SETTING_WHOLE:
    case TH_SETTING_BYTES:
    case TH_SETTING_TIME:
    case TH_SETTING_CHOICE: return number_in(row, a) == number_in(row, b);
    }
    return false;
}

void th_setting_copy(const th_setting_row_t *row, const th_settings_t *from, th_settings_t *to) {
    size_t size = row->kind == TH_SETTING_TEXT   ? sizeof(th_setting_text_t)
                  : row->kind == TH_SETTING_FLAG ? sizeof(bool)
                                                 : sizeof(int64_t);
    memcpy(field_of(row, to), field_in(row, from), size);
}

/* Digits and a unit. A time needs its unit: a bare 60 is as often meant as seconds as it is as ms.
 */
static bool parse_quantity(th_setting_kind_t kind, const char *text, int64_t *out) {
    int64_t number = 0;
    const char *at = text;
    if (!isdigit((unsigned char)*at)) return false;
    for (; isdigit((unsigned char)*at); at++)
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, *at - '0', &number))
            return false;
    at += strspn(at, " ");
    *out = number;
    if (!*at) return kind != TH_SETTING_TIME || number == 0;
    for (const unit_t *unit = units_of(kind); unit && unit->name; unit++)
        if (strcmp(unit->name, at) == 0) return !__builtin_mul_overflow(number, unit->factor, out);
    return false;
}

static bool parse_flag(const char *text, bool *out) {
    static const char *const yes[] = {"true", "yes", "on", "1"};
    static const char *const no[] = {"false", "no", "off", "0"};
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        *out = strcmp(text, yes[i]) == 0;
        if (*out || strcmp(text, no[i]) == 0) return true;
    }
    return false;
}

/* One line: a setting goes into headers, log lines and `tallyhost config`. */
static bool is_one_line(const char *text) {
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f) return false;
    return true;
}

static bool refuse(const th_setting_row_t *row, const char *value, const char *wanted,
                   const char *source, th_error_t *error) {
    char range[256], initial[96];
    if (!wanted) {
        th_setting_range(row, range, sizeof(range));
        wanted = range;
    }
    (void)snprintf(initial, sizeof(initial), "%s", row->initial);
    return th_error_set(error, "bad_setting", "%s: %s is %.100s; it must be %s (default: %s)",
                        source, row->name, value, wanted, *initial ? initial : "empty");
}

static const th_setting_row_t *find_or_refuse(const char *name, const char *source,
                                              th_error_t *error) {
    const th_setting_row_t *row = th_setting_find(name);
    if (row) return row;
    th_nearest_t nearest = {.word = name};
    for (size_t i = 0; i < th_setting_row_count; i++)
        th_nearest_consider(&nearest, th_setting_rows[i].name);
    th_error_set(error, "unknown_setting", "%s: there is no setting %.100s%s%s%s", source, name,
                 nearest.best ? "; did you mean " : " (`tallyhost config` prints all of them)",
                 nearest.best ? nearest.best : "", nearest.best ? "?" : "");
    return NULL;
}

bool th_setting_refuse(const char *name, const char *shown, const char *source, th_error_t *error) {
    const th_setting_row_t *row = find_or_refuse(name, source, error);
    return row ? refuse(row, shown, NULL, source, error) : false;
}

static bool store_number(const th_setting_row_t *row, th_settings_t *settings, int64_t number,
                         const char *source, th_error_t *error) {
    if (number < row->minimum || number > row->maximum) {
        char value[32];
        format_quantity(row->kind, number, value, sizeof(value));
        return refuse(row, value, NULL, source, error);
    }
    *(int64_t *)field_of(row, settings) = number;
    return true;
}

static bool store_text(const th_setting_row_t *row, th_settings_t *settings, const char *text,
                       const char *source, th_error_t *error) {
    size_t length = strlen(text);
    char shown[128];
    (void)snprintf(shown, sizeof(shown), "\"%.100s\"", text);
    if (length > (size_t)row->maximum || !is_one_line(text))
        return refuse(row, length > 100 ? "too long" : shown, NULL, source, error);
    const char *wanted = row->check ? row->check(text) : NULL;
    if (wanted) return refuse(row, shown, wanted, source, error);
    memcpy(field_of(row, settings), text, length + 1);
    return true;
}

bool th_settings_set(th_settings_t *settings, const char *name, const char *text,
                     const char *source, th_error_t *error) {
    const th_setting_row_t *row = find_or_refuse(name, source, error);
    if (!row) return false;
    char shown[128];
    (void)snprintf(shown, sizeof(shown), "\"%.100s\"", text);
    int64_t number;
    switch (row->kind) {
    case TH_SETTING_TEXT: return store_text(row, settings, text, source, error);
    case TH_SETTING_FLAG:
        if (parse_flag(text, field_of(row, settings))) return true;
        return refuse(row, shown, NULL, source, error);
    case TH_SETTING_CHOICE:
        if (find_choice(row, text, strlen(text), field_of(row, settings))) return true;
        return refuse(row, shown, NULL, source, error);
    case TH_SETTING_WHOLE:
    case TH_SETTING_BYTES:
    case TH_SETTING_TIME:
        if (!parse_quantity(row->kind, text, &number))
            return refuse(row, shown, NULL, source, error);
        return store_number(row, settings, number, source, error);
    }
    return false;
}

bool th_settings_set_number(th_settings_t *settings, const char *name, int64_t number,
                            const char *source, th_error_t *error) {
    const th_setting_row_t *row = find_or_refuse(name, source, error);
    if (!row) return false;
    if (row->kind == TH_SETTING_WHOLE || units_of(row->kind))
        return store_number(row, settings, number, source, error);
    char value[32];
    (void)snprintf(value, sizeof(value), "the number %" PRId64, number);
    return refuse(row, value, NULL, source, error);
}

void th_settings_defaults(th_settings_t *settings) {
    memset(settings, 0, sizeof(*settings));
    /* A default outside its own range is a defect that the unit test finds. */
    for (size_t i = 0; i < th_setting_row_count; i++)
        th_settings_set(settings, th_setting_rows[i].name, th_setting_rows[i].initial, "default",
                        NULL);
}

bool th_settings_check(const th_settings_t *settings, th_error_t *error) {
    static const char *const pairs[][2] = {
        {"http.field_bytes", "http.head_bytes"},
        {"http.target_bytes", "http.head_bytes"},
        {"tallyfy.connect_timeout", "tallyfy.timeout"},
        {"tallyfy.retry_base", "tallyfy.retry_cap"},
        {"session.idle", "session.life"},
        {"chat.stall_timeout", "chat.answer_timeout"},
        {"chat.event_bytes", "chat.answer_bytes"},
        {"chat.history_bytes", "chat.request_bytes"},
        {"script.slice", "script.cpu"},
        {"script.cpu", "script.call_timeout"},
    };
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        const th_setting_row_t *low = th_setting_find(pairs[i][0]),
                               *high = th_setting_find(pairs[i][1]);
        if (number_in(low, settings) <= number_in(high, settings)) continue;
        char low_text[32], high_text[32];
        th_setting_format(low, settings, low_text, sizeof(low_text));
        th_setting_format(high, settings, high_text, sizeof(high_text));
        return th_error_set(error, "bad_setting", "%s (%s) must not be above %s (%s)", low->name,
                            low_text, high->name, high_text);
    }
    if (strncmp(settings->tallyfy_base_url, "https://", 8) != 0 && !settings->tallyfy_plain_http)
        return th_error_set(error, "bad_setting",
                            "tallyfy.base_url is \"%.100s\"; it must begin with https:// unless "
                            "tallyfy.plain_http is true",
                            settings->tallyfy_base_url);
    return th_settings_check_auth(settings, error) && th_settings_check_chat(settings, error);
}
