/* catalogue_list.c - the four list methods: what this person may use, a page at a time. */
#include "mcp/cursor.h"
#include "mcp/request.h"

/* One list method: the member of its result, and the letter in its cursors. */
typedef struct list_row {
    const char *member;
    char letter;
} list_row_t;

static const list_row_t rows[TH_LISTS] = {
    [TH_LIST_TOOLS] = {"tools", 't'},
    [TH_LIST_RESOURCES] = {"resources", 'r'},
    [TH_LIST_TEMPLATES] = {"resourceTemplates", 'x'},
    [TH_LIST_PROMPTS] = {"prompts", 'p'},
};

/* Writes the page from <place> on, as far as this person may use what is listed: the same function
 * decides as at the call. Neighbours go out together, as they were rendered. The result is where
 * the next page begins, 0 = there is none. */
static size_t write_page(th_json_writer_t *writer, const th_request_t *request,
                         const th_catalogue_t *catalogue, th_list_kind_t kind, size_t place) {
    int64_t room = request->mcp->worker->settings->mcp_page;
    size_t count = th_catalogue_listed_count(catalogue, kind), next = 0;
    th_slice_t run = {NULL, 0}, json;

    th_json_write_array(writer);
    for (; place < count; place++) {
        const th_item_t *item =
            th_catalogue_listed(catalogue, kind, request->revision->tool_list, place, &json);
        if (!th_grant_allows(request->grant, item, NULL)) continue;
        if (room-- == 0) {
            next = place;
            break;
        }
        if (run.length > 0 && run.data + run.length + 1 == json.data) {
            run.length += 1 + json.length;
            continue;
        }
        if (run.length > 0) th_json_write_raw(writer, run);
        run = json;
    }
    if (run.length > 0) th_json_write_raw(writer, run);
    th_json_write_end(writer);
    return next;
}

static void answer_page(th_request_t *request, const th_catalogue_t *catalogue, th_list_kind_t kind,
                        size_t place) {
    size_t length = th_catalogue_list(catalogue, kind, request->revision->tool_list).length;
    th_json_writer_t writer;
    th_buffer_t out;

    th_request_begin_result(request, &writer, &out, length + 256);
    th_buffer_reserve(&out, length + 512);
    th_json_write_key(&writer, th_slice_of(rows[kind].member));
    size_t next = write_page(&writer, request, catalogue, kind, place);
    if (next) {
        const th_cursor_t cursor = {rows[kind].letter, th_catalogue_generation(catalogue), next};
        char text[TH_CURSOR_SIZE];
        th_cursor_write(&cursor, text);
        th_json_write_member_text(&writer, "nextCursor", text);
    }
    th_request_write_caching(request, &writer, request->mcp->worker->settings->mcp_list_ttl);
    th_request_end_result(request, &writer, &out, NULL);
}

static void list(th_request_t *request, th_list_kind_t kind) {
    const th_catalogue_t *catalogue = th_sessions_catalogue(request->mcp->sessions);
    th_json_value_t value = th_json_member(request->message.params, "cursor");
    th_cursor_t cursor = {.place = 0};
    th_slice_t text = {NULL, 0};

    if (value.document &&
        (!th_json_string(value, &text) || !th_cursor_read(text, &cursor) ||
         cursor.list != rows[kind].letter ||
         cursor.generation != th_catalogue_generation(catalogue) || cursor.place == 0 ||
         cursor.place >= th_catalogue_listed_count(catalogue, kind)))
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
