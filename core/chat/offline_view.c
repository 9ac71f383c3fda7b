/* offline_view.c - reads the neutral history backwards and forwards. */
#include "chat/offline_view.h"

#include "chat/model_request.h"

#define DATA_BYTES_MAX (1024 * 1024)

th_slice_t th_offline_text(th_json_value_t object, const char *member) {
    th_slice_t text = TH_SLICE("");
    (void)th_json_string(th_json_member(object, member), &text);
    return text;
}

/* ---- results ---- */

/* Without structured data, the JSON that stands in the text, if one does. */
static th_json_value_t data_in_text(th_offline_view_t *view, th_slice_t text,
                                    th_json_parser_t *parser) {
    const th_json_limits_t limits = {.bytes = DATA_BYTES_MAX, .depth = 64, .nodes = 200000};
    const char *brace = text.length ? memchr(text.data, '{', text.length) : NULL;
    bool begins_line = brace && (brace == text.data || brace[-1] == '\n');
    if (!begins_line || view->document_count > TH_OFFLINE_RESULTS_MAX) return th_json_absent();
    const char *end = memrchr(brace, '}', text.length - (size_t)(brace - text.data));
    if (!end) return th_json_absent();
    th_json_document_t *document =
        th_json_parse(parser, th_slice(brace, (size_t)(end - brace) + 1), &limits, NULL);
    if (!document) return th_json_absent();
    view->documents[view->document_count++] = document;
    return th_json_root(document);
}

static th_json_value_t find_call(th_json_value_t history, th_slice_t id) {
    for (th_json_iterator_t it = th_json_iterate(history); th_json_next(&it);) {
        th_json_iterator_t block = th_json_iterate(th_json_member(it.value, "content"));
        while (th_json_next(&block))
            if (th_block_is(block.value, "tool_use") &&
                th_slice_equal(th_block_text(block.value, "id"), id))
                return block.value;
    }
    return th_json_absent();
}

/* The words of the tool, without what history says around them for models. */
static th_slice_t without_label(th_slice_t text) {
    static const char begin[] = "<data>\n", end[] = "\n</data>", failed[] = "It failed: ";
    const char *from = text.length ? memmem(text.data, text.length, begin, sizeof begin - 1) : NULL;
    if (from) {
        from += sizeof begin - 1;
        th_slice_t rest = th_slice(from, text.length - (size_t)(from - text.data));
        const char *to = memmem(rest.data, rest.length, end, sizeof end - 1);
        text = to ? th_slice(from, (size_t)(to - from)) : rest;
    }
    size_t length = sizeof failed - 1;
    if (text.length > length && memcmp(text.data, failed, length) == 0)
        return th_slice(text.data + length, text.length - length);
    return text;
}

static th_offline_result_t read_result(th_offline_view_t *view, th_json_value_t history,
                                       th_json_value_t block, th_json_parser_t *parser) {
    th_json_value_t call = find_call(history, th_block_text(block, "tool_use_id"));
    th_offline_result_t result = {.tool = th_block_text(call, "name"),
                                  .input = th_json_member(call, "input"),
                                  .data = th_json_member(block, "data"),
                                  .text = without_label(th_block_text(block, "text"))};
    (void)th_json_boolean(th_json_member(block, "is_error"), &result.failed);
    if (!th_json_is_object(result.data) && !th_json_is_array(result.data))
        result.data = data_in_text(view, result.text, parser);
    return result;
}

static bool is_list(const th_offline_result_t *result) {
    th_offline_item_t item;
    return !result->failed && th_offline_items(result, &item, 1) > 0;
}

/* A list is kept while reading on; data found in texts of results that are none is let go. */
static void read_list(th_offline_view_t *view, th_json_value_t history, th_json_value_t block,
                      th_json_parser_t *parser) {
    size_t before = view->document_count;
    th_offline_result_t result = read_result(view, history, block, parser);
    if (!is_list(&result)) {
        while (view->document_count > before)
            th_json_unref(view->documents[--view->document_count]);
        return;
    }
    for (size_t i = 0; i < before; i++)
        th_json_unref(view->documents[i]);
    if (view->document_count > before) view->documents[0] = view->documents[before];
    view->document_count -= before;
    view->list = result;
}

static void add_before(th_offline_view_t *view, th_slice_t text) {
    size_t kept =
        view->before_count < TH_OFFLINE_BEFORE_MAX ? view->before_count : TH_OFFLINE_BEFORE_MAX - 1;
    memmove(view->before + 1, view->before, kept * sizeof *view->before);
    view->before[0] = text;
    view->before_count = kept + 1;
}

/* Walks the blocks of the person's side, counted from 1: to find the last text, or to read what
 * stands before and behind the <ask>. */
static void each_block(th_offline_view_t *view, th_json_value_t history, th_json_parser_t *parser,
                       size_t ask, size_t *last_text) {
    size_t number = 0;
    for (th_json_iterator_t it = th_json_iterate(history); th_json_next(&it);) {
        if (!th_message_is(it.value, "user")) continue;
        th_json_iterator_t block = th_json_iterate(th_json_member(it.value, "content"));
        while (th_json_next(&block)) {
            number++;
            bool is_text = th_block_is(block.value, "text");
            bool is_result = th_block_is(block.value, "tool_result");
            if (last_text) {
                if (is_text) *last_text = number;
            } else if (number == ask) {
                view->ask = th_block_text(block.value, "text");
            } else if (is_text && number < ask) {
                add_before(view, th_block_text(block.value, "text"));
            } else if (is_result && number < ask) {
                read_list(view, history, block.value, parser);
            } else if (is_result && view->count < TH_OFFLINE_RESULTS_MAX) {
                view->results[view->count++] = read_result(view, history, block.value, parser);
            }
        }
    }
}

/* By blocks, not messages: what a cancelled turn left behind and the next sentence may stand in one
 * message. */
void th_offline_view_read(th_offline_view_t *view, th_json_value_t history,
                          th_json_parser_t *parser) {
    size_t ask = 0;
    memset(view, 0, sizeof *view);
    each_block(view, history, parser, 0, &ask);
    if (ask > 0) each_block(view, history, parser, ask, NULL);
}

void th_offline_view_free(th_offline_view_t *view) {
    while (view->document_count > 0)
        th_json_unref(view->documents[--view->document_count]);
}

const th_offline_result_t *th_offline_result_of(const th_offline_view_t *view, const char *tool) {
    for (size_t i = view->count; i > 0; i--)
        if (th_slice_is(view->results[i - 1].tool, tool)) return &view->results[i - 1];
    return NULL;
}

/* ---- items ---- */

static bool holds(th_slice_t text, const char *part) {
    return text.length > 0 && memmem(text.data, text.length, part, strlen(part)) != NULL;
}

th_item_kind_t th_offline_kind_of(th_slice_t tool) {
    if (holds(tool, "comment") || holds(tool, "step") || holds(tool, "field")) return TH_ITEM_OTHER;
    if (holds(tool, "task")) return TH_ITEM_TASK;
    if (holds(tool, "template") || holds(tool, "blueprint")) return TH_ITEM_TEMPLATE;
    if (holds(tool, "process") || holds(tool, "runs")) return TH_ITEM_PROCESS;
    return TH_ITEM_OTHER;
}

static th_slice_t title_of(th_json_value_t row) {
    static const char *const members[] = {"title", "name", "full_name", "label", "email", "text"};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        th_slice_t text = th_offline_text(row, members[i]);
        if (text.length > 0) return text;
    }
    return TH_SLICE("(no name)");
}

static size_t add_rows(th_json_value_t rows, th_item_kind_t kind, bool open_only,
                       th_offline_item_t *items, size_t count, size_t maximum) {
    for (th_json_iterator_t it = th_json_iterate(rows); count < maximum && th_json_next(&it);) {
        if (!th_json_is_object(it.value)) continue;
        if (open_only && th_slice_is(th_offline_text(it.value, "status"), "completed")) continue;
        th_offline_item_t *item = &items[count++];
        *item = (th_offline_item_t){.kind = kind,
                                    .id = th_offline_text(it.value, "id"),
                                    .run_id = th_offline_text(it.value, "run_id"),
                                    .title = title_of(it.value),
                                    .row = it.value};
        (void)th_json_boolean(th_json_member(it.value, "is_oneoff_task"), &item->is_one_off);
    }
    return count;
}

/* A search answers with one list for each kind. */
static size_t add_found(th_json_value_t data, th_offline_item_t *items, size_t maximum) {
    static const struct {
        const char *member;
        th_item_kind_t kind;
    } kinds[] = {{"blueprint", TH_ITEM_TEMPLATE}, {"process", TH_ITEM_PROCESS},
                 {"task", TH_ITEM_TASK},          {"snippet", TH_ITEM_OTHER},
                 {"capture", TH_ITEM_OTHER},      {"step", TH_ITEM_OTHER}};
    size_t count = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        th_json_value_t rows = th_json_member(th_json_member(data, kinds[i].member), "data");
        if (th_json_is_array(rows))
            count = add_rows(rows, kinds[i].kind, false, items, count, maximum);
    }
    return count;
}

size_t th_offline_items(const th_offline_result_t *result, th_offline_item_t *items,
                        size_t maximum) {
    if (result->failed || th_slice_is(result->tool, "get_task_comments")) return 0; /* unnumbered */
    if (th_slice_is(result->tool, "search_all")) return add_found(result->data, items, maximum);
    th_json_value_t rows = result->data;
    if (!th_json_is_array(rows)) rows = th_json_member(result->data, "data");
    if (!th_json_is_array(rows)) return 0;
    bool open_only = th_slice_is(result->tool, "get_my_tasks") &&
                     !th_slice_is(th_offline_text(result->input, "status"), "completed");
    return add_rows(rows, th_offline_kind_of(result->tool), open_only, items, 0, maximum);
}
