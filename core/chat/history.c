/* history.c - a list of what was said, written out as messages. */
#include "chat/history.h"

#include <stdlib.h>

typedef enum kind { PERSON, MODEL, RESULT } kind_t;

typedef struct item {
    th_list_t link;
    kind_t kind;
    unsigned turn;
    bool is_error;
    bool short_already;
    size_t call_length, text_length, data_length;
    char *bytes; /* call, text, data: one after the other, owned */
} item_t;

/* Results shorter than this are not worth shortening. */
#define SHORT_BYTES 256
static const char left_out[] =
    "[This result was left out: it is from long ago. Call the tool again "
    "if it matters.]";

static item_t *item_at(const th_list_t *node) {
    return TH_CONTAINER(node, item_t, link);
}

static size_t size_of(const item_t *item) {
    return sizeof *item + item->call_length + item->text_length + item->data_length;
}

static th_slice_t call_of(const item_t *item) {
    return th_slice(item->bytes, item->call_length);
}

static th_slice_t text_of(const item_t *item) {
    return th_slice(item->bytes + item->call_length, item->text_length);
}

static th_slice_t data_of(const item_t *item) {
    return th_slice(item->bytes + item->call_length + item->text_length, item->data_length);
}

void th_history_init(th_history_t *history) {
    th_list_init(&history->items);
    history->bytes = 0;
}

static void drop(th_history_t *history, item_t *item) {
    history->bytes -= size_of(item);
    th_list_remove(&item->link);
    free(item->bytes);
    free(item);
}

void th_history_clear(th_history_t *history) {
    for (th_list_t *node; (node = th_list_take_first(&history->items));)
        drop(history, item_at(node));
}

static char *copy_at(char *to, th_slice_t from) {
    if (from.length) memcpy(to, from.data, from.length);
    return to + from.length;
}

static bool add(th_history_t *history, kind_t kind, unsigned turn,
                const th_history_result_t *what) {
    item_t *item = calloc(1, sizeof *item);
    size_t length = what->call.length + what->text.length + what->data.length;
    char *bytes = item ? malloc(length + 1) : NULL;
    if (!bytes) {
        free(item);
        return false;
    }
    (void)copy_at(copy_at(copy_at(bytes, what->call), what->text), what->data);
    *item = (item_t){.kind = kind,
                     .turn = turn,
                     .is_error = what->is_error,
                     .call_length = what->call.length,
                     .text_length = what->text.length,
                     .data_length = what->data.length,
                     .bytes = bytes};
    th_list_add_tail(&history->items, &item->link);
    history->bytes += size_of(item);
    return true;
}

bool th_history_add_person(th_history_t *history, unsigned turn, th_slice_t text) {
    return add(history, PERSON, turn, &(th_history_result_t){.text = text});
}

bool th_history_add_model(th_history_t *history, unsigned turn, th_slice_t content) {
    return add(history, MODEL, turn, &(th_history_result_t){.text = content});
}

bool th_history_add_result(th_history_t *history, unsigned turn,
                           const th_history_result_t *result) {
    return add(history, RESULT, turn, result);
}

/* --- repair ---------------------------------------------------------------------------------- */

static bool has_result(const th_history_t *history, const item_t *message, th_slice_t call) {
    for (const th_list_t *at = message->link.next; at != &history->items; at = at->next)
        if (item_at(at)->kind == RESULT && th_slice_equal(call_of(item_at(at)), call)) return true;
    return false;
}

static bool answer_calls(th_history_t *history, const item_t *message, th_json_value_t content,
                         const char *why) {
    th_json_iterator_t blocks = th_json_iterate(content);
    while (th_json_next(&blocks)) {
        th_slice_t type, id;
        if (!th_json_string(th_json_member(blocks.value, "type"), &type) ||
            !th_slice_is(type, "tool_use") ||
            !th_json_string(th_json_member(blocks.value, "id"), &id) ||
            has_result(history, message, id))
            continue;
        const th_history_result_t result = {.call = id, .text = th_slice_of(why), .is_error = true};
        if (!th_history_add_result(history, message->turn, &result)) return false;
    }
    return true;
}

static void drop_from(th_history_t *history, item_t *first) {
    for (th_list_t *at = &first->link, *next; at != &history->items; at = next) {
        next = at->next;
        drop(history, item_at(at));
    }
}

bool th_history_repair(th_history_t *history, th_json_parser_t *parser, const char *why) {
    th_list_t *at = history->items.prev;
    while (at != &history->items && item_at(at)->kind == RESULT)
        at = at->prev;
    if (at == &history->items || item_at(at)->kind != MODEL) return true;
    item_t *message = item_at(at);
    th_json_document_t *document =
        th_json_parse(parser, text_of(message), &th_json_limits_answer, NULL);
    bool done = document && answer_calls(history, message, th_json_root(document), why);
    th_json_unref(document);
    if (!done) drop_from(history, message);
    return done;
}

void th_history_drop_turn(th_history_t *history, unsigned turn) {
    for (th_list_t *at = history->items.next, *next; at != &history->items; at = next) {
        next = at->next;
        if (item_at(at)->turn == turn) drop(history, item_at(at));
    }
}

/* --- compaction ------------------------------------------------------------------------------ */

static void shorten(th_history_t *history, item_t *item) {
    const th_history_result_t result = {.call = call_of(item), .text = TH_SLICE(left_out)};
    size_t length = result.call.length + result.text.length;
    if (item->kind != RESULT || item->short_already || size_of(item) < SHORT_BYTES + length) return;
    char *bytes = malloc(length + 1);
    if (!bytes) return; /* the next step drops more, then */
    (void)copy_at(copy_at(bytes, result.call), result.text);
    history->bytes -= size_of(item);
    free(item->bytes);
    item->bytes = bytes;
    item->text_length = result.text.length;
    item->data_length = 0;
    item->short_already = true;
    history->bytes += size_of(item);
}

/* Results before <end> (exclusive), oldest first, until it is small enough. */
static void shorten_before(th_history_t *history, const th_list_t *end, size_t wanted) {
    for (th_list_t *at = history->items.next; at != end && history->bytes > wanted; at = at->next)
        shorten(history, item_at(at));
}

static th_list_t *last_of_kind(th_history_t *history, kind_t kind) {
    th_list_t *at = history->items.prev;
    while (at != &history->items && item_at(at)->kind != kind)
        at = at->prev;
    return at;
}

/* Where the newest turn begins; the end when there is nothing. */
static th_list_t *newest_turn(th_history_t *history) {
    th_list_t *at = history->items.prev;
    if (at == &history->items) return at;
    unsigned turn = item_at(at)->turn;
    while (at->prev != &history->items && item_at(at->prev)->turn == turn)
        at = at->prev;
    return at;
}

void th_history_compact(th_history_t *history, size_t most) {
    if (history->bytes <= most) return;
    size_t wanted = most / 2;
    th_list_t *newest = newest_turn(history);
    shorten_before(history, newest, wanted);
    /* Dropping unlinks, which the analyzer does not follow. */
    while (history->bytes > wanted && history->items.next != newest)
        th_history_drop_turn(
            history, item_at(history->items.next)->turn); // NOLINT(clang-analyzer-unix.Malloc)
    shorten_before(history, last_of_kind(history, MODEL), wanted);
}

/* --- writing --------------------------------------------------------------------------------- */

static void write_blocks(const item_t *item, th_json_writer_t *writer) {
    if (item->kind == MODEL) {
        /* An array inside an array: its elements only. */
        th_slice_t text = text_of(item);
        if (text.length > 2) th_json_write_raw(writer, th_slice(text.data + 1, text.length - 2));
        return;
    }
    th_json_write_object(writer);
    th_json_write_member_text(writer, "type", item->kind == PERSON ? "text" : "tool_result");
    if (item->kind == RESULT) th_json_write_member_string(writer, "tool_use_id", call_of(item));
    th_json_write_member_string(writer, "text", text_of(item));
    if (item->kind == RESULT) th_json_write_member_boolean(writer, "is_error", item->is_error);
    if (item->data_length) {
        th_json_write_key(writer, TH_SLICE("data"));
        th_json_write_raw(writer, data_of(item));
    }
    th_json_write_end(writer);
}

void th_history_write(const th_history_t *history, th_json_writer_t *writer) {
    bool open = false, model = false;
    th_json_write_array(writer);
    for (const th_list_t *at = history->items.next; at != &history->items; at = at->next) {
        const item_t *item = item_at(at);
        if (!open || model != (item->kind == MODEL)) {
            if (open) {
                th_json_write_end(writer);
                th_json_write_end(writer);
            }
            open = true;
            model = item->kind == MODEL;
            th_json_write_object(writer);
            th_json_write_member_text(writer, "role", model ? "assistant" : "user");
            th_json_write_key(writer, TH_SLICE("content"));
            th_json_write_array(writer);
        }
        write_blocks(item, writer);
    }
    if (open) {
        th_json_write_end(writer);
        th_json_write_end(writer);
    }
    th_json_write_end(writer);
}
