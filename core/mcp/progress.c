/* progress.c - progress notifications: token echoed exactly, strictly increasing, rate limited
 * (requirements.md c, "Progress"). */
#include "mcp/progress.h"

#include <math.h>

/* The first reports go out as they come; after that at most one in so many milliseconds. */
#define PROGRESS_BURST 16
#define PROGRESS_INTERVAL_MS 100
#define PROGRESS_MESSAGE_MAX 1024

bool th_progress_read_token(th_request_t *request) {
    th_json_value_t token = th_json_member(request->message.meta, "progressToken");
    th_slice_t text = {NULL, 0};

    switch (th_json_type(token)) {
    case TH_JSON_ABSENT: return true;
    case TH_JSON_STRING:
    case TH_JSON_INTEGER:
    case TH_JSON_UNSIGNED:
        th_json_string(token, &text);
        if (text.length > TH_RPC_ID_MAX) break;
        request->progress_token = token;
        return true;
    default: break;
    }
    th_request_fail(request, 200, TH_RPC_INVALID_PARAMS,
                    "params._meta.progressToken must be a string or an integer");
    return false;
}

static bool may_report(th_request_t *request, double done) {
    uint64_t now = uv_now(&request->mcp->worker->loop);

    if (!request->progress_token.document || !request->channel || request->cancelled ||
        !isfinite(done))
        return false;
    if (request->progress_sent > 0 && done <= request->progress_last) return false;
    if (request->progress_sent >= PROGRESS_BURST &&
        now - request->progress_time < PROGRESS_INTERVAL_MS)
        return false;
    request->progress_last = done;
    request->progress_time = now;
    request->progress_sent++;
    return true;
}

/* 3, not 3.0: the plain form wherever the number is whole. */
static void write_number(th_json_writer_t *writer, const char *key, double number) {
    th_json_write_key(writer, th_slice_of(key));
    if (number == floor(number) && fabs(number) <= 9007199254740992.0)
        th_json_write_integer(writer, (int64_t)number);
    else
        th_json_write_real(writer, number);
}

void th_progress_report(th_request_t *request, double done, double total, th_slice_t message) {
    th_json_writer_t writer;
    th_buffer_t out;

    if (!may_report(request, done)) return;
    th_buffer_init(&out, 1024 + 6 * (PROGRESS_MESSAGE_MAX + TH_RPC_ID_MAX));
    th_json_writer_init(&writer, &out, 0);
    th_json_write_object(&writer);
    th_json_write_member_text(&writer, "jsonrpc", "2.0");
    th_json_write_member_text(&writer, "method", "notifications/progress");
    th_json_write_key(&writer, TH_SLICE("params"));
    th_json_write_object(&writer);
    th_json_write_member_value(&writer, "progressToken", request->progress_token);
    write_number(&writer, "progress", done);
    if (isfinite(total) && total >= 0) write_number(&writer, "total", total);
    if (message.length && message.length <= PROGRESS_MESSAGE_MAX &&
        request->revision->progress_message)
        th_json_write_member_string(&writer, "message", message);
    th_json_write_end(&writer);
    th_json_write_end(&writer);
    if (th_json_writer_finish(&writer, NULL))
        request->channel->operations->notify(request->channel, th_buffer_slice(&out));
    th_buffer_reset(&out);
}
