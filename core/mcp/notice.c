/* notice.c - composing notifications. */
#include "mcp/notice.h"

void th_notice_begin(th_json_writer_t *writer, th_buffer_t *out, const char *method) {
    th_json_writer_init(writer, out, 0);
    th_json_write_object(writer);
    th_json_write_member_text(writer, "jsonrpc", "2.0");
    th_json_write_member_text(writer, "method", method);
    th_json_write_key(writer, TH_SLICE("params"));
    th_json_write_object(writer);
}

bool th_notice_end(th_json_writer_t *writer, th_json_value_t subscription) {
    if (subscription.document) {
        th_json_write_key(writer, TH_SLICE("_meta"));
        th_json_write_object(writer);
        th_json_write_member_value(writer, TH_META_SUBSCRIPTION, subscription);
        th_json_write_end(writer);
    }
    th_json_write_end(writer);
    th_json_write_end(writer);
    return th_json_writer_finish(writer, NULL);
}

bool th_notice_changed(th_buffer_t *out, th_changed_t what, th_slice_t uri,
                       th_json_value_t subscription) {
    static const char *const methods[] = {
        [TH_CHANGED_TOOLS] = "notifications/tools/list_changed",
        [TH_CHANGED_PROMPTS] = "notifications/prompts/list_changed",
        [TH_CHANGED_RESOURCES] = "notifications/resources/list_changed",
        [TH_CHANGED_RESOURCE] = "notifications/resources/updated",
    };
    th_json_writer_t writer;

    th_notice_begin(&writer, out, methods[what]);
    if (what == TH_CHANGED_RESOURCE) th_json_write_member_string(&writer, "uri", uri);
    return th_notice_end(&writer, subscription);
}
