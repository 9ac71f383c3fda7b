/* catalogue_list.c - the four list methods: what this person may use, a page at a time. */
#include "mcp/cursor.h"
#include "mcp/request.h"

/* One list method: the member of its result, and the letter in its cursors. */
typedef struct list_row {
    const char *member;
    char letter;
    const char *key; /* what tells one entry from another */
} list_row_t;

static const list_row_t rows[TH_LISTS] = {
    [TH_LIST_TOOLS] = {"tools", 't', "name"},
    [TH_LIST_RESOURCES] = {"resources", 'r', "uri"},
    [TH_LIST_TEMPLATES] = {"resourceTemplates", 'x', "uriTemplate"},
    [TH_LIST_PROMPTS] = {"prompts", 'p', "name"},
};

static const th_item_t *item_at(const th_catalogue_t *catalogue, th_list_kind_t kind, size_t i) {
    switch (kind) {
    case TH_LIST_TOOLS: return th_catalogue_tool(catalogue, i);
    case TH_LIST_PROMPTS: return th_catalogue_prompt(catalogue, i);
    default: return th_catalogue_resource(catalogue, i);
    }
}

static size_t item_count(const th_catalogue_t *catalogue, th_list_kind_t kind) {
    switch (kind) {
    case TH_LIST_TOOLS: return th_catalogue_count(catalogue);
    case TH_LIST_PROMPTS: return th_catalogue_prompt_count(catalogue);
    default: return th_catalogue_resource_count(catalogue);
    }
}

/* The same function decides as at the call. */
static bool may_use(const th_grant_t *grant, const th_catalogue_t *catalogue, th_list_kind_t kind,
                    th_json_value_t entry) {
    const th_item_t *item = NULL;
    th_slice_t key = {NULL, 0};

    th_json_string(th_json_member(entry, rows[kind].key), &key);
    switch (kind) {
    case TH_LIST_TOOLS: item = th_catalogue_find(catalogue, key); break;
    case TH_LIST_PROMPTS: item = th_catalogue_prompt_find(catalogue, key); break;
    default: item = th_catalogue_resource_declared(catalogue, key); break;
    }
    return item && th_grant_allows(grant, item, NULL);
}

/* All of it, for this person, on one page: the usual case, which needs no look inside. */
static bool goes_out_whole(const th_request_t *request, const th_catalogue_t *catalogue,
                           th_list_kind_t kind, size_t place) {
    size_t count = item_count(catalogue, kind);

    if (place > 0 || count > (size_t)request->mcp->worker->settings->mcp_page) return false;
    for (size_t i = 0; i < count; i++)
        if (!th_grant_allows(request->grant, item_at(catalogue, kind, i), NULL)) return false;
    return true;
}

/* Writes the page from <place> on; the result is where the next one begins, 0 = there is none. */
static size_t write_page(th_json_writer_t *writer, const th_request_t *request,
                         const th_catalogue_t *catalogue, th_list_kind_t kind, size_t place,
                         th_json_value_t all) {
    th_json_iterator_t each = th_json_iterate(all);
    int64_t room = request->mcp->worker->settings->mcp_page;
    size_t at = 0, next = 0;

    th_json_write_array(writer);
    for (; th_json_next(&each); at++) {
        if (at < place || !may_use(request->grant, catalogue, kind, each.value)) continue;
        if (room-- == 0) {
            next = at;
            break;
        }
        th_json_write_value(writer, each.value);
    }
    th_json_write_end(writer);
    return next;
}

static void answer_page(th_request_t *request, const th_catalogue_t *catalogue, th_list_kind_t kind,
                        size_t place) {
    th_slice_t list = th_catalogue_list(catalogue, kind, request->revision->tool_list);
    bool whole = goes_out_whole(request, catalogue, kind, place);
    th_json_document_t *document =
        whole ? NULL
              : th_json_parse(request->mcp->worker->parser, list, &th_json_limits_answer, NULL);
    th_json_writer_t writer;
    th_buffer_t out;
    size_t next = 0;

    if (!whole && !document) {
        th_request_fail(request, 200, TH_RPC_INTERNAL_ERROR, "The list could not be read");
        return;
    }
    th_request_begin_result(request, &writer, &out, list.length + 256);
    th_buffer_reserve(&out, list.length + 512);
    th_json_write_key(&writer, th_slice_of(rows[kind].member));
    if (whole)
        th_json_write_raw(&writer, list);
    else
        next = write_page(&writer, request, catalogue, kind, place, th_json_root(document));
    if (next) {
        const th_cursor_t cursor = {rows[kind].letter, th_catalogue_generation(catalogue), next};
        char text[TH_CURSOR_SIZE];
        th_cursor_write(&cursor, text);
        th_json_write_member_text(&writer, "nextCursor", text);
    }
    th_json_unref(document);
    th_request_write_caching(request, &writer, request->mcp->worker->settings->mcp_list_ttl);
    th_request_end_result(request, &writer, &out, NULL);
}

static void list(th_request_t *request, th_list_kind_t kind) {
    const th_catalogue_t *catalogue = th_sessions_catalogue(request->mcp->sessions);
    th_json_value_t value = th_json_member(request->message.params, "cursor");
    th_cursor_t cursor = {.place = 0};
    th_slice_t text = {NULL, 0};

    if (value.document && (!th_json_string(value, &text) || !th_cursor_read(text, &cursor) ||
                           cursor.list != rows[kind].letter ||
                           cursor.generation != th_catalogue_generation(catalogue) ||
                           cursor.place == 0 || cursor.place >= item_count(catalogue, kind)))
        th_request_fail(request, 200, TH_RPC_INVALID_PARAMS,
                        "This cursor was not given out by this server for this list, or the list "
                        "has changed since; leave \"cursor\" out to start at the first page");
    else
        answer_page(request, catalogue, kind, cursor.place);
}

void th_method_tools_list(th_request_t *request) {
    list(request, TH_LIST_TOOLS);
}

void th_method_resources_list(th_request_t *request) {
    list(request, TH_LIST_RESOURCES);
}

void th_method_templates_list(th_request_t *request) {
    list(request, TH_LIST_TEMPLATES);
}

void th_method_prompts_list(th_request_t *request) {
    list(request, TH_LIST_PROMPTS);
}
