/* preview.c - a tool looks at what it would change before its card is shown. It can only read
 * (core/script), it runs as the person, and the card waits for it no longer than chat.preview_time:
 * whatever goes wrong, the card comes without. A few of a conversation look at a time, so that
 * calls find room in the session; the others wait for their turn. A preview that nobody waits for
 * any more is cancelled, and lets go of the run at once: it may end after the conversation. */
#include <stdlib.h>

#include "base/log.h"
#include "chat/tool_run.h"

struct th_preview {
    th_tool_run_t *run;    /* NULL: nobody waits for it */
    th_running_t *running; /* NULL: its turn has not come */
    th_deadline_t end;
};

/* The run goes on without it. */
static void detach(struct th_preview *preview) {
    th_deadline_clear(&preview->end);
    preview->run->preview = NULL;
    preview->run = NULL;
}

static void start_next(th_conversation_t *conversation);

static void on_done(void *arg, const th_call_result_t *result) {
    struct th_preview *preview = arg;
    th_tool_run_t *run = preview->run;
    if (run) {
        detach(preview);
        if (result->outcome == TH_CALL_OK)
            run->seen = th_json_parse(run->conversation->chat->worker->parser, result->data,
                                      &th_json_limits_answer, NULL);
        start_next(run->conversation);
    }
    free(preview);
    if (run) th_card_open(run);
}

static void on_late(th_deadline_t *deadline) {
    struct th_preview *preview = TH_CONTAINER(deadline, struct th_preview, end);
    th_tool_run_t *run = preview->run;
    th_log(run->conversation->chat->worker->log, TH_LOG_INFO, "consent",
           "the preview of %s was not ready within chat.preview_time; the card comes without it",
           run->tool);
    th_preview_drop(run);
    th_card_open(run);
}

static void start(struct th_preview *preview) {
    const th_tool_run_t *run = preview->run;
    const th_conversation_t *conversation = run->conversation;
    const th_session_request_t request = {
        .kind = TH_CALL_PREVIEW,
        .item = run->item,
        .relay = run->by,
        .arguments = run->arguments,
        .done = on_done,
        .arg = preview,
    };
    preview->running = th_session_start(conversation->session, conversation->grant, &request, NULL);
    /* Refused: the card is opened from the loop, as runs may be walked through here. */
    if (!preview->running) th_deadline_set(&conversation->chat->deadlines, &preview->end, 0);
}

/* Those whose turn has come. One place of the session stays free for calls. */
static void start_next(th_conversation_t *conversation) {
    int64_t most = th_chat_settings(conversation->chat)->session_calls - 1, count = 0;
    th_list_t *runs = &conversation->runs;
    for (const th_list_t *at = runs->next; at != runs; at = at->next) {
        const th_tool_run_t *run = TH_CONTAINER(at, th_tool_run_t, link);
        if (run->preview && run->preview->running) count++;
    }
    for (th_list_t *at = runs->next; at != runs && (count < most || count == 0); at = at->next) {
        const th_tool_run_t *run = TH_CONTAINER(at, th_tool_run_t, link);
        if (!run->preview || run->preview->running) continue;
        start(run->preview);
        count++;
    }
}

bool th_preview_begin(th_tool_run_t *run) {
    th_chat_t *chat = run->conversation->chat;
    int64_t most = th_chat_settings(chat)->chat_preview_time;
    if (!run->item->previews || most == 0) return false;
    struct th_preview *preview = calloc(1, sizeof *preview);
    if (!preview) return false;
    preview->run = run;
    run->preview = preview;
    run->state = TH_RUN_LOOKS;
    th_deadline_init(&preview->end, on_late);
    th_deadline_set(&chat->deadlines, &preview->end, (uint64_t)most);
    start_next(run->conversation);
    return true;
}

void th_preview_drop(th_tool_run_t *run) {
    struct th_preview *preview = run->preview;
    if (!preview) return;
    detach(preview);
    if (preview->running)
        th_running_cancel(preview->running); /* on_done frees it */
    else
        free(preview);
}
