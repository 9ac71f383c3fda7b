/* offline_view.h - what the offline assistant sees in a history: what was asked, what this turn's
 * calls brought so far, and the last list before. All values are borrowed from the history. */
#ifndef TH_CHAT_OFFLINE_VIEW_H
#define TH_CHAT_OFFLINE_VIEW_H

#include <stdbool.h>

#include "base/slice.h"
#include "json/document.h"

#define TH_OFFLINE_RESULTS_MAX 32
#define TH_OFFLINE_ITEMS_MAX 400
#define TH_OFFLINE_BEFORE_MAX 8

typedef struct th_offline_result {
    th_slice_t tool;
    th_json_value_t input;
    th_json_value_t data; /* the structured result; absent: there is none */
    th_slice_t text;
    bool failed;
} th_offline_result_t;

typedef struct th_offline_view {
    th_slice_t ask;                           /* the person's last sentence; empty: there is none */
    th_slice_t before[TH_OFFLINE_BEFORE_MAX]; /* those before that, the newest first */
    size_t before_count;
    th_offline_result_t results[TH_OFFLINE_RESULTS_MAX]; /* since then, in order */
    size_t count;
    th_offline_result_t list; /* the last list before the ask; no tool: there is none */
    th_json_document_t *documents[TH_OFFLINE_RESULTS_MAX + 1]; /* owned: parsed from texts */
    size_t document_count;
} th_offline_view_t;

typedef enum th_item_kind {
    TH_ITEM_TASK,
    TH_ITEM_PROCESS,
    TH_ITEM_TEMPLATE,
    TH_ITEM_OTHER,
} th_item_kind_t;

/* A numbered row of a list. */
typedef struct th_offline_item {
    th_item_kind_t kind;
    th_slice_t id, run_id, title;
    bool is_one_off;
    th_json_value_t row;
} th_offline_item_t;

void th_offline_view_read(th_offline_view_t *view, th_json_value_t history,
                          th_json_parser_t *parser);
void th_offline_view_free(th_offline_view_t *view);

/* The last result of that tool in this turn; NULL when there is none. */
const th_offline_result_t *th_offline_result_of(const th_offline_view_t *view, const char *tool);
/* The rows as they are numbered for the person. */
size_t th_offline_items(const th_offline_result_t *result, th_offline_item_t *items,
                        size_t maximum);
th_item_kind_t th_offline_kind_of(th_slice_t tool);
/* A text member; the empty slice when it is none. */
th_slice_t th_offline_text(th_json_value_t object, const char *member);

#endif
