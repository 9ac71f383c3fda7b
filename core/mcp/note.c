/* note.c - log notifications and logging/setLevel (requirements.md d, "Logging"). */
#include "mcp/note.h"

#include "mcp/notice.h"

#define NOTE_BYTES ((size_t)64 * 1024)

static bool is_wanted(const th_request_t *request, const th_note_t *note) {
    if (!request->channel || request->cancelled) return false;
    if (request->revision->modern) return request->wants_log && note->level >= request->log_level;
    return request->peer && note->level >= request->peer->log_level;
}

void th_note_send(th_request_t *request, const th_note_t *note) {
    th_json_writer_t writer;
    th_buffer_t out;

    if (!is_wanted(request, note)) return;
    th_buffer_init(&out, NOTE_BYTES);
    th_notice_begin(&writer, &out, "notifications/message");
    th_json_write_member_text(&writer, "level", th_note_level_name(note->level));
    if (note->logger.length) th_json_write_member_string(&writer, "logger", note->logger);
    th_json_write_key(&writer, TH_SLICE("data"));
    th_json_write_raw(&writer, note->data);
    if (th_notice_end(&writer, th_json_absent()))
        request->channel->operations->notify(request->channel, th_buffer_slice(&out));
    th_buffer_reset(&out);
}

void th_method_set_level(th_request_t *request) {
    th_note_level_t level;
    th_slice_t name = {NULL, 0};
    th_json_writer_t writer;
    th_buffer_t out;

    th_json_string(th_json_member(request->message.params, "level"), &name);
    if (!th_note_level_parse(name, &level)) {
        th_request_fail(request, 200, TH_RPC_INVALID_PARAMS,
                        "params.level must be one of debug, info, notice, warning, error, "
                        "critical, alert, emergency");
        return;
    }
    if (request->peer) request->peer->log_level = level;
    th_request_begin_result(request, &writer, &out, 0);
    th_request_end_result(request, &writer, &out, NULL);
}
