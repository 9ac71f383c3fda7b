/* offline_render.c - rows, details and help. */
#include "chat/offline_render.h"

#include <stdio.h>

#include "base/clock.h"
#include "date/civil.h"
#include "json/writer.h"

#define TITLE_MOST 200
#define TEXT_MOST 800
#define JSON_MOST 4000

/* ---- words ---- */

static size_t character_length(unsigned char first) {
    return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

void th_offline_say(th_buffer_t *out, th_slice_t text, size_t most) {
    bool blank = true;
    size_t used = 0;
    for (size_t i = 0; i < text.length;) {
        unsigned char first = (unsigned char)text.data[i];
        size_t length = character_length(first);
        if (length > text.length - i) return;
        if (used + length > most) {
            (void)th_buffer_add_text(out, "\xe2\x80\xa6");
            return;
        }
        bool is_blank = first <= 0x20 || first == 0x7f ||
                        (first == 0xc2 && length == 2 &&
                         (unsigned char)text.data[i + 1] < 0xa0); /* C1 controls */
        if (is_blank) {
            if (!blank) (void)th_buffer_add_byte(out, ' ');
        } else {
            if (strchr("\\`*_{}[]#+!|<>&~", text.data[i]) ||
                (used == 0 && strchr("-=", text.data[i])))
                (void)th_buffer_add_byte(out, '\\');
            (void)th_buffer_add(out, text.data + i, length);
        }
        blank = is_blank;
        used += length;
        i += length;
    }
}

/* Descriptions are HTML: only their words are shown. */
static void say_html(th_buffer_t *out, th_slice_t html, size_t most) {
    th_buffer_t plain;
    bool inside = false;
    th_buffer_init(&plain, html.length + 1);
    for (size_t i = 0; i < html.length; i++) {
        if (html.data[i] == '<') inside = true;
        (void)th_buffer_add_byte(&plain, inside ? ' ' : html.data[i]);
        if (html.data[i] == '>') inside = false;
    }
    th_offline_say(out, th_buffer_slice(&plain), most);
    th_buffer_reset(&plain);
}

/* "2026-11-27T16:00:00Z", which is what tools give: the instant. */
static bool read_moment(th_slice_t text, int64_t *instant) {
    char copy[21] = "";
    int year, month, day, hour, minute, second;
    if (text.length != 20) return false;
    memcpy(copy, text.data, 20);
    if (sscanf(copy, "%4d-%2d-%2dT%2d:%2d:%2d", &year, &month, &day, &hour, &minute, &second) !=
            6 ||
        copy[19] != 'Z' || !th_civil_date_valid(year, month, day) || hour < 0 || hour > 23 ||
        minute < 0 || minute > 59 || second < 0 || second > 60)
        return false;
    *instant = th_days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    return true;
}

/* "27 Nov 2026, 17:00 CET", in the person's time zone. */
static void say_moment(th_buffer_t *out, th_slice_t text, const th_zone_t *zone) {
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const char *name = "";
    int64_t instant;
    th_civil_t civil;
    if (!read_moment(text, &instant)) {
        th_offline_say(out, text, 40);
        return;
    }
    int64_t local = instant + th_zone_offset_at(zone, instant, &name);
    th_civil_from_local(local, &civil);
    bool is_number = *name == '+' || *name == '-'; /* many zones have no letters: "+03" */
    (void)th_buffer_add_format(out, "%d %s %d, %02d:%02d %s%s", civil.day, months[civil.month - 1],
                               civil.year, civil.hour, civil.minute, is_number ? "UTC" : "", name);
}

static bool is_overdue(th_json_value_t row, int64_t now_s) {
    char now[21];
    th_slice_t deadline = th_offline_text(row, "deadline");
    th_slice_t status = th_offline_text(row, "status");
    th_clock_format_utc(now_s * 1000, now);
    return deadline.length == 20 && memcmp(deadline.data, now, 20) < 0 &&
           !th_slice_is(status, "completed") && !th_slice_is(status, "complete") &&
           !th_slice_is(status, "auto-skipped");
}

static void say_member(th_buffer_t *out, const char *before, th_json_value_t row,
                       const char *member) {
    th_slice_t text = th_offline_text(row, member);
    if (text.length == 0) return;
    (void)th_buffer_add_text(out, before);
    th_offline_say(out, text, TITLE_MOST);
}

/* ---- lists ---- */

static void render_row(th_buffer_t *out, const th_offline_item_t *item, size_t number,
                       const th_offline_clock_t *clock) {
    (void)th_buffer_add_format(out, "%zu. **", number);
    th_offline_say(out, item->title, TITLE_MOST);
    (void)th_buffer_add_text(out, "**");
    th_slice_t email = th_offline_text(item->row, "email");
    if (!th_slice_equal(email, item->title)) say_member(out, " · ", item->row, "email");
    say_member(out, " · ", item->row, "process_name");
    if (item->is_one_off) (void)th_buffer_add_text(out, " · one-off task");
    th_slice_t deadline = th_offline_text(item->row, "deadline");
    if (deadline.length > 0) {
        (void)th_buffer_add_text(out, is_overdue(item->row, clock->now_s) ? " · **overdue** since "
                                                                          : " · due ");
        say_moment(out, deadline, clock->zone);
    }
    say_member(out, " · ", item->row, "status");
    say_member(out, " · ", item->row, "role");
    (void)th_buffer_add_byte(out, '\n');
}

static const char *heading_of(th_item_kind_t kind) {
    switch (kind) {
    case TH_ITEM_TASK: return "Tasks";
    case TH_ITEM_PROCESS: return "Processes";
    case TH_ITEM_TEMPLATE: return "Templates";
    case TH_ITEM_OTHER: return "Others";
    }
    return "";
}

static void render_page(th_buffer_t *out, th_json_value_t data) {
    th_json_value_t meta = th_json_member(data, "meta");
    int64_t page, pages, total;
    if (!th_json_integer(th_json_member(meta, "page"), &page) ||
        !th_json_integer(th_json_member(meta, "total_pages"), &pages) ||
        !th_json_integer(th_json_member(meta, "total"), &total) || pages <= 1)
        return;
    (void)th_buffer_add_format(out, "\nPage %lld of %lld (%lld in all).%s\n", (long long)page,
                               (long long)pages, (long long)total,
                               page < pages ? " Say `more` for the next one." : "");
}

static void render_list(th_buffer_t *out, const th_offline_result_t *result,
                        const th_offline_item_t *items, size_t count,
                        const th_offline_clock_t *clock) {
    bool is_search = th_slice_is(result->tool, "search_all");
    size_t rows = th_json_count(th_json_member(result->data, "data"));
    for (size_t i = 0; i < count; i++) {
        if (is_search && (i == 0 || items[i].kind != items[i - 1].kind))
            (void)th_buffer_add_format(out, "%s**%s**\n\n", i ? "\n" : "",
                                       heading_of(items[i].kind));
        render_row(out, &items[i], i + 1, clock);
    }
    if (th_slice_is(result->tool, "get_my_tasks") && rows > count)
        (void)th_buffer_add_format(out, "\n%zu completed %s not shown.\n", rows - count,
                                   rows - count == 1 ? "task is" : "tasks are");
    render_page(out, result->data);
}

/* ---- details ---- */

static void render_fields(th_buffer_t *out, th_json_value_t fields, const char *heading) {
    if (!th_json_is_array(fields) || th_json_count(fields) == 0) return;
    (void)th_buffer_add_format(out, "\n**%s**\n\n", heading);
    for (th_json_iterator_t it = th_json_iterate(fields); th_json_next(&it);) {
        bool required = false;
        (void)th_json_boolean(th_json_member(it.value, "required"), &required);
        (void)th_buffer_add_text(out, "- ");
        th_offline_say(out, th_offline_text(it.value, "label"), TITLE_MOST);
        say_member(out, " (", it.value, "field_type");
        (void)th_buffer_add_text(out, required ? ", required)" : ")");
        say_member(out, ": ", it.value, "field_value");
        (void)th_buffer_add_byte(out, '\n');
    }
}

static void render_steps(th_buffer_t *out, th_json_value_t steps) {
    if (!th_json_is_array(steps) || th_json_count(steps) == 0) return;
    (void)th_buffer_add_text(out, "\n**Steps**\n\n");
    for (th_json_iterator_t it = th_json_iterate(steps); th_json_next(&it);) {
        (void)th_buffer_add_text(out, "- ");
        th_offline_say(out, th_offline_text(it.value, "title"), TITLE_MOST);
        (void)th_buffer_add_byte(out, '\n');
    }
}

static void render_detail(th_buffer_t *out, const th_offline_result_t *result,
                          const th_offline_item_t *item, const th_offline_clock_t *clock) {
    (void)th_buffer_add_text(out, "### ");
    th_offline_say(out, item->title, TITLE_MOST);
    (void)th_buffer_add_text(out, "\n\n");
    say_member(out, "- Status: ", result->data, "status");
    th_slice_t deadline = th_offline_text(result->data, "deadline");
    if (deadline.length > 0) {
        (void)th_buffer_add_text(
            out, is_overdue(result->data, clock->now_s) ? "\n- **Overdue** since " : "\n- Due ");
        say_moment(out, deadline, clock->zone);
    }
    say_member(out, "\n- E-mail: ", result->data, "email");
    say_member(out, "\n- Role: ", result->data, "role");
    say_member(out, "\n- Time zone: ", result->data, "timezone");
    th_json_value_t progress = th_json_member(result->data, "progress");
    int64_t done = 0, total;
    if (th_json_integer(th_json_member(progress, "total"), &total)) {
        (void)th_json_integer(th_json_member(progress, "complete"), &done);
        (void)th_buffer_add_format(out, "\n- %lld of %lld tasks done", (long long)done,
                                   (long long)total);
    }
    (void)th_buffer_add_byte(out, '\n');
    th_slice_t summary = th_offline_text(result->data, "summary");
    if (summary.length > 0) {
        (void)th_buffer_add_byte(out, '\n');
        say_html(out, summary, TEXT_MOST);
        (void)th_buffer_add_byte(out, '\n');
    }
    render_fields(out, th_json_member(result->data, "form_fields"), "Form");
    render_fields(out, th_json_member(result->data, "prerun"), "Asked at the start");
    render_steps(out, th_json_member(result->data, "steps"));
}

/* A backtick inside JSON can be written as an escape, so nothing ends the fence early. */
static void render_json(th_buffer_t *out, th_json_value_t value) {
    th_buffer_t json;
    th_buffer_init(&json, 16 * JSON_MOST);
    if (th_json_write_excerpt(&json, value, JSON_MOST)) {
        (void)th_buffer_add_text(out, "\n```json\n");
        for (size_t i = 0; i < json.length; i++) {
            if (json.data[i] == '`')
                (void)th_buffer_add_text(out, "\\u0060");
            else
                (void)th_buffer_add_byte(out, json.data[i]);
        }
        (void)th_buffer_add_text(out, "\n```\n");
    }
    th_buffer_reset(&json);
}

static bool has_detail(const th_offline_result_t *result) {
    static const char *const tools[] = {
        "get_task", "get_standalone_task", "get_process", "get_template", "get_me", "get_user"};
    for (size_t i = 0; i < sizeof tools / sizeof tools[0]; i++)
        if (th_slice_is(result->tool, tools[i])) return th_json_is_object(result->data);
    return false;
}

/* "Message Field: task_id Hint: get_task shows it. (not_found)": what is for models is left out, a
 * hint too when it names tools or arguments. */
static th_slice_t without_code(th_slice_t text) {
    const char *open = text.length ? memrchr(text.data, '(', text.length) : NULL;
    if (!open || open == text.data || open[-1] != ' ' || text.data[text.length - 1] != ')')
        return text;
    for (const char *at = open + 1; at < text.data + text.length - 1; at++)
        if (!(*at >= 'a' && *at <= 'z') && *at != '_') return text;
    return th_slice(text.data, (size_t)(open - 1 - text.data));
}

static th_slice_t cut_behind(th_slice_t *text, const char *mark) {
    size_t length = strlen(mark);
    const char *found = text->length ? memmem(text->data, text->length, mark, length) : NULL;
    if (!found) return th_slice("", 0);
    size_t at = (size_t)(found - text->data);
    th_slice_t behind = th_slice(found + length, text->length - at - length);
    text->length = at;
    return behind;
}

void th_offline_render_failure(th_buffer_t *out, const th_offline_result_t *result) {
    static const char denied[] = "(denied)";
    size_t length = sizeof denied - 1;
    th_slice_t text = result->text;
    if (text.length > length && memcmp(text.data + text.length - length, denied, length) == 0) {
        (void)th_buffer_add_text(out, "All right: it was not done.\n");
        return;
    }
    text = without_code(text);
    th_slice_t hint = cut_behind(&text, " Hint: ");
    (void)cut_behind(&text, " Field: ");
    (void)th_buffer_add_text(out, "That did not work: ");
    th_offline_say(out, text.length ? text : TH_SLICE("no reason was given."), TEXT_MOST);
    if (hint.length > 0 && !memchr(hint.data, '_', hint.length)) {
        (void)th_buffer_add_byte(out, ' ');
        th_offline_say(out, hint, TEXT_MOST);
    }
    (void)th_buffer_add_byte(out, '\n');
}

static void render_comments(th_buffer_t *out, th_json_value_t data,
                            const th_offline_clock_t *clock) {
    th_offline_say(out, th_offline_text(data, "task"), TITLE_MOST);
    (void)th_buffer_add_text(out, th_json_count(th_json_member(data, "data")) > 0
                                      ? ":\n\n"
                                      : ": nobody has commented on it.\n");
    for (th_json_iterator_t it = th_json_iterate(th_json_member(data, "data"));
         th_json_next(&it);) {
        bool is_open = false;
        (void)th_json_boolean(th_json_member(it.value, "is_open"), &is_open);
        (void)th_buffer_add_text(out, "- **");
        th_slice_t author = th_offline_text(th_json_member(it.value, "author"), "full_name");
        th_offline_say(out, author.length ? author : TH_SLICE("somebody"), TITLE_MOST);
        (void)th_buffer_add_text(out, "**, ");
        say_moment(out, th_offline_text(it.value, "created_at"), clock->zone);
        (void)th_buffer_add_text(out, is_open ? " (open issue): " : ": ");
        say_html(out, th_offline_text(it.value, "content"), TEXT_MOST);
        (void)th_buffer_add_byte(out, '\n');
    }
}

static const char *nothing_of_mine(th_slice_t status) {
    return th_slice_is(status, "overdue")     ? "Nothing of yours is overdue.\n"
           : th_slice_is(status, "due_soon")  ? "Nothing of yours is due within a day.\n"
           : th_slice_is(status, "completed") ? "You have not completed anything yet.\n"
                                              : "You have no open tasks. Enjoy it!\n";
}

void th_offline_render(th_buffer_t *out, const th_offline_result_t *result,
                       const th_offline_clock_t *clock) {
    th_offline_item_t items[100];
    size_t count = th_offline_items(result, items, sizeof items / sizeof items[0]);
    if (result->failed) {
        th_offline_render_failure(out, result);
    } else if (count > 0) {
        render_list(out, result, items, count, clock);
    } else if (th_slice_is(result->tool, "get_task_comments") &&
               th_json_is_array(th_json_member(result->data, "data"))) {
        render_comments(out, result->data, clock);
    } else if (has_detail(result)) {
        th_offline_item_t item = {.title = th_offline_text(result->data, "title")};
        if (item.title.length == 0) item.title = th_offline_text(result->data, "name");
        if (item.title.length == 0) item.title = th_offline_text(result->data, "full_name");
        render_detail(out, result, &item, clock);
    } else if (th_slice_is(result->tool, "get_my_tasks") && th_json_is_object(result->data)) {
        (void)th_buffer_add_text(out, nothing_of_mine(th_offline_text(result->input, "status")));
    } else if (th_slice_is(result->tool, "search_all") && th_json_is_object(result->data)) {
        (void)th_buffer_add_text(out, "I found nothing with these words.\n");
    } else if (th_json_is_array(th_json_member(result->data, "data"))) {
        (void)th_buffer_add_text(out, "There are none.\n");
    } else {
        bool has_data = th_json_is_object(result->data) || th_json_is_array(result->data);
        if (!has_data || !memchr(result->text.data, '{', result->text.length)) {
            th_offline_say(out, result->text, TEXT_MOST);
            (void)th_buffer_add_byte(out, '\n');
        }
        if (has_data) render_json(out, result->data);
    }
}

void th_offline_render_help(th_buffer_t *out) {
    (void)th_buffer_add_text(
        out,
        "I am the built-in assistant. I understand plain commands, and I ask you before anything "
        "is changed:\n\n"
        "- `my tasks`, `overdue tasks`, `Ben's tasks`, `processes`, `templates`, `people`, "
        "`guests`, `groups`, `tags`\n"
        "- `search onboarding`, `who is Ben`, `status of Northgate`\n"
        "- `show 2`, `tasks of process 1`, `comments on 2` \xe2\x80\x93 numbers mean the last "
        "list\n"
        "- `complete 3`, `complete 1, 2 and 4`, `approve 2`, `reject 2 because it is too dear`\n"
        "- `reopen 3 because the amount was wrong`, `comment on 2: please check`\n"
        "- `assign 3 to Ben`, `move the deadline of 2 to next Tuesday`\n"
        "- `remind Ben to call the bank by Friday`, `new task: order paper by tomorrow 5pm`\n"
        "- `launch onboarding for Jane by Friday`, "
        "`launch onboarding for Jane with Office = Berlin, Manager = Ben`\n"
        "- `archive process 2`\n"
        "- `more`, `who am I`, `help`\n"
        "- `call TOOL {\"argument\": \"value\"}` for any tool\n");
}
