/* card_change.c - what of a card is not arguments: what it is about by name, and what would be
 * different. The tool's preview says it, having looked; where there is none, what the conversation
 * last saw of the object is compared with the arguments. Either is there to help: arguments are
 * exact, these are as well as they can be known. */
#include <stdio.h>

#include "chat/tool_run.h"
#include "chat/visible.h"

#define TARGET_BYTES 300
#define LINE_BYTES 500
#define SIDE_LINES 40
#define SIDE_BYTES ((size_t)8 * 1024) /* no line begins behind it */
#define SHOWN_BYTES ((size_t)64 * 1024)

/* A second line of a value must not look like the next member. */
static void add_indented(th_buffer_t *out, th_slice_t text) {
    for (size_t i = 0; i < text.length; i++) {
        (void)th_buffer_add_byte(out, text.data[i]);
        if (text.data[i] == '\n') (void)th_buffer_add_text(out, "    ");
    }
}

/* At most <most> bytes of the text, made visible, with a mark where it was cut. */
static void add_shown(th_buffer_t *out, th_slice_t text, size_t most) {
    th_buffer_t shown;
    bool odd;
    th_slice_t front = text.length > most ? th_text_front(text, most) : text;
    th_buffer_init(&shown, SHOWN_BYTES);
    (void)th_text_show(&shown, front, &odd);
    add_indented(out, th_buffer_slice(&shown));
    if (front.length < text.length) (void)th_buffer_add_text(out, " ...");
    th_buffer_reset(&shown);
}

/* --- from the preview ------------------------------------------------------------------------ */

/* The lines of one side, as one text; false when it said nothing of it. */
static bool write_side(th_json_writer_t *json, const char *name, th_json_value_t lines) {
    if (!th_json_is_array(lines) || th_json_count(lines) == 0) return false;
    th_buffer_t text;
    size_t count = 0, all = th_json_count(lines);
    th_buffer_init(&text, SHOWN_BYTES);
    th_json_iterator_t each = th_json_iterate(lines);
    while (count < SIDE_LINES && text.length < SIDE_BYTES && th_json_next(&each)) {
        th_slice_t line = {NULL, 0};
        (void)th_json_string(each.value, &line);
        if (count++) (void)th_buffer_add_text(&text, "\n");
        add_shown(&text, line, LINE_BYTES);
    }
    if (count < all) {
        char more[40];
        (void)snprintf(more, sizeof more, "\n... and %zu more", all - count);
        (void)th_buffer_add_text(&text, more);
    }
    th_json_write_member_string(json, name, th_buffer_slice(&text));
    th_buffer_reset(&text);
    return true;
}

static void write_target(th_json_writer_t *json, th_slice_t target, const char *named) {
    th_buffer_t text;
    th_buffer_init(&text, SHOWN_BYTES);
    add_shown(&text, target, TARGET_BYTES);
    if (text.length)
        th_json_write_member_string(json, "target", th_buffer_slice(&text));
    else if (named)
        th_json_write_member_text(json, "target", named);
    th_buffer_reset(&text);
}

/* --- from what was seen before --------------------------------------------------------------- */

static void add_value(th_buffer_t *out, th_slice_t key, th_json_value_t value) {
    th_buffer_t plain;
    bool odd;
    th_slice_t text;
    th_buffer_init(&plain, 4096);
    if (!th_json_string(value, &text)) {
        (void)th_json_write_excerpt(&plain, value, 200);
        text = th_buffer_slice(&plain);
    }
    if (out->length) (void)th_buffer_add_text(out, "\n");
    (void)th_text_show(out, key, &odd);
    (void)th_buffer_add_text(out, ": ");
    add_shown(out, text, LINE_BYTES);
    th_buffer_reset(&plain);
}

/* Arguments that are members of the first known object too, and would differ. */
static void compare(th_json_value_t arguments, th_json_value_t object, th_buffer_t *before,
                    th_buffer_t *after) {
    th_json_iterator_t each = th_json_iterate(arguments);
    while (th_json_next(&each)) {
        th_json_value_t was = th_json_get(object, each.key);
        if (th_json_type(was) == TH_JSON_ABSENT || th_json_equal(was, each.value)) continue;
        add_value(before, each.key, was);
        add_value(after, each.key, each.value);
    }
}

static void write_remembered(const th_tool_run_t *run, th_json_writer_t *json) {
    const th_conversation_t *conversation = run->conversation;
    th_slice_t values = {NULL, 0};
    th_json_iterator_t each = th_json_iterate(run->arguments);
    if (run->item->effect != TH_EFFECT_CHANGE) return;
    while (values.length == 0 && th_json_next(&each))
        values = th_names_values(&conversation->names, each.key, each.value);
    if (values.length == 0) return;
    th_json_document_t *seen =
        th_json_parse(conversation->chat->worker->parser, values, &th_json_limits_answer, NULL);
    th_buffer_t before, after;
    th_buffer_init(&before, SHOWN_BYTES);
    th_buffer_init(&after, SHOWN_BYTES);
    compare(run->arguments, th_json_root(seen), &before, &after);
    if (before.length && after.length) {
        th_json_write_member_string(json, "before", th_buffer_slice(&before));
        th_json_write_member_string(json, "after", th_buffer_slice(&after));
    }
    th_json_unref(seen);
    th_buffer_reset(&before);
    th_buffer_reset(&after);
}

void th_card_write_change(const th_tool_run_t *run, th_json_writer_t *json, const char *named) {
    th_json_value_t said = run->seen ? th_json_root(run->seen) : (th_json_value_t){0};
    th_slice_t target = {NULL, 0};
    (void)th_json_string(th_json_member(said, "target"), &target);
    write_target(json, target, named);
    bool before = write_side(json, "before", th_json_member(said, "before"));
    bool after = write_side(json, "after", th_json_member(said, "after"));
    if (!before && !after) write_remembered(run, json);
}
