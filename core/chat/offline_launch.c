/* offline_launch.c - new things: processes from templates, and one-off tasks.
 * What the sentence says goes where it fits: "with Label = value" into that field, a name into the
 * first text field about a person, a date into the first date field, or else the last step's
 * deadline. The person sees all of it before it is sent. */
#include <stdio.h>

#include "chat/offline_plan.h"
#include "chat/offline_render.h"

#define FIELDS_MAX 60

typedef struct filling {
    th_slice_t label, type;
    bool required;
    th_json_value_t options; /* of a choice */
    th_slice_t value;        /* empty: none */
} filling_t;

static th_slice_t trimmed(th_slice_t text) {
    while (text.length > 0 && text.data[0] == ' ')
        text = th_slice(text.data + 1, text.length - 1);
    while (text.length > 0 && text.data[text.length - 1] == ' ')
        text.length--;
    return text;
}

static bool label_says(th_slice_t label, const char *const *words) {
    char text[128];
    (void)snprintf(text, sizeof text, "%.*s", (int)(label.length < 127 ? label.length : 127),
                   label.data);
    for (; *words; words++)
        if (strcasestr(text, *words)) return true;
    return false;
}

static size_t read_fields(th_json_value_t data, filling_t *fields) {
    size_t count = 0;
    th_json_iterator_t it = th_json_iterate(th_json_member(data, "prerun"));
    while (count < FIELDS_MAX && th_json_next(&it)) {
        filling_t *field = &fields[count++];
        *field = (filling_t){.label = th_offline_text(it.value, "label"),
                             .type = th_offline_text(it.value, "field_type"),
                             .options = th_json_member(it.value, "options")};
        (void)th_json_boolean(th_json_member(it.value, "required"), &field->required);
    }
    return count;
}

/* "Office = Berlin, Manager = Ben". False, with the reason said, for a field that is not there. */
static bool fill_pairs(th_slice_t pairs, filling_t *fields, size_t count, th_offline_step_t *step) {
    while (pairs.length > 0) {
        const char *comma = memchr(pairs.data, ',', pairs.length);
        size_t end = comma ? (size_t)(comma - pairs.data) : pairs.length;
        th_slice_t pair = trimmed(th_slice(pairs.data, end));
        pairs = comma ? th_slice(comma + 1, pairs.length - end - 1) : th_slice("", 0);
        const char *sign = pair.length ? memchr(pair.data, '=', pair.length) : NULL;
        if (!sign) continue;
        th_slice_t label = trimmed(th_slice(pair.data, (size_t)(sign - pair.data)));
        th_slice_t value =
            trimmed(th_slice(sign + 1, pair.length - (size_t)(sign + 1 - pair.data)));
        size_t at = 0;
        while (at < count && !th_slice_equal_nocase(fields[at].label, label))
            at++;
        if (at == count) {
            th_offline_tell(step, "The template asks for nothing called **", label, "**.\n");
            return false;
        }
        fields[at].value = value;
    }
    return true;
}

static filling_t *first_empty(filling_t *fields, size_t count, const char *type,
                              const char *const *words) {
    for (int required = 1; required >= 0; required--)
        for (size_t i = 0; i < count; i++)
            if (fields[i].value.length == 0 && fields[i].required == (required == 1) &&
                th_slice_is(fields[i].type, type) && (!words || label_says(fields[i].label, words)))
                return &fields[i];
    return NULL;
}

/* <*spare_when>: the date found no field. */
static bool fill(const th_command_t *command, filling_t *fields, size_t count, bool *spare_when,
                 th_offline_step_t *step) {
    static const char *const people[] = {"name", "employee", "client", "customer", "person", "hire",
                                         "who",  "supplier", "vendor", "leaver",   "joiner", NULL};
    if (!fill_pairs(th_slice_of(command->detail), fields, count, step)) return false;
    filling_t *field = command->person[0] ? first_empty(fields, count, "text", people) : NULL;
    if (field) field->value = th_slice_of(command->person);
    field = command->when[0] ? first_empty(fields, count, "date", NULL) : NULL;
    if (field) field->value = th_slice_of(command->when);
    *spare_when = command->when[0] && !field;
    return true;
}

/* "(dropdown: Finance, Operations)". */
static void tell_kind(const filling_t *field, th_offline_step_t *step) {
    bool first = true;
    th_offline_tell(step, " (", field->type, "");
    for (th_json_iterator_t it = th_json_iterate(field->options); th_json_next(&it);) {
        th_offline_tell(step, first ? ": " : ", ", th_offline_text(it.value, "text"), "");
        first = false;
    }
    th_offline_tell(step, ")\n", TH_SLICE(""), "");
}

static bool all_there(const th_offline_item_t *item, const filling_t *fields, size_t count,
                      th_offline_step_t *step) {
    size_t missing = 0;
    for (size_t i = 0; i < count; i++) {
        if (!fields[i].required || fields[i].value.length > 0) continue;
        if (missing++ == 0)
            th_offline_tell(step, "**", item->title, "** needs to know before it starts:\n\n");
        th_offline_tell(step, "- ", fields[i].label, "");
        tell_kind(&fields[i], step);
    }
    if (missing == 0) return true;
    th_offline_tell(step, "\nPlease tell me like this: `", TH_SLICE(""), "");
    for (size_t i = 0, told = 0; i < count; i++) {
        if (!fields[i].required || fields[i].value.length > 0) continue;
        th_offline_tell(step, told++ ? ", " : "", fields[i].label, " = ...");
    }
    th_offline_tell(step, "`\n", TH_SLICE(""), "");
    return false;
}

static void write_last_deadline(th_json_writer_t *writer, th_json_value_t data, const char *when) {
    th_slice_t id = {0};
    for (th_json_iterator_t it = th_json_iterate(th_json_member(data, "steps")); th_json_next(&it);)
        id = th_offline_text(it.value, "id");
    if (id.length == 0) return;
    th_json_write_key(writer, TH_SLICE("tasks"));
    th_json_write_object(writer);
    th_json_write_key(writer, id);
    th_json_write_object(writer);
    th_json_write_member_text(writer, "deadline", when);
    th_json_write_end(writer);
    th_json_write_end(writer);
}

static void launch(const th_offline_ask_t *ask, th_offline_step_t *step,
                   const th_offline_item_t *item, th_json_value_t data) {
    const th_command_t *command = ask->command;
    filling_t fields[FIELDS_MAX];
    size_t count = read_fields(data, fields);
    bool spare_when = false;
    char name[550];
    th_json_writer_t writer;
    if (!fill(command, fields, count, &spare_when, step) || !all_there(item, fields, count, step) ||
        !th_offline_begin(ask, step, "launch_process", &writer))
        return;
    (void)snprintf(name, sizeof name, "%.*s%s%s",
                   (int)(item->title.length < 300 ? item->title.length : 300), item->title.data,
                   command->person[0] ? ": " : "", command->person);
    th_text_trim(name, sizeof name);
    th_json_write_member_string(&writer, "template_id", item->id);
    th_json_write_member_text(&writer, "name", name);
    bool any = false;
    for (size_t i = 0; i < count; i++)
        any = any || fields[i].value.length > 0;
    if (any) {
        th_json_write_key(&writer, TH_SLICE("prerun"));
        th_json_write_object(&writer);
        for (size_t i = 0; i < count; i++) {
            if (fields[i].value.length == 0) continue;
            th_json_write_key(&writer, fields[i].label);
            th_json_write_string(&writer, fields[i].value);
        }
        th_json_write_end(&writer);
    }
    if (spare_when) write_last_deadline(&writer, data, command->when);
    th_offline_end(step, &writer);
}

void th_offline_decide_launch(const th_offline_ask_t *ask, th_offline_step_t *step) {
    th_offline_item_t item;
    size_t one = 1;
    th_json_writer_t writer;
    if (th_offline_report(ask, step, "launch_process", "is running.")) return;
    if (th_offline_target(ask, step, TH_ITEM_TEMPLATE, &item, &one) != TH_TARGET_FOUND) return;
    const th_offline_result_t *template = th_offline_result_of(ask->view, "get_template");
    if (template && template->failed) {
        th_offline_render_failure(&step->text, template);
    } else if (template) {
        launch(ask, step, &item, template->data);
    } else if (th_offline_begin(ask, step, "get_template", &writer)) {
        th_json_write_member_string(&writer, "template_id", item.id);
        th_offline_end(step, &writer);
    }
}

/* ---- one-off tasks ---- */

static void create(const th_offline_ask_t *ask, th_offline_step_t *step, th_slice_t own_email) {
    const th_command_t *command = ask->command;
    th_slice_t who = own_email.length ? own_email : th_slice_of(command->person);
    bool is_address = memchr(who.data, '@', who.length) != NULL;
    th_json_writer_t writer;
    if (!th_offline_begin(ask, step, "create_standalone_task", &writer)) return;
    th_json_write_member_text(&writer, "title", command->subject);
    th_json_write_member_text(&writer, "deadline", command->when);
    th_json_write_key(&writer, is_address ? TH_SLICE("user_emails") : TH_SLICE("user_names"));
    th_json_write_array(&writer);
    th_json_write_string(&writer, who);
    th_json_write_end(&writer);
    th_offline_end(step, &writer);
}

static void tell_until_when(th_offline_step_t *step) {
    th_offline_tell(step, "Until when? A date is enough, such as `by Friday`.\n", TH_SLICE(""), "");
}

void th_offline_decide_create(const th_offline_ask_t *ask, th_offline_step_t *step) {
    const th_command_t *command = ask->command;
    const th_offline_result_t *me = th_offline_result_of(ask->view, "get_me");
    bool is_me = !command->person[0] || strcasecmp(command->person, "me") == 0;
    th_json_writer_t writer;
    if (th_offline_report(ask, step, "create_standalone_task", "is on the list.")) return;
    if (!command->subject[0]) {
        th_offline_tell(step,
                        "What is to be done? For example `remind Ben to call the bank by "
                        "Friday`.\n",
                        TH_SLICE(""), "");
    } else if (!command->when[0]) {
        tell_until_when(step);
    } else if (!is_me) {
        create(ask, step, (th_slice_t){0});
    } else if (me && me->failed) {
        th_offline_render_failure(&step->text, me);
    } else if (me && th_offline_text(me->data, "email").length > 0) {
        create(ask, step, th_offline_text(me->data, "email"));
    } else if (me) {
        th_offline_tell(step,
                        "I could not find out who you are; please say for whom the task "
                        "is.\n",
                        TH_SLICE(""), "");
    } else if (th_offline_begin(ask, step, "get_me", &writer)) {
        th_offline_end(step, &writer);
    }
}
